/*
 * input: what the rules saw of an action, as the bytes whose digest its decision holds.
 *
 *   trammel/input/v1
 *   {"action":{...},"agent":{...},"args":"sha256:...","session":{...}}
 *
 * It is the request that conditions see, score, tier, ring, counts and answers about the past
 * included. Arguments and result may be long and have digests already; those stand for them. The
 * stage whose rules look at it belongs to it, unless that is pre_tool, as in what agents sign.
 * docs/formats/entry.md tells it to whoever wants to recompute it.
 */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"

/* A member of the request, canonical; nothing where it is missing. */
static void add_member(struct buf *b, struct str key, const struct value *v)
{
	if (!v)
		return;
	buf_add(b, key);
	canon_value(b, v);
}

/* Of a body that conditions see, the digest. */
static void add_digest(struct buf *b, struct str key, const struct value *body,
		       const struct digest *d)
{
	if (!body)
		return;
	buf_add(b, key);
	digest_write(b, d);
	buf_add_byte(b, '"');
}

/* In the order of RFC 8785; `action` is always there and comes first. */
static void add_input(struct buf *b, const struct weighing *w, const struct seen *seen)
{
	enum policy_stage stage = stage_moment(w->event->data);

	buf_add(b, STR("trammel/input/v1\n"));
	add_member(b, STR("{\"action\":"), seen->action);
	add_member(b, STR(",\"agent\":"), seen->agent);
	add_digest(b, STR(",\"args\":\""), w->args, w->args_digest);
	add_member(b, STR(",\"past\":"), seen->past);
	if (w->event->resource.ptr) {
		buf_add(b, STR(",\"resource\":"));
		canon_string(b, w->event->resource);
	}
	add_digest(b, STR(",\"result\":\""), w->result, w->result_digest);
	add_member(b, STR(",\"session\":"), seen->session);
	if (stage != POLICY_PRE_TOOL)
		buf_addf(b, ",\"stage\":\"%s\"", policy_stage_name(stage));
	buf_add_byte(b, '}');
}

enum err input_write(const struct weighing *w, const struct seen *seen, struct buf *b)
{
	buf_clear(b);
	add_input(b, w, seen);
	return b->err;
}
