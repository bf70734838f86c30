#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/audit/entry.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

#define ARENA_BYTES (4u << 20)
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* The smallest line there is, in two halves around "seq". */
#define HEAD "{\"kind\":\"notice\",\"log\":\"example.com/log\"," \
	"\"policy\":\"sha256:" ZEROS "\",\"seq\":7,"
#define TAIL "\"state\":\"sha256:" ZEROS "\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"v\":3}"

static struct arena arena;
static struct buf buf;

static void setup(void)
{
	arena_init(&arena, ARENA_BYTES);
	buf_init(&buf, LIMIT_LINE_BYTES);
}

static void teardown(void)
{
	arena_fini(&arena);
	buf_fini(&buf);
}

TestSuite(entry, .init = setup, .fini = teardown);

/* --- entries with everything in them --- */

static const struct str approvers[] = { { "ann", 3 }, { "bob \"b\"", 7 } };
static const struct str reasons[] = { { "policy: rule 'x' asks", 21 }, { "quota: fine\n", 12 } };
static const struct obligation obligations[] = {
	{ .type = { "log", 3 }, .rule = { "r1", 2 } },
	{ .type = { "rate_limit", 10 }, .rule = { "r1", 2 }, .limit = { "5/hour", 6 } },
	{ .type = { "require_approval", 16 }, .rule = { "r0", 2 }, .approvers = approvers,
	  .approver_count = 2 },
	{ .type = { "require_approval", 16 }, .rule = { "r1", 2 } },
	{ .type = { "transform", 9 }, .rule = { "r1", 2 },
	  .edits = { "[{\"path\":\"args.a\",\"set\":{\"b\":[1]}},{\"path\":\"args.c\"}]", 53 } },
};
static const struct str errors[] = { { "p/z", 3 }, { "p/a", 3 } };
static const struct decision_floor floors[] = { { { "f3", 2 }, { "org \"o\"", 7 } } };
static const struct digest input = { { 0xcd } };
static const struct decision decision = {
	.effect = EFFECT_ALLOW, .stage = { "policy", 6 }, .rule = { "x", 1 },
	.reasons = reasons, .reason_count = 2, .obligations = obligations, .obligation_count = 5,
	.errors = errors, .error_count = 2, .considered = { "f5et", 4 }, .cedar = { "fe", 2 },
	.floors = floors, .floor_count = 1, .cost = 19, .input = &input,
	.tier = { "standard", 8 }, .trust = 512, .regime_changed = true,
};
static const struct entry_link links[] = { { { "outcome_of", 10 }, 3 }, { { "retry_of", 8 }, 41 } };
static const struct digest digest = { { 0xab, 1, 2, 3 } };
static const struct signature signature = { { 0xff, 0xee } };

static const char full_line[] =
	"{\"action\":\"file.write\",\"agent\":\"did:web:a.example\",\"args\":\"sha256:ab010203"
	"00000000000000000000000000000000000000000000000000000000\",\"clock\":\"synthetic\","
	"\"data\":{\"a\":[1,2.5,\"\xc3\xa4\"],\"z\":null},"
	"\"decision\":{\"allowed\":true,\"cedar\":\"fe\",\"considered\":\"f5et\",\"cost\":19,"
	"\"effect\":\"allow\",\"errors\":[\"p/z\",\"p/a\"],"
	"\"floors\":[{\"considered\":\"f3\",\"policy\":\"org \\\"o\\\"\"}],"
	"\"input\":\"sha256:cd000000"
	"00000000000000000000000000000000000000000000000000000000\","
	"\"obligations\":[{\"rule\":\"r1\",\"type\":\"log\"},"
	"{\"limit\":\"5/hour\",\"rule\":\"r1\",\"type\":\"rate_limit\"},"
	"{\"approvers\":[\"ann\",\"bob \\\"b\\\"\"],\"rule\":\"r0\",\"type\":\"require_approval\"},"
	"{\"rule\":\"r1\",\"type\":\"require_approval\"},"
	"{\"edits\":[{\"path\":\"args.a\",\"set\":{\"b\":[1]}},{\"path\":\"args.c\"}],"
	"\"rule\":\"r1\",\"type\":\"transform\"}],"
	"\"reasons\":[\"policy: rule 'x' asks\",\"quota: fine\\n\"],\"rule\":\"x\","
	"\"stage\":\"policy\","
	"\"trust\":{\"regime\":\"changed\",\"score\":512,\"tier\":\"standard\"}},"
	"\"kind\":\"action\","
	"\"links\":[{\"rel\":\"outcome_of\",\"seq\":3},{\"rel\":\"retry_of\",\"seq\":41}],"
	"\"log\":\"example.com/log\",\"policy\":\"sha256:ab010203"
	"00000000000000000000000000000000000000000000000000000000\",\"resource\":\"/tmp/\\u0001\","
	"\"result\":\"sha256:ab010203"
	"00000000000000000000000000000000000000000000000000000000\",\"seq\":42,\"session\":\"s-1\","
	"\"signature\":\"/+4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	"AAAAAAAAAAAAAAAAAA==\","
	"\"state\":\"sha256:ab010203"
	"00000000000000000000000000000000000000000000000000000000\","
	"\"time\":\"2026-01-02T03:04:05.000000006Z\",\"trace\":\"\",\"v\":3}";

