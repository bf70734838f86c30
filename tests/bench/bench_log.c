/*
 * bench_log: how far the log is from what the machine and its peers can do. Only ratios of two
 * things measured in the same run are printed as results; the rates beside them are for the
 * curious.
 *
 *   bench_log [folder]     a scratch folder is made there (default: here) and removed at the end
 *
 * Appending without durability writes 600 MB a run: on a disk that cannot take them it measures the
 * disk. Give a folder in memory to measure the log, and one on a disk for the durable figures.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "engine/audit/entry.h"
#include "engine/audit/log.h"
#include "engine/base/limits.h"
#include "engine/base/world_real.h"

#define ORIGIN "example.com/bench"
#define LINE_BYTES 600
#define ROW_BYTES 560
#define RUNS 5
#define SMALL 100000u
#define LARGE 1000000u
#define COMMITS 400
#define BATCH 100
#define DURABLE_BATCHES 200
#define PAGE 4096

struct bench {
	struct world world;
	struct sign_key *key;
	struct note_key known;
	char folder[2048];
	char line[LINE_BYTES + 64];
	char log[2080];
	int logs;
};

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_log: %s failed\n", what);
	exit(3);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *runs)
{
	qsort(runs, RUNS, sizeof(*runs), by_value);
	return runs[RUNS / 2];
}

/*
 * A canonical entry of LINE_BYTES bytes; only its number changes, so making it costs next to
 * nothing.
 */
static struct str line_of(struct bench *b, uint64_t seq)
{
	struct str head = STR("{\"kind\":\"notice\",\"log\":\"" ORIGIN "\",\"policy\":\"sha256:"
			      "0000000000000000000000000000000000000000000000000000000000000000\","
			      "\"resource\":\"");
	static const char tail[] =
		",\"state\":\"sha256:"
		"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"time\":\"2026-01-02T03:04:05.000000000Z\",\"v\":1}";
	char number[32];
	int digits = snprintf(number, sizeof(number), "\",\"seq\":%llu", (unsigned long long)seq);
	size_t pad = LINE_BYTES - head.len - (size_t)digits - (sizeof(tail) - 1);

	memcpy(b->line, head.ptr, head.len);
	memset(b->line + head.len, 'r', pad);
	memcpy(b->line + head.len + pad, number, (size_t)digits);
	memcpy(b->line + LINE_BYTES - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
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

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", in(b, name));
	must(system(command) == 0, "rm");
}

/*
 * A new log in a new folder. Old ones stay until the end: ext4 is slow to make files while it steps
 * around inodes that were freed a moment ago.
 */
static struct log *fresh(struct bench *b)
{
	struct log *l;

