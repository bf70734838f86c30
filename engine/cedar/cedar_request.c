/*
 * cedar_request: does a request conform to a schema?
 *
 * A policy that was validated cannot fail for want of a type, but only in requests that conform.
 * Source: docs.cedarpolicy.com/auth/validate-request.html, RFC 53 (enumerations).
 */
#include "engine/cedar/declared.h"

/* Declared, and when its type is an enumeration, one of it. */
static enum err check_entity(const struct cedar_schema *s, const struct cedar_uid *uid,
			     const char *what, struct note *n)
{
	const struct cedar_entity_type *type = cedar_schema_type(s, uid->type);
	struct cedar_guess guess;

	if (!type)
		return note_set(n, ERR_UNKNOWN, 0, 0,
				"the %s is of the type '%.*s', which the schema does not declare",
				what, SHOWN(uid->type));
	if (!type->enumeration || cedar_schema_lists(type->ids, type->id_count, uid->id))
		return OK;
	cedar_guess_init(&guess, uid->id);
	for (size_t i = 0; i < type->id_count && guess.shown < CEDAR_GUESSES; i++)
		cedar_guess_show(&guess, type->ids[i]);
	if (guess.best.ptr)
		return note_set(
			n, ERR_UNKNOWN, 0, 0,
			"the %s: the enumeration '%.*s' has no \"%.*s\"; did you mean \"%.*s\"?",
			what, SHOWN(uid->type), SHOWN(uid->id), SHOWN(guess.best));
	return note_set(n, ERR_UNKNOWN, 0, 0, "the %s: the enumeration '%.*s' has no \"%.*s\"",
			what, SHOWN(uid->type), SHOWN(uid->id));
}

static enum err check_type(const struct cedar_action *action, const struct cedar_uid *uid,
			   const struct str *types, size_t count, const char *what, struct note *n)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(types[i], uid->type))
			return OK;
	return note_set(n, ERR_TYPE, 0, 0,
			"the action \"%.*s\" does not apply to a %s of type '%.*s'",
			SHOWN(action->uid.id), what, SHOWN(uid->type));
}

/* Entities of enumerations anywhere in the context. Values nest as deep as JSON at most. */
static enum err check_value(const struct cedar_schema *s, const struct cedar_value *v,
			    struct note *n)
{
	if (v->kind == CEDAR_ENTITY && !cedar_schema_type(s, v->uid.type))
		return OK;
	if (v->kind == CEDAR_ENTITY)
		return check_entity(s, &v->uid, "context", n);
	for (size_t i = 0; v->kind == CEDAR_SET && i < v->set.count; i++)
		TRY(check_value(s, &v->set.items[i], n));
	for (size_t i = 0; v->kind == CEDAR_RECORD && i < v->record.count; i++)
		TRY(check_value(s, &v->record.attrs[i].value, n));
	return OK;
}

enum err cedar_request_check(const struct cedar_request *r, const struct cedar_schema *s,
			     struct note *n)
{
	const struct cedar_action *action = cedar_schema_action(s, &r->action);

	TRY(check_entity(s, &r->principal, "principal", n));
	TRY(check_entity(s, &r->resource, "resource", n));
	if (!action)
		return note_set(n, ERR_UNKNOWN, 0, 0, "the schema has no action %.*s::\"%.*s\"",
				SHOWN(r->action.type), SHOWN(r->action.id));
	TRY(check_type(action, &r->principal, action->principals, action->principal_count,
		       "principal", n));
	TRY(check_type(action, &r->resource, action->resources, action->resource_count, "resource",
		       n));
	if (!cedar_value_fits(r->context, action->context))
		return note_set(n, ERR_TYPE, 0, 0,
				"the context is not of the type that the action \"%.*s\" declares",
				SHOWN(r->action.id));
	return check_value(s, r->context, n);
}
