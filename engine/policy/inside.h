/*
 * inside: what the files of engine/policy share. Front ends on the left, the plan on the right:
 *
 *   rules (YAML) --> expr, lexer --> condition (steps) --+
 *                                    slot (paths) -------+--> plan (rules in order) --> ruling
 *   another language would join here: ------------------>+      rule_key, rule_index: which of
 *                                                               them may match at all
 *
 * The plan knows nothing of YAML or of the condition's grammar; it knows steps, slots, documents
 * and rules. Everything here lives in the bundle's arena and never changes once loaded, so any
 * number of decisions may share it.
 */
#ifndef TRAMMEL_POLICY_INSIDE_H
#define TRAMMEL_POLICY_INSIDE_H

#include "engine/base/limits.h"
#include "engine/base/map.h"
#include "engine/base/match.h"
#include "engine/cedar/cedar.h"
#include "engine/policy/policy.h"

/* Foreign text in messages: whole when short, its beginning otherwise. For "%.*s". */
#define SHOWN_BYTES 64
#define SHOWN(s) (int)((s).len < SHOWN_BYTES ? (s).len : SHOWN_BYTES), (s).ptr ? (s).ptr : ""

/* --- slot: every path that any condition mentions, under a number --- */

#define SLOT_REQUEST 0u /* the request itself, parent of all roots */

struct slot {
	uint32_t parent; /* smaller than the slot's own number */
	bool by_index;
	uint64_t index;
	struct str key; /* when not by_index */
};

struct step;

struct slots {
	struct slot *items;
	uint32_t count, room;
	struct map numbers; /* (parent, segment) -> number; gone once sealed */
	/* comparisons by meaning -> where they first stand; gone once sealed */
	struct map comparisons;
	struct step **firsts;
	uint32_t first_room;
	uint32_t shared;    /* comparisons that stand in several places have numbers up to this */
	struct sequence *sequence;      /* what conditions may look back at; NULL: nothing */
	struct arena *memory;
};

/* One request as the slots see it. */
struct sight {
	const struct slots *slots;
	const struct value *request;
	/* slots->count of them: NULL not looked up yet; the value; or the mark of a missing one */
	const struct value **seen;
	/* slots->shared + 1 of them: 0 not asked yet, else the truth plus one */
	uint8_t *known;
	/* slots->count of them, or NULL: whether the members at a path are known to be in order */
	uint8_t *order;
	/* what comparisons have looked at so far: bytes of texts, members of lists, state visits */
	uint64_t work;
};

enum err slot_init(struct slots *s, struct arena *memory) NODISCARD;
/* No more paths will come: gives back what only building needs. Safe on failed or sealed slots. */
void slot_seal(struct slots *s);
/*
 * The number of a member or an element below `parent`, new or known. `key` is borrowed. ERR_LIMIT
 * beyond LIMIT_PATHS.
 */
enum err slot_member(struct slots *s, uint32_t parent, struct str key, uint32_t *ret) NODISCARD;
enum err slot_element(struct slots *s, uint32_t parent, uint64_t index, uint32_t *ret) NODISCARD;
/* A comparison that stands nowhere else yet. `spelt` is what it is made of, borrowed. */
enum err slot_first(struct slots *s, struct str spelt, struct step *step) NODISCARD;
/* The value at a path, NULL when missing. Looks at most once per decision. */
const struct value *slot_look(struct sight *s, uint32_t number);
/* Likewise in a request that nobody looks at otherwise. */
const struct value *slot_find(const struct slots *s, const struct value *request, uint32_t number);
/* The path as one would write it, NUL-ended, cut when longer than the room. */
#define SLOT_TEXT_BYTES 128
void slot_text(const struct slots *s, uint32_t number, char text[SLOT_TEXT_BYTES]);

/* --- compare: values of requests and literals --- */

/* False when the two have no order; only two numbers and two strings (by bytes) have one. */
bool compare_order(const struct value *a, const struct value *b, int *ret);

