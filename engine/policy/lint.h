/*
 * lint: what is allowed to be written and better is not. A warning is about a rule that does
 * something else than it seems to, or nothing; a remark is about readers. What the rules say of
 * each other is found as analyze finds it.
 */
#ifndef TRAMMEL_LINT_H
#define TRAMMEL_LINT_H

#define LINT_LIST(X)                                                                             \
	X(LINT_NEVER, "never", true)             /* a condition that is true of no request */    \
	X(LINT_ALWAYS, "always", true)           /* of every request */                          \
	X(LINT_UNREACHABLE, "unreachable", true) /* a rule that never decides */                 \
	X(LINT_TIE, "tie", true)                 /* only file names decide between two rules */  \
	X(LINT_TYPO, "typo", true)               /* a path that looks like another one */        \
	X(LINT_COVERED, "covered", true)         /* a pattern that another one covers */         \
	X(LINT_OPEN, "open", true)               /* default_action: allow */                     \
	X(LINT_DISABLED, "disabled", true)       /* a rule that is not enabled */                \
	X(LINT_EMPTY, "empty", false)            /* a policy without rules */                    \
	X(LINT_DESCRIPTION, "description", false) /* a denial that does not say why */           \
	X(LINT_APPROVERS, "approvers", false)    /* an approval that anybody may give */         \
	X(LINT_NAME, "name", false)              /* not lower case with hyphens */

enum lint_kind {
#define LINT_ENUM(id, name, warns) id,
	LINT_LIST(LINT_ENUM)
#undef LINT_ENUM
	LINTS
};

struct lint {
	enum lint_kind kind;
	struct str file, rule;       /* rule.ptr NULL: about the policy */
	uint32_t line, column;
	struct str text;
};

const char *lint_name(enum lint_kind kind);
bool lint_warns(enum lint_kind kind);

struct lint_report {
	uint64_t warnings, remarks;
	uint64_t left_out;           /* as of the analysis: pairs of rules that may be a tie */
};

/* `found` hears of each, in no order that means anything but always the same. */
enum err lint_bundle(const struct bundle *b, struct arena *memory, struct arena *scratch,
		     void (*found)(void *self, const struct lint *l), void *self,
		     struct lint_report *ret) NODISCARD;

#endif
