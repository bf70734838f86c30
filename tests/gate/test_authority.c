/*
 * authority: an agent does what every link above it carries, what the policy leaves it and what its
 * credential covers; each way to fall out of that has a code of its own.
 */
#include <criterion/criterion.h>

#include <stdio.h>

#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/link_kit.h"
#include "tests/kit/session_kit.h"

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

TestSuite(authority, .init = setup, .fini = teardown);

/* What is said of an action: "" when it is allowed. */
static struct str ask_with(const char *agent, const char *action, const char *resource,
			   const char *more)
{
	struct verdict v;
	char text[512];

	(void)snprintf(text, sizeof(text), "{\"agent\":\"%s\",\"action\":\"%s\"%s%s%s%s}", agent,
		       action, resource ? ",\"resource\":\"" : "", resource ? resource : "",
		       resource ? "\"" : "", more);
	cr_assert_eq(gate_kit_text(&k, text, &v), OK, "%s", k.note.text);
	cr_assert(v.effect == EFFECT_ALLOW || str_is(v.decision.stage, "authority") ||
			  str_is(v.decision.stage, "standing"),
		  "%.*s", STR_ARG(v.decision.stage));
	return v.effect == EFFECT_ALLOW ? STR("") : v.decision.reasons[0];
}

static struct str ask(const char *agent, const char *action, const char *resource)
{
	return ask_with(agent, action, resource, "");
}

static void expect_allowed(const char *agent, const char *action, const char *resource)
{
	struct str said = ask(agent, action, resource);

	cr_expect_eq(said.len, 0, "%s %s: %.*s", agent, action, STR_ARG(said));
}

static void expect_denied(const char *agent, const char *action, const char *resource,
			  const char *begins)
{
	struct str said = ask(agent, action, resource);

	cr_expect(str_starts(said, str_view(begins)), "%s %s: %.*s, not %s", agent, action,
		  STR_ARG(said), begins);
}

static void expect_said(struct str said, const char *begins)
{
	cr_expect(begins[0] ? str_starts(said, str_view(begins)) : said.len == 0,
		  "%.*s, not %s", STR_ARG(said), begins);
}

Test(authority, who_lives_by_nobody_is_bound_by_nobody)
{
	expect_allowed("a", "db", "secrets");
	(void)link_kit_give(&k, 'a', 'b', "db", NULL);
	expect_allowed("a", "pay", NULL);
}

Test(authority, a_delegate_does_what_the_whole_chain_covers)
{
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db,-db:secrets", NULL);

	(void)link_kit_give(&k, 'b', 'c', "db:*:read,-db:secrets", &ab);
	expect_allowed("b", "db", "orders");
	expect_allowed("b", "db", NULL);
	expect_denied("b", "db", "secrets:1", "delegation-scope: link-");
	expect_denied("b", "pay", NULL, "delegation-scope: link-");
	expect_allowed("c", "db", "orders:read");
	expect_denied("c", "db", "orders:write", "delegation-scope: link-");
	expect_denied("c", "db", "secrets:read", "delegation-scope: link-");
}

Test(authority, the_sentence_names_link_and_path)
{
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db", NULL);
	struct str said = ask("b", "pay", "x");
	struct str id = link_kit_id(&k, &ab);
	char expected[256];

	(void)snprintf(expected, sizeof(expected),
		       "delegation-scope: %.*s from agent 'a' does not cover 'pay:x'", STR_ARG(id));
	cr_expect(str_is(said, expected), "%.*s", STR_ARG(said));
}

