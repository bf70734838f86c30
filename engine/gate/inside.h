/* inside: what the files of engine/gate share. */
#ifndef TRAMMEL_GATE_INSIDE_H
#define TRAMMEL_GATE_INSIDE_H

#include "engine/gate/gate.h"

/* --- control: what operators change --- */

/* Is the verb known, with all it needs? */
bool control_complete(const struct event *e);
/* Change the rows. ERR_NOT_FOUND, ERR_EXISTS, ERR_RANGE ... with a sentence: it did not happen. */
enum err control_apply(struct state *s, const struct bundle *b, const struct event *e,
		       struct note *why) NODISCARD;

/* --- control_delegation, control_credential: verbs with files of their own --- */

enum err control_delegate(struct state *s, const struct bundle *b, const struct event *e,
			  struct note *why) NODISCARD;
/*
 * In a what-if replay a link was refused, because who hands on was stopped there. Its delegatee is
 * bound all the same: the link is kept as one that was revoked. ERR_MEMORY, or why it is no link.
 */
enum err control_delegate_lost(struct state *s, const struct event *e) NODISCARD;
enum err control_undelegate(struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why) NODISCARD;
enum err control_credential_issue(struct state *s, const struct bundle *b, const struct event *e,
				  struct note *why) NODISCARD;
enum err control_credential_rotate(struct state *s, const struct bundle *b, const struct event *e,
				   struct note *why) NODISCARD;
enum err control_credential_revoke(struct state *s, const struct bundle *b, const struct event *e,
				   struct note *why) NODISCARD;
/* log.redact, log.prune, log.rotate_key: control_log.c. */
enum err control_redact(struct state *s, const struct bundle *b, const struct event *e,
			struct note *why) NODISCARD;
enum err control_prune(struct state *s, const struct bundle *b, const struct event *e,
		       struct note *why) NODISCARD;
enum err control_rotate_key(struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why) NODISCARD;
/* handshake.ask, handshake.meet: control_handshake.c. */
enum err control_ask(struct state *s, const struct bundle *b, const struct event *e,
		     struct note *why) NODISCARD;
enum err control_meet(struct state *s, const struct bundle *b, const struct event *e,
		      struct note *why) NODISCARD;
/* token.take: control_token.c. */
enum err control_token_take(struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why) NODISCARD;
/* What was applied changed who the agents are: what handshakes found counts no more. */
enum err control_turn(struct state *s, const struct event *e) NODISCARD;

/* agent.revoke, of an agent or a key, for good or for a while: control_revoke.c. */
enum err control_revoke(struct state *s, const struct bundle *b, const struct event *e,
			struct note *why) NODISCARD;
/* The key of that id may vouch for something. ERR_RANGE: it is revoked. */
enum err control_key_stands(const struct state *s, const struct event *e, struct str key_id,
			    struct note *why) NODISCARD;

/* --- newcomer: agents that are registered --- */

/* Whether who has no sponsor may do nothing: an agent that was created here, or any other. */
bool newcomer_wants_sponsor(const struct bundle *b, bool created);
/* ERR_NOT_FOUND, with a sentence: no sponsor, and it needs one. Otherwise as agent_register. */
enum err newcomer_register(struct state *s, const struct bundle *b, const struct event *e,
			   struct note *why) NODISCARD;
/*
 * In a what-if replay an agent was refused, because nobody answers for it. It is registered all the
 * same, and denied in stage "standing": as a stranger it would be free where these are admitted.
 */
enum err newcomer_lost(struct state *s, const struct event *e) NODISCARD;

/* --- signals: what entries say about how much an agent is worth --- */

/* Move the scores; nothing without terms. `decision` of an action, `data` as it is recorded. */
enum err signals_apply(struct state *s, const struct bundle *b, const struct event *e,
		       const struct value *data, const struct decision *decision,
		       uint64_t seq) NODISCARD;
