/*
 * command: the table of commands and of their options, from which usage text, completion and
 * parsing all come.
 *
 * Exit statuses are those of engine/base/err.h. Data goes to stdout, talk to stderr; with --json
 * every command answers in JSON lines of a stable shape.
 */
#ifndef TRAMMEL_TUI_COMMAND_H
#define TRAMMEL_TUI_COMMAND_H

#include <stdio.h>

#include "engine/base/world.h"
#include "tui/option.h"

#define ARGS_MAX 256                      /* the files of a bundle, for fmt */

struct command;

/* One parsed command line. */
struct invocation {
	const struct command *command;
	const char *values[OPTIONS];         /* NULL: not given; "" for an option without value */
	const char *args[ARGS_MAX];
	int arg_count;
	struct world *world;
};

struct command {
	const char *group, *name;             /* "log", "verify"; group NULL: one word only */
	const char *arguments;                /* for the usage line */
	int min_args, max_args;
	option_set options;                   /* besides --json and --help, which all have */
	int (*run)(const struct invocation *in);
	const char *summary;
	const char *text;                     /* more than a line, or NULL */
};

extern const struct command commands[];
extern const size_t command_count;

/* command_line.c: parse and run; the exit status. */
int command_main(int argc, char **argv);

bool given(const struct invocation *in, enum option o);
/* The workspace's folder. */
const char *dir_of(const struct invocation *in);
bool json_wanted(const struct invocation *in);

int cmd_init(const struct invocation *in);
int cmd_import(const struct invocation *in);
int cmd_check(const struct invocation *in);
int cmd_run(const struct invocation *in);
int cmd_log_bom(const struct invocation *in);
int cmd_log_export(const struct invocation *in);
int cmd_log_report(const struct invocation *in);
int cmd_log_query(const struct invocation *in);
int cmd_log_prune(const struct invocation *in);
int cmd_log_rotate_key(const struct invocation *in);
int cmd_log_redact(const struct invocation *in);
int cmd_log_show(const struct invocation *in);
int cmd_log_show_range(const struct invocation *in);
int cmd_index_rebuild(const struct invocation *in);
int cmd_log_cosign(const struct invocation *in);
int cmd_log_head(const struct invocation *in);
int cmd_log_verify(const struct invocation *in);
int cmd_log_witness(const struct invocation *in);
int cmd_log_seal(const struct invocation *in);
int cmd_log_publish(const struct invocation *in);
int cmd_log_scan(const struct invocation *in);
int cmd_log_prove(const struct invocation *in);
int cmd_log_check_proof(const struct invocation *in);
int cmd_replay(const struct invocation *in);
int cmd_policy_check(const struct invocation *in);
int cmd_policy_test(const struct invocation *in);
int cmd_policy_analyze(const struct invocation *in);
int cmd_policy_import(const struct invocation *in);
int cmd_policy_explain(const struct invocation *in);
int cmd_policy_why_not(const struct invocation *in);
int cmd_policy_diff(const struct invocation *in);
int cmd_policy_lint(const struct invocation *in);
int cmd_policy_fmt(const struct invocation *in);
int cmd_policy_bench(const struct invocation *in);
int cmd_policy_new(const struct invocation *in);
int cmd_state(const struct invocation *in);
int cmd_agent_create(const struct invocation *in);
int cmd_agent_did(const struct invocation *in);
int cmd_agent_jwk(const struct invocation *in);
int cmd_agent_show(const struct invocation *in);
int cmd_agent_rotate(const struct invocation *in);
int cmd_agent_list(const struct invocation *in);
int cmd_agent_suspend(const struct invocation *in);
int cmd_agent_reactivate(const struct invocation *in);
int cmd_agent_revoke(const struct invocation *in);
int cmd_agent_revocations(const struct invocation *in);
int cmd_token_issue(const struct invocation *in);
int cmd_token_verify(const struct invocation *in);
int cmd_svid_verify(const struct invocation *in);
int cmd_handshake_ask(const struct invocation *in);
int cmd_handshake_answer(const struct invocation *in);
int cmd_handshake_meet(const struct invocation *in);
int cmd_handshake_check(const struct invocation *in);
int cmd_session_approve(const struct invocation *in);
int cmd_session_open(const struct invocation *in);
int cmd_session_join(const struct invocation *in);
int cmd_session_leave(const struct invocation *in);
int cmd_session_close(const struct invocation *in);
int cmd_session_show(const struct invocation *in);
int cmd_session_list(const struct invocation *in);
int cmd_agent_delegate(const struct invocation *in);
int cmd_agent_undelegate(const struct invocation *in);
int cmd_agent_credential(const struct invocation *in);
int cmd_trace_emit(const struct invocation *in);
int cmd_trace_receipt(const struct invocation *in);
int cmd_trace_verify(const struct invocation *in);
int cmd_trust_show(const struct invocation *in);
int cmd_trust_why(const struct invocation *in);
int cmd_trust_set(const struct invocation *in);
int cmd_trust_incident(const struct invocation *in);
int cmd_kill_agent(const struct invocation *in);
int cmd_kill_session(const struct invocation *in);
int cmd_kill_all(const struct invocation *in);
int cmd_kill_lift(const struct invocation *in);
int cmd_quarantine(const struct invocation *in);
int cmd_release(const struct invocation *in);
int cmd_ring(const struct invocation *in);
int cmd_elevate(const struct invocation *in);
int cmd_lower(const struct invocation *in);
int cmd_saga_begin(const struct invocation *in);
int cmd_saga_compensate(const struct invocation *in);
int cmd_saga_hand_over(const struct invocation *in);
int cmd_saga_list(const struct invocation *in);
int cmd_saga_next(const struct invocation *in);
int cmd_saga_show(const struct invocation *in);
int cmd_completion(const struct invocation *in);
int cmd_help(const struct invocation *in);
int cmd_version(const struct invocation *in);

#endif
