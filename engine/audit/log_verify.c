/*
 * log_verify: everything recomputed from the segments, in one pass and bounded memory.
 *
 *   segments --lines--> glance: canonical, of this origin, in sequence
 *                 \---> leaves --> tree --> each tile as it fills == the stored one?
 *                                    \----> root == the signed one?
 *
 * The root alone only tells that something is wrong. What is wrong follows from who agrees with
 * whom: the stored tiles are a second account of every leaf, and a leaf hash in them is trusted
 * when its inclusion proof leads to the signed root.
 *
 *   lines lead to     a line, its tile   the tile leads to    verdict
 *   the signed root   disagree                                the tile was changed
 *   another root      disagree           the signed root      that entry was changed
 *   another root      disagree           another root         that entry and its tile were changed
 *   another root      all agree                               all was rewritten without the key
 *
 * The first bad line wins over what follows it; a mismatch with a trusted tile wins over a bad line
 * behind it.
 */
#include "engine/audit/inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/audit/entry.h"

#define NONE UINT64_MAX

/* A tile as it was read: `err` and its story when it was not. */
struct read_tile {
	enum err err;
	struct note story;
	struct digest hashes[TILE_WIDTH];
};

struct check {
	const struct log_place *place;
	struct str origin;
	const struct log_demand *demand;
	struct succession keys;
	uint64_t turns, stray;       /* rotations met, the first one that is not listed, or NONE */
	bool other_head;             /* the entries under the known head have another root */
	struct log_report report;
	struct log_reader *reader;
	struct tiles tree;
	uint64_t bad_leaf;           /* the first entry whose hash differs from its tile, or NONE */
	uint64_t bad_line;           /* the first entry that is no proper line, or NONE */
	bool zeroed;                 /* there are zero bytes in that line */
	enum err tile_err;           /* why the first bad tile is bad, and its story */
	struct note tile_story, line_story;
	struct read_tile edge[TILE_LEVELS], stored;
	struct tiles_cache cache;
};

/* --- tiles --- */

static void remember_tile(struct check *c, enum err e, const struct note *story)
{
	if (c->tile_err != OK)
		return;
	c->tile_err = e == ERR_NOT_FOUND ? ERR_TAMPERED : e;
	c->tile_story = *story;
}

/* Only failures of the machine are returned; what is wrong with the tile is kept beside it. */
static enum err read_tile(struct check *c, unsigned level, uint64_t index, unsigned width,
			  struct read_tile *ret)
{
	ret->story = (struct note){ 0 };
	ret->err = tiles_read(c->place, level, index, width, ret->hashes, &ret->story);
	if (ret->err == ERR_NOT_FOUND)
		(void)note_set(&ret->story, ret->err, 0, 0,
			       "the tile is missing; tiles are derived: remove the folder \"tile\" "
			       "and open the log for writing, and all are made again from the "
			       "segments");
	return ret->err == ERR_MEMORY || err_exit(ret->err) == err_exit(ERR_IO) ? ret->err : OK;
}

/* Compare the first `count` hashes of a computed tile with the stored one, of `width` hashes. */
static void compare(struct check *c, unsigned level, uint64_t index, unsigned width, unsigned count,
		    const struct digest *hashes, const struct read_tile *stored)
{
	struct note story = { 0 };
	char name[LOG_NAME_BYTES];

	if (stored->err != OK) {
		remember_tile(c, stored->err, &stored->story);
		return;
	}
	c->report.tiles++;
	for (unsigned i = 0; i < count; i++) {
		if (digest_eq(&stored->hashes[i], &hashes[i]))
			continue;
		if (level == 0 && c->bad_leaf == NONE)
			c->bad_leaf = index * TILE_WIDTH + i;
		tiles_name(level, index, width, name);
		(void)note_set(&story, ERR_TAMPERED, 0, 0,
			       "hash %u of this tile is not that of the entries below it", i);
		note_file(&story, name);
		remember_tile(c, ERR_TAMPERED, &story);
		break;
	}
}

static enum err compare_full(void *self, unsigned level, uint64_t index,
			     const struct digest *hashes)
{
	struct check *c = self;

	TRY(read_tile(c, level, index, TILE_WIDTH, &c->stored));
	compare(c, level, index, TILE_WIDTH, TILE_WIDTH, hashes, &c->stored);
	return OK;
}

