/*
 * bench_flow: the first flow at two log sizes, each step in a process of its own so that its
 * resident memory is its own.
 *
 *   usage: bench_flow [SMALL [LARGE]]      entries; default 100000 1000000
 *
 * Prints the rates of deciding-and-recording (not synced), of strict replay from disk and of
 * verification, the latter as a ratio to hashing the same bytes once in the same run, and the
 * resident memory of each at both sizes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/world_real.h"
#include "replay/replay.h"

#define SESSIONS 1000
#define COMMIT_EVERY 4096
#define MEMORY_CAP ((size_t)256 << 20)

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
	double seconds, floor_seconds;
	uint64_t entries, bytes;
	long rss_kib;
};

typedef void step(const char *dir, uint64_t entries, struct result *ret);

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void need(enum err e, const struct note *n, const char *what)
{
	if (e == OK)
		return;
	fprintf(stderr, "bench_flow: %s: %s %s\n", what, err_text(e), n ? n->text : "");
	exit(1);
}

static void submit_one(struct space *s, uint64_t i, struct arena *a, struct buf *b)
{
	static const char *const tools[] = { "get_user", "send_payment", "search", "book" };
	char session[32];
	struct event e = { .kind = ENTRY_ACTION,
			   .at_ns = (int64_t)(i + 1) * 1000000,
			   .agent = STR("bench") };
	struct value args;
	struct verdict v;

	arena_rewind(a, (struct arena_mark){ NULL, 0 });
	(void)snprintf(session, sizeof(session), "session-%llu",
		       (unsigned long long)(i % SESSIONS));
	buf_clear(b);
	buf_addf(b,
		 "{\"amount\":%llu,\"currency\":\"EUR\",\"note\":\"%064llu\",\"user\":\"user-%"
		 "llu\"}",
		 (unsigned long long)(i * 7 % 4100), (unsigned long long)i,
		 (unsigned long long)(i % 977));
	need(json_read(buf_view(b), 1, a, &args, NULL), NULL, "args");
	e.action = str_view(tools[i % 4]);
	e.session = str_view(session);
	e.args = &args;
	e.args_text = buf_view(b);
	need(space_submit(s, &e, a, &v), NULL, "submit");
}

static void build(const char *dir, uint64_t entries, struct result *ret)
{
	struct world world = world_real();
	struct note n = { .text = "" };
	struct public_key key;
	struct space *s;
	struct arena a;
	struct buf b;
	char path[512];
	double start;

	need(space_create(&world, dir, STR("example.org/bench"), &n), &n, "create");
	(void)snprintf(path, sizeof(path), "%s/policies/policy.yaml", dir);
	need(world_replace_file(&world, path, str_view(policy)), NULL, "policy");
	need(space_open(&world, dir, SPACE_WRITE, &s, &n), &n, "open");
	need(space_create_agent(s, STR("bench"), 0, path, sizeof(path), &key, &n), &n, "agent");
	arena_init(&a, LIMIT_ACTION_MEMORY);
	buf_init(&b, LIMIT_ACTION_BYTES);
	start = now();
	for (uint64_t i = 0; i < entries; i++) {
		submit_one(s, i, &a, &b);
		if (i % COMMIT_EVERY == 0)
			need(space_commit(s, false), NULL, "commit");
	}
	ret->seconds = now() - start;
	ret->entries = entries;
	need(space_close(s, &n), &n, "close");
	buf_fini(&b);
	arena_fini(&a);
}

/* All lines of the log, once through the hash, as the floor of any verification. */
static double hash_once(struct space *s, uint64_t *bytes)
{
	struct log_reader *reader;
	struct sha256 h;
	struct digest d;
	struct str line;
	double seconds = 0;

	*bytes = 0;
	sha256_init(&h);
	need(log_reader_open(space_world(s), space_log_folder(s), 0, UINT64_MAX, &reader), NULL,
	     "read");
	for (;;) {
		double start;

		need(log_reader_next(reader, &line), NULL, "read");
		if (!line.ptr)
			break;
		start = now();
		sha256_add(&h, line.ptr, line.len);
		seconds += now() - start - 40e-9;
		*bytes += line.len;
	}
	sha256_done(&h, &d);
	log_reader_close(reader);
	return seconds;
}

static void verify(const char *dir, uint64_t entries, struct result *ret)
{
	struct world world = world_real();
	struct note n = { .text = "" };
	struct log_report report;
	struct space *s;
	double start;

	(void)entries;
	need(space_open(&world, dir, SPACE_READ, &s, &n), &n, "open");
	ret->floor_seconds = hash_once(s, &ret->bytes);
	start = now();
	need(log_verify(&world, space_log_folder(s), space_config(s)->origin, space_key(s), 1,
			&report, &n),
	     &n, "verify");
	ret->seconds = now() - start;
	ret->entries = report.entries;
	(void)space_close(s, NULL);
}

static void replay(const char *dir, uint64_t entries, struct result *ret)
{
	struct world world = world_real();
	struct replay_plan plan = { .instead = NULL };
	struct note n = { .text = "" };
	struct replay_report report;
	struct space *s;
	struct arena a;
	double start;

	(void)entries;
	arena_init(&a, MEMORY_CAP);
	need(space_open(&world, dir, SPACE_READ, &s, &n), &n, "open");
	start = now();
	need(replay_run(s, &plan, &a, &report, &n), &n, "replay");
	ret->seconds = now() - start;
	ret->entries = report.entries;
	(void)space_close(s, NULL);
	arena_fini(&a);
}

/* Run a step in a child and take its peak of resident memory. */
static struct result run(step *what, const char *dir, uint64_t entries)
{
	struct result *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rusage usage;
	struct result r;
	int status = 0;
	pid_t child;

	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		what(dir, entries, shared);
		exit(0);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
		exit(1);
	r = *shared;
	r.rss_kib = usage.ru_maxrss;
	(void)munmap(shared, sizeof(*shared));
	return r;
}

static void bench(uint64_t entries)
{
	char dir[] = "/tmp/trammel-bench-XXXXXX", space[64], command[128];
	struct result r;

	if (!mkdtemp(dir))
		exit(1);
	(void)snprintf(space, sizeof(space), "%s/space", dir);
	r = run(build, space, entries);
	printf("%8llu entries  decide+record  %8.0f /s            rss %6ld KiB\n",
	       (unsigned long long)entries, (double)r.entries / r.seconds, r.rss_kib);
	r = run(verify, space, entries);
	printf("%8llu entries  verify         %8.0f /s  %5.2fx hash rss %6ld KiB  (%.0f "
	       "bytes/entry)\n",
	       (unsigned long long)entries, (double)r.entries / r.seconds,
	       r.seconds / r.floor_seconds, r.rss_kib, (double)r.bytes / (double)r.entries);
	r = run(replay, space, entries);
	printf("%8llu entries  strict replay  %8.0f /s            rss %6ld KiB\n",
	       (unsigned long long)entries, (double)r.entries / r.seconds, r.rss_kib);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command) != 0)
		exit(1);
}

int main(int argc, char **argv)
{
	if (crypto_start() != OK)
		return 1;
	bench(argc > 1 ? strtoull(argv[1], NULL, 10) : 100000);
	bench(argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000);
	return 0;
}
