/*
 * suite_authority: capabilities, credentials and delegations beside what was recorded by running
 * the reference toolkit.
 *
 *   identity/capability_match.json   what a capability covers
 *   identity/credential.json         scopes, ends and rotations of credentials
 *   identity/delegation.json         narrowing, and chains whole and tampered with
 *
 * Chains and credentials are taken through a gate, by the controls that bring them about. The agent
 * at depth n of a chain is called by the n-th letter, and its key has that letter as its seed.
 */
#include <stdio.h>

#include "engine/base/canon.h"
#include "engine/base/when.h"
#include "engine/base/json.h"
#include "engine/gate/gate.h"
#include "tests/conformance/dropped.h"
#include "tests/conformance/listed.h"

#define TABLE_BEGIN "<!-- authority -->"
#define ANSWER_CAP ((size_t)16 << 10)
#define ORIGIN "example.com/chains"
#define NOW INT64_C(1772366400000000000)      /* 2026-03-01T12:00:00Z */
#define HOUR (INT64_C(3600) * WHEN_SECOND_NS)
#define POLICY "apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\n"

static struct listed differences;
static const char letters[] = "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l";
#define AGENTS (sizeof(letters) / 2)

struct one {
	struct arena *arena;
	char name[128];
	const struct value *given, *expect;
	struct buf ours;                      /* our answers, an object */
	struct state *state;
	struct gate gate;
};

/* --- our answers --- */

static void put_raw(struct one *c, const char *key, const char *json)
{
	buf_addf(&c->ours, "%s\"%s\":%s", c->ours.len > 1 ? "," : "", key, json);
}

static void put_bool(struct one *c, const char *key, bool yes)
{
	put_raw(c, key, yes ? "true" : "false");
}

/* A verdict on a chain; the sentence beside it is theirs, in words of their own. */
static void put_verdict(struct one *c, const char *key, bool ok)
{
	const struct value *theirs = value_get_c(c->expect, key);
	bool same = theirs && theirs->list.items[0].boolean == ok;

	put_raw(c, key, ok ? "[true," : "[false,");
	if (same)
		canon_value(&c->ours, &theirs->list.items[1]);
	else
		buf_add_c(&c->ours, "null");
	buf_add_byte(&c->ours, ']');
}

static bool begins(const struct one *c, const char *prefix)
{
	return str_starts(str_view(c->name), str_view(prefix));
}

/* --- the gate --- */

static struct str agent_at(size_t depth)
{
	MUST(depth < AGENTS);
	return str_slice(&letters[2 * depth], 1);
}

static struct sign_key *key_at(size_t depth)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;

	memset(seed, letters[2 * depth], sizeof(seed));
	MUST(sign_key_open(seed, &key) == OK);
	return key;
}

static struct public_key public_at(size_t depth)
{
	struct sign_key *key = key_at(depth);
	struct public_key pub = sign_key_public(key);

	sign_key_close(key);
	return pub;
}

/* What an agent may do by policy: the parent's set, when the case has one. */
static const struct bundle *load_policy(struct one *c, const struct value *may)
{
	struct policy_file file = { STR("p.yaml"), STR(POLICY) };
	struct bundle *bundle;
	struct buf b;

	buf_init(&b, ANSWER_CAP);
	buf_add_c(&b, POLICY);
	if (may) {
		buf_add_c(&b, "capabilities: [{agents: [a], may: ");
		canon_value(&b, may);
		buf_add_c(&b, "}]\n");
	}
	MUST(b.err == OK && arena_copy(c->arena, buf_view(&b), &file.content) == OK);
	buf_fini(&b);
	return bundle_load(&file, 1, c->arena, &bundle, NULL) == OK ? bundle : NULL;
}

static void open_gate(struct one *c, const struct value *may)
{
	const struct gate_sink nowhere = dropped_sink();

	MUST(gate_state_open(&c->state) == OK);
	gate_init(&c->gate, c->state, load_policy(c, may), STR(ORIGIN), 0, nowhere);
	state_begin(c->state);
	for (size_t i = 0; i < AGENTS; i++) {
		struct public_key pub = public_at(i);
		struct agent_row row = { .registered_ns = 1, .has_key = 1, .has_sponsor = 1 };

		memcpy(row.key, pub.bytes, sizeof(row.key));
		MUST(agent_register(c->state, GATE_AGENTS, agent_at(i), &row) == OK);
	}
}

