/*
 * handshake: one agent proves to another, in another log maybe, that it has its key now. A part of
 * the door of engine/identity; docs/formats/handshake.md has the bytes.
 *
 *   asker                                         answerer
 *     | -- challenge: who, whom, nonce, what for -> |      signed by the asker
 *     | <- answer: the challenge, own nonce, what   |
 *     |    it may ------------------------------    |      signed by the answerer
 *   meets: the answer is to a challenge that is open here
 *
 * Promises:
 *   1. Everything that is said is signed: both names, both keys, both nonces, both logs, the times,
 *      what is needed and what is claimed, the number of the challenge and the registry's epoch.
 *      Each field stands behind its length, and challenge and answer begin differently, so neither
 *      passes for the other.
 *   2. A nonce is used once. What is open is bounded: the oldest gives way, and an answer to it is
 *      refused like one that comes too late.
 *   3. What a meeting found holds for as much as it asked for and while the registry is as it was:
 *      any change of an agent there turns the epoch, and nothing found before counts.
 *   4. Nonces and times are arguments.
 */
#ifndef TRAMMEL_IDENTITY_HANDSHAKE_H
#define TRAMMEL_IDENTITY_HANDSHAKE_H

#include "engine/base/value.h"
#include "engine/identity/capability.h"
#include "engine/state/state.h"

#define HANDSHAKE_NONCE_BYTES 32
#define HANDSHAKE_TEXT_BYTES 8192             /* what is signed fits this */

struct challenge {
	struct str log, from, to;             /* the asker's log and name, the other's name */
	struct public_key from_key, to_key;
	uint8_t nonce[HANDSHAKE_NONCE_BYTES];
	uint64_t number, epoch;               /* as the asker's registry has them */
	uint32_t threshold;                   /* score that is needed, in points; 0: none */
	struct capabilities needs;            /* canonical; empty: nothing */
	int64_t at_ns, until_ns;
	struct signature signature;           /* by from_key */
};

struct reply {
	struct challenge challenge;
	struct str log;                       /* the answerer's */
	uint8_t nonce[HANDSHAKE_NONCE_BYTES];
	struct capabilities claims;           /* what it says that it may */
	int64_t at_ns;
	struct signature signature;           /* by to_key */
};

/* What is signed. The signatures themselves are no part of a challenge's text. */
void challenge_text(struct buf *b, const struct challenge *c);
void reply_text(struct buf *b, const struct reply *a);
/* One canonical JSON object each, and back, strictly; texts are borrowed. ERR_SYNTAX ("n" says). */
void challenge_write(struct buf *b, const struct challenge *c);
void reply_write(struct buf *b, const struct reply *a);
enum err challenge_read(const struct value *v, struct challenge *ret, struct note *n) NODISCARD;
enum err reply_read(const struct value *v, struct reply *ret, struct note *n) NODISCARD;
/* ERR_MEMORY. */
enum err challenge_sign(struct challenge *c, const struct sign_key *key) NODISCARD;
enum err reply_sign(struct reply *a, const struct sign_key *key) NODISCARD;

/*
 * Is the challenge in order by itself: two parties, a time that is bounded, signed by its asker?
 * ERR_DENIED, ERR_MEMORY.
 */
enum err challenge_check(const struct challenge *c, struct refusal *r) NODISCARD;
/* Likewise an answer and its challenge: signed by the two keys they name. */
enum err reply_check(const struct reply *a, struct refusal *r) NODISCARD;

/* --- what the asker's state holds --- */

/* One row of the challenges table; slot is the key. Slot 0 has the last number and the epoch. */
struct challenge_row {
	uint64_t slot, number, epoch;
	int64_t until_ns;
	uint8_t digest[DIGEST_BYTES];         /* of the challenge's text */
	uint8_t used, zero[7];
};

/* One row of the meetings table; both names are the key. */
struct meeting_row {
	char from[LIMIT_NAME_BYTES], to[LIMIT_NAME_BYTES];
	uint8_t needs[DIGEST_BYTES];          /* of the capabilities' text */
	uint8_t key[PUBLIC_KEY_BYTES];        /* of `to` */
	uint64_t epoch, entry;
	int64_t met_ns, until_ns;
	uint32_t threshold, zero;
};

_Static_assert(sizeof(struct challenge_row) == 40 + DIGEST_BYTES, "no padding");
_Static_assert(sizeof(struct meeting_row) == 2 * LIMIT_NAME_BYTES + 104, "no padding");

struct table_schema challenge_table(void);
struct table_schema meeting_table(void);

/*
 * The registry has changed: nothing that was found or asked before counts. Before the first
 * challenge there is nothing to forget. ERR_MEMORY, ERR_LIMIT.
 */
enum err handshake_turn(struct state *s, unsigned challenges) NODISCARD;
/* Number and epoch that the next challenge has to have. */
void handshake_next(const struct state *s, unsigned challenges, uint64_t *number,
		    uint64_t *epoch);
/* Keep a checked challenge open, in place of the oldest. ERR_DENIED, ERR_MEMORY, ERR_LIMIT. */
enum err handshake_open(struct state *s, unsigned challenges, const struct challenge *c,
			struct refusal *r) NODISCARD;
/*
 * Judge an answer by what is open here, in a log of that origin at that time, and use it up. Names,
 * keys, scores and standing are the caller's to judge first. ERR_DENIED, ERR_MEMORY, ERR_LIMIT.
 */
enum err handshake_close(struct state *s, unsigned challenges, const struct reply *a,
			 struct str log, int64_t at_ns, struct refusal *r) NODISCARD;
/* Remember that they met; `entry` recorded it. ERR_MEMORY, ERR_LIMIT. */
enum err meeting_keep(struct state *s, unsigned meetings, const struct challenge *c,
		      int64_t at_ns, uint64_t entry) NODISCARD;
/*
 * Have they met, for this threshold and these needs, by an epoch that still is, and not too long
 * ago? That the other still stands is the caller's to judge.
 */
bool meeting_holds(const struct state *s, unsigned meetings, unsigned challenges,
		   const struct challenge *c, int64_t at_ns, struct meeting_row *ret);

#endif
