/* operator: what operators order, and why, on its way into the log. */
#ifndef TRAMMEL_TUI_OPERATOR_H
#define TRAMMEL_TUI_OPERATOR_H

#include "engine/space/space.h"
#include "tui/command.h"

/* --reason, for the log. */
struct str operator_reason(const struct invocation *in);
/*
 * Open for writing. Who writes now has ten seconds to finish or to let us in between, as a check
 * --batch does: an order to stop something must not fail because somebody records what came of a
 * call. ERR_LOCKED after that.
 */
enum err operator_open(const struct invocation *in, struct space **ret,
		       struct note *n) NODISCARD;
/* One sentence on a redaction that did not end, and how it does. */
void operator_unfinished(struct buf *b, const struct space_unfinished *u);
/* One control, now, in the workspace of the command; texts that do not belong have ptr NULL. */
enum err operator_submit(const struct invocation *in, const char *verb, struct str agent,
			 struct str session, const struct value *data, struct note *n) NODISCARD;

#endif
