/*
 * program: what the text of an action would run, by name and by the program behind the name.
 *
 * A rule of commands judges every name in the text. Where it says in which folders programs lie
 * (`from`), a name is also followed on the disk, since it may be a link to another program; and one
 * with a folder in front must be one of these folders. The disk is asked for it at the edge
 * (follow.h):
 *
 *   "programs":[{"at":"/usr/bin/awk","leads":"/usr/bin/mawk"}]       or "error" for "leads"
 */
#include "engine/gate/follow.h"

/* --- reading --- */

/* A program and its arguments. *fits is false when they are no texts. */
static enum err read_argv(const struct value *list, struct arena *a, struct shell_names *ret,
			  struct str *why, bool *fits)
{
	struct str *argv = arena_array(a, list->list.count, sizeof(*argv));

	if (!argv)
		return ERR_MEMORY;
	for (size_t i = 0; i < list->list.count; i++) {
		*fits = *fits && list->list.items[i].kind == VALUE_STRING;
		if (*fits)
			argv[i] = list->list.items[i].string;
	}
	return *fits ? shell_read_argv(argv, list->list.count, a, ret, why) : OK;
}

/* The commands of an argument (NULL: missing); *fits is false when it holds none. */
static enum err read_names(const struct value *v, struct arena *a, struct shell_names *ret,
			   struct str *why, bool *fits)
{
	*ret = (struct shell_names){ .count = 0 };
	*why = STR_NONE;
	*fits = v && (v->kind == VALUE_STRING || v->kind == VALUE_LIST);
	if (!*fits)
		return OK;
	return v->kind == VALUE_STRING ? shell_read(v->string, a, ret, why)
				       : read_argv(v, a, ret, why, fits);
}

/* "/usr/bin" and "awk". ERR_LIMIT: no path is so long, so there is no such program. */
static enum err join(struct str folder, struct str base, struct arena *a, struct str *ret)
{
	struct buf b;

	buf_init(&b, LIMIT_PATH_BYTES);
	buf_add(&b, folder);
	buf_add_c(&b, folder.len > 1 ? "/" : "");
	buf_add(&b, base);
	return arena_take(a, &b, ret);
}

static bool has_folder(const struct shell_names *names, size_t i)
{
	return names->written[i].len != names->list[i].len;
}

/* --- asking, at the edge --- */

static bool is_asked(const struct follow *q, struct str at)
{
	for (size_t i = 0; i < q->count; i++)
		if (str_eq(value_text(&q->answers[i], "at"), at))
			return true;
	return false;
}

static bool asks(const struct bundle *b, size_t number, struct str agent, struct str action)
{
	size_t folders;

	(void)bundle_command_folders(b, number, &folders);
	return folders > 0 && bundle_command_holds(b, number, agent, action);
}

static enum err ask_rule(struct follow *q, size_t number, const struct value *args)
{
	const struct bundle *b = q->gate->bundle;
	struct shell_names names;
	const struct str *folders;
	size_t count;
	struct str why, at;
	bool fits, leads;
	enum err e;

	folders = bundle_command_folders(b, number, &count);
	e = read_names(bundle_command_text(b, number, args), q->arena, &names, &why, &fits);
	/* What cannot be told is denied without asking. */
	if (e == ERR_SYNTAX || e == ERR_LIMIT)
		return OK;
	TRY(e);
	for (size_t i = 0; i < names.count; i++)
		for (size_t f = 0; f < count; f++) {
			e = join(folders[f], names.list[i], q->arena, &at);
			if (e == ERR_MEMORY)
				return e;
			if (e != OK || is_asked(q, at) || (has_folder(&names, i) &&
						!str_eq(at, names.written[i])))
				continue;
			if (follow_is_full(q))
				return OK;
			TRY(follow_to(q, STR("/"), at, "/", &at, &leads));
		}
	return OK;
}

/* --- deciding --- */

static enum err deny(struct weighing *w, struct finding *f, const char *what, struct str name,
		     const char *why, struct str more)
{
	struct buf b;

	f->allow = false;
	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "%s", what);
	if (name.ptr)
		buf_addf(&b, " '%.*s'", STR_ARG(name));
	buf_addf(&b, "%s", why);
	buf_add(&b, more);
	return stage_say(w, &b, f);
}

