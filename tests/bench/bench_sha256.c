/*
 * bench_sha256: SHA-256 of this machine against libsodium, in one run. Prints the median of ROUNDS
 * measurements of each side and their ratio. The sides take turns, so a slow moment hits both.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/crypto/crypto.h"

#define ROUNDS 9
#define ROUND_NS 40e6
#define TEXT_BYTES ((size_t)1 << 20)
#define NODES 1024
#define LEAVES 1024
#define LEAF_BYTES 600

/* What the cases read and write. */
struct field {
	uint8_t *text;
	struct digest in[2 * NODES], out[2 * NODES];
	struct str leaves[LEAVES];
};

/* One call of a side does `units` pieces of work. */
struct bench {
	const char *name, *unit;
	double units, bytes;
	void (*ours)(struct field *f), (*theirs)(struct field *f);
};

static void long_ours(struct field *f)
{
	f->out[0] = sha256(str_slice(f->text, TEXT_BYTES));
}

static void long_theirs(struct field *f)
{
	crypto_hash_sha256(f->out[0].bytes, f->text, TEXT_BYTES);
}

static void short_ours(struct field *f)
{
	for (int i = 0; i < 1000; i++)
		f->out[i] = sha256(str_slice(f->text + i, 512));
}

static void short_theirs(struct field *f)
{
	for (int i = 0; i < 1000; i++)
		crypto_hash_sha256(f->out[i].bytes, f->text + i, 512);
}

static void nodes_ours(struct field *f)
{
	sha256_nodes(f->in, NODES, f->out);
}

static void single_nodes_ours(struct field *f)
{
	for (size_t i = 0; i < NODES; i++)
		sha256_nodes(&f->in[2 * i], 1, &f->out[i]);
}

static void nodes_theirs(struct field *f)
{
	uint8_t node[1 + 2 * DIGEST_BYTES] = { 0x01 };

	for (size_t i = 0; i < NODES; i++) {
		memcpy(node + 1, &f->in[2 * i], 2 * DIGEST_BYTES);
		crypto_hash_sha256(f->out[i].bytes, node, sizeof(node));
	}
}

static void leaves_ours(struct field *f)
{
	sha256_leaves(f->leaves, LEAVES, f->out);
}

static void single_leaves_ours(struct field *f)
{
	for (size_t i = 0; i < LEAVES; i++)
		f->out[i] = sha256_prefixed(0x00, f->leaves[i]);
}

static void leaves_theirs(struct field *f)
{
	const uint8_t prefix = 0x00;

	for (size_t i = 0; i < LEAVES; i++) {
		crypto_hash_sha256_state s;

		crypto_hash_sha256_init(&s);
		crypto_hash_sha256_update(&s, &prefix, 1);
		crypto_hash_sha256_update(&s, (const uint8_t *)f->leaves[i].ptr, f->leaves[i].len);
		crypto_hash_sha256_final(&s, f->out[i].bytes);
	}
}

/* Time of this processor alone: what else the machine does is not measured. */
static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds of one call, over as many calls as fill a round. */
static double measure(void (*side)(struct field *f), struct field *f)
{
	double start = now_ns(), took = 0;
	long calls = 0;

	do {
		side(f);
		calls++;
		took = now_ns() - start;
	} while (took < ROUND_NS);
	return took / (double)calls;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double times[ROUNDS])
{
	qsort(times, ROUNDS, sizeof(times[0]), by_size);
	return times[ROUNDS / 2];
}

static void run(const struct bench *b, struct field *f)
{
	double ours[ROUNDS], theirs[ROUNDS], mine, other;

	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = measure(b->ours, f);
		theirs[i] = measure(b->theirs, f);
	}
	mine = median(ours) / b->units;
	other = median(theirs) / b->units;
	printf("%-20s %9.1f ns/%s %6.0f MB/s %6.2f M/s   libsodium %9.1f ns   x%.2f\n", b->name,
	       mine, b->unit, b->bytes / mine * 1e3, 1e3 / mine, other, other / mine);
}

static void fill(struct field *f)
{
	uint32_t x = 1;
	size_t at = 0;

	for (size_t i = 0; i < TEXT_BYTES; i++) {
		x = x * 1664525 + 1013904223;
		f->text[i] = (uint8_t)(x >> 24);
	}
	memcpy(f->in, f->text, sizeof(f->in));
	for (size_t i = 0; i < LEAVES; i++) {
		size_t len = LEAF_BYTES - 100 + f->text[i] % 200;

		f->leaves[i] = str_slice(f->text + at, len);
		at += len;
	}
}

int main(void)
{
	static const struct bench benches[] = {
		{ "text of 1 MiB", "text", 1, TEXT_BYTES, long_ours, long_theirs },
		{ "text of 512 B", "text", 1000, 512, short_ours, short_theirs },
		{ "nodes, one by one", "node", NODES, 65, single_nodes_ours, nodes_theirs },
		{ "nodes, together", "node", NODES, 65, nodes_ours, nodes_theirs },
		{ "leaves, one by one", "leaf", LEAVES, LEAF_BYTES, single_leaves_ours,
		  leaves_theirs },
		{ "leaves, together", "leaf", LEAVES, LEAF_BYTES, leaves_ours, leaves_theirs },
	};
	struct field *f = calloc(1, sizeof(*f));
	int status = 1;

	if (!f || crypto_start() != OK)
		goto out;
	f->text = malloc(TEXT_BYTES);
	if (!f->text)
		goto out;
	fill(f);
	printf("SHA-256, core %s; goal: no slower than libsodium (x1)\n", sha256_kernel());
	for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++)
		run(&benches[i], f);
	status = 0;
out:
	if (f)
		free(f->text);
	free(f);
	return status;
}
