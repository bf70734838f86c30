/*
 * rules: one policy file as a document of the plan. docs/formats/policy.md describes the keys for
 * their users.
 *
 * Everything not understood is refused with its place: an unknown key may be a misspelt limit, and
 * a limit that is ignored is a hole nobody sees. So are keys that other readers of
 * governance.toolkit/v1 give a meaning which is not enforced here. The value tree stays in the
 * arena; names and literals of the plan borrow from it.
 */
#include "engine/base/yaml.h"
#include "engine/policy/curb_parts.h"
#include "engine/policy/sequence_parts.h"

#define API_VERSION "governance.toolkit/v1"

static const char *const document_keys[] = {
	"apiVersion", "name", "version", "description", "agents", "agent",
	"scope", "extends", "conflict_resolution", "cedar", "trust", "default_action",
	"unknown_agents", "require_signature", "require_sponsor", "require_session",
	"require_credential", "rings", "quotas", "budgets", "commands", "capabilities", "intents",
	"paths", "kill_on", "rules", "labels", "events", NULL,
};
static const char *const rule_keys[] = {
	"name", "description", "stage", "tools", "condition", "action",
	"approvers", "limit", "transform", "priority", "enabled", NULL,
};
static const char *const defaults[] = { "deny", "allow", NULL };
static const char *const unknown_agents[] = { "deny", "evaluate", NULL };
/* In the order of enum scope, and of enum strategy from STRATEGY_FIRST_MATCH. */
static const char *const scopes[] = { "global", "tenant", "organization", "agent", NULL };
static const char *const strategies[] = {
	"first_match", "deny_overrides", "allow_overrides", "most_specific_wins", NULL,
};

enum err rules_patterns(const struct reader *r, const struct value *items, size_t count,
			struct patterns *ret)
{
	struct pattern *list = arena_array(r->memory, count, sizeof(*list));
	const char *why;

	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (pattern_make(items[i].string, &list[i], &why) != OK)
			return note_set(r->note, ERR_SYNTAX, items[i].line, items[i].column,
					"the pattern '%.*s' %s", SHOWN(items[i].string), why);
	*ret = (struct patterns){ list, count };
	return OK;
}

static enum err read_agents(const struct reader *r, const struct value *object,
			    struct patterns *ret)
{
	const struct value *one, *many;

	TRY(member_of(r, object, "agent", VALUE_STRING, "a string; a list belongs under 'agents'",
		      &one));
	TRY(member_strings(r, object, "agents",
			   "so the policy applies to nobody; leave the key out to mean every agent",
			   &many));
	if (one && many)
		return note_set(r->note, ERR_DUPLICATE, one->line, one->column,
				"'agent' and 'agents' say the same thing; keep one");
	if (one)
		return rules_patterns(r, one, 1, ret);
	if (many)
		return rules_patterns(r, many->list.items, many->list.count, ret);
	*ret = (struct patterns){ NULL, 0 };
	return OK;
}

/* Names of files, to be found once the whole bundle is read. */
static enum err read_extends(const struct reader *r, const struct value *object,
			     struct document *d)
{
	const struct value *v = value_get_c(object, "extends");

	if (!v)
		return OK;
	if (v->kind == VALUE_STRING) {
		d->extends = v;
		d->extend_count = 1;
		return OK;
	}
	TRY(member_strings(r, object, "extends", "which extends nothing; leave the key out", &v));
	d->extends = v->list.items;
	d->extend_count = v->list.count;
	return OK;
}

/* How the document stands to the others. */
static enum err read_relations(const struct reader *r, const struct value *object,
			       struct document *d)
{
	int choice;

	TRY(member_choice(r, object, "scope", scopes, &choice));
	d->scope = choice < 0 ? SCOPE_GLOBAL : (enum scope)choice;
	TRY(member_choice(r, object, "conflict_resolution", strategies, &choice));
	if (choice >= 0) {
		d->strategy = (enum strategy)((int)STRATEGY_FIRST_MATCH + choice);
		d->strategy_at = value_get_c(object, "conflict_resolution");
	}
	return read_extends(r, object, d);
}

