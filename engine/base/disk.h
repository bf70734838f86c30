/*
 * disk: the files of the simulated world (world_sim.h), each in two views: what the process sees,
 * and what a power loss would leave. Only world_sim.c and its tests have business here.
 *
 *   place -> folder: names -> node     seen, durable: sync copies the one over the other
 *                             node (file): bytes   likewise
 *
 * Invariants: the root is node 0; `seen` never has less room than `durable` has content, because
 * blocks do not shrink, so a power loss cannot run out of memory. Nodes that no view and no open
 * descriptor reaches are swept before the array of nodes grows.
 */
#ifndef TRAMMEL_BASE_DISK_H
#define TRAMMEL_BASE_DISK_H

#include "engine/base/world.h"

#define DISK_ROOT 0
#define DISK_NONE UINT32_MAX
#define DISK_NAME_BYTES 256          /* with the NUL, as NAME_MAX of common file systems */

struct disk_entry {
	char name[DISK_NAME_BYTES];
	uint32_t node;
};

struct disk_names {
	struct disk_entry *items;
	size_t count, room;
};

struct disk_bytes {
	char *ptr;
	size_t len, room;
};

struct disk_node {
	enum world_kind kind;                    /* WORLD_NOTHING: the slot is free */
	uint32_t opened;                         /* descriptors on it */
	bool reached;                            /* used by the sweep only */
	uint32_t next;                           /* likewise, and in the list of free slots */
	struct disk_bytes seen, durable;         /* of a file */
	uint64_t dirty_from, dirty_to;           /* where `seen` may differ from `durable` */
	struct disk_names seen_names, durable_names;     /* of a folder */
};

struct disk {
	struct disk_node *nodes;
	size_t node_count, node_room;
	uint32_t free_first;                     /* list of free slots below node_count */
	size_t free_count;
	uint64_t stored_bytes;                   /* in files, as seen */
};

/* Where a path leads: the folder of its last component, that component, and what it names. */
struct disk_place {
	uint32_t folder, node;                   /* node DISK_NONE: the name is free */
	char name[DISK_NAME_BYTES];              /* empty: the path is the root itself */
};

enum err disk_init(struct disk *d) NODISCARD;
void disk_fini(struct disk *d);

/* ERR_NOT_FOUND when a folder on the way is missing, ERR_TYPE when it is a file, ERR_LIMIT. */
enum err disk_find(const struct disk *d, const char *path, struct disk_place *ret) NODISCARD;
/* As disk_find, for what must be there and of this kind. */
enum err disk_find_kind(const struct disk *d, const char *path, enum world_kind kind,
			struct disk_place *ret) NODISCARD;
/* A new node under the name that `at` found free. */
enum err disk_make(struct disk *d, const struct disk_place *at, enum world_kind kind,
		   uint32_t *ret) NODISCARD;
void disk_unlink(struct disk *d, const struct disk_place *at);
/* The rules of rename(2) on Linux; both paths were found, and neither is the root. */
enum err disk_rename(struct disk *d, const char *from, const struct disk_place *old,
		     const char *to, const struct disk_place *new) NODISCARD;

/* Set the length the process sees; new bytes are zero. */
enum err disk_set_length(struct disk *d, struct disk_node *n, uint64_t len) NODISCARD;
/* Write within the length that was set. */
void disk_write(struct disk_node *n, uint64_t at, const void *bytes, size_t len);

/* Content or names become durable. Syncing content costs what was written since the last time. */
enum err disk_sync(struct disk_node *n) NODISCARD;
enum err disk_sync_names(struct disk_node *n) NODISCARD;
/* This content and this name are durable, whatever was there. */
enum err disk_force(struct disk *d, const struct disk_place *at, struct str content) NODISCARD;

/* All views become the durable ones. */
void disk_power_loss(struct disk *d);
/*
 * A power loss after some of what was not synced had reached the disk by itself: of each file a
 * prefix, some blocks, all or nothing of what was written or cut off since; of each folder all
 * names or none. `draw` decides from `state`. Takes memory, and must get it.
 */
void disk_tear(struct disk *d, uint64_t (*draw)(uint64_t *state), uint64_t *state);
/* Free what nothing reaches. */
void disk_sweep(struct disk *d);

#endif
