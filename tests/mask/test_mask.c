/* mask: trees and texts, and what is told of them. */
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "tests/kit/fail_alloc.h"
#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(false);
}

TestSuite(mask, .init = setup, .fini = masked_fini);

static struct str canon_of(const struct value *v)
{
	struct str text;
	struct buf b;

	buf_init(&b, LIMIT_BODY_BYTES);
	canon_value(&b, v);
	cr_assert_eq(arena_copy(masked_arena(), buf_view(&b), &text), OK);
	buf_fini(&b);
	return text;
}

/* A tree masked twice is one masked once. */
static void expect_rest(const char *json)
{
	struct mask_report r = { .arena = masked_arena() }, again = r;
	struct str once;
	struct value v;

	cr_assert_eq(json_read(str_view(json), 1, masked_arena(), &v, NULL), OK);
	cr_assert_eq(mask_value(masked_mask(), &v, STR("args"), MASK_VALUES, &r), OK);
	once = canon_of(&v);
	cr_assert_eq(mask_value(masked_mask(), &v, STR("args"), MASK_VALUES, &again), OK);
	cr_expect(str_eq(canon_of(&v), once), "masked twice: %s", json);
	cr_expect_eq(again.count, 0, "%s", json);
}

static void expect_json(const char *json, const char *expected)
{
	cr_expect_str_eq(masked_json(json), expected);
	expect_rest(json);
}

Test(mask, values_go_by_their_names)
{
	expect_json("{\"a\":{\"password\":\"x\"},\"password_hint\":\"x\"}",
		    "{\"a\":{\"password\":\"<password>\"},\"password_hint\":\"x\"}");
	expect_json("{\"pin\":1234,\"cvv\":123,\"token\":12}",
		    "{\"cvv\":\"<card-code>\",\"pin\":\"<pin>\",\"token\":12}");
	expect_json("{\"password\":null,\"secret\":true,\"token\":\"\"}",
		    "{\"password\":null,\"secret\":true,\"token\":\"\"}");
	expect_json("{\"credentials\":{\"user\":\"ann\",\"keys\":[\"abc\",{\"x\":\"y\"}]}}",
		    "{\"credentials\":{\"keys\":[\"<secret>\",{\"x\":\"<secret>\"}],"
		    "\"user\":\"<secret>\"}}");
	expect_json("{\"Authorization\":\"Bearer abc\"}",
		    "{\"Authorization\":\"Bearer <authorization>\"}");
	expect_json("{\"authorization\":\"abc\",\"pwd\":\"/home/ann\"}",
		    "{\"authorization\":\"<authorization>\",\"pwd\":\"/home/ann\"}");
}

Test(mask, what_follows_an_option_goes_by_its_name)
{
	expect_json("[\"mysql\",\"--password\",\"hunter2abc\"]",
		    "[\"mysql\",\"--password\",\"<password>\"]");
	expect_json("[\"echo\",\"--token\",\"abcdefgh12345\",\"-u\",\"ann:hunter9pw\"]",
		    "[\"echo\",\"--token\",\"<token>\",\"-u\",\"ann:<password>\"]");
	expect_json("[\"a\",\"-password\",\"-h\",\"--pin\",1234,\"--password\"]",
		    "[\"a\",\"-password\",\"<password>\",\"--pin\",\"<pin>\","
		    "\"--password\"]");
	/* Which of the two is the password cannot be told. */
	expect_json("[\"a\",\"--password\",\"--token\",\"abc\"]",
		    "[\"a\",\"--password\",\"<password>\",\"<token>\"]");
	expect_json("[\"a\",\"--next-token\",\"p2\",\"--password-stdin\",\"x\",\"password\"]",
		    "[\"a\",\"--next-token\",\"p2\",\"--password-stdin\",\"x\",\"password\"]");
}

Test(mask, passwords_stand_behind_users)
{
	expect_json("[\"--user\",\"a:b\",\"-U\",\":pw\",\"--proxy-user\",\"a:b c:d\"]",
		    "[\"--user\",\"a:<password>\",\"-U\",\":<password>\",\"--proxy-user\","
		    "\"a:<password!>\"]");
	expect_json("[\"-u\",\"token=abcdef:x\",\"-u\",\"AKIA" "ABCDEFGHIJ234567:x\"]",
		    "[\"-u\",\"<password>\",\"-u\",\"<password>\"]");
	expect_json("[\"-u\",\"1000:1000\",\"-u\",\"host:/x\",\"-u\",\"ann\",\"-u\",\"ann:\"]",
		    "[\"-u\",\"1000:1000\",\"-u\",\"host:/x\",\"-u\",\"ann\",\"-u\",\"ann:\"]");
}

