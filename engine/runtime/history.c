/* history: rows of the histories table, and what can be said of a session by them. */
#include "engine/runtime/runtime.h"

struct table_schema history_table(void)
{
	return (struct table_schema){ "histories", sizeof(struct history_row), sizeof(uint64_t) };
}

/* Differences as unsigned never overflow. What lies before the beginning is inside. */
static bool is_within(int64_t began_ns, int64_t period_ns, int64_t at_ns)
{
	return at_ns < began_ns ||
	       (uint64_t)at_ns - (uint64_t)began_ns < (uint64_t)period_ns;
}

/* --- names in their places --- */

static struct history_event event_of(const struct history_row *h, uint64_t id)
{
	for (size_t i = 0; i < HISTORY_EVENTS; i++)
		if (h->events[i].id == id)
			return h->events[i];
	return (struct history_event){ .id = id, .doubt = h->position };
}

static struct history_window window_of(const struct history_row *h, uint64_t id, int64_t at_ns)
{
	for (size_t i = 0; i < LIMIT_WINDOWS; i++)
		if (h->windows[i].id == id)
			return h->windows[i];
	return (struct history_window){ .id = id, .began_ns = at_ns, .doubt = h->position > 0 };
}

static void take_label(const struct history_row *h, uint64_t id, unsigned place,
		       struct history_row *ret)
{
	unsigned at = 0;

	while (at < LIMIT_LABELS && h->label_ids[at] != id)
		at++;
	ret->label_ids[place] = id;
	if (at < LIMIT_LABELS) {
		ret->labels |= (uint8_t)((h->labels >> at & 1u) << place);
		ret->label_doubts |= (uint8_t)((h->label_doubts >> at & 1u) << place);
	} else if (h->position > 0) {
		ret->label_doubts |= (uint8_t)(1u << place);
	}
}

/*
 * Names that are not watched any more are forgotten: when they come back, nobody knows what
 * happened in between. Digests of values stay, for what they say stays true.
 */
static void move_names(const struct history_watch *w, int64_t at_ns, struct history_row *h)
{
	const struct history_row old = *h;

	memset(h->events, 0, sizeof(h->events));
	memset(h->label_ids, 0, sizeof(h->label_ids));
	memset(h->windows, 0, sizeof(h->windows));
	h->labels = h->label_doubts = 0;
	for (size_t i = 0; i < w->event_count; i++)
		h->events[i] = event_of(&old, w->events[i]);
	for (unsigned i = 0; i < w->label_count; i++)
		take_label(&old, w->labels[i], i, h);
	for (size_t i = 0; i < w->window_count; i++)
		h->windows[i] = window_of(&old, w->windows[i], at_ns);
	h->watch = w->id;
}

/* Anything may have happened up to here, on a position of its own. */
static void doubt_all(const struct history_watch *w, int64_t at_ns, struct history_row *h)
{
	h->position += h->position < UINT32_MAX;
	for (size_t i = 0; i < w->event_count; i++)
		h->events[i].doubt = h->position;
	for (size_t i = 0; i < w->window_count; i++) {
		h->windows[i].began_ns = at_ns;
		h->windows[i].doubt = 1;
	}
	h->label_doubts = (uint8_t)(((1u << w->label_count) - 1) & ~(unsigned)h->labels);
}

void history_begin(const struct history_watch *w, uint64_t session, uint64_t allowed,
		   int64_t at_ns, struct history_row *ret)
{
	MUST(w->event_count <= HISTORY_EVENTS && w->label_count <= LIMIT_LABELS &&
	     w->window_count <= LIMIT_WINDOWS);
	*ret = (struct history_row){ .session = session, .allowed = allowed };
	move_names(w, at_ns, ret);
	if (allowed > 0)
		doubt_all(w, at_ns, ret);
}

void history_recall(const struct state *s, unsigned table, const struct history_watch *w,
		    uint64_t session, uint64_t allowed, int64_t at_ns, struct history_row *ret)
{
	uint32_t at;

	if (!state_find(s, table, &session, &at)) {
		history_begin(w, session, allowed, at_ns, ret);
		return;
	}
	memcpy(ret, state_row(s, table, at), sizeof(*ret));
	if (ret->watch != w->id)
		move_names(w, at_ns, ret);
	if (ret->allowed != allowed) {
		doubt_all(w, at_ns, ret);
		ret->allowed = allowed;
	}
}

/* --- a step --- */

static void count_window(struct history_window *w, int64_t period_ns, int64_t at_ns, bool certain)
{
	if (!is_within(w->began_ns, period_ns, at_ns) || (w->count == 0 && !w->doubt)) {
		w->began_ns = at_ns;
		w->count = 0;
		w->doubt = 0;
	}
	w->count += certain && w->count < UINT32_MAX;
	w->doubt |= !certain;
}

static void add_event(struct history_event *e, uint32_t position, int64_t at_ns)
{
	if (!e->first)
		e->first = position;
	e->last = position;
	e->last_ns = at_ns;
	e->count += e->count < UINT32_MAX;
}

