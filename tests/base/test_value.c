/* value: looking up, comparing, sorting, copying. */
#include "engine/base/value.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, (size_t)256 << 20);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(value, .init = open_arena, .fini = close_arena);

static struct value read(const char *text)
{
	struct value v = value_null();
	struct note n = { .line = 0 };

	cr_assert_eq(json_read(str_view(text), 1, &arena, &v, &n), OK, "%s: %s", text, n.text);
	return v;
}

Test(value, kinds_have_names)
{
	cr_assert_str_eq(value_kind_name(VALUE_NULL), "null");
	cr_assert_str_eq(value_kind_name(VALUE_BOOL), "boolean");
	cr_assert_str_eq(value_kind_name(VALUE_INT), "integer");
	cr_assert_str_eq(value_kind_name(VALUE_BIG), "integer");
	cr_assert_str_eq(value_kind_name(VALUE_REAL), "number");
	cr_assert_str_eq(value_kind_name(VALUE_STRING), "string");
	cr_assert_str_eq(value_kind_name(VALUE_LIST), "list");
	cr_assert_str_eq(value_kind_name(VALUE_OBJECT), "object");
}

Test(value, members_are_found_by_name)
{
	struct value v = read("{\"a\":1,\"b\":\"text\",\"\":2,\"a\\u0000\":3}");
	struct value list = read("[1]");

	cr_assert_eq(value_get_c(&v, "a")->integer, 1);
	cr_assert_eq(value_get(&v, STR("a\0"))->integer, 3);
	cr_assert_eq(value_get_c(&v, "")->integer, 2);
	cr_assert_null(value_get_c(&v, "c"));
	cr_assert_null(value_get_c(NULL, "a"));
	cr_assert_null(value_get_c(&list, "a"));
	cr_assert_null(value_get_c(value_get_c(&v, "a"), "x"));
}

Test(value, text_of_a_member_is_there_or_none)
{
	struct value v =
		read("{\"s\":\"text\",\"empty\":\"\",\"n\":1,\"big\":99999999999999999999}");

	cr_assert(str_is(value_text(&v, "s"), "text"));
	cr_assert(value_text(&v, "empty").ptr);
	cr_assert_null(value_text(&v, "n").ptr);
	cr_assert_null(value_text(&v, "big").ptr);
	cr_assert_null(value_text(&v, "none").ptr);
	cr_assert_null(value_text(NULL, "s").ptr);
}

Test(value, scalars_made_by_the_program_have_no_place)
{
	struct value v[] = {
		value_null(), value_bool(true), value_int(-7), value_string(STR("x")),
	};

	cr_assert(v[0].kind == VALUE_NULL && v[1].kind == VALUE_BOOL && v[1].boolean);
	cr_assert(v[2].kind == VALUE_INT && v[2].integer == -7);
	cr_assert(v[3].kind == VALUE_STRING && str_is(v[3].string, "x"));
	for (int i = 0; i < 4; i++)
		cr_assert(v[i].line == 0 && v[i].column == 0);
}

static void check_eq(const char *a, const char *b, bool expected)
{
	struct value x = read(a), y = read(b);

	cr_assert_eq(value_eq(&x, &y), expected, "%s and %s", a, b);
	cr_assert_eq(value_eq(&y, &x), expected, "%s and %s", b, a);
	cr_assert(value_eq(&x, &x));
}

