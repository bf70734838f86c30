/*
 * capability: the algebra of what agents may do.
 *
 * One fact carries it: the text of an item is itself a path, and item p covers the text of item q
 * exactly when p covers all that q covers. A literal covers its own text only, and "ab*" covers
 * every text that begins with "ab", that of "abc*" included; no literal holds a star, so none is
 * taken for what a star stands for.
 *
 * Nothing is lost by looking at items one by one: put a text that nobody uses in the place of every
 * star of p, and whichever item covers that path covers all of p. So a union covers p only when one
 * of its items does, which makes narrowing exact and the canonical form the only one:
 *
 *   grants    those that no other grant covers and no denial does
 *   denials   what each has in common with a grant, without those that another covers
 *   order     grants before denials, each by bytes
 */
#include "engine/identity/capability.h"

#include <stdlib.h>

#define SEPARATOR ':'
#define DENIAL '-'
/* Of two items together. */
#define MERGED_BYTES (2 * LIMIT_CAPABILITY_BYTES)
/* All pairs of items of two sets, each of which may be as long as a set. */
#define SCRATCH_BYTES ((size_t)4 << 20)

struct str capability_text(const struct capabilities *set)
{
	return str_slice(set->text, set->bytes);
}

/* Takes the first part off the rest; false when there is none left. */
static bool next_part(struct str *rest, char separator, struct str *part)
{
	if (!rest->ptr)
		return false;
	if (!str_cut(*rest, separator, part, rest)) {
		*part = *rest;
		*rest = STR_NONE;
	}
	return true;
}

/* An empty set has no item. */
static bool next_item(struct str *rest, struct str *item, bool *denial)
{
	if (rest->len == 0 || !next_part(rest, ',', item))
		return false;
	*denial = item->len > 0 && item->ptr[0] == DENIAL;
	if (*denial)
		*item = str_slice(item->ptr + 1, item->len - 1);
	return true;
}

/* --- one item --- */

static bool is_open(struct str segment)
{
	return segment.len > 0 && segment.ptr[segment.len - 1] == '*';
}

static struct str closed_part(struct str segment)
{
	return str_slice(segment.ptr, segment.len - is_open(segment));
}

static bool segment_covers(struct str pattern, struct str text)
{
	return is_open(pattern) ? str_starts(text, closed_part(pattern)) : str_eq(pattern, text);
}

static bool item_covers(struct str item, struct str path)
{
	struct str pattern, text;

	while (next_part(&item, SEPARATOR, &pattern))
		if (!next_part(&path, SEPARATOR, &text) || !segment_covers(pattern, text))
			return false;
	return true;
}

/* The longer of two segments that have something in common, which is what they have. */
static bool meet_segments(struct str a, struct str b, struct str *ret)
{
	if (segment_covers(a, b))
		*ret = b;
	else if (segment_covers(b, a))
		*ret = a;
	else
		return false;
	return true;
}

/* What both items cover, as an item; false when that is nothing. */
static bool meet(struct str a, struct str b, char room[MERGED_BYTES], struct str *ret)
{
	struct str left = STR_NONE, right = STR_NONE, both;
	size_t len = 0;

	for (;;) {
		bool more_a = next_part(&a, SEPARATOR, &left);
		bool more_b = next_part(&b, SEPARATOR, &right);

		if (!more_a && !more_b)
			break;
		both = more_a ? left : right;
		if (more_a && more_b && !meet_segments(left, right, &both))
			return false;
		if (len > 0)
			room[len++] = SEPARATOR;
		memcpy(room + len, both.ptr, both.len);
		len += both.len;
	}
	*ret = str_slice(room, len);
	return true;
}

/* --- asking --- */

static bool any_covers(struct str set, bool denials, struct str path)
{
	struct str item;
	bool denial;

	while (next_item(&set, &item, &denial))
		if (denial == denials && item_covers(item, path))
			return true;
	return false;
}

struct str capability_request(struct str action, struct str resource,
			      char room[CAPABILITY_REQUEST_BYTES])
{
	MUST(action.len <= LIMIT_NAME_BYTES && resource.len <= LIMIT_RESOURCE_BYTES);
	memcpy(room, action.ptr, action.len);
	if (!resource.ptr)
		return str_slice(room, action.len);
	room[action.len] = SEPARATOR;
	memcpy(room + action.len + 1, resource.ptr, resource.len);
	return str_slice(room, action.len + 1 + resource.len);
}

bool capability_covers(struct str set, struct str request)
{
	return any_covers(set, false, request) && !any_covers(set, true, request);
}

