/* cmd_policy_import: trammel policy import FILE --from KIND: a foreign policy, translated. */
#include "tui/given_policy.h"

#define OUT_CAP	   ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)512 << 20)

/* Where FILE is: what it extends is looked for beside it. */
struct folder {
	const struct invocation *in;
	struct str path; /* with its slash, or empty */
};

static enum err read_file(void *self, struct str name, struct arena *a, struct str *ret,
			  struct note *n)
{
	const struct folder *f = self;
	struct buf path;
	enum err e;

	buf_init(&path, LIMIT_PATH_BYTES);
	buf_add(&path, f->path);
	buf_add(&path, name);
	buf_add_byte(&path, '\0');
	e = path.err == OK ? given_text(f->in, path.ptr, a, ret, n) : path.err;
	buf_fini(&path);
	return e;
}

static enum err read_name(const struct invocation *in, enum option o, const char *const *names,
			  int *ret, struct note *n)
{
	const char *near;
	struct buf all;

	for (int i = 0; names[i]; i++)
		if (str_is(str_view(in->values[o]), names[i])) {
			*ret = i;
			return OK;
		}
	near = str_nearest(str_view(in->values[o]), names);
	buf_init(&all, 1024);
	for (int i = 0; names[i]; i++)
		buf_addf(&all, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : " or ", names[i]);
	(void)note_set(n, ERR_USAGE, 0, 0, "--%s is '%s'; expected %.*s%s%s%s",
		       o == OPT_FROM ? "from" : "strategy", in->values[o], STR_ARG(buf_view(&all)),
		       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	buf_fini(&all);
	return ERR_USAGE;
}

static enum err import(const struct invocation *in, struct arena *a, struct compat_report *ret,
		       struct note *n)
{
	struct str name = str_view(in->args[0]);
	struct folder folder = { in, name };
	struct compat_files files = { read_file, &folder };
	int from = 0, strategy = COMPAT_PRIORITY_FIRST_MATCH;
	enum err e;

	if (!given(in, OPT_FROM))
		return note_set(n, ERR_USAGE, 0, 0,
				"--from is missing: agt-mesh, agt-trust, agt-go or agt-rust");
	TRY(read_name(in, OPT_FROM, compat_origins, &from, n));
	if (given(in, OPT_STRATEGY) && from != COMPAT_MESH)
		return note_set(n, ERR_USAGE, 0, 0, "--strategy is only for --from agt-mesh");
	if (given(in, OPT_STRATEGY))
		TRY(read_name(in, OPT_STRATEGY, compat_strategies, &strategy, n));
	while (folder.path.len > 0 && folder.path.ptr[folder.path.len - 1] != '/')
		folder.path.len--;
	name = str_slice(name.ptr + folder.path.len, name.len - folder.path.len);
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
