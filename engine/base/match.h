/*
 * match: globs and regular expressions in time linear in the text, so that no input can stall the gate.
 *
 * Globs: `*` any run of bytes, `?` one character (a whole UTF-8 sequence), `\` quotes the next; everything else is
 * itself. Regular expressions: RE2's syntax without captures (they only group) and without back references:
 *   . [set] [^set] [:class:] \d \w \s \D \W \S \b \B \pL is not supported ^ $ | ( ) (?: ) (?i) (?s) * + ? {n} {n,} {n,m}
 * and lazy marks, which change nothing here. A text matches when any part of it does; anchor with ^ and $.
 * Matching walks an NFA of at most LIMIT_REGEX_STATES states once over the text: O(states * bytes), no backtracking.
 */
#ifndef TRAMMEL_BASE_MATCH_H
#define TRAMMEL_BASE_MATCH_H

#include "engine/base/arena.h"

bool match_glob(struct str pattern, struct str text);

struct regex;

/*
 * Compile into the arena. `column` in the note counts bytes of the pattern from 1. ERR_SYNTAX, ERR_ENCODING,
 * ERR_LIMIT (too many states), ERR_MEMORY.
 */
enum err regex_compile(struct str pattern, struct arena *a, const struct regex **ret, struct note *n) NODISCARD;
/* Allocates nothing; works on the stack. The text need not be valid UTF-8: stray bytes match only `.` and negated sets. */
bool regex_match(const struct regex *re, struct str text);

#endif
