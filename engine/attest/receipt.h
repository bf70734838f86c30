/*
 * receipt: what an outside controller signed about one action (TRACE v0.2, section 3.3.3, which is
 * informative; the published test profile trace.action_receipt.conformance.v0). A part of the door
 * of engine/attest.
 *
 * A receipt shows that the controller said something about this very action, in this call and
 * session. It does not show that what it speaks of took place. A refusal that was signed is good
 * evidence too, so what the controller decided and whether the receipt holds are told apart.
 */
#ifndef TRAMMEL_ATTEST_RECEIPT_H
#define TRAMMEL_ATTEST_RECEIPT_H

#include "engine/base/value.h"

/* identifier, code, does it only warn? */
#define RECEIPT_RULE_LIST(X)                                                                     \
	X(RECEIPT_MISSING, "receipt_missing", false)                                               \
	X(RECEIPT_REF_INVALID, "action_ref_invalid", false)                                        \
	X(RECEIPT_REF_OTHER, "action_ref_mismatch", false)                                         \
	X(RECEIPT_CALL_OTHER, "call_id_mismatch", false)                                           \
	X(RECEIPT_SESSION_OTHER, "session_id_mismatch", false)                                     \
	X(RECEIPT_EVIDENCE_OTHER, "evidence_hash_mismatch", false)                                 \
	X(RECEIPT_KEY_UNKNOWN, "issuer_key_unknown", true)                                         \
	X(RECEIPT_SIGNATURE_BAD, "signature_or_key_mismatch", false)                               \
	X(RECEIPT_STALE, "receipt_stale", false)                                                   \
	X(RECEIPT_FUTURE, "receipt_from_future", false)                                            \
	X(RECEIPT_GAP, "receipt_chain_gap", false)                                                 \
	X(RECEIPT_PHYSICAL, "unsupported_physical_completion_claim", false)                        \
	X(RECEIPT_OWN, "issuer_not_independent", true)                                             \
	X(RECEIPT_DECISION_ODD, "decision_invalid", false)

enum receipt_rule {
#define RECEIPT_ENUM(id, code, warns) id,
	RECEIPT_RULE_LIST(RECEIPT_ENUM)
#undef RECEIPT_ENUM
	RECEIPT_RULES
};

enum receipt_status {
	RECEIPT_INVALID = 0,
	RECEIPT_UNVERIFIED,                   /* by a key that is not known: nothing is proved */
	RECEIPT_MISSING_REQUIRED,
	RECEIPT_NOT_REQUIRED,
	RECEIPT_REJECTED,                     /* valid: the controller refused */
	RECEIPT_ACCEPTED,
	RECEIPT_STATUSES
};

struct receipt_verdict {
	enum receipt_status status;
	bool broken[RECEIPT_RULES];
	struct str outcome;                   /* what the controller did; "unknown" */
};

const char *receipt_rule_name(enum receipt_rule rule);
bool receipt_rule_warns(enum receipt_rule rule);
const char *receipt_status_name(enum receipt_status status);       /* "receipt_invalid" */

/*
 * Judge `{"context", "action", "trusted_issuer_keys", "evidence"?, "receipt"?}`: context, action
 * and keys are the verifier's own. `outcome` borrows from it. ERR_TYPE: one of his is missing or no
 * object; ERR_SYNTAX: his times cannot be read; ERR_MEMORY, ERR_LIMIT, ERR_UNSUPPORTED.
 */
enum err receipt_judge(const struct value *document, struct arena *a, struct receipt_verdict *ret,
		       struct note *n) NODISCARD;

#endif
