/* cedar_scene: see cedar_scene.h. */
#include "tests/kit/cedar_scene.h"

#include <criterion/criterion.h>

#define MEMORY ((size_t)256 << 20)

void cedar_scene_init(struct cedar_scene *k)
{
	*k = (struct cedar_scene){ .policies = NULL };
	arena_init(&k->memory, MEMORY);
	k->entities = cedar_entities_none(&k->memory);
	k->request = (struct cedar_request){
		.principal = { STR("User"), STR("ann") },
		.action = { STR("Action"), STR("view") },
		.resource = { STR("Photo"), STR("p1") },
	};
	cedar_scene_context(k, "{}");
}

void cedar_scene_fini(struct cedar_scene *k)
{
	arena_fini(&k->memory);
}

static struct str quoted(struct cedar_scene *k, const char *text)
{
	struct str copy;
	char *bytes = arena_alloc(&k->memory, strlen(text) + 1);

	cr_assert(bytes);
	for (size_t i = 0; text[i]; i++)
		bytes[i] = text[i];
	copy = str_slice(bytes, strlen(text));
	for (size_t i = 0; i < copy.len; i++)
		if (bytes[i] == '\'')
			bytes[i] = '"';
	return copy;
}

const struct value *cedar_scene_json(struct cedar_scene *k, const char *text)
{
	struct value *v = arena_alloc(&k->memory, sizeof(*v));
	struct note n = { .column = 0 };

	cr_assert(v);
	cr_assert_eq(json_read(quoted(k, text), 1, &k->memory, v, &n), OK, "%s: %s", text, n.text);
	return v;
}

void cedar_scene_policies(struct cedar_scene *k, const char *text)
{
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_policies_read(str_view(text), &k->memory, &k->policies, &n), OK,
		     "%u:%u: %s", n.line, n.column, n.text);
}

void cedar_scene_entities(struct cedar_scene *k, const char *json)
{
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_entities_read(cedar_scene_json(k, json), NULL, &k->memory, &k->entities,
					 &n),
		     OK, "%u:%u: %s", n.line, n.column, n.text);
}

void cedar_scene_context(struct cedar_scene *k, const char *json)
{
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_context_read(cedar_scene_json(k, json), NULL, NULL, &k->memory,
					&k->request.context, &n),
		     OK, "%u:%u: %s", n.line, n.column, n.text);
}

struct cedar_schema *cedar_scene_schema(struct cedar_scene *k, const char *text)
{
	struct cedar_schema *s = NULL;
	struct note n = { .column = 0 };

	cr_assert_eq(cedar_schema_read(str_view(text), &k->memory, &s, &n), OK, "%u:%u: %s", n.line,
		     n.column, n.text);
	return s;
}

struct cedar_uid cedar_scene_uid(struct cedar_scene *k, const char *text)
{
	struct cedar_uid uid = { STR_NONE, STR_NONE };

	cr_assert_eq(cedar_uid_read(quoted(k, text), &k->memory, &uid, NULL), OK, "%s", text);
	return uid;
}

struct cedar_answer cedar_scene_decide(struct cedar_scene *k)
{
	struct cedar_answer answer;

	cr_assert_eq(cedar_authorize(k->policies, k->entities, &k->request, &k->memory, &answer),
		     OK);
	return answer;
}

const char *cedar_scene_outcome(struct cedar_scene *k, const char *condition)
{
	enum cedar_truth truth;
	struct str error;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b, "permit(principal, action, resource) when { %s };", condition);
	cr_assert_eq(b.err, OK);
	buf_add_byte(&b, '\0');
	cedar_scene_policies(k, b.ptr);
	buf_fini(&b);
	cr_assert_eq(cedar_evaluate(k->policies, 0, k->entities, &k->request, &k->memory, &truth,
				    &error),
		     OK);
	return truth == CEDAR_ERROR ? error.ptr : truth == CEDAR_YES ? "yes" : "no";
}
