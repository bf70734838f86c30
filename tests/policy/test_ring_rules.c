/* ring_rules: who is in which ring, and what a tool needs. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/policy_kit.h"

#define DID "did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX"

static struct policy_kit k;

static void setup(void)
{
	policy_kit_init(&k);
}

static void teardown(void)
{
	policy_kit_fini(&k);
}

TestSuite(ring_rules, .init = setup, .fini = teardown);

Test(ring_rules, the_first_that_matches_says_which)
{
	struct bundle *b = policy_kit_load(
		&k,
		POLICY_KIT_HEAD "rings:\n  default: 2\n  sponsor: " DID "\n"
				"  agents: [{agents: [ops-1], ring: 2},\n"
				"           {agents: [ops-*], ring: 1}]\n"
				"  tools:\n"
				"    - {tools: [get_*], read_only: true}\n"
				"    - {tools: [refund], reversibility: partial}\n"
				"    - {tools: [wipe], admin: true}\n"
				"    - {tools: [odd], ring: 3}\n"
				"  resources: [{resources: [prod-*], ring: 1}]\n",
		NULL);

	cr_assert(bundle_has_rings(b));
	cr_expect_eq(bundle_agent_ring(b, STR("ops-1"), true), 2);
	cr_expect_eq(bundle_agent_ring(b, STR("ops-2"), true), 1);
	cr_expect_eq(bundle_agent_ring(b, STR("ops-2"), false), 3, "names are free to strangers");
	cr_expect_eq(bundle_agent_ring(b, STR("ann"), true), 2);
	cr_expect_eq(bundle_tool_ring(b, STR("get_x"), STR_NONE), 3);
	cr_expect_eq(bundle_tool_ring(b, STR("get_x"), STR("prod-db")), 1);
	cr_expect_eq(bundle_tool_ring(b, STR("get_x"), STR("test-db")), 3);
	cr_expect_eq(bundle_tool_ring(b, STR("refund"), STR_NONE), 2);
	cr_expect_eq(bundle_tool_ring(b, STR("wipe"), STR("prod-db")), 0);
	cr_expect_eq(bundle_tool_ring(b, STR("odd"), STR_NONE), 3);
	cr_expect_eq(bundle_tool_ring(b, STR("unheard-of"), STR_NONE), 1);
	cr_expect_not_null(bundle_sponsor(b));
	cr_expect(!bundle_has_rings(policy_kit_load(&k, POLICY_KIT_HEAD, NULL)));
}

Test(ring_rules, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *keys, *text;
	} cases[] = {
		{ "rings: 3\n", "'rings' is integer here" },
		{ "rings: {defualt: 3}\n", "did you mean 'default'?" },
		{ "rings: {default: 0}\n", "nobody is in ring 0" },
		{ "rings: {default: 4}\n", "expected 1 to 3" },
		{ "rings: {agents: [{agents: [a], ring: 0}]}\n", "nobody is in ring 0" },
		{ "rings: {agents: [{agents: [a]}]}\n", "has no 'ring'" },
		{ "rings: {agents: [{ring: 1}]}\n", "for which agents" },
		{ "rings: {tools: [{tools: [a], ring: 1, admin: true}]}\n", "not both" },
		{ "rings: {tools: [{tools: [a], read_only: true, admin: true}]}\n", "not both" },
		{ "rings: {tools: [{tools: [a], reversibility: some}]}\n",
		  "unknown reversibility" },
		{ "rings: {resources: [{resources: [a]}]}\n", "has no 'ring'" },
		{ "rings: {reach: 3}\n", "expected a list of mappings" },
		{ "rings: {reach: [3]}\n", "expected a mapping" },
		{ "rings: {reach: [{ring: 3}]}\n", "has no 'resources'" },
		{ "rings: {reach: [{resources: [a]}]}\n", "has no 'ring'" },
		{ "rings: {reach: [{ring: 0, resources: [a]}]}\n", "nobody is in ring 0" },
		{ "rings: {reach: [{ring: 3, resources: []}]}\n", "this would hold for nothing" },
		{ "rings: {reach: [{ring: 3, resource: [a]}]}\n", "did you mean 'resources'?" },
		{ "rings: {reach: [{ring: 3, resources: [a], of: agent.id}]}\n",
		  "is no argument" },
		{ "rings: {sponsor: ops}\n", "is no did:key" },
		{ "rings: {demotion: 3}\n", "expected a list of mappings" },
		{ "rings: {demotion: [{below: 5, until: 6}]}\n", "has no 'ring'" },
		{ "rings: {demotion: [{below: 5, until: 6, ring: 1}]}\n", "expected 2 to 3" },
		{ "rings: {demotion: [{below: 5, ring: 3}]}\n", "has no 'until'" },
		{ "rings: {demotion: [{below: 0, until: 6, ring: 3}]}\n", "expected 1 to 1000" },
		{ "rings: {demotion: [{below: 6, until: 6, ring: 3}]}\n", "expected 7 to 1000" },
		{ "rings: {demotion: [{below: 5, until: 6, ring: 3}, {below: 5, until: 6, "
		  "ring: 3}]}\n", "has its demotion already" },
		{ "rings: {demotion: [{below: 5, until: 6, ring: 3}]}\n", "goes by scores" },
		{ "quotas: [{name: q, per: ring, rate: 1/day}]\n", "counts by ring" },
		{ "quotas: [{name: q, per: agent, ring: 3, rate: 1/day}]\n", "counts by ring" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[512];
		struct policy_file file = { .name = STR("p.yaml") };
		struct note n = { .column = 0 };
		struct bundle *b;

		(void)snprintf(text, sizeof(text), POLICY_KIT_HEAD "%s", cases[i].keys);
		file.content = str_view(text);
		cr_assert_neq(bundle_load(&file, 1, &k.memory, &b, &n), OK, "%s", cases[i].keys);
		cr_expect(strstr(n.text, cases[i].text), "%s: %s", cases[i].keys, n.text);
		cr_expect_gt(n.line, 0);
	}
}

Test(ring_rules, stand_in_one_document)
{
	struct policy_file files[] = {
		{ STR("a.yaml"), STR(POLICY_KIT_HEAD "rings: {}\n") },
		{ STR("b.yaml"), STR(POLICY_KIT_OTHER "rings: {}\n") },
	};
	struct note n = { .column = 0 };
	struct bundle *b;

	cr_assert_eq(bundle_load(files, 2, &k.memory, &b, &n), ERR_DUPLICATE);
	cr_expect_str_eq(n.file, "b.yaml");
	cr_expect_eq(n.line, 3);
}
