/* extends: names found from folder to folder, closures, cycles, depth. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/inside.h"

static struct arena memory;
static struct plan plan;
static struct note note;
static size_t at;

static void start(void)
{
	arena_init(&memory, 64 << 20);
	plan = (struct plan){ .document_count = 0 };
	note = (struct note){ .column = 0 };
}

static void stop(void)
{
	arena_fini(&memory);
}

TestSuite(extends, .init = start, .fini = stop);

/* The next document; files come in byte order. `parents` is NULL-ended. */
static void add(const char *file, const char *const *parents)
{
	struct document *d;
	struct value *names = arena_array(&memory, 8, sizeof(*names));

	if (!plan.documents)
		plan.documents = arena_array(&memory, LIMIT_POLICY_FILES, sizeof(*d));
	d = &plan.documents[plan.document_count++];
	cr_assert_eq(arena_copy(&memory, str_view(file), &d->file), OK);
	d->extends = names;
	for (; parents && parents[d->extend_count]; d->extend_count++) {
		struct value *v = &names[d->extend_count];

		v->kind = VALUE_STRING;
		cr_assert_eq(arena_copy(&memory, str_view(parents[d->extend_count]), &v->string),
			     OK);
		v->line = 10;
		v->column = (uint32_t)d->extend_count + 1;
	}
}

#define ADD(file, ...) add(file, (const char *const[]){ __VA_ARGS__, NULL })

static enum err resolve(void)
{
	return extends_resolve(&plan, &memory, &at, &note);
}

static uint64_t parents_of(size_t number)
{
	return plan.documents[number].parents.words[0];
}

Test(extends, nobody_extends_anybody)
{
	add("a.yaml", NULL);
	add("b.yaml", NULL);
	cr_assert_eq(resolve(), OK);
	cr_expect_eq(parents_of(0) | parents_of(1), 0);
}

Test(extends, parents_of_parents_are_parents)
{
	ADD("a.yaml", "b.yaml", "c.yaml");
	ADD("b.yaml", "d.yaml");
	ADD("c.yaml", "d.yaml");
	add("d.yaml", NULL);
	cr_assert_eq(resolve(), OK, "%s", note.text);
	cr_expect_eq(parents_of(0), 2 | 4 | 8);
	cr_expect_eq(parents_of(1), 8);
	cr_expect_eq(parents_of(2), 8);
	cr_expect_eq(parents_of(3), 0);
}

Test(extends, names_are_seen_from_the_folder_of_the_file)
{
	ADD("a.yaml", "org/base.yaml");
	ADD("org/base.yaml", "deep/x.yaml");
	ADD("org/deep/x.yaml", "../../top.yaml", "../sister.yaml");
	add("org/sister.yaml", NULL);
	add("top.yaml", NULL);
	cr_assert_eq(resolve(), OK, "%s", note.text);
	cr_expect_eq(parents_of(0), 2 | 4 | 8 | 16);
	cr_expect_eq(parents_of(2), 8 | 16);
}

Test(extends, what_is_no_file_of_the_bundle_is_refused)
{
	static const struct {
		const char *name;
		enum err err;
		const char *says;
	} rows[] = {
		{ "org/bse.yaml", ERR_NOT_FOUND,
		  "there is no file 'org/bse.yaml' in the bundle; did you mean 'org/base.yaml'?" },
		{ "org/base.cedar", ERR_UNKNOWN, "cannot be extended; Cedar policies hold" },
		{ "base", ERR_NOT_FOUND, "there is no file 'base' in the bundle" },
		{ "", ERR_SYNTAX, "is no path within the bundle" },
		{ "/org/base.yaml", ERR_SYNTAX, "is no path within the bundle" },
		{ "../org/base.yaml", ERR_SYNTAX, "is no path within the bundle" },
		{ "org/../../x", ERR_SYNTAX, "is no path within the bundle" },
		{ "org/..", ERR_SYNTAX, "is no path within the bundle" },
		{ "./org/base.yaml", ERR_SYNTAX, "is no path within the bundle" },
		{ "org//base.yaml", ERR_SYNTAX, "is no path within the bundle" },
		{ "org/", ERR_SYNTAX, "is no path within the bundle" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan = (struct plan){ .document_count = 0 };
		ADD("a.yaml", rows[i].name);
		add("org/base.yaml", NULL);
		cr_expect_eq(resolve(), rows[i].err, "%s: %s", rows[i].name, note.text);
		cr_expect(strstr(note.text, rows[i].says), "%s: %s", rows[i].name, note.text);
		cr_expect_eq(at, 0);
		cr_expect_eq(note.line, 10);
	}
}

Test(extends, cycles_are_shown)
{
	ADD("a.yaml", "b.yaml");
	ADD("b.yaml", "c.yaml");
	ADD("c.yaml", "b.yaml");
	cr_assert_eq(resolve(), ERR_SYNTAX);
	cr_expect_eq(at, 2);
	cr_expect(strstr(note.text, "leads in a circle: b.yaml -> c.yaml -> b.yaml"), "%s",
		  note.text);
}

Test(extends, a_document_that_extends_itself_is_a_cycle)
{
	ADD("a.yaml", "a.yaml");
	cr_assert_eq(resolve(), ERR_SYNTAX);
	cr_expect(strstr(note.text, "circle: a.yaml -> a.yaml"), "%s", note.text);
}

Test(extends, the_same_parent_twice_is_refused)
{
	ADD("a.yaml", "b.yaml", "b.yaml");
	add("b.yaml", NULL);
	cr_assert_eq(resolve(), ERR_DUPLICATE);
	cr_expect_eq(note.column, 2);
}

/* d00 <- d01 <- ... : document i extends the one before. */
static void chain(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[32], before[32];

		(void)snprintf(name, sizeof(name), "d%03zu.yaml", i);
		(void)snprintf(before, sizeof(before), "d%03zu.yaml", i - 1);
		if (i == 0)
			add(name, NULL);
		else
			ADD(name, before);
	}
}

