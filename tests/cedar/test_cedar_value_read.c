/* cedar_value_read: JSON with escapes, with and without a declared type. */
#include <criterion/criterion.h>

#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"
#include "tests/kit/fail_alloc.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_value_read, .init = start, .fini = stop);

static const struct cedar_type text = { .kind = TYPE_STRING }, number = { .kind = TYPE_LONG };
static const struct cedar_type address = { .kind = TYPE_IP }, moment = { .kind = TYPE_DATETIME };
static const struct cedar_type user = { .kind = TYPE_ENTITY, .entity = STR("Ns::User") };
static const struct cedar_type users = { .kind = TYPE_SET, .element = &user };
static const struct cedar_field fields[] = { { STR("amount"), &number, false },
					     { STR("from"), &address, true },
					     { STR("when"), &moment, true },
					     { STR("who"), &users, true } };
static const struct cedar_type order = { .kind = TYPE_RECORD, .fields = fields, .field_count = 4 };

static enum err read(const char *json, const struct cedar_type *type, struct cedar_value *ret,
		     struct note *n)
{
	*n = (struct note){ .column = 0 };
	return cedar_value_read(cedar_scene_json(&kit, json), type, LIMIT_DEPTH, &kit.memory, ret,
				n);
}

static struct cedar_value good(const char *json, const struct cedar_type *type)
{
	struct cedar_value v;
	struct note n;

	cr_assert_eq(read(json, type, &v, &n), OK, "%s: %s", json, n.text);
	return v;
}

static void bad(const char *json, const struct cedar_type *type, enum err expected,
		const char *part)
{
	struct cedar_value v = { .kind = CEDAR_FOREIGN };
	struct note n;
	enum err e = read(json, type, &v, &n);

	cr_assert_eq(e, expected, "%s: %s", json, err_name(e));
	cr_assert(str_has(str_view(n.text), str_view(part)), "%s: %s", json, n.text);
	cr_assert_eq(n.line, 1);
	cr_assert_eq(v.kind, CEDAR_FOREIGN, "%s wrote a value", json);
}

Test(cedar_value_read, escapes_make_entities_and_extension_values)
{
	struct cedar_value v = good("{'__entity':{'type':'Ns::User','id':'a b'}}", NULL);

	cr_assert_eq(v.kind, CEDAR_ENTITY);
	cr_assert(str_is(v.uid.type, "Ns::User") && str_is(v.uid.id, "a b"));
	v = good("{'__extn':{'fn':'decimal','arg':'1.5'}}", NULL);
	cr_assert(v.kind == CEDAR_DECIMAL && v.integer == 15000);
	v = good("{'__extn':{'fn':'duration','args':['2s']}}", NULL);
	cr_assert(v.kind == CEDAR_DURATION && v.integer == 2000);
	v = good("{'__extn':{'fn':'offset','args':[{'__extn':{'fn':'datetime','arg':'1970-01-01'}},"
		 "{'__extn':{'fn':'duration','arg':'-5ms'}}]}}",
		 NULL);
	cr_assert(v.kind == CEDAR_DATETIME && v.integer == -5);
	/* An escape stands alone in its object. */
	cr_assert_eq(good("{'__extn':1,'b':2}", NULL).kind, CEDAR_RECORD);
}

Test(cedar_value_read, what_is_no_value_is_refused)
{
	bad("null", NULL, ERR_TYPE, "null");
	bad("[1.5]", NULL, ERR_TYPE, "fraction");
	bad("{'a':1e2}", NULL, ERR_TYPE, "exponent");
	bad("9223372036854775808", NULL, ERR_RANGE, "64 bits");
	bad("{'__expr':'1'}", NULL, ERR_UNKNOWN, "__expr");
	bad("{'__entity':{'type':'A'}}", NULL, ERR_TYPE, "other members");
	bad("{'__entity':'A'}", NULL, ERR_TYPE, "found string");
	bad("{'__entity':{'type':'A B','id':''}}", NULL, ERR_SYNTAX, "A B");
	bad("{'__extn':{'fn':'ip'}}", NULL, ERR_TYPE, "arg");
	bad("{'__extn':{'fn':'ip','args':[]}}", NULL, ERR_TYPE, "arg");
	bad("{'__extn':{'fn':'ip','arg':'x'}}", NULL, ERR_SYNTAX, "IPv4");
	bad("{'__extn':{'fn':'ip','arg':1}}", NULL, ERR_TYPE, "found long");
	bad("{'__extn':{'fn':'iip','arg':'::'}}", NULL, ERR_UNKNOWN, "iip");
	bad("{'__extn':{'fn':'offset','args':['a','b']}}", NULL, ERR_TYPE, "offset(string");
}

