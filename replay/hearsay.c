/* hearsay: submitting what a record claims, and reading its names. */
#include "replay/hearsay.h"

static const char naive_times[] =
	"when its entries without a time zone were made (they are read as UTC)";

enum err hearsay_broken(struct importing *im, enum err e)
{
	struct import_report *r = im->report;

	if (!im->options->allow_broken || (e != ERR_TAMPERED && e != ERR_SIGNATURE))
		return e;
	if (r->broken++ == 0 && im->note)
		r->first_broken = *im->note;
	if (im->note)
		*im->note = (struct note){ .line = 0 };
	im->broken = true;
	return OK;
}

enum err hearsay_flatten(struct importing *im, struct value *v)
{
	if (v->kind != VALUE_LIST && v->kind != VALUE_OBJECT)
		return OK;
	buf_clear(&im->args);
	canon_value(&im->args, v);
	TRY(im->args.err);
	v->kind = VALUE_STRING;
	return arena_copy(&im->memory, buf_view(&im->args), &v->string);
}

/* Without members that are null. */
static enum err pick(struct importing *im, const struct value *v, const char *const *names,
		     bool listed, struct value *ret)
{
	struct member *members = arena_array(&im->memory, v->object.count, sizeof(*members));
	size_t count = 0;

	if (!members)
		return ERR_MEMORY;
	for (size_t i = 0; i < v->object.count; i++) {
		struct member m = v->object.members[i];

		if (m.value.kind == VALUE_NULL || str_listed(m.key, names) != listed)
			continue;
		TRY(hearsay_flatten(im, &m.value));
		members[count++] = m;
	}
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
	return OK;
}

enum err hearsay_facts(struct importing *im, const struct value *v, const char *const *placed,
		       struct value *ret)
{
	return pick(im, v, placed, false, ret);
}

enum err hearsay_attributes(struct importing *im, const struct value *v, const char *const *names,
			    struct value *ret)
{
	return pick(im, v, names, true, ret);
}

/* --- members --- */

static enum err text_of(struct importing *im, const struct value *v, const char *key,
			const struct value **ret)
{
	const struct value *m = value_get_c(v, key);

	*ret = NULL;
	if (!m || m->kind == VALUE_NULL)
		return OK;
	if (m->kind != VALUE_STRING)
		return note_set(im->note, ERR_TYPE, m->line, m->column,
				"'%s' is %s; expected a string", key, value_kind_name(m->kind));
	*ret = m;
	return OK;
}

enum err hearsay_name(struct importing *im, const struct value *v, const char *key,
		    struct str *ret)
{
	const struct value *m;

	*ret = STR_NONE;
	TRY(text_of(im, v, key, &m));
	if (!m)
		return OK;
	if (!agent_name_ok(m->string))
		return note_set(im->note, ERR_RANGE, m->line, m->column,
				"'%s' has %zu bytes; expected 1 to %d without control characters",
				key, m->string.len, LIMIT_NAME_BYTES);
	*ret = m->string;
	return OK;
}

enum err hearsay_resource(struct importing *im, const struct value *v, const char *key,
			struct str *ret)
{
	const struct value *m;

	*ret = STR_NONE;
	TRY(text_of(im, v, key, &m));
	if (!m)
		return OK;
	if (m->string.len > LIMIT_RESOURCE_BYTES)
		return note_set(im->note, ERR_RANGE, m->line, m->column,
				"'%s' has %zu bytes; at most %d are allowed", key, m->string.len,
				LIMIT_RESOURCE_BYTES);
	*ret = m->string;
	return OK;
}

enum err hearsay_time(struct importing *im, const struct value *v, const char *key, int64_t *ret)
{
	const struct value *m;
	bool naive;
	enum err e;

	TRY(text_of(im, v, key, &m));
	if (!m)
		return note_set(im->note, ERR_SYNTAX, v->line, v->column,
				"'%s' is missing; expected a time", key);
	e = foreign_when(m->string, ret, &naive);
	if (e != OK)
		return note_set(im->note, e, m->line, m->column,
				"'%s' is '%.*s'; expected a time like "
				"\"2026-01-02T03:04:05.678901+00:00\" between 1677 and 2262",
				key, STR_ARG(m->string));
	if (naive)
		import_finding(im, naive_times);
	return OK;
}

/* --- events --- */

static enum err submit_action(struct importing *im, const struct hearsay *c, uint64_t *ret)
{
	struct event e = { .kind = ENTRY_ACTION, .at_ns = c->at_ns,
			   .at_synthetic = c->synthetic, .agent = c->agent, .action = c->action,
			   .resource = c->resource, .session = c->session, .trace = c->trace };
	struct member member = { .key = STR("attrs") };
	struct value data = { .kind = VALUE_OBJECT, .object = { &member, 1 } };
	struct verdict verdict;

	TRY(import_bodies(im, &e, c->args, NULL));
	if (c->attrs) {
		member.value = *c->attrs;
		e.data = &data;
	}
	TRY(import_submit(im, &e, c->timed, &verdict));
	*ret = verdict.entry;
	return OK;
}

/* The record's facts, and whether they are to be believed. */
static enum err facts_of(struct importing *im, const struct hearsay *c, struct value *ret)
{
	struct value_object own = { NULL, 0 };
	struct member *members;

	if (c->foreign)
		own = c->foreign->object;
	members = arena_array(&im->memory, own.count + 1, sizeof(*members));
	if (!members)
		return ERR_MEMORY;
	for (size_t i = 0; i < own.count; i++)
		members[i] = own.members[i];
	if (im->broken)
		members[own.count++] = (struct member){ .key = STR("trammel_chain"),
							.value = value_string(STR("broken")) };
	im->broken = false;
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { members, own.count } };
	return OK;
}

static enum err submit_outcome(struct importing *im, const struct hearsay *c, uint64_t action)
{
	const struct entry_link link = { .rel = STR("outcome_of"), .seq = action };
	struct event e = { .kind = ENTRY_OUTCOME,
			   .at_ns = c->done_ns > c->at_ns ? c->done_ns : c->at_ns,
			   .at_synthetic = c->synthetic, .session = c->session, .links = &link,
			   .link_count = 1 };
	struct member members[3];
	struct value data = { .kind = VALUE_OBJECT, .object = { members, 0 } }, facts;

	TRY(facts_of(im, c, &facts));
	if (facts.object.count > 0)
		members[data.object.count++] = (struct member){ .key = STR("foreign"),
								.value = facts };
	if (c->latency)
		members[data.object.count++] = (struct member){ .key = STR("latency_ms"),
								.value = *c->latency };
	if (c->status.ptr)
		members[data.object.count++] = (struct member){ .key = STR("status"),
								.value = value_string(c->status) };
	TRY(import_bodies(im, &e, NULL, c->result));
	e.data = data.object.count ? &data : NULL;
	return import_submit(im, &e, c->timed, NULL);
}

enum err hearsay_submit(struct importing *im, const struct hearsay *c, const struct value *at)
{
	uint64_t action;
	enum err e = submit_action(im, c, &action);

	if (e == OK && !c->no_outcome)
		e = submit_outcome(im, c, action);
	if (e == ERR_LIMIT)
		return note_set(im->note, e, at->line, at->column,
				"this entry does not fit the log, whose entries have at most %d "
				"bytes and bodies %u", LIMIT_ENTRY_BYTES, LIMIT_BODY_BYTES);
	return e;
}
