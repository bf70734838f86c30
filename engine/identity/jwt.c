/*
 * jwt: claims, read strictly and checked one by one.
 *
 *   read: form, header, claims  ->  the reader chooses a key  ->  check: signature, typ, issuer,
 *                                                                 audience, times, subject
 *
 * Instants are NumericDates (RFC 7519 section 2), fractions allowed, from 1970 to 2262. A token is
 * over at `exp` and begins at `nbf`, each moved by the skew in favour of the token.
 */
#include "engine/identity/jwt.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/when.h"

#define PAYLOAD_CAP LIMIT_TOKEN_BYTES
#define AUDIENCES_MAX 64
#define SECONDS_MAX (INT64_MAX / WHEN_SECOND_NS)

/* --- reading --- */

static enum err wrong_claim(struct refusal *r, const char *claim, const char *expected)
{
	return refusal_set(r, REFUSED_CLAIMS, "'%s': expected %s", claim, expected);
}

static enum err read_text(const struct value *claims, const char *key, struct str *ret,
			  struct refusal *r)
{
	*ret = value_text(claims, key);
	return value_get_c(claims, key) && !ret->ptr ? wrong_claim(r, key, "a text") : OK;
}

static enum err read_date(const struct value *claims, const char *key, bool *has, int64_t *ret_ns,
			  struct refusal *r)
{
	const struct value *v = value_get_c(claims, key);

	*has = v != NULL;
	if (!v)
		return OK;
	if (v->kind == VALUE_INT && v->integer >= 0 && v->integer <= SECONDS_MAX)
		*ret_ns = v->integer * WHEN_SECOND_NS;
	else if (v->kind == VALUE_REAL && v->real >= 0 && v->real < (double)SECONDS_MAX)
		*ret_ns = (int64_t)(v->real * (double)WHEN_SECOND_NS);
	else
		return wrong_claim(r, key, "seconds since 1970, before the year 2262");
	return OK;
}

static enum err read_audience(const struct value *claims, const struct value **ret,
			      struct refusal *r)
{
	const struct value *v = value_get_c(claims, "aud");
	bool fits = !v || v->kind == VALUE_STRING ||
		    (v->kind == VALUE_LIST && v->list.count <= AUDIENCES_MAX);

	for (size_t i = 0; fits && v && v->kind == VALUE_LIST && i < v->list.count; i++)
		fits = v->list.items[i].kind == VALUE_STRING;
	if (!fits)
		return wrong_claim(r, "aud", "a text, or a list of at most 64");
	*ret = v;
	return OK;
}

static enum err read_claims(struct str text, struct arena *a, struct jwt *t, struct refusal *r)
{
	struct value *claims = arena_alloc(a, sizeof(*claims));
	struct note n = { .text = "" };
	enum err e = claims ? json_read(text, 1, a, claims, &n) : ERR_MEMORY;

	if (e == ERR_MEMORY)
		return e;
	if (e == ERR_DUPLICATE)
		return refusal_set(r, REFUSED_DUPLICATE, "the claims: %s", n.text);
	if (e != OK)
		return refusal_set(r, REFUSED_CLAIMS, "the claims are no JSON: %s", n.text);
	if (claims->kind != VALUE_OBJECT)
		return refusal_set(r, REFUSED_CLAIMS, "the claims are no object");
	t->claims = claims;
	TRY(read_text(claims, "iss", &t->issuer, r));
	TRY(read_text(claims, "sub", &t->subject, r));
	TRY(read_text(claims, "jti", &t->id, r));
	TRY(read_audience(claims, &t->audience, r));
	TRY(read_date(claims, "exp", &t->has_expiry, &t->expires_ns, r));
	TRY(read_date(claims, "nbf", &t->has_begin, &t->begins_ns, r));
	return read_date(claims, "iat", &t->has_issue, &t->issued_ns, r);
}

enum err jwt_read(struct str text, struct arena *a, struct jwt *ret, struct refusal *r)
{
	struct jwt t = { .audience = NULL };

	TRY(jws_read(text, a, &t.jws, r));
	TRY(read_claims(t.jws.payload, a, &t, r));
	*ret = t;
	return OK;
}

/* --- checking --- */

/* a + b; what does not fit is as far as it goes. */
static int64_t plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* SVIDs may also be of type JOSE, and say nothing else in their header (JWT-SVID section 2). */
static enum err check_type(const struct jwt *t, bool is_svid, struct refusal *r)
{
	struct str typ = t->jws.typ;

	if (is_svid && t->jws.has_more)
		return refusal_set(r, REFUSED_HEADER,
				   "the header of an SVID has 'alg', 'kid' and 'typ' only");
	if (!typ.ptr || str_is(typ, "JWT") || (is_svid && str_is(typ, "JOSE")))
		return OK;
	return refusal_set(r, REFUSED_TYPE, "'typ' is '%.*s'; expected JWT", STR_ARG(typ));
}

