#include "engine/audit/inside.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"

#define VECTORS "../shared/vectors/merkle/tessera/testdata/log/"

static struct scribe s;
static struct tiles t, other;

static void setup(void)
{
	scribe_init(&s, LOG_SEGMENT_ENTRIES);
	cr_assert_eq(world_mkdir(s.w, "log"), OK);
	tiles_init(&t);
}

static void teardown(void)
{
	scribe_fini(&s);
}

TestSuite(tiles, .init = setup, .fini = teardown);

static void expect_name(unsigned level, uint64_t index, unsigned width, const char *expected)
{
	char name[LOG_NAME_BYTES];

	tiles_name(level, index, width, name);
	cr_assert_str_eq(name, expected);
}

Test(tiles, names_are_those_of_the_specification)
{
	expect_name(0, 0, TILE_WIDTH, "tile/0/000");
	expect_name(0, 999, TILE_WIDTH, "tile/0/999");
	expect_name(0, 1000, TILE_WIDTH, "tile/0/x001/000");
	expect_name(0, 1234067, TILE_WIDTH, "tile/0/x001/x234/067");
	expect_name(5, 273, 112, "tile/5/273.p/112");
	expect_name(7, 0, 255, "tile/7/000.p/255");
	expect_name(0, UINT64_MAX >> 8, 255, "tile/0/x072/x057/x594/x037/x927/935.p/255");
}

/* The example of the specification: 70,000 leaves. */
Test(tiles, widths_are_those_of_the_specification)
{
	cr_assert_eq(tiles_index(70000, 0), 273);
	cr_assert_eq(tiles_width(70000, 0), 112);
	cr_assert_eq(tiles_index(70000, 1), 1);
	cr_assert_eq(tiles_width(70000, 1), 17);
	cr_assert_eq(tiles_index(70000, 2), 0);
	cr_assert_eq(tiles_width(70000, 2), 1);
	cr_assert_eq(tiles_width(70000, 3), 0);
	cr_assert_eq(tiles_width(256, 0), 0);
	cr_assert_eq(tiles_width(256, 1), 1);
	cr_assert_eq(tiles_width(UINT64_MAX, 7), 255);
	cr_assert_eq(tiles_index(UINT64_MAX, 7), 0);
}

static struct digest leaf_of(uint64_t index)
{
	return sha256_prefixed(0, str_slice(&index, sizeof(index)));
}

static enum err write_tile(void *self, unsigned level, uint64_t index, const struct digest *hashes)
{
	struct scribe *to = self;

	return tiles_write(&to->place, level, index, TILE_WIDTH, hashes);
}

static void grow(uint64_t size)
{
	while (t.size < size) {
		struct digest leaf = leaf_of(t.size);

		cr_assert_eq(tiles_add(&t, &leaf, write_tile, &s), OK);
	}
}

Test(tiles, the_root_is_that_of_the_compact_range)
{
	struct merkle_range range;

	merkle_init(&range);
	for (uint64_t size = 0; size <= 66200; size++) {
		struct digest leaf = leaf_of(size), a, b;

		if (size < 1030 || size > 65500) {
			tiles_root(&t, &a);
			merkle_root(&range, &b);
			cr_assert(digest_eq(&a, &b), "size %d", (int)size);
		}
		cr_assert_eq(tiles_add(&t, &leaf, NULL, NULL), OK);
		merkle_add(&range, &leaf);
	}
}

Test(tiles, a_tree_comes_back_from_its_edge)
{
	static const uint64_t sizes[] = { 0, 1, 255, 256, 257, 600, 65535, 65536, 65537, 66100 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct digest a, b;
		uint64_t before = t.size;

		grow(sizes[i]);
		cr_assert_eq(tiles_publish(&s.place, &t, before), OK);
		tiles_init(&other);
		cr_assert_eq(tiles_load(&s.place, sizes[i], &other), OK);
		tiles_root(&t, &a);
		tiles_root(&other, &b);
		cr_assert(digest_eq(&a, &b), "size %d", (int)sizes[i]);
	}
}

Test(tiles, published_tiles_survive_power_loss)
{
	grow(700);
	cr_assert_eq(tiles_publish(&s.place, &t, 0), OK);
	cr_assert_eq(world_sync_folder(s.w, "."), OK);
	cr_assert_eq(world_sync_folder(s.w, "log"), OK);
	sim_reboot(s.w, true);
	cr_assert_eq(scribe_peek(&s, "tile/0/000").len, 8192);
	cr_assert_eq(scribe_peek(&s, "tile/0/001").len, 8192);
	cr_assert_eq(scribe_peek(&s, "tile/0/002.p/188").len, 188 * 32);
	cr_assert_eq(scribe_peek(&s, "tile/1/000.p/2").len, 64);
}

