/*
 * cedar_typing: which expressions have a type, in strict and in permissive mode. The verdicts of
 * strict mode are those of the reference implementation (cedar-wasm 4.13).
 */
#include <criterion/criterion.h>

#include "tests/cedar/judged.h"

static const char schema[] =
	"entity Group in Group;"
	"entity User in Group = { name: String, age?: Long, boss?: User,"
	" at: { zip?: Long, no: Long }, opt?: { zip?: Long }, teams: Set<Group>, born: datetime };"
	"entity Robot in Group = { name: String, age: Long, boss?: User };"
	"entity Doc = { owner: User, maker?: Robot, open: Bool };"
	"action view, edit in all appliesTo { principal: User, resource: Doc, context: {"
	" ip: ipaddr, mfa?: Bool } }; action all; action other;";

/* A piece of what is found; "" nothing, not even a warning. NULL: as in strict mode. */
static const struct rule {
	const char *expr, *strict, *permissive;
} rules[] = {
	/* literals, variables, arithmetic */
	{ "true", "", NULL },
	{ "false", "warning the policy holds for no request", NULL },
	{ "1", "found a value of type Long; expected a Bool", NULL },
	{ "principal", "found a value of type User; expected a Bool", NULL },
	{ "1 + 2 * 3 - -4 == 3", "", NULL },
	{ "1 + \"a\" == 3", "found a value of type String; expected a Long", NULL },
	{ "!principal.name", "found a value of type String; expected a Bool", NULL },
	{ "1 < 2 && 1 >= 2", "", NULL },
	{ "principal.born < datetime(\"2020-01-01\")", "", NULL },
	{ "principal.born < 5", "found values of types datetime and Long; expected two of", NULL },
	{ "principal.name < \"b\"", "found values of types String and String", NULL },
	{ "decimal(\"1.0\") < decimal(\"2.0\")", "found values of types decimal and decimal",
	  NULL },
	{ "principal.name like \"a*\"", "", NULL },
	{ "principal like \"a*\"", "found a value of type User; expected a String", NULL },
	/* what is known prunes */
	{ "true || 1", "", NULL },
	{ "false || principal.nope", "User has no attribute 'nope'", NULL },
	{ "!(false && 1)", "", NULL },
	{ "true && 1", "expected a Bool", NULL },
	{ "if true then true else 1", "", NULL },
	{ "if principal is Robot then principal.nope else true", "", NULL },
	{ "principal is Robot && principal.serial == 1", "warning the policy holds for no", NULL },
	{ "action == Action::\"view\" || action == Action::\"edit\"", "", NULL },
	{ "action != Action::\"view\" || true", "", NULL },
	{ "1 == 2", "warning the policy holds for no", NULL },
	{ "1 != 2", "", NULL },
	{ "\"1\" == 1 || true", "", NULL },
	{ "!(true == true)", "warning", NULL },
	{ "{a: true}.a || 1", "", NULL },
	/* if */
	{ "(if context.ip.isIpv4() then 1 else 2) == 1", "", NULL },
	{ "(if context.ip.isIpv4() then 1 else \"a\") == 1",
	  "'then' and 'else' have types that do not go together: Long and String", NULL },
	{ "if 1 then true else false", "expected a Bool", NULL },
	{ "(if context.ip.isIpv4() then principal else resource) == principal",
	  "'then' and 'else' have types that do not go together: User and Doc", "" },
	{ "(if context.ip.isIpv4() then principal else resource).name == \"a\"",
	  "do not go together", "has no attribute 'name'" },
	/* equality */
	{ "principal == resource", "warning", NULL },
	{ "principal != resource", "", NULL },
	{ "principal == User::\"a\"", "", NULL },
	{ "principal.name == principal.born", "values of two types are never equal", "" },
	{ "[1] == [\"a\"]", "never equal: Set<Long> and Set<String>", "" },
	{ "{a: 1} == {b: 1}", "never equal: record and record", "" },
	{ "{a: 1, b: 2} == {b: 1, a: 2}", "", NULL },
	/* in, is */
	{ "principal in Group::\"g\"", "", NULL },
	{ "principal in [Group::\"g\", Group::\"h\"]", "", NULL },
	{ "principal in [Group::\"g\", User::\"h\"]",
	  "the elements of a set have types that do not go together: Group and User", "" },
	{ "principal in resource", "warning", NULL },
	{ "resource in Group::\"g\"", "warning", NULL },
	{ "principal in principal.teams", "", NULL },
	{ "principal in 1", "found a value of type Long; expected an entity or a set of them",
	  NULL },
	{ "principal in [1]", "found a value of type Set<Long>", NULL },
	{ "1 in principal", "found a value of type Long; expected an entity", NULL },
	{ "action in Action::\"all\"", "", NULL },
	{ "action in [Action::\"other\", Action::\"all\"]", "", NULL },
	{ "action in Action::\"other\"", "warning", NULL },
	{ "action in Group::\"g\"", "warning", NULL },
	{ "Action::\"view\" in Action::\"all\"", "", NULL },
	{ "Action::\"all\" in Action::\"view\"", "warning", NULL },
	{ "principal is User", "", NULL },
	{ "principal is User in Group::\"g\"", "", NULL },
	{ "principal is User in resource", "warning", NULL },
	{ "principal is Robot in 1", "warning", NULL },
	{ "1 is User", "found a value of type Long; expected an entity", NULL },
	/* attributes */
	{ "principal.at.no == 1", "", NULL },
	{ "principal.age == 1", "the attribute 'age' is optional; ask 'has age &&' before", NULL },
	{ "principal has age && principal.age == 1", "", NULL },
	{ "principal has age || principal.age == 1", "is optional", NULL },
	{ "!(principal has age) || principal.age == 1", "is optional", NULL },
	{ "(principal has age && true) && principal.age == 1", "", NULL },
	{ "if principal has age then principal.age == 1 else false", "", NULL },
	{ "if principal has age then true else principal.age == 1", "is optional", NULL },
	{ "(if true then principal has age else false) && principal.age == 1", "", NULL },
	{ "(principal has age || principal has age) && principal.age == 1", "", NULL },
	{ "(principal has age || principal has boss) && principal.age == 1", "is optional", NULL },
	{ "(principal has age || false) && principal.age == 1", "", NULL },
	{ "(principal has age && principal has boss) && principal.boss has age && "
	  "principal.boss.age == principal.age",
	  "", NULL },
	{ "principal has boss && principal.boss.age == 1", "'age' is optional", NULL },
	{ "principal has boss.age && principal.boss.age == 1", "", NULL },
	{ "principal has boss.boss.age && principal.boss.boss.age == 1", "", NULL },
	{ "principal has boss.age && principal.age == 1", "is optional", NULL },
	{ "principal has at.zip && principal.at.zip == 1", "", NULL },
	{ "principal has opt && principal.opt.zip == 1", "is optional", NULL },
	{ "principal has opt.zip && principal.opt.zip == 1", "", NULL },
	{ "principal has \"age\" && principal[\"age\"] == 1", "", NULL },
	{ "resource.owner has age && principal.age == 1", "is optional", NULL },
	{ "principal has nope", "warning", NULL },
	{ "principal has nope.more", "warning", NULL },
	{ "principal has name.more", "'name' is neither an entity nor a record", NULL },
	{ "principal.nam == \"a\"", "User has no attribute 'nam'; did you mean 'name'?", NULL },
	{ "principal.name.x == 1", "found a value of type String; expected an entity or a record",
	  NULL },
	{ "1 has x", "expected an entity or a record", NULL },
	{ "action has x", "warning", NULL },
	{ "!(principal has name) && 1", "expected a Bool", NULL }, /* it may not be there at all */
	{ "action.x == 1", "Action has no attribute 'x'", NULL },
	{ "context has mfa && context.mfa", "", NULL },
	{ "context.mfa", "the attribute 'mfa' is optional", NULL },
	{ "{a: 1}.a == 1", "", NULL },
	{ "{a: 1}.b == 1", "record has no attribute 'b'", NULL },
	{ "{a: 1} has a", "", NULL },
	{ "{a: 1} has b", "warning", NULL },
	{ "!(context has ip) && 1", "warning", NULL },
	/* sets */
	{ "[1, 2].contains(1)", "", NULL },
	{ "[1, \"a\"].contains(1)", "do not go together: Long and String", NULL },
	{ "[] == [1]", "an empty set has no type", "" },
	{ "[principal, User::\"a\"].contains(principal)", "", NULL },
	{ "[principal, resource].contains(principal)", "do not go together: User and Doc", "" },
	{ "[{a: 1}, {a: 1, b: 2}].contains({a: 1})", "do not go together: record and record", "" },
};

static bool is_as(const char *says, const char *wanted)
{
	return *wanted ? strstr(says, wanted) != NULL : !*says;
}

Test(cedar_typing, expressions_have_a_type_or_a_reason)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		const char *permissive = r->permissive ? r->permissive : r->strict;
		const char *says = judged_expr(schema, r->expr, CEDAR_STRICT);

		cr_expect(is_as(says, r->strict), "%s\n  says '%s'\n  not  '%s'", r->expr, says,
			  r->strict);
		says = judged_expr(schema, r->expr, CEDAR_PERMISSIVE);
		cr_expect(is_as(says, permissive), "permissive: %s\n  says '%s'\n  not  '%s'",
			  r->expr, says, permissive);
	}
}

/* No stack is lost over a claim about more names than an expression is deep. */
Test(cedar_typing, names_after_has_are_bounded)
{
	char *text = arena_alloc(judged_memory(), 8192);

	strcpy(text, "permit(principal, action, resource) when { principal has boss");
	for (int i = 0; i < 300; i++)
		strcat(text, ".boss");
	strcat(text, " };");
	cr_expect(strstr(judged_findings(schema, text, CEDAR_STRICT), "more than 256 names"));
}
