/*
 * Tampering, as tables. One log of 60 entries; a hand changes one thing on disk; then the three who
 * read it are asked: verify, strict replay, opening for writing. Each must say what is wrong and
 * where, and put back, everything is sound again.
 *
 * What opening for writing promises is less than verify: it trusts entries under the signed root of
 * the tiles and reads only the newest. So it may accept an edit that verify names, but it never
 * signs anything over it: the new checkpoint commits to the old leaf, and verify still names the edit.
 */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define ENTRIES 60
#define TILE SPACE_KIT_DIR "/log/tile/0/000.p/60"
#define ANY 0xffffffffu                      /* any line */

static struct space_kit k;
static struct scene_files sound;
static struct str segment;
static size_t starts[ENTRIES + 1];           /* of lines in the segment */

static void setup(void)
{
	size_t count = 0;

	scene_init(&k, 1, SCENE_POLICY);
	scene_import(&k, SCENE_INCIDENT);
	for (int i = 52; i < ENTRIES; i++)
		scene_submit(&k, "{\"agent\":\"support-bot\",\"action\":\"get_order\",\"session\":\"t\","
				 "\"args\":{\"order\":\"A-2\"}}");
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

	cr_expect(e == OK || err_exit(e) == 4, "%s: opening answers %s: %s", what, err_name(e),
		  n.text);
	cr_expect_eq(err_exit(verify(&n)), 4, "%s: after opening: %s", what, n.text);
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
	enum err replay;             /* what a replay may say where it does not say ERR_TAMPERED */
};

static const struct edit edits[] = {
	{ "\"effect\":\"allow\"", "\"effect\":\"deny\"", ERR_DIVERGED },
	{ "\"effect\":\"deny\"", "\"effect\":\"allow\"", ERR_DIVERGED },
	{ "\"rule\":\"support/refund\"", "\"rule\":\"support/refunds\"", ERR_DIVERGED },
	{ "\"agent\":\"support-bot\"", "\"agent\":\"support-bat\"", ERR_DIVERGED },
	{ "\"action\":\"get_order\"", "\"action\":\"get_orders\"", ERR_TAMPERED },
	{ "\"action\":\"issue_refund\"", "\"action\":\"get_refund\"", ERR_DIVERGED },
	{ "\"session\":\"run-000003\"", "\"session\":\"run-000009\"", ERR_DIVERGED },
	{ "\"state\":\"sha256:", "\"state\":\"sha256:!", ERR_DIVERGED },
	{ "\"policy\":\"sha256:", "\"policy\":\"sha256:!", ERR_DIVERGED },
	{ "\"args\":\"sha256:", "\"args\":\"sha256:!", ERR_MISS },
	{ "\"result\":\"sha256:", "\"result\":\"sha256:!", ERR_DIVERGED },
	{ "\"time\":\"20", "\"time\":\"30", ERR_DIVERGED },
	{ "\"time\":\"1970", "\"time\":\"1971", ERR_DIVERGED },
	{ "\"reward\":0", "\"reward\":1", ERR_TAMPERED },
	{ "\"seq\":", "\"seq\":1", ERR_DIVERGED },
	{ "\"log\":\"example.com/kit\"", "\"log\":\"example.com/kat\"", ERR_DIVERGED },
	{ "\"v\":1", "\"v\":2", ERR_DIVERGED },
};

/* The line with the edit; a digest after "!" gets another first digit. False: it has no such part. */
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
