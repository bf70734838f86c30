/* compat_import: files that load, files that do not, and every allocation that fails. */
#include <criterion/criterion.h>

#include "tests/kit/compat_kit.h"
#include "tests/kit/fail_alloc.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 16 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_import, .init = start, .fini = stop);

static const char mesh[] = "name: p\n"
			   "agents: ['*', 'a[1]']\n"
			   "rules:\n"
			   "- {name: r, condition: a < 5, action: allow, limit: 5/minute}\n"
			   "- {name: r, condition: \"(b == 'x or y')\", action: deny}\n"
			   "- {name: w, condition: \"c in [x]\", action: warn, wibble: 1}\n";

Test(compat_import, what_the_toolkit_refuses_is_refused_with_its_place)
{
	static const struct {
		enum compat_origin from;
		const char *text;
		enum err e;
	} bad[] = {
		{ COMPAT_MESH, "name: p\nrules:\n- {name: r}\n", ERR_SYNTAX },
		{ COMPAT_MESH, "name: p\nname: q\n", ERR_DUPLICATE },
		{ COMPAT_MESH, "name: p\nextends: b.yaml\n", ERR_SYNTAX },
		{ COMPAT_TRUST, "rules: []\n", ERR_SYNTAX },
		{ COMPAT_GO, "rules: 5\n", ERR_TYPE },
		{ COMPAT_RUST, "policies: []\n", ERR_TYPE },
	};
	struct compat_report r;
	struct note n;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cr_expect_eq(compat_kit_try(&memory, bad[i].from, bad[i].text, &r, &n), bad[i].e,
			     "%s: %s", bad[i].text, n.text);
		cr_expect(n.text[0], "%s", bad[i].text);
	}
}

Test(compat_import, one_refusal_withholds_the_policy)
{
	struct compat_report r = compat_kit_import(
		&memory, COMPAT_MESH,
		"name: p\nrules:\n- {name: a, condition: x}\n- {name: b, condition: 'x = 1'}\n");

	cr_expect_null(r.text.ptr);
	cr_expect_eq(r.refused_count, 1);
	cr_expect_eq(r.change_count, 0);
}

static enum err read_mesh(void *self, struct str name, struct arena *a, struct str *ret,
			  struct note *n)
{
	(void)self;
	(void)name;
	(void)a;
	(void)n;
	*ret = str_view(mesh);
	return OK;
}

Test(compat_import, the_strategy_of_the_engine_is_written_down)
{
	const struct compat_files files = { read_mesh, NULL };
	struct compat_report r = compat_kit_import(&memory, COMPAT_MESH, mesh);
	struct note n;

	cr_expect_not(str_has(r.text, STR("conflict_resolution")));
	cr_assert_eq(compat_import(COMPAT_MESH, &files, STR("a"), COMPAT_DENY_OVERRIDES, &memory,
				   &r, &n), OK, "%s", n.text);
	cr_expect(compat_kit_has(&r, "conflict_resolution: deny_overrides"));
}

Test(compat_import, a_failed_allocation_is_an_error_whichever_it_is)
{
	uint64_t n = 1;

	for (;; n++) {
		struct compat_report r;
		struct arena a;
		struct note note;
		enum err e;

		arena_init(&a, 16 << 20);
		fail_alloc_at(n);
		e = compat_kit_try(&a, COMPAT_MESH, mesh, &r, &note);
		if (!fail_alloc_was_hit()) {
			cr_expect_eq(e, OK);
			arena_fini(&a);
			break;
		}
		cr_expect_eq(e, ERR_MEMORY, "allocation %llu: %s", (unsigned long long)n,
			     err_name(e));
		arena_fini(&a);
	}
	cr_expect_gt(n, 20);
}
