/* lines: entries by number, in any order. */
#include "engine/index/inside.h"

#include <criterion/criterion.h>

#include "tests/index/stacks.h"

static void expect(struct lines *l, uint64_t seq, const struct log_spot *spot)
{
	struct str line;
	struct entry e;
	struct arena a;

	arena_init(&a, 1 << 20);
	cr_assert_eq(lines_get(l, seq, spot, &line), OK);
	cr_assert_not_null(line.ptr);
	cr_assert_eq(lines_read(l, seq, line, &a, &e, NULL), OK);
	cr_assert_eq(e.seq, seq);
	arena_fini(&a);
}

Test(lines, come_in_any_order)
{
	struct stacks k;
	struct lines l;
	struct str line;

	stacks_init(&k, 1);
	stacks_add(&k, 3000);
	lines_init(&l, k.w, STACKS_LOG, STR(STACKS_ORIGIN));
	for (unsigned i = 0; i < 400; i++)
		expect(&l, i % 3 ? 7 * i : stacks_draw(&k, 3000), NULL);
	cr_assert_eq(lines_get(&l, 3000, NULL, &line), OK);
	cr_assert_null(line.ptr);
	stacks_add(&k, 1);
	expect(&l, 3000, NULL);
	lines_fini(&l);
	stacks_fini(&k);
}

Test(lines, are_found_by_a_spot_near_them)
{
	struct log_spot spot = { 0, 0 };
	struct stacks k;
	struct lines l;
	struct str line;

	stacks_init(&k, 1);
	stacks_add(&k, 100);
	lines_init(&l, k.w, STACKS_LOG, STR(STACKS_ORIGIN));
	for (; spot.entry < 10; spot.entry++) {
		cr_assert_eq(lines_get(&l, spot.entry, NULL, &line), OK);
		spot.offset += line.len + 1;
	}
	expect(&l, 90, &spot);
	expect(&l, 10, &spot);
	expect(&l, 5, &spot);                   /* behind it: the spot is of no use */
	lines_fini(&l);
	stacks_fini(&k);
}

/* A spot that is wrong leads to another line or to a part of one, and that is noticed. */
Test(lines, from_a_wrong_spot_are_no_entries)
{
	struct note n = { .line = 0 };
	struct stacks k;
	struct lines l;
	struct str line;
	struct entry e;
	struct arena a;

	stacks_init(&k, 1);
	stacks_add(&k, 100);
	arena_init(&a, 1 << 20);
	lines_init(&l, k.w, STACKS_LOG, STR(STACKS_ORIGIN));
	for (uint64_t offset = 1; offset < 300; offset += 7) {
		const struct log_spot wrong = { 50, offset };

		lines_fini(&l);
		cr_assert_eq(lines_get(&l, 52, &wrong, &line), OK);
		cr_assert_eq(lines_read(&l, 52, line, &a, &e, &n), ERR_TAMPERED);
		cr_assert_not_null(strstr(n.text, "entry 52"));
	}
	lines_fini(&l);
	l.origin = STR("example.com/another");
	cr_assert_eq(lines_get(&l, 0, NULL, &line), OK);
	cr_assert_eq(lines_read(&l, 0, line, &a, &e, &n), ERR_TAMPERED);
	lines_fini(&l);
	arena_fini(&a);
	stacks_fini(&k);
}
