/*
 * cedar_grammar: expressions of policies, from words to trees.
 *
 *   expr     = "if" expr "then" expr "else" expr | and { "||" and }
 *   and      = relation { "&&" relation }
 *   relation = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" ) sum
 *                  | "has" ( string | name { "." name } ) | "like" string
 *                  | "is" path [ "in" sum ] ]
 *   sum      = product { ( "+" | "-" ) product }
 *   product  = unary { "*" unary }
 *   unary    = [ 1 to 4 "!" | 1 to 4 "-" ] member
 *   member   = primary { "." name | "." name "(" list ")" | "[" string "]" }
 *   primary  = "true" | "false" | integer | string | variable | path "::" string
 *            | name "(" list ")" | "(" expr ")" | "[" list "]" | "{" pairs "}"
 *
 * Lists may end in a comma. An integer is at most 2^63 - 1; a "-" before an integer that nothing
 * is asked of is part of it, so -2^63 can be written. Recursion goes through cedar_grammar_expr
 * alone, which counts it.
 *
 * Source: docs.cedarpolicy.com, "Grammar"; RFC 62 (has with several names).
 */
#include "engine/cedar/inside.h"

#define UNARY_MOST 4

static const char *const keywords[] = {
	"permit", "forbid", "when", "unless", "principal", "action", "resource", "context", "if",
	"then", "else", "in", "is", "has", "like", "true", "false", NULL,
};

/* None of them may follow another: they do not chain. */
static const enum cedar_op relations[] = {
	EXPR_EQ, EXPR_NE, EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE, EXPR_IN, EXPR_HAS, EXPR_LIKE, EXPR_IS,
};

/* Expressions between commas. */
struct list {
	const struct cedar_expr **items;
	size_t count, room;
};

typedef enum err parse_fn(struct cedar_parser *p, const struct cedar_expr **ret);

enum err cedar_grammar_advance(struct cedar_parser *p)
{
	return cedar_lexer_next(&p->lexer, &p->now);
}

bool cedar_at_word(const struct cedar_parser *p, const char *word)
{
	return p->now.kind == CEDAR_WORD && str_is(p->now.text, word);
}

bool cedar_at_sign(const struct cedar_parser *p, const char *sign)
{
	return p->now.kind == CEDAR_SIGN && str_is(p->now.text, sign);
}

/* The end of the text is told apart, so that a caller can tell a cut text from a wrong one. */
enum err cedar_grammar_unexpected(struct cedar_parser *p, const char *expected)
{
	const struct cedar_token *t = &p->now;
	const char *meant = t->kind == CEDAR_WORD ? str_nearest(t->text, keywords) : NULL;

	if (t->kind == CEDAR_END)
		return note_set(p->tree.note, ERR_TRUNCATED, t->line, t->column,
				"the text ends here; expected %s", expected);
	if (t->kind == CEDAR_TEXT)
		return note_set(p->tree.note, ERR_SYNTAX, t->line, t->column,
				"found a string; expected %s", expected);
	if (meant && !str_is(t->text, meant))
		return note_set(p->tree.note, ERR_SYNTAX, t->line, t->column,
				"found '%.*s'; expected %s; did you mean '%s'?", SHOWN(t->text),
				expected, meant);
	return note_set(p->tree.note, ERR_SYNTAX, t->line, t->column, "found '%.*s'; expected %s",
			SHOWN(t->text), expected);
}

enum err cedar_grammar_sign(struct cedar_parser *p, const char *sign, const char *expected)
{
	if (!cedar_at_sign(p, sign))
		return cedar_grammar_unexpected(p, expected);
	return cedar_grammar_advance(p);
}

/* Tokens, and with them names, borrow from the copy: the caller's text may go. */
enum err cedar_grammar_init(struct cedar_parser *p, struct str text, struct arena *memory,
			    struct note *n)
{
	struct cedar_parser fresh = { .tree = { .memory = memory, .note = n } };
	struct str copy;

