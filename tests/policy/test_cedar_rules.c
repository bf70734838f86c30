/* cedar_rules: Cedar beside the YAML dialect: who decides, what is refused at load. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/policy/policy.h"
#include "tests/kit/fail_alloc.h"

#define HEAD "apiVersion: governance.toolkit/v1\n"
#define ACTION "{\"action\":{\"type\":\"pay\"},\"args\":{\"amount\":7,\"note\":1.5}}"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 64 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(cedar_rules, .init = start, .fini = stop);

struct pair {
	const char *name, *text;
};

static enum err load(const struct pair *pairs, size_t count, struct bundle **ret, struct note *n)
{
	struct policy_file files[4];

	for (size_t i = 0; i < count; i++)
		files[i] = (struct policy_file){ str_view(pairs[i].name), str_view(pairs[i].text) };
	return bundle_load(files, count, &memory, ret, n);
}

static struct ruling decide(const struct bundle *b, const char *agent, const char *request)
{
	struct ruling r;
	struct value v;

	cr_assert_eq(json_read(str_view(request), 1, &memory, &v, NULL), OK, "%s", request);
	cr_assert_eq(bundle_decide(b, POLICY_PRE_TOOL, str_view(agent), &v, &memory, &r), OK);
	return r;
}

/* Decide by YAML rules and Cedar policies; either may be NULL. */
static struct ruling by(const char *yaml, const char *cedar, const char *request)
{
	struct pair pairs[2];
	struct note n = { .column = 0 };
	struct bundle *b;
	size_t count = 0;

	if (yaml)
		pairs[count++] = (struct pair){ "a.yaml", yaml };
	if (cedar)
		pairs[count++] = (struct pair){ "b.cedar", cedar };
	cr_assert_eq(load(pairs, count, &b, &n), OK, "%s:%u:%u: %s", n.file, n.line, n.column,
		     n.text);
	return decide(b, "ann", request);
}

static void expect(struct ruling r, bool allow, const char *rule, const char *reason)
{
	cr_expect_eq(r.allow, allow, "%s", reason);
	cr_expect(rule ? str_is(r.rule, rule) : !r.rule.ptr, "rule '%.*s'", STR_ARG(r.rule));
	cr_expect(str_is(r.reason, reason), "'%.*s' is not '%s'", STR_ARG(r.reason), reason);
}

#define PERMIT "permit (principal, action, resource);"
#define FORBID "@id(\"no\") forbid (principal, action, resource) when { context.args.amount > 5 };"
#define RULE(action) HEAD "name: y\nrules: [{name: r, action: " action "}]\n"

Test(cedar_rules, alone_it_decides_as_cedar_does)
{
	expect(by(NULL, PERMIT, ACTION), true, "b.cedar/policy0",
	       "Cedar policy 'policy0' ('b.cedar') permits");
	expect(by(NULL, PERMIT FORBID, ACTION), false, "b.cedar/no",
	       "Cedar policy 'no' ('b.cedar') forbids");
	expect(by(NULL, "permit (principal == Agent::\"bob\", action, resource);", ACTION), false,
	       NULL, "no rule matched, and no Cedar policy permits");
}

Test(cedar_rules, each_language_may_grant_and_each_may_veto)
{
	expect(by(RULE("allow"), FORBID, ACTION), false, "b.cedar/no",
	       "Cedar policy 'no' ('b.cedar') forbids");
	expect(by(RULE("deny"), PERMIT, ACTION), false, "y/r", "rule 'r' of 'y' (a.yaml) matched");
	expect(by(RULE("require_approval"), PERMIT, ACTION), false, "y/r",
	       "rule 'r' of 'y' (a.yaml) matched");
	expect(by(RULE("require_approval"), FORBID, ACTION), false, "b.cedar/no",
	       "Cedar policy 'no' ('b.cedar') forbids");
	expect(by(RULE("allow"), "", ACTION), true, "y/r", "rule 'r' of 'y' (a.yaml) matched");
	expect(by(HEAD "name: y\n", PERMIT, ACTION), true, "b.cedar/policy0",
	       "Cedar policy 'policy0' ('b.cedar') permits");
	expect(by(HEAD "name: y\ndefault_action: allow\n", "", ACTION), false, NULL,
	       "no rule matched, and no Cedar policy permits");
}

