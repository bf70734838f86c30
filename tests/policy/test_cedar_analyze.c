/*
 * cedar_analyze: each kind of finding once; and random policies over a small universe, where every
 * claim is held against all requests of that universe. A claim that something can be is shown by
 * its witness; a claim that something cannot be must survive every request.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

static struct policy_kit kit;
static char said[8192];

static void start(void)
{
	policy_kit_init(&kit);
	said[0] = '\0';
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(cedar_analyze, .init = start, .fini = stop);

/* --- examples --- */

#define MAPPING_HEAD POLICY_KIT_HEAD "cedar: {error_in_forbid: deny}\n"

static struct bundle *load(const char *cedar, const char *yaml, const char *entities)
{
	struct policy_file files[3] = { { STR("c.cedar"), str_view(cedar) } };
	struct note n = { .line = 0 };
	struct bundle *b;
	size_t count = 1;

	if (yaml)
		files[count++] = (struct policy_file){ STR("p.yaml"), str_view(yaml) };
	if (entities)
		files[count++] = (struct policy_file){ STR("e.entities.json"), str_view(entities) };
	cr_assert_eq(bundle_load(files, count, &kit.memory, &b, &n), OK, "%s:%u:%u: %s\n%s", n.file,
		     n.line, n.column, n.text, cedar);
	return b;
}

static void on_finding(void *self, const struct analyze_finding *f)
{
	size_t len = strlen(said);

	(void)self;
	if (f->kind == FINDING_UNDECIDABLE && !strstr(said, "(errors)"))
		return;
	(void)snprintf(said + len, sizeof(said) - len, "%s%s %.*s:%u %.*s%s%.*s\n",
		       f->unknown ? "unknown " : "", finding_name(f->kind), STR_ARG(f->file),
		       f->line, STR_ARG(f->rule), f->other.ptr ? " " : "", STR_ARG(f->other));
}

static const char *analyzed(const char *cedar, const char *yaml, const char *entities)
{
	struct analysis a;
	struct bundle *b = load(cedar, yaml, entities);

	said[0] = '\0';
	cr_assert_eq(analyze_bundle(b, &kit.memory, on_finding, NULL, &a), OK);
	return said;
}

