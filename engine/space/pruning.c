/* pruning: dropping what is old, and the state that takes its place. */
#include "engine/space/inside.h"

#include "engine/base/little.h"
#include "engine/base/map.h"
#include "engine/base/sum.h"

/* <dir>/blob/baseline: magic, number of the entry whose state it is, sum of the image, image */
#define BASELINE "baseline"
#define BASELINE_MAGIC "TRMBASE2"
#define MAGIC_BYTES 8
#define HEAD_BYTES (MAGIC_BYTES + 16)
#define BASELINE_BYTES ((size_t)2 << 30)
#define DIGESTS_BYTES ((size_t)2 << 30)

struct pruning {
	struct space *space;
	const struct space_prune *order;
	struct space_pruned *report;
	struct buf digests;          /* of the bodies to go, back to back */
	struct map going;            /* keys are in there */
};

/* --- the baseline --- */

static enum err baseline_path(const struct space *s, char path[LIMIT_PATH_BYTES])
{
	return world_join(path, LIMIT_PATH_BYTES, s->blob_path, BASELINE);
}

static enum err write_baseline(struct space *s, uint64_t seq, struct state *state)
{
	char path[LIMIT_PATH_BYTES];
	struct buf b;
	enum err e;

	TRY(baseline_path(s, path));
	buf_init(&b, BASELINE_BYTES);
	buf_add(&b, STR(BASELINE_MAGIC));
	e = buf_grow(&b, HEAD_BYTES - MAGIC_BYTES) ? state_snapshot(state, &b) : b.err;
	if (e == OK) {
		little_put64(b.ptr + MAGIC_BYTES, seq);
		little_put64(b.ptr + MAGIC_BYTES + 8,
			     sum64(b.len - HEAD_BYTES, b.ptr + HEAD_BYTES, b.len - HEAD_BYTES));
		e = world_replace_file(s->world, path, buf_view(&b));
	}
	buf_fini(&b);
	return e;
}

/* What is read is believed when it is the state that the entry of the log carries. */
static enum err read_baseline(struct space *s, struct str file, struct state *into,
			      uint64_t *from, struct note *n)
{
	struct digest recorded, now;
	struct str image;
	uint64_t seq;
	enum err e;

	if (file.len < HEAD_BYTES || memcmp(file.ptr, BASELINE_MAGIC, MAGIC_BYTES) != 0)
		return ERR_TAMPERED;
	seq = little_get64(file.ptr + MAGIC_BYTES);
	image = str_slice(file.ptr + HEAD_BYTES, file.len - HEAD_BYTES);
	if (sum64(image.len, image.ptr, image.len) != little_get64(file.ptr + MAGIC_BYTES + 8))
		return ERR_TAMPERED;
	e = state_restore(into, image);
	if (e != OK)
		return e == ERR_MEMORY ? e : ERR_TAMPERED;
	TRY(space_recorded_root(s, seq, &recorded, n));
	TRY(state_root(into, &now));
	*from = seq + 1;
	return digest_eq(&now, &recorded) ? OK : ERR_TAMPERED;
}

enum err space_baseline(struct space *s, uint64_t *from)
{
	char path[LIMIT_PATH_BYTES], head[HEAD_BYTES];
	enum err e;
	int fd;

	*from = 0;
	TRY(baseline_path(s, path));
	e = world_open(s->world, path, WORLD_READ, &fd);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	e = world_read_exact(s->world, fd, 0, head, sizeof(head));
	world_close(s->world, fd);
	if (e == OK)
		*from = little_get64(head + MAGIC_BYTES) + 1;
	return e == ERR_TRUNCATED ? ERR_TAMPERED : e;
}

enum err space_start(struct space *s, struct state *into, uint64_t *from, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	struct arena a;
	struct str file;
	enum err e;

	*from = 0;
	state_reset(into);
	TRY(baseline_path(s, path));
	arena_init(&a, BASELINE_BYTES);
	e = world_read_file(s->world, path, BASELINE_BYTES, &a, &file);
	if (e == OK)
		e = read_baseline(s, file, into, from, n);
	else if (e == ERR_NOT_FOUND)
		e = OK;
	arena_fini(&a);
	if (e != ERR_TAMPERED)
		return e;
	note_file(n, path);
	return note_set(n, e, 0, 0, "this is not the state that the log's entry carries");
}

uint64_t space_prune_before(const struct entry *e)
{
	const struct value *v;

	if (e->kind != ENTRY_CONTROL || !str_is(e->action, "log.prune"))
		return 0;
	v = value_get_c(e->data, "before");
	return v && v->kind == VALUE_INT && v->integer > 0 ? (uint64_t)v->integer : 0;
}

