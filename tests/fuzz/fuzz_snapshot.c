/*
 * Any bytes as an image: refused and nothing changed, or taken; then an image of what was taken
 * brings the same rows.
 */
#include <stdlib.h>

#include "engine/base/limits.h"
#include "engine/state/state.h"

static const struct table_schema schema[] = { { "keyed", 20, 4 }, { "narrow", 1, 0 } };

static struct state *start(void)
{
	struct state *s;
	uint32_t number;

	MUST(state_open(schema, 2, &s) == OK);
	MUST(state_insert(s, 1, "x", &number) == OK);
	return s;
}

static struct digest root_of(struct state *s)
{
	struct digest root;

	root = state_root(s);
	return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state *s = start(), *other = start();
	struct digest before = root_of(s), after;
	struct buf image;

	buf_init(&image, 64u << 20);
	if (state_restore(s, str_slice(data, size)) == OK) {
		after = root_of(s);
		MUST(state_snapshot(s, &image) == OK);
		MUST(state_restore(other, buf_view(&image)) == OK);
	} else {
		after = before;
	}
	MUST(memcmp(root_of(s).bytes, after.bytes, DIGEST_BYTES) == 0);
	if (image.len > 0)
		MUST(memcmp(root_of(other).bytes, after.bytes, DIGEST_BYTES) == 0);
	buf_fini(&image);
	state_close(other);
	state_close(s);
	return 0;
}
