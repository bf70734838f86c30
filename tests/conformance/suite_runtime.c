/*
 * suite_runtime: rings, elevations, rates, kills and commands beside what was recorded by running
 * the reference toolkit's hypervisor.
 *
 * Each case of a file agrees, or stands among the differences with its reason; docs/conformance.md
 * tells them. A case that is neither fails.
 */
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/runtime/runtime.h"
#include "tests/conformance/suite.h"

#define SECOND INT64_C(1000000000)

struct one {
	struct suite *suite;
	struct arena *arena;
	struct str name;
	const struct value *file, *given, *expect;
	bool agrees;
	const char *differs;                  /* why it does so on purpose; NULL: it does not */
};

/* A difference: the case's name begins so (""; every case), and why. */
struct difference {
	const char *begins, *why;
};

#define BY_TRUST "a ring is not given for a score that the caller says of itself"
#define LABELS "hand-over and callbacks are labels there; here a kill fences outcomes off"
#define WHOLE "an action takes one whole token, and there is no call that fills a bucket"
#define STRICTER "every command in the text is judged, there the first word only"

static const struct difference no_difference[] = { { NULL, NULL } };
static const struct difference no_resources[] = {
	{ "", "rings guard tools and named resources, not a fixed table of kinds" },
	{ NULL, NULL },
};
static const struct difference no_weights[] = {
	{ "", "nothing is decided by a risk weight" }, { NULL, NULL },
};
static const struct difference no_breaches[] = {
	{ "", "rates and denials are counted, no score is made of them" }, { NULL, NULL },
};
static const struct difference elevations[] = {
	{ "ring1-trust=0.85", BY_TRUST }, { "ring1-", BY_TRUST }, { "ring2-trust", BY_TRUST },
	{ "ttl=-5", "an elevation has an end; there is no default" },
	{ "ttl=0", "an elevation has an end; there is no default" },
	{ "ttl=3601", "a longer one is refused, not cut" },
	{ "ttl=1000000000", "a longer one is refused, not cut" },
	{ "duplicate-other-session", "an agent has one elevation, in whatever session" },
	{ "duplicate-checked-before-trust", BY_TRUST },
	{ "expired-without-tick", "there are no ticks and no lists; time alone ends it" },
	{ "elevated-ring-wins", "an elevation makes no agent's ring larger" },
	{ "provider", BY_TRUST },
	{ "child-", "an agent is below another in a session only, and there never above it" },
	{ "revoke", "ending what is over is refused, not repeated" },
	{ "expiry-boundary", "the seconds that remain are not asked for" },
	{ NULL, NULL },
};
static const struct difference rates[] = {
	{ "fractional-cost", WHOLE }, { "cost-", WHOLE }, { "negative-cost", WHOLE },
	{ "nan-cost", WHOLE }, { "update-", WHOLE }, { "ring-", "the ring is the agent's own" },
	{ "evict-", "no bucket is forgotten" },
	{ "missing-ring", "a quota names its rate; there is no other ring's" },
	{ "stats-unknown", "what was never asked has no row" },
	{ NULL, NULL },
};
static const struct difference kills[] = {
	{ "no-callback", LABELS }, { "callback-", LABELS }, { "second-kill", LABELS },
	{ "steps-", LABELS }, { "substitute-", LABELS }, { "dead-substitute", LABELS },
	{ "missing-step", LABELS }, { "handoff-", LABELS },
	{ NULL, NULL },
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

static struct state *open_table(struct table_schema table)
{
	struct state *s;

	MUST(state_open(&table, 1, &s) == OK);
	state_begin(s);
	return s;
}

/* Requests one after the other: lifted is who is in a better ring than before. */
static void check_elevation(struct one *c)
{
	const struct public_key sponsor = { { 1 } };
	const struct value *steps = value_get_c(c->given, "steps");
	const struct value *results = value_get_c(c->expect, "results");
	struct state *s = open_table(elevation_table());

	c->agrees = steps->list.count == results->list.count;
	for (size_t i = 0; c->agrees && i < steps->list.count; i++) {
		const struct value *step = &steps->list.items[i];
		int64_t at = time_of(step, "at"), ttl = number(step, "ttl", 300);
		int64_t target = number(step, "target", 0);
		bool lifted = target < number(step, "current", 0) &&
			      elevation_begin(s, 0, STR("a"), (unsigned)target, &sponsor, at,
					      at + ttl * SECOND, NULL) == OK;

		c->agrees = lifted == flag(&results->list.items[i], "granted");
	}
	state_close(s);
}

static struct rate rate_of(const struct one *c, const char *ring)
{
	const struct value *limits = value_get_c(c->given, "limits");
	const struct value *pair = value_get_c(limits ? limits : value_get_c(c->file, "limits"),
					       ring);

	return (struct rate){ (uint32_t)pair->list.items[0].real,
			      (uint32_t)pair->list.items[1].real, SECOND };
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
		q.rate = rate_of(c, ring);
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

/* Whatever the reason is: who is killed does nothing more, and is killed once. */
static void check_kill(struct one *c)
{
	const struct value *kill = &value_get_c(c->given, "kills")->list.items[0];
	struct str agent = value_text(kill, "agent");
	struct state *s = open_table(halt_table());
	struct halt_row row;

	c->agrees = value_text(kill, "reason").len > 0 &&
		    halt_kill(s, 0, HALT_AGENT, agent, 1, 5, NULL) == OK &&
		    halt_stops(s, 0, agent, STR_NONE, 2, &row) &&
		    halt_fences(s, 0, agent, STR_NONE, 4, &row);
	state_close(s);
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
	c->differs = there && !here ? STRICTER : NULL;
}

/* --- the files --- */

static const struct vectors {
	const char *file;
	void (*check)(struct one *c);
	const struct difference *differences;
} files[] = {
	{ "required_ring.json", check_required, no_difference },
	{ "ring_check.json", check_ring, no_difference },
	{ "resource_check.json", NULL, no_resources },
	{ "risk_weights.json", NULL, no_weights },
	{ "elevation.json", check_elevation, elevations },
	{ "rate_limiter.json", check_rate, rates },
	{ "kill_switch.json", check_kill, kills },
	{ "breach_detector.json", NULL, no_breaches },
	{ "command_denylist.json", check_command, no_difference },
};

static const char *difference_of(const struct vectors *v, struct str name)
{
	for (const struct difference *d = v->differences; d->begins; d++)
		if (str_starts(name, str_view(d->begins)))
			return d->why;
	return NULL;
}

static void check_case(struct one *c, const struct vectors *v)
{
	char text[256];

	c->differs = difference_of(v, c->name);
	if (!c->differs)
		v->check(c);
	if (!c->differs) {
		suite_check(c->suite, c->agrees, v->file, "%.*s differs", STR_ARG(c->name));
		return;
	}
	(void)snprintf(text, sizeof(text), "%.*s: %s", STR_ARG(c->name), c->differs);
	suite_skip(c->suite, text);
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	const char *base = strrchr(path, '/');
	const struct vectors *v = NULL;
	const struct value *cases;
	struct value file;

	for (size_t i = 0; base && i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(base + 1, files[i].file) == 0)
			v = &files[i];
	/* The folder holds vectors of other suites as well. */
	if (!v)
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

		check_case(&c, v);
	}
}

void suite_runtime(struct suite *s)
{
	suite_each_file(s, "hypervisor", visit);
}
