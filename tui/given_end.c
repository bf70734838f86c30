/* given_end: an instant, or a span from now. */
#include "tui/given_end.h"

#include "tui/given_filter.h"

static enum err write_instant(struct given_end *end)
{
	struct buf b;
	enum err e;

	buf_init(&b, sizeof(end->room));
	when_write(&b, end->ns);
	e = b.err;
	if (e == OK) {
		MUST(b.len == sizeof(end->room));
		memcpy(end->room, b.ptr, b.len);
		end->text = str_slice(end->room, sizeof(end->room));
	}
	buf_fini(&b);
	return e;
}

enum err given_end(const struct invocation *in, enum option o, const char *name, int64_t now_ns,
		   struct given_end *ret, struct note *n)
{
	int64_t span;

	ret->text = str_view(in->values[o]);
	if (when_read(ret->text, &ret->ns) == OK)
		return OK;
	if (ret->text.len == 0 || ret->text.ptr[0] != '+' ||
	    !given_span(str_slice(ret->text.ptr + 1, ret->text.len - 1), &span) ||
	    span > INT64_MAX - now_ns)
		return note_set(n, ERR_USAGE, 0, 0,
				"%s is '%s'; expected a time like 2027-01-31T00:00:00Z, or +90m, "
				"+2h, +7d from now", name, in->values[o]);
	ret->ns = now_ns + span;
	return write_instant(ret);
}
