/*
 * conceal: events without their secrets.
 *
 *   document --read--> tree --conceal_document--> masked tree --> event     what agents send
 *   event --conceal_event--> masked event                                   imports and controls
 *
 * It is done before anything is decided, so conditions see what is recorded, and a replay, which
 * masks nothing, sees the same. What was masked stands in the entry's data:
 *
 *   "masked":[{"at":"args.password","kind":"password"},...,{"more":12}]
 *
 * A signature is over what was sent. So it is verified here, and then neither it nor a digest of
 * what was sent is kept: who has these could try secrets until one fits. The entry says so:
 *
 *   "signature":{"key":ID,"verified":true,"withheld":"masked"}
 */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"

enum err stage_add_data(struct arena *a, struct str key, const struct value *v, struct event *e)
{
	const struct value_object none = { NULL, 0 }, *own = e->data ? &e->data->object : &none;
	struct value *data = arena_alloc(a, sizeof(*data));
	struct member *members = arena_array(a, own->count + 1, sizeof(*members));
	size_t at = 0, count = 0;

	if (!data || !members)
		return ERR_MEMORY;
	while (at < own->count && str_cmp(own->members[at].key, key) < 0)
		members[count++] = own->members[at++];
	members[count++] = (struct member){ .key = key, .value = *v };
	while (at < own->count)
		members[count++] = own->members[at++];
	*data = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	e->data = data;
	return OK;
}

/* --- documents --- */

/* Numbers of our own, and what is hashed or verified as it is. No message quotes them. */
static const char *const kept[] = {
	"credential", "latency_ms", "outcome_of", "signature", NULL,
};
static const char *const names[] = {
	"action", "agent", "agent_did", "agent_id", "session", "status", "tool_name", "trace", NULL,
};

static enum err mask_members(const struct mask *m, struct value *doc, struct mask_report *found)
{
	for (size_t i = 0; i < doc->object.count; i++) {
		struct member *member = &doc->object.members[i];
		bool name = str_listed(member->key, names) && member->value.kind == VALUE_STRING;

		if (str_listed(member->key, kept))
			continue;
		TRY(mask_text(m, &member->key, STR("(name)"), MASK_VALUES, found));
		TRY(mask_value(m, &member->value, member->key, name ? MASK_NAMES : MASK_VALUES,
			       found));
	}
	return OK;
}

enum err conceal_document(const struct mask *m, struct value *doc, struct mask_report *found,
		       struct note *n)
{
	bool near = found->has_key_id;
	enum err e = OK;

	if (doc->kind != VALUE_OBJECT)
		return OK;
	e = mask_members(m, doc, found);
	/* The secret of an AWS key may stand before the key's name. */
	if (e == OK && found->has_key_id && !near)
		e = mask_members(m, doc, found);
	if (e == ERR_DUPLICATE)
		return note_set(n, e, doc->line, doc->column,
				"two members of one object have the same name once it is masked");
	return e;
}

enum err conceal_refused(struct str text, struct intake *in)
{
	struct str kind;

	if (!in->mask || in->found.count > 0 || !mask_looks(in->mask, text, &kind))
		return OK;
	in->found.found = arena_alloc(in->found.arena, sizeof(*in->found.found));
	if (!in->found.found)
		return ERR_MEMORY;
	in->found.found[0] = (struct mask_found){ STR("document"), kind };
	in->found.kept = in->found.count = 1;
	return OK;
}

/* --- telling --- */

static enum err fill_found(struct arena *a, const struct mask_found *found, struct value *ret)
{
	struct member *m = arena_array(a, 2, sizeof(*m));

	if (!m)
		return ERR_MEMORY;
	m[0] = (struct member){ .key = STR("at"), .value = value_string(found->at) };
	m[1] = (struct member){ .key = STR("kind"), .value = value_string(found->kind) };
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { m, 2 } };
	return OK;
}

static enum err fill_more(struct arena *a, size_t count, struct value *ret)
{
	struct member *m = arena_alloc(a, sizeof(*m));

