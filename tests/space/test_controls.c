/* controls: an operator's event lands in the log, or leaves it as it was with a sentence. */
#include <criterion/criterion.h>

#include "engine/space/space.h"
#include "tests/kit/space_kit.h"

static enum err control(struct space *s, const char *verb, const char *agent, struct note *n)
{
	struct member member = { .key = STR("reason"), .value = value_string(STR("why not")) };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };

	return space_control(s, str_view(verb), str_view(agent), STR_NONE, &data,
			     SPACE_KIT_START_NS, n);
}

Test(controls, are_recorded_and_survive_reopening)
{
	struct note n = { .column = 0 };
	const struct space_newcomer ann = { .name = STR("ann"), .sponsor = STR("eve@example.org") };
	struct space_key key;
	struct space_kit k;
	struct space *s;

	space_kit_init(&k, SPACE_KIT_ALLOW);
	s = space_kit_open(&k);
	cr_assert_eq(space_create_agent(s, &ann, SPACE_KIT_START_NS, &key, &n), OK);
	cr_assert_eq(control(s, "agent.revoke", "ann", &n), OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK);
	cr_assert_eq(space_kit_entry(&k, 2).kind, ENTRY_CONTROL);
	s = space_kit_open(&k);
	cr_assert_eq(control(s, "agent.reactivate", "ann", &n), ERR_RANGE);
	cr_assert(str_has(str_view(n.text), STR("that is final")), "%s", n.text);
	cr_assert_eq(space_abandon(s, NULL), OK);
	cr_assert_eq(space_kit_verify(&k, NULL), 3);
	space_kit_fini(&k);
}
