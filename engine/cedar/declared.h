/*
 * declared: a schema as it was written, before names mean anything.
 *
 *   .cedarschema --> cedar_schema_text --+
 *                                        +--> struct cedar_declared --> cedar_schema
 *   JSON ----------> cedar_schema_json --+
 *
 * Both formats say the same things, so both readers fill this one shape, and cedar_schema alone
 * knows what a name may stand for. Lists keep the order of the text; everything lives in the arena
 * of the schema. For the files of engine/cedar only.
 */
#ifndef TRAMMEL_CEDAR_DECLARED_H
#define TRAMMEL_CEDAR_DECLARED_H

#include "engine/cedar/inside.h"

struct cedar_place {
	uint32_t line, column;
};

/* A path that is to be looked up, `Ns::Type`, or the id of an action with its type. */
struct cedar_mention {
	struct cedar_mention *next;
	struct str path;             /* ptr NULL: the action's type is not said */
	struct str id;
	struct cedar_place place;
};

enum cedar_declared_form {
	DECLARED_NAME = 0,           /* a common type before an entity type */
	DECLARED_COMMON,             /* a common type only */
	DECLARED_ENTITY,             /* an entity type only */
	DECLARED_BUILTIN,            /* `kind`: nothing to look up */
	DECLARED_SET,
	DECLARED_RECORD,
};

struct cedar_declared_type {
	enum cedar_declared_form form;
	enum cedar_type_kind kind;
	struct str path;
	struct cedar_place place;
	struct cedar_declared_type *element;
	struct cedar_declared_field *fields;
	size_t field_count;
};

struct cedar_declared_field {
	struct cedar_declared_field *next;
	struct str name;
	struct cedar_declared_type *type;
	bool optional;
	struct cedar_place place;
};

enum cedar_declares { DECLARES_TYPE = 0, DECLARES_ENTITY, DECLARES_ACTION };

struct cedar_declaration {
	struct cedar_declaration *next;
	enum cedar_declares what;
	struct str name;
	struct cedar_place place;
	/* What is aliased; the entity's shape (NULL: none); the action's context (NULL: none). */
	struct cedar_declared_type *type;
	struct cedar_declared_type *tags;            /* NULL: none */
	struct cedar_mention *parents, *principals, *resources;
	bool enumeration;
	struct cedar_mention *ids;                   /* of an enumeration */
};

struct cedar_declared_space {
	struct cedar_declared_space *next;
	struct str name;
	struct cedar_place place;
	struct cedar_declaration *first, **end;
};

/* What a reader fills. The first space is that of declarations in no namespace. */
struct cedar_declared {
	struct cedar_declared_space root, *last;
	struct arena *memory;
	struct note *note;
};

void cedar_declared_init(struct cedar_declared *d, struct arena *memory, struct note *n);
/* A namespace. */
enum err cedar_declare_space(struct cedar_declared *d, struct str name, struct cedar_place place,
			     struct cedar_declared_space **ret) NODISCARD;
/*
 * A copy of `decl` in the space. ERR_SYNTAX: its name is one that the language keeps for itself;
 * whether it is a name at all is the reader's business.
 */
enum err cedar_declare(struct cedar_declared *d, struct cedar_declared_space *space,
		       const struct cedar_declaration *decl) NODISCARD;

/* "Bool", "Long", "String" and extension types; false when `name` is no type of the language. */
bool cedar_builtin_type(struct str name, enum cedar_type_kind *ret);
/* `space::name`, or the name where the space has none. */
enum err cedar_full_name(struct arena *memory, struct str space, struct str name,
			 struct str *ret) NODISCARD;

/* Give every name its meaning, close the hierarchies. */
enum err cedar_schema_resolve(const struct cedar_declared *d, struct cedar_schema **ret) NODISCARD;

/*
 * The name most like `word` among the first CEDAR_GUESSES that were shown to it; ptr NULL when none
 * is near. Without a bound, many misspelt names under a large schema would take their product.
 */
#define CEDAR_GUESSES 512

struct cedar_guess {
	struct str word, best;
	unsigned distance, shown;
};

void cedar_guess_init(struct cedar_guess *g, struct str word);
void cedar_guess_show(struct cedar_guess *g, struct str name);

/*
 * Reachability in a graph of `count` nodes. Edges of node i: targets[first[i] .. first[i + 1]).
 */
struct cedar_graph {
	uint32_t count;
	const uint32_t *first, *targets;
};

struct cedar_reach {
	const uint32_t *nodes;       /* ascending */
	size_t count;
};

/*
 * ret[i]: the nodes that node i reaches over at least one edge; itself only on a cycle. ERR_LIMIT
 * when that is more work than a schema of this world takes.
 */
enum err cedar_graph_close(const struct cedar_graph *g, struct arena *memory,
			   struct cedar_reach *ret) NODISCARD;

#endif
