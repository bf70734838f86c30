/*
 * cmd_policy_fmt: trammel policy fmt [--check] FILE...
 *
 * Files are replaced whole, and only when all of them could be laid out.
 */
#include "tui/given_policy.h"

#define OUT_CAP    ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)512 << 20)

struct formatting {
	const struct invocation *in;
	struct arena memory;
	struct buf out, laid_out;
	struct note note;
	uint64_t changed;
};

static void say(struct formatting *f, const char *file, bool differs)
{
	bool alone = fmt_leaves_alone(str_view(file));
	struct buf *b = &f->out;

	if (json_wanted(f->in)) {
		buf_add_byte(b, '{');
		json_text(b, "file", str_view(file));
		json_bool(b, "changed", differs);
		json_bool(b, "left_alone", alone);
		buf_add_c(b, "}\n");
	} else if (alone) {
		buf_addf(b, "%s: left alone; fmt lays out YAML, *.cedar and *.cedarschema\n", file);
	} else if (differs) {
		buf_addf(b, "%s: %s\n", file,
			 given(f->in, OPT_CHECK) ? "not laid out" : "laid out");
	}
}

/* Lay one file out; written only when `write`. Standard input can be read once only. */
static enum err format_one(struct formatting *f, const char *file, bool write)
{
	struct arena_mark mark = arena_mark(&f->memory);
	struct str text;
	enum err e = OK;

	buf_clear(&f->laid_out);
	TRY(given_text(f->in, file, &f->memory, &text, &f->note));
	if (fmt_leaves_alone(str_view(file)))
		buf_add(&f->laid_out, text);
	else
		e = fmt_file(str_view(file), text, &f->memory, &f->laid_out, &f->note);
	if (e != OK) {
		note_file(&f->note, file);
		return e;
	}
	if (write && str_is(str_view(file), "-")) {
		buf_add(&f->out, buf_view(&f->laid_out));
	} else if (write || given(f->in, OPT_CHECK)) {
		bool differs = !str_eq(text, buf_view(&f->laid_out));

		say(f, file, differs);
		f->changed += differs;
		if (write && differs)
			e = world_replace_file(f->in->world, file, buf_view(&f->laid_out));
		if (e != OK) {
			note_file(&f->note, file);
			e = note_set(&f->note, e, 0, 0, "cannot be written: %s", err_text(e));
		}
	}
	arena_rewind(&f->memory, mark);
	return e;
}

int cmd_policy_fmt(const struct invocation *in)
{
	struct formatting f = { .in = in };
	enum err e = OK;

	arena_init(&f.memory, MEMORY_CAP);
	buf_init(&f.out, OUT_CAP);
	buf_init(&f.laid_out, OUT_CAP);
	for (int i = 0; e == OK && i < in->arg_count; i++)
		if (given(in, OPT_CHECK) || !str_is(str_view(in->args[i]), "-"))
			e = format_one(&f, in->args[i], false);
	for (int i = 0; e == OK && !given(in, OPT_CHECK) && i < in->arg_count; i++)
		e = format_one(&f, in->args[i], true);
	if (e == OK)
		e = print_out(&f.out, &f.note);
	buf_fini(&f.laid_out);
	buf_fini(&f.out);
	arena_fini(&f.memory);
	if (e != OK)
		return print_error(in, e, &f.note);
	return given(in, OPT_CHECK) && f.changed ? err_exit(ERR_DENIED) : 0;
}
