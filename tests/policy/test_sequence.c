/* sequence: questions about the past, and what an action does to be asked about later. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/policy/sequence_parts.h"
#include "engine/policy/solve.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

#define NAMES                                                                                      \
	"labels: [{name: secret, tools: [read]}]\nevents:\n  - {name: looked-up, tools: [look],"   \
	" of: args.id}\n  - {name: paid, tools: [pay, refund], condition: args.n > 5}\n"

static struct policy_kit k;

static void setup(void)
{
	policy_kit_init(&k);
}

static void teardown(void)
{
	policy_kit_fini(&k);
}

TestSuite(sequence, .init = setup, .fini = teardown);

/* Load with one rule of that condition; its condition begins at 8:42. */
static enum err load(const char *condition, struct bundle **ret, struct note *n)
{
	char text[2048];
	struct policy_file f = { STR("p.yaml"), STR_NONE };

	(void)snprintf(text, sizeof(text),
		       POLICY_KIT_HEAD NAMES
		       "rules:\n  - {name: r, action: allow, condition: '%s'}\n", condition);
	f.content = str_view(text);
	*n = (struct note){ .column = 0 };
	return bundle_load(&f, 1, &k.memory, ret, n);
}

static const struct bad_text {
	const char *condition;
	enum err err;
	uint32_t column;     /* of the condition */
	const char *says;
} refusals[] = {
	{ "once(loked-up)", ERR_UNKNOWN, 6,
	  "no policy of the bundle declares an event 'loked-up'; did you mean 'looked-up'?" },
	{ "once(aproved)", ERR_UNKNOWN, 6, "did you mean 'approved'?" },
	{ "once(secret)", ERR_UNKNOWN, 6, "an event 'secret'" },
	{ "labelled(\"secrets\")", ERR_UNKNOWN, 10,
	  "no policy of the bundle declares a label 'secrets'; did you mean 'secret'?" },
	{ "labelled(\"paid\")", ERR_UNKNOWN, 10, "a label 'paid'" },
	{ "labelled(secret)", ERR_SYNTAX, 10, "expected the name of a label in quotes" },
	{ "once(paid, args.id)", ERR_SYNTAX, 6, "event 'paid' is declared without 'of'" },
	{ "once(looked-up, 7)", ERR_SYNTAX, 17, "expected a path like args.id" },
	{ "once(looked-up, foo.id)", ERR_UNKNOWN, 17, "a path begins with" },
	{ "once(looked-up, result.id)", ERR_UNKNOWN, 17, "there is no result yet" },
	{ "once", ERR_TRUNCATED, 5, "expected \'(\' and the name of an event" },
	{ "once paid", ERR_SYNTAX, 6, "expected \'(\'" },
	{ "once()", ERR_SYNTAX, 6, "expected the name of an event" },
	{ "once(\"paid\")", ERR_SYNTAX, 6, "expected the name of an event" },
	{ "once(paid", ERR_TRUNCATED, 10, "expected \')\'" },
	{ "once(paid within 10m)", ERR_SYNTAX, 11, "expected a period in quotes behind" },
	{ "once(paid within \"10\")", ERR_SYNTAX, 18, "'10' is no period" },
	{ "once(paid within \"m\")", ERR_SYNTAX, 18, "is no period" },
	{ "once(paid within \"0s\")", ERR_SYNTAX, 18, "is no period" },
	{ "once(paid within \"367d\")", ERR_SYNTAX, 18, "up to 366 days" },
	{ "once(paid within \"-1d\")", ERR_SYNTAX, 18, "is no period" },
	{ "once(paid within \"99999999999999999999d\")", ERR_SYNTAX, 18, "is no period" },
	{ "since(paid)", ERR_SYNTAX, 11, "expected \',\' and a second event" },
	{ "since(paid, looked-up", ERR_TRUNCATED, 22, "expected \')\'" },
	{ "since(paid, gone)", ERR_UNKNOWN, 13, "an event 'gone'" },
	{ "before(paid within \"1m\", approved)", ERR_SYNTAX, 13, "expected \',\'" },
	{ "count(paid)", ERR_TYPE, 1, "a count is a number; compare it with one" },
	{ "count(paid) == \"a\"", ERR_TYPE, 16, "found a literal of type string" },
	{ "count(paid) in [1]", ERR_TYPE, 1, "a count is a number" },
	{ "args.x contains count(paid)", ERR_TYPE, 17, "a count is a number" },
	{ "once(paid) == true", ERR_SYNTAX, 12, "needs no comparison" },
	{ "has(once(paid))", ERR_UNKNOWN, 5, "there is no function" },
	{ "onec(paid)", ERR_UNKNOWN, 1, "there is no function 'onec'; did you mean 'once'?" },
	{ "past.x", ERR_UNKNOWN, 1, "unknown name 'past'" },
};

