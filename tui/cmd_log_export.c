/*
 * cmd_log_export: trammel log export [A..B] --format F [--out FILE]
 *
 * The export goes to standard output, or to a new file. What there is to say about it is talk, or
 * with --json one object; that goes to standard output only when the export does not.
 */
#include "replay/replay.h"
#include "tui/given_filter.h"
#include "tui/last_entry.h"
#include "tui/outfile.h"
#include "tui/print.h"

#define KEY_CAP (64u << 10)
#define MEMORY_CAP ((size_t)1 << 20)
#define OUT_CAP ((size_t)1 << 20)
#define SIDE ".checkpoint"

static const char expected_formats[] = "jsonl, cloudevents, otlp, otlp-traces, csv, agt-audit or "
				       "agt-filesink";

/* "A..B", both included; either may be left out. */
static enum err read_range(const char *text, struct export_options *o, struct note *n)
{
	const char *dots = strstr(text, "..");
	struct str from = str_slice(text, dots ? (size_t)(dots - text) : 0);
	struct str to = str_view(dots ? dots + 2 : "");
	uint64_t last = UINT64_MAX - 1;
	bool ok = dots && (from.len == 0 || str_to_u64(from, &o->first) == OK) &&
		  (to.len == 0 || str_to_u64(to, &last) == OK) && last < UINT64_MAX;

	if (!ok || o->first > last)
		return note_set(n, ERR_USAGE, 0, 0,
				"'%s' is no range of entries; expected A..B, A.. or ..B, with A "
				"not above B; they count from 0", text);
	o->end = last + 1;
	return OK;
}

static enum err read_options(const struct invocation *in, struct arena *a,
			     struct export_options *ret, struct note *n)
{
	enum err e;

	*ret = (struct export_options)EXPORT_ALL;
	if (!given(in, OPT_FORMAT))
		return note_set(n, ERR_USAGE, 0, 0, "--format is missing: %s", expected_formats);
	if (!export_format_named(str_view(in->values[OPT_FORMAT]), &ret->format))
		return note_set(n, ERR_USAGE, 0, 0, "--format is '%s'; expected %s",
				in->values[OPT_FORMAT], expected_formats);
	if (in->arg_count > 0)
		TRY(read_range(in->args[0], ret, n));
	if (given(in, OPT_SESSION))
		ret->session = str_view(in->values[OPT_SESSION]);
	ret->bodies = given(in, OPT_BODIES);
	if (!given(in, OPT_KEY_FILE))
		return OK;
	e = world_read_file(in->world, in->values[OPT_KEY_FILE], KEY_CAP, a, &ret->key);
	return e == OK ? OK : print_unread(n, e, in->values[OPT_KEY_FILE]);
}

/* A log without entries has none to export, whenever the times are. */
static enum err read_times(const struct invocation *in, struct space *s, struct arena *a,
			   struct export_options *ret, struct note *n)
{
	struct entry last = { .time_ns = 0 };
	enum err e;

	if (!given(in, OPT_SINCE) && !given(in, OPT_UNTIL))
		return OK;
	e = last_entry(s, a, &last, n);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(given_time(in, OPT_SINCE, last.time_ns, &ret->since_ns, n));
	return given_time(in, OPT_UNTIL, last.time_ns, &ret->until_ns, n);
}

static enum err write_stdout(void *self, struct str bytes)
{
	(void)self;
	return fwrite(bytes.ptr, 1, bytes.len, stdout) == bytes.len ? OK : ERR_IO;
}

/*
 * The file, and beside one whose format has no place for it the checkpoint; that is there first, so
 * that a file under its own name is never without.
 */
static enum err end_files(struct outfile *file, struct outfile *side, struct str note,
			  struct note *n)
{
	enum err e = OK, ignored;

	if (side) {
		e = outfile_write(side, note);
		if (e == OK)
			e = outfile_close(side, n);
		else
			outfile_abandon(side);
	}
	if (e != OK) {
		outfile_abandon(file);
		return e;
	}
	e = outfile_close(file, n);
	if (e != OK && side) {
		ignored = world_unlink(side->world, side->path);
		(void)ignored;
	}
	return e;
}

/* Both are opened before anything is read, so that neither is found in the way at the end. */
static enum err export_to_file(const struct invocation *in, struct space *s,
			       const struct export_options *o, struct arena *a,
			       struct export_report *ret, struct note *n)
{
	bool beside = !export_format_tells(o->format);
	char path[LIMIT_PATH_BYTES];
	struct outfile file, side;
	const struct export_sink sink = { outfile_write, &file };
	enum err e;