static struct entry full_entry(struct value *data)
{
	cr_assert_eq(json_read(STR("{\"z\":null,\"a\":[1,2.50,\"\\u00e4\"]}"), 1, &arena, data,
			       NULL), OK);
	return (struct entry){
		.log = STR("example.com/log"), .seq = 42, .time_ns = INT64_C(1767323045000000006),
		.time_synthetic = true, .kind = ENTRY_ACTION, .agent = STR("did:web:a.example"),
		.action = STR("file.write"), .resource = STR("/tmp/\x01"), .session = STR("s-1"),
		.trace = STR(""), .args = &digest, .result = &digest, .signature = &signature,
		.data = data, .decision = &decision, .links = links, .link_count = 2,
		.policy = digest, .state = digest,
	};
}

static struct entry small_entry(void)
{
	return (struct entry){ .log = STR("example.com/log"), .seq = 7, .kind = ENTRY_NOTICE };
}

Test(entry, a_full_entry_is_written_as_expected)
{
	struct value data;
	struct entry e = full_entry(&data);

	entry_write(&buf, &e);
	cr_assert_eq(buf.err, OK);
	cr_assert_eq(buf.len, strlen(full_line));
	cr_assert_arr_eq(buf.ptr, full_line, buf.len);
}

Test(entry, the_smallest_entry_has_no_absent_members)
{
	struct entry e = small_entry();

	entry_write(&buf, &e);
	cr_assert(str_eq(buf_view(&buf), STR(HEAD TAIL)));
}

Test(entry, a_full_line_is_read_into_every_member)
{
	struct entry e;

	cr_assert_eq(entry_read(str_view(full_line), &arena, &e, NULL), OK);
	cr_assert(str_is(e.log, "example.com/log"));
	cr_assert_eq(e.seq, 42);
	cr_assert_eq(e.time_ns, INT64_C(1767323045000000006));
	cr_assert(e.time_synthetic);
	cr_assert_eq(e.kind, ENTRY_ACTION);
	cr_assert(str_is(e.agent, "did:web:a.example"));
	cr_assert(str_is(e.action, "file.write"));
	cr_assert(str_is(e.resource, "/tmp/\x01"));
	cr_assert(str_is(e.session, "s-1"));
	cr_assert(e.trace.ptr && e.trace.len == 0, "an empty text is not an absent one");
	cr_assert(digest_eq(e.args, &digest) && digest_eq(e.result, &digest));
	cr_assert(digest_eq(&e.policy, &digest) && digest_eq(&e.state, &digest));
	cr_assert_arr_eq(e.signature->bytes, signature.bytes, SIGNATURE_BYTES);
	cr_assert_eq(value_get_c(e.data, "z")->kind, VALUE_NULL);
	cr_assert_eq(e.link_count, 2);
	cr_assert(str_is(e.links[1].rel, "retry_of") && e.links[1].seq == 41);
	cr_assert_eq(e.decision->effect, EFFECT_ALLOW);
	cr_assert(str_is(e.decision->stage, "policy") && str_is(e.decision->rule, "x"));
	cr_assert(e.decision->reason_count == 2 && str_eq(e.decision->reasons[1], reasons[1]));
	cr_assert(str_is(e.decision->considered, "f5et") && str_is(e.decision->cedar, "fe"));
	cr_assert_eq(e.decision->cost, 19);
	cr_assert(digest_eq(e.decision->input, &input));
	cr_assert(str_is(e.decision->floors[0].policy, "org \"o\""));
	cr_assert(str_is(e.decision->tier, "standard") && e.decision->regime_changed);
	cr_assert_eq(e.decision->trust, 512);
	cr_assert(e.decision->error_count == 2 && str_eq(e.decision->errors[0], errors[0]));
	cr_assert_eq(e.decision->obligation_count, 5);
	cr_assert(str_is(e.decision->obligations[1].limit, "5/hour"));
	cr_assert_null(e.decision->obligations[1].edits.ptr);
	cr_assert_eq(e.decision->obligations[2].approver_count, 2);
	cr_assert(str_eq(e.decision->obligations[2].approvers[1], approvers[1]));
	cr_assert_null(e.decision->obligations[3].approvers);
	cr_assert(str_eq(e.decision->obligations[4].edits, obligations[4].edits));
}

