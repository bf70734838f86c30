/*
 * Five ways to bring what is not good: forged, truncated, expired, meant for somebody else, brought
 * again. Each kind of proof is refused in each of them, and the code says which it was.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/when.h"
#include "tests/kit/link_kit.h"
#include "tests/kit/session_kit.h"

#define HOUR (3600 * WHEN_SECOND_NS)

enum way { GOOD = 0, FORGED, TRUNCATED, EXPIRED, CROSSED, REPLAYED, WAYS };

static struct gate_kit k;
static char code[64];

static void setup(void)
{
	gate_kit_init(&k, GATE_KIT_HEAD "default_action: allow\n");
	link_kit_agents(&k, "abc");
}

static void teardown(void)
{
	gate_kit_fini(&k);
}

TestSuite(refused, .init = setup, .fini = teardown);

/* What stands before the colon of a sentence. */
static const char *code_of(struct str sentence)
{
	struct str head, rest;

	if (!str_cut(sentence, ':', &head, &rest))
		head = sentence;
	(void)snprintf(code, sizeof(code), "%.*s", STR_ARG(head));
	return code;
}

/* --- tokens, and JWT-SVIDs --- */

static enum err take(const struct jwt *t, int64_t at_ns)
{
	char data[256];
	struct buf b;
	struct digest d;
	enum err e;

	cr_assert_eq(token_use_digest(t->issuer, t->subject, t->id, &d), OK);
	buf_init(&b, 256);
	digest_write(&b, &d);
	(void)snprintf(data, sizeof(data), ",\"token\":\"%.*s\",\"expires\":\"%s\"",
		       STR_ARG(buf_view(&b)), "2026-01-02T04:04:05Z");
	e = session_kit_control(&k, "token.take", NULL, NULL, data,
				(int)((at_ns - GATE_KIT_NOW) / WHEN_SECOND_NS));
	buf_fini(&b);
	return e;
}

static const char *judge(struct str text, const struct jwt_rules *rules)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct agent_row agent;
	struct jwt t;

	if (jwt_read(text, &k.memory, &t, &r) != OK ||
	    vouch_token(k.state, &t, rules, &agent, &r) != OK)
		return refusal_name(r.code);
	return take(&t, rules->now_ns) == OK ? "" : code_of(str_view(k.gate.why.text));
}

static const char *bring_token(enum way way, bool svid)
{
	struct sign_key *key = link_kit_key(way == FORGED ? 'b' : 'a');
	struct public_key pub = link_kit_public('a');
	struct jwt_rules rules = { .audience = STR("store"), .now_ns = GATE_KIT_NOW };
	struct jwt_order order = {
		.audience = way == CROSSED ? STR("shop") : STR("store"), .id = STR("0001"),
		.subject = svid ? STR("spiffe://example.org/agentmesh/a") : STR("a"),
		.issued_ns = GATE_KIT_NOW, .expires_ns = GATE_KIT_NOW + HOUR,
	};
	struct buf did, text;
	const char *said;

	if (svid)
		rules.spiffe_domain = STR("example.org");
	if (way == EXPIRED)
		rules.now_ns += HOUR;
	buf_init(&did, DID_BYTES);
	buf_init(&text, LIMIT_TOKEN_BYTES);
	did_write(&did, &pub);
	order.issuer = buf_view(&did);
	cr_assert_eq(jwt_write(&text, &order, key), OK);
	/* The forger calls his key by the name of another's. */
	if (way == FORGED) {
		struct jwt t;
		char id[KEY_ID_BYTES];

		cr_assert_eq(jwt_read(buf_view(&text), &k.memory, &t, NULL), OK);
		key_id_put(id, &pub);
		buf_clear(&text);
		jws_write(&text, key, str_slice(id, sizeof(id)), STR("JWT"), t.jws.payload);
	}
	said = judge(str_slice(text.ptr, text.len - (way == TRUNCATED ? 5 : 0)), &rules);
	if (way == REPLAYED) {
		cr_assert_str_empty(said);
		said = judge(buf_view(&text), &rules);
	}
	buf_fini(&text);
	buf_fini(&did);
	sign_key_close(key);
	return said;
}

static const char *bring_jwt(enum way way)
{
	return bring_token(way, false);
}

static const char *bring_svid(enum way way)
{
	return bring_token(way, true);
}

