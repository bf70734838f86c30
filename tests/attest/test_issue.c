/* issue: records of our own, from a made-up transcript and facts. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/limits.h"
#include "engine/identity/identity.h"
#include "tests/attest/sample.h"
#include "tests/kit/fail_alloc.h"

#define MODEL "\"model\":{\"provider\":\"p\",\"model_id\":\"m\"}"
#define BUILD "\"build_provenance\":{\"slsa_level\":1,\"digest\":\"" TRACE_NOTHING_MEASURED "\"}"
#define FACTS "{" MODEL ",\"data_class\":\"internal\"," BUILD

static struct sample s;
static struct transcript t;
static struct issue_order o;

static void setup(void)
{
	sample_init(&s);
	t = (struct transcript){ .entries = 3, .calls = 2, .policy_count = 1 };
	o = (struct issue_order){ .subject = STR("did:key:z6Mk"), .transcript = &t,
				  .issued_s = SAMPLE_NOW_S, .key = s.key };
	o.place = (struct transcript_place){ .origin = STR("example.com/x"), .session = STR("s"),
					     .size = 9 };
}

static void teardown(void)
{
	sample_fini(&s);
}

TestSuite(issue, .init = setup, .fini = teardown);

/* The record, or the reason why there is none. */
static enum err issue(const char *facts, struct trace_record *ret, struct note *n)
{
	struct value v = sample_read(&s, facts);
	struct str text;
	struct buf b;
	enum err e;

	o.facts = &v;
	buf_init(&b, LIMIT_RECORD_BYTES);
	e = issue_write(&b, &o, &s.memory, n);
	if (e == OK) {
		cr_assert_eq(arena_copy(&s.memory, buf_view(&b), &text), OK);
		cr_assert_eq(trace_record_read(text, &s.memory, ret, NULL), OK);
	}
	buf_fini(&b);
	return e;
}

static struct str of(const struct trace_record *c, const char *object, const char *member)
{
	return value_text(value_get_c(c->record, object), member);
}

Test(issue, a_record_fits_the_schema_and_is_signed)
{
	struct appraise_terms terms = { .now_s = SAMPLE_NOW_S, .max_age_s = 0 };
	struct jwks keys = sample_keys(&s, s.key, NULL);
	struct note n = { .text = "" };
	struct trace_record c;

	cr_assert_eq(issue(FACTS "}", &c, &n), OK, "%s", n.text);
	terms.trusted = &keys;
	cr_assert_eq(appraise_level(&c, &terms, &s.memory, s.f), OK);
	cr_assert_eq(appraise_belief(&c, &terms, &s.memory, s.f), OK);
	cr_expect(!s.f->refused);
	cr_expect(str_is(of(&c, "appraisal", "status"), "none"));
	cr_expect(str_is(of(&c, "policy", "enforcement_mode"), "enforce"));
	cr_expect(str_is(of(&c, "runtime", "platform"), "software-only"));
	cr_expect(str_is(of(&c, "runtime", "measurement"), TRACE_NOTHING_MEASURED));
	cr_expect_null(value_get_c(c.record, "origin"));
	cr_expect_null(value_get_c(c.record, "transparency"));
	cr_expect_null(value_get_c(c.record, "delegation"));
}

Test(issue, the_same_order_gives_the_same_bytes)
{
	struct trace_record one, two;

	cr_assert_eq(issue(FACTS "}", &one, NULL), OK);
	cr_assert_eq(issue("{" BUILD ",\"data_class\":\"internal\"," MODEL "}", &two, NULL), OK);
	cr_expect(value_eq(one.whole, two.whole), "whatever the order of the facts");
}

Test(issue, what_no_log_knows_has_to_be_stated)
{
	const struct {
		const char *facts, *missing;
	} rows[] = {
		{ "{" BUILD "}", "like model: {provider: openai, model_id: gpt-5}; data_class: " },
		{ "{" MODEL "}", "like data_class: internal; build_provenance: {" },
		{ "{" MODEL ",\"data_class\":\"x\"}", "like build_provenance: {" },
		{ "{\"model\":{\"provider\":\"p\"},\"data_class\":\"x\"," BUILD "}",
		  "'model.model_id'" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct note n = { .text = "" };
		struct trace_record c;

		cr_expect_eq(issue(rows[i].facts, &c, &n), ERR_NOT_FOUND, "%s", rows[i].facts);
		cr_expect(strstr(n.text, rows[i].missing) != NULL, "%s", n.text);
	}
}

Test(issue, what_the_log_says_cannot_be_stated)
{
	const char *const tries[] = {
		"\"iat\":1785000001",
		"\"subject\":\"did:web:other\"",
		"\"cnf\":{}",
		"\"signature\":\"AA\"",
		"\"tool_transcript\":{}",
		"\"policy\":{\"enforcement_mode\":\"enforce\"}",
		"\"policy\":{\"bundle_hash\":\"" TRACE_NOTHING_MEASURED "\"}",
		"\"delegation\":{\"parent_record_hash\":\"x\"}",
	};
	char facts[512];

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct note n = { .text = "" };
		struct trace_record c;

		(void)snprintf(facts, sizeof(facts), "%s,%s}", FACTS, tries[i]);
		cr_expect_eq(issue(facts, &c, &n), ERR_UNKNOWN, "%s: %s", tries[i], n.text);
		cr_expect_eq(n.line, 1);
	}
}

