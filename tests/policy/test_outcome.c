/* outcome: which of two rulings is looser, and what they say. */
#include <criterion/criterion.h>

#include "tests/kit/policy_kit.h"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(outcome, .init = start, .fini = stop);

static struct ruling ruling_of(const char *rule)
{
	struct buf text;
	struct ruling r;

	buf_init(&text, 4096);
	buf_addf(&text, POLICY_KIT_HEAD "rules: [{name: r, %s}]\n", rule);
	buf_add_byte(&text, '\0');
	r = policy_kit_decide(&kit, policy_kit_load(&kit, text.ptr, NULL),
			      "{\"agent\":\"a\",\"action\":\"t\",\"args\":{\"k\":1}}");
	buf_fini(&text);
	return r;
}

Test(outcome, the_looser_of_two)
{
	static const struct {
		const char *was, *now;
		enum outcome_change change, back;
	} rows[] = {
		{ "action: deny", "action: allow", CHANGE_LOOSER, CHANGE_TIGHTER },
		{ "action: deny", "action: 'log'", CHANGE_LOOSER, CHANGE_TIGHTER },
		{ "action: deny", "action: require_approval", CHANGE_LOOSER, CHANGE_TIGHTER },
		{ "action: require_approval", "action: allow", CHANGE_LOOSER, CHANGE_TIGHTER },
		{ "action: require_approval, approvers: [a]", "action: require_approval",
		  CHANGE_LOOSER, CHANGE_TIGHTER },
		{ "action: require_approval, approvers: [a]",
		  "action: require_approval, approvers: [b, a]", CHANGE_LOOSER, CHANGE_TIGHTER },
		{ "action: require_approval, approvers: [a, c]",
		  "action: require_approval, approvers: [b, a]", CHANGE_OTHER, CHANGE_OTHER },
		{ "action: require_approval, approvers: [b, a]",
		  "action: require_approval, approvers: [a, b]", CHANGE_NONE, CHANGE_NONE },
		{ "action: allow, limit: 0/day", "action: allow, limit: 1/day", CHANGE_LOOSER,
		  CHANGE_TIGHTER },
		{ "action: allow, limit: 0/day", "action: allow, limit: 0/hour", CHANGE_NONE,
		  CHANGE_NONE },
		{ "action: allow, limit: 9/day", "action: allow, limit: 1/hour", CHANGE_OTHER,
		  CHANGE_OTHER },
		{ "action: allow, limit: 1/day", "action: allow, limit: 2/hour", CHANGE_LOOSER,
		  CHANGE_TIGHTER },
		{ "action: warn", "action: allow, limit: 2/hour", CHANGE_LOOSER, CHANGE_LOOSER },
		{ "action: transform, transform: [{path: args.k, set: 2}]", "action: allow",
		  CHANGE_LOOSER, CHANGE_TIGHTER },
		{ "action: transform, transform: [{path: args.k, set: 2}]",
		  "action: transform, transform: [{path: args.k, set: 3}]", CHANGE_OTHER,
		  CHANGE_OTHER },
		{ "action: deny", "action: deny, priority: 3", CHANGE_NONE, CHANGE_NONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ruling was = ruling_of(rows[i].was), now = ruling_of(rows[i].now);

		cr_expect_eq(outcome_compare(&was, &now), rows[i].change, "%s to %s", rows[i].was,
			     rows[i].now);
		cr_expect_eq(outcome_compare(&now, &was), rows[i].back, "%s to %s", rows[i].now,
			     rows[i].was);
	}
}

static const char *text_of(const struct ruling *r)
{
	static char text[1024];
	struct buf b;

	buf_init(&b, sizeof(text));
	outcome_write(&b, r);
	buf_add_byte(&b, '\0');
	cr_assert_eq(b.err, OK);
	memcpy(text, b.ptr, b.len);
	buf_fini(&b);
	return text;
}

Test(outcome, says_all_that_comes_with_it)
{
	struct ruling r = ruling_of("action: allow, limit: 5/hour");

	cr_expect_str_eq(text_of(&r), "allow, limit 5/hour");
	r = ruling_of("action: require_approval, approvers: [ann, bob]");
	cr_expect_str_eq(text_of(&r), "require_approval of ann, bob");
	r = ruling_of("action: transform, transform: [{path: args.k, set: 2}]");
	cr_expect_str_eq(text_of(&r), "allow, transform [{\"path\":\"args.k\",\"set\":2}]");
	r = ruling_of("action: deny");
	cr_expect_str_eq(text_of(&r), "deny");
}

Test(outcome, of_a_rule_by_its_name)
{
	struct bundle *b = policy_kit_load(&kit,
					   POLICY_KIT_HEAD
					   "rules: [{name: r, action: warn, limit: 1/day}]\n",
					   NULL);
	struct ruling r = outcome_of(b, STR("p/r"), true);

	cr_expect_str_eq(text_of(&r), "allow, limit 1/day, warn");
	/* Its limit ran out: that denial is none of the rule's. */
	r = outcome_of(b, STR("p/r"), false);
	cr_expect_str_eq(text_of(&r), "deny");
	r = outcome_of(b, STR("p/none"), true);
	cr_expect_str_eq(text_of(&r), "allow");
}
