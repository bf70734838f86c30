/*
 * cedar_kit: Cedar policies for tests of engine/cedar: read or refused in one call, and shown.
 *
 * To show is to write down everything of a tree but its places, in parentheses: two trees are the
 * same if and only if they are shown alike. It is written without the code under test.
 *
 *   f && !context.a  is  (&& (f) (! (. (context) `a`)))
 */
#ifndef TRAMMEL_TESTS_CEDAR_KIT_H
#define TRAMMEL_TESTS_CEDAR_KIT_H

#include "engine/cedar/inside.h"

/* Read; asserts that it works. The expression is the only condition of a policy. */
struct cedar_policies *cedar_kit_policies(struct arena *a, struct str text);
struct cedar_policies *cedar_kit_json(struct arena *a, struct str text);
const struct cedar_expr *cedar_kit_expr(struct arena *a, const char *text);

/* The error of reading, which asserts that nothing was left in the arena and no output written. */
enum err cedar_kit_refused(struct arena *a, struct str text, struct note *n);
enum err cedar_kit_refused_json(struct arena *a, struct str text, struct note *n);

/* In the arena. Of a set: with ids and links, or without both, in order. */
struct str cedar_kit_show(struct arena *a, const struct cedar_expr *e);
struct str cedar_kit_show_set(struct arena *a, const struct cedar_policies *p, bool ids);

/* A set with policies, templates and links of every kind, the same for the same seed. */
struct cedar_policies *cedar_kit_random(struct arena *a, uint64_t seed);

/* A file beside the checkout, in the arena; ptr NULL when it is absent. */
struct str cedar_kit_file(struct arena *a, const char *path);

#endif
