/* cedar_typing_calls: methods, tags and extension functions. */
#include <criterion/criterion.h>

#include "tests/cedar/judged.h"

static const char schema[] =
	"entity User = { name: String, tags: Set<String>, ages: Set<Long> } tags Long;"
	"entity Doc tags Set<String>; entity Plain;"
	"action view appliesTo { principal: User, resource: [Doc, Plain], context: {"
	" ip: ipaddr, at: datetime, for: duration, sum: decimal, text: String } };";

/* A piece of what is found; "" nothing. NULL: as in strict mode. */
static const struct rule {
	const char *expr, *strict, *permissive;
} rules[] = {
	{ "principal.tags.contains(\"a\")", "", NULL },
	{ "principal.tags.contains(1)", "the set cannot hold a value of this type", "" },
	{ "principal.name.contains(\"a\")", "found a value of type String; expected a set", NULL },
	{ "principal.tags.containsAll([\"a\"])", "", NULL },
	{ "principal.tags.containsAny([1])", "sets of two types have nothing in common", "" },
	{ "principal.tags.containsAny(\"a\")", "found a value of type String; expected a set",
	  NULL },
	{ "principal.tags.containsAll(principal.ages)", "Set<String> and Set<Long>", "" },
	{ "principal.tags.isEmpty()", "", NULL },
	{ "principal.name.isEmpty()", "expected a set", NULL },
	{ "principal.tags.contains(principal.nope)", "has no attribute", NULL },
	/* tags */
	{ "principal.hasTag(\"a\") && principal.getTag(\"a\") == 1", "", NULL },
	{ "principal.getTag(\"a\") == 1", "the tag may be missing", NULL },
	{ "principal.hasTag(\"a\") || principal.getTag(\"a\") == 1", "may be missing", NULL },
	{ "principal.hasTag(\"a\") && principal.getTag(\"b\") == 1", "may be missing", NULL },
	{ "principal.hasTag(context.text) && principal.getTag(context.text) == 1", "", NULL },
	{ "principal.hasTag(\"a\") && principal.getTag(\"a\") == \"b\"", "never equal", "" },
	{ "principal.hasTag(\"a\") && resource.getTag(\"a\").isEmpty()", "may be missing", NULL },
	{ "resource.hasTag(\"a\") && resource.getTag(\"a\").isEmpty()", "", NULL },
	{ "resource is Plain && resource.hasTag(\"a\")", "warning the policy holds for no", NULL },
	{ "principal.hasTag(1)", "found a value of type Long; expected a String", NULL },
	{ "context.text.hasTag(\"a\")", "found a value of type String; expected an entity", NULL },
	{ "principal.hasTag(\"a\") && !(principal.hasTag(\"a\"))", "warning", NULL },
	/* constructors */
	{ "context.ip == ip(\"10.0.0.1\")", "", NULL },
	{ "context.ip == ip(\"10.0.0.300\")", "\"10.0.0.300\" is no ip", NULL },
	{ "context.ip == ip(context.text)", "ip() takes a text in quotes", "" },
	{ "context.ip == ip(1)", "found a value of type Long; expected a String", NULL },
	{ "context.sum == decimal(\"1\")", "\"1\" is no decimal", NULL },
	{ "context.at == datetime(\"2024-02-30\")", "\"2024-02-30\" is no datetime", NULL },
	{ "context.for == duration(\"1x\")", "\"1x\" is no duration", NULL },
	{ "context.for == duration(\"1d2h\")", "", NULL },
	{ "context.ip == ip(if true then \"::1\" else \"::2\")", "takes a text in quotes", "" },
	{ "context.ip == ip()", "ip takes 1 arguments", NULL },
	{ "context.ip == ip(\"::1\", \"::2\")", "ip takes 1 arguments", NULL },
	/* functions */
	{ "context.ip.isIpv4() || context.ip.isIpv6()", "", NULL },
	{ "context.ip.isLoopback() || context.ip.isMulticast()", "", NULL },
	{ "context.ip.isInRange(ip(\"10.0.0.0/8\"))", "", NULL },
	{ "context.ip.isInRange(\"10.0.0.0/8\")",
	  "found a value of type String; expected an ipaddr", NULL },
	{ "context.text.isIpv4()", "expected an ipaddr", NULL },
	{ "context.sum.lessThan(decimal(\"1.0\")) || context.sum.lessThanOrEqual(context.sum)", "",
	  NULL },
	{ "context.sum.greaterThan(context.sum) || context.sum.greaterThanOrEqual(context.sum)", "",
	  NULL },
	{ "context.sum.lessThan(1)", "found a value of type Long; expected a decimal", NULL },
	{ "context.at.offset(context.for) == context.at.toDate()", "", NULL },
	{ "context.at.offset(context.at) == context.at", "expected a duration", NULL },
	{ "context.at.durationSince(context.at) == context.at.toTime()", "", NULL },
	{ "context.at.toTime() == context.at", "duration and datetime", "" },
	{ "context.for.toMilliseconds() + context.for.toSeconds() + context.for.toMinutes() + "
	  "context.for.toHours() + context.for.toDays() == 1",
	  "", NULL },
	{ "context.at.toDays() == 1", "found a value of type datetime; expected a duration", NULL },
};

static bool is_as(const char *says, const char *wanted)
{
	return *wanted ? strstr(says, wanted) != NULL : !*says;
}

Test(cedar_typing_calls, calls_have_a_type_or_a_reason)
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