/*
 * The partial tiles of the signed tree. They are read at once with the checkpoint: a writer that
 * publishes the next one removes them.
 */
static enum err read_edge(struct check *c)
{
	uint64_t size = c->report.checkpoint.size;

	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = tiles_width(size, level);

		if (width)
			TRY(read_tile(c, level, tiles_index(size, level), width, &c->edge[level]));
	}
	return OK;
}

static bool edge_is_missing(const struct check *c)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++)
		if (tiles_width(c->report.checkpoint.size, level) &&
		    c->edge[level].err == ERR_NOT_FOUND)
			return true;
	return false;
}

/* When all of the signed entries are in the tree. */
static void compare_edge(struct check *c)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = tiles_width(c->tree.size, level);

		if (width)
			compare(c, level, tiles_index(c->tree.size, level), width, width,
				c->tree.rows[level], &c->edge[level]);
	}
}

/* The lines ended early: were those since the last full tile what they should be? */
static enum err compare_rest(struct check *c)
{
	uint64_t index = tiles_index(c->tree.size, 0), signed_size = c->report.checkpoint.size;
	unsigned count = tiles_width(c->tree.size, 0);
	bool edge = index == tiles_index(signed_size, 0);

	if (count == 0)
		return OK;
	if (!edge)
		TRY(read_tile(c, 0, index, TILE_WIDTH, &c->stored));
	compare(c, 0, index, edge ? tiles_width(signed_size, 0) : TILE_WIDTH, count,
		c->tree.rows[0], edge ? &c->edge[0] : &c->stored);
	return OK;
}

/* Does the stored hash of this entry lead, by stored tiles only, to the signed root? */
static bool tile_is_signed(struct check *c, uint64_t index)
{
	const struct checkpoint *cp = &c->report.checkpoint;
	struct digest leaf;

	tiles_cache_init(&c->cache, c->place, cp->size);
	return tiles_cache_node(&c->cache, 0, index, &leaf) == OK &&
	       tiles_cache_leads(&c->cache, &leaf, index, &cp->root);
}

/* --- lines --- */

static enum err entry_story(const struct check *c, uint64_t index, struct note *n, const char *what)
{
	struct note place = { 0 };
	enum err e;

	log_place_entry(c->place, index, &place);
	e = note_set(n, ERR_TAMPERED, place.line, 0, "entry %" PRIu64 ": %s", index, what);
	note_file(n, place.file);
	return e;
}

/*
 * The log's list of its rotations must be what the entries say. Behind the checkpoint there is none
 * yet: one that is not signed brought no key.
 */
static void note_turn(struct check *c, uint64_t index, struct str line)
{
	struct digest leaf = sha256_prefixed(0, line);

	if (index >= c->report.checkpoint.size)
		return;
	c->turns++;
	if (c->stray == NONE && !succession_has(&c->keys, index, &leaf))
		c->stray = index;
}

/* Is this the line of entry `index`? Otherwise the story says what it is instead. */
static bool line_ok(struct check *c, uint64_t index, struct str line)
{
	struct note why = { 0 };
	char what[NOTE_TEXT_BYTES];
	struct glance seen;
	enum err e = entry_glance(line, &seen, &why);

	if (e != OK && why.column)
		(void)snprintf(what, sizeof(what), "not a canonical entry: %.400s, column %" PRIu32,
			       why.text, why.column);
	else if (e != OK)
		(void)snprintf(what, sizeof(what), "not a canonical entry: %.400s",
			       why.text[0] ? why.text : err_text(e));
	else if (!str_eq(seen.log, c->origin))
		(void)snprintf(what, sizeof(what), "it belongs to another log, %.*s",
			       STR_ARG(seen.log));
	else if (seen.seq < index)
		(void)snprintf(what, sizeof(what),
			       "its number is %" PRIu64
			       ": it repeats or was moved behind that entry",
			       seen.seq);
	else if (seen.seq > index)
		(void)snprintf(what, sizeof(what),
			       "its number is %" PRIu64 ": entries before it were removed or moved",
			       seen.seq);
	else {
		if (seen.turn)
			note_turn(c, index, line);
		c->report.actions += seen.action;
		c->report.allowed += seen.action && seen.allowed;
		c->report.denied += seen.action && !seen.allowed;
		c->report.refused += seen.refusal;
		return true;
	}
	c->bad_line = index;
	c->zeroed = memchr(line.ptr, 0, line.len);
	(void)entry_story(c, index, &c->line_story, what);
	return false;
}

