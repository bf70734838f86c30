/*
 * Logs of the toolkit's other libraries: made by its formulas in another language (Python), with a
 * bar in a name, a letter beyond ASCII and every spelling of a time.
 */
#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/space_kit.h"

static const char go[] =
	"[{\"timestamp\":\"2026-01-02T03:04:00Z\",\"agent_id\":\"ann\",\"action\":\"dat"
	"a.read\",\"decision\":\"allow\",\"hash\":\"57866761945c05c3679aa2d7f26d9ef952e"
	"d695d9b8bb252881926dcd6c79ba0\",\"previous_hash\":\"\"},{\"timestamp\":\"2026-"
	"01-02T03:04:01.678901234Z\",\"agent_id\":\"b|ob\",\"action\":\"data.write\","
	"\"decision\":\"deny\",\"hash\":\"84713f3b82ba43af0ac6ac29dad9ac929030d08ee8cec"
	"ab65e2df0ee09308bf7\",\"previous_hash\":\"57866761945c05c3679aa2d7f26d9ef952ed"
	"695d9b8bb252881926dcd6c79ba0\"},{\"timestamp\":\"2026-01-02T03:04:02.678901234"
	"Z\",\"agent_id\":\"ann\",\"action\":\"lo\xc3\xa9""k\",\"decision\":\"allow\","
	"\"hash\":\"385817bd607512fc054a47227289d6f1b9aaf6247300b1fc8f20387e3920a1e2\","
	"\"previous_hash\":\"84713f3b82ba43af0ac6ac29dad9ac929030d08ee8cecab65e2df0ee09"
	"308bf7\"}]";

static const char rust[] =
	"[{\"seq\":0,\"timestamp\":\"2026-01-02T03:04:00Z\",\"agent_id\":\"ann\",\"acti"
	"on\":\"data.read\",\"decision\":\"allow\",\"previous_hash\":\"\",\"hash\":\"2a"
	"eea71b9fe6fc1052660a8ed742b9d9bd324a13385e13a8b50eaae64dd4503d\"},{\"seq\":1,"
	"\"timestamp\":\"2026-01-02T03:04:01Z\",\"agent_id\":\"b|ob\",\"action\":\"data"
	".write\",\"decision\":\"deny\",\"previous_hash\":\"2aeea71b9fe6fc1052660a8ed74"
	"2b9d9bd324a13385e13a8b50eaae64dd4503d\",\"hash\":\"a3aa55ae497008c52c7251fa00b"
	"dd949eea1cc00de280c0b9d51e533b4c77b4d\"},{\"seq\":2,\"timestamp\":\"2026-01-02"
	"T03:04:02Z\",\"agent_id\":\"ann\",\"action\":\"lo\xc3\xa9""k\",\"decision\":"
	"\"allow\",\"previous_hash\":\"a3aa55ae497008c52c7251fa00bdd949eea1cc00de280c0b"
	"9d51e533b4c77b4d\",\"hash\":\"4ffa67e6bc966ec5553f9604d90aa8714fd0c5d19ee20843"
	"dea9de10b044c076\"}]";

