/* sequence_read: the names a policy declares, under its keys `labels` and `events`. */
#include "engine/policy/sequence_parts.h"

static const char *const label_keys[] = {
	"name", "description", "stage", "tools", "condition", NULL,
};
static const char *const event_keys[] = {
	"name", "description", "stage", "tools", "condition", "of", NULL,
};
static const char *const texts[] = { "description", NULL };

static bool letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* What can stand in a condition: letters, digits and '_', and '-' between letters. */
static bool name_ok(struct str name)
{
	if (name.len == 0 || name.len > LIMIT_EVENT_NAME_BYTES ||
	    (name.ptr[0] >= '0' && name.ptr[0] <= '9'))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		bool inner = i > 0 && i + 1 < name.len;

		if (!letter_or_digit(name.ptr[i]) && !(inner && name.ptr[i] == '-'))
			return false;
	}
	return true;
}

static enum err take_name(const struct reader *r, const struct value *object, const char *owner,
			  const struct declared *list, size_t count, struct declared *ret)
{
	const struct value *v;
	struct str name;

	TRY(member_name(r, object, owner, false, &name));
	v = value_get_c(object, "name");
	if (!name_ok(name))
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'%.*s' is no name for this; expected at most %d letters, digits, "
				"'_', and '-' inside, like looked-up",
				SHOWN(name), LIMIT_EVENT_NAME_BYTES);
	for (size_t i = 0; i < count; i++) {
		if (!str_is(name, list[i].name))
			continue;
		if (!list[i].file.ptr)
			return note_set(r->note, ERR_DUPLICATE, v->line, v->column,
					"'%s' is built in: a human's approval of the session",
					list[i].name);
		return note_set(r->note, ERR_DUPLICATE, v->line, v->column,
				"%s '%s' is declared in %.*s already", owner, list[i].name,
				SHOWN(list[i].file));
	}
	memcpy(ret->name, name.ptr, name.len);
	ret->name[name.len] = '\0';
	ret->file = r->file;
	return OK;
}

/* The path whose value matters. */
static enum err read_of(const struct reader *r, const struct value *object,
			enum policy_stage stage, uint32_t *ret)
{
	struct note local, *n = r->note ? r->note : &local;
	const struct value *v;
	enum err e;

	TRY(member_of(r, object, "of", VALUE_STRING, "a path like args.reservation_id", &v));
	if (!v)
		return OK;
	*n = (struct note){ .text = "" };
	e = expr_path(v->string, stage, r->slots, r->memory, ret, n);
	if (e != OK)
		member_place(r, v, "path", n);
	return e;
}

static enum err read_one(const struct reader *r, const struct value *object, bool event,
			 const struct declared *list, size_t count, struct declared *ret)
{
	const char *owner = event ? "event" : "label";
	struct declared d = { .key = 0 };

	if (object->kind != VALUE_OBJECT)
		return note_set(r->note, ERR_TYPE, object->line, object->column,
				"%s %s is a mapping of keys; found %s", event ? "an" : "a", owner,
				value_kind_name(object->kind));
	TRY(members_known(r, object, event ? event_keys : label_keys, owner));
	TRY(take_name(r, object, owner, list, count, &d));
	TRY(members_are_strings(r, object, texts));
	if (!value_get_c(object, "tools"))
		return note_set(r->note, ERR_SYNTAX, object->line, object->column,
				"%s '%s' has no 'tools'; write [\"*\"] for every tool", owner,
				d.name);
	TRY(rules_read_stage(r, object, &d.stage));
	TRY(rules_read_when(r, object, d.stage, &d.when));
	if (event)
		TRY(read_of(r, object, d.stage, &d.key));
	*ret = d;
	return OK;
}

static enum err read_list(const struct reader *r, const struct value *list, bool event)
{
	struct sequence *q = r->slots->sequence;
	struct declared *declared = event ? q->events : q->labels;
	size_t *count = event ? &q->names.event_count : &q->names.label_count;
	size_t limit = event ? LIMIT_EVENTS + 1 : LIMIT_LABELS;

	for (size_t i = 0; i < list->list.count; i++) {
		const struct value *item = &list->list.items[i];

		if (*count == limit)
			return note_set(r->note, ERR_LIMIT, item->line, item->column,
					"the bundle declares more than %d %s",
					event ? LIMIT_EVENTS : LIMIT_LABELS,
					event ? "events" : "labels");
		TRY(read_one(r, item, event, declared, *count, &declared[*count]));
		++*count;
	}
	return OK;
}

enum err sequence_read(const struct reader *r, const struct value *document)
{
	const struct value *labels, *events;

	TRY(member_of(r, document, "labels", VALUE_LIST, "a list of labels", &labels));
	TRY(member_of(r, document, "events", VALUE_LIST, "a list of events", &events));
	if (labels)
		TRY(read_list(r, labels, false));
	return events ? read_list(r, events, true) : OK;
}
