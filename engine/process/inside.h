/* inside: what the files of engine/process share. */
#ifndef TRAMMEL_PROCESS_INSIDE_H
#define TRAMMEL_PROCESS_INSIDE_H

#include "engine/process/process.h"

/* --- cgroup: a cgroup (version 2) of its own --- */

struct cgroup {
	int fd;                      /* of its folder; -1: there is none */
	char path[LIMIT_PATH_BYTES];
};

/* Below the one that this process is in. False: there is no version 2, or it may not be done. */
bool cgroup_make(const char *name, struct cgroup *ret);
/* All that is in it gets SIGKILL at once, and so does what is being forked. */
void cgroup_kill(const struct cgroup *c);
bool cgroup_is_populated(const struct cgroup *c);
/* Take it away; it must be empty. */
void cgroup_drop(struct cgroup *c);

#endif
