/*
 * world_sim: a whole world in memory, deterministic under a seed, that can fail on purpose.
 *
 * Clock: starts at `start_ns`, moves only when told. Entropy: a splitmix64 stream from the seed.
 * Environment: empty unless set, at most 64 names. Descriptors count from 3, at most 1024 are open
 * (then ERR_IO); there is no standard input.
 *
 * Files: a tree in memory that keeps two versions of everything, what the process sees and what a
 * power loss would leave. Content becomes durable with sync(fd), even when the file's name is not
 * yet; names become durable with sync_folder(parent). A rename is atomic but not durable before it;
 * between two folders it needs both synced. Absolute and relative paths start at the same root,
 * and "..", links and owners do not exist; where a path leads (resolve) is a matter of its names.
 *
 * Faults: every call that changes files (write_at, truncate, sync, rename, unlink, mkdir, rmdir,
 * sync_folder, open that creates) counts as one operation; `sim_fail_at` makes the n-th one (from
 * 1) fail and, in SIM_CRASH mode, every later call on files or entropy too. Where a write_at leaves
 * a prefix, its length is drawn from the seed, shorter than the write.
 */
#ifndef TRAMMEL_BASE_WORLD_SIM_H
#define TRAMMEL_BASE_WORLD_SIM_H

#include "engine/base/world.h"

enum sim_fault {
	SIM_NONE = 0,
	SIM_EIO,             /* the operation does nothing and answers ERR_IO */
	SIM_ENOSPC,          /* likewise ERR_NOSPACE; a write_at leaves a prefix behind */
	SIM_SHORT,           /* a write_at leaves a prefix behind and answers ERR_IO */
	SIM_CRASH,           /* likewise; and every later call answers ERR_IO until sim_reboot */
};

/* The world (release with sim_close); NULL without memory. */
struct world *sim_open(uint64_t seed, int64_t start_ns);
void sim_close(struct world *w);

void sim_advance(struct world *w, int64_t ns);
/* From here on the entropy is that of this seed: what is done again draws the same again. */
void sim_entropy(struct world *w, uint64_t seed);
/* NULL as the value takes the name away. */
enum err sim_set_env(struct world *w, const char *name, const char *value) NODISCARD;

/* Arm one fault at the n-th changing operation from now (1 = the next); 0 disarms. */
void sim_fail_at(struct world *w, uint64_t n, enum sim_fault fault);
/* Changing operations since sim_open or the last sim_fail_at; and whether its fault was hit. */
uint64_t sim_operations(const struct world *w);
bool sim_was_hit(const struct world *w);

/*
 * Start again after a crash: descriptors and locks are gone, the fault is disarmed. With
 * `power_lost` all that was not synced is gone too; without it (kill -9) the process's last view
 * survives.
 */
void sim_reboot(struct world *w, bool power_lost);

/*
 * Start again after a power loss before which some of what was not synced had reached the disk:
 * of a file a prefix or some blocks (where a block is missing, what was there or zeros), of a
 * folder all of its new names or none. `seed` decides which.
 */
void sim_tear(struct world *w, uint64_t seed);

/* Bytes of a file as the process sees it (borrowed until the next call; ptr NULL when missing). */
struct str sim_peek(const struct world *w, const char *path);
/* A hand on the disk from outside: content and name are in place and durable; no operation. */
enum err sim_poke(struct world *w, const char *path, struct str content) NODISCARD;
/*
 * Bytes that may be stored in total before writes answer ERR_NOSPACE, leaving what fits; 0 = no
 * limit (the default). A removed file counts until its folder is synced.
 */
void sim_set_capacity(struct world *w, uint64_t bytes);

#endif
