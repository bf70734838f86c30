/*
 * audit: what happened, provably. The door of engine/audit; it opens on one header per noun.
 *
 *   entry.h    one canonical line: everything about one event, all of it inside the hash
 *   merkle.h   RFC 6962 tree: compact range, proofs, verification
 *   note.h     C2SP signed notes and checkpoints
 *   succession.h  the keys of a log, one behind the other
 *   heads.h    the newest checkpoints that a verifier knows
 *   proof.h    C2SP tlog-proof files
 *   consistency.h  that one checkpoint continues another
 *   tlog_witness.h  what a log asks of a witness (C2SP tlog-witness)
 *   log.h      the log on disk: segments, tiles, checkpoint, recovery, proofs
 *   log_check.h  its verification, by itself and by known heads and witnesses
 *   log_seal.h  its full segments, compressed
 *   log_turn.h  its writers, one after the other
 *   published.h  a copy of it as static files
 *   tlog_tiles.h  where its hashes lie (C2SP tlog-tiles), and its entries there
 *   blob.h     bodies (arguments, results) by digest
 *   bom.h      the bill of materials of one decision
 *   foreign.h  the audit formats of the reference toolkit, for importing
 *   foreign_event.h  its signed events
 *   foreign_flight.h  its flight recorder
 *   foreign_sdk.h  those of its libraries in other languages
 */
#ifndef TRAMMEL_AUDIT_H
#define TRAMMEL_AUDIT_H

#include "engine/audit/blob.h"
#include "engine/audit/bom.h"
#include "engine/audit/consistency.h"
#include "engine/audit/entry.h"
#include "engine/audit/foreign.h"
#include "engine/audit/foreign_event.h"
#include "engine/audit/foreign_flight.h"
#include "engine/audit/foreign_sdk.h"
#include "engine/audit/heads.h"
#include "engine/audit/log.h"
#include "engine/audit/log_check.h"
#include "engine/audit/log_seal.h"
#include "engine/audit/log_turn.h"
#include "engine/audit/merkle.h"
#include "engine/audit/note.h"
#include "engine/audit/proof.h"
#include "engine/audit/published.h"
#include "engine/audit/succession.h"
#include "engine/audit/tlog_tiles.h"
#include "engine/audit/tlog_witness.h"

#endif
