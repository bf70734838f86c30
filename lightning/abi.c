/*
 * abi: the C library's few exported functions, over the workspace. The only file that exports
 * symbols.
 */
#include "lightning/trammel.h"

#include <stdlib.h>

#include "engine/base/world_real.h"
#include "engine/space/space.h"

struct trammel {
	struct world world;
	struct space *space;
	struct arena memory;
	struct buf bodies, answer;
};

/* One sentence with its place, cut to the room. */
static int give_message(enum err e, const struct note *n, char *message, size_t message_bytes)
{
	if (message && message_bytes > 0 && n->line)
		(void)snprintf(message, message_bytes, "%s:%u:%u: %s", n->file, n->line, n->column,
			       n->text);
	else if (message && message_bytes > 0)
		(void)snprintf(message, message_bytes, "%s%s%s", n->file, n->file[0] ? ": " : "",
			       n->text[0] ? n->text : err_text(e));
	return err_exit(e);
}

const char *trammel_version(void)
{
	return TRAMMEL_VERSION;
}

int trammel_open(const char *dir, trammel **ret, char *message, size_t message_bytes)
{
	struct note n = { .text = "" };
	struct trammel *t;
	enum err e;

	if (!ret)
		return TRAMMEL_USAGE;
	*ret = NULL;
	if (!dir)
		return TRAMMEL_USAGE;
	t = calloc(1, sizeof(*t));
	if (!t)
		return give_message(ERR_MEMORY, &n, message, message_bytes);
	t->world = world_real();
	e = crypto_start();
	if (e == OK)
		e = space_open(&t->world, dir, SPACE_WRITE, &t->space, &n);
	if (e != OK) {
		free(t);
		return give_message(e, &n, message, message_bytes);
	}
	arena_init(&t->memory, LIMIT_ACTION_MEMORY);
	buf_init(&t->bodies, 2 * LIMIT_BODY_BYTES);
	buf_init(&t->answer, TRAMMEL_VERDICT_BYTES);
	*ret = t;
	return TRAMMEL_YES;
}

/* Decide, or record why it could not be read, and make durable. */
static enum err decide(struct trammel *t, struct str text, struct verdict *ret)
{
	enum err e;

	arena_rewind(&t->memory, (struct arena_mark){ NULL, 0 });
	buf_clear(&t->bodies);
	e = space_submit_text(t->space, text, world_now_ns(&t->world), &t->memory, &t->bodies, ret,
			      NULL);
	if (e == OK)
		e = space_commit(t->space, true);
	if (e != OK)
		gate_refuse(ret, 0);
	return e;
}

int trammel_check(trammel *t, const char *action, size_t action_bytes, char *verdict,
		  size_t verdict_bytes)
{
	struct verdict v;
	enum err e;

	if (!t || !action || !verdict)
		return TRAMMEL_USAGE;
	e = decide(t, str_slice(action, action_bytes), &v);
	buf_clear(&t->answer);
	verdict_write(&t->answer, &v);
	if (t->answer.err != OK || str_to_c(buf_view(&t->answer), verdict, verdict_bytes) != OK)
		return TRAMMEL_LIMIT;
	if (e != OK)
		return err_exit(e) == TRAMMEL_NO ? TRAMMEL_UNDECIDED : err_exit(e);
	return v.effect == EFFECT_ALLOW ? TRAMMEL_YES : TRAMMEL_NO;
}

int trammel_publish(trammel *t, char *message, size_t message_bytes)
{
	struct note n = { .text = "" };
	enum err e;

	if (!t)
		return TRAMMEL_USAGE;
	e = space_publish(t->space);
	return e == OK ? TRAMMEL_YES : give_message(e, &n, message, message_bytes);
}

int trammel_close(trammel *t, char *message, size_t message_bytes)
{
	struct note n = { .text = "" };
	enum err e;

	if (!t)
		return TRAMMEL_YES;
	e = space_close(t->space, &n);
	buf_fini(&t->answer);
	buf_fini(&t->bodies);
	arena_fini(&t->memory);
	free(t);
	return e == OK ? TRAMMEL_YES : give_message(e, &n, message, message_bytes);
}
