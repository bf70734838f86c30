/* history: random lives of a state, and its root by definition. */
#include "tests/state/history.h"

#include <criterion/criterion.h>
#include <stdlib.h>

const struct table_schema history_schema[HISTORY_TABLES] = {
	{ "agents", 64, 0 }, { "flags", 3, 0 }, { "sagas", 200, 8 }, { "rare", 1024, 0 },
};

struct dice dice_from(uint64_t seed)
{
	cr_log_info("seed %llu", (unsigned long long)seed);
	return (struct dice){ seed * UINT64_C(0x9E3779B97F4A7C15) + 1 };
}

uint64_t dice_roll(struct dice *d, uint64_t sides)
{
	d->x ^= d->x << 13;
	d->x ^= d->x >> 7;
	d->x ^= d->x << 17;
	return (d->x >> 11) % sides;
}

struct state *history_open(void)
{
	struct state *s = NULL;

	cr_assert_eq(state_open(history_schema, HISTORY_TABLES, &s), OK);
	return s;
}

static void insert_any(struct state *s, struct dice *d, unsigned table)
{
	uint8_t row[LIMIT_ROW_BYTES] = { 0 };
	uint32_t number, before = state_rows(s, table);
	bool known = false;

	for (uint64_t i = dice_roll(d, 12); i > 0; i--)
		row[dice_roll(d, history_schema[table].row_bytes)] = (uint8_t)dice_roll(d, 256);
	if (history_schema[table].key_bytes > 0) {
		row[0] = (uint8_t)dice_roll(d, 8);
		known = state_find(s, table, row, &number);
	}
	if (known) {
		cr_assert_eq(state_insert(s, table, row, &number), ERR_EXISTS);
		return;
	}
	cr_assert_eq(state_insert(s, table, row, &number), OK);
	cr_assert_eq(number, before);
}

static void update_any(struct state *s, struct dice *d, unsigned table)
{
	uint8_t row[LIMIT_ROW_BYTES];
	uint32_t number = (uint32_t)dice_roll(d, state_rows(s, table));
	uint32_t len = history_schema[table].row_bytes, key = history_schema[table].key_bytes;

	memcpy(row, state_row(s, table, number), len);
	for (uint64_t i = dice_roll(d, 6); i > 0; i--)
		row[key + dice_roll(d, len - key)] ^= (uint8_t)dice_roll(d, 4);
	cr_assert_eq(state_update(s, table, number, row), OK);
	cr_assert_arr_eq(state_row(s, table, number), row, len);
}

void history_step(struct state *s, struct dice *d, unsigned changes)
{
	state_begin(s);
	for (uint64_t i = dice_roll(d, changes + 1); i > 0; i--) {
		unsigned table = (unsigned)dice_roll(d, dice_roll(d, 8) ? 3 : 4);

		if (state_rows(s, table) == 0 || dice_roll(d, 4) == 0)
			insert_any(s, d, table);
		else
			update_any(s, d, table);
	}
}

static struct digest hash2(uint8_t tag, const void *a, size_t a_len, const void *b, size_t b_len)
{
	uint8_t text[1 + LIMIT_ROW_BYTES + DIGEST_BYTES];

	text[0] = tag;
	memcpy(text + 1, a, a_len);
	if (b_len)
		memcpy(text + 1 + a_len, b, b_len);
	return sha256(str_slice(text, 1 + a_len + b_len));
}

/* RFC 6962 section 2.1, word for word. */
static struct digest tree_hash(const struct state *s, unsigned table, uint32_t from, uint32_t count)
{
	struct digest left, right;
	uint32_t k = 1;

	if (count == 0)
		return sha256(STR_NONE);
	if (count == 1)
		return hash2(0, state_row(s, table, from), history_schema[table].row_bytes,
			     NULL, 0);
	while (k * 2 < count)
		k *= 2;
	left = tree_hash(s, table, from, k);
	right = tree_hash(s, table, from + k, count - k);
	return hash2(1, left.bytes, DIGEST_BYTES, right.bytes, DIGEST_BYTES);
}

static void add_number(struct buf *b, uint32_t v)
{
	for (int i = 0; i < 4; i++, v >>= 8)
		buf_add_byte(b, (char)(v & 255));
}

struct digest history_root(const struct state *s)
{
	struct digest root;
	struct buf b;

	buf_init(&b, 4096);
	buf_add_c(&b, "trammel/state/v2\n");
	for (unsigned i = 0; i < HISTORY_TABLES; i++) {
		struct digest tree;

		if (state_rows(s, i) == 0)
			continue;
		tree = tree_hash(s, i, 0, state_rows(s, i));
		buf_add_byte(&b, (char)strlen(history_schema[i].name));
		buf_add_c(&b, history_schema[i].name);
		add_number(&b, history_schema[i].row_bytes);
		add_number(&b, history_schema[i].key_bytes);
		add_number(&b, state_rows(s, i));
		buf_add(&b, str_slice(tree.bytes, DIGEST_BYTES));
	}
	cr_assert_eq(b.err, OK);
	root = sha256(buf_view(&b));
	buf_fini(&b);
	return root;
}

bool history_same_rows(const struct state *a, const struct state *b)
{
	for (unsigned i = 0; i < HISTORY_TABLES; i++) {
		if (state_rows(a, i) != state_rows(b, i))
			return false;
		for (uint32_t row = 0; row < state_rows(a, i); row++) {
			const void *in_a = state_row(a, i, row), *in_b = state_row(b, i, row);
			uint32_t x, y;

			if (memcmp(in_a, in_b, history_schema[i].row_bytes) != 0)
				return false;
			if (history_schema[i].key_bytes == 0)
				continue;
			if (!state_find(a, i, in_a, &x) || !state_find(b, i, in_b, &y))
				return false;
			if (x != row || y != row)
				return false;
		}
	}
	return true;
}

void history_expect_equal(struct state *a, struct state *b)
{
	struct digest root_a, root_b, naive = history_root(a);

	cr_assert(history_same_rows(a, b));
	root_a = state_root(a);
	root_b = state_root(b);
	cr_assert(digest_eq(&root_a, &naive));
	cr_assert(digest_eq(&root_b, &naive));
}

struct state *history_copy(const struct state *s)
{
	struct state *copy = history_open();

	for (unsigned i = 0; i < HISTORY_TABLES; i++)
		for (uint32_t row = 0; row < state_rows(s, i); row++) {
			uint32_t number;

			cr_assert_eq(state_insert(copy, i, state_row(s, i, row), &number), OK);
		}
	state_begin(copy);
	return copy;
}
