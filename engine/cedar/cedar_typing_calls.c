/*
 * cedar_typing_calls: the types of methods and of the extension functions.
 *
 * A constructor's text is read while it can be mended: one that is no value is refused in either
 * mode, and strict mode wants the text to be there, in quotes.
 *
 * Source: docs.cedarpolicy.com/policies/syntax-operators.html; for constructors also
 * docs.cedarpolicy.com/policies/validation.html.
 */
#include "engine/cedar/typing.h"

/* Functions of extension types: what they take and give. */
static const struct signature {
	enum cedar_type_kind takes[2], gives;
} signatures[CEDAR_CALLS] = {
	[CALL_IP] = { { TYPE_STRING }, TYPE_IP },
	[CALL_DECIMAL] = { { TYPE_STRING }, TYPE_DECIMAL },
	[CALL_DATETIME] = { { TYPE_STRING }, TYPE_DATETIME },
	[CALL_DURATION] = { { TYPE_STRING }, TYPE_DURATION },
	[CALL_IS_IPV4] = { { TYPE_IP }, TYPE_BOOL },
	[CALL_IS_IPV6] = { { TYPE_IP }, TYPE_BOOL },
	[CALL_IS_LOOPBACK] = { { TYPE_IP }, TYPE_BOOL },
	[CALL_IS_MULTICAST] = { { TYPE_IP }, TYPE_BOOL },
	[CALL_IS_IN_RANGE] = { { TYPE_IP, TYPE_IP }, TYPE_BOOL },
	[CALL_LESS_THAN] = { { TYPE_DECIMAL, TYPE_DECIMAL }, TYPE_BOOL },
	[CALL_LESS_THAN_OR_EQUAL] = { { TYPE_DECIMAL, TYPE_DECIMAL }, TYPE_BOOL },
	[CALL_GREATER_THAN] = { { TYPE_DECIMAL, TYPE_DECIMAL }, TYPE_BOOL },
	[CALL_GREATER_THAN_OR_EQUAL] = { { TYPE_DECIMAL, TYPE_DECIMAL }, TYPE_BOOL },
	[CALL_OFFSET] = { { TYPE_DATETIME, TYPE_DURATION }, TYPE_DATETIME },
	[CALL_DURATION_SINCE] = { { TYPE_DATETIME, TYPE_DATETIME }, TYPE_DURATION },
	[CALL_TO_DATE] = { { TYPE_DATETIME }, TYPE_DATETIME },
	[CALL_TO_TIME] = { { TYPE_DATETIME }, TYPE_DURATION },
	[CALL_TO_MILLISECONDS] = { { TYPE_DURATION }, TYPE_LONG },
	[CALL_TO_SECONDS] = { { TYPE_DURATION }, TYPE_LONG },
	[CALL_TO_MINUTES] = { { TYPE_DURATION }, TYPE_LONG },
	[CALL_TO_HOURS] = { { TYPE_DURATION }, TYPE_LONG },
	[CALL_TO_DAYS] = { { TYPE_DURATION }, TYPE_LONG },
};

static bool give(struct cedar_typed *ret, const struct cedar_type *type)
{
	*ret = (struct cedar_typed){ .type = type };
	return true;
}

/* --- sets --- */

static bool type_of_contains(struct cedar_typing *t, const struct cedar_expr *e,
			     struct cedar_caps held, struct cedar_typed *ret)
{
	struct cedar_typed set, element;
	const struct cedar_type *joined;

	if (!cedar_expect(t, e->args[0], held, TYPE_SET, &set) ||
	    !cedar_type_of(t, e->args[1], held, &element))
		return false;
	if (t->judge.strict && !cedar_expect_join(t, e, set.type->element, element.type,
						  "the set cannot hold a value of this type",
						  &joined))
		return false;
	return give(ret, cedar_type_bool(ONLY_ANY));
}

/* containsAll, containsAny: in strict mode of two sets that could share an element. */
static bool type_of_contains_set(struct cedar_typing *t, const struct cedar_expr *e,
				 struct cedar_caps held, struct cedar_typed *ret)
{
	struct cedar_typed left, right;
	const struct cedar_type *joined;

	if (!cedar_expect(t, e->args[0], held, TYPE_SET, &left) ||
	    !cedar_expect(t, e->args[1], held, TYPE_SET, &right))
		return false;
	if (t->judge.strict && !cedar_expect_join(t, e, left.type, right.type,
						  "sets of two types have nothing in common",
						  &joined))
		return false;
	return give(ret, cedar_type_bool(ONLY_ANY));
}

static bool type_of_is_empty(struct cedar_typing *t, const struct cedar_expr *e,
			     struct cedar_caps held, struct cedar_typed *ret)
{
	return cedar_expect(t, e->args[0], held, TYPE_SET, ret) &&
	       give(ret, cedar_type_bool(ONLY_ANY));
}

/* --- tags --- */

