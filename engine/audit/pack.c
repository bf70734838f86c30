/* pack: records in a file, and where each of them is. */
#include "engine/audit/pack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/little.h"
#include "engine/base/sum.h"

#define CHECKED_BYTES 48             /* of a header: what its check is over */
#define CHECK_BYTES (PACK_HEADER_BYTES - CHECKED_BYTES)
#define RAW_BELOW 256                /* shorter contents are not worth a frame */
#define FLAG_SQUASHED 1              /* and what is above that bit is the form */
#define FORM_STEP 2
#define NAME_BYTES 32

_Static_assert(LIMIT_PACK_BYTES + LIMIT_BODY_BYTES + PACK_HEADER_BYTES < UINT32_MAX,
	       "offsets fit 32 bits");

enum err pack_shelf_init(struct pack_shelf *s, struct world *w, const char *folder, bool write,
			 struct blob_shape shape)
{
	s->w = w;
	s->shape = shape;
	s->write = write;
	windows_init(&s->windows, w);
	squash_init(&s->squash);
	buf_init(&s->body, LIMIT_REDACTED_BYTES);
	buf_init(&s->columns, LIMIT_BODY_BYTES);
	return str_to_c(str_view(folder), s->folder, sizeof(s->folder));
}

void pack_shelf_fini(struct pack_shelf *s)
{
	buf_fini(&s->columns);
	buf_fini(&s->body);
	windows_fini(&s->windows);
	squash_fini(&s->squash);
}

/* --- names --- */

enum err pack_path(const struct pack_shelf *s, uint32_t number, const char *ending,
		   char path[LIMIT_PATH_BYTES])
{
	char name[NAME_BYTES];

	(void)snprintf(name, sizeof(name), "%08" PRIu32 ".%s", number, ending);
	return world_join(path, LIMIT_PATH_BYTES, s->folder, name);
}

/* Eight digits, or more without leading zeroes. */
bool pack_number(struct str name, uint32_t *ret)
{
	struct str digits, ending;
	char again[NAME_BYTES];
	uint64_t number;

	if (!str_cut(name, '.', &digits, &ending) || digits.len < 8)
		return false;
	while (digits.len > 1 && digits.ptr[0] == '0')
		digits = str_slice(digits.ptr + 1, digits.len - 1);
	if (str_to_u64(digits, &number) != OK || number >= UINT32_MAX)
		return false;
	(void)snprintf(again, sizeof(again), "%08" PRIu64 ".pack", number);
	*ret = (uint32_t)number;
	return str_is(name, again);
}

/* --- records --- */

static void header_check(const unsigned char *header, unsigned char check[CHECK_BYTES])
{
	struct digest d = sha256(str_slice(header, CHECKED_BYTES));

	memcpy(check, d.bytes, CHECK_BYTES);
}

void pack_write_header(unsigned char header[PACK_HEADER_BYTES], const struct pack_record *r)
{
	memcpy(header, r->digest.bytes, DIGEST_BYTES);
	little_put32(header + DIGEST_BYTES,
		     FORM_STEP * (uint32_t)r->form + (r->squashed ? FLAG_SQUASHED : 0));
	little_put32(header + 36, r->raw_bytes);
	little_put32(header + 40, r->stored_bytes);
	little_put32(header + 44, r->sum);
	header_check(header, header + CHECKED_BYTES);
}

