/* world_sim: the world in memory, its two views and its faults. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/limits.h"
#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

static struct world *w;

static void setup(void)
{
	w = sim_open(7, 1000);
	cr_assert_not_null(w);
}

static void teardown(void)
{
	sim_close(w);
}

TestSuite(world_sim, .init = setup, .fini = teardown);

static int opened(const char *path, enum world_open how)
{
	int fd = -1;

	cr_assert_eq(world_open(w, path, how, &fd), OK, "%s", path);
	return fd;
}

static void write_text(int fd, uint64_t at, const char *text)
{
	cr_assert_eq(world_write_at(w, fd, at, text, strlen(text)), OK);
}

static enum world_kind kind_of(const char *path)
{
	enum world_kind kind = WORLD_OTHER;

	cr_assert_eq(world_kind(w, path, &kind), OK);
	return kind;
}

static bool holds(const char *path, const char *text)
{
	struct str s = sim_peek(w, path);

	return s.ptr && str_is(s, text);
}

Test(world_sim, the_clock_moves_only_when_told)
{
	cr_assert_eq(world_now_ns(w), 1000);
	cr_assert_eq(world_now_ns(w), 1000);
	sim_advance(w, 5);
	cr_assert_eq(world_now_ns(w), 1005);
}

Test(world_sim, entropy_is_a_stream_of_the_seed)
{
	struct world *same = sim_open(7, 0), *other = sim_open(8, 0);
	unsigned char a[32], b[32], c[32];

	cr_assert_eq(world_entropy(w, a, 32), OK);
	cr_assert_eq(world_entropy(same, b, 32), OK);
	cr_assert_eq(world_entropy(other, c, 32), OK);
	cr_assert_arr_eq(a, b, 32);
	cr_assert_neq(memcmp(a, c, 32), 0);
	cr_assert_eq(world_entropy(w, b, 32), OK);
	cr_assert_neq(memcmp(a, b, 32), 0);
	sim_close(same);
	sim_close(other);
}

Test(world_sim, entropy_can_be_had_again)
{
	uint8_t a[16], b[16];

	sim_entropy(w, 5);
	cr_assert_eq(world_entropy(w, a, 16), OK);
	cr_assert_eq(world_entropy(w, b, 16), OK);
	cr_assert_arr_neq(a, b, 16);
	sim_entropy(w, 5);
	cr_assert_eq(world_entropy(w, b, 16), OK);
	cr_assert_arr_eq(a, b, 16);
	sim_entropy(w, 6);
	cr_assert_eq(world_entropy(w, b, 16), OK);
	cr_assert_arr_neq(a, b, 16);
}

Test(world_sim, a_fault_does_not_change_the_entropy)
{
	struct world *calm = sim_open(7, 0);
	unsigned char a[16], b[16];
	int fd = opened("f", WORLD_CREATE);

	sim_fail_at(w, 1, SIM_SHORT);
	cr_assert_eq(world_write_at(w, fd, 0, "abcdef", 6), ERR_IO);
	cr_assert_eq(world_entropy(w, a, 16), OK);
	cr_assert_eq(world_entropy(calm, b, 16), OK);
	cr_assert_arr_eq(a, b, 16);
	sim_close(calm);
}

Test(world_sim, the_environment_holds_what_was_set)
{
	cr_assert_null(world_env(w, "A"));
	cr_assert_eq(sim_set_env(w, "A", "1"), OK);
	cr_assert_eq(sim_set_env(w, "B", "2"), OK);
	cr_assert_eq(sim_set_env(w, "A", "3"), OK);
	cr_assert_str_eq(world_env(w, "A"), "3");
	cr_assert_str_eq(world_env(w, "B"), "2");
	cr_assert_eq(sim_set_env(w, "A", NULL), OK);
	cr_assert_eq(sim_set_env(w, "A", NULL), OK);
	cr_assert_null(world_env(w, "A"));
	cr_assert_str_eq(world_env(w, "B"), "2");
}

Test(world_sim, files_are_read_and_written_at_offsets)
{
	char bytes[16];
	uint64_t size;
	size_t got;
	int fd = opened("f", WORLD_CREATE_NEW);

	write_text(fd, 2, "cd");
	cr_assert(world_size(w, fd, &size) == OK && size == 4);
	cr_assert(world_read_at(w, fd, 0, bytes, 16, &got) == OK && got == 4);
	cr_assert_arr_eq(bytes, "\0\0cd", 4);
	write_text(fd, 0, "ab");
	cr_assert(holds("f", "abcd"));
	cr_assert(world_read(w, fd, bytes, 3, &got) == OK && got == 3 && bytes[2] == 'c');
	cr_assert(world_read(w, fd, bytes, 3, &got) == OK && got == 1 && bytes[0] == 'd');
	cr_assert(world_read(w, fd, bytes, 3, &got) == OK && got == 0);
	cr_assert_eq(world_truncate(w, fd, 1), OK);
	cr_assert(holds("f", "a"));
	cr_assert_eq(world_truncate(w, fd, 3), OK);
	cr_assert(str_eq(sim_peek(w, "f"), STR("a\0\0")), "old bytes do not come back");
	cr_assert_eq(world_write_at(w, fd, 10, "", 0), OK);
	cr_assert(world_size(w, fd, &size) == OK && size == 3);
	cr_assert_eq(world_write_at(w, fd, UINT64_MAX, "x", 1), ERR_LIMIT);
	cr_assert_eq(world_truncate(w, fd, UINT64_MAX), ERR_LIMIT);
}

Test(world_sim, a_descriptor_for_reading_does_not_write)
{
	int fd;

	cr_assert_eq(sim_poke(w, "f", STR("x")), OK);
	fd = opened("f", WORLD_READ);
	cr_assert_eq(world_write_at(w, fd, 0, "y", 1), ERR_IO);
	cr_assert_eq(world_truncate(w, fd, 0), ERR_IO);
	cr_assert_eq(world_close(w, fd), OK);
	cr_assert_eq(world_close(w, fd), ERR_IO);
	for (fd = -2; fd < 3; fd++)
		cr_assert_eq(world_sync(w, fd), ERR_IO);
}

Test(world_sim, opening_follows_the_mode)
{
	int fd = -1;

	cr_assert_eq(world_open(w, "f", WORLD_READ, &fd), ERR_NOT_FOUND);
	cr_assert_eq(world_open(w, "f", WORLD_WRITE, &fd), ERR_NOT_FOUND);
	cr_assert_eq(world_open(w, "d/f", WORLD_CREATE, &fd), ERR_NOT_FOUND);
	cr_assert_eq(world_open(w, "", WORLD_CREATE, &fd), ERR_NOT_FOUND);
	cr_assert_eq(world_open(w, "/", WORLD_READ, &fd), ERR_TYPE);
	(void)opened("f", WORLD_CREATE);
	cr_assert_eq(world_open(w, "f", WORLD_CREATE_NEW, &fd), ERR_EXISTS);
	cr_assert_eq(world_open(w, "f/g", WORLD_CREATE, &fd), ERR_TYPE);
	cr_assert_eq(world_mkdir(w, "f"), ERR_EXISTS);
	cr_assert_eq(world_mkdir(w, "d"), OK);
	cr_assert_eq(world_mkdir(w, "d"), ERR_EXISTS);
	cr_assert_eq(world_open(w, "d", WORLD_CREATE, &fd), ERR_TYPE);
	cr_assert_eq(world_unlink(w, "d"), ERR_TYPE);
	cr_assert_eq(fd, -1);
	cr_assert(kind_of("f") == WORLD_FILE && kind_of("./d//") == WORLD_FOLDER);
	cr_assert(kind_of("g") == WORLD_NOTHING && kind_of("f/g") == WORLD_NOTHING);
	cr_assert(kind_of("d/x/y") == WORLD_NOTHING);
}

Test(world_sim, names_and_paths_have_a_length)
{
	char path[LIMIT_PATH_BYTES + 2];
	int fd;

	memset(path, 'n', sizeof(path));
	path[256] = '\0';
	cr_assert_eq(world_open(w, path, WORLD_CREATE, &fd), ERR_LIMIT);
	path[255] = '\0';
	cr_assert_eq(world_open(w, path, WORLD_CREATE, &fd), OK);
	memset(path, '/', sizeof(path));
	path[LIMIT_PATH_BYTES] = '\0';
	cr_assert_eq(world_open(w, path, WORLD_CREATE, &fd), ERR_LIMIT);
}

Test(world_sim, a_second_lock_is_refused_until_the_first_goes)
{
	int a = opened("f", WORLD_CREATE), b = opened("f", WORLD_WRITE);

	cr_assert_eq(world_lock(w, a), OK);
	cr_assert_eq(world_lock(w, a), OK, "a lock may be taken again by its holder");
	cr_assert_eq(world_lock(w, b), ERR_LOCKED);
	cr_assert_eq(world_lock(w, opened("g", WORLD_CREATE)), OK);
	cr_assert_eq(world_close(w, a), OK);
	cr_assert_eq(world_lock(w, b), OK);
	sim_reboot(w, false);
	cr_assert_eq(world_lock(w, opened("f", WORLD_READ)), OK);
}

Test(world_sim, a_removed_file_lives_on_in_its_descriptor)
{
	char bytes[4];
	int fd = opened("f", WORLD_CREATE);

	write_text(fd, 0, "abcd");
	cr_assert_eq(world_unlink(w, "f"), OK);
	cr_assert_eq(world_unlink(w, "f"), ERR_NOT_FOUND);
	write_text(opened("f", WORLD_CREATE_NEW), 0, "other");
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(world_close(w, opened("g", WORLD_CREATE)), OK);
		cr_assert_eq(world_unlink(w, "g"), OK);
	}
	cr_assert_eq(world_read_exact(w, fd, 0, bytes, 4), OK);
	cr_assert_arr_eq(bytes, "abcd", 4);
}

Test(world_sim, rename_follows_the_rules_of_the_system)
{
	cr_assert_eq(sim_poke(w, "a", STR("A")), OK);
	cr_assert_eq(sim_poke(w, "b", STR("B")), OK);
	cr_assert_eq(world_mkdir(w, "d"), OK);
	cr_assert_eq(world_mkdir(w, "e"), OK);
	cr_assert_eq(world_mkdir(w, "d/in"), OK);
	cr_assert_eq(world_rename(w, "x", "y"), ERR_NOT_FOUND);
	cr_assert_eq(world_rename(w, "a", "x/y"), ERR_NOT_FOUND);
	cr_assert_eq(world_rename(w, "a", "d"), ERR_TYPE);
	cr_assert_eq(world_rename(w, "d", "a"), ERR_TYPE);
	cr_assert_eq(world_rename(w, "e", "d"), ERR_EXISTS);
	cr_assert_eq(world_rename(w, "d", "d/in/d"), ERR_IO);
	cr_assert_eq(world_rename(w, "a", "a"), OK);
	cr_assert(holds("a", "A"));
	cr_assert_eq(world_rename(w, "a", "b"), OK);
	cr_assert(holds("b", "A") && kind_of("a") == WORLD_NOTHING);
	cr_assert_eq(world_rename(w, "b", "d/in/f"), OK);
	cr_assert_eq(world_rename(w, "d", "e"), OK);
	cr_assert(holds("e/in/f", "A") && kind_of("d") == WORLD_NOTHING);
}

Test(world_sim, only_an_empty_folder_is_removed)
{
	cr_assert_eq(sim_poke(w, "f", STR("x")), OK);
	cr_assert_eq(world_mkdir(w, "d"), OK);
	cr_assert_eq(world_mkdir(w, "d/in"), OK);
	cr_assert_eq(world_sync_folder(w, "/"), OK);
	cr_assert_eq(world_rmdir(w, "d"), ERR_EXISTS);
	cr_assert_eq(world_rmdir(w, "f"), ERR_TYPE);
	cr_assert_eq(world_rmdir(w, "x"), ERR_NOT_FOUND);
	cr_assert_eq(world_rmdir(w, "/"), ERR_IO);
	cr_assert_eq(world_rmdir(w, "d/in"), OK);
	cr_assert_eq(world_rmdir(w, "d"), OK);
	cr_assert_eq(kind_of("d"), WORLD_NOTHING);
	sim_reboot(w, true);
	cr_assert_eq(kind_of("d"), WORLD_FOLDER, "its going was not durable yet");
}

Test(world_sim, power_loss_drops_what_was_not_synced)
{
	int fd = opened("f", WORLD_CREATE);

	cr_assert_eq(world_sync_folder(w, "/"), OK);
	write_text(fd, 0, "kept");
	cr_assert_eq(world_sync(w, fd), OK);
	write_text(fd, 4, " lost");
	write_text(fd, 0, "K");
	(void)opened("g", WORLD_CREATE);
	cr_assert_eq(world_unlink(w, "f"), OK);
	sim_reboot(w, true);
	cr_assert(holds("f", "kept"));
	cr_assert_eq(kind_of("g"), WORLD_NOTHING);
	cr_assert_eq(world_write_at(w, fd, 0, "x", 1), ERR_IO, "descriptors are gone");
}

/* "0123" is durable, "45678" was written since; over many seeds all that may be comes up. */
Test(world_sim, a_torn_file_keeps_what_was_synced_and_some_of_the_rest)
{
	size_t shortest = 99, longest = 0, zeros = 0;

	for (uint64_t seed = 1; seed < 200; seed++) {
		struct str left;
		int fd;

		teardown();
		setup();
		fd = opened("f", WORLD_CREATE);
		write_text(fd, 0, "0123");
		cr_assert_eq(world_sync(w, fd), OK);
		cr_assert_eq(world_sync_folder(w, "/"), OK);
		write_text(fd, 4, "45678");
		sim_tear(w, seed);
		left = sim_peek(w, "f");
		cr_assert(str_starts(left, STR("0123")), "seed %d", (int)seed);
		cr_assert(left.len <= 9);
		if (left.len > 4 && left.ptr[4] == '\0')
			zeros++;
		else
			cr_assert(str_starts(STR("012345678"), left), "seed %d", (int)seed);
		shortest = left.len < shortest ? left.len : shortest;
		longest = left.len > longest ? left.len : longest;
		sim_reboot(w, true);
		cr_assert_eq(sim_peek(w, "f").len, left.len, "what survived is durable");
	}
	cr_assert(shortest == 4 && longest == 9 && zeros > 0);
}

