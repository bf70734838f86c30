/*
 * pairs: actions that wait for their outcomes.
 *
 *   entries in order -> [ action? ][ action + outcome ][ label ][ action? ] -> in the same order
 *                        waits        whole              whole     waits
 *
 * A log is two entries for what other formats write as one. So entries stand in a row until the
 * first of them needs to wait no more: its outcome came, or the row is full, which bounds memory.
 * An outcome that comes later than that finds nobody. Of this room alone.
 */
#ifndef TRAMMEL_PAIRS_H
#define TRAMMEL_PAIRS_H

#include "engine/crypto/crypto.h"

#define PAIRS_ROOM 1024u
#define PAIRS_BYTES ((size_t)64 << 20)

/* One entry; texts that are absent have ptr NULL. */
struct pair_half {
	struct str line, args, result;
	bool args_gone, result_gone;
	struct digest leaf;
};

struct pair {
	uint64_t seq;
	struct pair_half first, outcome;      /* outcome.line.ptr NULL: there is none */
};

/* Takes the front of the row; the pair lives until it returns. */
typedef enum err pair_take(void *self, const struct pair *p);

struct pairs;

enum err pairs_open(pair_take *take, void *self, struct pairs **ret) NODISCARD;
/* Safe on NULL. */
void pairs_close(struct pairs *p);
/* Copies. The errors of who takes, ERR_MEMORY. */
enum err pairs_add(struct pairs *p, uint64_t seq, bool waits,
		   const struct pair_half *first) NODISCARD;
/* The outcome of entry `of`; `*found` says whether that still waits. */
enum err pairs_outcome(struct pairs *p, uint64_t of, const struct pair_half *outcome,
		       bool *found) NODISCARD;
/* Nothing more comes: all that are left are taken. */
enum err pairs_end(struct pairs *p) NODISCARD;

#endif
