/*
 * cedar_parse: policies and templates, from words to policies. Expressions are cedar_grammar's.
 *
 *   policy    = { "@" word [ "(" string ")" ] } ( "permit" | "forbid" )
 *               "(" principal "," action "," resource [ "," ] ")"
 *               { ( "when" | "unless" ) "{" expr "}" } ";"
 *   principal = "principal" [ ( "==" | "in" ) place | "is" path [ "in" place ] ]
 *   action    = "action" [ "==" entity | "in" ( entity | "[" entities "]" ) ]
 *   place     = entity | "?principal"; in the scope of the resource "?resource"
 *
 * Source: docs.cedarpolicy.com, "Grammar".
 */
#include "engine/cedar/inside.h"

/* "policy" and a number of 32 bits. */
#define ID_BYTES 20

/* Any word may be a key, reserved ones too. Without a value it is the empty text. */
static enum err parse_annotation(struct cedar_parser *p, struct cedar_note *ret)
{
	struct cedar_note note = { .value = str_view("") };

	TRY(cedar_grammar_advance(p));
	if (p->now.kind != CEDAR_WORD)
		return cedar_grammar_unexpected(p, "the name of an annotation, like @id(\"...\")");
	note.key = p->now.text;
	TRY(cedar_grammar_advance(p));
	if (cedar_at_sign(p, "(")) {
		TRY(cedar_grammar_advance(p));
		if (p->now.kind != CEDAR_TEXT)
			return cedar_grammar_unexpected(p, "the annotation's value in quotes");
		TRY(cedar_token_string(&p->now, p->tree.memory, &note.value, p->tree.note));
		TRY(cedar_grammar_advance(p));
		TRY(cedar_grammar_sign(p, ")", "')'"));
	}
	*ret = note;
	return OK;
}

/* Few are allowed, so comparing each with each is cheap. */
static enum err parse_annotations(struct cedar_parser *p, struct cedar_policy *policy)
{
	struct cedar_note *notes = NULL;
	void *block = NULL;
	size_t room = 0;

	for (; cedar_at_sign(p, "@"); policy->note_count++) {
		uint32_t line = p->now.line, column = p->now.column;

		if (policy->note_count == LIMIT_CEDAR_ANNOTATIONS)
			return note_set(p->tree.note, ERR_LIMIT, line, column,
					"a policy has at most %d annotations",
					LIMIT_CEDAR_ANNOTATIONS);
		TRY(cedar_grow(p->tree.memory, &block, policy->note_count, &room, sizeof(*notes)));
		notes = block;
		TRY(parse_annotation(p, &notes[policy->note_count]));
		for (size_t i = 0; i < policy->note_count; i++)
			if (str_eq(notes[i].key, notes[policy->note_count].key))
				return note_set(p->tree.note, ERR_DUPLICATE, line, column,
						"the annotation @%.*s is given twice",
						SHOWN(notes[i].key));
	}
	policy->notes = notes;
	return OK;
}

/* --- scope --- */

/* The scope's variable; what other languages write after it has an answer of its own. */
static enum err take_variable(struct cedar_parser *p, const char *name, const char *expected)
{
	if (!cedar_at_word(p, name))
		return cedar_grammar_unexpected(p, expected);
	TRY(cedar_grammar_advance(p));
	if (cedar_at_sign(p, ":"))
		return note_set(p->tree.note, ERR_SYNTAX, p->now.line, p->now.column,
				"a type is asked for with 'is': %s is User", name);
	if (cedar_at_sign(p, "="))
		return note_set(p->tree.note, ERR_SYNTAX, p->now.line, p->now.column,
				"'=' compares nothing; write '=='");
	return OK;
}

/* Is the slot at the reading place written in one, like ?principal? Passes it. */
static enum err parse_slot(struct cedar_parser *p, const char *name)
{
	struct cedar_token mark = p->now;

	TRY(cedar_grammar_advance(p));
	if (!cedar_at_word(p, name) || p->now.line != mark.line || p->now.column != mark.column + 1)
		return note_set(p->tree.note, ERR_SYNTAX, mark.line, mark.column,
				"the slot of this place is ?%s", name);
	return cedar_grammar_advance(p);
}

