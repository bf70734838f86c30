/*
 * suite_identity: agents, keys and their names beside what was recorded by running the reference
 * toolkit.
 *
 *   identity/did.json         DIDs read, identities made
 *   identity/keys.json        ids, signatures, JWKs and DID documents of known seeds
 *   identity/jwk_import.json  JWKs and sets of them read
 *   identity/rotation.json    proofs of rotation, genuine and forged
 *   identity/lifecycle.json   suspended, reactivated, revoked, expired
 *   identity/spiffe.json      SPIFFE IDs written and read, SVIDs in and out of their time
 *   identity/revocation.json  revoked for a while, and for good
 *   identity/handshake.json   answers to challenges, right and wrong
 *
 * Every member that a case expects is an answer: ours is the same, or the member stands in the
 * table of docs/conformance.md with the reason. A row of that table that explains nothing is a
 * failure as well. Files of the folder that are not listed above belong to other suites.
 */
#include <stdio.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/when.h"
#include "tests/conformance/answer.h"
#include "tests/conformance/dropped.h"
#include "tests/conformance/listed.h"

#define TABLE_BEGIN "<!-- identity -->"
#define ANSWER_CAP ((size_t)64 << 10)

static struct listed differences;

/* --- our answers, member by member --- */

void answer_put_key(struct one *c, const char *key)
{
	buf_addf(&c->ours, "%s\"%s\":", c->ours.len > 1 ? "," : "", key);
}

void answer_put_raw(struct one *c, const char *key, struct str json)
{
	answer_put_key(c, key);
	buf_add(&c->ours, json);
}

/* ptr NULL: null */
void answer_put_text(struct one *c, const char *key, struct str text)
{
	answer_put_key(c, key);
	if (text.ptr)
		canon_string(&c->ours, text);
	else
		buf_add_c(&c->ours, "null");
}

void answer_put_bool(struct one *c, const char *key, bool yes)
{
	answer_put_raw(c, key, yes ? STR("true") : STR("false"));
}

static void put_base64(struct one *c, const char *key, const void *bytes, size_t len)
{
	answer_put_key(c, key);
	buf_add_byte(&c->ours, '"');
	base64_write(&c->ours, bytes, len);
	buf_add_byte(&c->ours, '"');
}

typedef void name_writer(struct buf *b, const struct public_key *key);

static void put_name(struct one *c, const char *key, name_writer *write,
		     const struct public_key *pub)
{
	answer_put_key(c, key);
	buf_add_byte(&c->ours, '"');
	write(&c->ours, pub);
	buf_add_byte(&c->ours, '"');
}

/* --- did.json --- */

static bool status_known(struct str name)
{
	for (int i = 0; i < AGENT_STATUSES; i++)
		if (str_is(name, agent_status_name((enum agent_status)i)))
			return true;
	return false;
}

/* Of an identity the case gives one member; the others are as they should be. */
static bool identity_ok(const struct value *given)
{
	struct str name = value_text(given, "name"), sponsor = value_text(given, "sponsor");
	struct str parent = value_text(given, "parent_did"), status = value_text(given, "status");

	return (!name.ptr || agent_name_ok(name)) && (!sponsor.ptr || sponsor_ok(sponsor)) &&
	       (!parent.ptr || did_form(parent) != DID_NONE) &&
	       (!status.ptr || status_known(status));
}

static void answer_did(struct one *c)
{
	const struct str prefix = STR("did:mesh:");
	struct str did = value_text(c->given, "did");
	enum did_form form = did_form(did);

	/* No agent delegates here, so there is nothing to say about how deep. */
	if (value_get_c(c->given, "delegation_depth"))
		return;
	if (!did.ptr) {
		answer_put_bool(c, "ok", identity_ok(c->given));
		return;
	}
	answer_put_bool(c, "ok", form != DID_NONE);
	answer_put_text(c, "unique_id", form == DID_FOREIGN
					 ? str_slice(did.ptr + prefix.len, did.len - prefix.len)
					 : STR_NONE);
	answer_put_text(c, "round_trip", form != DID_NONE ? did : STR_NONE);
}

/* --- keys.json --- */

static struct sign_key *open_seed(struct str hex)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *key;

	MUST(hex_read(hex, seed, sizeof(seed)) == OK && sign_key_open(seed, &key) == OK);
	return key;
}

