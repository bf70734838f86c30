/*
 * sequence: what a bundle wants to know of a session's past. Part of the door of engine/policy.
 *
 * A bundle declares events and labels, which are names for what actions do, and its conditions look
 * back at them: once(looked-up, args.id), since(read, approved) ... This room knows which of them
 * happen with an action, and what is asked. What did happen is kept in rows of engine/runtime; the
 * gate brings both together and answers every lookback as a member of the request's "past", where
 * conditions find it like anything else. What cannot be told is left out: it is missing, and so
 * undecidable.
 */
#ifndef TRAMMEL_SEQUENCE_H
#define TRAMMEL_SEQUENCE_H

#include "engine/base/limits.h"
#include "engine/base/value.h"

struct bundle;
struct sequence;

/* The built-in event, a human's approval of the session: its place among the events. */
#define SEQUENCE_APPROVED 0

/*
 * Everything a bundle watches. Ids are made of names (windows: of the event's name and the period)
 * and mean the same in every bundle; arrays live as long as the bundle.
 */
struct sequence_names {
	const uint64_t *events, *labels, *windows;
	size_t event_count, label_count, window_count;
	const uint8_t *window_events;        /* which event each window counts */
	const int64_t *window_ns;            /* and for how long */
	uint64_t watch;                      /* of all of them together */
};

/* What an action does that is allowed. Sets of places; what may have happened is not certain. */
#define SEQUENCE_KEY_BYTES 12

struct happening {
	uint32_t events, maybe_events, labels, maybe_labels;
	size_t key_count;                    /* values that keyed events happened to */
	uint8_t keys[LIMIT_EVENTS][SEQUENCE_KEY_BYTES];
};

enum lookback_form {
	LOOKBACK_ONCE = 0,
	LOOKBACK_KEY,        /* once, to the same value */
	LOOKBACK_RECENT,     /* once, within the period */
	LOOKBACK_SINCE,
	LOOKBACK_BEFORE,
	LOOKBACK_COUNT,
	LOOKBACK_WINDOW,     /* count within a window */
	LOOKBACK_LABELLED,
};

struct lookback {
	enum lookback_form form;
	struct str text;     /* as asked: its name in "past" */
	uint8_t event, other;        /* places; of a label, of a window where one is asked for */
	int64_t period_ns;
	uint32_t key, slot;  /* paths: of the value, of the answer */
};

/* NULL: the bundle watches nothing. */
const struct sequence *bundle_sequence(const struct bundle *b);
/*
 * What an action does that is allowed in that stage, in the arena; *ret is NULL where nothing is
 * watched. The request is as of bundle_decide. ERR_LIMIT, ERR_MEMORY.
 */
enum err bundle_happening(const struct bundle *b, enum policy_stage stage,
			  const struct value *request, struct arena *a,
			  const struct happening **ret) NODISCARD;
const struct sequence_names *sequence_names(const struct sequence *q);
/* The name of an event or a label that this id is made of; STR_NONE for one of another bundle. */
struct str sequence_name_of(const struct sequence *q, uint64_t id);
const struct lookback *sequence_lookbacks(const struct sequence *q, size_t *count);
/*
 * The digest of the value that a keyed lookback of this request asks for; false when it is missing.
 * ERR_LIMIT, ERR_MEMORY.
 */
enum err sequence_key(const struct sequence *q, const struct lookback *l,
		      const struct value *request, uint8_t key[SEQUENCE_KEY_BYTES],
		      bool *ret) NODISCARD;

#endif
