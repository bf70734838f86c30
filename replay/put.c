/* put: JSON members, one after the other. */
#include "replay/exporting.h"

#include "engine/base/canon.h"

void put_key(struct buf *b, const char *key)
{
	if (b->len && b->ptr[b->len - 1] != '{')
		buf_add_byte(b, ',');
	canon_string(b, str_view(key));
	buf_add_byte(b, ':');
}

void put_text(struct buf *b, const char *key, struct str text)
{
	put_key(b, key);
	canon_string(b, text);
}

void put_number(struct buf *b, const char *key, uint64_t n)
{
	put_key(b, key);
	buf_add_u64(b, n);
}

void put_json(struct buf *b, const char *key, struct str json)
{
	put_key(b, key);
	buf_add(b, json);
}

void put_hex(struct buf *b, const char *key, const struct digest *d)
{
	put_key(b, key);
	buf_add_byte(b, '"');
	buf_add_hex(b, d->bytes, sizeof(d->bytes));
	buf_add_byte(b, '"');
}
