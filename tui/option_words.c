/* option_words: two tables, what options are to most commands and what they are to some. */
#include "tui/option_words.h"

const struct option_row option_rows[OPTIONS] = {
#define OPTION_ROW(id, name, letter, value, choices, help)                                       \
	[id] = { name, letter, value, choices, help },
	OPTION_LIST(OPTION_ROW)
#undef OPTION_ROW
};

static const struct {
	int (*run)(const struct invocation *in);
	enum option option;
	const char *value, *help;
} words[] = {
	{ cmd_run, OPT_AGENT, "NAME", "who runs it" },
	{ cmd_run, OPT_SESSION, "NAME", "the session that it belongs to" },
	{ cmd_run, OPT_TRACE, "NAME", "the trace that it belongs to" },
	{ cmd_run, OPT_TOOL, "NAME", "the name of the action for policies (default: run)" },
	{ cmd_run, OPT_RESOURCE, "TEXT", "what it is to be done to" },
	{ cmd_log_query, OPT_AGENT, "PATTERN", "who acted" },
	{ cmd_log_export, OPT_SESSION, "NAME", "only the entries of this session" },
	{ cmd_trace_emit, OPT_SESSION, "NAME", "the session that it is about" },
	{ cmd_trace_emit, OPT_KEY, "FILE", "the key to sign with, in PEM or JWK" },
	{ cmd_trace_emit, OPT_TIME, "TIME", "when it is issued (default: the newest entry's)" },
	{ cmd_trace_emit, OPT_PARENT, "FILE", "the record whose authority it acts on" },
	{ cmd_import, OPT_AGENT, "NAME", "who acted, whatever the file says" },
	{ cmd_session_open, OPT_AGENT, "NAME", "the agent that answers for it" },
	{ cmd_session_open, OPT_SPONSOR, "MAIL", "or the person who does" },
	{ cmd_session_open, OPT_RING, "N", "the best ring that anybody is in there" },
	{ cmd_session_open, OPT_PARENT, "SESSION", "an open session that this one is below" },
	{ cmd_session_join, OPT_RING, "N", "the best ring that the agent is in there" },
	{ cmd_elevate, OPT_RING, "N", "the ring to lift to" },
	{ cmd_elevate, OPT_UNTIL, "TIME", "when it ends: an hour ahead at most" },
	{ cmd_log_query, OPT_UNTIL, "TIME", "up to this time, it included" },
	{ cmd_log_export, OPT_UNTIL, "TIME", "up to this time, it included" },
	{ cmd_log_redact, OPT_UNTIL, "TIME", "up to this time, it included" },
	{ cmd_log_report, OPT_UNTIL, "TIME", "when the last day ends" },
	{ cmd_agent_revoke, OPT_KEY, "KID", "only this key of it: key-0123456789abcdef" },
	{ cmd_agent_revoke, OPT_UNTIL, "TIME", "when it may act again (default: never)" },
	{ cmd_agent_jwk, OPT_ALL, NULL, "every agent's" },
	{ cmd_replay, OPT_ALL, NULL, "every action, not only those that flip" },
};

struct option_row option_row_of(const struct command *c, enum option o)
{
	struct option_row row = option_rows[o];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].run == c->run && words[i].option == o) {
			row.value = words[i].value;
			row.help = words[i].help;
		}
	return row;
}
