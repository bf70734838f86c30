/* command: parsing a command line against the table, usage, completion. */
#include "tui/command.h"

#include <stdlib.h>

#include "engine/base/world_real.h"
#include "engine/crypto/crypto.h"
#include "tui/print.h"

#define WORDS_MAX 64
#define COMMON (OPT(OPT_JSON) | OPT(OPT_HELP))

static const struct option_row {
	const char *name;
	char letter;
	const char *value, *help;
} options[OPTIONS] = {
#define OPTION_ROW(id, name, letter, value, help) [id] = { name, letter, value, help },
	OPTION_LIST(OPTION_ROW)
#undef OPTION_ROW
};

const struct command commands[] = {
	{ NULL, "init", "DIR", 1, 1, OPT(OPT_ORIGIN), cmd_init,
	  "make a workspace: keys, a policy that denies by default, an empty signed log", NULL },
	{ NULL, "check", "[FILE]", 0, 1, OPT(OPT_DIR) | OPT(OPT_BATCH), cmd_check,
	  "decide one action (or JSONL with --batch) and record it",
	  "Reads an action document from FILE or standard input and answers with one JSON line.\n"
	  "Exit status 0: allowed, 1: denied. {\"outcome_of\": N, \"result\": ...} records what came of action N." },
	{ NULL, "import", "FILE", 1, 1, OPT(OPT_DIR) | OPT(OPT_FORMAT) | OPT(OPT_AGENT) | OPT(OPT_KEY_FILE), cmd_import,
	  "take recorded agent runs through the gate", "FILE \"-\" is standard input. A file that breaks off or is malformed "
	  "leaves the workspace as it was." },
	{ "log", "verify", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_VKEY), cmd_log_verify,
	  "recompute size, root, tiles and signature of the log", NULL },
	{ "log", "prove", "N", 1, 1, OPT(OPT_DIR), cmd_log_prove,
	  "write an offline proof (C2SP tlog-proof) that entry N is in the log", NULL },
	{ "log", "check-proof", "FILE", 1, 1, OPT(OPT_VKEY), cmd_log_check_proof,
	  "check a proof with nothing but the log's verifier key", NULL },
	{ "log", "show", "N", 1, 1, OPT(OPT_DIR), cmd_log_show, "show entry N and its bodies", NULL },
	{ NULL, "replay", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_POLICY) | OPT(OPT_ALL), cmd_replay,
	  "re-execute the whole log bit for bit, or decide it by another policy",
	  "Without --policy: exit status 0 when every entry comes out byte for byte as recorded, 1 at the first that does not.\n"
	  "With --policy: every action whose verdict flips, DENY->ALLOW first. Each is labelled exact, re-decided or unknown." },
	{ NULL, "state", "", 0, 0, OPT(OPT_DIR) | OPT(OPT_AT) | OPT(OPT_TABLE), cmd_state,
	  "show the governance state after an entry", NULL },
	{ "agent", "create", "NAME", 1, 1, OPT(OPT_DIR), cmd_agent_create,
	  "register an agent with a fresh Ed25519 key", NULL },
	{ "agent", "list", "", 0, 0, OPT(OPT_DIR), cmd_agent_list, "list the registered agents", NULL },
	{ NULL, "completion", "bash", 1, 1, 0, cmd_completion, "print the completion script of a shell", NULL },
	{ NULL, "help", "[COMMAND]", 0, 2, 0, cmd_help, "say what there is, or how one command is used", NULL },
	{ NULL, "version", "", 0, 0, 0, cmd_version, "print the version", NULL },
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

bool given(const struct invocation *in, enum option o)
{
	return in->values[o] != NULL;
}

const char *dir_of(const struct invocation *in)
{
	return given(in, OPT_DIR) ? in->values[OPT_DIR] : ".";
}

bool json_wanted(const struct invocation *in)
{
	return given(in, OPT_JSON);
}

static void add_name(struct buf *b, const struct command *c)
{
	buf_addf(b, "%s%s%s", c->group ? c->group : "", c->group ? " " : "", c->name);
}

static void add_usage(struct buf *b, const struct command *c)
{
	buf_add_c(b, "usage: trammel ");
	add_name(b, c);
	if (c->arguments[0])
		buf_addf(b, " %s", c->arguments);
	buf_add_c(b, " [options]\n\n");
	buf_addf(b, "%s\n", c->summary);
	if (c->text)
		buf_addf(b, "\n%s\n", c->text);
	buf_add_c(b, "\noptions:\n");
	for (unsigned o = 0; o < OPTIONS; o++) {
		char left[40];

		if (!((c->options | COMMON) & OPT(o)))
			continue;
		(void)snprintf(left, sizeof(left), "%c%c%c --%s%s%s", options[o].letter ? '-' : ' ',
			       options[o].letter ? options[o].letter : ' ', options[o].letter ? ',' : ' ', options[o].name,
			       options[o].value ? " " : "", options[o].value ? options[o].value : "");
		buf_addf(b, "  %-24s %s\n", left, options[o].help);
	}
}

