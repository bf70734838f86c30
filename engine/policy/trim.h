/*
 * trim: a bundle with fewer rules, for measuring what their number costs. It decides otherwise than
 * the bundle does, and is good for nothing else.
 */
#ifndef TRAMMEL_TRIM_H
#define TRAMMEL_TRIM_H

struct trimmed;

/* The first `rules` rules in the order of trial, all of them when there are fewer. */
enum err trim_open(const struct bundle *b, size_t rules, struct arena *memory,
		   const struct trimmed **ret) NODISCARD;
size_t trim_rules(const struct trimmed *t);
/* As question_decide. */
enum err trim_decide(const struct trimmed *t, const struct question *q, struct arena *a,
		     struct ruling *ret) NODISCARD;

/*
 * For every rule a request for which its condition is true, as far as one is found; what `found`
 * is given lives in `memory`.
 */
enum err trim_requests(const struct bundle *b, struct arena *memory, struct arena *scratch,
		       void (*found)(void *self, const struct question *q), void *self) NODISCARD;

#endif