Test(cedar_analyze, each_kind_of_finding_is_found)
{
	static const struct {
		const char *cedar, *said;
	} rows[] = {
		{ "permit(principal, action, resource);", "" },
		{ "permit(principal, action, resource) when { context.args.n > 5 && context.args.n "
		  "< 3 };",
		  "never c.cedar:1 c.cedar/policy0\n" },
		{ "permit(principal, action, resource) when { context has agent };",
		  "always c.cedar:1 c.cedar/policy0\n" },
		{ "permit(principal, action, resource) when { context has past };",
		  "never c.cedar:1 c.cedar/policy0\n" },
		{ "permit(principal, action, resource) when { context.args.s like \"a*\" };\n"
		  "forbid(principal, action, resource) unless { context.args.s like \"*b\" };",
		  "overlap c.cedar:1 c.cedar/policy0 c.cedar/policy1\n" },
		{ "permit(principal, action, resource) when { context.args.n < 5 };\n"
		  "forbid(principal, action, resource) when { context.args.n < 7 };",
		  "shadowed c.cedar:1 c.cedar/policy0 c.cedar/policy1\n" },
		{ "permit(principal, action, resource) when { context.args.n < 5 };\n"
		  "permit(principal, action == Action::\"x\", resource) when { context.args.n < 4 "
		  "};",
		  "shadowed c.cedar:2 c.cedar/policy1 c.cedar/policy0\n" },
		{ "permit(principal, action, resource) when { "
		  "ip(context.args.a).isInRange(ip(\"10.0.0.0/8\")) };\n"
		  "forbid(principal, action, resource) when { "
		  "ip(context.args.a).isInRange(ip(\"11.0.0.0/8\")) };",
		  "" },
		{ "permit(principal, action, resource) when { "
		  "decimal(context.args.d).lessThan(decimal(\"1.0\")) };\n"
		  "forbid(principal, action, resource) when { "
		  "decimal(context.args.d).greaterThan(decimal(\"0.9999\")) };",
		  "" },
		{ "permit(principal, action, resource) when { datetime(context.args.t) < "
		  "datetime(\"2026-01-01\") };\n"
		  "forbid(principal, action, resource) when { datetime(context.args.t) > "
		  "datetime(\"2025-12-31T23:59:59.998Z\") };",
		  "overlap c.cedar:1 c.cedar/policy0 c.cedar/policy1\n" },
		{ "permit(principal, action, resource) when { "
		  "context.args.tags.containsAny([\"a\", \"b\"]) };\n"
		  "forbid(principal, action, resource) when { context.args.tags.contains(\"a\") "
		  "};\n"
		  "forbid(principal, action, resource) when { context.args.tags.contains(\"b\") };",
		  "shadowed c.cedar:1 c.cedar/policy0\n" },
		{ "permit(principal, action, resource) when { context.args.a * 3 == context.args.b "
		  "};",
		  "" },
		{ "permit(principal, action, resource) when { context.args == {\"a\": "
		  "context.args.a, \"b\": 1} && context.args.b == 2 };",
		  "unknown never c.cedar:1 c.cedar/policy0\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_str_eq(analyzed(rows[i].cedar, NULL, NULL), rows[i].said, "%s\n%s",
				 rows[i].cedar, said);
}

Test(cedar_analyze, hierarchies_are_reasoned_over)
{
	static const char entities[] =
		"[{\"uid\":{\"type\":\"Agent\",\"id\":\"ann\"},\"attrs\":{\"level\":3},"
		"\"parents\":[{\"type\":\"Team\",\"id\":\"eng\"}]}]";

	cr_expect_str_eq(analyzed("permit(principal in Team::\"eng\", action, resource) "
				  "when { principal.level > 3 };",
				  NULL, entities),
			 "never c.cedar:1 c.cedar/policy0\n");
	cr_expect_str_eq(analyzed("permit(principal == Agent::\"ann\", action, resource);\n"
				  "forbid(principal in Team::\"eng\", action, resource);",
				  NULL, entities),
			 "shadowed c.cedar:1 c.cedar/policy0 c.cedar/policy1\n");
}

Test(cedar_analyze, rules_and_policies_meet)
{
	cr_expect_str_eq(analyzed("permit(principal, action == Action::\"pay\", resource);",
				  POLICY_KIT_HEAD
				  "rules:\n- {name: r, action: deny, tools: [pay]}\n",
				  NULL),
			 "");
	cr_expect_str_eq(analyzed("permit(principal, action == Action::\"pay\", resource) "
				  "when { context.stage == \"pre_tool\" };",
				  POLICY_KIT_HEAD
				  "rules:\n- {name: r, action: deny, tools: [pay]}\n",
				  NULL),
			 "shadowed c.cedar:1 c.cedar/policy0\n");
	cr_expect_str_eq(analyzed("forbid(principal, action == Action::\"pay\", resource) "
				  "when { context.stage == \"pre_tool\" };",
				  POLICY_KIT_HEAD
				  "rules:\n- {name: r, action: allow, tools: [pay]}\n",
				  NULL),
			 "shadowed :0 p/r c.cedar/policy0\n");
}

Test(cedar_analyze, a_forbid_that_errs_forbids_where_the_bundle_says_so)
{
	static const char cedar[] =
		"permit(principal, action, resource) when { !(context.args has n) };\n"
		"forbid(principal, action, resource) when { context.args.n == 1 };";

	cr_expect_str_eq(analyzed(cedar, NULL, NULL), "");
	cr_expect_str_eq(analyzed(cedar, MAPPING_HEAD, NULL),
			 "shadowed c.cedar:1 c.cedar/policy0 c.cedar/policy1\n");
}

Test(cedar_analyze, no_memory_is_an_error)
{
	struct bundle *b =
		load("permit(principal, action, resource) when { context.args.n < 5 };\n"
		     "forbid(principal, action == Action::\"x\", resource) when { "
		     "ip(context.args.a).isLoopback() || context.args.s like \"a*b*c\" };",
		     NULL, NULL);

	for (uint64_t n = 1;; n++) {
		struct arena memory, scratch;
		struct analysis a;
		enum err e;

		arena_init(&memory, (size_t)64 << 20);
		arena_init(&scratch, (size_t)64 << 20);
		fail_alloc_at(n);
		e = analyze_bundle(b, &scratch, on_finding, NULL, &a);
		arena_fini(&scratch);
		arena_fini(&memory);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY, "allocation %llu", (unsigned long long)n);
	}
}

