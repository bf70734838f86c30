/*
 * fuzz_json: any bytes, read by us and by jansson.
 *
 *   1. Both accept or both refuse, and accepted trees are equal. Known differences, where only we
 *      may be right: integers beyond int64 (jansson refuses), our limits, and a name with NUL.
 *   2. The canonical form is its own canonical form.
 *   3. Python's form and a copy are equal trees, with the same canonical form.
 *   4. A value that is not a list comes out of the cutter as one element with the same bytes; the
 *      elements of a list are, read one by one, the list's items.
 *   5. The cutter tells the same story whatever the portions; so does the hull of a list "a".
 *   6. What is in such a hull is the document's list, and the hull the rest of it.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/json_cutter.h"
#include "engine/base/json_hull.h"
#include "engine/base/limits.h"

#define MEMORY ((size_t)512 << 20)
#define STORY_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool holds_big(const struct value *v)
{
	bool big = v->kind == VALUE_BIG;

	for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
		big |= holds_big(&v->list.items[i]);
	for (size_t i = 0; v->kind == VALUE_OBJECT && i < v->object.count; i++)
		big |= holds_big(&v->object.members[i].value);
	return big;
}

static bool same(const struct value *v, const json_t *j)
{
	bool equal = true;

	switch (v->kind) {
	case VALUE_NULL:
		return json_is_null(j);
	case VALUE_BOOL:
		return json_is_boolean(j) && json_is_true(j) == v->boolean;
	case VALUE_INT:
		return json_is_integer(j) && json_integer_value(j) == v->integer;
	case VALUE_REAL:
		return json_is_number(j) && json_number_value(j) == v->real;
	case VALUE_STRING:
		return json_is_string(j) &&
		       str_eq(v->string, str_slice(json_string_value(j), json_string_length(j)));
	case VALUE_LIST:
		equal = json_is_array(j) && json_array_size(j) == v->list.count;
		for (size_t i = 0; equal && i < v->list.count; i++)
			equal = same(&v->list.items[i], json_array_get(j, i));
		return equal;
	case VALUE_OBJECT:
		equal = json_is_object(j) && json_object_size(j) == v->object.count;
		for (size_t i = 0; equal && i < v->object.count; i++) {
			const struct member *m = &v->object.members[i];

			equal = same(&m->value, json_object_getn(j, m->key.ptr, m->key.len));
		}
		return equal;
	default:
		return false;
	}
}

static void compare_with_jansson(struct str text, enum err e, const struct value *v)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	json_error_t why;
	json_t *j = json_loadb(text.ptr, text.len, flags, &why);

	if (j) {
		MUST(e == OK ? same(v, j) : e == ERR_LIMIT || memchr(text.ptr, '\0', text.len));
		json_decref(j);
	} else if (e == OK) {
		MUST(holds_big(v) || json_error_code(&why) == json_error_null_byte_in_key);
	}
}

/* The canonical form is a fixpoint and says the same, and so does Python's. */
static void check_forms(const struct value *v, struct arena *a)
{
	struct value back;
	struct buf canon, python, again;

	buf_init(&canon, STORY_BYTES);
	buf_init(&python, STORY_BYTES);
	buf_init(&again, STORY_BYTES);
	canon_value(&canon, v);
	MUST(canon.err == OK && json_read(buf_view(&canon), 1, a, &back, NULL) == OK);
	canon_value(&again, &back);
	MUST(again.err == OK && str_eq(buf_view(&canon), buf_view(&again)));
	MUST(value_eq(v, &back));
	canon_python(&python, v);
	MUST(python.err == OK && json_read(buf_view(&python), 1, a, &back, NULL) == OK);
	MUST(value_eq(v, &back));
	buf_clear(&again);
	canon_value(&again, &back);
	MUST(again.err == OK && str_eq(buf_view(&canon), buf_view(&again)));
	MUST(value_copy(a, v, &back) == OK && value_eq(v, &back));
	buf_fini(&canon);
	buf_fini(&python);
	buf_fini(&again);
}

/* Cut in portions; each element becomes "line:bytes\n" of the story, an error its name. */
static bool tell(struct str text, size_t portion, struct buf *story)
{
	struct json_cutter c;
	struct str element = STR("");
	uint32_t line;
	size_t at = 0;
	enum err e = OK;
	bool is_list;

	json_cutter_init(&c, LIMIT_LINE_BYTES);
	while (e == OK) {
		size_t len = text.len - at < portion ? text.len - at : portion;

		if (len == 0)
			json_cutter_end(&c);
		else
			MUST(json_cutter_feed(&c, str_slice(text.ptr + at, len)) == OK);
		at += len;
		while ((e = json_cutter_next(&c, &element, &line, NULL)) == OK && element.ptr)
			buf_addf(story, "%u:%.*s\n", line, STR_ARG(element));
		if (len == 0)
			break;
	}
	buf_add_c(story, err_name(e));
	is_list = c.is_list;
	json_cutter_fini(&c);
	return is_list;
}

