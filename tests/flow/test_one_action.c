/*
 * One action from its bytes to its durable entry, and what came of it linked later. The world is
 * one in which power can fail: what was answered must still be there.
 */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>

#define LOOK_UP                                                                                    \
	"{\"agent\":\"bot\",\"action\":\"get_order\",\"session\":\"s\","                           \
	"\"args\":{\"b\":2,\"a\":1},\"at\":\"2026-01-02T03:04:05Z\"}"

/* The agent is there, and the policy is in force: entries 0 and 1. */
static void with_agent(struct space_kit *k)
{
	const struct space_newcomer bot = { .name = STR("bot"), .sponsor = STR("eve@example.org") };
	struct space_key key;
	struct note n = { .line = 0 };
	struct space *s;

	space_kit_init(k, SPACE_KIT_ALLOW);
	s = space_kit_open(k);
	cr_assert_eq(space_create_agent(s, &bot, SPACE_KIT_START_NS, &key, &n), OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK, "%s", n.text);
	cr_assert_eq(space_kit_verify(k, NULL), 2);
}

static enum err submit(struct space_kit *k, struct space *s, const char *document,
		       struct verdict *ret)
{
	struct intake in = { .found = { .arena = &k->memory } };
	struct note n = { .line = 0 };
	struct event e;
	struct buf bodies;
	enum err failed;

	buf_init(&bodies, LIMIT_BODY_BYTES);
	cr_assert_eq(action_read(str_view(document), SPACE_KIT_START_NS, &in, &bodies, &e, &n),
		     OK, "%s", n.text);
	failed = space_submit(s, &e, &k->memory, ret);
	buf_fini(&bodies);
	return failed;
}

Test(one_action, is_decided_recorded_and_answered)
{
	struct space_kit k;
	struct verdict v;
	struct entry entry;
	struct space *s;
	struct buf answer;

	with_agent(&k);
	s = space_kit_open(&k);
	cr_assert_eq(submit(&k, s, LOOK_UP, &v), OK);
	buf_init(&answer, 1u << 16);
	verdict_write(&answer, &v);
	cr_expect(str_starts(buf_view(&answer),
			     STR("{\"allowed\":true,\"effect\":\"allow\",\"entry\":2,")));
	buf_fini(&answer);
	cr_assert_eq(space_close(s, NULL), OK);
	cr_expect_eq(v.effect, EFFECT_ALLOW);
	cr_expect_eq(v.entry, 2);
	entry = space_kit_entry(&k, 2);
	cr_expect_eq(entry.kind, ENTRY_ACTION);
	cr_expect(str_is(entry.agent, "bot") && str_is(entry.action, "get_order"));
	cr_expect(str_is(entry.session, "s"));
	cr_expect_eq(entry.time_ns, SPACE_KIT_START_NS);
	cr_expect_not(entry.time_synthetic);
	cr_expect(str_is(space_kit_body(&k, entry.args), "{\"a\":1,\"b\":2}"));
	cr_expect_eq(entry.decision->effect, EFFECT_ALLOW);
	/* What the caller was told is what is on record. */
	cr_expect(digest_eq(&v.state, &entry.state));
	cr_expect(digest_eq(&v.policy, &entry.policy));
	space_kit_fini(&k);
}

