/*
 * trail_follow: trails followed many at a time, and the root behind each.
 *
 *   level 2          a
 *   level 1       a     b              the climb of step b is a level behind that of step a
 *   level 0    a     b
 *              time -->
 *
 * Each root needs the nodes above the rows that changed, and each node waits for the one below it:
 * one climb leaves half of what hashes idle. So a step sets out before the one before it is at the
 * top. It always is a level lower, in every table. What it reads there is as the step before left
 * it; what it writes there the step before has read already, because the older step goes first and
 * a batch takes what it hashes at once.
 *
 * The rows are changed before any climb begins, for all steps: what climbs has a tree that grows no
 * more. So leaves are hashed from the trails, all of them together, and how many rows a table has
 * in a step is counted along.
 */
#include "engine/state/inside.h"

#define UNDER_WAY 2
#define TEXTS 8                            /* whose roots are hashed together */

/* A table of a step. */
struct way {
	unsigned table;
	struct climb climb;
	struct top top;
	bool up;                           /* then the top is known */
};

/* One step on its way up. */
struct ascent {
	struct way ways[LIMIT_TABLES];
	unsigned count, up;
};

struct following {
	struct state *s;
	/* Of all steps in a row: numbers of rows, which become heap indexes, and their leaves. */
	uint32_t *list;
	struct digest *leaves;
	size_t begun;                      /* of these rows */
	uint32_t rows[LIMIT_TABLES];       /* with the last step that set out */
	struct top tops[LIMIT_TABLES];     /* with the last one that is up */
	struct batch batch;
	uint8_t (*room)[ROOT_TEXT_BYTES];
	struct str texts[TEXTS];
	size_t text_count;
	struct digest *roots;              /* those of the texts go here */
};

/* --- reading --- */

static const char *take(struct str *trail, size_t len)
{
	const char *at = trail->ptr;

	MUST(trail->len >= len);
	*trail = str_slice(at + len, trail->len - len);
	return at;
}

static uint32_t take_u32(struct str *trail)
{
	uint32_t v;

	memcpy(&v, take(trail, sizeof(v)), sizeof(v));
	return v;
}

static unsigned take_table(const struct state *s, struct str *trail)
{
	uint32_t table = take_u32(trail);

	MUST(table < s->table_count);
	return table;
}

/* --- rows --- */

static enum err change_row(struct state *s, unsigned table, struct str *trail)
{
	const struct table *t = &s->tables[table];
	uint32_t row = take_u32(trail), at;
	const char *bytes = take(trail, t->row_bytes);

	if (row < t->rows)
		return state_update(s, table, row, bytes);
	MUST(row == t->rows);
	return state_insert(s, table, bytes, &at);
}

static enum err change_rows(struct state *s, struct str trail, size_t *rows)
{
	state_begin(s);
	while (trail.len > 0) {
		unsigned table = take_table(s, &trail);
		uint32_t count = take_u32(&trail);

		*rows += count;
		for (; count > 0; count--)
			TRY(change_row(s, table, &trail));
	}
	return OK;
}

/* The rows of a trail, one behind the other. */
static size_t list_rows(const struct state *s, struct str trail, uint32_t *list, struct str *texts)
{
	size_t at = 0;

	while (trail.len > 0) {
		size_t row_bytes = s->tables[take_table(s, &trail)].row_bytes;

		for (uint32_t left = take_u32(&trail); left > 0; left--) {
			list[at] = take_u32(&trail);
			texts[at++] = str_slice(take(&trail, row_bytes), row_bytes);
		}
	}
	return at;
}

static enum err prepare(struct following *f, const struct str *trails, size_t count, size_t rows)
{
	struct arena *a = &f->s->scratch;
	struct str *texts = arena_array(a, rows, sizeof(*texts));
	size_t at = 0;

