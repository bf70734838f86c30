/* trust_at: the state after an entry and the terms of trust in force there, for trust commands. */
#ifndef TRAMMEL_TUI_TRUST_AT_H
#define TRAMMEL_TUI_TRUST_AT_H

#include "engine/space/space.h"
#include "tui/command.h"

struct trust_at {
	struct space *space;
	struct state *state;
	struct arena memory;         /* of the bundle */
	const struct trust_terms *terms;
};

void trust_at_init(struct trust_at *t);
/*
 * Open the workspace for reading. `step` NULL: after the last entry. ERR_NOT_FOUND when there is no
 * such entry, or no trust is kept there. Close it in any case.
 */
enum err trust_at_open(const struct invocation *in, const uint64_t *step, struct trust_at *ret,
		       struct note *n) NODISCARD;
void trust_at_close(struct trust_at *t);

/* The terms of a bundle by its digest, NULL without any; they live until the next call. */
enum err trust_at_terms(struct trust_at *t, const struct digest *policy,
			const struct trust_terms **ret, struct note *n) NODISCARD;

#endif
