/*
 * witnessing: one request at a time, under a lock. The head is replaced before the cosignature
 * leaves: a crash in between costs the log a second request, never the world a second history.
 */
#include "engine/space/witnessing.h"

#include "engine/base/limits.h"

#define MEMORY_CAP (2 * (size_t)LIMIT_HEADS_BYTES + ((size_t)4 << 20))
#define LOGS_BYTES ((size_t)LIMIT_HEADS * 512)

struct desk {
	struct world *w;
	const char *folder;
	struct arena arena;
	int lock;
	struct str name; /* of the witness */
	struct sign_key *key;
	struct str logs; /* the file */
	struct heads heads;
};

static enum err read_part(struct desk *d, const char *name, size_t cap_bytes, struct str *ret,
			  struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;

	TRY(world_join(path, sizeof(path), d->folder, name));
	e = world_read_file(d->w, path, cap_bytes, &d->arena, ret);
	if (e == OK)
		return OK;
	note_file(n, path);
	if (e == ERR_NOT_FOUND)
		return note_set(n, e, 0, 0,
				"not the folder of a witness; make one with: trammel log witness "
				"DIR --origin NAME");
	return note_set(n, e, 0, 0, "%s", err_text(e));
}

static enum err write_part(struct world *w, const char *folder, const char *name, struct str text,
			   struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;

	TRY(world_join(path, sizeof(path), folder, name));
	e = world_replace_file(w, path, text);
	if (e == OK)
		return OK;
	note_file(n, path);
	return note_set(n, e, 0, 0, "it cannot be written: %s", err_text(e));
}

static enum err take_lock(struct desk *d, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	enum err e;

	TRY(world_join(path, sizeof(path), d->folder, "lock"));
	e = world_open(d->w, path, WORLD_CREATE, &d->lock);
	if (e != OK) {
		d->lock = -1;
		note_file(n, d->folder);
		return note_set(n, e, 0, 0, "not the folder of a witness: %s", err_text(e));
	}
	e = world_lock(d->w, d->lock);
	if (e == ERR_LOCKED) {
		note_file(n, path);
		return note_set(n, e, 0, 0, "the witness is answering somebody else; ask again");
	}
	return e;
}

static void desk_close(struct desk *d)
{
	if (d->lock >= 0)
		world_close(d->w, d->lock);
	sign_key_close(d->key);
	arena_fini(&d->arena);
}

static enum err read_key(struct desk *d, struct note *n)
{
	struct str text;
	enum err e;

	TRY(read_part(d, "key.pem", LIMIT_KEY_BYTES, &text, n));
	e = pem_take_private(text, &d->key, n);
	if (e != OK)
		note_file(n, "key.pem");
	return e;
}

/* The key file and the name belong together: what is cosigned must be good under witness.vkey. */
static enum err read_name(struct desk *d, struct note *n)
{
	struct note_key key;
	struct public_key pub;
	struct str text;

	TRY(read_part(d, "witness.vkey", LIMIT_NOTE_BYTES, &text, n));
	pub = sign_key_public(d->key);
	if (note_key_read(str_trim(text), &key) != OK || !key.cosigner ||
	    !crypto_equal(key.key.bytes, pub.bytes, sizeof(pub.bytes))) {
		note_file(n, "witness.vkey");
		return note_set(n, ERR_SYNTAX, 0, 0,
				"expected the verifier key of the key in key.pem");
	}
	d->name = key.name;
	return OK;
}

static enum err desk_open(struct desk *d, struct world *w, const char *folder, struct note *n)
{
	struct str heads = STR("");
	enum err e;

	*d = (struct desk){ .w = w, .folder = folder, .lock = -1 };
	arena_init(&d->arena, MEMORY_CAP);
	e = take_lock(d, n);
	if (e == OK)
		e = read_key(d, n);
	if (e == OK)
		e = read_name(d, n);
	if (e == OK)
		e = read_part(d, "logs", LOGS_BYTES, &d->logs, n);
	if (e == OK)
		e = read_part(d, "heads", LIMIT_HEADS_BYTES, &heads, n);
	if (e == OK) {
		e = heads_read(heads, &d->arena, &d->heads, n);
		if (e != OK)
			note_file(n, "heads");
	}
	if (e != OK)
		desk_close(d);
	return e;
}

