/* cmd_log_query: trammel log query [filters] | log show N..M | index rebuild */
#include "tui/entry_rows.h"

#include <signal.h>
#include <time.h>

#include "engine/base/limits.h"
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/given_filter.h"
#include "tui/print.h"

#define OUT_CAP    ((size_t)64 << 20)
#define PORTION    ((size_t)256 << 10)   /* written at once, of an answer without end */
#define MEMORY_CAP ((size_t)64 << 20)
#define POLL_NS    200000000L

struct querying {
	const struct invocation *in;
	struct space *space;
	struct index *index;
	struct search *search;
	struct search_order order;
	struct cursor from, here;    /* `here`: behind what was given last */
	enum row_form form;
	uint64_t limit, given;       /* limit 0: none */
	bool more;
	struct buf out;
	struct note note;
	char folder[LIMIT_PATH_BYTES];
};

static void tell_work(const struct index_work *work)
{
	if (work->failed != OK)
		print_talk("trammel: %s%sthe index is not up to date (%s); the log itself is read",
			   work->why.file, work->why.file[0] ? ": " : "",
			   work->why.text[0] ? work->why.text : err_text(work->failed));
}

static enum err open_index(struct querying *q, bool anew, struct index_work *work)
{
	TRY(space_open(q->in->world, dir_of(q->in), SPACE_READ, &q->space, &q->note));
	TRY(world_join(q->folder, sizeof(q->folder), space_path(q->space), "index"));
	return index_open(q->in->world, space_log_folder(q->space), q->folder,
			  space_config(q->space)->origin, anew, work, &q->index, &q->note);
}

static enum err read_limit(struct querying *q)
{
	const char *text = q->in->values[OPT_LIMIT];

	if (!text || (str_to_u64(str_view(text), &q->limit) == OK && q->limit > 0))
		return OK;
	return note_set(&q->note, ERR_USAGE, 0, 0, "--limit is '%s'; expected a number from 1 on",
			text);
}

static enum err read_options(struct querying *q)
{
	const struct invocation *in = q->in;

	TRY(row_form_of(in, &q->form, &q->note));
	TRY(read_limit(q));
	if (given(in, OPT_CURSOR)) {
		TRY(cursor_read(str_view(in->values[OPT_CURSOR]), &q->from, &q->note));
		q->order.from = &q->from;
	}
	if (given(in, OPT_FOLLOW) && (given(in, OPT_REVERSE) || q->limit || given(in, OPT_COUNT)))
		return note_set(&q->note, ERR_USAGE, 0, 0,
				"--follow has no end, so it goes without --reverse, --limit and "
				"--count");
	q->order.newest_first = given(in, OPT_REVERSE);
	return OK;
}

/* Relative times of a page that goes on are counted as those of the first page were. */
static enum err read_question(struct querying *q)
{
	q->order.newest_ns = q->order.from ? q->from.newest_ns : index_newest_ns(q->index);
	return given_filter(q->in, q->order.newest_ns, &q->order.filter, &q->note);
}

/* --- the answer --- */

static enum err flush(struct querying *q)
{
	return print_rows(q->in, q->form, &q->out, &q->note);
}

static enum err give_all(struct querying *q)
{
	bool counting = given(q->in, OPT_COUNT);
	struct hit hit;

	for (;;) {
		q->here = search_cursor(q->search);
		TRY(search_next(q->search, &hit, &q->note));
		q->more = hit.line.ptr && q->limit && q->given == q->limit;
		if (!hit.line.ptr || q->more)
			return OK;
		q->given++;
		if (!counting)
			add_row(&q->out, q->form, hit.line, hit.entry);
		if (q->out.len >= PORTION)
			TRY(flush(q));
	}
}

static bool is_relative(const struct querying *q, enum option o)
{
	return given(q->in, o) && q->in->values[o][0] == '-';
}

