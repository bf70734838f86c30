/*
 * domain: the candidates that stand for all values of one path.
 *
 *   numbers    each literal, one between each two neighbours, one beyond each end
 *   strings    each literal; else a text is known by which of the predicates on it hold (startsWith
 *              p, endsWith s, contains c, matches re, a glob), and there is one candidate for each
 *              set of them that can be, as far as one is found
 *   lists      with and without each element that is asked for
 *   the rest   null, true, false, the literals, an object, missing
 *
 * Whether a set of string predicates can be is judged two by two: a longer prefix implies a shorter
 * one, two that differ exclude each other. So some sets count as possible that are not, and the
 * domain is then called inexact: that costs an "unknown", never a wrong "no".
 */
#include "engine/policy/solve.h"

#include <math.h>
#include <stdlib.h>

#define CANDIDATES_MAX 2048
#define PREDICATES_MAX 64  /* string predicates of one path that are told apart */
#define PIECES_MAX 192
#define PARTS_MAX 5        /* of texts: their selections are tried */
#define ELEMENTS_MAX 4     /* of lists: their subsets are tried */
#define VECTORS_MAX 4096

enum predicate_kind {
	PREDICATE_STARTS = 0,
	PREDICATE_ENDS,
	PREDICATE_HOLDS,
	PREDICATE_MATCHES,
	PREDICATE_GLOB,
	PREDICATE_ORDER,
};

struct predicate {
	enum predicate_kind kind;
	struct str text;
	const struct matcher *matcher;
	const struct pattern *glob;
	uint8_t op; /* of an order */
};

struct filling {
	enum domain_kind kind;
	uint32_t slot;
	struct arena *arena;
	const struct value **values;
	size_t count;
	bool exact;
	const struct value **literals; /* what it is compared with, elements of lists too */
	size_t literal_count, literal_room;
	const struct value **elements; /* what lists are asked for */
	size_t element_count;
	struct predicate predicates[PREDICATES_MAX];
	size_t predicate_count;
	enum err err;
};

/* --- what may be there --- */

static bool path_is(const struct slots *s, uint32_t slot, const char *root, const char *key)
{
	const struct slot *last = &s->items[slot];

	if (slot == SLOT_REQUEST || last->by_index || !str_is(last->key, key ? key : root))
		return false;
	if (!key)
		return last->parent == SLOT_REQUEST;
	last = &s->items[last->parent];
	return !last->by_index && last->parent == SLOT_REQUEST && str_is(last->key, root);
}

/* What a lookback is answered with. */
static bool is_past(const struct slots *s, uint32_t slot)
{
	return slot != SLOT_REQUEST && path_is(s, s->items[slot].parent, "past", NULL);
}

static enum domain_kind past_kind(struct str question)
{
	return str_starts(question, STR("count")) ? DOMAIN_MAYBE_COUNT : DOMAIN_MAYBE_FLAG;
}

static bool is_count(enum domain_kind kind)
{
	return kind == DOMAIN_COUNT || kind == DOMAIN_MAYBE_COUNT;
}

