/*
 * policy_kit: policies and requests from literals, for tests of the tools over them. Everything
 * lives in the kit's arena; what cannot be read fails the test at once.
 */
#ifndef TRAMMEL_TESTS_POLICY_KIT_H
#define TRAMMEL_TESTS_POLICY_KIT_H

#include "engine/policy/policy.h"

#define POLICY_KIT_HEAD "apiVersion: governance.toolkit/v1\nname: p\n"
#define POLICY_KIT_OTHER "apiVersion: governance.toolkit/v1\nname: q\n"

struct policy_kit {
	struct arena memory;
};

void policy_kit_init(struct policy_kit *k);
void policy_kit_fini(struct policy_kit *k);
/* Files a.yaml, b.yaml and so on; `second` may be NULL. */
struct bundle *policy_kit_load(struct policy_kit *k, const char *first, const char *second);
struct question policy_kit_ask(struct policy_kit *k, const char *json);
struct ruling policy_kit_decide(struct policy_kit *k, const struct bundle *b, const char *json);
struct fixture policy_kit_fixture(struct policy_kit *k, const char *yaml);
/* The question as text, in the kit's memory. */
struct str policy_kit_text(struct policy_kit *k, const struct question *q);

#endif
