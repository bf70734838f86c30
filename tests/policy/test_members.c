/* members: what is asked of a mapping's keys, and the place that a refusal gives. */
#include <criterion/criterion.h>

#include "engine/base/yaml.h"
#include "engine/policy/rules.h"

static struct arena memory;
static struct note note;

static void start(void)
{
	arena_init(&memory, 8 << 20);
	note = (struct note){ .column = 0 };
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(members, .init = start, .fini = stop);

static struct reader reader_of(const char *text, struct value *tree)
{
	cr_assert_eq(yaml_read(str_view(text), &memory, tree, &note), OK, "%s", note.text);
	return (struct reader){ .memory = &memory, .note = &note, .text = str_view(text) };
}

static bool noted(uint32_t line, uint32_t column, const char *says)
{
	if (note.line != line || note.column != column || !strstr(note.text, says))
		cr_log_warn("%u:%u: %s", note.line, note.column, note.text);
	return note.line == line && note.column == column && strstr(note.text, says);
}

Test(members, an_unknown_key_is_answered_with_the_nearest_or_with_all)
{
	static const char *const keys[] = { "name", "colour", NULL };
	struct value v;
	struct reader r = reader_of("name: a\ncolor: b\n", &v);

	cr_expect_eq(members_known(&r, &v, keys, "thing"), ERR_UNKNOWN);
	cr_expect(noted(2, 1, "unknown key 'color' of a thing; did you mean 'colour'?"));
	r = reader_of("size: a\n", &v);
	cr_expect_eq(members_known(&r, &v, keys, "thing"), ERR_UNKNOWN);
	cr_expect(noted(1, 1, "unknown key 'size' of a thing; expected name or colour"));
	r = reader_of("colour: a\n", &v);
	cr_expect_eq(members_known(&r, &v, keys, "thing"), OK);
}

Test(members, dates_of_other_readers_are_refused_as_such)
{
	static const char *const keys[] = { "name", NULL };
	struct value v;
	struct reader r = reader_of("name: a\nupdated_at: 2026-01-01\n", &v);

	cr_expect_eq(members_known(&r, &v, keys, "thing"), ERR_VERSION);
	cr_expect(noted(2, 1, "'updated_at' is not supported"));
}

Test(members, types_are_checked_and_absence_is_told)
{
	static const char *const choices[] = { "red", "green", NULL };
	const struct value *found;
	struct value v;
	struct reader r = reader_of("n: 5\nyes: true\nc: gren\nd: green\nl: [a, '']\n", &v);
	bool yes = false;
	int choice = 7;

	cr_expect_eq(member_of(&r, &v, "n", VALUE_STRING, "a word", &found), ERR_TYPE);
	cr_expect(noted(1, 4, "'n' is integer here; expected a word"));
	cr_expect_eq(member_of(&r, &v, "absent", VALUE_STRING, "a word", &found), OK);
	cr_expect_null(found);
	cr_expect_eq(member_bool(&r, &v, "yes", false, &yes), OK);
	cr_expect(yes);
	cr_expect_eq(member_bool(&r, &v, "absent", false, &yes), OK);
	cr_expect_not(yes);
	cr_expect_eq(member_choice(&r, &v, "c", choices, &choice), ERR_UNKNOWN);
	cr_expect(noted(3, 4, "expected red or green; did you mean 'green'?"));
	cr_expect_eq(member_choice(&r, &v, "d", choices, &choice), OK);
	cr_expect_eq(choice, 1);
	cr_expect_eq(member_choice(&r, &v, "absent", choices, &choice), OK);
	cr_expect_eq(choice, -1);
	cr_expect_eq(member_strings(&r, &v, "l", "", &found), ERR_SYNTAX);
	cr_expect(noted(5, 8, "'l' holds an empty string"));
}

Test(members, names_are_bounded_and_cut_in_one_way_only)
{
	struct value v;
	struct reader r = reader_of("name: a/b\n", &v);
	struct str name;

	cr_expect_eq(member_name(&r, &v, "rule", true, &name), OK);
	cr_expect(str_is(name, "a/b"));
	cr_expect_eq(member_name(&r, &v, "policy", false, &name), ERR_SYNTAX);
	cr_expect(noted(1, 7, "holds no '/'"));
	r = reader_of("title: a\n", &v);
	cr_expect_eq(member_name(&r, &v, "rule", true, &name), ERR_NOT_FOUND);
}

/* The column that a lexer gave, and the place in the file that becomes of it. */
Test(members, a_column_in_a_text_becomes_a_place_in_the_file)
{
	static const struct {
		const char *text;
		uint32_t within, line, column;
		const char *says;
	} rows[] = {
		{ "a: one two\n", 5, 1, 8, "here" },
		{ "a: 'one two'\n", 5, 1, 9, "here" },
		{ "b: x\na: \"one two\"\n", 5, 2, 9, "here" },
		{ "a: \xc3\xa9 two\n", 4, 1, 6, "here" },
		{ "a: >\n  one\n  two\n", 5, 1, 4, "thing column 5: here" },
		{ "a: 'it''s two'\n", 6, 1, 4, "thing column 6: here" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct value v;
		struct reader r = reader_of(rows[i].text, &v);

		(void)note_set(&note, OK, 0, rows[i].within, "here");
		member_place(&r, value_get_c(&v, "a"), "thing", &note);
		cr_expect(noted(rows[i].line, rows[i].column, rows[i].says), "%s", rows[i].text);
	}
}
