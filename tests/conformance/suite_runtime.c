/*
 * suite_runtime: rings, elevations, rates, kills and commands beside what was recorded by running
 * the reference toolkit's hypervisor.
 *
 * Each case "FILE: CASE" agrees, or a row of the table "runtime" in docs/conformance.md lists it by
 * a glob, with the reason. Files about something that trammel does not have are rows too.
 */
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/policy/policy.h"
#include "tests/conformance/answer_kill.h"
#include "tests/conformance/excused.h"

#define SECOND INT64_C(1000000000)

static struct excused known;

struct one {
	struct suite *suite;
	struct arena *arena;
	struct str name;
	const struct value *file, *given, *expect;
	bool agrees;
};

/* --- what agrees --- */

static int64_t number(const struct value *v, const char *key, int64_t absent)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_INT ? m->integer : absent;
}

static bool flag(const struct value *v, const char *key)
{
	const struct value *m = value_get_c(v, key);

	return m && m->kind == VALUE_BOOL && m->boolean;
}

/* Seconds with a fraction, to a microsecond as they are written. */
static int64_t time_of(const struct value *v, const char *key)
{
	const struct value *m = value_get_c(v, key);

	if (!m)
		return 0;
	return m->kind == VALUE_INT ? m->integer * SECOND
				    : (int64_t)(m->real * 1e6 + 0.5) * (SECOND / 1000000);
}

static unsigned needs(const struct value *action)
{
	struct str how = value_text(action, "reversibility");

	return ring_required(str_is(how, "full")      ? REVERSIBLE_FULLY
			     : str_is(how, "partial") ? REVERSIBLE_PARTLY
						      : REVERSIBLE_NOT,
			     flag(action, "is_read_only"), flag(action, "is_admin"));
}

static void check_required(struct one *c)
{
	c->agrees = needs(c->given) == (unsigned)number(c->expect, "required_ring", -1);
}

static void check_ring(struct one *c)
{
	unsigned need = needs(value_get_c(c->given, "action"));
	bool may = need != RING_ROOT && (unsigned)number(c->given, "agent_ring", 9) <= need;

	c->agrees = may == flag(c->expect, "allowed") &&
		    need == (unsigned)number(c->expect, "required_ring", -1);
}

/* What rings may reach there, as a policy of ours; a kind of resource is one by that name. */
#define REACH                                                                                      \
	"apiVersion: governance.toolkit/v1\nname: p\nrings:\n  reach:\n"                           \
	"    - {ring: 1, resources: [network, filesystem, subprocess, tool_execution]}\n"          \
	"    - {ring: 3, resources: [tool_execution]}\n"

static bool reaches(struct one *c, const struct bundle *b, unsigned ring, struct str resource)
{
	struct reach_terms terms;

	for (size_t i = 0; i < bundle_reaches(b); i++) {
		if (!bundle_reach_holds(b, i, ring, STR("t")))
			continue;
		MUST(bundle_reach(b, i, NULL, resource, c->arena, &terms) == OK);
		if (!terms.may)
			return false;
	}
	return ring != RING_ROOT;
}

static void check_reach(struct one *c)
{
	const struct policy_file file = { STR("p.yaml"), STR(REACH) };
	struct str resource = value_text(c->given, "resource");
	struct bundle *b;

	MUST(bundle_load(&file, 1, c->arena, &b, NULL) == OK);
	c->agrees = resource.ptr && reaches(c, b, (unsigned)number(c->given, "agent_ring", 0),
					    resource) == flag(c->expect, "allowed");
}

static struct state *open_table(struct table_schema table)
{
	struct state *s;

	MUST(state_open(&table, 1, &s) == OK);
	state_begin(s);
	return s;
}

/* One step on elevations, and what it led to there; false for what is not asked here. */
static bool same_elevation(struct state *s, const struct value *step, const struct value *result)
{
	const struct public_key sponsor = { { 1 } };
	const struct value *op = value_get_c(step, "op");
	struct str agent = value_text(step, "agent"), verb = op ? op->string : STR("request");
	int64_t at = time_of(step, "at");
	struct elevation_row row;
	unsigned ring;

	if (!agent.ptr)
		agent = STR("a");
	if (str_is(verb, "request"))
		return (number(step, "target", 0) < number(step, "current", 0) &&
			elevation_begin(s, 0, agent, (unsigned)number(step, "target", 0), &sponsor,
					at, at + number(step, "ttl", 300) * SECOND, NULL) == OK) ==
		       flag(result, "granted");
	if (str_is(verb, "revoke"))
		return (elevation_end(s, 0, agent, at, NULL) == OK) == flag(result, "revoked");
	if (!str_is(verb, "effective"))
		return false;
	ring = (unsigned)number(step, "base", 3);
	if (elevation_find(s, 0, agent, &sponsor, at, &row) && row.ring < ring)
		ring = row.ring;
	return (int64_t)ring == number(result, "ring", -1);
}

static void check_elevation(struct one *c)
{
	const struct value *steps = value_get_c(c->given, "steps");
	const struct value *results = value_get_c(c->expect, "results");
	struct state *s = open_table(elevation_table());

	c->agrees = steps->list.count == results->list.count;
	for (size_t i = 0; c->agrees && i < steps->list.count; i++)
		c->agrees = same_elevation(s, &steps->list.items[i], &results->list.items[i]);
	state_close(s);
}

/* False: nothing is said of that ring. */
static bool rate_of(const struct one *c, const char *ring, struct rate *ret)
{
	const struct value *limits = value_get_c(c->given, "limits");
	const struct value *pair = value_get_c(limits ? limits : value_get_c(c->file, "limits"),
					       ring);

	if (!pair)
		return false;
	*ret = (struct rate){ (uint32_t)pair->list.items[0].real,
			      (uint32_t)pair->list.items[1].real, SECOND };
	return true;
}

