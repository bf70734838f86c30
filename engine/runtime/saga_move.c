/*
 * saga_move: the machine of a saga and of its steps.
 *
 * Two tables say what may happen, and each has one setter. After every event of a step come the
 * consequences, until there are none: groups that have enough or fall short, steps that are owed or
 * cannot be undone, the end. Events and consequences only ever lead on, so that ends.
 */
#include "engine/runtime/runtime.h"

#include "engine/base/when.h"

#define TO(state) (1 + (state))

/* One more than the next state: with another attempt left, and without; 0: there is no way. */
struct way {
	uint8_t again, over;
};

#define ONLY(state) { TO(state), TO(state) }

static const struct way step_ways[STEP_STATES][STEP_EVENTS] = {
	[STEP_WAITING] = {
		[STEP_BEGIN] = ONLY(STEP_RUNNING),
		[STEP_ENOUGH] = ONLY(STEP_SKIPPED), [STEP_TURN] = ONLY(STEP_SKIPPED),
	},
	[STEP_UNSURE] = {
		[STEP_BEGIN] = ONLY(STEP_RERUNNING),
		[STEP_ENOUGH] = ONLY(STEP_DOUBTED), [STEP_TURN] = ONLY(STEP_DOUBTED),
	},
	[STEP_RUNNING] = {
		[STEP_OK] = ONLY(STEP_COMMITTED),
		[STEP_FAIL] = { TO(STEP_WAITING), TO(STEP_FAILED) },
		[STEP_TIMEOUT] = { TO(STEP_UNSURE), TO(STEP_DOUBTED) },
		[STEP_CUT] = { TO(STEP_UNSURE), TO(STEP_DOUBTED) },
	},
	/* A retry that failed says nothing about the attempt before it. */
	[STEP_RERUNNING] = {
		[STEP_OK] = ONLY(STEP_COMMITTED),
		[STEP_FAIL] = { TO(STEP_UNSURE), TO(STEP_DOUBTED) },
		[STEP_TIMEOUT] = { TO(STEP_UNSURE), TO(STEP_DOUBTED) },
		[STEP_CUT] = { TO(STEP_UNSURE), TO(STEP_DOUBTED) },
	},
	[STEP_COMMITTED] = { [STEP_TURN] = ONLY(STEP_OWED) },
	[STEP_DOUBTED] = { [STEP_ENOUGH] = ONLY(STEP_OWED), [STEP_TURN] = ONLY(STEP_OWED) },
	[STEP_OWED] = {
		[STEP_UNDO] = ONLY(STEP_UNDOING), [STEP_NOTHING] = ONLY(STEP_UNDONE),
		[STEP_LAPSE] = ONLY(STEP_OPEN),
	},
	[STEP_UNDOING] = {
		[STEP_OK] = ONLY(STEP_UNDONE),
		[STEP_FAIL] = { TO(STEP_OWED), TO(STEP_OPEN) },
		[STEP_TIMEOUT] = { TO(STEP_OWED), TO(STEP_OPEN) },
		[STEP_CUT] = ONLY(STEP_OWED),
	},
};

/* The ends are those with something left open, and without. */
static const uint8_t saga_ways[SAGA_STATES][SAGA_STATES] = {
	[SAGA_RUNNING] = {
		[SAGA_COMPENSATING] = 1, [SAGA_COMPLETED] = 1, [SAGA_ESCALATED] = 1,
	},
	[SAGA_COMPENSATING] = { [SAGA_ROLLED_BACK] = 1, [SAGA_ESCALATED] = 1 },
};

/* --- names --- */

const char *saga_state_name(enum saga_state state)
{
	static const char *const names[SAGA_STATES] = {
		"running", "compensating", "completed", "rolled_back", "escalated",
	};

	MUST(state < SAGA_STATES);
	return names[state];
}

