/*
 * import_cloudevents: CloudEvents 1.0 in JSON, one after the other or as a batch.
 *
 *   trammel.*                        entries of another log of ours, and its checkpoint
 *   with agentmeshentryhash          AuditEntries of the reference toolkit
 *   with schemaversion               its governance events, which may be signed with an HMAC
 *   any other                        who: source; what: type; arguments: data
 */
#include "replay/foreign_log.h"

static const char hash_alone[] =
	"agentmeshentryhash (it is over other bytes than stand here, so nobody can compute it)";
static const char merged[] =
	"action and outcome of events of the AuditLog (data of the caller overwrites them)";
static const char unsigned_events[] =
	"who wrote it (without --key-file HMACs of events are not checked)";
static const char no_chain[] = "that no event is missing (CloudEvents are in no chain)";

/* Members that have a place of their own. */
static const char *const placed[] = { "data", NULL };

static const char *const required[] = { "id", "source", "specversion", "type", NULL };

static enum err check_event(struct importing *im, const struct value *v)
{
	if (v->kind != VALUE_OBJECT)
		return note_set(im->note, ERR_TYPE, v->line, v->column,
				"found %s; expected a CloudEvent", value_kind_name(v->kind));
	for (size_t i = 0; required[i]; i++)
		if (value_text(v, required[i]).len == 0)
			return note_set(im->note, ERR_SYNTAX, v->line, v->column,
					"'%s' is missing or empty; a CloudEvent has one",
					required[i]);
	if (!str_is(value_text(v, "specversion"), "1.0"))
		return note_set(im->note, ERR_VERSION, v->line, v->column,
				"specversion is '%.*s'; expected \"1.0\"",
				STR_ARG(value_text(v, "specversion")));
	return OK;
}

/* --- entries of ours --- */

static enum err canonical(struct importing *im, const struct value *v, struct str *ret)
{
	buf_clear(&im->args);
	canon_value(&im->args, v);
	TRY(im->args.err);
	return arena_copy(&im->memory, buf_view(&im->args), ret);
}

static enum err import_own(struct importing *im, struct foreign_log *f, const struct value *v)
{
	static const char *const bodies[] = { "args", "result" };
	const struct value *data = value_get_c(v, "data"), *entry = value_get_c(data, "entry");
	struct str text, leaf = value_text(v, "leafhash");
	struct digest claimed;

	if (!entry)
		return note_set(im->note, ERR_SYNTAX, v->line, v->column,
				"'data.entry' is missing");
	TRY(canonical(im, entry, &text));
	TRY(foreign_log_entry(f, text, v->line));
	if (hex_read(leaf, claimed.bytes, sizeof(claimed.bytes)) != OK ||
	    !digest_eq(&claimed, &f->leaf))
		TRY(hearsay_broken(im, note_set(im->note, ERR_TAMPERED, v->line, v->column,
						"event '%.*s' is not what its leafhash says",
						STR_ARG(value_text(v, "id")))));
	for (size_t i = 0; i < 2; i++) {
		const struct value *body = value_get_c(data, bodies[i]);

		if (!body)
			continue;
		TRY(canonical(im, body, &text));
		TRY(foreign_log_body(f, i == 1, text,
				     value_text(value_get_c(data, "openings"), bodies[i]), body));
	}
	return OK;
}

/* --- others' --- */

/* "...+00:00Z", as AGT writes it, is no time of any standard; its first half is. */
static enum err read_time(struct importing *im, const struct value *v, struct hearsay *h)
{
	struct str time = value_text(v, "time");
	bool naive;

	if (!value_get_c(v, "time"))
		return OK;
	if (time.len > 6 && time.ptr[time.len - 1] == 'Z' &&
	    (time.ptr[time.len - 7] == '+' || time.ptr[time.len - 7] == '-'))
		time.len--;
	h->timed = true;
	if (foreign_when(time, &h->at_ns, &naive) == OK && !naive)
		return OK;
	return hearsay_time(im, v, "time", &h->at_ns);
}

