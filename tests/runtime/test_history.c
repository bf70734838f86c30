/*
 * history: rows against a naive memory that keeps every step and asks each question by looking at
 * all of them. Where something is in doubt the naive one tries both ways; the row may then say that
 * it does not know, and must never say what one of the ways contradicts.
 */
#include <criterion/criterion.h>

#include "engine/runtime/runtime.h"
#include "tests/kit/fail_alloc.h"

#define SECOND INT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define STEPS 60
#define EVENTS 5
#define LABELS 3

static struct state *s;

static void setup(void)
{
	const struct table_schema table = history_table();

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(history, .init = setup, .fini = teardown);

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* --- two watches, of some names each, in different orders --- */

static const uint64_t event_lists[2][EVENTS] = { { 11, 12, 13, 14 }, { 14, 15, 12, 11 } };
static const size_t event_counts[2] = { 4, 4 };
static const uint64_t label_lists[2][LABELS] = { { 21, 22 }, { 23, 22 } };
static const uint64_t windows[1] = { 31 };
static const uint8_t window_events[2] = { 1, 2 };        /* event 12 in both */
static const int64_t window_ns[1] = { MINUTE };

static struct history_watch watch_of(int which)
{
	return (struct history_watch){
		.events = event_lists[which], .event_count = event_counts[which],
		.labels = label_lists[which], .label_count = 2,
		.windows = windows, .window_events = &window_events[which], .window_ns = window_ns,
		.window_count = 1, .id = 100 + (uint64_t)which,
	};
}

/* --- the naive memory --- */

enum seen { NOT = 0, CERTAIN, MAYBE };

struct naive_step {
	enum seen events[EVENTS], labels[LABELS];        /* by name: 11 .. 15, 21 .. 23 */
	int keys[2];                 /* values of event 11; -1: none */
	int64_t at_ns;
	bool missed;                 /* anything may have happened, and several times */
};

struct memory {
	struct naive_step steps[STEPS];
	size_t count;
};

/* How often the event happened in the step: at least and at most (2: several times). */
static int least(const struct naive_step *n, int event)
{
	return !n->missed && n->events[event] == CERTAIN;
}

static int most(const struct naive_step *n, int event)
{
	return n->missed ? 2 : n->events[event] != NOT;
}

/* Is some a not followed by any b? For sure (`sure`), or perhaps. */
static bool naive_since(const struct memory *m, int a, int b, bool sure)
{
	for (size_t i = 0; i < m->count; i++) {
		bool followed = false;

		if (!(sure ? least(&m->steps[i], a) : most(&m->steps[i], a)))
			continue;
		for (size_t j = i + 1; j < m->count; j++)
			followed |= sure ? most(&m->steps[j], b) : least(&m->steps[j], b);
		if (!followed)
			return true;
	}
	return false;
}

static bool naive_before(const struct memory *m, int a, int b, bool sure)
{
	for (size_t i = 0; i < m->count; i++)
		for (size_t j = i; j < m->count; j++) {
			const struct naive_step *x = &m->steps[i], *y = &m->steps[j];

			if (i == j && (sure || !x->missed))
				continue;
			if (sure ? least(x, a) && least(y, b) : most(x, a) && most(y, b))
				return true;
		}
	return false;
}

static bool naive_once(const struct memory *m, int event, bool sure)
{
	for (size_t i = 0; i < m->count; i++)
		if (sure ? least(&m->steps[i], event) : most(&m->steps[i], event))
			return true;
	return false;
}

static bool naive_recent(const struct memory *m, int event, int64_t now, bool sure)
{
	for (size_t i = 0; i < m->count; i++)
		if (now - m->steps[i].at_ns < MINUTE &&
		    (sure ? least(&m->steps[i], event) : most(&m->steps[i], event)))
			return true;
	return false;
}

static bool naive_label(const struct memory *m, int label, bool sure)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->steps[i].missed ? !sure
				       : m->steps[i].labels[label] == CERTAIN ||
						 (!sure && m->steps[i].labels[label] == MAYBE))
			return true;
	return false;
}

