#include "engine/audit/body.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

static const struct body_seed seed = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };
static struct buf columns, out, content;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	buf_init(&columns, LIMIT_BODY_BYTES);
	buf_init(&out, LIMIT_BODY_BYTES);
	buf_init(&content, LIMIT_BODY_BYTES);
}

static void teardown(void)
{
	buf_fini(&content);
	buf_fini(&out);
	buf_fini(&columns);
}

TestSuite(body, .init = setup, .fini = teardown);

/* --- leaves --- */

static const struct leaves {
	const char *text, *leaves;   /* joined by blanks */
} leaves[] = {
	{ "{\"a\":1,\"b\":[true,null,\"x\"]}", "1 true null \"x\"" },
	{ "{}", "{}" },
	{ "[]", "[]" },
	{ "{\"a\":{},\"b\":[],\"c\":[[]]}", "{} [] []" },
	{ "\"only\"", "\"only\"" },
	{ "-1.5e+30", "-1.5e+30" },
	{ "{\"q\\\"\":\"a\\\\\\\"b\",\"z\":\"\\\\\"}", "\"a\\\\\\\"b\" \"\\\\\"" },
	{ "{\"a:b\":\"c:d\",\"e\":\"{}\"}", "\"c:d\" \"{}\"" },
	{ "", "" },
	{ "{\"a\"", "\"a\"" },
	{ "\"torn", "\"torn" },
};

Test(body, leaves_are_all_values_but_what_holds_some)
{
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		struct str leaf, text = str_view(leaves[i].text);
		size_t at = 0;

		buf_clear(&out);
		while (body_leaf(text, &at, &leaf)) {
			if (out.len)
				buf_add_byte(&out, ' ');
			buf_add(&out, leaf);
		}
		cr_assert(str_is(buf_view(&out), leaves[i].leaves), "%s: %.*s", leaves[i].text,
			  STR_ARG(buf_view(&out)));
	}
}

/* --- the commitment, made a second time by the definition --- */

static void add_salt(struct buf *b, uint32_t number)
{
	uint8_t text[1 + BODY_SALT_BYTES + 4] = { 1 };
	struct digest two;

	memcpy(text + 1, seed.bytes, BODY_SALT_BYTES);
	text[1 + BODY_SALT_BYTES] = (uint8_t)(number / 2);
	text[2 + BODY_SALT_BYTES] = (uint8_t)(number / 2 >> 8);
	two = sha256(str_slice(text, sizeof(text)));
	buf_add(b, str_slice(two.bytes + number % 2 * BODY_SALT_BYTES, BODY_SALT_BYTES));
}

static struct digest defined(struct str text)
{
	size_t at = 0, behind = 0;
	struct buf skeleton, leaf;
	struct digest hash;
	uint32_t count = 0;
	struct str value;

	buf_init(&skeleton, LIMIT_BODY_BYTES);
	buf_init(&leaf, LIMIT_BODY_BYTES);
	buf_add_c(&skeleton, "trammel/body/v1\n");
	while (body_leaf(text, &at, &value)) {
		size_t from = (size_t)(value.ptr - text.ptr);

		buf_clear(&leaf);
		buf_add_byte(&leaf, 0);
		add_salt(&leaf, count++);
		buf_add(&leaf, value);
		hash = sha256(buf_view(&leaf));
		buf_add(&skeleton, str_slice(text.ptr + behind, from - behind));
		buf_add_byte(&skeleton, '#');
		buf_add(&skeleton, str_slice(hash.bytes, DIGEST_BYTES));
		behind = at;
	}
	buf_add(&skeleton, str_slice(text.ptr + behind, text.len - behind));
	hash = sha256(buf_view(&skeleton));
	buf_fini(&leaf);
	buf_fini(&skeleton);
	return hash;
}

