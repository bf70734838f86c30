/* isolation: rows of the things and flights tables, and what clashes. */
#include "engine/runtime/runtime.h"

_Static_assert(HANDED_MAX * (TOUCHES_MAX + 1) < LIMIT_STEP_ROWS / 2, "a hand-over is one step");

const char *intent_name(enum intent i)
{
	static const char *const names[INTENTS] = { "read", "write", "exclusive" };

	MUST(i < INTENTS);
	return names[i];
}

/* Reads go beside reads, and writes beside them: those are told apart when it is built on them. */
bool intent_fits(enum intent held, enum intent asked)
{
	return held == INTENT_READ && asked != INTENT_EXCLUSIVE;
}

struct table_schema thing_table(void)
{
	return (struct table_schema){ "things", sizeof(struct thing_row),
				      sizeof(uint32_t) + DIGEST_BYTES };
}

struct table_schema flight_table(void)
{
	return (struct table_schema){ "flights", sizeof(struct flight_row), sizeof(uint32_t) };
}

/* --- rows --- */

static struct life_row life_of(const struct isolated *at, uint32_t session)
{
	struct life_row row;

	memcpy(&row, state_row(at->state, at->lives, session), sizeof(row));
	return row;
}

static struct participant_row participant_of(const struct isolated *at, uint32_t row_number)
{
	struct participant_row row;

	memcpy(&row, state_row(at->state, at->participants, row_number), sizeof(row));
	return row;
}

static struct thing_row thing_of(const struct isolated *at, uint32_t row_number)
{
	struct thing_row row;

	memcpy(&row, state_row(at->state, at->things, row_number), sizeof(row));
	return row;
}

/* The row of that thing, or how it would begin. */
static bool find_thing(const struct isolated *at, uint32_t session, const struct digest *name,
		       struct thing_row *ret, uint32_t *place)
{
	*ret = (struct thing_row){ .session = session };
	memcpy(ret->name, name->bytes, sizeof(ret->name));
	if (!state_find(at->state, at->things, ret, place))
		return false;
	*ret = thing_of(at, *place);
	return true;
}

static enum err need_thing(struct state *s, const struct isolated *at, uint32_t session,
			   const struct digest *name, struct thing_row *ret, uint32_t *place)
{
	if (find_thing(at, session, name, ret, place))
		return OK;
	return state_insert(s, at->things, ret, place);
}

/* --- what holds --- */

/* Whether a participant may still commit what it began with that entry. */
static bool is_live(const struct isolated *at, uint32_t participant, uint64_t entry, uint64_t now)
{
	struct participant_row who = participant_of(at, participant);
	struct life_row life = life_of(at, who.session);
	struct halt_row halt;

	return who.present && now - entry < FLIGHT_ENTRIES &&
	       !halt_fences(at->state, at->halts, participant_agent(&who), life_id(&life),
			    entry, &halt);
}

/* Another's write is on its way. */
static bool is_held(const struct isolated *at, const struct thing_row *thing,
		    const struct toucher *t)
{
	return thing->holder && thing->holder != t->participant + 1 &&
	       is_live(at, thing->holder - 1, thing->entry, t->entry);
}

static bool has_read(const struct participant_row *who, uint32_t thing)
{
	for (uint32_t i = 0; i < who->read_count; i++)
		if (who->reads[i] == thing)
			return true;
	return false;
}

/* Somebody else is in a transaction that may build on it; row + 1, or 0. */
static uint32_t reader_of(const struct isolated *at, const struct life_row *life, uint32_t thing,
			  uint32_t but)
{
	for (uint32_t i = 0; i < CLOCK_SLOTS && i < life->joined; i++) {
		uint32_t row = life->members[i] - 1;
		struct participant_row who = participant_of(at, row);

		if (row != but && who.present && has_read(&who, thing))
			return row + 1;
	}
	return 0;
}

/* --- looking --- */

/* What the participant knows: since its transaction began, or now if none has. */
static struct vector_clock knowledge(const struct life_row *life,
				     const struct participant_row *who)
{
	struct vector_clock c = who->clock;

	if (!who->working)
		clock_merge(&c, &life->clock);
	return c;
}

static bool is_newer(const struct thing_row *thing, const struct vector_clock *known)
{
	return thing->versioned && !clock_within(&thing->version, known);
}

static bool writes(const struct toucher *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->touches[i].intent != INTENT_READ)
			return true;
	return false;
}

