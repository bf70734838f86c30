/*
 * process: starting a program, and ending all that came of it.
 *
 *             starts             orphaned: becomes a child
 *   trammel ---------> program ----> ... ----> daemon
 *      |                  |                       |
 *      +--- SIGTERM: its process group, and each child of ours
 *      +--- SIGKILL: the cgroup, that group, and each child of ours, until there is none
 *
 * Who is signalled by number is a child that was not waited for, or a group whose leader was not,
 * so that no number can have become somebody else's. Children of children need not be found: when
 * their parents are gone they are ours.
 */
#include "engine/process/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often it is looked whether what was signalled is gone, where nothing says so. */
#define RETRY_MS 100

struct process {
	pid_t pid;                            /* 0: nothing runs; else not waited for yet */
	int pidfd, signals, timer;
	sigset_t before;                      /* signals that were blocked before process_open */
	struct sigaction on_child;            /* what SIGCHLD did then */
	int adopted;                          /* were orphans below us our children then? */
	struct cgroup cgroup;
};

static enum err err_of(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case ELOOP:
		return ERR_ACCESS;
	case ENOEXEC:
		return ERR_SYNTAX;
	case E2BIG:
	case ENAMETOOLONG:
		return ERR_LIMIT;
	case ENOMEM:
	case EAGAIN:
		return ERR_MEMORY;
	default:
		return ERR_IO;
	}
}

/* --- which file a name stands for --- */

static enum err find_at(const char *path, char ret[LIMIT_PATH_BYTES])
{
	char *real = realpath(path, NULL);
	struct stat st;
	size_t len;

	if (!real)
		return err_of(errno);
	len = strlen(real) + 1;
	if (len <= LIMIT_PATH_BYTES)
		memcpy(ret, real, len);
	free(real);
	if (len > LIMIT_PATH_BYTES)
		return ERR_LIMIT;
	if (stat(ret, &st) == -1)
		return err_of(errno);
	return S_ISREG(st.st_mode) && access(ret, X_OK) == 0 ? OK : ERR_ACCESS;
}

enum err process_find(const char *name, const char *search, char ret[LIMIT_PATH_BYTES])
{
	enum err worst = ERR_NOT_FOUND;
	char path[LIMIT_PATH_BYTES];

	if (strchr(name, '/'))
		return find_at(name, ret);
	while (search && *name) {
		const char *end = strchrnul(search, ':');
		int len = snprintf(path, sizeof(path), "%.*s%s%s", (int)(end - search), search,
				   end == search ? "./" : "/", name);
		enum err e = len < 0 || (size_t)len >= sizeof(path) ? ERR_LIMIT
								     : find_at(path, ret);

		if (e == OK)
			return OK;
		if (e != ERR_NOT_FOUND)
			worst = e;
		search = *end ? end + 1 : NULL;
	}
	return worst;
}

/* --- children --- */

static bool has_ended(const struct process *p)
{
	struct pollfd program = { .fd = p->pidfd, .events = POLLIN };

	return p->pid == 0 || poll(&program, 1, 0) == 1;
}

/* A child other than the program: waited for when it has ended, else signalled. Is it alive? */
static bool sweep_one(pid_t pid, int signal_number)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == -1 || info.si_pid == pid)
		return false;
	if (signal_number)
		(void)kill(pid, signal_number);
	return true;
}

static int open_children(void)
{
	return open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
}

/*
 * All children but the program: "12 34 ". How many are alive. The list may miss one while others
 * come and go, so it is no proof that there is none; waitid is.
 */
static unsigned sweep(const struct process *p, int signal_number)
{
	int fd = open_children();
	unsigned alive = 0;
	char text[4096];
	pid_t pid = 0;
	ssize_t got;

	while (fd >= 0 && (got = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < got; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + (text[i] - '0');
				continue;
			}
			alive += pid && pid != p->pid && sweep_one(pid, signal_number);
			pid = 0;
		}
	if (fd >= 0)
		(void)close(fd);
	return alive;
}

/* --- what this process hears --- */

