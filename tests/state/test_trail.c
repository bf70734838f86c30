/* trail: who follows has the same rows and the naive root, whatever was undone on the way. */
#include "tests/state/history.h"

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"

#define TRAIL_BYTES (16u << 20)

static void hand_over(struct state *from, struct state *to, struct buf *trail)
{
	struct digest root;
	struct str text;

	buf_clear(trail);
	cr_assert_eq(state_trail(from, trail), OK);
	text = buf_view(trail);
	cr_assert_eq(state_follow(to, &text, 1, &root), OK);
}

Test(trail, it_leads_to_the_same_rows_and_root_through_random_histories)
{
	struct buf trail;

	buf_init(&trail, TRAIL_BYTES);
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct dice d = dice_from(seed);
		struct state *s = history_open(), *follower = history_open();
		unsigned changes = 1 + (unsigned)dice_roll(&d, 60);

		for (int i = 0; i < 60; i++) {
			struct digest root, naive;

			history_step(s, &d, changes);
			if (dice_roll(&d, 4) == 0)
				state_undo(s);
			if (dice_roll(&d, 3) == 0)
				continue;
			hand_over(s, follower, &trail);
			naive = history_root(s);
			cr_assert_eq(state_root(follower, &root), OK);
			cr_assert(digest_eq(&root, &naive));
			cr_assert(history_same_rows(s, follower));
		}
		state_close(s);
		state_close(follower);
	}
	buf_fini(&trail);
}

Test(trail, nothing_changed_is_an_empty_trail)
{
	struct state *s = history_open(), *follower = history_open();
	struct dice d = dice_from(7);
	struct buf trail;

	buf_init(&trail, TRAIL_BYTES);
	history_step(s, &d, 10);
	hand_over(s, follower, &trail);
	cr_assert_gt(trail.len, 0);
	hand_over(s, follower, &trail);
	cr_assert_eq(trail.len, 0);
	state_close(s);
	state_close(follower);
	buf_fini(&trail);
}

Test(trail, a_trail_that_has_no_room_says_so)
{
	struct state *s = history_open();
	struct dice d = dice_from(7);
	struct buf trail;

	buf_init(&trail, 16);
	history_step(s, &d, 40);
	cr_assert_eq(state_trail(s, &trail), ERR_LIMIT);
	state_close(s);
	buf_fini(&trail);
}

Test(trail, a_follower_without_memory_says_so)
{
	bool hit = true;

	for (unsigned long at = 1; hit; at++) {
		struct state *s = history_open(), *follower = history_open();
		struct dice d = dice_from(3);
		struct digest root;
		struct buf trail;
		struct str text;
		enum err e;

		buf_init(&trail, TRAIL_BYTES);
		history_step(s, &d, 200);
		cr_assert_eq(state_trail(s, &trail), OK);
		fail_alloc_at(at);
		text = buf_view(&trail);
		e = state_follow(follower, &text, 1, &root);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		state_close(s);
		state_close(follower);
		buf_fini(&trail);
	}
}