	TRY(cedar_lexer_init(&fresh.lexer, text, n));
	TRY(arena_copy(memory, text, &copy));
	fresh.lexer.text = copy;
	TRY(cedar_grammar_advance(&fresh));
	*p = fresh;
	return OK;
}

/* --- nodes --- */

static struct cedar_expr node_at(enum cedar_op op, const struct cedar_token *t)
{
	return (struct cedar_expr){ .op = op, .line = t->line, .column = t->column };
}

static enum err add_two(struct cedar_parser *p, struct cedar_expr node,
			const struct cedar_expr *left, const struct cedar_expr *right,
			const struct cedar_expr **ret)
{
	return cedar_tree_add(&p->tree, node, (const struct cedar_expr *[]){ left, right }, 2, ret);
}

/* Literals are leaves; everything that is no bool, long, string or entity is a call or a list. */
static enum err add_literal(struct cedar_parser *p, const struct cedar_token *t,
			    struct cedar_value literal, const struct cedar_expr **ret)
{
	struct cedar_expr node = node_at(EXPR_LITERAL, t);

	node.literal = literal;
	return cedar_tree_add(&p->tree, node, NULL, 0, ret);
}

/* --- names --- */

/* A word that may be a name; `what` it would be the name of. */
static enum err take_name(struct cedar_parser *p, const char *what, struct cedar_token *ret)
{
	if (p->now.kind != CEDAR_WORD)
		return cedar_grammar_unexpected(p, what);
	if (cedar_reserved(p->now.text))
		return note_set(p->tree.note, ERR_SYNTAX, p->now.line, p->now.column,
				"found '%.*s', which is reserved; expected %s", SHOWN(p->now.text),
				what);
	*ret = p->now;
	return cedar_grammar_advance(p);
}

/* `path` and, behind two colons, one more name. Blanks between them are left out. */
static enum err join(struct cedar_parser *p, struct str path, struct str name, struct str *ret)
{
	char *joined;

	if (path.ptr + path.len + 2 == name.ptr) {
		*ret = str_slice(path.ptr, path.len + 2 + name.len);
		return OK;
	}
	joined = arena_alloc(p->tree.memory, path.len + 2 + name.len);
	if (!joined)
		return ERR_MEMORY;
	memcpy(joined, path.ptr, path.len);
	memcpy(joined + path.len, "::", 2);
	memcpy(joined + path.len + 2, name.ptr, name.len);
	*ret = str_slice(joined, path.len + 2 + name.len);
	return OK;
}

/*
 * A path, and the `::` behind it when something else than a name follows. `*open` says which;
 * the first word is `first`.
 */
static enum err take_path(struct cedar_parser *p, const char *what, struct cedar_token *first,
			  struct str *ret, bool *open)
{
	struct cedar_token name;

	TRY(take_name(p, what, first));
	*ret = first->text;
	for (*open = false; cedar_at_sign(p, "::");) {
		TRY(cedar_grammar_advance(p));
		if (p->now.kind != CEDAR_WORD) {
			*open = true;
			return OK;
		}
		TRY(take_name(p, "a name after '::'", &name));
		TRY(join(p, *ret, name.text, ret));
	}
	return OK;
}

/* Of a type that goes on with an id, the whole is an entity, which stands elsewhere. */
enum err cedar_grammar_type(struct cedar_parser *p, struct str *ret)
{
	struct cedar_token first;
	struct str path;
	bool open;

	TRY(take_path(p, "an entity type like User or Ns::User", &first, &path, &open));
	if (open)
		return cedar_grammar_unexpected(p, "an entity type, which ends in a name");
	*ret = path;
	return OK;
}

/* The string that makes an entity of a path. */
static enum err take_id(struct cedar_parser *p, struct str *ret)
{
	if (cedar_at_sign(p, "{"))
		return note_set(p->tree.note, ERR_SYNTAX, p->now.line, p->now.column,
				"an entity is written with its id, like User::\"alice\"");
	if (p->now.kind != CEDAR_TEXT)
		return cedar_grammar_unexpected(p, "a name or an id in quotes after '::'");
	TRY(cedar_token_string(&p->now, p->tree.memory, ret, p->tree.note));
	return cedar_grammar_advance(p);
}

