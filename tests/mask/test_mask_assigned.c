/* mask_assigned: secrets that a name within a text says. */
#include <criterion/criterion.h>

#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(false);
}

TestSuite(mask_assigned, .init = setup, .fini = masked_fini);

Test(mask_assigned, a_value_behind_a_sign_is_masked)
{
	expect_masked("password=hunter2", "password=<password>");
	expect_masked("PGPASSWORD=hunter2 psql -h db", "PGPASSWORD=<password> psql -h db");
	expect_masked("a=1&api_key=12345abc&b=2", "a=1&api_key=<api-key>&b=2");
	expect_masked("password: hunter2\nuser: ann", "password: <password>\nuser: ann");
	expect_masked("AWS Secret Access Key: abcd/efgh+1", "AWS Secret Access Key: <api-key>");
	expect_masked("export TOKEN=abc123;ls", "export TOKEN=<token>;ls");
	expect_masked("token := \"abc def\"", "token := \"<token!>\"");
	expect_masked("'secret' => 'abcd'", "'secret' => '<secret>'");
	expect_masked("d[\"password\"] = \"hunter2\"", "d[\"password\"] = \"<password>\"");
	expect_masked("--token=abc123", "--token=<token>");
	expect_masked("DefaultEndpointsProtocol=https;AccountKey=abcd/efgh==;x",
		      "DefaultEndpointsProtocol=https;AccountKey=<api-key>;x");
	expect_masked("?sv=2024&sig=abc%2Fdef%3D&se=1", "?sv=2024&sig=<azure-signature>&se=1");
}

Test(mask_assigned, json_in_a_text_is_seen_in_any_number_of_escapes)
{
	expect_masked("{\"password\":\"hunter2\",\"n\":1}",
		      "{\"password\":\"<password>\",\"n\":1}");
	expect_masked("{\\\"password\\\": \\\"hunter2\\\"}",
		      "{\\\"password\\\": \\\"<password>\\\"}");
	expect_masked("\\\\\\\"token\\\\\\\":\\\\\\\"a b c\\\\\\\"",
		      "\\\\\\\"token\\\\\\\":\\\\\\\"<token!>\\\\\\\"");
	expect_masked("{\"secret\":\"a\\\"b\\\\\",\"n\":1}", "{\"secret\":\"<secret!>\",\"n\":1}");
	expect_masked("{\"token\":12345678}", "{\"token\":<token>}");
	expect_masked("{\"password\":\"cut off", "{\"password\":\"<password!>");
}

Test(mask_assigned, headers_go_to_the_end_of_their_line)
{
	expect_masked("Cookie: a=b; c=d\r\nHost: x", "Cookie: <cookie!>\r\nHost: x");
	expect_masked("-H 'Cookie: a=b; c=d' x", "-H 'Cookie: <cookie!>' x");
	expect_masked("Authorization: Digest u=\"a\"", "Authorization: Digest u=\"a\"");
	expect_masked("Authorization: Bearer abcd", "Authorization: Bearer <authorization>");
	expect_masked("curl -H \"Authorization: Token 0123456789\" u",
		      "curl -H \"Authorization: Token <authorization>\" u");
}

Test(mask_assigned, options_of_commands_are_seen)
{
	expect_masked("x --password hunter2 y", "x --password <password> y");
	expect_masked("x --api-key 'a b c d' y", "x --api-key '<api-key!>' y");
	expect_masked("curl -u ann:hunter2 https://x", "curl -u ann:<password> https://x");
	expect_masked("-U ann:a1 --user=ann:b2", "-U ann:<password> --user=ann:<password>");
	expect_masked("--user ann:a1 -u :b2", "--user ann:<password> -u :<password>");
	expect_masked("--proxy-user 'ann:a1'", "--proxy-user 'ann:<password>'");
	expect_kept("docker run --user 1000:1000 --user ann --username ann:x");
	expect_kept("x --password --force");
	expect_kept("docker run -u 1000:1000 x");
	expect_kept("sort -u file");
	expect_kept("x --passwords-from file");
}

Test(mask_assigned, what_is_no_secret_is_kept)
{
	static const char *const texts[] = {
		"password=", "password=abc", "password:", "token == other", "token != null",
		"a::token::b", "password: null", "password=${DB_PASSWORD}", "token=$TOKEN",
		"api_key={{ key }}", "password=********", "token: string", "max_tokens=4096",
		"next_page_token=abcdefgh", "PWD=/home/ann", "secret_name=prod/db",
		"author: ann lee", "pass: all 12 tests", "pin: 1234 is shown", "sig: a signature",
		"https://example.org/token", "password://x", "sig = arena_alloc(r)",
		"token = lexer.next()", "f(token=tokens[0])", "password=user_password, x",
		"self.token = token",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_kept(texts[i]);
}

/* The same secret by its shape and by its name has one token. */
Test(mask_assigned, a_shape_of_its_own_comes_first)
{
	expect_masked("token=hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "token=<huggingface-token>");
	expect_masked("password=4111111111111111", "password=<card>");
	expect_masked("--password-AKIA" "ABCDEFGHIJ234567 abcd", "--password-<aws-key-id> abcd");
}
