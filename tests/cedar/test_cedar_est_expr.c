/* cedar_est_expr: expressions from JSON mean what their text means. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/cedar/cedar_kit.h"

#define HEAD                                                                                       \
	"{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":{\"op\":\"All\"},"       \
	"\"resource\":{\"op\":\"All\"},\"conditions\":[{\"kind\":\"when\",\"body\":"
#define TAIL "}]}"

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, (size_t)64 << 20);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_est_expr, .init = open_arena, .fini = close_arena);

static struct str policy(const char *body)
{
	struct str s;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b, HEAD "%s" TAIL, body);
	cr_assert_eq(arena_copy(&arena, buf_view(&b), &s), OK);
	buf_fini(&b);
	return s;
}

static void check(const char *json, const char *text)
{
	const struct cedar_policies *set = cedar_kit_json(&arena, policy(json));
	struct str left = cedar_kit_show(&arena, set->policies[0]->conditions[0].body);
	struct str right = cedar_kit_show(&arena, cedar_kit_expr(&arena, text));

	cr_assert(str_eq(left, right), "%s\n%.*s\n%.*s", json, STR_ARG(left), STR_ARG(right));
}

#define A                    "{\"Var\":\"principal\"}"
#define B                    "{\"Var\":\"action\"}"
#define C                    "{\"Var\":\"resource\"}"
#define D                    "{\"Var\":\"context\"}"
#define TWO(op, left, right) "{\"" op "\":{\"left\":" left ",\"right\":" right "}}"

Test(cedar_est_expr, values)
{
	check("{\"Value\":true}", "true");
	check("{\"Value\":-9223372036854775808}", "-9223372036854775808");
	check("{\"Value\":\"a\\u0000\\n\"}", "\"a\\0\\n\"");
	check("{\"Value\":{\"__entity\":{\"type\":\"N::U\",\"id\":\"a\"}}}", "N::U::\"a\"");
	check("{\"Value\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"::1\"}}}", "ip(\"::1\")");
	check("{\"Value\":{\"__extn\":{\"fn\":\"offset\",\"args\":["
	      "{\"__extn\":{\"fn\":\"datetime\",\"arg\":\"2026-01-01\"}},"
	      "{\"__extn\":{\"fn\":\"duration\",\"arg\":\"1d\"}}]}}}",
	      "datetime(\"2026-01-01\").offset(duration(\"1d\"))");
	check("{\"Value\":[1,[],{\"a b\":\"x\"}]}", "[1, [], {\"a b\": \"x\"}]");
	check("{\"Value\":{}}", "{}");
	check("{\"Value\":{\"type\":\"U\",\"id\":\"a\"}}", "{type: \"U\", id: \"a\"}");
	check("{\"Value\":{\"__entity\":1,\"__extn\":2}}", "{__entity: 1, __extn: 2}");
}

Test(cedar_est_expr, variables_and_operators)
{
	check("{\"Var\":\"context\"}", "context");
	check("{\"!\":{\"arg\":" A "}}", "!principal");
	check("{\"neg\":{\"arg\":{\"Value\":5}}}", "-(5)");
	check(TWO("==", A, B), "principal == action");
	check(TWO("!=", A, B), "principal != action");
	check(TWO("<", A, B), "principal < action");
	check(TWO("<=", A, B), "principal <= action");
	check(TWO(">", A, B), "principal > action");
	check(TWO(">=", A, B), "principal >= action");
	check(TWO("in", A, B), "principal in action");
	check(TWO("+", A, B), "principal + action");
	check(TWO("-", A, B), "principal - action");
	check(TWO("*", A, B), "principal * action");
	check("{\"==\":{\"right\":" B ",\"left\":" A "}}", "principal == action");
	check("{\"if-then-else\":{\"if\":" A ",\"then\":" B ",\"else\":" C "}}",
	      "if principal then action else resource");
	check("{\"Set\":[" A "," B "]}", "[principal, action]");
	check("{\"Record\":{\"b c\":" A ",\"a\":" B "}}", "{\"b c\": principal, a: action}");
}

Test(cedar_est_expr, chains_are_balanced_as_in_text)
{
	check(TWO("&&", TWO("&&", TWO("&&", A, B), C), D),
	      "principal && action && resource && context");
	check(TWO("&&", A, TWO("&&", B, TWO("&&", C, D))),
	      "principal && action && resource && context");
	check(TWO("||", TWO("||", A, TWO("&&", B, C)), D),
	      "principal || action && resource || context");
}

Test(cedar_est_expr, attributes_patterns_and_types)
{
	check("{\".\":{\"left\":" A ",\"attr\":\"a b\"}}", "principal[\"a b\"]");
	check("{\"has\":{\"left\":" A ",\"attr\":\"a.b\"}}", "principal has \"a.b\"");
	check("{\"has\":{\"left\":" A ",\"attr\":[\"a\",\"b\"]}}", "principal has a.b");
	check("{\"has\":{\"left\":" A ",\"attr\":[\"a b\"]}}", "principal has \"a b\"");
	check("{\"like\":{\"left\":" A ",\"pattern\":[]}}", "principal like \"\"");
	check("{\"like\":{\"left\":" A ",\"pattern\":[\"Wildcard\",\"Wildcard\","
	      "{\"Literal\":\"a\"},{\"Literal\":\"\"},{\"Literal\":\"*\\\\\"},\"Wildcard\"]}}",
	      "principal like \"*a\\*\\\\*\"");
	check("{\"is\":{\"left\":" A ",\"entity_type\":\"N::U\"}}", "principal is N::U");
	check("{\"is\":{\"left\":" A ",\"entity_type\":\"U\",\"in\":" B "}}",
	      "principal is U in action");
}

Test(cedar_est_expr, calls)
{
	check(TWO("contains", A, B), "principal.contains(action)");
	check(TWO("containsAll", A, B), "principal.containsAll(action)");
	check(TWO("containsAny", A, B), "principal.containsAny(action)");
	check(TWO("getTag", A, B), "principal.getTag(action)");
	check(TWO("hasTag", A, B), "principal.hasTag(action)");
	check("{\"isEmpty\":{\"arg\":" A "}}", "principal.isEmpty()");
	check("{\"ip\":[{\"Value\":\"a\"}]}", "ip(\"a\")");
	check("{\"isInRange\":[" A "," B "]}", "principal.isInRange(action)");
	check("{\"toDays\":[" A "]}", "principal.toDays()");
	check("{\"ip\":[]}", "ip()");
	check("{\"lessThan\":[" A "," B "," C "]}", "principal.lessThan(action, resource)");
}

struct refusal {
	const char *text;
	enum err err;
	const char *says;
};

static const struct refusal refusals[] = {
	{ "1", ERR_TYPE, "found integer; expected an expression" },
	{ "{}", ERR_TYPE, "none or several members" },
	{ "{\"Value\":1,\"Var\":\"action\"}", ERR_TYPE, "none or several members" },
	{ "{\"Valeu\":1}", ERR_UNKNOWN, "\"Valeu\"" },
	{ "{\"Value\":null}", ERR_TYPE, "no null and no fractions" },
	{ "{\"Value\":1.5}", ERR_TYPE, "no null and no fractions" },
	{ "{\"Value\":[1.0]}", ERR_TYPE, "no null and no fractions" },
	{ "{\"Value\":9223372036854775808}", ERR_RANGE, "does not fit 64 bits" },
	{ "{\"Value\":{\"__entity\":\"a\"}}", ERR_TYPE, "expected an entity" },
	{ "{\"Value\":{\"__extn\":\"a\"}}", ERR_TYPE, "an object" },
	{ "{\"Value\":{\"__extn\":{\"fn\":\"ip\"}}}", ERR_TYPE, "\"arg\" and \"args\"" },
	{ "{\"Value\":{\"__extn\":{\"fn\":\"ip\",\"arg\":1,\"args\":[]}}}", ERR_TYPE, "\"args\"" },
	{ "{\"Value\":{\"__extn\":{\"fn\":\"ipp\",\"arg\":\"a\"}}}", ERR_UNKNOWN, "no function" },
	{ "{\"Value\":{\"__extn\":{\"fn\":\"isIpv4\",\"arg\":\"a\"}}}", ERR_TYPE, "a method" },
	{ "{\"Value\":{\"__extn\":{\"fn\":\"ip\",\"args\":1}}}", ERR_TYPE, "a list" },
	{ "{\"Var\":\"user\"}", ERR_UNKNOWN, "no variable 'user'" },
	{ "{\"Var\":1}", ERR_TYPE, "the name of a variable" },
	{ "{\"Slot\":\"?principal\"}", ERR_SYNTAX, "in the scope only" },
	{ "{\"!\":" A "}", ERR_NOT_FOUND, "\"arg\" is missing" },
	{ "{\"!\":{\"arg\":" A ",\"x\":1}}", ERR_UNKNOWN, "\"x\" has no place" },
	{ "{\"==\":{\"left\":" A "}}", ERR_NOT_FOUND, "\"right\" is missing" },
	{ "{\"==\":[" A "," B "]}", ERR_TYPE, "an object" },
	{ "{\"/\":{\"left\":" A ",\"right\":" B "}}", ERR_UNKNOWN, "\"/\"" },
	{ "{\".\":{\"left\":" A ",\"attr\":1}}", ERR_TYPE, "a string" },
	{ "{\"has\":{\"left\":" A ",\"attr\":[]}}", ERR_TYPE, "one at least" },
	{ "{\"has\":{\"left\":" A ",\"attr\":[\"a\",\"b c\"]}}", ERR_SYNTAX, "'b c' is no name" },
	{ "{\"has\":{\"left\":" A ",\"attr\":1}}", ERR_TYPE, "a string" },
	{ "{\"like\":{\"left\":" A ",\"pattern\":\"*\"}}", ERR_TYPE, "a list of" },
	{ "{\"like\":{\"left\":" A ",\"pattern\":[\"*\"]}}", ERR_TYPE, "\"Wildcard\" or" },
	{ "{\"like\":{\"left\":" A ",\"pattern\":[{\"Literal\":1}]}}", ERR_TYPE,
	  "\"Wildcard\" or" },
	{ "{\"is\":{\"left\":" A ",\"entity_type\":\"a b\"}}", ERR_SYNTAX, "entity type" },
	{ "{\"if-then-else\":{\"if\":" A ",\"then\":" B "}}", ERR_NOT_FOUND, "\"else\"" },
	{ "{\"Set\":{}}", ERR_TYPE, "a list" },
	{ "{\"Record\":[]}", ERR_TYPE, "an object" },
	{ "{\"contains\":[" A "," B "]}", ERR_TYPE, "an object" },
	{ "{\"isEmpty\":{\"left\":" A "}}", ERR_NOT_FOUND, "\"arg\"" },
	{ "{\"ip\":{\"arg\":" A "}}", ERR_TYPE, "a list" },
	{ "{\"lessThan\":[]}", ERR_TYPE, "its receiver" },
};

Test(cedar_est_expr, refusals_say_what_is_wrong_and_point_into_the_body)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct note n;
		enum err e = cedar_kit_refused_json(&arena, policy(r->text), &n);

		cr_assert_eq(e, r->err, "%s: %s, %s", r->text, err_name(e), n.text);
		cr_assert(strstr(n.text, r->says), "%s: %s", r->text, n.text);
		cr_assert(n.line == 1 && n.column >= sizeof(HEAD) &&
				  n.column < sizeof(HEAD) + strlen(r->text),
			  "%s: %u", r->text, n.column);
	}
}

Test(cedar_est_expr, nodes_are_placed_at_their_objects)
{
	const struct cedar_policies *set = cedar_kit_json(&arena, policy("\n " TWO("==", A, B)));
	const struct cedar_expr *e = set->policies[0]->conditions[0].body;

	cr_assert(e->line == 2 && e->column == 2, "%u:%u", e->line, e->column);
	cr_assert(e->args[0]->line == 2 && e->args[0]->column == 16, "%u", e->args[0]->column);
}
