#include <criterion/criterion.h>

#include "engine/audit/proof.h"
#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

#define ORIGIN "trammel.example/log"
#define LEAVES 5
#define HASH "/PCmxwDdE+J0tvuo3uqN2bJuTu3eNJVxfKyECMnFF38=\n"
#define HEADER "c2sp.org/tlog-proof@v1\n"

static struct arena arena;
static struct buf note, buf;
static struct sign_key *key;
static struct note_key vkey;
static struct digest leaves[LEAVES];

static enum err leaf_range(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	struct merkle_range r;

	(void)self;
	merkle_init(&r);
	for (uint64_t i = index << level; i < (index + 1) << level; i++)
		merkle_add(&r, &leaves[i]);
	merkle_root(&r, ret);
	return OK;
}

static struct str leaf_text(unsigned i)
{
	static const char texts[] = "{\"seq\":0}{\"seq\":1}{\"seq\":2}{\"seq\":3}{\"seq\":4}";

	return str_slice(texts + 9 * i, 9);
}

/* A signed log of five entries. */
static void setup(void)
{
	uint8_t seed[SEED_BYTES] = { 7 };
	struct checkpoint c = { .origin = STR(ORIGIN), .size = LEAVES };
	struct public_key public;
	struct merkle_range r;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &key), OK);
	public = sign_key_public(key);
	vkey = note_key_of(STR(ORIGIN), &public, false);
	merkle_init(&r);
	for (unsigned i = 0; i < LEAVES; i++) {
		leaves[i] = sha256_prefixed(0x00, leaf_text(i));
		merkle_add(&r, &leaves[i]);
	}
	merkle_root(&r, &c.root);
	arena_init(&arena, 1u << 20);
	buf_init(&note, 1u << 16);
	buf_init(&buf, LIMIT_PROOF_BYTES * 2);
	checkpoint_write(&buf, &c);
	note_sign(&note, buf_view(&buf), vkey.name, key);
	buf_clear(&buf);
}

static void teardown(void)
{
	sign_key_close(key);
	arena_fini(&arena);
	buf_fini(&note);
	buf_fini(&buf);
}

TestSuite(proof, .init = setup, .fini = teardown);

static struct proof proof_of(unsigned index, struct str extra)
{
	struct merkle_source src = { leaf_range, NULL };
	struct proof p = { .extra = extra, .index = index, .note = buf_view(&note) };

	cr_assert_eq(merkle_inclusion(&src, index, LEAVES, p.hashes, &p.count), OK);
	return p;
}

Test(proof, what_is_written_is_read_and_proves_the_entry)
{
	for (unsigned i = 0; i < LEAVES; i++) {
		struct proof p = proof_of(i, leaf_text(i)), got;
		struct checkpoint c;

		buf_clear(&buf);
		proof_write(&buf, &p);
		cr_assert_eq(proof_read(buf_view(&buf), &arena, &got, NULL), OK);
		cr_assert(str_eq(got.extra, p.extra) && got.index == i && got.count == p.count);
		cr_assert(str_eq(got.note, buf_view(&note)));
		cr_assert_eq(proof_check(&got, STR_NONE, STR(ORIGIN), &vkey, 1, &c, NULL), OK);
		cr_assert(c.size == LEAVES && str_is(c.origin, ORIGIN));
	}
}

Test(proof, the_entry_may_come_from_elsewhere)
{
	struct proof p = proof_of(3, STR_NONE), got;
	struct checkpoint c;
	struct note n = { .line = 0 };

	proof_write(&buf, &p);
	cr_assert(str_starts(buf_view(&buf), STR(HEADER "index 3\n")));
	cr_assert_eq(proof_read(buf_view(&buf), &arena, &got, NULL), OK);
	cr_assert_null(got.extra.ptr);
	cr_assert_eq(proof_check(&got, leaf_text(3), STR_NONE, &vkey, 1, &c, NULL), OK);
	cr_assert_eq(proof_check(&got, leaf_text(2), STR_NONE, &vkey, 1, &c, &n), ERR_PROOF);
	cr_assert_eq(proof_check(&got, STR_NONE, STR_NONE, &vkey, 1, &c, &n), ERR_PROOF);
	cr_assert(n.text[0] != '\0');
}

Test(proof, other_logs_keys_indexes_and_hashes_are_refused)
{
	struct proof p = proof_of(3, leaf_text(3)), q;
	struct note_key other = vkey;
	struct checkpoint c = { .size = 77 };
	struct note n = { .line = 0 };

	cr_assert_eq(proof_check(&p, STR_NONE, STR("another.example"), &vkey, 1, &c, &n),
		     ERR_TAMPERED);
	other.id++;
	cr_assert_eq(proof_check(&p, STR_NONE, STR_NONE, &other, 1, &c, &n), ERR_UNKNOWN);
	other = vkey;
	other.key.bytes[5] ^= 1;
	cr_assert_eq(proof_check(&p, STR_NONE, STR_NONE, &other, 1, &c, &n), ERR_SIGNATURE);
	q = p;
	q.index = 2;
	cr_assert_eq(proof_check(&q, STR_NONE, STR_NONE, &vkey, 1, &c, &n), ERR_PROOF);
	q = p;
	q.hashes[0].bytes[0] ^= 1;
	cr_assert_eq(proof_check(&q, STR_NONE, STR_NONE, &vkey, 1, &c, &n), ERR_PROOF);
	q = p;
	q.count--;
	cr_assert_eq(proof_check(&q, STR_NONE, STR_NONE, &vkey, 1, &c, &n), ERR_PROOF);
	q = p;
	q.note = STR("no note\n");
	cr_assert_eq(proof_check(&q, STR_NONE, STR_NONE, &vkey, 1, &c, &n), ERR_SYNTAX);
	cr_assert_eq(c.size, 77, "nothing is given on failure");
}

