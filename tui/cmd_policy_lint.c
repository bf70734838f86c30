/* cmd_policy_lint: trammel policy lint [PATH]: what may be written and better is not. */
#include "tui/given_policy.h"

#define OUT_CAP    ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)1 << 30)

struct listing {
	const struct invocation *in;
	struct buf out;
};

static void on_lint(void *self, const struct lint *f)
{
	struct listing *l = self;
	struct buf *b = &l->out;

	if (json_wanted(l->in)) {
		buf_add_byte(b, '{');
		json_text(b, "lint", str_view(lint_name(f->kind)));
		json_text(b, "level", lint_warns(f->kind) ? STR("warning") : STR("remark"));
		json_text(b, "file", f->file);
		json_number(b, "line", f->line);
		json_number(b, "column", f->column);
		json_text(b, "rule", f->rule);
		json_text(b, "text", f->text);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%.*s:%u:%u: %s: %.*s%s%.*s (%s)\n", STR_ARG(f->file), f->line, f->column,
		 lint_warns(f->kind) ? "warning" : "remark", STR_ARG(f->rule),
		 f->rule.ptr ? ": " : "", STR_ARG(f->text), lint_name(f->kind));
}

static void add_summary(struct listing *l, const struct lint_report *r)
{
	struct buf *b = &l->out;

	if (json_wanted(l->in)) {
		buf_add_byte(b, '{');
		json_number(b, "warnings", r->warnings);
		json_number(b, "remarks", r->remarks);
		json_number(b, "pairs_left_out", r->left_out);
		buf_add_c(b, "}\n");
		return;
	}
	if (r->left_out) {
		buf_add_c(b, "unknown, ");
		print_counted(b, r->left_out, "pair", "pairs");
		buf_add_c(b, " of rules left out, which may be ties\n");
	}
	print_counted(b, r->warnings, "warning", "warnings");
	buf_add_c(b, ", ");
	print_counted(b, r->remarks, "remark", "remarks");
	buf_add_byte(b, '\n');
}

int cmd_policy_lint(const struct invocation *in)
{
	struct listing l = { .in = in };
	struct note n = { .text = "" };
	struct arena bundle_memory, memory, scratch;
	struct lint_report report = { .warnings = 0 };
	struct bundle *bundle;
	enum err e;

	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&memory, MEMORY_CAP);
	arena_init(&scratch, MEMORY_CAP);
	buf_init(&l.out, OUT_CAP);
	e = given_policy_load(in, in->args[0], &bundle_memory, &bundle, &n);
	if (e == OK)
		e = lint_bundle(bundle, &memory, &scratch, on_lint, &l, &report);
	if (e == OK) {
		add_summary(&l, &report);
		e = print_page(in, &l.out, &n);
	}
	buf_fini(&l.out);
	arena_fini(&scratch);
	arena_fini(&memory);
	arena_fini(&bundle_memory);
	if (e != OK)
		return print_error(in, e, &n);
	return report.warnings ? err_exit(ERR_DENIED) : 0;
}
