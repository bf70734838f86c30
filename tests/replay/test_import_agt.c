/* AGT's logs through the gate: what is kept, and that nothing of a broken chain is. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/kit/agt_kit.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/space_kit.h"

static struct space_kit kit;
static struct agt_log log_;
static struct import_report report;
static struct note note;

static const struct import_options audit = { .format = IMPORT_AGT_AUDIT };
static const struct import_options sink = { .format = IMPORT_AGT_FILESINK };
static const struct import_options keyed = { .format = IMPORT_AGT_FILESINK,
					     .key = { AGT_KEY, sizeof(AGT_KEY) - 1 } };

static void setup(void)
{
	space_kit_init(&kit, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	agt_fini(&log_);
	space_kit_fini(&kit);
}

TestSuite(import_agt, .init = setup, .fini = teardown);

static enum err import(const struct import_options *options, struct str text)
{
	note = (struct note){ .line = 0 };
	return space_kit_import(&kit, options, text, &report, &note);
}

static void import_ok(const struct import_options *options, struct str text)
{
	enum err e = import(options, text);

	cr_assert_eq(e, OK, "%s: %u:%u: %s", err_name(e), note.line, note.column, note.text);
}

static bool found(const char *words)
{
	for (size_t i = 0; i < report.finding_count; i++)
		if (strstr(report.findings[i], words))
			return true;
	return false;
}

static void expect_replays(void)
{
	struct replay_report replayed;
	struct note n = { .line = 0 };
	enum err e = space_kit_replay(&kit, &replayed, &n);

	cr_expect_eq(e, OK, "%s: %s", err_name(e), n.text);
	cr_expect_eq(replayed.entries, space_kit_verify(&kit, NULL));
}

/* Refused with this error and these words, after a first import that stays as it was. */
static void expect_refused(const struct import_options *options, struct str text, enum err expected,
			   const char *words)
{
	uint64_t before = space_kit_verify(&kit, NULL);
	enum err e = import(options, text);

	cr_expect_eq(e, expected, "%s instead of %s: %s", err_name(e), err_name(expected),
		     note.text);
	cr_expect(strstr(note.text, words), "'%s' does not say '%s'", note.text, words);
	cr_expect_eq(space_kit_verify(&kit, NULL), before);
	expect_replays();
}

static struct str whole_export(unsigned count)
{
	char root[AGT_HEX];

	agt_root(&log_, count, false, root);
	return agt_export(&log_, 0, count, root);
}

/* --- an export is read as it comes --- */

Test(import_agt, an_export_may_be_longer_than_any_value_held)
{
	static char blanks[LIMIT_LINE_BYTES + 8] = "\"entries\": [";
	struct str text;

	agt_entries(&log_, 3);
	memset(blanks + strlen(blanks), '\n', sizeof(blanks) - 1 - strlen(blanks));
	text = agt_edit(&log_, whole_export(3), "\"entries\": [", blanks);
	cr_assert_gt(text.len, LIMIT_LINE_BYTES);
	import_ok(&audit, text);
	cr_expect_eq(report.foreign_entries, 3);
	expect_replays();
	text = agt_edit(&log_, text, "\"entry_count\": 3", "\"entry_count\": 4");
	expect_refused(&audit, text, ERR_TAMPERED, "the 3 entries that are here");
}

Test(import_agt, what_stands_behind_the_entries_has_its_line)
{
	struct str text;

	agt_entries(&log_, 3);
	text = agt_edit(&log_, whole_export(3), "]}\n", "],\n\"x\": 1,\n\"x\": 2}\n");
	expect_refused(&audit, text, ERR_DUPLICATE, "x");
	cr_expect_eq(note.line, 6);
	text = agt_edit(&log_, whole_export(3), "\"entries\": [", "\"entries\": [{},");
	expect_refused(&audit, text, ERR_SYNTAX, "missing");
	cr_expect_eq(note.line, 1);
	text = agt_edit(&log_, whole_export(3), "{\"exported_at", "\n\n{\"exported_at");
	text = agt_edit(&log_, text, "\"entry_id\"", "\"entry_id\": \"\", \"entry_id\"");
	expect_refused(&audit, text, ERR_DUPLICATE, "entry_id");
	cr_expect_eq(note.line, 4);
}

