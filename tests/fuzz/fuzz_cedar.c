/*
 * fuzz_cedar: any bytes as policies. What is read is written as text that reads as the same text
 * again, and as JSON that reads as the same JSON; what is refused is refused with a place in the
 * text and a reason.
 */
#include "engine/base/json.h"
#include "engine/cedar/cedar.h"

#define MEMORY    ((size_t)256 << 20)
#define OUT_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct cedar_policies *set, struct arena *a)
{
	struct cedar_policies *again;
	struct note n = { .line = 0 };
	struct buf once, twice;

	buf_init(&once, OUT_BYTES);
	buf_init(&twice, OUT_BYTES);
	cedar_policies_write(&once, set);
	MUST(once.err == OK);
	MUST(cedar_policies_read(buf_view(&once), a, &again, &n) == OK);
	MUST(cedar_count(again) == cedar_count(set));
	cedar_policies_write(&twice, again);
	MUST(str_eq(buf_view(&once), buf_view(&twice)));
	buf_fini(&once);
	buf_fini(&twice);
}

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
	/* A tree may be deeper than a document. */
	MUST(e == OK || e == ERR_LIMIT);
	if (e == OK) {
		MUST(cedar_policies_read_json(&v, a, &again, NULL) == OK);
		cedar_policies_write_json(&twice, again);
		MUST(str_eq(buf_view(&once), buf_view(&twice)));
	}
	buf_fini(&once);
	buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note n = { .line = 0 };
	struct cedar_policies *set;
	struct arena a;

	arena_init(&a, MEMORY);
	if (cedar_policies_read(str_slice(data, size), &a, &set, &n) == OK) {
		check_text(set, &a);
		check_json(set, &a);
	} else {
		MUST(n.text[0] && n.line >= 1 && n.column >= 1 && n.column <= size + 1);
	}
	arena_fini(&a);
	return 0;
}
