/*
 * command_rules: the key `commands` of a policy file.
 *
 *   commands:
 *     - {tools: [shell.run], of: args.command, deny: [curl, wget], allow: [git, ls]}
 *     - {tools: [shell.run], of: args.command, deny: [curl], from: [/usr/bin, /bin]}
 */
#include "engine/policy/curb_parts.h"

static const char *const keys[] = { "agents", "tools", "of", "deny", "allow", "from", NULL };

/* Names of programs, without folders. */
static enum err read_names(const struct reader *r, const struct value *object, const char *key,
			   struct command_names *ret)
{
	const struct value *v;
	struct str *list;

	TRY(member_strings(r, object, key, "which says nothing; leave the key out", &v));
	ret->given = v != NULL;
	if (!v)
		return OK;
	list = arena_array(r->memory, v->list.count, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value *item = &v->list.items[i];

		if (memchr(item->string.ptr, '/', item->string.len) ||
		    memchr(item->string.ptr, ' ', item->string.len) ||
		    memchr(item->string.ptr, '*', item->string.len))
			return note_set(r->note, ERR_SYNTAX, item->line, item->column,
					"'%.*s' is no name of a command; expected one like curl, "
					"without folder, argument or pattern",
					SHOWN(item->string));
		list[i] = item->string;
	}
	ret->list = list;
	ret->count = v->list.count;
	return OK;
}

/* The folders in which programs lie. */
static enum err read_folders(const struct reader *r, const struct value *object,
			     struct command_names *ret)
{
	TRY(curb_folders_read(r, object, "from", "so that no program could be found", &ret->list,
			      &ret->count));
	ret->given = ret->list != NULL;
	return OK;
}

static enum err read_rule(const struct reader *r, const struct value *object,
			  struct command_rule *ret)
{
	const struct value *of;

	TRY(members_known(r, object, keys, "rule of commands"));
	TRY(curb_read(r, object, &ret->curb));
	TRY(member_of(r, object, "of", VALUE_STRING, "a path like args.command", &of));
	if (!of || !ret->curb.tools.count)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"this rule of commands has no '%s'; expected {tools: [shell.run], "
				"of: args.command, deny: [curl]}",
				of ? "tools" : "of");
	TRY(curb_path_read(r, of, "of", &ret->path));
	TRY(read_names(r, object, "deny", &ret->deny));
	TRY(read_names(r, object, "allow", &ret->allow));
	TRY(read_folders(r, object, &ret->from));
	if (!ret->deny.given && !ret->allow.given)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"this rule of commands has neither 'deny' nor 'allow'");
	return OK;
}

enum err command_rules_read(const struct reader *r, const struct value *document,
			    uint32_t number, struct curbs *ret)
{
	struct command_rule *rules;
	const struct value *list;

	TRY(curb_list_read(r, document, "commands", "a list of rules of commands", &list));
	if (!list)
		return OK;
	rules = arena_array(r->memory, list->list.count, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++) {
		rules[i] = (struct command_rule){ .document = number };
		TRY(read_rule(r, &list->list.items[i], &rules[i]));
	}
	ret->commands = rules;
	ret->command_count = list->list.count;
	return OK;
}

/* --- asking --- */

static bool names(const struct command_names *list, struct str base, struct str *ret)
{
	for (size_t i = 0; i < list->count; i++)
		if (shell_is(base, list->list[i])) {
			*ret = list->list[i];
			return true;
		}
	return false;
}

/* Exactly so: `allow: [python]` is not python9. */
static bool lists(const struct command_names *list, struct str base)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(base, list->list[i]))
			return true;
	return false;
}

size_t bundle_commands(const struct bundle *b)
{
	const struct curbs *all = bundle_plan(b)->curbs;

	return all ? all->command_count : 0;
}

bool bundle_command_holds(const struct bundle *b, size_t number, struct str agent,
			  struct str tool)
{
	const struct plan *p = bundle_plan(b);
	const struct command_rule *rule = &p->curbs->commands[number];

	return curb_holds(p, &rule->curb, rule->document, agent, tool);
}

const struct value *bundle_command_text(const struct bundle *b, size_t number,
					const struct value *args)
{
	const struct plan *p = bundle_plan(b);

	return curb_argument(p, p->curbs->commands[number].path, args);
}

const struct str *bundle_command_folders(const struct bundle *b, size_t number, size_t *count)
{
	const struct command_rule *rule = &bundle_plan(b)->curbs->commands[number];

	*count = rule->from.count;
	return rule->from.list;
}

bool bundle_command_passes(const struct bundle *b, size_t number, struct str base,
			   struct str *matched)
{
	const struct command_rule *rule = &bundle_plan(b)->curbs->commands[number];

	*matched = STR_NONE;
	return !names(&rule->deny, base, matched) &&
	       (!rule->allow.given || lists(&rule->allow, base));
}
