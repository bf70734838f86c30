/* log_succession: a log handed from key to key, on disk. */
#include "engine/audit/inside.h"

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"
#include "tests/kit/turn_kit.h"

#define SEGMENT 512
#define FOLDER "log"

static struct scribe s;
static struct arena arena;
static struct buf line, list;
static struct note n;
static uint64_t size;                 /* entries in the log */

/* The scribe's lines are of another log; these are of the kit's. */
static struct str entry_line(uint64_t seq)
{
	struct entry e = { .log = STR(TURN_KIT_ORIGIN), .seq = seq, .kind = ENTRY_ACTION,
			   .action = STR("look") };

	buf_clear(&line);
	entry_write(&line, &e);
	return buf_view(&line);
}

static enum err open_log(char key, struct sign_key **secret, struct log **ret)
{
	*secret = turn_kit_secret(key);
	return log_open_at(&s.place, STR(TURN_KIT_ORIGIN), *secret, ret, &n);
}

static void setup(void)
{
	struct sign_key *first;

	scribe_init(&s, SEGMENT);
	arena_init(&arena, (size_t)32 << 20);
	buf_init(&line, LIMIT_ENTRY_BYTES);
	buf_init(&list, LIMIT_ROTATIONS_BYTES);
	n = (struct note){ .line = 0 };
	size = 0;
	first = turn_kit_secret('a');
	cr_assert_eq(log_create_at(&s.place, STR(TURN_KIT_ORIGIN), first), OK);
	sign_key_close(first);
}

static void teardown(void)
{
	buf_fini(&list);
	buf_fini(&line);
	arena_fini(&arena);
	scribe_fini(&s);
}

TestSuite(log_succession, .init = setup, .fini = teardown);

static void grow(char key, uint64_t count)
{
	struct sign_key *secret;
	struct log *l;

	cr_assert_eq(open_log(key, &secret, &l), OK, "%s", n.text);
	for (uint64_t end = size + count; size < end; size++)
		cr_assert_eq(log_append(l, entry_line(size)), OK);
	cr_assert_eq(log_close(l), OK);
	sign_key_close(secret);
}

/* As a workspace does it. */
static void rotate(char old, char next, uint64_t sequence)
{
	struct turn turn = { .old = old, .next = next, .sequence = sequence, .seq = size };
	struct sign_key *secret, *other = turn_kit_secret(next);
	struct log *l;

	cr_assert_eq(open_log(old, &secret, &l), OK, "%s", n.text);
	buf_clear(&line);
	turn_kit_line(&line, &turn);
	cr_assert_eq(log_append(l, str_slice(line.ptr, line.len - 1)), OK);
	cr_assert_eq(log_commit(l, true), OK);
	cr_assert_eq(log_list_rotations_at(&s.place, ++size, &list, &n), OK, "%s", n.text);
	cr_assert_eq(log_hand_over(l, other), OK);
	cr_assert_eq(log_hand_over(l, other), ERR_EXISTS, "there is nothing more to sign");
	cr_assert_eq(log_close(l), OK);
	sign_key_close(other);
	sign_key_close(secret);
}

/* 600 entries, of which 100 and 401 are rotations. */
static void make(void)
{
	grow('a', 100);
	rotate('a', 'b', 1);
	grow('b', 300);
	rotate('b', 'c', 2);
	grow('c', 198);
}

Test(log_succession, what_no_commit_wrote_yet_is_handed_over_too)
{
	struct sign_key *secret, *next = turn_kit_secret('b');
	struct log *l;

	cr_assert_eq(open_log('a', &secret, &l), OK, "%s", n.text);
	cr_assert_eq(log_append(l, entry_line(0)), OK);
	cr_assert_eq(log_hand_over(l, next), OK);
	cr_assert_eq(log_signed_size(l), 1);
	cr_assert_eq(log_close(l), OK);
	sign_key_close(next);
	sign_key_close(secret);
}

static enum err verify(char trusted, struct log_report *ret)
{
	struct note_key key = turn_kit_key(trusted);

	n = (struct note){ .line = 0 };
	return log_verify_at(&s.place, STR(TURN_KIT_ORIGIN), &key, 1, NULL, ret, &n);
}