enum domain_kind domain_kind_of(const struct slots *slots, uint32_t slot)
{
	static const struct {
		const char *root, *key;
		enum domain_kind kind;
	} rows[] = {
		{ "agent", "id", DOMAIN_NAME },
		{ "action", "type", DOMAIN_NAME },
		{ "agent", "registered", DOMAIN_FLAG },
		{ "agent", "signed", DOMAIN_FLAG },
		{ "agent", "origin", DOMAIN_ORIGIN },
		{ "agent", "actions", DOMAIN_COUNT },
		{ "agent", "denials", DOMAIN_COUNT },
		{ "agent", "trust", DOMAIN_MAYBE_COUNT },
		{ "agent", "tier", DOMAIN_TEXT },
		{ "agent", "regime_changed", DOMAIN_MAYBE_FLAG },
		{ "agent", "ring", DOMAIN_RING },
		{ "session", "id", DOMAIN_SESSION_NAME },
		{ "session", "actions", DOMAIN_COUNT },
		{ "session", "denials", DOMAIN_COUNT },
		{ "resource", NULL, DOMAIN_TEXT },
		{ "agent", NULL, DOMAIN_OBJECT },
		{ "action", NULL, DOMAIN_OBJECT },
		{ "session", NULL, DOMAIN_MAYBE_OBJECT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (path_is(slots, slot, rows[i].root, rows[i].key))
			return rows[i].kind;
	return is_past(slots, slot) ? past_kind(slots->items[slot].key) : DOMAIN_ANY;
}

static bool name_ok(const struct value *v, size_t bytes)
{
	if (v->kind != VALUE_STRING || v->string.len == 0 || v->string.len > bytes)
		return false;
	for (size_t i = 0; i < v->string.len; i++)
		if ((unsigned char)v->string.ptr[i] < 0x20 || v->string.ptr[i] == 0x7F)
			return false;
	return true;
}

/* Could the gate say this there? `v` NULL: missing. */
static bool allows(enum domain_kind kind, const struct value *v)
{
	if (!v)
		return kind != DOMAIN_NAME && kind != DOMAIN_FLAG && kind != DOMAIN_OBJECT;
	switch (kind) {
	case DOMAIN_NAME:
	case DOMAIN_SESSION_NAME:
		return name_ok(v, LIMIT_NAME_BYTES);
	case DOMAIN_FLAG:
	case DOMAIN_MAYBE_FLAG:
		return v->kind == VALUE_BOOL;
	case DOMAIN_ORIGIN:
		return v->kind == VALUE_STRING &&
		       (str_is(v->string, "created") || str_is(v->string, "imported"));
	case DOMAIN_COUNT:
	case DOMAIN_MAYBE_COUNT:
		return v->kind == VALUE_INT && v->integer >= 0;
	case DOMAIN_RING:
		return v->kind == VALUE_INT && v->integer >= 1 && v->integer <= 3;
	case DOMAIN_TEXT:
		return v->kind == VALUE_STRING && v->string.len > 0 &&
		       v->string.len <= LIMIT_RESOURCE_BYTES;
	case DOMAIN_OBJECT:
	case DOMAIN_MAYBE_OBJECT:
		return v->kind == VALUE_OBJECT;
	default:
		return true;
	}
}

/* --- candidates --- */

static bool is_known(const struct filling *f, const struct value *v)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->values[i] && v ? value_eq(f->values[i], v) : f->values[i] == v)
			return true;
	return false;
}

static void add(struct filling *f, const struct value *v)
{
	if (!allows(f->kind, v) || is_known(f, v))
		return;
	if (f->count == CANDIDATES_MAX)
		f->exact = false;
	else
		f->values[f->count++] = v;
}

static void add_copy(struct filling *f, struct value v)
{
	struct value *kept = arena_alloc(f->arena, sizeof(*kept));

	if (!kept) {
		f->err = ERR_MEMORY;
		return;
	}
	*kept = v;
	add(f, kept);
}

static void add_text(struct filling *f, struct str a, struct str b, struct str c)
{
	const struct str parts[] = { a, b, c };
	struct str text;

	if (a.len + b.len + c.len > LIMIT_RESOURCE_BYTES)
		return;
	if (plan_join(f->arena, parts, 3, &text) != OK)
		f->err = ERR_MEMORY;
	else
		add_copy(f, value_string(text));
}

/* --- what the steps ask --- */

static void add_literal(struct filling *f, const struct value *v)
{
	if (f->literal_count == f->literal_room) {
		size_t room = f->literal_room ? 2 * f->literal_room : 16;
		const struct value **list = arena_array(f->arena, room, sizeof(*list));

		if (!list) {
			f->err = ERR_MEMORY;
			return;
		}
		if (f->literal_count)
			memcpy(list, f->literals, f->literal_count * sizeof(*list));
		f->literals = list;
		f->literal_room = room;
	}
	f->literals[f->literal_count++] = v;
}

static bool same_predicate(const struct predicate *a, const struct predicate *b)
{
	return a->kind == b->kind && a->op == b->op && str_eq(a->text, b->text);
}

static void add_predicate(struct filling *f, struct predicate p)
{
	for (size_t i = 0; i < f->predicate_count; i++)
		if (same_predicate(&f->predicates[i], &p))
			return;
	if (f->predicate_count == PREDICATES_MAX)
		f->exact = false;
	else
		f->predicates[f->predicate_count++] = p;
}