/* --- pattern: globs over names, the cheap cases told apart beforehand --- */

struct pattern {
	enum pattern_kind { PATTERN_EXACT = 0, PATTERN_ANY, PATTERN_PREFIX, PATTERN_GLOB } kind;
	struct str text; /* as written, the star of a prefix included */
};

struct patterns {
	const struct pattern *items;
	size_t count;
};

/* ERR_SYNTAX, and `why` says what is wrong: "is empty", "holds a ...". */
enum err pattern_make(struct str text, struct pattern *ret, const char **why) NODISCARD;
bool pattern_match(const struct patterns *list, struct str text);
/* What every name begins with that the prefix pattern matches. */
struct str pattern_prefix(const struct pattern *p);

/* --- condition: a truth value as a flat list of steps over a stack --- */

/* The comparisons, as they are written. */
#define COMPARISON_LIST(X)                                                                         \
	X(STEP_EQ, "==")                                                                           \
	X(STEP_NE, "!=")                                                                           \
	X(STEP_LT, "<")                                                                            \
	X(STEP_LE, "<=")                                                                           \
	X(STEP_GT, ">")                                                                            \
	X(STEP_GE, ">=")                                                                           \
	X(STEP_IN, "in")                                                                           \
	X(STEP_CONTAINS, "contains")                                                               \
	X(STEP_STARTS, "startsWith")                                                               \
	X(STEP_ENDS, "endsWith")                                                                   \
	X(STEP_MATCHES, "matches")

enum step_op {
#define COMPARISON_ENUM(id, text) id,
	COMPARISON_LIST(COMPARISON_ENUM) /* push left OP right */
#undef COMPARISON_ENUM
	STEP_CONST, /* push right.constant */
	STEP_TRUTH, /* push the boolean left */
	STEP_HAS,   /* push whether left is there */
	STEP_NAMED, /* push whether left is a string that one of right.patterns matches */
	STEP_NOT,   /* top = not top */
	STEP_AND,   /* pop two, push their Kleene conjunction */
	STEP_OR,    /* pop two, push their Kleene disjunction */
	STEP_SKIP_FALSE, /* go on at right.target when top is false: the rest cannot matter */
	STEP_SKIP_TRUE,  /* likewise when top is true */
};

/* The pattern of `matches`. */
struct matcher {
	struct str text;
	const struct regex *regex;
};

union operand {
	uint32_t slot, target;
	bool constant;
	const struct value *value;
	const struct matcher *matcher;
	const struct patterns *patterns;
};

struct step {
	uint8_t op;                 /* enum step_op */
	bool left_slot, right_slot; /* the operand is a slot, else a literal */
	/* where the operands stand in the condition, from 1; 0: not in its text */
	uint16_t left_column, right_column;
	uint32_t shared;            /* number of a comparison that stands elsewhere too; 0: not */
	union operand left, right;
};

/* A parenthesis or a `not` deepens the stack by at most a waiting `or` and a waiting `and`. */
#define CONDITION_STACK (2 * LIMIT_EXPR_DEPTH + 4)

/* Steps being put together. `depth` is the height of the stack after the last step. */
struct code {
	struct step steps[LIMIT_EXPR_NODES];
	uint32_t count;
	unsigned depth;
};

struct condition {
	const struct slots *slots;
	const struct step *steps;
	uint32_t count;
};

_Static_assert(LIMIT_CONDITION_BYTES < UINT16_MAX, "columns of a condition fit 16 bits");

/* "==", "in" ...: the text of a comparison. */
const char *condition_op_text(enum step_op op);
/* Append a step; *at (NULL allowed) is its place. ERR_LIMIT when there are too many. */
enum err condition_add(struct code *c, struct step step, uint32_t *at) NODISCARD;
/* Let the skip at `at` lead behind the last step. */
void condition_land(struct code *c, uint32_t at);
/*
 * The finished code, which must leave exactly one truth value. Comparisons that other conditions
 * over these slots make too are numbered, to be made once in a decision.
 */
