/* rules: every refusal of the YAML dialect, with its exact place. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/policy/policy.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: p\n"
#define RULE HEAD "rules:\n  - name: r\n    action: deny\n"

static enum err load(const char *text, struct note *n)
{
	struct policy_file f = { STR("p.yaml"), str_view(text) };
	struct bundle *b;
	struct arena a;
	enum err e;

	*n = (struct note){ .column = 0 };
	arena_init(&a, 64 << 20);
	e = bundle_load(&f, 1, &a, &b, n);
	arena_fini(&a);
	return e;
}

struct bad_rule {
	const char *text;
	enum err err;
	uint32_t line, column;
	const char *says;
};

static const struct bad_rule refusals[] = {
	{ "", ERR_TYPE, 1, 1, "the file is empty" },
	{ "# nothing\n", ERR_TYPE, 1, 1, "the file is empty" },
	{ "hello\n", ERR_TYPE, 1, 1, "found string" },
	{ "- a\n", ERR_TYPE, 1, 1, "found list" },
	{ "name: p\n", ERR_VERSION, 1, 1, "no apiVersion" },
	{ "apiVersion: governance.toolkit/v2\nname: p\n", ERR_VERSION, 1, 13,
	  "expected governance.toolkit/v1" },
	{ "apiVersion: 1.0\nname: p\n", ERR_TYPE, 1, 13, "expected governance.toolkit/v1" },
	{ "apiVersion: governance.toolkit/v1\n", ERR_NOT_FOUND, 1, 1, "no name" },
	{ "apiVersion: governance.toolkit/v1\nname: ''\n", ERR_SYNTAX, 2, 7, "is empty" },
	{ "apiVersion: governance.toolkit/v1\nname: 7\n", ERR_TYPE, 2, 7,
	  "'name' is integer here" },
	{ "apiVersion: governance.toolkit/v1\nname: a/b\n", ERR_SYNTAX, 2, 7, "holds no '/'" },
	{ "apiVersion: governance.toolkit/v1\nname: \"a\\tb\"\n", ERR_SYNTAX, 2, 7,
	  "control character" },
	{ HEAD "name: q\n", ERR_DUPLICATE, 3, 1, "" },
	{ HEAD "wibble: 1\n", ERR_UNKNOWN, 3, 1,
	  "unknown key 'wibble' of a policy; expected apiVersion, name" },
	{ HEAD "agnets: [a]\n", ERR_UNKNOWN, 3, 1, "did you mean 'agents'?" },
	{ HEAD "extends: 5\n", ERR_TYPE, 3, 10, "'extends' is integer here" },
	{ HEAD "extends: []\n", ERR_SYNTAX, 3, 10, "extends nothing" },
	{ HEAD "extends: [5]\n", ERR_TYPE, 3, 11, "expected strings" },
	{ HEAD "extends: base.yaml\n", ERR_NOT_FOUND, 3, 10,
	  "there is no file 'base.yaml' in the bundle" },
	{ HEAD "extends: p.yaml\n", ERR_SYNTAX, 3, 10, "circle: p.yaml -> p.yaml" },
	{ HEAD "scope: team\n", ERR_UNKNOWN, 3, 8,
	  "unknown scope 'team'; expected global, tenant, organization or agent" },
	{ HEAD "scope: Global\n", ERR_UNKNOWN, 3, 8, "did you mean 'global'?" },
	{ HEAD "conflict_resolution: first\n", ERR_UNKNOWN, 3, 22,
	  "expected first_match, deny_overrides, allow_overrides or most_specific_wins" },
	{ HEAD "conflict_resolution: [first_match]\n", ERR_TYPE, 3, 22, "first_match" },
	{ HEAD "created_at: 2026-01-01\n", ERR_VERSION, 3, 1, "'created_at'" },
	{ HEAD "updated_at: 2026-01-01\n", ERR_VERSION, 3, 1, "'updated_at'" },
	{ HEAD "version: 1.0\n", ERR_TYPE, 3, 10, "in quotes" },
	{ HEAD "description: [a]\n", ERR_TYPE, 3, 14, "'description' is list" },
	{ HEAD "agents: '*'\n", ERR_TYPE, 3, 9, "a list of strings" },
	{ HEAD "agents: []\n", ERR_SYNTAX, 3, 9, "applies to nobody" },
	{ HEAD "agents: [a, 5]\n", ERR_TYPE, 3, 13, "holds a value of type integer" },
	{ HEAD "agents: [a, '']\n", ERR_SYNTAX, 3, 13, "an empty string" },
	{ HEAD "agents: ['a\\']\n", ERR_SYNTAX, 3, 10, "a lone '\\'" },
	{ HEAD "agent: [a]\n", ERR_TYPE, 3, 8, "belongs under 'agents'" },
	{ HEAD "agent: ''\n", ERR_SYNTAX, 3, 8, "is empty" },
	{ HEAD "agents: [a]\nagent: a\n", ERR_DUPLICATE, 4, 8, "keep one" },
	{ HEAD "default_action: warn\n", ERR_UNKNOWN, 3, 17,
	  "unknown default_action 'warn'; expected deny or allow" },
	{ HEAD "default_action: alow\n", ERR_UNKNOWN, 3, 17, "did you mean 'allow'?" },
	{ HEAD "default_action: true\n", ERR_TYPE, 3, 17, "expected deny or allow" },
	{ HEAD "unknown_agents: allow\n", ERR_UNKNOWN, 3, 17, "expected deny or evaluate" },
	{ HEAD "require_signature: yes\n", ERR_TYPE, 3, 20, "true or false" },
	{ HEAD "require_sponsor: 1\n", ERR_TYPE, 3, 18, "true or false" },
	{ HEAD "require_session: 1\n", ERR_TYPE, 3, 18, "true or false" },
	{ HEAD "require_sponsors: true\n", ERR_UNKNOWN, 3, 1, "did you mean 'require_sponsor'?" },
	{ HEAD "rules:\n", ERR_TYPE, 3, 7, "'rules' is null here; expected a list of rules" },
	{ HEAD "rules: {a: b}\n", ERR_TYPE, 3, 8, "'rules' is object" },
	{ HEAD "rules: [x]\n", ERR_TYPE, 3, 9, "found string" },
	/* rules */
	{ HEAD "rules:\n  - action: deny\n", ERR_NOT_FOUND, 4, 5, "this rule has no name" },
	{ HEAD "rules:\n  - name: r\n", ERR_NOT_FOUND, 4, 5, "rule 'r' has no action" },
	{ HEAD "rules:\n  - name: r\n    action: block\n", ERR_UNKNOWN, 5, 13,
	  "unknown action 'block'" },
	{ HEAD "rules:\n  - name: r\n    action: dent\n", ERR_UNKNOWN, 5, 13,
	  "did you mean 'deny'?" },
	{ RULE "    effect: allow\n", ERR_UNKNOWN, 6, 5, "unknown key 'effect' of a rule" },
	{ RULE "    priorty: 1\n", ERR_UNKNOWN, 6, 5, "did you mean 'priority'?" },
	{ RULE "  - name: r\n    action: allow\n", ERR_DUPLICATE, 6, 11, "given twice" },
	{ RULE "    condition: result.n == 1\n", ERR_UNKNOWN, 6, 16,
	  "there is no result yet in stage pre_tool; only rules of stage post_tool see one" },
	{ RULE "    stage: pre_output\n    condition: has(result.n)\n", ERR_UNKNOWN, 7, 20,
	  "there is no result yet in stage pre_output" },
	{ RULE "    stage: [pre_tool]\n", ERR_TYPE, 6, 12, "expected pre_tool, pre_input" },
	{ RULE "    stage: pretool\n", ERR_UNKNOWN, 6, 12, "did you mean 'pre_tool'?" },
	{ RULE "    tools: refund\n", ERR_TYPE, 6, 12, "a list of strings" },
	{ RULE "    tools: []\n", ERR_SYNTAX, 6, 12, "never matches" },
	{ RULE "    approvers: [a]\n", ERR_SYNTAX, 6, 16,
	  "belongs only to a rule whose action is require_approval" },
	{ RULE "    priority: high\n", ERR_TYPE, 6, 15, "an integer" },
	{ RULE "    priority: 1.5\n", ERR_TYPE, 6, 15, "an integer" },
	{ RULE "    priority: 2147483648\n", ERR_RANGE, 6, 15, "beyond its range" },
	{ RULE "    priority: 99999999999999999999\n", ERR_RANGE, 6, 15, "beyond its range" },
	{ RULE "    enabled: 1\n", ERR_TYPE, 6, 14, "true or false" },
	{ RULE "    description: 5\n", ERR_TYPE, 6, 18, "a string" },
	{ RULE "    condition: true\n", ERR_TYPE, 6, 16, "put the condition in quotes" },
	{ RULE "    condition: ''\n", ERR_SYNTAX, 6, 17, "the condition is empty" },
	/* the place within a condition */
	{ RULE "    condition: args.a && args.b\n", ERR_SYNTAX, 6, 23, "'&&'" },
	{ RULE "    condition: 'args.a && args.b'\n", ERR_SYNTAX, 6, 24, "'&&'" },
	{ RULE "    condition: \"args.a && args.b\"\n", ERR_SYNTAX, 6, 24, "'&&'" },
	{ RULE "    condition: args.a == '\xc3\xa9' && true\n", ERR_SYNTAX, 6, 30, "'&&'" },
	{ RULE "    condition: 'args.a == ''x'' && true'\n", ERR_SYNTAX, 6, 16,
	  "condition column 15: '&&'" },
	{ RULE "    condition: |\n      args.a\n      && args.b\n", ERR_SYNTAX, 6, 16,
	  "condition column 8: '&&'" },
	/* a rule that is off is judged all the same */
	{ RULE "    enabled: false\n    condition: foo\n", ERR_UNKNOWN, 7, 16,
	  "unknown name 'foo'" },
	/* what YAML itself would let through */
	{ HEAD "rules:\n  - &r {name: r, action: deny}\n  - *r\n", ERR_SYNTAX, 4, 0, "" },
};

