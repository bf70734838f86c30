#include "engine/identity/identity.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"

static struct state *s;

static void setup(void)
{
	const struct table_schema table = agent_table();

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(agent, .init = setup, .fini = teardown);

static const struct public_key key = { { 9, 8, 7 } };

static enum err add(struct str name, const struct public_key *with, enum agent_origin origin,
		    int64_t at_ns)
{
	struct agent_row row = { .registered_ns = at_ns, .origin = (uint8_t)origin,
				 .has_key = with != NULL };

	if (with)
		memcpy(row.key, with->bytes, sizeof(row.key));
	return agent_register(s, 0, name, &row);
}

static bool find(struct str name, struct agent_row *row)
{
	uint32_t at;

	return agent_find(s, 0, name, &at, row);
}

Test(agent, is_found_as_it_was_registered)
{
	struct agent_row row;

	cr_assert_eq(add(STR("ann"), &key, AGENT_CREATED, 17), OK);
	cr_assert_eq(add(STR("bob"), NULL, AGENT_IMPORTED, 18), OK);
	cr_assert(find(STR("ann"), &row));
	cr_assert(str_is(agent_name(&row), "ann"));
	cr_assert_arr_eq(row.key, key.bytes, sizeof(key.bytes));
	cr_assert(row.has_key && row.origin == AGENT_CREATED && row.registered_ns == 17);
	cr_assert(find(STR("bob"), &row));
	cr_assert(!row.has_key && row.origin == AGENT_IMPORTED && row.registered_ns == 18);
	cr_assert_eq(row.actions + row.denials, 0);
	cr_assert(!find(STR("cid"), &row));
	cr_assert_str_eq(agent_origin_name(AGENT_CREATED), "created");
	cr_assert_str_eq(agent_origin_name(AGENT_IMPORTED), "imported");
}

Test(agent, that_is_not_there_may_be_misspelt)
{
	static char longest[LIMIT_NAME_BYTES + 1];
	struct agent_row row;
	struct note why;
	uint32_t at;

	memset(longest, 'x', LIMIT_NAME_BYTES);
	cr_assert_eq(add(STR("ann"), &key, AGENT_CREATED, 17), OK);
	cr_assert_eq(add(STR("support-bot"), NULL, AGENT_IMPORTED, 18), OK);
	cr_assert_eq(add(str_view(longest), NULL, AGENT_IMPORTED, 19), OK);
	cr_assert_eq(agent_need(s, 0, STR("support-bot"), &at, &row, &why), OK);
	cr_assert(at == 1 && row.registered_ns == 18);
	cr_assert_eq(agent_need(s, 0, STR("suport-bot"), &at, &row, &why), ERR_NOT_FOUND);
	cr_expect_str_eq(why.text, "agent 'suport-bot' is not registered; did you mean "
				   "'support-bot'?");
	cr_assert_eq(agent_need(s, 0, STR("nobody"), &at, &row, &why), ERR_NOT_FOUND);
	cr_expect_str_eq(why.text,
			 "agent 'nobody' is not registered; see: trammel agent list");
	cr_assert_eq(agent_need(s, 0, str_slice(longest, LIMIT_NAME_BYTES - 1), &at, &row, &why),
		     ERR_NOT_FOUND);
}

Test(agent, is_registered_once)
{
	struct agent_row row;

	cr_assert_eq(add(STR("ann"), &key, AGENT_CREATED, 1), OK);
	cr_assert_eq(add(STR("ann"), NULL, AGENT_IMPORTED, 2), ERR_EXISTS);
	cr_assert(find(STR("ann"), &row) && row.has_key);
	cr_assert_eq(state_rows(s, 0), 1);
}

Test(agent, names_have_bounds_and_no_control_characters)
{
	char longest[LIMIT_NAME_BYTES + 1];

	memset(longest, 'x', sizeof(longest));
	cr_assert(agent_name_ok(STR("a")));
	cr_assert(agent_name_ok(STR("Zo\xC3\xAB the \"2nd\"")));
	cr_assert(agent_name_ok(str_slice(longest, LIMIT_NAME_BYTES)));
	cr_assert(!agent_name_ok(str_slice(longest, LIMIT_NAME_BYTES + 1)));
	cr_assert(!agent_name_ok(STR("")));
	cr_assert(!agent_name_ok(STR_NONE));
	cr_assert(!agent_name_ok(STR("a\nb")));
	cr_assert(!agent_name_ok(STR("a\x7F")));
	cr_assert(!agent_name_ok(STR("\xFF")));
	/* "ann" with an override, a space without width, an isolate, a C1 control. */
	cr_assert(!agent_name_ok(STR("a\xE2\x80\xAEnn")));
	cr_assert(!agent_name_ok(STR("ann\xE2\x80\x8B")));
	cr_assert(!agent_name_ok(STR("\xE2\x81\xA6" "ann")));
	cr_assert(!agent_name_ok(STR("ann\xC2\x85")));
	cr_assert(!agent_name_ok(STR("\xEF\xBB\xBF" "ann")));
	cr_assert(agent_name_ok(STR("\xE2\x80\x98" "ann\xE2\x80\x99 \xD8\xA3")));
	cr_assert_eq(add(STR("a\tb"), NULL, AGENT_CREATED, 0), ERR_SYNTAX);
	cr_assert_eq(add(str_slice(longest, LIMIT_NAME_BYTES), NULL, AGENT_CREATED, 0), OK);
}

/* The row's padding is NUL, so a name with a NUL behind it would have the same key. */
Test(agent, is_not_found_by_its_name_and_a_nul)
{
	struct agent_row row;

	cr_assert_eq(add(STR("ann"), &key, AGENT_CREATED, 1), OK);
	cr_assert(!find(STR("ann\0"), &row));
	cr_assert_eq(add(STR("ann\0"), NULL, AGENT_CREATED, 1), ERR_SYNTAX);
}

Test(agent, registering_survives_every_failing_allocation)
{
	for (uint64_t n = 1;; n++) {
		char name[16];
		enum err e;
		bool hit;

		(void)snprintf(name, sizeof(name), "agent-%d", (int)n);
		fail_alloc_at(n);
		e = add(str_view(name), &key, AGENT_CREATED, 1);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		if (!hit)
			break;
		cr_assert_eq(state_rows(s, 0), 0);
	}
}

static void expect_text(const struct agent_claim *claim, const char *expected)
{
	struct buf b;

	buf_init(&b, 4096);
	agent_signed_text(&b, claim);
	cr_assert_eq(b.err, OK);
	cr_assert(str_is(buf_view(&b), expected), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(agent, the_signed_text_has_exactly_what_is_there)
{
	const struct digest args = sha256(STR("{}"));
	struct agent_claim claim = { .log = STR("example.org/shop"), .agent = STR("ann"),
				     .action = STR("pay"), .at_ns = 1 };

	expect_text(&claim, "trammel/action/v2\n{\"action\":\"pay\",\"agent\":\"ann\","
			    "\"at\":\"1970-01-01T00:00:00.000000001Z\","
			    "\"log\":\"example.org/shop\"}");
	claim.args = &args;
	claim.attrs = STR("{\"x\":1}");
	claim.credential = STR("sha256:00");
	claim.resource = STR("a\"b");
	claim.session = STR("s");
	claim.trace = STR("t");
	expect_text(&claim,
		    "trammel/action/v2\n{\"action\":\"pay\",\"agent\":\"ann\",\"args\":\"sha256:"
		    "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\","
		    "\"at\":\"1970-01-01T00:00:00.000000001Z\",\"attrs\":{\"x\":1},"
		    "\"credential\":\"sha256:00\",\"log\":\"example.org/shop\","
		    "\"resource\":\"a\\\"b\",\"session\":\"s\",\"trace\":\"t\"}");
	claim = (struct agent_claim){ .log = STR("example.org/shop"), .agent = STR("ann"),
				      .action = STR("pay"), .at_ns = 1, .session = STR("s"),
				      .stage = STR("post_tool"), .result = &args };
	expect_text(&claim,
		    "trammel/action/v2\n{\"action\":\"pay\",\"agent\":\"ann\","
		    "\"at\":\"1970-01-01T00:00:00.000000001Z\","
		    "\"log\":\"example.org/shop\",\"result\":\"sha256:"
		    "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\","
		    "\"session\":\"s\",\"stage\":\"post_tool\"}");
}

static struct str text_of(struct buf *b, const struct agent_claim *claim)
{
	buf_clear(b);
	agent_signed_text(b, claim);
	cr_assert_eq(b->err, OK);
	return buf_view(b);
}

/* No value of one member can pass for another's. */
Test(agent, two_claims_that_differ_have_texts_that_differ)
{
	const struct str hostile[] = { STR("a"), STR("\",\"trace\":\"a"), STR("a\"}"), STR("\\") };
	struct str texts[4 * 8];
	struct arena a;
	size_t count = 0;
	struct buf b;

	arena_init(&a, 1u << 20);
	buf_init(&b, 4096);
	for (size_t i = 0; i < 4; i++) {
		for (size_t member = 0; member < 8; member++) {
			struct agent_claim c = { .agent = STR("n"), .action = STR("m") };
			struct str *places[] = {
				&c.log, &c.agent, &c.action, &c.resource, &c.session, &c.stage,
				&c.trace, &c.credential
			};

			*places[member] = hostile[i];
			cr_assert_eq(arena_copy(&a, text_of(&b, &c), &texts[count++]), OK);
		}
	}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			cr_assert(!str_eq(texts[i], texts[k]), "%.*s", STR_ARG(texts[i]));
	buf_fini(&b);
	arena_fini(&a);
}
