#include <criterion/criterion.h>

#include "engine/audit/merkle.h"

#define LEAVES 70

/* Short names, so that a line shows what is changed rather than what is called. */
#define VERIFY_IN merkle_check_inclusion
#define VERIFY_CO merkle_check_consistency
#define VERIFY_SI merkle_check_subtree_inclusion
#define VERIFY_SC merkle_check_subtree_consistency

/* --- the definitions of RFC 6962 section 2.1, word by word, as the other opinion --- */

static struct digest leaf_at(uint64_t i)
{
	unsigned char byte = (unsigned char)i;

	return sha256_prefixed(0x00, str_slice(&byte, 1));
}

static struct digest node_of(struct digest left, struct digest right)
{
	struct digest pair[2] = { left, right };

	return sha256_prefixed(0x01, str_slice(pair, sizeof(pair)));
}

static uint64_t split_of(uint64_t n)
{
	uint64_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

static struct digest naive_root(uint64_t begin, uint64_t end)
{
	uint64_t k;

	if (begin == end)
		return sha256(STR_NONE);
	if (end - begin == 1)
		return leaf_at(begin);
	k = split_of(end - begin);
	return node_of(naive_root(begin, begin + k), naive_root(begin + k, end));
}

static size_t naive_path(uint64_t m, uint64_t begin, uint64_t end, struct digest *out)
{
	uint64_t n = end - begin, k;
	size_t count;

	if (n == 1)
		return 0;
	k = split_of(n);
	if (m < k) {
		count = naive_path(m, begin, begin + k, out);
		out[count] = naive_root(begin + k, end);
	} else {
		count = naive_path(m - k, begin + k, end, out);
		out[count] = naive_root(begin, begin + k);
	}
	return count + 1;
}

static size_t naive_subproof(uint64_t m, uint64_t begin, uint64_t end, bool whole,
			     struct digest *out)
{
	uint64_t n = end - begin, k;
	size_t count;

	if (m == n) {
		if (whole)
			return 0;
		out[0] = naive_root(begin, end);
		return 1;
	}
	k = split_of(n);
	if (m <= k) {
		count = naive_subproof(m, begin, begin + k, whole, out);
		out[count] = naive_root(begin + k, end);
	} else {
		count = naive_subproof(m - k, begin + k, end, false, out);
		out[count] = naive_root(begin, begin + k);
	}
	return count + 1;
}

/* --- a source that counts its calls, insists on perfect subtrees, and can fail --- */

struct forest {
	uint64_t size;
	unsigned calls, fail_at;
};

static enum err forest_node(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	struct forest *f = self;

	cr_assert_lt(level, 64u);
	cr_assert_leq(index, UINT64_MAX >> level);
	cr_assert_leq(((index + 1) << level) - 1, f->size - 1, "node %u,%lu is not perfect", level,
		      (unsigned long)index);
	if (++f->calls == f->fail_at)
		return ERR_IO;
	*ret = naive_root(index << level, (index + 1) << level);
	return OK;
}

/* For sizes no naive tree reaches: the hash of a node is made of its place. */
static enum err place_node(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	uint64_t place[2] = { level, index };

	(void)self;
	*ret = sha256(str_slice(place, sizeof(place)));
	return OK;
}

static bool same_hashes(const struct digest *a, const struct digest *b, size_t count)
{
	return memcmp(a, b, count * sizeof(*a)) == 0;
}

Test(merkle, range_has_the_root_of_the_naive_tree_at_every_size)
{
	struct merkle_range r;
	struct digest root, want;

	merkle_init(&r);
	for (uint64_t n = 0; n <= LEAVES; n++) {
		struct digest leaf = leaf_at(n);

		cr_assert_eq(r.size, n);
		merkle_root(&r, &root);
		want = naive_root(0, n);
		cr_assert(digest_eq(&root, &want), "size %lu", (unsigned long)n);
		merkle_add(&r, &leaf);
	}
}

Test(merkle, inclusion_proofs_are_those_of_the_definition_and_verify)
{
	struct digest proof[MERKLE_MAX_LEVELS], want[MERKLE_MAX_LEVELS];
	size_t count;

	for (uint64_t n = 1; n <= LEAVES; n++) {
		struct forest f = { .size = n };
		struct merkle_source src = { forest_node, &f };
		struct digest root = naive_root(0, n);

		for (uint64_t i = 0; i < n; i++) {
			struct digest leaf = leaf_at(i);

			f.calls = 0;
			cr_assert_eq(merkle_inclusion(&src, i, n, proof, &count), OK);
			cr_assert_eq(count, naive_path(i, 0, n, want));
			cr_assert(same_hashes(proof, want, count));
			cr_assert_leq(f.calls, 2 * 7u, "a proof costs two nodes a level at most");
			cr_assert_eq(VERIFY_IN(&leaf, i, n, &root, proof, count), OK);
		}
	}
}

Test(merkle, consistency_proofs_are_those_of_the_definition_and_verify)
{
	struct digest proof[MERKLE_MAX_LEVELS], want[MERKLE_MAX_LEVELS];
	size_t count;

	for (uint64_t n = 1; n <= LEAVES; n++) {
		struct forest f = { .size = n };
		struct merkle_source src = { forest_node, &f };
		struct digest root2 = naive_root(0, n);

		for (uint64_t m = 1; m <= n; m++) {
			struct digest root1 = naive_root(0, m);

			cr_assert_eq(merkle_consistency(&src, m, n, proof, &count), OK);
			cr_assert_eq(count, naive_subproof(m, 0, n, true, want));
			cr_assert(same_hashes(proof, want, count), "%lu of %lu", (unsigned long)m,
				  (unsigned long)n);
			cr_assert_eq(VERIFY_CO(m, &root1, n, &root2, proof, count), OK);
		}
	}
}

Test(merkle, consistency_with_nothing_or_with_itself_needs_no_hash)
{
	struct forest f = { .size = 9 };
	struct merkle_source src = { forest_node, &f };
	struct digest proof[MERKLE_MAX_LEVELS];
	size_t count = 77;

	cr_assert_eq(merkle_consistency(&src, 0, 9, proof, &count), OK);
	cr_assert_eq(count, 0);
	count = 77;
	cr_assert_eq(merkle_consistency(&src, 9, 9, proof, &count), OK);
	cr_assert_eq(count, 0);
	cr_assert_eq(f.calls, 0);
}

Test(merkle, an_empty_first_tree_proves_nothing)
{
	struct digest empty = sha256(STR_NONE), root = naive_root(0, 3);

	cr_assert_eq(VERIFY_CO(0, &empty, 0, &empty, NULL, 0), ERR_PROOF);
	cr_assert_eq(VERIFY_CO(0, &empty, 3, &root, NULL, 0), ERR_PROOF);
}

Test(merkle, sizes_that_make_no_sense_are_refused)
{
	struct forest f = { .size = 4 };
	struct merkle_source src = { forest_node, &f };
	struct digest proof[MERKLE_MAX_LEVELS], leaf = leaf_at(0), root = naive_root(0, 4);
	size_t count = 77;

	cr_assert_eq(merkle_inclusion(&src, 4, 4, proof, &count), ERR_RANGE);
	cr_assert_eq(merkle_inclusion(&src, 0, 0, proof, &count), ERR_RANGE);
	cr_assert_eq(merkle_inclusion(&src, 0, MERKLE_MAX_SIZE + 1, proof, &count), ERR_RANGE);
	cr_assert_eq(merkle_consistency(&src, 5, 4, proof, &count), ERR_RANGE);
	cr_assert_eq(merkle_consistency(&src, 1, MERKLE_MAX_SIZE + 1, proof, &count), ERR_RANGE);
	cr_assert_eq(count, 77);
	cr_assert_eq(VERIFY_IN(&leaf, 4, 4, &root, NULL, 0), ERR_PROOF);
	cr_assert_eq(VERIFY_IN(&leaf, 0, 0, &root, NULL, 0), ERR_PROOF);
	cr_assert_eq(VERIFY_CO(5, &root, 4, &root, NULL, 0), ERR_PROOF);
}

Test(merkle, a_failing_source_changes_nothing)
{
	static const struct digest untouched[MERKLE_MAX_LEVELS];
	struct digest proof[MERKLE_MAX_LEVELS] = { 0 };
	size_t count = 77;

	for (unsigned n = 1; ; n++) {
		struct forest f = { .size = 13, .fail_at = n };
		struct merkle_source src = { forest_node, &f };
		enum err e = n % 2 ? merkle_inclusion(&src, 5, 13, proof, &count)
				   : merkle_consistency(&src, 7, 13, proof, &count);

		if (f.calls < n) {
			cr_assert_eq(e, OK);
			cr_assert_gt(n, 3u);
			break;
		}
		cr_assert_eq(e, ERR_IO);
		cr_assert_eq(count, 77);
		cr_assert(same_hashes(proof, untouched, MERKLE_MAX_LEVELS));
	}
}

/* Each proof with one thing wrong: a bit, a hash more, a hash less, another size or index. */
Test(merkle, a_changed_inclusion_proof_does_not_verify)
{
	struct digest proof[MERKLE_MAX_LEVELS + 1] = { 0 };
	size_t count;

	for (uint64_t n = 1; n <= 20; n++) {
		struct forest f = { .size = n };
		struct merkle_source src = { forest_node, &f };
		struct digest root = naive_root(0, n);

		for (uint64_t i = 0; i < n; i++) {
			struct digest leaf = leaf_at(i);

			cr_assert_eq(merkle_inclusion(&src, i, n, proof, &count), OK);
			for (size_t at = 0; at < count * DIGEST_BYTES; at++) {
				proof[at / DIGEST_BYTES].bytes[at % DIGEST_BYTES] ^= 0x10;
				cr_assert_eq(VERIFY_IN(&leaf, i, n, &root, proof, count),
					     ERR_PROOF);
				proof[at / DIGEST_BYTES].bytes[at % DIGEST_BYTES] ^= 0x10;
			}
			cr_assert_eq(VERIFY_IN(&leaf, i, n, &root, proof, count + 1),
				     ERR_PROOF);
			if (count > 0)
				cr_assert_eq(VERIFY_IN(&leaf, i, n, &root, proof, count - 1),
					     ERR_PROOF);
			for (uint64_t other = 0; other < n; other++)
				cr_assert_eq(VERIFY_IN(&leaf, other, n, &root, proof, count),
					     other == i ? OK : ERR_PROOF);
			leaf.bytes[0] ^= 1;
			cr_assert_eq(VERIFY_IN(&leaf, i, n, &root, proof, count), ERR_PROOF);
		}
	}
}

Test(merkle, a_changed_consistency_proof_does_not_verify)
{
	struct digest proof[MERKLE_MAX_LEVELS + 1] = { 0 };
	size_t count;

	for (uint64_t n = 2; n <= 17; n++) {
		struct forest f = { .size = n };
		struct merkle_source src = { forest_node, &f };
		struct digest root2 = naive_root(0, n), wrong = sha256(STR("wrong"));

		for (uint64_t m = 1; m < n; m++) {
			struct digest root1 = naive_root(0, m);

			cr_assert_eq(merkle_consistency(&src, m, n, proof, &count), OK);
			for (size_t i = 0; i < count; i++) {
				proof[i].bytes[31] ^= 1;
				cr_assert_eq(VERIFY_CO(m, &root1, n, &root2, proof, count),
					     ERR_PROOF);
				proof[i].bytes[31] ^= 1;
			}
			for (size_t other = 0; other <= count + 1; other++)
				cr_assert_eq(VERIFY_CO(m, &root1, n, &root2, proof, other),
					     other == count ? OK : ERR_PROOF);
			cr_assert_eq(VERIFY_CO(m, &wrong, n, &root2, proof, count),
				     ERR_PROOF);
			cr_assert_eq(VERIFY_CO(m, &root1, n, &wrong, proof, count),
				     ERR_PROOF);
		}
	}
}

/* The subtree [start, end) verifies in every tree that holds it, with the path of its last peak. */
Test(merkle, subtrees_verify_inside_every_tree)
{
	struct digest proof[MERKLE_MAX_LEVELS];
	size_t count;

	for (uint64_t n = 1; n <= 24; n++) {
		struct digest root = naive_root(0, n);

		for (uint64_t width = 1; width <= n; width *= 2) {
			for (uint64_t start = 0; start + width <= n; start += width) {
				struct digest node = naive_root(start, start + width);
				struct digest leaf = leaf_at(start);

				/* Its path is the upper part of its first leaf's path. */
				size_t own = (size_t)__builtin_ctzll(width);

				count = naive_path(start, 0, n, proof);
				cr_assert_eq(VERIFY_SC(start, start + width, n, &node,
					     &root, proof + own, count - own), OK);
				cr_assert_eq(VERIFY_SI(&leaf, start, start,
					     start + width, &node, proof, own), OK);
			}
		}
	}
}

Test(merkle, ranges_that_are_no_subtrees_are_refused)
{
	struct digest node = naive_root(1, 3), root = naive_root(0, 4), leaf = leaf_at(2);
	struct digest sibling = leaf_at(1);

	cr_assert_eq(VERIFY_SI(&leaf, 2, 1, 3, &node, &sibling, 1), ERR_PROOF);
	cr_assert_eq(VERIFY_SC(1, 3, 4, &node, &root, &sibling, 1), ERR_PROOF);
	cr_assert_eq(VERIFY_SC(4, 2, 4, &node, &root, &sibling, 1), ERR_PROOF);
}

Test(merkle, proofs_of_the_greatest_trees_fit_and_verify_against_themselves)
{
	static const uint64_t sizes[] = {
		MERKLE_MAX_SIZE, MERKLE_MAX_SIZE - 1, MERKLE_MAX_SIZE / 2 + 1,
	};
	struct merkle_source src = { place_node, NULL };
	struct digest proof[MERKLE_MAX_LEVELS], leaf, root = { { 0 } };
	size_t count;

	for (size_t i = 0; i < 3; i++) {
		uint64_t index = sizes[i] - 2;

		cr_assert_eq(merkle_inclusion(&src, index, sizes[i], proof, &count), OK);
		cr_assert_leq(count, 63u);
		cr_assert_eq(place_node(NULL, 0, index, &leaf), OK);
		cr_assert_eq(VERIFY_IN(&leaf, index, sizes[i], &root, proof, count), ERR_PROOF);
		cr_assert_eq(merkle_consistency(&src, index | 1, sizes[i], proof, &count), OK);
		cr_assert_leq(count, 64u);
	}
	cr_assert_eq(merkle_consistency(&src, MERKLE_MAX_SIZE - 1, MERKLE_MAX_SIZE, proof, &count),
		     OK);
	cr_assert_eq(count, 64u);
	/* A proof of 64 hashes in the greatest tree there can be is checked without overflow. */
	cr_assert_eq(VERIFY_IN(&leaf, UINT64_MAX - 1, UINT64_MAX, &root, proof, 64), ERR_PROOF);
	cr_assert_eq(VERIFY_CO(UINT64_MAX - 1, &root, UINT64_MAX, &root, proof, 64), ERR_PROOF);
}
