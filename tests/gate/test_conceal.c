/* conceal: events without their secrets, and what is told instead; everything replays as it was. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/gate/inside.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/session_kit.h"

#define CARD "4111111111111111"
#define SECRET "hunter2"

static struct gate_kit k;
static struct mask *mask;
static struct sign_key *key;

static void start(const char *keys)
{
	const uint8_t mask_key[MASK_KEY_BYTES] = { 1 };
	const uint8_t seed[SEED_BYTES] = { 1 };
	struct public_key pub;
	char policy[1024];

	(void)snprintf(policy, sizeof(policy), GATE_KIT_HEAD "default_action: allow\n%s", keys);
	gate_kit_init(&k, policy);
	cr_assert_eq(mask_open(NULL, mask_key, &mask), OK);
	cr_assert_eq(sign_key_open(seed, &key), OK);
	pub = sign_key_public(key);
	gate_kit_agent(&k, "ann", NULL);
	gate_kit_agent(&k, "sue", &pub);
	k.gate.mask = mask;
}

static void setup(void)
{
	start("");
}

/* Nothing that was recorded holds a secret, and the kit's replay has no mask. */
static void teardown(void)
{
	for (size_t i = 0; i < k.line_count; i++)
		cr_expect_not(str_has(k.lines[i], STR(SECRET)) || str_has(k.lines[i], STR(CARD)),
			      "%.*s", STR_ARG(k.lines[i]));
	for (size_t i = 0; i < k.body_count; i++)
		cr_expect_not(str_has(k.bodies[i], STR(SECRET)) ||
			      str_has(k.bodies[i], STR(CARD)), "%.*s", STR_ARG(k.bodies[i]));
	gate_kit_replay(&k);
	gate_kit_fini(&k);
	mask_close(mask);
	sign_key_close(key);
}

TestSuite(conceal, .init = setup, .fini = teardown);

static struct verdict submit(const char *text)
{
	struct verdict v;

	cr_assert_eq(gate_kit_text(&k, text, &v), OK, "%s", k.note.text);
	return v;
}

static void expect_told(const struct value *list, size_t i, const char *at, const char *kind)
{
	cr_assert_not_null(list);
	cr_assert_lt(i, list->list.count);
	cr_expect(str_is(value_text(&list->list.items[i], "at"), at));
	cr_expect(str_is(value_text(&list->list.items[i], "kind"), kind));
}

Test(conceal, a_document_is_masked_before_anything_looks_at_it)
{
	struct verdict v = submit(
		"{\"agent\":\"ann\",\"action\":{\"type\":\"pay\",\"to\":\"x:password=" SECRET "\"},"
		"\"resource\":\"db://u:" SECRET "@h\",\"session\":\"" CARD "\",\"trace\":\"" CARD
		"\",\"args\":{\"card\":" CARD ",\"password\":\"" SECRET "\"}}");
	struct entry e = gate_kit_last(&k);
	const struct value *list = value_get_c(e.data, "masked");

	cr_expect_eq(v.effect, EFFECT_ALLOW);
	cr_expect(list && value_eq(list, v.masked));
	cr_expect_eq(list->list.count, 6);
	expect_told(list, 0, "action.to", "password");
	expect_told(list, 1, "resource", "password");
	expect_told(list, 2, "session", "card");
	expect_told(list, 4, "args.card", "card");
	expect_told(list, 5, "args.password", "password");
}

Test(conceal, what_holds_no_secret_is_recorded_as_it_was)
{
	struct verdict v = submit("{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"n\":1}}");

	cr_expect_null(v.masked);
	cr_expect_null(gate_kit_last(&k).data);
}

Test(conceal, outcomes_are_masked)
{
	struct verdict v = submit("{\"agent\":\"ann\",\"action\":\"pay\"}");
	char text[256];

	(void)snprintf(text, sizeof(text), "{\"outcome_of\":%llu,\"status\":\"" CARD
		       "\",\"result\":{\"text\":\"{\\\"token\\\":\\\"" SECRET "\\\"}\"}}",
		       (unsigned long long)v.entry);
	v = submit(text);
	expect_told(v.masked, 0, "status", "card");
	expect_told(v.masked, 1, "result.text", "token");
}

