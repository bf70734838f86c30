/*
 * session_life: rows of the lives and participants tables, and the ways between states.
 *
 * docs/formats/session.md lists the ways; the test reads them there and tries every event in every
 * state. The only place that assigns a state is move().
 */
#include "engine/runtime/runtime.h"

#include "engine/base/field.h"

/* A way to a state; 0 is none, so the states stand one higher. */
#define TO(state) ((uint8_t)((state) + 1))

static const uint8_t ways[LIFE_STATES][LIFE_EVENTS] = {
	[LIFE_NONE] = { [LIFE_BEGIN] = TO(LIFE_OPEN) },
	[LIFE_OPEN] = {
		[LIFE_JOIN] = TO(LIFE_OPEN), [LIFE_LEAVE] = TO(LIFE_OPEN),
		[LIFE_LEAVE_LAST] = TO(LIFE_OPEN), [LIFE_ACT] = TO(LIFE_ACTIVE),
		[LIFE_CLOSE] = TO(LIFE_CLOSING), [LIFE_CLOSE_EMPTY] = TO(LIFE_CLOSED),
	},
	[LIFE_ACTIVE] = {
		[LIFE_JOIN] = TO(LIFE_ACTIVE), [LIFE_LEAVE] = TO(LIFE_ACTIVE),
		[LIFE_LEAVE_LAST] = TO(LIFE_ACTIVE), [LIFE_ACT] = TO(LIFE_ACTIVE),
		[LIFE_CLOSE] = TO(LIFE_CLOSING), [LIFE_CLOSE_EMPTY] = TO(LIFE_CLOSED),
	},
	[LIFE_CLOSING] = {
		[LIFE_LEAVE] = TO(LIFE_CLOSING), [LIFE_LEAVE_LAST] = TO(LIFE_CLOSED),
		[LIFE_CLOSE] = TO(LIFE_CLOSED),
	},
};

const char *life_state_name(enum life_state state)
{
	static const char *const names[LIFE_STATES] = {
		"none", "open", "active", "closing", "closed"
	};

	MUST(state < LIFE_STATES);
	return names[state];
}

const char *life_event_name(enum life_event event)
{
	static const char *const names[LIFE_EVENTS] = {
		"open", "join", "leave", "leave, the last", "act", "close", "close, nobody there"
	};

	MUST(event < LIFE_EVENTS);
	return names[event];
}

static const char *const levels[ISOLATIONS] = {
	"none", "read_committed", "snapshot", "serializable"
};

const char *isolation_name(enum isolation level)
{
	MUST(level < ISOLATIONS);
	return levels[level];
}

bool isolation_read(struct str text, enum isolation *ret)
{
	for (int i = 0; i < ISOLATIONS; i++)
		if (str_is(text, levels[i])) {
			*ret = (enum isolation)i;
			return true;
		}
	return false;
}

bool life_way(enum life_state from, enum life_event event, enum life_state *ret)
{
	uint8_t to = ways[from][event];

	if (to)
		*ret = (enum life_state)(to - 1);
	return to != 0;
}

/* --- rows --- */

struct table_schema life_table(void)
{
	return (struct table_schema){ "lives", sizeof(struct life_row), LIMIT_NAME_BYTES };
}

struct table_schema participant_table(void)
{
	return (struct table_schema){ "participants", sizeof(struct participant_row),
				      sizeof(uint32_t) + LIMIT_NAME_BYTES };
}

struct str life_id(const struct life_row *row)
{
	return field_text(row->id);
}

struct str participant_agent(const struct participant_row *row)
{
	return field_text(row->agent);
}

bool life_find(const struct state *s, unsigned table, struct str id, uint32_t *at,
	       struct life_row *ret)
{
	struct life_row row = { .state = LIFE_NONE };

	if (state_rows(s, table) == 0 || !field_put(row.id, id) || !state_find(s, table, &row, at))
		return false;
	memcpy(ret, state_row(s, table, *at), sizeof(*ret));
	return true;
}

enum life_state life_at(const struct life_row *row, int64_t at_ns)
{
	return at_ns >= row->until_ns ? LIFE_CLOSED : (enum life_state)row->state;
}

bool participant_find(const struct state *s, unsigned table, uint32_t session, struct str agent,
		      uint32_t *at, struct participant_row *ret)
{
	struct participant_row row = { .session = session };

	if (!field_put(row.agent, agent) || !state_find(s, table, &row, at))
		return false;
	memcpy(ret, state_row(s, table, *at), sizeof(*ret));
	return true;
}

/* --- what operators do --- */

/* The session, or the sentence that there is none. */
static enum err need(const struct lives *l, struct str id, uint32_t *at, struct life_row *ret,
		     struct note *why)
{
	if (life_find(l->state, l->lives, id, at, ret))
		return OK;
	return note_set(why, ERR_NOT_FOUND, 0, 0, "nobody opened session '%.*s'", STR_ARG(id));
}

