/*
 * yaml: doorman of libyaml. One YAML 1.2 document as a value tree, core schema, nothing that could
 * surprise.
 *
 * Refused with line and column: aliases and anchors (so no alias bomb), tags, directives but
 * `%YAML 1.2` (1.1 reads scalars in another way), several documents in one stream, duplicate keys,
 * keys that are lists, objects or missing, the merge key, invalid UTF-8 and other encodings, .inf
 * and .nan, sizes and depths over the limits; a CR without LF, and characters that cannot be seen
 * (line ends other than LF, marks of direction, no width): written as escapes they may stand in
 * double quotes. Keys are always text, also when they look like numbers.
 *
 * Core schema (YAML 1.2.2, 10.3.2): null Null NULL ~ and nothing; true True TRUE false False FALSE;
 * [-+]?[0-9]+ as decimal (leading zeros, octal in YAML 1.1, are refused), 0o[0-7]+,
 * 0x[0-9a-fA-F]+; floats. `yes`, `no`, `on`, `off` are strings. Quoted scalars and block scalars
 * are always strings.
 */
#ifndef TRAMMEL_BASE_YAML_H
#define TRAMMEL_BASE_YAML_H

#include "engine/base/value.h"

/*
 * The tree and all its text live in `a`. An empty document is VALUE_NULL. Lines and columns count
 * characters from 1. ERR_SYNTAX, ERR_ENCODING, ERR_DUPLICATE, ERR_RANGE, ERR_VERSION, ERR_LIMIT,
 * ERR_MEMORY; after an error the arena is as it was.
 */
enum err yaml_read(struct str text, struct arena *a, struct value *ret, struct note *n) NODISCARD;

#endif
