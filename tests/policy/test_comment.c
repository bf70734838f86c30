/* comment: told from text by quotes, blocks and blanks. */
#include <criterion/criterion.h>

#include "tests/kit/policy_kit.h"

static struct policy_kit kit;

static void start(void)
{
	policy_kit_init(&kit);
}

static void stop(void)
{
	policy_kit_fini(&kit);
}

TestSuite(comment, .init = start, .fini = stop);

static void expect(const char *text, const char *stripped, size_t count)
{
	struct comments c;
	struct buf b;

	buf_init(&b, 4096);
	cr_assert_eq(comment_find(str_view(text), &kit.memory, &c, &b), OK);
	cr_expect_eq(c.count, count, "%zu in %s", c.count, text);
	cr_expect(str_is(buf_view(&b), stripped), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(comment, stands_behind_a_blank_or_at_the_start)
{
	expect("# a\nk: v # b\n", "\nk: v \n", 2);
	expect("k: v#no\n", "k: v#no\n", 0);
	expect("k: a == 'x # y'\n", "k: a == 'x \n", 1);
}

Test(comment, is_text_within_quotes)
{
	expect("k: '# no' # yes\n", "k: '# no' \n", 1);
	expect("k: \"a \\\" # no\" # yes\n", "k: \"a \\\" # no\" \n", 1);
	expect("k: 'it''s # no'\n", "k: 'it''s # no'\n", 0);
	expect("k: [a, ' # no',\n  \"b # no\n   # no\"] # yes\n",
	       "k: [a, ' # no',\n  \"b # no\n   # no\"] \n", 1);
	expect("k: it's # yes\n", "k: it's \n", 1);
}

Test(comment, is_text_within_a_block)
{
	expect("k: |  # yes\n  # no\n\n  more # no\nl: 1 # yes\n",
	       "k: |  \n  # no\n\n  more # no\nl: 1 \n", 2);
	expect("r:\n- c: >-\n    # no\n  d: 1 # yes\n", "r:\n- c: >-\n    # no\n  d: 1 \n", 1);
}
