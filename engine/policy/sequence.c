/*
 * sequence: names that are declared, questions that are asked about them, and what an action does.
 *
 *   events: looked-up, refunded     once(looked-up, args.id)  ->  path past["once(looked-up, ...)"]
 *   labels: confidential            labelled("confidential")  ->  path past["labelled(...)"]
 *
 * A lookback is a path like any other once it is parsed: the same question stands in one place,
 * whichever conditions ask it, and the tools over a bundle reason about it as about any value. The
 * text of a question is its name there; the same text always means the same.
 */
#include "engine/base/canon.h"
#include "engine/base/little.h"
#include "engine/policy/sequence_parts.h"

#define PAST "past"

static const char approved[] = "approved";

/* --- ids --- */

/* 64 bits are enough to tell apart what operators name; never 0, which rows use for "none". */
static uint64_t id_of(const char *kind, const char *name, int64_t period_ns)
{
	struct sha256 s;
	struct digest d;
	uint8_t period[8];
	uint64_t id;

	little_put64(period, (uint64_t)period_ns);
	sha256_init(&s);
	sha256_add(&s, kind, strlen(kind) + 1);
	sha256_add(&s, name, strlen(name) + 1);
	sha256_add(&s, period, sizeof(period));
	sha256_done(&s, &d);
	id = little_get64(d.bytes);
	return id ? id : 1;
}

static uint64_t id_of_all(const struct sequence_names *n)
{
	struct sha256 s;
	struct digest d;

	sha256_init(&s);
	sha256_add(&s, n->events, n->event_count * sizeof(*n->events));
	sha256_add(&s, n->labels, n->label_count * sizeof(*n->labels));
	sha256_add(&s, n->windows, n->window_count * sizeof(*n->windows));
	sha256_done(&s, &d);
	return little_get64(d.bytes);
}

/* --- names --- */

enum err sequence_init(struct slots *slots, struct arena *memory, struct sequence **ret)
{
	struct sequence *q = arena_alloc(memory, sizeof(*q));

	if (!q)
		return ERR_MEMORY;
	*q = (struct sequence){ .slots = slots, .declaring = true };
	memcpy(q->events[SEQUENCE_APPROVED].name, approved, sizeof(approved));
	q->names.event_count = 1;
	*ret = q;
	return OK;
}

static const char *names_list(const struct declared *list, size_t count, struct str name,
			      size_t *place)
{
	const char *names[LIMIT_EVENTS + 2] = { NULL };

	for (size_t i = 0; i < count; i++) {
		names[i] = list[i].name;
		if (!str_is(name, names[i]))
			continue;
		*place = i;
		return names[i];
	}
	*place = count;
	return str_nearest(name, names);
}