/* --- against all requests --- */

static uint64_t seed;

static unsigned pick(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % below;
}

#define PICK(list) (list)[pick(sizeof(list) / sizeof((list)[0]))]

static const char *const agents[] = { "ann", "bob", "zoe" };
static const char *const tools[] = { "read", "pay", "fly" };
static const char *const resources[] = { NULL, "r1", "r2", "r9" };
static const char *const stages[] = { "pre_tool", "post_tool" };

/* What a member of args may be in the universe; each case uses two of them. */
static const struct {
	const char *name, *values[10], *clauses[14];
} members[] = {
	{ "n",
	  { NULL, "0", "1", "2", "3", "4", "1.5", "null", "\"a\"", "true" },
	  { "context.args.n < 2", "context.args.n >= 1", "context.args.n == 3",
	    "context.args.n != 3", "2 > context.args.n", "context.args.n", "context.args has n",
	    "[1, 3].contains(context.args.n)", "context.args.n + 1 < 3",
	    "context.args.n in [Agent::\"ann\"]", "context.args.n == -1",
	    "context.args.n > 1 && context.args.n < 3", "context.args.n == \"a\"",
	    "context.args.n is Agent" } },
	{ "s",
	  { NULL, "\"a\"", "\"ab\"", "\"b\"", "\"abc\"", "\"\"", "\"a*b\"", "5", "[\"a\"]", "{}" },
	  { "context.args.s like \"a*\"", "context.args.s like \"*b\"",
	    "context.args.s like \"*b*\"", "context.args.s == \"ab\"", "context.args.s != \"b\"",
	    "context.args has s", "context.args.s like \"a*c\"", "context.args.s like \"a\\*b\"",
	    "context.args.s has x", "context.args has s.x", "context.args.s == {}",
	    "[\"a\", \"b\"].contains(context.args.s)", "context.args.s like \"\"",
	    "context.args.s == context.agent.id" } },
	{ "t",
	  { NULL, "[]", "[\"x\"]", "[\"y\",\"x\"]", "\"x\"", "[\"z\"]", "[1]", "[\"x\",\"z\"]",
	    "{\"x\":1}", "[null]" },
	  { "context.args.t.contains(\"x\")", "context.args.t.containsAll([\"x\", \"y\"])",
	    "context.args.t.containsAny([\"x\", \"y\"])", "context.args.t.isEmpty()",
	    "context.args.t == [\"x\"]", "context.args has t", "context.args.t has x",
	    "[\"x\", \"y\"].containsAll(context.args.t)", "context.args.t.contains(1)",
	    "context.args.t.contains(principal)", "context.args has t.x", "context.args.t.x == 1",
	    "[\"x\"].containsAny(context.args.t)", "context.args.t.contains(context.args.n)" } },
	{ "a",
	  { NULL, "\"10.0.0.1\"", "\"10.1.0.1\"", "\"8.8.8.8\"", "\"::1\"", "\"bad\"",
	    "\"127.0.0.1\"", "\"10.0.0.0/7\"", "4", "\"10.1.0.0/16\"" },
	  { "ip(context.args.a).isInRange(ip(\"10.0.0.0/8\"))",
	    "ip(context.args.a).isInRange(ip(\"10.1.0.0/16\"))", "ip(context.args.a).isLoopback()",
	    "ip(context.args.a).isIpv4()", "ip(context.args.a).isIpv6()",
	    "ip(context.args.a).isMulticast()", "context.args has a",
	    "ip(context.args.a) == ip(\"10.0.0.1\")", "context.args.a == \"bad\"",
	    "context.args.a like \"10.*\"", "ip(context.args.a) == 3",
	    "ip(\"10.0.0.0/8\").isInRange(ip(context.args.a))",
	    "ip(context.args.a).isInRange(ip(\"0.0.0.0/0\"))",
	    "decimal(context.args.a).lessThan(decimal(\"1.0\"))" } },
	{ "d",
	  { NULL, "\"0.9\"", "\"1.0\"", "\"1.00\"", "\"2026-01-01\"", "\"2025-12-31\"", "\"1h\"",
	    "\"x\"", "7", "\"1.0001\"" },
	  { "decimal(context.args.d).lessThan(decimal(\"1.0\"))",
	    "decimal(context.args.d).greaterThanOrEqual(decimal(\"1.0\"))",
	    "decimal(context.args.d) == decimal(\"1.0\")",
	    "datetime(context.args.d) < datetime(\"2026-01-01\")",
	    "datetime(context.args.d) >= datetime(\"2026-01-01\")",
	    "duration(context.args.d) > duration(\"59m\")", "context.args.d == \"1.0\"",
	    "context.args has d", "decimal(\"1.0\").lessThan(decimal(context.args.d))",
	    "decimal(context.args.d) != decimal(\"1.0\")",
	    "datetime(context.args.d).toDate() == datetime(\"2026-01-01\")",
	    "decimal(context.args.d) == 1", "context.args.d like \"1.*\"",
	    "datetime(\"2026-01-01\") == datetime(context.args.d)" } },
};

