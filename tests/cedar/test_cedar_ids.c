/* cedar_ids: every place in which an id can stand. */
#include <criterion/criterion.h>

#include "tests/kit/cedar_scene.h"

static struct cedar_scene k;

static void start(void)
{
	cedar_scene_init(&k);
}

static void stop(void)
{
	cedar_scene_fini(&k);
}

TestSuite(cedar_ids, .init = start, .fini = stop);

static void expect(const struct cedar_ids *ids, const char *const *names, size_t count)
{
	cr_expect_eq(ids->count, count);
	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (size_t n = 0; n < ids->count; n++)
			found = found || str_is(ids->items[n], names[i]);
		cr_expect(found, "%s", names[i]);
	}
}

Test(cedar_ids, policies_name_them_in_scopes_and_conditions)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	struct str room[CEDAR_IDS_MAX];
	struct cedar_ids ids = { .type = STR("T"), .items = room };

	cedar_scene_policies(&k,
			     "permit(principal == T::\"a\", action in [Action::\"x\"], "
			     "resource in T::\"b\") when { context.x == T::\"c\" || "
			     "[T::\"d\", U::\"z\"].contains(resource) };"
			     "forbid(principal is T in T::\"e\", action, resource == T::\"a\");");
	cedar_policies_ids(k.policies, &ids);
	expect(&ids, names, 5);
}

Test(cedar_ids, entities_name_them_as_themselves_parents_and_values)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	struct str room[CEDAR_IDS_MAX];
	struct cedar_ids ids = { .type = STR("T"), .items = room };

	cedar_scene_entities(&k, "[{'uid':{'type':'T','id':'a'},'parents':[{'type':'T','id':'b'}],"
				 "'attrs':{'x':[{'__entity':{'type':'T','id':'c'}}],'y':{'z':1}},"
				 "'tags':{'t':{'__entity':{'type':'T','id':'d'}}}}]");
	cedar_entities_ids(k.entities, &ids);
	expect(&ids, names, 4);
	cr_expect_not(ids.cut);
}
