#include "engine/space/space.h"

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/space_kit.h"

#define ORIGIN STR(SPACE_KIT_ORIGIN)

static struct world *w;
static struct note n;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	w = sim_open(3, SPACE_KIT_START_NS);
	n = (struct note){ .text = "" };
}

static void teardown(void)
{
	sim_close(w);
}

TestSuite(create, .init = setup, .fini = teardown);

static enum err open_and_close(const char *dir)
{
	struct space *s;

	n = (struct note){ .text = "" };
	TRY(space_open(w, dir, SPACE_WRITE, &s, &n));
	return space_close(s, &n);
}

Test(create, makes_a_workspace_that_denies)
{
	struct verdict v;
	struct arena a;
	struct buf bodies;
	struct space *s;

	cr_assert_eq(space_create(w, "new", ORIGIN, &n), OK, "%s", n.text);
	cr_assert_eq(space_open(w, "new", SPACE_WRITE, &s, &n), OK, "%s", n.text);
	arena_init(&a, LIMIT_ACTION_MEMORY);
	buf_init(&bodies, LIMIT_BODY_BYTES);
	cr_assert_eq(space_submit_text(s, STR("{\"agent\":\"a\",\"action\":\"b\"}"), 1, &a, &bodies,
				       &v, &n), OK);
	cr_assert_eq(v.effect, EFFECT_DENY);
	cr_assert_eq(space_close(s, &n), OK);
	buf_fini(&bodies);
	arena_fini(&a);
}

Test(create, takes_an_empty_folder_but_no_other)
{
	cr_assert_eq(world_mkdir(w, "empty"), OK);
	cr_assert_eq(space_create(w, "empty", ORIGIN, &n), OK, "%s", n.text);
	cr_assert_eq(space_create(w, "empty", ORIGIN, &n), ERR_EXISTS);
	cr_assert_eq(sim_poke(w, "file", STR("x")), OK);
	cr_assert_eq(space_create(w, "file", ORIGIN, &n), ERR_EXISTS);
	cr_assert_eq(space_create(w, "no/such/place", ORIGIN, &n), ERR_NOT_FOUND);
	cr_assert(n.text[0] && n.file[0]);
}

Test(create, takes_paths_as_people_write_them)
{
	static const char *const paths[] = { "a", "b/", "/c", "/d//", "./e", "a/f" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		cr_assert_eq(space_create(w, paths[i], ORIGIN, &n), OK, "%s: %s", paths[i], n.text);
		cr_assert_eq(open_and_close(paths[i]), OK, "%s: %s", paths[i], n.text);
	}
}

Test(create, refuses_origins_that_an_entry_cannot_carry)
{
	static const char *const wrong[] = {
		"", "a b", "a+b", "a\nb", "a\"b", "a\\b", "\xFF", "a\x7F",
	};
	char longest[LIMIT_ORIGIN_BYTES + 1];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_assert_eq(space_create(w, "x", str_view(wrong[i]), &n), ERR_SYNTAX, "%s",
			     wrong[i]);
		cr_assert_null(sim_peek(w, "x/trammel.yaml").ptr);
	}
	memset(longest, 'x', sizeof(longest));
	cr_assert_eq(space_create(w, "x", str_slice(longest, sizeof(longest)), &n), ERR_SYNTAX);
	cr_assert_eq(space_create(w, "x", str_slice(longest, sizeof(longest) - 1), &n), OK);
	cr_assert_eq(open_and_close("x"), OK, "%s", n.text);
	/* What YAML would take for something else is quoted. */
	cr_assert_eq(space_create(w, "y", STR("true"), &n), OK);
	cr_assert_eq(open_and_close("y"), OK, "%s", n.text);
	cr_assert_eq(space_create(w, "z", STR("#1:x"), &n), OK);
	cr_assert_eq(open_and_close("z"), OK, "%s", n.text);
}

static size_t names_in(const char *dir)
{
	struct str *names;
	struct arena a;
	size_t count;

	arena_init(&a, 1u << 20);
	cr_assert_eq(world_list(w, dir, &a, &names, &count), OK, "%s", dir);
	arena_fini(&a);
	return count;
}

