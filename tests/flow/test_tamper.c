/*
 * Tampering, as tables. One log of 60 entries; a hand changes one thing on disk; then the three who
 * read it are asked: verify, strict replay, opening for writing. Each must say what is wrong and
 * where, and put back, everything is sound again.
 *
 * What opening for writing promises is less than verify: it trusts entries under the signed root of
 * the tiles and reads only the newest. So it may accept an edit that verify names, but it does not
 * make it vanish: the next checkpoint commits to the old leaf, and verify still names the edit.
 */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define IMPORTED 52
#define ENTRIES  60
#define TILE     SPACE_KIT_DIR "/log/tile/0/000.p/60"
#define OLD_TILE SPACE_KIT_DIR "/log/tile/0/000.p/52"
#define LOOK_UP                                                                                    \
	"{\"agent\":\"support-bot\",\"action\":\"get_order\",\"session\":\"t\","                   \
	"\"args\":{\"order\":\"A-2\"}}"
#define ANY 0xffffffffu /* any line */

static struct space_kit k;
static struct scene_files sound;
static struct str segment;
static size_t starts[ENTRIES + 1];          /* of lines in the segment */
static struct str old_checkpoint, old_tile; /* of the first IMPORTED entries */

static void setup(void)
{
	size_t count = 0;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	cr_assert_eq(arena_copy(&k.memory, sim_peek(k.w, SCENE_CHECKPOINT), &old_checkpoint), OK);
	cr_assert_eq(arena_copy(&k.memory, sim_peek(k.w, OLD_TILE), &old_tile), OK);
	for (int i = IMPORTED; i < ENTRIES; i++)
		scene_submit(&k, LOOK_UP);
	cr_assert_eq(space_kit_verify(&k, NULL), ENTRIES);
	scene_keep(&k, &sound);
	cr_assert_eq(arena_copy(&k.memory, sim_peek(k.w, SCENE_SEGMENT), &segment), OK);
	for (size_t i = 0; i < segment.len; i++)
		if (i == 0 || segment.ptr[i - 1] == '\n')
			starts[count++] = i;
	cr_assert_eq(count, ENTRIES);
	starts[ENTRIES] = segment.len;
}

static void teardown(void)
{
	scene_fini(&k);
}

TestSuite(tamper, .init = setup, .fini = teardown);

static struct str line_at(size_t i)
{
	return str_slice(segment.ptr + starts[i], starts[i + 1] - starts[i]);
}

/* --- asking --- */

static enum err verify(struct note *n)
{
	struct log_report report;

	*n = (struct note){ .line = 0 };
	return scene_verify(&k, &report, n);
}

static enum err replay(struct note *n)
{
	struct replay_report report;

	*n = (struct note){ .line = 0 };
	return space_kit_replay(&k, &report, n);
}

/* Verify must answer `e` and name this file and line (from 1; 0: the file as a whole). */
static void expect_verify(const char *what, enum err e, const char *file, uint32_t line)
{
	struct note n;
	enum err found = verify(&n);

	cr_expect_eq(found, e, "%s: verify answers %s: %s", what, err_name(found), n.text);
	cr_expect_str_eq(n.file, file, "%s: %s", what, n.text);
	cr_expect(line == ANY || n.line == line, "%s: line %u: %s", what, n.line, n.text);
	cr_expect_neq(n.text[0], '\0', "%s", what);
}

/* Evidence that was changed: an exit status of 4 from the replay, or its own 1, with a story. */
static void expect_replay(const char *what, enum err first, enum err second)
{
	struct note n;
	enum err found = replay(&n);

	cr_expect(found == first || found == second, "%s: replay answers %s: %s", what,
		  err_name(found), n.text);
	cr_expect_neq(n.text[0], '\0', "%s: replay has no story", what);
}

/* Whoever writes next does not make the change vanish from sight. */
static void expect_still_seen(const char *what)
{
	struct note n = { .line = 0 };
	enum err e = scene_reopen(&k, &n);

	cr_expect(e == OK || e == ERR_VERSION || err_exit(e) == 4, "%s: opening answers %s: %s",
		  what, err_name(e), n.text);
	cr_expect_eq(err_exit(verify(&n)), 4, "%s: after opening: %s", what, n.text);
}

