/*
 * explain: why a request was decided as it was, and what would have to change.
 *
 * A clause is a comparison of a rule's condition, or its list of tools. The clauses that are named
 * are enough, and none of them can be left out: whatever the others were, the rule would have
 * matched, or not, all the same.
 */
#ifndef TRAMMEL_EXPLAIN_H
#define TRAMMEL_EXPLAIN_H

struct explain_clause {
	struct str text;
	uint32_t line;       /* of a Cedar policy's file; 0: the column is one of the condition */
	uint32_t column;     /* 0: the tools */
	enum truth truth;
};

struct explain_rule {
	struct str rule;
	bool allows, decided;
	bool applies;        /* its document holds for the agent; else there is no more to say */
	enum truth truth;
	const struct explain_clause *clauses;
	size_t clause_count;
};

/* A clause of a Cedar policy is a part of its scope, or what stands between && || ! and if. */
struct explain_policy {
	struct str policy, file;
	uint32_t line, column;
	bool forbid;
	bool determines;     /* the decision stands on it */
	bool remote;         /* its scope says that it is about others */
	enum truth truth;
	const struct explain_clause *clauses;
	size_t clause_count;
};

struct explanation {
	struct ruling ruling;
	const struct explain_rule *rules; /* in the order of trial, up to the one that decided */
	size_t count;
	/* all of them, in order; none when a rule denies: then they are not asked */
	const struct explain_policy *policies;
	size_t policy_count;
};

enum err explain_question(const struct bundle *b, const struct question *q, struct arena *a,
			  struct explanation *ret) NODISCARD;

/* One path that would have to be different. */
struct explain_change {
	struct str path;
	const struct value *was, *now; /* NULL: missing */
};

enum explain_hope {
	HOPE_UNKNOWN = 0,    /* nothing was found, and nothing is proved */
	HOPE_FOUND,
	HOPE_NONE,           /* no request of this stage is decided otherwise */
};

struct explain_flip {
	enum explain_hope hope;
	struct question question;      /* HOPE_FOUND: the changed request and its ruling */
	struct ruling ruling;
	const struct explain_change *changes;
	size_t change_count;
};

/*
 * The smallest change of the request, counted in paths, that turns its effect around; agent and
 * tool stay as they are if that can be. The evaluator has confirmed it. Smaller means fewer paths,
 * not nearer values. Changes of more than EXPLAIN_CHANGES paths are not looked for.
 */
#define EXPLAIN_CHANGES 4
enum err explain_flip(const struct bundle *b, const struct question *q, struct arena *memory,
		      struct explain_flip *ret) NODISCARD;

/* The part of an explanation that is about Cedar policies; the rest of it is there. */
enum err cedar_explain(const struct bundle *b, const struct question *q, struct arena *a,
		       struct explanation *e) NODISCARD;

#endif
