/*
 * log_prove: proofs out of stored tiles. A tile that is missing is made up for from the segments,
 * and so is one that is damaged: a proof is checked before it is given out, and if it fails, it is
 * made once more without any tile.
 */
#include "engine/audit/inside.h"

#include <inttypes.h>
#include <stdlib.h>

#include "engine/audit/proof.h"

/* Nodes up to this height are hashed from lines in one go, higher ones from their two children. */
#define LINES_LEVEL 8

struct prover {
	const struct log_place *place;
	struct arena arena;
	struct checkpoint checkpoint;
	struct str note;
	bool without_tiles;
	struct tiles_cache cache;
	struct log_reader *reader;   /* stands where the last node that was made from lines ended */
};

/* A reader that stands at entry `first`. */
static enum err reader_at(struct prover *p, uint64_t first)
{
	if (p->reader && log_reader_index(p->reader) == first)
		return OK;
	log_reader_close(p->reader);
	p->reader = NULL;
	return log_reader_open_at(p->place, first, p->checkpoint.size, &p->reader, NULL);
}

static enum err node_from_lines(struct prover *p, unsigned level, uint64_t index,
				struct digest *ret)
{
	uint64_t first = index << level, end = (index + 1) << level;
	struct merkle_range range;

	merkle_init(&range);
	TRY(reader_at(p, first));
	while (first < end) {
		struct digest leaf;
		struct str line;

		TRY(log_reader_next(p->reader, &line));
		if (!line.ptr)
			return ERR_TAMPERED;
		leaf = sha256_prefixed(0, line);
		merkle_add(&range, &leaf);
		first++;
	}
	merkle_root(&range, ret);
	return OK;
}

/*
 * From a tile if there is one; else from the children, at most MERKLE_MAX_LEVELS deep, down to
 * lines.
 */
static enum err node(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	struct prover *p = self;
	struct digest pair[2];

	if (!p->without_tiles) {
		enum err e = tiles_cache_node(&p->cache, level, index, ret);

		if (e == OK || e == ERR_MEMORY)
			return e;
	}
	if (level <= LINES_LEVEL)
		return node_from_lines(p, level, index, ret);
	TRY(node(p, level - 1, index * 2, &pair[0]));
	TRY(node(p, level - 1, index * 2 + 1, &pair[1]));
	sha256_nodes(pair, 1, ret);
	return OK;
}

/* The root of the first `size` entries. */
static enum err root_of(struct prover *p, uint64_t size, struct digest *ret)
{
	struct merkle_range range;

	merkle_init(&range);
	range.size = size;
	for (unsigned level = 0; level < MERKLE_MAX_LEVELS; level++)
		if (size >> level & 1)
			TRY(node(p, level, (size >> level) - 1, &range.peaks[level]));
	merkle_root(&range, ret);
	return OK;
}

static enum err prover_open(const struct log_place *place, const struct note_key *keys,
			    size_t key_count, struct prover **ret, struct note *n)
{
	struct prover *p = calloc(1, sizeof(*p));
	enum err e;

	if (!p)
		return ERR_MEMORY;
	p->place = place;
	arena_init(&p->arena, LOG_CHECKPOINT_ARENA);
	e = log_checkpoint_at(place, keys, key_count, &p->arena, &p->note, &p->checkpoint, n);
	if (e != OK) {
		arena_fini(&p->arena);
		free(p);
		return e;
	}
	tiles_cache_init(&p->cache, place, p->checkpoint.size);
	*ret = p;
	return OK;
}

static void prover_close(struct prover *p)
{
	log_reader_close(p->reader);
	arena_fini(&p->arena);
	free(p);
}

/* --- inclusion --- */

static enum err include(struct prover *p, struct proof *proof)
{
	const struct merkle_source source = { node, p };
	const struct checkpoint *c = &p->checkpoint;
	struct digest leaf = sha256_prefixed(0, proof->extra);

	TRY(merkle_inclusion(&source, proof->index, c->size, proof->hashes, &proof->count));
	return merkle_check_inclusion(&leaf, proof->index, c->size, &c->root, proof->hashes,
				      proof->count);
}

/* The line of an entry, in a buffer of the caller's: the reader moves on. */
static enum err take_line(struct prover *p, uint64_t index, struct buf *ret)
{
	struct str line;

	TRY(reader_at(p, index));
	TRY(log_reader_next(p->reader, &line));
	if (!line.ptr)
		return ERR_TAMPERED;
	buf_add(ret, line);
	return ret->err;
}

