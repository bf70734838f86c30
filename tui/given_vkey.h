/* given_vkey: verifier keys as commands are given them: on the line, or in a file. */
#ifndef TRAMMEL_TUI_GIVEN_VKEY_H
#define TRAMMEL_TUI_GIVEN_VKEY_H

#include "engine/audit/audit.h"
#include "tui/print.h"

/* The key of a log, of the option --vkey. It borrows from the arena. */
enum err given_vkey(const struct invocation *in, struct arena *a, struct note_key *ret,
		    struct note *n) NODISCARD;
/*
 * Likewise with those that the log had before and after, of the file of --rotations; without it
 * that one alone.
 */
enum err given_log_keys(const struct invocation *in, struct arena *a, struct succession *ret,
			struct note *n) NODISCARD;
/*
 * The keys of --witness: one, or a file with one a line; each once, also under another name. None
 * when the option is not given. `keys` has room for LIMIT_WITNESSES.
 */
enum err given_witnesses(const struct invocation *in, struct arena *a, struct note_key *keys,
			 size_t *count, struct note *n) NODISCARD;
/*
 * Likewise as a demand, with --quorum, how many of them must have cosigned: one, when it is not
 * given. Nothing else of the demand is touched. It borrows `keys`.
 */
enum err given_quorum(const struct invocation *in, struct arena *a, struct note_key *keys,
		      struct log_demand *ret, struct note *n) NODISCARD;

#endif
