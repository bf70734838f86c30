/* anchor: the registry's own canonical form, and its proofs. */
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

TestSuite(anchor, .init = setup, .fini = teardown);

#define LONE                                                                                     \
	"{\"proof\":{\"leaf_index\":0,\"audit_path\":[]},"                                         \
	"\"entry\":{\"leaf_count\":1,\"batch_id\":\"b\",\"merkle_root\":\"%.*s\"}}"

static enum finding_status judge(const struct value *v, const struct digest *root)
{
	struct value anchor;
	struct buf hex, text;

	buf_init(&hex, 80);
	buf_init(&text, 1024);
	digest_write(&hex, root);
	buf_addf(&text, LONE, STR_ARG(buf_view(&hex)));
	buf_add_byte(&text, '\0');
	anchor = sample_read(&s, text.ptr);
	buf_fini(&text);
	buf_fini(&hex);
	cr_assert_eq(anchor_judge(v, &anchor, s.f, NULL), OK);
	return sample_status(&s, FINDING_ANCHORED);
}

/* Where both canonical forms part: names beyond the basic plane, and what is not ASCII. */
Test(anchor, the_leaf_is_hashed_in_ascii_with_names_by_code_point)
{
	struct value v = sample_read(&s, "{\"\xF0\x9F\x98\x80\":1,\"\xEF\xBF\xBD\":\"\xC3\xBC\"}");
	struct digest leaf, expected = sha256_prefixed(
		0x00, STR("{\"\\ufffd\":\"\\u00fc\",\"\\ud83d\\ude00\":1}"));

	cr_assert_eq(anchor_leaf(&v, &leaf), OK);
	cr_expect(digest_eq(&leaf, &expected));
}

Test(anchor, a_lone_leaf_is_its_root_and_no_other_record_is)
{
	struct value v = sample_record(&s, NULL, NULL);
	struct value other = sample_record(&s, "internal", "public");
	struct digest leaf;

	cr_assert_eq(anchor_leaf(&v, &leaf), OK);
	cr_expect_eq(judge(&v, &leaf), FINDING_PASS);
	cr_expect_eq(judge(&other, &leaf), FINDING_FAIL);
}

Test(anchor, a_fraction_has_no_leaf)
{
	struct value v = sample_read(&s, "{\"a\":[{\"b\":1.5}]}");
	struct digest leaf;

	cr_expect_eq(anchor_leaf(&v, &leaf), ERR_TYPE);
	cr_expect_eq(judge(&v, &(struct digest){ { 0 } }), FINDING_FAIL);
}

Test(anchor, what_is_no_anchor_is_an_error_with_its_member)
{
	const char *const bad[] = {
		"[]",
		"{}",
		"{\"proof\":{},\"entry\":{}}",
		"{\"proof\":{\"leaf_index\":-1,\"audit_path\":[]},\"entry\":{\"leaf_count\":1}}",
		"{\"proof\":{\"leaf_index\":0,\"audit_path\":[\"sha256:00\"]},\"entry\":"
		"{\"leaf_count\":1,\"merkle_root\":\"" TRACE_NOTHING_MEASURED "\"}}",
		"{\"proof\":{\"leaf_index\":0,\"audit_path\":[]},\"entry\":{\"leaf_count\":0}}",
	};
	struct value v = sample_record(&s, NULL, NULL);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct value anchor = sample_read(&s, bad[i]);
		struct note n = { .text = "" };

		cr_expect_eq(anchor_judge(&v, &anchor, s.f, &n), ERR_TYPE, "%s", bad[i]);
		cr_expect_neq(n.text[0], '\0');
	}
}
