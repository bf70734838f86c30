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
#include "engine/policy/inside.h"

#include <stdio.h>

#define API_VERSION "governance.toolkit/v1"

struct reader {
	struct slots *slots;
	struct arena *memory;
	struct note *note;
	struct str text, file;
};

static const char *const document_keys[] = {
	"apiVersion", "name", "version", "description", "agents", "agent",
	"default_action", "unknown_agents", "require_signature", "rules", NULL,
};
static const char *const rule_keys[] = {
	"name", "description", "stage", "tools", "condition",
	"action", "approvers", "priority", "enabled", NULL,
};
/* Keys of the reference toolkit that change decisions there and are not enforced here. */
static const char *const foreign_keys[] = {
	"extends", "scope", "limit", "conflict_resolution", "created_at", "updated_at", NULL,
};
static const char *const defaults[] = { "deny", "allow", NULL };
static const char *const unknown_agents[] = { "deny", "evaluate", NULL };
static const char *const stages[] = { "pre_tool", "pre_input", "post_tool", "pre_output", NULL };

static const char *const actions[] = { "allow", "deny", "warn", "log", "require_approval", NULL };
/* What the actions do, in the order of their names. */
static const struct consequence {
	bool allows;
	unsigned obligations;
} consequences[] = {
	{ true, 0 }, { false, 0 }, { true, POLICY_WARN }, { true, POLICY_LOG },
	{ false, POLICY_APPROVAL },
};

/* The place of `name` in the NULL-ended list, or -1. */
static int index_of(struct str name, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (str_is(name, names[i]))
			return i;
	return -1;
}

/* "a, b or c" */
static void list_names(const char *const *names, char *text, size_t room)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; names[i] && len < room; i++) {
		const char *gap = i == 0 ? "" : names[i + 1] ? ", " : " or ";
		int wrote = snprintf(text + len, room - len, "%s%s", gap, names[i]);

		MUST(wrote >= 0);
		len += (size_t)wrote;
	}
}

static enum err check_keys(const struct reader *r, const struct value *object,
			   const char *const *known, const char *owner)
{
	char all[160];

	for (size_t i = 0; i < object->object.count; i++) {
		const struct member *m = &object->object.members[i];
		const char *near = str_nearest(m->key, known);

		if (index_of(m->key, known) >= 0)
			continue;
		if (index_of(m->key, foreign_keys) >= 0)
			return note_set(r->note, ERR_VERSION, m->line, m->column,
					"'%.*s' is not supported by this version of trammel; a "
					"policy that cannot be enforced is not loaded",
					SHOWN(m->key));
		if (near)
			return note_set(r->note, ERR_UNKNOWN, m->line, m->column,
					"unknown key '%.*s' of a %s; did you mean '%s'?",
					SHOWN(m->key), owner, near);
		list_names(known, all, sizeof(all));
		return note_set(r->note, ERR_UNKNOWN, m->line, m->column,
				"unknown key '%.*s' of a %s; expected %s", SHOWN(m->key), owner,
				all);
	}
	return OK;
}

static enum err wrong_type(const struct reader *r, const struct value *v, const char *key,
			   const char *expected)
{
	return note_set(r->note, ERR_TYPE, v->line, v->column, "'%s' is %s here; expected %s", key,
			value_kind_name(v->kind), expected);
}

/* The member, checked to be of `kind`; *ret is NULL when it is not there. */
static enum err member_of(const struct reader *r, const struct value *object, const char *key,
			  enum value_kind kind, const char *expected, const struct value **ret)
{
	const struct value *v = value_get_c(object, key);

	if (v && v->kind != kind)
		return wrong_type(r, v, key, expected);
	*ret = v;
	return OK;
}

static enum err read_bool(const struct reader *r, const struct value *object, const char *key,
			  bool absent, bool *ret)
{
	const struct value *v = NULL;

	TRY(member_of(r, object, key, VALUE_BOOL, "true or false", &v));
	*ret = v ? v->boolean : absent;
	return OK;
}

