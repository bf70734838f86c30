/*
 * import_flight: the database of the reference toolkit's FlightRecorder.
 *
 * A row is made when a tool is asked for and changed when it is known how that went. Only its first
 * state is chained; what came of it stands under a hash that anyone can make anew. A row becomes an
 * action, whose outcome carries the verdict that was claimed; the result of the outcome holds the
 * text under content_hash, of which the text under entry_hash is the beginning, and what is in no
 * hash beside it.
 */
#include "replay/hearsay.h"

#include <math.h>

#include "engine/sql/sql.h"

enum column {
	TRACE, TIMESTAMP, AGENT, TOOL, ARGS, VERDICT, REASON, RESULT, MS, ENTRY_HASH, PREVIOUS,
	CONTENT, PROMPT, METADATA, COLUMNS
};

static const char *const columns[] = {
	"trace_id", "timestamp", "agent_id", "tool_name", "tool_args", "policy_verdict",
	"violation_reason", "result", "execution_time_ms", "entry_hash", "previous_hash",
	"content_hash", "input_prompt", "metadata", NULL
};

static const char *const findings[] = {
	"that no row was cut off its end (nothing says how many there were)",
	"that it was not rewritten as a whole (its hashes need no key)",
	"policy_verdict, violation_reason, result, execution_time_ms (they are outside the chain; "
	"who changes them makes a new content_hash)",
	"input_prompt, metadata (they are in no hash)",
	"where its fields begin and end (they are hashed with ':' between them, which may be in "
	"them)",
	NULL
};
static const char unhashed[] =
	"how rows without content_hash went (the recorder was started anew between its writes)";

struct flight {
	struct importing *im;
	uint64_t count;
	char last[64];                         /* entry_hash of the row before */
	size_t last_len;
	struct buf text;
};

static struct str text_of(const struct sql_cell *c)
{
	return c->kind == CELL_TEXT ? c->bytes : STR_NONE;
}

static enum err broken(struct importing *im, int64_t id, unsigned faults)
{
	return note_set(im->note, ERR_TAMPERED, 0, 0, "row %lld %s", (long long)id,
			faults & FLIGHT_LINK ? "does not follow the one before it: rows were "
					       "removed, added or moved" :
			faults & FLIGHT_ENTRY ? "is not what its entry_hash says: it was changed "
						"after it was made" :
					       "is not what its content_hash says: what came of it "
					       "was changed");
}

static enum err judge(struct flight *f, int64_t id, const struct foreign_flight *row)
{
	struct importing *im = f->im;
	unsigned faults;

	TRY(foreign_flight_faults(row, f->count ? str_slice(f->last, f->last_len) : STR_NONE,
				  &f->text, &faults));
	if (faults & ~(unsigned)FLIGHT_UNHASHED)
		TRY(hearsay_broken(im, broken(im, id, faults)));
	if (faults & FLIGHT_UNHASHED)
		import_finding(im, unhashed);
	f->last_len = row->entry_hash.len < sizeof(f->last) ? row->entry_hash.len
							    : sizeof(f->last);
	if (f->last_len)
		memcpy(f->last, row->entry_hash.ptr, f->last_len);
	f->count++;
	return OK;
}

/* The texts of a row as a tree, so that they are read as those of any other record. */
static enum err tree_of(struct importing *im, int64_t id, const struct sql_cell *cells,
			struct value *ret)
{
	struct member *members = arena_array(&im->memory, COLUMNS, sizeof(*members));
	size_t count = 0;

	if (!members)
		return ERR_MEMORY;
	for (size_t i = 0; i < COLUMNS; i++) {
		struct str text = text_of(&cells[i]);

		if (i == MS || cells[i].kind == CELL_NULL)
			continue;
		if (!text.ptr)
			return note_set(im->note, ERR_TYPE, 0, 0,
					"row %lld: column '%s' is no text", (long long)id,
					columns[i]);
		if (!str_utf8_ok(text))
			return note_set(im->note, ERR_ENCODING, 0, 0,
					"row %lld: column '%s' is not valid UTF-8", (long long)id,
					columns[i]);
		members[count++] = (struct member){ .key = str_view(columns[i]),
						    .value = value_string(text) };
	}
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	return OK;
}

static enum err row_of(struct importing *im, int64_t id, const struct sql_cell *cells,
		       struct foreign_flight *ret)
{
	const struct sql_cell *ms = &cells[MS];