/* After any fault: a workspace that works, or clearly none. */
static void fail_every_write(enum sim_fault fault, bool reboot, bool power_lost, uint64_t torn)
{
	for (uint64_t at = 1;; at++) {
		enum err e, opened;
		bool hit;

		sim_fail_at(w, at, fault);
		e = space_create(w, "new", ORIGIN, &n);
		hit = sim_was_hit(w);
		sim_fail_at(w, 0, SIM_NONE);
		if (torn)
			sim_tear(w, torn + at);
		else if (reboot)
			sim_reboot(w, power_lost);
		opened = open_and_close("new");
		if (e == OK)
			cr_assert_eq(opened, OK, "fault at %d: %s: %s", (int)at, n.file, n.text);
		else if (!reboot)
			cr_assert_eq(names_in("/"), 0, "fault at %d", (int)at);
		else
			cr_assert(opened == OK || opened == ERR_NOT_FOUND, "fault at %d: %s: %s",
				  (int)at, n.file, n.text);
		teardown();
		setup();
		if (!hit) {
			cr_assert_eq(e, OK);
			break;
		}
	}
}

Test(create, a_failed_write_leaves_no_workspace)
{
	fail_every_write(SIM_EIO, false, false, 0);
	fail_every_write(SIM_ENOSPC, false, false, 0);
	fail_every_write(SIM_SHORT, false, false, 0);
}

/* The folder was there before, and stays. */
Test(create, only_takes_away_what_it_made)
{
	bool hit = true;

	cr_assert_eq(world_mkdir(w, "there"), OK);
	for (uint64_t at = 1; hit; at++) {
		enum err e;

		sim_fail_at(w, at, SIM_ENOSPC);
		e = space_create(w, "there", ORIGIN, &n);
		hit = sim_was_hit(w);
		sim_fail_at(w, 0, SIM_NONE);
		cr_assert_eq(e, hit ? ERR_NOSPACE : OK);
		cr_assert_eq(names_in("there") > 0, !hit, "fault at %d", (int)at);
	}
}

static const struct world_calls *undisturbed;

/* Another process is faster with this folder, and has put a file into one of ours. */
static enum err disturbed_mkdir(struct world *world, const char *path)
{
	enum err e = undisturbed->mkdir(world, path);

	if (strcmp(path, "new/blob") != 0)
		return e;
	cr_assert_eq(sim_poke(world, "new/policies/theirs.yaml", STR("theirs")), OK);
	return ERR_EXISTS;
}

Test(create, leaves_what_somebody_else_put_there_meanwhile)
{
	struct world_calls calls = *w->calls;

	undisturbed = w->calls;
	calls.mkdir = disturbed_mkdir;
	w->calls = &calls;
	cr_assert_eq(space_create(w, "new", ORIGIN, &n), ERR_EXISTS);
	w->calls = undisturbed;
	cr_expect(str_is(sim_peek(w, "new/policies/theirs.yaml"), "theirs"));
	cr_expect_eq(names_in("new/blob"), 0);
	cr_expect_eq(names_in("new"), 2);
	cr_expect_eq(names_in("new/policies"), 1);
}

Test(create, a_crash_leaves_a_whole_workspace_or_none)
{
	fail_every_write(SIM_CRASH, true, false, 0);
	fail_every_write(SIM_CRASH, true, true, 0);
	fail_every_write(SIM_EIO, true, true, 0);
	for (uint64_t seed = 1; seed <= 8; seed++)
		fail_every_write(SIM_CRASH, true, true, seed * 1000);
}

Test(create, survives_every_failing_allocation)
{
	for (uint64_t at = 1;; at++) {
		enum err e;
		bool hit;

		fail_alloc_at(at);
		e = space_create(w, "new", ORIGIN, NULL);
		hit = fail_alloc_was_hit();
		if (!hit) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY, "at %d: %s", (int)at, err_name(e));
		cr_assert_eq(names_in("/"), 0, "at %d", (int)at);
		teardown();
		setup();
	}
}
