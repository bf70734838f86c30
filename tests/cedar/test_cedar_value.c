/* cedar_value: order, sets, records, types. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_value, .init = start, .fini = stop);

static struct cedar_value of_json(const char *text)
{
	struct cedar_value v;
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_value_read(cedar_scene_json(&kit, text), NULL, LIMIT_DEPTH, &kit.memory,
				      &v, &n),
		     OK, "%s: %s", text, n.text);
	return v;
}

#define EXTN(fn, arg) "{'__extn':{'fn':'" fn "','arg':'" arg "'}}"

/* Each is less than the next. */
static const char *const ascending[] = {
	"false",
	"true",
	"-9223372036854775808",
	"0",
	"9223372036854775807",
	"''",
	"'a'",
	"'b'",
	"{'__entity':{'type':'A','id':'x'}}",
	"{'__entity':{'type':'A','id':'y'}}",
	"{'__entity':{'type':'B','id':'a'}}",
	"[]",
	"[1]",
	"[2]",
	"['a']",
	"[1,2]",
	"{}",
	"{'a':1}",
	"{'a':2}",
	"{'b':1}",
	"{'a':1,'b':1}",
	EXTN("decimal", "0.1"),
	EXTN("decimal", "1.0"),
	EXTN("datetime", "2024-01-01"),
	EXTN("duration", "1s"),
	EXTN("ip", "1.2.3.4/8"),
	EXTN("ip", "1.2.3.4"),
	EXTN("ip", "1.2.3.5"),
	EXTN("ip", "::1"),
};

Test(cedar_value, the_order_is_total_and_by_kind_first)
{
	size_t count = sizeof(ascending) / sizeof(ascending[0]);

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			struct cedar_value a = of_json(ascending[i]), b = of_json(ascending[j]);
			int order = cedar_value_cmp(&a, &b);

			cr_assert_eq((order > 0) - (order < 0), (i > j) - (i < j), "%s and %s: %d",
				     ascending[i], ascending[j], order);
			cr_assert_eq(cedar_value_eq(&a, &b), i == j);
		}
	}
}

Test(cedar_value, sets_forget_order_and_doubles)
{
	struct cedar_value a = of_json("[3,1,'x',2,1,[2,1],[1,2,2]]");
	struct cedar_value b = of_json("[[1,2],'x',1,2,3]"), c = of_json("[[1],'x',1,2,3]");

	cr_assert_eq(a.set.count, 5);
	cr_assert(cedar_value_eq(&a, &b));
	cr_assert_not(cedar_value_eq(&a, &c));
}

Test(cedar_value, sorting_agrees_with_searching_one_by_one)
{
	unsigned seed = 7;

	for (int round = 0; round < 50; round++) {
		struct cedar_value items[64], set;
		bool there[64] = { false };
		size_t count = (size_t)round % 64;

		for (size_t i = 0; i < count; i++) {
			seed = seed * 1103515245u + 12345u;
			items[i] = (struct cedar_value){ .kind = CEDAR_LONG,
							 .integer = seed >> 16 & 63 };
			there[items[i].integer] = true;
		}
		cedar_set_make(items, count, &set);
		for (int64_t n = 0; n < 64; n++) {
			struct cedar_value v = { .kind = CEDAR_LONG, .integer = n };

			cr_assert_eq(cedar_set_has(&set, &v), there[n], "round %d, %d", round,
				     (int)n);
		}
		for (size_t i = 1; i < set.set.count; i++)
			cr_assert_lt(set.set.items[i - 1].integer, set.set.items[i].integer);
	}
}

Test(cedar_value, attributes_are_found_in_small_and_large_records)
{
	struct cedar_attr attrs[100];
	struct cedar_value record;
	char names[100][8];

	for (size_t count = 0; count <= 100; count += 20) {
		for (size_t i = 0; i < count; i++) {
			(void)snprintf(names[i], sizeof(names[i]), "n%zu", count - i);
			attrs[i].name = str_view(names[i]);
			attrs[i].value = (struct cedar_value){ .kind = CEDAR_LONG,
							       .integer = (int64_t)(count - i) };
		}
		cedar_record_make(attrs, count, &record);
		for (size_t i = 1; i <= count; i++) {
			char name[8];
			const struct cedar_value *found;

			(void)snprintf(name, sizeof(name), "n%zu", i);
			found = cedar_value_get(&record, str_view(name));
			cr_assert(found && found->integer == (int64_t)i, "%s of %zu", name, count);
		}
		cr_assert_null(cedar_value_get(&record, STR("n0")));
		cr_assert_null(cedar_value_get(&record, STR("")));
	}
}

