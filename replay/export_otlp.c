/*
 * export_otlp: OTLP/JSON, one ExportLogsServiceRequest or ExportTraceServiceRequest to a line.
 *
 * Numbers of 64 bits are strings and ids are hex, as the OTLP specification has it. A log record
 * is an entry: its body is the line in the log. A span is an action with its outcome. The names of
 * OpenTelemetry's conventions for generative AI (gen_ai.*) are used where they say what is meant;
 * what a policy decided has no names there yet and stands under trammel.*. No model is known to a
 * log, so there is no gen_ai.provider.name.
 *
 * The resource says where it comes from, in each line.
 */
#include "replay/exporting.h"

#include "engine/base/canon.h"
#include "engine/base/when.h"
#include "replay/pairs.h"

#define RECORDS_A_LINE 256
#define BYTES_A_LINE ((size_t)4 << 20)
#define INFO 9                                 /* SeverityNumber */
#define WARN 13
#define INTERNAL 1                             /* SpanKind */
#define STATUS_ERROR 2

struct otlp {
	unsigned records;                      /* in the line that is open; 0: none is */
	size_t line_bytes, record_at;          /* of its records; where in `out` the last begins */
	bool any;
	struct pairs *pairs;                   /* of traces */
	struct arena memory;                   /* of one pair */
};

/* --- values and attributes --- */

static void begin_attribute(struct buf *b, const char *key)
{
	buf_add_c(b, b->ptr && b->len && b->ptr[b->len - 1] == '[' ? "{\"key\":" : ",{\"key\":");
	canon_string(b, str_view(key));
	buf_add_c(b, ",\"value\":{");
}

static void put_attribute(struct buf *b, const char *key, struct str text)
{
	if (!text.ptr)
		return;
	begin_attribute(b, key);
	put_text(b, "stringValue", text);
	buf_add_c(b, "}}");
}

static void put_integer(struct buf *b, const char *key, uint64_t n)
{
	begin_attribute(b, key);
	buf_addf(b, "\"intValue\":\"%llu\"}}", (unsigned long long)n);
}

static void put_boolean(struct buf *b, const char *key, bool yes)
{
	begin_attribute(b, key);
	buf_addf(b, "\"boolValue\":%s}}", yes ? "true" : "false");
}

static void put_bytes(struct buf *b, const char *key, const struct digest *d)
{
	if (!d)
		return;
	begin_attribute(b, key);
	buf_add_c(b, "\"stringValue\":\"");
	buf_add_hex(b, d->bytes, sizeof(d->bytes));
	buf_add_c(b, "\"}}");
}

static void put_texts(struct buf *b, const char *key, const struct str *texts, size_t count)
{
	if (count == 0)
		return;
	begin_attribute(b, key);
	buf_add_c(b, "\"arrayValue\":{\"values\":[");
	for (size_t i = 0; i < count; i++) {
		buf_add_c(b, i ? ",{" : "{");
		put_text(b, "stringValue", texts[i]);
		buf_add_byte(b, '}');
	}
	buf_add_c(b, "]}}}");
}

/* Unsigned there: before 1970 it is 0, which means unknown, and the line has it. */
static void put_nano(struct buf *b, const char *key, int64_t ns)
{
	put_key(b, key);
	buf_addf(b, "\"%lld\"", ns > 0 ? (long long)ns : 0LL);
}

static void put_id(struct buf *b, const char *key, const uint8_t *bytes, size_t count)
{
	put_key(b, key);
	buf_add_byte(b, '"');
	buf_add_hex(b, bytes, count);
	buf_add_byte(b, '"');
}

static void put_ids(struct buf *b, const struct entry *e, uint64_t of, bool with_parent)
{
	static const struct span_id none = { { 0 } };
	struct span_id parent, own = span_id_of(e->log, of);
	struct trace_id trace;

	trace_id_of(e, &trace, &parent);
	put_id(b, "traceId", trace.bytes, sizeof(trace.bytes));
	put_id(b, "spanId", own.bytes, sizeof(own.bytes));
	if (with_parent && memcmp(&parent, &none, sizeof(none)) != 0)
		put_id(b, "parentSpanId", parent.bytes, sizeof(parent.bytes));
}

