/*
 * sample: a TRACE record for tests, and what is made of it.
 *
 *   struct sample s;
 *
 *   sample_init(&s);                      // a key of a fixed seed, an arena, an empty list
 *   v = sample_record(&s, "\"iat\":1785000000", "\"iat\":1");   // with that text replaced
 *   c = sample_signed(&s, v);             // read again from its signed text
 *   sample_fini(&s);
 */
#ifndef TRAMMEL_TESTS_SAMPLE_H
#define TRAMMEL_TESTS_SAMPLE_H

#include "engine/attest/attest.h"

#define SAMPLE_NOW_S INT64_C(1785000000)

extern const char sample_text[];

struct sample {
	struct arena memory;
	struct sign_key *key, *other;
	struct findings *f;
};

void sample_init(struct sample *s);
void sample_fini(struct sample *s);

struct value sample_read(struct sample *s, const char *text);
/* The record with `from`, which must be in it, replaced by `to`; NULL: as it is. */
struct value sample_record(struct sample *s, const char *from, const char *to);
struct str sample_sign(struct sample *s, const struct value *v, const struct sign_key *key);
struct trace_record sample_signed(struct sample *s, struct value v);
/* A set of the public half of a key, with that kid or none. */
struct jwks sample_keys(struct sample *s, const struct sign_key *key, const char *kid);
/* How the newest finding of that code came out; FINDING_STATUSES: there is none. */
enum finding_status sample_status(const struct sample *s, enum finding_code code);

#endif
