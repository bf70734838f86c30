/*
 * cmd_trust_why: trammel trust why AGENT: every change of a score, from the log.
 *
 * The log is re-run, which proves each line on the way, and the agent's row is looked at before and
 * after every entry. The parts of a change are those of the formula: what time took of the score,
 * and how far each dimension moved from what was left of it.
 */
#include "engine/base/when.h"
#include "tui/print.h"
#include "tui/trust_at.h"

#define OUT_CAP ((size_t)1 << 30)

struct asking {
	const struct invocation *in;
	struct trust_at at;
	struct rerun *rerun;
	struct trust_row before;
	bool known;
	struct buf out;
	uint64_t changes;
};

/* "512.345", in points */
static void add_points(struct buf *b, uint32_t millionths)
{
	buf_addf(b, "%u.%03u", millionths / TRUST_POINT, millionths / 1000 % 1000);
}

static void add_signals(struct buf *b, uint32_t signals)
{
	bool first = true;

	for (unsigned s = 0; s < TRUST_SIGNALS; s++)
		if (signals & 1u << s) {
			buf_addf(b, "%s%s", first ? "" : ", ",
				 trust_signal_name((enum trust_signal)s));
			first = false;
		}
}

static void add_part(struct asking *a, const char *name, uint32_t from, uint32_t to)
{
	if (from / 1000 == to / 1000)
		return;
	buf_addf(&a->out, "  %-14s ", name);
	add_points(&a->out, from);
	buf_add_c(&a->out, " -> ");
	add_points(&a->out, to);
	buf_add_byte(&a->out, '\n');
}

struct change {
	const struct entry *entry;
	const struct trust_row *settled, *row;
	uint32_t before, decayed, after;     /* exact scores */
};

static void say_text(struct asking *a, const struct change *c)
{
	buf_addf(&a->out, "entry %llu  ", (unsigned long long)c->entry->seq);
	when_write(&a->out, c->entry->time_ns);
	buf_add_c(&a->out, "  ");
	add_signals(&a->out, c->row->signals);
	buf_addf(&a->out, "  %u -> %u\n", c->before / TRUST_POINT, c->after / TRUST_POINT);
	add_part(a, "time", c->before, c->decayed);
	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		add_part(a, trust_dimension_name((enum trust_dimension)d),
			 c->settled->dimensions[d], c->row->dimensions[d]);
}

/* All scores in millionths of a point. */
static void say_json(struct asking *a, const struct change *c)
{
	struct buf *b = &a->out;

	buf_add_byte(b, '{');
	json_number(b, "entry", c->entry->seq);
	json_time(b, "time", c->entry->time_ns);
	json_key(b, "signals");
	buf_add_byte(b, '[');
	for (unsigned s = 0, some = 0; s < TRUST_SIGNALS; s++)
		if (c->row->signals & 1u << s) {
			buf_add_c(b, some++ ? "," : "");
			json_string(b, str_view(trust_signal_name((enum trust_signal)s)));
		}
	buf_add_byte(b, ']');
	json_number(b, "before", c->before);
	json_number(b, "decayed", c->decayed);
	json_number(b, "after", c->after);
	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		json_number(b, trust_dimension_name((enum trust_dimension)d),
			    c->row->dimensions[d]);
	buf_add_c(b, "}\n");
}

/* What the entry that was just re-run did to the row. */
static void look(struct asking *a, const struct entry *e)
{
	const struct trust_terms *t = a->at.terms;
	struct trust_row row, settled;
	struct change c = { e, &settled, &row, 0, 0, 0 };
	uint32_t at;

	if (!t || !score_find(a->at.state, GATE_TRUST, str_view(a->in->args[0]), &at, &row))
		return;
	if (!a->known)
		score_begin(t, str_view(a->in->args[0]), row.at_ns, &a->before);
	a->known = true;
	if (row.at_ns == a->before.at_ns &&
	    memcmp(row.dimensions, a->before.dimensions, sizeof(row.dimensions)) == 0)
		return;
	settled = a->before;
	score_settle(t, &settled, row.at_ns);
	c.before = score_exact(t, &a->before, a->before.at_ns);
	c.decayed = score_exact(t, &settled, row.at_ns);
	c.after = score_exact(t, &row, row.at_ns);
	if (json_wanted(a->in))
		say_json(a, &c);
	else
		say_text(a, &c);
	a->before = row;
	a->changes++;
}

static enum err take_line(struct asking *a, struct str line, struct note *n)
{
	struct rerun_step step;

	TRY(rerun_line(a->rerun, line, &step, n));
	if (!step.equal)
		return note_set(n, ERR_TAMPERED, 0, 0,
				"entry %llu comes out otherwise than recorded; 'trammel replay' "
				"tells more",
				(unsigned long long)step.recorded->seq);
	look(a, step.recorded);
	/* What an entry of this kind brings holds from the next one on. */
	if (step.recorded->kind != ENTRY_POLICY)
		return OK;
	return trust_at_terms(&a->at, step.recorded->args, &a->at.terms, n);
}

static enum err walk(struct asking *a, struct note *n)
{
	struct space *s = a->at.space;
	struct log_reader *reader = NULL;
	struct str line = { "", 0 };
	enum err e;

	state_reset(a->at.state);
	a->at.terms = NULL;
	TRY(rerun_open(a->at.state, space_config(s)->origin, 0, space_bodies(s), NULL, &a->rerun,
		       n));
	e = log_reader_open(space_world(s), space_log_folder(s), 0, UINT64_MAX, &reader);
	while (e == OK) {
		e = log_reader_next(reader, &line);
		if (e != OK || !line.ptr)
			break;
		e = take_line(a, line, n);
	}
	log_reader_close(reader);
	return e;
}

static enum err ask(struct asking *a, struct note *n)
{
	struct agent_row agent;
	uint32_t at;

	TRY(trust_at_open(a->in, NULL, &a->at, n));
	TRY(agent_need(a->at.state, GATE_AGENTS, str_view(a->in->args[0]), &at, &agent, n));
	TRY(walk(a, n));
	if (a->changes == 0 && !json_wanted(a->in))
		buf_addf(&a->out, "nothing moved the score of %s\n", a->in->args[0]);
	return OK;
}

int cmd_trust_why(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct asking a = { .in = in };
	enum err e;

	buf_init(&a.out, OUT_CAP);
	trust_at_init(&a.at);
	e = ask(&a, &n);
	if (e == OK)
		e = print_out(&a.out, &n);
	rerun_close(a.rerun);
	trust_at_close(&a.at);
	buf_fini(&a.out);
	return e == OK ? 0 : print_error(in, e, &n);
}