/* --- lines --- */

static void open_line(struct exporting *x, const char *resources, const char *scopes,
		      const char *records)
{
	const struct checkpoint *c = &x->report->checkpoint;
	struct buf *b = &x->out;

	buf_addf(b, "{\"%s\":[{\"resource\":{\"attributes\":[", resources);
	put_attribute(b, "service.name", STR(EXPORT_PRODUCER));
	put_attribute(b, "service.version", STR(TRAMMEL_VERSION));
	put_attribute(b, "trammel.log.origin", c->origin);
	put_integer(b, "trammel.log.size", c->size);
	put_bytes(b, "trammel.log.root", &c->root);
	put_attribute(b, "trammel.log.checkpoint", x->report->note);
	buf_addf(b, "]},\"%s\":[{\"scope\":{\"name\":\"" EXPORT_PRODUCER "\",\"version\":\"%s\"},"
		 "\"%s\":[", scopes, TRAMMEL_VERSION, records);
}

static void open_record(struct exporting *x, bool spans)
{
	struct otlp *o = x->own;

	if (o->records > 0)
		buf_add_byte(&x->out, ',');
	else if (spans)
		open_line(x, "resourceSpans", "scopeSpans", "spans");
	else
		open_line(x, "resourceLogs", "scopeLogs", "logRecords");
	o->any = true;
	o->records++;
	o->record_at = x->out.len;
	buf_add_byte(&x->out, '{');
	x->report->written++;
}

static void close_line(struct exporting *x)
{
	struct otlp *o = x->own;

	buf_add_c(&x->out, "]}]}]}\n");
	o->records = 0;
	o->line_bytes = 0;
}

static enum err close_record(struct exporting *x)
{
	struct otlp *o = x->own;

	buf_add_byte(&x->out, '}');
	o->line_bytes += x->out.len - o->record_at;
	if (o->records == RECORDS_A_LINE || o->line_bytes > BYTES_A_LINE)
		close_line(x);
	return x->out.err;
}

/* Where nothing was asked for, a line without records still says of which log that is so. */
static enum err close_all(struct exporting *x, bool spans)
{
	struct otlp *o = x->own;

	if (!o->any)
		open_line(x, spans ? "resourceSpans" : "resourceLogs",
			  spans ? "scopeSpans" : "scopeLogs", spans ? "spans" : "logRecords");
	if (!o->any || o->records > 0)
		close_line(x);
	return x->out.err;
}

/* --- what entries say --- */

static bool is_denied(const struct entry *e)
{
	return e->decision && e->decision->effect == EFFECT_DENY;
}

static void put_decision(struct buf *b, const struct decision *d)
{
	if (!d)
		return;
	put_boolean(b, "trammel.decision.allowed", d->effect == EFFECT_ALLOW);
	put_attribute(b, "trammel.decision.effect", str_view(effect_name(d->effect)));
	put_attribute(b, "trammel.decision.rule", d->rule);
	put_attribute(b, "trammel.decision.stage", d->stage);
	put_texts(b, "trammel.decision.reasons", d->reasons, d->reason_count);
}

static void put_entry(struct buf *b, const struct entry *e, const struct digest *leaf)
{
	bool action = e->kind == ENTRY_ACTION;

	if (action)
		put_attribute(b, "gen_ai.operation.name", STR("execute_tool"));
	put_attribute(b, action ? "gen_ai.tool.name" : "trammel.verb", e->action);
	put_attribute(b, "gen_ai.agent.name", e->agent);
	put_attribute(b, "gen_ai.conversation.id", e->session);
	put_attribute(b, "trammel.kind", str_view(entry_kind_name(e->kind)));
	put_integer(b, "trammel.seq", e->seq);
	put_bytes(b, "trammel.leaf", leaf);
	put_attribute(b, "trammel.resource", e->resource);
	put_attribute(b, "trammel.trace", e->trace);
	if (e->time_synthetic)
		put_attribute(b, "trammel.clock", STR("synthetic"));
	put_bytes(b, "trammel.policy", &e->policy);
	put_bytes(b, "trammel.args.sha256", e->args);
	put_bytes(b, "trammel.result.sha256", e->result);
}

