/* cedar_uid: names of entities read, written, compared. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/cedar/inside.h"

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, (size_t)1 << 20);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_uid, .init = open_arena, .fini = close_arena);

static struct cedar_uid read(const char *text)
{
	struct note n = { .line = 0 };
	struct cedar_uid uid = { STR_NONE, STR_NONE };

	cr_assert_eq(cedar_uid_read(str_view(text), &arena, &uid, &n), OK, "%s: %s", text, n.text);
	return uid;
}

static void check_refused(const char *text, enum err expected, uint32_t column, const char *says)
{
	struct note n = { .line = 0 };
	struct cedar_uid uid = { STR_NONE, STR_NONE };
	enum err e = cedar_uid_read(str_view(text), &arena, &uid, &n);

	cr_assert_eq(e, expected, "%s: %s", text, err_name(e));
	cr_assert_eq(n.column, column, "%s: %u: %s", text, n.column, n.text);
	cr_assert(strstr(n.text, says), "%s: %s", text, n.text);
	cr_assert(!uid.type.ptr && !uid.id.ptr);
}

Test(cedar_uid, an_entity_is_a_path_and_an_id)
{
	struct cedar_uid uid = read("User::\"alice\"");

	cr_assert(str_is(uid.type, "User") && str_is(uid.id, "alice"));
	uid = read(" Ns :: // why\n User\n:: \"\\u{41}\\\"\" ");
	cr_assert(str_is(uid.type, "Ns::User") && str_is(uid.id, "A\""));
	uid = read("principal::\"\"");
	cr_assert(str_is(uid.type, "principal") && uid.id.len == 0);
}

Test(cedar_uid, what_is_no_entity_is_refused)
{
	check_refused("", ERR_TRUNCATED, 1, "expected an entity like");
	check_refused("User", ERR_TRUNCATED, 5, "expected '::' and an id in quotes");
	check_refused("User::alice", ERR_TRUNCATED, 12, "expected '::' and an id in quotes");
	check_refused("User::\"a\" x", ERR_SYNTAX, 11, "nothing after the entity");
	check_refused("\"a\"", ERR_SYNTAX, 1, "found a string");
	check_refused("if::\"a\"", ERR_SYNTAX, 1, "'if', which is reserved");
	check_refused("__cedar::A::\"a\"", ERR_SYNTAX, 1, "reserved");
	check_refused("A::{id: \"a\"}", ERR_SYNTAX, 4, "written with its id");
	check_refused("A::1", ERR_SYNTAX, 4, "found '1'");
	check_refused("A::\"\\q\"", ERR_SYNTAX, 5, "unknown escape");
}

Test(cedar_uid, what_is_written_reads_as_the_same)
{
	struct cedar_uid uid = { STR("Ns::A"), STR("a \"b\"\n\\\0") }, again;
	struct buf b;

	buf_init(&b, 256);
	cedar_uid_write(&b, &uid);
	cr_assert(str_is(buf_view(&b), "Ns::A::\"a \\\"b\\\"\\n\\\\\\0\""));
	cr_assert_eq(cedar_uid_read(buf_view(&b), &arena, &again, NULL), OK);
	cr_assert(cedar_uid_eq(&uid, &again));
	buf_fini(&b);
}

Test(cedar_uid, order_is_by_type_and_then_by_id)
{
	const struct cedar_uid order[] = {
		{ STR("A"), STR("") },     { STR("A"), STR("a") }, { STR("A"), STR("b") },
		{ STR("A::B"), STR("a") }, { STR("B"), STR("") },
	};

	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 5; k++) {
			int cmp = cedar_uid_cmp(&order[i], &order[k]);

			cr_assert_eq((cmp > 0) - (cmp < 0), (i > k) - (i < k), "%zu %zu", i, k);
			cr_assert_eq(cedar_uid_eq(&order[i], &order[k]), i == k);
		}
}

static enum err from_json(const char *text, struct cedar_uid *ret, struct note *n)
{
	struct value v;

	cr_assert_eq(json_read(str_view(text), 1, &arena, &v, NULL), OK);
	return cedar_uid_read_json(&v, &arena, ret, n);
}

Test(cedar_uid, json_says_it_with_or_without_the_escape)
{
	struct cedar_uid uid;

	cr_assert_eq(from_json("{\"type\":\"N::T\",\"id\":\"x\"}", &uid, NULL), OK);
	cr_assert(str_is(uid.type, "N::T") && str_is(uid.id, "x"));
	cr_assert_eq(from_json("{\"__entity\":{\"id\":\"\",\"type\":\"T\"}}", &uid, NULL), OK);
	cr_assert(str_is(uid.type, "T") && uid.id.len == 0);
}

Test(cedar_uid, other_json_is_refused)
{
	static const struct {
		const char *text;
		enum err err;
		uint32_t column;
	} rows[] = {
		{ "\"User\"", ERR_TYPE, 1 },
		{ "{\"type\":\"T\"}", ERR_TYPE, 1 },
		{ "{\"type\":\"T\",\"id\":1}", ERR_TYPE, 1 },
		{ "{\"type\":\"T\",\"id\":\"a\",\"x\":1}", ERR_TYPE, 1 },
		{ "{\"__entity\":[]}", ERR_TYPE, 13 },
		{ "{\"type\":\"T T\",\"id\":\"a\"}", ERR_SYNTAX, 1 },
		{ "{\"type\":\"if\",\"id\":\"a\"}", ERR_SYNTAX, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct note n = { .line = 0 };
		struct cedar_uid uid;

		cr_assert_eq(from_json(rows[i].text, &uid, &n), rows[i].err, "%s", rows[i].text);
		cr_assert_eq(n.column, rows[i].column, "%s: %u", rows[i].text, n.column);
	}
}
