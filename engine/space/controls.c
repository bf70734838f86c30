/* controls: an operator's event, submitted, and the sentence when it cannot be applied. */
#include "engine/space/inside.h"

enum err space_control(struct space *s, struct str verb, struct str agent, struct str session,
		       const struct value *data, int64_t at_ns, struct note *n)
{
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = at_ns, .agent = agent, .action = verb,
		.session = session, .data = data,
	};
	struct verdict ignored;
	struct arena a;
	enum err failed;

	arena_init(&a, LIMIT_ACTION_MEMORY);
	failed = space_submit(s, &e, &a, &ignored);
	arena_fini(&a);
	if (failed != OK && n && s->gate.why.text[0])
		*n = s->gate.why;
	return failed;
}
