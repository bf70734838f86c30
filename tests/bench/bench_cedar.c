/*
 * bench_cedar: the time of one Cedar decision by number of policies.
 *
 *   bench_cedar [decisions per row]
 *
 * "action" policies are each bound to an action of their own, as tools are; "group" ones to a
 * group, of which the principal is in four; "open" ones have a scope that matches everything and
 * differ in a condition, so every one of them is evaluated. Policies, entities and the context are
 * read once. Times are per decision, arena rewind included, taken over batches so that reading the
 * clock does not count. Machines differ: the ratio to one policy is what to compare.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/json.h"
#include "engine/cedar/cedar.h"

#define BATCH 64

static const char entities_json[] =
	"[{\"uid\":{\"type\":\"Agent\",\"id\":\"support-7\"},\"attrs\":{\"level\":3},\"parents\":["
	"{\"type\":\"Group\",\"id\":\"g0\"},{\"type\":\"Group\",\"id\":\"ga\"},"
	"{\"type\":\"Group\",\"id\":\"gb\"},{\"type\":\"Group\",\"id\":\"gc\"}]}]";
static const char context_json[] = "{\"amount\":250,\"currency\":\"EUR\",\"order\":\"A-1\","
				   "\"reason\":\"late\",\"tool\":\"tool_0\"}";

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

enum shape { ACTION, GROUP, OPEN, SHAPES };

static const char *const shape_names[] = { "action", "group", "open" };

static void write_policies(struct buf *b, enum shape shape, unsigned count)
{
	buf_clear(b);
	for (unsigned i = 0; i < count; i++) {
		if (shape == ACTION)
			buf_addf(b,
				 "permit(principal is Agent, action == Action::\"tool_%u\", "
				 "resource)",
				 i);
		else if (shape == GROUP)
			buf_addf(b, "permit(principal in Group::\"g%u\", action, resource)", i);
		else
			buf_add_c(b, "permit(principal, action, resource)");
		buf_addf(b,
			 " when { context.tool == \"tool_%u\" && context.amount < %u && "
			 "[\"EUR\", \"USD\"].contains(context.currency) && "
			 "principal.level >= 2 };\n",
			 i, 1000 + i);
	}
}

struct subject {
	struct cedar_policies *policies;
	struct cedar_entities *entities;
	struct cedar_request request;
};

static void load(struct subject *s, struct str text, struct arena *memory)
{
	struct note n = { .column = 0 };
	struct value v;

	if (cedar_policies_read(text, memory, &s->policies, &n) != OK) {
		(void)fprintf(stderr, "%u:%u: %s\n", n.line, n.column, n.text);
		exit(1);
	}
	MUST(json_read(str_view(entities_json), 1, memory, &v, NULL) == OK);
	MUST(cedar_entities_read(&v, NULL, memory, &s->entities, &n) == OK);
	MUST(json_read(str_view(context_json), 1, memory, &v, NULL) == OK);
	MUST(cedar_context_plain(&v, memory, &s->request.context) == OK);
	s->request.principal = (struct cedar_uid){ STR("Agent"), STR("support-7") };
	s->request.action = (struct cedar_uid){ STR("Action"), STR("tool_0") };
	s->request.resource = (struct cedar_uid){ STR("Order"), STR("A-1") };
}

static void run(const struct subject *s, size_t batches, double *p50, double *p99)
{
	double *times = malloc(batches * sizeof(*times));
	struct arena a;

	MUST(times);
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < batches; i++) {
		int64_t start = now_ns();

		for (int k = 0; k < BATCH; k++) {
			struct arena_mark mark = arena_mark(&a);
			struct cedar_answer answer;

			MUST(cedar_authorize(s->policies, s->entities, &s->request, &a, &answer) ==
			     OK);
			MUST(answer.allow && answer.reason_count == 1 && answer.error_count == 0);
			arena_rewind(&a, mark);
		}
		times[i] = (double)(now_ns() - start) / BATCH;
	}
	qsort(times, batches, sizeof(*times), by_size);
	*p50 = times[batches / 2];
	*p99 = times[batches * 99 / 100];
	arena_fini(&a);
	free(times);
}

int main(int argc, char **argv)
{
	static const unsigned sizes[] = { 1, 10, 100, 1000 };
	size_t decisions = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
	double single[SHAPES] = { 0 };
	struct buf text;

	buf_init(&text, 1 << 20);
	printf("one Cedar decision by number of policies; goal: 2000 ns with 100\n");
	printf("%8s %8s %10s %10s %8s\n", "policies", "scopes", "p50 ns", "p99 ns", "to one");
	for (size_t i = 0; i < 4; i++) {
		for (int shape = 0; shape < SHAPES; shape++) {
			size_t batches = decisions / BATCH / (sizes[i] > 100 ? 10 : 1) + 100;
			struct subject subject;
			struct arena memory;
			double p50, p99;

			arena_init(&memory, 64 << 20);
			write_policies(&text, (enum shape)shape, sizes[i]);
			load(&subject, buf_view(&text), &memory);
			run(&subject, batches, &p50, &p99);
			if (i == 0)
				single[shape] = p50;
			printf("%8u %8s %10.1f %10.1f %8.2f\n", sizes[i], shape_names[shape], p50,
			       p99, p50 / single[shape]);
			arena_fini(&memory);
		}
	}
	buf_fini(&text);
	return 0;
}