static const char *const general[] = {
	"context has args",
	"context.stage == \"post_tool\"",
	"context has resource",
	"context.resource == \"r1\"",
	"principal.level > 2",
	"principal has level",
	"resource == Resource::\"r1\"",
	"resource.owner == principal",
	"resource has owner",
	"principal == Agent::\"zoe\"",
	"principal in Team::\"eng\"",
	"action in Action::\"all\"",
	"resource is Tool",
	"resource == Tool::\"pay\"",
	"context.agent.id like \"*o*\"",
	"context.agent.registered",
	"context.action.type == \"pay\"",
	"context has nothing",
	"context.agent has trust",
	"context.agent.denials > 0",
	"context has session",
	"true",
	"1",
	"resource in Folder::\"f\"",
	"principal == resource",
	"context.args has x",
	"principal in [Team::\"ops\", Agent::\"zoe\"]",
	"context.agent.foo == 1",
	"context has result",
	"context.agent.id has x",
	"context.past has x",
	"resource is Resource in Folder::\"f\"",
	"context.session.actions >= 0",
	"context == {}",
	"{\"a\": context.args.n} has a",
};

static const char *const scopes[][6] = {
	{ "principal", "principal", "principal == Agent::\"ann\"", "principal in Team::\"eng\"",
	  "principal is Agent", "principal is Agent in Team::\"ops\"" },
	{ "action", "action", "action == Action::\"pay\"",
	  "action in [Action::\"read\", Action::\"pay\"]", "action in Action::\"all\"",
	  "action == Action::\"read\"" },
	{ "resource", "resource", "resource == Resource::\"r1\"", "resource in Folder::\"f\"",
	  "resource is Tool", "resource == Tool::\"pay\"" },
};

static const char universe_entities[] =
	"[{\"uid\":{\"type\":\"Agent\",\"id\":\"ann\"},\"attrs\":{\"level\":3},"
	"\"parents\":[{\"type\":\"Team\",\"id\":\"eng\"}]},"
	"{\"uid\":{\"type\":\"Agent\",\"id\":\"bob\"},\"attrs\":{},"
	"\"parents\":[{\"type\":\"Team\",\"id\":\"ops\"}]},"
	"{\"uid\":{\"type\":\"Action\",\"id\":\"pay\"},\"attrs\":{},"
	"\"parents\":[{\"type\":\"Action\",\"id\":\"all\"}]},"
	"{\"uid\":{\"type\":\"Resource\",\"id\":\"r1\"},\"parents\":[],"
	"\"attrs\":{\"owner\":{\"__entity\":{\"type\":\"Agent\",\"id\":\"ann\"}}}},"
	"{\"uid\":{\"type\":\"Resource\",\"id\":\"r2\"},\"attrs\":{},"
	"\"parents\":[{\"type\":\"Folder\",\"id\":\"f\"}]}]";

#define POLICIES_MAX 5
#define REQUESTS_MAX 8000

