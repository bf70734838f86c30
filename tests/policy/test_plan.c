/* plan: which rule decides, what an undecidable condition does, and that denying rules only deny.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/policy/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/policy/naive.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: p\n"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 64 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(plan, .init = start, .fini = stop);

static struct bundle *load(const char *const *texts, size_t count)
{
	static const char *const names[] = { "a.yaml", "b.yaml", "c.yaml" };
	struct policy_file files[3];
	struct note n = { .column = 0 };
	struct bundle *b;

	for (size_t i = 0; i < count; i++)
		files[i] = (struct policy_file){ str_view(names[i]), str_view(texts[i]) };
	cr_assert_eq(bundle_load(files, count, &memory, &b, &n), OK, "%s:%u: %s", n.file, n.line,
		     n.text);
	return b;
}

static struct ruling decide(const struct bundle *b, const char *agent, const char *request)
{
	struct ruling r;
	struct value v;

	cr_assert_eq(json_read(str_view(request), 1, &memory, &v, NULL), OK, "%s", request);
	cr_assert_eq(bundle_decide(b, POLICY_PRE_TOOL, str_view(agent), &v, &memory, &r), OK);
	return r;
}

static struct ruling decide_one(const char *text, const char *request)
{
	return decide(load(&text, 1), "x", request);
}

static bool same(struct str s, const char *text)
{
	if (!str_is(s, text))
		cr_log_warn("'%.*s' is not '%s'", STR_ARG(s), text);
	return str_is(s, text);
}

Test(plan, actions_do_what_they_are_called)
{
	static const struct {
		const char *action;
		bool allow;
		unsigned obligations;
	} rows[] = {
		{ "allow", true, 0 },
		{ "deny", false, 0 },
		{ "warn", true, POLICY_WARN },
		{ "log", true, POLICY_LOG },
		{ "require_approval", false, POLICY_APPROVAL },
	};

	for (size_t i = 0; i < 5; i++) {
		char text[256];
		struct ruling r;

		(void)snprintf(text, sizeof(text),
			       HEAD "default_action: %s\nrules: [{name: r, action: %s}]\n",
			       rows[i].allow ? "deny" : "allow", rows[i].action);
		r = decide_one(text, "{}");
		cr_expect_eq(r.allow, rows[i].allow, "%s", rows[i].action);
		cr_expect_eq(r.obligations, rows[i].obligations, "%s", rows[i].action);
		cr_expect(same(r.rule, "p/r"));
		cr_expect(same(r.reason, "rule 'r' of 'p' (a.yaml) matched"));
		cr_expect_eq(r.error_count, 0);
	}
}

Test(plan, approvers_come_with_the_rule)
{
	struct ruling r = decide_one(HEAD "rules: [{name: r, action: require_approval, approvers: "
					  "[ann, bob]}]\n",
				     "{}");

	cr_assert_eq(r.approver_count, 2);
	cr_assert(same(r.approvers[0], "ann") && same(r.approvers[1], "bob"));
}

Test(plan, the_strictest_default_holds)
{
	static const char *const texts[] = {
		"apiVersion: governance.toolkit/v1\nname: open\ndefault_action: allow\n",
		"apiVersion: governance.toolkit/v1\nname: shut\nagents: ['s*']\n",
	};
	struct bundle *b = load(texts, 2);
	struct ruling r = decide(b, "x", "{}");

	cr_expect(r.allow && r.rule.ptr == NULL);
	cr_expect(same(r.reason, "no rule matched; default of 'open' is allow"));
	r = decide(b, "sam", "{}");
	cr_expect_not(r.allow);
	cr_expect(same(r.reason, "no rule matched; default of 'shut' is deny"));
	r = decide(load(&texts[1], 1), "x", "{}");
	cr_expect_not(r.allow);
	cr_expect(same(r.reason, "no policy applies to agent 'x'"));
}

Test(plan, priority_then_file_then_place)
{
	static const char *const texts[] = {
		"apiVersion: governance.toolkit/v1\nname: z\nrules:\n - {name: a2, action: deny}\n "
		"- {name: a1, action: allow}\n",
		"apiVersion: governance.toolkit/v1\nname: y\nrules:\n - {name: b1, action: allow}\n"
		" - {name: b2, action: log, priority: 1, condition: has(args.hi)}\n"
		" - {name: b3, action: warn, priority: 2147483647, condition: has(args.top)}\n"
		" - {name: b4, action: allow, priority: -2147483648}\n",
	};
	struct bundle *b = load(texts, 2);

	cr_expect(same(decide(b, "x", "{}").rule, "z/a2"));
	cr_expect(same(decide(b, "x", "{\"args\":{\"hi\":1}}").rule, "y/b2"));
	cr_expect(same(decide(b, "x", "{\"args\":{\"hi\":1,\"top\":1}}").rule, "y/b3"));
}

Test(plan, documents_apply_by_agent)
{
	static const char *const rest = "rules: [{name: r, action: allow}]\n";
	static const struct {
		const char *agents, *agent;
		bool allow;
	} rows[] = {
		{ "", "x", true },
		{ "agent: x\n", "x", true },
		{ "agent: x\n", "xy", false },
		{ "agent: 'x*'\n", "xy", true },
		{ "agents: [a, x]\n", "x", true },
		{ "agents: ['*']\n", "", true },
		{ "agents: [a]\n", "", false },
		{ "agents: ['a?']\n", "ab", true },
		{ "agents: ['a?']\n", "a", false },
		{ "agents: ['a\\*']\n", "a*", true },
		{ "agents: ['a\\*']\n", "ab", false },
		{ "agents: [A]\n", "a", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];
		const char *one = text;

		(void)snprintf(text, sizeof(text), HEAD "%s%s", rows[i].agents, rest);
		cr_expect_eq(decide(load(&one, 1), rows[i].agent, "{}").allow, rows[i].allow,
			     "row %zu", i);
	}
}

Test(plan, tools_narrow_a_rule)
{
	static const char text[] = HEAD "rules:\n - {name: r, action: allow, tools: [get, "
					"'list_*'], "
					"condition: args.ok}\n";
	struct ruling r = decide_one(text, "{\"action\":{\"type\":\"list_x\"},\"args\":{\"ok\":"
					   "true}}");

	cr_expect(r.allow);
	r = decide_one(text, "{\"action\":{\"type\":\"put\"},\"args\":{\"ok\":true}}");
	cr_expect_not(r.allow);
	r = decide_one(text, "{\"action\":{\"type\":\"put\"},\"args\":{}}");
	cr_expect_eq(r.error_count, 0, "a rule for other tools has no errors here");
	r = decide_one(text, "{\"args\":{\"ok\":true}}");
	cr_expect_not(r.allow);
	cr_assert_eq(r.error_count, 1);
	cr_expect(same(r.errors[0], "rule 'p/r': action.type is missing (tools)"));
	r = decide_one(HEAD "default_action: allow\nrules: [{name: r, action: deny, tools: "
			    "[get]}]\n",
		       "{\"action\":{\"type\":5}}");
	cr_expect_not(r.allow, "a denying rule that cannot tell the tool denies");
	cr_expect(same(r.errors[0], "rule 'p/r': action.type (integer) is not a string (tools)"));
}

Test(plan, undecidable_conditions_count_against_the_agent)
{
	static const char text[] =
		HEAD "default_action: allow\nrules:\n"
		     " - {name: a, action: allow, priority: 3, condition: args.x > 1}\n"
		     " - {name: w, action: warn, priority: 2, condition: args.x > 1 or args.y}\n"
		     " - {name: l, action: log, priority: 2, condition: not args.y}\n"
		     " - {name: d, action: deny, priority: 1, condition: 'true and args.amount > "
		     "500'}\n";
	struct ruling r = decide_one(text, "{\"args\":{\"y\":3}}");

	cr_expect_not(r.allow);
	cr_expect(same(r.rule, "p/d"));
	cr_expect(same(r.reason, "rule 'd' of 'p' (a.yaml) denies because its condition could not "
				 "be decided"));
	cr_assert_eq(r.error_count, 4);
	cr_expect(same(r.errors[0], "rule 'p/a': args.x is missing (condition column 1)"));
	cr_expect(same(r.errors[1], "rule 'p/w': args.x is missing (condition column 1)"));
	cr_expect(same(r.errors[2], "rule 'p/l': args.y (integer) is not a boolean (condition "
				    "column 5)"));
	cr_expect(same(r.errors[3], "rule 'p/d': args.amount is missing (condition column 10)"));
	r = decide_one(HEAD "default_action: allow\nrules: [{name: q, action: require_approval, "
			    "condition: args.x}]\n",
		       "{}");
	cr_expect(!r.allow && r.obligations == POLICY_APPROVAL);
}

Test(plan, many_errors_are_all_reported)
{
	struct ruling r;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_c(&b, HEAD "rules:\n");
	for (int i = 0; i < 100; i++)
		buf_addf(&b, " - {name: r%d, action: allow, condition: args.x%d}\n", i, i);
	buf_add_byte(&b, '\0');
	r = decide_one(b.ptr, "{}");
	cr_assert_eq(r.error_count, 100);
	cr_assert(same(r.errors[99], "rule 'p/r99': args.x99 is missing (condition column 1)"));
	buf_fini(&b);
}

/* --- properties, under every strategy --- */

