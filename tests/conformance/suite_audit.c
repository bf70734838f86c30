/*
 * suite_audit: the reference toolkit's audit formats beside what was recorded by running it.
 *
 *   audit/entry_hash.json      the text under the hash of an AuditEntry
 *   audit/chain.json           hashes of a chain, and verify_chain after each kind of tampering
 *   audit/merkle_agt.json      both roots, and proofs (level_widths is how AGT keeps its arrays)
 *   audit/verify_proof.json    proofs, forged ones too
 *   audit/file_sink.json       lines of FileAuditSink, and HashChainVerifier on files
 *   audit/query_export.json    AuditLog.query, and what an export holds
 *   the others                 by answer_foreign.h
 *
 * Two questions are asked of each case where they differ: does our `agt` profile say what the
 * toolkit said, and does our own answer say what is so? Names in the table of differences are cases
 * in which both part. A case that is answered otherwise, or about something that is not here, is
 * called "FILE: CASE" and has its reason in docs/conformance.md.
 */
#include <stdio.h>

#include "engine/audit/foreign.h"
#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/conformance/answer_foreign.h"
#include "tests/conformance/excused.h"

#define ENTRIES_MAX 64
#define HEX_BYTES 64
#define SINK_KEY "trammel-test-key"
#define LOG_OF_PROOFS 8 /* entries of the log that verify_proof.json is about */

/* Accepted by the toolkit, refused by us. */
static const char *const differences[] = {
	"empty-proof",                        /* the root, shown as an entry */
	"interior-node",                      /* a node, shown as an entry by a shorter proof */
	"padding-leaf", "padding-slot",       /* 64 zeros, shown as an entry */
	"unknown-position",                   /* "up" taken for "left" */
	"concat-shift",                       /* a byte moved from one hash to the next */
	"verify-duplicate-key",               /* a member twice: the last one counts there */
	"data-nan",                           /* not JSON */
	NULL
};

/* Undetected by verify_chain, detected by comparing the root that an export names. */
static const char *const stale_roots[] = { "delete-last", "delete-all", "rewrite-suffix", NULL };

struct fixture {
	struct suite *suite;
	struct excused *excused;
	struct str file;                      /* its stem */
	struct arena *arena;
	struct buf text;
	char name[96];                        /* of the case */
	const struct value *given, *expect;
};

/* A chain as chain.json describes it. */
struct log_of_agt {
	struct value items[ENTRIES_MAX];
	size_t count;
};

static bool starts_with_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (str_starts(str_view(name), str_view(*list)))
			return true;
	return false;
}

static void check(struct fixture *f, bool ok, const char *what)
{
	suite_check(f->suite, ok, f->name, "%s", what);
}

static void check_text(struct fixture *f, struct str got, struct str expected)
{
	suite_check(f->suite, str_eq(got, expected), f->name, "we say '%.*s', expected '%.*s'",
		    STR_ARG(got), STR_ARG(expected));
}

static void check_hex(struct fixture *f, const struct digest *d, const struct value *expected)
{
	struct digest wanted;

	check(f, expected && expected->kind == VALUE_STRING &&
	      hex_read(expected->string, wanted.bytes, DIGEST_BYTES) == OK && digest_eq(d, &wanted),
	      "the hash is another one");
}

/* The table of docs/conformance.md says why, unless we answer as was recorded. */
static void excuse(struct fixture *f, bool same)
{
	char name[192];

	(void)snprintf(name, sizeof(name), "%.*s: %s", STR_ARG(f->file), f->name);
	excused_answer(f->excused, f->suite, name, same);
}

static struct value text_value(struct fixture *f, struct str s)
{
	struct str copy;

	MUST(arena_copy(f->arena, s, &copy) == OK);
	return value_string(copy);
}

static bool flag(const struct value *v, const char *key)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_BOOL && m->boolean;
}

static int64_t number(const struct value *v, const char *key, int64_t absent)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_INT ? m->integer : absent;
}