/* Controls: data.score, data.severity are 0 .. TRUST_TOP. Errors as of control_apply. */
enum err signals_set(struct state *s, const struct bundle *b, const struct event *e,
		     struct note *why) NODISCARD;
enum err signals_incident(struct state *s, const struct bundle *b, const struct event *e,
			  struct note *why) NODISCARD;

/*
 * In a what-if replay a control was refused, because its heir may not act there. If it was a kill,
 * it is one all the same.
 */
enum err control_kill_lost(struct state *s, const struct event *e) NODISCARD;

/* --- actor, heir: whom an operator names --- */

/* An agent that is registered and may act. ERR_NOT_FOUND, ERR_RANGE, with a sentence. */
enum err actor_find(const struct state *s, struct str agent, struct str session, int64_t at_ns,
		    uint32_t *row, struct note *why) NODISCARD;
/* Its actions in that session (ptr NULL: in none) would pass stage "session". ERR_RANGE. */
enum err actor_place(const struct state *s, const struct bundle *b, struct str agent,
		     struct str session, int64_t at_ns, struct note *why) NODISCARD;
/* What the kill will stop goes to data.heir, if there is one. ERR_TYPE, and as actor_find. */
enum err heir_take(struct state *s, const struct event *e, const struct fallen *fallen,
		   struct note *why) NODISCARD;

/* Is it a human's approval of a session? */
bool control_approves(const struct event *e);

/* --- gate: what every entry counts --- */

/* The totals once the event is counted; `d` is the decision on it, NULL where none was asked. */
struct totals_row gate_totals_behind(struct totals_row row, const struct event *e,
				     const struct decision *d, const struct digest *policy);

/* --- control_saga: sagas, and what actions and outcomes are to them --- */

enum err control_saga_begin(struct state *s, const struct bundle *b, const struct event *e,
			    struct note *why) NODISCARD;
enum err control_saga_compensate(struct state *s, const struct bundle *b, const struct event *e,
				 struct note *why) NODISCARD;
enum err control_saga_hand_over(struct state *s, const struct bundle *b, const struct event *e,
				struct note *why) NODISCARD;
/* An allowed action, which will be entry `seq`, may be an attempt of a step. */
enum err control_saga_action(struct state *s, const struct event *e, uint64_t seq) NODISCARD;
/* The outcome of one. ERR_RANGE, ERR_SYNTAX with a sentence: it did not happen. */
enum err control_saga_outcome(struct state *s, const struct event *e,
			      struct note *why) NODISCARD;

/* --- saga_plan: what saga.begin says --- */

/* `list` is data.steps; the plans are in the arena. The note has the place of what is wrong. */
enum err saga_plan_read(const struct value *list, struct str saga, struct arena *a,
			struct saga_plan **ret, size_t *count, struct note *n) NODISCARD;

/* --- recall: what happened in a session before --- */

/* What the lookbacks of an action in a session are answered with: the request's "past". */
enum err recall_answers(const struct state *s, const struct sequence *q, const struct event *e,
			const struct value *request, struct arena *a, struct value *ret) NODISCARD;
/* The action was allowed and is counted already in its session. ERR_LIMIT, ERR_MEMORY. */
enum err recall_action(struct state *s, const struct sequence *q, const struct event *e,
		       const struct happening *happening) NODISCARD;
enum err recall_approval(struct state *s, const struct sequence *q,
			 const struct event *e) NODISCARD;

/* --- stage: the stages of an action --- */

/* Names in decisions. The stages proper: */
#define STAGE_READ "read"
#define STAGE_IDENTIFY "identify"
#define STAGE_STANDING "standing"
#define STAGE_AUTHORITY "authority"
#define STAGE_SESSION "session"
#define STAGE_SAGA "saga"
#define STAGE_TRUST "trust"
#define STAGE_RING "ring"
#define STAGE_COMMAND "command"
#define STAGE_PATH "path"
#define STAGE_POLICY "policy"
#define STAGE_LIMIT "limit"
#define STAGE_QUOTA "quota"
/* Rows and entry could not be made as decided; what an entry never holds: it was not recorded. */
#define STAGE_ENTRY "entry"
#define STAGE_RECORD "record"

