/*
 * grants: delegations and credentials, made and recorded.
 *
 * What is made is handed to the gate like anybody's: it verifies a link signed here as it would one
 * that was signed elsewhere.
 */
#include "engine/space/inside.h"

#include "engine/base/when.h"

#define MEMORY_CAP ((size_t)1 << 20)
#define MEMBERS_MAX 6

/* --- delegations --- */

/* The link that the delegator hands on from; false when it acts on its own authority. */
static bool choose_parent(const struct space *s, const struct delegation *d, int64_t at_ns,
			  struct delegation_row *ret)
{
	struct delegation_row row;
	uint32_t at;

	if (!delegation_slot(s->state, GATE_DELEGATIONS, d->delegator, 0, &at, ret))
		return false;
	for (unsigned i = 0; delegation_slot(s->state, GATE_DELEGATIONS, d->delegator, i, &at,
					     &row); i++)
		if (!row.revoked && row.expires_ns > at_ns &&
		    capability_narrows(capability_text(&d->may), delegation_may(&row))) {
			*ret = row;
			break;
		}
	return true;
}

static enum err find_key(const struct space *s, struct str name, struct public_key *ret,
			 struct note *n)
{
	struct agent_row row;
	uint32_t at;

	TRY(agent_need(s->state, GATE_AGENTS, name, &at, &row, n));
	if (!row.has_key)
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"agent '%.*s' has no key, and a delegation names the keys of both",
				STR_ARG(name));
	*ret = agent_key(&row);
	return OK;
}

static enum err sign_link(struct space *s, struct delegation *d, struct note *n)
{
	struct sign_key *key;
	struct buf b;
	enum err e;

	TRY(space_open_agent_key(s, &d->from, &key, n));
	buf_init(&b, DELEGATION_BYTES);
	delegation_text(&b, d);
	e = b.err;
	if (e == OK)
		d->signature = sign_make(key, buf_view(&b));
	buf_fini(&b);
	sign_key_close(key);
	return e;
}

static enum err submit_link(struct space *s, const struct delegation *d, struct str reason,
			    int64_t at_ns, struct note *n)
{
	struct value data;
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	e = delegation_write(d, reason, &a, &data);
	if (e == OK)
		e = space_control(s, STR("agent.delegate"), d->delegatee, STR_NONE, &data, at_ns,
				  n);
	arena_fini(&a);
	return e;
}

enum err space_delegate(struct space *s, const struct space_delegation *given, int64_t at_ns,
			struct digest *ret, struct note *n)
{
	struct delegation d = {
		.log = s->config.origin, .delegator = given->from, .delegatee = given->to,
		.may = given->may, .issued_ns = at_ns, .expires_ns = given->expires_ns,
		.ceiling = given->ceiling, .depth = given->depth,
	};
	struct delegation_row parent = { .ceiling = DELEGATION_TOP };
	struct digest hash;

	TRY(chain_policy_allows(space_bundle(s), given->from, capability_text(&given->may), n));
	TRY(find_key(s, given->from, &d.from, n));
	TRY(find_key(s, given->to, &d.to, n));
	d.has_parent = choose_parent(s, &d, at_ns, &parent);
	if (d.has_parent)
		memcpy(d.parent.bytes, parent.hash, sizeof(parent.hash));
	if (!given->has_ceiling)
		d.ceiling = parent.ceiling;
	TRY(sign_link(s, &d, n));
	TRY(delegation_hash(&d, &hash));
	TRY(submit_link(s, &d, given->reason, at_ns, n));
	*ret = hash;
	return OK;
}

/* --- credentials --- */

/* The texts of one control. */
struct order {
	struct arena memory;
	struct member members[MEMBERS_MAX];
	size_t count;
};

static void order_init(struct order *o)
{
	arena_init(&o->memory, MEMORY_CAP);
	o->count = 0;
}

static void put(struct order *o, const char *key, struct value v)
{
	MUST(o->count < MEMBERS_MAX);
	o->members[o->count++] = (struct member){ .key = str_view(key), .value = v };
}

