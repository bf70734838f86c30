/*
 * sha256: everything of SHA-256 (FIPS 180-4) around the compression function.
 *
 * A message that lies whole in memory is at most three runs of blocks, so that nothing but its
 * ends is copied:
 *
 *      prefix || text   ->   [ head ] [ body, in the caller's memory ... ] [ tail + padding ]
 *
 * A lane is one such message on its way. Two lanes advance together by the shorter of their
 * current runs; a lane that is through hands in its digest and takes the next message, so both
 * stay busy whatever the lengths are.
 *
 * The core that serves is chosen at first use and kept in `chosen`, the one writable datum of file
 * scope in this room. It cannot be avoided cleanly: asking the processor every time costs more
 * than a hash (CPUID leaves a virtual machine), __builtin_cpu_supports does not know SHA-NI in
 * clang 14, and an ifunc resolver runs before a sanitizer is ready. It is harmless: the choice
 * is a pure function of the processor, all threads write the same pointer to constant data, and no
 * result depends on it.
 */
#include "engine/crypto/crypto.h"

#include <endian.h>
#include <stdatomic.h>

#include "engine/crypto/inside.h"

#define BLOCK SHA256_BLOCK_BYTES
#define TAIL_BYTES (2 * BLOCK)

struct run {
	const uint8_t *blocks;
	size_t count;
};

struct lane {
	uint32_t h[8];
	struct run runs[3];
	unsigned at, run_count;      /* runs[at] is under way; at == run_count: through */
	struct digest *ret;
	uint8_t head[BLOCK], tail[TAIL_BYTES];
};

