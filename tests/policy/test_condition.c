/*
 * condition: three truth values, checked against the table in docs/formats/policy.md and against an
 * evaluator that shares nothing with the steps: it walks a tree, looks up by hand, and never skips.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/policy/inside.h"
#include "tests/kit/fail_alloc.h"

static const char letters[] = { [TRUTH_FALSE] = 'F', [TRUTH_TRUE] = 'T', [TRUTH_ERROR] = 'E' };

static enum truth judge(struct arena *a, const char *text, const char *request, struct note *n)
{
	const struct condition *c;
	struct value v;
	enum err e = condition_compile(str_view(text), a, &c, n);

	cr_assert_eq(e, OK, "%s: %s: %s", text, err_name(e), n->text);
	cr_assert_eq(json_read(str_view(request), 1, a, &v, n), OK, "%s: %s", request, n->text);
	return condition_eval(c, &v, n);
}

/* The next cell of a row, trimmed of blanks and backticks. */
static struct str cell(struct str *row)
{
	struct str c, rest;

	cr_assert(str_cut(*row, '|', &c, &rest), "a row has four cells");
	*row = rest;
	c = str_trim(c);
	if (c.len >= 2 && c.ptr[0] == '`')
		c = str_slice(c.ptr + 1, c.len - 2);
	return c;
}

static void check_row(struct str row)
{
	struct note n = { .column = 0 };
	char text[512], request[512], expected[512], reason[640] = "";
	struct str is, first, rest;
	struct arena a;
	enum truth t;

	cr_assert(str_cut(row, '|', &first, &rest));
	cr_assert_eq(str_to_c(cell(&rest), text, sizeof(text)), OK);
	cr_assert_eq(str_to_c(cell(&rest), request, sizeof(request)), OK);
	is = cell(&rest);
	cr_assert_eq(str_to_c(cell(&rest), expected, sizeof(expected)), OK);
	arena_init(&a, 1 << 20);
	t = judge(&a, text, request, &n);
	cr_expect(str_eq(is, str_slice(&letters[t], 1)), "%s of %s is %c", text, request,
		  letters[t]);
	if (t == TRUTH_ERROR)
		(void)snprintf(reason, sizeof(reason), "%s, column %u", n.text, n.column);
	cr_expect_str_eq(reason, expected, "%s of %s", text, request);
	arena_fini(&a);
}

Test(condition, means_what_the_documented_table_says)
{
	FILE *f = fopen("docs/formats/policy.md", "r");
	char line[1024];
	bool inside = false;
	size_t rows = 0;

	cr_assert_not_null(f, "run from the root of the repository");
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "<!--", 4) == 0)
			inside = strstr(line, "semantics") != NULL;
		else if (inside && strncmp(line, "| `", 3) == 0 && ++rows)
			check_row(str_view(line));
	}
	(void)fclose(f);
	cr_assert_gt(rows, 80, "only %zu rows were found", rows);
}

/* --- random conditions against a naive evaluator --- */

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static const char *const paths[] = { "a", "b", "c", "d", "e", "f", "gone" };
static const char request_text[] = "{\"args\":{\"a\":1,\"b\":2.5,\"c\":\"x\",\"d\":[1,\"x\"],\"e\":"
				   "true,\"f\":null}}";
static const struct {
	const char *text, *json;
} literals[] = {
	{ "1", "1" },	    { "2.5", "2.5" },	{ "'x'", "\"x\"" },	     { "''", "\"\"" },
	{ "null", "null" }, { "true", "true" }, { "[1, 'x']", "[1,\"x\"]" }, { "-7", "-7" },
};
static const char *const ops[] = { "==", "!=", "<",	   "<=",	 ">",
				   ">=", "in", "contains", "startsWith", "endsWith" };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* The left side is always a path, so that what is written is never refused for its literals alone.
 */
