/*
 * fuzz_expr: any bytes as a condition. What compiles must give the same answer twice, its negation
 * the opposite, and an undecidable answer must come with a reason that points into the text.
 */
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/policy/policy.h"

static const char request[] = "{\"agent\":{\"id\":\"a\"},\"action\":{\"type\":\"t\"},\"resource\":"
			      "\"/r\",\"args\":{\"a\":1,\"b\":"
			      "\"text\",\"c\":[1,\"x\",null],\"d\":{\"k\":2.5},\"e\":true,\"f\":"
			      "99999999999999999999},"
			      "\"session\":{},\"past\":{\"once(a)\":true,\"since(a, b)\":"
			      "false,\"count(a)\":2,\"labelled(\\\"x\\\")\":true}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note n = { .column = 0 }, again = { .column = 0 };
	const struct condition *c, *negated;
	struct value v;
	struct arena a;
	struct buf b;

	arena_init(&a, 64 << 20);
	buf_init(&b, 1 << 20);
	MUST(json_read(str_view(request), 1, &a, &v, &n) == OK);
	if (condition_compile(str_slice(data, size), &a, &c, &n) != OK) {
		MUST(n.text[0] && n.column <= size + 1);
	} else {
		enum truth t = condition_eval(c, &v, &n);

		MUST(condition_eval(c, &v, &again) == t && strcmp(n.text, again.text) == 0);
		MUST(t != TRUTH_ERROR || (n.text[0] && n.column >= 1 && n.column <= size));
		buf_add_c(&b, "not (");
		buf_add(&b, str_slice(data, size));
		buf_add_c(&b, ")");
		/* The two words may be two too many for a limit. */
		if (condition_compile(buf_view(&b), &a, &negated, &n) == OK) {
			enum truth opposite = t == TRUTH_ERROR	? t
					      : t == TRUTH_TRUE ? TRUTH_FALSE
								: TRUTH_TRUE;

			MUST(condition_eval(negated, &v, &n) == opposite);
		}
	}
	buf_fini(&b);
	arena_fini(&a);
	return 0;
}
