/*
 * bodies: does the blob store still hold, unchanged, what the log's entries name?
 *
 * A replay reads the arguments of actions and the bundles, because they are inputs; a result is
 * none. This reads them all, so it also tells when a result was changed or removed.
 */
#include "engine/space/inside.h"

static enum err check_body(struct space *s, const struct entry *e, const char *name,
			   const struct digest *d, uint64_t *count, struct note *n)
{
	struct body ignored;
	enum err failed;

	if (!d)
		return OK;
	failed = blob_get(s->blobs, d, &ignored);
	*count += failed == OK;
	if (failed != ERR_MISS && failed != ERR_TAMPERED)
		return failed;
	return note_set(n, failed, 0, 0, "entry %llu: its %s %s", (unsigned long long)e->seq, name,
			failed == ERR_MISS ? "are not in the blob store"
					   : "were changed in the blob store");
}

static enum err check_lines(struct space *s, struct log_reader *reader, struct arena *a,
			    uint64_t *count, struct note *n)
{
	struct entry entry;
	struct str line;

	for (;;) {
		TRY(log_reader_next(reader, &line));
		if (!line.ptr)
			return OK;
		arena_rewind(a, (struct arena_mark){ NULL, 0 });
		TRY(entry_read(line, a, &entry, n));
		TRY(check_body(s, &entry, "arguments", entry.args, count, n));
		TRY(check_body(s, &entry, "results", entry.result, count, n));
	}
}

enum err space_check_bodies(struct space *s, uint64_t *ret, struct note *n)
{
	struct log_reader *reader;
	uint64_t count = 0;
	struct arena a;
	enum err e;

	TRY(log_reader_open(s->world, s->log_path, 0, UINT64_MAX, &reader));
	arena_init(&a, LIMIT_ACTION_MEMORY);
	e = check_lines(s, reader, &a, &count, n);
	arena_fini(&a);
	log_reader_close(reader);
	if (e != OK) {
		note_file(n, s->blob_path);
		return e;
	}
	*ret = count;
	return OK;
}