/* What a writer cannot make sense of, it does not touch. */
static void expect_closed(const char *what, enum err e)
{
	struct note n = { .line = 0 };
	enum err found = scene_reopen(&k, &n);

	cr_expect_eq(found, e, "%s: opening answers %s: %s", what, err_name(found), n.text);
	cr_expect_neq(n.text[0], '\0', "%s: opening has no story", what);
}

/* Change one bit of a file that holds `whole`. */
static void flip(const char *path, struct str whole, size_t at)
{
	struct buf b;

	buf_init(&b, whole.len + 1);
	buf_add(&b, whole);
	b.ptr[at] ^= 1;
	scene_put(&k, path, buf_view(&b));
	buf_fini(&b);
}

static void put_back(const char *what)
{
	struct note n;

	scene_restore(&k, &sound);
	cr_assert_eq(verify(&n), OK, "%s, put back: %s", what, n.text);
}

/* --- the segment --- */

static void with_segment(struct str text)
{
	scene_put(&k, SCENE_SEGMENT, text);
}

Test(tamper, a_log_cut_anywhere_is_told)
{
	char what[64];

	for (size_t i = 0; i < ENTRIES; i++) {
		size_t middle = (starts[i] + starts[i + 1]) / 2;

		(void)snprintf(what, sizeof(what), "cut before entry %zu", i);
		with_segment(str_slice(segment.ptr, starts[i]));
		expect_verify(what, ERR_TAMPERED, SCENE_SEGMENT, (uint32_t)i + 1);
		expect_replay(what, ERR_TAMPERED, ERR_TAMPERED);
		expect_still_seen(what);
		put_back(what);
		(void)snprintf(what, sizeof(what), "cut inside entry %zu", i);
		with_segment(str_slice(segment.ptr, middle));
		expect_verify(what, ERR_TAMPERED, SCENE_SEGMENT, (uint32_t)i + 1);
		expect_replay(what, ERR_TAMPERED, ERR_TAMPERED);
		expect_still_seen(what);
		put_back(what);
	}
	/* Without the last newline there is one entry less. */
	with_segment(str_slice(segment.ptr, segment.len - 1));
	expect_verify("last newline", ERR_TAMPERED, SCENE_SEGMENT, ENTRIES);
	expect_still_seen("last newline");
}

Test(tamper, a_repeated_line_is_named)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		struct buf b;

		buf_init(&b, 2 * segment.len);
		buf_add(&b, str_slice(segment.ptr, starts[i + 1]));
		buf_add(&b, str_slice(segment.ptr + starts[i], segment.len - starts[i]));
		with_segment(buf_view(&b));
		expect_verify("repeated", ERR_TAMPERED, SCENE_SEGMENT, (uint32_t)i + 2);
		expect_replay("repeated", ERR_TAMPERED, ERR_TAMPERED);
		expect_still_seen("repeated");
		put_back("repeated");
		buf_fini(&b);
	}
}

Test(tamper, swapped_lines_are_named)
{
	for (size_t i = 0; i + 1 < ENTRIES; i++) {
		struct buf b;

		buf_init(&b, 2 * segment.len);
		buf_add(&b, str_slice(segment.ptr, starts[i]));
		buf_add(&b, line_at(i + 1));
		buf_add(&b, line_at(i));
		buf_add(&b, str_slice(segment.ptr + starts[i + 2], segment.len - starts[i + 2]));
		with_segment(buf_view(&b));
		expect_verify("swapped", ERR_TAMPERED, SCENE_SEGMENT, (uint32_t)i + 1);
		expect_replay("swapped", ERR_TAMPERED, ERR_TAMPERED);
		expect_still_seen("swapped");
		put_back("swapped");
		buf_fini(&b);
	}
}

Test(tamper, a_removed_line_is_named)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		struct buf b;

		buf_init(&b, 2 * segment.len);
		buf_add(&b, str_slice(segment.ptr, starts[i]));
		buf_add(&b, str_slice(segment.ptr + starts[i + 1], segment.len - starts[i + 1]));
		with_segment(buf_view(&b));
		expect_verify("removed", ERR_TAMPERED, SCENE_SEGMENT, (uint32_t)i + 1);
		expect_replay("removed", ERR_TAMPERED, ERR_TAMPERED);
		expect_still_seen("removed");
		put_back("removed");
		buf_fini(&b);
	}
}

