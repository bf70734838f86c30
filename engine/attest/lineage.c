/*
 * lineage: from a record to the one above, as far as there are any.
 *
 *   leaf --parent_record_hash--> record above --parent_record_hash--> ... --> one without: the root
 *
 * Each step is judged by itself: a hash that fits says that this is the record that was meant, a
 * signature that it was made by who it says, and only both together that authority came down.
 */
#include "engine/attest/lineage.h"

#include "engine/attest/inside.h"
#include "engine/base/limits.h"

_Static_assert(3 * LIMIT_LINEAGE + FINDING_CODES < FINDINGS_MAX, "each has three findings");

struct walking {
	const struct appraise_terms *terms;
	struct arena *arena;
	struct findings *f;
};

/* The lowest there is for what is no time; levels and schema say so. */
static int64_t issued_s(const struct trace_record *c)
{
	const struct value *v = value_get_c(c->record, "iat");

	return v && v->kind == VALUE_INT && v->integer > 0 ? v->integer : 0;
}

/* The hash covers the signature too, so the record above cannot be signed anew by another. */
static enum err judge_hash(struct walking *w, const struct trace_record *below,
			   const struct trace_record *c, size_t step)
{
	struct str named = value_text(value_get_c(below->record, "delegation"),
				      "parent_record_hash");
	struct digest own, said;

	if (str_starts(named, STR("sha384:"))) {
		finding_add(w->f, FINDING_PARENT, FINDING_FAIL,
			    "step %zu: it is a SHA-384, which is not computed here", step);
		return OK;
	}
	TRY(trace_record_hash(c->whole, &own));
	if (digest_read(named, &said) == OK && digest_eq(&own, &said))
		finding_add(w->f, FINDING_PARENT, FINDING_PASS,
			    "step %zu: it names the record above, by credential '%.*s'", step,
			    SHOWN(value_text(value_get_c(below->record, "delegation"),
					     "credential_id")));
	else
		finding_add(w->f, FINDING_PARENT, FINDING_FAIL,
			    "step %zu: it is '%.*s', the hash of another record", step,
			    SHOWN(named));
	return OK;
}

/* A record above fits the schema, and its signature holds. */
static enum err judge_signed(struct walking *w, const struct trace_record *c, size_t step)
{
	struct findings *own = arena_alloc(w->arena, sizeof(*own));
	struct note n = { .text = "" };
	const struct finding *found;

	if (!own)
		return ERR_MEMORY;
	if (trace_schema_check(c->record, TRACE_V0_2, &n) != OK) {
		finding_add(w->f, FINDING_PARENT_SIGNED, FINDING_FAIL, "step %zu: %s", step,
			    n.text);
		return OK;
	}
	if (w->terms->trusted)
		TRY(appraise_belief(c, w->terms, w->arena, own));
	else
		TRY(appraise_level(c, w->terms, w->arena, own));
	found = finding_find(own, w->terms->trusted ? FINDING_TRUSTED : FINDING_SIGNATURE);
	if (found && found->status == FINDING_PASS)
		finding_add(w->f, FINDING_PARENT_SIGNED, FINDING_PASS, "step %zu: signed by %s",
			    step, w->terms->trusted ? "a key that is trusted" : "the key in it");
	else
		finding_add(w->f, FINDING_PARENT_SIGNED, FINDING_FAIL, "step %zu: %s", step,
			    found ? found->text : "it cannot be verified");
	return OK;
}

/* Who was named by its hash was there first, as far as clocks agree. */
static void judge_time(struct walking *w, const struct trace_record *below,
		       const struct trace_record *c, size_t step)
{
	if (issued_s(c) <= issued_s(below) || issued_s(c) - issued_s(below) <= w->terms->skew_s)
		finding_add(w->f, FINDING_PARENT_TIME, FINDING_PASS,
			    "step %zu: the record above was there before", step);
	else
		finding_add(w->f, FINDING_PARENT_TIME, FINDING_FAIL,
			    "step %zu: the record above is dated %lld seconds later", step,
			    (long long)(issued_s(c) - issued_s(below)));
}

enum err lineage_judge(const struct trace_record *leaf, const struct trace_record *above,
		       size_t count, const struct appraise_terms *t, struct arena *a,
		       struct findings *f)
{
	struct walking w = { t, a, f };
	const struct trace_record *below = leaf;

	if (count > LIMIT_LINEAGE)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++) {
		if (!value_get_c(below->record, "delegation")) {
			finding_add(f, FINDING_PARENT, FINDING_FAIL,
				    "step %zu: nothing was delegated to it, so no record is above",
				    i + 1);
			return OK;
		}
		TRY(judge_hash(&w, below, &above[i], i + 1));
		TRY(judge_signed(&w, &above[i], i + 1));
		judge_time(&w, below, &above[i], i + 1);
		below = &above[i];
	}
	if (value_get_c(below->record, "delegation"))
		finding_add(f, FINDING_PARENT, FINDING_UNVERIFIED,
			    "%s acts on the authority of another one, which was not given",
			    count ? "the last record" : "it");
	return OK;
}