Test(entry, absent_members_are_read_as_absent)
{
	struct entry e;

	cr_assert_eq(entry_read(STR(HEAD TAIL), &arena, &e, NULL), OK);
	cr_assert(!e.agent.ptr && !e.action.ptr && !e.resource.ptr && !e.session.ptr &&
		  !e.trace.ptr);
	cr_assert(!e.args && !e.result && !e.signature && !e.data && !e.decision && !e.links);
	cr_assert(!e.time_synthetic);
	cr_assert_eq(e.link_count, 0);
}

Test(entry, every_kind_and_effect_has_a_name_that_reads_back)
{
	for (unsigned kind = 0; kind < ENTRY_KINDS; kind++) {
		struct entry e = small_entry(), again;

		e.kind = (enum entry_kind)kind;
		buf_clear(&buf);
		entry_write(&buf, &e);
		cr_assert_eq(entry_read(buf_view(&buf), &arena, &again, NULL), OK);
		cr_assert_eq((unsigned)again.kind, kind);
	}
	cr_assert_str_eq(effect_name(EFFECT_DENY), "deny");
	cr_assert_str_eq(effect_name(EFFECT_ALLOW), "allow");
	cr_assert_str_eq(entry_kind_name(ENTRY_REFUSAL), "refusal");
}

Test(entry, what_is_too_long_is_a_limit_and_not_a_line)
{
	static char long_text[LIMIT_ENTRY_BYTES + 1];
	struct entry e = small_entry();
	struct note n = { .line = 0 };
	struct glance seen = { .seq = 99 };

	memset(long_text, 'x', sizeof(long_text));
	e.agent = str_slice(long_text, LIMIT_NAME_BYTES);
	e.resource = str_slice(long_text, LIMIT_RESOURCE_BYTES);
	entry_write(&buf, &e);
	cr_assert_eq(buf.err, OK);
	cr_assert_eq(entry_read(buf_view(&buf), &arena, &e, NULL), OK);
	buf_clear(&buf);
	e.agent.len++;
	entry_write(&buf, &e);
	cr_assert_eq(buf.err, ERR_LIMIT);

	struct str reason = str_slice(long_text, LIMIT_ENTRY_BYTES);
	struct decision d = { .reasons = &reason, .reason_count = 1 };

	e = small_entry();
	e.decision = &d;
	buf_clear(&buf);
	entry_write(&buf, &e);
	cr_assert_eq(buf.err, ERR_LIMIT);
	cr_assert_eq(entry_read(str_slice(long_text, sizeof(long_text)), &arena, &e, &n),
		     ERR_LIMIT);
	cr_assert_eq(entry_glance(str_slice(long_text, sizeof(long_text)), &seen, &n),
		     ERR_LIMIT);
}

