/*
 * challenge: the two messages of a handshake: what is signed of them, and their JSON.
 *
 * JSON carries them; statements are what is signed. A reader takes exactly the members that the
 * writer writes, so nothing can stand in a message that nobody signed.
 */
#include "engine/identity/identity.h"

#include "engine/base/canon.h"
#include "engine/base/when.h"

#define CHALLENGE_DOMAIN STR("trammel/challenge/v1")
#define ANSWER_DOMAIN STR("trammel/answer/v1")
#define POINTS_MAX 1000

/* --- what is signed --- */

static void add_challenge(struct buf *b, const struct challenge *c)
{
	statement_text(b, c->log);
	statement_text(b, c->from);
	statement_text(b, c->to);
	statement_bytes(b, c->from_key.bytes, sizeof(c->from_key.bytes));
	statement_bytes(b, c->to_key.bytes, sizeof(c->to_key.bytes));
	statement_bytes(b, c->nonce, sizeof(c->nonce));
	statement_number(b, c->number);
	statement_number(b, c->epoch);
	statement_number(b, c->threshold);
	statement_text(b, capability_text(&c->needs));
	statement_number(b, (uint64_t)c->at_ns);
	statement_number(b, (uint64_t)c->until_ns);
}

void challenge_text(struct buf *b, const struct challenge *c)
{
	statement_text(b, CHALLENGE_DOMAIN);
	add_challenge(b, c);
}

/* The asker's signature is a field like any other: an answer is to this challenge and no copy. */
void reply_text(struct buf *b, const struct reply *a)
{
	statement_text(b, ANSWER_DOMAIN);
	add_challenge(b, &a->challenge);
	statement_bytes(b, a->challenge.signature.bytes, sizeof(a->challenge.signature.bytes));
	statement_text(b, a->log);
	statement_bytes(b, a->nonce, sizeof(a->nonce));
	statement_text(b, capability_text(&a->claims));
	statement_number(b, (uint64_t)a->at_ns);
}

enum err challenge_sign(struct challenge *c, const struct sign_key *key)
{
	struct buf text;
	enum err e;

	buf_init(&text, HANDSHAKE_TEXT_BYTES);
	challenge_text(&text, c);
	e = text.err;
	if (e == OK)
		c->signature = sign_make(key, buf_view(&text));
	buf_fini(&text);
	return e;
}

enum err reply_sign(struct reply *a, const struct sign_key *key)
{
	struct buf text;
	enum err e;

	buf_init(&text, HANDSHAKE_TEXT_BYTES);
	reply_text(&text, a);
	e = text.err;
	if (e == OK)
		a->signature = sign_make(key, buf_view(&text));
	buf_fini(&text);
	return e;
}

static enum err check_signature(const struct buf *text, const struct public_key *key,
				const struct signature *sig, const char *whose, struct refusal *r)
{
	TRY(text->err);
	if (sign_check(key, buf_view(text), sig))
		return OK;
	return refusal_set(r, REFUSED_SIGNATURE, "the %s is not signed by the key it names", whose);
}

enum err challenge_check(const struct challenge *c, struct refusal *r)
{
	struct buf text;
	enum err e;

	if (str_eq(c->from, c->to) || public_key_eq(&c->from_key, &c->to_key))
		return refusal_set(r, REFUSED_PARTY, "nobody shakes hands with himself");
	if (c->at_ns < 0 || c->until_ns <= c->at_ns ||
	    c->until_ns - c->at_ns > LIMIT_CHALLENGE_NS)
		return refusal_set(r, REFUSED_CLAIMS, "a challenge is open for five minutes at "
				   "most, and not for none");
	buf_init(&text, HANDSHAKE_TEXT_BYTES);
	challenge_text(&text, c);
	e = check_signature(&text, &c->from_key, &c->signature, "challenge", r);
	buf_fini(&text);
	return e;
}

enum err reply_check(const struct reply *a, struct refusal *r)
{
	struct buf text;
	enum err e;

	TRY(challenge_check(&a->challenge, r));
	buf_init(&text, HANDSHAKE_TEXT_BYTES);
	reply_text(&text, a);
	e = check_signature(&text, &a->challenge.to_key, &a->signature, "answer", r);
	buf_fini(&text);
	return e;
}