/* One quota or budget that an action uses up. */
struct charge {
	const struct quota *quota;            /* in the bundle */
	struct str subject;
	int64_t cost;
};

/* A denial that counts for one rule of `kill_on`. */
struct trip {
	const struct kill_terms *terms;       /* in the bundle */
	struct str subject;
	bool fires;                           /* it is one too many */
};

/* A decision, and what it uses up. */
struct weighed {
	struct decision decision;
	struct policy_limit limit;            /* of the rule that allows; period_ns 0: none */
	const struct happening *happening;    /* what it adds to its session's history; or NULL */
	const struct charge *charges;         /* quotas and budgets, as far as they are used up */
	size_t charge_count;
	bool opened;                          /* the session was opened, and the agent is in it */
	struct life_standing standing;        /* then where */
	const struct touch *touches;          /* what it does to the session's things */
	size_t touch_count;
	bool clashes;                         /* it was denied for what others do to them */
	bool demotes;                         /* the agent's latches are to be kept */
	uint8_t latches;
	const struct trip *trips;             /* what the denial counts for */
	size_t trip_count;
	struct digest *input;                 /* the decision's, not computed yet; NULL: none */
	struct str depends;                   /* what looks at a value that was redacted */
};

/*
 * Decide on an action, purely. `args` and `result` are the digests of its bodies (NULL: none).
 * Everything in `ret` lives in the arena, the event or the bundle. `input` gets the text of what
 * the rules saw; its digest, which is `ret->input`, is left to the caller, who has something to
 * hash beside it. An error is not a permission: `ret` is then a denial by the stage that failed.
 */
enum err gate_weigh(const struct state *s, const struct bundle *bundle, const struct event *e,
		    const struct digest *args, const struct digest *result, struct arena *a,
		    struct buf *input, struct weighed *ret);

/*
 * An action that nobody can decide any more happened all the same: count it by what was decided
 * then, which is what later decisions saw. What it did to the session's history, to limits and to
 * quotas is not known without its body, and is left out. On any error nothing has changed;
 * ERR_MEMORY, or why it does not fit here.
 */
enum err gate_count_recorded(struct gate *g, const struct event *e,
			     const struct decision *d) NODISCARD;

/* One action on its way through the stages. */
struct weighing {
	const struct state *state;
	const struct bundle *bundle;
	const struct event *event;
	int64_t time_ns;                      /* stage_time of the event */
	const struct digest *args_digest, *result_digest;
	struct arena *arena;
	const struct value *args, *attrs, *result;    /* NULL: absent */
	struct str attrs_text;                /* canonical; ptr NULL: absent */
	struct agent_row agent;
	bool known, is_signed;
	bool opened;                          /* somebody opened the session */
	struct life_standing standing;        /* of the agent in it, where it is opened or wanted */
	const struct touch *touches;
	size_t touch_count;
	bool clashes;
	bool demotes;                         /* scores lower registered agents, and this is one */
	uint8_t latches;                      /* then what its score makes of them */
	const struct kill_terms *overtime;    /* the session has lasted longer; NULL: it has not */
	unsigned ring;                        /* of the agent, where the bundle has rings */
	const struct trust_terms *terms;      /* NULL: the bundle keeps no trust */
	uint32_t ceiling;                     /* that its delegation sets to the score */
	uint32_t score;                       /* in points, and its tier, when it does */
	const struct trust_tier *tier;
	bool regime_changed;
	struct ruling ruling;                 /* of the policy stage */
	struct str depends;                   /* as of struct weighed; ptr NULL: nothing does */
	struct buf *input_text;               /* what it saw */
	struct digest *input;                 /* room for its digest; NULL: no bundle was asked */
	const struct happening *happening;    /* what the action does when it is allowed */
	struct charge *charges;               /* of the quota stage */
	size_t charge_count;
};

