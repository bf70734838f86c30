/*
 * cmd_policy_diff: trammel policy diff OLD NEW [--log SPACE]
 *
 * Flips found by reasoning over both bundles, and with --log the flips among recorded actions:
 * the recording is decided by the old policies, then by the new ones, from the same inputs, and the
 * two passes are compared. Flips are grouped by the two rules that decide.
 */
#include "engine/base/map.h"
#include "replay/replay.h"
#include "tui/given_policy.h"

#define OUT_CAP     ((size_t)64 << 20)
#define MEMORY_CAP  ((size_t)1 << 30)
#define GROUPS_MAX  65536u
#define NO_DECISION UINT32_MAX
#define NOT_DECIDED 3        /* exit status, engine/base/err.h */

struct group {
	uint32_t was, now; /* number of a rule's name, twice, plus one when it allows */
	uint64_t count, entry;
};

struct differing {
	const struct invocation *in;
	struct bundle *old, *now;
	struct arena memory;
	struct buf out;
	struct note note;
	uint64_t looser;
	bool proved;                 /* there are no other flips */
	/* the recording */
	struct map names;            /* of rules, in the order they were met */
	struct buf decisions;        /* of the first pass: a number for each action */
	size_t step;
	struct group *groups;
	uint32_t group_count;
	bool second;
	uint64_t recorded_looser, recorded_tighter;
	enum err err;
};

static void add_name(struct buf *b, struct str rule)
{
	buf_addf(b, "%.*s", rule.ptr ? (int)rule.len : 11, rule.ptr ? rule.ptr : "the default");
}

static void add_flip(struct differing *d, bool looser, struct str was, struct str now,
		     const struct question *witness, const struct group *group)
{
	struct buf *b = &d->out;

	if (json_wanted(d->in)) {
		buf_add_byte(b, '{');
		json_text(b, "flip", looser ? STR("looser") : STR("tighter"));
		json_text(b, "source", witness ? STR("reasoned") : STR("recorded"));
		json_text(b, "was", was);
		json_text(b, "now", now);
		if (witness)
			given_question_json(b, "witness", witness);
		if (group) {
			json_number(b, "count", group->count);
			json_number(b, "entry", group->entry);
		}
		buf_add_c(b, "}\n");
		return;
	}
	buf_addf(b, "%-8s %s", looser ? "looser" : "tighter",
		 looser ? "deny by " : "allow by ");
	add_name(b, was);
	buf_addf(b, " -> %s", looser ? "allow by " : "deny by ");
	add_name(b, now);
	buf_add_c(b, "\n  ");
	if (witness) {
		question_write(b, witness);
	} else {
		print_counted(b, group->count, "recorded action", "recorded actions");
		buf_addf(b, ", entry %llu first", (unsigned long long)group->entry);
	}
	buf_add_byte(b, '\n');
}

static void on_flip(void *self, const struct diff_flip *f)
{
	struct differing *d = self;

	add_flip(d, f->looser, f->was, f->now, f->witness, NULL);
}

/* --- the recording --- */

/* A rule and an effect as one number. */
static enum err number_of(struct differing *d, const struct verdict *v, uint32_t *ret)
{
	struct str name = v->decision.rule.ptr ? v->decision.rule : STR("");
	uint32_t number = d->names.count;

	if (!map_get(&d->names, name, &number)) {
		struct str kept;

		TRY(arena_copy(&d->memory, name, &kept));
		TRY(map_put(&d->names, kept, number));
	}
	*ret = 2 * number + (v->effect == EFFECT_ALLOW);
	return OK;
}

static enum err count_flip(struct differing *d, uint32_t was, uint32_t now, uint64_t entry)
{
	uint32_t at = 0;

	if ((was & 1) == (now & 1))
		return OK;
	while (at < d->group_count && (d->groups[at].was != was || d->groups[at].now != now))
		at++;
	if (at == GROUPS_MAX)
		return ERR_LIMIT;
	if (at == d->group_count)
		d->groups[d->group_count++] = (struct group){ was, now, 0, entry };
	d->groups[at].count++;
	d->recorded_looser += now & 1;
	d->recorded_tighter += was & 1;
	return OK;
}

static void on_step(void *self, const struct replay_step *step)
{
	struct differing *d = self;
	uint32_t now = NO_DECISION, was;

	if (d->err != OK)
		return;
	if (step->now)
		d->err = number_of(d, step->now, &now);
	if (!d->second) {
		char *room = buf_grow(&d->decisions, sizeof(now));

		if (room)
			memcpy(room, &now, sizeof(now));
		else
			d->err = d->decisions.err;
		return;
	}
	memcpy(&was, d->decisions.ptr + sizeof(was) * d->step++, sizeof(was));
	if (d->err == OK && was != NO_DECISION && now != NO_DECISION)
		d->err = count_flip(d, was, now, step->recorded->seq);
}

static enum err pass(struct differing *d, struct space *s, const struct bundle *by)
{
	const struct replay_plan plan = { .instead = by, .on_step = on_step, .self = d };
	struct replay_report report;
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY_CAP);
	e = replay_run(s, &plan, &a, &report, &d->note);
	arena_fini(&a);
	/* A body that is gone leaves its action undecided in both passes. */
	return e == ERR_MISS || e == OK ? d->err : e;
}

