/*
 * match: globs and, through regex.h, regular expressions, so that no pattern and no input can stall
 * the gate.
 *
 * Globs: `*` any run of characters, `?` one character, `\` quotes the next; everything else is
 * itself, a `\` at the end too. A character is a whole UTF-8 sequence, or one stray byte. The
 * pattern must cover the whole text. The work is at most pattern bytes times text bytes: of all
 * stars only the last one seen is ever tried again.
 */
#ifndef TRAMMEL_BASE_MATCH_H
#define TRAMMEL_BASE_MATCH_H

#include "engine/base/regex.h"

bool match_glob(struct str pattern, struct str text);

#endif
