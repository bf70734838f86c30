/* compat_mend: what becomes of a condition. */
#include <criterion/criterion.h>

#include "engine/policy/compat_draft.h"
#include "tests/kit/compat_kit.h"

static struct arena memory;
static struct draft *draft;

static void start(void)
{
	arena_init(&memory, 4 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_mend, .init = start, .fini = stop);

/* ptr NULL: refused. */
static struct str mended(const char *condition)
{
	struct value source = { .kind = VALUE_OBJECT };
	struct compat_rule rule = { .condition = str_view(condition), .source = &source };
	struct str s = STR_NONE;

	draft = arena_alloc(&memory, sizeof(*draft));
	cr_assert(draft);
	draft->arena = &memory;
	cr_assert_eq(compat_mend(draft, &rule, &s), OK);
	cr_expect_eq(draft->refused_count, s.ptr ? 0 : 1, "%s", condition);
	return s;
}

static void becomes(const char *theirs, const char *ours)
{
	struct str s = mended(theirs);

	cr_expect(str_is(s, ours), "%s: %.*s", theirs, STR_ARG(s));
}

Test(compat_mend, what_is_false_when_missing_stays_so)
{
	becomes("a == 'x'", "has(args.a) and args.a == \"x\"");
	becomes("a in [x, \"y\", '']", "has(args.a) and args.a in [\"x\", \"y\", \"\"]");
	becomes("a.b", "has(args.a.b) and args.a.b");
	becomes("a > 500", "has(args.a) and args.a > 500");
	becomes("a >= 0.5", "has(args.a) and args.a >= 0.5");
	becomes("action.type == 'x'", "action.type == \"x\"");
	cr_expect_eq(draft->remark_count, 0);
}

Test(compat_mend, what_is_true_when_missing_counts_against_the_agent)
{
	becomes("a < 500", "args.a < 500");
	becomes("a <= 0", "args.a <= 0");
	becomes("a >= 0", "args.a >= 0");
	becomes("a != 'x'", "args.a != \"x\"");
	cr_expect_eq(draft->remark_count, 0);
}

Test(compat_mend, connectives_stay_where_they_are)
{
	becomes("a == 'x' or b and c < 007",
		"has(args.a) and args.a == \"x\" or has(args.b) and args.b and args.c < 7");
	becomes("a == 'back\\slash\"", "has(args.a) and args.a == \"back\\\\slash\"");
	becomes("a > \xd9\xa3.50", "has(args.a) and args.a > 3.50");
}

Test(compat_mend, what_only_we_understand_means_what_it_says)
{
	becomes("a == 5", "has(args.a) and args.a == 5");
	becomes("not a", "not args.a");
	becomes("a == 5 and b", "(has(args.a) and args.a == 5) and has(args.b) and args.b");
	becomes("(a == 'x' or b) and c",
		"(has(args.a) and args.a == 'x' or has(args.b) and args.b) and "
		"has(args.c) and args.c");
	becomes("u.name == 'foo or bar'", "has(args.u.name) and args.u.name == 'foo or bar'");
	becomes("'a' in tags", "'a' in args.tags");
	becomes("a\nand b", "has(args.a) and args.a\nand has(args.b) and args.b");
	cr_expect_eq(draft->remark_count, 1);
	cr_expect_not(draft->remarks[0].refused);
}

Test(compat_mend, a_negation_is_not_loosened_by_a_guard)
{
	becomes("not (a == true)", "not (args.a == true)");
	becomes("a == 5 or not b == 5", "(has(args.a) and args.a == 5) or (not args.b == 5)");
	becomes("(a != 5)", "(args.a != 5)");
}

Test(compat_mend, true_and_false_are_what_they_say)
{
	becomes("true", "true");
	becomes("a == 'x' or false", "has(args.a) and args.a == \"x\" or false");
}

Test(compat_mend, what_nobody_understands_is_refused)
{
	static const char *const bad[] = {
		"", "a = 'x'", "a == 'x' && b == 'y'", "a == 'x' garbage", "a.startswith('x')",
		"a == 'x';", "a > 1_000", "len(a) > 1", "a == 'x' or", "and", "a in ('x')", NULL,
	};

	for (size_t i = 0; bad[i]; i++) {
		cr_expect_null(mended(bad[i]).ptr, "%s", bad[i]);
		cr_expect_eq(draft->remark_count, 1, "%s", bad[i]);
		cr_expect(draft->remarks[0].refused, "%s", bad[i]);
	}
}
