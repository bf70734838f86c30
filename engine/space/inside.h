/* inside: what the files of engine/space share. */
#ifndef TRAMMEL_SPACE_INSIDE_H
#define TRAMMEL_SPACE_INSIDE_H

#include "engine/space/space.h"

#define SPACE_MEMORY (8u << 20)
#define SPACE_FORMAT "trammel/workspace/v1"
#define SPACE_SNAPSHOT_INTERVAL 4096

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
	struct gate gate;
	uint64_t recovered;
	bool wired, bundle_announced, recovery_announced;
	bool acknowledged;                    /* a commit made entries durable that are not signed yet */
	char path[LIMIT_PATH_BYTES], log_path[LIMIT_PATH_BYTES], blob_path[LIMIT_PATH_BYTES], state_path[LIMIT_PATH_BYTES];
};

void space_release(struct space *s);

/* config.c */
enum err space_read_config(struct space *s, struct note *n) NODISCARD;
enum err space_read_vkey(struct space *s, struct note *n) NODISCARD;
enum err space_read_key(struct space *s, struct sign_key **ret, struct note *n) NODISCARD;

/* catchup.c */
/* Open the cache, or wipe and start it anew when it cannot be used. Only memory is a reason to fail. */
enum err space_open_recorder(struct space *s) NODISCARD;
/* Bring s->state to the end of the log and the cache with it. */
enum err space_catch_up(struct space *s, struct note *n) NODISCARD;

#endif