static enum truth naive_compare(const struct value *args, size_t path, size_t op,
				const struct value *right)
{
	const struct value *left = value_get_c(args, paths[path]);
	bool strings, numbers, found = false;
	double l, r;

	if (!left)
		return TRUTH_ERROR;
	strings = left->kind == VALUE_STRING && right->kind == VALUE_STRING;
	numbers = (left->kind == VALUE_INT || left->kind == VALUE_REAL) &&
		  (right->kind == VALUE_INT || right->kind == VALUE_REAL);
	if (op < 2)
		return value_eq(left, right) == (op == 0) ? TRUTH_TRUE : TRUTH_FALSE;
	if (op == 6 || (op == 7 && left->kind == VALUE_LIST)) {
		const struct value *list = op == 6 ? right : left, *needle = op == 6 ? left : right;

		for (size_t i = 0; list->kind == VALUE_LIST && i < list->list.count; i++)
			found |= value_eq(&list->list.items[i], needle);
		return list->kind != VALUE_LIST ? TRUTH_ERROR : found ? TRUTH_TRUE : TRUTH_FALSE;
	}
	if (op > 6 && !strings)
		return TRUTH_ERROR;
	if (op == 7)
		return str_has(left->string, right->string) ? TRUTH_TRUE : TRUTH_FALSE;
	if (op > 7)
		return (op == 8 ? str_starts : str_ends)(left->string, right->string) ? TRUTH_TRUE
										      : TRUTH_FALSE;
	if (!strings && !numbers)
		return TRUTH_ERROR;
	l = strings		      ? str_cmp(left->string, right->string)
	    : left->kind == VALUE_INT ? (double)left->integer
				      : left->real;
	r = strings ? 0 : right->kind == VALUE_INT ? (double)right->integer : right->real;
	return (op == 2	  ? l < r
		: op == 3 ? l <= r
		: op == 4 ? l > r
			  : l >= r)
		       ? TRUTH_TRUE
		       : TRUTH_FALSE;
}

/* Literals that the static checks let stand on the right of an operator. */
static bool allowed(size_t op, const struct value *v)
{
	if (op < 2 || op == 7)
		return true;
	if (op == 6)
		return v->kind == VALUE_LIST;
	if (op > 7)
		return v->kind == VALUE_STRING;
	return v->kind == VALUE_STRING || v->kind == VALUE_INT || v->kind == VALUE_REAL;
}

struct writer {
	struct buf text;
	uint64_t seed;
	struct value request;
	struct arena arena;
};

static enum truth write_leaf(struct writer *w)
{
	const struct value *args = value_get_c(&w->request, "args");
	size_t path = next(&w->seed) % COUNT(paths), op = next(&w->seed) % COUNT(ops), literal;
	const struct value *v = value_get_c(args, paths[path]);
	struct value right;

	switch (next(&w->seed) % 8) {
	case 0:
		buf_addf(&w->text, "has(args.%s)", paths[path]);
		return v ? TRUTH_TRUE : TRUTH_FALSE;
	case 1:
		buf_addf(&w->text, "args.%s", paths[path]);
		return !v || v->kind != VALUE_BOOL ? TRUTH_ERROR
		       : v->boolean		   ? TRUTH_TRUE
						   : TRUTH_FALSE;
	case 2:
		buf_add_c(&w->text, path & 1 ? "true" : "false");
		return path & 1 ? TRUTH_TRUE : TRUTH_FALSE;
	}
	do {
		literal = next(&w->seed) % COUNT(literals);
		cr_assert_eq(
			json_read(str_view(literals[literal].json), 1, &w->arena, &right, NULL),
			OK);
	} while (!allowed(op, &right));
	buf_addf(&w->text, "args.%s %s %s", paths[path], ops[op], literals[literal].text);
	return naive_compare(args, path, op, &right);
}

/* Strong Kleene logic by its definition over F < E < T: and is the least, or the greatest. */
static enum truth write_tree(struct writer *w, unsigned depth)
{
	static const int rank[] = { [TRUTH_FALSE] = 0, [TRUTH_ERROR] = 1, [TRUTH_TRUE] = 2 };
	unsigned kind = depth == 0 ? 0 : next(&w->seed) % 4;
	enum truth left, right;

