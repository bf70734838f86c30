/* pem: the examples of RFC 8410, one text for one key, notes that help and never quote. */
#include <criterion/criterion.h>

#include "engine/base/world_sim.h"
#include "engine/crypto/inside.h"
#include "tests/kit/fail_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 8410 sections 10.1 and 10.3: the two halves of one key. */
#define PRIVATE_BODY "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
#define PUBLIC_BODY "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
#define PRIVATE_BEGIN "-----BEGIN PRIVATE KEY-----"
#define PRIVATE_END "-----END PRIVATE KEY-----"
#define PUBLIC_BEGIN "-----BEGIN PUBLIC KEY-----"
#define PUBLIC_END "-----END PUBLIC KEY-----"

static const char private_text[] = PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n";
static const char public_text[] = PUBLIC_BEGIN "\n" PUBLIC_BODY "\n" PUBLIC_END "\n";

static const uint8_t seed[SEED_BYTES] = {
	0xd4, 0xee, 0x72, 0xdb, 0xf9, 0x13, 0x58, 0x4a, 0xd5, 0xb6, 0xd8, 0xf1, 0xf7, 0x69, 0xf8,
	0xad, 0x3a, 0xfe, 0x7c, 0x28, 0xcb, 0xf1, 0xd4, 0xfb, 0xe0, 0x97, 0xa8, 0x8f, 0x44, 0x75,
	0x58, 0x42,
};

/* Refused with a note at that line; nothing was given back. */
static void expect_refused(bool is_private, struct str text, enum err e, uint32_t line,
			   const char *says)
{
	struct public_key pub = { { 0 } }, none = { { 0 } };
	struct note n = { .line = 77 };
	struct sign_key *k = NULL;
	enum err got;

	got = is_private ? pem_read_private(text, &k, &n) : pem_read_public(text, &pub, &n);
	cr_assert_eq(got, e, "%s for %.*s", err_name(got), STR_ARG(text));
	cr_assert_null(k);
	cr_assert_arr_eq(pub.bytes, none.bytes, sizeof(pub.bytes));
	cr_assert_eq(n.line, line, "line %u: %s", n.line, n.text);
	cr_assert(str_has(str_view(n.text), str_view(says)), "%s", n.text);
	cr_assert_not(str_has(str_view(n.text), STR("MC4CAQ")), "a note never quotes the text");
	got = is_private ? pem_read_private(text, &k, NULL) : pem_read_public(text, &pub, NULL);
	cr_assert_eq(got, e, "a note is not needed");
}

Test(pem, the_private_key_of_rfc_8410_is_read_and_written_back)
{
	struct sign_key *k = NULL;
	struct buf b;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(pem_read_private(str_view(private_text), &k, NULL), OK);
	cr_assert_arr_eq(sign_key_seed(k), seed, sizeof(seed));
	buf_init(&b, 200);
	pem_write_private(&b, k);
	cr_assert(str_is(buf_view(&b), private_text));
	buf_fini(&b);
	sign_key_close(k);
}

Test(pem, a_text_that_is_taken_is_wiped_whether_it_held_a_key_or_not)
{
	char text[sizeof(private_text)], zeros[sizeof(private_text)] = { 0 };
	const struct str taken = str_slice(text, sizeof(text) - 1);
	struct sign_key *k = NULL;

	cr_assert_eq(crypto_start(), OK);
	memcpy(text, private_text, sizeof(text));
	cr_assert_eq(pem_take_private(taken, &k, NULL), OK);
	cr_assert_arr_eq(sign_key_seed(k), seed, sizeof(seed));
	cr_assert_arr_eq(text, zeros, sizeof(text));
	sign_key_close(k);
	memcpy(text, private_text, sizeof(text));
	text[0] = '=';
	cr_assert_eq(pem_take_private(taken, &k, NULL), ERR_SYNTAX);
	cr_assert_arr_eq(text, zeros, sizeof(text));
}

Test(pem, a_key_goes_into_a_file_that_is_read_back)
{
	struct world *w = sim_open(1, 0);
	struct sign_key *k = NULL;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &k), OK);
	cr_assert_eq(pem_write_file(w, "a.pem", k), OK);
	cr_assert(str_is(sim_peek(w, "a.pem"), private_text));
	cr_assert_eq(pem_write_file(w, "nowhere/a.pem", k), ERR_NOT_FOUND);
	sign_key_close(k);
	sim_close(w);
}

