/* last_entry: the lines before it are stepped over. */
#include "tui/last_entry.h"

enum err last_entry(struct space *s, struct arena *a, struct entry *ret, struct note *n)
{
	struct str line = STR_NONE, copy = STR_NONE;
	struct log_reader *reader;
	uint64_t entries;
	enum err e;

	TRY(space_count_entries(s, &entries, n));
	if (entries == 0)
		return ERR_NOT_FOUND;
	TRY(log_reader_open(space_world(s), space_log_folder(s), entries - 1, UINT64_MAX,
			    &reader));
	e = log_reader_next(reader, &line);
	if (e == OK)
		e = line.ptr ? arena_copy(a, line, &copy) : ERR_NOT_FOUND;
	log_reader_close(reader);
	return e == OK ? entry_read(copy, a, ret, n) : e;
}
