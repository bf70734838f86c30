/*
 * agents: new agents, their next keys, and the files of the private halves.
 *
 *   key made -> keys/agents/key-<id>.pem durable -> event submitted
 *
 * The file comes first, so a crash may leave a key that belongs to nobody, never an agent whose key
 * is lost. When the event is refused, the file is taken away again.
 */
#include "engine/space/inside.h"

#include <stdio.h>

#include "engine/base/when.h"

#define AGENT_MEMBERS 4

/* keys/agents/<id of the key>.pem */
static enum err key_path(const struct space *s, const struct public_key *pub, char *path,
			 size_t path_bytes)
{
	char name[64];
	struct buf b;
	enum err e;

	buf_init(&b, sizeof(name));
	buf_add_c(&b, "keys/agents/");
	key_id_write(&b, pub);
	buf_add_c(&b, ".pem");
	e = b.err == OK ? str_to_c(buf_view(&b), name, sizeof(name)) : b.err;
	buf_fini(&b);
	TRY(e);
	return world_join(path, path_bytes, s->path, name);
}

/* Of an event that was refused, as well as it goes: the refusal is what is to be told. */
static void remove_key(struct world *w, const char *path)
{
	char part[LIMIT_PATH_BYTES];
	enum err ignored;

	if (snprintf(part, sizeof(part), "%s.new", path) < (int)sizeof(part))
		ignored = world_unlink(w, part);
	ignored = world_unlink(w, path);
	(void)ignored;
}

/* --- keys that are here --- */

/* The key of a file, if it is the one that the file is named after. */
static enum err take_key(struct str text, const struct public_key *pub, struct sign_key **ret,
			 struct note *n)
{
	struct public_key found;
	struct sign_key *key;

	TRY(pem_take_private(text, &key, n));
	found = sign_key_public(key);
	if (public_key_eq(&found, pub)) {
		*ret = key;
		return OK;
	}
	sign_key_close(key);
	return note_set(n, ERR_SIGNATURE, 0, 0, "this is another key than the file's name says");
}

enum err space_open_agent_key(struct space *s, const struct public_key *pub,
			      struct sign_key **ret, struct note *n)
{
	struct arena_mark mark = arena_mark(&s->memory);
	char path[LIMIT_PATH_BYTES];
	struct str text;
	enum err e;

	TRY(key_path(s, pub, path, sizeof(path)));
	e = world_read_file(s->world, path, LIMIT_KEY_BYTES, &s->memory, &text);
	if (e == OK) {
		e = take_key(text, pub, ret, n);
	} else if (e == ERR_NOT_FOUND) {
		(void)note_set(n, e, 0, 0, "the private key is not here; whoever made it has it");
	} else {
		(void)note_set(n, e, 0, 0, "the private key cannot be read: %s", err_text(e));
	}
	arena_rewind(&s->memory, mark);
	if (e != OK)
		note_file(n, path);
	return e;
}

/* --- new agents --- */

static struct member text_member(const char *key, struct str text)
{
	return (struct member){ .key = str_view(key), .value = value_string(text) };
}

static enum err submit_agent(struct space *s, const struct space_newcomer *who,
			     const struct public_key *pub, int64_t at_ns, struct note *why)
{
	struct member members[AGENT_MEMBERS];
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 0 } };
	const struct event e = { .kind = ENTRY_AGENT, .at_ns = at_ns, .agent = who->name,
				 .data = &data };
	struct verdict ignored;
	struct buf did, expires;
	struct arena a;
	enum err failed;

	buf_init(&did, DID_BYTES);
	buf_init(&expires, WHEN_TEXT_BYTES);
	arena_init(&a, LIMIT_ACTION_MEMORY);
	did_write(&did, pub);
	when_write(&expires, who->expires_ns);
	members[data.object.count++] = text_member("did", buf_view(&did));
	if (who->expires_ns)
		members[data.object.count++] = text_member("expires", buf_view(&expires));
	members[data.object.count++] =
		text_member("origin", str_view(agent_origin_name(AGENT_CREATED)));
	if (who->sponsor.ptr)
		members[data.object.count++] = text_member("sponsor", who->sponsor);
	failed = did.err != OK ? did.err : expires.err;
	if (failed == OK) {
		failed = space_submit(s, &e, &a, &ignored);
		*why = s->gate.why;
	}
	arena_fini(&a);
	buf_fini(&expires);
	buf_fini(&did);
	return failed;
}