Test(pem, the_public_key_of_rfc_8410_is_the_other_half)
{
	struct public_key pub, half;
	struct sign_key *k = NULL;
	struct buf b;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(pem_read_public(str_view(public_text), &pub, NULL), OK);
	cr_assert_eq(sign_key_open(seed, &k), OK);
	half = sign_key_public(k);
	cr_assert_arr_eq(pub.bytes, half.bytes, sizeof(pub.bytes));
	buf_init(&b, 200);
	pem_write_public(&b, &pub);
	cr_assert(str_is(buf_view(&b), public_text));
	buf_fini(&b);
	sign_key_close(k);
}

Test(pem, lines_may_end_in_crlf)
{
	const struct str text = STR(PRIVATE_BEGIN "\r\n" PRIVATE_BODY "\r\n" PRIVATE_END "\r\n");
	struct public_key pub;
	struct sign_key *k = NULL;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(pem_read_private(text, &k, NULL), OK);
	cr_assert_arr_eq(sign_key_seed(k), seed, sizeof(seed));
	sign_key_close(k);
	cr_assert_eq(pem_read_public(STR(PUBLIC_BEGIN "\r\n" PUBLIC_BODY "\n" PUBLIC_END "\r\n"),
				     &pub, NULL), OK);
}

Test(pem, a_text_that_is_cut_off_anywhere_is_refused)
{
	cr_assert_eq(crypto_start(), OK);
	for (size_t len = 0; len < sizeof(private_text) - 1; len++) {
		uint32_t line = 1 + (len >= 28) + (len >= 28 + 65);

		expect_refused(true, str_slice(private_text, len), ERR_TRUNCATED, line,
			       "ends early");
	}
	for (size_t len = 0; len < sizeof(public_text) - 1; len++) {
		uint32_t line = 1 + (len >= 27) + (len >= 27 + 61);

		expect_refused(false, str_slice(public_text, len), ERR_TRUNCATED, line,
			       "ends early");
	}
	expect_refused(true, STR_NONE, ERR_TRUNCATED, 1, PRIVATE_BEGIN);
	expect_refused(false, STR_NONE, ERR_TRUNCATED, 1, PUBLIC_BEGIN);
}

Test(pem, no_changed_byte_gives_a_key_that_writes_another_text)
{
	char text[sizeof(private_text)];
	size_t accepted = 0;
	struct buf b;

	cr_assert_eq(crypto_start(), OK);
	buf_init(&b, 200);
	memcpy(text, private_text, sizeof(text));
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		for (unsigned flip = 1; flip < 256; flip++) {
			struct sign_key *k = NULL;

			text[at] ^= (char)flip;
			if (pem_read_private(str_slice(text, sizeof(text) - 1), &k, NULL) == OK) {
				buf_clear(&b);
				pem_write_private(&b, k);
				cr_assert(str_eq(buf_view(&b), str_slice(text, sizeof(text) - 1)));
				sign_key_close(k);
				accepted++;
			}
			text[at] ^= (char)flip;
		}
	}
	/* 43 digits of the key are free; the one before them shares two bits with the head. */
	cr_assert_eq(accepted, 42 * 63 + 15);
	buf_fini(&b);
}

Test(pem, other_kinds_of_files_are_named)
{
	static const struct { const char *text, *says; } private_cases[] = {
		{ public_text, "a public key" },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "decrypt it with" },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----\n", "OpenSSH" },
		{ "-----BEGIN RSA PRIVATE KEY-----\n", "RSA" },
		{ "-----BEGIN EC PRIVATE KEY-----\n", "ECDSA" },
		{ "-----BEGIN EC PARAMETERS-----\n", "ECDSA" },
		{ "-----BEGIN CERTIFICATE-----\n", "x509" },
	};

	for (size_t i = 0; i < COUNT(private_cases); i++)
		expect_refused(true, str_view(private_cases[i].text), ERR_TYPE, 1,
			       private_cases[i].says);
	expect_refused(false, str_view(private_text), ERR_TYPE, 1, "a private key");
}

Test(pem, other_algorithms_and_forms_are_refused)
{
	/* X25519 (1.3.101.110); version 2 of PKCS#8 (section 10.3); RSA; a set unused bit count. */
	static const char *const bodies[] = {
		"MC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
		"MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
		"MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
		"MC4CAQAwBQYDK2VwBCIEIdTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC",
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(bodies); i++) {
		buf_clear(&b);
		buf_addf(&b, "%s\n%s\n%s\n", PRIVATE_BEGIN, bodies[i], PRIVATE_END);
		expect_refused(true, buf_view(&b), ERR_TYPE, 2, "RFC 8410");
	}
	buf_fini(&b);
	expect_refused(false, STR(PUBLIC_BEGIN "\n"
				  "MCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
				  PUBLIC_END "\n"), ERR_TYPE, 2, "RFC 8410");
	expect_refused(false, STR(PUBLIC_BEGIN "\n"
				  "MCowBQYDK2VwAyEBGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
				  PUBLIC_END "\n"), ERR_TYPE, 2, "RFC 8410");
}

