/*
 * cedar_mapping: the key `cedar` of a policy file, how actions become Cedar requests.
 *
 *   cedar:
 *     principal: Ns::Agent         # types of entities; what is not given has the default
 *     action: Ns::Action
 *     resource: Ns::Resource
 *     tool: Ns::Tool               # of an action without a resource
 *     error_in_forbid: deny        # or skip, as Cedar does; the default
 */
#include "engine/cedar/cedar.h"
#include "engine/policy/rules.h"

#include <stdio.h>

static const char *const keys[] = {
	"principal", "action", "resource", "tool", "error_in_forbid", NULL,
};
static const char *const error_choices[] = { "skip", "deny", NULL };

/* A type stands where `Type::"id"` can be read. */
static bool is_type(const struct reader *r, struct str name)
{
	char text[LIMIT_NAME_BYTES + 8];
	struct cedar_uid uid;
	int len;

	if (name.len == 0 || name.len > LIMIT_NAME_BYTES)
		return false;
	len = snprintf(text, sizeof(text), "%.*s::\"\"", STR_ARG(name));
	return len > 0 &&
	       cedar_uid_read(str_slice(text, (size_t)len), r->memory, &uid, NULL) == OK &&
	       str_eq(uid.type, name);
}

static enum err read_type(const struct reader *r, const struct value *object, const char *key,
			  struct str *ret)
{
	const struct value *v;

	TRY(member_of(r, object, key, VALUE_STRING, "the name of an entity type", &v));
	if (!v)
		return OK;
	if (!is_type(r, v->string))
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'%.*s' is no Cedar entity type; expected a name like Agent or "
				"Fleet::Agent",
				SHOWN(v->string));
	*ret = v->string;
	return OK;
}

/* Cedar knows actions by the last part of their type. */
static enum err check_action(const struct reader *r, const struct value *object, struct str type)
{
	const struct value *v = value_get_c(object, "action");

	if (str_is(type, "Action") || str_ends(type, STR("::Action")))
		return OK;
	return note_set(r->note, ERR_SYNTAX, v->line, v->column,
			"the type of actions is Action, or ends in ::Action; found '%.*s'",
			SHOWN(type));
}

enum err cedar_mapping_read(const struct reader *r, const struct value *document,
			    const struct cedar_mapping **ret, const struct value **at)
{
	const struct value *object;
	struct cedar_mapping *m;
	int choice;

	*ret = NULL;
	TRY(member_of(r, document, "cedar", VALUE_OBJECT, "a mapping of keys", &object));
	*at = object;
	if (!object)
		return OK;
	TRY(members_known(r, object, keys, "cedar mapping"));
	m = arena_alloc(r->memory, sizeof(*m));
	if (!m)
		return ERR_MEMORY;
	*m = cedar_mapping_default;
	TRY(read_type(r, object, "principal", &m->principal));
	TRY(read_type(r, object, "action", &m->action));
	TRY(read_type(r, object, "resource", &m->resource));
	TRY(read_type(r, object, "tool", &m->tool));
	TRY(check_action(r, object, m->action));
	TRY(member_choice(r, object, "error_in_forbid", error_choices, &choice));
	m->error_denies = choice == 1;
	*ret = m;
	return OK;
}
