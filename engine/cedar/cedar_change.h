/*
 * cedar_change: sets of policies with one small change, for tools that ask whether anybody would
 * notice it. Opened by cedar.h.
 */
#ifndef TRAMMEL_CEDAR_CHANGE_H
#define TRAMMEL_CEDAR_CHANGE_H

#include "engine/cedar/cedar.h"

/*
 * What stands between the && of a condition's top, over all conditions of the policy: `when { a &&
 * b } unless { c }` has three.
 */
struct cedar_conjunct {
	struct str text;             /* as Cedar writes it */
	uint32_t line, column;
	size_t condition;
	const struct cedar_expr *expr;
};

/* In the arena; texts too. ERR_MEMORY. */
enum err cedar_conjuncts(const struct cedar_policies *p, size_t number, struct arena *a,
			 struct cedar_conjunct **ret, size_t *count) NODISCARD;

enum cedar_change {
	CEDAR_DELETED = 0,           /* it never holds; the numbers of others stay */
	CEDAR_FLIPPED,               /* permit for forbid, forbid for permit */
	CEDAR_DROPPED,               /* without a conjunct; a condition of that one is no more */
	CEDAR_NEGATED,               /* with ! before a conjunct */
};

/*
 * The set with that change of one policy; `conjunct` is a number of cedar_conjuncts, else unused.
 * The rest is shared with the old set, which must outlive it and was not changed itself. ERR_LIMIT:
 * the condition is as deep as may be already.
 */
enum err cedar_changed(const struct cedar_policies *p, size_t number, enum cedar_change how,
		       size_t conjunct, struct arena *a, struct cedar_policies **ret) NODISCARD;

#endif