/* deny 0, require_approval 1, permission 2 */
static int strictness_of(const struct ruling *r)
{
	return r->allow ? 2 : r->obligations & POLICY_APPROVAL ? 1 : 0;
}

#define PROPERTY_ROUNDS 1200
#define ASKED 5

/* Of any document and any stage; NULL when there is none, or the bundle does not load. */
static struct bundle *make_and_load(uint64_t *seed, struct naive_bundle *naive)
{
	struct note n;

	naive_make(seed, 5, naive);
	return naive_load(naive, &memory, &n);
}

/*
 * Every strategy is an order of trial, and a rule that denies takes no other's place in it: it
 * decides where it comes first, and as a floor. So one more never turns an answer more lenient,
 * whatever its priority, document and condition are; an undecidable one denies as well.
 */
Test(plan, a_denying_rule_more_never_loosens)
{
	unsigned strategies[NAIVE_STRATEGIES] = { 0 };
	uint64_t seed = 20261121;

	for (unsigned round = 0; round < PROPERTY_ROUNDS; round++) {
		struct arena_mark mark = arena_mark(&memory);
		struct naive_bundle fewer, more;
		struct bundle *before = make_and_load(&seed, &fewer), *after;
		struct naive_document *d;
		struct note n;
		unsigned at;

		more = fewer;
		d = &more.documents[naive_pick(&seed, more.count)];
		at = naive_pick(&seed, d->rule_count + 1);
		memmove(&d->rules[at + 1], &d->rules[at],
			(d->rule_count++ - at) * sizeof(d->rules[0]));
		d->rules[at] = naive_make_rule(&seed);
		d->rules[at].limit = 0;
		d->rules[at].action = NAIVE_DO_DENY;
		after = before ? naive_load(&more, &memory, &n) : NULL;
		for (unsigned i = 0; after && i < ASKED; i++) {
			struct naive_request q;
			struct ruling was, is;

			naive_ask(&seed, &q);
			was = naive_decide_really(before, &q, &memory);
			is = naive_decide_really(after, &q, &memory);
			cr_assert_leq(strictness_of(&is), strictness_of(&was), "round %u", round);
			strategies[fewer.strategy] += strictness_of(&is) < strictness_of(&was);
		}
		arena_rewind(&memory, mark);
	}
	for (unsigned i = 0; i < NAIVE_STRATEGIES; i++)
		cr_assert_gt(strategies[i], 10, "strategy %u: tighter %u times", i, strategies[i]);
}

