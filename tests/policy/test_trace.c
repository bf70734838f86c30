/* trace: a walk agrees with the evaluator, for every truth of every clause. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/policy/trace.h"
#include "engine/base/runs.h"
#include "tests/kit/policy_kit.h"
#include "tests/policy/naive.h"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(trace, .init = start, .fini = stop);

/* What is asked decides: a condition with its skipped clauses changed has the same truth. */
Test(trace, what_a_walk_skips_cannot_matter)
{
	static const char *const conditions[] = {
		"args.a and args.b or args.c and not args.d",
		"not (args.a or args.b and (args.c or not args.d))",
		"(args.a or args.b) and (args.c or args.d)",
	};
	static const char *const values[] = { "true", "false", "0" };

	for (size_t i = 0; i < 3 * 81; i++) {
		unsigned code = i % 81, v[4] = { code % 3, code / 3 % 3, code / 9 % 3, code / 27 };
		const struct condition *c;
		uint8_t seen[LIMIT_EXPR_NODES];
		struct value request;
		struct sight s;
		struct plan p = { .rule_count = 0 };
		char text[128];
		enum truth before;

		cr_assert_eq(condition_compile(str_view(conditions[i / 81]), &kit.memory, &c, NULL),
			     OK);
		p.slots = *c->slots;
		(void)snprintf(text, sizeof(text),
			       "{\"args\":{\"a\":%s,\"b\":%s,\"c\":%s,\"d\":%s}}", values[v[0]],
			       values[v[1]], values[v[2]], values[v[3]]);
		cr_assert_eq(json_read(str_view(text), 1, &kit.memory, &request, NULL), OK);
		cr_assert_eq(trace_sight(&p, &request, &kit.memory, &s), OK);
		trace_walk(c, &s, seen);
		before = condition_eval(c, &request, NULL);
		for (uint32_t at = 0; at < c->count; at++) {
			struct value *args = &request.object.members[0].value;
			const struct slot *slot = &c->slots->items[c->steps[at].left.slot];

			if (!trace_asks(&c->steps[at]))
				continue;
			if (seen[at])
				cr_expect_eq(seen[at] - 1u, trace_step(c, at, &s));
			else
				args->object.members[slot->key.ptr[0] - 'a'].value =
					value_bool(true);
		}
		cr_expect_eq(condition_eval(c, &request, NULL), before, "%s with %s",
			     conditions[i / 81], text);
	}
}

/* Taken apart rule by rule, a decision is what plan_decide recorded of it. */
Test(trace, rule_by_rule_is_what_the_plan_considered)
{
	uint64_t seed = 4711;
	unsigned matched = 0;

	for (unsigned round = 0; round < 600; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		struct naive_bundle naive;
		struct naive_request q;
		struct note n;
		struct bundle *b;
		struct value request;
		struct ruling r;
		struct sight s;
		uint32_t place = 0, count;
		char letter;

		naive_make(&seed, round % 10 ? 4 : NAIVE_RULES, &naive);
		naive_ask(&seed, &q);
		b = naive_load(&naive, &kit.memory, &n);
		if (!b)
			continue;
		request = naive_request_value(&q, &kit.memory);
		r = naive_decide_really(b, &q, &kit.memory);
		cr_assert_eq(trace_sight(bundle_plan(b), &request, &kit.memory, &s), OK);
		while (runs_next(&r.considered, &letter, &count))
			for (; count > 0; count--) {
				const struct plan *p = bundle_plan(b);
				const struct queue *queue =
					&p->queues[q.later ? POLICY_PRE_OUTPUT : POLICY_PRE_TOOL];
				const struct rule *rule = queue->rules[place++];
				enum truth truth = trace_rule(rule, &s);

				if (!trace_applies(p, rule->document, str_view(q.agent)))
					truth = TRUTH_FALSE;
				cr_assert_eq(letter, "fte"[truth], "round %u, rule %.*s", round,
					     STR_ARG(rule->identity));
				matched += truth == TRUTH_TRUE;
			}
		arena_rewind(&kit.memory, mark);
	}
	cr_assert_gt(matched, 200);
}

Test(trace, steps_read_as_they_are_written)
{
	static const char *const same[] = {
		"args.amount <= 100", "\"x\" in args.list",      "has(args[\"user-id\"])",
		"args.a == args.b",   "args.x in [1,\"a\",null]", "args.ok",
		"args.a matches \"^x\"",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		const struct condition *c;
		struct buf b;

		buf_init(&b, 4096);
		cr_assert_eq(condition_compile(str_view(same[i]), &kit.memory, &c, NULL), OK);
		trace_step_text(&b, c, 0);
		cr_expect(str_is(buf_view(&b), same[i]), "%.*s", STR_ARG(buf_view(&b)));
		buf_fini(&b);
	}
}
