/*
 * cmd_run: trammel run --agent NAME [--session NAME] [--tool NAME] [--grace N] -- PROGRAM ARGS
 *
 *   action through the gate -> durable -> started -> watched -> ended -> outcome through the gate
 *
 * The workspace is open for writing at both ends only, so that others can ask, record and kill
 * while the program runs. What the gate judged is what is executed: the file that the program's
 * name stands for is found before, and is among the arguments of the action.
 */
#include <unistd.h>

#include "tui/my_turn.h"
#include "tui/print.h"
#include "tui/run_action.h"
#include "tui/run_record.h"

#define GRACE_SECONDS 5
#define GRACE_MOST 3600

struct running {
	const struct invocation *in;
	struct process *process;
	char folder[LIMIT_PATH_BYTES], path[LIMIT_PATH_BYTES];
	char *argv[ARGS_MAX + 1];
	struct program program;
	struct run_of of;
	bool rewritten;              /* the verdict would have other arguments */
	struct note note;
};

static struct str value_or(const struct invocation *in, enum option o, struct str otherwise)
{
	return given(in, o) ? str_view(in->values[o]) : otherwise;
}

static enum err read_grace(const struct invocation *in, uint32_t *ret_ms, struct note *n)
{
	uint64_t seconds = GRACE_SECONDS;

	if (given(in, OPT_GRACE) &&
	    (str_to_u64(str_view(in->values[OPT_GRACE]), &seconds) != OK || seconds > GRACE_MOST))
		return note_set(n, ERR_USAGE, 0, 0, "--grace is '%s'; expected 0 to %d seconds",
				in->values[OPT_GRACE], GRACE_MOST);
	*ret_ms = (uint32_t)seconds * 1000;
	return OK;
}

/* What cannot be recorded as it is, is not run. */
static enum err check_text(const char *text, const char *what, struct note *n)
{
	if (str_utf8_ok(str_view(text)))
		return OK;
	return note_set(n, ERR_ENCODING, 0, 0, "%s '%s' is not UTF-8 and cannot be recorded", what,
			text);
}

/* Everything that is known before anything happens. */
static enum err prepare(struct running *r)
{
	const struct invocation *in = r->in;
	struct note *n = &r->note;

	if (!given(in, OPT_AGENT))
		return note_set(n, ERR_USAGE, 0, 0, "expected --agent NAME: who runs it");
	TRY(read_grace(in, &r->program.grace_ms, n));
	for (int i = 0; i < in->arg_count; i++) {
		TRY(check_text(in->args[i], "the argument", n));
		/* As execve wants them; nobody writes there. */
		r->argv[i] = (char *)(uintptr_t)in->args[i];
	}
	if (!getcwd(r->folder, sizeof(r->folder)))
		return note_set(n, ERR_NOT_FOUND, 0, 0, "the current folder has no path");
	TRY(check_text(r->folder, "the current folder", n));
	r->program.found = process_find(in->args[0], world_env(in->world, "PATH"), r->path);
	if (r->program.found == OK)
		TRY(check_text(r->path, "the program", n));
	r->program.dir = dir_of(in);
	r->program.path = r->path;
	r->program.argv = r->argv;
	r->of.agent = str_view(in->values[OPT_AGENT]);
	r->of.session = value_or(in, OPT_SESSION, STR_NONE);
	return OK;
}

static enum err write_action(const struct running *r, struct space *s, int64_t now_ns,
			     struct buf *b, struct note *n)
{
	const struct invocation *in = r->in;
	const struct run_action what = {
		.agent = r->of.agent, .tool = value_or(in, OPT_TOOL, STR("run")),
		.session = r->of.session, .trace = value_or(in, OPT_TRACE, STR_NONE),
		.resource = value_or(in, OPT_RESOURCE, STR_NONE),
		.argv = in->args, .count = in->arg_count, .cwd = str_view(r->folder),
		.program = r->program.found == OK ? str_view(r->path) : STR_NONE,
	};

	return run_action_write(s, &what, now_ns, b, n);
}

/* A verdict may rewrite the arguments; who cannot do that must not go on. */
static bool is_rewritten(const struct verdict *v)
{
	for (size_t i = 0; i < v->decision.obligation_count; i++)
		if (str_is(v->decision.obligations[i].type, "transform"))
			return true;
	return false;
}

/* Decide and record, durably. ERR_DENIED: the verdict is printed. */
static enum err submit(struct running *r, struct space *s, struct arena *a, struct buf *bodies,
		       struct buf *text)
{
	int64_t now_ns = world_now_ns(r->in->world);
	struct note story = { .text = "" };
	struct verdict v;

