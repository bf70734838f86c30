/* control_revoke: what is revoked is denied for as long as it says, by name and by key. */
#include <criterion/criterion.h>

#include "engine/base/when.h"
#include "engine/gate/inside.h"
#include "tests/kit/gate_kit.h"

static struct gate_kit k;
static struct sign_key *key, *next;
static char key_id[KEY_ID_BYTES + 1];

static struct sign_key *key_of(uint8_t byte)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *made;

	memset(seed, byte, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &made), OK);
	return made;
}

static void setup(void)
{
	struct public_key pub;

	cr_assert_eq(crypto_start(), OK);
	key = key_of(1);
	next = key_of(2);
	pub = sign_key_public(key);
	key_id_put(key_id, &pub);
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "ann", &pub);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
	sign_key_close(next);
	sign_key_close(key);
}

TestSuite(control_revoke, .init = setup, .fini = teardown);

/* At `second` after GATE_KIT_NOW; absent members are NULL. */
static enum err revoke(const char *agent, const char *until, const char *kid, int second)
{
	struct member members[3] = {
		{ .key = STR("reason"), .value = value_string(STR("leaked")) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 1 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW + second * WHEN_SECOND_NS,
		.action = STR("agent.revoke"), .agent = str_view(agent), .data = &data,
	};
	struct verdict v;
	uint64_t before = k.gate.seq;
	enum err failed;

	if (kid)
		members[data.object.count++] = (struct member){
			.key = STR("key"), .value = value_string(str_view(kid)) };
	if (until)
		members[data.object.count++] = (struct member){
			.key = STR("until"), .value = value_string(str_view(until)) };
	failed = gate_submit(&k.gate, &e, &k.memory, &v);
	cr_assert_eq(k.gate.seq, before + (failed == OK));
	cr_assert_eq(failed == OK, k.gate.why.text[0] == '\0', "%s", k.gate.why.text);
	return failed;
}

/* What the gate says of an action at that second, signed or not; NULL: allowed. */
static const char *act(int second, bool is_signed)
{
	const int64_t at_ns = GATE_KIT_NOW + second * WHEN_SECOND_NS;
	const struct agent_claim claim = { .log = STR(GATE_KIT_ORIGIN), .agent = STR("ann"),
					   .action = STR("pay"),
					   .at_ns = at_ns };
	struct buf text, document;
	struct verdict v;
	struct signature sig;
	char copy[512];

	buf_init(&text, 1u << 12);
	buf_init(&document, 1u << 12);
	agent_signed_text(&text, &claim);
	sig = sign_make(key, buf_view(&text));
	buf_add_c(&document, "{\"agent\":\"ann\",\"action\":\"pay\",\"at\":\"");
	when_write(&document, at_ns);
	buf_add_c(&document, "\"");
	if (is_signed) {
		buf_add_c(&document, ",\"signature\":\"");
		base64_write(&document, sig.bytes, sizeof(sig.bytes));
		buf_add_c(&document, "\"");
	}
	buf_add_c(&document, "}");
	cr_assert_eq(str_to_c(buf_view(&document), copy, sizeof(copy)), OK);
	cr_assert_eq(gate_kit_text(&k, copy, &v), OK);
	buf_fini(&document);
	buf_fini(&text);
	return v.effect == EFFECT_ALLOW ? NULL : v.decision.reasons[0].ptr;
}

#define IN_A_MINUTE "2026-01-02T03:05:05Z"

Test(control_revoke, an_agent_for_a_while_is_denied_until_then)
{
	cr_assert_null(act(1, false));
	cr_assert_eq(revoke("ann", IN_A_MINUTE, NULL, 2), OK);
	cr_assert_str_eq(act(3, false),
			 "agent 'ann' is revoked until 2026-01-02T03:05:05.000000000Z");
	cr_assert_not_null(act(59, true));
	cr_assert_null(act(60, true));
	/* Who dates back what it does is judged by the latest time there was. */
	cr_assert_null(act(59, false));
}

Test(control_revoke, an_agent_for_good_has_no_end)
{
	cr_assert_eq(revoke("ann", IN_A_MINUTE, NULL, 1), OK);
	cr_assert_eq(revoke("ann", NULL, NULL, 2), OK);
	cr_assert_str_eq(act(70, false), "agent 'ann' is revoked");
	cr_assert_eq(revoke("ann", "2027-01-01T00:00:00Z", NULL, 3), ERR_RANGE);
	cr_assert_str_eq(act(71, false), "agent 'ann' is revoked");
}

Test(control_revoke, a_key_signs_nothing_while_it_is_revoked)
{
	cr_assert_null(act(1, true));
	cr_assert_eq(revoke("ann", IN_A_MINUTE, key_id, 2), OK);
	cr_assert_str_eq(act(3, true),
			 "the key of agent 'ann' is revoked until 2026-01-02T03:05:05.000000000Z");
	cr_assert_null(act(4, false));
	cr_assert_null(act(61, true));
	cr_assert_eq(revoke("ann", NULL, key_id, 62), OK);
	cr_assert_str_eq(act(63, true), "the key of agent 'ann' is revoked");
	cr_assert_eq(revoke("ann", "2027-01-01T00:00:00Z", key_id, 64), ERR_EXISTS);
}

Test(control_revoke, a_key_that_is_another_one_changes_nothing)
{
	cr_assert_eq(revoke("ann", NULL, "key-0123456789abcdef", 1), OK);
	cr_assert_null(act(2, true));
}

Test(control_revoke, what_is_not_understood_is_not_recorded)
{
	cr_assert_eq(revoke("bob", NULL, NULL, 1), ERR_NOT_FOUND);
	cr_assert_eq(revoke("bob", NULL, key_id, 1), ERR_NOT_FOUND);
	cr_assert_eq(revoke("ann", "tomorrow", NULL, 1), ERR_SYNTAX);
	cr_assert_eq(revoke("ann", "1970-01-01T00:00:00Z", NULL, 1), ERR_SYNTAX);
	cr_assert_eq(revoke("ann", "2026-01-02T03:04:05Z", NULL, 1), ERR_RANGE);
	cr_assert_eq(revoke("ann", NULL, "key-0123456789ABCDEF", 1), ERR_SYNTAX);
	cr_assert_eq(revoke("ann", NULL, "key-0123456789abcde", 1), ERR_SYNTAX);
	cr_assert_eq(revoke("ann", NULL, "", 1), ERR_SYNTAX);
	cr_assert_null(act(2, true));
}

static void add_signature(struct member *m, const char *name, const struct sign_key *by,
			  const struct buf *text, struct buf *out)
{
	struct signature sig = sign_make(by, buf_view(text));

	buf_init(out, 128);
	base64_write(out, sig.bytes, sizeof(sig.bytes));
	*m = (struct member){ .key = str_view(name), .value = value_string(buf_view(out)) };
}

static enum err rotate(void)
{
	struct public_key pub = sign_key_public(next);
	struct buf text, did, by_old, by_next;
	struct agent_row ann;
	struct member m[6];
	struct value data = { .kind = VALUE_OBJECT, .object = { m, 6 } };
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW,
				 .action = STR("agent.rotate"), .agent = STR("ann"),
				 .data = &data };
	struct verdict v;
	uint32_t at;
	enum err failed;

