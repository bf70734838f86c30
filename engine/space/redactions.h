/*
 * redactions: values taken out of recorded bodies for good. A part of the door of engine/space.
 *
 *   found      entries that are wanted, and have the field
 *   decided    again without the values: whose decision looks at one is told, and without `force`
 *              that is the end
 *   recorded   as control log.redact: field, how many entries, which
 *   taken      out of the packs; what cannot be decided any more keeps how its step changed the
 *              state, so that a replay goes on behind it
 *
 * A crash in between leaves bodies whole that the log says were redacted: space_find_unfinished
 * tells, and the same order again ends it; nothing else can, as the log does not say the condition.
 * The hash of every entry, proofs and signatures hold before and after.
 */
#ifndef TRAMMEL_SPACE_REDACTIONS_H
#define TRAMMEL_SPACE_REDACTIONS_H

#include "engine/gate/gate.h"

struct space;

struct space_redaction {
	/* "args.customer.email", "result": all values at or below it; a list is gone through */
	struct str field;
	/*
	 * Whether an action is meant, and with it its outcome. The request is as conditions see it,
	 * without counts and past. It is asked without (NULL) first; TRUTH_ERROR then says that the
	 * entry alone does not tell. NULL: all are.
	 */
	enum truth (*wanted)(void *self, const struct entry *e, const struct value *request);
	/* Hears of each entry whose decision, by `reader`, stands on the field; may be NULL. */
	void (*depends)(void *self, uint64_t entry, struct str reader);
	/* And of each whose line quotes a value, which nothing can take away; may be NULL. */
	void (*quotes)(void *self, uint64_t entry);
	void *self;
	bool force, dry_run;
	struct str reason;
	int64_t at_ns;
};

struct space_redacted {
	uint64_t entries, first, last;        /* with a value that goes or went */
	uint64_t dependent, quoted;           /* of them */
};

/*
 * The workspace is open for writing, and nothing was submitted. ERR_SYNTAX (the field),
 * ERR_NOT_FOUND (no entry has it), ERR_DENIED (a decision stands on it, and `force` is not set; the
 * report is filled), ERR_MISS (bodies that deciding takes are gone), ERR_TAMPERED, ERR_LIMIT.
 */
enum err space_redact(struct space *s, const struct space_redaction *r,
		      struct space_redacted *ret, struct note *n) NODISCARD;

/* Announced by `entry`, of so many of entries `first` to `last`; `left` at least have values. */
struct space_unfinished {
	uint64_t entry;
	struct str field;
	uint64_t first, last, entries, left;
};

/* Texts live until it returns. */
typedef void space_hears_unfinished(void *self, const struct space_unfinished *u);

/*
 * Which redactions did not end, by the packs themselves: fewer entries of the span have lost all
 * values of the field than were announced. One whose every missing entry another redaction, of the
 * same field and span, makes up for is not told. Reads the bodies of all spans.
 */
enum err space_find_unfinished(struct space *s, space_hears_unfinished *hears, void *self,
			       struct note *n) NODISCARD;

/* What a control says was taken: of so many of the entries `first` to `last` of the log. */
struct space_taken {
	uint64_t first, last, entries;
	uint64_t unknown;            /* of how many of them the decision stood on it */
};

/* False: the entry is no redaction. What it does not say is 0. */
bool space_redaction_of(const struct entry *e, struct space_taken *ret);

#endif
