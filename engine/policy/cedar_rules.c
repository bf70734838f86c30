/*
 * cedar_rules: Cedar policies as a part of a bundle.
 *
 *   *.cedar, *.cedar.json                  policies; each file is a set of its own
 *   *.cedarschema, *.cedarschema.json      at most one: every set must be valid by it, strictly
 *   *.entities.json                        the entities of all of them together
 *
 * An action becomes a Cedar request by the bundle's mapping (struct cedar_mapping). What the sets
 * answer is joined as Cedar joins policies: a forbid anywhere forbids, else a permit anywhere
 * permits. docs/formats/cedar.md tells it to users.
 */
#include "engine/base/json.h"
#include "engine/base/runs.h"
#include "engine/cedar/cedar.h"
#include "engine/policy/inside.h"

#include <stdio.h>

/* A policy as rulings speak of it. */
struct cedar_rule {
	struct str identity;         /* "<file>/<policy>" */
	struct str matched, undecided;
	uint32_t line;
	bool forbid;
};

struct cedar_set {
	struct str file;
	struct cedar_policies *policies;
	struct cedar_rule *rules;
	size_t count;
};

struct cedar_rules {
	struct cedar_set *sets;
	size_t set_count;
	struct str schema_file, schema_text;
	struct cedar_schema *schema;         /* NULL: none */
	struct value *entity_lists;
	size_t entity_list_count;
	struct cedar_entities *entities;
	struct cedar_mapping mapping;
	size_t count;                        /* policies of all sets */
};

const struct cedar_mapping cedar_mapping_default = {
	.principal = { "Agent", 5 },
	.action = { "Action", 6 },
	.resource = { "Resource", 8 },
	.tool = { "Tool", 4 },
	.error_denies = false,
};

/* --- files --- */

static const struct {
	const char *ending;
	enum cedar_file kind;
} endings[] = {
	{ ".cedar", CEDAR_FILE_TEXT },
	{ ".cedar.json", CEDAR_FILE_JSON },
	{ ".cedarschema", CEDAR_FILE_SCHEMA },
	{ ".cedarschema.json", CEDAR_FILE_SCHEMA_JSON },
	{ ".entities.json", CEDAR_FILE_ENTITIES },
};

enum cedar_file cedar_file_kind(struct str name)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(name, str_view(endings[i].ending)))
			return endings[i].kind;
	return CEDAR_FILE_NONE;
}

enum err cedar_rules_init(struct arena *memory, struct cedar_rules **ret)
{
	struct cedar_rules *r = arena_alloc(memory, sizeof(*r));

	if (!r)
		return ERR_MEMORY;
	r->sets = arena_array(memory, LIMIT_POLICY_FILES, sizeof(*r->sets));
	r->entity_lists = arena_array(memory, LIMIT_POLICY_FILES, sizeof(*r->entity_lists));
	if (!r->sets || !r->entity_lists)
		return ERR_MEMORY;
	r->mapping = cedar_mapping_default;
	*ret = r;
	return OK;
}

/* A template that decides nothing is refused: it may be a forbid that its writer relies on. */
static enum err add_set(struct cedar_rules *r, const struct policy_file *f,
			struct cedar_policies *policies, struct note *n)
{
	struct cedar_about idle;

	if (cedar_unlinked(policies, &idle))
		return note_set(n, ERR_SYNTAX, idle.line, idle.column,
				"the template '%.*s' is never linked, so it would decide nothing; "
				"expected a link in the same file, which *.cedar.json can have",
				SHOWN(idle.name));
	r->sets[r->set_count++] = (struct cedar_set){ .file = f->name, .policies = policies };
	return OK;
}

static enum err add_schema(struct cedar_rules *r, const struct policy_file *f,
			   struct cedar_schema *schema, struct note *n)
{
	if (r->schema)
		return note_set(n, ERR_DUPLICATE, 0, 0,
				"the bundle has a Cedar schema already, %.*s; expected at most one",
				SHOWN(r->schema_file));
	r->schema = schema;
	r->schema_file = f->name;
	r->schema_text = f->content;
	return OK;
}

