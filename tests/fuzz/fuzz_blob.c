/*
 * fuzz_blob: a hostile pack and index. The first two bytes say how many of the rest are the index.
 * Whatever comes out of the store is what the digest commits to that was asked for, also when
 * values are taken out of it, and a writer can always store a body and read it back.
 */
#include <stdlib.h>

#include "engine/audit/blob.h"
#include "engine/base/limits.h"
#include "engine/base/world_sim.h"

#define BODY STR("a body that is not in the corpus")

/* What lost some of its values is still what the digest commits to. */
static void redact(const struct body *body, const struct digest *d)
{
	const struct body_keep nothing = { NULL, STR_NONE };
	uint32_t all[64], count = 0;
	size_t at = 0;
	struct body again;
	struct buf out, columns;
	struct str leaf;

	while (count < 64 && body_leaf(body->text, &at, &leaf))
		all[count++] = (uint32_t)(leaf.ptr - body->text.ptr) + 1;
	buf_init(&out, LIMIT_BODY_BYTES);
	buf_init(&columns, LIMIT_BODY_BYTES);
	MUST(body_redact(body, &(struct veil){ all, count }, &nothing, &out) == OK);
	MUST(body_open(BODY_REDACTED, buf_view(&out), d, &columns, &again) == OK);
	MUST(again.veil.count >= count);
	buf_fini(&columns);
	buf_fini(&out);
}

static void get(struct blob_store *b, const struct digest *d)
{
	struct body body, again;
	struct buf columns;

	if (blob_get(b, d, &body) != OK)
		return;
	buf_init(&columns, LIMIT_BODY_BYTES);
	MUST(body_open(body.form, body.content, d, &columns, &again) == OK);
	if (body.form != BODY_PLAIN)
		redact(&body, d);
	buf_fini(&columns);
}

/* Ask for whatever looks like a digest: every 32 bytes of the pack at small steps. */
static void get_all(struct blob_store *b, struct str pack)
{
	for (size_t at = 0; at + DIGEST_BYTES <= pack.len && at < 400; at += 4) {
		struct digest d;

		memcpy(d.bytes, pack.ptr + at, DIGEST_BYTES);
		get(b, &d);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t index_len = size < 2 ? 0 : (size_t)data[0] << 8 | data[1];
	struct blob_store *b;
	struct body_seed seed = { { 1 } };
	struct body body;
	struct digest d;
	struct str pack;
	struct world *w;

	if (size < 2 || index_len > size - 2)
		return 0;
	pack = str_slice(data + 2 + index_len, size - 2 - index_len);
	w = sim_open(1, 0);
	MUST(w && crypto_start() == OK && world_mkdir(w, "blob") == OK);
	MUST(sim_poke(w, "blob/00000000.pack", pack) == OK);
	MUST(sim_poke(w, "blob/00000000.index", str_slice(data + 2, index_len)) == OK);
	MUST(sim_poke(w, "blob/00000001.pack", pack) == OK);
	if (blob_open(w, "blob", false, &b, NULL) == OK) {
		get_all(b, pack);
		(void)blob_close(b);
	}
	MUST(blob_open(w, "blob", true, &b, NULL) == OK);
	get_all(b, pack);
	MUST(blob_put(b, BODY, &d) == OK && blob_commit(b, true) == OK);
	MUST(blob_get(b, &d, &body) == OK);
	MUST(str_eq(body.text, BODY));
	MUST(blob_put_salted(b, STR("{\"a\":[1,{}]}"), &seed, &d) == OK);
	get(b, &d);
	MUST(blob_close(b) == OK);
	sim_close(w);
	return 0;
}
