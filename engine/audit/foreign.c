/*
 * foreign: what AGT hashes, links, signs and counts.
 *
 *   AuditEntry     nine members -----> text -> SHA-256 = entry_hash ---+-> next previous_hash
 *                                                                      +-> leaf of the tree
 *   FileAuditSink  fourteen members -> text -> SHA-256 = content_hash -+-> next previous_hash
 *                                                                      +-> its HMAC: signature
 *
 * Sources: agentmesh/governance/audit.py (compute_hash, MerkleAuditChain, AuditLog) and
 * audit_backends.py (SignedAuditEntry, HashChainVerifier) of the toolkit.
 */
#include "engine/audit/foreign.h"

#include "engine/base/canon.h"
#include "engine/base/limits.h"
#include "engine/base/when.h"

#define HEX_BYTES 64
#define ISO_MAX 40                             /* with microseconds and an offset of seconds: 35 */
#define HASHED_MAX 14

/* Who has a member: bits of `in` and `hashed`. */
enum { IN_ENTRY = 1 << FOREIGN_ENTRY, IN_LINE = 1 << FOREIGN_LINE, IN_BOTH = IN_ENTRY | IN_LINE };

enum form { TEXT, TEXT_OR_NULL, OBJECT };

/* The members that AGT writes. Without a default it is needed, unless it may be null. */
static const struct field {
	const char *name;
	enum form form;
	unsigned in, hashed;
	const char *absent;                    /* TEXT: the default; NULL: there is none */
} fields[] = {
	{ "action", TEXT, IN_BOTH, IN_BOTH, NULL },
	{ "agent_did", TEXT, IN_BOTH, IN_BOTH, NULL },
	{ "approver_did", TEXT_OR_NULL, IN_ENTRY, 0, NULL },
	{ "arguments_hash", TEXT_OR_NULL, IN_ENTRY, 0, NULL },
	{ "completed_at", TEXT_OR_NULL, IN_ENTRY, 0, NULL },
	{ "compute_driver", TEXT_OR_NULL, IN_BOTH, 0, NULL },
	{ "content_hash", TEXT, IN_LINE, 0, "" },
	{ "data", OBJECT, IN_BOTH, IN_BOTH, NULL },
	{ "entry_hash", TEXT, IN_ENTRY, 0, "" },
	{ "entry_id", TEXT, IN_BOTH, IN_BOTH, NULL },
	{ "environment", TEXT_OR_NULL, IN_BOTH, 0, NULL },
	{ "event_type", TEXT, IN_BOTH, IN_BOTH, NULL },
	{ "issued_at", TEXT_OR_NULL, IN_ENTRY, 0, NULL },
	{ "matched_rule", TEXT_OR_NULL, IN_BOTH, IN_LINE, NULL },
	{ "outcome", TEXT, IN_BOTH, IN_BOTH, "success" },
	{ "policy_decision", TEXT_OR_NULL, IN_BOTH, IN_LINE, NULL },
	{ "policy_version", TEXT_OR_NULL, IN_ENTRY, 0, NULL },
	{ "previous_hash", TEXT, IN_BOTH, IN_BOTH, "" },
	{ "resource", TEXT_OR_NULL, IN_BOTH, IN_BOTH, NULL },
	{ "sandbox_id", TEXT_OR_NULL, IN_BOTH, 0, NULL },
	{ "session_id", TEXT_OR_NULL, IN_BOTH, IN_LINE, NULL },
	{ "signature", TEXT, IN_LINE, 0, "" },
	{ "target_did", TEXT_OR_NULL, IN_BOTH, IN_LINE, NULL },
	{ "timestamp", TEXT, IN_BOTH, IN_BOTH, NULL },
	{ "trace_id", TEXT_OR_NULL, IN_BOTH, IN_LINE, NULL },
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static const char *const names[] = { "an AuditEntry", "a line of FileAuditSink" };

const char *foreign_hash_name(enum foreign_kind kind)
{
	return kind == FOREIGN_ENTRY ? "entry_hash" : "content_hash";
}

/* --- shape --- */

static bool has_form(const struct field *f, const struct value *v)
{
	if (f->form == OBJECT)
		return v->kind == VALUE_OBJECT;
	return v->kind == VALUE_STRING || (f->form == TEXT_OR_NULL && v->kind == VALUE_NULL);
}

enum err foreign_check(enum foreign_kind kind, const struct value *v, struct note *n)
{
	static const char *const forms[] = { "a string", "a string or null", "an object" };

	if (v->kind != VALUE_OBJECT)
		return note_set(n, ERR_TYPE, v->line, v->column, "found %s; expected %s",
				value_kind_name(v->kind), names[kind]);
	for (const struct field *f = fields; f < fields + FIELDS; f++) {
		const struct value *m = value_get_c(v, f->name);

		if (!(f->in & 1u << kind))
			continue;
		if (m && !has_form(f, m))
			return note_set(n, ERR_TYPE, m->line, m->column, "'%s' is %s; expected %s",
					f->name, value_kind_name(m->kind), forms[f->form]);
		if (!m && f->form == TEXT && !f->absent)
			return note_set(n, ERR_SYNTAX, v->line, v->column,
					"'%s' is missing; expected %s", f->name, names[kind]);
	}
	return OK;
}

/* --- texts and hashes --- */

/*
 * isoformat() from the ways in which a datetime is written: pydantic ends UTC in "Z", str() puts a
 * blank for the "T". Neither is ever isoformat() itself, so no two of them mean different texts.
 */
static struct str isoformat(struct str text, char room[ISO_MAX])
{
	size_t len = text.len;

	if (len < sizeof("2026-01-02T03:04:05") - 1 || len > ISO_MAX - 5)
		return text;
	memcpy(room, text.ptr, len);
	if (room[10] == ' ')
		room[10] = 'T';
	if (room[len - 1] == 'Z') {
		memcpy(room + len - 1, "+00:00", 6);
		len += 5;
	}
	return str_slice(room, len);
}

static struct value default_of(const struct field *f)
{
	if (f->form == OBJECT)
		return (struct value){ .kind = VALUE_OBJECT };
	return f->absent ? value_string(str_view(f->absent)) : value_null();
}

void foreign_text(struct buf *b, enum foreign_kind kind, const struct value *v)
{
	struct member members[HASHED_MAX];
	struct value hashed = { .kind = VALUE_OBJECT, .object = { members, 0 } };
	char room[ISO_MAX];

	for (const struct field *f = fields; f < fields + FIELDS; f++) {
		const struct value *given = value_get_c(v, f->name);
		struct value use = given ? *given : default_of(f);

		if (!(f->hashed & 1u << kind))
			continue;
		MUST(hashed.object.count < HASHED_MAX);
		if (kind == FOREIGN_ENTRY && str_is(str_view(f->name), "timestamp"))
			use = value_string(isoformat(use.string, room));
		members[hashed.object.count++] = (struct member){ .key = str_view(f->name),
								  .value = use };
	}
	canon_python(b, &hashed);
}

static struct str hex_of(const struct digest *d, char room[HEX_BYTES])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		room[2 * i] = digits[d->bytes[i] >> 4];
		room[2 * i + 1] = digits[d->bytes[i] & 15];
	}
	return str_slice(room, HEX_BYTES);
}

