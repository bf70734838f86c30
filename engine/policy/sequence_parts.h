/*
 * sequence_parts: how a bundle's sequence is put together. First every file declares its names,
 * then rules are read, whose conditions look back at them, then it is sealed.
 */
#ifndef TRAMMEL_SEQUENCE_PARTS_H
#define TRAMMEL_SEQUENCE_PARTS_H

#include "engine/policy/rules.h"

struct declared {
	char name[LIMIT_EVENT_NAME_BYTES + 1];
	struct str file;             /* where it is declared */
	enum policy_stage stage;
	const struct condition *when;        /* NULL: never by an action */
	uint32_t key;                /* the path whose value matters; 0: none */
};

struct sequence {
	const struct slots *slots;
	struct declared events[LIMIT_EVENTS + 1], labels[LIMIT_LABELS];
	struct lookback lookbacks[LIMIT_LOOKBACKS];
	size_t lookback_count;
	uint64_t event_ids[LIMIT_EVENTS + 1], label_ids[LIMIT_LABELS], window_ids[LIMIT_WINDOWS];
	uint8_t window_events[LIMIT_WINDOWS];
	int64_t window_ns[LIMIT_WINDOWS];
	struct sequence_names names;
	/* declaring: nobody may look back yet; open: any name is taken for declared */
	bool declaring, open;
};

/* A form as the parser of conditions read it. Columns count from 1. */
struct lookback_said {
	enum lookback_form form;
	struct str text;             /* as written, up to the closing parenthesis */
	struct str first, second, within;    /* names; a period as text */
	uint32_t first_column, second_column, within_column;
	uint32_t key;                /* a slot */
};

/* Empty, with the built-in event alone. ERR_MEMORY. */
enum err sequence_init(struct slots *slots, struct arena *memory, struct sequence **ret) NODISCARD;
/*
 * The number of the path where the answer will stand. ERR_UNKNOWN for names that nobody declared,
 * ERR_SYNTAX for a period or a key that cannot be, ERR_LIMIT. The note's columns are of the text.
 */
enum err sequence_ask(struct slots *slots, const struct lookback_said *said, struct arena *memory,
		      uint32_t *ret, struct note *n) NODISCARD;
/* All is declared and asked. Does the bundle watch anything? */
bool sequence_seal(struct sequence *q);
/* What an action of that stage does, in the arena. */
enum err sequence_match(const struct sequence *q, enum policy_stage stage, struct sight *s,
			struct arena *a, const struct happening **ret) NODISCARD;
/* Why the answer at this path is missing; false when no lookback's answer stands there. */
bool sequence_explain(struct sight *s, uint32_t slot, uint32_t column, struct note *n);

/* --- sequence_read: the keys `labels` and `events` of a policy --- */

enum err sequence_read(const struct reader *r, const struct value *document) NODISCARD;

#endif