static void close_gate(struct one *c)
{
	gate_fini(&c->gate);
	state_close(c->state);
}

static bool control(struct one *c, const char *verb, struct str agent, struct value data)
{
	const struct event e = { .kind = ENTRY_CONTROL, .at_ns = NOW, .agent = agent,
				 .action = str_view(verb), .data = &data };
	struct verdict v;

	return gate_submit(&c->gate, &e, c->arena, &v) == OK;
}

static bool control_agent(struct one *c, const char *verb, size_t depth)
{
	struct member reason = { .key = STR("reason"), .value = value_string(STR("boom")) };

	return control(c, verb, agent_at(depth),
		       (struct value){ .kind = VALUE_OBJECT, .object = { &reason, 1 } });
}

/* May it do that at that time? A secret (ptr NULL: none) goes along. */
static bool may_act(struct one *c, struct str agent, struct str action, struct str secret,
		    int64_t at_ns)
{
	struct digest hash = credential_hash(secret);
	struct member member = { .key = STR("credential") };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct event e = { .kind = ENTRY_ACTION, .at_ns = at_ns, .agent = agent, .action = action };
	struct verdict v;
	struct buf b;

	buf_init(&b, 128);
	digest_write(&b, &hash);
	member.value = value_string(buf_view(&b));
	if (secret.ptr)
		e.data = &data;
	MUST(gate_submit(&c->gate, &e, c->arena, &v) == OK);
	buf_fini(&b);
	return v.effect == EFFECT_ALLOW;
}

/* --- links --- */

/* From depth to depth + 1, below `parent` (NULL: none), not signed yet. */
static struct delegation link_at(size_t depth, const char *may, const struct delegation *parent)
{
	struct delegation d = {
		.log = STR(ORIGIN), .delegator = agent_at(depth), .delegatee = agent_at(depth + 1),
		.from = public_at(depth), .to = public_at(depth + 1), .issued_ns = NOW,
		.expires_ns = NOW + HOUR, .ceiling = DELEGATION_TOP,
		.depth = parent ? parent->depth - 1 : LIMIT_DELEGATION_DEPTH - 1,
		.has_parent = parent != NULL,
	};

	MUST(capability_read(str_view(may), &d.may, NULL) == OK);
	if (parent)
		MUST(delegation_hash(parent, &d.parent) == OK);
	return d;
}

static void sign_link(struct delegation *d)
{
	struct sign_key *key = key_at((size_t)(d->delegator.ptr - letters) / 2);
	struct buf b;

	buf_init(&b, DELEGATION_BYTES);
	delegation_text(&b, d);
	MUST(b.err == OK);
	d->signature = sign_make(key, buf_view(&b));
	buf_fini(&b);
	sign_key_close(key);
}

static bool submit_link(struct one *c, const struct delegation *d)
{
	struct value data;

	MUST(delegation_write(d, STR("case"), c->arena, &data) == OK);
	return control(c, "agent.delegate", d->delegatee, data);
}

static bool give(struct one *c, struct delegation *d)
{
	sign_link(d);
	return submit_link(c, d);
}

/* The chain of the cases: read:*,write:data, then read:data, then read:data. */
static void begin_chain(struct one *c, struct delegation chain[2])
{
	open_gate(c, NULL);
	chain[0] = link_at(0, "read:*,write:data", NULL);
	chain[1] = link_at(1, "read:data", &chain[0]);
	MUST(give(c, &chain[0]) && give(c, &chain[1]));
}

/* --- capability_match.json --- */

static bool covers(struct str granted, struct str requested)
{
	struct capabilities set;

	return capability_read(granted, &set, NULL) == OK &&
	       capability_covers(capability_text(&set), requested);
}

/* A grant of a tool for some resources is so many capabilities; for none, the tool's. */
static bool covers_resource(const struct value *ids, struct str resource)
{
	char granted[64] = "use", request[CAPABILITY_REQUEST_BYTES];

	if (ids->list.count)
		(void)snprintf(granted, sizeof(granted), "use:%.*s",
			       STR_ARG(ids->list.items[0].string));
	return covers(str_view(granted), capability_request(STR("use"), resource, request));
}