Test(entry, the_greatest_line_is_read_and_one_byte_more_is_not)
{
	static char text[LIMIT_ENTRY_BYTES];
	struct str reason = { text, 0 };
	struct glance seen;
	struct decision d = { .reasons = &reason, .reason_count = 1 };
	struct entry e = small_entry(), got;

	memset(text, 'x', sizeof(text));
	e.decision = &d;
	entry_write(&buf, &e);
	reason.len = LIMIT_ENTRY_BYTES - buf.len;
	buf_clear(&buf);
	entry_write(&buf, &e);
	cr_assert_eq(buf.err, OK);
	cr_assert_eq(buf.len, LIMIT_ENTRY_BYTES);
	cr_assert_eq(entry_read(buf_view(&buf), &arena, &got, NULL), OK);
	cr_assert_eq(entry_glance(buf_view(&buf), &seen, NULL), OK);
	reason.len++;
	buf_clear(&buf);
	entry_write(&buf, &e);
	cr_assert_eq(buf.err, ERR_LIMIT);
}

/* --- lines that are refused, and why --- */

struct bad {
	const char *line;
	enum err want;
	uint32_t column;             /* 0: anywhere */
};

#define LINE(head, tail) "{" head "\"kind\":\"notice\",\"log\":\"example.com/log\"," \
	"\"policy\":\"sha256:" ZEROS "\",\"seq\":7,\"state\":\"sha256:" ZEROS "\"," tail "}"
#define DENY "\"decision\":{\"allowed\":false,\"effect\":\"deny\","
#define DENIED(record) \
	"\"decision\":{\"allowed\":false," record "\"effect\":\"deny\",\"stage\":\"s\"},"
#define TIME "\"time\":\"1970-01-01T00:00:00.000000000Z\""

