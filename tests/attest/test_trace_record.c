/* trace_record: records read, signed, and named by hashes. */
#include <criterion/criterion.h>

#include "engine/base/limits.h"
#include "tests/attest/sample.h"
#include "tests/kit/cert_kit.h"
#include "tests/kit/fail_alloc.h"

static struct sample s;

static void setup(void)
{
	sample_init(&s);
}

static void teardown(void)
{
	sample_fini(&s);
}

TestSuite(trace_record, .init = setup, .fini = teardown);

Test(trace_record, an_envelope_is_told_from_a_record_and_cannot_be_stripped)
{
	struct trace_record c;
	struct value v = sample_read(&s, "{\"cmcp_version\":\"1.0\",\"trace\":{\"iat\":1}}");

	cr_assert_eq(trace_record_of(&v, &c, NULL), OK);
	cr_expect(c.enveloped);
	cr_expect_eq(value_get_c(c.record, "iat")->integer, 1);
	v = sample_read(&s, "{\"cmcp_version\":\"1.0\",\"trace\":7}");
	cr_expect_eq(trace_record_of(&v, &c, NULL), ERR_SYNTAX);
	v = sample_read(&s, "{\"trace\":{\"iat\":1}}");
	cr_expect_eq(trace_record_of(&v, &c, NULL), ERR_SYNTAX);
	v = sample_read(&s, "{\"gateway\":{}}");
	cr_expect_eq(trace_record_of(&v, &c, NULL), ERR_SYNTAX);
	v = sample_read(&s, "[]");
	cr_expect_eq(trace_record_of(&v, &c, NULL), ERR_TYPE);
}

Test(trace_record, a_record_is_bounded_and_read_strictly)
{
	struct trace_record c;
	struct note n = { .text = "" };
	char *wide = arena_alloc(&s.memory, LIMIT_RECORD_BYTES + 1);

	memset(wide, ' ', LIMIT_RECORD_BYTES + 1);
	cr_expect_eq(trace_record_read(str_slice(wide, LIMIT_RECORD_BYTES + 1), &s.memory, &c, &n),
		     ERR_LIMIT);
	cr_expect_eq(trace_record_read(STR("{\"iat\":1,\"iat\":1}"), &s.memory, &c, &n),
		     ERR_DUPLICATE);
}

Test(trace_record, a_signature_covers_all_but_itself)
{
	struct trace_record c = sample_signed(&s, sample_record(&s, NULL, NULL));
	struct jws_key key;
	struct value changed;

	cr_assert_eq(trace_record_key(trace_record_jwk(c.record), &key, NULL), OK);
	cr_expect_eq(trace_record_signed_by(c.whole, &key, &s.memory), OK);
	cr_assert_eq(value_copy(&s.memory, c.whole, &changed), OK);
	for (size_t i = 0; i < changed.object.count; i++) {
		struct member kept = changed.object.members[i];

		if (str_is(kept.key, "signature"))
			continue;
		changed.object.members[i].value = value_int(1);
		cr_expect_eq(trace_record_signed_by(&changed, &key, &s.memory), ERR_SIGNATURE,
			     "%.*s", STR_ARG(kept.key));
		changed.object.members[i] = kept;
	}
	cr_expect_eq(trace_record_signed_by(&changed, &key, &s.memory), OK);
}

Test(trace_record, signing_again_replaces_key_and_signature)
{
	struct trace_record first = sample_signed(&s, sample_record(&s, NULL, NULL));
	struct str again = sample_sign(&s, first.whole, s.key);
	struct str other = sample_sign(&s, first.whole, s.other);
	struct trace_record c;

	cr_assert_eq(trace_record_read(again, &s.memory, &c, NULL), OK);
	cr_expect(value_eq(c.whole, first.whole));
	cr_expect(!str_eq(again, other));
}

Test(trace_record, a_signature_has_one_text)
{
	struct trace_record c = sample_signed(&s, sample_record(&s, NULL, NULL));
	const char *const texts[] = { "", "AA", "====", "not base64!" };
	struct jws_key key;
	struct value v;

	cr_assert_eq(trace_record_key(trace_record_jwk(c.record), &key, NULL), OK);
	cr_assert_eq(value_copy(&s.memory, c.whole, &v), OK);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t k = 0; k < v.object.count; k++)
			if (str_is(v.object.members[k].key, "signature"))
				v.object.members[k].value = value_string(str_view(texts[i]));
		cr_expect_eq(trace_record_signed_by(&v, &key, &s.memory), ERR_SYNTAX, "%s",
			     texts[i]);
	}
}

