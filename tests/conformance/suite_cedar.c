/*
 * suite_cedar: decisions and validation beside the Cedar project's own tests.
 *
 *   policy/cedar/tests/                  handwritten tests, which name files beside them
 *   policy/cedar/NAME.jsonl              tests of its fuzzers, one a line, all in it
 *   policy/cedar/probes.json             single expressions, run through cedar-wasm 4.13
 *
 * Checked are, one line of counts each: decisions (with the policies that determine them and those
 * that err), the outcome of each probe, whether requests conform to their schema, whether policies
 * are valid under it. Error texts are our own, so of an error only that it is one is compared.
 */
#include <stdio.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/cedar/cedar.h"
#include "tests/conformance/suite.h"

#define FOLDER "policy/cedar"

/*
 * Policies that no declared action applies to. When the corpus was made that was an error; language
 * 4.5 as released (4.13) makes it a warning, and so do we.
 */
static const char *const warned[] = { "3e13f44e56b14a69c26dfd763d854cbde98ed5f4",
				      "417c87c2b5d75ee24060847be9af33b2a7125a61",
				      "97b685e96cba2c4fa28203c96c69a55509870c11",
				      "c54dbee8ca6742ac5299df0cb9f1308fcc679da1", NULL };

enum group { DECISIONS, PROBES, REQUESTS, VALIDATION, GROUPS };

static const char *const group_names[] = { "decisions", "probes", "request validation",
					   "validation" };

struct tally {
	struct suite *suite;
	struct arena *arena;
	const char *name; /* of the case */
	unsigned passed[GROUPS], total[GROUPS];
	unsigned whole, tests; /* handwritten tests: without a failed check, and all */
};

/* A test with all its texts at hand. */
struct test {
	struct str policies, schema;
	const struct value *entities, *requests;
	bool valid;
};

static void check(struct tally *t, enum group group, bool ok, const char *what)
{
	t->total[group]++;
	t->passed[group] += ok;
	suite_check(t->suite, ok, t->name, "%s: %s", group_names[group], what);
}

static struct cedar_uid uid_of(const struct value *v)
{
	return (struct cedar_uid){ value_text(v, "type"), value_text(v, "id") };
}

static struct str read_file(const struct tally *t, struct str path)
{
	char whole[LIMIT_PATH_BYTES];

	(void)snprintf(whole, sizeof(whole), "%s/" FOLDER "/%.*s", t->suite->vectors,
		       STR_ARG(path));
	return suite_read(whole, t->arena);
}

/* --- decisions --- */

static bool is_listed(const struct value *ids, struct str id)
{
	for (size_t i = 0; ids && i < ids->list.count; i++)
		if (str_eq(ids->list.items[i].string, id))
			return true;
	return false;
}

static bool same_ids(const struct cedar_policies *p, const uint32_t *numbers, size_t count,
		     const struct value *ids)
{
	bool same = ids && ids->kind == VALUE_LIST && ids->list.count == count;

	for (size_t i = 0; same && i < count; i++)
		same = is_listed(ids, cedar_about(p, numbers[i]).id);
	return same;
}

static void check_decision(struct tally *t, const struct cedar_policies *p,
			   const struct cedar_entities *e, const struct cedar_request *r,
			   const struct value *expected)
{
	bool allow = str_is(value_text(expected, "decision"), "allow");
	struct cedar_answer answer;
	char what[256];

	if (cedar_authorize(p, e, r, t->arena, &answer) != OK) {
		check(t, DECISIONS, false, "no answer");
		return;
	}
	(void)snprintf(what, sizeof(what), "%.*s: we say %s, %zu reasons, %zu errors (%.*s)",
		       STR_ARG(value_text(expected, "description")),
		       answer.allow ? "allow" : "deny", answer.reason_count, answer.error_count,
		       STR_ARG(answer.error_count ? answer.errors[0] : STR("none")));
	check(t, DECISIONS,
	      answer.allow == allow &&
		      same_ids(p, answer.reasons, answer.reason_count,
			       value_get_c(expected, "reason")) &&
		      same_ids(p, answer.erring, answer.error_count,
			       value_get_c(expected, "errors")),
	      what);
}

