/* challenge: messages written and read again, every field signed, every member checked. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/when.h"
#include "engine/identity/identity.h"
#include "tests/kit/fail_alloc.h"

#define NOW (INT64_C(1767323045) * WHEN_SECOND_NS)    /* 2026-01-02T03:04:05Z */

static struct sign_key *asker, *answerer;
static struct reply good;
static struct arena memory;
static struct buf b;

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
	struct challenge *c = &good.challenge;

	cr_assert_eq(crypto_start(), OK);
	asker = key_of(1);
	answerer = key_of(2);
	*c = (struct challenge){ .log = STR("example.org/shop"), .from = STR("clerk"),
				 .to = STR("bot"), .from_key = sign_key_public(asker),
				 .to_key = sign_key_public(answerer), .nonce = { 7 }, .number = 3,
				 .epoch = 2, .threshold = 500, .at_ns = NOW,
				 .until_ns = NOW + LIMIT_CHALLENGE_NS };
	cr_assert_eq(capability_read(STR("order:create"), &c->needs, NULL), OK);
	cr_assert_eq(challenge_sign(c, asker), OK);
	good.log = STR("example.com/bots");
	good.nonce[0] = 9;
	good.at_ns = NOW + 1;
	cr_assert_eq(capability_read(STR("order:*"), &good.claims, NULL), OK);
	cr_assert_eq(reply_sign(&good, answerer), OK);
	arena_init(&memory, 1u << 22);
	buf_init(&b, 1u << 16);
}

static void teardown(void)
{
	buf_fini(&b);
	arena_fini(&memory);
	sign_key_close(answerer);
	sign_key_close(asker);
}

TestSuite(challenge, .init = setup, .fini = teardown);

static struct value read_json(struct str text)
{
	struct note n = { .text = "" };
	struct value v;

	cr_assert_eq(json_read(text, 1, &memory, &v, &n), OK, "%s", n.text);
	return v;
}

Test(challenge, messages_come_back_as_they_were)
{
	struct reply again;
	struct value v;
	struct buf twice;

	reply_write(&b, &good);
	v = read_json(buf_view(&b));
	cr_assert_eq(reply_read(&v, &again, NULL), OK);
	cr_assert_eq(reply_check(&again, NULL), OK);
	buf_init(&twice, 1u << 16);
	reply_write(&twice, &again);
	cr_assert(str_eq(buf_view(&b), buf_view(&twice)));
	buf_clear(&twice);
	canon_value(&twice, &v);
	cr_assert(str_eq(buf_view(&b), buf_view(&twice)), "not canonical");
	buf_fini(&twice);
}

/* Every way to change one field of an answer; false: there are no more. */
static bool change(struct reply *a, int field)
{
	struct challenge *c = &a->challenge;

	switch (field) {
	case 0: c->log = STR("example.org/shoq"); break;
	case 1: c->from = STR("clerl"); break;
	case 2: c->to = STR("bos"); break;
	case 3: c->from_key.bytes[0] ^= 1; break;
	case 4: c->to_key.bytes[0] ^= 1; break;
	case 5: c->nonce[31] ^= 1; break;
	case 6: c->number++; break;
	case 7: c->epoch++; break;
	case 8: c->threshold--; break;
	case 9: c->needs = (struct capabilities){ .bytes = 0 }; break;
	case 10: c->at_ns++; break;
	case 11: c->until_ns--; break;
	case 12: c->signature.bytes[0] ^= 1; break;
	case 13: a->log = STR("example.com/bott"); break;
	case 14: a->nonce[31] ^= 1; break;
	case 15: a->claims.text[0] = 'p'; break;
	case 16: a->at_ns++; break;
	case 17: a->signature.bytes[63] ^= 1; break;
	case 18: { struct str log = c->log; c->log = a->log; a->log = log; break; }
	case 19: { struct str name = c->from; c->from = c->to; c->to = name; break; }
	default: return false;
	}
	return true;
}

Test(challenge, no_field_can_be_changed_by_one_who_has_no_key)
{
	for (int field = 0;; field++) {
		struct refusal r = { .code = REFUSED_NOT };
		struct reply a = good;

		if (!change(&a, field))
			break;
		cr_assert_eq(reply_check(&a, &r), ERR_DENIED, "field %d", field);
		cr_assert_eq(r.code, REFUSED_SIGNATURE, "field %d: %s", field, r.note.text);
	}
	cr_assert_eq(reply_check(&good, NULL), OK);
}

/* The answerer alone cannot change what it was asked; the asker cannot change the answer. */
Test(challenge, no_field_can_be_changed_by_the_other_party)
{
	for (int field = 0; field <= 12; field++) {
		struct reply a = good;

		(void)change(&a, field);
		cr_assert_eq(reply_sign(&a, answerer), OK);
		cr_assert_eq(reply_check(&a, NULL), ERR_DENIED, "field %d", field);
	}
	for (int field = 13; field <= 16; field++) {
		struct reply a = good;

		(void)change(&a, field);
		cr_assert_eq(challenge_sign(&a.challenge, asker), OK);
		cr_assert_eq(reply_check(&a, NULL), ERR_DENIED, "field %d", field);
	}
}

/* Fields that lie side by side do not run into each other. */
Test(challenge, no_two_messages_are_signed_alike)
{
	struct challenge one = good.challenge, other = good.challenge;
	struct buf first, second;

	buf_init(&first, HANDSHAKE_TEXT_BYTES);
	buf_init(&second, HANDSHAKE_TEXT_BYTES);
	one.from = STR("ab");
	one.to = STR("c");
	other.from = STR("a");
	other.to = STR("bc");
	challenge_text(&first, &one);
	challenge_text(&second, &other);
	cr_assert(!str_eq(buf_view(&first), buf_view(&second)));
	buf_clear(&second);
	reply_text(&second, &good);
	cr_assert(!str_starts(buf_view(&second), str_slice(first.ptr, 24)));
	buf_fini(&second);
	buf_fini(&first);
}

