/*
 * process: real programs, which say through pipes how far they are; nothing here waits for a time.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/process/process.h"

#define LONG_MS 600000u              /* a grace that no test outlives */

static char folder[64];
static struct process *p;

/* Named pipes: programs write their names into `up`; from `never` nothing comes. */
static void setup(void)
{
	struct note n = { .text = "" };

	(void)snprintf(folder, sizeof(folder), "/tmp/trammel-test-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
	cr_assert(mkfifo("up", 0600) == 0 && mkfifo("never", 0600) == 0);
	cr_assert_eq(process_open(&p, &n), OK, "%s", n.text);
}

static void teardown(void)
{
	char command[128];

	process_close(p);
	cr_assert_eq(chdir("/"), 0);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(process, .init = setup, .fini = teardown);

Test(process, who_adopted_orphans_before_does_so_afterwards)
{
	struct note n = { .text = "" };

	for (int before = 1; before >= 0; before--) {
		int after = -1;

		process_close(p);
		cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, before), 0);
		cr_assert_eq(process_open(&p, &n), OK, "%s", n.text);
		process_close(p);
		cr_expect_eq(prctl(PR_GET_CHILD_SUBREAPER, &after), 0);
		cr_expect_eq(after, before);
		cr_assert_eq(process_open(&p, &n), OK, "%s", n.text);
	}
}

static void start(const char *script)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, strdup(script), NULL };
	struct note n = { .text = "" };

	cr_assert_eq(process_start(p, "/bin/sh", argv, NULL, &n), OK, "%s", n.text);
	free(argv[2]);
}

/* What was written into a named pipe, by whoever comes, until all have closed it. */
static const char *await(const char *pipe)
{
	static char text[256];
	int fd = open(pipe, O_RDONLY);
	size_t len = 0;
	ssize_t got;

	cr_assert_geq(fd, 0);
	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	(void)close(fd);
	return text;
}

static struct process_end run(const char *script)
{
	struct process_end end;
	enum process_news news;

	start(script);
	while ((news = process_wait(p, -1)) == PROCESS_RUNS)
		;
	cr_expect_eq(news, PROCESS_ENDED);
	process_end(p, LONG_MS, &end);
	return end;
}

static bool is_gone(pid_t pid)
{
	return kill(pid, 0) == -1 && errno == ESRCH;
}

Test(process, tells_how_a_program_ended)
{
	struct process_end end = run("exit 0");

	cr_expect(end.exited && end.status == 0 && !end.left && !end.forced);
	end = run("exit 3");
	cr_expect(end.exited && end.status == 3);
	end = run("kill -KILL $$");
	cr_expect(!end.exited && end.status == SIGKILL);
	cr_expect_str_eq(process_signal_name(SIGKILL), "KILL");
	cr_expect_null(process_signal_name(60));
}

Test(process, finds_the_file_behind_a_name)
{
	char path[LIMIT_PATH_BYTES], here[LIMIT_PATH_BYTES], expected[2 * LIMIT_PATH_BYTES];
	int fd = open("tool", O_CREAT | O_WRONLY, 0700);

	cr_assert(fd >= 0 && close(fd) == 0 && symlink("tool", "link") == 0);
	cr_assert_not_null(realpath(".", here));
	(void)snprintf(expected, sizeof(expected), "%s/tool", here);
	cr_expect_eq(process_find("./link", NULL, path), OK);
	cr_expect_str_eq(path, expected, "no name in it is a link");
	cr_expect_eq(process_find("link", "/nowhere:.", path), OK);
	cr_expect_str_eq(path, expected);
	cr_expect_eq(process_find("link", "/nowhere::/", path), OK, "an empty one is here");
	cr_expect_eq(process_find("link", "/nowhere", path), ERR_NOT_FOUND);
	cr_expect_eq(process_find("link", NULL, path), ERR_NOT_FOUND);
	cr_expect_eq(process_find("", ".", path), ERR_NOT_FOUND);
	cr_expect_eq(process_find("up", ".", path), ERR_ACCESS, "a pipe is no program");
	cr_assert_eq(chmod("tool", 0600), 0);
	cr_expect_eq(process_find("link", ".", path), ERR_ACCESS);
}

Test(process, says_why_a_file_cannot_be_started)
{
	char *const argv[] = { (char[]){ "x" }, NULL };
	struct note n = { .text = "" };
	int fd = open("text", O_CREAT | O_WRONLY, 0700);

	cr_assert(fd >= 0 && write(fd, "no program\n", 11) == 11 && close(fd) == 0);
	cr_expect_eq(process_start(p, "./absent", argv, NULL, &n), ERR_NOT_FOUND);
	cr_expect_str_eq(n.text, "./absent: it cannot be started: No such file or directory");
	cr_expect_eq(process_start(p, "./up", argv, NULL, &n), ERR_ACCESS);
	cr_expect_eq(process_start(p, "./text", argv, NULL, &n), ERR_SYNTAX);
	cr_expect_null(process_cgroup(p));
	cr_expect(run("exit 0").exited, "what failed is not in the way");
}

Test(process, gives_a_program_nothing_but_three_descriptors)
{
	cr_assert_eq(dup2(1, 50), 50);
	cr_expect_eq(run("[ -e /proc/$$/fd/2 ] && ! [ -e /proc/$$/fd/50 ]").status, 0);
}

Test(process, gives_a_program_its_signals_as_at_boot)
{
	sigset_t usr2;

	(void)signal(SIGUSR1, SIG_IGN);
	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	cr_assert_eq(sigprocmask(SIG_BLOCK, &usr2, NULL), 0);
	cr_expect_eq(run("kill -USR1 $$; exit 0").status, SIGUSR1);
	cr_expect_eq(run("kill -USR2 $$; exit 0").status, SIGUSR2);
	cr_expect_eq(run("kill -PIPE $$; exit 0").status, SIGPIPE);
}

