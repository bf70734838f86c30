/* limit: rows of the limits table, and the windows they stand for. */
#include "engine/runtime/runtime.h"

#include "engine/base/field.h"

struct table_schema limit_table(void)
{
	return (struct table_schema){ "limits", sizeof(struct limit_row), 3 * LIMIT_NAME_BYTES };
}

struct str limit_agent(const struct limit_row *row)
{
	return field_text(row->agent);
}

size_t limit_rule(const struct limit_row *row, char name[RULE_NAME_BYTES])
{
	struct str policy = field_text(row->policy), rule = field_text(row->rule);

	memcpy(name, policy.ptr, policy.len);
	name[policy.len] = '/';
	memcpy(name + policy.len + 1, rule.ptr, rule.len);
	return policy.len + 1 + rule.len;
}

/* The name of a policy holds no '/', so a rule's is cut in one way only. */
static bool put_key(struct str agent, struct str rule, struct limit_row *row)
{
	struct str policy, rest;

	return str_cut(rule, '/', &policy, &rest) && field_put(row->agent, agent) &&
	       field_put(row->policy, policy) && field_put(row->rule, rest);
}

/* The row of that key, which `row` holds already. */
static bool find_row(const struct state *s, unsigned table, struct limit_row *row, uint32_t *at)
{
	if (!state_find(s, table, row, at))
		return false;
	memcpy(row, state_row(s, table, *at), sizeof(*row));
	return true;
}

/* Differences as unsigned never overflow. */
static bool is_within(const struct limit_row *row, int64_t period_ns, int64_t at_ns)
{
	return row->period_ns == period_ns &&
	       (at_ns < row->began_ns ||
		(uint64_t)at_ns - (uint64_t)row->began_ns < (uint64_t)period_ns);
}

static int64_t end_of(int64_t began_ns, int64_t period_ns)
{
	return began_ns > INT64_MAX - period_ns ? INT64_MAX : began_ns + period_ns;
}

uint64_t limit_used(const struct state *s, unsigned table, struct str agent, struct str rule,
		    int64_t period_ns, int64_t at_ns, int64_t *ends_ns)
{
	struct limit_row row = { .count = 0 };
	uint32_t at;

	*ends_ns = end_of(at_ns, period_ns);
	if (!put_key(agent, rule, &row) || !find_row(s, table, &row, &at) ||
	    !is_within(&row, period_ns, at_ns))
		return 0;
	*ends_ns = end_of(row.began_ns, period_ns);
	return row.count;
}

enum err limit_charge(struct state *s, unsigned table, struct str agent, struct str rule,
		      int64_t period_ns, int64_t at_ns)
{
	struct limit_row row = { .count = 0 };
	uint32_t at;
	bool known;

	if (!put_key(agent, rule, &row))
		return ERR_RANGE;
	known = find_row(s, table, &row, &at);
	if (!known || !is_within(&row, period_ns, at_ns)) {
		row.began_ns = at_ns;
		row.period_ns = period_ns;
		row.count = 0;
	}
	row.count++;
	return known ? state_update(s, table, at, &row) : state_insert(s, table, &row, &at);
}
