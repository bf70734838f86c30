/*
 * gate: the single path of every action. The door of engine/gate.
 *
 * Nothing in trammel can say "allow" but gate_submit. The gate is a deterministic machine:
 *
 *   (bundle, state, event, recorded answers) -> (decision, state'), one canonical entry
 *
 * Promises:
 *   1. No clock, entropy, environment or file is read inside; time is a field of the event.
 *   2. Stages may only tighten; an action is allowed only when every stage says so.
 *   3. Fail closed: an error inside a stage is a recorded denial that names the stage; what cannot
 *      be recorded is not allowed.
 *   4. Same inputs give the same entry bytes, so a replay is the same call with a sink that
 *      compares. Conditions see what is recorded, never what it was recorded from.
 *   5. A verdict may leave only after its entry is committed; the caller who owns the sink sees to
 *      that.
 */
#ifndef TRAMMEL_GATE_H
#define TRAMMEL_GATE_H

#include "engine/audit/audit.h"
#include "engine/identity/identity.h"
#include "engine/mask/mask.h"
#include "engine/policy/policy.h"
#include "engine/runtime/runtime.h"

/* The state of a governed fleet. */
enum gate_table {
	GATE_TOTALS = 0, GATE_AGENTS, GATE_SESSIONS, GATE_LIMITS, GATE_HISTORIES, GATE_TRUST,
	GATE_DEEDS, GATE_DEED_SESSIONS, GATE_HALTS, GATE_QUOTAS, GATE_ELEVATIONS,
	GATE_SAGAS, GATE_SAGA_PLANS, GATE_SAGA_STEPS, GATE_SAGA_KEYS, GATE_SAGA_ATTEMPTS,
	GATE_LIVES, GATE_PARTICIPANTS, GATE_REVOCATIONS, GATE_DELEGATIONS, GATE_CREDENTIALS,
	GATE_THINGS, GATE_FLIGHTS, GATE_DEMOTIONS, GATE_CHALLENGES, GATE_MEETINGS,
	GATE_TOKEN_USES, GATE_TABLES
};

/* The one row of the totals table; little-endian, no padding. */
struct totals_row {
	uint64_t entries, actions, denials;
	int64_t last_ns, latest_ns;           /* of the last entry; the latest told */
	uint8_t policy[DIGEST_BYTES];         /* in force; all zero before the first */
};

_Static_assert(sizeof(struct totals_row) == 40 + DIGEST_BYTES, "no padding");

enum err gate_state_open(struct state **ret) NODISCARD;
/* Where sagas are in it. */
extern const struct saga_tables gate_sagas;
/* The totals; all zero before the first entry. */
struct totals_row gate_totals(const struct state *s);

/*
 * One thing that happens. Absent texts have ptr NULL. `data` is an object or NULL. For actions it
 * may hold "attrs", further members of the action that conditions can see; "credential", the hash
 * of the secret that came with it; "stage", where rules of another stage than pre_tool look at it;
 * and answers recorded from outside: "paths", where arguments lead, see path.c; "signature", what
 * came of one that is not recorded, see conceal.c; "fault", {"error", "stage"}: the machine failed
 * there. An action has a result in stage post_tool only. Any may hold "masked". Otherwise `data` is
 * the entry's as is: "text" of a refusal; "origin" of an agent, maybe "did", "sponsor", "expires".
 */
struct event {
	enum entry_kind kind;
	int64_t at_ns;
	bool at_synthetic;
	struct str agent, action, resource, session, trace;
	const struct value *data;
	struct str args_text, result_text;    /* canonical JSON of the bodies; ptr NULL: absent */
	const struct value *args;             /* args_text as a tree; NULL: the gate reads it */
	const struct body *args_body, *result_body;   /* in a replay: they lost values; or NULL */
	const struct signature *signature;
	const struct entry_link *links;
	size_t link_count;
	const struct bundle *bundle;          /* ENTRY_POLICY: args_text is its packed form */
	struct str log;                       /* where it happens: gate_submit fills it in */
};

/*
 * Where the gate's results go. Both may refuse; then the event did not happen. A body is answered
 * with what the entry shall say of it: a commitment, or of a bundle, which is `plain`, its SHA-256.
 */
struct gate_sink {
	enum err (*body)(void *self, struct str text, bool plain, struct digest *ret);
	enum err (*entry)(void *self, uint64_t seq, struct str line);
	void *self;
};

struct gate {
	struct state *state;                  /* borrowed */
	const struct bundle *bundle;          /* borrowed; NULL: none in force, all is denied */
	struct str origin;                    /* borrowed */
	struct gate_sink sink;
	uint64_t seq;                         /* number of the next entry */
	enum err fault;                       /* what the last event was denied for; OK: no fault */
	struct note why;                      /* the last event: why it could not be applied */
	struct str depends;                   /* and what looks at a value it has lost, or NULL */
	/*
	 * Asked with the sink's `self`; what comes of it is recorded, so a replay need not ask.
	 * Before an outcome of entry `of` is taken: may it be? NULL: if it is an earlier one.
	 */
	enum err (*outcome)(void *self, uint64_t of, struct note *n);
	/* Where an argument leads below a folder, as world_resolve. NULL: it is denied. */
	enum err (*resolve)(void *self, struct str root, struct str path, struct buf *ret);
	const struct mask *mask;              /* borrowed; NULL: events are taken as they come */
	struct buf line, input;               /* of the entry; what its rules saw */
	/*
	 * Not NULL: digests of an entry, known before it is made. They are written into it as they
	 * are; that they are right somebody else has to see to.
	 */
	const struct gate_told *told;
};

struct gate_told {
	const struct digest *state, *input;   /* NULL: it has no such member */
};

struct verdict {
	enum effect effect;
	uint64_t entry;
	struct decision decision;             /* in the arena given to gate_submit */
	struct digest policy, state;
	const struct value *masked;           /* what was masked, see conceal.c; NULL: nothing */
};

/* `state` at the point after entry seq - 1, `bundle` what decides from here on. */
void gate_init(struct gate *g, struct state *s, const struct bundle *bundle, struct str origin,
	       uint64_t seq, struct gate_sink sink);
void gate_fini(struct gate *g);

/*
 * Take one event through the gate: decide, change the state, write the entry to the sink. On any
 * error the event did not happen, the state is as before and `ret` denies (stage "record"). For
 * kinds that decide nothing the verdict allows. ERR_SYNTAX, ERR_RANGE, ERR_LIMIT and ERR_EXISTS are
 * about the event itself. ERR_MISS: see `depends`.
 */
enum err gate_submit(struct gate *g, const struct event *e, struct arena *a,
		     struct verdict *ret) NODISCARD;

/* The denial of an event that could not be recorded, for callers whose own steps fail. */
void gate_refuse(struct verdict *ret, uint64_t seq);
/* The verdict as one canonical JSON object: what `trammel check` answers. */
void verdict_write(struct buf *b, const struct verdict *v);

/* Whether an agent is believed, and what it lives by. */
#include "engine/gate/vouch.h"
#include "engine/gate/authority.h"
/* Documents as agents send them; the other way round, recorded entries through the gate again. */
#include "engine/gate/action.h"
#include "engine/gate/rerun.h"

#endif
