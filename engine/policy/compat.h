/*
 * compat: what the policy engines of the reference toolkit (AGT, microsoft/agent-governance-toolkit
 * 5.0.0) answer, defects included: the profile `agt`. A part of the door of engine/policy.
 *
 * It serves migration and comparison; the gate never asks it. Pure functions: time is an argument,
 * the windows of rate limits are the caller's. Documents are value trees, so what the readers of
 * trees refuse (a member twice, anchors and aliases) is refused here, where PyYAML takes the last
 * one and follows them. Types of mesh documents are coerced as pydantic 2 does it.
 *
 * Where Python raises, `*raises` is the name of the exception ("ValueError"), the error is
 * ERR_SYNTAX and the note says what about; otherwise it is NULL. ERR_MEMORY, ERR_LIMIT and
 * ERR_VERSION (a construct that is not rebuilt) are ours.
 */
#ifndef TRAMMEL_COMPAT_H
#define TRAMMEL_COMPAT_H

#include "engine/base/value.h"

/* Does the condition of a rule hold? An exception in it counts as yes, as it does there. */
bool compat_condition_match(struct str text, const struct value *context);

/* --- documents of the mesh engine --- */

enum compat_action {
	COMPAT_DENY = 0, COMPAT_ALLOW, COMPAT_WARN, COMPAT_APPROVAL, COMPAT_LOG, COMPAT_ACTIONS
};
enum compat_stage { COMPAT_PRE_TOOL = 0, COMPAT_PRE_INPUT, COMPAT_POST_TOOL, COMPAT_PRE_OUTPUT,
		    COMPAT_STAGES };
enum compat_strategy { COMPAT_PRIORITY_FIRST_MATCH = 0, COMPAT_DENY_OVERRIDES,
		       COMPAT_ALLOW_OVERRIDES, COMPAT_MOST_SPECIFIC_WINS, COMPAT_STRATEGIES };

/* By enum, as they are written. */
extern const char *const compat_actions[COMPAT_ACTIONS + 1];
extern const char *const compat_stages[COMPAT_STAGES + 1];
extern const char *const compat_strategies[COMPAT_STRATEGIES + 1];

struct compat_rule {
	struct str name, description, condition, limit; /* ptr NULL: not given */
	enum compat_stage stage;
	enum compat_action action;
	const struct str *approvers;
	size_t approver_count;
	int64_t priority;
	bool enabled;
	int64_t limit_calls, limit_seconds;
	const struct value *source; /* where it is written */
};

struct compat_policy {
	struct str api_version, version, name, description, scope, agent;
	const struct str *agents, *extends;
	size_t agent_count, extend_count;
	bool default_allow;
	const struct compat_rule *rules;
	size_t rule_count;
	const struct value *source;
};

/* Policy.from_yaml of a tree, which the policy borrows. `extends` is kept and not resolved. */
enum err compat_document_load(const struct value *doc, struct arena *a, struct compat_policy *ret,
			      const char **raises, struct note *n) NODISCARD;
/* validate_policy_schema: its complaints, one a line. */
void compat_document_validate(const struct value *doc, struct buf *says);
/* parse_rate_limit; counts are saturated. False where it raises ValueError. */
bool compat_document_limit(struct str text, int64_t *calls, int64_t *seconds);

/* Where files that are extended come from. ERR_NOT_FOUND when there is none of that name. */
struct compat_files {
	enum err (*read)(void *self, struct str name, struct arena *a, struct str *ret,
			 struct note *n);
	void *self;
};

/* Policy.from_yaml_file: with the rules of its parents. Names are '/' separated. */
enum err compat_extends_load(const struct compat_files *files, struct str name, struct arena *a,
			     struct compat_policy *ret, const char **raises,
			     struct note *n) NODISCARD;

/* A fixed window of a rate limit. Names are borrowed from policies and calls. */
struct compat_window {
	struct str agent, policy, rule;
	int64_t count, reset_ns;
	bool open;
};

struct compat_windows {
	struct compat_window *items;
	size_t count, room;
};

struct compat_decision {
	bool allowed, rate_limited;
	enum compat_action action;
	struct str rule, policy;  /* ptr NULL: none */
	struct str reason;
	const struct str *approvers;
	size_t approver_count;
	const struct value *source; /* the rule that decided; NULL: a default */
};

/*
 * PolicyEngine.evaluate over policies in the order of loading, the last of a name in the place of
 * the first. No authority resolver, Rego or Cedar; members that AGT derives from `sql.query` and
 * `k8s` requests are looked up as they are in the context. ERR_LIMIT when there is no room for
 * another window.
 */
enum err compat_mesh_decide(const struct compat_policy *policies, size_t count,
			    enum compat_strategy strategy, struct str agent,
			    const struct value *context, enum compat_stage stage, int64_t now_ns,
			    struct compat_windows *windows, struct arena *a,
			    struct compat_decision *ret) NODISCARD;

/* --- trust policies --- */

/* TrustPolicy of a tree: its shape is checked, its default values stay out. */
enum err compat_trust_check(const struct value *doc, const char **raises,
			    struct note *n) NODISCARD;
/* One {field, operator, value}; patterns are regex.h's: RE2, ASCII classes, `$` only at the end. */
enum err compat_trust_match(const struct value *condition, const struct value *context,
			    struct arena *a, bool *ret, const char **raises) NODISCARD;
/* PolicyEvaluator.evaluate over what compat_trust_check accepted. */
enum err compat_trust_decide(const struct value *const *docs, size_t count,
			     const struct value *context, struct arena *a,
			     struct compat_decision *ret, const char **raises) NODISCARD;

/* --- Go and Rust --- */

/* LoadFromYAML, load_from_yaml: the shape that their readers want. ERR_TYPE, ERR_RANGE. */
enum err compat_go_check(const struct value *doc, struct note *n) NODISCARD;
enum err compat_rust_check(const struct value *doc, struct note *n) NODISCARD;
/*
 * Evaluate, evaluate: an action's name and a flat context, whose numbers are JSON's (doubles in
 * Go). A rule that limits rates answers as it does to the first call.
 */
void compat_go_decide(const struct value *doc, struct str action, const struct value *context,
		      struct compat_decision *ret);
void compat_rust_decide(const struct value *doc, struct str action, const struct value *context,
			struct compat_decision *ret);

#endif
