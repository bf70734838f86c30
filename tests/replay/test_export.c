/* What every export promises: what was asked for, what was signed, and nothing half. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/kit/export_kit.h"
#include "tests/kit/fail_alloc.h"

#define SEGMENT SPACE_KIT_DIR "/log/segment/00000000.jsonl"
#define AT(second) (SPACE_KIT_START_NS + (second) * INT64_C(1000000000))

static struct export_kit kit;

static void setup(void)
{
	export_kit_init(&kit);
}

static void teardown(void)
{
	export_kit_fini(&kit);
}

TestSuite(export, .init = setup, .fini = teardown);

/* The numbers of the entries that a jsonl export holds, one digit each. */
static struct str exported(struct export_options options)
{
	struct entry entry;
	struct str line;
	struct buf b;

	options.format = EXPORT_JSONL;
	cr_assert_eq(export_kit_run(&kit, &options), OK, "%s", kit.note.text);
	buf_init(&b, 64);
	buf_add_c(&b, "");
	for (size_t i = 0; line = export_kit_line(&kit, i), line.ptr; i++)
		if (entry_read(line, &kit.space.memory, &entry, NULL) == OK)
			buf_add_u64(&b, entry.seq);
	cr_assert_eq(arena_copy(&kit.space.memory, buf_view(&b), &line), OK);
	buf_fini(&b);
	return line;
}

Test(export, formats_have_names_that_lead_back)
{
	enum export_format format;

	for (unsigned i = 0; i < EXPORT_FORMATS; i++) {
		cr_assert(export_format_named(str_view(export_format_name(i)), &format));
		cr_expect_eq(format, i);
	}
	cr_expect_not(export_format_named(STR("xml"), &format));
}

Test(export, all_or_a_range_or_a_time_or_a_session_is_exported)
{
	struct export_options all = EXPORT_ALL, some = EXPORT_ALL;

	cr_expect(str_is(exported(all), "01234567"));
	some.first = 2;
	some.end = 4;
	cr_expect(str_is(exported(some), "23"));
	cr_expect_eq(kit.report.entries, 2);
	cr_expect_eq(kit.report.checkpoint.size, EXPORT_KIT_ENTRIES);
	some = all;
	some.since_ns = AT(1);
	some.until_ns = AT(2);
	cr_expect(str_is(exported(some), "56"), "both ends belong to it");
	some = all;
	some.session = STR("s2");
	cr_expect(str_is(exported(some), "45"));
	some.session = STR("s");
	cr_expect(str_is(exported(some), ""));
}

Test(export, the_same_log_gives_the_same_bytes)
{
	for (unsigned f = 0; f < EXPORT_FORMATS; f++) {
		struct str first, again = export_kit_all(&kit, f);

		cr_assert_eq(arena_copy(&kit.space.memory, again, &first), OK);
		cr_expect(str_eq(first, export_kit_all(&kit, f)), "%s", export_format_name(f));
		cr_expect_gt(first.len, 0);
		cr_expect_eq(kit.report.entries, EXPORT_KIT_ENTRIES);
	}
}

/* One byte of one entry, anywhere in the log, whatever part of it is asked for. */
Test(export, what_does_not_lead_to_the_signed_root_is_no_export)
{
	struct str segment;

	cr_assert_eq(world_read_file(kit.space.w, SEGMENT, 1u << 20, &kit.space.memory, &segment),
		     OK);
	((char *)(uintptr_t)strstr(segment.ptr, "steal"))[0] = 'd';
	cr_assert_eq(sim_poke(kit.space.w, SEGMENT, segment), OK);
	for (unsigned f = 0; f < EXPORT_FORMATS; f++) {
		struct export_options options = EXPORT_ALL;

		options.format = f;
		options.first = 6;
		options.key = STR("key");
		cr_expect_eq(export_kit_run(&kit, &options), ERR_TAMPERED);
		cr_expect(strstr(kit.note.text, "signed root"), "%s", kit.note.text);
		cr_expect_not(str_has(buf_view(&kit.out), STR("checkpoint\":\"")));
	}
}