static const char dotnet[] =
	"[\n  {\n    \"seq\": 0,\n    \"timestamp\": \"2026-01-02T03:04:00\\u002B00:00"
	"\",\n    \"agentId\": \"ann\",\n    \"action\": \"data.read\",\n    \"decision"
	"\": \"allow\",\n    \"previousHash\": \"\",\n    \"hash\": \"3ba0b1eb4e5873f3c"
	"b9c61e0b994ed96beaf8c69139565ccc6fd4b09dbdcd40e\"\n  },\n  {\n    \"seq\": 1,"
	"\n    \"timestamp\": \"2026-01-02T03:04:01.1234567\\u002B00:00\",\n    \"agent"
	"Id\": \"b|ob\",\n    \"action\": \"data.write\",\n    \"decision\": \"deny\","
	"\n    \"previousHash\": \"3ba0b1eb4e5873f3cb9c61e0b994ed96beaf8c69139565ccc6fd"
	"4b09dbdcd40e\",\n    \"hash\": \"f6d0fdfeeadb4282cc502e087c695a29672d233c3b416"
	"64ca16c55177fe93280\"\n  },\n  {\n    \"seq\": 2,\n    \"timestamp\": \"2026-0"
	"1-02T03:04:02.5\\u002B00:00\",\n    \"agentId\": \"ann\",\n    \"action\": \"l"
	"o\\u00e9k\",\n    \"decision\": \"allow\",\n    \"previousHash\": \"f6d0fdfeea"
	"db4282cc502e087c695a29672d233c3b41664ca16c55177fe93280\",\n    \"hash\": \"30d"
	"9a309df2087da6c3e3303c38d6920a048ddd5ec6dfc59c975b5af970a4482\"\n  }\n]";

static const char typescript[] =
	"[\n  {\n    \"timestamp\": \"2026-01-02T03:04:00.000Z\",\n    \"agentId\": \"a"
	"nn\",\n    \"action\": \"data.read\",\n    \"decision\": \"allow\",\n    \"has"
	"h\": \"0116067600b32b830cf5f7527ad06b76e51dfb0f3a5e0f6a6b9b4e2e355402f6\",\n  "
	"  \"previousHash\": \"00000000000000000000000000000000000000000000000000000000"
	"00000000\"\n  },\n  {\n    \"timestamp\": \"2026-01-02T03:04:01.000Z\",\n    "
	"\"agentId\": \"b|ob\",\n    \"action\": \"data.write\",\n    \"decision\": \"d"
	"eny\",\n    \"hash\": \"ee50085409351f5300678872a2dccae5796e84a8f66dca38fbc691"
	"f6d97823f1\",\n    \"previousHash\": \"0116067600b32b830cf5f7527ad06b76e51dfb0"
	"f3a5e0f6a6b9b4e2e355402f6\",\n    \"skillAuditMetadata\": {\n      \"skillName"
	"\": \"s\",\n      \"contextHashBefore\": \"x\"\n    }\n  },\n  {\n    \"timest"
	"amp\": \"2026-01-02T03:04:02.000Z\",\n    \"agentId\": \"ann\",\n    \"action"
	"\": \"lo\xc3\xa9""k\",\n    \"decision\": \"allow\",\n    \"hash\": \"3b0125e8"
	"837abdb42194d211c87930511a942f24c967dd7f0f7f77f3f6d4ea6d\",\n    \"previousHas"
	"h\": \"ee50085409351f5300678872a2dccae5796e84a8f66dca38fbc691f6d97823f1\"\n  }"
	"\n]";

static const char service[] =
	"[{\"id\": \"id0\", \"timestamp\": \"2026-01-02T03:04:00.000Z\", \"action\": "
	"\"data.read\", \"agent_did\": \"ann\", \"details\": {\"k\": 0, \"b\": [1.5, nu"
	"ll]}, \"previous_hash\": \"genesis\", \"hash\": \"7b58fcf56da0be779ac9639f35d4"
	"e625608f18b9a4d14499f049a113144c9b3f\"}, {\"id\": \"id1\", \"timestamp\": \"20"
	"26-01-02T03:04:01.000Z\", \"action\": \"data.write\", \"agent_did\": \"b|ob\","
	" \"details\": {\"k\": 1, \"b\": [1.5, null]}, \"previous_hash\": \"7b58fcf56da"
	"0be779ac9639f35d4e625608f18b9a4d14499f049a113144c9b3f\", \"hash\": \"26b69ec97"
	"af10fb3c161f28497acca8fb0b9ad465cddcaefbdc6bd64fbbcbe39\"}, {\"id\": \"id2\", "
	"\"timestamp\": \"2026-01-02T03:04:02.000Z\", \"action\": \"lo\xc3\xa9""k\", "
	"\"agent_did\": \"ann\", \"details\": {\"k\": 2, \"b\": [1.5, null]}, \"previou"
	"s_hash\": \"26b69ec97af10fb3c161f28497acca8fb0b9ad465cddcaefbdc6bd64fbbcbe39"
	"\", \"hash\": \"19ce6993fa7934f626067234f0833c9c2a18a1efe7c607c070c4366b72b22c"
	"be\"}]";

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

