#include <criterion/criterion.h>

#include "engine/audit/note.h"
#include "engine/base/limits.h"
#include "tests/kit/fail_alloc.h"

#define TEXT "trammel.example/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define DASH "\xe2\x80\x94 "

/* The example of c2sp.org/signed-note. */
#define C2SP_POINT "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define C2SP_KEY "example.com/foo+530d903a+" C2SP_POINT
#define C2SP_TEXT "This is an example message.\n"
#define C2SP_LINE DASH "example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1E" \
	"RYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"

static struct sign_key *ann, *bob;
static struct note_key ann_key, bob_key;
static struct buf buf;

static struct sign_key *open_key(uint8_t fill, const char *name, struct note_key *key)
{
	uint8_t seed[SEED_BYTES];
	struct public_key public;
	struct sign_key *k;

	memset(seed, fill, sizeof(seed));
	cr_assert_eq(sign_key_open(seed, &k), OK);
	public = sign_key_public(k);
	*key = note_key_of(str_view(name), &public, false);
	return k;
}

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
	ann = open_key(1, "ann.example", &ann_key);
	bob = open_key(2, "bob.example", &bob_key);
	buf_init(&buf, 1u << 20);
}

static void teardown(void)
{
	sign_key_close(ann);
	sign_key_close(bob);
	buf_fini(&buf);
}

TestSuite(note, .init = setup, .fini = teardown);

/* The signature line of `key` under `text`, with its LF. */
static struct str line_of(struct buf *b, struct str text, struct note_key *key, struct sign_key *k)
{
	buf_init(b, 1u << 16);
	note_sign(b, text, key->name, k);
	return str_slice(b->ptr + text.len + 1, b->len - text.len - 1);
}

static enum err open_text(const char *note, const struct note_key *keys, size_t count)
{
	struct str text = STR("kept");
	enum err e = note_open(str_view(note), keys, count, &text);

	if (e != OK)
		cr_assert(str_is(text, "kept"), "nothing is given on failure");
	return e;
}

Test(note, the_published_example_opens)
{
	struct note_key key;
	struct str text;

	cr_assert_eq(note_key_read(STR(C2SP_KEY), &key), OK);
	cr_assert(str_is(key.name, "example.com/foo"));
	cr_assert_eq(key.id, 0x530d903au);
	cr_assert_eq(note_open(STR(C2SP_TEXT "\n" C2SP_LINE), &key, 1, &text), OK);
	cr_assert(str_is(text, C2SP_TEXT));
	note_key_write(&buf, &key);
	cr_assert(str_eq(buf_view(&buf), STR(C2SP_KEY)));
}

Test(note, what_is_signed_opens_to_its_text)
{
	struct str text;

	note_sign(&buf, STR(TEXT), ann_key.name, ann);
	cr_assert_eq(note_open(buf_view(&buf), &ann_key, 1, &text), OK);
	cr_assert(str_is(text, TEXT));
	cr_assert(text.ptr == buf.ptr, "the text is borrowed");
}

Test(note, the_text_may_hold_empty_lines)
{
	struct str text;

	note_sign(&buf, STR("a\n\n" DASH "b\n\nc\n"), ann_key.name, ann);
	cr_assert_eq(note_open(buf_view(&buf), &ann_key, 1, &text), OK);
	cr_assert(str_is(text, "a\n\n" DASH "b\n\nc\n"));
}

Test(note, any_changed_bit_is_refused)
{
	struct str text;

	note_sign(&buf, STR(TEXT), ann_key.name, ann);
	for (size_t bit = 0; bit < buf.len * 8; bit++) {
		buf.ptr[bit / 8] = (char)(buf.ptr[bit / 8] ^ 1 << bit % 8);
		cr_assert_neq(note_open(buf_view(&buf), &ann_key, 1, &text), OK, "bit %zu", bit);
		buf.ptr[bit / 8] = (char)(buf.ptr[bit / 8] ^ 1 << bit % 8);
	}
}

