/*
 * blob: packs of bodies.
 *
 *   pack      magic | header body | header body | ...     header: digest, sizes, check of itself
 *   index     magic | count | (digest, offset) sorted | SHA-256 of all before
 *
 *   put --> pending --flush--> open pack --commit--> durable
 *                                  \--seal--> synced, its index written, the next pack begun
 *
 * Of two packs it is known in memory where each digest is: of `open`, the last one, by a map, and
 * of `hot`, the sealed one read last, by its sorted index. A replay asks for bodies in the order in
 * which they were put, so the record behind the last one is tried first; then `hot`, then the pack
 * behind it. Everything else is a binary search in an index, newest pack first.
 *
 * An index is derived from its pack: one that is missing or damaged is passed over (a reader scans
 * the pack) or written anew (a writer). It is believed only after its checksum was; even then a
 * record must bear the digest.
 */
#include "engine/audit/blob.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/audit/inside.h"
#include "engine/base/little.h"
#include "engine/base/map.h"
#include "engine/state/state.h"

#define MAGIC_BYTES 8
#define PACK_MAGIC "TRMPACK1"
#define INDEX_MAGIC "TRMPIDX1"
#define HEADER_BYTES 52
#define CHECKED_BYTES 44             /* of a header: what its check is over */
#define CHECK_BYTES (HEADER_BYTES - CHECKED_BYTES)
#define INDEX_HEAD_BYTES (MAGIC_BYTES + 4)
#define INDEX_ROW_BYTES (DIGEST_BYTES + 4)
#define INDEX_MEMORY ((size_t)LIMIT_PACK_RECORDS * INDEX_ROW_BYTES + (64u << 10))
#define RAW_BELOW 256                /* shorter bodies are not worth a frame */
#define FLAG_SQUASHED 1
#define NAME_BYTES 32
#define SQUASH_SLACK (256u << 10)    /* what zstd may ask for beyond the body */

_Static_assert(LIMIT_PACK_BYTES + LIMIT_BODY_BYTES + HEADER_BYTES < UINT32_MAX,
	       "offsets fit 32 bits");

struct slot {
	struct digest digest;
	uint32_t offset;
};

/*
 * A pack in memory. Its slots are in the order of the records, and the map, whose keys lie in them,
 * finds them; or they are `sorted`, and the map is empty.
 */
struct loaded {
	bool held, sorted;
	bool damaged;                /* there are bytes in it that are no record */
	uint32_t number;
	int fd;
	uint64_t bytes;              /* where the last whole record ends */
	uint32_t count;
	struct slot *slots;
	struct map map;
};

struct record {
	struct digest digest;
	bool squashed;
	uint32_t raw_bytes, stored_bytes;
};

enum index_state { INDEX_UNCHECKED = 0, INDEX_GOOD, INDEX_BAD };

struct pack {
	uint32_t number;
	enum index_state index;
};

struct blob_store {
	struct world *w;
	struct blob_shape shape;
	bool write, failed, dirty, new_name;
	struct pack *packs;          /* by number, the open one last */
	size_t count, room;
	struct loaded open, hot;
	struct windows windows;
	struct squash squash;
	struct buf pending, packed, body;
	char folder[LIMIT_PATH_BYTES];
};

/* --- names --- */

static enum err path_of(const struct blob_store *b, uint32_t number, const char *ending,
			char path[LIMIT_PATH_BYTES])
{
	char name[NAME_BYTES];

	(void)snprintf(name, sizeof(name), "%08" PRIu32 ".%s", number, ending);
	return world_join(path, LIMIT_PATH_BYTES, b->folder, name);
}

/* The number of a pack from its file name: eight digits, or more without leading zeroes. */
static bool pack_number(struct str name, uint32_t *ret)
{
	struct str digits, ending;
	char again[NAME_BYTES];
	uint64_t number;

	if (!str_cut(name, '.', &digits, &ending) || digits.len < 8)
		return false;
	while (digits.len > 1 && digits.ptr[0] == '0')
		digits = str_slice(digits.ptr + 1, digits.len - 1);
	if (str_to_u64(digits, &number) != OK || number >= UINT32_MAX)
		return false;
	(void)snprintf(again, sizeof(again), "%08" PRIu64 ".pack", number);
	*ret = (uint32_t)number;
	return str_is(name, again);
}

