/* option_words: what an option is to one command, where it is not what option.h says to most. */
#ifndef TRAMMEL_TUI_OPTION_WORDS_H
#define TRAMMEL_TUI_OPTION_WORDS_H

#include "tui/command.h"

/* Put what help calls its value, and says of it, in the place of what is there. */
void option_words(const struct command *c, enum option o, const char **value, const char **help);

#endif
