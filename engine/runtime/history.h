/*
 * history: what happened in a session, as far as the policy in force asks. Part of the door of
 * engine/runtime.
 *
 * One row of fixed size for each session in which an action was allowed while something was
 * watched. An allowed action is one step; the row knows of every event the first and the last step
 * and how often, of labels whether, and of keyed events the values, so that each question is
 * answered, and each step taken, in constant time and room.
 *
 *   position   0 ... 3 ..... 7 ..... 9        since(a, b): last a >= last b
 *   a              first            last      before(a, b): first a < last b
 *
 * Doubt: a name that was not watched from the beginning, or may have happened, has a doubt: up to
 * that position there may be more of it than is known. A question whose answer could then be either
 * is answered HISTORY_UNKNOWN.
 */
#ifndef TRAMMEL_HISTORY_H
#define TRAMMEL_HISTORY_H

#include "engine/base/limits.h"
#include "engine/state/state.h"

#define HISTORY_EVENTS (LIMIT_EVENTS + 1)
#define HISTORY_KEY_BYTES 12

struct history_event {
	uint64_t id;
	uint32_t first, last;        /* positions from 1; 0: not seen */
	uint32_t count, doubt;
	int64_t last_ns;
};

/* A window begins with an event and lasts a period; the first event after it begins the next. */
struct history_window {
	uint64_t id;
	int64_t began_ns;
	uint32_t count, doubt;       /* doubt: not all of this window was watched */
};

/* One row of the histories table; little-endian, no padding. `session` is the key. */
struct history_row {
	uint64_t session;            /* number of its row in the sessions table */
	uint64_t watch;              /* what was watched at the last step */
	uint64_t allowed;            /* the session's allowed actions then */
	uint32_t position;
	uint16_t key_count;          /* LIMIT_KEYS + 1: some did not fit */
	uint8_t labels, label_doubts;        /* sets */
	struct history_event events[HISTORY_EVENTS];
	uint64_t label_ids[LIMIT_LABELS];
	struct history_window windows[LIMIT_WINDOWS];
	uint8_t keys[LIMIT_KEYS][HISTORY_KEY_BYTES];
};

_Static_assert(sizeof(struct history_row) == 32 + 32 * HISTORY_EVENTS + 8 * LIMIT_LABELS +
						     24 * LIMIT_WINDOWS +
						     HISTORY_KEY_BYTES * LIMIT_KEYS,
	       "no padding");
_Static_assert(sizeof(struct history_row) <= LIMIT_ROW_BYTES, "a history fits a row");
_Static_assert(LIMIT_LABELS <= 8, "labels fit their sets");

/* What is watched: ids by place. Which event each window counts, and for how long. */
struct history_watch {
	const uint64_t *events, *labels, *windows;
	size_t event_count, label_count, window_count;
	const uint8_t *window_events;
	const int64_t *window_ns;
	uint64_t id;
};

/* One step: sets of places, certain and possible, and the values that keyed events happened to. */
struct history_step {
	uint32_t events, maybe_events, labels, maybe_labels;
	const uint8_t (*keys)[HISTORY_KEY_BYTES];
	size_t key_count;
	int64_t at_ns;
};

enum history_answer { HISTORY_NO = 0, HISTORY_YES, HISTORY_UNKNOWN };

/* The histories table as the state opens it. */
struct table_schema history_table(void);
/* The history of a session that has none yet; `allowed` actions went unwatched. */
void history_begin(const struct history_watch *w, uint64_t session, uint64_t allowed,
		   int64_t at_ns, struct history_row *ret);
/*
 * A copy of the session's history, its names in the places that `w` gives them. `allowed` is how
 * many actions the session was allowed so far: when there are more than the row saw, or names that
 * it does not know, what was missed is in doubt.
 */
void history_recall(const struct state *s, unsigned table, const struct history_watch *w,
		    uint64_t session, uint64_t allowed, int64_t at_ns, struct history_row *ret);
/* ERR_LIMIT: no session has so many steps. */
enum err history_add(struct history_row *h, const struct history_watch *w,
		     const struct history_step *step) NODISCARD;
enum err history_keep(struct state *s, unsigned table, const struct history_row *h) NODISCARD;

/* Places are those of the watch that the history was recalled with. */
enum history_answer history_once(const struct history_row *h, unsigned event);
enum history_answer history_key(const struct history_row *h, unsigned event,
				const uint8_t key[HISTORY_KEY_BYTES]);
enum history_answer history_recent(const struct history_row *h, unsigned event, int64_t period_ns,
				   int64_t at_ns);
enum history_answer history_since(const struct history_row *h, unsigned a, unsigned b);
enum history_answer history_before(const struct history_row *h, unsigned a, unsigned b);
enum history_answer history_labelled(const struct history_row *h, unsigned label);
/* False when it cannot be told. */
bool history_count(const struct history_row *h, unsigned event, uint32_t *ret);
bool history_window(const struct history_row *h, unsigned window, int64_t period_ns, int64_t at_ns,
		    uint32_t *ret);

#endif
