/*
 * succession: rotations read one by one, each of which must go on where the one before it ended.
 *
 *   turn i     number i, by key i - 1 and by key i        entry r(i)
 *   key i      signs checkpoints of size r(i) + 1 up to r(i + 1); that of r(i) + 1 entries is
 *              signed by key i - 1 too
 *
 * No key comes twice: one that was superseded must not speak again.
 */
#include "engine/audit/succession.h"

#include "engine/base/limits.h"

#define DOMAIN STR("trammel/log-rotation/v1")

/* --- one rotation --- */

void succession_text(struct buf *b, struct str log, const struct key_turn *turn, int64_t at_ns)
{
	statement_text(b, DOMAIN);
	statement_text(b, log);
	statement_bytes(b, turn->old.bytes, sizeof(turn->old.bytes));
	statement_bytes(b, turn->next.bytes, sizeof(turn->next.bytes));
	statement_number(b, turn->sequence);
	statement_number(b, (uint64_t)at_ns);
}

static enum err read_key(const struct value *data, const char *member, struct str log,
			 struct public_key *ret, struct note *why)
{
	struct note_key key;

	if (note_key_read(value_text(data, member), &key) != OK || key.cosigner ||
	    !str_eq(key.name, log))
		return note_set(why, ERR_SYNTAX, 0, 0, "'%s': expected a verifier key of %.*s",
				member, STR_ARG(log));
	*ret = key.key;
	return OK;
}

static enum err check_signature(const struct value *data, const char *member,
				const struct public_key *key, struct str text, struct note *why)
{
	struct signature sig;
	size_t len;

	if (base64_read(value_text(data, member), sig.bytes, sizeof(sig.bytes), &len) != OK ||
	    len != sizeof(sig.bytes))
		return note_set(why, ERR_SYNTAX, 0, 0, "'%s': expected base64 of 64 bytes",
				member);
	if (sign_check(key, text, &sig))
		return OK;
	return note_set(why, ERR_SIGNATURE, 0, 0, "'%s' is not by that key over this rotation",
			member);
}

enum err succession_turn(struct str log, const struct value *data, int64_t at_ns,
			 struct key_turn *ret, struct note *why)
{
	const struct value *sequence = value_get_c(data, "sequence");
	struct key_turn t = { .sequence = 0 };
	struct buf text;
	enum err e;

	TRY(read_key(data, "old_key", log, &t.old, why));
	TRY(read_key(data, "new_key", log, &t.next, why));
	if (public_key_eq(&t.old, &t.next))
		return note_set(why, ERR_EXISTS, 0, 0, "the new key is the old one");
	if (!sequence || sequence->kind != VALUE_INT || sequence->integer < 1)
		return note_set(why, ERR_SYNTAX, 0, 0, "'sequence': expected an integer from 1");
	t.sequence = (uint64_t)sequence->integer;
	buf_init(&text, SUCCESSION_TEXT_BYTES);
	succession_text(&text, log, &t, at_ns);
	e = text.err;
	if (e == OK)
		e = check_signature(data, "old_signature", &t.old, buf_view(&text), why);
	if (e == OK)
		e = check_signature(data, "new_signature", &t.next, buf_view(&text), why);
	buf_fini(&text);
	TRY(e);
	*ret = t;
	return OK;
}

bool succession_turns(struct str line)
{
	struct glance seen;

	return str_starts(line, STR(SUCCESSION_BEGIN)) && entry_glance(line, &seen, NULL) == OK &&
	       seen.turn;
}

/* --- all of them --- */

struct succession succession_of(const struct note_key *keys, size_t count)
{
	return (struct succession){ .keys = keys, .count = count };
}

struct reading {
	struct str origin;
	struct arena entries;        /* of one line */
	struct note_key *keys;
	uint64_t *from;
	struct digest *leaves;
	size_t count;
	struct note *note;
};

static enum err refuse(const struct reading *r, enum err e, uint32_t line, const char *why)
{
	return note_set(r->note, e, line, 0, "%s", why);
}

static bool is_among(const struct note_key *keys, size_t count, const struct public_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (public_key_eq(&keys[i].key, key))
			return true;
	return false;
}

/* The next one: numbered so, behind the last, from the key that was in force to a new one. */
static enum err add_turn(struct reading *r, const struct key_turn *t, uint64_t seq,
			 const struct digest *leaf, uint32_t line)
{
	if (t->sequence != line)
		return note_set(r->note, ERR_TAMPERED, line, 0,
				"rotation %llu stands where rotation %u is due: one is missing",
				(unsigned long long)t->sequence, line);
	if (line == 1) {
		r->keys[0] = note_key_of(r->origin, &t->old, false);
		r->from[0] = 0;
		r->count = 1;
	}
	if (!public_key_eq(&r->keys[r->count - 1].key, &t->old))
		return refuse(r, ERR_TAMPERED, line,
			      "the rotation is not from the key that was in force: the chain of "
			      "keys is broken");
	if (is_among(r->keys, r->count, &t->next))
		return refuse(r, ERR_TAMPERED, line, "the rotation is to a key of before");
	if (line > 1 && seq < r->from[r->count - 1])
		return refuse(r, ERR_TAMPERED, line, "the rotation is not behind the one before");
	r->keys[r->count] = note_key_of(r->origin, &t->next, false);
	r->from[r->count] = seq + 1;
	r->leaves[r->count++] = *leaf;
	return OK;
}

