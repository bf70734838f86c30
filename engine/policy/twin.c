/*
 * twin: a rule as a text that says when it matches, nothing less and nothing more: the agents of
 * the documents that it holds for, its condition step by step, with whole paths for slots, and
 * whether an error is a match.
 */
#include "engine/policy/twin.h"

#include "engine/base/canon.h"
#include "engine/policy/trace.h"

static void add_path(struct buf *b, const struct slots *slots, uint32_t slot)
{
	for (; slot != SLOT_REQUEST; slot = slots->items[slot].parent) {
		const struct slot *s = &slots->items[slot];

		if (s->by_index)
			buf_addf(b, "[%llu]", (unsigned long long)s->index);
		else
			canon_string(b, s->key);
		buf_add_byte(b, '.');
	}
}

static void add_patterns(struct buf *b, const struct patterns *list)
{
	for (size_t i = 0; i < list->count; i++)
		canon_string(b, list->items[i].text);
}

static void add_operand(struct buf *b, const struct slots *slots, bool is_slot, union operand o)
{
	if (is_slot)
		add_path(b, slots, o.slot);
	else
		canon_value(b, o.value);
}

static void add_step(struct buf *b, const struct slots *slots, const struct step *step)
{
	buf_addf(b, "\n%u ", step->op);
	if (step->op == STEP_CONST)
		buf_add_c(b, step->right.constant ? "true" : "false");
	if (!trace_asks(step))
		return;
	add_operand(b, slots, step->left_slot, step->left);
	buf_add_byte(b, ' ');
	if (step->op == STEP_NAMED)
		add_patterns(b, step->right.patterns);
	else if (step->op == STEP_MATCHES)
		canon_string(b, step->right.matcher->text);
	else if (step->op < STEP_CONST)
		add_operand(b, slots, step->right_slot, step->right);
}

void twin_write(struct buf *b, const struct condition *c)
{
	for (uint32_t i = 0; c && i < c->count; i++)
		add_step(b, c->slots, &c->steps[i]);
}

/* Agents of all documents through which a rule holds; nothing when one is for any agent. */
static void add_agents(struct buf *b, const struct plan *p, uint32_t document)
{
	size_t start = b->len;

	for (size_t d = 0; d < p->document_count; d++) {
		const struct document *holder = &p->documents[d];

		if (d != document && !plan_has_document(&holder->parents, document))
			continue;
		if (holder->agents.count == 0) {
			b->len = start;
			return;
		}
		add_patterns(b, &holder->agents);
	}
}

static enum err text_of(struct buf *b, const struct plan *p, const struct rule *rule)
{
	buf_clear(b);
	buf_add_c(b, rule->allows ? "allows " : "denies ");
	add_agents(b, p, rule->document);
	twin_write(b, rule->condition);
	return b->err;
}

struct twins {
	struct map places; /* by text */
	struct buf text;
};

static enum err find(struct twins *t, const struct plan *p, const struct queue *of,
		     const struct plan *other, const struct queue *in, struct arena *a,
		     uint32_t *list)
{
	for (uint32_t i = 0; i < in->count; i++) {
		uint32_t first;
		struct str kept;

		TRY(text_of(&t->text, other, in->rules[i]));
		if (map_get(&t->places, buf_view(&t->text), &first))
			continue;
		TRY(arena_copy(a, buf_view(&t->text), &kept));
		TRY(map_put(&t->places, kept, i));
	}
	for (uint32_t i = 0; i < of->count; i++) {
		TRY(text_of(&t->text, p, of->rules[i]));
		if (!map_get(&t->places, buf_view(&t->text), &list[i]))
			list[i] = in->count;
	}
	return OK;
}

enum err twin_find(const struct plan *p, const struct queue *of, const struct plan *other,
		   const struct queue *in, struct arena *a, const uint32_t **ret)
{
	uint32_t *list = arena_array(a, of->count, sizeof(*list));
	struct twins t;
	enum err e;

	if (!list)
		return ERR_MEMORY;
	map_init(&t.places, 0);
	buf_init(&t.text, LIMIT_BUNDLE_BYTES);
	e = find(&t, p, of, other, in, a, list);
	buf_fini(&t.text);
	map_fini(&t.places);
	if (e == OK)
		*ret = list;
	return e;
}