/* Whatever ends an ancestor, or a link above, ends those below at once. */
Test(authority, what_ends_an_ancestor_ends_its_descendants)
{
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db", NULL);
	struct delegation bc = link_kit_give(&k, 'b', 'c', "db", &ab);

	(void)link_kit_give(&k, 'c', 'd', "db", &bc);
	expect_allowed("d", "db", NULL);
	cr_assert_eq(link_kit_control(&k, "agent.suspend", "b", NULL, STR_NONE), OK);
	expect_denied("c", "db", NULL, "delegation-ancestor: link-");
	expect_denied("d", "db", NULL, "delegation-ancestor: link-");
	expect_allowed("a", "db", NULL);
	cr_assert_eq(link_kit_control(&k, "agent.reactivate", "b", NULL, STR_NONE), OK);
	expect_allowed("d", "db", NULL);
	cr_assert_eq(link_kit_control(&k, "quarantine", "a", "until",
				      STR("2026-01-02T03:30:00Z")), OK);
	expect_denied("d", "db", NULL, "delegation-ancestor: link-");
	cr_assert_eq(link_kit_control(&k, "release", "a", NULL, STR_NONE), OK);
	expect_allowed("d", "db", NULL);
	cr_assert_eq(link_kit_control(&k, "delegation.revoke", "c", "link",
				      link_kit_id(&k, &bc)), OK);
	expect_denied("c", "db", NULL, "delegation-revoked: link-");
	expect_denied("d", "db", NULL, "delegation-revoked: link-");
	expect_allowed("b", "db", NULL);
	cr_assert_eq(link_kit_control(&k, "kill.agent", "a", NULL, STR_NONE), OK);
	expect_denied("b", "db", NULL, "delegation-ancestor: link-");
}

static enum err revoke(const char *agent, const char *key, struct str name)
{
	return link_kit_control(&k, "agent.revoke", agent, key, name);
}

/* An agent that is revoked for a while, and a key that leaked, hand nothing on. */
Test(authority, what_a_revoked_key_signed_is_over)
{
	struct public_key pub = link_kit_public('a');
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db", NULL), late;
	struct str said;
	struct buf id;

	cr_assert_eq(revoke("a", "until", STR("2026-01-02T03:30:00Z")), OK);
	said = ask("b", "db", NULL);
	cr_expect(str_starts(said, STR("delegation-ancestor: link-")));
	cr_expect(str_ends(said, STR(" from agent 'a': agent 'a' is revoked")), "%.*s",
		  STR_ARG(said));
	expect_said(ask_with("b", "db", NULL, ",\"at\":\"2026-01-02T03:30:00Z\""), "");
	buf_init(&id, KEY_ID_BYTES);
	key_id_write(&id, &pub);
	cr_assert_eq(revoke("a", "key", buf_view(&id)), OK, "%s", k.gate.why.text);
	buf_fini(&id);
	expect_denied("b", "db", NULL, "delegation-key: link-");
	late = link_kit_link('a', 'c', "db", NULL);
	late.issued_ns = ab.issued_ns + 1;
	link_kit_sign(&late, 'a');
	cr_expect_neq(link_kit_submit(&k, &late), OK);
	cr_expect(str_starts(str_view(k.gate.why.text), STR("link-ancestor: ")), "%s",
		  k.gate.why.text);
}

Test(authority, a_link_ends_at_its_expiry_and_leaves_nothing)
{
	(void)link_kit_give(&k, 'a', 'b', "db", NULL);
	cr_expect_eq(ask_with("b", "db", NULL, ",\"at\":\"2026-01-02T04:04:04.999999999Z\"").len,
		     0);
	cr_expect(str_starts(ask_with("b", "db", NULL, ",\"at\":\"2026-01-02T04:04:05Z\""),
			     STR("delegation-expired: link-")));
	/* Who says an earlier time now does not come back to life. */
	expect_denied("b", "db", NULL, "delegation-expired: link-");
	expect_denied("b", "pay", NULL, "delegation-expired: link-");
}

Test(authority, one_of_several_delegations_is_enough)
{
	struct delegation ab = link_kit_give(&k, 'a', 'c', "db", NULL);

	(void)link_kit_give(&k, 'b', 'c', "pay", NULL);
	expect_allowed("c", "db", NULL);
	expect_allowed("c", "pay", NULL);
	expect_denied("c", "mail", NULL, "delegation-scope: link-");
	cr_assert_eq(link_kit_control(&k, "delegation.revoke", "c", "link",
				      link_kit_id(&k, &ab)), OK);
	expect_denied("c", "db", NULL, "delegation-scope: link-");
	expect_allowed("c", "pay", NULL);
	cr_assert_eq(link_kit_control(&k, "agent.revoke", "b", NULL, STR_NONE), OK);
	expect_denied("c", "pay", NULL, "delegation-ancestor: link-");
}