static enum err check_issuer(const struct jwt *t, const struct jws_key *key,
			     const struct jwt_rules *rules, struct refusal *r)
{
	enum did_form form = t->issuer.ptr ? did_form(t->issuer) : DID_NONE;

	if (rules->issuer.ptr && (!t->issuer.ptr || !str_eq(t->issuer, rules->issuer)))
		return refusal_set(r, REFUSED_ISSUER, "the issuer is '%.*s'; expected '%.*s'",
				   STR_ARG(t->issuer), STR_ARG(rules->issuer));
	if ((form == DID_KEY || form == DID_MESH) &&
	    (key->alg != JWS_EDDSA || !did_is_of(t->issuer, &key->ed)))
		return refusal_set(r, REFUSED_ISSUER, "the issuer '%.*s' is the DID of another key",
				   STR_ARG(t->issuer));
	return OK;
}

static enum err check_audience(const struct jwt *t, const struct jwt_rules *rules,
			       struct refusal *r)
{
	const struct value *aud = t->audience;

	MUST(rules->audience.ptr);
	if (!aud)
		return refusal_set(r, REFUSED_AUDIENCE, "the token does not say for whom it is");
	if (aud->kind == VALUE_STRING && str_eq(aud->string, rules->audience))
		return OK;
	for (size_t i = 0; aud->kind == VALUE_LIST && i < aud->list.count; i++)
		if (str_eq(aud->list.items[i].string, rules->audience))
			return OK;
	return refusal_set(r, REFUSED_AUDIENCE, "the token is for somebody else than '%.*s'",
			   STR_ARG(rules->audience));
}

/* A token without an end is refused: it could never be got rid of. */
static enum err check_times(const struct jwt *t, const struct jwt_rules *rules,
			    struct refusal *r)
{
	int64_t earliest = plus(rules->now_ns, -rules->skew_ns);
	int64_t latest = plus(rules->now_ns, rules->skew_ns);

	MUST(rules->skew_ns >= 0 && rules->skew_ns <= LIMIT_TOKEN_SKEW_NS);
	if (!t->has_expiry)
		return wrong_claim(r, "exp", "an end; tokens without one are not taken");
	if ((t->has_begin && t->expires_ns <= t->begins_ns) ||
	    (t->has_issue && t->expires_ns <= t->issued_ns))
		return wrong_claim(r, "exp", "an end after the beginning");
	if (earliest >= t->expires_ns)
		return refusal_set(r, REFUSED_EXPIRED, "the token has expired");
	if (t->has_begin && latest < t->begins_ns)
		return refusal_set(r, REFUSED_EARLY, "the token is not valid yet");
	if (t->has_issue && latest < t->issued_ns)
		return refusal_set(r, REFUSED_FUTURE, "the token was issued in the future");
	return OK;
}

static enum err check_subject(const struct jwt *t, const struct jwt_rules *rules,
			      struct refusal *r)
{
	struct spiffe id;

	if (!rules->spiffe_domain.ptr)
		return OK;
	if (!t->subject.ptr || spiffe_read(t->subject, &id) != OK || id.path.len == 0)
		return refusal_set(r, REFUSED_SUBJECT,
				   "the subject is no SPIFFE ID of a workload");
	if (!str_eq(id.domain, rules->spiffe_domain))
		return refusal_set(r, REFUSED_DOMAIN,
				   "the subject is of trust domain '%.*s'; expected '%.*s'",
				   STR_ARG(id.domain), STR_ARG(rules->spiffe_domain));
	return OK;
}

enum err jwt_check(const struct jwt *t, const struct jws_key *key,
		   const struct jwt_rules *rules, struct refusal *r)
{
	TRY(jws_check(&t->jws, key, r));
	TRY(check_type(t, rules->spiffe_domain.ptr != NULL, r));
	TRY(check_issuer(t, key, rules, r));
	TRY(check_audience(t, rules, r));
	TRY(check_times(t, rules, r));
	return check_subject(t, rules, r);
}

/* --- writing --- */

static void add_text(struct buf *b, const char *before, struct str text)
{
	buf_add_c(b, before);
	canon_string(b, text);
}

enum err jwt_write(struct buf *b, const struct jwt_order *order, const struct sign_key *key)
{
	int64_t issued = order->issued_ns / WHEN_SECOND_NS;
	int64_t expires = order->expires_ns / WHEN_SECOND_NS;
	struct public_key pub = sign_key_public(key);
	struct buf claims, kid;
	enum err e;

	if (issued < 0 || expires <= issued ||
	    expires - issued > LIMIT_TOKEN_LIFE_NS / WHEN_SECOND_NS)
		return ERR_RANGE;
	buf_init(&claims, PAYLOAD_CAP);
	buf_init(&kid, KEY_ID_BYTES);
	key_id_write(&kid, &pub);
	add_text(&claims, "{\"aud\":", order->audience);
	buf_addf(&claims, ",\"exp\":%lld,\"iat\":%lld", (long long)expires, (long long)issued);
	add_text(&claims, ",\"iss\":", order->issuer);
	add_text(&claims, ",\"jti\":", order->id);
	buf_addf(&claims, ",\"nbf\":%lld", (long long)issued);
	add_text(&claims, ",\"sub\":", order->subject);
	buf_add_byte(&claims, '}');
	e = claims.err != OK ? claims.err : kid.err;
	if (e == OK)
		jws_write(b, key, buf_view(&kid), STR("JWT"), buf_view(&claims));
	buf_fini(&kid);
	buf_fini(&claims);
	return e == OK ? b->err : e;
}
