/* cmd_control: the commands that change what agents may do, each one control in the log */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/operator.h"
#include "tui/print.h"

/* What a control is about, and what its arguments and options give it. */
struct order {
	const char *verb;
	enum about { EVERYTHING = 0, AN_AGENT, A_SESSION } about;
	const char *points;          /* the key of the second argument, NULL: there is none */
	bool of_anybody;             /* it holds for a name that was never seen, too */
};

static struct str name_of(const struct invocation *in, const struct order *o, enum about wanted)
{
	return o->about == wanted ? str_view(in->args[0]) : STR_NONE;
}

static void say_done(const struct invocation *in, const struct order *o, struct buf *b)
{
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "control", str_view(o->verb));
		if (o->about != EVERYTHING)
			json_text(b, o->about == AN_AGENT ? "agent" : "session",
				  str_view(in->args[0]));
		buf_add_c(b, "}\n");
	} else if (o->about == EVERYTHING) {
		buf_addf(b, "%s\n", o->verb);
	} else {
		buf_addf(b, "%s: %s\n", o->verb, in->args[0]);
	}
}

static enum err read_points(const struct invocation *in, const char *key, struct member *ret,
			    struct note *n)
{
	uint64_t points;

	if (str_to_u64(str_view(in->args[1]), &points) != OK || points > TRUST_TOP)
		return note_set(n, ERR_USAGE, 0, 0, "the %s is '%s'; expected 0 to %u", key,
				in->args[1], TRUST_TOP);
	*ret = (struct member){ .key = str_view(key), .value = value_int((int64_t)points) };
	return OK;
}

static enum err read_until(const struct invocation *in, struct member *ret, struct note *n)
{
	struct str until = str_view(in->values[OPT_UNTIL]);
	int64_t ignored;

	if (when_read(until, &ignored) != OK)
		return note_set(n, ERR_USAGE, 0, 0,
				"--until is '%s'; expected an RFC 3339 time like "
				"2026-01-02T03:04:05Z",
				in->values[OPT_UNTIL]);
	*ret = (struct member){ .key = STR("until"), .value = value_string(until) };
	return OK;
}

/* {"heir"?, "key"?, "reason", "score"|"severity"?, "until"?} */
static enum err read_data(const struct invocation *in, const struct order *o,
			  struct member members[5], struct value *ret, struct note *n)
{
	size_t count = 0;

	if (given(in, OPT_HEIR))
		members[count++] = (struct member){
			.key = STR("heir"), .value = value_string(str_view(in->values[OPT_HEIR]))
		};
	members[count++] = (struct member){
		.key = STR("reason"),
		.value = value_string(operator_reason(in)),
	};
	if (o->points)
		TRY(read_points(in, o->points, &members[count++], n));
	if (given(in, OPT_UNTIL))
		TRY(read_until(in, &members[count++], n));
	if (given(in, OPT_KEY))
		members[count++] = (struct member){
			.key = STR("key"), .value = value_string(str_view(in->values[OPT_KEY]))
		};
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	return OK;
}

/* A kill holds for whatever name it is given; one that was never seen may be misspelt. */
static void warn_of_stranger(struct space *s, const struct order *o, const char *name)
{
	struct str text = str_view(name);
	struct session_row session;
	struct agent_row agent;
	struct life_row life;
	uint32_t at;

	if (o->about == AN_AGENT && !agent_find(space_state(s), GATE_AGENTS, text, &at, &agent))
		print_talk("warning: no agent '%s' is registered here; what was said holds for "
			   "whoever comes by that name", name);
	if (o->about == A_SESSION &&
	    !life_find(space_state(s), GATE_LIVES, text, &at, &life) &&
	    (!session_find(space_state(s), GATE_SESSIONS, text, &at, &session) ||
	     session.actions == 0))
		print_talk("warning: no session '%s' has acted or was opened here; what was said "
			   "holds for one that comes by that name", name);
}

