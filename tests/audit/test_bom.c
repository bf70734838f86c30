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

#define TEXT(literal) { "" literal, sizeof(literal) - 1 }
#define RULE(rule, of) { .name = TEXT(rule), .policy = TEXT(of) }

static const struct bom_rule order[] = { RULE("p/a", "p"), RULE("p/b", "p"), RULE("p/c", "p"),
					 RULE("p/d", "p") };
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
				    .considered = STR("fet"), .cost = 5 };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .rules = order,
			   .rule_count = 4, .searched = 7 };

	write_json(&bom);
	expect("identity", "agent", "\"ann\"", "entry: agent");
	expect("identity", "signature", "null", "absent: the action was not signed");
	expect("trust", "score", "null", "absent: the policy in force keeps no trust");
	expect("policy", "cost", "5", "entry: decision.cost");
	expect("policy", "errors", "[\"p/b\"]", "entry: decision.errors");
	expect("policy", "considered",
	       "[{\"rule\":\"p/a\",\"was\":\"false\"},{\"rule\":\"p/b\",\"was\":\"error\"},"
	       "{\"rule\":\"p/c\",\"was\":\"true\"}]",
	       "entry: decision.considered");
	expect("policy", "floors", "null", "absent: nothing was tried behind the first match");
	expect("policy", "cedar", "null", "absent: no Cedar policy was asked");
	expect("context", "input", "null", "absent: no rule saw the action");
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
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .no_names = "" };
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
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .no_names = "" };

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

Test(bom, without_the_bundle_places_are_shown_as_they_stand)
{
	const struct decision_floor floor = { STR("f2t"), STR("org") };
	const struct decision d = { .stage = STR("policy"), .considered = STR("f2e"),
				    .cedar = STR("tf"), .floors = &floor, .floor_count = 1 };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint,
			   .no_names = "it is gone" };

	write_json(&bom);
	expect("policy", "considered", "\"f2e\"", "entry, without names: it is gone");
	expect("policy", "cedar", "\"tf\"", "entry, without names: it is gone");
	expect("policy", "floors", "[{\"considered\":\"f2t\",\"policy\":\"org\"}]",
	       "entry: decision.floors");
	expect("policy", "rule", "null", "absent: no rule decided");
	bom.rules = bom.cedar = order;
	bom.rule_count = 2;
	bom.cedar_count = 1;
	write_json(&bom);
	expect("policy", "considered", "\"f2e\"",
	       "entry, without names: the bundle has fewer rules");
	expect("policy", "cedar", "\"tf\"", "entry, without names: the bundle has fewer rules");
}

Test(bom, rules_of_a_floor_are_those_behind_the_match)
{
	static const struct bom_rule both[] = { RULE("b/x", "b"), RULE("p/a", "p"),
						RULE("p/b", "p"), RULE("b/y", "b"),
						RULE("p/c", "p"), RULE("b/z", "b") };
	const struct decision_floor floor = { STR("ft"), STR("b") };
	const struct decision d = { .stage = STR("policy"), .considered = STR("ft"),
				    .floors = &floor, .floor_count = 1 };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .rules = both,
			   .rule_count = 6 };

	write_json(&bom);
	expect("policy", "considered",
	       "[{\"rule\":\"b/x\",\"was\":\"false\"},{\"rule\":\"p/a\",\"was\":\"true\"}]",
	       "entry: decision.considered");
	expect("policy", "floors",
	       "[{\"considered\":[{\"rule\":\"b/y\",\"was\":\"false\"},"
	       "{\"rule\":\"b/z\",\"was\":\"true\"}],\"policy\":\"b\"}]",
	       "entry: decision.floors");
}

Test(bom, all_determining_policies_of_cedar_are_marked)
{
	struct bom_rule names[] = { RULE("x/p0", ""), RULE("x/p1", ""), RULE("x/p2", "") };
	const struct decision d = { .stage = STR("policy"), .cedar = STR("t2e") };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .cedar = names,
			   .cedar_count = 3 };

	write_json(&bom);
	expect("policy", "cedar",
	       "[{\"determines\":true,\"rule\":\"x/p0\",\"was\":\"true\"},"
	       "{\"determines\":true,\"rule\":\"x/p1\",\"was\":\"true\"},"
	       "{\"rule\":\"x/p2\",\"was\":\"error\"}]",
	       "entry: decision.cedar");
	names[1].forbid = true;
	write_json(&bom);
	expect("policy", "cedar",
	       "[{\"rule\":\"x/p0\",\"was\":\"true\"},"
	       "{\"determines\":true,\"rule\":\"x/p1\",\"was\":\"true\"},"
	       "{\"rule\":\"x/p2\",\"was\":\"error\"}]",
	       "entry: decision.cedar");
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
	const struct decision d = { .stage = STR("policy"), .considered = STR("f") };
	struct bom bom = { .entry = action_line(&d), .checkpoint = &checkpoint, .rules = order,
			   .rule_count = 4 };

	cr_assert_eq(bom_write(&bom, false, &memory, &out, NULL), OK);
	cr_assert(str_has(buf_view(&out), STR("policy\n  digest       \"sha256:")));
	cr_assert(str_has(buf_view(&out), STR("  tool         \"pay\"  [entry: action]\n")));
	cr_assert(str_has(buf_view(&out), STR("  signature    -  [absent: the action was not")));
}

Test(bom, writing_survives_every_failing_allocation)
{
	const struct decision d = { .stage = STR("policy"), .considered = STR("f") };
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