static enum err prove(struct prover *p, uint64_t index, struct buf *line, struct buf *out,
		      struct note *n)
{
	struct proof proof = { .index = index, .note = p->note };
	enum err e = take_line(p, index, line);

	proof.extra = buf_view(line);
	if (e == OK) {
		e = include(p, &proof);
		if (e != OK && e != ERR_MEMORY) {
			p->without_tiles = true;
			e = include(p, &proof);
		}
	}
	if (e == ERR_PROOF || e == ERR_TAMPERED) {
		log_place_entry(p->place, index, n);
		return note_set(n, ERR_TAMPERED, n ? n->line : 0, 0,
				"entry %" PRIu64 " is not what the checkpoint signed: "
				"verify the log to learn what was changed",
				index);
	}
	if (e != OK)
		return e;
	proof_write(out, &proof);
	return out->err;
}

enum err log_prove_at(const struct log_place *place, uint64_t index, const struct note_key *keys,
		      size_t key_count, struct buf *out, struct note *n)
{
	struct prover *p;
	struct buf line;
	enum err e;

	TRY(prover_open(place, keys, key_count, &p, n));
	buf_init(&line, LIMIT_ENTRY_BYTES);
	if (index < p->checkpoint.size)
		e = prove(p, index, &line, out, n);
	else
		e = note_set(n, ERR_RANGE, 0, 0,
			     "there is no signed entry %" PRIu64 ": the checkpoint signs %" PRIu64
			     ", "
			     "counted from 0",
			     index, p->checkpoint.size);
	buf_fini(&line);
	prover_close(p);
	return e;
}

enum err log_prove(struct world *w, const char *folder, uint64_t index, const struct note_key *keys,
		   size_t key_count, struct buf *out, struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_told(&p, log_prove_at(&p, index, keys, key_count, out, n), n);
}

/* --- consistency --- */

struct sizes {
	uint64_t from, to;
};

/* The proof from one size to another, checked; a size of 0 needs none. */
static enum err link_sizes(struct prover *p, struct sizes s, const struct digest *root1,
			   const struct digest *root2, struct digest *proof, size_t *count)
{
	const struct merkle_source source = { node, p };

	TRY(merkle_consistency(&source, s.from, s.to, proof, count));
	return s.from ? merkle_check_consistency(s.from, root1, s.to, root2, proof, *count) : OK;
}

/*
 * Both sizes are tied to the signed root: the larger by a proof that is thrown away, the smaller by
 * the one asked for.
 */
static enum err consist(struct prover *p, struct sizes s, struct digest *proof, size_t *count)
{
	struct digest root1, root2, spare[MERKLE_MAX_LEVELS];
	size_t spare_count;

	TRY(root_of(p, s.from, &root1));
	TRY(root_of(p, s.to, &root2));
	TRY(link_sizes(p, (struct sizes){ s.to, p->checkpoint.size }, &root2, &p->checkpoint.root,
		       spare, &spare_count));
	return link_sizes(p, s, &root1, &root2, proof, count);
}

enum err log_prove_consistency_at(const struct log_place *place, uint64_t size1, uint64_t size2,
				  const struct note_key *keys, size_t key_count,
				  struct digest *proof, size_t *count, struct note *n)
{
	struct digest found[MERKLE_MAX_LEVELS];
	size_t found_count = 0;
	struct prover *p;
	enum err e;

	TRY(prover_open(place, keys, key_count, &p, n));
	if (size1 > size2 || size2 > p->checkpoint.size) {
		e = note_set(n, ERR_RANGE, 0, 0,
			     "from %" PRIu64 " to %" PRIu64
			     " entries cannot be proved: sizes must not "
			     "fall, and the checkpoint signs %" PRIu64,
			     size1, size2, p->checkpoint.size);
		goto out;
	}
	e = consist(p, (struct sizes){ size1, size2 }, found, &found_count);
	if (e != OK && e != ERR_MEMORY) {
		p->without_tiles = true;
		e = consist(p, (struct sizes){ size1, size2 }, found, &found_count);
	}
	if (e == ERR_PROOF || e == ERR_TAMPERED)
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "the entries do not lead to the signed root: verify the log to learn "
			     "what was changed");
	if (e != OK)
		goto out;
	memcpy(proof, found, found_count * sizeof(*found));
	*count = found_count;
out:
	prover_close(p);
	return e;
}

enum err log_prove_consistency(struct world *w, const char *folder, uint64_t size1, uint64_t size2,
			       const struct note_key *keys, size_t key_count, struct digest *proof,
			       size_t *count, struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_told(
		&p, log_prove_consistency_at(&p, size1, size2, keys, key_count, proof, count, n),
		n);
}
