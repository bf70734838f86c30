/* ring_parts: what the readers of `rings` share with those who ask for them. */
#ifndef TRAMMEL_POLICY_RING_PARTS_H
#define TRAMMEL_POLICY_RING_PARTS_H

#include "engine/identity/identity.h"
#include "engine/policy/rules.h"

struct curbs;

/* Names and the ring they are in, or need; and a list of them, of which the first decides. */
struct ring_rule {
	struct patterns names;
	unsigned ring;
};

struct ring_list {
	const struct ring_rule *rules;
	size_t count;
};

/* What a ring, and those below it, may reach by these tools (none: all). */
struct reach_rule {
	struct patterns tools, resources;
	unsigned ring;
	uint32_t path;                        /* that names it; SLOT_REQUEST: the resource */
};

struct ring_rules {
	const struct value *at;
	unsigned otherwise;                   /* of registered agents */
	struct ring_list agents, tools, resources;
	const struct reach_rule *reach;
	size_t reach_count;
	struct demotion_rules demotion;
	const struct value *demotion_at;      /* NULL: nobody is demoted */
	struct public_key sponsor;
	bool has_sponsor;
};

/* The key `rings`, and in it `reach`. */
enum err ring_rules_read(const struct reader *r, const struct value *document,
			 struct curbs *ret) NODISCARD;
enum err reach_rules_read(const struct reader *r, const struct value *rings,
			  struct ring_rules *ret) NODISCARD;
/* A ring from `least` privileged number 3 up to `most`; `absent` where there is none. */
enum err ring_read(const struct reader *r, const struct value *object, const char *key,
		   unsigned most, unsigned absent, unsigned *ret) NODISCARD;

#endif
