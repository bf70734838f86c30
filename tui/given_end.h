/* given_end: when something is to end, as operators say it. */
#ifndef TRAMMEL_TUI_GIVEN_END_H
#define TRAMMEL_TUI_GIVEN_END_H

#include "engine/base/when.h"
#include "tui/command.h"

struct given_end {
	int64_t ns;
	struct str text;             /* as it was given, or written in `room` */
	char room[WHEN_TEXT_BYTES];
};

/*
 * An instant, or like +1h, which is counted from `now_ns`: what is recorded is the instant. `name`
 * is that of the option, for the note. ERR_USAGE, ERR_MEMORY.
 */
enum err given_end(const struct invocation *in, enum option o, const char *name, int64_t now_ns,
		   struct given_end *ret, struct note *n) NODISCARD;

#endif
