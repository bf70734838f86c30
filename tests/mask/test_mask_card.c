/* mask_card: numbers of payment cards. */
#include <criterion/criterion.h>

#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(false);
}

TestSuite(mask_card, .init = setup, .fini = masked_fini);

/* The test numbers that payment services publish. */
Test(mask_card, numbers_of_all_issuers_are_masked)
{
	static const char *const numbers[] = {
		"4111111111111111", "4012888888881881", "4222222222222", "5555555555554444",
		"5105105105105100", "2223003122003222", "2720998888888880", "378282246310005",
		"371449635398431", "6011111111111117", "6011000990139424", "3530111333300000",
		"30569309025904", "38520000023237", "6200000000000005", "6759649826438453",
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		cr_expect(card_ok(str_view(numbers[i])), "%s", numbers[i]);
		expect_masked(numbers[i], "<card>");
	}
}

Test(mask_card, groups_are_read_as_they_are_printed)
{
	expect_masked("4111 1111 1111 1111", "<card>");
	expect_masked("4111-1111-1111-1111", "<card>");
	expect_masked("3782 822463 10005", "<card>");
	expect_masked("3056 930902 5904", "<card>");
	expect_masked("card 4111 1111 1111 1111, cvc 123", "card <card>, cvc 123");
	expect_masked("4111 1111 1111 1111 123", "<card> 123");
	expect_masked("4111111111111111 12/27", "<card> 12/27");
	expect_masked("no. 12 4111111111111111", "no. 12 <card>");
	expect_masked("\\n4111111111111111", "\\n<card>");
}

Test(mask_card, other_numbers_are_kept)
{
	static const char *const texts[] = {
		"4111111111111112",                       /* Luhn */
		"9111111111111111",                       /* no issuer */
		"41111111111111111111",                   /* too long */
		"411111111111",                           /* too short */
		"0.4111111111111111", "4111111111111111.5",
		"x4111111111111111", "4111111111111111x",
		"4111 1111-1111 1111", "4111  1111  1111  1111", "4111.1111.1111.1111",
		"123e4567-e89b-12d3-a456-426614174000",
		"44444444-4444-4444-8444-444444444448",
		"2026-01-02T03:04:05.000000006Z", "1767323045000", "1767323045000000000",
		"sha256:4111111111111111aa1111111111111141111111111111114111111111111111",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_kept(texts[i]);
}

/* Whatever digit is changed, the number is none. */
Test(mask_card, one_wrong_digit_is_noticed)
{
	char digits[] = "4012888888881881";

	for (size_t i = 0; i + 1 < sizeof(digits); i++) {
		char before = digits[i];

		digits[i] = before == '9' ? '0' : (char)(before + 1);
		cr_expect_not(card_ok(str_view(digits)), "%s", digits);
		digits[i] = before;
	}
}