	*ret = (struct foreign_flight){
		.trace_id = text_of(&cells[TRACE]), .timestamp = text_of(&cells[TIMESTAMP]),
		.agent_id = text_of(&cells[AGENT]), .tool_name = text_of(&cells[TOOL]),
		.tool_args = text_of(&cells[ARGS]), .policy_verdict = text_of(&cells[VERDICT]),
		.violation_reason = text_of(&cells[REASON]), .result = text_of(&cells[RESULT]),
		.has_ms = ms->kind == CELL_INT || ms->kind == CELL_REAL,
		/* A recorder's column may be of another type than REAL. */
		.ms = ms->kind == CELL_REAL ? ms->real : (double)ms->integer,
		.entry_hash = text_of(&cells[ENTRY_HASH]),
		.previous_hash = text_of(&cells[PREVIOUS]),
		.content_hash = text_of(&cells[CONTENT]),
	};
	if (ms->kind != CELL_NULL && !(ret->has_ms && isfinite(ret->ms)))
		return note_set(im->note, ERR_TYPE, 0, 0,
				"row %lld: column 'execution_time_ms' is no number", (long long)id);
	return OK;
}

/* Arguments are JSON where the recorder wrote them; anything else is kept as the text it is. */
static struct value args_of(struct importing *im, struct str text)
{
	struct value v;

	return json_read(text, 1, &im->memory, &v, NULL) == OK ? v : value_string(text);
}

static enum err submit(struct flight *f, const struct foreign_flight *row, const struct value *v)
{
	static const char *const kept[] = { "violation_reason", "entry_hash", "previous_hash",
					    "content_hash" };
	struct importing *im = f->im;
	struct member facts[4], told[3] = { { .key = STR("hashed") } };
	struct value foreign = { .kind = VALUE_OBJECT, .object = { facts, 0 } },
		     result = { .kind = VALUE_OBJECT, .object = { told, 1 } }, args,
		     ms = { .kind = VALUE_REAL, .real = row->ms };
	struct hearsay c = { .timed = true, .foreign = &foreign, .result = &result,
			   .status = row->policy_verdict, .latency = row->has_ms ? &ms : NULL };

	TRY(hearsay_name(im, v, "agent_id", &c.agent));
	TRY(hearsay_name(im, v, "tool_name", &c.action));
	TRY(hearsay_name(im, v, "trace_id", &c.trace));
	TRY(hearsay_time(im, v, "timestamp", &c.at_ns));
	if (row->tool_args.ptr) {
		args = args_of(im, row->tool_args);
		c.args = &args;
	}
	for (size_t i = 0; i < 4; i++)
		if (value_get_c(v, kept[i]))
			facts[foreign.object.count++] = (struct member){
				.key = str_view(kept[i]), .value = *value_get_c(v, kept[i]) };
	buf_clear(&f->text);
	foreign_flight_content_text(&f->text, row, false);
	TRY(f->text.err);
	told[0].value = value_string(buf_view(&f->text));
	for (size_t i = PROMPT; i <= METADATA; i++)
		if (value_get_c(v, columns[i]))
			told[result.object.count++] = (struct member){
				.key = str_view(columns[i]), .value = *value_get_c(v, columns[i]) };
	return hearsay_submit(im, &c, v);
}

static enum err import_row(void *self, int64_t id, const struct sql_cell *cells)
{
	struct flight *f = self;
	struct importing *im = f->im;
	struct foreign_flight row;
	struct value v;

	arena_rewind(&im->memory, (struct arena_mark){ NULL, 0 });
	TRY(tree_of(im, id, cells, &v));
	TRY(row_of(im, id, cells, &row));
	TRY(judge(f, id, &row));
	return submit(f, &row, &v);
}

enum err import_agt_flight(struct importing *im)
{
	const struct foreign_table table = { "audit_log", columns, CONTENT };
	struct flight f = { .im = im };
	enum err e;

	if (!im->options->path)
		return note_set(im->note, ERR_USAGE, 0, 0,
				"a database cannot be read from standard input; name its file");
	for (size_t i = 0; findings[i]; i++)
		import_finding(im, findings[i]);
	buf_init(&f.text, 4 * (size_t)LIMIT_LINE_BYTES);
	e = foreign_table_scan(space_world(im->space), im->options->path, &table, import_row, &f,
			       im->note);
	buf_fini(&f.text);
	im->report->foreign_entries = f.count;
	if (e == OK && f.count == 0)
		return note_set(im->note, ERR_TRUNCATED, 0, 0,
				"the table 'audit_log' has no row");
	return e;
}
