/* fmt: one layout, the same meaning, every comment kept, and nothing left to do a second time. */
#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>

#include "engine/policy/trace.h"
#include "tests/kit/fail_alloc.h"
#include "tests/kit/policy_kit.h"
#include "tests/policy/naive.h"

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

/* The text of a question about the past is the name of its answer. */
Test(fmt, questions_about_the_past_stay_as_they_are_written)
{
	static const char *const rows[][2] = {
		{ "not once( looked-up,args.id )   and args.n<5",
		  "not once( looked-up,args.id ) and args.n < 5" },
		{ "count (paid within \"1h)\")>3 or labelled('a\\\')')",
		  "count (paid within \"1h)\") > 3 or labelled('a\\\')')" },
		{ "args.count  ==1", "args.count == 1" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;

		buf_init(&out, 1024);
		cr_assert_eq(fmt_condition(str_view(rows[i][0]), &kit.memory, &out), OK);
		cr_expect(str_is(buf_view(&out), rows[i][1]), "%.*s", STR_ARG(buf_view(&out)));
		buf_fini(&out);
	}
}

/* --- the same plan --- */

static void tell_step(struct buf *out, const struct condition *c, uint32_t at)
{
	const struct step *step = &c->steps[at];

	buf_addf(out, "    %d ", step->op);
	if (trace_asks(step) || step->op == STEP_CONST)
		trace_step_text(out, c, at);
	else if (step->op == STEP_SKIP_FALSE || step->op == STEP_SKIP_TRUE)
		buf_addf(out, "-> %u", step->right.target);
	buf_addf(out, " #%u\n", step->shared);
}

/* All that decides: documents, rules in the order of trial, conditions step by step. */
static void tell_plan(struct buf *out, const struct bundle *b)
{
	const struct plan *p = bundle_plan(b);

	buf_addf(out, "strategy %d\n", p->strategy);
	for (size_t d = 0; d < p->document_count; d++) {
		const struct document *document = &p->documents[d];

		buf_addf(out, "%.*s scope %d allows %d extends %llx unknown %d\n",
			 STR_ARG(document->name), document->scope, document->allows,
			 (unsigned long long)document->parents.words[0], document->admits_unknown);
		for (size_t i = 0; i < document->agents.count; i++)
			buf_addf(out, "  for %.*s\n", STR_ARG(document->agents.items[i].text));
	}
	for (int stage = 0; stage < POLICY_STAGES; stage++)
		for (uint32_t i = 0; i < p->queues[stage].count; i++) {
			const struct rule *r = p->queues[stage].rules[i];

			buf_addf(out, "  %d %.*s allows %d obliges %x edits %.*s limit %u/%lld\n",
				 stage, STR_ARG(r->identity), r->allows, r->obligations,
				 STR_ARG(r->edits), r->limit.count,
				 (long long)r->limit.period_ns);
			for (size_t k = 0; k < r->approver_count; k++)
				buf_addf(out, "    by %.*s\n", STR_ARG(r->approvers[k]));
			for (uint32_t k = 0; r->condition && k < r->condition->count; k++)
				tell_step(out, r->condition, k);
		}
}

/* False where the files are no bundle by themselves. */
static bool means_the_same(struct policy_file *files, size_t count, const char *what)
{
	struct note n = { .text = "" };
	struct bundle *before, *after;
	struct buf plans[2], text;

	if (bundle_load(files, count, &kit.memory, &before, &n) != OK)
		return false;
	buf_init(&text, 1u << 20);
	for (size_t i = 0; i < count; i++) {
		buf_clear(&text);
		cr_assert_eq(fmt_policy(files[i].content, &kit.memory, &text, &n), OK, "%s: %s",
			     what, n.text);
		cr_assert_eq(arena_copy(&kit.memory, buf_view(&text), &files[i].content), OK);
	}
	cr_assert_eq(bundle_load(files, count, &kit.memory, &after, &n), OK, "%s: %s", what,
		     n.text);
	buf_init(&plans[0], 8u << 20);
	buf_init(&plans[1], 8u << 20);
	tell_plan(&plans[0], before);
	tell_plan(&plans[1], after);
	cr_assert(plans[0].err == OK && str_eq(buf_view(&plans[0]), buf_view(&plans[1])), "%s",
		  what);
	buf_fini(&plans[0]);
	buf_fini(&plans[1]);
	buf_fini(&text);
	return true;
}

Test(fmt, random_bundles_are_the_same_plan_afterwards)
{
	static const char *const names[] = { "a.yaml", "b.yaml", "c.yaml", "d.yaml" };
	uint64_t seed = 31;
	unsigned loaded = 0;

	for (unsigned round = 0; round < 300; round++) {
		struct arena_mark mark = arena_mark(&kit.memory);
		struct policy_file files[NAIVE_DOCUMENTS];
		struct naive_bundle naive;
		struct buf text;

		naive_make(&seed, 6, &naive);
		buf_init(&text, 1u << 20);
		for (unsigned i = 0; i < naive.count; i++) {
			buf_clear(&text);
			naive_write(&naive, i, &text);
			files[i].name = str_view(names[i]);
			cr_assert_eq(arena_copy(&kit.memory, buf_view(&text), &files[i].content),
				     OK);
		}
		loaded += means_the_same(files, naive.count, "random");
		buf_fini(&text);
		arena_rewind(&kit.memory, mark);
	}
	cr_assert_gt(loaded, 200);
}

Test(fmt, shipped_policies_are_the_same_plan_afterwards)
{
	glob_t found;
	unsigned loaded = 0;

	cr_assert_eq(glob("datasets/policies/*.yaml", 0, NULL, &found), 0);
	(void)glob("datasets/policies/templates/*/policies/*.yaml", GLOB_APPEND, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct policy_file file = { STR("a.yaml"), STR_NONE };
		static char text[1u << 20];
		FILE *f = fopen(found.gl_pathv[i], "r");

		cr_assert_not_null(f);
		file.content = str_slice(text, fread(text, 1, sizeof(text), f));
		(void)fclose(f);
		loaded += means_the_same(&file, 1, found.gl_pathv[i]);
	}
	globfree(&found);
	cr_assert_geq(loaded, 8);
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