enum err cedar_grammar_uid(struct cedar_parser *p, struct cedar_uid *ret)
{
	static const char what[] = "an entity like User::\"alice\"";
	struct cedar_token first;
	struct cedar_uid uid;
	bool open;

	TRY(take_path(p, what, &first, &uid.type, &open));
	if (!open)
		return cedar_grammar_unexpected(p, "'::' and an id in quotes");
	TRY(take_id(p, &uid.id));
	*ret = uid;
	return OK;
}

/* --- lists --- */

/* After an item: true when another one follows. The comma may be the last. */
static enum err next_item(struct cedar_parser *p, const char *close, const char *expected,
			  bool *more)
{
	if (cedar_at_sign(p, ",")) {
		TRY(cedar_grammar_advance(p));
		*more = !cedar_at_sign(p, close);
	} else if (cedar_at_sign(p, close)) {
		*more = false;
	} else {
		return cedar_grammar_unexpected(p, expected);
	}
	return *more ? OK : cedar_grammar_advance(p);
}

/* The list doubles in the arena, which is bounded, and with it the length of any list. */
static enum err append(struct cedar_parser *p, struct list *l, const struct cedar_expr *e)
{
	void *items = l->items;

	TRY(cedar_grow(p->tree.memory, &items, l->count, &l->room, sizeof(*l->items)));
	l->items = items;
	l->items[l->count++] = e;
	return OK;
}

/* Expressions up to `close`, which is passed; the opening sign was. */
static enum err parse_list(struct cedar_parser *p, const char *close, const char *expected,
			   struct list *l)
{
	const struct cedar_expr *item;
	bool more = !cedar_at_sign(p, close);

	if (!more)
		return cedar_grammar_advance(p);
	while (more) {
		TRY(cedar_grammar_expr(p, &item));
		TRY(append(p, l, item));
		TRY(next_item(p, close, expected, &more));
	}
	return OK;
}

static enum err parse_set(struct cedar_parser *p, const struct cedar_expr **ret)
{
	struct cedar_expr node = node_at(EXPR_SET, &p->now);
	struct list l = { .count = 0 };

	TRY(cedar_grammar_advance(p));
	TRY(parse_list(p, "]", "',' or ']'", &l));
	return cedar_tree_add(&p->tree, node, l.items, l.count, ret);
}

/* Keys are written like attributes: a name as it is, anything else in quotes. */
static enum err parse_key(struct cedar_parser *p, struct str *ret)
{
	struct cedar_token name;

	if (p->now.kind == CEDAR_TEXT) {
		TRY(cedar_token_string(&p->now, p->tree.memory, ret, p->tree.note));
		return cedar_grammar_advance(p);
	}
	TRY(take_name(p, "a key: a name, or any text in quotes", &name));
	*ret = name.text;
	return OK;
}

/* Keys are compared by what they mean, so \x61 is a second a. */
static enum err check_keys(struct cedar_parser *p, const struct cedar_expr *record)
{
	size_t twice = 0;
	enum err e = cedar_names_unique(record->names, record->name_count, &twice);

	if (e != ERR_DUPLICATE)
		return e;
	return note_set(p->tree.note, e, record->line, record->column,
			"the key '%.*s' is given twice in this record",
			SHOWN(record->names[twice]));
}

/* Names and values grow side by side; the order of the text is kept for those who show it. */
static enum err parse_record(struct cedar_parser *p, const struct cedar_expr **ret)
{
	struct cedar_expr node = node_at(EXPR_RECORD, &p->now);
	struct list l = { .count = 0 };
	void *names = NULL;
	size_t room = 0;
	bool more;

