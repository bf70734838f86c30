/*
 * issue: a TRACE record of a session of ours. A part of the door of engine/attest.
 *
 * What the log knows comes from the log, and cannot be stated otherwise: subject, time, policies,
 * transcript, how it was enforced. What no log can know (which model, which build, how sensitive)
 * is stated by the operator, in a document of the same members; nothing is invented. What is not
 * known is left out.
 */
#ifndef TRAMMEL_ATTEST_ISSUE_H
#define TRAMMEL_ATTEST_ISSUE_H

#include "engine/attest/trace_record.h"
#include "engine/attest/transcript.h"

struct issue_order {
	const struct value *facts;            /* of the operator, docs/formats/trace.md */
	struct str subject;                   /* SPIFFE ID or DID of the agent */
	const struct transcript *transcript;
	struct transcript_place place;
	bool imported;                        /* an entry says: from somebody else's log */
	bool stranger;                        /* the agent was first met by an import */
	int64_t issued_s;
	const struct value *parent;           /* the record whose authority it acts on, or NULL */
	struct str credential;                /* the delegation's id, when the facts name none */
	const struct sign_key *key;
};

/*
 * Append the signed record, canonical, without a line end. ERR_NOT_FOUND: a fact is missing, the
 * note names it; ERR_UNKNOWN, ERR_RANGE: one may not be stated; ERR_VERSION: v0.1 cannot say it;
 * those of trace_schema_check; ERR_MEMORY, ERR_LIMIT.
 */
enum err issue_write(struct buf *b, const struct issue_order *o, struct arena *a,
		     struct note *n) NODISCARD;

#endif
