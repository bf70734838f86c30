/*
 * foreign_policy: what the commands that read policies of the reference toolkit are given: a file,
 * those it extends beside it, and names of engines and strategies.
 */
#ifndef TRAMMEL_TUI_FOREIGN_POLICY_H
#define TRAMMEL_TUI_FOREIGN_POLICY_H

#include "tui/given_policy.h"

struct foreign_folder {
	const struct invocation *in;
	struct str path;             /* with its slash, or empty */
};

/* How to read files beside `path`, and what `path` itself is called there. `f` is kept. */
struct compat_files foreign_files(const struct invocation *in, const char *path,
				  struct foreign_folder *f, struct str *name);
/* The place of the option's value among the NULL-ended names; `absent` when it is not given. */
enum err foreign_choice(const struct invocation *in, enum option o, const char *called,
			const char *const *names, int absent, int *ret, struct note *n) NODISCARD;

/*
 * What an engine of the reference toolkit answers to the context in `file`, by the policy that
 * --policy names; written to `b`. *allowed is its answer.
 */
enum err foreign_decide(const struct invocation *in, const char *file, struct buf *b,
			bool *allowed, struct note *n) NODISCARD;

#endif
