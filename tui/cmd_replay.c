/*
 * cmd_replay: trammel replay [--policy PATH] [--all] -C DIR
 *
 * A what-if lists what became looser first: those are the flips that let something through. It
 * makes one pass for each kind of flip it has to list, so that memory does not grow with the number
 * of flips.
 */
#include "engine/base/json.h"
#include "engine/base/canon.h"
#include "replay/replay.h"
#include "tui/print.h"

#define OUT_CAP     ((size_t)64 << 20)
#define MEMORY_CAP  ((size_t)256 << 20)
#define FLUSH_BYTES (64u << 10)

struct listing {
	const struct invocation *in;
	enum replay_flip wanted;
	struct buf out;
	enum err err;
	struct note note; /* of err */
};

static struct str rule_of(const struct decision *d)
{
	return d->rule.ptr ? d->rule : d->stage;
}

static void list_json(struct buf *b, const struct replay_step *step)
{
	const struct entry *was = step->recorded;

	buf_add_byte(b, '{');
	json_number(b, "entry", was->seq);
	json_text(b, "flip", str_view(replay_flip_name(step->flip)));
	json_text(b, "label", str_view(replay_label_name(step->label)));
	json_text(b, "agent", was->agent);
	json_text(b, "action", was->action);
	json_text(b, "session", was->session);
	json_text(b, "recorded_effect", str_view(effect_name(was->decision->effect)));
	json_text(b, "recorded_rule", rule_of(was->decision));
	json_text(b, "effect", step->now ? str_view(effect_name(step->now->effect)) : STR_NONE);
	json_text(b, "rule", step->now ? rule_of(&step->now->decision) : STR_NONE);
	json_text(b, "reason",
		  step->now && step->now->decision.reason_count ? step->now->decision.reasons[0]
								: STR_NONE);
	buf_add_c(b, "}\n");
}

/* A stage by itself tells people little: the policy stage without a rule is the default. */
static struct str cause_of(const struct decision *d)
{
	if (d->rule.ptr)
		return d->rule;
	return str_is(d->stage, "policy") ? STR("the default") : d->stage;
}

static void list_text(struct buf *b, const struct replay_step *step)
{
	const struct entry *was = step->recorded;
	struct str now = step->now ? cause_of(&step->now->decision)
				   : STR("what it stands on is gone");

	buf_addf(b, "%-9s entry %-8llu %-26.*s %-12.*s %s -> %s  %s\n",
		 replay_flip_name(step->flip), (unsigned long long)was->seq, STR_ARG(was->action),
		 STR_ARG(was->session), effect_name(was->decision->effect),
		 step->now ? effect_name(step->now->effect) : "unknown",
		 replay_label_name(step->label));
	buf_addf(b, "          was %.*s, now %.*s\n", STR_ARG(cause_of(was->decision)),
		 STR_ARG(now));
}

static void on_step(void *self, const struct replay_step *step)
{
	struct listing *l = self;

	if (step->flip != l->wanted || l->err != OK)
		return;
	if (json_wanted(l->in))
		list_json(&l->out, step);
	else
		list_text(&l->out, step);
	if (l->out.len > FLUSH_BYTES)
		l->err = print_page(l->in, &l->out, &l->note);
}

/* Members of two entries that are not equal, side by side. */
static void add_differences(struct buf *b, struct str recorded, struct str replayed)
{
	struct value was, now;
	struct arena a;

	arena_init(&a, MEMORY_CAP);
	if (json_read(recorded, 1, &a, &was, NULL) == OK &&
	    json_read(replayed, 1, &a, &now, NULL) == OK)
		for (size_t i = 0; i < was.object.count; i++) {
			const struct member *m = &was.object.members[i];
			const struct value *other = value_get(&now, m->key);

			if (other && value_eq(&m->value, other))
				continue;
			buf_addf(b, "  %.*s\n    recorded  ", STR_ARG(m->key));
			canon_value(b, &m->value);
			buf_add_c(b, "\n    replayed  ");
			if (other)
				canon_value(b, other);
			else
				buf_add_c(b, "(absent)");
			buf_add_byte(b, '\n');
		}
	arena_fini(&a);
}

static void add_counts(struct buf *b, const struct replay_report *r)
{
	const struct tally tally = {
		.entries = r->entries, .sessions = r->sessions, .actions = r->actions,
		.allowed = r->allowed, .denied = r->denied, .refused = r->refused,
	};

	print_tally(b, &tally);
}

static void add_strict(struct buf *b, const struct replay_report *r)
{
	const char *end = r->diverged ? "1 divergence"
			  : r->misses ? "stopped: a body is missing"
				      : "0 divergences; bit-exact";
	bool sound = !r->diverged && r->misses == 0;

	if (r->diverged)
		add_differences(b, r->recorded_line, r->replayed_line);
	buf_add_c(b, "replayed: ");
	add_counts(b, r);
	buf_addf(b, ", %s", end);
	if (sound && r->unknown) {
		buf_add_c(b, " but for ");
		print_counted(b, r->unknown, "step that stands", "steps that stand");
		buf_add_c(b, r->from ? " on redacted values," : " on redacted values");
	}
	if (sound && r->from) {
		buf_add_c(b, " from entry ");
		print_count(b, r->from);
		buf_add_c(b, " on, before which bodies were pruned");
	}
	buf_add_byte(b, '\n');
}