const char *saga_cause_name(enum saga_cause cause)
{
	static const char *const names[SAGA_CAUSES] = { "none", "step", "asked", "killed" };

	MUST(cause < SAGA_CAUSES);
	return names[cause];
}

const char *saga_join_name(enum saga_join join)
{
	static const char *const names[SAGA_JOINS] = { "all", "majority", "any" };

	MUST(join < SAGA_JOINS);
	return names[join];
}

const char *saga_step_name(enum saga_step_state state)
{
	static const char *const names[STEP_STATES] = {
		"waiting", "unsure", "running", "rerunning", "committed", "failed", "doubted",
		"skipped", "owed", "undoing", "undone", "open",
	};

	MUST(state < STEP_STATES);
	return names[state];
}

const char *saga_event_name(enum saga_event event)
{
	static const char *const names[STEP_EVENTS] = {
		"begin", "ok", "fail", "timeout", "cut", "enough", "turn", "undo", "nothing",
		"lapse",
	};

	MUST(event < STEP_EVENTS);
	return names[event];
}

const char *saga_open_name(enum saga_open open)
{
	static const char *const names[OPENS] = {
		"no", "it has no compensation", "its undo window is over",
		"its compensation failed",
	};

	MUST(open < OPENS);
	return names[open];
}

/* --- setters --- */

bool saga_way(enum saga_step_state from, enum saga_event event, bool again,
	      enum saga_step_state *ret)
{
	const struct way *w = &step_ways[from][event];
	uint8_t to = again ? w->again : w->over;

	if (!to)
		return false;
	*ret = (enum saga_step_state)(to - 1);
	return true;
}

bool saga_leads(enum saga_state from, enum saga_state to)
{
	return saga_ways[from][to];
}

/* The only place where a step's state is assigned. */
static void move_step(struct saga *g, unsigned i, enum saga_event event, bool again)
{
	enum saga_step_state to = STEP_WAITING;

	MUST(saga_way((enum saga_step_state)g->steps[i].state, event, again, &to));
	g->steps[i].state = (uint8_t)to;
}

/* The only place where a saga's state is assigned. */
static void move_saga(struct saga *g, enum saga_state to)
{
	MUST(saga_leads((enum saga_state)g->row.state, to));
	g->row.state = (uint8_t)to;
}

/* --- questions --- */

bool saga_over(const struct saga *g)
{
	return g->row.state >= SAGA_COMPLETED;
}

static bool is_forward(const struct saga_step *step)
{
	return step->state == STEP_RUNNING || step->state == STEP_RERUNNING;
}

static bool in_flight(const struct saga_step *step)
{
	return is_forward(step) || step->state == STEP_UNDOING;
}

/* The steps of one group, of which the first is given, and what became of them. */
struct group {
	unsigned first, end, committed, alive, needed;
};

static struct group look_at_group(const struct saga *g, unsigned first)
{
	const struct saga_plan *plan = g->plans[first];
	struct group ret = { .first = first, .end = first };

	for (; ret.end < g->row.steps && g->plans[ret.end]->group == plan->group; ret.end++) {
		const struct saga_step *step = &g->steps[ret.end];

		ret.committed += step->state == STEP_COMMITTED;
		ret.alive += is_forward(step) || step->state == STEP_WAITING ||
			     step->state == STEP_UNSURE;
	}
	ret.needed = plan->join == SAGA_ANY ? 1
		     : plan->join == SAGA_MAJORITY ? (ret.end - first) / 2 + 1
						   : ret.end - first;
	return ret;
}

/* The group that is worked on: the first that has not enough. False: all have. */
static bool find_group(const struct saga *g, struct group *ret)
{
	for (unsigned first = 0; first < g->row.steps; first = ret->end) {
		*ret = look_at_group(g, first);
		if (ret->committed < ret->needed)
			return true;
	}
	return false;
}