/* A root to which something is handed on is none any more. */
Test(authority, a_root_that_gets_a_delegation_stands_for_nobody)
{
	(void)link_kit_give(&k, 'a', 'b', "db", NULL);
	(void)link_kit_give(&k, 'c', 'a', "look", NULL);
	expect_denied("b", "db", NULL, "delegation-broken: link-");
	expect_allowed("a", "look", NULL);
	expect_denied("a", "db", NULL, "delegation-scope: link-");
}

Test(authority, the_policy_bounds_agents_and_those_who_hand_on_to_them)
{
	(void)link_kit_give(&k, 'a', 'b', "db,pay", NULL);
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\ncapabilities:\n"
					  "  - {agents: [a], may: [db, pay, look]}\n"
					  "  - {agents: [b], may: [\"*\", -db:secrets]}\n");
	expect_allowed("b", "db", "orders");
	expect_denied("b", "db", "secrets", "capability-scope: 'db:secrets' is not among what the "
					    "policy lets agent 'b' do: *,-db:secrets");
	expect_denied("a", "mail", NULL, "capability-scope: ");
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\ncapabilities:\n"
					  "  - {agents: [a], may: [pay]}\n");
	expect_denied("b", "db", "orders", "delegation-scope: link-");
	expect_allowed("b", "pay", NULL);
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\ncapabilities: [{may: []}]\n");
	expect_denied("c", "pay", NULL, "capability-scope: 'pay' is not among what the policy lets "
					"agent 'c' do: nothing");
}

/* What is shown as effective is what the stage goes by. */
Test(authority, the_effective_set_covers_what_the_stage_allows)
{
	static const char *const tools[] = { "db", "pay", "look", "mail" };
	static const char *const resources[] = { NULL, "orders", "secrets", "orders:7", "x" };
	struct delegation ab = link_kit_give(&k, 'a', 'b', "db,pay,look:*,-pay:x", NULL);
	struct chain_question q = { .state = k.state, .at_ns = GATE_KIT_NOW };
	char room[CAPABILITY_REQUEST_BYTES];
	struct delegation_row row;
	struct capabilities set;
	unsigned allowed = 0;
	uint32_t at;

	(void)link_kit_give(&k, 'b', 'c', "db:*,pay:orders,look:closely", &ab);
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\ncapabilities:\n"
					  "  - {agents: [a], may: [\"*\", -db:secrets]}\n"
					  "  - {agents: [c], may: [\"*:orders\", look]}\n");
	q.bundle = k.bundle;
	cr_assert(delegation_slot(k.state, GATE_DELEGATIONS, STR("c"), 0, &at, &row));
	cr_assert_eq(chain_effective(&q, &row, &set), OK);
	cr_expect(str_is(capability_text(&set), "db:orders,look:closely,pay:orders"), "%.*s",
		  STR_ARG(capability_text(&set)));
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 5; j++) {
			struct str request = capability_request(
				str_view(tools[i]),
				resources[j] ? str_view(resources[j]) : STR_NONE, room);
			bool covered = capability_covers(capability_text(&set), request);

			cr_expect_eq(ask("c", tools[i], resources[j]).len == 0, covered, "%.*s",
				     STR_ARG(request));
			allowed += covered;
		}
	cr_expect_eq(allowed, 4);
	cr_assert_eq(link_kit_control(&k, "agent.suspend", "a", NULL, STR_NONE), OK);
	cr_assert_eq(chain_effective(&q, &row, &set), OK);
	cr_expect_eq(set.bytes, 0);
}