Test(world_sim, torn_blocks_are_old_or_new_each)
{
	char old[1000], new[1000];
	unsigned mixed = 0;

	memset(old, 'o', sizeof(old));
	memset(new, 'n', sizeof(new));
	for (uint64_t seed = 1; seed < 50; seed++) {
		struct str left;
		size_t news = 0;

		teardown();
		setup();
		cr_assert_eq(sim_poke(w, "f", str_slice(old, sizeof(old))), OK);
		cr_assert_eq(world_write_at(w, opened("f", WORLD_WRITE), 0, new, sizeof(new)), OK);
		sim_tear(w, seed);
		left = sim_peek(w, "f");
		cr_assert_eq(left.len, sizeof(old));
		for (size_t i = 0; i < left.len; i++)
			news += left.ptr[i] == 'n';
		mixed += news > 0 && news < sizeof(new);
	}
	cr_assert_gt(mixed, 0);
}

Test(world_sim, a_cut_that_was_not_synced_may_have_come_to_nothing)
{
	bool seen[10] = { false };

	for (uint64_t seed = 1; seed < 200; seed++) {
		struct str left;

		teardown();
		setup();
		cr_assert_eq(sim_poke(w, "f", STR("012345678")), OK);
		cr_assert_eq(world_truncate(w, opened("f", WORLD_WRITE), 3), OK);
		sim_tear(w, seed);
		left = sim_peek(w, "f");
		cr_assert(left.len >= 3 && str_starts(STR("012345678"), left));
		seen[left.len] = true;
	}
	cr_assert(seen[3] && seen[6] && seen[9]);
}