struct universe {
	unsigned first, second; /* members of args */
	struct question *requests;
	size_t count;
	const struct bundle *bundle;
	const struct plan *plan;
	size_t policy_count;
	/* by policy and request */
	uint8_t truths[POLICIES_MAX][REQUESTS_MAX];
	int32_t decided[REQUESTS_MAX];  /* the policy's number; -1: somebody else */
	struct str rules[REQUESTS_MAX]; /* who decided; ptr NULL: the default */
	bool allowed[REQUESTS_MAX];
	bool heard[POLICIES_MAX]; /* of it alone: never or shadowed */
	bool paired[POLICIES_MAX][POLICIES_MAX];
	uint64_t claims;
	char cedar[4096], yaml[1024];
};

static struct universe u;

static void add(char *text, size_t room, const char *part)
{
	(void)snprintf(text + strlen(text), room - strlen(text), "%s", part);
}

static const char *random_clause(void)
{
	unsigned member = pick(2) ? u.first : u.second;

	return pick(3) ? PICK(members[member].clauses) : PICK(general);
}

static void random_expr(unsigned depth)
{
	unsigned form = depth ? pick(6) : 0;

	if (form < 2) {
		add(u.cedar, sizeof(u.cedar), pick(4) ? "" : "!");
		add(u.cedar, sizeof(u.cedar), "(");
		add(u.cedar, sizeof(u.cedar), random_clause());
		add(u.cedar, sizeof(u.cedar), ")");
		return;
	}
	add(u.cedar, sizeof(u.cedar), form == 5 ? "(if " : "(");
	random_expr(depth - 1);
	add(u.cedar, sizeof(u.cedar), form == 5 ? " then " : form == 4 ? " || " : " && ");
	random_expr(depth - 1);
	if (form == 5) {
		add(u.cedar, sizeof(u.cedar), " else ");
		random_expr(depth - 1);
	}
	add(u.cedar, sizeof(u.cedar), ")");
}

static void random_bundle(void)
{
	static const char *const rules[] = {
		", action: deny, tools: [pay]}\n",
		", action: allow, tools: [read], condition: has(args)}\n",
		", action: allow, condition: agent.id == 'zoe'}\n",
		", action: deny, condition: resource == 'r9', stage: post_tool}\n",
		", action: allow, stage: post_tool}\n",
	};

	u.cedar[0] = '\0';
	u.policy_count = 1 + pick(POLICIES_MAX);
	u.first = pick(5);
	u.second = pick(5);
	for (size_t i = 0; i < u.policy_count; i++) {
		add(u.cedar, sizeof(u.cedar), pick(2) ? "permit(" : "forbid(");
		for (int part = 0; part < 3; part++) {
			add(u.cedar, sizeof(u.cedar), PICK(scopes[part]));
			add(u.cedar, sizeof(u.cedar), part < 2 ? ", " : ")");
		}
		for (unsigned left = pick(3); left > 0; left--) {
			add(u.cedar, sizeof(u.cedar), pick(4) ? " when { " : " unless { ");
			random_expr(2);
			add(u.cedar, sizeof(u.cedar), " }");
		}
		add(u.cedar, sizeof(u.cedar), ";\n");
	}
	(void)snprintf(u.yaml, sizeof(u.yaml), "%s%s", pick(2) ? MAPPING_HEAD : POLICY_KIT_HEAD,
		       pick(2) ? "rules:\n" : "");
	for (unsigned left = strstr(u.yaml, "rules:") ? 1 + pick(3) : 0; left > 0; left--) {
		char name[32];

		(void)snprintf(name, sizeof(name), "- {name: r%u", left);
		add(u.yaml, sizeof(u.yaml), name);
		add(u.yaml, sizeof(u.yaml), PICK(rules));
	}
}

static void add_request(const char *agent, const char *tool, const char *resource,
			const char *stage, const char *args)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		       "{\"agent\":\"%s\",\"action\":\"%s\",\"stage\":\"%s\"%s%s%s%s%s}", agent,
		       tool, stage, resource ? ",\"resource\":\"" : "", resource ? resource : "",
		       resource ? "\"" : "", args ? ",\"args\":" : "", args ? args : "");
	cr_assert_lt(u.count, REQUESTS_MAX);
	u.requests[u.count++] = policy_kit_ask(&kit, text);
}

