/* sign: RFC 8032, strictness, keys and their memory. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/crypto/inside.h"

static void read_hex(const char *hex, void *dst, size_t len)
{
	cr_assert_eq(hex_read(str_view(hex), dst, len), OK, "%s", hex);
}

static struct sign_key *open_key(const char *seed_hex)
{
	uint8_t seed[SEED_BYTES];
	struct sign_key *k = NULL;

	read_hex(seed_hex, seed, sizeof(seed));
	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_open(seed, &k), OK);
	return k;
}

#define SEED1 "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

/* RFC 8032 section 7.1, tests 1 to 3. */
static const struct vector {
	const char *seed, *pub, *text, *sig;
	size_t text_len;
} vectors[] = {
	{ SEED1, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b", 0 },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00", 1 },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "\xaf\x82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a", 2 },
};

#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

Test(sign, keys_and_signatures_are_those_of_rfc_8032)
{
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];
		struct sign_key *k = open_key(v->seed);
		struct public_key pub = sign_key_public(k), want_pub;
		struct str text = str_slice(v->text, v->text_len);
		struct signature sig = sign_make(k, text), want_sig;

		read_hex(v->pub, want_pub.bytes, sizeof(want_pub.bytes));
		read_hex(v->sig, want_sig.bytes, sizeof(want_sig.bytes));
		cr_assert_arr_eq(pub.bytes, want_pub.bytes, sizeof(pub.bytes));
		cr_assert_arr_eq(sig.bytes, want_sig.bytes, sizeof(sig.bytes));
		cr_assert(sign_check(&pub, text, &sig));
		sign_key_close(k);
	}
}

Test(sign, an_empty_text_needs_no_address)
{
	struct sign_key *k = open_key(SEED1);
	struct public_key pub = sign_key_public(k);
	struct signature sig = sign_make(k, STR_NONE), want;

	read_hex(vectors[0].sig, want.bytes, sizeof(want.bytes));
	cr_assert_arr_eq(sig.bytes, want.bytes, sizeof(sig.bytes));
	cr_assert(sign_check(&pub, STR_NONE, &sig));
	sign_key_close(k);
}

Test(sign, no_single_bit_of_signature_key_or_text_may_flip)
{
	struct sign_key *k = open_key(SEED1);
	struct public_key pub = sign_key_public(k);
	char text[] = "allow, said the gate";
	struct str view = str_slice(text, sizeof(text) - 1);
	struct signature sig = sign_make(k, view);

	cr_assert(sign_check(&pub, view, &sig));
	for (size_t bit = 0; bit < 8 * sizeof(sig.bytes); bit++) {
		sig.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_not(sign_check(&pub, view, &sig), "signature bit %zu", bit);
		sig.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof(pub.bytes); bit++) {
		pub.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_not(sign_check(&pub, view, &sig), "key bit %zu", bit);
		pub.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * view.len; bit++) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		cr_assert_not(sign_check(&pub, view, &sig), "text bit %zu", bit);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
	cr_assert_not(sign_check(&pub, str_slice(text, view.len - 1), &sig));
	cr_assert(sign_check(&pub, view, &sig));
	sign_key_close(k);
}

/* S and S + L are the same scalar; RFC 8032 section 5.1.7 demands S < L. */
Test(sign, a_signature_whose_scalar_is_not_reduced_is_refused)
{
	static const uint8_t order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
		0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10,
	};

	for (size_t i = 0; i < VECTORS; i++) {
		struct str text = str_slice(vectors[i].text, vectors[i].text_len);
		struct signature sig;
		struct public_key pub;

		read_hex(vectors[i].sig, sig.bytes, sizeof(sig.bytes));
		read_hex(vectors[i].pub, pub.bytes, sizeof(pub.bytes));
		cr_assert(sign_check(&pub, text, &sig));
		/* As long as the sum fits into 256 bits, which is L fourteen times over. */
		for (int times = 1; times <= 14; times++) {
			unsigned carry = 0;

			for (size_t at = 0; at < sizeof(order); at++) {
				carry += (unsigned)sig.bytes[32 + at] + order[at];
				sig.bytes[32 + at] = (uint8_t)carry;
				carry >>= 8;
			}
			cr_assert_eq(carry, 0);
			cr_assert_not(sign_check(&pub, text, &sig), "S + %d L", times);
		}
	}
}

