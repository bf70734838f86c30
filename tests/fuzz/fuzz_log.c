/*
 * fuzz_log: a hostile segment under a good checkpoint. Verification says yes only to the bytes that
 * were signed, and then to what follows them only as a tail; a writer opens what verification
 * passes and nothing that was cut.
 */
#include <stdlib.h>

#include "engine/audit/entry.h"
#include "engine/audit/log_check.h"
#include "engine/base/limits.h"
#include "engine/base/world_sim.h"

#define ORIGIN STR("example.com/log")
#define ENTRIES 3
#define SEGMENT "log/segment/00000000.jsonl"

static void make(struct world *w, const struct sign_key *key, struct buf *text)
{
	struct entry e = { .log = ORIGIN, .kind = ENTRY_NOTICE };
	struct log *l;

	MUST(log_create(w, "log", ORIGIN, key) == OK);
	MUST(log_open(w, "log", ORIGIN, key, &l, NULL) == OK);
	for (; e.seq < ENTRIES; e.seq++) {
		size_t before = text->len;

		entry_write(text, &e);
		MUST(log_append(l, str_slice(text->ptr + before, text->len - before)) == OK);
		buf_add_byte(text, '\n');
	}
	MUST(text->err == OK && log_close(l) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[SEED_BYTES] = { 1 };
	struct str input = str_slice(data, size);
	struct log_report report;
	struct sign_key *key;
	struct public_key public;
	struct note_key known;
	struct world *w;
	struct log *l;
	struct buf text;
	enum err e;

	MUST(crypto_start() == OK && sign_key_open(seed, &key) == OK);
	public = sign_key_public(key);
	known = note_key_of(ORIGIN, &public, false);
	w = sim_open(1, 0);
	MUST(w);
	buf_init(&text, LIMIT_LINE_BYTES);
	make(w, key, &text);
	MUST(sim_poke(w, SEGMENT, input) == OK);
	e = log_verify(w, "log", ORIGIN, &known, 1, NULL, &report, NULL);
	MUST((e == OK) == str_eq(input, buf_view(&text)));
	MUST(e != ERR_UNSIGNED || str_starts(input, buf_view(&text)));
	MUST(e == OK || e == ERR_UNSIGNED || e == ERR_TAMPERED);
	if (log_open(w, "log", ORIGIN, key, &l, NULL) == OK) {
		MUST(log_signed_size(l) == ENTRIES);
		MUST(log_cut_tail(l, 0) == OK && log_close(l) == OK);
	} else {
		MUST(e == ERR_TAMPERED);
	}
	buf_fini(&text);
	sim_close(w);
	sign_key_close(key);
	return 0;
}