static enum err find_name(struct sequence *q, bool label, struct str name, uint32_t column,
			  uint8_t *ret, struct note *n)
{
	const char *what = label ? "label" : "event", *near;
	struct declared *list = label ? q->labels : q->events;
	size_t *count = label ? &q->names.label_count : &q->names.event_count;
	size_t place, limit = label ? LIMIT_LABELS : LIMIT_EVENTS + 1;

	near = names_list(list, *count, name, &place);
	if (place == *count && q->open && place < limit && name.len <= LIMIT_EVENT_NAME_BYTES) {
		memcpy(list[place].name, name.ptr, name.len);
		++*count;
	} else if (place == *count) {
		return note_set(n, ERR_UNKNOWN, 0, column,
				"no policy of the bundle declares %s %s '%.*s'%s%s%s",
				label ? "a" : "an", what, SHOWN(name),
				near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	*ret = (uint8_t)place;
	return OK;
}

/* --- questions --- */

/* "10m": a number of seconds, minutes, hours or days. */
static enum err read_period(struct str text, uint32_t column, int64_t *ret, struct note *n)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	const int64_t longest = INT64_C(366) * 86400;
	uint64_t count;

	for (size_t i = 0; text.len > 1 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (text.ptr[text.len - 1] != units[i].letter ||
		    str_to_u64(str_slice(text.ptr, text.len - 1), &count) != OK)
			continue;
		if (count == 0 || count > (uint64_t)(longest / units[i].seconds))
			break;
		*ret = (int64_t)count * units[i].seconds * INT64_C(1000000000);
		return OK;
	}
	return note_set(n, ERR_SYNTAX, 0, column,
			"'%.*s' is no period; expected a number of s, m, h or d up to 366 days, "
			"like \"90s\" or \"10m\"",
			SHOWN(text));
}

static enum err find_window(struct sequence *q, uint8_t event, int64_t period_ns, uint32_t column,
			    uint8_t *ret, struct note *n)
{
	size_t at = 0, count = q->names.window_count;

	while (at < count && (q->window_events[at] != event || q->window_ns[at] != period_ns))
		at++;
	if (at == LIMIT_WINDOWS)
		return note_set(n, ERR_LIMIT, 0, column,
				"the bundle counts within more than %d different windows",
				LIMIT_WINDOWS);
	q->window_events[at] = event;
	q->window_ns[at] = period_ns;
	q->names.window_count += at == count;
	*ret = (uint8_t)at;
	return OK;
}

/* A value was asked for: the event must have one. */
static enum err check_key(const struct sequence *q, const struct lookback_said *said,
			  const struct lookback *l, struct note *n)
{
	const struct declared *e = &q->events[l->event];

	if (said->form != LOOKBACK_KEY || q->open || e->key)
		return OK;
	return note_set(n, ERR_SYNTAX, 0, said->first_column,
			"event '%s' is declared without 'of', so it is not known to which value it "
			"happened",
			e->name);
}

static enum err resolve(struct sequence *q, const struct lookback_said *said, struct lookback *l,
			struct note *n)
{
	bool label = said->form == LOOKBACK_LABELLED;

	*l = (struct lookback){ .form = said->form, .text = said->text, .key = said->key };
	TRY(find_name(q, label, said->first, said->first_column, &l->event, n));
	TRY(check_key(q, said, l, n));
	if (said->form == LOOKBACK_SINCE || said->form == LOOKBACK_BEFORE)
		TRY(find_name(q, false, said->second, said->second_column, &l->other, n));
	if (said->within.ptr)
		TRY(read_period(said->within, said->within_column, &l->period_ns, n));
	if (said->form == LOOKBACK_WINDOW)
		TRY(find_window(q, l->event, l->period_ns, said->within_column, &l->other, n));
	return OK;
}

/* A question that stands elsewhere, too, has its path already. */
static const struct lookback *asked_before(const struct sequence *q, struct str text)
{
	for (size_t i = 0; i < q->lookback_count; i++)
		if (str_eq(q->lookbacks[i].text, text))
			return &q->lookbacks[i];
	return NULL;
}

static enum err check_room(const struct sequence *q, const struct lookback_said *said,
			   struct note *n)
{
	if (q->declaring)
		return note_set(n, ERR_SYNTAX, 0, said->first_column,
				"an event or a label is told by the action itself; only rules look "
				"back at what happened before");
	if (said->text.len > LIMIT_LOOKBACK_BYTES)
		return note_set(n, ERR_LIMIT, 0, said->first_column,
				"the question about the past is longer than %d bytes",
				LIMIT_LOOKBACK_BYTES);
	if (q->lookback_count == LIMIT_LOOKBACKS)
		return note_set(n, ERR_LIMIT, 0, said->first_column,
				"the bundle asks more than %d different questions about the past",
				LIMIT_LOOKBACKS);
	return OK;
}

enum err sequence_ask(struct slots *slots, const struct lookback_said *said, struct arena *memory,
		      uint32_t *ret, struct note *n)
{
	struct sequence *q = slots->sequence;
	const struct lookback *known = q ? asked_before(q, said->text) : NULL;
	struct lookback l;

	if (!q)
		return note_set(n, ERR_SYNTAX, 0, said->first_column,
				"nothing is known of the past here");
	if (known) {
		*ret = known->slot;
		return OK;
	}
	TRY(check_room(q, said, n));
	TRY(resolve(q, said, &l, n));
	TRY(arena_copy(memory, said->text, &l.text));
	TRY(slot_member(slots, SLOT_REQUEST, STR(PAST), &l.slot));
	TRY(slot_member(slots, l.slot, l.text, &l.slot));
	q->lookbacks[q->lookback_count++] = l;
	*ret = l.slot;
	return OK;
}

bool sequence_seal(struct sequence *q)
{
	struct sequence_names *n = &q->names;

	for (size_t i = 0; i < n->event_count; i++)
		q->event_ids[i] = id_of("event", q->events[i].name, 0);
	for (size_t i = 0; i < n->label_count; i++)
		q->label_ids[i] = id_of("label", q->labels[i].name, 0);
	for (size_t i = 0; i < n->window_count; i++)
		q->window_ids[i] =
			id_of("window", q->events[q->window_events[i]].name, q->window_ns[i]);
	n->events = q->event_ids;
	n->labels = q->label_ids;
	n->windows = q->window_ids;
	n->window_events = q->window_events;
	n->window_ns = q->window_ns;
	n->watch = id_of_all(n);
	return n->event_count > 1 || n->label_count || q->lookback_count;
}

/* --- what an action does --- */

/* 96 bits, and the event's name in them: to pass one value for another, its digest must be met. */
static enum err digest_key(const char *event, const struct value *v,
			   uint8_t key[SEQUENCE_KEY_BYTES])
{
	struct sha256 s;
	struct digest d;
	struct buf text;
	enum err e;

	buf_init(&text, LIMIT_BODY_BYTES);
	canon_value(&text, v);
	e = text.err;
	if (e == OK) {
		sha256_init(&s);
		sha256_add(&s, event, strlen(event) + 1);
		sha256_add(&s, text.ptr, text.len);
		sha256_done(&s, &d);
		memcpy(key, d.bytes, SEQUENCE_KEY_BYTES);
	}
	buf_fini(&text);
	return e;
}

static enum truth happens(const struct declared *d, enum policy_stage stage, struct sight *s)
{
	uint32_t where;

	return d->when && d->stage == stage ? condition_run(d->when, s, &where) : TRUTH_FALSE;
}

enum err sequence_match(const struct sequence *q, enum policy_stage stage, struct sight *s,
			struct arena *a, const struct happening **ret)
{
	struct happening *h = arena_alloc(a, sizeof(*h));

	if (!h)
		return ERR_MEMORY;
	*h = (struct happening){ .events = 0 };
	for (size_t i = 0; i < q->names.event_count; i++) {
		const struct declared *d = &q->events[i];
		enum truth truth = happens(d, stage, s);
		const struct value *v;

		h->events |= (uint32_t)(truth == TRUTH_TRUE) << i;
		h->maybe_events |= (uint32_t)(truth == TRUTH_ERROR) << i;
		v = truth == TRUTH_TRUE && d->key ? slot_look(s, d->key) : NULL;
		if (v)
			TRY(digest_key(d->name, v, h->keys[h->key_count++]));
	}
	for (size_t i = 0; i < q->names.label_count; i++) {
		enum truth truth = happens(&q->labels[i], stage, s);

		h->labels |= (uint32_t)(truth == TRUTH_TRUE) << i;
		h->maybe_labels |= (uint32_t)(truth == TRUTH_ERROR) << i;
	}
	*ret = h;
	return OK;
}

/* --- what there is to answer --- */

const struct sequence_names *sequence_names(const struct sequence *q)
{
	return &q->names;
}

struct str sequence_name_of(const struct sequence *q, uint64_t id)
{
	for (size_t i = 0; i < q->names.event_count; i++)
		if (q->event_ids[i] == id)
			return str_view(q->events[i].name);
	for (size_t i = 0; i < q->names.label_count; i++)
		if (q->label_ids[i] == id)
			return str_view(q->labels[i].name);
	return STR_NONE;
}

const struct lookback *sequence_lookbacks(const struct sequence *q, size_t *count)
{
	*count = q->lookback_count;
	return q->lookbacks;
}

enum err sequence_key(const struct sequence *q, const struct lookback *l,
		      const struct value *request, uint8_t key[SEQUENCE_KEY_BYTES], bool *ret)
{
	const struct value *v = slot_find(q->slots, request, l->key);

	*ret = v != NULL;
	return v ? digest_key(q->events[l->event].name, v, key) : OK;
}

/* --- what cannot be answered --- */

static const struct lookback *lookback_at(const struct sequence *q, uint32_t slot)
{
	for (size_t i = 0; q && i < q->lookback_count; i++)
		if (q->lookbacks[i].slot == slot)
			return &q->lookbacks[i];
	return NULL;
}

bool sequence_explain(struct sight *s, uint32_t slot, uint32_t column, struct note *n)
{
	const struct sequence *q = s->slots->sequence;
	const struct lookback *l = lookback_at(q, slot);
	char path[SLOT_TEXT_BYTES];

	if (!l)
		return false;
	if (!value_get_c(s->request, "session")) {
		(void)note_set(n, ERR_NOT_FOUND, 0, column, "%.*s: the action has no session",
			       SHOWN(l->text));
	} else if (l->form == LOOKBACK_KEY && !slot_look(s, l->key)) {
		slot_text(s->slots, l->key, path);
		(void)note_set(n, ERR_NOT_FOUND, 0, column, "%.*s: %s is missing", SHOWN(l->text),
			       path);
	} else {
		(void)note_set(n, ERR_NOT_FOUND, 0, column,
			       "%.*s: the session's history does not tell", SHOWN(l->text));
	}
	return true;
}
