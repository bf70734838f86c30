/*
 * sealed: reading a sealed segment, and the two ends of one that is written.
 *
 *   head    magic, length | "TRMSEAL2" | entries | dictionary bytes | SHA-256
 *           dictionary | the sum of each frame
 *   table   magic, length | packed bytes, raw bytes of each frame | frames, 0, magic
 *
 * The SHA-256 covers everything but the frames. These have their sums, for damage may hit a bit
 * that means nothing to zstd; and what is in them has the tree.
 */
#include "engine/audit/sealed.h"

#include <inttypes.h>

#include "engine/base/little.h"
#include "engine/base/sum.h"

#define HEAD_MAGIC 0x184D2A50u
#define TABLE_MAGIC 0x184D2A5Eu
#define FOOT_MAGIC 0x8F92EAB1u
#define NAME "TRMSEAL2"
#define SKIPPABLE_BYTES 8            /* magic and length of a skippable frame */
#define FOOT_BYTES 9
#define COVERED_BYTES 24             /* of the head, by its digest */
/* A frame is at most this much longer than its lines. */
#define FRAME_SLACK (64u << 10)

_Static_assert(COVERED_BYTES + DIGEST_BYTES == SEALED_HEAD_BYTES, "the digest ends the head");

void sealed_init(struct sealed *s, struct world *w)
{
	s->w = w;
	s->fd = -1;
	squash_init(&s->squash);
	buf_init(&s->dictionary, LIMIT_DICTIONARY_BYTES);
	buf_init(&s->packed, SEALED_FRAME_BYTES + FRAME_SLACK);
}

void sealed_close(struct sealed *s)
{
	if (s->fd >= 0)
		world_close(s->w, s->fd);
	s->fd = -1;
}

void sealed_fini(struct sealed *s)
{
	sealed_close(s);
	squash_fini(&s->squash);
	buf_fini(&s->dictionary);
	buf_fini(&s->packed);
}

size_t sealed_frames(uint64_t entries)
{
	return (size_t)((entries + TILE_WIDTH - 1) / TILE_WIDTH);
}

uint64_t sealed_begin(size_t dictionary_bytes, size_t frames)
{
	return SEALED_HEAD_BYTES + dictionary_bytes + SEALED_SUMS_BYTES(frames);
}

uint64_t sealed_sum(struct str packed)
{
	return sum64(packed.len, packed.ptr, packed.len);
}

/* `head` goes up to the first frame. */
static struct digest digest_of(struct str head, struct str table)
{
	struct digest d;
	struct sha256 sum;

	sha256_init(&sum);
	sha256_add(&sum, head.ptr, COVERED_BYTES);
	sha256_add(&sum, head.ptr + SEALED_HEAD_BYTES, head.len - SEALED_HEAD_BYTES);
	sha256_add(&sum, table.ptr, table.len);
	sha256_done(&sum, &d);
	return d;
}

/* --- writing --- */

static void write_table(const struct sealed_table *t, unsigned char *at)
{
	little_put32(at, TABLE_MAGIC);
	little_put32(at + 4, (uint32_t)(SEALED_TABLE_BYTES(t->frames) - SKIPPABLE_BYTES));
	at += SKIPPABLE_BYTES;
	for (size_t i = 0; i < t->frames; i++, at += 8) {
		little_put32(at, (uint32_t)(t->packed_at[i + 1] - t->packed_at[i]));
		little_put32(at + 4, (uint32_t)(t->raw_at[i + 1] - t->raw_at[i]));
	}
	little_put32(at, (uint32_t)t->frames);
	at[4] = 0;
	little_put32(at + 5, FOOT_MAGIC);
}

