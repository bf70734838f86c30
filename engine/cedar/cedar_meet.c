/*
 * cedar_meet: what a clause reads of a request, and what it compares that with.
 *
 * A clause has a shape that is understood when it is one operator between one path of the context
 * and a constant: then it is known which values tell its truths apart, and the path is exact. Any
 * other clause gives its paths all constants that stand in it, and no path is exact.
 *
 *   path                        has, is, in            nothing but its kind of value
 *   path == 5, path < 5         path like "a*"         the constant
 *   path.contains("x")          [1, 2].contains(path)  the element, the elements
 *   ip(path).isInRange(ip(..))  decimal(path) ...      texts that read as values beside it
 *
 * Sources for "beside": longs, decimals, datetimes and durations are integers, so one less and one
 * more do. Ranges of addresses hold each other or do not meet, so each range by itself, and all
 * addresses of a family, stand for every way in which a range can lie within others.
 */
#include "engine/cedar/inside.h"

#include <stdio.h>

#define TEXT_BYTES   64
#define NAMES_MAX    16                         /* of a path */
#define YEAR_LOW_MS  (-INT64_C(30610224000000)) /* 1000-01-01 */
#define YEAR_HIGH_MS INT64_C(253370764800000)   /* 9999-01-01 */

struct reading {
	struct arena *arena;
	struct cedar_clause *clause;
	struct cedar_path *paths;
	size_t count, room;
	enum err err;
};

/* --- paths --- */

/* The names of a chain context.a.b; false when it is none. None at all: the context itself. */
static bool chain_of(const struct cedar_expr *x, struct str names[NAMES_MAX], size_t *count)
{
	size_t depth = 0;

	for (const struct cedar_expr *at = x; at->op == EXPR_GET; at = at->args[0])
		depth++;
	*count = depth;
	if (depth > NAMES_MAX)
		return false;
	for (; x->op == EXPR_GET; x = x->args[0])
		names[--depth] = x->name;
	return x->op == EXPR_VAR && x->var == VAR_CONTEXT;
}

static bool same_names(const struct cedar_path *p, const struct str *names, size_t count)
{
	bool same = p->count == count;

	for (size_t i = 0; same && i < count; i++)
		same = str_eq(p->names[i], names[i]);
	return same;
}

static void add_path(struct reading *r, const struct str *names, size_t count, bool whole)
{
	struct str *kept;

	for (size_t i = 0; i < r->count; i++)
		if (same_names(&r->paths[i], names, count)) {
			r->paths[i].whole = r->paths[i].whole || whole;
			return;
		}
	r->err = r->err != OK ? r->err
			      : cedar_grow(r->arena, (void **)&r->paths, r->count, &r->room,
					   sizeof(*r->paths));
	kept = r->err == OK ? arena_array(r->arena, count, sizeof(*kept)) : NULL;
	if (!kept) {
		r->err = ERR_MEMORY;
		return;
	}
	memcpy(kept, names, count * sizeof(*kept));
	r->paths[r->count++] = (struct cedar_path){ .names = kept, .count = count, .whole = whole };
}

/* `e has a.b` looks below e and below e.a, and whether e.a.b is there. */
static bool read_has(struct reading *r, const struct cedar_expr *x)
{
	struct str names[2 * NAMES_MAX];
	size_t count;

	if (!chain_of(x->args[0], names, &count) || x->name_count > NAMES_MAX)
		return false;
	if (count > 0)
		add_path(r, names, count, false);
	for (uint32_t i = 0; i < x->name_count; i++) {
		names[count++] = x->names[i];
		add_path(r, names, count, false);
	}
	return true;
}

static void read_all(struct reading *r, const struct cedar_expr *x)
{
	struct str names[NAMES_MAX];
	size_t count;

	if (x->op == EXPR_VAR) {
		r->clause->principal |= x->var == VAR_PRINCIPAL;
		r->clause->action |= x->var == VAR_ACTION;
		r->clause->resource |= x->var == VAR_RESOURCE;
		r->clause->opaque |= x->var == VAR_CONTEXT;
	} else if (x->op == EXPR_GET && chain_of(x, names, &count)) {
		add_path(r, names, count, true);
	} else if (x->op != EXPR_HAS || !read_has(r, x)) {
		for (uint32_t i = 0; i < x->arg_count; i++)
			read_all(r, x->args[i]);
	}
}

