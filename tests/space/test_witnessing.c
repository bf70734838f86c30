#include "engine/space/witnessing.h"

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "engine/base/limits.h"
#include "tests/kit/turn_kit.h"

#define ORIGIN "log.example/1"

static struct world *w;
static struct sign_key *key;
static struct note_key log_key, witness;
static struct buf vkey, request, line;
static struct note n;

static void setup(void)
{
	uint8_t seed[SEED_BYTES] = { 3 };
	struct public_key public;

	cr_assert_eq(crypto_start(), OK);
	w = sim_open(3, 0);
	cr_assert_eq(sign_key_open(seed, &key), OK);
	public = sign_key_public(key);
	log_key = note_key_of(STR(ORIGIN), &public, false);
	buf_init(&vkey, LIMIT_NOTE_BYTES);
	buf_init(&request, 4 * LIMIT_NOTE_BYTES);
	buf_init(&line, LIMIT_NOTE_BYTES);
	n = (struct note){ 0 };
	cr_assert_eq(witnessing_create(w, "w", STR("w.example/1"), &vkey, &n), OK, "%s", n.text);
	cr_assert_eq(note_key_read(str_trim(buf_view(&vkey)), &witness), OK);
}

static void teardown(void)
{
	buf_fini(&vkey);
	buf_fini(&request);
	buf_fini(&line);
	sign_key_close(key);
	sim_close(w);
}

TestSuite(witnessing, .init = setup, .fini = teardown);

/* A request for a log whose entries are all alike but for `face`, grown from `old` to `size`. */
static void ask(uint64_t old, uint64_t size, char face)
{
	struct witness_request r = { .old = old };
	struct digest leaf = sha256_prefixed(0, str_slice(&face, 1)), first = leaf;
	struct checkpoint c = { .origin = STR(ORIGIN), .size = size };
	struct merkle_range range;
	struct buf text, note;

	merkle_init(&range);
	for (uint64_t i = 0; i < size; i++)
		merkle_add(&range, &leaf);
	merkle_root(&range, &c.root);
	buf_init(&text, LIMIT_NOTE_BYTES);
	buf_init(&note, LIMIT_NOTE_BYTES);
	checkpoint_write(&text, &c);
	note_sign(&note, buf_view(&text), STR(ORIGIN), key);
	r.note = buf_view(&note);
	if (old == 1 && size == 2)
		r.proof[r.count++] = first;
	buf_clear(&request);
	witness_request_write(&request, &r);
	buf_fini(&text);
	buf_fini(&note);
}

static enum err answer(void)
{
	buf_clear(&line);
	return witnessing_answer(w, "w", buf_view(&request), 1785000000, &line, &n);
}

/* Is the line a cosignature of what was asked? */
static bool is_cosigned(void)
{
	struct witness_request r;
	struct str text;
	struct buf note;
	bool good;

	cr_assert_eq(witness_request_read(buf_view(&request), &r, &n), OK);
	buf_init(&note, LIMIT_NOTE_BYTES);
	buf_add(&note, r.note);
	buf_add(&note, buf_view(&line));
	good = note_open(buf_view(&note), &witness, 1, &text) == OK;
	buf_fini(&note);
	return good;
}

Test(witnessing, a_log_that_grows_is_cosigned)
{
	ask(0, 1, 'a');
	cr_assert_eq(answer(), ERR_NOT_FOUND, "the log is not known yet");
	cr_assert_eq(witnessing_add_log(w, "w", &log_key, &n), OK, "%s", n.text);
	cr_assert_eq(witnessing_add_log(w, "w", &log_key, &n), ERR_EXISTS);
	cr_assert_eq(answer(), OK, "%s", n.text);
	cr_assert(is_cosigned());
	ask(1, 2, 'a');
	cr_assert_eq(answer(), OK, "%s", n.text);
	cr_assert(is_cosigned());
	ask(2, 2, 'a');
	cr_assert_eq(answer(), OK, "the answer was lost: it may be asked for again");
	cr_assert(is_cosigned());
}

