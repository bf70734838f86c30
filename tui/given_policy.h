/*
 * given_policy: what the commands of `trammel policy` are given: policies, and documents in YAML or
 * JSON. Not part of any workspace's lock: they read and record nothing.
 */
#ifndef TRAMMEL_TUI_GIVEN_POLICY_H
#define TRAMMEL_TUI_GIVEN_POLICY_H

#include "engine/base/limits.h"
#include "engine/policy/policy.h"
#include "tui/print.h"

/*
 * The policies at `path`, else at --policy, else those of the workspace. `memory` outlives the
 * bundle.
 */
enum err given_policy_load(const struct invocation *in, const char *path, struct arena *memory,
			   struct bundle **ret, struct note *n) NODISCARD;
/*
 * A whole file, "-" for standard input, of at most LIMIT_YAML_BYTES, NUL behind it. The note names
 * the file when it cannot be read.
 */
enum err given_text(const struct invocation *in, const char *file, struct arena *a, struct str *ret,
		    struct note *n) NODISCARD;
/*
 * Likewise, read as JSON (named *.json, or it begins like JSON where the name does not tell) or as
 * YAML.
 */
enum err given_document(const struct invocation *in, const char *file, struct arena *a,
			struct value *ret, struct note *n) NODISCARD;
/* The one request in `file`. */
enum err given_question(const struct invocation *in, const char *file, struct arena *a,
			struct question *ret, struct note *n) NODISCARD;

/* JSON members effect, rule, obligations, reason and errors of a ruling. */
void given_ruling_json(struct buf *b, const struct ruling *r);
/* "deny by shop/refund", "allow, warn by shop/mail", "deny by default" */
/* " by p/r", of a Cedar policy with its line. It has a rule. */
void given_rule_text(struct buf *b, const struct ruling *r);
void given_ruling_text(struct buf *b, const struct ruling *r);
/* The request as a member of JSON, or as it is written for people. */
void given_question_json(struct buf *b, const char *key, const struct question *q);

#endif
