/*
 * sha256_ni: the compression function of SHA-256 on the SHA extensions of x86.
 *
 * sha256rnds2 does two rounds and has to wait for the two before it, so one message leaves the
 * unit idle half of the time. Two independent messages, their instructions interleaved, fill the
 * gaps: hashing many leaves or nodes is then nearly twice as fast as hashing them one by one.
 *
 * The instructions want the state as (a,b,e,f) and (c,d,g,h). A group is four rounds. The words
 * of the message schedule live in a ring of four vectors: group i finds its words in w[i & 3],
 * and `extend` then puts those of group i + 4 in their place.
 *
 * A tree node is a message of 65 bytes that is made in registers: built in memory, one byte off the
 * children's place, it would be read back across the borders of what was just written, for which
 * the processor waits; and a climb waits for every node.
 *
 * Sources: FIPS 180-4 sections 4.2.2 and 6.2.2; Intel SDM volume 2 at SHA256RNDS2, SHA256MSG1 and
 * SHA256MSG2.
 */
#include "engine/crypto/inside.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdalign.h>

#define SHA_NI __attribute__((target("sha,sse4.1")))
#define SHA_NI_INLINE SHA_NI __attribute__((always_inline)) static inline

struct rounds {
	__m128i abef, cdgh;
	__m128i w[4];
};

static const alignas(16) uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

SHA_NI_INLINE void load_state(struct rounds *r, const uint32_t h[8])
{
	__m128i abcd = _mm_loadu_si128((const __m128i *)(const void *)h);
	__m128i efgh = _mm_loadu_si128((const __m128i *)(const void *)(h + 4));

	abcd = _mm_shuffle_epi32(abcd, 0xB1);
	efgh = _mm_shuffle_epi32(efgh, 0x1B);
	r->abef = _mm_alignr_epi8(abcd, efgh, 8);
	r->cdgh = _mm_blend_epi16(efgh, abcd, 0xF0);
}

