/* cmd_log_redact: values out of the log's bodies, and old bodies out of the store. */
#include "tui/given_filter.h"
#include "tui/operator.h"
#include "tui/print.h"

#include "engine/base/when.h"
#include "engine/space/space.h"

#define OUT_CAP ((size_t)1 << 20)
#define PORTION ((size_t)64 << 10)   /* written at once, of a list without end */
#define SHOWN_MAX 20                 /* entries listed for people; --json lists all */
#define CONDITION_MEMORY ((size_t)4 << 20)

struct redacting {
	const struct invocation *in;
	struct arena memory;
	const struct condition *where;       /* NULL: everything */
	int64_t since_ns, until_ns;
	struct buf out;
	size_t shown;
	enum err printed;            /* the first failure to write; what is ordered goes on */
	struct note said;
};

/* A condition that cannot be decided of an action does not mean it. */
static enum truth is_wanted(void *self, const struct entry *e, const struct value *request)
{
	const struct redacting *r = self;

	if (e->time_ns < r->since_ns || e->time_ns > r->until_ns)
		return TRUTH_FALSE;
	if (!r->where)
		return TRUTH_TRUE;
	if (!request)
		return TRUTH_ERROR;
	return condition_eval(r->where, request, NULL) == TRUTH_TRUE ? TRUTH_TRUE : TRUTH_FALSE;
}

/* Every entry of a long list is told before anything is lost; none is held back by memory. */
static void flush(struct redacting *r)
{
	struct note said = { .text = "" };
	enum err e = print_page(r->in, &r->out, &said);

	if (r->printed == OK && e != OK) {
		r->printed = e;
		r->said = said;
	}
}

static void say_entry(struct redacting *r, uint64_t entry, const char *key, struct str what)
{
	if (json_wanted(r->in)) {
		buf_add_byte(&r->out, '{');
		json_number(&r->out, "entry", entry);
		json_text(&r->out, key, what);
		buf_add_c(&r->out, "}\n");
	} else if (r->shown++ < SHOWN_MAX) {
		buf_addf(&r->out, "entry %-8llu %s %.*s\n", (unsigned long long)entry, key,
			 STR_ARG(what));
	}
	if (r->out.len >= PORTION)
		flush(r);
}

static void on_dependent(void *self, uint64_t entry, struct str reader)
{
	say_entry(self, entry, "decided by", reader);
}

static void on_quoted(void *self, uint64_t entry)
{
	say_entry(self, entry, "quotes", STR("the value in its own line, which stays"));
}

static void say_done(struct redacting *r, const struct space_redacted *done, bool taken)
{
	struct buf *b = &r->out;

	if (json_wanted(r->in)) {
		buf_add_byte(b, '{');
		json_bool(b, "redacted", taken);
		json_text(b, "field", str_view(r->in->values[OPT_FIELD]));
		json_number(b, "entries", done->entries);
		json_number(b, "first", done->first);
		json_number(b, "last", done->last);
		json_number(b, "dependent", done->dependent);
		json_number(b, "quoted", done->quoted);
		buf_add_c(b, "}\n");
		return;
	}
	if (r->shown > SHOWN_MAX)
		buf_addf(b, "and %zu more\n", r->shown - SHOWN_MAX);
	buf_add_c(b, taken ? "redacted: " : "would be redacted: ");
	buf_addf(b, "%s of ", r->in->values[OPT_FIELD]);
	print_counted(b, done->entries, "entry", "entries");
	buf_addf(b, ", %llu to %llu; ", (unsigned long long)done->first,
		 (unsigned long long)done->last);
	print_counted(b, done->dependent, "decision stands", "decisions stand");
	buf_add_c(b, " on it\n");
}

static enum err read_order(struct redacting *r, int64_t newest_ns, struct note *n)
{
	const struct invocation *in = r->in;

	r->since_ns = INT64_MIN;
	r->until_ns = INT64_MAX;
	TRY(given_time(in, OPT_SINCE, newest_ns, &r->since_ns, n));
	TRY(given_time(in, OPT_UNTIL, newest_ns, &r->until_ns, n));
	return given(in, OPT_WHERE) ? condition_compile(str_view(in->values[OPT_WHERE]),
							&r->memory, &r->where, n)
				    : OK;
}