static bool read_header(const unsigned char *header, struct pack_record *ret)
{
	unsigned char check[CHECK_BYTES];
	uint32_t kind = little_get32(header + DIGEST_BYTES), most;

	header_check(header, check);
	if (memcmp(check, header + CHECKED_BYTES, CHECK_BYTES) != 0 ||
	    kind >= FORM_STEP * BODY_FORMS)
		return false;
	memcpy(ret->digest.bytes, header, DIGEST_BYTES);
	ret->form = (enum body_form)(kind / FORM_STEP);
	ret->squashed = kind % FORM_STEP == FLAG_SQUASHED;
	ret->raw_bytes = little_get32(header + 36);
	ret->stored_bytes = little_get32(header + 40);
	ret->sum = little_get32(header + 44);
	most = ret->form == BODY_REDACTED ? LIMIT_REDACTED_BYTES : LIMIT_BODY_BYTES;
	return ret->raw_bytes <= most && ret->stored_bytes <= ret->raw_bytes &&
	       (ret->squashed || ret->stored_bytes == ret->raw_bytes);
}

uint32_t pack_sum(struct str stored)
{
	uint64_t sum = sum64(stored.len, stored.ptr, stored.len);

	return (uint32_t)(sum ^ sum >> 32);
}

enum err pack_squeeze(struct pack_shelf *s, struct str content, struct buf *room,
		      struct pack_record *r, struct str *stored)
{
	r->squashed = false;
	*stored = content;
	if (content.len >= RAW_BELOW) {
		buf_clear(room);
		TRY(squash_pack(&s->squash, content, room));
		r->squashed = room->len < content.len;
		if (r->squashed)
			*stored = buf_view(room);
	}
	r->raw_bytes = (uint32_t)content.len;
	r->stored_bytes = (uint32_t)stored->len;
	r->sum = pack_sum(*stored);
	return OK;
}

enum err pack_record_at(struct pack_shelf *s, uint32_t number, int fd, uint64_t offset,
			struct pack_record *ret)
{
	const unsigned char *bytes;
	enum err e = windows_read(&s->windows, number, fd, offset, PACK_HEADER_BYTES, &bytes);

	if (e == ERR_TRUNCATED || (e == OK && !read_header(bytes, ret)))
		return ERR_TAMPERED;
	return e;
}

enum err pack_read(struct pack_shelf *s, uint32_t number, int fd, uint64_t offset,
		   const struct digest *d, struct body *ret)
{
	const unsigned char *bytes;
	struct pack_record r;
	struct str content;
	enum err e;

	TRY(pack_record_at(s, number, fd, offset, &r));
	if (!digest_eq(&r.digest, d))
		return ERR_TAMPERED;
	e = windows_read(&s->windows, number, fd, offset + PACK_HEADER_BYTES, r.stored_bytes,
			 &bytes);
	if (e != OK)
		return e == ERR_TRUNCATED ? ERR_TAMPERED : e;
	content = str_slice(bytes, r.stored_bytes);
	if (pack_sum(content) != r.sum)
		return ERR_TAMPERED;
	if (r.squashed) {
		buf_clear(&s->body);
		e = squash_unpack(&s->squash, content, r.raw_bytes, &s->body);
		if (e != OK)
			return e == ERR_MEMORY ? e : ERR_TAMPERED;
		content = buf_view(&s->body);
	}
	return content.len == r.raw_bytes ? body_open(r.form, content, d, &s->columns, ret)
					  : ERR_TAMPERED;
}

/* --- packs in memory --- */

void pack_init(struct pack *p, bool appends)
{
	*p = (struct pack){ .appends = appends, .fd = -1 };
	map_init(&p->map, 0);
}

void pack_fini(struct pack_shelf *s, struct pack *p)
{
	pack_reset(s, p);
	map_fini(&p->map);
	free(p->slots);
}

void pack_reset(struct pack_shelf *s, struct pack *p)
{
	if (p->held && p->fd >= 0)
		world_close(s->w, p->fd);
	map_clear(&p->map);
	p->held = p->damaged = p->sorted = false;
	p->fd = -1;
	p->bytes = 0;
	p->count = 0;
}

enum err pack_begin(struct pack_shelf *s, struct pack *p, uint32_t number)
{
	pack_reset(s, p);
	if (!p->slots)
		p->slots = malloc(s->shape.pack_records * sizeof(*p->slots));
	if (!p->slots)
		return ERR_MEMORY;
	p->number = number;
	p->held = true;
	return OK;
}

