/* sample: a TRACE record for tests. */
#include "tests/attest/sample.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"

#define ZEROS TRACE_NOTHING_MEASURED

const char sample_text[] =
	"{\"eat_profile\":\"tag:agentrust-io.com,2026:trace-v0.2\",\"iat\":1785000000,"
	"\"subject\":\"did:web:agent.example\","
	"\"model\":{\"provider\":\"p\",\"model_id\":\"m\"},"
	"\"runtime\":{\"platform\":\"software-only\",\"measurement\":\"" ZEROS "\"},"
	"\"policy\":{\"bundle_hash\":\"" ZEROS "\",\"enforcement_mode\":\"enforce\"},"
	"\"data_class\":\"internal\","
	"\"build_provenance\":{\"slsa_level\":0,\"digest\":\"" ZEROS "\"},"
	"\"appraisal\":{\"status\":\"none\",\"verifier\":\"https://v.example\"},"
	"\"tool_transcript\":{\"hash\":\"" ZEROS "\",\"call_count\":1},"
	"\"cnf\":{\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}}}";

static struct sign_key *open_key(uint8_t byte)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;

	memset(seed, byte, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &key), OK);
	return key;
}

void sample_init(struct sample *s)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&s->memory, (size_t)64 << 20);
	s->key = open_key(1);
	s->other = open_key(2);
	s->f = arena_alloc(&s->memory, sizeof(*s->f));
	cr_assert(s->f != NULL);
}

void sample_fini(struct sample *s)
{
	sign_key_close(s->other);
	sign_key_close(s->key);
	arena_fini(&s->memory);
}

struct value sample_read(struct sample *s, const char *text)
{
	struct note n = { .text = "" };
	struct str copy;
	struct value v;

	cr_assert_eq(arena_copy(&s->memory, str_view(text), &copy), OK);
	cr_assert_eq(json_read(copy, 1, &s->memory, &v, &n), OK, "%s", n.text);
	return v;
}

struct value sample_record(struct sample *s, const char *from, const char *to)
{
	const char *at = from ? strstr(sample_text, from) : sample_text;
	struct value v;
	struct buf b;

	cr_assert(at != NULL, "'%s' is not in the record", from);
	buf_init(&b, LIMIT_RECORD_BYTES);
	buf_add(&b, str_slice(sample_text, (size_t)(at - sample_text)));
	buf_add_c(&b, from ? to : "");
	buf_add_c(&b, at + (from ? strlen(from) : 0));
	buf_add_byte(&b, '\0');
	cr_assert_eq(b.err, OK);
	v = sample_read(s, b.ptr);
	buf_fini(&b);
	return v;
}

struct str sample_sign(struct sample *s, const struct value *v, const struct sign_key *key)
{
	struct str text;
	struct buf b;

	buf_init(&b, 2 * LIMIT_RECORD_BYTES);
	cr_assert_eq(trace_record_sign(v, key, &s->memory, &b), OK);
	cr_assert_eq(arena_copy(&s->memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	return text;
}

struct trace_record sample_signed(struct sample *s, struct value v)
{
	struct note n = { .text = "" };
	struct trace_record c;

	cr_assert_eq(trace_record_read(sample_sign(s, &v, s->key), &s->memory, &c, &n), OK, "%s",
		     n.text);
	return c;
}

struct jwks sample_keys(struct sample *s, const struct sign_key *key, const char *kid)
{
	struct public_key pub = sign_key_public(key);
	struct jwks set;
	struct str text;
	struct buf b;

	buf_init(&b, 1024);
	jwk_write_public(&b, &pub, kid ? str_view(kid) : STR_NONE);
	cr_assert_eq(arena_copy(&s->memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	cr_assert_eq(jwks_read(text, JWKS_SIG, &s->memory, &set, NULL), OK);
	return set;
}

enum finding_status sample_status(const struct sample *s, enum finding_code code)
{
	const struct finding *f = finding_find(s->f, code);

	return f ? f->status : FINDING_STATUSES;
}
