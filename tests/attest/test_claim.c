/* claim: records read, signed, and named by hashes. */
#include <criterion/criterion.h>

#include "engine/base/limits.h"
#include "tests/attest/sample.h"
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

TestSuite(claim, .init = setup, .fini = teardown);

Test(claim, an_envelope_is_told_from_a_record_and_cannot_be_stripped)
{
	struct claim c;
	struct value v = sample_read(&s, "{\"cmcp_version\":\"1.0\",\"trace\":{\"iat\":1}}");

	cr_assert_eq(claim_of(&v, &c, NULL), OK);
	cr_expect(c.enveloped);
	cr_expect_eq(value_get_c(c.record, "iat")->integer, 1);
	v = sample_read(&s, "{\"cmcp_version\":\"1.0\",\"trace\":7}");
	cr_expect_eq(claim_of(&v, &c, NULL), ERR_SYNTAX);
	v = sample_read(&s, "{\"trace\":{\"iat\":1}}");
	cr_expect_eq(claim_of(&v, &c, NULL), ERR_SYNTAX);
	v = sample_read(&s, "{\"gateway\":{}}");
	cr_expect_eq(claim_of(&v, &c, NULL), ERR_SYNTAX);
	v = sample_read(&s, "[]");
	cr_expect_eq(claim_of(&v, &c, NULL), ERR_TYPE);
}

Test(claim, a_record_is_bounded_and_read_strictly)
{
	struct claim c;
	struct note n = { .text = "" };
	char *wide = arena_alloc(&s.memory, LIMIT_RECORD_BYTES + 1);

	memset(wide, ' ', LIMIT_RECORD_BYTES + 1);
	cr_expect_eq(claim_read(str_slice(wide, LIMIT_RECORD_BYTES + 1), &s.memory, &c, &n),
		     ERR_LIMIT);
	cr_expect_eq(claim_read(STR("{\"iat\":1,\"iat\":1}"), &s.memory, &c, &n), ERR_DUPLICATE);
}

Test(claim, a_signature_covers_all_but_itself)
{
	struct claim c = sample_signed(&s, sample_record(&s, NULL, NULL));
	struct jws_key key;
	struct value changed;

	cr_assert_eq(claim_key(claim_jwk(c.record), &key, NULL), OK);
	cr_expect_eq(claim_signed_by(c.whole, &key, &s.memory), OK);
	cr_assert_eq(value_copy(&s.memory, c.whole, &changed), OK);
	for (size_t i = 0; i < changed.object.count; i++) {
		struct member kept = changed.object.members[i];

		if (str_is(kept.key, "signature"))
			continue;
		changed.object.members[i].value = value_int(1);
		cr_expect_eq(claim_signed_by(&changed, &key, &s.memory), ERR_SIGNATURE, "%.*s",
			     STR_ARG(kept.key));
		changed.object.members[i] = kept;
	}
	cr_expect_eq(claim_signed_by(&changed, &key, &s.memory), OK);
}

Test(claim, signing_again_replaces_key_and_signature)
{
	struct claim first = sample_signed(&s, sample_record(&s, NULL, NULL));
	struct str again = sample_sign(&s, first.whole, s.key);
	struct str other = sample_sign(&s, first.whole, s.other);
	struct claim c;

	cr_assert_eq(claim_read(again, &s.memory, &c, NULL), OK);
	cr_expect(value_eq(c.whole, first.whole));
	cr_expect(!str_eq(again, other));
}

Test(claim, a_signature_has_one_text)
{
	struct claim c = sample_signed(&s, sample_record(&s, NULL, NULL));
	const char *const texts[] = { "", "AA", "====", "not base64!" };
	struct jws_key key;
	struct value v;

	cr_assert_eq(claim_key(claim_jwk(c.record), &key, NULL), OK);
	cr_assert_eq(value_copy(&s.memory, c.whole, &v), OK);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t k = 0; k < v.object.count; k++)
			if (str_is(v.object.members[k].key, "signature"))
				v.object.members[k].value = value_string(str_view(texts[i]));
		cr_expect_eq(claim_signed_by(&v, &key, &s.memory), ERR_SYNTAX, "%s", texts[i]);
	}
}

Test(claim, the_hash_names_the_signature_too)
{
	struct value v = sample_record(&s, NULL, NULL);
	struct claim c = sample_signed(&s, v);
	struct digest one, other;

	cr_assert_eq(claim_hash(c.whole, &one), OK);
	cr_assert_eq(claim_read(sample_sign(&s, &v, s.other), &s.memory, &c, NULL), OK);
	cr_assert_eq(claim_hash(c.whole, &other), OK);
	cr_expect(!digest_eq(&one, &other));
}

Test(claim, keys_of_other_kinds_are_named_in_the_story)
{
	struct value v = sample_read(&s, "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}");
	struct note n = { .text = "" };
	struct jws_key key;

	cr_expect_eq(claim_key(&v, &key, &n), ERR_TYPE);
	cr_expect(strstr(n.text, "X25519") != NULL, "%s", n.text);
	v = sample_read(&s, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}");
	cr_expect_eq(claim_key(&v, &key, &n), ERR_SYNTAX);
}

Test(claim, every_failed_allocation_is_survived)
{
	struct value v = sample_record(&s, NULL, NULL);
	enum err e = OK;

	for (uint64_t n = 1;; n++) {
		struct arena a;
		struct buf b;

		arena_init(&a, (size_t)1 << 20);
		buf_init(&b, LIMIT_RECORD_BYTES);
		fail_alloc_at(n);
		e = claim_sign(&v, s.key, &a, &b);
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