Test(sequence, what_nobody_declared_cannot_be_asked)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct bad_text *r = &refusals[i];
		struct bundle *b;
		struct note n;

		cr_expect_eq(load(r->condition, &b, &n), r->err, "%s: %s", r->condition, n.text);
		cr_expect(strstr(n.text, r->says), "%s: %s", r->condition, n.text);
		cr_expect_eq(n.column, 41 + r->column, "%s at %u: %s", r->condition, n.column,
			     n.text);
		cr_expect_eq(n.line, 8);
	}
}

static const char *const good[] = {
	"once(paid)", "not once( looked-up )", "once(looked-up, args[\"an id\"].x)",
	"since(paid, approved) or before(looked-up, paid)", "count(paid) < 3",
	"3 >= count(paid within \"90s\")", "count(paid) == count(looked-up)",
	"count(paid) > args.n", "labelled(\"secret\") and once(paid within \"366d\")",
	"args.once == 1 and args.count == 2",
};

Test(sequence, what_is_declared_can_be_asked)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct bundle *b;
		struct note n;

		cr_expect_eq(load(good[i], &b, &n), OK, "%s: %u: %s", good[i], n.column, n.text);
	}
}

Test(sequence, one_question_has_one_answer_wherever_it_is_asked)
{
	struct bundle *b = policy_kit_load(
		&k, POLICY_KIT_HEAD NAMES
		"rules:\n  - {name: a, condition: once(paid) and once(looked-up), action: allow}\n"
		"  - {name: b, condition: not once(paid) and count(paid) == 1, action: allow}\n",
		NULL);
	const struct lookback *list;
	size_t count;

	list = sequence_lookbacks(bundle_sequence(b), &count);
	cr_assert_eq(count, 3);
	cr_expect(str_is(list[0].text, "once(paid)") && list[0].event == 2);
	cr_expect(str_is(list[1].text, "once(looked-up)") && list[1].event == 1);
	cr_expect(str_is(list[2].text, "count(paid)") && list[2].form == LOOKBACK_COUNT);
}

Test(sequence, a_bundle_without_names_and_questions_watches_nothing)
{
	struct bundle *b = policy_kit_load(
		&k, POLICY_KIT_HEAD "rules: [{name: a, action: allow}]\n", NULL);

	cr_expect_null(bundle_sequence(b));
	b = policy_kit_load(&k, POLICY_KIT_HEAD "labels: [{name: a, tools: [x]}]\n", NULL);
	cr_expect_not_null(bundle_sequence(b));
	b = policy_kit_load(&k, POLICY_KIT_HEAD
			    "rules: [{name: a, condition: once(approved), action: allow}]\n", NULL);
	cr_expect_not_null(bundle_sequence(b));
}

/* Ids stand in rows on disk: they are these, and the same in every bundle. */
Test(sequence, ids_are_made_of_names_alone)
{
	struct bundle *b = policy_kit_load(&k, POLICY_KIT_HEAD NAMES, NULL);
	struct bundle *c = policy_kit_load(
		&k, POLICY_KIT_HEAD
		"events: [{name: paid, tools: [x]}]\nlabels: [{name: paid, tools: [x]}]\n"
		"rules: [{name: r, action: deny, condition: 'count(paid within \"1m\") > 1'}]\n",
		NULL);
	const struct sequence_names *one = sequence_names(bundle_sequence(b));
	const struct sequence_names *two = sequence_names(bundle_sequence(c));

	cr_expect_eq(one->event_count, 3);
	cr_expect_eq(two->event_count, 2);
	cr_expect_eq(one->events[2], two->events[1]);
	cr_expect_eq(one->events[0], two->events[0]);
	cr_expect_neq(two->labels[0], two->events[1]);
	cr_expect_neq(one->watch, two->watch);
	cr_expect_eq(two->window_count, 1);
	cr_expect_eq(two->window_ns[0], INT64_C(60000000000));
	cr_expect(two->windows[0] != two->events[1] && two->window_events[0] == 1);
	/* printf 'event\0approved\0\0\0\0\0\0\0\0\0' | sha256sum, the first 8 bytes */
	cr_expect_eq(one->events[0], UINT64_C(0x5943b45565f733ef), "%016llx",
		     (unsigned long long)one->events[0]);
	cr_expect(str_is(sequence_name_of(bundle_sequence(b), one->labels[0]), "secret"));
	cr_expect_null(sequence_name_of(bundle_sequence(b), two->windows[0]).ptr);
}