static const struct bad bads[] = {
	{ "", ERR_TRUNCATED, 1 },
	{ "[]", ERR_TYPE, 1 },
	{ "{}", ERR_SYNTAX, 1 },
	{ HEAD TAIL "\n", ERR_SYNTAX, 0 },
	{ " " HEAD TAIL, ERR_SYNTAX, 1 },
	{ LINE("", TIME), ERR_SYNTAX, 0 },
	{ LINE("", TIME ",\"v\":1"), ERR_VERSION, 0 },
	{ LINE("\"zzz\":1,", TIME ",\"v\":1"), ERR_VERSION, 0 },
	{ LINE("", TIME ",\"v\":\"3\""), ERR_VERSION, 0 },
	{ LINE("", TIME ",\"v\":3.0"), ERR_VERSION, 0 },
	{ LINE("\"aaa\":1,", TIME ",\"v\":3"), ERR_UNKNOWN, 2 },
	{ LINE("\"agent\":1,", TIME ",\"v\":3"), ERR_TYPE, 10 },
	{ LINE("\"agent\":null,", TIME ",\"v\":3"), ERR_TYPE, 10 },
	{ LINE("\"agent\":\"a\",\"action\":\"b\",", TIME ",\"v\":3"), ERR_SYNTAX, 14 },
	{ LINE("\"agent\":\"a\",\"agent\":\"b\",", TIME ",\"v\":3"), ERR_DUPLICATE, 0 },
	{ LINE("\"agent\":\"\\u0061\",", TIME ",\"v\":3"), ERR_SYNTAX, 11 },
	{ LINE("\"agent\": \"a\",", TIME ",\"v\":3"), ERR_SYNTAX, 10 },
	{ LINE("\"agent\":\"\xff\",", TIME ",\"v\":3"), ERR_ENCODING, 0 },
	{ LINE("\"args\":\"sha256:00\",", TIME ",\"v\":3"), ERR_SYNTAX, 9 },
	{ LINE("\"args\":\"sha256:A" ZEROS "\",", TIME ",\"v\":3"), ERR_SYNTAX, 9 },
	{ LINE("\"clock\":\"wall\",", TIME ",\"v\":3"), ERR_RANGE, 10 },
	{ LINE("\"clock\":true,", TIME ",\"v\":3"), ERR_RANGE, 10 },
	{ LINE("\"data\":[],", TIME ",\"v\":3"), ERR_TYPE, 9 },
	{ LINE("\"data\":{\"b\":1,\"a\":2},", TIME ",\"v\":3"), ERR_SYNTAX, 11 },
	{ LINE("\"data\":{\"a\":1.0},", TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE("\"data\":{\"a\":-0},", TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE("\"decision\":{\"allowed\":true,\"effect\":\"deny\",\"stage\":\"s\"},",
	       TIME ",\"v\":3"),
	  ERR_RANGE, 0 },
	{ LINE("\"decision\":{\"allowed\":1,\"effect\":\"deny\",\"stage\":\"s\"},",
	       TIME ",\"v\":3"),
	  ERR_TYPE, 0 },
	{ LINE("\"decision\":{\"allowed\":false,\"effect\":\"deny\"},",
	       TIME ",\"v\":3"), ERR_SYNTAX, 13 },
	{ LINE(DENY "\"reasons\":[],\"stage\":\"s\"},",
	       TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENY "\"obligations\":["
	       "{\"rule\":\"b\",\"type\":\"log\"},{\"rule\":\"a\",\"type\":\"log\"}],"
	       "\"stage\":\"s\"},",
	       TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"obligations\":["
	       "{\"approvers\":[\"a\"],\"rule\":\"b\",\"type\":\"log\"}],\"stage\":\"s\"},",
	       TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"obligations\":[{\"limit\":\"1/day\",\"rule\":\"b\",\"type\":\"log\"}],"
	       "\"stage\":\"s\"},", TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"obligations\":[{\"rule\":\"b\",\"type\":\"rate_limit\"}],"
	       "\"stage\":\"s\"},", TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"obligations\":[{\"rule\":\"b\",\"type\":\"transform\"}],"
	       "\"stage\":\"s\"},", TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"obligations\":[{\"edits\":[1],\"rule\":\"b\",\"type\":\"warn\"}],"
	       "\"stage\":\"s\"},", TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"obligations\":[{\"edits\":[],\"rule\":\"b\",\"type\":\"transform\"}],"
	       "\"stage\":\"s\"},", TIME ",\"v\":3"), ERR_TYPE, 0 },
	{ LINE(DENY "\"obligations\":[{\"edits\":[1.0],\"rule\":\"b\",\"type\":\"transform\"}],"
	       "\"stage\":\"s\"},", TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENY "\"errors\":[],\"stage\":\"s\"},", TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENIED("\"considered\":\"\","), TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENIED("\"considered\":\"f1\","), TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENIED("\"considered\":\"ff\","), TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENIED("\"considered\":\"f02\","), TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENIED("\"considered\":\"fx\","), TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENIED("\"considered\":\"f4294967295t\","), TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENIED("\"cedar\":7,"), TIME ",\"v\":3"), ERR_TYPE, 0 },
	{ LINE(DENIED("\"cost\":0,"), TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENIED("\"cost\":\"1\","), TIME ",\"v\":3"), ERR_TYPE, 0 },
	{ LINE(DENY "\"floors\":[],\"stage\":\"s\"},", TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENY "\"floors\":[{\"policy\":\"p\"}],\"stage\":\"s\"},", TIME ",\"v\":3"),
	  ERR_SYNTAX, 0 },
	{ LINE(DENY "\"floors\":[{\"considered\":\"g\",\"policy\":\"p\"}],\"stage\":\"s\"},",
	       TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENY "\"input\":\"sha256:00\",\"stage\":\"s\"},", TIME ",\"v\":3"),
	  ERR_SYNTAX, 0 },
	{ LINE(DENY "\"stage\":\"s\",\"tried\":1},", TIME ",\"v\":3"), ERR_UNKNOWN, 0 },
	{ LINE(DENY "\"stage\":\"s\",\"trust\":{\"score\":1001,\"tier\":\"a\"}},",
	       TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"stage\":\"s\",\"trust\":{\"score\":-1,\"tier\":\"a\"}},",
	       TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"stage\":\"s\",\"trust\":{\"score\":1}},", TIME ",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE(DENY "\"stage\":\"s\",\"trust\":{\"score\":1,\"tier\":\"a\",\"x\":1}},",
	       TIME ",\"v\":3"), ERR_UNKNOWN, 0 },
	{ LINE(DENY "\"stage\":\"s\",\"trust\":{\"regime\":\"same\",\"score\":1,\"tier\":\"a\"}},",
	       TIME ",\"v\":3"), ERR_RANGE, 0 },
	{ LINE(DENY "\"stage\":\"s\",\"trust\":7},", TIME ",\"v\":3"), ERR_TYPE, 0 },
	{ "{\"kind\":\"rumour\"}", ERR_UNKNOWN, 9 },
	{ "{\"kind\":\"notice\",\"links\":[]}", ERR_SYNTAX, 26 },
	{ "{\"kind\":\"notice\",\"links\":[{\"rel\":\"x\"}]}", ERR_SYNTAX, 27 },
	{ "{\"kind\":\"notice\",\"log\":\"a b\"}", ERR_RANGE, 24 },
	{ "{\"kind\":\"notice\",\"log\":\"a\\\\b\"}", ERR_RANGE, 24 },
	{ "{\"kind\":\"notice\",\"log\":\"\"}", ERR_RANGE, 24 },
	{ HEAD "\"signature\":\"AAAA\"," TAIL, ERR_SYNTAX, 0 },
	{ LINE("", "\"time\":\"1970-01-01T00:00:00Z\",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE("", "\"time\":\"yesterday\",\"v\":3"), ERR_SYNTAX, 0 },
	{ LINE("", "\"time\":0,\"v\":3"), ERR_TYPE, 0 },
};

Test(entry, lines_with_one_fault_are_refused_where_the_fault_is)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(*bads); i++) {
		struct note n = { .line = 0 };
		struct entry e = { .seq = 99 };
		enum err got = entry_read(str_view(bads[i].line), &arena, &e, &n);

		cr_assert_eq(got, bads[i].want, "%s: %s: %s", bads[i].line, err_name(got), n.text);
		cr_assert(n.text[0] != '\0' && n.line <= 1, "%s", bads[i].line);
		if (bads[i].column)
			cr_assert_eq(n.column, bads[i].column, "%s: %u", bads[i].line, n.column);
		cr_assert_eq(e.seq, 99, "nothing is given on failure");
	}
}

