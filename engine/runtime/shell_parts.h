/* shell_parts: what the reader of command texts and the follower of commands share. */
#ifndef TRAMMEL_RUNTIME_SHELL_PARTS_H
#define TRAMMEL_RUNTIME_SHELL_PARTS_H

#include "engine/runtime/shell.h"

/* A word after quotes were taken away. */
struct shell_word {
	struct str text;
	bool opaque;                          /* holds what is only known when it runs */
	bool quoted;                          /* some of it was, so it is no reserved word */
};

struct shell_words {
	struct shell_word *list;
	size_t count, room;
};

struct shell {
	struct arena *arena;
	struct shell_names names;
	size_t room;
	struct str why;
	unsigned depth;
};

/* Refuse: ERR_SYNTAX. `what` may have ptr NULL. */
enum err shell_refuse(struct shell *sh, const char *why, struct str what);
/* Read a text within the one being read. */
enum err shell_read_inner(struct shell *sh, struct str text) NODISCARD;
/* Follow a simple command: its name, and what that would run. */
enum err shell_follow(struct shell *sh, const struct shell_word *words, size_t count) NODISCARD;

#endif