static void add_patterns(struct filling *f, const struct patterns *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct pattern *p = &list->items[i];
		struct value *v;

		if (p->kind == PATTERN_PREFIX)
			add_predicate(f, (struct predicate){ .kind = PREDICATE_STARTS,
							     .text = pattern_prefix(p) });
		else if (p->kind == PATTERN_GLOB)
			add_predicate(f, (struct predicate){ .kind = PREDICATE_GLOB,
							     .text = p->text,
							     .glob = p });
		if (p->kind != PATTERN_EXACT)
			continue;
		v = arena_alloc(f->arena, sizeof(*v));
		if (!v) {
			f->err = ERR_MEMORY;
			return;
		}
		*v = value_string(p->text);
		add_literal(f, v);
	}
}

static void add_element(struct filling *f, const struct value *v)
{
	if (f->element_count == ELEMENTS_MAX)
		f->exact = false;
	else
		f->elements[f->element_count++] = v;
}

/* A literal on the other side of the comparison; `left`: the path stands on the left. */
static void read_literal(struct filling *f, const struct step *step, bool left,
			 const struct value *v)
{
	static const enum predicate_kind kinds[] = { [STEP_STARTS] = PREDICATE_STARTS,
						     [STEP_ENDS] = PREDICATE_ENDS,
						     [STEP_CONTAINS] = PREDICATE_HOLDS };
	bool text = v->kind == VALUE_STRING;

	if (step->op == STEP_EQ || step->op == STEP_NE) {
		add_literal(f, v);
	} else if (step->op <= STEP_GE) {
		add_literal(f, v);
		if (text)
			add_predicate(f, (struct predicate){ .kind = PREDICATE_ORDER,
							     .text = v->string,
							     .op = step->op });
	} else if (step->op == (left ? STEP_IN : STEP_CONTAINS) && v->kind == VALUE_LIST) {
		for (size_t i = 0; i < v->list.count; i++)
			add_literal(f, &v->list.items[i]);
	} else if (left && text && step->op != STEP_IN) {
		add_predicate(f, (struct predicate){ .kind = kinds[step->op], .text = v->string });
	} else if (!left && text && step->op != STEP_IN) {
		/* "abc" contains x: x is a part of a text that is known; its parts are many. */
		add_literal(f, v);
		f->exact = false;
	}
	if (step->op == (left ? STEP_CONTAINS : STEP_IN))
		add_element(f, v);
}

static void read_step(struct filling *f, const struct step *step)
{
	bool left = step->left_slot && step->left.slot == f->slot;

	if (step->op == STEP_NAMED) {
		add_patterns(f, step->right.patterns);
	} else if (step->op == STEP_MATCHES) {
		add_predicate(f, (struct predicate){ .kind = PREDICATE_MATCHES,
						     .text = step->right.matcher->text,
						     .matcher = step->right.matcher });
	} else if (step->op <= STEP_ENDS) {
		if (step->left_slot && step->right_slot)
			f->exact = false;
		else
			read_literal(f, step, left,
				     left ? step->right.value : step->left.value);
	}
}

/* --- numbers --- */

static int by_number(const void *left, const void *right)
{
	return value_number_order(*(const struct value *const *)left,
				  *(const struct value *const *)right);
}

static double real_of(const struct value *v)
{
	if (v->kind == VALUE_INT)
		return (double)v->integer;
	if (v->kind == VALUE_REAL)
		return v->real;
	return v->string.ptr[0] == '-' ? -1e300 : 1e300;
}

static struct value real(double d)
{
	return (struct value){ .kind = VALUE_REAL, .real = d };
}

/* Larger than `low`, as far as doubles go. */
static double beyond(double low)
{
	return low < 0 ? 0 : 2 * low + 1;
}

/*
 * Something strictly between two numbers that follow each other; either may be NULL. The whole
 * numbers next to both, where there are some: they are what people mean, and that there are two of
 * them lets one be chosen that lies outside of what is bounded elsewhere.
 */