/* --- writing; members in the order of RFC 8785 --- */

static void add_text(struct buf *b, const char *before, struct str text)
{
	buf_add_c(b, before);
	canon_string(b, text);
}

static void add_time(struct buf *b, const char *before, int64_t ns)
{
	buf_add_c(b, before);
	when_write(b, ns);
}

static void add_signature(struct buf *b, const struct signature *sig)
{
	buf_add_c(b, ",\"signature\":\"");
	base64_write(b, sig->bytes, sizeof(sig->bytes));
	buf_add_byte(b, '"');
}

void challenge_write(struct buf *b, const struct challenge *c)
{
	add_time(b, "{\"at\":\"", c->at_ns);
	buf_addf(b, "\",\"epoch\":%llu", (unsigned long long)c->epoch);
	add_text(b, ",\"from\":", c->from);
	buf_add_c(b, ",\"from_did\":\"");
	did_write(b, &c->from_key);
	add_text(b, "\",\"log\":", c->log);
	add_text(b, ",\"needs\":", capability_text(&c->needs));
	buf_add_c(b, ",\"nonce\":\"");
	buf_add_hex(b, c->nonce, sizeof(c->nonce));
	buf_addf(b, "\",\"number\":%llu", (unsigned long long)c->number);
	add_signature(b, &c->signature);
	buf_addf(b, ",\"threshold\":%u", c->threshold);
	add_text(b, ",\"to\":", c->to);
	buf_add_c(b, ",\"to_did\":\"");
	did_write(b, &c->to_key);
	add_time(b, "\",\"until\":\"", c->until_ns);
	buf_add_c(b, "\"}");
}

void reply_write(struct buf *b, const struct reply *a)
{
	add_time(b, "{\"at\":\"", a->at_ns);
	buf_add_c(b, "\",\"challenge\":");
	challenge_write(b, &a->challenge);
	add_text(b, ",\"claims\":", capability_text(&a->claims));
	add_text(b, ",\"log\":", a->log);
	buf_add_c(b, ",\"nonce\":\"");
	buf_add_hex(b, a->nonce, sizeof(a->nonce));
	buf_add_byte(b, '"');
	add_signature(b, &a->signature);
	buf_add_byte(b, '}');
}

/* --- reading --- */

static enum err wrong(const struct value *at, struct note *n, const char *key,
		      const char *expected)
{
	return note_set(n, ERR_SYNTAX, at ? at->line : 0, at ? at->column : 0,
			"'%s': expected %s", key, expected);
}

/* Exactly these members, NULL-ended. */
static enum err check_members(const struct value *v, const char *const *keys, struct note *n)
{
	size_t known = 0;

	if (!v || v->kind != VALUE_OBJECT)
		return note_set(n, ERR_SYNTAX, v ? v->line : 0, v ? v->column : 0,
				"expected an object");
	for (; keys[known]; known++)
		if (!value_get_c(v, keys[known]))
			return note_set(n, ERR_SYNTAX, v->line, v->column, "'%s' is missing",
					keys[known]);
	if (v->object.count == known)
		return OK;
	for (size_t i = 0; i < v->object.count; i++) {
		const struct member *m = &v->object.members[i];

		if (!str_listed(m->key, keys))
			return note_set(n, ERR_SYNTAX, m->line, m->column,
					"'%.*s' is not a member of this message", STR_ARG(m->key));
	}
	return OK;
}

static enum err read_name(const struct value *v, const char *key, struct str *ret, struct note *n)
{
	*ret = value_text(v, key);
	return agent_name_ok(*ret) ? OK
				   : wrong(value_get_c(v, key), n, key,
					   "a name of 1 to 128 bytes without control characters");
}

static enum err read_key(const struct value *v, const char *key, struct public_key *ret,
			 struct note *n)
{
	return did_read(value_text(v, key), ret) == OK
		       ? OK : wrong(value_get_c(v, key), n, key, "a did:key of Ed25519");
}

static enum err read_number(const struct value *v, const char *key, int64_t least, int64_t most,
			    uint64_t *ret, struct note *n)
{
	const struct value *number = value_get_c(v, key);

	if (number->kind != VALUE_INT || number->integer < least || number->integer > most)
		return wrong(number, n, key, "a whole number within its range");
	*ret = (uint64_t)number->integer;
	return OK;
}

