/* usage: help for one command, or a list of them, as text or as lines of JSON. */
#include "tui/usage.h"

#include "tui/command_words.h"
#include "tui/option_words.h"
#include "tui/print.h"

static void add_usage(struct buf *b, const struct command *c)
{
	buf_add_c(b, "usage: trammel ");
	command_name_write(b, c);
	if (c->arguments[0])
		buf_addf(b, " %s", c->arguments);
	buf_add_c(b, " [options]\n\n");
	buf_addf(b, "%s\n", c->summary);
	if (c->text)
		buf_addf(b, "\n%s\n", c->text);
	buf_add_c(b, "\noptions:\n");
	for (unsigned o = 0; o < OPTIONS; o++) {
		struct option_row row = option_row_of(c, (enum option)o);
		char left[40];

		if (!((c->options | OPTIONS_OF_ALL) & OPT(o)))
			continue;
		(void)snprintf(left, sizeof(left), "%c%c%c --%s%s%s", row.letter ? '-' : ' ',
			       row.letter ? row.letter : ' ', row.letter ? ',' : ' ', row.name,
			       row.value ? " " : "", row.value ? row.value : "");
		buf_addf(b, "  %-24s %s\n", left, row.help);
	}
}

/* One command as a line of JSON; what --help --json answers with. */
static void add_command_json(struct buf *b, const struct command *c)
{
	struct option_row row;
	struct buf name;

	buf_init(&name, 256);
	command_name_write(&name, c);
	buf_add_byte(b, '{');
	json_text(b, "command", buf_view(&name));
	json_text(b, "arguments", str_view(c->arguments));
	json_text(b, "summary", str_view(c->summary));
	json_key(b, "options");
	buf_add_byte(b, '[');
	for (unsigned o = 0; o < OPTIONS; o++) {
		if (!((c->options | OPTIONS_OF_ALL) & OPT(o)))
			continue;
		buf_add_c(b, b->ptr[b->len - 1] == '[' ? "{" : ",{");
		row = option_row_of(c, (enum option)o);
		json_text(b, "name", str_view(row.name));
		json_text(b, "value", row.value ? str_view(row.value) : STR_NONE);
		json_text(b, "help", str_view(row.help));
		buf_add_byte(b, '}');
	}
	buf_add_c(b, "]}\n");
	buf_fini(&name);
}

/* All commands, or those of one group. */
static void add_overview(struct buf *b, const char *group)
{
	if (!group)
		buf_add_c(b, "trammel: a flight recorder for governed AI agents\n\n");
	buf_add_c(b, "commands:\n");
	for (size_t i = 0; i < command_count; i++) {
		char left[40];

		if (!command_in_group(&commands[i], group))
			continue;
		(void)snprintf(left, sizeof(left), "%s%s%s %s",
			       commands[i].group ? commands[i].group : "",
			       commands[i].group ? " " : "", commands[i].name,
			       commands[i].arguments);
		buf_addf(b, "  %-24s %s\n", left, commands[i].summary);
	}
	if (group)
		return;
	buf_add_c(b, "\nEvery command takes --json and --help. Exit status: 0 yes, 1 no (denied,\n"
		     "diverged), 2 usage, 3 could not be decided, 4 evidence tampered, 5 input\n"
		     "missing or malformed, 6 the recording lacks an answer, 7 a limit was hit.\n");
}

int usage_print(const struct invocation *in, const struct command *c, const char *group)
{
	struct buf b;

	buf_init(&b, 1u << 16);
	for (size_t i = 0; json_wanted(in) && i < command_count; i++)
		if (c ? c == &commands[i] : command_in_group(&commands[i], group))
			add_command_json(&b, &commands[i]);
	if (!json_wanted(in) && c)
		add_usage(&b, c);
	else if (!json_wanted(in))
		add_overview(&b, group);
	return print_end(in, &b);
}
