/*
 * rerun: recorded entries through the same gate again. Opened by gate.h.
 *
 * Used to catch up with the log and to replay it; nothing live is asked. With `instead` every
 * decision is made under that bundle and the recorded changes of policy are passed over. What the
 * machine failed at when an entry was made is in the entry, and fails again; a failure of this
 * machine is an error here and never a decision.
 */
#ifndef TRAMMEL_RERUN_H
#define TRAMMEL_RERUN_H

#include "engine/gate/gate.h"

struct rerun;

/* Where recorded bodies come from; ERR_MISS when one is gone. Borrowed until the next call. */
struct gate_bodies {
	enum err (*get)(void *self, const struct digest *d, struct body *ret);
	void *self;
};

/*
 * The bundle that decides in this state, unpacked into `memory`; NULL before the first. ERR_MISS,
 * ERR_TAMPERED from the bodies.
 */
enum err gate_bundle_in_force(const struct state *s, struct gate_bodies bodies,
			      struct arena *memory, struct bundle **ret,
			      struct note *n) NODISCARD;
/*
 * A recorded line as the gate needs it: read, and with the bodies it names. What failed on the way
 * is kept and told when its turn comes, so that reading far ahead changes no answer.
 */
struct rerun_input {
	struct str line;
	struct entry entry;
	enum err failed;                      /* OK, or why the line is no entry */
	const struct note *why;               /* the story of that; NULL: none */
	struct str args_text, result_text;    /* ptr NULL: the entry names none to judge, or */
	const struct body *args_body, *result_body;   /* those that lost values; NULL: whole */
	enum err body_failed;                 /* not OK: why it could not be had */
	const struct value *args;             /* args_text read; NULL: not yet */
};

struct rerun_step {
	const struct entry *recorded;         /* as read from the line; lives until the next step */
	struct verdict now;
	struct str line;                      /* the entry as it comes out now */
	struct str input;                     /* what its rules saw; ptr NULL: none were asked */
	bool equal;                           /* byte for byte the recorded line */
	/*
	 * Not NULL: what of the bundle looks at a value that was redacted, so that the step cannot
	 * be decided. `now` and `line` are those recorded, and the state changed as it was kept for
	 * that; with `instead` there is no `now`, and the step counts as what was decided then.
	 */
	struct str unknown;
};

/*
 * `s` is the state after entry seq - 1. The bundle in force there is fetched from the bodies:
 * ERR_MISS when it is gone.
 */
enum err rerun_open(struct state *s, struct str origin, uint64_t seq, struct gate_bodies bodies,
		    const struct bundle *instead, struct rerun **ret, struct note *n) NODISCARD;
/* Safe on NULL. */
void rerun_close(struct rerun *r);
/*
 * From here on the digests of the state and of what the rules saw are taken over from the recorded
 * entry instead of being computed: whoever asks for that computes them elsewhere, or does not need
 * them.
 */
void rerun_trust_digests(struct rerun *r);
/*
 * Read a recorded line. Touches nothing but the bodies, the arena and the note (may be NULL; filled
 * when it failed), so it may run beside the gate. `ret` lives as long as these and the line.
 */
void rerun_read(struct gate_bodies bodies, struct str line, struct arena *a,
		struct rerun_input *ret, struct note *n);
/*
 * Take it through the gate. ERR_MISS (a body is gone, or values without which nothing is known),
 * ERR_TAMPERED (no gate can have written the line), ERR_VERSION (another version's gate did),
 * ERR_MEMORY, ERR_IO. A line that comes out differently is not an error: see `equal`. `in` must
 * live until the next step.
 */
enum err rerun_play(struct rerun *r, const struct rerun_input *in, struct rerun_step *ret,
		    struct note *n) NODISCARD;
/* Both in one go. */
enum err rerun_line(struct rerun *r, struct str line, struct rerun_step *ret,
		    struct note *n) NODISCARD;
/* After ERR_MISS: what looks at a value that was redacted; ptr NULL: it was for something else. */
struct str rerun_unknown(const struct rerun *r);
/*
 * Go past the entry that just gave ERR_MISS: an action counts as what was decided then, anything
 * else changes nothing. ERR_MEMORY.
 */
enum err rerun_pass(struct rerun *r, struct entry *recorded) NODISCARD;

#endif
