/*
 * A saga and its executor, who is stopped at every point: at each operation that changes the disk,
 * in a simulated world, and by kill -9 at each thing it does, in a real one. Whoever goes on knows
 * nothing but the workspace, asks what is due, and comes to the same end; the tools did everything
 * once.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/world_real.h"
#include "tests/flow/scene.h"

#define SEED 5
#define KEYS 8
#define MOVES_MAX 64

/* Three steps; the second is tried twice. What the third and the compensations do, a tale says. */
#define STEPS                                                                                      \
	"{\"reason\":\"x\",\"saga\":\"trip\",\"steps\":["                                          \
	"{\"name\":\"flight\",\"action\":\"book\",\"undo\":\"unbook\"},"                           \
	"{\"name\":\"hotel\",\"action\":\"rent\",\"undo\":\"leave\",\"retries\":1,"               \
	"\"delay\":\"0s\"},"                                                                       \
	"{\"name\":\"mail\",\"action\":\"send\",\"read_only\":true}]}"

struct tale {
	const char *name;
	bool mail_fails, leaving_fails;
	enum saga_state end;
};

static const struct tale tales[] = {
	{ "all goes well", false, false, SAGA_COMPLETED },
	{ "a step fails", true, false, SAGA_ROLLED_BACK },
	{ "a compensation fails too", true, true, SAGA_ESCALATED },
};

/* Where the executor may be killed. */
enum point { NOWHERE = 0, SUBMITTED, COMMITTED, CLOSED, CALLED, POINTS };

/* The tools remember what they did by key, outside of the workspace: asked again, they know it. */
struct outside {
	const struct tale *tale;
	char keys[KEYS][32];
	unsigned count, calls;
};

struct executor {
	struct world *w;
	const char *dir;
	struct outside *outside;
	enum point die_at;
	struct arena memory;
	struct note note;
};

static void pass(const struct executor *x, enum point p)
{
	if (x->die_at == p)
		(void)raise(SIGKILL);
}

/* --- the tools --- */

static void take_effect(struct outside *o, struct str key)
{
	unsigned i = 0;

	while (i < o->count && !str_is(key, o->keys[i]))
		i++;
	cr_assert_lt(i, KEYS);
	if (i == o->count)
		(void)snprintf(o->keys[o->count++], sizeof(o->keys[0]), "%.*s", STR_ARG(key));
}

static bool call_tool(struct outside *o, const struct saga *g, unsigned i, bool undo)
{
	char key[160];
	bool fails = undo ? i == 1 && o->tale->leaving_fails
		     : i == 1 ? g->steps[i].attempts == 1
			      : i == 2 && o->tale->mail_fails;

	(void)snprintf(key, sizeof(key), "%.*s%s", STR_ARG(SAGA_TEXT(g->plans[i]->key)),
		       undo ? "/undo" : "");
	o->calls++;
	if (!fails)
		take_effect(o, str_view(key));
	return !fails;
}

/* --- the executor --- */

static enum err submit_text(struct executor *x, struct space *s, const char *text)
{
	struct verdict v;
	struct buf bodies;
	enum err e;

	buf_init(&bodies, LIMIT_BODY_BYTES);
	e = space_submit_text(s, str_view(text), world_now_ns(x->w), &x->memory, &bodies, &v,
			      &x->note);
	buf_fini(&bodies);
	if (e == OK)
		cr_assert_eq(v.effect, EFFECT_ALLOW, "%s: %s", text, x->note.text);
	return e;
}

static enum err begin(struct executor *x, struct space *s)
{
	struct value data;

	cr_assert_eq(json_read(STR(STEPS), 1, &x->memory, &data, NULL), OK);
	return space_control(s, STR("saga.begin"), STR("ann"), STR_NONE, &data,
			     world_now_ns(x->w), &x->note);
}

static enum err act(struct executor *x, struct space *s, const struct saga *g,
		    const struct saga_due *d)
{
	const struct saga_plan *plan = g->plans[d->step];
	bool undo = d->kind == DUE_UNDO;
	char text[512];

	(void)snprintf(text, sizeof(text),
		       "{\"agent\":\"ann\",\"action\":{\"type\":\"%.*s\",\"saga\":\"trip\","
		       "\"step\":\"%.*s\",\"undo\":%s}}",
		       STR_ARG(undo ? SAGA_TEXT(plan->undo) : SAGA_TEXT(plan->action)),
		       STR_ARG(SAGA_TEXT(plan->name)), undo ? "true" : "false");
	return submit_text(x, s, text);
}

