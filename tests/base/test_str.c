/* str: slices and capped builders. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "engine/base/str.h"
#include "tests/kit/fail_alloc.h"

static const struct str none = { NULL, 0 };

Test(str, empty_slices_are_equal_whatever_they_point_at)
{
	cr_assert(str_eq(none, STR("")));
	cr_assert(str_eq(str_view(NULL), none));
	cr_assert(str_starts(none, none) && str_ends(none, none) && str_has(none, none));
	cr_assert(str_starts(STR("a"), none) && str_ends(STR("a"), none));
	cr_assert(str_has(STR("a"), none));
	cr_assert_not(str_ends(none, STR("a")) || str_starts(none, STR("a")));
	cr_assert_eq(str_cmp(none, STR("")), 0);
	cr_assert_eq(str_trim(none).len, 0);
	cr_assert(str_utf8_ok(none));
}

Test(str, order_is_by_bytes_and_shorter_first)
{
	cr_assert_lt(str_cmp(STR("a"), STR("b")), 0);
	cr_assert_lt(str_cmp(STR("a"), STR("ab")), 0);
	cr_assert_gt(str_cmp(STR("\xFF"), STR("a")), 0);
	cr_assert_lt(str_cmp(STR("a"), STR("a\0")), 0);
	cr_assert_eq(str_cmp(STR("x\0y"), STR("x\0y")), 0);
}

Test(str, parts_are_found_at_both_ends_and_inside)
{
	cr_assert(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("abc"), STR("bc")));
	cr_assert(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("abc"), STR("ab")));
	cr_assert(str_has(STR("abc"), STR("b")) && !str_has(STR("abc"), STR("bd")));
	cr_assert_not(str_ends(STR("c"), STR("abc")));
	cr_assert(str_is(STR("abc"), "abc") && !str_is(STR("ab"), "abc"));
}

Test(str, trim_takes_blanks_off_both_ends_only)
{
	cr_assert(str_is(str_trim(STR(" \t\r\na b\n ")), "a b"));
	cr_assert_eq(str_trim(STR(" \n")).len, 0);
}

Test(str, cut_takes_the_first_separator)
{
	struct str before = none, after = none;

	cr_assert(str_cut(STR("a=b=c"), '=', &before, &after));
	cr_assert(str_is(before, "a") && str_is(after, "b=c"));
	cr_assert(str_cut(STR("="), '=', &before, &after));
	cr_assert(before.len == 0 && after.len == 0);
	cr_assert_not(str_cut(STR("abc"), '=', &before, &after));
	cr_assert_not(str_cut(none, '=', &before, &after));
}

Test(str, numbers_are_read_strictly)
{
	static const char *const wrong[] = {
		"", "-1", "+1", " 1", "1 ", "01", "00", "1a", "0x1", "1.0", NULL
	};
	uint64_t v = 7;

	for (size_t i = 0; wrong[i]; i++)
		cr_assert_eq(str_to_u64(str_view(wrong[i]), &v), ERR_SYNTAX, "%s", wrong[i]);
	cr_assert_eq(str_to_u64(STR("18446744073709551616"), &v), ERR_RANGE);
	cr_assert_eq(str_to_u64(STR("99999999999999999999999"), &v), ERR_RANGE);
	cr_assert_eq(v, 7, "outputs are written on success only");
	cr_assert(str_to_u64(STR("18446744073709551615"), &v) == OK && v == UINT64_MAX);
	cr_assert(str_to_u64(STR("0"), &v) == OK && v == 0);
}

/* The definition, without cleverness: decode by length, then check shortest form and range. */
static bool naive_utf8(const unsigned char *p, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	for (size_t i = 0; i < len;) {
		size_t n = p[i] < 0x80 ? 1 : p[i] >> 5 == 6 ? 2 : p[i] >> 4 == 14 ? 3
			   : p[i] >> 3 == 30 ? 4 : 0;
		uint32_t code = n == 1 ? p[i] : n ? p[i] & (0x7F >> n) : 0;

		if (n == 0 || n > len - i)
			return false;
		for (size_t k = 1; k < n; k++) {
			if (p[i + k] >> 6 != 2)
				return false;
			code = code << 6 | (p[i + k] & 63);
		}
		if (code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
			return false;
		i += n;
	}
	return true;
}

Test(str, utf8_is_judged_as_the_definition_does)
{
	unsigned char bytes[4] = { 0 };

	for (uint32_t v = 0; v < 1u << 24; v += 1 + v / 65536 % 3) {
		static const unsigned char lasts[] = { 0x00, 0x7F, 0x80, 0xBF, 0xC0 };

		bytes[0] = (unsigned char)(v >> 16);
		bytes[1] = (unsigned char)(v >> 8);
		bytes[2] = (unsigned char)v;
		bytes[3] = lasts[v % 5];
		for (size_t len = 1; len <= 4; len++)
			cr_assert_eq(str_utf8_ok(str_slice(bytes, len)), naive_utf8(bytes, len),
				     "%02x %02x %02x %02x, %zu bytes", bytes[0], bytes[1],
				     bytes[2], bytes[3], len);
	}
}

Test(str, the_first_character_and_the_first_bad_byte_are_found)
{
	uint32_t code = 1;

	cr_assert(str_utf8_first(STR("A"), &code) == 1 && code == 'A');
	cr_assert(str_utf8_first(STR("\xC3\xA9x"), &code) == 2 && code == 0xE9);
	cr_assert(str_utf8_first(STR("\xE2\x82\xAC"), &code) == 3 && code == 0x20AC);
	cr_assert(str_utf8_first(STR("\xF4\x8F\xBF\xBF"), &code) == 4 && code == 0x10FFFF);
	cr_assert(str_utf8_first(STR("\xC3"), &code) == 0 && str_utf8_first(none, &code) == 0);
	cr_assert_eq(code, 0x10FFFF);
	cr_assert_eq(str_utf8_prefix(STR("a\xC3\xA9\xED\xA0\x80")), 3);
	cr_assert_eq(str_utf8_prefix(STR("ab")), 2);
}

Test(str, every_character_is_put_as_it_is_read)
{
	uint32_t back = 0;
	char dst[4];

	for (uint32_t code = 0; code <= 0x10FFFF; code++) {
		size_t len = str_utf8_put(dst, code);

		if (code >= 0xD800 && code <= 0xDFFF)
			continue;
		cr_assert_eq(str_utf8_first(str_slice(dst, len), &back), len);
		cr_assert_eq(back, code);
	}
}

Test(str, a_c_string_needs_room_and_no_nul_inside)
{
	char dst[4] = "old";

	cr_assert_eq(str_to_c(STR("four"), dst, sizeof(dst)), ERR_LIMIT);
	cr_assert_eq(str_to_c(STR("a\0b"), dst, sizeof(dst)), ERR_SYNTAX);
	cr_assert_eq(str_to_c(none, dst, 0), ERR_LIMIT);
	cr_assert_str_eq(dst, "old");
	cr_assert_eq(str_to_c(STR("new"), dst, sizeof(dst)), OK);
	cr_assert_str_eq(dst, "new");
	cr_assert_eq(str_to_c(none, dst, sizeof(dst)), OK);
	cr_assert_str_eq(dst, "");
}

Test(str, distance_counts_edits_and_swaps)
{
	cr_assert_eq(str_distance(STR("allow"), STR("allow"), 5), 0);
	cr_assert_eq(str_distance(STR("allow"), STR("alow"), 5), 1);
	cr_assert_eq(str_distance(STR("allow"), STR("alolw"), 5), 1);
	cr_assert_eq(str_distance(STR("kitten"), STR("sitting"), 5), 3);
	cr_assert_eq(str_distance(STR("kitten"), STR("sitting"), 1), 2, "capped");
	cr_assert_eq(str_distance(none, STR("abc"), 5), 3);
}

Test(str, a_name_is_found_in_a_list_as_a_whole)
{
	static const char *const names[] = { "one", "two", NULL }, *const empty[] = { NULL };

	cr_assert_eq(str_index(STR("one"), names), 0);
	cr_assert_eq(str_index(STR("two"), names), 1);
	cr_assert(str_listed(STR("two"), names));
	cr_assert_eq(str_index(STR("tw"), names), -1);
	cr_assert_eq(str_index(STR("two\0"), names), -1);
	cr_assert(!str_listed(STR_NONE, names));
	cr_assert(!str_listed(STR("one"), empty));
}

Test(str, a_suggestion_is_near_or_not_made)
{
	static const char *const names[] = { "verify", "replay", "run", NULL };

	cr_assert_str_eq(str_nearest(STR("verfiy"), names), "verify");
	cr_assert_str_eq(str_nearest(STR("rnu"), names), "run");
	cr_assert_null(str_nearest(STR("xyz"), names));
	cr_assert_null(str_nearest(STR("completely-else"), names));
}

Test(str, tidy_text_is_cut_and_clean)
{
	char text[8] = "a\tb";

	cr_assert_eq(str_tidy(text, sizeof(text)), 3);
	cr_assert_str_eq(text, "a?b");
	memcpy(text, "abcd\xE2\x82\xAC", 8);
	cr_assert_eq(str_tidy(text, sizeof(text)), 4, "seven bytes are there, six may stay");
	cr_assert_str_eq(text, "abcd");
	memcpy(text, "\x80\x80\x80\x80\x80\x80\x80", 8);
	cr_assert_eq(str_tidy(text, sizeof(text)), 3);
	cr_assert_str_eq(text, "???");
}

Test(buf, holds_exactly_its_cap)
{
	struct buf b;

	buf_init(&b, 4);
	buf_addf(&b, "%d", 1234);
	cr_assert(b.err == OK && str_is(buf_view(&b), "1234"));
	cr_assert_leq(b.room, 4);
	buf_add_byte(&b, 'x');
	cr_assert_eq(b.err, ERR_LIMIT);
	cr_assert(str_is(buf_view(&b), "1234"), "a failure changes nothing");
	buf_add(&b, none);
	cr_assert_eq(b.err, ERR_LIMIT, "and it is sticky");
	cr_assert_null(buf_grow(&b, 0));
	buf_clear(&b);
	buf_add_c(&b, "ab");
	cr_assert(b.err == OK && str_is(buf_view(&b), "ab"));
	buf_fini(&b);
}

Test(buf, of_nothing_holds_nothing)
{
	struct buf b;

	buf_init(&b, 0);
	buf_add(&b, STR(""));
	buf_addf(&b, "%s", "");
	cr_assert_not_null(buf_grow(&b, 0));
	cr_assert(b.err == OK && buf_view(&b).len == 0);
	buf_add_byte(&b, 'x');
	cr_assert_eq(b.err, ERR_LIMIT);
	buf_fini(&b);
}

Test(buf, refuses_hostile_sizes)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	buf_add_c(&b, "x");
	cr_assert_null(buf_grow(&b, SIZE_MAX - 1));
	cr_assert_eq(b.err, ERR_MEMORY);
	buf_clear(&b);
	buf_add_c(&b, "x");
	cr_assert_null(buf_grow(&b, SIZE_MAX));
	cr_assert_eq(b.err, ERR_LIMIT);
	buf_fini(&b);
	buf_init(&b, 100);
	cr_assert_null(buf_grow(&b, SIZE_MAX));
	buf_clear(&b);
	buf_add_hex(&b, "", SIZE_MAX / 2 + 2);
	cr_assert_eq(b.err, ERR_LIMIT);
	buf_fini(&b);
}