/* A key is revoked by its id, whoever has it; one that the agent has not may be misspelt. */
static void warn_of_key(struct space *s, const char *name, const char *id)
{
	char own[KEY_ID_BYTES + 1] = "";
	struct public_key key;
	struct agent_row agent;
	uint32_t at;

	if (agent_find(space_state(s), GATE_AGENTS, str_view(name), &at, &agent) &&
	    agent.has_key) {
		key = agent_key(&agent);
		key_id_put(own, &key);
	}
	if (strcmp(own, id) != 0)
		print_talk("warning: '%s' is not the key that agent '%s' has now%s%s; it is "
			   "revoked all the same, whoever has it", id, name, own[0] ? ", " : "",
			   own);
}

static enum err submit(const struct invocation *in, const struct order *o, struct note *n)
{
	struct member members[5];
	struct value data;
	struct space *s;
	enum err e;

	TRY(read_data(in, o, members, &data, n));
	TRY(operator_open(in, &s, n));
	e = space_control(s, str_view(o->verb), name_of(in, o, AN_AGENT),
			  name_of(in, o, A_SESSION), &data, world_now_ns(in->world), n);
	if (e == OK && o->of_anybody)
		warn_of_stranger(s, o, in->args[0]);
	if (e == OK && given(in, OPT_KEY))
		warn_of_key(s, in->args[0], in->values[OPT_KEY]);
	return space_finish(s, e, n);
}

static int control(const struct invocation *in, struct order o)
{
	struct note n = { .text = "" };
	struct buf b;
	enum err e = submit(in, &o, &n);

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, 1u << 16);
	say_done(in, &o, &b);
	e = print_page(in, &b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}

int cmd_agent_suspend(const struct invocation *in)
{
	return control(in, (struct order){ "agent.suspend", AN_AGENT, NULL, false });
}

int cmd_agent_reactivate(const struct invocation *in)
{
	return control(in, (struct order){ "agent.reactivate", AN_AGENT, NULL, false });
}

int cmd_agent_revoke(const struct invocation *in)
{
	return control(in, (struct order){ "agent.revoke", AN_AGENT, NULL, false });
}

int cmd_session_approve(const struct invocation *in)
{
	return control(in, (struct order){ "session.approve", A_SESSION, NULL, false });
}

int cmd_trust_set(const struct invocation *in)
{
	return control(in, (struct order){ "trust.set", AN_AGENT, "score", false });
}

int cmd_trust_incident(const struct invocation *in)
{
	return control(in, (struct order){ "trust.incident", AN_AGENT, "severity", false });
}

int cmd_kill_agent(const struct invocation *in)
{
	return control(in, (struct order){ "kill.agent", AN_AGENT, NULL, true });
}

int cmd_kill_session(const struct invocation *in)
{
	return control(in, (struct order){ "kill.session", A_SESSION, NULL, true });
}

int cmd_kill_all(const struct invocation *in)
{
	return control(in, (struct order){ "kill.all", EVERYTHING, NULL, false });
}

int cmd_kill_lift(const struct invocation *in)
{
	struct note n = { .text = "" };

	if (in->arg_count > 0)
		return print_error(in,
				   note_set(&n, ERR_USAGE, 0, 0,
					    "found '%s': 'kill lift' takes no name, for only kill "
					    "all can be lifted; agents and sessions are killed for "
					    "good", in->args[in->arg_count - 1]),
				   &n);
	return control(in, (struct order){ "kill.lift", EVERYTHING, NULL, false });
}

int cmd_quarantine(const struct invocation *in)
{
	struct note n = { .text = "" };

	if (!given(in, OPT_UNTIL))
		return print_error(in,
				   note_set(&n, ERR_USAGE, 0, 0,
					    "a quarantine ends by itself: expected --until TIME"),
				   &n);
	return control(in, (struct order){ "quarantine", AN_AGENT, NULL, true });
}

int cmd_lower(const struct invocation *in)
{
	return control(in, (struct order){ "lower", AN_AGENT, NULL, false });
}

int cmd_release(const struct invocation *in)
{
	return control(in, (struct order){ "release", AN_AGENT, NULL, false });
}
