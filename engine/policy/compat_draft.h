/*
 * compat_draft: a policy on its way from the reference toolkit's languages to ours, and what is to
 * be said about it. Everything lives in the draft's arena.
 */
#ifndef TRAMMEL_POLICY_COMPAT_DRAFT_H
#define TRAMMEL_POLICY_COMPAT_DRAFT_H

#include "engine/policy/compat_import.h"
#include "engine/policy/compat_parts.h"

/* One place in a request, as both sides call it. */
struct draft_path {
	struct str theirs;
	bool flat;                 /* theirs is one key, else dotted */
	bool below_flat;           /* likewise ours */
	enum draft_place {
		PLACE_ARGS = 0, PLACE_TYPE, PLACE_ATTRIBUTE, PLACE_AGENT, PLACE_RESOURCE,
		PLACE_SESSION, PLACE_RESULT,
	} place;
	struct str below;          /* of arguments, attributes, results: what is behind the root */
	struct str ours;           /* as a condition writes it */
};

#define DRAFT_PATHS 64 /* in one rule */

struct draft_rule {
	struct str name, description, limit;
	struct str condition;      /* ptr NULL: always */
	enum compat_stage stage;
	enum compat_action action;
	const struct str *tools, *approvers;
	size_t tool_count, approver_count;
	int64_t priority;
	bool disabled;
	const struct value *source;
	const struct draft_path *paths;
	size_t path_count;
};

struct draft {
	struct arena *arena;
	struct str name, version, description, scope;
	const struct str *agents; /* literal names, "*" for all; none: the key is left out */
	size_t agent_count;
	bool default_allow;
	enum compat_strategy strategy;

	struct draft_rule *rules;
	struct compat_remark *remarks;
	size_t rule_count, rule_room, remark_count, remark_room, refused_count;

	/* the rule being translated */
	struct str rule;
	bool after_tool;          /* it sees a result */
	struct draft_path paths[DRAFT_PATHS];
	size_t path_count;
};

/* --- compat_draft --- */

enum err draft_remark(struct draft *d, bool refused, const struct value *at, const char *fmt,
		      ...) PRINTF_LIKE(4, 5) NODISCARD;
/* From here on paths and remarks belong to this rule (STR_NONE: to the document). */
void draft_begin(struct draft *d, struct str rule);
/* Take in a rule with the paths that were mentioned since draft_begin; its name is made unique. */
enum err draft_add(struct draft *d, const struct draft_rule *rule) NODISCARD;
/* Append our spelling of their path and remember the pair. ERR_LIMIT beyond DRAFT_PATHS. */
enum err draft_path(struct draft *d, struct buf *b, struct str theirs, bool flat) NODISCARD;
/* Is it there in every request? */
bool draft_path_certain(struct str theirs, bool flat);
/*
 * Append "has(...) and ", so that what follows is false where there is no value; nothing when it is
 * certain. What AGT derives from a request (sql.verb of sql.query) is asked for by its root: there
 * the missing member is undecidable, because AGT would have had one.
 */
enum err draft_guard(struct draft *d, struct buf *b, struct str theirs, bool flat) NODISCARD;
/* Append a literal of our conditions; a text; a glob that matches exactly this text. */
void draft_literal(struct buf *b, const struct value *v);
void draft_string(struct buf *b, struct str s);
void draft_glob(struct buf *b, struct str s);
/* "N/period" from a count and seconds; false when no period is that long. */
bool draft_limit(struct buf *b, int64_t calls, int64_t seconds);
/* A copy of the buffer's text in the arena; the buffer's error. Clears the buffer. */
enum err draft_text(struct draft *d, struct buf *b, struct str *ret) NODISCARD;
/* Does the condition load? The note says why not. */
enum err draft_compiles(struct draft *d, struct str condition, struct note *n) NODISCARD;

/* --- compat_write: the draft as a policy file; `only` NULL writes all rules --- */
void compat_write(const struct draft *d, const struct draft_rule *only, struct buf *b);

/* --- compat_mend: a condition of the mesh engine in our language --- */

/* *ret is ptr NULL when it was refused, and that remarked. */
enum err compat_mend(struct draft *d, const struct compat_rule *rule, struct str *ret) NODISCARD;

/* --- compat_from_*: documents, checked by their engine's reader, as drafts --- */

enum err compat_from_mesh(struct draft *d, const struct compat_policy *policy) NODISCARD;
enum err compat_from_trust(struct draft *d, const struct value *doc) NODISCARD;
enum err compat_from_go(struct draft *d, const struct value *doc) NODISCARD;
enum err compat_from_rust(struct draft *d, const struct value *doc) NODISCARD;

/* --- compat_witness: where the two part --- */

struct draft_origin {
	enum compat_origin from;
	const struct compat_policy *policy; /* of the mesh engine */
	const struct value *doc;            /* of the others */
	enum compat_strategy strategy;
};

enum err compat_witness(struct draft *d, const struct draft_origin *origin, struct str text,
			struct compat_report *ret, struct note *n) NODISCARD;

#endif
