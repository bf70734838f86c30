/*
 * cmd_policy_test: trammel policy test FILE|DIR [--mutate]
 *
 * Every case of every fixture is decided, then coverage is told, then (with --mutate, when all
 * cases hold) every small change of the rules is tried. Failing cases and surviving mutants are a
 * no.
 */
#include "tui/given_policy.h"

#define OUT_CAP     ((size_t)64 << 20)
#define MEMORY_CAP  ((size_t)512 << 20)
#define NAME_DISTANCE 2u /* letters between a rule and what it may have been meant to be */
#define FILES_MAX   1024

struct testing {
	const struct invocation *in;
	struct bundle *bundle;
	struct arena memory, scratch;
	const struct fixture *fixtures[FILES_MAX];
	const char *files[FILES_MAX];
	size_t file_count;
	struct coverage coverage;
	uint64_t cases, failed;
	struct mutant_report mutants;
	struct buf out;
	struct note note;
};

static enum err read_fixture(struct testing *t, const char *path)
{
	struct fixture *f = arena_alloc(&t->memory, sizeof(*f));
	struct value document;
	struct str kept;
	enum err e;

	if (!f)
		return ERR_MEMORY;
	if (t->file_count == FILES_MAX)
		return note_set(&t->note, ERR_LIMIT, 0, 0, "more than %d fixtures", FILES_MAX);
	TRY(arena_copy(&t->memory, str_view(path), &kept));
	TRY(given_document(t->in, path, &t->memory, &document, &t->note));
	e = fixture_read(&document, &t->memory, f, &t->note);
	if (e != OK)
		note_file(&t->note, path);
	t->files[t->file_count] = kept.ptr;
	t->fixtures[t->file_count++] = f;
	return e;
}

/* The fixture, or the *.yaml, *.yml and *.json of the folder. */
static enum err read_fixtures(struct testing *t, const char *path)
{
	char file[LIMIT_PATH_BYTES];
	enum world_kind kind = WORLD_FILE;
	struct str *names;
	size_t count;

	if (!str_is(str_view(path), "-"))
		TRY(world_kind(t->in->world, path, &kind));
	if (kind != WORLD_FOLDER)
		return read_fixture(t, path);
	TRY(world_list(t->in->world, path, &t->memory, &names, &count));
	for (size_t i = 0; i < count; i++) {
		if (!str_ends(names[i], STR(".yaml")) && !str_ends(names[i], STR(".yml")) &&
		    !str_ends(names[i], STR(".json")))
			continue;
		TRY(world_join(file, sizeof(file), path, names[i].ptr));
		TRY(read_fixture(t, file));
	}
	if (t->file_count > 0)
		return OK;
	note_file(&t->note, path);
	return note_set(&t->note, ERR_NOT_FOUND, 0, 0, "no fixture (*.yaml, *.yml, *.json) here");
}

static struct ruling expected(const struct fixture_case *c)
{
	return (struct ruling){ .allow = c->allow, .rule = c->rule, .obligations = c->obligations };
}

/* A rule that is expected and does not exist, because its name is misspelt. */
static void add_suggestion(struct testing *t, struct str expected_rule)
{
	const struct coverage *c = &t->coverage;
	unsigned least = NAME_DISTANCE + 1;
	struct str nearest = STR_NONE;

	for (size_t i = 0; expected_rule.ptr && i < c->count && least > 0; i++) {
		unsigned far = str_distance(expected_rule, c->rules[i].rule, NAME_DISTANCE);

		if (far < least) {
			least = far;
			nearest = c->rules[i].rule;
		}
	}
	if (nearest.ptr && least > 0)
		buf_addf(&t->out, "  there is no rule '%.*s'; did you mean '%.*s'?\n",
			 STR_ARG(expected_rule), STR_ARG(nearest));
}