/* Of what is owed, the last that was done: it is undone first. */
static bool find_owed(const struct saga *g, unsigned *ret)
{
	uint32_t highest = 0;

	for (unsigned i = 0; i < g->row.steps; i++)
		if (g->steps[i].state == STEP_OWED && g->steps[i].order > highest) {
			highest = g->steps[i].order;
			*ret = i;
		}
	return highest > 0;
}

/* What nothing is undone beside: another compensation, and when compensating, any attempt. */
static bool find_obstacle(const struct saga *g, unsigned *ret)
{
	for (unsigned i = 0; i < g->row.steps; i++)
		if (g->steps[i].state == STEP_UNDOING ||
		    (g->row.state == SAGA_COMPENSATING && is_forward(&g->steps[i]))) {
			*ret = i;
			return true;
		}
	return false;
}

/* --- consequences --- */

static int64_t later(int64_t ns, int64_t by_ns)
{
	return ns > INT64_MAX - by_ns ? INT64_MAX : ns + by_ns;
}

/* Until when it can be undone. */
static int64_t window_end(const struct saga *g, unsigned i)
{
	int64_t window_ns = g->plans[i]->window_ns;

	return window_ns ? later(g->steps[i].done_ns, window_ns) : INT64_MAX;
}

/* It is to be undone; some need not be, some cannot. */
static void owe(struct saga *g, unsigned i, enum saga_event event, int64_t at_ns)
{
	const struct saga_plan *plan = g->plans[i];
	struct saga_step *step = &g->steps[i];

	move_step(g, i, event, false);
	step->failures = 0;
	step->due_ns = at_ns;
	step->until_ns = window_end(g, i);
	if (plan->read_only) {
		move_step(g, i, STEP_NOTHING, false);
	} else if (!plan->undo[0]) {
		step->open = OPEN_NO_UNDO;
		move_step(g, i, STEP_LAPSE, false);
	}
}

/* It is committed, or given up in doubt. */
static void mark_done(struct saga *g, unsigned i, int64_t at_ns)
{
	g->steps[i].order = ++g->row.orders;
	g->steps[i].done_ns = at_ns;
}

/* Nothing more is done in [first, end): its group has enough, or the saga turned. */
static void stop_steps(struct saga *g, unsigned first, unsigned end, enum saga_event why,
		       int64_t at_ns)
{
	for (unsigned i = first; i < end; i++) {
		if (g->steps[i].state == STEP_WAITING)
			move_step(g, i, why, false);
		if (g->steps[i].state == STEP_UNSURE) {
			move_step(g, i, why, false);
			mark_done(g, i, at_ns);
		}
		if (g->steps[i].state == STEP_DOUBTED ||
		    (g->steps[i].state == STEP_COMMITTED && why == STEP_TURN))
			owe(g, i, why, at_ns);
	}
}

static void turn(struct saga *g, enum saga_cause cause, unsigned step)
{
	move_saga(g, SAGA_COMPENSATING);
	g->row.cause = (uint8_t)cause;
	g->row.cause_step = (uint8_t)step;
}

/* Which step made the group fall short. */
static unsigned find_culprit(const struct saga *g, const struct group *group)
{
	unsigned i = group->first;

	while (i + 1 < group->end && g->steps[i].state != STEP_FAILED &&
	       g->steps[i].state != STEP_DOUBTED)
		i++;
	return i;
}

/* True when all groups have enough. */
static bool weigh_groups(struct saga *g, int64_t at_ns)
{
	struct group group;

	for (unsigned first = 0; first < g->row.steps; first = group.end) {
		group = look_at_group(g, first);
		if (group.committed + group.alive < group.needed)
			turn(g, SAGA_SHORT, find_culprit(g, &group));
		if (group.committed < group.needed)
			return false;
		stop_steps(g, group.first, group.end, STEP_ENOUGH, at_ns);
	}
	return true;
}

