/* foreign_policy: files and names of the reference toolkit's policies, as commands give them. */
#include "tui/foreign_policy.h"

static enum err read_file(void *self, struct str name, struct arena *a, struct str *ret,
			  struct note *n)
{
	const struct foreign_folder *f = self;
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

struct compat_files foreign_files(const struct invocation *in, const char *path,
				  struct foreign_folder *f, struct str *name)
{
	struct str whole = str_view(path);

	*f = (struct foreign_folder){ in, whole };
	while (f->path.len > 0 && f->path.ptr[f->path.len - 1] != '/')
		f->path.len--;
	*name = str_slice(whole.ptr + f->path.len, whole.len - f->path.len);
	return (struct compat_files){ read_file, f };
}

enum err foreign_choice(const struct invocation *in, enum option o, const char *called,
			const char *const *names, int absent, int *ret, struct note *n)
{
	const char *near;
	struct buf all;
	int found;

	*ret = absent;
	if (!given(in, o))
		return OK;
	found = str_index(str_view(in->values[o]), names);
	if (found >= 0) {
		*ret = found;
		return OK;
	}
	near = str_nearest(str_view(in->values[o]), names);
	buf_init(&all, 1024);
	for (int i = 0; names[i]; i++)
		buf_addf(&all, "%s%s", i == 0 ? "" : names[i + 1] ? ", " : " or ", names[i]);
	(void)note_set(n, ERR_USAGE, 0, 0, "--%s is '%s'; expected %.*s%s%s%s", called,
		       in->values[o], STR_ARG(buf_view(&all)), near ? "; did you mean '" : "",
		       near ? near : "", near ? "'?" : "");
	buf_fini(&all);
	return ERR_USAGE;
}

/* --- asking an engine of the toolkit --- */

struct asking {
	const struct invocation *in;
	const struct value *context;
	struct arena *memory;
	struct note *note;
	int strategy;
};

static enum err ask_mesh(const struct asking *q, struct compat_decision *ret, const char **raises)
{
	struct compat_window window;
	struct compat_windows windows = { &window, 0, 1 };
	struct compat_policy policy;
	struct foreign_folder folder;
	struct str name, agent = value_text(q->context, "agent"),
			 stage = value_text(q->context, "stage");
	struct compat_files files = foreign_files(q->in, q->in->values[OPT_POLICY], &folder,
						  &name);
	int moment = COMPAT_PRE_TOOL;

	for (int i = 0; i < COMPAT_STAGES; i++)
		if (str_is(stage, compat_stages[i]))
			moment = i;
	TRY(compat_extends_load(&files, name, q->memory, &policy, raises, q->note));
	return compat_mesh_decide(&policy, 1, (enum compat_strategy)q->strategy,
				  agent.ptr ? agent : STR("*"), q->context,
				  (enum compat_stage)moment, world_now_ns(q->in->world), &windows,
				  q->memory, ret);
}

static enum err ask_trust(const struct asking *q, const struct value *doc,
			  struct compat_decision *ret, const char **raises)
{
	TRY(compat_trust_check(doc, raises, q->note));
	return compat_trust_decide(&doc, 1, q->context, q->memory, ret, raises);
}

static enum err ask(const struct asking *q, int engine, struct compat_decision *ret,
		    const char **raises)
{
	struct value doc;
	struct str action = value_text(q->context, "action");

	if (engine == COMPAT_MESH)
		return ask_mesh(q, ret, raises);
	TRY(given_document(q->in, q->in->values[OPT_POLICY], q->memory, &doc, q->note));
	if (engine == COMPAT_TRUST)
		return ask_trust(q, &doc, ret, raises);
	if (engine == COMPAT_GO) {
		TRY(compat_go_check(&doc, q->note));
		compat_go_decide(&doc, action, q->context, ret);
		return OK;
	}
	TRY(compat_rust_check(&doc, q->note));
	compat_rust_decide(&doc, action, q->context, ret);
	return OK;
}

static void add_decision(const struct invocation *in, const struct compat_decision *d,
			 struct buf *b)
{
	const char *action = compat_actions[d->action];

	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_bool(b, "allowed", d->allowed);
		json_text(b, "action", str_view(action));
		json_text(b, "rule", d->rule.len ? d->rule : STR_NONE);
		json_text(b, "reason", d->reason);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%s (%s) by %.*s\n  %.*s\n", d->allowed ? "allowed" : "blocked", action,
		 STR_ARG(d->rule.len ? d->rule : STR("the default")), STR_ARG(d->reason));
}

enum err foreign_decide(const struct invocation *in, const char *file, struct buf *b,
			bool *allowed, struct note *n)
{
	static const char *const profiles[] = { "agt", NULL };
	struct compat_decision d = { .allowed = false };
	struct value context;
	struct arena memory;
	struct asking q = { in, &context, &memory, n, 0 };
	const char *raises = NULL;
	int engine, profile;
	enum err e;

	TRY(foreign_choice(in, OPT_PROFILE, "profile", profiles, 0, &profile, n));
	TRY(foreign_choice(in, OPT_FROM, "from", compat_origins, COMPAT_MESH, &engine, n));
	TRY(foreign_choice(in, OPT_STRATEGY, "strategy", compat_strategies,
			   COMPAT_PRIORITY_FIRST_MATCH, &q.strategy, n));
	if (!given(in, OPT_POLICY))
		return note_set(n, ERR_USAGE, 0, 0,
				"--policy is missing: the policy of the toolkit to decide by");
	arena_init(&memory, LIMIT_BUNDLE_MEMORY);
	e = given_document(in, file, &memory, &context, n);
	if (e == OK)
		e = ask(&q, engine, &d, &raises);
	if (e == OK)
		add_decision(in, &d, b);
	*allowed = d.allowed;
	arena_fini(&memory);
	return e;
}