/* A choice among names; *ret is -1 when the key is not there. */
static enum err read_choice(const struct reader *r, const struct value *object, const char *key,
			    const char *const *choices, int *ret)
{
	const struct value *v = value_get_c(object, key);
	const char *near;
	char all[128];

	*ret = -1;
	if (!v)
		return OK;
	list_names(choices, all, sizeof(all));
	if (v->kind != VALUE_STRING)
		return wrong_type(r, v, key, all);
	*ret = index_of(v->string, choices);
	if (*ret >= 0)
		return OK;
	near = str_nearest(v->string, choices);
	return note_set(r->note, ERR_UNKNOWN, v->line, v->column,
			"unknown %s '%.*s'; expected %s%s%s%s", key, SHOWN(v->string), all,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Texts that nothing is decided by. */
static enum err check_strings(const struct reader *r, const struct value *object,
			      const char *const *keys)
{
	const struct value *v;

	for (; *keys; keys++)
		TRY(member_of(r, object, *keys, VALUE_STRING,
			      "a string (in quotes when it looks like a number)", &v));
	return OK;
}

/* A name that identities in the log are made of: short, printable, cut in two in one way only. */
static enum err read_name(const struct reader *r, const struct value *object, const char *owner,
			  bool slash_allowed, struct str *ret)
{
	const struct value *v;

	TRY(member_of(r, object, "name", VALUE_STRING,
		      "a string (in quotes when it looks like a number)", &v));
	if (!v)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"this %s has no name; expected the key 'name'", owner);
	if (v->string.len == 0)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"the name of this %s is empty", owner);
	if (v->string.len > LIMIT_NAME_BYTES)
		return note_set(r->note, ERR_LIMIT, v->line, v->column,
				"the name of this %s is longer than %d bytes", owner,
				LIMIT_NAME_BYTES);
	for (size_t i = 0; i < v->string.len; i++) {
		unsigned char c = (unsigned char)v->string.ptr[i];

		if (c < 0x20 || c == 0x7F)
			return note_set(r->note, ERR_SYNTAX, v->line, v->column,
					"the name of this %s holds a control character", owner);
		if (c == '/' && !slash_allowed)
			return note_set(r->note, ERR_SYNTAX, v->line, v->column,
					"the name of a policy holds no '/', because its rules are "
					"called <policy>/<rule>");
	}
	*ret = v->string;
	return OK;
}

/* A list of at least one non-empty string; *ret NULL when the key is not there. */
static enum err read_strings(const struct reader *r, const struct value *object, const char *key,
			     const char *if_none, const struct value **ret)
{
	const struct value *v;

	TRY(member_of(r, object, key, VALUE_LIST, "a list of strings", &v));
	*ret = v;
	if (!v)
		return OK;
	if (v->list.count == 0)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'%s' is an empty list, %s", key, if_none);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value *item = &v->list.items[i];

		if (item->kind != VALUE_STRING)
			return note_set(r->note, ERR_TYPE, item->line, item->column,
					"'%s' holds a value of type %s; expected strings", key,
					value_kind_name(item->kind));
		if (item->string.len == 0)
			return note_set(r->note, ERR_SYNTAX, item->line, item->column,
					"'%s' holds an empty string", key);
	}
	return OK;
}

static enum err make_patterns(const struct reader *r, const struct value *items, size_t count,
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
	TRY(read_strings(r, object, "agents",
			 "so the policy applies to nobody; leave the key out to mean every agent",
			 &many));
	if (one && many)
		return note_set(r->note, ERR_DUPLICATE, one->line, one->column,
				"'agent' and 'agents' say the same thing; keep one");
	if (one)
		return make_patterns(r, one, 1, ret);
	if (many)
		return make_patterns(r, many->list.items, many->list.count, ret);
	*ret = (struct patterns){ NULL, 0 };
	return OK;
}

/* --- rules --- */