Test(world_sim, a_torn_folder_has_its_new_names_or_its_old_ones)
{
	unsigned renamed = 0;

	for (uint64_t seed = 1; seed < 50; seed++) {
		teardown();
		setup();
		cr_assert_eq(sim_poke(w, "f", STR("old")), OK);
		cr_assert_eq(sim_poke(w, "g", STR("new")), OK);
		cr_assert_eq(world_rename(w, "g", "f"), OK);
		sim_tear(w, seed);
		if (!sim_peek(w, "g").ptr)
			cr_assert(holds("f", "new") && ++renamed);
		else
			cr_assert(holds("f", "old") && holds("g", "new"));
	}
	cr_assert(renamed > 0 && renamed < 49);
}

Test(world_sim, a_killed_process_leaves_its_last_view)
{
	int fd = opened("f", WORLD_CREATE);

	write_text(fd, 0, "kept");
	sim_reboot(w, false);
	cr_assert(holds("f", "kept"));
	sim_reboot(w, true);
	cr_assert_eq(kind_of("f"), WORLD_NOTHING, "and it is still not durable");
}

Test(world_sim, synced_content_waits_for_its_name)
{
	int fd = opened("f.new", WORLD_CREATE);

	write_text(fd, 0, "content");
	cr_assert_eq(world_sync(w, fd), OK);
	cr_assert_eq(world_rename(w, "f.new", "f"), OK);
	cr_assert_eq(world_sync_folder(w, "."), OK);
	sim_reboot(w, true);
	cr_assert(holds("f", "content") && kind_of("f.new") == WORLD_NOTHING);
}