	cr_assert(agent_find(k.state, GATE_AGENTS, STR("ann"), &at, &ann));
	buf_init(&text, ROTATION_BYTES);
	buf_init(&did, DID_BYTES);
	rotation_text(&text, &ann, &pub, 1);
	did_write(&did, &pub);
	m[0] = (struct member){ .key = STR("reason"), .value = value_string(STR("leaked")) };
	m[1] = (struct member){ .key = STR("old_key"), .value = value_string(str_view(key_id)) };
	m[2] = (struct member){ .key = STR("new_did"), .value = value_string(buf_view(&did)) };
	m[3] = (struct member){ .key = STR("sequence"), .value = value_int(1) };
	add_signature(&m[4], "old_signature", key, &text, &by_old);
	add_signature(&m[5], "new_signature", next, &text, &by_next);
	failed = gate_submit(&k.gate, &e, &k.memory, &v);
	buf_fini(&by_next);
	buf_fini(&by_old);
	buf_fini(&did);
	buf_fini(&text);
	return failed;
}

Test(control_revoke, a_revoked_key_hands_over_to_no_other)
{
	cr_assert_eq(revoke("ann", IN_A_MINUTE, key_id, 1), OK);
	cr_assert_eq(rotate(), ERR_RANGE);
	cr_assert(str_has(str_view(k.gate.why.text), str_view(key_id)));
}

Test(control_revoke, another_one_does)
{
	cr_assert_eq(revoke("ann", NULL, "key-0123456789abcdef", 1), OK);
	cr_assert_eq(rotate(), OK);
}