static enum err add_entities(struct cedar_rules *r, const struct value *list, struct note *n)
{
	if (list->kind != VALUE_LIST)
		return note_set(n, ERR_TYPE, list->line, list->column,
				"a file of entities is a list; found %s",
				value_kind_name(list->kind));
	r->entity_lists[r->entity_list_count++] = *list;
	return OK;
}

enum err cedar_rules_add(struct cedar_rules *r, const struct policy_file *f, struct arena *memory,
			 struct note *n)
{
	enum cedar_file kind = cedar_file_kind(f->name);
	struct cedar_policies *policies;
	struct cedar_schema *schema;
	struct value tree;

	if (kind == CEDAR_FILE_JSON || kind == CEDAR_FILE_SCHEMA_JSON ||
	    kind == CEDAR_FILE_ENTITIES)
		TRY(json_read(f->content, 1, memory, &tree, n));
	switch (kind) {
	case CEDAR_FILE_TEXT:
		TRY(cedar_policies_read(f->content, memory, &policies, n));
		return add_set(r, f, policies, n);
	case CEDAR_FILE_JSON:
		TRY(cedar_policies_read_json(&tree, memory, &policies, n));
		return add_set(r, f, policies, n);
	case CEDAR_FILE_SCHEMA:
		TRY(cedar_schema_read(f->content, memory, &schema, n));
		return add_schema(r, f, schema, n);
	case CEDAR_FILE_SCHEMA_JSON:
		TRY(cedar_schema_read_json(&tree, memory, &schema, n));
		return add_schema(r, f, schema, n);
	default:
		return add_entities(r, &tree, n);
	}
}

/* --- all of them together --- */

/* Entities of all files as one list: an entity that two files hold is given twice. */
static enum err read_entities(struct cedar_rules *r, struct arena *memory, struct note *n)
{
	struct value all = { .kind = VALUE_LIST };
	struct value *items;
	size_t count = 0;

	for (size_t i = 0; i < r->entity_list_count; i++)
		count += r->entity_lists[i].list.count;
	items = arena_array(memory, count, sizeof(*items));
	if (!items)
		return ERR_MEMORY;
	all.list.items = items;
	for (size_t i = 0; i < r->entity_list_count; i++)
		for (size_t k = 0; k < r->entity_lists[i].list.count; k++)
			items[all.list.count++] = r->entity_lists[i].list.items[k];
	return cedar_entities_read(&all, r->schema, memory, &r->entities, n);
}

static enum err validate(const struct cedar_rules *r, const struct cedar_set *set,
			 struct arena *memory, struct note *n)
{
	struct cedar_findings found;

	if (!r->schema)
		return OK;
	TRY(cedar_validate(set->policies, r->schema, CEDAR_STRICT, memory, &found));
	for (size_t i = 0; i < found.count && !found.valid; i++) {
		const struct cedar_finding *f = &found.items[i];

		if (!f->warning)
			return note_set(n, ERR_TYPE, f->line, f->column,
					"not valid by the schema %.*s: %.*s",
					SHOWN(r->schema_file), STR_ARG(f->text));
	}
	/* Not all findings of a policy are told, and what was told may be warnings. */
	return found.valid ? OK : note_set(n, ERR_TYPE, 0, 0, "not valid by the schema %.*s",
					   SHOWN(r->schema_file));
}

/*
 * Policies are valid for the types of the schema. A request of other types would meet none of them,
 * the forbids included.
 */
static enum err check_mapping(const struct cedar_rules *r, struct note *n)
{
	const struct {
		const char *what;
		struct str type;
	} types[] = {
		{ "principal", r->mapping.principal },
		{ "action", r->mapping.action },
		{ "resource", r->mapping.resource },
		{ "tool", r->mapping.tool },
	};

	for (size_t i = 0; r->schema && i < sizeof(types) / sizeof(types[0]); i++)
		if (!cedar_schema_declares(r->schema, types[i].type))
			return note_set(n, ERR_TYPE, 0, 0,
					"does not declare %.*s, the type of '%s' in the mapping of "
					"actions; expected it here, or another under the key cedar "
					"of a policy file",
					SHOWN(types[i].type), types[i].what);
	return OK;
}

/* Links of one template share its @id and are told apart by their own. A link has no place. */
static struct str name_of(const struct cedar_about *about)
{
	return about->line ? about->name : about->id;
}

