/* sealed: every bit of a sealed segment that is changed, cut or swapped is noticed. */
#include "engine/audit/sealed.h"

#include <criterion/criterion.h>

#include "engine/base/little.h"
#include "tests/audit/scribe.h"

#define SEGMENT 300
#define FIRST "segment/00000000.zst"
#define TABLE SEALED_TABLE_BYTES(2)

static struct scribe s;
static struct sealed sealed;
static struct note n;
static struct buf file;

static void setup(void)
{
	struct log_seal_report report;

	scribe_init(&s, SEGMENT);
	scribe_make(&s, SEGMENT);
	cr_assert_eq(log_seal_at(&s.place, &s.known, 1, &report, &n), OK, "%s", n.text);
	sealed_init(&sealed, s.w);
	buf_init(&file, 64u << 20);
	buf_add(&file, scribe_peek(&s, FIRST));
	cr_assert_gt(file.len, SEALED_HEAD_BYTES + TABLE);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	buf_fini(&file);
	sealed_fini(&sealed);
	scribe_fini(&s);
}

TestSuite(sealed, .init = setup, .fini = teardown);

/* All lines, by way of the frames; the first error. */
static enum err read_all(struct buf *lines)
{
	enum err e;

	sealed_close(&sealed);
	buf_clear(lines);
	n = (struct note){ 0 };
	e = sealed_open(&sealed, &s.place, FIRST, &n);
	for (size_t i = 0; e == OK && i < sealed.table.frames; i++) {
		uint64_t size = sealed.table.raw_at[i + 1] - sealed.table.raw_at[i];

		e = sealed_frame(&sealed, i, buf_grow(lines, (size_t)size), &n);
	}
	return e;
}

static void expect_lines(const struct buf *lines)
{
	size_t at = 0;

	for (uint64_t i = 0; i < SEGMENT; i++) {
		struct str line = scribe_line(&s, i);

		cr_assert_leq(at + line.len + 1, lines->len);
		cr_assert(str_eq(str_slice(lines->ptr + at, line.len), line), "%d", (int)i);
		at += line.len + 1;
		cr_assert_eq(lines->ptr[at - 1], '\n');
	}
	cr_assert_eq(at, lines->len);
}

/* The digest of the changed head and table, as somebody would write it who knows the format. */
static void sign_again(void)
{
	struct sha256 sum;
	struct digest d;
	size_t dictionary = little_get32(file.ptr + 20);

	sha256_init(&sum);
	sha256_add(&sum, file.ptr, 24);
	if (dictionary < file.len)
		sha256_add(&sum, file.ptr + SEALED_HEAD_BYTES, dictionary + SEALED_SUMS_BYTES(2));
	sha256_add(&sum, file.ptr + file.len - TABLE, TABLE);
	sha256_done(&sum, &d);
	memcpy(file.ptr + 24, d.bytes, sizeof(d.bytes));
}

static void expect_refused(const char *part)
{
	scribe_poke(&s, FIRST, buf_view(&file));
	cr_assert_eq(sealed_open(&sealed, &s.place, FIRST, &n), ERR_TAMPERED, "%s", part);
	cr_assert(str_has(str_view(n.text), str_view(part)), "%s", n.text);
	cr_assert_str_eq(n.file, FIRST);
	cr_assert_lt(sealed.fd, 0);
}

Test(sealed, frames_hold_the_lines)
{
	struct buf lines;

	buf_init(&lines, 1u << 20);
	cr_assert_eq(read_all(&lines), OK, "%s", n.text);
	cr_assert_eq(sealed.table.frames, 2);
	expect_lines(&lines);
	buf_fini(&lines);
}

Test(sealed, every_flipped_bit_and_every_cut_is_told)
{
	struct buf lines;

	buf_init(&lines, 1u << 20);
	for (size_t bit = 0; bit < file.len * 8; bit++) {
		file.ptr[bit / 8] = (char)(file.ptr[bit / 8] ^ 1 << bit % 8);
		scribe_poke(&s, FIRST, buf_view(&file));
		cr_assert_eq(read_all(&lines), ERR_TAMPERED, "bit %zu", bit);
		file.ptr[bit / 8] = (char)(file.ptr[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t len = 0; len < file.len; len += 1 + len / 50) {
		scribe_poke(&s, FIRST, str_slice(file.ptr, len));
		cr_assert_eq(read_all(&lines), ERR_TAMPERED, "cut to %zu", len);
	}
	buf_fini(&lines);
}

Test(sealed, sizes_that_cannot_be_are_refused_before_memory_is_asked_for)
{
	char *table = file.ptr + file.len - TABLE;
	uint32_t packed = little_get32(table + 8), raw = little_get32(table + 12);

	little_put32(table + 12, SEALED_FRAME_BYTES + 1);
	sign_again();
	expect_refused("a size that cannot be");
	little_put32(table + 12, 0);
	sign_again();
	expect_refused("a size that cannot be");
	little_put32(table + 12, raw);
	little_put32(table + 8, UINT32_MAX);
	sign_again();
	expect_refused("a size that cannot be");
	little_put32(table + 8, packed - 1);
	sign_again();
	expect_refused("do not end where its table begins");
	little_put32(table + 8, packed);
	little_put32(table + 8 + 16, 3);
	sign_again();
	expect_refused("its table does not end as it should");
}

Test(sealed, a_frame_that_is_larger_than_the_table_says_is_refused)
{
	char *table = file.ptr + file.len - TABLE;
	struct buf lines;

	buf_init(&lines, 1u << 20);
	little_put32(table + 12, little_get32(table + 12) - 1);
	sign_again();
	scribe_poke(&s, FIRST, buf_view(&file));
	cr_assert_eq(read_all(&lines), ERR_TAMPERED);
	cr_assert(str_has(str_view(n.text), STR("frame 0")), "%s", n.text);
	buf_fini(&lines);
}

Test(sealed, a_head_that_cannot_be_is_refused)
{
	little_put32(file.ptr + 20, LIMIT_DICTIONARY_BYTES + 1);
	sign_again();
	expect_refused("its dictionary has a length");
	little_put32(file.ptr + 20, UINT32_MAX);
	expect_refused("its dictionary has a length");
	little_put32(file.ptr + 16, SEGMENT + 1);
	expect_refused("another number of entries");
	file.ptr[8] ^= 1;
	expect_refused("it does not begin as it should");
}

/* "1" is no table of entropies behind the magic number of a dictionary. */
Test(sealed, a_dictionary_that_is_none_is_refused)
{
	static const char none[] = "\x37\xA4\x30\xEC" "11111111";
	size_t before = little_get32(file.ptr + 20), now = sizeof(none) - 1;
	struct buf other;

	buf_init(&other, 64u << 20);
	buf_add(&other, str_slice(file.ptr, SEALED_HEAD_BYTES));
	buf_add(&other, str_slice(none, now));
	buf_add(&other, str_slice(file.ptr + SEALED_HEAD_BYTES + before,
				  file.len - SEALED_HEAD_BYTES - before));
	little_put32(other.ptr + 20, (uint32_t)now);
	little_put32(other.ptr + 4, (uint32_t)(sealed_begin(now, 2) - 8));
	buf_clear(&file);
	buf_add(&file, buf_view(&other));
	sign_again();
	scribe_poke(&s, FIRST, buf_view(&file));
	buf_clear(&other);
	cr_assert_eq(read_all(&other), ERR_TAMPERED);
	cr_assert(n.text[0]);
	buf_fini(&other);
}