enum err condition_seal(const struct code *c, struct slots *slots, struct arena *memory,
			const struct condition **ret) NODISCARD;
/* *where is the step that could not be decided, when the answer is TRUTH_ERROR. */
enum truth condition_run(const struct condition *c, struct sight *s, uint32_t *where);
/* Why that step could not be decided; the column is that of the operand at fault. */
void condition_explain(const struct condition *c, struct sight *s, uint32_t where, struct note *n);

/* --- lexer: the words of a condition --- */

enum token_kind { TOKEN_END = 0, TOKEN_WORD, TOKEN_SIGN, TOKEN_STRING, TOKEN_NUMBER };

struct token {
	enum token_kind kind;
	uint32_t column;
	struct str text;    /* as written */
	struct value value; /* of a string or a number */
};

struct lexer {
	struct str text;
	size_t at;
	struct arena *memory;
	struct note *note;
};

enum err lexer_next(struct lexer *lx, struct token *ret) NODISCARD;
/* Likewise where the name of an event may stand: a word that may hold '-'. */
enum err lexer_name(struct lexer *lx, struct token *ret) NODISCARD;

/* --- expr: the grammar of a condition --- */

/*
 * Append the steps of `text`, the condition of a rule of that stage, to the code. Text and memory
 * outlive the steps. The note's column counts bytes of the text; its line stays 0.
 */
enum err expr_parse(struct str text, enum policy_stage stage, struct slots *slots,
		    struct code *code, struct arena *memory, struct note *n) NODISCARD;
/* One path and nothing else: its number among the slots. */
enum err expr_path(struct str text, enum policy_stage stage, struct slots *slots,
		   struct arena *memory, uint32_t *ret, struct note *n) NODISCARD;

/* --- cedar_rules: Cedar policies of a bundle --- */

enum cedar_file {
	CEDAR_FILE_NONE = 0,
	CEDAR_FILE_TEXT,
	CEDAR_FILE_JSON,
	CEDAR_FILE_SCHEMA,
	CEDAR_FILE_SCHEMA_JSON,
	CEDAR_FILE_ENTITIES,
};

/* What a file is by its name. */
enum cedar_file cedar_file_kind(struct str name);

/*
 * How an action becomes a request: principal::"agent", action::"tool", and resource::"resource"
 * or, for an action without one, tool::"tool". The context is what conditions see.
 */
struct cedar_mapping {
	struct str principal, action, resource, tool;        /* entity types */
	bool error_denies;           /* a forbid that errs forbids */
};

extern const struct cedar_mapping cedar_mapping_default;

struct cedar_rules;

struct cedar_ruling {
	enum cedar_says { CEDAR_SILENT = 0, CEDAR_PERMITS, CEDAR_FORBIDS } kind;
	struct str rule, reason;     /* of the first policy that determines */
	uint32_t line;
	struct str *errors, *erring; /* as of struct ruling */
	size_t error_count;
	uint64_t work;               /* steps, of LIMIT_DECISION_WORK */
	struct str considered;       /* ruling.cedar */
};

enum err cedar_rules_init(struct arena *memory, struct cedar_rules **ret) NODISCARD;
/* A file whose kind is not NONE, once for each. It outlives the rules. */
enum err cedar_rules_add(struct cedar_rules *r, const struct policy_file *f, struct arena *memory,
			 struct note *n) NODISCARD;
/* All files are in. `mapping` NULL: the default. *file is the one that the note is about. */
enum err cedar_rules_seal(struct cedar_rules *r, const struct cedar_mapping *mapping,
			  struct arena *memory, struct str *file, struct note *n) NODISCARD;
/* Whether there are policies, maybe none in them; and how many. */
bool cedar_rules_any(const struct cedar_rules *r);
size_t cedar_rules_count(const struct cedar_rules *r);
/* "<file>/<policy>", of all files in the order of their names. */
struct str cedar_rules_name(const struct cedar_rules *r, size_t number, bool *forbid);
enum err cedar_rules_decide(const struct cedar_rules *r, enum policy_stage stage, struct str agent,
			    const struct value *request, struct arena *a,
			    struct cedar_ruling *ret) NODISCARD;

