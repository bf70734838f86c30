/*
 * fuzz_cedar_data: any bytes as entities and as a context.
 *
 *   1. What is refused has a note with a place in the text; what is read is read the same again.
 *   2. Sets and records are sorted without doubles, and hierarchies hold together: an ancestor's
 *      ancestors are ancestors, and nobody is its own.
 *   3. Policies that look at everything decide, twice alike, and one by one as all together.
 *   4. The plain context of an object is never refused, but for nesting.
 *   5. Every text as one of ip, decimal, datetime, duration.
 */
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/cedar/inside.h"

#define MEMORY ((size_t)256 << 20)

static const char policies[] =
	"permit(principal, action, resource) when { context has a.b.c && context.a.b.c == context "
	"};"
	"forbid(principal in T::\"a\", action, resource) when { principal.x == resource.x };"
	"permit(principal is T, action, resource in T::\"b\") when { principal.getTag(\"t\") == 1 "
	"};"
	"permit(principal, action, resource) when { context.s like \"*a*b\" || context.s == \"\" };"
	"permit(principal, action, resource) when { context.l.containsAny([1, \"a\", [context]]) };"
	"permit(principal, action, resource) when { ip(context.s).isLoopback() };"
	"permit(principal, action, resource) when { context.n * context.n + 1 - context.m > "
	"-context.n"
	" };"
	"permit(principal, action, resource) when { principal in context.l };"
	"permit(principal, action, resource) when { context.t.offset(context.d).toDate() < "
	"context.t };"
	"permit(principal, action, resource) when { context.n < 5 && context.s == \"a\" };"
	"permit(principal, action, resource) when { context.s like \"a*\" && context.n == 1 };"
	"permit(principal, action, resource) when { context.l.contains(\"a\") && context.b };"
	"forbid(principal, action, resource) unless { context.b || [1, \"a\"].contains(context.n) "
	"};"
	"permit(principal, action, resource) when { context has s && context.s == \"b\" }"
	";";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const struct cedar_value *v)
{
	MUST(cedar_value_cmp(v, v) == 0 && cedar_value_eq(v, v));
	for (size_t i = 0; v->kind == CEDAR_SET && i < v->set.count; i++) {
		const struct cedar_value *item = &v->set.items[i];

		MUST(i == 0 || cedar_value_cmp(item - 1, item) < 0);
		MUST(cedar_set_has(v, item));
		check_value(item);
	}
	for (size_t i = 0; v->kind == CEDAR_RECORD && i < v->record.count; i++) {
		const struct cedar_attr *attr = &v->record.attrs[i];

		MUST(i == 0 || str_cmp(attr[-1].name, attr->name) < 0);
		MUST(cedar_value_get(v, attr->name) == &attr->value);
		check_value(&attr->value);
	}
}

static void check_hierarchy(const struct cedar_entities *e)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct cedar_entity *entity = &e->entities[i];

		MUST(cedar_entity_find(e, &entity->uid) == entity);
		MUST(!cedar_entity_has_ancestor(e, entity, &entity->uid));
		check_value(&entity->attrs);
		check_value(&entity->tags);
		for (size_t a = 0; a < entity->ancestor_count; a++) {
			const struct cedar_uid *uid = &e->nodes.keys[entity->ancestors[a]].uid;
			const struct cedar_entity *above = cedar_entity_find(e, uid);

			MUST(a == 0 || entity->ancestors[a - 1] < entity->ancestors[a]);
			MUST(cedar_entity_in(e, &entity->uid, uid));
			for (size_t k = 0; above && k < above->ancestor_count; k++)
				MUST(cedar_entity_has_ancestor(
					e, entity, &e->nodes.keys[above->ancestors[k]].uid));
		}
	}
}

static void check_decision(const struct cedar_policies *p, const struct cedar_entities *e,
			   const struct cedar_value *context, struct arena *a)
{
	static const struct cedar_uid who = { { "T", 1 }, { "a", 1 } };
	const struct cedar_request r = {
		.principal = who, .action = who, .resource = who, .context = context
	};
	struct cedar_answer once, again;
	size_t erring = 0, holding = 0;

	MUST(cedar_authorize(p, e, &r, a, &once) == OK &&
	     cedar_authorize(p, e, &r, a, &again) == OK);
	MUST(once.allow == again.allow && once.reason_count == again.reason_count &&
	     once.error_count == again.error_count);
	for (size_t i = 0; i < once.error_count; i++)
		MUST(once.errors[i].len && str_eq(once.errors[i], again.errors[i]) &&
		     str_utf8_ok(once.errors[i]));
	for (size_t i = 0; i < cedar_count(p); i++) {
		enum cedar_truth truth;

		MUST(cedar_evaluate(p, i, e, &r, a, &truth, NULL) == OK);
		erring += truth == CEDAR_ERROR;
		holding += truth == CEDAR_YES;
	}
	MUST(erring == once.error_count && once.reason_count <= holding);
	MUST(!once.allow || once.reason_count == holding);
}

static void check_texts(struct str text)
{
	struct cedar_value v;

	for (enum cedar_call call = CALL_IP; call <= CALL_DURATION; call++)
		if (cedar_ext_read(call, text, &v))
			check_value(&v);
}

static void check_context(const struct cedar_policies *p, const struct value *json, struct arena *a)
{
	const struct cedar_value *context, *again;
	const struct cedar_entities *none = cedar_entities_none(a);
	struct note n = { .line = 0 };

	if (cedar_context_read(json, NULL, NULL, a, &context, &n) == OK) {
		MUST(cedar_context_read(json, NULL, NULL, a, &again, &n) == OK);
		check_value(context);
		MUST(cedar_value_eq(context, again));
		check_decision(p, none, context, a);
	} else {
		MUST(n.text[0] && n.line && n.column);
	}
	if (cedar_context_plain(json, a, &context) == OK) {
		check_value(context);
		check_decision(p, none, context, a);
	} else {
		MUST(json->kind != VALUE_OBJECT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_slice(size ? (const char *)data : "", size);
	struct note n = { .line = 0 };
	struct cedar_policies *p;
	struct cedar_entities *e;
	struct value json;
	struct arena a;

	arena_init(&a, MEMORY);
	MUST(cedar_policies_read(str_view(policies), &a, &p, &n) == OK);
	check_texts(text);
	if (json_read(text, 1, &a, &json, NULL) == OK) {
		check_context(p, &json, &a);
		if (cedar_entities_read(&json, NULL, &a, &e, &n) == OK) {
			check_hierarchy(e);
			if (e->count)
				check_decision(p, e, &e->entities[0].attrs, &a);
		} else {
			MUST(n.text[0]);
		}
	}
	arena_fini(&a);
	return 0;
}
