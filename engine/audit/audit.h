/*
 * audit: what happened, provably. The door of engine/audit; it opens on one header per noun.
 *
 *   entry.h    one canonical line: everything about one event, all of it inside the hash
 *   merkle.h   RFC 6962 tree: compact range, proofs, verification
 *   note.h     C2SP signed notes and checkpoints
 *   proof.h    C2SP tlog-proof files
 *   log.h      the log on disk: segments, tiles, checkpoint, recovery, verification
 *   blob.h     bodies (arguments, results) by digest
 *   bom.h      the bill of materials of one decision
 *   foreign.h  the audit formats of the reference toolkit, for importing
 */
#ifndef TRAMMEL_AUDIT_H
#define TRAMMEL_AUDIT_H

#include "engine/audit/blob.h"
#include "engine/audit/bom.h"
#include "engine/audit/entry.h"
#include "engine/audit/foreign.h"
#include "engine/audit/log.h"
#include "engine/audit/merkle.h"
#include "engine/audit/note.h"
#include "engine/audit/proof.h"

#endif