Test(pem, a_key_of_another_length_is_refused)
{
	/* The same 60 characters without padding are 45 bytes: one too many. */
	expect_refused(false, STR(PUBLIC_BEGIN "\n"
				  "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuEA\n"
				  PUBLIC_END "\n"), ERR_TYPE, 2, "RFC 8410");
	expect_refused(true, STR(PRIVATE_BEGIN "\n" PRIVATE_BODY "AAAA\n" PRIVATE_END "\n"),
		       ERR_SYNTAX, 2, "68 characters");
	expect_refused(false, STR(PUBLIC_BEGIN "\n\n" PUBLIC_END "\n"), ERR_SYNTAX, 2,
		       "0 characters");
}

Test(pem, every_second_spelling_is_refused_at_its_line)
{
	static const struct { const char *text; uint32_t line; } cases[] = {
		{ "\n" PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 1 },
		{ "\xef\xbb\xbf" PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 1 },
		{ " " PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 1 },
		{ PRIVATE_BEGIN " \n" PRIVATE_BODY "\n" PRIVATE_END "\n", 1 },
		{ "my key\n" PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 1 },
		{ PRIVATE_BEGIN " " PRIVATE_BODY " " PRIVATE_END "\n", 1 },
		{ PRIVATE_BODY "\n", 1 },
		{ "-----BEGIN private key-----\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 1 },
		{ PRIVATE_BEGIN "\r\r\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 1 },
		{ PRIVATE_BEGIN "\n\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 2 },
		{ PRIVATE_BEGIN "\n " PRIVATE_BODY "\n" PRIVATE_END "\n", 2 },
		{ PRIVATE_BEGIN "\n" PRIVATE_BODY " \n" PRIVATE_END "\n", 2 },
		{ PRIVATE_BEGIN "\nProc-Type: 4\n\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 2 },
		{ PRIVATE_BEGIN "\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK\n"
		  "1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n" PRIVATE_END "\n", 2 },
		{ PRIVATE_BEGIN "\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK"
		  "1bbY8fdp-K06_nwoy_HU--CXqI9EdVhC\n" PRIVATE_END "\n", 2 },
		{ PRIVATE_BEGIN "\n" PRIVATE_BODY "\n\n" PRIVATE_END "\n", 3 },
		{ PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PUBLIC_END "\n", 3 },
		{ PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END " \n", 3 },
		{ PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n\n", 4 },
		{ PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\nx", 4 },
		{ PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n"
		  PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n", 4 },
	};

	cr_assert_eq(crypto_start(), OK);
	for (size_t i = 0; i < COUNT(cases); i++)
		expect_refused(true, str_view(cases[i].text), ERR_SYNTAX, cases[i].line, "");
	expect_refused(true, STR(PRIVATE_BEGIN "\n" PRIVATE_BODY "\n" PRIVATE_END "\n\0"),
		       ERR_SYNTAX, 4, "1 bytes follow");
}

/* A key that is written piece by piece would move when the buffer grows, and stay behind. */
Test(pem, a_private_key_goes_in_whole_or_not_at_all_wherever_the_buffer_stands)
{
	struct sign_key *k = NULL;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &k), OK);
	for (size_t before = 0; before < 300; before++) {
		struct buf b;
		bool hit;

		buf_init(&b, 1000);
		for (size_t i = 0; i < before; i++)
			buf_add_byte(&b, '#');
		fail_alloc_at(1);
		pem_write_private(&b, k);
		hit = fail_alloc_was_hit();
		cr_assert_eq(b.err, hit ? ERR_MEMORY : OK);
		cr_assert_eq(b.len, before + (hit ? 0 : strlen(private_text)));
		cr_assert(before || hit);
		buf_clear(&b);
		fail_alloc_at(2);
		pem_write_private(&b, k);
		cr_assert_not(fail_alloc_was_hit(), "one allocation at most");
		cr_assert_eq(b.err, OK);
		buf_fini(&b);
	}
	sign_key_close(k);
}

Test(pem, writers_stop_at_the_cap)
{
	struct public_key pub;
	struct sign_key *k = NULL;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &k), OK);
	pub = sign_key_public(k);
	for (size_t cap = 0; cap < strlen(public_text); cap++) {
		struct buf b;

		buf_init(&b, cap);
		pem_write_public(&b, &pub);
		cr_assert_eq(b.err, ERR_LIMIT);
		cr_assert_eq(b.len, 0);
		buf_clear(&b);
		pem_write_private(&b, k);
		cr_assert_eq(b.err, ERR_LIMIT);
		cr_assert_eq(b.len, 0);
		buf_fini(&b);
	}
	sign_key_close(k);
}
