/* compat_witness: a request for which both part, and none where they do not. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/kit/compat_kit.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 16 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_witness, .init = start, .fini = stop);

#define HEAD "name: p\nagents: ['*']\n"
#define REQUEST(args) "{\"action\":\"other_tool\",\"agent\":\"agent-1\",\"args\":" args "}"

static struct compat_report import(const char *text)
{
	return compat_kit_import(&memory, COMPAT_MESH, text);
}

/* There is one, and it goes from this to that. */
static void changes(const struct compat_report *r, const char *request, const char *before,
		    const char *after)
{
	const struct compat_change *c = compat_kit_change(r, request);

	cr_assert(c, "no change for %s", request);
	cr_expect(str_is(c->before, before), "%.*s", STR_ARG(c->before));
	cr_expect(str_is(c->after, after), "%.*s", STR_ARG(c->after));
}

Test(compat_witness, a_missing_number_is_not_below_a_bound)
{
	struct compat_report r =
		import(HEAD "rules: [{name: r, condition: a < 500, action: allow}]\n");

	changes(&r, REQUEST("{}"), "allow", "deny");
	changes(&r, REQUEST("{\"a\":null}"), "allow", "deny");
	cr_expect(str_has(r.changes[0].why, STR("args.a is missing")));
	cr_expect_eq(r.looser_count, 0);
}

Test(compat_witness, a_rule_that_denies_keeps_its_answer_to_a_missing_number)
{
	struct compat_report r = import(HEAD "default_action: allow\n"
					     "rules: [{name: r, condition: a < 500}]\n");

	cr_expect_null(compat_kit_change(&r, REQUEST("{}")));
	changes(&r, REQUEST("{\"a\":\"500\"}"), "allow", "deny");
}

Test(compat_witness, equality_of_texts_changes_nothing)
{
	struct compat_report r = import(HEAD "default_action: allow\n"
					     "rules:\n"
					     "- {name: a, condition: \"x == 'y'\"}\n"
					     "- {name: b, condition: \"z in ['u', 'v']\"}\n");

	cr_expect_eq(r.change_count, 0);
	cr_expect_gt(r.request_count, 10);
}

Test(compat_witness, warnings_let_pass_here)
{
	struct compat_report r = import(HEAD "rules: [{name: r, condition: \"action.type == 'x'\", "
					     "action: log}]\n");

	changes(&r, "{\"action\":\"x\",\"agent\":\"agent-1\",\"args\":{}}", "log (not allowed)",
		"log");
	cr_expect_eq(r.looser_count, 1);
}

Test(compat_witness, another_rule_may_cover_for_one)
{
	struct compat_report r = import(HEAD "rules:\n"
					     "- {name: r, condition: a < 500, action: allow}\n"
					     "- {name: all, condition: a != 'x', "
					     "action: deny, priority: 9}\n");

	for (size_t i = 0; i < r.change_count; i++)
		cr_expect_not(str_is(r.changes[i].rule, "r"));
	cr_expect(compat_kit_remarked(&r, false, "no request was found"));
}

Test(compat_witness, conditions_that_never_held_hold_now)
{
	struct compat_report r = import(HEAD "default_action: allow\n"
					     "rules:\n"
					     "- {name: r, condition: \"(u == 'a or b')\"}\n");

	changes(&r, REQUEST("{\"u\":\"a or b\"}"), "allow", "deny");
}

Test(compat_witness, attributes_resources_and_sessions_have_their_places)
{
	struct compat_report r = import(HEAD "default_action: allow\n"
					     "rules:\n"
					     "- {name: a, condition: action.n == 5}\n"
					     "- {name: b, condition: \"(resource == 'r')\"}\n"
					     "- {name: c, condition: \"(session_id == 's')\"}\n"
					     "- {name: d, condition: \"(agent.did == 'e')\"}\n");

	changes(&r, "{\"action\":{\"n\":5,\"type\":\"other_tool\"},\"agent\":\"agent-1\","
		    "\"args\":{}}", "allow", "deny");
	changes(&r, "{\"action\":\"other_tool\",\"agent\":\"agent-1\",\"args\":{},"
		    "\"resource\":\"r\"}", "allow", "deny");
	changes(&r, "{\"action\":\"other_tool\",\"agent\":\"agent-1\",\"args\":{},"
		    "\"session\":\"s\"}", "allow", "deny");
	changes(&r, "{\"action\":\"other_tool\",\"agent\":\"e\",\"args\":{}}", "allow", "deny");
}

Test(compat_witness, many_places_are_sampled)
{
	struct compat_report r =
		import(HEAD "rules: [{name: r, condition: "
			    "a < 1 or b < 2 or c < 3 or d < 4 or e < 5, action: allow}]\n");

	cr_expect_leq(r.request_count, 4096);
	cr_expect_geq(r.change_count, 1);
}

Test(compat_witness, a_second_run_finds_the_same)
{
	static const char text[] = HEAD "rules: [{name: r, condition: a < 5 and b != 'x' and c and "
					"d > 3 and e, action: allow}]\n";
	struct compat_report one = import(text), other = import(text);

	cr_assert_eq(one.change_count, other.change_count);
	for (size_t i = 0; i < one.change_count; i++)
		cr_expect(str_eq(one.changes[i].request, other.changes[i].request));
}

/* What is printed is what `trammel policy check` reads, and it answers as the report says. */
Test(compat_witness, every_request_can_be_asked_again)
{
	struct compat_report r = import(
		HEAD "default_action: allow\n"
		     "rules:\n"
		     "- {name: a, condition: action.n == 5}\n"
		     "- {name: b, condition: \"(resource == 'r')\", action: require_approval}\n"
		     "- {name: c, condition: \"(session_id == 's')\", stage: pre_input}\n"
		     "- {name: d, condition: result.rows > 5, stage: post_tool}\n"
		     "- {name: e, condition: \"action == 'x'\", action: warn}\n"
		     "- {name: f, condition: u.v < 5, action: allow, priority: 3}\n");
	const struct policy_file file = { STR("p.yaml"), r.text };
	struct note n = { .text = "" };
	struct bundle *b;

	cr_assert_eq(bundle_load(&file, 1, &memory, &b, &n), OK, "%s", n.text);
	cr_assert_geq(r.change_count, 5);
	for (size_t i = 0; i < r.change_count; i++) {
		const struct compat_change *c = &r.changes[i];
		struct value request;
		struct question q;
		struct ruling ruling;

		cr_assert_eq(json_read(c->request, 1, &memory, &request, &n), OK);
		cr_assert_eq(question_read(&request, NULL, &memory, &q, &n), OK, "%.*s: %s",
			     STR_ARG(c->request), n.text);
		cr_assert_eq(question_decide(b, &q, &memory, &ruling), OK);
		cr_expect_eq(ruling.allow, str_is(c->after, "allow") || str_is(c->after, "warn"),
			     "%.*s", STR_ARG(c->request));
	}
}
