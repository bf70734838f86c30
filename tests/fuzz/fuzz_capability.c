/*
 * fuzz_capability: lines of input are two sets and a path; the laws of the algebra hold for them.
 */
#include <stdlib.h>

#include "engine/identity/identity.h"

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

/* What is read is canonical: it reads as itself, and narrows itself. */
static bool read_set(struct str text, struct capabilities *ret)
{
	struct capabilities again;
	struct note why = { .text = "" };

	if (capability_read(text, ret, &why) != OK) {
		MUST(why.text[0]);
		return false;
	}
	MUST(capability_read(capability_text(ret), &again, NULL) == OK);
	MUST(str_eq(capability_text(ret), capability_text(&again)));
	MUST(capability_narrows(capability_text(ret), capability_text(&again)));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_slice(data, size), first = next_line(&rest), second, path;
	struct capabilities a, b, both, other;
	struct str left, right;

	second = next_line(&rest);
	path = next_line(&rest);
	if (!read_set(first, &a) || !read_set(second, &b))
		return 0;
	left = capability_text(&a);
	right = capability_text(&b);
	if (capability_narrows(left, right))
		MUST(!capability_covers(left, path) || capability_covers(right, path));
	if (capability_narrows(left, right) && capability_narrows(right, left))
		MUST(str_eq(left, right));
	if (capability_intersect(left, right, &both) != OK)
		return 0;
	MUST(capability_intersect(right, left, &other) == OK);
	MUST(str_eq(capability_text(&both), capability_text(&other)));
	MUST(capability_narrows(capability_text(&both), left));
	MUST(capability_narrows(capability_text(&both), right));
	MUST(capability_covers(capability_text(&both), path) ==
	     (capability_covers(left, path) && capability_covers(right, path)));
	if (capability_narrows(left, right))
		MUST(str_eq(capability_text(&both), left));
	return 0;
}
