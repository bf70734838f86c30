/*
 * curbs: what a bundle says besides rules, for the stages of the gate. A part of the door of
 * engine/policy.
 *
 * A curb stands in a document and holds for the agents that the document's rules hold for. Each of
 * these functions answers with what holds for one agent and one tool, and looks at nothing but the
 * bundle; a bundle without curbs answers at once.
 */
#ifndef TRAMMEL_POLICY_CURBS_H
#define TRAMMEL_POLICY_CURBS_H

#include "engine/base/value.h"
#include "engine/runtime/runtime.h"

struct bundle;

/* Quotas and budgets together: how many there are, and one of them; NULL where it does not hold. */
size_t bundle_quotas(const struct bundle *b);
const struct quota *bundle_quota(const struct bundle *b, size_t number, struct str agent,
				 struct str tool);
/*
 * What an action with these arguments (NULL: none) takes of it: 1 of a rate, millionths of a
 * budget. ERR_NOT_FOUND (the argument is missing), ERR_TYPE (it is no exact decimal), ERR_RANGE
 * (not above zero, or beyond int64). The path of the argument goes to `path`.
 */
enum err bundle_quota_cost(const struct bundle *b, size_t number, const struct value *args,
			   struct arena *a, int64_t *ret, struct str *path) NODISCARD;

/* Whether agents are in rings at all; the next two are asked only then. */
bool bundle_has_rings(const struct bundle *b);
unsigned bundle_agent_ring(const struct bundle *b, struct str agent, bool registered);
/* The ring that a tool needs, on a resource (ptr NULL: none). */
unsigned bundle_tool_ring(const struct bundle *b, struct str tool, struct str resource);
/* Whose word lifts an agent; NULL: nobody's. */
const struct public_key *bundle_sponsor(const struct bundle *b);

/*
 * Rules of capabilities: how many, and the set that one leaves an agent; ptr NULL: the rule does
 * not hold for it. All that hold bound what it may do and hand on.
 */
size_t bundle_capabilities(const struct bundle *b);
struct str bundle_capability(const struct bundle *b, size_t number, struct str agent);
/* Whether every action must carry a credential (default false). */
bool bundle_wants_credential(const struct bundle *b);

/* Rules of commands: how many, whether one holds, and the argument it is about (NULL: missing). */
size_t bundle_commands(const struct bundle *b);
bool bundle_command_holds(const struct bundle *b, size_t number, struct str agent,
			  struct str tool);
const struct value *bundle_command_text(const struct bundle *b, size_t number,
					const struct value *args);
/* May a command of that base name run? If not, *matched is the name that forbids it, or absent. */
bool bundle_command_passes(const struct bundle *b, size_t number, struct str base,
			   struct str *matched);

#endif
