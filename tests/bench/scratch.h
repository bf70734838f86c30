/*
 * scratch: what the benchmarks share: a folder that is gone when they are, time, and the middle of
 * several runs.
 */
#ifndef TRAMMEL_TESTS_SCRATCH_H
#define TRAMMEL_TESTS_SCRATCH_H

#include <stddef.h>

enum scratch_place {
	SCRATCH_DISK,          /* build/, or else the current folder */
	SCRATCH_MEMORY,        /* /dev/shm when it has `room_bytes`, so that no disk is measured */
};

/*
 * Run `work` in a child with a folder of its own, in that place or below TMPDIR, and remove the
 * folder, however the child ends: interrupting the benchmark leaves nothing behind. Answers the
 * exit status for main.
 */
int scratch_run(enum scratch_place place, unsigned long long room_bytes,
		void (*work)(const char *folder));

/*
 * Touch so much memory once and give it back. A virtual machine may have to ask its host for each
 * page that it touches for the first time, which takes longer than filling it.
 */
void scratch_warm(unsigned long long bytes);

/* Seconds on a clock that only moves forward. */
double scratch_now(void);
/* The median; puts `runs` in order. */
double scratch_median(double *runs, size_t count);

#endif
