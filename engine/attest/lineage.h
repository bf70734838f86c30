/*
 * lineage: records that act on another's authority, and the records above them (TRACE v0.2, the
 * block `delegation`). A part of the door of engine/attest.
 *
 * A record names the one above it by the hash of its canonical form, signature included, so a chain
 * of records is verified offline, from the leaf up to one that delegates from nobody.
 */
#ifndef TRAMMEL_ATTEST_LINEAGE_H
#define TRAMMEL_ATTEST_LINEAGE_H

#include "engine/attest/appraise.h"

/*
 * Judge the record by those above it, nearest first, at most LIMIT_LINEAGE. Of the terms the keys
 * and the skew count: a record above is signed by a trusted key, or, without any, by its own.
 * ERR_LIMIT, ERR_MEMORY, ERR_UNSUPPORTED.
 */
enum err lineage_judge(const struct trace_record *leaf, const struct trace_record *above,
		       size_t count, const struct appraise_terms *t, struct arena *a,
		       struct findings *f) NODISCARD;

#endif
