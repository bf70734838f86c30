/*
 * policy: what is allowed. The door of engine/policy.
 *
 * A bundle is the set of policy files in force, loaded whole or not at all, immutable, identified
 * by the digest of its closure. Deciding is pure: no clock, no allocation beyond the given arena,
 * no order of hashing; same bundle and same request give the same ruling everywhere. The language
 * (`apiVersion: governance.toolkit/v1`, strict) is in docs/formats/policy.md.
 *
 * Rules are tried by priority (higher first), then by file name and place in the file; the first
 * that matches decides; else the default action, which is deny unless every applicable document
 * says allow. Conditions are three-valued: an error makes a rule that denies match and a rule that
 * allows not match, and is always reported.
 */
#ifndef TRAMMEL_POLICY_H
#define TRAMMEL_POLICY_H

#include "engine/base/value.h"
#include "engine/crypto/crypto.h"
#include "engine/policy/compat_import.h"
#include "engine/trust/trust.h"

struct bundle;

struct policy_file {
	struct str name; /* as under policies/, '/' separated; UTF-8 */
	struct str content;
};

/*
 * Whether a file of this name is a part of a bundle: *.yaml, *.yml, *.cedar, *.cedar.json,
 * *.cedarschema, *.cedarschema.json, *.entities.json; and *.rego or any of them in capitals, which
 * are refused: a policy that would be ignored must not look as if it were in force.
 */
bool policy_file_named(struct str name);

/* Where in an agent's step an action is looked at. Rules belong to one stage each. */
enum policy_stage {
	POLICY_PRE_TOOL = 0,
	POLICY_PRE_INPUT,
	POLICY_POST_TOOL,
	POLICY_PRE_OUTPUT,
	POLICY_STAGES
};

/* "pre_tool" ... */
const char *policy_stage_name(enum policy_stage stage);
bool policy_stage_read(struct str name, enum policy_stage *ret);

/*
 * Files in any order. `memory` outlives the bundle and holds everything it needs, copies of the
 * texts included. The note names file, line, column, what was found and what was expected. Refused:
 * anything unparsable, unknown, duplicated or mistyped; Cedar policies that their schema does not
 * accept; an empty bundle.
 */
enum err bundle_load(const struct policy_file *files, size_t count, struct arena *memory,
		     struct bundle **ret, struct note *n) NODISCARD;

/* SHA-256 of bundle_pack's bytes. */
struct digest bundle_digest(const struct bundle *b);
/*
 * The closure as one canonical JSON document, what the log keeps:
 * {"files":[{"content","name"}...],"format":"trammel/bundle/v1"}. ERR_LIMIT, ERR_MEMORY.
 */
enum err bundle_pack(const struct bundle *b, struct buf *out) NODISCARD;
/* Load what bundle_pack wrote, byte for byte: ERR_SYNTAX when packing again gives other bytes. */
enum err bundle_unpack(struct str packed, struct arena *memory, struct bundle **ret,
		       struct note *n) NODISCARD;

/*
 * What the bundle says about agents that are not registered: false (the default) denies them before
 * any rule is tried.
 */
bool bundle_admits_unknown(const struct bundle *b);
/* Whether actions of agents that have a key must be signed (default false). */
bool bundle_wants_signature(const struct bundle *b);
/* How much agents are worth and what that takes; NULL: the bundle keeps no trust. */
const struct trust_terms *bundle_trust(const struct bundle *b);
/*
 * Whether an agent needs a sponsor: one that was created here (default true), or any other (false).
 */
bool bundle_wants_sponsor(const struct bundle *b, bool created);
/* Whether actions belong into sessions that somebody opened (default false). */
bool bundle_wants_session(const struct bundle *b);
/* Rules in force: those that are not enabled do not count. */
size_t bundle_rules(const struct bundle *b);
size_t bundle_documents(const struct bundle *b);
/* The rules of a stage in the order of trial: their number, and the identity of one of them. */
uint32_t bundle_stage_rules(const struct bundle *b, enum policy_stage stage);
struct str bundle_stage_rule(const struct bundle *b, enum policy_stage stage, uint32_t place);
/* The name of the policy it is a rule of. */
struct str bundle_stage_policy(const struct bundle *b, enum policy_stage stage, uint32_t place);
/* Cedar policies, by file name and place in the file: their number, and one of them. */
size_t bundle_cedar_policies(const struct bundle *b);
struct str bundle_cedar_policy(const struct bundle *b, size_t number, bool *forbid);

/* What a decision says, and its record. */
#include "engine/policy/ruling.h"

/*
 * `request` is one object; conditions see its members by path: agent.*, action.type, action.*,
 * resource, args.*, session.*, result.* after the tool, and past.*, the answers to the bundle's
 * lookbacks. `agent` selects the documents that
 * apply. On ERR_MEMORY or ERR_LIMIT nothing may be allowed.
 */
enum err bundle_decide(const struct bundle *b, enum policy_stage stage, struct str agent,
		       const struct value *request, struct arena *a, struct ruling *ret) NODISCARD;

/*
 * One condition by itself, with all that rules of any stage see, for tests, fuzzers and tools:
 * true, false, or undecidable with the reason in the note.
 */
enum truth { TRUTH_FALSE = 0, TRUTH_TRUE, TRUTH_ERROR };

struct condition;
/* The note's column counts bytes of the text from 1; its line is 0. */
enum err condition_compile(struct str text, struct arena *a, const struct condition **ret,
			   struct note *n) NODISCARD;
enum truth condition_eval(const struct condition *c, const struct value *request, struct note *n);

/* What happened before in a session, as conditions may ask. */
#include "engine/policy/sequence.h"

/* What a bundle says besides rules: quotas and budgets. */
#include "engine/policy/curbs.h"
/* Whether a decision stands on values that are withheld. */
#include "engine/policy/depends.h"
/* Tools over a loaded bundle: tests, analysis, explanations, differences. */
#include "engine/policy/tools.h"

#endif