static bool continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* Where the character at line and column (from 1, in characters as yaml counts) begins. */
static size_t offset_of(struct str text, uint32_t line, uint32_t column)
{
	size_t at = 0;

	for (; line > 1 && at < text.len; line--)
		while (at < text.len && text.ptr[at++] != '\n')
			;
	for (; column > 1 && at < text.len; column--)
		while (++at < text.len && continues(text.ptr[at]))
			;
	return at;
}

/*
 * Turn the column within a condition into a place in the file. That is exact where the file holds
 * the condition byte for byte (plain and most quoted scalars on one line); elsewhere the scalar's
 * own place is given, and the column within the condition is said in words.
 */
static void place(const struct reader *r, const struct value *v, struct note *n)
{
	size_t at = offset_of(r->text, v->line, v->column), bytes = n->column ? n->column - 1 : 0;
	struct str rest = str_slice(r->text.ptr + at, r->text.len - at);
	bool quoted = str_starts(rest, STR("'")) || str_starts(rest, STR("\""));
	char why[NOTE_TEXT_BYTES];

	if (quoted)
		rest = str_slice(rest.ptr + 1, rest.len - 1);
	n->line = v->line;
	n->column = v->column;
	if (str_starts(rest, v->string)) {
		n->column += quoted;
		for (size_t i = 0; i < bytes; i++)
			n->column += !continues(v->string.ptr[i]);
		return;
	}
	memcpy(why, n->text, sizeof(why));
	(void)note_set(n, OK, v->line, v->column, "condition column %zu: %s", bytes + 1, why);
}

/* The steps before the condition: action.type is one of the tools. */
static enum err add_tools(const struct reader *r, const struct value *tools, struct code *code,
			  uint32_t *skip)
{
	struct patterns *patterns = arena_alloc(r->memory, sizeof(*patterns));
	struct step named = { .op = STEP_NAMED, .left_slot = true };

	if (!patterns)
		return ERR_MEMORY;
	TRY(make_patterns(r, tools->list.items, tools->list.count, patterns));
	named.right.patterns = patterns;
	TRY(slot_member(r->slots, SLOT_REQUEST, STR("action"), &named.left.slot));
	TRY(slot_member(r->slots, named.left.slot, STR("type"), &named.left.slot));
	TRY(condition_add(code, named, NULL));
	return condition_add(code, (struct step){ .op = STEP_SKIP_FALSE }, skip);
}

static enum err add_condition(const struct reader *r, const struct value *v, struct code *code)
{
	struct note local, *n = r->note ? r->note : &local;
	enum err e;

	n->column = 0;
	n->text[0] = '\0';
	e = expr_parse(v->string, r->slots, code, r->memory, n);
	if (e != OK)
		place(r, v, n);
	return e;
}

/* tools and condition as one condition; *ret NULL when there is neither. */
static enum err read_when(const struct reader *r, const struct value *object,
			  const struct condition **ret)
{
	struct code code = { .count = 0 };
	const struct value *tools, *condition;
	uint32_t skip = 0;

	TRY(read_strings(r, object, "tools",
			 "so the rule never matches; leave the key out to mean every tool",
			 &tools));
	TRY(member_of(r, object, "condition", VALUE_STRING,
		      "a string; put the condition in quotes, or leave the key out for a rule that "
		      "always matches",
		      &condition));
	if (tools)
		TRY(add_tools(r, tools, &code, &skip));
	if (condition)
		TRY(add_condition(r, condition, &code));
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

static enum err read_approvers(const struct reader *r, const struct value *object,
			       struct rule *rule)
{
	const struct value *list;
	struct str *names;

	TRY(read_strings(r, object, "approvers",
			 "so nobody could approve; leave the key out to mean any approver", &list));
	if (!list)
		return OK;
	if (!(rule->obligations & POLICY_APPROVAL))
		return note_set(r->note, ERR_SYNTAX, list->line, list->column,
				"'approvers' belongs only to a rule whose action is "
				"require_approval");
	names = arena_array(r->memory, list->list.count, sizeof(*names));
	if (!names)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++)
		names[i] = list->list.items[i].string;
	rule->approvers = names;
	rule->approver_count = list->list.count;
	return OK;
}

