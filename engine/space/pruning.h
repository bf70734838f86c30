/*
 * pruning: bodies of old entries dropped, leaves kept. A part of the door of engine/space.
 *
 *   entry   0 ........ before ................... end
 *           | no bodies |  bodies                  |       bundles of policies stay everywhere
 *                       ^ baseline: the state here, so that a replay begins here
 *
 * The prune is recorded as control log.prune before anything is kept or dropped; a crash in
 * between leaves bodies that the log says were dropped: do it again. Verification needs no body.
 */
#ifndef TRAMMEL_SPACE_PRUNING_H
#define TRAMMEL_SPACE_PRUNING_H

#include "engine/gate/gate.h"

struct space;

struct space_prune {
	int64_t before_ns;           /* older entries lose their bodies: all in front of the first
					that is not older */
	struct str reason;
	int64_t at_ns;
	bool dry_run;
};

struct space_pruned {
	uint64_t before;             /* number of the first entry that keeps its bodies */
	uint64_t bodies;
};

/*
 * The workspace is open for writing, and nothing was submitted. ERR_NOT_FOUND: there is nothing
 * older that was not pruned before. Errors of space_state_at.
 */
enum err space_prune(struct space *s, const struct space_prune *p, struct space_pruned *ret,
		     struct note *n) NODISCARD;

/*
 * Where a replay can begin: `*from` is the number of the entry, and `into` the state before it. 0
 * and an empty state where nothing was pruned. ERR_TAMPERED when what was kept for that is not the
 * state that the log's entry carries.
 */
enum err space_start(struct space *s, struct state *into, uint64_t *from,
		     struct note *n) NODISCARD;

/*
 * Before which entry bodies were pruned, as this entry says; 0: it says nothing of that. Whoever
 * begins at `*from` has to find an entry that says so much, or values and decisions in front of it
 * are hidden rather than pruned.
 */
uint64_t space_prune_before(const struct entry *e);

/* What the bodies that the log's entries name are found to be. */
struct space_bodies_found {
	uint64_t whole, redacted, pruned;
};

/*
 * Read every body that an entry names, results included. ERR_MISS and ERR_TAMPERED name the first
 * entry whose body is gone or was changed, or lost values, and no entry of the log says so; or the
 * file beside the bodies that was changed: the state that replays begin with, an index.
 */
enum err space_check_bodies(struct space *s, struct space_bodies_found *ret,
			    struct note *n) NODISCARD;

#endif
