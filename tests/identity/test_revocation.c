/* revocation: every step from every state of the list, times, and failing memory. */
#include <criterion/criterion.h>

#include "engine/identity/identity.h"
#include "tests/kit/fail_alloc.h"

#define NOW INT64_C(1000)

static struct state *s;

static void setup(void)
{
	const struct table_schema table = revocation_table();

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
}

static void teardown(void)
{
	state_close(s);
}

TestSuite(revocation, .init = setup, .fini = teardown);

static enum err revoke_at(int64_t at_ns, int64_t until_ns)
{
	struct note n = { .text = "" };
	enum err e = revocation_add(s, 0, REVOKED_AGENT, STR("bot"), at_ns, until_ns, 7, &n);

	cr_assert_eq(e == OK, n.text[0] == '\0');
	return e;
}

static bool holds(int64_t at_ns)
{
	struct revocation_row row;

	return revocation_holds(s, 0, REVOKED_AGENT, STR("bot"), at_ns, &row);
}

Test(revocation, what_is_not_on_the_list_is_not_revoked)
{
	struct revocation_row row;

	cr_assert(!holds(NOW));
	cr_assert_eq(revoke_at(NOW, 0), OK);
	cr_assert(!revocation_holds(s, 0, REVOKED_KEY, STR("bot"), NOW, &row));
	cr_assert(!revocation_holds(s, 0, REVOKED_AGENT, STR("bo"), NOW, &row));
	cr_assert(!revocation_holds(s, 0, REVOKED_AGENT, STR("bot2"), NOW, &row));
	cr_assert(!revocation_holds(s, 0, REVOKED_AGENT, STR(""), NOW, &row));
	cr_assert(!revocation_holds(s, 0, REVOKED_AGENT, STR("bot\0"), NOW, &row));
}

Test(revocation, one_for_a_while_ends_by_itself)
{
	cr_assert_eq(revoke_at(NOW, NOW + 60), OK);
	cr_assert(holds(NOW) && holds(NOW + 59) && !holds(NOW + 60) && !holds(NOW + 61));
}

Test(revocation, one_for_good_does_not)
{
	cr_assert_eq(revoke_at(NOW, 0), OK);
	cr_assert(holds(NOW) && holds(INT64_MAX) && holds(INT64_MIN));
}

/* From nothing, a while (in force or over), good: to a shorter, equal, longer end, to good. */
Test(revocation, the_list_only_ever_says_more)
{
	static const struct {
		int64_t had, at, until;           /* had -1: nothing */
		enum err expected;
		int64_t then;                     /* until_ns of the row afterwards */
	} cases[] = {
		{ -1, NOW, NOW + 9, OK, NOW + 9 },
		{ -1, NOW, 0, OK, 0 },
		{ -1, NOW, NOW, ERR_RANGE, -1 },
		{ -1, NOW, NOW - 1, ERR_RANGE, -1 },
		{ NOW + 60, NOW, NOW + 59, ERR_EXISTS, NOW + 60 },
		{ NOW + 60, NOW, NOW + 60, ERR_EXISTS, NOW + 60 },
		{ NOW + 60, NOW, NOW + 61, OK, NOW + 61 },
		{ NOW + 60, NOW, 0, OK, 0 },
		{ NOW + 60, NOW + 80, NOW + 99, OK, NOW + 99 },
		{ NOW + 60, NOW + 80, NOW + 70, ERR_RANGE, NOW + 60 },
		{ NOW + 60, NOW + 80, 0, OK, 0 },
		{ 0, NOW, NOW + 1, ERR_EXISTS, 0 },
		{ 0, NOW, INT64_MAX, ERR_EXISTS, 0 },
		{ 0, NOW, 0, ERR_EXISTS, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct revocation_row row;

		state_reset(s);
		state_begin(s);
		if (cases[i].had != -1)
			cr_assert_eq(revoke_at(NOW - 1, cases[i].had), OK);
		cr_assert_eq(revoke_at(cases[i].at, cases[i].until), cases[i].expected,
			     "case %zu", i);
		cr_assert_eq(state_rows(s, 0) == 1, cases[i].then != -1);
		if (cases[i].then == -1)
			continue;
		memcpy(&row, state_row(s, 0, 0), sizeof(row));
		cr_assert_eq(row.until_ns, cases[i].then, "case %zu", i);
		cr_assert(str_is(revocation_name(&row), "bot") && row.entry == 7);
	}
}

Test(revocation, keys_are_found_by_their_id)
{
	struct public_key key = { { 1 } }, other = { { 2 } };
	struct revocation_row row;
	char id[KEY_ID_BYTES];

	cr_assert(!revocation_holds_key(s, 0, &key, NOW, &row));
	key_id_put(id, &key);
	cr_assert_eq(revocation_add(s, 0, REVOKED_KEY, str_slice(id, sizeof(id)), NOW, NOW + 5, 1,
				    NULL), OK);
	cr_assert(revocation_holds_key(s, 0, &key, NOW, &row) && row.until_ns == NOW + 5);
	cr_assert(!revocation_holds_key(s, 0, &key, NOW + 5, &row));
	cr_assert(!revocation_holds_key(s, 0, &other, NOW, &row));
}

Test(revocation, failing_memory_changes_nothing)
{
	for (uint64_t n = 1;; n++) {
		enum err e;

		state_reset(s);
		state_begin(s);
		fail_alloc_at(n);
		e = revocation_add(s, 0, REVOKED_AGENT, STR("bot"), NOW, 0, 1, NULL);
		if (!fail_alloc_was_hit()) {
			cr_assert_eq(e, OK);
			break;
		}
		cr_assert_eq(e, ERR_MEMORY);
		cr_assert(!holds(NOW));
	}
}
