/*
 * fuzz_entry_bundle: a hostile entry bundle in a published log. Verification says yes only to the
 * bytes that were published.
 */
#include <stdlib.h>

#include "engine/audit/entry.h"
#include "engine/audit/published.h"
#include "engine/base/limits.h"
#include "engine/base/world_sim.h"

#define ORIGIN STR("example.com/log")
#define ENTRIES 3
#define BUNDLE "out/tile/entries/000.p/3"

static void make(struct world *w, const struct sign_key *key, const struct note_key *known)
{
	struct entry e = { .log = ORIGIN, .kind = ENTRY_NOTICE };
	struct published_report report;
	struct buf line;
	struct log *l;

	buf_init(&line, LIMIT_ENTRY_BYTES);
	MUST(log_create(w, "log", ORIGIN, key) == OK);
	MUST(log_open(w, "log", ORIGIN, key, &l, NULL) == OK);
	for (; e.seq < ENTRIES; e.seq++) {
		buf_clear(&line);
		entry_write(&line, &e);
		MUST(log_append(l, buf_view(&line)) == OK);
	}
	MUST(log_close(l) == OK);
	MUST(published_update(w, "out", "log", known, 1, &report, NULL) == OK);
	buf_fini(&line);
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
	bool same;
	enum err e;

	MUST(crypto_start() == OK && sign_key_open(seed, &key) == OK);
	public = sign_key_public(key);
	known = note_key_of(ORIGIN, &public, false);
	w = sim_open(1, 0);
	MUST(w);
	make(w, key, &known);
	same = str_eq(sim_peek(w, BUNDLE), input);
	MUST(sim_poke(w, BUNDLE, input) == OK);
	e = published_verify(w, "out", ORIGIN, &known, 1, NULL, &report, NULL);
	MUST(e == (same ? OK : ERR_TAMPERED));
	sim_close(w);
	sign_key_close(key);
	return 0;
}