/* One thing that would be touched. */
static void look_touch(const struct isolated *at, const struct toucher *t, size_t number,
		       const struct life_row *life, const struct vector_clock *known,
		       struct clash *ret)
{
	const struct touch *touch = &t->touches[number];
	struct thing_row thing;
	uint32_t place, reader;

	if (!find_thing(at, t->session, &touch->name, &thing, &place))
		return;
	if (is_held(at, &thing, t) &&
	    !intent_fits((enum intent)thing.intent, touch->intent)) {
		*ret = (struct clash){ CLASH_HELD, number, thing.holder };
		return;
	}
	reader = intent_fits(INTENT_READ, touch->intent)
			 ? 0
			 : reader_of(at, life, place, t->participant);
	if (reader)
		*ret = (struct clash){ CLASH_READ, number, reader };
	else if (life->isolation >= ISOLATION_SNAPSHOT && is_newer(&thing, known))
		*ret = (struct clash){ CLASH_NEWER, number, 0 };
}

/* What it has read is what the writes allowed before left. */
static void look_premises(const struct isolated *at, const struct toucher *t,
			  const struct participant_row *who, struct clash *ret)
{
	for (uint32_t i = 0; i < who->read_count; i++) {
		struct thing_row thing = thing_of(at, who->reads[i]);

		if (!is_held(at, &thing, t) && !is_newer(&thing, &who->clock))
			continue;
		*ret = (struct clash){ CLASH_PREMISE, 0, 0 };
		return;
	}
}

void isolation_look(const struct isolated *at, const struct toucher *t, struct clash *ret)
{
	struct life_row life = life_of(at, t->session);
	struct participant_row who = participant_of(at, t->participant);
	struct vector_clock known = knowledge(&life, &who);

	*ret = (struct clash){ CLASH_NONE, 0, 0 };
	for (size_t i = 0; i < t->count && ret->kind == CLASH_NONE; i++)
		look_touch(at, t, i, &life, &known, ret);
	if (ret->kind != CLASH_NONE || life.isolation < ISOLATION_SNAPSHOT)
		return;
	if (life.isolation == ISOLATION_SERIALIZABLE && writes(t))
		look_premises(at, t, &who, ret);
	else if (!writes(t) && who.read_count + t->count > PARTICIPANT_READS)
		*ret = (struct clash){ CLASH_MANY, 0, 0 };
}

/* --- changing --- */

/*
 * The write is on its way: what it touches is held, also what it reads, for that it may read until
 * its outcome.
 */
static enum err take_off(struct state *s, const struct isolated *at, const struct toucher *t)
{
	struct flight_row flight = { .slot = (uint32_t)(t->entry % FLIGHT_ENTRIES) };
	struct thing_row thing;
	uint32_t place;
	bool known = state_find(at->state, at->flights, &flight, &place);

	flight.participant = t->participant;
	flight.entry = t->entry;
	for (size_t i = 0; i < t->count; i++) {
		enum intent asked = t->touches[i].intent;
		uint32_t *row = &flight.things[flight.count++];

		TRY(need_thing(s, at, t->session, &t->touches[i].name, &thing, row));
		thing.holder = t->participant + 1;
		thing.entry = t->entry;
		thing.intent = asked == INTENT_READ ? INTENT_WRITE : (uint8_t)asked;
		TRY(state_update(s, at->things, *row, &thing));
	}
	return known ? state_update(s, at->flights, place, &flight)
		     : state_insert(s, at->flights, &flight, &place);
}

static enum err remember(struct state *s, const struct isolated *at, const struct toucher *t,
			 struct participant_row *who)
{
	struct thing_row thing;
	uint32_t place;

	for (size_t i = 0; i < t->count; i++) {
		TRY(need_thing(s, at, t->session, &t->touches[i].name, &thing, &place));
		if (!has_read(who, place))
			who->reads[who->read_count++] = place;
	}
	return OK;
}

/* Nothing is built on what was read before. */
static void begin_anew(struct participant_row *who)
{
	memset(who->reads, 0, sizeof(who->reads));
	who->read_count = 0;
	who->working = 0;
}

enum err isolation_take(struct state *s, const struct isolated *at, const struct toucher *t)
{
	struct life_row life = life_of(at, t->session);
	struct participant_row who = participant_of(at, t->participant);

	MUST(t->count > 0 && t->count <= TOUCHES_MAX);
	who.clock = knowledge(&life, &who);
	if (writes(t)) {
		TRY(take_off(s, at, t));
		begin_anew(&who);
	} else if (life.isolation >= ISOLATION_SNAPSHOT) {
		who.working = 1;
		TRY(remember(s, at, t, &who));
	}
	return state_update(s, at->participants, t->participant, &who);
}

