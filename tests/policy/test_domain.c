/* domain: candidates for every way in which comparisons come out, and when they are all. */
#include <criterion/criterion.h>

#include "engine/policy/solve.h"

static struct arena memory;

static void start(void)
{
	arena_init(&memory, 64 << 20);
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(domain, .init = start, .fini = stop);

/* The domain of the first path of the condition, over all its steps. */
static struct domain fill(const char *text)
{
	const struct step *steps[LIMIT_EXPR_NODES];
	const struct condition *c;
	struct domain d;
	size_t count = 0;
	uint32_t slot = 0;
	struct note n;

	cr_assert_eq(condition_compile(str_view(text), &memory, &c, &n), OK, "%s", n.text);
	for (uint32_t i = 0; i < c->count; i++)
		if (trace_asks(&c->steps[i]))
			steps[count++] = &c->steps[i];
	slot = steps[0]->left_slot ? steps[0]->left.slot : steps[0]->right.slot;
	cr_assert_eq(domain_fill(domain_kind_of(c->slots, slot), slot, steps, count, NULL, 0,
				 &memory, &d),
		     OK);
	return d;
}

static bool has_number(const struct domain *d, double low, double high)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct value *v = d->values[i];

		if (v && v->kind == VALUE_INT && (double)v->integer > low &&
		    (double)v->integer < high)
			return true;
		if (v && v->kind == VALUE_REAL && v->real > low && v->real < high)
			return true;
	}
	return false;
}

Test(domain, numbers_stand_at_between_and_beyond_the_bounds)
{
	struct domain d = fill("args.n < 5 or args.n > 7.25 or args.n == 6");

	cr_expect(d.exact);
	cr_expect(has_number(&d, -1e18, 5) && has_number(&d, 5, 6) && has_number(&d, 6, 7.25));
	cr_expect(has_number(&d, 7.25, 1e18) && has_number(&d, 4.9, 5.1));
}

Test(domain, holds_only_what_the_gate_could_say)
{
	struct domain d = fill("agent.actions > 5 and agent.actions < 7");

	cr_expect(d.exact);
	for (size_t i = 0; i < d.count; i++)
		cr_expect(!d.values[i] ||
			  (d.values[i]->kind == VALUE_INT && d.values[i]->integer >= 0));
	d = fill("agent.registered");
	cr_expect(d.exact && d.count == 2);
	d = fill("agent.origin == \"imported\"");
	cr_expect(d.exact && d.count == 3);
	d = fill("action.type == \"a\"");
	cr_expect(d.exact && d.count == 2);
}

Test(domain, is_exact_when_every_set_of_predicates_is_met)
{
	cr_expect(fill("args.p startsWith \"a\" or args.p startsWith \"ab\"").exact);
	cr_expect(fill("args.p startsWith \"a\" or args.p endsWith \"b\"").exact);
	cr_expect(fill("args.p contains \"a\" or args.p contains \"b\" or args.p == \"ab\"").exact);
	cr_expect(fill("args.p matches \"^[a-z]+$\"").exact);
	cr_expect_not(fill("args.p matches \"^a\" or args.p matches \"^ab\"").exact);
	cr_expect_not(fill("args.p == args.q").exact);
}

Test(domain, every_type_and_missing_are_there)
{
	struct domain d = fill("args.x == 1");
	unsigned kinds = 0;
	bool missing = false;

	for (size_t i = 0; i < d.count; i++) {
		missing = missing || !d.values[i];
		if (d.values[i])
			kinds |= 1u << d.values[i]->kind;
	}
	cr_expect(missing);
	for (unsigned k = VALUE_NULL; k <= VALUE_OBJECT; k++)
		cr_expect(k == VALUE_BIG || k == VALUE_REAL || kinds >> k & 1, "kind %u", k);
}
