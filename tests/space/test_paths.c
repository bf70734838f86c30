/* paths: a workspace asks its world where arguments lead. */
#include <criterion/criterion.h>

#include "engine/space/inside.h"
#include "tests/kit/steward.h"

static struct steward st;

Test(paths, a_workspace_asks_its_disk_and_a_replay_does_not)
{
	struct verdict v;

	steward_init(&st, "apiVersion: governance.toolkit/v1\nname: kit\ndefault_action: allow\n"
			  "paths: [{tools: [read], of: args.file, below: [/data]}]\n");
	cr_assert_eq(world_mkdir(st.w, "/data"), OK);
	v = steward_record(&st,
			   "{\"agent\":\"ann\",\"action\":\"read\",\"args\":{\"file\":\"x\"}}");
	cr_assert_eq(v.effect, EFFECT_ALLOW);
	v = steward_record(&st,
			   "{\"agent\":\"ann\",\"action\":\"read\",\"args\":{\"file\":\"../x\"}}");
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert(str_is(v.decision.stage, "path"));
	cr_assert_eq(world_rmdir(st.w, "/data"), OK);
	(void)steward_expect_sound(&st);
	v = steward_record(&st,
			   "{\"agent\":\"ann\",\"action\":\"read\",\"args\":{\"file\":\"x\"}}");
	cr_assert_eq(v.effect, EFFECT_DENY, "the folder is gone");
	(void)steward_expect_sound(&st);
	steward_fini(&st);
}

Test(paths, names_longer_than_paths_are_refused)
{
	static char longest[LIMIT_PATH_BYTES];
	struct space *s;
	struct buf b;

	memset(longest, 'x', sizeof(longest));
	steward_init(&st, SPACE_KIT_ALLOW);
	s = space_kit_open(&st.kit);
	buf_init(&b, LIMIT_PATH_BYTES);
	cr_assert_eq(space_resolve(s, STR("/"), str_slice(longest, sizeof(longest)), &b),
		     ERR_LIMIT);
	cr_assert_eq(space_resolve(s, str_slice(longest, sizeof(longest)), STR("x"), &b),
		     ERR_LIMIT);
	buf_fini(&b);
	(void)space_abandon(s, NULL);
	steward_fini(&st);
}