/* --- making chains --- */

static struct member *member_of(struct value *v, const char *key)
{
	for (size_t i = 0; i < v->object.count; i++)
		if (str_is(v->object.members[i].key, key))
			return &v->object.members[i];
	return NULL;
}

static void set(struct fixture *f, struct value *entry, const char *key, struct str text)
{
	struct member *m = member_of(entry, key);

	MUST(m != NULL);
	m->value = text_value(f, text);
}

static struct digest hash_of(struct fixture *f, enum foreign_kind kind, const struct value *v)
{
	buf_clear(&f->text);
	foreign_text(&f->text, kind, v);
	return sha256(buf_view(&f->text));
}

/* Give an entry the hash of its text, as add_entry does. */
static void seal(struct fixture *f, struct value *entry, struct str previous)
{
	struct digest d;
	struct buf hex;

	set(f, entry, "previous_hash", previous);
	d = hash_of(f, FOREIGN_ENTRY, entry);
	buf_init(&hex, HEX_BYTES);
	buf_add_hex(&hex, d.bytes, DIGEST_BYTES);
	set(f, entry, "entry_hash", buf_view(&hex));
	buf_fini(&hex);
}

static void make_entry(struct fixture *f, unsigned i, struct value *ret)
{
	char json[1024];
	int len = snprintf(
		json, sizeof(json),
		"{\"entry_id\":\"audit_%016x\",\"timestamp\":"
		"\"2026-01-02T03:04:%02u.678901+00:00\",\"event_type\":\"tool_invocation\","
		"\"agent_did\":\"did:web:a%u.example\",\"action\":\"%s\",\"resource\":\"/r/%u\","
		"\"data\":{\"i\":%u},\"outcome\":\"%s\",\"previous_hash\":\"\",\"entry_hash\":\"\","
		"\"matched_rule\":null,\"policy_decision\":null,\"session_id\":null}",
		i, 5 + i % 55, i % 3, i % 4 ? "allow" : "deny", i, i, i % 4 ? "success" : "denied");
	struct str text;

	MUST(len > 0 && len < (int)sizeof(json) && i < 55);
	MUST(arena_copy(f->arena, str_slice(json, (size_t)len), &text) == OK);
	MUST(json_read(text, 1, f->arena, ret, NULL) == OK);
}

static void make_log(struct fixture *f, size_t count, struct log_of_agt *ret)
{
	MUST(count < ENTRIES_MAX);
	ret->count = count;
	for (size_t i = 0; i < count; i++) {
		make_entry(f, (unsigned)i, &ret->items[i]);
		seal(f, &ret->items[i], i ? value_text(&ret->items[i - 1], "entry_hash") : STR(""));
	}
}

static bool root_of(const struct log_of_agt *l, enum foreign_padding padding, struct digest *ret)
{
	struct foreign_tree tree = { .size = 0 };
	struct digest leaf;

	for (size_t i = 0; i < l->count; i++) {
		MUST(hex_read(value_text(&l->items[i], "entry_hash"), leaf.bytes, DIGEST_BYTES) ==
		     OK);
		foreign_tree_add(&tree, &leaf);
	}
	return foreign_tree_root(&tree, padding, ret);
}

/* --- entry_hash.json --- */

static void check_entry_hash(struct fixture *f)
{
	struct str canonical = value_text(f->expect, "canonical");
	struct digest d;
	struct value v;

	if (starts_with_one_of(f->name, differences)) {
		check(f, json_read(canonical, 1, f->arena, &v, NULL) == ERR_SYNTAX,
		      "it is read as JSON");
		return;
	}
	check(f, foreign_check(FOREIGN_ENTRY, f->given, NULL) == OK,
	      "it is not taken for an AuditEntry");
	d = hash_of(f, FOREIGN_ENTRY, f->given);
	if (canonical.ptr)
		check_text(f, buf_view(&f->text), canonical);
	check_hex(f, &d, value_get_c(f->expect, "sha256"));
}

