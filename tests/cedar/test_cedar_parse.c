/* cedar_parse: policies, templates, scopes; what is refused, and where the finger points. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>

#include "engine/base/json.h"
#include "tests/cedar/cedar_kit.h"
#include "tests/kit/fail_alloc.h"

#define SUITE  "../shared/vectors/policy/cedar/"
#define MEMORY ((size_t)512 << 20)

static struct arena arena;

static void open_arena(void)
{
	arena_init(&arena, MEMORY);
}

static void close_arena(void)
{
	arena_fini(&arena);
}

TestSuite(cedar_parse, .init = open_arena, .fini = close_arena);

static const struct cedar_policy *read(const char *text)
{
	const struct cedar_policies *set = cedar_kit_policies(&arena, str_view(text));

	cr_assert_eq(set->count + set->template_count, 1);
	return set->all[0];
}

Test(cedar_parse, an_empty_text_is_an_empty_set)
{
	cr_assert_eq(cedar_count(cedar_kit_policies(&arena, STR(""))), 0);
	cr_assert_eq(cedar_count(cedar_kit_policies(&arena, STR(" // nothing\n"))), 0);
}

Test(cedar_parse, policies_are_numbered_in_order_templates_included)
{
	const struct cedar_policies *set = cedar_kit_policies(
		&arena, STR("permit(principal,action,resource);\n"
			    "  permit(principal == ?principal,action,resource);\n"
			    "@id(\"named\") forbid(principal,action,resource);"));

	cr_assert_eq(cedar_count(set), 2);
	cr_assert_eq(set->template_count, 1);
	cr_assert(str_is(set->policies[0]->id, "policy0"));
	cr_assert(str_is(set->templates[0]->id, "policy1"));
	cr_assert(str_is(set->policies[1]->id, "policy2"));
	cr_assert(!set->policies[0]->forbid && set->policies[1]->forbid);
	cr_assert(set->templates[0]->line == 2 && set->templates[0]->column == 3);
	cr_assert(set->policies[1]->line == 3 && set->policies[1]->column == 1);
}

static void check_scope(const struct cedar_scope *s, enum cedar_scope_op op, const char *type,
			const char *uid_type, const char *id)
{
	cr_assert_eq(s->op, op);
	cr_assert(str_is(s->type, type) && str_is(s->uid.type, uid_type) && str_is(s->uid.id, id));
	cr_assert(!s->slot && !s->listed);
}

Test(cedar_parse, scopes)
{
	const struct cedar_policy *p = read("permit(principal, action, resource);");

	check_scope(&p->principal, SCOPE_ANY, "", "", "");
	check_scope(&p->action, SCOPE_ANY, "", "", "");
	check_scope(&p->resource, SCOPE_ANY, "", "", "");
	p = read("permit(principal == U::\"a\", action == N::Action::\"b\", resource in "
		 "F::\"c\",);");
	check_scope(&p->principal, SCOPE_EQ, "", "U", "a");
	check_scope(&p->action, SCOPE_EQ, "", "N::Action", "b");
	check_scope(&p->resource, SCOPE_IN, "", "F", "c");
	cr_assert(p->action.line == 1 && p->action.column == 29);
	p = read("permit(principal is N::U, action in Action::\"b\", resource is F in G::\"d\");");
	check_scope(&p->principal, SCOPE_IS, "N::U", "", "");
	check_scope(&p->action, SCOPE_IN, "", "Action", "b");
	check_scope(&p->resource, SCOPE_IS_IN, "F", "G", "d");
	p = read("permit(principal, action in [Action::\"b\", A::Action::\"c\",], resource);");
	cr_assert(p->action.op == SCOPE_IN && p->action.listed && p->action.list_count == 2);
	cr_assert(str_is(p->action.list[1].type, "A::Action"));
	p = read("permit(principal, action in [], resource);");
	cr_assert(p->action.op == SCOPE_IN && p->action.listed && p->action.list_count == 0);
}

Test(cedar_parse, slots_make_a_template)
{
	const struct cedar_policy *p = read(
		"permit(principal in ?principal, action, resource is T in ?resource);");

	cr_assert(p->principal.slot && p->principal.op == SCOPE_IN && p->wants_principal);
	cr_assert(p->resource.slot && p->resource.op == SCOPE_IS_IN && p->wants_resource);
	p = read("permit(principal, action, resource == ?resource);");
	cr_assert(!p->wants_principal && p->wants_resource && p->resource.op == SCOPE_EQ);
}

Test(cedar_parse, annotations_and_conditions)
{
	const struct cedar_policy *p = read("@id(\"a\\n\") @if @__cedar(\"\") "
					    "permit(principal,action,resource) "
					    "when {true} unless {false} when {1 == 1};");

	cr_assert_eq(p->note_count, 3);
	cr_assert(str_is(p->notes[0].key, "id") && str_is(p->notes[0].value, "a\n"));
	cr_assert(str_is(p->notes[1].key, "if") && p->notes[1].value.len == 0);
	cr_assert(str_is(p->notes[2].key, "__cedar") && p->notes[2].value.len == 0);
	cr_assert_eq(p->condition_count, 3);
	cr_assert(!p->conditions[0].unless && p->conditions[1].unless && !p->conditions[2].unless);
	cr_assert_eq(p->conditions[2].body->op, EXPR_EQ);
}

Test(cedar_parse, the_text_may_go)
{
	char text[] = "@a(\"b\") permit(principal == U::\"a\",action,resource) when {context.x};";
	const struct cedar_policies *set = cedar_kit_policies(&arena, str_view(text));
	struct str before = cedar_kit_show_set(&arena, set, true);

	memset(text, 'z', sizeof(text) - 1);
	cr_assert(str_eq(cedar_kit_show_set(&arena, set, true), before));
}

struct refusal {
	const char *text;
	enum err err;
	uint32_t line, column;
	const char *says;
};

#define ANY "permit(principal,action,resource)"

static const struct refusal refusals[] = {
	{ "permi(principal,action,resource);", ERR_SYNTAX, 1, 1, "did you mean 'permit'?" },
	{ "permit", ERR_TRUNCATED, 1, 7, "'(' and the scope" },
	{ "permit();", ERR_SYNTAX, 1, 8, "'principal', the first part" },
	{ "permit(action);", ERR_SYNTAX, 1, 8, "'principal', the first part" },
	{ "permit(princpal,action,resource);", ERR_SYNTAX, 1, 8, "did you mean 'principal'?" },
	{ "permit(principal);", ERR_SYNTAX, 1, 17, "'==', 'in', 'is' or ','" },
	{ "permit(principal,);", ERR_SYNTAX, 1, 18, "'action', the second part" },
	{ "permit(principal,action);", ERR_SYNTAX, 1, 24, "'==', 'in' or ','" },
	{ "permit(principal,action,resource,context);", ERR_SYNTAX, 1, 34, "')'" },
	{ "permit(principal,resource,action);", ERR_SYNTAX, 1, 18, "'action', the second" },
	{ ANY, ERR_TRUNCATED, 1, 34, "'when', 'unless' or ';'" },
	{ ANY "\n" ANY ";", ERR_SYNTAX, 2, 1, "'when', 'unless' or ';'" },
	{ ANY "; x", ERR_SYNTAX, 1, 36, "'permit' or 'forbid'" },
	{ ANY " whn {true};", ERR_SYNTAX, 1, 35, "did you mean 'when'?" },
	{ ANY " when {};", ERR_SYNTAX, 1, 41, "expected a value" },
	{ ANY " when true;", ERR_SYNTAX, 1, 40, "'{' and a condition" },
	{ ANY " when {true;", ERR_SYNTAX, 1, 45, "'}' or an operator" },
	{ ANY " when {true", ERR_TRUNCATED, 1, 45, "the text ends here" },
	/* scopes */
	{ "permit(principal = U::\"a\",action,resource);", ERR_SYNTAX, 1, 18, "write '=='" },
	{ "permit(principal: U,action,resource);", ERR_SYNTAX, 1, 17, "principal is User" },
	{ "permit(principal != U::\"a\",action,resource);", ERR_SYNTAX, 1, 18, "found '!='" },
	{ "permit(principal == \"a\",action,resource);", ERR_SYNTAX, 1, 21, "an entity like" },
	{ "permit(principal == alice,action,resource);", ERR_SYNTAX, 1, 26, "'::' and an id" },
	{ "permit(principal in [U::\"a\"],action,resource);", ERR_SYNTAX, 1, 21, "found '['" },
	{ "permit(principal is U == U::\"a\",action,resource);", ERR_SYNTAX, 1, 23, "','" },
	{ "permit(principal in U::\"a\" is U,action,resource);", ERR_SYNTAX, 1, 28, "','" },
	{ "permit(principal is U::\"a\",action,resource);", ERR_SYNTAX, 1, 24, "ends in a name" },
	{ "permit(principal == ?resource,action,resource);", ERR_SYNTAX, 1, 21,
	  "the slot of this place is ?principal" },
	{ "permit(principal == ? principal,action,resource);", ERR_SYNTAX, 1, 21, "?principal" },
	{ "permit(principal == ?x,action,resource);", ERR_SYNTAX, 1, 21, "?principal" },
	{ "permit(principal is ?principal,action,resource);", ERR_SYNTAX, 1, 21, "entity type" },
	{ "permit(principal,action == ?action,resource);", ERR_SYNTAX, 1, 28, "no slot" },
	{ "permit(principal,action is Action,resource);", ERR_SYNTAX, 1, 25, "have no types" },
	{ "permit(principal,action == U::\"a\",resource);", ERR_TYPE, 1, 28, "not U" },
	{ "permit(principal,action in [Action::\"b\",MyAction::\"a\"],resource);", ERR_TYPE, 1, 41,
	  "not MyAction" },
	{ "permit(principal,action in [Action::\"b\" Action::\"a\"],resource);", ERR_SYNTAX, 1, 41,
	  "',' or ']'" },
	{ "permit(principal,action in [,],resource);", ERR_SYNTAX, 1, 29, "an entity like" },
	/* annotations */
	{ "@id(\"a\") @id(\"b\") " ANY ";", ERR_DUPLICATE, 1, 10, "@id is given twice" },
	{ "@a @b @a " ANY ";", ERR_DUPLICATE, 1, 7, "@a is given twice" },
	{ "@ (\"a\") " ANY ";", ERR_SYNTAX, 1, 3, "the name of an annotation" },
	{ "@\"id\" " ANY ";", ERR_SYNTAX, 1, 2, "the name of an annotation" },
	{ "@id() " ANY ";", ERR_SYNTAX, 1, 5, "value in quotes" },
	{ "@id(x) " ANY ";", ERR_SYNTAX, 1, 5, "value in quotes" },
	{ "@id(\"a\" " ANY ";", ERR_SYNTAX, 1, 9, "')'" },
	{ "@id(\"\\q\") " ANY ";", ERR_SYNTAX, 1, 6, "unknown escape" },
	{ "@id(\"a\")", ERR_TRUNCATED, 1, 9, "'permit' or 'forbid'" },
	{ "// only\n\xff", ERR_ENCODING, 2, 1, "not UTF-8" },
};

