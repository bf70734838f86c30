/* compat_from_mesh: documents of the mesh engine. */
#include <criterion/criterion.h>

#include "tests/kit/compat_kit.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 16 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_from_mesh, .init = start, .fini = stop);

static struct compat_report import(const char *text)
{
	return compat_kit_import(&memory, COMPAT_MESH, text);
}

Test(compat_from_mesh, carries_what_both_know)
{
	struct compat_report r = import("name: p\n"
					"version: '2'\n"
					"description: why\n"
					"agent: did:mesh:a1\n"
					"agents: ['b?']\n"
					"default_action: allow\n"
					"rules:\n"
					"- {name: r, condition: x, action: require_approval,\n"
					"   approvers: [ops], priority: 7, description: d}\n"
					"- {name: off, condition: x, enabled: false}\n");

	cr_assert(r.text.ptr);
	cr_expect(compat_kit_has(&r, "version: '2'"));
	cr_expect(compat_kit_has(&r, "description: why"));
	cr_expect(compat_kit_has(&r, "agents: ['did:mesh:a1', 'b\\?']"));
	cr_expect(compat_kit_has(&r, "default_action: allow"));
	cr_expect(compat_kit_has(&r, "approvers: [ops]"));
	cr_expect(compat_kit_has(&r, "priority: 7"));
	cr_expect(compat_kit_has(&r, "description: d"));
	cr_expect(compat_kit_has(&r, "enabled: false"));
	cr_expect_eq(r.rule_count, 2);
	cr_expect(compat_kit_remarked(&r, false, "is no pattern there"));
}

Test(compat_from_mesh, says_what_it_leaves_out)
{
	struct compat_report r = import("name: a/b\n"
					"agents: ['*']\n"
					"created_at: x\n"
					"wibble: 1\n"
					"scope: galaxy\n"
					"rules:\n"
					"- {name: r, condition: x, effect: allow, approvers: [o]}\n"
					"- {name: r, condition: x, acton: allow}\n");

	cr_expect(str_is(r.name, "a-b"));
	cr_expect(compat_kit_remarked(&r, false, "'created_at' is left out"));
	cr_expect(compat_kit_remarked(&r, false, "ignores the key 'wibble'"));
	cr_expect(compat_kit_remarked(&r, false, "the scope 'galaxy'"));
	cr_expect(compat_kit_remarked(&r, false, "ignores the key 'effect'"));
	cr_expect(compat_kit_remarked(&r, false, "was 'action' meant?"));
	cr_expect(compat_kit_remarked(&r, false, "'approvers' are left out"));
	cr_expect(compat_kit_remarked(&r, false, "is called 'r-2' now"));
	cr_expect_eq(r.refused_count, 0);
}

Test(compat_from_mesh, refuses_what_does_not_fit)
{
	struct compat_report r =
		import("name: p\nrules:\n"
		       "- {name: a, condition: x, priority: 3000000000}\n"
		       "- {name: b, condition: x, limit: 5000000000/day}\n"
		       "- {name: '', condition: x}\n");

	cr_expect_null(r.text.ptr);
	cr_expect_eq(r.refused_count, 3);
	cr_expect(compat_kit_remarked(&r, true, "does not fit 32 bits"));
	cr_expect(compat_kit_remarked(&r, true, "1 to 128 bytes"));
}

Test(compat_from_mesh, a_policy_for_nobody_becomes_one_for_all)
{
	struct compat_report r =
		import("name: p\nrules: [{name: r, condition: x, action: allow}]\n");

	cr_expect_not(str_has(r.text, STR("agents")));
	cr_expect(compat_kit_remarked(&r, false, "applies this policy to no agent"));
	cr_assert_geq(r.change_count, 1);
	cr_expect(r.changes[0].looser);
	cr_expect(str_is(r.changes[0].why, "AGT's engine applies the policy to no agent"));
}
