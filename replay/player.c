/*
 * player: one pass over the log.
 *
 *   feed -> rerun through the gate          strict: bytes equal, or stop; what-if: label and flip
 *     |           \---> state roots          strict: behind the gate, those recorded, or stop
 *     \---> Merkle roots                    at the end: against the signed checkpoint
 */
#include "replay/inside.h"

/* Names of sessions in which something came out differently. */
#define NAMES_MEMORY ((size_t)1 << 30)
/* A bit for each entry of the log. */
#define LOST_BYTES ((size_t)1 << 30)

struct pass {
	struct space *space;
	const struct replay_plan *plan;
	struct arena *arena;                  /* the caller's: outlives the pass */
	struct replay_report *report;
	struct note *note;
	struct state *state;
	struct rerun *rerun;
	struct feed *feed;
	struct roots *roots;                  /* NULL: a what-if, whose states are others */
	struct checkpoint checkpoint;
	uint64_t pruned_before;               /* as the log says; 0: nothing was */
	struct buf lost;                      /* bits: unknown steps that it did not announce yet */
	uint64_t lost_count;
	uint64_t announced;                   /* unknown steps, some maybe twice */
	struct map changed;                   /* sessions that heard another answer */
	struct arena names;
};

const char *replay_label_name(enum replay_label label)
{
	static const char *const names[REPLAY_LABELS] = { "exact", "re-decided", "unknown" };

	return names[label];
}

const char *replay_flip_name(enum replay_flip flip)
{
	static const char *const names[REPLAY_FLIPS] = {
		"same", "looser", "tighter", "undecided"
	};

	return names[flip];
}

/*
 * Alike is what the agent could tell: the effect and what comes with it. Names of rules and words
 * of reasons may differ.
 */
static bool decided_alike(const struct decision *a, const struct decision *b)
{
	if (a->effect != b->effect || a->obligation_count != b->obligation_count)
		return false;
	for (size_t i = 0; i < a->obligation_count; i++)
		if (!str_eq(a->obligations[i].type, b->obligations[i].type) ||
		    !str_eq(a->obligations[i].edits, b->obligations[i].edits))
			return false;
	return true;
}

static bool session_changed(const struct pass *p, struct str session)
{
	uint32_t ignored;

	return session.ptr && map_get(&p->changed, session, &ignored);
}

static enum err mark_changed(struct pass *p, struct str session)
{
	struct str name;

	if (!session.ptr || session_changed(p, session))
		return OK;
	TRY(arena_copy(&p->names, session, &name));
	return map_put(&p->changed, name, 0);
}

/* What could not be decided is an action, but neither allowed nor denied. */
static void count_verdict(struct replay_report *r, const struct entry *recorded,
			  const struct verdict *now)
{
	r->refused += recorded->kind == ENTRY_REFUSAL;
	if (recorded->kind != ENTRY_ACTION)
		return;
	r->actions++;
	r->allowed += now && now->effect == EFFECT_ALLOW;
	r->denied += now && now->effect == EFFECT_DENY;
}

/* One action of a what-if: what it is worth and whether it flips. */
static enum err judge(struct pass *p, const struct entry *recorded, const struct verdict *now)
{
	struct replay_step step = { .recorded = recorded, .now = now };
	bool alike;

	if (recorded->kind != ENTRY_ACTION)
		return OK;
	alike = now && decided_alike(&now->decision, recorded->decision);
	if (!now || session_changed(p, recorded->session))
		step.label = REPLAY_UNKNOWN;
	else if (!alike)
		step.label = REPLAY_REDECIDED;
	if (!now)
		step.flip = REPLAY_UNDECIDED;
	else if (now->effect != recorded->decision->effect)
		step.flip = now->effect == EFFECT_ALLOW ? REPLAY_LOOSER : REPLAY_TIGHTER;
	p->report->labels[step.label]++;
	p->report->flips[step.flip]++;
	if (p->plan->on_step)
		p->plan->on_step(p->plan->self, &step);
	return alike ? OK : mark_changed(p, recorded->session);
}

/* Both lines are told and in the caller's arena. */
static enum err diverge(struct pass *p, uint64_t seq)
{
	p->report->diverged = true;
	p->report->diverged_at = seq;
	feed_place(p->feed, seq, p->note);
	return note_set(p->note, ERR_DIVERGED, p->note ? p->note->line : 0, 0,
			"entry %llu comes out differently", (unsigned long long)seq);
}

static enum err diverge_in_line(struct pass *p, const struct rerun_step *step,
				struct str recorded)
{
	TRY(arena_copy(p->arena, recorded, &p->report->recorded_line));
	TRY(arena_copy(p->arena, step->line, &p->report->replayed_line));
	return diverge(p, step->recorded.seq);
}