/* A link is taken, and all of it has an effect. */
static bool hands_on(struct one *c, struct delegation *d)
{
	struct chain_question q = { .state = c->state, .bundle = c->gate.bundle, .at_ns = NOW };
	struct capabilities left;
	struct delegation_row row;
	uint32_t at;

	return give(c, d) &&
	       delegation_slot(c->state, GATE_DELEGATIONS, d->delegatee, 0, &at, &row) &&
	       chain_effective(&q, &row, &left) == OK &&
	       capability_narrows(capability_text(&d->may), capability_text(&left));
}

/* Who has nothing hands nothing on, asked for or not. */
static void answer_grantor(struct one *c)
{
	const struct value nothing = { .kind = VALUE_LIST };
	struct delegation d = link_at(0, "x", NULL);

	open_gate(c, &nothing);
	put_raw(c, "ok", hands_on(c, &d) ? "[true,true]" : "[false,false]");
	close_gate(c);
}

static void answer_self_grant(struct one *c)
{
	struct delegation d = link_at(0, "x", NULL);

	open_gate(c, NULL);
	d.delegatee = d.delegator;
	d.to = d.from;
	put_bool(c, "ok", give(c, &d));
	close_gate(c);
}

static void answer_denial(struct one *c)
{
	const struct str set = STR("write:db,-write:db");

	buf_addf(&c->ours, "\"allowed\":[%s,%s]", covers(set, STR("write:db")) ? "true" : "false",
		 covers(set, STR("write:db:users")) ? "true" : "false");
}

static void answer_capability(struct one *c)
{
	const struct value *ids = value_get_c(c->given, "resource_ids");
	struct str text = value_text(c->given, "capability");
	struct capabilities ignored;

	if (value_get_c(c->given, "granted"))
		put_bool(c, "match", covers(value_text(c->given, "granted"),
					    value_text(c->given, "requested")));
	else if (text.ptr)
		put_bool(c, "ok", text.len && capability_read(text, &ignored, NULL) == OK);
	else if (ids)
		put_bool(c, "match", covers_resource(ids, value_text(c->given, "resource_id")));
	else if (begins(c, "deny-"))
		answer_denial(c);
	else if (begins(c, "self-grant"))
		answer_self_grant(c);
	else
		answer_grantor(c);
}

/* --- credential.json --- */

static const struct str secret = { "case", 4 };

/* Issue, or rotate, a credential of agent a that ends in 900 seconds. */
static bool make_credential(struct one *c, const char *verb, struct str of, const struct value *may,
			    int64_t until_ns)
{
	struct digest hash = credential_hash(of), old = credential_hash(secret);
	struct member members[6];
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 6 } };
	struct buf texts[4];
	bool ok;

	for (int i = 0; i < 4; i++)
		buf_init(&texts[i], 128);
	digest_write(&texts[0], &hash);
	when_write(&texts[1], NOW + 900 * WHEN_SECOND_NS);
	credential_id_write(&texts[2], old.bytes);
	when_write(&texts[3], until_ns);
	members[0] = (struct member){ .key = STR("capabilities"), .value = *may };
	members[1] = (struct member){ .key = STR("credential"),
				      .value = value_string(buf_view(&texts[0])) };
	members[2] = (struct member){ .key = STR("expires"),
				      .value = value_string(buf_view(&texts[1])) };
	members[3] = (struct member){ .key = STR("id"),
				      .value = value_string(buf_view(&texts[2])) };
	members[4] = (struct member){ .key = STR("reason"), .value = value_string(STR("case")) };
	members[5] = (struct member){ .key = STR("until"),
				      .value = value_string(buf_view(&texts[3])) };
	ok = control(c, verb, agent_at(0), data);
	for (int i = 0; i < 4; i++)
		buf_fini(&texts[i]);
	return ok;
}

