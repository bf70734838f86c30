/* sha256: official vectors, libsodium as oracle, every core and every way to the same digest. */
#include <criterion/criterion.h>
#include <sodium.h>

#include "engine/crypto/inside.h"

#define TEXT_BYTES 1024

/* The cores this machine can run; a machine without SHA-NI tests libsodium's alone. */
static size_t cores(const struct sha256_core *ret[2])
{
	size_t count = 0;

	ret[count++] = sign_sha256_core();
	if (sha256_ni_core())
		ret[count++] = sha256_ni_core();
	return count;
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void fill(uint8_t *bytes, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(next_random(&seed) >> 32);
}

static struct digest oracle(const void *bytes, size_t len)
{
	struct digest d;

	crypto_hash_sha256(d.bytes, bytes, len);
	return d;
}

static struct digest oracle_prefixed(uint8_t prefix, const void *bytes, size_t len)
{
	uint8_t *whole = malloc(len + 1);
	struct digest d;

	whole[0] = prefix;
	if (len)
		memcpy(whole + 1, bytes, len);
	d = oracle(whole, len + 1);
	free(whole);
	return d;
}

static void expect_hex(const struct digest *d, const char *hex)
{
	struct digest want;

	cr_assert_eq(hex_read(str_view(hex), want.bytes, sizeof(want.bytes)), OK);
	cr_assert(digest_eq(d, &want), "expected %s", hex);
}

Test(sha256, digests_of_the_fips_examples)
{
	static const struct { const char *text, *hex; } vectors[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	};
	const struct sha256_core *all[2];
	size_t count = cores(all);

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct str text = str_view(vectors[i].text);
		struct digest d = sha256(text);

		expect_hex(&d, vectors[i].hex);
		for (size_t c = 0; c < count; c++) {
			d = sha256_with(all[c], STR_NONE, text);
			expect_hex(&d, vectors[i].hex);
		}
	}
}

Test(sha256, one_million_a_in_pieces_and_at_once)
{
	static const char hex[] =
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
	char *text = malloc(1000000);
	struct sha256 s;
	struct digest d;

	memset(text, 'a', 1000000);
	d = sha256(str_slice(text, 1000000));
	expect_hex(&d, hex);
	sha256_init(&s);
	for (size_t i = 0; i < 1000000; i += 1000)
		sha256_add(&s, text + i, 1000);
	sha256_done(&s, &d);
	expect_hex(&d, hex);
	free(text);
}

Test(sha256, every_length_agrees_with_libsodium_on_every_core)
{
	const struct sha256_core *all[2];
	size_t count = cores(all);
	uint8_t text[301 + 1];

	fill(text, sizeof(text), 1);
	for (size_t len = 0; len <= 300; len++) {
		for (size_t c = 0; c < count; c++) {
			/* An odd address too: blocks need no alignment. */
			for (size_t at = 0; at < 2; at++) {
				struct digest d, want = oracle(text + at, len);

				d = sha256_with(all[c], STR_NONE, str_slice(text + at, len));
				cr_assert(digest_eq(&d, &want), "%s, %zu bytes", all[c]->name, len);
			}
		}
	}
}

Test(sha256, every_prefix_length_up_to_a_block_agrees_with_libsodium)
{
	uint8_t text[64 + 200];

	fill(text, sizeof(text), 2);
	for (size_t prefix = 0; prefix <= 64; prefix++) {
		for (size_t len = 0; len <= 200; len++) {
			struct digest want = oracle(text, prefix + len);
			struct digest d = sha256_with(sha256_core(), str_slice(text, prefix),
						      str_slice(text + prefix, len));

			cr_assert(digest_eq(&d, &want), "prefix %zu, text %zu", prefix, len);
		}
	}
}

