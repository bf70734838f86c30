/* sequence_read: every refusal of `labels` and `events`, with its exact place. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "engine/policy/sequence_parts.h"
#include "tests/kit/fail_alloc.h"

#define HEAD "apiVersion: governance.toolkit/v1\nname: p\n"
#define EVENT HEAD "events:\n  - {name: a, tools: [x]"

static struct arena memory;

static void setup(void)
{
	arena_init(&memory, 64 << 20);
}

static void teardown(void)
{
	arena_fini(&memory);
}

TestSuite(sequence_read, .init = setup, .fini = teardown);

static enum err load(const char *text, const char *other, struct bundle **ret, struct note *n)
{
	const struct policy_file files[] = { { STR("p.yaml"), str_view(text) },
					     { STR("q.yaml"), str_view(other) } };

	*n = (struct note){ .column = 0 };
	return bundle_load(files, other ? 2 : 1, &memory, ret, n);
}

static const struct bad_text {
	const char *text;
	enum err err;
	uint32_t line, column;
	const char *says;
} refusals[] = {
	{ HEAD "labels: 5\n", ERR_TYPE, 3, 9, "expected a list of labels" },
	{ HEAD "events: {}\n", ERR_TYPE, 3, 9, "expected a list of events" },
	{ HEAD "event: []\n", ERR_UNKNOWN, 3, 1, "did you mean 'events'?" },
	{ HEAD "events: [a]\n", ERR_TYPE, 3, 10, "an event is a mapping of keys; found string" },
	{ HEAD "labels: [a]\n", ERR_TYPE, 3, 10, "a label is a mapping of keys" },
	{ EVENT ", tool: y}\n", ERR_UNKNOWN, 4, 27, "did you mean 'tools'?" },
	{ HEAD "labels: [{name: a, tools: [x], of: args.id}]\n", ERR_UNKNOWN, 3, 32,
	  "unknown key 'of' of a label" },
	{ HEAD "events: [{tools: [x]}]\n", ERR_NOT_FOUND, 3, 10, "no name" },
	{ HEAD "events: [{name: a b, tools: [x]}]\n", ERR_SYNTAX, 3, 17, "'a b' is no name" },
	{ HEAD "events: [{name: -a, tools: [x]}]\n", ERR_SYNTAX, 3, 17, "'-a' is no name" },
	{ HEAD "events: [{name: a-, tools: [x]}]\n", ERR_SYNTAX, 3, 17, "'a-' is no name" },
	{ HEAD "events: [{name: 7up, tools: [x]}]\n", ERR_SYNTAX, 3, 17, "'7up' is no name" },
	{ HEAD "events: [{name: a, tools: [x]}, {name: a, tools: [y]}]\n", ERR_DUPLICATE, 3, 40,
	  "event 'a' is declared in p.yaml already" },
	{ HEAD "events: [{name: approved, tools: [x]}]\n", ERR_DUPLICATE, 3, 17,
	  "'approved' is built in" },
	{ HEAD "events: [{name: a}]\n", ERR_SYNTAX, 3, 10, "write [\"*\"] for every tool" },
	{ HEAD "events: [{name: a, tools: []}]\n", ERR_SYNTAX, 3, 27, "empty list" },
	{ HEAD "events: [{name: a, tools: ['[x']}]\n", ERR_SYNTAX, 3, 28, "the pattern '[x'" },
	{ EVENT ", description: 5}\n", ERR_TYPE, 4, 40, "'description' is integer here" },
	{ EVENT ", stage: later}\n", ERR_UNKNOWN, 4, 34, "unknown stage 'later'" },
	{ EVENT ", condition: result.x == 1}\n", ERR_UNKNOWN, 4, 38, "there is no result yet" },
	{ EVENT ", condition: once(a)}\n", ERR_SYNTAX, 4, 43, "only rules look back" },
	{ EVENT ", of: 5}\n", ERR_TYPE, 4, 31, "expected a path like args.reservation_id" },
	{ EVENT ", of: args.}\n", ERR_TRUNCATED, 4, 36, "" },
	{ EVENT ", of: result.id}\n", ERR_UNKNOWN, 4, 31, "there is no result yet" },
	{ "apiVersion: v2\nname: p\nevents: 5\n", ERR_VERSION, 1, 13, "unknown apiVersion" },
};

Test(sequence_read, what_is_not_understood_is_refused_with_its_place)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct bad_text *r = &refusals[i];
		struct bundle *b;
		struct note n;

		cr_expect_eq(load(r->text, NULL, &b, &n), r->err, "%s\n%s", r->text, n.text);
		cr_expect(n.line == r->line && n.column == r->column, "%s\nat %u:%u: %s", r->text,
			  n.line, n.column, n.text);
		cr_expect(strstr(n.text, r->says), "%s\n%s", r->text, n.text);
		cr_expect_str_eq(n.file, "p.yaml");
	}
}

Test(sequence_read, names_are_unique_in_the_bundle_and_known_in_all_of_it)
{
	const char *asks = HEAD "rules: [{name: r, condition: once(later), action: allow}]\n";
	const char *declares = "apiVersion: governance.toolkit/v1\nname: q\n"
			       "events: [{name: later, tools: [x]}]\n";
	struct bundle *b;
	struct note n;

	cr_expect_eq(load(asks, declares, &b, &n), OK, "%s", n.text);
	cr_expect_eq(load(asks, NULL, &b, &n), ERR_UNKNOWN);
	cr_expect_eq(load(HEAD "events: [{name: later, tools: [y]}]\n", declares, &b, &n),
		     ERR_DUPLICATE);
	cr_expect_str_eq(n.file, "q.yaml");
	cr_expect_str_eq(n.text, "event 'later' is declared in p.yaml already");
	cr_expect_eq(load(HEAD "labels: [{name: later, tools: [y]}]\n", declares, &b, &n), OK,
		     "a label is no event");
}

/* A bundle of so many events or labels. */
static enum err load_many(const char *key, int count, struct note *n)
{
	struct bundle *b;
	struct buf text;
	enum err e;

