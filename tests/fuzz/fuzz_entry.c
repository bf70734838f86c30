/*
 * fuzz_entry: what is read as an entry writes back to the same bytes and passes a glance; what is
 * read without a tree is read with one, and is the same; and the one-pass check agrees with reading
 * a tree and writing it canonically.
 */
#include <stdlib.h>

#include "engine/audit/inside.h"
#include "engine/audit/jcs.h"
#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/base/limits.h"

#define MEMORY_BYTES (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(struct str line, struct arena *a, struct buf *b)
{
	struct note n = { .line = 0 };
	struct glance seen = { .seq = 0 };
	struct entry e;
	enum err glance = entry_glance(line, &seen, &n);

	MUST(glance == OK || n.text[0] != '\0');
	n.text[0] = '\0';
	if (entry_read(line, a, &e, &n) != OK) {
		MUST(n.text[0] != '\0');
		return;
	}
	MUST(glance == OK && str_eq(seen.log, e.log) && seen.seq == e.seq);
	MUST(seen.action == (e.kind == ENTRY_ACTION));
	MUST(seen.allowed == (e.decision && e.decision->effect == EFFECT_ALLOW));
	buf_clear(b);
	entry_write(b, &e);
	MUST(b->err == OK && str_eq(buf_view(b), line));
}

static void check_readers(struct str line, struct arena *a, struct buf *b)
{
	struct entry quick, table;
	size_t len;

	if (line.len > LIMIT_ENTRY_BYTES || entry_line_read(line, a, &quick) != OK)
		return;
	MUST(entry_table_read(line, a, &table, NULL) == OK);
	buf_clear(b);
	entry_write(b, &quick);
	len = b->len;
	entry_write(b, &table);
	/* Escaped anew, its data may have become too long. */
	MUST(b->err == ERR_LIMIT || (b->err == OK && b->len == 2 * len));
	MUST(b->err != OK || memcmp(b->ptr, b->ptr + len, len) == 0);
}

static void check_canonical(struct str text, struct arena *a, struct buf *b)
{
	struct value v;
	enum err quick = jcs_check(text, NULL, 0, NULL);
	enum err slow = json_read(text, 1, a, &v, NULL);
	bool same = false;

	if (slow == OK) {
		buf_clear(b);
		canon_value(b, &v);
		MUST(b->err == OK);
		same = str_eq(buf_view(b), text);
	}
	/* The reader also has bounds on numbers; nothing else may tell the two apart. */
	MUST(same ? quick == OK : quick != OK || slow == ERR_RANGE || slow == ERR_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = str_slice(data, size);
	struct arena a;
	struct buf b;

	arena_init(&a, MEMORY_BYTES);
	buf_init(&b, MEMORY_BYTES);
	check_entry(input, &a, &b);
	check_readers(input, &a, &b);
	check_canonical(input, &a, &b);
	buf_fini(&b);
	arena_fini(&a);
	return 0;
}