/* One policy of all sets, in the order in which they are asked, and where it stands. */
struct cedar_one {
	const struct cedar_policies *policies;
	size_t number, set;          /* in its set; of the set */
	struct str identity, file;
	uint32_t line, column;
	bool forbid;
};

/*
 * The rules with one policy changed (cedar_changed); one that is flipped to a forbid is one to the
 * mapping's `error_in_forbid` as well. Borrows from the old ones.
 */
enum err cedar_rules_changed(const struct cedar_rules *r, size_t number, enum cedar_change how,
			     size_t conjunct, struct arena *a,
			     const struct cedar_rules **ret) NODISCARD;
void cedar_rules_policy(const struct cedar_rules *r, size_t number, struct cedar_one *ret);
const struct cedar_entities *cedar_rules_entities(const struct cedar_rules *r);
const struct cedar_mapping *cedar_rules_mapping(const struct cedar_rules *r);
/* What an action is to Cedar. */
enum err cedar_rules_request(const struct cedar_rules *r, enum policy_stage stage, struct str agent,
			     const struct value *request, struct arena *a,
			     struct cedar_request *ret) NODISCARD;
/* Add the ids of a type that stand anywhere in policies and entities. */
void cedar_rules_ids(const struct cedar_rules *r, struct cedar_ids *ids);
/* Do entities, schema and mapping agree, so that a clause means the same in both? */
bool cedar_rules_same_world(const struct cedar_rules *a, const struct cedar_rules *b);

/* --- plan: documents and rules in the order of trial --- */

enum opinion { OPINION_NONE = 0, OPINION_NO, OPINION_YES };

/* How specific a document is: what most_specific_wins goes by. */
enum scope { SCOPE_GLOBAL = 0, SCOPE_TENANT, SCOPE_ORGANIZATION, SCOPE_AGENT };

/* Which of the rules that match decides. Each is an order of trial: the first match decides. */
enum strategy {
	STRATEGY_NONE = 0,      /* the document does not say */
	STRATEGY_FIRST_MATCH,   /* by priority */
	STRATEGY_DENY_OVERRIDES,        /* deny, then require_approval, then the rest */
	STRATEGY_ALLOW_OVERRIDES,       /* the other way round */
	STRATEGY_MOST_SPECIFIC, /* by scope, then by priority */
};

/* Documents by number. */
#define DOCUMENT_WORDS ((LIMIT_POLICY_FILES + 63) / 64)

struct documents {
	uint64_t words[DOCUMENT_WORDS];
};

bool plan_has_document(const struct documents *set, size_t number);
void plan_add_document(struct documents *set, size_t number);

struct rule {
	struct str identity;               /* "<document>/<rule>" */
	struct str matched;                /* the reason, when the condition was true */
	struct str undecided;              /* the reason, when it denied because of an error */
	const struct condition *condition; /* tools and condition in one; NULL: always */
	/* its document's, where no other holds it for others; NULL: any agent. Set by the plan */
	const struct patterns *agents;
	bool allows;
	enum policy_stage stage;
	unsigned obligations;
	const struct str *approvers;
	size_t approver_count;
	struct str edits;                  /* as of a ruling */
	struct policy_limit limit;
	int32_t priority;
	uint32_t document, place;          /* number of the document, of the rule in it */
	uint32_t line;                     /* of its name, in the document's file */
};