/* A log names the policy that decided, so a name stands for one policy of its file. */
static enum err check_names(const struct cedar_set *set, struct note *n)
{
	struct map names;
	enum err e = OK;

	map_init(&names, 0);
	for (size_t i = 0; e == OK && i < cedar_count(set->policies); i++) {
		struct cedar_about about = cedar_about(set->policies, i);
		struct str name = name_of(&about);

		e = map_put(&names, name, 0);
		if (e == ERR_DUPLICATE)
			e = note_set(n, e, about.line, about.column,
				     "another policy of this file is called '%.*s' already",
				     SHOWN(name));
	}
	map_fini(&names);
	return e;
}

/* What rulings say of each policy. */
static enum err name_rules(struct cedar_set *set, struct arena *memory)
{
	set->count = cedar_count(set->policies);
	set->rules = arena_array(memory, set->count, sizeof(*set->rules));
	if (!set->rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < set->count; i++) {
		struct cedar_about about = cedar_about(set->policies, i);
		struct cedar_rule *rule = &set->rules[i];
		struct str name = name_of(&about);
		const struct str what = about.forbid ? STR("') forbids") : STR("') permits");
		const struct str identity[] = { set->file, STR("/"), name };
		const struct str matched[] = { STR("Cedar policy '"), name, STR("' ('"),
					       set->file, what };
		const struct str undecided[] = { STR("Cedar policy '"), name, STR("' ('"),
						 set->file,
						 STR("') forbids because it could not be "
						     "evaluated") };

		rule->forbid = about.forbid;
		rule->line = about.line;
		TRY(plan_join(memory, identity, 3, &rule->identity));
		TRY(plan_join(memory, matched, 5, &rule->matched));
		TRY(plan_join(memory, undecided, 5, &rule->undecided));
	}
	return OK;
}

enum err cedar_rules_seal(struct cedar_rules *r, const struct cedar_mapping *mapping,
			  struct arena *memory, struct str *file, struct note *n)
{
	if (mapping)
		r->mapping = *mapping;
	*file = r->schema_file;
	if (r->set_count)
		TRY(check_mapping(r, n));
	*file = STR("");
	TRY(read_entities(r, memory, n));
	for (size_t i = 0; i < r->set_count; i++) {
		*file = r->sets[i].file;
		TRY(validate(r, &r->sets[i], memory, n));
		TRY(check_names(&r->sets[i], n));
		TRY(name_rules(&r->sets[i], memory));
		r->count += r->sets[i].count;
		if (r->count > LIMIT_RULES)
			return note_set(n, ERR_LIMIT, 0, 0, "the bundle has more than %d rules",
					LIMIT_RULES);
	}
	return OK;
}

size_t cedar_rules_count(const struct cedar_rules *r)
{
	return r->count;
}

struct str cedar_rules_name(const struct cedar_rules *r, size_t number, bool *forbid)
{
	size_t set = 0;

	MUST(number < r->count);
	for (; number >= r->sets[set].count; set++)
		number -= r->sets[set].count;
	*forbid = r->sets[set].rules[number].forbid;
	return r->sets[set].rules[number].identity;
}

bool cedar_rules_any(const struct cedar_rules *r)
{
	return r->set_count > 0;
}

/* --- deciding --- */

/* The context: the request as conditions see it, but for what they look back at; and the stage. */
static enum err make_context(enum policy_stage stage, const struct value *request, struct arena *a,
			     const struct cedar_value **ret)
{
	size_t all = request->object.count, count = 0;
	struct member *members = arena_array(a, all + 1, sizeof(*members));
	struct value object = { .kind = VALUE_OBJECT };

	if (!members)
		return ERR_MEMORY;
	for (size_t i = 0; i < all; i++)
		if (!str_is(request->object.members[i].key, "past"))
			members[count++] = request->object.members[i];
	members[count] = (struct member){ .key = STR("stage"),
					  .value = { .kind = VALUE_STRING } };
	members[count].value.string = str_view(policy_stage_name(stage));
	object.object = (struct value_object){ members, count + 1 };
	return cedar_context_plain(&object, a, ret);
}