static const struct happening *happens(const struct bundle *b, const char *request)
{
	struct question q = policy_kit_ask(&k, request);
	const struct happening *ret;

	cr_assert_eq(bundle_happening(b, q.stage, &q.request, &k.memory, &ret), OK);
	return ret;
}

Test(sequence, what_an_allowed_action_does)
{
	struct bundle *b = policy_kit_load(
		&k, POLICY_KIT_HEAD NAMES
		"rules:\n  - {name: a, action: allow}\n", NULL);
	const struct happening *h, *g;

	h = happens(b, "{\"agent\":\"a\",\"action\":\"look\",\"args\":{\"id\":1}}");
	cr_expect(h->events == 2 && h->labels == 0 && h->key_count == 1 && !h->maybe_events);
	g = happens(b, "{\"agent\":\"a\",\"action\":\"look\",\"args\":{\"id\":1.0}}");
	cr_expect_arr_eq(h->keys[0], g->keys[0], SEQUENCE_KEY_BYTES);
	g = happens(b, "{\"agent\":\"a\",\"action\":\"look\",\"args\":{\"id\":\"1\"}}");
	cr_expect_arr_neq(h->keys[0], g->keys[0], SEQUENCE_KEY_BYTES);
	h = happens(b, "{\"agent\":\"a\",\"action\":\"look\"}");
	cr_expect(h->events == 2 && h->key_count == 0, "a value that is not there is none");
	h = happens(b, "{\"agent\":\"a\",\"action\":\"refund\",\"args\":{\"n\":6}}");
	cr_expect(h->events == 4 && h->key_count == 0);
	h = happens(b, "{\"agent\":\"a\",\"action\":\"refund\",\"args\":{\"n\":5}}");
	cr_expect(h->events == 0 && h->maybe_events == 0);
	h = happens(b, "{\"agent\":\"a\",\"action\":\"refund\"}");
	cr_expect(h->events == 0 && h->maybe_events == 4);
	h = happens(b, "{\"agent\":\"a\",\"action\":\"read\"}");
	cr_expect(h->events == 0 && h->labels == 1);
	h = happens(b, "{\"agent\":\"a\",\"action\":\"look\",\"stage\":\"pre_output\"}");
	cr_expect(h->events == 0, "another stage");
}

/* Answers of requests that are written by hand. */
Test(sequence, tools_take_answers_from_the_request)
{
	struct bundle *b = policy_kit_load(
		&k, POLICY_KIT_HEAD NAMES
		"rules:\n  - {name: n, condition: count(paid) >= 2, action: deny}\n"
		"  - {name: r, condition: 'once(looked-up, args.id)', action: allow}\n", NULL);
	static const char *const start = "{\"agent\":\"a\",\"action\":\"x\",\"session\":\"s\","
					 "\"past\":{\"count(paid)\":";
	char text[256];
	struct ruling r;

	(void)snprintf(text, sizeof(text), "%s1,\"once(looked-up, args.id)\":true}}", start);
	r = policy_kit_decide(&k, b, text);
	cr_expect(r.allow && r.error_count == 0);
	(void)snprintf(text, sizeof(text), "%s1,\"once(looked-up, args.id)\":false}}", start);
	cr_expect_not(policy_kit_decide(&k, b, text).allow);
	(void)snprintf(text, sizeof(text), "%s2,\"once(looked-up, args.id)\":true}}", start);
	cr_expect(str_is(policy_kit_decide(&k, b, text).rule, "p/n"));
	(void)snprintf(text, sizeof(text), "%s1}}", start);
	r = policy_kit_decide(&k, b, text);
	cr_expect(!r.allow && r.error_count == 1);
}

