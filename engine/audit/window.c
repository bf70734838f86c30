/*
 * window: packs in memory, a piece at a time.
 *
 *   file   .....[ at .......... last_end ---> at + len ).....     asked for inside: no system call
 *
 * Bodies are mostly asked for in the order in which they lie. So a window that is left at its end
 * moves on and doubles, up to WINDOW_BYTES; one that is sent somewhere else starts small, because
 * what follows there may never be asked for.
 *
 * There are two, and the one not used last is the one that moves: when a replay goes forward but
 * for a body that many entries share, one window follows the replay and the other stays there.
 */
#include "engine/audit/inside.h"

#define FIRST_BYTES ((size_t)4 << 10)
#define WINDOW_BYTES ((size_t)256 << 10)
#define CAP_BYTES ((size_t)LIMIT_REDACTED_BYTES)

_Static_assert(CAP_BYTES >= WINDOW_BYTES, "the largest body sets the cap");

void windows_init(struct windows *v, struct world *w)
{
	*v = (struct windows){ .w = w };
	for (unsigned i = 0; i < WINDOWS; i++)
		buf_init(&v->window[i].bytes, CAP_BYTES);
}

void windows_fini(struct windows *v)
{
	for (unsigned i = 0; i < WINDOWS; i++)
		buf_fini(&v->window[i].bytes);
}

void windows_forget(struct windows *v)
{
	for (unsigned i = 0; i < WINDOWS; i++)
		buf_clear(&v->window[i].bytes);
}

static bool holds(const struct window *w, uint64_t file, uint64_t at, size_t len)
{
	return w->file == file && at >= w->at && at - w->at <= w->bytes.len &&
	       w->bytes.len - (at - w->at) >= len;
}

/* Does a read at `at` go on where the window ends, or not far behind? */
static bool goes_on(const struct window *w, uint64_t file, uint64_t at)
{
	return w->file == file && at >= w->at && at - w->at <= 2 * (uint64_t)w->bytes.len;
}

/* The window that holds all of it, else the one to move there. */
static unsigned choose(const struct windows *v, uint64_t file, uint64_t at, size_t len)
{
	for (unsigned i = 0; i < WINDOWS; i++)
		if (holds(&v->window[i], file, at, len))
			return i;
	for (unsigned i = 0; i < WINDOWS; i++)
		if (goes_on(&v->window[i], file, at))
			return i;
	return (v->last + 1) % WINDOWS;
}

static enum err move(struct windows *v, struct window *w, uint64_t file, int fd, uint64_t at,
		     size_t len)
{
	size_t ahead = goes_on(w, file, at) ? 2 * w->bytes.len : FIRST_BYTES, got;
	enum err e;
	char *room;

	if (ahead < FIRST_BYTES)
		ahead = FIRST_BYTES;
	if (ahead > WINDOW_BYTES)
		ahead = WINDOW_BYTES;
	if (ahead < len)
		ahead = len;
	buf_clear(&w->bytes);
	room = buf_grow(&w->bytes, ahead);
	if (!room)
		return w->bytes.err;
	e = world_read_at(v->w, fd, at, room, ahead, &got);
	w->file = file;
	w->at = at;
	w->bytes.len = e == OK ? got : 0;
	return e == OK && got < len ? ERR_TRUNCATED : e;
}

enum err windows_read(struct windows *v, uint64_t file, int fd, uint64_t at, size_t len,
		      const unsigned char **ret)
{
	unsigned i = choose(v, file, at, len);
	struct window *w = &v->window[i];

	if (!holds(w, file, at, len))
		TRY(move(v, w, file, fd, at, len));
	v->last = i;
	w->last_end = at + len;
	*ret = (const unsigned char *)w->bytes.ptr + (at - w->at);
	return OK;
}

const unsigned char *windows_behind(const struct windows *v, unsigned i, uint64_t file, size_t len,
				    uint64_t *at)
{
	const struct window *w = &v->window[i];

	if (!holds(w, file, w->last_end, len))
		return NULL;
	*at = w->last_end;
	return (const unsigned char *)w->bytes.ptr + (w->last_end - w->at);
}
