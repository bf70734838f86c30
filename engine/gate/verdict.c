/* verdict: the answer as one canonical JSON object. */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"

static void add_digest(struct buf *b, const char *key, const struct digest *d)
{
	buf_addf(b, ",\"%s\":\"", key);
	digest_write(b, d);
	buf_add_byte(b, '"');
}

static void add_text(struct buf *b, const char *key, struct str text)
{
	buf_addf(b, ",\"%s\":", key);
	if (text.ptr)
		canon_string(b, text);
	else
		buf_add_c(b, "null");
}

static void add_texts(struct buf *b, const char *key, const struct str *texts, size_t count)
{
	buf_addf(b, "\"%s\":[", key);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_add_byte(b, ',');
		canon_string(b, texts[i]);
	}
	buf_add_byte(b, ']');
}

static void add_obligation(struct buf *b, const struct obligation *o)
{
	buf_add_byte(b, '{');
	if (o->approver_count) {
		add_texts(b, "approvers", o->approvers, o->approver_count);
		buf_add_byte(b, ',');
	}
	if (o->edits.ptr) {
		buf_add_c(b, "\"edits\":");
		buf_add(b, o->edits);
		buf_add_byte(b, ',');
	}
	if (o->limit.ptr) {
		buf_add_c(b, "\"limit\":");
		canon_string(b, o->limit);
		buf_add_byte(b, ',');
	}
	buf_add_c(b, "\"rule\":");
	canon_string(b, o->rule);
	add_text(b, "type", o->type);
	buf_add_byte(b, '}');
}

void verdict_write(struct buf *b, const struct verdict *v)
{
	const struct decision *d = &v->decision;
	bool failed = str_is(d->stage, STAGE_RECORD);

	buf_addf(b, "{\"allowed\":%s", v->effect == EFFECT_ALLOW ? "true" : "false");
	if (d->cost) {
		buf_add_c(b, ",\"cost\":");
		buf_add_u64(b, d->cost);
	}
	buf_addf(b, ",\"effect\":\"%s\"", effect_name(v->effect));
	if (!failed) {
		buf_add_c(b, ",\"entry\":");
		buf_add_u64(b, v->entry);
	}
	if (d->error_count) {
		buf_add_byte(b, ',');
		add_texts(b, "errors", d->errors, d->error_count);
	}
	if (v->masked) {
		buf_add_c(b, ",\"masked\":");
		canon_value(b, v->masked);
	}
	buf_add_c(b, ",\"obligations\":[");
	for (size_t i = 0; i < d->obligation_count; i++) {
		if (i)
			buf_add_byte(b, ',');
		add_obligation(b, &d->obligations[i]);
	}
	buf_add_byte(b, ']');
	if (!failed)
		add_digest(b, "policy", &v->policy);
	add_text(b, "reason", d->reason_count ? d->reasons[0] : STR(""));
	buf_add_byte(b, ',');
	add_texts(b, "reasons", d->reasons, d->reason_count);
	add_text(b, "rule", d->rule);
	if (d->stage.ptr)
		add_text(b, "stage", d->stage);
	if (!failed)
		add_digest(b, "state_root", &v->state);
	buf_add_byte(b, '}');
}
