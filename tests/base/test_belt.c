#include "engine/base/belt.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/fail_thread.h"

#define SLOTS 4

/* Slots that hold their number many times over, so that two hands in one would be seen. */
struct counted {
	uint64_t numbers[256];
	pthread_t filler;
};

static struct counted slots[SLOTS];
static uint64_t last;
static _Atomic uint64_t filled;

static bool count_up(void *self, void *slot)
{
	struct counted *c = slot;
	uint64_t number = atomic_load(&filled);

	MUST(self == &last);
	MUST(number <= last);
	for (size_t i = 0; i < 256; i++)
		c->numbers[i] = number;
	c->filler = pthread_self();
	atomic_store(&filled, number + 1);
	return number < last;
}

static struct belt *open_belt(bool ahead, uint64_t count)
{
	struct belt *b = NULL;

	last = count - 1;
	atomic_store(&filled, 0);
	cr_assert_eq(belt_open(&(struct belt_plan){ count_up, &last, slots, sizeof(*slots), SLOTS,
						    ahead }, &b), OK);
	return b;
}

/* The next slot; who filled it. */
static pthread_t expect_slot(struct belt *b, uint64_t number)
{
	const struct counted *c = belt_next(b);

	cr_assert_not_null(c, "slot %d", (int)number);
	for (size_t i = 0; i < 256; i++)
		cr_assert_eq(c->numbers[i], number);
	return c->filler;
}

Test(belt, every_slot_comes_once_and_in_order)
{
	for (int ahead = 0; ahead < 2; ahead++)
		for (uint64_t count = 1; count < 1000; count = count * 3 + 1) {
			struct belt *b = open_belt(ahead, count);

			for (uint64_t i = 0; i < count; i++)
				(void)expect_slot(b, i);
			cr_assert_null(belt_next(b));
			cr_assert_null(belt_next(b));
			belt_close(b);
			cr_assert_eq(filled, count);
		}
}

Test(belt, a_thread_of_its_own_fills_ahead)
{
	struct belt *b = open_belt(true, 100);

	cr_assert_eq(fail_thread_made(), 1);
	cr_assert(!pthread_equal(expect_slot(b, 0), pthread_self()));
	belt_close(b);
}

Test(belt, without_leave_or_without_a_thread_who_takes_fills)
{
	for (int refused = 0; refused < 2; refused++) {
		struct belt *b;

		fail_thread(refused);
		b = open_belt(refused, 100);
		cr_assert_eq(filled, 0);
		for (uint64_t i = 0; i < 100; i++) {
			cr_assert(pthread_equal(expect_slot(b, i), pthread_self()));
			cr_assert_eq(filled, i + 1);
		}
		cr_assert_null(belt_next(b));
		belt_close(b);
	}
	cr_assert_eq(fail_thread_made(), 0);
}

/* The slot in hand and as many as fit, never more. */
Test(belt, it_does_not_run_ahead_of_its_slots)
{
	struct belt *b = open_belt(true, 1000);

	for (uint64_t i = 0; i < 500; i++) {
		(void)expect_slot(b, i);
		cr_assert_leq(filled, i + SLOTS);
	}
	belt_close(b);
	cr_assert_leq(filled, 499 + SLOTS);
}

Test(belt, it_may_be_closed_at_any_point)
{
	for (int ahead = 0; ahead < 2; ahead++)
		for (uint64_t taken = 0; taken < 12; taken++) {
			struct belt *b = open_belt(ahead, 10);

			for (uint64_t i = 0; i < taken && i < 10; i++)
				(void)expect_slot(b, i);
			if (taken > 10)
				cr_assert_null(belt_next(b));
			belt_close(b);
		}
	belt_close(NULL);
}

static bool look_at_signals(void *self, void *slot)
{
	sigset_t *blocked = self;

	(void)slot;
	(void)pthread_sigmask(SIG_SETMASK, NULL, blocked);
	return false;
}

Test(belt, signals_stay_with_the_program)
{
	sigset_t blocked, mine;
	struct belt *b;

	(void)sigemptyset(&blocked);
	cr_assert_eq(belt_open(&(struct belt_plan){ look_at_signals, &blocked, slots,
						    sizeof(*slots), SLOTS, true }, &b), OK);
	cr_assert_not_null(belt_next(b));
	belt_close(b);
	cr_assert(sigismember(&blocked, SIGINT) == 1 && sigismember(&blocked, SIGTERM) == 1);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &mine);
	cr_assert_eq(sigismember(&mine, SIGINT), 0);
}

Test(belt, without_memory_there_is_none)
{
	struct belt *b = NULL;

	fail_alloc_at(1);
	cr_assert_eq(belt_open(&(struct belt_plan){ count_up, &last, slots, sizeof(*slots), SLOTS,
						    true }, &b), ERR_MEMORY);
	cr_assert(fail_alloc_was_hit());
	cr_assert_null(b);
}