/* Text against hex digits of ours: AGT compares texts, so upper case is another hash. */
static bool is_hex_of(struct str text, const struct digest *d)
{
	char room[HEX_BYTES];

	(void)hex_of(d, room);
	return text.len == HEX_BYTES && crypto_equal(text.ptr, room, HEX_BYTES);
}

static struct str text_or_empty(const struct value *v, const char *key)
{
	struct str text = value_text(v, key);

	return text.ptr ? text : STR("");
}

enum err foreign_faults(enum foreign_kind kind, const struct value *v, struct str previous,
			const struct str *key, struct buf *text, unsigned *ret)
{
	struct str claimed = text_or_empty(v, foreign_hash_name(kind));
	struct digest d;
	unsigned faults = 0;

	buf_clear(text);
	foreign_text(text, kind, v);
	TRY(text->err);
	d = sha256(buf_view(text));
	if (!is_hex_of(claimed, &d))
		faults |= FOREIGN_HASH;
	if (!str_eq(text_or_empty(v, "previous_hash"), previous))
		faults |= FOREIGN_BROKEN;
	if (kind == FOREIGN_LINE && key) {
		d = hmac_sha256(*key, claimed);
		if (faults & FOREIGN_HASH || !is_hex_of(value_text(v, "signature"), &d))
			faults |= FOREIGN_UNSIGNED;
	}
	*ret = faults;
	return OK;
}

/* --- AGT's own verdicts --- */

static void line_words(struct buf *b, uint64_t index, struct str id, const char *separator)
{
	buf_addf(b, "%sEntry %llu (%.*s): ", separator, (unsigned long long)index, STR_ARG(id));
}

