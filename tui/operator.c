/* operator: what operators order, and why. */
#include "tui/operator.h"

#include "tui/my_turn.h"
#include "tui/print.h"

struct str operator_reason(const struct invocation *in)
{
	return str_view(given(in, OPT_REASON) ? in->values[OPT_REASON] : "not given");
}

enum err operator_open(const struct invocation *in, struct space **ret, struct note *n)
{
	const struct my_turn turn = { .in = in, .seconds = MY_TURN_SECONDS };

	*ret = NULL;
	return my_turn_take(&turn, ret, n);
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

void operator_unfinished(struct buf *b, const struct space_unfinished *u)
{
	buf_addf(b, "entry %llu announced a redaction that is not finished: ",
		 (unsigned long long)u->entry);
	print_count(b, u->left);
	buf_addf(b, " of ");
	print_counted(b, u->entries, "entry", "entries");
	buf_addf(b, ", %llu to %llu, still %s values at %.*s; 'trammel log redact --field %.*s' "
		 "with the conditions that it had finishes it",
		 (unsigned long long)u->first, (unsigned long long)u->last,
		 u->left == 1 ? "has" : "have", STR_ARG(u->field), STR_ARG(u->field));
}
