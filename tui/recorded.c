/* recorded: an entry is believed when it is proved by the checkpoint, or not yet under it. */
#include "tui/recorded.h"

#define PROOF_CAP ((size_t)64 << 20)

enum err recorded_index(const char *text, uint64_t *ret, struct note *n)
{
	if (str_to_u64(str_view(text), ret) == OK)
		return OK;
	return note_set(n, ERR_USAGE, 0, 0, "'%s' is not the number of an entry; they count from 0",
			text);
}

static enum err check_signed(struct space *s, uint64_t index, struct note *n)
{
	struct buf proof;
	enum err e;

	buf_init(&proof, PROOF_CAP);
	e = log_prove(space_world(s), space_log_folder(s), index, space_key(s), 1, &proof, n);
	buf_fini(&proof);
	if (e != ERR_RANGE)
		return e;
	*n = (struct note){ .line = 0 };
	return OK;
}

enum err recorded_line(struct space *s, uint64_t index, struct arena *a, struct str *ret,
		       struct note *n)
{
	struct log_reader *reader = NULL;
	struct str line = STR_NONE;
	enum err e = check_signed(s, index, n);

	if (e == OK)
		e = log_reader_open(space_world(s), space_log_folder(s), index, index + 1, &reader);
	if (e == OK)
		e = log_reader_next(reader, &line);
	if (e == OK && !line.ptr)
		e = note_set(n, ERR_NOT_FOUND, 0, 0, "the log has no entry %llu; they count from 0",
			     (unsigned long long)index);
	if (e == OK)
		e = arena_copy(a, line, ret);
	log_reader_close(reader);
	return e;
}
