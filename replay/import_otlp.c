/*
 * import_otlp: OTLP/JSON, requests of logs and of traces, one after the other.
 *
 *   log records whose body is an entry     another log of ours, with its checkpoint
 *   spans and records of a tool            an action: gen_ai.tool.name by gen_ai.agent.name
 *   all others                             passed over, and counted
 *
 * Members that are not known are ignored, as the specification demands of readers.
 */
#include "replay/foreign_log.h"

static const char no_chain[] = "that no span or record is missing (OTLP is in no chain)";
static const char no_evidence[] = "what any span says (nothing in OTLP is signed)";

/* Members that hold the bodies, which are bodies here too. */
static const char *const placed[] = { "attributes", "body", "events", NULL };

struct otlp_import {
	struct foreign_log log;
	const struct value *resource;          /* of what is being read */
	struct buf checkpoint;                 /* of the last request that held an entry */
	uint64_t tools;
};

static const struct value *attribute(const struct value *owner, const char *key)
{
	const struct value *list = value_get_c(owner, "attributes");

	for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.count; i++)
		if (str_is(value_text(&list->list.items[i], "key"), key))
			return value_get_c(&list->list.items[i], "value");
	return NULL;
}

static struct str attribute_text(const struct value *owner, const char *key)
{
	return value_text(attribute(owner, key), "stringValue");
}

/* 64 bits are a string there, or a number. */
static bool read_nano(const struct value *v, int64_t *ret)
{
	uint64_t n;

	if (!v || (v->kind == VALUE_INT && v->integer <= 0))
		return false;
	if (v->kind == VALUE_INT) {
		*ret = v->integer;
		return true;
	}
	if (v->kind != VALUE_STRING || str_to_u64(v->string, &n) != OK || n == 0 || n > INT64_MAX)
		return false;
	*ret = (int64_t)n;
	return true;
}

static enum err take_name(struct importing *im, const struct value *at, const char *what,
			  struct str name, struct str *ret)
{
	*ret = STR_NONE;
	if (!name.ptr || name.len == 0)
		return OK;
	if (!agent_name_ok(name))
		return note_set(im->note, ERR_RANGE, at->line, at->column,
				"%s has %zu bytes; expected 1 to %d without control characters",
				what, name.len, LIMIT_NAME_BYTES);
	*ret = name;
	return OK;
}

/* Arguments and results are JSON in a string, or text. */
static const struct value *content(struct importing *im, const struct value *owner,
				   const char *key, struct value *room)
{
	struct str text = attribute_text(owner, key);

	if (!text.ptr)
		return NULL;
	if (json_read(text, 1, &im->memory, room, NULL) != OK)
		*room = value_string(text);
	return room;
}

static struct str first_of(struct str a, struct str b, struct str c)
{
	return a.ptr && a.len ? a : b.ptr && b.len ? b : c;
}

/* 0 unset, 1 ok, 2 error; a word for the first two would be a guess. */
static struct str status_of(const struct value *span)
{
	const struct value *code = value_get_c(value_get_c(span, "status"), "code");
	struct str type = attribute_text(span, "error.type");

	if (type.ptr)
		return type;
	return code && code->kind == VALUE_INT && code->integer == 2 ? STR("error") : STR_NONE;
}

static enum err import_tool(struct importing *im, struct otlp_import *o, const struct value *v,
			    struct str tool, const char *start)
{
	struct str agent = first_of(im->options->agent, attribute_text(v, "gen_ai.agent.name"),
				    first_of(attribute_text(v, "gen_ai.agent.id"),
					     attribute_text(o->resource, "service.name"),
					     STR("agent")));
	struct value args, result, foreign;
	struct hearsay h = { .foreign = &foreign, .status = status_of(v) };

	import_finding(im, no_chain);
	import_finding(im, no_evidence);
	o->tools++;
	h.timed = read_nano(value_get_c(v, start), &h.at_ns);
	h.synthetic = str_is(attribute_text(v, "trammel.clock"), "synthetic");
	(void)read_nano(value_get_c(v, "endTimeUnixNano"), &h.done_ns);
	TRY(take_name(im, v, "gen_ai.tool.name", tool, &h.action));
	TRY(take_name(im, v, "gen_ai.agent.name", agent, &h.agent));
	TRY(take_name(im, v, "gen_ai.conversation.id",
		      attribute_text(v, "gen_ai.conversation.id"), &h.session));
	TRY(take_name(im, v, "traceId", first_of(attribute_text(v, "trammel.trace"),
						 value_text(v, "traceId"), STR_NONE), &h.trace));
	h.resource = attribute_text(v, "trammel.resource");
	if (h.resource.len > LIMIT_RESOURCE_BYTES)
		h.resource = STR_NONE;
	h.args = content(im, v, "gen_ai.tool.call.arguments", &args);
	h.result = content(im, v, "gen_ai.tool.call.result", &result);
	TRY(hearsay_facts(im, v, placed, &foreign));
	return hearsay_submit(im, &h, v);
}

