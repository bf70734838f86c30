/*
 * inside: what the files of engine/cedar share.
 *
 *   text --> cedar_lexer --> cedar_parse, cedar_grammar --+
 *   JSON --> cedar_est -----------------------------------+--> cedar_tree --> cedar_policies
 *
 *   policies --> cedar_eval <-- cedar_entities        policies --> cedar_write --> text
 *       |            ^    ^
 *       |            |    +---- cedar_value, cedar_ext
 *       |            +--------- cedar_cells, cedar_track, cedar_index: the same, many at once
 *       v
 *   cedar_type (the validator) <-- cedar_schema <-- .cedarschema, JSON
 *
 * An expression is a tree of nodes that cedar_tree bounds in depth (LIMIT_CEDAR_DEPTH) and number
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
			uint64_t weight;
		} set;
		struct {
			const struct cedar_attr *attrs;      /* sorted by name (str_cmp), unique */
			size_t count;
			uint64_t weight;
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
/*
 * What it takes to look through a value, in steps: one for each value in it and for eight bytes of
 * its texts (cedar_text_weight). Sets and records know it since they were made.
 */
static inline uint64_t cedar_text_weight(struct str s)
{
	return s.len / 8;
}

uint64_t cedar_value_weight(const struct cedar_value *v);
/* Steps of cedar_value_eq, and of cedar_set_has: none is more, whatever the values are. */
uint64_t cedar_eq_steps(const struct cedar_value *a, const struct cedar_value *b);
uint64_t cedar_has_steps(const struct cedar_value *set, const struct cedar_value *item);
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

/* The same by constructor, CALL_IP to CALL_DURATION; what its text looks like. */
bool cedar_ext_read(enum cedar_call constructor, struct str text, struct cedar_value *ret);
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
	/*
	 * args; call. Of an extension's function or method they may be too few or too many, which
	 * is an error when it is evaluated; a method has its receiver at least.
	 */
	EXPR_CALL,
	CEDAR_OPS
};

/* A run of `like`: literal text, or a star. Two stars never stand together. */
struct cedar_glob {
	bool star;
	struct str text;
};

struct cedar_expr {
	enum cedar_op op;
	uint32_t line, column;       /* of the operator or the first word; the object's in JSON */
	uint32_t arg_count, name_count;
	uint32_t height;             /* of the tree below, itself included; at most the bound */
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
	struct cedar_uid uid;        /* of == and in; of a slot what a link put in, else empty */
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
	bool wants_principal, wants_resource;        /* slots in its scope */
	/* A template that was linked: its id, else ptr NULL; and what stands in the slots. */
	struct str template_id;
	struct cedar_uid slot_principal, slot_resource;
};

struct cedar_policies {
	const struct cedar_policy **policies;        /* those that decide */
	size_t count;
	const struct cedar_policy **templates;
	size_t template_count;
	const struct cedar_policy **all, **by_id;    /* both kinds: as they came; sorted by id */
	size_t room;                                 /* of each of the four lists */
	const struct cedar_index *index;             /* of the first of them; NULL: of none */
	const struct cedar_cells *cells;             /* the conditions of the same, compact */
	size_t apart;                /* one more than a policy that both know as another; 0: none */
};

enum err cedar_policies_new(struct arena *memory, struct cedar_policies **ret) NODISCARD;
/* Append; ERR_DUPLICATE for an id that is taken, by a template too. ERR_LIMIT. */
enum err cedar_policies_add(struct cedar_policies *p, const struct cedar_policy *policy,
			    struct arena *memory, struct note *n) NODISCARD;

/* {"type", "id"}, with or without the escape __entity. */
enum err cedar_uid_read_json(const struct value *json, struct arena *memory, struct cedar_uid *ret,
			     struct note *n) NODISCARD;
/* ERR_TYPE unless the entity is of the type Action, in any namespace. */
enum err cedar_action_ok(struct cedar_uid uid, uint32_t line, uint32_t column,
			 struct note *n) NODISCARD;

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

/* ERR_ENCODING; ERR_LIMIT beyond LIMIT_CEDAR_BYTES. Tokens borrow from the text. */
enum err cedar_lexer_init(struct cedar_lexer *lx, struct str text, struct note *n) NODISCARD;
enum err cedar_lexer_next(struct cedar_lexer *lx, struct cedar_token *ret) NODISCARD;
/* Is it a word that no name may be? A name; names with `::` between, and no blanks? */
bool cedar_reserved(struct str word);
bool cedar_name_ok(struct str word);
bool cedar_path_ok(struct str path);

/* --- strings --- */

/* The characters that a string means; ERR_SYNTAX and where the bad escape begins. */
enum err cedar_unescape(struct str written, struct arena *memory, struct str *ret,
			size_t *bad) NODISCARD;
