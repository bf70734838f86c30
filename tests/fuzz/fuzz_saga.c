/*
 * fuzz_saga: a definition in JSON, a zero byte, and what happens to the saga, one byte an event.
 * A definition is read or refused with a sentence. Whatever happens, ends are ends, what is refused
 * changes nothing, and a saga that is worked on comes to an end.
 */
#include "engine/base/json.h"
#include "engine/gate/inside.h"

#define SECOND INT64_C(1000000000)
/* Each step has at most 101 attempts, and as many to undo it. */
#define WORK_MAX (LIMIT_SAGA_STEPS * 2 * (LIMIT_SAGA_RETRIES + 1) + 1)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t later(int64_t ns, int64_t by_ns)
{
	return ns > INT64_MAX - by_ns ? INT64_MAX : ns + by_ns;
}

/* Refused, with a word, and as it was. */
static void expect_refused(const struct saga *was, const struct saga *is, const struct note *why)
{
	MUST(why->text[0]);
	MUST(memcmp(&was->row, &is->row, sizeof(was->row)) == 0);
	MUST(memcmp(was->steps, is->steps, sizeof(was->steps)) == 0);
}

static void attempt(struct saga *g, unsigned i, bool undo, int64_t now, uint64_t *entry)
{
	const struct saga was = *g;
	struct note why = { .text = "" };

	if (saga_check(g, i, undo, now, &why) == OK)
		saga_begin(g, i, undo, ++*entry, now);
	else
		expect_refused(&was, g, &why);
}

static void end(struct saga *g, unsigned i, bool ok, int64_t now)
{
	const struct saga_attempt a = { .entry = g->steps[i].entry, .step = (uint8_t)i };
	const struct saga was = *g;
	struct note why = { .text = "" };

	if (saga_end(g, &a, ok, now, &why) != OK)
		expect_refused(&was, g, &why);
}

/* The low bits say what, the high ones which step. */
static void happen(struct saga *g, uint8_t op, int64_t *now, uint64_t *entry)
{
	const struct saga was = *g;
	unsigned i = (op >> 3) % g->row.steps;
	struct note why = { .text = "" };

	switch (op & 7) {
	case 0:
	case 1:
		attempt(g, i, op & 1, *now, entry);
		break;
	case 2:
	case 3:
		end(g, i, op & 1, *now);
		break;
	case 4:
		*now = later(*now, SECOND << (op >> 3));
		saga_settle(g, *now);
		break;
	case 5:
		saga_kill(g, ++*entry, *now);
		break;
	case 6:
		if (saga_compensate(g, *now, &why) != OK)
			expect_refused(&was, g, &why);
		break;
	default:
		if (saga_hand_over(g, STR("bob"), STR(""), ++*entry, *now, &why) != OK)
			expect_refused(&was, g, &why);
	}
	for (unsigned s = 0; s < g->row.steps; s++)
		if (was.steps[s].state == STEP_FAILED || was.steps[s].state == STEP_SKIPPED ||
		    was.steps[s].state == STEP_UNDONE || was.steps[s].state == STEP_OPEN)
			MUST(g->steps[s].state == was.steps[s].state);
	if (saga_over(&was))
		MUST(memcmp(was.steps, g->steps, sizeof(was.steps)) == 0);
}

/* An executor does what is due until nothing is. */
static void work(struct saga *g, int64_t now, uint64_t entry, bool ok)
{
	struct saga_due list[LIMIT_SAGA_STEPS];
	size_t count = saga_due(g, list), done = 0;

	for (; count > 0; count = saga_due(g, list)) {
		const struct saga_due *d = &list[0];

		MUST(++done <= 2 * WORK_MAX);
		if (d->kind == DUE_OUTCOME || d->kind == DUE_UNDO_OUTCOME) {
			end(g, d->step, ok, now);
			continue;
		}
		if (d->at_ns > now)
			now = d->at_ns;
		saga_settle(g, now);
		attempt(g, d->step, d->kind == DUE_UNDO, now, &entry);
	}
	MUST(saga_over(g));
}

static void play(const struct saga_plan *plans, size_t count, const uint8_t *ops, size_t op_count)
{
	struct saga g = { .row = { .agent = "ann", .steps = (uint32_t)count } }, other;
	int64_t now = SECOND;
	uint64_t entry = 1;

	for (size_t i = 0; i < count; i++)
		g.plans[i] = &plans[i];
	for (size_t i = 0; i < op_count; i++)
		happen(&g, ops[i], &now, &entry);
	other = g;
	work(&g, now, entry, true);
	work(&other, now, entry, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = size ? memchr(data, '\0', size) : NULL;
	size_t text = zero ? (size_t)(zero - data) : size, count;
	struct note n = { .text = "" };
	struct saga_plan *plans;
	struct arena a;
	struct value v;

	arena_init(&a, 64u << 20);
	if (json_read(str_slice(data, text), 1, &a, &v, &n) == OK) {
		n = (struct note){ .text = "" };
		if (saga_plan_read(&v, STR("s"), &a, &plans, &count, &n) != OK)
			MUST(n.text[0]);
		else
			play(plans, count, data + text, size - text < 4096 ? size - text : 4096);
	}
	arena_fini(&a);
	return 0;
}