struct document {
	struct str name, file;
	uint32_t line, column;  /* of the name */
	struct patterns agents; /* none: every agent */
	bool allows;            /* when no rule matches */
	enum opinion admits_unknown, wants_sponsor;
	bool wants_signature, wants_session, wants_credential;
	enum scope scope;
	enum strategy strategy;
	const struct value *strategy_at; /* the text that says so; NULL: none does */
	const struct value *extends;     /* the files it names, as written */
	size_t extend_count;
	/* the documents it extends, theirs included: their rules hold for its agents, and where
	 * one of them by itself denies, no rule of its own can allow */
	struct documents parents;
	const struct cedar_mapping *cedar;      /* NULL: the document does not say */
	const struct value *cedar_at;
	const struct trust_terms *trust;        /* likewise */
	const struct value *trust_at;
	const struct curbs *curbs;      /* NULL: the document has none */
	struct str fell_through; /* the reason, when no rule matched */
	struct rule *rules;      /* those that are enabled */
	size_t rule_count;
	size_t written_rules; /* the disabled ones counted as well */
};

struct named_document {
	struct str agent;
	uint32_t document;
};

/* Some rules of a stage in the order of trial, by their places in it, and what they cost. */
struct tally {
	const uint32_t *places; /* ascending */
	const uint64_t *costs;  /* count + 1: of all before */
	uint32_t count;
};

/* Rules of one stage, in the order of trial. */
struct queue {
	const struct rule **rules;
	uint32_t count;
	const struct rule_index *index;
	const uint64_t *costs;       /* as of a tally, of all rules */
	const struct tally *tallies; /* by document */
};

struct plan {
	struct slots slots;
	struct document *documents; /* by file name */
	size_t document_count;
	enum strategy strategy; /* STRATEGY_NONE: first_match */
	struct documents floors;        /* those that another document extends */
	/* those for agents by whole names, sorted by them; and the rest, which are tried */
	const struct named_document *named;
	size_t named_count;
	struct documents tried;
	struct queue queues[POLICY_STAGES];
	size_t rule_count;
	const struct cedar_rules *cedar;     /* NULL: no Cedar policies */
	const struct sequence *sequence;     /* NULL: nothing is watched */
	const struct curbs *curbs;           /* NULL: none */
};

/* --- considered: what a trial looked at, and found --- */

/* A rule that was true or could not be decided; whatever else was considered is false. */
struct truth_mark {
	uint32_t place;
	char letter;
};

struct considered {
	const struct queue *queue;
	struct arena *arena;
	struct truth_mark *marks;
	size_t mark_count, mark_room;
	uint32_t tried;         /* how many rules, until the first match or the end */
	uint32_t *gone;         /* floors: by document, how far its rules were tried; or NULL */
};

/* Fill in costs and tallies. */
enum err considered_prepare(struct queue *q, size_t documents, struct arena *memory) NODISCARD;
enum err considered_floors(struct considered *c, size_t documents) NODISCARD;
enum err considered_add(struct considered *c, uint32_t place, enum truth truth) NODISCARD;
void considered_end(struct considered *c, size_t document, uint32_t gone);
/* Into the ruling: what was considered of the queue, and what that adds to the cost. */
enum err considered_tell(const struct considered *c, const struct plan *p,
			 struct ruling *ret) NODISCARD;

/* Put the curbs of all documents together; *at as in extends_resolve. */
enum err curbs_join(struct plan *p, struct arena *memory, size_t *at, struct note *n) NODISCARD;
/* Put the rules of all documents in order. */
enum err plan_order(struct plan *p, struct arena *memory) NODISCARD;
enum err plan_decide(const struct plan *p, enum policy_stage stage, struct str agent,
		     const struct value *request, struct arena *a, struct ruling *ret) NODISCARD;
/* The parts one after the other, in the arena. */
enum err plan_join(struct arena *a, const struct str *parts, size_t count,
		   struct str *ret) NODISCARD;

/* --- rule_key: what a condition cannot be true without --- */

struct key_text {
	struct str text;
	bool prefix;            /* every text that begins so */
};

struct span {
	double low, high;       /* both inside; low above high: nothing is */
};

/*
 * Where the slot holds a string that is none of these texts, the condition is false; or, of a
 * number key, where it holds a number that is not in the span.
 */
struct rule_key {
	uint32_t slot;
	bool number;
	const struct key_text *texts;
	size_t text_count;
	struct span span;
};

#define RULE_KEYS 4
#define RULE_KEY_TEXTS 64

