/*
 * space: opening, wiring and closing.
 *
 *                    +-- blob (bodies)
 *   event -> gate ---+-- log (entries)        commit order: bodies, then entries;
 *                    |                        a signed checkpoint at close
 *                    +-- recorder (deltas)    a cache: when it fails it is dropped, never the event
 */
#include "engine/space/inside.h"

#include <stdlib.h>

/* Each seed once; many are drawn at a time, because asking costs more than a seed is long. */
static enum err take_seed(struct space *s, struct body_seed *ret)
{
	if (s->seeds_left == 0) {
		TRY(world_entropy(s->world, s->seeds, sizeof(s->seeds)));
		s->seeds_left = SPACE_SEEDS;
	}
	*ret = s->seeds[--s->seeds_left];
	crypto_wipe(&s->seeds[s->seeds_left], sizeof(*ret));
	return OK;
}

static enum err put_body(void *self, struct str text, bool plain, struct digest *ret)
{
	struct space *s = self;
	struct body_seed seed;

	if (plain)
		return blob_put(s->blobs, text, ret);
	TRY(take_seed(s, &seed));
	return blob_put_salted(s->blobs, text, &seed, ret);
}

enum err space_hand_over(struct space *s, bool sync)
{
	TRY(blob_commit(s->blobs, sync));
	TRY(log_commit(s->log, sync));
	s->unwritten_bytes = 0;
	if (s->recorder && recorder_flush(s->recorder) != OK)
		space_drop_recorder(s);
	return OK;
}

/*
 * The log writes when its buffer is full and when a segment is. Before that, bodies are handed
 * over: so a line that a killed process leaves behind has its body.
 */
static enum err put_entry(void *self, uint64_t seq, struct str line)
{
	struct space *s = self;

	if (s->unwritten_bytes > LIMIT_BATCH_BYTES / 2 || seq % LOG_SEGMENT_ENTRIES == 0)
		TRY(space_hand_over(s, false));
	TRY(space_follow_outcomes(s, seq, line));
	TRY(log_append(s->log, line));
	s->unwritten_bytes += line.len;
	space_record_step(s, s->state);
	return OK;
}

static enum err get_body(void *self, const struct digest *d, struct body *ret)
{
	struct space *s = self;

	return blob_get(s->blobs, d, ret);
}

struct gate_bodies space_bodies(struct space *s)
{
	return (struct gate_bodies){ get_body, s };
}

static enum err join_paths(struct space *s, const char *dir)
{
	TRY(world_join(s->log_path, sizeof(s->log_path), dir, "log"));
	TRY(world_join(s->blob_path, sizeof(s->blob_path), dir, "blob"));
	TRY(world_join(s->state_path, sizeof(s->state_path), dir, "state"));
	TRY(world_join(s->path, sizeof(s->path), dir, ""));
	s->path[strlen(s->path) - 1] = '\0';
	return OK;
}

/* What lies behind a link is not the workspace: nothing is read or written through one. */
static enum err check_folders(const struct space *s, struct note *n)
{
	static const char *const names[] = { "log",  "log/segment", "log/tile", "blob",
					     "keys", "keys/agents", "policies", "state" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[LIMIT_PATH_BYTES];
		enum world_kind kind;

		TRY(world_join(path, sizeof(path), s->path, names[i]));
		TRY(world_kind(s->world, path, &kind));
		if (kind == WORLD_NOTHING || kind == WORLD_FOLDER)
			continue;
		note_file(n, path);
		return note_set(n, ERR_TAMPERED, 0, 0,
				"this is a link or another thing in place of a folder: nothing is "
				"read or written through it");
	}
	return OK;
}

/* The bundle that new events are decided by. */
static enum err load_policies(struct space *s, struct note *n)
{
	char folder[LIMIT_PATH_BYTES];

	TRY(world_join(folder, sizeof(folder), s->path, "policies"));
	return space_load_bundle(s->world, folder, &s->bundle_memory, &s->bundle, n);
}

/* The workspace about itself: entries behind the checkpoint that were accepted, or were lost. */
static enum err note_recovery(struct space *s)
{
	struct member members[] = {
		{ .key = STR("lost"), .value = value_int((int64_t)s->lost) },
		{ .key = STR("recovered"), .value = value_int((int64_t)s->recovered) },
	};
	const struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };
	const struct event e = {
		.kind = ENTRY_NOTICE, .at_ns = gate_totals(s->state).last_ns, .at_synthetic = true,
		.data = &data,
	};
	struct verdict ignored;
	struct arena a;
	enum err failed;

	arena_init(&a, LIMIT_ACTION_MEMORY);
	failed = gate_submit(&s->gate, &e, &a, &ignored);
	arena_fini(&a);
	return failed;
}