	if (kind == 0)
		return write_leaf(w);
	buf_add_c(&w->text, kind == 1 ? "not (" : "(");
	left = write_tree(w, depth - 1);
	if (kind == 1) {
		buf_add_c(&w->text, ")");
		return left == TRUTH_ERROR ? left : left == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
	}
	buf_add_c(&w->text, kind == 2 ? " and " : " or ");
	right = write_tree(w, depth - 1);
	buf_add_c(&w->text, ")");
	return (rank[left] < rank[right]) == (kind == 2) ? left : right;
}

Test(condition, agrees_with_a_naive_evaluator)
{
	uint64_t seed = UINT64_C(0x7472616d6d656c21);
	size_t seen[3] = { 0 };

	for (unsigned i = 0; i < 4000; i++) {
		struct writer w = { .seed = next(&seed) };
		struct note n = { .column = 0 };
		enum truth expected, is;
		uint64_t start = w.seed;

		buf_init(&w.text, 1 << 16);
		arena_init(&w.arena, 4 << 20);
		cr_assert_eq(json_read(str_view(request_text), 1, &w.arena, &w.request, &n), OK);
		expected = write_tree(&w, 5);
		buf_add_byte(&w.text, '\0');
		is = judge(&w.arena, w.text.ptr, request_text, &n);
		cr_assert_eq(is, expected, "seed %llu: %s is %c, expected %c",
			     (unsigned long long)start, w.text.ptr, letters[is], letters[expected]);
		cr_assert(is != TRUTH_ERROR || (n.text[0] && n.column > 0), "an E says why: %s",
			  w.text.ptr);
		seen[is]++;
		buf_fini(&w.text);
		arena_fini(&w.arena);
	}
	cr_assert(seen[0] > 300 && seen[1] > 300 && seen[2] > 300, "all three values occur");
}

/* Paths are numbered as they appear: `matches "4x"` of path 2 beside `matches "x"` of path 24. */
Test(condition, a_pattern_that_begins_with_a_digit_is_no_part_of_a_path)
{
	char text[1024] = "args.p matches \"4x\"", path[32];
	struct note n = { .column = 0 };
	struct arena a;

	arena_init(&a, 1 << 20);
	for (int i = 3; i < 24; i++) {
		(void)snprintf(path, sizeof(path), " or has(args.q%d)", i);
		strcat(text, path);
	}
	strcat(text, " or args.z matches \"x\"");
	cr_expect_eq(judge(&a, text, "{\"args\":{\"p\":\"no\",\"z\":\"x\"}}", &n), TRUTH_TRUE);
	cr_expect_eq(judge(&a, text, "{\"args\":{\"p\":\"4x\",\"z\":\"-\"}}", &n), TRUTH_TRUE);
	cr_expect_eq(judge(&a, text, "{\"args\":{\"p\":\"-\",\"z\":\"-\"}}", &n), TRUTH_FALSE);
	arena_fini(&a);
}

Test(condition, stack_holds_the_deepest_nesting)
{
	struct note n = { .column = 0 };
	struct arena a;
	struct buf b;

	arena_init(&a, 8 << 20);
	buf_init(&b, 8192);
	for (int i = 0; i < LIMIT_EXPR_DEPTH; i++)
		buf_add_c(&b, "false or true and (");
	buf_add_c(&b, "args.x");
	for (int i = 0; i < LIMIT_EXPR_DEPTH; i++)
		buf_add_byte(&b, ')');
	buf_add_byte(&b, '\0');
	cr_assert_eq(judge(&a, b.ptr, "{\"args\":{\"x\":true}}", &n), TRUTH_TRUE);
	cr_assert_eq(judge(&a, b.ptr, "{\"args\":{\"x\":false}}", &n), TRUTH_FALSE);
	cr_assert_eq(judge(&a, b.ptr, "{\"args\":{}}", &n), TRUTH_ERROR);
	buf_fini(&b);
	arena_fini(&a);
}

