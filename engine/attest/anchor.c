/*
 * anchor: the leaf of a record, and its path to the root of a batch (RFC 9162 section 2.1.3.2).
 *
 *   leaf = SHA-256(00 || the record in ASCII)         node = SHA-256(01 || left || right)
 *
 * The registry's tree is that of RFC 6962 and so our own; only what is hashed into a leaf is not.
 * Both canonical forms agree on records of ASCII, which is most of them, so a verifier that mixed
 * them up would seem to work.
 */
#include "engine/attest/anchor.h"

#include "engine/attest/inside.h"
#include "engine/audit/audit.h"
#include "engine/base/canon.h"
#include "engine/base/limits.h"

#define CANON_CAP (8 * LIMIT_RECORD_BYTES)    /* one byte may become six */

/* No deeper than a tree can be: what was read has been counted. */
static bool has_real(const struct value *v)
{
	bool found = v->kind == VALUE_REAL;

	for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
		found = found || has_real(&v->list.items[i]);
	for (size_t i = 0; v->kind == VALUE_OBJECT && i < v->object.count; i++)
		found = found || has_real(&v->object.members[i].value);
	return found;
}

enum err anchor_leaf(const struct value *whole, struct digest *ret)
{
	struct buf b;
	enum err e;

	if (has_real(whole))
		return ERR_TYPE;
	buf_init(&b, CANON_CAP);
	canon_ascii(&b, whole);
	e = b.err;
	if (e == OK)
		*ret = sha256_prefixed(0x00, buf_view(&b));
	buf_fini(&b);
	return e;
}

/* What a proof and a line of the registry say together. */
struct path {
	uint64_t index, size;
	struct digest root, hashes[MERKLE_MAX_LEVELS];
	size_t count;
};

static enum err wrong(const struct value *at, const char *member, const char *expected,
		      struct note *n)
{
	return note_set(n, ERR_TYPE, at->line, at->column, "'%s': expected %s", member, expected);
}

static enum err read_count(const struct value *in, const char *member, int64_t least,
			   uint64_t *ret, struct note *n)
{
	const struct value *v = value_get_c(in, member);

	if (!v || v->kind != VALUE_INT || v->integer < least)
		return wrong(v ? v : in, member, "a count", n);
	*ret = (uint64_t)v->integer;
	return OK;
}

/* Leaf to root. A level where the node had no sibling has no hash, so the list may be short. */
static enum err read_hashes(const struct value *proof, struct path *p, struct note *n)
{
	const struct value *list = value_get_c(proof, "audit_path");

	if (!list || list->kind != VALUE_LIST)
		return wrong(list ? list : proof, "audit_path", "a list of digests", n);
	if (list->list.count > MERKLE_MAX_LEVELS)
		return note_set(n, ERR_LIMIT, list->line, list->column,
				"a path has %d hashes at most", MERKLE_MAX_LEVELS);
	for (size_t i = 0; i < list->list.count; i++) {
		const struct value *v = &list->list.items[i];

		if (v->kind != VALUE_STRING || digest_read(v->string, &p->hashes[i]) != OK)
			return wrong(v, "audit_path", "sha256: and 64 hex digits each", n);
	}
	p->count = list->list.count;
	return OK;
}

static enum err read_path(const struct value *anchor, struct path *p, struct note *n)
{
	const struct value *proof = value_get_c(anchor, "proof");
	const struct value *entry = value_get_c(anchor, "entry");

	if (!proof || proof->kind != VALUE_OBJECT || !entry || entry->kind != VALUE_OBJECT)
		return wrong(anchor, proof ? "entry" : "proof", "an object", n);
	TRY(read_count(proof, "leaf_index", 0, &p->index, n));
	TRY(read_count(entry, "leaf_count", 1, &p->size, n));
	if (digest_read(value_text(entry, "merkle_root"), &p->root) != OK)
		return wrong(entry, "merkle_root", "sha256: and 64 hex digits", n);
	return read_hashes(proof, p, n);
}

enum err anchor_judge(const struct value *whole, const struct value *anchor, struct findings *f,
		      struct note *n)
{
	struct str batch = value_text(value_get_c(anchor, "entry"), "batch_id");
	struct digest leaf;
	struct path p;
	enum err e;

	TRY(read_path(anchor, &p, n));
	/* That it can be in no batch is a verdict about the record, no error of the caller's. */
	e = anchor_leaf(whole, &leaf);
	if (e == ERR_TYPE) {
		finding_add(f, FINDING_ANCHORED, FINDING_FAIL,
			    "it holds a number with a fraction, which no registry takes");
		return OK;
	}
	TRY(e);
	if (merkle_check_inclusion(&leaf, p.index, p.size, &p.root, p.hashes, p.count) == OK)
		finding_add(f, FINDING_ANCHORED, FINDING_PASS,
			    "it is leaf %llu of %llu in batch '%.*s'", (unsigned long long)p.index,
			    (unsigned long long)p.size, SHOWN(batch));
	else
		finding_add(f, FINDING_ANCHORED, FINDING_FAIL,
			    "the proof does not lead from these bytes to the root of batch '%.*s'",
			    SHOWN(batch));
	return OK;
}
