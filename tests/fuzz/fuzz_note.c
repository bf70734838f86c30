/*
 * fuzz_note: a note that opens has a text our key signed; any text fit for a note can be signed and
 * opened; keys, checkpoints and requests to witnesses that are read are written back letter by
 * letter, and so are files of heads.
 */
#include <stdlib.h>

#include "engine/audit/heads.h"
#include "engine/audit/tlog_witness.h"
#include "engine/base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fit_for_a_note(struct str text)
{
	if (!str_ends(text, STR("\n")) || !str_utf8_ok(text))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 && text.ptr[i] != '\n')
			return false;
	return true;
}

static void check_key(struct str input, struct buf *b)
{
	struct note_key key;

	if (note_key_read(input, &key) != OK)
		return;
	buf_clear(b);
	note_key_write(b, &key);
	MUST(str_eq(buf_view(b), input));
}

static void check_checkpoint(struct str input, struct buf *b)
{
	struct checkpoint c;

	if (checkpoint_read(input, &c) != OK)
		return;
	buf_clear(b);
	checkpoint_write(b, &c);
	MUST(str_starts(input, buf_view(b)));
}

/* The seed corpus is signed by this very key, so that mutations of good notes are tried too. */
static void check_note(struct str input, struct buf *b)
{
	static const uint8_t seed[SEED_BYTES] = "the key of the seeds in corpora";
	struct public_key public;
	struct note_key key;
	struct sign_key *secret;
	struct str text;

	if (sign_key_open(seed, &secret) != OK)
		return;
	public = sign_key_public(secret);
	key = note_key_of(STR("fuzz.example"), &public, false);
	if (note_open(input, &key, 1, &text) == OK) {
		buf_clear(b);
		note_sign(b, text, key.name, secret);
		MUST(str_has(input, str_slice(b->ptr + text.len + 1, b->len - text.len - 1)));
		MUST(text.ptr == input.ptr && fit_for_a_note(text));
	}
	if (fit_for_a_note(input) && input.len < LIMIT_NOTE_BYTES / 2) {
		buf_clear(b);
		note_sign(b, input, key.name, secret);
		MUST(note_open(buf_view(b), &key, 1, &text) == OK && str_eq(text, input));
	}
	sign_key_close(secret);
}

static void check_request(struct str input, struct buf *b)
{
	struct witness_request r;

	if (witness_request_read(input, &r, NULL) != OK)
		return;
	buf_clear(b);
	witness_request_write(b, &r);
	MUST(str_eq(buf_view(b), input));
}

static void check_heads(struct str input, struct buf *b)
{
	struct heads h;
	struct arena a;

	arena_init(&a, LIMIT_NOTE_BYTES * 4);
	if (heads_read(input, &a, &h, NULL) == OK && h.count > 0) {
		buf_clear(b);
		heads_write(b, &h, h.origins[0], h.notes[0]);
		MUST(str_eq(buf_view(b), input));
	}
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_slice(data, size);
	struct buf b;

	MUST(crypto_start() == OK);
	buf_init(&b, LIMIT_NOTE_BYTES * 4);
	check_key(input, &b);
	check_checkpoint(input, &b);
	check_note(input, &b);
	check_request(input, &b);
	check_heads(input, &b);
	buf_fini(&b);
	return 0;
}