/* What a stage found. */
struct finding {
	bool allow;
	struct str reason;                    /* ptr NULL: nothing to say */
};

/* Keep the sentence in the arena as the finding's reason; the buffer is given back. */
enum err stage_say(struct weighing *w, struct buf *sentence, struct finding *f) NODISCARD;

/* The action is within what the agent has been given, and so is its credential. */
enum err authority_weigh(struct weighing *w, struct finding *f) NODISCARD;

/* --- presence: sessions that somebody opened --- */

/* The agent takes part in the session, when it was opened or the bundle wants one that was. */
enum err presence_weigh(struct weighing *w, struct finding *f);
/* How many below go with it: all that a kill changes is one delta, and must fit, or nobody is. */
#define KILLED_MOST 1024u
/*
 * Kill a session and, with the same fence, all that were opened below it. What it cannot kill for
 * their number is stopped by presence_weigh. Errors of halt_kill about the session itself.
 */
enum err presence_kill(struct state *s, struct str session, int64_t at_ns, uint64_t entry,
		       struct note *why) NODISCARD;
/* What was allowed makes a session active. */
enum err presence_count(struct state *s, const struct event *e,
			const struct weighed *w) NODISCARD;

/* --- isolate: what participants do to the same things --- */

/* Nobody else is at what the action would touch. Asked of who takes part in an opened session. */
enum err isolate_weigh(struct weighing *w, struct finding *f);
/* What was allowed is begun; who clashed begins anew. */
enum err isolate_count(struct state *s, const struct weighed *w) NODISCARD;
/* An outcome: what was begun is committed. */
enum err isolate_end(struct state *s, const struct event *e) NODISCARD;
/* Where the rows are; looking takes it as well. */
struct isolated isolate_tables(const struct state *s);

/* --- control_session: who opens, joins, leaves and closes --- */

/* Errors as of control_apply. */
enum err session_open_control(struct state *s, const struct bundle *b, const struct event *e,
			      struct note *why) NODISCARD;
/* In a what-if replay it was refused. Nobody else may use the name, so it is closed at once. */
enum err session_open_lost(struct state *s, const struct event *e) NODISCARD;
enum err session_join_control(struct state *s, const struct bundle *b, const struct event *e,
			      struct note *why) NODISCARD;
enum err session_leave_control(struct state *s, const struct bundle *b, const struct event *e,
			       struct note *why) NODISCARD;
enum err session_close_control(struct state *s, const struct bundle *b, const struct event *e,
			       struct note *why) NODISCARD;
/* --- control_saga, as a stage --- */

/* An action that names a saga is the attempt that is due in it. */
enum err control_saga_weigh(struct weighing *w, struct finding *f);

/* --- input: what the rules saw --- */

/* The members of a request that are made for it; NULL: missing. The others are the event's own. */
struct seen {
	const struct value *action, *agent, *past, *session;
};

/* All that conditions see, as docs/formats/entry.md defines it, in place of what `b` held. */
enum err input_write(const struct weighing *w, const struct seen *seen,
		     struct buf *b) NODISCARD;

/* --- curb: what a bundle says besides rules --- */

/* The agent is in a ring that may use the tool. */
enum err curb_rings(struct weighing *w, struct finding *f) NODISCARD;
/* All that the action uses up is there; what it is, is listed in the charges. */
enum err curb_quotas(struct weighing *w, struct finding *f) NODISCARD;
/* What the action used up is no more. */
enum err curb_charge(struct state *s, const struct event *e, const struct weighed *w) NODISCARD;

/* --- trip: what kills by itself --- */

