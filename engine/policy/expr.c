/*
 * expr: from the text of a condition to steps. docs/formats/policy.md is the grammar for its users;
 * in short:
 *
 *   or         = and { "or" and }
 *   and        = not { "and" not }
 *   not        = "not" not | primary
 *   primary    = "(" or ")" | "has" "(" path ")" | lookback | term [ comparison term ]
 *   term       = path | literal | count
 *
 * What can never be decided is refused here, while somebody is looking, and not left to deny agents
 * later: unknown roots of paths, comparisons of types that do not compare, chains of comparisons,
 * bare literals that are no truth. Recursion is bounded by LIMIT_EXPR_DEPTH, work by
 * LIMIT_EXPR_NODES: every step, path segment and literal costs one.
 */
#include "engine/policy/expr_parts.h"

static const char *const roots[] = {
	"agent", "action", "resource", "args", "session", "result", NULL,
};

/*
 * What the gate tells of an agent and of a session is a closed set, and a resource is a text. So a
 * misspelt member can never be there, and `not has(agent.sgined)` would always hold: it is refused.
 */
static const char *const agent_members[] = {
	"actions", "denials", "id", "origin", "regime_changed", "registered", "ring", "signed",
	"tier", "trust", NULL,
};
static const char *const session_members[] = { "actions", "denials", "id", NULL };
static const char *const no_members[] = { NULL };

static const struct closed {
	const char *root;
	const char *const *members;
} closed_roots[] = {
	{ "agent", agent_members }, { "resource", no_members }, { "session", session_members },
};
static const char *const keywords[] = {
	"and", "or", "not", "has", "true", "false", "null",
	"in", "contains", "startsWith", "endsWith", "matches", NULL,
};

/* Functions, for suggestions. What they ask about the past is true or false, but for `count`. */
static const char *const functions[] = {
	"has", "once", "since", "before", "labelled", "count", NULL,
};

/* One side of a comparison. */
struct term {
	bool is_path, is_count;
	uint32_t slot, column;
	const struct value *value; /* of a literal */
};

static enum err parse_or(struct expr *p);

enum err expr_advance(struct expr *p)
{
	return lexer_next(&p->lexer, &p->now);
}

bool expr_at_word(const struct expr *p, const char *word)
{
	return p->now.kind == TOKEN_WORD && str_is(p->now.text, word);
}

bool expr_at_sign(const struct expr *p, const char *sign)
{
	return p->now.kind == TOKEN_SIGN && str_is(p->now.text, sign);
}

enum err expr_spend(struct expr *p, uint32_t column)
{
	if (++p->spent > LIMIT_EXPR_NODES)
		return note_set(p->note, ERR_LIMIT, 0, column,
				"the condition has more than %d parts; split it into several rules",
				LIMIT_EXPR_NODES);
	return OK;
}

enum err expr_deeper(struct expr *p, uint32_t column)
{
	if (++p->depth > LIMIT_EXPR_DEPTH)
		return note_set(p->note, ERR_LIMIT, 0, column, "nested deeper than %d levels",
				LIMIT_EXPR_DEPTH);
	return OK;
}

/* Blind to the case of ASCII letters, and to what the locale of the program says of case. */
static bool same_letters(struct str word, const char *name)
{
	if (word.len != strlen(name))
		return false;
	for (size_t i = 0; i < word.len; i++) {
		char a = word.ptr[i], b = name[i];

		if ((a >= 'A' && a <= 'Z' ? a | 0x20 : a) != (b >= 'A' && b <= 'Z' ? b | 0x20 : b))
			return false;
	}
	return true;
}

/* The spelling that a word nearly is: another case, or a typo. NULL when there is none. */
static const char *meant(struct str word, const char *const *names)
{
	for (const char *const *name = names; *name; name++)
		if (same_letters(word, *name))
			return *name;
	return str_nearest(word, names);
}

/* "found ...; expected ...", with the nearest word of the language where there is one. */
enum err expr_unexpected(struct expr *p, const char *expected)
{
	const struct token *t = &p->now;
	const char *word = t->kind == TOKEN_WORD ? meant(t->text, keywords) : NULL;