Test(world_sim, a_name_without_synced_content_is_an_empty_file)
{
	write_text(opened("f", WORLD_CREATE), 0, "content");
	cr_assert_eq(world_sync_folder(w, "."), OK);
	sim_reboot(w, true);
	cr_assert(holds("f", ""));
}

Test(world_sim, a_rename_is_atomic_but_not_durable_before_its_folder)
{
	cr_assert_eq(sim_poke(w, "f", STR("old")), OK);
	cr_assert_eq(sim_poke(w, "g", STR("new")), OK);
	cr_assert_eq(world_rename(w, "g", "f"), OK);
	cr_assert(holds("f", "new"));
	sim_reboot(w, true);
	cr_assert(holds("f", "old") && holds("g", "new"));
}

Test(world_sim, a_rename_between_folders_needs_both_synced)
{
	cr_assert_eq(world_mkdir(w, "d"), OK);
	cr_assert_eq(world_sync_folder(w, "."), OK);
	cr_assert_eq(sim_poke(w, "f", STR("x")), OK);
	cr_assert_eq(world_rename(w, "f", "d/f"), OK);
	cr_assert_eq(world_sync_folder(w, "d"), OK);
	sim_reboot(w, true);
	cr_assert(holds("f", "x") && holds("d/f", "x"), "both names, one file");
	cr_assert_eq(world_unlink(w, "f"), OK);
	cr_assert_eq(world_sync_folder(w, "."), OK);
	sim_reboot(w, true);
	cr_assert(!sim_peek(w, "f").ptr && holds("d/f", "x"));
}

