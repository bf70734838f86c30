/*
 * session_life: sessions that somebody opened, and who takes part in them. A part of the door of
 * engine/runtime.
 *
 *            join, leave            close                   close, last leave
 *   none --> open ---act---> active -----> closing -------------------------> closed, for good
 *               \________________________^ (nobody is there: closed at once)
 *
 * A session that nobody opened has no row here and is what it always was: a name. One that was
 * opened takes its participants' actions only, until it closes or its time is up; what was allowed
 * until then may still end in a session that is closing. Who left has left: a slot is never
 * another's, so what slots are compared by (see isolation.h) stays true.
 *
 * A child session is opened below a parent: its ring, its end and its state are never better than
 * the parent's. A participant can be brought in by another, and is never above that one.
 */
#ifndef TRAMMEL_RUNTIME_SESSION_LIFE_H
#define TRAMMEL_RUNTIME_SESSION_LIFE_H

#include "engine/base/limits.h"
#include "engine/runtime/vector_clock.h"
#include "engine/state/state.h"

enum life_state { LIFE_NONE = 0, LIFE_OPEN, LIFE_ACTIVE, LIFE_CLOSING, LIFE_CLOSED, LIFE_STATES };
/* The last of those present leaves, or nobody is present when it closes: events of their own. */
enum life_event {
	LIFE_BEGIN = 0, LIFE_JOIN, LIFE_LEAVE, LIFE_LEAVE_LAST, LIFE_ACT, LIFE_CLOSE,
	LIFE_CLOSE_EMPTY, LIFE_EVENTS
};
/* What participants may see of each other's work; isolation.h says how. */
enum isolation {
	ISOLATION_NONE = 0, ISOLATION_READ_COMMITTED, ISOLATION_SNAPSHOT, ISOLATION_SERIALIZABLE,
	ISOLATIONS
};

/* "none", "open" ...; "begin", "join" ...; "none", "read_committed" ... */
const char *life_state_name(enum life_state state);
const char *life_event_name(enum life_event event);
const char *isolation_name(enum isolation level);
/* False when there is no such level. */
bool isolation_read(struct str text, enum isolation *ret);
/* Where the event leads; false when there is no such way. */
bool life_way(enum life_state from, enum life_event event, enum life_state *ret);

/* One row of the lives table; little-endian, no padding. `id` is the key, NUL-padded. */
struct life_row {
	char id[LIMIT_NAME_BYTES];
	int64_t opened_ns, until_ns, since_ns;        /* since_ns: of the state */
	uint32_t parent;                              /* row + 1 of a session; 0: none */
	uint32_t initiator;                           /* row + 1 in agents; 0: an operator alone */
	uint32_t joined, present;                     /* ever; now */
	uint32_t room;                                /* participants at most */
	uint16_t min_score;                           /* points, to join; 0: any */
	uint8_t state, isolation, ring, depth;        /* ring: the best that anybody has in it */
	uint8_t zero[6];
	uint32_t members[CLOCK_SLOTS];                /* rows + 1 of participants, by slot */
	struct vector_clock clock;                    /* what all of them committed */
};

_Static_assert(sizeof(struct life_row) == LIMIT_NAME_BYTES + 56 + 8 * CLOCK_SLOTS, "no padding");

/* What a participant has read and not built on yet: rows of the things table. */
#define PARTICIPANT_READS 64

/* One row of the participants table; little-endian, no padding. Session and agent are the key. */
struct participant_row {
	uint32_t session;                             /* row of lives */
	char agent[LIMIT_NAME_BYTES];
	uint32_t slot;                                /* in the session, from 0 */
	uint32_t parent;                              /* row + 1 of who brought it in; 0: none */
	uint8_t ring, present, working, depth;        /* working: in a transaction */
	int64_t joined_ns, left_ns;                   /* left_ns 0: it is present */
	uint32_t read_count, reads[PARTICIPANT_READS];
	uint32_t zero;
	struct vector_clock clock;
};

_Static_assert(sizeof(struct participant_row) ==
		       LIMIT_NAME_BYTES + 40 + 4 * PARTICIPANT_READS + 4 * CLOCK_SLOTS,
	       "no padding");

/* The tables as the state opens them. */
struct table_schema life_table(void);
struct table_schema participant_table(void);
struct str life_id(const struct life_row *row);
struct str participant_agent(const struct participant_row *row);

/* Where sessions are found. */
struct lives {
	struct state *state;
	unsigned lives, participants;                 /* tables */
};

/* The session of that id; false: nobody opened it. */
bool life_find(const struct state *s, unsigned table, struct str id, uint32_t *at,
	       struct life_row *ret);
/* Its state at a time: what is open is closed when its time is up. */
enum life_state life_at(const struct life_row *row, int64_t at_ns);
/* Who ever joined; false: it did not. */
bool participant_find(const struct state *s, unsigned table, uint32_t session, struct str agent,
		      uint32_t *at, struct participant_row *ret);

/* How a session is opened. */
struct life_terms {
	struct str id, parent;                        /* parent.ptr NULL: none */
	uint32_t initiator;
	enum isolation isolation;
	uint32_t room;                                /* 1 .. LIMIT_PARTICIPANTS */
	int64_t lasts_ns;                             /* above 0, to LIMIT_SESSION_NS */
	uint32_t min_score;
	unsigned ring;                                /* 1 .. 3 */
	int64_t at_ns;
};

/*
 * Each of these changes rows, or says in the note why it cannot: ERR_EXISTS, ERR_NOT_FOUND (no
 * such session, participant or parent), ERR_RANGE (no such way, no room), ERR_LIMIT, ERR_MEMORY.
 * That agents are registered and worth enough is checked by the caller.
 */
enum err life_open(const struct lives *l, const struct life_terms *terms,
		   struct note *why) NODISCARD;
/* `by` brought it in (ptr NULL: nobody); `ring` is its best, bounded by session and `by`. */
enum err life_join(const struct lives *l, struct str id, struct str agent, struct str by,
		   unsigned ring, int64_t at_ns, struct note *why) NODISCARD;
enum err life_leave(const struct lives *l, struct str id, struct str agent, int64_t at_ns,
		    struct note *why) NODISCARD;
enum err life_close(const struct lives *l, struct str id, int64_t at_ns,
		    struct note *why) NODISCARD;
/* An action of a participant was allowed in it. */
enum err life_act(const struct lives *l, uint32_t session, int64_t at_ns) NODISCARD;

/*
 * Why the agent does not act in the session now; NULL: it may. Its parents are asked likewise:
 * who brought it in must be there, and what is above must be open. `ring` is the best that it may
 * have there by itself.
 */
struct life_standing {
	const char *why;
	bool of_agent;                                /* what stands in the way: else a session */
	struct str who;                               /* its name */
	uint32_t session, participant;                /* rows, where it may */
	unsigned ring;
};
void life_stand(const struct state *s, unsigned lives, unsigned participants, struct str id,
		struct str agent, int64_t at_ns, struct life_standing *ret);

#endif