/* A list of `count` texts, whose lengths go over the edges of blocks. */
static struct str list_of(size_t count)
{
	buf_clear(&content);
	buf_add_byte(&content, '[');
	for (size_t i = 0; i < count; i++) {
		buf_addf(&content, "%s\"", i ? "," : "");
		for (size_t c = 0; c < 30 + i % 40; c++)
			buf_add_byte(&content, (char)('a' + (i + c) % 26));
		buf_add_byte(&content, '"');
	}
	buf_add_byte(&content, ']');
	return buf_view(&content);
}

Test(body, commitments_are_what_their_definition_says)
{
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		struct digest want = defined(str_view(leaves[i].text));
		struct digest got = body_commit(str_view(leaves[i].text), &seed);

		cr_assert(digest_eq(&want, &got), "%s", leaves[i].text);
	}
	for (size_t count = 0; count < 80; count++) {
		struct digest want = defined(list_of(count));
		struct digest got = body_commit(list_of(count), &seed);

		cr_assert(digest_eq(&want, &got), "%zu leaves", count);
	}
}

/* The example of docs/formats/blob.md. */
Test(body, the_commitment_of_the_page_is_that)
{
	struct digest got = body_commit(
		STR("{\"amount\":120,\"to\":{\"mail\":\"a@b.c\",\"name\":\"ann\"}}"), &seed);

	buf_add_hex(&out, got.bytes, sizeof(got.bytes));
	cr_assert(str_is(buf_view(&out),
			 "931740118e3b8ff5a0feefc9450d456cba9f049543cbf07d526e8dad64d9b742"));
}

Test(body, each_value_name_and_seed_counts)
{
	static const char *const texts[] = {
		"{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":3}", "{\"a\":1,\"c\":2}",
		"{\"a\":\"1\",\"b\":2}", "[1,2]", "{\"a\":[1],\"b\":2}",
		"{\"a\":1,\"b\":{}}", "{\"a\":1,\"b\":[]}",
	};
	const struct body_seed other = { { 9 } };
	struct digest seen[8], again;

	for (size_t i = 0; i < 8; i++) {
		seen[i] = body_commit(str_view(texts[i]), &seed);
		again = body_commit(str_view(texts[i]), &other);
		cr_assert(!digest_eq(&seen[i], &again));
		for (size_t j = 0; j < i; j++)
			cr_assert(!digest_eq(&seen[i], &seen[j]), "%s %s", texts[i], texts[j]);
	}
}

/* --- reading and redacting --- */

static struct str salted(const char *text)
{
	buf_clear(&content);
	buf_add(&content, str_slice(seed.bytes, sizeof(seed.bytes)));
	buf_add_c(&content, text);
	return buf_view(&content);
}

static const char text[] = "{\"amount\":120,\"to\":{\"mail\":\"a@b.c\",\"name\":\"ann\"}}";
#define MAIL_COLUMN 28

static void redact(struct body *ret, const struct body_keep *keep, struct digest *d)
{
	const uint32_t column = MAIL_COLUMN;
	struct body whole;

	*d = body_commit(str_view(text), &seed);
	cr_assert_eq(body_open(BODY_SALTED, salted(text), d, &columns, &whole), OK);
	cr_assert(str_is(whole.text, text) && whole.veil.count == 0);
	buf_clear(&out);
	cr_assert_eq(body_redact(&whole, &(struct veil){ &column, 1 }, keep, &out), OK);
	cr_assert_eq(body_open(BODY_REDACTED, buf_view(&out), d, &columns, ret), OK);
}

Test(body, one_that_lost_a_value_still_is_what_was_committed_to)
{
	const struct body_keep nothing = { NULL, STR_NONE };
	struct body b;
	struct digest d;

	redact(&b, &nothing, &d);
	cr_assert(str_is(b.text, "{\"amount\":120,\"to\":{\"mail\":null,\"name\":\"ann\"}}"));
	cr_assert(b.veil.count == 1 && b.veil.columns[0] == MAIL_COLUMN);
	cr_assert(!b.plain && !b.change.ptr);
	cr_assert_null(memmem(out.ptr, out.len, "a@b.c", 5), "the value is gone");
	cr_assert_null(memmem(out.ptr, out.len, seed.bytes, sizeof(seed.bytes)), "and the seed");
}