/*
 * Wire the gate to the end of the log and, after a crash, accept what was just re-run of the tail
 * and cut off the rest. A process that was killed may have left bodies that are not durable yet:
 * they are made so before the tail is signed.
 */
static enum err take_over(struct space *s)
{
	const struct gate_sink sink = { put_body, put_entry, s };
	const struct digest wanted = bundle_digest(s->bundle);
	struct totals_row totals = gate_totals(s->state);
	struct digest in_force;

	if (log_tail(s->log) > 0)
		TRY(log_cut_tail(s->log, s->recovered));
	memcpy(in_force.bytes, totals.policy, sizeof(in_force.bytes));
	s->bundle_announced = digest_eq(&in_force, &wanted);
	gate_init(&s->gate, s->state, s->bundle, s->config.origin, log_size(s->log), sink);
	s->gate.outcome = space_outcome;
	s->gate.resolve = space_resolve;
	s->gate.mask = s->mask;
	s->wired = true;
	if (log_cut_bytes(s->log) > 0)
		say_warn(s->world->say, "%s: %llu bytes of a line that a crash tore were cut off",
			 s->log_path, (unsigned long long)log_cut_bytes(s->log));
	if (s->recovered + s->lost == 0)
		return OK;
	say_warn(s->world->say, "%s: of the entries behind the checkpoint %llu were re-run and "
		 "accepted, %llu had not become durable", s->log_path,
		 (unsigned long long)s->recovered, (unsigned long long)s->lost);
	TRY(note_recovery(s));
	TRY(space_commit(s, true));
	return log_publish(s->log);
}

/* Sessions are named by strangers: their keys are spread so that they cannot be made to collide. */
static enum err open_state(struct space *s)
{
	uint64_t seed;

	TRY(world_entropy(s->world, &seed, sizeof(seed)));
	TRY(gate_state_open(&s->state));
	state_seed(s->state, seed);
	return OK;
}

static enum err open_for_writing(struct space *s, struct note *n)
{
	TRY(space_open_mask(s, &s->mask, n));
	TRY(space_open_log(s, n));
	TRY(load_policies(s, n));
	TRY(blob_open(s->world, s->blob_path, true, &s->blobs, n));
	TRY(open_state(s));
	TRY(space_open_recorder(s));
	TRY(space_catch_up(s, n));
	return take_over(s);
}

static enum err open_for_reading(struct space *s, struct note *n)
{
	return blob_open(s->world, s->blob_path, false, &s->blobs, n);
}

enum err space_open(struct world *w, const char *dir, enum space_mode mode, struct space **ret,
		    struct note *n)
{
	struct space *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return note_set(n, ERR_MEMORY, 0, 0, "%s", err_text(ERR_MEMORY));
	s->world = w;
	arena_init(&s->memory, SPACE_MEMORY);
	arena_init(&s->bundle_memory, LIMIT_BUNDLE_MEMORY);
	e = join_paths(s, dir);
	if (e == OK)
		e = check_folders(s, n);
	if (e == OK)
		e = space_read_config(s, n);
	if (e == OK)
		e = space_read_vkey(s, &s->verifier, n);
	if (e == OK)
		e = mode == SPACE_WRITE ? open_for_writing(s, n) : open_for_reading(s, n);
	if (e != OK) {
		if (n && n->text[0] == '\0')
			(void)note_set(n, e, 0, 0, "%s", err_text(e));
		note_file(n, s->path);
		space_release(s);
		return e;
	}
	*ret = s;
	return OK;
}

/* Everything but the log, which is closed or abandoned before. */
void space_release(struct space *s)
{
	if (s->log)
		log_abandon(s->log);
	if (s->wired)
		gate_fini(&s->gate);
	(void)recorder_close(s->recorder);
	if (s->blobs)
		(void)blob_close(s->blobs);
	free(s->outcomes.bits);
	crypto_wipe(s->seeds, sizeof(s->seeds));
	state_close(s->state);
	sign_key_close(s->key);
	mask_close(s->mask);
	arena_fini(&s->bundle_memory);
	arena_fini(&s->memory);
	free(s);
}

enum err space_publish(struct space *s)
{
	TRY(space_hand_over(s, true));
	return log_publish(s->log);
}

/*
 * Open the log anew: what is behind the checkpoint is a tail now, and goes. ERR_EXISTS: the failure
 * came after the new checkpoint was in place, and what is signed stays.
 */
static enum err take_back(struct space *s)
{
	uint64_t keep = log_signed_size(s->log);