Test(issue, no_hardware_is_claimed_and_nobody_appraises_himself)
{
	struct public_key pub = sign_key_public(s.key);
	struct note n = { .text = "" };
	char facts[512];
	struct trace_record c;
	struct buf did;

	cr_expect_eq(issue(FACTS ",\"runtime\":{\"platform\":\"intel-tdx\",\"measurement\":"
				 "\"" TRACE_NOTHING_MEASURED "\"}}",
			   &c, &n),
		     ERR_RANGE);
	buf_init(&did, 128);
	did_write(&did, &pub);
	(void)snprintf(facts, sizeof(facts), "%s,\"appraisal\":{\"status\":\"affirming\","
		       "\"verifier\":\"%.*s\"}}", FACTS, STR_ARG(buf_view(&did)));
	buf_fini(&did);
	cr_expect_eq(issue(facts, &c, &n), ERR_RANGE);
	cr_expect_eq(issue(FACTS ",\"appraisal\":{\"status\":\"affirming\",\"verifier\":"
			   "\"https://v.example\"}}", &c, &n), OK, "%s", n.text);
	cr_expect(str_is(of(&c, "appraisal", "status"), "affirming"));
}

Test(issue, an_imported_session_was_not_enforced)
{
	struct note n = { .text = "" };
	struct trace_record c;

	o.imported = true;
	cr_expect_eq(issue(FACTS "}", &c, &n), ERR_NOT_FOUND);
	cr_expect(strstr(n.text, "'producer'") != NULL, "%s", n.text);
	cr_expect_eq(issue(FACTS ",\"origin\":{\"kind\":\"self\",\"producer\":\"p\"}}", &c, &n),
		     ERR_RANGE);
	cr_assert_eq(issue(FACTS ",\"origin\":{\"producer\":\"p\"}}", &c, &n), OK, "%s", n.text);
	cr_expect(str_is(of(&c, "policy", "enforcement_mode"), "declared"));
	cr_expect(str_is(of(&c, "origin", "kind"), "log-import"));
	cr_expect_eq(issue("{\"eat_profile\":\"tag:agentrust.io,2026:trace-v0.1\"," MODEL
			   ",\"data_class\":\"internal\"," BUILD ",\"origin\":{\"producer\":"
			   "\"p\"}}", &c, &n), ERR_VERSION);
}

/* Such an agent may act here later; only who runs it knows which session is which. */
Test(issue, of_an_imported_agent_somebody_has_to_say_where_it_acted)
{
	struct note n = { .text = "" };
	struct trace_record c;

	o.stranger = true;
	cr_expect_eq(issue(FACTS "}", &c, &n), ERR_NOT_FOUND);
	cr_assert_eq(issue(FACTS ",\"origin\":{\"kind\":\"self\",\"producer\":\"p\"}}", &c, &n),
		     OK, "%s", n.text);
	cr_expect(str_is(of(&c, "policy", "enforcement_mode"), "enforce"));
	cr_assert_eq(issue(FACTS ",\"origin\":{\"producer\":\"p\"}}", &c, &n), OK, "%s", n.text);
	cr_expect(str_is(of(&c, "policy", "enforcement_mode"), "declared"));
}

Test(issue, the_old_version_on_request_demands_a_spiffe_id_and_a_receipt)
{
	const char *const old = "{\"eat_profile\":\"tag:agentrust.io,2026:trace-v0.1\"," MODEL
				",\"data_class\":\"internal\"," BUILD
				",\"transparency\":\"https://l.example/1\"}";
	struct note n = { .text = "" };
	struct trace_record c;

	cr_expect_eq(issue(old, &c, &n), ERR_SYNTAX);
	cr_expect(strstr(n.text, "'subject'") != NULL, "%s", n.text);
	o.subject = STR("spiffe://example.com/agentmesh/ann");
	cr_assert_eq(issue(old, &c, &n), OK, "%s", n.text);
	cr_expect_eq(trace_schema_check(c.record, TRACE_V0_1, &n), OK, "%s", n.text);
}

Test(issue, delegated_authority_names_the_record_above)
{
	struct value parent = sample_record(&s, NULL, NULL);
	struct trace_record above = sample_signed(&s, parent), c;
	struct appraise_terms terms = { .now_s = SAMPLE_NOW_S };
	struct note n = { .text = "" };

	cr_expect_eq(issue(FACTS ",\"delegation\":{\"credential_id\":\"c\"}}", &c, &n),
		     ERR_NOT_FOUND);
	o.parent = above.whole;
	cr_expect_eq(issue(FACTS "}", &c, &n), ERR_NOT_FOUND);
	o.credential = STR("link-1");
	cr_assert_eq(issue(FACTS "}", &c, &n), OK, "%s", n.text);
	cr_expect(str_is(of(&c, "delegation", "credential_id"), "link-1"));
	cr_assert_eq(lineage_judge(&c, &above, 1, &terms, &s.memory, s.f), OK);
	cr_expect(!s.f->refused);
}

Test(issue, every_failed_allocation_is_survived)
{
	struct value v = sample_read(&s, FACTS ",\"origin\":{\"producer\":\"p\"}}");
	enum err e = ERR_MEMORY;

	o.facts = &v;
	o.imported = true;
	for (uint64_t n = 1;; n++) {
		struct arena a;
		struct buf b;
		bool hit;

		arena_init(&a, (size_t)1 << 20);
		buf_init(&b, LIMIT_RECORD_BYTES);
		fail_alloc_at(n);
		e = issue_write(&b, &o, &a, NULL);
		hit = fail_alloc_was_hit();
		buf_fini(&b);
		arena_fini(&a);
		if (!hit)
			break;
		cr_expect_eq(e, ERR_MEMORY);
	}
	cr_expect_eq(e, OK);
}
