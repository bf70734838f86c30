/* mutant: changes of the rules that cases notice, and those that they do not. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

#define POLICY                                                                                   \
	POLICY_KIT_HEAD                                                                          \
	"rules:\n"                                                                               \
	"- {name: pay, action: allow, tools: [pay], condition: args.n <= 5}\n"                   \
	"- {name: look, action: log, tools: ['get_*']}\n"

#define EDGE                                                                                     \
	"- {name: edge, agent: a, action: pay, args: {n: 5}, expect: {effect: allow, rule: "     \
	"p/pay}}\n"
#define BEYOND                                                                                   \
	"- {name: beyond, agent: a, action: pay, args: {n: 6}, expect: {effect: deny, rule: "    \
	"null}}\n"
#define LOOK "- {name: look, agent: a, action: get_x, expect: {effect: allow, rule: p/look}}\n"
#define ELSE                                                                                     \
	"- {name: else, agent: a, action: send, args: {n: 5}, expect: {effect: deny, rule: "     \
	"null}}\n"

static struct policy_kit kit;
static char survivors[1024];

static void start(void)
{
	policy_kit_init(&kit);
	survivors[0] = '\0';
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(mutant, .init = start, .fini = stop);

static void on_survivor(void *self, const struct mutant *m)
{
	size_t len = strlen(survivors);

	(void)self;
	(void)snprintf(survivors + len, sizeof(survivors) - len, "%.*s %s %.*s\n", STR_ARG(m->rule),
		       mutation_name(m->how), STR_ARG(m->clause));
}

static struct mutant_report hunt(const char *cases)
{
	struct bundle *b = policy_kit_load(&kit, POLICY, NULL);
	struct fixture f = policy_kit_fixture(&kit, cases);
	const struct fixture *list = &f;
	struct mutant_report r;

	cr_assert_eq(mutant_try(b, &list, 1, &kit.memory, on_survivor, NULL, &r), OK);
	return r;
}

Test(mutant, none_survives_cases_at_every_edge)
{
	struct mutant_report r = hunt(EDGE BEYOND LOOK ELSE);

	cr_expect_str_eq(survivors, "");
	cr_expect_eq(r.tried, 8);
	cr_expect_eq(r.killed, 8);
}

Test(mutant, a_bound_that_no_case_touches_can_be_shifted)
{
	struct mutant_report r =
		hunt("- {name: far, agent: a, action: pay, args: {n: 1}, expect: {effect: allow, "
		     "rule: p/pay}}\n" BEYOND LOOK ELSE);

	cr_expect_str_eq(survivors, "p/pay shifted args.n <= 5\n");
	cr_expect_eq(r.killed, 7);
}

Test(mutant, a_rule_that_no_case_reaches_can_be_deleted)
{
	(void)hunt(EDGE BEYOND ELSE);
	cr_expect_str_eq(survivors, "p/look deleted \np/look flipped \n");
}

Test(mutant, no_memory_is_an_error)
{
	struct bundle *b = policy_kit_load(&kit, POLICY, NULL);
	struct fixture f = policy_kit_fixture(&kit, EDGE BEYOND LOOK ELSE);
	const struct fixture *list = &f;

	for (uint64_t n = 1;; n++) {
		struct mutant_report r = { .tried = 0 };
		struct arena scratch;
		enum err e;

		arena_init(&scratch, 1 << 20);
		fail_alloc_at(n);
		e = mutant_try(b, &list, 1, &scratch, on_survivor, NULL, &r);
		arena_fini(&scratch);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert_eq(r.tried, 0);
	}
}