	if ((size_t)snprintf(path, sizeof(path), "%s" SIDE, in->values[OPT_OUT]) >= sizeof(path))
		return ERR_LIMIT;
	TRY(outfile_open(&file, in->world, in->values[OPT_OUT], n));
	e = beside ? outfile_open(&side, in->world, path, n) : OK;
	if (e != OK) {
		outfile_abandon(&file);
		return e;
	}
	e = export_run(s, o, &sink, a, ret, n);
	if (e == OK)
		return end_files(&file, beside ? &side : NULL, ret->note, n);
	if (beside)
		outfile_abandon(&side);
	outfile_abandon(&file);
	return e;
}

static enum err export_to_stdout(struct space *s, const struct export_options *o,
				 struct arena *a, struct export_report *ret, struct note *n)
{
	const struct export_sink sink = { write_stdout, NULL };
	enum err e = export_run(s, o, &sink, a, ret, n);

	if (fflush(stdout) != 0 && e == OK)
		e = note_set(n, ERR_IO, 0, 0, "standard output does not take it: %s",
			     err_text(ERR_IO));
	return e;
}

static void add_report_json(struct buf *b, const struct export_options *o,
			    const struct export_report *r)
{
	buf_add_byte(b, '{');
	json_text(b, "format", str_view(export_format_name(o->format)));
	json_number(b, "entries", r->entries);
	json_number(b, "written", r->written);
	json_number(b, "bodies_gone", r->gone);
	json_number(b, "bodies_redacted", r->redacted);
	json_number(b, "untold_synthetic_times", r->untold_clocks);
	json_number(b, "unsigned_entries", r->unsigned_entries);
	json_text(b, "origin", r->checkpoint.origin);
	json_number(b, "size", r->checkpoint.size);
	json_digest(b, "root", &r->checkpoint.root);
	json_text(b, "checkpoint", r->note);
	buf_add_c(b, "}\n");
}

static void add_report(struct buf *b, const struct export_report *r)
{
	buf_add_c(b, "exported: ");
	print_count(b, r->written);
	buf_add_c(b, " of ");
	print_counted(b, r->checkpoint.size, "entry", "entries");
	buf_addf(b, " of log %.*s, root ", STR_ARG(r->checkpoint.origin));
	base64_write(b, r->checkpoint.root.bytes, sizeof(r->checkpoint.root.bytes));
	if (r->entries > r->written) {
		buf_add_c(b, "\n");
		print_counted(b, r->entries - r->written, "entry has", "entries have");
		buf_add_c(b, " no place in this format");
	}
	if (r->untold_clocks) {
		buf_add_c(b, "\n");
		print_counted(b, r->untold_clocks, "time is synthetic", "times are synthetic");
		buf_add_c(b, ", which this format cannot say");
	}
	if (r->gone) {
		buf_add_c(b, "\n");
		print_counted(b, r->gone, "body is", "bodies are");
		buf_add_c(b, " no longer in the blob store");
	}
	if (r->redacted) {
		buf_add_c(b, "\n");
		print_counted(b, r->redacted, "body has", "bodies have");
		buf_add_c(b, " lost values; they are null there");
	}
	if (r->unsigned_entries) {
		buf_add_c(b, "\n");
		print_counted(b, r->unsigned_entries, "entry follows", "entries follow");
		buf_add_c(b, " the checkpoint, not signed yet and not exported");
	}
}

static enum err say(const struct invocation *in, const struct export_options *o,
		    const struct export_report *r, struct note *n)
{
	struct buf b;
	enum err e;

	buf_init(&b, OUT_CAP);
	if (json_wanted(in))
		add_report_json(&b, o, r);
	else
		add_report(&b, r);
	e = b.err;
	if (e == OK && json_wanted(in) && given(in, OPT_OUT))
		e = print_out(&b, n);
	else if (e == OK)
		print_talk("%.*s", STR_ARG(str_trim(buf_view(&b))));
	buf_fini(&b);
	return e;
}

int cmd_log_export(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct export_options options;
	struct export_report report;
	struct space *s = NULL;
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	e = read_options(in, &a, &options, &n);
	if (e == OK)
		e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);
	if (e == OK)
		e = read_times(in, s, &a, &options, &n);
	if (e == OK && given(in, OPT_OUT))
		e = export_to_file(in, s, &options, &a, &report, &n);
	else if (e == OK)
		e = export_to_stdout(s, &options, &a, &report, &n);
	if (e == OK)
		e = say(in, &options, &report, &n);
	(void)space_close(s, NULL);
	crypto_wipe_text(options.key);
	arena_fini(&a);
	return e == OK ? 0 : print_error(in, e, &n);
}
