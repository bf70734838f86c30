/*
 * shelf: which pieces there are, and bringing them up to the log's end.
 *
 *   pieces   | segment 0 | segment 1 | slice | slice |
 *   log      -------------------------------------------- end
 *                                             ^ the last piece's: from here lines are counted
 *
 * The last piece must be bound to the log, or it goes and the one before it is the last: a log that
 * was cut, or is another one, loses all pieces that are not its own that way. The others are looked
 * at when they are asked.
 *
 * Whoever makes pieces holds `lock`. Who finds it held goes on with what there is. A piece is made
 * as `new` and renamed, so what has a piece's name is whole; slices go when their segment's piece
 * is there.
 */
#include "engine/index/inside.h"

#include <stdlib.h>

#define LOCK_NAME "lock"
#define NEW_NAME "new"
#define LIST_MEMORY ((size_t)64 << 20)
#define LINE_MEMORY ((size_t)64 << 20)

static enum err below(const struct index *x, const char *name, char path[LIMIT_PATH_BYTES])
{
	return world_join(path, LIMIT_PATH_BYTES, x->folder, name);
}

static enum err piece_path(const struct index *x, struct span span, char path[LIMIT_PATH_BYTES])
{
	char name[PIECE_NAME_BYTES];

	piece_name(span, name);
	return below(x, name, path);
}

/* What stays is only in the way of nobody: a new piece is renamed over it. */
static void take_away(const struct index *x, const char *path)
{
	enum err e = world_unlink(x->w, path);

	if (e != OK && e != ERR_NOT_FOUND)
		say_warn(x->w->say, "%s: %s", path, err_text(e));
}

/* --- which there are --- */

static enum err keep(struct index *x, struct span span)
{
	if (x->count == x->room) {
		size_t room = x->room ? 2 * x->room : 64;
		struct shelf_piece *more = realloc(x->pieces, room * sizeof(*more));

		if (!more)
			return ERR_MEMORY;
		x->pieces = more;
		x->room = room;
	}
	x->pieces[x->count++] = (struct shelf_piece){ .span = span };
	return OK;
}

/* A segment's piece comes before its slices, as files are sorted, and covers them. */
static enum err take_names(struct index *x, const struct str *names, size_t count)
{
	struct span span;

	for (size_t i = 0; i < count; i++) {
		const struct span *last = x->count ? &x->pieces[x->count - 1].span : NULL;

		if (!piece_span(names[i], &span))
			continue;
		if (!last || span.first >= last->first + last->count)
			TRY(keep(x, span));
	}
	return OK;
}

/* "00000002-05.sqlite" sorts before "00000002.sqlite". */
static int by_span(const void *a, const void *b)
{
	struct span one = { 0, 0 }, two = { 0, 0 };

	(void)piece_span(*(const struct str *)a, &one);
	(void)piece_span(*(const struct str *)b, &two);
	if (one.first != two.first)
		return one.first < two.first ? -1 : 1;
	return one.count == two.count ? 0 : one.count > two.count ? -1 : 1;
}

static enum err look(struct index *x)
{
	struct str *names = NULL;
	size_t count = 0;
	struct arena a;
	enum err e;

	x->count = 0;
	arena_init(&a, LIST_MEMORY);
	e = world_list(x->w, x->folder, &a, &names, &count);
	if (e == OK) {
		if (count > 0)
			qsort(names, count, sizeof(*names), by_span);
		e = take_names(x, names, count);
	} else if (e == ERR_NOT_FOUND) {
		e = OK;
	}
	arena_fini(&a);
	return e;
}

/* What cannot be listed holds no pieces. */
static enum err look_if_possible(struct index *x)
{
	enum err e = look(x);

	return e == ERR_MEMORY ? e : OK;
}

struct shelf_piece *shelf_find(struct index *x, uint64_t seq)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct shelf_piece *s = &x->pieces[middle];

		if (seq < s->span.first)
			high = middle;
		else if (seq - s->span.first >= s->span.count)
			low = middle + 1;
		else
			return s->gone ? NULL : s;
	}
	return NULL;
}