/* Whichever stage is asked. */
Test(authority, no_stage_is_a_way_round)
{
	static const char *const stages[] = { "pre_input", "post_tool", "pre_output" };

	(void)link_kit_give(&k, 'a', 'b', "db", NULL);
	for (int i = 0; i < 3; i++) {
		char more[64];

		(void)snprintf(more, sizeof(more), ",\"stage\":\"%s\"", stages[i]);
		cr_expect(str_starts(ask_with("b", "pay", NULL, more), STR("delegation-scope")));
	}
}

Test(authority, trust_is_lowered_to_the_ceiling)
{
	struct delegation ab = link_kit_link('a', 'b', "db", NULL);
	struct verdict v;

	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\n"
					  "trust: {minimum: [{tools: [db], tier: standard}]}\n");
	expect_allowed("b", "db", NULL);
	ab.ceiling = 300;
	link_kit_sign(&ab, 'a');
	cr_assert_eq(link_kit_submit(&k, &ab), OK);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"b\",\"action\":\"db\"}", &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect(str_is(v.decision.stage, "trust"));
	cr_expect_eq(v.decision.trust, 300);
}

Test(authority, rings_and_sessions_count_no_more_than_the_ceiling)
{
	struct delegation ab = link_kit_link('a', 'b', "db", NULL);
	struct verdict v;

	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\ntrust: {initial: 800}\n"
					  "rings:\n  default: 1\n"
					  "  demotion: [{below: 500, until: 600, ring: 3}]\n");
	session_kit_do(&k, "session.open", NULL, "s",
		       ",\"min_score\":700,\"sponsor\":\"a@example.org\"");
	expect_allowed("b", "db", NULL);
	ab.ceiling = 300;
	link_kit_sign(&ab, 'a');
	cr_assert_eq(link_kit_submit(&k, &ab), OK);
	cr_assert_eq(gate_kit_text(&k, "{\"agent\":\"b\",\"action\":\"db\"}", &v), OK);
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect(str_is(v.decision.stage, "ring"));
	cr_expect_eq(session_kit_control(&k, "session.join", "b", "s", "", 0), ERR_RANGE);
	cr_expect_str_eq(k.gate.why.text, "the session wants a score of 700; agent 'b' has 300");
}

/* The longest chain there may be, and that its end is as bound as its beginning. */
Test(authority, a_chain_is_as_long_as_its_first_link_allows)
{
	struct delegation d = link_kit_link('g', 'h', "db", NULL);
	char from = 'h';

	link_kit_agents(&k, "ghijklmnopqrs");
	d.depth = LIMIT_DELEGATION_DEPTH - 1;
	link_kit_sign(&d, 'g');
	cr_assert_eq(link_kit_submit(&k, &d), OK);
	while (d.depth > 0) {
		d = link_kit_give(&k, from, (char)(from + 1), "db", &d);
		from++;
	}
	expect_allowed("q", "db", NULL);
	cr_assert_eq(link_kit_control(&k, "agent.suspend", "g", NULL, STR_NONE), OK);
	expect_denied("q", "db", NULL, "delegation-ancestor: link-");
}

/* --- credentials --- */

static const struct str secret = { "tcr_the-secret-of-b", 19 };