/* --- records --- */

static void header_check(const unsigned char *header, unsigned char check[CHECK_BYTES])
{
	struct digest d = sha256(str_slice(header, CHECKED_BYTES));

	memcpy(check, d.bytes, CHECK_BYTES);
}

static void header_write(unsigned char *header, const struct record *r)
{
	memcpy(header, r->digest.bytes, DIGEST_BYTES);
	memset(header + DIGEST_BYTES, 0, 4);
	header[DIGEST_BYTES] = r->squashed ? FLAG_SQUASHED : 0;
	little_put32(header + 36, r->raw_bytes);
	little_put32(header + 40, r->stored_bytes);
	header_check(header, header + CHECKED_BYTES);
}

static bool header_read(const unsigned char *header, struct record *ret)
{
	unsigned char check[CHECK_BYTES];

	header_check(header, check);
	if (memcmp(check, header + CHECKED_BYTES, CHECK_BYTES) != 0 ||
	    little_get32(header + DIGEST_BYTES) > FLAG_SQUASHED)
		return false;
	memcpy(ret->digest.bytes, header, DIGEST_BYTES);
	ret->squashed = header[DIGEST_BYTES] == FLAG_SQUASHED;
	ret->raw_bytes = little_get32(header + 36);
	ret->stored_bytes = little_get32(header + 40);
	return ret->raw_bytes <= LIMIT_BODY_BYTES && ret->stored_bytes <= ret->raw_bytes &&
	       (ret->squashed || ret->stored_bytes == ret->raw_bytes);
}

/*
 * The body of the record at `offset`, in a window or b->body. ERR_TAMPERED unless it is that of
 * `d`.
 */
static enum err read_record(struct blob_store *b, uint32_t number, int fd, uint64_t offset,
			    const struct digest *d, struct str *ret)
{
	const unsigned char *bytes;
	struct record r;
	struct digest found;
	struct str body;
	enum err e = windows_read(&b->windows, number, fd, offset, HEADER_BYTES, &bytes);

	if (e != OK)
		return e == ERR_TRUNCATED ? ERR_TAMPERED : e;
	if (!header_read(bytes, &r) || !digest_eq(&r.digest, d))
		return ERR_TAMPERED;
	e = windows_read(&b->windows, number, fd, offset + HEADER_BYTES, r.stored_bytes, &bytes);
	if (e != OK)
		return e == ERR_TRUNCATED ? ERR_TAMPERED : e;
	body = str_slice(bytes, r.stored_bytes);
	if (r.squashed) {
		buf_clear(&b->body);
		e = squash_unpack(&b->squash, body, r.raw_bytes, &b->body);
		if (e != OK)
			return e == ERR_MEMORY ? e : ERR_TAMPERED;
		body = buf_view(&b->body);
	}
	found = sha256(body);
	if (body.len != r.raw_bytes || !digest_eq(&found, d))
		return ERR_TAMPERED;
	*ret = body;
	return OK;
}

/* --- packs in memory --- */

static void loaded_reset(struct blob_store *b, struct loaded *p)
{
	if (p->held && p->fd >= 0)
		world_close(b->w, p->fd);
	map_clear(&p->map);
	p->held = p->damaged = p->sorted = false;
	p->fd = -1;
	p->bytes = 0;
	p->count = 0;
}

static enum err loaded_begin(struct blob_store *b, struct loaded *p, uint32_t number)
{
	loaded_reset(b, p);
	if (!p->slots)
		p->slots = malloc(b->shape.pack_records * sizeof(*p->slots));
	if (!p->slots)
		return ERR_MEMORY;
	p->number = number;
	p->held = true;
	return OK;
}

static enum err loaded_add(struct blob_store *b, struct loaded *p, const struct digest *d,
			   uint32_t offset)
{
	struct slot *slot;
	enum err e;

	if (p->count == b->shape.pack_records)
		return ERR_LIMIT;
	slot = &p->slots[p->count];
	slot->digest = *d;
	slot->offset = offset;
	e = map_put(&p->map, str_slice(slot->digest.bytes, DIGEST_BYTES), p->count);
	if (e == OK)
		p->count++;
	return e == ERR_DUPLICATE ? OK : e;
}

