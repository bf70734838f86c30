/* published: a folder of static files that only ever goes forward, and is verified by itself. */
#include "engine/audit/published.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define ENTRIES 700

static struct scribe s;
static struct log_place out;
static struct published_report report;
static struct log_report verified;
static struct note n;

static void setup(void)
{
	scribe_init(&s, 300);
	cr_assert_eq(log_place_init(&out, s.w, "out"), OK);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	scribe_fini(&s);
}

TestSuite(published, .init = setup, .fini = teardown);

static enum err publish(void)
{
	n = (struct note){ 0 };
	return published_update_at(&s.place, "out", &s.known, 1, &report, &n);
}

static enum err verify(void)
{
	n = (struct note){ 0 };
	return published_verify(s.w, "out", STR(SCRIBE_ORIGIN), &s.known, 1, NULL, &verified, &n);
}

static void grow(uint64_t from, uint64_t to)
{
	struct log *l;

	cr_assert_eq(scribe_open(&s, &l, &n), OK, "%s", n.text);
	cr_assert_eq(scribe_append(&s, l, from, to), OK);
	cr_assert_eq(log_close(l), OK);
}

static void expect_published(uint64_t size)
{
	cr_assert_eq(publish(), OK, "%s: %s", n.file, n.text);
	cr_assert_eq(report.size, size);
	cr_assert_eq(verify(), OK, "%d: %s: %s", (int)size, n.file, n.text);
	cr_assert_eq(verified.entries, size);
	cr_assert_eq(verified.segments, (size + 255) / 256);
}

static struct str peek(const char *name)
{
	char path[LIMIT_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "out/%s", name);
	return sim_peek(s.w, path);
}

static void poke(const char *name, struct str content)
{
	char path[LIMIT_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "out/%s", name);
	cr_assert_eq(sim_poke(s.w, path, content), OK);
}

static void expect_bad(const char *name, uint32_t line, const char *part)
{
	char path[LIMIT_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "out/%s", name);
	cr_assert_eq(verify(), ERR_TAMPERED);
	cr_assert_str_eq(n.file, path, "%s", n.text);
	cr_assert_eq(n.line, line, "%u: %s", n.line, n.text);
	cr_assert(str_has(str_view(n.text), str_view(part)), "%s", n.text);
}

Test(published, it_grows_with_the_log)
{
	static const uint64_t sizes[] = { 1, 5, 255, 256, 257, 299, 300, 512, 513, 600, ENTRIES };
	uint64_t before = 0;

	scribe_make(&s, 0);
	expect_published(0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		grow(before, sizes[i]);
		expect_published(sizes[i]);
		cr_assert_eq(report.before, before);
		before = sizes[i];
		expect_published(before);
	}
	cr_assert(str_eq(peek("checkpoint"), scribe_peek(&s, "checkpoint")));
}

Test(published, partial_tiles_stay_until_the_full_one_is_there)
{
	scribe_make(&s, 5);
	expect_published(5);
	grow(5, 9);
	expect_published(9);
	cr_assert(peek("tile/0/000.p/5").ptr && peek("tile/entries/000.p/5").ptr);
	cr_assert(peek("tile/0/000.p/9").ptr && peek("tile/entries/000.p/9").ptr);
	grow(9, 256);
	expect_published(256);
	cr_assert(!peek("tile/0/000.p/5").ptr && !peek("tile/entries/000.p/9").ptr);
	cr_assert(peek("tile/0/000").ptr && peek("tile/1/000.p/1").ptr);
	cr_assert(peek("tile/entries/000").ptr);
}

Test(published, bundles_are_of_the_entries)
{
	struct str rest, line;
	char name[LOG_NAME_BYTES];
	uint64_t seq = 0;

	scribe_make(&s, ENTRIES);
	expect_published(ENTRIES);
	for (uint64_t i = 0; i < 3; i++) {
		entry_bundle_name(i, i < 2 ? TILE_WIDTH : ENTRIES % TILE_WIDTH, name);
		for (rest = peek(name); rest.len > 0; seq++) {
			cr_assert_eq(entry_bundle_next(&rest, &line), OK);
			cr_assert(str_eq(line, scribe_line(&s, seq)), "%d", (int)seq);
		}
	}
	cr_assert_eq(seq, ENTRIES);
}

