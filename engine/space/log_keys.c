/*
 * log_keys: the log opened with the key it has, and handed over to another one.
 *
 *   1  keys/log.next.pem is written
 *   2  the rotation is recorded, and listed in log/rotations
 *   3  the checkpoint is replaced, signed by both keys            <-- from here on it has happened
 *   4  keys/log.vkey is replaced, keys/log.pem overwritten, and log.next.pem renamed to it
 *
 * Each step is durable before the next begins. So while log.next.pem is there, a rotation was
 * interrupted, and the checkpoint says on which side of step 3: the next writer takes it back, or
 * ends it. The checkpoint of step 3 verifies with either log.vkey. The entry of a rotation that did
 * not get so far is cut off with the tail of the log (catchup.c), never signed by the old key.
 */
#include "engine/space/inside.h"

#define KEY "keys/log.pem"
#define NEXT_KEY "keys/log.next.pem"
#define VKEY "keys/log.vkey"

static struct note_key key_of(const struct space *s, const struct sign_key *key)
{
	struct public_key pub = sign_key_public(key);

	return note_key_of(s->config.origin, &pub, false);
}

static bool same_key(const struct note_key *a, const struct note_key *b)
{
	return public_key_eq(&a->key, &b->key);
}

/* --- the new key takes the place of the old one --- */

/* A rename alone leaves the old key's bytes in blocks that are free; so they are zeros first. */
static enum err overwrite(struct space *s, const char *path)
{
	static const char zeros[LIMIT_KEY_BYTES];
	uint64_t size;
	enum err e;
	int fd;

	e = world_open(s->world, path, WORLD_WRITE, &fd);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	e = world_size(s->world, fd, &size);
	if (e == OK)
		e = world_write_at(s->world, fd, 0, zeros,
				   size < sizeof(zeros) ? (size_t)size : sizeof(zeros));
	if (e == OK)
		e = world_sync(s->world, fd);
	world_close(s->world, fd);
	return e;
}

/* Step 4, by whoever handed over or by who finds it undone; `s->key` is the new key. */
static enum err put_in_place(struct space *s, struct note *n)
{
	struct note_key verifier = key_of(s, s->key);
	char path[LIMIT_PATH_BYTES], next[LIMIT_PATH_BYTES];
	enum err e;

	TRY(world_join(path, sizeof(path), s->path, VKEY));
	e = space_write_vkey(s->world, path, &verifier);
	if (e == OK)
		e = world_join(path, sizeof(path), s->path, KEY);
	if (e == OK)
		e = world_join(next, sizeof(next), s->path, NEXT_KEY);
	if (e == OK)
		e = overwrite(s, path);
	if (e == OK)
		e = world_rename(s->world, next, path);
	if (e == OK)
		e = world_sync_parent(s->world, path);
	if (e == OK) {
		s->verifier = verifier;
		return OK;
	}
	note_file(n, path);
	return note_set(n, e, 0, 0,
			"the log has its new key, in " NEXT_KEY "; the next command that writes "
			"puts it in its place: %s", err_text(e));
}

/* --- opening --- */

/* What a look at the folder of keys tells. */
struct look {
	struct note_key verifier;
	bool interrupted;            /* a rotation was, */
	bool handed_over;            /* behind step 3 */
};

/*
 * A key that was superseded has signed the checkpoint that hands over, too. If it lies there as the
 * next one, somebody put it there: the rotations end with the key that is.
 */
static enum err is_newest(struct space *s, const struct note_key *next, struct arena *a, bool *ret,
			  struct note *n)
{
	struct succession all;

	TRY(log_succession(s->world, s->log_path, next, 1, a, &all, n));
	if (!all.from) {
		note_file(n, SUCCESSION_FILE);
		return note_set(n, ERR_TAMPERED, 0, 0,
				"it is missing, and would say whether the key in " NEXT_KEY
				" is the next one or one of before");
	}
	*ret = same_key(&all.keys[all.count - 1], next);
	return OK;
}

/*
 * Did that key sign the checkpoint as the one it is handed over to? No doubt may be left: what did
 * not sign is thrown away.
 */
