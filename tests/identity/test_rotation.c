/* rotation: the example of its page, and every way in which a rotation can be forged. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "engine/base/world_real.h"
#include "engine/identity/identity.h"
#include "tests/kit/fail_alloc.h"

#define WHEN INT64_C(1767323045000000000)    /* 2026-01-02T03:04:05Z */

static struct state *s;
static struct sign_key *old, *next, *other;
static struct rotation good;

static struct sign_key *key_of(uint8_t byte)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *k;

	memset(seed, byte, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &k), OK);
	return k;
}

static struct agent_row agent_now(void)
{
	struct agent_row row;
	uint32_t at;

	cr_assert(agent_find(s, 0, STR("support-bot"), &at, &row));
	return row;
}

static struct signature sign_with(const struct sign_key *k, const struct agent_row *agent,
				  const struct public_key *to, uint64_t sequence)
{
	struct signature sig;
	struct buf b;

	buf_init(&b, ROTATION_BYTES);
	rotation_text(&b, agent, to, sequence);
	cr_assert_eq(b.err, OK);
	sig = sign_make(k, buf_view(&b));
	buf_fini(&b);
	return sig;
}

/* The ids of the two keys, kept for the length of a test. */
static char old_id[KEY_ID_BYTES + 1], next_id[KEY_ID_BYTES + 1];

static void write_id(char id[KEY_ID_BYTES + 1], const struct sign_key *k)
{
	struct public_key pub = sign_key_public(k);
	struct buf b;

	buf_init(&b, KEY_ID_BYTES);
	key_id_write(&b, &pub);
	cr_assert_eq(str_to_c(buf_view(&b), id, KEY_ID_BYTES + 1), OK);
	buf_fini(&b);
}

static void register_agent(const char *name)
{
	struct public_key pub = sign_key_public(old);
	struct agent_row row = { .registered_ns = WHEN, .has_key = 1 };

	memcpy(row.key, pub.bytes, sizeof(row.key));
	cr_assert_eq(agent_register(s, 0, str_view(name), &row), OK);
}

static void setup(void)
{
	const struct table_schema table = agent_table();
	struct agent_row agent;

	cr_assert_eq(crypto_start(), OK);
	old = key_of(1);
	next = key_of(2);
	other = key_of(3);
	write_id(old_id, old);
	write_id(next_id, next);
	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
	register_agent("support-bot");
	agent = agent_now();
	good = (struct rotation){ .old_key = str_view(old_id), .next = sign_key_public(next),
				  .sequence = 1 };
	good.by_old = sign_with(old, &agent, &good.next, 1);
	good.by_next = sign_with(next, &agent, &good.next, 1);
}

static void teardown(void)
{
	state_close(s);
	sign_key_close(old);
	sign_key_close(next);
	sign_key_close(other);
}

TestSuite(rotation, .init = setup, .fini = teardown);

static enum err rotate(const struct rotation *r, struct note *why)
{
	return agent_rotate(s, 0, STR("support-bot"), r, 7, why);
}

Test(rotation, gives_the_agent_its_next_key)
{
	struct agent_row agent;

	cr_assert_eq(rotate(&good, NULL), OK);
	agent = agent_now();
	cr_assert_arr_eq(agent.key, good.next.bytes, sizeof(agent.key));
	cr_assert(agent.key_sequence == 1 && agent.key_entry == 7);
	cr_assert(agent.registered_ns == WHEN && agent.registered_entry == 0);
}

static void expect_refused(const struct rotation *r, enum err expected, const char *says)
{
	struct agent_row before = agent_now(), after;
	struct note why = { .text = "" };

	cr_assert_eq(rotate(r, &why), expected, "%s: %s", says, why.text);
	cr_assert(str_has(str_view(why.text), str_view(says)), "%s", why.text);
	after = agent_now();
	cr_assert_arr_eq((const char *)&before, (const char *)&after, sizeof(before));
}

Test(rotation, takes_both_signatures_and_neither_for_the_other)
{
	struct agent_row agent = agent_now();
	struct rotation r = good;

	r.by_old = good.by_next;
	expect_refused(&r, ERR_SIGNATURE, "'old_signature' is not by the old key");
	r = good;
	r.by_next = good.by_old;
	expect_refused(&r, ERR_SIGNATURE, "'new_signature' is not by the new key");
	r = good;
	r.by_old = sign_with(other, &agent, &good.next, 1);
	expect_refused(&r, ERR_SIGNATURE, "old_signature");
	r = good;
	memset(&r.by_next, 0, sizeof(r.by_next));
	expect_refused(&r, ERR_SIGNATURE, "new_signature");
}