Test(tiles, sweeping_leaves_what_the_new_tree_needs)
{
	grow(256);
	cr_assert_eq(tiles_publish(&s.place, &t, 0), OK);
	grow(300);
	cr_assert_eq(tiles_publish(&s.place, &t, 256), OK);
	tiles_sweep(&s.place, 256, 300);
	cr_assert(scribe_has(&s, "tile/1/000.p/1"), "the level above has not changed");
	grow(512);
	cr_assert_eq(tiles_publish(&s.place, &t, 300), OK);
	tiles_sweep(&s.place, 300, 512);
	cr_assert(!scribe_has(&s, "tile/1/000.p/1"));
	cr_assert(!scribe_has(&s, "tile/0/001.p/44"));
	cr_assert(scribe_has(&s, "tile/1/000.p/2"));
}

Test(tiles, every_stored_node_is_that_of_the_definition)
{
	static struct tiles_cache c;
	static struct digest row[700];
	size_t width = 700;

	grow(700);
	cr_assert_eq(tiles_publish(&s.place, &t, 0), OK);
	tiles_cache_init(&c, &s.place, 700);
	for (uint64_t i = 0; i < 700; i++)
		row[i] = leaf_of(i);
	for (unsigned level = 0; width > 0; level++, width /= 2) {
		for (size_t i = 0; i < width; i++) {
			struct digest node;

			cr_assert_eq(tiles_cache_node(&c, level, i, &node), OK);
			cr_assert(digest_eq(&node, &row[i]), "level %u node %zu", level, i);
		}
		sha256_nodes(row, width / 2, row);
	}
}

Test(tiles, a_full_tile_serves_for_the_partial_one_that_was_swept)
{
	static struct tiles_cache c;
	struct digest node, leaf = leaf_of(199);

	grow(256);
	tiles_cache_init(&c, &s.place, 200);
	cr_assert_eq(tiles_cache_node(&c, 0, 199, &node), OK);
	cr_assert(digest_eq(&node, &leaf));
}

Test(tiles, only_tiles_of_the_right_size_are_read)
{
	struct digest hashes[TILE_WIDTH];
	struct note n = { 0 };

	grow(10);
	cr_assert_eq(tiles_publish(&s.place, &t, 0), OK);
	cr_assert_eq(tiles_read(&s.place, 0, 0, 10, hashes, &n), OK);
	cr_assert_eq(tiles_read(&s.place, 0, 0, 9, hashes, &n), ERR_NOT_FOUND);
	n = (struct note){ 0 };
	scribe_poke(&s, "tile/0/000.p/10", STR("short"));
	cr_assert_eq(tiles_read(&s.place, 0, 0, 10, hashes, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "tile/0/000.p/10");
}

Test(tiles, a_stale_tile_is_replaced_whole)
{
	char longer[9000] = { 0 };

	cr_assert_eq(tiles_write(&s.place, 0, 0, TILE_WIDTH, t.rows[0]), OK);
	scribe_poke(&s, "tile/0/000", str_slice(longer, sizeof(longer)));
	grow(256);
	cr_assert_eq(scribe_peek(&s, "tile/0/000").len, 8192);
}

/* --- the log that Tessera ships for its tests: entries in, tiles out --- */

static size_t slurp(const char *name, unsigned char *to, size_t room)
{
	FILE *f = fopen(name, "rb");
	size_t len;

	if (!f)
		return 0;
	len = fread(to, 1, room, f);
	(void)fclose(f);
	return len;
}

Test(tiles, the_tiles_of_tessera_come_out)
{
	static unsigned char bundle[1 << 16], tile[8192];
	size_t at = 0, len = slurp(VECTORS "tile/entries/000.p/15", bundle, sizeof(bundle));

	if (len == 0) {
		cr_log_info("skipped: " VECTORS " is absent");
		return;
	}
	for (unsigned width = 1; width <= 15; width++) {
		size_t entry = (size_t)bundle[at] << 8 | bundle[at + 1];
		struct digest leaf = sha256_prefixed(0, str_slice(bundle + at + 2, entry));
		char name[128];

		at += 2 + entry;
		cr_assert_leq(at, len);
		cr_assert_eq(tiles_add(&t, &leaf, NULL, NULL), OK);
		(void)snprintf(name, sizeof(name), VECTORS "tile/0/000.p/%u", width);
		cr_assert_eq(slurp(name, tile, sizeof(tile)), width * 32);
		cr_assert_arr_eq(tile, t.rows[0], width * 32, "width %u", width);
	}
	cr_assert_eq(at, len);
}
