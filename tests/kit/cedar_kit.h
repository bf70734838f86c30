/*
 * cedar_kit: policies, entities and a request from short texts, for tests of engine/cedar.
 *
 * JSON is written with ' for ". What cannot be read fails the test at once.
 */
#ifndef TRAMMEL_TESTS_CEDAR_KIT_H
#define TRAMMEL_TESTS_CEDAR_KIT_H

#include "engine/base/json.h"
#include "engine/cedar/cedar.h"

struct cedar_kit {
	struct arena memory;
	struct cedar_policies *policies;
	struct cedar_entities *entities;
	struct cedar_request request;
};

/* User::"ann" does Action::"view" to Photo::"p1", with no entities and an empty context. */
void cedar_kit_init(struct cedar_kit *k);
void cedar_kit_fini(struct cedar_kit *k);
const struct value *cedar_kit_json(struct cedar_kit *k, const char *text);
void cedar_kit_policies(struct cedar_kit *k, const char *text);
void cedar_kit_entities(struct cedar_kit *k, const char *json);
/* With Cedar's escapes. */
void cedar_kit_context(struct cedar_kit *k, const char *json);
struct cedar_schema *cedar_kit_schema(struct cedar_kit *k, const char *text);
/* Type::"id", the quotes written as '. */
struct cedar_uid cedar_kit_uid(struct cedar_kit *k, const char *text);
struct cedar_answer cedar_kit_decide(struct cedar_kit *k);
/* "yes", "no", or the sentence of the error: what a condition says. */
const char *cedar_kit_outcome(struct cedar_kit *k, const char *condition);

#endif
