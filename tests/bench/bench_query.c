/*
 * bench_query: asking a log of a million entries. Lines are like those of a fleet of a hundred
 * agents with twenty tools, about 600 bytes each, a few milliseconds apart.
 *
 *   bench_query
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/audit/log.h"
#include "engine/base/limits.h"
#include "engine/base/world_real.h"
#include "engine/index/index.h"
#include "tests/bench/scratch.h"

#define ORIGIN "example.com/bench"
#define ENTRIES 1000000u
#define MORE 1000u
#define AGENTS 100
#define TOOLS 20
#define RUNS 9
#define START_NS INT64_C(1767323045000000000)
#define STEP_NS INT64_C(7000000)
#define HOUR_NS INT64_C(3600000000000)
#define TARGET_MS 50.0
#define MEMORY_BYTES ((unsigned long long)2 << 30)

struct bench {
	struct world world;
	struct sign_key *key;
	char log[4096], index[4096];
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_query: %s failed\n", what);
	exit(3);
}

static struct str text(char room[32], const char *head, unsigned n)
{
	(void)snprintf(room, 32, "%s%06u", head, n);
	return str_view(room);
}

static void append(struct bench *b, uint64_t from, uint64_t count)
{
	struct str reason = STR("policy: rule 'look-up' allows this tool for agents of the fleet");
	struct buf line;
	struct log *l;

	buf_init(&line, LIMIT_ENTRY_BYTES);
	must(log_open(&b->world, b->log, STR(ORIGIN), b->key, &l, NULL) == OK, "log_open");
	for (uint64_t seq = from; seq < from + count; seq++) {
		char agent[32], tool[32], session[32], resource[32];
		unsigned turn = (unsigned)(seq * 2654435761u);
		struct digest digest = sha256(str_slice(&seq, sizeof(seq)));
		struct decision d = {
			.effect = turn % 50 ? EFFECT_ALLOW : EFFECT_DENY, .stage = STR("policy"),
			.rule = STR("look-up"), .reasons = &reason, .reason_count = 1,
			.considered = STR("f3t"), .cost = 7, .input = &digest,
		};
		struct entry e = {
			.log = STR(ORIGIN), .seq = seq,
			.time_ns = START_NS + (int64_t)seq * STEP_NS,
			.kind = ENTRY_ACTION, .decision = &d, .args = &digest,
			.agent = text(agent, "agent-", turn / 7 % AGENTS),
			.action = text(tool, "tool_", turn / 11 % TOOLS),
			.session = text(session, "run-", (unsigned)(seq / 40)),
			.resource = text(resource, "order/", turn % 1000000),
			.policy = digest, .state = digest,
		};

		buf_clear(&line);
		entry_write(&line, &e);
		must(line.err == OK && log_append(l, buf_view(&line)) == OK, "log_append");
	}
	must(log_close(l) == OK, "log_close");
	buf_fini(&line);
}

/* Opened, asked and closed, as the command does it. */
static double ask(struct bench *b, const struct filter *f, bool newest_first, uint64_t limit,
		  uint64_t *found)
{
	struct search_order order = { .filter = *f, .newest_first = newest_first };
	double runs[RUNS];

	for (int run = 0; run < RUNS; run++) {
		struct index_work work;
		struct search *s;
		struct index *x;
		struct hit hit;
		double start = scratch_now();

		must(index_open(&b->world, b->log, b->index, STR(ORIGIN), false, &work, &x, NULL) ==
			     OK, "index_open");
		must(search_open(x, &order, &s, NULL) == OK, "search_open");
		for (*found = 0; *found < limit; ++*found) {
			must(search_next(s, &hit, NULL) == OK, "search_next");
			if (!hit.line.ptr)
				break;
		}
		search_close(s);
		index_close(x);
		runs[run] = scratch_now() - start;
	}
	return scratch_median(runs, RUNS) * 1e3;
}

static void tell(struct bench *b, const char *what, const struct filter *f, bool newest_first,
		 uint64_t limit)
{
	uint64_t found;
	double ms = ask(b, f, newest_first, limit, &found);

	printf("  %-34s %8.1f ms  %7llu found\n", what, ms, (unsigned long long)found);
}