	buf_init(&text, 1 << 16);
	buf_addf(&text, HEAD "%s:\n", key);
	for (int i = 0; i < count; i++)
		buf_addf(&text, "  - {name: n%d, tools: [x]}\n", i);
	buf_add_byte(&text, '\0');
	e = load(text.ptr, NULL, &b, n);
	buf_fini(&text);
	return e;
}

Test(sequence_read, there_is_room_for_as_many_as_a_history_holds)
{
	struct note n;

	cr_expect_eq(load_many("events", LIMIT_EVENTS, &n), OK, "%s", n.text);
	cr_expect_eq(load_many("labels", LIMIT_LABELS, &n), OK, "%s", n.text);
	cr_expect_eq(load_many("events", LIMIT_EVENTS + 1, &n), ERR_LIMIT);
	cr_expect_str_eq(n.text, "the bundle declares more than 12 events");
	cr_expect(n.line == 4 + LIMIT_EVENTS && n.column == 5);
	cr_expect_eq(load_many("labels", LIMIT_LABELS + 1, &n), ERR_LIMIT);
	cr_expect_str_eq(n.text, "the bundle declares more than 8 labels");
}

Test(sequence_read, a_name_as_long_as_may_be_and_one_byte_more)
{
	char text[256];
	struct bundle *b;
	struct note n;

	for (int len = LIMIT_EVENT_NAME_BYTES; len <= LIMIT_EVENT_NAME_BYTES + 1; len++) {
		(void)snprintf(text, sizeof(text), HEAD "events: [{name: %0*d, tools: [x]}]\n", len,
			       0);
		*strstr(text, "000") = 'a';
		cr_expect_eq(load(text, NULL, &b, &n),
			     len == LIMIT_EVENT_NAME_BYTES ? OK : ERR_SYNTAX, "%s", n.text);
	}
}