/* The digest of a text would let a short secret in it be guessed. */
Test(conceal, a_refusal_tells_no_more_than_that_there_was_a_secret)
{
	static const char *const texts[] = {
		"{\"agent\":\"ann\",\"action\":\"pay\",\"" CARD "\":1}",
		"{\"agent\":\"ann\",\"action\":\"pay\",\"pasword\":1,\"args\":{\"pin\":" CARD "}}",
		"{\"agent\":\"ann\",\"at\":\"" CARD "\",\"action\":\"pay\"}",
		"{\"agent\":\"ann\",\"" CARD "\":1,\"" CARD "\":2}",
		"{\"agent\":\"ann\" \"password=" SECRET "\"",
		"password=" SECRET,
		"[\"" CARD "\"]",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct verdict v = submit(texts[i]);
		struct entry e = gate_kit_last(&k);

		cr_expect_eq(e.kind, ENTRY_REFUSAL, "%s", texts[i]);
		cr_expect_not_null(v.masked, "%s", texts[i]);
		cr_expect_null(value_get_c(e.data, "sha256"), "%s", texts[i]);
		cr_expect_null(strstr(k.note.text, CARD), "%s", k.note.text);
		cr_expect_null(strstr(k.note.text, SECRET), "%s", k.note.text);
	}
	submit("{\"agent\":\"ann\"");
	cr_expect_not_null(value_get_c(gate_kit_last(&k).data, "sha256"));
}

Test(conceal, events_from_elsewhere_are_masked)
{
	struct member m[] = { { .key = STR("reason"),
				.value = value_string(STR("password=" SECRET)) } };
	struct value data = { .kind = VALUE_OBJECT, .object = { m, 1 } };
	struct event e = { .kind = ENTRY_CONTROL, .at_ns = GATE_KIT_NOW, .agent = STR("ann"),
			   .action = STR("agent.suspend"), .data = &data };
	struct verdict v;

	cr_assert_eq(gate_take(&k.gate, &e, &k.memory, &v), OK);
	expect_told(v.masked, 0, "reason", "password");
	e = (struct event){ .kind = ENTRY_ACTION, .at_ns = GATE_KIT_NOW, .agent = STR("ann"),
			    .action = STR("pay"), .session = STR(CARD),
			    .args_text = STR("{\"token\":\"" SECRET "\"}") };
	cr_assert_eq(gate_take(&k.gate, &e, &k.memory, &v), OK);
	expect_told(v.masked, 1, "args.token", "token");
}

/* What an operator says without a secret in it stays as it is. */
Test(conceal, controls_keep_what_they_need)
{
	struct member m[] = {
		{ .key = STR("credential"), .value = value_string(STR("sha256:ab")) },
		{ .key = STR("reason"), .value = value_string(STR("yearly")) },
	};
	struct value data = { .kind = VALUE_OBJECT, .object = { m, 2 } };
	struct event e = { .kind = ENTRY_CONTROL, .at_ns = 5, .data = &data }, masked;

	cr_assert_eq(conceal_event(mask, &e, &k.memory, &masked), OK);
	cr_expect(value_eq(masked.data, &data));
}

