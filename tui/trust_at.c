/* trust_at: a workspace, its state and the bundle that was in force. */
#include "tui/trust_at.h"

void trust_at_init(struct trust_at *t)
{
	*t = (struct trust_at){ .space = NULL };
	arena_init(&t->memory, LIMIT_BUNDLE_MEMORY);
}

void trust_at_close(struct trust_at *t)
{
	state_close(t->state);
	arena_fini(&t->memory);
	(void)space_close(t->space, NULL);
}

enum err trust_at_terms(struct trust_at *t, const struct digest *policy,
			const struct trust_terms **ret, struct note *n)
{
	struct gate_bodies bodies = space_bodies(t->space);
	struct bundle *bundle;
	struct body packed;
	enum err e = bodies.get(bodies.self, policy, &packed);

	if (e == ERR_MISS)
		return note_set(n, e, 0, 0, "the policies in force are not in the blob store");
	TRY(e);
	arena_rewind(&t->memory, (struct arena_mark){ NULL, 0 });
	TRY(bundle_unpack(packed.text, &t->memory, &bundle, n));
	*ret = bundle_trust(bundle);
	return OK;
}

/* What the last entry decided by; before the first there is nothing. */
static enum err read_terms(struct trust_at *t, struct note *n)
{
	struct totals_row totals = gate_totals(t->state);
	const struct digest none = { .bytes = { 0 } };
	struct digest policy;

	memcpy(policy.bytes, totals.policy, sizeof(policy.bytes));
	if (!digest_eq(&policy, &none))
		TRY(trust_at_terms(t, &policy, &t->terms, n));
	if (t->terms)
		return OK;
	return note_set(n, ERR_NOT_FOUND, 0, 0,
			"the policies in force keep no trust; a policy with the key 'trust' does");
}

enum err trust_at_open(const struct invocation *in, const uint64_t *step, struct trust_at *ret,
		       struct note *n)
{
	struct digest root;
	uint64_t entries;

	TRY(space_open(in->world, dir_of(in), SPACE_READ, &ret->space, n));
	TRY(gate_state_open(&ret->state));
	TRY(space_count_entries(ret->space, &entries, n));
	if (step || entries)
		TRY(space_state_at(ret->space, step ? *step : entries - 1, ret->state, &root, n));
	return read_terms(ret, n);
}