/* --- entries, edited so that they stay canonical --- */

struct edit {
	const char *from, *to;
	enum err replay; /* what a replay may say where it does not say ERR_TAMPERED */
};

#define EDIT_STATE 0 /* every entry has a state root */

static const struct edit edits[] = {
	{ "\"state\":\"sha256:", "\"state\":\"sha256:!", ERR_DIVERGED },
	{ "\"effect\":\"allow\"", "\"effect\":\"deny\"", ERR_DIVERGED },
	{ "\"effect\":\"deny\"", "\"effect\":\"allow\"", ERR_DIVERGED },
	{ "\"rule\":\"support/refund\"", "\"rule\":\"support/refunds\"", ERR_DIVERGED },
	{ "\"agent\":\"support-bot\"", "\"agent\":\"support-bat\"", ERR_DIVERGED },
	{ "\"action\":\"get_order\"", "\"action\":\"get_orders\"", ERR_DIVERGED },
	{ "\"action\":\"issue_refund\"", "\"action\":\"get_refund\"", ERR_DIVERGED },
	{ "\"session\":\"run-000003\"", "\"session\":\"run-000009\"", ERR_DIVERGED },
	{ "\"policy\":\"sha256:", "\"policy\":\"sha256:!", ERR_DIVERGED },
	{ "\"args\":\"sha256:", "\"args\":\"sha256:!", ERR_MISS },
	{ "\"result\":\"sha256:", "\"result\":\"sha256:!", ERR_DIVERGED },
	{ "\"time\":\"20", "\"time\":\"30", ERR_DIVERGED },
	{ "\"time\":\"1970", "\"time\":\"1971", ERR_DIVERGED },
	{ "\"reward\":0", "\"reward\":1", ERR_TAMPERED },
	{ "\"seq\":", "\"seq\":1", ERR_DIVERGED },
	{ "\"log\":\"example.com/kit\"", "\"log\":\"example.com/kat\"", ERR_DIVERGED },
	{ "\"v\":3", "\"v\":2", ERR_VERSION },
};

/* The line, edited; "!" stands for another first digit. False: there is nothing to edit. */
static bool edit_line(struct str line, const struct edit *e, struct buf *b)
{
	const char *at = memmem(line.ptr, line.len, e->from, strlen(e->from)), *rest;
	struct str to = str_view(e->to);
	bool digest = str_ends(to, STR("!"));

	if (!at)
		return false;
	rest = at + strlen(e->from);
	buf_add(b, str_slice(line.ptr, (size_t)(at - line.ptr)));
	buf_add(b, str_slice(to.ptr, to.len - digest));
	if (digest)
		buf_add_byte(b, *rest++ == '0' ? '1' : '0');
	buf_add(b, str_slice(rest, (size_t)(line.ptr + line.len - rest)));
	return true;
}

static void segment_with(size_t i, struct str line, struct buf *b)
{
	buf_add(b, str_slice(segment.ptr, starts[i]));
	buf_add(b, line);
	buf_add(b, str_slice(segment.ptr + starts[i + 1], segment.len - starts[i + 1]));
}

Test(tamper, every_edited_member_is_named)
{
	struct buf line, text;

	buf_init(&line, LIMIT_ENTRY_BYTES);
	buf_init(&text, 2 * segment.len);
	for (size_t e = 0; e < sizeof(edits) / sizeof(edits[0]); e++) {
		size_t hits = 0;

		for (size_t i = 0; i < ENTRIES; i++) {
			buf_clear(&line);
			buf_clear(&text);
			if (!edit_line(line_at(i), &edits[e], &line))
				continue;
			hits++;
			segment_with(i, buf_view(&line), &text);
			with_segment(buf_view(&text));
			expect_verify(edits[e].to, ERR_TAMPERED, SCENE_SEGMENT, (uint32_t)i + 1);
			expect_replay(edits[e].to, ERR_TAMPERED, edits[e].replay);
			expect_still_seen(edits[e].to);
			scene_restore(&k, &sound);
		}
		cr_expect_gt(hits, 0, "no entry has %s", edits[e].from);
	}
	buf_fini(&text);
	buf_fini(&line);
	put_back("edits");
}

