/*
 * regex: regular expressions in time linear in the text.
 *
 * RE2's syntax (github.com/google/re2/wiki/Syntax) without captures and back references:
 *
 *   x  .  [xyz]  [^xyz]  [a-z]  [[:alpha:]]  [[:^alpha:]]  \d \s \w \D \S \W
 *   xy  x|y  x*  x+  x?  x{n}  x{n,}  x{n,m}  (x)  (?:x)  (?P<name>x)  (?flags)  (?flags:x)
 *   ^  $  \A  \z  \b  \B  \a \f \t \n \r \v  \123  \x7F  \x{10FFFF}  \ before punctuation
 *
 * Flags are i (ignore case, of ASCII letters only), m (^ and $ match at lines) and s (. matches a
 * line feed), after `-` to clear them. A `?` behind a repetition (lazy) changes nothing here.
 * Groups only group. Classes and word boundaries are ASCII, as in RE2. Refused: \pL and other
 * Unicode classes, back references, look-around, \C, \Q, counts over 1000, and a repetition of a
 * repetition (x**), as RE2 refuses it or as nobody needs it in a policy.
 *
 * A text matches when any part of it does; anchor with ^ and $. Without the m flag they stand for
 * the two ends of the text only.
 */
#ifndef TRAMMEL_BASE_REGEX_H
#define TRAMMEL_BASE_REGEX_H

#include "engine/base/arena.h"

struct regex;

/*
 * Compile into the arena. `column` in the note counts bytes of the pattern from 1. ERR_SYNTAX,
 * ERR_ENCODING, ERR_LIMIT (too long, too many states, groups too deep), ERR_MEMORY.
 */
enum err regex_compile(struct str pattern, struct arena *a, const struct regex **ret,
		       struct note *n) NODISCARD;
/*
 * Allocates nothing; works on the stack. The text need not be valid UTF-8: a stray byte is matched
 * by `.` and by negated sets and classes only.
 */
bool regex_match(const struct regex *re, struct str text);
/* How many states the automaton has, at most LIMIT_REGEX_STATES. */
size_t regex_states(const struct regex *re);
/* As regex_match, telling the state visits it took: at most regex_states * (text.len + 1). */
bool regex_match_counted(const struct regex *re, struct str text, uint64_t *visits);

#endif
