/*
 * bench_sequence: what looking back costs: the time of one action through the gate, in memory,
 * whose sink forgets everything.
 *
 *   bench_sequence [actions per row]
 *
 *   plain     a bundle that declares and asks nothing
 *   watched   events are declared and asked for, the action is none of them
 *   event     the action is an event, and a rule asks for it
 *   keyed     likewise of a value: one digest to ask and one to keep
 *   full      12 events and 8 labels, all of which happen, and a question about each
 *
 * Every row is told with the number of steps its session has seen before: the time must not grow.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/gate/gate.h"
#include "tests/bench/scratch.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: bench\nunknown_agents: evaluate\n"
#define LAST "  - {name: all, action: allow}\n"
#define RUNS 5

static enum err forget_body(void *self, struct str text, bool plain, struct digest *ret)
{
	(void)plain;
	(void)self;
	*ret = sha256(text);
	return OK;
}

static enum err forget_entry(void *self, uint64_t seq, struct str line)
{
	(void)self;
	(void)seq;
	(void)line;
	return OK;
}

static void write_full(struct buf *b)
{
	buf_add_c(b, HEAD "labels:\n");
	for (int i = 0; i < LIMIT_LABELS; i++)
		buf_addf(b, "  - {name: l%d, tools: [pay]}\n", i);
	buf_add_c(b, "events:\n");
	for (int i = 0; i < LIMIT_EVENTS; i++)
		buf_addf(b, "  - {name: e%d, tools: [pay]}\n", i);
	buf_add_c(b, "rules:\n");
	for (int i = 0; i < LIMIT_LABELS; i++)
		buf_addf(b, "  - {name: l%d, condition: 'labelled(\"l%d\") and args.id < 0',"
			    " action: deny}\n", i, i);
	for (int i = 0; i < LIMIT_EVENTS; i++)
		buf_addf(b, "  - {name: e%d, condition: 'since(e%d, approved) and args.id < 0',"
			    " action: deny}\n", i, i);
	buf_add_c(b, LAST);
}

static void announce(struct gate *g, struct bundle *b, struct arena *a)
{
	struct event e = { .kind = ENTRY_POLICY, .bundle = b };
	struct verdict v;
	struct buf packed;

	buf_init(&packed, LIMIT_BUNDLE_BYTES);
	MUST(bundle_pack(b, &packed) == OK);
	e.args_text = buf_view(&packed);
	MUST(gate_submit(g, &e, a, &v) == OK);
	buf_fini(&packed);
}

static double run(struct gate *g, struct arena *a, unsigned actions, int64_t *at_ns)
{
	double start = scratch_now();

	for (unsigned i = 0; i < actions; i++) {
		struct arena_mark mark = arena_mark(a);
		const struct event e = {
			.kind = ENTRY_ACTION, .at_ns = ++*at_ns, .agent = STR("support-7"),
			.action = STR("pay"), .session = STR("run-1"),
			.args_text = STR("{\"id\":7}"),
		};
		struct verdict v;

		MUST(gate_submit(g, &e, a, &v) == OK && v.effect == EFFECT_ALLOW);
		arena_rewind(a, mark);
	}
	return (scratch_now() - start) * 1e9 / actions;
}

static void row(const char *name, struct str policy, unsigned actions)
{
	const struct policy_file file = { STR("bench.yaml"), policy };
	struct note n = { .column = 0 };
	double young[RUNS], old[RUNS];
	struct arena memory, scratch;
	struct state *state;
	struct bundle *b;
	struct gate g;

	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&scratch, LIMIT_ACTION_MEMORY);
	for (int i = 0; i < RUNS; i++) {
		int64_t at_ns = 0;

		if (bundle_load(&file, 1, &memory, &b, &n) != OK) {
			(void)fprintf(stderr, "%s: %u:%u: %s\n", name, n.line, n.column, n.text);
			exit(1);
		}
		MUST(gate_state_open(&state) == OK);
		gate_init(&g, state, NULL, STR("example.org/bench"), 0,
			  (struct gate_sink){ forget_body, forget_entry, NULL });
		announce(&g, b, &scratch);
		young[i] = run(&g, &scratch, actions, &at_ns);
		(void)run(&g, &scratch, 3 * actions, &at_ns);
		old[i] = run(&g, &scratch, actions, &at_ns);
		gate_fini(&g);
		state_close(state);
	}
	printf("%-8s %10.0f ns %10.0f ns after %u steps\n", name, scratch_median(young, RUNS),
	       scratch_median(old, RUNS), 4 * actions);
	arena_fini(&scratch);
	arena_fini(&memory);
}

int main(int argc, char **argv)
{
	unsigned actions = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000;
	struct buf full;

	MUST(crypto_start() == OK && actions > 0);
	row("plain", STR(HEAD "rules:\n" LAST), actions);
	row("watched", STR(HEAD "events: [{name: e, tools: [other]}]\nrules:\n"
			   "  - {name: r, condition: once(e), action: deny}\n" LAST), actions);
	row("event", STR(HEAD "events: [{name: e, tools: [pay]}]\nrules:\n"
			 "  - {name: r, condition: count(e) < 0, action: deny}\n" LAST), actions);
	row("keyed", STR(HEAD "events: [{name: e, tools: [pay], of: args.id}]\nrules:\n"
			 "  - {name: r, condition: 'once(e, args.id) and args.id < 0',"
			 " action: deny}\n" LAST), actions);
	buf_init(&full, 1 << 16);
	write_full(&full);
	row("full", buf_view(&full), actions);
	buf_fini(&full);
	return 0;
}
