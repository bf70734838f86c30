/*
 * delegation: links read, checked and kept.
 *
 *   kept --revoke--> revoked
 *     |                 |
 *     +---its time------+--------> the slot is free for another link
 *
 * A link that was recorded is not taken a second time: while it is in its slot, it is found there;
 * when it has expired, it is refused for that; and when it was revoked and another one is in its
 * place, the slot remembers until when what is issued comes too late.
 */
#include "engine/identity/identity.h"

#include "engine/base/field.h"
#include "engine/base/when.h"

#define DOMAIN STR("trammel/delegation/v1")

struct table_schema delegation_table(void)
{
	return (struct table_schema){ "delegations", sizeof(struct delegation_row),
				      LIMIT_NAME_BYTES + 8 };
}

struct str delegation_delegator(const struct delegation_row *row)
{
	return field_text(row->delegator);
}

struct str delegation_may(const struct delegation_row *row)
{
	return str_slice(row->may, row->may_bytes);
}

/* --- what is signed --- */

void delegation_text(struct buf *b, const struct delegation *d)
{
	statement_text(b, DOMAIN);
	statement_text(b, d->log);
	statement_text(b, d->delegator);
	statement_bytes(b, d->from.bytes, sizeof(d->from.bytes));
	statement_text(b, d->delegatee);
	statement_bytes(b, d->to.bytes, sizeof(d->to.bytes));
	statement_text(b, capability_text(&d->may));
	statement_number(b, (uint64_t)d->issued_ns);
	statement_number(b, (uint64_t)d->expires_ns);
	statement_number(b, d->ceiling);
	statement_number(b, d->depth);
	statement_bytes(b, d->parent.bytes, d->has_parent ? sizeof(d->parent.bytes) : 0);
}

enum err delegation_hash(const struct delegation *d, struct digest *ret)
{
	struct buf b;
	enum err e;

	buf_init(&b, DELEGATION_BYTES);
	delegation_text(&b, d);
	e = b.err;
	if (e == OK)
		*ret = sha256(buf_view(&b));
	buf_fini(&b);
	return e;
}

void delegation_id_write(struct buf *b, const uint8_t hash[DIGEST_BYTES])
{
	buf_add_c(b, "link-");
	buf_add_hex(b, hash, 8);
}

/* --- reading --- */

static enum err malformed(struct note *why, const char *member, const char *expected)
{
	return note_set(why, ERR_SYNTAX, 0, 0, "link-malformed: '%s': expected %s", member,
			expected);
}

static enum err read_number(const struct value *data, const char *key, uint32_t most,
			    uint32_t *ret, struct note *why)
{
	const struct value *v = value_get_c(data, key);

	if (!v || v->kind != VALUE_INT || v->integer < 0 || v->integer > (int64_t)most)
		return note_set(why, ERR_SYNTAX, 0, 0,
				"link-malformed: '%s': expected a whole number up to %u", key,
				most);
	*ret = (uint32_t)v->integer;
	return OK;
}

static enum err read_may(const struct value *data, struct delegation *d, struct note *why)
{
	struct note n = { .text = "" };
	enum err e = capability_read_list(value_get_c(data, "capabilities"), &d->may, &n);

	if (e == OK || e == ERR_MEMORY)
		return e;
	return note_set(why, e, 0, 0, "link-malformed: 'capabilities': %s", n.text);
}

enum err delegation_read(const struct value *data, struct str delegatee, struct delegation *ret,
			 struct note *why)
{
	struct delegation d = { .log = value_text(data, "log"),
				.delegator = value_text(data, "delegator"),
				.delegatee = delegatee };
	const struct value *parent = value_get_c(data, "parent");
	size_t len = 0;