	log_abandon(s->log);
	s->log = NULL;
	TRY(log_open(s->world, s->log_path, s->config.origin, s->key, &s->log, NULL));
	if (log_tail(s->log) > 0)
		TRY(log_cut_tail(s->log, 0));
	if (log_signed_size(s->log) != keep)
		return ERR_EXISTS;
	if (s->recorder && recorder_cut(s->recorder, keep) != OK)
		space_drop_recorder(s);
	return OK;
}

/* What became of the entries that could not be published. */
static const char *unpublished_story(const struct space *s, enum err taken_back)
{
	if (s->acknowledged)
		return "the entries are durable but not signed yet; the next writer signs them";
	switch (taken_back) {
	case OK:
		return "nothing was recorded";
	case ERR_EXISTS:
		return "everything is recorded and signed, but a power loss may undo it";
	default:
		return "what was recorded could not be taken back; it is not signed";
	}
}

enum err space_close(struct space *s, struct note *n)
{
	enum err e = OK, taken_back = OK;

	if (!s)
		return OK;
	if (s->log && !s->paused)
		e = space_publish(s);
	if (e == OK) {
		if (s->log)
			e = log_close(s->log);
		s->log = NULL;
	} else if (!s->acknowledged) {
		taken_back = take_back(s);
	}
	if (e != OK)
		(void)note_set(n, e, 0, 0, "%s: %s", unpublished_story(s, taken_back), err_text(e));
	space_release(s);
	return e;
}

enum err space_abandon(struct space *s, struct note *n)
{
	enum err e = OK;

	if (!s)
		return OK;
	/* Of who paused everything is signed, and what is behind that is of others. */
	if (s->log && !s->paused)
		e = take_back(s);
	if (e != OK)
		(void)note_set(n, e, 0, 0, "what was recorded could not be taken back: %s",
			       err_text(e));
	space_release(s);
	return e;
}

enum err space_finish(struct space *s, enum err e, struct note *n)
{
	if (e == OK)
		return space_close(s, n);
	/* The failure that leads here is the one to be told. */
	(void)space_abandon(s, NULL);
	return e;
}

/* Another bundle than the log's last comes into force in front of the first event, at its time. */
static enum err announce(struct space *s, int64_t at_ns, bool at_synthetic, struct arena *a)
{
	struct event e = {
		.kind = ENTRY_POLICY, .at_ns = at_ns, .at_synthetic = at_synthetic,
		.bundle = s->bundle,
	};
	struct verdict ignored;
	struct buf packed;
	enum err failed;

	MUST(s->wired);
	if (s->bundle_announced)
		return OK;
	buf_init(&packed, LIMIT_BODY_BYTES);
	failed = bundle_pack(s->bundle, &packed);
	if (failed == OK) {
		e.args_text = buf_view(&packed);
		failed = gate_submit(&s->gate, &e, a, &ignored);
	}
	buf_fini(&packed);
	s->bundle_announced = failed == OK;
	return failed;
}

enum err space_submit(struct space *s, const struct event *e, struct arena *a, struct verdict *ret)
{
	enum err failed = announce(s, e->at_ns, e->at_synthetic, a);

	if (failed == OK)
		return gate_take(&s->gate, e, a, ret);
	gate_refuse(ret, s->gate.seq);
	return failed;
}

enum err space_submit_text(struct space *s, struct str text, int64_t now_ns, struct arena *a,
			   struct buf *bodies, struct verdict *ret, struct note *n)
{
	enum err failed = announce(s, now_ns, false, a);

	if (failed == OK)
		return gate_submit_text(&s->gate, text, now_ns, a, bodies, ret, n);
	gate_refuse(ret, s->gate.seq);
	return failed;
}

enum err space_commit(struct space *s, bool sync)
{
	TRY(space_hand_over(s, sync));
	s->acknowledged = s->acknowledged || sync;
	return OK;
}

const struct space_config *space_config(const struct space *s)
{
	return &s->config;
}

struct world *space_world(struct space *s)
{
	return s->world;
}

const char *space_log_folder(const struct space *s)
{
	return s->log_path;
}

const char *space_path(const struct space *s)
{
	return s->path;
}

const struct note_key *space_key(const struct space *s)
{
	return &s->verifier;
}

uint64_t space_entries(const struct space *s)
{
	MUST(s->wired);
	return s->gate.seq;
}

uint64_t space_recovered(const struct space *s)
{
	return s->recovered;
}

const struct bundle *space_bundle(const struct space *s)
{
	return s->bundle;
}

const struct state *space_state(const struct space *s)
{
	return s->state;
}
