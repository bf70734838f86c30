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

#define ED25519_TYPE  0x01
#define COSIGNER_TYPE 0x04
#define KEY_ID_BYTES  4
#define TIME_BYTES    8
#define COSIGNED_CAP  ((size_t)LIMIT_NOTE_BYTES + 64)

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

static uint32_t key_id(struct str name, uint8_t type, const struct public_key *key)
{
	const uint8_t between[] = { '\n', type };
	struct sha256 s;
	struct digest d;

	sha256_init(&s);
	sha256_add(&s, name.ptr, name.len);
	sha256_add(&s, between, sizeof(between));
	sha256_add(&s, key->bytes, sizeof(key->bytes));
	sha256_done(&s, &d);
	return read_id(d.bytes);
}

static uint8_t key_type(const struct note_key *k)
{
	return k->cosigner ? COSIGNER_TYPE : ED25519_TYPE;
}

struct note_key note_key_of(struct str name, const struct public_key *key, bool cosigner)
{
	struct note_key k = { .name = name, .key = *key, .cosigner = cosigner };

	k.id = key_id(name, key_type(&k), key);
	return k;
}

enum err note_key_read(struct str vkey, struct note_key *ret)
{
	struct str name, id, key, rest;
	uint8_t raw[1 + PUBLIC_KEY_BYTES], id_bytes[KEY_ID_BYTES];
	struct note_key got;
	struct public_key public;
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
	if (raw[0] != ED25519_TYPE && raw[0] != COSIGNER_TYPE)
		return ERR_UNKNOWN;
	if (len != sizeof(raw))
		return ERR_SYNTAX;
	memcpy(public.bytes, raw + 1, PUBLIC_KEY_BYTES);
	got = note_key_of(name, &public, raw[0] == COSIGNER_TYPE);
	if (got.id != read_id(id_bytes))
		return ERR_SYNTAX;
	*ret = got;
	return OK;
}

void note_key_write(struct buf *b, const struct note_key *key)
{
	uint8_t raw[1 + PUBLIC_KEY_BYTES] = { key_type(key) }, id[KEY_ID_BYTES];

	MUST(note_name_ok(key->name));
	memcpy(raw + 1, key->key.bytes, PUBLIC_KEY_BYTES);
	write_id(id, key->id);
	buf_add(b, key->name);
	buf_add_byte(b, '+');
	buf_add_hex(b, id, sizeof(id));
	buf_add_byte(b, '+');
	base64_write(b, raw, sizeof(raw));
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

/* "— name base64(...)" of raw bytes that begin with the key id. */
static void add_line(struct buf *b, struct str name, const uint8_t *raw, size_t len)
{
	buf_add(b, STR(NOTE_DASH));
	buf_add(b, name);
	buf_add_byte(b, ' ');
	base64_write(b, raw, len);
	buf_add_byte(b, '\n');
}

void note_sign_too(struct buf *b, struct str text, struct str name, const struct sign_key *key)
{
	struct public_key pub = sign_key_public(key);
	struct signature sig = sign_make(key, text);
	uint8_t raw[KEY_ID_BYTES + SIGNATURE_BYTES];

	MUST(note_name_ok(name) && note_text_ok(text));
	write_id(raw, key_id(name, ED25519_TYPE, &pub));
	memcpy(raw + KEY_ID_BYTES, sig.bytes, SIGNATURE_BYTES);
	add_line(b, name, raw, sizeof(raw));
}

void note_sign(struct buf *b, struct str text, struct str name, const struct sign_key *key)
{
	buf_add(b, text);
	buf_add_byte(b, '\n');
	note_sign_too(b, text, name, key);
}

/* What a cosigner signs (c2sp.org/tlog-cosignature). */
static void cosigned_text(struct buf *b, struct str text, uint64_t time_s)
{
	buf_init(b, COSIGNED_CAP);
	buf_add(b, STR("cosignature/v1\ntime "));
	buf_add_u64(b, time_s);
	buf_add_byte(b, '\n');
	buf_add(b, text);
}

void note_cosign(struct buf *b, struct str text, struct str name, int64_t time_s,
		 const struct sign_key *key)
{
	uint8_t raw[KEY_ID_BYTES + TIME_BYTES + SIGNATURE_BYTES];
	struct public_key pub = sign_key_public(key);
	struct signature sig;
	struct buf message;

	MUST(note_name_ok(name) && note_text_ok(text) && time_s >= 0);
	cosigned_text(&message, text, (uint64_t)time_s);
	if (message.err != OK) {
		b->err = b->err == OK ? message.err : b->err;
	} else {
		sig = sign_make(key, buf_view(&message));
		write_id(raw, key_id(name, COSIGNER_TYPE, &pub));
		for (unsigned i = 0; i < TIME_BYTES; i++)
			raw[KEY_ID_BYTES + i] = (uint8_t)((uint64_t)time_s >> (56 - 8 * i));
		memcpy(raw + KEY_ID_BYTES + TIME_BYTES, sig.bytes, SIGNATURE_BYTES);
		add_line(b, name, raw, sizeof(raw));
	}
	buf_fini(&message);
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

/* Did the key sign the text? `raw` is what follows the key id in a signature line. */
static enum err key_signed(const struct note_key *key, struct str text, const uint8_t *raw,
			   size_t len, bool *ret)
{
	struct signature sig;
	uint64_t time_s = 0;
	struct buf message;
	enum err e;

	*ret = false;
	if (len != SIGNATURE_BYTES + (key->cosigner ? TIME_BYTES : 0))
		return OK;
	memcpy(sig.bytes, raw + len - SIGNATURE_BYTES, SIGNATURE_BYTES);
	if (!key->cosigner) {
		*ret = sign_check(&key->key, text, &sig);
		return OK;
	}
	for (unsigned i = 0; i < TIME_BYTES; i++)
		time_s = time_s << 8 | raw[i];
	if (time_s > INT64_MAX)
		return OK;
	cosigned_text(&message, text, time_s);
	e = message.err;
	*ret = e == OK && sign_check(&key->key, buf_view(&message), &sig);
	buf_fini(&message);
	return e;
}

/* One signature line without its LF. `*verified` is set when a known key made it. */
static enum err judge_line(struct str line, struct str text, const struct note_key *keys,
			   size_t key_count, bool *verified)
{
	uint8_t raw[LIMIT_NOTE_BYTES / 4 * 3];
	bool known = false, good = false;
	struct str name, rest;
	size_t len;

	if (!str_starts(line, STR(NOTE_DASH)))
		return ERR_SYNTAX;
	line = str_slice(line.ptr + strlen(NOTE_DASH), line.len - strlen(NOTE_DASH));
	if (!str_cut(line, ' ', &name, &rest) || !note_name_ok(name))
		return ERR_SYNTAX;
	if (base64_read(rest, raw, sizeof(raw), &len) != OK || len <= KEY_ID_BYTES)
		return ERR_SYNTAX;
	for (size_t i = 0; i < key_count && !good; i++) {
		if (keys[i].id != read_id(raw) || !str_eq(keys[i].name, name))
			continue;
		known = true;
		TRY(key_signed(&keys[i], text, raw + KEY_ID_BYTES, len - KEY_ID_BYTES, &good));
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
