/*
 * compat_parts: what the files of compat share: Python's ideas of text, numbers and values, as far
 * as the reference toolkit leans on them, and its conditions taken apart.
 *
 * Texts are valid UTF-8, as every reader of ours leaves them.
 */
#ifndef TRAMMEL_POLICY_COMPAT_PARTS_H
#define TRAMMEL_POLICY_COMPAT_PARTS_H

#include "engine/policy/inside.h"

/* What is left of `s` from `at` on; nothing may be left of nothing. */
static inline struct str str_from(struct str s, size_t at)
{
	return at ? str_slice(s.ptr + at, s.len - at) : s;
}

/* --- compat_word: characters and words --- */

/* \w and \s of `re`; \d as the digit's value, -1 for others. */
bool compat_word_is(uint32_t code);
bool compat_word_space(uint32_t code);
int compat_word_digit(uint32_t code);
/* How many bytes of blanks, or of word(.word)*, stand at the start. */
size_t compat_word_spaces(struct str s);
size_t compat_word_path(struct str s);
/* str.strip() */
struct str compat_word_strip(struct str s);

/* --- compat_number: numbers in texts --- */

/* float(text): correctly rounded, "inf" and "nan" included. False where Python raises. */
bool compat_number_float(struct str text, double *ret);
/* int(text), saturated at INT64_MIN and INT64_MAX. False where Python raises. */
bool compat_number_int(struct str text, int64_t *ret);
/* How many bytes of \d+(\.\d+)? stand at the start. */
size_t compat_number_prefix(struct str s);

/* --- compat_value: values --- */

/* The member at a dotted path: through objects only, NULL where Python has None. */
const struct value *compat_value_at(const struct value *context, struct str path);
/* bool(v); NULL is None. */
bool compat_value_truth(const struct value *v);
/* v == w; True is 1, 1.0 is 1. */
bool compat_value_eq(const struct value *v, const struct value *w);
/* False where `<` raises TypeError; else <0, 0, >0 in *ret. */
bool compat_value_order(const struct value *v, const struct value *w, int *ret);
/* float(v) of what is not None. */
enum compat_float { COMPAT_FLOAT_REFUSED = 0, COMPAT_FLOAT, COMPAT_FLOAT_OVERFLOWS };
enum compat_float compat_value_float(const struct value *v, double *ret);
/* str(v). ERR_VERSION for lists and objects, whose repr() is not rebuilt here. */
enum err compat_value_text(struct buf *b, const struct value *v) NODISCARD;

/* --- compat_condition: one atomic form --- */

enum compat_form {
	COMPAT_NEVER = 0,  /* none of the forms: false */
	COMPAT_EQ,         /* path == literal */
	COMPAT_NE,
	COMPAT_IN,         /* path in [literal] */
	COMPAT_ORDER,      /* path OP literal */
	COMPAT_BARE,       /* path */
};

struct compat_atom {
	enum compat_form form;
	struct str path, literal; /* the text between quotes or brackets, the digits */
	char op[3];               /* of COMPAT_ORDER */
	struct str ignored;       /* what stands behind the part that was looked at */
};

/* The form that matches at the start of `text`, which holds neither " or " nor " and ". */
void compat_condition_atom(struct str text, struct compat_atom *ret);
/* Does it hold of this value (NULL: None)? */
bool compat_condition_holds(const struct compat_atom *atom, const struct value *v);
/*
 * The next part of `*rest` before `separator` and what is behind it; false when this is the last
 * one. str.split(): parts are not stripped.
 */
bool compat_condition_split(struct str *rest, struct str separator, struct str *part);
/* The next item of `in [...]`; false when there is none left. Blank ones are left out. */
bool compat_condition_item(struct str *rest, struct str *item);

#endif
