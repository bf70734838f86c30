/* Texts under the hashes of the toolkit's other libraries; recorded ones are in the suite. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/audit/foreign_sdk.h"
#include "engine/base/json.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena, 1u << 20);
}

static void teardown(void)
{
	arena_fini(&arena);
}

TestSuite(foreign_sdk, .init = setup, .fini = teardown);

static void expect_text(enum foreign_sdk sdk, const char *json, struct str expected)
{
	struct note n = { .line = 0 };
	struct value v;
	struct buf b;

	cr_assert_eq(json_read(str_view(json), 1, &arena, &v, &n), OK, "%s", n.text);
	cr_assert_eq(foreign_sdk_check(sdk, &v, &n), OK, "%s", n.text);
	buf_init(&b, 4096);
	foreign_sdk_text(&b, sdk, &v);
	cr_expect(str_eq(buf_view(&b), expected), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(foreign_sdk, go_puts_lengths_before_its_texts)
{
	expect_text(SDK_GO, "{\"timestamp\":\"t\",\"agent_id\":\"\",\"action\":\"ab\","
		    "\"decision\":\"d\",\"hash\":\"\",\"previous_hash\":\"p\"}",
		    STR("\1\0\0\0\1t\0\0\0\0\0\0\0\2" "ab\0\0\0\1" "d\0\0\0\1p"));
}

Test(foreign_sdk, dotnet_hashes_seven_digits_of_a_second_whatever_json_has)
{
	static const char *const times[][2] = {
		{ "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05.0000000+00:00" },
		{ "2026-01-02T03:04:05.5+02:00", "2026-01-02T03:04:05.5000000+02:00" },
		{ "2026-01-02T03:04:05.1234567+00:00", "2026-01-02T03:04:05.1234567+00:00" },
		{ "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.0000000Z" },
		{ "soon", "soon.0000000" },
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char json[256], text[256];

		(void)sprintf(json, "{\"seq\":3,\"timestamp\":\"%s\",\"agentId\":\"a\",\"action\":"
			      "\"b\",\"decision\":\"d\",\"previousHash\":\"p\",\"hash\":\"\"}",
			      times[i][0]);
		(void)sprintf(text, "3|%s|a|b|d|p", times[i][1]);
		expect_text(SDK_DOTNET, json, str_view(text));
	}
}

Test(foreign_sdk, typescript_keeps_the_order_of_members_and_leaves_out_what_is_undefined)
{
	expect_text(SDK_TYPESCRIPT,
		    "{\"hash\":\"\",\"previousHash\":\"p\",\"agentId\":\"a\",\"action\":"
		    "\"\xc3\xa9\",\"decision\":\"d\",\"timestamp\":\"t\"}",
		    STR("{\"timestamp\":\"t\",\"agentId\":\"a\",\"action\":\"\xc3\xa9\","
			"\"decision\":\"d\",\"previousHash\":\"p\"}"));
	expect_text(SDK_SERVICE,
		    "{\"id\":\"i\",\"timestamp\":\"t\",\"action\":\"a\",\"agent_did\":\"g\","
		    "\"details\":{\"z\":1.0,\"a\":[1e21,null]},\"previous_hash\":\"p\","
		    "\"hash\":\"\"}",
		    STR("{\"id\":\"i\",\"timestamp\":\"t\",\"action\":\"a\",\"agent_did\":\"g\","
			"\"details\":{\"z\":1,\"a\":[1e+21,null]},\"previous_hash\":\"p\"}"));
}

Test(foreign_sdk, what_is_no_entry_is_refused_with_its_place)
{
	struct note n = { .line = 0 };
	struct value v;

	cr_assert_eq(json_read(STR("{\"timestamp\":\"t\",\n \"agent_id\":1}"), 1, &arena, &v, NULL),
		     OK);
	cr_expect_eq(foreign_sdk_check(SDK_GO, &v, &n), ERR_TYPE);
	cr_expect_eq(n.line, 2);
	cr_expect_eq(foreign_sdk_check(SDK_RUST, &v, &n), ERR_SYNTAX);
	v = value_null();
	cr_expect_eq(foreign_sdk_check(SDK_SERVICE, &v, &n), ERR_TYPE);
}
