/*
 * action: reading what agents send. Strict: an unknown member is refused by name, because a member
 * that is silently ignored may be the one that mattered.
 *
 * The reference toolkit's context documents are understood where they differ only in names:
 * "agent_did" and "agent_id" for "agent", "tool_name" for "action", and an object
 * {"type": NAME, ...} as the action.
 */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/when.h"

#define SHAPE                                                                                    \
	"{\"agent\", \"action\", \"resource\"?, \"args\"?, \"session\"?, \"trace\"?, "             \
	"\"at\"?, \"stage\"?, \"result\"?, \"credential\"?}"
#define TIME "an RFC 3339 time like \"2026-01-02T03:04:05Z\""

static const char *const action_members[] = {
	"action", "agent", "agent_did", "agent_id", "args", "at", "credential", "resource",
	"result", "session", "signature", "stage", "tool_name", "trace", NULL,
};
static const char *const outcome_members[] = {
	"at", "latency_ms", "outcome_of", "result", "status", NULL,
};

_Static_assert(LIMIT_AHEAD_NS == 5 * 60 * INT64_C(1000000000), "read_at says so");

/* A body among the bodies, which may move until all are there. */
struct sent_body {
	const struct value *sent;             /* NULL: absent */
	size_t begin, bytes;
};

struct reading {
	struct arena *arena;
	struct buf *bodies;
	struct event *event;
	struct note *note;
	int64_t now_ns;
	bool has_at;
	struct sent_body args, result;
	struct value attrs, credential, stage;        /* kind null: absent */
};

static enum err refuse_unknown(const struct value *doc, const char *const *names, struct note *n)
{
	for (size_t i = 0; i < doc->object.count; i++) {
		const struct member *m = &doc->object.members[i];
		const char *near = str_listed(m->key, names) ? NULL : str_nearest(m->key, names);

		if (str_listed(m->key, names))
			continue;
		return note_set(n, ERR_UNKNOWN, m->line, m->column,
				"member '%.*s' is not known here%s%s%s", STR_ARG(m->key),
				near ? "; did you mean '" : "", near ? near : "",
				near ? "'?" : "");
	}
	return OK;
}

static enum err wrong(const struct reading *r, const struct value *v, const char *key,
		      const char *expected)
{
	return note_set(r->note, ERR_TYPE, v->line, v->column, "'%s' is of type %s; expected %s",
			key, value_kind_name(v->kind), expected);
}

/* A name that can live in a state row. */
static enum err read_name(const struct reading *r, const struct value *v, const char *key,
			  struct str *ret)
{
	if (v->kind != VALUE_STRING)
		return wrong(r, v, key, "a string");
	if (!agent_name_ok(v->string))
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'%s' has %zu bytes; expected 1 to %d bytes without control "
				"characters", key, v->string.len, LIMIT_NAME_BYTES);
	*ret = v->string;
	return OK;
}

/* Differences as unsigned never overflow. */
static bool is_beyond(int64_t at_ns, int64_t now_ns)
{
	return at_ns > now_ns && (uint64_t)at_ns - (uint64_t)now_ns > LIMIT_AHEAD_NS;
}

/*
 * A signed action must be later than the agent's last one: a time far ahead, taken by mistake or on
 * purpose, would shut the agent out until then. And one far back would lie before the end of what
 * is over by now, of the agent itself or its credential, as long as the log has seen nothing later;
 * so would an old action that somebody held back.
 */
static enum err check_at(const struct reading *r, const struct value *v, int64_t at_ns)
{
	bool ahead = is_beyond(at_ns, r->now_ns);

	if (!ahead && !is_beyond(r->now_ns, at_ns))
		return OK;
	return note_set(r->note, ERR_RANGE, v->line, v->column,
			"'at' is %.*s, more than 5 minutes %s the clock here", STR_ARG(v->string),
			ahead ? "ahead of" : "behind");
}

static enum err read_at(struct reading *r, const struct value *v)
{
	int64_t at_ns;

	if (v->kind != VALUE_STRING)
		return wrong(r, v, "at", TIME);
	if (when_read(v->string, &at_ns) != OK)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'at' is '%.*s'; expected " TIME, STR_ARG(v->string));
	TRY(check_at(r, v, at_ns));
	r->event->at_ns = at_ns;
	r->has_at = true;
	return OK;
}

