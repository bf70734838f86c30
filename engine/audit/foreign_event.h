/*
 * foreign_event: governance events of the reference toolkit (AGT 5.0.0), which are CloudEvents with
 * an HMAC. Opened by audit.h.
 */
#ifndef TRAMMEL_FOREIGN_EVENT_H
#define TRAMMEL_FOREIGN_EVENT_H

#include "engine/base/value.h"
#include "engine/crypto/crypto.h"

/*
 * Is the event signed by this key? `agtsignature` is the base64 of HMAC-SHA-256 over the event
 * without it, as Python's compact, sorted json.dumps prints it; `agtsignaturealg`, "HMAC-SHA256",
 * is inside. ERR_UNKNOWN: it has no signature; ERR_SIGNATURE; the buffer's errors.
 */
enum err foreign_event_check(const struct value *event, struct str key,
			     struct buf *text) NODISCARD;

#endif