/* Have the reader stand behind the entries in the tree. */
static enum err stand(struct check *c, struct note *n)
{
	if (c->reader && log_reader_index(c->reader) == c->tree.size)
		return OK;
	log_reader_close(c->reader);
	c->reader = NULL;
	return log_reader_open_at(c->place, c->tree.size, UINT64_MAX, &c->reader, n);
}

/* Read up to entry `end` or the first bad line, whichever comes first. */
static enum err read_lines(struct check *c, uint64_t end, bool into_tree, struct note *n)
{
	struct str lines[TILE_WIDTH];
	struct digest leaves[TILE_WIDTH];
	uint64_t index;

	TRY(stand(c, n));
	index = log_reader_index(c->reader);
	while (index < end && c->bad_line == NONE) {
		uint64_t left = end - index;
		size_t count, good = 0;

		TRY(log_reader_batch(c->reader, lines,
				     left < TILE_WIDTH ? (size_t)left : TILE_WIDTH, &count, n));
		if (count == 0)
			break;
		while (good < count && line_ok(c, index + good, lines[good]))
			c->report.bytes += lines[good++].len + 1;
		index += good;
		if (!into_tree)
			continue;
		sha256_leaves(lines, good, leaves);
		for (size_t i = 0; i < good; i++)
			TRY(tiles_add(&c->tree, &leaves[i], compare_full, c));
	}
	return OK;
}

/* A segment that is as it should be goes into the tree by the roots of its tiles. */
static enum err add_sum(struct check *c, const struct log_sum *s)
{
	c->report.bytes += s->bytes;
	c->report.actions += s->actions;
	c->report.allowed += s->allowed;
	c->report.denied += s->actions - s->allowed;
	c->report.refused += s->refused;
	c->report.tiles += s->tiles;
	c->turns += s->turns;
	for (size_t i = 0; i < s->tiles; i++)
		TRY(tiles_add_tile(&c->tree, &s->roots[i], compare_full, c));
	return OK;
}

/* Whole segments up to entry `end`, or to the first one that is not as it should be. */
static enum err read_segments(struct check *c, uint64_t end)
{
	uint64_t entries = c->place->segment_entries, first = c->tree.size / entries;
	const struct log_sum *sum;
	struct log_ahead *ahead;
	enum err e = OK;

	if (entries % TILE_WIDTH != 0 || end / entries < first + 2)
		return OK;
	TRY(log_ahead_open(c->place, c->origin, &c->keys, first, end / entries, &ahead));
	while (e == OK && (sum = log_ahead_next(ahead)) && sum->good)
		e = add_sum(c, sum);
	log_ahead_close(ahead);
	return e;
}

/* Take the entries before `end` into the tree, as far as they are as they should be. */
static enum err read_entries(struct check *c, uint64_t end, struct note *n)
{
	uint64_t entries = c->place->segment_entries;
	uint64_t turn = (c->tree.size + entries - 1) / entries * entries;

	TRY(read_lines(c, turn < end ? turn : end, true, n));
	if (c->tree.size == turn)
		TRY(read_segments(c, end));
	return read_lines(c, end, true, n);
}

/* --- judging --- */

static enum err cut_story(const struct check *c, struct note *n)
{
	uint64_t found = c->tree.size, size = c->report.checkpoint.size;
	char name[LOG_NAME_BYTES];
	enum world_kind kind;

	segment_name(c->place, found / c->place->segment_entries, name);
	if (log_place_kind(c->place, name, &kind) == OK && kind == WORLD_NOTHING)
		(void)note_set(n, ERR_TAMPERED, 0, 0,
			       "the %s is missing: the checkpoint signs %" PRIu64
			       " entries, %" PRIu64 " are there",
			       c->place->published ? "bundle" : "segment", size, found);
	else
		(void)note_set(
			n, ERR_TAMPERED, (uint32_t)(found % c->place->segment_entries) + 1, 0,
			"the segment was cut: the checkpoint signs %" PRIu64
			" entries, whole lines end after %" PRIu64,
			size, found);
	note_file(n, name);
	return ERR_TAMPERED;
}