Test(note, unknown_keys_are_ignored_but_one_known_key_must_sign)
{
	struct note_key both[] = { ann_key, bob_key }, other = bob_key;
	struct str text;
	struct buf b;

	note_sign(&buf, STR(TEXT), ann_key.name, ann);
	buf_add(&buf, line_of(&b, STR(TEXT), &bob_key, bob));
	buf_fini(&b);
	cr_assert_eq(note_open(buf_view(&buf), both, 2, &text), OK);
	cr_assert_eq(note_open(buf_view(&buf), both, 1, &text), OK);
	cr_assert_eq(note_open(buf_view(&buf), both + 1, 1, &text), OK);
	cr_assert_eq(note_open(buf_view(&buf), NULL, 0, &text), ERR_UNKNOWN);
	other.name = STR("carol.example");
	cr_assert_eq(note_open(buf_view(&buf), &other, 1, &text), ERR_UNKNOWN,
		     "same id, other name");
	other = bob_key;
	other.id ^= 1;
	cr_assert_eq(note_open(buf_view(&buf), &other, 1, &text), ERR_UNKNOWN,
		     "same name, other id");
}

Test(note, one_bad_signature_of_a_known_key_spoils_the_note)
{
	struct note_key both[] = { ann_key, bob_key };
	struct str text;
	struct buf b;

	note_sign(&buf, STR(TEXT), ann_key.name, ann);
	buf_add(&buf, line_of(&b, STR("another text\n"), &bob_key, bob));
	buf_fini(&b);
	cr_assert_eq(note_open(buf_view(&buf), both, 2, &text), ERR_SIGNATURE);
	cr_assert_eq(note_open(buf_view(&buf), both, 1, &text), OK, "bob is not known here");
}

Test(note, a_signature_of_a_known_key_that_is_too_short_does_not_verify)
{
	struct note_key key;

	cr_assert_eq(note_key_read(STR(C2SP_KEY), &key), OK);
	cr_assert_eq(open_text(C2SP_TEXT "\n" DASH "example.com/foo Uw2QOkn8\n", &key, 1),
		     ERR_SIGNATURE);
}

Test(note, malformed_notes_are_refused)
{
	static const char *const notes[] = {
		"", "\n", "\n\n", C2SP_TEXT, C2SP_TEXT "\n", C2SP_TEXT C2SP_LINE,
		C2SP_TEXT "\n" C2SP_LINE "\n", /* a line after the end */
		C2SP_TEXT "\n" C2SP_LINE "x", /* no final LF */
		C2SP_TEXT "\n- example.com/foo Uw2QOkn8\n", /* hyphen */
		C2SP_TEXT "\n" DASH "Uw2QOkn8\n", /* no name */
		C2SP_TEXT "\n" DASH " Uw2QOkn8\n", /* empty name */
		C2SP_TEXT "\n" DASH "a  Uw2QOkn8\n", /* two blanks */
		C2SP_TEXT "\n" DASH "a Uw2QOkn8 \n", /* a blank behind */
		C2SP_TEXT "\n" DASH "a+b Uw2QOkn8\n",
		C2SP_TEXT "\n" DASH "a\xe2\x80\xa8 Uw2QOkn8\n", /* a Unicode blank */
		C2SP_TEXT "\n" DASH "a\n",
		C2SP_TEXT "\n" DASH "a \n",
		C2SP_TEXT "\n" DASH "a Uw2QOg==\n", /* an id without signature */
		C2SP_TEXT "\n" DASH "a Uw2QOkn\n", /* not base64 */
		C2SP_TEXT "\n" DASH "a Uw2QOkn_\n", /* another alphabet */
		C2SP_TEXT "\n" DASH "a Uw2QOkm=\n", /* trailing bits */
		"a\r\n\n" C2SP_LINE, "a\tb\n\n" C2SP_LINE, "a\x01\n\n" C2SP_LINE,
		"a\xff\n\n" C2SP_LINE,
		C2SP_TEXT "\n" DASH "a\xc0\x80 Uw2QOkn8\n",
	};
	struct note_key key;

	cr_assert_eq(note_key_read(STR(C2SP_KEY), &key), OK);
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		cr_assert_eq(open_text(notes[i], &key, 1), ERR_SYNTAX, "%zu: %s", i, notes[i]);
	cr_assert_eq(note_open(str_slice("a\0b\n\n" C2SP_LINE, sizeof("a\0b\n\n" C2SP_LINE) - 1),
			       &key, 1,
			       &(struct str){ 0 }), ERR_SYNTAX, "a zero byte");
	/* Malformed lines are refused also when they follow a good one. */
	cr_assert_eq(open_text(C2SP_TEXT "\n" C2SP_LINE DASH "a Uw2QOkn\n", &key, 1), ERR_SYNTAX);
}

