/*
 * recall: what a bundle asks of a session's past, answered from the histories, and what an allowed
 * action adds to them. Where a bundle asks nothing, no row is looked up and none is made.
 *
 *   before the rules     history -> answers -> request.past
 *   once it is allowed   happening -> history
 */
#include "engine/gate/inside.h"

_Static_assert(SEQUENCE_KEY_BYTES == HISTORY_KEY_BYTES, "digests go into rows as they are");
_Static_assert(HISTORY_EVENTS <= 32 && LIMIT_LABELS <= 32, "sets of places fit their words");

static struct history_watch watch_of(const struct sequence *q)
{
	const struct sequence_names *n = sequence_names(q);

	return (struct history_watch){
		.events = n->events, .event_count = n->event_count,
		.labels = n->labels, .label_count = n->label_count,
		.windows = n->windows, .window_count = n->window_count,
		.window_events = n->window_events, .window_ns = n->window_ns,
		.id = n->watch,
	};
}

/* The history of the event's session, which may not exist yet. */
static void find_history(const struct state *s, const struct event *e,
			 const struct history_watch *w, struct history_row *ret)
{
	int64_t at_ns = stage_time(s, e);
	struct session_row session;
	uint32_t row;

	if (session_find(s, GATE_SESSIONS, e->session, &row, &session))
		history_recall(s, GATE_HISTORIES, w, row, session.actions - session.denials, at_ns,
			       ret);
	else
		history_begin(w, 0, 0, at_ns, ret);
}

/* --- answers --- */

static bool put_answer(enum history_answer answer, struct value *ret)
{
	*ret = value_bool(answer == HISTORY_YES);
	return answer != HISTORY_UNKNOWN;
}

static bool put_number(bool known, uint32_t number, struct value *ret)
{
	*ret = value_int(number);
	return known;
}

static enum err answer_key(const struct sequence *q, const struct lookback *l,
			   const struct value *request, const struct history_row *h,
			   struct value *ret, bool *known)
{
	uint8_t key[SEQUENCE_KEY_BYTES];

	TRY(sequence_key(q, l, request, key, known));
	if (*known)
		*known = put_answer(history_key(h, l->event, key), ret);
	return OK;
}

/* An answer that is known without looking at the request. */
static bool answer(const struct lookback *l, const struct history_row *h, int64_t at_ns,
		   struct value *ret)
{
	uint32_t count;
	bool known;

	switch (l->form) {
	case LOOKBACK_ONCE:
		return put_answer(history_once(h, l->event), ret);
	case LOOKBACK_RECENT:
		return put_answer(history_recent(h, l->event, l->period_ns, at_ns), ret);
	case LOOKBACK_SINCE:
		return put_answer(history_since(h, l->event, l->other), ret);
	case LOOKBACK_BEFORE:
		return put_answer(history_before(h, l->event, l->other), ret);
	case LOOKBACK_LABELLED:
		return put_answer(history_labelled(h, l->event), ret);
	case LOOKBACK_COUNT:
		known = history_count(h, l->event, &count);
		return put_number(known, count, ret);
	case LOOKBACK_WINDOW:
		known = history_window(h, l->other, l->period_ns, at_ns, &count);
		return put_number(known, count, ret);
	default:
		return false;
	}
}

enum err recall_answers(const struct state *s, const struct sequence *q, const struct event *e,
			const struct value *request, struct arena *a, struct value *ret)
{
	const struct history_watch w = watch_of(q);
	size_t count, known = 0;
	const struct lookback *list = sequence_lookbacks(q, &count);
	struct member *members = arena_array(a, count, sizeof(*members));
	struct history_row h;

	if (!members)
		return ERR_MEMORY;
	find_history(s, e, &w, &h);
	for (size_t i = 0; i < count; i++) {
		struct member *m = &members[known];
		bool there;

		m->key = list[i].text;
		if (list[i].form == LOOKBACK_KEY)
			TRY(answer_key(q, &list[i], request, &h, &m->value, &there));
		else
			there = answer(&list[i], &h, stage_time(s, e), &m->value);
		known += there;
	}
	*ret = (struct value){ .kind = VALUE_OBJECT, .object = { members, known } };
	return OK;
}

/* --- what is kept --- */

static enum err add_step(struct state *s, const struct event *e, const struct history_watch *w,
			 const struct history_step *step, uint64_t actions)
{
	struct session_row session;
	struct history_row h;
	uint32_t row;

	if (!session_find(s, GATE_SESSIONS, e->session, &row, &session))
		return ERR_NOT_FOUND;
	history_recall(s, GATE_HISTORIES, w, row, session.actions - session.denials - actions,
		       step->at_ns, &h);
	TRY(history_add(&h, w, step));
	h.allowed += actions;
	return history_keep(s, GATE_HISTORIES, &h);
}

enum err recall_action(struct state *s, const struct sequence *q, const struct event *e,
		       const struct happening *happening)
{
	const struct history_watch w = watch_of(q);
	const struct history_step step = {
		.events = happening->events, .maybe_events = happening->maybe_events,
		.labels = happening->labels, .maybe_labels = happening->maybe_labels,
		.keys = happening->keys, .key_count = happening->key_count,
		.at_ns = stage_time(s, e),
	};

	return add_step(s, e, &w, &step, 1);
}

enum err recall_approval(struct state *s, const struct sequence *q, const struct event *e)
{
	const struct history_watch w = watch_of(q);
	const struct history_step step = {
		.events = UINT32_C(1) << SEQUENCE_APPROVED, .at_ns = stage_time(s, e),
	};

	return add_step(s, e, &w, &step, 0);
}