/* --- what is old --- */

static void add_digest(struct pruning *p, const struct digest *d)
{
	if (d)
		buf_add(&p->digests, str_slice(d->bytes, DIGEST_BYTES));
}

/*
 * In front of the first entry that is not old; bundles stay. A synthetic time tells no age: such an
 * entry is as old as the next one whose time is known, and with none behind it, it is not old.
 */
static enum err find_old(struct pruning *p, struct log_reader *reader, struct arena *a,
			 struct note *n)
{
	size_t old = 0;
	struct entry e;
	struct str line;

	for (;;) {
		TRY(log_reader_next(reader, &line));
		if (!line.ptr)
			break;
		arena_rewind(a, (struct arena_mark){ NULL, 0 });
		TRY(entry_parse(line, a, &e, n));
		if (!e.time_synthetic && e.time_ns >= p->order->before_ns)
			break;
		if (e.kind != ENTRY_POLICY) {
			add_digest(p, e.args);
			add_digest(p, e.result);
		}
		TRY(p->digests.err);
		if (e.time_synthetic)
			continue;
		p->report->before = e.seq + 1;
		old = p->digests.len;
	}
	p->digests.len = old;
	return OK;
}

static enum err list_old(struct pruning *p, struct note *n)
{
	struct space *s = p->space;
	struct log_reader *reader;
	struct arena a;
	enum err e;

	TRY(log_reader_open(s->world, s->log_path, 0, UINT64_MAX, &reader));
	arena_init(&a, LIMIT_ACTION_MEMORY);
	e = find_old(p, reader, &a, n);
	arena_fini(&a);
	log_reader_close(reader);
	TRY(e);
	for (size_t at = 0; at < p->digests.len; at += DIGEST_BYTES) {
		e = map_put(&p->going, str_slice(p->digests.ptr + at, DIGEST_BYTES), 0);
		if (e != OK && e != ERR_DUPLICATE)
			return e;
	}
	return OK;
}

static enum err record(struct pruning *p, struct note *n)
{
	struct member members[] = {
		{ .key = STR("before"), .value = value_int((int64_t)p->report->before) },
		{ .key = STR("reason"), .value = value_string(p->order->reason) },
	};
	const struct value data = { .kind = VALUE_OBJECT, .object = { members, 2 } };

	TRY(space_control(p->space, STR("log.prune"), STR_NONE, STR_NONE, &data, p->order->at_ns,
			  n));
	return space_publish(p->space);
}

/*
 * The state behind the last old entry is made while its bodies are still there, and written once
 * the log says why: a replay believes no baseline without. One that is ahead already stays, because
 * a prune that did not end may have dropped bodies up to there.
 */
static enum err record_and_keep_state(struct pruning *p, struct note *n)
{
	uint64_t baseline, last = p->report->before - 1;
	struct state *state;
	struct digest root;
	enum err e;

	TRY(space_baseline(p->space, &baseline));
	if (baseline > last)
		return record(p, n);
	TRY(gate_state_open(&state));
	e = space_state_at(p->space, last, state, &root, n);
	if (e == OK)
		e = record(p, n);
	if (e == OK)
		e = write_baseline(p->space, last, state);
	state_close(state);
	return e;
}

static enum err choose_fate(void *self, const struct digest *d, enum body_form form,
			    enum blob_fate *ret)
{
	struct pruning *p = self;
	uint32_t ignored;

	if (form != BODY_PLAIN && map_get(&p->going, str_slice(d->bytes, DIGEST_BYTES), &ignored))
		*ret = BLOB_DROP;
	return OK;
}

static enum err prune(struct pruning *p, struct note *n)
{
	const struct blob_edit drop = { choose_fate, NULL, p };
	uint64_t ignored;

	TRY(list_old(p, n));
	if (p->going.count > 0)
		TRY(blob_survey(p->space->blobs, &drop, &p->report->bodies));
	if (p->report->bodies == 0)
		return note_set(n, ERR_NOT_FOUND, 0, 0, "there are no bodies of entries so old");
	if (p->order->dry_run)
		return OK;
	TRY(record_and_keep_state(p, n));
	return blob_rewrite(p->space->blobs, &drop, &ignored);
}

enum err space_prune(struct space *s, const struct space_prune *order, struct space_pruned *ret,
		     struct note *n)
{
	struct pruning p = { .space = s, .order = order, .report = ret };
	enum err e;

	*ret = (struct space_pruned){ 0 };
	buf_init(&p.digests, DIGESTS_BYTES);
	map_init(&p.going, 0);
	e = prune(&p, n);
	map_fini(&p.going);
	buf_fini(&p.digests);
	return e;
}
