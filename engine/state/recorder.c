/*
 * recorder: the run on disk, cut into intervals.
 *
 *   <folder>/00000000.delta   head | record of step 0 | ... | record of step interval - 1
 *   <folder>/00000001.snap    image of the state before step 1 * interval
 *   <folder>/00000001.delta   head | record of step 1 * interval | ...
 *
 *   head   = "trmldelt" | u32 version | u32 interval | u64 first step
 *            | 32 bytes root before it | u64 checksum
 *   record = u32 delta length | 32 bytes root after it | delta | u64 checksum
 *
 * Interval 0 starts from the empty state and has no image. An image may be missing: the seek then
 * starts further back. That serves damage and thrift alike: an image is written at the end of an
 * interval only when the steps since the last image outweigh it (PACE_BYTES), so that a large state
 * is not written over and over while little changes.
 *
 * An image counts only when its root is the "root before" of its delta file, so one that another
 * history left behind is not used; and where a seek ends, the root must be the recorded one. A
 * checksum starts from the step's number, so a record left over from another place is not taken for
 * one of here. Everything that is torn or damaged reads as absent.
 *
 * Nothing is synced, except by cut: what was forgotten must not come back. Files are first touched
 * by the first write, so a reader opens a recorder without leaving a trace. After a failed write
 * the recorder takes no more steps (ERR_CLOSED). Specified in docs/formats/state.md.
 */
#include "engine/state/inside.h"

#include <stdio.h>
#include <stdlib.h>

#define MAGIC "trmldelt"
#define MAGIC_BYTES (sizeof(MAGIC) - 1)
#define VERSION 1
#define SUM_BYTES 8
#define HEAD_BYTES (MAGIC_BYTES + 4 + 4 + 8 + DIGEST_BYTES + SUM_BYTES)
#define RECORD_FRONT_BYTES (4 + DIGEST_BYTES)
#define RECORD_MAX_BYTES (RECORD_FRONT_BYTES + LIMIT_DELTA_BYTES + SUM_BYTES)

#define DELTA ".delta"
#define SNAP ".snap"
#define NUMBER_DIGITS 8
#define NUMBER_MAX 99999999u
#define NAME_ROOM 16

#define FLUSH_BYTES (1u << 20)
#define READ_BYTES (256u << 10)
/* What a step weighs against an image: about a record of one changed row. */
#define PACE_BYTES 64

struct recorder {
	struct world *w;
	uint32_t interval;
	bool closed;               /* takes no more steps: opened to read, or a write failed */
	int fd;                    /* the delta file being written, or -1 */
	uint64_t at;               /* where in it `pending` will go */
	uint64_t steps, written;   /* recorded; of these, handed to the system */
	uint64_t snap_step;        /* the newest image is of the state before this step */
	struct digest root;        /* after the last step; zeros before the first */
	struct buf pending;
	char folder[LIMIT_PATH_BYTES];
};

/* A delta file being read from its start. */
struct tape {
	struct world *w;
	int fd;
	uint64_t step, end_step;   /* of the next record; of the next interval */
	uint64_t at;               /* where the next record starts */
	struct digest root;        /* before the next record */
	struct buf window;         /* the bytes of the file from `at` - `used` on */
	size_t used;
};

