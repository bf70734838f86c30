/*
 * withdrawal: a bundle is read whole or not at all.
 *
 *   bundle     {"type","log_id","issued_at","valid_until","statements","bundle_key_id","sig"}
 *   statement  {"type","compromised_key_id","last_valid_entry_id","log_id","revocation_key_id",
 *               "sig"} and maybe "revoked_after_entry", "reason", "revoked_at"
 *   sig        {"alg","value"}, over the canonical form of the object without "sig"
 *
 * Who puts a bundle together cannot add a statement of his own, as each has a signature too.
 */
#include "engine/attest/withdrawal.h"

#include "engine/attest/inside.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"

#define SKEW_S INT64_C(300)
#define CANON_CAP (2 * LIMIT_RECORD_BYTES)

/* What a member is. PART_OTHER is looked at apart. */
enum part_shape { PART_OTHER = 0, PART_NAME, PART_TEXT, PART_INSTANT };

struct part {
	const char *member;
	bool needed;
	enum part_shape shape;
};

static const struct part bundle_parts[] = {
	{ "type", true, PART_NAME }, { "log_id", true, PART_NAME },
	{ "issued_at", true, PART_INSTANT }, { "valid_until", true, PART_INSTANT },
	{ "bundle_key_id", true, PART_NAME }, { "statements", true, PART_OTHER },
	{ "sig", true, PART_OTHER }, { NULL, false, PART_OTHER },
};
static const struct part statement_parts[] = {
	{ "type", true, PART_NAME }, { "compromised_key_id", true, PART_NAME },
	{ "last_valid_entry_id", true, PART_NAME }, { "log_id", true, PART_NAME },
	{ "revocation_key_id", true, PART_NAME }, { "revoked_after_entry", false, PART_NAME },
	{ "reason", false, PART_TEXT }, { "revoked_at", false, PART_INSTANT },
	{ "sig", true, PART_OTHER }, { NULL, false, PART_OTHER },
};

struct reading {
	const struct jwks *signers;
	struct arena *arena;
	struct note *note;
};

static enum err wrong(const struct reading *r, const struct value *v, const char *member,
		      const char *expected)
{
	return note_set(r->note, ERR_TYPE, v->line, v->column, "'%s': expected %s", member,
			expected);
}

static enum err check_part(const struct reading *r, const struct part *p, const struct value *v)
{
	if (p->shape == PART_OTHER)
		return OK;
	if (p->shape == PART_INSTANT) {
		if (v->kind != VALUE_INT || v->integer < TRACE_LEAST_S)
			return wrong(r, v, p->member, "seconds since 1970");
		return OK;
	}
	if (v->kind != VALUE_STRING)
		return wrong(r, v, p->member, "a string");
	if (v->string.len == 0 && p->shape == PART_NAME)
		return wrong(r, v, p->member, "a string that is not empty");
	return OK;
}

/* A closed object of that type. */
static enum err check_parts(const struct reading *r, const struct part *parts, const char *type,
			    const struct value *v)
{
	if (v->kind != VALUE_OBJECT)
		return wrong(r, v, type, "an object");
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];
		const struct part *p = parts;

		while (p->member && !str_is(m->key, p->member))
			p++;
		if (!p->member)
			return note_set(r->note, ERR_UNKNOWN, m->line, m->column,
					"'%.*s' is no member of %s", SHOWN(m->key), type);
		TRY(check_part(r, p, &m->value));
	}
	for (const struct part *p = parts; p->member; p++)
		if (p->needed && !value_get_c(v, p->member))
			return note_set(r->note, ERR_NOT_FOUND, v->line, v->column,
					"'%s' is missing of %s", p->member, type);
	if (!str_is(value_text(v, "type"), type))
		return wrong(r, v, "type", type);
	return OK;
}

/* The key that is meant by a thumbprint or a kid; NULL: none of the signers. */
static enum err find_signer(const struct reading *r, struct str id, const struct jws_key **ret)
{
	char own[TRACE_KEY_ID_BYTES];

	*ret = NULL;
	for (size_t i = 0; i < r->signers->count && !*ret; i++) {
		const struct jws_key *k = &r->signers->keys[i];

		TRY(trace_record_key_id(k, own));
		if (str_eq(id, str_slice(own, sizeof(own))) || (k->kid.ptr && str_eq(id, k->kid)))
			*ret = k;
	}
	return OK;
}

static enum err check_alg(const struct reading *r, const struct value *sig,
			  const struct jws_key *key)
{
	struct str alg = value_text(sig, "alg");

	if (str_is(alg, "ES384"))
		return note_set(r->note, ERR_UNSUPPORTED, sig->line, sig->column,
				"it is signed by ES384; this program verifies ed25519 and ES256");
	if (str_is(alg, key->alg == JWS_EDDSA ? "ed25519" : "ES256"))
		return OK;
	return wrong(r, sig, "sig.alg", "that of the key, ed25519 or ES256");
}

/* Is the object signed by the key that it names? */
static enum err check_signature(const struct reading *r, const struct value *v, struct str id)
{
	const struct value *sig = value_get_c(v, "sig");
	const struct jws_key *key;
	struct buf b;
	enum err e;

