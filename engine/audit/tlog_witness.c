/*
 * tlog_witness: the request of a log to a witness, line by line, and the witness's judgement.
 *
 *   old <decimal>               the size the witness knows
 *   <base64 of 32 bytes>        the consistency proof, at most 63 of them
 *                               an empty line
 *   <the signed checkpoint>
 */
#include "engine/audit/tlog_witness.h"

#include <inttypes.h>

#include "engine/base/limits.h"

#define PROOF_MAX 63

void witness_request_write(struct buf *b, const struct witness_request *r)
{
	MUST(r->count <= PROOF_MAX);
	buf_add(b, STR("old "));
	buf_add_u64(b, r->old);
	buf_add_byte(b, '\n');
	for (size_t i = 0; i < r->count; i++) {
		base64_write(b, r->proof[i].bytes, sizeof(r->proof[i].bytes));
		buf_add_byte(b, '\n');
	}
	buf_add_byte(b, '\n');
	buf_add(b, r->note);
}

enum err witness_request_read(struct str text, struct witness_request *ret, struct note *n)
{
	struct witness_request r = { 0 };
	struct str line, word, size;
	uint32_t number = 1;
	size_t len;

	if (!str_cut(text, '\n', &line, &text) || !str_cut(line, ' ', &word, &size) ||
	    !str_is(word, "old") || str_to_u64(size, &r.old) != OK)
		return note_set(n, ERR_SYNTAX, 1, 1, "expected \"old\" and a size in decimal");
	for (;;) {
		number++;
		if (!str_cut(text, '\n', &line, &text))
			return note_set(n, ERR_SYNTAX, number, 1,
					"expected a hash in base64, or an empty line and the "
					"checkpoint");
		if (line.len == 0)
			break;
		if (r.count == PROOF_MAX)
			return note_set(n, ERR_LIMIT, number, 1, "more than %d hashes", PROOF_MAX);
		if (base64_read(line, r.proof[r.count].bytes, DIGEST_BYTES, &len) != OK ||
		    len != DIGEST_BYTES)
			return note_set(n, ERR_SYNTAX, number, 1,
					"expected the base64 of 32 bytes");
		r.count++;
	}
	if (text.len > LIMIT_NOTE_BYTES)
		return note_set(n, ERR_LIMIT, number + 1, 1, "the checkpoint is over %u bytes",
				LIMIT_NOTE_BYTES);
	r.note = text;
	*ret = r;
	return OK;
}

static enum err judge_growth(const struct witness_request *r, const struct checkpoint *held,
			     const struct checkpoint *now, struct note *n)
{
	struct digest empty;
	struct merkle_range none;

	if (r->old > now->size)
		return note_set(n, ERR_RANGE, 0, 0,
				"the old size, %" PRIu64 ", is above that of the checkpoint, "
				"%" PRIu64,
				r->old, now->size);
	if (r->old != held->size)
		return note_set(n, ERR_EXISTS, 0, 0,
				"the checkpoint cosigned last has size %" PRIu64 ", not %" PRIu64
				"; ask again from there",
				held->size, r->old);
	if (r->old == now->size && r->old > 0 && !digest_eq(&held->root, &now->root))
		return note_set(n, ERR_EXISTS, 0, 0,
				"another root was cosigned for size %" PRIu64
				": the log shows two faces",
				now->size);
	merkle_init(&none);
	merkle_root(&none, &empty);
	if (r->old == 0 && (r->count > 0 || (now->size == 0 && !digest_eq(&now->root, &empty))))
		return note_set(n, ERR_PROOF, 0, 0,
				"from size 0 there is nothing to prove, and the root of no entries "
				"is known");
	if (r->old > 0 && merkle_check_consistency(r->old, &held->root, now->size, &now->root,
						   r->proof, r->count) != OK)
		return note_set(n, ERR_PROOF, 0, 0,
				"the proof does not lead from the %" PRIu64
				" entries cosigned last to this checkpoint",
				r->old);
	return OK;
}

enum err witness_judge(const struct witness_request *r, const struct note_key *key,
		       const struct checkpoint *held, struct checkpoint *ret, struct str *text,
		       struct note *n)
{
	struct checkpoint now;
	struct str body;
	enum err e = note_open(r->note, key, 1, &body);

	if (e == OK)
		e = checkpoint_read(body, &now);
	if (e == ERR_MEMORY)
		return e;
	if (e != OK)
		return note_set(n, ERR_SIGNATURE, 0, 0,
				"this is not a checkpoint signed by the key of %.*s",
				STR_ARG(key->name));
	if (!str_eq(now.origin, key->name))
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"this is a checkpoint of %.*s; the key is that of %.*s",
				STR_ARG(now.origin), STR_ARG(key->name));
	TRY(judge_growth(r, held, &now, n));
	*ret = now;
	*text = body;
	return OK;
}
