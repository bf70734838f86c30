/*
 * handshake: what is asked and what was found, as rows.
 *
 *   number   1  2  3 ...  N  N+1 ...        slot of number n: 1 + (n - 1) % N
 *   slot     1  2  3 ...  N  1   ...        so the oldest gives way, and a look-up is one
 *
 *   open --answered--> used        a row of another number: that one was given away
 */
#include "engine/identity/identity.h"

struct table_schema challenge_table(void)
{
	return (struct table_schema){ "challenges", sizeof(struct challenge_row),
				      sizeof(uint64_t) };
}

struct table_schema meeting_table(void)
{
	return (struct table_schema){ "meetings", sizeof(struct meeting_row),
				      2 * LIMIT_NAME_BYTES };
}

static bool find_slot(const struct state *s, unsigned table, uint64_t slot, uint32_t *at,
		      struct challenge_row *ret)
{
	if (state_rows(s, table) == 0 || !state_find(s, table, &slot, at))
		return false;
	memcpy(ret, state_row(s, table, *at), sizeof(*ret));
	return true;
}

/* Slot 0, which counts; before the first challenge it is not in the table. */
static struct challenge_row find_head(const struct state *s, unsigned table, uint32_t *at,
				      bool *known)
{
	struct challenge_row head = { .epoch = 1 };

	*known = find_slot(s, table, 0, at, &head);
	return head;
}

static enum err put(struct state *s, unsigned table, bool known, uint32_t at, const void *row)
{
	return known ? state_update(s, table, at, row) : state_insert(s, table, row, &at);
}

enum err handshake_turn(struct state *s, unsigned challenges)
{
	struct challenge_row head;
	uint32_t at;
	bool known;

	head = find_head(s, challenges, &at, &known);
	if (!known)
		return OK;
	head.epoch++;
	return state_update(s, challenges, at, &head);
}

void handshake_next(const struct state *s, unsigned challenges, uint64_t *number, uint64_t *epoch)
{
	uint32_t at;
	bool known;
	struct challenge_row head = find_head(s, challenges, &at, &known);

	*number = head.number + 1;
	*epoch = head.epoch;
}

/* --- open and used --- */

static uint64_t slot_of(uint64_t number)
{
	return 1 + (number - 1) % LIMIT_CHALLENGES;
}

static enum err digest_of(const struct challenge *c, uint8_t digest[DIGEST_BYTES])
{
	struct buf text;
	enum err e;

	buf_init(&text, HANDSHAKE_TEXT_BYTES);
	challenge_text(&text, c);
	e = text.err;
	if (e == OK)
		memcpy(digest, sha256(buf_view(&text)).bytes, DIGEST_BYTES);
	buf_fini(&text);
	return e;
}

enum err handshake_open(struct state *s, unsigned challenges, const struct challenge *c,
			struct refusal *r)
{
	struct challenge_row head, old, row = { .number = c->number, .epoch = c->epoch,
						.until_ns = c->until_ns };
	uint32_t at, slot_at = 0;
	bool known, reused;

	head = find_head(s, challenges, &at, &known);
	if (c->number != head.number + 1)
		return refusal_set(r, REFUSED_CHANGED, "the challenge has number %llu; the next "
				   "one here is %llu", (unsigned long long)c->number,
				   (unsigned long long)head.number + 1);
	if (c->epoch != head.epoch)
		return refusal_set(r, REFUSED_EPOCH, "the registry has changed meanwhile; ask "
				   "anew");
	TRY(digest_of(c, row.digest));
	row.slot = slot_of(c->number);
	head.number = c->number;
	reused = find_slot(s, challenges, row.slot, &slot_at, &old);
	TRY(put(s, challenges, known, at, &head));
	return put(s, challenges, reused, slot_at, &row);
}

/* Whether it is still time: the answer lies between the challenge and its end, and so does now. */
static enum err check_times(const struct reply *a, int64_t at_ns, struct refusal *r)
{
	const struct challenge *c = &a->challenge;