/*
 * The keys of a known log, by its name, in the order in which it got them; they are in the arena.
 * ERR_NOT_FOUND; ERR_SYNTAX: the file is damaged.
 */
static enum err find_log(struct desk *d, struct str name, struct succession *ret, struct note *n)
{
	struct note_key *keys = arena_array(&d->arena, LIMIT_LOG_KEYS, sizeof(*keys));
	struct str line, rest = d->logs;
	struct note_key key;
	size_t count = 0;

	if (!keys)
		return ERR_MEMORY;
	for (uint32_t number = 1; str_cut(rest, '\n', &line, &rest); number++) {
		enum err e = note_key_read(line, &key);

		if (e != OK || key.cosigner) {
			note_file(n, "logs");
			return note_set(n, ERR_SYNTAX, number, 1,
					"expected the verifier key of a log");
		}
		if (str_eq(key.name, name) && count < LIMIT_LOG_KEYS)
			keys[count++] = key;
	}
	*ret = succession_of(keys, count);
	if (count > 0)
		return OK;
	return note_set(n, ERR_NOT_FOUND, 0, 0,
			"the log %.*s is not known to this witness; make it known with: trammel "
			"log witness DIR --vkey VKEY",
			STR_ARG(name));
}

/* These keys are known from now on, too. */
static enum err add_keys(struct desk *d, const struct note_key *keys, size_t count, struct note *n)
{
	struct buf b;
	enum err e;

	buf_init(&b, LOGS_BYTES);
	buf_add(&b, d->logs);
	for (size_t i = 0; i < count; i++) {
		note_key_write(&b, &keys[i]);
		buf_add_byte(&b, '\n');
	}
	e = b.err == OK ? write_part(d->w, d->folder, "logs", buf_view(&b), n) : b.err;
	buf_fini(&b);
	return e;
}

/* The parts in a fresh folder, the key last: without it nothing can be cosigned. */
static enum err make_parts(struct world *w, const char *folder, struct str vkey, struct str pem,
			   struct note *n)
{
	TRY(write_part(w, folder, "logs", STR(""), n));
	TRY(write_part(w, folder, "heads", STR(""), n));
	TRY(write_part(w, folder, "witness.vkey", vkey, n));
	return write_part(w, folder, "key.pem", pem, n);
}

/* As well as it goes: the failure that leads here is the one to be told. */
static void unmake(struct world *w, const char *folder)
{
	static const char *const parts[] = { "logs", "heads", "witness.vkey", "key.pem" };
	char path[LIMIT_PATH_BYTES];
	enum err ignored = OK;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (world_join(path, sizeof(path), folder, parts[i]) == OK)
			ignored = world_unlink(w, path);
	ignored = world_rmdir(w, folder);
	(void)ignored;
}

enum err witnessing_create(struct world *w, const char *folder, struct str name, struct buf *vkey,
			   struct note *n)
{
	struct sign_key *key = NULL;
	struct note_key verifier;
	struct public_key pub;
	struct buf pem;
	enum err e;

	note_file(n, folder);
	if (!note_name_ok(name))
		return note_set(n, ERR_SYNTAX, 0, 0,
				"name '%.*s': expected one without blanks and '+', like "
				"witness.example.org/w1",
				STR_ARG(name));
	TRY(sign_key_make(w, &key));
	pub = sign_key_public(key);
	verifier = note_key_of(name, &pub, true);
	note_key_write(vkey, &verifier);
	buf_add_byte(vkey, '\n');
	buf_init(&pem, LIMIT_KEY_BYTES);
	pem_write_private(&pem, key);
	sign_key_close(key);
	e = vkey->err != OK ? vkey->err : pem.err;
	if (e == OK) {
		e = world_mkdir(w, folder);
		if (e == OK)
			e = world_sync_parent(w, folder);
		if (e != OK)
			(void)note_set(n, e, 0, 0, "the folder cannot be made: %s", err_text(e));
		else
			e = make_parts(w, folder, buf_view(vkey), buf_view(&pem), n);
		if (e != OK && e != ERR_EXISTS)
			unmake(w, folder);
	}
	crypto_wipe_buf(&pem);
	return e;
}