/* Nothing is in flight and nothing is owed: it is over. */
static void finish(struct saga *g)
{
	bool open = false;

	for (unsigned i = 0; i < g->row.steps; i++) {
		if (in_flight(&g->steps[i]) || g->steps[i].state == STEP_OWED)
			return;
		open = open || g->steps[i].state == STEP_OPEN;
	}
	move_saga(g, open ? SAGA_ESCALATED
			  : g->row.state == SAGA_RUNNING ? SAGA_COMPLETED : SAGA_ROLLED_BACK);
}

static void follow(struct saga *g, int64_t at_ns)
{
	bool enough = false;

	g->row.latest_ns = at_ns;
	if (g->row.state == SAGA_RUNNING)
		enough = weigh_groups(g, at_ns);
	if (g->row.state == SAGA_COMPENSATING)
		stop_steps(g, 0, g->row.steps, STEP_TURN, at_ns);
	if (enough || g->row.state == SAGA_COMPENSATING)
		finish(g);
}

/* --- events of a step --- */

/* May the step be tried once more, now that this attempt is over? */
static bool has_retry(const struct saga *g, unsigned i, enum saga_event event)
{
	const struct saga_step *step = &g->steps[i];
	bool left = event == STEP_CUT || step->failures <= g->plans[i]->retries;
	unsigned first = i;
	struct group group;

	if (step->state == STEP_UNDOING)
		return left;
	while (first > 0 && g->plans[first - 1]->group == g->plans[i]->group)
		first--;
	group = look_at_group(g, first);
	return left && g->row.state == SAGA_RUNNING && group.committed < group.needed;
}

/* An attempt ends in whatever way but "ok". A retry waits longer each time. */
static void break_off(struct saga *g, unsigned i, enum saga_event event, int64_t at_ns)
{
	struct saga_step *step = &g->steps[i];
	const struct saga_plan *plan = g->plans[i];
	bool undoing = step->state == STEP_UNDOING;

	step->failures += event != STEP_CUT;
	move_step(g, i, event, has_retry(g, i, event));
	step->due_ns = event == STEP_CUT ? at_ns
					 : later(at_ns, plan->delay_ns * (int64_t)step->failures);
	if (step->state == STEP_DOUBTED)
		mark_done(g, i, at_ns);
	if (step->state == STEP_OWED)
		step->until_ns = window_end(g, i);
	if (undoing && step->state == STEP_OPEN)
		step->open = OPEN_FAILED;
}

/* What time does first; false when nothing more happens until then. */
static bool find_next(const struct saga *g, int64_t now_ns, unsigned *ret)
{
	bool found = false;

	for (unsigned i = 0; i < g->row.steps; i++) {
		const struct saga_step *step = &g->steps[i];
		bool runs_out = in_flight(step) ||
				(step->state == STEP_OWED && step->until_ns < INT64_MAX);

		if (!runs_out || step->until_ns > now_ns ||
		    (found && step->until_ns >= g->steps[*ret].until_ns))
			continue;
		*ret = i;
		found = true;
	}
	return found;
}

void saga_settle(struct saga *g, int64_t now_ns)
{
	unsigned i = 0;

	while (!saga_over(g) && find_next(g, now_ns, &i)) {
		struct saga_step *step = &g->steps[i];
		int64_t at_ns = step->until_ns;

		/* A window may have been over before the step was owed. */
		if (at_ns < g->row.latest_ns)
			at_ns = g->row.latest_ns;
		if (step->state == STEP_OWED) {
			step->open = OPEN_LATE;
			move_step(g, i, STEP_LAPSE, false);
		} else {
			break_off(g, i, STEP_TIMEOUT, at_ns);
		}
		follow(g, at_ns);
	}
}

static void cut_all(struct saga *g, int64_t at_ns)
{
	for (unsigned i = 0; i < g->row.steps; i++)
		if (in_flight(&g->steps[i]))
			break_off(g, i, STEP_CUT, at_ns);
}

