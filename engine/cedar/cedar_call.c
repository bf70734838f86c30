/*
 * cedar_call: what functions and methods do with their arguments.
 *
 * Sources: docs.cedarpolicy.com, "Operators and functions"; Cedar's RFC 80 for datetime and
 * duration, RFC 82 for tags. What is loopback or multicast: IETF RFC 1122, 3.2.1.3; RFC 5771;
 * RFC 4291, 2.5.3 and 2.7.
 */
#include "engine/cedar/inside.h"

#define DAY_MS INT64_C(86400000)

/* If the argument is not of the kind, the error is told already. */
static bool is_a(struct cedar_run *r, const struct cedar_expr *x,
		 const struct cedar_value *const args[2], uint32_t number, enum cedar_kind kind)
{
	if (args[number]->kind == kind)
		return true;
	(void)cedar_eval_mismatch(r, x->args[number], cedar_kind_name(kind), args[number]);
	return false;
}

static bool are(struct cedar_run *r, const struct cedar_expr *x,
		const struct cedar_value *const args[2], enum cedar_kind kind)
{
	return is_a(r, x, args, 0, kind) && is_a(r, x, args, 1, kind);
}

static const struct cedar_value *integer(enum cedar_kind kind, int64_t number,
					 struct cedar_value *room)
{
	*room = (struct cedar_value){ .kind = kind, .integer = number };
	return room;
}

static const struct cedar_value *construct(struct cedar_run *r, const struct cedar_expr *x,
					   const struct cedar_value *const args[2],
					   struct cedar_value *room)
{
	if (!is_a(r, x, args, 0, CEDAR_STRING))
		return NULL;
	r->work += cedar_text_weight(args[0]->string);
	if (cedar_ext_read(x->call, args[0]->string, room))
		return room;
	return cedar_eval_fail(r, x, "%s(\"%.*s\"): expected %s", cedar_call_name(x->call),
			       SHOWN(args[0]->string), cedar_ext_form(x->call));
}

/* --- sets --- */

static bool has(struct cedar_run *r, const struct cedar_value *set, const struct cedar_value *item)
{
	r->work += cedar_has_steps(set, item);
	return cedar_set_has(set, item);
}

static bool has_all(struct cedar_run *r, const struct cedar_value *set,
		    const struct cedar_value *wanted)
{
	for (size_t i = 0; i < wanted->set.count; i++)
		if (!has(r, set, &wanted->set.items[i]))
			return false;
	return true;
}

/* Each of the smaller set is sought in the larger. */
static bool has_any(struct cedar_run *r, const struct cedar_value *a, const struct cedar_value *b)
{
	const struct cedar_value *few = a->set.count < b->set.count ? a : b;
	const struct cedar_value *many = few == a ? b : a;

	for (size_t i = 0; i < few->set.count; i++)
		if (has(r, many, &few->set.items[i]))
			return true;
	return false;
}

static const struct cedar_value *on_set(struct cedar_run *r, const struct cedar_expr *x,
					const struct cedar_value *const args[2])
{
	if (!is_a(r, x, args, 0, CEDAR_SET))
		return NULL;
	if (x->call == CALL_IS_EMPTY)
		return cedar_eval_bool(args[0]->set.count == 0);
	if (x->call == CALL_CONTAINS)
		return cedar_eval_bool(has(r, args[0], args[1]));
	if (!is_a(r, x, args, 1, CEDAR_SET))
		return NULL;
	return cedar_eval_bool(x->call == CALL_CONTAINS_ALL ? has_all(r, args[0], args[1])
							    : has_any(r, args[0], args[1]));
}

/* --- tags --- */

/* A tag may be asked for of an entity that is not known, which has none; read it cannot be. */
static const struct cedar_value *on_tag(struct cedar_run *r, const struct cedar_expr *x,
					const struct cedar_value *const args[2])
{
	const struct cedar_entity *entity;
	const struct cedar_value *tag;

	if (!is_a(r, x, args, 0, CEDAR_ENTITY) || !is_a(r, x, args, 1, CEDAR_STRING))
		return NULL;
	r->work += cedar_text_weight(args[1]->string);
	entity = cedar_eval_entity(r, args[0]);
	tag = entity ? cedar_value_get(&entity->tags, args[1]->string) : NULL;
	if (x->call == CALL_HAS_TAG)
		return cedar_eval_bool(tag != NULL);
	if (tag)
		return tag;
	return cedar_eval_fail(r, x, "%s %.*s::\"%.*s\" has no tag \"%.*s\"",
			       entity ? "the entity" : "the unknown entity",
			       SHOWN(args[0]->uid.type), SHOWN(args[0]->uid.id),
			       SHOWN(args[1]->string));
}

/* --- ip --- */