static void add_overview(struct buf *b)
{
	buf_add_c(b, "trammel: a flight recorder for governed AI agents\n\ncommands:\n");
	for (size_t i = 0; i < command_count; i++) {
		char left[40];

		(void)snprintf(left, sizeof(left), "%s%s%s %s", commands[i].group ? commands[i].group : "",
			       commands[i].group ? " " : "", commands[i].name, commands[i].arguments);
		buf_addf(b, "  %-24s %s\n", left, commands[i].summary);
	}
	buf_add_c(b, "\nEvery command takes --json and --help. Exit status: 0 yes, 1 no (denied, diverged), 2 usage, 3 could\n"
		     "not be decided, 4 evidence tampered, 5 input missing or malformed, 6 the recording lacks an answer,\n"
		     "7 a limit was hit.\n");
}

static int print_text(const struct command *c)
{
	struct buf b;
	enum err e;

	buf_init(&b, 1u << 16);
	if (c)
		add_usage(&b, c);
	else
		add_overview(&b);
	e = print_out(&b);
	buf_fini(&b);
	return err_exit(e);
}

/* The command that the first one or two words name; `*used` counts them. */
static const struct command *find(const char *first, const char *second, int *used)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		*used = c->group ? 2 : 1;
		if (!c->group && str_is(str_view(first), c->name))
			return c;
		if (c->group && second && str_is(str_view(first), c->group) && str_is(str_view(second), c->name))
			return c;
	}
	return NULL;
}

static bool is_group(const char *word)
{
	for (size_t i = 0; i < command_count; i++)
		if (commands[i].group && str_is(str_view(word), commands[i].group))
			return true;
	return false;
}

/* Names to suggest from: single commands and groups, or the commands of one group. */
static const char *suggestion(const char *word, const char *group)
{
	const char *names[WORDS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < command_count && count + 1 < WORDS_MAX; i++) {
		const struct command *c = &commands[i];

		if (group ? c->group && str_is(str_view(c->group), group) : true)
			names[count++] = group || !c->group ? c->name : c->group;
	}
	names[count] = NULL;
	return str_nearest(str_view(word), names);
}

/* `before` 'word' `after` */
static int usage_error(const struct invocation *in, const char *before, const char *word, const char *after,
		       const char *near)
{
	struct note n = { .text = "" };

	(void)note_set(&n, ERR_USAGE, 0, 0, "%s'%s'%s", before, word, after);
	(void)print_error(in, ERR_USAGE, &n);
	if (near)
		print_talk("trammel: did you mean '%s'?", near);
	print_talk("trammel: see 'trammel help'");
	return err_exit(ERR_USAGE);
}

/* The option a word names; its value may follow after '='. */
static enum option option_of(const char *word, const char **value)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	*value = equals ? equals + 1 : NULL;
	for (unsigned o = 0; o < OPTIONS; o++)
		if (word[1] == '-' ? str_eq(str_slice(word + 2, len - 2), str_view(options[o].name))
				   : word[1] == options[o].letter && options[o].letter && word[2] == '\0')
			return (enum option)o;
	return OPTIONS;
}

static const char *option_suggestion(const char *word)
{
	const char *names[OPTIONS + 1];

	for (unsigned o = 0; o < OPTIONS; o++)
		names[o] = options[o].name;
	names[OPTIONS] = NULL;
	return word[1] == '-' ? str_nearest(str_view(word + 2), names) : NULL;
}

/* Options and arguments in any order; "--" ends options; "-" is an argument. 0 or an exit status. */
static int parse(struct invocation *in, int argc, char **argv)
{
	uint32_t allowed = in->command->options | COMMON;
	bool options_end = false;

	for (int i = 0; i < argc; i++) {
		const char *word = argv[i], *value;
		enum option o;

		if (options_end || word[0] != '-' || word[1] == '\0') {
			if (in->arg_count == in->command->max_args)
				return usage_error(in, "", word, " is one argument too many", NULL);
			in->args[in->arg_count++] = word;
			continue;
		}
		if (str_is(str_view(word), "--")) {
			options_end = true;
			continue;
		}
		o = option_of(word, &value);
		if (o == OPTIONS || !(allowed & OPT(o)))
			return usage_error(in, "there is no option ", word, " here", option_suggestion(word));
		if (given(in, o))
			return usage_error(in, "option ", word, " is given twice", NULL);
		if (!options[o].value && value)
			return usage_error(in, "option ", word, " takes no value", NULL);
		if (options[o].value && !value && ++i == argc)
			return usage_error(in, "option ", word, " needs a value", NULL);
		in->values[o] = !options[o].value ? "" : value ? value : argv[i];
	}
	if (!given(in, OPT_HELP) && in->arg_count < in->command->min_args)
		return usage_error(in, "expected ", in->command->arguments, "", NULL);
	return 0;
}