static void add_between(struct filling *f, const struct value *low, const struct value *high)
{
	struct value tries[3];
	size_t count = 0;
	bool found = false;

	if (low && low->kind == VALUE_INT && low->integer < INT64_MAX)
		tries[count++] = value_int(low->integer + 1);
	if (high && high->kind == VALUE_INT && high->integer > INT64_MIN)
		tries[count++] = value_int(high->integer - 1);
	tries[count++] = real(low && high ? real_of(low) / 2 + real_of(high) / 2
			      : low       ? beyond(real_of(low))
					  : -beyond(-real_of(high)));
	for (size_t i = 0; i < count; i++) {
		/* Where only whole numbers are allowed, the next may be the one. */
		if ((found && tries[i].kind == VALUE_REAL) ||
		    !isfinite(tries[i].kind == VALUE_REAL ? tries[i].real : 0) ||
		    (low && value_number_order(low, &tries[i]) >= 0) ||
		    (high && value_number_order(&tries[i], high) >= 0))
			continue;
		add_copy(f, tries[i]);
		found = found || is_known(f, &tries[i]);
	}
	if (!found && !is_count(f->kind) && f->kind != DOMAIN_RING)
		f->exact = false;
}

static void add_numbers(struct filling *f)
{
	const struct value **sorted = arena_array(f->arena, f->literal_count, sizeof(*sorted));
	size_t count = 0;

	if (!sorted) {
		f->err = ERR_MEMORY;
		return;
	}
	for (size_t i = 0; i < f->literal_count; i++)
		if (value_is_number(f->literals[i]))
			sorted[count++] = f->literals[i];
	if (count)
		qsort(sorted, count, sizeof(*sorted), by_number);
	for (size_t i = 0; i < count; i++) {
		add(f, sorted[i]);
		if (i + 1 == count)
			add_between(f, sorted[i], NULL);
		else if (value_number_order(sorted[i], sorted[i + 1]) != 0)
			add_between(f, sorted[i], sorted[i + 1]);
	}
	if (count)
		add_between(f, NULL, sorted[0]);
	else
		add_copy(f, value_int(1));
	if (is_count(f->kind))
		add_copy(f, value_int(0));
}

/* --- strings --- */

static bool holds(const struct predicate *p, struct str text)
{
	const struct patterns one = { p->glob, 1 };
	int order = p->kind == PREDICATE_ORDER ? str_cmp(text, p->text) : 0;

	switch (p->kind) {
	case PREDICATE_STARTS:
		return str_starts(text, p->text);
	case PREDICATE_ENDS:
		return str_ends(text, p->text);
	case PREDICATE_HOLDS:
		return str_has(text, p->text);
	case PREDICATE_MATCHES:
		return regex_match(p->matcher->regex, text);
	case PREDICATE_GLOB:
		return pattern_match(&one, text);
	default:
		return p->op == STEP_LT ? order < 0 : p->op == STEP_LE ? order <= 0
			: p->op == STEP_GT ? order > 0 : order >= 0;
	}
}

/* Could both, in these senses, be true of one text? Judged by what is sure only. */
static bool compatible(const struct predicate *a, bool a_holds, const struct predicate *b,
		       bool b_holds)
{
	if (a_holds && b_holds)
		return a->kind != b->kind ||
		       (a->kind == PREDICATE_STARTS
				? str_starts(a->text, b->text) || str_starts(b->text, a->text)
			: a->kind == PREDICATE_ENDS
				? str_ends(a->text, b->text) || str_ends(b->text, a->text)
				: true);
	if (!a_holds && !b_holds)
		return true;
	if (b_holds)
		return compatible(b, true, a, false);
	/* a holds and b does not: a must not imply b. */
	if (a->kind > PREDICATE_HOLDS || b->kind > PREDICATE_HOLDS)
		return true;
	if (b->kind == PREDICATE_HOLDS)
		return !str_has(a->text, b->text);
	if (a->kind != b->kind)
		return true;
	return a->kind == PREDICATE_STARTS ? !str_starts(a->text, b->text)
					   : !str_ends(a->text, b->text);
}

static bool is_literal(const struct filling *f, struct str text)
{
	for (size_t i = 0; i < f->literal_count; i++)
		if (f->literals[i]->kind == VALUE_STRING && str_eq(f->literals[i]->string, text))
			return true;
	return false;
}

/* Is there a candidate, no literal, for which exactly these predicates hold? */
static bool is_covered(const struct filling *f, uint64_t wanted)
{
	for (size_t c = 0; c < f->count; c++) {
		uint64_t found = 0;

		if (!f->values[c] || f->values[c]->kind != VALUE_STRING ||
		    is_literal(f, f->values[c]->string))
			continue;
		for (size_t i = 0; i < f->predicate_count; i++)
			if (holds(&f->predicates[i], f->values[c]->string))
				found |= UINT64_C(1) << i;
		if (found == wanted)
			return true;
	}
	return false;
}

