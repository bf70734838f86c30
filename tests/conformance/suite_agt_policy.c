/*
 * suite_agt_policy: the policy engines of the reference toolkit, as our profile `agt` rebuilds
 * them, beside what was recorded by running the Python ones.
 *
 *   policy/yaml_conditions.json   a condition and one shared context: does it match?
 *   policy/yaml_engine.json       policies, strategy, agent, context, stage: decisions, in a row
 *   policy/yaml_load.json         documents, what is wrong with them, rate limits
 *   policy/yaml_extends.json      documents that extend others
 *   policy/yaml_trust.json        TrustPolicy: conditions and the evaluator
 *   policy/yaml_govern.json       govern(), whose wrapping of arguments and whose approvals are
 *                                 rebuilt here, around the engine
 *
 * Two documents use what our reader of YAML refuses and PyYAML takes: they are skipped by name. The
 * columns of other SDKs are not read.
 */
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/base/yaml.h"
#include "engine/policy/policy.h"
#include "tests/conformance/suite.h"

#define POLICIES_MAX 16
#define CALLS_MAX    16

struct one {
	struct suite *suite;
	struct arena *arena;
	char name[96];
	const struct value *file, *given, *expect;
};

static void check(struct one *c, bool ok, const char *what)
{
	suite_check(c->suite, ok, c->name, "%s", what);
}

static bool flag(const struct value *v, const char *key)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_BOOL && m->boolean;
}

static int64_t number(const struct value *v, const char *key, int64_t absent)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_INT ? m->integer : absent;
}

/* The same text, or null where there is none. */
static bool same_text(const struct value *v, const char *key, struct str text)
{
	const struct value *m = value_get_c(v, key);

	if (!m || m->kind == VALUE_NULL)
		return !text.ptr;
	return m->kind == VALUE_STRING && str_eq(m->string, text);
}

static bool same_texts(const struct value *list, const struct str *texts, size_t count)
{
	bool same = list && list->kind == VALUE_LIST && list->list.count == count;

	for (size_t i = 0; same && i < count; i++)
		same = str_eq(list->list.items[i].string, texts[i]);
	return same;
}

static int index_of(struct str name, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (str_is(name, names[i]))
			return i;
	return -1;
}

/* --- conditions --- */

static void check_condition(struct one *c)
{
	bool match = compat_condition_match(value_text(c->given, "condition"),
					    value_get_c(c->file, "context"));

	check(c, match == flag(c->expect, "py_match"), match ? "we say it matches"
							     : "we say it does not match");
}

/* --- the engine --- */

static bool same_decision(const struct value *want, const struct compat_decision *got)
{
	return got->allowed == flag(want, "allowed") &&
	       got->rate_limited == flag(want, "rate_limited") &&
	       same_text(want, "action", str_view(compat_actions[got->action])) &&
	       same_text(want, "matched_rule", got->rule) &&
	       same_text(want, "policy_name", got->policy) &&
	       same_text(want, "reason", got->reason) &&
	       same_texts(value_get_c(want, "approvers"), got->approvers, got->approver_count);
}

static void check_engine(struct one *c)
{
	const struct value *policies = value_get_c(c->given, "policies");
	const struct value *wanted = value_get_c(c->expect, "py");
	int strategy = index_of(value_text(c->given, "strategy"), compat_strategies);
	int stage = index_of(value_text(c->given, "stage"), compat_stages);
	int64_t repeat = number(c->given, "repeat", 1);
	struct compat_window items[CALLS_MAX];
	struct compat_windows windows = { items, 0, CALLS_MAX };
	struct compat_policy loaded[POLICIES_MAX];
	struct note n = { .text = "" };
	const char *raises;
	bool same = policies->list.count <= POLICIES_MAX &&
		    wanted->list.count == (size_t)repeat && strategy >= 0 && stage >= 0;

	for (size_t i = 0; same && i < policies->list.count; i++)
		same = compat_document_load(&policies->list.items[i], c->arena, &loaded[i], &raises,
					    &n) == OK;
	for (int64_t i = 0; same && i < repeat; i++) {
		struct compat_decision d;

		same = compat_mesh_decide(loaded, policies->list.count,
					  (enum compat_strategy)strategy,
					  value_text(c->given, "agent"),
					  value_get_c(c->given, "context"),
					  (enum compat_stage)stage, i, &windows, c->arena,
					  &d) == OK &&
		       same_decision(&wanted->list.items[i], &d);
	}
	check(c, same, n.text[0] ? n.text : "the decisions are others");
}

