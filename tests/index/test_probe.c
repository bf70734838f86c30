/* probe: a text in others, in either case. */
#include "engine/index/inside.h"

#include <criterion/criterion.h>

static bool hits(const char *needle, struct str text)
{
	struct probe p;
	struct arena a;
	bool found;

	arena_init(&a, 1 << 16);
	cr_assert_eq(probe_init(&p, str_view(needle), &a), OK);
	found = probe_hits(&p, text);
	arena_fini(&a);
	return found;
}

Test(probe, finds_a_part_wherever_it_stands)
{
	cr_assert(hits("timeout", STR("timeout")));
	cr_assert(hits("timeout", STR("a timeout")));
	cr_assert(hits("timeout", STR("timeout, then")));
	cr_assert(hits("t", STR("to")));
	cr_assert_not(hits("timeout", STR("timeou")));
	cr_assert_not(hits("timeout", STR("time out")));
	cr_assert_not(hits("t", STR("")));
	cr_assert_not(hits("t", STR_NONE));
}

Test(probe, takes_letters_of_either_case_for_the_same)
{
	cr_assert(hits("TimeOut", STR("a tIMEoUT")));
	cr_assert_not(hits("[", STR("{")));     /* 0x20 apart, and no letters */
	cr_assert(hits("caf\xc3\xa9", STR("CAF\xc3\xa9")));
	cr_assert_not(hits("caf\xc3\xa9", STR("CAF\xc3\x89")));
	cr_assert(hits("x", str_slice("a\0X", 3)));
}

/* All needles and texts of few letters: as a search at every place finds them. */
Test(probe, agrees_with_a_search_at_every_place)
{
	for (unsigned needle = 0; needle < 3 * 3 * 3; needle++) {
		const char part[] = { (char)('a' + needle % 3), (char)('a' + needle / 3 % 3),
				      (char)('a' + needle / 9), '\0' };

		for (unsigned text = 0; text < 2187; text++) {
			char room[8] = "";

			for (unsigned i = 0, rest = text; i < 7; i++, rest /= 3)
				room[i] = (char)('a' + rest % 3);
			cr_assert_eq(hits(part, str_view(room)), strstr(room, part) != NULL,
				     "%s in %s", part, room);
		}
	}
}

Test(probe, refuses_nothing_and_too_much)
{
	static char much[LIMIT_QUERY_BYTES * 6 + 1];
	struct probe p;
	struct arena a;

	arena_init(&a, 1 << 16);
	cr_assert_eq(probe_init(&p, STR(""), &a), ERR_RANGE);
	cr_assert_eq(probe_init(&p, str_slice(much, sizeof(much)), &a), ERR_LIMIT);
	arena_fini(&a);
}
