/* newcomer: agents are registered properly, and somebody answers for them. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/gate/inside.h"
#include "tests/kit/gate_kit.h"

#define ALLOW GATE_KIT_HEAD "default_action: allow\n"
#define EVE   ",\"sponsor\":\"eve@example.org\""

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, ALLOW);
	gate_kit_agent(&k, "ann", NULL);
}

/* Whatever a test did, its log replays. */
static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(newcomer, .init = setup, .fini = teardown);

/* Of that origin, with further members of the data. */
static enum err enter(const char *name, const char *origin, const char *more)
{
	struct event e = { .kind = ENTRY_AGENT, .at_ns = GATE_KIT_NOW, .agent = str_view(name) };
	struct value data;
	struct verdict v;
	char text[512];

	(void)snprintf(text, sizeof(text), "{\"origin\":\"%s\"%s}", origin, more);
	cr_assert_eq(json_read(str_view(text), 1, &k.memory, &data, NULL), OK);
	e.data = &data;
	return gate_submit(&k.gate, &e, &k.memory, &v);
}

/* Nothing is recorded, and the state is as before. */
static void expect_refused(const char *name, const char *origin, const char *more,
			   enum err expected)
{
	struct digest before, after;
	size_t lines = k.line_count;
	enum err got;

	before = state_root(k.state);
	got = enter(name, origin, more);
	cr_assert_eq(got, expected, "%s: %s", more, err_name(got));
	after = state_root(k.state);
	cr_assert(digest_eq(&before, &after));
	cr_assert_eq(k.line_count, lines);
}

static struct agent_row row_of(const char *name)
{
	struct agent_row row;
	uint32_t at;

	cr_assert(agent_find(k.state, GATE_AGENTS, str_view(name), &at, &row), "%s", name);
	return row;
}

/* What an action of that agent, so many seconds later, is denied for; NULL: it is allowed. */
static const char *denied_for(const char *agent, int later)
{
	const struct event e = { .kind = ENTRY_ACTION, .agent = str_view(agent),
				 .action = STR("pay"),
				 .at_ns = GATE_KIT_NOW + later * INT64_C(1000000000) };
	struct verdict v;

	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK);
	if (v.effect == EFFECT_ALLOW)
		return NULL;
	cr_assert(str_is(v.decision.stage, "standing"), "%.*s", STR_ARG(v.decision.stage));
	return v.decision.reasons[0].ptr;
}

Test(newcomer, is_registered_once_and_properly)
{
	expect_refused("ann", "created", EVE, ERR_EXISTS);
	expect_refused("bob", "stolen", EVE, ERR_SYNTAX);
	expect_refused("bob", "created", EVE ",\"did\":\"did:key:z6\"", ERR_SYNTAX);
	expect_refused("bob", "created", EVE ",\"did\":7", ERR_SYNTAX);
	expect_refused("bob", "created", ",\"sponsor\":\"eve\"", ERR_SYNTAX);
	expect_refused("bob", "created", ",\"sponsor\":7", ERR_SYNTAX);
	expect_refused("bob", "imported", ",\"sponsor\":\"eve\"", ERR_SYNTAX);
	expect_refused("bob", "created", EVE ",\"expires\":\"soon\"", ERR_SYNTAX);
	expect_refused("bob", "created", EVE ",\"expires\":\"2026-01-02T03:04:05Z\"", ERR_RANGE);
	expect_refused("bob", "created", EVE ",\"expires\":\"1970-01-01T00:00:00Z\"", ERR_RANGE);
}

Test(newcomer, brings_its_sponsor_and_its_end)
{
	struct agent_row row;

	cr_assert_eq(enter("amy", "created", EVE), OK);
	row = row_of("amy");
	cr_assert(row.has_sponsor && row.expires_ns == 0 && row.registered_entry == 2);
	cr_assert_eq(enter("bob", "imported", ",\"expires\":\"2026-01-02T03:04:06Z\""), OK);
	row = row_of("bob");
	cr_assert(!row.has_sponsor && row.registered_entry == 3);
	cr_assert_eq(row.expires_ns, GATE_KIT_NOW + INT64_C(1000000000));
}

Test(newcomer, may_act_until_its_end_and_not_after)
{
	const char *reason;

	cr_assert_eq(enter("amy", "created", EVE ",\"expires\":\"2026-01-02T03:04:07Z\""), OK);
	cr_assert_null(denied_for("amy", 1));
	cr_assert_null(denied_for("amy", 2));
	reason = denied_for("amy", 3);
	cr_assert_str_eq(reason, "agent 'amy' has expired at 2026-01-02T03:04:07.000000000Z");
	/* Now that a later time is recorded, to date the action back does not help. */
	cr_assert_not_null(denied_for("amy", 1));
}

