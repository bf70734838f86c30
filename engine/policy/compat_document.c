/*
 * compat_document: documents of the mesh engine, as Policy.from_yaml and pydantic read them.
 *
 * Keys that are not known are ignored there, and here: whoever migrates wants to hear of them, and
 * the importer says so. The order of checks is the toolkit's, because the first that fails names
 * the exception.
 */
#include "engine/policy/compat_parts.h"

#define CURRENT_VERSION "governance.toolkit/v1"
#define OLD_VERSION	"1.0"

const char *const compat_actions[] = { "deny", "allow", "warn", "require_approval", "log", NULL };
const char *const compat_stages[] = { "pre_tool", "pre_input", "post_tool", "pre_output", NULL };
const char *const compat_strategies[] = { "priority_first_match", "deny_overrides",
					  "allow_overrides", "most_specific_wins", NULL };
static const char *const defaults[] = { "deny", "allow", NULL };

struct reading {
	struct arena *arena;
	const char **raises;
	struct note *note;
};

static enum err raise(const struct reading *r, const char *exception, const struct value *at,
		      const char *what)
{
	*r->raises = exception;
	return note_set(r->note, ERR_SYNTAX, at ? at->line : 0, at ? at->column : 0,
			"the reference toolkit raises %s: %s", exception, what);
}

/* A member that is there and not null: pydantic's Optional. */
static const struct value *present(const struct value *object, const char *key)
{
	const struct value *v = value_get_c(object, key);

	return v && v->kind == VALUE_NULL ? NULL : v;
}

/* --- pydantic's types --- */

static enum err invalid(const struct reading *r, const struct value *at, const char *key,
			const char *expected)
{
	char what[128];

	(void)snprintf(what, sizeof(what), "'%s' should be %s", key, expected);
	return raise(r, "ValidationError", at, what);
}

/* `optional`: null is as good as absent, and leaves *ret alone. */
static enum err read_text(const struct reading *r, const struct value *object, const char *key,
			  bool optional, struct str *ret)
{
	const struct value *v = optional ? present(object, key) : value_get_c(object, key);

	if (!v)
		return OK;
	if (v->kind != VALUE_STRING)
		return invalid(r, v, key, "a string");
	*ret = v->string;
	return OK;
}

static enum err need_text(const struct reading *r, const struct value *object, const char *key,
			  struct str *ret)
{
	if (!value_get_c(object, key))
		return invalid(r, object, key, "there");
	return read_text(r, object, key, false, ret);
}

static enum err read_texts(const struct reading *r, const struct value *v, const char *key,
			   const struct str **ret, size_t *count)
{
	struct str *texts;

	if (!v)
		return OK;
	if (v->kind != VALUE_LIST)
		return invalid(r, v, key, "a list of strings");
	texts = arena_array(r->arena, v->list.count, sizeof(*texts));
	if (!texts)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->list.count; i++) {
		if (v->list.items[i].kind != VALUE_STRING)
			return invalid(r, &v->list.items[i], key, "a list of strings");
		texts[i] = v->list.items[i].string;
	}
	*ret = texts;
	*count = v->list.count;
	return OK;
}

static enum err read_choice(const struct reading *r, const struct value *object, const char *key,
			    const char *const *choices, int *ret)
{
	const struct value *v = value_get_c(object, key);
	int chosen = v && v->kind == VALUE_STRING ? str_index(v->string, choices) : -1;

	if (v && chosen < 0)
		return invalid(r, v, key, "one of the words that are known");
	if (v)
		*ret = chosen;
	return OK;
}

/* Whole numbers, booleans, and texts that int() reads, with ".0" behind them if need be. */
static enum err read_int(const struct reading *r, const struct value *object, const char *key,
			 int64_t *ret)
{
	const struct value *v = value_get_c(object, key);
	struct str text, zeros;

	if (!v)
		return OK;
	if (v->kind == VALUE_INT || v->kind == VALUE_BOOL) {
		*ret = v->kind == VALUE_INT ? v->integer : v->boolean;
		return OK;
	}
	if (v->kind == VALUE_REAL && v->real >= -0x1p63 && v->real < 0x1p63 &&
	    v->real == (double)(int64_t)v->real) {
		*ret = (int64_t)v->real;
		return OK;
	}
	text = v->kind == VALUE_STRING ? v->string : STR_NONE;
	if (str_cut(text, '.', &text, &zeros) && zeros.len > 0)
		while (zeros.len > 0 && zeros.ptr[zeros.len - 1] == '0')
			zeros.len--;
	else
		zeros = STR_NONE;
	if (text.len > 0 && zeros.len == 0 && compat_number_int(text, ret))
		return OK;
	return invalid(r, v, key, "an integer");
}

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++) {
		size_t len = strlen(*words), i = 0;

		while (s.len == len && i < len && (s.ptr[i] | 0x20) == ((*words)[i] | 0x20))
			i++;
		if (s.len == len && i == len)
			return true;
	}
	return false;
}