/*
 * Rules are equal when nothing but where they are written says which of them is tried first: they
 * have one priority, and under most_specific_wins one scope. What the order of equal rules cannot
 * change depends on the strategy:
 *
 *   deny_overrides,     equal rules of one document may stand in any order: whether the agent may
 *   allow_overrides     act, or with an approval, is the same
 *   first_match,        the same, where equal rules next to each other have one action; a denial
 *   most_specific_wins  and a permission that are equal decide by their places, as the page says
 *
 * Which of them is named, and which of warn, log and limit comes with a permission, goes by the
 * place everywhere, but where the actions are one, limit included.
 */
Test(plan, equal_rules_may_change_places)
{
	unsigned swapped[NAIVE_STRATEGIES] = { 0 };
	uint64_t seed = 77;

	for (unsigned round = 0; round < PROPERTY_ROUNDS; round++) {
		struct arena_mark mark = arena_mark(&memory);
		struct naive_bundle naive;
		struct naive_document *d;
		struct naive_rule *a, kept;
		struct bundle *before, *after;
		struct note n;
		bool overrides;

		naive_make(&seed, 6, &naive);
		overrides = naive.strategy == NAIVE_DENY || naive.strategy == NAIVE_ALLOW;
		d = &naive.documents[naive_pick(&seed, naive.count)];
		if (d->rule_count < 2)
			continue;
		a = &d->rules[naive_pick(&seed, d->rule_count - 1)];
		a[1].priority = a[0].priority;
		if (!overrides) {
			a[1].action = a[0].action;
			a[1].limit = a[0].limit;
		}
		before = naive_load(&naive, &memory, &n);
		kept = a[0];
		a[0] = a[1];
		a[1] = kept;
		after = before ? naive_load(&naive, &memory, &n) : NULL;
		for (unsigned i = 0; after && i < ASKED; i++) {
			struct naive_request q;
			struct ruling was, is;

			naive_ask(&seed, &q);
			was = naive_decide_really(before, &q, &memory);
			is = naive_decide_really(after, &q, &memory);
			cr_assert_eq(strictness_of(&is), strictness_of(&was), "round %u", round);
			if (!overrides)
				cr_assert(is.obligations == was.obligations &&
					  is.limit.count == was.limit.count, "round %u", round);
			swapped[naive.strategy]++;
		}
		arena_rewind(&memory, mark);
	}
	for (unsigned i = 0; i < NAIVE_STRATEGIES; i++)
		cr_assert_gt(swapped[i], 200, "strategy %u: %u", i, swapped[i]);
}

