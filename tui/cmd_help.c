/* cmd_help: trammel help [COMMAND], version */
#include "tui/command_words.h"
#include "tui/print.h"
#include "tui/usage.h"

int cmd_help(const struct invocation *in)
{
	const char *first = in->args[0], *second = in->arg_count > 1 ? in->args[1] : NULL;
	const struct command *c = NULL;
	int used;

	if (in->arg_count == 0)
		return usage_print(in, NULL, NULL);
	c = command_find(first, second, &used);
	if (!c && !second && command_is_group(first))
		return usage_print(in, NULL, first);
	if (!c) {
		struct invocation nothing = *in;

		nothing.command = NULL;
		return command_unknown(&nothing, first, second);
	}
	if (used < in->arg_count)
		return command_refuse(in, "", second, " is one argument too many", NULL);
	return usage_print(in, c, NULL);
}

int cmd_version(const struct invocation *in)
{
	struct buf b;

	buf_init(&b, 1u << 12);
	buf_add_c(&b, json_wanted(in) ? "{\"version\":\"" TRAMMEL_VERSION "\"}\n"
				      : "trammel " TRAMMEL_VERSION "\n");
	return print_end(in, &b);
}
