/*
 * cedar: the Cedar policy language, version 4.5, natively. The door of engine/cedar.
 *
 * Policies, entities and schemas are read once into an arena and never change; a decision reads
 * them only. Semantics are those of the language's own test suite: decision, determining policies
 * and erring policies. What trammel makes of an answer is engine/policy's business.
 *
 * Everything read keeps what it needs in the arena, copies of texts included, unless said
 * otherwise. Notes carry line and column of the text; columns count bytes from 1.
 *
 * Sources: docs.cedarpolicy.com (grammar, JSON formats), RFCs of cedar-policy/rfcs.
 */
#ifndef TRAMMEL_CEDAR_H
#define TRAMMEL_CEDAR_H

#include "engine/base/arena.h"
#include "engine/base/err.h"
#include "engine/base/str.h"
#include "engine/base/value.h"

/* An entity's name. The type is a path: `Ns::Type`. Borrowed texts. */
struct cedar_uid {
	struct str type, id;
};

bool cedar_uid_eq(const struct cedar_uid *a, const struct cedar_uid *b);
/* Type::"id", as Cedar writes it, escapes included. */
void cedar_uid_write(struct buf *b, const struct cedar_uid *uid);
/* Read `Type::"id"`. */
enum err cedar_uid_read(struct str text, struct arena *a, struct cedar_uid *ret,
			struct note *n) NODISCARD;

/* --- policies --- */

struct cedar_policies;

/*
 * Policies as text: ids are policy0, policy1 ... in order. Templates are kept apart: they decide
 * nothing until they are linked.
 */
enum err cedar_policies_read(struct str text, struct arena *memory, struct cedar_policies **ret,
			     struct note *n) NODISCARD;
/*
 * A JSON policy set, {"staticPolicies":{id: policy}, "templates":{}, "templateLinks":[]}, or one
 * policy object, then called policy0.
 */
enum err cedar_policies_read_json(const struct value *set, struct arena *memory,
				  struct cedar_policies **ret, struct note *n) NODISCARD;
/* A policy from a template; NULL for a slot that the template does not have. ERR_DUPLICATE: the
 * id is taken; ERR_NOT_FOUND; ERR_TYPE: the slots are not those of the template. */
enum err cedar_link(struct cedar_policies *p, struct str template_id, struct str id,
		    const struct cedar_uid *principal, const struct cedar_uid *resource,
		    struct arena *memory, struct note *n) NODISCARD;

/*
 * Policies and templates as text, each expression in the one form that reads as it; comments and
 * links are not kept: a link is written as the policy that it became. And as a JSON policy set,
 * with ids, templates and links. Failures are the buffer's.
 */
void cedar_policies_write(struct buf *b, const struct cedar_policies *p);
void cedar_policies_write_json(struct buf *b, const struct cedar_policies *p);

enum cedar_syntax { CEDAR_POLICIES = 0, CEDAR_SCHEMA };

/*
 * Lay a text of policies or a schema out in one way, appended to `out`: the same words and the same
 * comments, in the same order, which is checked, so that it reads as the same policies. What came
 * out comes out as it is. Errors of reading it; ERR_UNKNOWN when no such layout was found.
 */
enum err cedar_format(struct str text, enum cedar_syntax syntax, struct arena *memory,
		      struct buf *out, struct note *n) NODISCARD;

struct cedar_about {
	struct str id, name;         /* name: the annotation @id when it has one, else the id */
	bool forbid;
	uint32_t line, column;       /* of its first word; of its object in JSON; of a link 0 */
};

/* The first template that no policy was made from; false when there is none. */
bool cedar_unlinked(const struct cedar_policies *p, struct cedar_about *ret);
/* Policies that decide: static ones and links, in order. */
size_t cedar_count(const struct cedar_policies *p);
struct cedar_about cedar_about(const struct cedar_policies *p, size_t number);

#include "engine/cedar/cedar_data.h"

/* --- deciding --- */

enum cedar_truth { CEDAR_NO = 0, CEDAR_YES, CEDAR_ERROR };

struct cedar_answer {
	bool allow;
	const uint32_t *holding;             /* numbers of policies that hold, ascending */
	size_t holding_count;
	const uint32_t *reasons;             /* numbers of determining policies, ascending */
	size_t reason_count;
	const uint32_t *erring;              /* of those that could not be evaluated, ascending */
	const struct str *errors;            /* a sentence for each of them */
	size_t error_count;
	uint64_t work;                       /* steps: expressions, values and texts looked at */
};

/*
 * Evaluate all policies: allow when a permit holds and no forbid does; what errs is skipped and
 * listed. No allocation beyond the arena. ERR_MEMORY; ERR_LIMIT: more steps than
 * LIMIT_DECISION_WORK. Then nothing may be allowed. Steps are counted, not timed, so the same set
 * and request always end alike; what policies share is done, and counted, once.
 */
enum err cedar_authorize(const struct cedar_policies *p, const struct cedar_entities *e,
			 const struct cedar_request *r, struct arena *a,
			 struct cedar_answer *ret) NODISCARD;
/*
 * One policy by itself. *error (NULL: not wanted) is a sentence in the arena when it errs.
 */
enum err cedar_evaluate(const struct cedar_policies *p, size_t number,
			const struct cedar_entities *e, const struct cedar_request *r,
			struct arena *a, enum cedar_truth *ret, struct str *error) NODISCARD;
/*
 * The one action that the policy's scope asks for with ==, so that a caller can leave out policies
 * that cannot hold for another. False: the scope names none, or others may be `in` what it names.
 */
bool cedar_scope_action(const struct cedar_policies *p, size_t number, struct cedar_uid *ret);

#include "engine/cedar/cedar_change.h"
#include "engine/cedar/cedar_clause.h"

#endif
