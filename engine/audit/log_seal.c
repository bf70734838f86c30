/*
 * log_seal: full segments into compressed form, one after the other.
 *
 *   segment/N.jsonl --lines--> frames --> seal.new, synced --read back--> in the signed tree?
 *                                                                              | yes
 *             N.jsonl removed, synced <-- names synced <-- segment/N.zst renamed
 *
 * At every point there is a whole segment under a name that readers look for. The new file is made
 * beside the folder of segments, in which nothing else may lie.
 */
#include "engine/audit/log_seal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "engine/audit/sealed.h"

#define NEW_NAME "seal.new"
/* What a dictionary is trained from: one line of so many, up to so many bytes. */
#define SAMPLE_EVERY 16
#define SAMPLE_BYTES ((size_t)4 << 20)
#define SAMPLES (LOG_SEGMENT_ENTRIES / SAMPLE_EVERY)

struct sealing {
	const struct log_place *place;
	struct checkpoint checkpoint;
	struct tiles edge;           /* the partial tiles of its tree */
	struct tiles_cache tiles;
	bool trained;                /* `dictionary` is the log's, which may be none */
	struct buf dictionary;
	struct squash packer;
	struct sealed_table table;
	struct buf raw, packed;      /* one frame */
	struct sealed result;
	uint64_t number;             /* of the segment at hand */
	int fd;                      /* of the new file, or -1 */
	struct log_seal_report report;
};

/* --- the dictionary --- */

static enum err take_samples(struct log_reader *r, struct buf *samples, size_t *sizes,
			     unsigned *count, struct note *n)
{
	struct str lines[SAMPLE_EVERY];
	size_t got;

	*count = 0;
	do {
		TRY(log_reader_batch(r, lines, SAMPLE_EVERY, &got, n));
		if (got == 0 || lines[0].len + 1 > samples->cap - samples->len)
			break;
		buf_add(samples, lines[0]);
		buf_add_byte(samples, '\n');
		sizes[(*count)++] = lines[0].len + 1;
	} while (*count < SAMPLES && samples->err == OK);
	return samples->err;
}

/* From the segment at hand. */
static enum err train(struct sealing *s, struct note *n)
{
	uint64_t first = s->number * s->place->segment_entries;
	size_t *sizes = calloc(SAMPLES, sizeof(*sizes));
	struct log_reader *r;
	struct buf samples;
	unsigned count;
	enum err e;

	if (!sizes)
		return ERR_MEMORY;
	buf_init(&samples, SAMPLE_BYTES);
	e = log_reader_open_at(s->place, first, first + s->place->segment_entries, &r, n);
	if (e == OK) {
		e = take_samples(r, &samples, sizes, &count, n);
		log_reader_close(r);
	}
	if (e == OK)
		e = squash_train(buf_view(&samples), sizes, count, LIMIT_DICTIONARY_BYTES,
				 &s->dictionary);
	buf_fini(&samples);
	free(sizes);
	return e;
}

/* A log has one dictionary: the one that its first sealed segment was packed with. */
static enum err adopt_dictionary(struct sealing *s, const char *name, struct note *n)
{
	if (s->trained)
		return OK;
	TRY(sealed_open(&s->result, s->place, name, n));
	buf_add(&s->dictionary, buf_view(&s->result.dictionary));
	sealed_close(&s->result);
	TRY(s->dictionary.err);
	s->trained = true;
	return squash_packs_with(&s->packer, buf_view(&s->dictionary));
}

static enum err need_dictionary(struct sealing *s, struct note *n)
{
	if (s->trained)
		return OK;
	TRY(train(s, n));
	s->trained = true;
	return squash_packs_with(&s->packer, buf_view(&s->dictionary));
}

/* --- writing --- */

static enum err put_frame(struct sealing *s)
{
	struct sealed_table *t = &s->table;
	uint64_t at = t->packed_at[t->frames];

	TRY(s->raw.err);
	buf_clear(&s->packed);
	TRY(squash_pack(&s->packer, buf_view(&s->raw), &s->packed));
	TRY(world_write_at(s->place->w, s->fd, at, s->packed.ptr, s->packed.len));
	t->packed_at[t->frames + 1] = at + s->packed.len;
	t->raw_at[t->frames + 1] = t->raw_at[t->frames] + s->raw.len;
	t->sums[t->frames] = sealed_sum(buf_view(&s->packed));
	t->frames++;
	buf_clear(&s->raw);
	return OK;
}

static enum err put_frames(struct sealing *s, struct log_reader *r, struct note *n)
{
	struct str lines[TILE_WIDTH];
	uint32_t line = 0;