static void expect_refused(enum err e, const char *file, const char *words)
{
	struct log_report report;

	cr_expect_eq(verify('a', &report), e, "%s", words);
	cr_expect_str_eq(n.file, file, "%s", n.file);
	cr_expect(str_has(str_view(n.text), str_view(words)), "%s", n.text);
}

Test(log_succession, who_knows_any_key_verifies_the_head)
{
	struct note_key last = turn_kit_key('c');
	struct log_report report;

	make();
	for (char key = 'a'; key <= 'c'; key++) {
		cr_assert_eq(verify(key, &report), OK, "%c: %s", key, n.text);
		cr_assert_eq(report.rotations, 2);
		cr_assert_eq(memcmp(&report.key, &last.key, sizeof(last.key)), 0);
	}
	cr_assert_eq(verify('d', &report), ERR_SIGNATURE);
}

Test(log_succession, a_log_ends_with_a_rotation_as_well_as_with_anything_else)
{
	struct log_report report;

	grow('a', 3);
	rotate('a', 'b', 1);
	rotate('b', 'c', 2);
	cr_assert_eq(verify('a', &report), OK, "%s", n.text);
	cr_assert_eq(report.rotations, 2);
	grow('c', 1);
	cr_assert_eq(verify('a', &report), OK, "%s", n.text);
}

Test(log_succession, two_threads_find_rotations_in_whole_segments)
{
	struct log_report report;

	grow('a', 600);
	rotate('a', 'b', 1);
	grow('b', 1000);
	rotate('b', 'c', 2);
	grow('c', 600);
	cr_assert_eq(verify('a', &report), OK, "%s", n.text);
	cr_assert_eq(report.rotations, 2);
	scribe_remove(&s, SUCCESSION_FILE);
	cr_assert_eq(verify('c', &report), ERR_TAMPERED);
	cr_expect(str_has(str_view(n.text), STR("entry 600 is a rotation")), "%s", n.text);
}

Test(log_succession, a_list_that_lacks_a_rotation_or_has_another_is_refused)
{
	struct str first, both;

	make();
	cr_assert_eq(arena_copy(&arena, scribe_peek(&s, SUCCESSION_FILE), &both), OK);
	first = str_slice(both.ptr, (size_t)((const char *)memchr(both.ptr, '\n', both.len) -
					     both.ptr) + 1);
	scribe_poke(&s, SUCCESSION_FILE, first);
	expect_refused(ERR_SIGNATURE, "checkpoint", "none of the given keys signed");
	scribe_remove(&s, SUCCESSION_FILE);
	expect_refused(ERR_SIGNATURE, "checkpoint", "none of the given keys signed");
	scribe_poke(&s, SUCCESSION_FILE, str_slice(first.ptr + first.len, both.len - first.len));
	expect_refused(ERR_TAMPERED, SUCCESSION_FILE, "one is missing");
	/* Signed by all the right keys, but no entry. */
	size = 500;
	buf_clear(&line);
	buf_add(&line, both);
	turn_kit_line(&line, &(struct turn){ .old = 'c', .next = 'd', .sequence = 3, .seq = 500 });
	scribe_poke(&s, SUCCESSION_FILE, buf_view(&line));
	expect_refused(ERR_SIGNATURE, "checkpoint", "does not speak for so many");
	buf_clear(&line);
	turn_kit_line(&line, &(struct turn){ .old = 'a', .next = 'b', .sequence = 1, .seq = 99 });
	buf_add(&line, str_slice(first.ptr + first.len, both.len - first.len));
	scribe_poke(&s, SUCCESSION_FILE, buf_view(&line));
	expect_refused(ERR_TAMPERED, SUCCESSION_FILE, "entry 100 is a rotation");
}

/* An older owner of the log goes on with it: the entries are fine, the signature is not. */
Test(log_succession, a_head_by_a_superseded_key_is_refused)
{
	struct buf note;

	make();
	buf_init(&note, LIMIT_NOTE_BYTES);
	turn_kit_note(&note, size, "a");
	scribe_poke(&s, "checkpoint", buf_view(&note));
	expect_refused(ERR_SIGNATURE, "checkpoint", "does not speak for so many");
	buf_fini(&note);
}