/* The elements, read one by one, are the items of the list, or the one value. */
static void check_elements(struct str text, const struct value *v, struct arena *a)
{
	const struct value *items = v->kind == VALUE_LIST ? v->list.items : v;
	size_t count = v->kind == VALUE_LIST ? v->list.count : 1, at = 0;
	struct json_cutter c;
	struct str element;
	struct value item;
	uint32_t line;

	json_cutter_init(&c, LIMIT_LINE_BYTES);
	MUST(json_cutter_feed(&c, text) == OK);
	json_cutter_end(&c);
	for (;; at++) {
		MUST(json_cutter_next(&c, &element, &line, NULL) == OK);
		if (!element.ptr)
			break;
		MUST(at < count && line == items[at].line);
		MUST(json_read(element, line, a, &item, NULL) == OK && value_eq(&item, &items[at]));
	}
	MUST(at == count && c.is_list == (v->kind == VALUE_LIST));
	json_cutter_fini(&c);
}

static void check_portions(struct str text)
{
	struct buf whole, parts;
	bool is_list;

	buf_init(&whole, STORY_BYTES);
	buf_init(&parts, STORY_BYTES);
	is_list = tell(text, text.len + 1, &whole);
	for (size_t portion = 1; portion < 4; portion++) {
		buf_clear(&parts);
		MUST(tell(text, portion, &parts) == is_list);
		MUST(str_eq(buf_view(&whole), buf_view(&parts)));
	}
	buf_fini(&whole);
	buf_fini(&parts);
}

/* What comes out of the hull by portions of so many bytes; true when it was one. */
static bool open_hull(struct str text, size_t portion, struct buf *list, struct buf *hull)
{
	struct str piece = STR(""), bytes;
	struct json_hull h;
	bool opened;

	json_hull_init(&h, STR("a"), STORY_BYTES);
	for (size_t at = 0; at < text.len; at += portion) {
		bytes = str_slice(text.ptr + at,
				  text.len - at < portion ? text.len - at : portion);
		do {
			MUST(json_hull_next(&h, &bytes, &piece) == OK);
			buf_add(list, piece);
		} while (piece.ptr);
	}
	buf_add(list, json_hull_end(&h));
	opened = h.place == HULL_BEHIND || h.place == HULL_CLOSED;
	buf_add(hull, buf_view(&h.text));
	json_hull_fini(&h);
	return opened;
}

/* Portions change nothing; what is no hull stays as it is; a document's list is the one in it. */
static void check_hull(struct str text, const struct value *v, struct arena *a)
{
	struct buf list, hull, parts, rest;
	struct value item;
	bool opened;

	buf_init(&list, STORY_BYTES);
	buf_init(&hull, STORY_BYTES);
	buf_init(&parts, STORY_BYTES);
	buf_init(&rest, STORY_BYTES);
	opened = open_hull(text, text.len + 1, &list, &hull);
	MUST(open_hull(text, 1, &parts, &rest) == opened);
	MUST(str_eq(buf_view(&list), buf_view(&parts)) && str_eq(buf_view(&hull), buf_view(&rest)));
	MUST(opened || list.len <= text.len);
	if (v && opened) {
		MUST(json_read(buf_view(&list), 1, a, &item, NULL) == OK);
		MUST(value_eq(&item, value_get_c(v, "a")));
		MUST(json_read(buf_view(&hull), 1, a, &item, NULL) == OK);
		MUST(item.object.count == v->object.count);
	} else if (v) {
		MUST(str_eq(buf_view(&list), text));
	}
	buf_fini(&list);
	buf_fini(&hull);
	buf_fini(&parts);
	buf_fini(&rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_slice(size ? (const char *)data : "", size);
	struct note n = { .line = 0 };
	struct value v = value_null();
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY);
	e = json_read(text, 1, &a, &v, &n);
	MUST(e == OK || (n.text[0] && n.line >= 1 && n.column >= 1 && n.column <= size + 1));
	compare_with_jansson(text, e, &v);
	if (e == OK) {
		check_forms(&v, &a);
		check_elements(text, &v, &a);
	}
	check_portions(text);
	check_hull(text, e == OK ? &v : NULL, &a);
	arena_fini(&a);
	return 0;
}