Test(witnessing, two_faces_of_a_log_are_not_both_cosigned)
{
	cr_assert_eq(witnessing_add_log(w, "w", &log_key, &n), OK);
	ask(0, 1, 'a');
	cr_assert_eq(answer(), OK);
	ask(0, 1, 'b');
	cr_assert_eq(answer(), ERR_EXISTS);
	ask(1, 1, 'b');
	cr_assert_eq(answer(), ERR_EXISTS);
	ask(1, 2, 'b');
	cr_assert_eq(answer(), ERR_PROOF);
	cr_assert_eq(line.len, 0);
	ask(1, 2, 'a');
	cr_assert_eq(answer(), OK);
}

/* Whatever fails, a cosignature that left is of the head on disk; and the next request works. */
static void fail_each(enum sim_fault fault)
{
	teardown();
	setup();
	cr_assert_eq(witnessing_add_log(w, "w", &log_key, &n), OK);
	ask(0, 1, 'a');
	cr_assert_eq(answer(), OK);
	for (uint64_t at = 1; at < 20; at++) {
		enum err e;

		ask(1, 2, 'a');
		sim_fail_at(w, at, fault);
		e = answer();
		if (!sim_was_hit(w)) {
			cr_assert(e == OK || (e == ERR_EXISTS && fault != SIM_CRASH),
				  "or it was kept, and then the sync failed: %s", n.text);
			break;
		}
		cr_assert(e != OK && line.len == 0);
		sim_fail_at(w, 0, SIM_NONE);
		if (fault == SIM_CRASH)
			sim_reboot(w, true);
		ask(1, 2, 'b');
		cr_assert(answer() != OK, "the other face");
		ask(2, 2, 'b');
		cr_assert(answer() != OK, "the other face");
	}
	sim_fail_at(w, 0, SIM_NONE);
	ask(2, 2, 'a');
	cr_assert_eq(answer(), OK, "%s", n.text);
	sim_reboot(w, true);
	cr_assert_eq(answer(), OK, "what was answered is durable");
}

Test(witnessing, nothing_is_cosigned_that_is_not_kept)
{
	fail_each(SIM_CRASH);
	fail_each(SIM_EIO);
	fail_each(SIM_ENOSPC);
	fail_each(SIM_SHORT);
}

Test(witnessing, one_request_at_a_time)
{
	int fd;

	cr_assert_eq(witnessing_add_log(w, "w", &log_key, &n), OK);
	cr_assert_eq(world_open(w, "w/lock", WORLD_CREATE, &fd), OK);
	cr_assert_eq(world_lock(w, fd), OK);
	ask(0, 1, 'a');
	cr_assert_eq(answer(), ERR_LOCKED);
	cr_assert_eq(world_close(w, fd), OK);
	cr_assert_eq(answer(), OK);
}

Test(witnessing, a_witness_that_cannot_be_made_leaves_nothing)
{
	enum world_kind kind;
	uint64_t at;

	cr_assert_eq(witnessing_create(w, "w", STR("w.example/1"), &vkey, &n), ERR_EXISTS);
	cr_assert_eq(witnessing_create(w, "x", STR("two words"), &vkey, &n), ERR_SYNTAX);
	for (at = 1; at < 100; at++) {
		enum err e;

		sim_fail_at(w, at, SIM_EIO);
		buf_clear(&vkey);
		e = witnessing_create(w, "x", STR("w.example/1"), &vkey, &n);
		if (!sim_was_hit(w)) {
			cr_assert_eq(e, OK, "%s", n.text);
			break;
		}
		cr_assert_eq(e, ERR_IO, "%s", n.text);
		cr_assert_eq(world_kind(w, "x", &kind), OK);
		cr_assert_eq(kind, WORLD_NOTHING, "at %d", (int)at);
	}
	cr_assert_gt(at, 10);
}