static void add_args(const char *args)
{
	for (size_t a = 0; a < 3; a++)
		for (size_t t = 0; t < 3; t++)
			for (size_t r = 0; r < 4; r++)
				for (size_t s = 0; s < 2; s++)
					add_request(agents[a], tools[t], resources[r], stages[s],
						    args);
}

static void all_requests(void)
{
	u.requests = arena_array(&kit.memory, REQUESTS_MAX, sizeof(*u.requests));
	u.count = 0;
	add_args(NULL);
	add_args("\"text\"");
	add_args("[1]");
	for (size_t i = 0; i < 10; i++)
		for (size_t k = 0; k < (u.first == u.second ? 1 : 10); k++) {
			const char *one = members[u.first].values[i],
				   *two = members[u.second].values[k];
			char args[256];

			(void)snprintf(args, sizeof(args), "{%s%s%s%s%s%s%s%s%s}", one ? "\"" : "",
				       one ? members[u.first].name : "", one ? "\":" : "",
				       one ? one : "", one && two && u.first != u.second ? "," : "",
				       two && u.first != u.second ? "\"" : "",
				       two && u.first != u.second ? members[u.second].name : "",
				       two && u.first != u.second ? "\":" : "",
				       two && u.first != u.second ? two : "");
			if (pick(2))
				add_args(args);
		}
}

static void decide_all(void)
{
	for (size_t i = 0; i < u.count; i++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		const struct question *q = &u.requests[i];
		struct cedar_request request;
		struct ruling ruling;

		cr_assert_eq(cedar_rules_request(u.plan->cedar, q->stage, q->agent, &q->request,
						 &kit.memory, &request),
			     OK);
		cr_assert_eq(question_decide(u.bundle, q, &kit.memory, &ruling), OK);
		u.decided[i] = -1;
		u.rules[i] = ruling.rule;
		u.allowed[i] = ruling.allow;
		for (size_t k = 0; k < u.policy_count; k++) {
			enum cedar_truth truth;
			struct cedar_one one;

			cedar_rules_policy(u.plan->cedar, k, &one);
			cr_assert_eq(cedar_evaluate(one.policies, one.number,
						    cedar_rules_entities(u.plan->cedar), &request,
						    &kit.memory, &truth, NULL),
				     OK);
			u.truths[k][i] = (uint8_t)truth;
			if (ruling.rule.ptr && str_eq(ruling.rule, one.identity))
				u.decided[i] = (int32_t)k;
		}
		arena_rewind(&kit.memory, mark);
	}
}

static size_t number_of(struct str identity)
{
	size_t number = POLICIES_MAX;

	for (size_t i = 0; i < u.policy_count; i++) {
		struct cedar_one one;

		cedar_rules_policy(u.plan->cedar, i, &one);
		if (str_eq(one.identity, identity))
			number = i;
	}
	return number;
}

static unsigned matching_of(size_t number)
{
	struct cedar_one one;

	cedar_rules_policy(u.plan->cedar, number, &one);
	return 1u << CEDAR_YES |
	       (one.forbid && cedar_rules_mapping(u.plan->cedar)->error_denies ? 1u << CEDAR_ERROR
									       : 0);
}

static enum cedar_truth truth_at(size_t number, const struct question *q)
{
	struct cedar_request request;
	enum cedar_truth truth;
	struct cedar_one one;

	cedar_rules_policy(u.plan->cedar, number, &one);
	cr_assert_eq(cedar_rules_request(u.plan->cedar, q->stage, q->agent, &q->request,
					 &kit.memory, &request),
		     OK);
	cr_assert_eq(cedar_evaluate(one.policies, one.number, cedar_rules_entities(u.plan->cedar),
				    &request, &kit.memory, &truth, NULL),
		     OK);
	return truth;
}

/* The witness as a user would see it: written down and read again. */
static struct question reread(const struct question *q)
{
	struct str text = policy_kit_text(&kit, q);
	char copy[4096];

	(void)snprintf(copy, sizeof(copy), "%.*s", STR_ARG(text));
	return policy_kit_ask(&kit, copy);
}

#define CLAIM(cond, what)                                                                          \
	cr_assert(cond, "%s: %.*s%s%.*s\nentities as above, %s%s", what, STR_ARG(f->rule),         \
		  f->other.ptr ? " / " : "", STR_ARG(f->other), u.yaml, u.cedar)

