/*
 * census: what happened in a stretch of time, counted from every line of the log. It asks no index:
 * a report is read rarely and believed for long.
 *
 * Entries are of the stretch when their time is. An outcome counts for its action, whenever it
 * came.
 */
#ifndef TRAMMEL_CENSUS_H
#define TRAMMEL_CENSUS_H

#include "engine/audit/audit.h"

enum census_list {
	CENSUS_AGENTS, CENSUS_TOOLS, CENSUS_RULES, CENSUS_STAGES, CENSUS_OUTCOMES, CENSUS_POLICIES,
	CENSUS_CONTROLS, CENSUS_LISTS
};

/* A name, how often it stood in an entry of the stretch, and how often that was denied. */
struct census_row {
	struct str name;
	uint64_t count, denied;
};

struct census_names {
	struct census_row *rows;              /* most often first, then by name */
	size_t count;
	uint64_t others;                      /* entries whose names did not find room */
};

struct census {
	uint64_t read;                        /* entries of the log that were looked at */
	uint64_t entries, kinds[ENTRY_KINDS]; /* of the stretch */
	uint64_t allowed, denied;             /* actions */
	uint64_t with_outcome;                /* allowed actions whose outcome was recorded */
	uint64_t signed_actions;
	uint64_t synthetic;                   /* entries whose source knew no time */
	uint64_t faults;                      /* actions denied because the machine failed */
	struct census_names lists[CENSUS_LISTS];
};

/*
 * Names and rows are in the arena. ERR_TAMPERED at the first line that is no entry of this log:
 * then `*ret` holds what was before it.
 */
enum err census_take(struct world *w, const char *log_folder, struct str origin, int64_t since_ns,
		     int64_t until_ns, struct arena *a, struct census *ret,
		     struct note *n) NODISCARD;

#endif