/* "seq" is the last digit run of HEAD: put others in its place. */
static enum err read_with_seq(const char *seq, const char *links_text)
{
	char line[1024];
	struct entry e;
	int len = snprintf(line, sizeof(line),
			   "{\"kind\":\"notice\",%s\"log\":\"l\",\"policy\":\"sha256:"
			   ZEROS "\",\"seq\":%s," TAIL, links_text, seq);

	return entry_read(str_slice(line, (size_t)len), &arena, &e, NULL);
}

Test(entry, numbers_of_entries_are_exact_and_links_point_back)
{
	cr_assert_eq(read_with_seq("0", ""), OK);
	cr_assert_eq(read_with_seq("9007199254740991", ""), OK);
	cr_assert_eq(read_with_seq("9007199254740992", ""), ERR_RANGE);
	cr_assert_eq(read_with_seq("18446744073709551616", ""), ERR_RANGE);
	cr_assert_eq(read_with_seq("-1", ""), ERR_RANGE);
	cr_assert_eq(read_with_seq("1e1", ""), ERR_TYPE);
	cr_assert_eq(read_with_seq("8", "\"links\":[{\"rel\":\"r\",\"seq\":7}],"), OK);
	cr_assert_eq(read_with_seq("8", "\"links\":[{\"rel\":\"r\",\"seq\":8}],"), ERR_RANGE);
}

Test(entry, the_name_of_a_log_needs_no_escape)
{
	static char name[LIMIT_ORIGIN_BYTES + 1];

	memset(name, 'n', sizeof(name));
	cr_assert(entry_log_ok(str_slice(name, LIMIT_ORIGIN_BYTES)));
	cr_assert(!entry_log_ok(str_slice(name, LIMIT_ORIGIN_BYTES + 1)));
	cr_assert(entry_log_ok(STR("trammel.example/\xc3\xa4")));
	cr_assert(!entry_log_ok(STR("")) && !entry_log_ok(STR("a\"b")) &&
		  !entry_log_ok(STR("a\\b")));
	cr_assert(!entry_log_ok(STR("a+b")) && !entry_log_ok(STR("a b")) &&
		  !entry_log_ok(STR("a\nb")));
}

