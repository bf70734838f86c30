/*
 * suite_trust: scores beside those of the reference toolkit, run and recorded case by case.
 *
 *   identity/{trust_score,tiers,decay,contagion,dimension_ema,regime,behavior}.json
 *
 * Each answer of a case is called "FILE: CASE WHAT". It is the same as ours, or a row of the table
 * "trust" in docs/conformance.md lists it, by a glob, with the reason. A row that excuses nothing
 * fails, so the table cannot outlive its reasons.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/json.h"
#include "engine/policy/policy.h"
#include "tests/conformance/excused.h"

#define HOUR 3600e9
/* Half a millionth of a point, and what doubles lose. */
#define NEAR 2e-6

/* The visitor has no room for more than the suite. */
struct trial {
	struct suite *s;
	struct excused *known;
	struct str file;             /* "decay" */
	const struct value *item;
};

static double number(const struct value *v)
{
	return !v ? NAN : v->kind == VALUE_INT ? (double)v->integer : v->real;
}

static const struct value *given(const struct trial *t, const char *key)
{
	return value_get_c(value_get_c(t->item, "given"), key);
}

static const struct value *expected(const struct trial *t, const char *key)
{
	return value_get_c(value_get_c(t->item, "expect"), key);
}

static void answer(const struct trial *t, const char *what, bool same)
{
	char name[256];

	(void)snprintf(name, sizeof(name), "%.*s: %.*s %s", STR_ARG(t->file),
		       STR_ARG(value_text(t->item, "name")), what);
	excused_answer(t->known, t->s, name, same);
}

static void answer_number(const struct trial *t, const char *what, double ours)
{
	answer(t, what, fabs(ours - number(expected(t, what))) < NEAR);
}

static void answer_text(const struct trial *t, const char *what, struct str ours)
{
	answer(t, what, str_eq(ours, value_text(value_get_c(t->item, "expect"), what)));
}

static double points(const struct trust_terms *terms, const struct trust_row *row, double hours)
{
	return (double)score_exact(terms, row, (int64_t)(hours * HOUR)) / TRUST_POINT;
}

static struct trust_row row_of(double score)
{
	struct trust_row row;

	score_begin(&trust_terms_default, STR("a"), 0, &row);
	score_set(&trust_terms_default, &row, (uint32_t)score, 0);
	return row;
}

/* --- trust_score --- */

static const char *const dimensions[TRUST_DIMENSIONS] = {
	"policy_compliance", "resource_efficiency", "output_quality", "security_posture",
	"collaboration_health",
};

static enum trust_dimension dimension_of(struct str name)
{
	unsigned d = 0;

	while (d + 1 < TRUST_DIMENSIONS && !str_is(name, dimensions[d]))
		d++;
	return (enum trust_dimension)d;
}

static void measure(struct trust_row *row, enum trust_dimension d, double value)
{
	score_measure(&trust_terms_default, row, TRUST_ALLOWED, d, (uint32_t)lrint(value * 1000),
		      0);
}

/* Their dimensions through our sum; their signals through our dimensions. */
static void try_signals(const struct trial *t, const struct value *signals)
{
	struct trust_row theirs = row_of(500), ours = row_of(500);
	uint32_t score;
	bool same = true;

	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		theirs.dimensions[d] = (uint32_t)lrint(
			number(value_get_c(expected(t, "dimensions"), dimensions[d])) * 1e7);
	score = score_now(&trust_terms_default, &theirs, 0);
	answer_number(t, "total", score);
	answer_text(t, "tier", score_tier(&trust_terms_default, score)->name);
	for (size_t i = 0; i < signals->list.count; i++)
		measure(&ours, dimension_of(signals->list.items[i].list.items[0].string),
			number(&signals->list.items[i].list.items[1]));
	for (unsigned d = 0; d < TRUST_DIMENSIONS; d++)
		same &= ours.dimensions[d] == theirs.dimensions[d];
	answer(t, "dimensions", same);
	answer(t, "revoked", !expected(t, "revoked")->boolean);
}

static void try_resource(const struct trial *t)
{
	uint32_t tokens = score_ratio((uint32_t)given(t, "tokens_budget")->integer,
				      (uint64_t)given(t, "tokens_used")->integer);
	uint32_t time = score_ratio((uint32_t)given(t, "compute_budget_ms")->integer,
				    (uint64_t)given(t, "compute_ms")->integer);

	answer_number(t, "value", (tokens + time) / 2000.0);
}

