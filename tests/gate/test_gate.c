#include "engine/gate/inside.h"

#include <criterion/criterion.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/gate_kit.h"

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "ann", NULL);
}

static void teardown(void)
{
	gate_kit_fini(&k);
}

TestSuite(gate, .init = setup, .fini = teardown);

static enum err submit(const struct event *e, struct verdict *ret)
{
	return gate_submit(&k.gate, e, &k.memory, ret);
}

#define ACTION(...)                                                                              \
	{ .kind = ENTRY_ACTION, .agent = STR("ann"), .action = STR("pay"), __VA_ARGS__ }

static struct digest root_now(void)
{
	struct digest root;

	root = state_root(k.state);
	return root;
}

/* The event does not happen: same state, same log, a denial by "record", and the error. */
static void expect_refused(const struct event *e, enum err expected)
{
	struct digest before = root_now(), after;
	size_t lines = k.line_count;
	struct verdict v = { .effect = EFFECT_ALLOW };
	enum err got = submit(e, &v);

	cr_assert_eq(got, expected, "%s", err_name(got));
	cr_assert(v.effect == EFFECT_DENY && v.decision.effect == EFFECT_DENY);
	cr_assert(str_is(v.decision.stage, "record"));
	after = root_now();
	cr_assert(digest_eq(&before, &after));
	cr_assert_eq(k.line_count, lines);
	cr_assert_eq(k.gate.seq, lines);
}

Test(gate, counts_what_happens)
{
	struct totals_row totals;
	struct agent_row agent;
	struct session_row session;
	struct verdict v;
	uint32_t at;

	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"a\",\"session\":\"s\"}",
				   &v),
		     OK);
	cr_assert(v.effect == EFFECT_ALLOW && v.entry == 2);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"eve\",\"action\":\"a\",\"session\":\"z\"}",
				   &v),
		     OK);
	cr_assert(v.effect == EFFECT_DENY && v.entry == 3);
	cr_assert_eq(gate_kit_text(&k, "{", &v), OK);
	cr_assert(v.effect == EFFECT_DENY && v.entry == 4 && str_is(v.decision.stage, "read"));
	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":2,\"status\":\"ok\"}", &v), OK);
	cr_assert(v.effect == EFFECT_ALLOW && v.entry == 5);
	totals = gate_totals(k.state);
	cr_assert(totals.entries == 6 && totals.actions == 2 && totals.denials == 1);
	cr_assert_eq(totals.last_ns, GATE_KIT_NOW);
	cr_assert_eq(totals.latest_ns, GATE_KIT_NOW);
	cr_assert(agent_find(k.state, GATE_AGENTS, STR("ann"), &at, &agent));
	cr_assert(agent.actions == 1 && agent.denials == 0);
	cr_assert(!agent_find(k.state, GATE_AGENTS, STR("eve"), &at, &agent));
	cr_assert(session_find(k.state, GATE_SESSIONS, STR("s"), &at, &session));
	cr_assert(session.actions == 1 && session.denials == 0);
	cr_assert(!session_find(k.state, GATE_SESSIONS, STR("z"), &at, &session));
	gate_kit_replay(&k);
}

/* Limits go by the latest time: a stranger could make the windows of everybody last. */
Test(gate, who_is_denied_as_a_stranger_does_not_say_what_time_it_is)
{
	struct event e = { .kind = ENTRY_ACTION, .agent = STR("eve"), .action = STR("pay"),
			   .at_ns = GATE_KIT_NOW + 1 };
	struct verdict v;

	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	cr_assert(v.effect == EFFECT_DENY && str_is(v.decision.stage, "identify"));
	cr_expect_eq(gate_totals(k.state).latest_ns, GATE_KIT_NOW);
	e.agent = STR("ann");
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	cr_expect_eq(gate_totals(k.state).latest_ns, GATE_KIT_NOW + 1);
	gate_kit_replay(&k);
}

Test(gate, the_verdict_tells_the_entry_that_holds_it)
{
	struct verdict v;
	struct entry entry;
	struct digest root;

	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"a\"}", &v), OK);
	entry = gate_kit_last(&k);
	root = root_now();
	cr_assert_eq(entry.seq, v.entry);
	cr_assert(digest_eq(&entry.state, &v.state) && digest_eq(&entry.state, &root));
	cr_assert(digest_eq(&entry.policy, &v.policy));
	root = bundle_digest(k.bundle);
	cr_assert(digest_eq(&entry.policy, &root));
}

