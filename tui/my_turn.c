/*
 * my_turn: trying again, as the first in the queue.
 *
 * The world has no lock that is waited for, because it has no time; so the lock is asked for again
 * and again. Whoever stands first in the queue is not overtaken by a writer who pauses.
 */
#include "tui/my_turn.h"

#include <poll.h>

#include "tui/print.h"

#define TRY_MS 20
#define TRIES_A_SECOND (1000 / TRY_MS)

static enum err take(const struct my_turn *t, struct space **s, struct note *n)
{
	*n = (struct note){ .line = 0 };
	return *s ? space_resume(s, n)
		  : space_open(t->in->world, dir_of(t->in), SPACE_WRITE, s, n);
}

static void say(const struct my_turn *t)
{
	if (t->story)
		print_talk("trammel: %s", t->story);
	else
		print_talk("trammel: another process is writing to %s; waiting for it",
			   dir_of(t->in));
}

/* Until the next try; false when we were told to end. */
static bool nap(const struct my_turn *t)
{
	if (t->process)
		return process_wait(t->process, TRY_MS) != PROCESS_TOLD;
	(void)poll(NULL, 0, TRY_MS);
	return true;
}

/* From the lock being held to having it, or giving up. */
static enum err wait_for(const struct my_turn *t, struct space **s, struct note *n)
{
	const unsigned most = t->seconds * TRIES_A_SECOND;
	enum err e = ERR_LOCKED;
	bool told = false;
	int place = -1;

	for (unsigned i = 1; e == ERR_LOCKED && !told && (most == 0 || i <= most); i++) {
		/* A queue that cannot be joined is done without. */
		bool first = place >= 0 ||
			     space_queue(t->in->world, dir_of(t->in), &place) != ERR_LOCKED;

		if (first)
			e = take(t, s, n);
		if (e == ERR_LOCKED && i == TRIES_A_SECOND)
			say(t);
		if (e == ERR_LOCKED)
			told = !nap(t);
	}
	if (place >= 0)
		(void)world_close(t->in->world, place);
	if (e != ERR_LOCKED)
		return e;
	return told ? note_set(n, e, 0, 0, "told to end while another process wrote to this log")
		    : note_set(n, e, 0, 0, "another process still writes to this log, after %u "
			       "seconds", t->seconds);
}

enum err my_turn_take(const struct my_turn *t, struct space **s, struct note *n)
{
	enum err e = ERR_LOCKED;

	/* Who opens it may be lucky; who paused goes behind those he paused for. */
	if (!*s)
		e = take(t, s, n);
	return e == ERR_LOCKED ? wait_for(t, s, n) : e;
}
