/* mask_token: what takes a secret's place. */
#include <criterion/criterion.h>

#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(false);
}

TestSuite(mask_token, .init = setup, .fini = masked_fini);

static const char *write_token(const char *secret, struct span s)
{
	struct str out;
	struct buf b;

	buf_init(&b, 256);
	token_write(masked_mask(), &b, str_view(secret), &s);
	cr_assert_eq(arena_copy(masked_arena(), buf_view(&b), &out), OK);
	buf_fini(&b);
	return out.ptr;
}

/* As the formula in mask.h says, worked out here by itself. */
Test(mask_token, is_made_as_it_is_written_down)
{
	uint8_t key[MASK_KEY_BYTES] = { 1, 2, 3 };
	struct str k = str_slice(key, sizeof(key));
	struct digest id = hmac_sha256(k, STR("trammel/mask/v1\nhunter2")), check;
	struct buf said, expected;

	buf_init(&said, 256);
	buf_init(&expected, 256);
	buf_add_c(&said, "trammel/mask/check/v1\npassword:");
	buf_add_hex(&said, id.bytes, 8);
	check = hmac_sha256(k, buf_view(&said));
	buf_add_c(&expected, "[masked:password:");
	buf_add_hex(&expected, id.bytes, 8);
	buf_add_hex(&expected, check.bytes, 4);
	buf_add_byte(&expected, ']');
	cr_expect(str_is(buf_view(&expected),
			 write_token("hunter2", (struct span){ .kind = STR("password") })));
	buf_fini(&expected);
	buf_fini(&said);
}

Test(mask_token, is_one_for_one_secret_whatever_its_kind)
{
	const char *a = write_token("hunter2", (struct span){ .kind = STR("password") });
	const char *b = write_token("hunter2", (struct span){ .kind = STR("secret") });
	const char *c = write_token("hunter3", (struct span){ .kind = STR("password") });

	cr_expect_eq(memcmp(strrchr(a, ':'), strrchr(b, ':'), 17), 0);
	cr_expect_neq(memcmp(strrchr(a, ':'), strrchr(c, ':'), 17), 0);
}

Test(mask_token, is_one_for_a_secret_that_is_written_in_several_ways)
{
	struct span card = { .kind = STR("card"), .spelling = ONLY_DIGITS };
	struct span key = { .kind = STR("private-key"), .spelling = NO_BREAKS };

	cr_expect_str_eq(write_token("4111-1111-1111-1111", card),
			 write_token("4111111111111111", card));
	cr_expect_str_eq(write_token("-----BEGIN\nabc\r\ndef\n", key),
			 write_token("-----BEGIN\\nabc\\\\r\\\\ndef", key));
}

Test(mask_token, says_when_a_shell_might_obey_the_secret)
{
	static const char *const inert[] = { "hunter2", "a/b+c=", "x@y:z_%,-", "1.2.3" };
	static const char *const obeyed[] = { "a b", "$(id)", "a;b", "~ann", "..", "a'b", "x*",
					      "\xc3\xa4", "`" };

	for (size_t i = 0; i < sizeof(inert) / sizeof(inert[0]); i++)
		cr_expect(strstr(write_token(inert[i], (struct span){ .kind = STR("k") }),
				 ":k:"), "%s", inert[i]);
	for (size_t i = 0; i < sizeof(obeyed) / sizeof(obeyed[0]); i++)
		cr_expect(strstr(write_token(obeyed[i], (struct span){ .kind = STR("k") }),
				 ":k!:"), "%s", obeyed[i]);
}

Test(mask_token, that_was_not_made_here_is_known)
{
	const char *good = write_token("hunter2", (struct span){ .kind = STR("password") });
	char other[128];
	bool ours = false;

	cr_expect_eq(token_read(masked_mask(), str_view(good), &ours), strlen(good));
	cr_expect(ours);
	for (size_t i = 8; i + 1 < strlen(good); i++) {
		strcpy(other, good);
		other[i] = other[i] == 'a' ? 'b' : 'a';
		ours = false;
		(void)token_read(masked_mask(), str_view(other), &ours);
		cr_expect_not(ours, "%s", other);
	}
}

Test(mask_token, is_nothing_else)
{
	static const char *const texts[] = {
		"", "[", "[masked:", "[masked:]", "[masked::0123456789abcdef01234567]",
		"[masked:k:0123456789abcdef0123456]", "[masked:k:0123456789ABCDEF01234567]",
		"[masked:k:0123456789abcdef012345678]", "[masked:K:0123456789abcdef01234567]",
		"[masked:abcdefghijklmnopqrstuvwxyz:0123456789abcdef01234567]",
		"[masked:k!!:0123456789abcdef01234567]", "[masked:k:0123456789abcdef01234567",
	};
	bool ours;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect_eq(token_read(masked_mask(), str_view(texts[i]), &ours), 0, "%s",
			     texts[i]);
}

Test(mask_token, is_found_in_a_text)
{
	static const char inert[] = "a [masked:k:0123456789abcdef01234567] b";
	const char obeyed[] = "[masked: [masked:k!:0123456789abcdef01234567]";

	cr_expect(mask_hides(str_view(inert), false));
	cr_expect_not(mask_hides(str_view(inert), true));
	cr_expect(mask_hides(str_view(obeyed), true));
	cr_expect_not(mask_hides(STR("[masked:k:01]"), false));
	cr_expect_not(mask_hides(STR_NONE, false));
}
