/* cedar_clause: a policy put together again from its clauses says what it says as a whole. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/cedar_scene.h"
#include "tests/kit/fail_alloc.h"

static struct cedar_scene k;

static void start(void)
{
	cedar_scene_init(&k);
}

static void stop(void)
{
	cedar_scene_fini(&k);
}

TestSuite(cedar_clause, .init = start, .fini = stop);

static struct cedar_formula formula_of(const char *policy)
{
	struct cedar_formula f;

	cedar_scene_policies(&k, policy);
	cr_assert_eq(cedar_formula_make(k.policies, 0, &k.memory, &f), OK);
	return f;
}

static unsigned truths_of(const struct cedar_formula *f)
{
	uint8_t leaves[64];

	for (size_t i = 0; i < f->clause_count; i++) {
		enum cedar_truth truth;

		cr_assert_eq(cedar_clause_truth(&f->clauses[i], k.entities, &k.request, &k.memory,
						&truth),
			     OK);
		leaves[i] = (uint8_t)(1u << truth);
	}
	return cedar_formula_sets(f, leaves);
}

Test(cedar_clause, the_parts_come_to_what_the_policy_does)
{
	static const char *const policies[] = {
		"permit(principal, action, resource);",
		"permit(principal == User::\"ann\", action in [Action::\"view\"], resource is "
		"Photo);",
		"permit(principal, action, resource) when { context.n > 1 && context.s };",
		"permit(principal, action, resource) when { context.s || context.n > 1 };",
		"permit(principal, action, resource) when { context.n > 1 || context.s };",
		"permit(principal, action, resource) when { !(context.b) } unless { context.n == 2 "
		"};",
		"forbid(principal, action, resource) when { if context.b then context.n else true "
		"};",
		"forbid(principal, action, resource) when { if context has b then context.b else 1 "
		"> 2 };",
		"forbid(principal == User::\"bob\", action, resource) when { context.none };",
		"forbid(principal, action, resource) when { 1 } when { false };",
	};
	static const char *const contexts[] = {
		"{}",
		"{'n':2}",
		"{'n':1,'s':true,'b':false}",
		"{'n':3,'s':'x','b':true}",
		"{'b':false,'n':2}",
		"{'n':true,'s':false,'b':1}",
	};

	for (size_t p = 0; p < sizeof(policies) / sizeof(policies[0]); p++) {
		struct cedar_formula f = formula_of(policies[p]);

		for (size_t c = 0; c < sizeof(contexts) / sizeof(contexts[0]); c++) {
			enum cedar_truth truth;

			cedar_scene_context(&k, contexts[c]);
			cr_assert_eq(cedar_evaluate(k.policies, 0, k.entities, &k.request,
						    &k.memory, &truth, NULL),
				     OK);
			cr_expect_eq(truths_of(&f), 1u << truth, "%s %s", policies[p], contexts[c]);
		}
	}
}

Test(cedar_clause, clauses_are_written_as_cedar_is_and_know_their_place)
{
	struct cedar_formula f = formula_of("permit(principal in Team::\"a\", action, resource)\n"
					    "when { context.n<5 && !(context has s) };");

	cr_assert_eq(f.clause_count, 3);
	cr_expect(str_is(f.clauses[0].text, "principal in Team::\"a\""));
	cr_expect(f.clauses[0].principal && !f.clauses[0].resource);
	cr_expect(str_is(f.clauses[1].text, "context.n < 5"));
	cr_expect_eq(f.clauses[1].line, 2);
	cr_expect(str_is(f.clauses[2].text, "context has s"));
	cr_expect_eq(f.node_count, 6);
}

Test(cedar_clause, what_is_not_known_spreads_as_far_as_it_matters)
{
	struct cedar_formula f = formula_of(
		"permit(principal, action, resource) when { context.a && context.b };");
	const uint8_t first_false[] = { 1u << CEDAR_NO, 7 }, second_open[] = { 1u << CEDAR_YES, 7 },
		      first_open[] = { 7, 1u << CEDAR_YES };

	cr_expect_eq(cedar_formula_sets(&f, first_false), 1u << CEDAR_NO);
	cr_expect_eq(cedar_formula_sets(&f, second_open), 7);
	cr_expect_eq(cedar_formula_sets(&f, first_open), 7);
}

/* Nothing is too deep to be taken apart: beyond a depth it is one clause. */
Test(cedar_clause, deep_conditions_have_an_end)
{
	char text[8192] = "permit(principal, action, resource) when { ";
	struct cedar_formula f;

	for (int i = 0; i < 60; i++)
		strcat(text, "if context.a then !(");
	strcat(text, "context.b");
	for (int i = 0; i < 60; i++)
		strcat(text, ") else context.c");
	strcat(text, " };");
	f = formula_of(text);
	cedar_scene_context(&k, "{'a':true,'b':true,'c':false}");
	cr_expect_eq(truths_of(&f), 1u << CEDAR_YES);
	cr_expect_lt(f.clause_count, 64);
}

Test(cedar_clause, no_memory_is_an_error)
{
	cedar_scene_policies(&k, "permit(principal == User::\"a\", action, resource) when { "
				 "context.a like \"x*y*z\" && [1, 2].contains(context.b) };");
	for (uint64_t n = 1;; n++) {
		struct cedar_formula f;
		struct arena memory;
		enum err e;

		arena_init(&memory, (size_t)1 << 20);
		fail_alloc_at(n);
		e = cedar_formula_make(k.policies, 0, &memory, &f);
		arena_fini(&memory);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
	}
}
