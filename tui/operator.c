/* operator: what operators order, and why. */
#include "tui/operator.h"

#include <poll.h>

#include "tui/print.h"

/* How often a locked workspace is tried again, and when that is said. */
#define TRY_MS 100
#define TRIES 100
#define SAY_AT 10

struct str operator_reason(const struct invocation *in)
{
	return str_view(given(in, OPT_REASON) ? in->values[OPT_REASON] : "not given");
}

enum err operator_open(const struct invocation *in, struct space **ret, struct note *n)
{
	enum err e = space_open(in->world, dir_of(in), SPACE_WRITE, ret, n);

	for (unsigned i = 1; e == ERR_LOCKED && i <= TRIES; i++) {
		if (i == SAY_AT)
			print_talk("trammel: another process is writing to %s; waiting for it",
				   dir_of(in));
		(void)poll(NULL, 0, TRY_MS);
		*n = (struct note){ .line = 0 };
		e = space_open(in->world, dir_of(in), SPACE_WRITE, ret, n);
	}
	if (e == ERR_LOCKED)
		return note_set(n, e, 0, 0,
				"another process still writes to this log, after %u seconds; if it "
				"is a check --batch, end it first: it writes as long as it runs",
				TRIES * TRY_MS / 1000);
	return e;
}

enum err operator_submit(const struct invocation *in, const char *verb, struct str agent,
			 struct str session, const struct value *data, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(operator_open(in, &s, n));
	e = space_control(s, str_view(verb), agent, session, data, world_now_ns(in->world), n);
	return space_finish(s, e, n);
}