	TRY(write_action(r, s, now_ns, text, &r->note));
	TRY(space_submit_text(s, buf_view(text), now_ns, a, bodies, &v, &story));
	TRY(space_commit(s, true));
	if (story.text[0])
		print_talk("trammel: %s", story.text);
	r->of.entry = r->program.entry = v.entry;
	r->rewritten = is_rewritten(&v);
	if (v.effect == EFFECT_ALLOW)
		return OK;
	buf_clear(text);
	verdict_write(text, &v);
	buf_add_byte(text, '\n');
	TRY(print_out(text, &r->note));
	return ERR_DENIED;
}

static enum err decide(struct running *r)
{
	const struct my_turn turn = {
		.in = r->in, .process = r->process, .seconds = MY_TURN_SECONDS,
	};
	struct buf text, bodies;
	struct arena a;
	struct space *s = NULL;
	enum err e, closing;

	TRY(my_turn_take(&turn, &s, &r->note));
	arena_init(&a, LIMIT_ACTION_MEMORY);
	buf_init(&text, LIMIT_ACTION_BYTES);
	buf_init(&bodies, 2 * LIMIT_BODY_BYTES);
	e = submit(r, s, &a, &bodies, &text);
	closing = space_close(s, e == OK || e == ERR_DENIED ? &r->note : NULL);
	buf_fini(&bodies);
	buf_fini(&text);
	arena_fini(&a);
	return closing != OK ? closing : e;
}

/* "trammel: sh was ended by SIGTERM: agent 'ann' was killed" */
static void tell_end(const struct running *r, const struct supervised *s)
{
	const char *name = r->in->args[0], *because = s->stopped.text[0] ? ": " : "";
	const char *signal_name = s->end.exited ? NULL : process_signal_name(s->end.status);

	if (!s->started)
		print_talk("trammel: %s was not started: %s", name,
			   s->failed == OK ? s->stopped.text : s->story.text);
	else if (!s->end.exited)
		print_talk("trammel: %s was ended by %s%s%s%s", name,
			   signal_name ? "SIG" : "a signal", signal_name ? signal_name : "",
			   because, s->stopped.text);
	else if (!run_went_well(s))
		print_talk("trammel: %s ended with status %d%s%s", name, s->end.status, because,
			   s->stopped.text);
	if (s->started && s->end.left)
		print_talk("trammel: what it left running was ended");
}

static enum err tell_record(const struct running *r, const struct supervised *s,
			    const struct run_recorded *recorded, struct note *n)
{
	struct buf b;
	enum err e;

	if (!json_wanted(r->in))
		return OK;
	buf_init(&b, 1u << 16);
	buf_add_byte(&b, '{');
	json_number(&b, "entry", r->of.entry);
	json_number(&b, recorded->refused ? "notice" : "outcome", recorded->entry);
	json_key(&b, "result");
	run_write_end(&b, s);
	buf_add_c(&b, "}\n");
	e = print_out(&b, n);
	buf_fini(&b);
	return e;
}

static void refuse(struct supervised *ret)
{
	*ret = (struct supervised){ .failed = ERR_DENIED };
	(void)note_set(&ret->story, ERR_DENIED, 0, 0,
		       "the policy rewrites the arguments of the action, which 'run' does not do");
}

static int run(struct running *r)
{
	struct run_recorded recorded;
	struct supervised s;
	enum err e = decide(r);

	if (e == ERR_DENIED)
		return err_exit(ERR_DENIED);
	if (e != OK)
		return print_error(r->in, e, &r->note);
	if (r->rewritten)
		refuse(&s);
	else
		supervise(r->in->world, r->process, &r->program, &s);
	tell_end(r, &s);
	e = run_record(r->in, r->process, &r->of, &s, &recorded, &r->note);
	if (e != OK)
		print_talk("trammel: how it ended could not be recorded");
	else
		e = tell_record(r, &s, &recorded, &r->note);
	if (e != OK)
		return print_error(r->in, e, &r->note);
	return s.failed != OK ? err_exit(s.failed) : run_went_well(&s) ? 0 : err_exit(ERR_DENIED);
}

int cmd_run(const struct invocation *in)
{
	struct running r = { .in = in };
	enum err e = prepare(&r);
	int status;

	if (e == OK)
		e = process_open(&r.process, &r.note);
	if (e != OK)
		return print_error(in, e, &r.note);
	status = run(&r);
	process_close(r.process);
	return status;
}
