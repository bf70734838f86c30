/*
 * json: the one reader of JSON, strict and exact. Streams are cut up for it by json_cutter.h.
 *
 * RFC 8259 with nothing added: refused are duplicate keys (compared after unescaping), invalid
 * UTF-8, lone surrogates, NaN, comments, trailing commas, leading zeros, fractions and exponents
 * beyond double range, bytes after the value, and anything over LIMIT_LINE_BYTES, LIMIT_DEPTH and
 * LIMIT_NODES. Numbers keep their exactness (value.h); "-0" is the real -0.0. Text output is
 * canon.h.
 *
 * Errors: ERR_SYNTAX, ERR_ENCODING, ERR_DUPLICATE, ERR_RANGE, ERR_TRUNCATED, ERR_LIMIT, ERR_MEMORY,
 * each with the line, the column (in bytes, from 1), the finding and the expectation in the note.
 */
#ifndef TRAMMEL_BASE_JSON_H
#define TRAMMEL_BASE_JSON_H

#include "engine/base/value.h"

/*
 * Read one whole document. The tree lives in `a`; strings without escapes borrow from `text`, which
 * must outlive it. `first_line` is the number of the text's first line (1 for a whole file; the
 * line number for one line of JSONL).
 */
enum err json_read(struct str text, uint32_t first_line, struct arena *a, struct value *ret,
		   struct note *n) NODISCARD;

/*
 * How many bytes at the front of `s` stand in a JSON string as they are and need no look at their
 * UTF-8: ASCII from the blank on, but no quote and no backslash.
 */
size_t json_plain_len(struct str s);

#endif
