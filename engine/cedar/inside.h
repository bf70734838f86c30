/*
 * inside: what the files of engine/cedar share.
 *
 *   text --> cedar_lexer --> cedar_parse --+
 *   JSON ------------------> cedar_est ----+--> policies --> cedar_eval <-- cedar_entities
 *                                                   |            ^
 *   .cedarschema, JSON --> cedar_schema ------------+            +---- cedar_value, cedar_ext
 *                                                   v
 *                                              cedar_type (the validator)
 *
 * An expression is a tree of nodes that the parsers bound in depth (LIMIT_EXPR_DEPTH) and number
 * (LIMIT_CEDAR_NODES), so whoever walks it may recurse.
 */
#ifndef TRAMMEL_CEDAR_INSIDE_H
#define TRAMMEL_CEDAR_INSIDE_H

#include "engine/base/limits.h"
#include "engine/base/map.h"
#include "engine/cedar/cedar.h"

/* Foreign text in messages: whole when short, its beginning otherwise. For "%.*s". */
#define SHOWN_BYTES 64
#define SHOWN(s) (int)((s).len < SHOWN_BYTES ? (s).len : SHOWN_BYTES), (s).ptr ? (s).ptr : ""

/* --- values --- */

enum cedar_kind {
	CEDAR_BOOL = 0,
	CEDAR_LONG,
	CEDAR_STRING,
	CEDAR_ENTITY,
	CEDAR_SET,
	CEDAR_RECORD,
	CEDAR_DECIMAL,               /* integer: value * 10^4 */
	CEDAR_DATETIME,              /* integer: ms since 1970 */
	CEDAR_DURATION,              /* integer: ms */
	CEDAR_IP,
	CEDAR_FOREIGN,               /* JSON without a Cedar value: reading it is an error */
};

struct cedar_ip {
	uint8_t bytes[16];           /* IPv4: the first four */
	uint8_t prefix;
	bool v6;
};

struct cedar_value {
	enum cedar_kind kind;
	union {
		bool boolean;
		int64_t integer;
		struct str string;
		struct cedar_uid uid;
		struct {
			const struct cedar_value *items;     /* sorted by cedar_value_cmp, unique */
			size_t count;
		} set;
		struct {
			const struct cedar_attr *attrs;      /* sorted by name (str_cmp), unique */
			size_t count;
		} record;
		struct cedar_ip ip;
		const struct value *foreign;                 /* null, or a number */
	};
};

struct cedar_attr {
	struct str name;
	struct cedar_value value;
};

/* "bool", "long", "string", `entity of type ...` for messages: the name of the kind. */
const char *cedar_kind_name(enum cedar_kind kind);
/* A total order, for sets: equality is Cedar's ==. */
int cedar_value_cmp(const struct cedar_value *a, const struct cedar_value *b);
bool cedar_value_eq(const struct cedar_value *a, const struct cedar_value *b);
/* NULL when there is none. */
const struct cedar_value *cedar_value_get(const struct cedar_value *record, struct str name);
/* Sort and drop doubles; `items` belongs to the caller and becomes the set's. */
void cedar_set_make(struct cedar_value *items, size_t count, struct cedar_value *ret);
bool cedar_set_has(const struct cedar_value *set, const struct cedar_value *item);
/* Sort by name; the names are different. `attrs` becomes the record's. */
void cedar_record_make(struct cedar_attr *attrs, size_t count, struct cedar_value *ret);

/* --- extension types: text to value; false when the text is none --- */

bool cedar_ip_read(struct str text, struct cedar_ip *ret);
bool cedar_decimal_read(struct str text, int64_t *ret);
bool cedar_datetime_read(struct str text, int64_t *ret_ms);
bool cedar_duration_read(struct str text, int64_t *ret_ms);

/* --- expressions --- */

