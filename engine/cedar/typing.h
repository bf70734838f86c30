/*
 * typing: what the files of the validator share.
 *
 *   cedar_validate --> cedar_typing --> cedar_typing_calls
 *                          |    \
 *                   cedar_type  cedar_capability
 *
 * An expression has a type in one request environment: a principal type, an action and a resource
 * type. Besides the type, an expression that holds may guarantee that optional attributes and tags
 * are there: its capabilities. For the files of engine/cedar only.
 *
 * Sources: docs.cedarpolicy.com/policies/validation.html; RFC 82 (tags), 53 (enumerations).
 */
#ifndef TRAMMEL_CEDAR_TYPING_H
#define TRAMMEL_CEDAR_TYPING_H

#include "engine/cedar/declared.h"

/*
 * What judging types needs. The
 * first failure is kept: ERR_MEMORY, ERR_LIMIT for LIMIT_CEDAR_STEPS.
 */
struct cedar_judge {
	const struct cedar_schema *schema;
	struct arena *memory;
	bool strict;
	uint64_t steps;
	enum err err;
};

/* False, and the error is set, when no step is left. */
bool cedar_step(struct cedar_judge *j, uint64_t count);

/* --- cedar_type. NULL as the element of a set: the set is empty. --- */

const struct cedar_type *cedar_type_bool(enum cedar_only only);
const struct cedar_type *cedar_type_plain(enum cedar_type_kind kind);
/* NULL: no memory. */
const struct cedar_type *cedar_type_entity(struct cedar_judge *j, struct str name);
/* The type that values of either have; false when there is none, or the judge failed. */
bool cedar_type_join(struct cedar_judge *j, const struct cedar_type *a, const struct cedar_type *b,
		     const struct cedar_type **ret);
/* The entity types that an entity may be of. */
const struct str *cedar_type_entities(const struct cedar_type *t, size_t *count);
/* No value is of both. Only entities are sure enough. */
bool cedar_type_disjoint(const struct cedar_type *a, const struct cedar_type *b);
/* The attribute of a record or an entity, and whether it is there; false: there is none. */
bool cedar_type_attr(struct cedar_judge *j, const struct cedar_type *t, struct str name,
		     struct cedar_field *ret);
/* May a value have it, although its type is not known? */
bool cedar_type_may_have(const struct cedar_judge *j, const struct cedar_type *t, struct str name);
/* What the tags of an entity are; *ret NULL: it has none. False: they do not join. */
bool cedar_type_tags(struct cedar_judge *j, const struct cedar_type *t,
		     const struct cedar_type **ret);
/* The name for a message, cut where it gets long. */
#define CEDAR_TYPE_SHOWN 96
void cedar_type_show(const struct cedar_type *t, char dst[CEDAR_TYPE_SHOWN]);

bool cedar_is_action_type(struct str type);
/* Is the type the ancestor, or declared to be `in` it? Types of actions as their actions are. */
bool cedar_type_in(struct cedar_judge *j, struct str type, struct str ancestor);

/* --- cedar_capability --- */

struct cedar_capability;

struct cedar_caps {
	const struct cedar_capability *first;
	size_t count;
};

/* `on has name`, or with `tag`: on.hasTag(tag). Expressions are alike when they are spelt alike. */
struct cedar_claim {
	const struct cedar_expr *on, *tag;
	struct str name;
};

/* Of the kinds that a text can hold: bool, long, string, entity. */
bool cedar_same_literal(const struct cedar_value *a, const struct cedar_value *b);
/* These make what they return in the judge's memory; a failure shows in its error. */
struct cedar_caps cedar_caps_one(struct cedar_judge *j, const struct cedar_claim *claim);
struct cedar_caps cedar_caps_union(struct cedar_judge *j, struct cedar_caps a,
				   struct cedar_caps b);
struct cedar_caps cedar_caps_common(struct cedar_judge *j, struct cedar_caps a,
				    struct cedar_caps b);
bool cedar_caps_hold(struct cedar_judge *j, struct cedar_caps caps,
		     const struct cedar_claim *claim);

/* --- cedar_typing --- */

struct cedar_typing {
	struct cedar_judge judge;
	const struct cedar_action *action;
	const struct cedar_type *vars[4];            /* by enum cedar_var */
	/* Why the last expression had no type; text.ptr NULL: it is found out elsewhere. */
	uint32_t line, column;
	struct str text;
};

struct cedar_typed {
	const struct cedar_type *type;
	struct cedar_caps caps;      /* hold when the expression does */
};

/* The type of an expression where `held` hold. False: it has none, or the judge failed. */
bool cedar_type_of(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
		   struct cedar_typed *ret);
/* The same, and it has to be of the kind. */
bool cedar_expect(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
		  enum cedar_type_kind kind, struct cedar_typed *ret);
/* cedar_type_join; `what` begins the sentence when they do not. */
bool cedar_expect_join(struct cedar_typing *t, const struct cedar_expr *e,
		       const struct cedar_type *a, const struct cedar_type *b, const char *what,
		       const struct cedar_type **ret);
/* Say why there is no type: always false. */
bool cedar_refuse(struct cedar_typing *t, const struct cedar_expr *e, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* cedar_typing_calls: EXPR_CALL. */
bool cedar_type_of_call(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret);

#endif
