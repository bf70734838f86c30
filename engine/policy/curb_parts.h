/* curb_parts: what the readers of curbs share with those who ask for them. */
#ifndef TRAMMEL_POLICY_CURB_PARTS_H
#define TRAMMEL_POLICY_CURB_PARTS_H

#include "engine/policy/rules.h"

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

/* Of one document, and of a whole bundle. */
struct curbs {
	const struct quota_rule *quotas;
	size_t quota_count;
};

/* The keys `agents` and `tools` of a curb. */
enum err curb_read(const struct reader *r, const struct value *object,
		   struct curb *ret) NODISCARD;
/* A path below args. */
enum err curb_path_read(const struct reader *r, const struct value *v, const char *key,
			uint32_t *ret) NODISCARD;
/* The keys `quotas` and `budgets` of a document of that name and number. */
enum err quota_rules_read(const struct reader *r, const struct value *document, struct str name,
			  uint32_t number, struct curbs *ret) NODISCARD;

#endif
