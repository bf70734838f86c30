/*
 * import_csv: the columns that 'log export --format csv' writes, in any order; others are not
 * looked at. Rows of kind action become actions, those of kind outcome their outcomes.
 *
 * A row that waits for its outcome is kept as the cells it had, one behind the other.
 */
#include "engine/base/when.h"
#include "replay/csv_reader.h"
#include "replay/hearsay.h"
#include "replay/pairs.h"

enum column {
	SEQ, TIME, CLOCK, KIND, AGENT, ACTION, RESOURCE, SESSION, TRACE, EFFECT, STAGE, RULE,
	REASON, OUTCOME_OF, STATUS, LATENCY, POLICY, LEAF, LOG, ARGS, RESULT, COLUMNS
};

static const char *const names[COLUMNS] = {
	"seq", "time", "clock", "kind", "agent", "action", "resource", "session", "trace",
	"effect", "stage", "rule", "reason", "outcome_of", "status", "latency_ms", "policy",
	"leaf", "log", "args_body", "result_body",
};

static const char no_evidence[] =
	"anything (cells are in no chain and nothing is signed; 'trammel log prove' proves an "
	"entry)";

struct csv_import {
	struct importing *im;
	struct pairs *pairs;
	size_t at[COLUMNS];                    /* SIZE_MAX: there is no such column */
	size_t width;
	struct buf packed;
};

/* --- a row as one text: cells between zero bytes, which none holds --- */

static enum err pack(struct csv_import *c, const struct str *row)
{
	buf_clear(&c->packed);
	for (size_t i = 0; i < COLUMNS; i++) {
		buf_add(&c->packed, row[i]);
		buf_add_byte(&c->packed, '\0');
	}
	return c->packed.err;
}

static void unpack(struct str packed, struct str *row)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (!str_cut(packed, '\0', &row[i], &packed))
			row[i] = STR("");
}

static struct str or_none(struct str cell)
{
	return cell.len ? cell : STR_NONE;
}

static enum err read_body(struct csv_import *c, struct str cell, struct value *room,
			  const struct value **ret)
{
	*ret = NULL;
	if (cell.len == 0 || str_is(cell, "(gone)"))
		return OK;
	TRY(json_read(cell, 1, &c->im->memory, room, c->im->note));
	*ret = room;
	return OK;
}

static enum err take_name(struct csv_import *c, const struct str *row, enum column column,
			  struct str *ret)
{
	*ret = or_none(row[column]);
	if (!ret->ptr || agent_name_ok(*ret))
		return OK;
	return note_set(c->im->note, ERR_RANGE, 0, 0,
			"row of entry %.*s: '%s' has %zu bytes; expected 1 to %d without control "
			"characters", STR_ARG(row[SEQ]), names[column], ret->len, LIMIT_NAME_BYTES);
}

static enum err take_time(struct csv_import *c, const struct str *row, int64_t *ret)
{
	enum err e = when_read(row[TIME], ret);

	if (e == OK)
		return OK;
	return note_set(c->im->note, e, 0, 0,
			"row of entry %.*s: 'time' is '%.*s'; expected a time like "
			"2026-01-02T03:04:05Z", STR_ARG(row[SEQ]), STR_ARG(row[TIME]));
}

static enum err take_pair(void *self, const struct pair *p)
{
	static const enum column kept[] = { SEQ, EFFECT, STAGE, RULE, REASON, POLICY, LEAF, LOG };
	static const struct value nowhere = { .kind = VALUE_NULL };
	struct csv_import *c = self;
	struct str row[COLUMNS], done[COLUMNS];
	struct member facts[sizeof(kept) / sizeof(kept[0])];
	struct value foreign = { .kind = VALUE_OBJECT, .object = { facts, 0 } }, args, result,
		     latency;
	struct hearsay h = { .timed = true, .foreign = &foreign };

	unpack(p->first.line, row);
	unpack(p->outcome.line.ptr ? p->outcome.line : STR(""), done);
	TRY(take_time(c, row, &h.at_ns));
	TRY(take_name(c, row, AGENT, &h.agent));
	TRY(take_name(c, row, ACTION, &h.action));
	TRY(take_name(c, row, SESSION, &h.session));
	TRY(take_name(c, row, TRACE, &h.trace));
	h.resource = row[RESOURCE].len <= LIMIT_RESOURCE_BYTES ? or_none(row[RESOURCE]) : STR_NONE;
	h.synthetic = str_is(row[CLOCK], "synthetic");
	TRY(read_body(c, row[ARGS], &args, &h.args));
	TRY(read_body(c, done[RESULT], &result, &h.result));
	TRY(read_body(c, done[LATENCY], &latency, &h.latency));
	if (h.latency && !value_is_number(h.latency))
		h.latency = NULL;
	if (done[TIME].len)
		TRY(take_time(c, done, &h.done_ns));
	h.status = str_is(row[EFFECT], "deny") ? STR("denied") : or_none(done[STATUS]);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (row[kept[i]].len)
			facts[foreign.object.count++] = (struct member){
				.key = str_view(names[kept[i]]),
				.value = value_string(row[kept[i]]) };
	return hearsay_submit(c->im, &h, &nowhere);
}

