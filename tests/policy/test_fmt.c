/* fmt: one layout, the same meaning, every comment kept, and nothing left to do a second time. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(fmt, .init = start, .fini = stop);

static const char *formatted(const char *text)
{
	static char out[8192];
	struct note n = { .text = "" };
	struct buf b;

	buf_init(&b, sizeof(out) - 1);
	cr_assert_eq(fmt_policy(str_view(text), &kit.memory, &b, &n), OK, "%s: %s", n.text, text);
	(void)snprintf(out, sizeof(out), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
	return out;
}

Test(fmt, keys_have_an_order_and_conditions_a_spacing)
{
	cr_expect_str_eq(
		formatted("rules: [{action: allow, name: 'a', condition: \"args.n<=5   and not "
			  "has( args . k )\", tools: [ 'x' , \"get_*\" ]}]\n"
			  "name: \"p\"\napiVersion: governance.toolkit/v1\n"),
		"apiVersion: governance.toolkit/v1\nname: p\n\nrules:\n  - name: a\n"
		"    tools: [x, get_*]\n    condition: args.n <= 5 and not has(args.k)\n"
		"    action: allow\n");
}

Test(fmt, comments_stay_with_what_they_are_about)
{
	const char *text =
		"# head\napiVersion: governance.toolkit/v1  # version\n\n"
		"# about the name\nname: p\n"
		"rules:  # these\n  # about a\n  - action: allow  # yes\n"
		"    # the tools\n    tools:\n      - x  # inside\n      - y\n    name: a\n"
		"# tail\n";

	cr_expect_str_eq(formatted(text),
			 "# head\napiVersion: governance.toolkit/v1  # version\n# about the name\n"
			 "name: p\n\nrules:  # these\n  # about a\n  - name: a\n"
			 "    # the tools\n    tools: [x, y]  # inside\n"
			 "    action: allow  # yes\n# tail\n");
}

Test(fmt, texts_are_quoted_only_where_they_must_be)
{
	static const char *const rows[][2] = {
		{ "\"plain text\"", "plain text" },
		{ "'5'", "'5'" },
		{ "'true'", "'true'" },
		{ "'a: b'", "'a: b'" },
		{ "'a # b'", "'a # b'" },
		{ "\"it's\"", "it's" },
		{ "\"*star\"", "'*star'" },
		{ "\"two\\nlines\"", "\"two\\nlines\"" },
		{ "''", "''" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256], wanted[256];

		(void)snprintf(text, sizeof(text), "name: p\ndescription: %s\n", rows[i][0]);
		(void)snprintf(wanted, sizeof(wanted), "name: p\ndescription: %s\n", rows[i][1]);
		cr_expect_str_eq(formatted(text), wanted);
	}
}

Test(fmt, long_conditions_are_folded_and_mean_the_same)
{
	char text[1024] = POLICY_KIT_HEAD "rules:\n- name: a\n  action: allow\n  condition: args.n "
					  "== 0";
	const char *once;
	struct bundle *b;

	for (int i = 1; i < 12; i++) {
		size_t len = strlen(text);

		(void)snprintf(text + len, sizeof(text) - len, " or args.number == %d", i);
	}
	(void)strcat(text, "\n");
	once = formatted(text);
	cr_expect(strstr(once, "condition: >-\n") != NULL);
	for (const char *line = once; *line; line = strchr(line, '\n') + 1)
		cr_expect_leq(strchr(line, '\n') - line, 100);
	b = policy_kit_load(&kit, once, NULL);
	cr_expect(policy_kit_decide(&kit, b, "{\"agent\":\"a\",\"action\":\"t\",\"args\":{"
					     "\"n\":1,\"number\":11}}")
			  .allow);
}

Test(fmt, conditions_keep_their_words)
{
	static const char *const rows[][2] = {
		{ "args.a  ==\n 1", "args.a == 1" },
		{ "(args.a or args.b)and args.c", "(args.a or args.b) and args.c" },
		{ "args.in [ 0 ] == 1", "args.in[0] == 1" },
		{ "args.a in[1,2]", "args.a in [1, 2]" },
		{ "args[ 'user-id' ].x[1][2] >= -1.50", "args['user-id'].x[1][2] >= -1.50" },
		{ "args.a=={'k':[1,2]}", "args.a == {'k': [1, 2]}" },
		{ "not(has(args.a))", "not (has(args.a))" },
		{ "args.a contains['x']", "args.a contains ['x']" },
		{ "args.a && args.b", "args.a && args.b" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b;

		buf_init(&b, 4096);
		cr_assert_eq(fmt_condition(str_view(rows[i][0]), &kit.memory, &b), OK);
		cr_expect(str_is(buf_view(&b), rows[i][1]), "%.*s", STR_ARG(buf_view(&b)));
		buf_fini(&b);
	}
}

Test(fmt, no_memory_is_an_error)
{
	struct str text = STR(POLICY_KIT_HEAD "rules:  # x\n- {name: a, action: allow, tools: [x, "
					      "'*'], condition: 'args.n<1'}\n");

	for (uint64_t n = 1;; n++) {
		struct note note = { .text = "" };
		struct arena memory;
		struct buf b;
		enum err e;

		arena_init(&memory, (size_t)64 << 20);
		buf_init(&b, 4096);
		fail_alloc_at(n);
		e = fmt_policy(text, &memory, &b, &note);
		cr_expect(e == OK || b.len == 0);
		buf_fini(&b);
		arena_fini(&memory);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY, "allocation %llu: %s", (unsigned long long)n,
			     note.text);
	}
}

Test(fmt, what_is_no_mapping_is_left_alone)
{
	struct note n = { .text = "" };
	struct buf b;

	buf_init(&b, 4096);
	cr_expect_eq(fmt_policy(STR("- 1\n"), &kit.memory, &b, &n), ERR_TYPE);
	cr_expect_eq(fmt_policy(STR("rules: [1]\n"), &kit.memory, &b, &n), ERR_UNKNOWN);
	cr_expect_eq(b.len, 0);
	buf_fini(&b);
}

/* --- files of any kind --- */

Test(fmt, the_name_of_a_file_says_how_it_is_laid_out)
{
	static const char *const rows[][3] = {
		{ "a.yaml", "name:   p\n", "name: p\n" },
		{ "a.cedar", "permit(principal,action,resource) ;",
		  "permit (principal, action, resource);\n" },
		{ "a.cedarschema", "entity  A ;", "entity A;\n" },
		{ "-", "name:   p\n", "name: p\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct note n;
		struct buf b;

		buf_init(&b, 1 << 16);
		cr_assert_not(fmt_leaves_alone(str_view(rows[i][0])));
		cr_assert_eq(fmt_file(str_view(rows[i][0]), str_view(rows[i][1]), &kit.memory, &b,
				      &n),
			     OK);
		cr_expect(str_is(buf_view(&b), rows[i][2]), "%.*s", STR_ARG(buf_view(&b)));
		buf_fini(&b);
	}
	cr_expect(fmt_leaves_alone(STR("a.cedar.json")));
	cr_expect(fmt_leaves_alone(STR("a.cedarschema.json")));
	cr_expect(fmt_leaves_alone(STR("a.entities.json")));
}
