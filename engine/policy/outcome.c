/* outcome: what a ruling comes to. */
#include "engine/policy/inside.h"
#include "engine/policy/tools.h"

#define EDITS_SHOWN     120 /* bytes */
#define APPROVERS_SHOWN 8

const char *change_name(enum outcome_change change)
{
	static const char *const names[CHANGES] = { "same", "tighter", "changed", "looser" };

	return names[change];
}

static enum outcome_change worse_of(enum outcome_change a, enum outcome_change b)
{
	return a > b ? a : b;
}

static enum outcome_change opposite(enum outcome_change c)
{
	return c == CHANGE_LOOSER ? CHANGE_TIGHTER : c == CHANGE_TIGHTER ? CHANGE_LOOSER : c;
}

/* What is asked for only before, or only now. */
static enum outcome_change duty(bool was, bool now)
{
	return was == now ? CHANGE_NONE : was ? CHANGE_LOOSER : CHANGE_TIGHTER;
}

enum outcome_change outcome_compare_limits(const struct policy_limit *was,
					   const struct policy_limit *now)
{
	if (!was->period_ns || !now->period_ns)
		return duty(was->period_ns != 0, now->period_ns != 0);
	if (!was->count || !now->count)
		return duty(was->count == 0, now->count == 0);
	if (was->count == now->count && was->period_ns == now->period_ns)
		return CHANGE_NONE;
	if (now->count <= was->count && now->period_ns >= was->period_ns)
		return CHANGE_TIGHTER;
	if (now->count >= was->count && now->period_ns <= was->period_ns)
		return CHANGE_LOOSER;
	return CHANGE_OTHER;
}

static bool all_in(const struct str *some, size_t some_count, const struct str *all, size_t count)
{
	for (size_t i = 0; i < some_count; i++) {
		size_t k = 0;

		while (k < count && !str_eq(some[i], all[k]))
			k++;
		if (k == count)
			return false;
	}
	return true;
}

enum outcome_change outcome_compare_sets(const struct str *was, size_t was_count,
					 const struct str *now, size_t now_count,
					 enum outcome_change more)
{
	bool kept = all_in(was, was_count, now, now_count),
	     known = all_in(now, now_count, was, was_count);

	if (kept && known)
		return CHANGE_NONE;
	return kept ? more : known ? opposite(more) : CHANGE_OTHER;
}

/* Nobody named is anybody. */
static enum outcome_change compare_approvers(const struct ruling *was, const struct ruling *now)
{
	if (!was->approver_count || !now->approver_count)
		return duty(was->approver_count > 0, now->approver_count > 0);
	return outcome_compare_sets(was->approvers, was->approver_count, now->approvers,
				    now->approver_count, CHANGE_LOOSER);
}

static enum outcome_change compare_denials(const struct ruling *was, const struct ruling *now)
{
	bool asks = was->obligations & POLICY_APPROVAL,
	     asks_now = now->obligations & POLICY_APPROVAL;

	if (asks != asks_now)
		return asks_now ? CHANGE_LOOSER : CHANGE_TIGHTER;
	return asks ? compare_approvers(was, now) : CHANGE_NONE;
}

static enum outcome_change compare_edits(const struct ruling *was, const struct ruling *now)
{
	if (!was->edits.len || !now->edits.len)
		return duty(was->edits.len > 0, now->edits.len > 0);
	return str_eq(was->edits, now->edits) ? CHANGE_NONE : CHANGE_OTHER;
}

enum outcome_change outcome_compare(const struct ruling *was, const struct ruling *now)
{
	enum outcome_change worst;

	if (was->allow != now->allow)
		return now->allow ? CHANGE_LOOSER : CHANGE_TIGHTER;
	if (!was->allow)
		return compare_denials(was, now);
	worst = outcome_compare_limits(&was->limit, &now->limit);
	worst = worse_of(worst, compare_edits(was, now));
	for (unsigned bit = POLICY_WARN; bit <= POLICY_LOG; bit <<= 1)
		worst = worse_of(worst, duty(was->obligations & bit, now->obligations & bit));
	return worst;
}

static const struct rule *find_rule(const struct plan *p, struct str identity)
{
	for (size_t d = 0; d < p->document_count; d++)
		for (size_t r = 0; r < p->documents[d].rule_count; r++)
			if (str_eq(p->documents[d].rules[r].identity, identity))
				return &p->documents[d].rules[r];
	return NULL;
}

struct ruling outcome_of(const struct bundle *b, struct str rule, bool allow)
{
	const struct rule *found = rule.ptr ? find_rule(bundle_plan(b), rule) : NULL;

	if (!found || found->allows != allow)
		return (struct ruling){ .allow = allow, .rule = rule };
	return (struct ruling){ .allow = allow,
				.rule = rule,
				.obligations = found->obligations,
				.approvers = found->approvers,
				.approver_count = found->approver_count,
				.edits = found->edits,
				.limit = found->limit };
}

static void add_approvers(struct buf *b, const struct ruling *r)
{
	for (size_t i = 0; i < r->approver_count && i < APPROVERS_SHOWN; i++)
		buf_addf(b, "%s%.*s", i ? ", " : " of ", SHOWN(r->approvers[i]));
	if (r->approver_count > APPROVERS_SHOWN)
		buf_addf(b, " and %zu more", r->approver_count - APPROVERS_SHOWN);
}

void outcome_write(struct buf *b, const struct ruling *r)
{
	struct str edits = r->edits;

	if (!r->allow) {
		bool asks = r->obligations & POLICY_APPROVAL;

		buf_add_c(b, asks ? "require_approval" : "deny");
		if (asks)
			add_approvers(b, r);
		return;
	}
	buf_add_c(b, "allow");
	if (r->limit.period_ns) {
		buf_add_c(b, ", limit ");
		rate_write(b, &r->limit);
	}
	if (edits.len > EDITS_SHOWN)
		edits.len = str_utf8_prefix(str_slice(edits.ptr, EDITS_SHOWN));
	if (edits.len)
		buf_addf(b, ", transform %.*s%s", STR_ARG(edits),
			 edits.len < r->edits.len ? "..." : "");
	if (r->obligations & POLICY_WARN)
		buf_add_c(b, ", warn");
	if (r->obligations & POLICY_LOG)
		buf_add_c(b, ", log");
}
