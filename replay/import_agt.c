/*
 * import_agt: the reference toolkit's audit logs. docs/formats/import.md describes the mapping.
 *
 *   agt-audit      AuditLog.export(), one document; or AuditEntry after AuditEntry, as a list or as
 *                  JSONL (which is what StdoutAuditSink writes)
 *   agt-filesink   the JSONL of FileAuditSink
 *
 * Nothing of a broken chain is recorded. A source may be standard input, which cannot be read
 * twice, and has no bound: each entry is judged right before it passes, the chain's memory is its
 * last hash and O(log n) of its tree, and of an export also what stands around its entries
 * (json_hull.h), which is judged when they have passed. When a later one breaks the chain, or count
 * or root do not agree, the caller's space_abandon takes back what was recorded: the contract of
 * import_run.
 *
 * One foreign entry becomes two: the action, decided by our gate now, and its outcome, which
 * carries all that the source said beside it. The outcome's result is the very text under the
 * foreign hash, so whoever holds the workspace can check the foreign chain again.
 */
#include "replay/hearsay.h"

#define HEX_BYTES 64
#define ALONE "an export stands alone in its file; import each file by itself"

struct chain {
	enum foreign_kind kind;
	const struct str *key;                /* NULL: signatures are not checked */
	uint64_t count;
	bool inside;                          /* the first entry names one before it */
	struct str last;                      /* hash of the last entry, in `room` */
	char room[HEX_BYTES];
	struct foreign_tree tree;
	struct buf text;                      /* under the hash of the last entry */
};

/*
 * Where a member of the source goes: to a member of our entries that means the same; into the
 * action's attributes, which conditions see as action.*, when it was known before the agent acted;
 * or, all the rest, beside the outcome.
 */
#define CARRIED "action", "agent_did", "data", "outcome", "resource", "session_id", "trace_id"
#define ATTRIBUTES "approver_did", "compute_driver", "environment", "event_type", "sandbox_id",   \
		   "target_did"

static const char *const attributes[] = { ATTRIBUTES, NULL };
static const char *const placed[] = { CARRIED, ATTRIBUTES, NULL };

/* --- what these formats can never prove --- */

static const char *const entry_findings[] = {
	"that nothing was cut off its end (no size is signed)",
	"that it was not rewritten as a whole (its hashes need no key)",
	"policy_decision, matched_rule, policy_version, trace_id, session_id, target_did, "
	"approver_did, arguments_hash, issued_at, completed_at, sandbox_id, environment, "
	"compute_driver (they are outside the hash)",
	NULL
};
static const char *const line_findings[] = {
	"that nothing was cut off its end (no size is signed)",
	"who wrote it (whoever can check its HMAC can forge it)",
	"sandbox_id, environment, compute_driver (they are outside the hash)",
	"that this is the same chain as the AuditLog's (the sink drops entry_hash, "
	"arguments_hash, approver_did, policy_version, issued_at, completed_at)",
	"that no rotated file is missing (each file starts a chain of its own)",
	NULL
};
static const char no_key[] =
	"that it was not rewritten as a whole (without --key-file its signatures are not checked)";
static const char no_root[] = "its Merkle root (entries without their export name none)";
static const char starts_inside[] =
	"what came before its first entry (it begins inside a log, so a root it names is of more "
	"entries than these)";
static const char grown_root[] =
	"its merkle_root to who rebuilds the tree (the toolkit's grown and rebuilt trees differ "
	"here; this is the grown one)";
static const char rebuilt_root[] =
	"its merkle_root to who grows the tree (the toolkit's grown and rebuilt trees differ here; "
	"this is the rebuilt one)";
static void find_all(struct importing *im, const char *const *findings)
{
	for (; *findings; findings++)
		import_finding(im, *findings);
}

/* --- the chain --- */

static void chain_init(struct chain *c, struct importing *im, enum foreign_kind kind)
{
	*c = (struct chain){ .kind = kind, .last = STR("") };
	if (kind == FOREIGN_LINE && im->options->key.ptr)
		c->key = &im->options->key;
	/* The text escapes more than its source did, six bytes for one at worst. */
	buf_init(&c->text, (size_t)LIMIT_LINE_BYTES * 6 + 4096);
}

static void chain_fini(struct chain *c)
{
	buf_fini(&c->text);
}

static enum err broken(struct importing *im, const struct chain *c, const struct value *v,
		       unsigned faults)
{
	struct str id = value_text(v, "entry_id");
	enum err e = ERR_TAMPERED;
	const char *story;
	struct buf words;

	if (faults & FOREIGN_HASH) {
		story = "is not what it hashed to: it was changed after it was written";
	} else if (faults & FOREIGN_BROKEN) {
		story = "does not follow the one before it: entries were removed, added or moved";
	} else {
		story = "is not signed with this key (a key file counts byte for byte, a newline "
			"at its end too)";
		e = ERR_SIGNATURE;
	}
	buf_init(&words, LIMIT_NOTE_BYTES);
	foreign_agt_words(&words, c->kind, c->count, v, c->last, faults);
	e = note_set(im->note, e, v->line, v->column, "entry %llu (%.*s) %s (AGT says: %.*s)",
		     (unsigned long long)c->count, STR_ARG(id), story, STR_ARG(buf_view(&words)));
	buf_fini(&words);
	return e;
}

