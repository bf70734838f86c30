/*
 * export_jsonl: the log as it is, and a part of it as evidence.
 *
 *   {"action":...,"v":2}                                   entries as recorded, byte for byte
 *   {"bodies":{"args":...},"openings":{...},"seq":26}      behind its entry, where asked for
 *   {"gap":{"first":27,"hashes":["..."],"next":40}}        entries left out, by their hashes
 *   {"checkpoint":"example.org/...","format":"trammel/jsonl/v1"}     last
 *
 * Leaves of entries and hashes of gaps, in order, lead to the root in the checkpoint: so a session
 * alone can be handed out, and its reader can check that these are lines of the log, and which.
 */
#include "replay/exporting.h"

enum err export_jsonl_entry(struct exporting *x, const struct exported *e)
{
	struct buf *b = &x->out;

	x->report->written++;
	buf_add(b, e->line);
	buf_add_byte(b, '\n');
	if (!e->args.text.ptr && !e->result.text.ptr && !e->args.gone && !e->result.gone)
		return b->err;
	buf_add_c(b, "{\"bodies\":{");
	if (e->args.text.ptr)
		put_json(b, "args", e->args.text);
	if (e->result.text.ptr)
		put_json(b, "result", e->result.text);
	buf_add_byte(b, '}');
	export_gone(b, e);
	export_openings(b, e);
	export_redacted(b, e);
	put_number(b, "seq", e->entry->seq);
	buf_add_c(b, "}\n");
	return b->err;
}

void export_jsonl_gap(struct exporting *x, uint64_t first, uint64_t end,
		      const struct digest *roots, size_t count)
{
	struct buf *b = &x->out;

	buf_add_c(b, "{\"gap\":{");
	put_number(b, "first", first);
	put_key(b, "hashes");
	for (size_t i = 0; i < count; i++) {
		buf_add_c(b, i ? "\",\"" : "[\"");
		buf_add_hex(b, roots[i].bytes, sizeof(roots[i].bytes));
	}
	buf_add_c(b, "\"]");
	put_number(b, "next", end);
	buf_add_c(b, "}}\n");
}

enum err export_jsonl_end(struct exporting *x)
{
	struct buf *b = &x->out;

	buf_add_byte(b, '{');
	put_text(b, "checkpoint", x->report->note);
	put_text(b, "format", STR("trammel/jsonl/v1"));
	buf_add_c(b, "}\n");
	return b->err;
}