enum err cedar_rules_request(const struct cedar_rules *r, enum policy_stage stage, struct str agent,
			     const struct value *request, struct arena *a,
			     struct cedar_request *ret)
{
	const struct value *action = value_get_c(request, "action"),
			   *resource = value_get_c(request, "resource");
	struct str tool = action ? value_text(action, "type") : STR("");
	bool has = resource && resource->kind == VALUE_STRING;

	ret->principal = (struct cedar_uid){ r->mapping.principal, agent };
	ret->action = (struct cedar_uid){ r->mapping.action, tool };
	ret->resource = has ? (struct cedar_uid){ r->mapping.resource, resource->string }
			    : (struct cedar_uid){ r->mapping.tool, tool };
	return make_context(stage, request, a, &ret->context);
}

/* "policy 'x.cedar/policy3': what went wrong" */
static enum err add_errors(const struct cedar_set *set, const struct cedar_answer *answer,
			   struct arena *a, struct cedar_ruling *ret)
{
	for (size_t i = 0; i < answer->error_count; i++) {
		const struct cedar_rule *rule = &set->rules[answer->erring[i]];
		const struct str parts[] = { STR("policy '"), rule->identity, STR("': "),
					     answer->errors[i] };

		TRY(plan_join(a, parts, 4, &ret->errors[ret->error_count]));
		ret->erring[ret->error_count++] = rule->identity;
	}
	return OK;
}

static void decide(struct cedar_ruling *ret, const struct cedar_rule *rule, struct str reason)
{
	ret->rule = rule->identity;
	ret->line = rule->line;
	ret->reason = reason;
}

static void join(const struct cedar_rules *r, const struct cedar_set *set,
		 const struct cedar_answer *answer, struct cedar_ruling *ret)
{
	const struct cedar_rule *first =
		answer->reason_count ? &set->rules[answer->reasons[0]] : NULL;

	if (first && first->forbid && ret->kind != CEDAR_FORBIDS) {
		ret->kind = CEDAR_FORBIDS;
		decide(ret, first, first->matched);
	}
	for (size_t i = 0; i < answer->error_count && r->mapping.error_denies; i++) {
		const struct cedar_rule *rule = &set->rules[answer->erring[i]];

		if (rule->forbid && ret->kind != CEDAR_FORBIDS) {
			ret->kind = CEDAR_FORBIDS;
			decide(ret, rule, rule->undecided);
		}
	}
	if (answer->allow && ret->kind == CEDAR_SILENT) {
		ret->kind = CEDAR_PERMITS;
		decide(ret, first, first->matched);
	}
}

/* The truths of the set's policies. What holds and what errs are rows of ascending numbers. */
static void add_truths(const struct cedar_set *set, const struct cedar_answer *answer,
		       struct runs *runs)
{
	size_t holding = 0, erring = 0;
	uint32_t at = 0;

	while (holding < answer->holding_count || erring < answer->error_count) {
		bool holds = erring == answer->error_count ||
			     (holding < answer->holding_count &&
			      answer->holding[holding] < answer->erring[erring]);
		uint32_t number = holds ? answer->holding[holding++] : answer->erring[erring++];

		runs_add(runs, 'f', number - at);
		runs_add(runs, holds ? 't' : 'e', 1);
		at = number + 1;
	}
	runs_add(runs, 'f', (uint32_t)set->count - at);
}

static enum err tell_considered(const struct cedar_rules *r, const struct cedar_answer *answers,
				struct arena *a, struct str *ret)
{
	struct runs runs = { .text = NULL };
	size_t marks = 0;

	for (size_t i = 0; i < r->set_count; i++)
		marks += answers[i].holding_count + answers[i].error_count;
	runs.text = arena_alloc(a, (2 * marks + 1) * RUN_BYTES);
	if (!runs.text)
		return ERR_MEMORY;
	for (size_t i = 0; i < r->set_count; i++)
		add_truths(&r->sets[i], &answers[i], &runs);
	*ret = runs_end(&runs);
	return OK;
}