Test(body, more_can_be_lost_later_and_what_was_kept_stays)
{
	const struct digest plain = sha256(str_view(text));
	const struct body_keep keep = { &plain, STR("delta") }, nothing = { NULL, STR_NONE };
	const uint32_t first = 11;
	struct buf again;
	struct body b, c;
	struct digest d;

	redact(&b, &keep, &d);
	cr_assert(b.plain && digest_eq(b.plain, &plain) && str_is(b.change, "delta"));
	buf_init(&again, LIMIT_BODY_BYTES);
	cr_assert_eq(body_redact(&b, &(struct veil){ &first, 1 }, &nothing, &again), OK);
	cr_assert_eq(body_open(BODY_REDACTED, buf_view(&again), &d, &columns, &c), OK);
	cr_assert(str_is(c.text, "{\"amount\":null,\"to\":{\"mail\":null,\"name\":\"ann\"}}"));
	cr_assert(c.veil.count == 2 && c.plain && str_is(c.change, "delta"));
	buf_fini(&again);
}

Test(body, no_byte_of_what_is_left_can_change)
{
	const struct body_keep nothing = { NULL, STR_NONE };
	struct body b;
	struct digest d;

	redact(&b, &nothing, &d);
	for (size_t i = 0; i < out.len; i++) {
		out.ptr[i] ^= 4;
		cr_assert_eq(body_open(BODY_REDACTED, buf_view(&out), &d, &columns, &b),
			     ERR_TAMPERED, "byte %zu", i);
		out.ptr[i] ^= 4;
		cr_assert_eq(body_open(BODY_REDACTED, str_slice(out.ptr, i), &d, &columns, &b),
			     ERR_TAMPERED, "cut at %zu", i);
	}
	(void)salted(text);
	for (size_t i = 0; i < content.len; i++) {
		content.ptr[i] ^= 1;
		cr_assert_eq(body_open(BODY_SALTED, buf_view(&content), &d, &columns, &b),
			     ERR_TAMPERED);
		content.ptr[i] ^= 1;
	}
}

/* A hidden leaf whose text says something would show what was never committed to. */
Test(body, a_hidden_leaf_reads_as_null)
{
	const struct body_keep nothing = { NULL, STR_NONE };
	struct body b;
	struct digest d;
	char *mark;

	redact(&b, &nothing, &d);
	mark = memmem(out.ptr, out.len, "null", 4);
	memcpy(mark, "true", 4);
	cr_assert_eq(body_open(BODY_REDACTED, buf_view(&out), &d, &columns, &b), ERR_TAMPERED);
}

Test(body, the_columns_are_those_that_the_reader_of_json_tells)
{
	const struct body_keep nothing = { NULL, STR_NONE };
	struct value tree;
	struct arena a;
	struct body b;
	struct digest d;

	redact(&b, &nothing, &d);
	arena_init(&a, 1u << 20);
	cr_assert_eq(json_read(b.text, 1, &a, &tree, NULL), OK);
	cr_assert(veil_covers(&b.veil, value_get_c(value_get_c(&tree, "to"), "mail")));
	cr_assert(!veil_covers(&b.veil, value_get_c(value_get_c(&tree, "to"), "name")));
	arena_fini(&a);
}

Test(body, every_failed_allocation_is_an_error)
{
	for (uint64_t at = 1;; at++) {
		const struct body_keep nothing = { NULL, STR_NONE };
		const uint32_t column = MAIL_COLUMN;
		struct digest d = body_commit(str_view(text), &seed);
		struct body b;
		enum err e;

		teardown();
		setup();
		(void)salted(text);
		fail_alloc_at(at);
		e = body_open(BODY_SALTED, buf_view(&content), &d, &columns, &b);
		if (e == OK)
			e = body_redact(&b, &(struct veil){ &column, 1 }, &nothing, &out);
		if (e == OK)
			e = body_open(BODY_REDACTED, buf_view(&out), &d, &columns, &b);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			return;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
