/* run_action: the start of a program as an action document. */
#ifndef TRAMMEL_TUI_RUN_ACTION_H
#define TRAMMEL_TUI_RUN_ACTION_H

#include "engine/space/space.h"

/* Texts that are not there have ptr NULL. */
struct run_action {
	struct str agent, tool, session, trace, resource;
	const char *const *argv;
	int count;
	struct str cwd, program;
};

/*
 * The document of docs/formats/action.md, signed with the agent's key where that is in keys/agents/
 * of the workspace.
 */
enum err run_action_write(struct space *s, const struct run_action *what, int64_t now_ns,
			  struct buf *b, struct note *n) NODISCARD;

#endif