/* The only place where a state is assigned. */
static bool move(struct life_row *row, enum life_event event, int64_t at_ns)
{
	enum life_state is = life_at(row, at_ns), to;

	if (!life_way(is, event, &to))
		return false;
	if (to != is)
		row->since_ns = at_ns;
	row->state = (uint8_t)to;
	return true;
}

static enum err no_way(const struct life_row *row, const char *verb, int64_t at_ns,
		       struct note *why)
{
	bool over = row->state != LIFE_CLOSED && life_at(row, at_ns) == LIFE_CLOSED;

	return note_set(why, ERR_RANGE, 0, 0, "session '%.*s' is %s%s; nothing can %s it",
			STR_ARG(life_id(row)), life_state_name(life_at(row, at_ns)),
			over ? ", for its time is up" : "", verb);
}

/* A child is below a session that is open, and ends with it at the latest. */
static enum err put_parent(const struct lives *l, const struct life_terms *terms,
			   struct life_row *row, struct note *why)
{
	struct life_row parent;
	uint32_t at;

	if (!terms->parent.ptr)
		return OK;
	TRY(need(l, terms->parent, &at, &parent, why));
	if (life_at(&parent, terms->at_ns) != LIFE_OPEN &&
	    life_at(&parent, terms->at_ns) != LIFE_ACTIVE)
		return no_way(&parent, "be opened below", terms->at_ns, why);
	if (parent.depth + 1 >= LIMIT_SESSION_DEPTH)
		return note_set(why, ERR_LIMIT, 0, 0, "more than %d sessions below each other",
				LIMIT_SESSION_DEPTH);
	row->parent = at + 1;
	row->depth = (uint8_t)(parent.depth + 1);
	if (parent.ring > row->ring)
		row->ring = parent.ring;
	if (parent.until_ns < row->until_ns)
		row->until_ns = parent.until_ns;
	return OK;
}

enum err life_open(const struct lives *l, const struct life_terms *terms, struct note *why)
{
	struct life_row row = {
		.opened_ns = terms->at_ns, .initiator = terms->initiator, .room = terms->room,
		.min_score = (uint16_t)terms->min_score, .isolation = (uint8_t)terms->isolation,
		.ring = (uint8_t)terms->ring,
	};
	uint32_t at;

	MUST(terms->room >= 1 && terms->room <= LIMIT_PARTICIPANTS && terms->lasts_ns > 0 &&
	     terms->lasts_ns <= LIMIT_SESSION_NS);
	if (terms->isolation != ISOLATION_NONE && terms->room > CLOCK_SLOTS)
		return note_set(why, ERR_RANGE, 0, 0,
				"a session with isolation has %d participants at most; expected "
				"no more, not %u", CLOCK_SLOTS, terms->room);
	if (!field_put(row.id, terms->id))
		return note_set(why, ERR_RANGE, 0, 0, "expected a name of 1 to %d bytes",
				LIMIT_NAME_BYTES);
	if (state_find(l->state, l->lives, &row, &at))
		return note_set(why, ERR_EXISTS, 0, 0, "session '%.*s' was opened already",
				STR_ARG(terms->id));
	if (terms->at_ns > INT64_MAX - terms->lasts_ns)
		return note_set(why, ERR_RANGE, 0, 0,
				"the session would end later than times can tell");
	row.until_ns = terms->at_ns + terms->lasts_ns;
	MUST(move(&row, LIFE_BEGIN, terms->at_ns));
	TRY(put_parent(l, terms, &row, why));
	return state_insert(l->state, l->lives, &row, &at);
}

/* Whoever is brought in is never above the one who brings it. */
static enum err put_bringer(const struct lives *l, uint32_t session, struct str by,
			    struct participant_row *row, struct note *why)
{
	struct participant_row parent;
	uint32_t at;

	if (!by.ptr)
		return OK;
	if (!participant_find(l->state, l->participants, session, by, &at, &parent) ||
	    !parent.present)
		return note_set(why, ERR_NOT_FOUND, 0, 0,
				"agent '%.*s', who is to bring another in, is not in the session",
				STR_ARG(by));
	if (parent.depth + 1 >= LIMIT_SESSION_DEPTH)
		return note_set(why, ERR_LIMIT, 0, 0, "more than %d agents below each other",
				LIMIT_SESSION_DEPTH);
	row->parent = at + 1;
	row->depth = (uint8_t)(parent.depth + 1);
	if (parent.ring > row->ring)
		row->ring = parent.ring;
	return OK;
}

/* Free slots of an isolated session are those that nobody ever had. */
static enum err check_room(const struct life_row *row, struct note *why)
{
	bool slots = row->isolation != ISOLATION_NONE;

	if (row->present < row->room && (!slots || row->joined < CLOCK_SLOTS) &&
	    row->joined < LIMIT_PARTICIPANTS)
		return OK;
	return note_set(why, ERR_RANGE, 0, 0, "session '%.*s' has no room for another participant",
			STR_ARG(life_id(row)));
}

