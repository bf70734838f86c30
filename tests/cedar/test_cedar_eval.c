/* cedar_eval: every operator, what it says of values it cannot take, and what is computed once. */
#include <criterion/criterion.h>

#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
	cedar_scene_entities(&kit,
			     "[{'uid':{'type':'User','id':'ann'},'attrs':{'age':30,'friend':{"
			     "'__entity':{'type':'User','id':'bob'}}},'parents':[{'type':'G',"
			     "'id':'a'}]},{'uid':{'type':'User','id':'bob'},'attrs':{'age':9}}]");
	cedar_scene_context(&kit, "{'n':2,'s':'text','o':{'p':{'q':1}},'l':[1,2,[3]]}");
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_eval, .init = start, .fini = stop);

struct row {
	const char *condition, *outcome; /* of an error, how its sentence begins */
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *outcome = cedar_scene_outcome(&kit, rows[i].condition);

		cr_assert(str_starts(str_view(outcome), str_view(rows[i].outcome)), "%s: %s",
			  rows[i].condition, outcome);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

Test(cedar_eval, logic_leaves_out_what_it_does_not_need)
{
	static const struct row rows[] = {
		{ "true && true", "yes" },
		{ "true && false", "no" },
		{ "false && 1", "no" },
		{ "true || 1", "yes" },
		{ "false || false", "no" },
		{ "1 || true", "expected bool, found long" },
		{ "true && 1", "expected bool, found long" },
		{ "false || \"a\"", "expected bool, found string" },
		{ "!false", "yes" },
		{ "!context.s", "expected bool, found string" },
		{ "if true then true else 1", "yes" },
		{ "if false then 1 else false", "no" },
		{ "if 1 then true else false", "expected bool, found long" },
		{ "if true then 1 else false", "expected bool, found long" },
		{ "1", "expected bool, found long" },
		{ "true && true && true && false && 1", "no" },
		{ "false || false || true || 1", "yes" },
	};

	CHECK(rows);
}

Test(cedar_eval, numbers_do_not_wrap)
{
	static const struct row rows[] = {
		{ "context.n + 3 * 4 - 1 == 13", "yes" },
		{ "9223372036854775806 + context.n == 0",
		  "9223372036854775806 + 2 is beyond 64 bits" },
		{ "-9223372036854775808 - 1 == 0", "-9223372036854775808 - 1 is beyond 64 bits" },
		{ "4611686018427387904 * context.n == 0", "4611686018427387904 * 2 is beyond" },
		{ "-(-9223372036854775808) == 1", "-(-9223372036854775808) is beyond" },
		{ "-context.n == -2", "yes" },
		{ "-context.s == 1", "expected long, found string" },
		{ "1 + \"a\" == 2", "expected long, found string" },
		{ "true - 1 == 2", "expected long, found bool" },
	};

	CHECK(rows);
}

Test(cedar_eval, only_what_has_an_order_is_compared)
{
	static const struct row rows[] = {
		{ "1 < 2 && 2 <= 2 && 3 > 2 && 2 >= 2", "yes" },
		{ "2 < 2 || 3 <= 2 || 2 > 2 || 1 >= 2", "no" },
		{ "datetime(\"2024-01-01\") < datetime(\"2024-01-02\")", "yes" },
		{ "duration(\"1d\") >= duration(\"24h\")", "yes" },
		{ "1 < \"a\"", "expected long, found string" },
		{ "\"a\" < 1", "expected long, found string" },
		{ "duration(\"1d\") < 1", "expected duration, found long" },
		{ "\"a\" < \"b\"", "expected long, datetime or duration, found string" },
		{ "decimal(\"1.0\") < decimal(\"2.0\")", "expected long, datetime or duration" },
	};

	CHECK(rows);
}

Test(cedar_eval, equality_never_errs)
{
	static const struct row rows[] = {
		{ "1 == \"1\"", "no" },
		{ "1 != \"1\"", "yes" },
		{ "[1, 2, 2] == [2, 1]", "yes" },
		{ "context.l == [[3], 2, 1]", "yes" },
		{ "context.o == {\"p\": {q: context.n - 1}}", "yes" },
		{ "{b: 1, a: 2} == {a: 2, b: 1}", "yes" },
		{ "principal == User::\"ann\"", "yes" },
		{ "principal == G::\"ann\"", "no" },
		{ "ip(\"10.0.0.1/24\") == ip(\"10.0.0.0/24\")", "no" },
	};

	CHECK(rows);
}

Test(cedar_eval, membership_and_types_of_entities)
{
	static const struct row rows[] = {
		{ "principal in G::\"a\"", "yes" },
		{ "principal in [G::\"b\", G::\"a\"]", "yes" },
		{ "principal in []", "no" },
		{ "User::\"zed\" in G::\"a\"", "no" },
		{ "User::\"zed\" in User::\"zed\"", "yes" },
		{ "1 in G::\"a\"", "expected entity, found long" },
		{ "principal in 1", "expected entity or set of entities, found long" },
		{ "principal in [User::\"ann\", 1]", "expected entities in the set, found long" },
		{ "principal is User", "yes" },
		{ "principal is G", "no" },
		{ "principal is User in G::\"a\"", "yes" },
		{ "principal is User in G::\"b\"", "no" },
		{ "principal is G in 1", "no" },
		{ "principal is User in 1", "expected entity or set of entities, found long" },
		{ "context is User", "expected entity, found record" },
	};

	CHECK(rows);
}

Test(cedar_eval, attributes_are_there_or_the_error_says_what_is_near)
{
	static const struct row rows[] = {
		{ "principal.age == 30", "yes" },
		{ "principal.friend.age == 9", "yes" },
		{ "context.o.p.q == 1", "yes" },
		{ "context[\"s\"] == \"text\"", "yes" },
		{ "{a: {b: true}}.a.b", "yes" },
		{ "principal.aeg == 1",
		  "the entity User::\"ann\" has no attribute `aeg`; is it `age`? (1:" },
		{ "context.o.pp == 1", "the record has no attribute `pp`; is it `p`?" },
		{ "context.unheard == 1", "the record has no attribute `unheard` (1:" },
		{ "resource.x == 1", "there is no entity Photo::\"p1\" to read `x` of" },
		{ "context.n.x == 1", "expected record or entity, found long" },
		{ "principal has age", "yes" },
		{ "principal has name", "no" },
		{ "resource has age", "no" },
		{ "context has o.p.q", "yes" },
		{ "context has o.x.q", "no" },
		{ "context has o.p.q.r", "expected record or entity, found long" },
		{ "principal has friend.age", "yes" },
		{ "1 has a", "expected record or entity, found long" },
	};

	CHECK(rows);
}

Test(cedar_eval, like_covers_the_whole_text)
{
	static const struct row rows[] = {
		{ "context.s like \"text\"", "yes" },
		{ "context.s like \"tex\"", "no" },
		{ "context.s like \"ext\"", "no" },
		{ "context.s like \"te*\"", "yes" },
		{ "context.s like \"*xt\"", "yes" },
		{ "context.s like \"*e*\"", "yes" },
		{ "context.s like \"t*t\"", "yes" },
		{ "context.s like \"t*e*x*t\"", "yes" },
		{ "context.s like \"*\"", "yes" },
		{ "context.s like \"\"", "no" },
		{ "context.s like \"text*text\"", "no" },
		{ "context.s like \"tex*xt\"", "no" },
		{ "\"aXbXc\" like \"a*X*c\"", "yes" },
		{ "\"abab\" like \"*ab\"", "yes" },
		{ "\"ababa\" like \"*ab\"", "no" },
		{ "\"\" like \"\"", "yes" },
		{ "\"\" like \"*\"", "yes" },
		{ "\"\" like \"*a*\"", "no" },
		{ "\"a*c\" like \"a\\*c\"", "yes" },
		{ "\"abc\" like \"a\\*c\"", "no" },
		{ "\"\\u{1F600}x\" like \"*x\"", "yes" },
		{ "context.n like \"2\"", "expected string, found long" },
	};

	CHECK(rows);
}

Test(cedar_eval, errors_name_their_place)
{
	const char *outcome = cedar_scene_outcome(&kit, "true &&\n context.n == context.m");

	cr_assert(str_has(str_view(outcome), STR("`m`")), "%s", outcome);
	cr_assert(str_ends(str_view(outcome), STR(" (2:22)")), "%s", outcome);
}

static const struct cedar_expr *body(const char *condition)
{
	(void)cedar_scene_outcome(&kit, condition);
	return kit.policies->policies[0]->conditions[0].body;
}

Test(cedar_eval, what_never_changes_is_computed_once)
{
	cr_assert(body("[1, [2], ip(\"::1\")]")->constant);
	cr_assert(body("{a: [1], b: datetime(\"2024-01-01\").offset(duration(\"1d\"))}")->constant);
	cr_assert(body("[1, 2].contains(1)")->constant);
	cr_assert_null(body("[1, context.n]")->constant);
	cr_assert_null(body("principal.hasTag(\"a\")")->constant);
	cr_assert_null(body("User::\"ann\".hasTag(\"a\")")->constant);
	/* An error is found anew each time, and only when it is reached. */
	cr_assert_null(body("[ip(\"x\")]")->constant);
	cr_assert_str_eq(cedar_scene_outcome(&kit, "true || ip(\"x\").isIpv4()"), "yes");
}

Test(cedar_eval, deep_and_long_expressions_are_evaluated)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 3000; i++)
		buf_addf(&b, "context.n == %d || ", i + 3);
	buf_add_c(&b, "context.n == 2");
	buf_add_byte(&b, '\0');
	cr_assert_str_eq(cedar_scene_outcome(&kit, b.ptr), "yes");
	buf_clear(&b);
	for (int i = 0; i < 40; i++)
		buf_add_c(&b, "if true then (");
	buf_add_c(&b, "context.n == 2");
	for (int i = 0; i < 40; i++)
		buf_add_c(&b, ") else false");
	buf_add_byte(&b, '\0');
	cr_assert_str_eq(cedar_scene_outcome(&kit, b.ptr), "yes");
	buf_fini(&b);
}