static bool naive_key(const struct memory *m, int key)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->steps[i].keys[0] == key || m->steps[i].keys[1] == key)
			return true;
	return false;
}

static bool in_doubt(const struct memory *m, int event)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->steps[i].missed || m->steps[i].events[event] == MAYBE)
			return true;
	return false;
}

static bool any_missed(const struct memory *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->steps[i].missed)
			return true;
	return false;
}

static uint32_t naive_count(const struct memory *m, int event)
{
	uint32_t count = 0;

	for (size_t i = 0; i < m->count; i++)
		count += (uint32_t)least(&m->steps[i], event);
	return count;
}

/* Windows one after the other, from the first event on; only where nothing is in doubt. */
static uint32_t naive_window(const struct memory *m, int event, int64_t now)
{
	int64_t began = INT64_MIN / 2;
	uint32_t count = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (!least(&m->steps[i], event))
			continue;
		if (m->steps[i].at_ns - began >= MINUTE) {
			began = m->steps[i].at_ns;
			count = 0;
		}
		count++;
	}
	return now - began < MINUTE ? count : 0;
}

/* --- comparing --- */

/* `certain` and `possible` are what the naive one says; exact: nothing is in doubt. */
static void compare(enum history_answer got, bool certain, bool possible, bool exact,
		    const char *what, uint64_t seed)
{
	cr_assert(got != HISTORY_YES || certain, "%s is not certain, seed %llu", what,
		  (unsigned long long)seed);
	cr_assert(got != HISTORY_NO || !possible, "%s is possible, seed %llu", what,
		  (unsigned long long)seed);
	cr_assert(!exact || got != HISTORY_UNKNOWN, "%s is known, seed %llu", what,
		  (unsigned long long)seed);
}

/* Names that the watch in force has not watched all the time are what the row may not know. */
struct session {
	struct memory full[EVENTS + LABELS]; /* what the row may know of each name */
	uint64_t allowed;
	int watch;
	int64_t now;
	int keys_used;
};

static bool watches(int which, uint64_t id)
{
	for (size_t i = 0; i < event_counts[which]; i++)
		if (event_lists[which][i] == id)
			return true;
	for (size_t i = 0; i < 2; i++)
		if (label_lists[which][i] == id)
			return true;
	return false;
}

static uint64_t id_of(int name)
{
	return name < EVENTS ? 11 + (uint64_t)name : 21 + (uint64_t)(name - EVENTS);
}

static void remember(struct session *w, const struct naive_step *step, bool watched)
{
	for (int name = 0; name < EVENTS + LABELS; name++) {
		struct memory *m = &w->full[name];

		m->steps[m->count] = *step;
		m->steps[m->count++].missed = !watched || !watches(w->watch, id_of(name));
	}
}

static void digest_of(int key, uint8_t digest[HISTORY_KEY_BYTES])
{
	memset(digest, key, HISTORY_KEY_BYTES);
	digest[0] = (uint8_t)(key >> 8);
}

static void add(struct session *w, const struct naive_step *step)
{
	const struct history_watch watch = watch_of(w->watch);
	uint8_t keys[2][HISTORY_KEY_BYTES];
	struct history_step real = { .keys = keys, .at_ns = step->at_ns };
	struct history_row row;

	for (size_t i = 0; i < watch.event_count; i++) {
		enum seen seen = step->events[watch.events[i] - 11];

		real.events |= (uint32_t)(seen == CERTAIN) << i;
		real.maybe_events |= (uint32_t)(seen == MAYBE) << i;
	}
	for (size_t i = 0; i < watch.label_count; i++) {
		enum seen seen = step->labels[watch.labels[i] - 21];

		real.labels |= (uint32_t)(seen == CERTAIN) << i;
		real.maybe_labels |= (uint32_t)(seen == MAYBE) << i;
	}
	for (int i = 0; i < 2; i++)
		if (step->keys[i] >= 0)
			digest_of(step->keys[i], keys[real.key_count++]);
	history_recall(s, 0, &watch, 7, w->allowed, step->at_ns, &row);
	cr_assert_eq(history_add(&row, &watch, &real), OK);
	row.allowed = ++w->allowed;
	cr_assert_eq(history_keep(s, 0, &row), OK);
}

