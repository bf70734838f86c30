/*
 * control_delegation: a link in order is recorded; every way in which one can be out of order is
 * refused with a code of its own, and nothing is recorded.
 */
#include <criterion/criterion.h>

#include <stdio.h>

#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/link_kit.h"

#define HOUR_NS (INT64_C(3600) * 1000000000)

static struct gate_kit k;

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	link_kit_agents(&k, "abcdef");
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(control_delegation, .init = setup, .fini = teardown);

static void expect_refused(enum err e, const char *code)
{
	cr_expect_neq(e, OK, "%s", code);
	cr_expect(str_starts(str_view(k.gate.why.text), str_view(code)), "%s: %s", code,
		  k.gate.why.text);
}

/* Signed as it is now by its delegator, and refused. */
static void expect_code(struct delegation d, const char *code)
{
	size_t lines = k.line_count;
	struct digest before, after;

	before = state_root(k.state);
	link_kit_sign(&d, d.delegator.ptr[0]);
	expect_refused(link_kit_submit(&k, &d), code);
	after = state_root(k.state);
	cr_expect(digest_eq(&before, &after), "%s", code);
	cr_expect_eq(k.line_count, lines);
}

Test(control_delegation, a_chain_in_order_is_recorded)
{
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db,-db:secrets", NULL);
	struct delegation bc = link_kit_give(&k, 'b', 'c', "db:orders,db:clients", &ab);
	struct delegation cd = link_kit_give(&k, 'c', 'd', "db:orders", &bc);
	struct entry entry = gate_kit_last(&k);
	struct delegation_row row;
	uint32_t at;

	cr_assert(delegation_slot(k.state, GATE_DELEGATIONS, STR("d"), 0, &at, &row));
	cr_expect(str_is(delegation_delegator(&row), "c"));
	cr_expect(str_is(delegation_may(&row), "db:orders"));
	cr_expect_eq(row.entry, entry.seq);
	cr_expect_eq(row.depth, cd.depth);
	cr_expect(str_is(value_text(entry.data, "delegator"), "c"));
}

Test(control_delegation, what_a_link_says_must_hold)
{
	struct delegation ok = link_kit_link('a', 'b', "db", NULL), d;
	struct delegation ab = link_kit_give(&k, 'a', 'e', "db,-db:secrets", NULL);

	d = ok;
	d.log = STR("example.com/other");
	expect_code(d, "link-other-log");
	d = ok;
	d.from = link_kit_public('c');
	expect_code(d, "link-other-key");
	d = ok;
	d.to = link_kit_public('c');
	expect_code(d, "link-other-key");
	d = ok;
	d.expires_ns = GATE_KIT_NOW;
	expect_code(d, "link-expired");
	d = ok;
	d.issued_ns = GATE_KIT_NOW + LIMIT_AHEAD_NS + 1;
	expect_code(d, "link-ahead");
	d = ok;
	d.expires_ns = GATE_KIT_NOW + LIMIT_DELEGATION_NS + 1;
	expect_code(d, "link-too-long");
	d = ok;
	d.issued_ns = d.expires_ns = GATE_KIT_NOW + 1;
	expect_code(d, "link-too-long");
	d.issued_ns = INT64_MIN;
	d.expires_ns = INT64_MAX;
	expect_code(d, "link-too-long");
	expect_code(link_kit_link('a', 'b', "*", NULL), "link-wildcard");
	expect_code(link_kit_link('a', 'b', "db,*:orders", NULL), "link-wildcard");
	expect_code(link_kit_link('a', 'z', "db", NULL), "link-unknown-agent");
	expect_code(link_kit_link('z', 'b', "db", NULL), "link-unknown-agent");
	expect_code(link_kit_link('a', 'a', "db", NULL), "link-cycle");
	expect_code(link_kit_link('e', 'b', "db,-db:secrets", NULL), "link-truncated");
	expect_code(link_kit_link('b', 'c', "db:orders", &ab), "link-disconnected");
	expect_code(link_kit_link('b', 'c', "db:orders", &ok), "link-unknown-parent");
	expect_code(link_kit_link('e', 'a', "db:orders", &ab), "link-cycle");
}