/* --- loading --- */

static void check_limit(struct one *c)
{
	const struct value *want = value_get_c(c->expect, "parsed");
	int64_t calls = 0, seconds = 0;
	bool parsed = compat_document_limit(value_text(c->given, "limit"), &calls, &seconds);

	if (want->kind == VALUE_STRING)
		check(c, !parsed && str_is(want->string, "raises ValueError"), "it is a limit");
	else
		check(c, parsed && calls == want->list.items[0].integer &&
				 seconds == want->list.items[1].integer, "another limit");
}

/* [name, condition, action, priority, stage, enabled] */
static bool same_rule(const struct value *want, const struct compat_rule *got)
{
	const struct value *w = want->list.items;

	return str_eq(w[0].string, got->name) && str_eq(w[1].string, got->condition) &&
	       str_is(w[2].string, compat_actions[got->action]) && w[3].integer == got->priority &&
	       str_is(w[4].string, compat_stages[got->stage]) && w[5].boolean == got->enabled;
}

static bool same_policy(const struct value *want, const struct compat_policy *got)
{
	const struct value *rules = value_get_c(want, "rules");
	bool same = flag(want, "ok") && same_text(want, "name", got->name) &&
		    same_text(want, "apiVersion", got->api_version) &&
		    same_text(want, "scope", got->scope) &&
		    same_text(want, "default_action", str_view(got->default_allow ? "allow"
										  : "deny")) &&
		    same_texts(value_get_c(want, "extends"), got->extends, got->extend_count) &&
		    rules->list.count == got->rule_count;

	for (size_t i = 0; same && i < got->rule_count; i++)
		same = same_rule(&rules->list.items[i], &got->rules[i]);
	return same;
}

/* The same complaints, one a line. */
static bool same_lines(const struct value *list, struct str lines)
{
	struct str line;
	size_t i = 0;

	for (; str_cut(lines, '\n', &line, &lines); i++)
		if (i >= list->list.count || !str_eq(list->list.items[i].string, line))
			return false;
	return i == list->list.count;
}

static bool is_refused_yaml(struct one *c, enum err e, const struct note *n)
{
	char why[640];

	if (e != ERR_DUPLICATE && !strstr(n->text, "anchors are not supported"))
		return false;
	(void)snprintf(why, sizeof(why), "%s: %s", c->name, n->text);
	suite_skip(c->suite, why);
	return true;
}

static void check_document(struct one *c)
{
	const struct value *want = value_get_c(c->expect, "from_yaml");
	struct compat_policy policy;
	struct note n = { .text = "" };
	const char *raises = NULL;
	struct value doc;
	struct buf says;
	enum err e = yaml_read(value_text(c->given, "yaml"), c->arena, &doc, &n);

	if (e != OK && is_refused_yaml(c, e, &n))
		return;
	buf_init(&says, 1 << 16);
	if (e != OK)
		buf_add_c(&says, "YAML parse error\n");
	else
		compat_document_validate(&doc, &says);
	if (e != OK)
		raises = "ParserError";
	else
		e = compat_document_load(&doc, c->arena, &policy, &raises, &n);
	if (e == OK)
		check(c, same_policy(want, &policy), "it loads as something else");
	else
		check(c, !flag(want, "ok") && raises &&
				 str_is(value_text(want, "error_type"), raises), n.text);
	suite_check(c->suite, same_lines(value_get_c(c->expect, "validate_errors"),
					 buf_view(&says)),
		    c->name, "we complain otherwise: %.*s", STR_ARG(buf_view(&says)));
	buf_fini(&says);
}

static void check_load(struct one *c)
{
	if (value_get_c(c->given, "limit"))
		check_limit(c);
	else
		check_document(c);
}

/* --- extends --- */

static enum err read_given(void *self, struct str name, struct arena *a, struct str *ret,
			   struct note *n)
{
	const struct value *text = value_get(self, name);

