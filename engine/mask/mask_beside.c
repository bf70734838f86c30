/*
 * mask_beside: names that stand beside their values instead of over them.
 *
 *   ["mysql", "--password", "hunter2"]           an option, and what follows it
 *   {"name": "DB_PASSWORD", "value": "..."}      a pair as an object: Kubernetes, HAR
 *   ["Authorization", "Bearer ..."]              a pair as a list
 *
 * Names are those of members (mask_name). What is asked about must not be masked yet, or an option
 * that was taken for a password would no longer tell of what follows it.
 */
#include "engine/mask/inside.h"

/* A longer text that ends like a name is prose: ["I lost my password", "..."]. */
#define NAME_BYTES 64

/* -x, -name, --name, and nothing more: what has a sign is seen within the text. */
static bool is_option(struct str s)
{
	if (s.len < 2 || s.len > NAME_BYTES || s.ptr[0] != '-')
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_word(s.ptr[i]) && !strchr("-_.", s.ptr[i]))
			return false;
	return true;
}

bool beside_is_login(struct str before)
{
	return str_is(before, "-u") || str_is(before, "-U") || str_is(before, "--user") ||
	       str_is(before, "--proxy-user");
}

struct str beside_item(const struct mask *m, const struct value_list *list, size_t index,
		       struct str before)
{
	bool pair = list->count == 2 && index == 1 && before.len <= NAME_BYTES &&
		    list->items[1].kind == VALUE_STRING;

	return before.ptr && (pair || is_option(before)) ? name_kind(m, before, false) : STR_NONE;
}

/* ECS and CloudFormation write Name and Value. */
static bool is_one_of(struct str key, const char *const *words)
{
	for (; *words; words++) {
		size_t i = 0;

		while (i < key.len && (*words)[i] && lower(key.ptr[i]) == (*words)[i])
			i++;
		if (i == key.len && !(*words)[i])
			return true;
	}
	return false;
}

struct str beside_members(const struct mask *m, const struct value_object *object)
{
	static const char *const names[] = { "name", "key", "header", "field", NULL };
	struct str kind = STR_NONE;

	for (size_t i = 0; i < object->count && !kind.ptr; i++) {
		const struct member *member = &object->members[i];

		if (member->value.kind == VALUE_STRING && is_one_of(member->key, names))
			kind = name_kind(m, member->value.string, false);
	}
	return kind;
}

bool beside_is_value(struct str key)
{
	static const char *const values[] = { "value", "val", NULL };

	return is_one_of(key, values);
}
