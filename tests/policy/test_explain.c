/* explain: clauses that are enough and cannot be left out; changes that are as few as can be. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

#define POLICY                                                                                   \
	POLICY_KIT_HEAD                                                                          \
	"rules:\n"                                                                               \
	"- {name: block, action: deny, tools: [pay], condition: \"args.to in ['x', 'y']\", "       \
	"priority: 9}\n"                                                                         \
	"- {name: pay, action: allow, tools: [pay], condition: args.n <= 5 and (args.k or "      \
	"args.ok)}\n"                                                                            \
	"- {name: look, action: allow, tools: ['get_*']}\n"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(explain, .init = start, .fini = stop);

/* "rule: clause truth; ..." for each rule, one after the other. */
static const char *why(const char *policy, const char *json)
{
	static char said[2048];
	struct bundle *b = policy_kit_load(&kit, policy, NULL);
	struct question q = policy_kit_ask(&kit, json);
	struct explanation e;
	size_t len = 0;

	said[0] = '\0';
	cr_assert_eq(explain_question(b, &q, &kit.memory, &e), OK);
	for (size_t i = 0; i < e.count; i++) {
		len += (size_t)snprintf(said + len, sizeof(said) - len, "%.*s%s:",
					STR_ARG(e.rules[i].rule), e.rules[i].decided ? "*" : "");
		for (size_t k = 0; k < e.rules[i].clause_count; k++)
			len += (size_t)snprintf(said + len, sizeof(said) - len, " %.*s %d;",
						STR_ARG(e.rules[i].clauses[k].text),
						e.rules[i].clauses[k].truth);
		len += (size_t)snprintf(said + len, sizeof(said) - len, "\n");
	}
	return said;
}

Test(explain, names_the_clauses_that_are_enough)
{
	cr_expect_str_eq(why(POLICY, "{\"agent\":\"a\",\"action\":\"pay\",\"args\":{\"n\":3,"
				     "\"to\":\"z\",\"ok\":true,\"k\":false}}"),
			 "p/block: args.to in [\"x\",\"y\"] 0;\n"
			 "p/pay*: action.type is one of pay 1; args.n <= 5 1; args.ok 1;\n");
	cr_expect_str_eq(why(POLICY, "{\"agent\":\"a\",\"action\":\"pay\",\"args\":{\"n\":3,"
				     "\"to\":\"z\",\"ok\":true,\"k\":true}}"),
			 "p/block: args.to in [\"x\",\"y\"] 0;\n"
			 "p/pay*: action.type is one of pay 1; args.n <= 5 1; args.k 1;\n");
	cr_expect_str_eq(why(POLICY, "{\"agent\":\"a\",\"action\":\"pay\"}"),
			 "p/block*: action.type is one of pay 1; args.to in [\"x\",\"y\"] 2;\n");
	cr_expect_str_eq(why(POLICY, "{\"agent\":\"a\",\"action\":\"get_x\"}"),
			 "p/block: action.type is one of pay 0;\n"
			 "p/pay: action.type is one of pay 0;\n"
			 "p/look*: action.type is one of get_* 1;\n");
}

static struct explain_flip flip(const char *policy, const char *json, bool allowed)
{
	struct bundle *b = policy_kit_load(&kit, policy, NULL);
	struct question q = policy_kit_ask(&kit, json);
	struct explain_flip f;
	struct ruling r;

	cr_assert_eq(explain_flip(b, &q, &kit.memory, &f), OK);
	if (f.hope == HOPE_FOUND) {
		cr_expect_eq(f.ruling.allow, allowed);
		cr_assert_eq(question_decide(b, &f.question, &kit.memory, &r), OK);
		cr_expect_eq(r.allow, allowed);
	}
	return f;
}

Test(explain, changes_no_more_paths_than_it_must)
{
	struct explain_flip f = flip(POLICY,
				     "{\"agent\":\"a\",\"action\":\"pay\",\"args\":{\"n\":7,"
				     "\"to\":\"z\",\"ok\":true}}",
				     true);

	cr_assert_eq(f.hope, HOPE_FOUND);
	cr_assert_eq(f.change_count, 1);
	cr_expect(str_is(f.changes[0].path, "args.n"));
	f = flip(POLICY,
		 "{\"agent\":\"a\",\"action\":\"pay\",\"args\":{\"n\":7,\"to\":\"x\",\"ok\":true}}",
		 true);
	cr_expect_eq(f.change_count, 2);
	f = flip(POLICY, "{\"agent\":\"a\",\"action\":\"delete\"}", true);
	cr_assert_eq(f.change_count, 1);
	cr_expect(str_is(f.changes[0].path, "action.type"));
	cr_expect(str_is(f.ruling.rule, "p/look"));
	f = flip(POLICY, "{\"agent\":\"a\",\"action\":\"get_x\"}", false);
	cr_expect_eq(f.change_count, 1);
}

Test(explain, says_when_nothing_can_turn_it_around)
{
	struct explain_flip f = flip(
		POLICY_KIT_HEAD
		"rules: [{name: r, action: allow, condition: args.n > 5 and args.n < 5}]\n",
		"{\"agent\":\"a\",\"action\":\"t\"}", true);

	cr_expect_eq(f.hope, HOPE_NONE);
	f = flip(POLICY_KIT_HEAD "rules: [{name: r, action: allow, condition: 'args.n matches "
				 "\"^a\" and args.n matches \"^b\"'}]\n",
		 "{\"agent\":\"a\",\"action\":\"t\"}", true);
	cr_expect_eq(f.hope, HOPE_UNKNOWN);
}

Test(explain, no_memory_is_an_error)
{
	struct bundle *b = policy_kit_load(&kit, POLICY, NULL);
	struct question q = policy_kit_ask(&kit, "{\"agent\":\"a\",\"action\":\"pay\"}");

	for (uint64_t n = 1;; n++) {
		struct explanation why;
		struct explain_flip f;
		struct arena memory;
		enum err e;

		arena_init(&memory, (size_t)64 << 20);
		fail_alloc_at(n);
		e = explain_question(b, &q, &memory, &why);
		if (e == OK)
			e = explain_flip(b, &q, &memory, &f);
		arena_fini(&memory);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY, "allocation %llu", (unsigned long long)n);
	}
}

Test(explain, an_agent_that_is_not_registered_must_be)
{
	struct explain_flip f =
		flip(POLICY,
		     "{\"agent\":{\"id\":\"a\",\"registered\":false},\"action\":\"get_x\"}", true);

	cr_assert_eq(f.hope, HOPE_FOUND);
	cr_expect(str_is(f.changes[0].path, "agent.registered"));
}