Test(world_sim, a_folder_that_was_not_synced_takes_its_files_along)
{
	int fd;

	cr_assert_eq(world_mkdir(w, "d"), OK);
	fd = opened("d/f", WORLD_CREATE);
	write_text(fd, 0, "x");
	cr_assert_eq(world_sync(w, fd), OK);
	cr_assert_eq(world_sync_folder(w, "d"), OK);
	sim_reboot(w, true);
	cr_assert_eq(kind_of("d"), WORLD_NOTHING);
}

Test(world_sim, truncation_and_growth_are_durable_only_when_synced)
{
	int fd;

	cr_assert_eq(sim_poke(w, "f", STR("0123456789")), OK);
	fd = opened("f", WORLD_WRITE);
	cr_assert_eq(world_truncate(w, fd, 2), OK);
	sim_reboot(w, true);
	cr_assert(holds("f", "0123456789"));
	fd = opened("f", WORLD_WRITE);
	cr_assert_eq(world_truncate(w, fd, 2), OK);
	write_text(fd, 4, "x");
	cr_assert_eq(world_sync(w, fd), OK);
	cr_assert_eq(world_truncate(w, fd, 0), OK);
	sim_reboot(w, true);
	cr_assert(str_eq(sim_peek(w, "f"), STR("01\0\0x")));
}

Test(world_sim, each_fault_answers_as_promised)
{
	static const struct {
		enum sim_fault fault;
		enum err answer;
		bool prefix, stays_down;
	} rows[] = {
		{ SIM_EIO, ERR_IO, false, false },
		{ SIM_ENOSPC, ERR_NOSPACE, true, false },
		{ SIM_SHORT, ERR_IO, true, false },
		{ SIM_CRASH, ERR_IO, true, true },
	};

	for (size_t i = 0; i < 4; i++) {
		size_t longest = 0;

		for (int round = 0; round < 50; round++) {
			int fd;
			struct str left;

			cr_assert_eq(sim_poke(w, "f", STR("")), OK);
			fd = opened("f", WORLD_WRITE);
			sim_fail_at(w, 2, rows[i].fault);
			write_text(fd, 0, "");
			cr_assert_not(sim_was_hit(w));
			cr_assert_eq(world_write_at(w, fd, 0, "0123456789", 10), rows[i].answer);
			cr_assert(sim_was_hit(w));
			left = sim_peek(w, "f");
			cr_assert(left.len < 10 && str_starts(STR("0123456789"), left));
			longest = left.len > longest ? left.len : longest;
			cr_assert_eq(world_write_at(w, fd, 0, "x", 1),
				     rows[i].stays_down ? ERR_IO : OK);
			sim_reboot(w, false);
			cr_assert_eq(world_close(w, opened("f", WORLD_WRITE)), OK);
		}
		cr_assert_eq(longest > 0, rows[i].prefix);
	}
}

