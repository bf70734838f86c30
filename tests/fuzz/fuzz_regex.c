/*
 * fuzz_regex: the first line is a pattern, the rest a text. A compiled pattern stays within its
 * states, and a match within states times positions; the pattern in a group, repeated once, or
 * with an alternative that never matches, is the same pattern. The pattern as a glob ends too.
 */
#include "engine/base/limits.h"
#include "engine/base/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "(?:" + pattern + tail: when it compiles, it must answer as the pattern does. */
static void check_same(struct str pattern, const char *tail, struct str text, bool expected)
{
	const struct regex *re;
	struct arena a;
	struct buf b;

	arena_init(&a, 1 << 20);
	buf_init(&b, 1 << 16);
	buf_add_c(&b, "(?:");
	buf_add(&b, pattern);
	buf_add_c(&b, tail);
	if (regex_compile(buf_view(&b), &a, &re, NULL) == OK)
		MUST(regex_match(re, text) == expected);
	buf_fini(&b);
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str pattern = str_slice(data, size), text = STR("");
	const struct regex *re = NULL;
	struct note n = { 0 };
	struct arena a;
	uint64_t visits;
	bool found;

	(void)str_cut(pattern, '\n', &pattern, &text);
	(void)match_glob(pattern, text);
	arena_init(&a, 1 << 20);
	if (regex_compile(pattern, &a, &re, &n) == OK) {
		found = regex_match_counted(re, text, &visits);
		MUST(regex_states(re) <= LIMIT_REGEX_STATES);
		MUST(visits <= regex_states(re) * (uint64_t)(text.len + 1));
		check_same(pattern, ")", text, found);
		check_same(pattern, "){1}", text, found);
		check_same(pattern, "|[^\\x{0}-\\x{10FFFF}]\\A)", text, found);
	} else {
		MUST(!re && n.text[0] && n.column <= pattern.len + 1);
		MUST(!arena_mark(&a).chunk);
	}
	arena_fini(&a);
	return 0;
}
