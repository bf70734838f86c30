#include "tests/kit/cedar_kit.h"

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
	"literal", "var", "slot", "if", "&&", "||", "!", "neg", "==", "!=", "<", "<=", ">", ">=",
	"in", "+", "-", "*", ".", "has", "like", "is", "set", "record", "call",
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
	for (uint32_t i = 0; (e->op == EXPR_HAS || e->op == EXPR_RECORD) && i < e->name_count; i++) {
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
		show_policy(&b, p->all[i], false);
	return keep(a, &b);
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