Test(extends, sixteen_in_a_row_and_no_more)
{
	chain(17);
	cr_assert_eq(resolve(), OK, "%s", note.text);
	plan = (struct plan){ .document_count = 0 };
	chain(18);
	cr_assert_eq(resolve(), ERR_LIMIT);
	cr_expect_eq(at, 17);
	cr_expect(strstr(note.text, "more than 16 documents"));
}

Test(extends, the_longest_chain_of_a_bundle_ends)
{
	chain(LIMIT_POLICY_FILES);
	cr_assert_eq(resolve(), ERR_LIMIT);
}

/* The last document says how conflicts are resolved, and so it is decided. */
static enum err resolve_by(enum strategy strategy)
{
	struct value *v = arena_alloc(&memory, sizeof(*v));

	*v = value_string(STR("the strategy"));
	v->line = 7;
	plan.strategy = strategy;
	plan.documents[plan.document_count - 1].strategy = strategy;
	plan.documents[plan.document_count - 1].strategy_at = v;
	return resolve();
}

Test(extends, a_child_cannot_let_the_allowing_rules_of_its_parent_go_first)
{
	add("base.yaml", NULL);
	ADD("child.yaml", "base.yaml");
	cr_assert_eq(resolve_by(STRATEGY_ALLOW_OVERRIDES), ERR_SYNTAX);
	cr_expect_eq(at, 1);
	cr_expect_eq(note.line, 7);
	cr_expect(strstr(note.text, "'the strategy' here could loosen base.yaml"), "%s", note.text);
}

Test(extends, nor_can_a_document_that_extends_nothing)
{
	add("base.yaml", NULL);
	ADD("child.yaml", "base.yaml");
	add("other.yaml", NULL);
	cr_assert_eq(resolve_by(STRATEGY_ALLOW_OVERRIDES), ERR_SYNTAX);
	cr_expect_eq(at, 2);
}

Test(extends, a_parent_that_says_it_itself_is_decided_so)
{
	add("base.yaml", NULL);
	ADD("child.yaml", "base.yaml");
	plan.documents[0].strategy = STRATEGY_ALLOW_OVERRIDES;
	cr_expect_eq(resolve_by(STRATEGY_ALLOW_OVERRIDES), OK, "%s", note.text);
}

Test(extends, strategies_that_keep_or_tighten_the_order_of_a_parent_are_fine)
{
	add("base.yaml", NULL);
	ADD("child.yaml", "base.yaml");
	cr_expect_eq(resolve_by(STRATEGY_FIRST_MATCH), OK);
	cr_expect_eq(resolve_by(STRATEGY_DENY_OVERRIDES), OK);
	cr_expect_eq(resolve_by(STRATEGY_MOST_SPECIFIC), OK);
}

Test(extends, scopes_that_differ_among_floors_make_another_order)
{
	add("base.yaml", NULL);
	ADD("middle.yaml", "base.yaml");
	ADD("team.yaml", "middle.yaml");
	plan.documents[0].scope = SCOPE_AGENT;
	cr_assert_eq(resolve_by(STRATEGY_MOST_SPECIFIC), ERR_SYNTAX);
	cr_expect(strstr(note.text, "loosen middle.yaml"), "%s", note.text);
}
