/*
 * tiles: the tree on disk, after c2sp.org/tlog-tiles.
 *
 *   level 1      [ h0 h1 h2 ............ h255 ]          h_i = root of level-0 tile i
 *                  |  |
 *   level 0      [256 leaf hashes] [256 leaf hashes] ... [w leaf hashes].p
 *
 * A tile is 256 hashes of one level, 8 tree levels apart from the next: a perfect subtree of height
 * 8 of which only the bottom row is stored. Tiles are derived from the segments: a lost one costs
 * time, never evidence. So they are written in place, and made durable only before the checkpoint
 * that needs them.
 */
#include "engine/audit/inside.h"

#include <inttypes.h>
#include <stdio.h>

#define LEVEL_BITS 8

_Static_assert(TILE_WIDTH == 1u << LEVEL_BITS, "a tile is a perfect subtree");
_Static_assert(TILE_LEVELS *LEVEL_BITS == MERKLE_MAX_LEVELS, "tiles cover every level of the tree");

/* Root of a perfect subtree of `width` hashes; width is a power of two up to TILE_WIDTH. */
static void subtree(const struct digest *hashes, unsigned width, struct digest *ret)
{
	struct digest row[TILE_WIDTH / 2];

	if (width == 1) {
		*ret = hashes[0];
		return;
	}
	sha256_nodes(hashes, width / 2, row);
	for (width /= 2; width > 1; width /= 2)
		sha256_nodes(row, width / 2, row);
	*ret = row[0];
}

void tiles_init(struct tiles *t)
{
	t->size = 0;
}

/* Put `node`, number `at` of its level, where it belongs, and the tiles that it fills above. */
static enum err put(struct tiles *t, unsigned level, uint64_t at, struct digest node,
		    tiles_full full, void *self)
{
	for (; level < TILE_LEVELS; level++) {
		unsigned slot = at & (TILE_WIDTH - 1);

		t->rows[level][slot] = node;
		at >>= LEVEL_BITS;
		if (slot != TILE_WIDTH - 1)
			break;
		if (full)
			TRY(full(self, level, at, t->rows[level]));
		subtree(t->rows[level], TILE_WIDTH, &node);
	}
	return OK;
}

enum err tiles_add(struct tiles *t, const struct digest *leaf, tiles_full full, void *self)
{
	TRY(put(t, 0, t->size, *leaf, full, self));
	t->size++;
	return OK;
}

enum err tiles_add_tile(struct tiles *t, const struct digest *root, tiles_full full, void *self)
{
	MUST(t->size % TILE_WIDTH == 0);
	TRY(put(t, 1, t->size >> LEVEL_BITS, *root, full, self));
	t->size += TILE_WIDTH;
	return OK;
}

void tiles_leaves_root(const struct digest leaves[TILE_WIDTH], struct digest *ret)
{
	subtree(leaves, TILE_WIDTH, ret);
}

/* Every bit of the size stands for one perfect subtree, and each lies whole within one tile. */
void tiles_root(const struct tiles *t, struct digest *ret)
{
	struct merkle_range range;

	merkle_init(&range);
	range.size = t->size;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = tiles_width(t->size, level), start = 0;

		for (unsigned bit = LEVEL_BITS; bit-- > 0;) {
			if (!(width & (1u << bit)))
				continue;
			subtree(t->rows[level] + start, 1u << bit,
				&range.peaks[level * LEVEL_BITS + bit]);
			start += 1u << bit;
		}
	}
	merkle_root(&range, ret);
}

unsigned tiles_width(uint64_t size, unsigned level)
{
	return (unsigned)(size >> (LEVEL_BITS * level)) & (TILE_WIDTH - 1);
}

uint64_t tiles_index(uint64_t size, unsigned level)
{
	return level + 1 < TILE_LEVELS ? size >> (LEVEL_BITS * (level + 1)) : 0;
}

void tiles_name_in(const char *folder, uint64_t index, unsigned width, char name[LOG_NAME_BYTES])
{
	unsigned groups[8], count = 0;
	int at = snprintf(name, LOG_NAME_BYTES, "tile/%s", folder);

	do {
		groups[count++] = (unsigned)(index % TILE_GROUP);
		index /= TILE_GROUP;
	} while (index);
	while (count-- > 0)
		at += snprintf(name + at, LOG_NAME_BYTES - (size_t)at, "/%s%03u", count ? "x" : "",
			       groups[count]);
	if (width < TILE_WIDTH)
		(void)snprintf(name + at, LOG_NAME_BYTES - (size_t)at, ".p/%u", width);
}

void tiles_name(unsigned level, uint64_t index, unsigned width, char name[LOG_NAME_BYTES])
{
	char folder[] = { (char)('0' + level), '\0' };

	tiles_name_in(folder, index, width, name);
}

enum err tiles_read(const struct log_place *p, unsigned level, uint64_t index, unsigned width,
		    struct digest *hashes, struct note *n)
{
	char name[LOG_NAME_BYTES];
	uint64_t size;
	enum err e;
	int fd;

	tiles_name(level, index, width, name);
	TRY(log_place_open(p, name, &fd, n));
	e = world_size(p->w, fd, &size);
	if (e == OK && size != (uint64_t)width * DIGEST_BYTES)
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "the tile has %" PRIu64 " bytes, but %u hashes are %u bytes", size,
			     width, width * DIGEST_BYTES);
	else if (e == OK)
		e = world_read_exact(p->w, fd, 0, hashes, width * DIGEST_BYTES);
	if (e != OK && e != ERR_TAMPERED)
		(void)note_set(n, e, 0, 0, "%s", err_text(e));
	world_close(p->w, fd);
	if (e != OK)
		note_file(n, name);
	return e;
}