static void answer_valid(struct one *c, const struct public_key *pub)
{
	struct signature sig;
	size_t len;

	answer_put_bool(c, "valid", base64_read(value_text(c->given, "signature"), sig.bytes,
					 sizeof(sig.bytes), &len) == OK &&
			     len == sizeof(sig.bytes) &&
			     sign_check(pub, value_text(c->given, "data"), &sig));
}

static void answer_private(struct one *c, const struct sign_key *key)
{
	struct value jwk;
	struct str text;
	struct buf b;

	buf_init(&b, ANSWER_CAP);
	jwk_write_private(&b, key, STR_NONE);
	MUST(b.err == OK && arena_copy(c->arena, buf_view(&b), &text) == OK);
	MUST(json_read(text, 1, c->arena, &jwk, NULL) == OK);
	answer_put_text(c, "jwk_private_d", value_text(&jwk, "d"));
	buf_fini(&b);
}

static void answer_keys(struct one *c)
{
	struct sign_key *key = open_seed(value_text(c->given, "seed_hex"));
	struct public_key pub = sign_key_public(key);
	struct signature sig;

	if (value_text(c->given, "signature").ptr) {
		answer_valid(c, &pub);
	} else {
		sig = sign_make(key, value_text(c->given, "message"));
		put_base64(c, "public_key_b64", pub.bytes, sizeof(pub.bytes));
		put_base64(c, "signature_b64", sig.bytes, sizeof(sig.bytes));
		put_name(c, "verification_key_id", key_id_write, &pub);
		answer_put_key(c, "jwk_public");
		jwk_write_public(&c->ours, &pub, value_text(c->expect, "did"));
		answer_private(c, key);
		put_name(c, "did", did_write, &pub);
		answer_put_key(c, "did_document");
		did_document_write(&c->ours, &pub);
	}
	sign_key_close(key);
}

/* --- jwk_import.json --- */

static void answer_jwk(struct one *c)
{
	const struct value *jwks = value_get_c(c->given, "jwks");
	const struct value *doc = jwks ? jwks : value_get_c(c->given, "jwk");
	struct jwk key = { .key = NULL };
	struct note n = { .text = "" };
	struct str text;
	struct buf b;
	bool ok;

	buf_init(&b, ANSWER_CAP);
	canon_value(&b, doc);
	MUST(arena_copy(c->arena, buf_view(&b), &text) == OK);
	buf_fini(&b);
	ok = keyfile_read(text, value_text(c->given, "kid"), c->arena, &key, &n) == OK;
	answer_put_bool(c, "ok", ok);
	answer_put_text(c, "error", ok ? STR_NONE : str_view(n.text));
	if (ok) {
		put_base64(c, "public_key_b64", key.pub.bytes, sizeof(key.pub.bytes));
		put_name(c, "verification_key_id", key_id_write, &key.pub);
		put_name(c, "did", did_write, &key.pub);
		answer_put_bool(c, "has_private", key.key != NULL);
		answer_put_bool(c, "kid_became_did", false);
	} else {
		answer_put_text(c, "did", STR_NONE);
	}
	sign_key_close(key.key);
}

/* --- rotation.json --- */

static struct public_key key_given(const struct value *given, const char *member)
{
	struct public_key key;
	size_t len;

	MUST(base64_read(value_text(given, member), key.bytes, sizeof(key.bytes), &len) == OK &&
	     len == sizeof(key.bytes));
	return key;
}

/*
 * The agent has the key `old`, and the proof of the toolkit is all there is for the key `new`. An
 * agent with another key than the proof's is refused by its id, as in the toolkit.
 */
