/* credential: secrets, their hashes and ids. What may become of one is in tests/gate. */
#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "engine/identity/identity.h"

/* As docs/formats/credential.md has it. */
#define PAGE_SECRET "tcr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define PAGE_CREDENTIAL "cred-95833788167a965e"

static void setup(void)
{
	cr_assert_eq(crypto_start(), OK);
}

TestSuite(credential, .init = setup);

Test(credential, the_example_of_the_page)
{
	struct digest hash = credential_hash(STR(PAGE_SECRET));
	struct digest plain = sha256(STR("trammel/credential/v1\n" PAGE_SECRET));
	struct buf b;

	cr_expect(digest_eq(&hash, &plain));
	buf_init(&b, CREDENTIAL_ID_BYTES);
	credential_id_write(&b, hash.bytes);
	cr_expect(str_is(buf_view(&b), PAGE_CREDENTIAL), "%.*s", STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(credential, secrets_are_of_the_alphabet_and_differ)
{
	struct world *w = sim_open(7, 0);
	char one[CREDENTIAL_SECRET_BYTES], two[CREDENTIAL_SECRET_BYTES];
	uint8_t bytes[32];
	size_t len;

	cr_assert_eq(credential_make(w, one), OK);
	cr_assert_eq(credential_make(w, two), OK);
	cr_expect_neq(memcmp(one, two, sizeof(one)), 0);
	cr_expect_eq(memcmp(one, "tcr_", 4), 0);
	cr_expect_eq(base64url_read(str_slice(one + 4, sizeof(one) - 4), bytes, sizeof(bytes),
				    &len), OK);
	cr_expect_eq(len, 32);
	sim_close(w);
}

/* A row whose first 8 bytes are those of another secret's hash does not pass for it. */
Test(credential, all_of_the_hash_counts)
{
	const struct table_schema table = credential_table();
	struct digest hash = credential_hash(STR("x"));
	struct credential_row row = { .issued_ns = 1, .ends_ns = 2 }, found;
	struct state *s;

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
	memcpy(row.hash, hash.bytes, sizeof(row.hash));
	memcpy(row.agent, "ann", 3);
	cr_assert_eq(credential_issue(s, 0, &row, NULL), OK);
	cr_expect(credential_find(s, 0, &hash, &found));
	hash.bytes[31] ^= 1;
	cr_expect(!credential_find(s, 0, &hash, &found));
	state_close(s);
}

Test(credential, ids_are_read_strictly)
{
	const struct table_schema table = credential_table();
	struct credential_row row = { .issued_ns = 1, .ends_ns = 2 }, found;
	struct state *s;
	uint32_t at;

	cr_assert_eq(state_open(&table, 1, &s), OK);
	state_begin(s);
	cr_expect(!credential_named(s, 0, STR("cred-0000000000000000"), &at, &found));
	cr_assert_eq(credential_issue(s, 0, &row, NULL), OK);
	cr_expect(credential_named(s, 0, STR("cred-0000000000000000"), &at, &found));
	cr_expect(!credential_named(s, 0, STR("cred-00000000000000"), &at, &found));
	cr_expect(!credential_named(s, 0, STR("cred-000000000000000000"), &at, &found));
	cr_expect(!credential_named(s, 0, STR("0000000000000000"), &at, &found));
	cr_expect(!credential_named(s, 0, STR("cred-"), &at, &found));
	cr_expect(!credential_named(s, 0, STR_NONE, &at, &found));
	state_close(s);
}
