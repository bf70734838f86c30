/*
 * suite_session: sessions, clocks, paths and rings by score, beside what was recorded by running
 * the reference toolkit's hypervisor.
 *
 * Each case "FILE: CASE" agrees, or a row of the table "session" in docs/conformance.md lists it
 * by a glob, with the reason. Files that are about something trammel does not have are rows too:
 * "vfs: *". A file of the folder that no suite knows fails.
 */
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/base/world_sim.h"
#include "engine/runtime/runtime.h"
#include "tests/conformance/answer_valid.h"
#include "tests/conformance/excused.h"

#define SECOND INT64_C(1000000000)

static struct excused known;
static struct arena *memory;          /* of the file that is read */

static const struct value *member(const struct value *item, const char *object, const char *key)
{
	return value_get_c(value_get_c(item, object), key);
}

static bool is_true(const struct value *v)
{
	return v && v->kind == VALUE_BOOL && v->boolean;
}

/* --- clocks --- */

static struct vector_clock clock_of(const struct value *v)
{
	struct vector_clock c = { { 0 } };

	for (size_t i = 0; i < v->object.count; i++)
		c.at[v->object.members[i].key.ptr[0] - 'a'] =
			(uint32_t)v->object.members[i].value.integer;
	return c;
}

static bool check_clock(const struct value *item)
{
	struct vector_clock a = clock_of(member(item, "given", "a"));
	struct vector_clock b = clock_of(member(item, "given", "b"));
	struct vector_clock both = clock_of(member(item, "expect", "merge")), merged = a;
	bool within = clock_within(&a, &b), equal = within && clock_within(&b, &a);

	clock_merge(&merged, &b);
	return is_true(member(item, "expect", "before")) == (within && !equal) &&
	       is_true(member(item, "expect", "equal")) == equal &&
	       is_true(member(item, "expect", "concurrent")) == clock_concurrent(&a, &b) &&
	       memcmp(&merged, &both, sizeof(both)) == 0;
}

/* --- life --- */

static enum life_state state_of(const struct lives *l)
{
	struct life_row row;
	uint32_t at;

	return life_find(l->state, l->lives, STR("s"), &at, &row) ? (enum life_state)row.state
								   : LIFE_NONE;
}

/* One step; false: it was refused, or there is no such thing. */
static bool step(const struct lives *l, const struct value *given, const struct value *step_given)
{
	const struct value *room = value_get_c(value_get_c(given, "config"), "max_participants");
	struct life_terms terms = {
		.id = STR("s"), .room = room ? (uint32_t)room->integer : 10,
		.lasts_ns = 3600 * SECOND, .ring = 1
	};
	const struct value *words = step_given->list.items;
	struct str verb = words[0].string, who = STR_NONE;
	enum life_state is = state_of(l);
	struct life_standing standing;

	if (step_given->list.count > 1 && words[1].kind == VALUE_STRING)
		who = words[1].string;
	if (str_is(verb, "begin_handshake"))
		return life_open(l, &terms, NULL) == OK;
	if (str_is(verb, "join"))
		return life_join(l, STR("s"), who, STR_NONE, 1, 1, NULL) == OK;
	if (str_is(verb, "leave"))
		return life_leave(l, STR("s"), who, 1, NULL) == OK;
	if (str_is(verb, "terminate"))
		return is != LIFE_CLOSING && life_close(l, STR("s"), 1, NULL) == OK;
	if (str_is(verb, "archive"))
		return is == LIFE_CLOSING && life_close(l, STR("s"), 1, NULL) == OK;
	if (!str_is(verb, "activate"))
		return false;
	life_stand(l->state, l->lives, l->participants, STR("s"), STR("a"), 1, &standing);
	return !standing.why && life_act(l, standing.session, 1) == OK;
}

static bool check_life(const struct value *item)
{
	static const char *const names[LIFE_STATES] = {
		"created", "handshaking", "active", "terminating", "archived"
	};
	const struct table_schema tables[] = { life_table(), participant_table() };
	const struct value *steps = member(item, "given", "steps");
	const struct value *results = member(item, "expect", "results");
	struct lives l = { NULL, 0, 1 };
	bool agrees = true;

	MUST(state_open(tables, 2, &l.state) == OK);
	state_begin(l.state);
	for (size_t i = 0; agrees && i < steps->list.count; i++) {
		const struct value *want = &results->list.items[i];
		bool did = step(&l, value_get_c(item, "given"), &steps->list.items[i]);

		agrees = did == !value_get_c(want, "error") &&
			 str_is(value_text(want, "state"), names[state_of(&l)]);
	}
	state_close(l.state);
	return agrees;
}

/* --- paths --- */

static struct world *disk(void)
{
	static const char *const folders[] = {
		"/var", "/var/agt", "/var/agt/sessions", "/etc", "/b", "/b/session-1", "/session-1",
		"/var/agt/sessions/session-1", "/var/agt/sessions/session-2",
		"/var/agt/sessions/session-10", "/var/agt/sessions/session-20",
		"/var/agt/sessions/session-99", "/var/agt/sessions/session-1-evil",
	};
	struct world *w = sim_open(1, 0);