/* The gate went on since; the report says where the replay was then. */
static enum err diverge_in_digest(struct pass *p)
{
	struct replay_report *r = p->report;
	struct roots_divergence d;

	TRY(roots_divergence(p->roots, p->arena, &d));
	*r = (struct replay_report){
		.entries = d.entry.seq + 1, .from = r->from, .actions = d.entry.actions,
		.allowed = d.entry.allowed, .denied = d.entry.denied,
		.refused = d.entry.refused, .unknown = d.entry.unknown,
		.recorded_line = d.recorded, .replayed_line = d.replayed,
	};
	if (p->note)
		*p->note = (struct note){ .text = "" };
	return diverge(p, d.entry.seq);
}

/* A body is gone: strict stops, what-if goes on from what was decided then. */
static enum err miss(struct pass *p)
{
	struct entry recorded;

	p->report->misses++;
	if (!p->plan->instead)
		return ERR_MISS;
	TRY(rerun_pass(p->rerun, &recorded));
	count_verdict(p->report, &recorded, NULL);
	return judge(p, &recorded, NULL);
}

static enum err add_roots(struct pass *p, const struct rerun_step *step)
{
	const struct replay_report *r = p->report;
	const struct roots_entry entry = {
		step->recorded.seq, r->actions, r->allowed, r->denied, r->refused, r->unknown
	};

	return roots_add(p->roots, p->state, step, &entry);
}

/* Values that the step stands on are gone; which entry took them comes later in the log. */
static enum err note_loss(struct pass *p, uint64_t seq)
{
	while (p->lost.len <= seq / 8 && p->lost.err == OK)
		buf_add_byte(&p->lost, 0);
	TRY(p->lost.err);
	p->lost.ptr[seq / 8] = (char)(p->lost.ptr[seq / 8] | 1 << seq % 8);
	p->lost_count++;
	return OK;
}

static bool is_lost(const struct pass *p, uint64_t seq)
{
	return p->lost.ptr[seq / 8] >> seq % 8 & 1;
}

static void note_redaction(struct pass *p, const struct rerun_input *in)
{
	struct space_taken taken;

	if (in->failed != OK || !space_redaction_of(&in->entry, &taken) || taken.unknown == 0)
		return;
	p->announced += taken.unknown;
	for (uint64_t i = taken.first; p->lost_count > 0 && i <= taken.last; i++) {
		if (i / 8 >= p->lost.len)
			return;
		p->lost_count -= is_lost(p, i);
		p->lost.ptr[i / 8] = (char)(p->lost.ptr[i / 8] & ~(1 << i % 8));
	}
}

static enum err play_line(struct pass *p, const struct rerun_input *in)
{
	const struct verdict *now;
	struct rerun_step step;
	enum err e = rerun_play(p->rerun, in, &step, p->note);

	if (e != OK)
		feed_place(p->feed, p->report->entries - 1, p->note);
	if (e == ERR_MISS)
		return miss(p);
	TRY(e);
	if (p->roots && !step.equal)
		return diverge_in_line(p, &step, in->line);
	if (p->roots)
		TRY(add_roots(p, &step));
	p->report->unknown += step.unknown.ptr != NULL;
	now = p->roots || !step.unknown.ptr ? &step.now : NULL;
	count_verdict(p->report, &step.recorded, now);
	if (!p->roots)
		return judge(p, &step.recorded, now);
	return step.unknown.ptr ? note_loss(p, step.recorded.seq) : OK;
}

static void note_prune(struct pass *p, const struct rerun_input *in)
{
	uint64_t before = in->failed == OK ? space_prune_before(&in->entry) : 0;

	if (before > p->pruned_before)
		p->pruned_before = before;
}

static enum err play(struct pass *p)
{
	const struct rerun_input *in;

	for (;;) {
		TRY(feed_next(p->feed, &in));
		if (!in)
			return OK;
		note_prune(p, in);
		note_redaction(p, in);
		if (p->report->entries++ < p->report->from)
			continue;
		TRY(play_line(p, in));
	}
}

/*
 * Whatever ended the play of a strict replay: an entry before it whose digests do not come out
 * comes first.
 */
static enum err settle(struct pass *p, enum err played)
{
	enum err e = p->roots ? roots_end(p->roots) : OK;

	if (e == ERR_DIVERGED)
		return diverge_in_digest(p);
	return played != OK ? played : e;
}

/* What was not played must be what the log says was pruned: any file could begin the play later. */
static enum err justify_start(struct pass *p)
{
	if (p->report->from <= p->pruned_before)
		return OK;
	note_file(p->note, space_path(p->space));
	return note_set(p->note, ERR_TAMPERED, 0, 0,
			"blob/baseline lets a replay begin at entry %llu, and no entry of the log "
			"says that bodies were pruned up to there",
			(unsigned long long)p->report->from);
}

