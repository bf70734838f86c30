/*
 * merkle: the tree of RFC 6962 by its perfect subtrees.
 *
 *   level 2        2,0                     size 7 = 4 + 2 + 1: peaks 2,0  1,2  0,6
 *               /       \                  root = H(2,0  H(1,2  0,6)): peaks folded from the right
 *   level 1   1,0       1,1       1,2
 *            /   \     /   \     /   \     path of leaf 4: 0,5  0,6  2,0
 *   level 0 0,0  0,1  0,2  0,3  0,4  0,5  0,6
 *
 * A node (level, index) spans the leaves [index << level, (index + 1) << level). It is perfect when
 * all of them exist; such a node never changes again, which is why it can be stored and asked for.
 * The one node per level that is not perfect, at the right border, is folded from perfect ones.
 */
#include "engine/audit/merkle.h"

static struct digest join(const struct digest *left, const struct digest *right)
{
	struct digest pair[2] = { *left, *right };

	sha256_nodes(pair, 1, pair);
	return pair[0];
}

void merkle_init(struct merkle_range *r)
{
	*r = (struct merkle_range){ 0 };
}

void merkle_add(struct merkle_range *r, const struct digest *leaf)
{
	struct digest node = *leaf;
	unsigned level = 0;

	MUST(r->size < UINT64_MAX);
	for (; r->size >> level & 1; level++)
		node = join(&r->peaks[level], &node);
	r->peaks[level] = node;
	r->size++;
}

void merkle_root(const struct merkle_range *r, struct digest *ret)
{
	struct digest root;
	unsigned level = 0;

	if (r->size == 0) {
		*ret = sha256(STR_NONE);
		return;
	}
	while (!(r->size >> level & 1))
		level++;
	root = r->peaks[level];
	for (level++; level < MERKLE_MAX_LEVELS; level++)
		if (r->size >> level & 1)
			root = join(&r->peaks[level], &root);
	*ret = root;
}

/*
 * The hash of the leaves [begin, end), where begin is a multiple of a power of two >= end - begin:
 * its perfect subtrees, found from the right by the bits of the width, folded into one.
 */
static enum err fold_border(const struct merkle_source *src, uint64_t begin, uint64_t end,
			    struct digest *ret)
{
	uint64_t width = end - begin;
	struct digest folded, node;
	bool first = true;

	for (unsigned level = 0; width >> level; level++) {
		if (!(width >> level & 1))
			continue;
		end -= UINT64_C(1) << level;
		TRY(src->node(src->self, level, end >> level, &node));
		folded = first ? node : join(&node, &folded);
		first = false;
	}
	MUST(!first);
	*ret = folded;
	return OK;
}

/*
 * Siblings on the way from the node above `leaf` at `level` up to the root. A node at the right
 * border without a sibling goes up unchanged and adds nothing.
 */
static enum err gather_path(const struct merkle_source *src, uint64_t leaf, unsigned level,
			    uint64_t size, struct digest *path, size_t *count)
{
	uint64_t last = size - 1;

	for (; last >> level; level++) {
		uint64_t sibling = leaf >> level ^ 1, border = last >> level;

		if (sibling > border)
			continue;
		if (sibling == border)
			TRY(fold_border(src, sibling << level, size, &path[*count]));
		else
			TRY(src->node(src->self, level, sibling, &path[*count]));
		++*count;
	}
	return OK;
}

enum err merkle_inclusion(const struct merkle_source *src, uint64_t index, uint64_t size,
			  struct digest *proof, size_t *count)
{
	struct digest path[MERKLE_MAX_LEVELS];
	size_t got = 0;

	if (index >= size || size > MERKLE_MAX_SIZE)
		return ERR_RANGE;
	TRY(gather_path(src, index, 0, size, path, &got));
	memcpy(proof, path, got * sizeof(*path));
	*count = got;
	return OK;
}

/*
 * The last perfect subtree of the old tree is where the two trees meet: its hash comes first (left
 * out when it is the whole old tree, whose root the verifier has), then its path in the new tree.
 */
enum err merkle_consistency(const struct merkle_source *src, uint64_t size1, uint64_t size2,
			    struct digest *proof, size_t *count)
{
	struct digest path[MERKLE_MAX_LEVELS];
	size_t got = 0;