static enum err issue(const char *verb, const char *agent, struct str of, const char *expires,
		      const char *id)
{
	struct value may = value_string(STR("db"));
	struct member members[6] = {
		{ .key = STR("capabilities"),
		  .value = { .kind = VALUE_LIST, .list = { &may, 1 } } },
		{ .key = STR("credential") },
		{ .key = STR("expires"), .value = value_string(str_view(expires)) },
		{ .key = STR("id"), .value = value_string(str_view(id)) },
		{ .key = STR("reason"), .value = value_string(STR("test")) },
		{ .key = STR("until"), .value = value_string(STR("2026-01-02T03:10:00Z")) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 6 } };
	const struct event e = {
		.kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .action = str_view(verb),
		.agent = str_view(agent), .data = &data,
	};
	struct digest hash = credential_hash(of);
	struct verdict v;
	struct str text;
	struct buf b;

	buf_init(&b, 128);
	digest_write(&b, &hash);
	cr_assert_eq(arena_copy(&k.memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	members[1].value = value_string(text);
	return gate_submit(&k.gate, &e, &k.memory, &v);
}

static const char *id_of(struct str of)
{
	struct digest hash = credential_hash(of);
	struct str text;
	struct buf b;

	buf_init(&b, CREDENTIAL_ID_BYTES);
	credential_id_write(&b, hash.bytes);
	cr_assert_eq(arena_copy(&k.memory, buf_view(&b), &text), OK);
	buf_fini(&b);
	return text.ptr;
}

static struct str show(const char *agent, const char *action, const char *of, const char *at)
{
	char more[256];

	(void)snprintf(more, sizeof(more), ",\"credential\":\"%s\"%s%s%s", of,
		       at ? ",\"at\":\"" : "", at ? at : "", at ? "\"" : "");
	return ask_with(agent, action, NULL, more);
}

Test(authority, a_credential_is_good_for_its_agent_scope_and_time)
{
	cr_assert_eq(issue("credential.issue", "b", secret, "2026-01-02T04:00:00Z", ""), OK, "%s",
		     k.gate.why.text);
	expect_said(show("b", "db", secret.ptr, NULL), "");
	expect_said(show("b", "pay", secret.ptr, NULL), "credential-scope: ");
	expect_said(show("c", "db", secret.ptr, NULL), "credential-other-agent: ");
	expect_said(show("b", "db", "tcr_guessed", NULL), "credential-unknown: ");
	expect_said(show("b", "db", secret.ptr, "2026-01-02T03:59:59Z"), "");
	expect_said(show("b", "db", secret.ptr, "2026-01-02T04:00:00Z"), "credential-expired: ");
}

Test(authority, a_policy_may_want_a_credential)
{
	cr_assert_eq(issue("credential.issue", "b", secret, "2026-01-02T04:00:00Z", ""), OK);
	expect_allowed("b", "db", NULL);
	gate_kit_policy(&k, GATE_KIT_HEAD "default_action: allow\nrequire_credential: true\n");
	expect_denied("b", "db", NULL, "credential-missing: ");
	expect_said(show("b", "db", secret.ptr, NULL), "");
}

Test(authority, a_rotated_secret_is_good_for_the_overlap)
{
	cr_assert_eq(issue("credential.issue", "b", secret, "2026-01-02T04:00:00Z", ""), OK);
	cr_assert_eq(issue("credential.rotate", "b", STR("tcr_next"), "2026-01-02T05:00:00Z",
			   id_of(secret)), OK, "%s", k.gate.why.text);
	expect_said(show("b", "db", secret.ptr, "2026-01-02T03:09:59Z"), "");
	expect_said(show("b", "db", "tcr_next", NULL), "");
	expect_said(show("b", "pay", "tcr_next", NULL), "credential-scope: ");
	expect_said(show("b", "db", secret.ptr, "2026-01-02T03:10:00Z"), "credential-rotated: ");
	expect_said(show("b", "db", "tcr_next", "2026-01-02T04:04:00Z"), "");
}

Test(authority, a_revoked_credential_is_over)
{
	cr_assert_eq(issue("credential.issue", "b", secret, "2026-01-02T04:00:00Z", ""), OK);
	cr_assert_eq(link_kit_control(&k, "credential.revoke", "b", "id",
				      str_view(id_of(secret))), OK);
	expect_said(show("b", "db", secret.ptr, NULL), "credential-revoked: ");
}

/* A document of agent b that is signed with this hash among what is covered. */
static enum effect submit_signed(struct str covered, const char *member)
{
	const struct agent_claim claim = { .log = STR(GATE_KIT_ORIGIN), .agent = STR("b"),
					   .action = STR("db"),
					   .credential = covered, .at_ns = GATE_KIT_NOW };
	struct sign_key *key = link_kit_key('b');
	struct signature sig;
	struct verdict v;
	struct buf b;

	buf_init(&b, 4096);
	agent_signed_text(&b, &claim);
	sig = sign_make(key, buf_view(&b));
	buf_clear(&b);
	buf_addf(&b, "{\"agent\":\"b\",\"action\":\"db\",\"at\":\"2026-01-02T03:04:05Z\"%s,"
		     "\"signature\":\"", member);
	base64_write(&b, sig.bytes, sizeof(sig.bytes));
	buf_addf(&b, "\"}%c", '\0');
	cr_assert_eq(gate_kit_text(&k, b.ptr, &v), OK);
	buf_fini(&b);
	sign_key_close(key);
	return v.effect;
}

Test(authority, a_signature_covers_the_credential)
{
	const char *member = ",\"credential\":\"tcr_the-secret-of-b\"";
	struct digest hash = credential_hash(secret);
	struct buf b;

	buf_init(&b, 128);
	digest_write(&b, &hash);
	cr_assert_eq(issue("credential.issue", "b", secret, "2026-01-02T04:00:00Z", ""), OK);
	cr_expect_eq(submit_signed(buf_view(&b), ""), EFFECT_DENY);
	cr_expect_eq(submit_signed(STR_NONE, member), EFFECT_DENY);
	cr_expect_eq(submit_signed(buf_view(&b), member), EFFECT_ALLOW);
	buf_fini(&b);
}

/* Neither entries nor bodies nor reasons nor notes hold it, whatever becomes of the document. */
Test(authority, a_secret_is_recorded_nowhere)
{
	static const char *const documents[] = {
		"{\"agent\":\"b\",\"action\":\"db\",\"credential\":\"tcr_the-secret-of-b\"}",
		"{\"agent\":\"c\",\"action\":\"db\",\"credential\":\"tcr_the-secret-of-b\"}",
		"{\"agent\":\"b\",\"acton\":\"db\",\"credential\":\"tcr_the-secret-of-b\"}",
		"{\"agent\":\"b\",\"credential\":\"tcr_the-secret-of-b\",\"action\":\"db\"",
		"{\"agent\":\"b\",\"credential\":\"tcr_the-secret-of-b\",\"credential\":\"x\"}",
		"{\"agent\":\"b\",\"action\":\"db\",\"credential\":[\"tcr_the-secret-of-b\"]}",
		"{\"agent\":\"b\",\"action\":\"db\",\"credential\":\"tcr_the-secret-of-b\\u0000\"}",
	};
	struct verdict v;

	cr_assert_eq(issue("credential.issue", "b", secret, "2026-01-02T04:00:00Z", ""), OK);
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		cr_assert_eq(gate_kit_text(&k, documents[i], &v), OK);
		cr_expect_eq(v.effect == EFFECT_ALLOW, i == 0, "%s", documents[i]);
		cr_expect(!str_has(str_view(k.note.text), STR("secret-of")), "%s", k.note.text);
	}
	for (size_t i = 0; i < k.line_count; i++)
		cr_expect(!str_has(k.lines[i], STR("secret-of")), "%.*s", STR_ARG(k.lines[i]));
	for (size_t i = 0; i < k.body_count; i++)
		cr_expect(!str_has(k.bodies[i], STR("secret-of")));
}

Test(authority, every_allocation_of_a_denial_may_fail)
{
	struct member member = { .key = STR("credential") };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct event e = { .kind = ENTRY_ACTION, .at_ns = GATE_KIT_NOW, .agent = STR("b"),
			   .action = STR("pay") };
	bool hit = true;

	member.value = value_string(
		STR("sha256:0000000000000000000000000000000000000000000000000000000000000000"));
	(void)link_kit_give(&k, 'a', 'b', "db", NULL);
	for (uint64_t n = 1; hit; n++) {
		struct weighed w;
		struct arena a;
		struct buf input;

		e.data = n % 2 ? &data : NULL;
		arena_init(&a, LIMIT_ACTION_MEMORY);
		buf_init(&input, LIMIT_ACTION_BYTES);
		fail_alloc_at(n / 2 + 1);
		(void)gate_weigh(k.state, k.bundle, &e, NULL, NULL, &a, &input, &w);
		hit = fail_alloc_was_hit() || n < 4;
		cr_expect_eq(w.decision.effect, EFFECT_DENY);
		buf_fini(&input);
		arena_fini(&a);
	}
}
