/*
 * supervise: the loop over a program and the log.
 *
 * The log is asked ten times a second. That is cheap while nothing happens (watch.c), and it works
 * on every file system, which waiting for the kernel's word of changes does not.
 */
#include "tui/supervise.h"

#include <stdio.h>
#include <unistd.h>

#define LOOK_MS 100

struct loop {
	struct world *world;
	struct process *process;
	struct watch *watch;
	struct supervised *ret;
};

/* A standing that cannot be told is none. */
static void cannot_tell(struct loop *l, const struct note *n)
{
	(void)note_set(&l->ret->stopped, OK, 0, 0, "whether it may go on cannot be told: %s%s%s",
		       n->file, n->file[0] ? ": " : "", n->text);
}

/* Does the log stop it? */
static bool is_stopped(struct loop *l)
{
	struct note n = { .text = "" };
	struct str why;

	if (watch_look(l->watch, world_now_ns(l->world), &why, &n) != OK)
		cannot_tell(l, &n);
	else if (why.ptr)
		(void)note_set(&l->ret->stopped, OK, 0, 0, "%.*s", STR_ARG(why));
	return l->ret->stopped.text[0] != '\0';
}

static enum err cannot_find(const struct program *what, struct note *n)
{
	if (what->found != ERR_NOT_FOUND)
		return note_set(n, what->found, 0, 0, "'%s' is no file that can be executed",
				what->argv[0]);
	return note_set(n, ERR_NOT_FOUND, 0, 0, "there is no program '%s'; expected a path, or a "
			"name in one of the folders of PATH", what->argv[0]);
}

static void start(struct loop *l, const struct program *what)
{
	struct supervised *ret = l->ret;
	char name[64];

	if (what->found != OK) {
		ret->failed = cannot_find(what, &ret->story);
		return;
	}
	(void)snprintf(name, sizeof(name), "trammel-%llu-%d", (unsigned long long)what->entry,
		       (int)getpid());
	ret->failed = process_start(l->process, what->path, what->argv, name, &ret->story);
	ret->started = ret->failed == OK;
	ret->in_cgroup = process_cgroup(l->process) != NULL;
}

static void run(struct loop *l, uint32_t grace_ms)
{
	int64_t began_ns = world_now_ns(l->world);
	enum process_news news = PROCESS_RUNS;

	while (news == PROCESS_RUNS && !is_stopped(l))
		news = process_wait(l->process, LOOK_MS);
	if (news == PROCESS_TOLD)
		(void)note_set(&l->ret->stopped, OK, 0, 0, "trammel was told to end");
	process_end(l->process, grace_ms, &l->ret->end);
	l->ret->took_ns = world_now_ns(l->world) - began_ns;
}

void supervise(struct world *w, struct process *p, const struct program *what,
	       struct supervised *ret)
{
	struct loop l = { .world = w, .process = p, .ret = ret };
	struct note n = { .text = "" };

	*ret = (struct supervised){ .failed = OK };
	if (watch_open(w, what->dir, what->entry, &l.watch, &n) != OK)
		cannot_tell(&l, &n);
	else if (!is_stopped(&l))
		start(&l, what);
	if (ret->started)
		run(&l, what->grace_ms);
	watch_close(l.watch);
}