enum err pack_add(struct pack_shelf *s, struct pack *p, const struct digest *d, uint32_t offset)
{
	struct pack_slot *slot;
	enum err e;

	if (p->count == s->shape.pack_records)
		return ERR_LIMIT;
	slot = &p->slots[p->count];
	slot->digest = *d;
	slot->offset = offset;
	e = map_put(&p->map, str_slice(slot->digest.bytes, DIGEST_BYTES), p->count);
	if (e == OK)
		p->count++;
	return e == ERR_DUPLICATE ? OK : e;
}

static int by_digest(const void *a, const void *b)
{
	return memcmp(((const struct pack_slot *)a)->digest.bytes,
		      ((const struct pack_slot *)b)->digest.bytes, DIGEST_BYTES);
}

void pack_sort(struct pack *p)
{
	map_clear(&p->map);
	if (p->count > 1)
		qsort(p->slots, p->count, sizeof(*p->slots), by_digest);
	p->sorted = true;
}

bool pack_find(const struct pack *p, const struct digest *d, uint32_t *offset)
{
	const struct pack_slot key = { .digest = *d }, *found = NULL;
	uint32_t at;

	if (!p->held || p->count == 0)
		return false;
	if (p->sorted)
		found = bsearch(&key, p->slots, p->count, sizeof(key), by_digest);
	else if (map_get(&p->map, str_slice(d->bytes, DIGEST_BYTES), &at))
		found = &p->slots[at];
	if (found)
		*offset = found->offset;
	return found != NULL;
}

enum err pack_open(struct pack_shelf *s, struct pack *p)
{
	char path[LIMIT_PATH_BYTES];

	if (p->fd >= 0)
		return OK;
	TRY(pack_path(s, p->number, "pack", path));
	return world_open(s->w, path, p->appends ? WORLD_WRITE : WORLD_READ, &p->fd);
}

/* Where the first record starts; 0 and `damaged` when this is no pack. */
static enum err skip_magic(struct pack_shelf *s, struct pack *p, uint64_t size)
{
	const unsigned char *magic;

	if (p->bytes > 0 || size < PACK_MAGIC_BYTES)
		return OK;
	TRY(windows_read(&s->windows, p->number, p->fd, 0, PACK_MAGIC_BYTES, &magic));
	p->damaged = memcmp(magic, PACK_MAGIC, PACK_MAGIC_BYTES) != 0;
	p->bytes = p->damaged ? 0 : PACK_MAGIC_BYTES;
	return OK;
}

enum err pack_scan(struct pack_shelf *s, struct pack *p, bool prove)
{
	const unsigned char *header;
	uint64_t size;

	windows_forget(&s->windows);
	TRY(pack_open(s, p));
	TRY(world_size(s->w, p->fd, &size));
	TRY(skip_magic(s, p, size));
	while (p->bytes > 0 && p->bytes < size && size - p->bytes >= PACK_HEADER_BYTES) {
		struct pack_record r;
		struct body body;
		enum err e;

		TRY(windows_read(&s->windows, p->number, p->fd, p->bytes, PACK_HEADER_BYTES,
				 &header));
		if (!read_header(header, &r) || p->count == s->shape.pack_records) {
			p->damaged = true;
			break;
		}
		if (size - p->bytes - PACK_HEADER_BYTES < r.stored_bytes)
			break;
		e = prove ? pack_read(s, p->number, p->fd, p->bytes, &r.digest, &body) : OK;
		if (e == ERR_TAMPERED)
			p->damaged = true;
		else if (e == OK)
			e = pack_add(s, p, &r.digest, (uint32_t)p->bytes);
		if (e != OK && e != ERR_TAMPERED)
			return e;
		p->bytes += PACK_HEADER_BYTES + r.stored_bytes;
	}
	return OK;
}