const uint32_t sha256_first[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static _Atomic(const struct sha256_core *) chosen;

const struct sha256_core *sha256_core(void)
{
	const struct sha256_core *c = atomic_load_explicit(&chosen, memory_order_relaxed);

	if (c)
		return c;
	c = sha256_ni_core();
	if (!c)
		c = sign_sha256_core();
	atomic_store_explicit(&chosen, c, memory_order_relaxed);
	return c;
}

const char *sha256_kernel(void)
{
	return sha256_core()->name;
}

static void put_digest(const uint32_t h[8], struct digest *ret)
{
	for (int i = 0; i < 8; i++) {
		uint32_t word = htobe32(h[i]);

		memcpy(ret->bytes + 4 * i, &word, sizeof(word));
	}
}

/* Pad the last `used` < 64 bytes of a message of `total` bytes (section 5.1.1): 1 or 2 blocks. */
static size_t pad(uint8_t *tail, size_t used, uint64_t total)
{
	size_t blocks = used < BLOCK - 8 ? 1 : 2, end = blocks * BLOCK;
	uint64_t bits = htobe64(total * 8);

	tail[used] = 0x80;
	memset(tail + used + 1, 0, end - used - 1);
	memcpy(tail + end - sizeof(bits), &bits, sizeof(bits));
	return blocks;
}

/* Empty runs are left out, so that a lane under way always has a block to do. */
static void put_run(struct lane *l, const void *blocks, size_t count)
{
	if (count)
		l->runs[l->run_count++] = (struct run){ blocks, count };
}

/*
 * The prefix is at most a block: one byte for trees, a whole block for HMAC. A message with a
 * prefix that is shorter than a block needs no head, it is all tail.
 */
static void lane_start(struct lane *l, struct str prefix, struct str text, struct digest *ret)
{
	const uint64_t total = (uint64_t)prefix.len + text.len;
	size_t used = 0;

	MUST(prefix.len <= BLOCK);
	memcpy(l->h, sha256_first, sizeof(sha256_first));
	l->at = l->run_count = 0;
	l->ret = ret;
	if (prefix.len && total >= BLOCK) {
		size_t fill = BLOCK - prefix.len;

		memcpy(l->head, prefix.ptr, prefix.len);
		if (fill)
			memcpy(l->head + prefix.len, text.ptr, fill);
		text = str_slice(fill ? text.ptr + fill : text.ptr, text.len - fill);
		put_run(l, l->head, 1);
	} else if (prefix.len) {
		memcpy(l->tail, prefix.ptr, prefix.len);
		used = prefix.len;
	}
	put_run(l, text.ptr, text.len / BLOCK);
	if (text.len % BLOCK)
		memcpy(l->tail + used, text.ptr + text.len / BLOCK * BLOCK, text.len % BLOCK);
	put_run(l, l->tail, pad(l->tail, used + text.len % BLOCK, total));
}

static bool lane_busy(const struct lane *l)
{
	return l->at < l->run_count;
}

static void lane_forward(struct lane *l, size_t count)
{
	struct run *run = &l->runs[l->at];

	run->blocks += count * BLOCK;
	run->count -= count;
	if (run->count == 0)
		l->at++;
}

/* Both lanes are busy. */
static void lanes_step(const struct sha256_core *c, struct lane *a, struct lane *b)
{
	const struct run *run_a = &a->runs[a->at], *run_b = &b->runs[b->at];
	size_t count = run_a->count < run_b->count ? run_a->count : run_b->count;

	c->two(a->h, run_a->blocks, b->h, run_b->blocks, count);
	lane_forward(a, count);
	lane_forward(b, count);
}

/* What is left of a lane whose neighbour has nothing more to do. */
static void lane_finish(const struct sha256_core *c, struct lane *l)
{
	for (; lane_busy(l); l->at++)
		c->one(l->h, l->runs[l->at].blocks, l->runs[l->at].count);
	put_digest(l->h, l->ret);
}

struct digest sha256_with(const struct sha256_core *c, struct str prefix, struct str text)
{
	struct digest ret;
	struct lane lane;

	lane_start(&lane, prefix, text, &ret);
	lane_finish(c, &lane);
	return ret;
}

/* Fill the block that was begun, hash whole blocks where they lie, begin the next one. */
void sha256_add_with(const struct sha256_core *c, struct sha256 *s, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t used = s->total_bytes % BLOCK;

	if (len == 0)
		return;
	s->total_bytes += len;
	if (used) {
		size_t take = len < BLOCK - used ? len : BLOCK - used;

		memcpy(s->block + used, p, take);
		if (used + take < BLOCK)
			return;
		c->one(s->h, s->block, 1);
		p += take;
		len -= take;
	}
	if (len / BLOCK)
		c->one(s->h, p, len / BLOCK);
	memcpy(s->block, p + len / BLOCK * BLOCK, len % BLOCK);
}

/* Children are copied before their parents are written, and parents come first in the array. */
void sha256_nodes_with(const struct sha256_core *c, const struct digest *in, size_t count,
		       struct digest *out)
{
	enum { CHILDREN = 2 * DIGEST_BYTES };
	/* All of a node but its children; 65 bytes are 0x208 bits. */
	static const uint8_t frame[2 * BLOCK] = {
		[0] = 0x01, [1 + CHILDREN] = 0x80, [2 * BLOCK - 2] = 0x02, [2 * BLOCK - 1] = 0x08,
	};
	uint8_t a[sizeof(frame)], b[sizeof(frame)];
	uint32_t ha[8], hb[8];
	size_t i = 0;

	if (c->nodes) {
		c->nodes(in, count, out);
		return;
	}
	memcpy(a, frame, sizeof(a));
	memcpy(b, frame, sizeof(b));
	for (; count - i >= 2; i += 2) {
		memcpy(a + 1, &in[2 * i], CHILDREN);
		memcpy(b + 1, &in[2 * i + 2], CHILDREN);
		memcpy(ha, sha256_first, sizeof(ha));
		memcpy(hb, sha256_first, sizeof(hb));
		c->two(ha, a, hb, b, 2);
		put_digest(ha, &out[i]);
		put_digest(hb, &out[i + 1]);
	}
	if (i < count) {
		memcpy(a + 1, &in[2 * i], CHILDREN);
		memcpy(ha, sha256_first, sizeof(ha));
		c->one(ha, a, 2);
		put_digest(ha, &out[i]);
	}
}

/* After every round at least one lane is through; that one is `idle` and takes the next text. */
void sha256_each_with(const struct sha256_core *c, struct str prefix, const struct str *texts,
		      size_t count, struct digest *out)
{
	struct lane lanes[2], *idle = &lanes[0], *other = &lanes[1];

	if (count == 0)
		return;
	lane_start(other, prefix, texts[0], &out[0]);
	for (size_t i = 1; i < count; i++) {
		lane_start(idle, prefix, texts[i], &out[i]);
		while (lane_busy(idle) && lane_busy(other))
			lanes_step(c, idle, other);
		if (lane_busy(idle)) {
			struct lane *through = other;

			other = idle;
			idle = through;
		}
		put_digest(idle->h, idle->ret);
	}
	lane_finish(c, other);
}

/*
 * RFC 6962 section 2.1: the leaf hash of the empty entry. Three texts use two lanes, then one,
 * and so do three nodes; each is the same as its message hashed plainly.
 */
bool sha256_core_works(const struct sha256_core *c)
{
	static const struct digest empty_leaf = { {
		0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3, 0x7a, 0x98, 0x9c, 0xa5, 0x44, 0xe6,
		0xbb, 0x78, 0x0a, 0x2c, 0x78, 0x90, 0x1d, 0x3f, 0xb3, 0x37, 0x38, 0x76,
		0x85, 0x11, 0xa3, 0x06, 0x17, 0xaf, 0xa0, 0x1d,
	} };
	const struct str texts[3] = { STR_NONE, STR_NONE, STR_NONE };
	struct digest out[3], in[6], node;
	bool good = true;

	sha256_each_with(c, str_slice("\0", 1), texts, 3, out);
	for (size_t i = 0; i < 6; i++)
		in[i] = empty_leaf;
	node = sha256_with(c, str_slice("\1", 1), str_slice(in, 2 * sizeof(*in)));
	sha256_nodes_with(c, in, 3, in);
	for (size_t i = 0; i < 3; i++)
		good &= digest_eq(&out[i], &empty_leaf) && digest_eq(&in[i], &node);
	return good;
}

void sha256_init(struct sha256 *s)
{
	memcpy(s->h, sha256_first, sizeof(sha256_first));
	s->total_bytes = 0;
}

void sha256_add(struct sha256 *s, const void *bytes, size_t len)
{
	sha256_add_with(sha256_core(), s, bytes, len);
}

void sha256_done(struct sha256 *s, struct digest *ret)
{
	uint8_t tail[TAIL_BYTES];
	size_t used = s->total_bytes % BLOCK;

	memcpy(tail, s->block, used);
	sha256_core()->one(s->h, tail, pad(tail, used, s->total_bytes));
	put_digest(s->h, ret);
}

struct digest sha256(struct str text)
{
	return sha256_with(sha256_core(), STR_NONE, text);
}

struct digest sha256_prefixed(uint8_t prefix, struct str text)
{
	return sha256_with(sha256_core(), str_slice(&prefix, 1), text);
}

void sha256_nodes(const struct digest *in, size_t count, struct digest *out)
{
	sha256_nodes_with(sha256_core(), in, count, out);
}

void sha256_leaves(const struct str *texts, size_t count, struct digest *out)
{
	sha256_each_with(sha256_core(), str_slice("\0", 1), texts, count, out);
}

/* A lane holds the ends of its message: this one is wiped. */
static struct digest hash_secret(struct str prefix, struct str text)
{
	struct digest ret;
	struct lane lane;

	lane_start(&lane, prefix, text, &ret);
	lane_finish(sha256_core(), &lane);
	crypto_wipe(&lane, sizeof(lane));
	return ret;
}

/* SHA-256(key ^ byte || text), with the key filled up to a block. */
static struct digest hash_keyed(const uint8_t key[BLOCK], uint8_t byte, struct str text)
{
	uint8_t block[BLOCK];
	struct digest ret;

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ byte;
	ret = hash_secret(str_slice(block, BLOCK), text);
	crypto_wipe(block, sizeof(block));
	return ret;
}

struct digest hmac_sha256(struct str key, struct str text)
{
	uint8_t filled[BLOCK] = { 0 };
	struct digest ret;

	if (key.len > BLOCK) {
		ret = hash_secret(STR_NONE, key);
		memcpy(filled, ret.bytes, sizeof(ret.bytes));
	} else if (key.len) {
		memcpy(filled, key.ptr, key.len);
	}
	ret = hash_keyed(filled, 0x36, text);
	ret = hash_keyed(filled, 0x5c, str_slice(ret.bytes, sizeof(ret.bytes)));
	crypto_wipe(filled, sizeof(filled));
	return ret;
}

void sha256_each(const struct str *texts, size_t count, struct digest *out)
{
	sha256_each_with(sha256_core(), STR_NONE, texts, count, out);
}
void sha256_short_end(struct sha256_short *s, size_t len)
{
	MUST(len <= SHA256_SHORT_BYTES);
	(void)pad(s->block, len, len);
}

void sha256_shorts(const struct sha256_short *texts, size_t count, struct digest *out)
{
	const struct sha256_core *c = sha256_core();
	uint32_t ha[8], hb[8];
	size_t i = 0;

	for (; count - i >= 2; i += 2) {
		memcpy(ha, sha256_first, sizeof(ha));
		memcpy(hb, sha256_first, sizeof(hb));
		c->two(ha, texts[i].block, hb, texts[i + 1].block, 1);
		put_digest(ha, &out[i]);
		put_digest(hb, &out[i + 1]);
	}
	if (i < count) {
		memcpy(ha, sha256_first, sizeof(ha));
		c->one(ha, texts[i].block, 1);
		put_digest(ha, &out[i]);
	}
}
