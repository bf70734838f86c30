/* receipt: odd documents and edges; the published cases are the suite's. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/canon.h"
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

TestSuite(receipt, .init = setup, .fini = teardown);

#define CONTEXT(more) "\"context\":{\"verification_time\":\"2026-01-01T00:10:00Z\"," more "}"
#define BOUND "\"call_id\":\"c\",\"session_id\":\"s\",\"max_receipt_age_seconds\":60,"             \
	      "\"expected_previous_receipt_hash\":\"h\""
#define ACTION(ref)                                                                              \
	"\"action\":{\"agent_id\":\"a\",\"action_type\":\"t\",\"action_scope\":\"x\","             \
	"\"action_timestamp\":\"2026-01-01T00:09:00Z\",\"action_ref\":\"" ref "\"}"

static struct receipt_verdict judge(const char *text)
{
	struct receipt_verdict v = { .status = RECEIPT_STATUSES };
	struct note n = { .text = "" };
	struct value d = sample_read(&s, text);

	cr_assert_eq(receipt_judge(&d, &s.memory, &v, &n), OK, "%s: %s", text, n.text);
	return v;
}

static void hash_text(const char *text, char hex[80])
{
	struct value v = sample_read(&s, text);
	struct digest d;
	struct buf b;

	buf_init(&b, 4096);
	canon_value(&b, &v);
	d = sha256(buf_view(&b));
	buf_clear(&b);
	digest_write(&b, &d);
	(void)snprintf(hex, 80, "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

/* A document with a receipt that holds, issued at that minute, or with that decision. */
static const char *whole(const char *issued, const char *decision)
{
	struct jwks keys = sample_keys(&s, s.key, NULL);
	char ref[80], evidence[80], x[64], unsigned_text[1024];
	static char text[4096];
	struct signature sig;
	struct value v;
	struct buf b;

	hash_text("{\"agent_id\":\"a\",\"action_type\":\"t\",\"action_scope\":\"x\","
		  "\"action_timestamp\":\"2026-01-01T00:09:00Z\"}", ref);
	hash_text("{\"physical_completion_claim\":\"none\",\"terminal_state\":\"done\"}", evidence);
	(void)snprintf(unsigned_text, sizeof(unsigned_text),
		       "{\"issuer_key_id\":\"k\",\"linked_call_id\":\"c\",\"session_id\":\"s\","
		       "\"action_ref\":\"%s\",\"evidence_hash\":\"%s\",\"previous_receipt_hash\":"
		       "\"h\",\"issued_at\":\"%s\",\"decision\":\"%s\"}",
		       ref, evidence, issued, decision);
	v = sample_read(&s, unsigned_text);
	buf_init(&b, 4096);
	canon_value(&b, &v);
	sig = sign_make(s.key, buf_view(&b));
	buf_clear(&b);
	base64url_write(&b, keys.keys[0].ed.bytes, PUBLIC_KEY_BYTES);
	(void)snprintf(x, sizeof(x), "%.*s", STR_ARG(buf_view(&b)));
	buf_clear(&b);
	base64url_write(&b, sig.bytes, sizeof(sig.bytes));
	unsigned_text[strlen(unsigned_text) - 1] = '\0';
	(void)snprintf(text, sizeof(text),
		       "{" CONTEXT(BOUND) "," ACTION("%s") ",\"trusted_issuer_keys\":{\"k\":"
		       "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}},\"evidence\":"
		       "{\"physical_completion_claim\":\"none\",\"terminal_state\":\"done\"},"
		       "\"receipt\":%s,\"signature\":\"%.*s\"}}",
		       ref, x, unsigned_text, STR_ARG(buf_view(&b)));
	buf_fini(&b);
	return text;
}

Test(receipt, one_that_holds_says_what_the_controller_did)
{
	struct receipt_verdict v = judge(whole("2026-01-01T00:09:30Z", "accepted"));

	cr_expect_eq(v.status, RECEIPT_ACCEPTED);
	cr_expect(str_is(v.outcome, "done"));
	cr_expect_eq(judge(whole("2026-01-01T00:09:30Z", "rejected")).status, RECEIPT_REJECTED);
	v = judge(whole("2026-01-01T00:09:30Z", "maybe"));
	cr_expect(v.status == RECEIPT_INVALID && v.broken[RECEIPT_DECISION_ODD]);
	cr_expect(str_is(v.outcome, "unknown"));
}

