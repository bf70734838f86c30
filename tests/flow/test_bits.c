/*
 * Every bit of every file of a small workspace, flipped one at a time, and `log verify --bodies` is
 * asked. What it answers for is the evidence; the rest is listed here, so that a new kind of file
 * does not slip in unseen:
 *
 *   log/           evidence: told, with the file, and in a segment the line of the entry
 *   blob/          evidence of bodies: told, with the first entry whose body it is, or the file
 *   keys/log.vkey  the key to verify with: told, as the signature does not hold any more
 *   state/         a cache: what verify says does not change; a writer makes it anew
 *   policies/      what decides from now on: what was in force is in the log, by its digest
 *   trammel.yaml   settings; the log's origin is told, when it is another
 *   keys/log.pem   signs what comes
 */
#include "tests/flow/scene.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define ACTIONS 4
#define ENTRIES (2 * ACTIONS + 2)
#define ACTION                                                                                   \
	"{\"agent\":\"ann\",\"action\":\"pay\",\"session\":\"s\",\"args\":{\"n\":%d}}"
/* Long enough to be compressed: of a frame of zstd some bits mean nothing, and are told as well. */
#define OUTCOME                                                                                  \
	"{\"outcome_of\":%d,\"result\":\"done %d, and then the following was done as well: a "     \
	"letter was written, it was read twice, put into an envelope, and sent; the envelope "     \
	"came back, so a second letter was written, read once, put into an envelope of another "   \
	"colour, and sent to where the first one had come from, with a note that says why\"}"

static struct space_kit k;
static struct scene_files files;

static void setup(void)
{
	struct space *s;
	struct note n = { .line = 0 };
	struct space_newcomer ann = { .name = STR("ann"), .sponsor = STR("eve@example.org") };
	struct space_key key;
	char text[512];

	space_kit_init(&k, SPACE_KIT_ALLOW);
	s = space_kit_open(&k);
	cr_assert_eq(space_create_agent(s, &ann, SPACE_KIT_START_NS, &key, &n), OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK);
	for (int i = 0; i < ACTIONS; i++) {
		(void)snprintf(text, sizeof(text), ACTION, i);
		(void)scene_submit(&k, text);
		(void)snprintf(text, sizeof(text), OUTCOME, 2 * i + 2, i);
		(void)scene_submit(&k, text);
	}
	cr_assert_eq(space_kit_verify(&k, NULL), ENTRIES);
	scene_keep(&k, &files);
}

static void teardown(void)
{
	space_kit_fini(&k);
}

TestSuite(bits, .init = setup, .fini = teardown);

/* As the command does it: the log by itself, then the bodies that its entries name. */
static enum err verify(struct note *n)
{
	struct log_report report;
	struct space *s;
	struct space_bodies_found bodies;
	enum err e;

	*n = (struct note){ .line = 0 };
	TRY(space_open(k.w, SPACE_KIT_DIR, SPACE_READ, &s, n));
	e = log_verify(k.w, space_log_folder(s), space_config(s)->origin, space_key(s), 1, NULL,
		       &report, n);
	if (e == OK)
		e = space_check_bodies(s, &bodies, n);
	(void)space_close(s, NULL);
	return e;
}

static bool below(const char *path, const char *folder)
{
	return str_starts(str_view(path + strlen(SPACE_KIT_DIR) + 1), str_view(folder));
}

static uint32_t line_of(struct str text, size_t at)
{
	uint32_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text.ptr[i] == '\n';
	return line;
}

/* What is said of the evidence names the place. */
static void expect_named(const char *path, struct str was, size_t at, const struct note *n)
{
	if (below(path, "log/")) {
		cr_assert(str_ends(str_view(path), str_view(n->file)), "%s byte %zu: '%s' %s",
			  path, at, n->file, n->text);
		if (below(path, "log/segment/"))
			cr_assert_eq(n->line, line_of(was, at), "byte %zu: line %u, %s", at,
				     n->line, n->text);
	} else {
		cr_assert(strstr(n->text, "entry ") || strstr(n->file, "blob/"),
			  "%s byte %zu: '%s' %s", path, at, n->file, n->text);
	}
}

static void flip_all(const char *path, struct str was)
{
	bool evidence = below(path, "log/") || below(path, "blob/");
	bool unasked = below(path, "state/") || below(path, "policies/") ||
		       below(path, "keys/log.pem") || below(path, "keys/agents/");
	struct str copy;

	cr_assert_eq(arena_copy(&k.memory, was, &copy), OK);
	for (size_t i = 0; i < was.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			char *byte = (char *)(uintptr_t)copy.ptr + i;
			struct note n;
			enum err e;

			*byte ^= (char)(1 << bit);
			cr_assert_eq(sim_poke(k.w, path, copy), OK);
			e = verify(&n);
			*byte ^= (char)(1 << bit);
			if (unasked)
				cr_assert_eq(e, OK, "%s byte %zu bit %d: %s", path, i, bit, n.text);
			if (evidence || below(path, "keys/log.vkey"))
				cr_assert_neq(e, OK, "%s byte %zu bit %d", path, i, bit);
			cr_assert(e == OK || n.text[0], "%s byte %zu bit %d", path, i, bit);
			if (evidence)
				expect_named(path, was, i, &n);
		}
	cr_assert_eq(sim_poke(k.w, path, was), OK);
}

