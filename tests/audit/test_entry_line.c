#include "engine/audit/inside.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/kit/fail_alloc.h"

#define ARENA_BYTES (4u << 20)
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ONES "1111111111111111111111111111111111111111111111111111111111111111"

static struct arena arena;
static struct buf quick_text, table_text;

static void setup(void)
{
	arena_init(&arena, ARENA_BYTES);
	buf_init(&quick_text, LIMIT_LINE_BYTES);
	buf_init(&table_text, LIMIT_LINE_BYTES);
}

static void teardown(void)
{
	arena_fini(&arena);
	buf_fini(&quick_text);
	buf_fini(&table_text);
}

TestSuite(entry_line, .init = setup, .fini = teardown);

/* Every member that is read here, as entry_write puts it. */
static const char usual_line[] =
	"{\"action\":\"file.write\",\"agent\":\"did:web:a.example\",\"args\":\"sha256:" ZEROS
	"\",\"clock\":\"synthetic\",\"data\":{\"attrs\":{\"a\":[1,2.5,\"\xc3\xa4}\\\"\"]}},"
	"\"decision\":{\"allowed\":false,\"cedar\":\"te\",\"considered\":\"f40t\",\"cost\":97,"
	"\"effect\":\"deny\",\"input\":\"sha256:" ONES "\",\"reasons\":[\"one\",\"two\"],"
	"\"rule\":\"x\",\"stage\":\"policy\","
	"\"trust\":{\"regime\":\"changed\",\"score\":7,\"tier\":\"low\"}},\"kind\":\"outcome\","
	"\"links\":[{\"rel\":\"outcome_of\",\"seq\":3}],"
	"\"log\":\"example.com/log\",\"policy\":\"sha256:" ZEROS "\",\"resource\":\"/tmp\","
	"\"result\":\"sha256:" ZEROS "\",\"seq\":42,\"session\":\"s-1\","
	"\"signature\":\"/+4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	"AAAAAAAAAAAAAAAAAA==\",\"state\":\"sha256:" ZEROS "\","
	"\"time\":\"2026-01-02T03:04:05.000000006Z\",\"trace\":\"\",\"v\":3}";

/* Is the line read here? Then the tables must read it too, and find the same. */
static bool is_read(struct str line)
{
	struct entry quick, table;
	bool read;

	arena_rewind(&arena, (struct arena_mark){ NULL, 0 });
	read = entry_line_read(line, &arena, &quick) == OK;
	if (!read)
		return false;
	cr_assert_eq(entry_table_read(line, &arena, &table, NULL), OK, "%.*s", STR_ARG(line));
	buf_clear(&quick_text);
	buf_clear(&table_text);
	entry_write(&quick_text, &quick);
	entry_write(&table_text, &table);
	cr_assert(str_eq(buf_view(&quick_text), buf_view(&table_text)), "%.*s", STR_ARG(line));
	return true;
}

/* The usual line with the first `from`, which must be there, replaced. */
static struct str edited(const char *from, const char *to)
{
	static char text[2 * LIMIT_ENTRY_BYTES];
	const char *at = strstr(usual_line, from);
	int len;

	cr_assert_not_null(at, "%s", from);
	len = snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - usual_line), usual_line, to,
		       at + strlen(from));
	return str_slice(text, (size_t)len);
}

Test(entry_line, the_usual_line_is_read_and_was_canonical)
{
	cr_assert(is_read(str_view(usual_line)));
	cr_assert(str_is(buf_view(&quick_text), usual_line), "%.*s",
		  STR_ARG(buf_view(&quick_text)));
}

