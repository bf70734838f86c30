/*
 * isolate: what an action would touch, by the intents of the bundle, asked of the session.
 *
 * A thing is the canonical text of the argument that names it, or of the action's resource. Only
 * actions of stage pre_tool touch anything: a call is asked about up to four times, and made once.
 */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"

struct isolated isolate_tables(const struct state *s)
{
	return (struct isolated){
		s, GATE_LIVES, GATE_PARTICIPANTS, GATE_THINGS, GATE_FLIGHTS, GATE_HALTS
	};
}

/* --- what it touches --- */

static enum err digest_of(const struct value *v, struct digest *ret)
{
	struct buf text;
	enum err e;

	buf_init(&text, LIMIT_ACTION_BYTES);
	canon_value(&text, v);
	e = text.err;
	if (e == OK)
		*ret = sha256(buf_view(&text));
	buf_fini(&text);
	return e;
}

static enum err say(struct weighing *w, const char *before, struct str name, const char *after,
		    struct finding *f)
{
	struct buf b;

	f->allow = false;
	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "%s%.*s%s", before, STR_ARG(name), after);
	return stage_say(w, &b, f);
}

/* One more thing, unless it cannot be told which, or there are too many. */
static enum err add_touch(struct weighing *w, size_t number, struct touch *touches,
			  struct finding *f)
{
	struct value resource = value_string(w->event->resource);
	const struct value *thing;
	struct str path;

	if (w->touch_count == TOUCHES_MAX)
		return say(w, "the action touches more than 8 things", STR_NONE, "", f);
	TRY(bundle_intent_thing(w->bundle, number, w->args, w->arena, &thing, &path));
	if (!path.ptr && resource.string.ptr)
		thing = &resource;
	if (!thing)
		return say(w, "the action touches ", path.ptr ? path : STR("its resource"),
			   ", which is missing", f);
	touches[w->touch_count].intent = bundle_intent(w->bundle, number);
	return digest_of(thing, &touches[w->touch_count++].name);
}

static enum err list_touches(struct weighing *w, struct finding *f)
{
	size_t count = bundle_intents(w->bundle);
	struct touch *touches = arena_array(w->arena, TOUCHES_MAX, sizeof(*touches));

	if (!touches)
		return ERR_MEMORY;
	for (size_t i = 0; f->allow && i < count; i++)
		if (bundle_intent_holds(w->bundle, i, w->event->agent, w->event->action))
			TRY(add_touch(w, i, touches, f));
	w->touches = touches;
	return OK;
}

/* --- what clashes --- */

static struct toucher toucher_of(const struct state *s, const struct life_standing *standing,
				 const struct touch *touches, size_t count)
{
	return (struct toucher){
		standing->session, standing->participant, gate_totals(s).entries, touches, count
	};
}

static enum err say_clash(struct weighing *w, const struct clash *clash, struct finding *f)
{
	static const char *const sentences[] = {
		[CLASH_HELD] = "what the action touches is being written by ",
		[CLASH_READ] = "what the action wants alone was read by ",
		[CLASH_NEWER] = "what the action touches was changed since the agent began",
		[CLASH_PREMISE] = "what the agent read before was changed since, or is being",
		[CLASH_MANY] = "the agent has read more things than can be remembered",
	};
	struct participant_row who;
	struct str by = STR_NONE;

	if (clash->by) {
		memcpy(&who, state_row(w->state, GATE_PARTICIPANTS, clash->by - 1), sizeof(who));
		by = participant_agent(&who);
	}
	w->clashes = true;
	return say(w, sentences[clash->kind], by, by.ptr ? "" : "; begin anew by reading again",
		   f);
}

enum err isolate_weigh(struct weighing *w, struct finding *f)
{
	const struct isolated at = isolate_tables(w->state);
	struct toucher toucher;
	struct clash clash;

	if (!w->bundle || stage_moment(w->event->data) != POLICY_PRE_TOOL ||
	    bundle_intents(w->bundle) == 0)
		return OK;
	TRY(list_touches(w, f));
	if (!f->allow || w->touch_count == 0)
		return OK;
	toucher = toucher_of(w->state, &w->standing, w->touches, w->touch_count);
	isolation_look(&at, &toucher, &clash);
	return clash.kind == CLASH_NONE ? OK : say_clash(w, &clash, f);
}

enum err isolate_count(struct state *s, const struct weighed *w)
{
	const struct isolated at = isolate_tables(s);
	struct toucher toucher = toucher_of(s, &w->standing, w->touches, w->touch_count);

	if (w->decision.effect == EFFECT_DENY)
		return w->clashes ? isolation_forget(s, &at, toucher.participant) : OK;
	return toucher.count > 0 ? isolation_take(s, &at, &toucher) : OK;
}

enum err isolate_end(struct state *s, const struct event *e)
{
	const struct isolated at = isolate_tables(s);

	if (!str_is(e->links[0].rel, "outcome_of"))
		return OK;
	return isolation_end(s, &at, e->links[0].seq,
			     str_is(value_text(e->data, "status"), "failed"));
}