	if (t->kind == TOKEN_END)
		return note_set(p->note, ERR_TRUNCATED, 0, t->column,
				"the condition ends here; expected %s", expected);
	if (word && !str_is(t->text, word))
		return note_set(p->note, ERR_SYNTAX, 0, t->column,
				"found '%.*s'; expected %s; did you mean '%s'?", SHOWN(t->text),
				expected, word);
	if (t->kind == TOKEN_STRING)
		return note_set(p->note, ERR_SYNTAX, 0, t->column, "found a string; expected %s",
				expected);
	return note_set(p->note, ERR_SYNTAX, 0, t->column, "found '%.*s'; expected %s",
			SHOWN(t->text), expected);
}

static enum err emit(struct expr *p, struct step step, uint32_t column, uint32_t *at)
{
	TRY(expr_spend(p, column));
	if (condition_add(p->code, step, at) != OK)
		return note_set(p->note, ERR_LIMIT, 0, column,
				"the condition has too many parts; split it into several rules");
	return OK;
}

/* --- paths --- */

static enum err unknown_root(struct expr *p)
{
	struct token name = p->now;
	const char *root = meant(name.text, roots), *word = meant(name.text, keywords);

	TRY(expr_advance(p));
	if (expr_at_sign(p, "(")) {
		word = meant(name.text, functions);
		return note_set(p->note, ERR_UNKNOWN, 0, name.column,
				"there is no function '%.*s'; %s%s%s", SHOWN(name.text),
				word ? "did you mean '" : "",
				word ? word
				     : "there are has, once, since, before, labelled and count",
				word ? "'?" : "");
	}
	if (root || word)
		return note_set(p->note, ERR_UNKNOWN, 0, name.column,
				"unknown name '%.*s'; did you mean '%s'?", SHOWN(name.text),
				root ? root : word);
	return note_set(p->note, ERR_UNKNOWN, 0, name.column,
			"unknown name '%.*s'; a path begins with agent, action, resource, args, "
			"session or, after the tool, result, and text stands in quotes",
			SHOWN(name.text));
}

/* `[0]` or `["key"]`; the bracket is the current token. */
static enum err parse_bracket(struct expr *p, uint32_t *slot)
{
	const struct value *v = &p->now.value;

	TRY(expr_advance(p));
	if (p->now.kind == TOKEN_STRING)
		TRY(slot_member(p->slots, *slot, v->string, slot));
	else if (p->now.kind == TOKEN_NUMBER && v->kind == VALUE_INT && v->integer >= 0)
		TRY(slot_element(p->slots, *slot, (uint64_t)v->integer, slot));
	else
		return expr_unexpected(p, "an index from 0 or a name in quotes");
	TRY(expr_advance(p));
	return expr_at_sign(p, "]") ? OK : expr_unexpected(p, "']'");
}

static enum err parse_segment(struct expr *p, uint32_t *slot)
{
	if (expr_at_sign(p, "["))
		return parse_bracket(p, slot);
	TRY(expr_advance(p));
	if (p->now.kind == TOKEN_NUMBER)
		return note_set(p->note, ERR_SYNTAX, 0, p->now.column,
				"elements of lists are written [%.*s]", SHOWN(p->now.text));
	if (p->now.kind != TOKEN_WORD)
		return expr_unexpected(p, "a name after the '.'");
	return slot_member(p->slots, *slot, p->now.text, slot);
}

/* The only limit that a segment can hit is the slots'. */
static enum err slot_failed(struct expr *p, enum err e, uint32_t column)
{
	if (e != ERR_LIMIT)
		return e;
	return note_set(p->note, ERR_LIMIT, 0, column,
			"the bundle mentions more than %u different paths", LIMIT_PATHS);
}

/* The path just read, `segments` long, begins with a root whose members are all known? */
static enum err check_closed(struct expr *p, uint32_t slot, unsigned segments, uint32_t column)
{
	const struct slot *items = p->slots->items;
	const char *near;

