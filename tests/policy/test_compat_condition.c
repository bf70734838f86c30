/*
 * compat_condition: the traps of the mesh engine's conditions. What was recorded by running it is
 * in the suite agt-policy of tests/conformance.
 */
#include <criterion/criterion.h>

#include "engine/policy/compat_parts.h"
#include "tests/kit/compat_kit.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 1 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_condition, .init = start, .fini = stop);

#define CONTEXT                                                                                    \
	"{\"a\":\"x\",\"n\":5,\"t\":true,\"s\":\"42\",\"u\":{\"name\":\"foo or bar\"},"          \
	"\"z\":0,\"l\":[]}"

static bool holds(const char *text)
{
	struct value context = compat_kit_json(&memory, CONTEXT);

	return compat_condition_match(str_view(text), &context);
}

Test(compat_condition, a_missing_number_is_zero)
{
	cr_expect(holds("missing < 500"));
	cr_expect(holds("missing >= 0"));
	cr_expect_not(holds("missing > 0"));
	cr_expect(holds("missing != 'x'"));
	cr_expect_not(holds("missing == 'x'"));
}

Test(compat_condition, only_texts_are_equal_to_anything)
{
	cr_expect_not(holds("n == 5"));
	cr_expect_not(holds("n == '5'"));
	cr_expect_not(holds("t == true"));
	cr_expect(holds("n != '5'"));
	cr_expect(holds("s > 41"), "a text that is a number is one in an order");
	cr_expect(holds("t > 0"));
	cr_expect_not(holds("l > 0"));
}

Test(compat_condition, what_follows_a_form_is_ignored)
{
	cr_expect(holds("a == 'x' && n == 'never'"));
	cr_expect(holds("a == 'x\" # closed by the other quote"));
	cr_expect(holds("n > 4_000"));
	cr_expect_not(holds(" a == 'x'"), "a blank in front is no form");
	cr_expect(holds("a\n"), "but a line feed behind a bare path is");
	cr_expect_not(holds("a\n\n"));
}

Test(compat_condition, splitting_tears_literals)
{
	cr_expect_not(holds("u.name == 'foo or bar'"));
	cr_expect(holds("z and z or a == 'x'"), "or binds looser");
	cr_expect(holds(" a == 'x' or z"), "parts of a split are stripped");
	cr_expect_not(holds("z or (a == 'x')"));
	cr_expect(holds("a in [x, 'y'] and a in ['x',] or z"));
	cr_expect_not(holds("a in []"));
}

/* The one exception there is: float() of an integer that no double holds. It is a match. */
Test(compat_condition, an_exception_matches)
{
	char json[400] = "{\"n\":1";
	struct value context;

	memset(json + 6, '0', 330);
	json[336] = '}';
	context = compat_kit_json(&memory, json);
	cr_expect(compat_condition_match(STR("n < 5"), &context));
	cr_expect(compat_condition_match(STR("n < 5 and missing"), &context));
	cr_expect_not(compat_condition_match(STR("missing and n < 5"), &context));
	cr_expect(compat_condition_match(STR("n"), &context));
}

Test(compat_condition, too_long_is_false)
{
	char text[2100];

	memset(text, ' ', sizeof(text));
	memcpy(text, "a == 'x'", 8);
	text[2000] = '\0';
	cr_expect(holds(text));
	text[2000] = ' ';
	text[2001] = '\0';
	cr_expect_not(holds(text));
}

Test(compat_condition, atoms_say_what_they_left_over)
{
	struct compat_atom atom;

	compat_condition_atom(STR("a.b  >=  07.5 x"), &atom);
	cr_expect_eq(atom.form, COMPAT_ORDER);
	cr_expect(str_is(atom.path, "a.b") && str_is(atom.literal, "07.5"));
	cr_expect_str_eq(atom.op, ">=");
	cr_expect(str_is(atom.ignored, " x"));
	compat_condition_atom(STR("a in ['x' , \"\" , ,y]z"), &atom);
	cr_expect_eq(atom.form, COMPAT_IN);
	cr_expect(str_is(atom.ignored, "z"));
	compat_condition_atom(STR("a = 'x'"), &atom);
	cr_expect_eq(atom.form, COMPAT_NEVER);
}
