/*
 * log_keys: the next key of the log. A part of the door of engine/space.
 *
 *   keys/log.pem        signs checkpoints
 *   keys/log.vkey       verifies them
 *   keys/log.next.pem   only while one key takes over from the other
 */
#ifndef TRAMMEL_LOG_KEYS_H
#define TRAMMEL_LOG_KEYS_H

#include "engine/gate/gate.h"

struct space;

/*
 * Make a key and hand the log over to it: recorded as control log.rotate_key, signed for by both
 * keys, and checkpointed by both; the old private key is gone afterwards. The workspace is open for
 * writing. After an error it is to be abandoned; what came of the rotation then, the next writer
 * finds out. `ret` is what verifies the log from now on; its name borrows from the space.
 */
enum err space_rotate_log_key(struct space *s, struct str reason, int64_t at_ns,
			      struct note_key *ret, struct note *n) NODISCARD;

#endif