Test(import_agt, an_export_is_whole_and_in_no_list)
{
	struct str text;

	agt_entries(&log_, 3);
	text = agt_edit(&log_, whole_export(3), "{\"exported_at", "[{\"exported_at");
	text = agt_edit(&log_, text, "]}\n", "]}]");
	expect_refused(&audit, text, ERR_SYNTAX, "stands alone");
	expect_refused(&audit, STR("{\"entries\": 5}"), ERR_TYPE, "expected a list");
	text = agt_edit(&log_, whole_export(3), "]}\n", "]");
	expect_refused(&audit, text, ERR_TRUNCATED, "");
}

/* --- what is recorded --- */

Test(import_agt, an_export_becomes_actions_with_their_outcomes)
{
	struct entry action, outcome;

	agt_entries(&log_, 8);
	import_ok(&audit, whole_export(8));
	cr_expect_eq(report.foreign_entries, 8);
	cr_expect_eq(report.actions, 8);
	cr_expect_eq(report.allowed, 8);
	cr_expect_eq(report.outcomes, 8);
	cr_expect_eq(report.agents, 3);
	cr_expect_eq(report.runs, 2);
	cr_expect_eq(report.entries, 1 + 3 + 16);
	cr_expect_eq(report.synthetic_times, 0);
	action = space_kit_entry(&kit, 2);
	outcome = space_kit_entry(&kit, 3);
	cr_expect_eq(action.kind, ENTRY_ACTION);
	cr_expect(str_is(action.agent, "did:web:a0.example"));
	cr_expect(str_is(action.action, "read_0"));
	cr_expect(str_is(action.session, "s0"));
	cr_expect(str_is(action.trace, "t0"));
	cr_expect_null(action.resource.ptr);
	cr_expect(!action.time_synthetic && action.time_ns % 1000000000 == 500000000);
	cr_expect(str_is(value_text(value_get_c(action.data, "attrs"), "event_type"),
			 "tool_invocation"));
	cr_expect(str_is(value_text(value_get_c(action.data, "attrs"), "environment"), "prod"));
	cr_expect(str_starts(space_kit_body(&kit, action.args),
			     STR("{\"big\":123456789012345678901234567890,")));
	cr_expect_eq(outcome.kind, ENTRY_OUTCOME);
	cr_expect_eq(outcome.links[0].seq, 2);
	cr_expect(str_is(value_text(outcome.data, "status"), "denied"));
	expect_replays();
}

Test(import_agt, an_outcome_carries_all_that_the_source_said)
{
	const struct value *foreign;
	struct entry outcome;

	agt_entries(&log_, 2);
	import_ok(&audit, whole_export(2));
	outcome = space_kit_entry(&kit, 6);
	foreign = value_get_c(outcome.data, "foreign");
	cr_assert_not_null(foreign);
	cr_expect(str_is(value_text(foreign, "entry_id"), "audit_0001"));
	cr_expect(str_is(value_text(foreign, "entry_hash"), log_.hash[1]));
	cr_expect(str_is(value_text(foreign, "previous_hash"), log_.hash[0]));
	cr_expect(str_is(value_text(foreign, "policy_decision"), "allow"));
	cr_expect(str_is(value_text(foreign, "timestamp"), "2026-01-02T03:00:01.500000+00:00"));
	cr_expect_null(value_get_c(foreign, "matched_rule"));
	cr_expect_null(value_get_c(foreign, "data"));
}

Test(import_agt, the_foreign_chain_can_be_checked_again_from_the_workspace)
{
	uint64_t size;
	unsigned seen = 0;

	agt_lines(&log_, 5);
	import_ok(&keyed, agt_jsonl(&log_, 0, 5));
	size = space_kit_verify(&kit, NULL);
	for (uint64_t i = 0; i < size; i++) {
		struct entry e = space_kit_entry(&kit, i);
		struct value text;

		if (e.kind != ENTRY_OUTCOME)
			continue;
		cr_assert_eq(json_read(space_kit_body(&kit, e.result), 1, &kit.memory, &text, NULL),
			     OK);
		cr_expect(str_eq(text.string, log_.hashed[seen]), "%.*s", STR_ARG(text.string));
		seen++;
	}
	cr_expect_eq(seen, 5);
}

