/* token_use: what was taken is remembered until it is over. */
#include <criterion/criterion.h>

#include "engine/identity/identity.h"
#include "tests/kit/fail_alloc.h"

static struct state *s;

static void setup(void)
{
	const struct table_schema table = token_use_table();

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(token_use, .init = setup, .fini = teardown);

static struct digest token(const char *id)
{
	struct digest d;

	cr_assert_eq(token_use_digest(STR("iss"), STR("sub"), str_view(id), &d), OK);
	return d;
}

/* The code, REFUSED_NOT when it was taken. */
static enum refusal_code take(const char *id, int64_t until_ns, int64_t at_ns, uint64_t entry)
{
	const struct digest d = token(id);
	struct refusal r = { .code = REFUSED_NOT };
	enum err e = token_use_take(s, 0, &d, until_ns, at_ns, entry, &r);

	cr_assert_eq(e, r.code == REFUSED_NOT ? OK : ERR_DENIED);
	if (r.code == REFUSED_REPLAYED)
		cr_assert_str_eq(r.note.text, "the token was taken by entry 7, and is good once");
	return r.code;
}

Test(token_use, a_token_is_taken_once)
{
	cr_assert_eq(take("a", 10, 1, 7), REFUSED_NOT);
	cr_assert_eq(take("a", 10, 2, 8), REFUSED_REPLAYED);
	cr_assert_eq(take("b", 10, 2, 9), REFUSED_NOT);
	cr_assert_eq(take("a", 99, 9, 10), REFUSED_REPLAYED);
	cr_assert_eq(take("c", 10, 10, 11), REFUSED_EXPIRED);
	cr_assert_eq(state_rows(s, 0), 2);
}

Test(token_use, a_row_that_is_over_is_given_to_the_next)
{
	cr_assert_eq(take("a", 10, 1, 5), REFUSED_NOT);
	cr_assert_eq(take("b", 20, 1, 7), REFUSED_NOT);
	cr_assert_eq(take("c", 20, 10, 7), REFUSED_NOT);
	cr_assert_eq(state_rows(s, 0), 2);
	cr_assert_eq(take("b", 20, 11, 8), REFUSED_REPLAYED);
	cr_assert_eq(take("c", 20, 11, 8), REFUSED_REPLAYED);
}

/* Otherwise one who may choose a subject could spend the tokens of another. */
Test(token_use, no_part_passes_for_another)
{
	struct digest first, second;

	cr_assert_eq(token_use_digest(STR("a"), STR("bc"), STR("d"), &first), OK);
	cr_assert_eq(token_use_digest(STR("ab"), STR("c"), STR("d"), &second), OK);
	cr_assert(!digest_eq(&first, &second));
	cr_assert_eq(token_use_digest(STR_NONE, STR_NONE, STR("d"), &first), OK);
	cr_assert_eq(token_use_digest(STR(""), STR(""), STR("d"), &second), OK);
	cr_assert(digest_eq(&first, &second));
}

Test(token_use, what_cannot_be_remembered_is_not_taken)
{
	for (uint32_t i = 0; i < LIMIT_TOKEN_USES; i++) {
		struct token_use_row row = { .until_ns = 100, .entry = i };
		uint32_t at;

		memcpy(row.token, &i, sizeof(i));
		cr_assert_eq(state_insert(s, 0, &row, &at), OK);
		if (i % 60000 == 59999)
			state_begin(s);
	}
	const struct digest d = token("a");

	cr_assert_eq(token_use_take(s, 0, &d, 50, 1, 7, NULL), ERR_LIMIT);
	state_begin(s);
	cr_assert_eq(token_use_take(s, 0, &d, 500, 100, 7, NULL), OK, "all others are over");
}

Test(token_use, every_failing_allocation_is_an_error)
{
	for (uint64_t n = 1;; n++) {
		const struct digest d = token("a");
		enum err e;

		state_reset(s);
		state_begin(s);
		fail_alloc_at(n);
		e = token_use_take(s, 0, &d, 10, 1, 7, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
	}
}
