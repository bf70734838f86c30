/*
 * cmd_log_verify: trammel log verify [--against FILE | --heads FILE] [--witness VKEY --quorum K]
 *                                    [--published DIR --vkey VKEY]
 *
 * A log that only agrees with itself may still be another than it was yesterday: its owner can cut
 * it or write it anew and sign again. So a verifier brings the newest head that it has seen, or
 * asks for the word of witnesses who keep one. A published copy needs no workspace, but the key.
 */
#include "engine/base/limits.h"
#include "engine/space/space.h"
#include "tui/given_vkey.h"
#include "tui/operator.h"

#define OUT_CAP    ((size_t)64 << 20)
#define MEMORY_CAP ((size_t)256 << 20)

struct verifying {
	const struct invocation *in;
	struct arena arena;
	struct note_key key; /* of the log */
	struct note_key witnesses[LIMIT_WITNESSES];
	struct checkpoint head; /* the newest that is known, when demand.head points here */
	struct heads heads;     /* the file of --heads or --against */
	struct log_demand demand;
	struct buf note; /* the checkpoint that was verified */
	struct buf unfinished; /* lines, or numbers, of redactions that did not end */
};

static void add_verified_json(struct buf *b, const struct verifying *v, const struct log_report *r,
			      const struct space_bodies_found *bodies, enum err e)
{
	buf_add_byte(b, '{');
	json_bool(b, "verified", e == OK);
	json_text(b, "origin", r->checkpoint.origin);
	json_number(b, "entries", r->entries);
	json_number(b, "tool_calls", r->actions);
	json_number(b, "allowed", r->allowed);
	json_number(b, "denied", r->denied);
	json_number(b, "refused", r->refused);
	json_number(b, "unsigned_entries", r->tail_entries);
	json_bool(b, "torn", r->torn);
	json_number(b, "key_rotations", r->rotations);
	json_number(b, given(v->in, OPT_PUBLISHED) ? "bundles" : "segments", r->segments);
	json_number(b, "tiles", r->tiles);
	json_number(b, "bytes", r->bytes);
	if (bodies) {
		json_number(b, "bodies", bodies->whole);
		json_number(b, "redacted_bodies", bodies->redacted);
		json_number(b, "pruned_bodies", bodies->pruned);
		json_key(b, "unfinished_redactions");
		buf_addf(b, "[%.*s]", STR_ARG(buf_view(&v->unfinished)));
	}
	if (v->demand.head) {
		json_number(b, "continues", v->demand.head->size);
	} else if (given(v->in, OPT_HEADS)) {
		json_key(b, "continues");
		buf_add_c(b, "null");
	}
	if (v->demand.witness_count > 0)
		json_number(b, "cosigned", r->cosigned);
	json_digest(b, "root", &r->root);
	buf_add_c(b, "}\n");
}