/* The same for a token, with the note; and what its pattern of `like` means. */
enum err cedar_token_string(const struct cedar_token *t, struct arena *memory, struct str *ret,
			    struct note *n) NODISCARD;
enum err cedar_token_glob(const struct cedar_token *t, struct arena *memory,
			  const struct cedar_glob **ret, size_t *ret_count,
			  struct note *n) NODISCARD;
/* In quotes, with escapes for what a reader would not see. The text is UTF-8. */
void cedar_string_write(struct buf *b, struct str s);
void cedar_glob_write(struct buf *b, const struct cedar_glob *runs, size_t count);

/* --- tree: nodes, and what both parsers check of them --- */

struct cedar_tree {
	struct arena *memory;
	struct note *note;
	uint32_t nodes;              /* made so far; the bound is of a whole set */
};

/* A link of a chain a && b && c: an operand, and the place of the sign before it. */
struct cedar_chained {
	const struct cedar_expr *expr;
	uint32_t line, column;
};

/* A growing list in an arena: room for one more of `size` bytes. Old blocks stay behind. */
enum err cedar_grow(struct arena *memory, void **items, size_t count, size_t *room,
		    size_t size) NODISCARD;
/* `node` with copies of these arguments. ERR_LIMIT when the tree is too deep or too large. */
enum err cedar_tree_add(struct cedar_tree *t, struct cedar_expr node,
			const struct cedar_expr *const *args, size_t count,
			const struct cedar_expr **ret) NODISCARD;
/*
 * The chain of && or || as a balanced tree, so that a thousand of them are ten deep. Both are
 * associative in value, in error and in what is left out, so chains that differ in parentheses only
 * are one chain, and one tree. `items` are at least two.
 */
enum err cedar_tree_chain(struct cedar_tree *t, enum cedar_op op,
			  const struct cedar_chained *items, size_t count,
			  const struct cedar_expr **ret) NODISCARD;
/* A variable by its name; ERR_UNKNOWN with a suggestion. */
enum err cedar_tree_var(struct cedar_tree *t, struct cedar_token name,
			const struct cedar_expr **ret) NODISCARD;
const char *cedar_var_name(enum cedar_var var);
/*
 * A call by its name. ERR_UNKNOWN with a suggestion; ERR_TYPE for a method that is written as a
 * function or the other way round, and for a wrong number of arguments of what is no extension.
 */
enum err cedar_tree_call(struct cedar_tree *t, struct cedar_token name, bool method,
			 const struct cedar_expr *const *args, size_t count,
			 const struct cedar_expr **ret) NODISCARD;
/* "&&", "has" ...: an operator as it is written, NULL for what is none. */
const char *cedar_op_text(enum cedar_op op);
const char *cedar_call_name(enum cedar_call call);
/* One of contains ... hasTag: a method of the language itself and not of an extension. */
bool cedar_call_is_core(enum cedar_call call);
bool cedar_call_is_method(enum cedar_call call);
/* How many arguments it takes, a method's receiver included: at most two. */
uint32_t cedar_call_args(enum cedar_call call);
/* ERR_DUPLICATE, and the number of a name that stands earlier in the list as well. */
enum err cedar_names_unique(const struct str *names, size_t count, size_t *twice) NODISCARD;

/* --- grammar: what cedar_parse and cedar_grammar share --- */

struct cedar_parser {
	struct cedar_lexer lexer;
	struct cedar_token now;
	struct cedar_tree tree;
	unsigned depth;              /* of expressions within expressions */
};

/* The text is copied; the first token is `now`. */
enum err cedar_grammar_init(struct cedar_parser *p, struct str text, struct arena *memory,
			    struct note *n) NODISCARD;
enum err cedar_grammar_advance(struct cedar_parser *p) NODISCARD;
bool cedar_at_word(const struct cedar_parser *p, const char *word);
bool cedar_at_sign(const struct cedar_parser *p, const char *sign);
/* "found ...; expected ...", with the word that was meant where there is one. */
enum err cedar_grammar_unexpected(struct cedar_parser *p, const char *expected) NODISCARD;
/* Pass the sign or complain. */
enum err cedar_grammar_sign(struct cedar_parser *p, const char *sign,
			    const char *expected) NODISCARD;
enum err cedar_grammar_expr(struct cedar_parser *p, const struct cedar_expr **ret) NODISCARD;
/* A::B; A::B::"id". */
enum err cedar_grammar_type(struct cedar_parser *p, struct str *ret) NODISCARD;
enum err cedar_grammar_uid(struct cedar_parser *p, struct cedar_uid *ret) NODISCARD;

/* --- est: what cedar_est and cedar_est_expr share --- */

#define CEDAR_FIELDS_MOST 6

