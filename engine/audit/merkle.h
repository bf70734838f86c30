/*
 * merkle: the tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): leaf SHA-256(0x00 || d), node
 * SHA-256(0x01 || l || r), empty SHA-256(""). Sizes and indexes are inputs of every proof; hashes
 * are 32 bytes by type.
 */
#ifndef TRAMMEL_MERKLE_H
#define TRAMMEL_MERKLE_H

#include "engine/crypto/crypto.h"

#define MERKLE_MAX_LEVELS 64
/* Proofs are made for trees up to this size: beyond it a consistency proof has a 65th hash. */
#define MERKLE_MAX_SIZE (UINT64_C(1) << 63)

/*
 * The roots of the perfect subtrees of a tree of `size` leaves, enough to append and to know the
 * root: peaks[i] is the subtree of 2^i leaves, where bit i of size is set.
 */
struct merkle_range {
	uint64_t size;
	struct digest peaks[MERKLE_MAX_LEVELS];
};

void merkle_init(struct merkle_range *r);
/* Amortised one node hash per leaf. */
void merkle_add(struct merkle_range *r, const struct digest *leaf);
void merkle_root(const struct merkle_range *r, struct digest *ret);

/*
 * Where a proof takes node hashes from: the node of `level` (0 = leaves) at `index`. Only perfect
 * subtrees are asked for, those whose 2^level leaves all exist.
 */
struct merkle_source {
	enum err (*node)(void *self, unsigned level, uint64_t index, struct digest *ret);
	void *self;
};

/*
 * PATH(index, D[size]), the leaf's sibling first. `proof` has room for MERKLE_MAX_LEVELS. ERR_RANGE
 * when index >= size or size > MERKLE_MAX_SIZE, and whatever the source answers.
 */
enum err merkle_inclusion(const struct merkle_source *src, uint64_t index, uint64_t size,
			  struct digest *proof, size_t *count) NODISCARD;
/*
 * PROOF(size1, D[size2]); empty when the sizes are equal or size1 is 0. ERR_RANGE when
 * size1 > size2 or size2 > MERKLE_MAX_SIZE.
 */
enum err merkle_consistency(const struct merkle_source *src, uint64_t size1, uint64_t size2,
			    struct digest *proof, size_t *count) NODISCARD;

/* ERR_PROOF unless it proves exactly that. RFC 9162 section 2.1.3.2. */
enum err merkle_check_inclusion(const struct digest *leaf, uint64_t index, uint64_t size,
				const struct digest *root, const struct digest *proof,
				size_t count) NODISCARD;
/*
 * RFC 9162 section 2.1.4.2. size1 == 0 is refused (ERR_PROOF), as the official library does: an
 * empty tree proves nothing.
 */
enum err merkle_check_consistency(uint64_t size1, const struct digest *root1, uint64_t size2,
				  const struct digest *root2, const struct digest *proof,
				  size_t count) NODISCARD;

/*
 * Subtrees [start, end) as in draft-ietf-plants-merkle-tree-certs section 4: start is a multiple of
 * the smallest power of two >= end - start. The leaf `index` is in the subtree with hash `root`.
 */
enum err merkle_check_subtree_inclusion(const struct digest *leaf, uint64_t index, uint64_t start,
					uint64_t end, const struct digest *root,
					const struct digest *proof, size_t count) NODISCARD;
/*
 * The subtree with hash `node` is a part of the tree of `size` leaves and `root`. An empty subtree
 * has the hash of the empty tree and needs no proof.
 */
enum err merkle_check_subtree_consistency(uint64_t start, uint64_t end, uint64_t size,
					  const struct digest *node, const struct digest *root,
					  const struct digest *proof, size_t count) NODISCARD;

#endif
