/*
 * rules: what the readers of the YAML dialect share. Each checks what it reads and refuses it with
 * its place in the file; everything they give lives as long as the tree they read from.
 */
#ifndef TRAMMEL_POLICY_RULES_H
#define TRAMMEL_POLICY_RULES_H

#include "engine/policy/inside.h"

/* One policy file being read. */
struct reader {
	struct slots *slots;
	struct arena *memory;
	struct note *note;
	struct str text, file;
};

/* --- members: the keys of a mapping --- */

/* No key but the NULL-ended `known` ones; `owner` is what the mapping is, for the message. */
enum err members_known(const struct reader *r, const struct value *object, const char *const *known,
		       const char *owner) NODISCARD;
/* Always ERR_TYPE: "'key' is integer here; expected ...". */
enum err member_wrong(const struct reader *r, const struct value *v, const char *key,
		      const char *expected);
/* The member, checked to be of `kind`; *ret is NULL when it is not there. */
enum err member_of(const struct reader *r, const struct value *object, const char *key,
		   enum value_kind kind, const char *expected, const struct value **ret) NODISCARD;
enum err member_bool(const struct reader *r, const struct value *object, const char *key,
		     bool absent, bool *ret) NODISCARD;
/* A choice among NULL-ended names by its place; *ret is -1 when the key is not there. */
enum err member_choice(const struct reader *r, const struct value *object, const char *key,
		       const char *const *choices, int *ret) NODISCARD;
/* Each of the NULL-ended keys, where it is there, is a string: texts nothing is decided by. */
enum err members_are_strings(const struct reader *r, const struct value *object,
			     const char *const *keys) NODISCARD;
/* The needed `name`, which identities in the log are made of: bounded and printable. */
enum err member_name(const struct reader *r, const struct value *object, const char *owner,
		     bool slash_allowed, struct str *ret) NODISCARD;
/* A list of at least one non-empty string; *ret NULL when the key is not there. */
enum err member_strings(const struct reader *r, const struct value *object, const char *key,
			const char *if_none, const struct value **ret) NODISCARD;

/*
 * Turn the note's column within the string `v`, which is a `what`, into a place in the file. That
 * is exact where the file holds the string byte for byte (plain and most quoted scalars on one
 * line); elsewhere the string's own place is given, and the column within it is said in words.
 */
void member_place(const struct reader *r, const struct value *v, const char *what, struct note *n);

/* Globs from a list of strings. */
enum err rules_patterns(const struct reader *r, const struct value *items, size_t count,
			struct patterns *ret) NODISCARD;

/* --- rate: so many in a period, as text --- */

/* "10/hour", blanks around '/' allowed. ERR_SYNTAX, ERR_RANGE (the number). */
enum err rate_read(struct str text, struct policy_limit *ret) NODISCARD;

/* --- effect: what a rule does once it matches, and what it asks for --- */

/* action, approvers, limit and transform of the rule `name`, whose stage is known. */
enum err effect_read(const struct reader *r, const struct value *object, struct str name,
		     struct rule *rule) NODISCARD;

/* --- rules: what rules and the declarations of names have in common --- */

/* The key `stage`; pre_tool when it is not there. */
enum err rules_read_stage(const struct reader *r, const struct value *object,
			  enum policy_stage *ret) NODISCARD;
/* tools and condition as one condition; *ret NULL when there is neither. */
enum err rules_read_when(const struct reader *r, const struct value *object,
			 enum policy_stage stage, const struct condition **ret) NODISCARD;

/* --- cedar_mapping: how actions become Cedar requests --- */

/* The key `cedar` of a document; *ret and *at are NULL when it is not there. */
enum err cedar_mapping_read(const struct reader *r, const struct value *document,
			    const struct cedar_mapping **ret, const struct value **at) NODISCARD;

/* --- trust_terms: how much agents are worth --- */

/* The key `trust` of a document; *ret and *at are NULL when it is not there. */
enum err trust_terms_read(const struct reader *r, const struct value *document,
			  const struct trust_terms **ret, const struct value **at) NODISCARD;

#endif
