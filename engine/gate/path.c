/*
 * path: arguments that must lead below folders, by where they lead and not by how they are spelt.
 * The disk is asked for it at the edge (follow.h):
 *
 *   "paths":[{"below":"/srv/data","leads":"a/b","of":"args.path"}]      or "error" for "leads"
 */
#include "engine/gate/follow.h"

/* One that the disk could be asked about; where one leads that was masked, it could not tell. */
static bool is_path(const struct value *v)
{
	return v && v->kind == VALUE_STRING && v->string.len > 0 &&
	       v->string.len < LIMIT_PATH_BYTES && !memchr(v->string.ptr, '\0', v->string.len) &&
	       !mask_hides(v->string, false);
}

/* --- asking, at the edge --- */

/* Of one rule, folder by folder until it leads below one. */
static enum err ask_rule(struct follow *q, size_t number, const struct value *args)
{
	struct path_terms terms;
	bool below = false;

	TRY(bundle_path(q->gate->bundle, number, args, q->arena, &terms));
	for (size_t i = 0; is_path(terms.value) && !below && i < terms.root_count; i++) {
		const struct str asked[] = { terms.roots[i], terms.of };

		if (follow_is_full(q))
			return OK;
		TRY(follow_to(q, terms.roots[i], terms.value->string, "", asked, &below));
	}
	return OK;
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

/* --- all of it --- */

static const struct follow_rules rules = {
	.key = "paths", .asked = { "below", "of" }, .most = LIMIT_PATH_ANSWERS,
	.count = bundle_paths, .holds = bundle_path_holds, .asks = bundle_path_holds,
	.ask = ask_rule, .weigh = weigh_rule,
};

enum err path_ask(struct gate *g, struct event *e, struct arena *a)
{
	return follow_ask(&rules, g, e, a);
}

bool path_answers_ok(const struct value *list)
{
	return follow_answers_ok(&rules, list);
}

enum err path_weigh(struct weighing *w, struct finding *f)
{
	return follow_weigh(&rules, w, f);
}
