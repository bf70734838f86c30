#include "engine/audit/log.h"

#include <criterion/criterion.h>

#include "engine/audit/proof.h"
#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define SEGMENT 100
#define ENTRIES 600

static struct scribe s;
static struct buf out;
static struct arena arena;
static struct note n;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
	buf_init(&out, 4u << 20);
	arena_init(&arena, 4u << 20);
	n = (struct note){ 0 };
	scribe_make(&s, ENTRIES);
}

static void teardown(void)
{
	arena_fini(&arena);
	buf_fini(&out);
	scribe_fini(&s);
}

TestSuite(log_prove, .init = setup, .fini = teardown);

/* The proof of an entry comes out and convinces someone who has only the key. */
static void expect_proof(uint64_t index)
{
	struct arena_mark mark = arena_mark(&arena);
	struct checkpoint c;
	struct proof p;

	buf_clear(&out);
	cr_assert_eq(log_prove_at(&s.place, index, &s.known, 1, &out, &n), OK, "%d: %s", (int)index,
		     n.text);
	cr_assert_eq(proof_read(buf_view(&out), &arena, &p, &n), OK, "%s", n.text);
	cr_assert_eq(p.index, index);
	cr_assert(str_eq(p.extra, scribe_line(&s, index)));
	cr_assert_eq(proof_check(&p, STR_NONE, STR(SCRIBE_ORIGIN), &s.known, 1, &c, &n), OK, "%s",
		     n.text);
	cr_assert_eq(c.size, ENTRIES);
	arena_rewind(&arena, mark);
}

Test(log_prove, every_entry_can_be_proved)
{
	for (uint64_t i = 0; i < ENTRIES; i++)
		expect_proof(i);
}

Test(log_prove, what_is_not_signed_cannot_be_proved)
{
	cr_assert_eq(log_prove_at(&s.place, ENTRIES, &s.known, 1, &out, &n), ERR_RANGE);
	cr_assert(n.text[0]);
	cr_assert_eq(log_prove_at(&s.place, 0, NULL, 0, &out, &n), ERR_SIGNATURE);
}

static void lose_tiles(struct str content)
{
	struct str names[64];
	size_t count = scribe_files(&s, &arena, names, 64);

	for (size_t i = 0; i < count; i++) {
		if (!str_starts(names[i], STR("tile/")))
			continue;
		if (content.ptr)
			scribe_poke(&s, names[i].ptr, content);
		else
			scribe_remove(&s, names[i].ptr);
	}
}

Test(log_prove, without_tiles_proofs_come_from_segments)
{
	lose_tiles(STR_NONE);
	for (uint64_t i = 0; i < ENTRIES; i += 7)
		expect_proof(i);
}

Test(log_prove, damaged_tiles_do_not_spoil_proofs)
{
	static char zeroes[8192];

	lose_tiles(STR("short"));
	expect_proof(77);
	scribe_poke(&s, "tile/0/000", str_slice(zeroes, sizeof(zeroes)));
	expect_proof(77);
	expect_proof(599);
}

Test(log_prove, a_changed_entry_is_not_proved)
{
	struct buf edited;

	buf_init(&edited, 1u << 20);
	buf_add(&edited, scribe_peek(&s, "segment/00000000.jsonl"));
	*strstr(edited.ptr, "\"resource\":\"/") = '\'';
	scribe_poke(&s, "segment/00000000.jsonl", buf_view(&edited));
	buf_fini(&edited);
	cr_assert_eq(log_prove_at(&s.place, 0, &s.known, 1, &out, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "segment/00000000.jsonl");
	cr_assert_eq(out.len, 0);
	expect_proof(1);
}

static void expect_consistency(uint64_t size1, uint64_t size2)
{
	struct digest proof[MERKLE_MAX_LEVELS], root1 = scribe_root(&s, size1),
						root2 = scribe_root(&s, size2);
	size_t count;

	cr_assert_eq(
		log_prove_consistency_at(&s.place, size1, size2, &s.known, 1, proof, &count, &n),
		OK, "%s", n.text);
	cr_assert_eq(merkle_check_consistency(size1, &root1, size2, &root2, proof, count), OK,
		     "%d to %d", (int)size1, (int)size2);
}

Test(log_prove, sizes_are_consistent)
{
	static const uint64_t sizes[] = { 1, 2, 3, 255, 256, 257, 511, 512, 513, 599, 600 };
	const size_t count = sizeof(sizes) / sizeof(*sizes);

	for (size_t i = 0; i < count; i++)
		for (size_t j = i; j < count; j++)
			expect_consistency(sizes[i], sizes[j]);
	lose_tiles(STR_NONE);
	expect_consistency(255, 600);
	lose_tiles(STR("short"));
	expect_consistency(3, 513);
}

/* Tiles that agree with each other but not with the signed root. */
Test(log_prove, lying_tiles_do_not_spoil_consistency)
{
	static char zeroes[8192];

	scribe_poke(&s, "tile/0/000", str_slice(zeroes, sizeof(zeroes)));
	expect_consistency(3, 200);
}

Test(log_prove, impossible_sizes_are_refused)
{
	struct digest proof[MERKLE_MAX_LEVELS];
	size_t count = 99;

	cr_assert_eq(log_prove_consistency_at(&s.place, 5, 4, &s.known, 1, proof, &count, &n),
		     ERR_RANGE);
	cr_assert_eq(log_prove_consistency_at(&s.place, 5, 601, &s.known, 1, proof, &count, &n),
		     ERR_RANGE);
	cr_assert_eq(count, 99);
	cr_assert_eq(log_prove_consistency_at(&s.place, 0, 600, &s.known, 1, proof, &count, &n),
		     OK);
	cr_assert_eq(count, 0);
}

Test(log_prove, every_failed_allocation_is_reported)
{
	lose_tiles(STR_NONE);
	for (uint64_t at = 1;; at++) {
		enum err e;

		buf_clear(&out);
		fail_alloc_at(at);
		e = log_prove_at(&s.place, 5, &s.known, 1, &out, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY, "%d: %s", (int)at, err_text(e));
	}
}
