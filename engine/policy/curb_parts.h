/* curb_parts: what the readers of curbs share with those who ask for them. */
#ifndef TRAMMEL_POLICY_CURB_PARTS_H
#define TRAMMEL_POLICY_CURB_PARTS_H

#include "engine/identity/identity.h"
#include "engine/policy/ring_parts.h"

/* Whom a curb holds for, besides what its document says. */
struct curb {
	struct patterns agents, tools;        /* none: all */
};

struct quota_rule {
	struct curb curb;
	struct quota quota;
	uint32_t document;
	uint32_t path;                        /* of what a budget takes; SLOT_REQUEST: one call */
};

struct command_names {
	const struct str *list;
	size_t count;
	bool given;
};

struct command_rule {
	struct curb curb;
	uint32_t document, path;
	struct command_names deny, allow, from;       /* from: folders; given: programs lie there */
};

/* What an action does to which thing: the value at the path, or its resource. */
struct intent_rule {
	struct curb curb;
	uint32_t document, path;              /* SLOT_REQUEST: the resource */
	enum intent intent;
};

/* What kills: denials in those stages (bits, of kill_rules.c), or a duration. */
struct kill_rule {
	struct curb curb;
	uint32_t document;
	unsigned stages;
	struct kill_terms terms;
};

/* Below which folders an argument must lead. */
struct path_rule {
	struct curb curb;
	uint32_t document, path;
	const struct str *roots;
	size_t root_count;
};

struct capability_rule {
	struct curb curb;
	uint32_t document;
	struct capabilities may;
};

/* Of one document, and of a whole bundle. */
struct curbs {
	const struct quota_rule *quotas;
	size_t quota_count;
	const struct ring_rules *rings;       /* NULL: none */
	const struct command_rule *commands;
	size_t command_count;
	const struct intent_rule *intents;
	size_t intent_count;
	const struct path_rule *paths;
	size_t path_count;
	const struct kill_rule *kills;
	size_t kill_count;
	const struct capability_rule *capabilities;
	size_t capability_count;
};

/* The keys `agents` and `tools` of a curb. */
enum err curb_read(const struct reader *r, const struct value *object,
		   struct curb *ret) NODISCARD;
/* One list of globs; none where the key is not there. */
enum err curb_patterns_read(const struct reader *r, const struct value *object, const char *key,
			    struct patterns *ret) NODISCARD;
/* The list of mappings at the key; NULL when there is none, or nothing in it. */
enum err curb_list_read(const struct reader *r, const struct value *document, const char *key,
			const char *expected, const struct value **ret) NODISCARD;
/* A path below args. */
enum err curb_path_read(const struct reader *r, const struct value *v, const char *key,
			uint32_t *ret) NODISCARD;
/* The keys `quotas` and `budgets` of a document of that name and number. */
enum err quota_rules_read(const struct reader *r, const struct value *document, struct str name,
			  uint32_t number, struct curbs *ret) NODISCARD;
/* The key `commands`. */
enum err command_rules_read(const struct reader *r, const struct value *document, uint32_t number,
			    struct curbs *ret) NODISCARD;

/* The key `intents`. */
enum err intent_rules_read(const struct reader *r, const struct value *document, uint32_t number,
			   struct curbs *ret) NODISCARD;

/* The key `kill_on` of a document of that name and number. */
enum err kill_rules_read(const struct reader *r, const struct value *document, struct str name,
			 uint32_t number, struct curbs *ret) NODISCARD;
/* The key `paths`. */
enum err path_rules_read(const struct reader *r, const struct value *document, uint32_t number,
			 struct curbs *ret) NODISCARD;

/* The key `capabilities`. */
enum err capability_rules_read(const struct reader *r, const struct value *document,
			       uint32_t number, struct curbs *ret) NODISCARD;

/* Whether a curb of that document holds, and the value at a path below args (NULL: missing). */
bool curb_holds(const struct plan *p, const struct curb *curb, uint32_t document,
		struct str agent, struct str tool);
/*
 * The folders at the key, at least one, borrowed; NULL: it is not there. Each is absolute, and in
 * the one way to write it: "/", or "/a/b" without "." and "..".
 */
enum err curb_folders_read(const struct reader *r, const struct value *object, const char *key,
			   const char *if_none, const struct str **ret, size_t *count) NODISCARD;
/* "args.amount", in the arena. */
enum err curb_path_name(const struct plan *p, uint32_t path, struct arena *a,
			struct str *ret) NODISCARD;
const struct value *curb_argument(const struct plan *p, uint32_t path, const struct value *args);

#endif
