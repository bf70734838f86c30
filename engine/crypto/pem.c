/*
 * pem: Ed25519 keys in PEM files (RFC 7468), as openssl genpkey writes them.
 *
 *      -----BEGIN PRIVATE KEY-----                                    line 1
 *      <base64 of the fixed head and the 32 bytes of the key>         line 2
 *      -----END PRIVATE KEY-----                                      line 3
 *
 * DER has one encoding for one value, so the bytes before the key never vary and no ASN.1 is
 * parsed: they are compared. Forms that RFC 8410 also allows (version 2 of PKCS#8 with attributes
 * or the public key beside the private one) are refused with a word on how to rewrite them.
 *
 * What is read may be a private key, so a note never quotes the text, not even a line that was
 * meant to be a label: it names what it recognises from a fixed list.
 */
#include "engine/crypto/crypto.h"

#include "engine/base/limits.h"
#include "engine/crypto/inside.h"

#define KEY_BYTES 32
#define HEAD_MAX_BYTES 16
#define DER_MAX_BYTES (HEAD_MAX_BYTES + KEY_BYTES)

_Static_assert(KEY_BYTES == SEED_BYTES && KEY_BYTES == PUBLIC_KEY_BYTES, "both halves are alike");

struct form {
	const char *begin, *end;
	uint8_t head[HEAD_MAX_BYTES];
	size_t head_len;
	const char *make;            /* the command that makes such a file */
};

/* RFC 8410 section 7: { INTEGER 0, { OID 1.3.101.112 }, OCTET STRING { OCTET STRING seed } }. */
static const struct form private_form = {
	.begin = "-----BEGIN PRIVATE KEY-----",
	.end = "-----END PRIVATE KEY-----",
	.head = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
		  0x04, 0x22, 0x04, 0x20 },
	.head_len = 16,
	.make = "openssl genpkey -algorithm ed25519 -out NEW",
};

/* Section 4: { { OID 1.3.101.112 }, BIT STRING without unused bits }. */
static const struct form public_form = {
	.begin = "-----BEGIN PUBLIC KEY-----",
	.end = "-----END PUBLIC KEY-----",
	.head = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 },
	.head_len = 12,
	.make = "openssl pkey -in PRIVATE -pubout -out NEW",
};

/* First lines of other files that are handed over by mistake, and what helps. */
static const struct stranger {
	const char *begin, *what;
} strangers[] = {
	{ "-----BEGIN PRIVATE KEY-----", "a private key, where the public one belongs" },
	{ "-----BEGIN PUBLIC KEY-----", "a public key, where the private one belongs" },
	{ "-----BEGIN ENCRYPTED PRIVATE KEY-----",
	  "an encrypted key; decrypt it with: openssl pkey -in OLD -out NEW" },
	{ "-----BEGIN OPENSSH PRIVATE KEY-----", "a key in the format of OpenSSH" },
	{ "-----BEGIN RSA PRIVATE KEY-----", "an RSA key" },
	{ "-----BEGIN EC PRIVATE KEY-----", "an ECDSA key" },
	{ "-----BEGIN EC PARAMETERS-----", "an ECDSA key" },
	{ "-----BEGIN CERTIFICATE-----",
	  "a certificate; take its key with: openssl x509 -in OLD -noout -pubkey" },
};

/* A text that is read line by line. */
struct reader {
	struct str rest;
	uint32_t line;
	struct note *n;
};

/* The next line without its end, LF or CRLF. */
static enum err next_line(struct reader *r, const char *expected, struct str *ret)
{
	struct str line;

	r->line++;
	if (!str_cut(r->rest, '\n', &line, &r->rest))
		return note_set(r->n, ERR_TRUNCATED, r->line, 0,
				"the text ends early; %s and a line end were expected", expected);
	if (str_ends(line, STR("\r")))
		line.len--;
	*ret = line;
	return OK;
}

static enum err read_begin(struct reader *r, const struct form *f)
{
	struct str line;

	TRY(next_line(r, f->begin, &line));
	if (str_is(line, f->begin))
		return OK;
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (str_is(line, strangers[i].begin))
			return note_set(r->n, ERR_TYPE, r->line, 0, "this is %s; %s was expected",
					strangers[i].what, f->begin);
	return note_set(r->n, ERR_SYNTAX, r->line, 0,
			"this is not the first line of such a key; %s was expected, alone on its "
			"line; a new file is made with: %s", f->begin, f->make);
}