/* --- chain.json --- */

static void rewrite_suffix(struct fixture *f, struct log_of_agt *l)
{
	set(f, &l->items[2], "outcome", STR("rewritten"));
	for (size_t i = 2; i < l->count; i++)
		seal(f, &l->items[i], value_text(&l->items[i - 1], "entry_hash"));
}

static void upper_hash(struct fixture *f, struct value *entry)
{
	struct str hash = value_text(entry, "entry_hash");
	char upper[HEX_BYTES];

	for (size_t i = 0; i < HEX_BYTES; i++)
		upper[i] = hash.ptr[i] >= 'a' ? (char)(hash.ptr[i] - 32) : hash.ptr[i];
	set(f, entry, "entry_hash", str_slice(upper, HEX_BYTES));
}

static void drop(struct log_of_agt *l, size_t at)
{
	memmove(&l->items[at], &l->items[at + 1], (l->count - at - 1) * sizeof(l->items[0]));
	l->count--;
}

/* False for a word that is not known here. */
static bool tamper(struct fixture *f, struct str how, struct log_of_agt *l)
{
	struct value kept = l->items[2];

	if (str_is(how, "modify-outcome")) {
		set(f, &l->items[2], "outcome", STR("other"));
	} else if (str_is(how, "modify-data")) {
		member_of(&l->items[2], "data")->value.object.count = 0;
	} else if (str_starts(how, STR("modify-uncovered-"))) {
		char key[64];

		MUST(str_to_c(str_slice(how.ptr + 17, how.len - 17), key, sizeof(key)) == OK);
		set(f, &l->items[2], key, STR("other"));
	} else if (str_is(how, "delete-middle")) {
		drop(l, 2);
	} else if (str_is(how, "delete-first")) {
		drop(l, 0);
	} else if (str_is(how, "delete-last")) {
		l->count--;
	} else if (str_is(how, "delete-all")) {
		l->count = 0;
	} else if (str_is(how, "swap")) {
		l->items[2] = l->items[3];
		l->items[3] = kept;
	} else if (str_is(how, "duplicate-last")) {
		l->items[l->count] = l->items[l->count - 1];
		l->count++;
	} else if (str_is(how, "stored-hash-upper")) {
		upper_hash(f, &l->items[2]);
	} else if (str_is(how, "rewrite-suffix-and-rehash")) {
		rewrite_suffix(f, l);
	} else {
		return false;
	}
	return true;
}

static void check_verdict(struct fixture *f, struct log_of_agt *l)
{
	const struct value *verify = value_get_c(f->expect, "verify");
	struct value_list all = { l->items, l->count };
	struct str expected;
	struct buf says;

	if (!verify || verify->kind != VALUE_LIST || verify->list.count != 2) {
		check(f, false, "has no verdict");
		return;
	}
	expected = verify->list.items[0].boolean ? STR("") : verify->list.items[1].string;
	buf_init(&says, 4096);
	check(f, foreign_agt_verify(FOREIGN_ENTRY, all, NULL, &says) == OK,
	      "it cannot be verified");
	check_text(f, buf_view(&says), expected);
	buf_fini(&says);
}

static void check_hashes(struct fixture *f, const struct log_of_agt *l)
{
	const struct value *hashes = value_get_c(f->expect, "entry_hashes"),
			   *root = value_get_c(f->expect, "root");
	struct digest d;

	if (!hashes || hashes->kind != VALUE_LIST || hashes->list.count != l->count || !root) {
		check(f, false, "has not a hash for each entry");
		return;
	}
	for (size_t i = 0; i < l->count; i++)
		check_text(f, value_text(&l->items[i], "entry_hash"), hashes->list.items[i].string);
	if (root_of(l, FOREIGN_GROWN, &d))
		check_hex(f, &d, root);
	else
		check(f, root->kind == VALUE_NULL, "we have no root");
}

