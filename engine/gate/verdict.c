/* verdict: the answer as one canonical JSON object. */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"

static void add_digest(struct buf *b, const char *key, const struct digest *d)
{
	buf_addf(b, ",\"%s\":\"", key);
	digest_write(b, d);
	buf_add_byte(b, '"');
}

static void add_obligations(struct buf *b, const struct decision *d)
{
	buf_add_c(b, ",\"obligations\":[");
	for (size_t i = 0; i < d->obligation_count; i++) {
		const struct obligation *o = &d->obligations[i];

		buf_add_c(b, i ? ",{" : "{");
		for (size_t k = 0; k < o->approver_count; k++) {
			buf_add_c(b, k ? "," : "\"approvers\":[");
			canon_string(b, o->approvers[k]);
		}
		buf_add_c(b, o->approver_count ? "],\"rule\":" : "\"rule\":");
		canon_string(b, o->rule);
		buf_add_c(b, ",\"type\":");
		canon_string(b, o->type);
		buf_add_byte(b, '}');
	}
	buf_add_byte(b, ']');
}

void verdict_write(struct buf *b, const struct verdict *v)
{
	const struct decision *d = &v->decision;
	bool failed = str_is(d->stage, STAGE_RECORD);

	buf_addf(b, "{\"allowed\":%s,\"effect\":\"%s\"",
		 v->effect == EFFECT_ALLOW ? "true" : "false", effect_name(v->effect));
	if (!failed) {
		buf_add_c(b, ",\"entry\":");
		buf_add_u64(b, v->entry);
	}
	add_obligations(b, d);
	if (!failed)
		add_digest(b, "policy", &v->policy);
	buf_add_c(b, ",\"reason\":");
	canon_string(b, d->reason_count ? d->reasons[0] : STR(""));
	buf_add_c(b, ",\"reasons\":[");
	for (size_t i = 0; i < d->reason_count; i++) {
		if (i)
			buf_add_byte(b, ',');
		canon_string(b, d->reasons[i]);
	}
	buf_add_byte(b, ']');
	if (d->rule.ptr) {
		buf_add_c(b, ",\"rule\":");
		canon_string(b, d->rule);
	} else {
		buf_add_c(b, ",\"rule\":null");
	}
	if (d->stage.ptr) {
		buf_add_c(b, ",\"stage\":");
		canon_string(b, d->stage);
	}
	if (!failed)
		add_digest(b, "state_root", &v->state);
	buf_add_byte(b, '}');
}
