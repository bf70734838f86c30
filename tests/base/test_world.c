/* world: the calls composed of the words, over the simulated disk. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/limits.h"
#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

static struct world *fresh(void)
{
	struct world *w = sim_open(1, 0);

	cr_assert_not_null(w);
	cr_assert_eq(world_mkdir(w, "d"), OK);
	cr_assert_eq(world_sync_folder(w, "."), OK);
	return w;
}

Test(world, join_puts_one_slash_between)
{
	char path[LIMIT_PATH_BYTES + 10];

	cr_assert_eq(world_join(path, sizeof(path), "a", "b"), OK);
	cr_assert_str_eq(path, "a/b");
	cr_assert_eq(world_join(path, sizeof(path), "/", "b"), OK);
	cr_assert_str_eq(path, "/b");
	cr_assert_eq(world_join(path, sizeof(path), "", "b"), OK);
	cr_assert_str_eq(path, "b");
	cr_assert_eq(world_join(path, 3, "a", "b"), ERR_LIMIT);
	cr_assert_str_eq(path, "b", "a failure writes nothing");
	cr_assert_eq(world_join(path, 4, "a", "b"), OK);
}

Test(world, join_refuses_what_no_path_can_hold)
{
	char path[LIMIT_PATH_BYTES + 10], name[LIMIT_PATH_BYTES];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 2] = '\0';
	cr_assert_eq(world_join(path, sizeof(path), "a", name), ERR_LIMIT);
	name[sizeof(name) - 3] = '\0';
	cr_assert_eq(world_join(path, sizeof(path), "a", name), OK);
	cr_assert_eq(strlen(path), LIMIT_PATH_BYTES - 1);
}

Test(world, the_name_of_a_folder_survives_once_its_parent_is_synced)
{
	static const char *const folders[] = { "one", "two/", "/three", "d/four", "d//five//" };
	struct world *w = fresh();
	char path[LIMIT_PATH_BYTES + 1];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		enum world_kind kind;

		cr_assert_eq(world_mkdir(w, folders[i]), OK);
		cr_assert_eq(world_sync_parent(w, folders[i]), OK);
		sim_reboot(w, true);
		cr_assert_eq(world_kind(w, folders[i], &kind), OK);
		cr_expect_eq(kind, WORLD_FOLDER, "%s", folders[i]);
	}
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	cr_expect_eq(world_sync_parent(w, path), ERR_LIMIT);
	sim_close(w);
}

Test(world, a_whole_file_comes_with_a_nul_behind_it)
{
	struct world *w = fresh();
	struct arena a;
	struct str s;

	arena_init(&a, 1 << 20);
	cr_assert_eq(sim_poke(w, "d/f", STR("a\0bc")), OK);
	cr_assert_eq(world_read_file(w, "d/f", 4, &a, &s), OK);
	cr_assert(str_eq(s, STR("a\0bc")) && s.ptr[4] == '\0');
	cr_assert_eq(sim_poke(w, "d/empty", STR_NONE), OK);
	cr_assert_eq(world_read_file(w, "d/empty", 0, &a, &s), OK);
	cr_assert(s.len == 0 && s.ptr);
	arena_fini(&a);
	sim_close(w);
}

Test(world, reading_a_file_fails_without_a_trace)
{
	struct world *w = fresh();
	struct str s = STR("old");
	struct arena a;
	int fd;

	arena_init(&a, 4096);
	cr_assert_eq(sim_poke(w, "d/f", STR("abcd")), OK);
	cr_assert_eq(world_read_file(w, "d/f", 3, &a, &s), ERR_LIMIT);
	cr_assert_eq(world_read_file(w, "d/g", 3, &a, &s), ERR_NOT_FOUND);
	cr_assert_eq(world_read_file(w, "d", 3, &a, &s), ERR_TYPE);
	arena_fini(&a);
	arena_init(&a, 16);
	cr_assert_eq(world_read_file(w, "d/f", 4, &a, &s), ERR_MEMORY);
	cr_assert(str_is(s, "old"));
	cr_assert(world_open(w, "d/f", WORLD_READ, &fd) == OK && fd == 3, "no descriptor is left");
	arena_fini(&a);
	sim_close(w);
}

Test(world, read_exact_wants_all_bytes)
{
	struct world *w = fresh();
	char bytes[4];
	int fd;

	cr_assert_eq(sim_poke(w, "f", STR("abcd")), OK);
	cr_assert_eq(world_open(w, "f", WORLD_READ, &fd), OK);
	cr_assert(world_read_exact(w, fd, 1, bytes, 3) == OK && memcmp(bytes, "bcd", 3) == 0);
	cr_assert_eq(world_read_exact(w, fd, 1, bytes, 4), ERR_TRUNCATED);
	cr_assert_eq(world_read_exact(w, fd, UINT64_MAX, bytes, 1), ERR_TRUNCATED);
	cr_assert_eq(world_read_exact(w, fd, 4, bytes, 0), OK);
	sim_close(w);
}

Test(world, a_list_is_sorted_by_bytes)
{
	static const char *const sorted[] = { "B", "a", "a.b", "a0", "\xC3\xA9" };
	struct world *w = fresh();
	struct str *names;
	struct arena a;
	size_t count;
	char path[32];

	arena_init(&a, 1 << 20);
	for (size_t i = 5; i-- > 0;) {
		(void)snprintf(path, sizeof(path), "d/%s", sorted[(i * 3 + 1) % 5]);
		cr_assert_eq(sim_poke(w, path, STR("")), OK);
	}
	cr_assert_eq(world_list(w, "d", &a, &names, &count), OK);
	cr_assert_eq(count, 5);
	for (size_t i = 0; i < count; i++)
		cr_assert(str_is(names[i], sorted[i]) && names[i].ptr[names[i].len] == '\0');
	arena_fini(&a);
	sim_close(w);
}

Test(world, replacing_makes_the_new_content_durable)
{
	static const char *const paths[] = { "f", "/g", "d/h", NULL };

	for (size_t i = 0; paths[i]; i++) {
		struct world *w = fresh();

		cr_assert_eq(world_replace_file(w, paths[i], STR("one")), OK);
		sim_reboot(w, true);
		cr_assert(str_is(sim_peek(w, paths[i]), "one"), "%s", paths[i]);
		cr_assert_eq(world_replace_file(w, paths[i], STR("")), OK);
		sim_reboot(w, true);
		cr_assert(sim_peek(w, paths[i]).ptr && sim_peek(w, paths[i]).len == 0);
		sim_close(w);
	}
}

/*
 * Every fault at every operation, then a kill or a power loss: whole old or whole new content; and
 * after an answer of OK always the new one. The next try succeeds.
 */
