/* The log as it is: a part of it is evidence too. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "replay/exporting.h"
#include "tests/kit/export_kit.h"

static struct export_kit kit;

static void setup(void)
{
	export_kit_init(&kit);
}

static void teardown(void)
{
	export_kit_fini(&kit);
}

TestSuite(export_jsonl, .init = setup, .fini = teardown);

/* What a reader does who has nothing but the lines. */
static struct digest root_of_lines(void)
{
	struct subtrees all;
	struct digest d;
	struct str line;

	subtree_begin(&all, 0);
	for (size_t i = 0; line = export_kit_line(&kit, i), line.ptr; i++) {
		const struct value *gap, *hashes;
		struct value v;

		cr_assert_eq(json_read(line, 1, &kit.space.memory, &v, NULL), OK);
		gap = value_get_c(&v, "gap");
		if (value_get_c(&v, "v")) {
			d = sha256_prefixed(0, line);
			subtree_add(&all, &d);
		}
		hashes = value_get_c(gap, "hashes");
		for (size_t h = 0; hashes && h < hashes->list.count; h++) {
			uint64_t end = (uint64_t)value_get_c(gap, "next")->integer;

			cr_assert_eq(hex_read(hashes->list.items[h].string, d.bytes, 32), OK);
			cr_assert(subtree_put(&all, subtree_level(all.end, end), &d));
		}
		if (gap)
			cr_expect_eq(all.end, (uint64_t)value_get_c(gap, "next")->integer);
	}
	subtree_root(&all, &d);
	return d;
}

Test(export_jsonl, entries_stand_there_byte_for_byte)
{
	struct str text = export_kit_all(&kit, EXPORT_JSONL);

	for (uint64_t i = 0; i < EXPORT_KIT_ENTRIES; i++)
		cr_expect(str_has(text, space_kit_line(&kit.space, i)));
	cr_expect(str_ends(text, STR(",\"format\":\"trammel/jsonl/v1\"}\n")));
}

Test(export_jsonl, any_part_leads_to_the_signed_root)
{
	for (uint64_t first = 0; first < EXPORT_KIT_ENTRIES; first++)
		for (uint64_t end = first; end <= EXPORT_KIT_ENTRIES; end++) {
			struct export_options options = EXPORT_ALL;
			struct digest root;

			options.first = first;
			options.end = end;
			cr_assert_eq(export_kit_run(&kit, &options), OK);
			root = root_of_lines();
			cr_expect(digest_eq(&root, &kit.report.checkpoint.root));
		}
}

Test(export_jsonl, the_last_line_is_the_checkpoint_as_signed)
{
	struct note_key key;
	struct str vkey, text;
	struct value v;

	(void)export_kit_all(&kit, EXPORT_JSONL);
	cr_assert_eq(json_read(export_kit_line(&kit, 8 + 4), 1, &kit.space.memory, &v, NULL), OK);
	cr_assert_eq(world_read_file(kit.space.w, SPACE_KIT_DIR "/keys/log.vkey", 4096,
				     &kit.space.memory, &vkey), OK);
	cr_assert_eq(note_key_read(str_trim(vkey), &key), OK);
	cr_expect_eq(note_open(value_text(&v, "checkpoint"), &key, 1, &text), OK);
}
