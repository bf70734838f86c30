/* refusal: every code has one name of its own, and a refusal tells its story. */
#include <criterion/criterion.h>

#include "engine/crypto/crypto.h"

Test(refusal, every_code_has_a_name_of_its_own)
{
	cr_assert_str_empty(refusal_name(REFUSED_NOT));
	for (int i = 1; i < REFUSED_CODES; i++) {
		const char *name = refusal_name((enum refusal_code)i);

		cr_assert(*name);
		for (const char *c = name; *c; c++)
			cr_assert((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') ||
				  *c == '-', "%s", name);
		for (int k = 0; k < i; k++)
			cr_assert_str_neq(name, refusal_name((enum refusal_code)k));
	}
}

Test(refusal, is_a_denial_with_a_sentence)
{
	struct refusal r = { .code = REFUSED_NOT };

	cr_assert_eq(refusal_set(&r, REFUSED_NONE, "%s %d", "because", 7), ERR_DENIED);
	cr_assert_eq(r.code, REFUSED_NONE);
	cr_assert_str_eq(r.note.text, "because 7");
	cr_assert_eq(refusal_set(NULL, REFUSED_NONE, "because"), ERR_DENIED);
}
