/*
 * piece: the index of entries in a row, as an SQLite database.
 *
 *   entry    a row each: when, what, and names by number
 *   name     the names that occur, each once
 *   outcome  entries of outcomes: of which action, with which status
 *   mark     where every PIECE_MARK-th line begins
 *   piece    one row: which entries these are, and their last one's leaf hash
 *
 * Entries count from the first of the piece, names from 1. Which indexes earn their bytes: agents,
 * sessions and tools are what is asked for, and traces where there are any; denials are few.
 * Anything else is found by reading the rows, ten million a second of them.
 */
#include "engine/index/inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/little.h"
#include "engine/base/map.h"
#include "engine/base/match.h"
#include "engine/sql/sql.h"

#define FORMAT "trammel/index/v1"
#define SCHEMA                                                                                   \
	"CREATE TABLE piece(format,origin,first,count,oldest,newest,leaf,began,ended);"          \
	"CREATE TABLE entry(id INTEGER PRIMARY KEY,time,kind,effect,agent,tool,resource,"        \
	"session,trace,rule,stage);"                                                             \
	"CREATE TABLE name(text BLOB PRIMARY KEY,id) WITHOUT ROWID;"                             \
	"CREATE TABLE outcome(id INTEGER PRIMARY KEY,action,status);"                            \
	"CREATE TABLE mark(id INTEGER PRIMARY KEY,at)"
#define INDEXES                                                                                  \
	"CREATE INDEX entry_agent ON entry(agent);"                                              \
	"CREATE INDEX entry_session ON entry(session);"                                          \
	"CREATE INDEX entry_tool ON entry(tool);"                                                \
	"CREATE INDEX entry_trace ON entry(trace) WHERE trace>0;"                                \
	"CREATE INDEX entry_denied ON entry(id) WHERE effect=1"
#define NAMES_BYTES ((size_t)256 << 20)      /* the names of one piece */
#define LINE_MEMORY ((size_t)64 << 20)
#define SQL_BYTES 4096
#define HANDFUL 16                           /* names that are asked for by an index */

/* As stored, where 0 is "no decision". */
#define STORED_EFFECT(effect) ((int64_t)(effect) + 1)

static const char *const columns[FILTER_NAMES] = {
	[FILTER_AGENT] = "agent", [FILTER_TOOL] = "tool", [FILTER_RESOURCE] = "resource",
	[FILTER_SESSION] = "session", [FILTER_TRACE] = "trace", [FILTER_RULE] = "rule",
	[FILTER_STAGE] = "stage",
};

struct piece {
	struct sql *sql;
	struct span span;
	struct piece_face face;
	struct sql_query *rows, *marks;
	struct buf ids[FILTER_NAMES];         /* numbers of names, as JSON, while rows are asked */
	size_t id_counts[FILTER_NAMES];
	uint64_t from, end;                   /* what was asked for and not given yet */
	bool newest_first;
};

/* --- names of files --- */

void piece_name(struct span span, char name[PIECE_NAME_BYTES])
{
	unsigned long long segment = span.first / LOG_SEGMENT_ENTRIES;
	unsigned long long slice = span.first % LOG_SEGMENT_ENTRIES / PIECE_SLICE;

	if (span.count == LOG_SEGMENT_ENTRIES)
		(void)snprintf(name, PIECE_NAME_BYTES, "%08llu.sqlite", segment);
	else
		(void)snprintf(name, PIECE_NAME_BYTES, "%08llu-%02llu.sqlite", segment, slice);
}

/* Digits with zeros in front; the name written again tells whether they were as many as needed. */
static bool read_number(struct str digits, uint64_t *ret)
{
	while (digits.len > 1 && digits.ptr[0] == '0')
		digits = str_slice(digits.ptr + 1, digits.len - 1);
	return str_to_u64(digits, ret) == OK && *ret < UINT64_MAX / LOG_SEGMENT_ENTRIES;
}

