/*
 * bench_flow: the first flow at two sizes of the log, each step in a process of its own, so that
 * its resident memory is its own.
 *
 *   bench_flow [SMALL [LARGE]]       entries; default 100000 1000000
 *
 *   decide+record   each action decided by ten rules and recorded, not synced
 *   import          another tool's chained log, a line for each entry
 *   verify          the log, against hashing the same lines once in the same run
 *   strict replay   the log and its bodies from disk, every entry made again and compared
 *
 * Verifying and replaying are run several times and the median is told. Processor time per entry is
 * told as well: it holds on a busy machine, where rates do not. A replay is three threads, and
 * its rate wants two processors that nobody else uses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/world_real.h"
#include "replay/replay.h"
#include "tests/bench/scratch.h"

#define RUNS 3
#define SESSIONS 1000
#define COMMIT_EVERY 4096
#define MEMORY_CAP ((size_t)256 << 20)
#define REPLAY_GOAL 300000.0
#define VERIFY_GOAL 4.0
#define SPREAD_GOAL 1.25

static const char policy[] =
	"apiVersion: governance.toolkit/v1\n"
	"name: bench\n"
	"rules:\n"
	"  - {name: r0, condition: 'args.amount > 9000 and args.currency == \"EUR\"', action: "
	"deny}\n"
	"  - {name: r1, condition: 'args.amount > 8000 and args.currency == \"USD\"', action: "
	"deny}\n"
	"  - {name: r2, condition: 'session.denials > 50 and args.amount > 10', action: deny}\n"
	"  - {name: r3, condition: 'args.user startsWith \"root\"', action: deny}\n"
	"  - {name: r4, condition: 'action.type in [\"drop_table\", \"delete_user\"]', action: "
	"deny}\n"
	"  - {name: r5, condition: 'args.note contains \"password\"', action: deny}\n"
	"  - {name: r6, condition: 'agent.denials > 1000000', action: deny}\n"
	"  - {name: r7, condition: 'args.amount > 4000', action: deny}\n"
	"  - {name: r8, condition: 'args.currency != \"EUR\"', action: deny}\n"
	"  - {name: r9, condition: 'args.amount >= 0 and agent.registered', action: allow}\n";

struct result {
	double seconds, floor_seconds, cpu_seconds;
	uint64_t entries, bytes;
	long rss_kib;
};

typedef void step(const char *dir, uint64_t entries, struct result *ret);

static uint64_t sizes[2] = { 100000, 1000000 };

static void need(enum err e, const struct note *n, const char *what)
{
	if (e == OK)
		return;
	(void)fprintf(stderr, "bench_flow: %s: %s %s\n", what, err_text(e), n ? n->text : "");
	exit(3);
}

static double cpu_now(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* --- the steps --- */

static void submit_one(struct space *s, uint64_t i, struct arena *a, struct buf *b)
{
	static const char *const tools[] = { "get_user", "send_payment", "search", "book" };
	unsigned long long number = i;
	struct event e = { .kind = ENTRY_ACTION, .agent = STR("bench") };
	char session[32];
	struct verdict v;

	arena_rewind(a, (struct arena_mark){ NULL, 0 });
	(void)snprintf(session, sizeof(session), "session-%llu", number % SESSIONS);
	buf_clear(b);
	buf_addf(b,
		 "{\"amount\":%llu,\"currency\":\"EUR\",\"note\":\"%064llu\",\"user\":"
		 "\"user-%llu\"}",
		 number * 7 % 4100, number, number % 977);
	e.at_ns = (int64_t)(i + 1) * 1000000;
	e.action = str_view(tools[i % 4]);
	e.session = str_view(session);
	e.args_text = buf_view(b);
	need(space_submit(s, &e, a, &v), NULL, "submit");
}

static void build(const char *dir, uint64_t entries, struct result *ret)
{
	struct world world = world_real();
	struct note n = { .text = "" };
	const struct space_newcomer bench = { .name = STR("bench"), .sponsor = STR("a@b") };
	struct space_key key;
	struct space *s;
	struct arena a;
	struct buf b;
	char path[4200];
	double start, cpu;

	need(space_create(&world, dir, STR("example.org/bench"), &n), &n, "create");
	(void)snprintf(path, sizeof(path), "%s/policies/policy.yaml", dir);
	need(world_replace_file(&world, path, str_view(policy)), NULL, "policy");
	need(space_open(&world, dir, SPACE_WRITE, &s, &n), &n, "open");
	need(space_create_agent(s, &bench, 0, &key, &n), &n, "agent");
	arena_init(&a, LIMIT_ACTION_MEMORY);
	buf_init(&b, LIMIT_ACTION_BYTES);
	start = scratch_now();
	cpu = cpu_now();
	for (uint64_t i = 0; i < entries; i++) {
		submit_one(s, i, &a, &b);
		if (i % COMMIT_EVERY == 0)
			need(space_commit(s, false), NULL, "commit");
	}
	ret->seconds = scratch_now() - start;
	ret->cpu_seconds = cpu_now() - cpu;
	ret->entries = entries;
	need(space_close(s, &n), &n, "close");
	buf_fini(&b);
	arena_fini(&a);
}

