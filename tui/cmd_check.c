/*
 * cmd_check: trammel check [FILE] [--batch] -C DIR
 *
 * Answers leave only after their entries are durable. In a batch the lines that have arrived are
 * decided together, committed together and answered; a writer that waits for each answer gets it
 * at once, one that does not wait gets group commit. Every line gets an answer, an empty one too.
 * After the answers are out, entries are signed when the last signature is a second old.
 *
 * Others write, too: an order to stop somebody must not wait for the end of a batch. When the
 * answers are out and somebody waits for the workspace, or no line came for a while, it is paused;
 * the next line is decided when it is our turn again, in the state that the others left.
 *
 * A line that is no event, or an event that can never be recorded, is recorded as a refusal and
 * denied; it does not keep the lines behind it from being answered.
 */
#include <poll.h>
#include <stdlib.h>

#include "engine/space/space.h"
#include "tui/my_turn.h"
#include "tui/operator.h"
#include "tui/print.h"

#define INPUT_ROOM  (2u * LIMIT_ACTION_BYTES)
#define ANSWERS_CAP ((size_t)256 << 20)
#define PUBLISH_EVERY_NS INT64_C(1000000000)
/* While no line comes: how often it is asked whether somebody waits; then we pause anyway. */
#define LOOK_MS 20
#define LOOKS 10

struct checking {
	const struct invocation *in;
	struct space *space;
	bool paused;               /* so others may write */
	struct arena memory;
	struct buf bodies, answers;
	uint64_t denied;
	uint64_t decided, waiting; /* since the last commit: events in `answers`, events read */
	int64_t published_ns;      /* when entries were signed last */
	uint32_t line;             /* of the input, where the event at hand starts */
	struct note note;
};

static void answer(struct checking *c, const struct verdict *v)
{
	verdict_write(&c->answers, v);
	buf_add_byte(&c->answers, '\n');
	c->denied += v->effect == EFFECT_DENY;
}

static const char *input_name(const struct checking *c)
{
	return c->in->arg_count ? c->in->args[0] : "-";
}

static enum err let_go(struct checking *c)
{
	c->published_ns = world_now_ns(c->in->world);
	TRY(space_pause(c->space));
	c->paused = true;
	return OK;
}

static enum err come_back(struct checking *c)
{
	const struct my_turn turn = { .in = c->in };

	if (c->paused)
		TRY(my_turn_take(&turn, &c->space, &c->note));
	c->paused = false;
	return OK;
}

/* One document: decided and recorded, or recorded as refused. Its answer waits for the commit. */
static enum err check_one(struct checking *c, struct str text)
{
	struct note story = { .text = "" };
	struct verdict v;
	int64_t now_ns;

	c->waiting++;
	TRY(come_back(c));
	/* Not before: the others had their time, too. */
	now_ns = world_now_ns(c->in->world);
	arena_rewind(&c->memory, (struct arena_mark){ NULL, 0 });
	buf_clear(&c->bodies);
	TRY(space_submit_text(c->space, text, now_ns, &c->memory, &c->bodies, &v, &story));
	if (story.text[0])
		print_talk("trammel: %s:%u:%u: %s", input_name(c),
			   c->line + (story.line ? story.line - 1 : 0), story.column, story.text);
	answer(c, &v);
	c->decided++;
	return OK;
}

/* The answers are out; now and then what they answered is signed, so that it can be proved. */
static enum err publish_when_due(struct checking *c)
{
	int64_t now_ns = world_now_ns(c->in->world);

	if (now_ns - c->published_ns < PUBLISH_EVERY_NS && now_ns >= c->published_ns)
		return OK;
	c->published_ns = now_ns;
	return space_publish(c->space);
}

/* Make durable, then let the answers go. */
static enum err release(struct checking *c)
{
	if (c->decided == 0)
		return OK;
	TRY(space_commit(c->space, true));
	c->waiting -= c->decided;
	c->decided = 0;
	TRY(print_out(&c->answers, &c->note));
	return given(c->in, OPT_BATCH) ? publish_when_due(c) : OK;
}

/*
 * Every whole line in the room; what is left moves to the front. A line that is too long is refused
 * as soon as that is known, and the rest of it is passed over.
 */
static enum err check_lines(struct checking *c, char *room, size_t *held, bool end, bool *skipping)
{
	struct str rest = str_slice(room, *held), line, after;