bool piece_span(struct str name, struct span *ret)
{
	struct str stem, segment, slice;
	char again[PIECE_NAME_BYTES];
	uint64_t number, part = 0;
	struct span span;
	bool sliced;

	if (!str_ends(name, STR(".sqlite")))
		return false;
	stem = str_slice(name.ptr, name.len - (sizeof(".sqlite") - 1));
	sliced = str_cut(stem, '-', &segment, &slice);
	if (!read_number(sliced ? segment : stem, &number) ||
	    (sliced && !read_number(slice, &part)) ||
	    part >= LOG_SEGMENT_ENTRIES / PIECE_SLICE)
		return false;
	span.first = number * LOG_SEGMENT_ENTRIES + part * PIECE_SLICE;
	span.count = sliced ? PIECE_SLICE : LOG_SEGMENT_ENTRIES;
	piece_name(span, again);
	if (!str_is(name, again))
		return false;
	*ret = span;
	return true;
}

/* What its pages are sealed with: no page of another log's piece, or another span's, fits. */
static uint64_t salt_of(struct str origin, struct span span)
{
	return little_get64(sha256(origin).bytes) ^ span.first ^ span.count;
}

/* --- making --- */

struct making {
	struct sql *sql;
	struct sql_query *entry, *name, *outcome, *mark;
	struct map numbers;
	struct arena names, line_memory;
	struct span span;
	struct piece_face face;
	uint64_t at;                          /* where the next line begins */
};

/* The number of a name, which it gets when it is first seen; 0 for none. */
static enum err number_of(struct making *m, struct str name, int64_t *ret)
{
	uint32_t number;
	struct str copy;
	bool row;

	*ret = 0;
	if (!name.ptr)
		return OK;
	if (!map_get(&m->numbers, name, &number)) {
		TRY(arena_copy(&m->names, name, &copy));
		number = m->numbers.count + 1;
		TRY(map_put(&m->numbers, copy, number));
		TRY(sql_put_bytes(m->name, 1, copy));
		TRY(sql_put_int(m->name, 2, number));
		TRY(sql_step(m->name, &row));
		TRY(sql_reset(m->name));
	}
	*ret = number;
	return OK;
}

static enum err insert(struct sql_query *q, const int64_t *values, int count)
{
	bool row;

	for (int i = 0; i < count; i++)
		TRY(sql_put_int(q, i + 1, values[i]));
	TRY(sql_step(q, &row));
	return sql_reset(q);
}

static enum err add_entry(struct making *m, int64_t id, const struct entry *e)
{
	int64_t row[4 + FILTER_NAMES] = {
		id, e->time_ns, e->kind, e->decision ? STORED_EFFECT(e->decision->effect) : 0
	};
	int64_t outcome[3] = { id };
	struct str status;
	uint64_t of;

	for (unsigned i = 0; i < FILTER_NAMES; i++)
		TRY(number_of(m, filter_name_of(e, (enum filter_name)i), &row[4 + i]));
	TRY(insert(m->entry, row, 4 + FILTER_NAMES));
	if (!filter_outcome(e, &status, &of))
		return OK;
	outcome[1] = (int64_t)of;
	TRY(number_of(m, status, &outcome[2]));
	return insert(m->outcome, outcome, 3);
}

static enum err add_line(struct making *m, const struct lines *lines, uint64_t id, struct str line,
			 struct note *n)
{
	struct arena_mark mark = arena_mark(&m->line_memory);
	const int64_t spot[2] = { (int64_t)id, (int64_t)m->at };
	struct entry e;

	TRY(lines_read(lines, m->span.first + id, line, &m->line_memory, &e, n));
	if (id % PIECE_MARK == 0)
		TRY(insert(m->mark, spot, 2));
	TRY(add_entry(m, (int64_t)id, &e));
	if (id == 0 || e.time_ns < m->face.oldest_ns)
		m->face.oldest_ns = e.time_ns;
	if (id == 0 || e.time_ns > m->face.newest_ns)
		m->face.newest_ns = e.time_ns;
	if (id + 1 == m->span.count)
		m->face.leaf = sha256_prefixed(0, line);
	m->at += line.len + 1;
	arena_rewind(&m->line_memory, mark);
	return OK;
}

static enum err add_face(struct making *m, struct str origin)
{
	struct sql_query *q;
	bool row;
	enum err e;

