/*
 * blob: the store, which is packs (pack.h) and where to look for a digest first.
 *
 *   put --> pending --flush--> open pack --commit--> durable
 *                                  \--seal--> synced, its index written, the next pack begun
 *
 * Of two packs it is known in memory where each digest is: of `open`, the last one, by a map, and
 * of `hot`, the sealed one read last, by its sorted index. A replay asks for bodies in the order in
 * which they were put, so the record behind the last one is tried first; then `hot`, then the pack
 * behind it. Everything else is a binary search in an index, newest pack first.
 */
#include "engine/audit/blob.h"

#include <stdlib.h>

#include "engine/audit/pack.h"

/* A pack of the folder. */
struct listed {
	uint32_t number;
	enum pack_index index;
};

struct blob_store {
	struct pack_shelf shelf;
	bool failed, dirty, new_name;
	struct listed *packs;        /* by number, the open one last */
	size_t count, room;
	struct pack open, hot;
	struct buf pending, packed;
	struct buf content;          /* of a body to be put: its seed and itself */
};

/* --- the folder --- */

static enum err add_pack(struct blob_store *b, uint32_t number, enum pack_index index)
{
	if (b->count == b->room) {
		size_t room = b->room ? b->room * 2 : 16;
		struct listed *grown = realloc(b->packs, room * sizeof(*grown));

		if (!grown)
			return ERR_MEMORY;
		b->packs = grown;
		b->room = room;
	}
	b->packs[b->count++] = (struct listed){ number, index };
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
	e = world_list(b->shelf.w, b->shelf.folder, &a, &names, &count);
	if (e == ERR_NOT_FOUND && !b->shelf.write) {
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
		TRY(pack_begin(&b->shelf, &b->open, number));
	return pack_scan(&b->shelf, &b->open, b->shelf.write);
}

static enum err begin_pack(struct blob_store *b, uint32_t number)
{
	TRY(pack_begin(&b->shelf, &b->open, number));
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
		TRY(pack_path(&b->shelf, b->open.number, "pack", path));
		TRY(world_open(b->shelf.w, path, WORLD_CREATE, &b->open.fd));
		b->new_name = true;
	}
	TRY(world_size(b->shelf.w, b->open.fd, &size));
	if (size != b->open.bytes - bytes.len)
		return ERR_LOCKED;
	TRY(world_write_at(b->shelf.w, b->open.fd, size, bytes.ptr, bytes.len));
	windows_forget(&b->shelf.windows);
	b->dirty = true;
	buf_clear(&b->pending);
	return OK;
}

static enum err commit(struct blob_store *b, bool sync)
{
	TRY(flush(b));
	if (!sync || !b->dirty)
		return OK;
	TRY(world_sync(b->shelf.w, b->open.fd));
	if (b->new_name)
		TRY(world_sync_folder(b->shelf.w, b->shelf.folder));
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
	TRY(pack_index_write(&b->shelf, &b->open));
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
		TRY(pack_path(&b->shelf, b->packs[i].number, "index", path));
		TRY(world_kind(b->shelf.w, path, &kind));
		if (kind == WORLD_NOTHING)
			TRY(pack_index_check(&b->shelf, b->packs[i].number, &b->hot,
					     &b->packs[i].index));
	}
	b->dirty = b->new_name = true;
	/*
	 * What is no record stays where it is: it may be damage done later, and no evidence is cut
	 * away on a guess.
	 */
	if (b->open.damaged)
		return seal(b);
	TRY(world_size(b->shelf.w, b->open.fd, &size));
	return size > b->open.bytes ? world_truncate(b->shelf.w, b->open.fd, b->open.bytes) : OK;
}

static enum err make_folder(struct blob_store *b)
{
	enum err e = world_mkdir(b->shelf.w, b->shelf.folder);

	return e == OK || e == ERR_EXISTS ? world_sync_parent(b->shelf.w, b->shelf.folder) : e;
}

