/*
 * quota_rules: the keys `quotas` and `budgets` of a policy file.
 *
 *   quotas:
 *     - {name: api, tools: [search_*], per: agent, rate: 20/second, burst: 40}
 *     - {name: sandbox, ring: 3, per: agent, rate: 5/second}
 *   budgets:
 *     - {name: refunds, tools: [refund], per: agent, unit: money, amount: 500, of: args.amount,
 *        window: day}
 */
#include "engine/base/canon.h"
#include "engine/policy/curb_parts.h"

static const char *const quota_keys[] = {
	"name", "agents", "tools", "ring", "per", "rate", "burst", NULL,
};
static const char *const budget_keys[] = {
	"name", "agents", "tools", "ring", "per", "unit", "amount", "of", "window", NULL,
};
/* In the order of enum quota_per and enum quota_unit. */
static const char *const pers[] = { "agent", "session", "tool", "ring", NULL };
static const char *const units[] = { "money", "tokens", "calls", NULL };
static const char *const windows[] = { "day", "none", NULL };

static enum err missing(const struct reader *r, const struct value *object, const char *what,
			const char *key)
{
	return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
			"this %s has no '%s'", what, key);
}

/* What quotas and budgets have in common. */
static enum err read_head(const struct reader *r, const struct value *object, const char *what,
			  struct quota_rule *ret)
{
	int per;

	TRY(member_name(r, object, what, true, &ret->quota.name));
	TRY(curb_read(r, object, &ret->curb));
	TRY(member_choice(r, object, "per", pers, &per));
	if (per < 0)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"this %s does not say whose it is; expected per: agent, session, "
				"tool or ring",
				what);
	ret->quota.per = (enum quota_per)per;
	return ring_read(r, object, "ring", RING_MOST, 0, &ret->quota.ring);
}

static enum err read_burst(const struct reader *r, const struct value *object, struct rate *rate)
{
	const struct value *v;

	rate->burst = rate->count;
	TRY(member_of(r, object, "burst", VALUE_INT, "how many may come at once", &v));
	if (!v)
		return OK;
	if (v->integer < 1 || v->integer > BUCKET_BURST_MAX)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'burst' is beyond its range; expected 1 to %u", BUCKET_BURST_MAX);
	rate->burst = (uint32_t)v->integer;
	return OK;
}

static enum err read_quota(const struct reader *r, const struct value *object,
			   struct quota_rule *ret)
{
	struct policy_limit limit;
	const struct value *v;

	TRY(members_known(r, object, quota_keys, "quota"));
	TRY(read_head(r, object, "quota", ret));
	TRY(member_of(r, object, "rate", VALUE_STRING, "a number in a period, like 20/second", &v));
	if (!v)
		return missing(r, object, "quota", "rate");
	if (rate_read(v->string, &limit) != OK || limit.count < 1 ||
	    limit.count > BUCKET_BURST_MAX)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'%.*s' is no rate; expected 1 to %u per second, minute, hour or "
				"day, like 20/second",
				SHOWN(v->string), BUCKET_BURST_MAX);
	ret->quota.kind = QUOTA_RATE;
	ret->quota.rate = (struct rate){ .count = limit.count, .period_ns = limit.period_ns };
	return read_burst(r, object, &ret->quota.rate);
}

/* A number as it is written, or the text of one. */
static enum err read_amount(const struct reader *r, const struct value *object, int64_t *ret)
{
	const struct value *v = value_get_c(object, "amount");
	struct buf text;
	enum err e;

	if (!v)
		return missing(r, object, "budget", "amount");
	buf_init(&text, LIMIT_CONDITION_BYTES);
	if (v->kind == VALUE_STRING)
		buf_add(&text, v->string);
	else
		canon_value(&text, v);
	e = text.err == OK ? micros_read(buf_view(&text), ret) : text.err;
	buf_fini(&text);
	if (e == ERR_MEMORY)
		return e;
	if (e != OK || *ret < 1)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'amount' is a decimal above zero, of at most six digits behind "
				"the point");
	return OK;
}

