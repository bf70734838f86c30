/*
 * cedar_declared: where the readers of schemas put what they read.
 *
 * Names that would hide the language's own are refused here, where the place is known: common types
 * named like the types of the JSON format, entity types named Action, namespaces in __cedar.
 * Source: docs.cedarpolicy.com/schema, "Namespace" and "Common types"; RFC 52, names with __cedar.
 */
#include "engine/cedar/declared.h"

/* What "type" means in the JSON format before any common type does. */
static const char *const kept_types[] = {
	"Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String",
};

static const struct builtin {
	const char *name;
	enum cedar_type_kind kind;
} builtins[] = {
	{ "Bool", TYPE_BOOL }, { "Long", TYPE_LONG }, { "String", TYPE_STRING },
	{ "ipaddr", TYPE_IP }, { "decimal", TYPE_DECIMAL },
	{ "datetime", TYPE_DATETIME }, { "duration", TYPE_DURATION },
};

bool cedar_builtin_type(struct str name, enum cedar_type_kind *ret)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (str_is(name, builtins[i].name)) {
			*ret = builtins[i].kind;
			return true;
		}
	return false;
}

enum err cedar_full_name(struct arena *memory, struct str space, struct str name, struct str *ret)
{
	size_t before = space.len ? space.len + 2 : 0;
	char *text = arena_array(memory, before + name.len + 1, 1);

	if (!text)
		return ERR_MEMORY;
	if (before) {
		memcpy(text, space.ptr, space.len);
		memcpy(text + space.len, "::", 2);
	}
	if (name.len)
		memcpy(text + before, name.ptr, name.len);
	*ret = str_slice(text, before + name.len);
	return OK;
}

void cedar_declared_init(struct cedar_declared *d, struct arena *memory, struct note *n)
{
	*d = (struct cedar_declared){ .memory = memory, .note = n };
	d->root.end = &d->root.first;
	d->last = &d->root;
}

enum err cedar_declare_space(struct cedar_declared *d, struct str name, struct cedar_place place,
			     struct cedar_declared_space **ret)
{
	struct cedar_declared_space *space;

	if (str_is(name, "__cedar") || str_starts(name, STR("__cedar::")))
		return note_set(d->note, ERR_SYNTAX, place.line, place.column,
				"the namespace __cedar is the language's own");
	space = arena_alloc(d->memory, sizeof(*space));
	if (!space)
		return ERR_MEMORY;
	space->name = name;
	space->place = place;
	space->end = &space->first;
	d->last->next = space;
	d->last = space;
	*ret = space;
	return OK;
}

enum err cedar_declare(struct cedar_declared *d, struct cedar_declared_space *space,
		       const struct cedar_declaration *decl)
{
	struct cedar_declaration *copy;

	if (decl->what == DECLARES_ENTITY && str_is(decl->name, "Action"))
		return note_set(d->note, ERR_SYNTAX, decl->place.line, decl->place.column,
				"Action is the type of actions; call the entity type otherwise");
	for (size_t i = 0; i < sizeof(kept_types) / sizeof(kept_types[0]); i++)
		if (decl->what == DECLARES_TYPE && str_is(decl->name, kept_types[i]))
			return note_set(d->note, ERR_SYNTAX, decl->place.line, decl->place.column,
					"'%s' is a type of the language; call the type otherwise",
					kept_types[i]);
	copy = arena_alloc(d->memory, sizeof(*copy));
	if (!copy)
		return ERR_MEMORY;
	*copy = *decl;
	*space->end = copy;
	space->end = &copy->next;
	return OK;
}
