/* cmd_policy_analyze: trammel policy analyze [PATH]: what the rules say of each other. */
#include "tui/given_policy.h"

#define OUT_CAP     ((size_t)64 << 20)
#define MEMORY_CAP  ((size_t)1 << 30)
#define FLUSH_BYTES (64u << 10)

struct listing {
	const struct invocation *in;
	struct buf out;
	enum err err;
	struct note note;
};

/* Findings about mistakes; that a condition can be undecidable is a fact of life. */
static uint64_t mistakes(const struct analysis *a)
{
	return a->findings[FINDING_NEVER] + a->findings[FINDING_ALWAYS] +
	       a->findings[FINDING_SHADOWED] + a->findings[FINDING_CONFLICT];
}

static void add_json(struct buf *b, const struct analyze_finding *f)
{
	buf_add_byte(b, '{');
	json_text(b, "finding", str_view(finding_name(f->kind)));
	json_bool(b, "unknown", f->unknown);
	json_text(b, "rule", f->rule);
	json_text(b, "other", f->other);
	if (f->file.ptr) {
		json_text(b, "file", f->file);
		json_number(b, "line", f->line);
	}
	if (f->witness)
		given_question_json(b, "witness", f->witness);
	buf_add_c(b, "}\n");
}

/* What was found, and what could not be found out. */
static const char *const sentences[FINDINGS][2] = {
	[FINDING_NEVER] = { "its condition is true of no request",
			    "unknown whether its condition is ever true" },
	[FINDING_ALWAYS] = { "its condition is true of every request", "" },
	[FINDING_SHADOWED] = { "it never decides, it comes behind",
			       "unknown whether it ever decides" },
	[FINDING_CONFLICT] = { "where both match, only their place decides against",
			       "unknown whether it meets" },
	[FINDING_UNDECIDABLE] = { "it cannot always be decided", "" },
	[FINDING_OVERLAP] = { "where both hold it gives way to",
			      "unknown whether it ever holds together with" },
};

static void add_text(struct buf *b, const struct analyze_finding *f)
{
	buf_addf(b, "%-11s %.*s", f->unknown ? "unknown" : finding_name(f->kind),
		 STR_ARG(f->rule));
	if (f->line)
		buf_addf(b, " (%.*s:%u)", STR_ARG(f->file), f->line);
	buf_addf(b, ": %s", sentences[f->kind][f->unknown]);
	if (f->other.ptr)
		buf_addf(b, " %.*s", STR_ARG(f->other));
	else if (f->kind == FINDING_SHADOWED && !f->unknown)
		buf_add_c(b, f->file.ptr ? " others together" : " earlier rules together");
	buf_add_byte(b, '\n');
	if (f->witness) {
		buf_add_c(b, "  ");
		question_write(b, f->witness);
		buf_add_byte(b, '\n');
	}
}

static void on_finding(void *self, const struct analyze_finding *f)
{
	struct listing *l = self;

	if (l->err != OK)
		return;
	if (json_wanted(l->in))
		add_json(&l->out, f);
	else
		add_text(&l->out, f);
	if (l->out.len > FLUSH_BYTES)
		l->err = print_page(l->in, &l->out, &l->note);
}

static void add_summary(struct listing *l, const struct analysis *a)
{
	struct buf *b = &l->out;

	if (json_wanted(l->in)) {
		buf_add_byte(b, '{');
		json_number(b, "rules", a->rules);
		json_number(b, "policies", a->policies);
		for (unsigned i = 0; i < FINDINGS; i++)
			json_number(b, finding_name((enum analyze_kind)i), a->findings[i]);
		json_number(b, "unknown", a->unknown);
		json_number(b, "pairs_left_out", a->left_out);
		buf_add_c(b, "}\n");
		return;
	}
	if (a->left_out) {
		buf_add_c(b, "unknown, ");
		print_counted(b, a->left_out, "pair", "pairs");
		buf_add_c(b, " of rules left out, which may conflict\n");
	}
	print_counted(b, a->rules, "rule", "rules");
	if (a->policies) {
		buf_add_c(b, ", ");
		print_counted(b, a->policies, "Cedar policy", "Cedar policies");
	}
	for (unsigned i = 0; i < (a->policies ? FINDINGS : FINDING_OVERLAP); i++)
		buf_addf(b, ", %llu %s", (unsigned long long)a->findings[i],
			 finding_name((enum analyze_kind)i));
	buf_addf(b, "; %llu unknown\n", (unsigned long long)a->unknown);
}

int cmd_policy_analyze(const struct invocation *in)
{
	struct listing l = { .in = in };
	struct note n = { .text = "" };
	struct arena bundle_memory, scratch;
	struct analysis report = { .rules = 0 };
	struct bundle *bundle;
	enum err e;

	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&scratch, MEMORY_CAP);
	buf_init(&l.out, OUT_CAP);
	e = given_policy_load(in, in->args[0], &bundle_memory, &bundle, &n);
	if (e == OK)
		e = analyze_bundle(bundle, &scratch, on_finding, &l, &report);
	if (e == OK) {
		add_summary(&l, &report);
		e = l.err == OK ? print_page(in, &l.out, &l.note) : l.err;
		n = l.note;
	}
	buf_fini(&l.out);
	arena_fini(&scratch);
	arena_fini(&bundle_memory);
	if (e != OK)
		return print_error(in, e, &n);
	return mistakes(&report) ? err_exit(ERR_DENIED) : 0;
}
