/*
 * statement: what keys sign, field by field.
 *
 * Each field stands behind its length in bytes (32 bits, big-endian), so none can pass for a part
 * of another; the first names what is signed, so no statement can pass for one of another kind.
 * Included by crypto.h, the door.
 */
#ifndef TRAMMEL_CRYPTO_STATEMENT_H
#define TRAMMEL_CRYPTO_STATEMENT_H

#include "engine/base/str.h"

void statement_bytes(struct buf *b, const void *bytes, size_t len);
void statement_text(struct buf *b, struct str text);
/* Eight bytes, big-endian. */
void statement_number(struct buf *b, uint64_t n);

#endif