/* Signals that tell this process to end, but for those that it was started to ignore (nohup). */
static void add_orders(sigset_t *set)
{
	static const int orders[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigaction now;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (sigaction(orders[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(set, orders[i]);
}

static void heard_signals(sigset_t *set)
{
	/* Neither a closed pipe nor a terminal may end or stop who watches. */
	static const int others[] = { SIGCHLD, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU };

	sigemptyset(set);
	add_orders(set);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		sigaddset(set, others[i]);
}

/* Take what came; were we told to end? */
static bool hear(const struct process *p)
{
	struct signalfd_siginfo info;
	bool told = false;

	while (read(p->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		told = told || info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT ||
		       info.ssi_signo == SIGHUP || info.ssi_signo == SIGQUIT;
	return told;
}

static bool has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static enum err begin(struct process *p, struct note *n)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	int children = open_children();
	sigset_t heard;

	/* Where SIGCHLD is ignored the kernel waits for children itself, and tells nobody. */
	(void)sigaction(SIGCHLD, &by_default, NULL);

	if (children == -1)
		return note_set(n, ERR_IO, 0, 0,
				"/proc/thread-self/children cannot be read, and what a program "
				"starts could not be found; is /proc mounted?");
	(void)close(children);
	if (has_children())
		return note_set(n, ERR_IO, 0, 0,
				"this process had children before it was trammel; start it from a "
				"shell without 'exec'");
	heard_signals(&heard);
	if (sigprocmask(SIG_BLOCK, &heard, &p->before) == -1)
		return err_of(errno);
	p->signals = signalfd(-1, &heard, SFD_NONBLOCK | SFD_CLOEXEC);
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (p->signals == -1 || p->timer == -1 || prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return err_of(errno);
	return OK;
}

enum err process_open(struct process **ret, struct note *n)
{
	struct process *p = malloc(sizeof(*p));
	enum err e;

	if (!p)
		return ERR_MEMORY;
	*p = (struct process){
		.pidfd = -1, .signals = -1, .timer = -1, .cgroup = { .fd = -1 }
	};
	(void)sigprocmask(SIG_BLOCK, NULL, &p->before);
	(void)sigaction(SIGCHLD, NULL, &p->on_child);
	(void)prctl(PR_GET_CHILD_SUBREAPER, &p->adopted);
	e = begin(p, n);
	if (e != OK) {
		process_close(p);
		return e;
	}
	*ret = p;
	return OK;
}

void process_close(struct process *p)
{
	if (!p)
		return;
	MUST(p->pid == 0);
	if (p->signals >= 0) {
		(void)hear(p);
		(void)close(p->signals);
	}
	if (p->timer >= 0)
		(void)close(p->timer);
	(void)prctl(PR_SET_CHILD_SUBREAPER, p->adopted);
	(void)sigaction(SIGCHLD, &p->on_child, NULL);
	(void)sigprocmask(SIG_SETMASK, &p->before, NULL);
	free(p);
}

/* --- starting --- */

/* What is ignored would stay ignored. */
static void reset_signals(void)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &by_default, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: become the program, or say by number why not. */
static NORETURN void become(const char *path, char *const argv[], pid_t parent, int report)
{
	ssize_t ignored;
	int failed;

	(void)setsid();
	reset_signals();
	/* The parent may have died before the kernel was told to tell. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		(void)execve(path, argv, environ);
	failed = errno;
	ignored = write(report, &failed, sizeof(failed));
	(void)ignored;
	_exit(127);
}

/* As fork, and what came of it is held by a descriptor from its first moment. */
static pid_t clone_into(int cgroup, int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static enum err spawn(struct process *p, const char *path, char *const argv[], int report)
{
	pid_t self = getpid(), pid = clone_into(p->cgroup.fd, &p->pidfd);

	/* A cgroup that does not take it (one whose parent is threaded, say) is done without. */
	if (pid == -1 && p->cgroup.fd >= 0) {
		cgroup_drop(&p->cgroup);
		pid = clone_into(-1, &p->pidfd);
	}
	if (pid == 0)
		become(path, argv, self, report);
	if (pid == -1)
		return err_of(errno);
	p->pid = pid;
	return OK;
}

/* Wait for the program; its number may be another's from now on. */
static void collect(struct process *p, struct process_end *ret)
{
	siginfo_t info = { .si_pid = 0 };

	MUST(waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED) == 0);
	ret->exited = info.si_code == CLD_EXITED;
	ret->status = info.si_status;
	(void)close(p->pidfd);
	p->pidfd = -1;
	p->pid = 0;
}

enum err process_start(struct process *p, const char *path, char *const argv[], const char *name,
		       struct note *n)
{
	struct process_end ignored;
	int report[2], failed = 0;
	ssize_t got;
	enum err e;

	MUST(p->pid == 0);
	if (pipe2(report, O_CLOEXEC) == -1)
		return err_of(errno);
	if (name)
		(void)cgroup_make(name, &p->cgroup);
	e = spawn(p, path, argv, report[1]);
	(void)close(report[1]);
	/* The other end closes when the program is executed, or its process is gone. */
	do
		got = e == OK ? read(report[0], &failed, sizeof(failed)) : 0;
	while (got == -1 && errno == EINTR);
	(void)close(report[0]);
	if (e == OK && got != 0) {
		collect(p, &ignored);
		e = got == sizeof(failed) ? err_of(failed) : ERR_IO;
	}
	if (e != OK && p->cgroup.fd >= 0)
		cgroup_drop(&p->cgroup);
	return e == OK ? OK : note_set(n, e, 0, 0, "%s: it cannot be started: %s", path,
				       failed ? strerror(failed) : err_text(e));
}

const char *process_cgroup(const struct process *p)
{
	return p->cgroup.fd >= 0 ? p->cgroup.path : NULL;
}

/* --- waiting and ending --- */

enum process_news process_wait(struct process *p, int timeout_ms)
{
	struct pollfd on[] = {
		{ .fd = p->signals, .events = POLLIN }, { .fd = p->pidfd, .events = POLLIN }
	};
	bool told;

	(void)poll(on, 2, timeout_ms);
	told = hear(p);
	(void)sweep(p, 0);
	if (p->pid && has_ended(p))
		return PROCESS_ENDED;
	return told ? PROCESS_TOLD : PROCESS_RUNS;
}

/* Nothing is left: every child was waited for, the program last. */
static bool is_over(struct process *p, struct process_end *ret)
{
	siginfo_t info;
	int found;

	if (sweep(p, 0) > 0 || !has_ended(p) || cgroup_is_populated(&p->cgroup))
		return false;
	if (p->pid)
		collect(p, ret);
	do {
		info.si_pid = 0;
		found = waitid(P_ALL, 0, &info, WEXITED | WNOHANG);
	} while (found == 0 && info.si_pid != 0);
	return found == -1 && errno == ECHILD;
}

static void signal_all(const struct process *p, int number)
{
	if (number == SIGKILL)
		cgroup_kill(&p->cgroup);
	if (p->pid)
		(void)kill(-p->pid, number);
	(void)sweep(p, number);
}

/* Until it is over, the time is, or we are told again. Is it over? */
static bool wait_for_end(struct process *p, uint32_t grace_ms, struct process_end *ret)
{
	/* 0 would stop the timer instead. */
	const struct itimerspec grace = { .it_value = {
		.tv_sec = grace_ms / 1000, .tv_nsec = (grace_ms % 1000) * 1000000 + 1
	} };
	struct pollfd on[] = {
		{ .fd = p->signals, .events = POLLIN }, { .fd = p->timer, .events = POLLIN }
	};

	MUST(timerfd_settime(p->timer, 0, &grace, NULL) == 0);
	while (!is_over(p, ret)) {
		(void)poll(on, 2, RETRY_MS);
		if (on[1].revents || hear(p))
			return false;
	}
	return true;
}

void process_end(struct process *p, uint32_t grace_ms, struct process_end *ret)
{
	struct process_end end = { .exited = false };
	struct pollfd on = { .fd = p->signals, .events = POLLIN };
	bool had_ended = has_ended(p);

	if (!is_over(p, &end)) {
		end.left = had_ended;
		signal_all(p, SIGTERM);
		end.forced = !wait_for_end(p, grace_ms, &end);
	}
	while (end.forced && !is_over(p, &end)) {
		signal_all(p, SIGKILL);
		(void)poll(&on, 1, RETRY_MS);
		(void)hear(p);
	}
	if (p->cgroup.fd >= 0)
		cgroup_drop(&p->cgroup);
	*ret = end;
}

const char *process_signal_name(int number)
{
	return sigabbrev_np(number);
}