/* id, name as written, number of arguments (a method's receiver included), is it a method */
#define CEDAR_CALL_LIST(X)                                                                         \
	X(CALL_IP, "ip", 1, false)                                                                 \
	X(CALL_DECIMAL, "decimal", 1, false)                                                       \
	X(CALL_DATETIME, "datetime", 1, false)                                                     \
	X(CALL_DURATION, "duration", 1, false)                                                     \
	X(CALL_CONTAINS, "contains", 2, true)                                                      \
	X(CALL_CONTAINS_ALL, "containsAll", 2, true)                                               \
	X(CALL_CONTAINS_ANY, "containsAny", 2, true)                                               \
	X(CALL_IS_EMPTY, "isEmpty", 1, true)                                                       \
	X(CALL_GET_TAG, "getTag", 2, true)                                                         \
	X(CALL_HAS_TAG, "hasTag", 2, true)                                                         \
	X(CALL_IS_IPV4, "isIpv4", 1, true)                                                         \
	X(CALL_IS_IPV6, "isIpv6", 1, true)                                                         \
	X(CALL_IS_LOOPBACK, "isLoopback", 1, true)                                                 \
	X(CALL_IS_MULTICAST, "isMulticast", 1, true)                                               \
	X(CALL_IS_IN_RANGE, "isInRange", 2, true)                                                  \
	X(CALL_LESS_THAN, "lessThan", 2, true)                                                     \
	X(CALL_LESS_THAN_OR_EQUAL, "lessThanOrEqual", 2, true)                                     \
	X(CALL_GREATER_THAN, "greaterThan", 2, true)                                               \
	X(CALL_GREATER_THAN_OR_EQUAL, "greaterThanOrEqual", 2, true)                               \
	X(CALL_OFFSET, "offset", 2, true)                                                          \
	X(CALL_DURATION_SINCE, "durationSince", 2, true)                                           \
	X(CALL_TO_DATE, "toDate", 1, true)                                                         \
	X(CALL_TO_TIME, "toTime", 1, true)                                                         \
	X(CALL_TO_MILLISECONDS, "toMilliseconds", 1, true)                                         \
	X(CALL_TO_SECONDS, "toSeconds", 1, true)                                                   \
	X(CALL_TO_MINUTES, "toMinutes", 1, true)                                                   \
	X(CALL_TO_HOURS, "toHours", 1, true)                                                       \
	X(CALL_TO_DAYS, "toDays", 1, true)

enum cedar_call {
#define CEDAR_CALL_ENUM(id, name, args, method) id,
	CEDAR_CALL_LIST(CEDAR_CALL_ENUM)
#undef CEDAR_CALL_ENUM
	CEDAR_CALLS
};

/* The same by constructor, CALL_IP to CALL_DURATION; its name; what its text looks like. */
bool cedar_ext_read(enum cedar_call constructor, struct str text, struct cedar_value *ret);
const char *cedar_ext_name(enum cedar_call constructor);
const char *cedar_ext_form(enum cedar_call constructor);

enum cedar_var { VAR_PRINCIPAL = 0, VAR_ACTION, VAR_RESOURCE, VAR_CONTEXT };

enum cedar_op {
	EXPR_LITERAL = 0,            /* literal: bool, long, string or entity */
	EXPR_VAR,                    /* var */
	EXPR_SLOT,                   /* var: principal or resource; scopes only */
	EXPR_IF,                     /* args: condition, then, else */
	EXPR_AND, EXPR_OR,           /* args: two */
	EXPR_NOT, EXPR_NEG,          /* args: one */
	EXPR_EQ, EXPR_NE, EXPR_LT, EXPR_LE, EXPR_GT, EXPR_GE, EXPR_IN,
	EXPR_ADD, EXPR_SUB, EXPR_MUL,
	EXPR_GET,                    /* args: one; name */
	EXPR_HAS,                    /* args: one; names: a.b.c as three, at least one */
	EXPR_LIKE,                   /* args: one; pattern */
	EXPR_IS,                     /* args: one, or two with `in`; name: the type */
	EXPR_SET,                    /* args: any number */
	EXPR_RECORD,                 /* args: any number; names: as many, unique */
	EXPR_CALL,                   /* args; call */
};

/* A run of `like`: literal text, or a star. Two stars never stand together. */
struct cedar_glob {
	bool star;
	struct str text;
};

struct cedar_expr {
	enum cedar_op op;
	uint32_t line, column;       /* of the operator or the first word; 0 from JSON */
	uint32_t arg_count, name_count;
	const struct cedar_expr *const *args;
	const struct cedar_value *constant;          /* what it always is; NULL: depends, or errs */
	union {
		struct cedar_value literal;
		enum cedar_var var;
		struct str name;
		const struct str *names;
		struct {
			const struct cedar_glob *runs;
			size_t count;
		} pattern;
		enum cedar_call call;
	};
};

/* --- policies --- */

enum cedar_scope_op { SCOPE_ANY = 0, SCOPE_EQ, SCOPE_IN, SCOPE_IS, SCOPE_IS_IN };

struct cedar_scope {
	enum cedar_scope_op op;
	bool slot;                   /* the entity is the policy's slot of this place */
	struct cedar_uid uid;        /* of == and in, when no slot */
	struct str type;             /* of is */
	/* the action's `in [..]`: a list, maybe empty; `op` is then SCOPE_IN and `listed` true */
	bool listed;
	const struct cedar_uid *list;
	size_t list_count;
	uint32_t line, column;
};

