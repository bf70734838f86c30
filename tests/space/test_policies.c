#include "engine/space/space.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

static struct world *w;
static struct arena memory;
static struct bundle *bundle;
static struct note n;

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	w = sim_open(4, 0);
	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
	cr_assert_eq(world_mkdir(w, "p"), OK);
}

static void teardown(void)
{
	arena_fini(&memory);
	sim_close(w);
}

TestSuite(policies, .init = setup, .fini = teardown);

static void put(const char *path, const char *name)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "apiVersion: governance.toolkit/v1\nname: %s\nrules: []\n", name);
	cr_assert_eq(sim_poke(w, path, str_view(text)), OK);
}

static enum err load(const char *dir)
{
	n = (struct note){ .text = "" };
	return space_load_bundle(w, dir, &memory, &bundle, &n);
}

Test(policies, are_all_files_below_the_folder)
{
	put("p/b.yaml", "b");
	put("p/a.yml", "a");
	cr_assert_eq(world_mkdir(w, "p/sub"), OK);
	put("p/sub/c.yaml", "c");
	put("p/.hidden.yaml", "b");
	put("p/README.md", "b");
	put("p/b.yaml~", "b");
	cr_assert_eq(load("p"), OK, "%s", n.text);
	cr_assert_eq(bundle_documents(bundle), 3);
}

Test(policies, have_the_same_digest_wherever_the_folder_is)
{
	struct digest here, there;

	put("p/a.yaml", "a");
	cr_assert_eq(world_mkdir(w, "q"), OK);
	put("q/a.yaml", "a");
	cr_assert_eq(load("p"), OK);
	here = bundle_digest(bundle);
	cr_assert_eq(load("q"), OK);
	there = bundle_digest(bundle);
	cr_assert(digest_eq(&here, &there));
	cr_assert_eq(load("q/a.yaml"), OK);
	there = bundle_digest(bundle);
	cr_assert(digest_eq(&here, &there));
}

Test(policies, an_error_names_the_file_by_its_path)
{
	put("p/a.yaml", "a");
	cr_assert_eq(sim_poke(w, "p/b.yaml", STR("apiVersion: 1\n")), OK);
	cr_assert_neq(load("p"), OK);
	cr_assert_str_eq(n.file, "p/b.yaml");
	cr_assert_neq(load("p/b.yaml"), OK);
	cr_assert_str_eq(n.file, "p/b.yaml");
	cr_assert(n.text[0]);
}

Test(policies, none_at_all_is_an_error)
{
	cr_assert_eq(load("p"), ERR_NOT_FOUND);
	cr_assert(strstr(n.text, "nothing can be decided"));
	cr_assert_str_eq(n.file, "p");
	cr_assert_eq(load("nowhere"), ERR_NOT_FOUND);
	cr_assert(n.text[0]);
}

Test(policies, a_file_has_a_size)
{
	struct buf b;

	buf_init(&b, LIMIT_YAML_BYTES + 1);
	memset(buf_grow(&b, LIMIT_YAML_BYTES + 1), '#', LIMIT_YAML_BYTES + 1);
	cr_assert_eq(sim_poke(w, "p/a.yaml", buf_view(&b)), OK);
	cr_assert_eq(load("p"), ERR_LIMIT);
	cr_assert_str_eq(n.file, "p/a.yaml");
	cr_assert_str_eq(n.text, "a policy file has at most 1048576 bytes");
	buf_fini(&b);
}

Test(policies, folders_have_a_depth)
{
	char path[256] = "p", file[300];

	for (int i = 0; i < 9; i++) {
		strcat(path, "/d");
		cr_assert_eq(world_mkdir(w, path), OK);
		(void)snprintf(file, sizeof(file), "%s/a.yaml", path);
		(void)snprintf(path + 200, 20, "name-%d", i);
		put(file, path + 200);
		cr_assert_eq(load("p"), i < 8 ? OK : ERR_LIMIT, "depth %d: %s", i, n.text);
	}
}

/* The coat of a world in which one thing is no plain file. */
static enum err kind_of_link(struct world *world, const char *path, enum world_kind *ret)
{
	TRY(world_kind(w, path, ret));
	(void)world;
	if (strstr(path, "link"))
		*ret = WORLD_OTHER;
	return OK;
}

static enum err list_through(struct world *world, const char *path, struct arena *a,
			     struct str **names, size_t *count)
{
	(void)world;
	return world_list(w, path, a, names, count);
}

static enum err open_through(struct world *world, const char *path, enum world_open how, int *ret)
{
	(void)world;
	return world_open(w, path, how, ret);
}

static enum err close_through(struct world *world, int fd)
{
	(void)world;
	return world_close(w, fd);
}

static enum err size_through(struct world *world, int fd, uint64_t *ret)
{
	(void)world;
	return world_size(w, fd, ret);
}

static enum err read_through(struct world *world, int fd, uint64_t at, void *buf, size_t len,
			     size_t *got)
{
	(void)world;
	return world_read_at(w, fd, at, buf, len, got);
}

Test(policies, a_link_is_refused_and_not_passed_over)
{
	const struct world_calls calls = {
		.kind = kind_of_link, .list = list_through, .open = open_through,
		.close = close_through, .size = size_through, .read_at = read_through,
	};
	struct world coat = { .calls = &calls };

	put("p/a.yaml", "a");
	cr_assert_eq(space_load_bundle(&coat, "p", &memory, &bundle, &n), OK, "%s", n.text);
	put("p/link.yaml", "b");
	cr_assert_eq(space_load_bundle(&coat, "p", &memory, &bundle, &n), ERR_TYPE);
	cr_assert_str_eq(n.file, "p/link.yaml");
	put("p/b-link-to-a-folder", "x");
	n = (struct note){ .text = "" };
	cr_assert_eq(space_load_bundle(&coat, "p", &memory, &bundle, &n), ERR_TYPE);
	cr_assert_str_eq(n.file, "p/b-link-to-a-folder");
}

Test(policies, survive_every_failing_allocation)
{
	put("p/a.yaml", "a");
	cr_assert_eq(world_mkdir(w, "p/sub"), OK);
	put("p/sub/c.yaml", "c");
	for (uint64_t at = 1;; at++) {
		struct arena own;
		bool hit;
		enum err e;

		arena_init(&own, LIMIT_BUNDLE_MEMORY);
		fail_alloc_at(at);
		e = space_load_bundle(w, "p", &own, &bundle, NULL);
		hit = fail_alloc_was_hit();
		arena_fini(&own);
		cr_assert_eq(e, hit ? ERR_MEMORY : OK, "at %d: %s", (int)at, err_name(e));
		if (!hit)
			break;
	}
}