enum err isolation_forget(struct state *s, const struct isolated *at, uint32_t participant)
{
	struct participant_row who = participant_of(at, participant);

	begin_anew(&who);
	return state_update(s, at->participants, participant, &who);
}

static bool find_flight(const struct isolated *at, uint64_t of, struct flight_row *ret,
			uint32_t *place)
{
	*ret = (struct flight_row){ .slot = (uint32_t)(of % FLIGHT_ENTRIES) };
	if (!state_find(at->state, at->flights, ret, place))
		return false;
	memcpy(ret, state_row(at->state, at->flights, *place), sizeof(*ret));
	return ret->entry == of;
}

/* Each thing has a version that only who knows of this commit has seen. */
static enum err land(struct state *s, const struct isolated *at, const struct flight_row *flight,
		     bool failed)
{
	struct participant_row who = participant_of(at, flight->participant);
	struct life_row life = life_of(at, who.session);

	if (!failed && !clock_tick(&who.clock, who.slot))
		return ERR_LIMIT;
	for (unsigned i = 0; i < flight->count; i++) {
		struct thing_row thing = thing_of(at, flight->things[i]);

		if (!failed) {
			thing.versioned = 1;
			clock_merge(&thing.version, &who.clock);
		}
		if (thing.entry == flight->entry)
			thing.holder = 0;
		TRY(state_update(s, at->things, flight->things[i], &thing));
	}
	clock_merge(&life.clock, &who.clock);
	TRY(state_update(s, at->participants, flight->participant, &who));
	return state_update(s, at->lives, who.session, &life);
}

enum err isolation_end(struct state *s, const struct isolated *at, uint64_t of, bool failed)
{
	struct flight_row flight;
	uint32_t place;

	if (state_rows(at->state, at->flights) == 0 ||
	    !find_flight(at, of, &flight, &place) || flight.state != FLIGHT_OPEN)
		return OK;
	TRY(land(s, at, &flight, failed));
	flight.state = failed ? FLIGHT_FAILED : FLIGHT_DONE;
	return state_update(s, at->flights, place, &flight);
}

/* --- handing over --- */

uint32_t flight_session(const struct isolated *at, const struct flight_row *row)
{
	return participant_of(at, row->participant).session;
}

bool flight_waits(const struct isolated *at, const struct flight_row *row)
{
	if (row->state != FLIGHT_HANDED)
		return row->state == FLIGHT_OPEN;
	for (unsigned i = 0; i < row->count; i++)
		if (thing_of(at, row->things[i]).entry == row->entry)
			return true;
	return false;
}

bool flight_holds(const struct isolated *at, const struct flight_row *row, uint64_t now)
{
	return is_live(at, row->participant, row->entry, now);
}

/* The heir, where it is in the session of the one who was killed. */
static bool find_heir(const struct isolated *at, const struct flight_row *flight,
		      const struct fallen *fallen, struct str heir, uint32_t *ret)
{
	struct participant_row who = participant_of(at, flight->participant), other;
	struct life_row life = life_of(at, who.session);

	return flight->state == FLIGHT_OPEN &&
	       fallen_has(at->state, at->lives, fallen, participant_agent(&who), life_id(&life)) &&
	       participant_find(at->state, at->participants, who.session, heir, ret,
				&other) &&
	       other.present;
}

static enum err hand_one(struct state *s, const struct isolated *at, uint32_t place,
			 struct flight_row *flight, uint32_t heir)
{
	for (unsigned i = 0; i < flight->count; i++) {
		struct thing_row thing = thing_of(at, flight->things[i]);

		if (thing.entry != flight->entry)
			continue;
		thing.holder = heir + 1;
		TRY(state_update(s, at->things, flight->things[i], &thing));
	}
	flight->participant = heir;
	flight->state = FLIGHT_HANDED;
	return state_update(s, at->flights, place, flight);
}

enum err isolation_hand_over(struct state *s, const struct isolated *at,
			     const struct fallen *fallen, struct str heir, uint32_t *count)
{
	uint32_t rows = state_rows(at->state, at->flights), done = 0, to;
	struct flight_row flight;

	for (uint32_t i = 0; i < rows && done < HANDED_MAX; i++) {
		memcpy(&flight, state_row(at->state, at->flights, i), sizeof(flight));
		if (!find_heir(at, &flight, fallen, heir, &to))
			continue;
		TRY(hand_one(s, at, i, &flight, to));
		done++;
	}
	*count = done;
	return OK;
}