static bool accepts_weights(const char *weights)
{
	const struct policy_file file = { STR("p.yaml"), str_view(weights) };
	struct arena memory;
	struct bundle *b;
	bool ok;

	arena_init(&memory, 1u << 22);
	ok = bundle_load(&file, 1, &memory, &b, NULL) == OK;
	arena_fini(&memory);
	return ok;
}

static void try_score(const struct trial *t)
{
	const struct trust_bound ceiling = { STR("*"), 400 };
	const struct value *signals = given(t, "signals");
	struct trust_terms terms = trust_terms_default;
	struct trust_row row = row_of(1000);

	if (given(t, "ceiling")) {
		terms.ceilings = &ceiling;
		terms.ceiling_count = 1;
		answer_number(t, "spec_says_at_most", score_now(&terms, &row, 0));
		answer_number(t, "total", score_now(&terms, &row, 0));
	} else if (signals) {
		try_signals(t, signals);
	} else if (given(t, "tokens_used")) {
		try_resource(t);
	} else if (given(t, "policy_compliance")) {
		answer(t, "accepted",
		       accepts_weights("apiVersion: governance.toolkit/v1\nname: p\ntrust: "
				       "{weights: {compliance: 500, resource: 15, quality: 20, "
				       "security: 25, collaboration: 15}}\n"));
	} else {
		answer(t, "whole", false);
	}
}

/* --- tiers --- */

static void try_ceiling(const struct trial *t)
{
	const struct value *limit = given(t, "ceiling"), *new = given(t, "new");
	const struct trust_bound ceiling = { STR("*"), limit->kind == VALUE_INT
							       ? (uint32_t)limit->integer
							       : TRUST_TOP };
	struct trust_terms terms = trust_terms_default;
	struct trust_row row = row_of(number(given(t, "initial")));
	double initial;

	terms.ceilings = &ceiling;
	terms.ceiling_count = 1;
	initial = points(&terms, &row, 0);
	answer_number(t, "initial", initial);
	if (new->kind == VALUE_INT && (new->integer < 0 || new->integer > 1000)) {
		answer(t, "total", false);
		return;
	}
	if (new->kind == VALUE_INT)
		score_set(&terms, &row, (uint32_t)new->integer, 0);
	answer_number(t, "total", points(&terms, &row, 0));
	answer_number(t, "change", points(&terms, &row, 0) - initial);
	answer_text(t, "tier", score_tier(&terms, score_now(&terms, &row, 0))->name);
}

static void try_tier(const struct trial *t)
{
	static const char *const scales[] = {
		"tier", "level", "handshake_level", "marketplace_tier", "risk_level",
	};
	static const char *const verdicts[] = { "allow", "warn", "revoke" };
	const struct value *score = given(t, "score");

	if (!score) {
		try_ceiling(t);
		return;
	}
	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++)
		answer_text(t, scales[i],
			    score_tier(&trust_terms_default, (uint32_t)score->integer)->name);
	/* A score by itself neither allows nor warns nor revokes. */
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		answer(t, verdicts[i], !expected(t, verdicts[i])->boolean);
}

/* --- decay --- */

static void try_decay(const struct trial *t)
{
	struct trust_terms terms = trust_terms_default;
	const struct value *hours = given(t, "hours_since_positive"), *rate = given(t, "rate");
	struct trust_row row;

	if (given(t, "bonus")) {
		answer(t, "scores", false);
		return;
	}
	if (!hours && !given(t, "polls")) {
		/* Without a signal there is no row, and an agent without one is worth `initial`. */
		answer_number(t, "score", terms.initial);
		return;
	}
	if (rate)
		terms.decay_per_hour = (uint32_t)rate->integer;
	row = row_of(number(given(t, "score")));
	if (!hours) {
		for (int64_t i = 1; i < given(t, "polls")->integer; i++)
			(void)points(&terms, &row, (double)i / 10);
		answer_number(t, "agt_score", points(&terms, &row, number(given(t, "hours"))));
		answer_number(t, "path_independent_score",
			      points(&terms, &row, number(given(t, "hours"))));
		return;
	}
	answer_number(t, "score", points(&terms, &row, number(hours)));
}

/* --- contagion --- */

#define AGENTS 8

static uint32_t agent_of(struct str name)
{
	return (uint32_t)(name.ptr[0] - 'a');
}

static void meet_all(const struct trial *t, struct state *s)
{
	const struct value *edges = given(t, "edges");

	for (size_t i = 0; i < edges->list.count; i++) {
		const struct value *edge = edges->list.items[i].list.items;
		uint32_t a = agent_of(edge[0].string), b = agent_of(edge[1].string);

		/* Nobody meets itself. */
		for (int64_t n = 0; a != b && n < edge[2].integer; n++)
			MUST(spread_meet(s, 0, a, b) == OK);
	}
}

