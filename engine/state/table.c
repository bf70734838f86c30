/*
 * table: rows, the journal of the step, undo.
 *
 * Invariants:
 *   - rows_before <= rows <= room; room is 0 or a power of two of at least FIRST_ROOM;
 *   - a row of before this step whose bytes were overwritten is in `changed` exactly once, with the
 *     bytes it had then;
 *   - a row whose leaf hash may be stale is in `dirty` exactly once. When rows are cut off, the
 *     last row that is left becomes dirty: every tree node that lost a child stands above it.
 * Memory is asked for in two places only: grow_table (amortised, by rows) and grow_journal (by rows
 * of the largest step). Nothing grows with the number of steps.
 */
#include "engine/state/inside.h"

#include <stdlib.h>

#define FIRST_ROOM 64
#define FIRST_CHANGES 16
#define FEW_ROWS 8
/*
 * What a row costs beside its bytes: mark, dirty entry, dirty bit (rounded up), two tree nodes, two
 * key slots.
 */
#define ROW_BOOK_BYTES (4 + 4 + 1 + 2 * sizeof(struct digest) + 2 * sizeof(uint64_t))

_Static_assert(FIRST_ROOM % 64 == 0, "dirty bits come in whole words");
_Static_assert((LIMIT_ROWS & (LIMIT_ROWS - 1)) == 0, "doubling meets the limit exactly");

/*
 * Leaves the calling function when there is no memory; what was enlarged before stays enlarged and
 * harms nobody.
 */
#define ENLARGE(block, count)                                                                    \
	do {                                                                                     \
		void *larger_ = realloc((block), (size_t)(count) * sizeof(*(block)));            \
		if (!larger_)                                                                    \
			return ERR_MEMORY;                                                       \
		(block) = larger_;                                                               \
	} while (0)

/* The table's number, if there is such a table. */
static unsigned known(const struct state *s, unsigned table)
{
	MUST(table < s->table_count);
	return table;
}

/*
 * The old tree becomes the left half of one with twice the room: each level moves to where the next
 * one began.
 */
static void lift_tree(struct digest *nodes, uint32_t room)
{
	for (uint32_t width = room; width > 0; width /= 2)
		memcpy(nodes + 2 * (size_t)width, nodes + width, width * sizeof(*nodes));
}

static enum err grow_table(struct state *s, struct table *t)
{
	uint32_t room = t->room ? t->room * 2 : FIRST_ROOM;
	uint64_t more = (uint64_t)(room - t->room) * (t->row_bytes + ROW_BOOK_BYTES);

	if (room > LIMIT_ROWS || more > LIMIT_STATE_BYTES - s->held_bytes)
		return ERR_LIMIT;
	ENLARGE(t->bytes, (size_t)room * t->row_bytes);
	ENLARGE(t->mark, room);
	ENLARGE(t->dirty, room);
	ENLARGE(t->dirty_bits, room / 64);
	ENLARGE(t->nodes, (size_t)room * 2);
	memset(t->mark + t->room, 0, (room - t->room) * sizeof(*t->mark));
	memset(t->dirty_bits + t->room / 64, 0, (room - t->room) / 8);
	if (t->key_bytes > 0)
		ENLARGE(t->slots, (size_t)room * 2);
	lift_tree(t->nodes, t->room);
	t->room = room;
	if (t->key_bytes > 0)
		find_rebuild(s, t);
	s->held_bytes += more;
	return OK;
}

static enum err grow_journal(struct table *t)
{
	uint32_t room = t->changed_room ? t->changed_room * 2 : FIRST_CHANGES;

	ENLARGE(t->changed, room);
	ENLARGE(t->order, room);
	ENLARGE(t->old, (size_t)room * t->row_bytes);
	t->changed_room = room;
	return OK;
}

static void make_dirty(struct state *s, struct table *t, uint32_t row)
{
	uint64_t bit = UINT64_C(1) << (row % 64);

	s->delta_ready = false;
	s->root_ready = false;
	if (t->dirty_bits[row / 64] & bit)
		return;
	t->dirty_bits[row / 64] |= bit;
	t->dirty[t->dirty_count++] = row;
}