/* --- records --- */

static enum err import_own(struct otlp_import *o, const struct value *record, struct str line)
{
	struct str args = attribute_text(record, "gen_ai.tool.call.arguments"),
		   result = attribute_text(record, "gen_ai.tool.call.result");

	TRY(foreign_log_entry(&o->log, line, record->line));
	buf_clear(&o->checkpoint);
	buf_add(&o->checkpoint, attribute_text(o->resource, "trammel.log.checkpoint"));
	TRY(o->checkpoint.err);
	if (args.ptr && o->log.held.args)
		TRY(foreign_log_body(&o->log, false, args, STR_NONE, record));
	if (result.ptr && o->log.held.result)
		TRY(foreign_log_body(&o->log, true, result, STR_NONE, record));
	return OK;
}

static enum err import_record(struct importing *im, struct otlp_import *o, const struct value *v,
			      bool span)
{
	struct str line = value_text(value_get_c(v, "body"), "stringValue");
	struct str tool = attribute_text(v, "gen_ai.tool.name");

	if (v->kind != VALUE_OBJECT)
		return note_set(im->note, ERR_TYPE, v->line, v->column,
				"found %s; expected a %s", value_kind_name(v->kind),
				span ? "span" : "log record");
	if (!span && line.ptr && attribute(v, "trammel.leaf"))
		return import_own(o, v, line);
	if (tool.ptr && tool.len)
		return import_tool(im, o, v, tool, span ? "startTimeUnixNano" : "timeUnixNano");
	im->report->passed_over++;
	return OK;
}

static const struct value_list *list_at(const struct value *v, const char *key)
{
	static const struct value_list none = { NULL, 0 };
	const struct value *list = value_get_c(v, key);

	return list && list->kind == VALUE_LIST ? &list->list : &none;
}

static enum err import_resource(struct importing *im, struct otlp_import *o,
				const struct value *v, bool spans)
{
	const struct value_list *scopes = list_at(v, spans ? "scopeSpans" : "scopeLogs");

	o->resource = value_get_c(v, "resource");
	for (size_t s = 0; s < scopes->count; s++) {
		const struct value_list *records = list_at(&scopes->items[s],
							   spans ? "spans" : "logRecords");

		for (size_t i = 0; i < records->count; i++)
			TRY(import_record(im, o, &records->items[i], spans));
	}
	return OK;
}

static enum err import_request(struct importing *im, void *self, struct str text, uint32_t line)
{
	struct otlp_import *o = self;
	struct value v;

	TRY(json_read(text, line, &im->memory, &v, im->note));
	if (!value_get_c(&v, "resourceLogs") && !value_get_c(&v, "resourceSpans"))
		return note_set(im->note, ERR_SYNTAX, line, 1,
				"no request of OTLP; expected resourceLogs or resourceSpans");
	for (int spans = 0; spans < 2; spans++) {
		const struct value_list *all = list_at(&v, spans ? "resourceSpans"
								 : "resourceLogs");

		for (size_t i = 0; i < all->count; i++)
			TRY(import_resource(im, o, &all->items[i], spans));
	}
	return OK;
}

/* Each request tells the checkpoint; that of the last entry counts. */
static enum err import_all(struct importing *im, struct otlp_import *o)
{
	struct value checkpoint;

	TRY(import_stream(im, NULL, LIMIT_LINE_BYTES, import_request, o));
	if (o->log.entries == 0 && o->tools == 0 && im->report->passed_over == 0)
		return note_set(im->note, ERR_TRUNCATED, 1, 1,
				"no record here; expected requests of OTLP/JSON");
	checkpoint = value_string(buf_view(&o->checkpoint));
	if (o->log.entries > 0)
		TRY(foreign_log_checkpoint(&o->log, &checkpoint));
	im->report->foreign_entries = 0;
	return foreign_log_end(&o->log);
}

enum err import_otlp(struct importing *im)
{
	struct otlp_import o = { .tools = 0 };
	enum err e = foreign_log_open(&o.log, im, false);

	buf_init(&o.checkpoint, LIMIT_NOTE_BYTES);
	if (e == OK)
		e = import_all(im, &o);
	buf_fini(&o.checkpoint);
	foreign_log_close(&o.log);
	return e;
}
