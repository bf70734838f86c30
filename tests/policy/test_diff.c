/*
 * diff: every flip is one and of the kind it is said to be, what is called the same comes to the
 * same for random requests, and another denying rule never makes a bundle looser.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/policy_kit.h"

#define ROUNDS 60
#define REQUESTS 200

static struct policy_kit kit;
static uint64_t seed;
static char said[4096];

static void start(void)
{
	policy_kit_init(&kit);
	seed = 97;
	said[0] = '\0';
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(diff, .init = start, .fini = stop);

struct pair {
	const struct bundle *old, *now;
};

static unsigned pick(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(seed >> 33) % below;
}

static struct ruling decide(const struct bundle *b, const struct question *q)
{
	struct ruling r;

	cr_assert_eq(question_decide(b, q, &kit.memory, &r), OK);
	return r;
}

static void on_flip(void *self, const struct diff_flip *f)
{
	const struct pair *p = self;
	size_t len = strlen(said);
	struct ruling was = decide(p->old, f->witness), now = decide(p->now, f->witness);

	cr_expect_eq(outcome_compare(&was, &now), f->change);
	cr_expect_eq(outcome_compare(f->was, f->now), f->change);
	if (len < sizeof(said) / 2)
		(void)snprintf(said + len, sizeof(said) - len, "%s %.*s -> %.*s\n",
			       change_name(f->change), STR_ARG(f->was->rule),
			       STR_ARG(f->now->rule));
}

static void on_term(void *self, const struct diff_term *t)
{
	size_t len = strlen(said);

	(void)self;
	(void)snprintf(said + len, sizeof(said) - len, "%s %.*s\n", change_name(t->change),
		       STR_ARG(t->what));
}

static struct diff_report diff(const struct bundle *old, const struct bundle *now)
{
	struct pair p = { old, now };
	const struct diff_hearing hearing = { on_flip, on_term, &p };
	struct diff_report r;
	struct arena scratch;

	arena_init(&scratch, (size_t)256 << 20);
	cr_assert_eq(diff_bundles(old, now, &scratch, &hearing, &r), OK);
	arena_fini(&scratch);
	return r;
}

static struct bundle *load(const char *rules)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), POLICY_KIT_HEAD "%s", rules);
	return policy_kit_load(&kit, text, NULL);
}

Test(diff, shows_what_flips_and_between_which_rules)
{
	struct bundle *old = load("rules:\n- {name: pay, action: allow, tools: [pay], condition: "
				  "args.n <= 5}\n"),
		      *now = load("rules:\n- {name: pay, action: allow, tools: [pay], condition: "
				  "args.n <= 6}\n- {name: all, action: deny}\n");

	(void)diff(old, now);
	cr_expect_str_eq(said, "looser  -> p/pay\n");
	said[0] = '\0';
	(void)diff(now, old);
	cr_expect_str_eq(said, "tighter p/pay -> \n");
}

Test(diff, the_same_meaning_in_other_words_does_not_flip)
{
	struct bundle *old = load("rules:\n- {name: a, action: deny, condition: not (args.n < 5)}\n"
				  "- {name: b, action: allow}\n"),
		      *now = load("rules:\n- {name: c, action: allow, condition: args.n < 5}\n");
	struct diff_report r = diff(old, now);

	cr_expect_str_eq(said, "");
	cr_expect_eq(r.unknown, 0);
}

Test(diff, what_a_permit_is_tied_to_is_compared)
{
	static const struct {
		const char *old, *now, *there, *back;
	} rows[] = {
		{ "rules: [{name: r, action: allow, limit: 1/day}]\n",
		  "rules: [{name: r, action: allow}]\n", "looser p/r -> p/r\n",
		  "tighter p/r -> p/r\n" },
		{ "rules: [{name: r, action: allow, limit: 5/day}]\n",
		  "rules: [{name: r, action: allow, limit: 5/hour}]\n", "looser p/r -> p/r\n",
		  "tighter p/r -> p/r\n" },
		{ "rules: [{name: r, action: deny}]\n",
		  "rules: [{name: r, action: require_approval}]\n", "looser p/r -> p/r\n",
		  "tighter p/r -> p/r\n" },
		{ "rules: [{name: r, action: require_approval, approvers: [a]}]\n",
		  "rules: [{name: r, action: require_approval, approvers: [b]}]\n",
		  "changed p/r -> p/r\n", "changed p/r -> p/r\n" },
		{ "rules: [{name: r, action: warn}]\n",
		  "description: other\nrules: [{name: r, action: warn}]\n", "", "" },
		{ "rules: [{name: r, action: warn}]\n", "rules: [{name: r, action: allow}]\n",
		  "looser p/r -> p/r\n", "tighter p/r -> p/r\n" },
		{ "require_signature: true\nrules: []\n", "rules: []\n",
		  "looser require_signature\n", "tighter require_signature\n" },
		{ "trust: {}\n", "rules: []\n", "changed trust\n", "changed trust\n" },
		{ "rules: [{name: r, action: allow}]\n", "rules: [{name: q, action: allow}]\n",
		  "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		said[0] = '\0';
		(void)diff(load(rows[i].old), load(rows[i].now));
		cr_expect_str_eq(said, rows[i].there);
		said[0] = '\0';
		(void)diff(load(rows[i].now), load(rows[i].old));
		cr_expect_str_eq(said, rows[i].back);
	}
}

/* Of a default that goes both ways the looser flip is not hidden behind the tighter one. */
Test(diff, both_ways_of_a_default_are_shown)
{
	struct bundle *old = policy_kit_load(
			      &kit, POLICY_KIT_HEAD "agents: [ann]\ndefault_action: allow\n",
			      POLICY_KIT_OTHER "agents: [eve]\ndefault_action: deny\n"),
		      *now = policy_kit_load(
			      &kit, POLICY_KIT_HEAD "agents: [ann]\ndefault_action: deny\n",
			      POLICY_KIT_OTHER "agents: [eve]\ndefault_action: allow\n");
	struct diff_report r = diff(old, now);

	cr_expect(r.flips[CHANGE_LOOSER] + r.unknown > 0, "%s", said);
}