/* Stands for the agent that asks, among the slots that keys are about. */
#define SLOT_AGENT UINT32_MAX

/* Whether a value is a number that spans know (NULL is none), and the narrowest span around it. */
bool span_has_number(const struct value *v);
struct span span_of_number(const struct value *v);
/* The keys of a condition, at most two for a slot; texts in `scratch`. */
enum err rule_key_find(const struct condition *c, struct arena *scratch,
		   struct rule_key keys[RULE_KEYS], size_t *count) NODISCARD;
/* Append the key of the agents that a rule is for, NULL for any, when they are one. */
enum err rule_key_agents(const struct patterns *agents, struct arena *scratch,
			 struct rule_key *keys, size_t *count) NODISCARD;

/* --- rule_span: rules under spans of numbers --- */

/*
 * The rules of one slot in the order of trial, under a tree of the spans around their spans: the
 * next rule whose span meets a number is found in as many steps as the number of rules has bits.
 */
struct span_tree {
	const struct span *nodes;       /* 1 is the root; below n are 2n and 2n + 1 */
	const uint32_t *places;         /* of the leaves */
	uint32_t leaves, count;         /* leaves: the first one's node, a power of two */
};

struct span_walk {
	const struct span_tree *tree;
	struct span number;
	uint32_t at;                    /* the next leaf that meets it; tree->count: none */
};

enum err span_tree_build(const struct span *spans, const uint32_t *places, uint32_t count,
			 struct arena *memory, struct span_tree *ret) NODISCARD;
void span_walk_open(const struct span_tree *tree, struct span number, struct span_walk *ret);
void span_walk_on(struct span_walk *w);

/* --- rule_index: the rules that may match a request --- */

struct rule_index;

/* What of a request's rules is still to come, in the order of trial. */
#define CONTENDER_RUNS 32
#define CONTENDER_WALKS 8

struct contenders {
	const uint32_t *at[CONTENDER_RUNS], *end[CONTENDER_RUNS];
	unsigned count;
	struct span_walk walks[CONTENDER_WALKS];
	unsigned walk_count;
};

/* `slots` are sealed. Every rule that is left out of the candidates is false for sure. */
enum err rule_index_build(const struct rule *const *rules, uint32_t count, struct arena *memory,
			  const struct rule_index **ret) NODISCARD;
void rule_index_open(const struct rule_index *index, struct str agent, struct sight *s,
		     struct contenders *ret);
/* The place of the next rule; false when there is none. */
bool rule_index_next(struct contenders *c, uint32_t *place);

/* --- extends: the documents behind a document --- */

/*
 * Fill `parents` of all documents from what they extend. On failure *at is the number of the
 * document that the note is about; ERR_NOT_FOUND, ERR_DUPLICATE, ERR_SYNTAX (a cycle, a name that
 * is no path in the bundle, a strategy that loosens what is extended), ERR_LIMIT (deeper than
 * LIMIT_EXTENDS_DEPTH). The plan's strategy is known.
 */
enum err extends_resolve(struct plan *p, struct arena *memory, size_t *at,
			 struct note *n) NODISCARD;

/* --- bundle --- */

/* What a bundle was compiled to, for the tools beside it. */
const struct plan *bundle_plan(const struct bundle *b);

/* --- rules: the YAML dialect --- */

/*
 * A policy file as a tree, its version checked, and the names it declares for the slots' sequence
 * (NULL: none are taken). `text` and `file` outlive what is read from them.
 */
enum err rules_declare(struct str text, struct str file, struct slots *slots,
		       struct arena *memory, struct value *ret, struct note *n) NODISCARD;
/*
 * Read one policy file whose tree is known. `number` is its place among the documents. At most
 * `rules_left` rules.
 */
enum err rules_read(const struct value *tree, struct str text, struct str file, uint32_t number,
		    size_t rules_left, struct slots *slots, struct arena *memory,
		    struct document *ret, struct note *n) NODISCARD;

#endif
