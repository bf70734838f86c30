/*
 * fuzz_pem: whatever the bytes are, a key that is read writes the same text back (CR aside), and a
 * refusal names a line, gives nothing and needs no note.
 */
#include <stdlib.h>

#include "engine/crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text with every CR that stands before an LF left out. */
static void expect_same(const struct buf *b, struct str text)
{
	size_t at = 0;

	MUST(b->err == OK);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n')
			continue;
		MUST(at < b->len && b->ptr[at] == text.ptr[i]);
		at++;
	}
	MUST(at == b->len);
}

static void expect_refusal(enum err e, const struct note *n)
{
	MUST(e == ERR_SYNTAX || e == ERR_TRUNCATED || e == ERR_TYPE);
	MUST(n->line >= 1 && n->line <= 4 && n->text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = str_slice(data, size);
	struct public_key pub = { { 0 } };
	struct sign_key *k = NULL;
	struct note n = { .line = 0 };
	struct buf b;
	enum err e;

	MUST(crypto_start() == OK);
	buf_init(&b, 1000);
	e = pem_read_private(text, &k, &n);
	if (e == OK) {
		pem_write_private(&b, k);
		expect_same(&b, text);
		sign_key_close(k);
	} else {
		MUST(!k);
		expect_refusal(e, &n);
	}
	buf_clear(&b);
	n = (struct note){ .line = 0 };
	e = pem_read_public(text, &pub, &n);
	if (e == OK) {
		pem_write_public(&b, &pub);
		expect_same(&b, text);
	} else {
		expect_refusal(e, &n);
	}
	buf_fini(&b);
	return 0;
}