enum err witnessing_add_log(struct world *w, const char *folder, const struct note_key *log,
			    struct note *n)
{
	struct succession known;
	struct desk d;
	enum err e;

	TRY(desk_open(&d, w, folder, n));
	e = find_log(&d, log->name, &known, n);
	if (e == OK)
		e = note_set(n, ERR_EXISTS, 0, 0, "the log %.*s is known already",
			     STR_ARG(log->name));
	else if (e == ERR_NOT_FOUND)
		e = add_keys(&d, log, 1, n);
	desk_close(&d);
	return e;
}

/* Whose rotations are these? The lines are read again, and strictly. */
static enum err read_origin(struct str rotations, struct arena *a, struct str *ret, struct note *n)
{
	struct str line, rest;
	struct entry first;

	if (!str_cut(rotations, '\n', &line, &rest) || entry_read(line, a, &first, n) != OK)
		return note_set(n, ERR_SYNTAX, 1, 0,
				"expected the rotations of a log's key, as in its file "
				SUCCESSION_FILE);
	return arena_copy(a, first.log, ret);
}

/* Behind the key that counted until now: whatever was before is known. */
static enum err follow(struct desk *d, struct str rotations, struct str origin, struct arena *a,
		       struct note_key *ret, struct note *n)
{
	struct succession known, all;
	const struct public_key *last;
	size_t at = 0;

	TRY(find_log(d, origin, &known, n));
	last = &known.keys[known.count - 1].key;
	TRY(succession_read(rotations, &known.keys[known.count - 1], 1, a, &all, n));
	while (!public_key_eq(&all.keys[at].key, last))
		at++;
	if (++at == all.count)
		return note_set(n, ERR_EXISTS, 0, 0, "the last key of %.*s is known already",
				STR_ARG(origin));
	TRY(add_keys(d, &all.keys[at], all.count - at, n));
	*ret = all.keys[all.count - 1];
	ret->name = origin;
	return OK;
}

enum err witnessing_follow(struct world *w, const char *folder, struct str rotations,
			   struct arena *memory, struct note_key *key, struct note *n)
{
	struct str origin;
	struct desk d;
	enum err e;

	TRY(read_origin(rotations, memory, &origin, n));
	TRY(desk_open(&d, w, folder, n));
	e = follow(&d, rotations, origin, memory, key, n);
	desk_close(&d);
	return e;
}

static enum err answer(struct desk *d, const struct witness_request *r, int64_t time_s,
		       struct buf *line, struct note *n)
{
	struct checkpoint held = { .size = 0 }, now;
	struct str origin, rest, text;
	struct succession log;
	struct buf b;
	enum err e;

	if (!str_cut(r->note, '\n', &origin, &rest))
		return note_set(n, ERR_SYNTAX, 0, 0, "the checkpoint is missing");
	TRY(find_log(d, origin, &log, n));
	e = heads_find(&d->heads, &log, &held, n);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(witness_judge(r, &log.keys[log.count - 1], &held, &now, &text, n));
	buf_init(&b, LIMIT_HEADS_BYTES);
	heads_write(&b, &d->heads, origin, r->note);
	note_cosign(line, text, d->name, time_s, d->key);
	e = b.err != OK ? b.err : line->err;
	if (e == OK)
		e = write_part(d->w, d->folder, "heads", buf_view(&b), n);
	buf_fini(&b);
	return e;
}

enum err witnessing_answer(struct world *w, const char *folder, struct str request, int64_t time_s,
			   struct buf *line, struct note *n)
{
	struct witness_request r;
	struct desk d;
	enum err e;

	TRY(witness_request_read(request, &r, n));
	TRY(desk_open(&d, w, folder, n));
	e = answer(&d, &r, time_s, line, n);
	desk_close(&d);
	if (e != OK)
		buf_clear(line);
	return e;
}