Test(cedar_parse, refusals_say_what_is_wrong_and_where)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct note n;
		enum err e = cedar_kit_refused(&arena, str_view(r->text), &n);

		cr_assert_eq(e, r->err, "%s: %s, %s", r->text, err_name(e), n.text);
		cr_assert(n.line == r->line && n.column == r->column, "%s: %u:%u: %s", r->text,
			  n.line, n.column, n.text);
		cr_assert(strstr(n.text, r->says), "%s: %s", r->text, n.text);
	}
}

Test(cedar_parse, annotations_are_bounded)
{
	struct note n;
	struct buf b;

	buf_init(&b, 1 << 16);
	for (unsigned i = 0; i < LIMIT_CEDAR_ANNOTATIONS; i++)
		buf_addf(&b, "@a%u ", i);
	buf_add_c(&b, ANY ";");
	cr_assert_eq(cedar_kit_policies(&arena, buf_view(&b))->all[0]->note_count,
		     LIMIT_CEDAR_ANNOTATIONS);
	buf_clear(&b);
	for (unsigned i = 0; i <= LIMIT_CEDAR_ANNOTATIONS; i++)
		buf_addf(&b, "@a%u ", i);
	cr_assert_eq(cedar_kit_refused(&arena, buf_view(&b), &n), ERR_LIMIT);
	cr_assert(strstr(n.text, "at most 256 annotations"), "%s", n.text);
	buf_fini(&b);
}

