/* arena: the capped bump allocator. */
#include <criterion/criterion.h>
#include <stdint.h>

#include "engine/base/arena.h"
#include "tests/kit/fail_alloc.h"

Test(arena, blocks_are_aligned_zeroed_and_apart)
{
	unsigned char *last = NULL;
	struct arena a;

	arena_init(&a, 1 << 20);
	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(&a, size);

		cr_assert_not_null(p);
		cr_assert_eq((uintptr_t)p % 16, 0);
		cr_assert_neq(p, last);
		for (size_t i = 0; i < size; i++)
			cr_assert_eq(p[i], 0);
		memset(p, 0xEE, size);
		last = p;
	}
	arena_fini(&a);
}

Test(arena, rewind_gives_the_same_memory_back_zeroed)
{
	struct arena_mark mark;
	struct arena a;
	char *first;

	arena_init(&a, 1 << 20);
	(void)!arena_alloc(&a, 10);
	mark = arena_mark(&a);
	first = arena_alloc(&a, 100);
	memset(first, 'x', 100);
	arena_rewind(&a, mark);
	cr_assert_eq(arena_alloc(&a, 100), first);
	cr_assert_eq(first[0], 0);
	cr_assert_eq(first[99], 0);
	arena_fini(&a);
}

Test(arena, a_steady_loop_stops_asking_the_system)
{
	struct arena a;
	size_t held = 0;

	arena_init(&a, 64 << 20);
	for (int round = 0; round < 20; round++) {
		struct arena_mark mark = arena_mark(&a);

		for (size_t i = 0; i < 50; i++)
			cr_assert_not_null(arena_alloc(&a, i % 7 == 0 ? 200000 : 5000));
		if (round == 0)
			held = a.held_bytes;
		cr_assert_eq(a.held_bytes, held, "round %d", round);
		arena_rewind(&a, mark);
	}
	arena_fini(&a);
}

Test(arena, marks_nest_over_chunks)
{
	struct arena_mark empty, inner;
	struct arena a;
	char *kept;

	arena_init(&a, 10 << 20);
	empty = arena_mark(&a);
	kept = arena_alloc(&a, 1000);
	memset(kept, 'k', 1000);
	inner = arena_mark(&a);
	for (int i = 0; i < 100; i++)
		(void)!arena_alloc(&a, 30000);
	arena_rewind(&a, inner);
	cr_assert_eq(kept[999], 'k');
	arena_rewind(&a, empty);
	cr_assert_eq(arena_alloc(&a, 1000), kept);
	arena_fini(&a);
}

Test(arena, the_cap_is_never_passed)
{
	struct arena a;
	size_t blocks = 0;

	arena_init(&a, 200000);
	while (arena_alloc(&a, 1000))
		blocks++;
	cr_assert_leq(a.held_bytes, 200000);
	cr_assert_gt(blocks, 180, "only %zu blocks", blocks);
	arena_fini(&a);
}

/* Chunks of earlier rounds, each too small for the next, must not use up the cap. */
Test(arena, rounds_that_grow_are_served_up_to_the_cap)
{
	struct arena_mark mark;
	struct arena a;
	char *kept;

	arena_init(&a, 4 << 20);
	kept = arena_alloc(&a, 10);
	memset(kept, 'x', 10);
	mark = arena_mark(&a);
	for (size_t size = 100000; size < (4 << 20) - 100000; size += 10000) {
		cr_assert_not_null(arena_alloc(&a, 10));
		cr_assert_not_null(arena_alloc(&a, size), "%zu", size);
		cr_assert_leq(a.held_bytes, a.cap_bytes);
		arena_rewind(&a, mark);
		cr_assert_eq(kept[9], 'x');
	}
	arena_fini(&a);
}

Test(arena, hostile_sizes_are_refused)
{
	struct arena a;

	for (int round = 0; round < 2; round++) {
		arena_init(&a, round ? SIZE_MAX : 1000000);
		for (size_t i = 0; i < 40; i++)
			cr_assert_null(arena_alloc(&a, SIZE_MAX - i));
		cr_assert_null(arena_array(&a, SIZE_MAX / 2, 3));
		cr_assert_null(arena_array(&a, SIZE_MAX / 16 + 1, 16));
		cr_assert_null(arena_array(&a, 3, SIZE_MAX / 2));
		cr_assert_not_null(arena_array(&a, 0, 16));
		cr_assert_not_null(arena_array(&a, 16, 0));
		arena_fini(&a);
	}
	arena_init(&a, 0);
	cr_assert_null(arena_alloc(&a, 0));
	arena_fini(&a);
}

Test(arena, a_copy_ends_in_nul)
{
	struct str copy = STR("old");
	struct arena a;

	arena_init(&a, 1000);
	cr_assert_eq(arena_copy(&a, STR("a\0b"), &copy), OK);
	cr_assert(str_eq(copy, STR("a\0b")));
	cr_assert_eq(copy.ptr[3], '\0');
	cr_assert_eq(arena_copy(&a, STR_NONE, &copy), OK);
	cr_assert(copy.len == 0 && copy.ptr && copy.ptr[0] == '\0');
	cr_assert_eq(arena_copy(&a, str_slice("", SIZE_MAX), &copy), ERR_MEMORY);
	cr_assert_eq(copy.len, 0);
	arena_fini(&a);
}

Test(arena, what_is_taken_from_a_buffer_ends_the_buffer_whatever_comes_of_it)
{
	struct str copy = STR("before");
	struct arena a;
	struct buf b;

	arena_init(&a, 1 << 16);
	buf_init(&b, 16);
	buf_add_c(&b, "taken");
	cr_assert_eq(arena_take(&a, &b, &copy), OK);
	cr_assert(str_is(copy, "taken"));
	cr_assert_eq(copy.ptr[copy.len], '\0');
	cr_assert_null(b.ptr);
	buf_init(&b, 4);
	buf_add_c(&b, "too long");
	cr_assert_eq(arena_take(&a, &b, &copy), ERR_LIMIT);
	cr_assert(str_is(copy, "taken"), "what was there stays");
	cr_assert_null(b.ptr);
	arena_fini(&a);
	arena_init(&a, 1);
	buf_init(&b, 16);
	buf_add_c(&b, "taken");
	cr_assert_eq(arena_take(&a, &b, &copy), ERR_MEMORY);
	cr_assert_null(b.ptr);
	arena_fini(&a);
}

Test(arena, survives_every_failing_allocation)
{
	for (uint64_t n = 1; ; n++) {
		struct arena a;
		int done = 0;

		arena_init(&a, 10 << 20);
		fail_alloc_at(n);
		while (done < 40 && arena_alloc(&a, 40000))
			done++;
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(done, 40);
			arena_fini(&a);
			break;
		}
		cr_assert_lt(done, 40);
		cr_assert_not_null(arena_alloc(&a, 40000), "the next try may succeed");
		arena_fini(&a);
	}
}
