/*
 * fuzz_compat: any bytes as a policy of the reference toolkit, read as each of its four kinds. The
 * first byte chooses; what is imported must load, and what is refused must say why. A condition of
 * the mesh engine is evaluated as text, too.
 */
#include "engine/base/json.h"
#include "engine/policy/policy.h"

static const char context[] = "{\"a\":\"x\",\"n\":5,\"u\":{\"name\":\"foo or bar\"},\"l\":[1]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err read_input(void *self, struct str name, struct arena *a, struct str *ret,
			   struct note *n)
{
	(void)name;
	(void)a;
	(void)n;
	*ret = *(const struct str *)self;
	return OK;
}

static void check_report(const struct compat_report *r, struct arena *a)
{
	const struct policy_file file = { STR("p.yaml"), r->text };
	struct note n = { .text = "" };
	struct bundle *b;

	MUST((r->text.ptr != NULL) == (r->refused_count == 0));
	if (r->text.ptr)
		MUST(bundle_load(&file, 1, a, &b, &n) == OK);
	for (size_t i = 0; i < r->remark_count; i++)
		MUST(r->remarks[i].text.len > 0);
	for (size_t i = 0; i < r->change_count; i++) {
		struct value request;

		MUST(json_read(r->changes[i].request, 1, a, &request, NULL) == OK);
		MUST(!str_eq(r->changes[i].before, r->changes[i].after));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_slice(data + (size > 0), size - (size > 0));
	const struct compat_files files = { read_input, &text };
	struct note n = { .text = "" };
	struct compat_report report;
	struct value v;
	struct arena a;
	enum err e;

	if (size == 0)
		return 0;
	arena_init(&a, 256 << 20);
	if (str_utf8_ok(text)) {
		MUST(json_read(str_view(context), 1, &a, &v, NULL) == OK);
		(void)compat_condition_match(text, &v);
	}
	e = compat_import((enum compat_origin)(data[0] % COMPAT_ORIGINS), &files, STR("a"),
			  (enum compat_strategy)(data[0] / COMPAT_ORIGINS % COMPAT_STRATEGIES), &a,
			  &report, &n);
	if (e == OK)
		check_report(&report, &a);
	else
		MUST(n.text[0] || e == ERR_MEMORY);
	arena_fini(&a);
	return 0;
}