static void check_never(const struct analyze_finding *f, size_t number, size_t other)
{
	for (size_t i = 0; i < u.count; i++) {
		if (f->kind == FINDING_NEVER)
			CLAIM(u.truths[number][i] != CEDAR_YES, "never");
		if (f->kind == FINDING_ALWAYS)
			CLAIM(u.truths[number][i] == CEDAR_YES, "always");
		if (f->kind != FINDING_SHADOWED)
			continue;
		CLAIM(u.decided[i] != (int32_t)number, "shadowed");
		if (other < POLICIES_MAX && matching_of(number) >> u.truths[number][i] & 1)
			CLAIM(matching_of(other) >> u.truths[other][i] & 1, "shadowed by");
	}
}

static void check_finding(void *self, const struct analyze_finding *f)
{
	size_t number = number_of(f->rule), other = number_of(f->other);

	(void)self;
	for (size_t i = 0; i < u.count && f->kind == FINDING_SHADOWED && !f->unknown; i++)
		CLAIM(!u.rules[i].ptr || !str_eq(u.rules[i], f->rule), "decided after all");
	if (number == POLICIES_MAX)
		return;
	if (f->kind == FINDING_NEVER || f->kind == FINDING_SHADOWED)
		u.heard[number] = true;
	if (f->kind == FINDING_OVERLAP)
		u.paired[number][other] = true;
	if (f->unknown)
		return;
	u.claims++;
	if (f->witness) {
		struct question q = reread(f->witness);
		unsigned wanted = f->kind == FINDING_UNDECIDABLE ? CEDAR_ERROR : CEDAR_YES;

		CLAIM(truth_at(number, &q) == wanted, "witness");
		if (other < POLICIES_MAX)
			CLAIM(truth_at(other, &q) == CEDAR_YES, "witness of the other");
		return;
	}
	check_never(f, number, other);
}

/* A pair that nothing is said about never meets. */
static void check_silence(void)
{
	for (size_t k = 0; k < u.policy_count; k++)
		for (size_t l = 0; l < u.policy_count; l++) {
			struct cedar_one permit, forbid;

			cedar_rules_policy(u.plan->cedar, k, &permit);
			cedar_rules_policy(u.plan->cedar, l, &forbid);
			if (permit.forbid || !forbid.forbid || u.heard[k] || u.heard[l] ||
			    u.paired[k][l])
				continue;
			for (size_t i = 0; i < u.count; i++)
				cr_assert(u.truths[k][i] != CEDAR_YES ||
						  u.truths[l][i] != CEDAR_YES,
					  "%.*s and %.*s meet\n%s", STR_ARG(permit.identity),
					  STR_ARG(forbid.identity), u.cedar);
		}
}

Test(cedar_analyze, no_claim_is_wrong_in_a_small_universe)
{
	uint64_t claims = 0, unknown = 0;

	for (uint64_t round = 1; round <= 100; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		struct analysis a;

		seed = round;
		(void)pick(2);
		memset(u.heard, 0, sizeof(u.heard));
		memset(u.paired, 0, sizeof(u.paired));
		random_bundle();
		u.bundle = load(u.cedar, u.yaml, universe_entities);
		u.plan = bundle_plan(u.bundle);
		all_requests();
		decide_all();
		u.claims = 0;
		cr_assert_eq(analyze_bundle(u.bundle, &kit.memory, check_finding, NULL, &a), OK);
		check_silence();
		claims += u.claims;
		unknown += a.unknown;
		arena_rewind(&kit.memory, mark);
	}
	cr_expect_gt(claims, 4 * unknown);
}

/* --- what turns a request around --- */

