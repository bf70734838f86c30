/* cedar_request: which requests conform to a schema. */
#include <criterion/criterion.h>

#include "engine/base/json.h"
#include "tests/cedar/judged.h"

static const char schema[] =
	"entity User, Bot; entity Doc = {}; entity Color enum [\"red\"];"
	"action view appliesTo { principal: [User, Color], resource: Doc, context: {"
	" n: Long, color?: Color, colors?: Set<Color>, \"in\"?: { color: Color }, act?: Action } };"
	"action idle;";

/* Why a request does not conform; "" when it does. In the context ' stands for ". */
static const char *why(struct cedar_uid principal, const char *action, struct cedar_uid resource,
		       const char *context)
{
	struct cedar_request r = { .principal = principal, .resource = resource };
	struct note *n = arena_alloc(judged_memory(), sizeof(*n));
	struct str text;
	struct value v;

	r.action = (struct cedar_uid){ STR("Action"), str_view(action) };
	cr_assert_eq(arena_copy(judged_memory(), str_view(context), &text), OK);
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\'')
			((char *)(uintptr_t)text.ptr)[i] = '"';
	cr_assert_eq(json_read(text, 1, judged_memory(), &v, NULL), OK, "%s", context);
	cr_assert_eq(cedar_context_read(&v, NULL, NULL, judged_memory(), &r.context, n), OK, "%s",
		     n->text);
	return cedar_request_check(&r, judged_schema(schema), n) == OK ? "" : n->text;
}

#define UID(type, id) ((struct cedar_uid){ STR(type), STR(id) })
#define RED(id) "{'n': 1, 'color': {'__entity': {'type': 'Color', 'id': '" id "'}}}"

Test(cedar_request, conforms_when_declared_applicable_and_well_typed)
{
	const struct cedar_uid user = UID("User", "u"), doc = UID("Doc", "d");

	cr_expect_str_empty(why(user, "view", doc, "{'n': 1}"));
	cr_expect_str_empty(why(UID("Color", "red"), "view", doc, RED("red")));
	cr_expect(strstr(why(UID("Usr", "u"), "view", doc, "{'n': 1}"),
			 "the principal is of the type 'Usr', which the schema does not declare"));
	cr_expect(strstr(why(user, "view", UID("X", "d"), "{'n': 1}"),
			 "the resource is of the type"));
	cr_expect(strstr(why(user, "edit", doc, "{'n': 1}"), "has no action Action::\"edit\""));
	cr_expect(strstr(why(UID("Bot", "b"), "view", doc, "{'n': 1}"),
			 "the action \"view\" does not apply to a principal of type 'Bot'"));
	cr_expect(strstr(why(user, "view", user, "{'n': 1}"), "a resource of type 'User'"));
	cr_expect(strstr(why(user, "idle", doc, "{}"), "does not apply to a principal"));
	cr_expect(strstr(why(user, "view", doc, "{}"), "the context is not of the type"));
	cr_expect(strstr(why(user, "view", doc, "{'n': 'a'}"), "the context is not of the type"));
	cr_expect(strstr(why(user, "view", doc, "{'n': 1, 'x': 1}"), "the context is not of"));
}

Test(cedar_request, enumerations_have_no_other_members)
{
	const struct cedar_uid user = UID("User", "u"), doc = UID("Doc", "d");

	cr_expect(strstr(
		why(UID("Color", "rd"), "view", doc, "{'n': 1}"),
		"the principal: the enumeration 'Color' has no \"rd\"; did you mean \"red\"?"));
	cr_expect(strstr(why(user, "view", doc, RED("blue")),
			 "the context: the enumeration 'Color' has no \"blue\""));
	cr_expect(strstr(why(user, "view", doc,
			     "{'n': 1, 'colors': [{'__entity': {'type': 'Color', 'id': 'x'}}]}"),
			 "has no \"x\""));
	cr_expect(
		strstr(why(user, "view", doc,
			   "{'n': 1, 'in': {'color': {'__entity': {'type': 'Color', 'id': 'y'}}}}"),
		       "has no \"y\""));
	cr_expect_str_empty(
		why(user, "view", doc,
		    "{'n': 1, 'act': {'__entity': {'type': 'Action', 'id': 'view'}}}"));
}