Test(import_agt, a_list_and_lines_give_the_same_log_as_an_export)
{
	struct digest roots[3];

	agt_entries(&log_, 9);
	for (int i = 0; i < 3; i++) {
		struct str lines = agt_jsonl(&log_, 0, 9), one;

		space_kit_fini(&kit);
		space_kit_init(&kit, SPACE_KIT_ALLOW);
		one = whole_export(9);
		if (i == 1)
			one = lines;
		if (i == 2) {
			const char *begin = strchr(one.ptr, '[');

			one = str_slice(begin, one.len - (size_t)(begin - one.ptr) - 2);
		}
		import_ok(&audit, one);
		(void)space_kit_verify(&kit, &roots[i]);
	}
	cr_expect(digest_eq(&roots[0], &roots[1]));
	cr_expect(digest_eq(&roots[0], &roots[2]));
}

Test(import_agt, every_size_of_log_passes_by_either_root)
{
	for (unsigned n = 1; n <= 17; n++)
		for (int rebuilt = 0; rebuilt < 2; rebuilt++) {
			char root[AGT_HEX], other[AGT_HEX];

			agt_entries(&log_, n);
			agt_root(&log_, n, rebuilt, root);
			agt_root(&log_, n, !rebuilt, other);
			import_ok(&audit, agt_export(&log_, 0, n, root));
			cr_expect_eq(found("rebuilds the tree"),
				     !rebuilt && strcmp(root, other) != 0, "size %u", n);
			cr_expect_eq(found("grows the tree"), rebuilt && strcmp(root, other) != 0,
				     "size %u", n);
			agt_fini(&log_);
		}
	expect_replays();
	agt_entries(&log_, 1);
}

Test(import_agt, what_our_policy_denies_is_denied_whatever_the_source_decided)
{
	space_kit_policy(&kit, SPACE_KIT_DENY);
	agt_entries(&log_, 4);
	import_ok(&audit, whole_export(4));
	cr_expect_eq(report.denied, 4);
	cr_expect_eq(report.outcomes, 4);
	expect_replays();
}

Test(import_agt, members_that_agt_does_not_write_are_kept)
{
	const struct value *foreign;
	struct entry outcome;
	struct str text;

	agt_entries(&log_, 1);
	text = agt_edit(&log_, log_.text[0], "\"target_did\": null",
			"\"x\": {\"b\": [1, 2.5], \"a\": null}, \"y\": 7");
	import_ok(&audit, text);
	outcome = space_kit_entry(&kit, 3);
	foreign = value_get_c(outcome.data, "foreign");
	cr_expect(str_is(value_text(foreign, "x"), "{\"a\":null,\"b\":[1,2.5]}"));
	cr_expect_eq(value_get_c(foreign, "y")->integer, 7);
}

Test(import_agt, depth_of_the_source_never_makes_a_log_that_cannot_be_read)
{
	char deep[256] = "\"target_did\": null, \"x\": ";
	struct str text;

	for (int i = 0; i < 60; i++)
		strcat(deep, "[");
	for (int i = 0; i < 60; i++)
		strcat(deep, "]");
	agt_entries(&log_, 1);
	text = agt_edit(&log_, log_.text[0], "\"target_did\": null", deep);
	import_ok(&audit, text);
	expect_replays();
}

/* --- what is said --- */

Test(import_agt, a_report_says_what_an_audit_log_cannot_prove)
{
	agt_entries(&log_, 3);
	import_ok(&audit, whole_export(3));
	cr_expect(found("cut off"));
	cr_expect(found("rewritten as a whole"));
	cr_expect(found("matched_rule"));
	cr_expect_not(found("Merkle root"));
	cr_expect_not(found("begins inside"));
	import_ok(&audit, agt_jsonl(&log_, 0, 3));
	cr_expect(found("Merkle root"));
}

Test(import_agt, a_report_says_what_a_filesink_cannot_prove)
{
	agt_lines(&log_, 3);
	import_ok(&keyed, agt_jsonl(&log_, 0, 3));
	cr_expect(found("can forge"));
	cr_expect(found("drops"));
	cr_expect(found("rotated"));
	cr_expect_not(found("--key-file"));
	import_ok(&sink, agt_jsonl(&log_, 0, 3));
	cr_expect(found("--key-file"));
}

