/*
 * note: text signed by one or more keys, and the one text trammel signs.
 *
 *   trammel.example/log                              text: lines, the last one ends in LF too;
 *   20852163                                         a checkpoint's are origin, size and root
 *   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *                                                    the last empty line ends the text
 *   — trammel.example/log Az3grlgtzPICa5OS8npVmf...  em dash, name, base64(key id || signature)
 *
 * A note is judged in one pass: every signature line must be well-formed, also those of unknown
 * keys, and a name is a known key only together with its id.
 */
#include "engine/audit/note.h"

#include "engine/base/limits.h"

#define ED25519_TYPE 0x01
#define KEY_ID_BYTES 4
#define DASH "\xe2\x80\x94 "

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20)
			return true;
	return false;
}

/* Unicode White_Space beyond ASCII. In valid UTF-8 a byte search finds characters only. */
static bool has_wide_blank(struct str s)
{
	static const char *const blanks[] = {
		"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
		"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
		"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++)
		if (str_has(s, str_view(blanks[i])))
			return true;
	return false;
}

/* UTF-8 without control characters other than LF, ending in LF. */
static bool note_text_ok(struct str s)
{
	if (s.len == 0 || s.ptr[s.len - 1] != '\n' || !str_utf8_ok(s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 && s.ptr[i] != '\n')
			return false;
	return true;
}

static uint32_t read_id(const uint8_t bytes[KEY_ID_BYTES])
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void write_id(uint8_t bytes[KEY_ID_BYTES], uint32_t id)
{
	bytes[0] = (uint8_t)(id >> 24);
	bytes[1] = (uint8_t)(id >> 16);
	bytes[2] = (uint8_t)(id >> 8);
	bytes[3] = (uint8_t)id;
}

enum err note_key_read(struct str vkey, struct note_key *ret)
{
	struct str name, id, key, rest;
	uint8_t raw[1 + PUBLIC_KEY_BYTES], id_bytes[KEY_ID_BYTES];
	struct note_key got = { .name = STR_NONE };
	size_t len;
	enum err e;

	if (!str_cut(vkey, '+', &name, &rest) || !str_cut(rest, '+', &id, &key))
		return ERR_SYNTAX;
	if (!note_name_ok(name) || hex_read(id, id_bytes, sizeof(id_bytes)) != OK)
		return ERR_SYNTAX;
	e = base64_read(key, raw, sizeof(raw), &len);
	if (e == ERR_LIMIT)
		return ERR_UNKNOWN;          /* longer than an Ed25519 key: another type */
	if (e != OK || len == 0)
		return ERR_SYNTAX;
	if (raw[0] != ED25519_TYPE)
		return ERR_UNKNOWN;
	if (len != sizeof(raw))
		return ERR_SYNTAX;
	got.name = name;
	got.id = read_id(id_bytes);
	memcpy(got.key.bytes, raw + 1, PUBLIC_KEY_BYTES);
	if (got.id != note_key_id(name, &got.key))
		return ERR_SYNTAX;
	*ret = got;
	return OK;
}

void note_key_write(struct buf *b, struct str name, const struct public_key *key)
{
	uint8_t raw[1 + PUBLIC_KEY_BYTES] = { ED25519_TYPE }, id[KEY_ID_BYTES];

	MUST(note_name_ok(name));
	memcpy(raw + 1, key->bytes, PUBLIC_KEY_BYTES);
	write_id(id, note_key_id(name, key));
	buf_add(b, name);
	buf_add_byte(b, '+');
	buf_add_hex(b, id, sizeof(id));
	buf_add_byte(b, '+');
	base64_write(b, raw, sizeof(raw));
}

uint32_t note_key_id(struct str name, const struct public_key *key)
{
	static const char between[] = { '\n', ED25519_TYPE };
	struct sha256 s;
	struct digest d;

	sha256_init(&s);
	sha256_add(&s, name.ptr, name.len);
	sha256_add(&s, between, sizeof(between));
	sha256_add(&s, key->bytes, sizeof(key->bytes));
	sha256_done(&s, &d);
	return read_id(d.bytes);
}

bool note_name_ok(struct str name)
{
	bool ascii = true;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.ptr[i];

		if (c <= ' ' || c == '+')
			return false;
		ascii = ascii && c < 0x80;
	}
	return name.len > 0 && (ascii || (str_utf8_ok(name) && !has_wide_blank(name)));
}

void note_sign(struct buf *b, struct str text, struct str name, const struct sign_key *key)
{
	struct public_key pub = sign_key_public(key);
	struct signature sig = sign_make(key, text);
	uint8_t raw[KEY_ID_BYTES + SIGNATURE_BYTES];

	MUST(note_name_ok(name) && note_text_ok(text));
	write_id(raw, note_key_id(name, &pub));
	memcpy(raw + KEY_ID_BYTES, sig.bytes, SIGNATURE_BYTES);
	buf_add(b, text);
	buf_add(b, STR("\n" DASH));
	buf_add(b, name);
	buf_add_byte(b, ' ');
	base64_write(b, raw, sizeof(raw));
	buf_add_byte(b, '\n');
}

/* The last empty line: the text keeps its own LF, the signatures are what follows. */
static bool split_note(struct str note, struct str *text, struct str *signatures)
{
	for (size_t at = note.len; at >= 2; at--) {
		if (note.ptr[at - 1] != '\n' || note.ptr[at - 2] != '\n')
			continue;
		*text = str_slice(note.ptr, at - 1);
		*signatures = str_slice(note.ptr + at, note.len - at);
		return signatures->len > 0;
	}
	return false;
}

/* One signature line without its LF. `*verified` is set when a known key made it. */
static enum err judge_line(struct str line, struct str text, const struct note_key *keys,
			   size_t key_count, bool *verified)
{
	uint8_t raw[LIMIT_NOTE_BYTES / 4 * 3];
	bool known = false, good = false;
	struct signature sig;
	struct str name, rest;
	size_t len;

	if (!str_starts(line, STR(DASH)))
		return ERR_SYNTAX;
	line = str_slice(line.ptr + strlen(DASH), line.len - strlen(DASH));
	if (!str_cut(line, ' ', &name, &rest) || !note_name_ok(name))
		return ERR_SYNTAX;
	if (base64_read(rest, raw, sizeof(raw), &len) != OK || len <= KEY_ID_BYTES)
		return ERR_SYNTAX;
	for (size_t i = 0; i < key_count; i++) {
		if (keys[i].id != read_id(raw) || !str_eq(keys[i].name, name))
			continue;
		known = true;
		if (len != KEY_ID_BYTES + SIGNATURE_BYTES)
			continue;
		memcpy(sig.bytes, raw + KEY_ID_BYTES, SIGNATURE_BYTES);
		good = good || sign_check(&keys[i].key, text, &sig);
	}
	if (known && !good)
		return ERR_SIGNATURE;
	*verified = *verified || good;
	return OK;
}

enum err note_open(struct str note, const struct note_key *keys, size_t key_count, struct str *text)
{
	struct str body, rest, line;
	bool verified = false;

	if (note.len > LIMIT_NOTE_BYTES)
		return ERR_LIMIT;
	if (!note_text_ok(note) || !split_note(note, &body, &rest))
		return ERR_SYNTAX;
	for (unsigned count = 0; str_cut(rest, '\n', &line, &rest); count++) {
		if (count == LIMIT_NOTE_SIGNATURES)
			return ERR_LIMIT;
		TRY(judge_line(line, body, keys, key_count, &verified));
	}
	if (!verified)
		return ERR_UNKNOWN;
	*text = body;
	return OK;
}

void checkpoint_write(struct buf *b, const struct checkpoint *c)
{
	MUST(c->origin.len > 0 && !has_control(c->origin));
	buf_add(b, c->origin);
	buf_add_byte(b, '\n');
	buf_add_u64(b, c->size);
	buf_add_byte(b, '\n');
	base64_write(b, c->root.bytes, sizeof(c->root.bytes));
	buf_add_byte(b, '\n');
}

enum err checkpoint_read(struct str text, struct checkpoint *ret)
{
	struct str size, root, line, rest;
	struct checkpoint got;
	size_t len;

	if (!note_text_ok(text))
		return ERR_SYNTAX;
	if (!str_cut(text, '\n', &got.origin, &rest) || got.origin.len == 0)
		return ERR_SYNTAX;
	if (!str_cut(rest, '\n', &size, &rest) || str_to_u64(size, &got.size) != OK)
		return ERR_SYNTAX;
	if (!str_cut(rest, '\n', &root, &rest))
		return ERR_SYNTAX;
	if (base64_read(root, got.root.bytes, DIGEST_BYTES, &len) != OK || len != DIGEST_BYTES)
		return ERR_SYNTAX;
	while (str_cut(rest, '\n', &line, &rest))
		if (line.len == 0)
			return ERR_SYNTAX;
	*ret = got;
	return OK;
}
