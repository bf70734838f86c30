/* sponsor: mail addresses as people have them, and what only looks like one. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "engine/identity/identity.h"

Test(sponsor, takes_addresses_as_people_have_them)
{
	static const char *const good[] = {
		"ann@example.org", "a@b", "Ann.Lee+bots@mail.example.co.uk", "o'neil@x-y.example",
		"!#$%&'*+-/=?^_`{|}~@example.org", "a@1.2.3.4",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect(sponsor_ok(str_view(good[i])), "%s", good[i]);
}

Test(sponsor, refuses_everything_else)
{
	static const char *const wrong[] = {
		"", "@", "nobody", "a@", "@b", "a@b@c", "a b@c", "a@b c", ".a@b", "a.@b", "a..b@c",
		"a@.b", "a@b.", "a@b..c", "a@-b", "a@b-", "a@b_c", "\"a b\"@c", "a@[1.2.3.4]",
		"a@b\n", "a\x7F@b", "<a@b>", "Ann <a@b>", "\xC3\xA4@b", "a@\xC3\xA4", "a,b@c",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect(!sponsor_ok(str_view(wrong[i])), "%s", wrong[i]);
	cr_expect(!sponsor_ok(str_slice("a\0@b", 4)));
	cr_expect(!sponsor_ok(str_slice("a@b\0", 4)));
	cr_expect(!sponsor_ok(STR_NONE));
}

/* `local` letters, "@", and `labels` labels of `label` letters each. */
static bool ok_of(int local, int labels, int label)
{
	char text[1024];
	int len = snprintf(text, sizeof(text), "%0*d@", local, 0);

	for (int i = 0; i < labels; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s%0*d", i ? "." : "",
				label, 0);
	return sponsor_ok(str_slice(text, (size_t)len));
}

Test(sponsor, has_the_bounds_of_mail)
{
	cr_expect(ok_of(64, 1, 1) && !ok_of(65, 1, 1));
	cr_expect(ok_of(1, 1, 63) && !ok_of(1, 1, 64));
	/* 62 + 1 + 3 * 63 + 2 = 254, and one more. */
	cr_expect(ok_of(64, 3, 62) && ok_of(61, 3, 63));
	cr_expect(ok_of(62, 3, 63) && !ok_of(63, 3, 63));
}
