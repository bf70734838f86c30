/* cmd_agent: trammel agent create NAME, trammel agent list */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/print.h"

static void say_created(const struct invocation *in, struct buf *b, const struct public_key *key,
			const char *pem)
{
	struct buf did;

	buf_init(&did, 256);
	did_write(&did, key);
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "agent", str_view(in->args[0]));
		json_text(b, "did", buf_view(&did));
		json_text(b, "private_key_file", str_view(pem));
		buf_add_c(b, "}\n");
	} else {
		buf_addf(b, "agent %s\n  did  %.*s\n  key  %s (private; hand it to the agent)\n",
			 in->args[0], STR_ARG(buf_view(&did)), pem);
	}
	buf_fini(&did);
}

int cmd_agent_create(const struct invocation *in)
{
	struct note n = { .text = "" };
	char pem[LIMIT_PATH_BYTES];
	struct public_key key;
	struct space *s;
	struct buf b;
	enum err e = space_open(in->world, dir_of(in), SPACE_WRITE, &s, &n);

	if (e != OK)
		return print_error(in, e, &n);
	e = space_create_agent(s, str_view(in->args[0]), world_now_ns(in->world), pem, sizeof(pem),
			       &key, &n);
	if (e == OK)
		e = space_close(s, &n);
	else
		(void)space_abandon(s, NULL);
	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, 1u << 16);
	say_created(in, &b, &key, pem);
	e = print_page(in, &b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}

int cmd_agent_list(const struct invocation *in)
{
	struct invocation state = *in;

	state.values[OPT_TABLE] = "agents";
	return cmd_state(&state);
}
