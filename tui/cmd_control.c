/* cmd_control: the commands that change what agents may do, each one control in the log */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/print.h"

/* What a control is about. */
enum about { EVERYTHING, AN_AGENT, A_SESSION };

static struct str name_of(const struct invocation *in, enum about about, enum about wanted)
{
	return about == wanted ? str_view(in->args[0]) : STR_NONE;
}

static void say_done(const struct invocation *in, const char *verb, enum about about, struct buf *b)
{
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "control", str_view(verb));
		if (about == AN_AGENT)
			json_text(b, "agent", str_view(in->args[0]));
		if (about == A_SESSION)
			json_text(b, "session", str_view(in->args[0]));
		buf_add_c(b, "}\n");
	} else if (about == EVERYTHING) {
		buf_addf(b, "%s\n", verb);
	} else {
		buf_addf(b, "%s: %s\n", verb, in->args[0]);
	}
}

/* {"reason", "until"?}, as the options say. */
static enum err read_data(const struct invocation *in, struct member members[2],
			  struct value *ret, struct note *n)
{
	size_t count = 0;
	int64_t ignored;

	members[count++] = (struct member){
		.key = STR("reason"),
		.value = value_string(str_view(given(in, OPT_REASON) ? in->values[OPT_REASON]
								      : "not given")),
	};
	if (given(in, OPT_UNTIL)) {
		struct str until = str_view(in->values[OPT_UNTIL]);

		if (when_read(until, &ignored) != OK)
			return note_set(n, ERR_USAGE, 0, 0,
					"--until is '%s'; expected an RFC 3339 time like "
					"2026-01-02T03:04:05Z", in->values[OPT_UNTIL]);
		members[count++] = (struct member){
			.key = STR("until"), .value = value_string(until)
		};
	}
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	return OK;
}

static enum err submit(const struct invocation *in, const char *verb, enum about about,
		       struct note *n)
{
	struct member members[2];
	struct value data;
	struct space *s;
	enum err e;

	TRY(read_data(in, members, &data, n));
	TRY(space_open(in->world, dir_of(in), SPACE_WRITE, &s, n));
	e = space_control(s, str_view(verb), name_of(in, about, AN_AGENT),
			  name_of(in, about, A_SESSION), &data, world_now_ns(in->world), n);
	if (e == OK)
		return space_close(s, n);
	(void)space_abandon(s, NULL);
	return e;
}

static int control(const struct invocation *in, const char *verb, enum about about)
{
	struct note n = { .text = "" };
	struct buf b;
	enum err e = submit(in, verb, about, &n);

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, 1u << 16);
	say_done(in, verb, about, &b);
	e = print_out(&b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}

int cmd_agent_suspend(const struct invocation *in)
{
	return control(in, "agent.suspend", AN_AGENT);
}

int cmd_agent_reactivate(const struct invocation *in)
{
	return control(in, "agent.reactivate", AN_AGENT);
}

int cmd_agent_revoke(const struct invocation *in)
{
	return control(in, "agent.revoke", AN_AGENT);
}

int cmd_kill_agent(const struct invocation *in)
{
	return control(in, "kill.agent", AN_AGENT);
}

int cmd_kill_session(const struct invocation *in)
{
	return control(in, "kill.session", A_SESSION);
}

int cmd_kill_all(const struct invocation *in)
{
	return control(in, "kill.all", EVERYTHING);
}

int cmd_kill_lift(const struct invocation *in)
{
	return control(in, "kill.lift", EVERYTHING);
}

int cmd_quarantine(const struct invocation *in)
{
	struct note n = { .text = "" };
	enum err e = OK;

	if (!given(in, OPT_UNTIL))
		e = note_set(&n, ERR_USAGE, 0, 0,
			     "a quarantine ends by itself: expected --until TIME");
	if (e != OK)
		return print_error(in, e, &n);
	return control(in, "quarantine", AN_AGENT);
}

int cmd_lower(const struct invocation *in)
{
	return control(in, "lower", AN_AGENT);
}

int cmd_release(const struct invocation *in)
{
	return control(in, "release", AN_AGENT);
}