	(void)a;
	(void)n;
	if (!text)
		return ERR_NOT_FOUND;
	*ret = text->string;
	return OK;
}

/* The toolkit's engine after the policy was applied to everybody, as the vectors were made. */
static enum err decide_all(struct one *c, struct compat_policy *policy,
			   const struct value *context, enum compat_strategy strategy,
			   struct compat_decision *ret)
{
	static const struct str everybody = STR("*");
	struct compat_windows windows = { .room = 0 };

	policy->agents = &everybody;
	policy->agent_count = 1;
	return compat_mesh_decide(policy, 1, strategy, STR("did:mesh:a1"), context, COMPAT_PRE_TOOL,
				  0, &windows, c->arena, ret);
}

static bool same_merged(const struct value *rules, const struct compat_policy *got)
{
	bool same = rules->list.count == got->rule_count;

	for (size_t i = 0; same && i < got->rule_count; i++) {
		const struct value *w = rules->list.items[i].list.items;

		same = str_eq(w[0].string, got->rules[i].name) &&
		       str_is(w[1].string, compat_actions[got->rules[i].action]) &&
		       w[2].integer == got->rules[i].priority;
	}
	return same;
}

static void check_extends(struct one *c)
{
	struct value files = *value_get_c(c->given, "files");
	const struct compat_files source = { read_given, &files };
	const struct value *rules = value_get_c(c->expect, "rules");
	struct compat_policy policy;
	struct compat_decision d;
	struct note n = { .text = "" };
	const char *raises;
	enum err e = compat_extends_load(&source, value_text(c->given, "top"), c->arena, &policy,
					 &raises, &n);

	if (!rules) {
		check(c, e != OK && raises &&
				 str_is(value_text(c->expect, "error_type"), raises), n.text);
		return;
	}
	check(c, e == OK && same_merged(rules, &policy), "other rules");
	if (e == OK)
		e = decide_all(c, &policy, value_get_c(c->given, "eval"),
			       COMPAT_PRIORITY_FIRST_MATCH, &d);
	check(c, e == OK && same_decision(value_get_c(c->expect, "delete"), &d),
	      "another decision");
}

/* --- trust --- */

static void check_trust_condition(struct one *c)
{
	const struct value *want = value_get_c(c->expect, "match");
	const char *raises = NULL;
	bool match = false;
	enum err e = compat_trust_match(c->given, value_get_c(c->given, "context"), c->arena,
					&match, &raises);

	if (want->kind == VALUE_STRING)
		check(c, e != OK && raises && str_is(want->string, "raises TypeError"),
		      "it does not raise");
	else
		check(c, e == OK && match == want->boolean, "another answer");
}

/* Only rules are given; the document around them is the one the vectors were made with. */
static void check_trust_evaluator(struct one *c, const struct value *lists)
{
	struct member members[POLICIES_MAX][2];
	struct value docs[POLICIES_MAX];
	const struct value *list[POLICIES_MAX];
	struct compat_decision d = { .allowed = false };
	struct note n = { .text = "" };
	const char *raises;
	enum err e = lists->list.count <= POLICIES_MAX ? OK : ERR_LIMIT;

	for (size_t i = 0; i < lists->list.count && e == OK; i++) {
		members[i][0] = (struct member){ .key = STR("name"),
						 .value = value_string(STR("t")) };
		members[i][1] = (struct member){ .key = STR("rules"),
						 .value = lists->list.items[i] };
		docs[i] = (struct value){ .kind = VALUE_OBJECT, .object = { members[i], 2 } };
		list[i] = &docs[i];
		e = compat_trust_check(&docs[i], &raises, &n);
	}
	if (e == OK)
		e = compat_trust_decide(list, lists->list.count, value_get_c(c->given, "context"),
					c->arena, &d, &raises);
	check(c, e == OK && d.allowed == flag(c->expect, "allowed") &&
			 same_text(c->expect, "action", str_view(compat_actions[d.action])) &&
			 same_text(c->expect, "rule", d.rule) &&
			 same_text(c->expect, "reason", d.reason), "another decision");
}

