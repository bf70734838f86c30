/*
 * fuzz_bundle: any bytes as a policy file, and as a packed bundle. What loads must pack and unpack
 * to the same digest and rulings; what is refused must say why.
 */
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/policy/policy.h"

static const char request[] = "{\"agent\":{\"id\":\"a\"},\"action\":{\"type\":\"refund\"},\"args\":"
			      "{\"amount\":600},\"session\":{}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_loaded(const struct bundle *b, struct arena *a)
{
	struct ruling one, other;
	struct bundle *again;
	struct digest left = bundle_digest(b), right;
	struct note n = { .column = 0 };
	struct value v;
	struct buf packed;

	buf_init(&packed, LIMIT_BUNDLE_BYTES);
	MUST(bundle_pack(b, &packed) == OK);
	MUST(bundle_unpack(buf_view(&packed), a, &again, &n) == OK);
	right = bundle_digest(again);
	MUST(digest_eq(&left, &right));
	MUST(json_read(str_view(request), 1, a, &v, &n) == OK);
	MUST(bundle_decide(b, POLICY_PRE_TOOL, STR("support-1"), &v, a, &one) == OK);
	MUST(bundle_decide(again, POLICY_PRE_TOOL, STR("support-1"), &v, a, &other) == OK);
	MUST(one.allow == other.allow && str_eq(one.rule, other.rule) &&
	     str_eq(one.reason, other.reason));
	MUST(one.reason.len > 0 && one.error_count == other.error_count);
	buf_fini(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_file file = { STR("p.yaml"), str_slice(data, size) };
	struct note n = { .column = 0 };
	struct bundle *b;
	struct arena a;

	arena_init(&a, 256 << 20);
	if (bundle_load(&file, 1, &a, &b, &n) == OK)
		check_loaded(b, &a);
	else
		MUST(n.text[0] && n.file[0]);
	n = (struct note){ .column = 0 };
	if (bundle_unpack(str_slice(data, size), &a, &b, &n) == OK)
		check_loaded(b, &a);
	else
		MUST(n.text[0]);
	arena_fini(&a);
	return 0;
}
