/*
 * probe: Horspool's search, blind to the case of ASCII letters. It looks at about one byte in as
 * many as the needle is long, which makes a walk through a whole log bearable.
 */
#include "engine/index/inside.h"

static unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

enum err probe_init(struct probe *p, struct str needle, struct arena *a)
{
	char *folded;

	if (needle.len == 0)
		return ERR_RANGE;
	if (needle.len > LIMIT_QUERY_BYTES * 6)
		return ERR_LIMIT;
	folded = arena_alloc(a, needle.len);
	if (!folded)
		return ERR_MEMORY;
	for (size_t i = 0; i < needle.len; i++)
		folded[i] = (char)fold((unsigned char)needle.ptr[i]);
	for (size_t c = 0; c < 256; c++)
		p->skip[c] = (uint16_t)needle.len;
	for (size_t i = 0; i + 1 < needle.len; i++)
		p->skip[(unsigned char)folded[i]] = (uint16_t)(needle.len - 1 - i);
	for (size_t c = 'A'; c <= 'Z'; c++)
		p->skip[c] = p->skip[fold((unsigned char)c)];
	p->needle = str_slice(folded, needle.len);
	return OK;
}

bool probe_hits(const struct probe *p, struct str text)
{
	size_t len = p->needle.len, last = len - 1;
	const unsigned char *needle = (const unsigned char *)p->needle.ptr;
	const unsigned char *at = (const unsigned char *)text.ptr;

	for (size_t from = 0; text.len >= len && from <= text.len - len;) {
		size_t i = last;

		while (fold(at[from + i]) == needle[i])
			if (i-- == 0)
				return true;
		from += p->skip[at[from + last]];
	}
	return false;
}
