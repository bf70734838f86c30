/*
 * fixture: cases of a test of policies: a request, and what must be decided and by which rule.
 * Coverage and mutants tell what the cases leave untested. docs/formats/fixture.md is the format.
 */
#ifndef TRAMMEL_FIXTURE_H
#define TRAMMEL_FIXTURE_H

struct fixture_case {
	struct str name;
	uint32_t line;
	struct question question;
	bool allow;
	struct str rule;          /* "<policy>/<rule>"; ptr NULL: the default */
	bool obligations_given;
	unsigned obligations;     /* set of policy_obligation */
};

struct fixture {
	struct fixture_case *cases;
	size_t count;
};

/* Texts are borrowed from the document. At most LIMIT_CASES; names are unique. */
enum err fixture_read(const struct value *document, struct arena *a, struct fixture *ret,
		      struct note *n) NODISCARD;
/* Is the ruling what the case expects: effect, rule, and obligations where they are given? */
bool fixture_holds(const struct fixture_case *c, const struct ruling *r);
/* "log", "require_approval", "transform", "warn": the bit, or 0. */
unsigned fixture_obligation(struct str name);

/* --- coverage: what the cases tried --- */

struct coverage_clause {
	struct str text;
	uint32_t column;   /* in the condition; 0: the tools */
	unsigned seen;     /* set of 1 << enum truth, where the clause was asked */
};

struct coverage_rule {
	struct str rule;
	uint64_t decided, matched;
	struct coverage_clause *clauses;
	size_t clause_count;
};

struct coverage {
	struct coverage_rule *rules; /* in the order of documents and files */
	size_t count;
	bool cedar;                  /* there are Cedar policies, which are not among the rules */
};

enum err coverage_open(const struct bundle *b, struct arena *a, struct coverage *ret) NODISCARD;
/* One request and how it was decided. `scratch` is the caller's to rewind. */
enum err coverage_add(struct coverage *c, const struct bundle *b, const struct question *q,
		      const struct ruling *r, struct arena *scratch) NODISCARD;

/* --- mutants: small changes of the rules that some case should notice --- */

enum mutation { MUTATION_DELETE = 0, MUTATION_FLIP, MUTATION_NEGATE, MUTATION_SHIFT };

struct mutant {
	struct str rule;
	enum mutation how;
	struct str clause; /* what was negated or shifted; ptr NULL: the whole rule */
	uint32_t column;
};

struct mutant_report {
	uint64_t tried, killed;
};

/* "deleted", "flipped", "negated", "shifted" */
const char *mutation_name(enum mutation how);
/*
 * Change the compiled rules one at a time: each rule deleted, its effect flipped, each comparison
 * negated, each bound shifted between < and <=. A mutant is killed by a case that no longer holds;
 * `survived` hears of the others. All cases must hold before.
 */
enum err mutant_try(const struct bundle *b, const struct fixture *const *fixtures, size_t count,
		    struct arena *scratch,
		    void (*survived)(void *self, const struct mutant *m), void *self,
		    struct mutant_report *ret) NODISCARD;

#endif