Test(trace_record, the_hash_names_the_signature_too)
{
	struct value v = sample_record(&s, NULL, NULL);
	struct trace_record c = sample_signed(&s, v);
	struct digest one, other;

	cr_assert_eq(trace_record_hash(c.whole, &one), OK);
	cr_assert_eq(trace_record_read(sample_sign(&s, &v, s.other), &s.memory, &c, NULL), OK);
	cr_assert_eq(trace_record_hash(c.whole, &other), OK);
	cr_expect(!digest_eq(&one, &other));
}

Test(trace_record, keys_of_other_kinds_are_named_in_the_story)
{
	struct value v = sample_read(&s, "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}");
	struct note n = { .text = "" };
	struct jws_key key;

	cr_expect_eq(trace_record_key(&v, &key, &n), ERR_TYPE);
	cr_expect(strstr(n.text, "X25519") != NULL, "%s", n.text);
	v = sample_read(&s, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}");
	cr_expect_eq(trace_record_key(&v, &key, &n), ERR_SYNTAX);
}

/* {"kty":"EC",...} of a key that was made here; its halves are points of the curve. */
static struct value p256_jwk(const struct cert *made)
{
	struct p256_key key = cert_kit_key(made);
	struct value v;
	struct buf b;

	buf_init(&b, 256);
	buf_add_c(&b, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"");
	base64url_write(&b, key.xy, 32);
	buf_add_c(&b, "\",\"y\":\"");
	base64url_write(&b, key.xy + 32, 32);
	buf_add(&b, str_slice("\"}\0", 3));
	v = sample_read(&s, b.ptr);
	buf_fini(&b);
	return v;
}

/* The reference library and the suite do not verify these; the specification has them. */
Test(trace_record, a_key_of_p256_signs_by_es256)
{
	struct value v = sample_record(&s, NULL, NULL), signed_record;
	struct member *m = arena_array(&s.memory, v.object.count + 1, sizeof(*m));
	struct cert *made;
	uint8_t signature[64];
	struct jws_key key;
	struct str text;
	struct buf b;

	if (!x509_supported())
		return;
	made = cert_kit_make(&(struct cert_order){ .subject = "signer" });
	memcpy(m, v.object.members, v.object.count * sizeof(*m));
	v.object.members = m;
	m[v.object.count - 1].value.object.members[0].value = p256_jwk(made);
	buf_init(&b, 1 << 16);
	cr_assert_eq(trace_record_preimage(&v, &s.memory, &b), OK);
	cert_kit_sign(made, buf_view(&b), signature);
	buf_clear(&b);
	base64url_write(&b, signature, sizeof(signature));
	cr_assert_eq(arena_copy(&s.memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	signed_record = v;
	m[signed_record.object.count++] =
		(struct member){ .key = STR("signature"), .value = value_string(text) };
	cr_assert_eq(trace_record_key(trace_record_jwk(&signed_record), &key, NULL), OK);
	cr_expect_eq(trace_record_signed_by(&signed_record, &key, &s.memory), OK);
	m[1].value = value_int(TRACE_LEAST_S);
	cr_expect_eq(trace_record_signed_by(&signed_record, &key, &s.memory), ERR_SIGNATURE);
	cert_kit_free(made);
}

Test(trace_record, every_failed_allocation_is_survived)
{
	struct value v = sample_record(&s, NULL, NULL);
	enum err e = OK;

	for (uint64_t n = 1;; n++) {
		struct arena a;
		struct buf b;

		arena_init(&a, (size_t)1 << 20);
		buf_init(&b, LIMIT_RECORD_BYTES);
		fail_alloc_at(n);
		e = trace_record_sign(&v, s.key, &a, &b);
		if (!fail_alloc_was_hit()) {
			buf_fini(&b);
			arena_fini(&a);
			break;
		}
		cr_expect_eq(e, ERR_MEMORY);
		buf_fini(&b);
		arena_fini(&a);
	}
	cr_expect_eq(e, OK);
}
