/* census: what is counted, against a count by other means. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/index/stacks.h"
#include "tests/kit/fail_alloc.h"

#define SECOND INT64_C(1000000000)

static struct census take(struct stacks *k, int64_t since_ns, int64_t until_ns, struct arena *a)
{
	struct note n = { .line = 0 };
	struct census c;

	cr_assert_eq(census_take(k->w, STACKS_LOG, STR(STACKS_ORIGIN), since_ns, until_ns, a, &c,
				 &n), OK, "%s", n.text);
	return c;
}

static uint64_t found(struct stacks *k, const struct filter *f)
{
	uint64_t *seqs = malloc((k->size + 1) * sizeof(*seqs));
	size_t count = stacks_read(k, f, false, seqs);

	free(seqs);
	return count;
}

static uint64_t count_of(const struct census_names *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (str_is(l->rows[i].name, name))
			return l->rows[i].count;
	return 0;
}

/* The oracle of searches counts as well. */
Test(census, counts_what_a_search_finds)
{
	struct filter f = filter_any();
	struct stacks k;
	struct census c;
	struct arena a;

	stacks_init(&k, 8);
	stacks_add(&k, 3000);
	arena_init(&a, 1 << 24);
	f.since_ns = STACKS_START_NS + 500 * SECOND;
	f.until_ns = STACKS_START_NS + 2100 * SECOND;
	c = take(&k, f.since_ns, f.until_ns, &a);
	cr_assert_eq(c.read, 3000);
	cr_assert_eq(c.entries, found(&k, &f));
	f.by_kind = true;
	for (unsigned kind = 0; kind < ENTRY_KINDS; kind++) {
		f.kind = (enum entry_kind)kind;
		cr_assert_eq(c.kinds[kind], found(&k, &f));
	}
	f.kind = ENTRY_ACTION;
	f.by_effect = true;
	cr_assert_eq(c.denied, found(&k, &f));
	f.effect = EFFECT_ALLOW;
	cr_assert_eq(c.allowed, found(&k, &f));
	f.by_effect = false;
	f.names[FILTER_AGENT] = STR("bob");
	cr_assert_eq(count_of(&c.lists[CENSUS_AGENTS], "bob"), found(&k, &f));
	f.names[FILTER_AGENT] = STR_NONE;
	f.names[FILTER_TOOL] = STR("refund");
	cr_assert_eq(count_of(&c.lists[CENSUS_TOOLS], "refund"), found(&k, &f));
	f.names[FILTER_TOOL] = STR_NONE;
	f.names[FILTER_RULE] = STR("large");
	cr_assert_eq(count_of(&c.lists[CENSUS_RULES], "large"), found(&k, &f));
	arena_fini(&a);
	stacks_fini(&k);
}

/* An allowed action has its outcome when an entry behind it says so, be it after the stretch. */
Test(census, gives_an_outcome_to_its_action)
{
	struct filter f = filter_any();
	struct stacks k;
	struct census c;
	struct arena a;
	uint64_t with = 0;

	stacks_init(&k, 8);
	stacks_add(&k, 2000);
	arena_init(&a, 1 << 24);
	c = take(&k, INT64_MIN, STACKS_START_NS + 900 * SECOND, &a);
	f.until_ns = STACKS_START_NS + 900 * SECOND;
	f.by_kind = f.by_effect = true;
	f.kind = ENTRY_ACTION;
	f.effect = EFFECT_ALLOW;
	f.outcome = STR("*");
	cr_assert_geq(c.with_outcome, found(&k, &f));       /* some have no status */
	cr_assert_lt(c.with_outcome, c.allowed);
	for (size_t i = 0; i < c.lists[CENSUS_OUTCOMES].count; i++)
		with += c.lists[CENSUS_OUTCOMES].rows[i].count;
	cr_assert_eq(with, c.with_outcome);
	arena_fini(&a);
	stacks_fini(&k);
}

Test(census, puts_what_is_most_first)
{
	struct stacks k;
	struct census c;
	struct arena a;

	stacks_init(&k, 8);
	stacks_add(&k, 2000);
	arena_init(&a, 1 << 24);
	c = take(&k, INT64_MIN, INT64_MAX, &a);
	for (unsigned list = 0; list < CENSUS_LISTS; list++)
		for (size_t i = 1; i < c.lists[list].count; i++)
			cr_assert_geq(c.lists[list].rows[i - 1].count, c.lists[list].rows[i].count);
	cr_assert_eq(c.lists[CENSUS_AGENTS].count, 7);
	arena_fini(&a);
	stacks_fini(&k);
}

Test(census, keeps_what_it_counted_before_a_line_that_is_no_entry)
{
	struct note n = { .line = 0 };
	struct census c;
	struct stacks k;
	struct arena a;
	struct buf edited;
	char *brace;

	stacks_init(&k, 8);
	stacks_add(&k, 50);
	buf_init(&edited, 1 << 20);
	buf_add(&edited, sim_peek(k.w, STACKS_LOG "/segment/00000000.jsonl"));
	brace = edited.ptr;
	for (unsigned line = 0; line < 20; line++)
		brace = strchr(brace, '\n') + 1;
	*brace = '[';
	cr_assert_eq(sim_poke(k.w, STACKS_LOG "/segment/00000000.jsonl", buf_view(&edited)), OK);
	buf_fini(&edited);
	arena_init(&a, 1 << 24);
	cr_assert_eq(census_take(k.w, STACKS_LOG, STR(STACKS_ORIGIN), INT64_MIN, INT64_MAX, &a, &c,
				 &n), ERR_TAMPERED);
	cr_assert_eq(c.read, 20);
	cr_assert_eq(c.entries, 20);
	cr_assert_not_null(strstr(n.text, "entry 20"));
	arena_fini(&a);
	stacks_fini(&k);
}

Test(census, survives_the_failure_of_any_allocation)
{
	struct stacks k;

	stacks_init(&k, 8);
	stacks_add(&k, 100);
	for (uint64_t n = 1;; n++) {
		struct census c;
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 24);
		fail_alloc_at(n);
		e = census_take(k.w, STACKS_LOG, STR(STACKS_ORIGIN), INT64_MIN, INT64_MAX, &a, &c,
				NULL);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
	}
	stacks_fini(&k);
}