Test(rules, refusals_say_what_is_wrong_and_where)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct bad_rule *r = &refusals[i];
		struct note n;
		enum err e = load(r->text, &n);

		cr_expect_eq(e, r->err, "%s\n%s (%s)", r->text, err_name(e), n.text);
		cr_expect_eq(n.line, r->line, "%s\nline %u (%s)", r->text, n.line, n.text);
		cr_expect(r->column == 0 || n.column == r->column, "%s\ncolumn %u (%s)", r->text,
			  n.column, n.text);
		cr_expect(strstr(n.text, r->says), "%s\n%s", r->text, n.text);
		cr_expect_str_eq(n.file, "p.yaml");
	}
}

Test(rules, every_key_at_once_is_understood)
{
	struct note n;

	cr_assert_eq(load("apiVersion: governance.toolkit/v1\nname: p\nversion: "
			  "'1.0'\ndescription: d\n"
			  "agents: [a, 'b*', '*']\nscope: tenant\nconflict_resolution: "
			  "most_specific_wins\ndefault_action: allow\nunknown_agents: evaluate\n"
			  "require_signature: true\nrequire_sponsor: true\nrules:\n"
			  "  - name: r/1\n    description: d\n    stage: pre_tool\n    tools: [x, "
			  "'y*']\n"
			  "    condition: >\n      args.a == 1\n      and has(args.b)\n"
			  "    action: require_approval\n    approvers: [boss]\n    priority: -5\n "
			  "   enabled: true\n"
			  "  - {name: s, stage: post_tool, action: transform, limit: 5/day,\n"
			  "     condition: result.ok, transform: [{path: result.a, set: 1}]}\n",
			  &n),
		     OK, "%u: %s", n.line, n.text);
	cr_assert_eq(load(HEAD "rules: []\n", &n), OK);
	cr_assert_eq(load(HEAD, &n), OK);
}

