/*
 * fuzz_query: what a stranger may hand to a question. The first line is a cursor, which is refused
 * or the one text of what it says, or a piece's name; the others are a text and where it is looked
 * for, which must be found where a look at every place finds it, and not elsewhere.
 */
#include <stdlib.h>

#include "engine/index/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str next_line(struct str *rest)
{
	struct str line;

	if (str_cut(*rest, '\n', &line, rest))
		return line;
	line = *rest;
	*rest = STR("");
	return line;
}

static void read_cursor(struct str text)
{
	struct note n = { .text = "" };
	struct cursor c;
	struct buf b;

	if (cursor_read(text, &c, &n) != OK) {
		MUST(n.text[0]);
		return;
	}
	buf_init(&b, CURSOR_BYTES);
	cursor_write(&b, &c);
	MUST(b.err == OK && str_eq(buf_view(&b), text));
	buf_fini(&b);
}

static int fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool stands_in(struct str part, struct str text)
{
	for (size_t at = 0; at + part.len <= text.len; at++) {
		size_t i = 0;

		while (i < part.len && fold(text.ptr[at + i]) == fold(part.ptr[i]))
			i++;
		if (i == part.len)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_slice(data, size), part;
	struct span span;
	struct probe p;
	struct arena a;

	part = next_line(&rest);
	read_cursor(part);
	if (piece_span(part, &span)) {
		char name[PIECE_NAME_BYTES];

		piece_name(span, name);
		MUST(str_is(part, name));
	}
	part = next_line(&rest);
	arena_init(&a, 1 << 20);
	if (probe_init(&p, part, &a) == OK)
		MUST(probe_hits(&p, rest) == stands_in(part, rest));
	arena_fini(&a);
	return 0;
}
