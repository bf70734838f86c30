/* fuzz_spiffe: what is read as a SPIFFE ID is written from its parts as the same bytes again. */
#include <stdlib.h>

#include "engine/identity/identity.h"

#define SEGMENTS_MAX (SPIFFE_BYTES / 2)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The parts between the slashes of a path that was read. */
static size_t cut_path(struct str path, struct str *segments)
{
	struct str rest = path, before;
	size_t count = 0;

	if (path.len == 0)
		return 0;
	rest = str_slice(path.ptr + 1, path.len - 1);
	while (str_cut(rest, '/', &before, &rest))
		segments[count++] = before;
	segments[count++] = rest;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct str segments[SEGMENTS_MAX];
	struct str text = str_slice(data, size);
	struct spiffe id;
	struct buf b;

	if (spiffe_read(text, &id) != OK)
		return 0;
	buf_init(&b, SPIFFE_BYTES);
	MUST(spiffe_write(&b, id.domain, segments, cut_path(id.path, segments)) == OK);
	MUST(str_eq(buf_view(&b), text));
	buf_fini(&b);
	return 0;
}