static void write_head(const struct sealed_table *t, struct str dictionary, unsigned char *head)
{
	little_put32(head, HEAD_MAGIC);
	little_put32(head + 4,
		     (uint32_t)(sealed_begin(dictionary.len, t->frames) - SKIPPABLE_BYTES));
	memcpy(head + 8, NAME, 8);
	little_put32(head + 16, t->entries);
	little_put32(head + 20, (uint32_t)dictionary.len);
	head += SEALED_HEAD_BYTES;
	if (dictionary.len > 0)
		memcpy(head, dictionary.ptr, dictionary.len);
	for (size_t i = 0; i < t->frames; i++)
		little_put64(head + dictionary.len + 8 * i, t->sums[i]);
}

void sealed_ends(const struct sealed_table *t, struct str dictionary, struct buf *head,
		 struct buf *table)
{
	char *first = buf_grow(head, (size_t)sealed_begin(dictionary.len, t->frames));
	char *last = buf_grow(table, SEALED_TABLE_BYTES(t->frames));
	struct digest d;

	if (!first || !last)
		return;
	write_head(t, dictionary, (unsigned char *)first);
	write_table(t, (unsigned char *)last);
	d = digest_of(buf_view(head), buf_view(table));
	memcpy(first + COVERED_BYTES, d.bytes, sizeof(d.bytes));
}

/* --- reading --- */

static enum err bad(struct note *n, const char *what)
{
	return note_set(n, ERR_TAMPERED, 0, 0,
			"this is not a sealed segment as trammel writes it: %s", what);
}

/* What the table says, when it is of one piece and no frame is larger than one can be. */
static enum err read_table(const unsigned char *at, uint64_t file_bytes, struct sealed_table *t,
			   struct note *n)
{
	size_t bytes = SEALED_TABLE_BYTES(t->frames);

	if (little_get32(at) != TABLE_MAGIC || little_get32(at + 4) != bytes - SKIPPABLE_BYTES)
		return bad(n, "its table does not begin where it should");
	if (little_get32(at + bytes - FOOT_BYTES) != t->frames || at[bytes - 5] != 0 ||
	    little_get32(at + bytes - 4) != FOOT_MAGIC)
		return bad(n, "its table does not end as it should");
	at += SKIPPABLE_BYTES;
	t->raw_at[0] = 0;
	for (size_t i = 0; i < t->frames; i++, at += 8) {
		uint32_t packed = little_get32(at), raw = little_get32(at + 4);

		if (raw == 0 || raw > SEALED_FRAME_BYTES || packed == 0 ||
		    packed > raw + FRAME_SLACK)
			return bad(n, "its table has a frame of a size that cannot be");
		t->packed_at[i + 1] = t->packed_at[i] + packed;
		t->raw_at[i + 1] = t->raw_at[i] + raw;
	}
	if (t->packed_at[t->frames] + bytes != file_bytes)
		return bad(n, "its frames do not end where its table begins");
	return OK;
}

/* The dictionary of the segment that was read before may be this one, as it is within one log. */
static enum err take_dictionary(struct sealed *s, struct str found)
{
	if (s->squash.unpacker && str_eq(buf_view(&s->dictionary), found))
		return OK;
	buf_clear(&s->dictionary);
	TRY(squash_unpacks_with(&s->squash, found));
	buf_add(&s->dictionary, found);
	return s->dictionary.err;
}

static enum err read_ends(struct sealed *s, uint64_t file_bytes, unsigned char *head,
			  struct note *n)
{
	unsigned char table[SEALED_TABLE_BYTES(SEALED_FRAMES)];
	size_t table_bytes = SEALED_TABLE_BYTES(s->table.frames), dictionary, begin;
	struct digest d;
	enum err e;