static enum err accept_any(void *self, const struct question *q, bool *ret)
{
	(void)self;
	*ret = q->agent.len > 0;
	return OK;
}

/* For the solver an answer is a value like any other, and its witness holds it. */
Test(sequence, analysis_finds_what_no_past_can_make_true)
{
	struct bundle *b = policy_kit_load(
		&k, POLICY_KIT_HEAD NAMES
		"rules:\n  - {name: no, condition: once(paid) and not once(paid), action: deny}\n"
		"  - {name: often, condition: count(paid) > 3 and count(paid) < 5, action: deny}\n"
		"  - {name: none, condition: count(paid) > 3 and count(paid) < 4, action: deny}\n",
		NULL);
	const struct rule *rules = bundle_plan(b)->documents[0].rules;
	struct solve_goal goal = { .wanted = 1u << TRUTH_TRUE };
	struct solve_ask ask = { .goals = &goal, .count = 1, .registered = true,
				 .accept = accept_any };
	static const enum answer expected[] = { ANSWER_NO, ANSWER_YES, ANSWER_NO };

	for (size_t i = 0; i < 3; i++) {
		struct question witness;
		struct solver *solver;
		enum answer got;

		cr_assert_eq(solver_open(&k.memory, &solver), OK);
		cr_assert_eq(solver_add(solver, bundle_plan(b), &rules[i], &goal.goal), OK);
		cr_assert_eq(solver_seal(solver), OK);
		cr_assert_eq(solver_ask(solver, &ask, &k.memory, &got, &witness), OK);
		cr_expect_eq(got, expected[i], "%.*s: %s", STR_ARG(rules[i].identity),
			     answer_name(got));
		if (got == ANSWER_YES)
			cr_expect(str_has(policy_kit_text(&k, &witness),
					  STR("\"past\":{\"count(paid)\":4},\"session\"")));
	}
}

static enum err load_failing(uint64_t n, bool *hit)
{
	const struct policy_file f = {
		STR("p.yaml"),
		STR(POLICY_KIT_HEAD NAMES "rules:\n  - {name: r, action: deny, condition: "
		    "'since(paid, approved) or count(paid within \"1m\") > 2'}\n")
	};
	struct bundle *b;
	struct arena a;
	enum err e;

	arena_init(&a, 64 << 20);
	fail_alloc_at(n);
	e = bundle_load(&f, 1, &a, &b, NULL);
	*hit = fail_alloc_was_hit();
	arena_fini(&a);
	return e;
}

Test(sequence, no_failing_allocation_loads_half_a_bundle)
{
	bool hit = true;
	uint64_t n;

	for (n = 1; hit; n++) {
		enum err e = load_failing(n, &hit);

		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
	}
	cr_assert_gt(n, 3);
}

/* A rule for each of many windows or questions. */
static enum err load_many(const char *form, int count, struct note *n)
{
	struct policy_file f = { STR("p.yaml"), STR_NONE };
	struct bundle *b;
	struct buf text;
	enum err e;

	buf_init(&text, 1 << 20);
	buf_add_c(&text, POLICY_KIT_HEAD NAMES "rules:\n");
	for (int i = 0; i < count; i++) {
		buf_addf(&text, "  - {name: r%d, action: deny, condition: '", i);
		buf_addf(&text, form[0] == 'c' ? "count(paid within \"%dm\") > 1"
					       : "once(looked-up, args.n%d)", i + 1);
		buf_add_c(&text, "'}\n");
	}
	f.content = buf_view(&text);
	e = bundle_load(&f, 1, &k.memory, &b, n);
	buf_fini(&text);
	return e;
}

Test(sequence, questions_and_windows_are_bounded)
{
	struct note n = { .column = 0 };

	cr_expect_eq(load_many("count", LIMIT_WINDOWS, &n), OK, "%s", n.text);
	cr_expect_eq(load_many("count", LIMIT_WINDOWS + 1, &n), ERR_LIMIT);
	cr_expect_str_eq(n.text, "the bundle counts within more than 4 different windows");
	cr_expect_eq(load_many("once", LIMIT_LOOKBACKS, &n), OK, "%s", n.text);
	cr_expect_eq(load_many("once", LIMIT_LOOKBACKS + 1, &n), ERR_LIMIT);
	cr_expect_str_eq(n.text, "the bundle asks more than 64 different questions about the past");
}
