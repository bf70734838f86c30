/*
 * shell: which commands a text would run. A part of the door of engine/runtime.
 *
 * The text is split as a POSIX shell splits it: quotes, backslashes, comments, operators, pipes,
 * groups, subshells, command substitutions, redirections, compound commands but `case`. Words that
 * run others (env, sudo, xargs, timeout, find -exec, sh -c ...) are followed. Every name that would
 * run is found, the wrappers' included.
 *
 * What cannot be followed is refused, never guessed: expansions and patterns as a command, eval and
 * its like, a shell that reads its commands from elsewhere, documents in the text, syntax of other
 * shells. Code handed to an interpreter (python -c) is data here: name the interpreter.
 */
#ifndef TRAMMEL_RUNTIME_SHELL_H
#define TRAMMEL_RUNTIME_SHELL_H

#include "engine/base/arena.h"
#include "engine/base/limits.h"
#include "engine/base/str.h"

/* Base names and what was written, with folders; in the order found, maybe twice. */
struct shell_names {
	struct str *list, *written;
	size_t count;
};

/*
 * ERR_SYNTAX: what would run cannot be told, and `why` says why in a few words ("hides what ..."),
 * which borrow from the arena. ERR_LIMIT, ERR_MEMORY.
 */
enum err shell_read(struct str text, struct arena *a, struct shell_names *ret,
		    struct str *why) NODISCARD;
/* Likewise of a program and its arguments, which no shell splits. */
enum err shell_read_argv(const struct str *argv, size_t count, struct arena *a,
			 struct shell_names *ret, struct str *why) NODISCARD;
/*
 * Is a base name one of this name: the same but for case, ".exe" and a version behind it (gcc-12
 * and python2.7 are gcc and python2)?
 */
bool shell_is(struct str base, struct str name);

#endif