/* A client that read the checkpoint before these were taken away. */
Test(published, a_full_tile_serves_for_a_partial_one)
{
	struct buf old;

	scribe_make(&s, 5);
	expect_published(5);
	buf_init(&old, 1u << 20);
	buf_add(&old, peek("checkpoint"));
	grow(5, 300);
	expect_published(300);
	poke("checkpoint", buf_view(&old));
	cr_assert_eq(verify(), ERR_TAMPERED, "the partial tile of hashes is gone");
	cr_assert_str_eq(n.file, "out/tile/0/000.p/5");
	cr_assert_eq(world_mkdir(s.w, "out/tile/0/000.p"), OK);
	poke("tile/0/000.p/5", str_slice(peek("tile/0/000").ptr, 5 * 32));
	cr_assert_eq(verify(), OK, "%s", n.text);
	cr_assert_eq(verified.entries, 5);
	buf_fini(&old);
}

Test(published, sealed_segments_are_published_too)
{
	struct log_seal_report sealed;

	scribe_make(&s, ENTRIES);
	cr_assert_eq(log_seal_at(&s.place, &s.known, 1, &sealed, &n), OK);
	cr_assert_eq(sealed.sealed, 2);
	expect_published(ENTRIES);
}

/* --- what is refused --- */

Test(published, another_log_or_an_older_one_is_refused)
{
	struct buf old;
	struct log_place other = s.place;
	struct log *l;

	scribe_make(&s, 5);
	buf_init(&old, 1u << 20);
	buf_add(&old, scribe_peek(&s, "checkpoint"));
	grow(5, 9);
	expect_published(9);
	scribe_poke(&s, "checkpoint", buf_view(&old));
	cr_assert_eq(publish(), ERR_TAMPERED);
	cr_assert(str_has(str_view(n.text), STR("set back")), "%s", n.text);
	cr_assert_eq(verify(), OK);
	cr_assert_eq(verified.entries, 9);
	memcpy(other.folder, "two", sizeof("two"));
	cr_assert_eq(log_create_at(&other, STR("example.com/two"), s.key), OK);
	cr_assert_eq(log_open_at(&other, STR("example.com/two"), s.key, &l, &n), OK);
	cr_assert_eq(log_close(l), OK);
	s.known.name = STR("example.com/two");
	s.known = note_key_of(s.known.name, &s.known.key, false);
	s.place = other;
	cr_assert_eq(publish(), ERR_SIGNATURE);
	cr_assert_str_eq(n.file, "out/checkpoint");
	buf_fini(&old);
}

Test(published, another_history_is_refused)
{
	struct log_place other = s.place;
	struct log *l;

	scribe_make(&s, 20);
	expect_published(20);
	memcpy(other.folder, "two", sizeof("two"));
	cr_assert_eq(log_create_at(&other, STR(SCRIBE_ORIGIN), s.key), OK);
	cr_assert_eq(log_open_at(&other, STR(SCRIBE_ORIGIN), s.key, &l, &n), OK);
	for (uint64_t i = 0; i < 30; i++)
		cr_assert_eq(log_append(l, scribe_line(&s, i == 3 ? 99 : i)), OK);
	cr_assert_eq(log_close(l), OK);
	s.place = other;
	cr_assert_eq(publish(), ERR_TAMPERED);
	cr_assert_str_eq(n.file, "out/checkpoint");
	cr_assert(str_has(str_view(n.text), STR("do not lead")), "%s", n.text);
	cr_assert_eq(verify(), OK);
	cr_assert_eq(verified.entries, 20);
}