Test(note, many_signatures_are_accepted_up_to_the_limit)
{
	struct note_key key;
	struct str text;

	cr_assert_eq(note_key_read(STR(C2SP_KEY), &key), OK);
	buf_add(&buf, STR(C2SP_TEXT "\n"));
	for (int i = 0; i < LIMIT_NOTE_SIGNATURES - 1; i++)
		buf_addf(&buf, DASH "witness%d.example AAAAAAAA\n", i);
	buf_add(&buf, STR(C2SP_LINE));
	cr_assert_geq(LIMIT_NOTE_SIGNATURES, 16);
	cr_assert_eq(note_open(buf_view(&buf), &key, 1, &text), OK);
	buf_add(&buf, STR(DASH "a Uw2QOkn8\n"));
	cr_assert_eq(note_open(buf_view(&buf), &key, 1, &text), ERR_LIMIT);
}

/* A post-quantum signature of an unknown key is nearly 5 kB long. */
Test(note, long_signatures_of_unknown_keys_are_ignored)
{
	static const uint8_t big[4700];
	struct str text;

	note_sign(&buf, STR(TEXT), ann_key.name, ann);
	buf_add(&buf, STR(DASH "pq.example "));
	base64_write(&buf, big, sizeof(big));
	buf_add_byte(&buf, '\n');
	cr_assert_eq(note_open(buf_view(&buf), &ann_key, 1, &text), OK);
}

Test(note, a_note_has_a_size_limit)
{
	static char long_text[LIMIT_NOTE_BYTES];
	struct str text;

	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 201] = '\n';
	note_sign(&buf, str_slice(long_text, sizeof(long_text) - 200), ann_key.name, ann);
	cr_assert_leq(buf.len, LIMIT_NOTE_BYTES);
	cr_assert_eq(note_open(buf_view(&buf), &ann_key, 1, &text), OK);
	long_text[sizeof(long_text) - 1] = '\n';
	buf_clear(&buf);
	note_sign(&buf, str_slice(long_text, sizeof(long_text)), ann_key.name, ann);
	cr_assert_eq(note_open(buf_view(&buf), &ann_key, 1, &text), ERR_LIMIT);
}