static bool rotates(const struct one *c)
{
	const struct value *proof = value_get_c(c->given, "proof");
	const struct table_schema table = agent_table();
	struct public_key old = key_given(c->given, "old");
	struct agent_row row = { .registered_ns = 1, .has_key = 1 };
	struct rotation r = { .next = key_given(c->given, "new"), .sequence = 1 };
	struct state *s;
	struct buf id;
	size_t len;
	bool ok;

	memcpy(row.key, old.bytes, sizeof(row.key));
	if (base64_read(value_text(proof, "signature"), r.by_old.bytes, sizeof(r.by_old.bytes),
			&len) != OK)
		return false;
	r.by_next = r.by_old;
	buf_init(&id, KEY_ID_BYTES);
	key_id_write(&id, &old);
	r.old_key = buf_view(&id);
	MUST(state_open(&table, 1, &s) == OK);
	state_begin(s);
	MUST(agent_register(s, 0, STR("agent"), &row) == OK);
	ok = agent_rotate(s, 0, STR("agent"), &r, 1, NULL) == OK;
	state_close(s);
	buf_fini(&id);
	return ok;
}

static void answer_rotation(struct one *c)
{
	const struct value *theirs = value_get_c(c->expect, "agt_valid");
	struct str seed = value_text(c->given, "new_seed_hex");
	bool ours;

	if (seed.ptr) {
		struct sign_key *key = open_seed(seed);
		struct public_key pub = sign_key_public(key);

		put_name(c, "new_key_id", key_id_write, &pub);
		sign_key_close(key);
	}
	if (theirs) {
		ours = rotates(c);
		answer_put_bool(c, "agt_valid", ours);
		answer_put_bool(c, "should_be_valid", ours);
		answer_put_bool(c, "agt_defect", ours != theirs->boolean);
	}
}

/* --- lifecycle.json --- */

static bool take_step(struct state *s, struct str op, struct str *reason)
{
	enum agent_status to = str_starts(op, STR("suspend")) ? AGENT_SUSPENDED
			       : str_starts(op, STR("revoke")) ? AGENT_REVOKED : AGENT_ACTIVE;
	struct str before, after = STR_NONE;

	(void)str_cut(op, ':', &before, &after);
	if (agent_set_status(s, GATE_AGENTS, STR("agent"), to, NULL) != OK)
		return false;
	*reason = to == AGENT_ACTIVE ? STR_NONE : after;
	return true;
}

static struct agent_row agent_now(const struct state *s)
{
	struct agent_row row;
	uint32_t at;

	MUST(agent_find(s, GATE_AGENTS, STR("agent"), &at, &row));
	return row;
}

static void answer_steps(struct one *c, struct state *s, const struct value *ops)
{
	struct str reason = STR_NONE;

	answer_put_raw(c, "steps", STR("["));
	for (size_t i = 0; i < ops->list.count; i++) {
		struct str op = ops->list.items[i].string;
		bool ok = take_step(s, op, &reason);
		enum agent_status status = (enum agent_status)agent_now(s).status;

		buf_add_c(&c->ours, i ? ",{\"op\":" : "{\"op\":");
		canon_string(&c->ours, op);
		buf_addf(&c->ours, ",\"ok\":%s,\"status\":\"%s\",\"reason\":",
			 ok ? "true" : "false", agent_status_name(status));
		if (reason.ptr)
			canon_string(&c->ours, reason);
		else
			buf_add_c(&c->ours, "null");
		buf_add_byte(&c->ours, '}');
	}
	buf_add_byte(&c->ours, ']');
}

/* What the gate says of an action at that time, by a policy that allows everything. */
static bool may_act(struct one *c, struct state *s, int64_t at_ns)
{
	static const char text[] = "apiVersion: governance.toolkit/v1\nname: p\n"
				   "default_action: allow\n";
	const struct policy_file file = { STR("p.yaml"), str_view(text) };
	const struct gate_sink nowhere = dropped_sink();
	const struct event e = { .kind = ENTRY_ACTION, .at_ns = at_ns, .agent = STR("agent"),
				 .action = STR("do") };
	struct bundle *bundle;
	struct verdict v;
	struct gate g;

	MUST(bundle_load(&file, 1, c->arena, &bundle, NULL) == OK);
	gate_init(&g, s, bundle, STR("example.com/agents"), 0, nowhere);
	MUST(gate_submit(&g, &e, c->arena, &v) == OK);
	gate_fini(&g);
	return v.effect == EFFECT_ALLOW;
}

