/*
 * mask_token: what takes a secret's place.
 *
 *   [masked:github-token:5f2a9c0d1e3b4a677b21c04d]
 *
 * The ID is of the secret alone, not of its kind: a password that was found by its name here and by
 * its shape there is still seen to be one and the same. The CHECK is of what the token says, so
 * that nobody passes off text as something that was masked here, or one kind as another.
 */
#include "engine/mask/inside.h"

#define HEAD "[masked:"
#define HEAD_BYTES (sizeof(HEAD) - 1)
#define ID_BYTES 8
#define CHECK_BYTES 4
#define HEX_DIGITS (2 * (ID_BYTES + CHECK_BYTES))
#define ID_DOMAIN "trammel/mask/v1\n"
#define CHECK_DOMAIN "trammel/mask/check/v1\n"

/* What stays itself for shells and paths, wherever it stands: the set that shlex.quote leaves. */
static bool is_inert(char c)
{
	return is_word(c) || (c != '\0' && strchr("_@%+=:,./-", c) != NULL);
}

/* Digits, blanks and dashes of a card do nothing. */
static bool is_obeyed(struct str secret, enum spelling spelling)
{
	if (spelling == ONLY_DIGITS)
		return false;
	for (size_t i = 0; i < secret.len; i++)
		if (!is_inert(secret.ptr[i]) ||
		    (secret.ptr[i] == '.' && i + 1 < secret.len && secret.ptr[i + 1] == '.'))
			return true;
	return false;
}

static bool is_break(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* An escaped line feed in any number of escapes: \n, \\n, \\\\r. */
static size_t escaped_break(struct str s, size_t at)
{
	size_t i = at;

	while (i < s.len && s.ptr[i] == '\\')
		i++;
	if (i == at || i == s.len || (s.ptr[i] != 'n' && s.ptr[i] != 'r' && s.ptr[i] != 't'))
		return 0;
	return i + 1 - at;
}

static void add_spelt(struct buf *b, struct str s, enum spelling spelling)
{
	for (size_t i = 0; i < s.len; i++) {
		size_t skip = spelling == NO_BREAKS ? escaped_break(s, i) : 0;

		if (skip > 0)
			i += skip - 1;
		else if (spelling == ONLY_DIGITS ? is_digit(s.ptr[i]) : !is_break(s.ptr[i]))
			buf_add_byte(b, s.ptr[i]);
	}
}

static struct digest make_id(const struct mask *m, struct str secret, enum spelling spelling,
			     struct buf *room)
{
	struct digest none = { { 0 } };

	buf_add_c(room, ID_DOMAIN);
	if (spelling == AS_IT_IS)
		buf_add(room, secret);
	else
		add_spelt(room, secret, spelling);
	if (room->err != OK)
		return none;
	return hmac_sha256(str_slice(m->key, sizeof(m->key)), buf_view(room));
}

/* Of KIND [ "!" ] ":" ID, as it stands in the token. */
static struct digest make_check(const struct mask *m, struct str said)
{
	char text[sizeof(CHECK_DOMAIN) + KIND_BYTES + 2 + 2 * ID_BYTES];
	size_t len = sizeof(CHECK_DOMAIN) - 1;

	MUST(len + said.len <= sizeof(text));
	memcpy(text, CHECK_DOMAIN, len);
	memcpy(text + len, said.ptr, said.len);
	return hmac_sha256(str_slice(m->key, sizeof(m->key)), str_slice(text, len + said.len));
}

void token_write(const struct mask *m, struct buf *b, struct str secret, const struct span *s)
{
	size_t begin;
	struct digest id, check;
	struct buf room;

	buf_init(&room, sizeof(ID_DOMAIN) + secret.len);
	id = make_id(m, secret, s->spelling, &room);
	if (room.err != OK && b->err == OK)
		b->err = room.err;
	crypto_wipe_buf(&room);
	buf_add_c(b, HEAD);
	begin = b->len;
	buf_add(b, s->kind);
	buf_add_c(b, is_obeyed(secret, s->spelling) ? "!:" : ":");
	buf_add_hex(b, id.bytes, ID_BYTES);
	if (b->err != OK)
		return;
	check = make_check(m, str_slice(b->ptr + begin, b->len - begin));
	buf_add_hex(b, check.bytes, CHECK_BYTES);
	buf_add_byte(b, ']');
}

static bool is_kind_byte(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* How long HEAD KIND [ "!" ] ":" is, or 0. */
static size_t read_head(struct str text, bool *obeyed)
{
	size_t at = HEAD_BYTES;

	if (!str_starts(text, STR(HEAD)))
		return 0;
	while (at < text.len && at - HEAD_BYTES <= KIND_BYTES && is_kind_byte(text.ptr[at]))
		at++;
	if (at == HEAD_BYTES || at - HEAD_BYTES > KIND_BYTES)
		return 0;
	*obeyed = at < text.len && text.ptr[at] == '!';
	at += *obeyed;
	return at < text.len && text.ptr[at] == ':' ? at + 1 : 0;
}

static size_t read_form(struct str text, bool *obeyed)
{
	size_t at = read_head(text, obeyed), end = at + HEX_DIGITS;

	if (at == 0 || text.len <= end || text.ptr[end] != ']')
		return 0;
	for (; at < end; at++)
		if (!is_hex(text.ptr[at]))
			return 0;
	return end + 1;
}

size_t token_read(const struct mask *m, struct str text, bool *ours)
{
	uint8_t claimed[CHECK_BYTES];
	struct digest check;
	bool obeyed;
	size_t len = read_form(text, &obeyed), said;

	if (len == 0)
		return 0;
	*ours = !m->has_key;
	if (*ours)
		return len;
	said = len - 1 - 2 * sizeof(claimed);
	check = make_check(m, str_slice(text.ptr + HEAD_BYTES, said - HEAD_BYTES));
	*ours = hex_read(str_slice(text.ptr + said, 2 * sizeof(claimed)), claimed,
			 sizeof(claimed)) == OK &&
		crypto_equal(claimed, check.bytes, sizeof(claimed));
	return len;
}

bool mask_hides(struct str text, bool obeyed)
{
	const char *end = text.ptr + text.len, *at = text.ptr;
	bool is;

	while (at && (at = memmem(at, (size_t)(end - at), HEAD, HEAD_BYTES)) != NULL) {
		if (read_form(str_slice(at, (size_t)(end - at)), &is) > 0 && (is || !obeyed))
			return true;
		at += HEAD_BYTES;
	}
	return false;
}
