/*
 * export_csv: RFC 4180, one record for each entry under a header, lines that end in CRLF.
 * docs/formats/export.md has the columns.
 */
#include "replay/exporting.h"

#include "engine/base/canon.h"
#include "engine/base/csv.h"
#include "engine/base/when.h"

static const char header[] = "seq,time,clock,kind,agent,action,resource,session,trace,effect,stage,"
			     "rule,reason,outcome_of,status,latency_ms,args,result,policy,state,"
			     "leaf,log";
static const char bodies_header[] = ",args_body,result_body";

static void next_cell(struct buf *b, struct str s)
{
	buf_add_byte(b, ',');
	csv_cell(b, s);
}

static void next_digest(struct buf *b, const struct digest *d)
{
	buf_add_byte(b, ',');
	if (d)
		digest_write(b, d);
}

static void next_decision(struct buf *b, const struct decision *d)
{
	if (!d) {
		buf_add_c(b, ",,,,");
		return;
	}
	next_cell(b, str_view(effect_name(d->effect)));
	next_cell(b, d->stage);
	next_cell(b, d->rule);
	next_cell(b, d->reason_count ? d->reasons[0] : STR_NONE);
}

/* A number below zero begins like a formula. */
static void next_number(struct buf *b, const struct value *v)
{
	struct buf text;

	buf_init(&text, LIMIT_ENTRY_BYTES);
	if (v && value_is_number(v))
		canon_value(&text, v);
	next_cell(b, buf_view(&text));
	if (text.err != OK)
		b->err = text.err;
	buf_fini(&text);
}

static void next_outcome(struct buf *b, const struct entry *e)
{
	uint64_t of;

	buf_add_byte(b, ',');
	if (!export_outcome_of(e, &of)) {
		buf_add_c(b, ",,");
		return;
	}
	buf_add_u64(b, of);
	next_cell(b, value_text(e->data, "status"));
	next_number(b, value_get_c(e->data, "latency_ms"));
}

enum err export_csv_begin(struct exporting *x)
{
	buf_add_c(&x->out, header);
	buf_add_c(&x->out, x->options->bodies ? bodies_header : "");
	buf_add_c(&x->out, "\r\n");
	return x->out.err;
}

enum err export_csv_entry(struct exporting *x, const struct exported *e)
{
	const struct entry *entry = e->entry;
	struct buf *b = &x->out;

	x->report->written++;
	buf_add_u64(b, entry->seq);
	buf_add_byte(b, ',');
	when_write(b, entry->time_ns);
	next_cell(b, entry->time_synthetic ? STR("synthetic") : STR_NONE);
	next_cell(b, str_view(entry_kind_name(entry->kind)));
	next_cell(b, entry->agent);
	next_cell(b, entry->action);
	next_cell(b, entry->resource);
	next_cell(b, entry->session);
	next_cell(b, entry->trace);
	next_decision(b, entry->decision);
	next_outcome(b, entry);
	next_digest(b, entry->args);
	next_digest(b, entry->result);
	next_digest(b, &entry->policy);
	next_digest(b, &entry->state);
	buf_add_byte(b, ',');
	buf_add_hex(b, e->leaf.bytes, sizeof(e->leaf.bytes));
	next_cell(b, entry->log);
	if (x->options->bodies) {
		next_cell(b, e->args.gone ? STR("(gone)") : e->args.text);
		next_cell(b, e->result.gone ? STR("(gone)") : e->result.text);
	}
	buf_add_c(b, "\r\n");
	return b->err;
}