/* Nothing is that young; and so many seconds are no number of nanoseconds. */
Test(receipt, a_negative_age_is_passed_by_all)
{
	const char *text = whole("2026-01-01T00:09:30Z", "accepted");
	const char *at = strstr(text, ":60,");
	char negative[4200];

	cr_assert_not_null(at);
	(void)snprintf(negative, sizeof(negative), "%.*s:-9223372036854774808%s",
		       (int)(at - text), text, at + strlen(":60"));
	cr_expect(judge(negative).broken[RECEIPT_STALE]);
}

Test(receipt, its_time_counts_to_the_second_and_has_to_be_one)
{
	cr_expect_eq(judge(whole("2026-01-01T00:09:00Z", "accepted")).status, RECEIPT_ACCEPTED);
	cr_expect(judge(whole("2026-01-01T00:08:59Z", "accepted")).broken[RECEIPT_STALE]);
	cr_expect_eq(judge(whole("2026-01-01T00:10:00Z", "accepted")).status, RECEIPT_ACCEPTED);
	cr_expect(judge(whole("2026-01-01T00:10:01Z", "accepted")).broken[RECEIPT_FUTURE]);
	cr_expect(judge(whole("yesterday", "accepted")).broken[RECEIPT_STALE]);
}

Test(receipt, its_absence_is_told_unless_none_is_needed)
{
	const char *const none = "," ACTION("r") ",\"trusted_issuer_keys\":{}}";
	char text[1024];
	struct receipt_verdict v;

	(void)snprintf(text, sizeof(text), "{%s%s", CONTEXT("\"require_receipt\":false"), none);
	cr_expect_eq(judge(text).status, RECEIPT_NOT_REQUIRED);
	(void)snprintf(text, sizeof(text), "{%s%s", CONTEXT("\"require_receipt\":true"), none);
	v = judge(text);
	cr_expect(v.status == RECEIPT_MISSING_REQUIRED && v.broken[RECEIPT_MISSING]);
	(void)snprintf(text, sizeof(text), "{%s%s", CONTEXT("\"call_id\":\"c\""), none);
	cr_expect_eq(judge(text).status, RECEIPT_MISSING_REQUIRED, "when nobody says");
}

Test(receipt, an_empty_one_breaks_every_rule_that_it_can)
{
	struct receipt_verdict v = judge("{" CONTEXT(BOUND) "," ACTION("r")
					 ",\"trusted_issuer_keys\":{},\"receipt\":{}}");

	cr_expect_eq(v.status, RECEIPT_INVALID);
	for (int i = 0; i < RECEIPT_RULES; i++)
		cr_expect_eq(v.broken[i], i != RECEIPT_MISSING && i != RECEIPT_SIGNATURE_BAD &&
						  i != RECEIPT_FUTURE && i != RECEIPT_OWN,
			     "%s", receipt_rule_name((enum receipt_rule)i));
}

Test(receipt, what_is_the_verifiers_own_has_to_be_there)
{
	const char *const bad[] = { "{}", "[]", "{\"context\":{},\"action\":{}}",
				    "{\"context\":{},\"action\":{},\"trusted_issuer_keys\":{}}" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct value d = sample_read(&s, bad[i]);
		struct receipt_verdict v;
		struct note n = { .text = "" };

		cr_expect_neq(receipt_judge(&d, &s.memory, &v, &n), OK, "%s", bad[i]);
		cr_expect_neq(n.text[0], '\0');
	}
}

Test(receipt, every_failed_allocation_is_survived)
{
	struct value d = sample_read(&s, whole("2026-01-01T00:09:30Z", "accepted"));
	enum err e = ERR_MEMORY;

	for (uint64_t n = 1;; n++) {
		struct receipt_verdict v;
		struct arena a;
		bool hit;

		arena_init(&a, (size_t)1 << 20);
		fail_alloc_at(n);
		e = receipt_judge(&d, &a, &v, NULL);
		hit = fail_alloc_was_hit();
		arena_fini(&a);
		if (!hit)
			break;
		cr_expect_eq(e, ERR_MEMORY);
	}
	cr_expect_eq(e, OK);
}