static enum err read_body(struct reading *r, const struct value *v, struct sent_body *ret)
{
	*ret = (struct sent_body){ .sent = v, .begin = r->bodies->len };
	canon_value(r->bodies, v);
	if (r->bodies->err != OK)
		return note_set(r->note, r->bodies->err, v->line, v->column, "the body: %s",
				err_text(r->bodies->err));
	ret->bytes = r->bodies->len - ret->begin;
	return OK;
}

/* The bodies stay where they are from here on. */
static struct str body_view(const struct reading *r, const struct sent_body *body)
{
	return body->sent ? str_slice(r->bodies->ptr + body->begin, body->bytes) : STR_NONE;
}

static enum err read_resource(struct reading *r, const struct value *v)
{
	if (v->kind != VALUE_STRING)
		return wrong(r, v, "resource", "a string");
	if (v->string.len == 0 || v->string.len > LIMIT_RESOURCE_BYTES)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'resource' has %zu bytes; expected 1 to %d", v->string.len,
				LIMIT_RESOURCE_BYTES);
	r->event->resource = v->string;
	return OK;
}

static enum err read_signature(struct reading *r, const struct value *v)
{
	struct signature *sig = arena_alloc(r->arena, sizeof(*sig));
	size_t len = 0;

	if (!sig)
		return ERR_MEMORY;
	if (v->kind != VALUE_STRING)
		return wrong(r, v, "signature", "the base64 of 64 bytes");
	if (base64_read(v->string, sig->bytes, sizeof(sig->bytes), &len) != OK ||
	    len != sizeof(sig->bytes))
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'signature' is not the base64 of 64 bytes");
	r->event->signature = sig;
	return OK;
}

/* The secret ends here: what goes on is its hash. No message quotes it. */
static enum err read_credential(struct reading *r, const struct value *v)
{
	struct digest hash;

	if (v->kind != VALUE_STRING)
		return wrong(r, v, "credential", "a string");
	if (v->string.len == 0 || v->string.len > LIMIT_CREDENTIAL_BYTES)
		return note_set(r->note, ERR_RANGE, v->line, v->column,
				"'credential' has %zu bytes; expected 1 to %d", v->string.len,
				LIMIT_CREDENTIAL_BYTES);
	hash = credential_hash(v->string);
	r->credential = *v;
	return digest_copy(&hash, r->arena, &r->credential.string);
}

/* Attributes live in the entry itself, so they are bounded more tightly than arguments. */
static enum err check_attrs(const struct reading *r, const struct value *attrs,
			    const struct value *at)
{
	struct buf text;
	enum err e;

	if (!value_nests_within(attrs, ATTRS_DEPTH))
		return note_set(r->note, ERR_LIMIT, at->line, at->column,
				"'action' nests deeper than %d", ATTRS_DEPTH);
	buf_init(&text, LIMIT_ATTRS_BYTES);
	canon_value(&text, attrs);
	e = text.err;
	buf_fini(&text);
	if (e == ERR_LIMIT)
		(void)note_set(r->note, e, at->line, at->column,
			       "the members of 'action' take more than %u bytes; larger things "
			       "belong into 'args'", LIMIT_ATTRS_BYTES);
	return e;
}

/* {"type": NAME, ...}: the name, and the rest as attributes that conditions see as action.*. */
static enum err read_action_object(struct reading *r, const struct value *v)
{
	const struct value *type = value_get_c(v, "type");
	struct member *members = arena_array(r->arena, v->object.count, sizeof(*members));
	size_t count = 0;

	if (!type)
		return note_set(r->note, ERR_SYNTAX, v->line, v->column,
				"'action' is an object without 'type'");
	if (!members)
		return ERR_MEMORY;
	TRY(read_name(r, type, "action.type", &r->event->action));
	for (size_t i = 0; i < v->object.count; i++)
		if (!str_is(v->object.members[i].key, "type"))
			members[count++] = v->object.members[i];
	if (count == 0)
		return OK;
	r->attrs = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	return check_attrs(r, &r->attrs, v);
}

