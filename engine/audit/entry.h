/*
 * entry: one event of the log as one canonical line (RFC 8785). The bytes are described in
 * docs/formats/entry.md.
 *
 * Writing and reading are inverse: entry_write(entry_read(line)) == line, and entry_read refuses
 * every line for which that would not hold. Every member is inside the leaf hash, because the leaf
 * is the line.
 */
#ifndef TRAMMEL_ENTRY_H
#define TRAMMEL_ENTRY_H

#include "engine/base/value.h"
#include "engine/crypto/crypto.h"

#define ENTRY_VERSION 3
#define ENTRY_MAX_SEQ ((UINT64_C(1) << 53) - 1)    /* every reader of JSON keeps it exactly */

#define ENTRY_KIND_LIST(X)                                                                       \
	X(ENTRY_ACTION,  "action")      /* an agent asked to act; the decision is inside */      \
	X(ENTRY_OUTCOME, "outcome")     /* what came of an action; linked to it */               \
	X(ENTRY_AGENT,   "agent")       /* an identity was registered */                         \
	X(ENTRY_POLICY,  "policy")      /* another bundle came into force; `args` is its body */ \
	X(ENTRY_LABEL,   "label")       /* facts about a session: task, reward */                \
	X(ENTRY_REFUSAL, "refusal")     /* bytes that could not be read as an event */           \
	X(ENTRY_CONTROL, "control")     /* an operator changed something; the verb is `action` */ \
	X(ENTRY_NOTICE,  "notice")      /* the workspace about itself: recovery after a crash */

enum entry_kind {
#define ENTRY_KIND_ENUM(id, text) id,
	ENTRY_KIND_LIST(ENTRY_KIND_ENUM)
#undef ENTRY_KIND_ENUM
	ENTRY_KINDS
};

enum effect { EFFECT_DENY = 0, EFFECT_ALLOW };

#define DECISION_TRUTHS "tfe"    /* true, false, could not be decided */

/* What must be done besides; sorted and unique by type, then rule. */
struct obligation {
	struct str type;             /* "log", "rate_limit", "require_approval" ... */
	struct str rule;
	const struct str *approvers; /* only for "require_approval" */
	size_t approver_count;
	struct str edits;            /* of "transform": a list as canonical JSON; else ptr NULL */
	struct str limit;            /* of "rate_limit": "5/hour"; else ptr NULL */
};

/* Rules of a policy that others extend, tried behind the rule that matched first of all. */
struct decision_floor {
	struct str considered, policy;
};

struct decision {
	enum effect effect;
	struct str stage;            /* the stage that decided */
	struct str rule;             /* ptr NULL: no rule decided */
	const struct str *reasons;   /* sentences, the deciding one first */
	size_t reason_count;
	const struct obligation *obligations;
	size_t obligation_count;
	const struct str *errors;    /* rules whose conditions could not be decided, as tried */
	size_t error_count;
	/* what each rule was, as runs (base/runs.h) of DECISION_TRUTHS; empty: none was asked */
	struct str considered, cedar;
	const struct decision_floor *floors;
	size_t floor_count;
	uint64_t cost;               /* rules, comparisons in them, Cedar policies; 0: none */
	const struct digest *input;  /* of what the rules saw; NULL: they saw nothing */
	struct str tier;             /* of the agent's trust; ptr NULL: no trust is kept */
	uint32_t trust;              /* its score, 0 .. 1000 */
	bool regime_changed;
};

struct entry_link {
	struct str rel;              /* "outcome_of" ... */
	uint64_t seq;                /* an earlier entry */
};

struct entry {
	struct str log;              /* origin of the log; see entry_log_ok */
	uint64_t seq;
	int64_t time_ns;
	bool time_synthetic;         /* the source knew no time; this one only keeps order */
	enum entry_kind kind;
	struct str agent, action, resource, session, trace;    /* ptr NULL: absent */
	const struct digest *args, *result;            /* NULL: absent */
	const struct signature *signature;             /* of a signed action; NULL: absent */
	const struct value *data;                      /* kind-specific object; NULL: absent */
	const struct decision *decision;               /* NULL: nothing was decided */
	const struct entry_link *links;
	size_t link_count;
	struct digest policy;        /* bundle in force when this was decided */
	struct digest state;         /* state root after this entry */
};

const char *entry_kind_name(enum entry_kind kind);
const char *effect_name(enum effect effect);
/* A name a log may have: a key name of note.h, bounded, without what JSON would have to escape. */
bool entry_log_ok(struct str log);

/*
 * Append the line, without a newline. Failures are the buffer's; ERR_LIMIT is left in b->err for a
 * line beyond LIMIT_ENTRY_BYTES and for names beyond LIMIT_NAME_BYTES, LIMIT_RESOURCE_BYTES.
 */
void entry_write(struct buf *b, const struct entry *e);
/*
 * Read a line; slices point into it or into the arena. ERR_SYNTAX and friends with the column, also
 * when the line is readable but not canonical; ERR_VERSION for lines of another version.
 */
enum err entry_read(struct str line, struct arena *a, struct entry *ret, struct note *n) NODISCARD;
/*
 * The same without asking whether the line is canonical: for a caller who writes the entry again
 * and compares the bytes, which proves it.
 */
enum err entry_parse(struct str line, struct arena *a, struct entry *ret,
		     struct note *n) NODISCARD;
/* What one look at a line tells. */
struct glance {
	struct str log;              /* borrows from the line */
	uint64_t seq;
	bool action, allowed;        /* an action; and its decision allows */
	bool refusal;                /* a document that could not be recorded as what it was */
	bool turn;                   /* a rotation of the log's key, see succession.h */
};

/*
 * The fast check of verify: the line is well-formed canonical JSON of bounded size, and what it
 * says of itself at the top. Accepts every line that entry_read accepts.
 */
enum err entry_glance(struct str line, struct glance *ret, struct note *n) NODISCARD;

#endif
