/* say: leveled diagnostics. */
#include <criterion/criterion.h>

#include "engine/base/say.h"

struct heard {
	int calls, level;
	char text[SAY_LINE_BYTES];
};

static void hear(void *self, int level, struct str text)
{
	struct heard *h = self;

	h->calls++;
	h->level = level;
	cr_assert_eq(str_to_c(text, h->text, sizeof(h->text)), OK);
}

Test(say, null_is_silence)
{
	say_warn(NULL, "%d", 1);
	say_info(NULL, "%d", 1);
}

Test(say, lines_up_to_the_level_reach_the_sink)
{
	for (int level = SAY_WARN; level <= SAY_INFO; level++) {
		struct heard h = { .level = -1 };
		struct say s = { hear, &h, level };

		say_warn(&s, "warn %d", 1);
		cr_assert(h.calls == 1 && h.level == SAY_WARN);
		cr_assert_str_eq(h.text, "warn 1");
		say_info(&s, "info");
		cr_assert_eq(h.calls, level + 1);
		cr_assert_eq(h.level, level);
	}
}

Test(say, a_line_is_tidy_and_bounded)
{
	struct heard h = { 0 };
	struct say s = { hear, &h, SAY_INFO };
	char text[3 * SAY_LINE_BYTES];

	say_info(&s, "a\nb\x1B[0m");
	cr_assert_str_eq(h.text, "a?b?[0m");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	say_info(&s, "%s", text);
	cr_assert_eq(strlen(h.text), SAY_LINE_BYTES - 1);
}
