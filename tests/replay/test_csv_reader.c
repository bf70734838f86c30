/* Records of RFC 4180, in whatever pieces the stream comes. */
#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "replay/csv_reader.h"

static struct world *w;
static struct arena arena;
static struct note note;

static void setup(void)
{
	w = sim_open(1, 0);
	arena_init(&arena, 256u << 20);
}

static void teardown(void)
{
	arena_fini(&arena);
	sim_close(w);
}

TestSuite(csv_reader, .init = setup, .fini = teardown);

/* All cells, "[a|b]" for each record. */
static enum err read_all(struct str text, struct buf *b)
{
	struct str cells[CSV_CELLS_MAX];
	struct csv_reader r;
	size_t count = 1;
	enum err e = OK;
	int fd;

	note = (struct note){ .line = 0 };
	buf_clear(b);
	cr_assert_eq(sim_poke(w, "f", text), OK);
	cr_assert_eq(world_open(w, "f", WORLD_READ, &fd), OK);
	csv_init(&r, w, fd);
	while (e == OK && count > 0) {
		e = csv_next(&r, &arena, cells, &count, &note);
		for (size_t i = 0; e == OK && i < count; i++) {
			buf_add_c(b, i ? "|" : "[");
			buf_add(b, cells[i]);
		}
		buf_add_c(b, e == OK && count ? "]" : "");
	}
	csv_fini(&r);
	cr_assert_eq(world_close(w, fd), OK);
	return e;
}

Test(csv_reader, cells_come_out_as_they_went_in)
{
	static const char *const good[][2] = {
		{ "", "" },
		{ "a,b\r\nc,d\n", "[a|b][c|d]" },
		{ ",\n", "[|]" },
		{ "\n", "[]" },
		{ "\"a,\"\"b\"\"\r\nc\",d\r\n", "[a,\"b\"\r\nc|d]" },
		{ "\"\",\"\"\"\"\n", "[|\"]" },
		{ " a , b\n", "[ a | b]" },
	};
	struct buf b;

	buf_init(&b, 1u << 20);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		cr_expect_eq(read_all(str_view(good[i][0]), &b), OK, "%s", note.text);
		cr_expect(str_is(buf_view(&b), good[i][1]), "%s: %.*s", good[i][0],
			  STR_ARG(buf_view(&b)));
	}
	buf_fini(&b);
}

Test(csv_reader, what_does_not_follow_the_grammar_is_refused_with_its_line)
{
	static const struct { const char *text; enum err e; uint32_t line; } bad[] = {
		{ "a", ERR_TRUNCATED, 1 }, { "a\n\"b", ERR_TRUNCATED, 2 },
		{ "a\na\"b\n", ERR_SYNTAX, 2 }, { "\"a\nb\"\n\"c\"d\n", ERR_SYNTAX, 3 },
		{ "\xff\n", ERR_ENCODING, 1 },
	};
	struct buf b;

	buf_init(&b, 1u << 20);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(read_all(str_view(bad[i].text), &b), bad[i].e, "%s", bad[i].text);
		cr_expect_eq(note.line, bad[i].line, "%s", bad[i].text);
	}
	buf_fini(&b);
}

Test(csv_reader, many_records_and_long_ones_are_read_within_bounds)
{
	const size_t big = 1u << 20;
	struct buf text, b;
	char *room;

	buf_init(&text, 64u << 20);
	buf_init(&b, 64u << 20);
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&text, "%u,\"x\"\r\n", i);
	room = buf_grow(&text, big);
	cr_assert_not_null(room);
	memset(room, 'y', big);
	buf_add_byte(&text, '\n');
	cr_expect_eq(read_all(buf_view(&text), &b), OK, "%s", note.text);
	cr_expect(str_has(buf_view(&b), STR("[19999|x][yyyy")));
	room = buf_grow(&text, 17u << 20);
	cr_assert_not_null(room);
	memset(room, 'z', 17u << 20);
	cr_expect_eq(read_all(buf_view(&text), &b), ERR_LIMIT);
	buf_clear(&text);
	for (int i = 0; i < CSV_CELLS_MAX; i++)
		buf_add_byte(&text, ',');
	buf_add_byte(&text, '\n');
	cr_expect_eq(read_all(buf_view(&text), &b), ERR_LIMIT);
	buf_fini(&b);
	buf_fini(&text);
}
