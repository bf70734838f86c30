/* appraise: levels and belief at their edges; what the reference answers is tried by the suite. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/limits.h"
#include "tests/attest/sample.h"
#include "tests/kit/fail_alloc.h"

static struct sample s;
static struct appraise_terms t;

static void setup(void)
{
	sample_init(&s);
	t = (struct appraise_terms){ .now_s = SAMPLE_NOW_S, .max_age_s = APPRAISE_MAX_AGE_S,
				     .skew_s = APPRAISE_SKEW_S };
}

static void teardown(void)
{
	sample_fini(&s);
}

TestSuite(appraise, .init = setup, .fini = teardown);

static void judge(const struct trace_record *c)
{
	s.f->count = 0;
	s.f->refused = false;
	cr_assert_eq(appraise_level(c, &t, &s.memory, s.f), OK);
	cr_assert_eq(appraise_belief(c, &t, &s.memory, s.f), OK);
}

static void judge_with(const char *from, const char *to)
{
	struct trace_record c = sample_signed(&s, sample_record(&s, from, to));

	judge(&c);
}

Test(appraise, without_a_trusted_key_a_good_record_passes_and_is_not_believed)
{
	judge_with(NULL, NULL);
	cr_expect(!s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_SIGNATURE), FINDING_PASS);
	cr_expect_eq(sample_status(&s, FINDING_TRUSTED), FINDING_UNVERIFIED);
	cr_expect_eq(sample_status(&s, FINDING_REVOKED), FINDING_SKIP);
}

Test(appraise, only_the_trusted_key_is_believed)
{
	struct jwks good = sample_keys(&s, s.key, NULL), bad = sample_keys(&s, s.other, NULL);

	t.trusted = &good;
	judge_with(NULL, NULL);
	cr_expect(!s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_TRUSTED), FINDING_PASS);
	t.trusted = &bad;
	judge_with(NULL, NULL);
	cr_expect(s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_SIGNATURE), FINDING_PASS);
	cr_expect_eq(sample_status(&s, FINDING_TRUSTED), FINDING_FAIL);
}

/* The suite does not look at the schema, so by itself it refuses nothing. */
Test(appraise, what_the_schema_refuses_is_a_warning_until_somebody_believes)
{
	struct jwks good = sample_keys(&s, s.key, NULL);

	judge_with("\"data_class\"", "\"more\":1,\"data_class\"");
	cr_expect(!s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_SCHEMA), FINDING_WARN);
	t.trusted = &good;
	judge_with("\"data_class\"", "\"more\":1,\"data_class\"");
	cr_expect(s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_SCHEMA), FINDING_FAIL);
}

Test(appraise, age_and_skew_count_to_the_second)
{
	t.now_s = SAMPLE_NOW_S + APPRAISE_MAX_AGE_S;
	judge_with(NULL, NULL);
	cr_expect_eq(sample_status(&s, FINDING_ISSUED), FINDING_PASS);
	t.now_s++;
	judge_with(NULL, NULL);
	cr_expect_eq(sample_status(&s, FINDING_ISSUED), FINDING_FAIL);
	t.max_age_s = APPRAISE_ANY_AGE;
	judge_with(NULL, NULL);
	cr_expect_eq(sample_status(&s, FINDING_ISSUED), FINDING_PASS);
	t.now_s = SAMPLE_NOW_S - APPRAISE_SKEW_S - 1;
	judge_with(NULL, NULL);
	cr_expect_eq(sample_status(&s, FINDING_ISSUED), FINDING_FAIL);
	t.now_s = INT64_MIN / INT64_C(1000000000);
	judge_with("1785000000", "9223372036854775807");
	cr_expect_eq(sample_status(&s, FINDING_ISSUED), FINDING_FAIL);
}

Test(appraise, an_unsigned_record_is_unverified_at_level_0_and_refused_above)
{
	struct value v = sample_record(&s, NULL, NULL);
	struct trace_record c;

	cr_assert_eq(trace_record_of(&v, &c, NULL), OK);
	judge(&c);
	cr_expect(!s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_SIGNATURE), FINDING_UNVERIFIED);
	t.level = 1;
	judge(&c);
	cr_expect(s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_SIGNATURE), FINDING_FAIL);
}