Test(witnessing, damaged_folders_are_refused)
{
	static const struct {
		const char *file, *text;
	} cases[] = {
		{ "w/key.pem", "no key" },
		{ "w/witness.vkey", "no key" },
		{ "w/logs", "no key\n" },
		{ "w/heads", "no head" },
	};
	struct buf kept;

	cr_assert_eq(witnessing_add_log(w, "w", &log_key, &n), OK);
	buf_init(&kept, LIMIT_NOTE_BYTES);
	ask(0, 1, 'a');
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		buf_clear(&kept);
		buf_add(&kept, sim_peek(w, cases[i].file));
		cr_assert_eq(sim_poke(w, cases[i].file, str_view(cases[i].text)), OK);
		cr_assert(answer() != OK, "%s", cases[i].file);
		cr_assert(n.text[0] && line.len == 0);
		cr_assert_eq(sim_poke(w, cases[i].file, buf_view(&kept)), OK);
	}
	cr_assert_eq(answer(), OK, "%s", n.text);
	cr_assert_eq(witnessing_answer(w, "none", buf_view(&request), 1, &line, &n), ERR_NOT_FOUND);
	buf_fini(&kept);
}

/* --- a log that gets another key --- */

/* The log's head by other keys than before. */
static void ask_as(uint64_t old, const char *signers)
{
	struct witness_request r = { .old = old };
	struct buf note;

	buf_init(&note, LIMIT_NOTE_BYTES);
	turn_kit_note(&note, 0, signers);
	r.note = buf_view(&note);
	buf_clear(&request);
	witness_request_write(&request, &r);
	buf_fini(&note);
}

static enum err follow(struct str rotations, struct note_key *ret)
{
	static struct arena memory;
	enum err e;

	arena_init(&memory, (size_t)16 << 20);
	n = (struct note){ 0 };
	e = witnessing_follow(w, "w", rotations, &memory, ret, &n);
	arena_fini(&memory);
	return e;
}

Test(witnessing, a_log_is_followed_by_its_rotations)
{
	struct note_key a = turn_kit_key('a'), b = turn_kit_key('b'), got;
	struct buf turns, other;

	buf_init(&turns, LIMIT_ROTATIONS_BYTES);
	buf_init(&other, LIMIT_ROTATIONS_BYTES);
	turn_kit_line(&turns, &(struct turn){ .old = 'a', .next = 'b', .sequence = 1, .seq = 4 });
	turn_kit_line(&other, &(struct turn){ .old = 'x', .next = 'y', .sequence = 1, .seq = 4 });
	cr_assert_eq(follow(buf_view(&turns), &got), ERR_NOT_FOUND, "the log is not known");
	cr_assert_eq(witnessing_add_log(w, "w", &a, &n), OK, "%s", n.text);
	cr_assert_eq(follow(buf_view(&other), &got), ERR_SIGNATURE, "not from the key it knows");
	cr_assert_eq(follow(STR("nonsense\n"), &got), ERR_SYNTAX);
	cr_assert_eq(follow(STR(""), &got), ERR_SYNTAX);
	cr_assert_eq(witnessing_add_log(w, "w", &b, &n), ERR_EXISTS, "a key alone proves nothing");
	cr_assert_eq(follow(buf_view(&turns), &got), OK, "%s", n.text);
	cr_assert_eq(got.id, b.id);
	cr_assert_eq(follow(buf_view(&turns), &got), ERR_EXISTS);
	turn_kit_line(&turns, &(struct turn){ .old = 'b', .next = 'c', .sequence = 2, .seq = 9 });
	turn_kit_line(&turns, &(struct turn){ .old = 'c', .next = 'd', .sequence = 3, .seq = 12 });
	cr_assert_eq(follow(buf_view(&turns), &got), OK, "%s", n.text);
	cr_assert_eq(got.id, turn_kit_key('d').id);
	buf_fini(&other);
	buf_fini(&turns);
}

Test(witnessing, only_the_last_key_is_heard)
{
	struct note_key a = turn_kit_key('a'), got;
	struct buf turns;

	buf_init(&turns, LIMIT_ROTATIONS_BYTES);
	turn_kit_line(&turns, &(struct turn){ .old = 'a', .next = 'b', .sequence = 1, .seq = 4 });
	cr_assert_eq(witnessing_add_log(w, "w", &a, &n), OK);
	ask_as(0, "b");
	cr_assert_eq(answer(), ERR_SIGNATURE, "nobody has told of that key");
	cr_assert_eq(follow(buf_view(&turns), &got), OK, "%s", n.text);
	ask_as(0, "a");
	cr_assert_eq(answer(), ERR_SIGNATURE, "superseded");
	buf_fini(&turns);
}