static bool has_key(const struct history_row *h, const uint8_t key[HISTORY_KEY_BYTES])
{
	for (size_t i = 0; i < h->key_count && i < LIMIT_KEYS; i++)
		if (memcmp(h->keys[i], key, HISTORY_KEY_BYTES) == 0)
			return true;
	return false;
}

static void add_key(struct history_row *h, const uint8_t key[HISTORY_KEY_BYTES])
{
	if (h->key_count > LIMIT_KEYS || has_key(h, key))
		return;
	if (h->key_count < LIMIT_KEYS)
		memcpy(h->keys[h->key_count], key, HISTORY_KEY_BYTES);
	h->key_count++;
}

enum err history_add(struct history_row *h, const struct history_watch *w,
		     const struct history_step *step)
{
	if (h->position == UINT32_MAX)
		return ERR_LIMIT;
	h->position++;
	for (size_t i = 0; i < w->event_count; i++) {
		if (step->events >> i & 1)
			add_event(&h->events[i], h->position, step->at_ns);
		else if (step->maybe_events >> i & 1)
			h->events[i].doubt = h->position;
	}
	for (size_t i = 0; i < w->window_count; i++) {
		unsigned event = w->window_events[i];

		if ((step->events | step->maybe_events) >> event & 1)
			count_window(&h->windows[i], w->window_ns[i], step->at_ns,
				     step->events >> event & 1);
	}
	h->labels |= (uint8_t)step->labels;
	h->label_doubts |= (uint8_t)step->maybe_labels;
	h->label_doubts &= (uint8_t)~h->labels;
	for (size_t i = 0; i < step->key_count; i++)
		add_key(h, step->keys[i]);
	return OK;
}

enum err history_keep(struct state *s, unsigned table, const struct history_row *h)
{
	uint32_t at;

	return state_find(s, table, &h->session, &at) ? state_update(s, table, at, h)
						      : state_insert(s, table, h, &at);
}

/* --- answers --- */

enum history_answer history_once(const struct history_row *h, unsigned event)
{
	const struct history_event *e = &h->events[event];

	return e->count ? HISTORY_YES : e->doubt ? HISTORY_UNKNOWN : HISTORY_NO;
}

enum history_answer history_key(const struct history_row *h, unsigned event,
				const uint8_t key[HISTORY_KEY_BYTES])
{
	if (has_key(h, key))
		return HISTORY_YES;
	return h->key_count > LIMIT_KEYS || h->events[event].doubt ? HISTORY_UNKNOWN : HISTORY_NO;
}

enum history_answer history_recent(const struct history_row *h, unsigned event, int64_t period_ns,
				   int64_t at_ns)
{
	const struct history_event *e = &h->events[event];

	if (e->count && is_within(e->last_ns, period_ns, at_ns))
		return HISTORY_YES;
	return e->doubt ? HISTORY_UNKNOWN : HISTORY_NO;
}

/*
 * a happened, and b not after it; both in one step is not after. What b may have done before the
 * last a does not matter, nor what a may have done before the last b.
 */
enum history_answer history_since(const struct history_row *h, unsigned a, unsigned b)
{
	const struct history_event *x = &h->events[a], *y = &h->events[b];

	if (x->count && x->last >= y->last && x->last >= y->doubt)
		return HISTORY_YES;
	if (!x->count && !x->doubt)
		return HISTORY_NO;
	return y->last > x->last && y->last > x->doubt ? HISTORY_NO : HISTORY_UNKNOWN;
}

/* a happened, and b in a later step. Where both are in doubt, so is their order. */
enum history_answer history_before(const struct history_row *h, unsigned a, unsigned b)
{
	const struct history_event *x = &h->events[a], *y = &h->events[b];
	uint32_t earliest = x->doubt ? 1 : x->first;
	uint32_t latest = y->last > y->doubt ? y->last : y->doubt;

	if (x->count && x->first < y->last)
		return HISTORY_YES;
	return (earliest && earliest < latest) || (x->doubt && y->doubt) ? HISTORY_UNKNOWN
									   : HISTORY_NO;
}

enum history_answer history_labelled(const struct history_row *h, unsigned label)
{
	if (h->labels >> label & 1)
		return HISTORY_YES;
	return h->label_doubts >> label & 1 ? HISTORY_UNKNOWN : HISTORY_NO;
}

bool history_count(const struct history_row *h, unsigned event, uint32_t *ret)
{
	*ret = h->events[event].count;
	return !h->events[event].doubt;
}

bool history_window(const struct history_row *h, unsigned window, int64_t period_ns, int64_t at_ns,
		    uint32_t *ret)
{
	const struct history_window *w = &h->windows[window];
	bool within = is_within(w->began_ns, period_ns, at_ns);

	*ret = within ? w->count : 0;
	return !within || !w->doubt;
}
