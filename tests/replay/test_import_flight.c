/* The flight recorder's database: what AGT misses is found, and what nobody can know is said. */
#include <criterion/criterion.h>

#include "tests/kit/flight_kit.h"
#include "tests/kit/space_kit.h"

static struct space_kit kit;
static struct import_report report;
static struct note note;

static void setup(void)
{
	space_kit_init(&kit, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	space_kit_fini(&kit);
}

TestSuite(import_flight, .init = setup, .fini = teardown);

static enum err import(struct str bytes, bool allow_broken)
{
	const struct import_options options = { .format = IMPORT_AGT_FLIGHT,
						.allow_broken = allow_broken };

	note = (struct note){ .line = 0 };
	return space_kit_import(&kit, &options, bytes, &report, &note);
}

static enum err edited(const char *edit)
{
	return import(flight_kit_make(4, 3, 4096, edit, &kit.memory), false);
}

static bool found(const char *finding)
{
	for (size_t i = 0; i < report.finding_count; i++)
		if (strstr(report.findings[i], finding))
			return true;
	return false;
}

Test(import_flight, rows_become_actions_with_what_came_of_them)
{
	struct entry e;

	cr_assert_eq(edited(NULL), OK, "%s", note.text);
	cr_expect_eq(report.foreign_entries, 4);
	cr_expect_eq(report.actions, 4);
	e = space_kit_entry(&kit, 5);
	cr_expect_eq(e.kind, ENTRY_ACTION);
	cr_expect(str_is(e.agent, "agent-1") && str_is(e.action, "look") && str_is(e.trace, "t1"));
	cr_expect(str_is(space_kit_body(&kit, e.args), "{\"q\":1,\"x\":\"yyy\"}"));
	e = space_kit_entry(&kit, 6);
	cr_expect(str_is(value_text(e.data, "status"), "blocked"));
	cr_expect(str_is(value_text(value_get_c(e.data, "foreign"), "violation_reason"), "no"));
	cr_expect(str_has(space_kit_body(&kit, e.result), STR("\"input_prompt\":\"find it\"")));
	cr_expect(str_has(space_kit_body(&kit, e.result), STR(":blocked:no:None:None\"")));
}

Test(import_flight, what_the_hashes_show_is_refused)
{
	static const struct { const char *edit, *story; } bad[] = {
		{ "UPDATE audit_log SET policy_verdict='allowed' WHERE id=2",
		  "row 2 is not what its content_hash says" },
		{ "DELETE FROM audit_log WHERE id=2", "row 3 does not follow" },
		{ "DELETE FROM audit_log WHERE id=1", "row 2 does not follow" },
		{ "UPDATE audit_log SET entry_hash=printf('%064d',1) WHERE id=1;"
		  "UPDATE audit_log SET previous_hash=printf('%064d',1) WHERE id=2",
		  "row 1 is not what its entry_hash says" },
		{ "UPDATE audit_log SET tool_args='{}', content_hash=NULL WHERE id=2",
		  "row 2 is not what its entry_hash says" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t before = space_kit_verify(&kit, NULL);

		cr_expect_eq(edited(bad[i].edit), ERR_TAMPERED, "%s", bad[i].edit);
		cr_expect(strstr(note.text, bad[i].story), "%s", note.text);
		cr_expect_eq(space_kit_verify(&kit, NULL), before);
	}
}

/* Undetected there, and here too: so it is said each time. */
Test(import_flight, what_no_hash_shows_is_said)
{
	cr_expect_eq(edited("DELETE FROM audit_log WHERE id=4"), OK);
	cr_expect(found("no row was cut off its end"));
	cr_expect_eq(edited("UPDATE audit_log SET input_prompt='other', metadata='x'"), OK);
	cr_expect(found("input_prompt, metadata"));
	cr_expect_not(found("without content_hash"));
	cr_expect_eq(edited("UPDATE audit_log SET policy_verdict='blocked', content_hash=NULL "
			    "WHERE id=1"), OK);
	cr_expect(found("without content_hash"));
}

Test(import_flight, what_does_not_hold_can_be_let_in_and_says_so)
{
	struct str bytes = flight_kit_make(4, 3, 4096, "UPDATE audit_log SET result='x' WHERE id=1",
					   &kit.memory);

	cr_expect_eq(import(bytes, true), OK, "%s", note.text);
	cr_expect_eq(report.broken, 1);
	cr_expect(strstr(report.first_broken.text, "row 1"));
}

Test(import_flight, rows_that_are_still_in_the_log_beside_it_count)
{
	struct str wal, bytes = flight_kit_make_wal(1, 4, &wal, &kit.memory);

	cr_assert_eq(sim_poke(kit.w, SPACE_KIT_SOURCE "-wal", wal), OK);
	cr_assert_eq(import(bytes, false), OK, "%s", note.text);
	cr_expect_eq(report.foreign_entries, 4);
	cr_assert_eq(world_unlink(kit.w, SPACE_KIT_SOURCE "-wal"), OK);
	cr_assert_eq(import(bytes, false), OK, "%s", note.text);
	cr_expect_eq(report.foreign_entries, 1);
}

Test(import_flight, standard_input_is_no_file)
{
	const struct import_options options = { .format = IMPORT_AGT_FLIGHT };
	struct space *s = space_kit_open(&kit);

	note = (struct note){ .line = 0 };
	cr_expect_eq(import_run(s, 0, &options, &report, &note), ERR_USAGE);
	cr_expect(strstr(note.text, "standard input"));
	cr_assert_eq(space_abandon(s, NULL), OK);
}

Test(import_flight, other_files_are_refused_with_a_story)
{
	static const struct { const char *edit; enum err e; const char *story; } bad[] = {
		{ "DROP TABLE audit_log", ERR_NOT_FOUND, "no table 'audit_log'" },
		{ "DELETE FROM audit_log", ERR_TRUNCATED, "no row" },
		{ "ALTER TABLE audit_log RENAME COLUMN tool_name TO t", ERR_NOT_FOUND,
		  "no column 'tool_name'" },
		{ "UPDATE audit_log SET tool_name=x'00'", ERR_TYPE, "'tool_name' is no text" },
		{ "UPDATE audit_log SET agent_id=CAST(x'ff' AS TEXT)", ERR_ENCODING, "agent_id" },
		{ "UPDATE audit_log SET execution_time_ms='soon'", ERR_TYPE, "is no number" },
		{ "UPDATE audit_log SET timestamp='soon'", ERR_TAMPERED, "row 1" },
	};

	cr_expect_eq(import(STR("SQLite format 2"), false), ERR_TYPE);
	cr_expect(strstr(note.text, "not an SQLite 3 database"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(edited(bad[i].edit), bad[i].e, "%s: %s", bad[i].edit, note.text);
		cr_expect(strstr(note.text, bad[i].story), "%s", note.text);
	}
}