Test(sha256, a_prefixed_text_is_the_text_with_that_byte_before_it)
{
	uint8_t text[300];
	struct digest d, want;

	fill(text, sizeof(text), 3);
	for (size_t len = 0; len <= sizeof(text); len++) {
		d = sha256_prefixed((uint8_t)len, str_slice(text, len));
		want = oracle_prefixed((uint8_t)len, text, len);
		cr_assert(digest_eq(&d, &want), "%zu bytes", len);
	}
	d = sha256_prefixed(0x07, STR_NONE);
	want = oracle("\x07", 1);
	cr_assert(digest_eq(&d, &want));
}

Test(sha256, random_splits_do_not_change_the_digest)
{
	const struct sha256_core *all[2];
	size_t count = cores(all);
	uint64_t seed = UINT64_C(0x5eed5a11);
	uint8_t text[TEXT_BYTES];

	fill(text, sizeof(text), 4);
	for (int round = 0; round < 2000; round++) {
		uint64_t before = seed;
		size_t len = next_random(&seed) % (TEXT_BYTES + 1), at = 0;
		size_t longest = 1 + next_random(&seed) % 200;
		struct digest d, want = oracle(text, len);
		struct sha256 s;

		sha256_init(&s);
		while (at < len) {
			size_t take = next_random(&seed) % (longest + 1);

			if (take > len - at)
				take = len - at;
			sha256_add_with(all[(size_t)round % count], &s, text + at, take);
			at += take;
		}
		sha256_done(&s, &d);
		cr_assert(digest_eq(&d, &want), "seed %#llx", (unsigned long long)before);
	}
}

Test(sha256, adding_nothing_changes_nothing)
{
	struct digest d, want = oracle("abc", 3);
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, NULL, 0);
	sha256_add(&s, "abc", 3);
	sha256_add(&s, NULL, 0);
	sha256_done(&s, &d);
	cr_assert(digest_eq(&d, &want));
}

Test(sha256, the_length_is_counted_beyond_32_bits)
{
	const size_t piece = (size_t)1 << 20;
	uint8_t *zeros = calloc(1, piece);
	crypto_hash_sha256_state theirs;
	struct digest d, want;
	struct sha256 s;

	/* 2^29 bytes are 2^32 bits; only SHA-NI is quick enough to get there in a test. */
	if (!sha256_ni_core()) {
		free(zeros);
		cr_skip_test("no SHA-NI here: half a gigabyte would take too long");
	}
	sha256_init(&s);
	crypto_hash_sha256_init(&theirs);
	for (int i = 0; i < 512; i++) {
		sha256_add(&s, zeros, piece);
		crypto_hash_sha256_update(&theirs, zeros, piece);
	}
	sha256_done(&s, &d);
	crypto_hash_sha256_final(&theirs, want.bytes);
	cr_assert(digest_eq(&d, &want));
	free(zeros);
}

Test(sha256, cores_agree_block_by_block_in_one_lane_and_in_two)
{
	const struct sha256_core *ours = sha256_ni_core(), *theirs = sign_sha256_core();
	uint8_t text[2][16 * SHA256_BLOCK_BYTES];
	uint32_t start[2][8], h[2][8], want[2][8];
	uint64_t seed = 5;

	if (!ours)
		cr_skip_test("no SHA-NI here: there is only one core");
	for (int round = 0; round < 200; round++) {
		size_t count = next_random(&seed) % 17;

		fill((uint8_t *)text, sizeof(text), seed);
		fill((uint8_t *)start, sizeof(start), seed + 1);
		memcpy(h, start, sizeof(h));
		memcpy(want, start, sizeof(want));
		ours->one(h[0], text[0], count);
		theirs->one(want[0], text[0], count);
		cr_assert_arr_eq(h[0], want[0], sizeof(h[0]));
		memcpy(h, start, sizeof(h));
		memcpy(want, start, sizeof(want));
		ours->two(h[0], text[0], h[1], text[1], count);
		theirs->two(want[0], text[0], want[1], text[1], count);
		cr_assert_arr_eq(h, want, sizeof(h));
	}
}

