/*
 * fuzz_rotation: a rotation that is read has all of its members, as they were written: written
 * again from what was read they are the same texts; a refusal has a story and gives nothing.
 */
#include <stdlib.h>

#include "engine/base/json.h"
#include "engine/base/limits.h"
#include "engine/identity/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_text(struct buf *b, const struct value *data, const char *key)
{
	MUST(b->err == OK && str_eq(buf_view(b), value_text(data, key)));
	buf_clear(b);
}

static void expect_same(const struct value *data, const struct rotation *r)
{
	struct buf b;

	buf_init(&b, 1024);
	MUST(r->sequence > 0 && str_eq(r->old_key, value_text(data, "old_key")));
	MUST(value_get_c(data, "sequence")->integer == (int64_t)r->sequence);
	did_write(&b, &r->next);
	expect_text(&b, data, "new_did");
	base64_write(&b, r->by_old.bytes, sizeof(r->by_old.bytes));
	expect_text(&b, data, "old_signature");
	base64_write(&b, r->by_next.bytes, sizeof(r->by_next.bytes));
	expect_text(&b, data, "new_signature");
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rotation r = { .sequence = 0 };
	struct note why = { .text = "" };
	struct value tree;
	struct arena a;

	MUST(crypto_start() == OK);
	arena_init(&a, LIMIT_ACTION_MEMORY);
	if (json_read(str_slice(data, size), 1, &a, &tree, NULL) == OK) {
		if (rotation_read(&tree, &r, &why) == OK)
			expect_same(&tree, &r);
		else
			MUST(why.text[0] != '\0' && r.sequence == 0);
	}
	arena_fini(&a);
	return 0;
}
