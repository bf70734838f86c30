/* Our own columns, back again. */
#include <criterion/criterion.h>

#include "tests/kit/export_kit.h"

static struct export_kit kit;
static struct import_report report;
static struct note note;

static void setup(void)
{
	export_kit_init(&kit);
}

static void teardown(void)
{
	export_kit_fini(&kit);
}

TestSuite(import_csv, .init = setup, .fini = teardown);

static enum err import(struct str text)
{
	const struct import_options options = { .format = IMPORT_CSV };
	struct str copy;

	note = (struct note){ .line = 0 };
	cr_assert_eq(arena_copy(&kit.space.memory, text, &copy), OK);
	return space_kit_import(&kit.space, &options, copy, &report, &note);
}

Test(import_csv, what_was_exported_is_decided_alike)
{
	struct entry e;

	cr_assert_eq(import(export_kit_all(&kit, EXPORT_CSV)), OK, "%u: %s", note.line, note.text);
	cr_expect_eq(report.actions, 4);
	cr_expect_eq(report.denied, 1);
	cr_expect_eq(report.passed_over, 2);
	e = space_kit_entry(&kit.space, EXPORT_KIT_ENTRIES + 1);
	cr_expect(str_is(e.agent, "ann") && str_is(e.action, "look"), "the agent comes first");
	cr_expect(str_is(space_kit_body(&kit.space, e.args), "{\"q\":1}"));
	e = space_kit_entry(&kit.space, EXPORT_KIT_ENTRIES + 2);
	cr_expect(str_is(value_text(e.data, "status"), "success"));
	cr_expect_eq(value_get_c(e.data, "latency_ms")->integer, 5);
	/* Guarded against being formulas, and unguarded again. */
	e = space_kit_entry(&kit.space, EXPORT_KIT_ENTRIES + 6);
	cr_expect(str_is(e.agent, "-bot"), "%.*s", STR_ARG(e.agent));
	cr_expect(str_is(e.action, "=cmd|' /C calc'!A0"));
	cr_expect(str_is(e.resource, "a,\"b\""));
}

Test(import_csv, other_columns_and_orders_do_not_matter)
{
	cr_assert_eq(import(STR("note,kind,action,agent,time,seq\n"
				"x,action,look,ann,2026-01-02T03:04:05Z,7\n")), OK, "%s",
		     note.text);
	cr_expect_eq(report.actions, 1);
}

Test(import_csv, what_is_no_such_row_is_an_error_with_its_line)
{
#define HEADER "seq,time,kind,agent,action,args_body\n"
	static const struct {
		const char *text;
		enum err e;
		const char *story;
		uint32_t line;
	} bad[] = {
		{ "", ERR_TRUNCATED, "no row", 1 },
		{ "a,b\n", ERR_SYNTAX, "no column 'seq'", 1 },
		{ HEADER "1,2\n", ERR_SYNTAX, "2 cells; the header has 6", 2 },
		{ HEADER "x,2026-01-02T03:04:05Z,action,a,b,\n", ERR_SYNTAX, "'seq' is 'x'", 2 },
		{ HEADER "1,soon,action,a,b,\n", ERR_SYNTAX, "'time' is 'soon'", 0 },
		{ HEADER "1,2026-01-02T03:04:05Z,action,a,b,{\n", ERR_TRUNCATED, "", 0 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(import(str_view(bad[i].text)), bad[i].e, "%s: %s", bad[i].text,
			     note.text);
		cr_expect(strstr(note.text, bad[i].story), "%s", note.text);
		if (bad[i].line)
			cr_expect_eq(note.line, bad[i].line);
	}
}