/*
 * since() and before() look at two names, and each name has missed steps of its own: put together,
 * a step is what the one says of a and the other of b.
 */
static struct memory merged(const struct session *w, int a, int b)
{
	struct memory m = w->full[a];

	for (size_t i = 0; i < m.count; i++) {
		const struct naive_step *x = &w->full[a].steps[i], *y = &w->full[b].steps[i];

		if (x->missed != y->missed) {
			m.steps[i].missed = false;
			m.steps[i].events[a] = x->missed ? MAYBE : x->events[a];
			m.steps[i].events[b] = y->missed ? MAYBE : y->events[b];
		}
	}
	return m;
}

static void check_pairs(const struct session *w, const struct history_row *row, uint64_t seed)
{
	for (unsigned i = 0; i < event_counts[w->watch]; i++)
		for (unsigned j = 0; j < event_counts[w->watch]; j++) {
			int a = (int)(event_lists[w->watch][i] - 11);
			int b = (int)(event_lists[w->watch][j] - 11);
			struct memory m = merged(w, a, b);
			bool exact = !in_doubt(&w->full[a], a) && !in_doubt(&w->full[b], b);

			compare(history_since(row, i, j), naive_since(&m, a, b, true),
				naive_since(&m, a, b, false), exact, "since", seed);
			compare(history_before(row, i, j), naive_before(&m, a, b, true),
				naive_before(&m, a, b, false), exact, "before", seed);
		}
}

static void check_keys(const struct session *w, const struct history_row *row, unsigned place,
		       uint64_t seed)
{
	const struct memory *m = &w->full[0];
	bool exact = !in_doubt(m, 0) && w->keys_used <= LIMIT_KEYS;
	uint8_t digest[HISTORY_KEY_BYTES];

	for (int key = 0; key < 50; key++) {
		digest_of(key, digest);
		compare(history_key(row, place, digest), naive_key(m, key),
			naive_key(m, key) || !exact, exact, "key", seed);
	}
}

static void check(const struct session *w, uint64_t seed)
{
	const struct history_watch watch = watch_of(w->watch);
	struct history_row row;
	uint32_t count;

	history_recall(s, 0, &watch, 7, w->allowed, w->now, &row);
	for (unsigned i = 0; i < watch.event_count; i++) {
		int name = (int)(watch.events[i] - 11);
		const struct memory *m = &w->full[name];
		bool exact = !in_doubt(m, name);

		compare(history_once(&row, i), naive_once(m, name, true),
			naive_once(m, name, false), exact, "once", seed);
		compare(history_recent(&row, i, MINUTE, w->now),
			naive_recent(m, name, w->now, true), naive_recent(m, name, w->now, false),
			exact, "recent", seed);
		cr_assert_eq(history_count(&row, i, &count), exact, "seed %llu",
			     (unsigned long long)seed);
		cr_assert(!exact || count == naive_count(m, name));
		if (name == 0)
			check_keys(w, &row, i, seed);
	}
	for (unsigned i = 0; i < watch.label_count; i++) {
		int name = (int)(watch.labels[i] - 21);
		const struct memory *m = &w->full[EVENTS + name];
		bool certain = naive_label(m, name, true), possible = naive_label(m, name, false);

		compare(history_labelled(&row, i), certain, possible,
			!any_missed(m) && (certain || !possible), "label", seed);
	}
	if (!in_doubt(&w->full[1], 1)) {
		cr_assert(history_window(&row, 0, MINUTE, w->now, &count));
		cr_assert_eq(count, naive_window(&w->full[1], 1, w->now), "seed %llu",
			     (unsigned long long)seed);
	}
	check_pairs(w, &row, seed);
}

