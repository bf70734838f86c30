/* cedar_parse: policies, templates, scopes; what is refused, and where the finger points. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/json.h"
#include "engine/cedar/inside.h"

#define SUITE "../shared/vectors/policy/cedar/"
#define MEMORY ((size_t)512 << 20)

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, MEMORY);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_parse, .init = open_arena, .fini = close_arena);

/* A file, in the arena; ptr NULL when it is not there. */
static struct str file_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	long size;

	if (!f)
		return STR_NONE;
	cr_assert(fseek(f, 0, SEEK_END) == 0);
	size = ftell(f);
	rewind(f);
	text = arena_alloc(&arena, (size_t)size + 1);
	cr_assert_eq(fread(text, 1, (size_t)size, f), (size_t)size);
	fclose(f);
	return str_slice(text, (size_t)size);
}

static struct cedar_policies *read_all(struct str text, const char *what)
{
	struct cedar_policies *set = NULL;
	struct note n = { .line = 0 };
	enum err e = cedar_policies_read(text, &arena, &set, &n);

	cr_assert_eq(e, OK, "%s: %s at %u:%u: %s\n%.*s", what, err_name(e), n.line, n.column,
		     n.text, STR_ARG(text));
	return set;
}

Test(cedar_parse, the_policies_of_the_suite_are_read)
{
	static const char *const folders[] = { "decimal", "example_use_cases", "ip", "multi" };
	unsigned files = 0;
	char path[512];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		struct dirent *entry;
		DIR *dir;

		snprintf(path, sizeof(path), SUITE "tests/%s", folders[i]);
		dir = opendir(path);
		while (dir && (entry = readdir(dir))) {
			if (!str_ends(str_view(entry->d_name), STR(".cedar")))
				continue;
			snprintf(path, sizeof(path), SUITE "tests/%s/%.128s", folders[i],
				 entry->d_name);
			cr_assert(cedar_count(read_all(file_text(path), path)) > 0);
			files++;
		}
		if (dir)
			closedir(dir);
	}
	if (!files)
		cr_skip_test("skipped: " SUITE "tests is absent");
	cr_assert_eq(files, 22);
}

Test(cedar_parse, the_policies_of_the_corpus_are_read)
{
	struct str text = file_text(SUITE "corpus_selected.jsonl"), line, rest;
	unsigned tests = 0, deepest = 0;

	if (!text.ptr)
		cr_skip_test("skipped: " SUITE "corpus_selected.jsonl is absent");
	for (rest = text; rest.len > 0; tests++) {
		struct arena_mark mark = arena_mark(&arena);
		const struct cedar_policies *set;
		struct value test;

		if (!str_cut(rest, '\n', &line, &rest)) {
			line = rest;
			rest = STR_NONE;
		}
		cr_assert_eq(json_read(line, 1, &arena, &test, NULL), OK);
		set = read_all(value_text(&test, "policies"), "corpus");
		cr_assert_eq(cedar_count(set), 1);
		for (size_t i = 0; i < set->policies[0]->condition_count; i++)
			if (set->policies[0]->conditions[i].body->height > deepest)
				deepest = set->policies[0]->conditions[i].body->height;
		arena_rewind(&arena, mark);
	}
	cr_assert_eq(tests, 1632);
	cr_log_info("deepest %u", deepest);
	cr_assert(deepest < LIMIT_CEDAR_DEPTH / 4, "the deepest has %u levels", deepest);
}