static int by_digest(const void *a, const void *b)
{
	return memcmp(((const struct slot *)a)->digest.bytes,
		      ((const struct slot *)b)->digest.bytes, DIGEST_BYTES);
}

static void loaded_sort(struct loaded *p)
{
	map_clear(&p->map);
	if (p->count > 1)
		qsort(p->slots, p->count, sizeof(*p->slots), by_digest);
	p->sorted = true;
}

static bool loaded_find(const struct loaded *p, const struct digest *d, uint32_t *offset)
{
	const struct slot key = { .digest = *d }, *found = NULL;
	uint32_t at;

	if (!p->held || p->count == 0)
		return false;
	if (p->sorted)
		found = bsearch(&key, p->slots, p->count, sizeof(key), by_digest);
	else if (map_get(&p->map, str_slice(d->bytes, DIGEST_BYTES), &at))
		found = &p->slots[at];
	if (found)
		*offset = found->offset;
	return found != NULL;
}

static enum err loaded_file(struct blob_store *b, struct loaded *p)
{
	char path[LIMIT_PATH_BYTES];

	if (p->fd >= 0)
		return OK;
	TRY(path_of(b, p->number, "pack", path));
	return world_open(b->w, path, b->write && p == &b->open ? WORLD_WRITE : WORLD_READ, &p->fd);
}

/* Where the first record starts; 0 and `damaged` when this is no pack. */
static enum err skip_magic(struct blob_store *b, struct loaded *p, uint64_t size)
{
	const unsigned char *magic;

	if (p->bytes > 0 || size < MAGIC_BYTES)
		return OK;
	TRY(windows_read(&b->windows, p->number, p->fd, 0, MAGIC_BYTES, &magic));
	p->damaged = memcmp(magic, PACK_MAGIC, MAGIC_BYTES) != 0;
	p->bytes = p->damaged ? 0 : MAGIC_BYTES;
	return OK;
}

/*
 * Walk the records from p->bytes on, to the end or to what is no record. With `prove`, bodies are
 * hashed too, and those that fail are left out.
 */
static enum err loaded_scan(struct blob_store *b, struct loaded *p, bool prove)
{
	const unsigned char *header;
	uint64_t size;

	windows_forget(&b->windows);
	TRY(loaded_file(b, p));
	TRY(world_size(b->w, p->fd, &size));
	TRY(skip_magic(b, p, size));
	while (p->bytes > 0 && p->bytes < size && size - p->bytes >= HEADER_BYTES) {
		struct record r;
		struct str body;
		enum err e;

		TRY(windows_read(&b->windows, p->number, p->fd, p->bytes, HEADER_BYTES, &header));
		if (!header_read(header, &r) || p->count == b->shape.pack_records) {
			p->damaged = true;
			break;
		}
		if (size - p->bytes - HEADER_BYTES < r.stored_bytes)
			break;
		e = prove ? read_record(b, p->number, p->fd, p->bytes, &r.digest, &body) : OK;
		if (e == ERR_TAMPERED)
			p->damaged = true;
		else if (e == OK)
			e = loaded_add(b, p, &r.digest, (uint32_t)p->bytes);
		if (e != OK && e != ERR_TAMPERED)
			return e;
		p->bytes += HEADER_BYTES + r.stored_bytes;
	}
	return OK;
}

/* --- indexes --- */

/* Write the index of a loaded pack, and sort its slots for that. */
static enum err index_write(struct blob_store *b, struct loaded *p)
{
	size_t len = INDEX_HEAD_BYTES + (size_t)p->count * INDEX_ROW_BYTES;
	char path[LIMIT_PATH_BYTES];
	struct buf out;
	struct digest sum;
	unsigned char *at;
	enum err e;

