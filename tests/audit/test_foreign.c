/* The reference toolkit's hashes, chains and trees, against a naive second version (agt_kit). */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/audit/foreign.h"
#include "engine/base/json.h"
#include "tests/kit/agt_kit.h"
#include "tests/kit/fail_alloc.h"

static struct agt_log log_;
static struct arena arena;
static struct buf text;

static void setup(void)
{
	arena_init(&arena, 64u << 20);
	buf_init(&text, 1u << 20);
}

static void teardown(void)
{
	buf_fini(&text);
	arena_fini(&arena);
	agt_fini(&log_);
}

TestSuite(foreign, .init = setup, .fini = teardown);

static struct value read_value(struct str json)
{
	struct note n = { .line = 0 };
	struct value v;

	cr_assert_eq(json_read(json, 1, &arena, &v, &n), OK, "%s in %.*s", n.text, STR_ARG(json));
	return v;
}

static struct value read_c(const char *json)
{
	return read_value(str_view(json));
}

static struct value_list read_log(void)
{
	struct value *items = arena_array(&arena, log_.count, sizeof(*items));

	for (unsigned i = 0; i < log_.count; i++)
		items[i] = read_value(log_.text[i]);
	return (struct value_list){ items, log_.count };
}

/* What AGT says of these; NULL: nothing. */
static void expect_words(enum foreign_kind kind, struct value_list all, const char *expected)
{
	const struct str key = STR(AGT_KEY);
	struct buf says;

	buf_init(&says, 1u << 16);
	cr_assert_eq(foreign_agt_verify(kind, all, &key, &says), OK);
	cr_expect(str_is(buf_view(&says), expected), "AGT would say '%.*s', expected '%s'",
		  STR_ARG(buf_view(&says)), expected);
	buf_fini(&says);
}

static unsigned faults_of(enum foreign_kind kind, const struct value *v, const char *previous)
{
	const struct str key = STR(AGT_KEY);
	unsigned faults = 99;

	cr_assert_eq(foreign_faults(kind, v, str_view(previous), &key, &text, &faults), OK);
	return faults;
}

/* --- texts and hashes --- */

Test(foreign, an_entry_has_the_text_that_python_prints)
{
	struct value_list all;

	agt_entries(&log_, 7);
	all = read_log();
	for (unsigned i = 0; i < log_.count; i++) {
		cr_expect_eq(faults_of(FOREIGN_ENTRY, &all.items[i], i ? log_.hash[i - 1] : ""), 0);
		cr_expect(str_eq(buf_view(&text), log_.hashed[i]), "%.*s",
			  STR_ARG(buf_view(&text)));
	}
}

Test(foreign, a_line_has_the_text_that_python_prints)
{
	struct value_list all;

	agt_lines(&log_, 7);
	all = read_log();
	for (unsigned i = 0; i < log_.count; i++) {
		cr_expect_eq(faults_of(FOREIGN_LINE, &all.items[i], i ? log_.hash[i - 1] : ""), 0);
		cr_expect(str_eq(buf_view(&text), log_.hashed[i]), "%.*s",
			  STR_ARG(buf_view(&text)));
	}
}

#define NEEDED "\"action\":\"a\",\"agent_did\":\"d\",\"entry_id\":\"i\",\"event_type\":\"e\""

Test(foreign, what_is_missing_has_the_default_of_agt)
{
	struct value v = read_c("{" NEEDED ",\"timestamp\":\"2026-01-02T03:04:05\"}");

	cr_assert_eq(foreign_check(FOREIGN_ENTRY, &v, NULL), OK);
	foreign_text(&text, FOREIGN_ENTRY, &v);
	cr_expect(str_is(buf_view(&text), "{\"action\": \"a\", \"agent_did\": \"d\", \"data\": {}, "
					  "\"entry_id\": \"i\", "
					  "\"event_type\": \"e\", \"outcome\": \"success\", "
					  "\"previous_hash\": \"\", \"resource\": null, "
					  "\"timestamp\": \"2026-01-02T03:04:05\"}"),
		  "%.*s", STR_ARG(buf_view(&text)));
}

