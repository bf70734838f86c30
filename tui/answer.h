/* answer: a command that looks at a workspace and says what it found. */
#ifndef TRAMMEL_TUI_ANSWER_H
#define TRAMMEL_TUI_ANSWER_H

#include "engine/space/space.h"
#include "tui/command.h"

/* The page, or with --json the lines, into the buffer. */
typedef enum err answer_writer(const struct invocation *in, struct space *s, struct buf *b,
			       struct note *n);

/* Open the command's workspace to read, and print what is written of it; the exit status. */
int answer(const struct invocation *in, answer_writer *write);

#endif
