/*
 * log_segment: lines of one segment, in whatever form they lie.
 *
 *   plain     segment/N.jsonl        read as it is; may end anywhere, as a crash leaves it
 *   sealed    segment/N.zst          unpacked frame by frame
 *   bundle    tile/entries/N[.p/W]   of a published log; put into lines as a whole
 *
 * All readers of the log pass here, so which form a segment has is known to nobody else. While both
 * a plain and a sealed one are there, sealing was interrupted (or goes on): the plain one counts. A
 * reader that finds no plain one because it was removed a moment ago finds the sealed one, which
 * was there before.
 */
#include "engine/audit/sealed.h"

#include <inttypes.h>
#include <stdlib.h>

void segment_init(struct segment *s, const struct log_place *p)
{
	*s = (struct segment){ .place = p, .fd = -1 };
	buf_init(&s->held, SEALED_FRAME_BYTES);
}

void segment_close(struct segment *s)
{
	if (s->fd >= 0)
		world_close(s->place->w, s->fd);
	s->fd = -1;
	s->whole = false;
	buf_clear(&s->held);
	if (s->sealed)
		sealed_close(s->sealed);
}

void segment_fini(struct segment *s)
{
	segment_close(s);
	if (s->sealed)
		sealed_fini(s->sealed);
	free(s->sealed);
	buf_fini(&s->held);
}

bool segment_is_open(const struct segment *s)
{
	return s->fd >= 0 || s->whole;
}

static bool is_there(const struct log_place *p, const char *name)
{
	enum world_kind kind;

	return log_place_kind(p, name, &kind) == OK && kind != WORLD_NOTHING;
}

/* The entries of bundle `number` that the log has. */
static unsigned bundle_width(const struct log_place *p, uint64_t number)
{
	uint64_t left = p->size - number * TILE_WIDTH;

	return left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
}

bool segment_is_sealed(const struct log_place *p, uint64_t number)
{
	char name[LOG_NAME_BYTES];

	log_place_sealed(number, name);
	return is_there(p, name);
}

void segment_name(const struct log_place *p, uint64_t number, char name[LOG_NAME_BYTES])
{
	if (p->published) {
		entry_bundle_name(number, bundle_width(p, number), name);
		return;
	}
	log_place_segment(number, name);
	if (!is_there(p, name) && segment_is_sealed(p, number))
		log_place_sealed(number, name);
}

/* --- bundles --- */

static enum err bad_bundle(struct note *n, const char *name, unsigned line, const char *what)
{
	note_file(n, name);
	return note_set(n, ERR_TAMPERED, line, 0, "%s", what);
}

/* The first `width` entries as lines. Of a whole bundle nothing may follow them. */
static enum err lines_of(struct str bundle, unsigned width, bool alone, struct buf *lines,
			 const char *name, struct note *n)
{
	for (unsigned i = 0; i < width; i++) {
		struct str line;

		if (entry_bundle_next(&bundle, &line) != OK)
			return bad_bundle(n, name, i + 1, "the bundle ends before this entry");
		if (line.len == 0 || memchr(line.ptr, '\n', line.len))
			return bad_bundle(n, name, i + 1, "the entry is not one line");
		buf_add(lines, line);
		buf_add_byte(lines, '\n');
	}
	if (alone && bundle.len > 0)
		return bad_bundle(n, name, width, "bytes follow the last entry of the bundle");
	return lines->err;
}

/*
 * A partial bundle may have gone since the checkpoint was read, because there is a full one now,
 * which begins with the same entries.
 */
static enum err open_bundle(struct segment *s, struct note *n)
{
	unsigned width = bundle_width(s->place, s->number), found = width;
	char name[LOG_NAME_BYTES], path[LIMIT_PATH_BYTES];
	struct str bundle;
	struct arena a;
	enum err e;
	int fd;

	entry_bundle_name(s->number, width, name);
	if (!is_there(s->place, name)) {
		found = TILE_WIDTH;
		entry_bundle_name(s->number, found, name);
	}
	TRY(log_place_open(s->place, name, &fd, n));
	world_close(s->place->w, fd);
	TRY(log_place_path(s->place, name, path));
	arena_init(&a, ENTRY_BUNDLE_BYTES + LIMIT_PATH_BYTES);
	e = world_read_file(s->place->w, path, ENTRY_BUNDLE_BYTES, &a, &bundle);
	if (e == ERR_LIMIT)
		e = bad_bundle(n, name, 0, "the bundle is longer than 256 entries can be");
	if (e == OK)
		e = lines_of(bundle, width, found == width, &s->held, name, n);
	arena_fini(&a);
	s->whole = e == OK;
	s->held_at = 0;
	return e;
}

/* --- opening --- */

