#include "engine/audit/log_check.h"

#include <criterion/criterion.h>

#include "engine/audit/heads.h"
#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define ENTRIES   20
#define WITNESSES 3

static struct scribe s;
static struct sign_key *keys[WITNESSES];
static struct note_key witnesses[WITNESSES];
static struct log_report report;
static struct buf lines;
static struct note n;

static void setup(void)
{
	static const char *const names[] = { "w.example/0", "w.example/1", "w.example/2" };

	scribe_init(&s, 8);
	scribe_make(&s, ENTRIES);
	for (uint8_t i = 0; i < WITNESSES; i++) {
		uint8_t seed[SEED_BYTES] = { 9, i };
		struct public_key public;

		cr_assert_eq(sign_key_open(seed, &keys[i]), OK);
		public = sign_key_public(keys[i]);
		witnesses[i] = note_key_of(str_view(names[i]), &public, true);
	}
	buf_init(&lines, LIMIT_NOTE_BYTES);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	for (int i = 0; i < WITNESSES; i++)
		sign_key_close(keys[i]);
	buf_fini(&lines);
	scribe_fini(&s);
}

TestSuite(log_cosign, .init = setup, .fini = teardown);

static void add_line(int i)
{
	struct str text, note = scribe_peek(&s, "checkpoint");

	cr_assert_eq(note_open(note, &s.known, 1, &text), OK);
	note_cosign(&lines, text, witnesses[i].name, 1234, keys[i]);
}

static enum err cosign(size_t *added)
{
	enum err e = log_cosign(s.w, "log", &s.known, witnesses, WITNESSES, buf_view(&lines), added,
				&n);

	buf_clear(&lines);
	return e;
}

static enum err verify(const struct log_demand *demand)
{
	n = (struct note){ 0 };
	return log_verify_at(&s.place, STR(SCRIBE_ORIGIN), &s.known, 1, demand, &report, &n);
}

Test(log_cosign, a_quorum_is_counted_by_witness)
{
	struct log_demand d = { .witnesses = witnesses, .witness_count = WITNESSES, .quorum = 2 };
	size_t added = 0;

	cr_assert_eq(verify(&d), ERR_DENIED);
	add_line(1);
	add_line(1);
	cr_assert_eq(cosign(&added), OK, "%s", n.text);
	cr_assert_eq(added, 1, "a witness counts once");
	cr_assert_eq(verify(&d), ERR_DENIED);
	cr_assert_str_eq(n.file, "checkpoint");
	add_line(0);
	add_line(1);
	cr_assert_eq(cosign(&added), OK, "%s", n.text);
	cr_assert_eq(added, 1);
	cr_assert_eq(verify(&d), OK, "%s", n.text);
	cr_assert_eq(report.cosigned, 2);
	d.quorum = 3;
	cr_assert_eq(verify(&d), ERR_DENIED);
}

Test(log_cosign, the_next_checkpoint_is_cosigned_by_nobody)
{
	struct log_demand d = { .witnesses = witnesses, .witness_count = 1, .quorum = 1 };
	struct log *l;
	size_t added;

	add_line(0);
	cr_assert_eq(cosign(&added), OK);
	cr_assert_eq(verify(&d), OK);
	add_line(0);
	cr_assert_eq(scribe_open(&s, &l, &n), OK);
	cr_assert_eq(cosign(&added), ERR_LOCKED, "a writer holds the log");
	add_line(0);
	cr_assert_eq(scribe_append(&s, l, ENTRIES, ENTRIES + 1), OK);
	cr_assert_eq(log_close(l), OK);
	cr_assert_eq(verify(&d), ERR_DENIED);
	cr_assert_eq(cosign(&added), ERR_SIGNATURE, "this was of the checkpoint before");
	cr_assert_eq(verify(NULL), OK, "%s", n.text);
}

Test(log_cosign, what_is_no_answer_of_a_known_witness_is_refused)
{
	struct note_key all[WITNESSES];
	size_t added = 77;

	memcpy(all, witnesses, sizeof(all));
	buf_add_c(&lines, "hello\n");
	cr_assert_eq(cosign(&added), ERR_SYNTAX);
	add_line(0);
	lines.len--;
	cr_assert_eq(cosign(&added), ERR_SYNTAX, "the line is not whole");
	cr_assert_eq(cosign(&added), ERR_UNKNOWN, "there is no line");
	add_line(2);
	cr_assert_eq(log_cosign(s.w, "log", &s.known, witnesses, 2, buf_view(&lines), &added, &n),
		     ERR_UNKNOWN);
	lines.ptr[lines.len - 20] = lines.ptr[lines.len - 20] == 'A' ? 'B' : 'A';
	cr_assert_eq(cosign(&added), ERR_SIGNATURE);
	cr_assert_eq(added, 77);
}

Test(log_cosign, a_changed_cosignature_fails_the_log)
{
	struct log_demand d = { .witnesses = witnesses, .witness_count = 1, .quorum = 1 };
	struct buf note;
	size_t added;

	add_line(0);
	cr_assert_eq(cosign(&added), OK);
	buf_init(&note, LIMIT_NOTE_BYTES);
	buf_add(&note, scribe_peek(&s, "checkpoint"));
	note.ptr[note.len - 20] = note.ptr[note.len - 20] == 'A' ? 'B' : 'A';
	scribe_poke(&s, "checkpoint", buf_view(&note));
	buf_fini(&note);
	cr_assert_eq(verify(&d), ERR_SIGNATURE);
	cr_assert_eq(verify(NULL), OK, "who does not know the witness ignores it");
}

/* --- the head that a verifier brings along --- */

static struct checkpoint head_of(uint64_t size)
{
	struct checkpoint c = { .origin = STR(SCRIBE_ORIGIN), .size = size };

	c.root = scribe_root(&s, size);
	return c;
}

Test(log_cosign, the_log_continues_every_head_it_had)
{
	struct log_demand d = { 0 };

	for (uint64_t size = 0; size <= ENTRIES; size++) {
		struct checkpoint head = head_of(size);

		d.head = &head;
		cr_assert_eq(verify(&d), OK, "%d: %s", (int)size, n.text);
		head.root.bytes[7] ^= 1;
		cr_assert_eq(verify(&d), ERR_TAMPERED, "%d", (int)size);
		cr_assert(str_has(str_view(n.text), STR("rewritten")), "%s", n.text);
	}
}

Test(log_cosign, a_log_that_was_set_back_is_refused)
{
	struct checkpoint head = head_of(ENTRIES + 1);
	struct log_demand d = { .head = &head };

	cr_assert_eq(verify(&d), ERR_TAMPERED);
	cr_assert(str_has(str_view(n.text), STR("set back")), "%s", n.text);
	cr_assert_str_eq(n.file, "checkpoint");
}

Test(log_cosign, what_was_verified_is_given_to_be_kept)
{
	struct log_demand d = { 0 };
	struct buf note;

	buf_init(&note, LIMIT_NOTE_BYTES);
	d.note = &note;
	cr_assert_eq(verify(&d), OK);
	cr_assert(str_eq(buf_view(&note), scribe_peek(&s, "checkpoint")));
	buf_fini(&note);
}

Test(log_cosign, no_memory_is_an_error)
{
	size_t added;

	for (uint64_t at = 1; at < 1000; at++) {
		enum err e;

		add_line(0);
		fail_alloc_at(at);
		e = cosign(&added);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK, "%s", n.text);
			cr_assert_eq(added, 1);
			break;
		}
		fail_alloc_at(0);
		cr_assert_eq(e, ERR_MEMORY, "%d: %s", (int)at, err_name(e));
	}
	fail_alloc_at(0);
}