	TRY(world_read_exact(s->w, s->fd, 0, head, SEALED_HEAD_BYTES));
	dictionary = little_get32(head + 20);
	begin = (size_t)sealed_begin(dictionary, s->table.frames);
	if (little_get32(head) != HEAD_MAGIC || memcmp(head + 8, NAME, 8) != 0)
		return bad(n, "it does not begin as it should");
	if (little_get32(head + 16) != s->table.entries)
		return bad(n, "it says that it has another number of entries than a segment");
	if (dictionary > LIMIT_DICTIONARY_BYTES ||
	    little_get32(head + 4) != begin - SKIPPABLE_BYTES ||
	    begin + table_bytes > file_bytes)
		return bad(n, "its dictionary has a length that cannot be");
	s->table.packed_at[0] = begin;
	TRY(world_read_exact(s->w, s->fd, SEALED_HEAD_BYTES, head + SEALED_HEAD_BYTES,
			     begin - SEALED_HEAD_BYTES));
	TRY(world_read_exact(s->w, s->fd, file_bytes - table_bytes, table, table_bytes));
	d = digest_of(str_slice(head, begin), str_slice(table, table_bytes));
	if (memcmp(d.bytes, head + COVERED_BYTES, sizeof(d.bytes)) != 0)
		return bad(n, "what is not in its frames does not have the digest in its head");
	TRY(read_table(table, file_bytes, &s->table, n));
	for (size_t i = 0; i < s->table.frames; i++)
		s->table.sums[i] = little_get64(head + SEALED_HEAD_BYTES + dictionary + 8 * i);
	e = take_dictionary(s, str_slice(head + SEALED_HEAD_BYTES, dictionary));
	return e == ERR_TAMPERED ? bad(n, "its dictionary is none") : e;
}

static enum err open_file(struct sealed *s, const struct log_place *p, struct note *n)
{
	uint64_t file_bytes;
	struct buf head;
	enum err e;

	s->table.entries = (uint32_t)p->segment_entries;
	s->table.frames = sealed_frames(p->segment_entries);
	TRY(world_size(s->w, s->fd, &file_bytes));
	if (file_bytes < sealed_begin(0, s->table.frames) + SEALED_TABLE_BYTES(s->table.frames))
		return bad(n, "it is too short");
	buf_init(&head, (size_t)sealed_begin(LIMIT_DICTIONARY_BYTES, SEALED_FRAMES));
	if (buf_grow(&head, head.cap))
		e = read_ends(s, file_bytes, (unsigned char *)head.ptr, n);
	else
		e = head.err;
	buf_fini(&head);
	return e;
}

enum err sealed_open(struct sealed *s, const struct log_place *p, const char *name, struct note *n)
{
	enum err e;

	MUST(s->fd < 0 && p->segment_entries <= LOG_SEGMENT_ENTRIES);
	TRY(log_place_open(p, name, &s->fd, n));
	e = open_file(s, p, n);
	if (e == OK)
		return OK;
	if (e != ERR_TAMPERED)
		(void)note_set(n, e, 0, 0, "%s", err_text(e));
	note_file(n, name);
	sealed_close(s);
	return e;
}

enum err sealed_frame(struct sealed *s, size_t frame, void *raw, struct note *n)
{
	const struct sealed_table *t = &s->table;
	size_t packed_bytes, raw_bytes;
	char *packed;
	enum err e;

	MUST(frame < t->frames);
	packed_bytes = (size_t)(t->packed_at[frame + 1] - t->packed_at[frame]);
	raw_bytes = (size_t)(t->raw_at[frame + 1] - t->raw_at[frame]);
	buf_clear(&s->packed);
	packed = buf_grow(&s->packed, packed_bytes);
	if (!packed)
		return s->packed.err;
	TRY(world_read_exact(s->w, s->fd, t->packed_at[frame], packed, packed_bytes));
	if (sealed_sum(str_slice(packed, packed_bytes)) == t->sums[frame])
		e = squash_unpack_at(&s->squash, str_slice(packed, packed_bytes), raw, raw_bytes);
	else
		e = ERR_TAMPERED;
	if (e == ERR_TAMPERED)
		(void)note_set(n, e, 0, 0,
			       "frame %zu, of lines %zu and following, is damaged or was packed "
			       "with another dictionary",
			       frame, frame * TILE_WIDTH + 1);
	return e;
}
