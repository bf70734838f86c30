/*
 * import_jsonl: what 'log export --format jsonl' writes. Entries and gaps must lead to the root in
 * the checkpoint, which is the last line.
 */
#include "replay/foreign_log.h"

/* {"bodies":{...},"openings":{...},"seq":N}, right behind entry N. */
static enum err import_bodies_of(struct importing *im, struct foreign_log *f, const struct value *v)
{
	const struct value *bodies = value_get_c(v, "bodies"), *seq = value_get_c(v, "seq");
	const struct value *openings = value_get_c(v, "openings");

	if (bodies->kind != VALUE_OBJECT || !seq || seq->kind != VALUE_INT || !f->holds ||
	    (uint64_t)seq->integer != f->held.seq)
		return note_set(im->note, ERR_SYNTAX, v->line, v->column,
				"bodies that do not stand behind their entry");
	for (size_t i = 0; i < bodies->object.count; i++) {
		const struct member *m = &bodies->object.members[i];
		bool result = str_is(m->key, "result");
		struct str text;

		if (!result && !str_is(m->key, "args"))
			return note_set(im->note, ERR_UNKNOWN, m->line, m->column,
					"'%.*s' is no body; expected args or result",
					STR_ARG(m->key));
		buf_clear(&im->args);
		canon_value(&im->args, &m->value);
		TRY(im->args.err);
		TRY(arena_copy(&im->memory, buf_view(&im->args), &text));
		TRY(foreign_log_body(f, result, text,
				     value_text(openings, result ? "result" : "args"), &m->value));
	}
	return OK;
}

static enum err import_line(struct importing *im, void *self, struct str text, uint32_t line)
{
	struct foreign_log *f = self;
	struct value v;

	TRY(json_read(text, line, &im->memory, &v, im->note));
	if (value_get_c(&v, "v"))
		return foreign_log_entry(f, text, line);
	if (value_get_c(&v, "gap"))
		return foreign_log_gap(f, value_get_c(&v, "gap"));
	if (value_get_c(&v, "bodies"))
		return import_bodies_of(im, f, &v);
	if (value_get_c(&v, "checkpoint"))
		return foreign_log_checkpoint(f, value_get_c(&v, "checkpoint"));
	return note_set(im->note, ERR_SYNTAX, line, 1,
			"no line of an export; expected an entry, or gap, bodies or checkpoint");
}

enum err import_jsonl(struct importing *im)
{
	struct foreign_log f;
	enum err e = foreign_log_open(&f, im, true);

	if (e == OK)
		e = import_stream(im, NULL, LIMIT_LINE_BYTES, import_line, &f);
	if (e == OK && !f.signed_off && f.entries == 0)
		e = note_set(im->note, ERR_TRUNCATED, 1, 1,
			     "no entry here; expected what 'log export --format jsonl' writes");
	if (e == OK)
		e = foreign_log_end(&f);
	foreign_log_close(&f);
	return e;
}
