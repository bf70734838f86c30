/*
 * lines: entries of the log by number. Who asks in order is served by a reader that moves on; where
 * it would have to pass too many lines, it is sent to the spot that is known.
 */
#include "engine/index/inside.h"

#define STEP 32                      /* lines that are sooner read over than looked for anew */

void lines_init(struct lines *l, struct world *w, const char *folder, struct str origin)
{
	*l = (struct lines){ .w = w, .folder = folder, .origin = origin };
}

void lines_fini(struct lines *l)
{
	log_reader_close(l->reader);
	l->reader = NULL;
}

/* Where no spot is known the reader finds its way: through a sealed segment it knows one. */
static enum err go_to(struct lines *l, uint64_t seq, const struct log_spot *spot)
{
	bool near = spot && spot->entry <= seq &&
		    spot->entry / LOG_SEGMENT_ENTRIES == seq / LOG_SEGMENT_ENTRIES;

	l->next = seq;
	if (l->reader && near)
		return log_reader_seek(l->reader, spot, seq, NULL);
	lines_fini(l);
	TRY(log_reader_open(l->w, l->folder, near ? 0 : seq, UINT64_MAX, &l->reader));
	return near ? log_reader_seek(l->reader, spot, seq, NULL) : OK;
}

enum err lines_get(struct lines *l, uint64_t seq, const struct log_spot *spot, struct str *ret)
{
	enum err e = OK;

	if (!l->reader || seq < l->next || seq - l->next > STEP)
		e = go_to(l, seq, spot);
	*ret = STR("");
	while (e == OK && ret->ptr && l->next <= seq) {
		e = log_reader_next(l->reader, ret);
		l->next++;
	}
	if (e != OK || !ret->ptr)
		lines_fini(l);       /* at the end a reader stays there, whatever comes */
	return e;
}

enum err lines_read(const struct lines *l, uint64_t seq, struct str line, struct arena *a,
		    struct entry *ret, struct note *n)
{
	struct note story = { .line = 0 };
	enum err e = entry_parse(line, a, ret, &story);

	if (e == OK && ret->seq == seq && str_eq(ret->log, l->origin))
		return OK;
	if (e == ERR_MEMORY)
		return e;
	return note_set(n, ERR_TAMPERED, 0, 0,
			"entry %llu cannot be read: %s; trammel log verify says more",
			(unsigned long long)seq,
			e == OK ? "its line is of another entry" : story.text);
}
