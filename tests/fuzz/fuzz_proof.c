/*
 * fuzz_proof: a proof that is read is written back letter by letter; and under a signed tree of
 * five entries, no file proves anything but one of the five at its own place.
 */
#include <stdlib.h>

#include "engine/audit/proof.h"
#include "engine/base/limits.h"

#define LEAVES 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str leaf_text(uint64_t i)
{
	static const char texts[] = "01234";

	return str_slice(texts + i, 1);
}

/* The signed checkpoint of the five entries; the seed corpus has proofs of the same tree. */
static bool sign_tree(struct buf *note, struct note_key *key)
{
	static const uint8_t seed[SEED_BYTES] = "the key of the seeds in corpora";
	struct checkpoint c = { .origin = STR("fuzz.example"), .size = LEAVES };
	struct merkle_range r;
	struct public_key public;
	struct sign_key *secret;
	struct buf text;

	if (sign_key_open(seed, &secret) != OK)
		return false;
	merkle_init(&r);
	for (uint64_t i = 0; i < LEAVES; i++) {
		struct digest leaf = sha256_prefixed(0x00, leaf_text(i));

		merkle_add(&r, &leaf);
	}
	merkle_root(&r, &c.root);
	public = sign_key_public(secret);
	*key = note_key_of(c.origin, &public, false);
	buf_init(&text, LIMIT_NOTE_BYTES);
	checkpoint_write(&text, &c);
	note_sign(note, buf_view(&text), key->name, secret);
	buf_fini(&text);
	sign_key_close(secret);
	return true;
}

static void check(struct str input, struct arena *a, struct buf *b, struct str note,
		  const struct note_key *key)
{
	struct note n = { .line = 0 };
	struct checkpoint c;
	struct proof p;

	if (proof_read(input, a, &p, &n) != OK) {
		MUST(n.text[0] != '\0');
		return;
	}
	proof_write(b, &p);
	MUST(b->err == OK && str_eq(buf_view(b), input));
	for (int round = 0; round < 2; round++) {
		enum err e = proof_check(&p, STR_NONE, key->name, key, 1, &c, &n);

		MUST(e != OK || c.size == LEAVES);
		MUST(e != OK || (p.index < LEAVES && str_eq(p.extra, leaf_text(p.index))));
		p.note = note;               /* once more, under a checkpoint that is good */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note_key key;
	struct buf note, b;
	struct arena a;

	MUST(crypto_start() == OK);
	arena_init(&a, LIMIT_PROOF_BYTES * 2);
	buf_init(&note, LIMIT_NOTE_BYTES);
	buf_init(&b, LIMIT_PROOF_BYTES * 2);
	if (sign_tree(&note, &key))
		check(str_slice(data, size), &a, &b, buf_view(&note), &key);
	buf_fini(&b);
	buf_fini(&note);
	arena_fini(&a);
	return 0;
}