	TRY(cedar_grammar_advance(p));
	more = !cedar_at_sign(p, "}");
	if (!more)
		TRY(cedar_grammar_advance(p));
	while (more) {
		const struct cedar_expr *value;

		TRY(cedar_grow(p->tree.memory, &names, l.count, &room, sizeof(struct str)));
		TRY(parse_key(p, (struct str *)names + l.count));
		TRY(cedar_grammar_sign(p, ":", "':' and the value"));
		TRY(cedar_grammar_expr(p, &value));
		TRY(append(p, &l, value));
		TRY(next_item(p, "}", "',' or '}'", &more));
	}
	node.names = names;
	node.name_count = (uint32_t)l.count;
	TRY(check_keys(p, &node));
	return cedar_tree_add(&p->tree, node, l.items, l.count, ret);
}

/* --- primaries and what is asked of them --- */

static enum err parse_call(struct cedar_parser *p, const struct cedar_token *name,
			   const struct cedar_expr *receiver, const struct cedar_expr **ret)
{
	struct list l = { .count = 0 };

	if (receiver)
		TRY(append(p, &l, receiver));
	TRY(cedar_grammar_advance(p));
	TRY(parse_list(p, ")", "',' or ')'", &l));
	return cedar_tree_call(&p->tree, *name, receiver != NULL, l.items, l.count, ret);
}

/* What begins with a word: a truth, an entity, a call or a variable, told apart by what follows. */
static enum err parse_word(struct cedar_parser *p, const struct cedar_expr **ret)
{
	struct cedar_value entity = { .kind = CEDAR_ENTITY };
	struct cedar_token first = p->now;
	struct str path;
	bool open;

	if (cedar_at_word(p, "true") || cedar_at_word(p, "false")) {
		struct cedar_value v = { .kind = CEDAR_BOOL, .boolean = first.text.len == 4 };

		TRY(cedar_grammar_advance(p));
		return add_literal(p, &first, v, ret);
	}
	if (cedar_at_word(p, "if"))
		return note_set(p->tree.note, ERR_SYNTAX, first.line, first.column,
				"'if' inside of an expression stands in parentheses");
	TRY(take_path(p, "a value", &first, &path, &open));
	if (open) {
		TRY(take_id(p, &entity.uid.id));
		entity.uid.type = path;
		return add_literal(p, &first, entity, ret);
	}
	first.text = path;
	if (cedar_at_sign(p, "("))
		return parse_call(p, &first, NULL, ret);
	return cedar_tree_var(&p->tree, first, ret);
}

static enum err too_large(struct cedar_parser *p, const struct cedar_token *t)
{
	return note_set(p->tree.note, ERR_RANGE, t->line, t->column,
			"the integer %.*s is too large; the largest is 9223372036854775807",
			SHOWN(t->text));
}

static enum err parse_primary(struct cedar_parser *p, const struct cedar_expr **ret)
{
	struct cedar_value v = { .kind = CEDAR_STRING };
	struct cedar_token t = p->now;

	switch (t.kind) {
	case CEDAR_WORD:
		return parse_word(p, ret);
	case CEDAR_NUMBER:
		if (t.number > INT64_MAX)
			return too_large(p, &t);
		v = (struct cedar_value){ .kind = CEDAR_LONG, .integer = (int64_t)t.number };
		TRY(cedar_grammar_advance(p));
		return add_literal(p, &t, v, ret);
	case CEDAR_TEXT:
		TRY(cedar_token_string(&t, p->tree.memory, &v.string, p->tree.note));
		TRY(cedar_grammar_advance(p));
		return add_literal(p, &t, v, ret);
	case CEDAR_SIGN:
	case CEDAR_END:
		break;
	}
	if (cedar_at_sign(p, "(")) {
		TRY(cedar_grammar_advance(p));
		TRY(cedar_grammar_expr(p, ret));
		return cedar_grammar_sign(p, ")", "')' or an operator");
	}
	if (cedar_at_sign(p, "["))
		return parse_set(p, ret);
	if (cedar_at_sign(p, "{"))
		return parse_record(p, ret);
	if (cedar_at_sign(p, "?"))
		return note_set(p->tree.note, ERR_SYNTAX, t.line, t.column,
				"slots stand in the scope only; here it is principal or resource");
	return cedar_grammar_unexpected(p, "a value");
}