Test(import_agt, a_slice_of_a_log_is_taken_and_its_root_said_to_be_unchecked)
{
	char root[AGT_HEX];

	agt_entries(&log_, 9);
	agt_root(&log_, 9, false, root);
	import_ok(&audit, agt_export(&log_, 3, 9, root));
	cr_expect(found("begins inside"));
	cr_expect_eq(report.foreign_entries, 6);
	import_ok(&audit, agt_jsonl(&log_, 3, 9));
	cr_expect(found("begins inside"));
	expect_replays();
}

Test(import_agt, times_without_a_zone_are_read_as_utc_and_that_is_said)
{
	static const char naive[] =
		"{\"action\":\"a\",\"agent_did\":\"d\",\"entry_id\":\"i\",\"event_type\":\"e\","
		"\"timestamp\":\"2026-01-02T03:04:05\",\"entry_hash\":\"%.*s\"}";
	static const char hashed[] =
		"{\"action\": \"a\", \"agent_did\": \"d\", \"data\": {}, \"entry_id\": \"i\", "
		"\"event_type\": \"e\", \"outcome\": \"success\", \"previous_hash\": \"\", "
		"\"resource\": null, "
		"\"timestamp\": \"2026-01-02T03:04:05\"}";
	struct digest d = sha256(str_view(hashed));
	char text[512], hex[AGT_HEX];

	agt_entries(&log_, 1);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", d.bytes[i]);
	(void)snprintf(text, sizeof(text), naive, 64, hex);
	import_ok(&audit, str_view(text));
	cr_expect(found("time zone"));
	cr_expect_eq(space_kit_entry(&kit, 2).time_ns, SPACE_KIT_START_NS);
}

/* --- broken chains --- */

Test(import_agt, an_edited_entry_is_named)
{
	agt_entries(&log_, 6);
	import_ok(&audit, whole_export(6));
	log_.text[4] = agt_edit(&log_, log_.text[4], "\"n\": 4", "\"n\": 5");
	expect_refused(&audit, whole_export(6), ERR_TAMPERED, "entry 4 (audit_0004)");
	expect_refused(&audit, agt_jsonl(&log_, 0, 6), ERR_TAMPERED, "Entry 4 hash mismatch");
}

Test(import_agt, a_missing_entry_is_noticed)
{
	agt_entries(&log_, 6);
	import_ok(&audit, whole_export(6));
	log_.text[2] = log_.text[3];
	log_.text[3] = log_.text[4];
	log_.text[4] = log_.text[5];
	expect_refused(&audit, agt_export(&log_, 0, 5, log_.hash[0]), ERR_TAMPERED,
		       "entry 2 (audit_0003)");
	expect_refused(&audit, agt_jsonl(&log_, 0, 5), ERR_TAMPERED, "Entry 2 chain broken");
}

Test(import_agt, swapped_and_repeated_entries_are_noticed)
{
	struct str kept;

	agt_entries(&log_, 6);
	import_ok(&audit, whole_export(6));
	kept = log_.text[2];
	log_.text[2] = log_.text[3];
	log_.text[3] = kept;
	expect_refused(&audit, agt_jsonl(&log_, 0, 6), ERR_TAMPERED, "entry 2 (audit_0003)");
	log_.text[3] = log_.text[2];
	log_.text[2] = kept;
	log_.text[4] = log_.text[3];
	expect_refused(&audit, agt_jsonl(&log_, 0, 6), ERR_TAMPERED, "entry 4 (audit_0003)");
}

Test(import_agt, a_tail_cut_off_an_export_is_noticed_by_its_root)
{
	char root[AGT_HEX];

	agt_entries(&log_, 6);
	import_ok(&audit, whole_export(6));
	agt_root(&log_, 6, false, root);
	expect_refused(&audit, agt_export(&log_, 0, 5, root), ERR_TAMPERED, "merkle_root");
	expect_refused(&audit, agt_export(&log_, 0, 0, root), ERR_TAMPERED, "taken away");
}

