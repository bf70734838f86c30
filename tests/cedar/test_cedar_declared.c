/* cedar_declared: names that the language keeps, and order. */
#include <criterion/criterion.h>

#include "tests/cedar/judged.h"

Test(cedar_declared, types_of_the_language)
{
	static const struct {
		const char *name;
		enum cedar_type_kind kind;
	} types[] = {
		{ "Bool", TYPE_BOOL },	   { "Long", TYPE_LONG },	  { "String", TYPE_STRING },
		{ "ipaddr", TYPE_IP },	   { "decimal", TYPE_DECIMAL },
		{ "datetime", TYPE_DATETIME }, { "duration", TYPE_DURATION },
	};
	enum cedar_type_kind kind;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		cr_expect(cedar_builtin_type(str_view(types[i].name), &kind));
		cr_expect_eq(kind, types[i].kind, "%s", types[i].name);
	}
	cr_expect_not(cedar_builtin_type(STR("Boolean"), &kind), "that is JSON's word");
	cr_expect_not(cedar_builtin_type(STR("long"), &kind));
}

Test(cedar_declared, full_names_are_made_of_space_and_name)
{
	struct str name;

	cr_assert_eq(cedar_full_name(judged_memory(), STR("A::B"), STR("C"), &name), OK);
	cr_expect(str_is(name, "A::B::C"));
	cr_assert_eq(cedar_full_name(judged_memory(), STR(""), STR("C"), &name), OK);
	cr_expect(str_is(name, "C"));
}

Test(cedar_declared, declarations_keep_their_order)
{
	struct cedar_declared d;
	struct cedar_declared_space *space;
	struct cedar_declaration decl = { .what = DECLARES_ENTITY };
	struct note n;

	cedar_declared_init(&d, judged_memory(), &n);
	cr_assert_eq(cedar_declare_space(&d, STR("N"), (struct cedar_place){ 1, 1 }, &space), OK);
	decl.name = STR("B");
	cr_assert_eq(cedar_declare(&d, space, &decl), OK);
	decl.name = STR("A");
	cr_assert_eq(cedar_declare(&d, space, &decl), OK);
	cr_expect_null(d.root.first);
	cr_expect_eq(d.root.next, space);
	cr_expect(str_is(space->first->name, "B"));
	cr_expect(str_is(space->first->next->name, "A"));
}

Test(cedar_declared, what_the_language_keeps_is_refused)
{
	static const char *const types[] = { "Bool", "Boolean", "Entity", "Extension",
					     "Long", "Record",	"Set",	  "String" };
	struct cedar_declared d;
	struct cedar_declared_space *space;
	struct cedar_declaration decl = { .what = DECLARES_TYPE, .place = { 3, 7 } };
	struct note n = { .column = 0 };

	cedar_declared_init(&d, judged_memory(), &n);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		decl.name = str_view(types[i]);
		cr_expect_eq(cedar_declare(&d, &d.root, &decl), ERR_SYNTAX, "%s", types[i]);
		cr_expect_eq(n.line * 10 + n.column, 37);
	}
	decl.what = DECLARES_ENTITY;
	decl.name = STR("Long");
	cr_expect_eq(cedar_declare(&d, &d.root, &decl), OK, "an entity type may be called so");
	decl.name = STR("Action");
	cr_expect_eq(cedar_declare(&d, &d.root, &decl), ERR_SYNTAX);
	cr_expect_eq(cedar_declare_space(&d, STR("__cedar"), decl.place, &space), ERR_SYNTAX);
	cr_expect_eq(cedar_declare_space(&d, STR("__cedar::a"), decl.place, &space), ERR_SYNTAX);
	cr_expect_eq(cedar_declare_space(&d, STR("__cedars"), decl.place, &space), OK);
}