static bool revoke_credential(struct one *c)
{
	struct digest hash = credential_hash(secret);
	struct member members[2];
	struct buf id;
	bool ok;

	buf_init(&id, CREDENTIAL_ID_BYTES);
	credential_id_write(&id, hash.bytes);
	members[0] = (struct member){ .key = STR("id"), .value = value_string(buf_view(&id)) };
	members[1] = (struct member){ .key = STR("reason"), .value = value_string(STR("case")) };
	ok = control(c, "credential.revoke", agent_at(0),
		     (struct value){ .kind = VALUE_OBJECT, .object = { members, 2 } });
	buf_fini(&id);
	return ok;
}

/* The status, brought about by what brings it about here; then whether the secret is good. */
static void answer_validity(struct one *c, const struct value *all)
{
	const struct value *offset = value_get_c(c->given, "now_offset");
	struct str status = value_text(c->given, "status");
	int64_t at_ns = NOW + offset->integer * WHEN_SECOND_NS;

	MUST(make_credential(c, "credential.issue", secret, all, 0));
	if (str_is(status, "rotated"))
		MUST(make_credential(c, "credential.rotate", STR("next"), all, NOW));
	if (str_is(status, "revoked"))
		MUST(revoke_credential(c));
	if (str_is(status, "expired"))
		at_ns = NOW + 900 * WHEN_SECOND_NS;
	put_bool(c, "is_valid", may_act(c, agent_at(0), STR("x"), secret, at_ns));
}

static void answer_rotation(struct one *c, const struct value *all)
{
	struct digest old = credential_hash(secret), next = credential_hash(STR("next"));
	struct credential_row row;

	MUST(make_credential(c, "credential.issue", secret, all, 0));
	MUST(make_credential(c, "credential.rotate", STR("next"), all, NOW + 60 * WHEN_SECOND_NS));
	MUST(credential_find(c->state, GATE_CREDENTIALS, &old, &row));
	put_raw(c, "old_status", row.status == CREDENTIAL_ROTATED ? "\"rotated\"" : "null");
	put_bool(c, "old_is_valid", may_act(c, agent_at(0), STR("x"), secret, NOW));
	put_bool(c, "old_token_accepted", may_act(c, agent_at(0), STR("x"), secret, NOW));
	MUST(credential_find(c->state, GATE_CREDENTIALS, &next, &row));
	put_bool(c, "new_prev_is_old", memcmp(row.after, old.bytes, sizeof(row.after)) == 0);
	put_raw(c, "new_rotation_count", row.rotations == 1 ? "1" : "null");
	put_bool(c, "raw_token_still_stored", false);
}

/* A scope, as a credential and as what a policy leaves the agent. */
static void answer_scope(struct one *c, const struct value *may)
{
	struct str requested = value_text(c->given, "requested");

	put_bool(c, "credential", make_credential(c, "credential.issue", secret, may, 0) &&
					  may_act(c, agent_at(0), requested, secret, NOW));
	close_gate(c);
	open_gate(c, may);
	put_bool(c, "identity", c->gate.bundle &&
					may_act(c, agent_at(0), requested, STR_NONE, NOW));
}

static void answer_credential(struct one *c)
{
	struct value star = value_string(STR("*"));
	struct value all = { .kind = VALUE_LIST, .list = { &star, 1 } };
	const struct value *may = value_get_c(c->given, "capabilities");
	const struct value *resources = value_get_c(c->given, "resources");

	open_gate(c, NULL);
	if (value_get_c(c->given, "now_offset"))
		answer_validity(c, &all);
	if (begins(c, "rotate"))
		answer_rotation(c, &all);
	if (may)
		answer_scope(c, may);
	if (resources)
		put_bool(c, "allowed",
			 covers_resource(resources, value_text(c->given, "requested")));
	close_gate(c);
}

/* --- delegation.json --- */

static void answer_narrowing(struct one *c)
{
	struct capabilities parent, child;
	enum err wide = capability_read_list(value_get_c(c->given, "parent"), &parent, NULL);
	enum err narrow = capability_read_list(value_get_c(c->given, "delegated"), &child, NULL);

	put_bool(c, "narrowing", wide == OK && narrow == OK &&
					 capability_narrows(capability_text(&child),
							    capability_text(&parent)));
}