Test(challenge, parties_and_times_have_to_make_sense)
{
	static const struct {
		const char *to;
		int64_t at_ns, until_ns;
		bool same_key;
		enum refusal_code code;
	} cases[] = {
		{ "bot", NOW, NOW + 1, false, REFUSED_NOT },
		{ "clerk", NOW, NOW + 1, false, REFUSED_PARTY },
		{ "bot", NOW, NOW + 1, true, REFUSED_PARTY },
		{ "bot", NOW, NOW, false, REFUSED_CLAIMS },
		{ "bot", NOW, NOW - 1, false, REFUSED_CLAIMS },
		{ "bot", NOW, NOW + LIMIT_CHALLENGE_NS + 1, false, REFUSED_CLAIMS },
		{ "bot", -1, NOW, false, REFUSED_CLAIMS },
		{ "bot", INT64_MIN, INT64_MAX, false, REFUSED_CLAIMS },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct refusal r = { .code = REFUSED_NOT };
		struct challenge c = good.challenge;

		c.to = str_view(cases[i].to);
		c.at_ns = cases[i].at_ns;
		c.until_ns = cases[i].until_ns;
		if (cases[i].same_key)
			c.to_key = c.from_key;
		cr_assert_eq(challenge_sign(&c, asker), OK);
		cr_assert_eq(challenge_check(&c, &r), cases[i].code ? ERR_DENIED : OK);
		cr_assert_eq(r.code, cases[i].code, "case %zu: %s", i, r.note.text);
	}
}

static void expect_unread(struct str text)
{
	struct reply a = { .log = STR("untouched") };
	struct note n = { .text = "" };
	struct value v;

	if (json_read(text, 1, &memory, &v, NULL) != OK)
		return;
	cr_assert_eq(reply_read(&v, &a, &n), ERR_SYNTAX, "%.*s", STR_ARG(text));
	cr_assert(n.text[0] && str_is(a.log, "untouched"));
}

/* Each member in turn is gone, renamed or of another kind; and one more is there. */
Test(challenge, messages_have_exactly_their_members)
{
	static const char *const keys[] = {
		"at", "challenge", "claims", "log", "nonce", "signature", "epoch", "from",
		"from_did", "needs", "number", "threshold", "to", "to_did", "until",
	};
	char name[32], other[32];
	struct buf edited;

	reply_write(&b, &good);
	buf_init(&edited, 1u << 16);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct str text = buf_view(&b), key;
		size_t at = 0;

		(void)snprintf(name, sizeof(name), "\"%s\":", keys[i]);
		(void)snprintf(other, sizeof(other), "\"%sx\":", keys[i]);
		key = str_view(name);
		while (memcmp(text.ptr + at, key.ptr, key.len) != 0)
			at++;
		buf_clear(&edited);
		buf_add(&edited, str_slice(text.ptr, at));
		buf_add_c(&edited, other);
		buf_add(&edited, str_slice(text.ptr + at + key.len, text.len - at - key.len));
		expect_unread(buf_view(&edited));
		buf_clear(&edited);
		buf_add(&edited, str_slice(text.ptr, at));
		buf_add_c(&edited, "\"more\":1,");
		buf_add(&edited, str_slice(text.ptr + at, text.len - at));
		expect_unread(buf_view(&edited));
		buf_clear(&edited);
		buf_add(&edited, str_slice(text.ptr, at + key.len));
		buf_add_c(&edited, "[],\"was\":");
		buf_add(&edited, str_slice(text.ptr + at + key.len, text.len - at - key.len));
		expect_unread(buf_view(&edited));
	}
	buf_fini(&edited);
	expect_unread(STR("[]"));
	expect_unread(STR("{}"));
}

Test(challenge, a_value_has_one_text)
{
	static const char *const edits[][2] = {
		{ "\"needs\":\"order:create\"", "\"needs\":\"order:create,order:create\"" },
		{ "\"number\":3", "\"number\":0" },
		{ "\"number\":3", "\"number\":3.0" },
		{ "\"threshold\":500", "\"threshold\":1001" },
		{ "\"threshold\":500", "\"threshold\":-1" },
		{ "\"epoch\":2", "\"epoch\":0" },
		{ "\"from\":\"clerk\"", "\"from\":\"\"" },
		{ "03:04:05.000000000Z\",\"epoch\"", "03:04:05Z\",\"epoch\"" },
		{ "03:04:05.000000000Z\",\"epoch\"", "03:04:05.00000+00:00\",\"epoch\"" },
		{ "\"nonce\":\"07", "\"nonce\":\"7" },
	};

	reply_write(&b, &good);
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct str text = buf_view(&b), from = str_view(edits[i][0]);
		struct buf edited;
		size_t at = 0;

		while (memcmp(text.ptr + at, from.ptr, from.len) != 0)
			at++;
		buf_init(&edited, 1u << 16);
		buf_add(&edited, str_slice(text.ptr, at));
		buf_add_c(&edited, edits[i][1]);
		buf_add(&edited, str_slice(text.ptr + at + from.len, text.len - at - from.len));
		expect_unread(buf_view(&edited));
		buf_fini(&edited);
	}
}

Test(challenge, failing_memory_is_an_error)
{
	for (uint64_t n = 1;; n++) {
		struct reply a = good;
		enum err e;

		fail_alloc_at(n);
		e = challenge_sign(&a.challenge, asker);
		if (e == OK)
			e = reply_sign(&a, answerer);
		if (e == OK)
			e = reply_check(&a, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