Test(mask, pairs_go_by_the_name_in_them)
{
	expect_json("{\"name\":\"DB_PASSWORD\",\"value\":\"topsecret77\"}",
		    "{\"name\":\"DB_PASSWORD\",\"value\":\"<password>\"}");
	expect_json("[{\"name\":\"X-Api-Key\",\"value\":\"s3cr3tvalue99\"}]",
		    "[{\"name\":\"X-Api-Key\",\"value\":\"<api-key>\"}]");
	expect_json("{\"Value\":12345,\"Key\":\"password\",\"note\":\"x\"}",
		    "{\"Key\":\"password\",\"Value\":\"<password>\",\"note\":\"x\"}");
	expect_json("{\"header\":\"Authorization\",\"val\":[\"Bearer abc\"]}",
		    "{\"header\":\"Authorization\",\"val\":[\"Bearer <authorization>\"]}");
	expect_json("{\"field\":\"city\",\"value\":\"Bern\"}",
		    "{\"field\":\"city\",\"value\":\"Bern\"}");
	expect_json("[[\"Authorization\",\"Bearer abc\"],[\"Host\",\"x\"],[\"Cookie\",\"a=b\"]]",
		    "[[\"Authorization\",\"Bearer <authorization>\"],[\"Host\",\"x\"],"
		    "[\"Cookie\",\"<cookie>\"]]");
	expect_json("[[\"token\",5321],[\"a\",\"password\",\"b\"]]",
		    "[[\"token\",5321],[\"a\",\"password\",\"b\"]]");
}

Test(mask, numbers_that_are_cards_become_texts)
{
	expect_json("[4111111111111111,4111111111111111.0,4.111111111111111e15,4111111111111112]",
		    "[\"<card>\",\"<card>\",\"<card>\",4111111111111112]");
	expect_json("[1,-4111111111111111,0.5,1e300,99999999999999999999]",
		    "[1,-4111111111111111,0.5,1e+300,99999999999999999999]");
}

Test(mask, keys_of_objects_are_masked)
{
	expect_json("{\"4111111111111111\":{\"4111111111111111\":1}}",
		    "{\"<card>\":{\"<card>\":1}}");
}

Test(mask, two_keys_that_become_one_are_refused)
{
	struct mask_report r = { .arena = masked_arena() };
	struct str token = STR("4111111111111111");
	struct value v;
	char json[256];

	cr_assert_eq(mask_text(masked_mask(), &token, STR("t"), MASK_VALUES, &r), OK);
	(void)snprintf(json, sizeof(json), "{\"4111111111111111\":1,\"%.*s\":2}", STR_ARG(token));
	cr_assert_eq(json_read(str_view(json), 1, masked_arena(), &v, NULL), OK);
	cr_expect_eq(mask_value(masked_mask(), &v, STR("args"), MASK_VALUES, &r), ERR_DUPLICATE);
}

Test(mask, equal_secrets_stay_equal_and_others_do_not)
{
	cr_expect_str_eq(strchr(masked_text("password=hunter2"), '['),
			 strchr(masked_text("passwd: hunter2"), '['));
	cr_expect_str_neq(strchr(masked_text("password=hunter2"), '['),
			  strchr(masked_text("password=hunter3"), '['));
}

Test(mask, another_key_makes_other_tokens)
{
	const uint8_t key[MASK_KEY_BYTES] = { 9 };
	struct mask_report r = { .arena = masked_arena() };
	struct str text = STR("4111111111111111");
	struct mask *other;

	cr_assert_eq(mask_open(NULL, key, &other), OK);
	cr_assert_eq(mask_text(other, &text, STR("t"), MASK_VALUES, &r), OK);
	cr_expect_not(str_is(text, masked_text("4111111111111111")));
	mask_close(other);
}

