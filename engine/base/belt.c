/*
 * belt: a ring of slots between two threads, or one slot and no thread.
 *
 *   ... | given back | in the taker's hand | filled, waiting | being filled | ...
 *                    ^ returned            ^ taken           ^ filled
 *
 * Invariants: returned <= taken <= filled <= returned + count, and taken - returned is 0 or 1. The
 * numbers count slots from the start and change under the lock; the slots between them need none,
 * because each belongs to one side. The maker waits for room and the taker for a filled slot, never
 * both at once, so one condition serves both.
 */
#include "engine/base/belt.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct belt {
	struct belt_plan plan;
	pthread_t maker;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	uint64_t returned, taken, filled;
	bool has_maker;
	bool ended;                           /* the last slot was filled */
	bool stopped;                         /* the taker wants no more */
};

static void *slot_of(const struct belt *b, uint64_t number)
{
	return (char *)b->plan.slots + number % b->plan.count * b->plan.slot_bytes;
}

/* The lock is held only to say that it is done. */
static void fill_next(struct belt *b)
{
	bool more = b->plan.fill(b->plan.self, slot_of(b, b->filled));

	(void)pthread_mutex_lock(&b->lock);
	b->filled++;
	b->ended = !more;
	(void)pthread_cond_signal(&b->moved);
	(void)pthread_mutex_unlock(&b->lock);
}

static bool wait_for_room(struct belt *b)
{
	bool wanted;

	(void)pthread_mutex_lock(&b->lock);
	while (!b->stopped && b->filled == b->returned + b->plan.count)
		(void)pthread_cond_wait(&b->moved, &b->lock);
	wanted = !b->stopped && !b->ended;
	(void)pthread_mutex_unlock(&b->lock);
	return wanted;
}

static void *make(void *arg)
{
	struct belt *b = arg;

	while (wait_for_room(b))
		fill_next(b);
	return NULL;
}

/* Signals are for the threads of the program; the maker inherits that all are blocked. */
static bool start_maker(struct belt *b)
{
	sigset_t all, before;
	bool made;

	(void)sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return false;
	made = pthread_create(&b->maker, NULL, make, b) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return made;
}

enum err belt_open(const struct belt_plan *plan, struct belt **ret)
{
	struct belt *b = calloc(1, sizeof(*b));

	MUST(plan->count >= 2);
	if (!b)
		return ERR_MEMORY;
	b->plan = *plan;
	/* With default attributes these two ask for nothing that could be refused. */
	MUST(pthread_mutex_init(&b->lock, NULL) == 0);
	MUST(pthread_cond_init(&b->moved, NULL) == 0);
	b->has_maker = plan->ahead && start_maker(b);
	if (!b->has_maker)
		b->plan.count = 1;
	*ret = b;
	return OK;
}

static void give_back(struct belt *b)
{
	(void)pthread_mutex_lock(&b->lock);
	b->returned = b->taken;
	(void)pthread_cond_signal(&b->moved);
	(void)pthread_mutex_unlock(&b->lock);
}

/* Is there a slot that was filled and not taken? Waits until that can be told. */
static bool wait_for_slot(struct belt *b)
{
	bool found;

	(void)pthread_mutex_lock(&b->lock);
	while (b->has_maker && !b->ended && b->taken == b->filled)
		(void)pthread_cond_wait(&b->moved, &b->lock);
	found = b->taken < b->filled;
	(void)pthread_mutex_unlock(&b->lock);
	return found;
}

void *belt_next(struct belt *b)
{
	give_back(b);
	if (!b->has_maker && !b->ended)
		fill_next(b);
	if (!wait_for_slot(b))
		return NULL;
	return slot_of(b, b->taken++);
}

void belt_close(struct belt *b)
{
	if (!b)
		return;
	(void)pthread_mutex_lock(&b->lock);
	b->stopped = true;
	(void)pthread_cond_signal(&b->moved);
	(void)pthread_mutex_unlock(&b->lock);
	if (b->has_maker)
		(void)pthread_join(b->maker, NULL);
	(void)pthread_cond_destroy(&b->moved);
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
}
