/*
 * bench_quota: checks of quotas a second.
 *
 *   bench_quota [RUNS]       default 400, of 20,000 checks each
 *
 * "bucket" fills a bucket by the time and takes a token, "full" finds none; this is the arithmetic.
 * "look" finds one of a thousand rows of a state besides, as the gate does it before it decides,
 * and "charge" writes it. The median is what was to be had; the best run is what the code takes
 * when nobody else uses the processor.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/runtime/runtime.h"
#include "tests/bench/scratch.h"

#define CHECKS 20000
#define SUBJECTS 1024
#define RUNS_MAX 100000
#define GOAL 20e6

static const struct rate rate = { .count = 20, .burst = 40, .period_ns = 1000000000 };
static const struct quota quota = {
	.policy = { "support", 7 }, .name = { "calls", 5 },
	.rate = { .count = 20, .burst = 40, .period_ns = 1000000000 },
};

static char texts[SUBJECTS][16];
static struct str names[SUBJECTS];
static struct state *state;

/* CHECKS of a kind from number `from`; how many were allowed. */
typedef uint64_t work(uint64_t from);

static uint64_t fill_bucket(uint64_t from, int64_t step_ns)
{
	struct bucket b = { .period_ns = 0 };
	uint64_t yes = 0;

	for (uint64_t i = from; i < from + CHECKS; i++) {
		bucket_fill(&b, &rate, (int64_t)i * step_ns);
		yes += bucket_take(&b, &rate);
	}
	return yes;
}

static uint64_t bucket(uint64_t from)
{
	return fill_bucket(from, 50000000);
}

static uint64_t full(uint64_t from)
{
	return fill_bucket(from, 1000);
}

static uint64_t charge(uint64_t from)
{
	for (uint64_t i = from; i < from + CHECKS; i++) {
		state_begin(state);
		MUST(quota_charge(state, 0, &quota, names[i % SUBJECTS], (int64_t)i * 100000, 1) ==
		     OK);
	}
	return CHECKS;
}

static uint64_t look(uint64_t from)
{
	struct quota_view view;
	uint64_t yes = 0;

	for (uint64_t i = from; i < from + CHECKS; i++) {
		MUST(quota_look(state, 0, &quota, names[i % SUBJECTS], (int64_t)i * 100000, 1,
				&view) == OK);
		yes += view.enough;
	}
	return yes;
}

static void measure(const char *name, work *what, double *runs, size_t count, bool goal)
{
	uint64_t yes = 0;
	double middle;

	for (size_t r = 0; r < count; r++) {
		double start = scratch_now();

		yes += what(r * CHECKS);
		runs[r] = CHECKS / (scratch_now() - start);
	}
	middle = scratch_median(runs, count);
	printf("%-8s %8.2f M checks/s  %6.1f ns   best %8.2f M  %6.1f ns  (%llu allowed)%s\n", name,
	       middle / 1e6, 1e9 / middle, runs[count - 1] / 1e6, 1e9 / runs[count - 1],
	       (unsigned long long)yes,
	       !goal ? "" : runs[count - 1] >= GOAL ? "  20 M/s are met" : "  below 20 M/s");
}

int main(int argc, char **argv)
{
	const struct table_schema table = quota_table();
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 400;
	double *runs;

	if (count < 1 || count > RUNS_MAX)
		count = 400;
	runs = malloc(count * sizeof(*runs));
	MUST(runs && state_open(&table, 1, &state) == OK);
	for (size_t i = 0; i < SUBJECTS; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "agent-%zu", i);
		names[i] = str_view(texts[i]);
	}
	measure("bucket", bucket, runs, count, false);
	measure("full", full, runs, count, false);
	measure("charge", charge, runs, count, false);
	measure("look", look, runs, count, true);
	state_close(state);
	free(runs);
	return 0;
}
