/* Leaves left out, by their subtrees: beside the plain definition of the tree. */
#include <criterion/criterion.h>

#include "replay/exporting.h"

#define LEAVES 70

static struct digest leaf_of(uint64_t i)
{
	return sha256_prefixed(0, str_slice(&i, sizeof(i)));
}

/* RFC 6962 section 2.1, as it stands there. */
static struct digest naive(uint64_t first, uint64_t count)
{
	struct digest pair[2];
	uint64_t split = 1;

	if (count == 0)
		return sha256(STR(""));
	if (count == 1)
		return leaf_of(first);
	while (2 * split < count)
		split *= 2;
	pair[0] = naive(first, split);
	pair[1] = naive(first + split, count - split);
	sha256_nodes(pair, 1, &pair[0]);
	return pair[0];
}

Test(subtree, leaves_from_the_beginning_lead_to_the_root)
{
	struct subtrees s;
	struct digest root, expected, leaf;

	cr_assert_eq(crypto_start(), OK);
	subtree_begin(&s, 0);
	for (uint64_t size = 0; size < LEAVES; size++) {
		expected = naive(0, size);
		subtree_root(&s, &root);
		cr_expect(digest_eq(&root, &expected), "of %llu leaves", (unsigned long long)size);
		leaf = leaf_of(size);
		subtree_add(&s, &leaf);
	}
}

/* Every gap of a tree of LEAVES leaves, written down as hashes and put between the others. */
Test(subtree, whatever_is_left_out_the_hashes_of_it_do_as_well)
{
	struct digest expected, root, leaf;
	struct subtrees gap, all;

	cr_assert_eq(crypto_start(), OK);
	expected = naive(0, LEAVES);
	for (uint64_t first = 0; first < LEAVES; first++)
		for (uint64_t end = first + 1; end <= LEAVES; end++) {
			uint64_t at = first;

			subtree_begin(&gap, first);
			subtree_begin(&all, 0);
			for (uint64_t i = first; i < end; i++) {
				leaf = leaf_of(i);
				subtree_add(&gap, &leaf);
			}
			for (uint64_t i = 0; i < first; i++) {
				leaf = leaf_of(i);
				subtree_add(&all, &leaf);
			}
			for (size_t i = 0; i < gap.count; i++) {
				unsigned level = subtree_level(at, end);

				cr_assert_eq(level, gap.levels[i]);
				cr_assert(subtree_put(&all, level, &gap.roots[i]));
				at += UINT64_C(1) << level;
			}
			cr_assert_eq(at, end);
			for (uint64_t i = end; i < LEAVES; i++) {
				leaf = leaf_of(i);
				subtree_add(&all, &leaf);
			}
			subtree_root(&all, &root);
			cr_assert(digest_eq(&root, &expected));
		}
}

Test(subtree, a_subtree_that_cannot_begin_here_is_refused)
{
	const struct digest d = { { 0 } };
	struct subtrees s;

	cr_assert_eq(crypto_start(), OK);
	subtree_begin(&s, 0);
	cr_expect(subtree_put(&s, 0, &d));
	cr_expect_not(subtree_put(&s, 1, &d));
	cr_expect_not(subtree_put(&s, 63, &d));
	cr_expect_not(subtree_put(&s, 200, &d));
	cr_expect_eq(s.end, 1);
	subtree_begin(&s, UINT64_C(1) << 63);
	cr_expect_not(subtree_put(&s, 0, &d), "a log is not so long");
}
