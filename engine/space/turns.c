/* turns: letting go of a workspace, and coming back to it as it is then. */
#include "engine/space/inside.h"

enum err space_pause(struct space *s)
{
	MUST(!s->paused);
	TRY(space_hand_over(s, true));
	TRY(log_pause(s->log));
	s->paused = true;
	return OK;
}

/* What others appended is in the log and in the cache: it is read as by any command. */
static enum err open_anew(struct space **s, struct note *n)
{
	struct space *fresh;

	TRY(space_open((*s)->world, (*s)->path, SPACE_WRITE, &fresh, n));
	space_release(*s);
	*s = fresh;
	return OK;
}

enum err space_resume(struct space **s, struct note *n)
{
	bool same;
	enum err e;

	MUST((*s)->paused);
	e = log_resume((*s)->log, &same);
	if (e == ERR_LOCKED)
		return note_set(n, e, 0, 0, "%s: %s", (*s)->path, err_text(e));
	TRY(e);
	if (!same)
		return open_anew(s, n);
	(*s)->paused = false;
	return OK;
}

enum err space_queue(struct world *w, const char *dir, int *ret)
{
	char folder[LIMIT_PATH_BYTES];

	TRY(world_join(folder, sizeof(folder), dir, "log"));
	return log_queue(w, folder, ret);
}

bool space_awaited(const struct space *s)
{
	return log_awaited(s->world, s->log_path);
}