/* Tags are asked for by any text, so a claim holds the expression of the key. */
static bool type_of_has_tag(struct cedar_typing *t, const struct cedar_expr *e,
			    struct cedar_caps held, struct cedar_typed *ret)
{
	struct cedar_claim claim = { .on = e->args[0], .tag = e->args[1] };
	enum cedar_only truth = ONLY_ANY;
	const struct cedar_type *tags;
	struct cedar_typed holder, tag;

	if (!cedar_expect(t, e->args[0], held, TYPE_ENTITY, &holder) ||
	    !cedar_expect(t, e->args[1], held, TYPE_STRING, &tag))
		return false;
	if (cedar_type_tags(&t->judge, holder.type, &tags) && !tags)
		truth = ONLY_FALSE;
	else if (cedar_caps_hold(&t->judge, held, &claim))
		truth = ONLY_TRUE;
	*ret = (struct cedar_typed){ cedar_type_bool(truth), cedar_caps_one(&t->judge, &claim) };
	return true;
}

/* A tag is never sure to be there: hasTag goes first, spelt alike. */
static bool type_of_get_tag(struct cedar_typing *t, const struct cedar_expr *e,
			    struct cedar_caps held, struct cedar_typed *ret)
{
	struct cedar_claim claim = { .on = e->args[0], .tag = e->args[1] };
	const struct cedar_type *tags;
	struct cedar_typed holder, tag;

	if (!cedar_expect(t, e->args[0], held, TYPE_ENTITY, &holder) ||
	    !cedar_expect(t, e->args[1], held, TYPE_STRING, &tag))
		return false;
	if (!cedar_caps_hold(&t->judge, held, &claim))
		return cedar_refuse(t, e,
				    "the tag may be missing; ask 'hasTag' with the same words and "
				    "'&&' before 'getTag'");
	if (!cedar_type_tags(&t->judge, holder.type, &tags))
		return cedar_refuse(t, e, "the tags have types that do not go together");
	if (!tags)
		return cedar_refuse(t, e, "entities of this type have no tags");
	return give(ret, tags);
}

/* --- extension functions --- */

static bool text_is_value(enum cedar_call call, struct str text)
{
	struct cedar_ip ip;
	int64_t integer;

	switch (call) {
	case CALL_IP:
		return cedar_ip_read(text, &ip);
	case CALL_DECIMAL:
		return cedar_decimal_read(text, &integer);
	case CALL_DATETIME:
		return cedar_datetime_read(text, &integer);
	default:
		return cedar_duration_read(text, &integer);
	}
}

static bool check_constructor(struct cedar_typing *t, const struct cedar_expr *e)
{
	const struct cedar_expr *arg = e->args[0];

	if (arg->op != EXPR_LITERAL)
		return !t->judge.strict ||
		       cedar_refuse(t, arg,
				    "%s() takes a text in quotes, so that it can be checked",
				    cedar_call_name(e->call));
	if (arg->literal.kind == CEDAR_STRING && !text_is_value(e->call, arg->literal.string))
		return cedar_refuse(t, arg, "\"%.*s\" is no %s", SHOWN(arg->literal.string),
				    cedar_call_name(e->call));
	return true;
}

static bool type_of_extension(struct cedar_typing *t, const struct cedar_expr *e,
			      struct cedar_caps held, struct cedar_typed *ret)
{
	const struct signature *s = &signatures[e->call];
	struct cedar_typed arg;

	if (e->call <= CALL_DURATION && !check_constructor(t, e))
		return false;
	for (uint32_t i = 0; i < e->arg_count; i++)
		if (!cedar_expect(t, e->args[i], held, s->takes[i], &arg))
			return false;
	return give(ret, cedar_type_plain(s->gives));
}

bool cedar_type_of_call(struct cedar_typing *t, const struct cedar_expr *e, struct cedar_caps held,
			struct cedar_typed *ret)
{
	static const uint32_t counts[] = {
#define CALL_COUNT(id, name, args, method) [id] = args,
		CEDAR_CALL_LIST(CALL_COUNT)
#undef CALL_COUNT
	};

	if (e->arg_count != counts[e->call])
		return cedar_refuse(t, e, "%s takes %u arguments, the receiver included; found %u",
				    cedar_call_name(e->call), (unsigned)counts[e->call],
				    (unsigned)e->arg_count);
	switch (e->call) {
	case CALL_CONTAINS:
		return type_of_contains(t, e, held, ret);
	case CALL_CONTAINS_ALL:
	case CALL_CONTAINS_ANY:
		return type_of_contains_set(t, e, held, ret);
	case CALL_IS_EMPTY:
		return type_of_is_empty(t, e, held, ret);
	case CALL_HAS_TAG:
		return type_of_has_tag(t, e, held, ret);
	case CALL_GET_TAG:
		return type_of_get_tag(t, e, held, ret);
	default:
		return type_of_extension(t, e, held, ret);
	}
}