	for (unsigned left = segments; left > 2; left--)
		slot = items[slot].parent;
	for (size_t i = 0; i < sizeof(closed_roots) / sizeof(closed_roots[0]); i++) {
		const struct closed *c = &closed_roots[i];

		if (segments < 2 || !str_is(items[items[slot].parent].key, c->root))
			continue;
		if (segments == 2 && str_listed(items[slot].key, c->members))
			return OK;
		near = segments == 2 ? meant(items[slot].key, c->members) : NULL;
		if (near)
			return note_set(p->note, ERR_UNKNOWN, 0, column,
					"'%s' has no member '%.*s'; did you mean '%s.%s'?", c->root,
					SHOWN(items[slot].key), c->root, near);
		return note_set(p->note, ERR_UNKNOWN, 0, column,
				"'%s' has no such member; docs/formats/policy.md lists what "
				"conditions see",
				c->root);
	}
	return OK;
}

enum err expr_parse_path(struct expr *p, uint32_t *ret)
{
	uint32_t slot = SLOT_REQUEST, column = p->now.column;
	unsigned segments = 1;
	enum err e;

	if (!str_listed(p->now.text, roots))
		return unknown_root(p);
	if (str_is(p->now.text, "result") && p->stage != POLICY_POST_TOOL)
		return note_set(p->note, ERR_UNKNOWN, 0, column,
				"there is no result yet in stage %s; only rules of stage post_tool "
				"see one",
				policy_stage_name(p->stage));
	TRY(expr_spend(p, column));
	e = slot_member(p->slots, slot, p->now.text, &slot);
	if (e != OK)
		return slot_failed(p, e, column);
	TRY(expr_advance(p));
	while (expr_at_sign(p, ".") || expr_at_sign(p, "[")) {
		TRY(expr_spend(p, p->now.column));
		if (++segments > LIMIT_DEPTH)
			return note_set(p->note, ERR_LIMIT, 0, column,
					"the path has more than %d segments; no request nests "
					"deeper",
					LIMIT_DEPTH);
		e = parse_segment(p, &slot);
		if (e != OK)
			return slot_failed(p, e, column);
		TRY(expr_advance(p));
	}
	TRY(check_closed(p, slot, segments, column));
	*ret = slot;
	return OK;
}

/* Whole, an agent, an action or a session equals no text; `action == "refund"` would never hold. */
static enum err refuse_whole(struct expr *p, const struct term *t)
{
	static const char *const members[][2] = {
		{ "agent", "agent.id" }, { "action", "action.type" }, { "session", "session.id" },
	};
	const struct slot *slot = &p->slots->items[t->slot];

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (slot->parent == SLOT_REQUEST && str_is(slot->key, members[i][0]))
			return note_set(p->note, ERR_TYPE, 0, t->column,
					"'%s' is an object; name a member of it, like %s",
					members[i][0], members[i][1]);
	return OK;
}

/* --- terms --- */

static bool at_keyword(const struct expr *p)
{
	return p->now.kind == TOKEN_WORD && str_listed(p->now.text, keywords);
}

static enum err parse_term(struct expr *p, struct term *ret)
{
	struct term t = { .column = p->now.column };
	enum lookback_form form;

	if (expr_at_lookback(p, &form) && form == LOOKBACK_COUNT) {
		t.is_path = t.is_count = true;
		TRY(expr_lookback(p, form, &t.slot));
	} else if (expr_at_literal(p)) {
		struct value *value = arena_alloc(p->memory, sizeof(*value));

		if (!value)
			return ERR_MEMORY;
		TRY(expr_literal(p, value));
		t.value = value;
	} else if (p->now.kind == TOKEN_WORD && !at_keyword(p)) {
		t.is_path = true;
		TRY(expr_parse_path(p, &t.slot));
		TRY(refuse_whole(p, &t));
	} else {
		return expr_unexpected(p, "a path like args.amount or a literal");
	}
	*ret = t;
	return OK;
}

/* --- comparisons --- */

