/*
 * squash: doorman of zstd (RFC 8878).
 *
 * What is written is one frame of level 1 with its content size and a checksum. What is read must
 * be exactly one such frame: no skippable frames, no frames of older formats, no second frame,
 * nothing behind it. A content size that the packed bytes could never give is refused before any
 * memory is asked for. Damage may hit a bit that means nothing to zstd; then the content is still
 * the right one.
 */
#include "engine/state/squash.h"

#include <zdict.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "engine/base/little.h"

#define LEVEL 1
/*
 * RFC 8878 section 3.1.1.2: a block takes at least its header of 3 bytes and gives at most 128 KiB.
 */
#define BLOCK_LEAST_BYTES 3
#define BLOCK_MOST_BYTES (128u << 10)
/*
 * Frame header descriptor (section 3.1.1.1.1): checksum, no dictionary, reserved and unused bits
 * clear; the rest is sizes.
 */
#define DESCRIPTOR_MASK 0x1F
#define DESCRIPTOR 0x04

static const uint8_t magic[4] = { 0x28, 0xB5, 0x2F, 0xFD };

static enum err judge(size_t code, enum err otherwise)
{
	if (!ZSTD_isError(code))
		return OK;
	return ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation ? ERR_MEMORY : otherwise;
}

static enum err need_packer(struct squash *s)
{
	if (s->packer)
		return OK;
	s->packer = ZSTD_createCCtx();
	if (!s->packer)
		return ERR_MEMORY;
	(void)ZSTD_CCtx_setParameter(s->packer, ZSTD_c_compressionLevel, LEVEL);
	(void)ZSTD_CCtx_setParameter(s->packer, ZSTD_c_checksumFlag, 1);
	(void)ZSTD_CCtx_setParameter(s->packer, ZSTD_c_dictIDFlag, 0);
	return OK;
}

static enum err need_unpacker(struct squash *s)
{
	if (!s->unpacker)
		s->unpacker = ZSTD_createDCtx();
	return s->unpacker ? OK : ERR_MEMORY;
}

void squash_init(struct squash *s)
{
	*s = (struct squash){ NULL, NULL };
}

void squash_fini(struct squash *s)
{
	(void)ZSTD_freeCCtx(s->packer);
	(void)ZSTD_freeDCtx(s->unpacker);
	squash_init(s);
}

enum err squash_packs_with(struct squash *s, struct str dictionary)
{
	TRY(need_packer(s));
	return judge(ZSTD_CCtx_loadDictionary(s->packer, dictionary.ptr, dictionary.len),
		     ERR_TAMPERED);
}

/* zstd says "no memory" to a dictionary it cannot read, so that is asked for by itself. */
enum err squash_unpacks_with(struct squash *s, struct str dictionary)
{
	TRY(need_unpacker(s));
	if (dictionary.len >= sizeof(uint32_t) &&
	    little_get32(dictionary.ptr) == ZSTD_MAGIC_DICTIONARY &&
	    ZDICT_isError(ZDICT_getDictHeaderSize(dictionary.ptr, dictionary.len)))
		return ERR_TAMPERED;
	return judge(ZSTD_DCtx_loadDictionary(s->unpacker, dictionary.ptr, dictionary.len),
		     ERR_TAMPERED);
}

enum err squash_train(struct str samples, const size_t *sizes, unsigned count, size_t cap_bytes,
		      struct buf *out)
{
	size_t before = out->len, trained;
	char *at = buf_grow(out, cap_bytes);

	if (!at)
		return out->err;
	trained = ZDICT_trainFromBuffer(at, cap_bytes, samples.ptr, sizes, count);
	out->len = before;
	if (ZDICT_isError(trained))
		return judge(trained, OK);
	out->len = before + trained;
	return OK;
}

enum err squash_pack(struct squash *s, struct str raw, struct buf *out)
{
	size_t before = out->len, room = ZSTD_compressBound(raw.len), packed;
	char *at;

	TRY(need_packer(s));
	if (room > out->cap - before)
		room = out->cap - before;
	at = buf_grow(out, room);
	if (!at)
		return out->err;
	out->len = before;
	packed = ZSTD_compress2(s->packer, at, room, raw.ptr, raw.len);
	TRY(judge(packed, ERR_LIMIT));
	out->len = before + packed;
	return OK;
}

/* The size that one frame says its content has, when it is a frame as we write them. */
static enum err look(struct str packed, unsigned long long *ret)
{
	unsigned long long size;

	if (packed.len <= sizeof(magic) || memcmp(packed.ptr, magic, sizeof(magic)) != 0)
		return ERR_TAMPERED;
	if ((packed.ptr[sizeof(magic)] & DESCRIPTOR_MASK) != DESCRIPTOR)
		return ERR_TAMPERED;
	size = ZSTD_getFrameContentSize(packed.ptr, packed.len);
	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
		return ERR_TAMPERED;
	if (ZSTD_findFrameCompressedSize(packed.ptr, packed.len) != packed.len)
		return ERR_TAMPERED;
	if (size / BLOCK_MOST_BYTES > packed.len / BLOCK_LEAST_BYTES)
		return ERR_TAMPERED;
	*ret = size;
	return OK;
}

static enum err unpack(struct squash *s, struct str packed, void *raw, size_t size)
{
	size_t unpacked;

	TRY(need_unpacker(s));
	unpacked = ZSTD_decompressDCtx(s->unpacker, raw, size, packed.ptr, packed.len);
	TRY(judge(unpacked, ERR_TAMPERED));
	return unpacked == size ? OK : ERR_TAMPERED;
}

enum err squash_unpack(struct squash *s, struct str packed, size_t cap_bytes, struct buf *out)
{
	size_t before = out->len;
	unsigned long long size;
	char *at, nothing;
	enum err e;

	TRY(look(packed, &size));
	if (size > cap_bytes)
		return ERR_LIMIT;
	at = size > 0 ? buf_grow(out, (size_t)size) : &nothing;
	if (!at)
		return out->err;
	e = unpack(s, packed, at, (size_t)size);
	out->len = e == OK ? before + (size_t)size : before;
	return e;
}

enum err squash_unpack_at(struct squash *s, struct str packed, void *raw, size_t raw_bytes)
{
	unsigned long long size;

	TRY(look(packed, &size));
	return size == raw_bytes ? unpack(s, packed, raw, raw_bytes) : ERR_TAMPERED;
}
