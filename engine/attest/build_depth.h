/*
 * build_depth: how deep the build provenance of a record holds (TRACE v0.2, section 3.3.1). A part
 * of the door of engine/attest.
 *
 *   surface      the digest is that of the artifact at hand, and the builder is trusted
 *   builder      and the attestation that the record names is of that artifact, by that builder
 *   transitive   and everything that went into the build has an attestation of a trusted publisher
 *
 * Evidence that contradicts the record refuses it. Evidence that is not at hand lowers the depth
 * and is named: nobody may say that he went deeper than he did. Nothing is fetched, and signatures
 * of attestations are the caller's to have verified.
 */
#ifndef TRAMMEL_ATTEST_BUILD_DEPTH_H
#define TRAMMEL_ATTEST_BUILD_DEPTH_H

#include "engine/base/value.h"

enum build_depth { DEPTH_SURFACE = 0, DEPTH_BUILDER, DEPTH_TRANSITIVE, DEPTHS };

/* identifier, code, from which depth on, does it only lower the depth? */
#define DEPTH_RULE_LIST(X)                                                                       \
	X(DEPTH_ARTIFACT, "artifact_digest_mismatch", DEPTH_SURFACE, false)                        \
	X(DEPTH_UNTRUSTED, "builder_untrusted", DEPTH_SURFACE, false)                              \
	X(DEPTH_NO_URI, "provenance_uri_missing", DEPTH_BUILDER, true)                             \
	X(DEPTH_UNRESOLVED, "attestation_unresolvable", DEPTH_BUILDER, true)                       \
	X(DEPTH_SUBJECT, "attestation_subject_mismatch", DEPTH_BUILDER, false)                     \
	X(DEPTH_BUILDER_OTHER, "attestation_builder_mismatch", DEPTH_BUILDER, false)               \
	X(DEPTH_NO_INPUTS, "resolved_dependencies_absent", DEPTH_TRANSITIVE, true)                 \
	X(DEPTH_INPUT_BARE, "dependency_attestation_missing", DEPTH_TRANSITIVE, true)              \
	X(DEPTH_INPUT_UNTRUSTED, "dependency_publisher_untrusted", DEPTH_TRANSITIVE, false)

enum depth_rule {
#define DEPTH_ENUM(id, code, depth, lowers) id,
	DEPTH_RULE_LIST(DEPTH_ENUM)
#undef DEPTH_ENUM
	DEPTH_RULES
};

struct depth_verdict {
	bool refused;
	enum build_depth verified;            /* never deeper than was tried */
	bool broken[DEPTH_RULES];
};

const char *build_depth_name(enum build_depth depth);
const char *depth_rule_name(enum depth_rule rule);
bool depth_rule_lowers(enum depth_rule rule);

/*
 * Judge the object `build_provenance` of a record by what is at hand: {"artifact_digest",
 * "trusted_builders", "trusted_publisher_issuers", "attestations": {URI: {"statement"}},
 * "dependency_attestations": {URI: {"verified_identity": {"issuer"}}}}; what is not there is not at
 * hand.
 */
void build_depth_judge(const struct value *build, const struct value *at_hand,
		       enum build_depth tried, struct depth_verdict *ret);

#endif