static void add_verified(struct buf *b, const struct verifying *v, const struct log_report *r,
			 const struct space_bodies_found *bodies, enum err e)
{
	const struct tally tally = {
		.entries = r->entries,
		.actions = r->actions,
		.allowed = r->allowed,
		.denied = r->denied,
		.refused = r->refused,
		.sessions_unknown = true,
	};
	struct note_key key = note_key_of(v->key.name, &r->key, false);
	struct buf vkey;

	buf_init(&vkey, 1024);
	note_key_write(&vkey, &key);
	buf_addf(b, "log         %.*s\n", STR_ARG(r->checkpoint.origin));
	buf_addf(b, "signed by   %.*s\n", STR_ARG(buf_view(&vkey)));
	if (r->rotations) {
		buf_add_c(b, "rotated     ");
		print_counted(b, r->rotations, "time, the new key", "times, each key");
		buf_add_c(b, " signed for by the one before it\n");
	}
	buf_addf(b, "checkpoint  size %llu, root ", (unsigned long long)r->checkpoint.size);
	base64_write(b, r->checkpoint.root.bytes, sizeof(r->checkpoint.root.bytes));
	buf_add_c(b, "\nrecomputed  ");
	if (given(v->in, OPT_PUBLISHED))
		print_counted(b, r->segments, "bundle", "bundles");
	else
		print_counted(b, r->segments, "segment", "segments");
	buf_add_c(b, ", ");
	print_counted(b, r->tiles, "tile", "tiles");
	buf_add_c(b, ", ");
	print_count(b, r->bytes);
	buf_add_c(b, " bytes");
	if (bodies) {
		buf_add_c(b, ", ");
		print_counted(b, bodies->whole, "body", "bodies");
		if (bodies->redacted)
			buf_addf(b, ", %llu redacted", (unsigned long long)bodies->redacted);
		if (bodies->pruned)
			buf_addf(b, ", %llu pruned", (unsigned long long)bodies->pruned);
	}
	buf_add_byte(b, '\n');
	if (v->demand.head)
		buf_addf(b, "continues   the known head of size %llu\n",
			 (unsigned long long)v->demand.head->size);
	else if (given(v->in, OPT_HEADS))
		buf_addf(b, "continues   nothing: no head was known; this one is kept in %s\n",
			 v->in->values[OPT_HEADS]);
	if (v->demand.witness_count > 0)
		buf_addf(b, "cosigned    by %zu of %zu witnesses, %zu demanded\n", r->cosigned,
			 v->demand.witness_count, v->demand.quorum);
	buf_addf(b, "%.*s", STR_ARG(buf_view(&v->unfinished)));
	buf_add_c(b, e == OK ? "verified: " : "not signed to the end: ");
	print_tally(b, &tally);
	buf_add_c(b, ", ");
	print_counted(b, r->tail_entries, "entry", "entries");
	buf_add_c(b, " beyond the checkpoint\n");
	buf_fini(&vkey);
}

/* --- what the verifier brings along --- */

/* The log's own folder, or the published copy, for which `s` is NULL. */
static const char *folder_of(const struct verifying *v, const struct space *s)
{
	return s ? space_log_folder(s) : v->in->values[OPT_PUBLISHED];
}

static enum err read_heads(struct verifying *v, struct space *s, enum option o, struct note *n)
{
	const char *path = v->in->values[o];
	struct succession keys;
	struct str text = STR("");
	enum err e = world_read_file(v->in->world, path, LIMIT_HEADS_BYTES, &v->arena, &text);

	if (e == ERR_NOT_FOUND && o == OPT_HEADS)
		e = OK; /* the first time: nothing is known yet */
	if (e != OK)
		return print_unread(n, e, path);
	TRY(log_succession(v->in->world, folder_of(v, s), &v->key, 1, &v->arena, &keys, n));
	e = heads_read(text, &v->arena, &v->heads, n);
	if (e == OK)
		e = heads_find(&v->heads, &keys, &v->head, n);
	if (e == OK)
		v->demand.head = &v->head;
	else if (e == ERR_NOT_FOUND && o == OPT_HEADS)
		e = OK;
	else if (e == ERR_NOT_FOUND)
		(void)note_set(n, e, 0, 0, "there is no head of %.*s in this file",
			       STR_ARG(v->key.name));
	if (e != OK)
		note_file(n, path);
	return e;
}

static enum err read_demand(struct verifying *v, struct space *s, struct note *n)
{
	const struct invocation *in = v->in;

	if (given(in, OPT_HEADS) && given(in, OPT_AGAINST))
		return note_set(n, ERR_USAGE, 0, 0,
				"--heads and --against exclude each other: --heads compares too");
	if (given(in, OPT_VKEY))
		TRY(given_vkey(in, &v->arena, &v->key, n));
	TRY(given_quorum(in, &v->arena, v->witnesses, &v->demand, n));
	if (given(in, OPT_HEADS))
		TRY(read_heads(v, s, OPT_HEADS, n));
	return given(in, OPT_AGAINST) ? read_heads(v, s, OPT_AGAINST, n) : OK;
}

/* What was verified is the newest head now. */
static enum err keep_head(struct verifying *v, struct note *n)
{
	const char *path = v->in->values[OPT_HEADS];
	struct buf b;
	enum err e;

