/* The toolkit's own forms: whoever checks them by the toolkit's rules finds nothing wrong. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
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

TestSuite(export_agt, .init = setup, .fini = teardown);

static struct value document(void)
{
	struct note n = { .line = 0 };
	struct value v;

	cr_assert_eq(json_read(export_kit_all(&kit, EXPORT_AGT_AUDIT), 1, &kit.space.memory, &v,
			       &n), OK, "%u:%u: %s", n.line, n.column, n.text);
	return v;
}

Test(export_agt, an_export_holds_by_the_toolkits_own_check)
{
	struct value v = document();
	const struct value *entries = value_get_c(&v, "entries");
	struct foreign_tree tree = { .size = 0 };
	struct digest root, claimed;
	struct buf says;

	buf_init(&says, 4096);
	cr_assert_eq(entries->list.count, 4);
	cr_assert_eq(foreign_agt_verify(FOREIGN_ENTRY, entries->list, NULL, &says), OK);
	cr_expect_eq(says.len, 0, "%.*s", STR_ARG(buf_view(&says)));
	for (size_t i = 0; i < entries->list.count; i++) {
		cr_expect_eq(foreign_check(FOREIGN_ENTRY, &entries->list.items[i], NULL), OK);
		cr_assert_eq(hex_read(value_text(&entries->list.items[i], "entry_hash"),
				      claimed.bytes, 32), OK);
		foreign_tree_add(&tree, &claimed);
	}
	cr_assert(foreign_tree_root(&tree, FOREIGN_GROWN, &root));
	cr_assert_eq(hex_read(value_text(&v, "merkle_root"), claimed.bytes, 32), OK);
	cr_expect(digest_eq(&root, &claimed));
	cr_expect_eq(kit.report.written, 6, "four actions, two outcomes");
	cr_expect_eq(kit.report.entries, EXPORT_KIT_ENTRIES);
	cr_expect_eq(value_get_c(&v, "entry_count")->integer, 4);
	buf_fini(&says);
}

Test(export_agt, an_action_and_its_outcome_are_one_record)
{
	struct value v = document();
	const struct value *looked = &value_get_c(&v, "entries")->list.items[0];

	cr_expect(str_is(value_text(looked, "entry_id"), "audit_0000000000000001"));
	cr_expect(str_is(value_text(looked, "timestamp"), "2026-01-02T03:04:05.500000+00:00"));
	cr_expect(str_is(value_text(looked, "completed_at"), "2026-01-02T03:04:05.505000+00:00"));
	cr_expect(str_is(value_text(looked, "event_type"), "tool_invocation"));
	cr_expect(str_is(value_text(looked, "outcome"), "success"));
	cr_expect(str_is(value_text(looked, "policy_decision"), "allow"));
	cr_expect_eq(value_get_c(value_get_c(looked, "data"), "q")->integer, 1);
	looked = &value_get_c(&v, "entries")->list.items[1];
	cr_expect(str_is(value_text(looked, "event_type"), "tool_blocked"));
	cr_expect(str_is(value_text(looked, "outcome"), "denied"));
	cr_expect(str_is(value_text(looked, "matched_rule"), "kit/no"));
	looked = &value_get_c(&v, "entries")->list.items[2];
	cr_expect(str_is(value_text(looked, "outcome"), "error"), "what the tool said");
	cr_expect(str_is(value_text(value_get_c(looked, "data"), "args"), "@x"));
	looked = &value_get_c(&v, "entries")->list.items[3];
	cr_expect(str_is(value_text(looked, "outcome"), "pending"), "nobody said how it went");
	cr_expect(str_is(value_text(looked, "timestamp"), "2026-01-02T03:04:07+00:00"));
}

Test(export_agt, a_sinks_lines_hold_with_their_key_and_with_no_other)
{
	struct str key = STR("key"), other = STR("kee"), line;
	struct value lines[8];
	struct buf says;
	size_t count = 0;

	(void)export_kit_all(&kit, EXPORT_AGT_FILESINK);
	for (; line = export_kit_line(&kit, count), line.ptr; count++)
		cr_assert_eq(json_read(line, 1, &kit.space.memory, &lines[count], NULL), OK);
	cr_assert_eq(count, 4);
	for (size_t i = 0; i < count; i++)
		cr_expect_eq(lines[i].object.count, 19);
	buf_init(&says, 1u << 16);
	cr_assert_eq(foreign_agt_verify(FOREIGN_LINE, (struct value_list){ lines, count }, &key,
					&says), OK);
	cr_expect_eq(says.len, 0, "%.*s", STR_ARG(buf_view(&says)));
	cr_assert_eq(foreign_agt_verify(FOREIGN_LINE, (struct value_list){ lines, count }, &other,
					&says), OK);
	cr_expect_gt(says.len, 0);
	buf_fini(&says);
}

Test(export_agt, a_sink_without_a_key_is_refused)
{
	struct export_options options = EXPORT_ALL;

	options.format = EXPORT_AGT_FILESINK;
	cr_expect_eq(export_kit_run(&kit, &options), ERR_USAGE);
	cr_expect(strstr(kit.note.text, "--key-file"));
}

/* Decided again by the same policy, the same comes out. */
Test(export_agt, what_was_exported_can_be_imported)
{
	struct import_options options = { .format = IMPORT_AGT_AUDIT };
	struct import_report report;
	struct str text;

	cr_assert_eq(arena_copy(&kit.space.memory, export_kit_all(&kit, EXPORT_AGT_AUDIT), &text),
		     OK);
	cr_expect_eq(space_kit_import(&kit.space, &options, text, &report, &kit.note), OK, "%s",
		     kit.note.text);
	cr_expect_eq(report.foreign_entries, 4);
	cr_expect_eq(report.denied, 1);
	cr_assert_eq(arena_copy(&kit.space.memory, export_kit_all(&kit, EXPORT_AGT_FILESINK),
				&text), OK);
	options.format = IMPORT_AGT_FILESINK;
	options.key = STR("key");
	cr_expect_eq(space_kit_import(&kit.space, &options, text, &report, &kit.note), OK, "%s",
		     kit.note.text);
}
