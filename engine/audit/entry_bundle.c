/*
 * entry_bundle: 256 entries in one file, as static servers offer them (c2sp.org/tlog-tiles): each
 * behind its length, 16 bits, most significant byte first. Bundle N is of the entries of tile N on
 * level 0.
 */
#include "engine/audit/tlog_tiles.h"

#define LENGTH_BYTES 2

_Static_assert(LIMIT_ENTRY_BYTES <= UINT16_MAX, "the length of an entry has 16 bits");

void entry_bundle_name(uint64_t index, unsigned width, char name[LOG_NAME_BYTES])
{
	tiles_name_in("entries", index, width, name);
}

void entry_bundle_add(struct buf *bundle, struct str line)
{
	MUST(line.len <= LIMIT_ENTRY_BYTES);
	buf_add_byte(bundle, (char)(line.len >> 8));
	buf_add_byte(bundle, (char)(line.len & 0xff));
	buf_add(bundle, line);
}

enum err entry_bundle_next(struct str *bundle, struct str *line)
{
	const unsigned char *at = (const unsigned char *)bundle->ptr;
	size_t len;

	if (bundle->len < LENGTH_BYTES)
		return ERR_TRUNCATED;
	len = (size_t)at[0] << 8 | at[1];
	if (len > bundle->len - LENGTH_BYTES)
		return ERR_TRUNCATED;
	*line = str_slice(at + LENGTH_BYTES, len);
	*bundle = str_slice(at + LENGTH_BYTES + len, bundle->len - LENGTH_BYTES - len);
	return OK;
}
