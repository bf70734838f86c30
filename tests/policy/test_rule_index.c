/*
 * rule_index: for random rules and requests, the candidates are in the order of trial, each once,
 * and every rule that is not among them is false.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/policy/inside.h"
#include "tests/kit/fail_alloc.h"

#define RULES 60

static uint32_t random_state;

static uint32_t pick(uint32_t below)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % below;
}

/* A condition over few slots and texts, so that rules meet. */
static void write_condition(struct buf *b, unsigned depth)
{
	static const char *const slots[] = { "action.type", "resource", "args.a", "args.b" };
	static const char *const texts[] = { "a", "ab", "abc", "b", "", "ba" };
	const char *slot = slots[pick(4)];

	switch (pick(depth ? 12 : 9)) {
	case 0:
		buf_addf(b, "%s == '%s'", slot, texts[pick(6)]);
		break;
	case 1:
		buf_addf(b, "%s in ['%s', '%s', 1]", slot, texts[pick(6)], texts[pick(6)]);
		break;
	case 2:
		buf_addf(b, "%s startsWith '%s'", slot, texts[pick(6)]);
		break;
	case 3:
		buf_addf(b, "%s != '%s'", slot, texts[pick(6)]);
		break;
	case 4:
		buf_addf(b, "has(%s)", slot);
		break;
	case 5: {
		static const char *const orders[] = { "<", "<=", ">", ">=", "==" };

		buf_addf(b, "%s %s %d", slot, orders[pick(5)], (int)pick(5) - 1);
		break;
	}
	case 6:
		buf_addf(b, "%d <= %s and %s < 3.5", (int)pick(3), slot, slot);
		break;
	case 7:
		buf_addf(b, "%d < %s", (int)pick(5), slot);
		break;
	case 8:
		buf_addf(b, "['%s', '%s'] contains %s", texts[pick(6)], texts[pick(6)], slot);
		break;
	default:
		buf_add_c(b, pick(3) ? "(" : "not (");
		write_condition(b, depth - 1);
		buf_add_c(b, pick(2) ? " and " : " or ");
		write_condition(b, depth - 1);
		buf_add_c(b, ")");
	}
}

static void write_request(struct buf *b)
{
	static const char *const values[] = { "\"a\"", "\"ab\"", "\"abc\"", "\"b\"", "\"\"", "1",
					      "null",  "[\"a\"]", "\"x\"", "2",   "2.5", "-1" };

	buf_addf(b, "{\"action\":{\"type\":%s},\"resource\":%s", values[pick(12)],
		 values[pick(12)]);
	if (pick(4)) {
		buf_addf(b, ",\"args\":{\"a\":%s", values[pick(12)]);
		if (pick(2))
			buf_addf(b, ",\"b\":%s", values[pick(12)]);
		buf_add_c(b, "}");
	}
	buf_add_c(b, "}");
}

struct scene {
	struct slots slots;
	struct rule rules[RULES];
	const struct rule *list[RULES];
	const struct rule_index *index;
	struct arena memory;
};

static void build(struct scene *s)
{
	struct buf b;

	arena_init(&s->memory, 64 << 20);
	buf_init(&b, 4096);
	cr_assert_eq(slot_init(&s->slots, &s->memory), OK);
	for (size_t i = 0; i < RULES; i++) {
		struct code code = { .count = 0 };
		struct note n = { .column = 0 };
		struct str kept;

		buf_clear(&b);
		write_condition(&b, 2);
		cr_assert_eq(arena_copy(&s->memory, buf_view(&b), &kept), OK);
		cr_assert_eq(expr_parse(kept, POLICY_PRE_TOOL, &s->slots, &code, &s->memory, &n),
			     OK, "%.*s: %s", STR_ARG(kept), n.text);
		cr_assert_eq(condition_seal(&code, &s->slots, &s->memory, &s->rules[i].condition),
			     OK);
		if (pick(20) == 0)
			s->rules[i].condition = NULL;
		s->list[i] = &s->rules[i];
	}
	slot_seal(&s->slots);
	cr_assert_eq(rule_index_build(s->list, RULES, &s->memory, &s->index), OK);
	buf_fini(&b);
}

/* Returns how many rules were left out. */
static unsigned check_request(struct scene *s, const struct value *request)
{
	struct arena_mark mark = arena_mark(&s->memory);
	struct sight sight = {
		&s->slots, request,
		arena_array(&s->memory, s->slots.count, sizeof(struct value *)),
		arena_array(&s->memory, s->slots.shared + 1, 1), NULL, 0
	};
	struct contenders c;
	uint32_t next = 0, place, where;
	unsigned left_out = 0;

	rule_index_open(s->index, STR("x"), &sight, &c);
	while (rule_index_next(&c, &place)) {
		cr_assert(place >= next && place < RULES, "in order, each once");
		for (; next < place; next++, left_out++)
			cr_assert_eq(condition_run(s->rules[next].condition, &sight, &where),
				     TRUTH_FALSE);
		next = place + 1;
	}
	for (; next < RULES; next++, left_out++)
		cr_assert_eq(condition_run(s->rules[next].condition, &sight, &where), TRUTH_FALSE);
	arena_rewind(&s->memory, mark);
	return left_out;
}