	if (!d.log.ptr || d.log.len > LIMIT_ORIGIN_BYTES)
		return malformed(why, "log", "the name of a log");
	if (!agent_name_ok(d.delegator))
		return malformed(why, "delegator", "the name of an agent");
	if (did_read(value_text(data, "from"), &d.from) != OK)
		return malformed(why, "from", "a did:key of Ed25519");
	if (did_read(value_text(data, "to"), &d.to) != OK)
		return malformed(why, "to", "a did:key of Ed25519");
	TRY(read_may(data, &d, why));
	if (when_read(value_text(data, "issued"), &d.issued_ns) != OK)
		return malformed(why, "issued", "a time like 2026-01-02T03:04:05Z");
	if (when_read(value_text(data, "expires"), &d.expires_ns) != OK)
		return malformed(why, "expires", "a time like 2026-01-02T03:04:05Z");
	TRY(read_number(data, "ceiling", DELEGATION_TOP, &d.ceiling, why));
	TRY(read_number(data, "depth", LIMIT_DELEGATION_DEPTH - 1, &d.depth, why));
	d.has_parent = parent != NULL;
	if (parent && digest_read(value_text(data, "parent"), &d.parent) != OK)
		return malformed(why, "parent", "the hash of a link, sha256:...");
	if (base64_read(value_text(data, "signature"), d.signature.bytes,
			sizeof(d.signature.bytes), &len) != OK ||
	    len != sizeof(d.signature.bytes))
		return malformed(why, "signature", "base64 of 64 bytes");
	*ret = d;
	return OK;
}

/* --- writing --- */

/* What was written into the buffer, which is given back, as a string in the arena. */
static enum err keep_text(struct arena *a, struct buf *b, struct value *ret)
{
	struct str text = STR_NONE;
	enum err e = arena_take(a, b, &text);

	*ret = value_string(text);
	return e;
}

static enum err put_did(struct arena *a, const struct public_key *key, struct value *ret)
{
	struct buf b;

	buf_init(&b, DID_BYTES);
	did_write(&b, key);
	return keep_text(a, &b, ret);
}

static enum err put_time(struct arena *a, int64_t ns, struct value *ret)
{
	struct buf b;

	buf_init(&b, WHEN_TEXT_BYTES);
	when_write(&b, ns);
	return keep_text(a, &b, ret);
}

static enum err put_digest(struct arena *a, const struct digest *d, struct value *ret)
{
	struct buf b;

	buf_init(&b, 128);
	digest_write(&b, d);
	return keep_text(a, &b, ret);
}

static enum err put_signature(struct arena *a, const struct signature *sig, struct value *ret)
{
	struct buf b;

	buf_init(&b, 2 * SIGNATURE_BYTES);
	base64_write(&b, sig->bytes, sizeof(sig->bytes));
	return keep_text(a, &b, ret);
}

#define MEMBERS 12

/* A member to be filled in. */
static struct value *put(struct member *members, size_t *count, const char *key)
{
	struct member *m = &members[(*count)++];

	m->key = str_view(key);
	return &m->value;
}

enum err delegation_write(const struct delegation *d, struct str reason, struct arena *a,
			  struct value *ret)
{
	struct member *m = arena_array(a, MEMBERS, sizeof(*m));
	size_t n = 0;

	if (!m)
		return ERR_MEMORY;
	TRY(capability_write_list(capability_text(&d->may), a, put(m, &n, "capabilities")));
	*put(m, &n, "ceiling") = value_int(d->ceiling);
	*put(m, &n, "delegator") = value_string(d->delegator);
	*put(m, &n, "depth") = value_int(d->depth);
	TRY(put_time(a, d->expires_ns, put(m, &n, "expires")));
	TRY(put_did(a, &d->from, put(m, &n, "from")));
	TRY(put_time(a, d->issued_ns, put(m, &n, "issued")));
	*put(m, &n, "log") = value_string(d->log);
	if (d->has_parent)
		TRY(put_digest(a, &d->parent, put(m, &n, "parent")));
	*put(m, &n, "reason") = value_string(reason);
	TRY(put_signature(a, &d->signature, put(m, &n, "signature")));
	TRY(put_did(a, &d->to, put(m, &n, "to")));
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { m, n } };
	return OK;
}

/* --- checking --- */

static bool has_key(const struct agent_row *agent, const struct public_key *key)
{
	return agent->has_key && memcmp(agent->key, key->bytes, sizeof(key->bytes)) == 0;
}

static enum err check_parties(const struct delegation *d, const struct agent_row *from,
			      const struct agent_row *to, struct str log, struct note *why)
{
	if (!str_eq(d->log, log))
		return note_set(why, ERR_RANGE, 0, 0, "link-other-log: it is for log '%.*s'",
				STR_ARG(d->log));
	if (!has_key(from, &d->from))
		return note_set(why, ERR_RANGE, 0, 0,
				"link-other-key: 'from' is not the key that agent '%.*s' has",
				STR_ARG(d->delegator));
	if (!has_key(to, &d->to))
		return note_set(why, ERR_RANGE, 0, 0,
				"link-other-key: 'to' is not the key that agent '%.*s' has",
				STR_ARG(d->delegatee));
	return OK;
}

