/* run_action: members in the order of their names, so that the arguments are canonical. */
#include "tui/run_action.h"

#include "engine/base/canon.h"
#include "engine/base/when.h"
#include "tui/print.h"

static void write_text(struct buf *b, const char *key, struct str text)
{
	if (text.ptr) {
		json_key(b, key);
		canon_string(b, text);
	}
}

/* {"argv", "cwd", "program"?} */
static void write_args(struct buf *b, const struct run_action *what)
{
	buf_add_c(b, "{\"argv\":[");
	for (int i = 0; i < what->count; i++) {
		buf_add_c(b, i ? "," : "");
		canon_string(b, str_view(what->argv[i]));
	}
	buf_add_byte(b, ']');
	write_text(b, "cwd", what->cwd);
	write_text(b, "program", what->program);
	buf_add_byte(b, '}');
}

/* ,"signature":"..." over the action as it stands there. */
static enum err write_signature(struct space *s, const struct run_action *what, struct str args,
				const struct sign_key *key, int64_t at_ns, struct buf *b)
{
	const struct digest digest = sha256(args);
	const struct agent_claim claim = {
		.log = space_config(s)->origin, .agent = what->agent, .action = what->tool,
		.resource = what->resource, .session = what->session, .trace = what->trace,
		.args = &digest, .at_ns = at_ns,
	};
	struct signature signature;
	struct buf text;
	enum err e;

	buf_init(&text, LIMIT_ACTION_BYTES);
	agent_signed_text(&text, &claim);
	e = text.err;
	if (e == OK) {
		signature = sign_make(key, buf_view(&text));
		json_key(b, "signature");
		buf_add_byte(b, '"');
		base64_write(b, signature.bytes, sizeof(signature.bytes));
		buf_add_byte(b, '"');
	}
	buf_fini(&text);
	return e;
}

/* Signed by whom the workspace has the key of; not signed otherwise. */
static enum err sign_it(struct space *s, const struct run_action *what, struct str args,
			int64_t at_ns, struct buf *b, struct note *n)
{
	struct public_key pub;
	struct agent_row row;
	struct sign_key *key;
	uint32_t at;
	enum err e;

	if (!agent_find(space_state(s), GATE_AGENTS, what->agent, &at, &row) || !row.has_key)
		return OK;
	pub = agent_key(&row);
	e = space_open_agent_key(s, &pub, &key, n);
	if (e == ERR_NOT_FOUND) {
		*n = (struct note){ .line = 0 };
		return OK;
	}
	TRY(e);
	e = write_signature(s, what, args, key, at_ns, b);
	sign_key_close(key);
	return e;
}

enum err run_action_write(struct space *s, const struct run_action *what, int64_t now_ns,
			  struct buf *b, struct note *n)
{
	struct buf args;
	enum err e;

	buf_init(&args, LIMIT_ACTION_BYTES);
	write_args(&args, what);
	buf_add_byte(b, '{');
	write_text(b, "agent", what->agent);
	write_text(b, "action", what->tool);
	write_text(b, "resource", what->resource);
	write_text(b, "session", what->session);
	write_text(b, "trace", what->trace);
	json_time(b, "at", now_ns);
	json_key(b, "args");
	buf_add(b, buf_view(&args));
	e = args.err;
	if (e == OK)
		e = sign_it(s, what, buf_view(&args), now_ns, b, n);
	buf_add_byte(b, '}');
	buf_fini(&args);
	return e == OK ? b->err : e;
}
