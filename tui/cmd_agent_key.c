/*
 * cmd_agent_key: trammel agent did NAME [--form FORM], trammel agent jwk NAME [--private] [--pem]
 * or --all, and trammel agent rotate NAME
 */
#include "tui/answer.h"
#include "tui/known_agent.h"
#include "tui/operator.h"
#include "tui/print.h"
#include "tui/verdict_of.h"

#define OUT_CAP        ((size_t)64 << 10)
#define KEY_ROOM_BYTES 1024          /* of any that is written here */

/* What a command writes of an agent's key. */
typedef enum err key_writer(const struct invocation *in, struct space *s,
			    const struct public_key *key, struct buf *b, struct note *n);

/* The private half may be in the buffer. */
static int print_key(const struct invocation *in, key_writer *write)
{
	struct note n = { .text = "" };
	struct space *s = NULL;
	struct public_key key;
	struct buf b;
	enum err e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);

	buf_init(&b, OUT_CAP);
	if (e == OK)
		e = known_agent_key(s, str_view(in->args[0]), &key, &n);
	if (e == OK)
		e = write(in, s, &key, &b, &n);
	if (e == OK)
		e = print_out(&b, &n);
	crypto_wipe_buf(&b);
	(void)space_close(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}

/* --- agent did --- */

static const char *const forms[] = { "key", "mesh", "document", NULL };

static enum err write_did(const struct invocation *in, struct space *s,
			  const struct public_key *key, struct buf *b, struct note *n)
{
	struct str form = str_view(given(in, OPT_FORM) ? in->values[OPT_FORM] : forms[0]);
	struct buf did;

	(void)s;
	(void)n;
	if (str_is(form, "document")) {
		did_document_write(b, key);
		buf_add_byte(b, '\n');
		return b->err;
	}
	buf_init(&did, DID_BYTES);
	(str_is(form, "mesh") ? did_mesh_write : did_write)(&did, key);
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "agent", str_view(in->args[0]));
		json_text(b, "did", buf_view(&did));
		buf_add_c(b, "}\n");
	} else {
		buf_addf(b, "%.*s\n", STR_ARG(buf_view(&did)));
	}
	buf_fini(&did);
	return b->err;
}

int cmd_agent_did(const struct invocation *in)
{
	struct note n = { .text = "" };

	for (const char *const *form = forms; given(in, OPT_FORM); form++) {
		if (*form && str_is(str_view(in->values[OPT_FORM]), *form))
			break;
		if (*form)
			continue;
		(void)note_set(&n, ERR_USAGE, 0, 0,
			       "--form is '%s'; expected key, mesh or document",
			       in->values[OPT_FORM]);
		return print_error(in, ERR_USAGE, &n);
	}
	return print_key(in, write_did);
}

/* --- agent jwk --- */

/* The half that is wanted, in the form that is wanted. */
static enum err write_half(const struct invocation *in, struct space *s,
			   const struct public_key *pub, struct buf *b, struct note *n)
{
	struct sign_key *key;
	char id[KEY_ID_BYTES];
	/* The kid is the key's id, as in tokens; whoever reads it can check it against the key. */
	struct str kid = str_slice(id, sizeof(id));

	key_id_put(id, pub);
	if (!given(in, OPT_PRIVATE)) {
		if (given(in, OPT_PEM))
			pem_write_public(b, pub);
		else
			jwk_write_public(b, pub, kid);
		return b->err;
	}
	TRY(space_open_agent_key(s, pub, &key, n));
	if (given(in, OPT_PEM))
		pem_write_private(b, key);
	else
		jwk_write_private(b, key, kid);
	sign_key_close(key);
	return b->err;
}

/* A JWK is JSON anyway; with --json a PEM is a member. */
static enum err write_key(const struct invocation *in, struct space *s,
			  const struct public_key *key, struct buf *b, struct note *n)
{
	struct buf text;
	enum err e;

	buf_init(&text, KEY_ROOM_BYTES);
	/* Room for all of it at once: what grows later would leave a copy of the key behind. */
	if (buf_grow(&text, KEY_ROOM_BYTES) && buf_grow(b, KEY_ROOM_BYTES)) {
		buf_clear(&text);
		buf_clear(b);
	}
	e = write_half(in, s, key, &text, n);
	if (given(in, OPT_PEM) && json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "agent", str_view(in->args[0]));
		json_text(b, "pem", buf_view(&text));
		buf_add_c(b, "}\n");
	} else {
		buf_add(b, buf_view(&text));
		buf_add_c(b, given(in, OPT_PEM) ? "" : "\n");
	}
	crypto_wipe_buf(&text);
	if (e == OK && given(in, OPT_PRIVATE))
		print_talk("trammel: this is the private key of agent '%s'; whoever reads it can "
			   "sign as it", in->args[0]);
	return e == OK ? b->err : e;
}

/* The keys of agents that vouch for something now. */
static void write_set(const struct state *s, int64_t now_ns, struct buf *b)
{
	bool first = true;

	buf_add_c(b, "{\"keys\":[");
	for (uint32_t i = 0; i < state_rows(s, GATE_AGENTS); i++) {
		struct agent_row row;
		struct public_key key;
		char id[KEY_ID_BYTES];

		memcpy(&row, state_row(s, GATE_AGENTS, i), sizeof(row));
		if (vouch_agent(s, agent_name(&row), now_ns, &row, NULL) != OK)
			continue;
		key = agent_key(&row);
		key_id_put(id, &key);
		buf_add_c(b, first ? "" : ",");
		jwk_write_public(b, &key, str_slice(id, sizeof(id)));
		first = false;
	}
	buf_add_c(b, "]}\n");
}

static enum err write_all(const struct invocation *in, struct space *s, struct buf *b,
			  struct note *n)
{
	struct state *state;

	TRY(known_state(s, &state, n));
	write_set(state, world_now_ns(in->world), b);
	state_close(state);
	return b->err;
}

int cmd_agent_jwk(const struct invocation *in)
{
	if (given(in, OPT_ALL) == (in->arg_count == 1))
		return missing_option(in, "expected the NAME of an agent, or --all");
	if (!given(in, OPT_ALL))
		return print_key(in, write_key);
	if (given(in, OPT_PRIVATE))
		return missing_option(in, "--private writes one key: expected a NAME, not --all");
	if (given(in, OPT_PEM))
		return missing_option(in, "--pem writes one key: expected a NAME, not --all");
	return answer(in, write_all);
}

/* --- agent rotate --- */

static void say_rotated(const struct invocation *in, struct buf *b, const struct space_key *key)
{
	struct buf did;

	buf_init(&did, DID_BYTES);
	did_write(&did, &key->pub);
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_text(b, "control", STR("agent.rotate"));
		json_text(b, "agent", str_view(in->args[0]));
		json_text(b, "did", buf_view(&did));
		json_text(b, "private_key_file", str_view(key->path));
		buf_add_c(b, "}\n");
	} else {
		buf_addf(b, "agent.rotate: %s\n  did  %.*s\n  key  %s (private; hand it to the "
			    "agent)\n", in->args[0], STR_ARG(buf_view(&did)), key->path);
	}
	buf_fini(&did);
}

static enum err rotate(const struct invocation *in, struct space_key *ret, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(operator_open(in, &s, n));
	e = space_rotate_agent(s, str_view(in->args[0]), operator_reason(in),
			       world_now_ns(in->world), ret, n);
	return space_finish(s, e, n);
}

int cmd_agent_rotate(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct space_key key;
	struct buf b;
	enum err e = rotate(in, &key, &n);

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, OUT_CAP);
	say_rotated(in, &b, &key);
	e = print_out(&b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}
