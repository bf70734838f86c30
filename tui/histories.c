/* histories: the table of what happened in sessions, in the words of the policy in force. */
#include "tui/histories.h"

#include "engine/base/when.h"
#include "tui/print.h"

enum err histories_bundle(struct gate_bodies bodies, const struct state *s, struct arena *memory,
			  const struct bundle **ret, struct note *n)
{
	struct bundle *bundle = NULL;
	enum err e = OK;

	if (state_rows(s, GATE_HISTORIES) > 0)
		e = gate_bundle_in_force(s, bodies, memory, &bundle, n);
	*ret = bundle;
	return e == ERR_MISS ? OK : e;
}

struct showing {
	const struct sequence *sequence;      /* NULL: names are not known */
	struct buf *out;
	bool json;
};

/* The name behind an id, or the id. */
static struct str name_of(const struct showing *v, uint64_t id, char hex[20])
{
	struct str name = v->sequence ? sequence_name_of(v->sequence, id) : STR_NONE;

	if (name.ptr)
		return name;
	(void)snprintf(hex, 20, "#%016llx", (unsigned long long)id);
	return str_view(hex);
}

static void show_event(const struct showing *v, const struct history_event *e, bool first)
{
	char hex[20];
	struct str name = name_of(v, e->id, hex);

	if (v->json) {
		buf_add_c(v->out, first ? "{" : ",{");
		json_text(v->out, "event", name);
		json_number(v->out, "count", e->count);
		json_number(v->out, "first", e->first);
		json_number(v->out, "last", e->last);
		json_number(v->out, "doubt", e->doubt);
		buf_add_byte(v->out, '}');
		return;
	}
	buf_addf(v->out, "    %-22.*s", STR_ARG(name));
	if (e->count)
		buf_addf(v->out, " count %u, first at %u, last at %u", e->count, e->first, e->last);
	if (e->doubt)
		buf_addf(v->out, "%s not known up to %u", e->count ? "," : "", e->doubt);
	buf_add_byte(v->out, '\n');
}

static void show_events(const struct showing *v, const struct history_row *h)
{
	bool first = true;

	for (size_t i = 0; i < HISTORY_EVENTS; i++) {
		if (!h->events[i].count && !h->events[i].doubt)
			continue;
		show_event(v, &h->events[i], first);
		first = false;
	}
}

static void show_labels(const struct showing *v, const struct history_row *h)
{
	const char *comma = "";
	char hex[20];

	for (unsigned i = 0; i < LIMIT_LABELS; i++) {
		struct str name = name_of(v, h->label_ids[i], hex);

		if (!((h->labels | h->label_doubts) >> i & 1))
			continue;
		buf_add_c(v->out, comma);
		comma = v->json ? "," : ", ";
		if (v->json) {
			buf_add_byte(v->out, '{');
			json_text(v->out, "label", name);
			json_bool(v->out, "certain", h->labels >> i & 1);
			buf_add_byte(v->out, '}');
		} else {
			buf_addf(v->out, "%.*s%s", STR_ARG(name),
				 h->labels >> i & 1 ? "" : " (maybe)");
		}
	}
}

static void show_row(const struct showing *v, const struct state *s, const struct history_row *h)
{
	struct session_row session;

	memcpy(&session, state_row(s, GATE_SESSIONS, (uint32_t)h->session), sizeof(session));
	if (v->json) {
		buf_add_byte(v->out, '{');
		json_text(v->out, "session", session_id(&session));
		json_number(v->out, "steps", h->position);
		json_number(v->out, "values", h->key_count);
		json_key(v->out, "labels");
		buf_add_byte(v->out, '[');
		show_labels(v, h);
		buf_add_byte(v->out, ']');
		json_key(v->out, "events");
		buf_add_byte(v->out, '[');
		show_events(v, h);
		buf_add_c(v->out, "]}");
		return;
	}
	buf_addf(v->out, "  %-24.*s steps %-4u values %-3u labels ",
		 STR_ARG(session_id(&session)), h->position, h->key_count);
	if (h->labels | h->label_doubts)
		show_labels(v, h);
	else
		buf_add_c(v->out, "none");
	buf_add_byte(v->out, '\n');
	show_events(v, h);
}

void histories_show(const struct state *s, const struct bundle *b, bool json, struct buf *out)
{
	const struct showing v = { b ? bundle_sequence(b) : NULL, out, json };
	uint32_t count = state_rows(s, GATE_HISTORIES);

	if (json) {
		json_key(out, "histories");
		buf_add_byte(out, '[');
	} else {
		buf_addf(out, "histories (%u)\n", count);
	}
	for (uint32_t i = 0; i < count; i++) {
		struct history_row row;

		memcpy(&row, state_row(s, GATE_HISTORIES, i), sizeof(row));
		if (json && i)
			buf_add_byte(out, ',');
		show_row(&v, s, &row);
	}
	buf_add_c(out, json ? "]" : "");
}
