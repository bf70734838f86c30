/*
 * fuzz_cedar_schema: any bytes as a schema, in text or JSON, and policies behind a '%' to hold
 * against it. What is refused has a reason that points into the text; what is read is in order; and
 * what strict mode finds valid, permissive mode does as well.
 */
#include "engine/base/json.h"
#include "engine/cedar/inside.h"

static const char fallback[] =
	"permit(principal, action, resource) when { principal has a.b && principal.a.b == "
	"context.c || resource.hasTag(\"t\") && resource.getTag(\"t\") in principal };";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_order(const struct cedar_schema *s)
{
	for (size_t i = 1; i < s->type_count; i++)
		MUST(str_cmp(s->types[i - 1].name, s->types[i].name) < 0);
	for (size_t i = 1; i < s->action_count; i++)
		MUST(cedar_uid_cmp(&s->actions[i - 1].uid, &s->actions[i].uid) < 0);
	for (size_t i = 0; i < s->type_count; i++)
		MUST(cedar_schema_type(s, s->types[i].name) == &s->types[i]);
	for (size_t i = 0; i < s->action_count; i++)
		MUST(cedar_schema_action(s, &s->actions[i].uid) == &s->actions[i]);
}

static void check_policies(const struct cedar_schema *s, struct str text, struct arena *a)
{
	struct cedar_findings strict, permissive;
	struct cedar_policies *p;

	if (cedar_policies_read(text, a, &p, NULL) != OK)
		return;
	if (cedar_validate(p, s, CEDAR_STRICT, a, &strict) != OK ||
	    cedar_validate(p, s, CEDAR_PERMISSIVE, a, &permissive) != OK)
		return;
	MUST(!strict.valid || permissive.valid);
	for (size_t i = 0; i < strict.count; i++)
		MUST(strict.items[i].text.len && strict.items[i].id.ptr);
}

static enum err read_schema(struct str text, struct arena *a, struct cedar_schema **ret,
			    struct note *n)
{
	struct value v;

	if (!str_starts(text, STR("{")))
		return cedar_schema_read(text, a, ret, n);
	TRY(json_read(text, 1, a, &v, n));
	return cedar_schema_read_json(&v, a, ret, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = str_slice(data, size), schema = all, policies = STR_NONE;
	struct note n = { .column = 0 }, again = { .column = 0 };
	struct cedar_schema *s;
	struct arena a;
	enum err e;

	(void)str_cut(all, '%', &schema, &policies);
	arena_init(&a, 256 << 20);
	e = read_schema(schema, &a, &s, &n);
	if (e == OK) {
		check_order(s);
		check_policies(s, policies.ptr ? policies : str_view(fallback), &a);
	} else {
		MUST(n.text[0] || e == ERR_MEMORY);
		MUST(read_schema(schema, &a, &s, &again) == e && strcmp(n.text, again.text) == 0);
		MUST(n.line == again.line && n.column == again.column);
	}
	arena_fini(&a);
	return 0;
}