static void put_body(struct buf *b, const char *key, struct str text, bool gone)
{
	if (gone)
		put_attribute(b, "trammel.gone", str_view(key));
	put_attribute(b, key, text);
}

/* --- log records --- */

enum err export_otlp_begin(struct exporting *x)
{
	struct otlp *o = arena_alloc(x->whole, sizeof(*o));

	x->own = o;
	if (!o)
		return ERR_MEMORY;
	arena_init(&o->memory, 2 * (size_t)LIMIT_ACTION_MEMORY);
	return OK;
}

enum err export_otlp_entry(struct exporting *x, const struct exported *e)
{
	bool denied = is_denied(e->entry);
	uint64_t of = e->entry->seq;
	struct buf *b = &x->out;

	(void)export_outcome_of(e->entry, &of);
	open_record(x, false);
	put_nano(b, "timeUnixNano", e->entry->time_ns);
	put_nano(b, "observedTimeUnixNano", e->entry->time_ns);
	put_number(b, "severityNumber", denied ? WARN : INFO);
	put_text(b, "severityText", denied ? STR("WARN") : STR("INFO"));
	put_key(b, "eventName");
	buf_addf(b, "\"trammel.%s\"", entry_kind_name(e->entry->kind));
	put_ids(b, e->entry, of, false);
	put_key(b, "body");
	buf_add_byte(b, '{');
	put_text(b, "stringValue", e->line);
	buf_add_byte(b, '}');
	put_key(b, "attributes");
	buf_add_byte(b, '[');
	put_entry(b, e->entry, &e->leaf);
	put_decision(b, e->entry->decision);
	put_body(b, "gen_ai.tool.call.arguments", e->args.text, e->args.gone);
	put_body(b, "gen_ai.tool.call.result", e->result.text, e->result.gone);
	buf_add_byte(b, ']');
	return close_record(x);
}

enum err export_otlp_end(struct exporting *x)
{
	return close_all(x, false);
}

void export_otlp_fini(struct exporting *x)
{
	struct otlp *o = x->own;

	if (!o)
		return;
	pairs_close(o->pairs);
	arena_fini(&o->memory);
}

/* --- spans --- */

/* From the action to its outcome, or as long as that says it took. */
static int64_t end_of(const struct entry *action, const struct entry *outcome)
{
	const struct value *latency = outcome ? value_get_c(outcome->data, "latency_ms") : NULL;

	if (latency && latency->kind == VALUE_INT && latency->integer >= 0 &&
	    latency->integer < (INT64_MAX - action->time_ns) / 1000000)
		return action->time_ns + latency->integer * 1000000;
	return outcome && outcome->time_ns > action->time_ns ? outcome->time_ns : action->time_ns;
}

/* Did the tool say that it failed? Words for success are those of tools that write them. */
static bool has_failed(const struct entry *outcome)
{
	struct str status = outcome ? value_text(outcome->data, "status") : STR_NONE;

	return status.ptr && !str_is(status, "success") && !str_is(status, "ok");
}

/* Unset where nothing failed, as the conventions for spans ask. */
static void put_status(struct buf *b, const struct entry *action, const struct entry *outcome)
{
	put_key(b, "status");
	buf_add_byte(b, '{');
	if (is_denied(action) || has_failed(outcome))
		put_number(b, "code", STATUS_ERROR);
	if (is_denied(action) && action->decision->reason_count)
		put_text(b, "message", action->decision->reasons[0]);
	else if (has_failed(outcome))
		put_text(b, "message", value_text(outcome->data, "status"));
	buf_add_byte(b, '}');
}

