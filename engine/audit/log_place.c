/* log_place: names of files below a log's folder, and the rule that all of them are plain files. */
#include "engine/audit/inside.h"

#include <inttypes.h>
#include <stdio.h>

#define SEGMENT_FOLDER "segment/"
#define PLAIN_ENDING ".jsonl"
#define SEALED_ENDING ".zst"
#define SEGMENT_DIGITS 8

enum err log_place_init(struct log_place *p, struct world *w, const char *folder)
{
	*p = (struct log_place){ .w = w, .segment_entries = LOG_SEGMENT_ENTRIES };
	return str_to_c(str_view(folder), p->folder, sizeof(p->folder));
}

enum err log_place_path(const struct log_place *p, const char *name, char path[LIMIT_PATH_BYTES])
{
	return world_join(path, LIMIT_PATH_BYTES, p->folder, name);
}

void log_place_segment(uint64_t number, char name[LOG_NAME_BYTES])
{
	(void)snprintf(name, LOG_NAME_BYTES, SEGMENT_FOLDER "%08" PRIu64 PLAIN_ENDING, number);
}

void log_place_sealed(uint64_t number, char name[LOG_NAME_BYTES])
{
	(void)snprintf(name, LOG_NAME_BYTES, SEGMENT_FOLDER "%08" PRIu64 SEALED_ENDING, number);
}

bool log_place_segment_number(struct str name, uint64_t *ret, bool *sealed)
{
	bool ends_sealed = str_ends(name, STR(SEALED_ENDING));
	struct str ending = ends_sealed ? STR(SEALED_ENDING) : STR(PLAIN_ENDING), digits;
	char again[LOG_NAME_BYTES];
	uint64_t number;

	if (!str_ends(name, ending))
		return false;
	digits = str_slice(name.ptr, name.len - ending.len);
	if (digits.len < SEGMENT_DIGITS)
		return false;
	while (digits.len > 1 && digits.ptr[0] == '0')
		digits = str_slice(digits.ptr + 1, digits.len - 1);
	if (str_to_u64(digits, &number) != OK)
		return false;
	(ends_sealed ? log_place_sealed : log_place_segment)(number, again);
	if (!str_is(name, again + sizeof(SEGMENT_FOLDER) - 1))
		return false;
	*ret = number;
	*sealed = ends_sealed;
	return true;
}

enum err log_place_told(const struct log_place *p, enum err e, struct note *n)
{
	char path[LIMIT_PATH_BYTES];

	if (e == OK || !n || !n->file[0] || log_place_path(p, n->file, path) != OK)
		return e;
	n->file[0] = '\0';
	note_file(n, path);
	return e;
}

void log_place_entry(const struct log_place *p, uint64_t index, struct note *n)
{
	if (!n)
		return;
	segment_name(p, index / p->segment_entries, n->file);
	n->line = (uint32_t)(index % p->segment_entries) + 1;
}

enum err log_place_kind(const struct log_place *p, const char *name, enum world_kind *ret)
{
	char path[LIMIT_PATH_BYTES];

	TRY(log_place_path(p, name, path));
	return world_kind(p->w, path, ret);
}

enum err log_place_open(const struct log_place *p, const char *name, int *ret, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	enum world_kind kind;
	enum err e;

	TRY(log_place_path(p, name, path));
	e = world_kind(p->w, path, &kind);
	if (e == OK && kind == WORLD_NOTHING)
		e = ERR_NOT_FOUND;
	if (e == OK && kind != WORLD_FILE) {
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "this is not a plain file: trammel makes no links or other things "
			     "here, so it was put in place of one");
	} else {
		if (e == OK)
			e = world_open(p->w, path, WORLD_READ, ret);
		if (e != OK)
			(void)note_set(n, e, 0, 0, "%s", err_text(e));
	}
	if (e != OK)
		note_file(n, name);
	return e;
}

enum err log_place_way(const struct log_place *p, const char *name, struct note *n)
{
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		char folder[LOG_NAME_BYTES];
		enum world_kind kind;

		TRY(str_to_c(str_slice(name, (size_t)(slash - name)), folder, sizeof(folder)));
		TRY(log_place_kind(p, folder, &kind));
		if (kind == WORLD_NOTHING)
			return OK;
		if (kind != WORLD_FOLDER) {
			note_file(n, folder);
			return note_set(n, ERR_TAMPERED, 0, 0,
					"this is a link or another thing in place of a folder: "
					"nothing is read or written through it");
		}
	}
	return OK;
}

/*
 * Make the folders between the log's folder and the file; a folder made new is made durable in its
 * parent.
 */
static enum err make_folders(const struct log_place *p, const char *name)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		char folder[LOG_NAME_BYTES];

		TRY(str_to_c(str_slice(name, (size_t)(slash - name)), folder, sizeof(folder)));
		TRY(log_place_path(p, folder, path));
		e = world_mkdir(p->w, path);
		if (e == ERR_EXISTS)
			continue;
		if (e != OK)
			return e;
		TRY(world_sync_parent(p->w, path));
	}
	return OK;
}

enum err log_place_make(const struct log_place *p, const char *name, int *ret)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;

	TRY(log_place_path(p, name, path));
	TRY(log_place_way(p, name, NULL));
	e = world_open(p->w, path, WORLD_CREATE, ret);
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(make_folders(p, name));
	return world_open(p->w, path, WORLD_CREATE, ret);
}

enum err log_place_lock(const struct log_place *p, const char *name, int *ret)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;
	int fd;

	TRY(log_place_path(p, name, path));
	TRY(world_open(p->w, path, WORLD_CREATE, &fd));
	e = world_lock(p->w, fd);
	if (e != OK) {
		world_close(p->w, fd);
		return e;
	}
	*ret = fd;
	return OK;
}

/* What a look at a segment tells without reading it. */
struct sign {
	uint64_t size;
	uint64_t offset;             /* where its next line will begin */
	size_t got;                  /* 0: the file ends there */
	char first;                  /* byte of that line; zero where there is only room for it */
};

/* A segment that is not begun, or not there in this form any more, has no bytes. */
static enum err read_sign(const struct log_place *p, const struct log_spot *next, struct sign *ret)
{
	char name[LOG_NAME_BYTES];
	enum err e;
	int fd;

	*ret = (struct sign){ .offset = next->offset };
	log_place_segment(next->entry / p->segment_entries, name);
	e = log_place_open(p, name, &fd, NULL);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	e = world_size(p->w, fd, &ret->size);
	if (e == OK)
		e = world_read_at(p->w, fd, ret->offset, &ret->first, 1, &ret->got);
	world_close(p->w, fd);
	return e;
}

enum err log_pulse(struct world *w, const char *folder, const struct log_spot *next,
		   struct digest *ret)
{
	char path[LIMIT_PATH_BYTES];
	struct sha256 sum;
	struct log_place p;
	struct sign sign;
	struct str text;
	struct arena a;
	enum err e;

	TRY(log_place_init(&p, w, folder));
	TRY(log_place_path(&p, "checkpoint", path));
	TRY(read_sign(&p, next, &sign));
	sha256_init(&sum);
	sha256_add(&sum, &sign.size, sizeof(sign.size));
	sha256_add(&sum, &sign.offset, sizeof(sign.offset));
	sha256_add(&sum, &sign.first, sign.got);
	arena_init(&a, 2 * LIMIT_NOTE_BYTES);
	e = world_read_file(w, path, LIMIT_NOTE_BYTES, &a, &text);
	if (e == OK)
		sha256_add(&sum, text.ptr, text.len);
	arena_fini(&a);
	TRY(e);
	sha256_done(&sum, ret);
	return OK;
}
