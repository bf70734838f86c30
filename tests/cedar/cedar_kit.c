#include "tests/cedar/cedar_kit.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"

#define TEXT_BYTES ((size_t)64 << 20)

struct cedar_policies *cedar_kit_policies(struct arena *a, struct str text)
{
	struct cedar_policies *set = NULL;
	struct note n = { .line = 0 };
	enum err e = cedar_policies_read(text, a, &set, &n);

	cr_assert_eq(e, OK, "%s at %u:%u: %s\n%.*s", err_name(e), n.line, n.column, n.text,
		     STR_ARG(text));
	return set;
}

struct cedar_policies *cedar_kit_json(struct arena *a, struct str text)
{
	struct cedar_policies *set = NULL;
	struct note n = { .line = 0 };
	struct value v;
	enum err e = json_read(text, 1, a, &v, &n);

	if (e == OK)
		e = cedar_policies_read_json(&v, a, &set, &n);
	cr_assert_eq(e, OK, "%s at %u:%u: %s\n%.*s", err_name(e), n.line, n.column, n.text,
		     STR_ARG(text));
	return set;
}

const struct cedar_expr *cedar_kit_expr(struct arena *a, const char *text)
{
	const struct cedar_policies *set;
	struct buf b;

	buf_init(&b, TEXT_BYTES);
	buf_addf(&b, "permit(principal,action,resource) when {%s};", text);
	cr_assert_eq(b.err, OK);
	set = cedar_kit_policies(a, buf_view(&b));
	buf_fini(&b);
	cr_assert_eq(set->count, 1);
	cr_assert_eq(set->policies[0]->condition_count, 1);
	return set->policies[0]->conditions[0].body;
}

static void check_untouched(struct arena *a, struct arena_mark before, const void *output)
{
	struct arena_mark after = arena_mark(a);

	cr_assert_eq(output, NULL, "an output was written by a failure");
	cr_assert(before.chunk == after.chunk && before.used == after.used,
		  "a failure left something in the arena");
}

enum err cedar_kit_refused(struct arena *a, struct str text, struct note *n)
{
	struct arena_mark before = arena_mark(a);
	struct cedar_policies *set = NULL;
	enum err e;

	*n = (struct note){ .line = 0 };
	e = cedar_policies_read(text, a, &set, n);
	cr_assert_neq(e, OK, "this was read: %.*s", STR_ARG(text));
	check_untouched(a, before, set);
	cr_assert_eq(cedar_policies_read(text, a, &set, NULL), e, "the note changes the answer");
	return e;
}

enum err cedar_kit_refused_json(struct arena *a, struct str text, struct note *n)
{
	struct cedar_policies *set = NULL;
	struct arena_mark before;
	struct value v;
	enum err e;

	*n = (struct note){ .line = 0 };
	e = json_read(text, 1, a, &v, n);
	cr_assert_eq(e, OK, "%s: %.*s", n->text, STR_ARG(text));
	before = arena_mark(a);
	e = cedar_policies_read_json(&v, a, &set, n);
	cr_assert_neq(e, OK, "this was read: %.*s", STR_ARG(text));
	check_untouched(a, before, set);
	cr_assert_eq(cedar_policies_read_json(&v, a, &set, NULL), e, "the note changes the answer");
	return e;
}

/* --- showing --- */

static const char *const ops[CEDAR_OPS] = {
	"literal", "var", "slot", "if", "&&",  "||",     "!",    "neg", "==",
	"!=",      "<",   "<=",   ">",  ">=",  "in",     "+",    "-",   "*",
	".",       "has", "like", "is", "set", "record", "call",
};

/* Backquotes and backslashes are hexadecimal, so no text looks like another. */
static void show_text(struct buf *b, struct str s)
{
	buf_add_byte(b, '`');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < ' ' || c > '~' || c == '`' || c == '\\')
			buf_addf(b, "\\%02x", c);
		else
			buf_add_byte(b, (char)c);
	}
	buf_add_byte(b, '`');
}

static void show_uid(struct buf *b, const struct cedar_uid *uid)
{
	show_text(b, uid->type);
	buf_add_byte(b, ':');
	show_text(b, uid->id);
}

static void show_literal(struct buf *b, const struct cedar_value *v)
{
	if (v->kind == CEDAR_BOOL)
		buf_add_c(b, v->boolean ? "t" : "f");
	else if (v->kind == CEDAR_LONG)
		buf_add_i64(b, v->integer);
	else if (v->kind == CEDAR_STRING)
		show_text(b, v->string);
	else
		show_uid(b, &v->uid);
	cr_assert(v->kind <= CEDAR_ENTITY);
}