	f->list = arena_array(a, rows, sizeof(*f->list));
	f->leaves = arena_array(a, rows, sizeof(*f->leaves));
	f->room = arena_array(a, TEXTS, sizeof(*f->room));
	if (!texts || !f->list || !f->leaves || !f->room)
		return ERR_MEMORY;
	for (size_t i = 0; i < count; i++)
		at += list_rows(f->s, trails[i], f->list + at, texts + at);
	sha256_leaves(texts, rows, f->leaves);
	return OK;
}

/* --- climbing --- */

static void begin_way(struct following *f, struct str *trail, struct way *ret)
{
	unsigned table = take_table(f->s, trail);
	struct table *t = &f->s->tables[table];
	struct climb c = { t, f->list + f->begun, take_u32(trail), t->room, 0 };

	(void)take(trail, (size_t)c.count * (sizeof(*c.list) + t->row_bytes));
	for (uint32_t i = 0; i < c.count; i++) {
		f->rows[table] += c.list[i] == f->rows[table];
		c.list[i] += t->room;
		t->nodes[c.list[i]] = f->leaves[f->begun++];
	}
	c.used = f->rows[table];
	ret->table = table;
	ret->climb = c;
	ret->top.rows = c.used;
	ret->up = false;
}

static void begin(struct following *f, struct str trail, struct ascent *ret)
{
	ret->count = ret->up = 0;
	while (trail.len > 0)
		begin_way(f, &trail, &ret->ways[ret->count++]);
}

/* A level up in each table; where only one node is left, that is the top. */
static void rise(struct following *f, struct ascent *a)
{
	for (unsigned i = 0; i < a->count; i++) {
		struct way *w = &a->ways[i];
		struct digest *nodes = w->climb.t->nodes;

		if (w->climb.used > 1) {
			root_climb(&w->climb, &f->batch);
		} else if (!w->up) {
			w->top.node = nodes[1] = nodes[w->climb.width];
			w->up = true;
			a->up++;
		}
	}
}

static void hash_texts(struct following *f)
{
	sha256_each(f->texts, f->text_count, f->roots);
	f->roots += f->text_count;
	f->text_count = 0;
}

static void end(struct following *f, const struct ascent *a)
{
	uint8_t *room = f->room[f->text_count];

	for (unsigned i = 0; i < a->count; i++)
		f->tops[a->ways[i].table] = a->ways[i].top;
	f->texts[f->text_count++] = root_text(f->s, f->tops, room);
	if (f->text_count == TEXTS)
		hash_texts(f);
}

static void climb_all(struct following *f, const struct str *trails, size_t count)
{
	struct ascent steps[UNDER_WAY];
	size_t begun = 0, ended = 0;

	while (ended < count) {
		if (begun < count && begun - ended < UNDER_WAY) {
			begin(f, trails[begun], &steps[begun % UNDER_WAY]);
			begun++;
		}
		for (size_t i = ended; i < begun; i++)
			rise(f, &steps[i % UNDER_WAY]);
		root_flush(&f->batch, 0);
		for (; ended < begun; ended++) {
			const struct ascent *a = &steps[ended % UNDER_WAY];

			if (a->up < a->count)
				break;
			end(f, a);
		}
	}
	hash_texts(f);
}

enum err state_follow(struct state *s, const struct str *trails, size_t count,
		      struct digest *roots)
{
	struct following f = { .s = s, .roots = roots };
	struct digest before;
	size_t rows = 0;

	before = state_root(s);
	root_tops(s, f.tops);
	for (unsigned i = 0; i < s->table_count; i++)
		f.rows[i] = s->tables[i].rows;
	for (size_t i = 0; i < count; i++)
		TRY(change_rows(s, trails[i], &rows));
	arena_rewind(&s->scratch, (struct arena_mark){ NULL, 0 });
	TRY(prepare(&f, trails, count, rows));
	climb_all(&f, trails, count);
	for (unsigned i = 0; i < s->table_count; i++)
		(void)root_take_dirty(&s->tables[i]);
	s->root = count > 0 ? roots[count - 1] : before;
	s->root_ready = true;
	return OK;
}