static void check_request(struct tally *t, const struct cedar_policies *p,
			  const struct cedar_schema *s, const struct cedar_entities *e,
			  const struct value *given)
{
	const struct value *wanted = value_get_c(given, "validateRequest");
	struct cedar_request r = { .principal = uid_of(value_get_c(given, "principal")),
				   .action = uid_of(value_get_c(given, "action")),
				   .resource = uid_of(value_get_c(given, "resource")) };
	struct note n = { .column = 0 };
	bool conforms;

	if (cedar_context_read(value_get_c(given, "context"), s, &r.action, t->arena, &r.context,
			       &n) != OK) {
		check(t, DECISIONS, false, n.text);
		return;
	}
	conforms = cedar_request_check(&r, s, &n) == OK;
	check(t, REQUESTS, conforms == (!wanted || wanted->boolean),
	      conforms ? "conforms, and should not" : n.text);
	check_decision(t, p, e, &r, given);
}

/* --- validation --- */

static bool is_warned(const char *name)
{
	for (const char *const *id = warned; *id; id++)
		if (strcmp(*id, name) == 0)
			return true;
	return false;
}

static void check_validity(struct tally *t, const struct cedar_policies *p,
			   const struct cedar_schema *s, bool valid)
{
	struct cedar_findings found;

	if (cedar_validate(p, s, CEDAR_STRICT, t->arena, &found) != OK) {
		check(t, VALIDATION, false, "no answer");
		return;
	}
	if (is_warned(t->name)) {
		(void)fprintf(stderr, "cedar: differs on purpose, a warning for an error: %s\n",
			      t->name);
		check(t, VALIDATION, !valid && found.valid && found.count, "expected a warning");
		return;
	}
	check(t, VALIDATION, found.valid == valid,
	      found.count ? found.items[0].text.ptr : "valid, and should not be");
}

/* --- tests --- */

static void run_test(struct tally *t, const struct test *test)
{
	struct note n = { .column = 0 };
	struct cedar_policies *p;
	struct cedar_schema *s;
	struct cedar_entities *e;

	if (cedar_policies_read(test->policies, t->arena, &p, &n) != OK ||
	    cedar_schema_read(test->schema, t->arena, &s, &n) != OK ||
	    cedar_entities_read(test->entities, s, t->arena, &e, &n) != OK) {
		check(t, DECISIONS, false, n.text);
		return;
	}
	for (size_t i = 0; i < test->requests->list.count; i++)
		check_request(t, p, s, e, &test->requests->list.items[i]);
	check_validity(t, p, s, test->valid);
}

static bool is_true(const struct value *v)
{
	return v && v->kind == VALUE_BOOL && v->boolean;
}

static void run_handwritten(struct tally *t, const struct value *v)
{
	struct value entities;
	struct test test = {
		.policies = read_file(t, value_text(v, "policies")),
		.schema = read_file(t, value_text(v, "schema")),
		.entities = &entities,
		.requests = value_get_c(v, "requests"),
		.valid = is_true(value_get_c(v, "shouldValidate")),
	};

	if (json_read(read_file(t, value_text(v, "entities")), 1, t->arena, &entities, NULL) == OK)
		run_test(t, &test);
	else
		check(t, DECISIONS, false, "its entities cannot be read");
}

static void run_corpus(struct tally *t, const struct value *v)
{
	const struct test test = {
		.policies = value_text(v, "policies"),
		.schema = value_text(v, "schema"),
		.entities = value_get_c(v, "entities"),
		.requests = value_get_c(v, "requests"),
		.valid = is_true(value_get_c(v, "shouldValidate")),
	};
	struct str id = value_text(v, "id");
	char name[64];

	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(id));
	t->name = name;
	run_test(t, &test);
}

static void handwritten(struct tally *t, struct str text)
{
	unsigned failed = t->suite->failed;
	struct value v;

	t->tests++;
	if (json_read(text, 1, t->arena, &v, NULL) == OK)
		run_handwritten(t, &v);
	else
		check(t, DECISIONS, false, "cannot be read");
	t->whole += t->suite->failed == failed;
}

static void each_line(struct tally *t, struct str text)
{
	struct str line, rest = text;
	struct value v;

	while (str_cut(rest, '\n', &line, &rest)) {
		struct arena_mark mark = arena_mark(t->arena);

		if (json_read(line, 1, t->arena, &v, NULL) == OK)
			run_corpus(t, &v);
		else
			check(t, DECISIONS, false, "a line cannot be read");
		arena_rewind(t->arena, mark);
	}
}

