/*
 * compat_kit: trees from texts, and policies of the reference toolkit imported from a text. What
 * cannot be read ends the test.
 */
#ifndef TRAMMEL_TESTS_COMPAT_KIT_H
#define TRAMMEL_TESTS_COMPAT_KIT_H

#include "engine/policy/policy.h"

struct value compat_kit_json(struct arena *a, const char *text);
struct value compat_kit_yaml(struct arena *a, const char *text);

/* compat_import of one file, with the errors it may give. */
enum err compat_kit_try(struct arena *a, enum compat_origin from, const char *text,
			struct compat_report *ret, struct note *n);
/* The same, which must succeed. */
struct compat_report compat_kit_import(struct arena *a, enum compat_origin from, const char *text);

/* Does the policy hold this line, blanks before it aside? */
bool compat_kit_has(const struct compat_report *r, const char *line);
/* Is there a remark, refused or not, that holds this part? */
bool compat_kit_remarked(const struct compat_report *r, bool refused, const char *part);
/* The change with this request; NULL when there is none. */
const struct compat_change *compat_kit_change(const struct compat_report *r, const char *request);

#endif