static bool scores_agree(const struct trial *t, const struct trust_terms *terms,
			 const struct state *s)
{
	const struct value *scores = expected(t, "scores");
	struct trust_row row;

	for (size_t i = 0; i < scores->object.count; i++) {
		memcpy(&row, state_row(s, 0, agent_of(scores->object.members[i].key)), sizeof(row));
		if (fabs(points(terms, &row, 0) - number(&scores->object.members[i].value)) > NEAR)
			return false;
	}
	return true;
}

static void try_contagion(const struct trial *t)
{
	const struct table_schema table = score_table();
	const struct value *params = given(t, "params");
	const struct value *factor = value_get_c(params, "propagation_factor");
	const struct value *depth = value_get_c(params, "propagation_depth");
	double severity = number(given(t, "severity")) * 1000;
	struct trust_terms terms = trust_terms_default;
	struct state *s;
	uint32_t at;

	if (severity < 0 || severity > 1000) {
		answer(t, "scores", false);
		return;
	}
	terms.share = factor ? (uint32_t)lrint(number(factor) * 100) : terms.share;
	terms.depth = depth ? (uint32_t)depth->integer : terms.depth;
	MUST(state_open(&table, 1, &s) == OK);
	state_begin(s);
	for (unsigned i = 0; i < AGENTS; i++) {
		char name[2] = { (char)('a' + (int)i), '\0' };
		const struct value *score = value_get_c(given(t, "scores"), name);
		struct trust_row row = row_of(score ? number(score) : 500);

		row.agent[0] = name[0];
		MUST(state_insert(s, 0, &row, &at) == OK);
	}
	meet_all(t, s);
	MUST(spread_incident(&terms, s, 0, 0, (uint32_t)severity, 0) == OK);
	answer(t, "scores", scores_agree(t, &terms, s));
	state_close(s);
}

/* --- the others --- */

static void try_ema(const struct trial *t)
{
	const struct value *values = given(t, "values");
	struct trust_row row = row_of(number(given(t, "start")) * 10);

	for (size_t i = 0; i < values->list.count; i++)
		measure(&row, TRUST_QUALITY, number(&values->list.items[i]));
	answer_number(t, "score", row.dimensions[TRUST_QUALITY] / 1e7);
	answer(t, "trend", false);
}

static void count_all(struct regime *r, const struct value *names)
{
	for (size_t i = 0; names && i < names->list.count; i++)
		regime_count(r, names->list.items[i].string);
}

static void try_regime(const struct trial *t)
{
	struct regime r;

	if (!given(t, "recent")) {
		answer(t, "whole", false);
		return;
	}
	memset(&r, 0, sizeof(r));
	count_all(&r, given(t, "baseline"));
	count_all(&r, given(t, "recent"));
	answer(t, "alert", r.changed == expected(t, "alert")->boolean);
}

/* Whatever an agent does, its score is a score, and nobody is shut out by it alone. */
static void try_behavior(const struct trial *t)
{
	static const char *const keys[] = { "quarantined", "quarantined_at_once",
					    "quarantined_later" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (expected(t, keys[i]))
			answer(t, keys[i], !expected(t, keys[i])->boolean);
}

static const struct {
	const char *file;
	void (*run)(const struct trial *t);
} tries[] = {
	{ "trust_score", try_score }, { "tiers", try_tier }, { "decay", try_decay },
	{ "contagion", try_contagion }, { "dimension_ema", try_ema }, { "regime", try_regime },
	{ "behavior", try_behavior },
};

/* For visit, which is handed nothing. */
static struct excused known;

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &tries[0].file, sizeof(tries[0]),
			      sizeof(tries) / sizeof(tries[0]));
	struct trial t = { .s = s, .known = &known };
	const struct value *cases;
	struct value tree;

	/* The folder holds vectors of other suites as well. */
	if (kind < 0)
		return;
	if (json_read(text, 1, a, &tree, NULL) != OK || !(cases = value_get_c(&tree, "cases"))) {
		suite_check(s, false, path, "cannot be read");
		return;
	}
	t.file = str_view(tries[kind].file);
	for (size_t i = 0; i < cases->list.count; i++) {
		t.item = &cases->list.items[i];
		tries[kind].run(&t);
	}
}

void suite_trust(struct suite *s)
{
	excused_read(&known, s, "<!-- trust -->");
	suite_each_file(s, "identity", visit);
	excused_end(&known, s, "trust");
}