static struct str name_of(const struct differing *d, uint32_t number)
{
	struct str name = d->names.entries[number / 2].key;

	return name.len ? name : STR_NONE;
}

static enum err compare_log(struct differing *d)
{
	struct space *s;
	enum err e;

	d->groups = arena_array(&d->memory, GROUPS_MAX, sizeof(*d->groups));
	if (!d->groups)
		return ERR_MEMORY;
	TRY(space_open(d->in->world, d->in->values[OPT_LOG], SPACE_READ, &s, &d->note));
	e = pass(d, s, d->old);
	d->second = true;
	if (e == OK)
		e = pass(d, s, d->now);
	(void)space_close(s, NULL);
	for (unsigned looser = 2; e == OK && looser-- > 0;)
		for (uint32_t i = 0; i < d->group_count; i++)
			if ((d->groups[i].now & 1) == looser)
				add_flip(d, looser, name_of(d, d->groups[i].was),
					 name_of(d, d->groups[i].now), NULL, &d->groups[i]);
	return e;
}

/* --- the end --- */

static bool digest_same(const struct differing *d)
{
	struct digest old = bundle_digest(d->old), now = bundle_digest(d->now);

	return digest_eq(&old, &now);
}

static void add_summary(struct differing *d, const struct diff_report *r)
{
	struct buf *b = &d->out;

	if (json_wanted(d->in)) {
		buf_add_byte(b, '{');
		json_number(b, "looser", r->looser);
		json_number(b, "tighter", r->tighter);
		json_number(b, "unknown", r->unknown);
		json_bool(b, "proved", d->proved);
		json_bool(b, "pairs_left_out", r->cut);
		json_bool(b, "cedar_not_analysed", r->cedar);
		json_bool(b, "extends_not_analysed", r->extends);
		json_bool(b, "besides_not_compared", r->besides);
		if (given(d->in, OPT_LOG)) {
			json_number(b, "actions", d->step);
			json_number(b, "recorded_looser", d->recorded_looser);
			json_number(b, "recorded_tighter", d->recorded_tighter);
		}
		buf_add_c(b, "}\n");
		return;
	}
	if (r->cedar)
		buf_add_c(b, "not analysed: cedar policies\n");
	if (r->extends)
		buf_add_c(b, "not analysed in full: policies that extend others\n");
	if (r->besides && !digest_same(d))
		buf_add_c(b, "not compared: limits, edits, approvals, signatures, quotas, "
			     "trust and the like\n");
	if (r->cut)
		buf_add_c(b, "not analysed: some pairs of rules, there are too many\n");
	buf_addf(b, "pairs of rules: %llu looser, %llu tighter, %llu unknown\n",
		 (unsigned long long)r->looser, (unsigned long long)r->tighter,
		 (unsigned long long)r->unknown);
	if (!given(d->in, OPT_LOG))
		return;
	print_counted(b, d->step, "recorded action", "recorded actions");
	buf_addf(b, ": %llu looser, %llu tighter\n", (unsigned long long)d->recorded_looser,
		 (unsigned long long)d->recorded_tighter);
}

/* Nothing was left out, or there is nothing to find: the two are the same files. */
static bool is_proved(const struct differing *d, const struct diff_report *r)
{
	return digest_same(d) ||
	       !(r->unknown || r->cut || r->cedar || r->extends || r->besides);
}

/* As for every question: a clear no, then a doubt, then a yes. */
static int status_of(const struct differing *d)
{
	if (given(d->in, OPT_ALLOW_LOOSER))
		return 0;
	if (d->looser)
		return err_exit(ERR_DENIED);
	return d->proved ? 0 : NOT_DECIDED;
}

static enum err run(struct differing *d, struct arena *bundles, struct arena *scratch)
{
	struct diff_report report;

	TRY(given_policy_load(d->in, d->in->args[0], bundles, &d->old, &d->note));
	TRY(given_policy_load(d->in, d->in->args[1], bundles, &d->now, &d->note));
	TRY(diff_bundles(d->old, d->now, &d->memory, scratch, on_flip, d, &report));
	d->proved = is_proved(d, &report);
	if (given(d->in, OPT_LOG))
		TRY(compare_log(d));
	d->looser = report.looser + d->recorded_looser;
	add_summary(d, &report);
	return print_page(d->in, &d->out, &d->note);
}

int cmd_policy_diff(const struct invocation *in)
{
	struct differing d = { .in = in };
	struct arena bundles, scratch;
	enum err e;

	arena_init(&bundles, 2 * (size_t)LIMIT_BUNDLE_MEMORY);
	arena_init(&d.memory, MEMORY_CAP);
	arena_init(&scratch, MEMORY_CAP);
	buf_init(&d.out, OUT_CAP);
	buf_init(&d.decisions, OUT_CAP);
	map_init(&d.names, 0);
	e = run(&d, &bundles, &scratch);
	map_fini(&d.names);
	buf_fini(&d.decisions);
	buf_fini(&d.out);
	arena_fini(&scratch);
	arena_fini(&d.memory);
	arena_fini(&bundles);
	if (e != OK)
		return print_error(in, e, &d.note);
	return status_of(&d);
}