static void show_details(struct buf *b, const struct cedar_expr *e)
{
	static const char *const calls[] = {
#define CALL_NAME(id, name, args, method) name,
		CEDAR_CALL_LIST(CALL_NAME)
#undef CALL_NAME
	};

	if (e->op == EXPR_GET || e->op == EXPR_IS) {
		buf_add_byte(b, ' ');
		show_text(b, e->name);
	}
	for (uint32_t i = 0; (e->op == EXPR_HAS || e->op == EXPR_RECORD) && i < e->name_count;
	     i++) {
		buf_add_byte(b, ' ');
		show_text(b, e->names[i]);
	}
	for (size_t i = 0; e->op == EXPR_LIKE && i < e->pattern.count; i++) {
		buf_add_byte(b, ' ');
		if (e->pattern.runs[i].star)
			buf_add_byte(b, '*');
		else
			show_text(b, e->pattern.runs[i].text);
	}
	if (e->op == EXPR_CALL)
		buf_addf(b, " %s", calls[e->call]);
}

static void show(struct buf *b, const struct cedar_expr *e)
{
	static const char *const vars[] = { "principal", "action", "resource", "context" };

	buf_add_byte(b, '(');
	if (e->op == EXPR_LITERAL) {
		show_literal(b, &e->literal);
	} else if (e->op == EXPR_VAR) {
		buf_add_c(b, vars[e->var]);
	} else {
		buf_add_c(b, ops[e->op]);
		for (uint32_t i = 0; i < e->arg_count; i++) {
			buf_add_byte(b, ' ');
			show(b, e->args[i]);
		}
		show_details(b, e);
	}
	buf_add_byte(b, ')');
}

static struct str keep(struct arena *a, struct buf *b)
{
	struct str s;

	cr_assert_eq(b->err, OK);
	cr_assert_eq(arena_copy(a, buf_view(b), &s), OK);
	buf_fini(b);
	return s;
}

struct str cedar_kit_show(struct arena *a, const struct cedar_expr *e)
{
	struct buf b;

	buf_init(&b, TEXT_BYTES);
	show(&b, e);
	return keep(a, &b);
}

static void show_scope(struct buf *b, const struct cedar_scope *s)
{
	buf_addf(b, " [%d%s%s", (int)s->op, s->slot ? " slot" : "", s->listed ? " list" : "");
	show_text(b, s->type);
	show_uid(b, &s->uid);
	for (size_t i = 0; i < s->list_count; i++)
		show_uid(b, &s->list[i]);
	buf_add_byte(b, ']');
}

static void show_policy(struct buf *b, const struct cedar_policy *p, bool ids)
{
	if (ids) {
		show_text(b, p->id);
		show_text(b, p->template_id);
		show_uid(b, &p->slot_principal);
		show_uid(b, &p->slot_resource);
	}
	buf_addf(b, "%s%s%s", p->forbid ? "forbid" : "permit", p->wants_principal ? " p" : "",
		 p->wants_resource ? " r" : "");
	for (size_t i = 0; i < p->note_count; i++) {
		buf_add_byte(b, '@');
		show_text(b, p->notes[i].key);
		show_text(b, p->notes[i].value);
	}
	show_scope(b, &p->principal);
	show_scope(b, &p->action);
	show_scope(b, &p->resource);
	for (size_t i = 0; i < p->condition_count; i++) {
		buf_add_c(b, p->conditions[i].unless ? " unless " : " when ");
		show(b, p->conditions[i].body);
	}
	buf_add_byte(b, '\n');
}

struct str cedar_kit_show_set(struct arena *a, const struct cedar_policies *p, bool ids)
{
	struct buf b;

	buf_init(&b, TEXT_BYTES);
	for (size_t i = 0; ids && i < p->count; i++)
		show_policy(&b, p->policies[i], true);
	for (size_t i = 0; ids && i < p->template_count; i++)
		show_policy(&b, p->templates[i], true);
	for (size_t i = 0; !ids && i < p->count + p->template_count; i++)
		if (!p->all[i]->template_id.ptr)
			show_policy(&b, p->all[i], false);
	return keep(a, &b);
}

/* --- random sets --- */

struct dice {
	struct arena *memory;
	struct cedar_tree tree;
	uint64_t state; /* splitmix64 */
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	uint64_t z = d->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return (uint32_t)((z ^ (z >> 31)) % sides);
}

static struct str some_text(struct dice *d)
{
	static const struct str pieces[] = {
		{ "a", 1 },
		{ "if", 2 },
		{ " ", 1 },
		{ "*", 1 },
		{ "\\", 1 },
		{ "\"", 1 },
		{ "\0", 1 },
		{ "\n", 1 },
		{ "\r", 1 },
		{ "'", 1 },
		{ "\xc3\xa9", 2 },
		{ "\xe2\x80\xae", 3 },
		{ "\xf0\x9f\x98\x80", 4 },
		{ "//", 2 },
		{ "\x7f", 1 },
	};
	struct str s;
	struct buf b;