static bool at_comparison(const struct expr *p, enum step_op *ret)
{
	for (unsigned op = STEP_EQ; op <= STEP_MATCHES; op++) {
		const char *text = condition_op_text(op);

		if (expr_at_sign(p, text) || expr_at_word(p, text)) {
			*ret = op;
			return true;
		}
	}
	return false;
}

static bool literal_not(const struct term *t, enum value_kind kind)
{
	return t->value && t->value->kind != kind;
}

/* Literals that '<' and its kin could never put in order. */
static bool never_ordered(const struct term *t)
{
	return literal_not(t, VALUE_STRING) && !value_is_number(t->value);
}

static bool never_alike(const struct value *a, const struct value *b)
{
	return a && b && a->kind != b->kind && !(value_is_number(a) && value_is_number(b));
}

static enum err refuse(struct expr *p, const struct term *t, enum step_op op, const char *needs)
{
	return note_set(p->note, ERR_TYPE, 0, t->column,
			"'%s' needs %s; found a literal of type %s", condition_op_text(op), needs,
			value_kind_name(t->value->kind));
}

/* A count is a number and is compared like one. */
static enum err check_count(struct expr *p, enum step_op op, const struct term *a,
			    const struct term *b)
{
	const struct term *other = a->is_count ? b : a;

	if (op > STEP_GE)
		return note_set(p->note, ERR_TYPE, 0, (a->is_count ? a : b)->column,
				"a count is a number; compare it with one, like count(refund) < 3");
	if (other->value && !value_is_number(other->value))
		return note_set(p->note, ERR_TYPE, 0, other->column,
				"a count is a number; found a literal of type %s",
				value_kind_name(other->value->kind));
	return OK;
}

/* Refuse what could be true of no request. */
static enum err check_types(struct expr *p, enum step_op op, const struct term *a,
			    const struct term *b)
{
	if (a->is_count || b->is_count)
		return check_count(p, op, a, b);
	switch (op) {
	case STEP_EQ:
	case STEP_NE:
		break;
	case STEP_IN:
		if (literal_not(b, VALUE_LIST))
			return refuse(p, b, op,
				      b->value->kind == VALUE_STRING ? "a list on its right (part "
								       "of a text: text contains "
								       "part)"
								     : "a list on its right");
		return OK;
	case STEP_CONTAINS:
		if (literal_not(a, VALUE_STRING) && a->value->kind != VALUE_LIST)
			return refuse(p, a, op, "a list or a string on its left");
		if (a->value && a->value->kind == VALUE_STRING && literal_not(b, VALUE_STRING))
			return refuse(p, b, op, "a string on its right when one is on its left");
		return OK;
	case STEP_STARTS:
	case STEP_ENDS:
		if (literal_not(a, VALUE_STRING) || literal_not(b, VALUE_STRING))
			return refuse(p, literal_not(a, VALUE_STRING) ? a : b, op,
				      "strings on both sides");
		return OK;
	case STEP_MATCHES:
		if (b->is_path)
			return note_set(p->note, ERR_TYPE, 0, b->column,
					"'matches' needs its pattern in quotes; a path cannot be "
					"checked before an agent acts");
		if (literal_not(a, VALUE_STRING) || literal_not(b, VALUE_STRING))
			return refuse(p, literal_not(a, VALUE_STRING) ? a : b, op,
				      "strings on both sides");
		return OK;
	default:
		if (never_ordered(a) || never_ordered(b))
			return refuse(p, never_ordered(a) ? a : b, op, "numbers or strings");
	}
	if (never_alike(a->value, b->value))
		return note_set(p->note, ERR_TYPE, 0, a->column,
				"'%s' between %s and %s has the same answer for every request",
				condition_op_text(op), value_kind_name(a->value->kind),
				value_kind_name(b->value->kind));
	return OK;
}

static enum err emit_matches(struct expr *p, struct step step, const struct term *pattern)
{
	struct note why = { .column = 0 };
	struct matcher *matcher = arena_alloc(p->memory, sizeof(*matcher));
	enum err e = ERR_MEMORY;