/* All of them, in the order of the files, whatever the index left out. */
Test(cedar_rules, what_each_policy_was_is_told)
{
	static const char policies[] =
		"permit (principal, action == Action::\"read\", resource);"
		"permit (principal, action, resource) when { context.args.n > 1 };"
		"permit (principal, action, resource) when { context.args.n == 5 };"
		"forbid (principal, action == Action::\"pay\", resource);";
	struct pair pair = { "x.cedar", policies };
	struct note n = { .column = 0 };
	struct bundle *b;
	bool forbid;

	cr_assert_eq(load(&pair, 1, &b, &n), OK, "%s", n.text);
	cr_expect(str_is(decide(b, "ann", "{\"action\":{\"type\":\"read\"},\"args\":{\"n\":5}}")
				 .cedar,
			 "t3f"));
	cr_expect(str_is(decide(b, "ann", "{\"action\":{\"type\":\"pay\"},\"args\":{\"n\":3}}")
				 .cedar,
			 "ftft"));
	cr_expect(str_is(decide(b, "ann", "{\"action\":{\"type\":\"read\"}}").cedar, "te2f"));
	cr_expect_eq(decide(b, "ann", "{\"action\":{\"type\":\"read\"}}").cost, 4);
	cr_expect_eq(bundle_cedar_policies(b), 4);
	cr_expect(str_is(bundle_cedar_policy(b, 3, &forbid), "x.cedar/policy3") && forbid);
	cr_expect(str_is(bundle_cedar_policy(b, 0, &forbid), "x.cedar/policy0") && !forbid);
}

Test(cedar_rules, an_action_becomes_a_request)
{
	static const char *const policies[] = {
		("permit (principal == Agent::\"ann\", action == Action::\"pay\", "
		 "resource == Tool::\"pay\");"),
		"permit (principal, action, resource) when { context.args.amount == 7 };",
		"permit (principal, action, resource) when { context.action.type == \"pay\" };",
		"permit (principal, action, resource) when { context.stage == \"pre_tool\" };",
		"permit (principal, action, resource) unless { context has resource };",
		"permit (principal, action, resource) when { context.args has note };",
	};

	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		cr_expect(by(NULL, policies[i], ACTION).allow, "%s", policies[i]);
	cr_expect(by(NULL, "permit (principal, action, resource == Resource::\"o/1\");",
		     "{\"action\":{\"type\":\"pay\"},\"resource\":\"o/1\"}")
			  .allow);
}

Test(cedar_rules, an_erring_forbid_is_reported_and_forbids_when_the_bundle_says_so)
{
	static const char erring[] =
		PERMIT "forbid (principal, action, resource) when { context.args.note == 1 };";
	struct ruling r = by(NULL, erring, ACTION);

	cr_expect(r.allow);
	cr_assert_eq(r.error_count, 1);
	cr_expect(str_is(r.erring[0], "b.cedar/policy1"));
	cr_expect(str_starts(r.errors[0], STR("policy 'b.cedar/policy1': ")));
	r = by(HEAD "name: y\ncedar: {error_in_forbid: deny}\n", erring, ACTION);
	expect(r, false, "b.cedar/policy1",
	       "Cedar policy 'policy1' ('b.cedar') forbids because it could not be evaluated");
	cr_expect_eq(r.error_count, 1);
}

Test(cedar_rules, the_mapping_names_types)
{
	expect(by(HEAD "name: y\ncedar: {principal: 'Fleet::Bot', action: 'Fleet::Action', "
		       "tool: Thing}\n",
		  "permit (principal == Fleet::Bot::\"ann\", action == Fleet::Action::\"pay\", "
		  "resource == Thing::\"pay\");",
		  ACTION),
	       true, "b.cedar/policy0", "Cedar policy 'policy0' ('b.cedar') permits");
}

Test(cedar_rules, entities_of_all_files_are_one_hierarchy)
{
	static const struct pair pairs[] = {
		{ "a.cedar", "permit (principal in Team::\"t\", action, resource);" },
		{ "b.entities.json",
		  "[{\"uid\":{\"type\":\"Agent\",\"id\":\"ann\"},\"attrs\":{},"
		  "\"parents\":[{\"type\":\"Team\",\"id\":\"s\"}]}]" },
		{ "c.entities.json",
		  "[{\"uid\":{\"type\":\"Team\",\"id\":\"s\"},\"attrs\":{},"
		  "\"parents\":[{\"type\":\"Team\",\"id\":\"t\"}]}]" },
	};
	struct note n = { .column = 0 };
	struct bundle *b;

	cr_assert_eq(load(pairs, 3, &b, &n), OK, "%s: %s", n.file, n.text);
	cr_expect(decide(b, "ann", ACTION).allow);
	cr_expect_not(decide(b, "bob", ACTION).allow);
}

