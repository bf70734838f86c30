/* policy_kit: policies and requests from literals. */
#include "tests/kit/policy_kit.h"

#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "engine/base/yaml.h"

#define TEXT_BYTES (1u << 20)

void policy_kit_init(struct policy_kit *k)
{
	arena_init(&k->memory, (size_t)512 << 20);
}

void policy_kit_fini(struct policy_kit *k)
{
	arena_fini(&k->memory);
}

struct bundle *policy_kit_load(struct policy_kit *k, const char *first, const char *second)
{
	const struct policy_file files[] = { { STR("a.yaml"), str_view(first) },
					     { STR("b.yaml"), str_view(second) } };
	struct note n = { .line = 0 };
	struct bundle *b;

	cr_assert_eq(bundle_load(files, second ? 2 : 1, &k->memory, &b, &n), OK, "%s:%u:%u: %s",
		     n.file, n.line, n.column, n.text);
	return b;
}

struct question policy_kit_ask(struct policy_kit *k, const char *json)
{
	struct note n = { .line = 0 };
	struct question q;
	struct str kept;
	struct value v;

	cr_assert_eq(arena_copy(&k->memory, str_view(json), &kept), OK);
	cr_assert_eq(json_read(kept, 1, &k->memory, &v, &n), OK, "%s: %s", n.text, json);
	cr_assert_eq(question_read(&v, NULL, &k->memory, &q, &n), OK, "%s: %s", n.text, json);
	return q;
}

struct ruling policy_kit_decide(struct policy_kit *k, const struct bundle *b, const char *json)
{
	struct question q = policy_kit_ask(k, json);
	struct ruling r;

	cr_assert_eq(question_decide(b, &q, &k->memory, &r), OK);
	return r;
}

struct fixture policy_kit_fixture(struct policy_kit *k, const char *yaml)
{
	struct note n = { .line = 0 };
	struct fixture f;
	struct value v;

	cr_assert_eq(yaml_read(str_view(yaml), &k->memory, &v, &n), OK, "%s", n.text);
	cr_assert_eq(fixture_read(&v, &k->memory, &f, &n), OK, "%s", n.text);
	return f;
}

struct str policy_kit_text(struct policy_kit *k, const struct question *q)
{
	struct str kept;
	struct buf b;

	buf_init(&b, TEXT_BYTES);
	question_write(&b, q);
	cr_assert_eq(b.err, OK);
	cr_assert_eq(arena_copy(&k->memory, buf_view(&b), &kept), OK);
	buf_fini(&b);
	return kept;
}