Test(mask, tells_where_and_what)
{
	struct mask_report r = { .arena = masked_arena() };
	struct value v;

	cr_assert_eq(json_read(STR("{\"a\":[1,{\"password\":\"x\"}],\"4111111111111111\":1}"), 1,
			       masked_arena(), &v, NULL), OK);
	cr_assert_eq(mask_value(masked_mask(), &v, STR("args"), MASK_VALUES, &r), OK);
	cr_assert_eq(r.kept, 2);
	cr_expect(str_is(r.found[0].at, "args.a.1.password"));
	cr_expect(str_is(r.found[0].kind, "password"));
	cr_expect(str_is(r.found[1].at, "args.(name)"));
	cr_expect(str_is(r.found[1].kind, "card"));
	cr_expect_eq(r.count, 2);
}

Test(mask, tells_no_more_than_an_entry_can_hold)
{
	struct mask_report r = { .arena = masked_arena() };
	struct value v;
	struct buf b;

	buf_init(&b, 4u << 20);
	buf_add_c(&b, "{");
	for (unsigned i = 0; i < 5000; i++)
		buf_addf(&b, "%s\"k%u\":{\"%0300u\":{\"password\":\"x\"}}", i ? "," : "", i, i);
	buf_add_c(&b, "}");
	cr_assert_eq(json_read(buf_view(&b), 1, masked_arena(), &v, NULL), OK);
	cr_assert_eq(mask_value(masked_mask(), &v, STR("args"), MASK_VALUES, &r), OK);
	cr_expect_eq(r.count, 5000);
	cr_expect_leq(r.kept, LIMIT_MASK_FOUND);
	cr_expect_leq(r.kept_bytes, LIMIT_MASK_FOUND_BYTES + LIMIT_MASK_PLACE_BYTES + 64);
	buf_fini(&b);
}

Test(mask, exempt_places_are_left_alone)
{
	const struct str exempt[] = { STR("args.ids.*"), STR("args.token") };
	const struct mask_terms terms = { .exempt = exempt, .exempt_count = 2 };
	const uint8_t key[MASK_KEY_BYTES] = { 1 };
	struct mask_report r = { .arena = masked_arena() };
	struct value v, before;
	struct mask *m;

	cr_assert_eq(mask_open(&terms, key, &m), OK);
	cr_assert_eq(json_read(STR("{\"ids\":[4111111111111111],\"token\":\"abc\",\"b\":1}"), 1,
			       masked_arena(), &v, NULL), OK);
	cr_assert_eq(value_copy(masked_arena(), &v, &before), OK);
	cr_assert_eq(mask_value(m, &v, STR("args"), MASK_VALUES, &r), OK);
	cr_expect(value_eq(&v, &before));
	cr_expect_eq(r.count, 0);
	mask_close(m);
}

Test(mask, own_patterns_take_whole_texts)
{
	const struct regex *pattern;
	struct mask_pattern patterns[1] = { { .kind = STR("employee") } };
	const struct mask_terms terms = { .patterns = patterns, .pattern_count = 1 };
	const uint8_t key[MASK_KEY_BYTES] = { 1 };
	struct mask_report r = { .arena = masked_arena() };
	struct str text = STR("id EMP-123456"), once;
	struct mask *m;

	cr_assert_eq(regex_compile(STR("EMP-[0-9]{6}|masked"), masked_arena(), &pattern, NULL),
		     OK);
	patterns[0].pattern = pattern;
	cr_assert_eq(mask_open(&terms, key, &m), OK);
	cr_assert_eq(mask_text(m, &text, STR("t"), MASK_VALUES, &r), OK);
	cr_expect(str_starts(text, STR("[masked:employee!:")), "%.*s", STR_ARG(text));
	once = text;
	cr_assert_eq(mask_text(m, &text, STR("t"), MASK_VALUES, &r), OK);
	cr_expect(str_eq(text, once), "what was masked matches, too, and stays");
	mask_close(m);
}

Test(mask, kinds_have_plain_names)
{
	cr_expect(mask_kind_ok(STR("employee-2")));
	cr_expect_not(mask_kind_ok(STR("")));
	cr_expect_not(mask_kind_ok(STR("A")));
	cr_expect_not(mask_kind_ok(STR("a b")));
	cr_expect_not(mask_kind_ok(STR("abcdefghijklmnopqrstuvwxy")));
}