enum err tiles_write(const struct log_place *p, unsigned level, uint64_t index, unsigned width,
		     const struct digest *hashes)
{
	size_t len = (size_t)width * DIGEST_BYTES;
	char name[LOG_NAME_BYTES];
	uint64_t size;
	enum err e;
	int fd;

	tiles_name(level, index, width, name);
	TRY(log_place_make(p, name, &fd));
	e = world_write_at(p->w, fd, 0, hashes, len);
	if (e == OK)
		e = world_size(p->w, fd, &size);
	if (e == OK && size != len)
		e = world_truncate(p->w, fd, len);
	world_close(p->w, fd);
	return e;
}

enum err tiles_load(const struct log_place *p, uint64_t size, struct tiles *t)
{
	t->size = size;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = tiles_width(size, level);

		if (width)
			TRY(tiles_read(p, level, tiles_index(size, level), width, t->rows[level],
				       NULL));
	}
	return OK;
}

/* One tile and the name of it. */
static enum err sync_tile(const struct log_place *p, unsigned level, uint64_t index, unsigned width,
			  bool folder)
{
	char name[LOG_NAME_BYTES], path[LIMIT_PATH_BYTES];
	enum err e;
	int fd;

	tiles_name(level, index, width, name);
	TRY(log_place_path(p, name, path));
	TRY(world_open(p->w, path, WORLD_WRITE, &fd));
	e = world_sync(p->w, fd);
	world_close(p->w, fd);
	return e == OK && folder ? world_sync_parent(p->w, path) : e;
}

/*
 * The partial tile a tree of `from` leaves has on this level, is it also one of a tree of `to`
 * leaves?
 */
static bool same_edge(uint64_t from, uint64_t to, unsigned level)
{
	return tiles_width(from, level) == tiles_width(to, level) &&
	       tiles_index(from, level) == tiles_index(to, level);
}

enum err tiles_publish(const struct log_place *p, const struct tiles *t, uint64_t from)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t first = tiles_index(from, level), edge = tiles_index(t->size, level);
		unsigned width = tiles_width(t->size, level);

		for (uint64_t i = first; i < edge; i++)
			TRY(sync_tile(p, level, i, TILE_WIDTH,
				      i + 1 == edge || i % TILE_GROUP == TILE_GROUP - 1));
		if (width == 0 || same_edge(from, t->size, level))
			continue;
		TRY(tiles_write(p, level, edge, width, t->rows[level]));
		TRY(sync_tile(p, level, edge, width, true));
	}
	return OK;
}

void tiles_sweep(const struct log_place *p, uint64_t from, uint64_t to)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		char name[LOG_NAME_BYTES], path[LIMIT_PATH_BYTES];
		enum err ignored;

		if (tiles_width(from, level) == 0 || same_edge(from, to, level))
			continue;
		tiles_name(level, tiles_index(from, level), tiles_width(from, level), name);
		if (log_place_path(p, name, path) != OK)
			continue;
		ignored = world_unlink(p->w, path);
		(void)ignored;
	}
}

void tiles_cache_init(struct tiles_cache *c, const struct log_place *p, uint64_t size)
{
	c->place = p;
	c->size = size;
	c->edge = NULL;
	memset(c->held, 0, sizeof(c->held));
}

void tiles_cache_edge(struct tiles_cache *c, const struct tiles *edge)
{
	MUST(edge->size == c->size);
	c->edge = edge;
}

/*
 * Bring a tile into the cache. On the right edge a full tile will do as well: the writer may have
 * gone on since the checkpoint was read, and the first hashes of the two are the same.
 */
static enum err hold(struct tiles_cache *c, unsigned level, uint64_t index)
{
	bool edge = index == tiles_index(c->size, level);
	unsigned width = edge ? tiles_width(c->size, level) : TILE_WIDTH;
	enum err e;

	if (c->held[level] && c->index[level] == index)
		return OK;
	c->held[level] = false;
	if (edge && c->edge) {
		memcpy(c->hashes[level], c->edge->rows[level], width * sizeof(struct digest));
		e = OK;
	} else {
		e = tiles_read(c->place, level, index, width, c->hashes[level], NULL);
	}
	if (e == ERR_NOT_FOUND && edge)
		e = tiles_read(c->place, level, index, TILE_WIDTH, c->hashes[level], NULL);
	if (e != OK)
		return e;
	c->index[level] = index;
	c->held[level] = true;
	return OK;
}

enum err tiles_cache_node(struct tiles_cache *c, unsigned level, uint64_t index, struct digest *ret)
{
	unsigned tile_level = level / LEVEL_BITS, height = level % LEVEL_BITS;
	uint64_t first = index << height;

	MUST(level < MERKLE_MAX_LEVELS && ((index + 1) << level) <= c->size);
	TRY(hold(c, tile_level, first >> LEVEL_BITS));
	subtree(c->hashes[tile_level] + (first & (TILE_WIDTH - 1)), 1u << height, ret);
	return OK;
}

static enum err cached_node(void *self, unsigned level, uint64_t index, struct digest *ret)
{
	return tiles_cache_node(self, level, index, ret);
}

bool tiles_cache_leads(struct tiles_cache *c, const struct digest *leaf, uint64_t index,
		       const struct digest *root)
{
	const struct merkle_source source = { cached_node, c };
	struct digest proof[MERKLE_MAX_LEVELS];
	size_t count;

	return merkle_inclusion(&source, index, c->size, proof, &count) == OK &&
	       merkle_check_inclusion(leaf, index, c->size, root, proof, count) == OK;
}