static enum err read_priority(const struct reader *r, const struct value *object, int32_t *ret)
{
	const struct value *v = value_get_c(object, "priority");

	*ret = 0;
	if (!v)
		return OK;
	if (v->kind != VALUE_INT && v->kind != VALUE_BIG)
		return wrong_type(r, v, "priority", "an integer");
	if (v->kind == VALUE_BIG || v->integer < INT32_MIN || v->integer > INT32_MAX)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'priority' is beyond its range; expected -2147483648 to "
				"2147483647");
	*ret = (int32_t)v->integer;
	return OK;
}

static enum err read_stage(const struct reader *r, const struct value *object)
{
	const struct value *v = value_get_c(object, "stage");
	int stage;

	TRY(read_choice(r, object, "stage", stages, &stage));
	if (stage <= 0)
		return OK;
	return note_set(r->note, ERR_VERSION, v->line, v->column,
			"stage '%s' is not evaluated by this version; only pre_tool is",
			stages[stage]);
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
	int action;
	enum err e;

	if (object->kind != VALUE_OBJECT)
		return note_set(r->note, ERR_TYPE, object->line, object->column,
				"a rule is a mapping of keys; found %s",
				value_kind_name(object->kind));
	TRY(check_keys(r, object, rule_keys, "rule"));
	TRY(read_name(r, object, "rule", true, &name));
	at = value_get_c(object, "name");
	e = map_put(names, name, 0);
	if (e == ERR_DUPLICATE)
		return note_set(r->note, e, at->line, at->column,
				"the rule name '%.*s' is given twice in this policy", SHOWN(name));
	TRY(e);
	TRY(check_strings(r, object, texts));
	TRY(read_stage(r, object));
	TRY(read_choice(r, object, "action", actions, &action));
	if (action < 0)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"rule '%.*s' has no action; expected allow, deny, warn, log or "
				"require_approval",
				SHOWN(name));
	rule.allows = consequences[action].allows;
	rule.obligations = consequences[action].obligations;
	TRY(read_approvers(r, object, &rule));
	TRY(read_priority(r, object, &rule.priority));
	TRY(read_bool(r, object, "enabled", true, enabled));
	TRY(read_when(r, object, &rule.condition));
	TRY(name_rule(r, d, name, &rule));
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
		return wrong_type(r, v, "apiVersion", API_VERSION);
	if (!str_is(v->string, API_VERSION))
		return note_set(r->note, ERR_VERSION, v->line, v->column,
				"unknown apiVersion '%.*s'; expected " API_VERSION,
				SHOWN(v->string));
	return OK;
}

static enum err read_opinions(const struct reader *r, const struct value *object,
			      struct document *d)
{
	int choice;

	TRY(read_choice(r, object, "default_action", defaults, &choice));
	d->allows = choice == 1;
	TRY(read_choice(r, object, "unknown_agents", unknown_agents, &choice));
	d->admits_unknown = choice < 0 ? OPINION_NONE : choice == 1 ? OPINION_YES : OPINION_NO;
	return read_bool(r, object, "require_signature", false, &d->wants_signature);
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
	TRY(check_version(r, object));
	TRY(check_keys(r, object, document_keys, "policy"));
	TRY(read_name(r, object, "policy", false, &d.name));
	d.line = value_get_c(object, "name")->line;
	d.column = value_get_c(object, "name")->column;
	TRY(check_strings(r, object, texts));
	TRY(read_agents(r, object, &d.agents));
	TRY(read_opinions(r, object, &d));
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

enum err rules_read(struct str text, struct str file, uint32_t number, size_t rules_left,
		    struct slots *slots, struct arena *memory, struct document *ret, struct note *n)
{
	struct reader r = { slots, memory, n, text, file };
	struct value tree;

	TRY(yaml_read(text, memory, &tree, n));
	return read_document(&r, &tree, number, rules_left, ret);
}
