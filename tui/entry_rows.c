/* entry_rows: what of an entry fits a line. */
#include "tui/entry_rows.h"

#include "engine/base/canon.h"
#include "engine/base/csv.h"
#include "engine/base/when.h"
#include "tui/print.h"

#define AGENT_COLUMNS 14
#define WHAT_COLUMNS 20
#define EFFECT_COLUMNS 5
#define BY_COLUMNS 24
#define GAP 2
#define SECONDS (sizeof("2026-01-02T03:04:05") - 1)
#define RESULT_CAP ((size_t)1 << 20)

enum err row_form_of(const struct invocation *in, enum row_form *ret, struct note *n)
{
	if (given(in, OPT_CSV) && json_wanted(in))
		return note_set(n, ERR_USAGE, 0, 0, "--csv and --json exclude each other");
	*ret = given(in, OPT_CSV) ? ROWS_CSV : json_wanted(in) ? ROWS_JSON : ROWS_TABLE;
	return OK;
}

/* --- CSV --- */

static void next_cell(struct buf *b, struct str text)
{
	buf_add_byte(b, ',');
	csv_cell(b, text);
}

/* The reasons as one text, and the data as they stand in the line. */
static void add_texts(struct buf *b, const struct entry *e)
{
	struct buf cell;

	buf_init(&cell, RESULT_CAP);
	for (size_t i = 0; e->decision && i < e->decision->reason_count; i++) {
		buf_add_c(&cell, i ? "; " : "");
		buf_add(&cell, e->decision->reasons[i]);
	}
	next_cell(b, buf_view(&cell));
	buf_clear(&cell);
	if (e->data)
		canon_value(&cell, e->data);
	next_cell(b, buf_view(&cell));
	if (b->err == OK)
		b->err = cell.err;
	buf_fini(&cell);
}

static void add_csv(struct buf *b, const struct entry *e)
{
	const struct decision *d = e->decision;

	buf_add_u64(b, e->seq);
	buf_add_byte(b, ',');
	when_write(b, e->time_ns);
	next_cell(b, str_view(entry_kind_name(e->kind)));
	next_cell(b, e->agent);
	next_cell(b, e->action);
	next_cell(b, e->resource);
	next_cell(b, e->session);
	next_cell(b, e->trace);
	next_cell(b, str_view(d ? effect_name(d->effect) : ""));
	next_cell(b, d ? d->stage : STR(""));
	next_cell(b, d ? d->rule : STR(""));
	add_texts(b, e);
	buf_add_c(b, "\r\n");
}

/* --- a table --- */

/* At most `most` characters, and blanks up to `least`; what is cut ends in a dot-dot. */
static void add_cell(struct buf *b, struct str text, size_t least, size_t most)
{
	size_t at = 0, kept = 0, count = 0, len;
	uint32_t code;

	while (at < text.len && count <= most) {
		len = str_utf8_first(str_slice(text.ptr + at, text.len - at), &code);
		at += len ? len : 1;
		count++;
		if (count == most - 2)
			kept = at;
	}
	if (count > most) {
		buf_add(b, str_slice(text.ptr, kept));
		buf_add_c(b, "..");
		count = most;
	} else {
		buf_add(b, text);
	}
	for (; count < least; count++)
		buf_add_byte(b, ' ');
}

/* The rule that decided, or the stage. */
static struct str by_whom(const struct decision *d)
{
	return !d ? STR("") : d->rule.ptr ? d->rule : d->stage;
}

/* What stands behind it leaves so much room to `what`. */
static size_t what_room(const struct entry *e)
{
	size_t by = by_whom(e->decision).len;

	if (!e->decision)
		return WHAT_COLUMNS + GAP + EFFECT_COLUMNS + GAP + BY_COLUMNS;
	return by < BY_COLUMNS ? WHAT_COLUMNS + BY_COLUMNS - by : WHAT_COLUMNS;
}

/* An action's tool; of others the kind and what it is about. */
static void add_what(struct buf *b, const struct entry *e)
{
	struct str status = value_text(e->data, "status");
	struct buf what;

	buf_init(&what, RESULT_CAP);
	if (e->kind != ENTRY_ACTION)
		buf_add_c(&what, entry_kind_name(e->kind));
	if (e->kind == ENTRY_OUTCOME && e->link_count > 0)
		buf_addf(&what, " of %llu %.*s", (unsigned long long)e->links[0].seq,
			 STR_ARG(status));
	if (e->action.len > 0) {
		buf_add_c(&what, what.len ? " " : "");
		buf_add(&what, e->action);
	}
	add_cell(b, buf_view(&what), WHAT_COLUMNS, what_room(e));
	if (b->err == OK)
		b->err = what.err;
	buf_fini(&what);
}

/* Times to the second: the rest is for those who ask for JSON. */
static void add_table(struct buf *b, const struct entry *e)
{
	const struct decision *d = e->decision;
	char number[24];
	struct buf time;

	(void)snprintf(number, sizeof(number), "%7llu", (unsigned long long)e->seq);
	buf_add_c(b, number);
	buf_add_c(b, "  ");
	buf_init(&time, WHEN_TEXT_BYTES + 1);
	when_write(&time, e->time_ns);
	if (time.err == OK)
		buf_add(b, str_slice(time.ptr, SECONDS));
	else if (b->err == OK)
		b->err = time.err;
	buf_fini(&time);
	buf_add_c(b, "Z  ");
	add_cell(b, e->agent, AGENT_COLUMNS, AGENT_COLUMNS);
	buf_add_c(b, "  ");
	add_what(b, e);
	buf_add_c(b, "  ");
	add_cell(b, str_view(d ? effect_name(d->effect) : ""), EFFECT_COLUMNS, EFFECT_COLUMNS);
	buf_add_c(b, "  ");
	add_cell(b, by_whom(d), BY_COLUMNS, BY_COLUMNS);
	while (b->len > 0 && b->ptr[b->len - 1] == ' ')
		b->len--;
	buf_add_byte(b, '\n');
}

/* --- either --- */

void add_row_head(struct buf *b, enum row_form form)
{
	if (form == ROWS_TABLE)
		buf_add_c(b, "  entry  time                  agent           what                "
			     "  effect rule, or stage\n");
	if (form == ROWS_CSV)
		buf_add_c(b, "entry,time,kind,agent,action,resource,session,trace,effect,stage,"
			     "rule,reasons,data\r\n");
}

void add_row(struct buf *b, enum row_form form, struct str line, const struct entry *e)
{
	if (form == ROWS_TABLE) {
		add_table(b, e);
	} else if (form == ROWS_CSV) {
		add_csv(b, e);
	} else {
		buf_add(b, line);
		buf_add_byte(b, '\n');
	}
}

enum err print_rows(const struct invocation *in, enum row_form form, struct buf *b,
		    struct note *n)
{
	return form == ROWS_TABLE ? print_page(in, b, n) : print_out(b, n);
}
