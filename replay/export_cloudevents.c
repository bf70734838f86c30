/*
 * export_cloudevents: CloudEvents 1.0 in the JSON format, structured mode, one event to a line.
 *
 * `source` and `id` name the log and the entry, so an event that is delivered twice is known by
 * them. `data.entry` is the entry itself: its canonical JSON is the line in the log, of which
 * `leafhash` is the leaf. The last event is the checkpoint.
 */
#include "replay/exporting.h"

#include "engine/base/when.h"

/*
 * The origin as a relative reference (RFC 3986 section 4.2): a colon would make its beginning a
 * scheme, and two slashes a host.
 */
static void put_source(struct buf *b, struct str origin)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~!$&'()*,;=@/";

	put_key(b, "source");
	buf_add_byte(b, '"');
	for (size_t i = 0; i < origin.len; i++) {
		unsigned char c = (unsigned char)origin.ptr[i];

		if (c && memchr(plain, c, sizeof(plain) - 1) && (i > 0 || c != '/'))
			buf_add_byte(b, (char)c);
		else
			buf_addf(b, "%%%02X", c);
	}
	buf_add_byte(b, '"');
}

static void put_type(struct buf *b, const struct entry *e)
{
	put_key(b, "type");
	buf_addf(b, "\"trammel.%s", entry_kind_name(e->kind));
	if (e->decision)
		buf_addf(b, ".%s", effect_name(e->decision->effect));
	buf_add_byte(b, '"');
}

/* The extension of W3C Trace Context, only for a trace that is one there. */
static void put_traceparent(struct buf *b, const struct entry *e)
{
	struct span_id parent, own = span_id_of(e->log, e->seq);
	struct trace_id trace;

	if (!e->trace.ptr || !trace_id_read(e->trace, &trace, &parent))
		return;
	put_key(b, "traceparent");
	buf_add_c(b, "\"00-");
	buf_add_hex(b, trace.bytes, sizeof(trace.bytes));
	buf_add_byte(b, '-');
	buf_add_hex(b, own.bytes, sizeof(own.bytes));
	buf_add_c(b, "-01\"");
}

enum err export_cloudevents_entry(struct exporting *x, const struct exported *e)
{
	const struct entry *entry = e->entry;
	struct buf *b = &x->out;

	x->report->written++;
	buf_add_c(b, "{\"specversion\":\"1.0\"");
	put_key(b, "id");
	buf_addf(b, "\"%llu\"", (unsigned long long)entry->seq);
	put_source(b, entry->log);
	put_type(b, entry);
	if (entry->agent.ptr && entry->agent.len > 0)
		put_text(b, "subject", entry->agent);
	put_key(b, "time");
	buf_add_byte(b, '"');
	when_write(b, entry->time_ns);
	buf_add_byte(b, '"');
	put_text(b, "datacontenttype", STR("application/json"));
	put_traceparent(b, entry);
	put_hex(b, "leafhash", &e->leaf);
	put_key(b, "data");
	buf_add_byte(b, '{');
	if (e->args.text.ptr)
		put_json(b, "args", e->args.text);
	put_json(b, "entry", e->line);
	export_gone(b, e);
	export_openings(b, e);
	export_redacted(b, e);
	if (e->result.text.ptr)
		put_json(b, "result", e->result.text);
	buf_add_c(b, "}}\n");
	return b->err;
}

enum err export_cloudevents_end(struct exporting *x)
{
	const struct checkpoint *c = &x->report->checkpoint;
	struct buf *b = &x->out;

	buf_add_c(b, "{\"specversion\":\"1.0\"");
	put_key(b, "id");
	buf_addf(b, "\"checkpoint-%llu\"", (unsigned long long)c->size);
	put_source(b, c->origin);
	put_text(b, "type", STR("trammel.checkpoint"));
	put_text(b, "datacontenttype", STR("application/json"));
	put_key(b, "data");
	buf_add_byte(b, '{');
	put_text(b, "checkpoint", x->report->note);
	put_number(b, "entries", x->report->written);
	put_text(b, "origin", c->origin);
	put_hex(b, "root", &c->root);
	put_number(b, "size", c->size);
	buf_add_c(b, "}}\n");
	return b->err;
}
