/*
 * fuzz_svid: whatever the bytes are, certificates are refused with a reason or give one SPIFFE ID.
 * The first line "---" parts the chain from the bundle; without it the bytes are both.
 */
#include <stdlib.h>

#include "engine/identity/identity.h"

#define MEMORY_CAP ((size_t)64 << 20)
#define NOW (INT64_C(1780000000) * INT64_C(1000000000))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the line begins that parts the two; the end when there is none. */
static size_t find_bar(struct str text)
{
	for (size_t i = 0; i + 5 <= text.len; i++)
		if (memcmp(text.ptr + i, "\n---\n", 5) == 0)
			return i;
	return text.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str pem = str_slice(data, size), bundle = pem;
	size_t bar = find_bar(pem);
	struct refusal r = { .code = REFUSED_NOT };
	struct spiffe id;
	struct svid svid;
	struct arena a;
	enum err e;

	MUST(crypto_start() == OK);
	arena_init(&a, MEMORY_CAP);
	if (bar < pem.len) {
		bundle = str_slice(pem.ptr + bar + 5, pem.len - bar - 5);
		pem = str_slice(pem.ptr, bar + 1);
	}
	e = svid_verify(pem, bundle, STR_NONE, NOW, &a, &svid, &r);
	if (e == OK)
		MUST(spiffe_read(svid.id, &id) == OK && id.path.len > 0 &&
		     str_eq(id.domain, svid.domain));
	else
		MUST(r.note.text[0] && (e == ERR_DENIED) == (r.code != REFUSED_NOT));
	arena_fini(&a);
	return 0;
}