Test(cedar_value, values_are_of_their_types)
{
	const struct cedar_type string = { .kind = TYPE_STRING }, number = { .kind = TYPE_LONG };
	const struct cedar_type strings = { .kind = TYPE_SET, .element = &string };
	const struct cedar_type user = { .kind = TYPE_ENTITY, .entity = STR("User") };
	const struct cedar_field fields[] = { { STR("a"), &number, false },
					      { STR("b"), &strings, true },
					      { STR("c"), &user, false } };
	const struct cedar_type record = { .kind = TYPE_RECORD,
					   .fields = fields,
					   .field_count = 3 };
	static const struct {
		const char *json;
		bool fits;
	} cases[] = {
		{ "{'a':1,'b':['x'],'c':{'__entity':{'type':'User','id':'u'}}}", true },
		{ "{'a':1,'c':{'__entity':{'type':'User','id':'u'}}}", true },
		{ "{'a':1,'b':[],'c':{'__entity':{'type':'User','id':'u'}}}", true },
		{ "{'a':1,'b':['x',1],'c':{'__entity':{'type':'User','id':'u'}}}", false },
		{ "{'a':1,'c':{'__entity':{'type':'Group','id':'u'}}}", false },
		{ "{'a':'1','c':{'__entity':{'type':'User','id':'u'}}}", false },
		{ "{'b':[],'c':{'__entity':{'type':'User','id':'u'}}}", false },
		{ "{'a':1,'b':[]}", false },
		{ "{'a':1,'c':{'__entity':{'type':'User','id':'u'}},'d':1}", false },
		{ "{'0':1,'a':1,'c':{'__entity':{'type':'User','id':'u'}}}", false },
		{ "[]", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cedar_value v = of_json(cases[i].json);

		cr_assert_eq(cedar_value_fits(&v, &record), cases[i].fits, "%s", cases[i].json);
	}
}

Test(cedar_value, every_kind_has_a_name)
{
	for (enum cedar_kind kind = CEDAR_BOOL; kind <= CEDAR_FOREIGN; kind++)
		cr_assert(strlen(cedar_kind_name(kind)) > 1);
	cr_assert_eq(cedar_kind_of(TYPE_BOOL), CEDAR_BOOL);
	cr_assert_eq(cedar_kind_of(TYPE_IP), CEDAR_IP);
}

Test(cedar_value, to_look_through_a_value_takes_its_weight)
{
	struct cedar_value text = { .kind = CEDAR_STRING, .string = STR("sixteen bytes...") },
			   long_text = { .kind = CEDAR_STRING,
					 .string = STR("24 bytes 24 bytes 24 b..") },
			   number = { .kind = CEDAR_LONG }, items[3] = { text, text, number }, set,
			   other, record;
	struct cedar_attr attrs[] = { { STR("eightful"), text }, { STR("n"), number } };

	cr_assert_eq(cedar_value_weight(&number), 1);
	cr_assert_eq(cedar_value_weight(&text), 3);
	cedar_set_make(items, 3, &set);
	cr_assert_eq(cedar_value_weight(&set), 1 + 3 + 1);
	cedar_record_make(attrs, 2, &record);
	cr_assert_eq(cedar_value_weight(&record), 1 + (1 + 3) + 1);
	items[0] = set;
	cedar_set_make(items, 1, &other);
	cr_assert_eq(cedar_value_weight(&other), 1 + 5);
	cr_assert_eq(cedar_eq_steps(&set, &other), 1);
	cr_assert_eq(cedar_eq_steps(&set, &text), 1);
	cr_assert_eq(cedar_eq_steps(&set, &set), 5);
	cr_assert_eq(cedar_eq_steps(&long_text, &text), 3);
	cr_assert_eq(cedar_has_steps(&set, &text), 2 * 3);
	cr_assert_eq(cedar_has_steps(&other, &set), 1 * 5);
}
