/*
 * A log that grows, is pruned, has its own key and its agents' rotated and crashes, again and
 * again, and verifies all the same, for who knows only its first key. `make retention` does it with
 * a million entries.
 *
 *   grow ~ event ~ grow ~ event ...      after each event: the log verifies, nothing that was
 *                                        acknowledged is lost, proofs of long ago hold and can be
 *                                        made anew, bodies are there or were pruned, and what has
 *                                        bodies replays bit for bit
 */
#include "tests/flow/scene.h"

#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "engine/audit/proof.h"
#include "tests/kit/steward.h"

#define ENTRIES UINT64_C(20000)
#define DAY_NS INT64_C(86400000000000)
#define SPAN_NS (600 * DAY_NS)
#define KEPT_NS (60 * DAY_NS)
#define COMMIT_EVERY 500
#define PROOFS 5

enum event_kind { PRUNE, ROTATE, LOSE_POWER, TEAR, KILL, PRUNE_AND_LOSE_POWER };

/* 10 prunes, 3 rotations of both keys, 5 crashes, of which one is in the middle of a prune. */
static const enum event_kind events[] = {
	PRUNE, ROTATE, PRUNE, LOSE_POWER, PRUNE, PRUNE, TEAR, PRUNE, ROTATE,
	PRUNE_AND_LOSE_POWER, PRUNE, KILL, PRUNE, PRUNE, TEAR, PRUNE, ROTATE, PRUNE,
};
#define EVENTS (sizeof(events) / sizeof(events[0]))

static struct steward st;
static struct arena proof_memory;
static struct str proofs[PROOFS];
static uint64_t proven[PROOFS], acknowledged, made;
static struct note_key first;         /* of the log: all that its verifier has */
static size_t rotations;

static uint64_t wanted(void)
{
	const char *text = getenv("RETENTION_ENTRIES");

	return text ? strtoull(text, NULL, 10) : ENTRIES;
}

/* --- growing --- */

static enum err submit(struct space *s)
{
	char text[256];
	struct verdict v;

	sim_advance(st.w, SPAN_NS / (int64_t)wanted());
	(void)snprintf(text, sizeof(text),
		       "{\"agent\":\"bot\",\"action\":\"pay\",\"session\":\"s-%llu\",\"args\":"
		       "{\"amount\":%llu,\"to\":{\"mail\":\"m-%llu@example.org\"}}}",
		       (unsigned long long)(made % 1000), (unsigned long long)(made % 500),
		       (unsigned long long)made);
	made++;
	return steward_submit(&st, s, text, &v);
}

/* Until the log has so many entries, or something fails. */
static enum err grow(struct space *s, uint64_t size)
{
	while (space_entries(s) < size) {
		TRY(submit(s));
		if (made % COMMIT_EVERY == 0) {
			TRY(space_commit(s, true));
			acknowledged = space_entries(s);
		}
	}
	return OK;
}

static void close_well(struct space *s)
{
	cr_assert_eq(space_close(s, &st.note), OK, "%s", st.note.text);
}

/* --- what happens to it --- */

static enum err prune(struct space *s)
{
	struct space_pruned done;

	return space_prune(s, &(struct space_prune){
		.before_ns = gate_totals(space_state(s)).latest_ns - KEPT_NS,
		.reason = STR("retention"), .at_ns = world_now_ns(st.w) }, &done, &st.note);
}

static void crash(struct space *s, enum event_kind kind, uint64_t size)
{
	enum err e;

	sim_fail_at(st.w, kind == PRUNE_AND_LOSE_POWER ? 20 : 7 + made % 5, SIM_CRASH);
	e = kind == PRUNE_AND_LOSE_POWER ? prune(s) : grow(s, size + 100 * COMMIT_EVERY);
	cr_assert_neq(e, OK);
	cr_assert(sim_was_hit(st.w));
	/* Whoever was at it is dead: what it does now reaches no disk. */
	(void)space_abandon(s, NULL);
	if (kind == TEAR)
		sim_tear(st.w, made);
	else
		sim_reboot(st.w, kind != KILL);
}

static void rotate(struct space *s)
{
	struct note_key log_key;
	struct space_key key;

	cr_assert_eq(space_rotate_agent(s, STR("ann"), STR("yearly"), world_now_ns(st.w), &key,
					&st.note), OK, "%s", st.note.text);
	cr_assert_eq(space_rotate_log_key(s, STR("yearly"), world_now_ns(st.w), &log_key,
					  &st.note), OK, "%s", st.note.text);
	rotations++;
}

