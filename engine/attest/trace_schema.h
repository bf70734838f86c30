/*
 * trace_schema: what a TRACE record must look like, by the published schemas of its versions
 * (trace-spec, schema/). A part of the door of engine/attest.
 */
#ifndef TRAMMEL_ATTEST_TRACE_SCHEMA_H
#define TRAMMEL_ATTEST_TRACE_SCHEMA_H

#include "engine/base/value.h"

enum trace_version { TRACE_V0_2 = 0, TRACE_V0_1 };

#define TRACE_LEAST_S INT64_C(1700000000)     /* no record is older than this */
#define TRACE_NOTHING_MEASURED                                                                   \
	"sha256:0000000000000000000000000000000000000000000000000000000000000000"

/* The URI that a record of that version names as its profile. */
const char *trace_schema_profile(enum trace_version v);
/* By a profile; false: it is none that is known here. */
bool trace_schema_version_of(struct str profile, enum trace_version *ret);

/*
 * Does the record fit the published schema of that version: closed objects, patterns, words,
 * bounds? ERR_TYPE, ERR_SYNTAX, ERR_UNKNOWN (a member, a word), ERR_RANGE, ERR_NOT_FOUND (a member
 * is missing), with the member's path.
 */
enum err trace_schema_check(const struct value *record, enum trace_version v,
			    struct note *n) NODISCARD;

/* The words of runtime.platform and of policy.enforcement_mode, NULL-ended. */
const char *const *trace_schema_platforms(void);
const char *const *trace_schema_modes(void);
/* "sha256:" and 64, or "sha384:" and 96 lower-case hexadecimal digits. */
bool trace_schema_digest_ok(struct str s);
/* An absolute URI (RFC 3986): a scheme, then something of the characters that a URI may have. */
bool trace_schema_uri_ok(struct str s);

#endif