/* Put the row's bytes in the journal unless this step did so already. */
static enum err keep_old(struct state *s, struct table *t, uint32_t row)
{
	uint32_t at = t->mark[row];

	if (at < t->changed_count && t->changed[at] == row)
		return OK;
	if (s->step_rows == LIMIT_STEP_ROWS)
		return ERR_LIMIT;
	if (t->changed_count == t->changed_room)
		TRY(grow_journal(t));
	at = t->changed_count++;
	t->changed[at] = row;
	t->mark[row] = at;
	memcpy(t->old + (size_t)at * t->row_bytes, table_row(t, row), t->row_bytes);
	s->step_rows++;
	return OK;
}

enum err table_push(struct state *s, struct table *t, const void *row)
{
	if (t->key_bytes > 0 && find_has(s, t, row))
		return ERR_EXISTS;
	if (t->rows == t->room)
		TRY(grow_table(s, t));
	memcpy(table_row(t, t->rows), row, t->row_bytes);
	make_dirty(s, t, t->rows++);
	if (t->key_bytes > 0)
		find_add(s, t, t->rows - 1);
	return OK;
}

void table_cut(struct state *s, struct table *t, uint32_t rows)
{
	if (rows == t->rows)
		return;
	MUST(rows < t->rows);
	for (uint32_t row = t->rows; t->key_bytes > 0 && row-- > rows; )
		find_drop(s, t, row);
	t->rows = rows;
	s->delta_ready = false;
	s->root_ready = false;
	if (rows > 0)
		make_dirty(s, t, rows - 1);
}

/*
 * Shell sort with the gaps of Tokuda (1992): no memory, no recursion, and at one's best on the
 * usual handful of rows.
 */
void table_sort(uint32_t *rows, size_t count)
{
	static const size_t gaps[] = {
		68679305, 30524136, 13566283, 6029459, 2679760, 1191004, 529335, 235260, 104560,
		46471, 20654, 9180, 4080, 1813, 806, 358, 159, 71, 31, 14, 4, 1,
	};
	size_t last = sizeof(gaps) / sizeof(gaps[0]) - 1;

	/* Of a handful the last gap alone makes short work. */
	for (size_t g = count > FEW_ROWS ? 0 : last; count > 1 && g <= last; g++) {
		size_t gap = gaps[g];

		for (size_t i = gap; i < count; i++) {
			uint32_t row = rows[i];
			size_t at = i;

			for (; at >= gap && rows[at - gap] > row; at -= gap)
				rows[at] = rows[at - gap];
			rows[at] = row;
		}
	}
}

static enum err check_schema(const struct table_schema *tables, size_t count)
{
	if (count == 0 || count > LIMIT_TABLES)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++) {
		size_t name_len = strlen(tables[i].name);

		if (name_len == 0 || name_len > LIMIT_TABLE_NAME_BYTES)
			return ERR_LIMIT;
		if (tables[i].row_bytes == 0 || tables[i].row_bytes > LIMIT_ROW_BYTES)
			return ERR_LIMIT;
		if (tables[i].key_bytes > tables[i].row_bytes)
			return ERR_LIMIT;
		for (size_t j = 0; j < i; j++)
			if (strcmp(tables[i].name, tables[j].name) == 0)
				return ERR_DUPLICATE;
	}
	return OK;
}

static void write_schema(struct state *s, const struct table_schema *tables)
{
	uint8_t *at = s->schema;

	little_put32(at, s->table_count);
	at += 4;
	for (unsigned i = 0; i < s->table_count; i++) {
		size_t name_len = strlen(tables[i].name);

		s->tables[i].schema_at = (uint32_t)(at - s->schema);
		s->tables[i].schema_len = (uint32_t)(1 + name_len + 8);
		*at++ = (uint8_t)name_len;
		memcpy(at, tables[i].name, name_len);
		little_put32(at + name_len, tables[i].row_bytes);
		little_put32(at + name_len + 4, tables[i].key_bytes);
		at += name_len + 8;
	}
	s->schema_len = (size_t)(at - s->schema);
}