/* The stage that goes without saying is not recorded, so that an action has one entry. */
static enum err read_stage(struct reading *r, const struct value *v)
{
	const char *names[POLICY_STAGES + 1] = { NULL }, *near;
	enum policy_stage stage;

	for (int i = 0; i < POLICY_STAGES; i++)
		names[i] = policy_stage_name((enum policy_stage)i);
	if (v->kind != VALUE_STRING)
		return wrong(r, v, "stage", "pre_input, pre_tool, post_tool or pre_output");
	if (!policy_stage_read(v->string, &stage)) {
		near = str_nearest(v->string, names);
		return note_set(r->note, ERR_UNKNOWN, v->line, v->column,
				"unknown stage '%.*s'; expected pre_input, pre_tool, post_tool or "
				"pre_output%s%s%s", STR_ARG(v->string),
				near ? "; did you mean '" : "", near ? near : "",
				near ? "'?" : "");
	}
	if (stage != POLICY_PRE_TOOL)
		r->stage = *v;
	return OK;
}

static enum err read_tool(struct reading *r, const struct value *v, const char *key)
{
	if (r->event->action.ptr)
		return note_set(r->note, ERR_DUPLICATE, v->line, v->column,
				"'%s' names the action a second time", key);
	if (v->kind == VALUE_OBJECT)
		return read_action_object(r, v);
	return read_name(r, v, key, &r->event->action);
}

static enum err read_agent(struct reading *r, const struct value *v, const char *key)
{
	if (r->event->agent.ptr)
		return note_set(r->note, ERR_DUPLICATE, v->line, v->column,
				"'%s' names the agent a second time", key);
	return read_name(r, v, key, &r->event->agent);
}

static enum err read_action_member(struct reading *r, const struct member *m)
{
	const struct value *v = &m->value;

	if (str_is(m->key, "agent"))
		return read_agent(r, v, "agent");
	if (str_is(m->key, "agent_did"))
		return read_agent(r, v, "agent_did");
	if (str_is(m->key, "agent_id"))
		return read_agent(r, v, "agent_id");
	if (str_is(m->key, "action"))
		return read_tool(r, v, "action");
	if (str_is(m->key, "tool_name"))
		return read_tool(r, v, "tool_name");
	if (str_is(m->key, "args"))
		return read_body(r, v, &r->args);
	if (str_is(m->key, "at"))
		return read_at(r, v);
	if (str_is(m->key, "credential"))
		return read_credential(r, v);
	if (str_is(m->key, "resource"))
		return read_resource(r, v);
	if (str_is(m->key, "result"))
		return read_body(r, v, &r->result);
	if (str_is(m->key, "session"))
		return read_name(r, v, "session", &r->event->session);
	if (str_is(m->key, "stage"))
		return read_stage(r, v);
	if (str_is(m->key, "trace"))
		return read_name(r, v, "trace", &r->event->trace);
	return read_signature(r, v);
}

/* What the entry keeps of the action itself: {"attrs"?, "credential"?, "stage"?}. */
static enum err make_data(struct reading *r)
{
	struct member *members = arena_array(r->arena, 3, sizeof(*members));
	struct value *data = arena_alloc(r->arena, sizeof(*data));
	size_t count = 0;

	if (!members || !data)
		return ERR_MEMORY;
	if (r->attrs.kind != VALUE_NULL)
		members[count++] = (struct member){ .key = STR("attrs"), .value = r->attrs };
	if (r->credential.kind != VALUE_NULL)
		members[count++] =
			(struct member){ .key = STR("credential"), .value = r->credential };
	if (r->stage.kind != VALUE_NULL)
		members[count++] = (struct member){ .key = STR("stage"), .value = r->stage };
	*data = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	r->event->data = count ? data : NULL;
	return OK;
}