Test(world_sim, a_faulty_operation_does_nothing)
{
	enum { CREATE, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, RMDIR, SYNC_FOLDER, OPERATIONS };

	for (int op = 0; op < OPERATIONS; op++) {
		int fd, other = -1;
		enum err e = OK;

		teardown();
		setup();
		cr_assert_eq(sim_poke(w, "f", STR("old")), OK);
		fd = opened("f", WORLD_WRITE);
		write_text(fd, 0, "new");
		cr_assert_eq(world_mkdir(w, "d"), OK);
		sim_fail_at(w, 1, SIM_EIO);
		switch (op) {
		case CREATE: e = world_open(w, "g", WORLD_CREATE, &other); break;
		case TRUNCATE: e = world_truncate(w, fd, 0); break;
		case SYNC: e = world_sync(w, fd); break;
		case RENAME: e = world_rename(w, "f", "g"); break;
		case UNLINK: e = world_unlink(w, "f"); break;
		case MKDIR: e = world_mkdir(w, "g"); break;
		case RMDIR: e = world_rmdir(w, "d"); break;
		default: e = world_sync_folder(w, "."); break;
		}
		cr_assert(e == ERR_IO && sim_was_hit(w) && sim_operations(w) == 1, "%d", op);
		cr_assert(holds("f", "new") && kind_of("g") == WORLD_NOTHING && other == -1);
		cr_assert_eq(kind_of("d"), WORLD_FOLDER);
		sim_reboot(w, true);
		cr_assert(holds("f", "old") && kind_of("d") == WORLD_NOTHING, "%d", op);
	}
}

Test(world_sim, reads_are_not_operations)
{
	enum world_kind kind;
	struct str *names;
	struct arena a;
	uint64_t size;
	size_t got;
	char byte;
	int fd = opened("f", WORLD_CREATE);

	arena_init(&a, 100000);
	sim_fail_at(w, 1, SIM_CRASH);
	cr_assert_eq(world_read(w, fd, &byte, 1, &got), OK);
	cr_assert_eq(world_read_at(w, fd, 0, &byte, 1, &got), OK);
	cr_assert_eq(world_size(w, fd, &size), OK);
	cr_assert_eq(world_lock(w, fd), OK);
	world_push(w, fd, 0, 1);
	cr_assert_eq(world_kind(w, "f", &kind), OK);
	cr_assert_eq(world_list(w, "/", &a, &names, &got), OK);
	cr_assert_eq(world_close(w, opened("f", WORLD_CREATE)), OK, "opening what is there");
	cr_assert_eq(sim_operations(w), 0);
	cr_assert_eq(world_sync(w, fd), ERR_IO);
	cr_assert_eq(world_read(w, fd, &byte, 1, &got), ERR_IO);
	cr_assert_eq(world_kind(w, "f", &kind), ERR_IO);
	cr_assert_eq(world_list(w, "/", &a, &names, &got), ERR_IO);
	cr_assert_eq(world_entropy(w, &byte, 1), ERR_IO);
	cr_assert_eq(world_open(w, "f", WORLD_READ, &fd), ERR_IO);
	cr_assert_eq(world_mkdir(w, "d"), ERR_IO);
	cr_assert_eq(world_now_ns(w), 1000);
	arena_fini(&a);
}

Test(world_sim, the_capacity_leaves_what_fits)
{
	int fd = opened("f", WORLD_CREATE);

	sim_set_capacity(w, 10);
	write_text(fd, 0, "01234567");
	cr_assert_eq(world_write_at(w, fd, 8, "89ab", 4), ERR_NOSPACE);
	cr_assert(holds("f", "0123456789"));
	write_text(fd, 0, "overwrite ");
	cr_assert_eq(world_truncate(w, fd, 11), ERR_NOSPACE);
	cr_assert_eq(world_truncate(w, fd, 4), OK);
	write_text(opened("g", WORLD_CREATE), 0, "123456");
	cr_assert_eq(world_unlink(w, "g"), OK);
	sim_reboot(w, false);
	write_text(opened("f", WORLD_WRITE), 4, "456789");
	cr_assert(holds("f", "over456789"));
}

