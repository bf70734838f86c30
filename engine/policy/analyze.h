/*
 * analyze: what the rules of a bundle say of each other, by reasoning over all requests. Every
 * finding that claims that something can happen carries a request for which the evaluator says that
 * it does; every finding that claims that it cannot is a proof over candidates (solve.h). What lies
 * beyond that is reported as unknown.
 */
#ifndef TRAMMEL_ANALYZE_H
#define TRAMMEL_ANALYZE_H

enum analyze_kind {
	FINDING_NEVER = 0,   /* the condition is true of no request */
	FINDING_ALWAYS,      /* the condition is true of every request */
	FINDING_SHADOWED,    /* it never decides: `other` decides first, or several together */
	FINDING_CONFLICT,    /* with `other`: one allows, one denies, only their place decides */
	FINDING_UNDECIDABLE, /* the condition can be undecidable */
	FINDING_OVERLAP,     /* a Cedar permit holds where the forbid `other` does, which counts */
	FINDINGS
};

/* "never", "always", "shadowed", "conflict", "undecidable", "overlap" */
const char *finding_name(enum analyze_kind kind);

struct analyze_finding {
	enum analyze_kind kind;
	bool unknown;                   /* could not be found out */
	struct str rule, other;         /* other.ptr NULL: none, or several */
	struct str file;                /* of a Cedar policy; ptr NULL: it is a rule */
	uint32_t line, column;          /* of the policy; 0: a link, which stands nowhere */
	const struct question *witness; /* NULL: none is needed, or none was found */
};

struct analysis {
	uint64_t rules, policies;       /* of Cedar */
	uint64_t findings[FINDINGS], unknown;
	uint64_t left_out;  /* pairs of rules that may conflict and were not asked about */
};

/* `found` hears of each finding; what it is given lives for the call. */
enum err analyze_bundle(const struct bundle *b, struct arena *scratch,
			void (*found)(void *self, const struct analyze_finding *f), void *self,
			struct analysis *ret) NODISCARD;

/* The part of it that is about Cedar policies; the report is added to. */
enum err cedar_analyze(const struct bundle *b, struct arena *scratch,
		       void (*found)(void *self, const struct analyze_finding *f), void *self,
		       struct analysis *report) NODISCARD;

#endif
