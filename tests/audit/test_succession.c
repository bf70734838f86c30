/* succession: one key of a log leads to all, and each speaks for its own stretch only. */
#include "engine/audit/succession.h"

#include <criterion/criterion.h>

#include "engine/base/limits.h"
#include "tests/kit/turn_kit.h"

static struct arena arena;
static struct buf lines, checkpoint;
static struct note_key trusted;
static struct note n;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	arena_init(&arena, (size_t)16 << 20);
	buf_init(&lines, LIMIT_ROTATIONS_BYTES);
	buf_init(&checkpoint, LIMIT_NOTE_BYTES);
	trusted = turn_kit_key('a');
	n = (struct note){ .line = 0 };
}

static void teardown(void)
{
	buf_fini(&checkpoint);
	buf_fini(&lines);
	arena_fini(&arena);
}

TestSuite(succession, .init = setup, .fini = teardown);

static void add_turn(struct turn t)
{
	turn_kit_line(&lines, &t);
}

static void add(char old, char next, uint64_t sequence, uint64_t seq)
{
	add_turn((struct turn){ .old = old, .next = next, .sequence = sequence, .seq = seq });
}

/* Of the first three keys, a, b and c, which follow each other in entries 4 and 9. */
static void add_two(void)
{
	add('a', 'b', 1, 4);
	add('b', 'c', 2, 9);
}

static enum err read(struct succession *ret)
{
	n = (struct note){ .line = 0 };
	return succession_read(buf_view(&lines), &trusted, 1, &arena, ret, &n);
}

static void expect_refused(enum err e, uint32_t line, const char *words)
{
	struct succession s;

	cr_expect_eq(read(&s), e, "%s: %s", words, n.text);
	cr_expect(str_has(str_view(n.text), str_view(words)), "%s: %s", words, n.text);
	cr_expect_eq(n.line, line, "%s", words);
	buf_clear(&lines);
}

Test(succession, any_key_leads_to_all)
{
	struct succession s;

	add_two();
	for (char key = 'a'; key <= 'c'; key++) {
		trusted = turn_kit_key(key);
		cr_assert_eq(read(&s), OK, "%s", n.text);
		cr_assert_eq(s.count, 3);
		for (char k = 'a'; k <= 'c'; k++)
			cr_expect_eq(s.keys[k - 'a'].id, turn_kit_key(k).id);
	}
	trusted = turn_kit_key('d');
	cr_assert_eq(read(&s), ERR_SIGNATURE, "nobody leads to a stranger");
	trusted = turn_kit_key('a');
	trusted.cosigner = true;
	cr_assert_eq(read(&s), ERR_SIGNATURE);
}

static enum err open_note(const struct succession *s, uint64_t size, const char *signers)
{
	struct checkpoint c;
	struct str text;

	buf_clear(&checkpoint);
	n = (struct note){ .line = 0 };
	turn_kit_note(&checkpoint, size, signers);
	return succession_open(s, buf_view(&checkpoint), &text, &c, &n);
}

Test(succession, a_checkpoint_is_signed_by_the_key_in_force_at_its_size)
{
	struct succession s;

	add_two();
	cr_assert_eq(read(&s), OK);
	cr_expect_eq(open_note(&s, 0, "a"), OK);
	cr_expect_eq(open_note(&s, 4, "a"), OK);
	cr_expect_eq(open_note(&s, 5, "ab"), OK);
	cr_expect_eq(open_note(&s, 6, "b"), OK);
	cr_expect_eq(open_note(&s, 9, "b"), OK);
	cr_expect_eq(open_note(&s, 10, "bc"), OK);
	cr_expect_eq(open_note(&s, 11, "c"), OK);
	cr_expect_eq(open_note(&s, 1000, "c"), OK);
	cr_expect_eq(open_note(&s, 6, "abz"), OK, "more signatures do no harm");
	cr_expect_eq(open_note(&s, 7, "z"), ERR_UNKNOWN);
}

static void expect_superseded(const struct succession *s, uint64_t size, const char *signers)
{
	cr_expect_eq(open_note(s, size, signers), ERR_SIGNATURE, "%s", signers);
	cr_expect(str_has(str_view(n.text), STR("does not speak for so many")), "%s", n.text);
}

Test(succession, a_key_beyond_its_stretch_is_refused)
{
	struct succession s;

	add_two();
	cr_assert_eq(read(&s), OK);
	expect_superseded(&s, 6, "a");
	expect_superseded(&s, 100, "ab");
	expect_superseded(&s, 4, "b");
	expect_superseded(&s, 9, "c");
	expect_superseded(&s, 5, "a");
	expect_superseded(&s, 5, "b");
	expect_superseded(&s, 10, "c");
}

Test(succession, a_changed_signature_is_told_from_another_key)
{
	struct succession s;
	struct checkpoint c;
	struct str text;

	add_two();
	cr_assert_eq(read(&s), OK);
	cr_assert_eq(open_note(&s, 5, "ab"), OK);
	checkpoint.ptr[checkpoint.len - 20] ^= 1;
	cr_expect_eq(succession_open(&s, buf_view(&checkpoint), &text, &c, &n), ERR_SIGNATURE);
}