SHA_NI_INLINE void store_state(const struct rounds *r, uint32_t h[8])
{
	__m128i feba = _mm_shuffle_epi32(r->abef, 0x1B);
	__m128i dchg = _mm_shuffle_epi32(r->cdgh, 0xB1);

	_mm_storeu_si128((__m128i *)(void *)h, _mm_blend_epi16(feba, dchg, 0xF0));
	_mm_storeu_si128((__m128i *)(void *)(h + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Words in memory are big-endian. */
SHA_NI_INLINE __m128i swap_words(__m128i words)
{
	const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(words, big_endian);
}

SHA_NI_INLINE __m128i load_words(const uint8_t *bytes)
{
	return swap_words(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

SHA_NI_INLINE void load_block(struct rounds *r, const uint8_t *block)
{
	r->w[0] = load_words(block);
	r->w[1] = load_words(block + 16);
	r->w[2] = load_words(block + 32);
	r->w[3] = load_words(block + 48);
}

/* Group i = 0..15: four rounds. */
SHA_NI_INLINE void group(struct rounds *r, int i)
{
	__m128i wk = _mm_load_si128((const __m128i *)(const void *)(constants + 4 * i));

	wk = _mm_add_epi32(wk, r->w[i & 3]);
	r->cdgh = _mm_sha256rnds2_epu32(r->cdgh, r->abef, wk);
	r->abef = _mm_sha256rnds2_epu32(r->abef, r->cdgh, _mm_shuffle_epi32(wk, 0x0E));
}

/* W[t] = s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16]: the words of group i + 4. */
SHA_NI_INLINE void extend(struct rounds *r, int i)
{
	__m128i second = r->w[(i + 1) & 3], third = r->w[(i + 2) & 3], fourth = r->w[(i + 3) & 3];
	__m128i sum = _mm_sha256msg1_epu32(r->w[i & 3], second);

	sum = _mm_add_epi32(sum, _mm_alignr_epi8(fourth, third, 4));
	r->w[i & 3] = _mm_sha256msg2_epu32(sum, fourth);
}

SHA_NI_INLINE void group_extend(struct rounds *r, int i)
{
	group(r, i);
	extend(r, i);
}

SHA_NI_INLINE void group_two(struct rounds *a, struct rounds *b, int i)
{
	group(a, i);
	group(b, i);
}

SHA_NI_INLINE void group_extend_two(struct rounds *a, struct rounds *b, int i)
{
	group_two(a, b, i);
	extend(a, i);
	extend(b, i);
}

/*
 * The sixteen groups of a block. Written out, not looped: the index of the ring has to be a
 * constant for the ring to live in registers, and gcc at -O2 unrolls no loop of this size.
 */
SHA_NI_INLINE void groups(struct rounds *r)
{
	group_extend(r, 0);
	group_extend(r, 1);
	group_extend(r, 2);
	group_extend(r, 3);
	group_extend(r, 4);
	group_extend(r, 5);
	group_extend(r, 6);
	group_extend(r, 7);
	group_extend(r, 8);
	group_extend(r, 9);
	group_extend(r, 10);
	group_extend(r, 11);
	group(r, 12);
	group(r, 13);
	group(r, 14);
	group(r, 15);
}

SHA_NI_INLINE void groups_two(struct rounds *a, struct rounds *b)
{
	group_extend_two(a, b, 0);
	group_extend_two(a, b, 1);
	group_extend_two(a, b, 2);
	group_extend_two(a, b, 3);
	group_extend_two(a, b, 4);
	group_extend_two(a, b, 5);
	group_extend_two(a, b, 6);
	group_extend_two(a, b, 7);
	group_extend_two(a, b, 8);
	group_extend_two(a, b, 9);
	group_extend_two(a, b, 10);
	group_extend_two(a, b, 11);
	group_two(a, b, 12);
	group_two(a, b, 13);
	group_two(a, b, 14);
	group_two(a, b, 15);
}

SHA_NI_INLINE void add_state(struct rounds *r, const struct rounds *before)
{
	r->abef = _mm_add_epi32(r->abef, before->abef);
	r->cdgh = _mm_add_epi32(r->cdgh, before->cdgh);
}

SHA_NI static void one(uint32_t h[8], const uint8_t *blocks, size_t count)
{
	struct rounds r;

	load_state(&r, h);
	for (; count > 0; count--, blocks += SHA256_BLOCK_BYTES) {
		const struct rounds before = r;

		load_block(&r, blocks);
		groups(&r);
		add_state(&r, &before);
	}
	store_state(&r, h);
}

SHA_NI static void two(uint32_t ha[8], const uint8_t *a, uint32_t hb[8], const uint8_t *b,
		       size_t count)
{
	struct rounds ra, rb;

	load_state(&ra, ha);
	load_state(&rb, hb);
	for (; count > 0; count--, a += SHA256_BLOCK_BYTES, b += SHA256_BLOCK_BYTES) {
		const struct rounds before_a = ra, before_b = rb;

		load_block(&ra, a);
		load_block(&rb, b);
		groups_two(&ra, &rb);
		add_state(&ra, &before_a);
		add_state(&rb, &before_b);
	}
	store_state(&ra, ha);
	store_state(&rb, hb);
}

/* 0x01 || left || right, but for its last byte. */
SHA_NI_INLINE void load_children(struct rounds *r, const struct digest *in)
{
	const __m128i *p = (const __m128i *)(const void *)in;
	const __m128i one = _mm_slli_si128(_mm_cvtsi32_si128(0x01), 15);
	__m128i a = _mm_loadu_si128(p), b = _mm_loadu_si128(p + 1);
	__m128i c = _mm_loadu_si128(p + 2), d = _mm_loadu_si128(p + 3);

	r->w[0] = swap_words(_mm_alignr_epi8(a, one, 15));
	r->w[1] = swap_words(_mm_alignr_epi8(b, a, 15));
	r->w[2] = swap_words(_mm_alignr_epi8(c, b, 15));
	r->w[3] = swap_words(_mm_alignr_epi8(d, c, 15));
}

/* The last byte and the padding: 65 bytes are 0x208 bits. */
SHA_NI_INLINE void load_node_end(struct rounds *r, const struct digest *in)
{
	uint32_t word = (uint32_t)in[1].bytes[DIGEST_BYTES - 1] << 24 | 0x800000;

	r->w[0] = _mm_cvtsi32_si128((int)word);
	r->w[1] = r->w[2] = _mm_setzero_si128();
	r->w[3] = _mm_set_epi32(0x208, 0, 0, 0);
}

SHA_NI_INLINE void store_digest(const struct rounds *r, struct digest *out)
{
	__m128i feba = _mm_shuffle_epi32(r->abef, 0x1B);
	__m128i dchg = _mm_shuffle_epi32(r->cdgh, 0xB1);
	__m128i *p = (__m128i *)(void *)out;

	_mm_storeu_si128(p, swap_words(_mm_blend_epi16(feba, dchg, 0xF0)));
	_mm_storeu_si128(p + 1, swap_words(_mm_alignr_epi8(dchg, feba, 8)));
}

SHA_NI static void node(const struct digest *in, struct digest *out)
{
	struct rounds r, before;

	load_state(&r, sha256_first);
	before = r;
	load_children(&r, in);
	groups(&r);
	add_state(&r, &before);
	before = r;
	load_node_end(&r, in);
	groups(&r);
	add_state(&r, &before);
	store_digest(&r, out);
}

SHA_NI static void node_two(const struct digest *in, struct digest *out)
{
	struct rounds a, b, before_a, before_b;

	load_state(&a, sha256_first);
	before_a = before_b = b = a;
	load_children(&a, in);
	load_children(&b, in + 2);
	groups_two(&a, &b);
	add_state(&a, &before_a);
	add_state(&b, &before_b);
	before_a = a;
	before_b = b;
	load_node_end(&a, in);
	load_node_end(&b, in + 2);
	groups_two(&a, &b);
	add_state(&a, &before_a);
	add_state(&b, &before_b);
	store_digest(&a, out);
	store_digest(&b, out + 1);
}

static void nodes(const struct digest *in, size_t count, struct digest *out)
{
	size_t i = 0;

	for (; count - i >= 2; i += 2)
		node_two(in + 2 * i, out + i);
	if (i < count)
		node(in + 2 * i, out + i);
}

/*
 * Read from the processor and not through __builtin_cpu_supports, which does not know "sha" in
 * clang 14. The system needs no say: it saves the registers of SSE for every program.
 */
static bool processor_has_it(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

const struct sha256_core *sha256_ni_core(void)
{
	static const struct sha256_core core = { "sha-ni", one, two, nodes };

	return processor_has_it() ? &core : NULL;
}

#else

const struct sha256_core *sha256_ni_core(void)
{
	return NULL;
}

#endif