/* What stands in the buffer, which is given back. */
static enum err put_text(struct order *o, const char *key, struct buf *b)
{
	struct str text = STR_NONE;
	enum err e = arena_take(&o->memory, b, &text);

	put(o, key, value_string(text));
	return e;
}

static enum err put_time(struct order *o, const char *key, int64_t ns)
{
	struct buf b;

	buf_init(&b, WHEN_TEXT_BYTES);
	when_write(&b, ns);
	return put_text(o, key, &b);
}

static enum err put_hash(struct order *o, const struct digest *hash)
{
	struct buf b;

	buf_init(&b, 128);
	digest_write(&b, hash);
	return put_text(o, "credential", &b);
}

static enum err submit(struct space *s, struct order *o, const char *verb, struct str agent,
		       int64_t at_ns, struct note *n)
{
	const struct value data = { .kind = VALUE_OBJECT, .object = { o->members, o->count } };

	return space_control(s, str_view(verb), agent, STR_NONE, &data, at_ns, n);
}

static enum err make_secret(struct space *s, struct order *o, struct space_secret *ret)
{
	TRY(credential_make(s->world, ret->text));
	ret->hash = credential_hash(str_slice(ret->text, sizeof(ret->text)));
	return put_hash(o, &ret->hash);
}

/* Nobody gets a secret that was not recorded. */
static enum err hand_out(struct space_secret *made, enum err e, struct space_secret *ret)
{
	if (e == OK)
		*ret = *made;
	crypto_wipe(made, sizeof(*made));
	return e;
}

enum err space_issue_credential(struct space *s, struct str agent, const struct capabilities *may,
				int64_t expires_ns, struct str reason, int64_t at_ns,
				struct space_secret *ret, struct note *n)
{
	struct space_secret made;
	struct value list;
	struct order o;
	enum err e;

	order_init(&o);
	e = capability_write_list(capability_text(may), &o.memory, &list);
	if (e == OK) {
		put(&o, "capabilities", list);
		e = make_secret(s, &o, &made);
	}
	if (e == OK)
		e = put_time(&o, "expires", expires_ns);
	put(&o, "reason", value_string(reason));
	if (e == OK)
		e = submit(s, &o, "credential.issue", agent, at_ns, n);
	arena_fini(&o.memory);
	return hand_out(&made, e, ret);
}

static enum err find_credential(const struct space *s, struct str id, struct credential_row *ret,
				struct note *n)
{
	uint32_t at;

	if (credential_named(s->state, GATE_CREDENTIALS, id, &at, ret))
		return OK;
	return note_set(n, ERR_NOT_FOUND, 0, 0,
			"there is no credential '%.*s'; expected an id like "
			"cred-0123456789abcdef, as 'trammel agent show' lists them", STR_ARG(id));
}

enum err space_rotate_credential(struct space *s, struct str id, int64_t expires_ns,
				 int64_t until_ns, struct str reason, int64_t at_ns,
				 struct space_secret *ret, struct note *n)
{
	struct credential_row row;
	struct space_secret made;
	struct order o;
	enum err e;

	TRY(find_credential(s, id, &row, n));
	order_init(&o);
	e = make_secret(s, &o, &made);
	if (e == OK)
		e = put_time(&o, "expires", expires_ns);
	put(&o, "id", value_string(id));
	put(&o, "reason", value_string(reason));
	if (e == OK)
		e = put_time(&o, "until", until_ns);
	if (e == OK)
		e = submit(s, &o, "credential.rotate", credential_agent(&row), at_ns, n);
	arena_fini(&o.memory);
	return hand_out(&made, e, ret);
}

enum err space_revoke_credential(struct space *s, struct str id, struct str reason, int64_t at_ns,
				 struct note *n)
{
	struct credential_row row;
	struct order o;
	enum err e;

	TRY(find_credential(s, id, &row, n));
	order_init(&o);
	put(&o, "id", value_string(id));
	put(&o, "reason", value_string(reason));
	e = submit(s, &o, "credential.revoke", credential_agent(&row), at_ns, n);
	arena_fini(&o.memory);
	return e;
}