/* --- rules --- */

/* The steps before the condition: action.type is one of the tools. */
static enum err add_tools(const struct reader *r, const struct value *tools, struct code *code,
			  uint32_t *skip)
{
	struct patterns *patterns = arena_alloc(r->memory, sizeof(*patterns));
	struct step named = { .op = STEP_NAMED, .left_slot = true };

	if (!patterns)
		return ERR_MEMORY;
	TRY(rules_patterns(r, tools->list.items, tools->list.count, patterns));
	named.right.patterns = patterns;
	TRY(slot_member(r->slots, SLOT_REQUEST, STR("action"), &named.left.slot));
	TRY(slot_member(r->slots, named.left.slot, STR("type"), &named.left.slot));
	TRY(condition_add(code, named, NULL));
	return condition_add(code, (struct step){ .op = STEP_SKIP_FALSE }, skip);
}

static enum err add_condition(const struct reader *r, const struct value *v,
			      enum policy_stage stage, struct code *code)
{
	struct note local, *n = r->note ? r->note : &local;
	enum err e;

	n->column = 0;
	n->text[0] = '\0';
	e = expr_parse(v->string, stage, r->slots, code, r->memory, n);
	if (e != OK)
		member_place(r, v, "condition", n);
	return e;
}

enum err rules_read_when(const struct reader *r, const struct value *object,
			 enum policy_stage stage, const struct condition **ret)
{
	struct code code = { .count = 0 };
	const struct value *tools, *condition;
	uint32_t skip = 0;

	TRY(member_strings(r, object, "tools",
			   "so the rule never matches; leave the key out to mean every tool",
			   &tools));
	TRY(member_of(r, object, "condition", VALUE_STRING,
		      "a string; put the condition in quotes, or leave the key out for a rule that "
		      "always matches",
		      &condition));
	if (tools)
		TRY(add_tools(r, tools, &code, &skip));
	if (condition)
		TRY(add_condition(r, condition, stage, &code));
	if (tools && condition) {
		if (condition_add(&code, (struct step){ .op = STEP_AND }, NULL) != OK)
			return note_set(r->note, ERR_LIMIT, condition->line, condition->column,
					"the condition has too many parts; split it into several "
					"rules");
		condition_land(&code, skip);
	} else if (tools) {
		code.count--;
	}
	*ret = NULL;
	return code.count ? condition_seal(&code, r->slots, r->memory, ret) : OK;
}

static enum err read_priority(const struct reader *r, const struct value *object, int32_t *ret)
{
	const struct value *v = value_get_c(object, "priority");

	*ret = 0;
	if (!v)
		return OK;
	if (v->kind != VALUE_INT && v->kind != VALUE_BIG)
		return member_wrong(r, v, "priority", "an integer");
	if (v->kind == VALUE_BIG || v->integer < INT32_MIN || v->integer > INT32_MAX)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'priority' is beyond its range; expected -2147483648 to "
				"2147483647");
	*ret = (int32_t)v->integer;
	return OK;
}

enum err rules_read_stage(const struct reader *r, const struct value *object,
			  enum policy_stage *ret)
{
	const char *names[POLICY_STAGES + 1] = { NULL };
	int choice;

	for (int i = 0; i < POLICY_STAGES; i++)
		names[i] = policy_stage_name((enum policy_stage)i);
	TRY(member_choice(r, object, "stage", names, &choice));
	*ret = choice < 0 ? POLICY_PRE_TOOL : (enum policy_stage)choice;
	return OK;
}

static enum err name_rule(const struct reader *r, const struct document *d, struct str name,
			  struct rule *rule)
{
	const struct str identity[] = { d->name, STR("/"), name };
	const struct str matched[] = { STR("rule '"), name,    STR("' of '"),	d->name,
				       STR("' ("),    d->file, STR(") matched") };
	const struct str undecided[] = { STR("rule '"),
					 name,
					 STR("' of '"),
					 d->name,
					 STR("' ("),
					 d->file,
					 STR(") denies because its condition could not be "
					     "decided") };

