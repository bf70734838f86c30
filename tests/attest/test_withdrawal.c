/* withdrawal: bundles of revoked keys, and what they mean for a record. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/canon.h"
#include "tests/attest/sample.h"
#include "tests/kit/fail_alloc.h"

#define STATEMENT                                                                                \
	"{\"type\":\"TraceRevocation/1.0\",\"compromised_key_id\":\"%s\","                     \
	"\"last_valid_entry_id\":\"7\",\"log_id\":\"%s\",\"revocation_key_id\":\"%s\"}"
#define BUNDLE                                                                                   \
	"{\"type\":\"TraceRevocationBundle/1.0\",\"log_id\":\"log\",\"issued_at\":1785000000,"     \
	"\"valid_until\":1785003600,\"bundle_key_id\":\"office\",\"statements\":[%s]}"

static struct sample s;
static struct jwks office;

static void setup(void)
{
	sample_init(&s);
	office = sample_keys(&s, s.other, "office");
}

static void teardown(void)
{
	sample_fini(&s);
}

TestSuite(withdrawal, .init = setup, .fini = teardown);

/* The object with a member `sig` by that key. */
static const char *sign(const char *text, const struct sign_key *key)
{
	struct value v = sample_read(&s, text);
	struct signature made;
	struct str all;
	struct buf b;

	buf_init(&b, 1 << 16);
	canon_value(&b, &v);
	made = sign_make(key, buf_view(&b));
	b.len--;
	buf_add_c(&b, ",\"sig\":{\"alg\":\"ed25519\",\"value\":\"");
	base64url_write(&b, made.bytes, sizeof(made.bytes));
	buf_add_c(&b, "\"}}");
	cr_assert_eq(arena_copy(&s.memory, buf_view(&b), &all), OK);
	buf_fini(&b);
	return all.ptr;
}

static const char *statement(const char *named, const char *log_id, const char *by,
			     const struct sign_key *key)
{
	char text[512];

	(void)snprintf(text, sizeof(text), STATEMENT, named, log_id, by);
	return sign(text, key);
}

static struct str bundle(const char *inside, const struct sign_key *key)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), BUNDLE, inside);
	return str_view(sign(text, key));
}

static enum err read(struct str text, struct withdrawals *ret, struct note *n)
{
	return withdrawal_read(text, &office, &s.memory, ret, n);
}

static enum finding_status judge(const struct withdrawals *w, const char *kid, int64_t now_s)
{
	struct public_key pub = sign_key_public(s.key);
	struct digest thumbprint = jwk_thumbprint(&pub);

	s.f->count = 0;
	s.f->refused = false;
	cr_assert_eq(withdrawal_judge(w, &thumbprint, kid ? str_view(kid) : STR_NONE, now_s, s.f),
		     OK);
	return sample_status(&s, FINDING_REVOKED);
}

Test(withdrawal, a_key_is_named_by_kid_or_by_thumbprint)
{
	struct public_key pub = sign_key_public(s.key);
	struct digest thumbprint = jwk_thumbprint(&pub);
	struct withdrawals w;
	struct note n = { .text = "" };
	struct buf b;

	cr_assert_eq(read(bundle(statement("k1", "log", "office", s.other), s.other), &w, &n), OK,
		     "%s", n.text);
	cr_expect_eq(judge(&w, "k1", SAMPLE_NOW_S), FINDING_FAIL);
	cr_expect_eq(judge(&w, "k2", SAMPLE_NOW_S), FINDING_PASS);
	cr_expect_eq(judge(&w, NULL, SAMPLE_NOW_S), FINDING_PASS);
	buf_init(&b, 64);
	base64url_write(&b, thumbprint.bytes, sizeof(thumbprint.bytes));
	buf_add_byte(&b, '\0');
	cr_assert_eq(read(bundle(statement(b.ptr, "log", "office", s.other), s.other), &w, &n),
		     OK, "%s", n.text);
	buf_fini(&b);
	cr_expect_eq(judge(&w, NULL, SAMPLE_NOW_S), FINDING_FAIL);
}

/* Not a pass: the specification forbids to report it as one. */
Test(withdrawal, a_bundle_that_is_over_or_of_the_future_refuses)
{
	struct withdrawals w;

	cr_assert_eq(read(bundle("", s.other), &w, NULL), OK);
	cr_expect_eq(judge(&w, NULL, SAMPLE_NOW_S + 3600), FINDING_PASS);
	cr_expect_eq(judge(&w, NULL, SAMPLE_NOW_S + 3601), FINDING_UNVERIFIED);
	cr_expect(s.f->refused);
	cr_expect_eq(judge(&w, NULL, SAMPLE_NOW_S - 301), FINDING_UNVERIFIED);
	cr_expect(s.f->refused);
}

Test(withdrawal, what_is_not_signed_by_a_given_key_counts_for_nothing)
{
	const char *good = statement("k1", "log", "office", s.other);
	struct withdrawals w;
	struct note n = { .text = "" };

	cr_expect_eq(read(bundle(good, s.key), &w, &n), ERR_SIGNATURE);
	cr_expect_eq(read(bundle(statement("k1", "log", "office", s.key), s.other), &w, &n),
		     ERR_SIGNATURE);
	cr_expect_eq(read(bundle(statement("k1", "log", "stranger", s.other), s.other), &w, &n),
		     ERR_NOT_FOUND);
	cr_expect(strstr(n.text, "stranger") != NULL, "%s", n.text);
}

Test(withdrawal, no_key_withdraws_itself_and_no_log_speaks_for_another)
{
	struct withdrawals w;
	struct note n = { .text = "" };
	const char *own;
	char id[64];
	struct digest thumbprint = jwk_thumbprint(&office.keys[0].ed);
	struct buf b;

	cr_expect_eq(read(bundle(statement("office", "log", "office", s.other), s.other), &w, &n),
		     ERR_RANGE);
	buf_init(&b, sizeof(id));
	base64url_write(&b, thumbprint.bytes, sizeof(thumbprint.bytes));
	(void)snprintf(id, sizeof(id), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
	own = statement(id, "log", "office", s.other);
	cr_expect_eq(read(bundle(own, s.other), &w, &n), ERR_RANGE, "by its other name");
	own = statement("k1", "other", "office", s.other);
	cr_expect_eq(read(bundle(own, s.other), &w, &n), ERR_TYPE);
}

Test(withdrawal, every_failed_allocation_is_survived)
{
	struct str text = bundle(statement("k1", "log", "office", s.other), s.other);
	enum err e = OK;

	for (uint64_t n = 1;; n++) {
		struct withdrawals w;
		struct arena a;
		bool hit;

		arena_init(&a, (size_t)1 << 20);
		fail_alloc_at(n);
		e = withdrawal_read(text, &office, &a, &w, NULL);
		hit = fail_alloc_was_hit();
		arena_fini(&a);
		if (!hit)
			break;
		cr_expect_eq(e, ERR_MEMORY);
	}
	cr_expect_eq(e, OK);
}
