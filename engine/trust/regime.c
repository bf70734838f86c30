/*
 * regime: does an agent do other kinds of things than before?
 *
 *   actions -> recent, WINDOW of them -> compared with the baseline -> added to it
 *
 * The comparison is the chi-squared test of two samples: with r and b of a kind among R recent and
 * B earlier actions, the sum over kinds of (r * B - b * R)^2 / (R * B * (r + b)), which under one
 * and the same regime exceeds the tabled value once in a hundred windows (alpha = 0.01). The test
 * holds where kinds are not too rare (Cochran's rule), so kinds of which fewer than FEW would be
 * expected in the window count as one. The baseline is halved when it is full and follows slowly.
 * Everything is an integer: the sum is in thousandths and rounded down term by term.
 */
#include "engine/trust/trust.h"

#define WINDOW 32u
#define BASELINE_LEAST 64u
#define BASELINE_MOST 512u
#define FEW 5u

/* The 0.99 quantiles of chi-squared for 1 .. 7 degrees of freedom, in thousandths. */
static const uint32_t critical[REGIME_KINDS] = {
	0, 6635, 9210, 11345, 13277, 15086, 16812, 18475,
};

/* FNV-1a (draft-eastlake-fnv), never 0. */
static uint32_t kind_of(struct str action)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < action.len; i++)
		h = (h ^ (unsigned char)action.ptr[i]) * 16777619u;
	return h ? h : 1;
}

/* Its own place, a free one, or the last, which is of all others. */
static unsigned place_of(const struct regime *r, uint32_t kind)
{
	unsigned free_at = REGIME_KINDS - 1;

	for (unsigned i = REGIME_KINDS - 1; i-- > 0;) {
		if (r->kinds[i].kind == kind)
			return i;
		if (r->kinds[i].kind == 0)
			free_at = i;
	}
	return free_at;
}

static uint64_t square(int64_t n)
{
	return (uint64_t)(n * n);
}

/* One term of the sum, times R * B, in thousandths. */
static uint64_t term(const struct regime *r, uint32_t recent, uint32_t before)
{
	int64_t apart = (int64_t)recent * r->baseline - (int64_t)before * r->recent;

	return square(apart) * 1000 / (recent + before);
}

static bool is_other(const struct regime *r)
{
	uint32_t rare_recent = 0, rare_before = 0, cells = 0;
	uint64_t sum = 0;

	for (unsigned i = 0; i < REGIME_KINDS; i++) {
		uint32_t recent = r->kinds[i].recent, before = r->kinds[i].baseline;

		if ((recent + before) * r->recent < FEW * (r->recent + r->baseline)) {
			rare_recent += recent;
			rare_before += before;
			continue;
		}
		sum += term(r, recent, before);
		cells++;
	}
	if (rare_recent + rare_before > 0) {
		sum += term(r, rare_recent, rare_before);
		cells++;
	}
	return cells > 1 && sum > (uint64_t)critical[cells - 1] * r->recent * r->baseline;
}

static void halve(struct regime *r)
{
	r->baseline = 0;
	for (unsigned i = 0; i < REGIME_KINDS; i++) {
		r->kinds[i].baseline /= 2;
		r->baseline += r->kinds[i].baseline;
		if (r->kinds[i].baseline == 0)
			r->kinds[i].kind = 0;
	}
}

static void end_window(struct regime *r)
{
	if (r->baseline >= BASELINE_LEAST)
		r->changed = is_other(r);
	for (unsigned i = 0; i < REGIME_KINDS; i++) {
		r->kinds[i].baseline += r->kinds[i].recent;
		r->kinds[i].recent = 0;
	}
	r->baseline += r->recent;
	r->recent = 0;
	if (r->baseline > BASELINE_MOST)
		halve(r);
}

void regime_count(struct regime *r, struct str action)
{
	uint32_t kind = kind_of(action);
	unsigned at = place_of(r, kind);

	if (at < REGIME_KINDS - 1)
		r->kinds[at].kind = kind;
	r->kinds[at].recent++;
	if (++r->recent == WINDOW)
		end_window(r);
}
