/* vouch: who is believed, in every standing an agent can have; and tokens by the state. */
#include <criterion/criterion.h>

#include "engine/base/when.h"
#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/gate_kit.h"

#define NOW GATE_KIT_NOW
#define MINUTE (60 * WHEN_SECOND_NS)

static struct gate_kit k;
static struct sign_key *key, *other;
static struct buf did, text;

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
	other = key_of(2);
	pub = sign_key_public(key);
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	gate_kit_agent(&k, "ann", &pub);
	gate_kit_agent(&k, "bob", NULL);
	buf_init(&did, DID_BYTES);
	buf_init(&text, LIMIT_TOKEN_BYTES);
	did_write(&did, &pub);
}

static void teardown(void)
{
	buf_fini(&text);
	buf_fini(&did);
	gate_kit_fini(&k);
	sign_key_close(other);
	sign_key_close(key);
}

TestSuite(vouch, .init = setup, .fini = teardown);

/* "until" and "key" may be NULL. */
static void control(const char *verb, const char *until, const char *kid)
{
	struct member members[3] = {
		{ .key = STR("reason"), .value = value_string(STR("test")) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 1 } };
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = NOW, .action = str_view(verb),
				 .agent = STR("ann"), .data = &data };
	struct verdict v;

	if (until)
		members[data.object.count++] = (struct member){
			.key = STR("until"), .value = value_string(str_view(until)) };
	if (kid)
		members[data.object.count++] = (struct member){
			.key = STR("key"), .value = value_string(str_view(kid)) };
	cr_assert_eq(gate_submit(&k.gate, &e, &k.memory, &v), OK, "%s: %s", verb, k.gate.why.text);
}

static enum refusal_code ask(const char *name, int64_t at_ns)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct agent_row row = { .actions = 77 };
	enum err e = vouch_agent(k.state, str_view(name), at_ns, &row, &r);

	cr_assert(e == OK || (e == ERR_DENIED && r.note.text[0] && row.actions == 77));
	cr_assert_eq(e == OK, r.code == REFUSED_NOT);
	return r.code;
}

Test(vouch, who_is_not_known_with_a_key_is_a_stranger)
{
	cr_assert_eq(ask("ann", NOW), REFUSED_NOT);
	cr_assert_eq(ask("bob", NOW), REFUSED_STRANGER);
	cr_assert_eq(ask("eve", NOW), REFUSED_STRANGER);
	cr_assert_eq(ask("", NOW), REFUSED_STRANGER);
}

#define SOON "2026-01-02T03:05:05Z"

Test(vouch, standing_counts_at_the_time_that_is_asked_about)
{
	control("agent.revoke", SOON, NULL);
	cr_assert_eq(ask("ann", NOW), REFUSED_REVOKED);
	cr_assert_eq(ask("ann", NOW + MINUTE), REFUSED_NOT);
	control("quarantine", "2026-01-02T03:06:05Z", NULL);
	cr_assert_eq(ask("ann", NOW + MINUTE), REFUSED_STANDING);
	cr_assert_eq(ask("ann", NOW + 2 * MINUTE), REFUSED_NOT);
	control("agent.suspend", NULL, NULL);
	cr_assert_eq(ask("ann", NOW + 2 * MINUTE), REFUSED_STANDING);
	control("agent.revoke", NULL, NULL);
	cr_assert_eq(ask("ann", NOW + 2 * MINUTE), REFUSED_REVOKED);
}

Test(vouch, what_was_killed_vouches_for_nothing)
{
	control("kill.agent", NULL, NULL);
	cr_assert_eq(ask("ann", NOW), REFUSED_STANDING);
}

Test(vouch, a_key_that_is_revoked_counts_for_its_agent)
{
	struct public_key pub = sign_key_public(key);
	char id[KEY_ID_BYTES + 1] = "";

	key_id_put(id, &pub);
	control("agent.revoke", SOON, id);
	cr_assert_eq(ask("ann", NOW), REFUSED_REVOKED);
	cr_assert_eq(ask("ann", NOW + MINUTE), REFUSED_NOT);
}