static enum err read_bool(const struct reading *r, const struct value *object, const char *key,
			  bool *ret)
{
	static const char *const yes[] = { "1", "on", "t", "true", "y", "yes", NULL };
	static const char *const no[] = { "0", "off", "f", "false", "n", "no", NULL };
	const struct value *v = value_get_c(object, key);
	double number;

	if (!v)
		return OK;
	if (v->kind == VALUE_STRING && (is_one_of(v->string, yes) || is_one_of(v->string, no))) {
		*ret = is_one_of(v->string, yes);
		return OK;
	}
	if (v->kind != VALUE_STRING && compat_value_float(v, &number) == COMPAT_FLOAT &&
	    (number == 0 || number == 1)) {
		*ret = number != 0;
		return OK;
	}
	return invalid(r, v, key, "a boolean");
}

/* --- limits --- */

bool compat_document_limit(struct str text, int64_t *calls, int64_t *seconds)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} periods[] = { { "second", 1 }, { "minute", 60 }, { "hour", 3600 }, { "day", 86400 } };
	struct str count, period, third;
	int64_t n;

	if (!str_cut(text, '/', &count, &period) || str_cut(period, '/', &third, &third))
		return false;
	if (!compat_number_int(count, &n) || n < 0)
		return false;
	period = compat_word_strip(period);
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		const char *const name[] = { periods[i].name, NULL };

		if (is_one_of(period, name)) {
			*calls = n;
			*seconds = periods[i].seconds;
			return true;
		}
	}
	return false;
}

/* --- rules and documents --- */

static enum err read_rule(const struct reading *r, const struct value *v, struct compat_rule *ret)
{
	struct compat_rule rule = { .action = COMPAT_DENY, .enabled = true, .source = v };
	int stage = COMPAT_PRE_TOOL, action = COMPAT_DENY;

	if (v->kind != VALUE_OBJECT)
		return raise(r, "TypeError", v, "a rule is not a mapping");
	TRY(need_text(r, v, "name", &rule.name));
	TRY(read_text(r, v, "description", true, &rule.description));
	TRY(read_choice(r, v, "stage", compat_stages, &stage));
	TRY(need_text(r, v, "condition", &rule.condition));
	TRY(read_choice(r, v, "action", compat_actions, &action));
	TRY(read_text(r, v, "limit", true, &rule.limit));
	if (rule.limit.ptr &&
	    !compat_document_limit(rule.limit, &rule.limit_calls, &rule.limit_seconds))
		return invalid(r, value_get_c(v, "limit"), "limit",
			       "'<count>/<period>', like '100/hour'");
	TRY(read_texts(r, value_get_c(v, "approvers"), "approvers", &rule.approvers,
		       &rule.approver_count));
	TRY(read_int(r, v, "priority", &rule.priority));
	TRY(read_bool(r, v, "enabled", &rule.enabled));
	rule.stage = (enum compat_stage)stage;
	rule.action = (enum compat_action)action;
	*ret = rule;
	return OK;
}

/* Anything that can be iterated over and is empty will do for a list without rules. */
static bool is_empty(const struct value *v)
{
	return (v->kind == VALUE_STRING && v->string.len == 0) ||
	       (v->kind == VALUE_OBJECT && v->object.count == 0);
}

static enum err read_rules(const struct reading *r, const struct value *v,
			   struct compat_policy *policy)
{
	struct compat_rule *rules;

	if (!v || is_empty(v))
		return OK;
	if (v->kind != VALUE_LIST)
		return raise(r, "TypeError", v, "'rules' is not a list of rules");
	if (v->list.count > LIMIT_RULES)
		return note_set(r->note, ERR_LIMIT, v->line, v->column,
				"there are more than %d rules", LIMIT_RULES);
	rules = arena_array(r->arena, v->list.count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->list.count; i++)
		TRY(read_rule(r, &v->list.items[i], &rules[i]));
	policy->rules = rules;
	policy->rule_count = v->list.count;
	return OK;
}

static enum err read_version(const struct reading *r, const struct value *doc, struct str *ret)
{
	const struct value *v = present(doc, "apiVersion"), *old = value_get_c(doc, "version");

	*ret = STR(CURRENT_VERSION);
	/* Looked up among the versions that are known, which a list or an object cannot be. */
	if (!v)
		return old && (old->kind == VALUE_LIST || old->kind == VALUE_OBJECT)
			       ? raise(r, "TypeError", old, "'version' is not a text") : OK;
	if (v->kind == VALUE_LIST || v->kind == VALUE_OBJECT)
		return raise(r, "TypeError", v, "'apiVersion' is not a text");
	if (v->kind != VALUE_STRING ||
	    (!str_is(v->string, CURRENT_VERSION) && !str_is(v->string, OLD_VERSION)))
		return raise(r, "ValueError", v,
			     "'apiVersion' is neither " CURRENT_VERSION " nor " OLD_VERSION);
	*ret = v->string;
	return OK;
}