static enum err read_line(struct reading *r, struct str text, uint32_t line)
{
	struct digest leaf = sha256_prefixed(0, text);
	struct key_turn turn;
	struct entry e;
	enum err err;

	arena_rewind(&r->entries, (struct arena_mark){ NULL, 0 });
	err = entry_read(text, &r->entries, &e, r->note);
	if (err == ERR_MEMORY)
		return err;
	if (err != OK || e.kind != ENTRY_CONTROL || !str_is(e.action, SUCCESSION_VERB) ||
	    !str_eq(e.log, r->origin))
		return note_set(r->note, ERR_TAMPERED, line, 0,
				"this is no rotation of the key of %.*s", STR_ARG(r->origin));
	err = succession_turn(r->origin, e.data, e.time_ns, &turn, r->note);
	if (err == ERR_SYNTAX || err == ERR_EXISTS)
		err = ERR_TAMPERED;
	if (err == OK)
		err = add_turn(r, &turn, e.seq, &leaf, line);
	if (err != OK && r->note)
		r->note->line = line;
	return err;
}

static enum err read_lines(struct reading *r, struct str text)
{
	struct str line, rest = text;

	for (uint32_t number = 1; rest.len > 0; number++) {
		if (number == LIMIT_LOG_KEYS)
			return refuse(r, ERR_LIMIT, number, "there are too many rotations");
		if (!str_cut(rest, '\n', &line, &rest))
			return refuse(r, ERR_TAMPERED, number, "the line does not end");
		TRY(read_line(r, line, number));
	}
	return OK;
}

/* One key that the verifier trusts leads to all, and it may be any of them. */
static enum err find_trusted(const struct reading *r, const struct note_key *trusted, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!trusted[i].cosigner && str_eq(trusted[i].name, r->origin) &&
		    is_among(r->keys, r->count, &trusted[i].key))
			return OK;
	return refuse(r, ERR_SIGNATURE, 0,
		      "none of the given keys is one of this log's: its rotations lead to others");
}

enum err succession_read(struct str text, const struct note_key *trusted, size_t trusted_count,
			 struct arena *a, struct succession *ret, struct note *n)
{
	struct reading r = { .note = n };
	enum err e;

	if (text.len == 0 || trusted_count == 0) {
		*ret = succession_of(trusted, trusted_count);
		return OK;
	}
	r.origin = trusted[0].name;
	r.keys = arena_array(a, LIMIT_LOG_KEYS, sizeof(*r.keys));
	r.from = arena_array(a, LIMIT_LOG_KEYS, sizeof(*r.from));
	r.leaves = arena_array(a, LIMIT_LOG_KEYS, sizeof(*r.leaves));
	if (!r.keys || !r.from || !r.leaves)
		return ERR_MEMORY;
	arena_init(&r.entries, LIMIT_ACTION_MEMORY);
	e = read_lines(&r, text);
	arena_fini(&r.entries);
	TRY(e);
	TRY(find_trusted(&r, trusted, trusted_count));
	*ret = (struct succession){ r.keys, r.from, r.leaves, r.count };
	return OK;
}

/* The key in force behind so many entries. */
static size_t in_force(const struct succession *s, uint64_t size)
{
	size_t i = s->count - 1;

	while (s->from[i] > size)
		i--;
	return i;
}

enum err succession_open(const struct succession *s, struct str note, struct str *text,
			 struct checkpoint *ret, struct note *n)
{
	struct checkpoint c;
	struct str body, ignored;
	enum err e;
	size_t i;

	TRY(note_open(note, s->keys, s->count, &body));
	TRY(checkpoint_read(body, &c));
	if (s->from) {
		i = in_force(s, c.size);
		e = note_open(note, &s->keys[i], 1, &ignored);
		if (e == OK && i > 0 && c.size == s->from[i])
			e = note_open(note, &s->keys[i - 1], 1, &ignored);
		if (e == ERR_UNKNOWN)
			return note_set(n, ERR_SIGNATURE, 0, 0,
					"it signs %llu entries, and is signed by a key of the log "
					"that does not speak for so many: another one is in force "
					"there", (unsigned long long)c.size);
		TRY(e);
	}
	*text = body;
	*ret = c;
	return OK;
}

bool succession_has(const struct succession *s, uint64_t seq, const struct digest *leaf)
{
	for (size_t i = 1; s->from && i < s->count; i++)
		if (s->from[i] == seq + 1)
			return digest_eq(&s->leaves[i], leaf);
	return false;
}

size_t succession_under(const struct succession *s, uint64_t size)
{
	return s->from ? in_force(s, size) : 0;
}
