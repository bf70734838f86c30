/* cgroup: one is made, holds what is in it, and ends it; where none can be made that is said. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/process/inside.h"

static struct cgroup made(const char *name)
{
	struct cgroup c;

	if (!cgroup_make(name, &c))
		cr_skip_test("skipped: no cgroup (version 2) can be made here");
	return c;
}

/*
 * A program in it, whose standard input is a line to and from us: it writes "up" there, and reads
 * what never comes.
 */
static struct process *started(const char *name, const char *script)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, strdup(script), NULL };
	struct process *p;
	char byte;
	int line[2];

	cr_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, line) == 0 && dup2(line[0], 0) == 0);
	cr_assert_eq(process_open(&p, NULL), OK);
	cr_assert_eq(process_start(p, "/bin/sh", argv, name, NULL), OK);
	cr_assert_not_null(process_cgroup(p));
	cr_assert_eq(read(line[1], &byte, 1), 1);
	free(argv[2]);
	return p;
}

Test(cgroup, is_empty_at_first_and_goes_when_dropped)
{
	struct cgroup c = made("trammel-test-empty"), twice;
	struct stat st;

	cr_expect(stat(c.path, &st) == 0 && S_ISDIR(st.st_mode), "%s", c.path);
	cr_expect_not(cgroup_is_populated(&c));
	cr_expect_not(cgroup_make("trammel-test-empty", &twice), "one of that name is there");
	cr_expect_eq(twice.fd, -1);
	cgroup_drop(&c);
	cr_expect_neq(stat(c.path, &st), 0);
	cr_expect_eq(c.fd, -1);
	cgroup_kill(&c);
	cr_expect_not(cgroup_is_populated(&c), "none is never populated");
}

Test(cgroup, holds_a_program_and_all_that_it_starts)
{
	struct cgroup c = made("trammel-test-holds");
	struct process_end end;
	struct process *p;
	struct stat st;

	cgroup_drop(&c);
	p = started("trammel-test-holds",
		    "trap '' TERM; exec 5<&0; (setsid cat <&5 &); echo >&0; cat");
	cr_expect_str_eq(process_cgroup(p), c.path);
	process_end(p, 0, &end);
	cr_expect(end.forced && end.status == SIGKILL);
	cr_expect_null(process_cgroup(p));
	cr_expect_neq(stat(c.path, &st), 0, "the folder is gone with what was in it");
	process_close(p);
}

/* The kernel may call a cgroup populated for a moment after who was in it has been waited for. */
Test(cgroup, knows_a_clean_end_from_one_that_leaves_something)
{
	struct cgroup c = made("trammel-test-knows");
	struct process_end end;
	struct process *p;

	cgroup_drop(&c);
	for (int i = 0; i < 50; i++) {
		p = started("trammel-test-knows", i % 2 ? "echo >&0; true | true"
						 : "exec 5<&0; (setsid cat <&5 &); echo >&0");
		while (process_wait(p, -1) != PROCESS_ENDED)
			;
		process_end(p, UINT32_MAX, &end);
		cr_expect(end.exited && end.status == 0 && !end.forced);
		cr_expect_eq(end.left, i % 2 == 0, "at %d", i);
		process_close(p);
	}
}