/* The third link of the chain, tampered with as the case says; false: that is not possible here. */
static bool tamper(struct one *c, const struct delegation chain[2], struct delegation *d,
		   bool *sign)
{
	const char *kind = c->name + strlen("chain-tamper-");

	*sign = true;
	if (strcmp(kind, "capability-added") == 0) {
		sign_link(d);
		*sign = false;
		MUST(capability_read(STR("read:data,write:data"), &d->may, NULL) == OK);
	} else if (strcmp(kind, "escalation-rehashed") == 0) {
		MUST(capability_read(STR("read:data,write:data"), &d->may, NULL) == OK);
	} else if (strcmp(kind, "depth") == 0) {
		d->depth = chain[1].depth;
	} else if (strcmp(kind, "prev-hash") == 0) {
		d->parent.bytes[0] ^= 1;
	} else if (strcmp(kind, "link-dropped") == 0) {
		MUST(delegation_hash(&chain[0], &d->parent) == OK);
	} else if (strcmp(kind, "expired-link") == 0) {
		d->expires_ns = NOW - 24 * HOUR;
		d->issued_ns = d->expires_ns - HOUR;
	} else if (strcmp(kind, "signature-garbage-unknown-parent") == 0) {
		memset(d->signature.bytes, 7, sizeof(d->signature.bytes));
		*sign = false;
	} else if (strcmp(kind, "disconnected-parent-rehashed") == 0) {
		d->delegator = agent_at(5);
		d->from = public_at(5);
	} else {
		return false;
	}
	return true;
}

static void answer_tampered(struct one *c)
{
	struct delegation chain[2], d;
	bool sign, possible;

	begin_chain(c, chain);
	d = link_at(2, "read:data", &chain[1]);
	possible = tamper(c, chain, &d, &sign);
	if (possible)
		put_verdict(c, "agt_verify", sign ? give(c, &d) : submit_link(c, &d));
	close_gate(c);
}

/* A chain of so many links, of which the first allows as many as `most`; was the last taken? */
static bool chain_of(struct one *c, size_t links, uint32_t most)
{
	struct delegation d = link_at(0, "x", NULL), next;
	bool ok;

	open_gate(c, NULL);
	d.depth = most - 1;
	ok = give(c, &d);
	for (size_t i = 1; ok && i < links; i++) {
		next = link_at(i, "x", &d);
		if (d.depth == 0)
			next.depth = 0;
		ok = give(c, &next);
		d = next;
	}
	close_gate(c);
	return ok;
}

static void answer_chain(struct one *c)
{
	struct delegation chain[2], d;
	struct delegation_row row;
	uint32_t at;

	begin_chain(c, chain);
	d = link_at(2, "read:data", &chain[1]);
	d.signature = chain[1].signature;
	put_verdict(c, "verify", begins(c, "chain-signature-bad") ? submit_link(c, &d)
								  : give(c, &d));
	if (delegation_slot(c->state, GATE_DELEGATIONS, agent_at(3), 0, &at, &row))
		put_raw(c, "leaf_capabilities",
			str_is(delegation_may(&row), "read:data") ? "[\"read:data\"]" : "null");
	close_gate(c);
}

/* Of what the policy leaves the agent, it hands on a part. */
static void answer_handing_on(struct one *c)
{
	struct delegation d = link_at(0, "", NULL);

	open_gate(c, value_get_c(c->given, "parent"));
	MUST(capability_read_list(value_get_c(c->given, "delegated"), &d.may, NULL) == OK);
	put_bool(c, "ok", hands_on(c, &d));
	close_gate(c);
}

/* What is left of a link without a ceiling of its own, as the program makes it. */
static void answer_ceiling(struct one *c)
{
	const struct value *requested = value_get_c(c->given, "requested");
	struct chain_question q = { .at_ns = NOW };
	struct delegation above = link_at(0, "x", NULL), d;
	struct delegation_row row;
	struct chain_answer answer;
	uint32_t at;

	open_gate(c, NULL);
	above.ceiling = 300;
	MUST(give(c, &above));
	d = link_at(1, "x", &above);
	d.ceiling = requested->kind == VALUE_INT ? (uint32_t)requested->integer : above.ceiling;
	q.state = c->state;
	if (give(c, &d) &&
	    delegation_slot(c->state, GATE_DELEGATIONS, agent_at(2), 0, &at, &row)) {
		chain_walk(&q, &row, STR_NONE, &answer);
		put_raw(c, "spec_says", answer.ceiling == 300 ? "300" : "null");
	}
	close_gate(c);
}

