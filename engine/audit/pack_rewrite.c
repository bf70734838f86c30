/*
 * pack_rewrite: a sealed pack without what must be gone.
 *
 *   N.pack --records, one by one--> memory ... index removed; N.pack.new written and synced,
 *                                   renamed over N.pack; index made anew
 *
 * A crash leaves the old pack or the new one, whole, and an index that fits or none: without one a
 * reader walks the pack, and a writer makes it again. What no record changes stays untouched. A
 * pack of which nothing is left is removed.
 */
#include "engine/audit/pack.h"

/* What is rewritten may grow as far as offsets reach: a body without a seed has salts. */
#define REWRITE_BYTES ((size_t)UINT32_MAX)

struct rewriting {
	struct pack_shelf *shelf;
	const struct blob_edit *edit;
	struct buf out, content, packed;
	uint64_t kept, changed;
};

static enum err add_record(struct rewriting *r, struct pack_record *record, struct str stored)
{
	unsigned char *header = (unsigned char *)buf_grow(&r->out, PACK_HEADER_BYTES);

	if (header)
		pack_write_header(header, record);
	buf_add(&r->out, stored);
	r->kept++;
	return r->out.err;
}

static enum err edit_record(struct rewriting *r, uint32_t number, int fd, uint64_t at,
			    struct pack_record *record)
{
	const unsigned char *bytes;
	enum blob_fate fate = BLOB_KEEP;
	struct str stored;
	struct body body;

	TRY(r->edit->fate(r->edit->self, &record->digest, record->form, &fate));
	if (fate == BLOB_KEEP) {
		TRY(windows_read(&r->shelf->windows, number, fd, at + PACK_HEADER_BYTES,
				 record->stored_bytes, &bytes));
		return add_record(r, record, str_slice(bytes, record->stored_bytes));
	}
	r->changed++;
	if (fate == BLOB_DROP)
		return OK;
	TRY(pack_read(r->shelf, number, fd, at, &record->digest, &body));
	buf_clear(&r->content);
	TRY(r->edit->redact(r->edit->self, &record->digest, &body, &r->content));
	record->form = BODY_REDACTED;
	TRY(pack_squeeze(r->shelf, buf_view(&r->content), &r->packed, record, &stored));
	return add_record(r, record, stored);
}

enum err pack_survey(struct pack_shelf *s, uint32_t number, const struct blob_edit *edit,
		     struct pack *room, uint64_t *changed)
{
	struct pack_record record;
	enum blob_fate fate;
	enum err e = pack_begin(s, room, number);

	if (e == OK)
		e = pack_scan(s, room, false);
	if (e == OK && room->damaged)
		e = ERR_TAMPERED;
	for (uint64_t at = PACK_MAGIC_BYTES; e == OK && at < room->bytes;) {
		e = pack_record_at(s, number, room->fd, at, &record);
		if (e != OK)
			break;
		fate = BLOB_KEEP;
		e = edit->fate(edit->self, &record.digest, record.form, &fate);
		*changed += fate != BLOB_KEEP;
		at += PACK_HEADER_BYTES + record.stored_bytes;
	}
	pack_reset(s, room);
	return e;
}

static enum err edit_records(struct rewriting *r, struct pack *p)
{
	uint64_t at = PACK_MAGIC_BYTES;

	buf_add(&r->out, STR(PACK_MAGIC));
	while (at < p->bytes) {
		struct pack_record record;
		uint64_t next;

		TRY(pack_record_at(r->shelf, p->number, p->fd, at, &record));
		next = at + PACK_HEADER_BYTES + record.stored_bytes;
		TRY(edit_record(r, p->number, p->fd, at, &record));
		at = next;
	}
	return r->out.err;
}

static enum err unlink_if_there(struct world *w, const char *path)
{
	enum err e = world_unlink(w, path);

	return e == ERR_NOT_FOUND ? OK : e;
}

/* The name first: an index must never be of another pack than the one beside it. */
static enum err remove_index(struct pack_shelf *s, uint32_t number)
{
	char path[LIMIT_PATH_BYTES];

	TRY(pack_path(s, number, "index", path));
	TRY(unlink_if_there(s->w, path));
	return world_sync_folder(s->w, s->folder);
}

static enum err replace(struct rewriting *r, struct pack *room, uint32_t number)
{
	struct pack_shelf *s = r->shelf;
	char path[LIMIT_PATH_BYTES];

	pack_reset(s, room);
	windows_forget(&s->windows);
	TRY(remove_index(s, number));
	TRY(pack_path(s, number, "pack", path));
	if (r->kept == 0) {
		TRY(world_unlink(s->w, path));
		TRY(pack_path(s, number, "pack.new", path));
		TRY(unlink_if_there(s->w, path));
		return world_sync_folder(s->w, s->folder);
	}
	TRY(world_replace_file(s->w, path, buf_view(&r->out)));
	TRY(pack_begin(s, room, number));
	TRY(pack_scan(s, room, false));
	return pack_index_write(s, room);
}

enum err pack_rewrite(struct pack_shelf *s, uint32_t number, const struct blob_edit *edit,
		      struct pack *room, uint64_t *changed, bool *gone)
{
	struct rewriting r = { .shelf = s, .edit = edit };
	enum err e = pack_begin(s, room, number);

	buf_init(&r.out, REWRITE_BYTES);
	buf_init(&r.content, LIMIT_REDACTED_BYTES);
	buf_init(&r.packed, LIMIT_REDACTED_BYTES + PACK_SQUASH_SLACK);
	if (e == OK)
		e = pack_scan(s, room, false);
	/* Behind bytes that are no record there may be what nobody can see. */
	if (e == OK && room->damaged)
		e = ERR_TAMPERED;
	if (e == OK)
		e = edit_records(&r, room);
	if (e == OK && r.changed > 0)
		e = replace(&r, room, number);
	pack_reset(s, room);
	buf_fini(&r.packed);
	buf_fini(&r.content);
	buf_fini(&r.out);
	TRY(e);
	*changed += r.changed;
	*gone = r.changed > 0 && r.kept == 0;
	return OK;
}
