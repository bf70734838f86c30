#include "tests/bench/scratch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t child;

/* The child dies of it; the parent lives to tidy up. */
static void pass_on(int signal_number)
{
	if (child > 0)
		(void)kill((pid_t)child, signal_number);
}

static const char *parent_folder(enum scratch_place place, unsigned long long room_bytes)
{
	const char *wanted = getenv("TMPDIR");
	struct statvfs room;
	struct stat st;

	if (wanted)
		return wanted;
	if (place == SCRATCH_MEMORY && statvfs("/dev/shm", &room) == 0 &&
	    (unsigned long long)room.f_bavail * room.f_frsize >= room_bytes)
		return "/dev/shm";
	return stat("build", &st) == 0 && S_ISDIR(st.st_mode) ? "build" : ".";
}

static int remove_folder(const char *folder)
{
	char command[5000];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

int scratch_run(enum scratch_place place, unsigned long long room_bytes,
		void (*work)(const char *folder))
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction passing = { .sa_handler = pass_on };
	char folder[4096];
	int status = -1;

	(void)snprintf(folder, sizeof(folder), "%s/bench-XXXXXX",
		       parent_folder(place, room_bytes));
	if (!mkdtemp(folder)) {
		perror(folder);
		return 3;
	}
	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		work(folder);
		exit(0);
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		(void)sigaction(signals[i], &passing, NULL);
	while (child > 0 && waitpid((pid_t)child, &status, 0) < 0)
		;
	if (remove_folder(folder) != 0 || child < 0)
		return 3;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

void scratch_warm(unsigned long long bytes)
{
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory != MAP_FAILED)
		(void)munmap(memory, bytes);
}

double scratch_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double scratch_median(double *runs, size_t count)
{
	qsort(runs, count, sizeof(*runs), by_value);
	return runs[count / 2];
}