Test(bits, every_bit_of_the_log_and_of_bodies_is_told_with_its_place)
{
	size_t log = 0, blob = 0;
	struct note n;

	for (size_t i = 0; i < files.count; i++) {
		if (!below(files.paths[i], "log/") && !below(files.paths[i], "blob/"))
			continue;
		log += below(files.paths[i], "log/");
		blob += below(files.paths[i], "blob/");
		flip_all(files.paths[i], files.contents[i]);
	}
	cr_expect_eq(log, 4, "checkpoint, a segment, a tile, the lock");
	cr_expect_eq(blob, 1, "an open pack");
	cr_expect_eq(verify(&n), OK, "%s", n.text);
}

static void rotate(void)
{
	struct space *s = space_kit_open(&k);
	struct note n = { .line = 0 };
	struct note_key key;

	cr_assert_eq(space_rotate_log_key(s, STR("r"), SPACE_KIT_START_NS, &key, &n), OK, "%s",
		     n.text);
	cr_assert_eq(space_close(s, &n), OK);
}

/* The list of rotations, a checkpoint that two keys signed, and the newest of the keys. */
Test(bits, every_bit_of_what_says_which_key_the_log_had_is_told)
{
	static const char *const asked[] = { "log/rotations", "log/checkpoint", "keys/log.vkey" };
	size_t found = 0;
	struct note n;

	rotate();
	rotate();
	scene_keep(&k, &files);
	for (size_t i = 0; i < files.count; i++)
		for (size_t j = 0; j < sizeof(asked) / sizeof(asked[0]); j++) {
			if (!below(files.paths[i], asked[j]))
				continue;
			found++;
			flip_all(files.paths[i], files.contents[i]);
		}
	cr_expect_eq(found, 3);
	cr_expect_eq(verify(&n), OK, "%s", n.text);
}

static void prune(void)
{
	struct space *s = space_kit_open(&k);
	struct note n = { .line = 0 };
	struct space_pruned done;

	cr_assert_eq(space_prune(s, &(struct space_prune){
		.before_ns = SPACE_KIT_START_NS + 1, .reason = STR("r"),
		.at_ns = SPACE_KIT_START_NS }, &done, &n), OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK);
}

static void redact(void)
{
	struct space *s = space_kit_open(&k);
	struct note n = { .line = 0 };
	struct space_redacted done;

	cr_assert_eq(space_redact(s, &(struct space_redaction){
		.field = STR("args.n"), .reason = STR("r"), .at_ns = SPACE_KIT_START_NS }, &done,
				  &n), OK, "%s", n.text);
	cr_assert_eq(space_close(s, &n), OK);
}

/* Packs that lost values and bodies, their indexes, and the state behind what was pruned. */
Test(bits, every_bit_of_what_was_redacted_and_pruned_is_told)
{
	size_t packs = 0, indexes = 0, others = 0;
	char text[512];
	struct note n;

	prune();
	(void)snprintf(text, sizeof(text), ACTION, 7);
	(void)snprintf(text, sizeof(text), OUTCOME, (int)scene_submit(&k, text).entry, 7);
	(void)scene_submit(&k, text);
	redact();
	scene_keep(&k, &files);
	for (size_t i = 0; i < files.count; i++) {
		struct str path = str_view(files.paths[i]);

		if (!below(path.ptr, "blob/"))
			continue;
		packs += str_ends(path, STR(".pack"));
		indexes += str_ends(path, STR(".index"));
		others += str_ends(path, STR("/baseline"));
		flip_all(path.ptr, files.contents[i]);
	}
	cr_expect(packs > 0 && indexes > 0 && others == 1, "%zu %zu %zu", packs, indexes, others);
	cr_expect_eq(verify(&n), OK, "%s", n.text);
}

Test(bits, every_bit_of_all_other_files_is_told_or_is_no_evidence)
{
	struct note n;

	for (size_t i = 0; i < files.count; i++)
		if (!below(files.paths[i], "log/") && !below(files.paths[i], "blob/"))
			flip_all(files.paths[i], files.contents[i]);
	cr_expect_eq(verify(&n), OK, "%s", n.text);
}

/* No file belongs to none of the kinds above. */
Test(bits, every_file_has_its_kind)
{
	static const char *const known[] = { "log/", "blob/", "keys/", "state/", "policies/",
					     "trammel.yaml" };

	for (size_t i = 0; i < files.count; i++) {
		bool found = false;

		for (size_t j = 0; j < sizeof(known) / sizeof(known[0]); j++)
			found = found || below(files.paths[i], known[j]);
		cr_expect(found, "%s", files.paths[i]);
	}
}