	buf_init(&b, 256);
	for (uint32_t n = roll(d, 5); n > 0; n--)
		buf_add(&b, pieces[roll(d, sizeof(pieces) / sizeof(pieces[0]))]);
	cr_assert_eq(arena_copy(d->memory, buf_view(&b), &s), OK);
	buf_fini(&b);
	return s;
}

static struct str some_name(struct dice *d)
{
	static const struct str names[] = {
		{ "a", 1 }, { "principal", 9 }, { "_x9", 3 }, { "contains", 8 }, { "permit", 6 },
	};

	return names[roll(d, sizeof(names) / sizeof(names[0]))];
}

static struct cedar_uid some_uid(struct dice *d, const char *type)
{
	return (struct cedar_uid){ str_view(type), some_text(d) };
}

static const struct cedar_expr *add(struct dice *d, struct cedar_expr node,
				    const struct cedar_expr *const *args, size_t count)
{
	const struct cedar_expr *e = NULL;

	cr_assert_eq(cedar_tree_add(&d->tree, node, args, count, &e), OK);
	return e;
}

static const struct cedar_expr *some_leaf(struct dice *d)
{
	static const int64_t integers[] = { 0, 1, -1, 5, INT64_MAX, INT64_MIN };
	struct cedar_expr node = { .op = EXPR_LITERAL };

	switch (roll(d, 5)) {
	case 0:
		node.op = EXPR_VAR;
		node.var = (enum cedar_var)roll(d, 4);
		break;
	case 1:
		node.literal = (struct cedar_value){ .kind = CEDAR_LONG,
						     .integer = integers[roll(d, 6)] };
		break;
	case 2:
		node.literal = (struct cedar_value){ .kind = CEDAR_STRING, .string = some_text(d) };
		break;
	case 3:
		node.literal = (struct cedar_value){ .kind = CEDAR_ENTITY,
						     .uid = some_uid(d, "N::action") };
		break;
	default:
		node.literal = (struct cedar_value){ .kind = CEDAR_BOOL, .boolean = roll(d, 2) };
	}
	return add(d, node, NULL, 0);
}

/* Text and stars take turns. */
static void some_pattern(struct dice *d, struct cedar_expr *node)
{
	struct cedar_glob *runs = arena_array(d->memory, 4, sizeof(*runs));
	bool star = roll(d, 2);

	for (uint32_t n = roll(d, 5); node->pattern.count < n; star = !star) {
		struct str s = star ? STR_NONE : some_text(d);

		if (!star && s.len == 0)
			s = STR("x");
		runs[node->pattern.count++] = (struct cedar_glob){ star, s };
	}
	node->pattern.runs = runs;
}

static struct str *some_names(struct dice *d, uint32_t count)
{
	struct str *names = arena_array(d->memory, count, sizeof(*names));

	for (uint32_t i = 0; i < count; i++)
		names[i] = some_name(d);
	if (count == 1 && roll(d, 2))
		names[0] = some_text(d);
	return names;
}

/* Different names: a number in front of all but the first. */
static struct str *some_keys(struct dice *d, uint32_t count)
{
	struct str *names = some_names(d, count);

	for (uint32_t i = 1; i < count; i++) {
		char key[32];

		snprintf(key, sizeof(key), "%s%u", roll(d, 2) ? "k" : "", i);
		cr_assert_eq(arena_copy(d->memory, str_view(key), &names[i]), OK);
	}
	return names;
}

static const struct cedar_expr *some_call(struct dice *d, const struct cedar_expr *const *args)
{
	enum cedar_call call = (enum cedar_call)roll(d, CEDAR_CALLS);
	bool method = cedar_call_is_method(call);
	struct cedar_expr node = { .op = EXPR_CALL, .call = call };

	if (call == CALL_IS_EMPTY)
		return add(d, node, args, 1);
	return add(d, node, args, cedar_call_is_core(call) ? 2 : method + roll(d, 3));
}

