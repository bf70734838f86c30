/* cmd_control: the commands that change what agents may do, each one control in the log */
#include "engine/space/space.h"
#include "tui/print.h"

static void say_done(const struct invocation *in, const char *verb, struct buf *b)
{
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "control", str_view(verb));
		json_text(b, "agent", str_view(in->args[0]));
		buf_add_c(b, "}\n");
	} else {
		buf_addf(b, "%s: %s\n", verb, in->args[0]);
	}
}

static enum err submit(const struct invocation *in, const char *verb, struct note *n)
{
	struct member reason = {
		.key = STR("reason"),
		.value = value_string(str_view(given(in, OPT_REASON) ? in->values[OPT_REASON]
								      : "not given")),
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { &reason, 1 } };
	struct space *s;
	enum err e;

	TRY(space_open(in->world, dir_of(in), SPACE_WRITE, &s, n));
	e = space_control(s, str_view(verb), str_view(in->args[0]), STR_NONE, &data,
			  world_now_ns(in->world), n);
	if (e == OK)
		return space_close(s, n);
	(void)space_abandon(s, NULL);
	return e;
}

static int control_agent(const struct invocation *in, const char *verb)
{
	struct note n = { .text = "" };
	struct buf b;
	enum err e = submit(in, verb, &n);

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, 1u << 16);
	say_done(in, verb, &b);
	e = print_page(in, &b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}

int cmd_agent_suspend(const struct invocation *in)
{
	return control_agent(in, "agent.suspend");
}

int cmd_agent_reactivate(const struct invocation *in)
{
	return control_agent(in, "agent.reactivate");
}

int cmd_agent_revoke(const struct invocation *in)
{
	return control_agent(in, "agent.revoke");
}