/* What a workspace takes for an AWS key must not make secrets of other texts, nor look so. */
Test(mask, kinds_of_ours_are_taken)
{
	static const struct str ours[] = {
		STR("aws-key-id"), STR("aws-secret"), STR("azure-signature"), STR("basic-auth"),
		STR("card"), STR("card-code"), STR("email"), STR("foreign"), STR("github-token"),
		STR("jwt"), STR("named"), STR("password"), STR("phone"), STR("private-key"),
		STR("secret"), STR("trammel-credential"), STR("webhook"),
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		cr_expect_not(mask_kind_ok(ours[i]), "%.*s", STR_ARG(ours[i]));
	cr_expect(mask_kind_ok(STR("card-of-staff")));
}

static enum err mask_once(struct arena *a, const char *json)
{
	struct mask_report r = { .arena = a };
	struct value v;

	TRY(json_read(str_view(json), 1, a, &v, NULL));
	return mask_value(masked_mask(), &v, STR("args"), MASK_VALUES, &r);
}

Test(mask, survives_every_failing_allocation)
{
	static const char json[] =
		"{\"a\":\"x password=hunter2 y\",\"b\":4111111111111111,\"c\":{\"token\":\"abc\"},"
		"\"4111111111111111\":1}";
	struct arena a;
	enum err e;

	for (uint64_t n = 1;; n++) {
		arena_init(&a, LIMIT_ACTION_MEMORY);
		fail_alloc_at(n);
		e = mask_once(&a, json);
		if (!fail_alloc_was_hit()) {
			cr_expect_eq(e, OK);
			arena_fini(&a);
			break;
		}
		cr_expect_eq(e, ERR_MEMORY);
		arena_fini(&a);
	}
}

/* Texts made of what secrets are made of: masked twice is masked once, and nothing is left. */
Test(mask, of_what_is_masked_changes_nothing)
{
	static const char *const pieces[] = {
		"password", "=", ":", " ", "\"", "\\", "4111 1111 1111 1111", "AKIA",
		"ABCDEFGHIJ234567", "eyJhbGciOiJub25lIn0", ".", "://", "@", "user", "[masked:",
		"card:", "0123456789abcdef01234567", "]", "Bearer ", "abcdefgh01234567", "-----",
		"BEGIN PRIVATE KEY-----", "END PRIVATE KEY-----", "\n", "--token ", "-u ", "/",
		"Cookie: ", "%3D", "\\n", "'", "sk-", "xoxb-1234567890", "token",
		"\xc3\xa4", "\xe2\x82\xac", ";", "&", "sig", "?", "abcd", "-u a:b",
	};
	unsigned seed = 1;
	struct span s;
	char text[512];

	for (unsigned round = 0; round < 200000; round++) {
		const char *once;
		size_t len = 0;

		text[0] = '\0';
		while (len < 200) {
			const char *piece;

			seed = seed * 1103515245u + 12345u;
			piece = pieces[(seed >> 16) % (sizeof(pieces) / sizeof(pieces[0]))];
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", piece);
		}
		once = masked_text(text);
		cr_assert_str_eq(masked_text(once), once, "round %u: %s", round, text);
		cr_assert(str_utf8_ok(str_view(once)), "round %u: %s", round, text);
		cr_assert_not(scan_next(masked_mask(), str_view(once), 0, UINT32_MAX, &s),
			      "round %u: %s", round, once);
		arena_rewind(masked_arena(), (struct arena_mark){ NULL, 0 });
	}
}

/* The same of lists of arguments, where an item says what the next one is. */
Test(mask, of_masked_lists_changes_nothing)
{
	static const char *const items[] = {
		"-u", "--user", "--password", "--token", "--pwd", "password", "Authorization",
		"Bearer abc", "ann:x", "token=abc:x", "token=abcdef:y:z", "://a:b@", ":", "a:b",
		"/x password=hunter2", "[masked:card:0123456789abcdef01234567]:x",
		("AKIA" "ABCDEFGHIJ234567"), "abcdefghijABCDEFGHIJ0123456789abcdefghij:x", "-u a:b",
	};
	unsigned seed = 1;
	char json[1024];

	for (unsigned round = 0; round < 20000; round++) {
		size_t len = (size_t)snprintf(json, sizeof(json), "[\"\"");

		while (len < 200) {
			seed = seed * 1103515245u + 12345u;
			len += (size_t)snprintf(json + len, sizeof(json) - len, ",\"%s\"",
						items[(seed >> 16) %
						      (sizeof(items) / sizeof(items[0]))]);
		}
		(void)snprintf(json + len, sizeof(json) - len, "]");
		expect_rest(json);
		arena_rewind(masked_arena(), (struct arena_mark){ NULL, 0 });
	}
}