static enum err has_signed(struct space *s, const struct note_key *verifier,
			   const struct sign_key *key, bool *ret, struct note *n)
{
	struct note_key next = key_of(s, key);
	struct checkpoint ignored;
	struct str note, text;
	struct arena a;
	enum err e;

	arena_init(&a, SPACE_MEMORY + SUCCESSION_MEMORY);
	e = log_checkpoint(s->world, s->log_path, verifier, 1, &a, &note, &ignored, n);
	if (e == OK) {
		e = note_open(note, &next, 1, &text);
		*ret = e == OK;
		if (e == OK && !same_key(&next, verifier))
			e = is_newest(s, &next, &a, ret, n);
		else if (e == ERR_UNKNOWN)
			e = OK;
		else if (e != OK)
			(void)note_set(n, e, 0, 0, "the checkpoint that hands the log over to the "
				       "key in " NEXT_KEY " was changed");
	}
	arena_fini(&a);
	return e;
}

static enum err look_at_keys(struct space *s, struct look *ret, struct note *n)
{
	struct look l = { .interrupted = false };
	char path[LIMIT_PATH_BYTES];
	struct sign_key *next;
	enum world_kind kind;
	enum err e;

	TRY(space_read_vkey(s, &l.verifier, n));
	TRY(world_join(path, sizeof(path), s->path, NEXT_KEY));
	TRY(world_kind(s->world, path, &kind));
	l.interrupted = kind != WORLD_NOTHING;
	if (l.interrupted) {
		TRY(space_read_key(s, NEXT_KEY, &next, n));
		e = has_signed(s, &l.verifier, next, &l.handed_over, n);
		sign_key_close(next);
		TRY(e);
	}
	*ret = l;
	return OK;
}

/* The rotation did not happen: no line of it stays, and nobody has its key. */
static enum err take_back(struct space *s, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	struct buf lines;
	enum err e;

	buf_init(&lines, LIMIT_ROTATIONS_BYTES);
	e = log_list_rotations(s->world, s->log_path, log_signed_size(s->log), &lines, n);
	buf_fini(&lines);
	TRY(e);
	TRY(world_join(path, sizeof(path), s->path, NEXT_KEY));
	TRY(world_unlink(s->world, path));
	return world_sync_parent(s->world, path);
}

static enum err open_with(struct space *s, const struct look *l, struct note *n)
{
	struct note_key key;

	TRY(space_read_key(s, l->handed_over ? NEXT_KEY : KEY, &s->key, n));
	key = key_of(s, s->key);
	if (!l->handed_over && !same_key(&key, &l->verifier)) {
		char path[LIMIT_PATH_BYTES];

		TRY(world_join(path, sizeof(path), s->path, KEY));
		note_file(n, path);
		return note_set(n, ERR_SIGNATURE, 0, 0,
				"this key is not the one that keys/log.vkey names");
	}
	return log_open(s->world, s->log_path, s->config.origin, s->key, &s->log, n);
}

/*
 * The keys are looked at before the log is locked, because opening takes one; and again behind the
 * lock, because until then they may have changed.
 */
enum err space_open_log(struct space *s, struct note *n)
{
	struct look before, now;

	TRY(look_at_keys(s, &before, n));
	TRY(open_with(s, &before, n));
	TRY(look_at_keys(s, &now, n));
	if (!same_key(&before.verifier, &now.verifier) || before.interrupted != now.interrupted ||
	    before.handed_over != now.handed_over)
		return note_set(n, ERR_LOCKED, 0, 0,
				"another process has just rotated the key of this log; try again");
	s->verifier = now.verifier;
	if (!now.interrupted)
		return OK;
	say_warn(s->world->say, "%s: a rotation of the log's key was interrupted, and is %s",
		 s->path, now.handed_over ? "ended now" : "taken back");
	return now.handed_over ? put_in_place(s, n) : take_back(s, n);
}

/* --- handing over --- */

/*
 * Everything is signed but what comes now. The rotations so far are taken from the entries, so a
 * list that was lost is there again afterwards.
 */
static enum err number_turn(struct space *s, uint64_t *sequence, struct buf *lines, struct note *n)
{
	struct succession all;
	struct arena a;
	enum err e;

	TRY(space_publish(s));
	TRY(log_list_rotations(s->world, s->log_path, log_signed_size(s->log), lines, n));
	arena_init(&a, SUCCESSION_MEMORY);
	e = succession_read(buf_view(lines), &s->verifier, 1, &a, &all, n);
	if (e == OK && !same_key(&all.keys[all.count - 1], &s->verifier))
		e = note_set(n, ERR_TAMPERED, 0, 0,
			     "the rotations in the log do not end with the key in " VKEY);
	if (e == OK && all.count >= LIMIT_LOG_KEYS - 1)
		e = note_set(n, ERR_LIMIT, 0, 0, "the log has had %zu keys, which are all",
			     all.count);
	if (e == OK)
		*sequence = all.count;
	arena_fini(&a);
	return e;
}