Test(entry, a_glance_gives_log_and_number)
{
	struct glance seen = { .seq = 99 };

	cr_assert_eq(entry_glance(str_view(full_line), &seen, NULL), OK);
	cr_assert(str_is(seen.log, "example.com/log"));
	cr_assert_eq(seen.seq, 42);
}

Test(entry, a_glance_wants_log_and_number_at_the_top)
{
	static const char *const lines[] = {
		"{}", "[]", "7", "{\"log\":\"l\"}", "{\"seq\":1}", "{\"log\":7777,\"seq\":1}",
		"{\"log\":\"l\",\"seq\":\"1\"}", "{\"log\":\"l\",\"seq\":-1}",
		"{\"log\":\"l\",\"seq\":9007199254740992}", "{\"log\":\"\",\"seq\":1}",
		"{\"log\":\"a\\\\\",\"seq\":1}", "{\"data\":{\"log\":\"l\",\"seq\":1}}",
		"[{\"log\":\"l\",\"seq\":1}]", "{\"log\":[\"l\"],\"seq\":[1]}", "",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct note n = { .line = 0 };
		struct glance seen = { .log = STR("kept"), .seq = 99 };

		cr_assert_neq(entry_glance(str_view(lines[i]), &seen, &n), OK, "%s", lines[i]);
		cr_assert(n.text[0] != '\0');
		cr_assert(str_is(seen.log, "kept") && seen.seq == 99);
	}
}

/* Every single-bit change is refused, or reads as another entry that writes as changed. */
Test(entry, no_changed_bit_goes_unseen)
{
	static char line[sizeof(full_line)];
	struct str view = { line, sizeof(full_line) - 1 };
	struct glance seen;

	for (size_t bit = 0; bit < view.len * 8; bit++) {
		struct arena_mark mark = arena_mark(&arena);
		struct entry e;

		memcpy(line, full_line, sizeof(line));
		line[bit / 8] = (char)(line[bit / 8] ^ 1 << bit % 8);
		if (entry_read(view, &arena, &e, NULL) == OK) {
			buf_clear(&buf);
			entry_write(&buf, &e);
			cr_assert(str_eq(buf_view(&buf), view), "bit %zu", bit);
			cr_assert_eq(entry_glance(view, &seen, NULL), OK, "bit %zu", bit);
			cr_assert_eq(seen.seq, e.seq);
			cr_assert_eq(seen.action, e.kind == ENTRY_ACTION);
			cr_assert_eq(seen.allowed,
				     e.decision && e.decision->effect == EFFECT_ALLOW);
		}
		arena_rewind(&arena, mark);
	}
}

Test(entry, no_shorter_line_is_a_line)
{
	struct glance seen = { .seq = 99 };

	for (size_t len = 0; len < strlen(full_line); len++) {
		struct entry e;

		cr_assert_neq(entry_read(str_slice(full_line, len), &arena, &e, NULL), OK);
		cr_assert_neq(entry_glance(str_slice(full_line, len), &seen, NULL), OK);
	}
}

Test(entry, reading_survives_every_failed_allocation)
{
	static const char real_line[] = "{\"data\":{\"a\":0.5},\"log\":\"l\",\"seq\":1}";

	for (uint64_t n = 1; ; n++) {
		struct arena fresh;
		struct entry e = { .seq = 99 };
		struct glance seen = { .seq = 99 };
		enum err read, glance;
		bool hit;

		arena_init(&fresh, ARENA_BYTES);
		fail_alloc_at(n);
		read = entry_read(str_view(full_line), &fresh, &e, NULL);
		hit = fail_alloc_was_hit();
		cr_assert_eq(read, hit ? ERR_MEMORY : OK);
		cr_assert_eq(e.seq, hit ? 99 : 42);
		arena_fini(&fresh);
		fail_alloc_at(n);
		glance = entry_glance(str_view(real_line), &seen, NULL);
		cr_assert_eq(glance, fail_alloc_was_hit() ? ERR_MEMORY : OK);
		cr_assert_eq(seen.seq, glance == OK ? 1 : 99);
		if (!hit)
			break;
	}
}