static const struct value *answer_at(const struct weighing *w, struct str at)
{
	const struct value *list = value_get_c(w->event->data, "programs");

	for (size_t i = 0; list && i < list->list.count; i++)
		if (str_eq(value_text(&list->list.items[i], "at"), at))
			return &list->list.items[i];
	return NULL;
}

static struct str base_of(struct str path)
{
	size_t at = path.len;

	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	return str_slice(path.ptr + at, path.len - at);
}

/* The program that is at one place, if there is one. */
static enum err judge_place(struct weighing *w, size_t number, struct str at, struct finding *f)
{
	const struct value *answer = answer_at(w, at);
	struct str leads = value_text(answer, "leads"), matched;

	if (!answer)
		return deny(w, f, "the command", at, " was not followed when it was recorded",
			    STR_NONE);
	if (!leads.ptr && str_is(value_text(answer, "error"), err_name(ERR_NOT_FOUND)))
		return OK;
	if (!leads.ptr)
		return deny(w, f, "the command", at, " cannot be followed", STR_NONE);
	if (bundle_command_passes(w->bundle, number, base_of(leads), &matched))
		return OK;
	return deny(w, f, "the command", at,
		    matched.ptr ? " leads to what is denied, " : " leads to what is not allowed, ",
		    leads);
}

/* In each folder where it may be found; with a folder in front, in that one alone. */
static enum err judge_program(struct weighing *w, size_t number, const struct shell_names *names,
			      size_t i, struct finding *f)
{
	size_t count, sought = 0;
	const struct str *folders = bundle_command_folders(w->bundle, number, &count);
	struct str at;
	enum err e;

	for (size_t k = 0; f->allow && k < count; k++) {
		e = join(folders[k], names->list[i], w->arena, &at);
		if (e == ERR_LIMIT)
			return deny(w, f, "the command", STR_NONE, " has a name too long to follow",
				    STR_NONE);
		TRY(e);
		if (has_folder(names, i) && !str_eq(at, names->written[i]))
			continue;
		sought++;
		TRY(judge_place(w, number, at, f));
	}
	if (count > 0 && sought == 0)
		return deny(w, f, "the command", names->written[i],
			    " does not lie where programs lie", STR_NONE);
	return OK;
}

static enum err judge_names(struct weighing *w, size_t number, const struct shell_names *names,
			    struct finding *f)
{
	struct str matched;

	for (size_t i = 0; f->allow && i < names->count; i++) {
		if (!bundle_command_passes(w->bundle, number, names->list[i], &matched))
			return deny(w, f, "the command", names->list[i],
				    matched.ptr ? " is denied" : " is not among those allowed",
				    STR_NONE);
		TRY(judge_program(w, number, names, i, f));
	}
	return OK;
}

/* A shell sees what the mask took away. */
static bool hides_what_runs(const struct value *v)
{
	bool hides = v->kind == VALUE_STRING && mask_hides(v->string, true);

	for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count && !hides; i++)
		hides = v->list.items[i].kind == VALUE_STRING &&
			mask_hides(v->list.items[i].string, true);
	return hides;
}

static enum err weigh_rule(struct weighing *w, size_t number, struct finding *f)
{
	const struct value *v = bundle_command_text(w->bundle, number, w->args);
	struct shell_names names;
	struct str why;
	bool fits;
	enum err e = read_names(v, w->arena, &names, &why, &fits);

	if (v && hides_what_runs(v))
		return deny(w, f, "what would run cannot be told", STR_NONE,
			    ": a masked secret in it may hold commands itself", STR_NONE);
	if (!fits)
		return deny(w, f, "the command", STR_NONE,
			    v ? " is neither a text nor a list of texts" : " is missing", STR_NONE);
	if (e == ERR_SYNTAX)
		return deny(w, f, "what would run cannot be told", STR_NONE, ": ", why);
	TRY(e);
	return judge_names(w, number, &names, f);
}

/* --- all of it --- */

static const struct follow_rules rules = {
	.key = "programs", .asked = { "at" }, .most = LIMIT_PROGRAM_ANSWERS,
	.count = bundle_commands, .holds = bundle_command_holds, .asks = asks,
	.ask = ask_rule, .weigh = weigh_rule,
};

enum err program_ask(struct gate *g, struct event *e, struct arena *a)
{
	return follow_ask(&rules, g, e, a);
}

bool program_answers_ok(const struct value *list)
{
	return follow_answers_ok(&rules, list);
}

enum err program_weigh(struct weighing *w, struct finding *f)
{
	return follow_weigh(&rules, w, f);
}
