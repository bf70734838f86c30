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

/* Whether agents are in rings at all; what follows of rings is asked only then. */
bool bundle_has_rings(const struct bundle *b);
unsigned bundle_agent_ring(const struct bundle *b, struct str agent, bool registered);
/* The ring that a tool needs, on a resource (ptr NULL: none). */
unsigned bundle_tool_ring(const struct bundle *b, struct str tool, struct str resource);
/* Bounds of what rings may reach: how many, and whether one holds in that ring for that tool. */
size_t bundle_reaches(const struct bundle *b);
bool bundle_reach_holds(const struct bundle *b, size_t number, unsigned ring, struct str tool);
/* What the action reaches, by the argument `of` or its resource; ptr NULL: it names no text. */
struct reach_terms {
	struct str of, thing;
	bool may;                             /* the bound lets it pass */
};
enum err bundle_reach(const struct bundle *b, size_t number, const struct value *args,
		      struct str resource, struct arena *a, struct reach_terms *ret) NODISCARD;
/* Which scores lower agents to which ring; NULL: none do. */
const struct demotion_rules *bundle_demotion(const struct bundle *b);
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
/* The folders in which its programs lie; *count 0: it does not say. */
const struct str *bundle_command_folders(const struct bundle *b, size_t number, size_t *count);
/* May a command of that base name run? If not, *matched is the name that forbids it, or absent. */
bool bundle_command_passes(const struct bundle *b, size_t number, struct str base,
			   struct str *matched);

/*
 * What actions do to the things of a session: how many rules, whether one holds, what it says, and
 * the argument that names the thing (NULL: missing); *path is ptr NULL where it is the resource.
 */
size_t bundle_intents(const struct bundle *b);
bool bundle_intent_holds(const struct bundle *b, size_t number, struct str agent, struct str tool);
enum intent bundle_intent(const struct bundle *b, size_t number);
enum err bundle_intent_thing(const struct bundle *b, size_t number, const struct value *args,
			     struct arena *a, const struct value **ret,
			     struct str *path) NODISCARD;

/* What kills: so many denials in a period, or a session that lasts so long. */
struct kill_terms {
	struct str key;                       /* "<policy>/kill_on/<name>" */
	enum halt_scope scope;                /* whom: HALT_AGENT or HALT_SESSION */
	struct policy_limit denials;          /* where after_ns is 0 */
	int64_t after_ns;
};
size_t bundle_kills(const struct bundle *b);
/* NULL where it does not hold. */
const struct kill_terms *bundle_kill(const struct bundle *b, size_t number, struct str agent,
				     struct str tool);
/* Whether a denial by that stage counts. */
bool bundle_kill_counts(const struct bundle *b, size_t number, struct str stage);

/* Where arguments must lead: how many rules, whether one holds, and what it wants of them. */
struct path_terms {
	const struct value *value;            /* the argument; NULL: missing */
	struct str of;                        /* its path, like args.path */
	const struct str *roots;              /* it leads below one of these folders */
	size_t root_count;
};
size_t bundle_paths(const struct bundle *b);
bool bundle_path_holds(const struct bundle *b, size_t number, struct str agent, struct str tool);
enum err bundle_path(const struct bundle *b, size_t number, const struct value *args,
		     struct arena *a, struct path_terms *ret) NODISCARD;

#endif
