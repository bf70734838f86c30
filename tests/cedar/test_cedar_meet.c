/* cedar_meet: what clauses read and meet, as a table. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/canon.h"
#include "tests/kit/cedar_scene.h"

static struct cedar_scene k;

static void start(void)
{
	cedar_scene_init(&k);
}

static void stop(void)
{
	cedar_scene_fini(&k);
}

TestSuite(cedar_meet, .init = start, .fini = stop);

/* "n= exact <5": path, whole (=), exact, and what it meets. */
static void describe(struct buf *b, const struct cedar_clause *c)
{
	static const char *const kinds[] = { "==",   "<",     "element ", "start ",
					     "end ", "part ", "glob ",    "~" };

	buf_add_c(b, c->principal ? "principal " : "");
	buf_add_c(b, c->action ? "action " : "");
	buf_add_c(b, c->resource ? "resource " : "");
	buf_add_c(b, c->opaque ? "opaque " : "");
	for (size_t i = 0; i < c->path_count; i++) {
		const struct cedar_path *p = &c->paths[i];

		for (size_t n = 0; n < p->count; n++)
			buf_addf(b, "%s%.*s", n ? "." : "", STR_ARG(p->names[n]));
		buf_addf(b, "%s%s%.*s", p->whole ? "=" : "", p->exact ? " exact" : "",
			 STR_ARG(p->read_as));
		for (size_t m = 0; p->exact && m < p->meet_count; m++) {
			buf_addf(b, " %s", kinds[p->meets[m].kind]);
			canon_value(b, &p->meets[m].value);
		}
		buf_add_c(b, "; ");
	}
	buf_add_byte(b, '\0');
}

Test(cedar_meet, shapes_that_are_understood_say_what_they_meet)
{
	static const struct {
		const char *condition, *said;
	} rows[] = {
		{ "context.n < 5", "n= exact <5; " },
		{ "5 >= context.a.n", "a.n= exact <5; " },
		{ "context.s == \"x\"", "s= exact ==\"x\"; " },
		{ "context.s == {\"a\": [1]}", "s= exact =={\"a\":[1]}; " },
		{ "context.s == User::\"x\"", "s= exact; " },
		{ "context.b", "b= exact ==true; " },
		{ "context has a", "a exact; " },
		{ "context.a has b.c", "a exact; a.b exact; a.b.c exact; " },
		{ "context.s like \"a*\"", "s= exact start \"a\"; " },
		{ "context.s like \"*a\"", "s= exact end \"a\"; " },
		{ "context.s like \"*a*\"", "s= exact part \"a\"; " },
		{ "context.s like \"a?*b\\**\"", "s= exact glob \"a\\\\?*b\\\\**\"; " },
		{ "context.s like \"a\"", "s= exact ==\"a\"; " },
		{ "context.s like \"*\"", "s= exact; " },
		{ "context.t.contains(\"x\")", "t= exact element \"x\"; " },
		{ "context.t.containsAny([1, 2])", "t= exact element 1 element 2; " },
		{ "[1, 2].contains(context.n)", "n= exact ==1 ==2; " },
		{ "context.t.isEmpty()", "t= exact ==[]; " },
		{ "decimal(context.d) == decimal(\"1.5\")",
		  "d= exactdecimal ~\"1.0\" ~\"1.4999\" ~\"1.5000\" ~\"1.5001\"; " },
		{ "decimal(context.d).lessThan(decimal(\"-0.0001\"))",
		  "d= exactdecimal ~\"1.0\" ~\"-0.0002\" ~\"-0.0001\" ~\"0.0000\"; " },
		{ "duration(context.d) > duration(\"1s\")",
		  "d= exactduration ~\"1h\" ~\"999ms\" ~\"1000ms\" ~\"1001ms\"; " },
		{ "datetime(context.d) < datetime(\"2024-03-01\")",
		  "d= exactdatetime ~\"2026-01-02\" ~\"2024-02-29T23:59:59.999Z\" "
		  "~\"2024-03-01T00:00:00.000Z\" ~\"2024-03-01T00:00:00.001Z\"; " },
		{ "context.a + 1 < 5", "a=; " },
		{ "context.a == context.b", "a=; b=; " },
		{ "context.t.contains(principal)", "principal t=; " },
		{ "principal.level > 3", "principal " },
		{ "{\"a\": context.n} has a", "n=; " },
		{ "context == {}", "opaque " },
		{ "resource == action", "action resource " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512];
		struct cedar_formula f;
		struct buf b;

		(void)snprintf(text, sizeof(text),
			       "permit(principal, action, resource) when { %s };",
			       rows[i].condition);
		cedar_scene_policies(&k, text);
		cr_assert_eq(cedar_formula_make(k.policies, 0, &k.memory, &f), OK);
		cr_assert_eq(f.clause_count, 1);
		buf_init(&b, 4096);
		describe(&b, &f.clauses[0]);
		cr_expect_str_eq(b.ptr, rows[i].said, "%s: %s", rows[i].condition, b.ptr);
		buf_fini(&b);
	}
}

/* What is shown beside a constant is read as the constant's neighbour by the reader itself. */
Test(cedar_meet, samples_read_as_neighbours)
{
	static const char *const dates[] = { "1970-01-01", "2000-02-29", "1999-12-31T23:59:59.999Z",
					     "1000-01-02", "2100-03-01", "9998-12-31" };

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		char text[512];
		struct cedar_formula f;
		const struct cedar_path *p;

		(void)snprintf(text, sizeof(text),
			       "permit(principal, action, resource) when { datetime(context.t) == "
			       "datetime(\"%s\") };",
			       dates[i]);
		cedar_scene_policies(&k, text);
		cr_assert_eq(cedar_formula_make(k.policies, 0, &k.memory, &f), OK);
		p = &f.clauses[0].paths[0];
		cr_assert_eq(p->meet_count, 4);
		for (size_t m = 1; m < 4; m++) {
			(void)snprintf(text, sizeof(text), "{'t':'%.*s'}",
				       STR_ARG(p->meets[m].value.string));
			cedar_scene_context(&k, text);
			cr_expect_eq(cedar_scene_decide(&k).allow, m == 2, "%s", text);
		}
	}
}

/* Years of five digits cannot be written, so nothing is known of what lies beyond. */
Test(cedar_meet, what_has_no_text_is_not_exact)
{
	struct cedar_formula f;

	cedar_scene_policies(&k, "permit(principal, action, resource) when { datetime(context.t) > "
				 "datetime(\"9999-12-31T23:59:59.999Z\") };");
	cr_assert_eq(cedar_formula_make(k.policies, 0, &k.memory, &f), OK);
	cr_expect_not(f.clauses[0].paths[0].exact);
}