static void queries(struct bench *b)
{
	struct filter f = filter_any();
	uint64_t found;
	double ms;

	f.names[FILTER_AGENT] = STR("agent-000042");
	f.since_ns = START_NS + HOUR_NS / 2;
	f.until_ns = f.since_ns + HOUR_NS / 4;
	ms = ask(b, &f, false, UINT64_MAX, &found);
	printf("query of %u entries, medians of %d\n", ENTRIES, RUNS);
	printf("  %-34s %8.1f ms  %7llu found   %.2f of the target %.0f ms (1)\n",
	       "an agent in a quarter of an hour", ms, (unsigned long long)found, ms / TARGET_MS,
	       TARGET_MS);
	f = filter_any();
	f.names[FILTER_AGENT] = STR("agent-000042");
	tell(b, "an agent, the newest 100", &f, true, 100);
	tell(b, "an agent, all", &f, false, UINT64_MAX);
	f = filter_any();
	f.by_effect = true;
	f.since_ns = START_NS + (int64_t)ENTRIES * STEP_NS - HOUR_NS;
	f.names[FILTER_TOOL] = STR("tool_00001*");
	tell(b, "denied, a pattern, the last hour", &f, false, UINT64_MAX);
	f = filter_any();
	f.names[FILTER_SESSION] = STR("run-012345");
	tell(b, "a session", &f, false, UINT64_MAX);
	f = filter_any();
	f.text = STR("order/0000");
	tell(b, "a text, all", &f, false, UINT64_MAX);
	f = filter_any();
	f.names[FILTER_AGENT] = STR("nobody");
	tell(b, "an agent that is not there", &f, false, UINT64_MAX);
}

static void make_index(struct bench *b)
{
	struct index_work work;
	struct index *x;
	struct arena a;
	struct str *names;
	size_t count;
	double start = scratch_now(), taken;
	uint64_t bytes = 0, size;

	must(index_open(&b->world, b->log, b->index, STR(ORIGIN), true, &work, &x, NULL) == OK,
	     "index_open");
	taken = scratch_now() - start;
	index_close(x);
	arena_init(&a, 1 << 20);
	must(world_list(&b->world, b->index, &a, &names, &count) == OK, "world_list");
	for (size_t i = 0; i < count; i++) {
		char path[LIMIT_PATH_BYTES];
		int fd = -1;

		must(world_join(path, sizeof(path), b->index, names[i].ptr) == OK &&
			     world_open(&b->world, path, WORLD_READ, &fd) == OK &&
			     world_size(&b->world, fd, &size) == OK,
		     path);
		bytes += size;
		(void)world_close(&b->world, fd);
	}
	arena_fini(&a);
	printf("the index made anew\n  %u entries  %9.0f/s   %.1f bytes an entry, in %zu files\n",
	       ENTRIES, ENTRIES / taken, (double)bytes / ENTRIES, count);
}

/* What the next question costs after that many entries more. */
static void catch_up(struct bench *b)
{
	struct index_work work;
	struct index *x;
	double runs[RUNS];

	for (int run = 0; run < RUNS; run++) {
		double start;

		append(b, ENTRIES + (uint64_t)run * MORE, MORE);
		start = scratch_now();
		must(index_open(&b->world, b->log, b->index, STR(ORIGIN), false, &work, &x, NULL) ==
			     OK, "index_open");
		runs[run] = scratch_now() - start;
		index_close(x);
	}
	printf("opening after %u entries more\n  %8.1f ms\n", MORE,
	       scratch_median(runs, RUNS) * 1e3);
}

static void work(const char *folder)
{
	static const uint8_t seed[SEED_BYTES] = { 1 };
	struct bench b = { .world = world_real() };

	(void)snprintf(b.log, sizeof(b.log), "%s/log", folder);
	(void)snprintf(b.index, sizeof(b.index), "%s/index", folder);
	must(crypto_start() == OK && sign_key_open(seed, &b.key) == OK, "crypto");
	must(log_create(&b.world, b.log, STR(ORIGIN), b.key) == OK, "log_create");
	append(&b, 0, ENTRIES);
	printf("asking the log, in %s\n", folder);
	make_index(&b);
	queries(&b);
	catch_up(&b);
	sign_key_close(b.key);
}

int main(void)
{
	return scratch_run(SCRATCH_MEMORY, MEMORY_BYTES, work);
}
