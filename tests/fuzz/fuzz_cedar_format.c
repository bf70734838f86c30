/*
 * fuzz_cedar_format: any bytes as policies and as a schema to be laid out. What can be read has a
 * layout, which holds the same words and comments, reads as the same tree, and stays as it is.
 */
#include "engine/cedar/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(struct str before, struct str after, struct arena *a)
{
	struct cedar_policies *one, *other;
	struct buf left, right;

	buf_init(&left, 64 << 20);
	buf_init(&right, 64 << 20);
	MUST(cedar_policies_read(before, a, &one, NULL) == OK);
	MUST(cedar_policies_read(after, a, &other, NULL) == OK);
	cedar_policies_write_json(&left, one);
	cedar_policies_write_json(&right, other);
	MUST(left.err == OK && str_eq(buf_view(&left), buf_view(&right)));
	buf_fini(&right);
	buf_fini(&left);
}

static void lay_out(struct str text, enum cedar_syntax syntax, struct arena *a)
{
	struct cedar_words words, again;
	struct buf once, twice;
	struct note n;
	enum err e;

	buf_init(&once, 64 << 20);
	buf_init(&twice, 64 << 20);
	e = cedar_format(text, syntax, a, &once, &n);
	MUST(e != ERR_UNKNOWN || n.line > 0);
	if (e == OK) {
		MUST(cedar_format(buf_view(&once), syntax, a, &twice, &n) == OK);
		MUST(str_eq(buf_view(&once), buf_view(&twice)));
		MUST(cedar_words_read(text, syntax, a, &words, NULL) == OK);
		MUST(cedar_words_read(buf_view(&once), syntax, a, &again, NULL) == OK);
		MUST(cedar_words_same(&words, &again));
		if (syntax == CEDAR_POLICIES)
			compare(text, buf_view(&once), a);
	}
	buf_fini(&twice);
	buf_fini(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;

	arena_init(&a, 512 << 20);
	lay_out(str_slice(data, size), CEDAR_POLICIES, &a);
	lay_out(str_slice(data, size), CEDAR_SCHEMA, &a);
	arena_fini(&a);
	return 0;
}