Test(rule_index, leaves_out_only_what_is_false)
{
	unsigned left_out = 0;

	random_state = 7;
	for (unsigned round = 0; round < 200; round++) {
		struct scene *s = calloc(1, sizeof(*s));
		struct buf b;

		cr_assert(s);
		build(s);
		buf_init(&b, 4096);
		for (unsigned i = 0; i < 50; i++) {
			struct value request;

			buf_clear(&b);
			write_request(&b);
			cr_assert_eq(json_read(buf_view(&b), 1, &s->memory, &request, NULL), OK);
			left_out += check_request(s, &request);
		}
		buf_fini(&b);
		arena_fini(&s->memory);
		free(s);
	}
	cr_assert_gt(left_out, 50000, "the index leaves out a part worth having: %u", left_out);
}

Test(rule_index, many_slots_and_many_prefixes_fall_back_to_always)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct value request;
	struct contenders c;
	uint32_t place, count = 0;

	cr_assert(s);
	arena_init(&s->memory, 64 << 20);
	cr_assert_eq(slot_init(&s->slots, &s->memory), OK);
	for (size_t i = 0; i < RULES; i++) {
		struct code code = { .count = 0 };
		char text[256];
		struct str kept;

		(void)snprintf(text, sizeof(text), "args.k%zu startsWith 'a%.*s'", i / 3,
			       (int)(i % 3), "bc");
		cr_assert_eq(arena_copy(&s->memory, str_view(text), &kept), OK);
		cr_assert_eq(expr_parse(kept, POLICY_PRE_TOOL, &s->slots, &code, &s->memory,
					NULL),
			     OK);
		cr_assert_eq(condition_seal(&code, &s->slots, &s->memory, &s->rules[i].condition),
			     OK);
		s->list[i] = &s->rules[i];
	}
	slot_seal(&s->slots);
	cr_assert_eq(rule_index_build(s->list, RULES, &s->memory, &s->index), OK);
	cr_assert_eq(json_read(STR("{}"), 1, &s->memory, &request, NULL), OK);
	(void)check_request(s, &request);
	rule_index_open(s->index, STR("x"),
			&(struct sight){ &s->slots, &request,
					 arena_array(&s->memory, s->slots.count,
						     sizeof(struct value *)),
					 NULL, NULL, 0 },
			&c);
	while (rule_index_next(&c, &place))
		count++;
	cr_assert_eq(count, RULES, "what is missing decides nothing");
	arena_fini(&s->memory);
	free(s);
}

/* Two words, the second of which cancels the hash of the first under seed 0: see test_map. */
static struct str colliding_text(struct arena *a, uint64_t first)
{
	unsigned __int128 product = (first ^ UINT64_C(0x9E3779B97F4A7C15)) *
				    (unsigned __int128)UINT64_C(0xD6E8FEB86659FD93);
	uint64_t words[2] = { first, (uint64_t)product ^ (uint64_t)(product >> 64) };
	struct str kept;

	cr_assert_eq(arena_copy(a, str_slice((const char *)words, sizeof(words)), &kept), OK);
	return kept;
}

#define CROWDED 4000u

/* One after the other they would take 2^35 steps, so that the time limit is the test. */
Test(rule_index, texts_that_were_chosen_to_collide_are_spread)
{
	struct rule *rules = calloc(CROWDED, sizeof(*rules));
	const struct rule **list = calloc(CROWDED, sizeof(*list));
	const struct rule_index *index;
	struct arena memory;

	cr_assert(rules && list);
	arena_init(&memory, 256 << 20);
	cr_assert_eq(map_hash(colliding_text(&memory, 1), 0),
		     map_hash(colliding_text(&memory, 2), 0), "the texts must collide");
	for (uint32_t i = 0; i < CROWDED; i++) {
		struct value *items = arena_array(&memory, RULE_KEY_TEXTS, sizeof(*items));
		struct value *texts = arena_alloc(&memory, sizeof(*texts));
		struct step *step = arena_alloc(&memory, sizeof(*step));
		struct condition *c = arena_alloc(&memory, sizeof(*c));

		cr_assert(items && texts && step && c);
		for (uint32_t k = 0; k < RULE_KEY_TEXTS; k++)
			items[k] = value_string(
				colliding_text(&memory, (uint64_t)i * RULE_KEY_TEXTS + k));
		*texts = (struct value){ .kind = VALUE_LIST };
		texts->list = (struct value_list){ items, RULE_KEY_TEXTS };
		*step = (struct step){ .op = STEP_IN, .left_slot = true };
		step->left.slot = 1;
		step->right.value = texts;
		*c = (struct condition){ NULL, step, 1 };
		rules[i].condition = c;
		list[i] = &rules[i];
	}
	cr_assert_eq(rule_index_build(list, CROWDED, &memory, &index), OK);
	arena_fini(&memory);
	free(list);
	free(rules);
}

Test(rule_index, no_memory_is_an_error)
{
	struct scene *s = calloc(1, sizeof(*s));

	cr_assert(s);
	random_state = 3;
	build(s);
	for (uint64_t i = 1;; i++) {
		const struct rule_index *index = NULL;
		struct arena memory;
		enum err e;

		arena_init(&memory, 16 << 20);
		fail_alloc_at(i);
		e = rule_index_build(s->list, RULES, &memory, &index);
		if (!fail_alloc_was_hit()) {
			cr_assert(e == OK && index);
			arena_fini(&memory);
			break;
		}
		cr_assert(e == ERR_MEMORY && !index);
		arena_fini(&memory);
	}
	arena_fini(&s->memory);
	free(s);
}