static enum err tile_story(const struct check *c, struct note *n)
{
	if (n)
		*n = c->tile_story;
	return c->tile_err;
}

/* Lines, tiles and checkpoint have had their say; see the table at the top. */
static enum err judge(struct check *c, struct note *n)
{
	const struct checkpoint *cp = &c->report.checkpoint;

	if (c->bad_leaf != NONE && tile_is_signed(c, c->bad_leaf))
		return entry_story(c, c->bad_leaf, n,
				   "it was changed after it was signed: its hash is not the one in "
				   "the signed tree");
	if (c->bad_line != NONE) {
		if (n)
			*n = c->line_story;
		return ERR_TAMPERED;
	}
	if (c->tree.size < cp->size)
		return cut_story(c, n);
	if (digest_eq(&c->report.root, &cp->root))
		return c->tile_err != OK ? tile_story(c, n) : OK;
	if (c->bad_leaf != NONE)
		return entry_story(c, c->bad_leaf, n,
				   "it does not agree with its tile, nor the tile with the signed "
				   "root: both were changed");
	if (c->tile_err != OK)
		return tile_story(c, n);
	(void)note_set(n, ERR_TAMPERED, 0, 0,
		       "entries and tiles agree with each other, but not with the signed root: "
		       "all of them were rewritten, or the checkpoint is another's");
	note_file(n, "checkpoint");
	return ERR_TAMPERED;
}

/* The log may have grown since the head was signed, and nothing else. */
static enum err check_head(struct check *c, struct note *n)
{
	const struct checkpoint *head = c->demand->head;
	struct digest root;

	if (!head)
		return OK;
	if (head->size > c->report.checkpoint.size) {
		note_file(n, "checkpoint");
		return note_set(n, ERR_TAMPERED, 0, 0,
				"it signs %" PRIu64 " entries, and the known head signs %" PRIu64
				": the log was cut or set back, or this is an older copy",
				c->report.checkpoint.size, head->size);
	}
	TRY(read_entries(c, head->size, n));
	tiles_root(&c->tree, &root);
	c->other_head = c->tree.size == head->size && !digest_eq(&root, &head->root);
	return OK;
}

static enum err head_story(const struct check *c, struct note *n)
{
	note_file(n, "checkpoint");
	return note_set(n, ERR_TAMPERED, 0, 0,
			"the first %" PRIu64
			" entries are not those that the known head signs: the log was rewritten, "
			"and signed anew",
			c->demand->head->size);
}

/* All is as it was signed; but by the keys that the entries say? */
static enum err check_turns(struct check *c, struct note *n)
{
	size_t listed = succession_under(&c->keys, c->report.checkpoint.size);

	if (c->stray == NONE && c->turns == listed)
		return OK;
	note_file(n, SUCCESSION_FILE);
	if (c->stray != NONE)
		return note_set(n, ERR_TAMPERED, 0, 0,
				"entry %" PRIu64 " is a rotation of the log's key, and is not "
				"listed here as it stands there", c->stray);
	return note_set(n, ERR_TAMPERED, 0, 0,
			"%zu rotations of the log's key are listed, and its entries have %" PRIu64,
			listed, c->turns);
}

static enum err check_signed(struct check *c, struct note *n)
{
	TRY(check_head(c, n));
	TRY(read_entries(c, c->report.checkpoint.size, n));
	if (c->tree.size == c->report.checkpoint.size)
		compare_edge(c);
	else
		TRY(compare_rest(c));
	tiles_root(&c->tree, &c->report.root);
	TRY(judge(c, n));
	TRY(check_turns(c, n));
	return c->other_head ? head_story(c, n) : OK;
}

/*
 * What follows the checkpoint proves nothing yet, but it must at least be entries; or what is left
 * of one that was written into room when the power went.
 */
static enum err check_tail(struct check *c, struct note *n)
{
	TRY(read_lines(c, UINT64_MAX, false, n));
	if (c->bad_line != NONE && !c->zeroed) {
		if (n)
			*n = c->line_story;
		return ERR_TAMPERED;
	}
	c->report.entries = c->zeroed ? c->bad_line : log_reader_index(c->reader);
	c->report.tail_entries = c->report.entries - c->report.checkpoint.size;
	c->report.torn = c->zeroed || log_reader_torn(c->reader);
	return OK;
}