/* A session that the bundle lets last no longer; nothing is said where it may. */
enum err trip_overtime(struct weighing *w, struct finding *f);
/* What this denial counts for, and whom it kills: that is said as a further reason. */
enum err trip_weigh(struct weighing *w, struct weighed *done) NODISCARD;
/* Count it, and kill: `seq` is the entry. */
enum err trip_count(struct state *s, const struct event *e, const struct weighed *w,
		    uint64_t seq) NODISCARD;

/* --- program: what a text would run --- */

/* Ask the disk what its programs are, and put the answers into the event's data. ERR_MEMORY. */
enum err program_ask(struct gate *g, struct event *e, struct arena *a) NODISCARD;
/* Could program_ask have recorded this as "programs"? */
bool program_answers_ok(const struct value *list);
/* Every command that the action would run may run. */
enum err program_weigh(struct weighing *w, struct finding *f) NODISCARD;

/* --- path: arguments that must lead below folders --- */

/* Ask where they lead, and put the answers into the event's data. ERR_MEMORY. */
enum err path_ask(struct gate *g, struct event *e, struct arena *a) NODISCARD;
/* Could path_ask have recorded this as "paths"? */
bool path_answers_ok(const struct value *list);
/* Each leads where it must, by the answers that are recorded. */
enum err path_weigh(struct weighing *w, struct finding *f);

/* --- conceal: events without their secrets --- */

/* Mask a document that was read, in place; the note says what could not be. */
enum err conceal_document(const struct mask *m, struct value *doc, struct mask_report *found,
		       struct note *n) NODISCARD;
/* An event from elsewhere, masked, with what was masked in its data; `ret` is in the arena. */
enum err conceal_event(const struct mask *m, const struct event *e, struct arena *a,
		    struct event *ret) NODISCARD;
/* Nothing of a text that is refused is kept; but that there was a secret in it is told. */
enum err conceal_refused(struct str text, struct intake *in) NODISCARD;
/* Put what was found into the event's data, as "masked". */
enum err conceal_tell(const struct mask_report *found, struct event *e) NODISCARD;
/*
 * The signature of an event is held against what was sent, and taken from it: what came of it goes
 * into the data.
 */
enum err conceal_signature(const struct gate *g, const struct event *plain, struct event *e,
			struct arena *a) NODISCARD;
/* What is recorded of a signature that is not: NULL, there was none. */
const struct value *conceal_withheld(const struct value *data);
/* It was verified then by the key that the agent has now. */
bool conceal_verified(const struct value *data, const struct public_key *key);
/* Could this file have written them? */
bool conceal_masked_ok(const struct value *list);
bool conceal_withheld_ok(const struct value *withheld);

/* A denial with one reason, built where no memory may be left: `reason` is kept by pointer. */
void stage_deny(struct decision *d, const char *stage, const struct str *reason);
/* A denial because `stage` failed with `e`. */
void stage_fault(struct decision *d, const char *stage, enum err e);

/*
 * The time by which limits count and trust decays: the event's, but never before one that is
 * recorded. Senders say when they asked, and one who could go back would find every window that it
 * let pass unused, and a score that time has not touched.
 */
int64_t stage_time(const struct state *s, const struct event *e);

/* An action's further members: an object, or NULL when it has none. */
const struct value *stage_attrs(const struct value *data);
/* Which rules look at an action of that data; pre_tool where it does not say. */
enum policy_stage stage_moment(const struct value *data);
/*
 * Data as actions may carry: NULL, or an object of "attrs", "credential", "fault" and "stage" as
 * gate.h describes them.
 */
bool stage_data_ok(const struct value *data);
#define STAGE_DATA_MEMBERS 8
/* One more member, in the order of names. ERR_MEMORY. */
enum err stage_add_data(struct arena *a, struct str key, const struct value *v,
			struct event *e) NODISCARD;

/* Depth of data that can be read back: an entry is one object around it. */
#define DATA_DEPTH (LIMIT_DEPTH - 1)
/* Likewise of attributes: the data is one object around them. */
#define ATTRS_DEPTH (DATA_DEPTH - 1)

#endif
