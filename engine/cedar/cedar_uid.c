/*
 * cedar_uid: names of entities.
 *
 * Sources: docs.cedarpolicy.com, "Policy syntax" for Type::"id", "Entities and context JSON" for
 * {"__entity": {"type", "id"}}, whose wrapper may be left out.
 */
#include "engine/cedar/inside.h"

bool cedar_uid_eq(const struct cedar_uid *a, const struct cedar_uid *b)
{
	return str_eq(a->id, b->id) && str_eq(a->type, b->type);
}

/* By type first: what is of one type lies together. */
int cedar_uid_cmp(const struct cedar_uid *a, const struct cedar_uid *b)
{
	int order = str_cmp(a->type, b->type);

	return order ? order : str_cmp(a->id, b->id);
}

void cedar_uid_write(struct buf *b, const struct cedar_uid *uid)
{
	buf_add(b, uid->type);
	buf_add_c(b, "::");
	cedar_string_write(b, uid->id);
}

/* By the grammar of policies, so blanks, comments and escapes are as there. */
enum err cedar_uid_read(struct str text, struct arena *a, struct cedar_uid *ret, struct note *n)
{
	struct cedar_parser p;
	struct cedar_uid uid;

	TRY(cedar_grammar_init(&p, text, a, n));
	TRY(cedar_grammar_uid(&p, &uid));
	if (p.now.kind != CEDAR_END)
		return cedar_grammar_unexpected(&p, "nothing after the entity");
	*ret = uid;
	return OK;
}

/* Nothing but type and id: a third member is a misunderstanding, and entities decide. */
enum err cedar_uid_read_json(const struct value *json, struct arena *memory, struct cedar_uid *ret,
			     struct note *n)
{
	const struct value *inner = value_get_c(json, "__entity");
	const struct value *object = inner && json->object.count == 1 ? inner : json;
	struct str type = value_text(object, "type"), id = value_text(object, "id");

	if (!type.ptr || !id.ptr || object->object.count != 2)
		return note_set(n, ERR_TYPE, object->line, object->column,
				"found %s, expected an entity: "
				"{\"type\": \"User\", \"id\": \"ann\"}",
				object->kind == VALUE_OBJECT ? "other members"
							     : value_kind_name(object->kind));
	if (!cedar_path_ok(type))
		return note_set(n, ERR_SYNTAX, object->line, object->column,
				"'%.*s' is not the name of an entity type", SHOWN(type));
	TRY(arena_copy(memory, type, &ret->type));
	return arena_copy(memory, id, &ret->id);
}