static const struct cedar_expr *some_expr(struct dice *d, unsigned depth)
{
	struct cedar_expr node = { .op = (enum cedar_op)roll(d, CEDAR_OPS) };
	const struct cedar_expr *args[4], *chain = NULL;
	struct cedar_chained items[4] = { { NULL, 0, 0 } };
	uint32_t count = roll(d, 4);

	if (depth == 0 || node.op <= EXPR_SLOT)
		return some_leaf(d);
	for (int i = 0; i < 4; i++)
		items[i].expr = args[i] = some_expr(d, depth - 1);
	switch (node.op) {
	case EXPR_IF:
		return add(d, node, args, 3);
	case EXPR_AND:
	case EXPR_OR:
		cr_assert_eq(cedar_tree_chain(&d->tree, node.op, items, 2 + count % 3, &chain), OK);
		return chain;
	case EXPR_NOT:
	case EXPR_NEG:
		return add(d, node, args, 1);
	case EXPR_GET:
		node.name = *some_names(d, 1);
		return add(d, node, args, 1);
	case EXPR_HAS:
		node.name_count = 1 + count % 3;
		node.names = some_names(d, node.name_count);
		return add(d, node, args, 1);
	case EXPR_LIKE:
		some_pattern(d, &node);
		return add(d, node, args, 1);
	case EXPR_IS:
		node.name = STR("N::resource");
		return add(d, node, args, 1 + count % 2);
	case EXPR_RECORD:
		node.name_count = count;
		node.names = some_keys(d, count);
		return add(d, node, args, count);
	case EXPR_SET:
		return add(d, node, args, count);
	case EXPR_CALL:
		return some_call(d, args);
	default:
		return add(d, node, args, 2);
	}
}

static struct cedar_scope some_scope(struct dice *d, bool action)
{
	struct cedar_scope s = { .op = (enum cedar_scope_op)roll(d, action ? SCOPE_IS : 5) };
	struct cedar_uid *list = arena_array(d->memory, 3, sizeof(*list));

	if (s.op == SCOPE_IS || s.op == SCOPE_IS_IN)
		s.type = STR("A::B::C");
	if (s.op == SCOPE_ANY || s.op == SCOPE_IS)
		return s;
	if (action && s.op == SCOPE_IN && roll(d, 2)) {
		s.listed = true;
		s.list = list;
		for (uint32_t n = roll(d, 4); s.list_count < n; s.list_count++)
			list[s.list_count] = some_uid(d, "N::Action");
		return s;
	}
	s.slot = !action && roll(d, 3) == 0;
	if (!s.slot)
		s.uid = some_uid(d, "Action");
	return s;
}

static struct cedar_policy *some_policy(struct dice *d, unsigned number)
{
	struct cedar_policy *p = arena_alloc(d->memory, sizeof(*p));
	struct cedar_condition *conditions = arena_array(d->memory, 3, sizeof(*conditions));
	struct cedar_note *notes = arena_array(d->memory, 2, sizeof(*notes));
	char id[32];

	snprintf(id, sizeof(id), "policy%u", number);
	cr_assert_eq(arena_copy(d->memory, str_view(id), &p->id), OK);
	p->forbid = roll(d, 2);
	p->principal = some_scope(d, false);
	p->action = some_scope(d, true);
	p->resource = some_scope(d, false);
	p->wants_principal = p->principal.slot;
	p->wants_resource = p->resource.slot;
	for (uint32_t n = roll(d, 3); p->note_count < n; p->note_count++)
		notes[p->note_count] = (struct cedar_note){ p->note_count ? STR("__cedar")
									  : STR("if"),
							    some_text(d) };
	for (uint32_t n = roll(d, 4); p->condition_count < n; p->condition_count++) {
		conditions[p->condition_count].unless = roll(d, 2);
		conditions[p->condition_count].body = some_expr(d, roll(d, 5));
	}
	p->notes = notes;
	p->conditions = conditions;
	return p;
}

struct cedar_policies *cedar_kit_random(struct arena *a, uint64_t seed)
{
	struct dice d = { .memory = a, .tree = { .memory = a }, .state = seed };
	const struct cedar_uid uid = { STR("U"), some_text(&d) };
	struct cedar_policies *set = NULL;
	uint32_t count = roll(&d, 5);

	cr_assert_eq(cedar_policies_new(a, &set), OK);
	for (unsigned i = 0; i < count; i++)
		cr_assert_eq(cedar_policies_add(set, some_policy(&d, i), a, NULL), OK);
	for (size_t i = 0; i < set->template_count; i++) {
		const struct cedar_policy *t = set->templates[i];
		char id[32];

		snprintf(id, sizeof(id), "link \"%zu\"", i);
		cr_assert_eq(cedar_link(set, t->id, str_view(id), t->wants_principal ? &uid : NULL,
					t->wants_resource ? &uid : NULL, a, NULL),
			     OK);
	}
	return set;
}

struct str cedar_kit_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	long size;

	if (!f)
		return STR_NONE;
	cr_assert(fseek(f, 0, SEEK_END) == 0);
	size = ftell(f);
	rewind(f);
	text = arena_alloc(a, (size_t)size);
	cr_assert(text != NULL);
	cr_assert_eq(fread(text, 1, (size_t)size, f), (size_t)size);
	fclose(f);
	return str_slice(text, (size_t)size);
}