/* The boundary: a denial and a permission of one priority, in either order. */
Test(plan, equal_rules_that_disagree_decide_by_place_only_without_overrides)
{
	static const struct {
		const char *strategy;
		bool deny_first, allow_first;
	} rows[] = {
		{ "first_match", false, true },
		{ "most_specific_wins", false, true },
		{ "deny_overrides", false, false },
		{ "allow_overrides", true, true },
	};

	for (size_t i = 0; i < 4; i++)
		for (int allow_first = 0; allow_first < 2; allow_first++) {
			char text[256];

			(void)snprintf(text, sizeof(text), HEAD "conflict_resolution: %s\n"
				       "rules: [{name: a, action: %s}, {name: b, action: %s}]\n",
				       rows[i].strategy, allow_first ? "allow" : "deny",
				       allow_first ? "deny" : "allow");
			cr_expect_eq(decide_one(text, "{}").allow,
				     allow_first ? rows[i].allow_first : rows[i].deny_first, "%s",
				     rows[i].strategy);
		}
}

Test(plan, no_memory_is_an_error_and_never_an_answer)
{
	static const char *const text = HEAD "default_action: allow\nrules: [{name: r, action: "
					     "allow, condition: args.x}]\n";
	struct bundle *b = load(&text, 1);
	struct value v = value_null();

	for (uint64_t i = 1;; i++) {
		struct ruling r = { .allow = false };
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(i);
		e = bundle_decide(b, POLICY_PRE_TOOL, STR("x"), &v, &a, &r);
		if (!fail_alloc_was_hit()) {
			cr_assert(e == OK && r.allow && r.error_count == 1);
			arena_fini(&a);
			break;
		}
		cr_assert(e == ERR_MEMORY && !r.allow);
		arena_fini(&a);
	}
	for (size_t cap = 0; cap < 2000; cap += 16) {
		struct ruling r = { .allow = false };
		struct arena a;

		arena_init(&a, cap);
		cr_assert(bundle_decide(b, POLICY_PRE_TOOL, STR("x"), &v, &a, &r) == OK
				  ? r.allow && r.error_count == 1
				  : !r.allow);
		arena_fini(&a);
	}
}

/* Rules that search in a long text come to an end, and that is no permission. */
Test(plan, work_beyond_the_limit_is_an_error)
{
	size_t room = (size_t)1 << 20, rules = LIMIT_DECISION_WORK / room + 2;
	char *text = arena_alloc(&memory, room);
	struct member args = { .key = STR("t") }, root = { .key = STR("args") };
	struct value request = { .kind = VALUE_OBJECT, .object = { &root, 1 } };
	struct policy_file file = { .name = STR("p.yaml") };
	struct ruling r = { .allow = false };
	struct bundle *b;
	struct buf yaml;

	memset(text, 'x', room);
	args.value = (struct value){ .kind = VALUE_STRING, .string = str_slice(text, room) };
	root.value = (struct value){ .kind = VALUE_OBJECT, .object = { &args, 1 } };
	buf_init(&yaml, 1 << 20);
	buf_add_c(&yaml, HEAD "default_action: allow\nrules:\n");
	for (size_t i = 0; i < rules; i++)
		buf_addf(&yaml,
			 "  - {name: r%zu, action: deny, condition: args.t contains 'y%zu'}\n", i,
			 i);
	file.content = buf_view(&yaml);
	cr_assert_eq(bundle_load(&file, 1, &memory, &b, NULL), OK);
	cr_assert_eq(bundle_decide(b, POLICY_PRE_TOOL, STR("x"), &request, &memory, &r), ERR_LIMIT);
	cr_assert_not(r.allow);
	args.value.string.len = room / 2;
	cr_assert_eq(bundle_decide(b, POLICY_PRE_TOOL, STR("x"), &request, &memory, &r), OK);
	cr_assert(r.allow);
	buf_fini(&yaml);
}