/* Whoever wrote -1h at night has to know before what. */
static void tell_count(const struct querying *q)
{
	struct buf b;

	buf_init(&b, 1024);
	print_counted(&b, q->given, "entry", "entries");
	if (is_relative(q, OPT_SINCE) || is_relative(q, OPT_UNTIL)) {
		buf_add_c(&b, "; times are counted back from the last entry, at ");
		when_write(&b, q->order.newest_ns);
	}
	if (b.err == OK)
		print_talk("%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

/* Behind the entries: how to go on, or how many there were. */
static enum err conclude(struct querying *q)
{
	bool counting = given(q->in, OPT_COUNT);
	struct buf cursor;

	buf_init(&cursor, CURSOR_BYTES + 1);
	cursor_write(&cursor, &q->here);
	if (counting && q->form == ROWS_JSON) {
		buf_addf(&q->out, "{\"count\":%llu}\n", (unsigned long long)q->given);
	} else if (counting) {
		buf_addf(&q->out, "%llu\n", (unsigned long long)q->given);
	} else if (q->limit && q->form == ROWS_JSON) {
		buf_add_c(&q->out, "{");
		json_text(&q->out, "cursor", q->more ? buf_view(&cursor) : STR_NONE);
		json_bool(&q->out, "more", q->more);
		buf_add_c(&q->out, "}\n");
	}
	TRY(flush(q));
	if (q->form == ROWS_TABLE && !counting)
		tell_count(q);
	if (q->more && q->form != ROWS_JSON && !counting)
		print_talk("more: --cursor %.*s", STR_ARG(buf_view(&cursor)));
	buf_fini(&cursor);
	return OK;
}

static enum err search_once(struct querying *q)
{
	enum err e = search_open(q->index, &q->order, &q->search, &q->note);

	if (e == OK)
		e = give_all(q);
	search_close(q->search);
	q->search = NULL;
	return e;
}

/*
 * As entries come. The signals that end it are waited for, so the time between two looks is theirs;
 * what was written before is whole lines.
 */
static enum err follow(struct querying *q)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	uint64_t seen = index_end(q->index);
	sigset_t ends;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	for (;;) {
		q->from = q->here;
		q->order.from = &q->from;
		TRY(index_refresh(q->index, &q->note));
		if (index_end(q->index) != seen) {
			seen = index_end(q->index);
			TRY(search_once(q));
			TRY(flush(q));
			continue;
		}
		if (sigtimedwait(&ends, NULL, &pause) >= 0)
			return OK;
	}
}

static enum err answer(struct querying *q)
{
	struct index_work work;

	TRY(read_options(q));
	TRY(open_index(q, false, &work));
	tell_work(&work);
	TRY(read_question(q));
	if (!given(q->in, OPT_COUNT))
		add_row_head(&q->out, q->form);
	TRY(search_once(q));
	if (!given(q->in, OPT_FOLLOW))
		return conclude(q);
	TRY(flush(q));
	return follow(q);
}

static int finish(struct querying *q, enum err e)
{
	buf_fini(&q->out);
	index_close(q->index);
	(void)space_close(q->space, NULL);
	return e == OK ? 0 : print_error(q->in, e, &q->note);
}

int cmd_log_query(const struct invocation *in)
{
	struct querying q = { .in = in };

	buf_init(&q.out, OUT_CAP);
	return finish(&q, answer(&q));
}

/* --- a range --- */

static enum err read_range(const char *text, uint64_t *first, uint64_t *last, struct note *n)
{
	const char *dots = strstr(text, "..");

	if (dots && str_to_u64(str_slice(text, (size_t)(dots - text)), first) == OK &&
	    str_to_u64(str_view(dots + 2), last) == OK && *first <= *last)
		return OK;
	return note_set(n, ERR_USAGE, 0, 0,
			"'%s' is no range of entries; expected two numbers, like 10..20", text);
}

static enum err show_lines(struct querying *q, struct log_reader *r, uint64_t last)
{
	struct entry entry;
	struct str line;
	struct arena a;
	enum err e = OK;

	arena_init(&a, MEMORY_CAP);
	while (e == OK && log_reader_index(r) <= last) {
		e = log_reader_next(r, &line);
		if (e != OK || !line.ptr)
			break;
		e = entry_read(line, &a, &entry, &q->note);
		if (e == OK)
			add_row(&q->out, q->form, line, &entry);
		else
			log_reader_place(r, log_reader_index(r) - 1, &q->note);
		if (e == OK && q->out.len >= PORTION)
			e = flush(q);
		arena_rewind(&a, (struct arena_mark){ NULL, 0 });
	}
	arena_fini(&a);
	return e == OK ? flush(q) : e;
}

static enum err show_range(struct querying *q)
{
	struct log_reader *r = NULL;
	uint64_t first, last;
	enum err e;

	TRY(row_form_of(q->in, &q->form, &q->note));
	TRY(read_range(q->in->args[0], &first, &last, &q->note));
	TRY(space_open(q->in->world, dir_of(q->in), SPACE_READ, &q->space, &q->note));
	add_row_head(&q->out, q->form);
	e = log_reader_open(q->in->world, space_log_folder(q->space), first, UINT64_MAX, &r);
	if (e == OK)
		e = show_lines(q, r, last);
	log_reader_close(r);
	return e;
}

int cmd_log_show_range(const struct invocation *in)
{
	struct querying q = { .in = in };

	buf_init(&q.out, OUT_CAP);
	return finish(&q, show_range(&q));
}

/* --- the index --- */

static enum err rebuild(struct querying *q)
{
	struct index_work work = { .failed = OK };
	uint64_t end;

	TRY(open_index(q, true, &work));
	end = index_end(q->index);
	if (json_wanted(q->in)) {
		buf_add_byte(&q->out, '{');
		json_number(&q->out, "entries", end);
		json_number(&q->out, "indexed", work.made_entries);
		json_number(&q->out, "pieces", work.made_pieces);
		buf_add_c(&q->out, "}\n");
	} else {
		buf_add_c(&q->out, "index: ");
		print_counted(&q->out, work.made_entries, "entry", "entries");
		buf_add_c(&q->out, " in ");
		print_counted(&q->out, work.made_pieces, "piece", "pieces");
		buf_add_c(&q->out, "; the log's last ");
		print_count(&q->out, end - work.made_entries);
		buf_add_c(&q->out, " are read as they stand\n");
	}
	return print_page(q->in, &q->out, &q->note);
}

int cmd_index_rebuild(const struct invocation *in)
{
	struct querying q = { .in = in };

	buf_init(&q.out, OUT_CAP);
	return finish(&q, rebuild(&q));
}
