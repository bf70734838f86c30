/*
 * cmd_trace_emit: trammel trace emit [FACTS] --session S: a TRACE record of what an agent did
 *
 * Here is only where the pieces come from: the session from the log, what no log knows from FACTS
 * (the workspace's trace.yaml unless it is named), the key from --key or the environment. Nothing
 * is recorded: the record says no more than the log, so the log would learn nothing from it.
 */
#include "engine/attest/attest.h"
#include "engine/base/when.h"
#include "tui/given_policy.h"
#include "tui/print.h"
#include "tui/verdict_of.h"

#define OUT_CAP    ((size_t)4 << 20)
#define MEMORY_CAP ((size_t)64 << 20)
#define FACTS_NAME "trace.yaml"
#define PEM_ENV    "TRACE_PRIVATE_KEY_PEM"
#define PATH_ENV   "AGENTRUST_TRACE_KEY_PATH"

struct emitting {
	const struct invocation *in;
	struct space *space;
	struct arena memory;
	struct transcript transcript;
	struct value facts;
	char facts_file[LIMIT_PATH_BYTES];
	struct buf subject, credential;
	struct trace_record parent;
	struct issue_order order;
	struct note *note;
};

/* --- the key --- */

/* Text of a key, wherever it came from; `from` names the place in messages. */
static enum err open_key(struct emitting *e, struct str text, const char *from,
			 struct sign_key **ret)
{
	struct jwk key = { .key = NULL };
	enum err failed = keyfile_read(text, STR_NONE, &e->memory, &key, e->note);

	if (failed != OK) {
		note_file(e->note, from);
		return failed;
	}
	if (!key.key)
		return note_set(e->note, ERR_TYPE, 0, 0,
				"%s is the public half of a key; expected the private one", from);
	*ret = key.key;
	return OK;
}

static enum err key_of_file(struct emitting *e, const char *file, struct sign_key **ret)
{
	struct str text;
	enum err failed;

	TRY(given_text(e->in, file, &e->memory, &text, e->note));
	failed = open_key(e, text, file, ret);
	crypto_wipe_text(text);
	return failed;
}

/* A shell takes the last line end away when it puts a file into a variable. */
static enum err key_of_variable(struct emitting *e, const char *pem, struct sign_key **ret)
{
	struct str text = str_view(pem);
	struct buf whole;
	enum err failed;

	buf_init(&whole, LIMIT_KEY_BYTES);
	buf_add(&whole, text);
	if (!str_ends(text, STR("\n")))
		buf_add_byte(&whole, '\n');
	failed = whole.err;
	if (failed == OK)
		failed = open_key(e, buf_view(&whole), PEM_ENV, ret);
	crypto_wipe_buf(&whole);
	return failed;
}

static enum err find_key(struct emitting *e, struct sign_key **ret)
{
	const char *pem = world_env(e->in->world, PEM_ENV);
	const char *path = world_env(e->in->world, PATH_ENV);

	if (given(e->in, OPT_KEY))
		return key_of_file(e, e->in->values[OPT_KEY], ret);
	if (pem && pem[0])
		return key_of_variable(e, pem, ret);
	if (path && path[0])
		return key_of_file(e, path, ret);
	return note_set(e->note, ERR_USAGE, 0, 0,
			"a record is signed: expected --key FILE, or " PEM_ENV " (the key) or "
			PATH_ENV " (its file) in the environment");
}

/* --- facts --- */

static enum err read_facts(struct emitting *e)
{
	enum world_kind kind = WORLD_NOTHING;

	if (e->in->arg_count) {
		TRY(str_to_c(str_view(e->in->args[0]), e->facts_file, sizeof(e->facts_file)));
	} else {
		TRY(world_join(e->facts_file, sizeof(e->facts_file), space_path(e->space),
			       FACTS_NAME));
		TRY(world_kind(e->in->world, e->facts_file, &kind));
		if (kind == WORLD_NOTHING)
			return note_set(e->note, ERR_NOT_FOUND, 0, 0,
					"no log knows which model and build acted and how "
					"sensitive it was: expected FACTS with model, data_class, "
					"build_provenance and, of an imported session, origin; or "
					"%s", e->facts_file);
	}
	TRY(given_document(e->in, e->facts_file, &e->memory, &e->facts, e->note));
	if (e->facts.kind != VALUE_OBJECT) {
		note_file(e->note, e->facts_file);
		return note_set(e->note, ERR_TYPE, 1, 1, "found %s, expected an object of facts",
				value_kind_name(e->facts.kind));
	}
	e->order.facts = &e->facts;
	return OK;
}

