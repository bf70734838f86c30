/* lineage: chains of records, whole and broken. */
#include <criterion/criterion.h>

#include "engine/base/limits.h"
#include "tests/attest/sample.h"

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

TestSuite(lineage, .init = setup, .fini = teardown);

/* A record that acts on the authority of `above`; NULL: of its own. */
static struct trace_record below(const struct trace_record *above, const char *iat)
{
	struct value v = sample_record(&s, "1785000000", iat);
	struct member *m = arena_array(&s.memory, v.object.count + 1, sizeof(*m));
	struct digest d;
	struct str text;
	struct value link;
	struct buf b;

	if (!above)
		return sample_signed(&s, v);
	memcpy(m, v.object.members, v.object.count * sizeof(*m));
	cr_assert_eq(trace_record_hash(above->whole, &d), OK);
	buf_init(&b, 256);
	buf_add_c(&b, "{\"credential_id\":\"c\",\"parent_record_hash\":\"");
	digest_write(&b, &d);
	buf_add_c(&b, "\"}");
	cr_assert_eq(arena_copy(&s.memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	link = sample_read(&s, text.ptr);
	m[v.object.count] = (struct member){ .key = STR("delegation"), .value = link };
	v.object.members = m;
	v.object.count++;
	return sample_signed(&s, v);
}

static void judge(const struct trace_record *leaf, const struct trace_record *above, size_t count)
{
	s.f->count = 0;
	s.f->refused = false;
	cr_assert_eq(lineage_judge(leaf, above, count, &t, &s.memory, s.f), OK);
}

Test(lineage, a_chain_holds_up_to_its_root)
{
	struct trace_record root = below(NULL, "1785000000"), middle = below(&root, "1785000001");
	struct trace_record leaf = below(&middle, "1785000002");
	const struct trace_record above[] = { middle, root };
	struct jwks good = sample_keys(&s, s.key, NULL);

	judge(&leaf, above, 2);
	cr_expect(!s.f->refused);
	cr_expect_eq(s.f->count, 6);
	t.trusted = &good;
	judge(&leaf, above, 2);
	cr_expect(!s.f->refused);
	judge(&leaf, above, 1);
	cr_expect(!s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_PARENT), FINDING_UNVERIFIED, "the root is missing");
}

Test(lineage, another_record_above_is_refused_by_its_hash)
{
	struct trace_record root = below(NULL, "1785000000"), other = below(NULL, "1785000003");
	struct trace_record leaf = below(&root, "1785000001");

	judge(&leaf, &other, 1);
	cr_expect(s.f->refused);
	cr_expect_eq(sample_status(&s, FINDING_PARENT), FINDING_FAIL);
}

Test(lineage, a_record_above_is_by_a_trusted_key)
{
	struct jwks bad = sample_keys(&s, s.other, NULL);
	struct trace_record root = below(NULL, "1785000000"), leaf = below(&root, "1785000001");

	t.trusted = &bad;
	judge(&leaf, &root, 1);
	cr_expect_eq(sample_status(&s, FINDING_PARENT_SIGNED), FINDING_FAIL);
}

Test(lineage, an_unsigned_record_above_vouches_for_nothing)
{
	struct value v = sample_record(&s, NULL, NULL);
	struct trace_record root, leaf;

	cr_assert_eq(trace_record_of(&v, &root, NULL), OK);
	leaf = below(&root, "1785000001");
	judge(&leaf, &root, 1);
	cr_expect_eq(sample_status(&s, FINDING_PARENT), FINDING_PASS);
	cr_expect_eq(sample_status(&s, FINDING_PARENT_SIGNED), FINDING_FAIL);
}

Test(lineage, nothing_is_above_a_record_that_delegates_from_nobody)
{
	struct trace_record root = below(NULL, "1785000000");

	judge(&root, NULL, 0);
	cr_expect_eq(s.f->count, 0);
	judge(&root, &root, 1);
	cr_expect(s.f->refused);
}

Test(lineage, a_record_above_is_no_younger)
{
	struct trace_record root = below(NULL, "1785000301"), leaf = below(&root, "1785000000");

	judge(&leaf, &root, 1);
	cr_expect_eq(sample_status(&s, FINDING_PARENT_TIME), FINDING_FAIL);
	root = below(NULL, "1785000300");
	leaf = below(&root, "1785000000");
	judge(&leaf, &root, 1);
	cr_expect_eq(sample_status(&s, FINDING_PARENT_TIME), FINDING_PASS);
}

Test(lineage, a_chain_is_bounded)
{
	struct trace_record root = below(NULL, "1785000000");

	cr_expect_eq(lineage_judge(&root, &root, LIMIT_LINEAGE + 1, &t, &s.memory, s.f),
		     ERR_LIMIT);
}