	s->table.entries = (uint32_t)s->place->segment_entries;
	s->table.frames = 0;
	s->table.packed_at[0] = sealed_begin(s->dictionary.len,
					     sealed_frames(s->table.entries));
	s->table.raw_at[0] = 0;
	buf_clear(&s->raw);
	while (line < s->table.entries) {
		size_t count;

		TRY(log_reader_batch(r, lines, TILE_WIDTH - line % TILE_WIDTH, &count, n));
		if (count == 0) {
			log_place_entry(s->place, log_reader_index(r), n);
			return note_set(n, ERR_TAMPERED, n ? n->line : 0, 0,
					"the segment ends here, before the last signed line");
		}
		for (size_t i = 0; i < count; i++) {
			buf_add(&s->raw, lines[i]);
			buf_add_byte(&s->raw, '\n');
		}
		line += (uint32_t)count;
		if (line % TILE_WIDTH == 0 || line == s->table.entries)
			TRY(put_frame(s));
	}
	return OK;
}

static enum err put_ends(struct sealing *s)
{
	struct world *w = s->place->w;
	struct buf head, table;
	enum err e;

	buf_init(&head, (size_t)sealed_begin(LIMIT_DICTIONARY_BYTES, SEALED_FRAMES));
	buf_init(&table, SEALED_TABLE_BYTES(SEALED_FRAMES));
	sealed_ends(&s->table, buf_view(&s->dictionary), &head, &table);
	e = head.err == OK ? table.err : head.err;
	if (e == OK)
		e = world_write_at(w, s->fd, s->table.packed_at[s->table.frames], table.ptr,
				   table.len);
	if (e == OK)
		e = world_write_at(w, s->fd, 0, head.ptr, head.len);
	buf_fini(&table);
	buf_fini(&head);
	return e == OK ? world_sync(w, s->fd) : e;
}

static enum err write_new(struct sealing *s, struct note *n)
{
	uint64_t first = s->number * s->place->segment_entries;
	char path[LIMIT_PATH_BYTES];
	struct log_reader *r;
	enum err e;

	TRY(log_place_path(s->place, NEW_NAME, path));
	TRY(log_reader_open_at(s->place, first, first + s->place->segment_entries, &r, n));
	e = world_open(s->place->w, path, WORLD_CREATE, &s->fd);
	if (e == OK)
		e = world_truncate(s->place->w, s->fd, 0);
	if (e == OK)
		e = put_frames(s, r, n);
	if (e == OK)
		e = put_ends(s);
	if (s->fd >= 0)
		world_close(s->place->w, s->fd);
	s->fd = -1;
	log_reader_close(r);
	return e;
}

/* --- reading back --- */

/* The lines of a frame; false when there are not exactly `count`, each ended by a newline. */
static bool split(struct str raw, struct str *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *end = memchr(raw.ptr, '\n', raw.len);

		if (!end)
			return false;
		lines[i] = str_slice(raw.ptr, (size_t)(end - raw.ptr));
		raw = str_slice(end + 1, raw.len - lines[i].len - 1);
	}
	return raw.len == 0;
}

/*
 * Are these the signed leaves from entry `first` on? One that leads to the signed root proves all
 * of its tile, because its proof is made of the hashes beside it.
 */
static bool leaves_are_signed(struct sealing *s, uint64_t first, const struct digest *leaves,
			      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct digest stored;
		uint64_t index = first + i;

		if ((i == 0 || index % TILE_WIDTH == 0) &&
		    !tiles_cache_leads(&s->tiles, &leaves[i], index, &s->checkpoint.root))
			return false;
		if (tiles_cache_node(&s->tiles, 0, index, &stored) != OK ||
		    !digest_eq(&stored, &leaves[i]))
			return false;
	}
	return true;
}

static enum err check_frame(struct sealing *s, size_t frame, struct note *n)
{
	const struct sealed_table *t = &s->result.table;
	uint64_t line = (uint64_t)frame * TILE_WIDTH, left = t->entries - line;
	uint64_t first = s->number * s->place->segment_entries + line;
	size_t count = left < TILE_WIDTH ? (size_t)left : TILE_WIDTH;
	struct digest leaves[TILE_WIDTH];
	struct str lines[TILE_WIDTH];
	char *raw;

	buf_clear(&s->raw);
	raw = buf_grow(&s->raw, (size_t)(t->raw_at[frame + 1] - t->raw_at[frame]));
	if (!raw)
		return s->raw.err;
	TRY(sealed_frame(&s->result, frame, raw, n));
	if (split(buf_view(&s->raw), lines, count)) {
		sha256_leaves(lines, count, leaves);
		if (leaves_are_signed(s, first, leaves, count))
			return OK;
	}
	log_place_entry(s->place, first, n);
	return note_set(n, ERR_TAMPERED, n ? n->line : 0, 0,
			"the %zu entries from here on are not those that were signed, or their "
			"tiles are not: verify the log; the segment is left as it is",
			count);
}

static enum err check_new(struct sealing *s, struct note *n)
{
	enum err e;

	TRY(sealed_open(&s->result, s->place, NEW_NAME, n));
	e = s->result.table.frames == s->table.frames ? OK : ERR_TAMPERED;
	for (size_t i = 0; e == OK && i < s->table.frames; i++)
		e = check_frame(s, i, n);
	sealed_close(&s->result);
	return e;
}

/* --- putting in place --- */

static enum err put_in_place(struct sealing *s)
{
	char name[LOG_NAME_BYTES], from[LIMIT_PATH_BYTES], to[LIMIT_PATH_BYTES];
	struct world *w = s->place->w;