static void happen(enum event_kind kind, uint64_t size)
{
	struct space *s = space_kit_open(&st.kit);

	cr_assert_eq(grow(s, size), OK);
	if (kind >= LOSE_POWER) {
		crash(s, kind, size);
		return;
	}
	if (kind == PRUNE)
		cr_assert_eq(prune(s), OK, "%s", st.note.text);
	else
		rotate(s);
	acknowledged = space_entries(s);
	close_well(s);
}

/* --- what holds --- */

/* With the first key and the rotations since: proofs of then and of now. */
static void expect_proof(struct space *s, struct str text, uint64_t index)
{
	struct succession keys;
	struct checkpoint c;
	struct proof p;

	cr_assert_eq(proof_read(text, &proof_memory, &p, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(p.index, index);
	cr_assert_eq(log_succession(st.w, space_log_folder(s), &first, 1, &proof_memory, &keys,
				    &st.note), OK, "%s", st.note.text);
	cr_assert_eq(proof_check_by(&p, STR_NONE, STR(SPACE_KIT_ORIGIN), &keys, &c, &st.note), OK,
		     "%s", st.note.text);
}

/* The entries that were proved first: with the proofs of then, and with new ones. */
static void expect_proofs(struct space *s)
{
	struct buf b;

	buf_init(&b, LIMIT_PROOF_BYTES);
	for (size_t i = 0; i < PROOFS; i++) {
		struct arena_mark mark = arena_mark(&proof_memory);

		buf_clear(&b);
		cr_assert_eq(log_prove(st.w, space_log_folder(s), proven[i], space_key(s), 1, &b,
				       &st.note), OK, "%s", st.note.text);
		expect_proof(s, buf_view(&b), proven[i]);
		if (proofs[i].ptr)
			expect_proof(s, proofs[i], proven[i]);
		arena_rewind(&proof_memory, mark);
		if (!proofs[i].ptr)
			cr_assert_eq(arena_copy(&proof_memory, buf_view(&b), &proofs[i]), OK);
	}
	buf_fini(&b);
}

static void expect_all(void)
{
	struct space_bodies_found found;
	struct replay_report report;
	struct log_report verified;
	uint64_t size;
	struct space *s;

	close_well(space_kit_open(&st.kit));
	size = space_kit_verify(&st.kit, NULL);
	cr_assert_geq(size, acknowledged, "%llu of %llu are left", (unsigned long long)size,
		      (unsigned long long)acknowledged);
	cr_assert_eq(space_kit_replay(&st.kit, &report, &st.note), OK, "%s", st.note.text);
	cr_assert(report.entries == size && !report.diverged && report.misses == 0);
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	cr_assert_eq(space_check_bodies(s, &found, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(log_verify(st.w, space_log_folder(s), STR(SPACE_KIT_ORIGIN), &first, 1, NULL,
				&verified, &st.note), OK, "%s", st.note.text);
	cr_assert_eq(verified.rotations, rotations);
	expect_proofs(s);
	close_well(s);
}

Test(retention, pruned_rotated_and_crashed_a_log_verifies_and_replays)
{
	uint64_t entries = wanted();
	struct space_newcomer bot = { .name = STR("bot"), .sponsor = STR("eve@example.org") };
	struct space_key key;
	struct space *s;

	steward_init(&st, SPACE_KIT_ALLOW);
	arena_init(&proof_memory, (size_t)64 << 20);
	s = space_kit_open(&st.kit);
	first = *space_key(s);
	first.name = STR(SPACE_KIT_ORIGIN);
	bot.pub = NULL;
	cr_assert_eq(space_create_agent(s, &bot, world_now_ns(st.w), &key, &st.note), OK);
	cr_assert_eq(grow(s, entries / (EVENTS + 1)), OK);
	close_well(s);
	for (size_t i = 0; i < PROOFS; i++)
		proven[i] = i * (entries / (EVENTS + 1) / PROOFS);
	expect_all();
	for (size_t i = 0; i < EVENTS; i++) {
		happen(events[i], (i + 2) * (entries / (EVENTS + 1)));
		expect_all();
	}
	cr_assert_eq(rotations, 3);
	cr_assert_geq(space_kit_verify(&st.kit, NULL), entries - EVENTS);
	arena_fini(&proof_memory);
	steward_fini(&st);
}