	TRY(plan_join(r->memory, identity, 3, &rule->identity));
	TRY(plan_join(r->memory, matched, 7, &rule->matched));
	return plan_join(r->memory, undecided, 7, &rule->undecided);
}

static enum err read_rule(const struct reader *r, const struct document *d,
			  const struct value *object, struct map *names, struct rule *ret,
			  bool *enabled)
{
	static const char *const texts[] = { "description", NULL };
	struct rule rule = { .allows = false };
	const struct value *at;
	struct str name;
	enum err e;

	if (object->kind != VALUE_OBJECT)
		return note_set(r->note, ERR_TYPE, object->line, object->column,
				"a rule is a mapping of keys; found %s",
				value_kind_name(object->kind));
	TRY(members_known(r, object, rule_keys, "rule"));
	TRY(member_name(r, object, "rule", true, &name));
	at = value_get_c(object, "name");
	e = map_put(names, name, 0);
	if (e == ERR_DUPLICATE)
		return note_set(r->note, e, at->line, at->column,
				"the rule name '%.*s' is given twice in this policy", SHOWN(name));
	TRY(e);
	TRY(members_are_strings(r, object, texts));
	TRY(rules_read_stage(r, object, &rule.stage));
	TRY(effect_read(r, object, name, &rule));
	TRY(read_priority(r, object, &rule.priority));
	TRY(member_bool(r, object, "enabled", true, enabled));
	TRY(rules_read_when(r, object, rule.stage, &rule.condition));
	TRY(name_rule(r, d, name, &rule));
	rule.line = at->line;
	*ret = rule;
	return OK;
}

/* Rules that are not enabled are judged like the others, and then left out. */
static enum err read_rules(const struct reader *r, const struct value *list, uint32_t number,
			   struct document *d)
{
	struct map names;
	enum err e = OK;

	d->rules = arena_array(r->memory, list->list.count, sizeof(*d->rules));
	if (!d->rules)
		return ERR_MEMORY;
	d->written_rules = list->list.count;
	map_init(&names, 0);
	for (size_t i = 0; e == OK && i < list->list.count; i++) {
		struct rule *rule = &d->rules[d->rule_count];
		bool enabled = false;

		e = read_rule(r, d, &list->list.items[i], &names, rule, &enabled);
		rule->document = number;
		rule->place = (uint32_t)i;
		if (e == OK && enabled)
			d->rule_count++;
	}
	map_fini(&names);
	return e;
}

/* --- the document --- */

static enum err check_version(const struct reader *r, const struct value *object)
{
	const struct value *v = value_get_c(object, "apiVersion");

	if (!v)
		return note_set(r->note, ERR_VERSION, object->line, object->column,
				"the policy has no apiVersion; expected apiVersion: " API_VERSION);
	if (v->kind != VALUE_STRING)
		return member_wrong(r, v, "apiVersion", API_VERSION);
	if (!str_is(v->string, API_VERSION))
		return note_set(r->note, ERR_VERSION, v->line, v->column,
				"unknown apiVersion '%.*s'; expected " API_VERSION,
				SHOWN(v->string));
	return OK;
}

static enum err read_opinions(const struct reader *r, const struct value *object,
			      struct document *d)
{
	bool sponsor;
	int choice;

	TRY(member_choice(r, object, "default_action", defaults, &choice));
	d->allows = choice == 1;
	TRY(member_choice(r, object, "unknown_agents", unknown_agents, &choice));
	d->admits_unknown = choice < 0 ? OPINION_NONE : choice == 1 ? OPINION_YES : OPINION_NO;
	TRY(member_bool(r, object, "require_signature", false, &d->wants_signature));
	TRY(member_bool(r, object, "require_sponsor", false, &sponsor));
	if (value_get_c(object, "require_sponsor"))
		d->wants_sponsor = sponsor ? OPINION_YES : OPINION_NO;
	TRY(member_bool(r, object, "require_session", false, &d->wants_session));
	return member_bool(r, object, "require_credential", false, &d->wants_credential);
}

