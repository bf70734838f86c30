/*
 * cedar_scene: policies, entities and a request from short texts, for tests of engine/cedar.
 *
 * JSON is written with ' for ". What cannot be read fails the test at once.
 */
#ifndef TRAMMEL_TESTS_CEDAR_SCENE_H
#define TRAMMEL_TESTS_CEDAR_SCENE_H

#include "engine/base/json.h"
#include "engine/cedar/cedar.h"

struct cedar_scene {
	struct arena memory;
	struct cedar_policies *policies;
	struct cedar_entities *entities;
	struct cedar_request request;
};

/* User::"ann" does Action::"view" to Photo::"p1", with no entities and an empty context. */
void cedar_scene_init(struct cedar_scene *k);
void cedar_scene_fini(struct cedar_scene *k);
const struct value *cedar_scene_json(struct cedar_scene *k, const char *text);
void cedar_scene_policies(struct cedar_scene *k, const char *text);
void cedar_scene_entities(struct cedar_scene *k, const char *json);
/* With Cedar's escapes. */
void cedar_scene_context(struct cedar_scene *k, const char *json);
struct cedar_schema *cedar_scene_schema(struct cedar_scene *k, const char *text);
/* Type::"id", the quotes written as '. */
struct cedar_uid cedar_scene_uid(struct cedar_scene *k, const char *text);
struct cedar_answer cedar_scene_decide(struct cedar_scene *k);
/* "yes", "no", or the sentence of the error: what a condition says. */
const char *cedar_scene_outcome(struct cedar_scene *k, const char *condition);

#endif
