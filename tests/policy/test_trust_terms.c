/* trust_terms: the key `trust`, its defaults and everything that is refused. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/inside.h"
#include "tests/kit/fail_alloc.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: p\n"

static struct arena memory;
static struct bundle *bundle;
static struct note note;

static void setup(void)
{
	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
}

static void teardown(void)
{
	arena_fini(&memory);
}

TestSuite(trust_terms, .init = setup, .fini = teardown);

static enum err load(const char *trust)
{
	char text[4096];
	struct policy_file file = { STR("p.yaml"), STR_NONE };

	(void)snprintf(text, sizeof(text), HEAD "%s%s\n", *trust ? "trust: " : "", trust);
	file.content = str_view(text);
	note = (struct note){ .text = "" };
	return bundle_load(&file, 1, &memory, &bundle, &note);
}

static const struct trust_terms *terms_of(const char *trust)
{
	cr_assert_eq(load(trust), OK, "%s: %s", trust, note.text);
	return bundle_trust(bundle);
}

Test(trust_terms, a_bundle_that_does_not_say_keeps_no_trust)
{
	cr_expect_null(terms_of(""));
}

Test(trust_terms, what_is_not_given_has_its_default)
{
	cr_expect_eq(memcmp(terms_of("{}"), &trust_terms_default, sizeof(trust_terms_default)), 0);
	cr_expect_eq(terms_of("{decay: {per_hour: 5}}")->decay_floor, 100);
	cr_expect_eq(terms_of("{contagion: {violation: 7}}")->own, 100);
}

Test(trust_terms, every_key_is_read)
{
	const struct trust_terms *t =
		terms_of("{initial: 1, latency_ms: 2, regime: true, decay: {per_hour: 3, floor: 4},"
			 " weights: {compliance: 1, resource: 2, quality: 3, security: 4, "
			 "collaboration: 90}, contagion: {own: 5, share: 6, hop: 7, depth: 3, "
			 "violation: 8}, tiers: [{name: a, from: 9}, {name: b, from: 0}], "
			 "ceilings: [{agents: [x, 'y*'], at_most: 10}, {agents: [z], at_most: 11}],"
			 " minimum: [{tools: ['t*'], tier: a}]}");

	cr_expect(t->initial == 1 && t->latency_ms == 2 && t->regime);
	cr_expect(t->decay_per_hour == 3 && t->decay_floor == 4);
	for (unsigned d = 0; d < 4; d++)
		cr_expect_eq(t->weights[d], d + 1);
	cr_expect_eq(t->weights[TRUST_COLLABORATION], 90);
	cr_expect(t->own == 5 && t->share == 6 && t->hop == 7 && t->depth == 3);
	cr_expect_eq(t->violation, 8);
	cr_expect(t->tier_count == 2 && str_is(t->tiers[0].name, "a") && t->tiers[0].from == 9);
	cr_assert_eq(t->ceiling_count, 3);
	cr_expect(str_is(t->ceilings[1].glob, "y*") && t->ceilings[1].score == 10);
	cr_expect_eq(t->ceilings[2].score, 11);
	cr_assert_eq(t->minimum_count, 1);
	cr_expect(str_is(t->minimum[0].glob, "t*") && t->minimum[0].score == 9);
}

static const struct {
	const char *trust;
	enum err err;
	const char *says;
} bad[] = {
	{ "null", ERR_TYPE, "'trust' is null here" },
	{ "{intial: 5}", ERR_UNKNOWN, "did you mean 'initial'?" },
	{ "{initial: 1001}", ERR_RANGE, "expected 0 to 1000" },
	{ "{initial: -1}", ERR_RANGE, "expected 0 to 1000" },
	{ "{initial: 99999999999999999999}", ERR_RANGE, "expected 0 to 1000" },
	{ "{initial: 0.5}", ERR_TYPE, "expected a whole number" },
	{ "{latency_ms: 0}", ERR_RANGE, "expected 1 to 86400000" },
	{ "{regime: 1}", ERR_TYPE, "expected true or false" },
	{ "{decay: 2}", ERR_TYPE, "'decay' is integer here" },
	{ "{decay: {per_hours: 2}}", ERR_UNKNOWN, "did you mean 'per_hour'?" },
	{ "{decay: {floor: 1001}}", ERR_RANGE, "expected 0 to 1000" },
	{ "{weights: {compliance: 100}}", ERR_NOT_FOUND, "says nothing of 'resource'" },
	{ "{weights: {compliance: 20, resource: 20, quality: 20, security: 20, "
	  "collaboration: 21}}", ERR_RANGE, "make 101 together; expected 100" },
	{ "{weights: {compliance: 101, resource: 0, quality: 0, security: 0, "
	  "collaboration: 0}}", ERR_RANGE, "expected 0 to 100" },
	{ "{contagion: {share: 101}}", ERR_RANGE, "expected 0 to 100" },
	{ "{contagion: {depth: 4}}", ERR_RANGE, "expected 0 to 3" },
	{ "{contagion: {violation: 1001}}", ERR_RANGE, "expected 0 to 1000" },
	{ "{tiers: []}", ERR_RANGE, "expected 1 to 8" },
	{ "{tiers: [a]}", ERR_TYPE, "'tiers' is string here" },
	{ "{tiers: [{name: a}]}", ERR_NOT_FOUND, "expected the key 'from'" },
	{ "{tiers: [{from: 0}]}", ERR_NOT_FOUND, "has no name" },
	{ "{tiers: [{name: a, from: 1}]}", ERR_RANGE, "the last tier begins at 0" },
	{ "{tiers: [{name: a, from: 0}, {name: b, from: 0}]}", ERR_RANGE, "'b' is not below" },
	{ "{tiers: [{name: a, from: 5}, {name: a, from: 0}]}", ERR_DUPLICATE, "given twice" },
	{ "{ceilings: [5]}", ERR_TYPE, "expected a list of mappings" },
	{ "{ceilings: [{agents: [a]}]}", ERR_NOT_FOUND, "needs 'agents' and 'at_most'" },
	{ "{ceilings: [{at_most: 4}]}", ERR_NOT_FOUND, "needs 'agents' and 'at_most'" },
	{ "{ceilings: [{agents: [], at_most: 4}]}", ERR_SYNTAX, "is an empty list" },
	{ "{ceilings: [{agents: ['[a]'], at_most: 4}]}", ERR_SYNTAX, "the pattern '[a]'" },
	{ "{ceilings: [{agents: [a], at_most: 1001}]}", ERR_RANGE, "expected 0 to 1000" },
	{ "{minimum: [{tools: [a], tier: trustd}]}", ERR_UNKNOWN, "did you mean 'trusted'?" },
	{ "{minimum: [{tools: [a], tier: 5}]}", ERR_TYPE, "'tier' is integer here" },
};

Test(trust_terms, what_is_not_understood_is_refused_with_its_place)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		enum err e = load(bad[i].trust);

		cr_expect_eq(e, bad[i].err, "%s: %s, %s", bad[i].trust, err_name(e), note.text);
		cr_expect(str_has(str_view(note.text), str_view(bad[i].says)), "%s: %s",
			  bad[i].trust, note.text);
		cr_expect_eq(note.line, 3, "%s", bad[i].trust);
	}
}

Test(trust_terms, a_bundle_has_one)
{
	const struct policy_file files[] = {
		{ STR("a.yaml"), STR("apiVersion: governance.toolkit/v1\nname: a\ntrust: {}\n") },
		{ STR("b.yaml"), STR("apiVersion: governance.toolkit/v1\nname: b\ntrust: {}\n") },
	};

	cr_expect_eq(bundle_load(files, 2, &memory, &bundle, &note), ERR_DUPLICATE);
	cr_expect_str_eq(note.text, "'trust' is given in a.yaml already; a bundle has one");
	cr_expect_str_eq(note.file, "b.yaml");
}

Test(trust_terms, loading_survives_every_failing_allocation)
{
	for (uint64_t i = 1;; i++) {
		enum err e;

		arena_fini(&memory);
		arena_init(&memory, LIMIT_BUNDLE_MEMORY);
		fail_alloc_at(i);
		e = load("{ceilings: [{agents: [a, b], at_most: 4}], minimum: [{tools: [a], tier: "
			 "trusted}]}");
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
