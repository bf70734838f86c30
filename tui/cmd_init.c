/* cmd_init: trammel init DIR --origin NAME */
#include "engine/space/space.h"
#include "tui/print.h"

static void say_done(const struct invocation *in, struct buf *b, const char *dir, struct str origin)
{
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "origin", origin);
		json_text(b, "workspace", str_view(dir));
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "workspace %s for log %.*s\n", dir, STR_ARG(origin));
	buf_addf(b, "  policies/policy.yaml  denies everything; add rules for what your agents may "
		    "do\n");
	buf_addf(b, "  keys/log.vkey         give this to whoever verifies the log; keep "
		    "keys/log.pem secret\n");
}

int cmd_init(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct str origin = str_view(in->values[OPT_ORIGIN]);
	struct buf b;
	enum err e;

	if (!given(in, OPT_ORIGIN)) {
		(void)note_set(&n, ERR_USAGE, 0, 0,
			       "--origin NAME is missing: the log's name in every proof, like "
			       "example.org/agents");
		return print_error(in, ERR_USAGE, &n);
	}
	e = space_create(in->world, in->args[0], origin, &n);
	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, 1u << 16);
	say_done(in, &b, in->args[0], origin);
	e = print_page(in, &b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}
