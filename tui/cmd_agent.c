/* cmd_agent: trammel agent create NAME [--import FILE] [--sponsor MAIL] [--expires TIME], list */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/operator.h"
#include "tui/print.h"

#define MEMORY_CAP ((size_t)16 << 20)

static void say_created(const struct invocation *in, struct buf *b, const struct space_key *key)
{
	struct buf did;

	buf_init(&did, DID_BYTES);
	did_write(&did, &key->pub);
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "agent", str_view(in->args[0]));
		json_text(b, "did", buf_view(&did));
		json_text(b, "private_key_file", key->path[0] ? str_view(key->path) : STR_NONE);
		buf_add_c(b, "}\n");
	} else {
		buf_addf(b, "agent %s\n  did  %.*s\n", in->args[0], STR_ARG(buf_view(&did)));
		if (key->path[0])
			buf_addf(b, "  key  %s (private; hand it to the agent)\n", key->path);
		else
			buf_add_c(b, "  key  only the public half is here\n");
	}
	buf_fini(&did);
}

/* The key that is brought along. The text of the file is wiped as soon as it is read. */
static enum err read_import(const struct invocation *in, struct arena *a, struct jwk *ret,
			    struct note *n)
{
	const char *file = in->values[OPT_IMPORT];
	struct str text, kid = given(in, OPT_KID) ? str_view(in->values[OPT_KID]) : STR_NONE;
	enum err e = world_read_file(in->world, file, LIMIT_KEY_BYTES, a, &text);

	if (e != OK)
		return print_unread(n, e, file);
	e = keyfile_read(text, kid, a, ret, n);
	crypto_wipe_text(text);
	if (e != OK)
		note_file(n, file);
	return e;
}

static enum err read_options(const struct invocation *in, struct space_newcomer *who,
			     struct note *n)
{
	const char *expires = in->values[OPT_EXPIRES];
	enum err e;

	if (given(in, OPT_KID) && !given(in, OPT_IMPORT))
		return note_set(n, ERR_USAGE, 0, 0, "--kid chooses from the file of --import");
	if (given(in, OPT_SPONSOR))
		who->sponsor = str_view(in->values[OPT_SPONSOR]);
	if (!expires)
		return OK;
	e = when_read(str_view(expires), &who->expires_ns);
	if (e == OK && who->expires_ns != 0)
		return OK;
	return note_set(n, ERR_USAGE, 0, 0,
			"--expires is '%s'; expected a time like 2027-01-31T00:00:00Z", expires);
}

static enum err create(const struct invocation *in, struct space_newcomer *who,
		       struct space_key *ret, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(operator_open(in, &s, n));
	e = space_create_agent(s, who, world_now_ns(in->world), ret, n);
	return space_finish(s, e, n);
}

static enum err create_or_import(const struct invocation *in, struct space_key *ret,
				 struct note *n)
{
	struct space_newcomer who = { .name = str_view(in->args[0]) };
	struct jwk brought = { .key = NULL };
	struct arena a;
	enum err e;

	TRY(read_options(in, &who, n));
	if (!given(in, OPT_IMPORT))
		return create(in, &who, ret, n);
	arena_init(&a, MEMORY_CAP);
	e = read_import(in, &a, &brought, n);
	if (e == OK) {
		who.key = brought.key;
		who.pub = brought.key ? NULL : &brought.pub;
		e = create(in, &who, ret, n);
	}
	sign_key_close(brought.key);
	arena_fini(&a);
	return e;
}

int cmd_agent_create(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct space_key key;
	struct buf b;
	enum err e = create_or_import(in, &key, &n);

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, 1u << 16);
	say_created(in, &b, &key);
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
