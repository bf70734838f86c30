/* Lines that are none of an export; what exports hold is tried with foreign_log. */
#include <criterion/criterion.h>

#include "tests/kit/space_kit.h"

static struct space_kit kit;

static void setup(void)
{
	space_kit_init(&kit, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	space_kit_fini(&kit);
}

TestSuite(import_jsonl, .init = setup, .fini = teardown);

Test(import_jsonl, what_is_no_line_of_an_export_is_an_error_with_its_place)
{
	static const struct { const char *text; enum err e; const char *story; } bad[] = {
		{ "", ERR_TRUNCATED, "no entry here" },
		{ "{\"x\":1}", ERR_SYNTAX, "no line of an export" },
		{ "{\"v\":2}", ERR_VERSION, "" },
		{ "{\"gap\":{}}", ERR_SYNTAX, "no gap" },
		{ "{\"gap\":{\"first\":1,\"hashes\":[],\"next\":2}}", ERR_TAMPERED,
		  "does not begin" },
		{ "{\"bodies\":{\"args\":1},\"seq\":0}", ERR_SYNTAX, "behind their entry" },
		{ "{\"checkpoint\":5}", ERR_SYNTAX, "no signed note" },
		{ "{\"checkpoint\":\"x\"}", ERR_SYNTAX, "no signed note" },
		{ "{\"v\":", ERR_TRUNCATED, "" },
	};
	const struct import_options options = { .format = IMPORT_JSONL };
	struct import_report report;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct note n = { .line = 0 };
		enum err e = space_kit_import(&kit, &options, str_view(bad[i].text), &report, &n);

		cr_expect_eq(e, bad[i].e, "%s: %s: %s", bad[i].text, err_name(e), n.text);
		cr_expect(strstr(n.text, bad[i].story), "%s", n.text);
		cr_expect(n.text[0]);
	}
}