Test(control_delegation, nothing_exceeds_the_link_above)
{
	struct delegation ab = link_kit_link('a', 'b', "db,-db:secrets", NULL), d;

	ab.ceiling = 300;
	ab.depth = 1;
	link_kit_sign(&ab, 'a');
	cr_assert_eq(link_kit_submit(&k, &ab), OK);
	d = link_kit_link('b', 'c', "db:orders", &ab);
	d.ceiling = 301;
	expect_code(d, "link-ceiling");
	d.ceiling = 300;
	d.depth = 1;
	expect_code(d, "link-depth");
	d.depth = 0;
	d.expires_ns = ab.expires_ns + 1;
	expect_code(d, "link-outlives");
	d = link_kit_link('b', 'c', "db", &ab);
	d.ceiling = 300;
	expect_code(d, "link-wider");
	d = link_kit_link('b', 'c', "db:orders", &ab);
	d.ceiling = 300;
	link_kit_sign(&d, 'b');
	cr_assert_eq(link_kit_submit(&k, &d), OK);
	d = link_kit_link('c', 'd', "db:orders", &d);
	d.depth = 0;
	expect_code(d, "link-depth");
}

/* Or else it would be refused in a replay under a stricter policy, and the delegatee be free. */
Test(control_delegation, a_link_is_recorded_whatever_the_policy)
{
	struct verdict v;

	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\n"
					  "capabilities: [{agents: [a], may: []}]\n");
	(void)link_kit_give(&k, 'a', 'b', "db", NULL);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"b\",\"action\":\"db\"}", &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
}

Test(control_delegation, forged_and_changed_links_do_not_verify)
{
	struct delegation good = link_kit_link('a', 'b', "db", NULL), d = good;

	link_kit_sign(&d, 'c');
	expect_refused(link_kit_submit(&k, &d), "link-signature");
	link_kit_sign(&good, 'a');
	d = good;
	d.ceiling--;
	expect_refused(link_kit_submit(&k, &d), "link-signature");
	d = good;
	d.depth--;
	expect_refused(link_kit_submit(&k, &d), "link-signature");
	d = good;
	d.expires_ns--;
	expect_refused(link_kit_submit(&k, &d), "link-signature");
	d = good;
	d.issued_ns--;
	expect_refused(link_kit_submit(&k, &d), "link-signature");
	d = good;
	cr_assert_eq(capability_read(STR("db:orders"), &d.may, NULL), OK);
	expect_refused(link_kit_submit(&k, &d), "link-signature");
	d = good;
	d.delegatee = STR("c");
	d.to = link_kit_public('c');
	expect_refused(link_kit_submit(&k, &d), "link-signature");
	d = good;
	d.signature.bytes[0] ^= 1;
	expect_refused(link_kit_submit(&k, &d), "link-signature");
	cr_assert_eq(link_kit_submit(&k, &good), OK, "%s", k.gate.why.text);
}

Test(control_delegation, a_link_is_taken_once)
{
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db", NULL);

	expect_refused(link_kit_submit(&k, &ab), "link-replayed");
	cr_assert_eq(link_kit_control(&k, "delegation.revoke", "b", "link", link_kit_id(&k, &ab)),
		     OK);
	expect_refused(link_kit_submit(&k, &ab), "link-replayed");
	cr_expect(str_has(str_view(k.gate.why.text), STR("revoked since")));
	cr_assert_eq(link_kit_control(&k, "delegation.revoke", "b", "link", link_kit_id(&k, &ab)),
		     ERR_EXISTS);
	cr_assert_eq(link_kit_control(&k, "delegation.revoke", "a", "link", link_kit_id(&k, &ab)),
		     ERR_NOT_FOUND);
	cr_assert_eq(link_kit_control(&k, "delegation.revoke", "b", NULL, STR_NONE),
		     ERR_NOT_FOUND);
}

/* The hour later is told by an action. */
static void an_hour_passes(void)
{
	struct verdict v;

	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"f\",\"action\":\"look\","
				       "\"at\":\"2026-01-02T04:04:05Z\"}", &v), OK);
}