static enum err check_newcomer(const struct space *s, const struct space_newcomer *who,
			       int64_t at_ns, struct note *n)
{
	struct agent_row row;
	uint32_t at;

	if (!agent_name_ok(who->name))
		return note_set(n, ERR_SYNTAX, 0, 0,
				"an agent's name has 1 to %d bytes without control characters",
				LIMIT_NAME_BYTES);
	if (agent_find(s->state, GATE_AGENTS, who->name, &at, &row))
		return note_set(n, ERR_EXISTS, 0, 0, "agent '%.*s' is registered already",
				STR_ARG(who->name));
	if (who->sponsor.ptr && !sponsor_ok(who->sponsor))
		return note_set(n, ERR_SYNTAX, 0, 0,
				"the sponsor '%.*s' is not a mail address; expected one like "
				"ann@example.org, at most %d bytes", STR_ARG(who->sponsor),
				SPONSOR_BYTES);
	if (who->expires_ns && who->expires_ns <= at_ns)
		return note_set(n, ERR_RANGE, 0, 0,
				"agent '%.*s' would expire before it is registered",
				STR_ARG(who->name));
	return OK;
}

/*
 * See that the private half is in its file; `*written` when it was not there before. A file that is
 * there belongs to an agent already, and must neither be lost nor be another key.
 */
static enum err keep_key(struct space *s, const struct sign_key *key, struct space_key *kept,
			 bool *written, struct note *n)
{
	enum world_kind kind;
	struct sign_key *there;

	kept->pub = sign_key_public(key);
	TRY(key_path(s, &kept->pub, kept->path, sizeof(kept->path)));
	TRY(world_kind(s->world, kept->path, &kind));
	*written = kind == WORLD_NOTHING;
	if (*written)
		return pem_write_file(s->world, kept->path, key);
	TRY(space_open_agent_key(s, &kept->pub, &there, n));
	sign_key_close(there);
	return OK;
}

/* Register with a key whose private half is here: that is kept first. */
static enum err admit_with_key(struct space *s, const struct space_newcomer *who,
			       const struct sign_key *key, int64_t at_ns, struct space_key *ret,
			       struct note *why)
{
	bool written = false;
	enum err e = keep_key(s, key, ret, &written, why);

	if (e == OK)
		e = submit_agent(s, who, &ret->pub, at_ns, why);
	if (e != OK && written)
		remove_key(s->world, ret->path);
	return e;
}

enum err space_create_agent(struct space *s, const struct space_newcomer *who, int64_t at_ns,
			    struct space_key *ret, struct note *n)
{
	struct space_key kept = { .path = "" };
	struct sign_key *made = NULL;
	struct note why = { .text = "" };
	enum err e;

	TRY(check_newcomer(s, who, at_ns, n));
	if (who->pub) {
		kept.pub = *who->pub;
		e = submit_agent(s, who, who->pub, at_ns, &why);
	} else {
		e = who->key ? OK : sign_key_make(s->world, &made);
		if (e == OK)
			e = admit_with_key(s, who, who->key ? who->key : made, at_ns, &kept, &why);
	}
	sign_key_close(made);
	if (e != OK && why.text[0]) {
		if (n)
			*n = why;
		return e;
	}
	if (e != OK)
		return note_set(n, e, 0, 0, "agent '%.*s' could not be registered: %s",
				STR_ARG(who->name), err_text(e));
	*ret = kept;
	return OK;
}

/* --- the next key --- */

static enum err add_signature(struct buf *b, const struct sign_key *key, struct str text)
{
	struct signature sig = sign_make(key, text);