static enum err read_of(const struct reader *r, const struct value *object,
			struct quota_rule *ret)
{
	const struct value *v;
	bool calls = ret->quota.unit == QUOTA_CALLS;

	TRY(member_of(r, object, "of", VALUE_STRING, "a path like args.amount", &v));
	if (!v && !calls)
		return note_set(r->note, ERR_NOT_FOUND, object->line, object->column,
				"this budget does not say what an action takes of it; expected "
				"of: args.amount or the like");
	if (v && calls)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'of' does not belong to a budget of calls: each takes one");
	ret->path = SLOT_REQUEST;
	return v ? curb_path_read(r, v, "of", &ret->path) : OK;
}

static enum err read_budget(const struct reader *r, const struct value *object,
			    struct quota_rule *ret)
{
	int unit, window;

	TRY(members_known(r, object, budget_keys, "budget"));
	TRY(read_head(r, object, "budget", ret));
	TRY(member_choice(r, object, "unit", units, &unit));
	TRY(member_choice(r, object, "window", windows, &window));
	if (unit < 0)
		return missing(r, object, "budget", "unit");
	ret->quota.kind = QUOTA_BUDGET;
	ret->quota.unit = (enum quota_unit)unit;
	ret->quota.daily = window == 0;
	TRY(read_amount(r, object, &ret->quota.amount));
	return read_of(r, object, ret);
}

/* Rows are found by name, so no two of a document share one. */
static enum err check_name(const struct reader *r, const struct value *object,
			   const struct quota_rule *list, size_t count)
{
	const struct value *name = value_get_c(object, "name");

	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].quota.name, list[count].quota.name))
			return note_set(r->note, ERR_DUPLICATE, name->line, name->column,
					"the name '%.*s' is given twice; quotas and budgets of a "
					"policy have names of their own",
					SHOWN(name->string));
	return OK;
}

static enum err read_list(const struct reader *r, const struct value *list, bool budgets,
			  const struct quota_rule *head, struct quota_rule *rules, size_t *count)
{
	for (size_t i = 0; list && i < list->list.count; i++) {
		const struct value *item = &list->list.items[i];
		struct quota_rule *rule = &rules[*count];

		if (item->kind != VALUE_OBJECT)
			return member_wrong(r, item, budgets ? "budgets" : "quotas",
					    "a mapping that begins with name:");
		*rule = *head;
		TRY(budgets ? read_budget(r, item, rule) : read_quota(r, item, rule));
		TRY(check_name(r, item, rules, *count));
		(*count)++;
	}
	return OK;
}

enum err quota_rules_read(const struct reader *r, const struct value *document, struct str name,
			  uint32_t number, struct curbs *ret)
{
	const struct quota_rule head = { .quota.policy = name, .document = number };
	const struct value *quotas, *budgets;
	struct quota_rule *rules;
	size_t room;

	TRY(member_of(r, document, "quotas", VALUE_LIST, "a list of quotas", &quotas));
	TRY(member_of(r, document, "budgets", VALUE_LIST, "a list of budgets", &budgets));
	room = (quotas ? quotas->list.count : 0) + (budgets ? budgets->list.count : 0);
	if (room == 0)
		return OK;
	if (room > LIMIT_QUOTAS)
		return note_set(r->note, ERR_LIMIT, document->line, document->column,
				"the policy has more than %d quotas and budgets", LIMIT_QUOTAS);
	rules = arena_array(r->memory, room, sizeof(*rules));
	if (!rules)
		return ERR_MEMORY;
	TRY(read_list(r, quotas, false, &head, rules, &ret->quota_count));
	TRY(read_list(r, budgets, true, &head, rules, &ret->quota_count));
	ret->quotas = rules;
	return OK;
}