uint64_t shelf_gap_end(const struct index *x, uint64_t seq)
{
	for (size_t i = 0; i < x->count; i++)
		if (!x->pieces[i].gone && x->pieces[i].span.first >= seq)
			return x->pieces[i].span.first;
	return x->end.entry;
}

uint64_t shelf_gap_begin(const struct index *x, uint64_t seq)
{
	for (size_t i = x->count; i-- > 0;)
		if (!x->pieces[i].gone && x->pieces[i].span.first + x->pieces[i].span.count <= seq)
			return x->pieces[i].span.first + x->pieces[i].span.count;
	return 0;
}

/* --- one piece --- */

/* Where the entry behind the piece begins. */
static struct log_spot behind(const struct shelf_piece *s, const struct piece_face *f)
{
	uint64_t entry = s->span.first + s->span.count;

	return (struct log_spot){ entry, entry % LOG_SEGMENT_ENTRIES ? f->ended : 0 };
}

/*
 * From the mark before its last entry on, the lines lead to where the piece says that it ends, and
 * the last of them has the hash that it says.
 */
static enum err check_bound(struct index *x, const struct shelf_piece *s, struct piece *p)
{
	uint64_t last = s->span.first + s->span.count - 1;
	struct log_spot near;
	struct digest leaf;
	struct str line = STR_NONE;

	TRY(piece_spot(p, last, &near));
	lines_fini(&x->lines);
	for (struct log_spot at = near; near.entry <= last; near.entry++) {
		TRY(lines_get(&x->lines, near.entry, &at, &line));
		if (!line.ptr)
			return ERR_TAMPERED;
		near.offset += line.len + 1;
	}
	leaf = sha256_prefixed(0, line);
	return near.offset == piece_face(p)->ended && digest_eq(&leaf, &piece_face(p)->leaf)
		       ? OK : ERR_TAMPERED;
}

enum err shelf_open_piece(struct index *x, const struct shelf_piece *s, struct piece **ret)
{
	char path[LIMIT_PATH_BYTES];
	struct piece *p = NULL;
	enum err e;

	TRY(piece_path(x, s->span, path));
	TRY(piece_open(x->w, path, x->origin, s->span, &p));
	e = check_bound(x, s, p);
	if (e != OK) {
		piece_close(p);
		return e;
	}
	*ret = p;
	return OK;
}

void shelf_drop(struct index *x, struct shelf_piece *s, enum err why)
{
	char path[LIMIT_PATH_BYTES];

	s->gone = true;
	if (why == ERR_NOT_FOUND || piece_path(x, s->span, path) != OK)
		return;              /* another process has taken it away */
	say_warn(x->w->say, "%s: this piece of the index does not fit the log, or was damaged; it "
		 "is left out", path);
	take_away(x, path);
}

/* --- the end of the log --- */

/* Count lines behind x->end. */
static enum err go_to_end(struct index *x, struct note *n)
{
	struct log_reader *r = NULL;
	struct str lines[64];
	size_t count = 0;
	enum err e = log_reader_open(x->w, x->log_folder, 0, UINT64_MAX, &r);

	if (e == OK)
		e = log_reader_seek(r, &x->end, x->end.entry, n);
	do {
		if (e == OK)
			e = log_reader_batch(r, lines, sizeof(lines) / sizeof(*lines), &count, n);
		for (size_t i = 0; e == OK && i < count; i++) {
			x->end.offset += lines[i].len + 1;
			if (++x->end.entry % LOG_SEGMENT_ENTRIES == 0)
				x->end.offset = 0;
		}
	} while (e == OK && count > 0);
	log_reader_close(r);
	return e;
}

static enum err read_newest(struct index *x, struct note *n)
{
	struct str line;
	struct entry e;
	struct arena a;
	enum err failed;

	if (x->end.entry == 0)
		return OK;
	TRY(lines_get(&x->lines, x->end.entry - 1, &x->tail, &line));
	if (!line.ptr)
		return ERR_TAMPERED;
	arena_init(&a, LINE_MEMORY);
	failed = lines_read(&x->lines, x->end.entry - 1, line, &a, &e, n);
	if (failed == OK)
		x->newest_ns = e.time_ns;
	arena_fini(&a);
	return failed;
}

