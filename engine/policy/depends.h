/*
 * depends: could a decision have been another one, had a value been another that is withheld now?
 * Opened by policy.h.
 *
 * Asked when values were taken out of recorded arguments: a decision that depends on none of them
 * is made again without them, byte for byte, and of another one nobody can say more than what was
 * recorded. No answer is a guess: where a part of the policy may have had another truth, the
 * decision depends on it. What it says may be wrong in one way only, that a decision that was
 * called dependent would have come out the same whatever the value.
 */
#ifndef TRAMMEL_DEPENDS_H
#define TRAMMEL_DEPENDS_H

#include "engine/base/veil.h"
#include "engine/policy/policy.h"

/* What is withheld of a request; NULL: nothing. Withheld leaves are null there. */
struct withheld {
	const struct veil *args, *result;
};

/*
 * `ruling` is what bundle_decide made of the request. *ret is what looks at a withheld value, like
 * "rule 'support/refund'", in the arena; ptr NULL: nothing does. ERR_MEMORY, ERR_LIMIT.
 */
enum err bundle_depends(const struct bundle *b, enum policy_stage stage, struct str agent,
			const struct value *request, const struct ruling *ruling,
			const struct withheld *withheld, struct arena *a,
			struct str *ret) NODISCARD;

#endif
