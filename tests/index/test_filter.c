/* filter: one entry against what is wanted of it. */
#include "engine/index/inside.h"

#include <criterion/criterion.h>

static const struct str approvers[] = { { "ops", 3 } };
static const struct obligation obligations[] = {
	{ .type = { "require_approval", 16 }, .rule = { "big", 3 }, .approvers = approvers,
	  .approver_count = 1 },
};
static const struct str reasons[] = { { "Refused: too large", 18 } };
static const struct decision denial = {
	.effect = EFFECT_DENY, .stage = { "policy", 6 }, .rule = { "large", 5 },
	.reasons = reasons, .reason_count = 1, .obligations = obligations, .obligation_count = 1,
};

static struct entry entry(void)
{
	return (struct entry){
		.log = STR("example.com/x"), .seq = 7, .time_ns = 100, .kind = ENTRY_ACTION,
		.agent = STR("ann"), .action = STR("refund_all"), .session = STR("run-1"),
		.decision = &denial,
	};
}

static bool passes(const struct filter *f, const struct entry *e)
{
	struct sieve s;
	struct arena a;
	bool ret;

	arena_init(&a, 1 << 16);
	cr_assert_eq(sieve_init(&s, f, &a), OK);
	ret = sieve_passes(&s, e);
	arena_fini(&a);
	return ret;
}

static bool names(enum filter_name name, struct str pattern)
{
	struct filter f = filter_any();
	struct entry e = entry();

	f.names[name] = pattern;
	return passes(&f, &e);
}

static bool texts(const char *text, const struct entry *e)
{
	struct filter f = filter_any();

	f.text = str_view(text);
	return passes(&f, e);
}

Test(filter, wants_names_that_are_there)
{
	cr_assert(names(FILTER_AGENT, STR("ann")));
	cr_assert_not(names(FILTER_AGENT, STR("Ann")));
	cr_assert(names(FILTER_TOOL, STR("refund*")));
	cr_assert_not(names(FILTER_TOOL, STR("refund")));
	cr_assert(names(FILTER_RULE, STR("large")));
	cr_assert(names(FILTER_STAGE, STR("pol?cy")));
	cr_assert(names(FILTER_SESSION, STR("*")));
	cr_assert_not(names(FILTER_TRACE, STR("*")));
	cr_assert_not(names(FILTER_RESOURCE, STR("*")));
}

Test(filter, takes_both_ends_of_a_time)
{
	struct filter f = filter_any();
	struct entry e = entry();

	f.since_ns = f.until_ns = 100;
	cr_assert(passes(&f, &e));
	f.since_ns = 101;
	f.until_ns = 200;
	cr_assert_not(passes(&f, &e));
	f.since_ns = 0;
	f.until_ns = 99;
	cr_assert_not(passes(&f, &e));
}

Test(filter, asks_for_an_effect_only_of_what_was_decided)
{
	struct filter f = filter_any();
	struct entry e = entry();

	f.by_effect = true;
	cr_assert(passes(&f, &e));
	f.effect = EFFECT_ALLOW;
	cr_assert_not(passes(&f, &e));
	f.effect = EFFECT_DENY;
	e.decision = NULL;
	cr_assert_not(passes(&f, &e));
	f = filter_any();
	f.by_kind = true;
	f.kind = ENTRY_OUTCOME;
	cr_assert_not(passes(&f, &e));
	e.kind = ENTRY_OUTCOME;
	cr_assert(passes(&f, &e));
}

Test(filter, looks_for_a_text_in_names_reasons_obligations_and_data)
{
	struct value item = value_string(STR("deep inside"));
	struct value list = { .kind = VALUE_LIST, .list = { &item, 1 } };
	struct member member = { .key = STR("note"), .value = list };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct entry e = entry();

	e.data = &data;
	cr_assert(texts("REFUND", &e));
	cr_assert(texts("too large", &e));
	cr_assert(texts("ops", &e));
	cr_assert(texts("deep", &e));
	cr_assert(texts("run-1", &e));
	cr_assert_not(texts("note", &e));           /* the name of a member */
	cr_assert_not(texts("example.com", &e));    /* every entry's */
	cr_assert_not(texts("sha256", &e));
}

/* The quick look may let more pass, never less. */
Test(filter, looks_at_the_line_before_it_is_read)
{
	struct str resource = STR("a \"quoted\"\n\x01 tail\\");
	struct entry e = entry();
	struct sieve s;
	struct arena a;
	struct buf line;

	e.resource = resource;
	buf_init(&line, LIMIT_ENTRY_BYTES);
	entry_write(&line, &e);
	arena_init(&a, 1 << 20);
	for (size_t from = 0; from < resource.len; from++) {
		for (size_t len = 1; len <= resource.len - from; len++) {
			struct filter f = filter_any();

			f.text = str_slice(resource.ptr + from, len);
			cr_assert_eq(sieve_init(&s, &f, &a), OK);
			cr_assert(sieve_passes(&s, &e));
			cr_assert(sieve_may_pass(&s, buf_view(&line)), "%zu, %zu", from, len);
		}
	}
	cr_assert_not(sieve_may_pass(&s, STR("{}")));
	buf_fini(&line);
	arena_fini(&a);
}

Test(filter, knows_patterns_from_names)
{
	cr_assert(filter_is_plain(STR("ann")));
	cr_assert(filter_is_plain(STR("")));
	cr_assert_not(filter_is_plain(STR("a*")));
	cr_assert_not(filter_is_plain(STR("a?")));
	cr_assert_not(filter_is_plain(STR("a\\b")));
}

Test(filter, takes_status_and_action_from_outcomes_only)
{
	struct member member = { .key = STR("status"), .value = value_string(STR("ok")) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct entry_link link = { STR("outcome_of"), 3 };
	struct entry e = entry();
	struct str status;
	uint64_t of;

	e.data = &data;
	e.links = &link;
	e.link_count = 1;
	cr_assert_not(filter_outcome(&e, &status, &of));
	e.kind = ENTRY_OUTCOME;
	cr_assert(filter_outcome(&e, &status, &of));
	cr_assert(str_is(status, "ok"));
	cr_assert_eq(of, 3);
	link.rel = STR("undo_of");
	cr_assert_not(filter_outcome(&e, &status, &of));
}
