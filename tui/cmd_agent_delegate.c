/* cmd_agent_delegate: trammel agent delegate FROM TO, trammel agent undelegate TO LINK */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/operator.h"
#include "tui/print.h"

static enum err read_points(const struct invocation *in, enum option o, const char *name,
			    uint32_t most, uint32_t *ret, struct note *n)
{
	uint64_t value;

	if (!given(in, o))
		return OK;
	if (str_to_u64(str_view(in->values[o]), &value) != OK || value > most)
		return note_set(n, ERR_USAGE, 0, 0, "%s is '%s'; expected 0 to %u", name,
				in->values[o], most);
	*ret = (uint32_t)value;
	return OK;
}

static enum err read_options(const struct invocation *in, struct space_delegation *d,
			     struct note *n)
{
	struct note why = { .text = "" };

	if (!given(in, OPT_CAPABILITIES) || !given(in, OPT_EXPIRES))
		return note_set(n, ERR_USAGE, 0, 0,
				"expected --capabilities LIST and --expires TIME");
	if (capability_read(str_view(in->values[OPT_CAPABILITIES]), &d->may, &why) != OK)
		return note_set(n, ERR_USAGE, 0, 0, "--capabilities: %s", why.text);
	if (when_read(str_view(in->values[OPT_EXPIRES]), &d->expires_ns) != OK)
		return note_set(n, ERR_USAGE, 0, 0,
				"--expires is '%s'; expected a time like 2027-01-31T00:00:00Z",
				in->values[OPT_EXPIRES]);
	d->has_ceiling = given(in, OPT_CEILING);
	TRY(read_points(in, OPT_CEILING, "--ceiling", DELEGATION_TOP, &d->ceiling, n));
	return read_points(in, OPT_DEPTH, "--depth", LIMIT_DELEGATION_DEPTH - 1, &d->depth, n);
}

static void say_delegated(const struct invocation *in, const struct space_delegation *d,
			  const struct digest *hash, struct buf *b)
{
	struct buf id;

	buf_init(&id, DELEGATION_ID_BYTES);
	delegation_id_write(&id, hash->bytes);
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "control", STR("agent.delegate"));
		json_text(b, "from", d->from);
		json_text(b, "to", d->to);
		json_text(b, "link", buf_view(&id));
		json_text(b, "capabilities", capability_text(&d->may));
		json_time(b, "expires", d->expires_ns);
		buf_add_c(b, "}\n");
	} else {
		buf_addf(b, "agent.delegate: %.*s to %.*s\n  link  %.*s\n  may   %.*s\n",
			 STR_ARG(d->from), STR_ARG(d->to), STR_ARG(buf_view(&id)),
			 STR_ARG(d->may.bytes ? capability_text(&d->may) : STR("nothing")));
	}
	buf_fini(&id);
}

static enum err delegate(const struct invocation *in, const struct space_delegation *d,
			 struct digest *ret, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(operator_open(in, &s, n));
	e = space_delegate(s, d, world_now_ns(in->world), ret, n);
	return space_finish(s, e, n);
}

int cmd_agent_delegate(const struct invocation *in)
{
	struct space_delegation d = {
		.from = str_view(in->args[0]), .to = str_view(in->args[1]),
		.reason = operator_reason(in),
	};
	struct note n = { .text = "" };
	struct digest hash;
	struct buf b;
	enum err e = read_options(in, &d, &n);

	if (e == OK)
		e = delegate(in, &d, &hash, &n);
	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, 1u << 16);
	say_delegated(in, &d, &hash, &b);
	e = print_page(in, &b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}

static enum err undelegate(const struct invocation *in, struct note *n)
{
	struct member members[] = {
		{ .key = STR("link"), .value = value_string(str_view(in->args[1])) },
		{ .key = STR("reason"), .value = value_string(operator_reason(in)) },
	};
	const struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };

	return operator_submit(in, "delegation.revoke", str_view(in->args[0]), STR_NONE, &data, n);
}

int cmd_agent_undelegate(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct buf b;
	enum err e = undelegate(in, &n);

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, 1u << 16);
	if (json_wanted(in)) {
		buf_add_byte(&b, '{');
		json_text(&b, "control", STR("delegation.revoke"));
		json_text(&b, "agent", str_view(in->args[0]));
		json_text(&b, "link", str_view(in->args[1]));
		buf_add_c(&b, "}\n");
	} else {
		buf_addf(&b, "delegation.revoke: %s of %s\n", in->args[1], in->args[0]);
	}
	e = print_page(in, &b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}