Test(proof, a_signed_text_that_is_no_checkpoint_is_refused)
{
	struct proof p = proof_of(0, leaf_text(0));
	struct checkpoint c;

	note_sign(&buf, STR("three\nempty\nlines\n"), vkey.name, key);
	p.note = buf_view(&buf);
	cr_assert_eq(proof_check(&p, STR_NONE, STR_NONE, &vkey, 1, &c, NULL), ERR_SYNTAX);
}

/* One bit anywhere: the file does not read, or what it claims is not proved. */
Test(proof, any_changed_bit_is_refused)
{
	struct proof p = proof_of(4, leaf_text(4)), got;
	struct checkpoint c;

	proof_write(&buf, &p);
	for (size_t bit = 0; bit < buf.len * 8; bit++) {
		struct arena_mark mark = arena_mark(&arena);

		buf.ptr[bit / 8] = (char)(buf.ptr[bit / 8] ^ 1 << bit % 8);
		if (proof_read(buf_view(&buf), &arena, &got, NULL) == OK)
			cr_assert_neq(proof_check(&got, STR_NONE, STR_NONE, &vkey, 1, &c, NULL), OK,
				      "bit %zu", bit);
		buf.ptr[bit / 8] = (char)(buf.ptr[bit / 8] ^ 1 << bit % 8);
		arena_rewind(&arena, mark);
	}
}

Test(proof, malformed_files_are_refused_at_their_line)
{
	static const struct { const char *text; enum err want; uint32_t line; } cases[] = {
		{ "", ERR_TRUNCATED, 1 },
		{ "c2sp.org/tlog-proof@v1", ERR_TRUNCATED, 1 },
		{ "c2sp.org/tlog-proof@v2\nindex 0\n\nx", ERR_VERSION, 1 },
		{ "c2sp.org/tlog-proof\nindex 0\n\nx", ERR_SYNTAX, 1 },
		{ HEADER, ERR_TRUNCATED, 2 },
		{ HEADER "extra \nindex 0\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "extra YQ\nindex 0\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "extra YR==\nindex 0\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "extra  YQ==\nindex 0\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "extra\nindex 0\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "extra YQ==\n", ERR_TRUNCATED, 3 },
		{ HEADER "extra YQ==\nextra YQ==\nindex 0\n\nx", ERR_SYNTAX, 3 },
		{ HEADER "index\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "index 00\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "index -1\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "index 18446744073709551616\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "index 1 \n\nx", ERR_SYNTAX, 2 },
		{ HEADER "index 0\r\n\nx", ERR_SYNTAX, 2 },
		{ HEADER "index 0\n", ERR_TRUNCATED, 3 },
		{ HEADER "index 0\nAAAA\n\nx", ERR_SYNTAX, 3 },
		{ HEADER "index 0\n" HASH " " HASH "\nx", ERR_SYNTAX, 4 },
		{ HEADER "index 0\n" HASH, ERR_TRUNCATED, 4 },
		{ HEADER "index 0\n" HASH "\n", ERR_TRUNCATED, 5 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct note n = { .line = 0 };
		struct proof p = { .index = 77 };
		enum err e = proof_read(str_view(cases[i].text), &arena, &p, &n);

		cr_assert_eq(e, cases[i].want, "%s: %s", cases[i].text, err_name(e));
		cr_assert_eq(n.line, cases[i].line, "%s: %u", cases[i].text, n.line);
		cr_assert_eq(p.index, 77);
	}
}

Test(proof, there_are_at_most_as_many_hashes_as_levels)
{
	struct proof p;

	buf_add(&buf, STR(HEADER "index 0\n"));
	for (int i = 0; i < MERKLE_MAX_LEVELS; i++)
		buf_add(&buf, STR(HASH));
	buf_add(&buf, STR("\nx"));
	cr_assert_eq(proof_read(buf_view(&buf), &arena, &p, NULL), OK);
	cr_assert_eq(p.count, MERKLE_MAX_LEVELS);
	buf.len -= 2;
	buf_add(&buf, STR(HASH "\nx"));
	cr_assert_eq(proof_read(buf_view(&buf), &arena, &p, NULL), ERR_LIMIT);
}

Test(proof, a_file_has_a_size_limit_that_the_greatest_entry_fits)
{
	static char entry[LIMIT_ENTRY_BYTES], text[LIMIT_PROOF_BYTES + 1];
	struct proof p = { .extra = { entry, sizeof(entry) }, .note = STR("note") }, got;

	memset(entry, 'e', sizeof(entry));
	proof_write(&buf, &p);
	cr_assert_eq(proof_read(buf_view(&buf), &arena, &got, NULL), OK);
	cr_assert(str_eq(got.extra, p.extra));
	cr_assert_eq(proof_read(str_slice(text, sizeof(text)), &arena, &got, NULL), ERR_LIMIT);
}

Test(proof, reading_survives_every_failed_allocation)
{
	struct proof p = proof_of(1, leaf_text(1)), got;

	proof_write(&buf, &p);
	for (uint64_t n = 1; ; n++) {
		struct arena fresh;
		enum err e;
		bool hit;

		arena_init(&fresh, 1u << 16);
		fail_alloc_at(n);
		e = proof_read(buf_view(&buf), &fresh, &got, NULL);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		arena_fini(&fresh);
		if (!hit)
			break;
	}
}