/* One step of a.b, a["b"] or a.b(c); *ret is what it is asked of, and then the answer. */
static enum err parse_get(struct cedar_parser *p, const struct cedar_expr **ret)
{
	struct cedar_expr node = node_at(EXPR_GET, &p->now);
	struct cedar_token name = p->now;

	if (cedar_at_sign(p, "[")) {
		TRY(cedar_grammar_advance(p));
		if (p->now.kind != CEDAR_TEXT)
			return cedar_grammar_unexpected(p, "the name of an attribute in quotes");
		TRY(cedar_token_string(&p->now, p->tree.memory, &node.name, p->tree.note));
		TRY(cedar_grammar_advance(p));
		TRY(cedar_grammar_sign(p, "]", "']'"));
		return cedar_tree_add(&p->tree, node, ret, 1, ret);
	}
	TRY(cedar_grammar_advance(p));
	TRY(take_name(p, "the name of an attribute or a method; others stand in brackets, [\"if\"]",
		      &name));
	if (cedar_at_sign(p, "("))
		return parse_call(p, &name, *ret, ret);
	node.name = name.text;
	return cedar_tree_add(&p->tree, node, ret, 1, ret);
}

/* Steps nest to the left, each deepening the tree by one, so cedar_tree bounds this loop. */
static enum err parse_member(struct cedar_parser *p, const struct cedar_expr **ret)
{
	TRY(parse_primary(p, ret));
	while (cedar_at_sign(p, ".") || cedar_at_sign(p, "["))
		TRY(parse_get(p, ret));
	return OK;
}

/* --- operators, from those that bind most --- */

/* The integer behind `count` minuses, the last of which is its own if nothing is asked of it. */
static enum err parse_negative(struct cedar_parser *p, unsigned *count,
			       const struct cedar_expr **ret)
{
	struct cedar_parser before = *p;
	struct cedar_value v = { .kind = CEDAR_LONG };

	TRY(cedar_grammar_advance(p));
	if (cedar_at_sign(p, ".") || cedar_at_sign(p, "[") || cedar_at_sign(p, "(")) {
		*p = before;
		return parse_member(p, ret);
	}
	if (before.now.number > (uint64_t)INT64_MAX + 1)
		return too_large(p, &before.now);
	v.integer = before.now.number > INT64_MAX ? INT64_MIN : -(int64_t)before.now.number;
	--*count;
	return add_literal(p, &before.now, v, ret);
}

/*
 * All signs of a row are one kind: `!-1` is no expression, because a sign stands before a member
 * and not before another sign. Each level is a node; four are allowed by the language.
 */
static enum err parse_unary(struct cedar_parser *p, const struct cedar_expr **ret)
{
	const char *sign = cedar_at_sign(p, "!") ? "!" : cedar_at_sign(p, "-") ? "-" : NULL;
	struct cedar_expr node = node_at(sign && *sign == '!' ? EXPR_NOT : EXPR_NEG, &p->now);
	unsigned count = 0;

	if (!sign)
		return parse_member(p, ret);
	for (; cedar_at_sign(p, sign); count++)
		TRY(cedar_grammar_advance(p));
	if (count > UNARY_MOST)
		return note_set(p->tree.note, ERR_SYNTAX, node.line, node.column,
				"'%s' stands %u times in a row; at most %d are allowed", sign,
				count, UNARY_MOST);
	if (node.op == EXPR_NEG && p->now.kind == CEDAR_NUMBER)
		TRY(parse_negative(p, &count, ret));
	else
		TRY(parse_member(p, ret));
	while (count-- > 0)
		TRY(cedar_tree_add(&p->tree, node, ret, 1, ret));
	return OK;
}