Test(foreign, an_entry_hashes_isoformat_however_its_time_was_written)
{
	static const char *const spelt[] = {
		"{" NEEDED ",\"timestamp\":\"2026-01-02T03:04:05.100000+00:00\"}",
		"{" NEEDED ",\"timestamp\":\"2026-01-02T03:04:05.100000Z\"}",
		"{" NEEDED ",\"timestamp\":\"2026-01-02 03:04:05.100000+00:00\"}",
	};

	for (size_t i = 0; i < 3; i++) {
		struct value v = read_c(spelt[i]);

		buf_clear(&text);
		foreign_text(&text, FOREIGN_ENTRY, &v);
		cr_expect(str_has(buf_view(&text), STR("\"2026-01-02T03:04:05.100000+00:00\"")),
			  "%s", spelt[i]);
	}
}

Test(foreign, a_line_hashes_its_time_as_it_stands)
{
	struct value v = read_c("{" NEEDED ",\"timestamp\":\"2026-01-02T03:04:05Z\"}");

	foreign_text(&text, FOREIGN_LINE, &v);
	cr_expect(str_has(buf_view(&text), STR("\"2026-01-02T03:04:05Z\"")));
}

Test(foreign, a_time_that_is_none_is_hashed_as_it_stands)
{
	static const char *const odd[] = { "", "Z", "2026-01-02Z",
					   "2026-01-02T03:04:05.678901234567890123456789+00:00Z" };

	for (size_t i = 0; i < 4; i++) {
		char json[256];
		struct value v;

		(void)snprintf(json, sizeof(json), "{" NEEDED ",\"timestamp\":\"%s\"}", odd[i]);
		v = read_c(json);
		buf_clear(&text);
		foreign_text(&text, FOREIGN_ENTRY, &v);
		(void)snprintf(json, sizeof(json), "\"timestamp\": \"%s\"}", odd[i]);
		cr_expect(str_ends(buf_view(&text), str_view(json)), "%.*s",
			  STR_ARG(buf_view(&text)));
	}
}

/* --- shape --- */

static void expect_shape(enum foreign_kind kind, const char *json, enum err expected,
			 const char *word)
{
	struct value v = read_c(json);
	struct note n = { .line = 0 };
	enum err e = foreign_check(kind, &v, &n);

	cr_expect_eq(e, expected, "%s: %s", json, err_name(e));
	cr_expect(expected == OK || strstr(n.text, word), "%s: '%s'", json, n.text);
	cr_expect(expected == OK || n.line == 1);
}

Test(foreign, members_of_the_wrong_type_are_refused_by_name)
{
	const char *time = "2026-01-02T03:04:05+00:00";
	char json[256];

	(void)snprintf(json, sizeof(json), "{" NEEDED ",\"timestamp\":\"%s\",\"data\":[]}", time);
	expect_shape(FOREIGN_ENTRY, json, ERR_TYPE, "'data'");
	(void)snprintf(json, sizeof(json), "{" NEEDED ",\"timestamp\":\"%s\",\"resource\":7}",
		       time);
	expect_shape(FOREIGN_ENTRY, json, ERR_TYPE, "'resource'");
	(void)snprintf(json, sizeof(json), "{" NEEDED ",\"timestamp\":\"%s\",\"outcome\":null}",
		       time);
	expect_shape(FOREIGN_LINE, json, ERR_TYPE, "'outcome'");
	(void)snprintf(json, sizeof(json), "{" NEEDED ",\"timestamp\":\"%s\",\"issued_at\":7}",
		       time);
	expect_shape(FOREIGN_ENTRY, json, ERR_TYPE, "'issued_at'");
	expect_shape(FOREIGN_LINE, json, OK, NULL);
	expect_shape(FOREIGN_ENTRY, "{" NEEDED "}", ERR_SYNTAX, "'timestamp'");
	expect_shape(FOREIGN_ENTRY, "[]", ERR_TYPE, "list");
}

/* --- chains --- */

