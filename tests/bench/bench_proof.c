/*
 * bench_proof: how fast inclusion proofs are made.
 *
 *   bench_proof [huge]       "huge": a tree of 1e7 leaves too, which takes 640 MB of memory
 *
 * Out of a tree in memory a proof is some twenty hashes, gathered from as many places: the floor is
 * a loop that does that and nothing else. Out of a log on disk it is tiles to be read, an entry to
 * be found, and a check of what came out; that rate is for the curious. What stands in parentheses
 * behind a ratio is its target.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/audit/audit.h"
#include "engine/base/limits.h"
#include "engine/base/world_real.h"
#include "tests/bench/scratch.h"

#define ORIGIN "example.com/bench"
#define RUNS 5
#define PROOFS 200000
#define STORED 100000u
#define STORED_PROOFS 2000

/* All nodes of the perfect subtrees, a row for each level. */
struct tree {
	uint64_t size;
	struct digest *rows[MERKLE_MAX_LEVELS];
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_proof: %s failed\n", what);
	exit(3);
}

static void grow(struct tree *t, uint64_t size)
{
	t->size = size;
	for (unsigned level = 0; size >> level; level++) {
		uint64_t count = size >> level;

		t->rows[level] = malloc(count * sizeof(struct digest));
		must(t->rows[level], "malloc");
		if (level > 0)
			sha256_nodes(t->rows[level - 1], count, t->rows[level]);
		for (uint64_t i = 0; level == 0 && i < count; i++)
			t->rows[0][i] = sha256(str_slice(&i, sizeof(i)));
	}
}

static void fell(struct tree *t)
{
	for (unsigned level = 0; t->size >> level; level++)
		free(t->rows[level]);
}

static enum err node(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	const struct tree *t = self;

	*ret = t->rows[level][index];
	return OK;
}

/* The same indexes for both, in no order that a cache could follow. */
static uint64_t draw(uint64_t *state, uint64_t size)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (*state >> 33) % size;
}

static double gather_time(const struct tree *t)
{
	struct digest proof[MERKLE_MAX_LEVELS];
	uint64_t state = 1, sum = 0;
	double start = scratch_now();

	for (int i = 0; i < PROOFS; i++) {
		uint64_t index = draw(&state, t->size);

		for (unsigned level = 0; t->size >> (level + 1); level++) {
			uint64_t at = (index >> level) ^ 1;

			if (at < t->size >> level)
				proof[level] = t->rows[level][at];
		}
		sum += proof[0].bytes[0];
	}
	return scratch_now() - start + (sum == 1 ? 1e-9 : 0);
}

static double make_time(struct tree *t)
{
	const struct merkle_source source = { node, t };
	struct digest proof[MERKLE_MAX_LEVELS];
	uint64_t state = 1, sum = 0;
	double start = scratch_now();
	size_t count;

	for (int i = 0; i < PROOFS; i++) {
		must(merkle_inclusion(&source, draw(&state, t->size), t->size, proof, &count) == OK,
		     "merkle_inclusion");
		sum += proof[0].bytes[0] + count;
	}
	return scratch_now() - start + (sum == 1 ? 1e-9 : 0);
}

static void bench_memory(uint64_t size)
{
	double floor[RUNS], make[RUNS], ratio[RUNS];
	struct tree t;

	grow(&t, size);
	for (int i = 0; i < RUNS; i++) {
		floor[i] = gather_time(&t);
		make[i] = make_time(&t);
		ratio[i] = make[i] / floor[i];
	}
	printf("proof of one of %8llu leaves in memory: %4.0f ns, %.2f of gathering its hashes "
	       "(4)\n",
	       (unsigned long long)size, scratch_median(make, RUNS) / PROOFS * 1e9,
	       scratch_median(ratio, RUNS));
	fell(&t);
}

static void append_entries(struct log *l)
{
	struct entry e = { .log = STR(ORIGIN), .kind = ENTRY_NOTICE };
	struct buf line;

	buf_init(&line, LIMIT_ENTRY_BYTES);
	for (; e.seq < STORED; e.seq++) {
		buf_clear(&line);
		entry_write(&line, &e);
		must(log_append(l, buf_view(&line)) == OK, "log_append");
	}
	buf_fini(&line);
}

static double prove_rate(struct world *w, const char *log, const struct note_key *key)
{
	struct note n = { 0 };
	uint64_t state = 1;
	struct buf proof;
	double start = scratch_now();

	buf_init(&proof, LIMIT_PROOF_BYTES);
	for (int i = 0; i < STORED_PROOFS; i++) {
		buf_clear(&proof);
		must(log_prove(w, log, draw(&state, STORED), key, 1, &proof, &n) == OK, n.text);
	}
	buf_fini(&proof);
	return STORED_PROOFS / (scratch_now() - start);
}

static void bench_stored(const char *folder)
{
	static const uint8_t seed[SEED_BYTES] = { 1 };
	struct world w = world_real();
	struct log_seal_report report;
	struct public_key public;
	struct sign_key *key;
	struct note_key known;
	struct note n = { 0 };
	char log[4096];
	struct log *l;

	(void)snprintf(log, sizeof(log), "%s/log", folder);
	must(sign_key_open(seed, &key) == OK && log_create(&w, log, STR(ORIGIN), key) == OK &&
		     log_open(&w, log, STR(ORIGIN), key, &l, &n) == OK, "log_open");
	append_entries(l);
	must(log_close(l) == OK, "log_close");
	public = sign_key_public(key);
	known = note_key_of(STR(ORIGIN), &public, false);
	printf("proof of one of %8u entries on disk:  %6.0f/s", STORED,
	       prove_rate(&w, log, &known));
	must(log_seal(&w, log, &known, 1, &report, &n) == OK, n.text);
	printf(", %.0f/s out of sealed segments\n", prove_rate(&w, log, &known));
	sign_key_close(key);
}

int main(int argc, char **argv)
{
	must(crypto_start() == OK, "crypto");
	bench_memory(1000000);
	if (argc > 1 && strcmp(argv[1], "huge") == 0)
		bench_memory(10000000);
	(void)fflush(stdout);
	return scratch_run(SCRATCH_MEMORY, 256u << 20, bench_stored);
}
