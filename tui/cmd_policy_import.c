/* cmd_policy_import: trammel policy import FILE --from KIND: a foreign policy, translated. */
#include "tui/foreign_policy.h"

#define OUT_CAP	   ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)512 << 20)

static enum err import(const struct invocation *in, struct arena *a, struct compat_report *ret,
		       struct note *n)
{
	struct foreign_folder folder;
	struct str name;
	struct compat_files files = foreign_files(in, in->args[0], &folder, &name);
	int from, strategy;
	enum err e;

	if (!given(in, OPT_FROM))
		return note_set(n, ERR_USAGE, 0, 0,
				"--from is missing: agt-mesh, agt-trust, agt-go or agt-rust");
	TRY(foreign_choice(in, OPT_FROM, "from", compat_origins, 0, &from, n));
	if (given(in, OPT_STRATEGY) && from != COMPAT_MESH)
		return note_set(n, ERR_USAGE, 0, 0, "--strategy is only for --from agt-mesh");
	TRY(foreign_choice(in, OPT_STRATEGY, "strategy", compat_strategies,
			   COMPAT_PRIORITY_FIRST_MATCH, &strategy, n));
	e = compat_import((enum compat_origin)from, &files, name,
			  (enum compat_strategy)strategy, a, ret, n);
	if (e != OK)
		note_file(n, in->args[0]);
	return e;
}

/* --- the report --- */

static void add_remark(struct buf *b, const struct invocation *in, const struct compat_remark *r)
{
	buf_addf(b, "%s %s", r->refused ? "refused" : "remark ", in->args[0]);
	if (r->line)
		buf_addf(b, ":%u:%u", r->line, r->column);
	if (r->rule.len > 0)
		buf_addf(b, ": rule '%.*s'", STR_ARG(r->rule));
	buf_addf(b, ": %.*s\n", STR_ARG(r->text));
}

static void add_change(struct buf *b, const struct invocation *in, const struct compat_change *c)
{
	buf_addf(b, "%s %s", c->looser ? "looser " : "changed", in->args[0]);
	if (c->line)
		buf_addf(b, ":%u:%u", c->line, c->column);
	if (c->rule.len > 0)
		buf_addf(b, ": rule '%.*s'", STR_ARG(c->rule));
	buf_addf(b, ": %.*s -> %.*s\n         %.*s\n         request %.*s\n", STR_ARG(c->before),
		 STR_ARG(c->after), STR_ARG(c->why), STR_ARG(c->request));
}

/* What goes from "denied" to "allowed" first: it is what must be looked at. */
static void add_report(struct buf *b, const struct invocation *in, const struct compat_report *r)
{
	for (size_t i = 0; i < r->remark_count; i++)
		if (r->remarks[i].refused)
			add_remark(b, in, &r->remarks[i]);
	for (int looser = 1; looser >= 0; looser--)
		for (size_t i = 0; i < r->change_count; i++)
			if (r->changes[i].looser == (looser != 0))
				add_change(b, in, &r->changes[i]);
	for (size_t i = 0; i < r->remark_count; i++)
		if (!r->remarks[i].refused)
			add_remark(b, in, &r->remarks[i]);
	if (r->refused_count > 0) {
		buf_add_c(b, "not translated: ");
		print_counted(b, r->refused_count, "refusal", "refusals");
		buf_add_c(b, "; nothing was written\n");
		return;
	}
	buf_add_c(b, "translated: ");
	print_counted(b, r->rule_count, "rule", "rules");
	buf_add_c(b, "; ");
	print_counted(b, r->change_count, "answer changes", "answers change");
	buf_add_c(b, ", ");
	print_count(b, r->looser_count);
	buf_add_c(b, " looser; both engines were asked ");
	print_counted(b, r->request_count, "request", "requests");
	buf_add_byte(b, '\n');
}

static void add_remark_json(struct buf *b, const struct compat_remark *r)
{
	buf_add_byte(b, '{');
	json_bool(b, "refused", r->refused);
	json_text(b, "rule", r->rule);
	json_number(b, "line", r->line);
	json_number(b, "column", r->column);
	json_text(b, "text", r->text);
	buf_add_byte(b, '}');
}

static void add_change_json(struct buf *b, const struct compat_change *c)
{
	buf_add_byte(b, '{');
	json_bool(b, "looser", c->looser);
	json_text(b, "rule", c->rule);
	json_number(b, "line", c->line);
	json_number(b, "column", c->column);
	json_text(b, "before", c->before);
	json_text(b, "after", c->after);
	json_text(b, "why", c->why);
	json_key(b, "request");
	buf_add(b, c->request);
	buf_add_byte(b, '}');
}

static void add_report_json(struct buf *b, const struct compat_report *r, bool written)
{
	buf_add_byte(b, '{');
	json_bool(b, "translated", r->refused_count == 0);
	json_number(b, "rules", r->rule_count);
	json_number(b, "requests", r->request_count);
	json_number(b, "looser", r->looser_count);
	json_key(b, "changes");
	buf_add_byte(b, '[');
	for (size_t i = 0; i < r->change_count; i++) {
		buf_add_c(b, i ? "," : "");
		add_change_json(b, &r->changes[i]);
	}
	buf_add_byte(b, ']');
	json_key(b, "remarks");
	buf_add_byte(b, '[');
	for (size_t i = 0; i < r->remark_count; i++) {
		buf_add_c(b, i ? "," : "");
		add_remark_json(b, &r->remarks[i]);
	}
	buf_add_byte(b, ']');
	if (!written)
		json_text(b, "policy", r->text);
	buf_add_c(b, "}\n");
}

/* --- the policy --- */

static enum err write_out(const struct invocation *in, struct str text, struct note *n)
{
	const char *path = in->values[OPT_OUT];
	enum err e;
	int fd;

	e = world_open(in->world, path, WORLD_CREATE_NEW, &fd);
	if (e == OK) {
		enum err closed;

		e = world_write_at(in->world, fd, 0, text.ptr, text.len);
		closed = world_close(in->world, fd);
		e = e == OK ? closed : e;
	}
	if (e == OK)
		return OK;
	note_file(n, path);
	return note_set(n, e, 0, 0, "the policy cannot be written: %s", err_text(e));
}

/* Data on stdout, the report as talk; with --json both are one object. */
static enum err answer(const struct invocation *in, const struct compat_report *r, struct note *n)
{
	bool written = given(in, OPT_OUT) && r->text.ptr;
	struct buf b;
	enum err e = OK;

	buf_init(&b, OUT_CAP);
	if (written)
		e = write_out(in, r->text, n);
	if (e == OK && json_wanted(in)) {
		add_report_json(&b, r, written);
		e = print_out(&b, n);
	} else if (e == OK) {
		add_report(&b, in, r);
		if (b.err == OK && b.len > 0)
			print_talk("%.*s", (int)b.len - 1, b.ptr);
		e = b.err;
		buf_clear(&b);
		if (e == OK && r->text.ptr && !written) {
			buf_add(&b, r->text);
			e = print_out(&b, n);
		}
	}
	buf_fini(&b);
	return e;
}

int cmd_policy_import(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct compat_report report;
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	e = import(in, &a, &report, &n);
	if (e == OK)
		e = answer(in, &report, &n);
	arena_fini(&a);
	if (e != OK)
		return print_error(in, e, &n);
	return report.refused_count > 0 ? err_exit(ERR_SYNTAX) : 0;
}
