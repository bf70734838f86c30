/*
 * outfile: a file that a command makes: whole under its own name, or not there at all.
 *
 * It is written beside its place under "<path>.part" and gets its name when all of it is durable. A
 * file that is there already is never replaced.
 */
#ifndef TRAMMEL_TUI_OUTFILE_H
#define TRAMMEL_TUI_OUTFILE_H

#include "engine/base/limits.h"
#include "engine/base/world.h"

struct outfile {
	struct world *world;
	const char *path;
	char part[LIMIT_PATH_BYTES];
	int fd;
	uint64_t at;
};

/* ERR_EXISTS, also for a link; the world's errors. */
enum err outfile_open(struct outfile *f, struct world *w, const char *path,
		      struct note *n) NODISCARD;
/* Append. `self` is a struct outfile, so that it can be given as a function. */
enum err outfile_write(void *self, struct str bytes) NODISCARD;
/* Durable, under its name. */
enum err outfile_close(struct outfile *f, struct note *n) NODISCARD;
/* Take away what was written. */
void outfile_abandon(struct outfile *f);

#endif