Test(foreign, every_edit_of_a_hashed_member_is_a_fault)
{
	static const char *const edits[][2] = {
		{ "read_2", "read_3" },		{ "did:web:a2", "did:web:a1" },
		{ "\"n\": 2", "\"n\": 3" },	{ "100.0", "100" },
		{ "audit_0002", "audit_0003" }, { "tool_", "tooL_" },
		{ "success", "Success" },	{ "null", "\"\"" },
		{ ":02.5", ":03.5" },
	};
	const char *previous;

	agt_entries(&log_, 3);
	previous = log_.hash[1];
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct value v =
			read_value(agt_edit(&log_, log_.text[2], edits[i][0], edits[i][1]));

		cr_expect_eq(faults_of(FOREIGN_ENTRY, &v, previous), FOREIGN_HASH, "%s",
			     edits[i][1]);
	}
}

Test(foreign, members_outside_the_hash_change_unseen)
{
	struct value v;

	agt_entries(&log_, 1);
	v = read_value(agt_edit(&log_, log_.text[0], "\"policy_decision\": \"deny\"",
				"\"policy_decision\": \"allow\""));
	cr_expect_eq(faults_of(FOREIGN_ENTRY, &v, ""), 0);
	v = read_value(agt_edit(&log_, log_.text[0], "\"environment\": \"prod\"",
				"\"environment\": \"test\""));
	cr_expect_eq(faults_of(FOREIGN_ENTRY, &v, ""), 0);
}

Test(foreign, a_hash_in_upper_case_is_another_hash)
{
	struct value v;
	char upper[AGT_HEX];

	agt_entries(&log_, 1);
	for (size_t i = 0; i < AGT_HEX; i++)
		upper[i] = log_.hash[0][i] >= 'a' ? (char)(log_.hash[0][i] - 32) : log_.hash[0][i];
	v = read_value(agt_edit(&log_, log_.text[0], log_.hash[0], upper));
	cr_expect_eq(faults_of(FOREIGN_ENTRY, &v, ""), FOREIGN_HASH);
}

Test(foreign, signatures_count_only_with_a_key)
{
	const struct str wrong = STR("another key");
	struct value v;
	unsigned faults;

	agt_lines(&log_, 1);
	v = read_value(log_.text[0]);
	cr_assert_eq(foreign_faults(FOREIGN_LINE, &v, STR(""), &wrong, &text, &faults), OK);
	cr_expect_eq(faults, FOREIGN_UNSIGNED);
	cr_assert_eq(foreign_faults(FOREIGN_LINE, &v, STR(""), NULL, &text, &faults), OK);
	cr_expect_eq(faults, 0);
	v = read_c("{" NEEDED ",\"timestamp\":\"2026-01-02T03:04:05\"}");
	cr_expect_eq(faults_of(FOREIGN_LINE, &v, ""), FOREIGN_HASH | FOREIGN_UNSIGNED);
}

Test(foreign, agt_stops_at_the_first_fault_of_an_audit_log)
{
	struct value_list all, part;

	agt_entries(&log_, 6);
	all = read_log();
	expect_words(FOREIGN_ENTRY, all, "");
	expect_words(FOREIGN_ENTRY, (struct value_list){ all.items, 3 }, "");
	part = (struct value_list){ all.items + 1, 5 };
	expect_words(FOREIGN_ENTRY, part, "Entry 0 chain broken");
	all.items[3] = read_value(agt_edit(&log_, log_.text[3], "read_3", "read_9"));
	all.items[4] = all.items[5];
	expect_words(FOREIGN_ENTRY, all, "Entry 3 hash mismatch");
}

Test(foreign, agt_lists_all_faults_of_a_file)
{
	struct value_list all;
	char expected[1024];

	agt_lines(&log_, 4);
	all = read_log();
	expect_words(FOREIGN_LINE, all, "");
	all.items[0] = read_value(agt_edit(&log_, log_.text[0], "read_0", "read_9"));
	all.items[2] = all.items[3];
	all.count = 3;
	(void)snprintf(expected, sizeof(expected),
		       "Entry 0 (audit_0000): content hash mismatch; "
		       "Entry 0 (audit_0000): HMAC signature invalid; Entry 2 (audit_0003): chain "
		       "break \xe2\x80\x94 "
		       "expected previous_hash='%s', got '%s'",
		       log_.hash[1], log_.hash[2]);
	expect_words(FOREIGN_LINE, all, expected);
}

/* --- the tree --- */

