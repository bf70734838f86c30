/* bom: every part with its place, and what is not there with its reason. */
#include "engine/audit/audit.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

#define ARENA_BYTES ((size_t)64 << 20)

static struct arena memory;
static struct buf out;
static struct checkpoint checkpoint;
static struct value tree;

static void setup(void)
{
	arena_init(&memory, ARENA_BYTES);
	buf_init(&out, 8u << 20);
	checkpoint = (struct checkpoint){ .origin = STR("l"), .size = 5 };
}

static void teardown(void)
{
	buf_fini(&out);
	arena_fini(&memory);
}

TestSuite(bom, .init = setup, .fini = teardown);

/* The line of an entry, kept. */
static struct str line_of(const struct entry *e)
{
	struct entry again;
	struct str line;
	struct note n = { .line = 0 };

	buf_clear(&out);
	entry_write(&out, e);
	cr_assert_eq(out.err, OK);
	cr_assert_eq(arena_copy(&memory, buf_view(&out), &line), OK);
	cr_assert_eq(entry_read(line, &memory, &again, &n), OK, "%s", n.text);
	buf_clear(&out);
	return line;
}

static struct str action_line(const struct decision *d)
{
	const struct entry e = { .log = STR("l"), .seq = 4, .kind = ENTRY_ACTION,
				 .agent = STR("ann"), .action = STR("pay"), .decision = d };

	return line_of(&e);
}

static void write_json(const struct bom *bom)
{
	struct note n = { .line = 0 };

	buf_clear(&out);
	cr_assert_eq(bom_write(bom, true, &memory, &out, &n), OK, "%s", n.text);
	cr_assert_eq(json_read(buf_view(&out), 1, &memory, &tree, &n), OK, "%s", n.text);
}

/* A field's value as JSON, and its source. */
static void expect(const char *section, const char *name, const char *value, const char *source)
{
	const struct value *field = value_get_c(value_get_c(&tree, section), name), *v, *wanted;
	struct value want;

	cr_assert_not_null(field, "%s.%s", section, name);
	v = value_get_c(field, "value");
	cr_assert_eq(json_read(str_view(value), 1, &memory, &want, NULL), OK);
	wanted = &want;
	cr_expect(value_eq(v, wanted), "%s.%s is not %s", section, name, value);
	cr_expect(str_is(value_text(field, "source"), source), "%s.%s: '%.*s'", section, name,
		  STR_ARG(value_text(field, "source")));
}

static const struct str order[] = { { "p/a", 3 }, { "p/b", 3 }, { "p/c", 3 }, { "p/d", 3 } };
static const struct str errors[] = { { "p/b", 3 } };

Test(bom, trust_is_what_was_recorded)
{
	const struct decision d = { .effect = EFFECT_ALLOW, .stage = STR("policy"),
				    .tier = STR("trusted"), .trust = 712 };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .rules = order,
			   .rule_count = 4 };

	write_json(&bom);
	expect("trust", "score", "712", "entry: decision.trust.score");
	expect("trust", "tier", "\"trusted\"", "entry: decision.trust.tier");
	expect("trust", "regime", "null", "absent: no change was found");
}

Test(bom, parts_name_their_places)
{
	const struct decision d = { .effect = EFFECT_ALLOW, .stage = STR("policy"),
				    .rule = STR("p/c"), .errors = errors, .error_count = 1,
				    .tried = 3 };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .rules = order,
			   .rule_count = 4, .searched = 7 };

	write_json(&bom);
	expect("identity", "agent", "\"ann\"", "entry: agent");
	expect("identity", "signature", "null", "absent: the action was not signed");
	expect("trust", "score", "null", "absent: the policy in force keeps no trust");
	expect("policy", "tried", "3", "entry: decision.tried");
	expect("policy", "errors", "[\"p/b\"]", "entry: decision.errors");
	expect("policy", "considered",
	       "[{\"rule\":\"p/a\",\"was\":\"passed over\"},{\"rule\":\"p/b\",\"was\":\"error\"},"
	       "{\"rule\":\"p/c\",\"was\":\"true\"}]",
	       "bundle: rules of the stage in the order of trial");
	expect("context", "state", "null", "absent: the log begins with the action");
	expect("outcome", "entry", "null", "absent: none among the 7 entries that follow");
	expect("lineage", "seq", "4", "entry: seq");
	expect("lineage", "signed", "true", "checkpoint: size");
	checkpoint.size = 4;
	write_json(&bom);
	expect("lineage", "signed", "false", "checkpoint: size");
}

Test(bom, the_leaf_is_that_of_the_tree)
{
	const struct decision d = { .stage = STR("policy") };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .no_rules = "" };
	struct digest leaf;
	struct buf want;

	sha256_leaves(&bom.entry, 1, &leaf);
	buf_init(&want, 128);
	buf_add_byte(&want, '"');
	digest_write(&want, &leaf);
	buf_add_c(&want, "\"");
	buf_add_byte(&want, '\0');
	write_json(&bom);
	expect("lineage", "leaf", want.ptr, "SHA-256 of a zero byte and the entry's line");
	buf_fini(&want);
}