Test(sha256, nodes_together_equal_nodes_one_by_one)
{
	const struct sha256_core *all[2];
	size_t core_count = cores(all);
	struct digest in[2 * 9], out[9 + 1], want;

	fill((uint8_t *)in, sizeof(in), 6);
	for (size_t count = 0; count <= 9; count++) {
		for (size_t c = 0; c < core_count; c++) {
			memset(out, 0xEE, sizeof(out));
			sha256_nodes_with(all[c], in, count, out);
			for (size_t i = 0; i < count; i++) {
				want = oracle_prefixed(0x01, &in[2 * i], 2 * DIGEST_BYTES);
				cr_assert(digest_eq(&out[i], &want), "%zu of %zu", i, count);
			}
			memset(want.bytes, 0xEE, sizeof(want.bytes));
			cr_assert(digest_eq(&out[count], &want), "nothing behind is touched");
		}
	}
}

Test(sha256, nodes_may_be_written_over_their_children)
{
	struct digest in[2 * 9], copy[2 * 9], out[9];

	fill((uint8_t *)in, sizeof(in), 7);
	for (size_t count = 0; count <= 9; count++) {
		memcpy(copy, in, sizeof(in));
		sha256_nodes(in, count, out);
		sha256_nodes(copy, count, copy);
		if (count)
			cr_assert_arr_eq(copy, out, count * sizeof(out[0]));
		cr_assert_arr_eq(&copy[count], &in[count], sizeof(in) - count * sizeof(in[0]));
	}
}

Test(sha256, leaves_of_equal_length_equal_leaves_one_by_one)
{
	const struct sha256_core *all[2];
	size_t core_count = cores(all);
	uint8_t text[9 * 600];
	struct str texts[9];
	struct digest out[9];

	fill(text, sizeof(text), 8);
	for (size_t count = 0; count <= 9; count++) {
		for (size_t len = 0; len <= 600; len += 30) {
			for (size_t i = 0; i < count; i++)
				texts[i] = str_slice(text + i * len, len);
			for (size_t c = 0; c < core_count; c++) {
				sha256_each_with(all[c], str_slice("\0", 1), texts, count,
						 out);
				for (size_t i = 0; i < count; i++) {
					struct digest want;

					want = oracle_prefixed(0x00, texts[i].ptr, len);
					cr_assert(digest_eq(&out[i], &want), "leaf %zu", i);
				}
			}
		}
	}
}

Test(sha256, leaves_of_any_lengths_equal_leaves_one_by_one)
{
	uint64_t seed = UINT64_C(0x1ea7e5);
	uint8_t text[TEXT_BYTES];
	struct digest out[40];
	struct str texts[40];

	fill(text, sizeof(text), 9);
	for (int round = 0; round < 500; round++) {
		uint64_t before = seed;
		size_t count = next_random(&seed) % 41;

		for (size_t i = 0; i < count; i++) {
			size_t longest = next_random(&seed) % 8 ? 130 : TEXT_BYTES;
			size_t len = next_random(&seed) % longest;

			texts[i] = str_slice(text + next_random(&seed) % (TEXT_BYTES - len), len);
		}
		sha256_leaves(texts, count, out);
		for (size_t i = 0; i < count; i++) {
			struct digest want = oracle_prefixed(0x00, texts[i].ptr, texts[i].len);

			cr_assert(digest_eq(&out[i], &want), "leaf %zu, seed %#llx", i,
				  (unsigned long long)before);
		}
	}
}

Test(sha256, every_pair_of_leaf_lengths_shares_the_lanes)
{
	uint8_t text[2 * 200];

	fill(text, sizeof(text), 10);
	for (size_t a = 0; a <= 200; a++) {
		for (size_t b = 0; b <= 200; b++) {
			struct str texts[2] = { str_slice(text, a), str_slice(text + 200, b) };
			struct digest out[2], want;

			sha256_leaves(texts, 2, out);
			want = sha256_prefixed(0x00, texts[0]);
			cr_assert(digest_eq(&out[0], &want), "%zu beside %zu", a, b);
			want = sha256_prefixed(0x00, texts[1]);
			cr_assert(digest_eq(&out[1], &want), "%zu beside %zu", b, a);
		}
	}
}

