/*
 * path: arguments that must lead below folders, by where they lead and not by how they are spelt.
 *
 * Where a path leads only the disk knows, and the gate asks no disk. So it is asked at the edge,
 * before the event comes in (path_ask), and the answers stand in the entry:
 *
 *   "paths":[{"below":"/srv/data","leads":"a/b","of":"args.path"}]      or "error" for "leads"
 *
 * The decision goes by these, live and in a replay alike. Without an answer it is a denial: an
 * importer asks nobody.
 */
#include "engine/gate/inside.h"

#include "engine/base/canon.h"
#include "engine/base/json.h"

/* One that the disk could be asked about; where one leads that was masked, it could not tell. */
static bool is_path(const struct value *v)
{
	return v && v->kind == VALUE_STRING && v->string.len > 0 &&
	       v->string.len < LIMIT_PATH_BYTES && !memchr(v->string.ptr, '\0', v->string.len) &&
	       !mask_hides(v->string, false);
}

/* --- asking, at the edge --- */

struct asking {
	struct gate *gate;
	const struct event *event;
	struct arena *arena;
	struct value *answers;
	size_t count, bytes;
};

/* {"below","leads"|"error","of"}; *ret is whether it leads below. */
static enum err ask_one(struct asking *q, const struct path_terms *terms, struct str root,
			bool *ret)
{
	struct member *m = arena_array(q->arena, 3, sizeof(*m));
	struct str to = STR("");
	struct buf b;
	enum err e;

	if (!m)
		return ERR_MEMORY;
	buf_init(&b, LIMIT_PATH_BYTES);
	e = q->gate->resolve(q->gate->sink.self, root, terms->value->string, &b);
	if (e == OK && (b.len > LIMIT_RESOURCE_BYTES || !str_utf8_ok(buf_view(&b))))
		e = ERR_LIMIT;
	*ret = e == OK;
	if (e == OK)
		e = arena_copy(q->arena, buf_view(&b), &to);
	buf_fini(&b);
	if (e == ERR_MEMORY)
		return e;
	m[0] = (struct member){ .key = STR("below"), .value = value_string(root) };
	m[1] = e == OK ? (struct member){ .key = STR("leads"), .value = value_string(to) }
		       : (struct member){ .key = STR("error"),
					  .value = value_string(str_view(err_name(e))) };
	m[2] = (struct member){ .key = STR("of"), .value = value_string(terms->of) };
	q->bytes += root.len + to.len + terms->of.len;
	q->answers[q->count++] = (struct value){ .kind = VALUE_OBJECT, .object = { m, 3 } };
	return OK;
}

/* Of one rule, folder by folder until it leads below one. */
static enum err ask_rule(struct asking *q, size_t number, const struct value *args)
{
	struct path_terms terms;
	bool below = false;

	TRY(bundle_path(q->gate->bundle, number, args, q->arena, &terms));
	for (size_t i = 0; is_path(terms.value) && !below && i < terms.root_count; i++) {
		if (q->count == LIMIT_PATH_ANSWERS || q->bytes > LIMIT_PATH_ANSWER_BYTES)
			return OK;
		TRY(ask_one(q, &terms, terms.roots[i], &below));
	}
	return OK;
}

enum err path_ask(struct gate *g, struct event *e, struct arena *a)
{
	size_t count = g->bundle && g->resolve ? bundle_paths(g->bundle) : 0;
	struct asking q = { .gate = g, .event = e, .arena = a };
	struct value args, answers;
	bool read = false;

	if (count == 0 || !e->args_text.ptr || stage_moment(e->data) != POLICY_PRE_TOOL)
		return OK;
	for (size_t i = 0; i < count; i++) {
		if (!bundle_path_holds(g->bundle, i, e->agent, e->action))
			continue;
		if (!read)
			TRY(json_read(e->args_text, 1, a, &args, NULL));
		if (!q.answers)
			q.answers = arena_array(a, LIMIT_PATH_ANSWERS, sizeof(*q.answers));
		if (!q.answers)
			return ERR_MEMORY;
		read = true;
		TRY(ask_rule(&q, i, &args));
	}
	if (q.count == 0)
		return OK;
	answers = (struct value){ .kind = VALUE_LIST, .list = { q.answers, q.count } };
	return stage_add_data(a, STR("paths"), &answers, e);
}

/* --- what may be recorded --- */

static bool answer_ok(const struct value *v)
{
	return v->kind == VALUE_OBJECT && v->object.count == 3 && value_text(v, "below").ptr &&
	       value_text(v, "of").ptr &&
	       (value_text(v, "leads").ptr || value_text(v, "error").ptr);
}

bool path_answers_ok(const struct value *list)
{
	if (list->kind != VALUE_LIST || list->list.count == 0 ||
	    list->list.count > LIMIT_PATH_ANSWERS)
		return false;
	for (size_t i = 0; i < list->list.count; i++)
		if (!answer_ok(&list->list.items[i]))
			return false;
	return true;
}

/* --- deciding --- */

/* The answer for that argument and folder; NULL: nobody asked. */
static const struct value *answer_of(const struct weighing *w, struct str of, struct str root)
{
	const struct value *list = value_get_c(w->event->data, "paths");

	for (size_t i = 0; list && i < list->list.count; i++) {
		const struct value *v = &list->list.items[i];

		if (str_eq(value_text(v, "of"), of) && str_eq(value_text(v, "below"), root))
			return v;
	}
	return NULL;
}

/* "args.path leads out of /srv/data", and of the others there are. */
static enum err say_outside(struct weighing *w, const struct path_terms *terms, bool asked,
			    struct finding *f)
{
	struct buf b;

	f->allow = false;
	buf_init(&b, LIMIT_REASONS_BYTES);
	buf_addf(&b, "%.*s %s", STR_ARG(terms->of),
		 !terms->value            ? "is missing, and must lead below "
		 : !is_path(terms->value) ? "is no path, and must lead below "
		 : asked                  ? "does not lead below "
			 : "was not followed when it was recorded; it must lead below ");
	for (size_t i = 0; i < terms->root_count; i++)
		buf_addf(&b, "%s%.*s", i ? " or " : "", STR_ARG(terms->roots[i]));
	return stage_say(w, &b, f);
}

static enum err weigh_rule(struct weighing *w, size_t number, struct finding *f)
{
	struct path_terms terms;
	bool below = false, asked = false;

	TRY(bundle_path(w->bundle, number, w->args, w->arena, &terms));
	for (size_t i = 0; is_path(terms.value) && !below && i < terms.root_count; i++) {
		const struct value *answer = answer_of(w, terms.of, terms.roots[i]);

		asked |= answer != NULL;
		below = value_text(answer, "leads").ptr != NULL;
	}
	return below ? OK : say_outside(w, &terms, asked, f);
}

enum err path_weigh(struct weighing *w, struct finding *f)
{
	size_t count = w->bundle && stage_moment(w->event->data) == POLICY_PRE_TOOL
			       ? bundle_paths(w->bundle)
			       : 0;

	f->allow = true;
	for (size_t i = 0; f->allow && i < count; i++)
		if (bundle_path_holds(w->bundle, i, w->event->agent, w->event->action))
			TRY(weigh_rule(w, i, f));
	return OK;
}
