/*
 * fuzz_fmt: any bytes as a policy file to be laid out. What comes out loads as the same rules: the
 * same requests get the same rulings, word for word.
 */
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/policy/policy.h"

static const char *const requests[] = {
	"{\"agent\":\"a\",\"action\":\"refund\",\"args\":{\"amount\":600}}",
	"{\"agent\":\"support-1\",\"action\":\"get_x\",\"session\":\"s\"}",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(struct str before, struct str after, struct arena *a)
{
	struct policy_file files[] = { { STR("p.yaml"), before }, { STR("p.yaml"), after } };
	struct bundle *b[2];

	if (bundle_load(&files[0], 1, a, &b[0], NULL) != OK)
		return;
	MUST(bundle_load(&files[1], 1, a, &b[1], NULL) == OK);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct ruling r[2];
		struct question q;
		struct value v;

		MUST(json_read(str_view(requests[i]), 1, a, &v, NULL) == OK);
		MUST(question_read(&v, NULL, a, &q, NULL) == OK);
		for (int k = 0; k < 2; k++)
			MUST(question_decide(b[k], &q, a, &r[k]) == OK);
		MUST(r[0].allow == r[1].allow && str_eq(r[0].rule, r[1].rule) &&
		     str_eq(r[0].reason, r[1].reason));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note n = { .line = 0 };
	struct arena a;
	struct buf b;

	arena_init(&a, 512 << 20);
	buf_init(&b, LIMIT_YAML_BYTES);
	if (fmt_policy(str_slice(data, size), &a, &b, &n) == OK)
		compare(str_slice(data, size), buf_view(&b), &a);
	buf_fini(&b);
	arena_fini(&a);
	return 0;
}