/* What the document says besides rules; NULL: nothing. */
static enum err read_curbs(const struct reader *r, const struct value *object, uint32_t number,
			   struct document *d)
{
	struct curbs curbs = { .quota_count = 0 }, *kept;

	TRY(quota_rules_read(r, object, d->name, number, &curbs));
	TRY(ring_rules_read(r, object, &curbs));
	TRY(command_rules_read(r, object, number, &curbs));
	TRY(capability_rules_read(r, object, number, &curbs));
	TRY(intent_rules_read(r, object, number, &curbs));
	TRY(path_rules_read(r, object, number, &curbs));
	TRY(kill_rules_read(r, object, d->name, number, &curbs));
	if (curbs.quota_count + curbs.command_count + curbs.capability_count + curbs.intent_count +
			    curbs.path_count + curbs.kill_count == 0 && !curbs.rings)
		return OK;
	kept = arena_alloc(r->memory, sizeof(*kept));
	if (!kept)
		return ERR_MEMORY;
	*kept = curbs;
	d->curbs = kept;
	return OK;
}

static enum err read_document(const struct reader *r, const struct value *object, uint32_t number,
			      size_t rules_left, struct document *ret)
{
	static const char *const texts[] = { "version", "description", NULL };
	struct document d = { .file = r->file };
	const struct value *rules;

	if (object->kind == VALUE_NULL)
		return note_set(r->note, ERR_TYPE, 1, 1,
				"the file is empty; expected a policy that begins with "
				"apiVersion: " API_VERSION);
	if (object->kind != VALUE_OBJECT)
		return note_set(r->note, ERR_TYPE, object->line, object->column,
				"a policy is a mapping of keys that begins with "
				"apiVersion: " API_VERSION "; found %s",
				value_kind_name(object->kind));
	TRY(members_known(r, object, document_keys, "policy"));
	TRY(member_name(r, object, "policy", false, &d.name));
	d.line = value_get_c(object, "name")->line;
	d.column = value_get_c(object, "name")->column;
	TRY(members_are_strings(r, object, texts));
	TRY(read_agents(r, object, &d.agents));
	TRY(read_relations(r, object, &d));
	TRY(read_opinions(r, object, &d));
	TRY(cedar_mapping_read(r, object, &d.cedar, &d.cedar_at));
	TRY(trust_terms_read(r, object, &d.trust, &d.trust_at));
	TRY(read_curbs(r, object, number, &d));
	TRY(member_of(r, object, "rules", VALUE_LIST, "a list of rules; write [] for none",
		      &rules));
	if (rules && rules->list.count > rules_left)
		return note_set(r->note, ERR_LIMIT, rules->line, rules->column,
				"the bundle has more than %d rules", LIMIT_RULES);
	if (rules)
		TRY(read_rules(r, rules, number, &d));
	TRY(plan_join(r->memory,
		      (const struct str[]){ STR("no rule matched; default of '"), d.name,
					    STR("' is "), d.allows ? STR("allow") : STR("deny") },
		      4, &d.fell_through));
	*ret = d;
	return OK;
}

enum err rules_declare(struct str text, struct str file, struct slots *slots,
		       struct arena *memory, struct value *ret, struct note *n)
{
	const struct reader r = { slots, memory, n, text, file };

	TRY(yaml_read(text, memory, ret, n));
	if (ret->kind != VALUE_OBJECT)
		return OK;      /* refused when it is read as a policy */
	TRY(check_version(&r, ret));
	return slots->sequence ? sequence_read(&r, ret) : OK;
}

enum err rules_read(const struct value *tree, struct str text, struct str file, uint32_t number,
		    size_t rules_left, struct slots *slots, struct arena *memory,
		    struct document *ret, struct note *n)
{
	const struct reader r = { slots, memory, n, text, file };

	return read_document(&r, tree, number, rules_left, ret);
}