	MUST(w);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		MUST(world_mkdir(w, folders[i]) == OK);
	return w;
}

/* Below the folder of that session, whose id is a name and no path. */
static bool leads_below(struct world *w, struct str base, struct str id, struct str path)
{
	char root[256], name[256];
	struct buf ignored;
	enum err e;

	if (id.len == 0 || str_is(id, "..") || memchr(id.ptr, '/', id.len) ||
	    memchr(path.ptr, '\0', path.len))
		return false;
	(void)snprintf(root, sizeof(root), "%.*s/%.*s", STR_ARG(base), STR_ARG(id));
	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(path));
	buf_init(&ignored, 4096);
	e = world_resolve(w, root, name, &ignored);
	buf_fini(&ignored);
	return e == OK;
}

static bool check_path(const struct value *item)
{
	const struct value *given = value_get_c(item, "given"), *path = value_get_c(given, "path");
	const struct value *grants = value_get_c(given, "grants");
	struct str base = value_text(given, "base_path");
	bool may, shares = str_is(value_text(given, "level"), "read_committed");
	struct world *w;

	if (!path)
		return false;
	if (!base.ptr)
		return !is_true(member(item, "expect", "allowed"));
	w = disk();
	may = leads_below(w, base, value_text(given, "session_id"), path->string);
	for (size_t i = 0; shares && i < grants->list.count; i++)
		may |= leads_below(w, base, grants->list.items[i].string, path->string);
	sim_close(w);
	return may == is_true(member(item, "expect", "allowed"));
}

/* --- rings by score --- */

/* Above 0.60, and above 0.95, in points. */
static const struct demotion_rules by_score = {
	{ [2] = { .below = 951, .until = 952 }, [3] = { .below = 601, .until = 602 } }
};

static bool ring_of(const struct value *score, unsigned *ret)
{
	double points = !score			     ? -1
			: score->kind == VALUE_INT   ? (double)score->integer * 1000
			: score->kind == VALUE_REAL ? score->real * 1000
						     : -1;

	if (!(points >= 0 && points <= 1000))
		return false;
	*ret = demotion_ring(demotion_next(&by_score, 0, (uint32_t)(points + 1e-9)));
	return true;
}

static bool check_demote(const struct value *item)
{
	const struct value *now = member(item, "given", "current_ring");
	unsigned ring;

	return now->integer != RING_ROOT && ring_of(member(item, "given", "eff_score"), &ring) &&
	       (ring > (unsigned)now->integer) == is_true(member(item, "expect", "demote"));
}

static bool check_assignment(const struct value *item)
{
	unsigned ring;

	return ring_of(member(item, "given", "eff_score"), &ring) &&
	       ring == (unsigned)member(item, "expect", "ring")->integer;
}

static bool check_valid(const struct value *item)
{
	return answer_valid(value_get_c(item, "given"), value_get_c(item, "expect"), memory);
}

static bool not_here(const struct value *item)
{
	(void)item;
	return false;
}

/* --- the files --- */

/* All that are recorded of the hypervisor; some are read by the suites beside their names. */
static const struct vectors {
	const char *file;
	bool (*check)(const struct value *item);      /* NULL: another suite does */
} files[] = {
	{ "vector_clock", check_clock }, { "session_lifecycle", check_life },
	{ "isolation", check_path }, { "should_demote", check_demote },
	{ "ring_assignment", check_assignment }, { "validation", check_valid },
	{ "join_flow", not_here }, { "vfs", not_here }, { "causal_trace", not_here },
	{ "event_bus", not_here }, { "history_verifier", not_here }, { "delta_chain", not_here },
	/* saga */
	{ "saga", NULL }, { "saga_transitions", NULL }, { "reversibility_registry", NULL },
	/* runtime */
	{ "required_ring", NULL }, { "ring_check", NULL }, { "resource_check", NULL },
	{ "risk_weights", NULL }, { "elevation", NULL }, { "rate_limiter", NULL },
	{ "kill_switch", NULL }, { "breach_detector", NULL }, { "command_denylist", NULL },
};

static void check_cases(struct suite *s, const struct vectors *v, const struct value *cases)
{
	char name[256];

	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *item = &cases->list.items[i];

		(void)snprintf(name, sizeof(name), "%s: %.*s", v->file,
			       STR_ARG(value_text(item, "name")));
		excused_answer(&known, s, name, v->check(item));
	}
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &files[0].file, sizeof(files[0]),
			      sizeof(files) / sizeof(files[0]));
	const struct value *cases;
	struct value file;

	memory = a;
	if (kind < 0)
		suite_check(s, false, path, "is read by no suite");
	else if (json_read(text, 1, a, &file, NULL) != OK || !(cases = value_get_c(&file, "cases")))
		suite_check(s, false, path, "cannot be read");
	else if (files[kind].check)
		check_cases(s, &files[kind], cases);
}

void suite_session(struct suite *s)
{
	excused_read(&known, s, "<!-- session -->");
	suite_each_file(s, "hypervisor", visit);
	excused_end(&known, s, "session");
}