/* --- what is met --- */

static void add_meet(struct reading *r, struct cedar_path *p, enum cedar_meet_kind kind,
		     struct value v)
{
	struct cedar_meet *list = arena_array(r->arena, p->meet_count + 1, sizeof(*list));

	if (!list) {
		r->err = ERR_MEMORY;
		return;
	}
	if (p->meet_count)
		memcpy(list, p->meets, p->meet_count * sizeof(*list));
	list[p->meet_count] = (struct cedar_meet){ kind, v };
	p->meets = list;
	p->meet_count++;
}

static void add_text(struct reading *r, struct cedar_path *p, enum cedar_meet_kind kind,
		     struct str text)
{
	struct str kept = STR_NONE;

	if (arena_copy(r->arena, text, &kept) != OK)
		r->err = ERR_MEMORY;
	else
		add_meet(r, p, kind, value_string(kept));
}

/* As JSON would say it; false for entities and the values of extensions, which it cannot. */
static bool to_json(struct reading *r, const struct cedar_value *v, struct value *ret)
{
	size_t count = v->kind == CEDAR_SET ? v->set.count : v->record.count;
	struct member *members;
	struct value *items;
	bool all = true;

	switch (v->kind) {
	case CEDAR_BOOL:
		*ret = value_bool(v->boolean);
		return true;
	case CEDAR_LONG:
		*ret = value_int(v->integer);
		return true;
	case CEDAR_STRING:
		*ret = value_string(v->string);
		return true;
	case CEDAR_SET:
		items = arena_array(r->arena, count, sizeof(*items));
		for (size_t i = 0; items && all && i < count; i++)
			all = to_json(r, &v->set.items[i], &items[i]);
		*ret = (struct value){ .kind = VALUE_LIST, .list = { items, count } };
		r->err = items ? r->err : ERR_MEMORY;
		return items && all;
	case CEDAR_RECORD:
		members = arena_array(r->arena, count, sizeof(*members));
		for (size_t i = 0; members && all && i < count; i++) {
			members[i].key = v->record.attrs[i].name;
			all = to_json(r, &v->record.attrs[i].value, &members[i].value);
		}
		*ret = (struct value){ .kind = VALUE_OBJECT, .object = { members, count } };
		r->err = members ? r->err : ERR_MEMORY;
		return members && all;
	default:
		return false;
	}
}

/* A constant without a form in JSON is met by nothing that an action can hold. */
static void meet(struct reading *r, struct cedar_path *p, enum cedar_meet_kind kind,
		 const struct cedar_value *v)
{
	struct value json;

	if (to_json(r, v, &json))
		add_meet(r, p, kind, json);
}

static void meet_each(struct reading *r, struct cedar_path *p, enum cedar_meet_kind kind,
		      const struct cedar_value *set)
{
	for (size_t i = 0; i < set->set.count; i++)
		meet(r, p, kind, &set->set.items[i]);
}

/* --- samples of extensions --- */

static void add_ip(struct reading *r, struct cedar_path *p, const struct cedar_ip *ip)
{
	char text[TEXT_BYTES];
	int len = 0;

	for (int i = 0; i < (ip->v6 ? 16 : 4); i += ip->v6 ? 2 : 1)
		len += snprintf(text + len, sizeof(text) - (size_t)len, ip->v6 ? "%s%x" : "%s%u",
				i == 0   ? ""
				: ip->v6 ? ":"
					 : ".",
				ip->v6 ? (unsigned)(ip->bytes[i] << 8 | ip->bytes[i + 1])
				       : (unsigned)ip->bytes[i]);
	/* One address first: a range in the place of an address is a strange request to show. */
	add_text(r, p, CEDAR_MEETS_SAMPLE, str_slice(text, (size_t)len));
	len += snprintf(text + len, sizeof(text) - (size_t)len, "/%u", ip->prefix);
	add_text(r, p, CEDAR_MEETS_SAMPLE, str_slice(text, (size_t)len));
}