static enum err read_body(struct reader *r, const struct form *f, uint8_t der[DER_MAX_BYTES])
{
	const size_t der_len = f->head_len + KEY_BYTES;
	struct str line;
	size_t len;

	TRY(next_line(r, "the base64 of the key", &line));
	if (line.len != BASE64_CHARS(der_len))
		return note_set(r->n, ERR_SYNTAX, r->line, 0,
				"a line of %zu characters was found; an Ed25519 key is one line of "
				"%zu; a new file is made with: %s",
				line.len, BASE64_CHARS(der_len), f->make);
	if (base64_read(line, der, DER_MAX_BYTES, &len) != OK)
		return note_set(r->n, ERR_SYNTAX, r->line, 0,
				"the line is not base64 (RFC 4648 section 4, unused bits zero); "
				"copy the file again");
	if (len == der_len && memcmp(der, f->head, f->head_len) == 0)
		return OK;
	return note_set(r->n, ERR_TYPE, r->line, 0,
			"this is not an Ed25519 key in the plain form of RFC 8410 (algorithm "
			"1.3.101.112; a private key in version 1, without attributes); a new file "
			"is made with: %s", f->make);
}

/* On success the key is the last KEY_BYTES of f->head_len + KEY_BYTES; the caller wipes. */
static enum err read_form(const struct form *f, struct str text, uint8_t der[DER_MAX_BYTES],
			  struct note *n)
{
	struct reader r = { text, 0, n };
	struct str line;

	TRY(read_begin(&r, f));
	TRY(read_body(&r, f, der));
	TRY(next_line(&r, f->end, &line));
	if (!str_is(line, f->end))
		return note_set(n, ERR_SYNTAX, r.line, 0, "%s was expected here, alone on its line",
				f->end);
	if (r.rest.len)
		return note_set(n, ERR_SYNTAX, r.line + 1, 0,
				"%zu bytes follow the key; a file holds exactly one; remove them",
				r.rest.len);
	return OK;
}

/*
 * The room is taken in one piece before the key goes in: a buffer that grows later would leave a
 * copy of it in freed memory.
 */
static void write_form(struct buf *b, const struct form *f, const uint8_t key[KEY_BYTES])
{
	const size_t begin = strlen(f->begin), end = strlen(f->end);
	const size_t body = BASE64_CHARS(f->head_len + KEY_BYTES);
	char *dst = buf_grow(b, begin + 1 + body + 1 + end + 1);
	uint8_t der[DER_MAX_BYTES];

	if (!dst)
		return;
	memcpy(der, f->head, f->head_len);
	memcpy(der + f->head_len, key, KEY_BYTES);
	memcpy(dst, f->begin, begin);
	dst += begin;
	*dst++ = '\n';
	base64_encode(dst, der, f->head_len + KEY_BYTES);
	dst += body;
	*dst++ = '\n';
	memcpy(dst, f->end, end);
	dst[end] = '\n';
	crypto_wipe(der, sizeof(der));
}

void pem_write_private(struct buf *b, const struct sign_key *k)
{
	write_form(b, &private_form, sign_key_seed(k));
}

enum err pem_write_file(struct world *w, const char *path, const struct sign_key *k)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_KEY_BYTES);
	pem_write_private(&b, k);
	e = b.err == OK ? world_replace_file(w, path, buf_view(&b)) : b.err;
	crypto_wipe_buf(&b);
	return e;
}

void pem_write_public(struct buf *b, const struct public_key *pub)
{
	write_form(b, &public_form, pub->bytes);
}

enum err pem_read_private(struct str text, struct sign_key **ret, struct note *n)
{
	uint8_t der[DER_MAX_BYTES];
	enum err e = read_form(&private_form, text, der, n);

	if (e == OK)
		e = sign_key_open(der + private_form.head_len, ret);
	crypto_wipe(der, sizeof(der));
	return e;
}

enum err pem_take_private(struct str text, struct sign_key **ret, struct note *n)
{
	enum err e = pem_read_private(text, ret, n);

	crypto_wipe_text(text);
	return e;
}

enum err pem_read_public(struct str text, struct public_key *ret, struct note *n)
{
	uint8_t der[DER_MAX_BYTES];

	TRY(read_form(&public_form, text, der, n));
	memcpy(ret->bytes, der + public_form.head_len, sizeof(ret->bytes));
	return OK;
}