Test(entry_line, each_member_that_may_be_absent_is_read_as_absent)
{
	static const char *const members[] = {
		"\"action\":\"file.write\",", "\"agent\":\"did:web:a.example\",",
		"\"args\":\"sha256:" ZEROS "\",", "\"clock\":\"synthetic\",",
		"\"reasons\":[\"one\",\"two\"],", "\"rule\":\"x\",",
		"\"cedar\":\"te\",", "\"considered\":\"f40t\",", "\"cost\":97,",
		"\"input\":\"sha256:" ONES "\",",
		",\"trust\":{\"regime\":\"changed\",\"score\":7,\"tier\":\"low\"}",
		"\"regime\":\"changed\",",
		"\"links\":[{\"rel\":\"outcome_of\",\"seq\":3}],", "\"resource\":\"/tmp\",",
		"\"result\":\"sha256:" ZEROS "\",", "\"session\":\"s-1\",", "\"trace\":\"\",",
		"\"data\":{\"attrs\":{\"a\":[1,2.5,\"\xc3\xa4}\\\"\"]}},",
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		struct str line = edited(members[i], "");

		cr_assert(is_read(line), "without %s", members[i]);
		cr_assert(str_eq(buf_view(&quick_text), line));
	}
}

Test(entry_line, every_kind_is_read)
{
	for (unsigned i = 0; i < ENTRY_KINDS; i++) {
		char kind[64];

		(void)snprintf(kind, sizeof(kind), "\"kind\":\"%s\"",
			       entry_kind_name((enum entry_kind)i));
		cr_assert(is_read(edited("\"kind\":\"outcome\"", kind)), "%s", kind);
	}
}

/* What is left to the tables: rare, or wrong in a way that they have words for. */
Test(entry_line, what_is_rare_or_wrong_is_left_alone)
{
	static const struct { const char *from, *to; } edits[] = {
		{ "file.write", "file\\n" },
		{ "file.write", "fil\xc3\xa9" },
		{ "file.write", "file\n" },
		{ "\"reasons\":[\"one\",\"two\"]", "\"reasons\":[]" },
		{ "\"reasons\":[\"one\",\"two\"]", "\"reasons\":[\"1\",\"2\",\"3\",\"4\",\"5\"]" },
		{ "\"reasons\"",
		  "\"obligations\":[{\"rule\":\"r\",\"type\":\"log\"}],\"reasons\"" },
		{ "\"reasons\"", "\"errors\":[\"x\"],\"reasons\"" },
		{ "\"cost\":97", "\"cost\":0" },
		{ "\"cost\":97", "\"cost\":9007199254740992" },
		{ "f40t", "" },
		{ "f40t", "f1t" },
		{ "f40t", "f40g" },
		{ "f40t", "f40tt" },
		{ "\"cedar\":\"te\"", "\"cedar\":\"e t\"" },
		{ "sha256:" ONES, "sha256:1" },
		{ "\"input\"", "\"floors\":[{\"considered\":\"f\",\"policy\":\"p\"}],\"input\"" },
		{ "\"score\":7", "\"score\":1001" },
		{ "\"score\":7", "\"score\":07" },
		{ "\"score\":7,", "" },
		{ "\"regime\":\"changed\"", "\"regime\":\"same\"" },
		{ "\"seq\":3}", "\"seq\":3},{\"rel\":\"of\",\"seq\":4}" },
		{ "\"seq\":3}", "\"seq\":42}" },
		{ "\"seq\":42", "\"seq\":042" },
		{ "\"seq\":42", "\"seq\":9007199254740992" },
		{ "\"effect\":\"deny\"", "\"effect\":\"allow\"" },
		{ "\"v\":3", "\"v\":1" },
		{ "\"v\":3}", "\"v\":3} " },
		{ "\"kind\":\"outcome\"", "\"kind\":\"income\"" },
		{ "example.com/log", "example.com/+" },
		{ "sha256:" ZEROS, "sha256:" },
		{ "AA==", "AB==" },
		{ "AAAA", "" },
		{ "2026-01-02", "2026-02-30" },
		{ "\"data\":{\"attrs\":", "\"data\":[{\"attrs\":" },
		{ "{\"attrs\":{\"a\":[", "{\"attrs\":{\"a\":[}" },
		{ "{\"attrs\":{\"a\":[", "{\"attrs\":1,\"attrs\":{\"a\":[" },
		{ "\"trace\":\"\"", "\"trace\":\"\",\"trace\":\"\"" },
	};

	for (size_t i = 0; i < sizeof(edits) / sizeof(*edits); i++)
		cr_assert_not(is_read(edited(edits[i].from, edits[i].to)), "%s", edits[i].to);
}

