/*
 * process: a program that trammel starts, and all that it starts in turn. The door of
 * engine/process, which is the doorman of Linux's calls on processes: nothing else of the library
 * starts one, signals one or waits for one.
 *
 *   process_open    this process hears signals by asking, and orphans below it become its children
 *   process_start   the program, in a session of its own and, where one can be made, in a cgroup
 *   process_wait    until the program has ended, a signal came, or the time is over
 *   process_end     all of it is ended, and that is certain
 *   process_close
 *
 * Promises:
 *   1. The program gets the descriptors 0 to 2, all signals as at boot, and nothing else.
 *   2. It gains no privileges (no_new_privs), so what runs below it can be signalled.
 *   3. It dies with this process (PR_SET_PDEATHSIG). What it started does not: of that, only a
 *      cgroup keeps hold then.
 *   4. process_end answers when every process below is gone: each was waited for, and the cgroup
 *      says that it is empty. A daemon that left its session and its parent is one of them.
 *
 * Linux 5.9 (close_range) and /proc; 5.14 (cgroup.kill) for cgroups. One at a time in a process,
 * by its main thread.
 */
#ifndef TRAMMEL_PROCESS_H
#define TRAMMEL_PROCESS_H

#include "engine/base/err.h"
#include "engine/base/limits.h"

struct process;

enum process_news {
	PROCESS_RUNS = 0,            /* the time is over, or some orphan has ended */
	PROCESS_ENDED,               /* the program; what it left behind may run on */
	PROCESS_TOLD,                /* this process was sent SIGTERM, SIGINT, SIGHUP or SIGQUIT */
};

/* How it came to an end. */
struct process_end {
	bool exited;                 /* by itself, else by a signal */
	int status;                  /* its exit status, or the number of the signal */
	bool left;                   /* it had ended, and something that it started had not */
	bool forced;                 /* SIGTERM was not enough */
};

/*
 * The file that `name` stands for: itself where it has a slash, else looked for in the folders of
 * `search` (as $PATH; NULL: nowhere). Absolute, and no name in it is a link. ERR_NOT_FOUND,
 * ERR_ACCESS (it cannot be executed), ERR_LIMIT.
 */
enum err process_find(const char *name, const char *search, char ret[LIMIT_PATH_BYTES]) NODISCARD;

/* ERR_IO where this process has children already: they could not be told from those to come. */
enum err process_open(struct process **ret, struct note *n) NODISCARD;
/* Signals are heard as before. What was started must be at its end. Safe on NULL. */
void process_close(struct process *p);

/*
 * Start the file `path` with these arguments (NULL-ended, the first is the program's name) and this
 * process's environment and folder. `name` is that of its cgroup; NULL: it shall have none. When it
 * cannot be executed nothing was started: ERR_NOT_FOUND, ERR_ACCESS, ERR_SYNTAX (it is no program),
 * ERR_LIMIT (the arguments are too long), ERR_MEMORY, ERR_IO.
 */
enum err process_start(struct process *p, const char *path, char *const argv[], const char *name,
		       struct note *n) NODISCARD;
/* The folder of its cgroup; NULL: it has none. */
const char *process_cgroup(const struct process *p);

/* `timeout_ms` below 0: as long as it takes. When no program runs only signals are waited for. */
enum process_news process_wait(struct process *p, int timeout_ms);
/*
 * End all that was started: SIGTERM, and after `grace_ms`, or when this process is told a second
 * time, SIGKILL. Does not return before the end is certain.
 */
void process_end(struct process *p, uint32_t grace_ms, struct process_end *ret);

/* "TERM", or NULL for a number that has no name of its own. */
const char *process_signal_name(int number);

#endif