Test(world_sim, the_capacity_counts_what_is_there_only)
{
	int fd = opened("f", WORLD_CREATE);

	sim_set_capacity(w, 100);
	for (int i = 0; i < 10; i++) {
		int gone = opened("g", WORLD_CREATE);

		cr_assert_eq(world_truncate(w, gone, 90), OK);
		cr_assert_eq(world_close(w, gone), OK);
		cr_assert_eq(world_unlink(w, "g"), OK);
		write_text(fd, (uint64_t)i, "0");
	}
	cr_assert_eq(world_truncate(w, fd, 101), ERR_NOSPACE);
	cr_assert_eq(world_truncate(w, fd, 100), OK);
}

Test(world_sim, descriptors_and_settings_end_somewhere)
{
	char name[16];
	int fd = 0;

	for (int i = 0; i < 1024; i++)
		cr_assert_eq(opened("f", WORLD_CREATE), i + 3);
	cr_assert_eq(world_open(w, "f", WORLD_READ, &fd), ERR_IO);
	cr_assert_eq(world_close(w, 500), OK);
	cr_assert_eq(opened("f", WORLD_READ), 500);
	for (int i = 0; i < 64; i++) {
		(void)snprintf(name, sizeof(name), "N%d", i);
		cr_assert_eq(sim_set_env(w, name, "x"), OK);
	}
	cr_assert_eq(sim_set_env(w, "M", "x"), ERR_LIMIT);
	cr_assert_eq(sim_set_env(w, "N7", "y"), OK);
	cr_assert_str_eq(world_env(w, "N7"), "y");
}

Test(world_sim, poke_damages_the_disk_itself)
{
	cr_assert_eq(sim_poke(w, "no/f", STR("x")), ERR_NOT_FOUND);
	cr_assert_eq(sim_poke(w, "f", STR("one")), OK);
	cr_assert_eq(sim_poke(w, "f", STR("second")), OK);
	sim_reboot(w, true);
	cr_assert(holds("f", "second"));
	cr_assert_eq(world_unlink(w, "f"), OK);
	cr_assert_eq(sim_poke(w, "f", STR("third")), OK);
	for (char name[2] = "a"; name[0] <= 'z'; name[0]++)
		cr_assert_eq(sim_poke(w, name, STR("x")), OK);
	sim_reboot(w, true);
	cr_assert(holds("f", "x") && holds("z", "x"));
	cr_assert_eq(sim_peek(w, "none").ptr, NULL);
}

Test(world_sim, many_small_appends_and_syncs_are_cheap)
{
	char line[16];
	int fd = opened("f", WORLD_CREATE);

	cr_assert_eq(world_sync_folder(w, "."), OK);
	for (uint64_t i = 0; i < 100000; i++) {
		(void)snprintf(line, sizeof(line), "%014u\n", (unsigned)i);
		cr_assert_eq(world_write_at(w, fd, i * 15, line, 15), OK);
		if (i % 2 == 0)
			cr_assert_eq(world_sync(w, fd), OK);
	}
	sim_reboot(w, true);
	cr_assert_eq(sim_peek(w, "f").len, 99999 * 15);
	cr_assert(str_ends(sim_peek(w, "f"), STR("00000000099998\n")));
}

Test(world_sim, files_that_come_and_go_leave_nothing)
{
	for (int i = 0; i < 20000; i++)
		cr_assert_eq(world_replace_file(w, "f", STR("checkpoint")), OK);
	sim_set_capacity(w, 100);
	cr_assert_eq(world_replace_file(w, "f", STR("checkpoint")), OK, "old ones do not count");
}

