/*
 * fuzz_sealed: a hostile sealed segment under a good checkpoint. Verification says yes only to
 * lines that were signed, whatever bytes they are packed in; no reader needs more memory than a
 * frame may take; and reading one entry alone gives the line that reading all gives.
 *
 * The sums of frames and the digest in the head are made to fit, as who wants to harm would do:
 * else nothing but heads would be tried.
 */
#include <stdlib.h>

#include "engine/audit/sealed.h"
#include "engine/base/little.h"
#include "engine/base/world_sim.h"

#define ORIGIN STR("example.com/log")
#define ENTRIES 260
#define PLAIN "log/segment/00000000.jsonl"
#define SEALED "log/segment/00000000.zst"
#define FRAMES 2
#define TABLE SEALED_TABLE_BYTES(FRAMES)

static void line_of(uint64_t seq, struct buf *b)
{
	struct entry e = { .log = ORIGIN, .kind = ENTRY_NOTICE, .seq = seq };

	buf_clear(b);
	entry_write(b, &e);
	MUST(b->err == OK);
}

static void make(const struct log_place *p, const struct sign_key *key)
{
	struct buf line;
	struct log *l;

	buf_init(&line, LIMIT_ENTRY_BYTES);
	MUST(log_create_at(p, ORIGIN, key) == OK && log_open_at(p, ORIGIN, key, &l, NULL) == OK);
	for (uint64_t i = 0; i < ENTRIES; i++) {
		line_of(i, &line);
		MUST(log_append(l, buf_view(&line)) == OK);
	}
	MUST(log_close(l) == OK);
	buf_fini(&line);
}

static void fit_sums(struct buf *file, size_t dictionary)
{
	const char *table = file->ptr + file->len - TABLE;
	size_t at = (size_t)sealed_begin(dictionary, FRAMES), end = file->len - TABLE;

	for (size_t i = 0; i < FRAMES; i++) {
		size_t packed = little_get32(table + 8 + 8 * i);

		if (packed > end - at)
			return;
		little_put64(file->ptr + SEALED_HEAD_BYTES + dictionary + 8 * i,
			     sealed_sum(str_slice(file->ptr + at, packed)));
		at += packed;
	}
}

static void fit_digest(struct buf *file)
{
	size_t dictionary, begin;
	struct sha256 sum;
	struct digest d;

	if (file->len < sealed_begin(0, FRAMES) + TABLE)
		return;
	dictionary = little_get32(file->ptr + 20);
	if (dictionary > file->len - sealed_begin(0, FRAMES) - TABLE)
		return;
	begin = (size_t)sealed_begin(dictionary, FRAMES);
	fit_sums(file, dictionary);
	sha256_init(&sum);
	sha256_add(&sum, file->ptr, 24);
	sha256_add(&sum, file->ptr + SEALED_HEAD_BYTES, begin - SEALED_HEAD_BYTES);
	sha256_add(&sum, file->ptr + file->len - TABLE, TABLE);
	sha256_done(&sum, &d);
	memcpy(file->ptr + 24, d.bytes, sizeof(d.bytes));
}

/* After a yes: each entry, found by itself, is the signed one. */
static void check_each(const struct log_place *p)
{
	struct log_reader *r;
	struct str found;
	struct buf line;

	buf_init(&line, LIMIT_ENTRY_BYTES);
	for (uint64_t i = 0; i < ENTRIES; i += 51) {
		line_of(i, &line);
		MUST(log_reader_open_at(p, i, UINT64_MAX, &r, NULL) == OK);
		MUST(log_reader_next(r, &found) == OK && str_eq(found, buf_view(&line)));
		log_reader_close(r);
	}
	buf_fini(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One log for all inputs: making it takes longer than trying one. */
static struct {
	struct log_place place;
	struct sign_key *key;
	struct note_key known;
} made;

static void make_once(void)
{
	static const uint8_t seed[SEED_BYTES] = { 1 };
	struct public_key public;
	struct world *w;

	if (made.key)
		return;
	w = sim_open(1, 0);
	MUST(w && crypto_start() == OK && sign_key_open(seed, &made.key) == OK);
	public = sign_key_public(made.key);
	made.known = note_key_of(ORIGIN, &public, false);
	MUST(log_place_init(&made.place, w, "log") == OK);
	made.place.segment_entries = ENTRIES;
	make(&made.place, made.key);
	MUST(world_unlink(w, PLAIN) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_report report;
	struct buf file;
	struct log *l;
	enum err e;

	make_once();
	buf_init(&file, LIMIT_LINE_BYTES);
	buf_add(&file, str_slice(data, size));
	fit_digest(&file);
	MUST(sim_poke(made.place.w, SEALED, buf_view(&file)) == OK);
	e = log_verify_at(&made.place, ORIGIN, &made.known, 1, NULL, &report, NULL);
	MUST(e == OK || e == ERR_TAMPERED || e == ERR_TRUNCATED);
	if (e == OK)
		check_each(&made.place);
	if (log_open_at(&made.place, ORIGIN, made.key, &l, NULL) == OK) {
		MUST(log_signed_size(l) == ENTRIES);
		log_abandon(l);
	} else {
		MUST(e != OK);
	}
	buf_fini(&file);
	return 0;
}
