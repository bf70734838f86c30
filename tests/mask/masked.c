/* masked: the mask of the suites of this room. */
#include "tests/mask/masked.h"

#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "engine/base/canon.h"
#include "engine/base/json.h"

static const uint8_t key[MASK_KEY_BYTES] = { 1, 2, 3 };
static struct mask *mask;
static struct arena arena;
static struct mask_terms terms;

void masked_init(bool people)
{
	cr_assert_eq(crypto_start(), OK);
	terms = (struct mask_terms){ .email = people, .phone = people };
	arena_init(&arena, LIMIT_ACTION_MEMORY);
	cr_assert_eq(mask_open(&terms, key, &mask), OK);
}

void masked_fini(void)
{
	mask_close(mask);
	arena_fini(&arena);
}

struct mask *masked_mask(void)
{
	return mask;
}

struct arena *masked_arena(void)
{
	return &arena;
}

const char *masked_text(const char *text)
{
	struct mask_report r = { .arena = &arena };
	struct str s = str_view(text);

	cr_assert_eq(mask_text(mask, &s, STR("t"), MASK_VALUES, &r), OK);
	cr_assert_eq(arena_copy(&arena, s, &s), OK);
	return s.ptr;
}

static const char *shorten(const char *text)
{
	char *out = arena_alloc(&arena, strlen(text) + 1);
	size_t len = 0;
	bool ours;

	cr_assert_not_null(out);
	while (*text) {
		size_t token = token_read(mask, str_view(text), &ours);

		cr_assert(token == 0 || ours, "not made here: %s", text);
		if (token == 0) {
			out[len++] = *text++;
			continue;
		}
		out[len++] = '<';
		for (const char *p = text + 8; *p != ':'; p++)
			out[len++] = *p;
		out[len++] = '>';
		text += token;
	}
	out[len] = '\0';
	return out;
}

const char *masked_short(const char *text)
{
	return shorten(masked_text(text));
}

const char *masked_json(const char *json)
{
	struct mask_report r = { .arena = &arena };
	struct note n = { .text = "" };
	struct value v;
	struct str out;
	struct buf b;

	cr_assert_eq(json_read(str_view(json), 1, &arena, &v, &n), OK, "%s", n.text);
	cr_assert_eq(mask_value(mask, &v, STR("args"), MASK_VALUES, &r), OK);
	buf_init(&b, LIMIT_BODY_BYTES);
	canon_value(&b, &v);
	cr_assert_eq(arena_copy(&arena, buf_view(&b), &out), OK);
	buf_fini(&b);
	return shorten(out.ptr);
}

void expect_masked(const char *text, const char *expected)
{
	const char *got = masked_short(text), *once = masked_text(text);

	cr_expect_str_eq(got, expected);
	cr_expect_str_eq(masked_text(once), once, "masked twice: %s", text);
}

void expect_kept(const char *text)
{
	expect_masked(text, text);
}
