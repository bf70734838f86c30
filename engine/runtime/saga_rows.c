/*
 * saga_rows: sagas in the tables of a state.
 *
 *   sagas     id -> where its steps are           plans   what each step is, side by side with
 *   keys      idempotency key -> step             steps   where each step stands
 *   attempts  entry of an action -> step
 *
 * The steps of a saga lie together, and have the same numbers in plans and steps. Only rows of
 * sagas and steps change.
 */
#include "engine/runtime/runtime.h"

#include "engine/base/field.h"

struct table_schema saga_table(void)
{
	return (struct table_schema){ "sagas", sizeof(struct saga_row), LIMIT_NAME_BYTES };
}

struct table_schema saga_plan_table(void)
{
	return (struct table_schema){ "saga_plans", sizeof(struct saga_plan), 0 };
}

struct table_schema saga_step_table(void)
{
	return (struct table_schema){ "saga_steps", sizeof(struct saga_step), 0 };
}

struct table_schema saga_key_table(void)
{
	return (struct table_schema){ "saga_keys", sizeof(struct saga_key), LIMIT_NAME_BYTES };
}

struct table_schema saga_attempt_table(void)
{
	return (struct table_schema){ "saga_attempts", sizeof(struct saga_attempt),
				      sizeof(uint64_t) };
}

struct str saga_text(const char *field, size_t bytes)
{
	return str_slice(field, strnlen(field, bytes));
}

/* --- beginning --- */

static enum err refuse_key(const struct state *s, const struct saga_tables *t, uint32_t at,
			   struct note *why)
{
	struct saga_key row;
	struct saga_row owner;

	memcpy(&row, state_row(s, t->keys, at), sizeof(row));
	memcpy(&owner, state_row(s, t->sagas, row.saga), sizeof(owner));
	return note_set(why, ERR_EXISTS, 0, 0,
			"the key '%.*s' is that of a step of saga '%.*s' already",
			STR_ARG(SAGA_TEXT(row.key)), STR_ARG(SAGA_TEXT(owner.id)));
}

static enum err insert_step(struct state *s, const struct saga_tables *t, uint32_t saga,
			    const struct saga_plan *plan, uint32_t number, struct note *why)
{
	const struct saga_step step = { .state = STEP_WAITING };
	struct saga_key key = { .saga = saga, .step = number };
	uint32_t at, ignored;

	memcpy(key.key, plan->key, sizeof(key.key));
	if (state_find(s, t->keys, key.key, &at))
		return refuse_key(s, t, at, why);
	TRY(state_insert(s, t->keys, &key, &ignored));
	TRY(state_insert(s, t->plans, plan, &ignored));
	return state_insert(s, t->steps, &step, &ignored);
}

static enum err refuse_twins(const struct saga_plan *plans, size_t count, struct note *why)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			bool name = memcmp(plans[i].name, plans[j].name, LIMIT_NAME_BYTES) == 0;

			if (name || memcmp(plans[i].key, plans[j].key, LIMIT_NAME_BYTES) == 0)
				return note_set(why, ERR_DUPLICATE, 0, 0,
						"two steps have the %s '%.*s'",
						name ? "name" : "key",
						STR_ARG(name ? SAGA_TEXT(plans[i].name)
							     : SAGA_TEXT(plans[i].key)));
		}
	return OK;
}

enum err saga_insert(struct state *s, const struct saga_tables *t, const struct saga_row *row,
		     const struct saga_plan *plans, size_t count, struct note *why)
{
	struct saga_row own = *row;
	uint32_t at;

	MUST(count > 0 && count <= LIMIT_SAGA_STEPS);
	MUST(state_rows(s, t->plans) == state_rows(s, t->steps));
	if (state_find(s, t->sagas, row->id, &at))
		return note_set(why, ERR_EXISTS, 0, 0,
				"saga '%.*s' is begun already; 'trammel saga next' says what is "
				"due",
				STR_ARG(SAGA_TEXT(row->id)));
	TRY(refuse_twins(plans, count, why));
	own.first = state_rows(s, t->plans);
	own.steps = (uint32_t)count;
	TRY(state_insert(s, t->sagas, &own, &at));
	for (uint32_t i = 0; i < count; i++)
		TRY(insert_step(s, t, at, &plans[i], i, why));
	return OK;
}

/* --- looking --- */

static void load(const struct state *s, const struct saga_tables *t, uint32_t at, struct saga *ret)
{
	ret->at = at;
	memcpy(&ret->row, state_row(s, t->sagas, at), sizeof(ret->row));
	for (uint32_t i = 0; i < ret->row.steps; i++) {
		memcpy(&ret->steps[i], state_row(s, t->steps, ret->row.first + i),
		       sizeof(ret->steps[i]));
		ret->plans[i] = state_row(s, t->plans, ret->row.first + i);
	}
}

/* What was killed since the saga last changed hands, if it was one of those who act for it. */
static bool find_kill(const struct state *s, const struct saga_tables *t, const struct saga *g,
		      struct halt_row *ret)
{
	struct str session = SAGA_TEXT(g->row.session);

	return halt_fences(s, t->halts, SAGA_TEXT(g->row.agent), session.len ? session : STR_NONE,
			   g->row.since, ret);
}

void saga_load(const struct state *s, const struct saga_tables *t, uint32_t row, int64_t now_ns,
	     struct saga *ret)
{
	struct halt_row halt;
	int64_t at_ns;

	load(s, t, row, ret);
	/* Each kill becomes the change of hands that the next one is compared with. */
	while (!saga_over(ret) && find_kill(s, t, ret, &halt)) {
		at_ns = halt.since_ns < now_ns ? halt.since_ns : now_ns;
		if (at_ns < ret->row.latest_ns)
			at_ns = ret->row.latest_ns;
		saga_settle(ret, at_ns);
		saga_kill(ret, halt.fence, at_ns);
	}
	saga_settle(ret, now_ns);
}

bool saga_find(const struct state *s, const struct saga_tables *t, struct str id, int64_t now_ns,
	       struct saga *ret)
{
	char key[LIMIT_NAME_BYTES];
	uint32_t at;

	if (!field_put(key, id) || !state_find(s, t->sagas, key, &at))
		return false;
	saga_load(s, t, at, now_ns, ret);
	return true;
}

bool saga_step_find(const struct saga *g, struct str name, unsigned *ret)
{
	for (unsigned i = 0; i < g->row.steps; i++)
		if (str_eq(SAGA_TEXT(g->plans[i]->name), name)) {
			*ret = i;
			return true;
		}
	return false;
}

bool saga_attempt_find(const struct state *s, const struct saga_tables *t, uint64_t entry,
		       struct saga_attempt *ret)
{
	uint32_t at;

	if (!state_find(s, t->attempts, &entry, &at))
		return false;
	memcpy(ret, state_row(s, t->attempts, at), sizeof(*ret));
	return true;
}

/* --- keeping --- */

enum err saga_keep(struct state *s, const struct saga_tables *t, const struct saga *g)
{
	TRY(state_update(s, t->sagas, g->at, &g->row));
	for (uint32_t i = 0; i < g->row.steps; i++)
		TRY(state_update(s, t->steps, g->row.first + i, &g->steps[i]));
	return OK;
}

enum err saga_keep_attempt(struct state *s, const struct saga_tables *t, const struct saga *g,
			   unsigned step, bool undo)
{
	const struct saga_attempt attempt = {
		.entry = g->steps[step].entry, .saga = g->at, .step = (uint8_t)step, .undo = undo,
	};
	uint32_t at;

	return state_insert(s, t->attempts, &attempt, &at);
}