/* A model of one file: what sync promised must be there, whatever came after. */
Test(world_sim, random_writes_and_syncs_agree_with_a_model)
{
	for (uint64_t seed = 1; seed <= 200; seed++) {
		char seen[256] = { 0 }, durable[256] = { 0 }, part[32];
		size_t seen_len = 0, durable_len = 0;
		uint64_t x = seed * UINT64_C(0x9E3779B97F4A7C15);
		int fd;

		teardown();
		setup();
		fd = opened("f", WORLD_CREATE);
		cr_assert_eq(world_sync_folder(w, "."), OK);
		for (int step = 0; step < 40; step++) {
			size_t at, len;

			x ^= x << 13; x ^= x >> 7; x ^= x << 17;
			at = x % 200;
			len = x / 256 % 32;
			memset(part, 'a' + step % 26, sizeof(part));
			switch (x / 65536 % 4) {
			case 0: case 1:
				cr_assert_eq(world_write_at(w, fd, at, part, len), OK);
				memcpy(seen + at, part, len);
				if (len && at + len > seen_len)
					seen_len = at + len;
				break;
			case 2:
				cr_assert_eq(world_truncate(w, fd, at), OK);
				if (at < seen_len)
					memset(seen + at, 0, sizeof(seen) - at);
				seen_len = at;
				break;
			default:
				cr_assert_eq(world_sync(w, fd), OK);
				memcpy(durable, seen, sizeof(seen));
				durable_len = seen_len;
			}
			cr_assert(str_eq(sim_peek(w, "f"), str_slice(seen, seen_len)),
				  "seed %d step %d", (int)seed, step);
		}
		sim_reboot(w, true);
		cr_assert(str_eq(sim_peek(w, "f"), str_slice(durable, durable_len)),
			  "seed %d", (int)seed);
	}
}

static enum err small_life(struct world *world)
{
	struct str *names;
	struct arena a;
	size_t count;
	enum err e;
	int fd;

	TRY(sim_set_env(world, "A", "1"));
	TRY(world_mkdir(world, "d"));
	TRY(world_open(world, "d/f", WORLD_CREATE, &fd));
	TRY(world_write_at(world, fd, 0, "0123456789abcdef", 16));
	TRY(world_sync(world, fd));
	TRY(world_sync_folder(world, "d"));
	TRY(world_rename(world, "d/f", "g"));
	TRY(world_sync_folder(world, "."));
	TRY(world_truncate(world, fd, 100));
	TRY(sim_poke(world, "h", STR("x")));
	for (char name[3] = "n0"; name[1] <= '9'; name[1]++) {
		TRY(world_open(world, name, WORLD_CREATE, &fd));
	}
	arena_init(&a, 100000);
	e = world_list(world, ".", &a, &names, &count);
	arena_fini(&a);
	return e;
}

Test(world_sim, survives_every_failing_allocation)
{
	for (uint64_t n = 1; ; n++) {
		struct world *world;
		enum err e = ERR_MEMORY;

		fail_alloc_at(n);
		world = sim_open(1, 0);
		if (world)
			e = small_life(world);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			cr_assert_gt(n, 15);
			sim_close(world);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		if (world)
			sim_reboot(world, true);
		sim_close(world);
	}
}

/* --- where a path leads: names only, for there are no links --- */

static void expect_leads(const char *path, enum err expected, const char *to)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_PATH_BYTES);
	e = world_resolve(w, "/top", path, &b);
	cr_expect_eq(e, expected, "%s: %s", path, err_name(e));
	if (e == OK && expected == OK)
		cr_expect(str_is(buf_view(&b), to), "%s: %.*s", path, STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(world_sim, a_path_leads_beneath_its_root_or_nowhere)
{
	cr_assert_eq(world_mkdir(w, "/top"), OK);
	cr_assert_eq(world_mkdir(w, "/top/in"), OK);
	cr_assert_eq(world_mkdir(w, "/top2"), OK);
	cr_assert_eq(sim_poke(w, "/top/file", STR("x")), OK);
	expect_leads("file", OK, "file");
	expect_leads("in/../file", OK, "file");
	expect_leads("in//new", OK, "in/new");
	expect_leads(".", OK, "");
	expect_leads("/top/file", OK, "file");
	expect_leads("/top2/../top/file", OK, "file");
	expect_leads("../top/file", ERR_ACCESS, NULL);
	expect_leads("/top2/file", ERR_ACCESS, NULL);
	expect_leads("/top/../top2", ERR_ACCESS, NULL);
	expect_leads("/", ERR_ACCESS, NULL);
	expect_leads("no/new", ERR_NOT_FOUND, NULL);
	expect_leads("new/..", ERR_NOT_FOUND, NULL);
	expect_leads("", ERR_NOT_FOUND, NULL);
}
