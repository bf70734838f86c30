/*
 * canon: the one writer of JSON. RFC 8785 (JCS): no blanks, keys sorted by UTF-16 code units,
 * shortest strings, numbers as ECMAScript prints them.
 *
 * One extension, so that no two integers share a canonical form: those beyond 2^53,
 * which RFC 8785 would round to a double, are written digit by digit. Everything I-JSON can express
 * comes out exactly as RFC 8785 says.
 */
#ifndef TRAMMEL_BASE_CANON_H
#define TRAMMEL_BASE_CANON_H

#include "engine/base/value.h"

/* Append the canonical form. Failures are the buffer's: OK, ERR_LIMIT or ERR_MEMORY in b->err. */
void canon_value(struct buf *b, const struct value *v);
/* Append one string with its quotes and escapes. */
void canon_string(struct buf *b, struct str s);
/* Append a finite number as ECMAScript Number::toString does (ECMA-262 6.1.6.1.20). */
void canon_real(struct buf *b, double d);
/* Order of two keys by UTF-16 code units (RFC 8785 section 3.2.3). */
int canon_key_cmp(struct str a, struct str b);

/*
 * The form that Python's json.dumps(sort_keys=True) gives with its default settings: ", " and ": "
 * separators, keys by code point, everything outside blank to "~" escaped, floats as repr(). The
 * hashes of the reference toolkit's audit entries are over these bytes. Only importers use it.
 */
void canon_python(struct buf *b, const struct value *v);
/*
 * Likewise with separators=(",", ":") and ensure_ascii=False: what its governance events are signed
 * over.
 */
void canon_python_compact(struct buf *b, const struct value *v);
/*
 * What JSON.stringify of ECMAScript makes of an object whose members were set in the order they
 * have here.
 */
void canon_stringify(struct buf *b, const struct value *v);

/*
 * Likewise with the separators "," and ":", which is the form that registries of TRACE records hash
 * (trace-spec, Registry Anchor Format v1, section 1).
 */
void canon_ascii(struct buf *b, const struct value *v);

/*
 * The shortest decimal digits that read back as `d` (finite, not zero, sign ignored), at most 17,
 * without leading or trailing zeros, and the exponent e for which d = 0.DIGITS * 10^e. Returns the
 * number of digits.
 */
int canon_digits(double d, char digits[17], int *exponent);

#endif
