/* page: a Markdown table, cut at its bars. */
#include "tests/kit/page.h"

#include <stdio.h>

#include <criterion/criterion.h>

#define PAGE_BYTES ((size_t)1 << 20)
#define ROOM 256

static struct str read_page(const char *path, struct arena *a)
{
	char *text = arena_alloc(a, PAGE_BYTES);
	FILE *f = fopen(path, "r");
	size_t len;

	cr_assert(text && f, "%s", path);
	len = fread(text, 1, PAGE_BYTES, f);
	(void)fclose(f);
	return str_slice(text, len);
}

static void cut_row(struct str line, struct page_row *row)
{
	struct str cell, rest = str_slice(line.ptr + 1, line.len - 1);

	for (row->count = 0; str_cut(rest, '|', &cell, &rest); row->count++) {
		cr_assert_lt(row->count, PAGE_CELLS, "%.*s", STR_ARG(line));
		cell = str_trim(cell);
		if (cell.len > 1 && cell.ptr[0] == '`')
			cell = str_slice(cell.ptr + 1, cell.len - 2);
		row->cells[row->count] = cell;
	}
}

size_t page_rows(const char *path, const char *name, struct arena *a, struct page_row **ret)
{
	struct str rest = read_page(path, a), line;
	struct page_row *rows = arena_array(a, ROOM, sizeof(*rows));
	bool inside = false;
	size_t count = 0;
	char mark[64];

	(void)snprintf(mark, sizeof(mark), "<!-- %s -->", name);
	while (str_cut(rest, '\n', &line, &rest)) {
		if (str_starts(line, STR("<!--")))
			inside = str_is(line, mark);
		else if (inside && str_starts(line, STR("| `"))) {
			cr_assert_lt(count, ROOM);
			cut_row(line, &rows[count++]);
		}
	}
	cr_assert_gt(count, 0, "%s has no table %s", path, name);
	*ret = rows;
	return count;
}
