/* cmd_session: trammel session open, join, leave and close, each one control in the log */
#include "engine/space/space.h"
#include "tui/operator.h"
#include "tui/print.h"

#define MEMBERS 8

/* One control being put together. */
struct order {
	const char *verb;
	struct str session, agent;
	struct member members[MEMBERS];
	size_t count;
};

static void put(struct order *o, const char *key, struct value v)
{
	MUST(o->count < MEMBERS);
	o->members[o->count++] = (struct member){ .key = str_view(key), .value = v };
}

static void put_text(const struct invocation *in, struct order *o, const char *key, enum option id)
{
	if (given(in, id))
		put(o, key, value_string(str_view(in->values[id])));
}

/* What is too large is refused where it is applied, with the range. */
static enum err put_number(const struct invocation *in, struct order *o, const char *key,
			   enum option id, struct note *n)
{
	uint64_t number;

	if (!given(in, id))
		return OK;
	if (str_to_u64(str_view(in->values[id]), &number) != OK || number > INT64_MAX)
		return note_set(n, ERR_USAGE, 0, 0, "'%s' is '%s'; expected a whole number", key,
				in->values[id]);
	put(o, key, value_int((int64_t)number));
	return OK;
}

static void say_done(const struct invocation *in, const struct order *o, struct buf *b)
{
	bool joined = o->agent.ptr && !str_is(str_view(o->verb), "session.open");

	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "control", str_view(o->verb));
		json_text(b, "session", o->session);
		if (o->agent.ptr)
			json_text(b, "agent", o->agent);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%s: %.*s", o->verb, STR_ARG(o->session));
	if (joined)
		buf_addf(b, " %.*s", STR_ARG(o->agent));
	buf_add_byte(b, '\n');
}

/* `e` is what putting it together came to. */
static int run(const struct invocation *in, struct order *o, enum err e, struct note *n)
{
	const struct value data = { .kind = VALUE_OBJECT, .object = { o->members, o->count } };
	struct buf b;

	if (e == OK)
		e = operator_submit(in, o->verb, o->agent, o->session, &data, n);
	if (e != OK)
		return print_error(in, e, n);
	buf_init(&b, 1u << 16);
	say_done(in, o, &b);
	e = print_page(in, &b, n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, n);
}

static struct order order_of(const struct invocation *in, const char *verb)
{
	struct order o = { .verb = verb, .session = str_view(in->args[0]), .agent = STR_NONE };

	if (in->arg_count > 1)
		o.agent = str_view(in->args[1]);
	put(&o, "reason", value_string(operator_reason(in)));
	return o;
}

int cmd_session_open(const struct invocation *in)
{
	struct order o = order_of(in, "session.open");
	struct note n = { .text = "" };
	enum err e;

	if (given(in, OPT_AGENT))
		o.agent = str_view(in->values[OPT_AGENT]);
	put_text(in, &o, "isolation", OPT_ISOLATION);
	put_text(in, &o, "parent", OPT_PARENT);
	put_text(in, &o, "sponsor", OPT_SPONSOR);
	e = put_number(in, &o, "min_score", OPT_MIN_SCORE, &n);
	if (e == OK)
		e = put_number(in, &o, "participants", OPT_PARTICIPANTS, &n);
	if (e == OK)
		e = put_number(in, &o, "ring", OPT_RING, &n);
	if (e == OK)
		e = put_number(in, &o, "seconds", OPT_SECONDS, &n);
	return run(in, &o, e, &n);
}

int cmd_session_join(const struct invocation *in)
{
	struct order o = order_of(in, "session.join");
	struct note n = { .text = "" };

	put_text(in, &o, "by", OPT_BY);
	return run(in, &o, put_number(in, &o, "ring", OPT_RING, &n), &n);
}

int cmd_session_leave(const struct invocation *in)
{
	struct order o = order_of(in, "session.leave");
	struct note n = { .text = "" };

	return run(in, &o, OK, &n);
}

int cmd_session_close(const struct invocation *in)
{
	struct order o = order_of(in, "session.close");
	struct note n = { .text = "" };

	return run(in, &o, OK, &n);
}