static void on_unfinished(void *self, const struct space_unfinished *u)
{
	struct buf b;

	(void)self;
	buf_init(&b, OUT_CAP);
	operator_unfinished(&b, u);
	print_talk("%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

static enum err redact(struct redacting *r, struct note *n)
{
	const struct invocation *in = r->in;
	const struct space_redaction order = {
		.field = str_view(in->values[OPT_FIELD]), .wanted = is_wanted,
		.depends = on_dependent, .quotes = on_quoted, .self = r,
		.force = given(in, OPT_FORCE), .dry_run = given(in, OPT_DRY_RUN),
		.reason = operator_reason(in), .at_ns = world_now_ns(in->world),
	};
	struct space_redacted done = { .entries = 0 };
	struct space *s;
	enum err e;

	if (!given(in, OPT_FIELD))
		return note_set(n, ERR_USAGE, 0, 0,
				"--field PATH is missing: what shall be gone, like "
				"args.customer.email");
	TRY(operator_open(in, &s, n));
	e = read_order(r, gate_totals(space_state(s)).latest_ns, n);
	if (e == OK)
		e = space_redact(s, &order, &done, n);
	if (e == OK || e == ERR_DENIED)
		say_done(r, &done, e == OK && !order.dry_run);
	/* What an earlier order left whole; `e` and its note stay what they are. */
	if (e == OK || e == ERR_DENIED || e == ERR_NOT_FOUND) {
		enum err failed = space_find_unfinished(s, on_unfinished, r, e == OK ? n : NULL);

		if (e == OK)
			e = failed;
	}
	return space_finish(s, e, n);
}

int cmd_log_redact(const struct invocation *in)
{
	struct redacting r = { .in = in };
	struct note n = { .text = "" };
	enum err e;

	arena_init(&r.memory, CONDITION_MEMORY);
	buf_init(&r.out, OUT_CAP);
	e = redact(&r, &n);
	flush(&r);
	if (e == OK && r.printed != OK) {
		e = r.printed;
		n = r.said;
	}
	buf_fini(&r.out);
	arena_fini(&r.memory);
	return e == OK ? 0 : print_error(in, e, &n);
}

/* --- log prune --- */

static void say_pruned(const struct invocation *in, const struct space_pruned *done, struct buf *b)
{
	bool taken = !given(in, OPT_DRY_RUN);

	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_bool(b, "pruned", taken);
		json_number(b, "before", done->before);
		json_number(b, "bodies", done->bodies);
		buf_add_c(b, "}\n");
		return;
	}
	buf_add_c(b, taken ? "pruned: " : "would be pruned: ");
	print_counted(b, done->bodies, "body", "bodies");
	buf_addf(b, " of entries before %llu\n", (unsigned long long)done->before);
}

static enum err prune(const struct invocation *in, struct space_pruned *done, struct note *n)
{
	struct space_prune order = {
		.reason = operator_reason(in), .at_ns = world_now_ns(in->world),
		.dry_run = given(in, OPT_DRY_RUN),
	};
	struct space *s;
	enum err e;

	if (!given(in, OPT_OLDER_THAN))
		return note_set(n, ERR_USAGE, 0, 0,
				"--older-than AGE is missing: how old is old, like 90d");
	TRY(operator_open(in, &s, n));
	e = given_age(in, OPT_OLDER_THAN, gate_totals(space_state(s)).latest_ns, &order.before_ns,
		      n);
	if (e == OK)
		e = space_prune(s, &order, done, n);
	return space_finish(s, e, n);
}

int cmd_log_prune(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct space_pruned done;
	enum err e = prune(in, &done, &n);
	struct buf b;

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&b, OUT_CAP);
	say_pruned(in, &done, &b);
	e = print_page(in, &b, &n);
	buf_fini(&b);
	return e == OK ? 0 : print_error(in, e, &n);
}
