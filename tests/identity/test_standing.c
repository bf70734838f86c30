/* standing: every way from every status, and no way out of revoked. */
#include <criterion/criterion.h>

#include "engine/identity/identity.h"

/* What comes of wanting `to` in status `from`. */
static const enum err answers[AGENT_STATUSES][AGENT_STATUSES] = {
	[AGENT_ACTIVE] = { ERR_EXISTS, OK, OK },
	[AGENT_SUSPENDED] = { OK, ERR_EXISTS, OK },
	[AGENT_REVOKED] = { ERR_RANGE, ERR_RANGE, ERR_EXISTS },
};

static struct state *start(enum agent_status status)
{
	const struct table_schema table = agent_table();
	const struct agent_row row = { .registered_ns = 7 };
	struct state *s;

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
	cr_assert_eq(agent_register(s, 0, STR("ann"), &row), OK);
	if (status != AGENT_ACTIVE)
		cr_assert_eq(agent_set_status(s, 0, STR("ann"), status, NULL), OK);
	return s;
}

static enum agent_status status_of(const struct state *s)
{
	struct agent_row row;
	uint32_t at;

	cr_assert(agent_find(s, 0, STR("ann"), &at, &row));
	return (enum agent_status)row.status;
}

Test(standing, every_way_is_as_in_the_picture)
{
	for (int from = 0; from < AGENT_STATUSES; from++)
		for (int to = 0; to < AGENT_STATUSES; to++) {
			struct state *s = start((enum agent_status)from);
			struct note why = { .column = 0 };
			enum err e = agent_set_status(s, 0, STR("ann"), (enum agent_status)to,
						      &why);

			cr_expect_eq(e, answers[from][to], "%d to %d: %s", from, to, why.text);
			cr_expect_eq(status_of(s), (enum agent_status)(e == OK ? to : from));
			cr_expect_eq(why.text[0] == '\0', e == OK);
			state_close(s);
		}
}

Test(standing, whom_nobody_knows_has_no_status)
{
	struct state *s = start(AGENT_ACTIVE);
	struct note why = { .column = 0 };

	cr_assert_eq(agent_set_status(s, 0, STR("bob"), AGENT_REVOKED, &why), ERR_NOT_FOUND);
	cr_assert_str_eq(why.text, "agent 'bob' is not registered; see: trammel agent list");
	state_close(s);
}
