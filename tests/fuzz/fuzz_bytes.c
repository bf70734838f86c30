/*
 * fuzz_bytes: one text for one value. What a reader accepts, the writer gives back letter by
 * letter; and any bytes survive being written and read.
 */
#include <stdlib.h>

#include "engine/crypto/crypto.h"

#define ROOM 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct code {
	void (*write)(struct buf *b, const void *bytes, size_t len);
	enum err (*read)(struct str text, void *dst, size_t room, size_t *len);
	size_t max_bytes;
} codes[] = {
	{ base64_write, base64_read, ROOM },
	{ base64url_write, base64url_read, ROOM },
	{ base58_write, base58_read, BASE58_BYTES },
};

static void check(const struct code *c, struct str input, struct buf *b)
{
	uint8_t bytes[ROOM];
	size_t len = 0;
	enum err e = c->read(input, bytes, sizeof(bytes), &len);

	MUST(e == OK || e == ERR_SYNTAX || e == ERR_LIMIT);
	if (e == OK) {
		MUST(len <= c->max_bytes);
		buf_clear(b);
		c->write(b, bytes, len);
		MUST(b->err == OK && str_eq(buf_view(b), input));
	}
	if (input.len > c->max_bytes)
		return;
	buf_clear(b);
	c->write(b, input.ptr, input.len);
	MUST(b->err == OK);
	MUST(c->read(buf_view(b), bytes, input.len, &len) == OK);
	MUST(str_eq(str_slice(bytes, len), input));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str input = str_slice(data, size);
	uint8_t bytes[ROOM];
	struct digest d;
	struct buf b;

	buf_init(&b, 4 * ROOM);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		check(&codes[i], input, &b);
	if (size / 2 <= sizeof(bytes) && hex_read(input, bytes, size / 2) == OK) {
		buf_clear(&b);
		buf_add_hex(&b, bytes, size / 2);
		MUST(str_eq(buf_view(&b), input));
	}
	if (digest_read(input, &d) == OK) {
		buf_clear(&b);
		digest_write(&b, &d);
		MUST(str_eq(buf_view(&b), input));
	}
	buf_fini(&b);
	return 0;
}