/*
 * Points of order 1, 2, 4 and 8, and their encodings with y >= p or with the sign of x = 0 set.
 * The hash of the text is multiplied by such a key, so [S]B = R + [h]A holds for R = B, S = 1
 * whenever h is a multiple of the order: a check of the equation alone would accept some texts.
 */
static const char *const small_order[] = {
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

Test(sign, keys_of_small_order_verify_nothing)
{
	struct signature sig = { { 0 } };
	struct public_key pub;

	/* R = B, the base point, and S = 1. */
	memset(sig.bytes, 0x66, 32);
	sig.bytes[0] = 0x58;
	sig.bytes[32] = 1;
	cr_assert_eq(crypto_start(), OK);
	for (size_t i = 0; i < sizeof(small_order) / sizeof(small_order[0]); i++) {
		read_hex(small_order[i], pub.bytes, sizeof(pub.bytes));
		for (char c = 0; c < 64; c++)
			cr_assert_not(sign_check(&pub, str_slice(&c, 1), &sig), "%s",
				      small_order[i]);
	}
}

/* With R the neutral point and S = h a the equation holds, and only the owner can make it. */
Test(sign, a_commitment_of_small_order_is_refused_though_the_equation_holds)
{
	struct sign_key *k = open_key(SEED1);
	struct public_key pub = sign_key_public(k);
	struct signature sig = { { 1 } };
	uint8_t a[64], h[64], left[32], right[32];
	crypto_hash_sha512_state s;

	crypto_hash_sha512(a, sign_key_seed(k), SEED_BYTES);
	a[0] &= 248;
	a[31] = (a[31] & 127) | 64;
	memset(a + 32, 0, 32);
	crypto_core_ed25519_scalar_reduce(a, a);
	crypto_hash_sha512_init(&s);
	crypto_hash_sha512_update(&s, sig.bytes, 32);
	crypto_hash_sha512_update(&s, pub.bytes, sizeof(pub.bytes));
	crypto_hash_sha512_update(&s, (const uint8_t *)"text", 4);
	crypto_hash_sha512_final(&s, h);
	crypto_core_ed25519_scalar_reduce(h, h);
	crypto_core_ed25519_scalar_mul(sig.bytes + 32, h, a);
	cr_assert_eq(crypto_scalarmult_ed25519_base_noclamp(left, sig.bytes + 32), 0);
	cr_assert_eq(crypto_scalarmult_ed25519_noclamp(right, h, pub.bytes), 0);
	cr_assert_arr_eq(left, right, sizeof(left), "[S]B = R + [h]A");
	cr_assert_not(sign_check(&pub, STR("text"), &sig));
	sign_key_close(k);
}

/* RFC 8032 section 5.1.3: y must be below p = 2^255 - 19. */
Test(sign, keys_that_are_not_canonical_verify_nothing)
{
	struct signature sig;
	struct public_key pub;

	cr_assert_eq(crypto_start(), OK);
	read_hex(vectors[0].sig, sig.bytes, sizeof(sig.bytes));
	for (unsigned low = 0xed; low <= 0xff; low++) {
		memset(pub.bytes, 0xff, sizeof(pub.bytes));
		pub.bytes[0] = (uint8_t)low;
		cr_assert_not(sign_check(&pub, STR(""), &sig));
		pub.bytes[31] = 0x7f;
		cr_assert_not(sign_check(&pub, STR(""), &sig));
	}
}

Test(sign, another_key_does_not_verify)
{
	struct sign_key *k = open_key(SEED1), *other = open_key(vectors[1].seed);
	struct public_key pub = sign_key_public(other);
	struct signature sig = sign_make(k, STR("mine"));

	cr_assert_not(sign_check(&pub, STR("mine"), &sig));
	sign_key_close(k);
	sign_key_close(other);
}

/* A world that has nothing but entropy, or not even that. */
static enum err counting_entropy(struct world *w, void *buf, size_t len)
{
	(void)w;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = (uint8_t)i;
	return OK;
}

static enum err no_entropy(struct world *w, void *buf, size_t len)
{
	(void)w;
	(void)buf;
	(void)len;
	return ERR_IO;
}

Test(sign, a_new_key_is_made_of_the_worlds_entropy)
{
	const struct world_calls calls = { .entropy = counting_entropy };
	struct sign_key *k = NULL, *same = open_key(
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
	struct world w = { .calls = &calls };
	struct public_key pub, want = sign_key_public(same);

	cr_assert_eq(sign_key_make(&w, &k), OK);
	pub = sign_key_public(k);
	cr_assert_arr_eq(pub.bytes, want.bytes, sizeof(pub.bytes));
	sign_key_close(k);
	sign_key_close(same);
}

Test(sign, no_key_is_made_without_entropy)
{
	const struct world_calls calls = { .entropy = no_entropy };
	struct sign_key *k = NULL;
	struct world w = { .calls = &calls };

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(sign_key_make(&w, &k), ERR_IO);
	cr_assert_null(k);
}

/* libsodium takes key pages from the system and not from malloc: starve it of address space. */
Test(sign, a_key_that_finds_no_memory_is_an_error_and_nothing_else)
{
	const struct world_calls calls = { .entropy = counting_entropy };
	struct world w = { .calls = &calls };
	const uint8_t seed[SEED_BYTES] = { 1 };
	struct sign_key *k = NULL;
	struct rlimit before, none;
	enum err opened, made;

	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(getrlimit(RLIMIT_AS, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	cr_assert_eq(setrlimit(RLIMIT_AS, &none), 0);
	opened = sign_key_open(seed, &k);
	made = sign_key_make(&w, &k);
	cr_assert_eq(setrlimit(RLIMIT_AS, &before), 0);
	cr_assert_eq(opened, ERR_MEMORY);
	cr_assert_eq(made, ERR_MEMORY);
	cr_assert_null(k);
	cr_assert_eq(sign_key_open(seed, &k), OK, "and it works again afterwards");
	sign_key_close(k);
}

Test(sign, closing_no_key_is_allowed)
{
	sign_key_close(NULL);
}

/* How a child ends that touches a key: by the signal of a protected page, or not at all. */
static bool is_protected(const void *at, bool write)
{
	int status = 0;
	pid_t child = fork();

	cr_assert_geq(child, 0);
	if (child == 0) {
		volatile uint8_t *byte = (volatile uint8_t *)(uintptr_t)at;

		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGBUS, SIG_DFL);
		if (write)
			*byte = 0;
		else
			(void)*byte;
		_exit(0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status);
}

Test(sign, key_memory_is_read_only_guarded_and_gone_after_close)
{
	struct sign_key *k = open_key(SEED1);
	const uint8_t *seed = sign_key_seed(k);
	uint8_t want[SEED_BYTES];

	read_hex(SEED1, want, sizeof(want));
	cr_assert_arr_eq(seed, want, sizeof(want));
	cr_assert_not(is_protected(seed, false), "reading is allowed");
	cr_assert(is_protected(seed, true), "writing is not");
	cr_assert(is_protected(seed + 4096, false), "a guard page follows");
	sign_key_close(k);
	cr_assert(is_protected(seed, false), "a closed key cannot be read");
}

Test(sign, wiping_leaves_zeroes)
{
	uint8_t bytes[40], zeros[40] = { 0 };

	memset(bytes, 0xAA, sizeof(bytes));
	crypto_wipe(bytes, 32);
	cr_assert_arr_eq(bytes, zeros, 32);
	cr_assert_eq(bytes[32], 0xAA, "and no byte more");
	memset(bytes, 0xAA, sizeof(bytes));
	crypto_wipe_text(str_slice((const char *)bytes, 32));
	cr_assert_arr_eq(bytes, zeros, 32);
	cr_assert_eq(bytes[32], 0xAA, "and no byte more");
	crypto_wipe_text(STR_NONE);
}

Test(sign, a_wiped_buffer_is_empty_and_may_be_one_that_never_held_anything)
{
	struct buf b;

	buf_init(&b, 64);
	crypto_wipe_buf(&b);
	buf_init(&b, 64);
	buf_add_c(&b, "a secret");
	crypto_wipe_buf(&b);
	cr_assert_null(b.ptr);
	cr_assert_eq(b.room, 0);
}
