#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "tests/cedar/judged.h"

#define MEMORY ((size_t)256 << 20)
#define ROOM 4096

static struct arena memory;

struct arena *judged_memory(void)
{
	if (!memory.cap_bytes)
		arena_init(&memory, MEMORY);
	return &memory;
}

static struct value read_json(const char *json)
{
	struct str text;
	struct value v;
	struct note n = { .column = 0 };

	cr_assert_eq(arena_copy(judged_memory(), str_view(json), &text), OK);
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\'')
			((char *)(uintptr_t)text.ptr)[i] = '"';
	cr_assert_eq(json_read(text, 1, judged_memory(), &v, &n), OK, "%s: %s", json, n.text);
	return v;
}

struct cedar_schema *judged_schema(const char *text)
{
	struct cedar_schema *s = NULL;
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_schema_read(str_view(text), judged_memory(), &s, &n), OK,
		     "%s: %u:%u %s", text, n.line, n.column, n.text);
	return s;
}

struct cedar_schema *judged_schema_json(const char *json)
{
	struct value v = read_json(json);
	struct cedar_schema *s = NULL;
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_schema_read_json(&v, judged_memory(), &s, &n), OK, "%s: %u:%u %s", json,
		     n.line, n.column, n.text);
	return s;
}

struct cedar_policies *judged_policies(const char *text)
{
	struct cedar_policies *p = NULL;
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_policies_read(str_view(text), judged_memory(), &p, &n), OK,
		     "%s: %u:%u %s", text, n.line, n.column, n.text);
	return p;
}

static const char *refusal(enum err e, const struct note *n)
{
	char *text = arena_alloc(judged_memory(), ROOM);

	cr_assert_not_null(text);
	if (e != OK)
		(void)snprintf(text, ROOM, "%u:%u %s", n->line, n->column, n->text);
	return text;
}

const char *judged_refusal(const char *text)
{
	struct note n = { .column = 0 };
	struct cedar_schema *s;

	return refusal(cedar_schema_read(str_view(text), judged_memory(), &s, &n), &n);
}

const char *judged_refusal_json(const char *json)
{
	struct value v = read_json(json);
	struct note n = { .column = 0 };
	struct cedar_schema *s;

	return refusal(cedar_schema_read_json(&v, judged_memory(), &s, &n), &n);
}

static const char *findings(const char *schema, const char *policies, enum cedar_mode mode,
			    bool places)
{
	struct cedar_findings found;
	char *text = arena_alloc(judged_memory(), ROOM);
	size_t at = 0;

	cr_assert_not_null(text);
	cr_assert_eq(cedar_validate(judged_policies(policies), judged_schema(schema), mode,
				    judged_memory(), &found),
		     OK);
	for (size_t i = 0; i < found.count; i++) {
		const struct cedar_finding *f = &found.items[i];

		at += (size_t)snprintf(text + at, ROOM - at, "%s%s", at ? "\n" : "",
				       f->warning ? "warning " : "");
		if (places)
			at += (size_t)snprintf(text + at, ROOM - at, "%u:%u ", f->line, f->column);
		at += (size_t)snprintf(text + at, ROOM - at, "%.*s", STR_ARG(f->text));
		cr_assert_lt(at, ROOM);
	}
	return text;
}

const char *judged_findings(const char *schema, const char *policies, enum cedar_mode mode)
{
	return findings(schema, policies, mode, true);
}

const char *judged_expr(const char *schema, const char *expr, enum cedar_mode mode)
{
	char *text = arena_alloc(judged_memory(), ROOM);

	cr_assert_not_null(text);
	(void)snprintf(text, ROOM, "permit(principal, action, resource) when { %s };", expr);
	return findings(schema, text, mode, false);
}
