/*
 * bench_mask: what masking costs.
 *
 *   bench_mask [ROUNDS]                   default 400000
 *
 * A decision's arguments of about 150 bytes, as agents send them, none of them secret; then texts
 * of a megabyte: prose, code and JSON within a string. The tree is read anew for no round: what is
 * masked is changed in place, and nothing here is. What counts is time of the processor.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/json.h"
#include "engine/mask/mask.h"

#define GOAL_NS 300.0
#define LONG_BYTES ((size_t)1 << 20)

static const char args[] =
	"{\"amount\":120,\"currency\":\"EUR\",\"customer\":{\"id\":\"C-20417\","
	"\"name\":\"Ann Lee\"},\"items\":[{\"qty\":2,\"sku\":\"A-77\"}],"
	"\"order_id\":\"#W2378156\",\"reason\":\"damaged on arrival\"}";

static const char prose[] =
	"The customer asked whether the parcel had left the warehouse; it was sent on Tuesday and "
	"should arrive by Friday. She will be written to when it does. ";
static const char code[] =
	"for (size_t i = 0; i < count; i++)\n\tif (list[i].key == wanted && list[i].live)\n\t\t"
	"return &list[i];\n";
static const char json[] = "{\\\"id\\\": 42, \\\"name\\\": \\\"Ann Lee\\\", \\\"tags\\\": "
			   "[\\\"a\\\", \\\"b\\\"], \\\"at\\\": \\\"2026-01-02T03:04:05Z\\\"}, ";

static double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run_args(const struct mask *m, struct arena *a, unsigned rounds)
{
	struct mask_report r = { .arena = a };
	double began, took;
	struct value v;

	MUST(json_read(str_view(args), 1, a, &v, NULL) == OK);
	began = now_s();
	for (unsigned i = 0; i < rounds; i++)
		MUST(mask_value(m, &v, STR("args"), MASK_VALUES, &r) == OK);
	took = (now_s() - began) * 1e9 / rounds;
	MUST(r.count == 0);
	printf("arguments of %zu bytes: %.0f ns (goal %.0f) %s\n", sizeof(args) - 1, took, GOAL_NS,
	       took <= GOAL_NS ? "ok" : "MISSED");
}

static void run_text(const struct mask *m, struct arena *a, const char *name, const char *piece,
		     size_t piece_bytes)
{
	char *text = arena_alloc(a, LONG_BYTES);
	struct mask_report r = { .arena = a };
	struct str s = str_slice(text, LONG_BYTES);
	double began, took;

	MUST(text);
	for (size_t i = 0; i < LONG_BYTES; i++)
		text[i] = piece[i % piece_bytes];
	began = now_s();
	for (unsigned i = 0; i < 20; i++)
		MUST(mask_text(m, &s, STR("t"), MASK_VALUES, &r) == OK);
	took = (now_s() - began) / 20;
	MUST(r.count == 0);
	printf("%s: %.0f MB/s\n", name, (double)LONG_BYTES / took / 1e6);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 400000;
	const uint8_t key[MASK_KEY_BYTES] = { 1 };
	struct mask *m;
	struct arena a;

	MUST(rounds > 0 && crypto_start() == OK);
	MUST(mask_open(NULL, key, &m) == OK);
	arena_init(&a, (size_t)64 << 20);
	run_args(m, &a, rounds);
	run_text(m, &a, "prose", prose, sizeof(prose) - 1);
	run_text(m, &a, "code", code, sizeof(code) - 1);
	run_text(m, &a, "JSON in a text", json, sizeof(json) - 1);
	mask_close(m);
	arena_fini(&a);
	return 0;
}
