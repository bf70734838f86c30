/* spiffe: the rules of the standard, one by one, and nothing beside them. */
#include <criterion/criterion.h>

#include "engine/identity/identity.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct buf b;

static void setup(void)
{
	buf_init(&b, 1u << 16);
}

static void teardown(void)
{
	buf_fini(&b);
}

TestSuite(spiffe, .init = setup, .fini = teardown);

Test(spiffe, is_read_into_domain_and_path)
{
	static const struct { const char *text, *domain, *path; } rows[] = {
		{ "spiffe://td", "td", "" },
		{ "spiffe://td/a/b", "td", "/a/b" },
		{ "spiffe://1.2.3.4/x", "1.2.3.4", "/x" },
		{ "spiffe://trust-domain_1.example/Agent-7_x.y", "trust-domain_1.example",
		  "/Agent-7_x.y" },
		{ "spiffe://td/...", "td", "/..." },
	};
	struct spiffe id;

	for (size_t i = 0; i < COUNT(rows); i++) {
		cr_assert_eq(spiffe_read(str_view(rows[i].text), &id), OK, "%s", rows[i].text);
		cr_assert(str_is(id.domain, rows[i].domain) && str_is(id.path, rows[i].path),
			  "%s", rows[i].text);
	}
}

Test(spiffe, everything_else_is_refused)
{
	static const char *const wrong[] = {
		"", "spiffe", "spiffe:/", "spiffe://", "spiffe:///a", "SPIFFE://td/a", "http://td",
		"spiffe://Td", "spiffe://td/", "spiffe://td//a", "spiffe://td/a/", "spiffe://td/.",
		"spiffe://td/a/../b", "spiffe://td/a b", "spiffe://td/%61", "spiffe://td:80/a",
		"spiffe://user@td/a", "spiffe://td?x", "spiffe://td/a?x", "spiffe://td/a#y",
		"spiffe://t\xC3\xA4/a", "spiffe://td/\xC3\xA4", " spiffe://td", "spiffe://td\n",
		"spiffe://td/a\\b", "spiffe://td/a,b",
	};
	struct spiffe id = { .path = STR("untouched") };

	for (size_t i = 0; i < COUNT(wrong); i++)
		cr_expect_eq(spiffe_read(str_view(wrong[i]), &id), ERR_SYNTAX, "%s", wrong[i]);
	cr_expect_eq(spiffe_read(str_slice("spiffe://td/\0", 13), &id), ERR_SYNTAX);
	cr_expect(str_is(id.path, "untouched"));
}

static void domain_of(size_t len, const char *path)
{
	buf_clear(&b);
	buf_add_c(&b, "spiffe://");
	memset(buf_grow(&b, len), 'd', len);
	buf_add_c(&b, path);
}

Test(spiffe, lengths_are_bounded)
{
	struct spiffe id;

	domain_of(SPIFFE_DOMAIN_BYTES, "");
	cr_assert_eq(spiffe_read(buf_view(&b), &id), OK);
	domain_of(SPIFFE_DOMAIN_BYTES + 1, "");
	cr_assert_eq(spiffe_read(buf_view(&b), &id), ERR_SYNTAX);
	domain_of(2, "/");
	memset(buf_grow(&b, SPIFFE_BYTES - 12), 'p', SPIFFE_BYTES - 12);
	cr_assert_eq(spiffe_read(buf_view(&b), &id), OK);
	buf_add_byte(&b, 'p');
	cr_assert_eq(spiffe_read(buf_view(&b), &id), ERR_LIMIT);
}

Test(spiffe, what_is_written_is_read_back)
{
	const struct str segments[] = { STR("agentmesh"), STR("acme"), STR("Bot.1") };
	struct spiffe id;

	cr_assert_eq(spiffe_write(&b, STR("example.org"), segments, 3), OK);
	cr_assert(str_is(buf_view(&b), "spiffe://example.org/agentmesh/acme/Bot.1"));
	cr_assert_eq(spiffe_read(buf_view(&b), &id), OK);
	cr_assert(str_is(id.path, "/agentmesh/acme/Bot.1"));
	buf_clear(&b);
	cr_assert_eq(spiffe_write(&b, STR("td"), NULL, 0), OK);
	cr_assert(str_is(buf_view(&b), "spiffe://td"));
}

Test(spiffe, what_could_not_be_read_is_not_written)
{
	static const char *const wrong[] = { "", ".", "..", "../evil", "a b", "x/y", "\xC3\xA4" };
	char longest[SPIFFE_BYTES];
	struct str segment = str_slice(longest, SPIFFE_BYTES - 12);

	for (size_t i = 0; i < COUNT(wrong); i++) {
		segment = str_view(wrong[i]);
		cr_expect_eq(spiffe_write(&b, STR("td"), &segment, 1), ERR_SYNTAX, "%s", wrong[i]);
	}
	cr_expect_eq(spiffe_write(&b, STR("Example.ORG"), NULL, 0), ERR_SYNTAX);
	cr_expect_eq(spiffe_write(&b, STR(""), NULL, 0), ERR_SYNTAX);
	memset(longest, 'p', sizeof(longest));
	segment = str_slice(longest, SPIFFE_BYTES - 11);
	cr_expect_eq(spiffe_write(&b, STR("td"), &segment, 1), ERR_LIMIT);
	cr_expect_eq(b.len, 0);
	segment.len--;
	cr_expect_eq(spiffe_write(&b, STR("td"), &segment, 1), OK);
	cr_expect_eq(b.len, SPIFFE_BYTES);
}
