/* cedar_guess: the nearest name, and none when none is near. */
#include <criterion/criterion.h>

#include "engine/cedar/declared.h"

Test(cedar_guess, the_nearest_name_wins_and_the_first_of_equals)
{
	struct cedar_guess g;

	cedar_guess_init(&g, STR("Usre"));
	cedar_guess_show(&g, STR("Group"));
	cr_expect_null(g.best.ptr);
	cedar_guess_show(&g, STR("Uses"));
	cedar_guess_show(&g, STR("User"));
	cedar_guess_show(&g, STR("Usra"));
	cr_expect(str_is(g.best, "User"));
}

Test(cedar_guess, names_need_not_end_in_nul)
{
	struct cedar_guess g;

	cedar_guess_init(&g, STR("view"));
	cedar_guess_show(&g, str_slice("viewer", 4));
	cr_expect_eq(g.best.len, 4);
}

Test(cedar_guess, short_words_have_to_be_nearer)
{
	struct cedar_guess g;

	cedar_guess_init(&g, STR("abc"));
	cedar_guess_show(&g, STR("axy"));
	cr_expect_null(g.best.ptr);
	cedar_guess_show(&g, STR("abd"));
	cr_expect(str_is(g.best, "abd"));
}

Test(cedar_guess, what_comes_after_very_many_names_is_not_looked_at)
{
	struct cedar_guess g;

	cedar_guess_init(&g, STR("reader"));
	for (int i = 0; i < CEDAR_GUESSES; i++)
		cedar_guess_show(&g, STR("something else"));
	cedar_guess_show(&g, STR("readers"));
	cr_expect_null(g.best.ptr);
}
