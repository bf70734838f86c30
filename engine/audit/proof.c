/*
 * proof: a tlog-proof file, line by line.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64>                 may be missing; here the entry line itself
 *   index <decimal>
 *   <base64 of 32 bytes>           the inclusion proof, leaf's sibling first; none or more
 *                                  an empty line
 *   <the signed checkpoint, verbatim to the end>
 *
 * Nothing in the file is believed: the checkpoint is believed for its signature, the entry because
 * its hash, the index and the proof lead to the checkpoint's root.
 */
#include "engine/audit/proof.h"

#include "engine/base/limits.h"

#define HEADER "c2sp.org/tlog-proof@v1"
#define FAMILY "c2sp.org/tlog-proof@"

_Static_assert(MERKLE_MAX_LEVELS == LIMIT_PROOF_HASHES, "a proof has at most one hash a level");

void proof_write(struct buf *b, const struct proof *p)
{
	MUST(p->count <= MERKLE_MAX_LEVELS);
	buf_add(b, STR(HEADER "\n"));
	if (p->extra.len > 0) {
		buf_add(b, STR("extra "));
		base64_write(b, p->extra.ptr, p->extra.len);
		buf_add_byte(b, '\n');
	}
	buf_add(b, STR("index "));
	buf_add_u64(b, p->index);
	buf_add_byte(b, '\n');
	for (size_t i = 0; i < p->count; i++) {
		base64_write(b, p->hashes[i].bytes, sizeof(p->hashes[i].bytes));
		buf_add_byte(b, '\n');
	}
	buf_add_byte(b, '\n');
	buf_add(b, p->note);
}

/* The lines still to be read, and the number of the one read last. */
struct lines {
	struct str rest;
	uint32_t number;
	struct note *n;
};

static enum err next_line(struct lines *l, const char *expected, struct str *ret)
{
	l->number++;
	if (!str_cut(l->rest, '\n', ret, &l->rest))
		return note_set(l->n, ERR_TRUNCATED, l->number, 1, "the proof ends, expected %s",
				expected);
	return OK;
}

static enum err refuse(const struct lines *l, enum err e, const char *expected)
{
	return note_set(l->n, e, l->number, 1, "found something else, expected %s", expected);
}

/* "<word> <value>", with exactly one blank between. */
static bool cut_word(struct str line, struct str word, struct str *value)
{
	struct str found;

	return str_cut(line, ' ', &found, value) && str_eq(found, word);
}

static enum err read_header(struct lines *l)
{
	struct str line;

	TRY(next_line(l, "\"" HEADER "\"", &line));
	if (str_is(line, HEADER))
		return OK;
	return refuse(l, str_starts(line, STR(FAMILY)) ? ERR_VERSION : ERR_SYNTAX,
		      "\"" HEADER "\"");
}

static enum err read_extra(const struct lines *l, struct str text, struct arena *a, struct str *ret)
{
	size_t room = text.len / 4 * 3, len;
	char *bytes = arena_alloc(a, room);

	if (!bytes)
		return ERR_MEMORY;
	if (text.len == 0 || base64_read(text, bytes, room, &len) != OK)
		return refuse(l, ERR_SYNTAX, "padded base64 after \"extra\"");
	*ret = str_slice(bytes, len);
	return OK;
}

static enum err read_hashes(struct lines *l, struct proof *p)
{
	struct str line;
	size_t len;

	for (;;) {
		TRY(next_line(l, "a hash or an empty line", &line));
		if (line.len == 0)
			return OK;
		if (p->count == MERKLE_MAX_LEVELS)
			return note_set(l->n, ERR_LIMIT, l->number, 1,
					"more than %d hashes, expected an empty line",
					MERKLE_MAX_LEVELS);
		if (base64_read(line, p->hashes[p->count].bytes, DIGEST_BYTES, &len) != OK ||
		    len != DIGEST_BYTES)
			return refuse(l, ERR_SYNTAX, "32 bytes in padded base64, or an empty line");
		p->count++;
	}
}

enum err proof_read(struct str text, struct arena *a, struct proof *ret, struct note *n)
{
	struct lines l = { .rest = text, .n = n };
	struct proof got = { .extra = STR_NONE };
	struct str line, value;

	if (text.len > LIMIT_PROOF_BYTES)
		return note_set(n, ERR_LIMIT, 0, 0, "the proof has %zu bytes, at most %u are read",
				text.len,
				LIMIT_PROOF_BYTES);
	TRY(read_header(&l));
	TRY(next_line(&l, "\"extra\" or \"index\"", &line));
	if (cut_word(line, STR("extra"), &value)) {
		TRY(read_extra(&l, value, a, &got.extra));
		TRY(next_line(&l, "\"index\"", &line));
	}
	if (!cut_word(line, STR("index"), &value) || str_to_u64(value, &got.index) != OK)
		return refuse(&l, ERR_SYNTAX,
			      "\"index\" and a decimal number without leading zeros");
	TRY(read_hashes(&l, &got));
	if (l.rest.len == 0)
		return note_set(n, ERR_TRUNCATED, l.number + 1, 1,
				"the proof ends, expected a checkpoint");
	got.note = l.rest;
	*ret = got;
	return OK;
}

static enum err open_checkpoint(const struct proof *p, const struct succession *keys,
				struct checkpoint *ret, struct note *n)
{
	struct note superseded = { .line = 0 };
	struct str text;
	enum err e = succession_open(keys, p->note, &text, ret, &superseded);

	if (superseded.text[0])
		return note_set(n, e, 0, 0, "the checkpoint does not count: %s", superseded.text);
	if (e == ERR_SIGNATURE)
		return note_set(n, e, 0, 0,
				"the checkpoint was changed after one of the given keys signed it");
	if (e == ERR_UNKNOWN)
		return note_set(n, e, 0, 0,
				"none of the given keys signed the checkpoint; give the log's key, "
				"and its rotations if it has another one now");
	if (e != OK)
		return note_set(n, e, 0, 0,
				"the checkpoint in the proof is not a signed checkpoint");
	return OK;
}

enum err proof_check_by(const struct proof *p, struct str leaf_data, struct str origin,
			const struct succession *keys, struct checkpoint *ret, struct note *n)
{
	struct str data = leaf_data.ptr ? leaf_data : p->extra;
	struct checkpoint got;
	struct digest leaf;

	if (!data.ptr)
		return note_set(n, ERR_PROOF, 0, 0,
				"the proof does not hold the entry; give the entry itself");
	TRY(open_checkpoint(p, keys, &got, n));
	if (origin.ptr && !str_eq(origin, got.origin))
		return note_set(n, ERR_TAMPERED, 0, 0,
				"the checkpoint is of log \"%.*s\", expected \"%.*s\"",
				STR_ARG(got.origin), STR_ARG(origin));
	leaf = sha256_prefixed(0x00, data);
	if (merkle_check_inclusion(&leaf, p->index, got.size, &got.root, p->hashes, p->count) != OK)
		return note_set(n, ERR_PROOF, 0, 0,
				"the entry is not number %llu of the %llu entries that were signed",
				(unsigned long long)p->index, (unsigned long long)got.size);
	*ret = got;
	return OK;
}

enum err proof_check(const struct proof *p, struct str leaf_data, struct str origin,
		     const struct note_key *keys, size_t key_count, struct checkpoint *ret,
		     struct note *n)
{
	struct succession any = succession_of(keys, key_count);

	return proof_check_by(p, leaf_data, origin, &any, ret, n);
}
