/* log_ahead: what is good is summed up, on whichever thread; what is not is left to who asks. */
#include "engine/audit/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "engine/base/world_real.h"
#include "tests/audit/scribe.h"
#include "tests/kit/fail_alloc.h"

#define SEGMENT 512
#define ENTRIES 2100                  /* four segments and some */
#define THIRD "segment/00000002.jsonl"

static struct scribe s;
static const struct succession no_turns;
static struct note n;

static void setup(void)
{
	scribe_init(&s, SEGMENT);
	n = (struct note){ 0 };
}

static void teardown(void)
{
	scribe_fini(&s);
}

TestSuite(log_ahead, .init = setup, .fini = teardown);

/* Which of the four segments are good, a bit each. */
static unsigned good(void)
{
	const struct log_sum *sum;
	struct log_ahead *a;
	unsigned bits = 0, at = 0;

	cr_assert_eq(log_ahead_open(&s.place, STR(SCRIBE_ORIGIN), &no_turns, 0, 4, &a), OK);
	while ((sum = log_ahead_next(a)))
		bits |= (unsigned)sum->good << at++;
	cr_assert_eq(at, 4);
	cr_assert_null(log_ahead_next(a));
	log_ahead_close(a);
	return bits;
}

Test(log_ahead, sums_lead_to_the_root)
{
	const struct log_sum *sum;
	static struct tiles tree;
	struct digest got, want;
	struct log_ahead *a;
	uint64_t bytes = 0;

	scribe_make(&s, ENTRIES);
	tiles_init(&tree);
	cr_assert_eq(log_ahead_open(&s.place, STR(SCRIBE_ORIGIN), &no_turns, 0, 4, &a), OK);
	while ((sum = log_ahead_next(a))) {
		cr_assert(sum->good);
		cr_assert_eq(sum->tiles, 2);
		cr_assert_eq(sum->actions, SEGMENT);
		bytes += sum->bytes;
		for (size_t i = 0; i < sum->tiles; i++)
			cr_assert_eq(tiles_add_tile(&tree, &sum->roots[i], NULL, NULL), OK);
	}
	log_ahead_close(a);
	tiles_root(&tree, &got);
	want = scribe_root(&s, 4 * SEGMENT);
	cr_assert(digest_eq(&got, &want));
	cr_assert_eq(bytes, scribe_peek(&s, "segment/00000000.jsonl").len +
				    scribe_peek(&s, "segment/00000001.jsonl").len +
				    scribe_peek(&s, THIRD).len +
				    scribe_peek(&s, "segment/00000003.jsonl").len);
}

Test(log_ahead, a_segment_with_anything_wrong_is_not_good)
{
	struct buf text;
	uint64_t size;

	scribe_make(&s, ENTRIES);
	cr_assert_eq(good(), 15);
	buf_init(&text, 1u << 20);
	buf_add(&text, scribe_peek(&s, THIRD));
	size = text.len;
	for (size_t at = 0; at < size; at += 997) {
		text.ptr[at] ^= 1;
		scribe_poke(&s, THIRD, buf_view(&text));
		cr_assert_eq(good(), 11, "%zu", at);
		text.ptr[at] ^= 1;
	}
	scribe_poke(&s, THIRD, str_slice(text.ptr, size - 1));
	cr_assert_eq(good(), 11, "cut");
	buf_add_byte(&text, 'x');
	scribe_poke(&s, THIRD, buf_view(&text));
	cr_assert_eq(good(), 11, "a byte too many");
	scribe_remove(&s, THIRD);
	cr_assert_eq(good(), 11, "gone");
	scribe_poke(&s, THIRD, str_slice(text.ptr, size));
	cr_assert_eq(good(), 15);
	scribe_poke(&s, "tile/0/003", STR("short"));
	cr_assert_eq(good(), 13, "the second tile of the second segment");
	buf_fini(&text);
}

Test(log_ahead, verifying_names_what_it_names_line_by_line)
{
	struct log_report report;
	struct buf text;
	char *at;

	scribe_make(&s, ENTRIES);
	cr_assert_eq(scribe_verify(&s, &report, &n), OK, "%s", n.text);
	cr_assert_eq(report.entries, ENTRIES);
	cr_assert_eq(report.actions, ENTRIES);
	cr_assert_eq(report.tiles, 8 + 1 + 1);
	buf_init(&text, 1u << 20);
	buf_add(&text, scribe_peek(&s, THIRD));
	at = strstr(text.ptr, "\"seq\":1100,");
	while (strncmp(at, "\"resource\":\"/", 13) != 0)
		at--;
	at[13] ^= 1;
	scribe_poke(&s, THIRD, buf_view(&text));
	cr_assert_eq(scribe_verify(&s, &report, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, THIRD);
	cr_assert_eq(n.line, 1100 - 2 * SEGMENT + 1);
	buf_fini(&text);
}

/* A head within the second segment; what follows it is verified by segments again. */
Test(log_ahead, a_known_head_lies_anywhere)
{
	static const uint64_t sizes[] = { 1, 256, 511, 512, 513, 700, 1024, 2048, ENTRIES };

	scribe_make(&s, ENTRIES);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct checkpoint head = { STR(SCRIBE_ORIGIN), sizes[i],
					   scribe_root(&s, sizes[i]) };
		struct log_demand demand = { .head = &head };
		struct log_report report;

		cr_assert_eq(log_verify_at(&s.place, STR(SCRIBE_ORIGIN), &s.known, 1, &demand,
					   &report, &n), OK, "%s", n.text);
		head.root.bytes[0] ^= 1;
		cr_assert_eq(log_verify_at(&s.place, STR(SCRIBE_ORIGIN), &s.known, 1, &demand,
					   &report, &n), ERR_TAMPERED, "%d", (int)sizes[i]);
	}
}

Test(log_ahead, two_threads_say_the_same)
{
	char folder[] = "/tmp/trammel-ahead-XXXXXX", to[LIMIT_PATH_BYTES], command[5000];
	struct world *simulated = s.w, real = world_real();

	cr_assert_not_null(mkdtemp(folder));
	s.w = &real;
	cr_assert_eq(world_join(to, sizeof(to), folder, "log"), OK);
	cr_assert_eq(log_place_init(&s.place, s.w, to), OK);
	s.place.segment_entries = SEGMENT;
	scribe_make(&s, ENTRIES);
	cr_assert_eq(good(), 15);
	cr_assert_eq(scribe_verify(&s, NULL, &n), OK, "%s", n.text);
	(void)snprintf(command, sizeof(command), "printf x >>%s/" THIRD, to);
	cr_assert_eq(system(command), 0);
	cr_assert_eq(good(), 11);
	cr_assert_eq(scribe_verify(&s, NULL, &n), ERR_TAMPERED);
	cr_assert_str_eq(n.file, THIRD);
	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
	s.w = simulated;
}

Test(log_ahead, without_memory_nothing_is_summed_up)
{
	scribe_make(&s, ENTRIES);
	for (uint64_t at = 1;; at++) {
		enum err e;

		fail_alloc_at(at);
		e = scribe_verify(&s, NULL, &n);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert(e == ERR_MEMORY || e == OK, "%d: %s", (int)at, err_text(e));
	}
}
