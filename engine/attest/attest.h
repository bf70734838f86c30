/*
 * attest: what a stranger is handed about an agent's session, and what strangers hand to us: TRACE
 * Trust Records, v0.2 and on request v0.1 (agentrust-io/trace-spec). The door of engine/attest.
 *
 *   trace_schema.h  what a record looks like
 *   trace_record.h  one that was read: the bytes that are signed, its key
 *   finding.h       what there is to say about one, by code
 *   appraise.h      the conformance levels, and whether a record is to be believed
 *   lineage.h       records that act on another's authority
 *   withdrawal.h    keys that are revoked, by bundles of statements
 *   anchor.h        inclusion in a registry
 *   build_depth.h   how deep the provenance of a build holds
 *   receipt.h       what outside controllers signed about single actions
 *   transcript.h    the part of a log that a record commits to
 *   issue.h         a record of our own
 *
 * Promises:
 *   1. No clock: whoever asks says what time it is. Nothing is fetched, whatever a URI says.
 *   2. A record is data of a stranger until its signature holds by a key that the caller trusts;
 *      the key inside proves only that it was not changed since.
 *   3. Same log, same facts, same key: same bytes.
 *
 * docs/formats/trace.md has formats, formulas and codes.
 */
#ifndef TRAMMEL_ATTEST_H
#define TRAMMEL_ATTEST_H

#include "engine/attest/anchor.h"
#include "engine/attest/appraise.h"
#include "engine/attest/build_depth.h"
#include "engine/attest/finding.h"
#include "engine/attest/issue.h"
#include "engine/attest/lineage.h"
#include "engine/attest/receipt.h"
#include "engine/attest/trace_record.h"
#include "engine/attest/trace_schema.h"
#include "engine/attest/transcript.h"
#include "engine/attest/withdrawal.h"

#endif