Test(tamper, entries_hashed_anew_do_not_lead_to_the_old_signature)
{
	struct str whole = sim_peek(k.w, TILE);
	struct buf line, text, tile;

	cr_assert_eq(whole.len, ENTRIES * DIGEST_BYTES);
	buf_init(&line, LIMIT_ENTRY_BYTES);
	buf_init(&text, 2 * segment.len);
	buf_init(&tile, 2 * whole.len);
	for (size_t i = 0; i < ENTRIES; i++) {
		struct digest leaf;

		buf_clear(&line);
		buf_clear(&text);
		buf_clear(&tile);
		cr_assert(edit_line(line_at(i), &edits[EDIT_STATE], &line));
		segment_with(i, buf_view(&line), &text);
		leaf = sha256_prefixed(0x00, str_trim(buf_view(&line)));
		whole = sim_peek(k.w, TILE);
		buf_add(&tile, str_slice(whole.ptr, i * DIGEST_BYTES));
		buf_add(&tile, str_slice(leaf.bytes, DIGEST_BYTES));
		buf_add(&tile, str_slice(whole.ptr + tile.len, whole.len - tile.len));
		with_segment(buf_view(&text));
		scene_put(&k, TILE, buf_view(&tile));
		expect_verify("hashed anew", ERR_TAMPERED, SCENE_CHECKPOINT, 0);
		expect_replay("hashed anew", ERR_TAMPERED, ERR_DIVERGED);
		expect_closed("hashed anew", ERR_TAMPERED);
		put_back("hashed anew");
	}
	buf_fini(&tile);
	buf_fini(&text);
	buf_fini(&line);
}

/* --- checkpoints, tiles, files --- */

Test(tamper, every_flipped_byte_of_a_checkpoint_is_noticed)
{
	struct str whole = sim_peek(k.w, SCENE_CHECKPOINT), copy;

	cr_assert_eq(arena_copy(&k.memory, whole, &copy), OK);
	for (size_t i = 0; i < copy.len; i++) {
		struct note n;
		enum err e;

		flip(SCENE_CHECKPOINT, copy, i);
		e = verify(&n);
		cr_expect_eq(err_exit(e), 4, "byte %zu: %s", i, n.text);
		cr_expect_str_eq(n.file, SCENE_CHECKPOINT);
		cr_expect_eq(err_exit(replay(&n)), 4, "byte %zu: %s", i, n.text);
		cr_expect_str_eq(n.file, SCENE_CHECKPOINT);
		cr_expect_eq(err_exit(scene_reopen(&k, &n)), 4, "byte %zu: %s", i, n.text);
	}
	put_back("checkpoint");
}

Test(tamper, the_checkpoint_of_another_is_refused)
{
	for (uint64_t seed = 2; seed <= 3; seed++) {
		struct space_kit other;

		scene_init(&other, seed, SCENE_POLICY);
		scene_import(&other, SCENE_INCIDENT);
		scene_put(&k, SCENE_CHECKPOINT, sim_peek(other.w, SCENE_CHECKPOINT));
		expect_verify("another key", ERR_SIGNATURE, SCENE_CHECKPOINT, 0);
		expect_replay("another key", ERR_SIGNATURE, ERR_SIGNATURE);
		expect_closed("another key", ERR_SIGNATURE);
		put_back("another key");
		scene_fini(&other);
	}
	scene_put(&k, SCENE_CHECKPOINT, STR_NONE);
	expect_verify("no checkpoint", ERR_TAMPERED, SCENE_CHECKPOINT, 0);
	expect_replay("no checkpoint", ERR_TAMPERED, ERR_TAMPERED);
	expect_closed("no checkpoint", ERR_TAMPERED);
	put_back("no checkpoint");
}

/* The entries behind it are a tail: played, said to be unsigned, signed by the next writer. */
Test(tamper, an_older_checkpoint_of_the_same_log_leaves_a_tail)
{
	struct replay_report report;
	struct note n = { .line = 0 };

	scene_put(&k, SCENE_CHECKPOINT, old_checkpoint);
	expect_verify("older checkpoint", ERR_TAMPERED, OLD_TILE, 0);
	cr_expect_eq(space_kit_replay(&k, &report, &n), OK, "%s", n.text);
	cr_expect_eq(report.unsigned_entries, ENTRIES - IMPORTED);
	cr_expect_eq(scene_reopen(&k, &n), OK, "%s", n.text);
	cr_expect_eq(space_kit_verify(&k, NULL), ENTRIES + 1);
	cr_expect_eq(space_kit_entry(&k, ENTRIES).kind, ENTRY_NOTICE);
}

