/*
 * action: documents as agents send them, read strictly. A part of the door of engine/gate; members
 * and bounds: docs/formats/action.md.
 */
#ifndef TRAMMEL_ACTION_H
#define TRAMMEL_ACTION_H

#include "engine/gate/gate.h"

/*
 * Read an action document, or an outcome document. `now_ns` serves where "at" is absent; an "at"
 * more than LIMIT_AHEAD_NS off it is refused (ERR_RANGE). Canonical bodies are put into `bodies`,
 * which must be empty and outlive the event, as must the text.
 */
enum err action_read(struct str text, int64_t now_ns, struct arena *a, struct buf *bodies,
		     struct event *ret, struct note *n) NODISCARD;
/* The event that records that `text` could not be read, because of `why`. */
enum err action_refusal(struct str text, int64_t now_ns, enum err why, const struct note *n,
			struct arena *a, struct event *ret) NODISCARD;

#endif
