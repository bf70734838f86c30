/*
 * judged: schemas and policies for the suites of the validator, in one line each. Everything lives
 * in one arena of the test's process.
 */
#ifndef TRAMMEL_TESTS_JUDGED_H
#define TRAMMEL_TESTS_JUDGED_H

#include "engine/cedar/typing.h"

struct arena *judged_memory(void);

/* Asserts that they are read. */
struct cedar_schema *judged_schema(const char *text);
struct cedar_policies *judged_policies(const char *text);
/* The same from JSON, in which ' stands for ". */
struct cedar_schema *judged_schema_json(const char *json);

/* Why a schema is refused, "line:column text"; "" when it is read. */
const char *judged_refusal(const char *text);
const char *judged_refusal_json(const char *json);

/*
 * What the validator finds, "line:column text" or "warning line:column text", one a line; "" when
 * nothing.
 */
const char *judged_findings(const char *schema, const char *policies, enum cedar_mode mode);

/* Of one expression in `permit(principal, action, resource) when { .. };`, without places. */
const char *judged_expr(const char *schema, const char *expr, enum cedar_mode mode);

#endif