	if (at_ns >= c->until_ns || a->at_ns >= c->until_ns)
		return refusal_set(r, REFUSED_EXPIRED, "the challenge was open for a while only, "
				   "and that is over");
	if (at_ns < c->at_ns || a->at_ns < c->at_ns - LIMIT_AHEAD_NS)
		return refusal_set(r, REFUSED_EARLY, "the answer is older than the challenge");
	if (a->at_ns - LIMIT_AHEAD_NS > at_ns)
		return refusal_set(r, REFUSED_FUTURE, "the answer was given in the future");
	return OK;
}

enum err handshake_close(struct state *s, unsigned challenges, const struct reply *a,
			 struct str log, int64_t at_ns, struct refusal *r)
{
	const struct challenge *c = &a->challenge;
	uint8_t digest[DIGEST_BYTES];
	struct challenge_row row;
	uint32_t at, ignored;
	bool known;

	if (!str_eq(c->log, log))
		return refusal_set(r, REFUSED_LOG, "log '%.*s' has asked; this is '%.*s'",
				   STR_ARG(c->log), STR_ARG(log));
	if (!find_slot(s, challenges, slot_of(c->number), &at, &row) || row.number != c->number)
		return refusal_set(r, REFUSED_UNASKED, "challenge %llu is not open here (any "
				   "more)", (unsigned long long)c->number);
	TRY(digest_of(c, digest));
	if (memcmp(digest, row.digest, sizeof(digest)) != 0)
		return refusal_set(r, REFUSED_CHANGED, "challenge %llu was another one",
				   (unsigned long long)c->number);
	if (row.used || memcmp(a->nonce, c->nonce, sizeof(a->nonce)) == 0)
		return refusal_set(r, REFUSED_NONCE, "the nonce was used already");
	if (row.epoch != find_head(s, challenges, &ignored, &known).epoch)
		return refusal_set(r, REFUSED_EPOCH, "the registry has changed since it was asked; "
				   "ask anew");
	TRY(check_times(a, at_ns, r));
	row.used = 1;
	return state_update(s, challenges, at, &row);
}

/* --- what was found --- */

/* The key of the row: both names. False for what are no names. */
static bool name_row(const struct challenge *c, struct meeting_row *row)
{
	if (!agent_name_ok(c->from) || !agent_name_ok(c->to))
		return false;
	memcpy(row->from, c->from.ptr, c->from.len);
	memcpy(row->to, c->to.ptr, c->to.len);
	return true;
}

static void needs_digest(const struct challenge *c, uint8_t digest[DIGEST_BYTES])
{
	memcpy(digest, sha256(capability_text(&c->needs)).bytes, DIGEST_BYTES);
}

enum err meeting_keep(struct state *s, unsigned meetings, const struct challenge *c,
		      int64_t at_ns, uint64_t entry)
{
	struct meeting_row row = { .epoch = c->epoch, .entry = entry, .met_ns = at_ns,
				   .until_ns = at_ns + LIMIT_MEETING_NS,
				   .threshold = c->threshold };
	uint32_t at = 0;
	bool known;

	if (!name_row(c, &row))
		return ERR_RANGE;
	needs_digest(c, row.needs);
	memcpy(row.key, c->to_key.bytes, sizeof(row.key));
	known = state_find(s, meetings, &row, &at);
	return put(s, meetings, known, at, &row);
}

bool meeting_holds(const struct state *s, unsigned meetings, unsigned challenges,
		   const struct challenge *c, int64_t at_ns, struct meeting_row *ret)
{
	struct meeting_row row = { .epoch = 0 };
	uint8_t needs[DIGEST_BYTES];
	uint64_t number, epoch;
	uint32_t at;

	if (state_rows(s, meetings) == 0 || !name_row(c, &row) ||
	    !state_find(s, meetings, &row, &at))
		return false;
	memcpy(&row, state_row(s, meetings, at), sizeof(row));
	handshake_next(s, challenges, &number, &epoch);
	needs_digest(c, needs);
	if (row.epoch != epoch || row.threshold != c->threshold ||
	    memcmp(row.needs, needs, sizeof(needs)) != 0 ||
	    memcmp(row.key, c->to_key.bytes, sizeof(row.key)) != 0 || at_ns < row.met_ns ||
	    at_ns >= row.until_ns)
		return false;
	*ret = row;
	return true;
}
