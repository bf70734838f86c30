/*
 * appraise: the levels of the published suite as tables of questions, and what it takes to believe.
 *
 * The suite's modules run in a fixed order, each with a level from which on it is asked. A module
 * whose object is missing says so once, by its first code, and ends.
 *
 *   level 0   TR-ENV  TR-SIG  TR-POL
 *   level 1   and  TR-RTE  TR-SCA
 *   level 2   and  TR-TXN  TR-ANC
 *
 * Belief looks at the same record again and takes nothing from the levels: they verify by the key
 * inside, and whoever changes a record can change that too.
 */
#include "engine/attest/appraise.h"

#include "engine/attest/inside.h"
#include "engine/attest/withdrawal.h"
#include "engine/base/limits.h"

#define LATEST_S (INT64_C(1) << 60)

struct asking {
	const struct trace_record *claim;
	const struct appraise_terms *terms;
	struct arena *arena;
	struct findings *f;
};

/* --- TR-ENV: the envelope --- */

static void ask_issued(struct asking *q)
{
	const struct appraise_terms *t = q->terms;
	const struct value *v = value_get_c(q->claim->record, "iat");
	int64_t issued_s, age_s;

	if (!v || v->kind != VALUE_INT || v->integer < TRACE_LEAST_S) {
		finding_add(q->f, FINDING_ISSUED, FINDING_FAIL,
			    "expected seconds since 1970, at least %lld", (long long)TRACE_LEAST_S);
		return;
	}
	/* Later than any clock is late enough, and can be subtracted. */
	issued_s = v->integer < LATEST_S ? v->integer : LATEST_S;
	age_s = t->now_s - issued_s;
	if (-age_s > t->skew_s)
		finding_add(q->f, FINDING_ISSUED, FINDING_FAIL,
			    "dated %lld seconds ahead; expected %lld at most", (long long)-age_s,
			    (long long)t->skew_s);
	else if (t->max_age_s != APPRAISE_ANY_AGE && age_s > t->max_age_s)
		finding_add(q->f, FINDING_ISSUED, FINDING_FAIL,
			    "%lld seconds old; expected %lld at most", (long long)age_s,
			    (long long)t->max_age_s);
	else
		finding_add(q->f, FINDING_ISSUED, FINDING_PASS, "%lld seconds old",
			    (long long)age_s);
}

static bool is_name(struct str s, const char *allowed)
{
	for (size_t i = 0; i < s.len; i++)
		if (!s.ptr[i] || !strchr(allowed, s.ptr[i]))
			return false;
	return s.len > 0;
}

/* "spiffe://domain/path" or "did:method:id", nothing of it empty. */
static bool subject_named(struct str s)
{
	const struct str spiffe = STR("spiffe://"), did = STR("did:");
	struct str first, rest;

	if (str_starts(s, spiffe))
		return str_cut(str_slice(s.ptr + spiffe.len, s.len - spiffe.len), '/', &first,
			       &rest) && first.len && rest.len;
	return str_starts(s, did) &&
	       str_cut(str_slice(s.ptr + did.len, s.len - did.len), ':', &first, &rest) &&
	       is_name(first, "abcdefghijklmnopqrstuvwxyz0123456789") && rest.len;
}

static void ask_envelope(struct asking *q)
{
	const struct value *record = q->claim->record, *jwk = trace_record_jwk(record);
	struct str profile = value_text(record, "eat_profile");

	if (str_is(profile, trace_schema_profile(TRACE_V0_2)))
		finding_pass(q->f, FINDING_PROFILE);
	else
		finding_add(q->f, FINDING_PROFILE, FINDING_FAIL, "it is '%.*s'; expected %s",
			    SHOWN(profile), trace_schema_profile(TRACE_V0_2));
	ask_issued(q);
	if (subject_named(value_text(record, "subject")))
		finding_pass(q->f, FINDING_SUBJECT);
	else
		finding_add(q->f, FINDING_SUBJECT, FINDING_FAIL,
			    "it is '%.*s'; expected spiffe://DOMAIN/PATH or did:METHOD:ID",
			    SHOWN(value_text(record, "subject")));
	if (value_get_c(jwk, "kty"))
		finding_pass(q->f, FINDING_CNF);
	else
		finding_add(q->f, FINDING_CNF, FINDING_FAIL, "expected a key with a 'kty'");
}

/* --- TR-SIG: the signature, by the key inside --- */

