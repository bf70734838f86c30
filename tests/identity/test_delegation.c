/*
 * delegation: the example of its page, that what is written reads back, and that the statement
 * covers every field. What the gate makes of links is in tests/gate.
 */
#include <criterion/criterion.h>

#include "engine/base/world_real.h"
#include "engine/identity/identity.h"

/* As docs/formats/delegation.md has them. */
#define PAGE_ID "link-d22660eb60a25fc3"
static const char page_statement[] =
	"000000157472616d6d656c2f64656c65676174696f6e2f763100000013657861"
	"6d706c652e6f72672f737570706f727400000007706c616e6e6572000000208a"
	"88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c00"
	"000005636c65726b000000208139770ea87d175f56a35466c34c7ecccb8d8a91"
	"b4ee37a25df60f5b8fc9b394000000126765745f2a2c726566756e643a736d61"
	"6c6c000000081886caf21c963200000000081886ce384d4ed200000000080000"
	"0000000002bc00000008000000000000000100000000";

#define WHEN INT64_C(1767323045000000000)    /* 2026-01-02T03:04:05Z */

static struct arena a;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&a, 1u << 20);
}

static void teardown(void)
{
	arena_fini(&a);
}

TestSuite(delegation, .init = setup, .fini = teardown);

static struct sign_key *key_of(uint8_t byte)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *k;

	memset(seed, byte, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &k), OK);
	return k;
}

static struct public_key public_of(uint8_t byte)
{
	struct sign_key *k = key_of(byte);
	struct public_key pub = sign_key_public(k);

	sign_key_close(k);
	return pub;
}

/* The link of the page. */
static struct delegation example(void)
{
	struct delegation d = {
		.log = STR("example.org/support"), .delegator = STR("planner"),
		.delegatee = STR("clerk"), .from = public_of(1), .to = public_of(2),
		.issued_ns = WHEN, .expires_ns = WHEN + INT64_C(3600000000000),
		.ceiling = 700, .depth = 1,
	};
	struct sign_key *k = key_of(1);
	struct buf b;

	cr_assert_eq(capability_read(STR("get_*,refund:small"), &d.may, NULL), OK);
	buf_init(&b, DELEGATION_BYTES);
	delegation_text(&b, &d);
	cr_assert_eq(b.err, OK);
	d.signature = sign_make(k, buf_view(&b));
	buf_fini(&b);
	sign_key_close(k);
	return d;
}

/* The page as the tests find it. */
static struct str read_page(void)
{
	struct world w = world_real();
	struct str page;

	cr_assert_eq(world_read_file(&w, "docs/formats/delegation.md", 1u << 16, &a, &page), OK);
	return page;
}

static struct str text_of(const struct delegation *d)
{
	struct str text;
	struct buf b;

	buf_init(&b, DELEGATION_BYTES);
	delegation_text(&b, d);
	cr_assert_eq(b.err, OK);
	cr_assert_eq(arena_copy(&a, buf_view(&b), &text), OK);
	buf_fini(&b);
	return text;
}

Test(delegation, the_example_of_the_page)
{
	struct delegation d = example();
	struct digest hash;
	struct buf b;

	buf_init(&b, 4096);
	buf_add_hex(&b, text_of(&d).ptr, text_of(&d).len);
	cr_expect(str_is(buf_view(&b), page_statement), "%.*s", STR_ARG(buf_view(&b)));
	for (size_t at = 0; at < b.len; at += 64)
		cr_expect(str_has(read_page(),
				  str_slice(b.ptr + at, b.len - at < 64 ? b.len - at : 64)));
	cr_assert_eq(delegation_hash(&d, &hash), OK);
	buf_clear(&b);
	delegation_id_write(&b, hash.bytes);
	cr_expect(str_is(buf_view(&b), PAGE_ID), "%.*s", STR_ARG(buf_view(&b)));
	cr_expect(str_has(read_page(), buf_view(&b)));
	buf_fini(&b);
}

Test(delegation, what_is_written_reads_back)
{
	struct delegation d = example(), again;
	struct value data;
	struct note why;

	for (int parent = 0; parent < 2; parent++) {
		d.has_parent = parent;
		memset(d.parent.bytes, parent ? 7 : 0, sizeof(d.parent.bytes));
		cr_assert_eq(delegation_write(&d, STR("x"), &a, &data), OK);
		cr_assert_eq(delegation_read(&data, STR("clerk"), &again, &why), OK, "%s",
			     why.text);
		cr_expect(str_eq(text_of(&d), text_of(&again)));
		cr_expect_eq(memcmp(&d.signature, &again.signature, sizeof(d.signature)), 0);
	}
}

/* Any field that changes makes another statement. */
Test(delegation, the_statement_covers_every_field)
{
	struct delegation d[13];
	size_t n = sizeof(d) / sizeof(d[0]);

	for (size_t i = 0; i < n; i++)
		d[i] = example();
	d[1].log = STR("example.org/other");
	d[2].delegator = STR("plannerc");
	d[2].delegatee = STR("lerk");
	d[3].delegatee = STR("clerks");
	d[4].from.bytes[31] ^= 1;
	d[5].to.bytes[0] ^= 1;
	cr_assert_eq(capability_read(STR("get_*"), &d[6].may, NULL), OK);
	d[7].issued_ns++;
	d[8].expires_ns++;
	d[9].ceiling++;
	d[10].depth++;
	d[11].has_parent = true;
	d[12].has_parent = true;
	d[12].parent.bytes[0] = 1;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			cr_expect(!str_eq(text_of(&d[i]), text_of(&d[j])), "%zu %zu", i, j);
}

/* The largest link that passes the reader fits the room for its statement. */
Test(delegation, the_room_is_enough)
{
	char name[LIMIT_ORIGIN_BYTES], may[LIMIT_CAPABILITY_BYTES];
	struct delegation d = example();

	memset(name, 'n', sizeof(name));
	memset(may, 'm', sizeof(may));
	d.log = d.delegator = d.delegatee = str_slice(name, sizeof(name));
	cr_assert_eq(capability_read(str_slice(may, sizeof(may)), &d.may, NULL), OK);
	d.has_parent = true;
	cr_expect_leq(text_of(&d).len, DELEGATION_BYTES);
}