Test(value, equality_is_of_kind_and_content)
{
	check_eq("null", "null", true);
	check_eq("null", "false", false);
	check_eq("true", "true", true);
	check_eq("true", "false", false);
	check_eq("\"a\"", "\"\\u0061\"", true);
	check_eq("\"a\"", "\"b\"", false);
	check_eq("\"1\"", "1", false);
	check_eq("[1,[2]]", "[1,[2]]", true);
	check_eq("[1,2]", "[2,1]", false);
	check_eq("[1]", "[1,1]", false);
	check_eq("[]", "{}", false);
	check_eq("{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true);
	check_eq("{\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}", false);
	check_eq("{\"a\":1}", "{\"b\":1}", false);
	check_eq("{\"a\":1}", "{\"a\":1,\"b\":1}", false);
}

Test(value, nesting_is_counted_in_lists_and_objects)
{
	struct value deep = value_int(1), list = { .kind = VALUE_LIST, .list = { &deep, 1 } };
	struct member m = { .key = STR("k"), .value = list };
	struct value object = { .kind = VALUE_OBJECT, .object = { &m, 1 } };

	cr_expect(value_nests_within(&deep, 0));
	cr_expect_not(value_nests_within(&list, 0));
	cr_expect(value_nests_within(&list, 1));
	cr_expect_not(value_nests_within(&object, 1));
	cr_expect(value_nests_within(&object, 2));
	object.object.count = 0;
	cr_expect(value_nests_within(&object, 1));
	cr_expect_not(value_nests_within(&object, 0), "an empty one is a level too");
}

Test(value, numbers_are_what_canon_writes)
{
	check_eq("1", "1.0", true);
	check_eq("1", "10e-1", true);
	check_eq("0", "-0.0", true);
	check_eq("1", "1.5", false);
	check_eq("9007199254740992", "9007199254740992.0", true);
	check_eq("9007199254740993", "9007199254740992.0", false);
	check_eq("9223372036854775807", "9223372036854775808.0", false);
	check_eq("-9223372036854776000", "-9223372036854775808.0", true);
	check_eq("9223372036854776000", "9223372036854775808.0", true);
	check_eq("9223372036854775808", "9223372036854775808.0", false);
	check_eq("9223372036854774784", "9223372036854774784.0", false);
	check_eq("9223372036854775000", "9223372036854774784.0", true);
	check_eq("18014398509482010", "18014398509482008.0", true);
	check_eq("100000000000000000000", "1e20", true);
	check_eq("99999999999999991611392", "1e23", false);
	check_eq("100000000000000000000000", "1e23", true);
	check_eq("99999999999999999999", "99999999999999999999", true);
	check_eq("99999999999999999999", "99999999999999999998", false);
	check_eq("99999999999999999999", "1", false);
	check_eq("99999999999999999999", "0.5", false);
	check_eq("1", "1e308", false);
	check_eq("-1", "-1e308", false);
	check_eq("99999999999999999999", "1.7976931348623157e308", false);
}

/* What was judged when it arrived is judged alike when it is read back from the evidence. */
Test(value, what_canon_writes_reads_as_the_same_number)
{
	uint64_t seed = 20260117;
	struct buf b;

	cr_log_info("seed %llu", (unsigned long long)seed);
	buf_init(&b, 64);
	for (int i = 0; i < 20000; i++) {
		struct value v = { .kind = VALUE_REAL }, back;
		struct value near = { .kind = VALUE_INT };

		seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
		v.real = ldexp((double)(int64_t)seed, (int)(seed % 160) - 90);
		near.integer = fabs(v.real) < 0x1p62 ? (int64_t)v.real : (int64_t)seed;
		buf_clear(&b);
		canon_value(&b, &v);
		cr_assert_eq(json_read(buf_view(&b), 1, &arena, &back, NULL), OK);
		cr_assert(value_eq(&v, &back), "%.*s", STR_ARG(buf_view(&b)));
		cr_assert_eq(value_number_order(&v, &near), value_number_order(&back, &near),
			     "%.*s and %lld", STR_ARG(buf_view(&b)), (long long)near.integer);
	}
	buf_fini(&b);
}

/* {"k1":1,...}: the names in the order i * step % count. */
static struct value many(size_t count, size_t step, int64_t odd)
{
	struct value v = { .kind = VALUE_OBJECT };
	struct member *m = arena_array(&arena, count, sizeof(*m));

	cr_assert_not_null(m);
	for (size_t i = 0; i < count; i++) {
		size_t name = i * step % count;
		char text[32];
		int len = snprintf(text, sizeof(text), "k%zu", name);

		cr_assert_eq(arena_copy(&arena, str_slice(text, (size_t)len), &m[i].key), OK);
		m[i].value = value_int(name == 3 ? odd : (int64_t)name);
	}
	v.object = (struct value_object){ m, count };
	return v;
}

Test(value, large_objects_in_any_order_compare_quickly)
{
	size_t count = 100003;
	struct value a = many(count, 1, 3), b = many(count, 7919, 3), c = many(count, 7919, 4);

	cr_assert(value_eq(&a, &b));
	cr_assert_not(value_eq(&a, &c));
	b.object.members[17].key = STR("other");
	cr_assert_not(value_eq(&a, &b));
}

Test(value, without_memory_large_objects_still_compare)
{
	struct value a = many(101, 1, 3), b = many(101, 7, 3), c = many(101, 7, 4);

	fail_alloc_at(1);
	cr_assert(value_eq(&a, &b));
	cr_assert(fail_alloc_was_hit());
	fail_alloc_at(1);
	cr_assert_not(value_eq(&a, &c));
	cr_assert(fail_alloc_was_hit());
}

Test(value, sorting_orders_any_number_of_members_and_is_stable)
{
	uint64_t seed = UINT64_C(0x853C49E6748FEA9B), x = seed;
	static const char *const names[] = { "", "a", "aa", "b", "ab", "c", "z", "abc" };

	for (size_t count = 0; count < 300; count++) {
		struct member *m = calloc(count + 1, sizeof(*m));
		uint32_t *order = calloc(count + 1, sizeof(*order));

		order[count] = 42;
		for (size_t i = 0; i < count; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			m[i].key = str_view(names[x % 8]);
		}
		value_sort(m, count, str_cmp, order);
		for (size_t i = 1; i < count; i++) {
			int cmp = str_cmp(m[order[i - 1]].key, m[order[i]].key);

			cr_assert(cmp < 0 || (cmp == 0 && order[i - 1] < order[i]),
				  "seed %llx, %zu", (unsigned long long)seed, count);
		}
		cr_assert_eq(order[count], 42);
		free(m);
		free(order);
	}
}

static const char *const rich =
	"{\"b\":[1,2.5,\"\\u00e9\",[],{\"x\":null}],\"a\":123456789012345678901234567890,"
	"\"c\":true}";

Test(value, a_copy_shares_nothing_with_what_it_copies)
{
	char *text = strdup(rich);
	struct value v, copy, expected = read(rich);
	struct arena source;

	arena_init(&source, 1u << 20);
	cr_assert_eq(json_read(str_view(text), 1, &source, &v, NULL), OK);
	cr_assert_eq(value_copy(&arena, &v, &copy), OK);
	memset(text, 'x', strlen(text));
	free(text);
	arena_fini(&source);
	cr_assert(value_eq(&copy, &expected));
	cr_assert_eq(copy.object.members[1].column, expected.object.members[1].column);
	cr_assert_eq(copy.object.members[1].value.column, expected.object.members[1].value.column);
}

Test(value, every_failed_allocation_of_a_copy_is_survived)
{
	struct value v = read(rich);
	struct value list[40], big = { .kind = VALUE_LIST, .list = { list, 40 } };
	uint64_t n = 1;
	char *text = malloc(60000);

	/* Big enough to need several chunks of an arena. */
	memset(text, 'x', 60000);
	for (size_t i = 0; i < 40; i++)
		list[i] = i % 2 ? v : value_string(str_slice(text, 60000));
	for (;; n++) {
		struct value copy = value_int(42);
		struct arena a;
		enum err e;

		arena_init(&a, (size_t)64 << 20);
		fail_alloc_at(n);
		e = value_copy(&a, &big, &copy);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			cr_assert(value_eq(&big, &copy));
			arena_fini(&a);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(copy.integer, 42);
		cr_assert_null(arena_mark(&a).chunk);
		arena_fini(&a);
	}
	cr_assert_gt(n, 5);
	free(text);
}

Test(value, trees_are_copied_only_up_to_a_depth)
{
	struct value v[LIMIT_TREE_DEPTH + 2], copy = value_int(42);

	v[0] = value_null();
	for (size_t i = 1; i < LIMIT_TREE_DEPTH + 2; i++)
		v[i] = (struct value){ .kind = VALUE_LIST, .list = { &v[i - 1], 1 } };
	cr_assert_eq(value_copy(&arena, &v[LIMIT_TREE_DEPTH + 1], &copy), ERR_LIMIT);
	cr_assert_eq(copy.integer, 42);
	cr_assert_eq(value_copy(&arena, &v[LIMIT_TREE_DEPTH], &copy), OK);
	cr_assert(value_eq(&copy, &v[LIMIT_TREE_DEPTH]));
}