/* As it would be written: one text for one instant. */
static enum err read_time(const struct value *v, const char *key, int64_t *ret, struct note *n)
{
	struct str text = value_text(v, key);

	return text.len == WHEN_TEXT_BYTES && when_read(text, ret) == OK && str_ends(text, STR("Z"))
		       ? OK : wrong(value_get_c(v, key), n, key,
				    "a time like 2026-01-02T03:04:05.000000000Z");
}

static enum err read_nonce(const struct value *v, uint8_t nonce[HANDSHAKE_NONCE_BYTES],
			   struct note *n)
{
	return hex_read(value_text(v, "nonce"), nonce, HANDSHAKE_NONCE_BYTES) == OK
		       ? OK : wrong(value_get_c(v, "nonce"), n, "nonce",
				    "64 lower-case hexadecimal digits");
}

static enum err read_set(const struct value *v, const char *key, struct capabilities *ret,
			 struct note *n)
{
	const struct value *set = value_get_c(v, key);
	struct note why = { .text = "" };
	enum err e;

	if (set->kind != VALUE_STRING)
		return wrong(set, n, key, "capabilities with commas between them");
	*ret = (struct capabilities){ .bytes = 0 };
	if (set->string.len == 0)
		return OK;
	e = capability_read(set->string, ret, &why);
	if (e == ERR_MEMORY)
		return e;
	if (e != OK)
		return note_set(n, ERR_SYNTAX, set->line, set->column, "'%s': %s", key, why.text);
	return str_eq(capability_text(ret), set->string)
		       ? OK : wrong(set, n, key, "a set in its canonical order");
}

static enum err read_signature(const struct value *v, struct signature *ret, struct note *n)
{
	size_t len = 0;

	if (base64_read(value_text(v, "signature"), ret->bytes, sizeof(ret->bytes), &len) == OK &&
	    len == sizeof(ret->bytes))
		return OK;
	return wrong(value_get_c(v, "signature"), n, "signature", "base64 of 64 bytes");
}

enum err challenge_read(const struct value *v, struct challenge *ret, struct note *n)
{
	static const char *const keys[] = { "at", "epoch", "from", "from_did", "log", "needs",
					    "nonce", "number", "signature", "threshold", "to",
					    "to_did", "until", NULL };
	struct challenge c = { .number = 0 };
	uint64_t threshold;

	TRY(check_members(v, keys, n));
	TRY(read_name(v, "log", &c.log, n));
	TRY(read_name(v, "from", &c.from, n));
	TRY(read_name(v, "to", &c.to, n));
	TRY(read_key(v, "from_did", &c.from_key, n));
	TRY(read_key(v, "to_did", &c.to_key, n));
	TRY(read_nonce(v, c.nonce, n));
	TRY(read_number(v, "number", 1, INT64_MAX, &c.number, n));
	TRY(read_number(v, "epoch", 1, INT64_MAX, &c.epoch, n));
	TRY(read_number(v, "threshold", 0, POINTS_MAX, &threshold, n));
	TRY(read_set(v, "needs", &c.needs, n));
	TRY(read_time(v, "at", &c.at_ns, n));
	TRY(read_time(v, "until", &c.until_ns, n));
	TRY(read_signature(v, &c.signature, n));
	c.threshold = (uint32_t)threshold;
	*ret = c;
	return OK;
}

enum err reply_read(const struct value *v, struct reply *ret, struct note *n)
{
	static const char *const keys[] = { "at", "challenge", "claims", "log", "nonce",
					    "signature", NULL };
	struct reply a = { .at_ns = 0 };

	TRY(check_members(v, keys, n));
	TRY(challenge_read(value_get_c(v, "challenge"), &a.challenge, n));
	TRY(read_name(v, "log", &a.log, n));
	TRY(read_nonce(v, a.nonce, n));
	TRY(read_set(v, "claims", &a.claims, n));
	TRY(read_time(v, "at", &a.at_ns, n));
	TRY(read_signature(v, &a.signature, n));
	*ret = a;
	return OK;
}
