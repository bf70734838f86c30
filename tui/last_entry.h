/* last_entry: where the log ends, for times that are counted back from there. */
#ifndef TRAMMEL_TUI_LAST_ENTRY_H
#define TRAMMEL_TUI_LAST_ENTRY_H

#include "engine/audit/audit.h"
#include "engine/space/space.h"

/* The last whole entry, in the arena. ERR_NOT_FOUND: there is none; what reading it comes to. */
enum err last_entry(struct space *s, struct arena *a, struct entry *ret, struct note *n) NODISCARD;

#endif
