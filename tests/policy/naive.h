/*
 * naive: what a bundle decides, told as slowly and plainly as docs/formats/policy.md tells it: no
 * index, no slots, no sharing, no skipping, every rule asked by itself. Only tests use it, beside
 * random bundles: it makes a bundle as a tree, writes it as YAML for the real evaluator, and
 * decides from its own tree, which was never parsed.
 */
#ifndef TRAMMEL_TESTS_NAIVE_H
#define TRAMMEL_TESTS_NAIVE_H

#include "engine/policy/policy.h"

#define NAIVE_DOCUMENTS 4
#define NAIVE_RULES 24
#define NAIVE_NODES 15
#define NAIVE_PATHS 4

enum naive_strategy { NAIVE_FIRST = 0, NAIVE_DENY, NAIVE_ALLOW, NAIVE_SPECIFIC, NAIVE_STRATEGIES };
enum naive_action { NAIVE_DO_ALLOW = 0, NAIVE_DO_DENY, NAIVE_DO_WARN, NAIVE_DO_LOG,
		    NAIVE_DO_APPROVAL, NAIVE_ACTIONS };

/* A value of a request or a literal. */
struct naive_value {
	enum { NAIVE_MISSING = 0, NAIVE_INT, NAIVE_TEXT, NAIVE_BOOL } kind;
	int number;             /* of a text: which of the few there are */
};

/* A condition as a heap: the children of node n are 2n + 1 and 2n + 2. */
struct naive_node {
	enum { NAIVE_AND = 0, NAIVE_OR, NAIVE_NOT, NAIVE_HAS, NAIVE_FLAG, NAIVE_COMPARE } kind;
	unsigned path, op;
	struct naive_value literal;
};

struct naive_rule {
	enum naive_action action;
	int priority;
	unsigned limit;         /* N/hour; 0: none */
	bool later, disabled;   /* later: of stage pre_output */
	unsigned tools;         /* a set of the few globs; 0: every tool */
	bool conditional;
	struct naive_node nodes[NAIVE_NODES];
};

struct naive_document {
	unsigned scope;         /* 0 global .. 3 agent */
	unsigned agents;        /* a set of the few globs; 0: every agent */
	unsigned extends;       /* a set of documents */
	bool allows;
	unsigned rule_count;
	struct naive_rule rules[NAIVE_RULES];
};

struct naive_bundle {
	enum naive_strategy strategy;
	unsigned count;
	struct naive_document documents[NAIVE_DOCUMENTS];
};

struct naive_request {
	const char *agent;
	unsigned tool;
	bool later;
	struct naive_value values[NAIVE_PATHS];
};

struct naive_answer {
	bool allow;
	unsigned obligations, limit;
	char rule[16];          /* empty: none */
	char considered[NAIVE_DOCUMENTS * NAIVE_RULES + 1];     /* letters, not runs */
	char floors[NAIVE_DOCUMENTS][NAIVE_DOCUMENTS * NAIVE_RULES + 1];
	char errors[NAIVE_DOCUMENTS * NAIVE_RULES][16];
	unsigned error_count, cost;
};

/* The same numbers for the same seed. */
unsigned naive_pick(uint64_t *seed, unsigned below);
/* `rules` at most in each document. */
void naive_make(uint64_t *seed, unsigned rules, struct naive_bundle *ret);
struct naive_rule naive_make_rule(uint64_t *seed);
void naive_ask(uint64_t *seed, struct naive_request *ret);
/* Documents are called p0 .. and stand in a.yaml .., rules r0 ..; NULL with *n when refused. */
struct bundle *naive_load(const struct naive_bundle *b, struct arena *a, struct note *n);
/* The text of a document. */
void naive_write(const struct naive_bundle *b, unsigned document, struct buf *out);
struct ruling naive_decide_really(const struct bundle *b, const struct naive_request *q,
				  struct arena *a);
/* The whole request as the real evaluator is asked it. */
struct value naive_request_value(const struct naive_request *q, struct arena *a);
void naive_decide(const struct naive_bundle *b, const struct naive_request *q,
		  struct naive_answer *ret);
/* deny 0, require_approval 1, else 2 */
int naive_strictness(enum naive_action action);

#endif