/*
 * Nothing but segments may lie in their folder. Those behind the one where the lines end are, like
 * a torn line, what a crash can leave: the end of one segment was lost, the next was not.
 */
static enum err check_names(struct check *c, struct note *n)
{
	uint64_t last, offset, number, counted = NONE;
	bool sealed;
	char path[LIMIT_PATH_BYTES];
	struct str *names;
	struct arena a;
	size_t count;
	enum err e;

	log_reader_spot(c->reader, &last, &offset);
	TRY(log_place_path(c->place, "segment", path));
	arena_init(&a, LIMIT_FOLDER_BYTES);
	e = world_list(c->place->w, path, &a, &names, &count);
	for (size_t i = 0; e == OK && i < count; i++) {
		if (!log_place_segment_number(names[i], &number, &sealed)) {
			e = note_set(n, ERR_TAMPERED, 0, 0,
				     "this file does not belong here: it is no segment");
			if (world_join(path, sizeof(path), "segment", names[i].ptr) == OK)
				note_file(n, path);
		} else if (number <= last) {
			c->report.segments += number != counted;
			counted = number;
		} else {
			c->report.torn = true;
		}
	}
	arena_fini(&a);
	return e;
}

static enum err check_all(struct check *c, struct note *n)
{
	struct log_report *r = &c->report;

	TRY(check_signed(c, n));
	TRY(check_tail(c, n));
	if (c->place->published) {
		r->segments = (r->entries + TILE_WIDTH - 1) / TILE_WIDTH;
		return OK;
	}
	TRY(check_names(c, n));
	if (r->tail_entries == 0 && !r->torn)
		return OK;
	return note_set(
		n, ERR_UNSIGNED, 0, 0,
		"the signed %" PRIu64 " entries are as they were; %" PRIu64 " more%s follow "
		"the checkpoint; the next writer judges and signs them",
		r->checkpoint.size, r->tail_entries, r->torn ? " and bytes that are no entry" : "");
}

/* The folders of a level's tiles, or of the bundles: whole tiles, and the one on the edge. */
static enum err check_ways(const struct log_place *p, const char *folder, uint64_t size,
			   unsigned level, struct note *n)
{
	uint64_t edge = tiles_index(size, level);
	char name[LOG_NAME_BYTES];

	for (uint64_t i = 0; i < edge; i += TILE_GROUP) {
		tiles_name_in(folder, i, TILE_WIDTH, name);
		TRY(log_place_way(p, name, n));
	}
	if (tiles_width(size, level) == 0)
		return OK;
	tiles_name_in(folder, edge, tiles_width(size, level), name);
	return log_place_way(p, name, n);
}

/* The folders that hold the evidence are folders, not links to somewhere else. */
static enum err check_folders(const struct log_place *p, struct note *n)
{
	static const char *const names[] = { "tile", "segment" };
	size_t count = p->published ? p->size > 0 : 2;

	for (size_t i = 0; i < count; i++) {
		enum world_kind kind;

		TRY(log_place_kind(p, names[i], &kind));
		if (kind != WORLD_FOLDER) {
			note_file(n, names[i]);
			return note_set(n, ERR_TAMPERED, 0, 0, "the folder is %s",
					kind == WORLD_NOTHING
						? "missing"
						: "gone: something else was put in its place");
		}
	}
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		const char folder[] = { (char)('0' + level), '\0' };

		TRY(check_ways(p, folder, p->size, level, n));
	}
	return p->published ? check_ways(p, "entries", p->size, 0, n) : OK;
}

/*
 * The checkpoint by the keys that the list of rotations leads to. When a writer hands the log over
 * in between, the list is longer afterwards.
 */
static enum err read_checkpoint(struct check *c, const struct note_key *keys, size_t key_count,
				struct arena *a, struct str *text, bool *moved, struct note *n)
{
	struct note said = { .text = "" };
	struct succession after;
	enum err e;

	TRY(log_succession_at(c->place, keys, key_count, a, &c->keys, n));
	e = log_checkpoint_by(c->place, &c->keys, a, text, &c->report.checkpoint, &said);
	TRY(log_succession_at(c->place, keys, key_count, a, &after, n));
	if (n)
		*n = said;
	*moved = succession_under(&after, UINT64_MAX) != succession_under(&c->keys, UINT64_MAX);
	return *moved ? OK : e;
}

