/*
 * compat_import: policies of the reference toolkit in our language, with a report of every answer
 * that changes. A part of the door of engine/policy; docs/formats/migration.md says what becomes of
 * what.
 *
 * A condition keeps the answer that the toolkit gives, except where that answer is a defect: there
 * it means what it says, missing is missing, and doubt counts against the agent. What this changes
 * is not guessed but found: both engines are asked the same requests, made from the paths and
 * literals of each rule, until they part.
 *
 * What cannot be translated is refused with its place; what is left out is remarked. Nothing is
 * dropped in silence.
 */
#ifndef TRAMMEL_COMPAT_IMPORT_H
#define TRAMMEL_COMPAT_IMPORT_H

#include "engine/policy/compat.h"

enum compat_origin { COMPAT_MESH = 0, COMPAT_TRUST, COMPAT_GO, COMPAT_RUST, COMPAT_ORIGINS };

/* "agt-mesh", "agt-trust", "agt-go", "agt-rust" */
extern const char *const compat_origins[COMPAT_ORIGINS + 1];

/* Something to know about a rule (ptr NULL: about the document), and where it is written. */
struct compat_remark {
	struct str rule, text;
	uint32_t line, column;
	bool refused; /* it could not be translated */
};

/* One answer that is another: of the whole policies, for this request. */
struct compat_change {
	struct str rule;
	uint32_t line, column;
	struct str why;
	struct str request;       /* as `trammel check` reads it */
	struct str before, after; /* "deny", "warn (not allowed)", "allow" ... */
	bool looser;              /* not allowed there, allowed here */
};

struct compat_report {
	struct str name;          /* of the policy, translated */
	struct str text;          /* the policy file; ptr NULL when something was refused */
	const struct compat_remark *remarks;
	size_t remark_count, refused_count;
	const struct compat_change *changes;
	size_t change_count, looser_count;
	size_t rule_count;        /* translated rules */
	uint64_t request_count;   /* requests that both were asked */
};

/*
 * Translate the file `name`, and with agt-mesh what it extends. `strategy` is what the engine was
 * set to there, which no document says. Everything in the report is in the arena. An error when the
 * file is none that the toolkit would load.
 */
enum err compat_import(enum compat_origin from, const struct compat_files *files, struct str name,
		       enum compat_strategy strategy, struct arena *a, struct compat_report *ret,
		       struct note *n) NODISCARD;

#endif
