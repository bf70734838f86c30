/*
 * cedar_capability: what an expression that holds lets one rely on.
 *
 * After `principal has team &&` the optional attribute principal.team may be read. Sets of such
 * claims are lists that share their ends, so adding to a long one costs what is added. Claims are
 * compared by a hash of how the expression is spelt, then in full; `resource.owner` and
 * `resource["owner"]` are spelt alike, being one tree.
 */
#include "engine/cedar/typing.h"

struct cedar_capability {
	const struct cedar_capability *next;
	uint64_t hash;
	struct cedar_claim claim;
};

/* --- spelling --- */

/* Who makes hashes collide makes the comparison in full run; its steps are counted. */
static uint64_t mix(uint64_t hash, uint64_t next)
{
	return (hash ^ next) * UINT64_C(0x9E3779B97F4A7C15) + (hash >> 29);
}

static uint64_t hash_str(uint64_t hash, struct str s)
{
	return mix(hash, map_hash(s, 0));
}

static uint64_t hash_literal(uint64_t hash, const struct cedar_value *v)
{
	hash = mix(hash, v->kind);
	switch (v->kind) {
	case CEDAR_BOOL:
		return mix(hash, v->boolean);
	case CEDAR_STRING:
		return hash_str(hash, v->string);
	case CEDAR_ENTITY:
		return hash_str(hash_str(hash, v->uid.type), v->uid.id);
	default:
		return mix(hash, (uint64_t)v->integer);
	}
}

/* Patterns are left out: few expressions differ in nothing else, and trees are compared then. */
static uint64_t hash_expr(struct cedar_judge *j, const struct cedar_expr *e, uint64_t hash)
{
	if (!cedar_step(j, 1))
		return 0;
	hash = mix(mix(hash, e->op), e->arg_count);
	if (e->op == EXPR_LITERAL)
		return hash_literal(hash, &e->literal);
	if (e->op == EXPR_VAR || e->op == EXPR_SLOT)
		return mix(hash, e->var);
	if (e->op == EXPR_GET || e->op == EXPR_IS)
		hash = hash_str(hash, e->name);
	if (e->op == EXPR_CALL)
		hash = mix(hash, e->call);
	if (e->op == EXPR_HAS || e->op == EXPR_RECORD)
		for (uint32_t i = 0; i < e->name_count; i++)
			hash = hash_str(hash, e->names[i]);
	for (uint32_t i = 0; i < e->arg_count; i++)
		hash = hash_expr(j, e->args[i], hash);
	return hash;
}

/* Literals of a tree are of these four kinds: values of extensions are calls there. */
bool cedar_same_literal(const struct cedar_value *a, const struct cedar_value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case CEDAR_BOOL:
		return a->boolean == b->boolean;
	case CEDAR_STRING:
		return str_eq(a->string, b->string);
	case CEDAR_ENTITY:
		return cedar_uid_eq(&a->uid, &b->uid);
	default:
		return a->integer == b->integer;
	}
}

static bool same_pattern(const struct cedar_expr *a, const struct cedar_expr *b)
{
	if (a->pattern.count != b->pattern.count)
		return false;
	for (size_t i = 0; i < a->pattern.count; i++)
		if (a->pattern.runs[i].star != b->pattern.runs[i].star ||
		    !str_eq(a->pattern.runs[i].text, b->pattern.runs[i].text))
			return false;
	return true;
}

static bool same_names(const struct cedar_expr *a, const struct cedar_expr *b)
{
	if (a->name_count != b->name_count)
		return false;
	for (uint32_t i = 0; i < a->name_count; i++)
		if (!str_eq(a->names[i], b->names[i]))
			return false;
	return true;
}

