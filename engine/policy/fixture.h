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

/* --- coverage: what the cases tried --- */

struct coverage_clause {
	struct str text;
	uint32_t line;     /* in the file; 0: its rule's */
	uint32_t column;   /* in the condition; 0: the tools; of Cedar in the file */
	unsigned seen;     /* set of 1 << enum truth, where the clause was asked */
};

/* A rule, or a policy of Cedar: its parts of the scope are clauses like those of its conditions. */
struct coverage_rule {
	struct str rule, file;
	uint32_t line;
	uint64_t decided, matched;
	struct coverage_clause *clauses;
	size_t clause_count;
	const struct cedar_formula *formula; /* of a policy of Cedar, else NULL */
};

struct coverage {
	struct coverage_rule *rules; /* in the order of documents and files, then those of Cedar */
	size_t count;
};

enum err coverage_open(const struct bundle *b, struct arena *a, struct coverage *ret) NODISCARD;
/* One request and how it was decided. `scratch` is the caller's to rewind. */
enum err coverage_add(struct coverage *c, const struct bundle *b, const struct question *q,
		      const struct ruling *r, struct arena *scratch) NODISCARD;

/* --- mutants: small changes of the rules that some case should notice --- */

enum mutation {
	MUTATION_DELETE = 0,
	MUTATION_FLIP,
	MUTATION_NEGATE,
	MUTATION_SHIFT,
	MUTATION_DROP,
	MUTATION_DEFAULT,
};

struct mutant {
	struct str rule, file;   /* of MUTATION_DEFAULT the document; else as in struct ruling */
	uint32_t line;
	enum mutation how;
	struct str clause; /* what was negated, shifted or dropped; ptr NULL: the whole rule */
	uint32_t column;
};

struct mutant_report {
	uint64_t tried, killed;
};

/* "deleted", "flipped", "negated", "shifted", "without", "default flipped" */
const char *mutation_name(enum mutation how);
/*
 * Change the compiled rules one at a time: each rule deleted, its effect flipped, each comparison
 * negated, each bound shifted between < and <=, each pattern taken from a list of tools that has
 * more; each document's default flipped; each policy of Cedar deleted and flipped, each of its
 * conjuncts dropped and negated. A mutant is killed by a case that no longer holds, or in which a
 * changed policy of Cedar errs that did not; `survived` hears of the others. All cases must hold
 * before.
 */
enum err mutant_try(const struct bundle *b, const struct fixture *const *fixtures, size_t count,
		    struct arena *scratch,
		    void (*survived)(void *self, const struct mutant *m), void *self,
		    struct mutant_report *ret) NODISCARD;

#endif