	loaded_sort(p);
	TRY(path_of(b, p->number, "index", path));
	buf_init(&out, len + DIGEST_BYTES);
	at = (unsigned char *)buf_grow(&out, len);
	if (at) {
		memcpy(at, INDEX_MAGIC, MAGIC_BYTES);
		little_put32(at + MAGIC_BYTES, p->count);
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
		e = world_replace_file(b->w, path, buf_view(&out));
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
static enum err index_read(struct blob_store *b, uint32_t number, struct arena *a,
			   const unsigned char **rows, uint32_t *count)
{
	size_t cap = INDEX_HEAD_BYTES + (size_t)b->shape.pack_records * INDEX_ROW_BYTES +
		     DIGEST_BYTES;
	char path[LIMIT_PATH_BYTES];
	const unsigned char *p;
	struct digest sum;
	struct str text;
	uint32_t found;
	enum err e;

	TRY(path_of(b, number, "index", path));
	e = world_read_file(b->w, path, cap, a, &text);
	if (e != OK)
		return e == ERR_MEMORY ? e : ERR_TAMPERED;
	p = (const unsigned char *)text.ptr;
	if (text.len < INDEX_HEAD_BYTES + DIGEST_BYTES || memcmp(p, INDEX_MAGIC, MAGIC_BYTES) != 0)
		return ERR_TAMPERED;
	found = little_get32(p + MAGIC_BYTES);
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

/* Look at a pack's index once per handle; a writer makes a bad one anew. Uses `hot` for that. */
static enum err index_check(struct blob_store *b, struct pack *pack)
{
	const unsigned char *rows;
	struct arena a;
	uint32_t count;
	enum err e;

	if (pack->index != INDEX_UNCHECKED)
		return OK;
	arena_init(&a, INDEX_MEMORY);
	e = index_read(b, pack->number, &a, &rows, &count);
	arena_fini(&a);
	if (e == OK || e == ERR_TAMPERED)
		pack->index = e == OK ? INDEX_GOOD : INDEX_BAD;
	if (e != ERR_TAMPERED || !b->write)
		return e == ERR_TAMPERED ? OK : e;
	TRY(loaded_begin(b, &b->hot, pack->number));
	e = loaded_scan(b, &b->hot, false);
	if (e == OK)
		e = index_write(b, &b->hot);
	loaded_reset(b, &b->hot);
	if (e == OK)
		pack->index = INDEX_GOOD;
	return e;
}

/* Make a sealed pack the hot one: from its index if that is good, else by walking it. */
static enum err heat(struct blob_store *b, const struct pack *pack)
{
	const unsigned char *rows;
	uint32_t count = 0;
	struct arena a;
	enum err e;

	TRY(loaded_begin(b, &b->hot, pack->number));
	if (pack->index == INDEX_BAD) {
		e = loaded_scan(b, &b->hot, false);
		loaded_sort(&b->hot);
	} else {
		arena_init(&a, INDEX_MEMORY);
		e = index_read(b, pack->number, &a, &rows, &count);
		for (uint32_t i = 0; e == OK && i < count; i++, rows += INDEX_ROW_BYTES) {
			memcpy(b->hot.slots[i].digest.bytes, rows, DIGEST_BYTES);
			b->hot.slots[i].offset = little_get32(rows + DIGEST_BYTES);
		}
		b->hot.count = count;
		b->hot.sorted = true;
		arena_fini(&a);
		if (e == OK)
			e = loaded_file(b, &b->hot);
	}
	if (e != OK)
		loaded_reset(b, &b->hot);
	return e;
}

/* Binary search in the stored index. ERR_MISS. */
static enum err index_search(struct blob_store *b, uint32_t number, const struct digest *d,
			     uint32_t *offset)
{
	unsigned char row[INDEX_ROW_BYTES];
	char path[LIMIT_PATH_BYTES];
	uint32_t low = 0, high;
	enum err e;
	int fd;

	TRY(path_of(b, number, "index", path));
	TRY(world_open(b->w, path, WORLD_READ, &fd));
	e = world_read_exact(b->w, fd, MAGIC_BYTES, row, 4);
	high = e == OK ? little_get32(row) : 0;
	while (e == OK && low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order;

		e = world_read_exact(b->w, fd,
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
	world_close(b->w, fd);
	return e == OK && low >= high ? ERR_MISS : e;
}

/* --- the folder --- */

static enum err add_pack(struct blob_store *b, uint32_t number, enum index_state index)
{
	if (b->count == b->room) {
		size_t room = b->room ? b->room * 2 : 16;
		struct pack *grown = realloc(b->packs, room * sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		b->packs = grown;
		b->room = room;
	}
	b->packs[b->count++] = (struct pack){ number, index };
	return OK;
}

/* Learn which packs there are, and what is new in the last one. */
static enum err look(struct blob_store *b)
{
	struct arena a;
	struct str *names;
	size_t count, known = b->count;
	uint32_t number;
	enum err e;

	arena_init(&a, LIMIT_FOLDER_BYTES);
	e = world_list(b->w, b->folder, &a, &names, &count);
	if (e == ERR_NOT_FOUND && !b->write) {
		e = OK;
		count = 0;
	}
	for (size_t i = 0; e == OK && i < count; i++) {
		if (!pack_number(names[i], &number) ||
		    (known && number <= b->packs[known - 1].number))
			continue;
		e = add_pack(b, number, INDEX_UNCHECKED);
	}
	arena_fini(&a);
	if (e != OK || b->count == 0)
		return e;
	number = b->packs[b->count - 1].number;
	if (!b->open.held || b->open.number != number)
		TRY(loaded_begin(b, &b->open, number));
	return loaded_scan(b, &b->open, b->write);
}

static enum err begin_pack(struct blob_store *b, uint32_t number)
{
	TRY(loaded_begin(b, &b->open, number));
	return add_pack(b, number, INDEX_UNCHECKED);
}

/* As in the log, a pack that does not end where we stopped has another writer. */
static enum err flush(struct blob_store *b)
{
	struct str bytes = buf_view(&b->pending);
	char path[LIMIT_PATH_BYTES];
	uint64_t size;

	if (bytes.len == 0)
		return OK;
	if (b->open.fd < 0) {
		TRY(path_of(b, b->open.number, "pack", path));
		TRY(world_open(b->w, path, WORLD_CREATE, &b->open.fd));
		b->new_name = true;
	}
	TRY(world_size(b->w, b->open.fd, &size));
	if (size != b->open.bytes - bytes.len)
		return ERR_LOCKED;
	TRY(world_write_at(b->w, b->open.fd, size, bytes.ptr, bytes.len));
	windows_forget(&b->windows);
	b->dirty = true;
	buf_clear(&b->pending);
	return OK;
}

static enum err commit(struct blob_store *b, bool sync)
{
	TRY(flush(b));
	if (!sync || !b->dirty)
		return OK;
	TRY(world_sync(b->w, b->open.fd));
	if (b->new_name)
		TRY(world_sync_folder(b->w, b->folder));
	b->dirty = b->new_name = false;
	return OK;
}

/* The open pack gets its index, and the next one is begun. */
static enum err seal(struct blob_store *b)
{
	uint32_t number = b->open.number;

	if (number == UINT32_MAX - 1)
		return ERR_LIMIT;
	TRY(commit(b, true));
	TRY(index_write(b, &b->open));
	b->packs[b->count - 1].index = INDEX_GOOD;
	return begin_pack(b, number + 1);
}

/* A writer finds the packs as a crash may have left them, and puts them in order. */
static enum err recover(struct blob_store *b)
{
	char path[LIMIT_PATH_BYTES];
	enum world_kind kind;
	uint64_t size;

	if (b->count == 0)
		return begin_pack(b, 0);
	for (size_t i = 0; i + 1 < b->count; i++) {
		TRY(path_of(b, b->packs[i].number, "index", path));
		TRY(world_kind(b->w, path, &kind));
		if (kind == WORLD_NOTHING)
			TRY(index_check(b, &b->packs[i]));
	}
	b->dirty = b->new_name = true;
	/*
	 * What is no record stays where it is: it may be damage done later, and no evidence is cut
	 * away on a guess.
	 */
	if (b->open.damaged)
		return seal(b);
	TRY(world_size(b->w, b->open.fd, &size));
	return size > b->open.bytes ? world_truncate(b->w, b->open.fd, b->open.bytes) : OK;
}

static enum err make_folder(struct blob_store *b)
{
	enum err e = world_mkdir(b->w, b->folder);

	return e == OK || e == ERR_EXISTS ? world_sync_parent(b->w, b->folder) : e;
}

static void release(struct blob_store *b)
{
	struct loaded *packs[] = { &b->open, &b->hot };
	struct buf *bufs[] = { &b->pending, &b->packed, &b->body };

	for (size_t i = 0; i < sizeof(packs) / sizeof(*packs); i++) {
		loaded_reset(b, packs[i]);
		map_fini(&packs[i]->map);
		free(packs[i]->slots);
	}
	for (size_t i = 0; i < sizeof(bufs) / sizeof(*bufs); i++)
		buf_fini(bufs[i]);
	windows_fini(&b->windows);
	squash_fini(&b->squash);
	free(b->packs);
	free(b);
}

enum err blob_open_shaped(struct world *w, const char *folder, bool write, struct blob_shape shape,
			  struct blob_store **ret, struct note *n)
{
	struct blob_store *b = calloc(1, sizeof(*b));
	enum err e;

	if (!b)
		return ERR_MEMORY;
	b->w = w;
	b->shape = shape;
	b->write = write;
	b->open.fd = b->hot.fd = -1;
	map_init(&b->open.map, 0);
	map_init(&b->hot.map, 0);
	windows_init(&b->windows, w);
	squash_init(&b->squash);
	buf_init(&b->pending, LIMIT_BATCH_BYTES + LIMIT_BODY_BYTES + HEADER_BYTES + MAGIC_BYTES);
	buf_init(&b->packed, LIMIT_BODY_BYTES + SQUASH_SLACK);
	buf_init(&b->body, LIMIT_BODY_BYTES);
	e = str_to_c(str_view(folder), b->folder, sizeof(b->folder));
	if (e == OK && write)
		e = make_folder(b);
	if (e == OK)
		e = look(b);
	if (e == OK && write)
		e = recover(b);
	if (e != OK) {
		(void)note_set(n, e, 0, 0, "the bodies in %s cannot be opened: %s", folder,
			       err_text(e));
		release(b);
		return e;
	}
	*ret = b;
	return OK;
}

enum err blob_open(struct world *w, const char *folder, bool write, struct blob_store **ret,
		   struct note *n)
{
	const struct blob_shape shape = { LIMIT_PACK_BYTES, LIMIT_PACK_RECORDS };

	return blob_open_shaped(w, folder, write, shape, ret, n);
}

enum err blob_close(struct blob_store *b)
{
	enum err e = OK;

	if (!b)
		return OK;
	if (b->write)
		e = blob_commit(b, false);
	release(b);
	return e;
}

/* The one place where a failure closes the handle. */
static enum err fail(struct blob_store *b, enum err e)
{
	b->failed = b->failed || e != OK;
	return e;
}

/* What will lie on disk: compressed when that is shorter. */
static enum err pack_body(struct blob_store *b, struct str body, struct record *r,
			  struct str *stored)
{
	r->squashed = false;
	*stored = body;
	if (body.len >= RAW_BELOW) {
		buf_clear(&b->packed);
		TRY(squash_pack(&b->squash, body, &b->packed));
		r->squashed = b->packed.len < body.len;
		if (r->squashed)
			*stored = buf_view(&b->packed);
	}
	r->raw_bytes = (uint32_t)body.len;
	r->stored_bytes = (uint32_t)stored->len;
	return OK;
}

static enum err put(struct blob_store *b, struct str body, const struct digest *d)
{
	struct record r = { .digest = *d };
	unsigned char *header;
	struct str stored;

	if (b->open.bytes >= b->shape.pack_bytes || b->open.count == b->shape.pack_records)
		TRY(seal(b));
	TRY(pack_body(b, body, &r, &stored));
	if (b->pending.len + HEADER_BYTES + stored.len > LIMIT_BATCH_BYTES)
		TRY(flush(b));
	if (b->open.bytes == 0) {
		buf_add(&b->pending, STR(PACK_MAGIC));
		b->open.bytes = MAGIC_BYTES;
	}
	header = (unsigned char *)buf_grow(&b->pending, HEADER_BYTES);
	if (header)
		header_write(header, &r);
	buf_add(&b->pending, stored);
	if (b->pending.err != OK)
		return b->pending.err;
	TRY(loaded_add(b, &b->open, d, (uint32_t)b->open.bytes));
	b->open.bytes += HEADER_BYTES + stored.len;
	return OK;
}

enum err blob_put(struct blob_store *b, struct str body, struct digest *ret)
{
	struct digest d;
	uint32_t offset;

	MUST(b->write);
	if (b->failed)
		return ERR_CLOSED;
	if (body.len > LIMIT_BODY_BYTES)
		return ERR_LIMIT;
	d = sha256(body);
	if (!loaded_find(&b->open, &d, &offset))
		TRY(fail(b, put(b, body, &d)));
	*ret = d;
	return OK;
}

enum err blob_commit(struct blob_store *b, bool sync)
{
	MUST(b->write);
	return b->failed ? ERR_CLOSED : fail(b, commit(b, sync));
}

/* --- finding --- */

/*
 * Is the body's record the one behind the last that was read? In the open pack what lies behind the
 * whole records does not count: it may yet be cut off.
 */
static enum err get_next(struct blob_store *b, const struct digest *d, struct str *ret)
{
	const struct loaded *packs[] = { &b->hot, &b->open };
	uint64_t at;

	for (unsigned i = 0; i < 2 * WINDOWS; i++) {
		const struct loaded *p = packs[i / WINDOWS];
		const unsigned char *header = windows_behind(&b->windows, i % WINDOWS, p->number,
							     HEADER_BYTES, &at);

		if (header && p->held && (p->sorted || at < p->bytes) &&
		    memcmp(header, d->bytes, DIGEST_BYTES) == 0)
			return read_record(b, p->number, p->fd, at, d, ret);
	}
	return ERR_MISS;
}

/* From a pack in memory. ERR_MISS when it does not have it. */
static enum err get_loaded(struct blob_store *b, struct loaded *p, const struct digest *d,
			   struct str *ret)
{
	uint32_t offset;

	if (!loaded_find(p, d, &offset))
		return p->held && p->damaged ? ERR_TAMPERED : ERR_MISS;
	return read_record(b, p->number, p->fd, offset, d, ret);
}

/*
 * From a sealed pack. The one behind the hot pack becomes hot when it has it: that is how a replay
 * moves on.
 */
static enum err get_sealed(struct blob_store *b, struct pack *pack, const struct digest *d,
			   struct str *ret)
{
	char path[LIMIT_PATH_BYTES];
	uint32_t offset = 0;
	enum err e;
	int fd;

	TRY(index_check(b, pack));
	e = pack->index == INDEX_GOOD ? index_search(b, pack->number, d, &offset) : OK;
	if (e != OK)
		return e;
	if (pack->index == INDEX_BAD || !b->hot.held || pack->number == b->hot.number + 1) {
		TRY(heat(b, pack));
		return get_loaded(b, &b->hot, d, ret);
	}
	TRY(path_of(b, pack->number, "pack", path));
	TRY(world_open(b->w, path, WORLD_READ, &fd));
	e = read_record(b, pack->number, fd, offset, d, ret);
	world_close(b->w, fd);
	return e;
}

/*
 * Ends the search? Damage in one place does not: another may hold the same body whole. It is
 * reported when none does.
 */
static bool settled(enum err e, enum err *worst)
{
	if (e == OK || e == ERR_MEMORY || *worst == ERR_MISS)
		*worst = e;
	return e == OK || e == ERR_MEMORY;
}

/* Everywhere, likely places first. */
static enum err search(struct blob_store *b, const struct digest *d, struct str *ret)
{
	enum err worst = ERR_MISS;
	uint32_t hot = b->hot.number;
	bool was_hot = b->hot.held;

	if (settled(get_next(b, d, ret), &worst) ||
	    settled(get_loaded(b, &b->hot, d, ret), &worst) ||
	    settled(get_loaded(b, &b->open, d, ret), &worst))
		return worst;
	for (size_t i = 0; was_hot && i + 1 < b->count; i++)
		if (b->packs[i].number == hot + 1 &&
		    settled(get_sealed(b, &b->packs[i], d, ret), &worst))
			return worst;
	for (size_t i = b->count; i-- > 0;) {
		struct pack *pack = &b->packs[i];

		if (pack->number == b->open.number ||
		    (was_hot && (pack->number == hot || pack->number == hot + 1)))
			continue;
		if (settled(get_sealed(b, pack, d, ret), &worst))
			return worst;
	}
	return worst;
}

enum err blob_get(struct blob_store *b, const struct digest *d, struct str *ret)
{
	enum err e;

	if (b->failed)
		return ERR_CLOSED;
	TRY(fail(b, flush(b)));
	e = search(b, d, ret);
	if (e != ERR_MISS || b->write)
		return e;
	/* A writer may have gone on since this reader looked. */
	TRY(look(b));
	return search(b, d, ret);
}