	while (str_cut(rest, '\n', &line, &after)) {
		if (!*skipping)
			TRY(check_one(c, line));
		*skipping = false;
		rest = after;
		c->line++;
	}
	if (rest.len > LIMIT_ACTION_BYTES || (end && str_trim(rest).len > 0)) {
		if (!*skipping)
			TRY(check_one(c, rest));
		*skipping = !end;
		rest.len = 0;
	}
	memmove(room, rest.ptr, rest.len);
	*held = rest.len;
	return release(c);
}

/*
 * Before the next line is read, and the answers are out. Who asks for one thing after the other is
 * not slowed down by it, and an order is not by them: they take turns.
 */
static enum err rest(struct checking *c, int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };

	for (unsigned i = 0; !c->paused; i++) {
		if (i == LOOKS || space_awaited(c->space))
			return let_go(c);
		if (poll(&input, 1, LOOK_MS) != 0)
			return OK;
	}
	return OK;
}

static enum err check_batch(struct checking *c, int fd)
{
	char *room = malloc(INPUT_ROOM);
	size_t held = 0, got = 1;
	bool skipping = false;
	enum err e = room ? OK : ERR_MEMORY;

	while (e == OK && got > 0) {
		e = rest(c, fd);
		if (e == OK)
			e = world_read(c->in->world, fd, room + held, INPUT_ROOM - held, &got);
		held += e == OK ? got : 0;
		if (e == OK)
			e = check_lines(c, room, &held, got == 0, &skipping);
	}
	free(room);
	return e;
}

/* One document may span lines; it ends where the input ends. */
static enum err check_single(struct checking *c, int fd)
{
	char *room = malloc(INPUT_ROOM);
	size_t held = 0, got = 1;
	enum err e = room ? OK : ERR_MEMORY;

	while (e == OK && got > 0 && held < INPUT_ROOM) {
		e = world_read(c->in->world, fd, room + held, INPUT_ROOM - held, &got);
		held += e == OK ? got : 0;
	}
	if (e == OK)
		e = check_one(c, str_slice(room, held));
	if (e == OK)
		e = release(c);
	free(room);
	return e;
}

/* What could not be made durable is denied: the answers that waited are thrown away. */
static void refuse_waiting(struct checking *c)
{
	struct note ignored;
	struct verdict v;

	buf_clear(&c->answers);
	gate_refuse(&v, 0);
	for (; c->waiting > 0; c->waiting--)
		answer(c, &v);
	(void)print_out(&c->answers, &ignored);
}

static enum err check_all(struct checking *c)
{
	const char *file = input_name(c);
	struct note why;
	int fd = 0;
	enum err e = OK;

	if (!str_is(str_view(file), "-"))
		e = world_open(c->in->world, file, WORLD_READ, &fd);
	if (e != OK)
		return print_unread(&c->note, e, file);
	e = given(c->in, OPT_BATCH) ? check_batch(c, fd) : check_single(c, fd);
	if (e != OK && c->waiting > 0) {
		/* Those before the one that failed may still be answered as they were decided. */
		(void)release(c);
		refuse_waiting(c);
		why = c->note;
		(void)note_set(&c->note, e, why.line, why.column,
			       "not recorded, so not allowed: %s",
			       why.text[0] ? why.text : err_text(e));
	}
	if (fd != 0)
		(void)world_close(c->in->world, fd);
	return e;
}

int cmd_check(const struct invocation *in)
{
	struct checking c = { .in = in, .line = 1 };
	enum err e = operator_open(in, &c.space, &c.note), closing;
	bool batch = given(in, OPT_BATCH);

	if (e != OK)
		return print_error(in, e, &c.note);
	arena_init(&c.memory, LIMIT_ACTION_MEMORY);
	buf_init(&c.bodies, 2 * LIMIT_BODY_BYTES);
	buf_init(&c.answers, ANSWERS_CAP);
	e = check_all(&c);
	closing = space_close(c.space, e == OK ? &c.note : NULL);
	if (e == OK)
		e = closing;
	buf_fini(&c.answers);
	buf_fini(&c.bodies);
	arena_fini(&c.memory);
	if (e != OK)
		return print_error(in, e, &c.note);
	return !batch && c.denied ? err_exit(ERR_DENIED) : 0;
}