static void check_chain(struct fixture *f)
{
	struct str how = value_text(f->given, "tamper"),
		   previous = value_text(f->given, "previous_hash");
	struct digest before, after;
	struct log_of_agt l;

	make_log(f, previous.ptr ? 1 : (size_t)number(f->given, "n", 0), &l);
	(void)root_of(&l, FOREIGN_GROWN, &before);
	if (previous.ptr)
		seal(f, &l.items[0], previous);
	if (how.ptr && !tamper(f, how, &l)) {
		excuse(f, false);
		return;
	}
	check_verdict(f, &l);
	if (!how.ptr && !previous.ptr)
		check_hashes(f, &l);
	if (starts_with_one_of(f->name, stale_roots))
		check(f, !root_of(&l, FOREIGN_GROWN, &after) || !digest_eq(&before, &after),
		      "our own check of the root does not notice");
}

/* --- merkle_agt.json --- */

static void check_proofs(struct fixture *f, const struct log_of_agt *l, struct str root)
{
	const struct value *proofs = value_get_c(f->expect, "proofs"),
			   *verified = value_get_c(f->expect, "verified");

	for (size_t i = 0; proofs && i < proofs->object.count; i++) {
		const struct member *proof = &proofs->object.members[i];
		const struct value *yes = value_get(verified, proof->key);
		struct str leaf;
		uint64_t index;

		if (str_to_u64(proof->key, &index) != OK || index >= l->count || !yes) {
			check(f, false, "has a proof of no entry");
			continue;
		}
		leaf = value_text(&l->items[index], "entry_hash");
		check(f, foreign_agt_proof(leaf, &proof->value, root) == yes->boolean,
		      "AGT's answer is another one");
		check(f, foreign_proof_check(leaf, &proof->value, root, index, l->count) == OK,
		      "a good proof does not hold");
	}
}

static void check_tree(struct fixture *f)
{
	struct digest grown, rebuilt;
	struct log_of_agt l;

	make_log(f, (size_t)number(f->given, "n", 0), &l);
	if (!root_of(&l, FOREIGN_GROWN, &grown) || !root_of(&l, FOREIGN_REBUILT, &rebuilt)) {
		check(f, false, "has no root");
		return;
	}
	check_hex(f, &grown, value_get_c(f->expect, "root_incremental"));
	check_hex(f, &rebuilt, value_get_c(f->expect, "root_rebuilt"));
	check(f, digest_eq(&grown, &rebuilt) == flag(f->expect, "agree"),
	      "the roots do not agree as they should");
	check_proofs(f, &l, value_text(f->expect, "root_incremental"));
}

/* --- verify_proof.json --- */

/* Our own answer: is it a proof of any entry of the log? */
static bool proves_an_entry(struct fixture *f, const struct value *proof, uint64_t size)
{
	struct str leaf = value_text(f->given, "entry_hash"), root = value_text(f->given, "root");

	for (uint64_t i = 0; i < size; i++)
		if (foreign_proof_check(leaf, proof, root, i, size) == OK)
			return true;
	return false;
}

static void check_proof(struct fixture *f)
{
	const struct value *proof = value_get_c(f->given, "proof"),
			   *alone = value_get_c(f->expect, "chain_proof");
	bool verified = flag(f->expect, "verified");
	struct log_of_agt l;

	if (alone) {
		struct str leaf;

		make_log(f, 1, &l);
		leaf = value_text(&l.items[0], "entry_hash");
		check(f, foreign_proof_check(leaf, alone, leaf, 0, 1) == OK,
		      "a log of one entry has an empty proof");
		return;
	}
	if (!proof) {
		excuse(f, false);
		return;
	}
	check(f,
	      foreign_agt_proof(value_text(f->given, "entry_hash"), proof,
				value_text(f->given, "root")) == verified,
	      "AGT's answer is another one");
	check(f,
	      proves_an_entry(f, proof,
			      str_starts(str_view(f->name), STR("padding-slot")) ? 7
										 : LOG_OF_PROOFS) ==
		      (verified && !starts_with_one_of(f->name, differences)),
	      "our own answer is wrong");
}

