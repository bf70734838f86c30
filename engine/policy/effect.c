/*
 * effect: what a rule does once it matches, and what it asks for besides.
 *
 * A transform says how arguments or a result are to be changed before they are passed on. The gate
 * judges and records, it passes nothing on, so the edits are an obligation of whoever enforces the
 * verdict. Here they are checked, as strictly as conditions, and kept as canonical JSON.
 */
#include "engine/base/canon.h"
#include "engine/policy/rules.h"

static const char *const actions[] = {
	"allow", "deny", "warn", "log", "require_approval", "transform", NULL,
};
/* What the actions do, in the order of their names. */
static const struct consequence {
	bool allows;
	unsigned obligations;
} consequences[] = {
	{ true, 0 }, { false, 0 }, { true, POLICY_WARN }, { true, POLICY_LOG },
	{ false, POLICY_APPROVAL }, { true, POLICY_TRANSFORM },
};

static enum err read_action(const struct reader *r, const struct value *object, struct str name,
			    struct rule *rule)
{
	int action;

	TRY(member_choice(r, object, "action", actions, &action));
	if (action < 0)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"rule '%.*s' has no action; expected allow, deny, warn, log, "
				"require_approval or transform",
				SHOWN(name));
	rule->allows = consequences[action].allows;
	rule->obligations = consequences[action].obligations;
	return OK;
}

static enum err read_approvers(const struct reader *r, const struct value *object,
			       struct rule *rule)
{
	const struct value *list;
	struct str *names;

	TRY(member_strings(r, object, "approvers",
			   "so nobody could approve; leave the key out to mean any approver",
			   &list));
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

static enum err read_limit(const struct reader *r, const struct value *object, struct rule *rule)
{
	const struct value *v;
	enum err e;

	TRY(member_of(r, object, "limit", VALUE_STRING,
		      "a number of actions in a period, like 10/hour", &v));
	if (!v)
		return OK;
	if (!rule->allows)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'limit' belongs only to a rule that allows: allow, warn, log or "
				"transform");
	e = rate_read(v->string, &rule->limit);
	if (e == ERR_RANGE)
		return note_set(r->note, e, v->line, v->column,
				"the number of 'limit' is beyond its range; expected 0 to "
				"2147483647");
	if (e != OK)
		return note_set(r->note, e, v->line, v->column,
				"'%.*s' is no limit; expected N/second, N/minute, N/hour or N/day, "
				"like 10/hour",
				SHOWN(v->string));
	return OK;
}

/* --- transform --- */

/* An entry holds what is set within six more: entry, decision, obligations, one, edits, one. */
#define SET_DEPTH (LIMIT_DEPTH - 6)

/* The edits of one rule on their way to JSON. */
struct editing {
	const struct reader *reader;
	enum policy_stage stage;
	struct slots paths; /* of this rule alone: equal numbers are equal paths */
	uint32_t *seen;
	size_t seen_count;
	struct buf json;
};

/* args.* before and after the tool, result.* after it; whole, both may be set. */
static enum err check_root(const struct editing *ed, uint32_t path, const struct value *at)
{
	const struct slot *items = ed->paths.items;
	uint32_t root = path;

	while (items[root].parent != SLOT_REQUEST)
		root = items[root].parent;
	if (str_is(items[root].key, "args") || str_is(items[root].key, "result"))
		return OK;
	return note_set(ed->reader->note, ERR_UNKNOWN, at->line, at->column,
			"'%.*s' cannot be transformed; expected a path that begins with args or, "
			"after the tool, result",
			SHOWN(items[root].key));
}

static enum err read_path(struct editing *ed, const struct value *edit, struct str *ret)
{
	const struct reader *r = ed->reader;
	struct note local, *n = r->note ? r->note : &local;
	const struct value *v;
	uint32_t path;
	enum err e;