static void add_ips(struct reading *r, struct cedar_path *p, const struct cedar_value *range)
{
	static const char *const always[] = {
		"203.0.113.7", "2001:db8::7", "0.0.0.0/0",   "::/0",    "127.0.0.1", "127.0.0.0/8",
		"::1",         "224.0.0.1",   "224.0.0.0/4", "ff00::1", "ff00::/8",
	};

	if (range)
		add_ip(r, p, &range->ip);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		add_text(r, p, CEDAR_MEETS_SAMPLE, str_view(always[i]));
}

/* Civil date of a day: days are counted from March, so that leap days come last. */
static int datetime_text(int64_t ms, char text[TEXT_BYTES])
{
	int64_t second = (ms - YEAR_LOW_MS) / 1000, milli = (ms - YEAR_LOW_MS) % 1000;
	int64_t days = second / 86400 + YEAR_LOW_MS / 86400000 + 719468, era = days / 146097;
	int64_t of_era = days % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153, day = of_year - (153 * month + 2) / 5 + 1;

	second %= 86400;
	year += era * 400 + (month >= 10);
	month = month < 10 ? month + 3 : month - 9;
	return snprintf(text, TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year,
			(int)month, (int)day, (int)(second / 3600), (int)(second / 60 % 60),
			(int)(second % 60), (int)milli);
}

/* False when the number cannot be written as such a text. */
static bool number_text(enum cedar_kind kind, int64_t number, char text[TEXT_BYTES], int *len)
{
	uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;
	const char *sign = number < 0 ? "-" : "";

	if (kind == CEDAR_DATETIME && (number < YEAR_LOW_MS || number >= YEAR_HIGH_MS))
		return false;
	if (kind == CEDAR_DATETIME)
		*len = datetime_text(number, text);
	else if (kind == CEDAR_DECIMAL)
		*len = snprintf(text, TEXT_BYTES, "%s%llu.%04llu", sign,
				(unsigned long long)(size / 10000),
				(unsigned long long)(size % 10000));
	else
		*len = snprintf(text, TEXT_BYTES, "%s%llums", sign, (unsigned long long)size);
	return true;
}

/* The number and its neighbours; false when one of them has no text. */
static bool add_numbers(struct reading *r, struct cedar_path *p, const struct cedar_value *v)
{
	for (int64_t step = -1; step <= 1; step++) {
		char text[TEXT_BYTES];
		int64_t number;
		int len;

		if (__builtin_add_overflow(v->integer, step, &number))
			continue;
		if (!number_text(v->kind, number, text, &len))
			return false;
		add_text(r, p, CEDAR_MEETS_SAMPLE, str_slice(text, (size_t)len));
	}
	return true;
}

/* --- shapes --- */

static const struct cedar_value *constant_of(const struct cedar_expr *x)
{
	return x->op == EXPR_LITERAL ? &x->literal : x->constant;
}

static struct cedar_path *path_at(struct reading *r, const struct cedar_expr *x)
{
	struct str names[NAMES_MAX];
	size_t count;

	if (!chain_of(x, names, &count) || count == 0)
		return NULL;
	for (size_t i = 0; i < r->count; i++)
		if (same_names(&r->paths[i], names, count))
			return &r->paths[i];
	return NULL;
}

/* ip(path), decimal(path) ...: what a text at the path is read as; and one that can be read so. */
static struct cedar_path *path_in(struct reading *r, const struct cedar_expr *x,
				  enum cedar_call *call)
{
	static const char *const plain[] = { [CALL_IP] = "203.0.113.7",
					     [CALL_DECIMAL] = "1.0",
					     [CALL_DATETIME] = "2026-01-02",
					     [CALL_DURATION] = "1h" };
	struct cedar_path *p = NULL;

	if (x->op == EXPR_CALL && x->call <= CALL_DURATION && x->arg_count == 1)
		p = path_at(r, x->args[0]);
	if (!p)
		return NULL;
	*call = x->call;
	p->read_as = str_view(cedar_call_name(x->call));
	add_text(r, p, CEDAR_MEETS_SAMPLE, str_view(plain[x->call]));
	return p;
}

