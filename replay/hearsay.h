/*
 * hearsay: what a foreign record says happened, as two events of ours. Of this room alone.
 *
 *   record -> hearsay --+--> action               decided by our gate, now
 *                       \--> outcome, linked   status, result; data.foreign: all else claimed
 *
 * A chain that is broken ends the import, unless it was asked for all the same: then the record
 * says so in data.foreign, and so does the report.
 */
#ifndef TRAMMEL_HEARSAY_H
#define TRAMMEL_HEARSAY_H

#include "replay/inside.h"

struct hearsay {
	struct str agent, action, resource, session, trace;    /* ptr NULL: it has none */
	int64_t at_ns, done_ns;      /* done: of the outcome, not before `at` */
	bool timed;                  /* false: the source knows no time */
	bool synthetic;              /* the source knew none either */
	const struct value *args;    /* NULL: none */
	const struct value *attrs;   /* object, what conditions see as action.*; NULL: none */
	struct str status;           /* of the outcome; ptr NULL: it says nothing */
	const struct value *latency; /* number; NULL: it says nothing */
	const struct value *result;  /* NULL: none */
	const struct value *foreign; /* object */
	bool no_outcome;             /* none is known, and nothing foreign is to be kept */
};

/* Both events; `at` is the record, for messages. ERR_LIMIT: they do not fit the log. */
enum err hearsay_submit(struct importing *im, const struct hearsay *c,
			const struct value *at) NODISCARD;

/*
 * Names of ours out of a member of the record; ptr NULL where it is missing or null. Too long is an
 * error, never a cut. ERR_TYPE, ERR_RANGE.
 */
enum err hearsay_name(struct importing *im, const struct value *v, const char *key,
		      struct str *ret) NODISCARD;
enum err hearsay_resource(struct importing *im, const struct value *v, const char *key,
			  struct str *ret) NODISCARD;
/* An RFC 3339 time, or one of Python's without a zone, which is taken for UTC and a finding. */
enum err hearsay_time(struct importing *im, const struct value *v, const char *key,
		      int64_t *ret) NODISCARD;
/* A list or object, which may nest deeper than an entry may, becomes its canonical JSON text. */
enum err hearsay_flatten(struct importing *im, struct value *v) NODISCARD;

/*
 * The members of an object that have no place of their own, flattened: all but those in `placed`
 * (NULL at its end) and those that are null.
 */
enum err hearsay_facts(struct importing *im, const struct value *v, const char *const *placed,
		       struct value *ret) NODISCARD;
/* Likewise the members that are in `names`. */
enum err hearsay_attributes(struct importing *im, const struct value *v, const char *const *names,
			    struct value *ret) NODISCARD;

/*
 * Evidence that does not hold: `e` again, or OK where it is let in. The note has the story; the
 * first one is kept in the report.
 */
enum err hearsay_broken(struct importing *im, enum err e) NODISCARD;

#endif