	TRY(member_of(r, edit, "path", VALUE_STRING, "a path like args.amount", &v));
	if (!v)
		return note_set(n, ERR_NOT_FOUND, edit->line, edit->column,
				"this edit has no path; expected {path: args.amount, set: 5} or "
				"{path: args.amount, remove: true}");
	n->column = 0;
	n->text[0] = '\0';
	e = expr_path(v->string, ed->stage, &ed->paths, r->memory, &path, n);
	if (e != OK) {
		member_place(r, v, "path", n);
		return e;
	}
	TRY(check_root(ed, path, v));
	for (size_t i = 0; i < ed->seen_count; i++)
		if (ed->seen[i] == path)
			return note_set(n, ERR_DUPLICATE, v->line, v->column,
					"the path '%.*s' is edited twice in this rule",
					SHOWN(v->string));
	ed->seen[ed->seen_count++] = path;
	*ret = v->string;
	return OK;
}

static enum err read_edit(struct editing *ed, const struct value *edit)
{
	static const char *const keys[] = { "path", "set", "remove", NULL };
	const struct reader *r = ed->reader;
	const struct value *set, *remove = value_get_c(edit, "remove");
	struct str path;

	if (edit->kind != VALUE_OBJECT)
		return note_set(r->note, ERR_TYPE, edit->line, edit->column,
				"an edit is a mapping like {path: args.amount, set: 5}; found %s",
				value_kind_name(edit->kind));
	TRY(members_known(r, edit, keys, "edit"));
	TRY(read_path(ed, edit, &path));
	set = value_get_c(edit, "set");
	if (!set == !remove)
		return note_set(r->note, ERR_SYNTAX, edit->line, edit->column,
				"an edit has either 'set' or 'remove'; this one has %s",
				set ? "both" : "neither");
	if (remove && (remove->kind != VALUE_BOOL || !remove->boolean))
		return note_set(r->note, ERR_TYPE, remove->line, remove->column,
				"'remove' is true where it is given; leave the edit out instead");
	if (set && !value_nests_within(set, SET_DEPTH))
		return note_set(r->note, ERR_LIMIT, set->line, set->column,
				"'set' nests deeper than %d", SET_DEPTH);
	buf_add_c(&ed->json, ed->seen_count > 1 ? ",{\"path\":" : "[{\"path\":");
	canon_string(&ed->json, path);
	if (set) {
		buf_add_c(&ed->json, ",\"set\":");
		canon_value(&ed->json, set);
	}
	buf_add_byte(&ed->json, '}');
	return OK;
}

static enum err read_edits(struct editing *ed, const struct value *list, struct str *ret)
{
	ed->seen = arena_array(ed->reader->memory, list->list.count, sizeof(*ed->seen));
	if (!ed->seen)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++)
		TRY(read_edit(ed, &list->list.items[i]));
	buf_add_byte(&ed->json, ']');
	if (ed->json.err == ERR_LIMIT)
		return note_set(ed->reader->note, ERR_LIMIT, list->line, list->column,
				"the edits take more than %u bytes; an entry of the log has to "
				"hold them",
				LIMIT_EDITS_BYTES);
	TRY(ed->json.err);
	return arena_copy(ed->reader->memory, buf_view(&ed->json), ret);
}

static enum err read_transform(const struct reader *r, const struct value *object,
			       struct rule *rule)
{
	bool wanted = rule->obligations & POLICY_TRANSFORM;
	struct editing ed = { .reader = r, .stage = rule->stage };
	const struct value *list;
	enum err e;

	TRY(member_of(r, object, "transform", VALUE_LIST, "a list of edits", &list));
	if (list && !wanted)
		return note_set(r->note, ERR_SYNTAX, list->line, list->column,
				"'transform' belongs only to a rule whose action is transform");
	if (!wanted)
		return OK;
	if (!list || list->list.count == 0)
		return note_set(r->note, ERR_SYNTAX, list ? list->line : object->line,
				list ? list->column : object->column,
				"a rule that transforms says what: expected transform: [{path: "
				"args.amount, set: 5}]");
	buf_init(&ed.json, LIMIT_EDITS_BYTES);
	e = slot_init(&ed.paths, r->memory);
	if (e == OK)
		e = read_edits(&ed, list, &rule->edits);
	slot_seal(&ed.paths);
	buf_fini(&ed.json);
	return e;
}

enum err effect_read(const struct reader *r, const struct value *object, struct str name,
		     struct rule *rule)
{
	TRY(read_action(r, object, name, rule));
	TRY(read_approvers(r, object, rule));
	TRY(read_limit(r, object, rule));
	return read_transform(r, object, rule);
}