static enum cedar_kind kind_of_call(enum cedar_call call)
{
	static const enum cedar_kind kinds[] = { [CALL_IP] = CEDAR_IP,
						 [CALL_DECIMAL] = CEDAR_DECIMAL,
						 [CALL_DATETIME] = CEDAR_DATETIME,
						 [CALL_DURATION] = CEDAR_DURATION };

	return kinds[call];
}

static void read_run(struct reading *r, struct cedar_path *p, const struct cedar_expr *x)
{
	struct str first = x->pattern.count ? x->pattern.runs[0].text : STR("");
	bool star = x->pattern.count && x->pattern.runs[0].star;
	struct buf glob;

	if (x->pattern.count <= 1 && !star) {
		add_text(r, p, CEDAR_MEETS_VALUE, first);
		return;
	}
	if (x->pattern.count == 2) {
		add_text(r, p, star ? CEDAR_MEETS_END : CEDAR_MEETS_START,
			 x->pattern.runs[star ? 1 : 0].text);
		return;
	}
	if (x->pattern.count == 3 && star) {
		add_text(r, p, CEDAR_MEETS_PART, x->pattern.runs[1].text);
		return;
	}
	buf_init(&glob, LIMIT_CEDAR_BYTES);
	for (size_t i = 0; i < x->pattern.count; i++) {
		struct str run = x->pattern.runs[i].text;

		if (x->pattern.runs[i].star)
			buf_add_byte(&glob, '*');
		for (size_t k = 0; !x->pattern.runs[i].star && k < run.len; k++) {
			if (memchr("*?\\", run.ptr[k], 3))
				buf_add_byte(&glob, '\\');
			buf_add_byte(&glob, (uint8_t)run.ptr[k]);
		}
	}
	if (glob.err != OK)
		r->err = glob.err;
	else if (x->pattern.count > 1)
		add_text(r, p, CEDAR_MEETS_GLOB, buf_view(&glob));
	buf_fini(&glob);
}

/* path OP constant, either way round. */
static bool read_comparison(struct reading *r, const struct cedar_expr *x)
{
	bool equal = x->op == EXPR_EQ || x->op == EXPR_NE;

	for (int side = 0; side < 2; side++) {
		const struct cedar_value *v = constant_of(x->args[1 - side]);
		struct cedar_path *p = path_at(r, x->args[side]);
		enum cedar_call call = CALL_IP;

		if (v && p) {
			meet(r, p, equal ? CEDAR_MEETS_VALUE : CEDAR_MEETS_ORDER, v);
			return true;
		}
		p = path_in(r, x->args[side], &call);
		if (!v || !p)
			continue;
		/* Two addresses can lie in the same ranges and not be the same. */
		if (v->kind == CEDAR_IP && equal)
			return false;
		return v->kind != kind_of_call(call) || v->kind == CEDAR_IP || add_numbers(r, p, v);
	}
	return false;
}

/* A method of extensions: ip(path).isInRange(ip("..")), decimal(path).lessThan(..). */
static bool read_extension(struct reading *r, const struct cedar_expr *x)
{
	const struct cedar_value *v = x->arg_count == 2 ? constant_of(x->args[1]) : NULL;
	enum cedar_call call = CALL_IP;
	struct cedar_path *p = path_in(r, x->args[0], &call);

	if (p && x->call >= CALL_IS_IPV4 && x->call <= CALL_IS_IN_RANGE) {
		add_ips(r, p, v && v->kind == CEDAR_IP ? v : NULL);
		return x->call != CALL_IS_IN_RANGE || v;
	}
	if (x->call < CALL_LESS_THAN || x->call > CALL_GREATER_THAN_OR_EQUAL || x->arg_count != 2)
		return false;
	if (p && v)
		return v->kind != CEDAR_DECIMAL || call != CALL_DECIMAL || add_numbers(r, p, v);
	v = constant_of(x->args[0]);
	p = path_in(r, x->args[1], &call);
	if (!p || !v)
		return false;
	return v->kind != CEDAR_DECIMAL || call != CALL_DECIMAL || add_numbers(r, p, v);
}