static enum err open_sealed(struct segment *s, struct note *n)
{
	char name[LOG_NAME_BYTES];

	if (!s->sealed) {
		s->sealed = malloc(sizeof(*s->sealed));
		if (!s->sealed)
			return ERR_MEMORY;
		sealed_init(s->sealed, s->place->w);
	}
	log_place_sealed(s->number, name);
	TRY(sealed_open(s->sealed, s->place, name, n));
	s->whole = true;
	s->held_at = 0;
	return OK;
}

enum err segment_open(struct segment *s, uint64_t number, struct note *n)
{
	struct note story = { .line = 0 };
	char name[LOG_NAME_BYTES];
	enum err e;

	MUST(!segment_is_open(s));
	s->number = number;
	log_place_segment(number, name);
	if (s->place->published)
		e = number * TILE_WIDTH < s->place->size ? open_bundle(s, &story) : ERR_NOT_FOUND;
	else
		e = log_place_open(s->place, name, &s->fd, &story);
	if (e == ERR_NOT_FOUND && !s->place->published) {
		story = (struct note){ .line = 0 };
		e = open_sealed(s, &story);
	}
	if (e != OK && e != ERR_NOT_FOUND && n)
		*n = story;
	return e;
}

/* --- reading --- */

/* The frame that holds the byte at `at`. */
static size_t frame_at(const struct sealed_table *t, uint64_t at)
{
	size_t low = 0, high = t->frames;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (t->raw_at[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static enum err frame_story(const struct segment *s, size_t frame, enum err e, struct note *n)
{
	char name[LOG_NAME_BYTES];

	if (e == OK)
		return OK;
	log_place_sealed(s->number, name);
	note_file(n, name);
	if (e == ERR_TAMPERED && n)
		n->line = (uint32_t)(frame * TILE_WIDTH) + 1;
	return e;
}

/* A frame that is wanted from its start and finds room is unpacked where it is wanted. */
static enum err read_sealed(struct segment *s, uint64_t at, char *bytes, size_t room, size_t *got,
			    struct note *n)
{
	const struct sealed_table *t = &s->sealed->table;
	size_t frame, len;
	enum err e;
	char *held;

	*got = 0;
	if (at >= t->raw_at[t->frames])
		return OK;
	frame = frame_at(t, at);
	len = (size_t)(t->raw_at[frame + 1] - t->raw_at[frame]);
	if (at == t->raw_at[frame] && len <= room) {
		e = sealed_frame(s->sealed, frame, bytes, n);
		*got = e == OK ? len : 0;
		return frame_story(s, frame, e, n);
	}
	buf_clear(&s->held);
	held = buf_grow(&s->held, len);
	e = held ? sealed_frame(s->sealed, frame, held, n) : s->held.err;
	if (e != OK)
		buf_clear(&s->held);
	s->held_at = t->raw_at[frame];
	return frame_story(s, frame, e, n);
}

/* Out of what is held. */
static size_t copy_held(const struct segment *s, uint64_t at, char *bytes, size_t room)
{
	size_t from, left;

	if (at < s->held_at || at - s->held_at >= s->held.len)
		return 0;
	from = (size_t)(at - s->held_at);
	left = s->held.len - from;
	left = left < room ? left : room;
	memcpy(bytes, s->held.ptr + from, left);
	return left;
}

enum err segment_read(struct segment *s, uint64_t at, char *bytes, size_t room, size_t *got,
		      struct note *n)
{
	if (s->fd >= 0)
		return world_read_at(s->place->w, s->fd, at, bytes, room, got);
	*got = copy_held(s, at, bytes, room);
	if (*got > 0 || s->place->published)
		return OK;
	TRY(read_sealed(s, at, bytes, room, got, n));
	if (*got == 0)
		*got = copy_held(s, at, bytes, room);
	return OK;
}

/* --- where lines begin --- */

static bool is_sealed(const struct segment *s)
{
	return s->whole && !s->place->published;
}

uint64_t segment_near(const struct segment *s, uint64_t line, uint64_t *at)
{
	size_t frame = (size_t)(line / TILE_WIDTH);

	*at = 0;
	if (!is_sealed(s) || frame >= s->sealed->table.frames)
		return 0;
	*at = s->sealed->table.raw_at[frame];
	return frame * (uint64_t)TILE_WIDTH;
}

uint64_t segment_piece(const struct segment *s, uint64_t line)
{
	return is_sealed(s) ? TILE_WIDTH - line % TILE_WIDTH : UINT64_MAX;
}

bool segment_fits(const struct segment *s, uint64_t line, uint64_t at)
{
	if (!is_sealed(s) || line % TILE_WIDTH != 0)
		return true;
	return s->sealed->table.raw_at[line / TILE_WIDTH] == at;
}