/* What a grant has in common with a denial of `b` is denied by `a` as well. */
static bool denies_as(struct str a, struct str grant, struct str b)
{
	char room[MERGED_BYTES];
	struct str item, common;
	bool denial;

	while (next_item(&b, &item, &denial))
		if (denial && meet(grant, item, room, &common) && !any_covers(a, true, common))
			return false;
	return true;
}

bool capability_narrows(struct str a, struct str b)
{
	struct str rest = a, item;
	bool denial;

	while (next_item(&rest, &item, &denial))
		if (!denial && !any_covers(a, true, item) &&
		    (!any_covers(b, false, item) || !denies_as(a, item, b)))
			return false;
	return true;
}

bool capability_names_tools(struct str set)
{
	struct str item, tool;
	bool denial;

	while (next_item(&set, &item, &denial))
		if (!denial && next_part(&item, SEPARATOR, &tool) && str_is(tool, "*"))
			return false;
	return true;
}

/* --- making the canonical text --- */

/* Items none of which covers another. */
struct list {
	struct str *items;
	size_t count, room;
};

/* What comes in while a set is made. */
struct making {
	struct arena scratch;
	struct list grants, denials;
};

static enum err list_init(struct making *m, size_t room, struct list *ret)
{
	*ret = (struct list){ arena_array(&m->scratch, room, sizeof(struct str)), 0, room };
	return ret->items ? OK : ERR_MEMORY;
}

static enum err making_init(struct making *m, size_t grants, size_t denials)
{
	arena_init(&m->scratch, SCRATCH_BYTES);
	TRY(list_init(m, grants, &m->grants));
	return list_init(m, denials, &m->denials);
}

static bool list_covers(const struct list *list, struct str item)
{
	for (size_t i = 0; i < list->count; i++)
		if (item_covers(list->items[i], item))
			return true;
	return false;
}

/* Add an item unless one there covers it, and take away those that it covers. */
static void list_add(struct list *list, struct str item)
{
	size_t kept = 0;

	if (list_covers(list, item))
		return;
	for (size_t i = 0; i < list->count; i++)
		if (!item_covers(item, list->items[i]))
			list->items[kept++] = list->items[i];
	list->count = kept;
	MUST(list->count < list->room);
	list->items[list->count++] = item;
}

static enum err add_common(struct making *m, struct list *list, struct str a, struct str b)
{
	char room[MERGED_BYTES];
	struct str common, kept;

	if (!meet(a, b, room, &common))
		return OK;
	TRY(arena_copy(&m->scratch, common, &kept));
	list_add(list, kept);
	return OK;
}

static int by_bytes(const void *left, const void *right)
{
	return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

static enum err append(struct capabilities *set, struct str item, bool denial)
{
	size_t need = (set->bytes > 0) + (size_t)denial + item.len;

	if (need > sizeof(set->text) - set->bytes)
		return ERR_LIMIT;
	if (set->bytes > 0)
		set->text[set->bytes++] = ',';
	if (denial)
		set->text[set->bytes++] = DENIAL;
	memcpy(set->text + set->bytes, item.ptr, item.len);
	set->bytes = (uint16_t)(set->bytes + item.len);
	return OK;
}

static enum err write_list(struct capabilities *set, struct list *list, bool denial)
{
	qsort(list->items, list->count, sizeof(*list->items), by_bytes);
	for (size_t i = 0; i < list->count; i++)
		TRY(append(set, list->items[i], denial));
	return OK;
}

/* The grants and denials that came together, as one canonical text. */
static enum err seal(struct making *m, struct capabilities *ret)
{
	struct list grants, denials;
	struct capabilities set = { .bytes = 0 };

	TRY(list_init(m, m->grants.count, &grants));
	for (size_t i = 0; i < m->grants.count; i++)
		if (!list_covers(&m->denials, m->grants.items[i]))
			grants.items[grants.count++] = m->grants.items[i];
	TRY(list_init(m, grants.count * m->denials.count, &denials));
	for (size_t i = 0; i < grants.count; i++)
		for (size_t j = 0; j < m->denials.count; j++)
			TRY(add_common(m, &denials, grants.items[i], m->denials.items[j]));
	if (grants.count + denials.count > LIMIT_CAPABILITIES)
		return ERR_LIMIT;
	TRY(write_list(&set, &grants, false));
	TRY(write_list(&set, &denials, true));
	*ret = set;
	return OK;
}

static void add_denials(struct making *m, struct str set)
{
	struct str item;
	bool denial;

	while (next_item(&set, &item, &denial))
		if (denial)
			list_add(&m->denials, item);
}

static enum err add_pairs(struct making *m, struct str a, struct str b)
{
	struct str left, right;
	bool denial;

	while (next_item(&a, &left, &denial)) {
		struct str rest = denial ? STR_NONE : b;

		while (next_item(&rest, &right, &denial))
			if (!denial)
				TRY(add_common(m, &m->grants, left, right));
	}
	return OK;
}

static size_t count_items(struct str set)
{
	size_t count = 0;
	struct str item;
	bool denial;

	while (next_item(&set, &item, &denial))
		count++;
	return count;
}

enum err capability_intersect(struct str a, struct str b, struct capabilities *ret)
{
	size_t in_a = count_items(a), in_b = count_items(b);
	struct making m;
	enum err e = making_init(&m, in_a * in_b, in_a + in_b);

	if (e == OK)
		e = add_pairs(&m, a, b);
	if (e == OK) {
		add_denials(&m, a);
		add_denials(&m, b);
		e = seal(&m, ret);
	}
	arena_fini(&m.scratch);
	return e;
}

/* --- reading --- */

static bool segment_ok(struct str segment)
{
	struct str text = closed_part(segment);

	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7F ||
		    text.ptr[i] == '*' || text.ptr[i] == ',')
			return false;
	return segment.len > 0;
}

