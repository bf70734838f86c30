/* cmd_import: trammel import FILE --format F -C DIR */
#include "replay/replay.h"
#include "tui/given_vkey.h"
#include "tui/operator.h"
#include "tui/print.h"

#define KEY_CAP (64u << 10)
#define MEMORY_CAP (SUCCESSION_MEMORY + ((size_t)1 << 20))

static void add_report_json(struct buf *b, const struct space *s, const struct import_report *r,
			    const char *format)
{
	buf_add_byte(b, '{');
	json_text(b, "format", str_view(format));
	json_number(b, "entries", r->entries);
	json_number(b, "sessions", r->runs);
	json_number(b, "tool_calls", r->actions);
	json_number(b, "allowed", r->allowed);
	json_number(b, "denied", r->denied);
	json_number(b, "outcomes", r->outcomes);
	json_number(b, "labels", r->labels);
	json_number(b, "agents", r->agents);
	json_number(b, "unparsed_arguments", r->unparsed);
	json_number(b, "unlinked_results", r->unlinked);
	json_number(b, "synthetic_times", r->synthetic_times);
	json_number(b, "foreign_entries_verified", r->foreign_entries);
	json_number(b, "broken", r->broken);
	json_text(b, "first_broken", str_view(r->first_broken.text));
	json_number(b, "passed_over", r->passed_over);
	json_number(b, "log_entries", space_entries(s));
	json_key(b, "cannot_prove");
	buf_add_byte(b, '[');
	for (size_t i = 0; i < r->finding_count; i++) {
		buf_add_c(b, i ? ",\"" : "\"");
		buf_add_c(b, r->findings[i]);
		buf_add_byte(b, '"');
	}
	buf_add_c(b, "]}\n");
}

static void add_report(struct buf *b, const struct import_report *r)
{
	const struct tally tally = {
		.entries = r->entries, .sessions = r->runs, .actions = r->actions,
		.allowed = r->allowed, .denied = r->denied, .sessions_new = true,
	};

	if (r->foreign_entries) {
		buf_add_c(b, "foreign chain: ");
		print_counted(b, r->foreign_entries, "entry", "entries");
		buf_add_c(b, r->broken ? " read\n" : " verified before anything was imported\n");
	}
	if (r->broken) {
		buf_addf(b, "NOT VERIFIED: evidence does not hold in ");
		print_counted(b, r->broken, "place", "places");
		buf_add_c(b, ", and was let in; ");
		if (r->first_broken.line)
			buf_addf(b, "line %u: ", r->first_broken.line);
		buf_addf(b, "%s\n", r->first_broken.text);
	}
	for (size_t i = 0; i < r->finding_count; i++)
		buf_addf(b, "  this format cannot prove: %s\n", r->findings[i]);
	if (r->passed_over) {
		print_counted(b, r->passed_over, "record is", "records are");
		buf_add_c(b, " no action; not repeated\n");
	}
	if (r->unparsed) {
		print_counted(b, r->unparsed, "call has", "calls have");
		buf_add_c(b, " arguments that are not JSON; they are kept as text\n");
	}
	if (r->unlinked) {
		print_counted(b, r->unlinked, "result names", "results name");
		buf_add_c(b, " no call of its run; not recorded\n");
	}
	if (r->synthetic_times) {
		print_counted(b, r->synthetic_times, "entry has no time in the source; its time is",
			      "entries have no time in the source; theirs are");
		buf_add_c(b, " synthetic and marked so\n");
	}
	buf_add_c(b, "imported: ");
	print_tally(b, &tally);
	buf_add_byte(b, '\n');
}

/* Standard input, or a file that is opened for reading. */
static enum err open_source(const struct invocation *in, int *fd, struct note *n)
{
	enum err e;

	*fd = 0;
	if (str_is(str_view(in->args[0]), "-"))
		return OK;
	e = world_open(in->world, in->args[0], WORLD_READ, fd);
	return e == OK ? OK : print_unread(n, e, in->args[0]);
}

