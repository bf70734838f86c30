/*
 * spiffe: SPIFFE IDs, strictly as the standard writes them (SPIFFE-ID, sections 2.1 to 2.3):
 *
 *   spiffe://<trust domain>[/<segment>]...
 *
 * A trust domain is lower-case letters, digits, dots, dashes and underscores; a segment is that
 * with capitals and is not empty, "." or "..". Nothing is unescaped, so no two texts name the same.
 */
#include "engine/identity/naming.h"

#define SCHEME STR("spiffe://")

static bool plain_char(char c, bool capitals)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
	       c == '_' || (capitals && c >= 'A' && c <= 'Z');
}

static bool plain(struct str s, bool capitals)
{
	for (size_t i = 0; i < s.len; i++)
		if (!plain_char(s.ptr[i], capitals))
			return false;
	return s.len > 0;
}

bool spiffe_domain_ok(struct str domain)
{
	return domain.len <= SPIFFE_DOMAIN_BYTES && plain(domain, false);
}

static bool segment_ok(struct str segment)
{
	return plain(segment, true) && !str_is(segment, ".") && !str_is(segment, "..");
}

enum err spiffe_read(struct str text, struct spiffe *ret)
{
	struct spiffe id = { .path = STR("") };
	struct str segment, rest;
	bool more;

	if (text.len > SPIFFE_BYTES)
		return ERR_LIMIT;
	if (!str_starts(text, SCHEME))
		return ERR_SYNTAX;
	id.domain = str_slice(text.ptr + SCHEME.len, text.len - SCHEME.len);
	more = str_cut(id.domain, '/', &segment, &rest);
	if (more) {
		id.domain = segment;
		id.path = str_slice(rest.ptr - 1, rest.len + 1);
	}
	if (!spiffe_domain_ok(id.domain))
		return ERR_SYNTAX;
	while (more) {
		struct str left = rest;

		more = str_cut(left, '/', &segment, &rest);
		if (!segment_ok(more ? segment : left))
			return ERR_SYNTAX;
	}
	*ret = id;
	return OK;
}

enum err spiffe_write(struct buf *b, struct str domain, const struct str *segments, size_t count)
{
	size_t len = SCHEME.len + domain.len;

	if (!spiffe_domain_ok(domain))
		return ERR_SYNTAX;
	for (size_t i = 0; i < count; i++) {
		if (!segment_ok(segments[i]))
			return ERR_SYNTAX;
		len += 1 + segments[i].len;
	}
	if (len > SPIFFE_BYTES)
		return ERR_LIMIT;
	buf_add(b, SCHEME);
	buf_add(b, domain);
	for (size_t i = 0; i < count; i++) {
		buf_add_byte(b, '/');
		buf_add(b, segments[i]);
	}
	return b->err;
}