TestSuite(import_sdk, .init = setup, .fini = teardown);

static const struct source {
	enum import_format format;
	const char *text;
	const char *agent;           /* of its second entry */
} sources[] = {
	{ IMPORT_AGT_GO, go, "b|ob" },
	{ IMPORT_AGT_RUST, rust, "b|ob" },
	{ IMPORT_AGT_DOTNET, dotnet, "b|ob" },
	{ IMPORT_AGT_TYPESCRIPT, typescript, "b|ob" },
	{ IMPORT_AGT_TYPESCRIPT, service, "b|ob" },
};

#define SOURCES (sizeof(sources) / sizeof(sources[0]))

static enum err import(enum import_format format, struct str text, bool allow_broken)
{
	const struct import_options options = { .format = format, .allow_broken = allow_broken };

	note = (struct note){ .line = 0 };
	return space_kit_import(&kit, &options, text, &report, &note);
}

/* The text with the first `was` replaced. */
static struct str changed(const char *text, const char *was, const char *now)
{
	const char *at = strstr(text, was);
	struct str copy = STR_NONE;
	struct buf b;

	cr_assert_not_null(at, "%s", was);
	buf_init(&b, 1u << 16);
	buf_add(&b, str_slice(text, (size_t)(at - text)));
	buf_add_c(&b, now);
	buf_add_c(&b, at + strlen(was));
	cr_assert_eq(arena_copy(&kit.memory, buf_view(&b), &copy), OK);
	buf_fini(&b);
	return copy;
}

Test(import_sdk, each_chain_is_verified_and_becomes_actions)
{
	for (size_t i = 0; i < SOURCES; i++) {
		uint64_t before = space_kit_verify(&kit, NULL);
		enum err e = import(sources[i].format, str_view(sources[i].text), false);
		bool found = false;

		cr_assert_eq(e, OK, "%zu: %s: %s", i, err_name(e), note.text);
		cr_expect_eq(report.foreign_entries, 3);
		cr_expect_eq(report.actions, 3);
		cr_expect_eq(report.broken, 0);
		cr_expect_gt(report.finding_count, 2);
		for (uint64_t seq = before; seq < space_kit_verify(&kit, NULL); seq++) {
			struct entry entry = space_kit_entry(&kit, seq);

			found = found || str_is(entry.agent, sources[i].agent);
		}
		cr_expect(found);
	}
}

/* SHA-256 of the kept text is the hash that was claimed; Go's bytes are kept in hex. */
Test(import_sdk, what_was_hashed_is_kept)
{
	struct entry outcome;
	struct digest d;
	struct buf hex;

	cr_assert_eq(import(IMPORT_AGT_RUST, str_view(rust), false), OK);
	outcome = space_kit_entry(&kit, 3);
	cr_assert_eq(outcome.kind, ENTRY_OUTCOME);
	buf_init(&hex, 64);
	d = sha256(STR("0|2026-01-02T03:04:00Z|ann|data.read|allow|"));
	buf_add_hex(&hex, d.bytes, 32);
	cr_expect(str_eq(value_text(value_get_c(outcome.data, "foreign"), "hash"),
			 buf_view(&hex)));
	buf_fini(&hex);
	cr_expect(str_is(space_kit_body(&kit, outcome.result),
			 "\"0|2026-01-02T03:04:00Z|ann|data.read|allow|\""));
	cr_expect(str_is(value_text(value_get_c(outcome.data, "foreign"), "decision"), "allow"));
}

