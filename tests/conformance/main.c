/*
 * conformance: run the suites, print how each did.
 *
 *   conformance [-t] [-s NAME,NAME...] VECTORS
 *
 * -t: these are the vectors that the tables of docs/conformance.md tell of, so a row that explains
 * nothing is a failure. Other vectors of the same shape need not have a case for every row.
 *
 * Answers are counted on standard output, one line a suite; all else is said on standard error.
 * Exit status: 0 nothing failed, 1 something did, 2 the command line is not understood.
 */
#include <stdio.h>

#include "tests/conformance/suite.h"

static const struct row {
	const char *name;
	void (*run)(struct suite *s);
} rows[] = {
	{ "agt-policy", suite_agt_policy },
	{ "audit", suite_audit },
	{ "authority", suite_authority },
	{ "cedar", suite_cedar },
	{ "identity", suite_identity },
	{ "jcs", suite_jcs },
	{ "merkle", suite_merkle },
	{ "notes", suite_notes },
	{ "runtime", suite_runtime },
	{ "saga", suite_saga },
	{ "session", suite_session },
	{ "trace", suite_trace },
	{ "trust", suite_trust },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int usage(void)
{
	(void)fputs("usage: conformance [-t] [-s NAME,NAME...] VECTORS\nsuites:", stderr);
	for (size_t i = 0; i < ROWS; i++)
		(void)fprintf(stderr, " %s", rows[i].name);
	(void)fputc('\n', stderr);
	return 2;
}

/* Is `name` one of the comma-separated names? An empty list picks all. */
static bool picked(struct str list, const char *name)
{
	struct str one, rest = list;

	while (str_cut(rest, ',', &one, &rest))
		if (str_is(one, name))
			return true;
	return list.len == 0 || str_is(rest, name);
}

static bool known(struct str name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (str_is(name, rows[i].name))
			return true;
	(void)fprintf(stderr, "conformance: there is no suite \"%.*s\"\n", STR_ARG(name));
	return false;
}

static bool all_known(struct str list)
{
	struct str one, rest = list;

	while (str_cut(rest, ',', &one, &rest))
		if (!known(one))
			return false;
	return known(rest);
}

static void print(const struct suite *s)
{
	printf("%s: %u passed, %u failed, %u skipped\n", s->name, s->passed, s->failed, s->skipped);
}

int main(int argc, char **argv)
{
	struct suite total = { .name = "total" };
	struct str list = STR_NONE;
	bool tables = argc > 1 && strcmp(argv[1], "-t") == 0;
	int at = 1 + tables;

	if (argc == at + 3 && strcmp(argv[at], "-s") == 0) {
		list = str_view(argv[at + 1]);
		if (!all_known(list))
			return usage();
	} else if (argc != at + 1 || argv[at][0] == '-') {
		return usage();
	}
	for (size_t i = 0; i < ROWS; i++) {
		struct suite s = { .name = rows[i].name,
				   .vectors = argv[argc - 1],
				   .tables = tables };

		if (!picked(list, rows[i].name))
			continue;
		rows[i].run(&s);
		print(&s);
		total.passed += s.passed;
		total.failed += s.failed;
		total.skipped += s.skipped;
	}
	print(&total);
	return total.failed ? 1 : 0;
}