static struct member text_member(const char *key, const struct buf *text)
{
	return (struct member){ .key = str_view(key), .value = value_string(buf_view(text)) };
}

/* The texts of a rotation. */
struct turning {
	struct buf old_key, new_key, by_old, by_new, statement;
};

static enum err sign_turn(struct turning *t, const struct sign_key *key, struct buf *ret)
{
	struct signature sig = sign_make(key, buf_view(&t->statement));

	base64_write(ret, sig.bytes, sizeof(sig.bytes));
	return ret->err;
}

static enum err write_turning(struct turning *t, const struct space *s, const struct sign_key *next,
			      uint64_t sequence, int64_t at_ns)
{
	struct note_key to = key_of(s, next);
	const struct key_turn turn = { s->verifier.key, to.key, sequence };

	note_key_write(&t->old_key, &s->verifier);
	note_key_write(&t->new_key, &to);
	succession_text(&t->statement, s->config.origin, &turn, at_ns);
	TRY(t->old_key.err);
	TRY(t->new_key.err);
	TRY(t->statement.err);
	TRY(sign_turn(t, s->key, &t->by_old));
	return sign_turn(t, next, &t->by_new);
}

static enum err submit_turn(struct space *s, const struct turning *t, uint64_t sequence,
			    struct str reason, int64_t at_ns, struct note *n)
{
	struct member members[] = {
		text_member("new_key", &t->new_key),
		text_member("new_signature", &t->by_new),
		text_member("old_key", &t->old_key),
		text_member("old_signature", &t->by_old),
		{ .key = STR("reason"), .value = value_string(reason) },
		{ .key = STR("sequence"), .value = value_int((int64_t)sequence) },
	};
	const struct value data = { .kind = VALUE_OBJECT,
				    .object = { members, sizeof(members) / sizeof(*members) } };

	return space_control(s, STR(SUCCESSION_VERB), STR_NONE, STR_NONE, &data, at_ns, n);
}

static enum err record(struct space *s, const struct sign_key *next, uint64_t sequence,
		       struct str reason, int64_t at_ns, struct note *n)
{
	struct turning t;
	enum err e;

	buf_init(&t.old_key, LIMIT_NOTE_BYTES);
	buf_init(&t.new_key, LIMIT_NOTE_BYTES);
	buf_init(&t.by_old, 2 * SIGNATURE_BYTES);
	buf_init(&t.by_new, 2 * SIGNATURE_BYTES);
	buf_init(&t.statement, SUCCESSION_TEXT_BYTES);
	e = write_turning(&t, s, next, sequence, at_ns);
	if (e == OK)
		e = submit_turn(s, &t, sequence, reason, at_ns, n);
	buf_fini(&t.statement);
	buf_fini(&t.by_new);
	buf_fini(&t.by_old);
	buf_fini(&t.new_key);
	buf_fini(&t.old_key);
	return e == OK ? space_hand_over(s, true) : e;
}

/* Steps 1 to 3. */
static enum err turn_over(struct space *s, const struct sign_key *next, struct str reason,
			  int64_t at_ns, struct note *n)
{
	char path[LIMIT_PATH_BYTES];
	uint64_t sequence = 0;
	struct buf lines;
	enum err e;

	buf_init(&lines, LIMIT_ROTATIONS_BYTES);
	e = number_turn(s, &sequence, &lines, n);
	if (e == OK)
		e = world_join(path, sizeof(path), s->path, NEXT_KEY);
	if (e == OK)
		e = pem_write_file(s->world, path, next);
	if (e == OK)
		e = record(s, next, sequence, reason, at_ns, n);
	if (e == OK)
		e = log_list_rotations(s->world, s->log_path, log_size(s->log), &lines, n);
	if (e == OK)
		e = log_hand_over(s->log, next);
	buf_fini(&lines);
	if (e != OK && n && n->text[0] == '\0')
		(void)note_set(n, e, 0, 0, "the key could not be rotated: %s", err_text(e));
	return e;
}

enum err space_rotate_log_key(struct space *s, struct str reason, int64_t at_ns,
			      struct note_key *ret, struct note *n)
{
	struct sign_key *next;
	enum err e;

	TRY(sign_key_make(s->world, &next));
	e = turn_over(s, next, reason, at_ns, n);
	if (e != OK) {
		sign_key_close(next);
		return e;
	}
	sign_key_close(s->key);
	s->key = next;
	TRY(put_in_place(s, n));
	*ret = s->verifier;
	return OK;
}
