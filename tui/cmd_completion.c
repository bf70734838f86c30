/* cmd_completion: trammel completion bash, from the rows that parsing uses */
#include <string.h>

#include "tui/command_words.h"
#include "tui/option_words.h"
#include "tui/print.h"

static void add_first_words(struct buf *b)
{
	for (size_t i = 0; i < command_count; i++)
		if (command_is_first(i))
			buf_addf(b, "%s ",
				 commands[i].group ? commands[i].group : commands[i].name);
}

/* Does this word of a usage line stand for a file or a folder? */
static bool is_file(const char *value)
{
	return strstr(value, "FILE") || strstr(value, "DIR") || strstr(value, "PATH") ||
	       strstr(value, "VKEY") || strstr(value, "OLD");
}

/* Behind an option there is its value and nothing else. */
static void add_option_cases(struct buf *b)
{
	for (unsigned o = 0; o < OPTIONS; o++) {
		if (!option_rows[o].value)
			continue;
		buf_addf(b, "\t--%s", option_rows[o].name);
		if (option_rows[o].letter)
			buf_addf(b, " | -%c", option_rows[o].letter);
		if (is_file(option_rows[o].value))
			buf_add_c(b, ") files=1 ;;\n");
		else
			buf_addf(b, ") words='%s' ;;\n", option_rows[o].choices);
	}
}

/* What may follow a command: words its argument may be, files, options. */
static void add_case(struct buf *b, const struct command *c)
{
	buf_add_c(b, "\t\"");
	command_name_write(b, c);
	buf_add_c(b, " \"*) words='");
	if (c->run == cmd_help)
		add_first_words(b);
	if (c->run == cmd_completion)
		buf_addf(b, "%s ", c->arguments);
	buf_add_c(b, "' options='");
	for (unsigned o = 0; o < OPTIONS; o++)
		if ((c->options | OPTIONS_OF_ALL) & OPT(o))
			buf_addf(b, "--%s ", option_rows[o].name);
	buf_addf(b, "'%s ;;\n", is_file(c->arguments) ? " files=1" : "");
}

/*
 * Words that may follow, as bash wants them, from the table's own rows. Options come where nothing
 * else can, or where a dash was typed.
 */
static void add_completion(struct buf *b)
{
	buf_add_c(b, "_trammel() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words= options= files=\n"
		     "\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n");
	add_option_cases(b);
	buf_add_c(b, "\t*) case \"${COMP_WORDS[*]:1:COMP_CWORD-1} \" in\n");
	for (size_t i = 0; i < command_count; i++)
		add_case(b, &commands[i]);
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i].group || !command_is_first(i))
			continue;
		buf_addf(b, "\t\"%s \"*) words='", commands[i].group);
		command_members_write(b, commands[i].group, " ");
		buf_add_c(b, "' ;;\n");
	}
	buf_add_c(b, "\t*) words='");
	add_first_words(b);
	buf_add_c(b, "' ;;\n\tesac ;;\n\tesac\n"
		     "\t[[ $words$files && $cur != -* ]] || words+=$options files=\n"
		     "\tif [[ $files ]]; then\n"
		     "\t\tcompopt -o filenames 2>/dev/null\n"
		     "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
		     "\telse\n"
		     "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		     "\tfi\n}\n"
		     "complete -F _trammel trammel\n");
}

int cmd_completion(const struct invocation *in)
{
	struct buf b, json;

	if (!str_is(str_view(in->args[0]), "bash"))
		return command_refuse(in, "there is no completion for ", in->args[0],
				      "; expected bash", NULL);
	buf_init(&b, 1u << 16);
	add_completion(&b);
	if (!json_wanted(in))
		return print_end(in, &b);
	buf_init(&json, 1u << 17);
	buf_add_byte(&json, '{');
	json_text(&json, "shell", STR("bash"));
	json_text(&json, "script", buf_view(&b));
	buf_add_c(&json, "}\n");
	buf_fini(&b);
	return print_end(in, &json);
}