/* What == and in compare with: an entity, or the slot that a link will fill. */
static enum err parse_place(struct cedar_parser *p, const char *name, struct cedar_scope *scope)
{
	if (cedar_at_sign(p, "?")) {
		scope->slot = true;
		return parse_slot(p, name);
	}
	return cedar_grammar_uid(p, &scope->uid);
}

/* The scope of the principal or of the resource. */
static enum err parse_scope(struct cedar_parser *p, const char *name, const char *expected,
			    struct cedar_scope *ret)
{
	struct cedar_scope scope = { .line = p->now.line, .column = p->now.column };

	TRY(take_variable(p, name, expected));
	if (cedar_at_word(p, "is")) {
		scope.op = SCOPE_IS;
		TRY(cedar_grammar_advance(p));
		TRY(cedar_grammar_type(p, &scope.type));
		if (cedar_at_word(p, "in")) {
			scope.op = SCOPE_IS_IN;
			TRY(cedar_grammar_advance(p));
			TRY(parse_place(p, name, &scope));
		}
	} else if (cedar_at_sign(p, "==") || cedar_at_word(p, "in")) {
		scope.op = cedar_at_word(p, "in") ? SCOPE_IN : SCOPE_EQ;
		TRY(cedar_grammar_advance(p));
		TRY(parse_place(p, name, &scope));
	}
	*ret = scope;
	return OK;
}

enum err cedar_action_ok(struct cedar_uid uid, uint32_t line, uint32_t column, struct note *n)
{
	if (str_is(uid.type, "Action") || str_ends(uid.type, str_view("::Action")))
		return OK;
	return note_set(n, ERR_TYPE, line, column,
			"an action is of the type Action or Ns::Action, not %.*s", SHOWN(uid.type));
}

/* Only actions are actions: a typo in the type would match nothing, silently. */
static enum err parse_action_uid(struct cedar_parser *p, struct cedar_uid *ret)
{
	uint32_t line = p->now.line, column = p->now.column;

	if (cedar_at_sign(p, "?"))
		return note_set(p->tree.note, ERR_SYNTAX, line, column,
				"an action is no slot; write it out, like Action::\"view\"");
	TRY(cedar_grammar_uid(p, ret));
	return cedar_action_ok(*ret, line, column, p->tree.note);
}

/* An empty list is allowed and matches no action; the comma may be the last. */
static enum err parse_action_list(struct cedar_parser *p, struct cedar_scope *scope)
{
	struct cedar_uid *list = NULL;
	void *block = NULL;
	size_t room = 0;

	scope->listed = true;
	TRY(cedar_grammar_advance(p));
	while (!cedar_at_sign(p, "]")) {
		TRY(cedar_grow(p->tree.memory, &block, scope->list_count, &room, sizeof(*list)));
		list = block;
		TRY(parse_action_uid(p, &list[scope->list_count]));
		scope->list_count++;
		if (cedar_at_sign(p, ","))
			TRY(cedar_grammar_advance(p));
		else if (!cedar_at_sign(p, "]"))
			return cedar_grammar_unexpected(p, "',' or ']'");
	}
	scope->list = list;
	return cedar_grammar_advance(p);
}

/* Actions have neither slots nor types to ask for. */
static enum err parse_action(struct cedar_parser *p, struct cedar_scope *ret)
{
	struct cedar_scope scope = { .line = p->now.line, .column = p->now.column };

	TRY(take_variable(p, "action", "'action', the second part of the scope"));
	if (cedar_at_word(p, "is"))
		return note_set(p->tree.note, ERR_SYNTAX, p->now.line, p->now.column,
				"actions have no types to ask for; write == or in");
	if (cedar_at_sign(p, "==")) {
		scope.op = SCOPE_EQ;
		TRY(cedar_grammar_advance(p));
		TRY(parse_action_uid(p, &scope.uid));
	} else if (cedar_at_word(p, "in")) {
		scope.op = SCOPE_IN;
		TRY(cedar_grammar_advance(p));
		if (cedar_at_sign(p, "["))
			TRY(parse_action_list(p, &scope));
		else
			TRY(parse_action_uid(p, &scope.uid));
	}
	*ret = scope;
	return OK;
}

