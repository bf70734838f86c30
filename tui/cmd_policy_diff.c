/*
 * cmd_policy_diff: trammel policy diff OLD NEW [--log SPACE]
 *
 * Flips found by reasoning over both bundles, terms that say something else, and with --log the
 * flips among recorded actions. Flips are grouped by the two rules that decide, terms are named.
 */
#include "tui/recorded_flips.h"

#define OUT_CAP     ((size_t)64 << 20)
#define MEMORY_CAP  ((size_t)1 << 30)
#define NOT_DECIDED 3 /* exit status, engine/base/err.h */

struct differing {
	const struct invocation *in;
	struct bundle *old, *now;
	struct buf out;
	struct note note;
	struct diff_report reasoned;
	struct recorded_flips recorded;
	bool proved;                 /* there are no other flips */
};

/* --- flips --- */

static void add_side(struct buf *b, const struct ruling *r, struct str stage)
{
	outcome_write(b, r);
	if (r->rule.ptr)
		given_rule_text(b, r);
	else if (!stage.ptr || str_is(stage, "policy"))
		buf_add_c(b, " by the default");
	else
		buf_addf(b, " by stage %.*s", STR_ARG(stage));
}

static void add_flip_text(struct buf *b, enum outcome_change change, const struct recorded_flip *f)
{
	buf_addf(b, "%-8s ", change_name(change));
	add_side(b, &f->was, f->was_stage);
	buf_add_c(b, " -> ");
	add_side(b, &f->now, f->now_stage);
	buf_add_c(b, "\n  ");
}

static void json_outcome(struct buf *b, const char *key, const struct ruling *r)
{
	struct buf text;

	buf_init(&text, OUT_CAP);
	outcome_write(&text, r);
	json_text(b, key, buf_view(&text));
	if (text.err != OK)
		b->err = text.err;
	buf_fini(&text);
}

/* The object is left open. */
static void add_flip_json(struct buf *b, enum outcome_change change, const char *source,
			  const struct ruling *was, const struct ruling *now)
{
	buf_add_byte(b, '{');
	json_text(b, "flip", str_view(change_name(change)));
	json_text(b, "source", str_view(source));
	json_text(b, "was", was->rule);
	json_text(b, "now", now->rule);
	json_outcome(b, "was_outcome", was);
	json_outcome(b, "now_outcome", now);
}

static void on_flip(void *self, const struct diff_flip *f)
{
	struct differing *d = self;
	struct buf *b = &d->out;

	if (json_wanted(d->in)) {
		add_flip_json(b, f->change, "reasoned", f->was, f->now);
		given_question_json(b, "witness", f->witness);
		buf_add_c(b, "}\n");
		return;
	}
	add_flip_text(b, f->change, &(struct recorded_flip){ .was = *f->was, .now = *f->now });
	question_write(b, f->witness);
	buf_add_byte(b, '\n');
}

