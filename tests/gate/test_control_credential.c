/*
 * control_credential: every event in every state, and data that is not in order.
 *
 *   none, active, rotated, revoked, expired      issue, rotate, revoke
 */
#include <criterion/criterion.h>

#include <stdio.h>

#include "engine/gate/inside.h"
#include "tests/kit/link_kit.h"

static struct gate_kit k;
static char hashes[3][80];                    /* of the old, the next and another secret */
static char id[CREDENTIAL_ID_BYTES + 1];      /* of the old one */

static void write_hash(const char *secret, char text[80])
{
	struct digest hash = credential_hash(str_view(secret));
	struct buf b;

	buf_init(&b, 80);
	digest_write(&b, &hash);
	cr_assert_eq(str_to_c(buf_view(&b), text, 80), OK);
	buf_fini(&b);
}

static void setup(void)
{
	struct digest hash = credential_hash(STR("old"));
	struct buf b;

	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	link_kit_agents(&k, "ab");
	write_hash("old", hashes[0]);
	write_hash("next", hashes[1]);
	write_hash("other", hashes[2]);
	buf_init(&b, CREDENTIAL_ID_BYTES);
	credential_id_write(&b, hash.bytes);
	cr_assert_eq(str_to_c(buf_view(&b), id, sizeof(id)), OK);
	buf_fini(&b);
}

static void teardown(void)
{
	gate_kit_replay(&k);
	gate_kit_fini(&k);
}

TestSuite(control_credential, .init = setup, .fini = teardown);

struct order {
	const char *verb, *agent, *hash, *expires, *until, *id, *may;
};

static enum err submit(struct order o)
{
	struct value may = value_string(str_view(o.may ? o.may : "db"));
	struct member members[] = {
		{ .key = STR("capabilities"),
		  .value = { .kind = VALUE_LIST, .list = { &may, 1 } } },
		{ .key = STR("credential"), .value = value_string(str_view(o.hash)) },
		{ .key = STR("expires"), .value = value_string(str_view(o.expires)) },
		{ .key = STR("id"), .value = value_string(str_view(o.id)) },
		{ .key = STR("reason"), .value = value_string(STR("test")) },
		{ .key = STR("until"), .value = value_string(str_view(o.until)) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 6 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = str_view(o.verb),
		.agent = str_view(o.agent), .data = &data,
	};
	struct verdict v;

	return gate_submit(&k.gate, &e, &k.memory, &v);
}

static const struct order issue = {
	"credential.issue", "a", hashes[0], "2026-01-02T04:00:00Z", "2026-01-02T03:10:00Z", id, NULL
};

static struct order with(const char *verb, const char *hash)
{
	struct order o = issue;

	o.verb = verb;
	o.hash = hash;
	return o;
}

static void an_hour_passes(void)
{
	struct verdict v;

	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"b\",\"action\":\"look\","
				       "\"at\":\"2026-01-02T04:04:05Z\"}", &v), OK);
}

enum state_of { NONE, ACTIVE, ROTATED, REVOKED, EXPIRED, STATES };

static void bring_to(enum state_of state)
{
	if (state != NONE)
		cr_assert_eq(submit(issue), OK, "%s", k.gate.why.text);
	if (state == ROTATED)
		cr_assert_eq(submit(with("credential.rotate", hashes[1])), OK);
	if (state == REVOKED)
		cr_assert_eq(submit(with("credential.revoke", "")), OK);
	if (state == EXPIRED)
		an_hour_passes();
}

static enum credential_status status_now(void)
{
	struct credential_row row;
	uint32_t at;

	cr_assert(credential_named(k.state, GATE_CREDENTIALS, str_view(id), &at, &row));
	return (enum credential_status)row.status;
}