/* Stated in the README: who cuts everything back to what was signed once, leaves a whole log. */
Test(tamper, a_log_cut_back_with_its_checkpoint_looks_whole)
{
	scene_put(&k, SCENE_CHECKPOINT, old_checkpoint);
	with_segment(str_slice(segment.ptr, starts[IMPORTED]));
	scene_put(&k, TILE, STR_NONE);
	scene_put(&k, OLD_TILE, old_tile);
	cr_expect_eq(space_kit_verify(&k, NULL), IMPORTED);
}

Test(tamper, a_changed_tile_is_named_and_made_again)
{
	struct str copy;

	cr_assert_eq(arena_copy(&k.memory, sim_peek(k.w, TILE), &copy), OK);
	for (size_t i = 0; i < copy.len; i += 31) {
		struct note n = { .line = 0 };

		flip(TILE, copy, i);
		expect_verify("tile", ERR_TAMPERED, TILE, 0);
		cr_expect_eq(replay(&n), OK, "tiles are no evidence: %s", n.text);
		cr_expect_eq(scene_reopen(&k, &n), OK, "%s", n.text);
		put_back("tile");
	}
	scene_put(&k, TILE, STR_NONE);
	expect_verify("no tile", ERR_TAMPERED, TILE, 0);
	scene_put(&k, TILE, str_slice(copy.ptr, copy.len - 1));
	expect_verify("short tile", ERR_TAMPERED, TILE, 0);
	{
		struct note n = { .line = 0 };

		cr_expect_eq(scene_reopen(&k, &n), OK, "%s", n.text);
	}
	cr_expect_eq(space_kit_verify(&k, NULL), ENTRIES);
}

Test(tamper, files_that_do_not_belong_are_named)
{
	static const char *const names[] = { "00000000.jsonl~", "x", "0.jsonl", "1.jsonl" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[LIMIT_PATH_BYTES];
		struct note n;

		cr_assert_eq(world_join(path, sizeof(path), SPACE_KIT_DIR "/log/segment", names[i]),
			     OK);
		scene_put(&k, path, STR("{}\n"));
		expect_verify(names[i], ERR_TAMPERED, path, 0);
		cr_expect_eq(replay(&n), OK, "%s: %s", names[i], n.text);
		put_back(names[i]);
	}
}

/* It is what a crash can leave, so it is told, and the next writer removes it. */
Test(tamper, a_segment_behind_the_last_one_is_told)
{
	struct note n = { .line = 0 };

	scene_put(&k, SPACE_KIT_DIR "/log/segment/00000001.jsonl", STR("{}\n"));
	cr_expect_eq(verify(&n), ERR_UNSIGNED, "%s", n.text);
	cr_expect_eq(replay(&n), OK, "%s", n.text);
	cr_expect_eq(scene_reopen(&k, &n), OK, "%s", n.text);
	cr_expect_eq(space_kit_verify(&k, NULL), ENTRIES);
}

/* --- bodies --- */

/* What is given out for a digest is that body or nothing. */
static size_t count_bodies(void)
{
	struct note n = { .line = 0 };
	struct gate_bodies bodies;
	struct space *s;
	size_t found = 0;

	cr_assert_eq(space_open(k.w, SPACE_KIT_DIR, SPACE_READ, &s, &n), OK, "%s", n.text);
	bodies = space_bodies(s);
	for (size_t i = 0; i < ENTRIES; i++) {
		struct arena_mark mark = arena_mark(&k.memory);
		struct entry entry;
		struct body body;
		struct buf columns;
		enum err e;

		cr_assert_eq(entry_read(str_trim(line_at(i)), &k.memory, &entry, &n), OK);
		if (entry.args) {
			e = bodies.get(bodies.self, entry.args, &body);
			cr_expect(e == OK || e == ERR_TAMPERED || e == ERR_MISS, "%s", err_name(e));
			buf_init(&columns, LIMIT_BODY_BYTES);
			if (e == OK)
				cr_expect_eq(body_open(body.form, body.content, entry.args,
						       &columns, &body), OK,
					     "entry %zu: another body", i);
			buf_fini(&columns);
			found += e == OK;
		}
		arena_rewind(&k.memory, mark);
	}
	(void)space_close(s, NULL);
	return found;
}