static uint64_t mix(uint64_t sum, uint64_t word)
{
	sum ^= word;
	return (sum << 27 | sum >> 37) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Finds tearing and damage, not intent: that is what the roots are for. */
static uint64_t checksum(uint64_t start, const uint8_t *bytes, size_t len)
{
	uint64_t sum = start ^ UINT64_C(0xCBF29CE484222325);
	uint8_t last[8] = { 0 };

	for (; len >= sizeof(last); len -= sizeof(last), bytes += sizeof(last))
		sum = mix(sum, little_get64(bytes));
	memcpy(last, bytes, len);
	if (len > 0)
		sum = mix(sum, little_get64(last));
	return sum ^ sum >> 32;
}

static enum err path_of(const struct recorder *r, uint64_t number, const char *ending,
			char path[LIMIT_PATH_BYTES])
{
	char name[NAME_ROOM];

	if (number > NUMBER_MAX)
		return ERR_LIMIT;
	(void)snprintf(name, sizeof(name), "%0*u%s", NUMBER_DIGITS, (unsigned)number, ending);
	return world_join(path, LIMIT_PATH_BYTES, r->folder, name);
}

/* Whether a file of the folder is ours and has this ending; then its number. */
static bool number_of(struct str name, const char *ending, uint64_t *ret)
{
	uint64_t number = 0;

	if (name.len != NUMBER_DIGITS + strlen(ending) || !str_ends(name, str_view(ending)))
		return false;
	for (size_t i = 0; i < NUMBER_DIGITS; i++) {
		if (name.ptr[i] < '0' || name.ptr[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(name.ptr[i] - '0');
	}
	*ret = number;
	return true;
}

/* --- reading --- */

/* Have `len` bytes of the next record at hand; ERR_NOT_FOUND when the file ends before. */
static enum err tape_need(struct tape *t, size_t len)
{
	struct buf *b = &t->window;
	size_t held = b->len - t->used, got;

	if (held >= len)
		return OK;
	if (held > 0)
		memmove(b->ptr, b->ptr + t->used, held);
	b->len = held;
	t->used = 0;
	while (held < len) {
		char *at = buf_grow(b, READ_BYTES);

		if (!at)
			return b->err;
		b->len = held;
		TRY(world_read_at(t->w, t->fd, t->at + held, at, READ_BYTES, &got));
		if (got == 0)
			return ERR_NOT_FOUND;
		held += got;
		b->len = held;
	}
	return OK;
}

static const uint8_t *tape_bytes(const struct tape *t)
{
	return (const uint8_t *)t->window.ptr + t->used;
}

static void tape_skip(struct tape *t, size_t len)
{
	t->used += len;
	t->at += len;
}

static enum err tape_head(struct tape *t, uint32_t interval)
{
	const uint8_t *at;

	TRY(tape_need(t, HEAD_BYTES));
	at = tape_bytes(t);
	if (memcmp(at, MAGIC, MAGIC_BYTES) != 0)
		return ERR_NOT_FOUND;
	if (little_get64(at + HEAD_BYTES - SUM_BYTES) != checksum(0, at, HEAD_BYTES - SUM_BYTES))
		return ERR_NOT_FOUND;
	at += MAGIC_BYTES;
	if (little_get32(at) != VERSION || little_get32(at + 4) != interval)
		return ERR_VERSION;
	if (little_get64(at + 8) != t->step)
		return ERR_NOT_FOUND;
	memcpy(t->root.bytes, at + 16, DIGEST_BYTES);
	tape_skip(t, HEAD_BYTES);
	return OK;
}

static void tape_close(struct tape *t)
{
	buf_fini(&t->window);
	(void)world_close(t->w, t->fd);
}

/* ERR_NOT_FOUND when there is no such file or its head is damaged. */
static enum err tape_open(const struct recorder *r, uint64_t number, struct tape *ret)
{
	char path[LIMIT_PATH_BYTES];
	struct tape t = {
		.w = r->w, .step = number * r->interval, .end_step = (number + 1) * r->interval,
	};
	enum err e;

	TRY(path_of(r, number, DELTA, path));
	TRY(world_open(r->w, path, WORLD_READ, &t.fd));
	buf_init(&t.window, RECORD_MAX_BYTES + 2 * READ_BYTES);
	e = tape_head(&t, r->interval);
	if (e == OK)
		*ret = t;
	else
		tape_close(&t);
	return e;
}

/* The next whole record; t->root is then the one after it. ERR_NOT_FOUND when there is none. */
static enum err tape_next(struct tape *t, struct str *delta)
{
	const uint8_t *at;
	size_t len;

	if (t->step == t->end_step)
		return ERR_NOT_FOUND;
	TRY(tape_need(t, RECORD_FRONT_BYTES));
	len = little_get32(tape_bytes(t));
	if (len > LIMIT_DELTA_BYTES)
		return ERR_NOT_FOUND;
	len += RECORD_FRONT_BYTES;
	TRY(tape_need(t, len + SUM_BYTES));
	at = tape_bytes(t);
	if (little_get64(at + len) != checksum(t->step, at, len))
		return ERR_NOT_FOUND;
	memcpy(t->root.bytes, at + 4, DIGEST_BYTES);
	*delta = str_slice(at + RECORD_FRONT_BYTES, len - RECORD_FRONT_BYTES);
	tape_skip(t, len + SUM_BYTES);
	t->step++;
	return OK;
}

/* Pass over the whole records before step `until`, or as many as there are. */
static enum err tape_scan(struct tape *t, uint64_t until)
{
	struct str delta;
	enum err e = OK;

	while (e == OK && t->step < until)
		e = tape_next(t, &delta);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* --- finding the end --- */

/* Find the end of the recording in file `number`. */
static enum err measure(struct recorder *r, uint64_t number)
{
	struct tape t;
	enum err e;

	TRY(tape_open(r, number, &t));
	e = tape_scan(&t, UINT64_MAX);
	if (e == OK) {
		r->steps = t.step;
		r->root = t.root;
		r->at = t.step % r->interval == 0 ? 0 : t.at;
	}
	tape_close(&t);
	return e;
}

static enum err find_end(struct recorder *r, const struct str *names, size_t count)
{
	uint64_t number;

	for (size_t i = count; i-- > 0; ) {
		enum err e;

		if (!number_of(names[i], DELTA, &number))
			continue;
		e = measure(r, number);
		if (e != ERR_NOT_FOUND)
			return e;
	}
	return OK;
}

static void find_image(struct recorder *r, const struct str *names, size_t count)
{
	uint64_t number;

	for (size_t i = 0; i < count; i++)
		if (number_of(names[i], SNAP, &number) && number <= r->steps / r->interval)
			r->snap_step = number * r->interval;
}

/* The folder's names by bytes, so by number; none when there is no folder. */
static enum err list_folder(struct world *w, const char *folder, struct arena *a,
			    struct str **names, size_t *count)
{
	enum err e = world_list(w, folder, a, names, count);

	if (e != ERR_NOT_FOUND)
		return e;
	*count = 0;
	return OK;
}

static enum err survey(struct recorder *r)
{
	struct str *names = NULL;
	size_t count = 0;
	struct arena a;
	enum err e;

	arena_init(&a, LIMIT_FOLDER_BYTES);
	e = list_folder(r->w, r->folder, &a, &names, &count);
	if (e == OK)
		e = find_end(r, names, count);
	if (e == OK)
		find_image(r, names, count);
	r->written = r->steps;
	arena_fini(&a);
	return e;
}

/* --- writing --- */

static void close_file(struct recorder *r)
{
	if (r->fd >= 0)
		(void)world_close(r->w, r->fd);
	r->fd = -1;
}

/*
 * What a failed write left behind is unknown: only what was written before it counts from now on.
 */
static enum err give_up(struct recorder *r, enum err e)
{
	r->closed = true;
	r->steps = r->written;
	buf_clear(&r->pending);
	close_file(r);
	return e;
}

/* Open a file of our folder for writing and drop what it holds from `keep` on. */
static enum err open_file(struct recorder *r, uint64_t number, const char *ending, uint64_t keep,
			  int *ret)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;
	int fd;

	TRY(path_of(r, number, ending, path));
	e = world_mkdir(r->w, r->folder);
	if (e != OK && e != ERR_EXISTS)
		return e;
	TRY(world_open(r->w, path, WORLD_CREATE, &fd));
	e = world_truncate(r->w, fd, keep);
	if (e == OK)
		*ret = fd;
	else
		(void)world_close(r->w, fd);
	return e;
}

/* Hand `pending` to the system; it belongs to the interval of step steps - 1. */
static enum err write_pending(struct recorder *r)
{
	if (r->pending.len == 0)
		return OK;
	if (r->fd < 0)
		TRY(open_file(r, (r->steps - 1) / r->interval, DELTA, r->at, &r->fd));
	TRY(world_write_at(r->w, r->fd, r->at, r->pending.ptr, r->pending.len));
	r->at += r->pending.len;
	r->written = r->steps;
	buf_clear(&r->pending);
	return OK;
}

static enum err write_image(struct recorder *r, uint64_t number, struct str image)
{
	enum err e;
	int fd;

	TRY(open_file(r, number, SNAP, 0, &fd));
	e = world_write_at(r->w, fd, 0, image.ptr, image.len);
	(void)world_close(r->w, fd);
	return e;
}

static bool put_head(struct recorder *r)
{
	uint8_t *at = (uint8_t *)buf_grow(&r->pending, HEAD_BYTES);

	if (!at)
		return false;
	memcpy(at, MAGIC, MAGIC_BYTES);
	little_put32(at + MAGIC_BYTES, VERSION);
	little_put32(at + MAGIC_BYTES + 4, r->interval);
	little_put64(at + MAGIC_BYTES + 8, r->steps);
	memcpy(at + MAGIC_BYTES + 16, r->root.bytes, DIGEST_BYTES);
	little_put64(at + HEAD_BYTES - SUM_BYTES, checksum(0, at, HEAD_BYTES - SUM_BYTES));
	return true;
}

static bool put_record(struct recorder *r, struct str delta, const struct digest *root)
{
	size_t len = RECORD_FRONT_BYTES + delta.len;
	uint8_t *at = (uint8_t *)buf_grow(&r->pending, len + SUM_BYTES);

	if (!at)
		return false;
	little_put32(at, (uint32_t)delta.len);
	memcpy(at + 4, root->bytes, DIGEST_BYTES);
	if (delta.len > 0)
		memcpy(at + RECORD_FRONT_BYTES, delta.ptr, delta.len);
	little_put64(at + len, checksum(r->steps, at, len));
	return true;
}

/*
 * Put the step, and the file's head before the first of an interval, in `pending`: both or nothing.
 */
static enum err hold(struct recorder *r, struct str delta, const struct digest *root)
{
	size_t before = r->pending.len;

	if (r->steps / r->interval > NUMBER_MAX - 1)
		return ERR_LIMIT;
	if ((r->steps % r->interval != 0 || put_head(r)) && put_record(r, delta, root))
		return OK;
	r->pending.len = before;
	r->pending.err = OK;
	return ERR_MEMORY;
}

/*
 * The step in `pending` was the last of its interval: write everything, and the image if it is due.
 */
static enum err end_interval(struct recorder *r, const struct buf *image)
{
	TRY(write_pending(r));
	close_file(r);
	r->at = 0;
	if (image->len == 0)
		return OK;
	TRY(write_image(r, r->steps / r->interval, buf_view(image)));
	r->snap_step = r->steps;
	return OK;
}

static bool image_due(const struct recorder *r, const struct state *s)
{
	return (r->steps + 1) % r->interval == 0 &&
	       snapshot_raw_bytes(s) / PACE_BYTES <= r->steps + 1 - r->snap_step;
}

/* --- forgetting --- */

/*
 * Where step `steps` begins in its delta file, and the root before it. ERR_NOT_FOUND when it is not
 * recorded up to there.
 */
static enum err find_cut(const struct recorder *r, uint64_t steps, uint64_t *at,
			 struct digest *root)
{
	struct tape t;
	enum err e;

	*at = 0;
	*root = (struct digest){ { 0 } };
	if (steps == 0)
		return OK;
	TRY(tape_open(r, (steps - 1) / r->interval, &t));
	e = tape_scan(&t, steps);
	if (e == OK && t.step != steps)
		e = ERR_NOT_FOUND;
	if (steps % r->interval != 0)
		*at = t.at;
	*root = t.root;
	tape_close(&t);
	return e;
}

/*
 * Whether a file holds anything of step `steps` or later: an image holds the state before its first
 * step.
 */
static bool is_later(const struct recorder *r, struct str name, uint64_t steps)
{
	uint64_t number;

	if (number_of(name, DELTA, &number))
		return number * r->interval >= steps;
	return number_of(name, SNAP, &number) && number * r->interval > steps;
}

static enum err unlink_in(struct world *w, const char *folder, struct str name)
{
	char path[LIMIT_PATH_BYTES], text[NAME_ROOM];

	TRY(str_to_c(name, text, sizeof(text)));
	TRY(world_join(path, sizeof(path), folder, text));
	return world_unlink(w, path);
}

/*
 * From the last file to the first, so that a crash in between leaves a shorter recording and no
 * hole.
 */
static enum err unlink_later(struct recorder *r, uint64_t steps)
{
	struct str *names = NULL;
	size_t count = 0;
	struct arena a;
	enum err e;

	arena_init(&a, LIMIT_FOLDER_BYTES);
	e = list_folder(r->w, r->folder, &a, &names, &count);
	while (e == OK && count-- > 0)
		if (is_later(r, names[count], steps))
			e = unlink_in(r->w, r->folder, names[count]);
	arena_fini(&a);
	return e == OK ? world_sync_folder(r->w, r->folder) : e;
}

static enum err forget(struct recorder *r, uint64_t steps)
{
	struct digest root;
	uint64_t at;
	enum err e;
	int fd;

	TRY(write_pending(r));
	close_file(r);
	TRY(find_cut(r, steps, &at, &root));
	TRY(unlink_later(r, steps));
	if (at > 0) {
		TRY(open_file(r, steps / r->interval, DELTA, at, &fd));
		e = world_sync(r->w, fd);
		(void)world_close(r->w, fd);
		TRY(e);
	}
	r->steps = r->written = steps;
	r->at = at;
	r->root = root;
	if (r->snap_step > steps)
		r->snap_step = steps / r->interval * r->interval;
	return OK;
}

/* --- seeking --- */

/*
 * The image of `number` into an empty state, if it is whole and the one that its delta file starts
 * from.
 */
static enum err load_image(const struct recorder *r, uint64_t number, struct state *fresh)
{
	char path[LIMIT_PATH_BYTES];
	struct digest root;
	struct str image;
	struct tape t;
	struct arena a;
	enum err e;

	TRY(path_of(r, number, SNAP, path));
	TRY(tape_open(r, number, &t));
	arena_init(&a, LIMIT_STATE_BYTES);
	e = world_read_file(r->w, path, LIMIT_STATE_BYTES / 2, &a, &image);
	if (e == OK)
		e = snapshot_fill(fresh, image);
	if (e == OK) {
		root = state_root(fresh);
		e = digest_eq(&root, &t.root) ? OK : ERR_NOT_FOUND;
	}
	arena_fini(&a);
	tape_close(&t);
	return e;
}

/* The newest usable image at or before interval `number`; interval 0 needs none. */
static enum err load_start(const struct recorder *r, uint64_t *number, struct state *fresh)
{
	for (; *number > 0; --*number) {
		enum err e = load_image(r, *number, fresh);

		if (e == OK || e == ERR_MEMORY)
			return e;
		state_reset(fresh);
	}
	return OK;
}

/* Apply the deltas of a file that come before step `until`. */
static enum err play(struct tape *t, uint64_t until, struct state *fresh)
{
	struct str delta;
	enum err e;

	while (t->step < until && t->step < t->end_step) {
		TRY(tape_next(t, &delta));
		e = state_apply(fresh, delta);
		if (e != OK)
			return e == ERR_MEMORY ? e : ERR_TAMPERED;
	}
	return OK;
}

/* The state before step `until` into an empty state. */
static enum err rebuild(const struct recorder *r, uint64_t until, struct state *fresh,
			struct digest *root)
{
	uint64_t last = (until - 1) / r->interval, number = last;
	struct digest expected;

	TRY(load_start(r, &number, fresh));
	for (; number <= last; number++) {
		struct tape t;
		enum err e;

		TRY(tape_open(r, number, &t));
		e = play(&t, until, fresh);
		expected = t.root;
		tape_close(&t);
		TRY(e);
	}
	*root = state_root(fresh);
	return digest_eq(root, &expected) ? OK : ERR_TAMPERED;
}

enum err recorder_open(struct world *w, const char *folder, uint32_t interval,
		       struct recorder **ret)
{
	struct recorder *r;
	enum err e;

	if (interval == 0)
		return ERR_RANGE;
	r = calloc(1, sizeof(*r));
	if (!r)
		return ERR_MEMORY;
	r->w = w;
	r->interval = interval;
	r->fd = -1;
	buf_init(&r->pending, HEAD_BYTES + FLUSH_BYTES + RECORD_MAX_BYTES);
	e = str_to_c(str_view(folder), r->folder, sizeof(r->folder));
	if (e == OK)
		e = survey(r);
	if (e == OK) {
		*ret = r;
	} else {
		buf_fini(&r->pending);
		free(r);
	}
	return e;
}

enum err recorder_open_read(struct world *w, const char *folder, uint32_t interval,
			    struct recorder **ret)
{
	TRY(recorder_open(w, folder, interval, ret));
	(*ret)->closed = true;
	return OK;
}

enum err recorder_close(struct recorder *r)
{
	enum err e;

	if (!r)
		return OK;
	e = r->closed ? OK : recorder_flush(r);
	close_file(r);
	buf_fini(&r->pending);
	free(r);
	return e;
}

uint64_t recorder_steps(const struct recorder *r)
{
	return r->steps;
}

enum err recorder_append(struct recorder *r, struct state *s)
{
	struct digest root;
	struct str delta;
	struct buf image;
	enum err e = OK;

	if (r->closed)
		return ERR_CLOSED;
	TRY(state_delta(s, &delta));
	root = state_root(s);
	buf_init(&image, LIMIT_STATE_BYTES);
	if (image_due(r, s))
		e = state_snapshot(s, &image);
	if (e == OK)
		e = hold(r, delta, &root);
	if (e != OK)
		goto out;
	r->steps++;
	r->root = root;
	if (r->steps % r->interval == 0)
		e = end_interval(r, &image);
	else if (r->pending.len >= FLUSH_BYTES)
		e = write_pending(r);
	if (e != OK)
		e = give_up(r, e);
out:
	buf_fini(&image);
	return e;
}

enum err recorder_cut(struct recorder *r, uint64_t steps)
{
	enum err e;

	if (r->closed)
		return ERR_CLOSED;
	if (steps >= r->steps)
		return OK;
	e = forget(r, steps);
	return e == OK ? OK : give_up(r, e);
}

enum err recorder_seek(struct recorder *r, uint64_t step, struct state *s, struct digest *root)
{
	struct digest found;
	struct state *fresh;
	enum err e;

	if (step >= r->steps)
		return ERR_NOT_FOUND;
	if (!r->closed)
		TRY(recorder_flush(r));
	TRY(table_twin(s, &fresh));
	e = rebuild(r, step + 1, fresh, &found);
	if (e == OK) {
		table_trade(s, fresh);
		*root = found;
	}
	state_close(fresh);
	return e;
}

enum err recorder_flush(struct recorder *r)
{
	enum err e;

	if (r->closed)
		return ERR_CLOSED;
	e = write_pending(r);
	return e == OK ? OK : give_up(r, e);
}

enum err recorder_wipe(struct world *w, const char *folder)
{
	struct str *names = NULL;
	size_t count = 0;
	uint64_t number;
	struct arena a;
	enum err e;

	arena_init(&a, LIMIT_FOLDER_BYTES);
	e = list_folder(w, folder, &a, &names, &count);
	while (e == OK && count-- > 0)
		if (number_of(names[count], DELTA, &number) ||
		    number_of(names[count], SNAP, &number))
			e = unlink_in(w, folder, names[count]);
	arena_fini(&a);
	return e;
}