	TRY(sql_prepare(m->sql, STR("INSERT INTO piece VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"), &q));
	e = sql_put_bytes(q, 1, STR(FORMAT));
	if (e == OK)
		e = sql_put_bytes(q, 2, origin);
	if (e == OK)
		e = sql_put_int(q, 3, (int64_t)m->span.first);
	if (e == OK)
		e = sql_put_int(q, 4, (int64_t)m->span.count);
	if (e == OK)
		e = sql_put_int(q, 5, m->face.oldest_ns);
	if (e == OK)
		e = sql_put_int(q, 6, m->face.newest_ns);
	if (e == OK)
		e = sql_put_bytes(q, 7, str_slice(m->face.leaf.bytes, DIGEST_BYTES));
	if (e == OK)
		e = sql_put_int(q, 8, (int64_t)m->face.began);
	if (e == OK)
		e = sql_put_int(q, 9, (int64_t)m->at);
	if (e == OK)
		e = sql_step(q, &row);
	sql_finish(q);
	return e;
}

static enum err prepare(struct making *m)
{
	TRY(sql_do(m->sql, "BEGIN"));
	TRY(sql_prepare(m->sql, STR("INSERT INTO entry VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"),
			&m->entry));
	TRY(sql_prepare(m->sql, STR("INSERT INTO name VALUES(?1,?2)"), &m->name));
	TRY(sql_prepare(m->sql, STR("INSERT INTO outcome VALUES(?1,?2,?3)"), &m->outcome));
	return sql_prepare(m->sql, STR("INSERT INTO mark VALUES(?1,?2)"), &m->mark);
}

/* The indexes come last: SQLite sorts for them once, instead of at every row. */
static enum err make(struct making *m, struct lines *lines, const struct log_spot *spot,
		     struct note *n)
{
	struct str line;

	TRY(prepare(m));
	for (uint64_t id = 0; id < m->span.count; id++) {
		TRY(lines_get(lines, m->span.first + id, spot, &line));
		if (!line.ptr)
			return ERR_NOT_FOUND;
		TRY(add_line(m, lines, id, line, n));
	}
	TRY(add_face(m, lines->origin));
	TRY(sql_do(m->sql, INDEXES ";COMMIT"));
	return sql_sync(m->sql);
}

enum err piece_make(struct world *w, const char *path, struct lines *lines, struct span span,
		    const struct log_spot *spot, struct note *n)
{
	struct making m = { .span = span, .at = spot->offset, .face.began = spot->offset };
	enum err e = sql_open(w, path, SQL_MAKE, salt_of(lines->origin, span), SCHEMA, &m.sql);

	MUST(spot->entry == span.first);
	map_init(&m.numbers, span.first);
	arena_init(&m.names, NAMES_BYTES);
	arena_init(&m.line_memory, LINE_MEMORY);
	if (e == OK)
		e = make(&m, lines, spot, n);
	sql_finish(m.entry);
	sql_finish(m.name);
	sql_finish(m.outcome);
	sql_finish(m.mark);
	sql_close(m.sql);
	arena_fini(&m.line_memory);
	arena_fini(&m.names);
	map_fini(&m.numbers);
	return e;
}

/* --- reading --- */

static enum err read_face(struct piece *p, struct str origin)
{
	struct piece_face *f = &p->face;
	struct sql_query *q;
	bool row = false;
	enum err e;

	TRY(sql_prepare(p->sql, STR("SELECT * FROM piece"), &q));
	e = sql_step(q, &row);
	if (e == OK && (!row || !str_is(sql_bytes(q, 0), FORMAT) ||
			!str_eq(sql_bytes(q, 1), origin) ||
			sql_int(q, 2) != (int64_t)p->span.first ||
			sql_int(q, 3) != (int64_t)p->span.count ||
			sql_bytes(q, 6).len != DIGEST_BYTES || sql_int(q, 7) < 0 ||
			sql_int(q, 8) < sql_int(q, 7)))
		e = ERR_TAMPERED;
	if (e == OK) {
		f->oldest_ns = sql_int(q, 4);
		f->newest_ns = sql_int(q, 5);
		memcpy(f->leaf.bytes, sql_bytes(q, 6).ptr, DIGEST_BYTES);
		f->began = (uint64_t)sql_int(q, 7);
		f->ended = (uint64_t)sql_int(q, 8);
	}
	sql_finish(q);
	return e;
}

enum err piece_open(struct world *w, const char *path, struct str origin, struct span span,
		    struct piece **ret)
{
	struct piece *p = calloc(1, sizeof(*p));
	enum err e;

