/* mask_shape: secrets that have a shape of their own, but no maker's mark. */
#include <stdio.h>

#include <criterion/criterion.h>

#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(false);
}

TestSuite(mask_shape, .init = setup, .fini = masked_fini);

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

Test(mask_shape, private_keys_of_all_kinds_are_masked_whole)
{
	static const char *const kinds[] = {
		"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
		"OPENSSH PRIVATE KEY", "DSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK",
	};
	char text[512];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       "a\n" BEGIN "%s" DASHES "\nMC4CAQAwBQYDK2VwBCIEIA\n" END "%s"
			       DASHES "\nb", kinds[i], kinds[i]);
		expect_masked(text, "a\n<private-key!>\nb");
	}
}

Test(mask_shape, a_key_in_one_line_or_cut_short_is_masked_too)
{
	expect_masked("{\"k\":\"" BEGIN "PRIVATE KEY" DASHES "\\nMC4C\\n" END "PRIVATE KEY" DASHES
		      "\\n\"}", "{\"k\":\"<private-key!>\\n\"}");
	expect_masked("x " BEGIN "PRIVATE KEY" DASHES "\nMC4CAQAwBQ", "x <private-key!>");
	expect_masked("x " BEGIN "PRIVATE KEY" DASHES "\nMC4C\n" END "PRIV", "x <private-key!>");
}

Test(mask_shape, what_is_public_is_kept)
{
	expect_kept(BEGIN "PUBLIC KEY" DASHES "\nMCow\n" END "PUBLIC KEY" DASHES);
	expect_kept(BEGIN "CERTIFICATE" DASHES "\nMCow\n" END "CERTIFICATE" DASHES);
	expect_kept(BEGIN "PRIVATE KEY");
	expect_kept("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzK ann@example.org");
}

/* {"alg":"HS256","typ":"JWT"} and {"sub":"1"} */
#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define PAYLOAD "eyJzdWIiOiIxIn0"

Test(mask_shape, tokens_of_three_parts_are_masked)
{
	expect_masked(HEADER "." PAYLOAD ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "<jwt>");
	expect_masked("(" HEADER "." PAYLOAD ".)", "(<jwt>)");
	expect_masked("cut " HEADER "." PAYLOAD, "cut <jwt>");
	expect_masked(HEADER ".a.b.c.d end", "<jwt> end");
	expect_masked("\\n" HEADER "." PAYLOAD ".x", "\\n<jwt>");
}

Test(mask_shape, base64_without_such_a_header_is_kept)
{
	expect_kept("eyJhIjoxfQ.eyJzdWIiOiIxIn0.dBjf");     /* {"a":1} */
	expect_kept(HEADER);
	expect_kept("x" HEADER "." PAYLOAD ".abc");
	expect_kept("eyJ.a.b");
}

Test(mask_shape, passwords_in_addresses_are_masked)
{
	expect_masked("https://ann:s3cret@example.org/x?y=1",
		      "https://ann:<password>@example.org/x?y=1");
	expect_masked("postgres://u:p%40ss@db:5432/x and redis://:hunter2@cache",
		      "postgres://u:<password>@db:5432/x and redis://:<password>@cache");
	expect_masked("a://b:c@d@e/", "a://b:<password>@e/");
	expect_kept("https://example.org:8080/a@b");
	expect_kept("https://ann@example.org/");
	expect_kept("https://example.org/?q=a:b@c");
	expect_kept("http://[::1]:80/");
}

/* The token is the user there, and the password a word that everybody knows. */
Test(mask_shape, a_user_who_is_a_secret_goes_with_the_password)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "https://%s%s:x-oauth-basic@github.com/a", "ghp_",
		       "abcdefghijklmnopqrstuvwxyzABCDEF0123");
	expect_masked(text, "https://<password>@github.com/a");
}

Test(mask_shape, credentials_of_headers_are_masked)
{
	expect_masked("Bearer abcdefgh01234567", "Bearer <bearer-token>");
	expect_masked("BEARER   abc.def-ghi_jkl~mno+/==", "BEARER   <bearer-token!>");
	expect_masked("basic YW5uOmh1bnRlcjI=", "basic <basic-auth>");
	expect_masked("Bearer " HEADER "." PAYLOAD ".x", "Bearer <jwt>");
	expect_kept("Bearer of bad news");
	expect_kept("Basic understanding of certificates");
	expect_kept("a basic introduction");
	expect_kept("Basic");
}

Test(mask_shape, addresses_that_are_secrets_are_masked)
{
	expect_masked("https://hooks.slack.com/services/T0000/B0000/abcdefghijklmnop",
		      "https://hooks.slack.com/<webhook>");
	expect_masked("https://discord.com/api/webhooks/123456789012345678/abc_DEF-1 x",
		      "https://discord.com/api/webhooks/<webhook> x");
	expect_kept("https://hooks.slack.com/docs");
}

Test(mask_shape, marks_in_the_middle_are_found)
{
	expect_masked("s=abc8Q~0123456789abcdefghijABCDEFGHIJ.-_x", "s=<azure-secret!>");
	expect_masked("bot 123456789:AAabcdefghijABCDEFGHIJ0123456789-_ ok",
		      "bot <telegram-token> ok");
	expect_kept("Q~");
	expect_kept("12:AAabc");
}

Test(mask_shape, the_secret_of_an_aws_key_is_found_near_its_name)
{
	static const char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
	char text[256];

	expect_kept(secret);
	(void)snprintf(text, sizeof(text), "{\"id\":\"AKIA%s\",\"x\":\"%s\"}",
		       "IOSFODNN7EXAMPLE", secret);
	cr_expect_str_eq(masked_json(text), "{\"id\":\"<aws-key-id>\",\"x\":\"<aws-secret>\"}");
	(void)snprintf(text, sizeof(text), "{\"a\":[\"%s\"],\"b\":{\"id\":\"AKIA%s\"}}", secret,
		       "IOSFODNN7EXAMPLE");
	cr_expect_str_eq(masked_json(text),
			 "{\"a\":[\"<aws-secret>\"],\"b\":{\"id\":\"<aws-key-id>\"}}");
	/* A SHA-1 is as long. */
	(void)snprintf(text, sizeof(text), "{\"a\":\"%s\",\"b\":\"AKIA%s\"}",
		       "da39a3ee5e6b4b0d3255bfef95601890afd80709", "IOSFODNN7EXAMPLE");
	cr_expect_str_eq(masked_json(text), "{\"a\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\","
					    "\"b\":\"<aws-key-id>\"}");
}

Test(mask_shape, a_token_that_was_not_made_here_is_masked)
{
	expect_masked("x [masked:card:0123456789abcdef01234567] y", "x <foreign!> y");
	expect_kept("[masked:card:0123]");
	expect_kept("[masked by hand]");
}
