/* pairs: a ring of copies, taken from the front. */
#include "replay/pairs.h"

#include <stdlib.h>

#include "engine/base/limits.h"

/* What a slot may keep of its memory when it is empty. */
#define KEPT_BYTES (64u << 10)
#define SLOT_BYTES (6 * (size_t)LIMIT_BODY_BYTES)

/* Where the texts of a slot stand: they move while it is filled. */
enum piece { LINE, ARGS, RESULT, OUTCOME_LINE, OUTCOME_ARGS, OUTCOME_RESULT, PIECES };

struct slot {
	struct pair pair;
	struct buf text;
	size_t at[PIECES], len[PIECES];
	bool there[PIECES], waits;
};

struct pairs {
	pair_take *take;
	void *self;
	uint32_t first, count;
	size_t bytes;
	struct slot slots[PAIRS_ROOM];
};

enum err pairs_open(pair_take *take, void *self, struct pairs **ret)
{
	struct pairs *p = calloc(1, sizeof(*p));

	if (!p)
		return ERR_MEMORY;
	p->take = take;
	p->self = self;
	for (size_t i = 0; i < PAIRS_ROOM; i++)
		buf_init(&p->slots[i].text, SLOT_BYTES);
	*ret = p;
	return OK;
}

void pairs_close(struct pairs *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < PAIRS_ROOM; i++)
		buf_fini(&p->slots[i].text);
	free(p);
}

static struct slot *slot_at(struct pairs *p, uint32_t i)
{
	return &p->slots[(p->first + i) % PAIRS_ROOM];
}

static void keep(struct slot *s, enum piece piece, struct str text)
{
	s->there[piece] = text.ptr != NULL;
	s->at[piece] = s->text.len;
	s->len[piece] = text.len;
	if (text.ptr)
		buf_add(&s->text, text);
}

static struct str text_of(const struct slot *s, enum piece piece)
{
	return s->there[piece] ? str_slice(s->text.ptr + s->at[piece], s->len[piece]) : STR_NONE;
}

static void keep_half(struct slot *s, enum piece line, const struct pair_half *half)
{
	keep(s, line, half->line);
	keep(s, line + 1, half->args);
	keep(s, line + 2, half->result);
}

static void point(const struct slot *s, enum piece line, struct pair_half *half)
{
	half->line = text_of(s, line);
	half->args = text_of(s, line + 1);
	half->result = text_of(s, line + 2);
}

static enum err take_front(struct pairs *p)
{
	struct slot *s = slot_at(p, 0);
	enum err e;

	point(s, LINE, &s->pair.first);
	point(s, OUTCOME_LINE, &s->pair.outcome);
	e = p->take(p->self, &s->pair);
	p->bytes -= s->text.len;
	p->first = (p->first + 1) % PAIRS_ROOM;
	p->count--;
	if (s->text.room > KEPT_BYTES) {
		buf_fini(&s->text);
		buf_init(&s->text, SLOT_BYTES);
	}
	return e;
}

static enum err take_ready(struct pairs *p)
{
	while (p->count > 0 && (!slot_at(p, 0)->waits || p->bytes > PAIRS_BYTES))
		TRY(take_front(p));
	return OK;
}

enum err pairs_add(struct pairs *p, uint64_t seq, bool waits, const struct pair_half *first)
{
	struct slot *s;

	TRY(take_ready(p));
	if (p->count == PAIRS_ROOM)
		TRY(take_front(p));
	s = slot_at(p, p->count);
	buf_clear(&s->text);
	memset(s->there, 0, sizeof(s->there));
	s->pair = (struct pair){ .seq = seq, .first = *first };
	s->waits = waits;
	keep_half(s, LINE, first);
	TRY(s->text.err);
	p->count++;
	p->bytes += s->text.len;
	return OK;
}

enum err pairs_outcome(struct pairs *p, uint64_t of, const struct pair_half *outcome,
		       bool *found)
{
	*found = false;
	/* Most outcomes follow their actions soon. */
	for (uint32_t i = p->count; i > 0; i--) {
		struct slot *s = slot_at(p, i - 1);
		size_t before = s->text.len;

		if (s->pair.seq != of)
			continue;
		if (!s->waits)
			return OK;
		*found = true;
		s->waits = false;
		s->pair.outcome = *outcome;
		keep_half(s, OUTCOME_LINE, outcome);
		p->bytes += s->text.len - before;
		TRY(s->text.err);
		return OK;
	}
	return OK;
}

enum err pairs_end(struct pairs *p)
{
	while (p->count > 0)
		TRY(take_front(p));
	return OK;
}