/* An AuditLog may be exported from its middle on; a file of FileAuditSink begins its chain. */
static bool may_start_inside(const struct chain *c, const struct value *v)
{
	struct digest ignored;

	return c->kind == FOREIGN_ENTRY && c->count == 0 &&
	       hex_read(value_text(v, "previous_hash"), ignored.bytes, sizeof(ignored.bytes)) == OK;
}

/* The other format has the other hash: say so before "tampered" is cried. */
static enum err check_format(struct importing *im, const struct chain *c, const struct value *v)
{
	const char *other =
		foreign_hash_name(c->kind == FOREIGN_ENTRY ? FOREIGN_LINE : FOREIGN_ENTRY);

	if (value_get_c(v, foreign_hash_name(c->kind)))
		return OK;
	if (!value_get_c(v, other))
		return note_set(im->note, ERR_SYNTAX, v->line, v->column,
				"'%s' is missing: this entry is in no chain",
				foreign_hash_name(c->kind));
	return note_set(im->note, ERR_SYNTAX, v->line, v->column,
			"found '%s' instead of '%s'; this is --format %s", other,
			foreign_hash_name(c->kind),
			import_format_name(c->kind == FOREIGN_ENTRY ? IMPORT_AGT_FILESINK
								    : IMPORT_AGT_AUDIT));
}

/* Judge the next entry. Its text under the hash is left in c->text. */
static enum err chain_add(struct importing *im, struct chain *c, const struct value *v)
{
	struct str previous = c->last, hash;
	struct digest leaf;
	unsigned faults;

	TRY(foreign_check(c->kind, v, im->note));
	TRY(check_format(im, c, v));
	if (may_start_inside(c, v)) {
		previous = value_text(v, "previous_hash");
		c->inside = true;
		import_finding(im, starts_inside);
	}
	TRY(foreign_faults(c->kind, v, previous, c->key, &c->text, &faults));
	if (faults)
		TRY(hearsay_broken(im, broken(im, c, v, faults)));
	hash = value_text(v, foreign_hash_name(c->kind));
	if (hex_read(hash, leaf.bytes, sizeof(leaf.bytes)) != OK)
		return note_set(im->note, ERR_TYPE, v->line, v->column,
				"entry %llu: '%s' is not 64 lower hex digits",
				(unsigned long long)c->count, foreign_hash_name(c->kind));
	foreign_tree_add(&c->tree, &leaf);
	memcpy(c->room, hash.ptr, sizeof(c->room));
	c->last = str_slice(c->room, sizeof(c->room));
	c->count++;
	return OK;
}

/* --- one entry through the gate --- */

/* `text` is what stands under the foreign hash. */
static enum err import_entry(struct importing *im, const struct value *v, struct str text)
{
	struct str outcome = value_text(v, "outcome");
	struct value attrs, foreign, hashed = value_string(text);
	struct hearsay c = { .timed = true, .args = value_get_c(v, "data"), .attrs = &attrs,
			   .status = outcome.ptr ? outcome : STR("success"), .result = &hashed,
			   .foreign = &foreign };

	TRY(hearsay_time(im, v, "timestamp", &c.at_ns));
	TRY(hearsay_name(im, v, "session_id", &c.session));
	TRY(hearsay_attributes(im, v, attributes, &attrs));
	TRY(hearsay_name(im, v, "agent_did", &c.agent));
	TRY(hearsay_name(im, v, "action", &c.action));
	TRY(hearsay_name(im, v, "trace_id", &c.trace));
	TRY(hearsay_resource(im, v, "resource", &c.resource));
	TRY(hearsay_facts(im, v, placed, &foreign));
	return hearsay_submit(im, &c, v);
}

/* --- an export: what stands around its entries --- */

static enum err wrong(struct importing *im, const struct value *doc, enum err e, const char *story)
{
	return note_set(im->note, e, doc->line, doc->column, "%s", story);
}

static enum err compare_root(struct importing *im, const struct chain *c, const struct value *root)
{
	struct digest claimed, grown, rebuilt;

	if (!foreign_tree_root(&c->tree, FOREIGN_GROWN, &grown) ||
	    !foreign_tree_root(&c->tree, FOREIGN_REBUILT, &rebuilt))
		return wrong(im, root, ERR_TAMPERED,
			     "there is a merkle_root but no entry: the entries were taken away");
	if (root->kind != VALUE_STRING ||
	    hex_read(root->string, claimed.bytes, sizeof(claimed.bytes)) != OK)
		return wrong(im, root, ERR_TYPE, "merkle_root is not 64 lower hex digits");
	if (!digest_eq(&claimed, &grown) && !digest_eq(&claimed, &rebuilt))
		return wrong(im, root, ERR_TAMPERED,
			     "merkle_root is not the root of these entries in either of the "
			     "toolkit's trees: entries were cut off the end or rewritten, or the "
			     "log was exported with an end_time");
	if (!digest_eq(&grown, &rebuilt))
		import_finding(im, digest_eq(&claimed, &grown) ? grown_root : rebuilt_root);
	return OK;
}

