/* recorded: one entry of a workspace's log, for commands that show it. */
#ifndef TRAMMEL_TUI_RECORDED_H
#define TRAMMEL_TUI_RECORDED_H

#include "engine/space/space.h"

/* The number of an entry as given on the command line; ERR_USAGE. */
enum err recorded_index(const char *text, uint64_t *ret, struct note *n) NODISCARD;
/*
 * The line of an entry, in the arena. One that is signed must be the one that was signed; what is
 * not signed yet is given as it is. ERR_NOT_FOUND when the log has no such entry.
 */
enum err recorded_line(struct space *s, uint64_t index, struct arena *a, struct str *ret,
		       struct note *n) NODISCARD;

#endif
