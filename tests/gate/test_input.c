/* input: the digest is over what the page says, and over nothing less. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/kit/gate_kit.h"

static struct gate_kit k;

#define POLICY GATE_KIT_HEAD "default_action: allow\nrules: []\n"

static struct entry submitted(const char *text)
{
	struct verdict v;

	cr_assert_eq(gate_kit_text(&k, text, &v), OK);
	return gate_kit_last(&k);
}

static void expect_digest(struct entry e, const char *text)
{
	struct digest want = sha256(str_view(text));

	cr_assert_not_null(e.decision->input);
	cr_expect(digest_eq(e.decision->input, &want), "%s", text);
}

#define ANN                                                                  \
	"\"denials\":0,\"id\":\"ann\",\"origin\":\"created\",\"registered\":true," \
	"\"signed\":false}"

/* As docs/formats/entry.md tells it, by hand. */
Test(input, is_the_request_that_conditions_see)
{
	gate_kit_init(&k, POLICY);
	gate_kit_agent(&k, "ann", NULL);
	expect_digest(submitted("{\"agent\":\"ann\",\"action\":\"pay\"}"),
		      "trammel/input/v1\n{\"action\":{\"type\":\"pay\"},"
		      "\"agent\":{\"actions\":0," ANN "}");
	expect_digest(submitted("{\"agent\":\"ann\",\"action\":{\"type\":\"pay\",\"a\":[1.0],"
				"\"z\":2},\"args\":{\"b\":1,\"a\":2},\"resource\":\"r\\n\","
				"\"session\":\"s\",\"stage\":\"post_tool\",\"result\":\"ok\"}"),
		      "trammel/input/v1\n{\"action\":{\"a\":[1],\"type\":\"pay\",\"z\":2},"
		      "\"agent\":{\"actions\":1," ANN ",\"args\":\""
		      "sha256:d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772"
		      "\",\"resource\":\"r\\n\",\"result\":\""
		      "sha256:c48b5b1a9776c84602de2306d7903a7241158a5077e7a8519af75c33441b8334"
		      "\",\"session\":{\"actions\":0,\"denials\":0,\"id\":\"s\"},"
		      "\"stage\":\"post_tool\"}");
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

/* Each of these changes what some condition could see, and so the digest. */
Test(input, changes_with_all_that_conditions_see)
{
	static const char *const texts[] = {
		"{\"agent\":\"ann\",\"action\":\"pay\"}",
		"{\"agent\":\"bob\",\"action\":\"pay\"}",
		"{\"agent\":\"ann\",\"action\":\"buy\"}",
		"{\"agent\":\"ann\",\"action\":{\"type\":\"pay\",\"x\":1}}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"resource\":\"r\"}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{}}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"args\":null}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"s\"}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"stage\":\"pre_input\"}",
	};
	struct digest seen[sizeof(texts) / sizeof(*texts)];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		gate_kit_init(&k, GATE_KIT_HEAD "unknown_agents: evaluate\nrules: []\n");
		seen[i] = *submitted(texts[i]).decision->input;
		for (size_t j = 0; j < i; j++)
			cr_expect_not(digest_eq(&seen[i], &seen[j]), "%s, %s", texts[i], texts[j]);
		gate_kit_fini(&k);
	}
}

/* The same request after something happened is another input: counts are part of what is seen. */
Test(input, holds_the_answers_of_the_state)
{
	static const char text[] = "{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"s\"}";
	struct digest first, second;

	gate_kit_init(&k, POLICY);
	gate_kit_agent(&k, "ann", NULL);
	first = *submitted(text).decision->input;
	second = *submitted(text).decision->input;
	cr_expect_not(digest_eq(&first, &second));
	gate_kit_fini(&k);
}

Test(input, without_a_bundle_nothing_was_seen)
{
	struct verdict v;

	gate_kit_init(&k, NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"pay\"}", &v), OK);
	cr_expect_null(gate_kit_last(&k).decision->input);
	cr_expect_eq(gate_kit_last(&k).decision->cost, 0);
	gate_kit_fini(&k);
}
