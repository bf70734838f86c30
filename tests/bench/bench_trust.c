/*
 * bench_trust: what keeping trust costs.
 *
 *   bench_trust [OPERATIONS]       default 20000000
 *
 *   signal           one signal into a row, a second after the last one
 *   signal, state    the same through the state: found by name, read, written back as one step
 *   score            asking for a score
 *   submit           an action decided by ten rules and made into an entry, nothing written:
 *                    without the key `trust`, with it, and with all that it can ask for
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/gate/gate.h"
#include "tests/bench/scratch.h"

#define RUNS 5
#define SECOND INT64_C(1000000000)
#define GOAL (2 * 12.16e6)

static struct trust_row row;

static double rate_of_signals(unsigned long count)
{
	double start = scratch_now();

	for (unsigned long i = 0; i < count; i++)
		score_signal(&trust_terms_default, &row,
			     i % 8 ? TRUST_COMPLETED : TRUST_FAILED, (int64_t)i * SECOND);
	return (double)count / (scratch_now() - start);
}

static double rate_of_scores(unsigned long count)
{
	double start = scratch_now();
	uint64_t sum = 0;

	for (unsigned long i = 0; i < count; i++)
		sum += score_now(&trust_terms_default, &row, (int64_t)(i % 1000) * SECOND);
	MUST(sum > 0);
	return (double)count / (scratch_now() - start);
}

static double rate_in_state(unsigned long count)
{
	const struct table_schema table = score_table();
	struct trust_row own;
	struct state *s;
	uint32_t at;
	double start;

	MUST(state_open(&table, 1, &s) == OK);
	state_begin(s);
	score_begin(&trust_terms_default, STR("support-7"), 0, &own);
	MUST(state_insert(s, 0, &own, &at) == OK);
	start = scratch_now();
	for (unsigned long i = 0; i < count; i++) {
		state_begin(s);
		MUST(score_find(s, 0, STR("support-7"), &at, &own));
		score_signal(&trust_terms_default, &own, TRUST_COMPLETED, (int64_t)i * SECOND);
		MUST(state_update(s, 0, at, &own) == OK);
	}
	state_close(s);
	return (double)count / (scratch_now() - start);
}

/* --- the gate --- */

static enum err no_body(void *self, struct str text, bool plain, struct digest *ret)
{
	(void)plain;
	(void)self;
	*ret = sha256(text);
	return OK;
}

static enum err no_entry(void *self, uint64_t seq, struct str line)
{
	(void)self;
	(void)seq;
	(void)line;
	return OK;
}

static void announce(struct gate *g, const struct bundle *b, struct arena *a)
{
	struct event e = { .kind = ENTRY_POLICY, .bundle = b };
	struct member members[] = {
		{ .key = STR("origin"), .value = value_string(STR("created")) },
		{ .key = STR("sponsor"), .value = value_string(STR("eve@example.org")) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };
	struct verdict v;
	struct buf packed;

	buf_init(&packed, LIMIT_BODY_BYTES);
	MUST(bundle_pack(b, &packed) == OK);
	e.args_text = buf_view(&packed);
	MUST(gate_submit(g, &e, a, &v) == OK);
	buf_fini(&packed);
	e = (struct event){ .kind = ENTRY_AGENT, .agent = STR("ann"), .data = &data };
	MUST(gate_submit(g, &e, a, &v) == OK);
}

static double rate_of_submits(const char *trust, unsigned long count)
{
	const struct gate_sink sink = { no_body, no_entry, NULL };
	struct event e = { .kind = ENTRY_ACTION, .agent = STR("ann"), .action = STR("get_9"),
			   .session = STR("s") };
	struct policy_file file = { STR("p.yaml"), STR_NONE };
	struct arena memory, step;
	struct bundle *bundle;
	struct state *s;
	struct gate g;
	struct buf text;
	double start;

	buf_init(&text, 1u << 16);
	buf_addf(&text, "apiVersion: governance.toolkit/v1\nname: bench\n%srules:\n", trust);
	for (unsigned i = 0; i < 10; i++)
		buf_addf(&text, "  - {name: r%u, tools: [get_%u], action: allow}\n", i, i);
	file.content = buf_view(&text);
	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&step, LIMIT_ACTION_MEMORY);
	MUST(bundle_load(&file, 1, &memory, &bundle, NULL) == OK);
	MUST(gate_state_open(&s) == OK);
	gate_init(&g, s, NULL, STR("example.com/bench"), 0, sink);
	announce(&g, bundle, &step);
	start = scratch_now();
	for (unsigned long i = 0; i < count; i++) {
		struct verdict v;

		arena_rewind(&step, (struct arena_mark){ NULL, 0 });
		e.at_ns = (int64_t)i * SECOND;
		MUST(gate_submit(&g, &e, &step, &v) == OK && v.effect == EFFECT_ALLOW);
	}
	start = scratch_now() - start;
	gate_fini(&g);
	state_close(s);
	arena_fini(&step);
	arena_fini(&memory);
	buf_fini(&text);
	return (double)count / start;
}

static void tell(const char *name, double *runs, const char *goal)
{
	double middle = scratch_median(runs, RUNS);

	printf("%-28s %12.0f per second  %8.1f ns%s\n", name, middle, 1e9 / middle, goal);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name, *trust;
	} gates[] = {
		{ "submit, no trust", "" },
		{ "submit, trust", "trust: {}\n" },
		{ "submit, trust in full", "trust: {regime: true, contagion: {violation: 500}, "
					   "ceilings: [{agents: ['a*'], at_most: 900}], "
					   "minimum: [{tools: ['get*'], tier: untrusted}]}\n" },
	};
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000000;
	double signals[RUNS], states[RUNS], scores[RUNS], submits[3][RUNS];

	MUST(crypto_start() == OK);
	for (unsigned r = 0; r < RUNS; r++) {
		score_begin(&trust_terms_default, STR("ann"), 0, &row);
		signals[r] = rate_of_signals(count);
		scores[r] = rate_of_scores(count);
		states[r] = rate_in_state(count / 10);
		for (unsigned i = 0; i < 3; i++)
			submits[i][r] = rate_of_submits(gates[i].trust, count / 100);
	}
	tell("signal", signals,
	     scratch_median(signals, RUNS) >= GOAL ? "  twice TypeScript's" : "  below the goal");
	tell("score", scores, "");
	tell("signal, state", states, "");
	for (unsigned i = 0; i < 3; i++)
		tell(gates[i].name, submits[i], "");
	return 0;
}
