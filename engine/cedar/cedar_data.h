/*
 * cedar_data: what policies are judged against. Schemas, entities, requests. Opened by cedar.h.
 */
#ifndef TRAMMEL_CEDAR_DATA_H
#define TRAMMEL_CEDAR_DATA_H

#include "engine/cedar/cedar.h"

/* --- schema --- */

struct cedar_schema;

enum err cedar_schema_read(struct str text, struct arena *memory, struct cedar_schema **ret,
			   struct note *n) NODISCARD;
enum err cedar_schema_read_json(const struct value *schema, struct arena *memory,
				struct cedar_schema **ret, struct note *n) NODISCARD;

/* Does it declare an entity type of that full name, or, for actions, one of that type? */
bool cedar_schema_declares(const struct cedar_schema *s, struct str type);

enum cedar_mode { CEDAR_STRICT = 0, CEDAR_PERMISSIVE };

struct cedar_finding {
	size_t policy;               /* number among those that decide, or among the templates */
	bool of_template;
	struct str id;               /* of the policy or template */
	bool warning;                /* of interest, and yet the set is valid */
	uint32_t line, column;
	struct str text;
};

struct cedar_findings {
	const struct cedar_finding *items;
	size_t count;
	bool valid;                  /* no finding but warnings */
};

/*
 * Type-check every policy and template in every request environment of the schema. ERR_LIMIT: that
 * is more work than LIMIT_CEDAR_STEPS, and nothing is said about the set. Of one policy 256
 * findings are told; whether it is valid goes by all.
 */
enum err cedar_validate(const struct cedar_policies *p, const struct cedar_schema *s,
			enum cedar_mode mode, struct arena *a,
			struct cedar_findings *ret) NODISCARD;

/* --- entities --- */

struct cedar_entities;

/*
 * The list of entities, [{"uid","attrs","parents","tags"}]. With a schema (else NULL) the values
 * are read by their declared types, what it does not declare is refused, and its actions are
 * entities too. The hierarchy is closed; a cycle and an entity given twice are refused.
 */
enum err cedar_entities_read(const struct value *list, const struct cedar_schema *s,
			     struct arena *memory, struct cedar_entities **ret,
			     struct note *n) NODISCARD;
struct cedar_entities *cedar_entities_none(struct arena *memory);

/* --- requests --- */

struct cedar_value;

struct cedar_request {
	struct cedar_uid principal, action, resource;
	const struct cedar_value *context;   /* a record, maybe empty; never NULL */
};

/*
 * A context from JSON with Cedar's escapes (__entity, __extn); with schema and action (else NULL),
 * by its declared type. Floats and null are refused.
 */
enum err cedar_context_read(const struct value *object, const struct cedar_schema *s,
			    const struct cedar_uid *action, struct arena *a,
			    const struct cedar_value **ret, struct note *n) NODISCARD;
/*
 * A context from plain JSON without escapes, as agents send it: nothing in an object is refused. A
 * number without a fraction is a long however it is written, so 1.0 is 1, as in canonical JSON. An
 * integer beyond 64 bits, a number with a fraction and null have no Cedar value: the attribute is
 * there (`has`), and to read it is an error, so a forbid that needs it does not pass silently.
 * ERR_TYPE: no object; ERR_LIMIT: deeper than LIMIT_TREE_DEPTH.
 */
enum err cedar_context_plain(const struct value *object, struct arena *a,
			     const struct cedar_value **ret) NODISCARD;
/* Does the request conform: action declared, types applicable, context of its type? */
enum err cedar_request_check(const struct cedar_request *r, const struct cedar_schema *s,
			     struct note *n) NODISCARD;

#endif