/* One finding about a signature that was looked at. */
static void say_signed(struct asking *q, enum finding_code code, enum err e)
{
	if (e == OK)
		finding_pass(q->f, code);
	else if (e == ERR_SYNTAX)
		finding_add(q->f, code, FINDING_FAIL,
			    "expected 86 characters of base64url, which are 64 bytes");
	else
		finding_add(q->f, code, FINDING_FAIL,
			    "it is none by this key over the canonical form of all the rest");
}

static enum err ask_enveloped(struct asking *q)
{
	const struct value *jwk = trace_record_jwk(q->claim->record);
	struct jws_key key;
	struct note n = { .text = "" };
	enum err e;

	if (value_text(q->claim->whole, "signature").len == 0) {
		finding_add(q->f, FINDING_ENVELOPE, FINDING_FAIL, "it is missing");
		return OK;
	}
	if (!jwk || trace_record_key(jwk, &key, &n) != OK || key.alg != JWS_EDDSA) {
		finding_add(q->f, FINDING_KEY, FINDING_FAIL, "expected a key of Ed25519");
		return OK;
	}
	e = trace_record_signed_by(q->claim->whole, &key, q->arena);
	if (e != OK && e != ERR_SIGNATURE && e != ERR_SYNTAX)
		return e;
	say_signed(q, FINDING_ENVELOPE, e);
	return OK;
}

/* Members of private keys (RFC 7517 section 9.3, RFC 8037): whoever signs with them is anybody. */
static const char *private_half(const struct value *jwk)
{
	static const char *const halves[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };

	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++)
		if (value_get_c(jwk, halves[i]))
			return halves[i];
	return NULL;
}

static void ask_key_type(struct asking *q, const struct value *jwk)
{
	struct str kty = value_text(jwk, "kty");

	if (str_is(kty, "OKP") || str_is(kty, "EC"))
		finding_pass(q->f, FINDING_KEY_TYPE);
	else
		finding_add(q->f, FINDING_KEY_TYPE, FINDING_FAIL,
			    "it is '%.*s'; expected OKP or EC", SHOWN(kty));
}

static enum err ask_embedded(struct asking *q)
{
	const struct value *jwk = trace_record_jwk(q->claim->record);
	const char *half = private_half(jwk);
	struct note n = { .text = "" };
	struct jws_key key;
	enum err e;

	if (half) {
		finding_add(q->f, FINDING_KEY, FINDING_FAIL,
			    "it has '%s', a part of a private key: whoever reads the record can "
			    "sign in its name", half);
		return OK;
	}
	ask_key_type(q, jwk);
	if (value_text(q->claim->whole, "signature").len == 0) {
		finding_add(q->f, FINDING_SIGNATURE,
			    q->terms->level ? FINDING_FAIL : FINDING_UNVERIFIED,
			    "there is none: nothing vouches for the record");
		return OK;
	}
	if (!jwk || trace_record_key(jwk, &key, &n) != OK) {
		finding_add(q->f, FINDING_SIGNATURE, FINDING_FAIL,
			    "there is no key that could verify it%s%s", n.text[0] ? ": " : "",
			    n.text);
		return OK;
	}
	e = trace_record_signed_by(q->claim->whole, &key, q->arena);
	if (e != OK && e != ERR_SIGNATURE && e != ERR_SYNTAX)
		return e;
	say_signed(q, FINDING_SIGNATURE, e);
	return OK;
}

/* --- the modules that look at the form of single members --- */

static void ask_digest(struct asking *q, enum finding_code code, const struct value *object,
		       const char *member)
{
	struct str s = value_text(object, member);

	if (trace_schema_digest_ok(s))
		finding_pass(q->f, code);
	else
		finding_add(q->f, code, FINDING_FAIL,
			    "it is '%.*s'; expected sha256: and 64, or sha384: and 96 lower-case "
			    "hex digits", SHOWN(s));
}