Test(buf, writes_numbers_and_hex)
{
	struct buf b;

	buf_init(&b, 1000);
	buf_add_u64(&b, 0);
	buf_add_byte(&b, ' ');
	buf_add_u64(&b, UINT64_MAX);
	buf_add_byte(&b, ' ');
	buf_add_i64(&b, INT64_MIN);
	buf_add_byte(&b, ' ');
	buf_add_i64(&b, INT64_MAX);
	buf_add_byte(&b, ' ');
	buf_add_hex(&b, "\x00\xAB\xff", 3);
	buf_add_hex(&b, NULL, 0);
	cr_assert_eq(b.err, OK);
	cr_assert(str_is(buf_view(&b), "0 18446744073709551615 -9223372036854775808 "
			 "9223372036854775807 00abff"));
	buf_fini(&b);
}

Test(buf, survives_every_failing_allocation)
{
	for (uint64_t n = 1; ; n++) {
		struct buf b;
		size_t before = 0;

		buf_init(&b, 100000);
		fail_alloc_at(n);
		for (int i = 0; i < 1000 && b.err == OK; i++) {
			before = b.len;
			buf_addf(&b, "line %d\n", i);
		}
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(b.err, OK);
			cr_assert_gt(n, 3);
			buf_fini(&b);
			break;
		}
		cr_assert_eq(b.err, ERR_MEMORY);
		cr_assert_eq(b.len, before);
		buf_fini(&b);
	}
}