/*
 * The checkpoint and the partial tiles that go with it. When one of these is gone, a writer may
 * have published in between: then there is another checkpoint.
 */
static enum err read_signed(struct check *c, const struct note_key *keys, size_t key_count,
			    struct arena *a, struct str *text, struct note *n)
{
	struct arena_mark empty = arena_mark(a);
	uint64_t size = UINT64_MAX;

	for (unsigned round = 0; round < LOG_PUBLISH_ROUNDS; round++) {
		bool moved;

		arena_rewind(a, empty);
		TRY(read_checkpoint(c, keys, key_count, a, text, &moved, n));
		if (moved)
			continue;
		if (c->report.checkpoint.size == size)
			return OK;
		size = c->report.checkpoint.size;
		TRY(read_edge(c));
		if (!edge_is_missing(c))
			return OK;
	}
	return note_set(n, ERR_LOCKED, 0, 0,
			"a writer publishes faster than its tiles can be read; try again");
}

enum err log_check_quorum(struct str note, const struct log_demand *d, size_t *ret, struct note *n)
{
	size_t cosigned = 0;

	for (size_t i = 0; i < d->witness_count; i++) {
		struct str text;
		enum err e = note_open(note, &d->witnesses[i], 1, &text);

		cosigned += e == OK;
		if (e != OK && e != ERR_UNKNOWN)
			return note_set(n, e, 0, 0, "the cosignature of %.*s does not verify",
					STR_ARG(d->witnesses[i].name));
	}
	if (cosigned < d->quorum)
		return note_set(n, ERR_DENIED, 0, 0,
				"cosigned by %zu of %zu witnesses, and %zu are demanded; ask them "
				"with the request that log head writes",
				cosigned, d->witness_count, d->quorum);
	*ret = cosigned;
	return OK;
}

static enum err check_quorum(struct check *c, struct str note, struct note *n)
{
	enum err e = log_check_quorum(note, c->demand, &c->report.cosigned, n);

	if (e != OK)
		note_file(n, "checkpoint");
	return e;
}

enum err log_verify_at(const struct log_place *p, struct str origin, const struct note_key *keys,
		       size_t key_count, const struct log_demand *demand, struct log_report *ret,
		       struct note *n)
{
	static const struct log_demand none;
	struct check *c = calloc(1, sizeof(*c));
	struct log_place here = *p;
	struct str signed_note = STR_NONE;
	struct arena a;
	enum err e;

	if (!c)
		return ERR_MEMORY;
	c->place = &here;
	c->origin = origin;
	c->demand = demand ? demand : &none;
	c->bad_leaf = c->bad_line = c->stray = NONE;
	tiles_init(&c->tree);
	arena_init(&a, LOG_CHECKPOINT_ARENA + 2 * SUCCESSION_MEMORY);
	e = read_signed(c, keys, key_count, &a, &signed_note, n);
	if (e == OK && !str_eq(c->report.checkpoint.origin, origin)) {
		e = note_set(n, ERR_TAMPERED, 0, 0, "this is the checkpoint of %.*s, not of %.*s",
			     STR_ARG(c->report.checkpoint.origin), STR_ARG(origin));
		note_file(n, "checkpoint");
	}
	here.size = c->report.checkpoint.size;
	if (e == OK)
		e = check_quorum(c, signed_note, n);
	if (e == OK)
		e = check_folders(&here, n);
	if (e == OK)
		e = check_all(c, n);
	if (e == OK || e == ERR_UNSIGNED) {
		c->report.checkpoint.origin = origin;
		c->report.rotations = succession_under(&c->keys, here.size);
		c->report.key = c->keys.keys[c->report.rotations].key;
		*ret = c->report;
		if (c->demand->note)
			buf_add(c->demand->note, signed_note);
	}
	log_reader_close(c->reader);
	arena_fini(&a);
	free(c);
	return e;
}

enum err log_verify(struct world *w, const char *folder, struct str origin,
		    const struct note_key *keys, size_t key_count, const struct log_demand *demand,
		    struct log_report *ret, struct note *n)
{
	struct log_place p;

	TRY(log_place_init(&p, w, folder));
	return log_place_told(&p, log_verify_at(&p, origin, keys, key_count, demand, ret, n), n);
}
