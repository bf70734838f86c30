/* operator: what operators order, and why. */
#include "tui/operator.h"

struct str operator_reason(const struct invocation *in)
{
	return str_view(given(in, OPT_REASON) ? in->values[OPT_REASON] : "not given");
}

enum err operator_submit(const struct invocation *in, const char *verb, struct str agent,
			 struct str session, const struct value *data, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(space_open(in->world, dir_of(in), SPACE_WRITE, &s, n));
	e = space_control(s, str_view(verb), agent, session, data, world_now_ns(in->world), n);
	if (e == OK)
		return space_close(s, n);
	(void)space_abandon(s, NULL);
	return e;
}