Test(world, replacing_leaves_a_whole_file_whatever_fails)
{
	static const enum sim_fault faults[] = { SIM_EIO, SIM_ENOSPC, SIM_SHORT, SIM_CRASH };
	struct str old = STR("the old content"), new = STR("the new content, which is longer");
	size_t hits = 0, olds = 0, news = 0;

	for (size_t f = 0; f < 4; f++)
	for (int power_lost = 0; power_lost < 2; power_lost++)
	for (uint64_t n = 1; ; n++) {
		struct world *w = sim_open(n * 4 + f, 0);
		struct str found;
		enum err e;
		bool hit;

		cr_assert_eq(sim_poke(w, "f", old), OK);
		sim_fail_at(w, n, faults[f]);
		e = world_replace_file(w, "f", new);
		hit = sim_was_hit(w);
		cr_assert_eq(e, !hit ? OK : faults[f] == SIM_ENOSPC ? ERR_NOSPACE : ERR_IO);
		sim_reboot(w, power_lost);
		found = sim_peek(w, "f");
		cr_assert(str_eq(found, new) || (hit && str_eq(found, old)),
			  "fault %d at operation %d", (int)faults[f], (int)n);
		olds += str_eq(found, old);
		news += hit && str_eq(found, new);
		cr_assert_eq(world_replace_file(w, "f", STR("third")), OK);
		sim_reboot(w, true);
		cr_assert(str_is(sim_peek(w, "f"), "third") && !sim_peek(w, "f.new").ptr);
		sim_close(w);
		hits += hit;
		if (!hit)
			break;
	}
	/* create, write, sync, rename, sync_folder: five operations, four faults, two reboots. */
	cr_assert_eq(hits, 5 * 4 * 2);
	cr_assert_gt(olds, 0);
	cr_assert_eq(news, 4, "a killed process keeps the rename, a power loss does not");
}

Test(world, a_leftover_of_a_crash_is_cleared_away)
{
	struct world *w = fresh();

	cr_assert_eq(sim_poke(w, "f.new", STR("torn and longer than the content")), OK);
	cr_assert_eq(world_replace_file(w, "f", STR("x")), OK);
	cr_assert(str_is(sim_peek(w, "f"), "x") && !sim_peek(w, "f.new").ptr);
	sim_close(w);
}

Test(world, a_path_too_long_to_be_replaced_is_refused)
{
	char path[LIMIT_PATH_BYTES];
	struct world *w = fresh();

	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 4] = '\0';
	cr_assert_eq(world_replace_file(w, path, STR("x")), ERR_LIMIT);
	cr_assert_eq(sim_operations(w), 2, "the two of fresh(), no more");
	sim_close(w);
}

Test(world, entropy_clock_and_environment_pass_through)
{
	struct world *w = sim_open(1, 42);
	char bytes[3];

	cr_assert_eq(world_now_ns(w), 42);
	cr_assert_eq(world_entropy(w, bytes, sizeof(bytes)), OK);
	cr_assert_null(world_env(w, "HOME"));
	sim_close(w);
}

Test(world, calls_survive_every_failing_allocation)
{
	for (uint64_t n = 1; ; n++) {
		struct world *w = sim_open(1, 0);
		struct str *names, s;
		struct arena a;
		size_t count;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = world_replace_file(w, "f", STR("content"));
		if (e == OK)
			e = world_read_file(w, "f", 100, &a, &s);
		if (e == OK)
			e = world_list(w, ".", &a, &names, &count);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			cr_assert_gt(n, 4);
			arena_fini(&a);
			sim_close(w);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(world_replace_file(w, "f", STR("content")), OK);
		cr_assert(str_is(sim_peek(w, "f"), "content"));
		arena_fini(&a);
		sim_close(w);
	}
}
