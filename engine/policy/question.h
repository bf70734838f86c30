/*
 * question: one request written down by hand, and decided without being recorded.
 *
 * The document has the members of an action document (docs/formats/action.md), and besides what the
 * gate would know by itself: agent and session may be objects that hold what conditions see of
 * them, `stage` says where in the agent's step, `result` what the tool answered. Members that are
 * not given are what the gate says of a new agent in a new session. docs/formats/fixture.md.
 */
#ifndef TRAMMEL_QUESTION_H
#define TRAMMEL_QUESTION_H

struct question {
	enum policy_stage stage;
	struct str agent;     /* agent.id */
	struct value request; /* as conditions see it */
};

/*
 * Read a document; texts are borrowed from it. `further` lists member names that belong to somebody
 * else (NULL-ended; NULL: none). ERR_TYPE, ERR_UNKNOWN, ERR_NOT_FOUND, ERR_RANGE with line and
 * column.
 */
enum err question_read(const struct value *document, const char *const *further, struct arena *a,
		       struct question *ret, struct note *n) NODISCARD;
/* As a document that reads as the same question: one line of canonical JSON, no line end. */
void question_write(struct buf *b, const struct question *q);
/*
 * As the gate decides it, the signature of the action aside: agents that are not registered are
 * denied first unless the bundle admits them. As bundle_decide otherwise.
 */
enum err question_decide(const struct bundle *b, const struct question *q, struct arena *a,
			 struct ruling *ret) NODISCARD;

#endif