	if (matcher) {
		matcher->text = pattern->value->string;
		step.right.matcher = matcher;
		e = regex_compile(matcher->text, p->memory, &matcher->regex, &why);
	}
	if (e == ERR_MEMORY)
		return e;
	if (e != OK)
		return note_set(p->note, e, 0, pattern->column,
				"in the pattern, at its column %u: %s", why.column, why.text);
	return emit(p, step, pattern->column, NULL);
}

/* A term that stands alone must be a truth value. */
static enum err emit_bare(struct expr *p, const struct term *t)
{
	struct step step = { .op = STEP_TRUTH,
			     .left_slot = true,
			     .left_column = (uint16_t)t->column };

	if (t->is_count)
		return note_set(p->note, ERR_TYPE, 0, t->column,
				"a count is a number; compare it with one, like count(refund) < 3");
	if (literal_not(t, VALUE_BOOL))
		return note_set(p->note, ERR_TYPE, 0, t->column,
				"a condition is true or false; a literal of type %s alone is "
				"neither; compare it with something",
				value_kind_name(t->value->kind));
	if (t->is_path)
		step.left.slot = t->slot;
	else
		step = (struct step){ .op = STEP_CONST, .right.constant = t->value->boolean };
	return emit(p, step, t->column, NULL);
}

static enum err parse_comparison(struct expr *p)
{
	struct term a, b;
	struct step step = { .op = STEP_EQ };
	enum step_op op, another;

	TRY(parse_term(p, &a));
	if (expr_at_word(p, "not"))
		return note_set(p->note, ERR_SYNTAX, 0, p->now.column,
				"'not' stands before a comparison: not (a in b)");
	if (!at_comparison(p, &op))
		return emit_bare(p, &a);
	TRY(expr_advance(p));
	TRY(parse_term(p, &b));
	TRY(check_types(p, op, &a, &b));
	step = (struct step){ .op = (uint8_t)op,
			      .left_slot = a.is_path,
			      .right_slot = b.is_path,
			      .left_column = (uint16_t)a.column,
			      .right_column = (uint16_t)b.column };
	if (a.is_path)
		step.left.slot = a.slot;
	else
		step.left.value = a.value;
	if (b.is_path)
		step.right.slot = b.slot;
	else
		step.right.value = b.value;
	TRY(op == STEP_MATCHES ? emit_matches(p, step, &b) : emit(p, step, a.column, NULL));
	if (at_comparison(p, &another))
		return note_set(p->note, ERR_SYNTAX, 0, p->now.column,
				"comparisons do not chain; write a < b and b < c");
	return OK;
}

/* --- logic --- */

static enum err parse_has(struct expr *p)
{
	struct step step = { .op = STEP_HAS, .left_slot = true };
	uint32_t column = p->now.column;

	TRY(expr_advance(p));
	if (!expr_at_sign(p, "("))
		return expr_unexpected(p, "'(': has(args.amount)");
	TRY(expr_advance(p));
	step.left_column = (uint16_t)p->now.column;
	if (p->now.kind != TOKEN_WORD || at_keyword(p))
		return expr_unexpected(p, "a path like args.amount");
	TRY(expr_parse_path(p, &step.left.slot));
	if (!expr_at_sign(p, ")"))
		return expr_unexpected(p, "')' after the path of has");
	TRY(expr_advance(p));
	return emit(p, step, column, NULL);
}

/* A lookback that is true or false. */
static enum err parse_flag(struct expr *p, enum lookback_form form)
{
	struct term t = { .is_path = true, .column = p->now.column };

	TRY(expr_lookback(p, form, &t.slot));
	return emit_bare(p, &t);
}

static enum err parse_primary(struct expr *p)
{
	uint32_t column = p->now.column;
	enum lookback_form form;
	enum step_op op;