Test(succession, a_chain_that_breaks_is_refused)
{
	add('a', 'b', 2, 4);
	expect_refused(ERR_TAMPERED, 1, "rotation 2 stands where rotation 1 is due");
	add('a', 'b', 1, 4);
	add('b', 'c', 3, 9);
	expect_refused(ERR_TAMPERED, 2, "rotation 3 stands where rotation 2 is due");
	add('a', 'b', 1, 4);
	add('d', 'c', 2, 9);
	expect_refused(ERR_TAMPERED, 2, "not from the key that was in force");
	add_two();
	add('c', 'a', 3, 12);
	expect_refused(ERR_TAMPERED, 3, "to a key of before");
	add('a', 'b', 1, 4);
	add('b', 'c', 2, 4);
	expect_refused(ERR_TAMPERED, 2, "not behind the one before");
	add('a', 'a', 1, 4);
	expect_refused(ERR_TAMPERED, 1, "the new key is the old one");
	add('a', 'b', 1, 4);
	add_turn((struct turn){ .old = 'b', .next = 'c', .sequence = 2, .seq = 9,
				.log = "log.example/2" });
	expect_refused(ERR_TAMPERED, 2, "no rotation of the key of log.example/1");
	add_turn((struct turn){ .old = 'a', .next = 'b', .sequence = 1, .seq = 4,
				.verb = "log.prune" });
	expect_refused(ERR_TAMPERED, 1, "no rotation");
}

Test(succession, a_rotation_that_a_third_key_signed_is_refused)
{
	add_turn((struct turn){ .old = 'a', .next = 'b', .sequence = 1, .seq = 4,
				.by_old = 'x' });
	expect_refused(ERR_SIGNATURE, 1, "'old_signature' is not by that key");
	add('a', 'b', 1, 4);
	add_turn((struct turn){ .old = 'b', .next = 'c', .sequence = 2, .seq = 9,
				.by_next = 'x' });
	expect_refused(ERR_SIGNATURE, 2, "'new_signature' is not by that key");
}

Test(succession, a_byte_that_is_another_is_refused)
{
	struct succession s;
	size_t digest = 0;

	add_two();
	cr_assert_eq(read(&s), OK);
	for (size_t i = 0; i < lines.len; i++) {
		bool same = true;

		lines.ptr[i] ^= 1;
		/* What the keys do not sign, the tree does: whoever has it compares the leaf. */
		if (read(&s) == OK) {
			struct digest *leaf = arena_array(&arena, 2, sizeof(*leaf));

			cr_assert_not_null(leaf);
			leaf[0] = s.leaves[1];
			leaf[1] = s.leaves[2];
			lines.ptr[i] ^= 1;
			cr_assert_eq(read(&s), OK);
			same = digest_eq(&leaf[0], &s.leaves[1]) &&
			       digest_eq(&leaf[1], &s.leaves[2]);
			lines.ptr[i] ^= 1;
			digest++;
			cr_expect(!same, "byte %zu", i);
		}
		lines.ptr[i] ^= 1;
		arena_rewind(&arena, (struct arena_mark){ NULL, 0 });
	}
	cr_expect_gt(digest, 0);
	lines.len--;
	expect_refused(ERR_TAMPERED, 2, "the line does not end");
}

Test(succession, knows_its_entries)
{
	struct succession s, alone = succession_of(&trusted, 1);
	struct digest other = { .bytes = { 1 } };

	add_two();
	cr_assert_eq(read(&s), OK);
	cr_expect(succession_has(&s, 4, &s.leaves[1]) && succession_has(&s, 9, &s.leaves[2]));
	cr_expect(!succession_has(&s, 4, &other) && !succession_has(&s, 4, &s.leaves[2]));
	cr_expect(!succession_has(&s, 5, &s.leaves[1]) && !succession_has(&alone, 4, &other));
	cr_expect_eq(succession_under(&s, 4), 0);
	cr_expect_eq(succession_under(&s, 5), 1);
	cr_expect_eq(succession_under(&s, 10), 2);
	cr_expect_eq(succession_under(&alone, 1000), 0);
}

Test(succession, without_rotations_each_key_that_is_trusted_may_sign)
{
	struct succession s;

	cr_assert_eq(read(&s), OK);
	cr_expect_eq(open_note(&s, 7, "a"), OK);
	cr_expect_eq(open_note(&s, 7, "b"), ERR_UNKNOWN);
}

Test(succession, a_line_is_a_rotation_by_what_it_is_at_the_top)
{
	static const char sly[] =
		"{\"action\":\"log.rotate_key\",\"data\":{\"attrs\":{\"a\":1,\"kind\":\"control\","
		"\"z\":1}},\"kind\":\"action\",\"log\":\"log.example/1\",\"seq\":4}";

	add('a', 'b', 1, 4);
	lines.len--;
	cr_expect(succession_turns(buf_view(&lines)));
	cr_expect(!succession_turns(str_view(sly)));
	lines.ptr[2] = 'b';
	cr_expect(!succession_turns(buf_view(&lines)));
}

/* docs/formats/rotation.md */
Test(succession, the_statement_is_as_documented)
{
	static const char wanted[] =
		"00000017" "7472616d6d656c2f6c6f672d726f746174696f6e2f7631"
		"0000000d" "6c6f672e6578616d706c652f31"
		"00000020" "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
		"00000020" "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394"
		"00000008" "0000000000000001"
		"00000008" "1886caf21c963200";
	struct key_turn turn = { .sequence = 1 };
	struct sign_key *key;
	uint8_t seed[SEED_BYTES];
	struct buf text, hex;

	memset(seed, 1, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &key), OK);
	turn.old = sign_key_public(key);
	sign_key_close(key);
	memset(seed, 2, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &key), OK);
	turn.next = sign_key_public(key);
	sign_key_close(key);
	buf_init(&text, SUCCESSION_TEXT_BYTES);
	buf_init(&hex, 2 * SUCCESSION_TEXT_BYTES);
	succession_text(&text, STR(TURN_KIT_ORIGIN), &turn, INT64_C(1767323045000000000));
	buf_add_hex(&hex, text.ptr, text.len);
	cr_expect(str_is(buf_view(&hex), wanted), "%.*s", STR_ARG(buf_view(&hex)));
	buf_fini(&hex);
	buf_fini(&text);
}