/* --- probes --- */

/* "allow", "deny", "deny ERR", "FAIL": what our answer looks like. */
static const char *outcome(struct tally *t, const struct value *probe, const struct value *request,
			   struct str policy)
{
	struct note n = { .column = 0 };
	struct cedar_request r = { .context = NULL };
	struct cedar_policies *p;
	struct cedar_entities *e;
	struct cedar_answer answer;

	if (cedar_uid_read(value_text(request, "principal"), t->arena, &r.principal, &n) != OK ||
	    cedar_uid_read(value_text(request, "action"), t->arena, &r.action, &n) != OK ||
	    cedar_uid_read(value_text(request, "resource"), t->arena, &r.resource, &n) != OK ||
	    cedar_entities_read(value_get_c(request, "entities"), NULL, t->arena, &e, &n) != OK ||
	    cedar_context_read(value_get_c(probe, "context"), NULL, NULL, t->arena, &r.context,
			       &n) != OK)
		return "no request";
	if (cedar_policies_read(policy, t->arena, &p, &n) != OK)
		return "FAIL";
	if (cedar_authorize(p, e, &r, t->arena, &answer) != OK)
		return "no answer";
	if (answer.error_count)
		return answer.allow ? "allow ERR" : "deny ERR";
	return answer.allow ? "allow" : "deny";
}

static void run_probe(struct tally *t, const struct value *probe, const struct value *request,
		      struct str template)
{
	struct str result = value_text(probe, "result"), when = value_text(probe, "when");
	struct str slot = STR("<when>"), expected = result, rest;
	char policy[4096], name[256];
	const char *got;
	size_t at = 0;

	while (at < template.len &&
	       !str_starts(str_slice(template.ptr + at, template.len - at), slot))
		at++;
	MUST(at < template.len);
	rest = str_slice(template.ptr + at + slot.len, template.len - at - slot.len);
	(void)snprintf(policy, sizeof(policy), "%.*s%.*s%.*s", (int)at, template.ptr, STR_ARG(when),
		       STR_ARG(rest));
	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(when));
	t->name = name;
	/* Behind ERR and FAIL stands the reference's text. */
	if (str_has(result, STR(" ERR:")))
		expected = str_starts(result, STR("allow")) ? STR("allow ERR") : STR("deny ERR");
	else if (str_starts(result, STR("FAIL")))
		expected = STR("FAIL");
	got = outcome(t, probe, request, str_view(policy));
	check(t, PROBES, str_is(expected, got), got);
}

static void run_probes(struct tally *t, struct str text)
{
	const struct value *cases;
	struct value v;

	if (json_read(text, 1, t->arena, &v, NULL) != OK) {
		check(t, PROBES, false, "the file cannot be read");
		return;
	}
	cases = value_get_c(&v, "cases");
	for (size_t i = 0; cases && i < cases->list.count; i++)
		run_probe(t, &cases->list.items[i], value_get_c(&v, "request"),
			  value_text(&v, "template"));
}

/* --- all --- */

static struct tally tally; /* the visitor has no other way to hear of it */

/* Beside these there are a licence, an index, and what the handwritten tests name. */
static void visit(struct suite *s, const char *path, struct str text, struct arena *a)
{
	static const char *const kind = "probes";
	struct str name = str_view(path);

	tally.suite = s;
	tally.arena = a;
	tally.name = path;
	if (str_has(name, STR("/" FOLDER "/tests/")) && str_ends(name, STR(".json")))
		handwritten(&tally, text);
	else if (str_ends(name, STR(".jsonl")))
		each_line(&tally, text);
	else if (suite_kind(path, &kind, sizeof(kind), 1) == 0)
		run_probes(&tally, text);
}

void suite_cedar(struct suite *s)
{
	suite_each_file(s, FOLDER, visit);
	(void)fprintf(stderr, "cedar: handwritten tests: %u of %u\n", tally.whole, tally.tests);
	for (int g = 0; g < GROUPS; g++)
		(void)fprintf(stderr, "cedar: %s: %u of %u\n", group_names[g], tally.passed[g],
			      tally.total[g]);
}
