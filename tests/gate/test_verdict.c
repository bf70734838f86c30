#include "engine/gate/gate.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/kit/gate_kit.h"

static struct buf b;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	buf_init(&b, 1u << 20);
}

static void teardown(void)
{
	buf_fini(&b);
}

TestSuite(verdict, .init = setup, .fini = teardown);

static void expect(const struct verdict *v, const char *text)
{
	buf_clear(&b);
	verdict_write(&b, v);
	cr_assert_eq(b.err, OK);
	cr_assert(str_is(buf_view(&b), text), "%.*s", STR_ARG(buf_view(&b)));
}

#define ZERO "sha256:0000000000000000000000000000000000000000000000000000000000000000"

Test(verdict, of_an_allowed_action)
{
	const struct str approvers[] = { STR("ann"), STR("bob") };
	const struct obligation list[] = {
		{ .type = STR("log"), .rule = STR("d/r") },
		{ .type = STR("rate_limit"), .rule = STR("d/r"), .limit = STR("5/hour") },
		{ .type = STR("require_approval"), .rule = STR("d/r"), .approvers = approvers,
		  .approver_count = 2 },
		{ .type = STR("transform"), .rule = STR("d/r"),
		  .edits = STR("[{\"path\":\"args.a\"}]") },
	};
	const struct str errors[] = { STR("d/a"), STR("d/b") };
	const struct str reasons[] = { STR("because \"x\""), STR("and y") };
	struct verdict v = {
		.effect = EFFECT_ALLOW, .entry = 7,
		.decision = {
			.effect = EFFECT_ALLOW, .stage = STR("policy"), .rule = STR("d/r"),
			.reasons = reasons, .reason_count = 2, .obligations = list,
			.obligation_count = 4, .errors = errors, .error_count = 2, .cost = 9,
		},
	};

	expect(&v,
	       "{\"allowed\":true,\"cost\":9,\"effect\":\"allow\",\"entry\":7,"
	       "\"errors\":[\"d/a\",\"d/b\"],"
	       "\"obligations\":[{\"rule\":\"d/r\",\"type\":\"log\"},"
	       "{\"limit\":\"5/hour\",\"rule\":\"d/r\",\"type\":\"rate_limit\"},"
	       "{\"approvers\":[\"ann\",\"bob\"],\"rule\":\"d/r\",\"type\":\"require_approval\"},"
	       "{\"edits\":[{\"path\":\"args.a\"}],\"rule\":\"d/r\",\"type\":\"transform\"}],"
	       "\"policy\":\"" ZERO "\",\"reason\":\"because \\\"x\\\"\",\"reasons\":["
	       "\"because \\\"x\\\"\",\"and y\"],\"rule\":\"d/r\",\"stage\":\"policy\","
	       "\"state_root\":\"" ZERO "\"}");
}

Test(verdict, of_what_could_not_be_recorded_names_no_entry)
{
	struct verdict v;

	gate_refuse(&v, 12);
	cr_assert_eq(v.effect, EFFECT_DENY);
	expect(&v, "{\"allowed\":false,\"effect\":\"deny\",\"obligations\":[],"
		   "\"reason\":\"the event could not be recorded\","
		   "\"reasons\":[\"the event could not be recorded\"],\"rule\":null,"
		   "\"stage\":\"record\"}");
}

Test(verdict, of_an_event_that_asks_for_no_decision)
{
	struct verdict v = { .effect = EFFECT_ALLOW, .entry = 1 };

	expect(&v, "{\"allowed\":true,\"effect\":\"allow\",\"entry\":1,\"obligations\":[],"
		   "\"policy\":\"" ZERO "\",\"reason\":\"\",\"reasons\":[],\"rule\":null,"
		   "\"state_root\":\"" ZERO "\"}");
}

/* One line of canonical JSON whatever the names are. */
Test(verdict, is_one_line_that_reads_back)
{
	const struct str reasons[] = { STR("a\nb\0c\"\\") };
	struct verdict v = {
		.decision = { .stage = STR("policy"), .rule = STR("d\n/r"),
			      .reasons = reasons, .reason_count = 1 },
	};
	struct arena a;
	struct value tree;

	arena_init(&a, 1u << 20);
	verdict_write(&b, &v);
	cr_assert(!str_has(buf_view(&b), STR("\n")));
	cr_assert_eq(json_read(buf_view(&b), 1, &a, &tree, NULL), OK);
	cr_assert(str_eq(value_text(&tree, "reason"), reasons[0]));
	cr_assert(str_is(value_text(&tree, "rule"), "d\n/r"));
	arena_fini(&a);
}
