/*
 * turn_kit: rotations of a log's key for tests. A key is a letter, as in link_kit.h.
 *
 *   turn_kit_line(&b, &t);               t is { .old = 'a', .next = 'b', .sequence = 1, .seq = 4 }:
 *                                        in entry 4 the first key, a, gives way to b
 *   turn_kit_note(&b, 5, "ab");          a checkpoint of 5 entries, signed by both
 */
#ifndef TRAMMEL_TESTS_TURN_KIT_H
#define TRAMMEL_TESTS_TURN_KIT_H

#include "engine/audit/succession.h"

#define TURN_KIT_ORIGIN "log.example/1"

struct turn {
	char old, next;
	uint64_t sequence, seq;
	char by_old, by_next;        /* who signs in their place; 0: they themselves do */
	const char *log;             /* NULL: TURN_KIT_ORIGIN */
	const char *verb;            /* NULL: SUCCESSION_VERB */
};

struct sign_key *turn_kit_secret(char key);
struct note_key turn_kit_key(char key);
/* The line of the entry, with its LF. */
void turn_kit_line(struct buf *b, const struct turn *t);
void turn_kit_note(struct buf *b, uint64_t size, const char *signers);

#endif
