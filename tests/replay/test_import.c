/* The table of formats, and what all importers promise. */
#include <criterion/criterion.h>

#include "tests/kit/space_kit.h"

Test(import, formats_have_names_that_lead_back)
{
	enum import_format format;

	for (unsigned i = 0; i < IMPORT_FORMATS; i++) {
		cr_assert(import_format_named(str_view(import_format_name(i)), &format));
		cr_assert_eq(format, i);
	}
	cr_assert_not(import_format_named(STR("csv"), &format));
	cr_assert_not(import_format_named(STR(""), &format));
}

Test(import, a_run_is_recorded_verifies_and_replays)
{
	const struct import_options options = { .format = IMPORT_OPENAI_CHAT };
	struct import_report report;
	struct replay_report replayed;
	struct note n = { .line = 0 };
	struct space_kit k;
	enum err e;

	space_kit_init(&k, SPACE_KIT_ALLOW);
	e = space_kit_import(&k, &options, STR("{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":"
			     "[{\"id\":\"c1\",\"function\":{\"name\":\"look\",\"arguments\":\"{}\"}}]}]}"),
			     &report, &n);
	cr_assert_eq(e, OK, "%s", n.text);
	cr_assert_eq(report.actions, 1);
	cr_assert_eq(space_kit_verify(&k, NULL), report.entries);
	cr_assert_eq(space_kit_replay(&k, &replayed, &n), OK, "%s", n.text);
	space_kit_fini(&k);
}
