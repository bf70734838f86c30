/* usage: how commands are used, from the table's rows. */
#ifndef TRAMMEL_TUI_USAGE_H
#define TRAMMEL_TUI_USAGE_H

#include "tui/command.h"

/* One command, or with NULL those of a group, or with neither all; the exit status. */
int usage_print(const struct invocation *in, const struct command *c, const char *group);

#endif
