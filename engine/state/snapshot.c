/*
 * snapshot: the full image of a state.
 *
 *   "trmlsnap" | u32 version | schema | u32 rows of each table | 32 bytes state root
 *   | { u32 length, zstd frame }
 *
 * The rows of a table are cut into chunks of CHUNK_BYTES (as many whole rows as fit), each squashed
 * alone. So neither writing nor reading holds a second copy of the rows, and a hostile image makes
 * the reader take memory only in proportion to rows that really came out of it. Specified in
 * docs/formats/state.md.
 */
#include "engine/state/inside.h"

#define MAGIC "trmlsnap"
#define MAGIC_BYTES (sizeof(MAGIC) - 1)
#define VERSION 1
#define CHUNK_BYTES (1u << 20)

_Static_assert(LIMIT_ROW_BYTES <= CHUNK_BYTES, "a chunk holds at least one row");

static uint32_t chunk_rows(const struct table *t, uint32_t rows_left)
{
	uint32_t most = CHUNK_BYTES / t->row_bytes;

	return rows_left < most ? rows_left : most;
}

static void add_u32(struct buf *b, uint32_t v)
{
	uint8_t *at = (uint8_t *)buf_grow(b, 4);

	if (at)
		little_put32(at, v);
}

static enum err put_chunk(struct str rows, struct squash *squash, struct buf *out)
{
	size_t head = out->len;

	add_u32(out, 0);
	TRY(out->err);
	TRY(squash_pack(squash, rows, out));
	little_put32((uint8_t *)out->ptr + head, (uint32_t)(out->len - head - 4));
	return OK;
}

static enum err put_image(const struct state *s, const struct digest *root, struct squash *squash,
			  struct buf *out)
{
	buf_add(out, STR(MAGIC));
	add_u32(out, VERSION);
	buf_add(out, str_slice(s->schema, s->schema_len));
	for (unsigned i = 0; i < s->table_count; i++)
		add_u32(out, s->tables[i].rows);
	buf_add(out, str_slice(root->bytes, DIGEST_BYTES));
	TRY(out->err);
	for (unsigned i = 0; i < s->table_count; i++) {
		const struct table *t = &s->tables[i];
		uint32_t count;

		for (uint32_t row = 0; row < t->rows; row += count) {
			size_t bytes;

			count = chunk_rows(t, t->rows - row);
			bytes = (size_t)count * t->row_bytes;
			TRY(put_chunk(str_slice(table_row(t, row), bytes), squash, out));
		}
	}
	return OK;
}

uint64_t snapshot_raw_bytes(const struct state *s)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < s->table_count; i++)
		bytes += (uint64_t)s->tables[i].rows * s->tables[i].row_bytes;
	return bytes;
}

enum err state_snapshot(struct state *s, struct buf *out)
{
	size_t before = out->len;
	struct squash squash;
	struct digest root;
	enum err e;

	root = state_root(s);
	squash_init(&squash);
	e = put_image(s, &root, &squash, out);
	squash_fini(&squash);
	if (e != OK)
		out->len = before;
	return e;
}

/* The next `len` bytes of the image; ERR_TAMPERED when it ends before. */
static enum err take(struct str *image, size_t len, const uint8_t **ret)
{
	if (image->len < len)
		return ERR_TAMPERED;
	*ret = (const uint8_t *)image->ptr;
	*image = str_slice(image->ptr + len, image->len - len);
	return OK;
}

static enum err take_head(struct str *image, const struct state *s)
{
	const uint8_t *at;

	TRY(take(image, MAGIC_BYTES, &at));
	if (memcmp(at, MAGIC, MAGIC_BYTES) != 0)
		return ERR_TAMPERED;
	TRY(take(image, 4, &at));
	if (little_get32(at) != VERSION)
		return ERR_VERSION;
	if (!str_starts(*image, str_slice(s->schema, s->schema_len)))
		return ERR_VERSION;
	return take(image, s->schema_len, &at);
}

static enum err take_chunk(struct str *image, struct state *s, struct table *t, uint32_t count,
			   struct squash *squash, struct buf *raw)
{
	const uint8_t *at;
	uint32_t len;

	TRY(take(image, 4, &at));
	len = little_get32(at);
	TRY(take(image, len, &at));
	buf_clear(raw);
	TRY(squash_unpack(squash, str_slice(at, len), (size_t)count * t->row_bytes, raw));
	if (raw->len != (size_t)count * t->row_bytes)
		return ERR_TAMPERED;
	for (uint32_t i = 0; i < count; i++)
		TRY(table_push(s, t, raw->ptr + (size_t)i * t->row_bytes));
	return OK;
}

static enum err take_rows(struct str *image, struct state *s, const uint8_t *rows,
			  struct squash *squash, struct buf *raw)
{
	for (unsigned i = 0; i < s->table_count; i++) {
		struct table *t = &s->tables[i];
		uint32_t left = little_get32(rows + (size_t)4 * i), count;

		for (; left > 0; left -= count) {
			count = chunk_rows(t, left);
			TRY(take_chunk(image, s, t, count, squash, raw));
		}
	}
	return image->len == 0 ? OK : ERR_TAMPERED;
}

enum err snapshot_fill(struct state *fresh, struct str image)
{
	const uint8_t *rows, *root;
	struct squash squash;
	struct digest found;
	struct buf raw;
	enum err e;

	TRY(take_head(&image, fresh));
	TRY(take(&image, (size_t)4 * fresh->table_count, &rows));
	TRY(take(&image, DIGEST_BYTES, &root));
	buf_init(&raw, CHUNK_BYTES);
	squash_init(&squash);
	e = take_rows(&image, fresh, rows, &squash, &raw);
	squash_fini(&squash);
	buf_fini(&raw);
	/*
	 * A chunk larger than it may be, or a key that comes twice, is damage, whatever the room
	 * below calls it.
	 */
	if (e == ERR_LIMIT || e == ERR_EXISTS)
		e = ERR_TAMPERED;
	TRY(e);
	found = state_root(fresh);
	if (memcmp(found.bytes, root, DIGEST_BYTES) != 0)
		return ERR_TAMPERED;
	state_begin(fresh);
	return OK;
}

enum err state_restore(struct state *s, struct str image)
{
	struct state *fresh;
	enum err e;

	TRY(table_twin(s, &fresh));
	e = snapshot_fill(fresh, image);
	if (e == OK)
		table_trade(s, fresh);
	state_close(fresh);
	return e;
}