Test(note, names_have_no_blanks_and_no_plus)
{
	static const char *const bad[] = {
		"", " ", "a b", "a+b", "a\nb", "a\x7f b", "a\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80",
		"\xe2\x80\x80", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
		"\xe2\x81\x9f", "\xe3\x80\x80", "\xff", "\xed\xa0\x80", "a\tb",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		cr_assert(!note_name_ok(str_view(bad[i])), "%zu", i);
	cr_assert(note_name_ok(STR("example.com/a-b_c~1")));
	cr_assert(note_name_ok(STR("\xc3\xa9t\xc3\xa9.example")));
	cr_assert(note_name_ok(STR("\xe2\x80\x8b")), "U+200B has no White_Space property");
	cr_assert(!note_name_ok(STR_NONE));
}

Test(note, verifier_keys_are_read_strictly)
{
	static const struct { const char *text; enum err want;
	} cases[] = {
		{ "", ERR_SYNTAX },
		{ "a", ERR_SYNTAX },
		{ "a+530d903a", ERR_SYNTAX },
		{ "+530d903a+" C2SP_POINT, ERR_SYNTAX },
		{ "example.com/foo+530d903b+" C2SP_POINT, ERR_SYNTAX },
		{ "example.com/fop+530d903a+" C2SP_POINT, ERR_SYNTAX },
		{ "example.com/foo+530D903A+" C2SP_POINT, ERR_SYNTAX },
		{ "example.com/foo+530d903a+", ERR_SYNTAX },
		{ "a+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2", ERR_SYNTAX },
		{ "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv", ERR_SYNTAX },
		{ "witness.example/w1+24b5d9fe+Bf0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY",
		  ERR_UNKNOWN },
		{ "witness.example/w1+24b5d9ff+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY",
		  ERR_SYNTAX },
		{ C2SP_KEY "AAAA", ERR_UNKNOWN },
	};
	struct note_key key = { .id = 77 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cr_assert_eq(note_key_read(str_view(cases[i].text), &key), cases[i].want, "%s",
			     cases[i].text);
		cr_assert_eq(key.id, 77);
	}
}

Test(note, a_checkpoint_is_three_lines)
{
	struct checkpoint c = { .origin = STR("trammel.example/log"), .size = UINT64_MAX }, got;

	c.root = sha256(STR("root"));
	checkpoint_write(&buf, &c);
	cr_assert_eq(checkpoint_read(buf_view(&buf), &got), OK);
	cr_assert(str_eq(got.origin, c.origin) && got.size == c.size && digest_eq(&got.root,
										  &c.root));
	cr_assert_eq(checkpoint_read(STR(TEXT), &got), OK);
	cr_assert_eq(got.size, 3);
	buf_add(&buf, STR("extension\nanother\n"));
	cr_assert_eq(checkpoint_read(buf_view(&buf), &got), OK);
	cr_assert_eq(got.size, UINT64_MAX);
}

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

Test(note, malformed_checkpoints_are_refused)
{
	static const char *const texts[] = {
		"", "a", "a\n", "a\n1\n", "a\n1\n" ROOT, "\n1\n" ROOT "\n", "a\n\n" ROOT "\n",
		"a\n01\n" ROOT "\n", "a\n-1\n" ROOT "\n", "a\n+1\n" ROOT "\n", "a\n1 \n" ROOT "\n",
		"a\n0x1\n" ROOT "\n", "a\n18446744073709551616\n" ROOT "\n", "a\n1\n\n",
		"a\n1\nAAAA\n", "a\n1\n" ROOT "=\n", "a\n1\nAAAA" ROOT "\n", "a\n1\n" ROOT "\n\n",
		"a\n1\n" ROOT "\nx\n\n", "a\n1\n" ROOT "\nx",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
		"a\r\n1\n" ROOT "\n", "\xff\n1\n" ROOT "\n",
	};
	struct checkpoint got = { .size = 77 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		cr_assert_eq(checkpoint_read(str_view(texts[i]), &got), ERR_SYNTAX, "%s", texts[i]);
		cr_assert_eq(got.size, 77);
	}
}

Test(note, writing_survives_every_failed_allocation)
{
	struct checkpoint c = { .origin = STR("o") };

	for (uint64_t n = 1; ; n++) {
		struct buf b;
		bool hit;

		buf_init(&b, 1u << 16);
		fail_alloc_at(n);
		checkpoint_write(&b, &c);
		note_sign(&b, STR(TEXT), ann_key.name, ann);
		note_key_write(&b, &ann_key);
		hit = fail_alloc_was_hit();
		cr_assert_eq(b.err, hit ? ERR_MEMORY : OK);
		buf_fini(&b);
		if (!hit)
			break;
	}
}
