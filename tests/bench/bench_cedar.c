/*
 * bench_cedar: the time of one Cedar decision by number of policies.
 *
 *   bench_cedar [decisions per row]
 *
 *   action   each is bound to an action of its own, as tools are
 *   group    each is bound to a group, of which the principal is in four
 *   open     the scope matches everything; each asks for a tool of its own in its condition
 *   range    the same, and each compares with a number: nothing to look up, all are evaluated
 *   mixed    what people write: actions, attributes, owners, patterns, ranges, groups
 *
 * Policies, entities and the context are read once. Times are per decision, arena rewind included,
 * taken over batches so that reading the clock does not count. The goal is 500 000 decisions a
 * second with 100 policies of any shape.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/json.h"
#include "engine/cedar/cedar.h"

#define BATCH 64
#define GOAL_PER_SECOND 500000

static const char entities_json[] =
	"[{\"uid\":{\"type\":\"Agent\",\"id\":\"support-7\"},\"attrs\":{\"level\":3,"
	"\"dept\":\"support\",\"projects\":[\"p5\",\"p905\"]},\"parents\":["
	"{\"type\":\"Group\",\"id\":\"g0\"},{\"type\":\"Group\",\"id\":\"ga\"},"
	"{\"type\":\"Group\",\"id\":\"gb\"},{\"type\":\"Group\",\"id\":\"gc\"}]},"
	"{\"uid\":{\"type\":\"Order\",\"id\":\"A-1\"},\"attrs\":{\"dept\":\"support\","
	"\"owner\":{\"__entity\":{\"type\":\"Agent\",\"id\":\"support-9\"}},\"readers\":["
	"{\"__entity\":{\"type\":\"Group\",\"id\":\"gx\"}}]}}]";
static const char context_json[] =
	"{\"amount\":250,\"currency\":\"EUR\",\"order\":\"A-1\",\"reason\":\"late\","
	"\"tool\":\"tool_0\",\"path\":\"/orders/A-1\",\"customer\":{\"tier\":\"gold\"}}";

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

enum shape { ACTION, GROUP, OPEN, RANGE, MIXED, SHAPES };

static const char *const shape_names[] = { "action", "group", "open", "range", "mixed" };

static void write_common(struct buf *b, unsigned i)
{
	buf_addf(b,
		 " when { context.tool == \"tool_%u\" && context.amount < %u && "
		 "[\"EUR\", \"USD\"].contains(context.currency) && principal.level >= 2 };\n",
		 i, 1000 + i);
}

/* No literal to look up: each policy has a number of its own, and none but the first holds. */
static void write_range(struct buf *b, unsigned i)
{
	buf_addf(b,
		 "permit(principal, action, resource) when { principal.level >= 2 && "
		 "context.amount > %u && context.currency != \"CHF\" };\n",
		 249 + i);
}

/* What people write: most are about their own part of the world. # is the policy's number. */
static void write_mixed(struct buf *b, unsigned i)
{
	static const char *const forms[] = {
		"permit(principal is Agent, action == Action::\"tool_#\", resource) when { "
		"context.amount <= 500 };\n",
		"permit(principal, action, resource) when { principal.dept == \"d#\" && "
		"resource.dept == principal.dept };\n",
		"permit(principal, action, resource) when { context has customer && "
		"context.customer.tier == \"t#\" && context.amount < 50 };\n",
		"forbid(principal, action, resource) when { context.tool like \"drop_#_*\" };\n",
		"forbid(principal, action, resource) unless { principal.level >= 1 || "
		"context.tool == \"tool_#\" };\n",
		"permit(principal, action, resource) when { resource.owner == principal && "
		"principal.projects.contains(\"p#\") };\n",
		"permit(principal, action in [Action::\"read\", Action::\"list_#\"], resource) "
		"when { principal in resource.readers };\n",
		"forbid(principal in Group::\"barred_#\", action, resource) when { "
		"context.amount > 0 };\n",
		"permit(principal, action, resource) when { context.amount > 1000 && "
		"context.amount <= # && principal.level >= 4 };\n",
		"forbid(principal, action, resource) when { context.path like \"/secret/#/*\" && "
		"!(principal in Group::\"admins\") };\n",
	};

	for (const char *at = forms[i % 10]; *at; at++) {
		if (*at == '#')
			buf_add_u64(b, i);
		else
			buf_add_byte(b, *at);
	}
}

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
		else if (shape == OPEN)
			buf_add_c(b, "permit(principal, action, resource)");
		if (shape == RANGE)
			write_range(b, i);
		else if (shape == MIXED)
			write_mixed(b, i);
		else
			write_common(b, i);
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
	printf("one Cedar decision; goal: %d a second with 100 policies\n", GOAL_PER_SECOND);
	printf("%8s %8s %10s %10s %8s %12s\n", "policies", "shape", "p50 ns", "p99 ns", "to one",
	       "a second");
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
			printf("%8u %8s %10.1f %10.1f %8.2f %12.0f%s\n", sizes[i],
			       shape_names[shape], p50, p99, p50 / single[shape], 1e9 / p50,
			       1e9 / p50 < GOAL_PER_SECOND ? "  below the goal" : "");
			arena_fini(&memory);
		}
	}
	buf_fini(&text);
	return 0;
}
