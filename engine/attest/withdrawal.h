/*
 * withdrawal: keys that sign records no more, by bundles of signed statements (TRACE v0.2, section
 * 3.2.3: TraceRevocation/1.0, TraceRevocationBundle/1.0). A part of the door of engine/attest.
 *
 * A statement lets records stand whose entry in a SCITT log lies before the compromise. No receipt
 * of such a log is read here, and for that the specification has its fallback: every record by a
 * key that is named is refused. So the boundary is read and checked in form, and moves nothing.
 */
#ifndef TRAMMEL_ATTEST_WITHDRAWAL_H
#define TRAMMEL_ATTEST_WITHDRAWAL_H

#include "engine/attest/finding.h"
#include "engine/base/arena.h"
#include "engine/crypto/crypto.h"

struct withdrawals {
	const struct str *key_ids;            /* thumbprints, or kids */
	size_t count;
	struct str log_id;                    /* that all statements speak of */
	int64_t issued_s, valid_until_s;
};

/*
 * One bundle. Every statement in it, and the bundle, is signed by a key of `signers`, which are the
 * caller's to trust, found by thumbprint or kid; no key withdraws itself. The text outlives `ret`.
 * ERR_SIGNATURE, ERR_NOT_FOUND (a key, a member), ERR_SYNTAX, ERR_TYPE, ERR_UNKNOWN, ERR_RANGE,
 * ERR_LIMIT, ERR_UNSUPPORTED (ES384; ES256 without libcrypto), those of json_read.
 */
enum err withdrawal_read(struct str text, const struct jwks *signers, struct arena *a,
			 struct withdrawals *ret, struct note *n) NODISCARD;

/*
 * Is the key named, by its thumbprint or its kid (ptr NULL: none)? A bundle that is over, or is not
 * yet, proves nothing: FINDING_UNVERIFIED, and the record is refused. ERR_MEMORY.
 */
enum err withdrawal_judge(const struct withdrawals *w, const struct digest *thumbprint,
			  struct str kid, int64_t now_s, struct findings *f) NODISCARD;

#endif