Test(cedar_parse, every_allocation_may_fail)
{
	const struct str text = STR("@id(\"a\") permit(principal == ?principal, action in "
				    "[Action::\"a\"], resource) when {ip(\"1\") == {a: [1 && 2]}};"
				    "forbid(principal,action,resource) unless {\"a\" like \"*\"};");
	uint64_t n;

	for (n = 1;; n++) {
		struct cedar_policies *set = NULL;
		struct arena a;
		enum err e;

		arena_init(&a, MEMORY);
		fail_alloc_at(n);
		e = cedar_policies_read(text, &a, &set, NULL);
		arena_fini(&a);
		if (!fail_alloc_was_hit())
			break;
		cr_assert_eq(e, ERR_MEMORY, "%s at allocation %u", err_name(e), (unsigned)n);
		cr_assert_eq(set, NULL);
	}
	cr_assert_gt(n, 2);
}

/* An arena that is a little larger each time, so that each request of it is the one that fails. */
Test(cedar_parse, a_full_arena_is_an_error_wherever_it_is_hit)
{
	const struct str text = STR("@id(\"a\") permit(principal == A :: B::\"a\", action in "
				    "[Action::\"a\"], resource) when {ip(\"1\") == {a: [1 && 2]}} "
				    "unless { context has a.b || \"a\" like \"*\" };");
	enum err e = ERR_MEMORY;

	for (size_t cap = 64; e == ERR_MEMORY; cap += 16) {
		struct cedar_policies *set = NULL;
		struct arena a;

		arena_init(&a, cap);
		e = cedar_policies_read(text, &a, &set, NULL);
		cr_assert(e == OK || (e == ERR_MEMORY && !set), "%s", err_name(e));
		arena_fini(&a);
		cr_assert_lt(cap, 1 << 20);
	}
}