void foreign_agt_words(struct buf *b, enum foreign_kind kind, uint64_t index,
		       const struct value *v, struct str previous, unsigned faults)
{
	struct str id = value_text(v, "entry_id"), got = text_or_empty(v, "previous_hash");

	if (kind == FOREIGN_ENTRY) {
		buf_addf(b, "Entry %llu %s", (unsigned long long)index,
			 faults & FOREIGN_HASH ? "hash mismatch" : "chain broken");
		return;
	}
	if (faults & FOREIGN_BROKEN) {
		line_words(b, index, id, "");
		buf_addf(b, "chain break \xe2\x80\x94 expected previous_hash='%.*s', got '%.*s'",
			 STR_ARG(previous), STR_ARG(got));
	}
	if (faults & FOREIGN_HASH) {
		line_words(b, index, id, faults & FOREIGN_BROKEN ? "; " : "");
		buf_add_c(b, "content hash mismatch");
	}
	if (faults & FOREIGN_UNSIGNED) {
		line_words(b, index, id, faults & (FOREIGN_BROKEN | FOREIGN_HASH) ? "; " : "");
		buf_add_c(b, "HMAC signature invalid");
	}
}

enum err foreign_agt_verify(enum foreign_kind kind, struct value_list all, const struct str *key,
			    struct buf *says)
{
	struct str previous = STR("");
	size_t begin = says->len;
	struct buf text;
	enum err e = OK;
	unsigned faults;

	buf_init(&text, 2 * (size_t)LIMIT_BODY_BYTES);
	for (size_t i = 0; i < all.count; i++) {
		e = foreign_faults(kind, &all.items[i], previous, key, &text, &faults);
		if (e != OK)
			break;
		if (faults && says->len > begin)
			buf_add_c(says, "; ");
		if (faults)
			foreign_agt_words(says, kind, i, &all.items[i], previous, faults);
		if (faults && kind == FOREIGN_ENTRY)
			break;
		previous = text_or_empty(&all.items[i], foreign_hash_name(kind));
	}
	buf_fini(&text);
	return e == OK ? says->err : e;
}

/* --- times --- */

enum err foreign_when(struct str timestamp, int64_t *ret_ns, bool *naive)
{
	char room[ISO_MAX + 1];
	struct str iso = isoformat(timestamp, room);
	enum err e = when_read(iso, ret_ns);

	*naive = false;
	if (e == OK || iso.ptr != room)
		return e;
	room[iso.len] = 'Z';
	if (when_read(str_slice(room, iso.len + 1), ret_ns) != OK)
		return e;
	*naive = true;
	return OK;
}

/* --- the tree --- */

static struct digest node_of(const struct digest *left, const struct digest *right)
{
	char text[2 * HEX_BYTES];

	(void)hex_of(left, text);
	(void)hex_of(right, text + HEX_BYTES);
	return sha256(str_slice(text, sizeof(text)));
}

void foreign_tree_add(struct foreign_tree *t, const struct digest *entry_hash)
{
	struct digest node = *entry_hash;
	unsigned level = 0;

	for (; t->size >> level & 1; level++)
		node = node_of(&t->full[level], &node);
	MUST(level < FOREIGN_LEVELS);
	t->full[level] = node;
	t->size++;
}

static unsigned height_of(uint64_t size)
{
	unsigned height = 0;

	while (height < FOREIGN_LEVELS && (size - 1) >> height)
		height++;
	return height;
}

/*
 * At each level the tree is full subtrees on the left, then at most one node that is partly filled
 * (the edge), then empty ones. From level to level the edge takes the full node on its left, or an
 * empty one on its right.
 */
bool foreign_tree_root(const struct foreign_tree *t, enum foreign_padding padding,
		       struct digest *ret)
{
	struct digest empty = { { 0 } }, edge = { { 0 } };
	bool has_edge = false;
	unsigned height;

	if (t->size == 0)
		return false;
	height = height_of(t->size);
	for (unsigned level = 0; level < height; level++) {
		if (t->size >> level & 1) {
			edge = node_of(&t->full[level], has_edge ? &edge : &empty);
			has_edge = true;
		} else if (has_edge) {
			edge = node_of(&edge, &empty);
		}
		if (padding == FOREIGN_REBUILT)
			empty = node_of(&empty, &empty);
	}
	*ret = has_edge ? edge : t->full[height];
	return true;
}

/* --- proofs --- */