Test(foreign, both_roots_are_those_of_the_naive_trees)
{
	struct foreign_tree tree = { .size = 0 };
	struct digest d, got;
	char root[AGT_HEX];

	agt_entries(&log_, 70);
	cr_expect_not(foreign_tree_root(&tree, FOREIGN_GROWN, &got));
	for (unsigned n = 1; n <= log_.count; n++) {
		cr_assert_eq(hex_read(str_view(log_.hash[n - 1]), d.bytes, DIGEST_BYTES), OK);
		foreign_tree_add(&tree, &d);
		for (int padding = FOREIGN_GROWN; padding <= FOREIGN_REBUILT; padding++) {
			agt_root(&log_, n, padding == FOREIGN_REBUILT, root);
			cr_assert(foreign_tree_root(&tree, (enum foreign_padding)padding, &got));
			cr_assert_eq(hex_read(str_view(root), d.bytes, DIGEST_BYTES), OK);
			cr_expect(digest_eq(&d, &got), "size %u, padding %d", n, padding);
		}
	}
}

Test(foreign, a_proof_holds_for_its_index_and_size_alone)
{
	char root[AGT_HEX];

	agt_entries(&log_, 13);
	agt_root(&log_, 13, false, root);
	for (unsigned i = 0; i < 13; i++) {
		struct value proof = read_value(agt_proof(&log_, i));
		struct str leaf = str_view(log_.hash[i]);

		cr_expect(foreign_agt_proof(leaf, &proof, str_view(root)));
		for (unsigned j = 0; j < 13; j++)
			cr_expect_eq(foreign_proof_check(leaf, &proof, str_view(root), j, 13),
				     i == j ? OK : ERR_PROOF, "%u as %u", i, j);
		cr_expect_eq(foreign_proof_check(leaf, &proof, str_view(root), i, 17), ERR_PROOF);
		cr_expect_eq(foreign_proof_check(leaf, &proof, str_view(root), i, i), ERR_RANGE);
	}
}

Test(foreign, a_proof_from_a_longer_log_is_no_proof_of_a_shorter_one)
{
	struct value proof;
	char root[AGT_HEX];

	agt_entries(&log_, 6);
	agt_root(&log_, 6, false, root);
	proof = read_value(agt_proof(&log_, 4));
	cr_expect_eq(foreign_proof_check(str_view(log_.hash[4]), &proof, str_view(root), 4, 6), OK);
	cr_expect_eq(foreign_proof_check(str_view(log_.hash[4]), &proof, str_view(root), 4, 5),
		     ERR_PROOF);
}

Test(foreign, forgeries_that_agt_accepts_are_no_proofs)
{
	struct value proof, none = read_c("[]");
	char root[AGT_HEX],
		zero[AGT_HEX] = "0000000000000000000000000000000000000000000000000000000000000000";

	agt_entries(&log_, 7);
	agt_root(&log_, 7, false, root);
	cr_expect(foreign_agt_proof(str_view(root), &none, str_view(root)));
	cr_expect_eq(foreign_proof_check(str_view(root), &none, str_view(root), 0, 7), ERR_PROOF);
	proof = read_value(agt_edit(&log_, agt_proof(&log_, 6), "\"left\"", "\"up\""));
	cr_expect(foreign_agt_proof(str_view(log_.hash[6]), &proof, str_view(root)));
	cr_expect_eq(foreign_proof_check(str_view(log_.hash[6]), &proof, str_view(root), 6, 7),
		     ERR_PROOF);
	proof = read_value(agt_proof(&log_, 7));
	cr_expect(foreign_agt_proof(str_view(zero), &proof, str_view(root)));
	for (unsigned i = 0; i < 7; i++)
		cr_expect_eq(foreign_proof_check(str_view(zero), &proof, str_view(root), i, 7),
			     ERR_PROOF);
}

Test(foreign, what_is_not_a_proof_at_all_is_none)
{
	static const char *const odd[] = { "{}",
					   "[1]",
					   "[[]]",
					   "[[\"a\"]]",
					   "[[\"a\",\"left\",1]]",
					   "[[1,\"left\"]]",
					   "[[\"zz\",\"right\"]]",
					   "null" };

	agt_entries(&log_, 2);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct value proof = read_c(odd[i]);

		cr_expect_not(foreign_agt_proof(str_view(log_.hash[0]), &proof,
						str_view(log_.hash[1])),
			      "%s", odd[i]);
		cr_expect_eq(foreign_proof_check(str_view(log_.hash[0]), &proof,
						 str_view(log_.hash[1]), 0, 2),
			     ERR_PROOF, "%s", odd[i]);
	}
}