Test(import_agt, an_export_that_contradicts_itself_is_refused)
{
	struct str whole;

	agt_entries(&log_, 3);
	whole = whole_export(3);
	import_ok(&audit, whole);
	expect_refused(&audit, agt_edit(&log_, whole, "\"entry_count\": 3", "\"entry_count\": 4"),
		       ERR_TAMPERED, "entry_count");
	expect_refused(&audit, agt_edit(&log_, whole, "\"chain_root\": \"", "\"chain_root\": \"0"),
		       ERR_TAMPERED, "chain_root");
	expect_refused(&audit, agt_export(&log_, 0, 3, "root"), ERR_TYPE, "64");
	whole = agt_edit(&log_, whole, "\"entry_count\": 3", "\"entry_count\": 4");
	expect_refused(&audit, agt_edit(&log_, whole, "[\n", "[1,"), ERR_TYPE, "AuditEntry");
}

Test(import_agt, an_edited_line_is_named)
{
	agt_lines(&log_, 6);
	import_ok(&keyed, agt_jsonl(&log_, 0, 6));
	log_.text[4] =
		agt_edit(&log_, log_.text[4], "\"matched_rule\": \"r\"", "\"matched_rule\": \"q\"");
	expect_refused(&sink, agt_jsonl(&log_, 0, 6), ERR_TAMPERED, "entry 4 (audit_0004)");
	expect_refused(&keyed, agt_jsonl(&log_, 0, 6), ERR_TAMPERED, "content hash mismatch");
}

Test(import_agt, a_file_that_does_not_begin_its_chain_is_broken)
{
	agt_lines(&log_, 4);
	import_ok(&keyed, agt_jsonl(&log_, 0, 4));
	expect_refused(&keyed, agt_jsonl(&log_, 1, 4), ERR_TAMPERED, "entry 0 (audit_0001)");
	log_.text[3] = log_.text[0];
	expect_refused(&keyed, agt_jsonl(&log_, 0, 4), ERR_TAMPERED, "entry 3 (audit_0000)");
}

Test(import_agt, a_wrong_key_and_a_wrong_signature_are_told_from_tampering)
{
	struct import_options other = keyed;

	agt_lines(&log_, 4);
	import_ok(&keyed, agt_jsonl(&log_, 0, 4));
	other.key = STR("another key");
	expect_refused(&other, agt_jsonl(&log_, 0, 4), ERR_SIGNATURE, "entry 0 (audit_0000)");
	log_.text[2] = agt_edit(&log_, log_.text[2], "\"signature\": \"", "\"signature\": \"0");
	expect_refused(&keyed, agt_jsonl(&log_, 0, 4), ERR_SIGNATURE, "entry 2 (audit_0002)");
	import_ok(&sink, agt_jsonl(&log_, 0, 4));
}

Test(import_agt, a_torn_line_is_no_line)
{
	struct str text;

	agt_lines(&log_, 4);
	text = agt_jsonl(&log_, 0, 4);
	import_ok(&keyed, text);
	expect_refused(&keyed, str_slice(text.ptr, text.len - 30), ERR_TRUNCATED, "");
	cr_expect_eq(note.line, 4);
}

/* --- what does not fit --- */

Test(import_agt, the_other_format_is_recognised)
{
	agt_entries(&log_, 1);
	import_ok(&audit, log_.text[0]);
	expect_refused(&sink, log_.text[0], ERR_SYNTAX, "--format agt-audit");
	agt_fini(&log_);
	agt_lines(&log_, 1);
	expect_refused(&audit, log_.text[0], ERR_SYNTAX, "--format agt-filesink");
}

Test(import_agt, an_entry_without_its_hash_is_in_no_chain)
{
	struct str text;

	agt_entries(&log_, 1);
	import_ok(&audit, log_.text[0]);
	text = agt_edit(&log_, log_.text[0], "\"entry_hash\"", "\"entry_mash\"");
	expect_refused(&audit, text, ERR_SYNTAX, "in no chain");
}

Test(import_agt, an_empty_source_is_refused)
{
	static const char *const empty[] = { "", " \n\n", "[]" };

	agt_entries(&log_, 1);
	import_ok(&audit, log_.text[0]);
	for (size_t i = 0; i < 3; i++) {
		expect_refused(&audit, str_view(empty[i]), ERR_TRUNCATED, "no entry");
		expect_refused(&sink, str_view(empty[i]), ERR_TRUNCATED, "no entry");
	}
}

