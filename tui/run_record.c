/*
 * run_record: the outcome of a program, and the notice that stands in for it.
 *
 * What a kill fenced off commits nothing, so the outcome of a program that was killed is refused
 * like any other that comes too late. That the program is gone must be in the log all the same: it
 * is what a kill is for. A notice decides nothing and commits nothing; it links to the start that
 * it is about and to the kill.
 */
#include "tui/run_record.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "tui/my_turn.h"
#include "tui/print.h"

bool run_went_well(const struct supervised *s)
{
	return s->started && s->end.exited && s->end.status == 0 && !s->stopped.text[0];
}

static void write_signal(struct buf *b, int number)
{
	const char *name = process_signal_name(number);

	if (name)
		buf_addf(b, "SIG%s", name);
	else
		buf_addf(b, "signal %d", number);
}

void run_write_end(struct buf *b, const struct supervised *s)
{
	buf_add_byte(b, '{');
	if (s->started)
		json_bool(b, "cgroup", s->in_cgroup);
	if (s->failed != OK)
		json_text(b, "error", str_view(s->story.text));
	if (s->started && s->end.exited)
		json_number(b, "exit", (uint64_t)s->end.status);
	if (s->started) {
		json_bool(b, "forced", s->end.forced);
		json_bool(b, "left", s->end.left);
	}
	if (s->started && !s->end.exited) {
		json_key(b, "signal");
		buf_add_byte(b, '"');
		write_signal(b, s->end.status);
		buf_add_byte(b, '"');
	}
	json_bool(b, "started", s->started);
	if (s->stopped.text[0])
		json_text(b, "stopped", str_view(s->stopped.text));
	buf_add_byte(b, '}');
}

static void write_outcome(struct buf *b, const struct run_of *of, const struct supervised *s)
{
	int64_t took_ms = s->took_ns / 1000000;

	buf_addf(b, "{\"outcome_of\":%llu,\"status\":\"%s\"", (unsigned long long)of->entry,
		 run_went_well(s) ? "ok" : "failed");
	if (s->started)
		json_number(b, "latency_ms", took_ms > 0 ? (uint64_t)took_ms : 0);
	json_key(b, "result");
	run_write_end(b, s);
	buf_add_byte(b, '}');
}

/* {"run": how it ended}, with links to its start, to the refusal and, after one, to the kill. */
static enum err submit_notice(struct space *space, const struct run_of *of,
			      const struct supervised *s, uint64_t refusal, int64_t now_ns,
			      struct arena *a, struct verdict *ret)
{
	struct entry_link links[3] = { { STR("end_of"), of->entry }, { STR("refused"), refusal } };
	struct member member = { .key = STR("run") };
	const struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct event e = {
		.kind = ENTRY_NOTICE, .at_ns = now_ns, .agent = of->agent, .session = of->session,
		.data = &data, .links = links, .link_count = 2,
	};
	struct halt_row halt;
	struct buf text;
	enum err failed;

	if (halt_fences(space_state(space), GATE_HALTS, of->agent, of->session, of->entry, &halt))
		links[e.link_count++] = (struct entry_link){ STR("killed_by"), halt.fence };
	buf_init(&text, LIMIT_ACTION_BYTES);
	run_write_end(&text, s);
	failed = text.err;
	if (failed == OK)
		failed = json_read(buf_view(&text), 1, a, &member.value, NULL);
	if (failed == OK)
		failed = space_submit(space, &e, a, ret);
	buf_fini(&text);
	return failed;
}

static enum err submit(struct space *space, const struct run_of *of, const struct supervised *s,
		       int64_t now_ns, struct run_recorded *ret)
{
	struct buf text, bodies;
	struct arena a;
	struct verdict v;
	enum err e;

	arena_init(&a, LIMIT_ACTION_MEMORY);
	buf_init(&text, LIMIT_ACTION_BYTES);
	buf_init(&bodies, 2 * LIMIT_BODY_BYTES);
	write_outcome(&text, of, s);
	e = text.err;
	if (e == OK)
		e = space_submit_text(space, buf_view(&text), now_ns, &a, &bodies, &v, NULL);
	ret->refused = e == OK && v.effect == EFFECT_DENY;
	if (ret->refused)
		e = submit_notice(space, of, s, v.entry, now_ns, &a, &v);
	if (e == OK)
		ret->entry = v.entry;
	buf_fini(&bodies);
	buf_fini(&text);
	arena_fini(&a);
	return e;
}

enum err run_record(const struct invocation *in, struct process *p, const struct run_of *of,
		    const struct supervised *s, struct run_recorded *ret, struct note *n)
{
	/* Who writes now may do so for long: what comes from there is not lost by waiting. */
	const struct my_turn turn = {
		.in = in, .process = p,
		.story = "the program has ended; its end is recorded when the workspace's other "
			 "writer has finished",
	};
	struct space *space = NULL;
	enum err e;

	TRY(my_turn_take(&turn, &space, n));
	e = submit(space, of, s, world_now_ns(in->world), ret);
	if (e == OK)
		return space_close(space, n);
	(void)space_abandon(space, NULL);
	return note_set(n, e, 0, 0, "%s", err_text(e));
}
