/* cedar_type: joins of types, attributes and tags of what may be several things. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/judged.h"
#include "tests/kit/fail_alloc.h"

static const char schema[] =
	"entity A = { same: Long, loose?: Long, kind: Long, own: Long } tags Long;"
	"entity B = { same: Long, loose: Long, kind: Bool } tags Long;"
	"entity C in A tags Bool; entity D in C;"
	"entity Types = { long: Long, bool: Bool, longs: Set<Long>, as: Set<A>, bs: Set<B>,"
	" a: A, b: B, r: { x: Long }, opt: { x?: Long }, more: { x: Long, y: Long },"
	" ra: { x: A }, rb: { x: B }, rby: { x: B, y: Long } };"
	"action act in [group]; action group;";

static struct cedar_judge judge(bool strict)
{
	return (struct cedar_judge){ .schema = judged_schema(schema), .memory = judged_memory(),
				     .strict = strict };
}

static const struct cedar_type *type(struct cedar_judge *j, const char *name)
{
	struct cedar_field field;

	cr_assert(cedar_type_attr(j, cedar_type_entity(j, STR("Types")), str_view(name), &field),
		  "%s", name);
	return field.type;
}

static const char *joined(bool strict, const char *a, const char *b)
{
	char *shown = arena_alloc(judged_memory(), CEDAR_TYPE_SHOWN);
	struct cedar_judge j = judge(strict);
	const struct cedar_type *ret;

	if (!cedar_type_join(&j, type(&j, a), type(&j, b), &ret))
		return "none";
	cr_assert_eq(j.err, OK);
	if (ret->kind == TYPE_RECORD)
		(void)snprintf(shown, CEDAR_TYPE_SHOWN, "record of %zu%s%s", ret->field_count,
			       ret->open ? ", open" : "",
			       ret->field_count && ret->fields[0].optional ? ", optional" : "");
	else if (ret->kind == TYPE_ENTITY && ret->entities)
		(void)snprintf(shown, CEDAR_TYPE_SHOWN, "one of %zu", ret->entity_count);
	else
		cedar_type_show(ret, shown);
	return shown;
}

static const struct join {
	const char *a, *b, *strict, *permissive;
} joins[] = {
	{ "long", "long", "Long", "Long" },
	{ "long", "bool", "none", "none" },
	{ "long", "longs", "none", "none" },
	{ "a", "a", "A", "A" },
	{ "a", "b", "none", "one of 2" },
	{ "as", "as", "Set<A>", "Set<A>" },
	{ "as", "longs", "none", "none" },
	{ "a", "r", "none", "none" },
	{ "r", "r", "record of 1", "record of 1" },
	{ "r", "opt", "none", "record of 1, optional" },
	{ "r", "more", "none", "record of 1, open" },
	{ "ra", "rb", "none", "record of 1" },
	{ "r", "ra", "none", "record of 0, open" },
};

Test(cedar_type, joins_in_both_modes_and_both_orders)
{
	for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++) {
		const struct join *j = &joins[i];

		cr_expect_str_eq(joined(true, j->a, j->b), j->strict, "%s %s", j->a, j->b);
		cr_expect_str_eq(joined(true, j->b, j->a), j->strict, "%s %s", j->b, j->a);
		cr_expect_str_eq(joined(false, j->a, j->b), j->permissive, "%s %s", j->a, j->b);
		cr_expect_str_eq(joined(false, j->b, j->a), j->permissive, "%s %s", j->b, j->a);
	}
}

Test(cedar_type, known_truths_join_to_any)
{
	struct cedar_judge j = judge(true);
	const struct cedar_type *ret;

	cr_assert(
		cedar_type_join(&j, cedar_type_bool(ONLY_TRUE), cedar_type_bool(ONLY_TRUE), &ret));
	cr_expect_eq(ret->only, ONLY_TRUE);
	cr_assert(
		cedar_type_join(&j, cedar_type_bool(ONLY_TRUE), cedar_type_bool(ONLY_FALSE), &ret));
	cr_expect_eq(ret->only, ONLY_ANY);
	cr_assert(cedar_type_join(&j, NULL, cedar_type_plain(TYPE_LONG), &ret),
		  "nothing joins all");
	cr_expect_eq(ret->kind, TYPE_LONG);
}

Test(cedar_type, what_is_open_stays_open)
{
	struct cedar_judge j = judge(false);
	const struct cedar_type *open, *ret;

	cr_assert(cedar_type_join(&j, type(&j, "rb"), type(&j, "rby"), &open));
	cr_assert(open->open && open->field_count == 1);
	cr_assert(cedar_type_join(&j, type(&j, "ra"), open, &ret));
	cr_expect(ret->open && ret->field_count == 1);
	cr_assert(cedar_type_join(&j, open, type(&j, "ra"), &ret));
	cr_expect(ret->open);
	cr_expect(cedar_type_may_have(&j, ret, STR("z")));
}

/* One of A and B: `same` is there, `loose` maybe, `kind` has no type, `own` not always. */
Test(cedar_type, attributes_of_one_of_several_types)
{
	struct cedar_judge j = judge(false);
	const struct cedar_type *both;
	struct cedar_field field;

	cr_assert(cedar_type_join(&j, type(&j, "a"), type(&j, "b"), &both));
	cr_assert(cedar_type_attr(&j, both, STR("same"), &field));
	cr_expect_not(field.optional);
	cr_assert(cedar_type_attr(&j, both, STR("loose"), &field));
	cr_expect(field.optional);
	cr_expect_not(cedar_type_attr(&j, both, STR("kind"), &field));
	cr_expect_not(cedar_type_attr(&j, both, STR("own"), &field));
	cr_expect(cedar_type_may_have(&j, both, STR("own")));
	cr_expect_not(cedar_type_may_have(&j, both, STR("none")));
}

