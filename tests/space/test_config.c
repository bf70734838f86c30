#include "engine/space/inside.h"

#include <string.h>

#include <criterion/criterion.h>

#include "tests/kit/steward.h"

static struct steward st;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(config, .init = setup, .fini = teardown);

static void poke(const char *path, const char *text)
{
	cr_assert_eq(sim_poke(st.w, path, str_view(text)), OK);
}

static void expect(const char *yaml, enum err expected, const char *story)
{
	enum err e;

	poke(SPACE_KIT_DIR "/trammel.yaml", yaml);
	e = steward_open_error(&st);
	cr_assert_eq(e, expected, "%s: %s: %s", yaml, err_name(e), st.note.text);
	cr_assert(strstr(st.note.text, story), "%s: %s", yaml, st.note.text);
	if (e != OK)
		cr_assert_str_eq(st.note.file, SPACE_KIT_DIR "/trammel.yaml");
}

#define FORMAT "format: trammel/workspace/v4\n"
#define NAME "origin: " SPACE_KIT_ORIGIN "\n"

Test(config, is_read_strictly)
{
	expect(FORMAT NAME, OK, "");
	expect(FORMAT NAME "snapshot_interval: 1\n", OK, "");
	expect(FORMAT NAME "snapshot_interval: 1000000\n", OK, "");
	expect(FORMAT NAME "snapshot_interval: 0\n", ERR_RANGE, "1 to 1000000");
	expect(FORMAT NAME "snapshot_interval: 1000001\n", ERR_RANGE, "");
	expect(FORMAT NAME "snapshot_interval: many\n", ERR_RANGE, "");
	expect(FORMAT NAME "orgin: x\n", ERR_UNKNOWN, "did you mean 'origin'?");
	expect(FORMAT NAME NAME, ERR_DUPLICATE, "");
	expect("format: trammel/workspace/v1\n" NAME, ERR_VERSION, "trammel/workspace/v4");
	expect(NAME, ERR_VERSION, "'format'");
	expect(FORMAT, ERR_SYNTAX, "'origin'");
	expect(FORMAT "origin: 5\n", ERR_TYPE, "integer");
	expect(FORMAT "origin: \"a b\"\n", ERR_SYNTAX, "without blanks");
	expect(FORMAT "origin: 'a\"b'\n", ERR_SYNTAX, "quotes");
	expect(FORMAT "origin: 'a\\b'\n", ERR_SYNTAX, "backslashes");
	expect(FORMAT NAME "trust_domain: example.org\n", OK, "");
	expect(FORMAT NAME "trust_domain: Example.org\n", ERR_SYNTAX, "lower-case");
	expect(FORMAT NAME "trust_domain: 5\n", ERR_TYPE, "integer");
	expect(FORMAT NAME "trust_domian: x\n", ERR_UNKNOWN, "did you mean 'trust_domain'?");
	expect("", ERR_TYPE, "mapping");
	expect("- a\n", ERR_TYPE, "mapping");
	expect("{", ERR_SYNTAX, "");
}

/* An entry could not even be written under such a name; it has to stop here. */
Test(config, a_key_of_a_name_that_entries_cannot_carry_does_not_help)
{
	struct str vkey = sim_peek(st.w, SPACE_KIT_DIR "/keys/log.vkey");
	struct note_key key;
	struct buf b;

	cr_assert_eq(note_key_read(str_trim(vkey), &key), OK);
	buf_init(&b, 4096);
	key = note_key_of(STR("a\"b"), &key.key, false);
	note_key_write(&b, &key);
	cr_assert_eq(sim_poke(st.w, SPACE_KIT_DIR "/keys/log.vkey", buf_view(&b)), OK);
	expect(FORMAT "origin: 'a\"b'\n", ERR_SYNTAX, "quotes");
	buf_fini(&b);
}

