/* answer_kill: kills through a gate of our own. */
#include "tests/conformance/answer_kill.h"

#include <stdio.h>

#include "engine/base/json.h"
#include "tests/conformance/dropped.h"

struct play {
	struct arena *arena;
	struct gate gate;
	const struct value *kills, *substitutes;
	size_t at;                            /* of the kill that is played */
};

static bool submit(struct play *p, enum entry_kind kind, const char *verb, struct str agent,
		   const struct value *data)
{
	const struct event e = {
		.kind = kind, .at_ns = 1, .agent = agent,
		.action = verb ? str_view(verb) : STR_NONE, .data = data,
	};
	struct verdict v;

	return gate_submit(&p->gate, &e, p->arena, &v) == OK;
}

static const struct value *tree_of(struct play *p, struct buf *text)
{
	struct value *tree = arena_alloc(p->arena, sizeof(*tree));
	struct str own;

	MUST(tree && text->err == OK && arena_copy(p->arena, buf_view(text), &own) == OK);
	buf_fini(text);
	MUST(json_read(own, 1, p->arena, tree, NULL) == OK);
	return tree;
}

static struct str text_of(const struct value *pair, size_t i)
{
	return pair->list.items[i].string;
}

/* Was the agent killed before in that session? */
static bool is_gone(const struct play *p, struct str session, struct str agent)
{
	for (size_t i = 0; i < p->at; i++) {
		const struct value *kill = &p->kills->list.items[i];

		if (str_eq(value_text(kill, "agent"), agent) &&
		    str_eq(value_text(kill, "session"), session))
			return true;
	}
	return false;
}

static struct str heir_of(const struct play *p, const struct value *kill)
{
	struct str session = value_text(kill, "session");

	for (size_t i = 0; p->substitutes && i < p->substitutes->list.count; i++) {
		const struct value *pair = &p->substitutes->list.items[i];

		if (str_eq(text_of(pair, 0), session) &&
		    !str_eq(text_of(pair, 1), value_text(kill, "agent")) &&
		    !is_gone(p, session, text_of(pair, 1)))
			return text_of(pair, 1);
	}
	return STR_NONE;
}

/* One saga of the steps, each of them in flight; false: they are no steps. */
static bool begin(struct play *p, const struct value *kill, const struct value *steps)
{
	struct buf b;

	buf_init(&b, 1u << 16);
	buf_addf(&b, "{\"reason\":\"x\",\"saga\":\"g%zu\",\"steps\":[{\"all\":[", p->at);
	for (size_t i = 0; i < steps->list.count; i++)
		buf_addf(&b, "%s{\"name\":\"%.*s\",\"action\":\"t\",\"undo\":\"u\"}",
			 i ? "," : "", STR_ARG(value_text(&steps->list.items[i], "step_id")));
	buf_add_c(&b, "]}]}");
	if (!submit(p, ENTRY_CONTROL, "saga.begin", value_text(kill, "agent"), tree_of(p, &b)))
		return false;
	for (size_t i = 0; i < steps->list.count; i++) {
		buf_init(&b, 1u << 16);
		buf_addf(&b, "{\"attrs\":{\"saga\":\"g%zu\",\"step\":\"%.*s\"}}", p->at,
			 STR_ARG(value_text(&steps->list.items[i], "step_id")));
		MUST(submit(p, ENTRY_ACTION, "t", value_text(kill, "agent"), tree_of(p, &b)));
	}
	return true;
}

static bool kill_one(struct play *p, const struct value *kill)
{
	struct str heir = heir_of(p, kill);
	struct buf b;

	buf_init(&b, 1u << 16);
	buf_addf(&b, "{\"reason\":\"%.*s\"", STR_ARG(value_text(kill, "reason")));
	if (heir.ptr)
		buf_addf(&b, ",\"heir\":\"%.*s\"", STR_ARG(heir));
	buf_add_byte(&b, '}');
	return submit(p, ENTRY_CONTROL, "kill.agent", value_text(kill, "agent"), tree_of(p, &b));
}

/* Where the steps are now, and where they went there. */
static bool same_ends(const struct play *p, const struct value *handoffs)
{
	struct saga g;
	char id[24];

	(void)snprintf(id, sizeof(id), "g%zu", p->at);
	if (!saga_find(p->gate.state, &gate_sagas, str_view(id), 1, &g))
		return handoffs->list.count == 0;
	for (size_t i = 0; i < handoffs->list.count; i++) {
		const struct value *to = value_get_c(&handoffs->list.items[i], "to");
		bool handed = str_is(value_text(&handoffs->list.items[i], "status"), "handed_off");

		if (handed != (g.row.state == SAGA_RUNNING) ||
		    (handed && !str_eq(SAGA_TEXT(g.row.agent), to->string)) ||
		    (!handed && g.row.state != SAGA_COMPENSATING))
			return false;
	}
	return handoffs->list.count == g.row.steps;
}

static bool play_kill(struct play *p, const struct value *result)
{
	const struct value *kill = &p->kills->list.items[p->at];
	const struct value *steps = value_get_c(kill, "steps");
	struct str agent = value_text(kill, "agent");
	uint64_t before = p->gate.seq;
	struct halt_row halt;

	if (steps && !begin(p, kill, steps))
		return false;
	/* A second kill does nothing, there and here. */
	if (!kill_one(p, kill) && !is_gone(p, value_text(kill, "session"), agent))
		return false;
	return halt_stops(p->gate.state, GATE_HALTS, agent, STR_NONE, 1, &halt) &&
	       (before == p->gate.seq || halt.fence >= before) &&
	       same_ends(p, value_get_c(result, "handoffs"));
}

static const struct bundle *all_allowed(struct arena *a)
{
	const struct policy_file file = {
		STR("p.yaml"),
		STR("apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\n"),
	};
	struct bundle *b;

	MUST(bundle_load(&file, 1, a, &b, NULL) == OK);
	return b;
}

bool answer_kill(const struct value *given, const struct value *expect, struct arena *a)
{
	static const char *const agents[] = { "a", "b", "c" };
	struct member members[] = {
		{ .key = STR("origin"), .value = value_string(STR("created")) },
		{ .key = STR("sponsor"), .value = value_string(STR("a@example.org")) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };
	const struct value *results = value_get_c(expect, "results");
	struct play p = {
		.arena = a, .kills = value_get_c(given, "kills"),
		.substitutes = value_get_c(given, "substitutes"),
	};
	struct state *s;
	bool agrees = true;

	MUST(gate_state_open(&s) == OK);
	gate_init(&p.gate, s, all_allowed(a), STR("example.org/kills"), 0, dropped_sink());
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		MUST(submit(&p, ENTRY_AGENT, NULL, str_view(agents[i]), &data));
	for (; agrees && p.at < p.kills->list.count; p.at++)
		agrees = play_kill(&p, &results->list.items[p.at]);
	gate_fini(&p.gate);
	state_close(s);
	return agrees;
}