Test(tamper, a_changed_body_is_never_given_out)
{
	size_t all = count_bodies(), fewer = 0, tampered = 0;
	struct str copy;

	cr_assert_eq(arena_copy(&k.memory, sim_peek(k.w, SCENE_PACK), &copy), OK);
	for (size_t i = 0; i < copy.len; i += 13) {
		struct note n;
		enum err e;

		flip(SCENE_PACK, copy, i);
		fewer += count_bodies() < all;
		cr_expect_eq(verify(&n), OK, "bodies may be pruned: %s", n.text);
		e = replay(&n);
		cr_expect(e == OK || e == ERR_TAMPERED, "byte %zu: %s: %s", i, err_name(e), n.text);
		cr_expect(e == OK || n.text[0], "byte %zu: no story", i);
		tampered += e == ERR_TAMPERED;
		scene_restore(&k, &sound);
	}
	cr_expect_gt(fewer, 0);
	cr_expect_gt(tampered, 0);
}

Test(tamper, a_writer_does_not_throw_away_what_lies_behind_a_changed_body)
{
	struct str copy;

	cr_assert_eq(arena_copy(&k.memory, sim_peek(k.w, SCENE_PACK), &copy), OK);
	for (size_t i = 0; i < copy.len; i += 13) {
		struct note n = { .line = 0 };
		size_t before;

		flip(SCENE_PACK, copy, i);
		before = count_bodies();
		(void)scene_reopen(&k, &n);
		cr_expect_eq(count_bodies(), before, "byte %zu", i);
		cr_expect_geq(sim_peek(k.w, SCENE_PACK).len, copy.len, "byte %zu", i);
		scene_restore(&k, &sound);
	}
}

Test(tamper, a_missing_pack_is_a_miss_and_the_proof_still_holds)
{
	struct note n = { .line = 0 };

	scene_put(&k, SCENE_PACK, STR_NONE);
	cr_expect_eq(replay(&n), ERR_MISS, "%s", n.text);
	cr_expect(str_has(str_view(n.text), STR("entry 0")), "%s", n.text);
	cr_expect_eq(verify(&n), OK, "%s", n.text);
}

/* --- the cache --- */

/* With the cache as it is now: everything answers as ever, and the next entry is the same. */
static void expect_same_future(const char *what, struct str future)
{
	struct note n;

	cr_expect_eq(verify(&n), OK, "%s: %s", what, n.text);
	cr_expect_eq(replay(&n), OK, "%s: %s", what, n.text);
	sim_entropy(k.w, 1);
	scene_submit(&k, LOOK_UP);
	cr_expect(str_eq(sim_peek(k.w, SCENE_SEGMENT), future), "%s: another future", what);
	cr_expect_eq(space_kit_verify(&k, NULL), ENTRIES + 1);
	scene_restore(&k, &sound);
}

Test(tamper, whatever_is_done_to_the_state_cache_changes_nothing)
{
	struct str future;
	size_t files = 0;

	sim_entropy(k.w, 1);
	scene_submit(&k, LOOK_UP);
	cr_assert_eq(arena_copy(&k.memory, sim_peek(k.w, SCENE_SEGMENT), &future), OK);
	scene_restore(&k, &sound);
	for (size_t i = 0; i < sound.count; i++) {
		struct str bytes = sound.contents[i];

		if (!str_starts(str_view(sound.paths[i]), STR(SPACE_KIT_DIR "/state/")))
			continue;
		files++;
		scene_put(&k, sound.paths[i], STR_NONE);
		expect_same_future("deleted", future);
		for (size_t len = 0; len < bytes.len; len += 1 + bytes.len / 40) {
			scene_put(&k, sound.paths[i], str_slice(bytes.ptr, len));
			expect_same_future("cut", future);
		}
		for (size_t at = 0; at < bytes.len; at += 1 + bytes.len / 150) {
			flip(sound.paths[i], bytes, at);
			expect_same_future("flipped", future);
		}
	}
	cr_expect_gt(files, 0);
}