/* The decision, at the time it was made. */
static void put_decided(struct buf *b, const struct entry *action)
{
	put_key(b, "events");
	buf_add_c(b, "[{");
	put_nano(b, "timeUnixNano", action->time_ns);
	put_text(b, "name", STR("trammel.decision"));
	put_key(b, "attributes");
	buf_add_byte(b, '[');
	put_decision(b, action->decision);
	buf_add_c(b, "]}]");
}

static void put_span_name(struct buf *b, struct str tool)
{
	struct buf name;

	buf_init(&name, 2 * LIMIT_NAME_BYTES);
	buf_add_c(&name, "execute_tool");
	if (tool.ptr) {
		buf_add_byte(&name, ' ');
		buf_add(&name, tool);
	}
	if (name.err == OK)
		put_text(b, "name", buf_view(&name));
	else
		b->err = name.err;
	buf_fini(&name);
}

static enum err write_span(struct exporting *x, const struct pair *p, const struct entry *action,
			   const struct entry *outcome)
{
	struct str status = outcome ? value_text(outcome->data, "status") : STR_NONE;
	struct buf *b = &x->out;

	open_record(x, true);
	put_ids(b, action, action->seq, true);
	put_span_name(b, action->action);
	put_number(b, "kind", INTERNAL);
	put_nano(b, "startTimeUnixNano", action->time_ns);
	put_nano(b, "endTimeUnixNano", end_of(action, outcome));
	put_key(b, "attributes");
	buf_add_byte(b, '[');
	put_entry(b, action, &p->first.leaf);
	put_decision(b, action->decision);
	if (is_denied(action))
		put_attribute(b, "error.type", STR("denied"));
	else if (has_failed(outcome))
		put_attribute(b, "error.type", status);
	put_attribute(b, "trammel.outcome.status", status);
	if (outcome)
		put_integer(b, "trammel.outcome.seq", outcome->seq);
	put_body(b, "gen_ai.tool.call.arguments", p->first.args, p->first.args_gone);
	put_body(b, "gen_ai.tool.call.result", p->outcome.result, p->outcome.result_gone);
	buf_add_byte(b, ']');
	put_decided(b, action);
	put_status(b, action, outcome);
	return close_record(x);
}

static enum err take_pair(void *self, const struct pair *p)
{
	struct exporting *x = self;
	struct otlp *o = x->own;
	struct entry action, outcome;

	arena_rewind(&o->memory, (struct arena_mark){ NULL, 0 });
	TRY(entry_parse(p->first.line, &o->memory, &action, x->note));
	if (p->outcome.line.ptr)
		TRY(entry_parse(p->outcome.line, &o->memory, &outcome, x->note));
	return write_span(x, p, &action, p->outcome.line.ptr ? &outcome : NULL);
}

enum err export_otlp_traces_begin(struct exporting *x)
{
	struct otlp *o;

	TRY(export_otlp_begin(x));
	o = x->own;
	return pairs_open(take_pair, x, &o->pairs);
}

enum err export_otlp_traces_entry(struct exporting *x, const struct exported *e)
{
	const struct pair_half half = { e->line, e->args.text, e->result.text, e->args.gone,
					e->result.gone, e->leaf };
	const struct entry *entry = e->entry;
	struct otlp *o = x->own;
	uint64_t of;
	bool found;

	if (entry->kind == ENTRY_ACTION)
		return pairs_add(o->pairs, entry->seq,
				 entry->decision && entry->decision->effect == EFFECT_ALLOW, &half);
	if (!export_outcome_of(entry, &of))
		return OK;
	TRY(pairs_outcome(o->pairs, of, &half, &found));
	x->report->written += found;
	return OK;
}

enum err export_otlp_traces_end(struct exporting *x)
{
	struct otlp *o = x->own;

	TRY(pairs_end(o->pairs));
	return close_all(x, true);
}