	TRY(log_place_path(s->place, NEW_NAME, from));
	log_place_sealed(s->number, name);
	TRY(log_place_path(s->place, name, to));
	TRY(world_rename(w, from, to));
	TRY(world_sync_parent(w, to));
	/* Names in this folder, that of the checkpoint among them: what it signs is sealed. */
	TRY(world_sync_folder(w, s->place->folder));
	log_place_segment(s->number, name);
	TRY(log_place_path(s->place, name, to));
	TRY(world_unlink(w, to));
	return world_sync_parent(w, to);
}

static enum err seal_segment(struct sealing *s, struct note *n)
{
	TRY(need_dictionary(s, n));
	TRY(write_new(s, n));
	TRY(check_new(s, n));
	TRY(put_in_place(s));
	s->report.sealed++;
	s->report.raw_bytes += s->table.raw_at[s->table.frames];
	s->report.packed_bytes += s->table.packed_at[s->table.frames] +
				  SEALED_TABLE_BYTES(s->table.frames);
	return OK;
}

/* A new file that came to nothing. */
static void drop_new(const struct log_place *p)
{
	char path[LIMIT_PATH_BYTES];
	enum err ignored;

	if (log_place_path(p, NEW_NAME, path) != OK)
		return;
	ignored = world_unlink(p->w, path);
	(void)ignored;
}

static enum err seal_all(struct sealing *s, struct note *n)
{
	uint64_t full = s->checkpoint.size / s->place->segment_entries;
	enum err e = OK;

	for (s->number = 0; e == OK && s->number < full; s->number++) {
		char name[LOG_NAME_BYTES], plain[LOG_NAME_BYTES];

		segment_name(s->place, s->number, name);
		log_place_segment(s->number, plain);
		if (strcmp(name, plain) == 0) {
			e = seal_segment(s, n);
		} else {
			e = adopt_dictionary(s, name, n);
			s->report.before++;
		}
	}
	if (e != OK)
		drop_new(s->place);
	return e;
}

/*
 * The checkpoint, and the partial tiles of its tree before a writer that publishes the next one
 * removes them. One that is gone although the checkpoint is the same as before is missed where it
 * is needed.
 */
static enum err read_signed(struct sealing *s, const struct note_key *keys, size_t key_count,
			    struct arena *a, struct note *n)
{
	struct checkpoint *now = &s->checkpoint;
	struct arena_mark empty = arena_mark(a);
	uint64_t size = 0;

	for (unsigned round = 0; round < LOG_PUBLISH_ROUNDS; round++) {
		struct str text;
		enum err e;

		arena_rewind(a, empty);
		TRY(log_checkpoint_at(s->place, keys, key_count, a, &text, now, n));
		tiles_cache_init(&s->tiles, s->place, now->size);
		if (round > 0 && now->size == size)
			return OK;
		size = now->size;
		e = tiles_load(s->place, size, &s->edge);
		if (e == OK)
			tiles_cache_edge(&s->tiles, &s->edge);
		if (e != ERR_NOT_FOUND)
			return e == ERR_TAMPERED ? OK : e;
	}
	return note_set(n, ERR_LOCKED, 0, 0,
			"a writer publishes faster than its tiles can be read; try again");
}

static void sealing_init(struct sealing *s, const struct log_place *p)
{
	*s = (struct sealing){ .place = p, .fd = -1 };
	buf_init(&s->dictionary, LIMIT_DICTIONARY_BYTES);
	buf_init(&s->raw, SEALED_FRAME_BYTES);
	buf_init(&s->packed, 2 * SEALED_FRAME_BYTES);
	squash_init(&s->packer);
	sealed_init(&s->result, p->w);
}

static void sealing_fini(struct sealing *s)
{
	sealed_fini(&s->result);
	squash_fini(&s->packer);
	buf_fini(&s->packed);
	buf_fini(&s->raw);
	buf_fini(&s->dictionary);
}

enum err log_seal_at(const struct log_place *p, const struct note_key *keys, size_t key_count,
		     struct log_seal_report *ret, struct note *n)
{
	struct sealing *s = malloc(sizeof(*s));
	struct arena a;
	enum err e;
	int lock;

	if (!s)
		return ERR_MEMORY;
	e = log_place_lock(p, LOG_UPKEEP, &lock);
	if (e != OK) {
		free(s);
		return e == ERR_LOCKED ? note_set(n, e, 0, 0,
						  "another process seals or publishes this log")
				       : e;
	}
	sealing_init(s, p);
	arena_init(&a, LOG_CHECKPOINT_ARENA);
	e = read_signed(s, keys, key_count, &a, n);
	if (e == OK)
		e = seal_all(s, n);
	if (e == OK)
		*ret = s->report;
	arena_fini(&a);
	sealing_fini(s);
	world_close(p->w, lock);
	free(s);
	return e;
}

enum err log_seal(struct world *w, const char *folder, const struct note_key *keys,
		  size_t key_count, struct log_seal_report *ret, struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_told(&p, log_seal_at(&p, keys, key_count, ret, n), n);
}