/* --- file_sink.json --- */

static void check_line(struct fixture *f)
{
	struct str line = value_text(f->expect, "line"), key = STR(SINK_KEY);
	unsigned faults = 99;
	struct digest d;
	struct value v;

	if (json_read(line, 1, f->arena, &v, NULL) != OK ||
	    foreign_check(FOREIGN_LINE, &v, NULL) != OK) {
		check(f, false, "its line is not one of FileAuditSink");
		return;
	}
	d = hash_of(f, FOREIGN_LINE, &v);
	check_text(f, buf_view(&f->text), value_text(f->expect, "canonical"));
	check_hex(f, &d, value_get_c(f->expect, "content_hash"));
	check(f,
	      foreign_faults(FOREIGN_LINE, &v, value_text(&v, "previous_hash"), &key, &f->text,
			     &faults) == OK &&
		      faults == 0,
	      "its line has a fault");
	buf_clear(&f->text);
	canon_python(&f->text, &v);
	check_text(f, buf_view(&f->text), line);
}

/* What AGT says of a whole file. A line that is not JSON ends it. */
static void read_file(struct fixture *f, const struct value *lines, struct buf *says)
{
	struct value_list all = { arena_array(f->arena, lines->list.count, sizeof(struct value)),
				  0 };
	struct str key = value_text(f->given, "key");

	for (size_t i = 0; i < lines->list.count; i++) {
		struct str line = str_trim(lines->list.items[i].string);

		if (line.len == 0)
			continue;
		if (json_read(line, 1, f->arena, &all.items[all.count++], NULL) != OK) {
			buf_addf(says, "Line %zu: parse error", i + 1);
			return;
		}
	}
	check(f, foreign_agt_verify(FOREIGN_LINE, all, &key, says) == OK, "it cannot be verified");
}

static void check_file(struct fixture *f, const struct value *lines)
{
	const struct value *errors = value_get_c(f->expect, "errors");
	struct buf says, expected;

	buf_init(&says, 1u << 16);
	buf_init(&expected, 1u << 16);
	for (size_t i = 0; errors && i < errors->list.count; i++) {
		buf_add_c(&expected, i ? "; " : "");
		buf_add(&expected, errors->list.items[i].string);
	}
	read_file(f, lines, &says);
	check(f, flag(f->expect, "valid") == (expected.len == 0), "contradicts itself");
	if (starts_with_one_of(f->name, differences))
		check(f, str_is(buf_view(&says), "Line 2: parse error"),
		      "a member twice is accepted");
	else
		check_text(f, buf_view(&says), buf_view(&expected));
	buf_fini(&says);
	buf_fini(&expected);
}

static void check_sink(struct fixture *f)
{
	const struct value *lines = value_get_c(f->given, "lines");

	if (value_text(f->expect, "line").ptr)
		check_line(f);
	else if (lines && lines->kind == VALUE_LIST)
		check_file(f, lines);
	else
		excuse(f, false);
}

/* --- query_export.json --- */

/* get_entries_for_agent and get_entries_by_type are a query when no id comes twice, as here. */
static void check_query(struct fixture *f, struct log_of_agt *l)
{
	const struct value *indices = value_get_c(f->expect, "indices");
	struct value_list all = { l->items, l->count };
	struct foreign_filter filter = {
		.agent_did = value_text(f->given, "agent_did"),
		.event_type = value_text(f->given, "event_type"),
		.outcome = value_text(f->given, "outcome"),
		.start_time = value_text(f->given, "start_time"),
		.end_time = value_text(f->given, "end_time"),
		.limit = number(f->given, "limit", 100),
	};
	uint32_t found[ENTRIES_MAX];
	size_t count = 0;
	enum err e = foreign_agt_query(all, &filter, found, &count);
	bool same;

	if (indices->kind == VALUE_STRING) {
		check(f, e == ERR_TYPE, "times that do not compare are compared");
		return;
	}
	same = e == OK && count == indices->list.count;
	for (size_t i = 0; same && i < count; i++)
		same = indices->list.items[i].integer == found[i];
	check(f, same, "other entries are found");
}