/* Steps without an "op" ask; their answers stand in the results, one for each time. */
static void check_rate(struct one *c)
{
	const struct value *steps = value_get_c(c->given, "steps");
	const struct value *results = value_get_c(c->expect, "results");
	struct state *s = open_table(quota_table());
	size_t at = 0;

	c->agrees = true;
	for (size_t i = 0; c->agrees && i < steps->list.count; i++) {
		const struct value *step = &steps->list.items[i];
		struct str agent = value_text(step, "agent"), session = value_text(step, "session");
		struct quota q = { .policy = agent.ptr ? agent : STR("x"), .name = STR("q"),
				   .kind = QUOTA_RATE };
		char ring[24];

		if (value_get_c(step, "op")) {
			at++;
			continue;
		}
		(void)snprintf(ring, sizeof(ring), "%d", (int)number(step, "ring", 3));
		c->agrees = rate_of(c, ring, &q.rate);
		for (int64_t n = number(step, "times", 1); c->agrees && n > 0; n--) {
			const struct str who = session.ptr ? session : STR("y");
			const struct value *want = &results->list.items[at++];
			struct quota_view view;

			MUST(quota_look(s, 0, &q, who, time_of(step, "at"), 1, &view) == OK);
			MUST(quota_charge(s, 0, &q, who, time_of(step, "at"), 1) == OK);
			c->agrees = at <= results->list.count &&
				    view.enough == (want->kind == VALUE_BOOL && want->boolean);
		}
	}
	state_close(s);
}

/* Of the identity area: one bucket, asked at times. */
static void check_bucket(struct one *c)
{
	const struct value *times = value_get_c(c->given, "times");
	const struct value *consumed = value_get_c(c->expect, "consumed");
	struct quota q = {
		.policy = STR("p"), .name = STR("q"), .kind = QUOTA_RATE,
		.rate = { (uint32_t)number(c->given, "rate", 0),
			  (uint32_t)number(c->given, "capacity", 0), SECOND },
	};
	struct state *s = open_table(quota_table());
	struct quota_view view;

	c->agrees = times && consumed;
	for (size_t i = 0; c->agrees && i < times->list.count; i++) {
		const struct value *t = &times->list.items[i];
		int64_t at = t->kind == VALUE_INT
				     ? t->integer * SECOND
				     : (int64_t)(t->real * 1e3 + 0.5) * (SECOND / 1000);

		MUST(quota_look(s, 0, &q, STR("a"), at, 1, &view) == OK);
		if (view.enough)
			MUST(quota_charge(s, 0, &q, STR("a"), at, 1) == OK);
		c->agrees = view.enough == consumed->list.items[i].boolean;
	}
	state_close(s);
}

static void check_kill(struct one *c)
{
	c->agrees = answer_kill(c->given, c->expect, c->arena);
}

static bool is_denied(const struct one *c, struct str base)
{
	const struct value *words = value_get_c(c->file, "denied");

	for (size_t i = 0; i < words->list.count; i++)
		if (shell_is(base, words->list.items[i].string))
			return true;
	return false;
}

/* Nothing passes here that is stopped there; what is stopped here alone is a way around. */
static void check_command(struct one *c)
{
	const struct value *command = value_get_c(c->given, "command");
	struct shell_names names = { .count = 0 };
	struct str why;
	bool there = flag(c->expect, "allowed");
	bool here = command && command->kind == VALUE_STRING &&
		    shell_read(command->string, c->arena, &names, &why) == OK;

	for (size_t i = 0; here && i < names.count; i++)
		here = !is_denied(c, names.list[i]);
	c->agrees = here == there;
}

/* --- the files --- */

static void not_here(struct one *c)
{
	c->agrees = false;
}

static const struct vectors {
	const char *file;
	void (*check)(struct one *c);
} files[] = {
	{ "required_ring", check_required }, { "ring_check", check_ring },
	{ "resource_check", check_reach }, { "risk_weights", not_here },
	{ "elevation", check_elevation }, { "rate_limiter", check_rate },
	{ "kill_switch", check_kill }, { "breach_detector", not_here },
	{ "command_denylist", check_command }, { "token_bucket", check_bucket },
};

static void check_case(struct one *c, const struct vectors *v)
{
	char name[256];

	v->check(c);
	(void)snprintf(name, sizeof(name), "%s: %.*s", v->file, STR_ARG(c->name));
	excused_answer(&known, c->suite, name, c->agrees);
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &files[0].file, sizeof(files[0]),
			      sizeof(files) / sizeof(files[0]));
	const struct value *cases;
	struct value file;

	/* The folder holds vectors of other suites as well. */
	if (kind < 0)
		return;
	if (json_read(text, 1, a, &file, NULL) != OK || !(cases = value_get_c(&file, "cases"))) {
		suite_check(s, false, path, "cannot be read");
		return;
	}
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *item = &cases->list.items[i];
		struct one c = {
			.suite = s, .arena = a, .name = value_text(item, "name"), .file = &file,
			.given = value_get_c(item, "given"),
			.expect = value_get_c(item, "expect"),
		};

		check_case(&c, &files[kind]);
	}
}

void suite_runtime(struct suite *s)
{
	excused_read(&known, s, "<!-- runtime -->");
	suite_each_file(s, "hypervisor", visit);
	suite_each_file(s, "identity", visit);
	excused_end(&known, s, "runtime");
}