enum err cedar_rules_decide(const struct cedar_rules *r, enum policy_stage stage, struct str agent,
			    const struct value *request, struct arena *a, struct cedar_ruling *ret)
{
	struct cedar_answer *answers = arena_array(a, r->set_count, sizeof(*answers));
	struct cedar_ruling ruling = { .kind = CEDAR_SILENT };
	struct cedar_request cedar;
	size_t errors = 0;

	if (!answers)
		return ERR_MEMORY;
	TRY(cedar_rules_request(r, stage, agent, request, a, &cedar));
	for (size_t i = 0; i < r->set_count; i++) {
		TRY(cedar_authorize(r->sets[i].policies, r->entities, &cedar, a, &answers[i]));
		errors += answers[i].error_count;
		ruling.work += answers[i].work;
		if (ruling.work > LIMIT_DECISION_WORK)
			return ERR_LIMIT;
	}
	ruling.errors = arena_array(a, errors, sizeof(*ruling.errors));
	ruling.erring = arena_array(a, errors, sizeof(*ruling.erring));
	if (!ruling.errors || !ruling.erring)
		return ERR_MEMORY;
	for (size_t i = 0; i < r->set_count; i++) {
		TRY(add_errors(&r->sets[i], &answers[i], a, &ruling));
		join(r, &r->sets[i], &answers[i], &ruling);
	}
	TRY(tell_considered(r, answers, a, &ruling.considered));
	*ret = ruling;
	return OK;
}

/* --- for tools that reason --- */

void cedar_rules_policy(const struct cedar_rules *r, size_t number, struct cedar_one *ret)
{
	size_t set = 0;
	struct cedar_about about;

	MUST(number < r->count);
	for (; number >= r->sets[set].count; set++)
		number -= r->sets[set].count;
	about = cedar_about(r->sets[set].policies, number);
	*ret = (struct cedar_one){ .policies = r->sets[set].policies,
				   .number = number,
				   .set = set,
				   .identity = r->sets[set].rules[number].identity,
				   .file = r->sets[set].file,
				   .line = about.line,
				   .column = about.column,
				   .forbid = about.forbid };
}

const struct cedar_entities *cedar_rules_entities(const struct cedar_rules *r)
{
	return r->entities;
}

const struct cedar_mapping *cedar_rules_mapping(const struct cedar_rules *r)
{
	return &r->mapping;
}

void cedar_rules_ids(const struct cedar_rules *r, struct cedar_ids *ids)
{
	for (size_t i = 0; i < r->set_count; i++)
		cedar_policies_ids(r->sets[i].policies, ids);
	cedar_entities_ids(r->entities, ids);
}

bool cedar_rules_same_world(const struct cedar_rules *a, const struct cedar_rules *b)
{
	const struct cedar_mapping *x = &a->mapping, *y = &b->mapping;

	if (!str_eq(x->principal, y->principal) || !str_eq(x->action, y->action) ||
	    !str_eq(x->resource, y->resource) || !str_eq(x->tool, y->tool) ||
	    !str_eq(a->schema_text, b->schema_text) ||
	    a->entity_list_count != b->entity_list_count)
		return false;
	for (size_t i = 0; i < a->entity_list_count; i++)
		if (!value_eq(&a->entity_lists[i], &b->entity_lists[i]))
			return false;
	return true;
}

/* --- changed --- */

enum err cedar_rules_changed(const struct cedar_rules *r, size_t number, enum cedar_change how,
			     size_t conjunct, struct arena *a, const struct cedar_rules **ret)
{
	struct cedar_rules *copy = arena_alloc(a, sizeof(*copy));
	struct cedar_set *sets = arena_array(a, r->set_count, sizeof(*sets)), *set;
	struct cedar_rule *rules;
	struct cedar_one one;

	cedar_rules_policy(r, number, &one);
	rules = arena_array(a, r->sets[one.set].count, sizeof(*rules));
	if (!copy || !sets || !rules)
		return ERR_MEMORY;
	memcpy(sets, r->sets, r->set_count * sizeof(*sets));
	set = &sets[one.set];
	memcpy(rules, set->rules, set->count * sizeof(*rules));
	TRY(cedar_changed(set->policies, one.number, how, conjunct, a, &set->policies));
	if (how == CEDAR_FLIPPED)
		rules[one.number].forbid = !rules[one.number].forbid;
	set->rules = rules;
	*copy = *r;
	copy->sets = sets;
	*ret = copy;
	return OK;
}