/* --- times and queries --- */

Test(foreign, a_time_without_a_zone_is_utc_and_said_to_be_naive)
{
	int64_t zoned, ns;
	bool naive;

	cr_assert_eq(foreign_when(STR("2026-01-02T03:04:05.500000+00:00"), &zoned, &naive), OK);
	cr_expect_not(naive);
	cr_assert_eq(foreign_when(STR("2026-01-02T03:04:05.500000"), &ns, &naive), OK);
	cr_expect(naive && ns == zoned);
	cr_assert_eq(foreign_when(STR("2026-01-02 05:04:05.5+02:00"), &ns, &naive), OK);
	cr_expect(!naive && ns == zoned);
	cr_expect_eq(foreign_when(STR("yesterday"), &ns, &naive), ERR_SYNTAX);
	cr_expect_eq(foreign_when(STR("2026-13-02T03:04:05"), &ns, &naive), ERR_RANGE);
	cr_expect_eq(foreign_when(STR(""), &ns, &naive), ERR_SYNTAX);
}

static void expect_query(const struct foreign_filter *f, const char *expected)
{
	struct value_list all = read_log();
	uint32_t indexes[AGT_MAX];
	char got[512] = "";
	size_t count = 99, len = 0;

	cr_assert_eq(foreign_agt_query(all, f, indexes, &count), OK);
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%u", i ? " " : "",
					indexes[i]);
	cr_expect_str_eq(got, expected);
}

Test(foreign, a_query_answers_as_agt_does)
{
	agt_entries(&log_, 9);
	expect_query(&(struct foreign_filter){ .limit = 100 }, "0 1 2 3 4 5 6 7 8");
	expect_query(&(struct foreign_filter){ .limit = 2 }, "7 8");
	expect_query(&(struct foreign_filter){ .limit = 0 }, "0 1 2 3 4 5 6 7 8");
	expect_query(&(struct foreign_filter){ .limit = -5 }, "5 6 7 8");
	expect_query(&(struct foreign_filter){ .limit = -50 }, "");
	expect_query(&(struct foreign_filter){ .limit = INT64_MIN }, "");
	expect_query(&(struct foreign_filter){ .agent_did = STR("did:web:a1.example"), .limit = 2 },
		     "4 7");
	expect_query(&(struct foreign_filter){ .outcome = STR("denied"), .limit = 9 }, "0 4 8");
	expect_query(&(struct foreign_filter){ .event_type = STR("nope"), .limit = 9 }, "");
	expect_query(&(struct foreign_filter){ .start_time =
						       STR("2026-01-02T03:00:02.500000+00:00"),
					       .end_time = STR("2026-01-02T03:00:04.500000+00:00"),
					       .limit = 9 },
		     "2 3 4");
}

Test(foreign, a_time_with_a_zone_does_not_compare_to_one_without)
{
	struct foreign_filter f = { .start_time = STR("2026-01-02T03:00:02"), .limit = 1 };
	uint32_t indexes[AGT_MAX];
	size_t count = 99;

	agt_entries(&log_, 2);
	cr_expect_eq(foreign_agt_query(read_log(), &f, indexes, &count), ERR_TYPE);
	f.agent_did = STR("nobody");
	cr_expect_eq(foreign_agt_query(read_log(), &f, indexes, &count), OK);
	cr_expect_eq(count, 0);
}

Test(foreign, every_allocation_may_fail)
{
	struct value_list all;
	struct buf says;
	enum err e;

	agt_lines(&log_, 3);
	all = read_log();
	all.items[2] = all.items[1];
	for (uint64_t n = 1;; n++) {
		buf_init(&says, 1u << 16);
		fail_alloc_at(n);
		e = foreign_agt_verify(FOREIGN_LINE, all, NULL, &says);
		buf_fini(&says);
		if (!fail_alloc_was_hit())
			break;
		cr_expect_eq(e, ERR_MEMORY, "allocation %llu", (unsigned long long)n);
	}
	cr_expect_eq(e, OK);
}
