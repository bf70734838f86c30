/*
 * merkle: the tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): leaf SHA-256(0x00 || d), node SHA-256(0x01 || l || r), empty
 * SHA-256(""). Sizes and indexes are inputs of every proof; hashes are 32 bytes by type.
 */
#ifndef TRAMMEL_MERKLE_H
#define TRAMMEL_MERKLE_H

#include "engine/crypto/crypto.h"

#define MERKLE_MAX_LEVELS 64

/* The roots of the perfect subtrees of a tree of `size` leaves, left to right: enough to append and to know the root. */
struct merkle_range {
	uint64_t size;
	struct digest peaks[MERKLE_MAX_LEVELS];    /* peaks[i]: subtree of 2^i leaves, where bit i of size is set */
};

void merkle_init(struct merkle_range *r);
/* Amortised one node hash per leaf. */
void merkle_add(struct merkle_range *r, const struct digest *leaf);
void merkle_root(const struct merkle_range *r, struct digest *ret);

/* Where a proof takes node hashes from: the node of `level` (0 = leaves) at `index`, a perfect subtree. */
struct merkle_source {
	enum err (*node)(void *self, unsigned level, uint64_t index, struct digest *ret);
	void *self;
};

/* PATH(index, D[size]), leaf's sibling first. `proof` has room for MERKLE_MAX_LEVELS. ERR_RANGE when index >= size. */
enum err merkle_inclusion(const struct merkle_source *src, uint64_t index, uint64_t size,
			  struct digest *proof, size_t *count) NODISCARD;
/* PROOF(size1, D[size2]); empty when the sizes are equal or size1 is 0. ERR_RANGE when size1 > size2. */
enum err merkle_consistency(const struct merkle_source *src, uint64_t size1, uint64_t size2,
			    struct digest *proof, size_t *count) NODISCARD;
/* ERR_PROOF unless it proves exactly that. */
enum err merkle_check_inclusion(const struct digest *leaf, uint64_t index, uint64_t size, const struct digest *root,
				const struct digest *proof, size_t count) NODISCARD;
/* size1 == 0 is refused (ERR_PROOF), as the official library does: an empty tree proves nothing. */
enum err merkle_check_consistency(uint64_t size1, const struct digest *root1, uint64_t size2, const struct digest *root2,
				  const struct digest *proof, size_t count) NODISCARD;

#endif
