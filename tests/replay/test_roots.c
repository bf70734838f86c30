/* roots: the first digest that does not come out is found, wherever the gate is by then. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "replay/inside.h"

#define ENTRIES 700

static struct world *w;
static struct state *leader, *truth;
static struct arena memory;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	w = sim_open(1, 0);
	cr_assert_not_null(w);
	arena_init(&memory, 1u << 24);
}

static void teardown(void)
{
	arena_fini(&memory);
	sim_close(w);
}

TestSuite(roots, .init = setup, .fini = teardown);

static void count_in(struct state *s, uint64_t seq)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "session-%d", (int)(seq % 37));
	state_begin(s);
	cr_assert_eq(session_touch(s, GATE_SESSIONS, str_view(name), (int64_t)seq, 1, 0), OK);
}

/* What stands in a recorded entry that may be wrong. */
enum lie { NO_LIE, LIE_STATE, LIE_INPUT };

struct play {
	uint64_t seq;
	enum lie lie;
	struct digest state, input;           /* right ones of the last entry */
	struct buf text, line;
};

static enum err add(struct roots *r, struct play *p)
{
	const struct roots_entry at = { p->seq, 10 * p->seq, p->seq, 9 * p->seq,
					 3 * p->seq, p->seq };
	struct decision d = { .effect = EFFECT_ALLOW, .stage = STR("policy") };
	struct rerun_step step = { .equal = true };
	struct digest lied;

	count_in(leader, p->seq);
	count_in(truth, p->seq);
	cr_assert_eq(state_root(truth, &p->state), OK);
	buf_clear(&p->text);
	buf_addf(&p->text, "what the rules saw of %d", (int)p->seq);
	p->input = lied = sha256(buf_view(&p->text));
	step.recorded = (struct entry){ .log = STR("example.org/log"), .seq = p->seq,
					.kind = ENTRY_ACTION, .state = p->state };
	lied.bytes[31] ^= p->lie == LIE_INPUT;
	step.recorded.state.bytes[0] ^= p->lie == LIE_STATE;
	if (p->seq % 3 != 1) {
		step.input = buf_view(&p->text);
		d.input = &lied;
	}
	step.recorded.decision = &d;
	buf_clear(&p->line);
	entry_write(&p->line, &step.recorded);
	cr_assert_eq(p->line.err, OK);
	step.line = buf_view(&p->line);
	return roots_add(r, leader, &step, &at);
}

static void open_states(struct play *p)
{
	*p = (struct play){ .seq = 0 };
	buf_init(&p->text, 4096);
	buf_init(&p->line, LIMIT_ENTRY_BYTES);
	cr_assert_eq(gate_state_open(&leader), OK);
	cr_assert_eq(gate_state_open(&truth), OK);
}

static void close_states(struct play *p)
{
	buf_fini(&p->text);
	buf_fini(&p->line);
	state_close(leader);
	state_close(truth);
}

Test(roots, what_comes_out_right_leads_to_the_state)
{
	for (int threads = 0; threads < 2; threads++) {
		struct digest root;
		struct roots *r;
		struct play p;

		w->threads = threads;
		open_states(&p);
		cr_assert_eq(roots_open(w, 5, &r), OK);
		for (; p.seq < ENTRIES; p.seq++)
			cr_assert_eq(add(r, &p), OK);
		cr_assert_eq(roots_end(r), OK);
		cr_assert_eq(state_root(roots_state(r), &root), OK);
		cr_assert(digest_eq(&root, &p.state));
		roots_close(r);
		close_states(&p);
	}
}

static void expect_found(uint64_t wrong, enum lie lie, bool threads)
{
	struct roots_divergence d;
	struct digest state, input;
	struct entry entry;
	struct roots *r;
	struct play p;
	enum err e = OK;

	w->threads = threads;
	open_states(&p);
	cr_assert_eq(roots_open(w, 5, &r), OK);
	for (; p.seq < ENTRIES && e == OK; p.seq++) {
		p.lie = p.seq == wrong || p.seq == wrong + 200 ? lie : NO_LIE;
		e = add(r, &p);
		if (p.seq == wrong) {
			state = p.state;
			input = p.input;
		}
	}
	if (e == OK)
		e = roots_end(r);
	cr_assert_eq(e, ERR_DIVERGED);
	cr_assert_eq(roots_end(r), ERR_DIVERGED, "it stays so");
	cr_assert_eq(roots_divergence(r, &memory, &d), OK);
	cr_assert(d.entry.seq == wrong && d.entry.denied == 9 * wrong);
	cr_assert_eq(d.entry.unknown, wrong);
	cr_assert(!str_eq(d.recorded, d.replayed));
	cr_assert_eq(entry_parse(d.replayed, &memory, &entry, NULL), OK);
	cr_assert(entry.seq == wrong && digest_eq(&entry.state, &state));
	cr_assert(!entry.decision->input || digest_eq(entry.decision->input, &input));
	roots_close(r);
	close_states(&p);
}

Test(roots, the_first_wrong_digest_is_found_whatever_follows_it)
{
	static const uint64_t places[] = { 0, 2, 126, 128, 129, 383, 512, ENTRIES - 1 };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		for (int threads = 0; threads < 2; threads++) {
			expect_found(places[i], LIE_STATE, threads);
			if (places[i] % 3 != 1)
				expect_found(places[i], LIE_INPUT, threads);
		}
}
