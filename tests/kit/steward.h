/*
 * steward: a workspace of space_kit with an agent in it, and what may be expected of it after
 * anything that happened to it.
 */
#ifndef TRAMMEL_TESTS_STEWARD_H
#define TRAMMEL_TESTS_STEWARD_H

#include "tests/kit/space_kit.h"

#define STEWARD_SEGMENT SPACE_KIT_DIR "/log/segment/00000000.jsonl"
#define STEWARD_PACK SPACE_KIT_DIR "/blob/00000000.pack"

struct steward {
	struct space_kit kit;
	struct world *w;             /* the kit's */
	struct arena memory;         /* of one event */
	struct buf bodies;
	struct note note;
};

/* Made; entry 0 is the policy, entry 1 registers agent "ann", who has a key. */
void steward_init(struct steward *st, const char *policy);
void steward_fini(struct steward *st);

/* One document through the gate of an open space. */
enum err steward_submit(struct steward *st, struct space *s, const char *text,
			struct verdict *ret);
/* Open, submit one document, close; asserts that all goes well. */
struct verdict steward_record(struct steward *st, const char *text);
/*
 * Assert that it opens, verifies, replays exactly, knows its last state and proves entries; gives
 * the size.
 */
uint64_t steward_expect_sound(struct steward *st);
/* The error of opening for writing, and its note; what was opened is abandoned. */
enum err steward_open_error(struct steward *st);

/* In entry `seq` replace `from`, which must be there, and write the log anew, signed by its key. */
void steward_forge(struct steward *st, uint64_t seq, const char *from, const char *to);
/* A copy in the kit's memory of `text` in which the first `from` is `to`. */
struct str steward_edit(struct steward *st, struct str text, const char *from, const char *to);

#endif
