/*
 * value: a JSON-shaped tree in an arena, the one shape in which documents move through trammel.
 *
 * Lists and objects are flat arrays; object members keep the order of the text and never repeat a
 * key. Every node and every key knows its line and column (from 1; 0 = made by the program). Text
 * is valid UTF-8 and may hold NUL. Integers are exact: VALUE_INT is any int64, VALUE_BIG keeps the
 * digits of an integer beyond that, without leading zeros. A number written with a fraction or an
 * exponent is VALUE_REAL, always finite.
 *
 * Trees nest at most LIMIT_TREE_DEPTH deep: what a reader allows, and as much again for what the
 * program puts around.
 */
#ifndef TRAMMEL_BASE_VALUE_H
#define TRAMMEL_BASE_VALUE_H

#include "engine/base/arena.h"

enum value_kind {
	VALUE_NULL = 0,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_BIG,
	VALUE_REAL,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_OBJECT,
};

struct value;
struct member;

struct value_list {
	struct value *items;
	size_t count;
};

struct value_object {
	struct member *members;
	size_t count;
};

struct value {
	enum value_kind kind;
	uint32_t line, column;
	union {
		bool boolean;
		int64_t integer;
		double real;
		struct str string;           /* text; of VALUE_BIG digits, maybe after "-" */
		struct value_list list;
		struct value_object object;
	};
};

struct member {
	struct str key;
	uint32_t line, column;
	struct value value;
};

/* "null", "boolean", "integer", "number", "string", "list", "object": for messages. */
const char *value_kind_name(enum value_kind kind);

/* The member of an object, NULL when `v` is NULL, not an object or has no such member. */
const struct value *value_get(const struct value *v, struct str key);
const struct value *value_get_c(const struct value *v, const char *key);
/* The member's text; STR_NONE (ptr NULL) unless it is there and a string. */
struct str value_text(const struct value *v, const char *key);

bool value_is_number(const struct value *v);
/*
 * Order of two numbers of any kind: -1, 0, 1. Integers count exactly. A real counts as the
 * shortest decimal that reads as it, which is what canon writes, so a tree and the one read back
 * from its canonical text compare alike: 1.0 is 1, 1e20 is 100000000000000000000, and the double
 * 2^63 is 9223372036854776000; no real is 2^53 + 1.
 */
int value_number_order(const struct value *a, const struct value *b);

/* Same kind and same content; objects regardless of member order; numbers by their order. */
bool value_eq(const struct value *a, const struct value *b);
/* Does it nest at most `levels` lists and objects deep? */
bool value_nests_within(const struct value *v, unsigned levels);

/*
 * Fill order[0 .. count) with the indexes of the members, sorted by key; equal keys keep their
 * order. In place, no allocation, and never worse than n log n comparisons whatever the keys are.
 */
typedef int value_key_order(struct str a, struct str b);
void value_sort(const struct member *members, size_t count, value_key_order *cmp, uint32_t *order);

static inline struct value value_null(void)
{
	return (struct value){ .kind = VALUE_NULL };
}

static inline struct value value_bool(bool b)
{
	return (struct value){ .kind = VALUE_BOOL, .boolean = b };
}

static inline struct value value_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .integer = i };
}

static inline struct value value_string(struct str s)
{
	return (struct value){ .kind = VALUE_STRING, .string = s };
}

/* Deep copy, text included, into the arena. */
enum err value_copy(struct arena *a, const struct value *v, struct value *ret) NODISCARD;

#endif
