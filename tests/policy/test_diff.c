/*
 * diff: every flip it shows is one, what it calls the same is the same for random requests, and
 * another denying rule never makes a bundle looser.
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

static bool allows(const struct bundle *b, const struct question *q)
{
	struct ruling r;

	cr_assert_eq(question_decide(b, q, &kit.memory, &r), OK);
	return r.allow;
}

static void on_flip(void *self, const struct diff_flip *f)
{
	const struct pair *p = self;
	size_t len = strlen(said);

	cr_expect_eq(allows(p->old, f->witness), !f->looser);
	cr_expect_eq(allows(p->now, f->witness), f->looser);
	if (len < sizeof(said) / 2)
		(void)snprintf(said + len, sizeof(said) - len, "%s %.*s -> %.*s\n",
			       f->looser ? "looser" : "tighter", STR_ARG(f->was), STR_ARG(f->now));
}

static struct diff_report diff(const struct bundle *old, const struct bundle *now)
{
	struct pair p = { old, now };
	struct diff_report r;
	struct arena scratch;

	arena_init(&scratch, (size_t)256 << 20);
	cr_assert_eq(diff_bundles(old, now, &kit.memory, &scratch, on_flip, &p, &r), OK);
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

/* What rules ask for besides is not compared, and where it differs nobody is told it were. */
Test(diff, what_is_not_compared_is_said)
{
	static const struct {
		const char *old, *now;
		bool besides;
	} rows[] = {
		{ "rules: [{name: r, action: allow, limit: 1/day}]\n",
		  "rules: [{name: r, action: allow}]\n", true },
		{ "rules: [{name: r, action: deny}]\n",
		  "rules: [{name: r, action: require_approval}]\n", true },
		{ "rules: [{name: r, action: require_approval, approvers: [a]}]\n",
		  "rules: [{name: r, action: require_approval, approvers: [b]}]\n", true },
		{ "rules: [{name: r, action: warn}]\n",
		  "description: other\nrules: [{name: r, action: warn}]\n", false },
		{ "require_signature: true\n", "rules: []\n", true },
		{ "trust: {}\n", "rules: []\n", true },
		{ "rules: [{name: r, action: allow}]\n", "rules: [{name: q, action: allow}]\n",
		  false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(diff(load(rows[i].old), load(rows[i].now)).besides, rows[i].besides,
			     "%s", rows[i].old);
		cr_expect_eq(diff(load(rows[i].now), load(rows[i].old)).besides, rows[i].besides);
	}
}

Test(diff, a_default_that_allows_is_like_a_rule_that_does)
{
	struct bundle *old = load("default_action: allow\n"),
		      *now = load("rules: [{name: all, action: allow}]\n");
	struct diff_report r = diff(old, now);

	/* The rule is about tools; at the three other stages there is only the default. */
	cr_expect(r.looser == 0 && r.tighter == POLICY_STAGES - 1 && r.unknown == 0);
	r = diff(old, load("rules: [{name: most, action: allow, condition: has(args)}]\n"));
	cr_expect(r.looser == 0 && r.tighter == POLICY_STAGES && r.unknown == 0);
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
	size_t len = strlen(text);

	(void)snprintf(text + len, room - len,
		       "- {name: r%d, action: %s, priority: %u, condition: \"%s\"}\n", number,
		       action ? action : pick(2) ? "allow" : "deny", pick(3),
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

Test(diff, agrees_with_random_requests, .timeout = 60)
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
		same += r.looser + r.tighter == 0;
		for (int i = 0; i < REQUESTS && r.unknown == 0; i++) {
			struct question q = random_question();
			bool was = allows(old, &q), is = allows(now, &q);

			cr_expect(was || !is || r.looser > 0, "%s\n%s", texts[0], texts[1]);
			cr_expect(!was || is || r.tighter > 0, "%s\n%s", texts[0], texts[1]);
		}
		arena_rewind(&kit.memory, mark);
	}
	cr_expect_gt(same, ROUNDS / 4);
}

Test(diff, another_denying_rule_never_loosens, .timeout = 60)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		char before[1024] = "rules:\n", after[1024];
		struct diff_report r;

		add_rule(before, sizeof(before), 0, NULL);
		add_rule(before, sizeof(before), 1, NULL);
		memcpy(after, before, sizeof(after));
		add_rule(after, sizeof(after), 2, pick(2) ? "deny" : "require_approval");
		r = diff(load(before), load(after));
		cr_expect(r.looser == 0 && r.unknown == 0, "%s", after);
		arena_rewind(&kit.memory, mark);
	}
}
