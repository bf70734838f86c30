/*
 * bench_log: how far the log is from what the machine and its peers can do. The figures to judge by
 * are ratios of two things measured in the same run; the rates beside them are for the curious.
 *
 *   bench_log [huge]         "huge": a log of 1e7 entries too, which takes 7 GB of memory
 *
 * What stands in parentheses behind a ratio is its target.
 *
 * What is durable is measured on a disk. Appending without durability writes 600 MB a run, and on a
 * disk would measure the disk: it is done in memory where there is room, and so is verifying. This
 * memory is touched before it is measured in. The processor's time beside a rate tells what is ours
 * of it (user) from what the system takes for the bytes it is given.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sqlite3.h>

#include "engine/audit/entry.h"
#include "engine/audit/log_check.h"
#include "engine/audit/log_seal.h"
#include "engine/base/limits.h"
#include "engine/base/world_real.h"
#include "tests/bench/redis.h"
#include "tests/bench/scratch.h"

#define ORIGIN "example.com/bench"
#define LINE_BYTES 600
#define NOISE_BYTES ((size_t)1 << 20)
#define NOISE_TAKEN 64               /* of it for each of the digests in a line */
#define ROW_BYTES 560
#define RUNS 5
#define LARGE_RUNS 3
#define SMALL 10000u
#define SMALL_REPEATS 10             /* so that a run is not over in a blink */
#define LARGE 1000000u
#define HUGE_LOG 10000000u
#define REDIS_ENTRIES 200000u
#define REDIS_BYTES 512              /* what a peer without hashing was measured with */
#define PAIRS 9
#define COMMITS 2000
#define BATCH 100
#define DURABLE_BATCHES 400
#define DURABLE_MAX (DURABLE_BATCHES * BATCH)
#define PAGE 4096
#define WARM_BYTES ((unsigned long long)1 << 30)
#define MEMORY_BYTES ((unsigned long long)2 << 30)
#define HUGE_BYTES ((unsigned long long)8 << 30)

struct bench {
	struct world world;
	struct sign_key *key;
	struct note_key known;
	char folder[2048];
	char line[LINE_BYTES + 64];
	char *noise;                 /* hexadecimal digits */
	char log[2080];
	int logs, databases;
	bool in_memory;              /* where old logs do not stay */
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_log: %s failed\n", what);
	exit(3);
}

static void make_noise(struct bench *b)
{
	uint64_t state = 1;

	b->noise = malloc(NOISE_BYTES);
	must(b->noise, "malloc");
	for (size_t i = 0; i < NOISE_BYTES; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		b->noise[i] = "0123456789abcdef"[state >> 60];
	}
}

static const char *noise_at(const struct bench *b, uint64_t i)
{
	return b->noise + i * 2654435761u % (NOISE_BYTES - NOISE_TAKEN);
}

/*
 * A canonical entry of LINE_BYTES bytes. Its number changes, and three digests, so it packs as
 * badly as entries of real runs do; making it costs next to nothing.
 */
static struct str line_of(struct bench *b, uint64_t seq)
{
	struct str head = STR("{\"kind\":\"notice\",\"log\":\"" ORIGIN "\",\"policy\":\"sha256:"
			      "0000000000000000000000000000000000000000000000000000000000000000\","
			      "\"resource\":\"");
	static const char tail[] =
		",\"state\":\"sha256:"
		"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"time\":\"2026-01-02T03:04:05.000000000Z\",\"v\":2}";
	char number[32];
	int digits = snprintf(number, sizeof(number), "\",\"seq\":%llu", (unsigned long long)seq);
	size_t pad = LINE_BYTES - head.len - (size_t)digits - (sizeof(tail) - 1);

	memcpy(b->line, head.ptr, head.len);
	memset(b->line + head.len, 'r', pad);
	memcpy(b->line + head.len, noise_at(b, 3 * seq), NOISE_TAKEN);
	memcpy(b->line + head.len + NOISE_TAKEN, noise_at(b, 3 * seq + 1), NOISE_TAKEN);
	memcpy(b->line + head.len + pad, number, (size_t)digits);
	memcpy(b->line + LINE_BYTES - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
	memcpy(b->line + LINE_BYTES - (sizeof(tail) - 1) + strlen(",\"state\":\"sha256:"),
	       noise_at(b, 3 * seq + 2), NOISE_TAKEN);
	return str_slice(b->line, LINE_BYTES);
}

static char *in(struct bench *b, const char *name)
{
	static char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", b->folder, name);
	return path;
}

static void clean(struct bench *b, const char *name)
{
	char command[5000];

	(void)snprintf(command, sizeof(command), "rm -rf %s", in(b, name));
	must(system(command) == 0, "rm");
}

/*
 * A new log in a new folder. On disk old ones stay until the end: ext4 is slow to make files while
 * it steps around inodes that were freed a moment ago.
 */
static struct log *fresh(struct bench *b)
{
	struct log *l;