/* What the old key signed for something else is no rotation: the defect of the reference. */
Test(rotation, no_other_text_of_the_old_key_will_do)
{
	static const char *const texts[] = {
		"any text at all", "", "challenge_00:aa:bb:did:mesh:1", "trammel/rotation/v1",
	};
	struct rotation r = good;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		r.by_old = sign_make(old, str_view(texts[i]));
		expect_refused(&r, ERR_SIGNATURE, "old_signature");
	}
}

Test(rotation, is_bound_to_agent_registration_keys_and_number)
{
	struct agent_row agent = agent_now(), changed = agent;
	struct public_key third = sign_key_public(other);
	struct rotation r = good;

	memcpy(changed.name, "support-boT", 11);
	r.by_old = sign_with(old, &changed, &good.next, 1);
	expect_refused(&r, ERR_SIGNATURE, "old_signature");
	changed = agent;
	changed.registered_ns++;
	r.by_old = sign_with(old, &changed, &good.next, 1);
	expect_refused(&r, ERR_SIGNATURE, "old_signature");
	changed = agent;
	changed.key[0] ^= 1;
	r.by_old = sign_with(old, &changed, &good.next, 1);
	expect_refused(&r, ERR_SIGNATURE, "old_signature");
	r.by_old = sign_with(old, &agent, &third, 1);
	expect_refused(&r, ERR_SIGNATURE, "old_signature");
	r.by_old = sign_with(old, &agent, &good.next, 2);
	expect_refused(&r, ERR_SIGNATURE, "old_signature");
}

Test(rotation, numbers_go_up_by_one)
{
	struct agent_row agent = agent_now();
	struct rotation r = good;

	r.sequence = 2;
	r.by_old = sign_with(old, &agent, &r.next, 2);
	r.by_next = sign_with(next, &agent, &r.next, 2);
	expect_refused(&r, ERR_RANGE, "the next rotation is 1");
	cr_assert_eq(rotate(&good, NULL), OK);
	expect_refused(&good, ERR_RANGE, "'old_key' is not the key");
}

/* Back to a key that the agent had is a rotation of its own; the old statement does not count. */
Test(rotation, an_old_statement_is_of_no_use_when_its_key_is_back)
{
	struct agent_row agent;
	struct rotation back = { .old_key = str_view(next_id), .next = sign_key_public(old),
				 .sequence = 2 };

	cr_assert_eq(rotate(&good, NULL), OK);
	agent = agent_now();
	back.by_old = sign_with(next, &agent, &back.next, 2);
	back.by_next = sign_with(old, &agent, &back.next, 2);
	cr_assert_eq(rotate(&back, NULL), OK);
	expect_refused(&good, ERR_RANGE, "the next rotation is 3");
}

Test(rotation, needs_an_agent_that_has_a_key_and_is_not_revoked)
{
	const struct agent_row keyless = { .registered_ns = 1 };
	struct agent_row agent = agent_now();
	struct rotation same = good;
	struct note why;

	cr_assert_eq(agent_rotate(s, 0, STR("nobody"), &good, 7, &why), ERR_NOT_FOUND);
	cr_assert_eq(agent_register(s, 0, STR("keyless"), &keyless), OK);
	cr_assert_eq(agent_rotate(s, 0, STR("keyless"), &good, 7, &why), ERR_NOT_FOUND);
	same.next = sign_key_public(old);
	same.by_old = same.by_next = sign_with(old, &agent, &same.next, 1);
	expect_refused(&same, ERR_EXISTS, "the one the agent has");
	cr_assert_eq(agent_set_status(s, 0, STR("support-bot"), AGENT_SUSPENDED, NULL), OK);
	cr_assert_eq(rotate(&good, NULL), OK);
	cr_assert_eq(agent_set_status(s, 0, STR("support-bot"), AGENT_REVOKED, NULL), OK);
	expect_refused(&good, ERR_RANGE, "is revoked");
}

/* --- what is read --- */

static struct member members[5];

static struct value data_of(struct arena *a, struct buf *b)
{
	struct str texts[3];