static struct naive_step random_step(struct session *w, uint64_t *random, bool doubts)
{
	struct naive_step step = { .keys = { -1, -1 } };

	for (int i = 0; i < EVENTS; i++) {
		unsigned r = (unsigned)(next(random) % 8);

		step.events[i] = r < (i == 0 ? 5u : 2u) ? CERTAIN : doubts && r == 7 ? MAYBE : NOT;
	}
	for (int i = 0; i < LABELS; i++) {
		unsigned r = (unsigned)(next(random) % 32);

		step.labels[i] = r == 0 ? CERTAIN : doubts && r == 1 ? MAYBE : NOT;
	}
	for (int i = 0; i < 2 && step.events[0] == CERTAIN; i++)
		step.keys[i] = (int)(next(random) % 48);
	w->now += (int64_t)(next(random) % 40) * SECOND;
	step.at_ns = w->now;
	return step;
}

static void count_keys(struct session *w)
{
	w->keys_used = 0;
	for (int key = 0; key < 50; key++)
		w->keys_used += naive_key(&w->full[0], key);
}

/* A session of random steps; with `doubts` some are missed, uncertain, or under another watch. */
static void run(uint64_t seed, bool doubts)
{
	struct session w = { .now = 1000 * MINUTE };
	uint64_t random = seed;

	for (int i = 0; i < STEPS; i++) {
		struct naive_step step = random_step(&w, &random, doubts);
		unsigned turn = (unsigned)(next(&random) % 16);

		if (doubts && turn == 0)
			w.watch = !w.watch;
		if (doubts && turn == 1) {
			step.keys[0] = step.keys[1] = -1;
			w.allowed++;
			remember(&w, &step, false);
		} else {
			add(&w, &step);
			remember(&w, &step, true);
		}
		count_keys(&w);
		check(&w, seed);
	}
}

Test(history, is_exactly_what_a_naive_memory_tells)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		run(seed, false);
		teardown();
		setup();
	}
}

Test(history, never_claims_what_a_doubt_contradicts)
{
	for (uint64_t seed = 1; seed <= 120; seed++) {
		run(seed, true);
		teardown();
		setup();
	}
}

Test(history, a_clock_that_runs_back_stays_in_the_window)
{
	const struct history_watch w = watch_of(0);
	const struct history_step step = { .events = 2, .at_ns = 100 * SECOND };
	struct history_row row;
	uint32_t count;

	history_begin(&w, 0, 0, 0, &row);
	cr_assert_eq(history_add(&row, &w, &step), OK);
	cr_expect(history_window(&row, 0, MINUTE, 50 * SECOND, &count) && count == 1);
	cr_expect(history_window(&row, 0, MINUTE, INT64_MIN, &count) && count == 1);
	cr_expect(history_window(&row, 0, MINUTE, INT64_MAX, &count) && count == 0);
	cr_expect_eq(history_recent(&row, 1, MINUTE, 50 * SECOND), HISTORY_YES);
	cr_expect_eq(history_recent(&row, 1, MINUTE, 160 * SECOND), HISTORY_NO);
}

Test(history, has_an_end)
{
	const struct history_watch w = watch_of(0);
	const struct history_step step = { .events = 1 };
	struct history_row row;

	history_begin(&w, 0, 0, 0, &row);
	row.position = UINT32_MAX;
	cr_expect_eq(history_add(&row, &w, &step), ERR_LIMIT);
	cr_expect_eq(history_once(&row, 0), HISTORY_NO);
}

Test(history, without_memory_there_is_no_row)
{
	const struct history_watch w = watch_of(0);
	struct history_row row;
	uint64_t n = 1;

	for (;; n++) {
		enum err e;

		history_begin(&w, n, 0, 0, &row);
		fail_alloc_at(n);
		e = history_keep(s, 0, &row);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(state_rows(s, 0), 0);
	}
	cr_expect_eq(state_rows(s, 0), 1);
	cr_expect_gt(n, 1);
}