static enum err check_signature(const struct delegation *d, struct note *why)
{
	struct buf b;
	bool good;
	enum err e;

	buf_init(&b, DELEGATION_BYTES);
	delegation_text(&b, d);
	e = b.err;
	good = e == OK && sign_check(&d->from, buf_view(&b), &d->signature);
	buf_fini(&b);
	TRY(e);
	return good ? OK : note_set(why, ERR_SIGNATURE, 0, 0,
				    "link-signature: it is not by agent '%.*s' over this link",
				    STR_ARG(d->delegator));
}

/* Differences as unsigned never overflow. */
static bool lies_beyond(int64_t from_ns, int64_t to_ns, int64_t bound_ns)
{
	return to_ns > from_ns && (uint64_t)to_ns - (uint64_t)from_ns > (uint64_t)bound_ns;
}

static enum err check_times(const struct delegation *d, int64_t at_ns, struct note *why)
{
	if (d->expires_ns <= at_ns)
		return note_set(why, ERR_RANGE, 0, 0, "link-expired: its time is over");
	if (lies_beyond(at_ns, d->issued_ns, LIMIT_AHEAD_NS))
		return note_set(why, ERR_RANGE, 0, 0,
				"link-ahead: it is issued later than five minutes from now");
	if (d->expires_ns <= d->issued_ns ||
	    lies_beyond(d->issued_ns, d->expires_ns, LIMIT_DELEGATION_NS))
		return note_set(why, ERR_RANGE, 0, 0,
				"link-too-long: a delegation lasts at most 366 days");
	return OK;
}

/* Nothing of a link exceeds the one above it. */
static enum err check_parent(const struct delegation *d, const struct delegation_row *parent,
			     struct note *why)
{
	if (d->depth >= parent->depth)
		return note_set(why, ERR_RANGE, 0, 0,
				"link-depth: agent '%.*s' has a depth of %u; what it hands on has "
				"less, and with 0 it hands on nothing",
				STR_ARG(d->delegator), parent->depth);
	if (d->expires_ns > parent->expires_ns)
		return note_set(why, ERR_RANGE, 0, 0,
				"link-outlives: it would end after the one that it stands on");
	if (d->ceiling > parent->ceiling)
		return note_set(why, ERR_RANGE, 0, 0,
				"link-ceiling: agent '%.*s' has a ceiling of %u itself",
				STR_ARG(d->delegator), parent->ceiling);
	if (!capability_narrows(capability_text(&d->may), delegation_may(parent)))
		return note_set(why, ERR_RANGE, 0, 0,
				"link-wider: agent '%.*s' has less to hand on: %.*s",
				STR_ARG(d->delegator), STR_ARG(delegation_may(parent)));
	return OK;
}

enum err delegation_check(const struct delegation *d, const struct agent_row *from,
			  const struct agent_row *to, const struct delegation_row *parent,
			  struct str log, int64_t at_ns, struct note *why)
{
	TRY(check_parties(d, from, to, log, why));
	TRY(check_signature(d, why));
	TRY(check_times(d, at_ns, why));
	if (!capability_names_tools(capability_text(&d->may)))
		return note_set(why, ERR_RANGE, 0, 0,
				"link-wildcard: '*' is not handed on; say which tools");
	return parent ? check_parent(d, parent, why) : OK;
}

/* --- rows --- */

bool delegation_slot(const struct state *s, unsigned table, struct str delegatee, unsigned slot,
		     uint32_t *at, struct delegation_row *ret)
{
	struct delegation_row key;

	/* Asked of every action: where there are no delegations no row is cleared. */
	if (slot >= LIMIT_DELEGATIONS || state_rows(s, table) == 0 || !agent_name_ok(delegatee))
		return false;
	key = (struct delegation_row){ .slot = (uint8_t)slot };
	memcpy(key.delegatee, delegatee.ptr, delegatee.len);
	if (!state_find(s, table, &key, at))
		return false;
	memcpy(ret, state_row(s, table, *at), sizeof(*ret));
	return true;
}

bool delegation_find(const struct state *s, unsigned table, struct str delegatee,
		     const uint8_t hash[DIGEST_BYTES], struct delegation_row *ret)
{
	struct delegation_row row;
	uint32_t at;

	for (unsigned i = 0; delegation_slot(s, table, delegatee, i, &at, &row); i++)
		if (memcmp(row.hash, hash, sizeof(row.hash)) == 0) {
			*ret = row;
			return true;
		}
	return false;
}

