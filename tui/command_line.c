/* command_line: parsing a command line against the table, and running what it asks for. */
#include <string.h>

#include "engine/base/world_real.h"
#include "engine/crypto/crypto.h"
#include "tui/command_words.h"
#include "tui/option_words.h"
#include "tui/print.h"
#include "tui/usage.h"

/* The option a word names; its value may be in the word: --dir=DIR, -CDIR. */
static enum option option_of(const char *word, const char **value)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	for (unsigned o = 0; o < OPTIONS; o++) {
		*value = equals ? equals + 1 : NULL;
		if (word[1] == '-' &&
		    str_eq(str_slice(word + 2, len - 2), str_view(option_rows[o].name)))
			return (enum option)o;
		*value = word[2] ? word + 2 : NULL;
		if (word[1] != '-' && word[1] == option_rows[o].letter)
			return (enum option)o;
	}
	return OPTIONS;
}

static const char *option_suggestion(const char *word, option_set allowed)
{
	const char *names[OPTIONS + 1];
	size_t count = 0;

	for (unsigned o = 0; o < OPTIONS; o++)
		if (allowed & OPT(o))
			names[count++] = option_rows[o].name;
	names[count] = NULL;
	return word[1] == '-' ? str_nearest(str_view(word + 2), names) : NULL;
}

/* Options and arguments in any order; "--" ends options, "-" is an argument. The exit status. */
static int parse(struct invocation *in, int argc, char **argv)
{
	option_set allowed = in->command->options | OPTIONS_OF_ALL;
	bool options_end = false;

	for (int i = 0; i < argc; i++) {
		const char *word = argv[i], *value;
		enum option o;

		if (options_end || word[0] != '-' || word[1] == '\0') {
			if (in->arg_count == in->command->max_args)
				return command_refuse(in, "", word, " is one argument too many",
						      NULL);
			in->args[in->arg_count++] = word;
			continue;
		}
		if (str_is(str_view(word), "--")) {
			options_end = true;
			continue;
		}
		o = option_of(word, &value);
		if (o == OPTIONS || !(allowed & OPT(o)))
			return command_refuse(in, "there is no option ", word, " here",
					      option_suggestion(word, allowed));
		if (given(in, o))
			return command_refuse(in, "option ", word, " is given twice", NULL);
		if (!option_rows[o].value && value)
			return command_refuse(in, "option ", word, " takes no value", NULL);
		if (option_rows[o].value && !value && ++i < argc)
			value = argv[i];
		if (option_rows[o].value && (!value || !value[0]))
			return command_refuse(in, "option ", word, " needs a value", NULL);
		in->values[o] = value ? value : "";
	}
	if (!given(in, OPT_HELP) && in->arg_count < in->command->min_args)
		return command_refuse(in, "expected ", in->command->arguments,
				      " behind the command", NULL);
	return 0;
}

static bool asks_for_help(const char *word)
{
	return word && (str_is(str_view(word), "--help") || str_is(str_view(word), "-h"));
}

/* "trammel --help", "trammel log --help" and "trammel --version": what needs no command. */
static const char *const *shorthand(int argc, char **argv)
{
	static const char *const help[] = { "help", NULL }, *const version[] = { "version", NULL };

	if (asks_for_help(argv[1]) ||
	    (argc == 3 && command_is_group(argv[1]) && asks_for_help(argv[2])))
		return help;
	return argc == 2 && str_is(str_view(argv[1]), "--version") ? version : NULL;
}

/* What the rooms below say to people. */
static void talk(void *self, int level, struct str text)
{
	(void)self;
	(void)level;
	print_talk("trammel: %.*s", STR_ARG(text));
}

int command_main(int argc, char **argv)
{
	const struct say say = { .line = talk, .level = SAY_INFO };
	struct world world = world_real();
	struct invocation in = { .world = &world };
	const struct note none = { .text = "" };
	const char *const *instead = argc > 1 ? shorthand(argc, argv) : NULL;
	int used, status = 0;

	world.say = &say;
	if (argc < 2)
		return command_refuse(&in, "expected a ", "command", "", NULL);
	in.command = command_find(instead ? instead[0] : argv[1], argc > 2 ? argv[2] : NULL, &used);
	if (!in.command)
		return command_unknown(&in, argv[1], argc > 2 ? argv[2] : NULL);
	if (instead && command_is_group(argv[1]))
		in.args[in.arg_count++] = argv[1];
	else if (!instead)
		status = parse(&in, argc - 1 - used, argv + 1 + used);
	if (status != 0)
		return status;
	if (given(&in, OPT_HELP))
		return usage_print(&in, in.command, NULL);
	if (crypto_start() != OK)
		return print_error(&in, ERR_CRYPTO, &none);
	return in.command->run(&in);
}