/* A log as the reference toolkit's file sink writes it: each line names the hash of the last. */
static void write_source(const char *dir, uint64_t entries, struct result *ret)
{
	static const struct digest none;
	FILE *out = fopen(dir, "w");
	struct buf line, hash;
	struct digest last = none;

	if (!out)
		exit(3);
	buf_init(&line, LIMIT_LINE_BYTES);
	buf_init(&hash, LIMIT_LINE_BYTES);
	for (uint64_t i = 0; i < entries; i++) {
		unsigned long long number = i;

		buf_clear(&line);
		buf_addf(&line,
			 "{\"action\": \"read_%llu\", \"agent_did\": \"did:web:a%llu.example\", "
			 "\"data\": {\"order\": \"A-%llu\"}, \"entry_id\": \"audit_%llu\", "
			 "\"event_type\": \"tool_invocation\", \"matched_rule\": \"r\", "
			 "\"outcome\": \"success\", \"policy_decision\": null, "
			 "\"previous_hash\": \"%.*s\", \"resource\": null, "
			 "\"session_id\": \"s%llu\", \"target_did\": null, \"timestamp\": "
			 "\"2026-01-02T03:04:05+00:00\", \"trace_id\": null}",
			 number % 5, number % 3, number, number, STR_ARG(buf_view(&hash)),
			 number % SESSIONS);
		last = sha256(buf_view(&line));
		buf_clear(&hash);
		buf_add_hex(&hash, last.bytes, sizeof(last.bytes));
		(void)fprintf(out, "%.*s, \"content_hash\": \"%.*s\", \"signature\": \"%.*s\", "
			      "\"sandbox_id\": null}\n", (int)line.len - 1, line.ptr,
			      STR_ARG(buf_view(&hash)), STR_ARG(buf_view(&hash)));
	}
	ret->entries = entries;
	buf_fini(&line);
	buf_fini(&hash);
	if (fclose(out) != 0)
		exit(3);
}

/* Into `dir` from the file beside it. */
static void import(const char *dir, uint64_t entries, struct result *ret)
{
	struct import_options options = { .format = IMPORT_AGT_FILESINK };
	struct world world = world_real();
	struct note n = { .text = "" };
	struct import_report report;
	struct space *s;
	char path[4200];
	double start, cpu;
	int fd;

	(void)entries;
	need(space_create(&world, dir, STR("example.org/import"), &n), &n, "create");
	need(space_open(&world, dir, SPACE_WRITE, &s, &n), &n, "open");
	(void)snprintf(path, sizeof(path), "%s.jsonl", dir);
	need(world_open(&world, path, WORLD_READ, &fd), NULL, path);
	start = scratch_now();
	cpu = cpu_now();
	need(import_run(s, fd, &options, &report, &n), &n, "import");
	ret->seconds = scratch_now() - start;
	ret->cpu_seconds = cpu_now() - cpu;
	ret->entries = report.entries;
	(void)world_close(&world, fd);
	need(space_close(s, &n), &n, "close");
}

/* All lines of the log once through the hash, the floor of any verification. */
static double hash_once(struct space *s, uint64_t *bytes)
{
	struct log_reader *reader;
	struct str lines[64];
	struct digest leaves[64];
	double seconds = 0;
	size_t count;

	*bytes = 0;
	need(log_reader_open(space_world(s), space_log_folder(s), 0, UINT64_MAX, &reader), NULL,
	     "read");
	do {
		double start;

		need(log_reader_batch(reader, lines, 64, &count, NULL), NULL, "read");
		start = scratch_now();
		for (size_t i = 0; i < count; i++)
			leaves[i] = sha256(lines[i]);
		seconds += scratch_now() - start;
		for (size_t i = 0; i < count; i++)
			*bytes += lines[i].len + (leaves[i].bytes[0] & 0);
	} while (count > 0);
	log_reader_close(reader);
	return seconds;
}

