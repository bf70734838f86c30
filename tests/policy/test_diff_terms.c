/* diff_terms: each term that changes is named and judged, and shown by a request it is about. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/diff_terms.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

static struct policy_kit kit;
static char said[4096];

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(diff_terms, .init = start, .fini = stop);

static void on_term(void *self, const struct diff_term *t)
{
	size_t len = strlen(said);

	(void)self;
	(void)snprintf(said + len, sizeof(said) - len, "%s %.*s%s\n", change_name(t->change),
		       STR_ARG(t->what), t->witness ? " *" : "");
}

static struct bundle *load(const char *text)
{
	char whole[2048];

	(void)snprintf(whole, sizeof(whole), POLICY_KIT_HEAD "%s", text);
	return policy_kit_load(&kit, whole, NULL);
}

static const char *differ(const char *old, const char *now)
{
	const struct diff_hearing hearing = { NULL, on_term, NULL };
	uint64_t counts[CHANGES] = { 0 };

	said[0] = '\0';
	cr_assert_eq(diff_terms(load(old), load(now), &kit.memory, &hearing, counts), OK);
	cr_expect_eq(counts[CHANGE_NONE], 0);
	return said;
}

#define RULES       "rules: [{name: r, action: allow, tools: [search_*]}]\n"
#define QUOTA(rest) RULES "quotas: [{name: q, tools: [search_web], per: agent, " rest "}]\n"
#define BUDGET(rest)                                                                               \
	RULES "budgets: [{name: b, tools: [search_web], per: agent, unit: calls, " rest "}]\n"
#define COMMANDS(rest) RULES "commands: [{tools: [sh], of: args.command, " rest "}]\n"
#define TRUST(rest)    RULES "trust: {" rest "}\n"
#define RINGS(rest)    RULES "rings: {" rest "}\n"

Test(diff_terms, are_named_and_judged)
{
	static const struct {
		const char *old, *now, *said, *back;
	} rows[] = {
		{ QUOTA("rate: 10/hour"), QUOTA("rate: 20/hour"),
		  "looser quota p/q rate *\n"
		  "looser quota p/q burst\n",
		  "tighter quota p/q rate *\ntighter quota p/q burst\n" },
		{ QUOTA("rate: 10/hour, burst: 3"), RULES, "looser quota p/q *\n",
		  "tighter quota p/q *\n" },
		{ QUOTA("rate: 10/hour, burst: 3"), QUOTA("rate: 10/hour, burst: 3, agents: [a]"),
		  "changed quota p/q *\n", "changed quota p/q *\n" },
		{ BUDGET("amount: 5"), BUDGET("amount: 4.5"), "tighter budget p/b amount *\n",
		  "looser budget p/b amount *\n" },
		{ BUDGET("amount: 5"), BUDGET("amount: 5, window: day"), "changed budget p/b *\n",
		  "changed budget p/b *\n" },
		{ COMMANDS("deny: [curl]"), COMMANDS("deny: [curl, wget]"),
		  "tighter commands p/1 deny\n", "looser commands p/1 deny\n" },
		{ COMMANDS("allow: [git]"), COMMANDS("allow: [git, ls]"),
		  "looser commands p/1 allow\n", "tighter commands p/1 allow\n" },
		{ COMMANDS("deny: [curl]"), COMMANDS("deny: [curl], allow: [git]"),
		  "tighter commands p/1 allow\n", "looser commands p/1 allow\n" },
		{ RULES "capabilities: [{agents: [a], may: [search, pay]}]\n",
		  RULES "capabilities: [{agents: [a], may: [search]}]\n",
		  "tighter capabilities p/1 may\n", "looser capabilities p/1 may\n" },
		{ TRUST("initial: 400"), TRUST("initial: 500"), "looser trust initial\n",
		  "tighter trust initial\n" },
		{ TRUST("minimum: [{tools: [x], tier: trusted}]"), TRUST(""),
		  "looser trust minimum x\n", "tighter trust minimum x\n" },
		{ TRUST("tiers: [{name: a, from: 9}, {name: b, from: 0}]"),
		  TRUST("tiers: [{name: a, from: 8}, {name: b, from: 0}]"), "looser trust tier a\n",
		  "tighter trust tier a\n" },
		{ TRUST("tiers: [{name: a, from: 9}, {name: b, from: 0}]"),
		  TRUST("tiers: [{name: b, from: 0}]"), "changed trust tiers\n",
		  "changed trust tiers\n" },
		{ TRUST("ceilings: [{agents: [t-*], at_most: 3}]"),
		  TRUST("ceilings: [{agents: [t-*], at_most: 9}]"), "looser trust ceiling t-*\n",
		  "tighter trust ceiling t-*\n" },
		{ RINGS("default: 3"), RINGS("default: 2"), "looser ring of agents by default\n",
		  "tighter ring of agents by default\n" },
		{ RINGS("tools: [{tools: [x], ring: 1}]"), RINGS("tools: [{tools: [x], ring: 3}]"),
		  "looser ring of tools x\n", "tighter ring of tools x\n" },
		{ RINGS("agents: [{agents: [a], ring: 1}, {agents: ['*'], ring: 3}]"),
		  RINGS("agents: [{agents: ['*'], ring: 3}, {agents: [a], ring: 1}]"),
		  "changed rings of agents\n", "changed rings of agents\n" },
		{ RINGS("reach: [{ring: 3, resources: [a]}]"), RINGS("default: 3"),
		  "looser reach of ring 3 by any\n", "tighter reach of ring 3 by any\n" },
		{ RINGS("reach: [{ring: 3, tools: [x], resources: [a, b]}]"),
		  RINGS("reach: [{ring: 3, tools: [x], of: args.a, resources: [a]}]"),
		  "changed reach of ring 3 by x\ntighter reach of ring 3 by x, globs\n",
		  "changed reach of ring 3 by x\nlooser reach of ring 3 by x, globs\n" },
		{ RINGS(""), RULES, "looser rings\n", "tighter rings\n" },
		{ RULES "labels: [{name: l, tools: [x]}]\n",
		  RULES "labels: [{name: l, tools: [y]}]\n", "changed label l\n",
		  "changed label l\n" },
		{ RULES "capabilities: [{agents: [x], may: [get_*]}]\n",
		  RULES "capabilities: [{agents: [x], may: [get_*, -get_all]}]\n",
		  "tighter capabilities p/1 may\n", "looser capabilities p/1 may\n" },
		{ QUOTA("rate: 10/hour"), QUOTA("rate: 10/hour"), "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_str_eq(differ(rows[i].old, rows[i].now), rows[i].said);
		cr_expect_str_eq(differ(rows[i].now, rows[i].old), rows[i].back);
		cr_expect_str_eq(differ(rows[i].now, rows[i].now), "");
	}
}

/* Nobody, who is created here, everybody: each wants more than the one before. */
Test(diff_terms, sponsors_are_wanted_of_more_and_more)
{
	const char *nobody = RULES "require_sponsor: false\n", *created = RULES,
		   *everybody = RULES "require_sponsor: true\n";

	cr_expect_str_eq(differ(nobody, created), "tighter require_sponsor *\n");
	cr_expect_str_eq(differ(created, everybody), "tighter require_sponsor *\n");
	cr_expect_str_eq(differ(everybody, nobody), "looser require_sponsor *\n");
	cr_expect_str_eq(differ(created, nobody), "looser require_sponsor *\n");
}

/* Two bounds of one glob: the same bundle does not differ from itself. */
Test(diff_terms, what_is_said_twice_is_two_terms)
{
	const char *twice = TRUST(
			   "ceilings: [{agents: [a], at_most: 3}, {agents: [a], at_most: 9}]"),
		   *other = TRUST(
			   "ceilings: [{agents: [a], at_most: 3}, {agents: [a], at_most: 8}]");

	cr_expect_str_eq(differ(twice, twice), "");
	cr_expect_str_eq(differ(twice, other), "tighter trust ceiling a'\n");
}

Test(diff_terms, no_memory_is_an_error)
{
	struct bundle *old = load(QUOTA("rate: 10/hour")), *now = load(COMMANDS("deny: [curl]"));
	const struct diff_hearing hearing = { NULL, on_term, NULL };

	for (uint64_t n = 1;; n++) {
		uint64_t counts[CHANGES] = { 0 };
		struct arena a;
		enum err e;

		said[0] = '\0';
		arena_init(&a, (size_t)64 << 20);
		fail_alloc_at(n);
		e = diff_terms(old, now, &a, &hearing, counts);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY, "allocation %llu", (unsigned long long)n);
	}
}