Test(one_action, survives_a_power_loss_right_after_its_commit)
{
	struct replay_report report;
	struct note n = { .line = 0 };
	struct space_kit k;
	struct entry entry;
	struct verdict v;
	struct space *s;

	with_agent(&k);
	s = space_kit_open(&k);
	cr_assert_eq(submit(&k, s, LOOK_UP, &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	sim_fail_at(k.w, 1, SIM_CRASH); /* the process is gone: nothing is closed any more */
	(void)space_close(s, NULL);
	sim_reboot(k.w, true);

	s = space_kit_open(&k);
	cr_expect_eq(space_recovered(s), 1);
	cr_assert_eq(space_close(s, &n), OK, "%s", n.text);
	cr_assert_eq(space_kit_verify(&k, NULL), 4);
	cr_expect_eq(space_kit_entry(&k, 3).kind, ENTRY_NOTICE);
	entry = space_kit_entry(&k, 2);
	cr_expect(digest_eq(&entry.state, &v.state));
	cr_expect_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
	space_kit_fini(&k);
}

Test(one_action, that_was_recovered_is_told_of_before_the_next_one)
{
	struct space_kit k;
	struct verdict v;
	struct space *s;

	with_agent(&k);
	s = space_kit_open(&k);
	cr_assert_eq(submit(&k, s, LOOK_UP, &v), OK);
	cr_assert_eq(space_commit(s, true), OK);
	sim_fail_at(k.w, 1, SIM_CRASH);
	(void)space_close(s, NULL);
	sim_reboot(k.w, true);

	v = scene_submit(&k, LOOK_UP);
	cr_expect_eq(v.entry, 4);
	cr_expect_eq(space_kit_entry(&k, 3).kind, ENTRY_NOTICE);
	cr_expect_eq(value_get_c(space_kit_entry(&k, 3).data, "recovered")->integer, 1);
	cr_expect_eq(scene_submit(&k, LOOK_UP).entry, 5, "only once");
	space_kit_fini(&k);
}

Test(one_action, that_cannot_be_made_durable_is_not_there_afterwards)
{
	static const enum sim_fault faults[] = { SIM_EIO, SIM_ENOSPC, SIM_SHORT, SIM_CRASH };

	for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++) {
		struct replay_report report;
		struct note n = { .line = 0 };
		struct space_kit k;
		struct verdict v;
		struct space *s;

		with_agent(&k);
		s = space_kit_open(&k);
		cr_assert_eq(submit(&k, s, LOOK_UP, &v), OK);
		sim_fail_at(k.w, 1, faults[f]);
		cr_expect_neq(space_commit(s, true), OK);
		(void)space_close(s, NULL);
		sim_reboot(k.w, true);
		cr_expect_eq(scene_reopen(&k, &n), OK, "%s", n.text);
		cr_expect_eq(space_kit_verify(&k, NULL), 2);
		cr_expect_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
		space_kit_fini(&k);
	}
}

Test(one_action, by_nobody_we_know_is_denied_and_recorded)
{
	struct space_kit k;
	struct verdict v;

	space_kit_init(&k, SPACE_KIT_ALLOW);
	v = scene_submit(&k, LOOK_UP);
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect_eq(v.entry, 1);
	cr_expect_eq(space_kit_entry(&k, 1).decision->effect, EFFECT_DENY);
	cr_expect(str_is(space_kit_entry(&k, 1).decision->stage, "identify"));
	space_kit_fini(&k);
}

Test(one_action, has_its_outcome_linked_in_a_later_session_of_the_program)
{
	struct replay_report report;
	struct note n = { .line = 0 };
	struct space_kit k;
	struct entry entry;

	with_agent(&k);
	scene_submit(&k, LOOK_UP);
	scene_submit(&k, "{\"outcome_of\":2,\"result\":{\"total\":39.90},\"status\":\"ok\"}");
	entry = space_kit_entry(&k, 3);
	cr_expect_eq(entry.kind, ENTRY_OUTCOME);
	cr_assert_eq(entry.link_count, 1);
	cr_expect(str_is(entry.links[0].rel, "outcome_of"));
	cr_expect_eq(entry.links[0].seq, 2);
	cr_expect(str_is(space_kit_body(&k, entry.result), "{\"total\":39.9}"));
	cr_expect_null(entry.decision);
	cr_expect_eq(space_kit_verify(&k, NULL), 4);
	cr_expect_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
	space_kit_fini(&k);
}

Test(one_action, cannot_have_an_outcome_before_it_happened)
{
	struct space_kit k;
	struct verdict v;
	struct space *s;

	with_agent(&k);
	s = space_kit_open(&k);
	cr_expect_neq(submit(&k, s, "{\"outcome_of\":2,\"result\":1}", &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect_eq(space_close(s, NULL), OK);
	cr_expect_eq(space_kit_verify(&k, NULL), 2);
	space_kit_fini(&k);
}

Test(one_action, of_bytes_that_are_no_action_is_a_recorded_refusal)
{
	static const char text[] = "{\"agent\":\"bot\",\"action\":\"get_order\",\"agnet\":1}";
	struct note story = { .line = 0 };
	struct space_kit k;
	struct verdict v;
	struct intake in = { .mask = NULL };
	struct space *s;
	struct event e;
	struct buf bodies;
	enum err why;

	with_agent(&k);
	s = space_kit_open(&k);
	buf_init(&bodies, LIMIT_BODY_BYTES);
	in.found.arena = &k.memory;
	why = action_read(str_view(text), SPACE_KIT_START_NS, &in, &bodies, &e, &story);
	cr_assert_eq(why, ERR_UNKNOWN);
	cr_assert_eq(action_refusal(str_view(text), SPACE_KIT_START_NS, why, &story, &in, &e), OK);
	cr_assert_eq(space_submit(s, &e, &k.memory, &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_assert_eq(space_close(s, NULL), OK);
	cr_expect_eq(space_kit_entry(&k, 2).kind, ENTRY_REFUSAL);
	cr_expect_eq(value_get_c(space_kit_entry(&k, 2).data, "bytes")->integer,
		     (int64_t)sizeof(text) - 1);
	buf_fini(&bodies);
	space_kit_fini(&k);
}