/* What the policy says of sponsors, and who without one is registered, and who may act then. */
Test(newcomer, needs_a_sponsor_as_the_policy_says)
{
	static const char no_sponsor[] = "agent '%s' has no sponsor, and the policy wants one";
	static const struct {
		const char *policy, *says;    /* of the one who is created; NULL: it is */
		bool imported_acts, stranger_acts;
	} rows[] = {
		{ ALLOW,
		  "agent 'bob' has no sponsor; expected --sponsor MAIL, a person who answers for "
		  "it, or 'require_sponsor: false' in the policy",
		  true, true },
		{ ALLOW "require_sponsor: false\n", NULL, true, true },
		{ ALLOW "require_sponsor: true\n",
		  "agent 'bob' has no sponsor; expected --sponsor MAIL, a person who answers for "
		  "it: the policy says 'require_sponsor: true'",
		  false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char policy[256], said[128];

		gate_kit_replay(&k);
		gate_kit_fini(&k);
		(void)snprintf(policy, sizeof(policy), "%sunknown_agents: evaluate\n",
			       rows[i].policy);
		gate_kit_init(&k, policy);
		if (rows[i].says) {
			expect_refused("bob", "created", "", ERR_NOT_FOUND);
			cr_expect_str_eq(k.gate.why.text, rows[i].says);
		} else {
			cr_assert_eq(enter("bob", "created", ""), OK);
			cr_expect_null(denied_for("bob", 0));
		}
		cr_assert_eq(enter("amy", "created", EVE), OK);
		cr_expect_null(denied_for("amy", 0));
		cr_assert_eq(enter("ida", "imported", ""), OK);
		(void)snprintf(said, sizeof(said), no_sponsor, "ida");
		if (rows[i].imported_acts)
			cr_expect_null(denied_for("ida", 0));
		else
			cr_expect_str_eq(denied_for("ida", 0), said);
		cr_expect_eq(denied_for("nobody", 0) == NULL, rows[i].stranger_acts);
	}
}

Test(newcomer, needs_a_sponsor_before_any_policy)
{
	gate_kit_fini(&k);
	gate_kit_init(&k, NULL);
	expect_refused("bob", "created", "", ERR_NOT_FOUND);
	cr_assert_eq(enter("bob", "created", EVE), OK);
	cr_assert_eq(enter("ida", "imported", ""), OK);
}

/* A policy that comes later is for those who are here already as well. */
Test(newcomer, who_came_without_a_sponsor_acts_as_long_as_the_policy_wants_none)
{
	gate_kit_policy(&k, ALLOW "require_sponsor: false\n");
	cr_assert_eq(enter("bob", "created", ""), OK);
	cr_assert_null(denied_for("bob", 0));
	gate_kit_policy(&k, ALLOW);
	cr_assert_str_eq(denied_for("bob", 0),
			 "agent 'bob' has no sponsor, and the policy wants one");
	cr_assert_null(denied_for("ann", 0));
}

/*
 * What if nobody had been created without a sponsor? The agent does nothing, and is no stranger
 * either, to whom this policy is open; what operators did to it stays done.
 */
Test(newcomer, that_would_have_been_refused_is_denied_in_a_what_if)
{
	struct rerun_step done = { .now = { .effect = EFFECT_ALLOW } };
	struct rerun *r;
	struct state *s;
	uint32_t at;
	struct agent_row row;

	gate_kit_policy(&k, ALLOW "require_sponsor: false\n");
	cr_assert_eq(enter("bob", "created", ""), OK);
	cr_assert_null(denied_for("bob", 0));
	gate_kit_policy(&k, ALLOW "unknown_agents: evaluate\n");
	cr_assert_eq(gate_state_open(&s), OK);
	cr_assert_eq(rerun_open(s, STR(GATE_KIT_ORIGIN), 0, gate_kit_bodies(&k), k.bundle, &r,
				&k.note), OK);
	for (size_t i = 0; i < k.line_count; i++) {
		cr_assert_eq(rerun_line(r, k.lines[i], &done, &k.note), OK, "%s", k.note.text);
		if (done.recorded.kind == ENTRY_ACTION) {
			cr_expect_eq(done.now.effect, EFFECT_DENY);
			cr_expect_str_eq(done.now.decision.reasons[0].ptr,
					 "agent 'bob' has no sponsor, and the policy wants one");
		}
	}
	cr_assert(agent_find(s, GATE_AGENTS, STR("bob"), &at, &row));
	cr_expect(row.registered_entry == 3 && row.actions == 1 && row.denials == 1);
	rerun_close(r);
	state_close(s);
}

/* A log that says it happened was not written by a gate. */
Test(newcomer, that_no_gate_can_have_let_in_stops_a_replay)
{
	struct rerun_step done;
	struct rerun *r;
	struct state *s;
	struct str line;
	struct buf b;
	size_t at;

	cr_assert_eq(gate_state_open(&s), OK);
	cr_assert_eq(rerun_open(s, STR(GATE_KIT_ORIGIN), 0, gate_kit_bodies(&k), NULL, &r,
				&k.note), OK);
	cr_assert_eq(rerun_line(r, k.lines[0], &done, &k.note), OK);
	line = k.lines[1];
	at = (size_t)(strstr(line.ptr, EVE) - line.ptr);
	buf_init(&b, 4096);
	buf_add(&b, str_slice(line.ptr, at));
	buf_add(&b, str_slice(line.ptr + at + strlen(EVE), line.len - at - strlen(EVE)));
	cr_assert_eq(rerun_line(r, buf_view(&b), &done, &k.note), ERR_TAMPERED);
	cr_expect(str_has(str_view(k.note.text), STR("entry 1: no gate can have accepted this "
						     "event: agent 'ann' has no sponsor")),
		  "%s", k.note.text);
	buf_fini(&b);
	rerun_close(r);
	state_close(s);
}