Test(entry_line, bounds_are_those_of_the_tables)
{
	static const struct { const char *from; size_t cap_bytes; } texts[] = {
		{ "file.write", LIMIT_NAME_BYTES }, { "did:web:a.example", LIMIT_NAME_BYTES },
		{ "s-1", LIMIT_NAME_BYTES }, { "/tmp", LIMIT_RESOURCE_BYTES },
		{ "example.com/log", LIMIT_ORIGIN_BYTES },
	};
	char text[LIMIT_RESOURCE_BYTES + 2];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (size_t over = 0; over < 2; over++) {
			memset(text, 'n', sizeof(text));
			text[texts[i].cap_bytes + over] = '\0';
			cr_assert_eq(is_read(edited(texts[i].from, text)), over == 0, "%s",
				     texts[i].from);
		}
}

Test(entry_line, data_nests_as_deep_as_the_tables_allow)
{
	char text[4 * LIMIT_DEPTH];

	for (size_t depth = 1; depth < LIMIT_DEPTH + 4; depth++) {
		struct entry e;
		struct str line;
		bool read;

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		text[2 * depth] = '\0';
		line = edited("[1,2.5,\"\xc3\xa4}\\\"\"]", text);
		read = is_read(line);
		cr_assert_eq(read, entry_table_read(line, &arena, &e, NULL) == OK, "%d deep",
			     (int)depth);
	}
}

/* Whatever becomes of a byte, what is still read here is what the tables read. */
Test(entry_line, agrees_with_the_tables_on_every_changed_byte)
{
	static const char bytes[] = "\"\\{}[],:0a \n\x80";
	char text[sizeof(usual_line)];
	size_t len = strlen(usual_line), read = 0;

	for (size_t at = 0; at < len; at++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			memcpy(text, usual_line, sizeof(text));
			text[at] = bytes[i];
			read += is_read(str_slice(text, len));
		}
		memcpy(text, usual_line, sizeof(text));
		memmove(text + at, text + at + 1, len - at);
		read += is_read(str_slice(text, len - 1));
		cr_assert_not(is_read(str_slice(usual_line, at)));
	}
	cr_assert_gt(read, len / 2);
}

Test(entry_line, a_line_that_is_left_alone_leaves_no_memory_behind)
{
	struct arena_mark before;
	struct entry e;

	cr_assert_not_null(arena_alloc(&arena, 1));
	before = arena_mark(&arena);
	cr_assert_eq(entry_line_read(edited("\"v\":3", "\"v\":2"), &arena, &e), ERR_UNKNOWN);
	cr_assert_eq(arena_mark(&arena).used, before.used);
}

Test(entry_line, want_of_memory_is_told_as_such)
{
	for (size_t cap = 0;; cap += 16) {
		struct arena small;
		struct entry e;
		enum err read;

		arena_init(&small, cap);
		read = entry_line_read(str_view(usual_line), &small, &e);
		arena_fini(&small);
		if (read == OK)
			break;
		cr_assert_eq(read, ERR_MEMORY);
	}
	for (uint64_t n = 1;; n++) {
		struct arena fresh;
		struct entry e;
		enum err read;
		bool hit;

		arena_init(&fresh, ARENA_BYTES);
		fail_alloc_at(n);
		read = entry_line_read(str_view(usual_line), &fresh, &e);
		hit = fail_alloc_was_hit();
		arena_fini(&fresh);
		cr_assert_eq(read, hit ? ERR_MEMORY : OK);
		if (!hit)
			break;
	}
}