/* A text is a list of one; whatever else is no list is dropped. */
static enum err read_extends(const struct reading *r, const struct value *doc,
			     struct compat_policy *policy)
{
	const struct value *v = value_get_c(doc, "extends");

	if (v && v->kind == VALUE_STRING) {
		policy->extends = &v->string;
		policy->extend_count = 1;
		return OK;
	}
	if (!v || v->kind != VALUE_LIST)
		return OK;
	return read_texts(r, v, "extends", &policy->extends, &policy->extend_count);
}

enum err compat_document_load(const struct value *doc, struct arena *a, struct compat_policy *ret,
			      const char **raises, struct note *n)
{
	const struct reading r = { a, raises, n };
	struct compat_policy policy = {
		.version = STR("1.0"), .scope = STR("global"), .source = doc,
	};
	int allow = 0;

	*raises = NULL;
	if (doc->kind != VALUE_OBJECT)
		return raise(&r, "AttributeError", doc, "the document is not a mapping");
	TRY(read_version(&r, doc, &policy.api_version));
	TRY(read_rules(&r, value_get_c(doc, "rules"), &policy));
	TRY(read_text(&r, doc, "version", false, &policy.version));
	TRY(need_text(&r, doc, "name", &policy.name));
	TRY(read_text(&r, doc, "description", true, &policy.description));
	TRY(read_extends(&r, doc, &policy));
	TRY(read_text(&r, doc, "agent", true, &policy.agent));
	TRY(read_texts(&r, value_get_c(doc, "agents"), "agents", &policy.agents,
		       &policy.agent_count));
	TRY(read_text(&r, doc, "scope", false, &policy.scope));
	TRY(read_choice(&r, doc, "default_action", defaults, &allow));
	policy.default_allow = allow == 1;
	*ret = policy;
	return OK;
}

/* --- validate_policy_schema --- */

/* The text of a scalar, as an f-string shows it. */
static void add_shown(struct buf *b, const struct value *v)
{
	if (!v)
		buf_add_c(b, "?");
	else if (compat_value_text(b, v) == ERR_VERSION)
		buf_add_c(b, "...");
}

static void validate_rule(const struct value *rule, size_t number, struct buf *says)
{
	const struct value *action;

	if (rule->kind != VALUE_OBJECT) {
		buf_addf(says, "Rule %zu: must be a mapping\n", number);
		return;
	}
	if (!value_get_c(rule, "name"))
		buf_addf(says, "Rule %zu: missing required field 'name'\n", number);
	if (!value_get_c(rule, "condition"))
		buf_addf(says, "Rule %zu: missing required field 'condition'\n", number);
	action = value_get_c(rule, "action");
	if (!action ||
	    (action->kind == VALUE_STRING && str_index(action->string, compat_actions) >= 0))
		return;
	buf_addf(says, "Rule %zu ('", number);
	add_shown(says, value_get_c(rule, "name"));
	buf_add_c(says, "'): invalid action '");
	add_shown(says, action);
	buf_add_c(says, "'\n");
}

void compat_document_validate(const struct value *doc, struct buf *says)
{
	const struct value *version, *rules, *otherwise;

	if (doc->kind != VALUE_OBJECT) {
		buf_add_c(says, "Policy must be a YAML mapping\n");
		return;
	}
	version = value_get_c(doc, "apiVersion");
	version = version ? version : value_get_c(doc, "version");
	if (version && !(version->kind == VALUE_STRING &&
			 (str_is(version->string, CURRENT_VERSION) ||
			  str_is(version->string, OLD_VERSION)))) {
		buf_add_c(says, "Unknown apiVersion: '");
		add_shown(says, version);
		buf_add_c(says, "'\n");
	}
	if (!value_get_c(doc, "name"))
		buf_add_c(says, "Missing required field: 'name'\n");
	rules = value_get_c(doc, "rules");
	if (rules && rules->kind != VALUE_LIST)
		buf_add_c(says, "'rules' must be a list\n");
	for (size_t i = 0; rules && rules->kind == VALUE_LIST && i < rules->list.count; i++)
		validate_rule(&rules->list.items[i], i, says);
	otherwise = value_get_c(doc, "default_action");
	if (otherwise &&
	    !(otherwise->kind == VALUE_STRING && str_index(otherwise->string, defaults) >= 0)) {
		buf_add_c(says, "Invalid default_action: '");
		add_shown(says, otherwise);
		buf_add_c(says, "', must be 'allow' or 'deny'\n");
	}
}