	if (sig->kind != VALUE_OBJECT || sig->object.count != 2 || !value_get_c(sig, "value"))
		return wrong(r, sig, "sig", "an object of 'alg' and 'value'");
	TRY(find_signer(r, id, &key));
	if (!key)
		return note_set(r->note, ERR_NOT_FOUND, v->line, v->column,
				"it is by the key '%.*s', which is none of those given",
				SHOWN(id));
	TRY(check_alg(r, sig, key));
	buf_init(&b, CANON_CAP);
	e = trace_record_without(v, "sig", r->arena, &b);
	if (e == OK)
		e = trace_record_verify(key, buf_view(&b), value_text(sig, "value"));
	buf_fini(&b);
	if (e == ERR_SIGNATURE || e == ERR_SYNTAX)
		return note_set(r->note, ERR_SIGNATURE, sig->line, sig->column,
				"the signature is none by the key '%.*s'", SHOWN(id));
	return e;
}

static enum err check_statement(const struct reading *r, const struct value *v, struct str log_id,
				struct str *ret)
{
	struct str by, named;
	const struct jws_key *one, *other;

	TRY(check_parts(r, statement_parts, "TraceRevocation/1.0", v));
	by = value_text(v, "revocation_key_id");
	named = value_text(v, "compromised_key_id");
	if (!str_eq(value_text(v, "log_id"), log_id))
		return wrong(r, v, "log_id", "that of the bundle");
	TRY(find_signer(r, by, &one));
	TRY(find_signer(r, named, &other));
	if (str_eq(by, named) || (one && one == other))
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"the key '%.*s' withdraws itself: whoever stole it could say so",
				SHOWN(by));
	TRY(check_signature(r, v, by));
	*ret = named;
	return OK;
}

static enum err read_statements(const struct reading *r, const struct value *bundle,
				struct withdrawals *w)
{
	const struct value *list = value_get_c(bundle, "statements");
	struct str *ids;

	if (list->kind != VALUE_LIST)
		return wrong(r, list, "statements", "a list");
	if (list->list.count > LIMIT_STATEMENTS)
		return note_set(r->note, ERR_LIMIT, list->line, list->column,
				"a bundle has %d statements at most", LIMIT_STATEMENTS);
	ids = arena_array(r->arena, list->list.count, sizeof(*ids));
	if (!ids)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++)
		TRY(check_statement(r, &list->list.items[i], w->log_id, &ids[i]));
	w->key_ids = ids;
	w->count = list->list.count;
	return OK;
}

enum err withdrawal_read(struct str text, const struct jwks *signers, struct arena *a,
			 struct withdrawals *ret, struct note *n)
{
	const struct reading r = { signers, a, n };
	struct withdrawals w = { .count = 0 };
	struct value v;

	if (text.len > LIMIT_RECORD_BYTES)
		return note_set(n, ERR_LIMIT, 0, 0, "a bundle has %u bytes at most, this has %zu",
				LIMIT_RECORD_BYTES, text.len);
	TRY(json_read(text, 1, a, &v, n));
	TRY(check_parts(&r, bundle_parts, "TraceRevocationBundle/1.0", &v));
	w.log_id = value_text(&v, "log_id");
	w.issued_s = value_get_c(&v, "issued_at")->integer;
	w.valid_until_s = value_get_c(&v, "valid_until")->integer;
	TRY(check_signature(&r, &v, value_text(&v, "bundle_key_id")));
	TRY(read_statements(&r, &v, &w));
	*ret = w;
	return OK;
}

enum err withdrawal_judge(const struct withdrawals *w, const struct digest *thumbprint,
			  struct str kid, int64_t now_s, struct findings *f)
{
	struct buf id;
	bool named = false;
	enum err e;

	buf_init(&id, TRACE_KEY_ID_BYTES);
	base64url_write(&id, thumbprint->bytes, sizeof(thumbprint->bytes));
	e = id.err;
	for (size_t i = 0; i < w->count && e == OK && !named; i++)
		named = str_eq(w->key_ids[i], buf_view(&id)) ||
			(kid.ptr && str_eq(w->key_ids[i], kid));
	buf_fini(&id);
	TRY(e);
	if (named) {
		finding_add(f, FINDING_REVOKED, FINDING_FAIL,
			    "the key is revoked on log '%.*s', and nothing shows that the record "
			    "is from before", SHOWN(w->log_id));
	} else if (now_s > w->valid_until_s || w->issued_s - SKEW_S > now_s) {
		finding_add(f, FINDING_REVOKED, FINDING_UNVERIFIED,
			    "the bundle of log '%.*s' %s: it is no evidence that the key is still "
			    "trusted", SHOWN(w->log_id),
			    now_s > w->valid_until_s ? "is over" : "is of the future");
		f->refused = true;
	} else {
		finding_add(f, FINDING_REVOKED, FINDING_PASS,
			    "not named by the bundle of log '%.*s', which is good until %lld",
			    SHOWN(w->log_id), (long long)w->valid_until_s);
	}
	return OK;
}