static void add_case(struct testing *t, const char *file, const struct fixture_case *c,
		     const struct ruling *r, bool passed)
{
	struct ruling wanted = expected(c);
	struct buf *b = &t->out;

	if (json_wanted(t->in)) {
		buf_add_byte(b, '{');
		json_text(b, "case", c->name);
		json_text(b, "file", str_view(file));
		json_number(b, "line", c->line);
		json_bool(b, "passed", passed);
		given_ruling_json(b, r);
		json_text(b, "expected_effect", c->allow ? STR("allow") : STR("deny"));
		json_text(b, "expected_rule", c->rule);
		buf_add_c(b, "}\n");
	} else if (!passed) {
		buf_addf(b, "FAILED %s:%u %.*s\n  expected ", file, c->line, STR_ARG(c->name));
		given_ruling_text(b, &wanted);
		buf_add_c(b, "\n  found    ");
		given_ruling_text(b, r);
		buf_addf(b, ": %.*s\n", STR_ARG(r->reason));
		add_suggestion(t, c->rule);
		for (size_t i = 0; i < r->error_count; i++)
			buf_addf(b, "  undecided: %.*s\n", STR_ARG(r->errors[i]));
	}
}

static enum err run_cases(struct testing *t)
{
	for (size_t f = 0; f < t->file_count; f++)
		for (size_t i = 0; i < t->fixtures[f]->count; i++) {
			const struct fixture_case *c = &t->fixtures[f]->cases[i];
			struct arena_mark mark = arena_mark(&t->scratch);
			struct ruling r;
			bool passed;

			TRY(question_decide(t->bundle, &c->question, &t->scratch, &r));
			TRY(coverage_add(&t->coverage, t->bundle, &c->question, &r, &t->scratch));
			passed = fixture_holds(c, &r);
			t->cases++;
			t->failed += !passed;
			add_case(t, t->files[f], c, &r, passed);
			arena_rewind(&t->scratch, mark);
		}
	return OK;
}

static bool seen_both(const struct coverage_clause *c)
{
	unsigned both = 1u << TRUTH_TRUE | 1u << TRUTH_FALSE;

	return (c->seen & both) == both;
}

/* What of a clause no case has tried. */
static const char *missing(const struct coverage_clause *c)
{
	if (c->seen & (1u << TRUTH_TRUE))
		return "never false";
	return c->seen & (1u << TRUTH_FALSE) ? "never true" : "never true, never false";
}

static uint32_t line_of(const struct coverage_rule *r, const struct coverage_clause *c)
{
	return c->line ? c->line : r->line;
}

/* " (file:line)"; JSON and links of Cedar have no line. */
static void add_place(struct buf *b, struct str file, uint32_t line)
{
	buf_addf(b, " (%.*s", STR_ARG(file));
	if (line)
		buf_addf(b, ":%u", line);
	buf_add_byte(b, ')');
}

static void add_coverage_json(struct buf *b, const struct coverage *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct coverage_rule *r = &c->rules[i];

		buf_add_byte(b, '{');
		json_text(b, "rule", r->rule);
		json_text(b, "file", r->file);
		json_number(b, "line", r->line);
		json_number(b, "decided", r->decided);
		json_number(b, "matched", r->matched);
		json_key(b, "clauses");
		buf_add_byte(b, '[');
		for (size_t k = 0; k < r->clause_count; k++) {
			buf_add_c(b, k ? ",{" : "{");
			json_text(b, "clause", r->clauses[k].text);
			json_number(b, "line", line_of(r, &r->clauses[k]));
			json_number(b, "column", r->clauses[k].column);
			json_bool(b, "true", r->clauses[k].seen & (1u << TRUTH_TRUE));
			json_bool(b, "false", r->clauses[k].seen & (1u << TRUTH_FALSE));
			json_bool(b, "undecided", r->clauses[k].seen & (1u << TRUTH_ERROR));
			buf_add_byte(b, '}');
		}
		buf_add_c(b, "]}\n");
	}
}

static void add_unseen(struct buf *b, const struct coverage_rule *r,
		       const struct coverage_clause *c)
{
	buf_addf(b, "%s %.*s", missing(c), STR_ARG(r->rule));
	add_place(b, r->file, line_of(r, c));
	buf_addf(b, ": %.*s\n", STR_ARG(c->text));
}