Test(process, leads_a_session_and_gains_no_privileges)
{
	cr_expect_eq(run("read -r pid name state parent group session rest </proc/self/stat\n"
			 "[ \"$session\" = $$ ] && grep -q 'NoNewPrivs:.1' /proc/$$/status")
			     .status, 0);
}

Test(process, asks_a_program_to_end_first)
{
	struct process_end end;

	start("trap 'exit 7' TERM; (echo up >up; exec cat never) & wait");
	(void)await("up");
	cr_expect_eq(process_wait(p, 0), PROCESS_RUNS);
	process_end(p, LONG_MS, &end);
	cr_expect(end.exited && end.status == 7 && !end.forced && !end.left);
}

Test(process, ends_one_that_does_not_listen)
{
	struct process_end end;

	start("trap '' TERM; echo up >up; cat never & cat never; cat never");
	(void)await("up");
	process_end(p, 0, &end);
	cr_expect(!end.exited && end.status == SIGKILL && end.forced);
}

Test(process, ends_a_daemon_with_its_program)
{
	struct process_end end;
	pid_t daemon;

	start("(setsid sh -c 'echo $$ >up; exec cat never' &); cat never");
	daemon = (pid_t)atoi(await("up"));
	cr_assert(!is_gone(daemon));
	process_end(p, LONG_MS, &end);
	cr_expect(!end.exited && end.status == SIGTERM && !end.forced && !end.left);
	cr_expect(is_gone(daemon));
}

Test(process, ends_a_deaf_daemon_that_a_program_left)
{
	struct process_end end;
	pid_t daemon;

	start("(trap '' TERM; setsid sh -c 'echo $$ >up; cat never; :' &)");
	daemon = (pid_t)atoi(await("up"));
	while (process_wait(p, -1) != PROCESS_ENDED)
		;
	cr_assert(!is_gone(daemon));
	process_end(p, 0, &end);
	cr_expect(end.exited && end.status == 0 && end.left && end.forced);
	cr_expect(is_gone(daemon));
}

Test(process, ends_many_that_hide_below_each_other)
{
	struct process_end end;

	start("n=0; while [ $n -lt 30 ]; do n=$((n + 1))\n"
	      "(setsid sh -c 'trap \"\" TERM; (setsid cat never &); cat never' &)\n"
	      "done; echo up >up; cat never");
	(void)await("up");
	process_end(p, 0, &end);
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
	cr_expect_eq(errno, ECHILD, "nothing is left");
}

Test(process, waits_for_orphans_while_the_program_runs)
{
	struct process_end end;

	start("(true &); (true &); echo up >up; cat never");
	(void)await("up");
	/* Each wait takes in what has ended; in the end only the program is a child. */
	do
		(void)process_wait(p, 0);
	while (waitpid(-1, NULL, WNOHANG) > 0);
	process_end(p, LONG_MS, &end);
	cr_expect_eq(end.status, SIGTERM);
}

Test(process, hears_that_it_shall_end)
{
	struct process_end end;

	start("trap '' TERM; echo up >up; cat never; cat never");
	(void)await("up");
	cr_assert_eq(raise(SIGTERM), 0);
	cr_expect_eq(process_wait(p, -1), PROCESS_TOLD);
	/* A second time is the end of all patience. */
	cr_assert_eq(raise(SIGINT), 0);
	process_end(p, LONG_MS, &end);
	cr_expect(end.forced && end.status == SIGKILL);
	cr_assert_eq(raise(SIGHUP), 0);
	cr_expect_eq(process_wait(p, -1), PROCESS_TOLD, "heard when nothing runs, too");
}

Test(process, does_not_hear_what_it_was_started_to_ignore)
{
	process_close(p);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	cr_assert_eq(process_open(&p, NULL), OK);
	cr_assert_eq(raise(SIGHUP), 0);
	cr_expect_eq(process_wait(p, 0), PROCESS_RUNS);
	cr_expect_eq(run("exit 4").status, 4, "children are waited for all the same");
	process_close(p);
	p = NULL;
	cr_expect_neq(signal(SIGCHLD, SIG_DFL), SIG_DFL, "it is put back");
}

Test(process, dies_with_who_started_it)
{
	pid_t supervisor;
	char byte;
	int hold;

	process_close(p);
	p = NULL;
	cr_assert_eq(mkfifo("hold", 0600), 0);
	supervisor = fork();
	if (supervisor == 0) {
		if (process_open(&p, NULL) == OK)
			start("echo up >up; exec cat never >hold");
		(void)pause();
		_exit(0);
	}
	(void)await("up");
	hold = open("hold", O_RDONLY);
	cr_assert_geq(hold, 0);
	cr_assert_eq(kill(supervisor, SIGKILL), 0);
	cr_assert_eq(waitpid(supervisor, NULL, 0), supervisor);
	cr_expect_eq(read(hold, &byte, 1), 0, "the program held it open, and is gone");
}

Test(process, does_not_take_others_for_its_own)
{
	struct note n = { .text = "" };
	int hold[2];
	pid_t other;

	process_close(p);
	p = NULL;
	cr_assert_eq(pipe(hold), 0);
	other = fork();
	if (other == 0) {
		(void)close(hold[1]);
		_exit(read(hold[0], &n, 1) == 0 ? 0 : 1);
	}
	cr_expect_eq(process_open(&p, &n), ERR_IO);
	cr_expect(strstr(n.text, "had children"), "%s", n.text);
	(void)close(hold[1]);
	cr_assert_eq(waitpid(other, NULL, 0), other);
	cr_expect_eq(process_open(&p, &n), OK);
}