/* From the last piece that is bound to the log; pieces behind it go. */
static enum err find_end(struct index *x, struct index_work *work, struct note *n)
{
	x->end = x->tail = (struct log_spot){ 0, 0 };
	while (x->count > 0) {
		struct shelf_piece *last = &x->pieces[x->count - 1];
		struct piece *p;
		enum err e = last->gone ? ERR_NOT_FOUND : shelf_open_piece(x, last, &p);

		if (e == ERR_MEMORY)
			return e;
		if (e == OK) {
			x->end = behind(last, piece_face(p));
			e = piece_spot(p, x->end.entry - 1, &x->tail);
			piece_close(p);
			TRY(e);
			break;
		}
		shelf_drop(x, last, e);
		work->dropped_pieces++;
		x->count--;
	}
	return go_to_end(x, n);
}

/* --- making what is missing --- */

static enum err make_piece(struct index *x, struct span span, const struct log_spot *spot,
			   struct index_work *work, struct note *n)
{
	char path[LIMIT_PATH_BYTES], new[LIMIT_PATH_BYTES];
	enum err e;

	TRY(piece_path(x, span, path));
	TRY(below(x, NEW_NAME, new));
	e = world_unlink(x->w, new);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	e = piece_make(x->w, new, &x->lines, span, spot, n);
	if (e == OK)
		e = world_rename(x->w, new, path);
	if (e != OK) {
		take_away(x, new);
		return e;
	}
	work->made_pieces++;
	work->made_entries += span.count;
	return OK;
}

static void remove_slices(struct index *x, uint64_t segment)
{
	char path[LIMIT_PATH_BYTES];

	for (uint64_t at = 0; at < LOG_SEGMENT_ENTRIES; at += PIECE_SLICE) {
		const struct span slice = { segment * LOG_SEGMENT_ENTRIES + at, PIECE_SLICE };

		if (piece_path(x, slice, path) == OK)
			take_away(x, path);
	}
}

static bool has(struct index *x, struct span span)
{
	const struct shelf_piece *s = shelf_find(x, span.first);

	return s && s->span.count == span.count;
}

/* Where a slice begins, which the one before it knows. */
static enum err spot_of(struct index *x, uint64_t first, struct log_spot *ret)
{
	struct shelf_piece *s;
	struct piece *p;

	*ret = (struct log_spot){ first - first % LOG_SEGMENT_ENTRIES, 0 };
	if (first == ret->entry)
		return OK;
	s = shelf_find(x, first - 1);
	if (!s)
		return ERR_NOT_FOUND;
	TRY(shelf_open_piece(x, s, &p));
	*ret = behind(s, piece_face(p));
	piece_close(p);
	return OK;
}

/* Each piece is on the shelf before the next is made. */
static enum err make_span(struct index *x, struct span span, struct index_work *work,
			  struct note *n)
{
	struct log_spot spot;

	if (has(x, span))
		return OK;
	TRY(spot_of(x, span.first, &spot));
	TRY(make_piece(x, span, &spot, work, n));
	return look(x);
}

static enum err make_missing(struct index *x, struct index_work *work, struct note *n)
{
	uint64_t end = x->end.entry, whole = end / LOG_SEGMENT_ENTRIES;

	for (uint64_t segment = 0; segment < whole; segment++) {
		const struct span span = { segment * LOG_SEGMENT_ENTRIES, LOG_SEGMENT_ENTRIES };

		if (has(x, span))
			continue;
		/* Once: a big log keeps its reader waiting. Small pieces are made unnoticed. */
		if (work->made_pieces == 0)
			say_info(x->w->say, "making the index of the first %llu entries",
				 (unsigned long long)(whole * LOG_SEGMENT_ENTRIES));
		TRY(make_span(x, span, work, n));
		remove_slices(x, segment);
	}
	for (uint64_t first = whole * LOG_SEGMENT_ENTRIES; end - first >= PIECE_SLICE;
	     first += PIECE_SLICE)
		TRY(make_span(x, (struct span){ first, PIECE_SLICE }, work, n));
	return work->made_pieces ? world_sync_folder(x->w, x->folder) : OK;
}