/* Other languages' `/` and `%` get a reason, because people try them. */
static enum err parse_product(struct cedar_parser *p, const struct cedar_expr **ret)
{
	const struct cedar_expr *right;

	TRY(parse_unary(p, ret));
	while (cedar_at_sign(p, "*")) {
		struct cedar_expr node = node_at(EXPR_MUL, &p->now);

		TRY(cedar_grammar_advance(p));
		TRY(parse_unary(p, &right));
		TRY(add_two(p, node, *ret, right, ret));
	}
	if (cedar_at_sign(p, "/") || cedar_at_sign(p, "%"))
		return note_set(p->tree.note, ERR_SYNTAX, p->now.line, p->now.column,
				"there is no '%.*s' in Cedar; multiply the other side",
				SHOWN(p->now.text));
	return OK;
}

static enum err parse_sum(struct cedar_parser *p, const struct cedar_expr **ret)
{
	const struct cedar_expr *right;

	TRY(parse_product(p, ret));
	while (cedar_at_sign(p, "+") || cedar_at_sign(p, "-")) {
		struct cedar_expr node =
			node_at(cedar_at_sign(p, "+") ? EXPR_ADD : EXPR_SUB, &p->now);

		TRY(cedar_grammar_advance(p));
		TRY(parse_product(p, &right));
		TRY(add_two(p, node, *ret, right, ret));
	}
	return OK;
}

/* `a has b.c.d` asks step by step; kept as one node with three names. */
static enum err parse_has(struct cedar_parser *p, struct cedar_expr node,
			  const struct cedar_expr **ret)
{
	static const char what[] = "the name of an attribute; others stand in quotes";
	struct cedar_token name;
	void *names = NULL;
	size_t room = 0;

	TRY(cedar_grow(p->tree.memory, &names, 0, &room, sizeof(struct str)));
	if (p->now.kind == CEDAR_TEXT) {
		TRY(cedar_token_string(&p->now, p->tree.memory, names, p->tree.note));
		TRY(cedar_grammar_advance(p));
		node.name_count = 1;
	} else {
		for (bool more = true; more;) {
			TRY(cedar_grow(p->tree.memory, &names, node.name_count, &room,
				       sizeof(struct str)));
			TRY(take_name(p, what, &name));
			((struct str *)names)[node.name_count++] = name.text;
			more = cedar_at_sign(p, ".");
			if (more)
				TRY(cedar_grammar_advance(p));
		}
	}
	node.names = names;
	return cedar_tree_add(&p->tree, node, ret, 1, ret);
}

static enum err parse_like(struct cedar_parser *p, struct cedar_expr node,
			   const struct cedar_expr **ret)
{
	if (p->now.kind != CEDAR_TEXT)
		return cedar_grammar_unexpected(p, "a pattern in quotes");
	TRY(cedar_token_glob(&p->now, p->tree.memory, &node.pattern.runs, &node.pattern.count,
			     p->tree.note));
	TRY(cedar_grammar_advance(p));
	return cedar_tree_add(&p->tree, node, ret, 1, ret);
}

/* The place after `in` belongs to `is`, and is not another comparison. */
static enum err parse_is(struct cedar_parser *p, struct cedar_expr node,
			 const struct cedar_expr **ret)
{
	const struct cedar_expr *place;

	TRY(cedar_grammar_type(p, &node.name));
	if (!cedar_at_word(p, "in"))
		return cedar_tree_add(&p->tree, node, ret, 1, ret);
	TRY(cedar_grammar_advance(p));
	TRY(parse_sum(p, &place));
	return add_two(p, node, *ret, place, ret);
}

/* Is a comparison next, and which? */
static bool at_relation(const struct cedar_parser *p, enum cedar_op *ret)
{
	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
		const char *text = cedar_op_text(relations[i]);

		*ret = relations[i];
		if (cedar_at_sign(p, text) || cedar_at_word(p, text))
			return true;
	}
	return false;
}

