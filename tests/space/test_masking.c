/* masking: what trammel.yaml says about it is read strictly, and the key is where it belongs. */
#include "engine/space/inside.h"

#include <string.h>

#include <criterion/criterion.h>

#include "tests/kit/steward.h"

#define CONFIG SPACE_KIT_DIR "/trammel.yaml"
#define KEY SPACE_KIT_DIR "/keys/mask.key"

static struct steward st;

static void setup(void)
{
	steward_init(&st, SPACE_KIT_ALLOW);
}

static void teardown(void)
{
	steward_fini(&st);
}

TestSuite(masking, .init = setup, .fini = teardown);

static enum err open_with(const char *mask)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_YAML_BYTES);
	buf_addf(&b, "format: %s\norigin: " SPACE_KIT_ORIGIN "\n%s", SPACE_FORMAT, mask);
	cr_assert_eq(sim_poke(st.w, CONFIG, buf_view(&b)), OK);
	buf_fini(&b);
	e = steward_open_error(&st);
	return e;
}

static void expect(const char *mask, enum err expected, const char *story)
{
	enum err e = open_with(mask);

	cr_expect_eq(e, expected, "%s: %s: %s", mask, err_name(e), st.note.text);
	cr_expect(strstr(st.note.text, story), "%s: %s", mask, st.note.text);
	if (e != OK)
		cr_expect_str_eq(st.note.file, CONFIG);
}

Test(masking, is_read_strictly)
{
	expect("mask: {}\n", OK, "");
	expect("mask: {email: true, phone: false}\n", OK, "");
	expect("mask: {names: [iban], exempt: ['args.*'], patterns: {emp: '^E[0-9]+$'}}\n", OK, "");
	expect("mask: 1\n", ERR_TYPE, "expected email, exempt, names, patterns or phone");
	expect("mask: {emial: true}\n", ERR_UNKNOWN, "did you mean 'email'?");
	expect("mask: {email: 1}\n", ERR_TYPE, "true or false");
	expect("mask: {names: iban}\n", ERR_TYPE, "a list of strings");
	expect("mask: {names: [1]}\n", ERR_TYPE, "strings");
	expect("mask: {exempt: ['']}\n", ERR_TYPE, "not empty");
	expect("mask: {patterns: [a]}\n", ERR_TYPE, "regular expressions");
	expect("mask: {patterns: {A: x}}\n", ERR_SYNTAX, "lower-case");
	expect("mask: {patterns: {a: 1}}\n", ERR_TYPE, "a regular expression");
	expect("mask: {patterns: {a: '('}}\n", ERR_SYNTAX, "the pattern of 'a'");
	expect("msk: {}\n", ERR_UNKNOWN, "did you mean 'mask'?");
}

Test(masking, has_as_many_items_as_it_may)
{
	struct buf b;

	buf_init(&b, LIMIT_YAML_BYTES);
	buf_add_c(&b, "mask:\n  names:\n");
	for (unsigned i = 0; i <= LIMIT_MASK_ITEMS; i++)
		buf_addf(&b, "    - n%u\n", i);
	buf_add_byte(&b, '\0');
	expect(b.ptr, ERR_LIMIT, "more than 64");
	buf_fini(&b);
}

Test(masking, needs_its_key)
{
	cr_assert_eq(sim_poke(st.w, KEY, STR("0123\n")), OK);
	cr_expect_eq(steward_open_error(&st), ERR_SYNTAX);
	cr_expect_str_eq(st.note.file, KEY);
	cr_assert_eq(world_unlink(st.w, KEY), OK);
	cr_expect_eq(steward_open_error(&st), ERR_NOT_FOUND);
	cr_expect_str_eq(st.note.file, KEY);
	cr_expect(strstr(st.note.text, "make one of 32 random bytes"));
}

/* What the configuration says holds for the next event. */
Test(masking, holds_for_what_is_recorded)
{
	struct verdict v;
	struct entry e;

	cr_assert_eq(open_with("mask: {email: true, names: [iban], exempt: [args.token], "
			       "patterns: {emp: '^E[0-9]+$'}}\n"), OK);
	v = steward_record(&st, "{\"agent\":\"ann\",\"action\":\"pay\",\"args\":{\"a\":"
				"\"ann@example.org\",\"iban\":\"DE1\",\"token\":\"abcdef\","
				"\"e\":\"E12\"}}");
	e = space_kit_entry(&st.kit, v.entry);
	cr_assert_not_null(value_get_c(e.data, "masked"));
	cr_expect_eq(value_get_c(e.data, "masked")->list.count, 3);
	cr_expect(str_has(space_kit_body(&st.kit, e.args), STR("\"token\":\"abcdef\"")));
	(void)steward_expect_sound(&st);
}

Test(masking, what_is_said_of_foreign_bytes_quotes_no_secret)
{
	struct space *s = space_kit_open(&st.kit);
	struct note n = { .line = 3, .text = "found '4111111111111111'" };

	space_hush(s, ERR_SYNTAX, &n);
	cr_expect_null(strstr(n.text, "4111"));
	cr_expect(strstr(n.text, "(card)"));
	cr_expect_eq(n.line, 3);
	n = (struct note){ .text = "found 'x'" };
	space_hush(s, ERR_SYNTAX, &n);
	cr_expect_str_eq(n.text, "found 'x'");
	space_hush(s, ERR_SYNTAX, NULL);
	cr_assert_eq(space_close(s, NULL), OK);
}

Test(masking, the_key_is_of_so_many_bytes)
{
	struct str key;

	cr_assert_eq(world_read_file(st.w, KEY, 1024, &st.memory, &key), OK);
	cr_expect_eq(key.len, 2 * MASK_KEY_BYTES + 1);
}
