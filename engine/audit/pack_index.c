/*
 * pack_index: where in a sealed pack each digest is, as a file beside it.
 *
 *   magic | count | (digest, offset) sorted | SHA-256 of all before
 *
 * Checked whole once for each handle; after that single rows are looked up where they lie.
 */
#include "engine/audit/pack.h"

#include "engine/base/little.h"

#define INDEX_MAGIC "TRMPIDX1"
#define INDEX_HEAD_BYTES (PACK_MAGIC_BYTES + 4)
#define INDEX_ROW_BYTES (DIGEST_BYTES + 4)
#define INDEX_MEMORY ((size_t)LIMIT_PACK_RECORDS * INDEX_ROW_BYTES + (64u << 10))

enum err pack_index_write(struct pack_shelf *s, struct pack *p)
{
	size_t len = INDEX_HEAD_BYTES + (size_t)p->count * INDEX_ROW_BYTES;
	char path[LIMIT_PATH_BYTES];
	struct buf out;
	struct digest sum;
	unsigned char *at;
	enum err e;

	pack_sort(p);
	TRY(pack_path(s, p->number, "index", path));
	buf_init(&out, len + DIGEST_BYTES);
	at = (unsigned char *)buf_grow(&out, len);
	if (at) {
		memcpy(at, INDEX_MAGIC, PACK_MAGIC_BYTES);
		little_put32(at + PACK_MAGIC_BYTES, p->count);
		at += INDEX_HEAD_BYTES;
		for (uint32_t i = 0; i < p->count; i++, at += INDEX_ROW_BYTES) {
			memcpy(at, p->slots[i].digest.bytes, DIGEST_BYTES);
			little_put32(at + DIGEST_BYTES, p->slots[i].offset);
		}
		sum = sha256(buf_view(&out));
		buf_add(&out, str_slice(sum.bytes, DIGEST_BYTES));
	}
	e = out.err;
	if (e == OK)
		e = world_replace_file(s->w, path, buf_view(&out));
	buf_fini(&out);
	return e;
}

/* Are the digests of these rows in order, each once? */
static bool rows_sorted(const unsigned char *rows, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++, rows += INDEX_ROW_BYTES)
		if (memcmp(rows, rows + INDEX_ROW_BYTES, DIGEST_BYTES) >= 0)
			return false;
	return true;
}

/* Read the index of a pack whole and check it; ERR_TAMPERED when it cannot be used. */
static enum err index_read(struct pack_shelf *s, uint32_t number, struct arena *a,
			   const unsigned char **rows, uint32_t *count)
{
	size_t cap = INDEX_HEAD_BYTES + (size_t)s->shape.pack_records * INDEX_ROW_BYTES +
		     DIGEST_BYTES;
	char path[LIMIT_PATH_BYTES];
	const unsigned char *p;
	struct digest sum;
	struct str text;
	uint32_t found;
	enum err e;

	TRY(pack_path(s, number, "index", path));
	e = world_read_file(s->w, path, cap, a, &text);
	if (e != OK)
		return e == ERR_MEMORY ? e : ERR_TAMPERED;
	p = (const unsigned char *)text.ptr;
	if (text.len < INDEX_HEAD_BYTES + DIGEST_BYTES ||
	    memcmp(p, INDEX_MAGIC, PACK_MAGIC_BYTES) != 0)
		return ERR_TAMPERED;
	found = little_get32(p + PACK_MAGIC_BYTES);
	if (text.len - INDEX_HEAD_BYTES - DIGEST_BYTES != (size_t)found * INDEX_ROW_BYTES)
		return ERR_TAMPERED;
	sum = sha256(str_slice(p, text.len - DIGEST_BYTES));
	if (memcmp(sum.bytes, p + text.len - DIGEST_BYTES, DIGEST_BYTES) != 0 ||
	    !rows_sorted(p + INDEX_HEAD_BYTES, found))
		return ERR_TAMPERED;
	*rows = p + INDEX_HEAD_BYTES;
	*count = found;
	return OK;
}

enum err pack_index_check(struct pack_shelf *s, uint32_t number, struct pack *room,
			  enum pack_index *state)
{
	const unsigned char *rows;
	struct arena a;
	uint32_t count;
	enum err e;

	if (*state != INDEX_UNCHECKED)
		return OK;
	arena_init(&a, INDEX_MEMORY);
	e = index_read(s, number, &a, &rows, &count);
	arena_fini(&a);
	if (e == OK || e == ERR_TAMPERED)
		*state = e == OK ? INDEX_GOOD : INDEX_BAD;
	if (e != ERR_TAMPERED || !s->write)
		return e == ERR_TAMPERED ? OK : e;
	TRY(pack_begin(s, room, number));
	e = pack_scan(s, room, false);
	if (e == OK)
		e = pack_index_write(s, room);
	pack_reset(s, room);
	if (e == OK)
		*state = INDEX_GOOD;
	return e;
}

enum err pack_index_judge(struct pack_shelf *s, uint32_t number, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	const unsigned char *rows;
	enum world_kind kind;
	struct arena a;
	uint32_t count;
	enum err e;

	TRY(pack_path(s, number, "index", path));
	TRY(world_kind(s->w, path, &kind));
	if (kind == WORLD_NOTHING)
		return OK;
	arena_init(&a, INDEX_MEMORY);
	e = index_read(s, number, &a, &rows, &count);
	arena_fini(&a);
	if (e != ERR_TAMPERED)
		return e;
	note_file(n, path);
	return note_set(n, e, 0, 0,
			"this index of a pack was changed; it holds no evidence: remove it, and a "
			"writer makes it again");
}

enum err pack_index_load(struct pack_shelf *s, uint32_t number, enum pack_index state,
			 struct pack *ret)
{
	const unsigned char *rows;
	uint32_t count = 0;
	struct arena a;
	enum err e;

	TRY(pack_begin(s, ret, number));
	if (state == INDEX_BAD) {
		e = pack_scan(s, ret, false);
		pack_sort(ret);
	} else {
		arena_init(&a, INDEX_MEMORY);
		e = index_read(s, number, &a, &rows, &count);
		for (uint32_t i = 0; e == OK && i < count; i++, rows += INDEX_ROW_BYTES) {
			memcpy(ret->slots[i].digest.bytes, rows, DIGEST_BYTES);
			ret->slots[i].offset = little_get32(rows + DIGEST_BYTES);
		}
		ret->count = count;
		ret->sorted = true;
		arena_fini(&a);
		if (e == OK)
			e = pack_open(s, ret);
	}
	if (e != OK)
		pack_reset(s, ret);
	return e;
}

enum err pack_index_search(struct pack_shelf *s, uint32_t number, const struct digest *d,
			   uint32_t *offset)
{
	unsigned char row[INDEX_ROW_BYTES];
	char path[LIMIT_PATH_BYTES];
	uint32_t low = 0, high;
	enum err e;
	int fd;

	TRY(pack_path(s, number, "index", path));
	TRY(world_open(s->w, path, WORLD_READ, &fd));
	e = world_read_exact(s->w, fd, PACK_MAGIC_BYTES, row, 4);
	high = e == OK ? little_get32(row) : 0;
	while (e == OK && low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order;

		e = world_read_exact(s->w, fd,
				     INDEX_HEAD_BYTES + (uint64_t)middle * INDEX_ROW_BYTES, row,
				     sizeof(row));
		if (e != OK)
			break;
		order = memcmp(d->bytes, row, DIGEST_BYTES);
		if (order == 0) {
			*offset = little_get32(row + DIGEST_BYTES);
			break;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	world_close(s->w, fd);
	return e == OK && low >= high ? ERR_MISS : e;
}