static void check_export(struct fixture *f, struct log_of_agt *l)
{
	struct value_list all = { l->items, l->count };
	struct foreign_filter filter = { .start_time = value_text(&l->items[28], "timestamp"),
					 .limit = 10000 };
	uint32_t found[ENTRIES_MAX];
	struct digest root;
	size_t count = 0;

	check(f, foreign_agt_query(all, &filter, found, &count) == OK &&
	      (int64_t)count == number(f->expect, "entry_count", -1), "another number of entries");
	(void)root_of(l, FOREIGN_GROWN, &root);
	check_hex(f, &root, value_get_c(f->expect, "merkle_root"));
}

static void check_query_export(struct fixture *f)
{
	struct log_of_agt l;

	make_log(f, 30, &l);
	if (value_get_c(f->expect, "indices"))
		check_query(f, &l);
	else if (value_get_c(f->expect, "merkle_root"))
		check_export(f, &l);
	else
		excuse(f, false);
}

/* --- files --- */

/* For visit, which is handed nothing. */
static struct excused excused;

/* What the other logs of the toolkit say, or what is not here. */
static void check_foreign(struct fixture *f)
{
	excuse(f, answer_foreign(f->file, str_view(f->name), f->given, f->expect, f->arena));
}

static const struct file {
	const char *kind;
	void (*check)(struct fixture *f);
} files[] = {
	{ "entry_hash", check_entry_hash },
	{ "chain", check_chain },
	{ "merkle_agt", check_tree },
	{ "verify_proof", check_proof },
	{ "file_sink", check_sink },
	{ "query_export", check_query_export },
	{ "sdk_entry_hash", check_foreign },
	{ "flight_recorder", check_foreign },
	{ "delta", check_foreign },
	{ "governance_event", check_foreign },
	{ "cloudevents", check_foreign },
	{ "compliance", check_foreign },
	{ "decision_bom", check_foreign },
	{ "event_processor", check_foreign },
	{ "verify_integrity", check_foreign },
};

static void check_cases(struct fixture *f, const struct value *cases, const struct file *file)
{
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *one = &cases->list.items[i];
		struct arena_mark mark = arena_mark(f->arena);

		(void)snprintf(f->name, sizeof(f->name), "%.*s", STR_ARG(value_text(one, "name")));
		f->given = value_get_c(one, "given");
		f->expect = value_get_c(one, "expect");
		file->check(f);
		arena_rewind(f->arena, mark);
	}
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &files[0].kind, sizeof(files[0]),
			      sizeof(files) / sizeof(files[0]));
	struct fixture f = { .suite = s, .arena = a, .excused = &excused };
	const struct value *cases;
	struct note n = { .line = 0 };
	struct value v;

	if (kind < 0) {
		suite_check(s, false, path, "is read by no suite");
		return;
	}
	if (json_read(text, 1, a, &v, &n) != OK) {
		suite_check(s, false, path, "%u:%u: %s", n.line, n.column, n.text);
		return;
	}
	cases = value_get_c(&v, "cases");
	if (!cases || cases->kind != VALUE_LIST) {
		suite_check(s, false, path, "has no cases");
		return;
	}
	f.file = str_view(files[kind].kind);
	buf_init(&f.text, 1u << 20);
	check_cases(&f, cases, &files[kind]);
	buf_fini(&f.text);
}

void suite_audit(struct suite *s)
{
	if (crypto_start() != OK) {
		suite_skip(s, "libsodium does not start");
		return;
	}
	excused_read(&excused, s, "<!-- audit -->");
	suite_each_file(s, "audit", visit);
	excused_end(&excused, s, "audit");
}
