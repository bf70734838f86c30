/* space_kit: making, filling and judging a workspace in memory. */
#include "tests/kit/space_kit.h"

#include <criterion/criterion.h>

#define SEED 7
#define KIT_MEMORY ((size_t)1 << 30)

void space_kit_init(struct space_kit *k, const char *policy)
{
	struct note n = { .line = 0 };

	cr_assert_eq(crypto_start(), OK);
	k->w = sim_open(SEED, SPACE_KIT_START_NS);
	cr_assert_not_null(k->w);
	arena_init(&k->memory, KIT_MEMORY);
	cr_assert_eq(space_create(k->w, SPACE_KIT_DIR, STR(SPACE_KIT_ORIGIN), &n), OK, "%s",
		     n.text);
	space_kit_policy(k, policy);
}

void space_kit_fini(struct space_kit *k)
{
	arena_fini(&k->memory);
	sim_close(k->w);
}

void space_kit_policy(struct space_kit *k, const char *policy)
{
	cr_assert_eq(sim_poke(k->w, SPACE_KIT_DIR "/policies/policy.yaml", str_view(policy)), OK);
}

static struct space *open_space(struct space_kit *k, enum space_mode mode)
{
	struct note n = { .line = 0 };
	struct space *s = NULL;

	cr_assert_eq(space_open(k->w, SPACE_KIT_DIR, mode, &s, &n), OK, "%s: %s", n.file, n.text);
	return s;
}

struct space *space_kit_open(struct space_kit *k)
{
	return open_space(k, SPACE_WRITE);
}

static enum err import_file(struct space_kit *k, struct space *s,
			    const struct import_options *options, struct import_report *ret,
			    struct note *n)
{
	struct import_options here = *options;
	enum err e;
	int fd;

	here.path = SPACE_KIT_SOURCE;
	TRY(world_open(k->w, SPACE_KIT_SOURCE, WORLD_READ, &fd));
	e = import_run(s, fd, &here, ret, n);
	(void)world_close(k->w, fd);
	return e;
}

enum err space_kit_import(struct space_kit *k, const struct import_options *options,
			  struct str text, struct import_report *ret, struct note *n)
{
	struct space *s;
	enum err e;

	TRY(sim_poke(k->w, SPACE_KIT_SOURCE, text));
	TRY(space_open(k->w, SPACE_KIT_DIR, SPACE_WRITE, &s, n));
	e = import_file(k, s, options, ret, n);
	if (e == OK)
		return space_close(s, n);
	(void)space_abandon(s, NULL);
	return e;
}

enum err space_kit_replay(struct space_kit *k, struct replay_report *ret, struct note *n)
{
	const struct replay_plan strict = { .instead = NULL };
	struct space *s;
	enum err e;

	TRY(space_open(k->w, SPACE_KIT_DIR, SPACE_READ, &s, n));
	e = replay_run(s, &strict, &k->memory, ret, n);
	(void)space_close(s, NULL);
	return e;
}

uint64_t space_kit_verify(struct space_kit *k, struct digest *root)
{
	struct space *s = open_space(k, SPACE_READ);
	struct note n = { .line = 0 };
	struct log_report report;
	enum err e = log_verify(k->w, space_log_folder(s), STR(SPACE_KIT_ORIGIN), space_key(s), 1,
				NULL, &report, &n);

	(void)space_close(s, NULL);
	cr_assert_eq(e, OK, "%s: %s: %s", err_name(e), n.file, n.text);
	cr_assert_eq(report.entries, report.checkpoint.size);
	if (root)
		*root = report.root;
	return report.entries;
}

struct str space_kit_line(struct space_kit *k, uint64_t seq)
{
	struct space *s = open_space(k, SPACE_READ);
	struct str line = STR_NONE, copy = STR_NONE;
	struct log_reader *r;

	cr_assert_eq(log_reader_open(k->w, space_log_folder(s), seq, seq + 1, &r), OK);
	cr_assert_eq(log_reader_next(r, &line), OK);
	if (line.ptr)
		cr_assert_eq(arena_copy(&k->memory, line, &copy), OK);
	log_reader_close(r);
	(void)space_close(s, NULL);
	return copy;
}

struct entry space_kit_entry(struct space_kit *k, uint64_t seq)
{
	struct str line = space_kit_line(k, seq);
	struct note n = { .line = 0 };
	struct entry entry;

	cr_assert_not_null(line.ptr, "there is no entry %llu", (unsigned long long)seq);
	cr_assert_eq(entry_read(line, &k->memory, &entry, &n), OK, "%s", n.text);
	return entry;
}

struct str space_kit_body(struct space_kit *k, const struct digest *d)
{
	struct space *s = open_space(k, SPACE_READ);
	struct gate_bodies bodies = space_bodies(s);
	struct body body;
	struct str copy;

	cr_assert_not_null(d);
	cr_assert_eq(bodies.get(bodies.self, d, &body), OK);
	cr_assert_eq(arena_copy(&k->memory, body.text, &copy), OK);
	(void)space_close(s, NULL);
	return copy;
}
