/*
 * yaml: doorman of libyaml. One YAML 1.2 document as a value tree, core schema, nothing that could surprise.
 *
 * Refused with line and column: aliases and anchors (so no alias bomb), tags, several documents in one stream, duplicate
 * keys, keys that are not plain strings, merge keys, invalid UTF-8, .inf and .nan, sizes and depths over the limits.
 * Core schema (YAML 1.2.2, 10.3.2): null Null NULL ~ and nothing; true True TRUE false False FALSE; [-+]?[0-9]+,
 * 0o[0-7]+, 0x[0-9a-fA-F]+; floats. `yes`, `no`, `on`, `off` are strings. Quoted scalars are always strings.
 */
#ifndef TRAMMEL_BASE_YAML_H
#define TRAMMEL_BASE_YAML_H

#include "engine/base/value.h"

/* The tree and all its text live in `a`. An empty document is VALUE_NULL. Errors as json_read. */
enum err yaml_read(struct str text, struct arena *a, struct value *ret, struct note *n) NODISCARD;

#endif