/*
 * A body that lost values is taken as it was recorded, so the log must say that they were taken:
 * otherwise whoever can write to blob/ could keep any entry from being decided again. How many of
 * the entries of a span it were is a number only, and they can be told no further apart.
 */
static enum err justify_losses(struct pass *p)
{
	uint64_t first = 0;

	if (p->lost_count == 0 && p->report->unknown <= p->announced)
		return OK;
	note_file(p->note, space_path(p->space));
	if (p->lost_count == 0)
		return note_set(p->note, ERR_TAMPERED, 0, 0,
				"%llu steps stand on values that are gone, and the entries of the "
				"log announce only %llu", (unsigned long long)p->report->unknown,
				(unsigned long long)p->announced);
	while (!is_lost(p, first))
		first++;
	return note_set(p->note, ERR_TAMPERED, 0, 0,
			"entry %llu stands on lost values that no entry of the log says were taken",
			(unsigned long long)first);
}

/* The whole log was read: does it lead to what was signed? */
static enum err compare_root(struct pass *p)
{
	const struct checkpoint *c = &p->checkpoint;
	struct feed_heads heads;

	feed_heads(p->feed, &heads);
	if (heads.entries < c->size)
		return note_set(p->note, ERR_TAMPERED, 0, 0,
				"the log has %llu entries but its checkpoint signs %llu",
				(unsigned long long)heads.entries, (unsigned long long)c->size);
	if (!digest_eq(&heads.signed_root, &c->root))
		return note_set(p->note, ERR_TAMPERED, 0, 0,
				"the root of the entries is not the one that the checkpoint signs; "
				"'trammel log verify' names the first bad entry");
	p->report->root = heads.root;
	p->report->unsigned_entries = heads.entries - c->size;
	return OK;
}

/*
 * Hash tables are seeded by the signed root: strangers choose names of sessions, and cannot choose
 * ones that collide under a seed that depends on all of them.
 */
static enum err open_state(struct pass *p)
{
	uint64_t seed;

	memcpy(&seed, p->checkpoint.root.bytes, sizeof(seed));
	map_init(&p->changed, seed);
	TRY(gate_state_open(&p->state));
	state_seed(p->state, seed);
	return p->plan->instead ? OK : roots_open(space_world(p->space), seed, &p->roots);
}

static enum err open_pass(struct pass *p)
{
	struct space *s = p->space;
	struct str origin = space_config(s)->origin, ignored;

	TRY(log_checkpoint(space_world(s), space_log_folder(s), space_key(s), 1, p->arena,
			   &ignored, &p->checkpoint, p->note));
	if (!str_eq(p->checkpoint.origin, origin))
		return note_set(p->note, ERR_TAMPERED, 0, 0, "the checkpoint is of log '%.*s'",
				STR_ARG(p->checkpoint.origin));
	TRY(open_state(p));
	TRY(space_start(s, p->state, &p->report->from, p->note));
	if (p->roots)
		TRY(space_start(s, roots_state(p->roots), &p->report->from, p->note));
	TRY(rerun_open(p->state, origin, p->report->from, space_bodies(s), p->plan->instead,
		       &p->rerun, p->note));
	rerun_trust_digests(p->rerun);
	return feed_open(s, p->checkpoint.size, &p->feed);
}

static void tell_state(struct pass *p, struct state *s)
{
	enum err ignored;

	if (!s)
		return;
	p->report->sessions = state_rows(s, GATE_SESSIONS);
	ignored = state_root(s, &p->report->state);
	(void)ignored;
}

static void close_pass(struct pass *p)
{
	feed_close(p->feed);
	rerun_close(p->rerun);
	roots_close(p->roots);
	state_close(p->state);
	map_fini(&p->changed);
	arena_fini(&p->names);
	buf_fini(&p->lost);
}

enum err replay_run(struct space *s, const struct replay_plan *plan, struct arena *a,
		    struct replay_report *ret, struct note *n)
{
	struct pass p = { .space = s, .plan = plan, .arena = a, .report = ret, .note = n };
	enum err e;

	*ret = (struct replay_report){ 0 };
	map_init(&p.changed, 0);
	arena_init(&p.names, NAMES_MEMORY);
	buf_init(&p.lost, LOST_BYTES);
	e = open_pass(&p);
	if (e == OK)
		e = settle(&p, play(&p));
	if (e == OK)
		e = compare_root(&p);
	if (e == OK)
		e = justify_start(&p);
	if (e == OK && p.roots)
		e = justify_losses(&p);
	tell_state(&p, p.roots ? roots_state(p.roots) : p.state);
	close_pass(&p);
	if (e == OK && ret->misses > 0)
		e = note_set(n, ERR_MISS, 0, 0,
			     "%llu %s not in the blob store", (unsigned long long)ret->misses,
			     ret->misses == 1 ? "entry names a body that is"
					      : "entries name bodies that are");
	return e;
}