Test(bom, what_came_of_it_and_what_was_before)
{
	const struct digest before = { { 1 } }, result = { { 2 } };
	const struct entry_link link = { STR("outcome_of"), 4 };
	const struct entry first = { .log = STR("l"), .seq = 3, .kind = ENTRY_NOTICE,
				     .state = before };
	const struct entry last = { .log = STR("l"), .seq = 9, .kind = ENTRY_OUTCOME,
				    .links = &link, .link_count = 1, .result = &result };
	const struct decision d = { .stage = STR("policy") };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .no_rules = "" };

	bom.before = line_of(&first);
	bom.outcome = line_of(&last);
	write_json(&bom);
	expect("context", "state",
	       "\"sha256:0100000000000000000000000000000000000000000000000000000000000000\"",
	       "entry before: state");
	expect("outcome", "entry", "9", "outcome: seq");
	expect("outcome", "result",
	       "\"sha256:0200000000000000000000000000000000000000000000000000000000000000\"",
	       "outcome: result");
	expect("outcome", "status", "null", "absent: the outcome says none");
}

Test(bom, without_the_bundle_nobody_knows_the_rules)
{
	const struct decision d = { .stage = STR("policy"), .tried = 3 };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint,
			   .no_rules = "it is gone" };

	write_json(&bom);
	expect("policy", "considered", "null", "absent: it is gone");
	expect("policy", "rule", "null", "absent: no rule decided");
	bom.rules = order;
	bom.rule_count = 2;
	write_json(&bom);
	expect("policy", "considered", "null",
	       "absent: the bundle has fewer rules than were tried");
}

/* What a stage or a Cedar policy decided says nothing of the rules that were tried as well. */
Test(bom, rules_that_did_not_decide_may_have_matched)
{
	static const char *const deciders[] = { NULL, "x.cedar/no" };

	for (size_t i = 0; i < 2; i++) {
		const struct decision d = {
			.stage = i ? STR("policy") : STR("standing"),
			.rule = deciders[i] ? str_view(deciders[i]) : STR_NONE,
			.errors = errors, .error_count = 1, .tried = 2,
		};
		struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint,
				   .rules = order, .rule_count = 4 };

		write_json(&bom);
		expect("policy", "considered",
		       "[{\"rule\":\"p/a\",\"was\":\"passed over or true\"},"
		       "{\"rule\":\"p/b\",\"was\":\"error\"}]",
		       "bundle: rules of the stage in the order of trial");
	}
}

/* A list of errors that may have been cut proves nothing of the rules that it does not hold. */
Test(bom, errors_that_may_be_left_out_are_not_passed_over)
{
	static char long_name[LIMIT_ERRORS_BYTES - 200];
	struct str many[1] = { { long_name, sizeof(long_name) } };
	const struct decision d = { .stage = STR("policy"), .errors = many, .error_count = 1,
				    .tried = 1 };
	struct bom bom = { .checkpoint = &checkpoint, .rules = order, .rule_count = 4 };

	memset(long_name, 'x', sizeof(long_name));
	bom.entry = action_line(&d);
	write_json(&bom);
	expect("policy", "considered", "[{\"rule\":\"p/a\",\"was\":\"passed over or error\"}]",
	       "bundle: rules of the stage in the order of trial");
}

Test(bom, only_an_action_has_one)
{
	const struct entry e = { .log = STR("l"), .seq = 3, .kind = ENTRY_NOTICE };
	struct bom bom = { .entry = line_of(&e), .checkpoint = &checkpoint };
	struct note n = { .line = 0 };

	cr_assert_eq(bom_write(&bom, true, &memory, &out, &n), ERR_TYPE);
	cr_assert_str_eq(n.text, "the entry is of kind notice; only an action has a bill of "
				 "materials");
	cr_assert_eq(out.len, 0);
}

Test(bom, people_get_a_line_for_each_part)
{
	const struct decision d = { .stage = STR("policy"), .tried = 1 };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .rules = order,
			   .rule_count = 4 };

	cr_assert_eq(bom_write(&bom, false, &memory, &out, NULL), OK);
	cr_assert(str_has(buf_view(&out), STR("policy\n  digest       \"sha256:")));
	cr_assert(str_has(buf_view(&out), STR("  tool         \"pay\"  [entry: action]\n")));
	cr_assert(str_has(buf_view(&out), STR("  signature    -  [absent: the action was not")));
}

Test(bom, writing_survives_every_failing_allocation)
{
	const struct decision d = { .stage = STR("policy"), .tried = 1 };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .rules = order,
			   .rule_count = 4 };

	for (uint64_t i = 1;; i++) {
		struct arena a;
		struct buf b;
		enum err e;
		bool hit;

		arena_init(&a, ARENA_BYTES);
		buf_init(&b, 1u << 20);
		fail_alloc_at(i);
		e = bom_write(&bom, true, &a, &b, NULL);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK, "allocation %llu", (unsigned long long)i);
		buf_fini(&b);
		arena_fini(&a);
		if (!hit)
			break;
	}
}