Test(export, entries_behind_the_checkpoint_are_counted_and_left_out)
{
	struct str segment, line = space_kit_line(&kit.space, 7);
	struct export_options all = EXPORT_ALL;
	struct buf b;

	cr_assert_eq(world_read_file(kit.space.w, SEGMENT, 1u << 20, &kit.space.memory, &segment),
		     OK);
	buf_init(&b, 1u << 20);
	buf_add(&b, segment);
	buf_add(&b, line);
	buf_add_byte(&b, '\n');
	cr_assert_eq(sim_poke(kit.space.w, SEGMENT, buf_view(&b)), OK);
	buf_fini(&b);
	cr_expect(str_is(exported(all), "01234567"));
	cr_expect_eq(kit.report.unsigned_entries, 1);
}

/* Removes every pack and every body by itself. */
static void remove_bodies(const char *folder)
{
	struct str *names;
	size_t count;

	cr_assert_eq(world_list(kit.space.w, folder, &kit.space.memory, &names, &count), OK);
	for (size_t i = 0; i < count; i++) {
		char path[256];
		enum world_kind kind;

		(void)snprintf(path, sizeof(path), "%s/%.*s", folder, STR_ARG(names[i]));
		cr_assert_eq(world_kind(kit.space.w, path, &kind), OK);
		if (kind == WORLD_FOLDER)
			remove_bodies(path);
		else
			cr_assert_eq(world_unlink(kit.space.w, path), OK);
	}
}

Test(export, bodies_that_are_gone_are_said_to_be)
{
	struct export_options options = EXPORT_ALL;
	struct str text = export_kit_all(&kit, EXPORT_JSONL);

	cr_expect(str_has(text, STR("{\"bodies\":{\"args\":{\"q\":1}},\"openings\":{\"args\":\"")));
	cr_expect(str_has(text, STR("{\"bodies\":{\"result\":[1,2.5]},\"openings\":{\"result\":")));
	cr_expect_eq(kit.report.gone, 0);
	remove_bodies(SPACE_KIT_DIR "/blob");
	text = export_kit_all(&kit, EXPORT_JSONL);
	cr_expect(str_has(text, STR("{\"bodies\":{},\"gone\":[\"args\"],\"seq\":1}\n")));
	cr_expect(str_has(text, STR("{\"bodies\":{},\"gone\":[\"result\"],\"seq\":2}\n")));
	cr_expect_gt(kit.report.gone, 3);
	options.format = EXPORT_JSONL;
	cr_assert_eq(export_kit_run(&kit, &options), OK);
	cr_expect_eq(kit.report.gone, 0, "nobody asked for them");
	cr_expect_not(str_has(buf_view(&kit.out), STR("bodies")));
}

static enum err refuse(void *self, struct str bytes)
{
	(void)self;
	(void)bytes;
	return ERR_NOSPACE;
}

Test(export, a_sink_that_refuses_ends_it)
{
	const struct export_sink sink = { refuse, NULL };
	struct export_options all = EXPORT_ALL;
	struct space *s;

	cr_assert_eq(space_open(kit.space.w, SPACE_KIT_DIR, SPACE_READ, &s, NULL), OK);
	cr_expect_eq(export_run(s, &all, &sink, &kit.space.memory, &kit.report, &kit.note),
		     ERR_NOSPACE);
	cr_expect(kit.note.text[0]);
	cr_assert_eq(space_close(s, NULL), OK);
}

Test(export, no_memory_is_an_error_and_nothing_else)
{
	for (unsigned f = 0; f < EXPORT_FORMATS; f++)
		for (uint64_t n = 1;; n++) {
			struct export_options options = EXPORT_ALL;
			enum err e;

			options.format = f;
			options.bodies = true;
			options.key = STR("key");
			fail_alloc_at(n);
			e = export_kit_run(&kit, &options);
			if (!fail_alloc_was_hit()) {
				cr_expect_eq(e, OK);
				break;
			}
			cr_expect_eq(e, ERR_MEMORY, "%s, allocation %llu: %s",
				     export_format_name(f), (unsigned long long)n, err_name(e));
		}
}

Test(export, an_empty_log_can_be_exported)
{
	struct export_options options = EXPORT_ALL;
	struct export_kit fresh = { .report = { 0 } };

	space_kit_init(&fresh.space, SPACE_KIT_ALLOW);
	buf_init(&fresh.out, 1u << 20);
	options.key = STR("key");
	for (unsigned f = 0; f < EXPORT_FORMATS; f++) {
		options.format = f;
		cr_expect_eq(export_kit_run(&fresh, &options), OK, "%s", fresh.note.text);
		cr_expect_eq(fresh.report.entries, 0);
	}
	buf_fini(&fresh.out);
	space_kit_fini(&fresh.space);
}
