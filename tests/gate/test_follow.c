/* follow: answers of the disk are as many and as long as an entry may hold, and have one form. */
#include <criterion/criterion.h>

#include "engine/gate/follow.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/gate_kit.h"

static struct gate_kit k;
static struct event event;
static size_t wanted, found_bytes, weighed;
static char found[LIMIT_RESOURCE_BYTES + 1];

static enum err resolve(void *self, struct str root, struct str path, struct buf *ret)
{
	(void)self;
	if (!str_is(root, "/in"))
		return ERR_ACCESS;
	buf_add(ret, str_slice(found, found_bytes));
	return path.len ? OK : ERR_NOT_FOUND;
}

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	k.gate.resolve = resolve;
	event = (struct event){ .action = STR("read"), .args_text = STR("{\"file\":\"x\"}") };
	memset(found, 'f', sizeof(found));
	wanted = 1;
	found_bytes = 3;
	weighed = 0;
}

static void teardown(void)
{
	gate_kit_fini(&k);
}

TestSuite(follow, .init = setup, .fini = teardown);

/* Three rules, of which two are about reading; the first of these has nothing to ask. */
static size_t count(const struct bundle *b)
{
	(void)b;
	return 3;
}

static bool holds(const struct bundle *b, size_t rule, struct str agent, struct str action)
{
	(void)b;
	(void)agent;
	return rule > 0 && str_is(action, "read");
}

static bool asks(const struct bundle *b, size_t rule, struct str agent, struct str action)
{
	return rule == 2 && holds(b, rule, agent, action);
}

static enum err ask(struct follow *q, size_t rule, const struct value *args)
{
	const struct str path = value_text(args, "file"), asked[] = { STR("/in"), path };
	bool leads;

	cr_assert_eq(rule, 2);
	for (size_t i = 0; i < wanted && !follow_is_full(q); i++) {
		TRY(follow_to(q, STR("/in"), path, ">", asked, &leads));
		cr_assert_eq(leads, found_bytes <= LIMIT_RESOURCE_BYTES && found[0] == 'f');
	}
	return OK;
}

static enum err weigh(struct weighing *w, size_t rule, struct finding *f)
{
	(void)w;
	weighed++;
	f->allow = rule != 1;
	return OK;
}

static const struct follow_rules rules = {
	.key = "paths", .asked = { "below", "of" }, .most = 9, .count = count,
	.holds = holds, .asks = asks, .ask = ask, .weigh = weigh,
};

/* The answers, which have the form that may be recorded; NULL: nothing was asked. */
static const struct value *answers(void)
{
	const struct value *list;

	cr_assert_eq(follow_ask(&rules, &k.gate, &event, &k.memory), OK);
	list = value_get_c(event.data, "paths");
	cr_assert(!list || follow_answers_ok(&rules, list));
	return list;
}

Test(follow, an_answer_says_what_was_asked_and_where_it_leads)
{
	const struct value *list = answers(), *one;

	cr_assert(list && list->list.count == 1);
	one = &list->list.items[0];
	cr_assert(str_is(one->object.members[0].key, "below"));
	cr_assert(str_is(one->object.members[1].key, "leads"));
	cr_assert(str_is(one->object.members[2].key, "of"));
	cr_assert(str_is(value_text(one, "below"), "/in"));
	cr_assert(str_is(value_text(one, "leads"), ">fff"));
	cr_assert(str_is(value_text(one, "of"), "x"));
}

Test(follow, what_no_entry_can_hold_is_an_error)
{
	found_bytes = sizeof(found);
	cr_assert(str_is(value_text(&answers()->list.items[0], "error"), "ERR_LIMIT"));
	found_bytes = 3;
	found[0] = '\xff';
	event.data = NULL;
	cr_assert(str_is(value_text(&answers()->list.items[0], "error"), "ERR_LIMIT"));
}

Test(follow, answers_end_where_they_are_many_or_long)
{
	wanted = 100;
	cr_assert_eq(answers()->list.count, rules.most);
	event.data = NULL;
	found_bytes = LIMIT_RESOURCE_BYTES;
	cr_assert_eq(answers()->list.count, LIMIT_PATH_ANSWER_BYTES / LIMIT_RESOURCE_BYTES);
}

Test(follow, nobody_is_asked_where_no_rule_asks)
{
	event.action = STR("write");
	cr_assert_null(answers());
	event.action = STR("read");
	event.args_text = STR_NONE;
	cr_assert_null(answers());
	event.args_text = STR("{}");
	k.gate.resolve = NULL;
	cr_assert_null(answers());
}

Test(follow, rules_are_weighed_until_one_denies)
{
	struct weighing w = { .bundle = k.gate.bundle, .event = &event, .arena = &k.memory };
	struct finding f = { .allow = false };

	cr_assert_eq(follow_weigh(&rules, &w, &f), OK);
	cr_assert(!f.allow);
	cr_assert_eq(weighed, 1);
	event.action = STR("write");
	cr_assert_eq(follow_weigh(&rules, &w, &f), OK);
	cr_assert(f.allow);
	cr_assert_eq(weighed, 1);
}

Test(follow, survives_every_failing_allocation)
{
	for (uint64_t n = 1;; n++) {
		enum err e;
		bool hit;

		event.data = NULL;
		fail_alloc_at(n);
		e = follow_ask(&rules, &k.gate, &event, &k.memory);
		hit = fail_alloc_was_hit();
		cr_assert_eq(e, hit ? ERR_MEMORY : OK);
		if (!hit)
			break;
		cr_assert_null(event.data, "nothing is said on an error");
	}
}
