/* RFC 4180, read by a reader of its own, and no cell that a spreadsheet would run. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/export_kit.h"

#define CELLS 24
#define ROWS 16

static struct export_kit kit;
static char cells[ROWS][CELLS][1024];
static size_t rows, widths[ROWS + 1];

static void setup(void)
{
	export_kit_init(&kit);
}

static void teardown(void)
{
	export_kit_fini(&kit);
}

TestSuite(export_csv, .init = setup, .fini = teardown);

/* The grammar of RFC 4180 section 2, a state for each place in it. */
static void read_all(struct str s)
{
	enum { START, PLAIN, QUOTED, QUOTE } at = START;
	size_t len = 0;

	rows = widths[0] = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool ends = at != QUOTED && (c == ',' || c == '\r');

		cr_assert_lt(rows, ROWS);
		cr_assert_lt(widths[rows], CELLS);
		if (ends) {
			cells[rows][widths[rows]++][len] = '\0';
			len = 0;
			at = START;
			if (c == ',')
				continue;
			cr_assert_eq(s.ptr[++i], '\n');
			widths[++rows] = 0;
		} else if (c == '"' && at == START) {
			at = QUOTED;
		} else if (c == '"' && at == QUOTED) {
			at = QUOTE;
		} else {
			cr_assert(at != QUOTE || c == '"', "a quote inside a cell");
			cr_assert(at != PLAIN || c != '"');
			at = at == START ? PLAIN : at == QUOTE ? QUOTED : at;
			cells[rows][widths[rows]][len++] = c;
		}
	}
	cr_assert_eq(at, START, "it ends in a line break");
}

static const char *cell(size_t row, const char *column)
{
	for (size_t i = 0; i < widths[0]; i++)
		if (strcmp(cells[0][i], column) == 0)
			return cells[row][i];
	cr_assert(false, "no column %s", column);
	return "";
}

Test(export_csv, every_row_has_the_columns_of_the_header)
{
	read_all(export_kit_all(&kit, EXPORT_CSV));
	cr_expect_eq(rows, EXPORT_KIT_ENTRIES + 1);
	for (size_t i = 0; i < rows; i++)
		cr_expect_eq(widths[i], CELLS);
	cr_expect_str_eq(cell(2, "agent"), "ann");
	cr_expect_str_eq(cell(2, "effect"), "allow");
	cr_expect_str_eq(cell(2, "time"), "2026-01-02T03:04:05.500000000Z");
	cr_expect_str_eq(cell(2, "args_body"), "{\"q\":1}");
	cr_expect_str_eq(cell(3, "outcome_of"), "1");
	cr_expect_str_eq(cell(3, "status"), "success");
	cr_expect_str_eq(cell(3, "latency_ms"), "5");
	cr_expect_str_eq(cell(4, "effect"), "deny");
	cr_expect_str_eq(cell(4, "log"), "example.com/kit");
	cr_expect_str_eq(cell(5, "resource"), "a,\"b\"");
}

Test(export_csv, nothing_is_a_formula)
{
	read_all(export_kit_all(&kit, EXPORT_CSV));
	cr_expect_str_eq(cell(5, "agent"), "'-bot");
	cr_expect_str_eq(cell(5, "action"), "'=cmd|' /C calc'!A0");
	cr_expect_str_eq(cell(5, "args_body"), "\"@x\"", "a quote comes first here");
	for (size_t r = 1; r < rows; r++)
		for (size_t c = 0; c < widths[r]; c++)
			cr_expect_not(cells[r][c][0] && strchr("=+-@\t\r", cells[r][c][0]));
}

Test(export_csv, what_is_in_front_of_a_formula_can_be_taken_away_again)
{
	static const struct { const char *agent, *cell; } pairs[] = {
		{ "'=1", "''=1" }, { "''", "''" }, { "'a", "'a" }, { "@", "'@" }, { "+", "'+" },
		{ "\xef\xbc\x9d" "1", "'\xef\xbc\x9d" "1" }, { "a=1", "a=1" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char document[128];

		(void)snprintf(document, sizeof(document), "{\"agent\":\"%s\",\"action\":\"look\"}",
			       pairs[i].agent);
		export_kit_submit(&kit, document);
	}
	read_all(export_kit_all(&kit, EXPORT_CSV));
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		cr_expect_str_eq(cell(EXPORT_KIT_ENTRIES + 1 + i, "agent"), pairs[i].cell);
}

Test(export_csv, without_bodies_there_is_no_column_for_them)
{
	struct export_options options = EXPORT_ALL;

	options.format = EXPORT_CSV;
	cr_assert_eq(export_kit_run(&kit, &options), OK);
	read_all(buf_view(&kit.out));
	cr_expect_eq(widths[0], CELLS - 2);
	cr_expect_eq(widths[1], CELLS - 2);
}
