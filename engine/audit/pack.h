/*
 * pack: one pack of bodies, on disk and in memory; and its index. For the files of blob only.
 *
 *   pack      magic | header body | header body | ...     header: digest, sizes, check of itself
 *   index     magic | count | (digest, offset) sorted | SHA-256 of all before
 *
 * An index is derived from its pack: one that is missing or damaged is done without (a reader walks
 * the pack) or written anew (a writer). It is believed only after its checksum was; even then a
 * record must bear the digest.
 */
#ifndef TRAMMEL_PACK_H
#define TRAMMEL_PACK_H

#include "engine/audit/blob.h"
#include "engine/audit/inside.h"
#include "engine/base/map.h"
#include "engine/state/state.h"

#define PACK_MAGIC "TRMPACK3"
#define PACK_MAGIC_BYTES 8
#define PACK_HEADER_BYTES 52
#define PACK_SQUASH_SLACK (256u << 10)        /* what zstd may ask for beyond the content */

/* Where the packs of a store lie, and what reading them takes. */
struct pack_shelf {
	struct world *w;
	struct blob_shape shape;
	bool write;                  /* is this the store's one writer? */
	struct windows windows;
	struct squash squash;
	struct buf body, columns;    /* of the body that was read last, and of its veil */
	char folder[LIMIT_PATH_BYTES];
};

enum err pack_shelf_init(struct pack_shelf *s, struct world *w, const char *folder, bool write,
			 struct blob_shape shape) NODISCARD;
void pack_shelf_fini(struct pack_shelf *s);
/* The path of pack `number`, or with another ending of its index. */
enum err pack_path(const struct pack_shelf *s, uint32_t number, const char *ending,
		   char path[LIMIT_PATH_BYTES]) NODISCARD;
/* The number of a pack from its file name; false when it is no such name. */
bool pack_number(struct str name, uint32_t *ret);

/* --- records --- */

struct pack_record {
	struct digest digest;
	enum body_form form;
	bool squashed;
	uint32_t raw_bytes, stored_bytes;
	uint32_t sum;                /* of what is stored: a bit may mean nothing to zstd */
};

void pack_write_header(unsigned char header[PACK_HEADER_BYTES], const struct pack_record *r);
uint32_t pack_sum(struct str stored);
/*
 * What will be stored of a content, compressed into `room` where that is shorter; fills in sizes
 * and the sum.
 */
enum err pack_squeeze(struct pack_shelf *s, struct str content, struct buf *room,
		      struct pack_record *r, struct str *stored) NODISCARD;
/* The header there. ERR_TAMPERED. */
enum err pack_record_at(struct pack_shelf *s, uint32_t number, int fd, uint64_t offset,
			struct pack_record *ret) NODISCARD;
/*
 * The body of the record at `offset`, borrowed from the shelf until its next call. ERR_TAMPERED
 * unless it is that of `d`.
 */
enum err pack_read(struct pack_shelf *s, uint32_t number, int fd, uint64_t offset,
		   const struct digest *d, struct body *ret) NODISCARD;

/* --- a pack in memory --- */

struct pack_slot {
	struct digest digest;
	uint32_t offset;
};

/*
 * Its slots are in the order of the records, and the map, whose keys lie in them, finds them; or
 * they are `sorted`, and the map is empty.
 */
struct pack {
	bool held, sorted;
	bool appends;                /* its file is opened for writing; set once, at the start */
	bool damaged;                /* there are bytes in it that are no record */
	uint32_t number;
	int fd;
	uint64_t bytes;              /* where the last whole record ends */
	uint32_t count;
	struct pack_slot *slots;
	struct map map;
};

void pack_init(struct pack *p, bool appends);
void pack_fini(struct pack_shelf *s, struct pack *p);
/* Hold nothing; the room for slots is kept. */
void pack_reset(struct pack_shelf *s, struct pack *p);
/* Hold pack `number`, without any record yet. */
enum err pack_begin(struct pack_shelf *s, struct pack *p, uint32_t number) NODISCARD;
enum err pack_add(struct pack_shelf *s, struct pack *p, const struct digest *d,
		  uint32_t offset) NODISCARD;
bool pack_find(const struct pack *p, const struct digest *d, uint32_t *offset);
/* Nothing is added any more. */
void pack_sort(struct pack *p);
/* See that its file is open. */
enum err pack_open(struct pack_shelf *s, struct pack *p) NODISCARD;
/*
 * Walk the records from p->bytes on, to the end or to what is no record. With `prove`, bodies are
 * hashed too, and those that fail are left out.
 */
enum err pack_scan(struct pack_shelf *s, struct pack *p, bool prove) NODISCARD;

/* --- pack_index --- */

enum pack_index { INDEX_UNCHECKED = 0, INDEX_GOOD, INDEX_BAD };

/* Write the index of a pack in memory, whose slots are sorted for that. */
enum err pack_index_write(struct pack_shelf *s, struct pack *p) NODISCARD;
/*
 * Look at the index of pack `number` unless that was done; a writer makes a bad one anew, in
 * `room`, which holds nothing afterwards.
 */
enum err pack_index_check(struct pack_shelf *s, uint32_t number, struct pack *room,
			  enum pack_index *state) NODISCARD;
/* ERR_TAMPERED, with a note: there is an index, and it is not what was written. */
enum err pack_index_judge(struct pack_shelf *s, uint32_t number, struct note *n) NODISCARD;
/* Take a sealed pack into memory: from its index if that is good, else by walking it. */
enum err pack_index_load(struct pack_shelf *s, uint32_t number, enum pack_index state,
			 struct pack *ret) NODISCARD;
/* Binary search in the index as stored, which was good. ERR_MISS. */
enum err pack_index_search(struct pack_shelf *s, uint32_t number, const struct digest *d,
			   uint32_t *offset) NODISCARD;

/* --- pack_rewrite --- */

/* How many records `edit` would change; nothing is written. `room` as below. ERR_TAMPERED. */
enum err pack_survey(struct pack_shelf *s, uint32_t number, const struct blob_edit *edit,
		     struct pack *room, uint64_t *changed) NODISCARD;
/*
 * Rewrite a sealed pack, in `room`, which holds nothing afterwards; see blob_rewrite. *gone:
 * nothing was left of it, and its files were removed.
 */
enum err pack_rewrite(struct pack_shelf *s, uint32_t number, const struct blob_edit *edit,
		      struct pack *room, uint64_t *changed, bool *gone) NODISCARD;

#endif