/* Do the first `bits` bits of both agree? All 128 are whole bytes: none is looked at behind. */
static bool share(const uint8_t a[16], const uint8_t b[16], unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

/* All addresses of `ip`, itself a range maybe, are within the range: it is no wider. */
static bool is_within(const struct cedar_ip *ip, const struct cedar_ip *range)
{
	return ip->v6 == range->v6 && ip->prefix >= range->prefix &&
	       share(ip->bytes, range->bytes, range->prefix);
}

static const struct cedar_value *on_ip(struct cedar_run *r, const struct cedar_expr *x,
				       const struct cedar_value *const args[2])
{
	static const struct cedar_ip loopback[] = { { { 127 }, 8, false },
						    { { [15] = 1 }, 128, true } };
	static const struct cedar_ip multicast[] = { { { 224 }, 4, false }, { { 0xFF }, 8, true } };
	const struct cedar_ip *ip;

	if (!is_a(r, x, args, 0, CEDAR_IP))
		return NULL;
	ip = &args[0]->ip;
	switch (x->call) {
	case CALL_IS_IPV4:
		return cedar_eval_bool(!ip->v6);
	case CALL_IS_IPV6:
		return cedar_eval_bool(ip->v6);
	case CALL_IS_LOOPBACK:
		return cedar_eval_bool(is_within(ip, &loopback[ip->v6]));
	case CALL_IS_MULTICAST:
		return cedar_eval_bool(is_within(ip, &multicast[ip->v6]));
	default:
		if (!is_a(r, x, args, 1, CEDAR_IP))
			return NULL;
		return cedar_eval_bool(is_within(ip, &args[1]->ip));
	}
}

/* --- decimal --- */

/* Decimals are whole ten-thousandths, so they compare as integers do. */
static const struct cedar_value *on_decimal(struct cedar_run *r, const struct cedar_expr *x,
					    const struct cedar_value *const args[2])
{
	if (!are(r, x, args, CEDAR_DECIMAL))
		return NULL;
	switch (x->call) {
	case CALL_LESS_THAN:
		return cedar_eval_bool(args[0]->integer < args[1]->integer);
	case CALL_LESS_THAN_OR_EQUAL:
		return cedar_eval_bool(args[0]->integer <= args[1]->integer);
	case CALL_GREATER_THAN:
		return cedar_eval_bool(args[0]->integer > args[1]->integer);
	default:
		return cedar_eval_bool(args[0]->integer >= args[1]->integer);
	}
}

/* --- datetime and duration --- */

/*
 * Times before 1970 are negative, and C's remainder is too; a day begins at the midnight before.
 * For the earliest times that midnight is itself out of range.
 */
static const struct cedar_value *on_datetime(struct cedar_run *r, const struct cedar_expr *x,
					     const struct cedar_value *const args[2],
					     struct cedar_value *room)
{
	enum cedar_kind kind = CEDAR_DATETIME, other = CEDAR_DURATION;
	int64_t ms, of_day, result;
	bool over = false;

	if (x->call == CALL_DURATION_SINCE) {
		kind = CEDAR_DURATION;
		other = CEDAR_DATETIME;
	}
	if (!is_a(r, x, args, 0, CEDAR_DATETIME) || (args[1] && !is_a(r, x, args, 1, other)))
		return NULL;
	ms = args[0]->integer;
	of_day = ms % DAY_MS < 0 ? ms % DAY_MS + DAY_MS : ms % DAY_MS;
	if (x->call == CALL_TO_TIME)
		return integer(CEDAR_DURATION, of_day, room);
	if (x->call == CALL_TO_DATE)
		over = __builtin_sub_overflow(ms, of_day, &result);
	else if (x->call == CALL_OFFSET)
		over = __builtin_add_overflow(ms, args[1]->integer, &result);
	else
		over = __builtin_sub_overflow(ms, args[1]->integer, &result);
	if (over)
		return cedar_eval_fail(r, x, "%s: the result is beyond 64 bits of milliseconds",
				       cedar_call_name(x->call));
	return integer(kind, result, room);
}

/* Toward zero, as C divides: minus 90 minutes are minus one hour. */
static const struct cedar_value *on_duration(struct cedar_run *r, const struct cedar_expr *x,
					     const struct cedar_value *const args[2],
					     struct cedar_value *room)
{
	int64_t unit_ms;

	if (!is_a(r, x, args, 0, CEDAR_DURATION))
		return NULL;
	switch (x->call) {
	case CALL_TO_SECONDS:
		unit_ms = 1000;
		break;
	case CALL_TO_MINUTES:
		unit_ms = 60000;
		break;
	case CALL_TO_HOURS:
		unit_ms = 3600000;
		break;
	case CALL_TO_DAYS:
		unit_ms = DAY_MS;
		break;
	default:
		unit_ms = 1;
	}
	return integer(CEDAR_LONG, args[0]->integer / unit_ms, room);
}

/* --- all --- */

const struct cedar_value *cedar_eval_call(struct cedar_run *r, const struct cedar_expr *x,
					  const struct cedar_value *const args[2],
					  struct cedar_value *room)
{
	switch (x->call) {
	case CALL_IP:
	case CALL_DECIMAL:
	case CALL_DATETIME:
	case CALL_DURATION:
		return construct(r, x, args, room);
	case CALL_CONTAINS:
	case CALL_CONTAINS_ALL:
	case CALL_CONTAINS_ANY:
	case CALL_IS_EMPTY:
		return on_set(r, x, args);
	case CALL_GET_TAG:
	case CALL_HAS_TAG:
		return on_tag(r, x, args);
	case CALL_IS_IPV4:
	case CALL_IS_IPV6:
	case CALL_IS_LOOPBACK:
	case CALL_IS_MULTICAST:
	case CALL_IS_IN_RANGE:
		return on_ip(r, x, args);
	case CALL_LESS_THAN:
	case CALL_LESS_THAN_OR_EQUAL:
	case CALL_GREATER_THAN:
	case CALL_GREATER_THAN_OR_EQUAL:
		return on_decimal(r, x, args);
	case CALL_OFFSET:
	case CALL_DURATION_SINCE:
	case CALL_TO_DATE:
	case CALL_TO_TIME:
		return on_datetime(r, x, args, room);
	case CALL_TO_MILLISECONDS:
	case CALL_TO_SECONDS:
	case CALL_TO_MINUTES:
	case CALL_TO_HOURS:
	case CALL_TO_DAYS:
		return on_duration(r, x, args, room);
	case CEDAR_CALLS:
		break;
	}
	MUST(!"a call");
	return NULL;
}