/* --- rows --- */

/* An apostrophe that was put in front of what looks like a formula is taken away again. */
static struct str unguarded(struct str s)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
					    "\xef\xbc\xa0" };
	struct str rest = s;
	bool formula;

	if (s.len == 0 || *s.ptr != '\'')
		return s;
	while (rest.len > 0 && *rest.ptr == '\'')
		rest = str_slice(rest.ptr + 1, rest.len - 1);
	formula = rest.len > 0 && *rest.ptr && strchr("=+-@\t\r\n", *rest.ptr);
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		formula = formula || str_starts(rest, str_view(wide[i]));
	return formula ? str_slice(s.ptr + 1, s.len - 1) : s;
}

static enum err read_header(struct csv_import *c, const struct str *cells, size_t count)
{
	static const enum column needed[] = { SEQ, TIME, KIND, AGENT, ACTION };

	c->width = count;
	for (size_t i = 0; i < COLUMNS; i++) {
		c->at[i] = SIZE_MAX;
		for (size_t cell = 0; cell < count; cell++)
			if (str_is(cells[cell], names[i]))
				c->at[i] = cell;
	}
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (c->at[needed[i]] == SIZE_MAX)
			return note_set(c->im->note, ERR_SYNTAX, 1, 0,
					"there is no column '%s'; expected those that "
					"'log export --format csv' writes", names[needed[i]]);
	return OK;
}

static enum err import_row(struct csv_import *c, const struct str *cells, uint32_t line)
{
	struct pair_half half = { .args_gone = false };
	struct str row[COLUMNS];
	bool found = false;
	uint64_t seq, of;

	for (size_t i = 0; i < COLUMNS; i++) {
		row[i] = c->at[i] == SIZE_MAX ? STR("") : unguarded(cells[c->at[i]]);
		if (memchr(row[i].ptr, '\0', row[i].len))
			return note_set(c->im->note, ERR_SYNTAX, line, 0,
					"a cell holds a zero byte");
	}
	if (str_to_u64(row[SEQ], &seq) != OK)
		return note_set(c->im->note, ERR_SYNTAX, line, 0,
				"'seq' is '%.*s'; expected the number of an entry",
				STR_ARG(row[SEQ]));
	TRY(pack(c, row));
	half.line = buf_view(&c->packed);
	if (str_is(row[KIND], "action"))
		return pairs_add(c->pairs, seq, str_is(row[EFFECT], "allow"), &half);
	if (str_is(row[KIND], "outcome") && str_to_u64(row[OUTCOME_OF], &of) == OK)
		TRY(pairs_outcome(c->pairs, of, &half, &found));
	c->im->report->passed_over += !found;
	return OK;
}

static enum err import_rows(struct csv_import *c, struct csv_reader *r)
{
	struct str cells[CSV_CELLS_MAX];
	struct importing *im = c->im;
	bool header = true;
	size_t count;

	for (;; header = false) {
		arena_rewind(&im->memory, (struct arena_mark){ NULL, 0 });
		TRY(csv_next(r, &im->memory, cells, &count, im->note));
		if (count == 0 && header)
			return note_set(im->note, ERR_TRUNCATED, 1, 0,
					"no row here; expected a header and rows");
		if (count == 0)
			return pairs_end(c->pairs);
		if (header) {
			TRY(read_header(c, cells, count));
			continue;
		}
		if (count != c->width)
			return note_set(im->note, ERR_SYNTAX, r->record_line, 0,
					"%zu cells; the header has %zu", count, c->width);
		TRY(import_row(c, cells, r->record_line));
	}
}

enum err import_csv(struct importing *im)
{
	struct csv_import c = { .im = im };
	struct csv_reader r;
	enum err e = pairs_open(take_pair, &c, &c.pairs);

	import_finding(im, no_evidence);
	csv_init(&r, space_world(im->space), im->fd);
	buf_init(&c.packed, (size_t)LIMIT_LINE_BYTES + 4096);
	if (e == OK)
		e = import_rows(&c, &r);
	buf_fini(&c.packed);
	csv_fini(&r);
	pairs_close(c.pairs);
	return e;
}
