/* suite: counting checks and walking folders of vectors. */
#include "tests/conformance/suite.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine/base/limits.h"

#define FOLDER_DEPTH 16
#define FILE_MEMORY ((size_t)1 << 30)

void suite_check(struct suite *s, bool ok, const char *case_name, const char *fmt, ...)
{
	va_list args;

	if (ok) {
		s->passed++;
		return;
	}
	s->failed++;
	(void)fprintf(stderr, "%s: %s: ", s->name, case_name);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

void suite_skip(struct suite *s, const char *why)
{
	s->skipped++;
	(void)fprintf(stderr, "%s: skipped: %s\n", s->name, why);
}

static struct str read_stream(FILE *f, struct arena *a)
{
	struct stat st;
	char *text;
	size_t got;

	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode))
		return STR_NONE;
	text = arena_alloc(a, (size_t)st.st_size + 1);
	if (!text)
		return STR_NONE;
	got = fread(text, 1, (size_t)st.st_size, f);
	return got == (size_t)st.st_size ? str_slice(text, got) : STR_NONE;
}

struct str suite_read(const char *path, struct arena *a)
{
	FILE *f = fopen(path, "rb");
	struct str text;

	if (!f)
		return STR_NONE;
	text = read_stream(f, a);
	(void)fclose(f);
	return text;
}

static void visit_file(struct suite *s, const char *path, suite_visit *visit)
{
	struct arena a;
	struct str text;

	arena_init(&a, FILE_MEMORY);
	text = suite_read(path, &a);
	if (text.ptr)
		visit(s, path, text, &a);
	else
		suite_check(s, false, path, "cannot be read");
	arena_fini(&a);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void visit_folder(struct suite *s, const char *folder, suite_visit *visit, int depth)
{
	struct dirent **entries;
	int count = depth < FOLDER_DEPTH ? scandir(folder, &entries, not_hidden, by_name) : -1;
	char path[LIMIT_PATH_BYTES];

	if (count < 0) {
		suite_check(s, false, folder, "cannot be listed");
		return;
	}
	for (int i = 0; i < count; i++) {
		int len = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);

		free(entries[i]);
		if (len >= (int)sizeof(path))
			suite_check(s, false, folder, "holds a path that is too long");
		else if (is_folder(path))
			visit_folder(s, path, visit, depth + 1);
		else
			visit_file(s, path, visit);
	}
	free(entries);
}

void suite_each_file(struct suite *s, const char *folder, suite_visit *visit)
{
	char path[LIMIT_PATH_BYTES];
	int len = snprintf(path, sizeof(path), "%s/%s", s->vectors, folder);

	if (len < (int)sizeof(path) && is_folder(path))
		visit_folder(s, path, visit, 0);
	else
		suite_skip(s, "its folder of vectors is not there");
}

/* How long a kind is that begins the name, or 0. */
static size_t begins_name(struct str name, struct str kind)
{
	if (!str_starts(name, kind))
		return 0;
	return name.len == kind.len || strchr("-_.", name.ptr[kind.len]) ? kind.len : 0;
}

int suite_kind(const char *path, const char *const *names, size_t row_bytes, size_t count)
{
	const char *slash = strrchr(path, '/');
	struct str name = str_view(slash ? slash + 1 : path);
	size_t best = 0;
	int found = -1;

	if (!str_ends(name, STR(".json")))
		return -1;
	name.len -= strlen(".json");
	for (size_t i = 0; i < count; i++) {
		const char *const *kind = (const void *)((const char *)names + i * row_bytes);
		size_t len = begins_name(name, str_view(*kind));

		if (len > best) {
			best = len;
			found = (int)i;
		}
	}
	return found;
}
