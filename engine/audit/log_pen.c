/*
 * log_pen: lines into segments, durable on demand. One batch is held in memory.
 *
 *   segment   lines ........ | offset: next line | zero bytes: room ............ | end
 *
 * A disk makes bytes durable in half the time when they lie in a file that does not grow. So a pen
 * that commits again and again writes zero bytes ahead of its lines; no entry holds such a byte.
 * They are cut off when it is done or the segment is full. What a crash leaves of them is room to
 * readers, and the next writer cuts it off.
 */
#include "engine/audit/inside.h"

/*
 * So many commits into its life a pen makes room: each time as much as it has written, so that zero
 * bytes are never most of what the disk is given.
 */
#define ROOM_AFTER 8
#define ROOM_LEAST_BYTES ((size_t)64 << 10)
#define ROOM_MOST_BYTES ((size_t)1 << 20)

/* A batch that is smaller is on the disk as soon as its leaves are hashed. */
#define PUSH_LEAST_BYTES ((size_t)16 << 10)

_Static_assert(ROOM_MOST_BYTES <= LIMIT_BATCH_BYTES, "zeros are written from the batch's memory");

enum err log_pen_init(struct log_pen *p, const struct log_place *place)
{
	*p = (struct log_pen){ .place = place, .fd = -1 };
	buf_init(&p->pending, LIMIT_BATCH_BYTES);
	/* Memory for a whole batch, so that an append cannot run out of it half way. */
	if (!buf_grow(&p->pending, LIMIT_BATCH_BYTES))
		return p->pending.err;
	buf_clear(&p->pending);
	return OK;
}

void log_pen_fini(struct log_pen *p)
{
	if (p->fd >= 0)
		world_close(p->place->w, p->fd);
	buf_fini(&p->pending);
}

void log_pen_stand(struct log_pen *p, uint64_t number, uint64_t offset)
{
	p->number = number;
	p->offset = p->end = offset;
}

/* --- writing --- */

static enum err open_segment(struct log_pen *p)
{
	char name[LOG_NAME_BYTES], path[LIMIT_PATH_BYTES];

	if (p->fd >= 0)
		return OK;
	log_place_segment(p->number, name);
	TRY(log_place_path(p->place, name, path));
	TRY(world_open(p->place->w, path, WORLD_CREATE, &p->fd));
	p->new_names = p->new_names || p->offset == 0;
	return OK;
}

/*
 * Hand the pending lines to the system in one write. A segment that does not end where we stopped
 * has another writer, who got past the lock: its file was removed, or the file system has no locks.
 * What is there may be acknowledged and is not written over.
 */
static enum err flush(struct log_pen *p)
{
	struct str lines = buf_view(&p->pending);
	uint64_t size;

	if (lines.len == 0)
		return OK;
	TRY(open_segment(p));
	TRY(world_size(p->place->w, p->fd, &size));
	if (size != p->end)
		return ERR_LOCKED;
	TRY(world_write_at(p->place->w, p->fd, p->offset, lines.ptr, lines.len));
	p->offset += lines.len;
	p->written += lines.len;
	if (p->end < p->offset)
		p->end = p->offset;
	p->dirty = true;
	buf_clear(&p->pending);
	return OK;
}

enum err log_pen_trim(struct log_pen *p)
{
	if (p->end == p->offset)
		return OK;
	TRY(world_truncate(p->place->w, p->fd, p->offset));
	p->end = p->offset;
	p->dirty = true;
	return OK;
}

/*
 * The next entry begins a new segment. What the old one holds is made durable by the next commit
 * that syncs; but that no room follows it at once, because room is only believed in the last one.
 */
static enum err turn_segment(struct log_pen *p, uint64_t number)
{
	bool room = p->end > p->offset;

	TRY(flush(p));
	TRY(log_pen_trim(p));
	if (room)
		TRY(world_sync(p->place->w, p->fd));
	if (p->fd >= 0)
		world_close(p->place->w, p->fd);
	p->fd = -1;
	log_pen_stand(p, number, 0);
	return OK;
}

bool log_pen_full(const struct log_pen *p, uint64_t index, size_t len)
{
	return index / p->place->segment_entries != p->number ||
	       p->pending.cap - p->pending.len <= len;
}

enum err log_pen_add(struct log_pen *p, uint64_t index, struct str line, struct str *held)
{
	uint64_t number = index / p->place->segment_entries;

	if (number != p->number)
		TRY(turn_segment(p, number));
	else if (log_pen_full(p, index, line.len))
		TRY(flush(p));
	*held = str_slice(p->pending.ptr + p->pending.len, line.len);
	buf_add(&p->pending, line);
	buf_add_byte(&p->pending, '\n');
	MUST(p->pending.err == OK);
	return OK;
}

/* --- committing --- */

/*
 * When the room is used up make some for the commits to come: this one pays for the growth of the
 * file. The batch was handed to the system, so its memory is free. A disk that is nearly full gets
 * lines as long as it takes them.
 */
static enum err make_room(struct log_pen *p)
{
	size_t bytes = ROOM_MOST_BYTES;
	char *zeros;
	enum err e;

	if (p->commits < ROOM_AFTER || p->end > p->offset || p->fd < 0)
		return OK;
	while (bytes > ROOM_LEAST_BYTES && bytes > p->written)
		bytes /= 2;
	zeros = buf_grow(&p->pending, bytes);
	MUST(zeros);
	memset(zeros, 0, bytes);
	e = world_write_at(p->place->w, p->fd, p->offset, zeros, bytes);
	buf_clear(&p->pending);
	if (e == ERR_NOSPACE)
		return world_truncate(p->place->w, p->fd, p->offset);
	p->end = p->offset + bytes;
	return e;
}

static enum err sync_segments(struct log_pen *p)
{
	char name[LOG_NAME_BYTES], path[LIMIT_PATH_BYTES];
	struct world *w = p->place->w;

	for (uint64_t i = p->unsynced; i <= p->number; i++) {
		enum err e;
		int fd;

		if (i == p->number && p->fd >= 0) {
			TRY(world_sync(w, p->fd));
			continue;
		}
		log_place_segment(i, name);
		TRY(log_place_path(p->place, name, path));
		e = world_open(w, path, WORLD_WRITE, &fd);
		/* One that was sealed since is durable. */
		if (e == ERR_NOT_FOUND && (i == p->number || segment_is_sealed(p->place, i)))
			continue;
		if (e != OK)
			return e;
		e = world_sync(w, fd);
		world_close(w, fd);
		if (e != OK)
			return e;
	}
	if (!p->new_names)
		return OK;
	TRY(log_place_path(p->place, "segment", path));
	return world_sync_folder(w, path);
}

enum err log_pen_flush(struct log_pen *p, bool push)
{
	size_t len = p->pending.len;

	TRY(flush(p));
	if (push && len >= PUSH_LEAST_BYTES)
		world_push(p->place->w, p->fd, p->offset - len, len);
	return OK;
}

enum err log_pen_sync(struct log_pen *p)
{
	if (!p->dirty)
		return OK;
	TRY(make_room(p));
	TRY(sync_segments(p));
	p->commits += p->commits < ROOM_AFTER;
	p->unsynced = p->number;
	p->dirty = p->new_names = false;
	return OK;
}
