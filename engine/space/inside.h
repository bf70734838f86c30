/* inside: what the files of engine/space share. */
#ifndef TRAMMEL_SPACE_INSIDE_H
#define TRAMMEL_SPACE_INSIDE_H

#include "engine/space/space.h"

#define SPACE_MEMORY (8u << 20)
#define SPACE_FORMAT "trammel/workspace/v4"
#define SPACE_SNAPSHOT_INTERVAL 4096
#define SPACE_SEEDS 64               /* of bodies, drawn at a time */
#define SPACE_ORIGIN_RULE                                                                        \
	"expected 1 to 128 bytes without blanks, '+', quotes or backslashes, like "              \
	"example.org/agents"

_Static_assert(LIMIT_ORIGIN_BYTES == 128, "SPACE_ORIGIN_RULE says so");

/*
 * Which of the last LIMIT_OUTCOME_ENTRIES entries are actions that were allowed, and which have
 * their outcome: two bits an entry, in a ring that is made when the first outcome comes.
 */
struct outcomes {
	uint8_t *bits;                        /* NULL: none came since the workspace was opened */
	uint64_t from, end;                   /* entries that are in it */
};

struct space {
	struct world *world;
	struct arena memory, bundle_memory;
	struct space_config config;
	struct note_key verifier;
	struct sign_key *key;
	struct blob_store *blobs;
	struct log *log;                      /* SPACE_WRITE */
	struct recorder *recorder;            /* NULL when the cache cannot be used */
	struct state *state;                  /* SPACE_WRITE */
	struct bundle *bundle;                /* SPACE_WRITE */
	struct mask *mask;                    /* SPACE_WRITE */
	struct gate gate;                     /* SPACE_WRITE, once `wired` */
	struct outcomes outcomes;
	uint64_t recovered, lost;             /* entries of the tail at opening: kept, cut off */
	size_t unwritten_bytes;               /* of lines since the last commit */
	struct body_seed seeds[SPACE_SEEDS];  /* of bodies to come */
	unsigned seeds_left;
	bool wired, bundle_announced;
	bool acknowledged;                    /* a commit made entries durable, not signed yet */
	bool paused;                          /* others may write: see turns.h */
	char path[LIMIT_PATH_BYTES], log_path[LIMIT_PATH_BYTES];
	char blob_path[LIMIT_PATH_BYTES], state_path[LIMIT_PATH_BYTES];
};

/* space.c: give everything back; the log, if still open, is abandoned. */
void space_release(struct space *s);

/* space.c: hand everything to the system, and with `sync` see that it is durable. */
enum err space_hand_over(struct space *s, bool sync) NODISCARD;

/* outcomes.c */
/* May an outcome of entry `of` come now? `self` is the space: see `outcome` in gate.h. */
enum err space_outcome(void *self, uint64_t of, struct note *n) NODISCARD;
/* Entry `seq` is about to be appended. */
enum err space_follow_outcomes(struct space *s, uint64_t seq, struct str line) NODISCARD;

/* paths.c */
/* Where a path leads below a folder: see `resolve` in gate.h. */
enum err space_resolve(void *self, struct str root, struct str path, struct buf *ret) NODISCARD;

/* config.c */
enum err space_read_config(struct space *s, struct note *n) NODISCARD;
enum err space_read_vkey(struct space *s, struct note_key *ret, struct note *n) NODISCARD;
/* A private key, by its name below the workspace. ERR_NOT_FOUND. */
enum err space_read_key(struct space *s, const char *name, struct sign_key **ret,
			struct note *n) NODISCARD;

/* create.c: a verifier key in its file. */
enum err space_write_vkey(struct world *w, const char *path, const struct note_key *key) NODISCARD;

/* log_keys.c */
/* Open the log with the key that it has, and end or undo a rotation that was interrupted. */
enum err space_open_log(struct space *s, struct note *n) NODISCARD;

/* masking.c */
/* What "mask" in trammel.yaml says, in the arena. */
enum err space_read_mask(const struct value *v, struct arena *a, struct mask_terms *ret,
			 struct note *n) NODISCARD;
/* The mask with the key in keys/mask.key. */
enum err space_open_mask(struct space *s, struct mask **ret, struct note *n) NODISCARD;

/* fields.c */
/* A path below a body: "args.customer.email", "result". Borrows from the text. */
struct space_field {
	struct str root, segments[LIMIT_DEPTH];
	size_t count;
};

/* ERR_SYNTAX. */
enum err space_field_read(struct str text, struct space_field *ret, struct note *n) NODISCARD;
/* Columns of its leaves under the veil, or of those that are not; lists are gone through. */
void space_field_leaves(const struct space_field *f, const struct veil *veil, bool veiled,
			const struct value *tree, struct buf *columns);
/* Can a value stand below both? */
bool space_fields_meet(const struct space_field *a, const struct space_field *b);

/* catchup.c */
/* Open the cache, or wipe it when it cannot be used. Only memory is a reason to fail. */
enum err space_open_recorder(struct space *s) NODISCARD;
/* One more entry: its step goes to the cache. A cache that fails is dropped, never the event. */
void space_record_step(struct space *s, struct state *after);
void space_drop_recorder(struct space *s);
/* pruning.c: the entry that space_start begins with; 0: nothing was pruned. */
enum err space_baseline(struct space *s, uint64_t *from) NODISCARD;
/* The state root that entry `seq` carries. ERR_NOT_FOUND, ERR_TAMPERED. */
enum err space_recorded_root(struct space *s, uint64_t seq, struct digest *ret,
			     struct note *n) NODISCARD;
/* Bring s->state to the end of the log and the cache with it. */
enum err space_catch_up(struct space *s, struct note *n) NODISCARD;

#endif
