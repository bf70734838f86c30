/* command_words: finding a command by its words, and refusing what is none. */
#ifndef TRAMMEL_TUI_COMMAND_WORDS_H
#define TRAMMEL_TUI_COMMAND_WORDS_H

#include "tui/command.h"

/* NULL: any command will do. */
bool command_in_group(const struct command *c, const char *group);
/* Row i of the table is the first command of its group, or has none. */
bool command_is_first(size_t i);
/* The command that the first one or two words name, or NULL; `*used` counts them. */
const struct command *command_find(const char *first, const char *second, int *used);
bool command_is_group(const char *word);

/* "log verify" */
void command_name_write(struct buf *b, const struct command *c);
/* The commands of a group, one after the other. */
void command_members_write(struct buf *b, const char *group, const char *between);

/* Say `before` 'word' `after`, with a suggestion unless `near` is NULL; the exit status. */
int command_refuse(const struct invocation *in, const char *before, const char *word,
			const char *after, const char *near);
/* Not a command: a group without its second word, an option too early, or a typo. */
int command_unknown(const struct invocation *in, const char *first, const char *second);

#endif
