/*
 * cedar_authorize: all policies, one decision.
 *
 *   for every policy that the index does not rule out
 *           true      a permit or a forbid that holds
 *           error     skipped, and listed with the reason
 *   a forbid holds: deny by the forbids that do; else a permit holds: allow by the permits that do;
 *   else deny by nobody
 *
 * Source: docs.cedarpolicy.com, "How Cedar authorization works".
 */
#include "engine/cedar/cells.h"

#define WORDS_MAX ((LIMIT_CEDAR_POLICIES + 63) / 64)

/* --- one policy --- */

bool cedar_scope_holds(struct cedar_run *r, enum cedar_var var, const struct cedar_scope *s)
{
	const struct cedar_value *v = &r->vars[var];
	bool found = false;

	switch (s->op) {
	case SCOPE_ANY:
		return true;
	case SCOPE_EQ:
		return cedar_uid_eq(&v->uid, &s->uid);
	case SCOPE_IS:
		return str_eq(v->uid.type, s->type);
	case SCOPE_IS_IN:
		return str_eq(v->uid.type, s->type) && cedar_eval_in(r, v, &s->uid);
	case SCOPE_IN:
		for (size_t i = 0; s->listed && !found && i < s->list_count; i++)
			found = cedar_eval_in(r, v, &s->list[i]);
		return s->listed ? found : cedar_eval_in(r, v, &s->uid);
	}
	return false;
}

static bool scopes_hold(struct cedar_run *r, const struct cedar_policy *p)
{
	return cedar_scope_holds(r, VAR_ACTION, &p->action) &&
	       cedar_scope_holds(r, VAR_PRINCIPAL, &p->principal) &&
	       cedar_scope_holds(r, VAR_RESOURCE, &p->resource);
}

void cedar_run_init(struct cedar_run *r, const struct cedar_entities *e,
		    const struct cedar_request *request, struct arena *a)
{
	MUST(request->context && request->context->kind == CEDAR_RECORD);
	*r = (struct cedar_run){ .entities = e, .request = request, .arena = a };
	r->vars[VAR_PRINCIPAL] =
		(struct cedar_value){ .kind = CEDAR_ENTITY, .uid = request->principal };
	r->vars[VAR_ACTION] = (struct cedar_value){ .kind = CEDAR_ENTITY, .uid = request->action };
	r->vars[VAR_RESOURCE] =
		(struct cedar_value){ .kind = CEDAR_ENTITY, .uid = request->resource };
}

/* One policy. CEDAR_ERROR: `r->error` says why. */
static enum err run_policy(struct cedar_run *r, const struct cedar_policy *p, enum cedar_truth *ret)
{
	*ret = CEDAR_NO;
	if (!scopes_hold(r, p))
		return OK;
	for (size_t i = 0; i < p->condition_count; i++) {
		const struct cedar_expr *body = p->conditions[i].body;
		struct cedar_value room;
		const struct cedar_value *v = cedar_eval(r, body, &room);

		if (v && v->kind != CEDAR_BOOL)
			v = cedar_eval_mismatch(r, body, "bool", v);
		if (r->failure != OK)
			return r->failure;
		if (!v) {
			*ret = CEDAR_ERROR;
			return OK;
		}
		if (v->boolean == p->conditions[i].unless)
			return OK;
	}
	*ret = CEDAR_YES;
	return OK;
}

enum err cedar_evaluate(const struct cedar_policies *p, size_t number,
			const struct cedar_entities *e, const struct cedar_request *r,
			struct arena *a, enum cedar_truth *ret, struct str *error)
{
	struct cedar_run run;
	enum cedar_truth truth;

	MUST(number < p->count);
	cedar_run_init(&run, e, r, a);
	TRY(run_policy(&run, p->policies[number], &truth));
	if (run.work > LIMIT_DECISION_WORK)
		return ERR_LIMIT;
	if (error)
		*error = run.error;
	*ret = truth;
	return OK;
}

/* --- all --- */

