/*
 * consistency: writing and checking the file.
 *
 *   entries   0 ...... old ...... later ...... stored
 *             | held   | proved   | a head of this log as well, which is proved first
 */
#include "engine/audit/consistency.h"

#include <inttypes.h>

#include "engine/audit/log.h"
#include "engine/base/limits.h"

#define MEMORY_CAP (SUCCESSION_MEMORY + ((size_t)1 << 20))
#define BEGIN      "old "

bool consistency_begins(struct str text)
{
	return str_starts(text, STR(BEGIN));
}

/* Open a signed checkpoint; `whose` says which in a complaint. */
static enum err open_head(const struct succession *keys, struct str note, const char *whose,
			  struct checkpoint *ret, struct note *n)
{
	struct note why = { .text = "" };
	struct checkpoint c;
	struct str text;
	enum err e = succession_open(keys, note, &text, &c, &why);

	if (e == OK && !str_eq(c.origin, keys->keys[0].name))
		return note_set(n, ERR_UNKNOWN, 0, 0, "%s is of %.*s, and the key is that of %.*s",
				whose, STR_ARG(c.origin), STR_ARG(keys->keys[0].name));
	if (why.text[0])
		return note_set(n, e, 0, 0, "%s: %s", whose, why.text);
	if (e != OK)
		return note_set(n, e, 0, 0, "%s is not a checkpoint signed by a key of %.*s: %s",
				whose, STR_ARG(keys->keys[0].name), err_text(e));
	*ret = c;
	return OK;
}

/* That of size 0 comes before everything, whatever root it names. */
static enum err follows(const struct checkpoint *was, const struct checkpoint *now,
			const struct digest *proof, size_t count)
{
	if (was->size == 0)
		return count == 0 ? OK : ERR_PROOF;
	return merkle_check_consistency(was->size, &was->root, now->size, &now->root, proof,
					count);
}

/* A head that somebody kept is one of this log's if the stored checkpoint continues it. */
static enum err find_head(struct world *w, const char *folder, const struct note_key *key,
			  const struct checkpoint *head, const struct checkpoint *stored,
			  struct note *n)
{
	struct digest proof[MERKLE_MAX_LEVELS];
	size_t count;

	if (head->size > stored->size)
		return note_set(n, ERR_RANGE, 0, 0,
				"the head signs %" PRIu64 " entries, and the log %" PRIu64
				": it was cut or set back, or this is an older copy",
				head->size, stored->size);
	TRY(log_prove_consistency(w, folder, head->size, stored->size, key, 1, proof, &count, n));
	if (follows(head, stored, proof, count) != OK)
		return note_set(n, ERR_PROOF, 0, 0,
				"the %" PRIu64 " entries that the head signs are not the first of "
				"this log: it was rewritten, or the head is of another history",
				head->size);
	return OK;
}

enum err consistency_prove(struct world *w, const char *folder, uint64_t old, struct str later,
			   const struct note_key *key, struct buf *out, struct note *n)
{
	struct witness_request r = { .old = old, .note = later };
	struct checkpoint stored, head;
	struct succession keys;
	struct arena a;
	struct str note;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	e = log_checkpoint(w, folder, key, 1, &a, &note, &stored, n);
	head = stored;
	if (e == OK && !later.ptr) {
		r.note = note;
	} else if (e == OK) {
		e = log_succession(w, folder, key, 1, &a, &keys, n);
		if (e == OK)
			e = open_head(&keys, later, "the head", &head, n);
		if (e == OK)
			e = find_head(w, folder, key, &head, &stored, n);
	}
	if (e == OK)
		e = log_prove_consistency(w, folder, old, head.size, key, 1, r.proof, &r.count, n);
	if (e == OK) {
		witness_request_write(out, &r);
		e = out->err;
	}
	arena_fini(&a);
	return e;
}

enum err consistency_check(struct str file, struct str held, const struct succession *keys,
			   struct checkpoint *was, struct checkpoint *now, struct note *n)
{
	struct checkpoint first, second;
	struct witness_request r;

	TRY(witness_request_read(file, &r, n));
	TRY(open_head(keys, held, "the earlier head", &first, n));
	TRY(open_head(keys, r.note, "the later head", &second, n));
	if (r.old != first.size)
		return note_set(n, ERR_RANGE, 0, 0,
				"the proof starts behind %" PRIu64
				" entries, and the earlier head signs %" PRIu64
				"; expected the proof of: trammel log head %" PRIu64,
				r.old, first.size, first.size);
	if (follows(&first, &second, r.proof, r.count) != OK)
		return note_set(n, ERR_PROOF, 0, 0,
				"the proof does not lead from the %" PRIu64 " entries of the "
				"earlier head to the %" PRIu64 " of the later one",
				first.size, second.size);
	*was = first;
	*now = second;
	return OK;
}
