/* scribe: builders for the tests of the log. */
#include "tests/audit/scribe.h"

#include <stdio.h>

#include <criterion/criterion.h>

void scribe_init(struct scribe *s, uint64_t segment_entries)
{
	static const uint8_t seed[SEED_BYTES] = { 7, 1, 4 };
	struct public_key public;

	cr_assert_eq(crypto_start(), OK);
	s->w = sim_open(1, 0);
	cr_assert_not_null(s->w);
	cr_assert_eq(sign_key_open(seed, &s->key), OK);
	public = sign_key_public(s->key);
	s->known = note_key_of(STR(SCRIBE_ORIGIN), &public, false);
	cr_assert_eq(log_place_init(&s->place, s->w, "log"), OK);
	s->place.segment_entries = segment_entries;
	buf_init(&s->line, LIMIT_ENTRY_BYTES);
}

void scribe_fini(struct scribe *s)
{
	buf_fini(&s->line);
	sign_key_close(s->key);
	sim_close(s->w);
}

struct str scribe_line(struct scribe *s, uint64_t seq)
{
	char resource[40];
	struct entry e = { .log = STR(SCRIBE_ORIGIN),
			   .seq = seq,
			   .time_ns = (int64_t)seq * 1000,
			   .kind = ENTRY_ACTION };

	(void)snprintf(resource, sizeof(resource), "/%0*d", (int)(seq % 23 + 1), (int)seq);
	e.resource = str_view(resource);
	buf_clear(&s->line);
	entry_write(&s->line, &e);
	cr_assert_eq(s->line.err, OK);
	return buf_view(&s->line);
}

enum err scribe_append(struct scribe *s, struct log *l, uint64_t from, uint64_t to)
{
	for (; from < to; from++)
		TRY(log_append(l, scribe_line(s, from)));
	return OK;
}

enum err scribe_open(struct scribe *s, struct log **ret, struct note *n)
{
	return log_open_at(&s->place, STR(SCRIBE_ORIGIN), s->key, ret, n);
}

struct digest scribe_root(struct scribe *s, uint64_t size)
{
	struct merkle_range range;
	struct digest root;

	merkle_init(&range);
	for (uint64_t i = 0; i < size; i++) {
		struct digest leaf = sha256_prefixed(0, scribe_line(s, i));

		merkle_add(&range, &leaf);
	}
	merkle_root(&range, &root);
	return root;
}

void scribe_make(struct scribe *s, uint64_t count)
{
	struct log *l;

	cr_assert_eq(log_create_at(&s->place, STR(SCRIBE_ORIGIN), s->key), OK);
	cr_assert_eq(scribe_open(s, &l, NULL), OK);
	cr_assert_eq(scribe_append(s, l, 0, count), OK);
	cr_assert_eq(log_close(l), OK);
}

enum err scribe_verify(struct scribe *s, struct log_report *ret, struct note *n)
{
	struct log_report spare;

	return log_verify_at(&s->place, STR(SCRIBE_ORIGIN), &s->known, 1, NULL, ret ? ret : &spare,
			     n);
}

/* --- a writer beside --- */

static struct {
	struct scribe *s;
	const struct world_calls *plain;
	struct world_calls calls;
	const char *at;                       /* NULL: it has written */
	uint64_t from, to;
} beside;

static enum err open_and_meddle(struct world *w, const char *path, enum world_open how, int *ret)
{
	struct log *l;

	if (beside.at && strstr(path, beside.at)) {
		beside.at = NULL;
		w->calls = beside.plain;
		cr_assert_eq(scribe_open(beside.s, &l, NULL), OK);
		cr_assert_eq(scribe_append(beside.s, l, beside.from, beside.to), OK);
		cr_assert_eq(log_close(l), OK);
		w->calls = &beside.calls;
	}
	return beside.plain->open(w, path, how, ret);
}

void scribe_meddle(struct scribe *s, const char *at, uint64_t from, uint64_t to)
{
	beside.s = s;
	beside.plain = s->w->calls;
	beside.calls = *s->w->calls;
	beside.calls.open = open_and_meddle;
	beside.at = at;
	beside.from = from;
	beside.to = to;
	s->w->calls = &beside.calls;
}

bool scribe_meddled(struct scribe *s)
{
	s->w->calls = beside.plain;
	return beside.at == NULL;
}

/* --- files --- */

static const char *full(struct scribe *s, const char *name, char path[LIMIT_PATH_BYTES])
{
	cr_assert_eq(log_place_path(&s->place, name, path), OK);
	return path;
}

struct str scribe_peek(struct scribe *s, const char *name)
{
	char path[LIMIT_PATH_BYTES];

	return sim_peek(s->w, full(s, name, path));
}

void scribe_poke(struct scribe *s, const char *name, struct str content)
{
	char path[LIMIT_PATH_BYTES];

	cr_assert_eq(sim_poke(s->w, full(s, name, path), content), OK);
}

void scribe_remove(struct scribe *s, const char *name)
{
	char path[LIMIT_PATH_BYTES];

	cr_assert_eq(world_unlink(s->w, full(s, name, path)), OK, "%s", name);
}

bool scribe_has(struct scribe *s, const char *name)
{
	return scribe_peek(s, name).ptr != NULL;
}

static size_t walk(struct scribe *s, const char *folder, struct arena *a, struct str *names,
		   size_t at, size_t room)
{
	char path[LIMIT_PATH_BYTES], name[LIMIT_PATH_BYTES];
	enum world_kind kind;
	struct str *found;
	size_t count;

	cr_assert_eq(world_list(s->w, folder[0] ? full(s, folder, path) : s->place.folder, a,
				&found, &count),
		     OK);
	for (size_t i = 0; i < count; i++) {
		if (str_is(found[i], "lock"))
			continue;
		(void)snprintf(name, sizeof(name), "%s%s%.*s", folder, folder[0] ? "/" : "",
			       STR_ARG(found[i]));
		cr_assert_eq(log_place_kind(&s->place, name, &kind), OK);
		if (kind == WORLD_FOLDER) {
			at = walk(s, name, a, names, at, room);
		} else {
			cr_assert_lt(at, room);
			cr_assert_eq(arena_copy(a, str_view(name), &names[at++]), OK);
		}
	}
	return at;
}

size_t scribe_files(struct scribe *s, struct arena *a, struct str *names, size_t room)
{
	return walk(s, "", a, names, 0, room);
}