static enum err report(struct executor *x, struct space *s, const struct saga *g,
		       const struct saga_due *d)
{
	bool ok = call_tool(x->outside, g, d->step, d->kind == DUE_UNDO_OUTCOME);
	char text[128];

	pass(x, CALLED);
	(void)snprintf(text, sizeof(text), "{\"outcome_of\":%llu,\"status\":\"%s\"}",
		       (unsigned long long)g->steps[d->step].entry, ok ? "ok" : "failed");
	return submit_text(x, s, text);
}

/* What is due is all it knows. */
static enum err do_next(struct executor *x, struct space *s, bool *over)
{
	struct saga_due list[LIMIT_SAGA_STEPS];
	struct saga g;

	*over = false;
	if (!saga_find(space_state(s), &gate_sagas, STR("trip"), world_now_ns(x->w), &g))
		return begin(x, s);
	*over = saga_over(&g);
	if (*over)
		return OK;
	cr_assert_gt(saga_due(&g, list), 0);
	return list[0].kind == DUE_OUTCOME || list[0].kind == DUE_UNDO_OUTCOME
		       ? report(x, s, &g, &list[0])
		       : act(x, s, &g, &list[0]);
}

/* One move: open, do what is due, close. */
static enum err move(struct executor *x, bool *over)
{
	struct space *s;
	enum err e;

	TRY(space_open(x->w, x->dir, SPACE_WRITE, &s, &x->note));
	e = do_next(x, s, over);
	if (e != OK) {
		(void)space_abandon(s, NULL);
		return e;
	}
	pass(x, SUBMITTED);
	if (x->die_at == COMMITTED)
		cr_assert_eq(space_commit(s, true), OK);
	pass(x, COMMITTED);
	TRY(space_close(s, &x->note));
	pass(x, CLOSED);
	return OK;
}

static enum err run(struct executor *x, unsigned *moves)
{
	bool over = false;

	for (*moves = 0; !over; (*moves)++) {
		cr_assert_lt(*moves, MOVES_MAX, "it does not come to an end");
		TRY(move(x, &over));
	}
	return OK;
}

static struct executor executor_of(struct world *w, const char *dir, struct outside *o)
{
	struct executor x = { .w = w, .dir = dir, .outside = o };

	arena_init(&x.memory, (size_t)64 << 20);
	return x;
}

/* --- the end --- */

/* Every effect there is, and no other; saga and steps in the end that the tale has. */
static void expect_end(struct executor *x, const char *when)
{
	static const enum saga_step_state ends[SAGA_STATES][3] = {
		[SAGA_COMPLETED] = { STEP_COMMITTED, STEP_COMMITTED, STEP_COMMITTED },
		[SAGA_ROLLED_BACK] = { STEP_UNDONE, STEP_UNDONE, STEP_FAILED },
		[SAGA_ESCALATED] = { STEP_UNDONE, STEP_OPEN, STEP_FAILED },
	};
	const struct outside *o = x->outside;
	struct space *s;
	struct saga g;

	cr_assert_eq(space_open(x->w, x->dir, SPACE_WRITE, &s, &x->note), OK, "%s", x->note.text);
	cr_assert(saga_find(space_state(s), &gate_sagas, STR("trip"), world_now_ns(x->w), &g));
	cr_assert_eq(g.row.state, o->tale->end, "%s, %s: %s", o->tale->name, when,
		     saga_state_name(g.row.state));
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(g.steps[i].state, ends[o->tale->end][i], "%s, %s: step %u is %s",
			     o->tale->name, when, i, saga_step_name(g.steps[i].state));
	cr_assert_eq(g.steps[1].attempts, 2, "%s, %s", o->tale->name, when);
	cr_assert_eq(g.steps[0].attempts, 1, "%s, %s", o->tale->name, when);
	cr_assert_eq(space_abandon(s, NULL), OK);
	cr_assert_eq(o->count, o->tale->end == SAGA_ROLLED_BACK ? 4 : 3, "%s, %s: %u effects",
		     o->tale->name, when, o->count);
}

/* --- a simulated world --- */

static void make_agent(struct world *w, const char *dir)
{
	const struct space_newcomer ann = { .name = STR("ann"), .sponsor = STR("eve@example.org") };
	struct note n = { .text = "" };
	struct space_key key;
	struct space *s;

	cr_assert_eq(space_open(w, dir, SPACE_WRITE, &s, &n), OK, "%s", n.text);
	cr_assert_eq(space_create_agent(s, &ann, world_now_ns(w), &key, &n), OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK);
}

/* What stops the executor, and what survives of a crash. */
struct stop {
	enum sim_fault fault;
	uint64_t torn;                        /* 0: what was synced, or all */
};

