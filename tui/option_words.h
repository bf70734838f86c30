/* option_words: the rows of the options, and what one is to a command, where that is its own. */
#ifndef TRAMMEL_TUI_OPTION_WORDS_H
#define TRAMMEL_TUI_OPTION_WORDS_H

#include "tui/command.h"

#define OPTIONS_OF_ALL (OPT(OPT_JSON) | OPT(OPT_HELP))

struct option_row {
	const char *name;
	char letter;                          /* 0: none */
	const char *value, *choices, *help;   /* value NULL: it takes none */
};

extern const struct option_row option_rows[OPTIONS];

/* The option as the command means it. */
struct option_row option_row_of(const struct command *c, enum option o);

#endif
