/* statement: fields of what keys sign. */
#include "engine/crypto/statement.h"

void statement_bytes(struct buf *b, const void *bytes, size_t len)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_byte(b, (char)(len >> shift & 0xFF));
	buf_add(b, str_slice(bytes, len));
}

void statement_text(struct buf *b, struct str text)
{
	statement_bytes(b, text.ptr, text.len);
}

void statement_number(struct buf *b, uint64_t n)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(n >> (56 - 8 * i));
	statement_bytes(b, bytes, sizeof(bytes));
}
