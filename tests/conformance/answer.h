/*
 * answer: our answers to one case of the identity vectors, member by member. suite_identity.c
 * compares them; answer_token.c gives those about tokens, revocations and handshakes.
 */
#ifndef TRAMMEL_TESTS_ANSWER_H
#define TRAMMEL_TESTS_ANSWER_H

#include "engine/gate/gate.h"
#include "tests/conformance/suite.h"

struct one {
	struct suite *suite;
	struct arena *arena;
	const char *file;
	char name[128];
	const struct value *given, *expect;
	struct buf ours;                      /* our answers, an object */
};

void answer_put_key(struct one *c, const char *key);
void answer_put_raw(struct one *c, const char *key, struct str json);
/* ptr NULL: null */
void answer_put_text(struct one *c, const char *key, struct str text);
void answer_put_bool(struct one *c, const char *key, bool yes);

void answer_svid(struct one *c);
void answer_revocation(struct one *c);
void answer_handshake(struct one *c);

#endif