	if (!p)
		return ERR_MEMORY;
	p->span = span;
	for (unsigned i = 0; i < FILTER_NAMES; i++)
		buf_init(&p->ids[i], (size_t)16 << 20);
	e = sql_open(w, path, SQL_READ, salt_of(origin, span), SCHEMA ";" INDEXES, &p->sql);
	if (e == OK)
		e = read_face(p, origin);
	if (e != OK) {
		piece_close(p);
		return e;
	}
	*ret = p;
	return OK;
}

void piece_close(struct piece *p)
{
	if (!p)
		return;
	sql_finish(p->rows);
	sql_finish(p->marks);
	sql_close(p->sql);
	for (unsigned i = 0; i < FILTER_NAMES; i++)
		buf_fini(&p->ids[i]);
	free(p);
}

const struct piece_face *piece_face(const struct piece *p)
{
	return &p->face;
}

enum err piece_spot(struct piece *p, uint64_t seq, struct log_spot *ret)
{
	uint64_t id = (seq - p->span.first) / PIECE_MARK * PIECE_MARK;
	bool row = false;

	MUST(seq >= p->span.first && seq - p->span.first < p->span.count);
	if (!p->marks)
		TRY(sql_prepare(p->sql, STR("SELECT at FROM mark WHERE id=?1"), &p->marks));
	TRY(sql_put_int(p->marks, 1, (int64_t)id));
	TRY(sql_step(p->marks, &row));
	if (!row || sql_int(p->marks, 0) < 0)
		return ERR_TAMPERED;
	*ret = (struct log_spot){ p->span.first + id, (uint64_t)sql_int(p->marks, 0) };
	return sql_reset(p->marks);
}

/* --- asking --- */

/* The numbers of the names that a pattern matches, as a list in JSON. */
static enum err find_names(struct piece *p, struct str pattern, enum filter_name name)
{
	struct buf *ids = &p->ids[name];
	bool plain = filter_is_plain(pattern), row = true;
	struct sql_query *q;
	enum err e;

	buf_clear(ids);
	p->id_counts[name] = 0;
	TRY(sql_prepare(p->sql, plain ? STR("SELECT id,text FROM name WHERE text=?1")
				      : STR("SELECT id,text FROM name"), &q));
	e = plain ? sql_put_bytes(q, 1, pattern) : OK;
	while (e == OK && row) {
		e = sql_step(q, &row);
		if (e != OK || !row || !match_glob(pattern, sql_bytes(q, 1)))
			continue;
		buf_add_byte(ids, ids->len ? ',' : '[');
		buf_add_i64(ids, sql_int(q, 0));
		p->id_counts[name]++;
	}
	sql_finish(q);
	buf_add_byte(ids, ']');
	return e == OK ? ids->err : e;
}

/*
 * By which of the indexes? A single session, trace, agent or tool is few rows, given in order;
 * denials are few, too; a handful of names is less than all. SQLite would guess: a piece keeps no
 * statistics. FILTER_NAMES: by none of names.
 */
static enum filter_name choose_index(const struct piece *p, const struct filter *f)
{
	static const enum filter_name indexed[] = {
		FILTER_SESSION, FILTER_TRACE, FILTER_AGENT, FILTER_TOOL
	};
	size_t most = f->by_effect && f->effect == EFFECT_DENY ? 1 : HANDFUL;

	for (size_t limit = 1; limit <= most; limit += HANDFUL - 1)
		for (size_t i = 0; i < sizeof(indexed) / sizeof(*indexed); i++)
			if (f->names[indexed[i]].ptr && p->id_counts[indexed[i]] <= limit)
				return indexed[i];
	return FILTER_NAMES;
}

/* A plus keeps SQLite from looking for an index to the column. */
static void add_names(struct buf *b, const struct piece *p, enum filter_name name, bool by_index,
		      int *place)
{
	buf_addf(b, " AND %s%s", by_index ? "" : "+", columns[name]);
	if (p->id_counts[name] == 1)
		buf_addf(b, "=%.*s", (int)p->ids[name].len - 2, p->ids[name].ptr + 1);
	else
		buf_addf(b, " IN (SELECT value FROM json_each(?%d))", (*place)++);
	if (name == FILTER_TRACE)
		buf_add_c(b, " AND trace>0");         /* what its index asks for */
}