static bool item_ok(struct str item)
{
	struct str segment, rest = item;
	size_t count = 0;

	if (item.len > 0 && item.ptr[0] == DENIAL)
		return false;
	while (next_part(&rest, SEPARATOR, &segment))
		if (!segment_ok(segment) || ++count > LIMIT_CAPABILITY_SEGMENTS)
			return false;
	return count > 0 && str_utf8_ok(item);
}

/* Foreign text in a message: its beginning. */
#define SHOWN(s) (int)((s).len < 64 ? (s).len : 64), (s).ptr ? (s).ptr : ""

static enum err add_item(struct making *m, struct str item, size_t *count, struct note *why)
{
	bool denial = item.len > 0 && item.ptr[0] == DENIAL;
	struct str path = denial ? str_slice(item.ptr + 1, item.len - 1) : item;

	if (++*count > LIMIT_CAPABILITIES)
		return note_set(why, ERR_LIMIT, 0, 0, "more than %d capabilities",
				LIMIT_CAPABILITIES);
	if (path.len > LIMIT_CAPABILITY_BYTES || !item_ok(path))
		return note_set(why, ERR_SYNTAX, 0, 0,
				"'%.*s' is no capability; expected a tool, maybe ':' and what it "
				"is used on, like get_order, db:* or -db:secrets: no blanks, no "
				"empty part, '*' only at the end of a part, at most %d parts",
				SHOWN(item), LIMIT_CAPABILITY_SEGMENTS);
	list_add(denial ? &m->denials : &m->grants, path);
	return OK;
}

static enum err finish(struct making *m, enum err e, struct capabilities *ret, struct note *why)
{
	if (e == OK) {
		e = seal(m, ret);
		if (e == ERR_LIMIT)
			(void)note_set(why, e, 0, 0,
				       "the capabilities come to more than %d, or %d bytes",
				       LIMIT_CAPABILITIES, LIMIT_CAPABILITY_BYTES);
	}
	arena_fini(&m->scratch);
	return e;
}

enum err capability_read(struct str text, struct capabilities *ret, struct note *why)
{
	struct str rest = text, item;
	struct making m;
	size_t count = 0;
	enum err e = making_init(&m, LIMIT_CAPABILITIES, LIMIT_CAPABILITIES);

	while (e == OK && text.len > 0 && next_part(&rest, ',', &item))
		e = add_item(&m, item, &count, why);
	return finish(&m, e, ret, why);
}

enum err capability_read_list(const struct value *list, struct capabilities *ret, struct note *why)
{
	struct making m;
	size_t count = 0;
	enum err e = OK;

	if (!list || list->kind != VALUE_LIST)
		return note_set(why, ERR_TYPE, list ? list->line : 0, list ? list->column : 0,
				"expected a list of capabilities");
	e = making_init(&m, LIMIT_CAPABILITIES, LIMIT_CAPABILITIES);
	for (size_t i = 0; e == OK && i < list->list.count; i++) {
		const struct value *v = &list->list.items[i];

		e = v->kind == VALUE_STRING
			    ? add_item(&m, v->string, &count, why)
			    : note_set(why, ERR_TYPE, 0, 0, "a capability is a string, not %s",
				       value_kind_name(v->kind));
		if (e != OK && why) {
			why->line = v->line;
			why->column = v->column;
		}
	}
	return finish(&m, e, ret, why);
}

enum err capability_write_list(struct str set, struct arena *a, struct value *ret)
{
	size_t count = count_items(set);
	struct value *list = arena_array(a, count, sizeof(*list));
	struct str item;

	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++) {
		MUST(next_part(&set, ',', &item));
		list[i] = value_string(item);
	}
	*ret = (struct value){ .kind = VALUE_LIST, .list = { list, count } };
	return OK;
}