static void add_coverage(struct buf *b, const struct coverage *c)
{
	uint64_t decided = 0, matched = 0, clauses = 0, both = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct coverage_rule *r = &c->rules[i];

		decided += r->decided > 0;
		matched += r->decided == 0 && r->matched > 0;
		if (r->decided == 0) {
			buf_addf(b, "%s %.*s", r->matched ? "matched only " : "never matched",
				 STR_ARG(r->rule));
			add_place(b, r->file, r->line);
			buf_add_byte(b, '\n');
		}
		for (size_t k = 0; k < r->clause_count; k++) {
			clauses++;
			both += seen_both(&r->clauses[k]);
			if (r->matched && !seen_both(&r->clauses[k]))
				add_unseen(b, r, &r->clauses[k]);
		}
	}
	buf_addf(b,
		 "rules: %zu; %llu decided, %llu matched only, %llu never; clauses: %llu; %llu "
		 "seen both ways\n",
		 c->count, (unsigned long long)decided, (unsigned long long)matched,
		 (unsigned long long)(c->count - decided - matched), (unsigned long long)clauses,
		 (unsigned long long)both);
}

static void on_survivor(void *self, const struct mutant *m)
{
	struct testing *t = self;
	struct buf *b = &t->out;

	if (json_wanted(t->in)) {
		buf_add_c(b, "{\"mutant\":\"survived\"");
		json_text(b, "rule", m->rule);
		json_text(b, "file", m->file);
		json_number(b, "line", m->line);
		json_text(b, "how", str_view(mutation_name(m->how)));
		json_text(b, "clause", m->clause);
		json_number(b, "column", m->column);
		buf_add_c(b, "}\n");
	} else {
		buf_addf(b, "survived: %.*s", STR_ARG(m->rule));
		add_place(b, m->file, m->line);
		buf_addf(b, " %s%s%.*s\n", mutation_name(m->how), m->clause.ptr ? ": " : "",
			 STR_ARG(m->clause));
	}
}

static enum err hunt_mutants(struct testing *t)
{
	if (t->failed > 0) {
		print_talk("trammel: no mutants are tried while a case fails");
		return OK;
	}
	return mutant_try(t->bundle, t->fixtures, t->file_count, &t->scratch, on_survivor, t,
			  &t->mutants);
}

static void add_summary(struct testing *t)
{
	struct buf *b = &t->out;
	bool mutated = given(t->in, OPT_MUTATE) && t->failed == 0;

	if (json_wanted(t->in)) {
		buf_add_byte(b, '{');
		json_number(b, "cases", t->cases);
		json_number(b, "passed", t->cases - t->failed);
		json_number(b, "failed", t->failed);
		if (mutated) {
			json_number(b, "mutants", t->mutants.tried);
			json_number(b, "killed", t->mutants.killed);
		}
		buf_add_c(b, "}\n");
		return;
	}
	if (mutated)
		buf_addf(b, "mutants: %llu; %llu killed, %llu survived\n",
			 (unsigned long long)t->mutants.tried,
			 (unsigned long long)t->mutants.killed,
			 (unsigned long long)(t->mutants.tried - t->mutants.killed));
	print_counted(b, t->cases, "case", "cases");
	buf_addf(b, ": %llu passed, %llu failed\n", (unsigned long long)(t->cases - t->failed),
		 (unsigned long long)t->failed);
}

static enum err run(struct testing *t, struct arena *bundle_memory)
{
	TRY(given_policy_load(t->in, NULL, bundle_memory, &t->bundle, &t->note));
	TRY(read_fixtures(t, t->in->args[0]));
	TRY(coverage_open(t->bundle, &t->memory, &t->coverage));
	TRY(run_cases(t));
	if (json_wanted(t->in))
		add_coverage_json(&t->out, &t->coverage);
	else
		add_coverage(&t->out, &t->coverage);
	if (given(t->in, OPT_MUTATE))
		TRY(hunt_mutants(t));
	add_summary(t);
	return print_page(t->in, &t->out, &t->note);
}

int cmd_policy_test(const struct invocation *in)
{
	struct testing t = { .in = in };
	struct arena bundle_memory;
	enum err e;

	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&t.memory, MEMORY_CAP);
	arena_init(&t.scratch, MEMORY_CAP);
	buf_init(&t.out, OUT_CAP);
	e = run(&t, &bundle_memory);
	buf_fini(&t.out);
	arena_fini(&t.scratch);
	arena_fini(&t.memory);
	arena_fini(&bundle_memory);
	if (e != OK)
		return print_error(in, e, &t.note);
	return t.failed || t.mutants.killed < t.mutants.tried ? err_exit(ERR_DENIED) : 0;
}
