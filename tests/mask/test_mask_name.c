/* mask_name: names whose values are secrets, and names that only look like it. */
#include <criterion/criterion.h>

#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(false);
}

TestSuite(mask_name, .init = setup, .fini = masked_fini);

static void expect_kind(const char *name, const char *kind)
{
	struct str got = name_kind(masked_mask(), str_view(name), false);

	cr_expect(kind ? str_is(got, kind) : got.ptr == NULL, "%s: %.*s", name, STR_ARG(got));
}

Test(mask_name, says_that_a_value_is_a_secret)
{
	static const char *const rows[][2] = {
		{ "password", "password" }, { "Passwd", "password" }, { "db_pwd", "password" },
		{ "userPassword", "password" }, { "MYSQL_ROOT_PASSWORD", "password" },
		{ "passphrase", "password" }, { "pass", "password" }, { "smtp.pass", "password" },
		{ "secret", "secret" }, { "client_secret", "secret" }, { "credentials", "secret" },
		{ "api_key", "api-key" }, { "apiKey", "api-key" }, { "X-API-Key", "api-key" },
		{ "aws_secret_access_key", "api-key" }, { "secretAccessKey", "api-key" },
		{ "AccountKey", "api-key" }, { "encryption_key", "api-key" },
		{ "token", "token" }, { "access_token", "token" }, { "refreshToken", "token" },
		{ "X-Auth-Token", "token" }, { "jwt", "token" }, { "private_key", "private-key" },
		{ "Authorization", "authorization" }, { "cookie", "cookie" },
		{ "Set-Cookie", "cookie" }, { "pin", "pin" }, { "card_pin", "pin" },
		{ "otp", "pin" }, { "cvv", "card-code" }, { "cardCvc", "card-code" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_kind(rows[i][0], rows[i][1]);
}

Test(mask_name, of_something_else_is_left_alone)
{
	static const char *const names[] = {
		"", "token_count", "max_tokens", "tokens", "next_page_token", "nextToken",
		"pageToken", "continuation_token", "sync_token", "pad_token", "token_type",
		"key", "monkey", "public_key", "primary_key", "keyboard", "secretary",
		"secret_name", "password_policy", "passed", "compass", "bypass", "spin",
		"shipping", "pinned", "cookies_accepted", "authorized", "author", "order_id",
		"payment_id", "hash", "cost_per_token", "idempotency_token",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		expect_kind(names[i], NULL);
}

Test(mask_name, means_less_in_prose_than_in_an_object)
{
	static const char *const names[] = { "pin", "pass", "otp", "cvv", "cookies" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_expect_null(name_kind(masked_mask(), str_view(names[i]), true).ptr, "%s",
			       names[i]);
	cr_expect_not_null(name_kind(masked_mask(), STR("password"), true).ptr);
}

Test(mask_name, may_be_one_s_own)
{
	const struct str own[] = { STR("IBAN"), STR("tax_id") };
	const struct mask_terms terms = { .names = own, .name_count = 2 };
	struct mask *m;

	cr_assert_eq(mask_open(&terms, NULL, &m), OK);
	cr_expect(str_is(name_kind(m, STR("iban"), false), "named"));
	cr_expect(str_is(name_kind(m, STR("taxId"), false), "named"));
	cr_expect_null(name_kind(m, STR("my_iban"), false).ptr, "the whole name");
	mask_close(m);
}

Test(mask_name, may_have_any_length)
{
	char name[300];

	memset(name, 'x', sizeof(name));
	memcpy(name + sizeof(name) - 9, "_password", 9);
	cr_expect(str_is(name_kind(masked_mask(), str_slice(name, sizeof(name)), false),
			 "password"));
}
