/*
 * appraise: is a TRACE record what it says it is? A part of the door of engine/attest.
 *
 * Two questions, which the findings keep apart:
 *
 *   the level    what the published suite asks of a record at conformance level 0, 1 or 2. Its key
 *                is the one inside the record, so it shows that the record holds together
 *   belief       what the specification and its reference library ask before a record is believed:
 *                the schema, a signature by a key that the caller trusts, no revocation, the nonce
 *
 * Without trusted keys nobody is asked to believe anything: what the schema refuses is a warning
 * then, as the suite does not look at it, and the key is unverified. The clock is the caller's.
 */
#ifndef TRAMMEL_ATTEST_APPRAISE_H
#define TRAMMEL_ATTEST_APPRAISE_H

#include "engine/attest/trace_record.h"
#include "engine/attest/finding.h"

struct withdrawals;

#define APPRAISE_LEVELS 3
#define APPRAISE_MAX_AGE_S INT64_C(86400)     /* unless told otherwise: section 3.2.2 */
#define APPRAISE_SKEW_S INT64_C(300)
#define APPRAISE_ANY_AGE INT64_C(-1)

struct appraise_terms {
	unsigned level;                       /* 0, 1 or 2 */
	int64_t now_s;
	int64_t max_age_s;                    /* APPRAISE_ANY_AGE: however old */
	int64_t skew_s;                       /* so far in the future it may be dated */
	const struct jwks *trusted;           /* NULL: no key is */
	const struct withdrawals *withdrawn;  /* NULL: nobody looked */
	struct str nonce;                     /* ptr NULL: none was asked for */
};

/* The suite's findings, in its order. ERR_RANGE: no such level, a skew below 0; ERR_MEMORY. */
enum err appraise_level(const struct trace_record *c, const struct appraise_terms *t,
			struct arena *a, struct findings *f) NODISCARD;
/* Whether it is to be believed; also ERR_UNSUPPORTED, when only libcrypto could tell. */
enum err appraise_belief(const struct trace_record *c, const struct appraise_terms *t,
			 struct arena *a, struct findings *f) NODISCARD;

#endif