static enum err read_action(struct reading *r, const struct value *doc)
{
	TRY(refuse_unknown(doc, action_members, r->note));
	r->event->kind = ENTRY_ACTION;
	for (size_t i = 0; i < doc->object.count; i++)
		TRY(read_action_member(r, &doc->object.members[i]));
	if (!r->event->agent.ptr || !r->event->action.ptr)
		return note_set(r->note, ERR_SYNTAX, doc->line, doc->column,
				"'%s' is missing; expected " SHAPE,
				r->event->agent.ptr ? "action" : "agent");
	if (r->event->signature && !r->has_at)
		return note_set(r->note, ERR_SYNTAX, doc->line, doc->column,
				"a signed action needs 'at', which the signature covers");
	if (r->result.sent && !str_is(r->stage.string, "post_tool"))
		return note_set(r->note, ERR_SYNTAX, r->result.sent->line, r->result.sent->column,
				"'result' belongs only to an action of stage post_tool");
	r->event->args_text = body_view(r, &r->args);
	r->event->result_text = body_view(r, &r->result);
	return make_data(r);
}

static enum err read_outcome(struct reading *r, const struct value *doc)
{
	const struct value *of = value_get_c(doc, "outcome_of");
	const struct value *result = value_get_c(doc, "result");
	const struct value *status = value_get_c(doc, "status");
	const struct value *at = value_get_c(doc, "at");
	struct entry_link *link = arena_alloc(r->arena, sizeof(*link));
	const struct value *took = value_get_c(doc, "latency_ms");
	struct member *members = arena_array(r->arena, 2, sizeof(*members));
	struct value *data = arena_alloc(r->arena, sizeof(*data));
	size_t count = 0;

	TRY(refuse_unknown(doc, outcome_members, r->note));
	if (!link || !members || !data)
		return ERR_MEMORY;
	if (of->kind != VALUE_INT || of->integer < 0)
		return wrong(r, of, "outcome_of", "the number of an action's entry");
	*link = (struct entry_link){ STR("outcome_of"), (uint64_t)of->integer };
	r->event->kind = ENTRY_OUTCOME;
	r->event->links = link;
	r->event->link_count = 1;
	if (at)
		TRY(read_at(r, at));
	if (took && (took->kind != VALUE_INT || took->integer < 0))
		return wrong(r, took, "latency_ms", "a whole number of milliseconds");
	if (took)
		members[count++] = (struct member){ .key = STR("latency_ms"), .value = *took };
	if (status) {
		struct member *m = &members[count++];

		*m = (struct member){ .key = STR("status"), .value = *status };
		TRY(read_name(r, status, "status", &m->value.string));
	}
	*data = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	r->event->data = count ? data : NULL;
	if (result)
		TRY(read_body(r, result, &r->result));
	r->event->result_text = body_view(r, &r->result);
	return OK;
}

static enum err read_members(struct reading *r, const struct value *doc)
{
	if (doc->kind != VALUE_OBJECT)
		return note_set(r->note, ERR_TYPE, doc->line, doc->column,
				"an action document is an object, not of type %s",
				value_kind_name(doc->kind));
	return value_get_c(doc, "outcome_of") ? read_outcome(r, doc) : read_action(r, doc);
}

static enum err read_tree(struct reading *r, struct str text, struct value **ret)
{
	struct value *doc = arena_alloc(r->arena, sizeof(*doc));

	if (!doc)
		return ERR_MEMORY;
	if (text.len > LIMIT_ACTION_BYTES)
		return note_set(r->note, ERR_LIMIT, 1, LIMIT_ACTION_BYTES,
				"an action document has at most %u bytes; this one is longer",
				LIMIT_ACTION_BYTES);
	*ret = doc;
	return json_read(text, 1, r->arena, doc, r->note);
}

/* Text that is no tree cannot be masked: where it may hold a secret, nothing of it is told. */
static enum err quote_nothing(const struct reading *r, const struct intake *in, struct str text,
			      enum err e)
{
	struct str kind;

	if (!in->mask || !r->note || e == ERR_MEMORY ||
	    (!mask_looks(in->mask, text, &kind) &&
	     !mask_looks(in->mask, str_view(r->note->text), &kind)))
		return e;
	return note_set(r->note, e, r->note->line, r->note->column,
			"%s; it holds a secret, so nothing of it is quoted", err_text(e));
}

