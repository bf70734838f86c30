/*
 * subtree: leaves [first, end) of an RFC 6962 tree by the roots of perfect subtrees.
 *
 *   leaves    5   6 7   8 9 10 11   12      of [5, 13)
 *   subtrees  o    o        o        o
 *
 * A subtree of level L begins at a multiple of 2^L. Added leaf by leaf, two neighbours of a level
 * become one when the left one begins at a multiple of twice their size. So does what is left out
 * of an export, and so does who reads it: everything put in order from 0 on ends in the peaks of
 * the whole tree.
 */
#include "replay/exporting.h"

void subtree_begin(struct subtrees *s, uint64_t first)
{
	s->first = s->end = first;
	s->count = 0;
}

/* The last two are halves of one, when the left half begins where that one may. */
static bool are_halves(const struct subtrees *s)
{
	unsigned level;

	if (s->count < 2 || s->levels[s->count - 1] != s->levels[s->count - 2])
		return false;
	level = s->levels[s->count - 1] + 1u;
	return level < MERKLE_MAX_LEVELS && s->end % (UINT64_C(1) << level) == 0;
}

bool subtree_put(struct subtrees *s, unsigned level, const struct digest *root)
{
	uint64_t leaves;

	if (level >= MERKLE_MAX_LEVELS - 1)
		return false;
	leaves = UINT64_C(1) << level;
	if (s->end % leaves || s->end + leaves > MERKLE_MAX_SIZE || s->count == SUBTREE_MAX)
		return false;
	s->levels[s->count] = (uint8_t)level;
	s->roots[s->count++] = *root;
	s->end += leaves;
	while (are_halves(s)) {
		s->count--;
		sha256_nodes(&s->roots[s->count - 1], 1, &s->roots[s->count - 1]);
		s->levels[s->count - 1]++;
	}
	return true;
}

void subtree_add(struct subtrees *s, const struct digest *leaf)
{
	MUST(subtree_put(s, 0, leaf));
}

unsigned subtree_level(uint64_t at, uint64_t end)
{
	unsigned level = 0;

	while (level < MERKLE_MAX_LEVELS - 2 && at % (UINT64_C(2) << level) == 0 &&
	       end - at >= UINT64_C(2) << level)
		level++;
	return level;
}

void subtree_root(const struct subtrees *s, struct digest *ret)
{
	struct digest pair[2];

	if (s->count == 0) {
		*ret = sha256(STR(""));
		return;
	}
	pair[1] = s->roots[s->count - 1];
	for (size_t i = s->count - 1; i > 0; i--) {
		pair[0] = s->roots[i - 1];
		sha256_nodes(pair, 1, &pair[1]);
	}
	*ret = pair[1];
}