/* Is a piece missing, up to the end that was found? */
static bool is_complete(struct index *x)
{
	uint64_t end = x->end.entry, at = 0;
	const struct shelf_piece *s;

	while (end - at >= PIECE_SLICE) {
		bool whole = at / LOG_SEGMENT_ENTRIES < end / LOG_SEGMENT_ENTRIES;

		s = shelf_find(x, at);
		if (!s || (whole && s->span.count != LOG_SEGMENT_ENTRIES))
			return false;
		at += s->span.count;
	}
	return true;
}

/* The folder is made when missing. A link in its place would lead elsewhere, and is refused. */
static enum err lock(const struct index *x, int *ret, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	enum world_kind kind;
	enum err e;
	int fd;

	TRY(world_kind(x->w, x->folder, &kind));
	if (kind != WORLD_NOTHING && kind != WORLD_FOLDER) {
		note_file(n, x->folder);
		return note_set(n, ERR_TYPE, 0, 0, "this is not a folder; take it away");
	}
	if (kind == WORLD_NOTHING)
		TRY(world_mkdir(x->w, x->folder));
	TRY(below(x, LOCK_NAME, path));
	TRY(world_open(x->w, path, WORLD_CREATE, &fd));
	e = world_lock(x->w, fd);
	if (e == ERR_LOCKED)
		(void)note_set(n, e, 0, 0, "another process is making the index");
	if (e != OK) {
		(void)world_close(x->w, fd);
		return e;
	}
	*ret = fd;
	return OK;
}

/* Whatever is there goes, so that nothing of it can be believed. */
static enum err clear(struct index *x, struct index_work *work)
{
	char path[LIMIT_PATH_BYTES];

	TRY(look(x));
	for (size_t i = 0; i < x->count; i++) {
		TRY(piece_path(x, x->pieces[i].span, path));
		TRY(world_unlink(x->w, path));
		work->dropped_pieces++;
	}
	for (size_t i = 0; i < x->count; i++)
		remove_slices(x, x->pieces[i].span.first / LOG_SEGMENT_ENTRIES);
	x->count = 0;
	return OK;
}

/* With the lock held nobody else makes or takes away pieces. */
static enum err catch_up(struct index *x, bool anew, struct index_work *work, struct note *n)
{
	enum err e = OK;
	int fd = -1;

	TRY(lock(x, &fd, n));
	if (anew)
		e = clear(x, work);
	if (e == OK)
		e = look(x);
	if (e == OK)
		e = find_end(x, work, n);
	if (e == OK)
		e = make_missing(x, work, n);
	(void)world_close(x->w, fd);
	return e;
}

/* --- opening --- */

static enum err open_index(struct index *x, bool anew, struct index_work *work, struct note *n)
{
	TRY(look_if_possible(x));
	TRY(find_end(x, work, n));
	if (anew || !is_complete(x)) {
		work->failed = catch_up(x, anew, work, &work->why);
		if (work->failed == ERR_MEMORY || (anew && work->failed != OK)) {
			if (n)
				*n = work->why;
			return work->failed;
		}
		TRY(look_if_possible(x));
		TRY(find_end(x, work, n));
	}
	return read_newest(x, n);
}

enum err index_open(struct world *w, const char *log_folder, const char *index_folder,
		    struct str origin, bool anew, struct index_work *work, struct index **ret,
		    struct note *n)
{
	struct index *x = calloc(1, sizeof(*x));
	struct index_work done = { .failed = OK };
	enum err e;

	if (!x)
		return ERR_MEMORY;
	x->w = w;
	x->log_folder = log_folder;
	x->folder = index_folder;
	x->origin = origin;
	lines_init(&x->lines, w, log_folder, origin);
	e = open_index(x, anew, &done, n);
	if (e != OK) {
		index_close(x);
		return e;
	}
	*work = done;
	*ret = x;
	return OK;
}

void index_close(struct index *x)
{
	if (!x)
		return;
	lines_fini(&x->lines);
	free(x->pieces);
	free(x);
}

uint64_t index_end(const struct index *x)
{
	return x->end.entry;
}

int64_t index_newest_ns(const struct index *x)
{
	return x->newest_ns;
}

enum err index_refresh(struct index *x, struct note *n)
{
	struct log_spot before = x->end;

	TRY(go_to_end(x, n));
	if (x->end.entry == before.entry)
		return OK;
	x->tail = before;
	return read_newest(x, n);
}