static enum err judge(struct importing *im, const struct value *v, bool governance)
{
	struct buf text;
	enum err e;

	if (!governance)
		return OK;
	if (!im->options->key.ptr) {
		import_finding(im, unsigned_events);
		return OK;
	}
	buf_init(&text, 6 * (size_t)LIMIT_LINE_BYTES);
	e = foreign_event_check(v, im->options->key, &text);
	buf_fini(&text);
	if (e != ERR_UNKNOWN && e != ERR_SIGNATURE)
		return e;
	return hearsay_broken(im, note_set(im->note, ERR_SIGNATURE, v->line, v->column,
					   "event '%.*s' is not signed with this key",
					   STR_ARG(value_text(v, "id"))));
}

/* A name that may be empty there, which is none. */
static enum err maybe_name(struct importing *im, const struct value *v, const char *key,
			   struct str *ret)
{
	return value_text(v, key).len ? hearsay_name(im, v, key, ret) : OK;
}

static enum err import_other(struct importing *im, const struct value *v)
{
	bool audit = value_get_c(v, "agentmeshentryhash") != NULL,
	     governance = value_get_c(v, "schemaversion") != NULL;
	const struct value *data = value_get_c(v, "data");
	struct hearsay h = { .args = data, .agent = im->options->agent };
	struct value foreign;

	import_finding(im, no_chain);
	if (audit) {
		import_finding(im, hash_alone);
		import_finding(im, merged);
	}
	TRY(judge(im, v, governance));
	TRY(read_time(im, v, &h));
	if (data && data->kind == VALUE_OBJECT && (audit || governance)) {
		TRY(maybe_name(im, data, "action", &h.action));
		TRY(hearsay_resource(im, data, "resource", &h.resource));
		h.status = value_text(data, governance ? "decision" : "outcome");
		h.status = h.status.len ? h.status : STR_NONE;
	}
	if (!h.agent.ptr && governance && data && data->kind == VALUE_OBJECT)
		TRY(maybe_name(im, data, "agent_id", &h.agent));
	if (!h.agent.ptr)
		TRY(hearsay_name(im, v, "source", &h.agent));
	if (!h.action.ptr)
		TRY(hearsay_name(im, v, "type", &h.action));
	TRY(hearsay_name(im, v, "sessionid", &h.session));
	TRY(hearsay_name(im, v, value_get_c(v, "traceid") ? "traceid" : "traceparent", &h.trace));
	TRY(hearsay_facts(im, v, placed, &foreign));
	h.foreign = &foreign;
	return hearsay_submit(im, &h, v);
}

static enum err import_event(struct importing *im, void *self, struct str text, uint32_t line)
{
	struct foreign_log *f = self;
	struct str type;
	struct value v;

	TRY(json_read(text, line, &im->memory, &v, im->note));
	TRY(check_event(im, &v));
	type = value_text(&v, "type");
	if (str_is(type, "trammel.checkpoint"))
		return foreign_log_checkpoint(f, value_get_c(value_get_c(&v, "data"),
							     "checkpoint"));
	if (str_starts(type, STR("trammel.")))
		return import_own(im, f, &v);
	im->report->foreign_entries++;
	return import_other(im, &v);
}

enum err import_cloudevents(struct importing *im)
{
	struct foreign_log f;
	enum err e = foreign_log_open(&f, im, false);

	if (e == OK)
		e = import_stream(im, NULL, LIMIT_LINE_BYTES, import_event, &f);
	if (e == OK && f.entries == 0 && !f.signed_off && im->report->foreign_entries == 0)
		e = note_set(im->note, ERR_TRUNCATED, 1, 1, "no event here; expected CloudEvents");
	if (e == OK)
		e = foreign_log_end(&f);
	foreign_log_close(&f);
	return e;
}