/* Three parts in this order; the last may have a comma behind it. */
static enum err parse_head(struct cedar_parser *p, struct cedar_policy *policy)
{
	TRY(cedar_grammar_sign(p, "(", "'(' and the scope"));
	TRY(parse_scope(p, "principal", "'principal', the first part of the scope",
			&policy->principal));
	TRY(cedar_grammar_sign(p, ",", "'==', 'in', 'is' or ','"));
	TRY(parse_action(p, &policy->action));
	TRY(cedar_grammar_sign(p, ",", "'==', 'in' or ','"));
	TRY(parse_scope(p, "resource", "'resource', the third part of the scope",
			&policy->resource));
	if (cedar_at_sign(p, ","))
		TRY(cedar_grammar_advance(p));
	policy->wants_principal = policy->principal.slot;
	policy->wants_resource = policy->resource.slot;
	return cedar_grammar_sign(p, ")", "'==', 'in', 'is' or ')'");
}

/* --- policies --- */

static enum err parse_conditions(struct cedar_parser *p, struct cedar_policy *policy)
{
	struct cedar_condition *conditions = NULL;
	void *block = NULL;
	size_t room = 0;

	while (cedar_at_word(p, "when") || cedar_at_word(p, "unless")) {
		struct cedar_condition c = { .unless = cedar_at_word(p, "unless") };

		TRY(cedar_grammar_advance(p));
		TRY(cedar_grammar_sign(p, "{", "'{' and a condition"));
		TRY(cedar_grammar_expr(p, &c.body));
		TRY(cedar_grammar_sign(p, "}", "'}' or an operator"));
		TRY(cedar_grow(p->tree.memory, &block, policy->condition_count, &room, sizeof(c)));
		conditions = block;
		conditions[policy->condition_count++] = c;
	}
	policy->conditions = conditions;
	return OK;
}

/* Ids are places: @id is an annotation like others and may repeat in a set. */
static enum err name_it(struct cedar_parser *p, size_t number, struct str *ret)
{
	struct buf b;

	buf_init(&b, ID_BYTES);
	buf_add_c(&b, "policy");
	buf_add_u64(&b, number);
	return arena_take(p->tree.memory, &b, ret);
}

/* The policy is where its first word is, an annotation included. */
static enum err parse_policy(struct cedar_parser *p, size_t number, const struct cedar_policy **ret)
{
	struct cedar_policy *policy = arena_alloc(p->tree.memory, sizeof(*policy));

	if (!policy)
		return ERR_MEMORY;
	TRY(name_it(p, number, &policy->id));
	policy->line = p->now.line;
	policy->column = p->now.column;
	TRY(parse_annotations(p, policy));
	policy->forbid = cedar_at_word(p, "forbid");
	if (!policy->forbid && !cedar_at_word(p, "permit"))
		return cedar_grammar_unexpected(p, "'permit' or 'forbid'");
	TRY(cedar_grammar_advance(p));
	TRY(parse_head(p, policy));
	TRY(parse_conditions(p, policy));
	TRY(cedar_grammar_sign(p, ";", "'when', 'unless' or ';'"));
	*ret = policy;
	return OK;
}

/* The first error ends it: half a policy set decides what nobody meant. */
static enum err parse_all(struct cedar_parser *p, struct cedar_policies *set)
{
	while (p->now.kind != CEDAR_END) {
		const struct cedar_policy *policy = NULL;

		TRY(parse_policy(p, set->count + set->template_count, &policy));
		TRY(cedar_policies_add(set, policy, p->tree.memory, p->tree.note));
	}
	return OK;
}

enum err cedar_policies_read(struct str text, struct arena *memory, struct cedar_policies **ret,
			     struct note *n)
{
	struct arena_mark before = arena_mark(memory);
	struct cedar_policies *set;
	struct cedar_parser p;
	enum err e = cedar_policies_new(memory, &set);

	if (e == OK)
		e = cedar_grammar_init(&p, text, memory, n);
	if (e == OK)
		e = parse_all(&p, set);
	if (e == OK)
		e = cedar_index_refresh(set, memory);
	if (e == OK)
		*ret = set;
	else
		arena_rewind(memory, before);
	return e;
}