	(void)snprintf(b->log, sizeof(b->log), "%s/log-%d", b->folder, b->logs++);
	must(log_create(&b->world, b->log, STR(ORIGIN), b->key) == OK, "log_create");
	must(log_open(&b->world, b->log, STR(ORIGIN), b->key, &l, NULL) == OK, "log_open");
	return l;
}

/* --- appending without durability --- */

static double append_rate(struct bench *b, uint64_t count)
{
	struct log *l = fresh(b);
	double start = now(), taken;

	for (uint64_t i = 0; i < count; i++)
		must(log_append(l, line_of(b, i)) == OK, "log_append");
	must(log_commit(l, false) == OK, "log_commit");
	taken = now() - start;
	must(log_close(l) == OK, "log_close");
	return (double)count / taken;
}

static void bench_append(struct bench *b)
{
	double small[RUNS], large[RUNS];

	for (int i = 0; i < RUNS; i++) {
		small[i] = append_rate(b, SMALL);
		large[i] = append_rate(b, LARGE);
	}
	printf("append, not durable: %.0f entries/s at %u, %.0f at %u\n", median(small), SMALL,
	       median(large), LARGE);
	printf("  ratio of rates, ten times the size: %.2f (goal 0.85)\n",
	       median(large) / median(small));
}

/* --- verifying, over the log that bench_append left --- */

static void bench_verify(struct bench *b)
{
	double hashing[RUNS], verifying[RUNS];
	struct log_report report;
	struct note n = { 0 };

	for (int run = 0; run < RUNS; run++) {
		double start = now();
		uint64_t sum = 0;

		for (uint64_t i = 0; i < LARGE; i++)
			sum += sha256(line_of(b, i)).bytes[0];
		hashing[run] = now() - start + (sum == 1 ? 1e-9 : 0);
		start = now();
		must(log_verify(&b->world, b->log, STR(ORIGIN), &b->known, 1, &report, &n) == OK,
		     n.text);
		verifying[run] = now() - start;
	}
	printf("verify %u entries: %.3f s; hashing the same bytes once (%s): %.3f s\n", LARGE,
	       median(verifying), sha256_kernel(), median(hashing));
	printf("  ratio of times: %.2f (goal 2.3, at most 4)\n",
	       median(verifying) / median(hashing));
}

/* --- durable, one commit per entry --- */

static double durable_rate(struct bench *b, int commits, int batch)
{
	struct log *l = fresh(b);
	double start = now(), taken;
	uint64_t seq = 0;

	for (int i = 0; i < commits; i++) {
		for (int j = 0; j < batch; j++)
			must(log_append(l, line_of(b, seq++)) == OK, "log_append");
		must(log_commit(l, true) == OK, "log_commit");
	}
	taken = now() - start;
	must(log_close(l) == OK, "log_close");
	return commits * batch / taken;
}

static double overwrite_rate(struct bench *b)
{
	static char page[PAGE];
	int fd = open(in(b, "page"), O_RDWR | O_CREAT, 0600);
	double start, taken;

	must(fd >= 0 && pwrite(fd, page, PAGE, 0) == PAGE && fsync(fd) == 0, "page");
	start = now();
	for (int i = 0; i < COMMITS; i++) {
		page[0] = (char)i;
		must(pwrite(fd, page, PAGE, 0) == PAGE && fdatasync(fd) == 0, "fdatasync");
	}
	taken = now() - start;
	(void)close(fd);
	return COMMITS / taken;
}

static void sql(sqlite3 *db, const char *text)
{
	must(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

static double sqlite_rate(struct bench *b, int commits, int batch)
{
	static char row[ROW_BYTES];
	double start, taken;
	sqlite3_stmt *insert;
	sqlite3 *db;

	clean(b, "db");
	clean(b, "db-wal");
	clean(b, "db-shm");
	must(sqlite3_open(in(b, "db"), &db) == SQLITE_OK, "sqlite3_open");
	sql(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(id INTEGER "
		"PRIMARY KEY, body BLOB)");
	must(sqlite3_prepare_v2(db, "INSERT INTO t(body) VALUES(?)", -1, &insert, NULL) ==
		     SQLITE_OK,
	     "prepare");
	start = now();
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
	taken = now() - start;
	(void)sqlite3_finalize(insert);
	(void)sqlite3_close(db);
	return commits * batch / taken;
}

static void bench_durable(struct bench *b)
{
	double one[RUNS], page[RUNS], lite_one[RUNS], many[RUNS], lite_many[RUNS];

	for (int i = 0; i < RUNS; i++) {
		one[i] = durable_rate(b, COMMITS, 1);
		page[i] = overwrite_rate(b);
		lite_one[i] = sqlite_rate(b, COMMITS, 1);
		many[i] = durable_rate(b, DURABLE_BATCHES, BATCH);
		lite_many[i] = sqlite_rate(b, DURABLE_BATCHES, BATCH);
	}
	printf("durable, a commit each: %.0f entries/s; SQLite WAL FULL %.0f; overwrite 4 KiB + "
	       "fdatasync %.0f\n",
	       median(one), median(lite_one), median(page));
	printf("  ratio to SQLite: %.2f (goal 1); to the overwrite: %.2f (goal 0.9)\n",
	       median(one) / median(lite_one), median(one) / median(page));
	printf("durable, batches of %d: %.0f entries/s; SQLite WAL FULL %.0f\n", BATCH,
	       median(many), median(lite_many));
	printf("  ratio to SQLite: %.2f (goal 1)\n", median(many) / median(lite_many));
}

int main(int argc, char **argv)
{
	static const uint8_t seed[SEED_BYTES] = { 1 };
	struct bench b = { .world = world_real() };
	struct public_key public;

	(void)snprintf(b.folder, sizeof(b.folder), "%s/bench-log-XXXXXX", argc > 1 ? argv[1] : ".");
	must(mkdtemp(b.folder) != NULL, "mkdtemp");
	must(crypto_start() == OK && sign_key_open(seed, &b.key) == OK, "crypto");
	public = sign_key_public(b.key);
	b.known = (struct note_key){ STR(ORIGIN), note_key_id(STR(ORIGIN), &public), public };
	bench_durable(&b);
	bench_append(&b);
	bench_verify(&b);
	clean(&b, "");
	sign_key_close(b.key);
	return 0;
}