Test(rules, an_alias_bomb_is_refused_before_it_grows)
{
	struct note n;

	cr_assert_eq(load("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n"
			  "c: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n",
			  &n),
		     ERR_SYNTAX);
	cr_assert_eq(n.line, 1);
}

Test(rules, the_ten_thousand_and_first_rule_is_refused)
{
	struct note n;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_c(&b, HEAD "rules:\n");
	for (int i = 0; i < 10000; i++)
		buf_addf(&b, " - {name: r%d, action: deny}\n", i);
	buf_add_byte(&b, '\0');
	cr_assert_eq(load(b.ptr, &n), OK, "%s", n.text);
	b.len--;
	buf_add_c(&b, " - {name: last, action: deny}\n");
	buf_add_byte(&b, '\0');
	cr_assert_eq(load(b.ptr, &n), ERR_LIMIT);
	cr_assert(strstr(n.text, "more than 10000 rules"));
	buf_fini(&b);
}

/*
 * The reference toolkit's own vectors of documents that must not load. trammel may refuse more, but
 * must refuse these; where it loads what the toolkit loads, nothing is owed.
 */
Test(rules, what_the_reference_toolkit_refuses_is_refused_here)
{
	FILE *f = fopen("../shared/vectors/policy/yaml_load.json", "r");
	struct arena a;
	struct value tree;
	const struct value *cases;
	char *text;
	size_t len, checked = 0;

	if (!f) {
		cr_log_info("skipped: ../shared/vectors/policy/yaml_load.json is absent");
		return;
	}
	arena_init(&a, 64 << 20);
	text = arena_alloc(&a, 1 << 20);
	len = fread(text, 1, 1 << 20, f);
	(void)fclose(f);
	cr_assert_eq(json_read(str_slice(text, len), 1, &a, &tree, NULL), OK);
	cases = value_get_c(&tree, "cases");
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *c = &cases->list.items[i];
		struct str yaml = value_text(value_get_c(c, "given"), "yaml");
		const struct value *ok =
			value_get_c(value_get_c(value_get_c(c, "expect"), "from_yaml"), "ok");
		char document[4096];
		struct note n;

		if (!yaml.ptr || !ok || ok->boolean)
			continue;
		/* The dialect's own head, so that the refusal is owed to the rest. */
		(void)snprintf(document, sizeof(document), "%s%.*s",
			       str_has(yaml, STR("apiVersion")) || !str_has(yaml, STR("name:"))
				       ? ""
				       : "apiVersion: governance.toolkit/v1\n",
			       STR_ARG(yaml));
		cr_expect_neq(load(document, &n), OK, "%s", document);
		checked++;
	}
	cr_assert_gt(checked, 10);
	arena_fini(&a);
}