	if (b->in_memory)
		clean(b, "log-*");
	(void)snprintf(b->log, sizeof(b->log), "%s/log-%d", b->folder, b->logs++);
	must(log_create(&b->world, b->log, STR(ORIGIN), b->key) == OK, "log_create");
	must(log_open(&b->world, b->log, STR(ORIGIN), b->key, &l, NULL) == OK, "log_open");
	return l;
}

/* --- appending without durability --- */

/* Filling logs of one size, again and again. */
struct fill {
	uint64_t count;
	double rate[RUNS];
	int runs;
	double entries, user, system;    /* of all runs, the times in seconds */
};

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

/* Closing makes all durable: so no run has to bear what the one before left to be written. */
static double append_rate(struct bench *b, struct fill *f)
{
	struct log *l = fresh(b);
	struct rusage before, after;
	double start, taken;

	must(getrusage(RUSAGE_SELF, &before) == 0, "getrusage");
	start = scratch_now();
	for (uint64_t i = 0; i < f->count; i++)
		must(log_append(l, line_of(b, i)) == OK, "log_append");
	must(log_commit(l, false) == OK, "log_commit");
	taken = scratch_now() - start;
	must(getrusage(RUSAGE_SELF, &after) == 0, "getrusage");
	must(log_close(l) == OK, "log_close");
	f->entries += (double)f->count;
	f->user += seconds(after.ru_utime) - seconds(before.ru_utime);
	f->system += seconds(after.ru_stime) - seconds(before.ru_stime);
	return (double)f->count / taken;
}

static void fill(struct bench *b, struct fill *f)
{
	double rate[SMALL_REPEATS];
	int repeats = f->count == SMALL ? SMALL_REPEATS : 1;

	for (int i = 0; i < repeats; i++)
		rate[i] = append_rate(b, f);
	f->rate[f->runs++] = scratch_median(rate, (size_t)repeats);
}

static double rate_of(struct fill *f)
{
	return scratch_median(f->rate, (size_t)f->runs);
}

static void say_fill(struct fill *f, double of, const char *what)
{
	printf("  %8llu entries %9.0f/s   %.2f of %s; an entry takes user %.2f, system %.2f us\n",
	       (unsigned long long)f->count, rate_of(f), rate_of(f) / of, what,
	       f->user / f->entries * 1e6, f->system / f->entries * 1e6);
}

static void fill_huge(struct bench *b, double few)
{
	struct fill f = { .count = HUGE_LOG };

	clean(b, "log-*");
	scratch_warm(HUGE_BYTES);
	fill(b, &f);
	say_fill(&f, few, "the rate at 10000 (0.85)");
}

static void bench_append(struct bench *b, bool huge)
{
	struct fill small = { .count = SMALL }, large = { .count = LARGE };
	double redis[LARGE_RUNS], peer;

	scratch_warm(WARM_BYTES);
	for (int i = 0; i < RUNS; i++) {
		fill(b, &small);
		if (i < RUNS - LARGE_RUNS)
			continue;
		redis[i - (RUNS - LARGE_RUNS)] = redis_rate(b->folder, REDIS_ENTRIES, REDIS_BYTES);
		fill(b, &large);
	}
	peer = scratch_median(redis, LARGE_RUNS);
	printf("append, not durable\n");
	say_fill(&small, 600e3, "600000/s (1)");
	say_fill(&large, rate_of(&small), "the rate at 10000 (0.85)");
	if (huge)
		fill_huge(b, rate_of(&small));
	if (peer > 0)
		printf("  %.2f of Redis XADD without AOF, 64 on their way, %.0f/s (1.25)\n",
		       rate_of(&large) / peer, peer);
	else
		printf("  beside Redis: skipped, there is no redis-server on the path\n");
	/* What is verified next. */
	if (huge)
		(void)append_rate(b, &large);
}

/* --- verifying, over the log that bench_append left --- */

struct half {
	struct bench *bench;
	uint64_t first, end;
	uint64_t sum;
	pthread_t thread;
};

/* Hash half of the lines: on two threads at once, all that hashing alone takes of them. */
static void *hash_half(void *self)
{
	struct half *h = self;

	for (uint64_t i = h->first; i < h->end; i++)
		h->sum += sha256(line_of(h->bench, i)).bytes[0];
	return NULL;
}

static double hash_by_two(struct bench *b)
{
	static struct bench copy;
	struct half halves[2] = { { .bench = b, .end = LARGE / 2 },
				  { .bench = &copy, .first = LARGE / 2, .end = LARGE } };
	double start = scratch_now();

	copy = *b;
	must(pthread_create(&halves[1].thread, NULL, hash_half, &halves[1]) == 0, "thread");
	(void)hash_half(&halves[0]);
	must(pthread_join(halves[1].thread, NULL) == 0, "join");
	return scratch_now() - start;
}

static double verify_time(struct bench *b)
{
	struct log_report report;
	struct note n = { 0 };
	double start = scratch_now();

	must(log_verify(&b->world, b->log, STR(ORIGIN), &b->known, 1, NULL, &report, &n) == OK,
	     n.text);
	must(report.entries == LARGE, "all entries");
	return scratch_now() - start;
}

/* Each run of verifying is compared with the hashing right before it. */
static void verify_runs(struct bench *b, const char *form)
{
	double taken[RUNS], ratio[RUNS];

	for (int run = 0; run < RUNS; run++) {
		double floor = hash_by_two(b);

		taken[run] = verify_time(b);
		ratio[run] = taken[run] / floor;
	}
	printf("  %-7s %.3f s   %.2f of hashing the lines by two threads (2.3)\n", form,
	       scratch_median(taken, RUNS), scratch_median(ratio, RUNS));
}

static void bench_verify(struct bench *b)
{
	struct log_seal_report sealed;
	struct note n = { 0 };
	double start, taken;

	printf("verify %u entries (%s)\n", LARGE, sha256_kernel());
	verify_runs(b, "plain");
	start = scratch_now();
	must(log_seal(&b->world, b->log, &b->known, 1, &sealed, &n) == OK, n.text);
	taken = scratch_now() - start;
	verify_runs(b, "sealed");
	printf("seal     %.0f MB/s, read back and checked, %.1f to 1\n",
	       (double)sealed.raw_bytes / taken / 1e6,
	       (double)sealed.raw_bytes / (double)sealed.packed_bytes);
}

/* --- durable, one commit per entry or per batch --- */

/* The entries are there before the clock runs, as are the rows for SQLite. */
static double durable_rate(struct bench *b, int commits, int batch)
{
	static char lines[DURABLE_MAX][LINE_BYTES];
	struct log *l = fresh(b);
	double start, taken;
	int at = 0;

	must(commits * batch <= DURABLE_MAX, "room for lines");
	for (int i = 0; i < commits * batch; i++)
		memcpy(lines[i], line_of(b, (uint64_t)i).ptr, LINE_BYTES);
	start = scratch_now();
	for (int i = 0; i < commits; i++) {
		for (int j = 0; j < batch; j++)
			must(log_append(l, str_slice(lines[at++], LINE_BYTES)) == OK,
			     "log_append");
		must(log_commit(l, true) == OK, "log_commit");
	}
	taken = scratch_now() - start;
	must(log_close(l) == OK, "log_close");
	return commits * batch / taken;
}

/* The least a disk does: so many bytes over old ones, made durable, again and again. */
static double overwrite_rate(struct bench *b, int commits, size_t bytes)
{
	static char page[BATCH * LINE_BYTES];
	int fd = open(in(b, "page"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	double start, taken;

	must(fd >= 0 && pwrite(fd, page, bytes, 0) == (ssize_t)bytes && fsync(fd) == 0, "page");
	start = scratch_now();
	for (int i = 0; i < commits; i++) {
		page[0] = (char)i;
		must(pwrite(fd, page, bytes, 0) == (ssize_t)bytes && fdatasync(fd) == 0,
		     "fdatasync");
	}
	taken = scratch_now() - start;
	(void)close(fd);
	return commits / taken;
}

static void sql(sqlite3 *db, const char *text)
{
	must(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

/* A new database each time, in a new file, as the log is. */
static double sqlite_rate(struct bench *b, int commits, int batch)
{
	static char row[ROW_BYTES];
	double start, taken;
	sqlite3_stmt *insert;
	char name[32];
	sqlite3 *db;

	(void)snprintf(name, sizeof(name), "db-%d", b->databases++);
	must(sqlite3_open(in(b, name), &db) == SQLITE_OK, "sqlite3_open");
	sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(id INTEGER "
		"PRIMARY KEY, body BLOB)");
	must(sqlite3_prepare_v2(db, "INSERT INTO t(body) VALUES(?)", -1, &insert, NULL) ==
		     SQLITE_OK,
	     "prepare");
	start = scratch_now();
	for (int i = 0; i < commits; i++) {
		sql(db, "BEGIN");
		for (int j = 0; j < batch; j++) {
			row[0] = (char)j;
			must(sqlite3_bind_blob(insert, 1, row, ROW_BYTES, SQLITE_STATIC) ==
					     SQLITE_OK &&
				     sqlite3_step(insert) == SQLITE_DONE &&
				     sqlite3_reset(insert) == SQLITE_OK,
			     "insert");
		}
		sql(db, "COMMIT");
	}
	taken = scratch_now() - start;
	(void)sqlite3_finalize(insert);
	(void)sqlite3_close(db);
	return commits * batch / taken;
}

/*
 * A disk is faster at one moment than at the next, so each run of ours is compared with the run of
 * the peer right after it, and the median of these ratios counts.
 */
static void bench_durable(struct bench *b)
{
	double single[PAIRS], to_lite[PAIRS], to_page[PAIRS];
	double batched[PAIRS], to_batched[PAIRS], to_pages[PAIRS];

	scratch_warm(WARM_BYTES);
	for (int i = 0; i < PAIRS; i++) {
		single[i] = durable_rate(b, COMMITS, 1);
		to_page[i] = single[i] / overwrite_rate(b, COMMITS, PAGE);
		to_lite[i] = single[i] / sqlite_rate(b, COMMITS, 1);
		batched[i] = durable_rate(b, DURABLE_BATCHES, BATCH);
		to_batched[i] = batched[i] / sqlite_rate(b, DURABLE_BATCHES, BATCH);
		to_pages[i] = batched[i] / BATCH /
			      overwrite_rate(b, DURABLE_BATCHES, LINE_BYTES * BATCH);
	}
	printf("append, durable\n");
	printf("  a commit each     %9.0f/s   %.2f of SQLite WAL FULL (1), %.2f of overwriting "
	       "4 KiB, the least a disk does (0.9)\n",
	       scratch_median(single, PAIRS), scratch_median(to_lite, PAIRS),
	       scratch_median(to_page, PAIRS));
	printf("  batches of %d    %9.0f/s   %.2f of SQLite WAL FULL (1.75), %.2f of overwriting "
	       "as many bytes\n",
	       BATCH, scratch_median(batched, PAIRS), scratch_median(to_batched, PAIRS),
	       scratch_median(to_pages, PAIRS));
}

static void begin(struct bench *b, const char *folder)
{
	static const uint8_t seed[SEED_BYTES] = { 1 };
	struct public_key public;

	*b = (struct bench){ .world = world_real() };
	make_noise(b);
	(void)snprintf(b->folder, sizeof(b->folder), "%s", folder);
	must(crypto_start() == OK && sign_key_open(seed, &b->key) == OK, "crypto");
	public = sign_key_public(b->key);
	b->known = note_key_of(STR(ORIGIN), &public, false);
}

static void on_disk(const char *folder)
{
	struct bench b;

	begin(&b, folder);
	printf("the log: lines of %d bytes; medians of %d to %d runs\n", LINE_BYTES, LARGE_RUNS,
	       PAIRS);
	bench_durable(&b);
	sign_key_close(b.key);
}

static void measure(const char *folder, bool huge)
{
	struct bench b;

	begin(&b, folder);
	b.in_memory = true;
	printf("in %s\n", folder);
	bench_append(&b, huge);
	(void)fflush(stdout);
	bench_verify(&b);
	sign_key_close(b.key);
}

static void in_memory(const char *folder)
{
	measure(folder, false);
}

static void in_much_memory(const char *folder)
{
	measure(folder, true);
}

int main(int argc, char **argv)
{
	bool huge = argc > 1 && strcmp(argv[1], "huge") == 0;
	int status = scratch_run(SCRATCH_DISK, 0, on_disk);

	if (status)
		return status;
	return huge ? scratch_run(SCRATCH_MEMORY, HUGE_BYTES, in_much_memory)
		    : scratch_run(SCRATCH_MEMORY, MEMORY_BYTES, in_memory);
}
