/* steward: events, forgeries and expectations. */
#include "tests/kit/steward.h"

#include <string.h>

#include <criterion/criterion.h>

#define LOG_FOLDER SPACE_KIT_DIR "/log"
#define LINES_MAX 4096

void steward_init(struct steward *st, const char *policy)
{
	const struct space_newcomer ann = { .name = STR("ann"), .sponsor = STR("eve@example.org") };
	struct space_key key;
	struct space *s;

	*st = (struct steward){ .note = { .text = "" } };
	space_kit_init(&st->kit, policy);
	st->w = st->kit.w;
	arena_init(&st->memory, LIMIT_ACTION_MEMORY);
	buf_init(&st->bodies, LIMIT_BODY_BYTES);
	s = space_kit_open(&st->kit);
	cr_assert_eq(space_create_agent(s, &ann, SPACE_KIT_START_NS, &key, &st->note), OK, "%s",
		     st->note.text);
	cr_assert_eq(space_close(s, &st->note), OK, "%s", st->note.text);
}

void steward_fini(struct steward *st)
{
	buf_fini(&st->bodies);
	arena_fini(&st->memory);
	space_kit_fini(&st->kit);
}

enum err steward_submit(struct steward *st, struct space *s, const char *text, struct verdict *ret)
{
	st->note = (struct note){ .text = "" };
	arena_rewind(&st->memory, (struct arena_mark){ NULL, 0 });
	buf_clear(&st->bodies);
	return space_submit_text(s, str_view(text), world_now_ns(st->w), &st->memory, &st->bodies,
				 ret, &st->note);
}

struct verdict steward_record(struct steward *st, const char *text)
{
	struct space *s = space_kit_open(&st->kit);
	struct verdict v;

	cr_assert_eq(steward_submit(st, s, text, &v), OK);
	cr_assert_eq(space_close(s, &st->note), OK, "%s", st->note.text);
	return v;
}

static void expect_last_state(struct steward *st, uint64_t entries)
{
	struct digest root;
	struct state *state;
	struct space *s;

	cr_assert_eq(space_open(st->w, SPACE_KIT_DIR, SPACE_READ, &s, &st->note), OK);
	cr_assert_eq(gate_state_open(&state), OK);
	cr_assert_eq(space_state_at(s, entries - 1, state, &root, &st->note), OK, "%s",
		     st->note.text);
	cr_assert_eq(gate_totals(state).entries, entries);
	state_close(state);
	(void)space_close(s, NULL);
}

/* Entry `seq` is proved, to somebody who has nothing but the log's key. */
static void expect_proved(struct steward *st, uint64_t seq)
{
	struct arena_mark mark = arena_mark(&st->kit.memory);
	struct checkpoint checkpoint;
	struct space *s;
	struct proof p;
	struct buf b;

	cr_assert_eq(space_open(st->w, SPACE_KIT_DIR, SPACE_READ, &s, &st->note), OK, "%s",
		     st->note.text);
	buf_init(&b, LIMIT_PROOF_BYTES);
	cr_assert_eq(log_prove(st->w, space_log_folder(s), seq, space_key(s), 1, &b, &st->note),
		     OK, "entry %d: %s", (int)seq, st->note.text);
	cr_assert_eq(proof_read(buf_view(&b), &st->kit.memory, &p, &st->note), OK);
	cr_assert_eq(proof_check(&p, STR_NONE, STR(SPACE_KIT_ORIGIN), space_key(s), 1, &checkpoint,
				 &st->note), OK, "entry %d: %s", (int)seq, st->note.text);
	cr_assert_eq(p.index, seq);
	buf_fini(&b);
	(void)space_close(s, NULL);
	arena_rewind(&st->kit.memory, mark);
}

uint64_t steward_expect_sound(struct steward *st)
{
	struct replay_report report;
	uint64_t entries;
	enum err e;

	cr_assert_eq(space_close(space_kit_open(&st->kit), &st->note), OK, "%s", st->note.text);
	entries = space_kit_verify(&st->kit, NULL);
	e = space_kit_replay(&st->kit, &report, &st->note);
	cr_assert_eq(e, OK, "%s: %s", err_name(e), st->note.text);
	cr_assert(report.entries == entries && !report.diverged);
	if (entries > 0) {
		expect_last_state(st, entries);
		expect_proved(st, 0);
		expect_proved(st, entries / 2);
		expect_proved(st, entries - 1);
	}
	return entries;
}

enum err steward_open_error(struct steward *st)
{
	struct space *s;
	enum err e;

	st->note = (struct note){ .text = "" };
	e = space_open(st->w, SPACE_KIT_DIR, SPACE_WRITE, &s, &st->note);
	if (e == OK)
		cr_assert_eq(space_abandon(s, NULL), OK);
	return e;
}

struct str steward_edit(struct steward *st, struct str text, const char *from, const char *to)
{
	struct str copy, place = str_view(from);
	size_t at = 0;
	struct buf b;

	while (at < text.len && !str_starts(str_slice(text.ptr + at, text.len - at), place))
		at++;
	cr_assert_lt(at, text.len, "there is no %s", from);
	buf_init(&b, (size_t)64 << 20);
	buf_add(&b, str_slice(text.ptr, at));
	buf_add_c(&b, to);
	buf_add(&b, str_slice(text.ptr + at + place.len, text.len - at - place.len));
	cr_assert_eq(b.err, OK);
	cr_assert_eq(arena_copy(&st->kit.memory, buf_view(&b), &copy), OK);
	buf_fini(&b);
	return copy;
}

static struct sign_key *log_key(struct steward *st)
{
	struct str pem = sim_peek(st->w, SPACE_KIT_DIR "/keys/log.pem");
	struct sign_key *key;

	cr_assert_eq(pem_read_private(pem, &key, &st->note), OK, "%s", st->note.text);
	return key;
}

void steward_forge(struct steward *st, uint64_t seq, const char *from, const char *to)
{
	struct sign_key *key = log_key(st);
	static struct str lines[LINES_MAX];
	size_t count = 0;
	struct log *log;

	while (count < LINES_MAX && (lines[count] = space_kit_line(&st->kit, count)).ptr)
		count++;
	cr_assert(seq < count && count < LINES_MAX);
	lines[seq] = steward_edit(st, lines[seq], from, to);
	cr_assert_eq(world_unlink(st->w, STEWARD_SEGMENT), OK);
	cr_assert_eq(world_unlink(st->w, LOG_FOLDER "/checkpoint"), OK);
	cr_assert_eq(log_create(st->w, LOG_FOLDER, STR(SPACE_KIT_ORIGIN), key), OK);
	cr_assert_eq(log_open(st->w, LOG_FOLDER, STR(SPACE_KIT_ORIGIN), key, &log, &st->note), OK,
		     "%s", st->note.text);
	for (size_t i = 0; i < count; i++)
		cr_assert_eq(log_append(log, lines[i]), OK);
	cr_assert_eq(log_close(log), OK);
	sign_key_close(key);
}