	if (!m)
		return ERR_MEMORY;
	*m = (struct member){ .key = STR("more"), .value = value_int((int64_t)count) };
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { m, 1 } };
	return OK;
}

enum err conceal_tell(const struct mask_report *found, struct event *e)
{
	struct value *items, list;
	size_t count = 0;

	if (found->count == 0)
		return OK;
	items = arena_array(found->arena, found->kept + 1, sizeof(*items));
	if (!items)
		return ERR_MEMORY;
	for (size_t i = 0; i < found->kept; i++)
		TRY(fill_found(found->arena, &found->found[i], &items[count++]));
	if (found->count > found->kept)
		TRY(fill_more(found->arena, found->count - found->kept, &items[count++]));
	list = (struct value){ .kind = VALUE_LIST, .list = { items, count } };
	return stage_add_data(found->arena, STR("masked"), &list, e);
}

static bool found_ok(const struct value *v)
{
	const struct value *more = value_get_c(v, "more");

	if (v->kind != VALUE_OBJECT)
		return false;
	if (more)
		return v->object.count == 1 && more->kind == VALUE_INT && more->integer > 0;
	return v->object.count == 2 && value_text(v, "at").ptr && value_text(v, "kind").ptr;
}

bool conceal_masked_ok(const struct value *list)
{
	if (list->kind != VALUE_LIST || list->list.count == 0 ||
	    list->list.count > LIMIT_MASK_FOUND + 1)
		return false;
	for (size_t i = 0; i < list->list.count; i++)
		if (!found_ok(&list->list.items[i]))
			return false;
	return true;
}

/* --- signatures --- */

/* Is it by that key over the event as it was sent to this log? */
static enum err check_plain(const struct gate *g, const struct event *plain,
			    const struct public_key *key, bool *ret)
{
	const struct value *attrs = value_get_c(plain->data, "attrs");
	struct digest args = sha256(plain->args_text), result = sha256(plain->result_text);
	struct agent_claim claim = {
		.log = g->origin, .agent = plain->agent, .action = plain->action,
		.resource = plain->resource, .session = plain->session, .trace = plain->trace,
		.args = plain->args_text.ptr ? &args : NULL,
		.result = plain->result_text.ptr ? &result : NULL,
		.credential = value_text(plain->data, "credential"),
		.stage = value_text(plain->data, "stage"), .at_ns = plain->at_ns,
	};
	struct buf attrs_text, text;
	enum err e;

	buf_init(&attrs_text, LIMIT_ATTRS_BYTES);
	buf_init(&text, LIMIT_ACTION_BYTES);
	if (attrs) {
		canon_value(&attrs_text, attrs);
		claim.attrs = buf_view(&attrs_text);
	}
	agent_signed_text(&text, &claim);
	e = attrs_text.err != OK ? attrs_text.err : text.err;
	if (e == OK)
		*ret = sign_check(key, buf_view(&text), plain->signature);
	buf_fini(&text);
	buf_fini(&attrs_text);
	return e;
}

enum err conceal_signature(const struct gate *g, const struct event *plain, struct event *e,
			struct arena *a)
{
	struct member *members = arena_array(a, 3, sizeof(*members));
	struct value withheld = { .kind = VALUE_OBJECT, .object = { members, 3 } };
	struct public_key key = { { 0 } };
	char id[KEY_ID_BYTES];
	struct agent_row agent;
	struct str id_text = STR("");
	bool verified = false;
	uint32_t row;

	if (!members)
		return ERR_MEMORY;
	if (agent_find(g->state, GATE_AGENTS, e->agent, &row, &agent) && agent.has_key) {
		key = agent_key(&agent);
		key_id_put(id, &key);
		TRY(arena_copy(a, str_slice(id, sizeof(id)), &id_text));
		TRY(check_plain(g, plain, &key, &verified));
	}
	members[0] = (struct member){ .key = STR("key"), .value = value_string(id_text) };
	members[1] = (struct member){ .key = STR("verified"), .value = value_bool(verified) };
	members[2] = (struct member){
		.key = STR("withheld"), .value = value_string(STR("masked"))
	};
	e->signature = NULL;
	return stage_add_data(a, STR("signature"), &withheld, e);
}