void saga_kill(struct saga *g, uint64_t entry, int64_t at_ns)
{
	if (saga_over(g))
		return;
	g->row.since = entry;
	if (g->row.state == SAGA_RUNNING)
		turn(g, SAGA_KILLED, 0);
	cut_all(g, at_ns);
	follow(g, at_ns);
}

/* --- what others want --- */

static struct str name_of(const struct saga *g, unsigned i)
{
	return SAGA_TEXT(g->plans[i]->name);
}

#define NAMES(g, i) STR_ARG(name_of(g, i)), STR_ARG(SAGA_TEXT((g)->row.id))

static enum err refuse_over(const struct saga *g, struct note *why)
{
	return note_set(why, ERR_RANGE, 0, 0, "saga '%.*s' is %s, and that is its end",
			STR_ARG(SAGA_TEXT(g->row.id)),
			saga_state_name((enum saga_state)g->row.state));
}

/* "... is <what> 2026-01-02T03:04:05Z" */
static enum err refuse_until(const struct saga *g, unsigned i, const char *what, int64_t ns,
			     struct note *why)
{
	struct buf when;
	enum err e;

	buf_init(&when, WHEN_TEXT_BYTES + 1);
	when_write(&when, ns);
	e = note_set(why, ERR_RANGE, 0, 0, "step '%.*s' of saga '%.*s' %s %.*s", NAMES(g, i), what,
		     STR_ARG(buf_view(&when)));
	buf_fini(&when);
	return e;
}

static enum err check_forward(const struct saga *g, unsigned i, int64_t now_ns, struct note *why)
{
	const struct saga_step *step = &g->steps[i];
	struct group group;
	unsigned before;

	if (step->state != STEP_WAITING && step->state != STEP_UNSURE)
		return note_set(why, ERR_RANGE, 0, 0,
				"step '%.*s' of saga '%.*s' is %s; it is not begun now",
				NAMES(g, i), saga_step_name((enum saga_step_state)step->state));
	MUST(find_group(g, &group));
	before = group.first;
	while (g->steps[before].state == STEP_COMMITTED)
		before++;
	if (i >= group.end)
		return note_set(why, ERR_RANGE, 0, 0,
				"step '%.*s' of saga '%.*s' comes after '%.*s', which is %s",
				NAMES(g, i), STR_ARG(name_of(g, before)),
				saga_step_name((enum saga_step_state)g->steps[before].state));
	return now_ns >= step->due_ns ? OK
				      : refuse_until(g, i, "is tried again from", step->due_ns,
						     why);
}

static enum err check_undo(const struct saga *g, unsigned i, int64_t now_ns, struct note *why)
{
	const struct saga_step *step = &g->steps[i];
	unsigned other = i;

	if (step->state != STEP_OWED)
		return note_set(why, ERR_RANGE, 0, 0,
				"step '%.*s' of saga '%.*s' is %s; it is not undone now",
				NAMES(g, i), saga_step_name((enum saga_step_state)step->state));
	if (find_obstacle(g, &other))
		return note_set(why, ERR_RANGE, 0, 0,
				"step '%.*s' of saga '%.*s' waits for '%.*s', which is %s",
				NAMES(g, i), STR_ARG(name_of(g, other)),
				saga_step_name((enum saga_step_state)g->steps[other].state));
	if (find_owed(g, &other) && other != i)
		return note_set(why, ERR_RANGE, 0, 0,
				"step '%.*s' of saga '%.*s' is undone after '%.*s': what was done "
				"last comes first", NAMES(g, i), STR_ARG(name_of(g, other)));
	return now_ns >= step->due_ns ? OK
				      : refuse_until(g, i, "is undone again from", step->due_ns,
						     why);
}

enum err saga_check(const struct saga *g, unsigned step, bool undo, int64_t now_ns,
		    struct note *why)
{
	if (saga_over(g))
		return refuse_over(g, why);
	return undo ? check_undo(g, step, now_ns, why) : check_forward(g, step, now_ns, why);
}