Test(cedar_parse, the_policies_of_the_suite_are_read)
{
	static const char *const folders[] = { "decimal", "example_use_cases", "ip", "multi" };
	unsigned files = 0;
	char path[512];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		struct dirent *entry;
		DIR *dir;

		snprintf(path, sizeof(path), SUITE "tests/%s", folders[i]);
		dir = opendir(path);
		while (dir && (entry = readdir(dir))) {
			struct str text;

			if (!str_ends(str_view(entry->d_name), STR(".cedar")))
				continue;
			snprintf(path, sizeof(path), SUITE "tests/%s/%.128s", folders[i],
				 entry->d_name);
			text = cedar_kit_file(&arena, path);
			cr_assert(cedar_count(cedar_kit_policies(&arena, text)) > 0);
			files++;
		}
		if (dir)
			closedir(dir);
	}
	if (!files)
		cr_skip_test("skipped: " SUITE "tests is absent");
	cr_assert_eq(files, 22);
}

Test(cedar_parse, the_policies_of_the_corpus_are_read)
{
	struct str text = cedar_kit_file(&arena, SUITE "corpus_selected.jsonl"), line, rest;
	unsigned tests = 0, deepest = 0;

	if (!text.ptr)
		cr_skip_test("skipped: " SUITE "corpus_selected.jsonl is absent");
	for (rest = text; str_cut(rest, '\n', &line, &rest); tests++) {
		struct arena_mark mark = arena_mark(&arena);
		const struct cedar_policies *set;
		struct value test;

		cr_assert_eq(json_read(line, 1, &arena, &test, NULL), OK);
		set = cedar_kit_policies(&arena, value_text(&test, "policies"));
		cr_assert_eq(cedar_count(set), 1);
		for (size_t i = 0; i < set->policies[0]->condition_count; i++)
			if (set->policies[0]->conditions[i].body->height > deepest)
				deepest = set->policies[0]->conditions[i].body->height;
		arena_rewind(&arena, mark);
	}
	cr_assert_eq(tests, 1632);
	/* What the suite's generator makes is far from the bound. */
	cr_assert_eq(deepest, 10);
}

Test(cedar_parse, what_the_reference_refuses_is_refused)
{
	struct str text = cedar_kit_file(&arena, SUITE "probes.json");
	const struct value *cases;
	unsigned refused = 0;
	struct value probes;

	if (!text.ptr)
		cr_skip_test("skipped: " SUITE "probes.json is absent");
	cr_assert_eq(json_read(text, 1, &arena, &probes, NULL), OK);
	cases = value_get_c(&probes, "cases");
	for (size_t i = 0; i < cases->list.count; i++) {
		const struct value *probe = &cases->list.items[i];
		bool fails = str_starts(value_text(probe, "result"), STR("FAIL"));
		struct cedar_policies *set;
		char policy[1024];

		snprintf(policy, sizeof(policy), ANY " when { %.*s };",
			 STR_ARG(value_text(probe, "when")));
		cr_assert_eq(cedar_policies_read(str_view(policy), &arena, &set, NULL) != OK, fails,
			     "%s", policy);
		refused += fails;
	}
	cr_assert_eq(cases->list.count, 110);
	cr_assert_eq(refused, 15);
}
