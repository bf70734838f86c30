/*
 * fuzz_analyze: any bytes as a policy, of Cedar where they begin like one, and all that reasons
 * about it: analysis, lint, a difference to itself, requests for its rules. Witnesses are checked
 * by the evaluator inside; here it counts that nothing flips between a bundle and itself, and that
 * a request found for a rule or a Cedar policy is decided, explained and turned around.
 */
#include "engine/base/limits.h"
#include "engine/policy/policy.h"

#define SIZE_MAX_BYTES 2048 /* reasoning takes its time; short policies show as much */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct watching {
	const struct bundle *bundle;
	struct arena *arena;
};

static void on_lint(void *self, const struct lint *l)
{
	(void)self;
	MUST(l->line > 0 && l->text.len > 0);
}

static void on_flip(void *self, const struct diff_flip *f)
{
	(void)self;
	(void)f;
	MUST(!"a bundle differs from itself");
}

static void on_term(void *self, const struct diff_term *t)
{
	(void)self;
	(void)t;
	MUST(!"a bundle says something else than itself");
}

static void on_request(void *self, const struct question *q)
{
	const struct watching *w = self;
	struct explain_flip flip;
	struct explanation e;

	MUST(explain_question(w->bundle, q, w->arena, &e) == OK);
	MUST(explain_flip(w->bundle, q, w->arena, &flip) == OK);
	MUST(flip.hope != HOPE_FOUND || flip.ruling.allow != e.ruling.allow);
}

static void on_finding(void *self, const struct analyze_finding *f)
{
	MUST(f->rule.len > 0 && (!f->unknown || !f->witness));
	if (f->file.ptr && f->witness)
		on_request(self, f->witness);
}

static bool is_cedar(struct str text)
{
	return str_starts(text, STR("permit")) || str_starts(text, STR("forbid")) ||
	       str_starts(text, STR("@"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_file file = { STR("p.yaml"), str_slice(data, size) };
	struct arena a, scratch;
	struct watching w = { .arena = &a };
	struct bundle *b;

	arena_init(&a, (size_t)1 << 30);
	arena_init(&scratch, (size_t)1 << 30);
	if (is_cedar(file.content))
		file.name = STR("p.cedar");
	if (size <= SIZE_MAX_BYTES && bundle_load(&file, 1, &a, &b, NULL) == OK) {
		struct analysis analysis;
		struct lint_report lint;
		struct diff_report diff;
		const struct diff_hearing hearing = { on_flip, on_term, NULL };

		w.bundle = b;
		MUST(analyze_bundle(b, &scratch, on_finding, &w, &analysis) == OK);
		MUST(lint_bundle(b, &a, &scratch, on_lint, NULL, &lint) == OK);
		MUST(diff_bundles(b, b, &scratch, &hearing, &diff) == OK);
		MUST(trim_requests(b, &a, &scratch, on_request, &w) == OK);
	}
	arena_fini(&scratch);
	arena_fini(&a);
	return 0;
}