Test(vouch, an_end_is_still_within)
{
	struct agent_row row = { .registered_ns = 1, .expires_ns = NOW, .has_key = 1 };

	state_begin(k.state);
	cr_assert_eq(agent_register(k.state, GATE_AGENTS, STR("old"), &row), OK);
	cr_assert_eq(ask("old", NOW), REFUSED_NOT);
	cr_assert_eq(ask("old", NOW + 1), REFUSED_STANDING);
}

/* --- tokens --- */

/* NULL: the agent's own. */
static enum err judge(const char *subject, const char *issuer, const struct sign_key *by,
		      struct jwt_rules rules, enum refusal_code *code)
{
	const struct jwt_order order = {
		.subject = str_view(subject), .audience = STR("store"), .id = STR("1"),
		.issuer = issuer ? str_view(issuer) : buf_view(&did),
		.issued_ns = NOW, .expires_ns = NOW + MINUTE,
	};
	struct refusal r = { .code = REFUSED_NOT };
	struct agent_row row;
	struct jwt t;
	enum err e;

	buf_clear(&text);
	cr_assert_eq(jwt_write(&text, &order, by), OK);
	cr_assert_eq(jwt_read(buf_view(&text), &k.memory, &t, NULL), OK);
	rules.audience = STR("store");
	rules.now_ns = NOW;
	e = vouch_token(k.state, &t, &rules, &row, &r);
	*code = r.code;
	return e;
}

static enum refusal_code judge_plain(const char *subject, const char *issuer,
				     const struct sign_key *by)
{
	enum refusal_code code;
	enum err e = judge(subject, issuer, by, (struct jwt_rules){ .now_ns = 0 }, &code);

	cr_assert_eq(e, code == REFUSED_NOT ? OK : ERR_DENIED);
	return code;
}

Test(vouch, a_token_is_by_the_agent_that_it_speaks_of)
{
	cr_assert_eq(judge_plain("ann", NULL, key), REFUSED_NOT);
	cr_assert_eq(judge_plain("ann", NULL, other), REFUSED_KEY_UNKNOWN);
	cr_assert_eq(judge_plain("bob", NULL, key), REFUSED_STRANGER);
	cr_assert_eq(judge_plain("eve", NULL, key), REFUSED_STRANGER);
	cr_assert_eq(judge_plain("ann", "joe", key), REFUSED_ISSUER);
	control("agent.suspend", NULL, NULL);
	cr_assert_eq(judge_plain("ann", NULL, key), REFUSED_STANDING);
}

Test(vouch, an_svid_is_by_the_agent_that_its_path_names)
{
	const struct jwt_rules rules = { .spiffe_domain = STR("example.org") };
	static const struct {
		const char *subject;
		enum refusal_code code;
	} cases[] = {
		{ "spiffe://example.org/agentmesh/ann", REFUSED_NOT },
		{ "spiffe://example.com/agentmesh/ann", REFUSED_DOMAIN },
		{ "spiffe://example.org/ann", REFUSED_STRANGER },
		{ "spiffe://example.org/agentmesh/bob", REFUSED_STRANGER },
		{ "spiffe://example.org/agentmesh/ann/x", REFUSED_STRANGER },
		{ "ann", REFUSED_STRANGER },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum refusal_code code;

		(void)!judge(cases[i].subject, NULL, key, rules, &code);
		cr_assert_eq(code, cases[i].code, "%s: %s", cases[i].subject, refusal_name(code));
	}
}

Test(vouch, failing_memory_believes_nobody)
{
	enum refusal_code code;
	struct agent_row row;
	struct jwt t;

	cr_assert_eq(judge("ann", NULL, key, (struct jwt_rules){ .now_ns = 0 }, &code), OK);
	cr_assert_eq(jwt_read(buf_view(&text), &k.memory, &t, NULL), OK);
	for (uint64_t n = 1;; n++) {
		const struct jwt_rules rules = { .audience = STR("store"), .now_ns = NOW };
		enum err e;

		fail_alloc_at(n);
		e = vouch_token(k.state, &t, &rules, &row, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