Test(cedar_value_read, a_declared_type_makes_escapes_unnecessary)
{
	struct cedar_value v = good("{'amount':1,'from':'::1','when':{'fn':'datetime','arg':"
				    "'1970-01-02'},'who':[{'type':'Ns::User','id':'b'},"
				    "{'__entity':{'type':'Ns::User','id':'a'}}]}",
				    &order);
	const struct cedar_value *who = cedar_value_get(&v, STR("who"));

	cr_assert_eq(cedar_value_get(&v, STR("from"))->kind, CEDAR_IP);
	cr_assert_eq(cedar_value_get(&v, STR("when"))->integer, 86400000);
	cr_assert(who->set.count == 2 && str_is(who->set.items[0].uid.id, "a"));
	cr_assert(cedar_value_fits(&v, &order));
}

Test(cedar_value_read, what_is_not_of_the_declared_type_is_refused)
{
	bad("{}", &order, ERR_NOT_FOUND, "amount");
	bad("{'amount':'1'}", &order, ERR_TYPE, "found string, expected long");
	bad("{'amount':1,'form':'::'}", &order, ERR_UNKNOWN, "is it `from`?");
	bad("{'amount':1,'from':7}", &order, ERR_TYPE, "found long, expected ipaddr");
	bad("{'amount':1,'from':'x'}", &order, ERR_SYNTAX, "IPv4");
	bad("{'amount':1,'from':{'fn':'decimal','arg':'1.0'}}", &order, ERR_TYPE,
	    "found decimal, expected ipaddr");
	bad("{'amount':1,'who':[{'type':'User','id':'b'}]}", &order, ERR_TYPE, "another type");
	bad("{'amount':1,'who':['b']}", &order, ERR_TYPE, "expected entity of type `Ns::User`");
	bad("{'amount':1,'who':{}}", &order, ERR_TYPE, "found record, expected set");
	bad("[]", &text, ERR_TYPE, "found set, expected string");
}

Test(cedar_value_read, nesting_is_bounded)
{
	struct cedar_value v;
	struct note n;

	cr_assert_eq(cedar_value_read(cedar_scene_json(&kit, "[[[1]]]"), NULL, 4, &kit.memory, &v,
				      &n),
		     OK);
	cr_assert_eq(cedar_value_read(cedar_scene_json(&kit, "[[[1]]]"), NULL, 3, &kit.memory, &v,
				      &n),
		     ERR_LIMIT);
}

Test(cedar_value_read, texts_are_copies)
{
	char json[] = "{\"name\":\"value\"}";
	struct arena tree;
	struct value parsed;
	struct cedar_value v;

	arena_init(&tree, 1 << 20);
	cr_assert_eq(json_read(str_view(json), 1, &tree, &parsed, NULL), OK);
	cr_assert_eq(cedar_value_read(&parsed, NULL, 8, &kit.memory, &v, NULL), OK);
	arena_fini(&tree);
	memset(json, 'x', sizeof(json) - 1);
	cr_assert(str_is(cedar_value_get(&v, STR("name"))->string, "value"));
}

Test(cedar_value_read, every_failing_allocation_is_an_error)
{
	const struct value *json = cedar_scene_json(&kit,
						    "{'a':[1,{'__extn':{'fn':'ip','arg':'::'}},"
						    "'text',{'__entity':{'type':'A','id':'b'}}]"
						    "}");

	for (uint64_t n = 1;; n++) {
		struct cedar_value v;
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = cedar_value_read(json, NULL, 8, &a, &v, NULL);
		arena_fini(&a);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
	/* The arena asks the system seldom; its cap is where memory ends for the reader. */
	for (size_t cap = 0;; cap += 64) {
		struct cedar_value v;
		struct arena a;
		enum err e;

		arena_init(&a, cap);
		e = cedar_value_read(json, NULL, 8, &a, &v, NULL);
		arena_fini(&a);
		if (e == OK)
			break;
		cr_assert_eq(e, ERR_MEMORY, "with %zu bytes: %s", cap, err_name(e));
	}
}
