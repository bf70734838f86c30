/* mask_person: mail addresses and phone numbers, when they are asked for. */
#include <criterion/criterion.h>

#include "tests/mask/masked.h"

static void setup(void)
{
	masked_init(true);
}

TestSuite(mask_person, .init = setup, .fini = masked_fini);

Test(mask_person, mail_addresses_are_masked)
{
	expect_masked("ann@example.org", "<email>");
	expect_masked("to: Ann <ann.lee+x@mail.example.co.uk>.", "to: Ann <<email>>.");
	expect_masked("ann@example.org, bob@example.org", "<email>, <email>");
	expect_masked("mail ann@example.org.", "mail <email>.");
	expect_kept("ann@localhost");
	expect_kept("@example.org");
	expect_kept("a @ b.org");
	expect_kept("v1@2.0.1");
}

Test(mask_person, phone_numbers_are_masked)
{
	static const char *const numbers[] = {
		"+14155552671", "+49 30 1234567", "+44 20 7946 0958", "+49-171-1234567",
		"(212) 555-0123", "212-555-0123", "212.555.0123", "1-212-555-0123",
		"030 1234567", "0171 2345678", "01 23 45 67 89",
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		expect_masked(numbers[i], strpbrk(numbers[i], " ()") ? "<phone!>" : "<phone>");
}

Test(mask_person, other_numbers_are_kept)
{
	static const char *const texts[] = {
		"2026-01-02", "12:30:00", "192.168.100.12", "1.2.3", "+1", "+123456", "12 apples",
		"order 123-45", "123e4567-e89b-12d3-a456-426614174000", "3.14159265", "100 200 300",
		"+1234567890123456", "x+14155552671y",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_kept(texts[i]);
}

Test(mask_person, nobody_is_masked_unasked)
{
	masked_fini();
	masked_init(false);
	expect_kept("ann@example.org");
	expect_kept("+14155552671");
}

/* Agents go by mail addresses, and sponsors are ones. */
Test(mask_person, names_are_kept)
{
	struct mask_report r = { .arena = masked_arena() };
	struct str name = STR("ann@example.org");

	cr_assert_eq(mask_text(masked_mask(), &name, STR("agent"), MASK_NAMES, &r), OK);
	cr_expect(str_is(name, "ann@example.org"));
	cr_expect_eq(r.count, 0);
}