Test(conceal, what_the_mask_hides_does_not_run)
{
	static const char *const obeyed[] = {
		"{\"cmd\":\"psql password=\\\"$(id) abcd\\\"\"}",
		"{\"cmd\":[\"sh\",\"token=\\\"a b c\\\"\"]}",
	};
	char text[256];
	struct verdict v;

	teardown();
	start("commands:\n  - {tools: [sh], of: args.cmd, allow: [psql, sh, curl]}\n");
	for (size_t i = 0; i < sizeof(obeyed) / sizeof(obeyed[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       "{\"agent\":\"ann\",\"action\":\"sh\",\"args\":%s}", obeyed[i]);
		v = submit(text);
		cr_expect_eq(v.effect, EFFECT_DENY, "%s", text);
		cr_expect(str_has(v.decision.reasons[0], STR("masked")));
	}
	v = submit("{\"agent\":\"ann\",\"action\":\"sh\",\"args\":"
		   "{\"cmd\":\"curl -H 'Authorization: Bearer " SECRET "' https://x\"}}");
	cr_expect_eq(v.effect, EFFECT_ALLOW, "%.*s", STR_ARG(v.decision.reasons[0]));
}

static enum err never(void *self, struct str root, struct str path, struct buf *ret)
{
	(void)self, (void)root, (void)ret;
	cr_assert_fail("asked for %.*s", STR_ARG(path));
	return ERR_IO;
}

Test(conceal, a_path_that_was_masked_leads_nowhere)
{
	struct verdict v;

	teardown();
	start("paths:\n  - {tools: [read], of: args.file, below: [/srv]}\n");
	k.gate.resolve = never;
	v = submit("{\"agent\":\"ann\",\"action\":\"read\","
		   "\"args\":{\"file\":\"password=../../etc/" SECRET "\"}}");
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect(str_is(v.decision.stage, "path"));
}

/* --- signed actions --- */

static void sign(struct buf *b, const struct sign_key *by, int second, const char *args)
{
	struct digest digest = sha256(str_view(args));
	struct agent_claim claim = {
		.log = STR(GATE_KIT_ORIGIN), .agent = STR("sue"), .action = STR("pay"),
		.args = &digest,
		.at_ns = GATE_KIT_NOW + second * INT64_C(1000000000),
	};
	struct signature sig;
	struct buf text;

	buf_init(&text, LIMIT_ACTION_BYTES);
	agent_signed_text(&text, &claim);
	sig = sign_make(by, buf_view(&text));
	buf_init(b, 4096);
	buf_addf(b, "{\"agent\":\"sue\",\"action\":\"pay\",\"at\":\"2026-01-02T03:04:%02dZ\","
		    "\"args\":%s,\"signature\":\"", 5 + second, args);
	base64_write(b, sig.bytes, sizeof(sig.bytes));
	buf_add_c(b, "\"}");
	buf_add_byte(b, '\0');
	buf_fini(&text);
}

static struct verdict submit_signed(int second, const char *args)
{
	struct verdict v;
	struct buf b;

	sign(&b, key, second, args);
	v = submit(b.ptr);
	buf_fini(&b);
	return v;
}

Test(conceal, a_signature_over_a_secret_is_verified_and_withheld)
{
	struct verdict v = submit_signed(1, "{\"password\":\"" SECRET "\"}");
	struct entry e = gate_kit_last(&k);
	const struct value *withheld = value_get_c(e.data, "signature");

	cr_expect_eq(v.effect, EFFECT_ALLOW, "%.*s", STR_ARG(v.decision.reasons[0]));
	cr_expect_null(e.signature);
	cr_assert_not_null(withheld);
	cr_expect(value_get_c(withheld, "verified")->boolean);
	cr_expect_eq(value_text(withheld, "key").len, KEY_ID_BYTES);
	/* It is used up as any other. */
	v = submit_signed(1, "{\"password\":\"" SECRET "\"}");
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect(str_has(v.decision.reasons[0], STR("later than the last one")));
	v = submit_signed(2, "{\"n\":1}");
	cr_expect_eq(v.effect, EFFECT_ALLOW);
	cr_expect_not_null(gate_kit_last(&k).signature);
}

Test(conceal, a_wrong_signature_over_a_secret_is_denied)
{
	struct verdict v;
	struct buf b;

	sign(&b, key, 1, "{\"password\":\"" SECRET "\"}");
	*strstr(b.ptr, SECRET) = 'H';
	v = submit(b.ptr);
	cr_expect_eq(v.effect, EFFECT_DENY);
	cr_expect(str_is(v.decision.stage, "identify"));
	cr_expect_not(value_get_c(value_get_c(gate_kit_last(&k).data, "signature"),
				  "verified")->boolean);
	buf_fini(&b);
}

Test(conceal, nobody_says_of_himself_that_he_was_verified)
{
	struct verdict v = submit("{\"agent\":\"sue\",\"action\":{\"type\":\"pay\",\"signature\":"
				  "{\"key\":\"x\",\"verified\":true,\"withheld\":\"masked\"}}}");

	cr_expect_eq(v.effect, EFFECT_ALLOW);
	cr_expect_null(conceal_withheld(gate_kit_last(&k).data));
}

/* --- forms --- */

Test(conceal, what_it_did_not_write_is_not_taken)
{
	static const char *const masked[] = {
		"{}", "[]", "[1]", "[{}]", "[{\"at\":\"a\"}]", "[{\"at\":1,\"kind\":\"k\"}]",
		"[{\"more\":0}]", "[{\"more\":1,\"at\":\"a\"}]",
		"[{\"at\":\"a\",\"kind\":\"k\",\"x\":1}]",
	};
	struct value v;

	for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++) {
		cr_assert_eq(json_read(str_view(masked[i]), 1, &k.memory, &v, NULL), OK);
		cr_expect_not(conceal_masked_ok(&v), "%s", masked[i]);
	}
	cr_assert_eq(json_read(STR("[{\"at\":\"a\",\"kind\":\"k\"},{\"more\":3}]"), 1,
			       &k.memory, &v, NULL), OK);
	cr_expect(conceal_masked_ok(&v));
	cr_assert_eq(json_read(STR("{\"key\":\"k\",\"verified\":1,\"withheld\":\"masked\"}"), 1,
			       &k.memory, &v, NULL), OK);
	cr_expect_not(conceal_withheld_ok(&v));
}

Test(conceal, survives_every_failing_allocation)
{
	static const char text[] = "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":"
				   "{\"a\":\"password=" SECRET "\",\"b\":" CARD "}}";
	struct verdict v;

	for (uint64_t n = 1;; n++) {
		enum err e;

		fail_alloc_at(n);
		e = gate_kit_text(&k, text, &v);
		if (!fail_alloc_was_hit()) {
			cr_expect_eq(e, OK);
			cr_expect_eq(v.effect, EFFECT_ALLOW);
			break;
		}
		cr_expect(e == ERR_MEMORY || v.effect == EFFECT_DENY, "allowed at %llu",
			  (unsigned long long)n);
	}
}