Test(cedar_rules, what_is_wrong_is_refused_with_its_place)
{
	static const struct {
		struct pair pairs[3];
		size_t count;
		enum err e;
		const char *file;
		uint32_t line, column;
	} rows[] = {
		{ { { "a.cedar", "permit (principal, action\n, resource) when { 1 + };" } }, 1,
		  ERR_SYNTAX, "a.cedar", 2, 24 },
		{ { { "a.cedar", PERMIT }, { "b.entities.json", "{}" } }, 2, ERR_TYPE,
		  "b.entities.json", 1, 1 },
		{ { { "a.cedarschema", "entity A;" }, { "b.cedarschema", "entity B;" },
		    { "c.cedar", PERMIT } },
		  3, ERR_DUPLICATE, "b.cedarschema", 0, 0 },
		{ { { "a.yaml", HEAD "name: y\ncedar: {princpal: A}\n" } }, 1, ERR_UNKNOWN,
		  "a.yaml", 3, 9 },
		{ { { "a.yaml", HEAD "name: y\ncedar: {principal: '1A'}\n" } }, 1, ERR_SYNTAX,
		  "a.yaml", 3, 20 },
		{ { { "a.yaml", HEAD "name: y\ncedar: {action: Deed}\n" } }, 1, ERR_SYNTAX,
		  "a.yaml", 3, 17 },
		{ { { "a.yaml", HEAD "name: y\ncedar: {tool: A}\n" },
		    { "b.yaml", HEAD "name: z\ncedar: {tool: A}\n" } },
		  2, ERR_DUPLICATE, "b.yaml", 3, 8 },
		{ { { "a.cedarschema", "entity User, Tool, Resource; action pay;" },
		    { "b.cedar", PERMIT } },
		  2, ERR_TYPE, "a.cedarschema", 0, 0 },
		{ { { "a.cedarschema", "entity Agent, Tool, Resource; action pay;" },
		    { "b.cedar", PERMIT },
		    { "c.yaml", HEAD "name: c\ncedar: {action: Fleet::Action}\n" } },
		  3, ERR_TYPE, "a.cedarschema", 0, 0 },
		{ { { "a.entities.json", "[]" } }, 1, ERR_NOT_FOUND, "", 0, 0 },
		{ { { "a.cedar", PERMIT "\n@id(\"policy2\") " PERMIT "\n" PERMIT } },
		  1, ERR_DUPLICATE, "a.cedar", 3, 1 },
		{ { { "a.cedar", "permit (principal, action, resource);\n"
				 "forbid (principal == ?principal, action, resource);" } },
		  1, ERR_SYNTAX, "a.cedar", 2, 1 },
		{ { { "a.rego", "package a" } }, 1, ERR_VERSION, "a.rego", 0, 0 },
		{ { { "a.cedarschema", "entity Agent, Tool, Resource; action \"pay\" appliesTo "
				       "{ principal: [Agent], resource: [Tool] };" },
		    { "b.cedar", "permit (principal, action, resource) when { principal.x };" } },
		  2, ERR_TYPE, "b.cedar", 1, 54 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct note n = { .column = 0 };
		struct bundle *b;
		enum err e = load(rows[i].pairs, rows[i].count, &b, &n);

		cr_expect_eq(e, rows[i].e, "%zu: %s: %s", i, err_name(e), n.text);
		cr_expect_str_eq(n.file, rows[i].file, "%zu", i);
		cr_expect(n.line == rows[i].line && n.column == rows[i].column, "%zu: %u:%u: %s", i,
			  n.line, n.column, n.text);
	}
}

Test(cedar_rules, packing_keeps_all_files)
{
	static const struct pair pairs[] = { { "a.cedar", PERMIT }, { "b.entities.json", "[]" } };
	struct bundle *b, *again;
	struct buf packed;
	struct digest one, other;

	cr_assert_eq(load(pairs, 2, &b, NULL), OK);
	buf_init(&packed, 1 << 20);
	cr_assert_eq(bundle_pack(b, &packed), OK);
	cr_assert_eq(bundle_unpack(buf_view(&packed), &memory, &again, NULL), OK);
	one = bundle_digest(b);
	other = bundle_digest(again);
	cr_assert(digest_eq(&one, &other));
	cr_assert(decide(again, "ann", ACTION).allow);
	buf_fini(&packed);
}

Test(cedar_rules, no_memory_is_an_error_and_never_an_answer)
{
	static const struct pair pairs[] = { { "a.cedar", PERMIT FORBID } };
	struct bundle *b;
	struct value v;

	cr_assert_eq(load(pairs, 1, &b, NULL), OK);
	cr_assert_eq(json_read(STR("{\"action\":{\"type\":\"pay\"}}"), 1, &memory, &v, NULL), OK);
	for (uint64_t i = 1;; i++) {
		struct ruling r = { .allow = false };
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(i);
		e = bundle_decide(b, POLICY_PRE_TOOL, STR("ann"), &v, &a, &r);
		if (!fail_alloc_was_hit()) {
			cr_assert(e == OK && r.allow && r.error_count == 1);
			arena_fini(&a);
			break;
		}
		cr_assert(e == ERR_MEMORY && !r.allow);
		arena_fini(&a);
	}
}

/* --- work --- */

#define HEAVY_BYTES (1u << 20)

/* Each policy looks through the whole text once. */
static const char *heavy_cedar(size_t likes)
{
	struct buf b;
	struct str kept;

	buf_init(&b, 4 << 20);
	for (size_t i = 0; i < likes; i++)
		buf_addf(&b,
			 "permit (principal, action, resource) when { "
			 "context.args.t like \"*y%zu*\" };\n",
			 i);
	buf_add_byte(&b, '\0');
	cr_assert_eq(arena_copy(&memory, buf_view(&b), &kept), OK);
	buf_fini(&b);
	return kept.ptr;
}

static const char *heavy_yaml(size_t searches)
{
	struct buf b;
	struct str kept;

	buf_init(&b, 4 << 20);
	buf_add_c(&b, HEAD "name: y\nrules:\n");
	for (size_t i = 0; i < searches; i++)
		buf_addf(&b, "  - {name: r%zu, action: deny, condition: args.t contains 'y%zu'}\n",
			 i, i);
	buf_add_byte(&b, '\0');
	cr_assert_eq(arena_copy(&memory, buf_view(&b), &kept), OK);
	buf_fini(&b);
	return kept.ptr;
}

static enum err decide_heavy(const char *yaml, const char *one, const char *other)
{
	struct pair pairs[] = { { "a.yaml", yaml }, { "b.cedar", one }, { "c.cedar", other } };
	char *text = arena_alloc(&memory, HEAVY_BYTES);
	struct member t = { .key = STR("t") }, args = { .key = STR("args") };
	struct value request = { .kind = VALUE_OBJECT, .object = { &args, 1 } };
	struct ruling r = { .allow = false };
	struct bundle *b;
	struct arena a;
	enum err e;

	memset(text, 'x', HEAVY_BYTES);
	t.value = (struct value){ .kind = VALUE_STRING, .string = str_slice(text, HEAVY_BYTES) };
	args.value = (struct value){ .kind = VALUE_OBJECT, .object = { &t, 1 } };
	cr_assert_eq(load(pairs, 3, &b, NULL), OK);
	arena_init(&a, LIMIT_ACTION_MEMORY);
	e = bundle_decide(b, POLICY_PRE_TOOL, STR("ann"), &request, &a, &r);
	cr_assert_not(r.allow);
	arena_fini(&a);
	return e;
}

/* Rules and all files of Cedar share what one decision may look at: three eighths fit twice. */
Test(cedar_rules, the_work_of_all_files_and_rules_is_bounded_together)
{
	size_t likes = LIMIT_DECISION_WORK / (HEAVY_BYTES / 8) * 3 / 8;
	size_t searches = LIMIT_DECISION_WORK / HEAVY_BYTES * 3 / 8;

	cr_assert_eq(decide_heavy(heavy_yaml(1), heavy_cedar(likes), heavy_cedar(1)), OK);
	cr_assert_eq(decide_heavy(heavy_yaml(1), heavy_cedar(likes), heavy_cedar(likes)), OK);
	cr_assert_eq(decide_heavy(heavy_yaml(searches), heavy_cedar(likes), heavy_cedar(1)), OK);
	cr_assert_eq(decide_heavy(heavy_yaml(searches), heavy_cedar(likes), heavy_cedar(likes)),
		     ERR_LIMIT);
	cr_assert_eq(decide_heavy(heavy_yaml(1), heavy_cedar(2 * likes), heavy_cedar(likes)),
		     ERR_LIMIT);
	cr_assert_eq(decide_heavy(heavy_yaml(1), heavy_cedar(1), heavy_cedar(3 * likes)),
		     ERR_LIMIT);
}