static void answer_lifecycle(struct one *c)
{
	const struct value *ops = value_get_c(c->given, "ops");
	const struct value *offset = value_get_c(c->given, "now_offset");
	struct str expires = value_text(c->given, "expires_at");
	struct agent_row row = { .registered_ns = 1, .has_sponsor = 1 };
	int64_t now_ns = 2;
	struct state *s;

	if (expires.ptr) {
		MUST(when_read(expires, &row.expires_ns) == OK);
		now_ns = row.expires_ns + offset->integer * WHEN_SECOND_NS;
	}
	MUST(gate_state_open(&s) == OK);
	state_begin(s);
	MUST(agent_register(s, GATE_AGENTS, STR("agent"), &row) == OK);
	if (ops)
		answer_steps(c, s, ops);
	answer_put_bool(c, "active", may_act(c, s, now_ns));
	state_close(s);
}

/* --- spiffe.json --- */

static void answer_spiffe(struct one *c)
{
	struct str name = value_text(c->given, "name"), text = value_text(c->given, "spiffe_id");
	struct str organization = value_text(c->given, "organization");
	struct str segments[3] = { STR("agentmesh"), organization.ptr ? organization : name, name };
	struct spiffe id;
	struct buf b;

	if (!name.ptr && !text.ptr) {
		answer_svid(c);
		return;
	}
	buf_init(&b, SPIFFE_BYTES);
	if (name.ptr && spiffe_write(&b, value_text(c->given, "trust_domain"), segments,
				     organization.ptr ? 3 : 2) == OK) {
		MUST(spiffe_read(buf_view(&b), &id) == OK);
		answer_put_text(c, "spiffe_id", buf_view(&b));
		answer_put_text(c, "workload_path", id.path);
	}
	if (text.ptr && spiffe_read(text, &id) == OK) {
		answer_put_bool(c, "ok", true);
		answer_put_raw(c, "value", STR("["));
		canon_string(&c->ours, id.domain);
		buf_add_byte(&c->ours, ',');
		canon_string(&c->ours, id.path);
		buf_add_byte(&c->ours, ']');
	} else if (text.ptr) {
		answer_put_bool(c, "ok", false);
		answer_put_text(c, "value", STR_NONE);
	}
	buf_fini(&b);
}

/* There are no cards: every member is listed. */
static void answer_card(struct one *c)
{
	(void)c;
}

/* --- all of it --- */

static const struct kind {
	const char *file;
	void (*answer)(struct one *c);
} kinds[] = {
	{ "did", answer_did },
	{ "keys", answer_keys },
	{ "jwk_import", answer_jwk },
	{ "rotation", answer_rotation },
	{ "lifecycle", answer_lifecycle },
	{ "spiffe", answer_spiffe },
	{ "revocation", answer_revocation },
	{ "handshake", answer_handshake },
	{ "agent_card", answer_card },
	/* Those of the folder that are read by authority, by trust and by runtime. */
	{ "capability_match", NULL }, { "credential", NULL }, { "delegation", NULL },
	{ "behavior", NULL }, { "contagion", NULL }, { "decay", NULL }, { "dimension_ema", NULL },
	{ "regime", NULL }, { "tiers", NULL }, { "trust_score", NULL },
	{ "token_bucket", NULL },
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
		struct one c = { .suite = s, .arena = a, .file = kind->file,
				 .given = value_get_c(v, "given"),
				 .expect = value_get_c(v, "expect") };

		(void)snprintf(c.name, sizeof(c.name), "%.*s", STR_ARG(value_text(v, "name")));
		buf_init(&c.ours, ANSWER_CAP);
		buf_add_byte(&c.ours, '{');
		kind->answer(&c);
		buf_add_byte(&c.ours, '}');
		listed_compare(&differences, s, c.file, c.name, c.expect, buf_view(&c.ours), a);
		buf_fini(&c.ours);
	}
}

static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	int kind = suite_kind(path, &kinds[0].file, sizeof(kinds[0]),
			      sizeof(kinds) / sizeof(kinds[0]));

	if (kind < 0)
		suite_check(s, false, path, "is read by no suite");
	else if (kinds[kind].answer)
		each_case(s, &kinds[kind], path, text, a);
}

void suite_identity(struct suite *s)
{
	struct arena a;

	MUST(crypto_start() == OK);
	arena_init(&a, ANSWER_CAP * 16);
	listed_read(&differences, s, TABLE_BEGIN, &a);
	suite_each_file(s, "identity", visit);
	listed_end(&differences, s);
	arena_fini(&a);
}
