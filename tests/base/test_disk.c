/* disk: two views of everything. The calls over it are tested in test_world_sim.c. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "engine/base/disk.h"

static struct disk disk;

static void setup(void)
{
	cr_assert_eq(disk_init(&disk), OK);
}

static void teardown(void)
{
	disk_fini(&disk);
}

TestSuite(disk, .init = setup, .fini = teardown);

static struct disk_place place(const char *path)
{
	struct disk_place at = { 0 };

	cr_assert_eq(disk_find(&disk, path, &at), OK, "%s", path);
	return at;
}

static uint32_t make(const char *path, enum world_kind kind)
{
	struct disk_place at = place(path);
	uint32_t id = DISK_NONE;

	cr_assert_eq(disk_make(&disk, &at, kind, &id), OK);
	return id;
}

static void move(const char *from, const char *to)
{
	struct disk_place old = place(from), new = place(to);

	cr_assert_eq(disk_rename(&disk, from, &old, to, &new), OK, "%s to %s", from, to);
}

static size_t live_nodes(void)
{
	size_t count = 0;

	for (size_t i = 0; i < disk.node_count; i++)
		count += disk.nodes[i].kind != WORLD_NOTHING;
	return count;
}

Test(disk, a_path_leads_to_its_last_component)
{
	uint32_t folder = make("d", WORLD_FOLDER), file = make("d/f", WORLD_FILE);
	struct disk_place at = place("/./d//f");

	cr_assert(at.folder == folder && at.node == file);
	cr_assert_str_eq(at.name, "f");
	at = place("d/./new");
	cr_assert(at.folder == folder && at.node == DISK_NONE);
	at = place("/.");
	cr_assert(at.node == DISK_ROOT && at.name[0] == '\0');
	cr_assert_eq(disk_find(&disk, "d/..", &at), ERR_NOT_FOUND);
	cr_assert_eq(disk_find(&disk, "d/x/y", &at), ERR_NOT_FOUND);
	cr_assert_eq(disk_find(&disk, "d/f/y", &at), ERR_TYPE);
	cr_assert_eq(disk_find_kind(&disk, "d/f", WORLD_FOLDER, &at), ERR_TYPE);
}

Test(disk, a_sync_copies_only_what_was_written)
{
	struct disk_node *n = &disk.nodes[make("f", WORLD_FILE)];

	cr_assert_eq(disk_set_length(&disk, n, 1000), OK);
	cr_assert_eq(disk_sync(n), OK);
	disk_write(n, 500, "abc", 3);
	cr_assert(n->dirty_from == 500 && n->dirty_to == 503);
	/* Damage outside of the dirty range would stay hidden from a copy of that range. */
	n->durable.ptr[0] = 'x';
	cr_assert_eq(disk_sync(n), OK);
	cr_assert(memcmp(n->durable.ptr + 500, "abc", 3) == 0 && n->durable.ptr[0] == 'x');
}

Test(disk, what_either_view_reaches_survives_the_sweep)
{
	struct disk_place at;

	make("d", WORLD_FOLDER);
	make("d/f", WORLD_FILE);
	cr_assert_eq(disk_sync_names(&disk.nodes[DISK_ROOT]), OK);
	cr_assert_eq(disk_sync_names(&disk.nodes[place("d").node]), OK);
	at = place("d/f");
	disk_unlink(&disk, &at);
	disk_sweep(&disk);
	cr_assert_eq(live_nodes(), 3);
	cr_assert_eq(disk_sync_names(&disk.nodes[place("d").node]), OK);
	disk_sweep(&disk);
	cr_assert_eq(live_nodes(), 2);
}

Test(disk, an_open_file_survives_the_sweep)
{
	uint32_t id = make("f", WORLD_FILE);
	struct disk_place at = place("f");

	disk.nodes[id].opened = 1;
	disk_unlink(&disk, &at);
	disk_sweep(&disk);
	cr_assert_eq(disk.nodes[id].kind, WORLD_FILE);
	disk.nodes[id].opened = 0;
	disk_sweep(&disk);
	cr_assert_eq(disk.nodes[id].kind, WORLD_NOTHING);
}

/* Two folders can come to hold each other in the durable view; nothing may loop or leak. */
Test(disk, folders_that_hold_each_other_after_a_power_loss_do_no_harm)
{
	make("a", WORLD_FOLDER);
	make("b", WORLD_FOLDER);
	cr_assert_eq(disk_sync_names(&disk.nodes[DISK_ROOT]), OK);
	move("a", "b/a");
	cr_assert_eq(disk_sync_names(&disk.nodes[place("b").node]), OK);
	move("b/a", "a");
	move("b", "a/b");
	cr_assert_eq(disk_sync_names(&disk.nodes[place("a").node]), OK);
	disk_power_loss(&disk);
	disk_sweep(&disk);
	cr_assert_eq(place("a/b/a/b/a").node, place("a").node);
	cr_assert_eq(live_nodes(), 3);
}

static uint64_t always(uint64_t *answer)
{
	return *answer;
}

Test(disk, a_torn_disk_keeps_its_books)
{
	/* Nothing, all, a prefix of no bytes, blocks. */
	static const size_t stored[] = { 0, 5, 2, 3 };
	char bytes[5] = "hello";

	for (uint64_t what = 0; what < 4; what++) {
		struct disk_node *n;

		teardown();
		setup();
		n = &disk.nodes[make("f", WORLD_FILE)];
		cr_assert_eq(disk_sync_names(&disk.nodes[DISK_ROOT]), OK);
		cr_assert_eq(disk_set_length(&disk, n, 5), OK);
		disk_write(n, 0, bytes, 5);
		disk_tear(&disk, always, &(uint64_t){ what });
		disk_sweep(&disk);
		cr_assert_eq(disk.stored_bytes, stored[what], "%d", (int)what);
		cr_assert_eq(n->durable.len, stored[what]);
		disk_power_loss(&disk);
		cr_assert_eq(disk.stored_bytes, stored[what], "it is on the disk");
	}
}

Test(disk, slots_are_used_again)
{
	struct disk_place at;

	for (int i = 0; i < 10000; i++) {
		make("f", WORLD_FILE);
		at = place("f");
		disk_unlink(&disk, &at);
	}
	cr_assert_leq(disk.node_room, 16);
	for (int i = 0; i < 2000; i++) {
		char path[16] = "n";

		path[1] = (char)('a' + i / 676 % 26);
		path[2] = (char)('a' + i / 26 % 26);
		path[3] = (char)('a' + i % 26);
		make(path, WORLD_FILE);
		make("f", WORLD_FILE);
		at = place("f");
		disk_unlink(&disk, &at);
	}
	disk_sweep(&disk);
	cr_assert_eq(live_nodes(), 2001);
	cr_assert_leq(disk.node_room, 8192);
}

Test(disk, forcing_replaces_what_was_durable_under_the_name)
{
	struct disk_place at;

	make("f", WORLD_FILE);
	at = place("f");
	cr_assert_eq(disk_force(&disk, &at, STR("one")), OK);
	disk_unlink(&disk, &at);
	make("f", WORLD_FILE);
	at = place("f");
	cr_assert_eq(disk_force(&disk, &at, STR("two")), OK);
	disk_power_loss(&disk);
	at = place("f");
	cr_assert(str_is(str_slice(disk.nodes[at.node].seen.ptr, 3), "two"));
	cr_assert_eq(disk.nodes[DISK_ROOT].durable_names.count, 1);
	disk_sweep(&disk);
	cr_assert_eq(disk.stored_bytes, 3);
}