static void add_what_if(struct buf *b, const struct replay_report *r)
{
	buf_add_c(b, "labels: ");
	for (unsigned i = 0; i < REPLAY_LABELS; i++) {
		buf_addf(b, "%s%s ", i ? ", " : "", replay_label_name((enum replay_label)i));
		print_count(b, r->labels[i]);
	}
	buf_add_c(b, "\nwhat if: ");
	add_counts(b, r);
	for (unsigned i = 0; i < REPLAY_FLIPS; i++) {
		if (i == REPLAY_UNDECIDED && r->flips[i] == 0)
			continue;
		buf_add_c(b, i ? ", " : "; ");
		print_count(b, r->flips[i]);
		buf_addf(b, " %s", replay_flip_name((enum replay_flip)i));
	}
	if (r->from) {
		buf_add_c(b, "\nfrom entry ");
		print_count(b, r->from);
		buf_add_c(b, " on: the bodies before were pruned");
	}
	if (r->misses) {
		buf_add_c(b, "\npassed over, as their bodies are missing: ");
		print_counted(b, r->misses, "entry", "entries");
		buf_add_c(b, "; actions among them are undecided, and count as what was recorded");
	}
	buf_add_byte(b, '\n');
}

static void add_json(struct buf *b, const struct replay_report *r, bool strict)
{
	buf_add_byte(b, '{');
	json_text(b, "mode", strict ? STR("strict") : STR("what-if"));
	json_number(b, "entries", r->entries);
	json_number(b, "sessions", r->sessions);
	json_number(b, "tool_calls", r->actions);
	json_number(b, "allowed", r->allowed);
	json_number(b, "denied", r->denied);
	json_number(b, "refused", r->refused);
	json_number(b, "divergences", r->diverged);
	json_number(b, "misses", r->misses);
	if (r->from)
		json_number(b, "from", r->from);
	if (r->unknown)
		json_number(b, "unknown_steps", r->unknown);
	json_number(b, "unsigned_entries", r->unsigned_entries);
	if (r->diverged) {
		json_number(b, "diverged_at", r->diverged_at);
		json_key(b, "recorded");
		buf_add(b, r->recorded_line);
		json_key(b, "replayed");
		buf_add(b, r->replayed_line);
	}
	for (unsigned i = 0; !strict && i < REPLAY_LABELS; i++)
		json_number(b, replay_label_name((enum replay_label)i), r->labels[i]);
	for (unsigned i = 0; !strict && i < REPLAY_FLIPS; i++)
		json_number(b, replay_flip_name((enum replay_flip)i), r->flips[i]);
	json_digest(b, "state_root", &r->state);
	buf_add_c(b, "}\n");
}

/* Passes over the log: looser, tighter, what nobody can tell, then (with --all) the rest. */
static enum err run_passes(struct space *s, struct listing *l, const struct bundle *instead,
			   struct arena *a, struct replay_report *report, struct note *n)
{
	static const enum replay_flip order[] = { REPLAY_LOOSER, REPLAY_TIGHTER, REPLAY_UNDECIDED,
						  REPLAY_SAME };
	struct replay_plan plan = { .instead = instead,
				    .on_step = instead ? on_step : NULL,
				    .self = l };
	enum err e = OK;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		bool first = i == 0,
		     needed = order[i] == REPLAY_SAME ? given(l->in, OPT_ALL) : true;

		if (!first && (!instead || !needed || report->flips[order[i]] == 0))
			continue;
		l->wanted = order[i];
		e = replay_run(s, &plan, a, report, n);
		if (l->err == OK)
			l->err = print_page(l->in, &l->out, &l->note);
		if (e != OK && e != ERR_MISS)
			break;
	}
	if (e == OK && l->err != OK)
		*n = l->note;
	return e == OK ? l->err : e;
}

int cmd_replay(const struct invocation *in)
{
	struct listing l = { .in = in };
	struct note n = { .text = "" };
	struct replay_report report = { .entries = 0 };
	struct bundle *instead = NULL;
	struct arena memory, bundle_memory;
	struct space *s = NULL;
	enum err e = OK, printed;

	arena_init(&memory, MEMORY_CAP);
	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	buf_init(&l.out, OUT_CAP);
	if (given(in, OPT_POLICY))
		e = space_load_bundle(in->world, in->values[OPT_POLICY], &bundle_memory, &instead,
				      &n);
	if (e == OK)
		e = space_open(in->world, dir_of(in), SPACE_READ, &s, &n);
	if (e == OK) {
		e = run_passes(s, &l, instead, &memory, &report, &n);
		if (e == OK || e == ERR_DIVERGED || e == ERR_MISS) {
			if (json_wanted(in))
				add_json(&l.out, &report, !instead);
			else
				instead ? add_what_if(&l.out, &report)
					: add_strict(&l.out, &report);
			printed = print_page(in, &l.out, &l.note);
			if (e == OK) {
				e = printed;
				n = l.note;
			}
		}
		note_file(&n, space_log_folder(s));
	}
	(void)space_close(s, NULL);
	buf_fini(&l.out);
	arena_fini(&bundle_memory);
	arena_fini(&memory);
	return e == OK ? 0 : print_error(in, e, &n);
}