struct cedar_condition {
	bool unless;
	const struct cedar_expr *body;
};

struct cedar_note {                  /* an annotation */
	struct str key, value;
};

struct cedar_policy {
	struct str id;
	bool forbid;
	struct cedar_scope principal, action, resource;
	const struct cedar_condition *conditions;
	size_t condition_count;
	const struct cedar_note *notes;
	size_t note_count;
	uint32_t line, column;
	bool wants_principal, wants_resource;        /* a template: slots in its scope */
	struct cedar_uid slot_principal, slot_resource;      /* of a link */
};

struct cedar_policies {
	const struct cedar_policy **policies;        /* those that decide */
	size_t count, room;
	const struct cedar_policy **templates;
	size_t template_count, template_room;
};

/* Append; ERR_DUPLICATE for an id that is taken, by a template too. */
enum err cedar_policies_add(struct cedar_policies *p, const struct cedar_policy *policy,
			    struct arena *memory) NODISCARD;

/* --- lexer --- */

enum cedar_token_kind {
	CEDAR_END = 0,
	CEDAR_WORD,                  /* identifier or keyword */
	CEDAR_NUMBER,
	CEDAR_TEXT,                  /* string: `text` is as written, quotes left out */
	CEDAR_SIGN,                  /* `::` `==` `&&` ... and single signs */
};

struct cedar_token {
	enum cedar_token_kind kind;
	struct str text;
	uint32_t line, column;
	uint64_t number;             /* of CEDAR_NUMBER; ERR_RANGE beyond 64 bits */
};

struct cedar_lexer {
	struct str text;
	size_t at;
	uint32_t line, column;
	struct note *note;
};

enum err cedar_lexer_next(struct cedar_lexer *lx, struct cedar_token *ret) NODISCARD;
bool cedar_reserved(struct str word);
/* The characters that a string means. Stars of `like` are the business of cedar_parse. */
enum err cedar_unescape(struct str written, struct arena *memory, struct str *ret, size_t *bad);

/* --- tables of uids --- */

#define CEDAR_NOWHERE UINT32_MAX

struct cedar_key {
	uint64_t hash;
	uint32_t slot;               /* keys of different use share a table */
	struct cedar_uid uid;
};

struct cedar_table {
	const struct cedar_key *keys;
	uint32_t count, bits;
	const uint32_t *first;
};

struct cedar_key cedar_key(uint32_t slot, struct cedar_uid uid);
int cedar_key_cmp(const struct cedar_key *a, const struct cedar_key *b);
/* `keys` become the table's: they are sorted, and doubles dropped. */
enum err cedar_table_build(struct cedar_key *keys, size_t count, struct arena *memory,
			   struct cedar_table *ret) NODISCARD;
/* The number of the key in its table, or CEDAR_NOWHERE. */
uint32_t cedar_table_find(const struct cedar_table *t, uint32_t slot, const struct cedar_uid *uid);

/* --- entities --- */

struct cedar_entity {
	struct cedar_uid uid;
	struct cedar_value attrs, tags;              /* records */
	const uint32_t *ancestors;                   /* nodes; closed, sorted */
	size_t ancestor_count;
};

struct cedar_entities {
	struct cedar_table nodes;                    /* every uid that is named */
	uint32_t *given;                             /* of each node: its entity + 1, or 0 */
	struct cedar_entity *entities;
	size_t count;
};

struct cedar_parents {
	const struct cedar_uid *uids;
	size_t count;
};

int cedar_uid_cmp(const struct cedar_uid *a, const struct cedar_uid *b);
/* {"type", "id"}, with or without the escape __entity. */
enum err cedar_uid_read_json(const struct value *json, struct arena *memory, struct cedar_uid *ret,
			     struct note *n) NODISCARD;
/* NULL when unknown. */
const struct cedar_entity *cedar_entity_find(const struct cedar_entities *e,
					     const struct cedar_uid *uid);
/* Transitive, not reflexive. */
bool cedar_entity_has_ancestor(const struct cedar_entities *e, const struct cedar_entity *entity,
			       const struct cedar_uid *ancestor);
/* Reflexive and transitive. */
bool cedar_entity_in(const struct cedar_entities *e, const struct cedar_uid *uid,
		     const struct cedar_uid *ancestor);
/*
 * Give every entity its ancestors. `parents` and `places` (NULL: nowhere in a text) are as many as
 * entities. ERR_TYPE for a circle; ERR_LIMIT.
 */