/* "a, b or c" */
static void list_formats(char *room, size_t bytes)
{
	size_t len = 0;

	for (unsigned f = 0; f < IMPORT_FORMATS; f++)
		len += (size_t)snprintf(room + len, bytes - len, "%s%s",
					f == 0 ? "" : f + 1 < IMPORT_FORMATS ? ", " : " or ",
					import_format_name((enum import_format)f));
	MUST(len < bytes);
}

static enum err read_format(const struct invocation *in, enum import_format *ret, struct note *n)
{
	const char *names[IMPORT_FORMATS + 1], *near;
	char formats[NOTE_TEXT_BYTES];

	list_formats(formats, sizeof(formats));
	if (!given(in, OPT_FORMAT))
		return note_set(n, ERR_USAGE, 0, 0, "--format is missing: %s", formats);
	if (import_format_named(str_view(in->values[OPT_FORMAT]), ret))
		return OK;
	for (unsigned f = 0; f < IMPORT_FORMATS; f++)
		names[f] = import_format_name((enum import_format)f);
	names[IMPORT_FORMATS] = NULL;
	near = str_nearest(str_view(in->values[OPT_FORMAT]), names);
	return note_set(n, ERR_USAGE, 0, 0, "--format is '%s'; expected %s%s%s%s",
			in->values[OPT_FORMAT], formats, near ? "; did you mean '" : "",
			near ? near : "", near ? "'?" : "");
}

static enum err read_options(const struct invocation *in, struct arena *a,
			     struct import_options *ret, struct succession *log_keys,
			     struct note *n)
{
	enum err e;

	*ret = (struct import_options){ .agent = str_view(in->values[OPT_AGENT]),
					.allow_broken = given(in, OPT_ALLOW_BROKEN) };
	if (!str_is(str_view(in->args[0]), "-"))
		ret->path = in->args[0];
	TRY(read_format(in, &ret->format, n));
	if (given(in, OPT_VKEY)) {
		TRY(given_log_keys(in, a, log_keys, n));
		ret->log_keys = log_keys;
	}
	if (!given(in, OPT_KEY_FILE))
		return OK;
	e = world_read_file(in->world, in->values[OPT_KEY_FILE], KEY_CAP, a, &ret->key);
	return e == OK ? OK : print_unread(n, e, in->values[OPT_KEY_FILE]);
}

static enum err import_into(const struct invocation *in, struct space *s,
			    const struct import_options *options, struct buf *out, struct note *n)
{
	struct import_report report;
	int fd;
	enum err e;

	TRY(open_source(in, &fd, n));
	e = import_run(s, fd, options, &report, n);
	if (fd != 0)
		(void)world_close(in->world, fd);
	if (e != OK) {
		note_file(n, in->args[0]);
		return e;
	}
	if (json_wanted(in))
		add_report_json(out, s, &report, import_format_name(options->format));
	else
		add_report(out, &report);
	return out->err;
}

int cmd_import(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct import_options options;
	struct succession log_keys;
	struct space *s = NULL;
	struct arena a;
	struct buf out;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	buf_init(&out, 1u << 20);
	e = read_options(in, &a, &options, &log_keys, &n);
	if (e == OK)
		e = operator_open(in, &s, &n);
	if (e == OK)
		e = space_finish(s, import_into(in, s, &options, &out, &n), &n);
	if (e == OK)
		e = print_page(in, &out, &n);
	buf_fini(&out);
	crypto_wipe_text(options.key);
	arena_fini(&a);
	if (e == OK)
		return 0;
	(void)print_error(in, e, &n);
	if ((e == ERR_TAMPERED || e == ERR_SIGNATURE) && !given(in, OPT_ALLOW_BROKEN))
		print_talk("trammel: nothing was imported; --allow-broken lets it in and marks it");
	return err_exit(e);
}