Test(published, a_folder_of_other_things_is_refused)
{
	scribe_make(&s, 5);
	cr_assert_eq(world_mkdir(s.w, "out"), OK);
	poke("letter.txt", STR("dear"));
	cr_assert_eq(publish(), ERR_EXISTS);
	cr_assert_str_eq(n.file, "out/letter.txt");
	cr_assert(!peek("checkpoint").ptr);
	cr_assert_eq(published_update_at(&s.place, "log", &s.known, 1, &report, &n), ERR_EXISTS);
	cr_assert(str_has(str_view(n.text), STR("a log itself")), "%s", n.text);
}

Test(published, changed_entries_are_not_published)
{
	struct buf b;

	scribe_make(&s, 20);
	buf_init(&b, 1u << 20);
	buf_add(&b, scribe_peek(&s, "segment/00000000.jsonl"));
	*strstr(b.ptr, "\"resource\":\"/") ^= 1;
	scribe_poke(&s, "segment/00000000.jsonl", buf_view(&b));
	cr_assert_eq(publish(), ERR_TAMPERED);
	cr_assert(!peek("checkpoint").ptr);
	buf_fini(&b);
}

/* Its tile is there already, so that the root says nothing about it. */
Test(published, entries_that_are_published_again_must_be_the_same)
{
	struct buf b;

	scribe_make(&s, 20);
	expect_published(20);
	grow(20, 30);
	buf_init(&b, 1u << 20);
	buf_add(&b, scribe_peek(&s, "segment/00000000.jsonl"));
	*strstr(b.ptr, "\"resource\":\"/") ^= 1;
	scribe_poke(&s, "segment/00000000.jsonl", buf_view(&b));
	cr_assert_eq(publish(), ERR_TAMPERED);
	cr_assert(str_has(str_view(n.text), STR("do not lead")), "%s", n.text);
	cr_assert(!peek("tile/entries/000.p/30").ptr);
	cr_assert_eq(verify(), OK);
	cr_assert_eq(verified.entries, 20);
	buf_fini(&b);
}

Test(published, a_damaged_edge_is_written_anew)
{
	scribe_make(&s, 300);
	expect_published(300);
	poke("tile/0/001.p/44", STR("short"));
	poke("tile/0/000", STR("short"));
	grow(300, 310);
	expect_published(310);
}

Test(published, what_is_missing_is_written_anew)
{
	static const char *const names[] = { "tile/entries/000", "tile/entries/002.p/188",
					     "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2" };
	char path[LIMIT_PATH_BYTES];

	scribe_make(&s, ENTRIES);
	expect_published(ENTRIES);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(path, sizeof(path), "out/%s", names[i]);
		cr_assert_eq(world_unlink(s.w, path), OK, "%s", path);
		expect_published(ENTRIES);
	}
	cr_assert_eq(world_unlink(s.w, "out/tile/entries/001"), OK);
	grow(ENTRIES, ENTRIES + 100);
	expect_published(ENTRIES + 100);
}

static const struct world_calls *plain_calls;
static const char *linked;

static enum err kind_with_link(struct world *w, const char *path, enum world_kind *ret)
{
	if (strcmp(path, linked) == 0) {
		*ret = WORLD_OTHER;
		return OK;
	}
	return plain_calls->kind(w, path, ret);
}

static enum err open_none_behind(struct world *w, const char *path, enum world_open how, int *ret)
{
	cr_assert(!str_starts(str_view(path), str_view(linked)), "%s is opened", path);
	return plain_calls->open(w, path, how, ret);
}

/* The simulated world has no links, so one that is seen is put before it. */
Test(published, nothing_is_written_through_a_link)
{
	static const char *const names[] = {
		"out/tile",         "out/tile/0",          "out/tile/entries",
		"out/tile/1",       "out/tile/0/002.p",    "out/tile/entries/003.p",
		"out/tile/0/000",   "out/tile/0/002",      "out/tile/entries/002",
		"out/tile/1/000.p", "out/tile/1/000.p/3",  "out/tile/entries/002.p",
		"out/tile/0/003.p", "out/tile/0/003.p/32", "out/tile/entries/000",
	};
	struct world_calls linking;

	scribe_make(&s, ENTRIES);
	expect_published(ENTRIES);
	grow(ENTRIES, ENTRIES + 100);
	plain_calls = s.w->calls;
	linking = *plain_calls;
	linking.kind = kind_with_link;
	linking.open = open_none_behind;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		linked = names[i];
		s.w->calls = &linking;
		cr_assert_eq(publish(), ERR_TAMPERED, "%s", linked);
		s.w->calls = plain_calls;
		cr_assert_str_eq(n.file, linked);
		cr_assert(str_has(str_view(n.text), STR("link")), "%s", n.text);
		cr_assert_eq(verify(), OK);
		cr_assert_eq(verified.entries, ENTRIES);
	}
	expect_published(ENTRIES + 100);
}

