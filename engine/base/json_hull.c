/*
 * json_hull: a scanner that knows strings and nesting.
 *
 *   FRESH --{--> BEFORE --"entries":[--> LIST --]--> BEHIND --}--> CLOSED
 *     |             |
 *     +--other------+--}--> NONE: what was held back goes out, and all that follows
 */
#include "engine/base/json_hull.h"

void json_hull_init(struct json_hull *h, struct str member, size_t cap_bytes)
{
	*h = (struct json_hull){ .member = member, .list_line = 1 };
	buf_init(&h->text, cap_bytes);
}

void json_hull_fini(struct json_hull *h)
{
	buf_fini(&h->text);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void scan(struct json_hull *h, char c)
{
	if (h->in_string) {
		h->in_string = c != '"' || h->escaped;
		h->escaped = c == '\\' && !h->escaped;
	} else if (c == '"') {
		h->in_string = true;
	} else if (c == '{' || c == '[') {
		h->depth++;
	} else if (c == '}' || c == ']') {
		h->depth--;
	}
}

/* Is the byte just added to the text the bracket that opens the member's list? */
static bool opens_list(struct json_hull *h, bool was_in_string, char c)
{
	struct str text = buf_view(&h->text);
	bool opens = h->named && h->colon && c == '[';

	if (h->in_string && !was_in_string) {
		h->string_at = text.len;
		h->named = h->colon = false;
	} else if (was_in_string && !h->in_string) {
		h->named = h->depth == 1 && str_eq(str_slice(text.ptr + h->string_at,
							     text.len - 1 - h->string_at),
						   h->member);
	} else if (!h->in_string && !is_blank(c)) {
		h->named = h->named && c == ':' && !h->colon;
		h->colon = h->named;
	}
	return opens;
}

/* One byte of what may be the hull. */
static void take_byte(struct json_hull *h, char c, struct str *piece)
{
	bool was_in_string = h->in_string;

	buf_add_byte(&h->text, c);
	scan(h, c);
	if (h->place == HULL_FRESH && c == '{') {
		h->place = HULL_BEFORE;
	} else if (h->place == HULL_FRESH && !is_blank(c)) {
		h->place = HULL_NONE;
	} else if (h->place == HULL_BEFORE && h->text.err == OK) {
		if (opens_list(h, was_in_string, c))
			h->place = HULL_LIST;
		else if (h->depth == 0)
			h->place = HULL_NONE;
	} else if (h->place == HULL_BEHIND && h->depth == 0) {
		h->place = HULL_CLOSED;
	}
	if (h->place == HULL_FRESH || h->place == HULL_BEFORE)
		h->list_line += c == '\n';
	if (h->place == HULL_LIST)
		*piece = STR("[");
	else if (h->place == HULL_NONE)
		*piece = buf_view(&h->text);
}

/* The rest of the list, as far as it is here. */
static struct str take_list(struct json_hull *h, struct str bytes)
{
	size_t i = 0;

	while (i < bytes.len && h->place == HULL_LIST) {
		char c = bytes.ptr[i++];

		scan(h, c);
		h->list_lines += c == '\n';
		if (h->depth == 1) {
			buf_add_byte(&h->text, ']');
			h->place = HULL_BEHIND;
		}
	}
	return str_slice(bytes.ptr, i);
}

enum err json_hull_next(struct json_hull *h, struct str *bytes, struct str *piece)
{
	*piece = STR_NONE;
	while (bytes->len > 0 && !piece->ptr && h->text.err == OK) {
		size_t used = 1;

		if (h->place == HULL_NONE) {
			*piece = *bytes;
			used = bytes->len;
		} else if (h->place == HULL_LIST) {
			*piece = take_list(h, *bytes);
			used = piece->len;
		} else if (h->place == HULL_CLOSED) {
			h->more = h->more || !is_blank(bytes->ptr[0]);
		} else {
			take_byte(h, bytes->ptr[0], piece);
		}
		*bytes = str_slice(bytes->ptr + used, bytes->len - used);
	}
	return h->text.err;
}

struct str json_hull_end(struct json_hull *h)
{
	if (h->place != HULL_FRESH && h->place != HULL_BEFORE)
		return STR_NONE;
	h->place = HULL_NONE;
	return buf_view(&h->text);
}