	if (expr_at_word(p, "has")) {
		TRY(parse_has(p));
	} else if (expr_at_lookback(p, &form) && form != LOOKBACK_COUNT) {
		TRY(parse_flag(p, form));
	} else if (expr_at_sign(p, "(")) {
		TRY(expr_deeper(p, column));
		TRY(expr_advance(p));
		TRY(parse_or(p));
		if (p->now.kind == TOKEN_END)
			return note_set(p->note, ERR_TRUNCATED, 0, column,
					"the '(' here is not closed");
		if (!expr_at_sign(p, ")"))
			return expr_unexpected(p, "and, or, a comparison or ')'");
		TRY(expr_advance(p));
		p->depth--;
	} else {
		return parse_comparison(p);
	}
	if (at_comparison(p, &op))
		return note_set(p->note, ERR_SYNTAX, 0, p->now.column,
				"'%s' compares paths and literals only; what is true or false "
				"already needs no comparison",
				condition_op_text(op));
	return OK;
}

static enum err parse_not(struct expr *p)
{
	uint32_t column = p->now.column;

	if (!expr_at_word(p, "not"))
		return parse_primary(p);
	TRY(expr_deeper(p, column));
	TRY(expr_advance(p));
	TRY(parse_not(p));
	p->depth--;
	return emit(p, (struct step){ .op = STEP_NOT }, column, NULL);
}

/* `side { word side }`, each further side skipped when what stands before settles the answer. */
static enum err parse_chain(struct expr *p, const char *word, enum err (*side)(struct expr *p),
			    enum step_op skip, enum step_op join)
{
	TRY(side(p));
	while (expr_at_word(p, word)) {
		uint32_t column = p->now.column, at;

		TRY(emit(p, (struct step){ .op = (uint8_t)skip }, column, &at));
		TRY(expr_advance(p));
		TRY(side(p));
		TRY(emit(p, (struct step){ .op = (uint8_t)join }, column, NULL));
		condition_land(p->code, at);
	}
	return OK;
}

static enum err parse_and(struct expr *p)
{
	return parse_chain(p, "and", parse_not, STEP_SKIP_FALSE, STEP_AND);
}

static enum err parse_or(struct expr *p)
{
	return parse_chain(p, "or", parse_and, STEP_SKIP_TRUE, STEP_OR);
}

/* At the first word of the text. */
static enum err start(struct expr *p)
{
	if (p->lexer.text.len > LIMIT_CONDITION_BYTES)
		return note_set(p->note, ERR_LIMIT, 0, 0,
				"the condition is longer than %d bytes; split it into several "
				"rules",
				LIMIT_CONDITION_BYTES);
	if (!str_utf8_ok(p->lexer.text))
		return note_set(p->note, ERR_ENCODING, 0, 0, "the condition is not valid UTF-8");
	return expr_advance(p);
}

enum err expr_parse(struct str text, enum policy_stage stage, struct slots *slots,
		    struct code *code, struct arena *memory, struct note *n)
{
	struct expr p = { .lexer = { text, 0, memory, n },
			    .slots = slots,
			    .code = code,
			    .memory = memory,
			    .note = n,
			    .stage = stage };

	TRY(start(&p));
	if (p.now.kind == TOKEN_END)
		return note_set(n, ERR_SYNTAX, 0, p.now.column,
				"the condition is empty; leave the key out for a rule that always "
				"matches");
	TRY(parse_or(&p));
	if (expr_at_sign(&p, ")"))
		return note_set(n, ERR_SYNTAX, 0, p.now.column, "this ')' closes nothing");
	return p.now.kind == TOKEN_END ? OK
				       : expr_unexpected(&p, "and, or, a comparison or the end");
}

enum err expr_path(struct str text, enum policy_stage stage, struct slots *slots,
		   struct arena *memory, uint32_t *ret, struct note *n)
{
	struct expr p = { .lexer = { text, 0, memory, n },
			    .slots = slots,
			    .memory = memory,
			    .note = n,
			    .stage = stage };
	uint32_t slot;

	TRY(start(&p));
	if (p.now.kind != TOKEN_WORD || at_keyword(&p))
		return expr_unexpected(&p, "a path like args.amount");
	TRY(expr_parse_path(&p, &slot));
	if (p.now.kind != TOKEN_END)
		return expr_unexpected(&p, "the end of the path");
	*ret = slot;
	return OK;
}
