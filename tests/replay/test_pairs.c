/* The row in which actions wait for their outcomes. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "replay/pairs.h"
#include "tests/kit/fail_alloc.h"

static char taken[1 << 16];
static enum err refuse;

static enum err take(void *self, const struct pair *p)
{
	size_t len = strlen(taken);

	cr_assert_eq(self, taken);
	(void)snprintf(taken + len, sizeof(taken) - len, "%llu:%.*s/%.*s ",
		       (unsigned long long)p->seq, STR_ARG(p->first.line),
		       STR_ARG(p->outcome.line));
	return refuse;
}

static struct pairs *open_row(void)
{
	struct pairs *p;

	taken[0] = '\0';
	refuse = OK;
	cr_assert_eq(pairs_open(take, taken, &p), OK);
	return p;
}

static void add(struct pairs *p, uint64_t seq, bool waits, const char *line)
{
	const struct pair_half half = { .line = str_view(line) };

	cr_assert_eq(pairs_add(p, seq, waits, &half), OK);
}

static bool outcome(struct pairs *p, uint64_t of, const char *line)
{
	const struct pair_half half = { .line = str_view(line) };
	bool found;

	cr_assert_eq(pairs_outcome(p, of, &half, &found), OK);
	return found;
}

Test(pairs, an_action_leaves_with_its_outcome_and_in_its_place)
{
	struct pairs *p = open_row();

	add(p, 1, true, "a");
	add(p, 2, false, "b");
	add(p, 3, true, "c");
	cr_expect(outcome(p, 3, "C"));
	cr_expect_str_eq(taken, "", "nothing overtakes the first one");
	cr_expect(outcome(p, 1, "A"));
	cr_expect_not(outcome(p, 1, "again"), "an action has one outcome");
	cr_expect_not(outcome(p, 2, "B"), "what does not wait has none");
	cr_expect_not(outcome(p, 9, "X"));
	add(p, 4, true, "d");
	cr_expect_str_eq(taken, "1:a/A 2:b/ 3:c/C ");
	cr_assert_eq(pairs_end(p), OK);
	cr_expect_str_eq(taken, "1:a/A 2:b/ 3:c/C 4:d/ ");
	pairs_close(p);
}

Test(pairs, a_full_row_lets_the_first_go_without_an_outcome)
{
	struct pairs *p = open_row();

	for (uint64_t i = 0; i < PAIRS_ROOM; i++)
		add(p, i, true, "x");
	cr_expect_str_eq(taken, "");
	add(p, PAIRS_ROOM, true, "y");
	cr_expect_str_eq(taken, "0:x/ ");
	cr_expect_not(outcome(p, 0, "late"));
	cr_expect(outcome(p, 1, "in time"));
	pairs_close(p);
}

Test(pairs, long_texts_do_not_wait_beyond_the_bound)
{
	const size_t big = 8u << 20;
	struct pairs *p = open_row();
	char *text = malloc(big);
	struct pair_half half = { .line = STR("l"), .args = { text, big } };

	cr_assert_not_null(text);
	memset(text, 'a', big);
	for (uint64_t i = 0; i < 20; i++)
		cr_assert_eq(pairs_add(p, i, true, &half), OK);
	cr_expect(strstr(taken, "10:l/ "), "%s", taken);
	cr_expect_null(strstr(taken, "19:l/ "));
	pairs_close(p);
	free(text);
}

Test(pairs, who_takes_may_refuse)
{
	const struct pair_half half = { .line = STR("b") };
	struct pairs *p = open_row();

	add(p, 1, false, "a");
	refuse = ERR_NOSPACE;
	cr_expect_eq(pairs_add(p, 2, false, &half), ERR_NOSPACE);
	pairs_close(p);
}

Test(pairs, no_memory_is_an_error_and_nothing_else)
{
	const struct pair_half half = { .line = STR("b"), .args = STR("{}") };

	for (uint64_t n = 1;; n++) {
		struct pairs *p = NULL;
		bool found;
		enum err e;

		taken[0] = '\0';
		fail_alloc_at(n);
		e = pairs_open(take, taken, &p);
		if (e == OK)
			e = pairs_add(p, 1, true, &half);
		if (e == OK)
			e = pairs_outcome(p, 1, &half, &found);
		pairs_close(p);
		if (!fail_alloc_was_hit())
			break;
		cr_expect_eq(e, ERR_MEMORY);
	}
}