Test(cedar_type, tags_of_one_of_several_types)
{
	struct cedar_judge j = judge(false);
	const struct cedar_type *ab, *abc, *tags;

	cr_assert(cedar_type_join(&j, type(&j, "a"), type(&j, "b"), &ab));
	cr_assert(cedar_type_join(&j, ab, cedar_type_entity(&j, STR("C")), &abc));
	cr_assert(cedar_type_tags(&j, ab, &tags));
	cr_expect_eq(tags->kind, TYPE_LONG);
	cr_expect_not(cedar_type_tags(&j, abc, &tags), "Long and Bool");
	cr_assert(cedar_type_tags(&j, cedar_type_entity(&j, STR("D")), &tags));
	cr_expect_null(tags);
}

Test(cedar_type, hierarchies_of_types)
{
	struct cedar_judge j = judge(true);

	cr_expect(cedar_type_in(&j, STR("D"), STR("A")));
	cr_expect(cedar_type_in(&j, STR("B"), STR("B")));
	cr_expect_not(cedar_type_in(&j, STR("A"), STR("D")));
	cr_expect(cedar_type_in(&j, STR("Action"), STR("Action")));
	cr_expect_not(cedar_type_in(&j, STR("N::Action"), STR("Action")));
	cr_expect(cedar_is_action_type(STR("N::Action")));
	cr_expect_not(cedar_is_action_type(STR("NAction")));
	cr_expect(cedar_type_disjoint(type(&j, "a"), type(&j, "b")));
	cr_expect_not(cedar_type_disjoint(type(&j, "a"), type(&j, "a")));
	cr_expect_not(cedar_type_disjoint(type(&j, "long"), type(&j, "bool")), "not sure enough");
}

/* Two types of 2^60 ways each: the comparison ends, by the steps it may take. */
Test(cedar_type, comparing_is_bounded)
{
	char *text = arena_alloc(judged_memory(), 1 << 16), *at = text;
	struct cedar_judge j = { .memory = judged_memory(), .strict = true };
	const struct cedar_type *ret;

	for (int i = 0; i < 60; i++)
		at += sprintf(at, "type A%d = { a: A%d, b: A%d }; type B%d = { a: B%d, b: B%d };",
			      i, i + 1, i + 1, i, i + 1, i + 1);
	(void)sprintf(at, "type A60 = Long; type B60 = Long; entity E = { a: A0, b: B0 };");
	j.schema = judged_schema(text);
	cr_expect_not(cedar_type_join(&j, j.schema->types[0].attrs->fields[0].type,
				      j.schema->types[0].attrs->fields[1].type, &ret));
	cr_expect_eq(j.err, ERR_LIMIT);
}

Test(cedar_type, no_memory_is_an_error_and_no_type)
{
	const struct cedar_type *ret;
	struct cedar_judge j = judge(false), poor = j;
	struct arena a;

	arena_init(&a, 1 << 20);
	poor.memory = &a;
	fail_alloc_at(1);
	cr_expect_not(cedar_type_join(&poor, type(&j, "a"), type(&j, "b"), &ret));
	cr_assert(fail_alloc_was_hit());
	cr_expect_eq(poor.err, ERR_MEMORY);
	arena_fini(&a);
}

Test(cedar_type, names_are_shown_and_cut)
{
	char shown[CEDAR_TYPE_SHOWN];
	struct cedar_type inner = { .kind = TYPE_SET, .element = cedar_type_plain(TYPE_IP) };
	struct cedar_type middle = { .kind = TYPE_SET, .element = &inner };
	struct cedar_type outer = { .kind = TYPE_SET, .element = &middle };
	struct cedar_type empty = { .kind = TYPE_SET };

	cedar_type_show(&inner, shown);
	cr_expect_str_eq(shown, "Set<ipaddr>");
	cedar_type_show(&outer, shown);
	cr_expect_str_eq(shown, "Set<Set<Set<..>>>");
	cedar_type_show(&empty, shown);
	cr_expect_str_eq(shown, "Set<>");
}