static void on_term(void *self, const struct diff_term *t)
{
	struct differing *d = self;
	struct buf *b = &d->out;

	if (json_wanted(d->in)) {
		buf_add_byte(b, '{');
		json_text(b, "term", t->what);
		json_text(b, "change", str_view(change_name(t->change)));
		json_text(b, "was", t->was);
		json_text(b, "now", t->now);
		if (t->witness)
			given_question_json(b, "witness", t->witness);
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%-8s %.*s: ", change_name(t->change), STR_ARG(t->what));
	buf_addf(b, "%.*s", t->was.ptr ? (int)t->was.len : 4, t->was.ptr ? t->was.ptr : "none");
	buf_addf(b, " -> %.*s\n", t->now.ptr ? (int)t->now.len : 4,
		 t->now.ptr ? t->now.ptr : "none");
	if (t->witness) {
		buf_add_c(b, "  ");
		question_write(b, t->witness);
		buf_add_byte(b, '\n');
	}
}

static void add_recorded(struct differing *d)
{
	struct buf *b = &d->out;

	for (size_t i = 0; i < d->recorded.count; i++) {
		const struct recorded_flip *f = &d->recorded.list[i];

		if (json_wanted(d->in)) {
			add_flip_json(b, f->change, "recorded", &f->was, &f->now);
			json_text(b, "was_stage", f->was_stage);
			json_text(b, "now_stage", f->now_stage);
			json_number(b, "count", f->count);
			json_number(b, "entry", f->entry);
			buf_add_c(b, "}\n");
			continue;
		}
		add_flip_text(b, f->change, f);
		print_counted(b, f->count, "recorded action", "recorded actions");
		buf_addf(b, ", entry %llu first\n", (unsigned long long)f->entry);
	}
}

/* --- the end --- */

static bool digest_same(const struct differing *d)
{
	struct digest old = bundle_digest(d->old), now = bundle_digest(d->now);

	return digest_eq(&old, &now);
}

/* Nothing was left out, or there is nothing to find: the two are the same files. */
static bool is_proved(const struct differing *d)
{
	const struct diff_report *r = &d->reasoned;

	return digest_same(d) || !(r->unknown || r->left_out || r->extends);
}

static uint64_t total(const struct differing *d, enum outcome_change change)
{
	return d->reasoned.flips[change] + d->reasoned.terms[change] + d->recorded.flips[change];
}

static void add_summary_json(struct differing *d)
{
	const struct diff_report *r = &d->reasoned;
	struct buf *b = &d->out;

	buf_add_byte(b, '{');
	json_number(b, "looser", r->flips[CHANGE_LOOSER]);
	json_number(b, "changed", r->flips[CHANGE_OTHER]);
	json_number(b, "tighter", r->flips[CHANGE_TIGHTER]);
	json_number(b, "unknown", r->unknown);
	json_number(b, "terms_looser", r->terms[CHANGE_LOOSER]);
	json_number(b, "terms_changed", r->terms[CHANGE_OTHER]);
	json_number(b, "terms_tighter", r->terms[CHANGE_TIGHTER]);
	json_bool(b, "proved", d->proved);
	json_number(b, "pairs_left_out", r->left_out);
	json_bool(b, "extends_not_analysed", r->extends);
	if (given(d->in, OPT_LOG)) {
		json_number(b, "actions", d->recorded.actions);
		json_number(b, "recorded_looser", d->recorded.flips[CHANGE_LOOSER]);
		json_number(b, "recorded_changed", d->recorded.flips[CHANGE_OTHER]);
		json_number(b, "recorded_tighter", d->recorded.flips[CHANGE_TIGHTER]);
		json_number(b, "recorded_undecided", d->recorded.undecided);
	}
	buf_add_c(b, "}\n");
}

static void add_counts(struct buf *b, const uint64_t *counts)
{
	buf_addf(b, ": %llu looser, %llu changed, %llu tighter",
		 (unsigned long long)counts[CHANGE_LOOSER],
		 (unsigned long long)counts[CHANGE_OTHER],
		 (unsigned long long)counts[CHANGE_TIGHTER]);
}

static void add_summary(struct differing *d)
{
	const struct diff_report *r = &d->reasoned;
	struct buf *b = &d->out;

	if (r->extends)
		buf_add_c(b, "not analysed in full: policies that extend others\n");
	if (r->left_out) {
		buf_add_c(b, "unknown, ");
		print_counted(b, r->left_out, "pair", "pairs");
		buf_add_c(b, " of rules left out, which may flip\n");
	}
	buf_add_c(b, "pairs of rules");
	add_counts(b, r->flips);
	buf_addf(b, ", %llu unknown\n", (unsigned long long)r->unknown);
	buf_add_c(b, "terms besides rules");
	add_counts(b, r->terms);
	buf_add_byte(b, '\n');
	if (!given(d->in, OPT_LOG))
		return;
	print_counted(b, d->recorded.actions, "recorded action", "recorded actions");
	add_counts(b, d->recorded.flips);
	buf_addf(b, ", %llu undecided\n", (unsigned long long)d->recorded.undecided);
}

/* As for every question: a clear no, then a doubt, then a yes. */
static int status_of(const struct differing *d)
{
	if (given(d->in, OPT_ALLOW_LOOSER))
		return 0;
	if (total(d, CHANGE_LOOSER))
		return err_exit(ERR_DENIED);
	return d->proved && !total(d, CHANGE_OTHER) ? 0 : NOT_DECIDED;
}

static enum err run(struct differing *d, struct arena *bundles, struct arena *memory)
{
	const struct diff_hearing hearing = { on_flip, on_term, d };

	TRY(given_policy_load(d->in, d->in->args[0], bundles, &d->old, &d->note));
	TRY(given_policy_load(d->in, d->in->args[1], bundles, &d->now, &d->note));
	TRY(diff_bundles(d->old, d->now, memory, &hearing, &d->reasoned));
	d->proved = is_proved(d);
	if (given(d->in, OPT_LOG)) {
		TRY(recorded_flips_find(d->in, d->in->values[OPT_LOG], d->old, d->now, memory,
					&d->recorded, &d->note));
		add_recorded(d);
	}
	json_wanted(d->in) ? add_summary_json(d) : add_summary(d);
	return print_page(d->in, &d->out, &d->note);
}

int cmd_policy_diff(const struct invocation *in)
{
	struct differing d = { .in = in };
	struct arena bundles, memory;
	enum err e;

	arena_init(&bundles, 2 * (size_t)LIMIT_BUNDLE_MEMORY);
	arena_init(&memory, MEMORY_CAP);
	buf_init(&d.out, OUT_CAP);
	e = run(&d, &bundles, &memory);
	buf_fini(&d.out);
	arena_fini(&memory);
	arena_fini(&bundles);
	return e == OK ? status_of(&d) : print_error(in, e, &d.note);
}