/* What an expression says besides its arguments. */
static bool same_own(const struct cedar_expr *a, const struct cedar_expr *b)
{
	switch (a->op) {
	case EXPR_LITERAL:
		return cedar_same_literal(&a->literal, &b->literal);
	case EXPR_VAR:
	case EXPR_SLOT:
		return a->var == b->var;
	case EXPR_GET:
	case EXPR_IS:
		return str_eq(a->name, b->name);
	case EXPR_HAS:
	case EXPR_RECORD:
		return same_names(a, b);
	case EXPR_LIKE:
		return same_pattern(a, b);
	case EXPR_CALL:
		return a->call == b->call;
	default:
		return true;
	}
}

/* Places do not count, nor do parentheses, which are in no tree. */
static bool same_expr(struct cedar_judge *j, const struct cedar_expr *a,
		      const struct cedar_expr *b)
{
	if (a == b)
		return true;
	if (!cedar_step(j, 1) || a->op != b->op || a->arg_count != b->arg_count || !same_own(a, b))
		return false;
	for (uint32_t i = 0; i < a->arg_count; i++)
		if (!same_expr(j, a->args[i], b->args[i]))
			return false;
	return true;
}

/* --- claims --- */

static uint64_t hash_claim(struct cedar_judge *j, const struct cedar_claim *c)
{
	uint64_t hash = hash_expr(j, c->on, c->tag ? 2 : 1);

	return c->tag ? hash_expr(j, c->tag, hash) : hash_str(hash, c->name);
}

static bool same_claim(struct cedar_judge *j, const struct cedar_claim *a,
		       const struct cedar_claim *b)
{
	if (!a->tag != !b->tag || !same_expr(j, a->on, b->on))
		return false;
	return a->tag ? same_expr(j, a->tag, b->tag) : str_eq(a->name, b->name);
}

/* The newest claims come first, and are asked for most. */
static bool holds(struct cedar_judge *j, struct cedar_caps caps, uint64_t hash,
		  const struct cedar_claim *claim)
{
	for (const struct cedar_capability *c = caps.first; c; c = c->next) {
		if (!cedar_step(j, 1))
			return false;
		if (c->hash == hash && same_claim(j, &c->claim, claim))
			return true;
	}
	return false;
}

bool cedar_caps_hold(struct cedar_judge *j, struct cedar_caps caps,
		     const struct cedar_claim *claim)
{
	return caps.count && holds(j, caps, hash_claim(j, claim), claim);
}

static struct cedar_caps add(struct cedar_judge *j, struct cedar_caps caps, uint64_t hash,
			     const struct cedar_claim *claim)
{
	struct cedar_capability *c;

	if (!cedar_step(j, 1))
		return caps;
	c = arena_alloc(j->memory, sizeof(*c));
	if (!c) {
		j->err = ERR_MEMORY;
		return caps;
	}
	*c = (struct cedar_capability){ caps.first, hash, *claim };
	return (struct cedar_caps){ c, caps.count + 1 };
}

struct cedar_caps cedar_caps_one(struct cedar_judge *j, const struct cedar_claim *claim)
{
	struct cedar_caps none = { NULL, 0 };

	return add(j, none, hash_claim(j, claim), claim);
}

/* The fewer are put before the more, whose list stays as it is. */
struct cedar_caps cedar_caps_union(struct cedar_judge *j, struct cedar_caps a,
				   struct cedar_caps b)
{
	struct cedar_caps few = a.count < b.count ? a : b, ret = a.count < b.count ? b : a;

	for (const struct cedar_capability *c = few.first; c; c = c->next)
		ret = add(j, ret, c->hash, &c->claim);
	return ret;
}

/* What holds whichever of two expressions was the one that held. */
struct cedar_caps cedar_caps_common(struct cedar_judge *j, struct cedar_caps a,
				    struct cedar_caps b)
{
	struct cedar_caps ret = { NULL, 0 };

	for (const struct cedar_capability *c = a.first; c; c = c->next)
		if (holds(j, b, c->hash, &c->claim))
			ret = add(j, ret, c->hash, &c->claim);
	return ret;
}