Test(config, a_folder_without_it_is_no_workspace)
{
	struct space *s = NULL;
	struct note n = { .text = "" };

	cr_assert_eq(space_open(st.w, "nowhere", SPACE_READ, &s, &n), ERR_NOT_FOUND);
	cr_assert(strstr(n.text, "trammel init nowhere"));
	cr_assert_null(s);
}

Test(config, the_verifier_key_must_be_the_origins)
{
	poke(SPACE_KIT_DIR "/keys/log.vkey", "nonsense");
	cr_assert_eq(steward_open_error(&st), ERR_SYNTAX);
	cr_assert_str_eq(st.note.file, SPACE_KIT_DIR "/keys/log.vkey");
	poke(SPACE_KIT_DIR "/keys/log.vkey",
	     "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n");
	cr_assert_eq(steward_open_error(&st), ERR_RANGE);
	cr_assert(strstr(st.note.text, SPACE_KIT_ORIGIN));
	cr_assert_eq(world_unlink(st.w, SPACE_KIT_DIR "/keys/log.vkey"), OK);
	cr_assert_eq(steward_open_error(&st), ERR_NOT_FOUND);
}

Test(config, the_signing_key_must_fit_the_verifier_key)
{
	static const uint8_t seed[SEED_BYTES] = { 9 };
	struct sign_key *other;
	struct buf pem;

	cr_assert_eq(sign_key_open(seed, &other), OK);
	buf_init(&pem, LIMIT_NOTE_BYTES);
	pem_write_private(&pem, other);
	cr_assert_eq(sim_poke(st.w, SPACE_KIT_DIR "/keys/log.pem", buf_view(&pem)), OK);
	cr_assert_eq(steward_open_error(&st), ERR_SIGNATURE);
	cr_assert_str_eq(st.note.file, SPACE_KIT_DIR "/keys/log.pem");
	buf_fini(&pem);
	sign_key_close(other);
	poke(SPACE_KIT_DIR "/keys/log.pem", "nonsense");
	cr_assert_neq(steward_open_error(&st), OK);
	cr_assert(st.note.text[0]);
	cr_assert_eq(world_unlink(st.w, SPACE_KIT_DIR "/keys/log.pem"), OK);
	cr_assert_eq(steward_open_error(&st), ERR_NOT_FOUND);
	cr_assert(st.note.text[0]);
}

static char unreadable[LIMIT_PATH_BYTES];
static enum err refusal;
static const struct world_calls *undisturbed;

static enum err refuse_one(struct world *w, const char *path, enum world_open how, int *ret)
{
	return strcmp(path, unreadable) == 0 ? refusal : undisturbed->open(w, path, how, ret);
}

Test(config, a_file_that_cannot_be_read_is_told_with_the_reason)
{
	static const char *const files[] = { "trammel.yaml", "keys/log.vkey", "keys/log.pem" };
	struct world_calls calls = *st.w->calls;

	undisturbed = st.w->calls;
	calls.open = refuse_one;
	st.w->calls = &calls;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		cr_assert_eq(world_join(unreadable, sizeof(unreadable), SPACE_KIT_DIR,
					files[i]), OK);
		refusal = ERR_ACCESS;
		cr_assert_eq(steward_open_error(&st), ERR_ACCESS);
		cr_expect_str_eq(st.note.file, unreadable);
		cr_expect_str_eq(st.note.text, "this cannot be read: permission denied");
		refusal = ERR_TYPE;
		cr_assert_eq(steward_open_error(&st), ERR_TYPE);
		cr_expect_str_eq(st.note.file, unreadable);
		cr_expect_str_eq(st.note.text, "this is not a file");
	}
	st.w->calls = undisturbed;
}

/* Who only reads needs no secret. */
Test(config, reading_needs_no_signing_key)
{
	struct space *s;

	cr_assert_eq(world_unlink(st.w, SPACE_KIT_DIR "/keys/log.pem"), OK);
	cr_assert_eq(space_open(st.w, SPACE_KIT_DIR, SPACE_READ, &s, &st.note), OK);
	cr_assert_eq(space_close(s, NULL), OK);
}