Test(published, what_was_changed_in_it_is_named)
{
	struct buf b;

	scribe_make(&s, 300);
	expect_published(300);
	buf_init(&b, 1u << 20);
	buf_add(&b, peek("tile/entries/001.p/44"));
	*strstr(b.ptr, "\"resource\":\"/") ^= 1;
	poke("tile/entries/001.p/44", buf_view(&b));
	expect_bad("tile/entries/001.p/44", 1, "not a canonical entry");
	buf_clear(&b);
	buf_add(&b, peek("tile/entries/000"));
	poke("tile/entries/000", str_slice(b.ptr, b.len - 1));
	expect_bad("tile/entries/000", 256, "ends before this entry");
	buf_add_byte(&b, 'x');
	poke("tile/entries/000", buf_view(&b));
	expect_bad("tile/entries/000", 256, "bytes follow");
	poke("tile/entries/000", STR("\0\3a\nb"));
	expect_bad("tile/entries/000", 1, "not one line");
	cr_assert_eq(world_unlink(s.w, "out/tile/entries/000"), OK);
	expect_bad("tile/entries/000", 0, "the bundle is missing");
	buf_fini(&b);
}

/* --- what fails on the way --- */

/* The folder holds the old tree or the new one, and the next call brings it up to date. */
static void fail_each(enum sim_fault fault, bool power_lost)
{
	for (uint64_t i = 1;; i++) {
		bool hit;

		teardown();
		setup();
		scribe_make(&s, 250);
		cr_assert_eq(publish(), OK);
		grow(250, 300);
		sim_fail_at(s.w, i, fault);
		(void)!publish();
		hit = sim_was_hit(s.w);
		sim_fail_at(s.w, 0, SIM_NONE);
		if (fault == SIM_CRASH)
			sim_reboot(s.w, power_lost);
		cr_assert_eq(verify(), OK, "%d: %s: %s", (int)i, n.file, n.text);
		cr_assert(verified.entries == 250 || verified.entries == 300);
		expect_published(300);
		if (!hit) {
			cr_assert_gt(i, 10);
			break;
		}
	}
}

Test(published, no_failure_and_no_crash_leaves_half_a_tree)
{
	fail_each(SIM_EIO, false);
	fail_each(SIM_ENOSPC, false);
	fail_each(SIM_SHORT, false);
	fail_each(SIM_CRASH, false);
	fail_each(SIM_CRASH, true);
}

Test(published, a_first_publishing_that_crashed_is_done_again)
{
	for (uint64_t i = 1;; i++) {
		bool hit;

		teardown();
		setup();
		scribe_make(&s, 300);
		sim_fail_at(s.w, i, SIM_CRASH);
		(void)!publish();
		hit = sim_was_hit(s.w);
		sim_fail_at(s.w, 0, SIM_NONE);
		sim_reboot(s.w, i % 2);
		expect_published(300);
		if (!hit)
			break;
	}
}

Test(published, without_memory_nothing_is_set_back)
{
	scribe_make(&s, 250);
	cr_assert_eq(publish(), OK);
	grow(250, 300);
	for (unsigned i = 1;; i++) {
		enum err e;
		bool hit;

		fail_alloc_at(i);
		e = publish();
		hit = fail_alloc_was_hit();
		fail_alloc_at(0);
		cr_assert_eq(verify(), OK, "%u: %s", i, n.text);
		if (!hit) {
			cr_assert_eq(e, OK);
			break;
		}
	}
}
