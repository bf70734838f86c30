/* build_depth: what lowers a depth and what refuses; the published cases are the suite's. */
#include <criterion/criterion.h>

#include "tests/attest/sample.h"

#define HEX "00000000000000000000000000000000000000000000000000000000000000aa"
#define BUILD                                                                                    \
	"{\"digest\":\"sha256:" HEX "\",\"builder\":\"b\",\"provenance_uri\":\"https://p/1\"}"
#define STATEMENT(hex, builder, inputs)                                                          \
	"{\"statement\":{\"subject\":[{\"digest\":{\"sha256\":\"" hex "\"}}],\"predicate\":"       \
	"{\"runDetails\":{\"builder\":{\"id\":\"" builder "\"}},\"buildDefinition\":"             \
	"{\"resolvedDependencies\":[" inputs "]}}}}"
#define AT_HAND(statement, more)                                                                 \
	"{\"artifact_digest\":\"sha256:" HEX "\",\"trusted_builders\":[\"b\"],"                    \
	"\"trusted_publisher_issuers\":[\"i\"],\"attestations\":{\"https://p/1\":" statement "},"  \
	"\"dependency_attestations\":{" more "}}"
#define INPUT "{\"uri\":\"pkg:x\"}"
#define BY(issuer) "\"pkg:x\":{\"verified_identity\":{\"issuer\":\"" issuer "\"}}"

static struct sample s;

static void setup(void)
{
	sample_init(&s);
}

static void teardown(void)
{
	sample_fini(&s);
}

TestSuite(build_depth, .init = setup, .fini = teardown);

static struct depth_verdict judge(const char *build, const char *at_hand)
{
	struct value b = sample_read(&s, build), h = sample_read(&s, at_hand);
	struct depth_verdict v;

	build_depth_judge(&b, &h, DEPTH_TRANSITIVE, &v);
	return v;
}

Test(build_depth, all_evidence_leads_all_the_way_down)
{
	struct depth_verdict v = judge(BUILD, AT_HAND(STATEMENT(HEX, "b", INPUT), BY("i")));

	cr_expect(!v.refused);
	cr_expect_eq(v.verified, DEPTH_TRANSITIVE);
}

Test(build_depth, what_is_not_at_hand_lowers_the_depth_and_is_named)
{
	struct depth_verdict v = judge(BUILD, AT_HAND(STATEMENT(HEX, "b", INPUT), ""));

	cr_expect(!v.refused && v.broken[DEPTH_INPUT_BARE]);
	cr_expect_eq(v.verified, DEPTH_BUILDER);
	v = judge(BUILD, AT_HAND(STATEMENT(HEX, "b", ""), ""));
	cr_expect(!v.refused && v.broken[DEPTH_NO_INPUTS]);
	cr_expect_eq(v.verified, DEPTH_BUILDER);
	v = judge(BUILD, AT_HAND("{}", ""));
	cr_expect(!v.refused && v.broken[DEPTH_UNRESOLVED]);
	cr_expect_eq(v.verified, DEPTH_SURFACE);
	v = judge("{\"digest\":\"sha256:" HEX "\",\"builder\":\"b\"}", AT_HAND("{}", ""));
	cr_expect(!v.refused && v.broken[DEPTH_NO_URI]);
	cr_expect_eq(v.verified, DEPTH_SURFACE);
}

Test(build_depth, what_contradicts_the_record_refuses_it)
{
	struct depth_verdict v = judge(BUILD, AT_HAND(STATEMENT(HEX, "c", INPUT), BY("i")));

	cr_expect(v.refused && v.broken[DEPTH_BUILDER_OTHER]);
	v = judge(BUILD, AT_HAND(STATEMENT("00", "b", INPUT), BY("i")));
	cr_expect(v.refused && v.broken[DEPTH_SUBJECT]);
	v = judge(BUILD, AT_HAND(STATEMENT(HEX, "b", INPUT), BY("j")));
	cr_expect(v.refused && v.broken[DEPTH_INPUT_UNTRUSTED]);
	v = judge("{\"digest\":\"sha256:00\",\"builder\":\"c\"}", AT_HAND("{}", ""));
	cr_expect(v.refused && v.broken[DEPTH_ARTIFACT] && v.broken[DEPTH_UNTRUSTED]);
}

/* Members of other shapes are as good as none. */
Test(build_depth, odd_evidence_is_none)
{
	const char *const odd[] = { "{}", "[]", "7", "{\"attestations\":7,\"trusted_builders\":{}}",
				    "{\"attestations\":{\"https://p/1\":[]}}",
				    ("{\"attestations\":{\"https://p/1\":{\"statement\":"
				     "{\"subject\":[7,{\"digest\":[]}],\"predicate\":[]}}}}") };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		cr_expect(judge(BUILD, odd[i]).refused, "%s", odd[i]);
	cr_expect(judge("[]", "{}").refused);
}