	buf_clear(b);
	did_write(b, &good.next);
	cr_assert_eq(arena_copy(a, buf_view(b), &texts[0]), OK);
	buf_clear(b);
	base64_write(b, good.by_old.bytes, SIGNATURE_BYTES);
	cr_assert_eq(arena_copy(a, buf_view(b), &texts[1]), OK);
	buf_clear(b);
	base64_write(b, good.by_next.bytes, SIGNATURE_BYTES);
	cr_assert_eq(arena_copy(a, buf_view(b), &texts[2]), OK);
	members[0] = (struct member){ .key = STR("new_did"), .value = value_string(texts[0]) };
	members[1] = (struct member){ .key = STR("new_signature"),
				      .value = value_string(texts[2]) };
	members[2] = (struct member){ .key = STR("old_key"), .value = value_string(good.old_key) };
	members[3] = (struct member){ .key = STR("old_signature"),
				      .value = value_string(texts[1]) };
	members[4] = (struct member){ .key = STR("sequence"), .value = value_int(1) };
	return (struct value){ .kind = VALUE_OBJECT, .object = { members, 5 } };
}

Test(rotation, is_read_from_the_data_of_its_control)
{
	struct note why = { .text = "" };
	struct rotation r;
	struct value data;
	struct arena a;
	struct buf b;

	arena_init(&a, 1u << 16);
	buf_init(&b, 1024);
	data = data_of(&a, &b);
	cr_assert_eq(rotation_read(&data, &r, &why), OK, "%s", why.text);
	cr_assert_eq(rotate(&r, &why), OK, "%s", why.text);
	for (size_t i = 0; i < 5; i++) {
		struct str key = members[i].key;

		data = data_of(&a, &b);
		members[i].key = STR("else");
		cr_assert_eq(rotation_read(&data, &r, &why), ERR_SYNTAX);
		cr_assert(str_has(str_view(why.text), key), "%s", why.text);
		data = data_of(&a, &b);
		members[i].value = i == 4 ? value_int(0) : value_int(5);
		cr_assert_eq(rotation_read(&data, &r, &why), ERR_SYNTAX);
	}
	data = data_of(&a, &b);
	members[1].value = value_string(STR("AAAA"));
	cr_assert_eq(rotation_read(&data, &r, &why), ERR_SYNTAX);
	cr_assert_eq(rotation_read(NULL, &r, &why), ERR_SYNTAX);
	buf_fini(&b);
	arena_fini(&a);
}

/* docs/formats/rotation.md: the bytes and the signatures of its example are these. */
Test(rotation, the_example_of_the_page_is_true)
{
	struct world w = world_real();
	struct agent_row agent = agent_now();
	struct arena a;
	struct buf b;
	struct str page;

	arena_init(&a, 1u << 20);
	buf_init(&b, 4096);
	cr_assert_eq(world_read_file(&w, "docs/formats/rotation.md", 1u << 20, &a, &page), OK);
	rotation_text(&b, &agent, &good.next, 1);
	for (size_t at = 0, len = b.len; at < len; at += 32) {
		struct buf line;

		buf_init(&line, 256);
		buf_add_hex(&line, b.ptr + at, len - at < 32 ? len - at : 32);
		cr_expect(str_has(page, buf_view(&line)), "%.*s", STR_ARG(buf_view(&line)));
		buf_fini(&line);
	}
	buf_clear(&b);
	base64_write(&b, good.by_old.bytes, SIGNATURE_BYTES);
	cr_expect(str_has(page, buf_view(&b)), "old %.*s", STR_ARG(buf_view(&b)));
	buf_clear(&b);
	base64_write(&b, good.by_next.bytes, SIGNATURE_BYTES);
	cr_expect(str_has(page, buf_view(&b)), "new %.*s", STR_ARG(buf_view(&b)));
	cr_expect(str_has(page, good.old_key), "%.*s", STR_ARG(good.old_key));
	buf_clear(&b);
	did_write(&b, &good.next);
	cr_expect(str_has(page, buf_view(&b)), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
	arena_fini(&a);
}

Test(rotation, survives_every_failing_allocation)
{
	for (uint64_t at = 1;; at++) {
		enum err e;

		fail_alloc_at(at);
		e = rotate(&good, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(agent_now().key_sequence, 0);
	}
}