/* --- the session --- */

static enum err take_session(struct emitting *e)
{
	struct transcript_place *place = &e->order.place;
	struct checkpoint checkpoint;
	struct str ignored;

	TRY(log_checkpoint(e->in->world, space_log_folder(e->space), space_key(e->space), 1,
			   &e->memory, &ignored, &checkpoint, e->note));
	place->origin = space_config(e->space)->origin;
	place->session = str_view(e->in->values[OPT_SESSION]);
	place->size = checkpoint.size;
	place->root = checkpoint.root;
	TRY(transcript_take(e->in->world, space_log_folder(e->space), &checkpoint, place->session,
			    &e->memory, &e->transcript, e->note));
	if (e->transcript.entries == 0)
		return note_set(e->note, ERR_NOT_FOUND, 0, 0,
				"no entry under the checkpoint has session '%s'",
				e->in->values[OPT_SESSION]);
	e->order.transcript = &e->transcript;
	return OK;
}

static bool has_acted(const struct transcript *t, struct str name)
{
	for (size_t i = 0; i < t->agent_count; i++)
		if (str_eq(t->agents[i], name))
			return true;
	return false;
}

static enum err choose_agent(struct emitting *e, struct str *ret)
{
	const struct transcript *t = &e->transcript;
	const char *session = e->in->values[OPT_SESSION];

	*ret = given(e->in, OPT_AGENT) ? str_view(e->in->values[OPT_AGENT])
	       : t->agent_count == 1   ? t->agents[0]
				       : STR_NONE;
	if (ret->ptr && has_acted(t, *ret))
		return OK;
	if (ret->ptr)
		return note_set(e->note, ERR_NOT_FOUND, 0, 0,
				"agent '%.*s' did nothing in session '%s'", STR_ARG(*ret), session);
	if (t->agent_count == 0)
		return note_set(e->note, ERR_NOT_FOUND, 0, 0, "nobody acted in session '%s'",
				session);
	return note_set(e->note, ERR_USAGE, 0, 0,
			"%zu agents acted in session '%s', and a record is about one: expected "
			"--agent NAME, like '%.*s'", t->agent_count, session,
			STR_ARG(t->agents[0]));
}

/* A SPIFFE ID where there is a trust domain, else the DID of the agent's key. */
static enum err name_agent(struct emitting *e, const struct agent_row *row)
{
	const struct str segments[] = { STR("agentmesh"), agent_name(row) };
	struct str domain = space_config(e->space)->trust_domain;
	struct public_key pub = agent_key(row);

	if (given(e->in, OPT_TRUST_DOMAIN) || domain.ptr) {
		TRY(trust_domain_of(e->in, e->space, &domain, e->note));
		if (spiffe_write(&e->subject, domain, segments, 2) != OK)
			return note_set(e->note, ERR_SYNTAX, 0, 0,
					"agent '%.*s' has no SPIFFE ID: its name is not of "
					"letters, digits, '.', '-', '_'", STR_ARG(segments[1]));
	} else if (row->has_key) {
		did_write(&e->subject, &pub);
	} else {
		return note_set(e->note, ERR_NOT_FOUND, 0, 0,
				"agent '%.*s' has no key, so no DID; expected --trust-domain NAME "
				"for a SPIFFE ID", STR_ARG(segments[1]));
	}
	e->order.subject = buf_view(&e->subject);
	return e->subject.err;
}

/* By which link it acted on another's authority, as long as that is one. */
static enum err name_link(struct emitting *e, const struct state *state, struct str agent)
{
	struct delegation_row row;
	unsigned good = 0;
	uint32_t at;