	base64_write(b, sig.bytes, sizeof(sig.bytes));
	return b->err;
}

/* The texts of one rotation. */
struct turning {
	struct buf statement, did, old_id, by_old, by_next;
};

static void turning_init(struct turning *t)
{
	buf_init(&t->statement, ROTATION_BYTES);
	buf_init(&t->did, DID_BYTES);
	buf_init(&t->old_id, KEY_ID_BYTES);
	buf_init(&t->by_old, 2 * SIGNATURE_BYTES);
	buf_init(&t->by_next, 2 * SIGNATURE_BYTES);
}

static void turning_fini(struct turning *t)
{
	buf_fini(&t->by_next);
	buf_fini(&t->by_old);
	buf_fini(&t->old_id);
	buf_fini(&t->did);
	buf_fini(&t->statement);
}

static enum err write_turning(struct turning *t, const struct agent_row *agent,
			      const struct sign_key *old, const struct sign_key *next)
{
	struct public_key was = sign_key_public(old), pub = sign_key_public(next);

	rotation_text(&t->statement, agent, &pub, agent->key_sequence + 1);
	did_write(&t->did, &pub);
	key_id_write(&t->old_id, &was);
	TRY(t->statement.err);
	TRY(t->did.err);
	TRY(t->old_id.err);
	TRY(add_signature(&t->by_old, old, buf_view(&t->statement)));
	return add_signature(&t->by_next, next, buf_view(&t->statement));
}

static enum err submit_rotation(struct space *s, const struct agent_row *agent,
				const struct turning *t, struct str reason, int64_t at_ns,
				struct note *n)
{
	struct member members[] = {
		text_member("new_did", buf_view(&t->did)),
		text_member("new_signature", buf_view(&t->by_next)),
		text_member("old_key", buf_view(&t->old_id)),
		text_member("old_signature", buf_view(&t->by_old)),
		text_member("reason", reason),
		{ .key = STR("sequence"), .value = value_int((int64_t)agent->key_sequence + 1) },
	};
	struct value data = { .kind = VALUE_OBJECT,
			      .object = { members, sizeof(members) / sizeof(members[0]) } };

	return space_control(s, STR("agent.rotate"), agent_name(agent), STR_NONE, &data, at_ns, n);
}

static enum err rotate(struct space *s, const struct agent_row *agent, const struct sign_key *old,
		       const struct sign_key *next, struct str reason, int64_t at_ns,
		       struct space_key *ret, struct note *n)
{
	struct space_key kept = { .pub = sign_key_public(next) };
	struct turning t;
	enum err e;

	turning_init(&t);
	e = key_path(s, &kept.pub, kept.path, sizeof(kept.path));
	if (e == OK)
		e = write_turning(&t, agent, old, next);
	if (e == OK) {
		e = pem_write_file(s->world, kept.path, next);
		if (e == OK)
			e = submit_rotation(s, agent, &t, reason, at_ns, n);
		if (e != OK)
			remove_key(s->world, kept.path);
	}
	turning_fini(&t);
	TRY(e);
	*ret = kept;
	return OK;
}

enum err space_rotate_agent(struct space *s, struct str name, struct str reason, int64_t at_ns,
			    struct space_key *ret, struct note *n)
{
	struct sign_key *old, *next;
	struct public_key pub;
	struct agent_row agent;
	uint32_t at;
	enum err e;

	TRY(agent_need(s->state, GATE_AGENTS, name, &at, &agent, n));
	if (!agent.has_key)
		return note_set(n, ERR_NOT_FOUND, 0, 0, "agent '%.*s' has no key to rotate",
				STR_ARG(name));
	pub = agent_key(&agent);
	TRY(space_open_agent_key(s, &pub, &old, n));
	e = sign_key_make(s->world, &next);
	if (e == OK) {
		e = rotate(s, &agent, old, next, reason, at_ns, ret, n);
		sign_key_close(next);
	}
	sign_key_close(old);
	return e;
}
