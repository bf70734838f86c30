/* command_words: finding a command in the table, and saying what is wrong with what was typed. */
#include "tui/command_words.h"

#include "tui/print.h"

#define WORDS_MAX 64

bool command_in_group(const struct command *c, const char *group)
{
	return !group || (c->group && str_is(str_view(group), c->group));
}

bool command_is_first(size_t i)
{
	return !commands[i].group || i == 0 ||
	       !command_in_group(&commands[i - 1], commands[i].group);
}

void command_name_write(struct buf *b, const struct command *c)
{
	buf_addf(b, "%s%s%s", c->group ? c->group : "", c->group ? " " : "", c->name);
}

const struct command *command_find(const char *first, const char *second, int *used)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		*used = c->group ? 2 : 1;
		if (!c->group && str_is(str_view(first), c->name))
			return c;
		if (c->group && second && str_is(str_view(first), c->group) &&
		    str_is(str_view(second), c->name))
			return c;
	}
	return NULL;
}

bool command_is_group(const char *word)
{
	for (size_t i = 0; i < command_count; i++)
		if (commands[i].group && str_is(str_view(word), commands[i].group))
			return true;
	return false;
}

void command_members_write(struct buf *b, const char *group, const char *between)
{
	const char *comma = "";

	for (size_t i = 0; i < command_count; i++) {
		if (!command_in_group(&commands[i], group))
			continue;
		buf_addf(b, "%s%s", comma, commands[i].name);
		comma = between;
	}
}

/* Names to suggest from: single commands and groups, or the commands of one group. */
static const char *suggestion(const char *word, const char *group)
{
	const char *names[WORDS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		if (group ? !command_in_group(c, group) : !command_is_first(i))
			continue;
		MUST(count + 1 < WORDS_MAX);
		names[count++] = group || !c->group ? c->name : c->group;
	}
	names[count] = NULL;
	return str_nearest(str_view(word), names);
}

int command_refuse(const struct invocation *in, const char *before, const char *word,
		   const char *after, const char *near)
{
	struct note n = { .text = "" };

	(void)note_set(&n, ERR_USAGE, 0, 0, "%s'%s'%s", before, word, after);
	(void)print_error(in, ERR_USAGE, &n);
	if (near)
		print_talk("trammel: did you mean '%s%s'?", word[0] == '-' ? "--" : "", near);
	if (in->command)
		print_talk("trammel: see 'trammel help %s%s%s'",
			   in->command->group ? in->command->group : "",
			   in->command->group ? " " : "", in->command->name);
	else
		print_talk("trammel: see 'trammel help'");
	return err_exit(ERR_USAGE);
}

/* The word behind a group names none of its commands. */
static int refuse_member(const struct invocation *in, const char *group, const char *word)
{
	struct buf after;
	int status;

	buf_init(&after, 4096);
	if (word)
		buf_addf(&after, " is not a command of '%s'; expected ", group);
	else
		buf_add_c(&after, " is followed by ");
	command_members_write(&after, group, ", ");
	buf_add_byte(&after, '\0');
	status = command_refuse(in, "", word ? word : group, after.err == OK ? after.ptr : "",
				word ? suggestion(word, group) : NULL);
	buf_fini(&after);
	return status;
}

int command_unknown(const struct invocation *in, const char *first, const char *second)
{
	if (command_is_group(first))
		return refuse_member(in, first, second);
	if (first[0] == '-')
		return command_refuse(in, "", first,
				      " stands before the command; options come behind it", NULL);
	return command_refuse(in, "there is no command ", first, "", suggestion(first, NULL));
}