Test(import_sdk, what_was_changed_is_refused_and_the_entry_named)
{
	for (size_t i = 0; i + 1 < SOURCES; i++) {
		uint64_t before = space_kit_verify(&kit, NULL);
		struct str bad = changed(sources[i].text, "deny", "alow");

		cr_expect_eq(import(sources[i].format, bad, false), ERR_TAMPERED);
		cr_expect(strstr(note.text, "entry 1 is not what it hashed to"), "%s", note.text);
		cr_expect_eq(space_kit_verify(&kit, NULL), before);
	}
	cr_expect_eq(import(IMPORT_AGT_TYPESCRIPT, changed(service, "1.5", "1.25"), false),
		     ERR_TAMPERED);
}

Test(import_sdk, an_entry_that_is_missing_is_noticed)
{
	const char *second = strstr(rust, ",{\"seq\":1"), *third = strstr(rust, ",{\"seq\":2");
	struct buf b;

	buf_init(&b, 1u << 16);
	buf_add(&b, str_slice(rust, (size_t)(second - rust)));
	buf_add_c(&b, third);
	cr_expect_eq(import(IMPORT_AGT_RUST, buf_view(&b), false), ERR_TAMPERED);
	cr_expect(strstr(note.text, "entry 1 does not follow"), "%s", note.text);
	/* From its second entry on it is a log whose first ones were dropped: that is said. */
	buf_clear(&b);
	buf_add_byte(&b, '[');
	buf_add_c(&b, second + 1);
	cr_expect_eq(import(IMPORT_AGT_RUST, buf_view(&b), false), OK, "%s", note.text);
	cr_expect(strstr(report.findings[report.finding_count - 1], "begins inside"));
	buf_fini(&b);
}

Test(import_sdk, what_does_not_hold_can_be_let_in_and_says_so)
{
	struct entry outcome;

	cr_assert_eq(import(IMPORT_AGT_RUST, changed(rust, "deny", "allow"), true), OK, "%s",
		     note.text);
	cr_expect_eq(report.broken, 1);
	cr_expect(strstr(report.first_broken.text, "entry 1"));
	outcome = space_kit_entry(&kit, 3);
	cr_expect_null(value_get_c(value_get_c(outcome.data, "foreign"), "trammel_chain"));
	outcome = space_kit_entry(&kit, 6);
	cr_expect(str_is(value_text(value_get_c(outcome.data, "foreign"), "trammel_chain"),
			 "broken"));
}

Test(import_sdk, what_is_no_such_entry_is_an_error_with_its_place)
{
	static const struct { const char *text; enum err e; const char *story; } bad[] = {
		{ "[]", ERR_TRUNCATED, "no entry" },
		{ "[1]", ERR_TYPE, "found integer" },
		{ "[{}]", ERR_SYNTAX, "'seq' is missing" },
		{ "[{\"seq\":-1}]", ERR_TYPE, "'seq' is integer" },
		{ "[{\"seq\":1,\"timestamp\":5}]", ERR_TYPE, "'timestamp'" },
		{ "{", ERR_TRUNCATED, "" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(import(IMPORT_AGT_RUST, str_view(bad[i].text), true), bad[i].e, "%s",
			     bad[i].text);
		cr_expect(strstr(note.text, bad[i].story), "%s", note.text);
	}
}

Test(import_sdk, no_memory_is_an_error_and_nothing_else)
{
	for (uint64_t n = 1;; n++) {
		uint64_t before = space_kit_verify(&kit, NULL);
		enum err e;

		fail_alloc_at(n);
		e = import(IMPORT_AGT_GO, str_view(go), false);
		if (!fail_alloc_was_hit()) {
			cr_expect_eq(e, OK);
			break;
		}
		if (e == OK)
			continue;
		cr_expect_eq(e, ERR_MEMORY, "allocation %llu: %s", (unsigned long long)n,
			     err_name(e));
		cr_expect_eq(space_kit_verify(&kit, NULL), before);
	}
}
