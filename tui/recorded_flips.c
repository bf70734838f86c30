/*
 * recorded_flips: two what-if replays of one recording, by the old bundle and by the new one. The
 * first leaves a number for each action, which stands for what decided it; the second compares.
 */
#include "tui/recorded_flips.h"

#include <stdlib.h>

#include "engine/base/map.h"
#include "replay/replay.h"

#define NUMBERS_CAP ((size_t)64 << 20)
#define MEMORY_CAP  ((size_t)1 << 30)
#define GROUPS_MAX  65536u
#define UNDECIDED   UINT32_MAX

/* What decided: a rule or a stage, and what came of it. */
struct decider {
	struct ruling outcome;
	struct str stage;
};

struct comparing {
	const struct bundle *by;
	struct arena *memory;
	struct map names, pairs; /* deciders by name, groups by two of them */
	struct buf deciders;     /* struct decider, by number */
	struct buf numbers;      /* of the first pass: a decider for each action */
	bool second;
	struct recorded_flips found;
	enum err err;
};

static struct decider *decider_at(const struct comparing *c, uint32_t number)
{
	return (struct decider *)(void *)c->deciders.ptr + number;
}

static enum err add_decider(struct comparing *c, struct str name, const struct verdict *v)
{
	struct decider d = { .stage = v->decision.stage };
	struct str rule = v->decision.rule, kept;
	char *room;

	TRY(arena_copy(c->memory, name, &kept));
	TRY(map_put(&c->names, kept, c->names.count));
	TRY(arena_copy(c->memory, d.stage, &d.stage));
	if (rule.ptr)
		TRY(arena_copy(c->memory, rule, &rule));
	d.outcome = outcome_of(c->by, rule, v->effect == EFFECT_ALLOW);
	room = buf_grow(&c->deciders, sizeof(d));
	if (!room)
		return c->deciders.err;
	memcpy(room, &d, sizeof(d));
	return OK;
}

/* Pass, effect, stage and rule as one number. */
static enum err number_of(struct comparing *c, const struct verdict *v, uint32_t *ret)
{
	struct buf name;
	enum err e;

	buf_init(&name, LIMIT_LINE_BYTES);
	buf_addf(&name, "%d %d %.*s %.*s", c->second, v->effect, STR_ARG(v->decision.stage),
		 STR_ARG(v->decision.rule));
	*ret = c->names.count;
	e = name.err;
	if (e == OK && !map_get(&c->names, buf_view(&name), ret))
		e = add_decider(c, buf_view(&name), v);
	buf_fini(&name);
	return e;
}

static enum err count_flip(struct comparing *c, uint32_t was, uint32_t now, uint64_t entry)
{
	const struct decider *old = decider_at(c, was), *new = decider_at(c, now);
	enum outcome_change change = outcome_compare(&old->outcome, &new->outcome);
	const uint32_t pair[] = { was, now };
	struct str key = str_slice((const char *)pair, sizeof(pair));
	uint32_t at = c->pairs.count;

	c->found.flips[change]++;
	if (change == CHANGE_NONE)
		return OK;
	if (!map_get(&c->pairs, key, &at)) {
		if (at == GROUPS_MAX)
			return ERR_LIMIT;
		TRY(arena_copy(c->memory, key, &key));
		TRY(map_put(&c->pairs, key, at));
		c->found.list[at] = (struct recorded_flip){ .change = change,
							    .was = old->outcome,
							    .now = new->outcome,
							    .was_stage = old->stage,
							    .now_stage = new->stage,
							    .entry = entry };
		c->found.count++;
	}
	c->found.list[at].count++;
	return OK;
}

static void on_step(void *self, const struct replay_step *step)
{
	struct comparing *c = self;
	uint32_t now = UNDECIDED, was;
	char *room;

	if (c->err != OK)
		return;
	if (step->now)
		c->err = number_of(c, step->now, &now);
	if (!c->second) {
		room = buf_grow(&c->numbers, sizeof(now));
		if (room)
			memcpy(room, &now, sizeof(now));
		else
			c->err = c->numbers.err;
		return;
	}
	memcpy(&was, c->numbers.ptr + sizeof(was) * c->found.actions++, sizeof(was));
	if (was == UNDECIDED || now == UNDECIDED)
		c->found.undecided++;
	else if (c->err == OK)
		c->err = count_flip(c, was, now, step->recorded->seq);
}

static enum err pass(struct comparing *c, struct space *s, const struct bundle *by, struct note *n)
{
	const struct replay_plan plan = { .instead = by, .on_step = on_step, .self = c };
	struct replay_report report;
	struct arena a;
	enum err e;

	c->by = by;
	arena_init(&a, MEMORY_CAP);
	e = replay_run(s, &plan, &a, &report, n);
	arena_fini(&a);
	/* A body that is gone leaves its action undecided in both passes. */
	return e == ERR_MISS || e == OK ? c->err : e;
}

/* The loosest first, then in the order they were met. */
static int by_change(const void *left, const void *right)
{
	const struct recorded_flip *a = left, *b = right;

	if (a->change != b->change)
		return a->change > b->change ? -1 : 1;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

enum err recorded_flips_find(const struct invocation *in, const char *path,
			     const struct bundle *old, const struct bundle *now,
			     struct arena *memory, struct recorded_flips *ret, struct note *n)
{
	struct comparing c = { .memory = memory };
	struct space *s;
	enum err e;

	c.found.list = arena_array(memory, GROUPS_MAX, sizeof(*c.found.list));
	if (!c.found.list)
		return ERR_MEMORY;
	TRY(space_open(in->world, path, SPACE_READ, &s, n));
	map_init(&c.names, 0);
	map_init(&c.pairs, 0);
	buf_init(&c.deciders, NUMBERS_CAP);
	buf_init(&c.numbers, NUMBERS_CAP);
	e = pass(&c, s, old, n);
	c.second = true;
	if (e == OK)
		e = pass(&c, s, now, n);
	buf_fini(&c.numbers);
	buf_fini(&c.deciders);
	map_fini(&c.pairs);
	map_fini(&c.names);
	(void)space_close(s, NULL);
	if (c.found.count)
		qsort(c.found.list, c.found.count, sizeof(*c.found.list), by_change);
	*ret = c.found;
	return e;
}
