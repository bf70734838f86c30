/* saga_at: a saga of a workspace as it is now, or as it was after an entry. */
#ifndef TRAMMEL_TUI_SAGA_AT_H
#define TRAMMEL_TUI_SAGA_AT_H

#include "engine/space/space.h"
#include "tui/print.h"

struct saga_at {
	struct space *space;
	struct state *state;
	int64_t now_ns;                       /* the clock, or the latest that the log has seen */
};

void saga_at_init(struct saga_at *s);
void saga_at_close(struct saga_at *s);
/* After entry --at, by the time of then; without it after the last, by the time of now. */
enum err saga_at_open(const struct invocation *in, struct saga_at *ret, struct note *n) NODISCARD;
/* ERR_NOT_FOUND when there is none of that id. */
enum err saga_at_find(const struct saga_at *s, const char *id, struct saga *ret,
		      struct note *n) NODISCARD;

/* Three ways to show one: all of it, what is due, one line in a list. */
void saga_at_show(const struct invocation *in, const struct saga *g, struct buf *b);
void saga_at_next(const struct invocation *in, const struct saga_at *s, const struct saga *g,
		  struct buf *b);
void saga_at_list(const struct invocation *in, const struct saga *g, struct buf *b);

#endif
