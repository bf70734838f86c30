/* bodies: what the log names is there and unchanged, results included. */
#include "engine/space/inside.h"

#include <criterion/criterion.h>

#include "tests/kit/steward.h"

static struct steward st;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
	(void)steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":[1]}");
	(void)steward_record(&st, "{\"outcome_of\":2,\"result\":\"paid to the last penny\"}");
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(bodies, .init = setup, .fini = teardown);

static enum err check(uint64_t *count)
{
	struct space_bodies_found found = { .whole = *count };
	struct space *s;
	enum err e;

	st.note = (struct note){ .line = 0 };
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	e = space_check_bodies(s, &found, &st.note);
	*count = found.whole;
	cr_assert_eq(space_close(s, NULL), OK);
	return e;
}

Test(bodies, all_that_the_log_names_are_counted)
{
	uint64_t count = 0;

	cr_assert_eq(check(&count), OK, "%s", st.note.text);
	cr_expect_eq(count, 3, "the bundle, the arguments, the result");
}

Test(bodies, a_changed_result_is_told_although_no_replay_reads_it)
{
	struct str pack = sim_peek(st.w, STEWARD_PACK);
	struct replay_report report;
	uint64_t count = 99;

	pack = steward_edit(&st, pack, "last penny", "lost penny");
	cr_assert_eq(sim_poke(st.w, STEWARD_PACK, pack), OK);
	cr_expect_eq(space_kit_replay(&st.kit, &report, &st.note), OK);
	cr_expect_eq(check(&count), ERR_TAMPERED);
	cr_expect_str_eq(st.note.text, "entry 3: its results were changed in the blob store");
	cr_expect_eq(count, 99);
}

Test(bodies, a_body_that_is_gone_is_told_with_its_entry)
{
	uint64_t count = 0;

	cr_assert_eq(world_unlink(st.w, STEWARD_PACK), OK);
	cr_expect_eq(check(&count), ERR_MISS);
	cr_expect_str_eq(st.note.text, "entry 0: its arguments are not in the blob store");
}
