/* cmd_trust: trammel trust show [AGENT] [--at N]: scores, and what they are made of */
#include "engine/base/when.h"
#include "tui/print.h"
#include "tui/trust_at.h"

#define OUT_CAP ((size_t)256 << 20)

struct showing {
	const struct invocation *in;
	struct trust_at at;
	struct buf out;
	int64_t now_ns;
};

/* What is shown of one agent; `row` NULL: no signal moved it yet. */
static void add_json(struct showing *v, struct str agent, uint32_t score,
		     const struct trust_row *row)
{
	struct buf *b = &v->out;

	buf_add_byte(b, '{');
	json_text(b, "agent", agent);
	json_number(b, "score", score);
	json_text(b, "tier", score_tier(v->at.terms, score)->name);
	json_number(b, "ceiling", score_ceiling(v->at.terms, agent));
	for (unsigned d = 0; row && d < TRUST_DIMENSIONS; d++)
		json_number(b, trust_dimension_name((enum trust_dimension)d),
			    row->dimensions[d] / TRUST_POINT);
	if (row) {
		json_time(b, "signal", row->at_ns);
		json_bool(b, "regime_changed", row->regime.changed);
	}
	buf_add_c(b, "}\n");
}

static void add_text(struct showing *v, struct str agent, uint32_t score,
		     const struct trust_row *row)
{
	uint32_t ceiling = score_ceiling(v->at.terms, agent);
	struct buf *b = &v->out;

	buf_addf(b, "%-24.*s %4u %.*s", STR_ARG(agent), score,
		 STR_ARG(score_tier(v->at.terms, score)->name));
	if (ceiling < TRUST_TOP)
		buf_addf(b, ", ceiling %u", ceiling);
	if (row && row->regime.changed)
		buf_add_c(b, ", does other things than before");
	buf_add_c(b, "\n ");
	if (!row) {
		buf_add_c(b, " no signal yet\n");
		return;
	}
	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		buf_addf(b, " %s %u", trust_dimension_name((enum trust_dimension)d),
			 row->dimensions[d] / TRUST_POINT);
	buf_add_c(b, ", last signal ");
	when_write(b, row->at_ns);
	buf_add_byte(b, '\n');
}

static void show_agents(struct showing *v)
{
	const struct state *s = v->at.state;

	for (uint32_t i = 0; i < state_rows(s, GATE_AGENTS); i++) {
		struct agent_row agent;
		struct trust_row row;
		struct str name;
		uint32_t at, score;
		bool moved;

		memcpy(&agent, state_row(s, GATE_AGENTS, i), sizeof(agent));
		name = agent_name(&agent);
		if (v->in->arg_count && !str_is(name, v->in->args[0]))
			continue;
		score = score_of(v->at.terms, s, GATE_TRUST, name, v->now_ns);
		moved = score_find(s, GATE_TRUST, name, &at, &row);
		if (json_wanted(v->in))
			add_json(v, name, score, moved ? &row : NULL);
		else
			add_text(v, name, score, moved ? &row : NULL);
	}
}

static enum err show(struct showing *v, struct note *n)
{
	struct totals_row totals;
	int64_t now_ns = world_now_ns(v->in->world);
	struct agent_row agent;
	uint64_t step = 0;
	uint32_t at;

	if (given(v->in, OPT_AT) && str_to_u64(str_view(v->in->values[OPT_AT]), &step) != OK)
		return note_set(n, ERR_USAGE, 0, 0,
				"--at is '%s'; expected the number of an entry, counted from 0",
				v->in->values[OPT_AT]);
	TRY(trust_at_open(v->in, given(v->in, OPT_AT) ? &step : NULL, &v->at, n));
	totals = gate_totals(v->at.state);
	v->now_ns = !given(v->in, OPT_AT) && now_ns > totals.latest_ns ? now_ns : totals.latest_ns;
	if (v->in->arg_count)
		TRY(agent_need(v->at.state, GATE_AGENTS, str_view(v->in->args[0]), &at, &agent, n));
	show_agents(v);
	return OK;
}

int cmd_trust_show(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct showing v = { .in = in };
	enum err e;

	buf_init(&v.out, OUT_CAP);
	trust_at_init(&v.at);
	e = show(&v, &n);
	if (e == OK)
		e = print_out(&v.out, &n);
	trust_at_close(&v.at);
	buf_fini(&v.out);
	return e == OK ? 0 : print_error(in, e, &n);
}