/*
 * Walk all sets of predicates that can be, one predicate after the other, and ask for a candidate.
 * The sets are counted up like a number, and a digit that cannot be cuts off all that follow.
 */
static bool all_covered(const struct filling *f)
{
	uint64_t set = 0;
	size_t at = 0, steps = 0;
	uint8_t tried[PREDICATES_MAX + 1] = { 0 };

	for (;;) {
		bool fits = true;

		if (++steps > VECTORS_MAX)
			return false;
		if (at == f->predicate_count) {
			if (!is_covered(f, set))
				return false;
		} else if (tried[at] < 2) {
			bool now = tried[at]++ == 0;

			set = (set & ~(UINT64_C(1) << at)) | (uint64_t)now << at;
			for (size_t i = 0; i < at; i++)
				fits = fits && compatible(&f->predicates[i], set >> i & 1,
							  &f->predicates[at], now);
			if (fits)
				tried[++at] = 0;
			continue;
		}
		if (at == 0)
			return true;
		at--;
	}
}

/* Texts that make predicates hold by themselves, to be put together. */
static size_t pieces_of(struct filling *f, enum predicate_kind kind, struct str *pieces)
{
	size_t count = 0;

	for (size_t i = 0; i < f->predicate_count && count < PIECES_MAX; i++)
		if (f->predicates[i].kind == kind)
			pieces[count++] = f->predicates[i].text;
	return count;
}

/* A text that matches by itself, and with what else is asked for beside it. */
static void add_sample(struct filling *f, struct str text)
{
	add_text(f, text, STR(""), STR(""));
	add_text(f, text, STR("a"), STR(""));
	add_text(f, STR("a"), text, STR(""));
	for (size_t i = 0; i < f->predicate_count; i++)
		if (f->predicates[i].kind <= PREDICATE_HOLDS) {
			add_text(f, text, f->predicates[i].text, STR(""));
			add_text(f, f->predicates[i].text, text, STR(""));
		}
}

static void add_samples(struct filling *f)
{
	for (size_t i = 0; i < f->predicate_count && f->err == OK; i++) {
		const struct predicate *p = &f->predicates[i];
		struct str text = STR_NONE;

		for (unsigned seed = 0; p->kind == PREDICATE_MATCHES && f->err == OK &&
					seed < SAMPLE_SEEDS;
		     seed++) {
			f->err = sample_regex(p->matcher, seed, f->arena, &text);
			if (f->err == OK && text.ptr)
				add_sample(f, text);
		}
		if (p->kind == PREDICATE_GLOB && f->err == OK) {
			f->err = sample_glob(p->glob, f->arena, &text);
			if (f->err == OK)
				add_text(f, text, STR(""), STR(""));
		}
		if (p->kind == PREDICATE_ORDER)
			add_text(f, p->text, STR("a"), STR(""));
	}
}

/* The parts one behind the other, in every selection when there are few. Their number. */
static size_t select_parts(struct filling *f, struct str *parts)
{
	struct str single[PIECES_MAX];
	size_t count = pieces_of(f, PREDICATE_HOLDS, single), made = 0;

	if (count > PARTS_MAX) {
		memcpy(parts, single, count * sizeof(*parts));
		parts[count] = STR("");
		return count + 1;
	}
	for (unsigned set = 0; set < 1u << count && f->err == OK; set++) {
		struct str chosen[PARTS_MAX];
		size_t n = 0;

		for (size_t i = 0; i < count; i++)
			if (set >> i & 1)
				chosen[n++] = single[i];
		f->err = plan_join(f->arena, chosen, n, &parts[made++]);
	}
	return made;
}

