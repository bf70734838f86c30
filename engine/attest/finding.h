/*
 * finding: the one list of what there is to say about a TRACE record. A part of the door of
 * engine/attest.
 *
 * Codes that begin with TR are those of the published suite (agentrust-io/trace-tests), with its
 * meanings; those that begin with TM are trammel's own, for what the suite does not look at. Codes
 * are a contract: programs may compare them, so a code never changes its meaning.
 */
#ifndef TRAMMEL_ATTEST_FINDING_H
#define TRAMMEL_ATTEST_FINDING_H

#include "engine/base/err.h"

/* identifier, code, the member it is about, what it says when all is well */
#define FINDING_LIST(X)                                                                          \
	X(FINDING_PROFILE, "TR-ENV-001", "eat_profile", "the profile is that of TRACE v0.2")       \
	X(FINDING_ISSUED, "TR-ENV-002", "iat", "it is of these times")                             \
	X(FINDING_SUBJECT, "TR-ENV-003", "subject", "the subject is a SPIFFE ID or a DID")         \
	X(FINDING_CNF, "TR-ENV-004", "cnf.jwk", "there is a confirmation key")                     \
	X(FINDING_ENVELOPE, "TR-SIG-001", "signature", "the envelope is signed by the key in it")  \
	X(FINDING_KEY, "TR-SIG-002", "cnf.jwk", "the key is one that can verify it")               \
	X(FINDING_KEY_TYPE, "TR-SIG-004", "cnf.jwk.kty", "the type of the key is supported")       \
	X(FINDING_SIGNATURE, "TR-SIG-005", "signature", "signed by the key in it")                 \
	X(FINDING_BUNDLE, "TR-POL-001", "policy.bundle_hash", "it is a digest")                    \
	X(FINDING_MODE, "TR-POL-002", "policy.enforcement_mode", "it is one of the modes")         \
	X(FINDING_PLATFORM, "TR-RTE-001", "runtime.platform", "it is one of the platforms")        \
	X(FINDING_MEASURED, "TR-RTE-002", "runtime.measurement", "it is a digest")                 \
	X(FINDING_RIM, "TR-RTE-003", "runtime.rim_uri", "it is an https URI")                      \
	X(FINDING_SLSA, "TR-SCA-001", "build_provenance.slsa_level", "it is a level of SLSA")      \
	X(FINDING_BUILD, "TR-SCA-002", "build_provenance.digest", "it is a digest")                \
	X(FINDING_TRANSCRIPT, "TR-TXN-001", "tool_transcript.hash", "it is a digest")              \
	X(FINDING_CALLS, "TR-TXN-002", "tool_transcript.call_count", "it is a count")              \
	X(FINDING_TRANSPARENCY, "TR-ANC-001", "transparency", "it is an https URI")                \
	X(FINDING_SCHEMA, "TM-SCH-001", "", "it fits the published schema")                        \
	X(FINDING_TRUSTED, "TM-KEY-001", "cnf.jwk", "signed by a key that is trusted")             \
	X(FINDING_REVOKED, "TM-REV-001", "cnf.jwk", "the key is not revoked")                      \
	X(FINDING_NONCE, "TM-NON-001", "runtime.nonce", "it echoes the nonce that was asked for")  \
	X(FINDING_PARENT, "TM-DEL-001", "delegation.parent_record_hash",                           \
	  "it names the record above it")                                                          \
	X(FINDING_PARENT_SIGNED, "TM-DEL-002", "signature", "the record above is signed")          \
	X(FINDING_PARENT_TIME, "TM-DEL-003", "iat", "the record above is not the younger one")     \
	X(FINDING_ANCHORED, "TM-ANC-001", "", "it is in the registry's entry")                     \
	X(FINDING_DEPTH, "TM-BLD-001", "build_provenance", "it holds")                             \
	X(FINDING_LOG_HASH, "TM-TXN-001", "tool_transcript.hash", "the log has this transcript")   \
	X(FINDING_LOG_CALLS, "TM-TXN-002", "tool_transcript.call_count",                           \
	  "the log has so many calls")                                                             \
	X(FINDING_LOG_POLICY, "TM-POL-001", "policy.bundle_hash",                                  \
	  "the log has these policies in force")

enum finding_code {
#define FINDING_ENUM(id, code, member, text) id,
	FINDING_LIST(FINDING_ENUM)
#undef FINDING_ENUM
	FINDING_CODES
};

/* Zero is the harmless value: nothing is confirmed. UNVERIFIED: it could not be looked at. */
enum finding_status { FINDING_FAIL = 0, FINDING_WARN, FINDING_UNVERIFIED, FINDING_SKIP,
		      FINDING_PASS, FINDING_STATUSES };

#define FINDING_TEXT_BYTES 320

struct finding {
	enum finding_code code;
	enum finding_status status;
	char text[FINDING_TEXT_BYTES];        /* what was found and expected */
};

#define FINDINGS_MAX 192

struct findings {
	struct finding list[FINDINGS_MAX];    /* in the order in which they were made */
	size_t count;
	bool refused;                         /* there is one for which the record is refused */
};

const char *finding_code_name(enum finding_code code);      /* "TR-ENV-001" */
const char *finding_member(enum finding_code code);         /* "eat_profile"; "" for the whole */
const char *finding_status_name(enum finding_status status);        /* "pass" */

/* Add one; FINDING_FAIL refuses the record. An own mistake when there is no room. */
void finding_add(struct findings *f, enum finding_code code, enum finding_status status,
		 const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Add that all is well. */
void finding_pass(struct findings *f, enum finding_code code);
/* The newest of that code; NULL: there is none. */
const struct finding *finding_find(const struct findings *f, enum finding_code code);

#endif
