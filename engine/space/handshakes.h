/*
 * handshakes: the messages of a handshake, made with the keys that are here. A part of the door of
 * engine/space.
 *
 * Asking and meeting are events in the asker's log. An answer is made from what is there and
 * recorded nowhere: it proves that the key was at hand, and to whom.
 */
#ifndef TRAMMEL_SPACE_HANDSHAKES_H
#define TRAMMEL_SPACE_HANDSHAKES_H

#include "engine/gate/gate.h"

struct space;

/* What one agent wants to know of another. */
struct space_question {
	struct str from, to;
	uint32_t threshold;                   /* points; 0: none */
	struct capabilities needs;
};

/* Have they met, and does it hold at that time? False too when one of them is not known. */
bool space_has_met(const struct state *state, const struct space_question *q, int64_t at_ns,
		   struct meeting_row *ret);
/*
 * Record a challenge and write its JSON. The asker's private key is in keys/agents/. What the gate
 * refuses is ERR_DENIED, and the sentence begins with its code.
 */
enum err space_ask(struct space *s, const struct space_question *q, struct str reason,
		   int64_t at_ns, struct buf *ret, struct note *n) NODISCARD;
/*
 * Answer the challenge in `text`, by what `state` knows of both, and write the JSON of the answer.
 * ERR_DENIED as above; the errors of json_read and challenge_read.
 */
enum err space_answer(struct space *s, const struct state *state, struct str text,
		      const struct capabilities *claims, int64_t at_ns, struct buf *ret,
		      struct note *n) NODISCARD;
/* Record that the answer in `text` is one to an open challenge here; `ret` says whose, in `a`. */
enum err space_meet(struct space *s, struct str text, struct str reason, int64_t at_ns,
		    struct arena *a, struct reply *ret, struct note *n) NODISCARD;

#endif