static enum err open_empty(unsigned table_count, struct state **ret)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s)
		return ERR_MEMORY;
	s->table_count = table_count;
	buf_init(&s->delta, DELTA_BUFFER_BYTES);
	arena_init(&s->scratch, LIMIT_STATE_BYTES);
	*ret = s;
	return OK;
}

enum err table_twin(const struct state *s, struct state **ret)
{
	struct state *twin;

	TRY(open_empty(s->table_count, &twin));
	for (unsigned i = 0; i < s->table_count; i++) {
		twin->tables[i].row_bytes = s->tables[i].row_bytes;
		twin->tables[i].key_bytes = s->tables[i].key_bytes;
		twin->tables[i].schema_at = s->tables[i].schema_at;
		twin->tables[i].schema_len = s->tables[i].schema_len;
	}
	twin->seed = s->seed;
	memcpy(twin->schema, s->schema, s->schema_len);
	twin->schema_len = s->schema_len;
	*ret = twin;
	return OK;
}

void table_trade(struct state *a, struct state *b)
{
	struct state kept = *a;

	*a = *b;
	*b = kept;
}

enum err state_open(const struct table_schema *tables, size_t count, struct state **ret)
{
	struct state *s;

	TRY(check_schema(tables, count));
	TRY(open_empty((unsigned)count, &s));
	for (size_t i = 0; i < count; i++) {
		s->tables[i].row_bytes = tables[i].row_bytes;
		s->tables[i].key_bytes = tables[i].key_bytes;
	}
	write_schema(s, tables);
	*ret = s;
	return OK;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->table_count; i++) {
		struct table *t = &s->tables[i];

		free(t->bytes);
		free(t->mark);
		free(t->changed);
		free(t->order);
		free(t->old);
		free(t->dirty);
		free(t->dirty_bits);
		free(t->nodes);
		free(t->slots);
	}
	buf_fini(&s->delta);
	arena_fini(&s->scratch);
	free(s);
}

void state_reset(struct state *s)
{
	for (unsigned i = 0; i < s->table_count; i++)
		table_cut(s, &s->tables[i], 0);
	state_begin(s);
}

uint32_t state_rows(const struct state *s, unsigned table)
{
	return s->tables[known(s, table)].rows;
}

const void *state_row(const struct state *s, unsigned table, uint32_t row)
{
	const struct table *t = &s->tables[known(s, table)];

	MUST(row < t->rows);
	return table_row(t, row);
}

void state_begin(struct state *s)
{
	for (unsigned i = 0; i < s->table_count; i++) {
		s->tables[i].rows_before = s->tables[i].rows;
		s->tables[i].changed_count = 0;
	}
	s->step_rows = 0;
	s->delta_ready = false;
}

enum err state_insert(struct state *s, unsigned table, const void *row, uint32_t *ret)
{
	struct table *t = &s->tables[known(s, table)];

	if (s->step_rows == LIMIT_STEP_ROWS)
		return ERR_LIMIT;
	TRY(table_push(s, t, row));
	s->step_rows++;
	*ret = t->rows - 1;
	return OK;
}

enum err state_update(struct state *s, unsigned table, uint32_t row, const void *bytes)
{
	struct table *t = &s->tables[known(s, table)];

	MUST(row < t->rows);
	MUST(memcmp(table_row(t, row), bytes, t->key_bytes) == 0);
	if (memcmp(table_row(t, row), bytes, t->row_bytes) == 0)
		return OK;
	if (row < t->rows_before)
		TRY(keep_old(s, t, row));
	memcpy(table_row(t, row), bytes, t->row_bytes);
	make_dirty(s, t, row);
	return OK;
}

void state_undo(struct state *s)
{
	for (unsigned i = 0; i < s->table_count; i++) {
		struct table *t = &s->tables[i];

		for (uint32_t j = 0; j < t->changed_count; j++) {
			const uint8_t *old = t->old + (size_t)j * t->row_bytes;

			memcpy(table_row(t, t->changed[j]), old, t->row_bytes);
			make_dirty(s, t, t->changed[j]);
		}
		table_cut(s, t, t->rows_before);
	}
	state_begin(s);
}