Test(control_delegation, slots_are_bounded_and_used_again_after_expiry)
{
	struct delegation first = link_kit_give(&k, 'a', 'b', "db", NULL), d;

	/* From an hour before on, so that what is issued later is new. */
	for (int i = 1; i < LIMIT_DELEGATIONS; i++) {
		d = link_kit_link('a', 'b', "db", NULL);
		d.issued_ns -= i;
		link_kit_sign(&d, 'a');
		cr_assert_eq(link_kit_submit(&k, &d), OK);
	}
	expect_code(link_kit_link('a', 'b', "db:orders", NULL), "link-full");
	an_hour_passes();
	expect_refused(link_kit_submit(&k, &first), "link-expired");
	d = link_kit_link('a', 'b', "db", NULL);
	d.expires_ns += HOUR_NS;
	link_kit_sign(&d, 'a');
	cr_assert_eq(link_kit_submit(&k, &d), OK);
	cr_expect_eq(state_rows(k.state, GATE_DELEGATIONS), LIMIT_DELEGATIONS);
}

Test(control_delegation, who_may_not_act_hands_nothing_on)
{
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db", NULL);

	cr_assert_eq(link_kit_control(&k, "agent.suspend", "a", NULL, STR_NONE), OK);
	expect_code(link_kit_link('a', 'c', "db", NULL), "link-ancestor");
	expect_code(link_kit_link('b', 'c', "db", &ab), "link-ancestor");
	cr_assert_eq(link_kit_control(&k, "agent.reactivate", "a", NULL, STR_NONE), OK);
	cr_assert_eq(link_kit_control(&k, "delegation.revoke", "b", "link", link_kit_id(&k, &ab)),
		     OK);
	expect_code(link_kit_link('b', 'c', "db", &ab), "link-ancestor");
}

/* A revoked link makes room, and does not come back when it is overwritten. */
Test(control_delegation, a_revoked_link_makes_room_and_stays_gone)
{
	struct delegation old[3], d;

	for (int round = 0; round < 3; round++) {
		d = link_kit_link('a', 'b', "db", NULL);
		d.issued_ns += round;
		link_kit_sign(&d, 'a');
		cr_assert_eq(link_kit_submit(&k, &d), OK, "%s", k.gate.why.text);
		cr_assert_eq(link_kit_control(&k, "delegation.revoke", "b", "link",
					      link_kit_id(&k, &d)), OK);
		old[round] = d;
	}
	cr_expect_eq(state_rows(k.state, GATE_DELEGATIONS), 1);
	for (int round = 0; round < 3; round++)
		expect_refused(link_kit_submit(&k, &old[round]), "link-replayed");
	/* One that was issued before the revoked ones is not known to be new. */
	d = link_kit_link('a', 'b', "db:orders", NULL);
	d.issued_ns += 1;
	expect_code(d, "link-replayed");
	d.issued_ns += 2;
	link_kit_sign(&d, 'a');
	cr_expect_eq(link_kit_submit(&k, &d), OK, "%s", k.gate.why.text);
}

/* --- every event in every state of a link --- */

enum link_state { NONE, KEPT, REVOKED, OVER, SUSPENDED_ABOVE, REVOKED_ABOVE, KEY_GONE, STATES };

/* The agent b and its link from a, brought to the state. */
static struct delegation bring_to(enum link_state state)
{
	struct delegation d = link_kit_link('a', 'b', "db", NULL);
	struct public_key pub = link_kit_public('a');
	struct buf id;

	link_kit_sign(&d, 'a');
	buf_init(&id, KEY_ID_BYTES);
	key_id_write(&id, &pub);
	if (state != NONE)
		cr_assert_eq(link_kit_submit(&k, &d), OK);
	if (state == REVOKED)
		cr_assert_eq(link_kit_control(&k, "delegation.revoke", "b", "link",
					      link_kit_id(&k, &d)), OK);
	if (state == OVER)
		an_hour_passes();
	if (state == SUSPENDED_ABOVE)
		cr_assert_eq(link_kit_control(&k, "agent.suspend", "a", NULL, STR_NONE), OK);
	if (state == REVOKED_ABOVE)
		cr_assert_eq(link_kit_control(&k, "agent.revoke", "a", NULL, STR_NONE), OK);
	if (state == KEY_GONE)
		cr_assert_eq(link_kit_control(&k, "agent.revoke", "a", "key", buf_view(&id)), OK);
	buf_fini(&id);
	return d;
}