/* --- strategies and floors, against the definition --- */

#define DOCUMENTS 4
#define RULES_EACH 5

struct fleet {
	struct plan plan;
	bool matches[DOCUMENTS][RULES_EACH];  /* true, undecidable denials included */
};

static uint32_t fleet_seed;

static uint32_t pick(uint32_t below)
{
	fleet_seed = fleet_seed * 1664525u + 1013904223u;
	return (fleet_seed >> 8) % below;
}

static const struct condition *constant(struct fleet *f, const char *text)
{
	struct code code = { .count = 0 };
	const struct condition *c;

	cr_assert_eq(expr_parse(str_view(text), POLICY_PRE_TOOL, &f->plan.slots, &code, &memory,
				NULL),
		     OK);
	cr_assert_eq(condition_seal(&code, &f->plan.slots, &memory, &c), OK);
	return c;
}

/* Rules that are true, false or undecidable whatever is asked, over documents that extend others
 * with a smaller number. */
static void make_fleet(struct fleet *f, enum strategy strategy)
{
	static const char *const texts[] = { "true", "false", "args.gone", "resource == 'r'" };
	static const bool truth[] = { true, false, false, true };
	struct document *d = arena_array(&memory, DOCUMENTS, sizeof(*d));

	*f = (struct fleet){ .plan = { .documents = d,
				       .document_count = DOCUMENTS,
				       .strategy = strategy } };
	cr_assert_eq(slot_init(&f->plan.slots, &memory), OK);
	for (uint32_t i = 0; i < DOCUMENTS; i++) {
		d[i].scope = (enum scope)pick(4);
		d[i].rules = arena_array(&memory, RULES_EACH, sizeof(*d[i].rules));
		d[i].rule_count = RULES_EACH;
		d[i].allows = pick(2);
		for (uint32_t k = 0; k < i; k++) {
			if (pick(3))
				continue;
			d[i].parents.words[0] |= UINT64_C(1) << k | d[k].parents.words[0];
		}
		for (uint32_t r = 0; r < RULES_EACH; r++) {
			struct rule *rule = &d[i].rules[r];
			uint32_t condition = pick(4), effect = pick(3);

			rule->document = i;
			rule->place = r;
			rule->priority = (int32_t)pick(3);
			rule->allows = effect == 2;
			rule->obligations = effect == 1 ? POLICY_APPROVAL : 0;
			rule->condition = constant(f, texts[condition]);
			f->matches[i][r] = truth[condition] || (condition == 2 && effect != 2);
		}
	}
	slot_seal(&f->plan.slots);
	cr_assert_eq(plan_order(&f->plan, &memory), OK);
}

static int strict(const struct rule *r)
{
	return r->allows ? 2 : r->obligations & POLICY_APPROVAL ? 1 : 0;
}

/* Does `a` go before `b`, both matching? The definitions of docs/formats/policy.md, in words. */
static bool before(const struct fleet *f, const struct rule *a, const struct rule *b)
{
	enum strategy s = f->plan.strategy;
	int scope_a = (int)f->plan.documents[a->document].scope,
	    scope_b = (int)f->plan.documents[b->document].scope;

	if (s == STRATEGY_DENY_OVERRIDES && strict(a) != strict(b))
		return strict(a) < strict(b);
	if (s == STRATEGY_ALLOW_OVERRIDES && strict(a) != strict(b))
		return strict(a) > strict(b);
	if (s == STRATEGY_MOST_SPECIFIC && scope_a != scope_b)
		return scope_a > scope_b;
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->document != b->document ? a->document < b->document : a->place < b->place;
}

/* What decides among the documents of the set; NULL: nothing. */
static const struct rule *winner(const struct fleet *f, uint64_t set)
{
	const struct rule *best = NULL;

	for (uint32_t i = 0; i < DOCUMENTS; i++)
		for (uint32_t r = 0; r < RULES_EACH && set >> i & 1; r++) {
			const struct rule *rule = &f->plan.documents[i].rules[r];

			if (f->matches[i][r] && (!best || before(f, rule, best)))
				best = rule;
		}
	return best;
}

