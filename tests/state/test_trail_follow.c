/* trail_follow: many trails at once give the naive root behind each of them. */
#include "tests/state/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define TRAIL_BYTES (16u << 20)
#define STEPS 60

/* What a leader left behind it, and the root behind each step by definition. */
struct tour {
	struct buf trail;
	size_t ends[STEPS];
	struct digest roots[STEPS];
	size_t steps;
};

static void lead(struct tour *t, struct state *s, struct dice *d, unsigned changes)
{
	buf_clear(&t->trail);
	for (t->steps = 0; t->steps < STEPS; t->steps++) {
		history_step(s, d, changes);
		if (dice_roll(d, 4) == 0)
			state_undo(s);
		cr_assert_eq(state_trail(s, &t->trail), OK);
		t->ends[t->steps] = t->trail.len;
		t->roots[t->steps] = history_root(s);
	}
}

/* Follow it in pieces of up to `most` steps. */
static void follow(const struct tour *t, struct state *follower, struct dice *d, uint64_t most)
{
	for (size_t at = 0; at < t->steps;) {
		struct str trails[STEPS];
		struct digest roots[STEPS];
		size_t count = 0, want = 1 + dice_roll(d, most);

		for (; count < want && at + count < t->steps; count++) {
			size_t i = at + count, begin = i > 0 ? t->ends[i - 1] : 0;

			trails[count] = str_slice(t->trail.ptr + begin, t->ends[i] - begin);
		}
		cr_assert_eq(state_follow(follower, trails, count, roots), OK);
		for (size_t i = 0; i < count; i++)
			cr_assert(digest_eq(&roots[i], &t->roots[at + i]), "step %zu", at + i);
		at += count;
	}
}

/* One change a step is a climb or none; many are climbs that meet, and trees that grow. */
Test(trail_follow, each_root_is_the_naive_one_however_many_are_followed_at_once)
{
	static const unsigned changes[] = { 1, 2, 5, 60 };
	struct tour *t = calloc(1, sizeof(*t));

	cr_assert(t);
	buf_init(&t->trail, TRAIL_BYTES);
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct dice d = dice_from(seed);
		struct state *s = history_open(), *follower = history_open();
		struct digest root;

		for (int round = 0; round < 4; round++) {
			lead(t, s, &d, changes[(seed + (uint64_t)round) % 4]);
			follow(t, follower, &d, 1 + dice_roll(&d, STEPS));
			cr_assert(history_same_rows(s, follower));
			root = state_root(follower);
			cr_assert(digest_eq(&root, &t->roots[STEPS - 1]));
		}
		state_close(s);
		state_close(follower);
	}
	buf_fini(&t->trail);
	free(t);
}

Test(trail_follow, no_trail_at_all_changes_nothing)
{
	struct state *s = history_open();
	struct digest before, after;
	struct dice d = dice_from(7);

	history_step(s, &d, 10);
	before = state_root(s);
	cr_assert_eq(state_follow(s, NULL, 0, NULL), OK);
	after = state_root(s);
	cr_assert(digest_eq(&before, &after));
	state_close(s);
}