enum err cedar_hierarchy_close(struct cedar_entities *e, const struct cedar_parents *parents,
			       const struct value *const *places, struct arena *memory,
			       struct note *n) NODISCARD;

/* --- types of the schema, resolved --- */

enum cedar_type_kind {
	TYPE_BOOL = 0,
	TYPE_LONG,
	TYPE_STRING,
	TYPE_ENTITY,
	TYPE_SET,
	TYPE_RECORD,
	TYPE_DECIMAL,
	TYPE_DATETIME,
	TYPE_DURATION,
	TYPE_IP,
};

struct cedar_type {
	enum cedar_type_kind kind;
	struct str entity;                           /* the full name */
	const struct cedar_type *element;            /* of a set */
	const struct cedar_field *fields;            /* of a record, sorted by name */
	size_t field_count;
};

struct cedar_field {
	struct str name;
	const struct cedar_type *type;
	bool optional;
};

struct cedar_entity_type {
	struct str name;                             /* full */
	const struct str *parents;                   /* types it may be `in`, closed, sorted */
	size_t parent_count;
	const struct cedar_type *attrs;              /* a record */
	const struct cedar_type *tags;               /* NULL: none */
	const struct str *ids;                       /* of an enumeration */
	size_t id_count;
	bool enumeration;
};

struct cedar_action {
	struct cedar_uid uid;
	const struct cedar_uid *ancestors;           /* closed, sorted */
	size_t ancestor_count;
	const struct str *principals, *resources;    /* full names of types */
	size_t principal_count, resource_count;
	const struct cedar_type *context;            /* a record */
};

struct cedar_schema {
	const struct cedar_entity_type *types;       /* sorted by name */
	size_t type_count;
	const struct cedar_action *actions;          /* sorted by uid */
	size_t action_count;
};

const struct cedar_entity_type *cedar_schema_type(const struct cedar_schema *s, struct str name);
const struct cedar_action *cedar_schema_action(const struct cedar_schema *s,
					       const struct cedar_uid *uid);
/*
 * A value from JSON. `type` NULL: by the escapes __entity and __extn alone; else by the type,
 * where escapes may be left out. `depth` is what nesting is left.
 */
enum err cedar_value_read(const struct value *json, const struct cedar_type *type, unsigned depth,
			  struct arena *memory, struct cedar_value *ret, struct note *n) NODISCARD;
/* The kind of the values of a type. */
enum cedar_kind cedar_kind_of(enum cedar_type_kind kind);
/* Is the value of the type? */
bool cedar_value_fits(const struct cedar_value *v, const struct cedar_type *type);

/* --- evaluation --- */

/* One decision under way. */
struct cedar_run {
	const struct cedar_entities *entities;
	const struct cedar_request *request;
	struct arena *arena;
	struct cedar_value vars[3];                  /* principal, action, resource, as values */
	const struct cedar_entity *found[3];         /* they, when they were looked up */
	bool sought[3];
	struct str error;                            /* why the expression has no value */
	enum err failure;                            /* ERR_MEMORY: not the expression's fault */
};

/* Two sides of the evaluator, that call each other: both NULL with `error` or `failure` set. */
const struct cedar_value *cedar_eval(struct cedar_run *r, const struct cedar_expr *x,
				     struct cedar_value *room);
const struct cedar_value *cedar_eval_call(struct cedar_run *r, const struct cedar_expr *x,
					  const struct cedar_value *const args[2],
					  struct cedar_value *room);
/* NULL, with the sentence and the place of `x`. */
const struct cedar_value *cedar_eval_fail(struct cedar_run *r, const struct cedar_expr *x,
					  const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same: "expected long, found string". */
const struct cedar_value *cedar_eval_mismatch(struct cedar_run *r, const struct cedar_expr *x,
					      const char *expected,
					      const struct cedar_value *found);
const struct cedar_value *cedar_eval_bool(bool b);
/* The entity of an entity value; NULL when there is none. */
const struct cedar_entity *cedar_eval_entity(struct cedar_run *r, const struct cedar_value *v);

void cedar_run_init(struct cedar_run *r, const struct cedar_entities *e,
		    const struct cedar_request *request, struct arena *a);
/* One policy. CEDAR_ERROR: `r->error` says why. */
enum err cedar_run_policy(struct cedar_run *r, const struct cedar_policy *p,
			  enum cedar_truth *ret) NODISCARD;
/* Compute an expression that is the same in every request, once, when it is made. */
enum err cedar_fold(struct cedar_expr *x, struct arena *memory) NODISCARD;

#endif