/* merkle_root is of the whole log; a slice of the log cannot be held against it. */
static enum err check_root(struct importing *im, const struct chain *c, const struct value *doc)
{
	const struct value *root = value_get_c(doc, "merkle_root");
	const struct value *again = value_get_c(doc, "chain_root");

	if (root && again && !value_eq(root, again))
		return wrong(im, doc, ERR_TAMPERED,
			     "merkle_root and chain_root differ; the toolkit writes one into both");
	if (c->inside)
		return OK;
	if (root && root->kind != VALUE_NULL)
		return compare_root(im, c, root);
	import_finding(im, no_root);
	return OK;
}

static enum err check_count(struct importing *im, const struct chain *c, const struct value *doc)
{
	const struct value *count = value_get_c(doc, "entry_count");

	if (!count || (count->kind == VALUE_INT && (uint64_t)count->integer == c->count))
		return OK;
	return note_set(im->note, ERR_TAMPERED, count->line, count->column,
			"entry_count does not agree with the %llu entries that are here",
			(unsigned long long)c->count);
}

static enum err read_hull(struct importing *im, const struct chain *c, struct str text)
{
	struct value doc;

	arena_rewind(&im->memory, (struct arena_mark){ NULL, 0 });
	TRY(json_read(text, 1, &im->memory, &doc, im->note));
	TRY(check_count(im, c, &doc));
	return check_root(im, c, &doc);
}

/* The list was read: does what stands around it agree? Its text lacks the list's lines. */
static enum err judge_hull(struct importing *im, const struct chain *c, struct json_hull *hull)
{
	enum err e;

	if (hull->more)
		return note_set(im->note, ERR_SYNTAX, 0, 0, ALONE);
	e = read_hull(im, c, buf_view(&hull->text));
	if (e != OK && im->note && im->note->line > hull->list_line)
		im->note->line += hull->list_lines;
	return e;
}

/* --- streams --- */

static enum err import_element_of_agt(struct importing *im, void *self, struct str text,
				      uint32_t line)
{
	const struct value *entries = NULL;
	struct chain *c = self;
	struct value v;

	TRY(json_read(text, line, &im->memory, &v, im->note));
	if (c->kind == FOREIGN_ENTRY && !value_get_c(&v, "entry_id"))
		entries = value_get_c(&v, "entries");
	if (entries && entries->kind != VALUE_LIST)
		return note_set(im->note, ERR_TYPE, entries->line, entries->column,
				"'entries' is %s; expected a list", value_kind_name(entries->kind));
	if (entries)
		return note_set(im->note, ERR_SYNTAX, line, 1, ALONE);
	TRY(chain_add(im, c, &v));
	return import_entry(im, &v, buf_view(&c->text));
}

static enum err import_chain(struct importing *im, struct chain *c, struct json_hull *hull)
{
	bool exported;

	TRY(import_stream(im, c->kind == FOREIGN_ENTRY ? hull : NULL, LIMIT_LINE_BYTES,
			  import_element_of_agt, c));
	exported = hull->place == HULL_BEHIND || hull->place == HULL_CLOSED;
	if (exported)
		TRY(hearsay_broken(im, judge_hull(im, c, hull)));
	else if (c->count == 0)
		return note_set(im->note, ERR_TRUNCATED, 1, 1, "no entry here; expected %s",
				c->kind == FOREIGN_ENTRY ? "an AuditLog's export, or AuditEntries" :
				"the JSONL of FileAuditSink");
	im->report->foreign_entries = c->count;
	if (c->kind == FOREIGN_ENTRY && !exported)
		import_finding(im, no_root);
	if (c->kind == FOREIGN_LINE && !c->key)
		import_finding(im, no_key);
	return OK;
}

static enum err import_agt(struct importing *im, enum foreign_kind kind)
{
	struct json_hull hull;
	struct chain chain;
	enum err e;

	find_all(im, kind == FOREIGN_ENTRY ? entry_findings : line_findings);
	chain_init(&chain, im, kind);
	json_hull_init(&hull, STR("entries"), LIMIT_LINE_BYTES);
	e = import_chain(im, &chain, &hull);
	json_hull_fini(&hull);
	chain_fini(&chain);
	return e;
}

enum err import_agt_audit(struct importing *im)
{
	return import_agt(im, FOREIGN_ENTRY);
}

enum err import_agt_filesink(struct importing *im)
{
	return import_agt(im, FOREIGN_LINE);
}
