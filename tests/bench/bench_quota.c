/*
 * bench_quota: checks of quotas a second.
 *
 *   bench_quota [checks]
 *
 * "bucket" fills a bucket by the time and takes a token, "full" finds none; this is the arithmetic.
 * "look" finds one of so many rows of a state besides, as the gate does it, and "charge" writes it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/runtime/runtime.h"

#define SUBJECTS 1024

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void report(const char *name, uint64_t checks, int64_t took_ns, uint64_t yes)
{
	printf("%-8s %8.2f M checks/s  %7.1f ns  (%llu allowed)\n", name,
	       (double)checks * 1000.0 / (double)took_ns, (double)took_ns / (double)checks,
	       (unsigned long long)yes);
}

static void bench_bucket(const char *name, uint64_t checks, int64_t step_ns)
{
	const struct rate r = { .count = 20, .burst = 40, .period_ns = 1000000000 };
	struct bucket b = { .period_ns = 0 };
	int64_t began = now_ns(), at = 0;
	uint64_t yes = 0;

	for (uint64_t i = 0; i < checks; i++) {
		at += step_ns;
		bucket_fill(&b, &r, at);
		yes += bucket_take(&b, &r);
	}
	report(name, checks, now_ns() - began, yes);
}

static void bench_rows(uint64_t checks)
{
	const struct table_schema table = quota_table();
	const struct quota q = {
		.policy = STR("p"), .name = STR("q"),
		.rate = { .count = 20, .burst = 40, .period_ns = 1000000000 },
	};
	char names[SUBJECTS][16];
	struct quota_view view;
	struct state *s;
	uint64_t yes = 0;
	int64_t began;

	if (state_open(&table, 1, &s) != OK)
		exit(3);
	for (size_t i = 0; i < SUBJECTS; i++)
		(void)snprintf(names[i], sizeof(names[i]), "agent-%zu", i);
	began = now_ns();
	for (uint64_t i = 0; i < checks / 8; i++) {
		state_begin(s);
		if (quota_charge(s, 0, &q, str_view(names[i % SUBJECTS]), (int64_t)i * 1000, 1) !=
		    OK)
			exit(3);
	}
	report("charge", checks / 8, now_ns() - began, checks / 8);
	began = now_ns();
	for (uint64_t i = 0; i < checks / 8; i++) {
		if (quota_look(s, 0, &q, str_view(names[i % SUBJECTS]), (int64_t)i * 1000, 1,
			       &view) != OK)
			exit(3);
		yes += view.enough;
	}
	report("look", checks / 8, now_ns() - began, yes);
	state_close(s);
}

int main(int argc, char **argv)
{
	uint64_t checks = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000000;

	bench_bucket("bucket", checks, 50000000);
	bench_bucket("full", checks, 1000);
	bench_rows(checks);
	return 0;
}