Test(plan, strategies_and_floors_decide_as_they_are_defined)
{
	struct value request;
	unsigned floored = 0;

	cr_assert_eq(json_read(STR("{\"resource\":\"r\"}"), 1, &memory, &request, NULL), OK);
	fleet_seed = 11;
	for (unsigned round = 0; round < 4000; round++) {
		struct arena_mark mark = arena_mark(&memory);
		uint64_t direct = 1 + pick(15), all = direct, floors = 0;
		const struct rule *first, *best;
		int strictest;
		struct fleet f;
		struct ruling r;

		make_fleet(&f, (enum strategy)(pick(5)));
		for (uint32_t i = 0; i < DOCUMENTS; i++) {
			struct pattern *only = arena_alloc(&memory, sizeof(*only));

			*only = (struct pattern){ PATTERN_EXACT, STR("somebody else") };
			if (direct >> i & 1)
				floors |= f.plan.documents[i].parents.words[0];
			else
				f.plan.documents[i].agents = (struct patterns){ only, 1 };
		}
		all |= floors;
		first = best = winner(&f, all);
		strictest = best ? strict(best) : 2;
		for (uint32_t i = 0; i < DOCUMENTS; i++) {
			uint64_t own = UINT64_C(1) << i | f.plan.documents[i].parents.words[0];
			const struct rule *floor = floors >> i & 1 ? winner(&f, own) : NULL;

			if (floor && strict(floor) < strictest)
				strictest = strict(floor);
		}
		cr_assert_eq(plan_decide(&f.plan, POLICY_PRE_TOOL, STR("x"), &request, &memory,
					 &r),
			     OK);
		if (!best) {
			cr_assert_null(r.rule.ptr);
		} else {
			cr_assert_eq(r.allow, strictest == 2, "round %u", round);
			cr_assert_eq(r.obligations, strictest == 1 ? POLICY_APPROVAL : 0);
			floored += strict(first) != strictest;
		}
		arena_rewind(&memory, mark);
	}
	cr_assert_gt(floored, 100, "floors matter in %u rounds", floored);
}

/* --- documents for agents, against trying each --- */

#define CROWD 40

static const char *const agent_globs[] = { "ann", "bob", "a*", "*", "b?b", "bobby", "ann*", "" };

Test(plan, documents_hold_for_the_agents_that_they_name)
{
	static const char *const agents[] = { "ann", "bob", "bobby", "annie", "eve", "a", "" };

	fleet_seed = 5;
	for (unsigned round = 0; round < 200; round++) {
		struct arena_mark mark = arena_mark(&memory);
		struct policy_file files[CROWD];
		const char *globs[CROWD][2];
		int priorities[CROWD];
		struct note n = { .column = 0 };
		struct bundle *b;

		for (uint32_t d = 0; d < CROWD; d++) {
			char *text = arena_alloc(&memory, 512), *name = arena_alloc(&memory, 16);

			globs[d][0] = agent_globs[pick(7)];
			globs[d][1] = agent_globs[pick(7)];
			priorities[d] = (int)pick(4);
			(void)snprintf(name, 16, "d%02u.yaml", d);
			(void)snprintf(text, 512,
				       "apiVersion: governance.toolkit/v1\nname: d%u\n"
				       "agents: ['%s', '%s']\nrules: [{name: r, action: allow, "
				       "priority: %d, tools: [%s]}]\n",
				       d, globs[d][0], globs[d][1], priorities[d],
				       pick(3) ? "t" : "u");
			files[d] = (struct policy_file){ str_view(name), str_view(text) };
		}
		cr_assert_eq(bundle_load(files, CROWD, &memory, &b, &n), OK, "%s", n.text);
		for (size_t a = 0; a < 7; a++) {
			struct str agent = str_view(agents[a]);
			char wanted[16] = "";
			int best = -1;
			struct ruling r = decide(b, agents[a], "{\"action\":{\"type\":\"t\"}}");

			for (uint32_t d = 0; d < CROWD; d++)
				if ((match_glob(str_view(globs[d][0]), agent) ||
				     match_glob(str_view(globs[d][1]), agent)) &&
				    str_has(files[d].content, STR("[t]")) && priorities[d] > best) {
					best = priorities[d];
					(void)snprintf(wanted, sizeof(wanted), "d%u/r", d);
				}
			cr_assert(best < 0 ? !r.rule.ptr : str_is(r.rule, wanted),
				  "round %u, '%s': %.*s is not %s", round, agents[a],
				  STR_ARG(r.rule), wanted);
		}
		arena_rewind(&memory, mark);
	}
}
