/*
 * fuzz_handshake: whatever the bytes are, a message that is read is written as one that gives the
 * same message again, and nobody is met whom the state has not asked.
 */
#include <stdlib.h>

#include "engine/base/json.h"
#include "engine/identity/identity.h"

#define MEMORY_CAP ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_same(const struct reply *a, struct arena *memory)
{
	struct buf text, again;
	struct reply read;
	struct value v;

	buf_init(&text, 1u << 20);
	buf_init(&again, 1u << 20);
	reply_write(&text, a);
	MUST(text.err == OK && json_read(buf_view(&text), 1, memory, &v, NULL) == OK);
	MUST(reply_read(&v, &read, NULL) == OK);
	reply_write(&again, &read);
	MUST(str_eq(buf_view(&text), buf_view(&again)));
	buf_fini(&again);
	buf_fini(&text);
}

static void expect_unasked(const struct reply *a)
{
	const struct table_schema table = challenge_table();
	struct refusal r = { .code = REFUSED_NOT };
	struct state *s;

	MUST(state_open(&table, 1, &s) == OK);
	state_begin(s);
	MUST(handshake_close(s, 0, a, a->challenge.log, a->at_ns, &r) == ERR_DENIED);
	MUST(r.code == REFUSED_UNASKED);
	state_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct refusal r = { .code = REFUSED_NOT };
	struct note n = { .text = "" };
	struct challenge c;
	struct reply a;
	struct arena memory;
	struct value v;
	enum err e;

	MUST(crypto_start() == OK);
	arena_init(&memory, MEMORY_CAP);
	if (json_read(str_slice(data, size), 1, &memory, &v, NULL) == OK) {
		e = reply_read(&v, &a, &n);
		MUST(e == OK || n.text[0]);
		if (e == OK) {
			e = reply_check(&a, &r);
			MUST(e == OK || (e == ERR_DENIED && r.note.text[0]));
			expect_same(&a, &memory);
			expect_unasked(&a);
		}
		if (challenge_read(&v, &c, &n) == OK)
			MUST(challenge_check(&c, &r) != ERR_SYNTAX);
	}
	arena_fini(&memory);
	return 0;
}
