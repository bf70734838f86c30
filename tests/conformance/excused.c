/* excused: answers that differ on purpose. */
#include "tests/conformance/excused.h"

#include <stdio.h>

#include "engine/base/match.h"

void excused_read(struct excused *x, struct suite *s, const char *begin)
{
	struct str text, line;
	bool inside = false;

	*x = (struct excused){ .count = 0 };
	arena_init(&x->memory, 1u << 24);
	text = suite_read(EXCUSED_PAGE, &x->memory);
	while (text.ptr && str_cut(text, '\n', &line, &text)) {
		struct str before, cell, rest;

		inside = str_is(line, begin) || (inside && !str_is(line, "<!-- end -->"));
		if (!inside || !str_starts(line, STR("| `")) || x->count == EXCUSED_MAX)
			continue;
		if (str_cut(line, '`', &before, &rest) && str_cut(rest, '`', &cell, &rest))
			x->globs[x->count++] = cell;
	}
	if (x->count == 0 || x->count == EXCUSED_MAX)
		suite_check(s, false, EXCUSED_PAGE, "has no table of differences");
}

void excused_answer(struct excused *x, struct suite *s, const char *name, bool same)
{
	bool listed = false;

	for (size_t i = 0; !same && i < x->count; i++)
		if (match_glob(x->globs[i], str_view(name)))
			listed = x->used[i] = true;
	x->answers += listed;
	suite_check(s, same || listed, name, "differs, and " EXCUSED_PAGE " does not list it");
}

void excused_end(struct excused *x, struct suite *s, const char *name)
{
	for (size_t i = 0; s->tables && i < x->count; i++)
		if (!x->used[i])
			suite_check(s, false, EXCUSED_PAGE, "'%.*s' excuses nothing",
				    STR_ARG(x->globs[i]));
	(void)fprintf(stderr, "%s: %u answers differ as " EXCUSED_PAGE " says\n", name, x->answers);
	arena_fini(&x->memory);
}