Test(condition, the_first_undecided_side_in_the_text_is_reported)
{
	struct note n = { .column = 0 };
	struct arena a;

	arena_init(&a, 1 << 20);
	cr_assert_eq(judge(&a, "true and args.b and args.c", "{}", &n), TRUTH_ERROR);
	cr_assert_str_eq(n.text, "args.b is missing");
	cr_assert_eq(n.column, 10);
	cr_assert_eq(
		judge(&a, "not (false or args.c < 1 or args.b)", "{\"args\":{\"b\":false}}", &n),
		TRUTH_ERROR);
	cr_assert_str_eq(n.text, "args.c is missing");
	arena_fini(&a);
}

Test(condition, evaluation_allocates_nothing)
{
	const struct condition *c;
	struct note n = { .column = 0 };
	struct value request;
	struct arena a;

	arena_init(&a, 1 << 20);
	cr_assert_eq(condition_compile(STR("args.d contains 'x' and args.a < 3 and args.c in ['x'] "
					   "and args.gone"),
				       &a, &c, &n),
		     OK);
	cr_assert_eq(json_read(str_view(request_text), 1, &a, &request, &n), OK);
	fail_alloc_at(1);
	cr_expect_eq(condition_eval(c, &request, &n), TRUTH_ERROR);
	cr_assert_not(fail_alloc_was_hit());
	arena_fini(&a);
}

Test(condition, compiling_survives_every_failed_allocation)
{
	const struct condition *c = NULL;
	struct arena a;

	for (uint64_t i = 1;; i++) {
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(i);
		e = condition_compile(STR("args.a in [1, 2, {'k': 'v'}] or args.b matches '^x+$'"),
				      &a, &c, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_null(c, "nothing is given back");
		arena_fini(&a);
	}
	arena_fini(&a);
}

/* The gate decides on what arrived; a replay, on the canonical text of it. They must agree. */
Test(condition, a_request_and_its_record_are_judged_alike)
{
	static const char *const numbers[] = {
		"1.0", "-0.0", "1e0", "2.5", "9007199254740993.0", "18014398509482008.0",
		"9223372036854775808.0", "-9223372036854775808.0", "9223372036854775809", "1e20",
		"123456789012345678901.0", "1e21", "1e23", "1e300", "-1e300",
	};
	static const char *const conditions[] = {
		"args.n", "args.n matches \"1\"", "args.n < \"1\"", "args.n in args.n",
		"args.n < 1", "args.n == 1", "args.n == 18014398509482008",
		"args.n > 9223372036854775807", "args.n <= 9223372036854775900",
		"args.n == 9223372036854776000", "args.n >= 123456789012345678901",
		"args.n in [100000000000000000000000, 1, 1e20]",
	};
	size_t count = sizeof(numbers) / sizeof(numbers[0]);
	struct arena arena;
	struct buf text, canon;

	arena_init(&arena, 16 << 20);
	buf_init(&text, 1024);
	buf_init(&canon, 1024);
	for (size_t i = 0; i < count * (sizeof(conditions) / sizeof(conditions[0])); i++) {
		const struct condition *c;
		struct value came, record;
		struct note said = { .column = 0 }, again = { .column = 0 };
		enum truth truth;

		buf_clear(&text);
		buf_addf(&text, "{\"args\":{\"n\":%s}}", numbers[i % count]);
		cr_assert_eq(json_read(buf_view(&text), 1, &arena, &came, NULL), OK);
		buf_clear(&canon);
		canon_value(&canon, &came);
		cr_assert_eq(json_read(buf_view(&canon), 1, &arena, &record, NULL), OK);
		cr_assert_eq(condition_compile(str_view(conditions[i / count]), &arena, &c, NULL),
			     OK);
		truth = condition_eval(c, &came, &said);
		cr_expect_eq(condition_eval(c, &record, &again), truth, "%s of %s",
			     conditions[i / count], numbers[i % count]);
		cr_expect_str_eq(said.text, again.text);
		cr_expect_eq(said.column, again.column);
	}
	buf_fini(&text);
	buf_fini(&canon);
	arena_fini(&arena);
}