static void ask_word(struct asking *q, enum finding_code code, struct str s,
		     const char *const *words)
{
	const char *near = str_nearest(s, words);

	for (const char *const *w = words; *w; w++)
		if (str_is(s, *w)) {
			finding_pass(q->f, code);
			return;
		}
	finding_add(q->f, code, FINDING_FAIL, "'%.*s' is not known here%s%s%s", SHOWN(s),
		    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* The object of a module; says by `code` when there is none. */
static const struct value *object_of(struct asking *q, const char *member, enum finding_code code)
{
	const struct value *v = value_get_c(q->claim->record, member);

	if (v && v->kind == VALUE_OBJECT)
		return v;
	finding_add(q->f, code, FINDING_FAIL, "'%s' %s", member,
		    v ? "is no object" : "is missing");
	return NULL;
}

static void ask_policy(struct asking *q)
{
	const struct value *policy = object_of(q, "policy", FINDING_BUNDLE);

	if (!policy)
		return;
	ask_digest(q, FINDING_BUNDLE, policy, "bundle_hash");
	ask_word(q, FINDING_MODE, value_text(policy, "enforcement_mode"), trace_schema_modes());
}

/* From level 1 on a platform has to be of hardware; that its quote is good nobody asks here. */
static void ask_runtime(struct asking *q)
{
	const struct value *runtime = object_of(q, "runtime", FINDING_PLATFORM);
	const struct value *rim = value_get_c(runtime, "rim_uri");

	if (!runtime)
		return;
	if (str_is(value_text(runtime, "platform"), TRACE_SOFTWARE_ONLY))
		finding_add(q->f, FINDING_PLATFORM, FINDING_FAIL,
			    "'" TRACE_SOFTWARE_ONLY "' has no hardware behind it; level %u expects "
			    "a platform that has",
			    q->terms->level);
	else
		ask_word(q, FINDING_PLATFORM, value_text(runtime, "platform"),
			 trace_schema_platforms());
	ask_digest(q, FINDING_MEASURED, runtime, "measurement");
	if (!rim)
		finding_add(q->f, FINDING_RIM, FINDING_SKIP, "it is not there, and need not be");
	else if (rim->kind == VALUE_STRING && str_starts(rim->string, STR("https://")))
		finding_pass(q->f, FINDING_RIM);
	else
		finding_add(q->f, FINDING_RIM, FINDING_FAIL, "expected an https URI");
}

static void ask_build(struct asking *q)
{
	const struct value *build = object_of(q, "build_provenance", FINDING_SLSA);
	const struct value *level = value_get_c(build, "slsa_level");

	if (!build)
		return;
	if (level && level->kind == VALUE_INT && level->integer >= 0 && level->integer <= 3)
		finding_pass(q->f, FINDING_SLSA);
	else
		finding_add(q->f, FINDING_SLSA, FINDING_FAIL, "expected 0, 1, 2 or 3");
	ask_digest(q, FINDING_BUILD, build, "digest");
}

static void ask_transcript(struct asking *q)
{
	const struct value *transcript = object_of(q, "tool_transcript", FINDING_TRANSCRIPT);
	const struct value *calls = value_get_c(transcript, "call_count");

	if (!transcript)
		return;
	ask_digest(q, FINDING_TRANSCRIPT, transcript, "hash");
	if (!calls)
		finding_add(q->f, FINDING_CALLS, FINDING_SKIP, "it is not there, and need not be");
	else if (calls->kind == VALUE_INT && calls->integer >= 0)
		finding_pass(q->f, FINDING_CALLS);
	else
		finding_add(q->f, FINDING_CALLS, FINDING_FAIL, "expected an integer, 0 or more");
}

/* That the URI leads to a proof nobody asks here: nothing is fetched. */
static void ask_transparency(struct asking *q)
{
	const struct str https = STR("https://");
	struct str s = value_text(q->claim->record, "transparency");

	if (str_starts(s, https) && s.len > https.len && !strchr("/?#", s.ptr[https.len]))
		finding_pass(q->f, FINDING_TRANSPARENCY);
	else
		finding_add(q->f, FINDING_TRANSPARENCY, FINDING_FAIL,
			    "it is '%.*s'; level 2 expects an https URI", SHOWN(s));
}

enum err appraise_level(const struct trace_record *c, const struct appraise_terms *t,
			struct arena *a, struct findings *f)
{
	struct asking q = { c, t, a, f };

	if (t->level >= APPRAISE_LEVELS || t->skew_s < 0)
		return ERR_RANGE;
	ask_envelope(&q);
	TRY(c->enveloped ? ask_enveloped(&q) : ask_embedded(&q));
	ask_policy(&q);
	if (t->level >= 1) {
		ask_runtime(&q);
		ask_build(&q);
	}
	if (t->level >= 2) {
		ask_transcript(&q);
		ask_transparency(&q);
	}
	return OK;
}

/* --- belief --- */

/*
 * The trusted key that the record's own is; NULL: none of them. It is the trusted one that verifies
 * and that revocations are looked up by: kid and all else in the record are the signer's to choose.
 */
static const struct jws_key *trusted_key(const struct jwks *trusted, const struct jws_key *own)
{
	for (size_t i = 0; i < trusted->count; i++) {
		const struct jws_key *k = &trusted->keys[i];

		if (k->alg == own->alg &&
		    (own->alg == JWS_ES256
			     ? memcmp(k->ec.xy, own->ec.xy, sizeof(own->ec.xy)) == 0
			     : memcmp(k->ed.bytes, own->ed.bytes, sizeof(own->ed.bytes)) == 0))
			return k;
	}
	return NULL;
}

static enum err believe_key(struct asking *q, const struct jws_key **ret)
{
	const struct value *jwk = trace_record_jwk(q->claim->record);
	const struct jws_key *trusted;
	struct note n = { .text = "" };
	struct jws_key own;
	enum err e;

	*ret = NULL;
	if (!q->terms->trusted) {
		finding_add(q->f, FINDING_TRUSTED, FINDING_UNVERIFIED,
			    "no trusted key was given: that the record holds together does not say "
			    "whose it is");
		return OK;
	}
	if (!jwk || trace_record_key(jwk, &own, &n) != OK) {
		finding_add(q->f, FINDING_TRUSTED, FINDING_FAIL, "%s",
			    jwk ? n.text : "the record has no key");
		return OK;
	}
	trusted = trusted_key(q->terms->trusted, &own);
	if (!trusted) {
		finding_add(q->f, FINDING_TRUSTED, FINDING_FAIL,
			    "the key of the record is none of those that are trusted");
		return OK;
	}
	*ret = trusted;
	e = trace_record_signed_by(q->claim->whole, trusted, q->arena);
	if (e != OK && e != ERR_SIGNATURE && e != ERR_SYNTAX)
		return e;
	say_signed(q, FINDING_TRUSTED, e);
	return OK;
}

/* Believed or not, whoever holds a record has to say whether revocations were looked at. */
static enum err believe_withdrawals(struct asking *q, const struct jws_key *trusted)
{
	const struct value *jwk = trace_record_jwk(q->claim->record);
	struct digest thumbprint;

	if (!q->terms->withdrawn) {
		finding_add(q->f, FINDING_REVOKED, FINDING_SKIP,
			    "nobody looked whether the key is revoked: no bundle was given");
		return OK;
	}
	if (!jwk || trace_record_thumbprint(jwk, &thumbprint) != OK) {
		finding_add(q->f, FINDING_REVOKED, FINDING_FAIL, "there is no key to look for");
		return OK;
	}
	return withdrawal_judge(q->terms->withdrawn, &thumbprint,
				trusted ? trusted->kid : value_text(jwk, "kid"), q->terms->now_s,
				q->f);
}

static void believe_nonce(struct asking *q)
{
	const struct str asked = q->terms->nonce;
	struct str echo = value_text(value_get_c(q->claim->record, "runtime"), "nonce");

	if (!asked.ptr)
		return;
	if (echo.len == asked.len && crypto_equal(echo.ptr, asked.ptr, asked.len))
		finding_pass(q->f, FINDING_NONCE);
	else
		finding_add(q->f, FINDING_NONCE, FINDING_FAIL,
			    "it is %s; expected the nonce that was asked for",
			    echo.ptr ? "another one" : "missing");
}

enum err appraise_belief(const struct trace_record *c, const struct appraise_terms *t,
			 struct arena *a, struct findings *f)
{
	struct asking q = { c, t, a, f };
	const struct jws_key *trusted;
	struct note n = { .text = "" };

	if (t->skew_s < 0)
		return ERR_RANGE;
	/* The record of an envelope is a profile of its own, with fewer members. */
	if (c->enveloped)
		finding_add(f, FINDING_SCHEMA, FINDING_SKIP,
			    "a RuntimeClaim of cMCP has a schema of its own");
	else if (trace_schema_check(c->record, TRACE_V0_2, &n) == OK)
		finding_pass(f, FINDING_SCHEMA);
	else
		finding_add(f, FINDING_SCHEMA, t->trusted ? FINDING_FAIL : FINDING_WARN, "%s",
			    n.text);
	TRY(believe_key(&q, &trusted));
	TRY(believe_withdrawals(&q, trusted));
	believe_nonce(&q);
	return OK;
}