Test(diff, a_default_that_allows_is_like_a_rule_that_does)
{
	struct bundle *old = load("default_action: allow\n"),
		      *now = load("rules: [{name: all, action: allow}]\n");
	struct diff_report r = diff(old, now);

	/* The rule is about tools; at the three other stages there is only the default. */
	cr_expect_eq(r.flips[CHANGE_LOOSER], 0);
	cr_expect(r.flips[CHANGE_TIGHTER] == POLICY_STAGES - 1 && r.unknown == 0);
	r = diff(old, load("rules: [{name: most, action: allow, condition: has(args)}]\n"));
	cr_expect_eq(r.flips[CHANGE_LOOSER], 0);
	cr_expect(r.flips[CHANGE_TIGHTER] == POLICY_STAGES && r.unknown == 0);
}

Test(diff, agents_that_are_let_in_are_seen)
{
	struct bundle *old = load("rules: [{name: r, action: allow, tools: [t]}]\n"),
		      *now = load(
			      "unknown_agents: evaluate\nrules: [{name: r, action: allow, tools: "
			      "[t]}]\n");

	(void)diff(old, now);
	cr_expect_str_eq(said, "looser  -> p/r\n");
}

static void add_rule(char *text, size_t room, int number, const char *action)
{
	static const char *const conditions[] = {
		"args.n < 3",	"args.n >= 3",	  "not has(args.n)", "args.n == 3",
		"args.s == 'x'", "args.s != 'x'", "has(args.s) or args.n > 1",
		"args.s startsWith 'x'", "agent.actions > 1",
	};
	static const char *const actions[] = {
		"allow", "deny", "allow", "deny", "log", "warn", "require_approval",
		"allow, limit: 3/hour",
	};
	size_t len = strlen(text);

	(void)snprintf(text + len, room - len,
		       "- {name: r%d, action: %s, priority: %u, condition: \"%s\"}\n", number,
		       action ? action : actions[pick(8)], pick(3),
		       conditions[pick(sizeof(conditions) / sizeof(conditions[0]))]);
}

static struct question random_question(void)
{
	static const char *const numbers[] = { "", "\"n\":1", "\"n\":3", "\"n\":4", "\"n\":\"x\"" };
	static const char *const texts[] = { "", "\"s\":\"x\"", "\"s\":\"xy\"", "\"s\":\"a\"",
					     "\"s\":1" };
	const char *n = numbers[pick(5)], *s = texts[pick(5)];
	char text[256];

	(void)snprintf(
		text, sizeof(text),
		"{\"agent\":{\"id\":\"a\",\"actions\":%u},\"action\":\"t\",\"args\":{%s%s%s}}",
		pick(4), n, *n && *s ? "," : "", s);
	return policy_kit_ask(&kit, text);
}

Test(diff, agrees_with_random_requests)
{
	unsigned same = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		char texts[2][1024] = { "rules:\n", "rules:\n" };
		struct bundle *old, *now;
		struct diff_report r;

		for (int i = 0; i < 2; i++) {
			add_rule(texts[0], sizeof(texts[0]), i, NULL);
			add_rule(texts[1], sizeof(texts[1]), i, NULL);
		}
		if (round % 3 == 0)
			memcpy(texts[1], texts[0], sizeof(texts[0]));
		old = load(texts[0]);
		now = load(texts[1]);
		r = diff(old, now);
		same += r.flips[CHANGE_LOOSER] + r.flips[CHANGE_OTHER] + r.flips[CHANGE_TIGHTER] ==
			0;
		for (int i = 0; i < REQUESTS && r.unknown == 0; i++) {
			struct question q = random_question();
			struct ruling was = decide(old, &q), is = decide(now, &q);
			enum outcome_change change = outcome_compare(&was, &is);

			cr_expect(change == CHANGE_NONE || r.flips[change] > 0, "%s\n%s\n%s",
				  change_name(change), texts[0], texts[1]);
		}
		arena_rewind(&kit.memory, mark);
	}
	cr_expect_gt(same, ROUNDS / 4);
}

Test(diff, another_denying_rule_never_loosens)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		char before[1024] = "rules:\n", after[1024];
		struct diff_report r;

		add_rule(before, sizeof(before), 0, NULL);
		add_rule(before, sizeof(before), 1, NULL);
		memcpy(after, before, sizeof(after));
		add_rule(after, sizeof(after), 2, "deny");
		r = diff(load(before), load(after));
		cr_expect(r.flips[CHANGE_LOOSER] == 0 && r.unknown == 0, "%s", after);
		arena_rewind(&kit.memory, mark);
	}
}