Test(log_succession, a_rotation_that_was_changed_is_named)
{
	struct str segment;
	char *bytes;
	size_t at = 0;

	make();
	cr_assert_eq(arena_copy(&arena, scribe_peek(&s, "segment/00000000.jsonl"), &segment), OK);
	bytes = arena_alloc(&arena, segment.len);
	cr_assert_not_null(bytes);
	memcpy(bytes, segment.ptr, segment.len);
	while (memcmp(bytes + at, "\"reason\":\"test\"", 15) != 0)
		at++;
	bytes[at + 10] = 'T';
	scribe_poke(&s, "segment/00000000.jsonl", str_slice(bytes, segment.len));
	expect_refused(ERR_TAMPERED, "segment/00000000.jsonl",
		       "entry 100: it was changed after it was signed");
}

Test(log_succession, what_is_listed_behind_the_checkpoint_means_nothing)
{
	struct turn turn = { .old = 'a', .next = 'b', .sequence = 1, .seq = 5 };
	struct log_report report;

	grow('a', 5);
	buf_clear(&line);
	turn_kit_line(&line, &turn);
	scribe_poke(&s, SUCCESSION_FILE, buf_view(&line));
	cr_assert_eq(verify('a', &report), OK, "%s", n.text);
	cr_assert_eq(report.rotations, 0);
}

Test(log_succession, the_list_is_made_anew_from_the_entries)
{
	struct str before;

	make();
	cr_assert_eq(arena_copy(&arena, scribe_peek(&s, SUCCESSION_FILE), &before), OK);
	scribe_remove(&s, SUCCESSION_FILE);
	cr_assert_eq(log_list_rotations_at(&s.place, size, &list, &n), OK, "%s", n.text);
	cr_assert(str_eq(scribe_peek(&s, SUCCESSION_FILE), before));
	cr_assert_eq(log_list_rotations_at(&s.place, 401, &list, &n), OK, "%s", n.text);
	cr_assert(str_eq(scribe_peek(&s, SUCCESSION_FILE), buf_view(&list)));
	cr_assert(list.len > 0 && list.len < before.len && str_starts(before, buf_view(&list)));
	cr_assert_eq(log_list_rotations_at(&s.place, 100, &list, &n), OK, "%s", n.text);
	cr_assert(list.len == 0 && !scribe_has(&s, SUCCESSION_FILE));
}

Test(log_succession, a_link_or_a_folder_is_no_list)
{
	struct log_report report;

	grow('a', 2);
	cr_assert_eq(world_mkdir(s.w, FOLDER "/" SUCCESSION_FILE), OK);
	cr_assert_eq(verify('a', &report), ERR_TAMPERED);
	cr_expect_str_eq(n.file, SUCCESSION_FILE);
}

/* A copy goes on from what a key of before signed, and is verified by any of them. */
Test(log_succession, a_published_copy_follows)
{
	struct published_report report;
	struct log_report verified;
	struct note_key a = turn_kit_key('a'), c = turn_kit_key('c');

	grow('a', 100);
	cr_assert_eq(published_update_at(&s.place, "site", &a, 1, &report, &n), OK, "%s", n.text);
	rotate('a', 'b', 1);
	rotate('b', 'c', 2);
	grow('c', 100);
	cr_assert_eq(published_update_at(&s.place, "site", &c, 1, &report, &n), OK, "%s", n.text);
	cr_assert(report.before == 100 && report.size == 202);
	cr_assert_eq(published_verify(s.w, "site", a.name, &a, 1, NULL, &verified, &n), OK, "%s",
		     n.text);
	cr_assert_eq(verified.rotations, 2);
	cr_assert_eq(world_unlink(s.w, "site/" SUCCESSION_FILE), OK);
	cr_assert_eq(published_verify(s.w, "site", a.name, &a, 1, NULL, &verified, &n),
		     ERR_SIGNATURE);
	cr_assert_eq(published_update_at(&s.place, "site", &c, 1, &report, &n), OK);
	cr_assert_eq(published_verify(s.w, "site", a.name, &a, 1, NULL, &verified, &n), OK);
}
