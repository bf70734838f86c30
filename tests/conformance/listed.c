/* listed: the tables of docs/conformance.md, and comparing by them. */
#include "tests/conformance/listed.h"

#include "engine/base/json.h"

#define PAGE "docs/conformance.md"

static bool covers(struct str pattern, struct str text)
{
	if (str_ends(pattern, STR("*")))
		return str_starts(text, str_slice(pattern.ptr, pattern.len - 1));
	return str_eq(pattern, text);
}

static bool is_listed(struct listed *l, const char *file, const char *name, struct str member)
{
	bool listed = false;

	for (size_t i = 0; i < l->count; i++) {
		struct listed_row *row = &l->rows[i];

		if (str_is(row->file, file) && covers(row->name, str_view(name)) &&
		    covers(row->member, member))
			listed = row->used = true;
	}
	return listed;
}

/* The text between the first two backquotes of the rest of a row; the rest goes on behind. */
static struct str cut_quoted(struct str *rest)
{
	struct str before, text;

	if (!str_cut(*rest, '`', &before, rest) || !str_cut(*rest, '`', &text, rest))
		return STR_NONE;
	return text;
}

void listed_read(struct listed *l, struct suite *s, const char *begin, struct arena *a)
{
	struct str rest = suite_read(PAGE, a), line;
	bool inside = false;

	l->count = 0;
	while (str_cut(rest, '\n', &line, &rest)) {
		struct listed_row row = { .used = false };

		if (str_starts(line, STR("<!--")))
			inside = str_is(line, begin);
		if (!inside || !str_starts(line, STR("| `")))
			continue;
		row.file = cut_quoted(&line);
		row.name = cut_quoted(&line);
		row.member = cut_quoted(&line);
		MUST(l->count < LISTED_MAX);
		if (!row.member.ptr)
			suite_check(s, false, PAGE, "row %zu has no three names in `...`",
				    l->count);
		l->rows[l->count++] = row;
	}
	if (l->count == 0)
		suite_check(s, false, PAGE, "it has no table behind %s", begin);
}

void listed_compare(struct listed *l, struct suite *s, const char *file, const char *name,
		    const struct value *expect, struct str ours, struct arena *a)
{
	struct value tree;
	bool readable = json_read(ours, 1, a, &tree, NULL) == OK;

	for (size_t i = 0; i < expect->object.count; i++) {
		const struct member *m = &expect->object.members[i];
		const struct value *mine = readable ? value_get(&tree, m->key) : NULL;
		bool same = mine && value_eq(mine, &m->value);

		suite_check(s, same || is_listed(l, file, name, m->key), name,
			    "%s.json: another '%.*s', which " PAGE " does not list; ours: %.*s",
			    file, STR_ARG(m->key), STR_ARG(ours));
	}
}

void listed_end(const struct listed *l, struct suite *s)
{
	for (size_t i = 0; i < l->count && s->tables; i++)
		if (!l->rows[i].used)
			suite_check(s, false, PAGE,
				    "the row of %.*s, '%.*s', '%.*s' explains nothing",
				    STR_ARG(l->rows[i].file), STR_ARG(l->rows[i].name),
				    STR_ARG(l->rows[i].member));
}
