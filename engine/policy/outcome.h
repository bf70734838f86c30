/*
 * outcome: what a ruling comes to, permit or denial with all that goes with it, and whether another
 * one is looser. A part of the tools' door.
 */
#ifndef TRAMMEL_OUTCOME_H
#define TRAMMEL_OUTCOME_H

/* From the harmless to the one that somebody must have meant. */
enum outcome_change {
	CHANGE_NONE = 0,
	CHANGE_TIGHTER,
	CHANGE_OTHER, /* neither; what it means is for people to say */
	CHANGE_LOOSER,
	CHANGES
};

/* "same", "tighter", "changed", "looser" */
const char *change_name(enum outcome_change change);

/*
 * Denied and now allowed is looser, and so is each thing less that a permit is tied to: a limit, an
 * edit, a warning, a line in the log; and an approval where there was no way, or by more people.
 * Of several differences the worst counts. Which rule decides is no difference.
 */
enum outcome_change outcome_compare(const struct ruling *was, const struct ruling *now);
/* "allow, limit 5/hour, warn", in the order of what binds most; long lists are cut. */
void outcome_write(struct buf *b, const struct ruling *r);

/*
 * What a ruling by the rule of that name comes to, as far as it counts here; a plain one where the
 * bundle has no such rule or the rule says otherwise: then something else denied.
 */
struct ruling outcome_of(const struct bundle *b, struct str rule, bool allow);

/* "at most so many in so long", compared alike; period_ns 0: no limit. */
enum outcome_change outcome_compare_limits(const struct policy_limit *was,
					   const struct policy_limit *now);
/* Sets of texts; `more` is what it means when there are more of them now. */
enum outcome_change outcome_compare_sets(const struct str *was, size_t was_count,
					 const struct str *now, size_t now_count,
					 enum outcome_change more);

#endif
