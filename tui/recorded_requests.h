/* recorded_requests: the actions of a workspace's log as requests, for measuring with. */
#ifndef TRAMMEL_RECORDED_REQUESTS_H
#define TRAMMEL_RECORDED_REQUESTS_H

#include "tui/command.h"
#include "engine/policy/policy.h"

struct recorded_requests {
	struct question *list;
	size_t count;
	uint64_t without_body;       /* actions whose arguments are gone; they are left out */
};

/*
 * The first `most` actions of the workspace at that path, in `memory`: who asked, for what, with
 * which arguments, in which session. What the gate knew besides is that of a new agent in a new
 * session.
 */
enum err recorded_requests_read(const struct invocation *in, const char *path, size_t most,
				struct arena *memory, struct recorded_requests *ret,
				struct note *n) NODISCARD;

#endif