/* ?1 and ?2 are the span; ?3 and on are lists of names, in the order of the columns. */
static void write_question(struct buf *b, const struct piece *p, const struct filter *f,
			   bool newest_first)
{
	enum filter_name index = choose_index(p, f);
	int place = 3;

	buf_add_c(b, "SELECT id FROM entry WHERE id>=?1 AND id<?2");
	if (f->by_kind)
		buf_addf(b, " AND kind=%d", (int)f->kind);
	if (f->by_effect)
		buf_addf(b, " AND effect=%d", (int)STORED_EFFECT(f->effect));
	if (f->since_ns > INT64_MIN)
		buf_addf(b, " AND time>=%lld", (long long)f->since_ns);
	if (f->until_ns < INT64_MAX)
		buf_addf(b, " AND time<=%lld", (long long)f->until_ns);
	for (unsigned i = 0; i < FILTER_NAMES; i++)
		if (f->names[i].ptr)
			add_names(b, p, (enum filter_name)i, i == index, &place);
	buf_add_c(b, newest_first ? " ORDER BY id DESC" : " ORDER BY id");
}

static enum err put_question(struct piece *p, const struct filter *f, const struct buf *text)
{
	int place = 3;

	TRY(text->err);
	TRY(sql_prepare(p->sql, buf_view(text), &p->rows));
	TRY(sql_put_int(p->rows, 1, (int64_t)(p->from - p->span.first)));
	TRY(sql_put_int(p->rows, 2, (int64_t)(p->end - p->span.first)));
	for (unsigned i = 0; i < FILTER_NAMES; i++)
		if (f->names[i].ptr && p->id_counts[i] > 1)
			TRY(sql_put_text(p->rows, place++, buf_view(&p->ids[i])));
	return OK;
}

static void stop_asking(struct piece *p)
{
	sql_finish(p->rows);
	p->rows = NULL;
}

enum err piece_ask(struct piece *p, const struct filter *f, uint64_t from, uint64_t end,
		   bool newest_first)
{
	struct buf text;
	enum err e;

	MUST(from >= p->span.first && end - p->span.first <= p->span.count && from <= end);
	stop_asking(p);
	p->from = from;
	p->end = end;
	p->newest_first = newest_first;
	if (f->since_ns > p->face.newest_ns || f->until_ns < p->face.oldest_ns)
		return OK;
	for (unsigned i = 0; i < FILTER_NAMES; i++) {
		if (!f->names[i].ptr)
			continue;
		TRY(find_names(p, f->names[i], (enum filter_name)i));
		if (p->id_counts[i] == 0)
			return OK;
	}
	buf_init(&text, SQL_BYTES);
	write_question(&text, p, f, newest_first);
	e = put_question(p, f, &text);
	buf_fini(&text);
	return e;
}

enum err piece_next(struct piece *p, uint64_t *seq, bool *more)
{
	uint64_t id;

	*more = false;
	if (!p->rows)
		return OK;
	TRY(sql_step(p->rows, more));
	if (!*more) {
		stop_asking(p);
		return OK;
	}
	id = p->span.first + (uint64_t)sql_int(p->rows, 0);
	if (id < p->from || id >= p->end)
		return ERR_TAMPERED;
	if (p->newest_first)
		p->end = id;
	else
		p->from = id + 1;
	*seq = id;
	return OK;
}

enum err piece_ask_outcomes(struct piece *p, struct str status)
{
	stop_asking(p);
	TRY(find_names(p, status, FILTER_AGENT));
	p->from = p->span.first;
	p->end = p->span.first + p->span.count;
	p->newest_first = false;
	TRY(sql_prepare(p->sql, STR("SELECT id,action FROM outcome WHERE status IN "
				    "(SELECT value FROM json_each(?1)) ORDER BY id"), &p->rows));
	return sql_put_text(p->rows, 1, buf_view(&p->ids[FILTER_AGENT]));
}

enum err piece_next_outcome(struct piece *p, uint64_t *seq, uint64_t *of, bool *more)
{
	TRY(piece_next(p, seq, more));
	if (*more)
		*of = (uint64_t)sql_int(p->rows, 1);
	return OK;
}
