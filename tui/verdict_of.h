/* verdict_of: what commands that judge proofs of identity have in common. */
#ifndef TRAMMEL_TUI_VERDICT_OF_H
#define TRAMMEL_TUI_VERDICT_OF_H

#include "engine/space/space.h"
#include "tui/command.h"

/* The time of --time, else the clock's. ERR_USAGE. */
enum err time_of(const struct invocation *in, int64_t *ret_ns, struct note *n) NODISCARD;
/* The one of --trust-domain, else of the workspace (NULL: there is none). ERR_USAGE. */
enum err trust_domain_of(const struct invocation *in, struct space *s, struct str *ret,
			 struct note *n) NODISCARD;
/* An option without which a command means nothing; the exit status. */
int missing_option(const struct invocation *in, const char *text);
/*
 * Print `b` when `e` is OK, and the code and the sentence when it is ERR_DENIED: both are answers.
 * `e`, or what printing failed with; what could not be judged is the caller's to print, and `n` has
 * its story.
 */
enum err print_verdict(const struct invocation *in, enum err e, const struct refusal *r,
		       struct buf *b, struct note *n) NODISCARD;

#endif