/* RFC 6962 section 2.1.3's tree over one empty entry, and a node over two of them. */
Test(sha256, leaves_and_nodes_are_those_of_rfc_6962)
{
	struct str empty = STR_NONE;
	struct digest leaf[2], node;

	sha256_leaves(&empty, 1, &leaf[0]);
	expect_hex(&leaf[0], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	leaf[1] = leaf[0];
	sha256_nodes(leaf, 1, &node);
	leaf[0] = oracle_prefixed(0x01, leaf, sizeof(leaf));
	cr_assert(digest_eq(&node, &leaf[0]));
}

static void broken_one(uint32_t h[8], const uint8_t *blocks, size_t count)
{
	sign_sha256_core()->one(h, blocks, count);
	h[7] ^= 1;
}

static void broken_two(uint32_t ha[8], const uint8_t *a, uint32_t hb[8], const uint8_t *b,
		       size_t count)
{
	sign_sha256_core()->two(ha, a, hb, b, count);
	hb[0] ^= 1;
}

static void broken_nodes(const struct digest *in, size_t count, struct digest *out)
{
	sha256_nodes_with(sign_sha256_core(), in, count, out);
	out[count - 1].bytes[31] ^= 1;
}

Test(sha256, the_self_test_tells_a_sound_core_from_a_broken_one)
{
	struct sha256_core sound = *sign_sha256_core(), broken = sound;

	cr_assert(sha256_core_works(&sound));
	broken.one = broken_one;
	cr_assert_not(sha256_core_works(&broken));
	broken = sound;
	broken.two = broken_two;
	cr_assert_not(sha256_core_works(&broken));
	broken = sound;
	broken.nodes = broken_nodes;
	cr_assert_not(sha256_core_works(&broken));
}

Test(sha256, the_best_core_of_this_machine_serves)
{
	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(crypto_start(), OK, "starting again is allowed");
	cr_assert_str_eq(sha256_kernel(), sha256_ni_core() ? "sha-ni" : "libsodium");
}

/* RFC 4231 sections 4.2, 4.3, 4.7 and 4.8. */
Test(sha256, hmac_of_rfc_4231)
{
	struct digest d;
	char key[131];

	memset(key, 0x0b, 20);
	d = hmac_sha256(str_slice(key, 20), STR("Hi There"));
	expect_hex(&d, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	d = hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"));
	expect_hex(&d, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	d = hmac_sha256(str_slice(key, sizeof(key)),
			STR("Test Using Larger Than Block-Size Key - Hash Key First"));
	expect_hex(&d, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	d = hmac_sha256(str_slice(key, sizeof(key)),
			STR("This is a test using a larger than block-size key and a larger than "
			    "block-size data. The key needs to be hashed before being used by the "
			    "HMAC algorithm."));
	expect_hex(&d, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

Test(sha256, hmac_agrees_with_libsodium_for_every_key_length)
{
	uint8_t key[140], text[100];

	fill(key, sizeof(key), 11);
	fill(text, sizeof(text), 12);
	for (size_t len = 0; len <= sizeof(key); len++) {
		crypto_auth_hmacsha256_state s;
		struct digest d, want;

		crypto_auth_hmacsha256_init(&s, key, len);
		crypto_auth_hmacsha256_update(&s, text, len % sizeof(text));
		crypto_auth_hmacsha256_final(&s, want.bytes);
		d = hmac_sha256(str_slice(key, len), str_slice(text, len % sizeof(text)));
		cr_assert(digest_eq(&d, &want), "key of %zu bytes", len);
	}
}

Test(sha256, digests_are_equal_only_when_every_byte_is)
{
	struct digest a = sha256(STR("a")), b = a;

	cr_assert(digest_eq(&a, &b));
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		b = a;
		b.bytes[i] ^= 0x80;
		cr_assert_not(digest_eq(&a, &b));
		cr_assert_not(crypto_equal(&a, &b, sizeof(a)));
		cr_assert(crypto_equal(&a, &b, i));
	}
}