static bool read_method(struct reading *r, const struct cedar_expr *x)
{
	const struct cedar_value *list = constant_of(x->args[0]);
	const struct cedar_value *v = x->arg_count == 2 ? constant_of(x->args[1]) : NULL;
	struct cedar_path *p = path_at(r, x->args[0]),
			  *item = x->arg_count == 2 ? path_at(r, x->args[1]) : NULL;

	if (p && x->call == CALL_IS_EMPTY) {
		add_meet(r, p, CEDAR_MEETS_VALUE, (struct value){ .kind = VALUE_LIST });
		return true;
	}
	if (p && v && x->call == CALL_CONTAINS) {
		meet(r, p, CEDAR_MEETS_ELEMENT, v);
		return true;
	}
	if (p && v && (x->call == CALL_CONTAINS_ALL || x->call == CALL_CONTAINS_ANY)) {
		if (v->kind == CEDAR_SET)
			meet_each(r, p, CEDAR_MEETS_ELEMENT, v);
		return true;
	}
	if (item && list && list->kind == CEDAR_SET && x->call == CALL_CONTAINS) {
		meet_each(r, item, CEDAR_MEETS_VALUE, list);
		return true;
	}
	if (item && list && list->kind == CEDAR_SET && x->call == CALL_CONTAINS_ANY) {
		meet_each(r, item, CEDAR_MEETS_ELEMENT, list);
		return true;
	}
	return read_extension(r, x);
}

/* Is the shape understood? */
static bool read_shape(struct reading *r, const struct cedar_expr *x)
{
	struct cedar_path *p = x->arg_count ? path_at(r, x->args[0]) : NULL;
	struct str names[NAMES_MAX];
	size_t count;

	switch (x->op) {
	case EXPR_GET:
		p = path_at(r, x);
		if (p)
			add_meet(r, p, CEDAR_MEETS_VALUE, value_bool(true));
		return p;
	case EXPR_HAS:
		return chain_of(x->args[0], names, &count);
	case EXPR_EQ:
	case EXPR_NE:
	case EXPR_LT:
	case EXPR_LE:
	case EXPR_GT:
	case EXPR_GE:
		return read_comparison(r, x);
	case EXPR_LIKE:
		if (p)
			read_run(r, p, x);
		return p;
	case EXPR_IS:
		return p && x->arg_count == 1;
	case EXPR_IN:
		return p && constant_of(x->args[1]);
	case EXPR_CALL:
		return x->arg_count > 0 && read_method(r, x);
	default:
		return false;
	}
}

/* Constants of any kind, for paths of which nothing better is known. */
static void guess(struct reading *r, struct cedar_path *p, const struct cedar_expr *x)
{
	const struct cedar_value *v = constant_of(x);

	if (v && v->kind == CEDAR_SET) {
		meet(r, p, CEDAR_MEETS_VALUE, v);
		meet_each(r, p, CEDAR_MEETS_ELEMENT, v);
	} else if (v && v->kind == CEDAR_IP) {
		add_ips(r, p, v);
	} else if (v && (v->kind == CEDAR_DECIMAL || v->kind == CEDAR_DATETIME ||
			 v->kind == CEDAR_DURATION)) {
		(void)add_numbers(r, p, v);
	} else if (v) {
		meet(r, p, v->kind == CEDAR_LONG ? CEDAR_MEETS_ORDER : CEDAR_MEETS_VALUE, v);
	}
	for (uint32_t i = 0; !v && i < x->arg_count; i++)
		guess(r, p, x->args[i]);
}

enum err cedar_clause_read(struct cedar_clause *c, struct arena *a)
{
	struct reading r = { .arena = a, .clause = c };
	bool understood;

	if (!c->expr)
		return OK;
	read_all(&r, c->expr);
	TRY(r.err);
	understood = read_shape(&r, c->expr);
	for (size_t i = 0; i < r.count; i++) {
		r.paths[i].exact = understood;
		if (understood)
			continue;
		r.paths[i].read_as = STR_NONE;
		add_meet(&r, &r.paths[i], CEDAR_MEETS_VALUE, value_bool(true));
		for (int64_t n = 0; n <= 100; n = n ? 10 * n : 1)
			add_meet(&r, &r.paths[i], CEDAR_MEETS_ORDER, value_int(n));
		guess(&r, &r.paths[i], c->expr);
	}
	TRY(r.err);
	c->paths = r.paths;
	c->path_count = r.count;
	return OK;
}