/* A single `=` is the commonest slip, so it has an answer of its own. */
static enum err no_assignment(struct cedar_parser *p)
{
	if (!cedar_at_sign(p, "="))
		return OK;
	return note_set(p->tree.note, ERR_SYNTAX, p->now.line, p->now.column,
			"'=' compares nothing; write '=='");
}

/* At most one comparison: a == b == c means something else to everybody who writes it. */
static enum err parse_relation(struct cedar_parser *p, const struct cedar_expr **ret)
{
	const struct cedar_expr *right;
	struct cedar_expr node;
	enum cedar_op op;

	TRY(parse_sum(p, ret));
	if (!at_relation(p, &op))
		return no_assignment(p);
	node = node_at(op, &p->now);
	TRY(cedar_grammar_advance(p));
	if (op == EXPR_HAS) {
		TRY(parse_has(p, node, ret));
	} else if (op == EXPR_LIKE) {
		TRY(parse_like(p, node, ret));
	} else if (op == EXPR_IS) {
		TRY(parse_is(p, node, ret));
	} else {
		TRY(parse_sum(p, &right));
		TRY(add_two(p, node, *ret, right, ret));
	}
	if (at_relation(p, &op))
		return note_set(p->tree.note, ERR_SYNTAX, p->now.line, p->now.column,
				"'%.*s' follows another comparison; they do not chain, so put one "
				"of them in parentheses",
				SHOWN(p->now.text));
	return no_assignment(p);
}

/* Operands of `op` with its sign between them. */
static enum err parse_chain(struct cedar_parser *p, enum cedar_op op, parse_fn *operand,
			    const struct cedar_expr **ret)
{
	const char *sign = cedar_op_text(op);
	struct cedar_chained *items;
	void *block = NULL;
	size_t count = 1, room = 0;

	TRY(operand(p, ret));
	if (!cedar_at_sign(p, sign))
		return OK;
	TRY(cedar_grow(p->tree.memory, &block, 0, &room, sizeof(*items)));
	items = block;
	items[0] = (struct cedar_chained){ .expr = *ret };
	while (cedar_at_sign(p, sign)) {
		struct cedar_chained item = { NULL, p->now.line, p->now.column };

		TRY(cedar_grammar_advance(p));
		TRY(operand(p, &item.expr));
		TRY(cedar_grow(p->tree.memory, &block, count, &room, sizeof(*items)));
		items = block;
		items[count++] = item;
	}
	return cedar_tree_chain(&p->tree, op, items, count, ret);
}

static enum err parse_and(struct cedar_parser *p, const struct cedar_expr **ret)
{
	return parse_chain(p, EXPR_AND, parse_relation, ret);
}

/* The three parts are whole expressions, so `else` takes all that follows. */
static enum err parse_if(struct cedar_parser *p, const struct cedar_expr **ret)
{
	static const char *const follow[] = { "then", "else", NULL };
	struct cedar_expr node = node_at(EXPR_IF, &p->now);
	const struct cedar_expr *parts[3];

	for (int i = 0; i < 3; i++) {
		TRY(cedar_grammar_advance(p));
		TRY(cedar_grammar_expr(p, &parts[i]));
		if (follow[i] && !cedar_at_word(p, follow[i]))
			return cedar_grammar_unexpected(p, i == 0 ? "'then' or an operator"
								  : "'else' or an operator");
	}
	return cedar_tree_add(&p->tree, node, parts, 3, ret);
}

/* The one place where expressions nest, so the one that counts how deep the stack is. */
enum err cedar_grammar_expr(struct cedar_parser *p, const struct cedar_expr **ret)
{
	enum err e;

	if (p->depth == LIMIT_CEDAR_DEPTH)
		return note_set(p->tree.note, ERR_LIMIT, p->now.line, p->now.column,
				"the expression is nested deeper than %d levels",
				LIMIT_CEDAR_DEPTH);
	p->depth++;
	e = cedar_at_word(p, "if") ? parse_if(p, ret) : parse_chain(p, EXPR_OR, parse_and, ret);
	p->depth--;
	return e;
}