	if (size1 > size2 || size2 > MERKLE_MAX_SIZE)
		return ERR_RANGE;
	if (size1 != 0 && size1 != size2) {
		unsigned level = (unsigned)__builtin_ctzll(size1);
		uint64_t meeting = (size1 - 1) >> level;

		if (meeting != 0)
			TRY(src->node(src->self, level, meeting, &path[got++]));
		TRY(gather_path(src, size1 - 1, level, size2, path, &got));
	}
	memcpy(proof, path, got * sizeof(*path));
	*count = got;
	return OK;
}

/*
 * `at` is the node reached so far and `last` the right border, both as indexes on the level of the
 * next hash. At the border there are only left siblings, so levels without one are passed over.
 */
enum err merkle_check_inclusion(const struct digest *leaf, uint64_t index, uint64_t size,
				const struct digest *root, const struct digest *proof, size_t count)
{
	uint64_t at = index, last = size - 1;
	struct digest node = *leaf;

	if (index >= size)
		return ERR_PROOF;
	for (size_t i = 0; i < count; i++) {
		if (last == 0)
			return ERR_PROOF;
		if (at & 1 || at == last) {
			node = join(&proof[i], &node);
			for (; !(at & 1); at >>= 1)
				last >>= 1;
		} else {
			node = join(&node, &proof[i]);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && digest_eq(&node, root) ? OK : ERR_PROOF;
}

enum err merkle_check_consistency(uint64_t size1, const struct digest *root1, uint64_t size2,
				  const struct digest *root2, const struct digest *proof,
				  size_t count)
{
	if (size1 == 0)
		return ERR_PROOF;
	return merkle_check_subtree_consistency(0, size1, size2, root1, root2, proof, count);
}

/* Is start a multiple of the smallest power of two that is at least end - start? */
static bool subtree_ok(uint64_t start, uint64_t end)
{
	uint64_t widest = end - start - 1;

	if (start >= end)
		return false;
	return widest == 0 || start << __builtin_clzll(widest) == 0;
}

enum err merkle_check_subtree_inclusion(const struct digest *leaf, uint64_t index, uint64_t start,
					uint64_t end, const struct digest *root,
					const struct digest *proof, size_t count)
{
	if (!subtree_ok(start, end) || index < start)
		return ERR_PROOF;
	return merkle_check_inclusion(leaf, index - start, end - start, root, proof, count);
}

/*
 * RFC 9162 section 2.1.4.2, which is the case start == 0 of the draft's algorithm. `first`, `inner`
 * and `last` are the indexes of the subtree's first and last leaf and of the tree's last leaf, on
 * the level of the next hash. `part` grows back into the subtree, `whole` into the tree.
 */
enum err merkle_check_subtree_consistency(uint64_t start, uint64_t end, uint64_t size,
					  const struct digest *node, const struct digest *root,
					  const struct digest *proof, size_t count)
{
	uint64_t first = start, inner = end - 1, last = size - 1;
	struct digest part = *node, whole, empty = sha256(STR_NONE);
	size_t i = 0;

	if (start == end && end <= size)
		return count == 0 && digest_eq(node, &empty) ? OK : ERR_PROOF;
	if (!subtree_ok(start, end) || end > size)
		return ERR_PROOF;
	for (; first != inner && (inner & 1 || inner == last); first >>= 1, inner >>= 1)
		last >>= 1;
	if (first != inner) {
		if (count == 0)
			return ERR_PROOF;
		part = proof[i++];
	}
	whole = part;
	for (; i < count; i++) {
		if (last == 0)
			return ERR_PROOF;
		if (inner & 1 || inner == last) {
			if (first < inner)
				part = join(&proof[i], &part);
			whole = join(&proof[i], &whole);
			for (; !(inner & 1); first >>= 1, inner >>= 1)
				last >>= 1;
		} else {
			whole = join(&whole, &proof[i]);
		}
		first >>= 1;
		inner >>= 1;
		last >>= 1;
	}
	return last == 0 && digest_eq(&part, node) && digest_eq(&whole, root) ? OK : ERR_PROOF;
}