/* --- credentials --- */

static void issue(const char *verb, const char *secret, const char *more)
{
	struct digest hash = credential_hash(str_view(secret));
	char data[256];
	struct buf b;

	buf_init(&b, 128);
	digest_write(&b, &hash);
	(void)snprintf(data, sizeof(data),
		       ",\"credential\":\"%.*s\",\"expires\":\"2026-01-02T04:04:05Z\"%s",
		       STR_ARG(buf_view(&b)), more);
	session_kit_do(&k, verb, "a", NULL, data);
	buf_fini(&b);
}

/* The secret is replaced at once, so whoever kept the old one brings it again. */
static void replace_secret(const char *secret)
{
	struct digest hash = credential_hash(str_view(secret));
	char more[256];
	struct buf id;

	buf_init(&id, CREDENTIAL_ID_BYTES);
	credential_id_write(&id, hash.bytes);
	(void)snprintf(more, sizeof(more), ",\"id\":\"%.*s\",\"until\":\"2026-01-02T03:04:05Z\"",
		       STR_ARG(buf_view(&id)));
	issue("credential.rotate", "tcr_another-secret", more);
	buf_fini(&id);
}

static const char *bring_credential(enum way way)
{
	const char *secret = "tcr_the-secret-of-a";
	char members[256];
	struct verdict v;

	issue("credential.issue", secret, ",\"capabilities\":[\"*\"]");
	if (way == REPLAYED)
		replace_secret(secret);
	(void)snprintf(members, sizeof(members),
		       "\"agent\":\"%s\",\"action\":\"t\",\"credential\":\"%.*s\",\"at\":\"%s\"",
		       way == CROSSED ? "b" : "a",
		       (int)(strlen(secret) - (way == TRUNCATED ? 5 : 0)),
		       way == FORGED ? "tcr_some-other-secret" : secret,
		       way == EXPIRED ? "2026-01-02T04:04:06Z" : "2026-01-02T03:04:06Z");
	v = session_kit_ask(&k, members);
	return v.effect == EFFECT_ALLOW ? "" : code_of(v.decision.reasons[0]);
}

/* --- chains --- */

/* b hands on what a gave it. */
static const char *bring_chain(enum way way)
{
	struct delegation first = link_kit_give(&k, 'a', 'b', "get_*", NULL);
	struct delegation d = link_kit_link('b', 'c', "get_x", way == TRUNCATED ? NULL : &first);

	if (way == EXPIRED) {
		d.issued_ns -= 2 * HOUR;
		d.expires_ns = GATE_KIT_NOW - HOUR;
	}
	if (way == CROSSED)
		d.log = STR("example.org/elsewhere");
	link_kit_sign(&d, way == FORGED ? 'a' : 'b');
	if (way == REPLAYED)
		cr_assert_eq(link_kit_submit(&k, &d), OK);
	return link_kit_submit(&k, &d) == OK ? "" : code_of(str_view(k.gate.why.text));
}

/* --- all of them --- */

/*
 * Of a credential only the hash is known, so one that was cut short is one that nobody has; and it
 * is shown with every action while it lasts, so what is brought again is one that was replaced.
 */
static const struct kind {
	const char *name, *codes[WAYS];
	const char *(*bring)(enum way way);
} kinds[] = {
	{ "JWT", { "", "bad-signature", "truncated", "expired", "wrong-audience", "replayed" },
	  bring_jwt },
	{ "JWT-SVID", { "", "bad-signature", "truncated", "expired", "wrong-audience", "replayed" },
	  bring_svid },
	{ "credential", { "", "credential-unknown", "credential-unknown", "credential-expired",
			  "credential-other-agent", "credential-rotated" }, bring_credential },
	{ "chain", { "", "link-signature", "link-truncated", "link-expired", "link-other-log",
		     "link-replayed" }, bring_chain },
};

Test(refused, each_kind_in_each_way_by_its_own_code)
{
	static const char *const ways[WAYS] = { "good", "forged", "truncated", "expired",
						"for somebody else", "replayed" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int way = 0; way < WAYS; way++) {
			teardown();
			setup();
			cr_expect_str_eq(kinds[i].bring((enum way)way), kinds[i].codes[way],
					 "%s %s: %s", ways[way], kinds[i].name, code);
		}
}
