/*
 * isolation: what participants of a session do to the same things. A part of the door of
 * engine/runtime.
 *
 * The gate cannot hold back what a tool does to the world, so it decides before: an action says
 * what it would touch (an intent: read, write, exclusive), and is refused at once when it clashes.
 * Nobody ever waits, so nobody waits for another: there are no dead-locks.
 *
 *   first read ----> working: the clock stands still, reads are remembered
 *   write allowed -> in flight: the thing is held; what was read has been used, and is forgotten
 *   outcome -------> committed: the thing has a new version, known to the committer
 *   refused -------> what was read is forgotten; the agent begins anew
 *
 * A transaction is what a participant read since its last write, and that write. Its place in the
 * order is when the write is allowed. Under serializable everything it read was at that moment as
 * the writes allowed before left it, since no version was newer and nothing of it was in flight: so
 * the writes might as well have been made one after the other. docs/formats/session.md lists what
 * each level refuses; that table is the test's input.
 *
 * A hold ends with the outcome, when its holder leaves or is killed, and after FLIGHT_ENTRIES.
 */
#ifndef TRAMMEL_RUNTIME_ISOLATION_H
#define TRAMMEL_RUNTIME_ISOLATION_H

#include "engine/runtime/fallen.h"

enum intent { INTENT_READ = 0, INTENT_WRITE, INTENT_EXCLUSIVE, INTENTS };

/* "read" ... */
const char *intent_name(enum intent i);
/*
 * May `asked` go on while another participant has `held`: a read that it may still build on, or a
 * write in flight?
 */
bool intent_fits(enum intent held, enum intent asked);

/* How many entries an outcome has time, and how many things one action may touch. */
#define FLIGHT_ENTRIES 65536u
#define TOUCHES_MAX 8

/* One row of the things table: little-endian, no padding. Session and name are the key. */
struct thing_row {
	uint32_t session;                     /* row of lives */
	uint8_t name[DIGEST_BYTES];           /* digest of what the action calls it */
	uint32_t holder;                      /* row + 1 of a participant; 0: nobody */
	uint64_t entry;                       /* of the action that holds it */
	uint8_t intent, versioned, zero[6];   /* versioned: somebody committed it here */
	struct vector_clock version;
};

_Static_assert(sizeof(struct thing_row) == DIGEST_BYTES + 24 + 4 * CLOCK_SLOTS, "no padding");

enum flight_state { FLIGHT_OPEN = 0, FLIGHT_DONE, FLIGHT_FAILED, FLIGHT_HANDED, FLIGHT_STATES };

/* One row of the flights table, likewise: a write on its way. `slot` is the key. */
struct flight_row {
	uint32_t slot;                        /* entry modulo FLIGHT_ENTRIES */
	uint32_t participant;                 /* row */
	uint64_t entry;
	uint8_t count, state, zero[6];
	uint32_t things[TOUCHES_MAX];         /* rows */
};

_Static_assert(sizeof(struct flight_row) == 24 + 4 * TOUCHES_MAX, "no padding");

/* The tables as the state opens them. */
struct table_schema thing_table(void);
struct table_schema flight_table(void);

/* Where everything is found. What changes rows is given the same state to change. */
struct isolated {
	const struct state *state;
	unsigned lives, participants, things, flights, halts;    /* tables */
};

/* One thing that an action would touch. */
struct touch {
	enum intent intent;
	struct digest name;
};

/* Why it may not; CLASH_NONE: it may. */
enum clash_kind {
	CLASH_NONE = 0,
	CLASH_HELD,                           /* another's write is in flight */
	CLASH_READ,                           /* another builds on it, and exclusive was asked */
	CLASH_NEWER,                          /* it was committed after the transaction began */
	CLASH_PREMISE,                        /* so was what the transaction has read, or will be */
	CLASH_MANY                            /* it has read more than can be remembered */
};

struct clash {
	enum clash_kind kind;
	size_t touch;                         /* which one */
	uint32_t by; /* row + 1 of a participant; 0: nobody in particular */
};

/* Who touches, by an action whose entry has that number. */
struct toucher {
	uint32_t session, participant;        /* rows; life_stand found them */
	uint64_t entry;
	const struct touch *touches;
	size_t count;                         /* to TOUCHES_MAX */
};

void isolation_look(const struct isolated *at, const struct toucher *t, struct clash *ret);
/* The action was allowed. ERR_LIMIT, ERR_MEMORY. */
enum err isolation_take(struct state *s, const struct isolated *at,
			const struct toucher *t) NODISCARD;
/* It was refused for a clash: the participant begins anew. */
enum err isolation_forget(struct state *s, const struct isolated *at,
			  uint32_t participant) NODISCARD;
/* The outcome of entry `of`; nothing when it wrote nothing here. `failed`: nothing was changed. */
enum err isolation_end(struct state *s, const struct isolated *at, uint64_t of,
		       bool failed) NODISCARD;

/* The session it is made in, a row of lives. */
uint32_t flight_session(const struct isolated *at, const struct flight_row *row);
/* Is it still to be ended: open, or handed over and not taken up by the heir? */
bool flight_waits(const struct isolated *at, const struct flight_row *row);
/*
 * Does it still hold what it touches, at entry `now`? If not, and it waits, what it did is to be
 * compensated by whoever can.
 */
bool flight_holds(const struct isolated *at, const struct flight_row *row, uint64_t now);
/*
 * What is open of those who fell goes to the heir, in every session that the heir is in; *count is
 * how much. At most HANDED_MAX; what is more stays where it was.
 */
#define HANDED_MAX 2048u
enum err isolation_hand_over(struct state *s, const struct isolated *at,
			     const struct fallen *fallen, struct str heir,
			     uint32_t *count) NODISCARD;

#endif