static void verify(const char *dir, uint64_t entries, struct result *ret)
{
	struct world world = world_real();
	double seconds[RUNS], floors[RUNS], cpu;
	struct note n = { .text = "" };
	struct log_report report;
	struct space *s;

	(void)entries;
	need(space_open(&world, dir, SPACE_READ, &s, &n), &n, "open");
	for (int i = 0; i < RUNS; i++)
		floors[i] = hash_once(s, &ret->bytes);
	cpu = cpu_now();
	for (int i = 0; i < RUNS; i++) {
		double start = scratch_now();

		need(log_verify(&world, space_log_folder(s), space_config(s)->origin, space_key(s),
				1, NULL, &report, &n),
		     &n, "verify");
		seconds[i] = scratch_now() - start;
	}
	ret->cpu_seconds = (cpu_now() - cpu) / RUNS;
	ret->floor_seconds = scratch_median(floors, RUNS);
	ret->seconds = scratch_median(seconds, RUNS);
	ret->entries = report.entries;
	(void)space_close(s, NULL);
}

static void replay(const char *dir, uint64_t entries, struct result *ret)
{
	struct world world = world_real();
	struct replay_plan plan = { .instead = NULL };
	struct note n = { .text = "" };
	struct replay_report report;
	double seconds[RUNS], cpu;

	(void)entries;
	cpu = cpu_now();
	for (int i = 0; i < RUNS; i++) {
		struct space *s;
		struct arena a;
		double start;

		arena_init(&a, MEMORY_CAP);
		start = scratch_now();
		need(space_open(&world, dir, SPACE_READ, &s, &n), &n, "open");
		need(replay_run(s, &plan, &a, &report, &n), &n, "replay");
		(void)space_close(s, NULL);
		seconds[i] = scratch_now() - start;
		arena_fini(&a);
	}
	ret->cpu_seconds = (cpu_now() - cpu) / RUNS;
	ret->seconds = scratch_median(seconds, RUNS);
	ret->entries = report.entries;
}

/* --- the page --- */

/* Run a step in a child and take its peak of resident memory. */
static struct result run(step *what, const char *dir, uint64_t entries)
{
	struct result *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rusage usage;
	struct result r;
	int status = 0;
	pid_t child;

	if (shared == MAP_FAILED)
		exit(3);
	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		what(dir, entries, shared);
		exit(0);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
		exit(3);
	r = *shared;
	r.rss_kib = usage.ru_maxrss;
	(void)munmap(shared, sizeof(*shared));
	return r;
}

static void print_row(const char *what, const struct result *r)
{
	double entries = (double)r->entries;

	printf("  %-14s %8.0f %10.0f/s %8.2f us %8ld KiB", what, entries, entries / r->seconds,
	       r->cpu_seconds / entries * 1e6, r->rss_kib);
}

static void bench(const char *folder)
{
	struct result built[2], imported[2], verified[2], replayed[2];

	printf("the first flow: 10 rules, %d sessions, actions without sync; medians of %d runs\n",
	       SESSIONS, RUNS);
	printf("  step            entries       rate   cpu/entry    memory   ratio (goal)\n");
	for (int i = 0; i < 2; i++) {
		char space[4096], other[4096], source[4200];

		(void)snprintf(space, sizeof(space), "%s/space-%d", folder, i);
		(void)snprintf(other, sizeof(other), "%s/other-%d", folder, i);
		(void)snprintf(source, sizeof(source), "%s.jsonl", other);
		built[i] = run(build, space, sizes[i]);
		print_row("decide+record", &built[i]);
		printf("\n");
		(void)run(write_source, source, sizes[i]);
		imported[i] = run(import, other, sizes[i]);
		print_row("import", &imported[i]);
		printf("\n");
		verified[i] = run(verify, space, sizes[i]);
		print_row("verify", &verified[i]);
		printf("   %.2f of hashing the lines once (at most %.0f)\n",
		       verified[i].seconds / verified[i].floor_seconds, VERIFY_GOAL);
		replayed[i] = run(replay, space, sizes[i]);
		print_row("strict replay", &replayed[i]);
		printf("   %.2f of %.0f/s (1)\n",
		       (double)replayed[i].entries / replayed[i].seconds / REPLAY_GOAL,
		       REPLAY_GOAL);
	}
	printf("  memory, large to small (at most %.2f): record %.2f, import %.2f, verify %.2f, "
	       "replay %.2f\n",
	       SPREAD_GOAL, (double)built[1].rss_kib / (double)built[0].rss_kib,
	       (double)imported[1].rss_kib / (double)imported[0].rss_kib,
	       (double)verified[1].rss_kib / (double)verified[0].rss_kib,
	       (double)replayed[1].rss_kib / (double)replayed[0].rss_kib);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc && i <= 2; i++)
		sizes[i - 1] = strtoull(argv[i], NULL, 10);
	return crypto_start() == OK ? scratch_run(SCRATCH_DISK, 0, bench) : 3;
}