/* Prefix, parts and suffix in every combination, each of them also left out. */
static void add_combinations(struct filling *f)
{
	struct str starts[PIECES_MAX + 1], parts[PIECES_MAX + 1], ends[PIECES_MAX + 1];
	size_t s = pieces_of(f, PREDICATE_STARTS, starts), p = select_parts(f, parts),
	       e = pieces_of(f, PREDICATE_ENDS, ends);

	starts[s++] = ends[e++] = STR("");
	for (size_t i = 0; i < s && f->err == OK; i++)
		for (size_t j = 0; j < p && f->count < CANDIDATES_MAX; j++)
			for (size_t k = 0; k < e && f->count < CANDIDATES_MAX; k++) {
				const struct str halves[] = { parts[j], ends[k] };
				struct str rest;

				if (plan_join(f->arena, halves, 2, &rest) != OK)
					f->err = ERR_MEMORY;
				else
					add_text(f, starts[i],
						 STR("x"), rest);
				if (f->err == OK)
					add_text(f, starts[i], STR(""), rest);
			}
}

static bool takes_strings(enum domain_kind kind)
{
	return kind == DOMAIN_ANY || kind == DOMAIN_NAME || kind == DOMAIN_SESSION_NAME ||
	       kind == DOMAIN_TEXT;
}

static void add_strings(struct filling *f)
{
	static const char *const others[] = { "other", "some-text", "~", "", "0", "A1" };

	for (size_t i = 0; i < f->literal_count; i++)
		if (f->literals[i]->kind == VALUE_STRING)
			add(f, f->literals[i]);
	if (f->predicate_count)
		add_combinations(f);
	add_samples(f);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (i == 0 || f->predicate_count || is_literal(f, str_view(others[0])))
			add_text(f, str_view(others[i]), STR(""), STR(""));
	if (f->kind == DOMAIN_ORIGIN) {
		add_text(f, STR("created"), STR(""), STR(""));
		add_text(f, STR("imported"), STR(""), STR(""));
	} else if (f->exact && takes_strings(f->kind) && !all_covered(f)) {
		f->exact = false;
	}
}

/* --- the rest --- */

static void add_lists(struct filling *f)
{
	for (unsigned set = 0; set < 1u << f->element_count && f->err == OK; set++) {
		struct value *items = arena_array(f->arena, f->element_count + 1, sizeof(*items));
		size_t count = 0;

		if (!items) {
			f->err = ERR_MEMORY;
			return;
		}
		for (size_t i = 0; i < f->element_count; i++)
			if (set >> i & 1)
				items[count++] = *f->elements[i];
		/* A stranger among them, so that it is none of the lists it is compared with. */
		items[count++] = value_string(STR("some-element"));
		add_copy(f, (struct value){ .kind = VALUE_LIST, .list = { items, count } });
	}
}

static void add_others(struct filling *f)
{
	for (size_t i = 0; i < f->literal_count; i++)
		add(f, f->literals[i]);
	add_copy(f, value_bool(true));
	add_copy(f, value_bool(false));
	for (int64_t ring = 1; f->kind == DOMAIN_RING && ring <= 3; ring++)
		add_copy(f, value_int(ring));
	add(f, NULL);
	add_copy(f, value_null());
	add_lists(f);
	add_copy(f, (struct value){ .kind = VALUE_OBJECT });
}

enum err domain_fill(enum domain_kind kind, uint32_t x, const struct step *const *steps,
		     size_t step_count, const struct value *const *further, size_t further_count,
		     struct arena *a, struct domain *ret)
{
	struct filling *f = arena_alloc(a, sizeof(*f));
	bool numbers = false;

	if (!f)
		return ERR_MEMORY;
	*f = (struct filling){ .kind = kind, .slot = x, .arena = a, .exact = true };
	f->values = arena_array(a, CANDIDATES_MAX, sizeof(*f->values));
	f->elements = arena_array(a, ELEMENTS_MAX, sizeof(*f->elements));
	if (!f->values || !f->elements)
		return ERR_MEMORY;
	for (size_t i = 0; i < step_count && f->err == OK; i++)
		read_step(f, steps[i]);
	for (size_t i = 0; i < further_count && f->err == OK; i++)
		add_literal(f, further[i]);
	for (size_t i = 0; i < step_count; i++)
		if (steps[i]->op == STEP_TRUTH)
			add_copy(f, value_bool(true));
	for (size_t i = 0; i < f->literal_count; i++)
		numbers = numbers || value_is_number(f->literals[i]);
	if (numbers) {
		add_numbers(f);
		add_strings(f);
	} else {
		add_strings(f);
		add_numbers(f);
	}
	add_others(f);
	*ret = (struct domain){ f->values, f->count, f->exact };
	return f->err;
}