static void answer_registry(struct one *c)
{
	struct delegation chain[2], d;
	bool taken;

	begin_chain(c, chain);
	d = link_at(2, "read:data", &chain[1]);
	if (begins(c, "registry-chain-bad-depth"))
		d.depth = chain[1].depth;
	if (begins(c, "registry-chain-no-registry"))
		d.parent.bytes[0] ^= 1;
	taken = give(c, &d);
	if (begins(c, "registry-chain-root-suspended"))
		MUST(control_agent(c, "agent.suspend", 0));
	if (begins(c, "registry-chain-leaf-revoked"))
		MUST(control_agent(c, "agent.revoke", 3));
	if (!begins(c, "registry-revoke"))
		put_bool(c, "valid", taken && may_act(c, agent_at(3), STR("read:data"), STR_NONE,
						      NOW));
	close_gate(c);
}

static void answer_delegation(struct one *c)
{
	const struct value *depth = value_get_c(c->given, "parent_depth");
	struct delegation d;

	if (begins(c, "narrow:"))
		answer_narrowing(c);
	else if (begins(c, "chain-tamper-over-max-depth"))
		put_verdict(c, "agt_verify", chain_of(c, 9, 5));
	else if (begins(c, "chain-tamper-"))
		answer_tampered(c);
	else if (begins(c, "chain-"))
		answer_chain(c);
	else if (begins(c, "add-depth-6"))
		put_bool(c, "ok", chain_of(c, 6, 5));
	else if (begins(c, "identity-delegate:"))
		answer_handing_on(c);
	else if (depth)
		put_bool(c, "ok", chain_of(c, (size_t)depth->integer + 1, LIMIT_DELEGATION_DEPTH));
	else if (begins(c, "identity-ceiling"))
		answer_ceiling(c);
	else if (begins(c, "registry-"))
		answer_registry(c);
	if (begins(c, "add-first-")) {
		open_gate(c, NULL);
		d = link_at(0, "x", NULL);
		d.has_parent = true;
		put_bool(c, "ok", give(c, &d));
		close_gate(c);
	}
}

/* --- all of it --- */

static const struct kind {
	const char *file;
	void (*answer)(struct one *c);
} kinds[] = {
	{ "capability_match", answer_capability },
	{ "credential", answer_credential },
	{ "delegation", answer_delegation },
};

static void each_case(struct suite *s, const struct kind *kind, const char *path, struct str text,
		      struct arena *a)
{
	const struct value *cases;
	struct value file;

	if (json_read(text, 1, a, &file, NULL) != OK ||
	    !(cases = value_get_c(&file, "cases")) || cases->kind != VALUE_LIST) {
		suite_check(s, false, path, "is not a file of cases");
		return;
	}
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *v = &cases->list.items[i];
		struct one c = { .given = value_get_c(v, "given"),
				 .expect = value_get_c(v, "expect") };
		struct arena memory;

		arena_init(&memory, LIMIT_BUNDLE_MEMORY);
		c.arena = &memory;
		(void)snprintf(c.name, sizeof(c.name), "%.*s", STR_ARG(value_text(v, "name")));
		buf_init(&c.ours, ANSWER_CAP);
		buf_add_byte(&c.ours, '{');
		kind->answer(&c);
		buf_add_byte(&c.ours, '}');
		listed_compare(&differences, s, kind->file, c.name, c.expect, buf_view(&c.ours), a);
		buf_fini(&c.ours);
		arena_fini(&memory);
	}
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &kinds[0].file, sizeof(kinds[0]),
			      sizeof(kinds) / sizeof(kinds[0]));

	/* The folder holds vectors of other suites as well. */
	if (kind >= 0)
		each_case(s, &kinds[kind], path, text, a);
}

void suite_authority(struct suite *s)
{
	struct arena a;

	MUST(crypto_start() == OK);
	arena_init(&a, (size_t)1 << 20);
	listed_read(&differences, s, TABLE_BEGIN, &a);
	suite_each_file(s, "identity", visit);
	listed_end(&differences, s);
	arena_fini(&a);
}