enum err life_join(const struct lives *l, struct str id, struct str agent, struct str by,
		   unsigned ring, int64_t at_ns, struct note *why)
{
	struct participant_row new = { .present = 1, .joined_ns = at_ns }, seen;
	struct life_row row;
	uint32_t at, place;

	TRY(need(l, id, &at, &row, why));
	if (!field_put(new.agent, agent))
		return note_set(why, ERR_RANGE, 0, 0, "expected a name of 1 to %d bytes",
				LIMIT_NAME_BYTES);
	if (participant_find(l->state, l->participants, at, agent, &place, &seen))
		return note_set(why, ERR_EXISTS, 0, 0, "agent '%.*s' %s session '%.*s' already",
				STR_ARG(agent), seen.present ? "joined" : "left", STR_ARG(id));
	if (!move(&row, LIFE_JOIN, at_ns))
		return no_way(&row, "join", at_ns, why);
	TRY(check_room(&row, why));
	new.session = at;
	new.slot = row.joined;
	new.ring = (uint8_t)(ring > row.ring ? ring : row.ring);
	new.clock = row.clock;
	TRY(put_bringer(l, at, by, &new, why));
	TRY(state_insert(l->state, l->participants, &new, &place));
	if (new.slot < CLOCK_SLOTS)
		row.members[new.slot] = place + 1;
	row.joined++;
	row.present++;
	return state_update(l->state, l->lives, at, &row);
}

enum err life_leave(const struct lives *l, struct str id, struct str agent, int64_t at_ns,
		    struct note *why)
{
	struct participant_row who;
	struct life_row row;
	uint32_t at, place;

	TRY(need(l, id, &at, &row, why));
	if (!participant_find(l->state, l->participants, at, agent, &place, &who) || !who.present)
		return note_set(why, ERR_NOT_FOUND, 0, 0, "agent '%.*s' is not in session '%.*s'",
				STR_ARG(agent), STR_ARG(id));
	if (!move(&row, row.present == 1 ? LIFE_LEAVE_LAST : LIFE_LEAVE, at_ns))
		return no_way(&row, "leave", at_ns, why);
	who.present = who.working = 0;
	who.left_ns = at_ns;
	TRY(state_update(l->state, l->participants, place, &who));
	row.present--;
	return state_update(l->state, l->lives, at, &row);
}

enum err life_close(const struct lives *l, struct str id, int64_t at_ns, struct note *why)
{
	struct life_row row;
	uint32_t at;

	TRY(need(l, id, &at, &row, why));
	if (!move(&row, row.present == 0 ? LIFE_CLOSE_EMPTY : LIFE_CLOSE, at_ns))
		return no_way(&row, "close", at_ns, why);
	return state_update(l->state, l->lives, at, &row);
}

enum err life_act(const struct lives *l, uint32_t session, int64_t at_ns)
{
	struct life_row row;

	memcpy(&row, state_row(l->state, l->lives, session), sizeof(row));
	if (row.state == LIFE_ACTIVE)
		return OK;
	MUST(move(&row, LIFE_ACT, at_ns));
	return state_update(l->state, l->lives, session, &row);
}

/* --- who may act --- */

/* The session and those above it take actions; the worst ring of them. */
static bool stand_sessions(const struct state *s, unsigned table, uint32_t at, int64_t at_ns,
			   struct life_standing *ret)
{
	struct life_row row;
	enum life_state to;

	for (uint32_t next = at + 1; next; next = row.parent) {
		const struct life_row *kept = state_row(s, table, next - 1);

		memcpy(&row, kept, sizeof(row));
		if (row.ring > ret->ring)
			ret->ring = row.ring;
		if (life_way(life_at(&row, at_ns), LIFE_ACT, &to))
			continue;
		ret->who = life_id(kept);
		ret->why = row.state == LIFE_CLOSING  ? " is closing"
			   : row.state == LIFE_CLOSED ? " is closed"
						      : " is over, for its time is up";
		return false;
	}
	return true;
}

/* Likewise of the agent and those who brought it in. */
static bool stand_participants(const struct state *s, unsigned table, uint32_t at,
			       struct life_standing *ret)
{
	struct participant_row row;

	for (uint32_t next = at + 1; next; next = row.parent) {
		const struct participant_row *kept = state_row(s, table, next - 1);

		memcpy(&row, kept, sizeof(row));
		if (row.ring > ret->ring)
			ret->ring = row.ring;
		if (row.present)
			continue;
		ret->of_agent = true;
		ret->who = participant_agent(kept);
		ret->why = " has left the session";
		return false;
	}
	return true;
}

void life_stand(const struct state *s, unsigned lives, unsigned participants, struct str id,
		struct str agent, int64_t at_ns, struct life_standing *ret)
{
	struct participant_row who;
	struct life_row row;

	*ret = (struct life_standing){ .why = " was not opened by anybody", .who = id };
	if (!id.ptr || !life_find(s, lives, id, &ret->session, &row))
		return;
	if (!stand_sessions(s, lives, ret->session, at_ns, ret))
		return;
	ret->of_agent = true;
	ret->who = agent;
	ret->why = " has not joined the session";
	if (participant_find(s, participants, ret->session, agent, &ret->participant, &who) &&
	    stand_participants(s, participants, ret->participant, ret))
		ret->why = NULL;
}
