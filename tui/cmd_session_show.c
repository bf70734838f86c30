/* cmd_session_show: trammel session list, trammel session show ID */
#include "engine/base/when.h"
#include "engine/space/space.h"
#include "tui/operator.h"
#include "tui/print.h"

#define OUT_CAP ((size_t)64 << 20)

struct showing {
	const struct invocation *in;
	const struct state *state;
	int64_t now_ns;                       /* the latest time told: what sessions go by */
	struct buf out;
};

static struct life_row row_at(const struct state *s, uint32_t at)
{
	struct life_row row;

	memcpy(&row, state_row(s, GATE_LIVES, at), sizeof(row));
	return row;
}

static void add_life(struct showing *v, const struct life_row *row)
{
	struct halt_row halt;
	const char *is = halt_stops(v->state, GATE_HALTS, STR_NONE, life_id(row), v->now_ns, &halt)
				 ? halt_kind_name((enum halt_kind)halt.kind)
				 : life_state_name(life_at(row, v->now_ns));
	const char *level = isolation_name((enum isolation)row->isolation);

	if (json_wanted(v->in)) {
		json_text(&v->out, "session", life_id(row));
		json_text(&v->out, "state", str_view(is));
		json_text(&v->out, "isolation", str_view(level));
		json_number(&v->out, "present", row->present);
		json_number(&v->out, "joined", row->joined);
		json_number(&v->out, "participants", row->room);
		json_number(&v->out, "min_score", row->min_score);
		json_number(&v->out, "ring", row->ring);
		json_time(&v->out, "opened", row->opened_ns);
		json_time(&v->out, "until", row->until_ns);
		return;
	}
	buf_addf(&v->out, "%-24.*s %-8s %u of %u, ring %u, isolation %s, until ",
		 STR_ARG(life_id(row)), is, row->present, row->room, row->ring, level);
	when_write(&v->out, row->until_ns);
	buf_add_byte(&v->out, '\n');
}

static void add_participant(struct showing *v, const struct participant_row *row)
{
	if (json_wanted(v->in)) {
		buf_add_c(&v->out, v->out.ptr[v->out.len - 1] == '[' ? "{" : ",{");
		json_text(&v->out, "agent", participant_agent(row));
		json_bool(&v->out, "present", row->present);
		json_number(&v->out, "ring", row->ring);
		json_number(&v->out, "commits",
			    row->slot < CLOCK_SLOTS ? row->clock.at[row->slot] : 0);
		json_number(&v->out, "reads", row->read_count);
		json_time(&v->out, "joined", row->joined_ns);
		if (!row->present)
			json_time(&v->out, "left", row->left_ns);
		buf_add_byte(&v->out, '}');
		return;
	}
	buf_addf(&v->out, "  %-22.*s ring %u, %s ", STR_ARG(participant_agent(row)), row->ring,
		 row->present ? "joined" : "left");
	when_write(&v->out, row->present ? row->joined_ns : row->left_ns);
	buf_add_byte(&v->out, '\n');
}

static void add_participants(struct showing *v, uint32_t session)
{
	struct participant_row row;

	for (uint32_t i = 0; i < state_rows(v->state, GATE_PARTICIPANTS); i++) {
		memcpy(&row, state_row(v->state, GATE_PARTICIPANTS, i), sizeof(row));
		if (row.session == session)
			add_participant(v, &row);
	}
}

/* What is on its way, and what somebody else has to see to. */
static const char *fate_of(const struct isolated *at, const struct flight_row *row, uint64_t now)
{
	if (!flight_holds(at, row, now))
		return "to be compensated";
	return row->state == FLIGHT_HANDED ? "handed over" : "in flight";
}

static void add_flight(struct showing *v, const struct flight_row *row, const char *fate)
{
	struct participant_row who;

	memcpy(&who, state_row(v->state, GATE_PARTICIPANTS, row->participant), sizeof(who));
	if (!json_wanted(v->in)) {
		buf_addf(&v->out, "  entry %-16llu %s, %.*s\n", (unsigned long long)row->entry,
			 fate, STR_ARG(participant_agent(&who)));
		return;
	}
	buf_add_c(&v->out, v->out.ptr[v->out.len - 1] == '[' ? "{" : ",{");
	json_number(&v->out, "entry", row->entry);
	json_text(&v->out, "is", str_view(fate));
	json_text(&v->out, "agent", participant_agent(&who));
	buf_add_byte(&v->out, '}');
}

static void add_flights(struct showing *v, uint32_t session)
{
	const struct isolated at = {
		v->state, GATE_LIVES, GATE_PARTICIPANTS, GATE_THINGS, GATE_FLIGHTS, GATE_HALTS
	};
	uint64_t now = gate_totals(v->state).entries;
	struct flight_row row;

	for (uint32_t i = 0; i < state_rows(v->state, GATE_FLIGHTS); i++) {
		memcpy(&row, state_row(v->state, GATE_FLIGHTS, i), sizeof(row));
		if (flight_waits(&at, &row) && flight_session(&at, &row) == session)
			add_flight(v, &row, fate_of(&at, &row, now));
	}
}

static enum err show_one(struct showing *v, struct note *n)
{
	struct str id = str_view(v->in->args[0]);
	bool json = json_wanted(v->in);
	struct life_row row, parent;
	uint32_t at;

	if (!life_find(v->state, GATE_LIVES, id, &at, &row))
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"nobody opened session '%.*s'; 'trammel session list' shows those "
				"that were", STR_ARG(id));
	buf_add_c(&v->out, json ? "{" : "");
	add_life(v, &row);
	if (row.parent) {
		parent = row_at(v->state, row.parent - 1);
		if (json)
			json_text(&v->out, "parent", life_id(&parent));
		else
			buf_addf(&v->out, "  below %.*s\n", STR_ARG(life_id(&parent)));
	}
	if (json) {
		json_key(&v->out, "agents");
		buf_add_byte(&v->out, '[');
	}
	add_participants(v, at);
	buf_add_c(&v->out, json ? "],\"writes\":[" : "");
	add_flights(v, at);
	buf_add_c(&v->out, json ? "]}\n" : "");
	return OK;
}

static enum err show_all(struct showing *v, struct note *n)
{
	bool json = json_wanted(v->in);

	(void)n;
	for (uint32_t i = 0; i < state_rows(v->state, GATE_LIVES); i++) {
		struct life_row row = row_at(v->state, i);

		buf_add_c(&v->out, json ? "{" : "");
		add_life(v, &row);
		buf_add_c(&v->out, json ? "}\n" : "");
	}
	if (v->out.len == 0 && !json)
		buf_add_c(&v->out, "no session was opened\n");
	return OK;
}

static int run(const struct invocation *in, enum err (*show)(struct showing *v, struct note *n))
{
	struct showing v = { .in = in };
	struct note n = { .text = "" };
	struct space *s;
	enum err e = operator_open(in, &s, &n);

	if (e != OK)
		return print_error(in, e, &n);
	buf_init(&v.out, OUT_CAP);
	v.state = space_state(s);
	v.now_ns = gate_totals(v.state).latest_ns;
	if (world_now_ns(in->world) > v.now_ns)
		v.now_ns = world_now_ns(in->world);
	e = show(&v, &n);
	if (e == OK)
		e = print_page(in, &v.out, &n);
	buf_fini(&v.out);
	(void)space_abandon(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}

int cmd_session_show(const struct invocation *in)
{
	return run(in, show_one);
}

int cmd_session_list(const struct invocation *in)
{
	return run(in, show_all);
}