/* ERR_TYPE: "found ...; expected ..." */
enum err cedar_est_kind(struct cedar_tree *t, const struct value *v,
			const char *expected) NODISCARD;
/*
 * The members of an object by their names, of which the first `required` must be there; `found` is
 * NULL for others. Any further member is refused.
 */
enum err cedar_est_fields(struct cedar_tree *t, const struct value *v, const char *const *names,
			  size_t required,
			  const struct value *found[CEDAR_FIELDS_MOST]) NODISCARD;
/* A copy of a string; likewise, the name of an entity type. */
enum err cedar_est_text(struct cedar_tree *t, const struct value *v, struct str *ret) NODISCARD;
enum err cedar_est_type(struct cedar_tree *t, const struct value *v, struct str *ret) NODISCARD;
enum err cedar_est_expr(struct cedar_tree *t, const struct value *v,
			const struct cedar_expr **ret) NODISCARD;

/* --- text: one expression; one part of a scope, links written as what fills them --- */

void cedar_expr_write(struct buf *b, const struct cedar_expr *e);
void cedar_scope_write(struct buf *b, enum cedar_var var, const struct cedar_scope *s);

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

/* --- types: of the schema, resolved, and of expressions --- */

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

/* The validator knows some truths before any request comes. */
enum cedar_only { ONLY_ANY = 0, ONLY_FALSE, ONLY_TRUE };

/*
 * A type of the schema is a tree of at most LIMIT_EXPR_DEPTH levels in which common types are
 * shared, so a walk along all ways has to count its steps.
 */
struct cedar_type {
	enum cedar_type_kind kind;
	struct str entity;                           /* the full name */
	const struct cedar_type *element;            /* of a set */
	const struct cedar_field *fields;            /* of a record, sorted by name */
	size_t field_count;
	/* Of expressions only. */
	enum cedar_only only;                        /* of a bool */
	const struct str *entities;                  /* one of these types, sorted; not `entity` */
	size_t entity_count;
	bool open;                                   /* a record that may have further fields */
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
	const struct str *ids;                       /* of an enumeration, sorted */
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
/* Is the name in one of a type's sorted lists: its parents, the ids that it enumerates? */
bool cedar_schema_lists(const struct str *sorted, size_t count, struct str name);
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
	/* The conditions compact, and what those that are shared came to (cells.h); else NULL. */
	const struct cedar_cells *cells;
	const struct cedar_value **outcomes;
	bool quiet;                                  /* errors need no sentence */
	struct str error;                            /* why the expression has no value */
	enum err failure;            /* ERR_MEMORY, ERR_LIMIT: not the expression's fault */
	/*
	 * Steps that were made: one for each expression, and what operators do beyond that by the
	 * weight of their values. Beyond LIMIT_DECISION_WORK `failure` is ERR_LIMIT.
	 */
	uint64_t work;
};

/* Too many steps were made: NULL, with the failure. */
const struct cedar_value *cedar_run_spent(struct cedar_run *r);

/* Two sides of the evaluator, that call each other: both NULL with `error` or `failure` set. */
const struct cedar_value *cedar_eval(struct cedar_run *r, const struct cedar_expr *x,
				     struct cedar_value *room);
const struct cedar_value *cedar_eval_call(struct cedar_run *r, const struct cedar_expr *x,
					  const struct cedar_value *const args[2],
					  struct cedar_value *room);
/*
 * One operator on the values of its arguments: all but those that leave arguments out, and those
 * that take any number. Of `is` with `in` only the first half.
 */
const struct cedar_value *cedar_apply(struct cedar_run *r, enum cedar_op op,
				      const struct cedar_expr *x,
				      const struct cedar_value *const args[2],
				      struct cedar_value *room);
const struct cedar_value *cedar_eval_var(struct cedar_run *r, const struct cedar_expr *x);
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
/* Is the entity of `v` in the other: itself or below it? */
bool cedar_eval_in(struct cedar_run *r, const struct cedar_value *v, const struct cedar_uid *other);

/* Scopes have an answer always: no error is possible in them. */
bool cedar_scope_holds(struct cedar_run *r, enum cedar_var var, const struct cedar_scope *s);
void cedar_run_init(struct cedar_run *r, const struct cedar_entities *e,
		    const struct cedar_request *request, struct arena *a);
/* Make cells and index of the policies, when those that have none yet are many. */
enum err cedar_index_refresh(struct cedar_policies *p, struct arena *memory) NODISCARD;
/* Set the bit of every policy that may hold or err; `bits` are zero, one for each policy. */
void cedar_index_candidates(const struct cedar_policies *p, struct cedar_run *r, uint64_t *bits);
/* Compute an expression that is the same in every request, once, when it is made. */
enum err cedar_fold(struct cedar_expr *x, struct arena *memory) NODISCARD;

#endif
