/*
 * heads: a file of signed checkpoints, split where a note's signatures end.
 *
 *   origin, size, root        the text of the first note
 *                             an empty line
 *   — name base64             its signatures
 *   origin, size, root        the next line that is none begins the next note
 */
#include "engine/audit/heads.h"

#include "engine/base/limits.h"

/* Cut the first note off; false when the text does not begin with one. */
static bool cut_note(struct str *rest, struct str *note)
{
	const char *begin = rest->ptr;
	struct str line, left = *rest;
	bool in_text = true;

	while (in_text) {
		if (!str_cut(left, '\n', &line, &left))
			return false;
		in_text = line.len > 0;
	}
	if (!str_starts(left, STR(NOTE_DASH)))
		return false;
	while (str_starts(left, STR(NOTE_DASH)))
		if (!str_cut(left, '\n', &line, &left))
			return false;
	*note = str_slice(begin, (size_t)(left.ptr - begin));
	*rest = left;
	return true;
}

static struct str origin_of(struct str note)
{
	struct str origin = STR(""), rest;

	(void)str_cut(note, '\n', &origin, &rest);
	return origin;
}

static bool has_origin(const struct heads *h, struct str origin)
{
	for (size_t i = 0; i < h->count; i++)
		if (str_eq(h->origins[i], origin))
			return true;
	return false;
}

enum err heads_read(struct str text, struct arena *a, struct heads *ret, struct note *n)
{
	struct heads h = { 0 };
	struct str note;

	h.notes = arena_array(a, LIMIT_HEADS, sizeof(*h.notes));
	h.origins = arena_array(a, LIMIT_HEADS, sizeof(*h.origins));
	if (!h.notes || !h.origins)
		return ERR_MEMORY;
	while (text.len > 0) {
		struct str origin;

		if (!cut_note(&text, &note))
			return note_set(n, ERR_SYNTAX, 0, 0,
					"checkpoint %zu of the known heads is not a signed note",
					h.count + 1);
		origin = origin_of(note);
		if (has_origin(&h, origin))
			return note_set(n, ERR_EXISTS, 0, 0, "there are two heads of the log %.*s",
					STR_ARG(origin));
		if (h.count == LIMIT_HEADS)
			return note_set(n, ERR_LIMIT, 0, 0, "more than %u heads", LIMIT_HEADS);
		h.notes[h.count] = note;
		h.origins[h.count++] = origin;
	}
	*ret = h;
	return OK;
}

enum err heads_find(const struct heads *h, const struct succession *keys, struct checkpoint *ret,
		    struct note *n)
{
	struct str log = keys->keys[0].name;

	for (size_t i = 0; i < h->count; i++) {
		struct note ignored;
		struct str text;
		enum err e;

		if (!str_eq(h->origins[i], log))
			continue;
		e = succession_open(keys, h->notes[i], &text, ret, &ignored);
		if (e == OK || e == ERR_MEMORY)
			return e;
		return note_set(n, ERR_SIGNATURE, 0, 0,
				"the known head of %.*s is not signed by the log's key",
				STR_ARG(log));
	}
	return ERR_NOT_FOUND;
}

void heads_write(struct buf *b, const struct heads *h, struct str origin, struct str note)
{
	bool put = false;

	for (size_t i = 0; i < h->count; i++) {
		bool same = str_eq(h->origins[i], origin);

		buf_add(b, same ? note : h->notes[i]);
		put = put || same;
	}
	if (!put)
		buf_add(b, note);
}