/* What is told of a document goes into the log: a secret in the wrong place must not. */
static enum err hide_secret(struct note *n, enum err e)
{
	if (e == OK || !n || !strstr(n->text, CREDENTIAL_PREFIX))
		return e;
	return note_set(n, e, n->line, n->column,
			"a credential stands where none belongs; it goes into 'credential'");
}

static enum err read_document(struct reading *r, struct str text, struct intake *in)
{
	struct value *doc = NULL;
	enum err e = read_tree(r, text, &doc);

	if (e != OK)
		return quote_nothing(r, in, text, e);
	if (in->mask)
		TRY(conceal_document(in->mask, doc, &in->found, r->note));
	return read_members(r, doc);
}

/* Its bodies are copied: only the signature is held against them. */
static enum err read_plain(const struct reading *masked, struct str text, struct event *ret)
{
	struct value *doc = NULL;
	struct buf bodies;
	struct reading r = {
		.arena = masked->arena, .bodies = &bodies, .event = ret, .now_ns = masked->now_ns
	};
	enum err e;

	buf_init(&bodies, 2 * LIMIT_BODY_BYTES);
	*ret = (struct event){ .at_ns = masked->now_ns };
	e = read_tree(&r, text, &doc);
	if (e == OK)
		e = read_members(&r, doc);
	if (e == OK && ret->args_text.ptr)
		e = arena_copy(r.arena, ret->args_text, &ret->args_text);
	if (e == OK && ret->result_text.ptr)
		e = arena_copy(r.arena, ret->result_text, &ret->result_text);
	crypto_wipe_buf(&bodies);
	return e;
}

enum err action_read(struct str text, int64_t now_ns, struct intake *in, struct buf *bodies,
		     struct event *ret, struct note *n)
{
	struct event event = { .at_ns = now_ns }, *plain;
	struct reading r = {
		.arena = in->found.arena, .bodies = bodies, .event = &event, .note = n,
		.now_ns = now_ns
	};

	MUST(bodies->len == 0);
	TRY(hide_secret(n, read_document(&r, text, in)));
	if (event.signature && in->found.count > 0) {
		plain = arena_alloc(r.arena, sizeof(*plain));
		if (!plain)
			return ERR_MEMORY;
		TRY(read_plain(&r, text, plain));
		in->plain = plain;
	}
	/* Windows of limits go by it: unless a key answers for it, nobody is in the future. */
	if (!event.signature && event.at_ns > now_ns)
		event.at_ns = now_ns;
	*ret = event;
	return OK;
}

/* The story, or the bare name of the trouble where nobody told one. */
static enum err refusal_text(const struct note *n, enum err why, struct arena *a, struct str *ret)
{
	struct str story = n ? str_view(n->text) : STR_NONE;

	if (story.len == 0 || !str_utf8_ok(story))
		story = str_view(err_text(why));
	return arena_copy(a, story, ret);
}

/* A digest would let a short secret be guessed: where there was one, it is left out. */
enum err action_refusal(struct str text, int64_t now_ns, enum err why, const struct note *n,
			struct intake *in, struct event *ret)
{
	struct arena *a = in->found.arena;
	struct member *members = arena_array(a, 4, sizeof(*members));
	struct value *data = arena_alloc(a, sizeof(*data));
	struct str digest = STR_NONE, story;
	struct digest whole;
	size_t count = 0;

	if (!members || !data)
		return ERR_MEMORY;
	TRY(refusal_text(n, why, a, &story));
	TRY(conceal_refused(text, in));
	if (in->found.count == 0) {
		whole = sha256(text);
		TRY(digest_copy(&whole, a, &digest));
	}
	members[count++] = (struct member){
		.key = STR("bytes"), .value = value_int((int64_t)text.len)
	};
	members[count++] = (struct member){
		.key = STR("error"), .value = value_string(str_view(err_name(why)))
	};
	if (digest.ptr)
		members[count++] = (struct member){
			.key = STR("sha256"), .value = value_string(digest)
		};
	members[count++] = (struct member){ .key = STR("text"), .value = value_string(story) };
	*data = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	*ret = (struct event){ .kind = ENTRY_REFUSAL, .at_ns = now_ns, .data = data };
	return conceal_tell(&in->found, ret);
}
