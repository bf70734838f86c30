/*
 * action: documents as agents send them, read strictly. A part of the door of engine/gate; members
 * and bounds: docs/formats/action.md.
 */
#ifndef TRAMMEL_ACTION_H
#define TRAMMEL_ACTION_H

#include "engine/gate/gate.h"

/*
 * Read an action or outcome document, mask and submit it. What cannot be read or taken is submitted
 * as a refusal, and the note says why; it is empty otherwise. `bodies` must be empty.
 */
enum err gate_submit_text(struct gate *g, struct str text, int64_t now_ns, struct arena *a,
			  struct buf *bodies, struct verdict *ret, struct note *n) NODISCARD;
/*
 * Mask an event that comes from elsewhere than a document, as the gate's mask says, and submit it.
 * Errors as of gate_submit, and ERR_DUPLICATE: two names of one object are the same once masked.
 */
enum err gate_take(struct gate *g, const struct event *e, struct arena *a,
		   struct verdict *ret) NODISCARD;

/* Secrets are taken out of a document before it is looked at, so that nothing quotes one. */
struct intake {
	const struct mask *mask;              /* NULL: nothing is masked */
	struct mask_report found;             /* starts with the arena */
	const struct event *plain;            /* as it was sent, when it is signed and was masked */
};

/*
 * Read an action document, or an outcome document. `now_ns` serves where "at" is absent; an "at"
 * more than LIMIT_AHEAD_NS off it is refused (ERR_RANGE). Canonical bodies are put into `bodies`,
 * which must be empty and outlive the event, as must the text.
 */
enum err action_read(struct str text, int64_t now_ns, struct intake *in, struct buf *bodies,
		     struct event *ret, struct note *n) NODISCARD;
/* The event that records that `text` could not be read, because of `why`. */
enum err action_refusal(struct str text, int64_t now_ns, enum err why, const struct note *n,
			struct intake *in, struct event *ret) NODISCARD;

#endif
