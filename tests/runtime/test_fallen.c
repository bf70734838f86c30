/* fallen: whom a kill stops. */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"

static struct state *s;

/* "top" above "mid" above "low"; "apart" beside them. */
static void setup(void)
{
	static const char *const ids[] = { "top", "mid", "low", "apart" };
	const struct table_schema tables[] = { life_table(), participant_table() };
	const struct lives l = { NULL, 0, 1 };
	struct lives own = l;

	cr_assert_eq(state_open(tables, 2, &s), OK);
	state_begin(s);
	own.state = s;
	for (size_t i = 0; i < 4; i++) {
		const struct life_terms terms = {
			.id = str_view(ids[i]),
			.parent = i == 1 || i == 2 ? str_view(ids[i - 1]) : STR_NONE,
			.room = 10, .lasts_ns = 1000, .ring = 1, .at_ns = 1,
		};

		cr_assert_eq(life_open(&own, &terms, NULL), OK);
	}
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(fallen, .init = setup, .fini = teardown);

static bool session_has(const char *killed, const char *session)
{
	const struct fallen f = { .session = str_view(killed) };

	return fallen_has(s, 0, &f, STR("ann"), session ? str_view(session) : STR_NONE);
}

Test(fallen, a_session_takes_those_below_it_along)
{
	cr_assert(fallen_below(s, 0, 2, 0) && fallen_below(s, 0, 1, 0));
	cr_assert(!fallen_below(s, 0, 0, 1) && !fallen_below(s, 0, 0, 0));
	cr_assert(session_has("top", "top") && session_has("top", "mid"));
	cr_assert(session_has("top", "low") && session_has("mid", "low"));
	cr_assert(!session_has("low", "mid") && !session_has("top", "apart"));
	cr_assert(!session_has("top", NULL) && !session_has("top", ""));
	cr_assert(session_has("a-name", "a-name"), "nobody needs to have opened it");
	cr_assert(!session_has("a-name", "top") && !session_has("top", "a-name"));
}

Test(fallen, an_agent_falls_wherever_it_acts)
{
	const struct fallen f = { .agent = STR("ann") };

	cr_assert(fallen_has(s, 0, &f, STR("ann"), STR("top")));
	cr_assert(fallen_has(s, 0, &f, STR("ann"), STR_NONE));
	cr_assert(!fallen_has(s, 0, &f, STR("bob"), STR("top")));
}
