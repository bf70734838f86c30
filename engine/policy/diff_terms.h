/* diff_terms: what two bundles say besides their rules, term by term. */
#ifndef TRAMMEL_DIFF_TERMS_H
#define TRAMMEL_DIFF_TERMS_H

#include "engine/policy/inside.h"

/* `counts` holds CHANGES numbers, of terms by what became of them. */
enum err diff_terms(const struct bundle *old, const struct bundle *now, struct arena *scratch,
		    const struct diff_hearing *hearing, uint64_t *counts) NODISCARD;

#endif