/* [hash, side] of one step. */
static bool step_of(const struct value *step, struct str *hash, struct str *side)
{
	if (step->kind != VALUE_LIST || step->list.count != 2 ||
	    step->list.items[0].kind != VALUE_STRING || step->list.items[1].kind != VALUE_STRING)
		return false;
	*hash = step->list.items[0].string;
	*side = step->list.items[1].string;
	return true;
}

bool foreign_agt_proof(struct str entry_hash, const struct value *proof, struct str root)
{
	struct str current = entry_hash, hash, side;
	char room[HEX_BYTES];

	if (proof->kind != VALUE_LIST)
		return false;
	for (size_t i = 0; i < proof->list.count; i++) {
		struct sha256 s;
		struct digest d;
		bool right;

		if (!step_of(&proof->list.items[i], &hash, &side))
			return false;
		right = str_is(side, "right");
		sha256_init(&s);
		sha256_add(&s, right ? current.ptr : hash.ptr, right ? current.len : hash.len);
		sha256_add(&s, right ? hash.ptr : current.ptr, right ? hash.len : current.len);
		sha256_done(&s, &d);
		current = hex_of(&d, room);
	}
	return str_eq(current, root);
}

static bool is_zero(const struct digest *d)
{
	static const struct digest zero = { { 0 } };

	return digest_eq(d, &zero);
}

enum err foreign_proof_check(struct str entry_hash, const struct value *proof, struct str root,
			     uint64_t index, uint64_t size)
{
	struct digest current, sibling, wanted;
	struct str hash, side;

	if (index >= size)
		return ERR_RANGE;
	if (proof->kind != VALUE_LIST || proof->list.count != height_of(size) ||
	    hex_read(entry_hash, current.bytes, DIGEST_BYTES) != OK ||
	    hex_read(root, wanted.bytes, DIGEST_BYTES) != OK)
		return ERR_PROOF;
	for (unsigned level = 0; level < proof->list.count; level++) {
		uint64_t at = index >> level, first = (at ^ 1) << level;

		if (!step_of(&proof->list.items[level], &hash, &side) ||
		    hex_read(hash, sibling.bytes, DIGEST_BYTES) != OK ||
		    !str_is(side, at & 1 ? "left" : "right") ||
		    is_zero(&sibling) != (first >= size))
			return ERR_PROOF;
		current = at & 1 ? node_of(&sibling, &current) : node_of(&current, &sibling);
	}
	return digest_eq(&current, &wanted) ? OK : ERR_PROOF;
}

/* --- queries --- */

/* Sets *ret to the sign of entry time - bound. Python refuses to order a naive time and another. */
static enum err compare_times(const struct value *entry, struct str bound, int *ret)
{
	int64_t a, b;
	bool a_naive, b_naive;

	TRY(foreign_when(text_or_empty(entry, "timestamp"), &a, &a_naive));
	TRY(foreign_when(bound, &b, &b_naive));
	if (a_naive != b_naive)
		return ERR_TYPE;
	*ret = (a > b) - (a < b);
	return OK;
}

static enum err matches(const struct value *entry, const struct foreign_filter *f, bool *ret)
{
	int order;

	*ret = false;
	if (f->agent_did.len && !str_eq(value_text(entry, "agent_did"), f->agent_did))
		return OK;
	if (f->event_type.len && !str_eq(value_text(entry, "event_type"), f->event_type))
		return OK;
	if (f->start_time.len) {
		TRY(compare_times(entry, f->start_time, &order));
		if (order < 0)
			return OK;
	}
	if (f->end_time.len) {
		TRY(compare_times(entry, f->end_time, &order));
		if (order > 0)
			return OK;
	}
	*ret = !f->outcome.len || str_eq(value_text(entry, "outcome"), f->outcome);
	return OK;
}

/* Where [-limit:] of so many begins. */
static size_t slice_start(size_t count, int64_t limit)
{
	if (limit > 0)
		return (uint64_t)limit < count ? count - (size_t)limit : 0;
	return 0 - (uint64_t)limit < count ? (size_t)(0 - (uint64_t)limit) : count;
}

enum err foreign_agt_query(struct value_list all, const struct foreign_filter *f,
			   uint32_t *indexes, size_t *count)
{
	size_t found = 0, start;
	bool match;

	for (size_t i = 0; i < all.count; i++) {
		TRY(matches(&all.items[i], f, &match));
		if (match)
			indexes[found++] = (uint32_t)i;
	}
	start = slice_start(found, f->limit);
	memmove(indexes, indexes + start, (found - start) * sizeof(*indexes));
	*count = found - start;
	return OK;
}
