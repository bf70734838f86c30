/*
 * members: the keys of a mapping, one by one. What is not known is refused with the nearest name
 * that is, and what has another type with the one that was expected.
 */
#include "engine/policy/rules.h"

#include <stdio.h>

/* Keys that are dates for other readers of the dialect: nothing here would keep them true. */
static const char *const foreign_keys[] = { "created_at", "updated_at", NULL };

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

enum err members_known(const struct reader *r, const struct value *object, const char *const *known,
		       const char *owner)
{
	char all[256];

	for (size_t i = 0; i < object->object.count; i++) {
		const struct member *m = &object->object.members[i];
		const char *near = str_nearest(m->key, known);

		if (str_index(m->key, known) >= 0)
			continue;
		if (str_index(m->key, foreign_keys) >= 0)
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

enum err member_wrong(const struct reader *r, const struct value *v, const char *key,
		      const char *expected)
{
	return note_set(r->note, ERR_TYPE, v->line, v->column, "'%s' is %s here; expected %s", key,
			value_kind_name(v->kind), expected);
}

enum err member_of(const struct reader *r, const struct value *object, const char *key,
		   enum value_kind kind, const char *expected, const struct value **ret)
{
	const struct value *v = value_get_c(object, key);

	if (v && v->kind != kind)
		return member_wrong(r, v, key, expected);
	*ret = v;
	return OK;
}

enum err member_bool(const struct reader *r, const struct value *object, const char *key,
		     bool absent, bool *ret)
{
	const struct value *v = NULL;

	TRY(member_of(r, object, key, VALUE_BOOL, "true or false", &v));
	*ret = v ? v->boolean : absent;
	return OK;
}

enum err member_choice(const struct reader *r, const struct value *object, const char *key,
		       const char *const *choices, int *ret)
{
	const struct value *v = value_get_c(object, key);
	const char *near;
	char all[256];

	*ret = -1;
	if (!v)
		return OK;
	list_names(choices, all, sizeof(all));
	if (v->kind != VALUE_STRING)
		return member_wrong(r, v, key, all);
	*ret = str_index(v->string, choices);
	if (*ret >= 0)
		return OK;
	near = str_nearest(v->string, choices);
	return note_set(r->note, ERR_UNKNOWN, v->line, v->column,
			"unknown %s '%.*s'; expected %s%s%s%s", key, SHOWN(v->string), all,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

enum err members_are_strings(const struct reader *r, const struct value *object,
			     const char *const *keys)
{
	const struct value *v;

	for (; *keys; keys++)
		TRY(member_of(r, object, *keys, VALUE_STRING,
			      "a string (in quotes when it looks like a number)", &v));
	return OK;
}

enum err member_name(const struct reader *r, const struct value *object, const char *owner,
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

enum err member_strings(const struct reader *r, const struct value *object, const char *key,
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

void member_place(const struct reader *r, const struct value *v, const char *what, struct note *n)
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
	(void)note_set(n, OK, v->line, v->column, "%s column %zu: %s", what, bytes + 1,
		       why);
}