	for (unsigned slot = 0;
	     delegation_slot(state, GATE_DELEGATIONS, agent, slot, &at, &row); slot++) {
		if (row.revoked || row.expires_ns <= e->transcript.newest_ns)
			continue;
		buf_clear(&e->credential);
		delegation_id_write(&e->credential, row.hash);
		good++;
	}
	if (good == 1)
		e->order.credential = buf_view(&e->credential);
	if (good && !e->order.parent)
		print_talk("trammel: agent '%.*s' acts on another's authority; without --parent "
			   "the record does not say so", STR_ARG(agent));
	return e->credential.err;
}

/* As the agent was at the session's newest entry. */
static enum err describe_agent(struct emitting *e)
{
	struct agent_row row;
	struct digest ignored;
	struct state *state;
	struct str name;
	uint32_t at;
	enum err failed;

	TRY(choose_agent(e, &name));
	TRY(gate_state_open(&state));
	failed = space_state_at(e->space, e->transcript.last, state, &ignored, e->note);
	if (failed == OK && !agent_find(state, GATE_AGENTS, name, &at, &row))
		failed = note_set(e->note, ERR_NOT_FOUND, 0, 0,
				  "agent '%.*s' was not registered", STR_ARG(name));
	if (failed == OK)
		failed = name_agent(e, &row);
	if (failed == OK)
		failed = name_link(e, state, name);
	state_close(state);
	e->order.imported = e->transcript.imported;
	e->order.stranger = failed == OK && row.origin == AGENT_IMPORTED;
	return failed;
}

/* --- the record --- */

static enum err read_parent(struct emitting *e)
{
	const char *file = e->in->values[OPT_PARENT];
	struct str text;
	enum err failed;

	if (!given(e->in, OPT_PARENT))
		return OK;
	TRY(given_text(e->in, file, &e->memory, &text, e->note));
	failed = trace_record_read(text, &e->memory, &e->parent, e->note);
	if (failed == OK)
		failed = trace_schema_check(e->parent.record, TRACE_V0_2, e->note);
	if (failed != OK)
		note_file(e->note, file);
	e->order.parent = e->parent.whole;
	return failed;
}

/* When the session's newest entry was made, unless the log does not know that either. */
static enum err date_record(struct emitting *e)
{
	int64_t issued_ns = e->transcript.newest_ns;

	if (given(e->in, OPT_TIME))
		TRY(time_of(e->in, &issued_ns, e->note));
	e->order.issued_s = issued_ns / WHEN_SECOND_NS;
	if (given(e->in, OPT_TIME) || e->order.issued_s >= TRACE_LEAST_S)
		return OK;
	return note_set(e->note, ERR_USAGE, 0, 0,
			"the times of session '%s' are from before there were such records, or "
			"synthetic: expected --time TIME, when this one is issued",
			e->in->values[OPT_SESSION]);
}

static enum err emit(struct emitting *e, struct buf *out)
{
	struct sign_key *key;
	enum err failed;

	TRY(space_open(e->in->world, dir_of(e->in), SPACE_READ, &e->space, e->note));
	TRY(read_facts(e));
	TRY(take_session(e));
	TRY(read_parent(e));
	TRY(describe_agent(e));
	TRY(date_record(e));
	TRY(find_key(e, &key));
	e->order.key = key;
	failed = issue_write(out, &e->order, &e->memory, e->note);
	sign_key_close(key);
	if (failed != OK && e->note->line)
		note_file(e->note, e->facts_file);
	buf_add_byte(out, '\n');
	return failed == OK ? out->err : failed;
}

int cmd_trace_emit(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct emitting e = { .in = in, .note = &n };
	struct buf b;
	enum err failed;

	if (!given(in, OPT_SESSION) || !in->values[OPT_SESSION][0])
		return missing_option(in, "a record is of one session: expected --session NAME");
	arena_init(&e.memory, MEMORY_CAP);
	buf_init(&e.subject, SPIFFE_BYTES);
	buf_init(&e.credential, DELEGATION_ID_BYTES);
	buf_init(&b, OUT_CAP);
	failed = emit(&e, &b);
	if (failed == OK)
		failed = print_out(&b, &n);
	buf_fini(&b);
	buf_fini(&e.credential);
	buf_fini(&e.subject);
	arena_fini(&e.memory);
	(void)space_close(e.space, NULL);
	return failed == OK ? 0 : print_error(in, failed, &n);
}