	if (!path)
		return OK;
	buf_init(&b, LIMIT_HEADS_BYTES);
	heads_write(&b, &v->heads, v->key.name, buf_view(&v->note));
	e = b.err == OK ? world_replace_file(v->in->world, path, buf_view(&b)) : b.err;
	buf_fini(&b);
	if (e == OK)
		return OK;
	note_file(n, path);
	return note_set(n, e, 0, 0, "the new head cannot be kept: %s", err_text(e));
}

static enum err verify_entries(struct verifying *v, struct space *s, struct log_report *ret,
			       struct note *n)
{
	struct world *w = v->in->world;

	if (!s)
		return published_verify(w, folder_of(v, s), v->key.name, &v->key, 1, &v->demand,
					ret, n);
	return log_verify(w, folder_of(v, s), space_config(s)->origin, &v->key, 1, &v->demand,
			  ret, n);
}

static void on_unfinished(void *self, const struct space_unfinished *u)
{
	struct verifying *v = self;

	if (json_wanted(v->in)) {
		buf_addf(&v->unfinished, "%s%llu", v->unfinished.len ? "," : "",
			 (unsigned long long)u->entry);
		return;
	}
	buf_add_c(&v->unfinished, "unfinished  ");
	operator_unfinished(&v->unfinished, u);
	buf_add_byte(&v->unfinished, '\n');
}

static enum err verify_bodies(struct verifying *v, struct space *s,
			      struct space_bodies_found *ret, struct note *n)
{
	TRY(space_check_bodies(s, ret, n));
	return space_find_unfinished(s, on_unfinished, v, n);
}

static enum err verify(struct verifying *v, struct space *s, struct note *n)
{
	struct note said = { .text = "" };
	struct log_report report = { .entries = 0 };
	struct space_bodies_found found = { 0 };
	struct space_bodies_found *bodies = given(v->in, OPT_BODIES) ? &found : NULL;
	struct buf b;
	enum err e = verify_entries(v, s, &report, n), then = OK;

	if ((e == OK || e == ERR_UNSIGNED) && bodies)
		then = verify_bodies(v, s, bodies, &said);
	if ((e == OK || e == ERR_UNSIGNED) && then == OK)
		then = keep_head(v, &said);
	buf_init(&b, OUT_CAP);
	if ((e == OK || e == ERR_UNSIGNED) && then == OK) {
		if (json_wanted(v->in))
			add_verified_json(&b, v, &report, bodies, e);
		else
			add_verified(&b, v, &report, bodies, e);
		then = print_page(v->in, &b, &said);
	}
	buf_fini(&b);
	if (then != OK)
		*n = said;
	return then != OK ? then : e;
}

/* The workspace and its key; a published copy has neither. */
static enum err open_log(struct verifying *v, struct space **ret, struct note *n)
{
	const struct invocation *in = v->in;

	if (!given(in, OPT_PUBLISHED)) {
		TRY(space_open(in->world, dir_of(in), SPACE_READ, ret, n));
		v->key = *space_key(*ret);
		return OK;
	}
	if (!given(in, OPT_VKEY))
		return note_set(n, ERR_USAGE, 0, 0,
				"--published needs --vkey: the log's verifier key, as in its "
				"keys/log.vkey");
	if (given(in, OPT_DIR) || given(in, OPT_BODIES))
		return note_set(n, ERR_USAGE, 0, 0,
				"--published is verified without a workspace, so there are no "
				"--dir and no --bodies");
	return OK;
}

int cmd_log_verify(const struct invocation *in)
{
	struct verifying v = { .in = in };
	struct note n = { .text = "" };
	struct space *s = NULL;
	enum err e = open_log(&v, &s, &n);

	if (e != OK)
		return print_error(in, e, &n);
	arena_init(&v.arena, MEMORY_CAP);
	buf_init(&v.note, LIMIT_NOTE_BYTES);
	buf_init(&v.unfinished, OUT_CAP);
	v.demand.note = &v.note;
	e = read_demand(&v, s, &n);
	if (e == OK)
		e = verify(&v, s, &n);
	buf_fini(&v.unfinished);
	buf_fini(&v.note);
	arena_fini(&v.arena);
	(void)space_close(s, NULL);
	return e == OK ? 0 : print_error(in, e, &n);
}
