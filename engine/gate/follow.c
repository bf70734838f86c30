/* follow: one list of answers, whichever rules asked for them. */
#include "engine/gate/follow.h"

#include "engine/base/json.h"

/* --- asking, at the edge --- */

bool follow_is_full(const struct follow *q)
{
	return q->count == q->rules->most || q->bytes > LIMIT_PATH_ANSWER_BYTES;
}

/* ERR_LIMIT: it leads to what no entry can hold. */
static enum err find_end(struct follow *q, struct str root, struct str path, const char *before,
			 struct str *ret)
{
	struct buf found, told;
	enum err e;

	buf_init(&found, LIMIT_PATH_BYTES);
	buf_init(&told, LIMIT_PATH_BYTES);
	e = q->gate->resolve(q->gate->sink.self, root, path, &found);
	if (e == OK)
		e = found.err;
	if (e == OK && (found.len > LIMIT_RESOURCE_BYTES || !str_utf8_ok(buf_view(&found))))
		e = ERR_LIMIT;
	buf_add_c(&told, before);
	buf_add(&told, buf_view(&found));
	buf_fini(&found);
	if (e == OK)
		return arena_take(q->arena, &told, ret);
	buf_fini(&told);
	return e;
}

enum err follow_to(struct follow *q, struct str root, struct str path, const char *before,
		   const struct str *asked, bool *leads)
{
	const char *const *names = q->rules->asked;
	size_t count = 0;
	struct member *m;
	struct str to = STR("");
	enum err e;

	MUST(!follow_is_full(q));
	m = arena_array(q->arena, 1 + sizeof(q->rules->asked) / sizeof(*names), sizeof(*m));
	if (!m)
		return ERR_MEMORY;
	e = find_end(q, root, path, before, &to);
	if (e == ERR_MEMORY)
		return e;
	/* In the order of names: what is asked first stands before "error", the rest behind. */
	for (size_t i = 0; i == 0 || names[i]; i++) {
		m[count++] = (struct member){
			.key = str_view(names[i]), .value = value_string(asked[i])
		};
		q->bytes += asked[i].len;
		if (i > 0)
			continue;
		m[count].key = e == OK ? STR("leads") : STR("error");
		m[count++].value = value_string(e == OK ? to : str_view(err_name(e)));
	}
	q->bytes += to.len;
	q->answers[q->count++] = (struct value){ .kind = VALUE_OBJECT, .object = { m, count } };
	*leads = e == OK;
	return OK;
}

enum err follow_ask(const struct follow_rules *r, struct gate *g, struct event *e, struct arena *a)
{
	size_t count = g->bundle && g->resolve ? r->count(g->bundle) : 0;
	struct follow q = { .rules = r, .gate = g, .arena = a };
	struct value args, answers;

	if (count == 0 || !e->args_text.ptr || stage_moment(e->data) != POLICY_PRE_TOOL)
		return OK;
	for (size_t i = 0; i < count; i++) {
		if (!r->asks(g->bundle, i, e->agent, e->action))
			continue;
		if (!q.answers) {
			q.answers = arena_array(a, r->most, sizeof(*q.answers));
			if (!q.answers)
				return ERR_MEMORY;
			TRY(json_read(e->args_text, 1, a, &args, NULL));
		}
		TRY(r->ask(&q, i, &args));
	}
	if (q.count == 0)
		return OK;
	answers = (struct value){ .kind = VALUE_LIST, .list = { q.answers, q.count } };
	return stage_add_data(a, str_view(r->key), &answers, e);
}

/* --- what may be recorded --- */

static bool answer_ok(const struct follow_rules *r, const struct value *v)
{
	size_t count = 0;

	if (v->kind != VALUE_OBJECT)
		return false;
	for (; r->asked[count]; count++)
		if (!value_text(v, r->asked[count]).ptr)
			return false;
	return v->object.count == count + 1 &&
	       (value_text(v, "leads").ptr || value_text(v, "error").ptr);
}

bool follow_answers_ok(const struct follow_rules *r, const struct value *list)
{
	if (list->kind != VALUE_LIST || list->list.count == 0 || list->list.count > r->most)
		return false;
	for (size_t i = 0; i < list->list.count; i++)
		if (!answer_ok(r, &list->list.items[i]))
			return false;
	return true;
}

/* --- deciding --- */

enum err follow_weigh(const struct follow_rules *r, struct weighing *w, struct finding *f)
{
	size_t count = w->bundle && stage_moment(w->event->data) == POLICY_PRE_TOOL
			       ? r->count(w->bundle)
			       : 0;

	f->allow = true;
	for (size_t i = 0; f->allow && i < count; i++)
		if (r->holds(w->bundle, i, w->event->agent, w->event->action))
			TRY(r->weigh(w, i, f));
	return OK;
}