/* The n-th operation fails, in a crash for good; then it goes on. False: there is no n-th. */
static bool stop_at(const struct tale *tale, uint64_t n, const struct stop *stop)
{
	struct outside o = { .tale = tale };
	struct replay_report report;
	struct note note = { .text = "" };
	struct executor x;
	struct space_kit k;
	unsigned moves;
	char when[64];
	bool hit;

	space_kit_init(&k, SPACE_KIT_ALLOW);
	make_agent(k.w, SPACE_KIT_DIR);
	x = executor_of(k.w, SPACE_KIT_DIR, &o);
	sim_fail_at(k.w, n, stop->fault);
	(void)run(&x, &moves);
	hit = sim_was_hit(k.w);
	if (stop->fault != SIM_CRASH)
		sim_fail_at(k.w, 0, SIM_NONE);
	else if (stop->torn)
		sim_tear(k.w, stop->torn * 1000 + n);
	else
		sim_reboot(k.w, n % 2);
	(void)snprintf(when, sizeof(when), "operation %llu", (unsigned long long)n);
	cr_assert_eq(run(&x, &moves), OK, "%s: %s", when, x.note.text);
	expect_end(&x, when);
	(void)space_kit_verify(&k, NULL);
	cr_assert_eq(space_kit_replay(&k, &report, &note), OK, "%s: %s", when, note.text);
	arena_fini(&x.memory);
	space_kit_fini(&k);
	return hit;
}

static void stop_everywhere(struct stop stop)
{
	for (size_t t = 0; t < sizeof(tales) / sizeof(tales[0]); t++) {
		uint64_t n = 1;

		while (stop_at(&tales[t], n, &stop))
			n++;
		cr_expect_gt(n, 30);
	}
}

Test(saga, comes_to_the_same_end_when_the_machine_stops_at_any_operation)
{
	stop_everywhere((struct stop){ SIM_CRASH, 0 });
}

Test(saga, comes_to_the_same_end_when_the_disk_kept_some_of_the_rest)
{
	stop_everywhere((struct stop){ SIM_CRASH, 1 });
}

Test(saga, comes_to_the_same_end_when_any_write_fails)
{
	stop_everywhere((struct stop){ SIM_EIO, 0 });
}

/* --- a real process --- */

static void make_space(struct world *w, const char *dir)
{
	struct note n = { .text = "" };
	char path[256];
	FILE *f;

	cr_assert_eq(space_create(w, dir, STR(SPACE_KIT_ORIGIN), &n), OK, "%s", n.text);
	(void)snprintf(path, sizeof(path), "%s/policies/policy.yaml", dir);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_geq(fputs(SPACE_KIT_ALLOW, f), 0);
	cr_assert_eq(fclose(f), 0);
	make_agent(w, dir);
}

/* A child makes so many moves and is killed in the last one. False: it came to the end before. */
static bool kill_in(struct world *w, const char *dir, struct outside *o, unsigned moves,
		    enum point p)
{
	pid_t child = fork();
	int status;

	cr_assert_geq(child, 0);
	if (child == 0) {
		struct executor x = executor_of(w, dir, o);
		bool over = false;

		for (unsigned i = 1; i <= moves && !over; i++) {
			x.die_at = i == moves ? p : NOWHERE;
			if (move(&x, &over) != OK)
				_exit(3);
		}
		_exit(over ? 1 : 0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) < 2, "it failed by itself");
	return WIFSIGNALED(status);
}

/* What the tools did is known to both processes. */
static struct outside *open_outside(const struct tale *tale)
{
	struct outside *o = mmap(NULL, sizeof(*o), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(o, MAP_FAILED);
	o->tale = tale;
	return o;
}

/* True when there was a process left to kill. */
static bool kill_and_go_on(struct world *w, const char *dir, unsigned moves, enum point p)
{
	struct outside *o = open_outside(&tales[1]);
	struct executor x = executor_of(w, dir, o);
	char when[64];
	unsigned rest;
	bool killed;

	(void)snprintf(when, sizeof(when), "move %u, point %d", moves, (int)p);
	make_space(w, dir);
	killed = kill_in(w, dir, o, moves, p);
	cr_assert_eq(run(&x, &rest), OK, "%s: %s", when, x.note.text);
	expect_end(&x, when);
	arena_fini(&x.memory);
	(void)munmap(o, sizeof(*o));
	return killed;
}

Test(saga, comes_to_the_same_end_when_its_executor_is_killed_at_any_step)
{
	char folder[] = "/tmp/trammel-saga-XXXXXX", dir[64], command[64];
	struct world w = world_real();
	unsigned kills = 0, some = 1;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_not_null(mkdtemp(folder));
	for (unsigned moves = 1; some > 0; moves++) {
		some = 0;
		for (enum point p = SUBMITTED; p < POINTS; p++) {
			(void)snprintf(dir, sizeof(dir), "%s/%u-%d", folder, moves, (int)p);
			some += kill_and_go_on(&w, dir, moves, p);
		}
		kills += some;
	}
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	cr_expect_eq(system(command), 0);
	cr_expect_gt(kills, 40);
}
