/*
 * follow: where names lead on the disk, asked at the edge for decisions to go by.
 *
 * What a name leads to only the disk knows, and the gate asks no disk. So it is asked before the
 * event comes in, and the answers stand in the event's data, as a list of objects: what was asked,
 * and "leads" or, where that cannot be told, "error". The decision goes by these, live and in a
 * replay alike. Without an answer it is a denial: an importer asks nobody.
 *
 * path.c and program.c say what is asked, and what an answer decides.
 */
#ifndef TRAMMEL_GATE_FOLLOW_H
#define TRAMMEL_GATE_FOLLOW_H

#include "engine/gate/inside.h"

struct follow;

/* Rules of a bundle that go by such answers. */
struct follow_rules {
	const char *key;                      /* of the answers in the data */
	const char *asked[3];                 /* what else an answer says; NULL ends */
	size_t most;                          /* answers of one event */
	size_t (*count)(const struct bundle *b);
	/* The rule is about what the agent does; and has something to ask of the disk then. */
	bool (*holds)(const struct bundle *b, size_t rule, struct str agent, struct str action);
	bool (*asks)(const struct bundle *b, size_t rule, struct str agent, struct str action);
	/* Ask it, by follow_to. */
	enum err (*ask)(struct follow *q, size_t rule, const struct value *args);
	enum err (*weigh)(struct weighing *w, size_t rule, struct finding *f);
};

/* What was asked about one event. */
struct follow {
	const struct follow_rules *rules;
	struct gate *gate;
	struct arena *arena;
	struct value *answers;
	size_t count, bytes;
};

/* No more can be asked: the answers are as many or as long as an entry may hold. */
bool follow_is_full(const struct follow *q);
/*
 * Where `path` leads below the folder `root`, as the next answer: `before` stands in front of what
 * is told, and `asked` are the values of rules->asked. *leads: it leads below. ERR_MEMORY.
 */
enum err follow_to(struct follow *q, struct str root, struct str path, const char *before,
		   const struct str *asked, bool *leads) NODISCARD;

/* Ask for every rule, and put the answers into the event's data. ERR_MEMORY. */
enum err follow_ask(const struct follow_rules *r, struct gate *g, struct event *e,
		    struct arena *a) NODISCARD;
/* Could follow_ask have recorded this list? */
bool follow_answers_ok(const struct follow_rules *r, const struct value *list);
/* By every rule that holds, until one denies. */
enum err follow_weigh(const struct follow_rules *r, struct weighing *w,
		      struct finding *f) NODISCARD;

#endif