const struct value *conceal_withheld(const struct value *data)
{
	return value_get_c(data, "signature");
}

bool conceal_withheld_ok(const struct value *withheld)
{
	const struct value *verified = value_get_c(withheld, "verified");

	return withheld->kind == VALUE_OBJECT && withheld->object.count == 3 &&
	       value_text(withheld, "key").ptr && verified && verified->kind == VALUE_BOOL &&
	       str_is(value_text(withheld, "withheld"), "masked");
}

bool conceal_verified(const struct value *data, const struct public_key *key)
{
	const struct value *withheld = conceal_withheld(data);
	const struct value *verified = value_get_c(withheld, "verified");
	char id[KEY_ID_BYTES];

	key_id_put(id, key);
	return verified && verified->boolean &&
	       str_eq(value_text(withheld, "key"), str_slice(id, sizeof(id)));
}

/* --- events --- */

/* A body is read, masked, and written again where that changed it. */
static enum err mask_body(const struct mask *m, struct str *text, struct str at,
			  struct mask_report *found, const struct value **tree)
{
	struct value *v = arena_alloc(found->arena, sizeof(*v));
	size_t before = found->count;
	struct buf b;

	*tree = NULL;
	if (!text->ptr)
		return OK;
	if (!v)
		return ERR_MEMORY;
	TRY(json_read(*text, 1, found->arena, v, NULL));
	TRY(mask_value(m, v, at, MASK_VALUES, found));
	*tree = v;
	if (found->count == before)
		return OK;
	buf_init(&b, LIMIT_BODY_BYTES);
	canon_value(&b, v);
	return arena_take(found->arena, &b, text);
}

/* Of what an operator orders, only the reason and a saga's steps are about what tools are given. */
static enum err mask_data(const struct mask *m, const struct event *e, struct value *data,
			  struct mask_report *found)
{
	bool told = e->kind == ENTRY_ACTION || e->kind == ENTRY_OUTCOME || e->kind == ENTRY_LABEL;

	for (size_t i = 0; i < data->object.count; i++) {
		struct member *member = &data->object.members[i];
		struct str at;
		bool free = told || str_is(member->key, "reason") || str_is(member->key, "steps");

		/* What stands there is the hash of a secret. */
		if (e->kind == ENTRY_ACTION && str_is(member->key, "credential"))
			continue;
		/* As conditions call them. */
		at = str_is(member->key, "attrs") ? STR("action") : member->key;
		TRY(mask_value(m, &member->value, at, free ? MASK_VALUES : MASK_NAMES, found));
	}
	return OK;
}

static enum err mask_all(const struct mask *m, struct event *e, struct value *data,
			 struct mask_report *found)
{
	const struct value *result;

	TRY(mask_text(m, &e->agent, STR("agent"), MASK_NAMES, found));
	TRY(mask_text(m, &e->action, STR("action"), MASK_NAMES, found));
	TRY(mask_text(m, &e->session, STR("session"), MASK_NAMES, found));
	TRY(mask_text(m, &e->trace, STR("trace"), MASK_NAMES, found));
	TRY(mask_text(m, &e->resource, STR("resource"), MASK_VALUES, found));
	TRY(mask_body(m, &e->args_text, STR("args"), found, &e->args));
	TRY(mask_body(m, &e->result_text, STR("result"), found, &result));
	return data ? mask_data(m, e, data, found) : OK;
}

enum err conceal_event(const struct mask *m, const struct event *e, struct arena *a,
		    struct event *ret)
{
	struct mask_report found = { .arena = a };
	struct value *data = NULL;

	*ret = *e;
	if (e->kind == ENTRY_POLICY)
		return OK;
	if (e->data) {
		data = arena_alloc(a, sizeof(*data));
		if (!data)
			return ERR_MEMORY;
		TRY(value_copy(a, e->data, data));
		ret->data = data;
	}
	TRY(mask_all(m, ret, data, &found));
	return conceal_tell(&found, ret);
}