Test(gate, events_that_could_not_be_read_back_do_not_happen)
{
	char longest[LIMIT_NAME_BYTES + 2];
	const struct entry_link ahead = { STR("outcome_of"), 2 };
	const struct value number = value_int(1);
	struct member attrs = { .key = STR("attrs"), .value = value_int(5) };
	const struct value forged = { .kind = VALUE_OBJECT, .object = { &attrs, 1 } };
	struct event e = ACTION(.session = STR(""));

	memset(longest, 'x', sizeof(longest));
	expect_refused(&e, ERR_RANGE);
	e.session = str_slice(longest, LIMIT_NAME_BYTES + 1);
	expect_refused(&e, ERR_RANGE);
	e.session = STR("s\0");
	expect_refused(&e, ERR_RANGE);
	e = (struct event)ACTION(.trace = STR("\n"));
	expect_refused(&e, ERR_RANGE);
	e = (struct event)ACTION(.data = &number);
	expect_refused(&e, ERR_SYNTAX);
	e = (struct event)ACTION(.data = &forged);
	expect_refused(&e, ERR_SYNTAX);
	e = (struct event)ACTION(.links = &ahead, .link_count = 1);
	expect_refused(&e, ERR_RANGE);
	e = (struct event){ .kind = ENTRY_ACTION, .action = STR("pay") };
	expect_refused(&e, ERR_SYNTAX);
	e = (struct event)ACTION(.result_text = STR("1"));
	expect_refused(&e, ERR_SYNTAX);
	e = (struct event){ .kind = ENTRY_ACTION, .agent = STR("ann") };
	expect_refused(&e, ERR_SYNTAX);
	e = (struct event){ .kind = ENTRY_OUTCOME };
	expect_refused(&e, ERR_SYNTAX);
	e = (struct event){ .kind = ENTRY_AGENT, .agent = STR("bob") };
	expect_refused(&e, ERR_SYNTAX);
	e = (struct event){ .kind = ENTRY_POLICY };
	expect_refused(&e, ERR_SYNTAX);
	e = (struct event){ .kind = ENTRY_REFUSAL };
	expect_refused(&e, ERR_SYNTAX);
	gate_kit_replay(&k);
}

Test(gate, a_sink_that_refuses_makes_the_event_not_happen)
{
	const struct event e = ACTION(.session = STR("s"), .args_text = STR("1"));
	struct verdict v;

	k.entry_answer = ERR_IO;
	expect_refused(&e, ERR_IO);
	k.entry_answer = OK;
	k.body_answer = ERR_NOSPACE;
	expect_refused(&e, ERR_NOSPACE);
	k.body_answer = OK;
	cr_assert_eq(submit(&e, &v), OK);
	cr_assert_eq(v.effect, EFFECT_ALLOW);
	gate_kit_replay(&k);
}

Test(gate, what_was_read_but_cannot_be_taken_is_recorded_as_a_refusal)
{
	struct verdict v;

	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":99}", &v), OK);
	cr_assert(v.effect == EFFECT_DENY && str_is(v.decision.stage, "read"));
	cr_assert_eq(gate_kit_last(&k).kind, ENTRY_REFUSAL);
	cr_assert(k.note.text[0]);
	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":1}", &v), OK);
	cr_assert(!k.note.text[0]);
	gate_kit_replay(&k);
}

static enum err refuse_outcome(void *self, uint64_t of, struct note *n)
{
	cr_assert_eq(self, &k);
	return of == 2 ? OK : note_set(n, ERR_EXISTS, 1, 1, "not of %d", (int)of);
}

Test(gate, outcomes_in_documents_are_asked_about)
{
	struct verdict v;

	k.gate.outcome = refuse_outcome;
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"ann\",\"action\":\"a\"}", &v), OK);
	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":1}", &v), OK);
	cr_assert(v.effect == EFFECT_DENY && str_is(v.decision.stage, "read"));
	cr_assert_str_eq(k.note.text, "not of 1");
	cr_assert_eq(gate_kit_last(&k).kind, ENTRY_REFUSAL);
	cr_assert_eq(gate_kit_text(&k, "{\"outcome_of\":2}", &v), OK);
	cr_assert_eq(gate_kit_last(&k).kind, ENTRY_OUTCOME);
	gate_kit_replay(&k);
}

/* A gate that was used before has its memory already, so each fault meets a new one. */
static void start_again(const char *policy)
{
	const struct public_key pub = { { 3 } };

	gate_kit_fini(&k);
	gate_kit_init(&k, policy);
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "key", &pub);
}

static enum err submit_failing(const struct event *e, struct verdict *v, bool *hit, uint64_t n)
{
	struct arena a;
	enum err got;

	arena_init(&a, LIMIT_ACTION_MEMORY);
	fail_alloc_at(n);
	got = gate_submit(&k.gate, e, &a, v);
	*hit = fail_alloc_was_hit();
	/* What the verdict points at is in the arena; only what lies outside is looked at later. */
	v->decision.reasons = NULL;
	arena_fini(&a);
	return got;
}

