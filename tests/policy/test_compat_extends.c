/* compat_extends: paths, cycles and bounds. Merging as it was recorded is in agt-policy. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/compat_kit.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 64 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(compat_extends, .init = start, .fini = stop);

/* Files "name=content", the last entry NULL. */
static enum err read_listed(void *self, struct str name, struct arena *a, struct str *ret,
			    struct note *n)
{
	const char *const *list = self;
	struct str key, content;

	(void)a;
	(void)n;
	for (; *list; list++)
		if (str_cut(str_view(*list), '=', &key, &content) && str_eq(key, name)) {
			*ret = content;
			return OK;
		}
	return ERR_NOT_FOUND;
}

static const char *load(const char **list, const char *top, struct compat_policy *p, enum err *e)
{
	const struct compat_files files = { read_listed, list };
	struct note n = { .text = "" };
	const char *raises;

	*e = compat_extends_load(&files, str_view(top), &memory, p, &raises, &n);
	cr_expect_eq(*e == OK, n.text[0] == '\0' && *e == OK);
	return raises ? raises : "";
}

Test(compat_extends, paths_stay_below_the_folder)
{
	const char *files[] = { "d/a.yaml={name: a, extends: ./x//../b.yaml}",
				"d/b.yaml={name: b, rules: [{name: r, condition: x}]}",
				"d/c.yaml={name: c, extends: ../d/b.yaml}",
				"d/e.yaml={name: e, extends: /d/b.yaml}",
				"d/f.yaml={name: f, extends: x/..}", NULL };
	struct compat_policy p;
	enum err e;

	cr_expect_str_eq(load(files, "d/a.yaml", &p, &e), "");
	cr_expect_eq(p.rule_count, 1);
	cr_expect_str_eq(load(files, "d/c.yaml", &p, &e), "ValueError",
			 "out of the folder and back is not compared after the fact");
	cr_expect_str_eq(load(files, "d/e.yaml", &p, &e), "ValueError");
	cr_expect_str_eq(load(files, "d/f.yaml", &p, &e), "ValueError");
	cr_expect_str_eq(load(files, "d/none.yaml", &p, &e), "");
	cr_expect_eq(e, ERR_NOT_FOUND);
}

Test(compat_extends, a_parent_that_is_not_there_raises)
{
	const char *files[] = { "a=name: a\nextends: b\n", NULL };
	struct compat_policy p;
	enum err e;

	cr_expect_str_eq(load(files, "a", &p, &e), "FileNotFoundError");
}

/* Each extends the next one twice: 2^20 loads, were nobody counting. */
Test(compat_extends, many_paths_to_one_parent_are_bounded)
{
	static char texts[22][64];
	const char *files[23] = { NULL };
	struct compat_policy p;
	enum err e;

	for (int i = 0; i < 22; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "f%d={name: f, extends: [f%d, f%d]}", i,
			       i + 1, i + 1);
		files[i] = texts[i];
	}
	(void)snprintf(texts[21], sizeof(texts[21]), "f21={name: f}");
	cr_expect_str_eq(load(files, "f0", &p, &e), "");
	cr_expect_eq(e, ERR_LIMIT);
}
