#include "engine/audit/inside.h"

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"

static struct world *w;
static struct log_place p;
static struct note n;

static void setup(void)
{
	w = sim_open(3, 0);
	cr_assert_eq(log_place_init(&p, w, "log"), OK);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	sim_close(w);
}

TestSuite(log_place, .init = setup, .fini = teardown);

Test(log_place, a_segment_has_eight_digits_or_more)
{
	static const uint64_t numbers[] = { 0, 7, 12345678, 99999999, 100000000, UINT64_MAX };
	char name[LOG_NAME_BYTES];
	uint64_t again;
	bool sealed;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		log_place_segment(numbers[i], name);
		cr_assert(log_place_segment_number(str_view(name + strlen("segment/")), &again,
						   &sealed));
		cr_assert(!sealed);
		log_place_sealed(numbers[i], name);
		cr_assert(log_place_segment_number(str_view(name + strlen("segment/")), &again,
						   &sealed));
		cr_assert(sealed && again == numbers[i]);
		cr_assert_eq(again, numbers[i]);
	}
	log_place_segment(7, name);
	cr_assert_str_eq(name, "segment/00000007.jsonl");
}

Test(log_place, a_segment_has_one_name_only)
{
	static const char *const others[] = {
		"7.jsonl", "0000007.jsonl", "000000007.jsonl", "00000007.json",
		"00000007.jsonl.old", "+0000007.jsonl", "0000000x.jsonl", ".jsonl", "",
		"99999999999999999999.jsonl", "7.zst", "00000007.zst.new", ".zst",
	};
	uint64_t number = 42;
	bool sealed;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		cr_assert(!log_place_segment_number(str_view(others[i]), &number, &sealed), "%s",
			  others[i]);
	cr_assert_eq(number, 42);
}

Test(log_place, an_entry_is_a_line_of_a_segment)
{
	log_place_entry(&p, 0, &n);
	cr_assert_str_eq(n.file, "segment/00000000.jsonl");
	cr_assert_eq(n.line, 1);
	log_place_entry(&p, 2 * LOG_SEGMENT_ENTRIES - 1, &n);
	cr_assert_str_eq(n.file, "segment/00000001.jsonl");
	cr_assert_eq(n.line, LOG_SEGMENT_ENTRIES);
	log_place_entry(&p, 0, NULL);
}

Test(log_place, only_plain_files_are_opened)
{
	int fd = -1;

	cr_assert_eq(world_mkdir(w, "log"), OK);
	cr_assert_eq(world_mkdir(w, "log/folder"), OK);
	cr_assert_eq(sim_poke(w, "log/file", STR("content")), OK);
	cr_assert_eq(log_place_open(&p, "folder", &fd, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "folder");
	cr_assert_eq(log_place_open(&p, "nothing", &fd, NULL), ERR_NOT_FOUND);
	cr_assert_eq(fd, -1);
	cr_assert_eq(log_place_open(&p, "file", &fd, NULL), OK);
	(void)world_close(w, fd);
}

Test(log_place, the_way_to_a_file_leads_through_folders)
{
	int fd = -1;

	cr_assert(world_mkdir(w, "log") == OK && world_mkdir(w, "log/tile") == OK);
	cr_assert_eq(log_place_way(&p, "tile/0/000", &n), OK, "what is missing can be made");
	cr_assert_eq(sim_poke(w, "log/tile/0", STR("no folder")), OK);
	cr_assert_eq(log_place_way(&p, "tile/0/000", &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "tile/0");
	cr_assert_eq(log_place_way(&p, "tile/0", NULL), OK, "itself is not on the way");
	cr_assert_eq(log_place_make(&p, "tile/0/000", &fd), ERR_TAMPERED);
	cr_assert_eq(log_place_make(&p, "tile/1/x001/000", &fd), OK);
	(void)world_close(w, fd);
}

Test(log_place, a_path_has_a_limit)
{
	char folder[LIMIT_PATH_BYTES + 1], path[LIMIT_PATH_BYTES];

	memset(folder, 'f', sizeof(folder) - 1);
	folder[sizeof(folder) - 1] = '\0';
	cr_assert_eq(log_place_init(&p, w, folder), ERR_LIMIT);
	folder[LIMIT_PATH_BYTES - 5] = '\0';
	cr_assert_eq(log_place_init(&p, w, folder), OK);
	cr_assert_eq(log_place_path(&p, "checkpoint", path), ERR_LIMIT);
}

Test(log_place, the_pulse_changes_with_the_checkpoint_and_the_segment)
{
	const struct log_spot first_line = { 0, 0 }, last_line = { LOG_SEGMENT_ENTRIES - 1, 3 },
			      behind = { LOG_SEGMENT_ENTRIES, 0 };
	struct digest first, next;

	cr_expect_eq(log_pulse(w, "log", &first_line, &first), ERR_NOT_FOUND, "there is no log");
	cr_assert(world_mkdir(w, "log") == OK && world_mkdir(w, "log/segment") == OK);
	cr_assert_eq(sim_poke(w, "log/checkpoint", STR("one")), OK);
	cr_expect_eq(log_pulse(w, "log", &first_line, &first), OK);
	cr_expect_eq(log_pulse(w, "log", &first_line, &next), OK);
	cr_expect(digest_eq(&first, &next));
	cr_assert_eq(sim_poke(w, "log/segment/00000000.jsonl", STR("{}\n")), OK);
	cr_expect_eq(log_pulse(w, "log", &last_line, &next), OK);
	cr_expect_not(digest_eq(&first, &next));
	cr_expect_eq(log_pulse(w, "log", &behind, &next), OK);
	cr_expect(digest_eq(&first, &next), "the segment of the next entries is not begun");
	cr_assert_eq(sim_poke(w, "log/checkpoint", STR("two")), OK);
	cr_expect_eq(log_pulse(w, "log", &behind, &next), OK);
	cr_expect_not(digest_eq(&first, &next));
}

/* A writer makes room for its lines, and writes them without the file growing. */
Test(log_place, the_pulse_changes_with_a_line_written_into_room)
{
	const struct log_spot one = { 1, 3 }, two = { 2, 6 };
	struct digest before, after;

	cr_assert(world_mkdir(w, "log") == OK && world_mkdir(w, "log/segment") == OK);
	cr_assert_eq(sim_poke(w, "log/checkpoint", STR("one")), OK);
	cr_assert_eq(sim_poke(w, "log/segment/00000000.jsonl", STR("{}\n\0\0\0\0\0\0")), OK);
	cr_assert_eq(log_pulse(w, "log", &one, &before), OK);
	cr_assert_eq(sim_poke(w, "log/segment/00000000.jsonl", STR("{}\n{}\n\0\0\0")), OK);
	cr_assert_eq(log_pulse(w, "log", &one, &after), OK);
	cr_expect_not(digest_eq(&before, &after));
	cr_assert_eq(log_pulse(w, "log", &two, &before), OK);
	cr_expect_not(digest_eq(&before, &after), "it was read, and another may have followed");
	cr_assert_eq(sim_poke(w, "log/segment/00000000.jsonl", STR("{}\n{}\n{}\n")), OK);
	cr_assert_eq(log_pulse(w, "log", &two, &after), OK);
	cr_expect_not(digest_eq(&before, &after));
}