/* What each event answers in each state, and the status after it. */
static const struct {
	enum err issue, rotate, revoke;
	enum credential_status rotated, revoked;
} model[STATES] = {
	[NONE] = { OK, ERR_NOT_FOUND, ERR_NOT_FOUND, 0, 0 },
	[ACTIVE] = { ERR_EXISTS, OK, OK, CREDENTIAL_ROTATED, CREDENTIAL_REVOKED },
	[ROTATED] = { ERR_EXISTS, ERR_EXISTS, OK, CREDENTIAL_ROTATED, CREDENTIAL_REVOKED },
	[REVOKED] = { ERR_EXISTS, ERR_EXISTS, ERR_EXISTS, CREDENTIAL_REVOKED, CREDENTIAL_REVOKED },
	[EXPIRED] = { ERR_RANGE, ERR_RANGE, OK, CREDENTIAL_ACTIVE, CREDENTIAL_REVOKED },
};

static void try_events(enum state_of state)
{
	struct order rotate = with("credential.rotate", hashes[2]);

	bring_to(state);
	if (state == EXPIRED)
		rotate.expires = "2026-01-02T05:00:00Z";
	cr_expect_eq(submit(rotate), model[state].rotate, "%d %s", state, k.gate.why.text);
	if (state != NONE)
		cr_expect_eq(status_now(), model[state].rotated, "%d", state);
	if (state != NONE)
		cr_expect_eq(submit(issue), model[state].issue, "%d", state);
	if (state != ACTIVE)
		cr_expect_eq(submit(with("credential.revoke", "")), model[state].revoke, "%d",
			     state);
	if (state == NONE)
		cr_expect_eq(submit(issue), model[state].issue);
	else if (state != ACTIVE)
		cr_expect_eq(status_now(), model[state].revoked, "%d", state);
}

Test(control_credential, none)
{
	try_events(NONE);
}

Test(control_credential, active)
{
	try_events(ACTIVE);
}

Test(control_credential, rotated)
{
	try_events(ROTATED);
}

Test(control_credential, revoked)
{
	try_events(REVOKED);
}

Test(control_credential, expired)
{
	try_events(EXPIRED);
}

Test(control_credential, what_is_not_in_order_is_refused)
{
	static const struct {
		const char *expires, *may, *why;
	} rows[] = {
		{ "2026-01-02T03:04:05Z", NULL, "a credential ends later than now" },
		{ "2026-01-03T03:04:06Z", NULL, "a credential ends later than now" },
		{ "soon", NULL, "'expires': expected a time" },
		{ "2026-01-02T04:00:00Z", "a b", "'a b' is no capability" },
	};
	struct order o;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		o = issue;
		o.expires = rows[i].expires;
		o.may = rows[i].may;
		cr_expect_neq(submit(o), OK);
		cr_expect(str_starts(str_view(k.gate.why.text), str_view(rows[i].why)), "%s",
			  k.gate.why.text);
	}
	o = issue;
	o.hash = "the secret itself";
	cr_expect_eq(submit(o), ERR_SYNTAX);
	cr_expect(!str_has(str_view(k.gate.why.text), STR("itself")));
	o = issue;
	o.agent = "nobody";
	cr_expect_eq(submit(o), ERR_NOT_FOUND);
	cr_assert_eq(link_kit_control(&k, "agent.revoke", "b", NULL, STR_NONE), OK);
	o.agent = "b";
	cr_expect_eq(submit(o), ERR_RANGE);
}

/* A rotation that states an overlap beyond the old one's end gives it no more time. */
Test(control_credential, an_overlap_makes_nothing_longer)
{
	struct order o = with("credential.rotate", hashes[1]);
	struct credential_row row;
	uint32_t at;

	cr_assert_eq(submit(issue), OK);
	o.until = "2026-01-02T05:00:00Z";
	cr_assert_eq(submit(o), OK);
	cr_assert(credential_named(k.state, GATE_CREDENTIALS, str_view(id), &at, &row));
	cr_expect_eq(row.ends_ns, GATE_KIT_NOW + INT64_C(3355) * 1000000000);
}

Test(control_credential, a_credential_is_rotated_and_revoked_by_its_own_agent_only)
{
	struct order o = with("credential.rotate", hashes[1]);

	cr_assert_eq(submit(issue), OK);
	o.agent = "b";
	cr_expect_eq(submit(o), ERR_NOT_FOUND);
	o.verb = "credential.revoke";
	cr_expect_eq(submit(o), ERR_NOT_FOUND);
	cr_expect_eq(status_now(), CREDENTIAL_ACTIVE);
}
