/*
 * trace_schema: single members. That the tables agree with the published schemas, member by member,
 * is tried by the suite `trace` of `make conformance`.
 */
#include <criterion/criterion.h>

#include "tests/attest/sample.h"

static struct sample s;

static void setup(void)
{
	sample_init(&s);
}

static void teardown(void)
{
	sample_fini(&s);
}

TestSuite(trace_schema, .init = setup, .fini = teardown);

static enum err check(const char *from, const char *to, enum trace_version version,
		      struct note *n)
{
	struct value v = sample_record(&s, from, to);

	return trace_schema_check(&v, version, n);
}

Test(trace_schema, the_sample_fits)
{
	struct note n = { .text = "" };

	cr_expect_eq(check(NULL, NULL, TRACE_V0_2, &n), OK, "%s", n.text);
}

Test(trace_schema, an_error_names_member_place_and_what_was_meant)
{
	struct note n = { .text = "" };

	cr_expect_eq(check("software-only", "sofware-only", TRACE_V0_2, &n), ERR_UNKNOWN);
	cr_expect(strstr(n.text, "'runtime.platform'") && strstr(n.text, "'software-only'"), "%s",
		  n.text);
	cr_expect_eq(n.line, 1);
	cr_expect_gt(n.column, 100);
	cr_expect_eq(check("\"data_class\"", "\"dataclass\"", TRACE_V0_2, &n), ERR_UNKNOWN);
	cr_expect(strstr(n.text, "did you mean 'data_class'") != NULL, "%s", n.text);
	cr_expect_eq(check("\"iat\":1785000000,", "", TRACE_V0_2, &n), ERR_NOT_FOUND);
	cr_expect_str_eq(n.text, "'iat' is missing");
	cr_expect_eq(check("1785000000", "1", TRACE_V0_2, &n), ERR_RANGE);
	cr_expect_eq(check("1785000000", "1785000000.5", TRACE_V0_2, &n), ERR_TYPE);
}

Test(trace_schema, evidence_of_others_has_no_hardware_behind_it)
{
	const char *const origin = "\"data_class\":\"internal\",\"origin\":{\"kind\":"
				   "\"log-import\",\"producer\":\"p\"}";
	struct value v = sample_record(&s, "\"data_class\":\"internal\"", origin);
	struct value *platform;

	cr_expect_eq(trace_schema_check(&v, TRACE_V0_2, NULL), OK);
	platform = &v.object.members[4].value.object.members[0].value;
	*platform = value_string(STR("tpm2"));
	cr_expect_eq(trace_schema_check(&v, TRACE_V0_2, NULL), ERR_RANGE);
}

Test(trace_schema, the_old_version_demands_and_lacks_other_members)
{
	const char *const v1 = "tag:agentrust.io,2026:trace-v0.1\",\"transparency\":"
			       "\"https://l.e/1";
	struct note n = { .text = "" };
	struct value v;

	cr_expect_eq(check("tag:agentrust-io.com,2026:trace-v0.2", v1, TRACE_V0_1, &n), ERR_SYNTAX,
		     "%s", n.text);
	cr_expect(strstr(n.text, "'subject'") != NULL, "a DID: %s", n.text);
	v = sample_record(&s, "tag:agentrust-io.com,2026:trace-v0.2", v1);
	for (size_t i = 0; i < v.object.count; i++)
		if (str_is(v.object.members[i].key, "subject"))
			v.object.members[i].value = value_string(STR("spiffe://e/a"));
	cr_expect_eq(trace_schema_check(&v, TRACE_V0_1, &n), OK, "%s", n.text);
	cr_expect_neq(trace_schema_check(&v, TRACE_V0_2, &n), OK);
}

Test(trace_schema, uris_are_absolute_and_of_the_alphabet)
{
	const char *const good[] = { "https://e.example", "did:key:z6Mk", "urn:x",
				     "a+b-c.d:%20?#" };
	const char *const bad[] = { "", "https", ":x", "1a:x", "a b:x", "x:a b", "x:%2", "x:%zz",
				    "x:#a#b", "x:\"", "x:\xc3\xbc" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect(trace_schema_uri_ok(str_view(good[i])), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect(!trace_schema_uri_ok(str_view(bad[i])), "%s", bad[i]);
}

Test(trace_schema, digests_are_of_two_lengths_in_lower_case)
{
	cr_expect(trace_schema_digest_ok(STR(TRACE_NOTHING_MEASURED)));
	cr_expect(!trace_schema_digest_ok(STR("sha256:")));
	cr_expect(!trace_schema_digest_ok(
		STR("sha384:00000000000000000000000000000000000000000000000000"
		    "00000000000000")));
	cr_expect(!trace_schema_digest_ok(STR(TRACE_NOTHING_MEASURED "\n")));
	cr_expect(!trace_schema_digest_ok(STR_NONE));
}