Test(appraise, a_private_half_in_the_record_is_refused_whichever_it_is)
{
	const char *const halves[] = { "d", "p", "qi", "k" };
	char to[64];

	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		struct value v;
		struct trace_record c;

		(void)snprintf(to, sizeof(to), "\"kty\":\"OKP\",\"%s\":\"AA\"", halves[i]);
		v = sample_record(&s, "\"kty\":\"OKP\"", to);
		cr_assert_eq(trace_record_of(&v, &c, NULL), OK);
		judge(&c);
		cr_expect(s.f->refused, "%s", halves[i]);
		cr_expect_eq(sample_status(&s, FINDING_KEY), FINDING_FAIL);
	}
}

Test(appraise, levels_ask_for_more_and_more)
{
	judge_with(NULL, NULL);
	cr_expect_eq(sample_status(&s, FINDING_PLATFORM), FINDING_STATUSES);
	t.level = 1;
	judge_with(NULL, NULL);
	cr_expect_eq(sample_status(&s, FINDING_PLATFORM), FINDING_FAIL);
	cr_expect_eq(sample_status(&s, FINDING_TRANSCRIPT), FINDING_STATUSES);
	judge_with("software-only", "intel-tdx");
	cr_expect(!s.f->refused);
	t.level = 2;
	judge_with("software-only", "intel-tdx");
	cr_expect_eq(sample_status(&s, FINDING_TRANSCRIPT), FINDING_PASS);
	cr_expect_eq(sample_status(&s, FINDING_TRANSPARENCY), FINDING_FAIL);
	t.level = 3;
	cr_expect_eq(appraise_level(&(struct trace_record){ 0 }, &t, &s.memory, s.f), ERR_RANGE);
}

Test(appraise, a_nonce_is_echoed_or_the_record_refused)
{
	t.nonce = STR("n1");
	judge_with(NULL, NULL);
	cr_expect_eq(sample_status(&s, FINDING_NONCE), FINDING_FAIL);
	judge_with("\"platform\"", "\"nonce\":\"n2\",\"platform\"");
	cr_expect_eq(sample_status(&s, FINDING_NONCE), FINDING_FAIL);
	judge_with("\"platform\"", "\"nonce\":\"n1\",\"platform\"");
	cr_expect_eq(sample_status(&s, FINDING_NONCE), FINDING_PASS);
}

Test(appraise, whatever_a_record_lacks_is_said_and_nothing_breaks)
{
	const char *const odd[] = { "{}", "{\"cnf\":7}", "{\"cnf\":{\"jwk\":[]}}", "{\"iat\":null}",
				    "{\"policy\":[],\"runtime\":1,\"build_provenance\":\"\"}",
				    "{\"cmcp_version\":1,\"trace\":{}}",
				    "{\"cmcp_version\":1,\"trace\":{},\"signature\":\"AA\"}" };

	t.level = 2;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct value v = sample_read(&s, odd[i]);
		struct trace_record c;

		cr_assert_eq(trace_record_of(&v, &c, NULL), OK);
		judge(&c);
		cr_expect(s.f->refused, "%s", odd[i]);
	}
}

Test(appraise, every_failed_allocation_is_survived)
{
	struct trace_record c = sample_signed(&s, sample_record(&s, NULL, NULL));
	struct jwks good = sample_keys(&s, s.key, NULL);
	enum err e = ERR_MEMORY;

	t.trusted = &good;
	for (uint64_t n = 1;; n++) {
		struct arena a;
		bool hit;

		arena_init(&a, (size_t)1 << 20);
		s.f->count = 0;
		fail_alloc_at(n);
		e = appraise_level(&c, &t, &a, s.f);
		if (e == OK)
			e = appraise_belief(&c, &t, &a, s.f);
		hit = fail_alloc_was_hit();
		arena_fini(&a);
		if (!hit)
			break;
		cr_expect_eq(e, ERR_MEMORY);
	}
	cr_expect_eq(e, OK);
}
