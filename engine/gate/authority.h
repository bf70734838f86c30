/*
 * authority: what an agent lives by. A part of the door of engine/gate.
 *
 *   agent <- link <- delegator <- link <- ... <- root
 *
 * A link carries an action as long as every link up to a root does: none revoked or expired, each
 * covering what is asked, each delegator and the key it signed with believed (vouch_agent), and
 * within what the policy leaves it. A root is an agent to which nothing was ever handed on.
 */
#ifndef TRAMMEL_AUTHORITY_H
#define TRAMMEL_AUTHORITY_H

#include "engine/gate/gate.h"

/* Where a chain ends, and so carries nothing. Their names begin the reasons of decisions. */
#define CHAIN_LIST(X)                                                                            \
	X(CHAIN_HOLDS, "holds")                                                                  \
	X(CHAIN_SCOPE, "delegation-scope")                                                       \
	X(CHAIN_EXPIRED, "delegation-expired")                                                   \
	X(CHAIN_REVOKED, "delegation-revoked")                                                   \
	X(CHAIN_KEY, "delegation-key")                                                           \
	X(CHAIN_ANCESTOR, "delegation-ancestor")                                                 \
	X(CHAIN_BROKEN, "delegation-broken")

enum chain_end {
#define CHAIN_ENUM(id, name) id,
	CHAIN_LIST(CHAIN_ENUM)
#undef CHAIN_ENUM
};

const char *chain_name(enum chain_end end);

/* What is asked of a chain. */
struct chain_question {
	const struct state *state;
	const struct bundle *bundle;          /* NULL: it bounds nobody */
	int64_t at_ns;
	struct str request;                   /* a path; ptr NULL: whether the chain is alive */
};

struct chain_answer {
	enum chain_end end;
	struct delegation_row link;           /* where it ends; else the one from the root */
	uint32_t ceiling;                     /* the lowest of all, in points */
	struct refusal why;                   /* CHAIN_ANCESTOR: what is wrong with the delegator */
	bool meets;                           /* the agent that was looked for hands on in it */
};

/* Walk up from a link. `meets` (ptr NULL: nobody) is looked for among those who hand on. */
void chain_walk(const struct chain_question *q, const struct delegation_row *from,
		struct str meets, struct chain_answer *ret);
/*
 * The score of an agent, in points, as far as what it lives by lets it count: at most the ceiling
 * of the best chain that holds, and 0 when none does. The bundle of the question keeps trust.
 */
uint32_t chain_score(const struct chain_question *q, struct str agent);
/*
 * Does the policy leave the agent that to hand on? ERR_RANGE with a sentence. A link that exceeds
 * it may be recorded, and has no effect beyond it as long as the policy says so.
 */
enum err chain_policy_allows(const struct bundle *b, struct str delegator, struct str may,
			     struct note *why) NODISCARD;
/*
 * All that the link carries: what every link up to the root and the policy leave of it; nothing
 * when the chain is not alive. ERR_LIMIT when that takes more than a set may, ERR_MEMORY.
 */
enum err chain_effective(const struct chain_question *q, const struct delegation_row *from,
			 struct capabilities *ret) NODISCARD;

#endif
