/*
 * replay: the same past again, or under other rules. The door of replay/.
 *
 * Strict replay feeds every recorded event with its recorded answers to the same gate and compares
 * what comes out, decision and state root included, byte for byte; it also recomputes the Merkle
 * root and compares it with the signed checkpoint. What-if replay decides the recorded events by
 * another bundle and lists what flips. Nothing live is ever asked: an answer that the recording
 * does not hold is a miss.
 */
#ifndef TRAMMEL_REPLAY_H
#define TRAMMEL_REPLAY_H

#include "engine/space/space.h"

/*
 * What an action of a what-if replay is worth. Alike means: the same effect and the same kinds of
 * obligations. Once an answer differs, or cannot be known, its session is changed: the agent might
 * have gone on otherwise.
 */
enum replay_label {
	REPLAY_EXACT = 0,            /* decided alike, in a session that is not changed */
	REPLAY_REDECIDED,            /* decided otherwise, in a session not changed before */
	REPLAY_UNKNOWN,              /* in a changed session, or its body is gone or lost a value */
	REPLAY_LABELS
};

/* Every action is one of these; undecided: its body is gone, or a value that the policy reads. */
enum replay_flip {
	REPLAY_SAME = 0,
	REPLAY_LOOSER,
	REPLAY_TIGHTER,
	REPLAY_UNDECIDED,
	REPLAY_FLIPS
};

struct replay_step {
	const struct entry *recorded;
	const struct verdict *now;            /* NULL: it could not be decided */
	enum replay_label label;
	enum replay_flip flip;
};

struct replay_report {
	/* As decided now; an action that could not be decided is neither allowed nor denied. */
	uint64_t entries, sessions, actions, allowed, denied;
	uint64_t refused;                     /* refusals: no actions, and denied as well */
	uint64_t labels[REPLAY_LABELS], flips[REPLAY_FLIPS];       /* of actions; what-if only */
	uint64_t misses, unsigned_entries;
	uint64_t unknown;            /* steps that stand on values that were redacted */
	uint64_t from;               /* the first entry that was played: before it all was pruned */
	struct digest root, state;
	bool diverged;
	uint64_t diverged_at;
	struct str recorded_line, replayed_line;                   /* of the divergence, in arena */
};

struct replay_plan {
	const struct bundle *instead;         /* NULL: strict */
	/* Hears of every action of a what-if, and leaves the space alone; may be NULL. */
	void (*on_step)(void *self, const struct replay_step *step);
	void *self;
};

const char *replay_label_name(enum replay_label label);
const char *replay_flip_name(enum replay_flip flip);

/*
 * Run over the whole log, or where old bodies were pruned over what is behind them, from the state
 * that was kept of there; nobody else uses the space meanwhile. The report is filled as far as the
 * run came, also on failure. ERR_DIVERGED (strict: at the first entry that comes out differently),
 * ERR_MISS (strict: at once; what-if: at the end), ERR_TAMPERED and ERR_SIGNATURE (the evidence
 * itself is bad).
 */
enum err replay_run(struct space *s, const struct replay_plan *plan, struct arena *a,
		    struct replay_report *ret, struct note *n) NODISCARD;

/* --- importers: agent runs and other tools' logs, through the same gate --- */

enum import_format {
	IMPORT_OPENAI_CHAT = 0,
	IMPORT_AGT_AUDIT,
	IMPORT_AGT_FILESINK,
	IMPORT_AGT_GO,
	IMPORT_AGT_RUST,
	IMPORT_AGT_DOTNET,
	IMPORT_AGT_TYPESCRIPT,
	IMPORT_AGT_FLIGHT,
	IMPORT_JSONL,
	IMPORT_CLOUDEVENTS,
	IMPORT_OTLP,
	IMPORT_CSV,
	IMPORT_FORMATS
};

struct import_options {
	enum import_format format;
	/* openai-chat, cloudevents and otlp of others: who acted; ptr NULL: as the source says */
	struct str agent;
	/* agt-filesink, cloudevents: the HMAC key; ptr NULL: unchecked, as is said */
	struct str key;
	/* jsonl, cloudevents, otlp: the keys of the log; NULL: unchecked, likewise */
	const struct succession *log_keys;
	bool allow_broken;           /* let evidence in that does not hold, and say so */
	/* agt-flight-recorder: where the source lies, and what is beside it; NULL: no file */
	const char *path;
};

#define IMPORT_FINDINGS 12
struct import_report {
	uint64_t runs, entries, actions, allowed, denied, outcomes, labels, agents;
	uint64_t unparsed, unlinked, synthetic_times;
	uint64_t foreign_entries;                      /* of a foreign chain, verified first */
	const char *findings[IMPORT_FINDINGS];         /* what the format can never prove */
	size_t finding_count;
	uint64_t broken;                               /* times that evidence did not hold */
	struct note first_broken;                      /* the story of the first */
	uint64_t passed_over;                          /* records that are no actions */
};

/* The format of that name, or false. */
bool import_format_named(struct str name, enum import_format *ret);
const char *import_format_name(enum import_format format);

/*
 * Import a whole stream (`fd` of the space's world, read sequentially). Deterministic: same bytes,
 * bundle, origin and options give the same entries. Agents that are met for the first time are
 * registered as imported, without a key. On failure the caller abandons the space, so that nothing
 * of a broken file is recorded.
 */
enum err import_run(struct space *s, int fd, const struct import_options *options,
		    struct import_report *ret, struct note *n) NODISCARD;

/* The other way round. */
#include "replay/export.h"

#endif