/* Why the same link again, a link below it and a revocation are refused; NULL: they are taken. */
static const struct {
	const char *again, *below, *revoke;
	bool acts;
} model[STATES] = {
	[NONE] = { NULL, "link-unknown-parent", "agent 'b' has no", true },
	[KEPT] = { "link-replayed", NULL, NULL, true },
	[REVOKED] = { "link-replayed", "link-ancestor", "link-", false },
	[OVER] = { "link-expired", "link-expired", NULL, false },
	[SUSPENDED_ABOVE] = { "link-ancestor", "link-ancestor", NULL, false },
	[REVOKED_ABOVE] = { "link-ancestor", "link-ancestor", NULL, false },
	[KEY_GONE] = { "link-ancestor", "link-ancestor", NULL, false },
};

static void expect_as(enum err e, const char *code, enum link_state state, const char *what)
{
	cr_expect_eq(e == OK, code == NULL, "state %d, %s: %s", state, what, k.gate.why.text);
	cr_expect(!code || str_starts(str_view(k.gate.why.text), str_view(code)),
		  "state %d, %s: %s", state, what, k.gate.why.text);
}

static void try_every_event(enum link_state state)
{
	struct delegation d = bring_to(state), below = link_kit_link('b', 'c', "db", &d);
	struct verdict v;

	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"b\",\"action\":\"db\"}", &v), OK);
	cr_expect_eq(v.effect == EFFECT_ALLOW, model[state].acts, "state %d", state);
	link_kit_sign(&below, 'b');
	expect_as(link_kit_submit(&k, &below), model[state].below, state, "below");
	if (state != NONE)
		expect_as(link_kit_submit(&k, &d), model[state].again, state, "again");
	expect_as(link_kit_control(&k, "delegation.revoke", "b", "link", link_kit_id(&k, &d)),
		  model[state].revoke, state, "revoke");
	if (state == NONE)
		expect_as(link_kit_submit(&k, &d), model[state].again, state, "first");
}

#define EVERY_EVENT(name, state)                                                                  \
	Test(control_delegation, every_event_when_##name)                                         \
	{                                                                                         \
		try_every_event(state);                                                           \
	}

EVERY_EVENT(there_is_no_link, NONE)
EVERY_EVENT(it_is_kept, KEPT)
EVERY_EVENT(it_is_revoked, REVOKED)
EVERY_EVENT(it_is_over, OVER)
EVERY_EVENT(the_delegator_is_suspended, SUSPENDED_ABOVE)
EVERY_EVENT(the_delegator_is_revoked, REVOKED_ABOVE)
EVERY_EVENT(the_key_is_revoked, KEY_GONE)

/* What is missing or of another form is named. */
Test(control_delegation, malformed_data_is_refused_by_name)
{
	static const char *const members[] = {
		"capabilities", "ceiling", "delegator", "depth", "expires", "from", "issued",
		"log", "signature", "to",
	};
	struct delegation d = link_kit_link('a', 'b', "db", NULL);
	struct event e = { .kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .agent = STR("b"),
			   .action = STR("agent.delegate") };
	struct value data;
	struct verdict v;

	link_kit_sign(&d, 'a');
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		char expected[64];

		cr_assert_eq(delegation_write(&d, STR("test"), &k.memory, &data), OK);
		for (size_t m = 0; m < data.object.count; m++)
			if (str_is(data.object.members[m].key, members[i]))
				data.object.members[m].value = value_bool(true);
		e.data = &data;
		(void)snprintf(expected, sizeof(expected), "link-malformed: '%s'", members[i]);
		expect_refused(gate_submit(&k.gate, &e, &k.memory, &v), expected);
	}
}

Test(control_delegation, every_allocation_may_fail)
{
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db", NULL);
	struct delegation d = link_kit_link('b', 'c', "db:orders", &ab);
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .agent = STR("c"),
				 .log = STR(GATE_KIT_ORIGIN) };
	struct event event = e;
	struct value data;
	struct note why;
	bool hit = true;

	link_kit_sign(&d, 'b');
	cr_assert_eq(delegation_write(&d, STR("test"), &k.memory, &data), OK);
	event.data = &data;
	for (uint64_t n = 1; hit; n++) {
		enum err failed;

		state_begin(k.state);
		fail_alloc_at(n);
		failed = control_delegate(k.state, k.bundle, &event, &why);
		hit = fail_alloc_was_hit();
		cr_assert_eq(failed, hit ? ERR_MEMORY : OK, "%s", err_name(failed));
		state_undo(k.state);
	}
}
