/* bytes: official vectors, one text for one value, hostile texts. */
#include <criterion/criterion.h>

#include "engine/crypto/inside.h"
#include "tests/kit/fail_alloc.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef void writer(struct buf *b, const void *bytes, size_t len);
typedef enum err reader(struct str text, void *dst, size_t room, size_t *len);

static void expect_writes(writer *write, const char *bytes, const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	write(&b, bytes, strlen(bytes));
	cr_assert_eq(b.err, OK);
	cr_assert(str_is(buf_view(&b), text), "%s gave %.*s", bytes, STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

static void expect_reads(reader *read, const char *text, const char *bytes)
{
	char got[100];
	size_t len = 0;

	cr_assert_eq(read(str_view(text), got, sizeof(got), &len), OK, "%s", text);
	cr_assert(str_is(str_slice(got, len), bytes), "%s", text);
}

/* Refused, and nothing was written. */
static void expect_refuses(reader *read, struct str text, size_t room, enum err e)
{
	uint8_t got[100], before[100];
	size_t len = 77;

	memset(before, 0xEE, sizeof(before));
	memset(got, 0xEE, sizeof(got));
	cr_assert_eq(read(text, got, room, &len), e, "%.*s", STR_ARG(text));
	cr_assert_eq(len, 77);
	cr_assert_arr_eq(got, before, sizeof(got));
}

static void expect_round_trips(writer *write, reader *read, size_t max_len)
{
	uint8_t bytes[BASE58_BYTES], got[BASE58_BYTES];
	struct buf b;

	buf_init(&b, 4096);
	for (size_t len = 0; len <= max_len; len++) {
		for (unsigned kind = 0; kind < 258; kind++) {
			size_t got_len = SIZE_MAX;

			/* One repeated byte; counting up from zero; zeros before a last one. */
			for (size_t i = 0; i < len; i++)
				bytes[i] = kind < 256 ? (uint8_t)kind :
					   kind == 256 ? (uint8_t)(i * 7) : i == len - 1;
			buf_clear(&b);
			write(&b, bytes, len);
			cr_assert_eq(b.err, OK);
			cr_assert_eq(read(buf_view(&b), got, len, &got_len), OK);
			cr_assert_eq(got_len, len);
			cr_assert_eq(memcmp(got, bytes, len), 0, "%zu bytes", len);
			if (len)
				expect_refuses(read, buf_view(&b), len - 1, ERR_LIMIT);
		}
	}
	buf_fini(&b);
}

/* Every single byte in place of every digit: what is read must be what would be written. */
static void expect_one_text_per_value(writer *write, reader *read, const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	for (size_t at = 0; at < strlen(text); at++) {
		for (unsigned c = 0; c < 256; c++) {
			char changed[100];
			uint8_t got[100];
			size_t len;

			memcpy(changed, text, strlen(text));
			changed[at] = (char)c;
			if (read(str_slice(changed, strlen(text)), got, sizeof(got), &len) != OK)
				continue;
			buf_clear(&b);
			write(&b, got, len);
			cr_assert(str_eq(buf_view(&b), str_slice(changed, strlen(text))),
				  "%.*s", (int)strlen(text), changed);
		}
	}
	buf_fini(&b);
}

static void expect_survives_failing_allocations(writer *write)
{
	for (uint64_t n = 1; ; n++) {
		struct buf b;
		bool hit;

		buf_init(&b, 4096);
		fail_alloc_at(n);
		write(&b, "some bytes", 10);
		hit = fail_alloc_was_hit();
		cr_assert_eq(b.err, hit ? ERR_MEMORY : OK);
		cr_assert_eq(b.len == 0, hit);
		buf_fini(&b);
		if (!hit)
			break;
	}
}

Test(bytes, hex_reads_every_byte_in_lower_case_only)
{
	struct buf b;

	buf_init(&b, 16);
	for (unsigned v = 0; v < 256; v++) {
		uint8_t byte = (uint8_t)v, got = 0;

		buf_clear(&b);
		buf_add_hex(&b, &byte, 1);
		cr_assert_eq(hex_read(buf_view(&b), &got, 1), OK);
		cr_assert_eq(got, byte);
	}
	buf_fini(&b);
	for (unsigned c = 0; c < 256; c++) {
		const char text[2] = { (char)c, '0' }, turned[2] = { '0', (char)c };
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		uint8_t got = 0xEE;

		cr_assert_eq(hex_read(str_slice(text, 2), &got, 1), digit ? OK : ERR_SYNTAX);
		cr_assert_eq(hex_read(str_slice(turned, 2), &got, 1), digit ? OK : ERR_SYNTAX);
		cr_assert(digit || got == 0xEE);
	}
}

Test(bytes, hex_has_exactly_the_length_asked_for)
{
	uint8_t got[4] = { 0 };

	cr_assert_eq(hex_read(STR("00ff10"), got, 3), OK);
	cr_assert_eq(got[1], 0xff);
	cr_assert_eq(hex_read(STR("00ff10"), got, 2), ERR_SYNTAX);
	cr_assert_eq(hex_read(STR("00ff10"), got, 4), ERR_SYNTAX);
	cr_assert_eq(hex_read(STR("00ff1"), got, 2), ERR_SYNTAX);
	cr_assert_eq(hex_read(STR("00ff1"), got, 3), ERR_SYNTAX);
	cr_assert_eq(hex_read(STR_NONE, got, 0), OK);
	cr_assert_eq(hex_read(STR_NONE, got, 1), ERR_SYNTAX);
}

/* RFC 4648 section 10, and the two digits in which the alphabets differ. */
Test(bytes, base64_of_rfc_4648)
{
	static const struct { const char *bytes, *text, *url; } vectors[] = {
		{ "", "", "" },
		{ "f", "Zg==", "Zg" },
		{ "fo", "Zm8=", "Zm8" },
		{ "foo", "Zm9v", "Zm9v" },
		{ "foob", "Zm9vYg==", "Zm9vYg" },
		{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xef\xbe\xff\xff\xff", "++++////", "----____" },
	};

	for (size_t i = 0; i < COUNT(vectors); i++) {
		expect_writes(base64_write, vectors[i].bytes, vectors[i].text);
		expect_reads(base64_read, vectors[i].text, vectors[i].bytes);
		expect_writes(base64url_write, vectors[i].bytes, vectors[i].url);
		expect_reads(base64url_read, vectors[i].url, vectors[i].bytes);
	}
}

Test(bytes, base64_refuses_every_second_spelling)
{
	static const struct { const char *text, *why; } refused[] = {
		{ "Zh==", "unused bits are set" },
		{ "Zm9=", "unused bits are set" },
		{ "Zg", "padding is missing" },
		{ "Zg=", "padding is short" },
		{ "Zg===", "padding is long" },
		{ "Zm9v====", "padding without need" },
		{ "Zm8=Zm8=", "padding in the middle" },
		{ "Z===", "one digit is no byte" },
		{ "====", "padding alone" },
		{ "=", "padding alone" },
		{ "Z", "one digit is no byte" },
		{ "Zm9vY", "one digit is no byte" },
		{ "Z=m9", "padding in the middle" },
		{ "=Zm9", "padding in front" },
		{ " Zm9v", "a blank in front" },
		{ "Zm9v ", "a blank behind" },
		{ "Zm9v\n", "a line end" },
		{ "Zm9v\r\n", "a line end" },
		{ "Zm\n9", "a line end inside" },
		{ "Zm9\t", "a tab" },
		{ "----", "the alphabet of section 5" },
		{ "____", "the alphabet of section 5" },
		{ "Zm9*", "no digit" },
		{ "Zm9\xc3", "no digit" },
	};

	for (size_t i = 0; i < COUNT(refused); i++)
		expect_refuses(base64_read, str_view(refused[i].text), 100, ERR_SYNTAX);
	expect_refuses(base64_read, str_slice("Zm9\0", 4), 100, ERR_SYNTAX);
}

Test(bytes, base64url_refuses_every_second_spelling)
{
	static const char *const refused[] = {
		"Zh", "Zm9", "Zg==", "Zm8=", "Z", "Zm9vY", "++++", "////", "Zm9v\n", " Zm9v",
		"Zm 9", "=", "Zm9*",
	};

	for (size_t i = 0; i < COUNT(refused); i++)
		expect_refuses(base64url_read, str_view(refused[i]), 100, ERR_SYNTAX);
}

Test(bytes, base64_and_base64url_have_one_text_per_value)
{
	expect_one_text_per_value(base64_write, base64_read, "Zm9vYmFy");
	expect_one_text_per_value(base64_write, base64_read, "Zm9vYmE=");
	expect_one_text_per_value(base64_write, base64_read, "Zm9vYg==");
	expect_one_text_per_value(base64url_write, base64url_read, "Zm9vYmFy");
	expect_one_text_per_value(base64url_write, base64url_read, "Zm9vYmE");
	expect_one_text_per_value(base64url_write, base64url_read, "Zm9vYg");
}

Test(bytes, base64_and_base64url_round_trip)
{
	expect_round_trips(base64_write, base64_read, 64);
	expect_round_trips(base64url_write, base64url_read, 64);
}

/* draft-msporny-base58-03 section 5. */
Test(bytes, base58_of_the_draft)
{
	static const uint8_t zeros[] = { 0x00, 0x00, 0x28, 0x7f, 0xb4, 0xcd };
	uint8_t got[6];
	size_t len;
	struct buf b;

	expect_writes(base58_write, "Hello World!", "2NEpo7TZRRrLZSi2U");
	expect_reads(base58_read, "2NEpo7TZRRrLZSi2U", "Hello World!");
	expect_writes(base58_write, "The quick brown fox jumps over the lazy dog.",
		      "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z");
	expect_reads(base58_read, "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
		     "The quick brown fox jumps over the lazy dog.");
	buf_init(&b, 100);
	base58_write(&b, zeros, sizeof(zeros));
	cr_assert(str_is(buf_view(&b), "11233QC4"));
	buf_fini(&b);
	cr_assert_eq(base58_read(STR("11233QC4"), got, sizeof(got), &len), OK);
	cr_assert_eq(len, sizeof(zeros));
	cr_assert_arr_eq(got, zeros, sizeof(zeros));
}

Test(bytes, base58_keeps_leading_zeros)
{
	char text[BASE58_BYTES + 1];
	uint8_t got[BASE58_BYTES], zeros[BASE58_BYTES] = { 0 };
	size_t len;
	struct buf b;

	memset(text, '1', sizeof(text));
	buf_init(&b, 100);
	for (size_t count = 0; count <= BASE58_BYTES; count++) {
		buf_clear(&b);
		base58_write(&b, zeros, count);
		cr_assert(str_eq(buf_view(&b), str_slice(text, count)));
		memset(got, 0xEE, sizeof(got));
		cr_assert_eq(base58_read(str_slice(text, count), got, sizeof(got), &len), OK);
		cr_assert_eq(len, count);
		cr_assert_eq(memcmp(got, zeros, count), 0);
	}
	buf_fini(&b);
	expect_refuses(base58_read, str_slice(text, BASE58_BYTES + 1), 100, ERR_LIMIT);
}

Test(bytes, base58_round_trips_and_has_one_text_per_value)
{
	expect_round_trips(base58_write, base58_read, BASE58_BYTES);
	expect_one_text_per_value(base58_write, base58_read, "11233QC4");
	expect_one_text_per_value(base58_write, base58_read, "2NEpo7TZRRrLZSi2U");
}

Test(bytes, base58_refuses_what_is_no_digit)
{
	static const char *const refused[] = {
		"0", "O", "I", "l", " 2", "2 ", "2\n", "+", "2-", "1l", "\xff",
	};

	for (size_t i = 0; i < COUNT(refused); i++)
		expect_refuses(base58_read, str_view(refused[i]), 100, ERR_SYNTAX);
	expect_refuses(base58_read, str_slice("2\0", 2), 100, ERR_SYNTAX);
}

Test(bytes, base58_stops_at_its_limit)
{
	uint8_t bytes[BASE58_BYTES];
	char text[200];
	struct buf b;

	/* The largest value of 64 bytes has 88 digits, and there are larger numbers of 88. */
	memset(bytes, 0xff, sizeof(bytes));
	buf_init(&b, 100);
	base58_write(&b, bytes, sizeof(bytes));
	cr_assert_eq(b.len, 88);
	buf_fini(&b);
	memset(text, 'z', sizeof(text));
	expect_refuses(base58_read, str_slice(text, 88), 100, ERR_LIMIT);
	expect_refuses(base58_read, str_slice(text, 89), 100, ERR_LIMIT);
	expect_refuses(base58_read, str_slice(text, 200), 100, ERR_LIMIT);
}

Test(bytes, a_digest_is_sha256_and_64_lower_digits)
{
	static const char text[] =
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char *const refused[] = {
		"", "sha256:", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
		"sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		" sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	};
	struct digest d = sha256(STR("abc")), got = { { 0 } }, none = { { 0 } };
	struct str copy;
	struct arena a;
	struct buf b;

	buf_init(&b, 100);
	digest_write(&b, &d);
	cr_assert(str_is(buf_view(&b), text));
	buf_fini(&b);
	arena_init(&a, 1 << 16);
	cr_assert_eq(digest_copy(&d, &a, &copy), OK);
	cr_assert(str_is(copy, text));
	arena_fini(&a);
	for (size_t i = 0; i < COUNT(refused); i++) {
		cr_assert_eq(digest_read(str_view(refused[i]), &got), ERR_SYNTAX, "%s", refused[i]);
		cr_assert(digest_eq(&got, &none));
	}
	cr_assert_eq(digest_read(str_view(text), &got), OK);
	cr_assert(digest_eq(&got, &d));
}

Test(bytes, empty_bytes_append_nothing)
{
	struct buf b;

	buf_init(&b, 100);
	base64_write(&b, NULL, 0);
	base64url_write(&b, NULL, 0);
	base58_write(&b, NULL, 0);
	cr_assert_eq(b.err, OK);
	cr_assert_eq(b.len, 0);
	buf_fini(&b);
}

static void write_digest(struct buf *b, const void *bytes, size_t len)
{
	struct digest d = sha256(str_slice(bytes, len));

	/* Both pieces fit the first block, so that a failure leaves nothing. */
	digest_write(b, &d);
}

Test(bytes, writers_survive_failing_allocations)
{
	expect_survives_failing_allocations(base64_write);
	expect_survives_failing_allocations(base64url_write);
	expect_survives_failing_allocations(base58_write);
	expect_survives_failing_allocations(write_digest);
}

Test(bytes, writers_stop_at_the_cap)
{
	struct buf b;

	buf_init(&b, 4);
	base64_write(&b, "abc", 3);
	cr_assert_eq(b.err, OK);
	base64_write(&b, "a", 1);
	cr_assert_eq(b.err, ERR_LIMIT);
	cr_assert_eq(b.len, 4);
	buf_fini(&b);
}