static void release(struct blob_store *b)
{
	pack_fini(&b->shelf, &b->open);
	pack_fini(&b->shelf, &b->hot);
	pack_shelf_fini(&b->shelf);
	buf_fini(&b->pending);
	buf_fini(&b->packed);
	buf_fini(&b->content);
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
	e = pack_shelf_init(&b->shelf, w, folder, write, shape);
	pack_init(&b->open, write);
	pack_init(&b->hot, false);
	buf_init(&b->pending,
		 LIMIT_BATCH_BYTES + LIMIT_BODY_BYTES + PACK_HEADER_BYTES + PACK_MAGIC_BYTES);
	buf_init(&b->packed, LIMIT_BODY_BYTES + PACK_SQUASH_SLACK);
	buf_init(&b->content, LIMIT_BODY_BYTES);
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
	if (b->shelf.write)
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

static enum err put(struct blob_store *b, enum body_form form, struct str body,
		    const struct digest *d)
{
	struct pack_record r = { .digest = *d, .form = form };
	unsigned char *header;
	struct str stored;

	if (b->open.bytes >= b->shelf.shape.pack_bytes ||
	    b->open.count == b->shelf.shape.pack_records)
		TRY(seal(b));
	TRY(pack_squeeze(&b->shelf, body, &b->packed, &r, &stored));
	if (b->pending.len + PACK_HEADER_BYTES + stored.len > LIMIT_BATCH_BYTES)
		TRY(flush(b));
	if (b->open.bytes == 0) {
		buf_add(&b->pending, STR(PACK_MAGIC));
		b->open.bytes = PACK_MAGIC_BYTES;
	}
	header = (unsigned char *)buf_grow(&b->pending, PACK_HEADER_BYTES);
	if (header)
		pack_write_header(header, &r);
	buf_add(&b->pending, stored);
	if (b->pending.err != OK)
		return b->pending.err;
	TRY(pack_add(&b->shelf, &b->open, d, (uint32_t)b->open.bytes));
	b->open.bytes += PACK_HEADER_BYTES + stored.len;
	return OK;
}

/* A body that the open pack has already is not put again. */
static enum err put_new(struct blob_store *b, enum body_form form, struct str content,
			const struct digest *d)
{
	uint32_t offset;

	return pack_find(&b->open, d, &offset) ? OK : fail(b, put(b, form, content, d));
}

enum err blob_put(struct blob_store *b, struct str body, struct digest *ret)
{
	struct digest d;

	MUST(b->shelf.write);
	if (b->failed)
		return ERR_CLOSED;
	if (body.len > LIMIT_BODY_BYTES)
		return ERR_LIMIT;
	d = sha256(body);
	TRY(put_new(b, BODY_PLAIN, body, &d));
	*ret = d;
	return OK;
}

enum err blob_put_salted(struct blob_store *b, struct str body, const struct body_seed *seed,
			 struct digest *ret)
{
	struct digest d;

	MUST(b->shelf.write);
	if (b->failed)
		return ERR_CLOSED;
	if (body.len > LIMIT_BODY_BYTES - BODY_SALT_BYTES)
		return ERR_LIMIT;
	d = body_commit(body, seed);
	buf_clear(&b->content);
	buf_add(&b->content, str_slice(seed->bytes, sizeof(seed->bytes)));
	buf_add(&b->content, body);
	if (b->content.err != OK)
		return b->content.err;
	TRY(put_new(b, BODY_SALTED, buf_view(&b->content), &d));
	*ret = d;
	return OK;
}

enum err blob_commit(struct blob_store *b, bool sync)
{
	MUST(b->shelf.write);
	return b->failed ? ERR_CLOSED : fail(b, commit(b, sync));
}

/* --- rewriting --- */

static void forget_pack(struct blob_store *b, size_t at)
{
	b->count--;
	memmove(&b->packs[at], &b->packs[at + 1], (b->count - at) * sizeof(*b->packs));
}

/* What was put and is not written yet is in no pack; the open one may have no file. */
static enum err survey(struct blob_store *b, const struct blob_edit *edit, uint64_t *changed)
{
	TRY(commit(b, false));
	pack_reset(&b->shelf, &b->hot);
	for (size_t i = 0; i < b->count; i++)
		if (i + 1 < b->count || b->open.bytes > 0)
			TRY(pack_survey(&b->shelf, b->packs[i].number, edit, &b->hot, changed));
	return OK;
}

enum err blob_survey(struct blob_store *b, const struct blob_edit *edit, uint64_t *changed)
{
	MUST(b->shelf.write);
	*changed = 0;
	return b->failed ? ERR_CLOSED : survey(b, edit, changed);
}

/* Sealed packs only: the open one is sealed first. */
static enum err rewrite(struct blob_store *b, const struct blob_edit *edit, uint64_t *changed)
{
	bool gone;

	TRY(b->open.count > 0 ? seal(b) : commit(b, true));
	pack_reset(&b->shelf, &b->hot);
	for (size_t i = 0; i + 1 < b->count;) {
		TRY(pack_rewrite(&b->shelf, b->packs[i].number, edit, &b->hot, changed, &gone));
		b->packs[i].index = INDEX_UNCHECKED;
		if (gone)
			forget_pack(b, i);
		else
			i++;
	}
	return OK;
}

enum err blob_rewrite(struct blob_store *b, const struct blob_edit *edit, uint64_t *changed)
{
	MUST(b->shelf.write);
	*changed = 0;
	return b->failed ? ERR_CLOSED : fail(b, rewrite(b, edit, changed));
}

enum err blob_judge_indexes(struct blob_store *b, struct note *n)
{
	for (size_t i = 0; i < b->count; i++)
		TRY(pack_index_judge(&b->shelf, b->packs[i].number, n));
	return OK;
}

/* --- finding --- */

/*
 * Is the body's record the one behind the last that was read? In the open pack what lies behind the
 * whole records does not count: it may yet be cut off.
 */
static enum err get_next(struct blob_store *b, const struct digest *d, struct body *ret)
{
	const struct pack *packs[] = { &b->hot, &b->open };
	uint64_t at;

	for (unsigned i = 0; i < 2 * WINDOWS; i++) {
		const struct pack *p = packs[i / WINDOWS];
		const unsigned char *header = windows_behind(
			&b->shelf.windows, i % WINDOWS, p->number, PACK_HEADER_BYTES, &at);

		if (header && p->held && (p->sorted || at < p->bytes) &&
		    memcmp(header, d->bytes, DIGEST_BYTES) == 0)
			return pack_read(&b->shelf, p->number, p->fd, at, d, ret);
	}
	return ERR_MISS;
}

/* From a pack in memory. ERR_MISS when it does not have it. */
static enum err get_loaded(struct blob_store *b, struct pack *p, const struct digest *d,
			   struct body *ret)
{
	uint32_t offset;

	if (!pack_find(p, d, &offset))
		return p->held && p->damaged ? ERR_TAMPERED : ERR_MISS;
	return pack_read(&b->shelf, p->number, p->fd, offset, d, ret);
}

/*
 * From a sealed pack. The one behind the hot pack becomes hot when it has it: that is how a replay
 * moves on.
 */
static enum err get_sealed(struct blob_store *b, struct listed *pack, const struct digest *d,
			   struct body *ret)
{
	char path[LIMIT_PATH_BYTES];
	uint32_t offset = 0;
	enum err e;
	int fd;

	TRY(pack_index_check(&b->shelf, pack->number, &b->hot, &pack->index));
	if (pack->index == INDEX_GOOD)
		TRY(pack_index_search(&b->shelf, pack->number, d, &offset));
	if (pack->index == INDEX_BAD || !b->hot.held || pack->number == b->hot.number + 1) {
		TRY(pack_index_load(&b->shelf, pack->number, pack->index, &b->hot));
		return get_loaded(b, &b->hot, d, ret);
	}
	TRY(pack_path(&b->shelf, pack->number, "pack", path));
	TRY(world_open(b->shelf.w, path, WORLD_READ, &fd));
	e = pack_read(&b->shelf, pack->number, fd, offset, d, ret);
	world_close(b->shelf.w, fd);
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
static enum err search(struct blob_store *b, const struct digest *d, struct body *ret)
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
		struct listed *pack = &b->packs[i];

		if (pack->number == b->open.number ||
		    (was_hot && (pack->number == hot || pack->number == hot + 1)))
			continue;
		if (settled(get_sealed(b, pack, d, ret), &worst))
			return worst;
	}
	return worst;
}

enum err blob_get(struct blob_store *b, const struct digest *d, struct body *ret)
{
	enum err e;

	if (b->failed)
		return ERR_CLOSED;
	TRY(fail(b, flush(b)));
	e = search(b, d, ret);
	if (e != ERR_MISS || b->shelf.write)
		return e;
	/* A writer may have gone on since this reader looked. */
	TRY(look(b));
	return search(b, d, ret);
}