bool delegation_any(const struct state *s, unsigned table, struct str agent)
{
	struct delegation_row row;
	uint32_t at;

	return delegation_slot(s, table, agent, 0, &at, &row);
}

/* Was it recorded before, or may it have been? Else *slot is the one to take. */
static enum err find_room(const struct state *s, unsigned table, const struct delegation *d,
			  const struct digest *hash, int64_t at_ns, unsigned *slot,
			  struct note *why)
{
	struct delegation_row row;
	uint32_t at;
	unsigned i;

	*slot = LIMIT_DELEGATIONS;
	for (i = 0; delegation_slot(s, table, d->delegatee, i, &at, &row); i++) {
		bool ended = row.revoked || row.expires_ns <= at_ns;

		if (memcmp(row.hash, hash->bytes, sizeof(row.hash)) == 0)
			return note_set(why, ERR_EXISTS, 0, 0,
					"link-replayed: entry %llu recorded it%s",
					(unsigned long long)row.entry,
					row.revoked ? ", and it was revoked since" : " already");
		if (row.after_ns != 0 && d->issued_ns <= row.after_ns)
			return note_set(why, ERR_EXISTS, 0, 0,
					"link-replayed: it was issued before one that was revoked");
		if (ended && (!row.revoked || d->issued_ns > row.issued_ns) &&
		    *slot == LIMIT_DELEGATIONS)
			*slot = i;
	}
	if (*slot == LIMIT_DELEGATIONS)
		*slot = i;
	return *slot < LIMIT_DELEGATIONS
		       ? OK
		       : note_set(why, ERR_LIMIT, 0, 0,
				  "link-full: agent '%.*s' has %d delegations",
				  STR_ARG(d->delegatee), LIMIT_DELEGATIONS);
}

enum err delegation_keep(struct state *s, unsigned table, const struct delegation *d,
			 uint64_t entry, int64_t at_ns, struct note *why)
{
	struct delegation_row old, row = {
		.issued_ns = d->issued_ns, .expires_ns = d->expires_ns, .entry = entry,
		.ceiling = d->ceiling, .depth = (uint16_t)d->depth, .may_bytes = d->may.bytes,
		.has_parent = d->has_parent,
	};
	struct digest hash;
	unsigned slot;
	uint32_t at;

	TRY(delegation_hash(d, &hash));
	TRY(find_room(s, table, d, &hash, at_ns, &slot, why));
	row.slot = (uint8_t)slot;
	memcpy(row.delegatee, d->delegatee.ptr, d->delegatee.len);
	memcpy(row.delegator, d->delegator.ptr, d->delegator.len);
	memcpy(row.from, d->from.bytes, sizeof(row.from));
	memcpy(row.hash, hash.bytes, sizeof(row.hash));
	if (d->has_parent)
		memcpy(row.parent, d->parent.bytes, sizeof(row.parent));
	memcpy(row.may, d->may.text, d->may.bytes);
	if (!delegation_slot(s, table, d->delegatee, slot, &at, &old))
		return state_insert(s, table, &row, &at);
	row.after_ns = old.after_ns;
	if (old.revoked && (row.after_ns == 0 || old.issued_ns > row.after_ns))
		row.after_ns = old.issued_ns;
	return state_update(s, table, at, &row);
}

enum err delegation_revoke(struct state *s, unsigned table, struct str delegatee, struct str id,
			   struct note *why)
{
	struct delegation_row row;
	uint32_t at;

	for (unsigned i = 0; delegation_slot(s, table, delegatee, i, &at, &row); i++) {
		struct buf own;
		bool same;
		enum err e;

		buf_init(&own, DELEGATION_ID_BYTES);
		delegation_id_write(&own, row.hash);
		e = own.err;
		same = e == OK && str_eq(buf_view(&own), id);
		buf_fini(&own);
		TRY(e);
		if (same && row.revoked)
			return note_set(why, ERR_EXISTS, 0, 0, "%.*s is revoked already",
					STR_ARG(id));
		if (same) {
			row.revoked = 1;
			return state_update(s, table, at, &row);
		}
	}
	return note_set(why, ERR_NOT_FOUND, 0, 0, "agent '%.*s' has no delegation '%.*s'",
			STR_ARG(delegatee), (int)(id.len < 64 ? id.len : 64), id.ptr ? id.ptr : "");
}
