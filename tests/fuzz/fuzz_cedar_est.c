/*
 * fuzz_cedar_est: any bytes as a policy set in JSON. What is read is written as JSON that reads as
 * the same set, and as text that reads as its policies; what is refused comes with a reason.
 */
#include "engine/base/json.h"
#include "engine/cedar/cedar.h"

#define MEMORY    ((size_t)256 << 20)
#define OUT_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const struct cedar_policies *set, struct arena *a)
{
	struct cedar_policies *again;
	struct buf once, twice;
	struct value v;
	enum err e;

	buf_init(&once, OUT_BYTES);
	buf_init(&twice, OUT_BYTES);
	cedar_policies_write_json(&once, set);
	MUST(once.err == OK);
	e = json_read(buf_view(&once), 1, a, &v, NULL);
	/* What is short in a "Value" is deeper as expressions. */
	MUST(e == OK || e == ERR_LIMIT);
	if (e == OK) {
		MUST(cedar_policies_read_json(&v, a, &again, NULL) == OK);
		MUST(cedar_count(again) == cedar_count(set));
		cedar_policies_write_json(&twice, again);
		MUST(str_eq(buf_view(&once), buf_view(&twice)));
	}
	buf_fini(&once);
	buf_fini(&twice);
}

static void check_text(const struct cedar_policies *set, struct arena *a)
{
	struct cedar_policies *again;
	struct note n = { .line = 0 };
	struct buf b;

	buf_init(&b, OUT_BYTES);
	cedar_policies_write(&b, set);
	MUST(b.err == OK);
	MUST(cedar_policies_read(buf_view(&b), a, &again, &n) == OK);
	MUST(cedar_count(again) == cedar_count(set));
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note n = { .line = 0 };
	struct cedar_policies *set;
	struct value v;
	struct arena a;

	arena_init(&a, MEMORY);
	if (json_read(str_slice(data, size), 1, &a, &v, NULL) == OK) {
		if (cedar_policies_read_json(&v, &a, &set, &n) == OK) {
			check_json(set, &a);
			check_text(set, &a);
		} else {
			MUST(n.text[0] && n.line >= 1 && n.column >= 1 && n.column <= size + 1);
		}
	}
	arena_fini(&a);
	return 0;
}
