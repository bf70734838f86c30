/* filter: what is wanted of an entry, asked of one. */
#include "engine/index/inside.h"

#include "engine/base/canon.h"
#include "engine/base/match.h"

struct filter filter_any(void)
{
	return (struct filter){ .since_ns = INT64_MIN, .until_ns = INT64_MAX };
}

struct str filter_name_of(const struct entry *e, enum filter_name name)
{
	const struct decision *d = e->decision;

	switch (name) {
	case FILTER_AGENT:
		return e->agent;
	case FILTER_TOOL:
		return e->action;
	case FILTER_RESOURCE:
		return e->resource;
	case FILTER_SESSION:
		return e->session;
	case FILTER_TRACE:
		return e->trace;
	case FILTER_RULE:
		return d ? d->rule : STR_NONE;
	case FILTER_STAGE:
		return d ? d->stage : STR_NONE;
	default:
		return STR_NONE;
	}
}

bool filter_is_plain(struct str pattern)
{
	for (size_t i = 0; i < pattern.len; i++)
		if (memchr("*?\\", pattern.ptr[i], 3))
			return false;
	return true;
}

bool filter_outcome(const struct entry *e, struct str *status, uint64_t *of)
{
	struct str found = e->kind == ENTRY_OUTCOME ? value_text(e->data, "status") : STR_NONE;

	for (size_t i = 0; found.ptr && i < e->link_count; i++) {
		if (!str_is(e->links[i].rel, "outcome_of"))
			continue;
		*status = found;
		*of = e->links[i].seq;
		return true;
	}
	return false;
}

/* --- the text --- */

static bool any_hits(const struct probe *p, const struct str *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (probe_hits(p, texts[i]))
			return true;
	return false;
}

/* Depth is that of JSON that was read: bounded. */
static bool hits_value(const struct probe *p, const struct value *v)
{
	if (v->kind == VALUE_STRING)
		return probe_hits(p, v->string);
	for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
		if (hits_value(p, &v->list.items[i]))
			return true;
	for (size_t i = 0; v->kind == VALUE_OBJECT && i < v->object.count; i++)
		if (hits_value(p, &v->object.members[i].value))
			return true;
	return false;
}

static bool hits_decision(const struct probe *p, const struct decision *d)
{
	if (any_hits(p, d->reasons, d->reason_count) || any_hits(p, d->errors, d->error_count))
		return true;
	for (size_t i = 0; i < d->obligation_count; i++) {
		const struct obligation *o = &d->obligations[i];

		if (probe_hits(p, o->rule) || probe_hits(p, o->type) ||
		    any_hits(p, o->approvers, o->approver_count))
			return true;
	}
	return false;
}

static bool hits(const struct probe *p, const struct entry *e)
{
	for (unsigned name = 0; name < FILTER_NAMES; name++)
		if (probe_hits(p, filter_name_of(e, (enum filter_name)name)))
			return true;
	if (e->decision && hits_decision(p, e->decision))
		return true;
	return e->data && hits_value(p, e->data);
}

/* --- the sieve --- */

enum err sieve_init(struct sieve *s, const struct filter *f, struct arena *a)
{
	struct buf raw;
	enum err e;

	*s = (struct sieve){ .filter = *f };
	if (!f->text.ptr)
		return OK;
	TRY(probe_init(&s->text, f->text, a));
	buf_init(&raw, LIMIT_QUERY_BYTES * 8);
	canon_string(&raw, f->text);
	e = raw.err;
	if (e == OK)
		e = probe_init(&s->raw, str_slice(raw.ptr + 1, raw.len - 2), a);
	buf_fini(&raw);
	return e;
}

bool sieve_may_pass(const struct sieve *s, struct str line)
{
	return !s->filter.text.ptr || probe_hits(&s->raw, line);
}

bool sieve_passes(const struct sieve *s, const struct entry *e)
{
	const struct filter *f = &s->filter;

	if (f->by_kind && e->kind != f->kind)
		return false;
	if (f->by_effect && (!e->decision || e->decision->effect != f->effect))
		return false;
	if (e->time_ns < f->since_ns || e->time_ns > f->until_ns)
		return false;
	for (unsigned i = 0; i < FILTER_NAMES; i++) {
		struct str name;

		if (!f->names[i].ptr)
			continue;
		name = filter_name_of(e, (enum filter_name)i);
		if (!name.ptr || !match_glob(f->names[i], name))
			return false;
	}
	return !f->text.ptr || hits(&s->text, e);
}