/* A recorded denial with its fault, or an error that changed nothing. */
static bool expect_fault(const struct event *e, uint64_t n)
{
	struct digest before = root_now(), after;
	size_t lines = k.line_count;
	const struct value *fault;
	struct verdict v;
	enum err got;
	bool hit;

	got = submit_failing(e, &v, &hit, n);
	if (!hit) {
		cr_assert_eq(got, OK);
		return false;
	}
	cr_assert_eq(v.effect, EFFECT_DENY);
	if (got == OK) {
		fault = value_get_c(gate_kit_last(&k).data, "fault");
		cr_assert_eq(k.line_count, lines + 1);
		cr_assert(str_is(value_text(fault, "error"), "ERR_MEMORY"));
		cr_assert(str_eq(value_text(fault, "stage"), v.decision.stage));
	} else {
		cr_assert_eq(got, ERR_MEMORY);
		after = root_now();
		cr_assert(digest_eq(&before, &after));
		cr_assert_eq(k.line_count, lines);
	}
	gate_kit_replay(&k);
	return true;
}

/* Never is anything allowed but undisturbed. */
static void fail_every_allocation(const char *policy, bool is_signed)
{
	const struct signature sig = { { 1 } };
	struct member attr = { .key = STR("a"), .value = value_string(STR("b")) };
	struct member member = {
		.key = STR("attrs"),
		.value = { .kind = VALUE_OBJECT, .object = { &attr, 1 } },
	};
	const struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct event e = ACTION(.args_text = STR("{\"n\":\"\\n\"}"), .data = &data,
				.session = STR("s"));
	uint64_t n = 0;

	if (is_signed) {
		e.agent = STR("key");
		e.signature = &sig;
		e.at_ns = GATE_KIT_NOW;
	}
	do
		start_again(policy);
	while (expect_fault(&e, ++n));
	cr_assert_gt(n, 4);
}

Test(gate, no_failing_allocation_allows_or_loses_anything)
{
	fail_every_allocation(GATE_KIT_HEAD "rules:\n"
			      "  - {name: a, condition: args.missing == 1, action: allow}\n"
			      "  - {name: b, condition: args.n == action.a, action: allow}\n"
			      "  - {name: c, action: allow}\n", false);
}

Test(gate, no_failing_allocation_hides_a_bad_signature)
{
	fail_every_allocation(GATE_KIT_HEAD "rules:\n  - {name: c, action: allow}\n", true);
}

Test(gate, an_arena_that_is_full_is_a_recorded_denial_naming_the_stage)
{
	const struct event e = ACTION(.args_text = STR("[1,2,3,4,5,6,7,8]"));
	struct verdict v;
	struct arena a;

	arena_init(&a, 64);
	cr_assert_eq(gate_submit(&k.gate, &e, &a, &v), OK);
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert(str_is(v.decision.stage, "read"));
	cr_assert(str_is(v.decision.reasons[0], "the stage ran out of memory"));
	arena_fini(&a);
	gate_kit_replay(&k);
}

Test(gate, documents_survive_every_failing_allocation)
{
	static const char text[] = "{\"agent\":\"ann\",\"action\":{\"type\":\"pay\",\"x\":1},"
				   "\"args\":{\"a\":\"\\n\"}}";

	for (uint64_t n = 1;; n++) {
		struct verdict v = { .effect = EFFECT_ALLOW };
		struct arena a;
		struct buf bodies;
		size_t lines;
		enum err got;
		bool hit;

		start_again(GATE_KIT_HEAD "default_action: allow\n");
		lines = k.line_count;
		arena_init(&a, LIMIT_ACTION_MEMORY);
		buf_init(&bodies, LIMIT_BODY_BYTES);
		fail_alloc_at(n);
		got = gate_submit_text(&k.gate, str_view(text), GATE_KIT_NOW, &a, &bodies, &v,
				       NULL);
		hit = fail_alloc_was_hit();
		buf_fini(&bodies);
		arena_fini(&a);
		cr_assert_eq(v.effect == EFFECT_ALLOW, !hit, "at %d", (int)n);
		cr_assert_eq(k.line_count, lines + (got == OK));
		if (!hit)
			break;
		cr_assert(got == OK || got == ERR_MEMORY);
		gate_kit_replay(&k);
	}
}

Test(gate, same_inputs_give_the_same_bytes)
{
	static const char text[] = "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"a\":[1.0]}}";
	struct gate_kit other;
	struct verdict v;

	gate_kit_init(&other, GATE_KIT_HEAD "default_action: allow\n");
	state_seed(other.state, 12345);
	gate_kit_agent(&other, "ann", NULL);
	cr_assert_eq(gate_kit_text(&k, text, &v), OK);
	cr_assert_eq(gate_kit_text(&other, text, &v), OK);
	cr_assert_eq(k.line_count, other.line_count);
	for (size_t i = 0; i < k.line_count; i++)
		cr_assert(str_eq(k.lines[i], other.lines[i]));
	gate_kit_fini(&other);
}