void saga_begin(struct saga *g, unsigned i, bool undo, uint64_t entry, int64_t now_ns)
{
	struct saga_step *step = &g->steps[i];

	move_step(g, i, undo ? STEP_UNDO : STEP_BEGIN, false);
	step->attempts += !undo;
	step->undos += undo;
	step->entry = entry;
	step->until_ns = later(now_ns, g->plans[i]->timeout_ns);
	g->row.latest_ns = now_ns;
}

enum err saga_end(struct saga *g, const struct saga_attempt *attempt, bool ok, int64_t now_ns,
		  struct note *why)
{
	struct saga_step *step = &g->steps[attempt->step];

	if (!in_flight(step) || step->entry != attempt->entry)
		return note_set(why, ERR_RANGE, 0, 0,
				"entry %llu was an attempt of step '%.*s' of saga '%.*s' that is "
				"not waited for any more: the step is %s",
				(unsigned long long)attempt->entry, NAMES(g, attempt->step),
				saga_step_name((enum saga_step_state)step->state));
	if (!ok) {
		break_off(g, attempt->step, STEP_FAIL, now_ns);
	} else {
		move_step(g, attempt->step, STEP_OK, false);
		if (step->state == STEP_COMMITTED)
			mark_done(g, attempt->step, now_ns);
	}
	follow(g, now_ns);
	return OK;
}

enum err saga_compensate(struct saga *g, int64_t now_ns, struct note *why)
{
	if (saga_over(g))
		return refuse_over(g, why);
	if (g->row.state == SAGA_COMPENSATING)
		return note_set(why, ERR_EXISTS, 0, 0, "saga '%.*s' is compensating already",
				STR_ARG(SAGA_TEXT(g->row.id)));
	turn(g, SAGA_ASKED, 0);
	follow(g, now_ns);
	return OK;
}

enum err saga_hand_over(struct saga *g, struct str agent, struct str session, uint64_t entry,
			int64_t now_ns, struct note *why)
{
	if (saga_over(g))
		return refuse_over(g, why);
	MUST(agent.len <= sizeof(g->row.agent) && session.len <= sizeof(g->row.session));
	memset(g->row.agent, 0, sizeof(g->row.agent));
	memset(g->row.session, 0, sizeof(g->row.session));
	memcpy(g->row.agent, agent.ptr, agent.len);
	if (session.len)
		memcpy(g->row.session, session.ptr, session.len);
	g->row.since = entry;
	cut_all(g, now_ns);
	follow(g, now_ns);
	return OK;
}

/* --- what is due --- */

bool saga_due_now(const struct saga_due *d, int64_t now_ns)
{
	return (d->kind == DUE_STEP || d->kind == DUE_UNDO) && now_ns >= d->at_ns;
}

size_t saga_due(const struct saga *g, struct saga_due list[LIMIT_SAGA_STEPS])
{
	unsigned owed = g->row.steps, obstacle;
	struct group group = { .end = 0 };
	size_t count = 0;

	if (saga_over(g))
		return 0;
	if (g->row.state == SAGA_RUNNING)
		(void)find_group(g, &group);
	if (find_obstacle(g, &obstacle) || !find_owed(g, &owed))
		owed = g->row.steps;
	for (unsigned i = 0; i < g->row.steps; i++) {
		const struct saga_step *step = &g->steps[i];
		struct saga_due d = { DUE_OUTCOME, i, step->due_ns, step->until_ns };

		if (step->state == STEP_UNDOING) {
			d.kind = DUE_UNDO_OUTCOME;
		} else if (i == owed) {
			d.kind = DUE_UNDO;
		} else if (i < group.end &&
			   (step->state == STEP_WAITING || step->state == STEP_UNSURE)) {
			d.kind = DUE_STEP;
			d.until_ns = INT64_MAX;
		} else if (!is_forward(step)) {
			continue;
		}
		list[count++] = d;
	}
	return count;
}
