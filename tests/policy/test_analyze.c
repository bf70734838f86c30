/* analyze: each kind of finding once, and none where there is nothing to find. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

static struct policy_kit kit;
static char said[4096];

static void start(void)
{
	policy_kit_init(&kit);
	said[0] = '\0';
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(analyze, .init = start, .fini = stop);

static void on_finding(void *self, const struct analyze_finding *f)
{
	size_t len = strlen(said);
	struct ruling r;

	if (f->kind == FINDING_UNDECIDABLE)
		return;
	(void)snprintf(said + len, sizeof(said) - len, "%s%s %.*s %.*s\n",
		       f->unknown ? "unknown " : "", finding_name(f->kind), STR_ARG(f->rule),
		       STR_ARG(f->other));
	if (f->witness)
		cr_expect_eq(question_decide(self, f->witness, &kit.memory, &r), OK);
}

static struct analysis analyze(const char *rules, const char *other)
{
	char text[2048];
	struct bundle *b;
	struct analysis a;

	(void)snprintf(text, sizeof(text), POLICY_KIT_HEAD "%s", rules);
	b = policy_kit_load(&kit, text, other);
	cr_assert_eq(analyze_bundle(b, &kit.memory, on_finding, b, &a), OK);
	return a;
}

Test(analyze, each_kind_of_mistake_is_found)
{
	static const struct {
		const char *rules, *said;
	} rows[] = {
		{ "rules:\n- {name: a, action: allow, condition: args.n > 5 and args.n < 3}\n",
		  "never p/a \n" },
		{ "rules:\n- {name: a, action: allow, condition: has(agent.id)}\n",
		  "always p/a \n" },
		{ "rules:\n- {name: a, action: deny, tools: ['pay*']}\n"
		  "- {name: b, action: deny, tools: [pay_one, payroll]}\n",
		  "shadowed p/b p/a\n" },
		{ "rules:\n- {name: a, action: deny, condition: has(args.k)}\n"
		  "- {name: b, action: deny, condition: not has(args.k)}\n"
		  "- {name: c, action: deny, tools: [t]}\n",
		  "shadowed p/c \n" },
		{ "rules:\n- {name: a, action: allow, condition: args.n < 5}\n"
		  "- {name: b, action: deny, condition: args.n < 3, priority: 1}\n"
		  "- {name: c, action: deny, condition: args.n > 4}\n",
		  "conflict p/a p/c\n" },
		{ "rules:\n- {name: a, action: allow, tools: [x]}\n"
		  "- {name: b, action: deny, tools: [y]}\n"
		  "- {name: c, action: log, condition: args.n < 5}\n",
		  "conflict p/b p/c\n" },
		{ "rules:\n- {name: a, action: allow, tools: [x]}\n"
		  "- {name: b, action: allow, tools: [y], condition: args.n < 5}\n",
		  "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		said[0] = '\0';
		(void)analyze(rows[i].rules, NULL);
		cr_expect_str_eq(said, rows[i].said);
	}
}

Test(analyze, a_rule_for_other_agents_shadows_nobody)
{
	struct analysis a =
		analyze("agents: ['bot-*']\nrules:\n- {name: a, action: deny, priority: 1}\n",
			POLICY_KIT_OTHER "rules:\n- {name: b, action: allow}\n");

	cr_expect_str_eq(said, "");
	cr_expect_eq(a.rules, 2);
	(void)analyze("agents: ['*']\nrules:\n- {name: a, action: deny, priority: 1}\n",
		      POLICY_KIT_OTHER "agents: ['x*']\nrules:\n- {name: b, action: allow}\n");
	cr_expect_str_eq(said, "shadowed q/b p/a\n");
}

Test(analyze, what_is_overridden_by_strategy_is_no_conflict)
{
	(void)analyze("conflict_resolution: deny_overrides\nrules:\n"
		      "- {name: a, action: allow, tools: [x]}\n- {name: b, action: deny}\n",
		      NULL);
	cr_expect_str_eq(said, "shadowed p/a p/b\n");
}

Test(analyze, no_memory_is_an_error)
{
	struct bundle *b = policy_kit_load(
		&kit,
		POLICY_KIT_HEAD "rules:\n- {name: a, action: allow, condition: args.n < 5}\n"
				"- {name: b, action: deny, condition: 'args.s matches \"^x+$\"'}\n",
		NULL);

	for (uint64_t n = 1;; n++) {
		struct arena scratch;
		struct analysis a;
		enum err e;

		arena_init(&scratch, (size_t)64 << 20);
		fail_alloc_at(n);
		e = analyze_bundle(b, &scratch, on_finding, b, &a);
		arena_fini(&scratch);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY, "allocation %llu", (unsigned long long)n);
	}
}

Test(analyze, nothing_is_proved_where_documents_extend_others)
{
	(void)analyze("rules:\n- {name: a, action: deny, tools: [x]}\n",
		      POLICY_KIT_OTHER "extends: a.yaml\nrules:\n"
				       "- {name: b, action: allow, tools: [x], priority: 1}\n");
	cr_expect(strstr(said, "shadowed q/b") == NULL || strstr(said, "unknown shadowed q/b"),
		  "%s", said);
}