Test(cedar_analyze, no_turn_is_said_to_be_impossible_that_is_possible)
{
	uint64_t hopes[3] = { 0 };

	for (uint64_t round = 1; round <= 40; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);

		seed = round + 7000;
		random_bundle();
		u.bundle = load(u.cedar, u.yaml, universe_entities);
		u.plan = bundle_plan(u.bundle);
		all_requests();
		decide_all();
		for (size_t left = 6; left > 0; left--) {
			struct arena_mark one = arena_mark(&kit.memory);
			size_t at = pick((unsigned)u.count);
			struct explain_flip flip;

			cr_assert_eq(explain_flip(u.bundle, &u.requests[at], &kit.memory, &flip),
				     OK);
			hopes[flip.hope]++;
			if (flip.hope == HOPE_FOUND)
				cr_assert_neq(flip.ruling.allow, u.allowed[at]);
			for (size_t i = 0; i < u.count && flip.hope == HOPE_NONE; i++)
				cr_assert(u.requests[i].stage != u.requests[at].stage ||
						  u.allowed[i] == u.allowed[at],
					  "%s%s", u.yaml, u.cedar);
			arena_rewind(&kit.memory, one);
		}
		arena_rewind(&kit.memory, mark);
	}
	cr_expect(hopes[HOPE_FOUND] > 0 && hopes[HOPE_NONE] > hopes[HOPE_UNKNOWN],
		  "%llu found, %llu none, %llu unknown", (unsigned long long)hopes[HOPE_FOUND],
		  (unsigned long long)hopes[HOPE_NONE], (unsigned long long)hopes[HOPE_UNKNOWN]);
}

/* --- what an edit flips --- */

/* Names live as long as the bundles. */
struct flips {
	struct str pairs[64][2];
	size_t count;
};

static void on_flip(void *self, const struct diff_flip *f)
{
	struct flips *flips = self;

	cr_assert_lt(flips->count, 64);
	cr_assert(f->was->allow != f->now->allow || f->change == CHANGE_OTHER);
	flips->pairs[flips->count][0] = f->was->rule;
	flips->pairs[flips->count++][1] = f->now->rule;
}

static void on_term(void *self, const struct diff_term *t)
{
	(void)self;
	(void)t;
}

static bool same_rule(struct str a, struct str b)
{
	return a.ptr ? b.ptr && str_eq(a, b) : !b.ptr;
}

Test(cedar_analyze, no_flip_is_missed_that_is_not_unknown)
{
	uint64_t flipped = 0, unknown = 0, pairs = 0;

	for (uint64_t round = 1; round <= 60; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		struct flips flips = { .count = 0 };
		const struct diff_hearing hearing = { on_flip, on_term, &flips };
		const struct bundle *old;
		struct diff_report report;
		char *edit;

		seed = round + 9000;
		random_bundle();
		u.bundle = old = load(u.cedar, u.yaml, universe_entities);
		u.plan = bundle_plan(u.bundle);
		all_requests();
		decide_all();
		/* The edit: a policy more that permits or forbids a little, or one turned. */
		edit = strstr(u.cedar, pick(2) ? "permit(" : "forbid(");
		if (edit && pick(2))
			memcpy(edit, *edit == 'p' ? "forbid(" : "permit(", 7);
		else
			add(u.cedar, sizeof(u.cedar),
			    pick(2) ? "permit(principal, action == Action::\"fly\", resource);"
				    : "forbid(principal == Agent::\"zoe\", action, resource);");
		u.bundle = load(u.cedar, u.yaml, universe_entities);
		cr_assert_eq(diff_bundles(old, u.bundle, &kit.memory, &hearing, &report), OK);
		unknown += report.unknown;
		pairs += flips.count;
		for (size_t i = 0; i < u.count && report.unknown == 0; i++) {
			struct arena_mark one = arena_mark(&kit.memory);
			struct ruling now;
			bool found = false;

			cr_assert_eq(question_decide(u.bundle, &u.requests[i], &kit.memory, &now),
				     OK);
			for (size_t k = 0; k < flips.count; k++)
				found = found || (same_rule(flips.pairs[k][0], u.rules[i]) &&
						  same_rule(flips.pairs[k][1], now.rule));
			cr_assert(now.allow == u.allowed[i] || found, "%.*s -> %.*s\n%s%s",
				  STR_ARG(u.rules[i]), STR_ARG(now.rule), u.yaml, u.cedar);
			flipped += now.allow != u.allowed[i];
			arena_rewind(&kit.memory, one);
		}
		arena_rewind(&kit.memory, mark);
	}
	cr_expect(flipped > 0 && pairs > unknown, "%llu flipped, %llu pairs, %llu unknown",
		  (unsigned long long)flipped, (unsigned long long)pairs,
		  (unsigned long long)unknown);
}