static void check_trust(struct one *c)
{
	const struct value *lists = value_get_c(c->given, "policies");

	if (lists)
		check_trust_evaluator(c, lists);
	else
		check_trust_condition(c);
}

/* --- govern() --- */

/* `action` as a text is its type; every other scalar is wrapped as {"value": x}. */
static void wrap(struct one *c, struct value *context)
{
	const struct value *given = value_get_c(c->given, "kwargs");
	struct member *members = arena_array(c->arena, given->object.count, sizeof(*members));

	MUST(members);
	for (size_t i = 0; i < given->object.count; i++) {
		const struct member *m = &given->object.members[i];
		struct member *inner = arena_alloc(c->arena, sizeof(*inner));

		MUST(inner);
		members[i] = *m;
		if (m->value.kind == VALUE_OBJECT)
			continue;
		*inner = (struct member){
			.key = str_is(m->key, "action") ? STR("type") : STR("value"),
			.value = m->value,
		};
		members[i].value = (struct value){ .kind = VALUE_OBJECT, .object = { inner, 1 } };
	}
	*context = (struct value){ .kind = VALUE_OBJECT,
				   .object = { members, given->object.count } };
}

static bool same_outcome(const struct value *want, const struct compat_decision *d)
{
	if (d->allowed)
		return same_text(want, "outcome", STR("RAN"));
	if (!same_text(want, "outcome", STR("denied")) || !same_text(want, "rule", d->rule))
		return false;
	/* Nobody is there to approve, so that is a denial with a reason of its own. */
	if (d->action == COMPAT_APPROVAL)
		return same_text(want, "action", STR("deny"));
	return same_text(want, "action", str_view(compat_actions[d->action])) &&
	       same_text(want, "reason", d->reason);
}

static void check_govern(struct one *c)
{
	struct str outcome = value_text(c->expect, "outcome");
	struct compat_policy policy;
	struct compat_decision d;
	struct value doc, context;
	struct note n = { .text = "" };
	const char *raises = NULL;
	enum err e = yaml_read(value_text(c->given, "policy_yaml"), c->arena, &doc, &n);

	if (e == OK)
		e = compat_document_load(&doc, c->arena, &policy, &raises, &n);
	if (str_starts(outcome, STR("raises ")) && raises) {
		outcome = str_slice(outcome.ptr + 7, outcome.len - 7);
		check(c, str_starts(outcome, str_view(raises)), n.text);
		return;
	}
	wrap(c, &context);
	if (e == OK)
		e = decide_all(c, &policy, &context, COMPAT_DENY_OVERRIDES, &d);
	check(c, e == OK && same_outcome(c->expect, &d), e == OK ? "another outcome" : n.text);
}

/* --- all of it --- */

static const struct kind {
	const char *file;
	void (*check)(struct one *c);
} kinds[] = {
	{ "yaml_conditions", check_condition },
	{ "yaml_engine", check_engine },
	{ "yaml_load", check_load },
	{ "yaml_extends", check_extends },
	{ "yaml_trust", check_trust },
	{ "yaml_govern", check_govern },
};

static void each_case(struct suite *s, const struct kind *kind, const char *path, struct str text,
		      struct arena *a)
{
	const struct value *cases;
	struct value file;

	if (json_read(text, 1, a, &file, NULL) != OK) {
		suite_check(s, false, path, "is not JSON");
		return;
	}
	cases = value_get_c(&file, "cases");
	if (!cases || cases->kind != VALUE_LIST) {
		suite_check(s, false, path, "has no cases");
		return;
	}
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *v = &cases->list.items[i];
		struct one c = { s, a, "", &file, value_get_c(v, "given"),
				 value_get_c(v, "expect") };

		(void)snprintf(c.name, sizeof(c.name), "%.*s", STR_ARG(value_text(v, "name")));
		kind->check(&c);
	}
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &kinds[0].file, sizeof(kinds[0]),
			      sizeof(kinds) / sizeof(kinds[0]));

	if (kind >= 0)
		each_case(s, &kinds[kind], path, text, a);
	else if (str_has(str_view(path), STR("/yaml_")))
		suite_check(s, false, path, "is read by no suite");
}

void suite_agt_policy(struct suite *s)
{
	suite_each_file(s, "policy", visit);
}