/* What holds and what errs, as it is found; as many places as there are candidates. */
struct tally {
	uint32_t *holding, *erring;
	struct str *errors;
	size_t holding_count, error_count, room;
	bool permitted, forbidden;
};

static enum err note_error(struct tally *t, uint32_t number, const struct cedar_run *r)
{
	if (!t->erring) {
		t->erring = arena_array(r->arena, t->room, sizeof(*t->erring));
		t->errors = arena_array(r->arena, t->room, sizeof(*t->errors));
	}
	if (!t->erring || !t->errors)
		return ERR_MEMORY;
	t->erring[t->error_count] = number;
	t->errors[t->error_count++] = r->error;
	return OK;
}

/* Along its track where it has one; what errs there is evaluated as it is written, which tells
 * why. */
static enum err truth_of(struct cedar_run *r, const struct cedar_policies *p, uint32_t number,
			 enum cedar_truth *ret)
{
	if (r->cells && number < r->cells->covered && number + 1 != p->apart) {
		bool open = r->cells->tracks[number].open;

		*ret = CEDAR_NO;
		if (open || scopes_hold(r, p->policies[number]))
			*ret = cedar_track_follow(r, number);
		if (r->failure != OK || *ret != CEDAR_ERROR)
			return r->failure;
	}
	return run_policy(r, p->policies[number], ret);
}

static enum err try_one(struct cedar_run *r, const struct cedar_policies *p, uint32_t number,
			struct tally *t)
{
	enum cedar_truth truth;
	bool forbid;

	TRY(truth_of(r, p, number, &truth));
	if (truth == CEDAR_ERROR)
		return note_error(t, number, r);
	if (truth == CEDAR_NO)
		return OK;
	forbid = p->policies[number]->forbid;
	t->permitted |= !forbid;
	t->forbidden |= forbid;
	t->holding[t->holding_count++] = number;
	return OK;
}

static enum err try_all(struct cedar_run *r, const struct cedar_policies *p, const uint64_t *bits,
			size_t words, struct tally *t)
{
	for (size_t w = 0; w < words; w++)
		t->room += (size_t)__builtin_popcountll(bits[w]);
	t->holding = arena_array(r->arena, t->room, sizeof(*t->holding));
	if (!t->holding)
		return ERR_MEMORY;
	for (size_t w = 0; w < words; w++)
		for (uint64_t left = bits[w]; left; left &= left - 1)
			TRY(try_one(r, p, (uint32_t)(w * 64 + (size_t)__builtin_ctzll(left)), t));
	return OK;
}

enum err cedar_authorize(const struct cedar_policies *p, const struct cedar_entities *e,
			 const struct cedar_request *r, struct arena *a, struct cedar_answer *ret)
{
	uint64_t bits[WORDS_MAX];
	size_t words = (p->count + 63) / 64, kept = 0;
	uint32_t *reasons;
	struct cedar_run run;
	struct tally t = { .room = 0 };

	MUST(words <= WORDS_MAX);
	memset(bits, 0, words * sizeof(bits[0]));
	cedar_run_init(&run, e, r, a);
	TRY(cedar_track_begin(&run, p->cells));
	cedar_index_candidates(p, &run, bits);
	TRY(run.failure);
	TRY(try_all(&run, p, bits, words, &t));
	if (run.work > LIMIT_DECISION_WORK)
		return ERR_LIMIT;
	reasons = arena_array(a, t.holding_count, sizeof(*reasons));
	if (!reasons)
		return ERR_MEMORY;
	for (size_t i = 0; i < t.holding_count; i++)
		if (p->policies[t.holding[i]]->forbid == t.forbidden)
			reasons[kept++] = t.holding[i];
	*ret = (struct cedar_answer){
		.allow = t.permitted && !t.forbidden,
		.holding = t.holding,
		.holding_count = t.holding_count,
		.reasons = reasons,
		.reason_count = kept,
		.erring = t.erring,
		.errors = t.errors,
		.error_count = t.error_count,
		.work = run.work,
	};
	return OK;
}