int command_main(int argc, char **argv)
{
	struct world world = world_real();
	struct invocation in = { .world = &world };
	const struct note none = { .text = "" };
	int used, status;

	if (argc < 2)
		return usage_error(&in, "expected a ", "command", "", NULL);
	if (str_is(str_view(argv[1]), "--help") || str_is(str_view(argv[1]), "-h"))
		return print_text(NULL);
	if (str_is(str_view(argv[1]), "--version"))
		return cmd_version(&in);
	in.command = find(argv[1], argc > 2 ? argv[2] : NULL, &used);
	if (!in.command && is_group(argv[1]))
		return usage_error(&in, "", argc > 2 ? argv[2] : "", " is not a command of this group",
				   argc > 2 ? suggestion(argv[2], argv[1]) : NULL);
	if (!in.command)
		return usage_error(&in, "there is no command ", argv[1], "", suggestion(argv[1], NULL));
	status = parse(&in, argc - 1 - used, argv + 1 + used);
	if (status != 0)
		return status;
	if (given(&in, OPT_HELP))
		return print_text(in.command);
	if (crypto_start() != OK)
		return print_error(&in, ERR_CRYPTO, &none);
	return in.command->run(&in);
}

int cmd_help(const struct invocation *in)
{
	const struct command *c;
	int used;

	if (in->arg_count == 0)
		return print_text(NULL);
	c = find(in->args[0], in->arg_count > 1 ? in->args[1] : NULL, &used);
	if (!c)
		return usage_error(in, "there is no command ", in->args[0], "", suggestion(in->args[0], NULL));
	return print_text(c);
}

int cmd_version(const struct invocation *in)
{
	struct buf b;
	enum err e;

	buf_init(&b, 1u << 12);
	if (json_wanted(in))
		buf_add_c(&b, "{\"version\":\"" TRAMMEL_VERSION "\"}\n");
	else
		buf_add_c(&b, "trammel " TRAMMEL_VERSION "\n");
	e = print_out(&b);
	buf_fini(&b);
	return err_exit(e);
}

/* Words that may follow, as bash wants them: one case for each command, the table's own rows. */
int cmd_completion(const struct invocation *in)
{
	struct buf b;
	enum err e;

	if (!str_is(str_view(in->args[0]), "bash"))
		return usage_error(in, "there is no completion for ", in->args[0], "; expected bash", NULL);
	buf_init(&b, 1u << 16);
	buf_add_c(&b, "_trammel() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\n"
		      "\tcase \"${COMP_WORDS[*]:1:COMP_CWORD-1} \" in\n");
	for (size_t i = 0; i < command_count; i++) {
		buf_add_c(&b, "\t\"");
		add_name(&b, &commands[i]);
		buf_add_c(&b, " \"*) words='");
		for (unsigned o = 0; o < OPTIONS; o++)
			if ((commands[i].options | COMMON) & OPT(o))
				buf_addf(&b, "--%s ", options[o].name);
		buf_add_c(&b, "' ;;\n");
	}
	for (size_t i = 0; i < command_count; i++)
		if (commands[i].group && (i == 0 || commands[i].group != commands[i - 1].group)) {
			buf_addf(&b, "\t\"%s \"*) words='", commands[i].group);
			for (size_t k = 0; k < command_count; k++)
				if (commands[k].group && str_is(str_view(commands[k].group), commands[i].group))
					buf_addf(&b, "%s ", commands[k].name);
			buf_add_c(&b, "' ;;\n");
		}
	buf_add_c(&b, "\t*) words='");
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i].group || i == 0 || commands[i].group != commands[i - 1].group)
			buf_addf(&b, "%s ", commands[i].group ? commands[i].group : commands[i].name);
	buf_add_c(&b, "' ;;\n\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		      "\t[[ $cur == -* || ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
		      "complete -F _trammel trammel\n");
	e = print_out(&b);
	buf_fini(&b);
	return err_exit(e);
}