Test(import_agt, an_export_stands_alone)
{
	struct str one;

	agt_entries(&log_, 1);
	one = whole_export(1);
	import_ok(&audit, one);
	expect_refused(&audit, agt_edit(&log_, one, "]}\n", "]}\n{}"), ERR_SYNTAX, "alone");
	log_.text[0] = agt_edit(&log_, one, "]}\n", "]}");
	expect_refused(&audit, agt_edit(&log_, agt_jsonl(&log_, 0, 1), "{", "{\"a\":1}{"),
		       ERR_SYNTAX, "");
}

/* A hash is right whatever stands in the text; only then are names weighed. */
static struct str rehashed(const char *old, const char *new)
{
	struct str hashed = agt_edit(&log_, log_.hashed[0], old, new);
	struct digest d = sha256(hashed);
	char entry[8192], hex[AGT_HEX];
	struct str copy;

	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", d.bytes[i]);
	(void)snprintf(entry, sizeof(entry), "%.*s, \"entry_hash\": \"%s\"}", (int)hashed.len - 1,
		       hashed.ptr, hex);
	cr_assert_eq(arena_copy(&log_.memory, str_view(entry), &copy), OK);
	return copy;
}

Test(import_agt, names_over_their_limits_are_errors_never_cut)
{
	char longer[LIMIT_RESOURCE_BYTES + 32];

	agt_entries(&log_, 1);
	import_ok(&audit, log_.text[0]);
	memset(longer, 'x', sizeof(longer));
	longer[LIMIT_NAME_BYTES + 1] = '\0';
	expect_refused(&audit, rehashed("read_0", longer), ERR_RANGE, "'action' has 129 bytes");
	expect_refused(&audit, rehashed("did:web:a0.example", longer), ERR_RANGE, "'agent_did'");
	expect_refused(&audit, rehashed("read_0", ""), ERR_RANGE, "'action' has 0 bytes");
	longer[LIMIT_NAME_BYTES + 1] = 'x';
	memcpy(longer, "\"resource\": \"", 13);
	memcpy(longer + 13 + LIMIT_RESOURCE_BYTES + 1, "\"", 2);
	expect_refused(&audit, rehashed("\"resource\": null", longer), ERR_RANGE,
		       "'resource' has 1025 bytes");
	expect_refused(&audit, rehashed("2026-01-02T", "2026-01-02X"), ERR_SYNTAX, "'timestamp'");
	expect_refused(&audit, rehashed("2026-01-02T", "1500-01-02T"), ERR_RANGE, "'timestamp'");
}

Test(import_agt, an_entry_too_large_for_the_log_is_an_error)
{
	char *large = malloc(LIMIT_ENTRY_BYTES + 64);

	cr_assert_not_null(large);
	(void)snprintf(large, LIMIT_ENTRY_BYTES, "\"target_did\": null, \"x\": \"");
	memset(large + 26, 'x', LIMIT_ENTRY_BYTES);
	memcpy(large + 26 + LIMIT_ENTRY_BYTES, "\"", 2);
	agt_entries(&log_, 1);
	import_ok(&audit, log_.text[0]);
	expect_refused(&audit, agt_edit(&log_, log_.text[0], "\"target_did\": null", large),
		       ERR_LIMIT, "65535");
	free(large);
}

Test(import_agt, every_allocation_may_fail)
{
	struct str text;
	enum err e;

	agt_entries(&log_, 2);
	text = whole_export(2);
	import_ok(&audit, text);
	for (uint64_t n = 1;; n++) {
		struct space *s = space_kit_open(&kit);
		int fd;

		cr_assert_eq(sim_poke(kit.w, "again", text), OK);
		cr_assert_eq(world_open(kit.w, "again", WORLD_READ, &fd), OK);
		fail_alloc_at(n);
		e = import_run(s, fd, &audit, &report, &note);
		if (!fail_alloc_was_hit()) {
			cr_expect_eq(e, OK);
			cr_expect_eq(space_close(s, &note), OK);
			break;
		}
		(void)world_close(kit.w, fd);
		cr_expect(e == OK || e == ERR_MEMORY, "allocation %llu: %s", (unsigned long long)n,
			  err_name(e));
		cr_expect_eq(space_abandon(s, NULL), OK);
	}
	expect_replays();
}
