/*
 * bench_policy: the time of one decision by number of rules.
 *
 *   bench_policy [decisions per row]
 *
 * "first" is an action that only the first rule matches, "last" one that only the last rule
 * matches, "none" one that falls through to the default; the rules tell tools apart. "span" rules
 * tell numbers apart, and the last one matches. In "agent" every five rules are a policy of one
 * agent, all about the same tools. "opaque" rules look into a text, which no index can help, so all
 * of them are tried: what the index saves elsewhere. Times are means over batches of decisions,
 * arena rewind included, so that reading the clock does not count; p99 is that of the batches.
 * Machines differ: the ratio to one rule is what to compare.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/json.h"
#include "engine/policy/policy.h"

#define BATCH 64

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

enum shape { FIRST = 0, LAST, NONE, SPAN, AGENT, OPAQUE, SHAPES };

static void write_policy(struct buf *b, unsigned rules, enum shape shape)
{
	buf_clear(b);
	buf_add_c(b, "apiVersion: governance.toolkit/v1\nname: bench\nagents: "
		     "['support-*']\nrules:\n");
	for (unsigned i = 0; i < rules; i++)
		if (shape == OPAQUE)
			buf_addf(b,
				 "  - {name: r%u, action: allow, condition: \"args.reason contains "
				 "'%u' or args.order == 'A-%u'\"}\n",
				 i, i, rules - i);
		else if (shape == SPAN)
			buf_addf(b,
				 "  - {name: r%u, action: allow, condition: \"args.amount < %d and "
				 "agent.origin == 'created'\"}\n",
				 i, 251 - (int)rules + (int)i);
		else
			buf_addf(b,
				 "  - {name: r%u, action: allow, condition: \"action.type == "
				 "'tool_%u' and args.amount < %u%s\"}\n",
				 i, i, 1000 + i,
				 i % 2 ? " and agent.origin in ['imported', 'created']" : "");
}

static void request_of(struct buf *b, unsigned tool)
{
	buf_clear(b);
	buf_addf(b,
		 "{\"action\":{\"type\":\"tool_%u\"},\"agent\":{\"id\":\"support-7\",\"origin\":"
		 "\"created\"},"
		 "\"args\":{\"amount\":250,\"currency\":\"EUR\",\"order\":\"A-1\",\"reason\":"
		 "\"late\"},"
		 "\"resource\":\"order/1\",\"session\":{\"id\":\"s1\"}}",
		 tool);
}

static void run(const struct bundle *b, const struct value *request, size_t batches, double *p50,
		double *p99)
{
	double *times = malloc(batches * sizeof(*times));
	struct arena a;
	size_t allowed = 0;

	MUST(times);
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < batches; i++) {
		int64_t start = now_ns();

		for (int k = 0; k < BATCH; k++) {
			struct arena_mark mark = arena_mark(&a);
			struct ruling r;

			MUST(bundle_decide(b, POLICY_PRE_TOOL, STR("support-7"), request, &a, &r) ==
			     OK);
			allowed += r.allow;
			arena_rewind(&a, mark);
		}
		times[i] = (double)(now_ns() - start) / BATCH;
	}
	qsort(times, batches, sizeof(*times), by_size);
	*p50 = times[batches / 2];
	*p99 = times[batches * 99 / 100];
	MUST(allowed == 0 || allowed == batches * BATCH);
	arena_fini(&a);
	free(times);
}

/* A policy for each agent, of five rules at most, all about the same tools. */
static size_t write_agents(unsigned rules, struct arena *memory, struct policy_file *files)
{
	size_t count = (rules + 4) / 5;
	struct buf b;

	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < count; i++) {
		struct str name, text;

		buf_clear(&b);
		buf_addf(&b, "p%03zu.yaml", i);
		MUST(arena_copy(memory, buf_view(&b), &name) == OK);
		buf_clear(&b);
		buf_addf(&b, "apiVersion: governance.toolkit/v1\nname: p%zu\nagents: "
			     "[support-%zu]\nrules:\n", i, count - 1 - i + 7);
		for (unsigned r = 0; r < 5; r++)
			buf_addf(&b, "  - {name: r%u, action: allow, condition: \"action.type == "
				     "'tool_%u' and args.amount < 1000\"}\n", r, 4 - r);
		MUST(arena_copy(memory, buf_view(&b), &text) == OK);
		files[i] = (struct policy_file){ name, text };
	}
	buf_fini(&b);
	return count;
}

/* One row: a bundle of `rules` rules and an action of this shape. Returns p50. */
static double row(unsigned rules, enum shape shape, size_t decisions, double single)
{
	static const char *const names[SHAPES] = { "first", "last", "none", "span", "agent",
						     "opaque" };
	unsigned tool = shape == LAST ? rules - 1 : shape == NONE ? rules : 0;
	size_t batches = decisions / BATCH / (rules > 100 ? 10 : 1) + 100;
	struct note n = { .column = 0 };
	static struct policy_file files[LIMIT_POLICY_FILES];
	size_t file_count = 1;
	struct bundle *b;
	struct arena memory;
	struct value request;
	struct buf text;
	double p50, p99, load_ms;
	int64_t start;

	buf_init(&text, 1 << 20);
	arena_init(&memory, 64 << 20);
	write_policy(&text, rules, shape);
	files[0] = (struct policy_file){ STR("bench.yaml"), buf_view(&text) };
	if (shape == AGENT)
		file_count = write_agents(rules, &memory, files);
	start = now_ns();
	if (bundle_load(files, file_count, &memory, &b, &n) != OK) {
		(void)fprintf(stderr, "%u:%u: %s\n", n.line, n.column, n.text);
		exit(1);
	}
	load_ms = (double)(now_ns() - start) / 1e6;
	request_of(&text, tool);
	MUST(json_read(buf_view(&text), 1, &memory, &request, &n) == OK);
	run(b, &request, batches, &p50, &p99);
	printf("%6u %6s %10.1f %10.1f %8.2f %10.2f\n", rules, names[shape], p50, p99,
	       p50 / (single > 0 ? single : p50), load_ms);
	arena_fini(&memory);
	buf_fini(&text);
	return p50;
}

int main(int argc, char **argv)
{
	static const unsigned sizes[] = { 1, 10, 100, 1000 };
	size_t decisions = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
	double single[SHAPES] = { 0 };

	printf("one decision by number of rules; goals: p99 at most 500 ns, 1,000 rules at most "
	       "twice one rule, 1,000 rules loaded in 20 ms\n");
	printf("%6s %6s %10s %10s %8s %10s\n", "rules", "match", "p50 ns", "p99 ns", "to one",
	       "load ms");
	for (size_t s = 0; s < 4; s++)
		for (int shape = 0; shape < SHAPES; shape++) {
			double p50 = row(sizes[s], (enum shape)shape, decisions, single[shape]);

			if (s == 0)
				single[shape] = p50;
		}
	return 0;
}
